//! What was unusual in the file but could still be read for certain.

use std::cell::RefCell;

/// Findings kept for one document; more say nothing new and would only cost memory.
const MOST_FINDINGS: usize = 256;

/// A deviation from ISO 32000-2 that this reader tolerates.
///
/// | code | what was found |
/// |---|---|
/// | `header_not_at_start` | bytes before `%PDF-`; offsets count from the header |
/// | `bytes_after_eof` | bytes after the last `%%EOF` and its end of line |
/// | `startxref_apart` | other bytes between a section and its `startxref` |
/// | `revision_not_closed` | an older section without `startxref` and `%%EOF` of its own |
/// | `xref_offset`, `object_offset` | white space or comments where a table or an object should begin |
/// | `xref_entry_width` | entries of a table that are not 20 bytes long |
/// | `xref_entry_unknown` | an entry of a cross-reference stream that this version does not know |
/// | `xref_offset_zero` | an object in use at offset 0; read as free |
/// | `xref_starts_at_one` | a table numbered from 1 that means 0, proven by an object's header |
/// | `xref_duplicate_entry` | two entries for one object in one section, alike |
/// | `xref_conflict` | two entries for one object in one section, not alike; the first counts |
/// | `xref_stream_excess` | more entries than numbers in a cross-reference stream |
/// | `size_missing`, `size_too_small` | no `/Size`, or objects at or above it |
/// | `hybrid_conflict` | table and `/XRefStm` lead to different objects; the table counts |
/// | `hybrid_unreadable` | what `/XRefStm` names cannot be read; its objects stay hidden |
/// | `permissions_differ` | `/P` is not what `/Perms` says, encrypted; what both allow counts |
/// | `generation_mismatch` | a reference to another generation than there is; read as null |
/// | `object_empty`, `endobj_missing` | nothing between `obj` and `endobj`; no `endobj` |
/// | `stream_keyword_eol` | no proper end of line after the keyword `stream` |
/// | `duplicate_key` | a key more than once in a dictionary; the last counts |
/// | `name_escape` | `#` without two hexadecimal digits in a name |
/// | `integer_too_large` | an integer of more than 64 bits; read as a real |
/// | `catalog_type`, `page_type` | another `/Type` than it should be |
/// | `page_missing` | a node of the page tree is null |
/// | `page_count_differs` | `/Count` is not the number of pages |
/// | `page_rotation` | `/Rotate` is not a multiple of 90; read as 0 |
/// | `media_box_missing` | no usable `/MediaBox`; US Letter is taken |
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PdfFinding {
    /// Stable word for the kind of deviation.
    pub code: &'static str,
    /// Byte offset in the file, if the place has one (objects in object streams have none).
    pub at: Option<u64>,
    /// The values a reader needs, in English.
    pub detail: String,
}

/// Collects findings while a document is read; the same one is kept once.
#[derive(Debug, Default)]
pub(crate) struct Findings(RefCell<Vec<PdfFinding>>);

impl Findings {
    pub(crate) fn note(&self, code: &'static str, at: Option<u64>, detail: impl Into<String>) {
        let mut all = self.0.borrow_mut();
        let finding = PdfFinding { code, at, detail: detail.into() };
        // The first of a kind is always kept: a verdict may rest on it, and a flood of others must not hide it.
        let first_of_its_kind = all.iter().all(|kept| kept.code != code);
        if first_of_its_kind || (all.len() < MOST_FINDINGS && !all.contains(&finding)) {
            all.push(finding);
        }
    }

    pub(crate) fn all(&self) -> Vec<PdfFinding> {
        self.0.borrow().clone()
    }
}
