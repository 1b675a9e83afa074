//! What a revision freed is gone for readers, but the drawing library looks past the entry that says so: it would
//! draw what nobody else sees any more. So it is given the file with `null` in these places.

use sign_core::crypto::document;
use sign_core::error::PdfError;
use sign_core::limits::Limits;
use sign_core::pdf::{Access, EntryKind, Object, Password, Update};
use sign_core::source::Source;
use std::collections::BTreeSet;

/// More than honest files free.
const MOST: usize = 10_000;

/// The file as it is to be drawn. One that we cannot read stays as it is: it has no revisions to speak of.
pub(crate) fn as_null(mut bytes: Vec<u8>, password: Option<&Password>) -> Vec<u8> {
    let access = Access { limits: Limits::default(), password };
    if let Ok(update) = update(&bytes, access) {
        bytes.extend(update);
    }
    bytes
}

/// What to append for that; nothing if nothing was freed.
fn update(source: &dyn Source, access: Access<'_>) -> Result<Vec<u8>, PdfError> {
    let document = document::open(source, access)?;
    let mut freed = BTreeSet::new();
    for revision in document.revisions().iter().skip(1) {
        let before = document.view(revision.index - 1);
        let free = revision.entries().filter(|(_, kind)| *kind == EntryKind::Free);
        let gone = free.filter(|(id, _)| document.latest().id_of(id.number).is_none());
        freed.extend(gone.filter_map(|(id, _)| before.id_of(id.number)).take(MOST));
    }
    if freed.is_empty() {
        return Ok(Vec::new());
    }
    let mut update = Update::new(&document)?;
    for id in freed.into_iter().take(MOST) {
        update.set(id, Object::Null);
    }
    Ok(update.finish()?.bytes)
}
