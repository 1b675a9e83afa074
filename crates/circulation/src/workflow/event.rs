//! What happened. Events are stored, never changed; a dossier is what its events make of it.

use serde::{Deserialize, Serialize};

use crate::date::{Date, Instant};
use crate::document::{Drafter, FileRecord, Metadata, Recipient, SignatureFacts};
use crate::exchange::status::{StatusCode, StatusStep};
use crate::id::MessageId;
use crate::organ::OrganId;
use crate::register::{DocumentNumber, IncomingRow, OutgoingRow, RegisterKey};
use crate::workflow::command::Arrival;
use crate::workflow::state::{IncomingFinding, ReportedStatus};

/// A fact about a dossier. Who and when is kept beside it by the store; a time inside is part of the fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// An outgoing document was started.
    Created {
        /// What was declared.
        metadata: Metadata,
        /// Who did it.
        drafter: Drafter,
        /// Its files.
        files: Vec<FileRecord>,
    },
    /// The draft changed.
    Edited {
        /// What is declared now.
        metadata: Metadata,
        /// Its files now.
        files: Vec<FileRecord>,
    },
    /// The text is final and the fields are placed.
    Frozen {
        /// The main file now.
        file: FileRecord,
    },
    /// The leader signed.
    LeaderSigned {
        /// The main file now.
        file: FileRecord,
        /// Field of the signature.
        field: String,
        /// Who signed.
        signer: String,
        /// All signatures now.
        signatures: Vec<SignatureFacts>,
    },
    /// It went back to its drafter; its signatures no longer count.
    Returned {
        /// Why.
        reason: String,
    },
    /// It was given up.
    Cancelled {
        /// Why.
        reason: String,
    },
    /// It got its number and date. The store takes the number from the register in the same transaction.
    NumberAssigned {
        /// The sequence.
        register: RegisterKey,
        /// Number and symbol.
        number: DocumentNumber,
        /// Date of the document.
        date: Date,
    },
    /// The organisation signed.
    SealRecorded {
        /// The main file now.
        file: FileRecord,
        /// Field of the signature.
        field: String,
        /// All signatures now.
        signatures: Vec<SignatureFacts>,
    },
    /// It was issued.
    Issued {
        /// Its row in the register.
        row: OutgoingRow,
    },
    /// It is to be sent to one recipient. The store puts it into the outbox in the same transaction.
    DeliveryQueued {
        /// The message.
        message: MessageId,
        /// To whom.
        recipient: Recipient,
    },
    /// It was handed over for sending to all recipients.
    Dispatched {
        /// The day (column 8 of the register).
        on: Date,
    },
    /// A recipient's server took it.
    DeliveryAccepted {
        /// The message.
        message: MessageId,
        /// When, by the receipt.
        at: Instant,
    },
    /// It will not reach a recipient this way.
    DeliveryFailed {
        /// The message.
        message: MessageId,
        /// Why.
        reason: String,
    },
    /// A recipient reported news.
    StatusRecorded {
        /// The delivery.
        message: MessageId,
        /// The news.
        reported: ReportedStatus,
    },
    /// A recipient reported something that changes nothing.
    StatusIgnored {
        /// The delivery.
        message: MessageId,
        /// What it reported.
        status: StatusCode,
        /// Why it changes nothing.
        why: StatusStep,
    },
    /// A message arrived.
    Received {
        /// The message and what was found in it.
        arrival: Box<Arrival>,
        /// What speaks against it.
        findings: Vec<IncomingFinding>,
        /// When.
        at: Instant,
    },
    /// The clerk recorded a doubt.
    DoubtRecorded {
        /// The doubt.
        note: String,
    },
    /// It was registered. The store takes the number from the register in the same transaction.
    Registered {
        /// The sequence.
        register: RegisterKey,
        /// Its row in the register.
        row: IncomingRow,
    },
    /// It was returned.
    Rejected {
        /// Why.
        reason: String,
    },
    /// A status is to be sent to the sender. The store puts it into the outbox in the same transaction.
    StatusQueued {
        /// Identifier of the status.
        message: MessageId,
        /// To whom.
        to: OrganId,
        /// The status.
        status: StatusCode,
        /// Words; the reason of a refusal.
        description: String,
        /// Who handled it.
        staff: String,
        /// When.
        at: Instant,
    },
}

impl Event {
    /// Stable name, as in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Created { .. } => "created",
            Self::Edited { .. } => "edited",
            Self::Frozen { .. } => "frozen",
            Self::LeaderSigned { .. } => "leader_signed",
            Self::Returned { .. } => "returned",
            Self::Cancelled { .. } => "cancelled",
            Self::NumberAssigned { .. } => "number_assigned",
            Self::SealRecorded { .. } => "seal_recorded",
            Self::Issued { .. } => "issued",
            Self::DeliveryQueued { .. } => "delivery_queued",
            Self::Dispatched { .. } => "dispatched",
            Self::DeliveryAccepted { .. } => "delivery_accepted",
            Self::DeliveryFailed { .. } => "delivery_failed",
            Self::StatusRecorded { .. } => "status_recorded",
            Self::StatusIgnored { .. } => "status_ignored",
            Self::Received { .. } => "received",
            Self::DoubtRecorded { .. } => "doubt_recorded",
            Self::Registered { .. } => "registered",
            Self::Rejected { .. } => "rejected",
            Self::StatusQueued { .. } => "status_queued",
        }
    }
}
