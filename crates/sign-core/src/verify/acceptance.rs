//! Signature acceptance validation (EN 319 102-1 clause 5.2.8): whether the certificate was issued for this, and
//! whether algorithms and keys were good enough when the signature existed.

use super::Findings;
use super::format::Container;
use crate::crypto::DigestAlgorithm;
use crate::crypto::verify::{PublicKeyFacts, PublicKeyKind};
use crate::pades::extension;
use crate::policy::{AlgorithmJudgement, Policy};
use crate::report::model::AlgorithmFacts;
use crate::time::{Time, VIETNAM};
use crate::x509::Certificate;

/// Whether the certificate was issued for signing documents: no key usage, or one of the two that
/// fit (RFC 5280 4.2.1.3), and not a time-stamping unit's; for time stamps that alone (RFC 3161 2.3).
pub(super) fn usage_fits(container: &Container, certificate: &Certificate) -> bool {
    let usage = certificate.key_usage();
    let signs = usage.is_none_or(|usage| usage.digital_signature || usage.content_commitment);
    signs
        && match container.is_time_stamp() {
            true => certificate.is_for_time_stamping_only(),
            false => !certificate.is_for_time_stamping(),
        }
}

/// When algorithms have to be good enough.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    /// The time of judgement.
    pub(super) at: Time,
    /// When the signature existed at the latest, if somebody trusted says so.
    pub(super) proven: Option<Time>,
}

impl Moment {
    fn judge(self, policy: &Policy, digest: DigestAlgorithm, key: &PublicKeyFacts) -> AlgorithmJudgement {
        let kind = policy_kind(&key.kind);
        policy.judge_algorithm_since(digest.name(), kind, key.bits, self.at, self.proven)
    }

    /// Says that an algorithm is no longer safe, and since when the signature exists: it is old, not forged.
    fn tell_aged(self, what: impl std::fmt::Display, findings: &mut Findings) {
        let proven = self.proven.map(|time| time.in_offset(VIETNAM).to_string()).unwrap_or_default();
        findings.add_with("algorithm_no_longer_safe", format!("{what}; {proven}"));
    }
}

/// The algorithms, and whether the policy accepts them: digest of the content, digest inside the
/// signature, and the key.
pub(super) fn algorithm(
    container: &Container,
    certificate: Option<&Certificate>,
    policy: &Policy,
    moment: Moment,
    findings: &mut Findings,
) -> AlgorithmFacts {
    let signer = container.signer();
    let digest = signer.and_then(|signer| signer.digest_algorithm().ok());
    let signature = signer.and_then(|signer| signer.signature_algorithm().ok());
    let key = certificate.and_then(Certificate::public_key);
    let mut acceptable = false;
    if let (Some(digest), Some(signature), Some(key)) = (digest, signature, key) {
        let judged = [digest, signature.digest()].map(|digest| moment.judge(policy, digest, key));
        acceptable = !judged.contains(&AlgorithmJudgement::Weak);
        let detail = format!("{}, {}, {} {} bit", digest.name(), signature.name(), key.kind, key.bits);
        if !acceptable {
            findings.add_with("algorithm_weak", detail);
        } else if judged.contains(&AlgorithmJudgement::AcceptableThen) {
            moment.tell_aged(detail, findings);
        } else if judged.contains(&AlgorithmJudgement::AcceptableUnlisted) {
            findings.add_with("algorithm_not_listed", detail);
        }
    }
    AlgorithmFacts {
        digest: digest.map(|digest| digest.name().to_owned()),
        signature: signature.map(|signature| signature.name()),
        key_bits: key.map(|key| key.bits),
        acceptable,
    }
}

/// Notes where readers of PDF may not know the algorithm: nothing defines it, or only an extension of
/// a later version than the file's.
pub(super) fn note_extensions(
    container: &Container,
    certificate: Option<&Certificate>,
    version: (u8, u8),
    findings: &mut Findings,
) {
    let Some(signer) = container.signer() else { return };
    let key = certificate.and_then(Certificate::public_key);
    let (Ok(digest), Ok(signature), Some(key)) =
        (signer.digest_algorithm(), signer.signature_algorithm(), key)
    else {
        return;
    };
    if !extension::is_known_to_pdf(&key.kind) {
        findings.add_with("algorithm_not_in_pdf", &key.kind);
    }
    if version < extension::BASE {
        for needed in extension::needed(digest, signature, &key.kind) {
            let (major, minor) = version;
            let detail = format!("ISO/TS {}, PDF {major}.{minor}", needed.level());
            findings.add_with("algorithm_newer_than_file", detail);
        }
    }
}

/// Whether the policy accepts a digest algorithm together with a key.
pub(super) fn acceptable(
    digest: DigestAlgorithm,
    key: Option<&PublicKeyFacts>,
    policy: &Policy,
    moment: Moment,
) -> bool {
    key.is_some_and(|key| moment.judge(policy, digest, key) != AlgorithmJudgement::Weak)
}

/// Whether the policy accepts what every certificate of the path was signed with; says which one not, and
/// which one only for the time of the signature.
pub(super) fn issued_acceptably(
    chain: &[Certificate],
    policy: &Policy,
    moment: Moment,
    findings: &mut Findings,
) -> bool {
    let judged = |(certificate, issuer): (&Certificate, &Certificate)| {
        let signature = certificate.signature_algorithm().ok()?;
        Some(moment.judge(policy, signature.digest(), issuer.public_key()?))
    };
    for pair in chain.iter().zip(chain.iter().skip(1)) {
        match judged(pair) {
            None | Some(AlgorithmJudgement::Weak) => {
                findings.add_with("algorithm_weak", pair.0.subject());
                return false;
            }
            Some(AlgorithmJudgement::AcceptableThen) => moment.tell_aged(pair.0.subject(), findings),
            Some(AlgorithmJudgement::Acceptable | AlgorithmJudgement::AcceptableUnlisted) => {}
        }
    }
    true
}

/// The policy's word for a kind of key.
fn policy_kind(kind: &PublicKeyKind) -> &'static str {
    match kind {
        PublicKeyKind::Rsa | PublicKeyKind::RsaPss => "RSA",
        PublicKeyKind::Ed25519 => "Ed25519",
        PublicKeyKind::Ed448 => "Ed448",
        PublicKeyKind::MlDsa(_) => "ML-DSA",
        curve if curve.is_curve() => "EC",
        _ => "other",
    }
}
