//! How much of the file a byte range covers, and which revision that is.
//!
//! A signature signs a revision: its second range ends where that revision ends, just after the
//! `%%EOF` and at most one end-of-line marker. Anything else leaves bytes of the revision unsigned.

use super::byte_range::ByteRange;
use crate::pdf::Revision;
use crate::source::{Source, SourceError};
use std::ops::Range;

/// How much is covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Everything but the signature's own value.
    WholeFile,
    /// Everything up to the end of the revision; more bytes follow.
    WholeRevision,
    /// Not even the revision that holds the signature.
    Partial,
}

/// What stands after the end of the last revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trailing {
    /// Nothing.
    Nothing,
    /// White space or zeros: harmless padding.
    WhiteSpace,
    /// Other bytes, which another reader may take for a part of the document.
    Foreign,
}

/// Most bytes looked at after the last revision; honest padding is a few bytes, or one block.
const MOST_PADDING: u64 = 64 << 10;

/// The covered extent and the index of the signed revision, if the range ends with one.
///
/// `contents` is where the signature's own value stands; a range that ends with another revision
/// than the one holding that value does not sign its own revision.
///
/// # Errors
/// [`SourceError`] if the bytes at the revision's end cannot be read.
pub fn extent(
    source: &dyn Source,
    revisions: &[Revision],
    range: &ByteRange,
    contents: &Range<u64>,
) -> Result<(Extent, Option<usize>), SourceError> {
    for (index, revision) in revisions.iter().enumerate() {
        if !ends_with(source, revision, range.end())? {
            continue;
        }
        if contents.start < revision.start || contents.end > revision.end {
            return Ok((Extent::Partial, None));
        }
        let last = index + 1 == revisions.len() && source.len() <= range.end().max(revision.end);
        let extent = if last { Extent::WholeFile } else { Extent::WholeRevision };
        return Ok((extent, Some(index)));
    }
    Ok((Extent::Partial, None))
}

/// Whether `end` is the revision's end, with or without its last end-of-line marker.
fn ends_with(source: &dyn Source, revision: &Revision, end: u64) -> Result<bool, SourceError> {
    if end > revision.end || revision.end - end > 2 || end <= revision.start {
        return Ok(false);
    }
    let marker = source.read_range(end..revision.end)?;
    Ok(matches!(marker.as_slice(), b"" | b"\n" | b"\r" | b"\r\n"))
}

/// What follows the last revision.
///
/// # Errors
/// [`SourceError`] if the bytes cannot be read.
pub fn trailing(source: &dyn Source, revisions: &[Revision]) -> Result<Trailing, SourceError> {
    let end = revisions.last().map_or(0, |revision| revision.end);
    let length = source.len().saturating_sub(end);
    if length == 0 {
        return Ok(Trailing::Nothing);
    }
    if length > MOST_PADDING {
        return Ok(Trailing::Foreign);
    }
    let bytes = source.read_range(end..source.len())?;
    let padding = bytes.iter().all(|byte| matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' '));
    Ok(if padding { Trailing::WhiteSpace } else { Trailing::Foreign })
}
