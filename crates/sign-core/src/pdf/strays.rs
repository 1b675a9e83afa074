//! Objects and trailers that stand in the file and to which no cross-reference leads. Readers that trust
//! cross-references never see them; those that repair a file take them for the newest.

use super::document::Document;
use super::object::{ObjectId, StreamData};
use super::xref::EntryKind;
use crate::error::PdfError;
use std::ops::Range;

/// How much of the file is looked at at a time, and how much of it again with the next part: the
/// longest `<number> <generation> obj` with generous white space.
const WINDOW: u64 = 1 << 20;
const OVERLAP: u64 = 64;
/// What a cross-reference leads to stands at most this much white space behind.
const WHITE: usize = 32;
/// Entries that are kept in mind, 24 bytes each. The largest honest file measured has 500,000.
const MOST_ENTRIES: usize = 2_000_000;

/// The header of an object, as in `12 0 obj`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stray {
    /// What it says.
    pub id: ObjectId,
    /// Where it begins.
    pub at: u64,
}

/// What was found, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Strays {
    /// Objects.
    pub objects: Vec<Stray>,
    /// Where the keyword `trailer` stands outside of all sections.
    pub trailers: Vec<u64>,
    /// There were more doubtful places than asked for, or too many entries; the rest was not looked at.
    pub is_cut_short: bool,
}

/// Every place in a part of the file that the cross-references of any revision lead to.
struct Listed {
    /// Offset, object and index of the revision; sorted.
    places: Vec<(u64, ObjectId, u32)>,
    /// Begin and end of cross-reference sections, also streams; sorted.
    sections: Vec<(u64, u64)>,
}

impl Listed {
    /// None if there are too many.
    fn of(document: &Document<'_>, range: &Range<u64>) -> Option<Self> {
        let mut listed = Self { places: Vec::new(), sections: Vec::new() };
        for revision in document.revisions().iter().filter(|revision| revision.end > range.start) {
            if listed.places.len() + revision.entries().len() > MOST_ENTRIES {
                return None;
            }
            let index = u32::try_from(revision.index).ok()?;
            for (id, kind) in revision.entries() {
                if let EntryKind::InFile(offset) = kind {
                    listed.places.push((offset, id, index));
                }
            }
            listed.sections.extend(revision.sections.iter().map(|section| (section.offset, section.end)));
        }
        listed.places.sort_unstable();
        listed.sections.sort_unstable();
        Some(listed)
    }

    /// Whether a header at `at`, behind so much white space, is what a cross-reference means.
    fn leads_to(&self, at: u64, white: u64) -> bool {
        let from = at.saturating_sub(white);
        let place = self.places.get(self.places.partition_point(|place| place.0 < from));
        let section = self.sections.get(self.sections.partition_point(|section| section.0 < from));
        place.is_some_and(|place| place.0 <= at) || section.is_some_and(|section| section.0 <= at)
    }

    fn is_in_section(&self, at: u64) -> bool {
        let after = self.sections.partition_point(|section| section.0 <= at);
        let before = after.checked_sub(1).and_then(|before| self.sections.get(before));
        before.is_some_and(|section| at < section.1)
    }

    /// Whether `at` is inside the data of the listed object before it.
    fn is_in_data(&self, document: &Document<'_>, at: u64) -> bool {
        let after = self.places.partition_point(|place| place.0 < at);
        let before = after.checked_sub(1).and_then(|before| self.places.get(before));
        let Some((_, id, revision)) = before else { return false };
        let Ok(object) = document.view(*revision as usize).object(*id) else { return false };
        match object.as_stream().map(|stream| &stream.data) {
            Some(StreamData::InFile(range) | StreamData::Encrypted { range, .. }) => range.contains(&at),
            _ => false,
        }
    }
}

impl Document<'_> {
    /// The strays in a part of the file; at most `most` doubtful places are looked at closely.
    ///
    /// # Errors
    /// [`PdfError::Source`] if the bytes cannot be read.
    pub fn strays(&self, range: Range<u64>, most: usize) -> Result<Strays, PdfError> {
        let source = self.source();
        let Some(listed) = Listed::of(self, &range) else {
            return Ok(Strays { is_cut_short: true, ..Strays::default() });
        };
        let (mut found, mut doubtful) = (Strays::default(), 0);
        let mut start = range.start;
        while start < range.end {
            let end = range.end.min(start + WINDOW + OVERLAP);
            let window = source.read_range(start..end)?;
            for header in headers(&window) {
                // Those that begin in the overlap are seen with the next window.
                let at = start + header.at as u64;
                let white = header.white_before.min(WHITE) as u64;
                if header.at as u64 >= WINDOW || listed.leads_to(at, white) {
                    continue;
                }
                doubtful += 1;
                if doubtful > most {
                    found.is_cut_short = true;
                    return Ok(found);
                }
                if !listed.is_in_data(self, at) {
                    found.objects.push(Stray { id: header.id, at });
                }
            }
            for place in memchr::memmem::find_iter(&window, b"trailer") {
                let at = start + place as u64;
                if place as u64 >= WINDOW || listed.is_in_section(at) {
                    continue;
                }
                doubtful += 1;
                if doubtful <= most && !listed.is_in_data(self, at) {
                    found.trailers.push(at);
                }
            }
            start += WINDOW;
        }
        Ok(found)
    }
}

/// `12 0 obj` somewhere in a window.
struct Header {
    at: usize,
    id: ObjectId,
    white_before: usize,
}

fn headers(window: &[u8]) -> impl Iterator<Item = Header> {
    memchr::memmem::find_iter(window, b"obj").filter_map(|end| {
        let before = window.get(..end)?;
        let (rest, generation) = number_before(before)?;
        let (rest, number) = number_before(rest)?;
        let white = rest.iter().rev().take_while(|byte| byte.is_ascii_whitespace() || **byte == 0).count();
        // A digit or letter in front makes it part of something else.
        let alone = white > 0 || rest.last().is_none_or(|byte| !byte.is_ascii_alphanumeric());
        let id = ObjectId::new(u32::try_from(number).ok()?, u16::try_from(generation).ok()?);
        alone.then_some(Header { at: rest.len(), id, white_before: white })
    })
}

/// The digits before white space at the end, and what is before them.
fn number_before(bytes: &[u8]) -> Option<(&[u8], u64)> {
    let trimmed = bytes.trim_ascii_end();
    let digits = trimmed.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    if trimmed.len() == bytes.len() || digits == 0 || digits > 10 {
        return None;
    }
    let (rest, digits) = trimmed.split_at_checked(trimmed.len() - digits)?;
    Some((rest, std::str::from_utf8(digits).ok()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::super::fixture::FileBuilder;
    use super::*;
    use crate::limits::Limits;

    #[test]
    fn finds_what_no_cross_reference_leads_to() {
        let stray = "40 0 obj (hidden) endobj\ntrailer <</Root 40 0 R>>\n";
        let file = FileBuilder::new()
            .with_a_page()
            .stream(4, "", b"40 0 obj (in data) endobj trailer")
            .raw(stray)
            .table("");
        let at =
            file.bytes.windows(stray.len()).position(|window| window == stray.as_bytes()).unwrap() as u64;
        let document = Document::open(&file.bytes, Limits::default()).unwrap();
        let found = document.strays(0..file.bytes.len() as u64, 100).unwrap();
        assert_eq!(found.objects, [Stray { id: ObjectId::new(40, 0), at }]);
        assert_eq!((found.trailers, found.is_cut_short), (vec![at + 25], false));
        assert!(document.strays(0..file.bytes.len() as u64, 0).unwrap().is_cut_short);
        assert_eq!(document.strays(at + 4..at + 20, 100).unwrap(), Strays::default());
    }
}
