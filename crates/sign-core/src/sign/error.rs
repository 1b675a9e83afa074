//! Why a document could not be signed. Each cause has a stable word and the values a reader needs;
//! the sentences for people are in `report::words`.

use super::stamp::StampError;
use super::waiting::StateError;
use crate::cms::CmsError;
use crate::crypto::CryptoError;
use crate::crypto::key::KeyError;
use crate::error::PdfError;
use crate::limits::LimitExceeded;
use crate::pades::appearance::AppearanceError;
use crate::source::SourceError;
use crate::time::Time;
use crate::x509::X509Error;

/// Why a document could not be signed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The document cannot be read.
    #[error(transparent)]
    Pdf(#[from] PdfError),
    /// The key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A certificate cannot be read.
    #[error(transparent)]
    Certificate(#[from] X509Error),
    /// The signature value cannot be put into a CMS.
    #[error(transparent)]
    Cms(#[from] CmsError),
    /// The digest or signature algorithm cannot be used.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// The picture or text cannot be drawn.
    #[error(transparent)]
    Appearance(#[from] AppearanceError),
    /// What was kept between two steps cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// The signature could not be time-stamped.
    #[error(transparent)]
    Stamp(#[from] StampError),
    /// No certificate came with the key.
    #[error("the key comes without a certificate")]
    NoCertificate,
    /// TT 15/2025 A1: the certificate is checked before signing.
    #[error("certificate of {subject} expired at {not_after}")]
    CertificateExpired {
        /// Subject, RFC 4514.
        subject: String,
        /// Last second of validity.
        not_after: Time,
    },
    /// TT 15/2025 A1.
    #[error("certificate of {subject} is not valid before {not_before}")]
    CertificateNotYetValid {
        /// Subject, RFC 4514.
        subject: String,
        /// First second of validity.
        not_before: Time,
    },
    /// TT 15/2025 A1: the signer's certificate, or an authority's above it.
    #[error("certificate of {subject} was revoked at {revoked_at}")]
    CertificateRevoked {
        /// Subject, RFC 4514.
        subject: String,
        /// Since when.
        revoked_at: Time,
    },
    /// The certificate's key usage has neither digitalSignature nor nonRepudiation.
    #[error("certificate of {subject} is not for signing")]
    CertificateNotForSigning {
        /// Subject, RFC 4514.
        subject: String,
    },
    /// The key is too weak for a new signature (TT 15/2025 Phụ lục I).
    #[error("key of {bits} bits, at least {needed} are needed")]
    WeakKey {
        /// Bits of the key.
        bits: u32,
        /// The least allowed.
        needed: u32,
    },
    /// The digest is not allowed in a new signature (TT 15/2025 Phụ lục I).
    #[error("digest {name} is not allowed in new signatures")]
    WeakDigest {
        /// As in `SHA-1`.
        name: String,
    },
    /// An algorithm that no standard for PDF names yet, without
    /// [`SignRequest::experimental`](super::SignRequest::experimental).
    #[error("{algorithm} is experimental in PDF")]
    ExperimentalAlgorithm {
        /// Its name.
        algorithm: String,
    },
    /// No field of this name.
    #[error("no field named {name:?}")]
    FieldNotFound {
        /// Fully qualified name.
        name: String,
    },
    /// The field is there but of another type.
    #[error("field {name:?} is not a {expected} field")]
    WrongFieldType {
        /// Fully qualified name.
        name: String,
        /// `signature` or `text`.
        expected: &'static str,
    },
    /// The field holds a signature.
    #[error("field {name:?} is already signed")]
    FieldAlreadySigned {
        /// Fully qualified name.
        name: String,
    },
    /// A new field would repeat a name.
    #[error("a field named {name:?} already exists")]
    FieldExists {
        /// Fully qualified name.
        name: String,
    },
    /// A field name that cannot be a partial name (ISO 32000-2 12.7.4.2).
    #[error("not a field name: {name:?}")]
    BadFieldName {
        /// The name.
        name: String,
    },
    /// A signed field lock forbids changing the field.
    #[error("field {name:?} is locked by an earlier signature")]
    FieldLocked {
        /// Fully qualified name.
        name: String,
    },
    /// The document is certified with P=1.
    #[error("the document is certified and allows no changes")]
    CertifiedNoChanges,
    /// Certifying is for the first signature.
    #[error("the document already has {signatures} signature(s); only the first one can certify")]
    NotFirstSignature {
        /// How many it has.
        signatures: usize,
    },
    /// A draft that is to be frozen carries signatures.
    #[error("the document already has {signatures} signature(s)")]
    AlreadySigned {
        /// How many it has.
        signatures: usize,
    },
    /// No such page.
    #[error("no page {page}; the document has {pages}")]
    NoSuchPage {
        /// Counted from 1.
        page: usize,
        /// How many there are.
        pages: usize,
    },
    /// A box without area, or not a number.
    #[error("not a box: {rect:?}")]
    BadRect {
        /// As given.
        rect: [f64; 4],
    },
    /// The permissions of an encrypted document forbid it to those without the owner password.
    #[error("the document does not permit its users to {needs}")]
    NotPermitted {
        /// What would have to be allowed, with its bits in `/P`.
        needs: &'static str,
    },
    /// A form that an XFA processor shows instead of the pages.
    #[error("the document is an XFA form")]
    XfaForm,
    /// Whoever takes the signed file took no more of it.
    #[error("the signed file cannot be written: {reason}")]
    NotWritten {
        /// What kind of refusal it was.
        reason: String,
    },
    /// The document has content that can change its look, and the caller wanted none.
    #[error("the document has {}", codes.join(", "))]
    RiskyContent {
        /// Codes of [`crate::pades::scan`] that weigh as warnings.
        codes: Vec<&'static str>,
    },
    /// A binding seed value of the field (ISO 32000-2 table 237) that this signature does not meet.
    #[error("field {field:?} demands {constraint}")]
    SeedValueUnmet {
        /// Fully qualified name.
        field: String,
        /// Key of the constraint and what it wants, as in `DigestMethod SHA512`.
        constraint: String,
    },
    /// The CMS is longer than the room reserved for it.
    #[error("the signature needs {needed} bytes, {reserved} are reserved")]
    HoleTooSmall {
        /// Bytes of the CMS.
        needed: usize,
        /// Bytes of the hole.
        reserved: usize,
    },
}

impl SignError {
    /// Stable word for this cause, the same in JSON, HTTP and on the command line.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Pdf(e) => e.code(),
            Self::Key(e) => e.code(),
            Self::Certificate(_) => "bad_certificate",
            Self::Cms(_) => "bad_cms",
            Self::Crypto(e) => e.code(),
            Self::Appearance(AppearanceError::Image(_)) => "image_unreadable",
            Self::Appearance(_) => "text_not_drawable",
            Self::State(e) => e.code(),
            Self::Stamp(e) => e.code,
            Self::NoCertificate => "no_certificate",
            Self::CertificateExpired { .. } => "certificate_expired",
            Self::CertificateNotYetValid { .. } => "certificate_not_yet_valid",
            Self::CertificateRevoked { .. } => "certificate_revoked",
            Self::CertificateNotForSigning { .. } => "certificate_not_for_signing",
            Self::WeakKey { .. } => "weak_key",
            Self::WeakDigest { .. } => "weak_digest",
            Self::ExperimentalAlgorithm { .. } => "experimental_algorithm",
            Self::FieldNotFound { .. } => "field_not_found",
            Self::WrongFieldType { .. } => "wrong_field_type",
            Self::FieldAlreadySigned { .. } => "field_already_signed",
            Self::FieldExists { .. } => "field_exists",
            Self::BadFieldName { .. } => "bad_field_name",
            Self::FieldLocked { .. } => "field_locked",
            Self::CertifiedNoChanges => "certified_no_changes",
            Self::NotFirstSignature { .. } => "not_first_signature",
            Self::AlreadySigned { .. } => "already_signed",
            Self::NoSuchPage { .. } => "no_such_page",
            Self::BadRect { .. } => "bad_rect",
            Self::NotPermitted { .. } => "change_not_permitted",
            Self::XfaForm => "xfa_form",
            Self::NotWritten { .. } => "output_not_writable",
            Self::RiskyContent { .. } => "risky_content",
            Self::SeedValueUnmet { .. } => "seed_value_unmet",
            Self::HoleTooSmall { .. } => "hole_too_small",
        }
    }

    pub(super) fn not_written(error: &std::io::Error) -> Self {
        Self::NotWritten { reason: error.kind().to_string() }
    }
}

impl From<LimitExceeded> for SignError {
    fn from(error: LimitExceeded) -> Self {
        Self::Pdf(error.into())
    }
}

impl From<SourceError> for SignError {
    fn from(error: SourceError) -> Self {
        Self::Pdf(error.into())
    }
}
