//! From facts to a judgement: pure functions, nothing is looked up here.
//!
//! One signature: EN 319 102-1 clause 5.3 (basic signatures), with one deliberate difference in
//! order. What fails for good (the bytes, the mathematics, the coverage, forbidden changes) is
//! reported before what is merely undecided (trust, time, algorithms), so that a tampered letter
//! never hides behind a missing root certificate. `conclude.table` beside this file is the truth
//! table.

use crate::policy::RevocationDemand;
use crate::report::model::{Coverage, DigestCheck, Official, Revocation, SignatureCheck, SignerClass};
use crate::verdict::{Indication, SubIndication, Verdict};

/// What was found about one signature, as far as it matters for the judgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// Whether signature dictionary, byte range and CMS are what the standards ask for.
    pub format: Format,
    /// Whether the signer's certificate is known.
    pub certificate: SigningCertificate,
    /// Digest of the signed bytes.
    pub digest: DigestCheck,
    /// Signature mathematics.
    pub signature: SignatureCheck,
    /// How much of its revision is signed.
    pub coverage: Coverage,
    /// What later revisions did.
    pub changes: LaterChanges,
    /// Where the certificate leads.
    pub chain: Chain,
    /// Whether the certificate was issued for signing documents.
    pub usage_fits: bool,
    /// The time of judgement against the certificate's validity.
    pub period: Period,
    /// Whether the claimed signing time, if there is one, is inside the certificate's validity
    /// (TT 15/2025 Phụ lục II).
    pub claimed_time_fits: bool,
    /// Whether the policy accepts digest, signature algorithm and key.
    pub algorithm_acceptable: bool,
    /// Revocation status.
    pub revocation: Revocation,
    /// Whether the status is unknown only because nothing proves how old the evidence is.
    pub evidence_lacks_proof: bool,
    /// Whether a time stamp proves when the signature existed; `period` is about that time then.
    pub proven: bool,
    /// Whether the time stamps follow each other as they must.
    pub stamps_in_order: bool,
    /// What a content time stamp shows: something had happened to the certificate before signing.
    pub made_after: MadeAfter,
}

/// What had happened before signing, by the word of a time stamp that was signed too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MadeAfter {
    /// Nothing known.
    Nothing,
    /// The certificate had been taken back.
    Revocation,
    /// The certificate had expired.
    Expiry,
}

/// State of the signature's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// As the standards ask.
    Sound,
    /// A kind that this version cannot judge.
    Unsupported,
    /// Breaks the standards.
    Broken,
}

/// State of the signing certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningCertificate {
    /// Present, and the signature commits to it where it must.
    Found,
    /// Not in the CMS.
    NotFound,
    /// The signature commits to another certificate.
    Mismatch,
    /// The signature had to commit to a certificate and does not.
    ReferenceMissing,
}

/// State of the revisions after the signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LaterChanges {
    /// None, or only allowed ones.
    Allowed,
    /// At least one that is not allowed.
    Forbidden,
    /// They could not be compared.
    Unexamined,
}

/// State of the certificate path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chain {
    /// Ends in an anchor.
    Trusted,
    /// No path to an anchor, or no anchors.
    None,
    /// A path, but not a valid one.
    Invalid,
    /// An authority on the path was taken back.
    Revoked,
}

/// The time of judgement against a validity period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// Inside.
    Inside,
    /// The certificate was not valid yet.
    Before,
    /// It had expired.
    After,
}

/// Main status and reason of one signature.
pub type Conclusion = (Indication, Option<SubIndication>);

/// Judges one signature.
pub fn conclude(facts: &Facts, demand: RevocationDemand) -> Conclusion {
    if let Some(failure) = failure(facts) {
        return (Indication::TotalFailed, Some(failure));
    }
    if let Some(reason) = doubt(facts, demand) {
        return (Indication::Indeterminate, reason);
    }
    (Indication::TotalPassed, None)
}

/// What no further evidence can mend. A certified or signed document that was changed beyond what is
/// allowed counts as FORMAT_FAILURE: the standard has no name of its own for it.
fn failure(facts: &Facts) -> Option<SubIndication> {
    if facts.format == Format::Broken {
        Some(SubIndication::FormatFailure)
    } else if facts.digest == DigestCheck::Mismatch {
        Some(SubIndication::HashFailure)
    } else if facts.signature == SignatureCheck::Bad {
        Some(SubIndication::SigCryptoFailure)
    } else if facts.coverage == Coverage::Partial || facts.changes == LaterChanges::Forbidden {
        Some(SubIndication::FormatFailure)
    } else if facts.chain == Chain::Trusted && facts.proven && facts.period == Period::Before {
        // Clause 5.5.4: it is proven to be older than its own certificate.
        Some(SubIndication::NotYetValid)
    } else {
        match facts.made_after {
            _ if facts.chain != Chain::Trusted => None,
            MadeAfter::Nothing => None,
            MadeAfter::Revocation => Some(SubIndication::Revoked),
            MadeAfter::Expiry => Some(SubIndication::Expired),
        }
    }
}

/// What keeps a signature from passing for now; the inner value is the standard's reason, where it
/// has a name for it.
fn doubt(facts: &Facts, demand: RevocationDemand) -> Option<Option<SubIndication>> {
    if let Some(reason) = doubt_about_identity(facts) {
        return Some(reason);
    }
    match facts.chain {
        Chain::None => return Some(Some(SubIndication::NoCertificateChainFound)),
        Chain::Invalid => return Some(Some(SubIndication::CertificateChainGeneralFailure)),
        Chain::Revoked => return Some(Some(SubIndication::RevokedCaNoPoe)),
        Chain::Trusted => {}
    }
    if !facts.usage_fits {
        return Some(Some(SubIndication::ChainConstraintsFailure));
    }
    if facts.revocation == Revocation::Revoked {
        // Without a proof of time nobody knows whether signing came before revocation.
        return Some(Some(SubIndication::RevokedNoPoe));
    }
    match (facts.period, facts.revocation) {
        (Period::Inside, _) => {}
        // Ended, and known to have been good as long as it stood.
        (Period::After, Revocation::Good) => return Some(Some(SubIndication::OutOfBoundsNotRevoked)),
        _ => return Some(Some(SubIndication::OutOfBoundsNoPoe)),
    }
    if !facts.stamps_in_order {
        return Some(Some(SubIndication::TimestampOrderFailure));
    }
    if !facts.claimed_time_fits {
        return Some(Some(SubIndication::SigConstraintsFailure));
    }
    if !facts.algorithm_acceptable {
        return Some(Some(SubIndication::CryptoConstraintsFailureNoPoe));
    }
    if facts.revocation != Revocation::Good && demand == RevocationDemand::Required {
        return Some(Some(match facts.evidence_lacks_proof {
            true => SubIndication::RevocationOutOfBoundsNoPoe,
            false => SubIndication::TryLater,
        }));
    }
    None
}

fn doubt_about_identity(facts: &Facts) -> Option<Option<SubIndication>> {
    if facts.format == Format::Unsupported || facts.changes == LaterChanges::Unexamined {
        return Some(None);
    }
    match facts.certificate {
        SigningCertificate::NotFound | SigningCertificate::Mismatch => {
            return Some(Some(SubIndication::NoSigningCertificateFound));
        }
        SigningCertificate::ReferenceMissing => return Some(Some(SubIndication::SigConstraintsFailure)),
        SigningCertificate::Found => {}
    }
    let checked = facts.digest == DigestCheck::Ok && facts.signature == SignatureCheck::Ok;
    (!checked).then_some(None)
}

/// The verdict on a document from those on its signatures.
pub fn verdict(indications: &[Indication]) -> Verdict {
    if indications.is_empty() {
        Verdict::Unsigned
    } else if indications.contains(&Indication::TotalFailed) {
        Verdict::Invalid
    } else if indications.contains(&Indication::Indeterminate) {
        Verdict::Indeterminate
    } else {
        Verdict::Valid
    }
}

/// Whether a document is a complete official one (NĐ 30/2020 Điều 5): the competent person's and the
/// organisation's signatures, both valid, and none that is not. `signers` are class and indication
/// of each signature.
pub fn official(signers: &[(SignerClass, Indication)]) -> Official {
    let valid = |class| {
        let count = signers.iter().filter(|signer| **signer == (class, Indication::TotalPassed)).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    };
    let (leader, seal) = (valid(SignerClass::Personal), valid(SignerClass::Organisation));
    let mut reasons = Vec::new();
    if leader == 0 {
        reasons.push("no_valid_personal_signature".to_owned());
    }
    if seal == 0 {
        reasons.push("no_valid_organisation_signature".to_owned());
    }
    if signers.iter().any(|(_, indication)| *indication != Indication::TotalPassed) {
        reasons.push("some_signature_not_valid".to_owned());
    }
    Official { complete: reasons.is_empty(), leader, seal, reasons }
}

#[cfg(test)]
mod tests;
