//! One signature, from its container to its part of the report.

use super::chain::{self, Path, Paths};
use super::changes;
use super::conclude::{Facts, Format, SigningCertificate, conclude};
use super::format::Container;
use super::missing::Gaps;
use super::revocation;
use super::signer;
use super::time_stamp::{self, Proof};
use super::{Findings, integrity};
use crate::error::PdfError;
use crate::pades::changes::Comparison;
use crate::pades::coverage::{Extent, Trailing};
use crate::pades::field::SignatureField;
use crate::pdf::Document;
use crate::policy::Policy;
use crate::report::model::{
    Coverage, DigestCheck, Integrity, Level, SignatureCheck, SignatureReport, TimeFacts,
};
use crate::time::Time;
use crate::trust::{Evidence, TrustStore};
use crate::x509::Certificate;

/// What all signatures of one document are judged with.
pub(super) struct Context<'c> {
    pub(super) document: &'c Document<'c>,
    pub(super) trust: &'c TrustStore,
    pub(super) policy: &'c Policy,
    pub(super) at: Time,
    /// None if no signature signs a revision.
    pub(super) comparison: Option<&'c Result<Comparison<'c>, PdfError>>,
    pub(super) trailing: Trailing,
    pub(super) paths: Paths,
    /// What was given, what the document carries, what its signatures bring.
    pub(super) evidence: &'c Evidence,
    /// Pieces of evidence that could not be read.
    pub(super) evidence_unread: usize,
    pub(super) statuses: revocation::Known,
    /// What the document time stamps prove, each with the index of the revision it signs.
    pub(super) proofs: Vec<(usize, Proof)>,
}

impl Context<'_> {
    /// The earliest document time stamp over a revision after the one of this index.
    fn proof_after(&self, revision: usize) -> Option<&Proof> {
        let after = self.proofs.iter().filter(|(signed, _)| *signed > revision);
        after.map(|(_, proof)| proof).min_by_key(|proof| proof.time)
    }
}

/// Gathers the facts about one signature and judges them.
///
/// # Errors
/// [`PdfError`] if the file cannot be read.
pub(super) fn examine(
    context: &Context<'_>,
    field: &SignatureField,
    mut container: Container,
    gaps: &mut Gaps,
) -> Result<SignatureReport, PdfError> {
    let mut findings = std::mem::take(&mut container.findings);
    if !field.shared_with.is_empty() {
        findings.add_with("value_shared", field.shared_with.join(", "));
    }
    let (state, certificate) = if container.cms.is_some() {
        signer::identify(&container, &mut findings)
    } else {
        (SigningCertificate::NotFound, None)
    };
    let integrity = integrity::check(&container, certificate, &mut findings);
    let later = changes::examine(context, field, &container, &mut findings);
    let stamps = time_stamp::examine(context, &container, &mut findings, gaps);
    let by_document = container.revision.and_then(|revision| context.proof_after(revision));
    let stamped = stamps.sound || by_document.is_some();
    let proof = stamps.proof.into_iter().chain(by_document.cloned()).min_by_key(|proof| proof.time);
    let path = match (certificate, &container.cms) {
        (Some(certificate), Some(cms)) => {
            let proven = proof.as_ref().map(|proof| proof.time);
            chain::follow(context, certificate, cms.certificates(), proven, &mut findings, gaps)
        }
        _ => Path::unknown(),
    };
    let usage_fits = certificate.is_none_or(|certificate| signer::usage_fits(&container, certificate));
    if !usage_fits {
        findings.add("key_usage_wrong");
    }
    let (time, claimed_time_fits) = time(context, &container, certificate, proof, &mut findings);
    let mut algorithm = signer::algorithm(&container, certificate, context.policy, &mut findings);
    algorithm.acceptable &= path.acceptable;
    signer::note_extensions(&container, certificate, context.document.version(), &mut findings);
    let facts = Facts {
        format: container.format,
        certificate: state,
        digest: integrity.digest,
        signature: integrity.signature,
        coverage: coverage(container.extent),
        changes: later.state,
        chain: path.chain,
        usage_fits,
        period: path.period,
        claimed_time_fits,
        algorithm_acceptable: algorithm.acceptable,
        revocation: path.trust.revocation,
    };
    let (indication, sub_indication) = conclude(&facts, context.policy.revocation);
    Ok(SignatureReport {
        field: field.name.clone(),
        kind: later.kind,
        sub_filter: container.sub_filter.clone(),
        revision: container.revision.map_or(0, |index| index as u64 + 1),
        page: field.page.map(|page| page as u64 + 1),
        rect: field.rect,
        indication,
        sub_indication,
        integrity,
        coverage: facts.coverage,
        changes: later.changes,
        signer: signer::facts(certificate, path.ca_class),
        chain: path.links,
        trust: path.trust,
        time,
        level: level(&container, &facts, integrity, stamped),
        algorithm,
        findings: findings.0,
    })
}

fn coverage(extent: Extent) -> Coverage {
    match extent {
        Extent::WholeFile => Coverage::WholeFile,
        Extent::WholeRevision => Coverage::WholeRevision,
        Extent::Partial => Coverage::Partial,
    }
}

/// The claimed time: `/M`; for signatures that are not PAdES also the CMS attribute. And whether it
/// is inside the certificate's validity.
fn time(
    context: &Context<'_>,
    container: &Container,
    certificate: Option<&Certificate>,
    proof: Option<Proof>,
    findings: &mut Findings,
) -> (TimeFacts, bool) {
    if let Some(token) = &container.token {
        let time = Some(token.time());
        let tsa = certificate.map(|certificate| certificate.subject().display_name());
        return (TimeFacts { claimed: container.claimed, timestamp: time, best: time, tsa }, true);
    }
    let attribute = container.signer().and_then(|signer| signer.signing_time());
    if attribute.is_some() && container.is_cades() {
        findings.add("signing_time_attribute");
    }
    let claimed = container.claimed.or(attribute);
    let mut fits = true;
    match claimed {
        None if container.is_time_stamp() || proof.is_some() => {}
        None => findings.add("claimed_time_missing"),
        Some(claimed) if let Some(proof) = &proof => {
            time_stamp::compare_claim(claimed, proof.time, findings);
        }
        Some(claimed) => {
            findings.add("time_not_proven");
            if claimed > context.at {
                findings.add_with("claimed_time_in_future", claimed);
            }
            fits = certificate.is_none_or(|certificate| {
                (certificate.not_before()..=certificate.not_after()).contains(&claimed)
            });
            if !fits {
                findings.add_with("claimed_time_outside_validity", claimed);
            }
        }
    }
    let expired_since = |proof: &Proof| {
        certificate.is_some_and(|certificate| {
            context.at > certificate.not_after() && proof.time <= certificate.not_after()
        })
    };
    if proof.as_ref().is_some_and(expired_since) {
        findings.add("certificate_expired_since_timestamp");
    }
    let timestamp = proof.as_ref().map(|proof| proof.time);
    let best = timestamp.or(Some(context.at));
    (TimeFacts { claimed, timestamp, best, tsa: proof.and_then(|proof| proof.tsa) }, fits)
}

/// EN 319 142-1 clause 6.3, column B-B: CAdES attributes, reference to the certificate in the CMS,
/// time in `/M` and not in the CMS, DER; B-T: a time stamp over the signature, or over the document with
/// it. Higher levels are not examined in this version.
fn level(container: &Container, facts: &Facts, integrity: Integrity, stamped: bool) -> Level {
    let cms_is_der = container.cms.as_ref().is_some_and(|cms| cms.findings().is_empty());
    let no_signing_time = container.signer().is_some_and(|signer| signer.signing_time().is_none());
    let whole = integrity == Integrity { digest: DigestCheck::Ok, signature: SignatureCheck::Ok }
        && facts.coverage != Coverage::Partial;
    let baseline = container.is_cades()
        && facts.format == Format::Sound
        && facts.certificate == SigningCertificate::Found
        && container.dictionary_is_baseline
        && cms_is_der
        && no_signing_time
        && whole;
    match (baseline, stamped) {
        (false, _) => Level::None,
        (true, false) => Level::BB,
        (true, true) => Level::BT,
    }
}
