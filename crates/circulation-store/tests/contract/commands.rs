//! One transaction, all or nothing.

use std::panic::{AssertUnwindSafe, catch_unwind};

use circulation::Refusal;
use circulation::person::Actor;
use circulation::register::RegisterKind;
use circulation::workflow::event::Event;
use circulation_store::{
    Acknowledged, Answer, Checkpoint, DossierPage, Hash, Once, RequestKey, Step, Store, Target,
};

use crate::world::{
    NOW, act, begin, check, created, dispatch, dossier_id, here, is_not_found, number, outgoing, take_number,
};

pub(crate) fn a_command_writes_dossier_events_and_leaves_together(store: &Store) {
    let id = begin(store, &here(), 1);
    let dossier = store.dossier(&here(), &id).unwrap();
    assert_eq!((dossier.version, dossier.state_name()), (3, "leader_signed"));
    let timeline = store.timeline(&here(), &id).unwrap();
    let names: Vec<_> = timeline.iter().map(|stored| stored.event.name()).collect();
    assert_eq!(names, ["created", "frozen", "leader_signed"]);
    assert_eq!(store.audit_checkpoint().unwrap().size, 3);
    let draft = Hash::of(b"draft");
    assert!(store.dossier_has_blob(&here(), &id, draft).unwrap());
    let claim = Acknowledged { organ: here(), dossier: id.clone(), version: 3 };
    assert_eq!(store.check_invariants(std::slice::from_ref(&claim)).unwrap(), vec![]);
    let lost = Acknowledged { version: 4, ..claim };
    assert_eq!(store.check_invariants(&[lost]).unwrap()[0].invariant, "I1");
}

pub(crate) fn a_refusal_leaves_nothing(store: &Store) {
    let id = begin(store, &here(), 1);
    let before = store.audit_checkpoint().unwrap();
    let error = act(store, &here(), Target::Existing(&id), |books| {
        books.register(outgoing(&here(), 2024))?;
        Err(Refusal::InvalidOrganId.into())
    });
    assert_eq!(error.unwrap_err().code(), "invalid_organ_id");
    assert_eq!(store.audit_checkpoint().unwrap(), before);
    assert_eq!(store.dossier(&here(), &id).unwrap().version, 3);
    check(store);
}

/// The panic stands for a crash: the transaction is dropped where it stands.
pub(crate) fn a_panic_in_the_middle_leaves_nothing(store: &Store) {
    let id = dossier_id(1);
    let actor = Actor::system(here());
    let new = Step { organ: &here(), target: Target::New(&id), actor: &actor, now: NOW, message: None };
    let key = RequestKey { organ: &here(), api_key: "clerk", request_key: "1", fingerprint: Hash::of(b"") };
    let event = created(store);
    let crash = catch_unwind(AssertUnwindSafe(|| {
        // Everything is written when the answer is made, and nothing is committed.
        store.execute_once(&new, &key, |_, _| Ok(vec![event].into()), |_| panic!("power cut"))
    }));
    assert!(crash.is_err());
    is_not_found(store.dossier(&here(), &id));
    assert_eq!(store.audit_checkpoint().unwrap(), Checkpoint { size: 0, hash: Hash::ZERO });
    assert_eq!(store.stored_answer(&key).unwrap(), None);
    begin(store, &here(), 1);
    check(store);
}

pub(crate) fn a_failing_second_event_takes_the_first_with_it(store: &Store) {
    let id = begin(store, &here(), 1);
    let twice = || Ok(vec![number(outgoing(&here(), 2024), 1), created(store)].into());
    let error = act(store, &here(), Target::Existing(&id), |_| twice()).unwrap_err();
    assert_eq!(error.code(), "corrupt");
    assert_eq!(store.register_facts(outgoing(&here(), 2024)).unwrap().last_number, 0);
    assert_eq!(take_number(store, &here(), &id), 1);
    check(store);
}

pub(crate) fn an_id_is_begun_once(store: &Store) {
    let id = begin(store, &here(), 1);
    let event = created(store);
    let error = act(store, &here(), Target::New(&id), |_| Ok(vec![event].into())).unwrap_err();
    assert_eq!(error.code(), "conflict");
    let absent = dossier_id(2);
    let error = act(store, &here(), Target::Existing(&absent), |_| panic!("asked")).unwrap_err();
    assert_eq!(error.code(), "not_found");
}

pub(crate) fn a_repeated_request_gets_its_first_answer_and_has_one_effect(store: &Store) {
    let actor = Actor::system(here());
    let request = |n: usize| {
        let id = dossier_id(n);
        let step = Step { organ: &here(), target: Target::New(&id), actor: &actor, now: NOW, message: None };
        let key = RequestKey {
            organ: &here(),
            api_key: "clerk",
            request_key: "same",
            fingerprint: Hash::of(b"POST /v1/documents"),
        };
        let event = created(store);
        store
            .execute_once(
                &step,
                &key,
                |_, _| Ok(vec![event].into()),
                |done| Answer { status: 201, body: done.dossier.id.to_string().into_bytes() },
            )
            .unwrap()
    };
    let first = request(1);
    assert!(matches!(first, Once::Done(..)));
    // A repeat comes with a fresh id, as a server makes one before it asks.
    let second = request(2);
    assert!(matches!(second, Once::Repeated(_)));
    assert_eq!(first.into_answer(), second.into_answer());
    is_not_found(store.dossier(&here(), &dossier_id(2)));
    check(store);
}

pub(crate) fn a_request_key_used_for_another_request_is_a_conflict(store: &Store) {
    let key = |body: &[u8]| Hash::of(body);
    let organ = here();
    let request = |fingerprint| RequestKey { organ: &organ, api_key: "clerk", request_key: "1", fingerprint };
    let answer = |body: &str| Answer { status: 200, body: body.into() };
    let first = store.store_answer(&request(key(b"a")), answer("first"), NOW).unwrap();
    assert_eq!(first, answer("first"));
    let again = store.store_answer(&request(key(b"a")), answer("second"), NOW).unwrap();
    assert_eq!(again, first);
    let error = store.stored_answer(&request(key(b"b"))).unwrap_err();
    assert_eq!(error.code(), "conflict");
}

pub(crate) fn lists_turn_pages_from_the_newest(store: &Store) {
    for n in 1..=5 {
        begin(store, &here(), n);
    }
    take_number(store, &here(), &dossier_id(4));
    let page = |page| -> Vec<_> {
        store.dossiers(&here(), page).unwrap().into_iter().map(|line| line.dossier).collect()
    };
    let two = DossierPage { count: 2, ..DossierPage::default() };
    assert_eq!(page(two), [dossier_id(5), dossier_id(4)]);
    let last = dossier_id(4);
    assert_eq!(page(DossierPage { before: Some(&last), ..two }), [dossier_id(3), dossier_id(2)]);
    let numbered = DossierPage { state: Some("numbered"), count: 9, ..DossierPage::default() };
    assert_eq!(page(numbered), [dossier_id(4)]);
    let incoming = DossierPage { direction: Some(RegisterKind::Incoming), ..numbered };
    assert!(page(incoming).is_empty());
    let found = store.dossiers(&here(), numbered).unwrap();
    assert_eq!(found[0].code.as_deref(), Some("01/SNV-VP"));
}

pub(crate) fn the_chain_names_what_was_altered(store: &Store) {
    let (id, _) = dispatch(store, 1);
    let checkpoint = store.audit_checkpoint().unwrap();
    begin(store, &here(), 2);
    assert_eq!(store.verify_audit(Some(checkpoint)).unwrap(), vec![]);
    let leaves = store.audit_leaves(&here(), 0, 100).unwrap();
    assert_eq!(leaves.len(), store.timeline(&here(), &id).unwrap().len() + 3);
    let other = Checkpoint { hash: Hash::of(b"another history"), ..checkpoint };
    assert_eq!(store.verify_audit(Some(other)).unwrap()[0].sequence, checkpoint.size);
    let longer = Checkpoint { size: 1000, ..checkpoint };
    assert_eq!(store.verify_audit(Some(longer)).unwrap().len(), 1);
    assert!(matches!(store.timeline(&here(), &id).unwrap()[7].event, Event::Dispatched { .. }));
}
