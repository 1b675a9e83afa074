//! The record of certificates: which certificate belongs to which person or organisation.
//! The certificates themselves, chains and revocation are a verifier's business, not this crate's.

use serde::{Deserialize, Serialize};

use crate::date::Instant;
use crate::id::{PersonId, Sha256Hex};
use crate::organ::OrganId;
use crate::refusal::Refusal;

/// Whose key made a signature, as far as the certificate tells (NĐ 30/2020 Điều 5 asks for one of each of the
/// first two).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignerClass {
    /// A natural person.
    Personal,
    /// An organisation (its seal).
    Organisation,
    /// A time-stamping authority.
    Tsa,
    /// It does not tell.
    Unknown,
}

/// Whom a certificate was registered to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Holder {
    /// A person's own key.
    Person {
        /// The person.
        person: PersonId,
    },
    /// The organisation's key, which only the clerk uses (NĐ 30/2020 Điều 32).
    Organisation {
        /// The organisation.
        organisation: OrganId,
    },
}

/// A registered certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateRecord {
    /// SHA-256 of the DER certificate.
    pub sha256: Sha256Hex,
    /// The organisation whose record this is.
    pub organisation: OrganId,
    /// Whom it belongs to.
    pub holder: Holder,
    /// Subject as text, for people to read.
    pub subject: String,
    /// What kind of signer it names.
    pub class: SignerClass,
    /// Start of validity.
    pub not_before: Instant,
    /// End of validity.
    pub not_after: Instant,
    /// Withdrawn from use here (lost, replaced); revocation by its issuer is the verifier's finding.
    #[serde(default)]
    pub withdrawn: bool,
}

impl CertificateRecord {
    /// Refuses a certificate that is not usable at `at` (signing with an expired certificate is refused before
    /// the file is touched: TT 15/2025/TT-BKHCN).
    pub fn check_usable(&self, at: Instant) -> Result<(), Refusal> {
        if self.withdrawn {
            return Err(Refusal::CertificateWithdrawn { sha256: self.sha256.clone() });
        }
        if at < self.not_before {
            return Err(Refusal::CertificateNotYetValid { not_before: self.not_before });
        }
        if at > self.not_after {
            return Err(Refusal::CertificateExpired { not_after: self.not_after });
        }
        Ok(())
    }
}
