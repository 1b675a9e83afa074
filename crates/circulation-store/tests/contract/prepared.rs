//! A prepared signature is its organisation's own and is completed once.

use circulation_store::{PreparedSignature, Store};

use crate::world::{NOW, here, is_not_found, later, there};

fn prepared(id: &str) -> PreparedSignature {
    PreparedSignature {
        id: id.to_owned(),
        document: b"%PDF-1.7".to_vec(),
        state: vec![0, 1, 2],
        created_at: NOW,
        expires_at: later(60_000),
        completed_at: None,
    }
}

pub(crate) fn a_prepared_signature_is_completed_once_by_its_organisation(store: &Store) {
    let made = prepared("one");
    store.add_prepared(&here(), &made).unwrap();
    assert_eq!(store.prepared(&here(), "one").unwrap(), made);
    assert_eq!(store.add_prepared(&here(), &made).unwrap_err().code(), "conflict");
    is_not_found(store.prepared(&there(), "one"));
    assert_eq!(store.complete_prepared(&there(), "one", later(1)).unwrap_err().code(), "conflict");

    store.complete_prepared(&here(), "one", later(1)).unwrap();
    assert_eq!(store.complete_prepared(&here(), "one", later(2)).unwrap_err().code(), "conflict");
    let kept = store.prepared(&here(), "one").unwrap();
    assert_eq!((kept.completed_at, kept.document, kept.state), (Some(later(1)), vec![], vec![]));

    assert_eq!(store.forget_prepared(later(60_000)).unwrap(), 0);
    assert_eq!(store.forget_prepared(later(60_001)).unwrap(), 1);
    is_not_found(store.prepared(&here(), "one"));
}
