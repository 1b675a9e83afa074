//! Cross-reference sections (ISO 32000-2 clauses 7.5.4, 7.5.8): one table or one stream at an offset.
//! Which sections make a revision is for `revision` to say.

use super::cursor::Cursor;
use super::filter::Decoding;
use super::indirect::{Reader, direct_filters, wrong_type};
use super::object::{Dictionary, Object, ObjectId, StreamData};
use super::token::{Lexer, Token};
use crate::error::PdfError;

/// Where an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// Nowhere: deleted, or never there.
    Free,
    /// At this byte offset of the file.
    InFile(u64),
    /// In an object stream.
    InStream {
        /// Object number of the object stream.
        container: u32,
        /// Index in it.
        index: u32,
    },
}

/// What kind of section it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SectionKind {
    /// A classic table (7.5.4).
    Table,
    /// A cross-reference stream (7.5.8).
    Stream,
    /// The cross-reference stream that a table's `/XRefStm` names (7.5.8.4).
    HybridStream,
}

/// One entry, 16 bytes: a file with 500,000 objects costs 8 MB for each time it was written whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    number: u32,
    generation: u16,
    kind: u16,
    value: u64,
}

impl Entry {
    pub(crate) fn new(id: ObjectId, kind: EntryKind) -> Self {
        let (code, value) = match kind {
            EntryKind::Free => (0, 0),
            EntryKind::InFile(offset) => (1, offset),
            EntryKind::InStream { container, index } => (2, u64::from(container) << 32 | u64::from(index)),
        };
        Self { number: id.number, generation: id.generation, kind: code, value }
    }

    pub(crate) fn number(self) -> u32 {
        self.number
    }

    pub(crate) fn id(self) -> ObjectId {
        ObjectId::new(self.number, self.generation)
    }

    #[allow(clippy::cast_possible_truncation)] // the two halves put together in `new`
    pub(crate) fn kind(self) -> EntryKind {
        match self.kind {
            0 => EntryKind::Free,
            1 => EntryKind::InFile(self.value),
            _ => EntryKind::InStream { container: (self.value >> 32) as u32, index: self.value as u32 },
        }
    }

    fn is_free(self) -> bool {
        self.kind == 0
    }
}

/// A section as read.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) kind: SectionKind,
    pub(crate) offset: u64,
    /// Just after the trailer dictionary or the stream object.
    pub(crate) end: u64,
    /// Sorted by number, one for each.
    pub(crate) entries: Vec<Entry>,
    pub(crate) trailer: Dictionary,
    /// Offset of the section before, in the file.
    pub(crate) previous: Option<u64>,
    /// Offset of the hybrid stream, in the file.
    pub(crate) hybrid: Option<u64>,
}

/// Reads sections of a file whose offsets count from `base`, the place of its header.
#[derive(Clone, Copy)]
pub(crate) struct XrefReader<'r> {
    pub(crate) reader: Reader<'r>,
    pub(crate) base: u64,
}

impl<'r> XrefReader<'r> {
    /// The table or stream at `offset`.
    pub(crate) fn section(self, offset: u64) -> Result<Section, PdfError> {
        if offset >= self.end() {
            return Err(PdfError::Truncated { at: offset, what: "cross-reference section" });
        }
        let mut lexer = self.lexer(offset);
        lexer.skip_white()?;
        let found = lexer.cursor.position();
        let is_table = lexer.next_if_keyword(b"xref")?;
        if is_table && found != offset {
            self.note("xref_offset", offset, format!("the table begins at byte {found}"));
        }
        let mut section = if is_table { self.table(offset, lexer)? } else { self.stream(offset)? };
        self.keep_first_of_each(&mut section);
        self.check_size(&section);
        Ok(section)
    }

    fn end(self) -> u64 {
        self.reader.source.len()
    }

    /// A lexer without the limit of one object: how long a table may be, its entries limit.
    fn lexer(self, at: u64) -> Lexer<'r> {
        Lexer::new(Cursor::new(self.reader.source, at, self.end()), self.reader.findings, true)
    }

    fn note(self, code: &'static str, at: u64, detail: impl Into<String>) {
        self.reader.findings.note(code, Some(at), detail);
    }

    /// 7.5.4, after the keyword.
    fn table(self, offset: u64, mut lexer: Lexer<'r>) -> Result<Section, PdfError> {
        let mut entries = Vec::new();
        loop {
            match lexer.next()? {
                (Token::Integer(first), span) => {
                    self.subsection(first, span.start, &mut lexer, &mut entries)?
                }
                (token, _) if token.is_keyword(b"trailer") => break,
                (Token::End, span) => return Err(PdfError::Truncated { at: span.start, what: "trailer" }),
                (_, span) => {
                    return Err(PdfError::Malformed { at: span.start, what: "cross-reference table" });
                }
            }
        }
        let mut parser = self.reader.parser(lexer.cursor.position(), self.end());
        let trailer = parser.dictionary()?;
        let previous = self.offset_at(&trailer, "Prev")?;
        let hybrid = self.offset_at(&trailer, "XRefStm")?;
        let end = parser.position();
        Ok(Section { kind: SectionKind::Table, offset, end, entries, trailer, previous, hybrid })
    }

    fn subsection(
        self,
        first: i64,
        at: u64,
        lexer: &mut Lexer<'r>,
        entries: &mut Vec<Entry>,
    ) -> Result<(), PdfError> {
        let malformed = PdfError::Malformed { at, what: "cross-reference subsection" };
        let Token::Integer(count) = lexer.next()?.0 else { return Err(malformed) };
        let (Ok(first), Ok(count)) = (u32::try_from(first), u32::try_from(count)) else {
            return Err(malformed);
        };
        if first.checked_add(count).is_none() {
            return Err(malformed);
        }
        lexer.skip_white()?;
        let start = lexer.cursor.position();
        // Before anything is allocated: even a badly written entry takes 18 bytes.
        if u64::from(count) * 18 > self.end().saturating_sub(start) {
            return Err(PdfError::Truncated { at: start, what: "cross-reference entries" });
        }
        self.reader.budget.spend_xref_entries(count.into())?;

        let new = self.table_entries(first, count, lexer)?;
        let shifted = self.starts_at_one(at, &new);
        entries.extend(
            new.into_iter().map(|entry| Entry { number: entry.number - u32::from(shifted), ..entry }),
        );
        Ok(())
    }

    /// Entries of exactly 20 bytes, read in blocks; from the first that is not, token by token.
    fn table_entries(self, first: u32, count: u32, lexer: &mut Lexer<'r>) -> Result<Vec<Entry>, PdfError> {
        const BLOCK: u32 = 3_000;
        let mut entries = Vec::with_capacity(usize::try_from(count).unwrap_or(0));
        let mut done = 0;
        while done < count {
            let start = lexer.cursor.position();
            let stop = start.saturating_add(20 * u64::from(BLOCK.min(count - done))).min(self.end());
            let block = self.reader.source.read_range(start..stop)?;
            let before = done;
            for text in block.chunks(20) {
                let Some(entry) = strict_entry(text) else { break };
                entries.push(self.table_entry(first + done, entry, start)?);
                done += 1;
            }
            let read = 20 * u64::from(done - before);
            lexer.cursor.seek(start + read);
            if read == 0 || read < stop - start {
                return self.loose_entries(first, count, lexer, entries);
            }
        }
        Ok(entries)
    }

    fn loose_entries(
        self,
        first: u32,
        count: u32,
        lexer: &mut Lexer<'r>,
        mut entries: Vec<Entry>,
    ) -> Result<Vec<Entry>, PdfError> {
        let start = lexer.cursor.position();
        self.note("xref_entry_width", start, "cross-reference entries are not 20 bytes long");
        let done = u32::try_from(entries.len()).unwrap_or(count);
        for number in first.saturating_add(done)..first.saturating_add(count) {
            let at = lexer.cursor.position();
            let malformed = PdfError::Malformed { at, what: "cross-reference entry" };
            let (offset, generation, keyword) = (lexer.next()?.0, lexer.next()?.0, lexer.next()?.0);
            let in_use = keyword.is_keyword(b"n");
            match (offset, generation) {
                (Token::Integer(offset), Token::Integer(generation))
                    if in_use || keyword.is_keyword(b"f") =>
                {
                    let offset = u64::try_from(offset).map_err(|_| malformed.clone())?;
                    let generation = u32::try_from(generation).map_err(|_| malformed)?;
                    entries.push(self.table_entry(number, (offset, generation, in_use), at)?);
                }
                _ => return Err(malformed),
            }
        }
        Ok(entries)
    }

    fn table_entry(
        self,
        number: u32,
        (offset, generation, in_use): (u64, u32, bool),
        at: u64,
    ) -> Result<Entry, PdfError> {
        let Ok(generation) = u16::try_from(generation) else {
            return Err(PdfError::Malformed { at, what: "generation number" });
        };
        let kind = match (in_use, offset) {
            (false, _) => EntryKind::Free,
            (true, 0) => {
                // No object can stand where the header does; writers that lost an object do this.
                self.note("xref_offset_zero", at, format!("object {number} is in use at offset 0"));
                EntryKind::Free
            }
            (true, offset) => EntryKind::InFile(self.base.saturating_add(offset)),
        };
        Ok(Entry::new(ObjectId::new(number, generation), kind))
    }

    /// Some writers begin the first subsection with `1 n` and mean `0 n`. Tolerated only where the
    /// head of the free list comes first and an object in use carries the number before.
    fn starts_at_one(self, at: u64, entries: &[Entry]) -> bool {
        let [head, rest @ ..] = entries else { return false };
        if head.number != 1 || !head.is_free() || head.generation != u16::MAX {
            return false;
        }
        let in_use = rest.iter().find_map(|entry| match entry.kind() {
            EntryKind::InFile(offset) => Some((entry.number, offset)),
            _ => None,
        });
        let Some((number, offset)) = in_use else { return false };
        let header = self.reader.parser(offset, self.end()).header();
        let proven = header.is_ok_and(|id| id.number == number - 1);
        if proven {
            self.note(
                "xref_starts_at_one",
                at,
                "first cross-reference subsection numbered from 1 instead of 0",
            );
        }
        proven
    }

    /// 7.5.8
    fn stream(self, offset: u64) -> Result<Section, PdfError> {
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

    fn offset_at(self, trailer: &Dictionary, key: &str) -> Result<Option<u64>, PdfError> {
        let Some(value) = trailer.get(key) else { return Ok(None) };
        let offset = value.as_integer().and_then(|offset| u64::try_from(offset).ok());
        let offset = offset.ok_or_else(|| wrong_type("trailer", key, "byte offset"))?;
        Ok(Some(self.base.saturating_add(offset)))
    }

    fn keep_first_of_each(self, section: &mut Section) {
        section.entries.sort_by_key(|entry| entry.number);
        let before = section.entries.len();
        section.entries.dedup_by_key(|entry| entry.number);
        let dropped = before - section.entries.len();
        if dropped > 0 {
            self.note(
                "xref_duplicate_entry",
                section.offset,
                format!("{dropped} objects have two entries in one section"),
            );
        }
    }

    /// 7.5.5, table 15: every number is below `/Size`. Readers differ on what lies above, so it shows.
    fn check_size(self, section: &Section) {
        let size = section.trailer.get("Size").and_then(Object::as_integer);
        let highest = section.entries.iter().rev().find(|entry| !entry.is_free()).map(|entry| entry.number);
        match (size, highest) {
            (Some(size), Some(highest)) if i64::from(highest) >= size => {
                self.note(
                    "size_too_small",
                    section.offset,
                    format!("/Size {size}, highest object {highest}"),
                );
            }
            (None, _) => self.note("size_missing", section.offset, "no /Size in the trailer"),
            _ => {}
        }
    }
}

/// Raw stream data, no longer than it may become when decoded.
pub(crate) fn read_bounded(reader: Reader<'_>, range: std::ops::Range<u64>) -> Result<Vec<u8>, PdfError> {
    let allowed = reader.budget.limits().inflated_stream;
    if range.end.saturating_sub(range.start) > allowed {
        return Err(crate::limits::LimitExceeded { limit: "inflated_stream", allowed }.into());
    }
    Ok(reader.source.read_range(range)?)
}

/// `nnnnnnnnnn ggggg n` and two bytes of end of line.
fn strict_entry(text: &[u8]) -> Option<(u64, u32, bool)> {
    let [offset @ .., b' ', g1, g2, g3, g4, g5, b' ', kind @ (b'n' | b'f'), eol1, eol2] = text else {
        return None;
    };
    let eol_fits = matches!((eol1, eol2), (b' ', b'\r' | b'\n') | (b'\r', b'\n'));
    if !eol_fits || offset.len() != 10 {
        return None;
    }
    let generation = decimal(&[*g1, *g2, *g3, *g4, *g5])?;
    Some((decimal(offset)?, u32::try_from(generation).ok()?, *kind == b'n'))
}

fn decimal(digits: &[u8]) -> Option<u64> {
    digits
        .iter()
        .try_fold(0u64, |value, digit| digit.is_ascii_digit().then(|| value * 10 + u64::from(digit - b'0')))
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

#[cfg(test)]
mod tests {
    use super::super::Document;
    use super::super::fixture::FileBuilder;
    use super::*;
    use crate::limits::Limits;

    /// A file whose only table is `table`, `{1}` … `{3}` in it being the offsets of the page's objects.
    fn with_table(table: &str) -> FileBuilder {
        let file = FileBuilder::new().with_a_page();
        let mut text = table.to_owned();
        for (number, kind) in &file.entries {
            let EntryKind::InFile(offset) = kind else { continue };
            text = text.replace(&format!("{{{number}}}"), &format!("{offset:010}"));
        }
        let at = file.offset();
        file.close(at, &format!("xref\n{text}trailer\n<</Size 4/Root 1 0 R>>\n"))
    }

    fn check(table: &str, findings: &[&str]) {
        let file = with_table(table);
        let document = Document::open(&file.bytes, Limits::default()).unwrap();
        assert_eq!(document.latest().pages().unwrap().len(), 1, "{table:?}");
        let codes: Vec<_> = document.findings().iter().map(|finding| finding.code).collect();
        assert_eq!(codes, findings, "{table:?}");
    }

    #[test]
    fn reads_tables_as_they_are_written_and_says_what_is_odd() {
        check("0 4\n0000000000 65535 f \n{1} 00000 n \n{2} 00000 n \n{3} 00000 n \n", &[]);
        check("0 4\r\n0000000000 65535 f\r\n{1} 00000 n\r\n{2} 00000 n\r\n{3} 00000 n\r\n", &[]);
        check("0 1\n0000000000 65535 f \n1 1\n{1} 00000 n \n2 2\n{2} 00000 n \n{3} 00000 n \n", &[]);
        check("0 4\n0000000000 65535 f\n{1} 00000 n\n{2} 00000 n\n{3} 00000 n\n", &["xref_entry_width"]);
        check("0 4\n0000000000 65535 f \n{1} 00000 n \n{2} 00000 n \n{3} 00000 n\n", &["xref_entry_width"]);
        check(
            "1 4\n0000000000 65535 f \n{1} 00000 n \n{2} 00000 n \n{3} 00000 n \n",
            &["xref_starts_at_one"],
        );
        check(
            "0 4\n0000000000 65535 f \n{1} 00000 n \n{2} 00000 n \n{3} 00000 n \n1 1\n0000000009 00000 n \n",
            &["xref_duplicate_entry"],
        );
        check(
            "0 5\n0000000000 65535 f \n{1} 00000 n \n{2} 00000 n \n{3} 00000 n \n0000000000 00000 n \n",
            &["xref_offset_zero"],
        );
        check(
            "0 5\n0000000000 65535 f \n{1} 00000 n \n{2} 00000 n \n{3} 00000 n \n{3} 00000 n \n",
            &["size_too_small"],
        );
    }

    #[test]
    fn says_when_the_table_is_not_quite_where_it_should_be() {
        let file = FileBuilder::new().with_a_page();
        let (at, text) = (file.offset(), file.table_text(""));
        let close = |file: FileBuilder, before: &str, at| file.close(at, &format!("{before}{text}"));
        let early = close(FileBuilder::new().with_a_page(), "\n", at);
        let document = Document::open(&early.bytes, Limits::default()).unwrap();
        assert_eq!(document.findings()[0].code, "xref_offset");
        let late = close(FileBuilder::new().with_a_page(), "", at + 1);
        assert!(Document::open(&late.bytes, Limits::default()).is_err());
        assert!(Document::open(&close(file, "", at - 3).bytes, Limits::default()).is_err());
    }

    #[test]
    fn refuses_tables_that_are_none() {
        for table in
            ["0 4\n{1} 00000 x \n", "0\n", "0 1\n0000000000 99999 f \n", "1 2 3\n", "0 1\nabc 0 n \n"]
        {
            let file = with_table(table);
            assert!(Document::open(&file.bytes, Limits::default()).is_err(), "{table:?}");
        }
    }

    #[test]
    fn keeps_every_kind_of_entry_in_sixteen_bytes() {
        assert_eq!(size_of::<Entry>(), 16);
        let id = ObjectId::new(u32::MAX, 7);
        for kind in [
            EntryKind::Free,
            EntryKind::InFile(u64::MAX),
            EntryKind::InStream { container: u32::MAX, index: 3 },
        ] {
            let entry = Entry::new(id, kind);
            assert_eq!((entry.id(), entry.kind()), (id, kind));
        }
    }
}
