//! What somebody may ask for, and everything `decide` may know besides the dossier.

use serde::{Deserialize, Serialize};

use crate::certificate::CertificateRecord;
use crate::date::Instant;
use crate::document::{FileRecord, Metadata, SignatureFacts};
use crate::exchange::message::{DocumentHeader, Party};
use crate::exchange::receipt::Receipt;
use crate::exchange::status::StatusCode;
use crate::id::{MessageId, Sha256Hex};
use crate::organ::{OrganId, Organisation};
use crate::person::Actor;
use crate::register::{RegisterFacts, SequencePolicy};
use crate::workflow::state::FileVerification;

/// A signed file as the caller verified it just now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedFile {
    /// The main file as it was when the signer's program read it.
    pub before: Sha256Hex,
    /// The main file now; its bytes begin with those of `before`.
    pub file: FileRecord,
    /// Field of the new signature.
    pub field: String,
    /// All signatures in the file now, oldest first.
    pub signatures: Vec<SignatureFacts>,
}

/// A request to change a dossier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// Drafter: start an outgoing document (Điều 10).
    Create {
        /// What is declared.
        metadata: Metadata,
        /// Files; exactly one main PDF.
        files: Vec<FileRecord>,
    },
    /// Drafter: change a draft.
    Edit {
        /// What is declared now.
        metadata: Metadata,
        /// Files; exactly one main PDF.
        files: Vec<FileRecord>,
    },
    /// Drafter or clerk: the PDF got its fields for number, date and signatures; the text is final (Điều 11).
    Freeze {
        /// The draft's main file.
        before: Sha256Hex,
        /// The main file with its fields.
        file: FileRecord,
    },
    /// Leader: the PDF carries my signature now (Điều 13).
    RecordLeaderSignature(SignedFile),
    /// Leader or clerk: back to the drafter.
    ReturnToDrafter {
        /// Why; obligatory.
        reason: String,
    },
    /// Drafter, leader or clerk: give it up, before it has a number.
    Cancel {
        /// Why; obligatory.
        reason: String,
    },
    /// Clerk: give it the next number and today's date (Điều 15).
    AssignNumber {
        /// A number somebody wants; always refused, with the reason that fits.
        #[serde(default)]
        requested: Option<u32>,
        /// A date somebody wants; only today's passes.
        #[serde(default)]
        date: Option<crate::date::Date>,
    },
    /// Clerk: the PDF carries number, date and the organisation's signature now (Điều 14.3, 32).
    RecordSeal(SignedFile),
    /// Clerk: issue it and write it into the register (Điều 14.2, 16).
    Issue {
        /// Remark for column 10.
        #[serde(default)]
        note: String,
    },
    /// Clerk: send it to all its recipients (Điều 18).
    Dispatch {
        /// A fresh identifier for each recipient, in their order.
        messages: Vec<MessageId>,
    },
    /// System: a recipient's server answered.
    RecordReceipt(Receipt),
    /// System: a delivery is given up.
    RecordDeliveryFailure {
        /// The delivery.
        message: MessageId,
        /// Why.
        reason: String,
    },
    /// System: a recipient reported a status.
    RecordStatus {
        /// The delivery it is about.
        message: MessageId,
        /// Who reported it, as authenticated.
        from: OrganId,
        /// The status.
        status: StatusCode,
        /// Words; the reason of a refusal.
        #[serde(default)]
        description: String,
        /// Who handled it there.
        #[serde(default)]
        staff: String,
        /// When, by the recipient's clock.
        at: Instant,
    },
    /// System: a message arrived and its files were verified (Điều 20, 21).
    Receive(Box<Arrival>),
    /// Clerk: register it and tell the sender (Điều 22; status 03).
    Register {
        /// Unit or person it goes to (column 7).
        assigned_to: String,
        /// Remark for column 10.
        #[serde(default)]
        note: String,
        /// A fresh identifier for the status.
        status_message: MessageId,
    },
    /// Clerk: a doubt about authenticity, reported to the responsible person (Điều 21.2).
    RecordDoubt {
        /// The doubt and to whom it was reported; obligatory.
        note: String,
    },
    /// Clerk: return it (Điều 21.2; status 02).
    Reject {
        /// Why; obligatory, at most 1000 characters.
        reason: String,
        /// A fresh identifier for the status.
        status_message: MessageId,
    },
}

impl Command {
    /// Stable name, as in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::Edit { .. } => "edit",
            Self::Freeze { .. } => "freeze",
            Self::RecordLeaderSignature(_) => "record_leader_signature",
            Self::ReturnToDrafter { .. } => "return_to_drafter",
            Self::Cancel { .. } => "cancel",
            Self::AssignNumber { .. } => "assign_number",
            Self::RecordSeal(_) => "record_seal",
            Self::Issue { .. } => "issue",
            Self::Dispatch { .. } => "dispatch",
            Self::RecordReceipt(_) => "record_receipt",
            Self::RecordDeliveryFailure { .. } => "record_delivery_failure",
            Self::RecordStatus { .. } => "record_status",
            Self::Receive(_) => "receive",
            Self::Register { .. } => "register",
            Self::RecordDoubt { .. } => "record_doubt",
            Self::Reject { .. } => "reject",
        }
    }
}

/// A message that arrived, with what was found in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// The message.
    pub message: MessageId,
    /// SHA-256 of its bytes.
    pub package_sha256: Sha256Hex,
    /// The organisation whose credentials brought it.
    pub peer: OrganId,
    /// Sender by the message's own words.
    pub from: Party,
    /// Recipients by the message's own words.
    pub to: Vec<OrganId>,
    /// What it says about the document.
    pub header: DocumentHeader,
    /// Its files; exactly one main.
    pub files: Vec<FileRecord>,
    /// What the verifier found in them.
    pub verifications: Vec<FileVerification>,
    /// A fresh identifier for status 01.
    pub status_message: MessageId,
}

/// What an organisation decided about its own work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficePolicy {
    /// How outgoing documents are numbered (Điều 15).
    pub sequences: SequencePolicy,
    /// Whether this server is on an open network, where nothing secret may come.
    pub open_network: bool,
}

impl Default for OfficePolicy {
    fn default() -> Self {
        Self { sequences: SequencePolicy::Common, open_network: true }
    }
}

/// Everything `decide` may look at besides the dossier and the command.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Who asks.
    pub actor: &'a Actor,
    /// When.
    pub now: Instant,
    /// The organisation whose dossier it is.
    pub organisation: &'a Organisation,
    /// What it decided about its work.
    pub policy: OfficePolicy,
    /// Where the register stands; needed by `AssignNumber` and `Register`.
    pub register: Option<&'a RegisterFacts>,
    /// Certificates registered by the organisation.
    pub certificates: &'a [CertificateRecord],
    /// Organisations that can be written to; at least those the command or dossier names.
    pub directory: &'a [Organisation],
}
