//! What other readers make of the same bytes. Where two readings show two documents, nobody can say
//! which one was signed.
//!
//! Asked are readers of hybrid files that look only into tables, or into `/XRefStm` first (ISO 32000-2
//! 7.5.8.4); and, where something gives a reader cause to repair the file, those that look for objects
//! themselves and take the last of each number. Two readings are the same if they agree in everything
//! that is reached from the catalog, but for what no page shows: metadata and structure.

use super::history::History;
use super::roles::{self, Role};
use super::same;
use crate::error::PdfError;
use crate::pades::field::Form;
use crate::pdf::{Document, Hybrids, Object, ObjectId};
use std::collections::BTreeSet;

/// Doubtful places looked at closely. An attached PDF that is not compressed has one for each object.
const MOST_DOUBTFUL: usize = 100_000;

/// What gives a reader cause to look for objects itself: cross-references that do not say for certain
/// where everything is.
const DAMAGE: &[&str] = &[
    "startxref_apart",
    "revision_not_closed",
    "xref_offset",
    "object_offset",
    "xref_entry_width",
    "xref_entry_unknown",
    "xref_offset_zero",
    "xref_starts_at_one",
    "xref_duplicate_entry",
    "xref_stream_excess",
    "size_missing",
    "size_too_small",
    "hybrid_conflict",
    "hybrid_unreadable",
    "generation_mismatch",
    "bytes_after_eof",
    "header_not_at_start",
    "endobj_missing",
    "catalog_type",
];

/// What readers decide each for itself, so that nothing can be compared.
const UNKNOWN: &[(&str, &str)] =
    &[("hybrid_unreadable", "/XRefStm"), ("xref_conflict", "two entries for one object")];

/// Who reads otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Knows tables only.
    TablesOnly,
    /// Believes `/XRefStm` before the table.
    StreamsFirst,
    /// Looks for objects itself; the last of each number counts.
    Repairing,
}

/// Another reading that differs, or could not be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Whose it is.
    pub by: Reader,
    /// What differs, as in `/Root/Pages[0]/Contents (4 0)`; for a reading that could not be compared, why.
    pub what: String,
    /// Whether it was compared.
    pub is_known: bool,
}

impl std::fmt::Display for Reading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let by = match self.by {
            Reader::TablesOnly => "tables only",
            Reader::StreamsFirst => "/XRefStm first",
            Reader::Repairing => "repaired",
        };
        write!(f, "{by}: {}", self.what)
    }
}

/// Looks for readings that differ; for a hybrid file also compares its revisions as readers of tables do.
pub(super) fn look(
    document: &Document<'_>,
    form: &Form,
    first_signed: usize,
) -> Result<(Vec<Reading>, Option<History>), PdfError> {
    let mut readings = Vec::new();
    let mut by_tables = None;
    if document.is_hybrid() {
        let tables = document.read_with(Hybrids::Ignored)?;
        readings.extend(difference(document, &tables, form, Reader::TablesOnly)?);
        // If they see another document the verdict is settled, and their form may be no form.
        if readings.is_empty() {
            let form = Form::read(&tables.latest(), document.limits().fields)?;
            by_tables = Some(History::compare(&tables, &form, first_signed)?);
        }
        let streams = document.read_with(Hybrids::First)?;
        readings.extend(difference(document, &streams, form, Reader::StreamsFirst)?);
    }
    for (code, what) in UNKNOWN {
        if document.findings().iter().any(|finding| finding.code == *code) {
            let what = (*what).to_owned();
            readings.push(Reading { by: Reader::StreamsFirst, what, is_known: false });
        }
    }
    readings.extend(repaired(document, form, first_signed)?);
    Ok((readings, by_tables))
}

/// The reading of those who repair, if something gives them cause: damage, objects behind the first
/// signed revision to which nothing leads, or that were taken back.
fn repaired(document: &Document<'_>, form: &Form, first_signed: usize) -> Result<Option<Reading>, PdfError> {
    let length = document.source().len();
    let signed_end = document.revisions().get(first_signed).map_or(0, |revision| revision.end);
    let mut strays = document.strays(signed_end..length, MOST_DOUBTFUL)?;
    if !strays.is_cut_short {
        let damaged = document.findings().iter().any(|finding| DAMAGE.contains(&finding.code));
        let stray = !strays.objects.is_empty() || !strays.trailers.is_empty();
        if !damaged && !stray && !document.goes_back_after(first_signed) {
            return Ok(None);
        }
        strays = document.strays(0..length, MOST_DOUBTFUL)?;
    }
    if strays.is_cut_short {
        let what = "more than can be looked through".to_owned();
        return Ok(Some(Reading { by: Reader::Repairing, what, is_known: false }));
    }
    match document.repaired_reading(&strays)? {
        Some(repaired) => difference(document, &repaired, form, Reader::Repairing),
        None => Ok(None),
    }
}

/// The first thing in which another reading differs.
fn difference(
    document: &Document<'_>,
    other: &Document<'_>,
    form: &Form,
    by: Reader,
) -> Result<Option<Reading>, PdfError> {
    let found = |what: String| Some(Reading { by, what, is_known: true });
    let root = |document: &Document<'_>| document.latest().trailer().get("Root").cloned();
    if root(document) != root(other) {
        return Ok(found("/Root".to_owned()));
    }
    let mut numbers = BTreeSet::new();
    for number in document.numbers_that_differ(other) {
        if !is_same(document, other, number)? {
            numbers.insert(number);
        }
    }
    if numbers.is_empty() {
        return Ok(None);
    }
    let roles = roles::find(document.latest(), document.latest(), form, numbers)?;
    let mut shown: Vec<(ObjectId, &str)> = Vec::new();
    for id in roles.ids() {
        let edges = roles.edges(id).iter().filter(|edge| is_shown(edge.role, &edge.path));
        shown.extend(edges.map(|edge| (id, edge.path.as_str())));
    }
    shown.sort_unstable();
    Ok(shown.first().and_then(|(id, path)| found(format!("{path} ({id})"))))
}

/// What cannot be read is the same to two readers who cannot read it.
fn is_same(document: &Document<'_>, other: &Document<'_>, number: u32) -> Result<bool, PdfError> {
    let read = |document: &Document<'_>| -> Result<Option<_>, PdfError> {
        let view = document.latest();
        let Some(id) = view.id_of(number) else { return Ok(Some(std::rc::Rc::new(Object::Null))) };
        match view.object(id) {
            Ok(object) => Ok(Some(object)),
            Err(error) if error.is_malformed() => Ok(None),
            Err(error) => Err(error),
        }
    };
    match (read(document)?, read(other)?) {
        (Some(a), Some(b)) if says_nothing(&a) && says_nothing(&b) => Ok(true),
        (Some(a), Some(b)) => Ok(same::same(document.source(), &a, &b)?),
        (None, None) => Ok(true),
        _ => Ok(false),
    }
}

/// Resources without a name in them, say: to a reader as good as none. Values are as deep as the reader
/// let them be, so the recursion is bounded.
fn says_nothing(value: &Object) -> bool {
    match value {
        Object::Null => true,
        Object::Array(items) => items.iter().all(says_nothing),
        Object::Dictionary(entries) => entries.iter().all(|(_, value)| says_nothing(value)),
        _ => false,
    }
}

fn is_shown(role: Role, path: &str) -> bool {
    let hidden = matches!(
        role,
        Role::Metadata
            | Role::StructureRoot
            | Role::StructureElement
            | Role::StructureKids
            | Role::ParentTree
            | Role::ParentTreeList
    );
    !hidden && !path.starts_with("/Root/StructTreeRoot")
}
