//! Encrypted documents: the standard security handler (ISO 32000-2 clause 7.6), for reading and for
//! updating with the same key.
//!
//! The algorithms of 7.6.3 and 7.6.4 are here; the ciphers and digests they are made of come in as
//! [`Ciphers`], because only `crypto` names a cryptographic library. Handlers that encrypt for
//! certificates (7.6.5) are refused by name.

mod dictionary;
mod key;
mod objects;
mod password;
mod permission;
#[cfg(test)]
mod tests;

pub use password::Password;
pub use permission::{OpenedAs, Permissions};

use super::document::Document;
use super::object::{Dictionary, Name, Object, ObjectId};
use crate::error::PdfError;
use crate::limits::Limits;
use dictionary::Standard;
use zeroize::Zeroizing;

/// How much reading a document may cost, and the password that opens it.
///
/// `&Limits` turns into one without a password: enough for plain documents and for those whose
/// user password is empty, which is tried first, as every reader does.
#[derive(Debug, Clone, Copy, Default)]
pub struct Access<'p> {
    /// The bounds.
    pub limits: Limits,
    /// User or owner password, if there is one.
    pub password: Option<&'p Password>,
}

impl From<&Limits> for Access<'_> {
    fn from(limits: &Limits) -> Self {
        Self { limits: *limits, password: None }
    }
}

/// Digests of the key derivation of revision 6 (ISO 32000-2 algorithm 2.B).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of FIPS 180-4")]
pub enum KeyDigest {
    Sha256,
    Sha384,
    Sha512,
}

/// What the handler is made of. `None` means that the library behind it refuses.
pub trait Ciphers: Send + Sync {
    /// MD5 over the parts, one after the other.
    fn md5(&self, parts: &[&[u8]]) -> Option<[u8; 16]>;
    /// SHA-2 over the parts, one after the other.
    fn digest(&self, digest: KeyDigest, parts: &[&[u8]]) -> Vec<u8>;
    /// RC4, which is its own inverse.
    fn rc4(&self, key: &[u8], data: &[u8]) -> Option<Vec<u8>>;
    /// AES-CBC with a key of 16 or 32 bytes, whole blocks, no padding.
    fn aes_encrypt(&self, key: &[u8], iv: &[u8; 16], data: &[u8]) -> Option<Vec<u8>>;
    /// The inverse of [`Ciphers::aes_encrypt`].
    fn aes_decrypt(&self, key: &[u8], iv: &[u8; 16], data: &[u8]) -> Option<Vec<u8>>;
    /// Random bytes for an initialisation vector.
    fn random(&self) -> Option<[u8; 16]>;
}

/// How strings or streams are encrypted (7.6.6, table 25 `/CFM`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Identity,
    Rc4,
    AesV2,
    AesV3,
}

/// Facts about an encrypted document that was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encryption {
    /// As in `AES-256`; of the streams.
    pub algorithm: &'static str,
    /// `/R`, revision of the handler.
    pub revision: u8,
    /// Which password opened it.
    pub opened_as: OpenedAs,
    /// What the user may do; the owner may do everything.
    pub permissions: Permissions,
}

/// The opened handler of one document.
pub(crate) struct Crypt {
    ciphers: &'static dyn Ciphers,
    key: Zeroizing<Vec<u8>>,
    /// The encryption dictionary if it is an object: it is never encrypted itself.
    dictionary: Option<ObjectId>,
    methods: Methods,
    facts: Encryption,
}

/// Which method is for what (7.6.6).
#[derive(Debug, Clone)]
struct Methods {
    strings: Method,
    streams: Method,
    embedded: Method,
    metadata: bool,
    named: Vec<(Name, Method)>,
}

impl Crypt {
    /// Opens the handler of `document`, which has `/Encrypt`.
    ///
    /// # Errors
    /// [`PdfError::PasswordNeeded`], [`PdfError::WrongPassword`], [`PdfError::UnsupportedEncryption`],
    /// and for a broken dictionary [`PdfError::Malformed`] and [`PdfError::WrongType`].
    pub(super) fn open(
        document: &Document<'_>,
        password: Option<&Password>,
        ciphers: &'static dyn Ciphers,
    ) -> Result<Self, PdfError> {
        let (entries, id) = encrypt_entry(document)?;
        let standard = Standard::read(&entries, file_id(document)?)?;
        let (key, opened_as) = standard.open(password, ciphers)?;
        let mut permissions = standard.permissions;
        if let Some(sealed) = standard.sealed_permissions(&key, ciphers)?
            && sealed != permissions
        {
            let detail = format!("/P {permissions}, /Perms {sealed}; what both allow counts");
            document.note("permissions_differ", None, detail);
            permissions = permissions.both(sealed);
        }
        let algorithm = match standard.methods.streams {
            Method::Identity => "Identity",
            Method::Rc4 => "RC4",
            Method::AesV2 => "AES-128",
            Method::AesV3 => "AES-256",
        };
        let facts = Encryption { algorithm, revision: standard.revision, opened_as, permissions };
        Ok(Self { ciphers, key, dictionary: id, methods: standard.methods, facts })
    }

    pub(super) fn facts(&self) -> Encryption {
        self.facts
    }
}

/// The encryption dictionary, which all revisions share (7.5.6: the new trailer repeats the entries
/// of the old one). A document that changes it midway would show each reader something else.
fn encrypt_entry(document: &Document<'_>) -> Result<(Dictionary, Option<ObjectId>), PdfError> {
    let changed = |at| PdfError::Malformed { at, what: "encryption that is not the same in all revisions" };
    let value = document.latest().trailer().get("Encrypt");
    for revision in document.revisions() {
        if revision.trailer.get("Encrypt") != value {
            return Err(changed(revision.startxref));
        }
    }
    match value {
        Some(Object::Dictionary(dictionary)) => Ok((dictionary.clone(), None)),
        Some(Object::Reference(id)) => {
            let written =
                document.revisions().iter().filter(|r| r.entries().any(|(e, _)| e.number == id.number));
            if written.count() > 1 {
                return Err(changed(document.latest().revision().startxref));
            }
            match document.latest().plain_object(*id)? {
                Object::Dictionary(dictionary) => Ok((dictionary, Some(*id))),
                _ => Err(wrong_entry("Encrypt", "dictionary")),
            }
        }
        _ => Err(wrong_entry("Encrypt", "dictionary")),
    }
}

/// The first half of the trailer's `/ID`; empty if there is none (7.6.4.3.2 step e).
fn file_id(document: &Document<'_>) -> Result<Vec<u8>, PdfError> {
    match document.latest().trailer().get("ID") {
        None | Some(Object::Null) => Ok(Vec::new()),
        // An indirect one would be an object with encrypted strings.
        Some(Object::Array(halves)) => {
            Ok(halves.first().and_then(Object::as_string).map(|id| id.bytes.clone()).unwrap_or_default())
        }
        Some(_) => Err(wrong_entry("ID", "direct array")),
    }
}

fn wrong_entry(key: &str, expected: &'static str) -> PdfError {
    super::indirect::wrong_type("trailer", key, expected)
}

/// The library behind [`Ciphers`] does not do it.
fn refused(what: &str) -> PdfError {
    PdfError::UnsupportedEncryption { what: format!("{what} is not available here") }
}
