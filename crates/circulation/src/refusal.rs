//! Every refusal of this crate: values and a stable code; its words in Vietnamese and English live below.

mod edxml;
mod words;

use serde::{Deserialize, Serialize};

use crate::date::{Date, Instant};
use crate::id::{MessageId, Sha256Hex};
use crate::organ::OrganId;
use crate::person::Role;
pub use words::Words;

/// Why something was not done. Nothing changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{}: {}", self.code(), self.words().problem_en)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Refusal {
    /// An identifier has characters or a length it may not have.
    InvalidIdentifier {
        /// What it should identify.
        kind: String,
    },
    /// A code that QĐ 20/2020/QĐ-TTg does not allow.
    InvalidOrganId,
    /// A status code the standard does not know.
    UnknownStatusCode {
        /// What was read.
        given: String,
    },
    /// A field is empty that may not be.
    FieldMissing {
        /// The field.
        field: String,
    },
    /// A field is longer than allowed.
    FieldTooLong {
        /// The field.
        field: String,
        /// Most characters allowed.
        limit: usize,
    },
    /// A field has a value that makes no sense.
    FieldInvalid {
        /// The field.
        field: String,
    },
    /// There is not exactly one main PDF.
    MainFileMissing,
    /// The dossier belongs to another organisation.
    OtherOrganisation,
    /// The actor has none of the roles that may do this.
    RoleMissing {
        /// The roles that may.
        needed: Vec<Role>,
    },
    /// Somebody other than the clerk wants to use the organisation's key (NĐ 30/2020 Điều 32).
    NotTheClerk,
    /// The command does not fit the state.
    WrongState {
        /// The command.
        command: String,
        /// The state.
        state: String,
    },
    /// An issued document is to be changed.
    EditAfterIssue,
    /// A secret document on an open network.
    SecretOnOpenNetwork,
    /// A recipient is not in the directory, or no longer exists.
    RecipientUnknown {
        /// Its code.
        organ: OrganId,
    },
    /// A recipient is named twice, in whichever form of its code.
    RecipientTwice {
        /// Its code.
        organ: OrganId,
    },
    /// Somebody else changed the file meanwhile.
    FileChanged {
        /// The file as it is now.
        current: Sha256Hex,
    },
    /// The file has no signature in the named field.
    SignatureMissing {
        /// The field.
        field: String,
    },
    /// A signature does not hold.
    SignatureInvalid {
        /// The field.
        field: String,
        /// Indication of the verifier.
        indication: String,
    },
    /// The organisation would sign before the competent person (Điều 32).
    SealBeforeSignature,
    /// The certificate is not registered here.
    CertificateUnknown,
    /// The certificate is registered to somebody else than the one who acts.
    WrongKeyHolder,
    /// The certificate has expired.
    CertificateExpired {
        /// End of its validity.
        not_after: Instant,
    },
    /// The certificate is not valid yet.
    CertificateNotYetValid {
        /// Start of its validity.
        not_before: Instant,
    },
    /// The certificate was withdrawn from use.
    CertificateWithdrawn {
        /// The certificate.
        sha256: Sha256Hex,
    },
    /// The number is given already (Điều 15: unique in the year).
    NumberUsed {
        /// The number.
        number: u32,
    },
    /// The number would leave a gap.
    NumberGap {
        /// The number.
        number: u32,
        /// The next one.
        next: u32,
    },
    /// A number is the System's to give (Điều 15).
    ManualNumber,
    /// No number is left in the sequence.
    NumbersExhausted,
    /// The date is not the day of issue.
    DateNotToday {
        /// The date asked for.
        date: Date,
        /// Today in Viet Nam.
        today: Date,
    },
    /// The last number has a later date: somebody's clock is wrong.
    DateBeforeLast {
        /// Today by the caller's clock.
        date: Date,
        /// Date of the last number.
        last: Date,
    },
    /// The register facts are missing or of another sequence; a fault of the caller.
    RegisterMismatch,
    /// Dispatch without a date.
    NoDate,
    /// Dispatch without a number.
    NoNumber,
    /// Dispatch without a file.
    NoFile,
    /// Dispatch without recipients.
    NoRecipient,
    /// Not one fresh message for each recipient; a fault of the caller.
    MessageCount {
        /// Needed.
        needed: usize,
        /// Given.
        given: usize,
    },
    /// No delivery of this document has this message.
    DeliveryUnknown {
        /// The message.
        message: MessageId,
    },
    /// A status or receipt from an organisation that is not the recipient.
    NotTheRecipient {
        /// Who sent it.
        from: OrganId,
    },
    /// A rejection or return without a reason.
    ReasonMissing,
    /// Registering a document with a signature that does not hold, without a recorded doubt (Điều 21.2).
    RegisterInvalidSignature,
    /// Registering a document that is not for us (Điều 21.2: return it).
    RegisterWrongAddressee,
    /// Registering a document whose sender is not who it says, without a recorded doubt.
    RegisterSenderMismatch,
}

impl Refusal {
    /// Stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidIdentifier { .. } => "invalid_identifier",
            Self::InvalidOrganId => "invalid_organ_id",
            Self::UnknownStatusCode { .. } => "unknown_status_code",
            Self::FieldMissing { .. } => "field_missing",
            Self::FieldTooLong { .. } => "field_too_long",
            Self::FieldInvalid { .. } => "field_invalid",
            Self::MainFileMissing => "main_file_missing",
            Self::OtherOrganisation => "other_organisation",
            Self::RoleMissing { .. } => "role_missing",
            Self::NotTheClerk => "not_the_clerk",
            Self::WrongState { .. } => "wrong_state",
            Self::EditAfterIssue => "edit_after_issue",
            Self::SecretOnOpenNetwork => "secret_on_open_network",
            Self::RecipientUnknown { .. } => "recipient_unknown",
            Self::RecipientTwice { .. } => "recipient_twice",
            Self::FileChanged { .. } => "file_changed",
            Self::SignatureMissing { .. } => "signature_missing",
            Self::SignatureInvalid { .. } => "signature_invalid",
            Self::SealBeforeSignature => "seal_before_signature",
            Self::CertificateUnknown => "certificate_unknown",
            Self::WrongKeyHolder => "wrong_key_holder",
            Self::CertificateExpired { .. } => "certificate_expired",
            Self::CertificateNotYetValid { .. } => "certificate_not_yet_valid",
            Self::CertificateWithdrawn { .. } => "certificate_withdrawn",
            Self::NumberUsed { .. } => "number_used",
            Self::NumberGap { .. } => "number_gap",
            Self::ManualNumber => "manual_number",
            Self::NumbersExhausted => "numbers_exhausted",
            Self::DateNotToday { .. } => "date_not_today",
            Self::DateBeforeLast { .. } => "date_before_last",
            Self::RegisterMismatch => "register_mismatch",
            Self::NoDate => "no_date",
            Self::NoNumber => "no_number",
            Self::NoFile => "no_file",
            Self::NoRecipient => "no_recipient",
            Self::MessageCount { .. } => "message_count",
            Self::DeliveryUnknown { .. } => "delivery_unknown",
            Self::NotTheRecipient { .. } => "not_the_recipient",
            Self::ReasonMissing => "reason_missing",
            Self::RegisterInvalidSignature => "register_invalid_signature",
            Self::RegisterWrongAddressee => "register_wrong_addressee",
            Self::RegisterSenderMismatch => "register_sender_mismatch",
        }
    }
}
