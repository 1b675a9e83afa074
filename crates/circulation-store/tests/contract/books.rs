//! Numbers without gaps or repeats, and the lines of the books.

use std::sync::Mutex;
use std::thread;

use circulation::exchange::status::StatusCode;
use circulation::register::{IncomingRow, RegisterKey, RegisterKind};
use circulation::workflow::{Arrival, Event};
use circulation_store::{Decision, RegisterPage, Store, Target};

use crate::world::{
    NOW, act, begin, check, dispatch, dossier_id, file, here, message_id, number, outgoing, row, take_number,
    there,
};

const PAGE: RegisterPage<'_> = RegisterPage { year: 2024, sequence: None, after: None, count: 1000 };

pub(crate) fn two_hundred_requests_at_once_get_one_to_two_hundred(store: &Store) {
    let ids: Vec<_> = (1..=200).map(|n| begin(store, &here(), n)).collect();
    let taken = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for part in ids.chunks(25) {
            let taken = &taken;
            scope.spawn(move || {
                for id in part {
                    let number = take_number(store, &here(), id);
                    taken.lock().unwrap().push(number);
                }
            });
        }
    });
    let mut taken = taken.into_inner().unwrap();
    taken.sort_unstable();
    assert_eq!(taken, (1..=200).collect::<Vec<_>>());
    let lines = store.outgoing_register(&here(), PAGE).unwrap();
    assert_eq!(lines.iter().map(|line| line.number).collect::<Vec<_>>(), taken);
    check(store);
}

pub(crate) fn a_number_that_is_not_the_next_is_a_conflict(store: &Store) {
    let id = begin(store, &here(), 1);
    for wrong in [0, 2, u32::MAX] {
        let decide = || Ok(vec![number(outgoing(&here(), 2024), wrong)].into());
        let error = act(store, &here(), Target::Existing(&id), |_| decide()).unwrap_err();
        assert_eq!(error.code(), "conflict");
    }
    let decide = || Ok(vec![number(outgoing(&there(), 2024), 1)].into());
    let error = act(store, &here(), Target::Existing(&id), |_| decide()).unwrap_err();
    assert_eq!(error.code(), "conflict", "another organisation's book");
    assert_eq!(take_number(store, &here(), &id), 1);
    check(store);
}

pub(crate) fn a_refused_number_is_given_to_the_next_document(store: &Store) {
    let (first, second) = (begin(store, &here(), 1), begin(store, &here(), 2));
    let refused = act(store, &here(), Target::Existing(&first), |books| {
        assert_eq!(books.register(outgoing(&here(), 2024))?.next_number(), Some(1));
        Err(circulation::Refusal::InvalidOrganId.into())
    });
    assert!(refused.is_err());
    assert_eq!(take_number(store, &here(), &second), 1);
    assert_eq!(take_number(store, &here(), &first), 2);
    check(store);
}

pub(crate) fn each_year_and_book_starts_at_one(store: &Store) {
    let first = begin(store, &here(), 1);
    take_number(store, &here(), &first);
    let second = begin(store, &here(), 2);
    let decide = || Ok(vec![number(outgoing(&here(), 2025), 1)].into());
    act(store, &here(), Target::Existing(&second), |_| decide()).unwrap();
    let elsewhere = begin(store, &there(), 3);
    assert_eq!(take_number(store, &there(), &elsewhere), 1);
    let incoming = RegisterKey { kind: RegisterKind::Incoming, ..outgoing(&here(), 2024) };
    assert_eq!(store.register_facts(incoming).unwrap().last_number, 0);
    let facts = store.register_facts(outgoing(&here(), 2024)).unwrap();
    assert_eq!((facts.last_number, facts.last_date), (1, Some("2024-03-08".parse().unwrap())));
    check(store);
}

pub(crate) fn a_line_stands_reserved_until_issued(store: &Store) {
    let reserved = begin(store, &here(), 1);
    take_number(store, &here(), &reserved);
    let (issued, _) = dispatch(store, 2);
    let lines = store.outgoing_register(&here(), PAGE).unwrap();
    assert_eq!((&lines[0].dossier, &lines[0].row), (&reserved, &None));
    assert_eq!(lines[1].dossier, issued);
    let mut expected = row(2);
    expected.sent_on = Some("2024-03-08".parse().unwrap());
    assert_eq!(lines[1].row, Some(expected));
    let rest = RegisterPage { after: Some(("common", 1)), ..PAGE };
    assert_eq!(store.outgoing_register(&here(), rest).unwrap(), lines[1..]);
    let none = RegisterPage { sequence: Some("QĐ"), ..PAGE };
    assert!(store.outgoing_register(&here(), none).unwrap().is_empty());
}

/// A letter that came from [`there`], as its message said.
fn received(store: &Store, message: &str) -> Event {
    let file = file(store, "sealed");
    let arrival = serde_json::json!({
        "message": message, "package_sha256": file.sha256, "peer": there(),
        "from": { "organ": there(), "name": "Sở" }, "to": [here()],
        "header": {
            "document_id": "H40.02,2024/03/07,9/SNV-VP", "number": "9", "notation": "SNV-VP",
            "date": "2024-03-07", "subject": "V/v họp giao ban"
        },
        "files": [file], "verifications": [], "status_message": "status-1",
    });
    let arrival: Arrival = serde_json::from_value(arrival).unwrap();
    Event::Received { arrival: Box::new(arrival), findings: vec![], at: NOW }
}

fn registered(key: RegisterKey, number: u32) -> Event {
    let row = IncomingRow {
        arrived_on: "2024-03-08".parse().unwrap(),
        number,
        author: "Sở".to_owned(),
        code: "9/SNV-VP".to_owned(),
        date: None,
        title: "V/v họp giao ban".to_owned(),
        assigned_to: "Phòng Hành chính".to_owned(),
        passed_on: None,
        received_by: String::new(),
        note: String::new(),
    };
    Event::Registered { register: key, row }
}

pub(crate) fn incoming_documents_have_a_book_of_their_own(store: &Store) {
    let key = RegisterKey::incoming(&here(), 2024);
    for n in 1..=3_u32 {
        let id = dossier_id(n as usize);
        let event = received(store, &format!("message-{n}"));
        act(store, &here(), Target::New(&id), |_| Ok(vec![event].into())).unwrap();
        let status = message_id(n as usize);
        let body = store.blobs().put(b"status 03").unwrap().hash;
        let queued = Event::StatusQueued {
            message: status.clone(),
            to: there(),
            status: StatusCode::Accepted,
            description: String::new(),
            staff: String::new(),
            at: NOW,
        };
        let events = vec![registered(key.clone(), n), queued];
        let decision = Decision { events, bodies: vec![(status, body)] };
        act(store, &here(), Target::Existing(&id), |_| Ok(decision)).unwrap();
    }
    let lines = store.incoming_register(&here(), PAGE).unwrap();
    assert_eq!(lines.iter().map(|line| line.number).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(lines[2].row.as_ref().unwrap().code, "9/SNV-VP");
    assert_eq!(store.outbox_count(&here()).unwrap().pending, 3);
    let found =
        store.dossier_by_document_id(&here(), RegisterKind::Incoming, "H40.02,2024/03/07,9/SNV-VP").unwrap();
    assert_eq!(found, Some(dossier_id(3)), "the newest of those a sender gave one identifier");
    check(store);
}
