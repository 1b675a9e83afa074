//! Why a use case could not be carried out: facts and a stable code, no HTTP words.
//!
//! Sentences for people come from `words`; status codes from `error`.

use crate::words;
use circulation::{Refusal, exchange::edxml::EdxmlError, refusal::Words};
use circulation_store::StoreError;
use sign_core::crypto::key::KeyError;
use sign_core::error::PdfError;
use sign_core::report::model::ErrorWords;
use sign_core::sign::SignError;
use sign_io::longterm::RaiseError;
use sign_io::pkcs11::TokenError;

/// The sort of failure, which decides how a surface reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The request itself is not understood.
    Malformed,
    /// Nobody has said who is asking, or the key is unknown.
    NotSignedIn,
    /// The asker is known and may not do this.
    Forbidden,
    /// There is no such thing for this asker.
    NotFound,
    /// Nothing is done this way at that address.
    MethodNotAllowed,
    /// It does not fit the present state.
    Conflict,
    /// More bytes than the limit.
    TooLarge,
    /// Understood, but its content cannot be used.
    Unusable,
    /// Too much work at once; the same request may succeed later.
    Busy,
    /// It took longer than the limit.
    TimedOut,
    /// Our fault; the cause is in the log only.
    Internal,
}

/// One failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What sort it is.
    pub kind: Kind,
    /// Stable word for the cause.
    pub code: String,
    /// The values a reader needs, in English; never a secret.
    pub detail: String,
    /// Sentences for people.
    pub words: Box<ErrorWords>,
}

impl Failure {
    /// A failure whose sentences are in this server's own table.
    pub fn new(kind: Kind, code: &str, detail: impl Into<String>) -> Self {
        Self { kind, code: code.to_owned(), detail: detail.into(), words: Box::new(words::of(code)) }
    }

    /// A failure whose sentences are in the report's table.
    pub fn from_words(code: &str, detail: impl Into<String>) -> Self {
        explained(Kind::Unusable, code, detail.into())
    }

    /// The request is not understood.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(Kind::Malformed, "malformed_request", detail)
    }

    /// There is no such thing for this asker. What belongs to others looks the same as what is not there.
    pub fn not_found(what: &str) -> Self {
        Self::new(Kind::NotFound, "not_found", format!("no such {what}"))
    }

    /// Known, and not allowed.
    pub fn forbidden(code: &str, detail: impl Into<String>) -> Self {
        Self::new(Kind::Forbidden, code, detail)
    }

    /// Understood, but the content cannot be used.
    pub fn unusable(code: &str, detail: impl Into<String>) -> Self {
        Self::new(Kind::Unusable, code, detail)
    }

    /// It does not fit the present state.
    pub fn conflict(code: &str, detail: impl Into<String>) -> Self {
        Self::new(Kind::Conflict, code, detail)
    }

    /// Our fault. The cause is logged here and never shown.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "internal failure");
        Self::new(Kind::Internal, "internal", "")
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound { what, .. } => Self::not_found(what),
            StoreError::Conflict { what: "idempotency_key", detail } => {
                Self::unusable("idempotency_key_reused", detail)
            }
            StoreError::Conflict { what: "message", detail } => Self::conflict("message_id_reused", detail),
            StoreError::Conflict { what, detail } => Self::conflict("conflict", format!("{what}: {detail}")),
            StoreError::Busy => Self::new(Kind::Busy, "busy", "database"),
            StoreError::DiskFull => {
                tracing::error!("no space left");
                Self::new(Kind::Internal, "disk_full", "")
            }
            other => {
                let cause = std::error::Error::source(&other).map(ToString::to_string).unwrap_or_default();
                Self::internal(format!("{other}: {cause}"))
            }
        }
    }
}

/// A cause from the signing floors, with the sentences kept there.
fn explained(kind: Kind, code: &str, detail: String) -> Failure {
    let words = Box::new(sign_core::report::words::error(code, ""));
    Failure { kind, code: code.to_owned(), detail, words }
}

impl From<PdfError> for Failure {
    fn from(error: PdfError) -> Self {
        let kind = if matches!(error, PdfError::Source(_)) { Kind::Internal } else { Kind::Unusable };
        explained(kind, error.code(), error.to_string())
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        explained(Kind::Unusable, error.code(), error.to_string())
    }
}

impl From<TokenError> for Failure {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Key(key) => key.into(),
            other => explained(Kind::Unusable, other.code(), other.to_string()),
        }
    }
}

impl From<SignError> for Failure {
    fn from(error: SignError) -> Self {
        let kind = match &error {
            SignError::State(state) => super::prepared::kind_of(state),
            _ => Kind::Unusable,
        };
        explained(kind, error.code(), error.to_string())
    }
}

impl From<RaiseError> for Failure {
    fn from(error: RaiseError) -> Self {
        match error {
            RaiseError::Pdf(pdf) => pdf.into(),
            RaiseError::Sign(sign) => sign.into(),
            other => explained(Kind::Unusable, other.code(), other.to_string()),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        refused(kind_of(&refusal), refusal.code(), String::new(), refusal.words())
    }
}

impl From<EdxmlError> for Failure {
    fn from(error: EdxmlError) -> Self {
        refused(Kind::Unusable, error.code(), error.to_string(), error.words())
    }
}

/// A cause from the circulation of documents, with the sentences kept there.
fn refused(kind: Kind, code: &str, detail: String, words: Words) -> Failure {
    let words = ErrorWords {
        code: code.to_owned(),
        message_vi: words.problem_vi,
        message_en: words.problem_en,
        hint_vi: words.hint_vi,
        hint_en: words.hint_en,
    };
    Failure { kind, code: code.to_owned(), detail, words: Box::new(words) }
}

/// What sort of failure a refusal is to the asker.
fn kind_of(refusal: &Refusal) -> Kind {
    use Refusal as R;
    match refusal {
        R::RoleMissing { .. } | R::NotTheClerk | R::WrongKeyHolder | R::NotTheRecipient { .. } => {
            Kind::Forbidden
        }
        R::OtherOrganisation | R::DeliveryUnknown { .. } => Kind::NotFound,
        R::InvalidIdentifier { .. }
        | R::InvalidOrganId
        | R::UnknownStatusCode { .. }
        | R::FieldMissing { .. }
        | R::FieldTooLong { .. }
        | R::FieldInvalid { .. }
        | R::MainFileMissing
        | R::SecretOnOpenNetwork
        | R::RecipientUnknown { .. }
        | R::RecipientTwice { .. }
        | R::SignatureMissing { .. }
        | R::SignatureInvalid { .. }
        | R::CertificateUnknown
        | R::CertificateExpired { .. }
        | R::CertificateNotYetValid { .. }
        | R::CertificateWithdrawn { .. }
        | R::ReasonMissing => Kind::Unusable,
        R::RegisterMismatch | R::MessageCount { .. } => Kind::Internal,
        _ => Kind::Conflict,
    }
}
