//! `Err` means: the job could not be done. A bad signature is a verdict, never an error.
//!
//! Each floor has its own error with the values a reader needs; this one is what [`crate::sign`] and
//! [`crate::verify`] hand out. A stable `code` names each cause on every surface (JSON, HTTP, CLI);
//! sentences for people, in Vietnamese and English, are made from it in `report::words`.

use crate::limits::LimitExceeded;
use crate::source::SourceError;

/// The document could not be read as a PDF.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PdfError {
    /// No `%PDF-` header in the first 1024 bytes.
    #[error("not a PDF: no %PDF- header in the first 1024 bytes")]
    NotPdf,
    /// The file ends before its own structure does (no `startxref`, a table past the end).
    #[error("truncated: {what} missing at byte {at}")]
    Truncated {
        /// Byte offset where it should have been.
        at: u64,
        /// What is missing.
        what: &'static str,
    },
    /// The bytes are not what the grammar wants there.
    #[error("malformed {what} at byte {at}")]
    Malformed {
        /// Byte offset.
        at: u64,
        /// What was being read.
        what: &'static str,
    },
    /// A required entry is missing or of another type.
    #[error("object {object}: {key} is missing or not a {expected}")]
    WrongType {
        /// The object, as in `12 0`; `trailer` for the trailer.
        object: String,
        /// The key.
        key: String,
        /// What it should be.
        expected: &'static str,
    },
    /// References or page or field trees form a loop.
    #[error("a loop of references through object {object}")]
    Loop {
        /// One object on the loop.
        object: String,
    },
    /// Encrypted, and it was opened without a way to decrypt.
    #[error("the document is encrypted")]
    Encrypted,
    /// Encrypted; the empty user password does not open it and no other was given.
    #[error("the document needs a password")]
    PasswordNeeded,
    /// The password given is neither the user's nor the owner's.
    #[error("the password does not open the document")]
    WrongPassword,
    /// Encrypted in a way that is not read here, as for the holders of certificates.
    #[error("unsupported encryption: {what}")]
    UnsupportedEncryption {
        /// The handler, method or feature.
        what: String,
    },
    /// A stream filter that this reader does not decode where it has to.
    #[error("object {object}: unsupported filter {filter}")]
    UnsupportedFilter {
        /// The object.
        object: String,
        /// Name of the filter.
        filter: String,
    },
    /// More work than the limits allow.
    #[error(transparent)]
    Limit(#[from] LimitExceeded),
    /// The bytes could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
}

impl PdfError {
    /// Whether what is written there is at fault, and not the amount of it or the reading: what is not
    /// needed may then be left alone.
    pub fn is_malformed(&self) -> bool {
        match self {
            Self::Malformed { .. }
            | Self::WrongType { .. }
            | Self::Loop { .. }
            | Self::Truncated { .. }
            | Self::UnsupportedFilter { .. } => true,
            Self::NotPdf
            | Self::Encrypted
            | Self::PasswordNeeded
            | Self::WrongPassword
            | Self::UnsupportedEncryption { .. }
            | Self::Limit(_)
            | Self::Source(_) => false,
        }
    }

    /// Stable word for this cause.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotPdf => "not_pdf",
            Self::Truncated { .. } => "truncated",
            Self::Malformed { .. } | Self::WrongType { .. } => "malformed_pdf",
            Self::Loop { .. } => "reference_loop",
            Self::Encrypted => "encrypted",
            Self::PasswordNeeded => "password_needed",
            Self::WrongPassword => "wrong_password",
            Self::UnsupportedEncryption { .. } => "unsupported_encryption",
            Self::UnsupportedFilter { .. } => "unsupported_filter",
            Self::Limit(_) => "limit_exceeded",
            Self::Source(_) => "unreadable",
        }
    }
}
