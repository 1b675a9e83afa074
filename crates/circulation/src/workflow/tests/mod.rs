//! Two offices, their people and keys, and short ways to walk a document through its states.

mod exchange;
mod incoming;
mod outgoing;
mod properties;
mod shapes;

use crate::certificate::{CertificateRecord, Holder, SignerClass};
use crate::date::{Date, Instant};
use crate::document::{
    Coverage, DocumentType, FileRecord, FileRole, Metadata, Priority, Recipient, Secrecy, SignatureFacts,
    SignerTitle,
};
use crate::exchange::message::{DocumentHeader, Party, TypeText};
use crate::id::{MessageId, Sha256Hex};
use crate::organ::{Contact, OrganId, Organisation};
use crate::person::{Actor, Role};
use crate::refusal::Refusal;
use crate::register::{RegisterFacts, RegisterKey, SequencePolicy};
use crate::workflow::command::{Arrival, Command, Context, OfficePolicy, SignedFile};
use crate::workflow::state::{Dossier, FileVerification};
use crate::workflow::{Event, apply, decide};

pub(super) const MORNING: &str = "2024-02-05T09:57:10+07:00";

pub(super) fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

pub(super) fn organ(text: &str) -> OrganId {
    text.parse().unwrap()
}

pub(super) fn message(text: &str) -> MessageId {
    text.parse().unwrap()
}

pub(super) fn digest(letter: char) -> Sha256Hex {
    letter.to_string().repeat(64).parse().unwrap()
}

pub(super) fn organisation(id: &str, name: &str, symbol: &str) -> Organisation {
    Organisation {
        id: organ(id),
        name: name.to_owned(),
        symbol: symbol.to_owned(),
        place: "Nam Định".to_owned(),
        parent: None,
        valid_from: Date::new(2020, 1, 1).unwrap(),
        valid_to: None,
        exchange_url: None,
        contact: Contact::default(),
    }
}

pub(super) fn actor(name: &str, roles: &[Role]) -> Actor {
    Actor {
        organisation: organ("H40.01"),
        person: Some(name.parse().unwrap()),
        name: name.to_owned(),
        roles: roles.to_vec(),
        system: false,
    }
}

/// One office with everything a decision needs; tests change what they are about.
pub(super) struct Office {
    pub(super) us: Organisation,
    pub(super) policy: OfficePolicy,
    pub(super) register: Option<RegisterFacts>,
    pub(super) certificates: Vec<CertificateRecord>,
    pub(super) directory: Vec<Organisation>,
    pub(super) now: Instant,
}

pub(super) const LEADER_KEY: char = 'a';
pub(super) const SEAL_KEY: char = 'b';

impl Office {
    pub(super) fn new() -> Self {
        let us = organisation("H40.01", "Sở Thông tin và Truyền thông", "STTTT");
        let them = organisation("H40.02", "Sở Nội vụ", "SNV");
        let person = Holder::Person { person: "leader".parse().unwrap() };
        let seal = Holder::Organisation { organisation: us.id.clone() };
        let certificates = vec![
            certificate(LEADER_KEY, person, SignerClass::Personal),
            certificate(SEAL_KEY, seal, SignerClass::Organisation),
        ];
        let directory = vec![us.clone(), them];
        Self {
            us,
            policy: OfficePolicy::default(),
            register: None,
            certificates,
            directory,
            now: at(MORNING),
        }
    }

    pub(super) fn ask(
        &self,
        dossier: &Dossier,
        who: &Actor,
        command: &Command,
    ) -> Result<Vec<Event>, Refusal> {
        let context = Context {
            actor: who,
            now: self.now,
            organisation: &self.us,
            policy: self.policy,
            register: self.register.as_ref(),
            certificates: &self.certificates,
            directory: &self.directory,
        };
        decide(dossier, command, &context)
    }

    /// Decides and applies.
    pub(super) fn run(
        &self,
        dossier: &mut Dossier,
        who: &Actor,
        command: &Command,
    ) -> Result<Vec<Event>, Refusal> {
        let events = self.ask(dossier, who, command)?;
        for event in &events {
            apply(dossier, event).unwrap();
        }
        Ok(events)
    }

    pub(super) fn outgoing_register(&mut self, last_number: u32) {
        let key = RegisterKey::outgoing(&self.us.id, 2024, SequencePolicy::Common, DocumentType::CongVan);
        let last_date = (last_number > 0).then(|| Date::in_vietnam(self.now));
        self.register = Some(RegisterFacts { key, last_number, last_date });
    }

    pub(super) fn incoming_register(&mut self, last_number: u32) {
        let key = RegisterKey::incoming(&self.us.id, 2024);
        self.register = Some(RegisterFacts { key, last_number, last_date: None });
    }
}

pub(super) fn drafter() -> Actor {
    actor("drafter", &[Role::Drafter])
}

pub(super) fn leader() -> Actor {
    actor("leader", &[Role::Leader])
}

pub(super) fn clerk() -> Actor {
    actor("clerk", &[Role::Clerk])
}

pub(super) fn system() -> Actor {
    Actor::system(organ("H40.01"))
}

fn certificate(letter: char, holder: Holder, class: SignerClass) -> CertificateRecord {
    CertificateRecord {
        sha256: digest(letter),
        organisation: organ("H40.01"),
        holder,
        subject: "CN=…".to_owned(),
        class,
        not_before: at("2023-01-01T00:00:00Z"),
        not_after: at("2025-01-01T00:00:00Z"),
        withdrawn: false,
    }
}

pub(super) fn file(letter: char) -> FileRecord {
    FileRecord {
        name: "cong-van.pdf".to_owned(),
        sha256: digest(letter),
        size: 1234,
        media_type: "application/pdf".to_owned(),
        role: FileRole::Main,
    }
}

pub(super) fn metadata() -> Metadata {
    Metadata {
        kind: DocumentType::CongVan,
        subject: "V/v triển khai chữ ký số".to_owned(),
        content: None,
        priority: Priority::Urgent,
        secrecy: Secrecy::None,
        drafting_unit: Some("CNTT".to_owned()),
        recipients: vec![Recipient { organ: organ("H40.02"), name: "Sở Nội vụ".to_owned() }],
        places: vec!["Như trên".to_owned(), "Lưu: VT, CNTT".to_owned()],
        signer: SignerTitle::default(),
        due_date: None,
        response_for: Vec::new(),
        typist: None,
        copies: None,
        pages: None,
        kept_by: None,
    }
}

pub(super) fn signature(field: &str, class: SignerClass, key: char) -> SignatureFacts {
    SignatureFacts {
        field: field.to_owned(),
        class,
        certificate_sha256: Some(digest(key)),
        signer_name: "Nguyễn Văn A".to_owned(),
        organisation: Some("Sở Nội vụ".to_owned()),
        valid: true,
        indication: "TOTAL-PASSED".to_owned(),
        coverage: Coverage::WholeFile,
        signed_at: None,
    }
}

pub(super) fn leader_signed(before: char, after: char) -> SignedFile {
    SignedFile {
        before: digest(before),
        file: file(after),
        field: "Leader".to_owned(),
        signatures: vec![signature("Leader", SignerClass::Personal, LEADER_KEY)],
    }
}

pub(super) fn sealed(before: char, after: char) -> SignedFile {
    let mut first = signature("Leader", SignerClass::Personal, LEADER_KEY);
    first.coverage = Coverage::WholeRevision;
    SignedFile {
        before: digest(before),
        file: file(after),
        field: "Seal".to_owned(),
        signatures: vec![first, signature("Seal", SignerClass::Organisation, SEAL_KEY)],
    }
}

pub(super) fn create() -> Command {
    Command::Create { metadata: metadata(), files: vec![file('1')] }
}

/// The steps of an outgoing document in order: who, what.
pub(super) fn outgoing_steps() -> Vec<(Actor, Command)> {
    vec![
        (drafter(), create()),
        (drafter(), Command::Freeze { before: digest('1'), file: file('2') }),
        (leader(), Command::RecordLeaderSignature(leader_signed('2', '3'))),
        (clerk(), Command::AssignNumber { requested: None, date: None }),
        (clerk(), Command::RecordSeal(sealed('3', '4'))),
        (clerk(), Command::Issue { note: String::new() }),
        (clerk(), Command::Dispatch { messages: vec![message("m1")] }),
    ]
}

pub(super) fn empty() -> Dossier {
    Dossier::new("d1".parse().unwrap(), organ("H40.01"))
}

/// An outgoing document after the first `steps` steps, in a register whose last number was 14.
pub(super) fn outgoing_after(steps: usize) -> (Office, Dossier) {
    let mut office = Office::new();
    office.outgoing_register(14);
    let mut dossier = empty();
    for (who, command) in outgoing_steps().into_iter().take(steps) {
        office.run(&mut dossier, &who, &command).unwrap();
    }
    (office, dossier)
}

pub(super) fn arrival() -> Arrival {
    let header = DocumentHeader {
        document_id: "H40.02,2024/02/05,7/SNV-VP".to_owned(),
        number: "7".to_owned(),
        notation: "SNV-VP".to_owned(),
        place: "Nam Định".to_owned(),
        date: Date::new(2024, 2, 5),
        kind: TypeText { name: "Công văn".to_owned(), ..TypeText::default() },
        subject: "V/v cử cán bộ".to_owned(),
        content: String::new(),
        signer: SignerTitle::default(),
        due_date: None,
        places: Vec::new(),
        priority: Priority::Normal,
        sphere: String::new(),
        typist: String::new(),
        copies: None,
        pages: None,
        appendixes: Vec::new(),
        response_for: Vec::new(),
        steering: String::new(),
    };
    Arrival {
        message: message("in-1"),
        package_sha256: digest('f'),
        peer: organ("H40.02"),
        from: Party::of(&organisation("H40.02", "Sở Nội vụ", "SNV"), ""),
        to: vec![organ("H40.01")],
        header,
        files: vec![file('7')],
        verifications: vec![FileVerification {
            sha256: digest('7'),
            signatures: vec![
                signature("Leader", SignerClass::Personal, 'c'),
                signature("Seal", SignerClass::Organisation, 'd'),
            ],
        }],
        status_message: message("s01"),
    }
}
