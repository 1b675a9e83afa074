//! What shadow attacks prepare: objects that nothing leads to, or that another took the place of.

use super::{Found, Reached, entry, name_of};
use crate::error::PdfError;
use crate::pdf::{Document, EntryKind, Object, View};
use std::collections::BTreeSet;

/// Doubtful places looked at closely.
const MOST_CANDIDATES: usize = 1_000;
/// Objects that nothing reaches looked at for what they are.
const MOST_UNUSED: usize = 100_000;

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

/// Hide: objects that stand in the file and in no cross-reference; a later one makes them appear.
fn unlisted(document: &Document<'_>, found: &mut Found) -> Result<(), PdfError> {
    let entries = document.revisions().iter().flat_map(|revision| revision.entries());
    let in_use = entries.filter(|(_, kind)| *kind != EntryKind::Free);
    let numbers: BTreeSet<u32> = in_use.map(|(id, _)| id.number).collect();
    let strays = document.strays(0..document.source().len(), MOST_CANDIDATES)?;
    for stray in strays.objects {
        let known = numbers.contains(&stray.id.number);
        let code = if known { "duplicate_object" } else { "hidden_object" };
        found.add(code, None, Some(stray.id), format!("@{}", stray.at));
    }
    Ok(())
}
