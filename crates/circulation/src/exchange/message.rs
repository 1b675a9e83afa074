//! What a message between organisations says, whatever its written form.
//!
//! Fields are those of edXML (QCVN 102:2016) in our words; an absent element is an empty field.

use serde::{Deserialize, Serialize};

use crate::date::{Date, Instant};
use crate::document::{Priority, ResponseFor, SignerTitle};
use crate::exchange::status::StatusCode;
use crate::id::MessageId;
use crate::organ::{Contact, OrganId, Organisation};

/// Sender or recipient (`From`, `To`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Code.
    pub organ: OrganId,
    /// Name of the organisation in charge of it (`OrganizationInCharge`).
    #[serde(default)]
    pub in_charge: String,
    /// Name.
    pub name: String,
    /// How people reach it.
    #[serde(default)]
    pub contact: Contact,
}

impl Party {
    /// The organisation as a party; `in_charge` is the name of the one above it, or empty.
    pub fn of(organisation: &Organisation, in_charge: &str) -> Self {
        Self {
            organ: organisation.id.clone(),
            in_charge: in_charge.to_owned(),
            name: organisation.name.clone(),
            contact: organisation.contact.clone(),
        }
    }
}

/// What the message does with the document (`BussinessDocType`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BusinessKind {
    /// 0 A new document.
    #[default]
    New,
    /// 1 Takes a document back.
    Revoke,
    /// 2 Changes recipients or information.
    Update,
    /// 3 Replaces a document.
    Replace,
}

impl BusinessKind {
    /// edXML's number.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// The kind with edXML's number.
    pub fn from_number(number: u8) -> Option<Self> {
        [Self::New, Self::Revoke, Self::Update, Self::Replace].get(usize::from(number)).copied()
    }
}

/// Who handled the message (`StaffInfo`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Staff {
    /// Unit.
    pub department: String,
    /// Name.
    pub name: String,
    /// E-mail.
    pub email: String,
    /// Telephone.
    pub mobile: String,
}

/// The business block (`Bussiness`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Business {
    /// The document concerned, for kinds other than new.
    pub document_id: String,
    /// What is done.
    pub kind: BusinessKind,
    /// Why, in words.
    pub reason: String,
    /// `Paper`, whose meaning is disputed: kept, never acted on.
    pub paper: String,
    /// Who handled it.
    pub staff: Staff,
}

/// One hop (`TraceHeader`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// Where it passed.
    pub organ: OrganId,
    /// When.
    pub at: Instant,
}

/// Kind of document as written in the message (`DocumentType`): peers use kinds we do not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TypeText {
    /// Group: 1 legal, 2 administrative.
    pub group: String,
    /// Number in the group.
    pub detail: String,
    /// Name.
    pub name: String,
}

/// What a message says about its document; the incoming clerk sees and registers this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentHeader {
    /// Opaque identifier: usually `{OrganId},{yyyy/MM/dd},{number}/{symbol}`.
    pub document_id: String,
    /// `CodeNumber` as written.
    pub number: String,
    /// `CodeNotation`.
    pub notation: String,
    /// Place of issue.
    #[serde(default)]
    pub place: String,
    /// Date of the document.
    pub date: Option<Date>,
    /// Kind.
    #[serde(default)]
    pub kind: TypeText,
    /// Abstract.
    pub subject: String,
    /// Short content.
    #[serde(default)]
    pub content: String,
    /// Who signed, in words.
    #[serde(default)]
    pub signer: SignerTitle,
    /// Answer wanted by.
    #[serde(default)]
    pub due_date: Option<Date>,
    /// Lines of `Nơi nhận`.
    #[serde(default)]
    pub places: Vec<String>,
    /// Urgency.
    #[serde(default)]
    pub priority: Priority,
    /// Scope of circulation.
    #[serde(default)]
    pub sphere: String,
    /// Drafter's initials or unit (`TyperNotation`).
    #[serde(default)]
    pub typist: String,
    /// Number of copies.
    #[serde(default)]
    pub copies: Option<u32>,
    /// Number of pages.
    #[serde(default)]
    pub pages: Option<u32>,
    /// Names of appendixes.
    #[serde(default)]
    pub appendixes: Vec<String>,
    /// Documents it answers.
    #[serde(default)]
    pub response_for: Vec<ResponseFor>,
    /// `SteeringType` as written; samples carry 0.
    #[serde(default)]
    pub steering: String,
}

impl DocumentHeader {
    /// Number and symbol in one: `15/STTTT-CNTT`.
    pub fn code(&self) -> String {
        match (self.number.is_empty(), self.notation.is_empty()) {
            (false, false) => format!("{}/{}", self.number, self.notation),
            _ => format!("{}{}", self.number, self.notation),
        }
    }

    /// Number and symbol as the paper prints them, a zero in front of a number below 10
    /// (Phụ lục I ô 3); messages carry the bare number.
    pub fn printed_code(&self) -> String {
        let one_digit = matches!(self.number.as_bytes(), [b'1'..=b'9']);
        let zero = if one_digit { "0" } else { "" };
        format!("{zero}{}", self.code())
    }
}

/// A file in a message. Its bytes are not in JSON: they travel in the edXML and live in the blob store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Identifier inside the message, with its `cid:`.
    pub content_id: String,
    /// Name, already made safe to show.
    pub name: String,
    /// What it is, in words.
    #[serde(default)]
    pub description: String,
    /// Media type.
    pub content_type: String,
    /// The bytes.
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

/// A document on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Identifier of the message; absent in some peers' messages.
    pub id: Option<MessageId>,
    /// Sender.
    pub from: Party,
    /// Recipients, at least one.
    pub to: Vec<Party>,
    /// What it says about the document.
    pub header: DocumentHeader,
    /// What it does.
    #[serde(default)]
    pub business: Business,
    /// Where it passed.
    #[serde(default)]
    pub traces: Vec<Trace>,
    /// The files, the document itself first.
    pub attachments: Vec<Attachment>,
}

/// A status on its way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusMessage {
    /// Who reports it.
    pub from: Party,
    /// The document it is about.
    pub response_for: ResponseFor,
    /// Who handled it.
    #[serde(default)]
    pub staff: Staff,
    /// The status.
    pub status: StatusCode,
    /// Words; the reason where one is demanded.
    #[serde(default)]
    pub description: String,
    /// When.
    pub at: Instant,
}
