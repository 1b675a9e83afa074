//! Any bytes as a PDF: revisions lie in the file one behind the other, reading twice gives the same,
//! appending a revision changes nothing that was there, and nobody is trusted whom nobody named.

use sign_core::crypto::document;
use sign_core::error::PdfError;
use sign_core::limits::Limits;
use sign_core::pades::field::Form;
use sign_core::pdf::{Document, Object, ObjectId, Update};
use sign_core::policy::Policy;
use sign_core::trust::{Evidence, TrustStore};
use sign_core::verdict::Verdict;
use sign_core::verify::verify;

use super::Reached;
use super::key::now;

/// Objects of one document that are looked at.
const MOST_OBJECTS: usize = 200;

/// Holds the bytes against the properties.
pub fn check(bytes: &[u8]) -> Reached {
    let source = bytes.to_vec();
    let limits = Limits::default();
    let trust = TrustStore::new();
    let judged = verify(&source, "fuzz.pdf", &trust, &Evidence::none(), &Policy::default(), now(), &limits);
    if let Ok(report) = judged {
        assert_ne!(report.verdict, Verdict::Valid, "valid, though nobody is trusted");
    }
    let Ok(document) = document::open(&source, &limits) else { return Reached::Refused };
    let mut end = 0;
    for revision in document.revisions() {
        assert!(end <= revision.start && revision.start <= revision.end, "revisions overlap");
        end = revision.end;
    }
    assert!(end <= source.len() as u64, "a revision behind the end of the file");

    let view = document.latest();
    let _ = view.pages();
    if let Ok(form) = Form::read(&view, limits.fields) {
        let _ = form.signature_fields(&view);
    }
    let objects = objects(&document);
    let again = document::open(&source, &limits).expect("it opened a moment ago");
    for (id, object) in &objects {
        assert_eq!(again.latest().object(*id).ok().as_deref(), object.as_ref(), "{id} read twice");
    }
    check_update(&source, &document, &objects);
    Reached::Held
}

/// Objects of all revisions as the latest one has them; `None` for what cannot be read.
fn objects(document: &Document<'_>) -> Vec<(ObjectId, Option<Object>)> {
    let view = document.latest();
    let entries = document.revisions().iter().flat_map(|revision| revision.entries());
    let mut objects = Vec::new();
    for (id, _) in entries.take(MOST_OBJECTS) {
        let object = view.object(id).ok().map(|object| object.as_ref().clone());
        if let Some(Object::Stream(stream)) = &object {
            let _ = view.stream_data(stream);
        }
        objects.push((id, object));
    }
    objects
}

fn check_update(source: &[u8], document: &Document<'_>, objects: &[(ObjectId, Option<Object>)]) {
    let Ok(mut update) = Update::new(document) else { return };
    let new = update.allocate();
    update.set(new, Object::Integer(42));
    let Ok(appended) = update.finish() else { return };
    let file = [source, &appended.bytes].concat();
    let limits = Limits::default();
    let reopened = match document::open(&file, &limits) {
        Ok(reopened) => reopened,
        // One revision and a few entries more may be too many.
        Err(PdfError::Limit(_)) => return,
        Err(error) => panic!("what was appended cannot be read: {error}"),
    };
    let (before, after) = (document.revisions(), reopened.revisions());
    assert_eq!(after.len(), before.len() + 1);
    for (old, new) in before.iter().zip(after) {
        assert_eq!((old.start, old.startxref), (new.start, new.startxref), "a revision moved");
        // It may end earlier: a newest revision ends where the file does, an older one where it is first
        // closed. Or one byte later: the update ends the last line, if nothing did.
        let ended_by_us = old.end == source.len() as u64 && new.end == old.end + 1;
        assert!(new.end <= old.end || ended_by_us, "a revision grew: {} to {}", old.end, new.end);
    }
    let view = reopened.latest();
    for (id, object) in objects {
        assert_eq!(view.object(*id).ok().as_deref(), object.as_ref(), "{id} before and after an update");
    }
    assert_eq!(view.object(new).ok().as_deref(), Some(&Object::Integer(42)));
}
