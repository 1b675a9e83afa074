//! Cross-reference sections (ISO 32000-2 clauses 7.5.4, 7.5.8): one table or one stream at an offset.
//! Which sections make a revision is for `revision` to say.

use super::cursor::Cursor;
use super::indirect::{Reader, wrong_type};
use super::object::{Dictionary, Object, ObjectId};
use super::token::Lexer;
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

    pub(super) fn renumbered(self, number: u32) -> Self {
        Self { number, ..self }
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

    pub(super) fn is_free(self) -> bool {
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

/// What a reader makes of a hybrid file (7.5.8.4), whose tables name a cross-reference stream besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hybrids {
    /// The stream shows what the table hides, as the standard has it.
    Hidden,
    /// The stream is not known: readers of PDF 1.4.
    Ignored,
    /// The stream counts even where the table says something else.
    First,
}

/// Reads sections of a file whose offsets count from `base`, the place of its header.
#[derive(Clone, Copy)]
pub(crate) struct XrefReader<'r> {
    pub(crate) reader: Reader<'r>,
    pub(crate) base: u64,
    pub(crate) hybrids: Hybrids,
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

    pub(super) fn end(self) -> u64 {
        self.reader.source.len()
    }

    /// A lexer without the limit of one object: how long a table may be, its entries limit.
    fn lexer(self, at: u64) -> Lexer<'r> {
        Lexer::new(Cursor::new(self.reader.source, at, self.end()), self.reader.findings, true)
    }

    pub(super) fn note(self, code: &'static str, at: u64, detail: impl Into<String>) {
        self.reader.findings.note(code, Some(at), detail);
    }

    pub(super) fn offset_at(self, trailer: &Dictionary, key: &str) -> Result<Option<u64>, PdfError> {
        let Some(value) = trailer.get(key) else { return Ok(None) };
        let offset = value.as_integer().and_then(|offset| u64::try_from(offset).ok());
        let offset = offset.ok_or_else(|| wrong_type("trailer", key, "byte offset"))?;
        Ok(Some(self.base.saturating_add(offset)))
    }

    fn keep_first_of_each(self, section: &mut Section) {
        section.entries.sort_by_key(|entry| entry.number);
        let (mut alike, mut conflicts) = (0_u64, 0_u64);
        section.entries.dedup_by(|later, first| {
            let same_number = later.number == first.number;
            if same_number {
                *(if later == first { &mut alike } else { &mut conflicts }) += 1;
            }
            same_number
        });
        // 7.5.4: one entry for an object. Which of two counts, readers decide each for itself.
        for (code, count) in [("xref_duplicate_entry", alike), ("xref_conflict", conflicts)] {
            if count > 0 {
                self.note(code, section.offset, format!("{count} objects have two entries in one section"));
            }
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

#[cfg(test)]
mod tests {
    use super::*;

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
