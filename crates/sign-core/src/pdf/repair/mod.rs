//! A clean copy of a file whose cross-references do not lead to its objects: a wrong `startxref`,
//! tables that are damaged, missing or count from another byte, lengths that are wrong.
//!
//! Reading never does this by itself: what a repaired file says is a guess, and two programs may
//! guess differently. So it happens only when somebody asks, into a copy that is looked at and
//! signed as a new document, and never where a signature would be broken by it.

mod copy;
mod scan;
#[cfg(test)]
mod tests;

use super::document::Document;
use super::indirect::wrong_type;
use super::object::ObjectId;
use crate::error::PdfError;
use crate::limits::{LimitExceeded, Limits};
use crate::source::Source;

/// What was left out of a clean copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// The object as its header names it.
    pub id: ObjectId,
    /// Where the header stands in the damaged file.
    pub at: u64,
    /// Why it could not be kept.
    pub why: PdfError,
}

/// A clean copy: one revision, every object under the number it had, a classic table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repaired {
    /// The copy.
    pub bytes: Vec<u8>,
    /// What was wrong with the file; the first thing that was found.
    pub damage: PdfError,
    /// Objects in the copy.
    pub kept: usize,
    /// Earlier versions of objects that a later one in the file replaces.
    pub superseded: usize,
    /// Objects that could not be read.
    pub dropped: Vec<Dropped>,
}

/// Why there is no clean copy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RepairError {
    /// Too damaged, encrypted, or past a limit.
    #[error(transparent)]
    Pdf(#[from] PdfError),
    /// It is damaged and encrypted: objects that are found by looking at bytes cannot be told from
    /// those that only a key makes readable.
    #[error("the damaged file is encrypted")]
    Encrypted,
    /// It carries a signature, which a copy would break.
    #[error("a signature stands at byte {at}")]
    Signed {
        /// Offset of the object that holds it.
        at: u64,
    },
    /// All cross-references lead where they should.
    #[error("the cross-references are not damaged")]
    NotDamaged,
}

impl RepairError {
    /// Stable word for this cause.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Pdf(error) => error.code(),
            Self::Encrypted => "repair_encrypted",
            Self::Signed { .. } => "repair_breaks_signature",
            Self::NotDamaged => "not_damaged",
        }
    }
}

/// The first thing wrong with the way to any object of the newest revision; `None` if every
/// cross-reference leads to its object. Reads every object, but no stream's data.
///
/// `opened` is what opening the file gave, with its password if it is encrypted.
///
/// # Errors
/// [`PdfError`] for what no repair can help: no PDF, a missing password, unreadable, past a limit.
pub fn damage(opened: Result<Document<'_>, PdfError>) -> Result<Option<PdfError>, PdfError> {
    match opened.and_then(|document| read_all(&document)) {
        Ok(()) => Ok(None),
        Err(
            error @ (PdfError::Truncated { .. }
            | PdfError::Malformed { .. }
            | PdfError::WrongType { .. }
            | PdfError::Loop { .. }),
        ) => Ok(Some(error)),
        Err(error) => Err(error),
    }
}

fn read_all(document: &Document<'_>) -> Result<(), PdfError> {
    if document.is_closed() {
        return Err(PdfError::Encrypted);
    }
    let view = document.latest();
    view.pages()?;
    view.object_ids().into_iter().try_for_each(|id| view.object(id).map(drop))
}

/// Finds the objects of a damaged file by looking at every byte, and writes them anew.
///
/// Of several objects with one number the last in the file counts, as if it were the newest; objects
/// of object streams stand on their own in the copy. What cannot be read is listed.
///
/// `opened` is what opening `source` gave, with its password if it is encrypted.
///
/// # Errors
/// [`RepairError::NotDamaged`] if [`damage`] finds nothing, [`RepairError::Signed`] if any object is a
/// signature, [`RepairError::Encrypted`], [`RepairError::Pdf`] if no catalog with pages is left or past
/// a limit ([`Limits::repaired_bytes`] among them).
pub fn repair(
    source: &dyn Source,
    opened: Result<Document<'_>, PdfError>,
    limits: &Limits,
) -> Result<Repaired, RepairError> {
    let damage = damage(opened)?.ok_or(RepairError::NotDamaged)?;
    let allowed = limits.repaired_bytes;
    if source.len() > allowed {
        return Err(PdfError::from(LimitExceeded { limit: "repaired_bytes", allowed }).into());
    }
    let bytes = source.read_range(0..source.len()).map_err(PdfError::from)?;
    // A file is read about once; objects that begin inside each other would make it the square.
    let parsed_total = limits.parsed_total.min((source.len() << 4) + (1 << 20));
    let limits = Limits { parsed_total, ..*limits };

    let found = scan::scan(&bytes, limits)?;
    let (bytes, kept) = copy::write(&bytes, &found, limits)?;
    let copy = Document::open(&bytes, limits)?;
    read_all(&copy)?;
    if copy.latest().pages()?.is_empty() {
        return Err(wrong_type("catalog", "Pages", "tree with pages").into());
    }
    Ok(Repaired { bytes, damage, kept, superseded: found.superseded, dropped: found.dropped })
}
