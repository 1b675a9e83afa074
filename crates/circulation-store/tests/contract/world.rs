//! Two organisations, their people and their letters.

use circulation::date::Instant;
use circulation::document::{
    DocumentType, Drafter, FileRecord, FileRole, Metadata, Priority, Recipient, Secrecy, SignerTitle,
};
use circulation::id::{DossierId, MessageId, Sha256Hex};
use circulation::organ::{Contact, OrganId, Organisation};
use circulation::person::Actor;
use circulation::register::{DocumentNumber, OutgoingRow, RegisterKey, RegisterKind};
use circulation::workflow::event::Event;
use circulation_store::{Books, Committed, Decision, ExecuteError, Hash, Step, Store, StoreError, Target};

/// 8 March 2024, 09:00 in Viet Nam.
pub(crate) const NOW: Instant = Instant(1_709_863_200_000);

pub(crate) fn later(ms: i64) -> Instant {
    Instant(NOW.0 + ms)
}

/// The organisation most cases act for.
pub(crate) fn here() -> OrganId {
    "H40.01".parse().unwrap()
}

/// The other one, kept in the same store.
pub(crate) fn there() -> OrganId {
    "H40.02".parse().unwrap()
}

pub(crate) fn organisation(id: &OrganId) -> Organisation {
    Organisation {
        id: id.clone(),
        name: format!("Sở {id}"),
        symbol: "SNV".to_owned(),
        place: "Hà Nội".to_owned(),
        parent: None,
        valid_from: "2020-01-01".parse().unwrap(),
        valid_to: None,
        exchange_url: None,
        contact: Contact::default(),
    }
}

pub(crate) fn furnish(store: &Store) {
    for organ in [here(), there()] {
        store.put_organisation(&organisation(&organ), NOW).unwrap();
    }
}

pub(crate) fn dossier_id(n: usize) -> DossierId {
    format!("018e1c00-0000-7000-8000-{n:012}").parse().unwrap()
}

pub(crate) fn message_id(n: usize) -> MessageId {
    format!("018e1c00-0000-7000-9000-{n:012}").parse().unwrap()
}

/// Stores a blob and describes it as the main file of a letter.
pub(crate) fn file(store: &Store, content: &str) -> FileRecord {
    // Most cases use the same few files: stored once, for every store waits for the disk.
    let hash = Hash::of(content.as_bytes());
    if store.blobs().check(hash).is_err() {
        store.blobs().put(content.as_bytes()).unwrap();
    }
    FileRecord {
        name: "cong-van.pdf".to_owned(),
        sha256: sha256(hash),
        size: content.len() as u64,
        media_type: "application/pdf".to_owned(),
        role: FileRole::Main,
    }
}

pub(crate) fn sha256(hash: Hash) -> Sha256Hex {
    hash.to_hex().parse().unwrap()
}

pub(crate) fn created(store: &Store) -> Event {
    Event::Created {
        metadata: Metadata {
            kind: DocumentType::CongVan,
            subject: "V/v báo cáo công tác".to_owned(),
            content: None,
            priority: Priority::Normal,
            secrecy: Secrecy::None,
            drafting_unit: Some("VP".to_owned()),
            recipients: vec![recipient()],
            places: vec![],
            signer: SignerTitle::default(),
            due_date: None,
            response_for: vec![],
            typist: None,
            copies: None,
            pages: None,
            kept_by: None,
        },
        drafter: Drafter { person: None, name: "Lê Thị Hoa".to_owned() },
        files: vec![file(store, "draft")],
    }
}

pub(crate) fn recipient() -> Recipient {
    Recipient { organ: there(), name: format!("Sở {}", there()) }
}

/// The events up to the leader's signature.
pub(crate) fn signed(store: &Store) -> Vec<Event> {
    vec![
        created(store),
        Event::Frozen { file: file(store, "frozen") },
        Event::LeaderSigned {
            file: file(store, "signed"),
            field: "leader".to_owned(),
            signer: "Trần Văn Bình".to_owned(),
            signatures: vec![],
        },
    ]
}

pub(crate) fn outgoing(organ: &OrganId, year: i32) -> RegisterKey {
    RegisterKey { organ: organ.clone(), year, kind: RegisterKind::Outgoing, sequence: "common".to_owned() }
}

pub(crate) fn number(register: RegisterKey, number: u32) -> Event {
    Event::NumberAssigned {
        register,
        number: DocumentNumber { number, notation: "SNV-VP".to_owned() },
        date: "2024-03-08".parse().unwrap(),
    }
}

pub(crate) fn row(number: u32) -> OutgoingRow {
    OutgoingRow {
        code: format!("{number:02}/SNV-VP"),
        date: "2024-03-08".parse().unwrap(),
        title: "Công văn V/v báo cáo công tác".to_owned(),
        signer: "Trần Văn Bình".to_owned(),
        recipients: recipient().name,
        kept_by: "VT".to_owned(),
        copies: 1,
        sent_on: None,
        received_by: String::new(),
        note: String::new(),
    }
}

pub(crate) fn act(
    store: &Store,
    organ: &OrganId,
    target: Target<'_>,
    decide: impl FnOnce(&Books<'_>) -> Result<Decision, ExecuteError>,
) -> Result<Committed, ExecuteError> {
    let actor = Actor::system(organ.clone());
    let step = Step { organ, target, actor: &actor, now: NOW, message: None };
    store.execute(&step, |_, books| decide(books))
}

/// Begins dossier `n` of `organ` and brings it to the leader's signature.
pub(crate) fn begin(store: &Store, organ: &OrganId, n: usize) -> DossierId {
    let id = dossier_id(n);
    let events = signed(store);
    act(store, organ, Target::New(&id), |_| Ok(events.into())).unwrap();
    id
}

/// Gives a signed letter the next number of 2024.
pub(crate) fn take_number(store: &Store, organ: &OrganId, id: &DossierId) -> u32 {
    let mut taken = 0;
    act(store, organ, Target::Existing(id), |books| {
        let facts = books.register(outgoing(organ, 2024))?;
        taken = facts.next_number().unwrap();
        Ok(vec![number(facts.key, taken)].into())
    })
    .unwrap();
    taken
}

/// Takes letter `n` to the point where message `n` to [`there`] waits in the outbox.
pub(crate) fn dispatch(store: &Store, n: usize) -> (DossierId, MessageId) {
    let id = begin(store, &here(), n);
    let taken = take_number(store, &here(), &id);
    let message = message_id(n);
    let body = store.blobs().put(format!("edXML {n}").as_bytes()).unwrap().hash;
    let events = vec![
        Event::SealRecorded { file: file(store, "sealed"), field: "seal".to_owned(), signatures: vec![] },
        Event::Issued { row: row(taken) },
        Event::DeliveryQueued { message: message.clone(), recipient: recipient() },
        Event::Dispatched { on: "2024-03-08".parse().unwrap() },
    ];
    let decision = Decision { events, bodies: vec![(message.clone(), body)] };
    act(store, &here(), Target::Existing(&id), |_| Ok(decision)).unwrap();
    (id, message)
}

pub(crate) fn check(store: &Store) {
    assert_eq!(store.check_invariants(&[]).unwrap(), vec![]);
}

pub(crate) fn is_not_found<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    assert_eq!(result.unwrap_err().code(), "not_found");
}
