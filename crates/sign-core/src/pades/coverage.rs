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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;
    use crate::pdf::fixture::FileBuilder;
    use crate::pdf::{Document, Object};

    fn at(source: &dyn Source, contents: Range<u64>, end: u64) -> (Extent, Option<usize>) {
        let document = Document::open(source, Limits::default()).unwrap();
        let numbers = [0, contents.start, contents.end, end - contents.end];
        let array = numbers.map(|number| Object::Integer(i64::try_from(number).unwrap()));
        let range = ByteRange::read(Some(&Object::Array(array.to_vec())), source.len()).unwrap();
        extent(source, document.revisions(), &range, &contents).unwrap()
    }

    #[test]
    fn the_range_must_end_with_the_revision_that_holds_the_value() {
        let first = FileBuilder::new().with_a_page().table("");
        let end = first.bytes.len() as u64;
        let both = first.object(4, "(second)").table("").bytes;
        let last = both.len() as u64;
        // With and without the end of line after %%EOF: both are legal.
        assert_eq!(at(&both, 20..30, end), (Extent::WholeRevision, Some(0)));
        assert_eq!(at(&both, 20..30, end - 1), (Extent::WholeRevision, Some(0)));
        assert_eq!(at(&both, end + 5..end + 9, last), (Extent::WholeFile, Some(1)));
        assert_eq!(at(&both, end + 5..end + 9, last - 1), (Extent::WholeFile, Some(1)));
        // Too short, too long, and the value of an older revision.
        for (contents, end) in [(20..30, end - 2), (20..30, end + 1), (20..30, last), (20..30, 40)] {
            assert_eq!(at(&both, contents, end), (Extent::Partial, None), "{end}");
        }
    }

    #[test]
    fn what_follows_the_last_revision_is_told_apart() {
        let whole = FileBuilder::new().with_a_page().table("").bytes;
        let cases: [(&[u8], Trailing); 4] = [
            (b"", Trailing::Nothing),
            (b"\r\n \0\0", Trailing::WhiteSpace),
            (b"\n%", Trailing::Foreign),
            (b"4 0 obj", Trailing::Foreign),
        ];
        for (after, expected) in cases {
            let bytes = [whole.as_slice(), after].concat();
            let document = Document::open(&bytes, Limits::default()).unwrap();
            assert_eq!(trailing(&bytes, document.revisions()).unwrap(), expected, "{after:?}");
        }
    }
}
