//! Cryptographic Message Syntax (RFC 5652) as PAdES uses it (EN 319 142-1 clause 6.2): reading every
//! SignedData that occurs, building only detached ones with one signer.
//!
//! Facts only; neither PDF nor policy is known here.

pub mod attribute;
pub mod build;
pub mod signed_data;
pub mod timestamp;

pub use crate::crypto::der;
pub use attribute::{Attribute, Attributes, EssCertId};
pub use build::{Embedded, estimated_size, signed_attributes, signed_data as build_signed_data};
pub use signed_data::{SignedData, SignerIdentifier, SignerInfo};

use crate::x509::X509Error;

/// Why bytes cannot be read as SignedData, or one cannot be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CmsError {
    /// The structure is not that of RFC 5652.
    #[error("malformed CMS: {0}")]
    Der(#[from] der::DerError),
    /// A ContentInfo of another type, such as EnvelopedData.
    #[error("not SignedData but content of type {oid}")]
    NotSignedData {
        /// Its content type, dotted.
        oid: String,
    },
    /// More elements than are looked at.
    #[error("more than {allowed} {what}")]
    TooMany {
        /// Elements of what.
        what: &'static str,
        /// How many are read.
        allowed: usize,
    },
    /// A certificate to be embedded is malformed.
    #[error(transparent)]
    Certificate(#[from] X509Error),
    /// SignedData over something else than a time stamp (RFC 3161 2.4.2).
    #[error("not a time stamp but a signature over {content}")]
    NotATimeStamp {
        /// Type of its content, dotted.
        content: String,
    },
    /// No certificate was given for the signer.
    #[error("no certificate for the signer")]
    NoCertificate,
}

impl CmsError {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Der(_) => "malformed_cms",
            Self::NotSignedData { .. } => "not_signed_data",
            Self::TooMany { .. } => "cms_too_large",
            Self::Certificate(error) => error.code(),
            Self::NotATimeStamp { .. } => "not_a_time_stamp",
            Self::NoCertificate => "no_certificate",
        }
    }
}

/// Something unusual that was tolerated while reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CmsFinding {
    /// Indefinite or over-long lengths: BER where ISO 32000-2 12.8.3.3.1 asks for DER.
    Ber,
    /// Bytes other than 00 after the structure.
    TrailingBytes {
        /// How many bytes follow, zeros included.
        count: usize,
    },
    /// An entry of `certificates` that is no readable X.509 certificate.
    UnreadableCertificate {
        /// Its place, from 0.
        index: usize,
    },
    /// Another version of SignedData or SignerInfo than its contents call for (RFC 5652 5.1, 5.3).
    Version {
        /// The version that is there.
        found: u64,
    },
    /// Signed attributes that are not in DER order; they are hashed as they are.
    UnsortedSignedAttributes,
    /// An attribute that occurs twice, or that has not exactly one value where one is required.
    AttributeCount {
        /// Its type, dotted.
        oid: String,
    },
}

impl CmsFinding {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Ber => "cms_ber",
            Self::TrailingBytes { .. } => "cms_trailing_bytes",
            Self::UnreadableCertificate { .. } => "cms_unreadable_certificate",
            Self::Version { .. } => "cms_version",
            Self::UnsortedSignedAttributes => "cms_unsorted_signed_attributes",
            Self::AttributeCount { .. } => "cms_attribute_count",
        }
    }
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
