//! Signing: request in, bytes to append out. Bytes before them are never touched.
//!
//! What is asked for is in [`options`]. [`prepare`] writes the revision with a hole for the
//! signature, [`embed`] fills the hole; [`sign`] does both with a key at hand, and [`Signing`] does it
//! for many documents, or from file to file in one pass; [`waiting`] keeps what is between, for a key that
//! is elsewhere. What Vietnamese law makes visible on an official letter, and in which order it is filled,
//! is in [`official`]. Whose key it is and whether it may still sign is asked first by [`holder`]. What a document
//! brings can be looked at before with [`content`]; empty fields for others to sign are made by [`fields`]. What
//! keeps signatures checkable for decades is added later: evidence by [`extend`], time stamps over the whole
//! document by [`document_stamp`].

pub mod content;
pub mod document_stamp;
pub mod embed;
pub mod error;
pub mod extend;
pub mod fields;
pub mod holder;
pub mod official;
pub mod options;
pub mod prepare;
pub mod waiting;

mod edit;
mod fill;
mod form;
mod permission;
mod seed;
mod signer;
mod stamp;
mod structure;

pub use embed::Signed;
pub use error::SignError;
pub use options::SignRequest;
pub use prepare::{Prepared, prepare};
pub use stamp::{STAMPED_WITH, StampError, TimeStamper};
pub use waiting::{StateError, Waiting};

use crate::crypto::key::{KeyError, Signer};
use crate::pades::appearance::{Appearance, Look};
use crate::pdf::Access;
use crate::source::Source;
use prepare::Preparation;
use signer::Credentials;
use std::cell::RefCell;
use std::io::Write;
use std::rc::Rc;

/// Signs `source` with a key at hand; the signed file is the source's bytes followed by
/// [`Signed::appended`]. `access` is `&Limits`, or [`Access`] with the password of an encrypted document.
///
/// # Errors
/// [`SignError`]; nothing has been signed then, and the key has been asked at most once.
pub fn sign<'p>(
    source: &dyn Source,
    request: &SignRequest,
    signer: &dyn Signer,
    access: impl Into<Access<'p>>,
) -> Result<Signed, SignError> {
    Signing::new(signer)?.sign(source, request, access)
}

/// A key made ready for any number of documents, one after the other.
///
/// Its certificates are read and checked once; a picture is decoded and a font cut down once, and
/// again only when a request shows something else than the one before it.
///
/// ```no_run
/// # use sign_core::{crypto::key::Signer, limits::Limits, sign::{SignError, SignRequest, Signing}};
/// # fn sign_all(key: &dyn Signer, letters: &[Vec<u8>], request: &SignRequest) -> Result<(), SignError> {
/// let signing = Signing::new(key)?;
/// for letter in letters {
///     // A letter that cannot be signed says nothing about the next one.
///     let result = signing.sign(letter, request, &Limits::default());
/// }
/// # Ok(())
/// # }
/// ```
pub struct Signing<'k> {
    key: &'k dyn Signer,
    credentials: Credentials,
    looks: Looks,
    stamper: Option<(&'k dyn TimeStamper, Unstamped)>,
}

/// What becomes of a signature that nobody stamps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unstamped {
    /// It is an error.
    Refused,
    /// It is of level B-B, and says why ([`Signed::unstamped`]).
    Told,
}

impl<'k> Signing<'k> {
    /// Reads the certificates of a key.
    ///
    /// # Errors
    /// [`SignError`] if the key must not sign: no certificate, one for other uses, too weak.
    pub fn new(key: &'k dyn Signer) -> Result<Self, SignError> {
        let credentials = Credentials::read(key.certificates(), key.algorithm())?;
        Ok(Self { key, credentials, looks: Looks::default(), stamper: None })
    }

    /// Has every signature stamped: level B-T. A signature that cannot be stamped is an error, never one
    /// of a lower level.
    #[must_use]
    pub fn with_time_stamper(self, stamper: &'k dyn TimeStamper) -> Self {
        self.with_time_stamper_or(stamper, Unstamped::Refused)
    }

    /// The same; what becomes of a signature that nobody stamps is the caller's choice.
    #[must_use]
    pub fn with_time_stamper_or(self, stamper: &'k dyn TimeStamper, unstamped: Unstamped) -> Self {
        Self { stamper: Some((stamper, unstamped)), ..self }
    }

    /// As [`sign`].
    ///
    /// # Errors
    /// As [`sign`].
    pub fn sign<'p>(
        &self,
        source: &dyn Source,
        request: &SignRequest,
        access: impl Into<Access<'p>>,
    ) -> Result<Signed, SignError> {
        self.write(source, request, access.into(), &mut std::io::sink())
    }

    /// Signs `source` and writes the whole signed file to `out`: what is copied is hashed on the way, so
    /// that a large document is read once. On an error `out` has been written to in part.
    ///
    /// # Errors
    /// As [`sign`]; [`SignError::NotWritten`] if `out` takes no more.
    pub fn sign_into<'p>(
        &self,
        source: &dyn Source,
        request: &SignRequest,
        access: impl Into<Access<'p>>,
        out: &mut dyn Write,
    ) -> Result<Signed, SignError> {
        let signed = self.write(source, request, access.into(), out)?;
        out.write_all(&signed.appended).map_err(|error| SignError::not_written(&error))?;
        Ok(signed)
    }

    /// The first half of [`Signing::sign_into`]: writes the bytes of `source` to `copy` and prepares what
    /// follows them. With [`Signing::finish`] several documents take one activation of the key.
    ///
    /// # Errors
    /// As [`sign`]; [`SignError::NotWritten`].
    pub fn prepare_into<'p>(
        &self,
        source: &dyn Source,
        request: &SignRequest,
        access: impl Into<Access<'p>>,
        copy: &mut dyn Write,
    ) -> Result<Prepared, SignError> {
        let access = access.into();
        Preparation { credentials: &self.credentials, looks: &self.looks, access }.run(source, request, copy)
    }

    /// Signs what was prepared with this key, with one question to it if it takes that many. The signed
    /// file is the copied bytes followed by [`Signed::appended`].
    ///
    /// # Errors
    /// As [`sign`] when the key fails, for all; inside, what one document cannot take.
    pub fn finish(&self, prepared: Vec<Prepared>) -> Result<Vec<Result<Signed, SignError>>, SignError> {
        let messages: Vec<&[u8]> = prepared.iter().map(Prepared::signed_attributes).collect();
        let values = self.key.sign_all(&messages)?;
        if values.len() != prepared.len() {
            let reason = format!("{} values for {} messages", values.len(), prepared.len());
            return Err(KeyError::Failed { reason }.into());
        }
        Ok(prepared
            .into_iter()
            .zip(&values)
            .map(|(prepared, value)| self.complete(prepared, value))
            .collect())
    }

    fn write(
        &self,
        source: &dyn Source,
        request: &SignRequest,
        access: Access<'_>,
        copy: &mut dyn Write,
    ) -> Result<Signed, SignError> {
        let prepared = self.prepare_into(source, request, access, copy)?;
        let signature = self.key.sign(prepared.signed_attributes())?;
        self.complete(prepared, &signature)
    }

    fn complete(&self, prepared: Prepared, value: &[u8]) -> Result<Signed, SignError> {
        let Some((stamper, unstamped)) = self.stamper else { return prepared.complete(value) };
        match (stamper.stamp(value), unstamped) {
            (Ok(token), _) => prepared.complete_stamped(value, &token),
            (Err(error), Unstamped::Refused) => Err(error.into()),
            (Err(error), Unstamped::Told) => {
                Ok(Signed { unstamped: Some(error), ..prepared.complete(value)? })
            }
        }
    }
}

impl std::fmt::Debug for Signing<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signing").field("algorithm", &self.credentials.algorithm).finish_non_exhaustive()
    }
}

/// The look that was drawn last: in a batch the next document wants the same one.
#[derive(Debug, Default)]
struct Looks(RefCell<Option<Rc<Look>>>);

impl Looks {
    fn of(&self, appearance: &Appearance) -> Result<Rc<Look>, SignError> {
        if let Some(look) = self.0.borrow().as_ref().filter(|look| look.appearance() == appearance) {
            return Ok(Rc::clone(look));
        }
        let look = Rc::new(Look::new(appearance)?);
        self.0.replace(Some(Rc::clone(&look)));
        Ok(look)
    }
}
