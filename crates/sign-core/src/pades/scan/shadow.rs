//! What shadow attacks prepare: objects that nothing leads to, or that another took the place of.

use super::{Found, Reached, entry, name_of};
use crate::error::PdfError;
use crate::pdf::{Document, EntryKind, Object, ObjectId, StreamData, View};
use std::collections::{BTreeMap, BTreeSet};

/// How much of the file is looked at at a time, and how much of it again with the next part: the
/// longest `<number> <generation> obj` with generous white space.
const WINDOW: u64 = 1 << 20;
const OVERLAP: u64 = 64;
/// Doubtful places looked at closely.
const MOST_CANDIDATES: usize = 1_000;
/// Objects that nothing reaches looked at for what they are.
const MOST_UNUSED: usize = 100_000;
/// What a cross-reference leads to stands at most this much white space behind.
const WHITE: usize = 32;

pub(super) fn look(document: &Document<'_>, reached: &Reached, found: &mut Found) -> Result<(), PdfError> {
    unused(document.latest(), reached, found)?;
    replaced(document, reached, found)?;
    unlisted(document, found)
}

/// Hide and replace: pages and page trees that only a later update will use.
fn unused(view: View<'_>, reached: &Reached, found: &mut Found) -> Result<(), PdfError> {
    let mut count = 0;
    let unused = view.object_ids().into_iter().filter(|id| !reached.all.contains(id));
    for id in unused.take(MOST_UNUSED) {
        let read = view.object(id);
        let Some(object) = found.unless_unreadable(read, None, Some(id))? else { continue };
        match name_of(&entry(view, &object, "Type")).as_str() {
            kind @ ("Page" | "Pages" | "Catalog") => found.add("unreachable_page", None, Some(id), kind),
            // What reading the file itself uses, and the structure, which was not walked.
            "XRef" | "ObjStm" | "StructTreeRoot" | "StructElem" | "OBJR" | "MCR" => {}
            _ if is_drawn(view, &object) => count += 1,
            _ => {}
        }
    }
    if count > 0 {
        found.add("unused_objects", None, None, count.to_string());
    }
    Ok(())
}

/// Forms, pictures, fonts.
fn is_drawn(view: View<'_>, object: &Object) -> bool {
    let subtype = name_of(&entry(view, object, "Subtype"));
    let kind = name_of(&entry(view, object, "Type"));
    matches!(subtype.as_str(), "Form" | "Image") || kind == "Font"
}

/// Replace: what pages are painted with is another object than it was in an earlier revision.
fn replaced(document: &Document<'_>, reached: &Reached, found: &mut Found) -> Result<(), PdfError> {
    for revision in document.revisions().iter().skip(1) {
        let (old, new) = (document.view(revision.index - 1), document.view(revision.index));
        for (id, kind) in revision.entries() {
            let existed = old.entry_of(id).is_some_and(|kind| kind != EntryKind::Free);
            if kind == EntryKind::Free || !existed {
                continue;
            }
            let Some(before) = found.unless_unreadable(old.object(id), None, Some(id))? else { continue };
            let Some(after) = found.unless_unreadable(new.object(id), None, Some(id))? else { continue };
            let is_page = name_of(&entry(old, &before, "Type")) == "Page";
            let differs = match (&*before, &*after) {
                (Object::Dictionary(a), Object::Dictionary(b)) if is_page => {
                    a.get("Contents") != b.get("Contents")
                }
                _ if !reached.painted.contains(&id) => false,
                (Object::Stream(a), Object::Stream(b)) => {
                    a.dictionary != b.dictionary || old.raw_stream_data(a)? != new.raw_stream_data(b)?
                }
                (a, b) => a != b && is_drawn(old, a),
            };
            if differs {
                found.add("content_replaced", None, Some(id), format!("{}", revision.index + 1));
            }
        }
    }
    Ok(())
}

/// Every place that the cross-references of any revision lead to.
struct Listed {
    /// By offset: the object and the index of the revision.
    places: BTreeMap<u64, Option<(ObjectId, usize)>>,
    numbers: BTreeSet<u32>,
}

impl Listed {
    fn of(document: &Document<'_>) -> Self {
        let mut listed = Self { places: BTreeMap::new(), numbers: BTreeSet::new() };
        for revision in document.revisions() {
            for (id, kind) in revision.entries() {
                if let EntryKind::InFile(offset) = kind {
                    listed.places.insert(offset, Some((id, revision.index)));
                }
                if kind != EntryKind::Free {
                    listed.numbers.insert(id.number);
                }
            }
        }
        for section in document.revisions().iter().flat_map(|revision| &revision.sections) {
            listed.places.entry(section.offset).or_insert(None);
        }
        listed
    }

    /// Whether `at` is inside the data of the listed object before it.
    fn is_in_data(&self, document: &Document<'_>, at: u64) -> bool {
        let Some((_, Some((id, revision)))) = self.places.range(..at).next_back() else { return false };
        let object = document.view(*revision).object(*id);
        let Ok(object) = object else { return false };
        match object.as_stream().map(|stream| &stream.data) {
            Some(StreamData::InFile(range)) => range.contains(&at),
            _ => false,
        }
    }
}

/// Hide: objects that stand in the file and in no cross-reference; a later one makes them appear.
fn unlisted(document: &Document<'_>, found: &mut Found) -> Result<(), PdfError> {
    let (source, listed) = (document.source(), Listed::of(document));
    let (mut start, mut candidates) = (0, 0);
    while start < source.len() {
        let end = source.len().min(start + WINDOW + OVERLAP);
        let window = source.read_range(start..end)?;
        for header in headers(&window) {
            // Those that begin in the overlap are seen with the next window.
            let at = start + header.at as u64;
            let white = header.white_before.min(WHITE) as u64;
            if header.at as u64 >= WINDOW
                || listed.places.range(at.saturating_sub(white)..=at).next().is_some()
            {
                continue;
            }
            candidates += 1;
            if candidates > MOST_CANDIDATES {
                return Ok(());
            }
            if !listed.is_in_data(document, at) {
                let known = listed.numbers.contains(&header.id.number);
                let code = if known { "duplicate_object" } else { "hidden_object" };
                found.add(code, None, Some(header.id), format!("@{at}"));
            }
        }
        start += WINDOW;
    }
    Ok(())
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
