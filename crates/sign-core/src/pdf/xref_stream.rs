//! Cross-reference streams (ISO 32000-2 clause 7.5.8).

use super::filter::Decoding;
use super::indirect::{Reader, direct_filters, wrong_type};
use super::object::{Dictionary, Object, ObjectId, StreamData};
use super::xref::{Entry, EntryKind, Section, SectionKind, XrefReader, read_bounded};
use crate::error::PdfError;

impl XrefReader<'_> {
    /// 7.5.8
    pub(super) fn stream(self, offset: u64) -> Result<Section, PdfError> {
        let found = self.reader.indirect(offset, self.end(), None, &Reader::direct_length)?;
        let Object::Stream(stream) = found.object else {
            return Err(PdfError::Malformed { at: offset, what: "cross-reference section" });
        };
        let trailer = stream.dictionary;
        if trailer.type_name().is_none_or(|name| name != "XRef") {
            return Err(wrong_type(found.id, "Type", "XRef"));
        }
        let StreamData::InFile(range) = stream.data else {
            return Err(PdfError::Malformed { at: offset, what: "cross-reference stream" });
        };
        let data = self.decoded(&trailer, range)?;
        let entries = self.stream_entries(offset, &trailer, &data)?;
        let previous = self.offset_at(&trailer, "Prev")?;
        Ok(Section {
            kind: SectionKind::Stream,
            offset,
            end: found.end,
            entries,
            trailer,
            previous,
            hybrid: None,
        })
    }

    fn decoded(self, dictionary: &Dictionary, range: std::ops::Range<u64>) -> Result<Vec<u8>, PdfError> {
        let budget = self.reader.budget;
        let filters = direct_filters(dictionary)?;
        let (at, raw) = (range.start, read_bounded(self.reader, range)?);
        Decoding { at, budget }.decode(raw, &filters)
    }

    fn stream_entries(self, at: u64, dictionary: &Dictionary, data: &[u8]) -> Result<Vec<Entry>, PdfError> {
        let widths = Widths::new(dictionary)
            .ok_or_else(|| wrong_type("cross-reference stream", "W", "three widths"))?;
        let ranges = index_ranges(dictionary)
            .ok_or_else(|| wrong_type("cross-reference stream", "Index", "pairs of integers"))?;
        let total: u64 = ranges.iter().map(|(_, count)| u64::from(*count)).sum();
        let held = (data.len() / widths.total()) as u64;
        // Before anything is allocated: /Size and /Index may claim any number.
        if total > held {
            return Err(PdfError::Truncated { at, what: "cross-reference entries" });
        }
        if total < held {
            self.note("xref_stream_excess", at, format!("{held} entries for {total} numbers"));
        }
        self.reader.budget.spend_xref_entries(total)?;

        let numbers = ranges.iter().flat_map(|(first, count)| *first..first.saturating_add(*count));
        let rows = data.chunks_exact(widths.total());
        Ok(numbers
            .zip(rows)
            .filter_map(|(number, row)| self.stream_entry(at, number, widths.split(row)?))
            .collect())
    }

    /// Table 18. `None` (an absent entry) for kinds this version of PDF does not know.
    fn stream_entry(self, at: u64, number: u32, (kind, second, third): (u64, u64, u64)) -> Option<Entry> {
        let skip =
            || self.note("xref_entry_unknown", at, format!("object {number}: type {kind} {second} {third}"));
        let entry = match kind {
            0 => Some((u16::try_from(third).unwrap_or(u16::MAX), EntryKind::Free)),
            1 => u16::try_from(third)
                .ok()
                .map(|generation| (generation, EntryKind::InFile(self.base.saturating_add(second)))),
            2 => u32::try_from(second)
                .ok()
                .zip(u32::try_from(third).ok())
                .map(|(container, index)| (0, EntryKind::InStream { container, index })),
            _ => None,
        };
        if entry.is_none() {
            skip();
        }
        entry.map(|(generation, kind)| Entry::new(ObjectId::new(number, generation), kind))
    }
}

/// `/W`: bytes of the three fields of an entry.
struct Widths([usize; 3]);

impl Widths {
    fn new(dictionary: &Dictionary) -> Option<Self> {
        let width = |object: &Object| usize::try_from(object.as_integer()?).ok().filter(|width| *width <= 8);
        // Later versions of PDF may add fields; none has.
        let [a, b, c] = dictionary.get("W")?.as_array()? else { return None };
        let widths = Self([width(a)?, width(b)?, width(c)?]);
        (widths.total() > 0).then_some(widths)
    }

    fn total(&self) -> usize {
        self.0.iter().sum()
    }

    /// The three fields of a row; a type field of no width means type 1.
    fn split(&self, row: &[u8]) -> Option<(u64, u64, u64)> {
        let [first, second, _] = self.0;
        let (kind, rest) = row.split_at_checked(first)?;
        let (second, third) = rest.split_at_checked(second)?;
        let number = |bytes: &[u8]| bytes.iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte));
        Some((if kind.is_empty() { 1 } else { number(kind) }, number(second), number(third)))
    }
}

/// `/Index`, or all numbers up to `/Size`: first number and count of each run.
fn index_ranges(dictionary: &Dictionary) -> Option<Vec<(u32, u32)>> {
    let number = |object: &Object| u32::try_from(object.as_integer()?).ok();
    let ranges = match dictionary.get("Index") {
        None => vec![(0, number(dictionary.get("Size")?)?)],
        Some(index) => {
            let pairs = index.as_array()?.chunks(2);
            pairs
                .map(|pair| match pair {
                    [first, count] => Some((number(first)?, number(count)?)),
                    _ => None,
                })
                .collect::<Option<Vec<_>>>()?
        }
    };
    ranges.iter().all(|(first, count)| first.checked_add(*count).is_some()).then_some(ranges)
}
