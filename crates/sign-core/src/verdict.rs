//! The words for judgements: ETSI EN 319 102-1 indications and the four verdicts of a document.
//!
//! Only words; how one is reached lives in `verify`.

use serde::{Deserialize, Serialize};

/// The verdict on a whole document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every signature is TOTAL-PASSED.
    Valid,
    /// At least one signature is TOTAL-FAILED.
    Invalid,
    /// None failed, at least one could not be decided.
    Indeterminate,
    /// There is no signature.
    Unsigned,
}

/// Main status of one signature (EN 319 102-1 clause 5.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
pub enum Indication {
    /// All checks of the policy passed.
    TotalPassed,
    /// A check failed for good.
    TotalFailed,
    /// What is known does not decide it.
    #[serde(rename = "INDETERMINATE")]
    Indeterminate,
}

/// Why a signature is not TOTAL-PASSED (EN 319 102-1 tables 5 and 6, by their names).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs, reason = "the names are the standard's; its tables define them")]
pub enum SubIndication {
    FormatFailure,
    HashFailure,
    SigCryptoFailure,
    Revoked,
    Expired,
    NotYetValid,
    SigConstraintsFailure,
    ChainConstraintsFailure,
    CertificateChainGeneralFailure,
    CryptoConstraintsFailure,
    PolicyProcessingError,
    SignaturePolicyNotAvailable,
    TimestampOrderFailure,
    NoSigningCertificateFound,
    NoCertificateChainFound,
    RevokedNoPoe,
    RevokedCaNoPoe,
    OutOfBoundsNoPoe,
    OutOfBoundsNotRevoked,
    RevocationOutOfBoundsNoPoe,
    CryptoConstraintsFailureNoPoe,
    NoPoe,
    TryLater,
    SignedDataNotFound,
}

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Somebody should look.
    Warning,
    /// Reason why the signature does not pass.
    Error,
}
