//! Why a use case could not be carried out: facts and a stable code, no HTTP words.
//!
//! Sentences for people come from `words`; status codes from `error`.

use crate::words;
use sign_core::error::PdfError;
use sign_core::report::model::ErrorWords;

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
    pub words: ErrorWords,
}

impl Failure {
    /// A failure whose sentences are in this server's own table.
    pub fn new(kind: Kind, code: &str, detail: impl Into<String>) -> Self {
        Self { kind, code: code.to_owned(), detail: detail.into(), words: words::of(code) }
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

impl From<PdfError> for Failure {
    fn from(error: PdfError) -> Self {
        let kind = if matches!(error, PdfError::Source(_)) { Kind::Internal } else { Kind::Unusable };
        Self::new(kind, error.code(), error.to_string())
    }
}
