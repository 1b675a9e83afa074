//! Dossiers: what one organisation knows about one document, and the states it passes.

use serde::{Deserialize, Serialize};

use crate::date::{Date, Instant};
use crate::document::{Drafter, FileRecord, FileRole, Metadata, Recipient, SignatureFacts};
use crate::exchange::message::{DocumentHeader, Party};
use crate::exchange::status::StatusCode;
use crate::id::{DossierId, MessageId, Sha256Hex};
use crate::organ::OrganId;
use crate::register::{DocumentNumber, IncomingRow, OutgoingRow};

/// States of an outgoing document (order of NĐ 30/2020 Điều 14, signature before number and number before seal).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutgoingState {
    /// Dự thảo (Điều 10).
    Draft,
    /// The PDF carries its fields; nothing but filling and signing may follow (Điều 11).
    Frozen,
    /// Signed by the competent person (Điều 13).
    LeaderSigned,
    /// Number and date given (Điều 15).
    Numbered,
    /// Signed by the organisation (Điều 14.3, 32).
    Sealed,
    /// Phát hành: in the register (Điều 16, 18).
    Issued,
    /// Sent to every recipient (Điều 18).
    Dispatched,
    /// Given up before it had a number.
    Cancelled,
}

impl OutgoingState {
    /// All states, in order.
    pub const ALL: [Self; 8] = [
        Self::Draft,
        Self::Frozen,
        Self::LeaderSigned,
        Self::Numbered,
        Self::Sealed,
        Self::Issued,
        Self::Dispatched,
        Self::Cancelled,
    ];

    /// Stable name, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Frozen => "frozen",
            Self::LeaderSigned => "leader_signed",
            Self::Numbered => "numbered",
            Self::Sealed => "sealed",
            Self::Issued => "issued",
            Self::Dispatched => "dispatched",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether `next` may directly follow; the whole picture of the flow.
    pub fn may_become(self, next: Self) -> bool {
        use OutgoingState::{Cancelled, Dispatched, Draft, Frozen, Issued, LeaderSigned, Numbered, Sealed};
        matches!(
            (self, next),
            (Draft, Frozen)
                | (Frozen, LeaderSigned)
                | (Frozen | LeaderSigned, Draft)
                | (LeaderSigned, Numbered)
                | (Numbered, Sealed)
                | (Sealed, Issued)
                | (Issued, Dispatched)
                | (Draft | Frozen | LeaderSigned, Cancelled)
        )
    }
}

/// States of an incoming document (NĐ 30/2020 Điều 20–22).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncomingState {
    /// Đã đến: checked by machine, waiting for the clerk (Điều 21).
    Received,
    /// Đã tiếp nhận: in the register (Điều 22).
    Registered,
    /// Returned to its sender, with a reason; no number used (Điều 21.2).
    Rejected,
}

impl IncomingState {
    /// All states.
    pub const ALL: [Self; 3] = [Self::Received, Self::Registered, Self::Rejected];

    /// Stable name, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Registered => "registered",
            Self::Rejected => "rejected",
        }
    }

    /// Whether `next` may directly follow.
    pub fn may_become(self, next: Self) -> bool {
        self == Self::Received && next != Self::Received
    }
}

/// Whether a delivery reached its recipient's server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Transport {
    /// Waiting or being tried.
    Queued,
    /// The recipient's server took it.
    Accepted {
        /// When, by the receipt.
        at: Instant,
    },
    /// It will not be tried again.
    Failed {
        /// Why.
        reason: String,
    },
}

/// A status a recipient reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedStatus {
    /// The status.
    pub status: StatusCode,
    /// Words; the reason of a refusal.
    pub description: String,
    /// Who handled it there.
    pub staff: String,
    /// When, by the recipient's clock.
    pub at: Instant,
}

/// One document on its way to one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The message that carries it; its identity for all repeats.
    pub message: MessageId,
    /// To whom.
    pub recipient: Recipient,
    /// Whether it arrived.
    pub transport: Transport,
    /// What the recipient reported, oldest first; only news, no repeats.
    pub statuses: Vec<ReportedStatus>,
}

impl Delivery {
    /// The latest status.
    pub fn status(&self) -> Option<StatusCode> {
        self.statuses.last().map(|reported| reported.status)
    }
}

/// An outgoing document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outgoing {
    /// Where it stands.
    pub state: OutgoingState,
    /// What the drafter declared.
    pub metadata: Metadata,
    /// Who drafted it.
    pub drafter: Drafter,
    /// Its files as they are now.
    pub files: Vec<FileRecord>,
    /// The main file as it was before it was frozen; what a return brings back.
    pub draft_file: Option<FileRecord>,
    /// Signatures in the main file, as last verified.
    pub signatures: Vec<SignatureFacts>,
    /// Field of the leader's signature.
    pub leader_field: Option<String>,
    /// Name of the leader who signed, for the register.
    pub leader_name: Option<String>,
    /// Number and symbol.
    pub number: Option<DocumentNumber>,
    /// Date of the document.
    pub date: Option<Date>,
    /// Field of the organisation's signature.
    pub seal_field: Option<String>,
    /// Its row in the register.
    pub row: Option<OutgoingRow>,
    /// Deliveries, one for each recipient.
    pub deliveries: Vec<Delivery>,
    /// Why it was last returned or cancelled.
    pub reason: Option<String>,
}

impl Outgoing {
    /// The document itself.
    pub fn main_file(&self) -> Option<&FileRecord> {
        self.files.iter().find(|file| file.role == FileRole::Main)
    }

    /// The delivery carried by `message`.
    pub fn delivery(&self, message: &MessageId) -> Option<&Delivery> {
        self.deliveries.iter().find(|delivery| &delivery.message == message)
    }

    /// edXML's identifier of the document: `{OrganId},{yyyy/MM/dd},{number}/{symbol}`; none before it has a
    /// number.
    pub fn document_id(&self, organ: &OrganId) -> Option<String> {
        let (number, date) = (self.number.as_ref()?, self.date?);
        Some(format!("{organ},{},{}/{}", date.to_slashes(), number.number, number.notation))
    }
}

/// What the check of an arrived message found against it. Facts, recorded whatever the clerk then does
/// (NĐ 30/2020 Điều 21.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum IncomingFinding {
    /// No recipient in the message is this organisation.
    WrongAddressee,
    /// The message says it is from another organisation than the one that sent it.
    SenderMismatch {
        /// The organisation that sent it.
        peer: OrganId,
    },
    /// A signature does not hold.
    InvalidSignature {
        /// Name of the file.
        file: String,
        /// Signature field.
        field: String,
        /// Indication of the verifier.
        indication: String,
    },
    /// No valid signature of a person (Điều 5).
    NoPersonalSignature,
    /// No valid signature of an organisation (Điều 5).
    NoOrganisationSignature,
    /// No valid signature of an organisation carries the sender's name.
    SealOfAnother {
        /// The organisation the seal names.
        organisation: String,
    },
    /// The last signature does not cover the whole file.
    NotWholeFile {
        /// Name of the file.
        file: String,
    },
}

/// What a verifier found in one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileVerification {
    /// The file.
    pub sha256: Sha256Hex,
    /// Its signatures, oldest first.
    pub signatures: Vec<SignatureFacts>,
}

/// An incoming document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incoming {
    /// Where it stands.
    pub state: IncomingState,
    /// The message that brought it.
    pub message: MessageId,
    /// SHA-256 of the message as it arrived.
    pub package_sha256: Sha256Hex,
    /// Who sent it, by its credentials; statuses go there.
    pub peer: OrganId,
    /// Who sent it, by its own words.
    pub from: Party,
    /// What it says about the document.
    pub header: DocumentHeader,
    /// Its files.
    pub files: Vec<FileRecord>,
    /// What the verifier found in them.
    pub verifications: Vec<FileVerification>,
    /// What the check found against it.
    pub findings: Vec<IncomingFinding>,
    /// When it arrived.
    pub arrived_at: Instant,
    /// Doubts the clerk recorded and reported.
    pub doubts: Vec<String>,
    /// Number in the register of incoming documents (số đến).
    pub number: Option<u32>,
    /// Its row in the register.
    pub row: Option<IncomingRow>,
    /// Why it was rejected.
    pub reason: Option<String>,
    /// Statuses reported to the sender, oldest first.
    pub reported: Vec<StatusCode>,
}

/// What a dossier is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "direction", rename_all = "snake_case")]
pub enum Body {
    /// Nothing yet: no event was applied.
    Empty,
    /// A document of ours.
    Outgoing(Box<Outgoing>),
    /// A document of somebody else's.
    Incoming(Box<Incoming>),
}

/// One organisation's file about one document: the result of its events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dossier {
    /// Identifier.
    pub id: DossierId,
    /// Whose it is.
    pub organisation: OrganId,
    /// How many events made it; the store compares it before it appends.
    pub version: u64,
    /// What it is about.
    #[serde(flatten)]
    pub body: Body,
}

impl Dossier {
    /// A dossier no event has touched.
    pub fn new(id: DossierId, organisation: OrganId) -> Self {
        Self { id, organisation, version: 0, body: Body::Empty }
    }

    /// The outgoing document, if it is one.
    pub fn outgoing(&self) -> Option<&Outgoing> {
        match &self.body {
            Body::Outgoing(outgoing) => Some(outgoing),
            _ => None,
        }
    }

    /// The incoming document, if it is one.
    pub fn incoming(&self) -> Option<&Incoming> {
        match &self.body {
            Body::Incoming(incoming) => Some(incoming),
            _ => None,
        }
    }

    /// Stable name of its state; `empty` before the first event.
    pub fn state_name(&self) -> &'static str {
        match &self.body {
            Body::Empty => "empty",
            Body::Outgoing(outgoing) => outgoing.state.as_str(),
            Body::Incoming(incoming) => incoming.state.as_str(),
        }
    }
}
