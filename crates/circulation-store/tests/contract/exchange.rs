//! Outbox, inbox, receipts and deliveries.

use std::thread;

use circulation::exchange::status::StatusCode;
use circulation::person::Actor;
use circulation::workflow::event::Event;
use circulation::workflow::state::ReportedStatus;
use circulation_store::{
    Accepted, Hash, IncomingMessage, KIND_DOCUMENT, OutboxCount, Step, Store, StoreError, Target,
};

use crate::world::{
    NOW, act, check, created, dispatch, dossier_id, here, is_not_found, later, message_id, there,
};

const LEASE: i64 = 30_000;

pub(crate) fn a_message_is_leased_to_one_worker_at_a_time(store: &Store) {
    for n in 1..=20 {
        dispatch(store, n);
    }
    let mut leased: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> =
            (0..4).map(|_| scope.spawn(|| store.lease_messages(NOW, LEASE, 7).unwrap())).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    leased.sort_by(|a, b| a.message_id.cmp(&b.message_id));
    let ids: Vec<_> = leased.iter().map(|message| message.message_id.clone()).collect();
    assert_eq!(ids, (1..=20).map(message_id).collect::<Vec<_>>());
    let first = &leased[0];
    assert_eq!((&first.organ, &first.destination), (&here(), &there()));
    assert_eq!((first.kind.as_str(), first.body), (KIND_DOCUMENT, Hash::of(b"edXML 1")));
    assert_eq!((first.attempt, first.leased_until), (1, later(LEASE)));
    let count = store.outbox_count(&here()).unwrap();
    assert_eq!(count, OutboxCount { pending: 20, dead: 0 });
}

pub(crate) fn a_lost_worker_s_message_is_leased_again(store: &Store) {
    dispatch(store, 1);
    let first = store.lease_messages(NOW, LEASE, 10).unwrap();
    assert!(store.lease_messages(later(LEASE - 1), LEASE, 10).unwrap().is_empty());
    let second = store.lease_messages(later(LEASE), LEASE, 10).unwrap();
    assert_eq!(second[0].message_id, first[0].message_id);
    assert_eq!(second[0].attempt, 2);
}

pub(crate) fn a_late_worker_cannot_undo_the_next_one(store: &Store) {
    dispatch(store, 1);
    let late = store.lease_messages(NOW, LEASE, 1).unwrap().remove(0);
    let next = store.lease_messages(later(LEASE), LEASE, 1).unwrap().remove(0);
    assert!(!store.message_failed(&late, later(0), "timeout").unwrap());
    assert!(!store.message_dead(&late, "timeout").unwrap());
    store.message_done(&next, later(LEASE + 1)).unwrap();
    assert!(!store.message_failed(&next, later(0), "after the end").unwrap());
    assert_eq!(store.outbox_count(&here()).unwrap(), OutboxCount { pending: 0, dead: 0 });
    // What the late worker delivered was delivered.
    store.message_done(&late, later(LEASE + 2)).unwrap();
    assert!(store.lease_messages(later(10 * LEASE), LEASE, 1).unwrap().is_empty());
}

pub(crate) fn a_failed_message_waits_for_its_next_attempt(store: &Store) {
    dispatch(store, 1);
    let message = store.lease_messages(NOW, LEASE, 1).unwrap().remove(0);
    assert!(store.message_failed(&message, later(5_000), "connection refused").unwrap());
    assert!(store.lease_messages(later(4_999), LEASE, 1).unwrap().is_empty());
    let message = store.lease_messages(later(5_000), LEASE, 1).unwrap().remove(0);
    assert!(store.message_dead(&message, "gone").unwrap());
    assert!(store.lease_messages(later(10 * LEASE), LEASE, 1).unwrap().is_empty());
    assert_eq!(store.outbox_count(&here()).unwrap(), OutboxCount { pending: 0, dead: 1 });
}

pub(crate) fn a_message_without_body_is_not_queued(store: &Store) {
    let (id, message) = dispatch(store, 1);
    let again = vec![Event::StatusIgnored {
        message: message.clone(),
        status: StatusCode::Arrived,
        why: circulation::exchange::status::StatusStep::Duplicate,
    }];
    act(store, &here(), Target::Existing(&id), |_| Ok(again.into())).unwrap();
    let other = crate::world::begin(store, &here(), 2);
    let queued = vec![Event::DeliveryQueued { message: message_id(2), recipient: crate::world::recipient() }];
    let error = act(store, &here(), Target::Existing(&other), |_| Ok(queued.into())).unwrap_err();
    assert!(["conflict", "corrupt"].contains(&error.code()), "{error}");
    assert_eq!(store.outbox_count(&here()).unwrap().pending, 1);
    check(store);
}

fn accept(store: &Store, body: &[u8], receipt: &str) -> Result<Accepted, StoreError> {
    let body = store.blobs().put(body).unwrap().hash;
    let (id, sender) = (message_id(1), here());
    let message = IncomingMessage { message_id: &id, sender: &sender, kind: KIND_DOCUMENT, body };
    store.accept_message(&there(), &message, NOW, || receipt.as_bytes().to_vec())
}

pub(crate) fn a_repeated_message_gets_the_same_receipt(store: &Store) {
    let first = accept(store, b"edXML", "receipt at 09:00").unwrap();
    assert_eq!(first, Accepted { receipt: b"receipt at 09:00".to_vec(), repeated: false });
    let second = accept(store, b"edXML", "receipt at 09:05").unwrap();
    assert_eq!(second, Accepted { repeated: true, ..first });
}

pub(crate) fn a_message_id_with_another_body_is_a_conflict(store: &Store) {
    accept(store, b"edXML", "receipt").unwrap();
    assert_eq!(accept(store, b"other", "receipt").unwrap_err().code(), "conflict");
    let (id, sender) = (message_id(1), there());
    let body = Hash::of(b"edXML");
    let forged = IncomingMessage { message_id: &id, sender: &sender, kind: KIND_DOCUMENT, body };
    let error = store.accept_message(&there(), &forged, NOW, Vec::new).unwrap_err();
    assert_eq!(error.code(), "conflict", "another sender");
    assert_eq!(store.unprocessed_messages(&there(), 10).unwrap().len(), 1);
}

pub(crate) fn concurrent_repeats_are_accepted_once(store: &Store) {
    let answers: Vec<_> = thread::scope(|scope| {
        let senders: Vec<_> = (0..16)
            .map(|n| scope.spawn(move || accept(store, b"edXML", &format!("try {n}")).unwrap()))
            .collect();
        senders.into_iter().map(|sender| sender.join().unwrap()).collect()
    });
    assert_eq!(answers.iter().filter(|answer| !answer.repeated).count(), 1);
    assert!(answers.iter().all(|answer| answer.receipt == answers[0].receipt));
}

pub(crate) fn an_accepted_message_is_worked_on_once(store: &Store) {
    accept(store, b"edXML", "receipt").unwrap();
    let waiting = store.unprocessed_messages(&there(), 10).unwrap();
    assert_eq!((&waiting[0].sender, waiting[0].body), (&here(), Hash::of(b"edXML")));
    let work = |n: usize| {
        let (id, message, organ) = (dossier_id(n), message_id(1), there());
        let actor = Actor::system(organ.clone());
        let step = Step {
            organ: &organ,
            target: Target::New(&id),
            actor: &actor,
            now: NOW,
            message: Some(&message),
        };
        let event = created(store);
        store.execute(&step, |_, _| Ok(vec![event].into()))
    };
    work(1).unwrap();
    assert_eq!(work(2).unwrap_err().code(), "conflict");
    is_not_found(store.dossier(&there(), &dossier_id(2)));
    assert!(store.unprocessed_messages(&there(), 10).unwrap().is_empty());
    check(store);
}

/// Sender and receiver live in one store here: the checker reads both sides of it.
pub(crate) fn a_receipt_ends_a_delivery_and_stays(store: &Store) {
    dispatch(store, 1);
    let message = store.lease_messages(NOW, LEASE, 1).unwrap().remove(0);
    let incoming = IncomingMessage {
        message_id: &message.message_id,
        sender: &message.organ,
        kind: &message.kind,
        body: message.body,
    };
    let accepted = store.accept_message(&there(), &incoming, NOW, || b"the receipt".to_vec()).unwrap();
    store.receipt_arrived(&message, &accepted.receipt, NOW).unwrap();
    store.receipt_arrived(&message, &accepted.receipt, later(1)).unwrap();
    let error = store.receipt_arrived(&message, b"another", NOW).unwrap_err();
    assert_eq!(error.code(), "conflict");
    let kept = store.receipt(&here(), &message.message_id).unwrap();
    assert_eq!(kept.as_deref(), Some(b"the receipt".as_slice()));
    assert_eq!(store.outbox_count(&here()).unwrap().pending, 0);
    assert_eq!(store.check_deliveries_to(store).unwrap(), vec![]);

    // A message called done that never arrived is found by the same checker.
    dispatch(store, 2);
    let lost = store.lease_messages(NOW, LEASE, 1).unwrap().remove(0);
    store.message_done(&lost, NOW).unwrap();
    assert_eq!(store.check_deliveries_to(store).unwrap()[0].invariant, "I4");
}

pub(crate) fn a_status_is_recorded_once(store: &Store) {
    let (id, message) = dispatch(store, 1);
    let status = || Event::StatusRecorded {
        message: message.clone(),
        reported: ReportedStatus {
            status: StatusCode::Accepted,
            description: String::new(),
            staff: "Văn thư".to_owned(),
            at: NOW,
        },
    };
    act(store, &here(), Target::Existing(&id), |_| Ok(vec![status()].into())).unwrap();
    let again = act(store, &here(), Target::Existing(&id), |_| Ok(vec![status()].into()));
    assert_eq!(again.unwrap_err().code(), "conflict");
    let delivery = store.delivery(&here(), &message).unwrap();
    assert_eq!(delivery.statuses, [StatusCode::Accepted]);
    assert_eq!(store.deliveries(&here(), &id).unwrap(), [delivery]);
    check(store);
}

pub(crate) fn a_receipt_and_its_event_are_one(store: &Store) {
    let (id, message) = dispatch(store, 1);
    let leased = store.lease_messages(NOW, LEASE, 1).unwrap().remove(0);
    let (organ, actor) = (here(), Actor::system(here()));
    let target = Target::Existing(&id);
    let step = Step { organ: &organ, target, actor: &actor, now: NOW, message: None };
    let accepted = || Event::DeliveryAccepted { message: message.clone(), at: NOW };

    let refused = store.execute_on_receipt(&step, &leased, b"receipt", |_, _| {
        Err(circulation::Refusal::InvalidOrganId.into())
    });
    assert!(refused.is_err());
    assert_eq!(store.receipt(&organ, &message).unwrap(), None);
    assert_eq!(store.outbox_count(&organ).unwrap().pending, 1);

    let done = store.execute_on_receipt(&step, &leased, b"receipt", |_, _| Ok(vec![accepted()].into()));
    assert_eq!(done.unwrap().events.len(), 1);
    assert_eq!(store.messages(&organ, &id).unwrap()[0].state, "done");
    assert_eq!(store.delivery(&organ, &message).unwrap().transport, "accepted");
    check(store);
}

pub(crate) fn giving_up_and_its_event_are_one(store: &Store) {
    let (id, message) = dispatch(store, 1);
    let late = store.lease_messages(NOW, LEASE, 1).unwrap().remove(0);
    let leased = store.lease_messages(later(LEASE), LEASE, 1).unwrap().remove(0);
    let (organ, actor) = (here(), Actor::system(here()));
    let target = Target::Existing(&id);
    let step = Step { organ: &organ, target, actor: &actor, now: NOW, message: None };
    let failed = || Event::DeliveryFailed { message: message.clone(), reason: "gone".to_owned() };

    let give_up = |lease| store.execute_giving_up(&step, lease, "gone", |_, _| Ok(vec![failed()].into()));
    assert_eq!(give_up(&late).unwrap_err().code(), "conflict");
    assert_eq!(store.delivery(&organ, &message).unwrap().transport, "queued");
    give_up(&leased).unwrap();
    let row = store.messages(&organ, &id).unwrap().remove(0);
    assert_eq!((row.state.as_str(), row.last_error.as_deref()), ("dead", Some("gone")));

    is_not_found(store.requeue_message(&there(), &message, NOW));
    store.requeue_message(&organ, &message, later(LEASE)).unwrap();
    assert_eq!(store.lease_messages(later(LEASE), LEASE, 1).unwrap()[0].attempt, 3);
    check(store);
}
