//! Revisions: which cross-reference sections and which bytes belong together (ISO 32000-2 clause 7.5.6).
//!
//! A revision is closed by `startxref`, the offset of its newest section, and `%%EOF`. A section on
//! the /Prev chain that is not closed so makes no revision of its own: it counts with the next newer
//! one, so that nobody can claim to have signed up to a border that is none.

use std::collections::HashSet;

use super::cursor::Cursor;
use super::object::{Dictionary, ObjectId};
use super::token::{Lexer, Token};
use super::xref::{Entry, EntryKind, Hybrids, Section, SectionKind, XrefReader};
use crate::error::PdfError;
use crate::limits::LimitExceeded;

/// ISO 32000-1 Annex H, note 18: the last `%%EOF` is looked for in the last 1024 bytes.
const TAIL: u64 = 1024;
/// How far behind a section its `startxref` is looked for: sections in front of their objects are
/// rare, and short where they occur.
const SEARCHED: u64 = 1 << 20;
const KEYWORD: &[u8] = b"startxref";

/// A cross-reference section and its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SectionPlace {
    /// Table or stream.
    pub kind: SectionKind,
    /// Where the keyword `xref` or the stream object begins.
    pub offset: u64,
    /// Just after the trailer dictionary or the stream object.
    pub end: u64,
}

/// One state of the document: what was appended at one time.
#[derive(Debug, Clone)]
pub struct Revision {
    /// 0 for the oldest.
    pub index: usize,
    /// First byte: the end of the revision before, 0 for the oldest.
    pub start: u64,
    /// Just after its `%%EOF` and one end-of-line marker, if there is one.
    pub end: u64,
    /// Offset in the file of its newest section.
    pub startxref: u64,
    /// Its sections, the one looked at first coming first.
    pub sections: Vec<SectionPlace>,
    /// The trailer dictionary of its newest section.
    pub trailer: Dictionary,
    entries: Vec<Entry>,
}

impl Revision {
    /// True if its newest section is a cross-reference stream and not a table.
    pub fn uses_xref_stream(&self) -> bool {
        self.sections.first().is_some_and(|section| section.kind == SectionKind::Stream)
    }

    /// What this revision says about objects, by number; of each number what its readers see.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = (ObjectId, EntryKind)> {
        self.entries.iter().map(|entry| (entry.id(), entry.kind()))
    }

    /// As if one more revision had been appended: these entries, sorted by number, on the trailer of this.
    pub(super) fn followed_by(&self, entries: Vec<Entry>, end: u64) -> Self {
        let (trailer, startxref) = (self.trailer.clone(), self.startxref);
        Self {
            index: self.index + 1,
            start: self.end,
            end,
            startxref,
            sections: Vec::new(),
            trailer,
            entries,
        }
    }

    pub(super) fn has_entries_of(&self, other: &Self) -> bool {
        self.entries == other.entries
    }

    pub(crate) fn entry(&self, number: u32) -> Option<Entry> {
        let index = self.entries.binary_search_by_key(&number, |entry| entry.number()).ok()?;
        self.entries.get(index).copied()
    }

    pub(crate) fn highest_number(&self) -> u32 {
        self.entries.last().map_or(0, |entry| entry.number())
    }
}

/// `startxref`, an offset and `%%EOF`.
#[derive(Debug, Clone, Copy)]
struct Closing {
    /// In the file.
    offset: u64,
    end: u64,
}

/// All revisions, the oldest first.
pub(crate) fn read_revisions(xref: XrefReader<'_>) -> Result<Vec<Revision>, PdfError> {
    let tail = xref.tail()?;
    let sections = xref.chain(tail.offset)?;
    let mut revisions = xref.group(sections, tail.end);
    revisions.reverse();

    let mut start = 0;
    for (index, revision) in revisions.iter_mut().enumerate() {
        revision.index = index;
        revision.start = start;
        start = revision.end;
    }
    Ok(revisions)
}

impl XrefReader<'_> {
    /// The closing at the end of the file.
    fn tail(self) -> Result<Closing, PdfError> {
        let source = self.reader.source;
        let start = source.len().saturating_sub(TAIL);
        let bytes = source.read_range(start..source.len())?;
        let keyword = bytes.windows(KEYWORD.len()).rposition(|window| window == KEYWORD);
        let Some(index) = keyword else {
            return Err(PdfError::Truncated { at: source.len(), what: "startxref" });
        };
        let at = start + index as u64;
        let Some(closing) = self.closing(at)? else {
            let ended = bytes.windows(5).skip(index).any(|window| window == b"%%EOF");
            return Err(match ended {
                true => PdfError::Malformed { at, what: "startxref" },
                false => PdfError::Truncated { at: source.len(), what: "%%EOF" },
            });
        };
        let after = source.len() - closing.end;
        if after > 0 {
            let detail = format!("{after} bytes after the last %%EOF");
            self.reader.findings.note("bytes_after_eof", Some(closing.end), detail);
        }
        Ok(closing)
    }

    /// The closing at `at`, if one stands there.
    fn closing(self, at: u64) -> Result<Option<Closing>, PdfError> {
        let cursor = Cursor::new(self.reader.source, at, self.reader.source.len());
        let mut lexer = Lexer::new(cursor, self.reader.findings, true);
        if !lexer.next_if_keyword(KEYWORD)? {
            return Ok(None);
        }
        let Token::Integer(offset) = lexer.next_if_number()? else { return Ok(None) };
        let Ok(offset) = u64::try_from(offset) else { return Ok(None) };

        // `%%EOF` looks like a comment, so it is not for the lexer.
        let cursor = &mut lexer.cursor;
        while matches!(cursor.peek()?, Some(b' ' | b'\r' | b'\n')) {
            cursor.next()?;
        }
        for wanted in *b"%%EOF" {
            if !cursor.take(wanted)? {
                return Ok(None);
            }
        }
        let carriage_return = cursor.take(b'\r')?;
        // CR LF, LF or CR; after a lone CR the LF is not there to be taken.
        let _ = cursor.take(b'\n')? || carriage_return;
        Ok(Some(Closing { offset: self.base.saturating_add(offset), end: cursor.position() }))
    }

    /// The sections from the newest on, along /Prev.
    fn chain(self, newest: u64) -> Result<Vec<Section>, PdfError> {
        let most = self.reader.budget.limits().revisions;
        let mut sections: Vec<Section> = Vec::new();
        let mut seen = HashSet::new();
        let mut next = Some(newest);
        while let Some(offset) = next {
            if !seen.insert(offset) {
                return Err(PdfError::Loop { object: format!("cross-reference section at byte {offset}") });
            }
            if sections.len() >= usize::try_from(most).unwrap_or(usize::MAX) {
                return Err(LimitExceeded { limit: "revisions", allowed: most.into() }.into());
            }
            let section = self.section(offset)?;
            next = section.previous;
            sections.push(section);
        }
        Ok(sections)
    }

    /// Sections, newest first, to revisions, newest first.
    fn group(self, sections: Vec<Section>, end: u64) -> Vec<Revision> {
        let borders = self.borders(&sections, end);
        let mut revisions: Vec<Revision> = Vec::new();
        for (section, border) in sections.into_iter().zip(borders) {
            match (border, revisions.last_mut()) {
                (None, Some(newer)) => self.join(newer, section),
                (border, _) => {
                    let revision = self.begin(section, border.unwrap_or(end));
                    revisions.push(revision);
                }
            }
        }
        revisions
    }

    /// For each section the end of the revision of which it is the newest, if it is that of one.
    fn borders(self, sections: &[Section], end: u64) -> Vec<Option<u64>> {
        let mut borders = vec![Some(end)];
        // Of the newer sections; not of their /XRefStm: Word puts that before the older section
        // which it then updates at once.
        let mut lowest = u64::MAX;
        for (index, newer) in sections.iter().enumerate().take(sections.len().saturating_sub(1)) {
            lowest = lowest.min(newer.offset);
            borders.push(self.closed_at(sections, index + 1, lowest));
        }
        borders
    }

    /// Where the revision ends whose newest section is `index`, if it is closed for certain and before
    /// `limit`: by what follows the section, or in a linearized file (Annex F) by what follows the
    /// next section, which stands at the end of the file while the newest stands at its beginning.
    fn closed_at(self, sections: &[Section], index: usize, limit: u64) -> Option<u64> {
        let section = sections.get(index)?;
        let closes = |closing: &Closing| closing.offset == section.offset && closing.end <= limit;
        let after = |section: &Section| self.closing(section.end).ok().flatten().filter(closes);
        let main = || sections.get(index + 1).filter(|main| main.offset > section.offset);
        let closing = after(section).or_else(|| after(main()?)).or_else(|| {
            let apart = self.closing_apart(section, limit).ok().flatten()?;
            let detail = format!("startxref of the section at byte {} does not follow it", section.offset);
            self.reader.findings.note("startxref_apart", Some(apart.end), detail);
            Some(apart)
        });
        closing.map(|closing| closing.end)
    }

    /// The first closing of `section` in the bytes behind it. The first, because a later one could be
    /// part of an update that wants to count with what was signed before.
    fn closing_apart(self, section: &Section, limit: u64) -> Result<Option<Closing>, PdfError> {
        let stop = limit.min(section.end.saturating_add(SEARCHED)).min(self.reader.source.len());
        let Some(length) = stop.checked_sub(section.end) else { return Ok(None) };
        self.reader.budget.spend_parsed(length)?;
        let bytes = self.reader.source.read_range(section.end..stop)?;
        for (index, window) in bytes.windows(KEYWORD.len()).enumerate() {
            if window == KEYWORD
                && let Some(closing) = self.closing(section.end + index as u64)?
                && closing.offset == section.offset
            {
                return Ok(Some(closing).filter(|closing| closing.end <= limit));
            }
        }
        Ok(None)
    }

    fn begin(self, section: Section, end: u64) -> Revision {
        let mut revision = Revision {
            index: 0,
            start: 0,
            end,
            startxref: section.offset,
            sections: vec![place(&section)],
            entries: section.entries,
            trailer: section.trailer,
        };
        if let Some(offset) = section.hybrid {
            self.join_hybrid(&mut revision, offset);
        }
        revision
    }

    /// Adds an older section; entries the revision has already stay.
    fn join(self, revision: &mut Revision, older: Section) {
        let own = revision.sections.iter().filter(|section| section.kind != SectionKind::HybridStream);
        let linearized = own.count() == 1
            && older.offset > revision.startxref
            && self.closing(older.end).ok().flatten().is_some_and(|c| c.offset == revision.startxref);
        if !linearized {
            let detail = "no startxref and %%EOF of its own after this section; it counts with the newer one";
            self.reader.findings.note("revision_not_closed", Some(older.offset), detail);
        }
        let hybrid = older.hybrid;
        let mut older = self.begin(Section { hybrid: None, ..older }, revision.end);
        if let Some(offset) = hybrid {
            self.join_hybrid(&mut older, offset);
        }
        revision.sections.extend(older.sections);
        merge(&mut revision.entries, older.entries);
    }

    /// 7.5.8.4: what a table calls free or leaves out, its `/XRefStm` may show. Readers of PDF 1.4
    /// do not look there and see another document, so a section that cannot be read is a finding and
    /// its objects stay hidden.
    fn join_hybrid(self, revision: &mut Revision, offset: u64) {
        if self.hybrids == Hybrids::Ignored {
            return;
        }
        let hybrid = match self.section(offset) {
            Ok(section) if section.kind == SectionKind::Stream => section,
            Ok(_) => return self.hybrid_unreadable(offset, "not a cross-reference stream"),
            Err(error) => return self.hybrid_unreadable(offset, &error.to_string()),
        };
        for entry in &hybrid.entries {
            if let Some(table) = revision.entry(entry.number())
                && table.kind() != EntryKind::Free
                && table.kind() != entry.kind()
            {
                let detail =
                    format!("object {} is at one place in the table, at another in /XRefStm", table.id());
                self.reader.findings.note("hybrid_conflict", Some(offset), detail);
            }
        }
        revision.sections.push(SectionPlace { kind: SectionKind::HybridStream, ..place(&hybrid) });
        if self.hybrids == Hybrids::First {
            let table = std::mem::replace(&mut revision.entries, hybrid.entries);
            return merge(&mut revision.entries, table);
        }
        let (free, mut entries): (Vec<_>, Vec<_>) = std::mem::take(&mut revision.entries)
            .into_iter()
            .partition(|entry| entry.kind() == EntryKind::Free);
        merge(&mut entries, hybrid.entries);
        merge(&mut entries, free);
        revision.entries = entries;
    }

    fn hybrid_unreadable(self, offset: u64, why: &str) {
        self.reader.findings.note("hybrid_unreadable", Some(offset), why);
    }
}

fn place(section: &Section) -> SectionPlace {
    SectionPlace { kind: section.kind, offset: section.offset, end: section.end }
}

/// Adds the entries of `more` whose numbers are new; both stay sorted.
fn merge(entries: &mut Vec<Entry>, more: Vec<Entry>) {
    entries.extend(more);
    // Stable: of equal numbers the one that was there first stays first.
    entries.sort_by_key(|entry| entry.number());
    entries.dedup_by_key(|entry| entry.number());
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{FileBuilder, one_of_each_kind};
    use super::super::{Document, ObjectId};
    use super::*;
    use crate::limits::Limits;

    fn codes(document: &Document<'_>) -> Vec<&'static str> {
        document.findings().iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn knows_where_each_revision_ends() {
        for (kind, bytes) in one_of_each_kind() {
            let document = Document::open(&bytes, Limits::default()).unwrap();
            let ends: Vec<u64> = document.revisions().iter().map(|revision| revision.end).collect();
            let first_end = bytes.windows(6).position(|window| window == b"%%EOF\n").unwrap() as u64 + 6;
            assert_eq!(ends, [first_end, bytes.len() as u64], "{kind}");
            assert_eq!(document.revisions()[1].start, first_end, "{kind}");
            assert_eq!(codes(&document), [""; 0], "{kind}");
        }
    }

    #[test]
    fn takes_one_end_of_line_of_any_kind_with_the_revision() {
        let whole = FileBuilder::new().with_a_page().table("").bytes;
        let bare = &whole[..whole.len() - 1];
        for (after, taken) in [("", 0), ("\n", 1), ("\r\n", 2), ("\r", 1), ("\n\n", 1), ("\rx", 1), (" ", 0)]
        {
            let bytes = [bare, after.as_bytes()].concat();
            let document = Document::open(&bytes, Limits::default()).unwrap();
            assert_eq!(document.revisions()[0].end, (bare.len() + taken) as u64, "{after:?}");
            let rest = after.len() > taken;
            assert_eq!(codes(&document), if rest { vec!["bytes_after_eof"] } else { vec![] }, "{after:?}");
        }
    }

    /// Annex F: the section of the first page at the beginning, the main one at the end.
    fn linearized() -> FileBuilder {
        let mut file = FileBuilder::new().object(3, "<</Type/Page/Parent 2 0 R/Linearized 1>>");
        let first_at = file.offset();
        let text = file.table_text("/Prev 000000");
        let (before, after) = text.split_once("000000>>").unwrap();
        file.entries.clear();
        let rest = FileBuilder::new().with_a_page();
        let rest_text = String::from_utf8(rest.bytes.clone()).unwrap();
        let objects = rest_text.split_once("1 0 obj").unwrap().1.split_once("3 0 obj").unwrap().0;
        let section_end = format!("startxref\n0\n%%EOF\n1 0 obj{objects}");
        let main_at = first_at + text.len() + section_end.len();
        file = file.raw(&format!("{before}{main_at:06}>>{after}{section_end}"));
        let one_at = main_at - section_end.len() + "startxref\n0\n%%EOF\n".len();
        let two_at = one_at + objects.find("2 0 obj").unwrap() + "1 0 obj".len();
        let table = format!(
            "xref\n0 3\n0000000000 65535 f \n{one_at:010} 00000 n \n{two_at:010} 00000 n \ntrailer\n<</Size 3>>\n"
        );
        assert_eq!(file.offset(), main_at);
        file.close(first_at, &table)
    }

    #[test]
    fn takes_both_sections_of_a_linearized_file_for_one_revision() {
        let file = linearized();
        let document = Document::open(&file.bytes, Limits::default()).unwrap();
        assert_eq!(document.revisions().len(), 1);
        assert_eq!(document.revisions()[0].end, file.bytes.len() as u64);
        assert_eq!(document.revisions()[0].sections.len(), 2);
        assert_eq!(document.latest().pages().unwrap().len(), 1);
        assert_eq!(codes(&document), [""; 0]);

        let first_end = file.bytes.len() as u64;
        let updated = file.object(4, "(new)").table("");
        let document = Document::open(&updated.bytes, Limits::default()).unwrap();
        let ends: Vec<u64> = document.revisions().iter().map(|revision| revision.end).collect();
        assert_eq!(ends, [first_end, updated.bytes.len() as u64]);
        assert_eq!(codes(&document), [""; 0]);
    }

    #[test]
    fn makes_no_revision_of_a_section_that_is_not_closed() {
        let mut file = FileBuilder::new().with_a_page();
        let (at, text) = (file.offset(), file.table_text(""));
        file = file.raw(&text);
        file.entries.clear();
        let file = file.object(4, "(x)").table(&format!("/Prev {at}"));
        let document = Document::open(&file.bytes, Limits::default()).unwrap();
        assert_eq!(document.revisions().len(), 1);
        assert_eq!(codes(&document), ["revision_not_closed"]);
        assert_eq!(document.latest().pages().unwrap().len(), 1);
    }

    #[test]
    fn finds_the_closing_of_a_section_in_front_of_other_objects() {
        let mut file = FileBuilder::new().with_a_page();
        let (at, text) = (file.offset(), file.table_text(""));
        file = file.raw(&text).raw("% something else\n7 0 obj null endobj\n").close(at, "");
        let first_end = file.bytes.len() as u64;
        let file = file.object(4, "(x)").table("");
        let document = Document::open(&file.bytes, Limits::default()).unwrap();
        assert_eq!(document.revisions()[0].end, first_end);
        assert_eq!(codes(&document), ["startxref_apart"]);
    }

    #[test]
    fn shows_hidden_objects_of_a_hybrid_file_and_conflicts() {
        let build = |hidden: &[u32], again: bool| {
            let file = FileBuilder::new().with_a_page().object_stream(8, &[(4, "(hidden)")]);
            let mut file = file.hybrid(hidden, 9, "");
            if again {
                // The table's 4 is in use, elsewhere than /XRefStm says.
                let entry = file.bytes.windows(5).rposition(|window| window == b"\n4 1\n").unwrap() + 5;
                file.bytes[entry..entry + 18].copy_from_slice(b"0000000009 00000 n");
            }
            file
        };
        let file = build(&[4], false);
        let document = Document::open(&file.bytes, Limits::default()).unwrap();
        let hidden = document.latest().object(ObjectId::new(4, 0)).unwrap();
        assert_eq!(hidden.as_string().unwrap().bytes, b"hidden");
        assert!(!document.revisions()[0].uses_xref_stream());
        assert_eq!(codes(&document), [""; 0]);

        let file = build(&[4], true);
        let document = Document::open(&file.bytes, Limits::default()).unwrap();
        assert_eq!(document.latest().entry_of(ObjectId::new(4, 0)), Some(EntryKind::InFile(9)));
        assert_eq!(codes(&document), ["hybrid_conflict"]);
    }

    #[test]
    fn counts_offsets_from_the_header() {
        let file = FileBuilder::after("junk\n").with_a_page().table("").object(4, "(x)").table("");
        let document = Document::open(&file.bytes, Limits::default()).unwrap();
        assert_eq!(document.header_offset(), 5);
        assert_eq!(document.revisions().len(), 2);
        assert_eq!(document.latest().pages().unwrap().len(), 1);
        assert_eq!(codes(&document), ["header_not_at_start"]);
    }
}
