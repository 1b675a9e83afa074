//! Signing: request in, bytes to append out. Bytes before them are never touched.
//!
//! What is asked for is in [`options`]. [`prepare`] writes the revision with a hole for the
//! signature, [`embed`] fills the hole; [`sign`] does both with a key at hand. What Vietnamese law
//! makes visible on an official letter, and in which order it is filled, is in [`official`].

pub mod embed;
pub mod error;
pub mod official;
pub mod options;
pub mod prepare;

mod edit;
mod fill;
mod form;
mod signer;

pub use embed::Signed;
pub use error::SignError;
pub use options::SignRequest;
pub use prepare::{Prepared, prepare};

use crate::crypto::key::Signer;
use crate::limits::Limits;
use crate::source::Source;

/// Signs `source` with a key at hand; the signed file is the source's bytes followed by
/// [`Signed::appended`].
///
/// # Errors
/// [`SignError`]; nothing has been signed then, and the key has been asked at most once.
pub fn sign(
    source: &dyn Source,
    request: &SignRequest,
    signer: &dyn Signer,
    limits: &Limits,
) -> Result<Signed, SignError> {
    let prepared = prepare(source, request, signer.algorithm(), signer.certificates(), limits)?;
    let signature = signer.sign(prepared.signed_attributes())?;
    prepared.complete(&signature)
}
