//! One signature, from its container to its part of the report.

use super::chain::{self, Path};
use super::changes;
use super::conclude::{Facts, MadeAfter, SigningCertificate, conclude};
use super::context::Context;
use super::format::Container;
use super::level::{self, Extras};
use super::missing::Gaps;
use super::past::Proof;
use super::signer;
use super::time_stamp;
use super::{Findings, integrity};
use crate::error::PdfError;
use crate::pades::coverage::Extent;
use crate::pades::field::SignatureField;
use crate::report::model::{Coverage, SignatureReport, TimeFacts, TrustFacts};
use crate::time::Time;
use crate::x509::Certificate;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

/// What became of one signature.
pub(super) struct Examined {
    pub(super) report: SignatureReport,
    /// The first revision whose document time stamp covers all that the signer's path rests on.
    pub(super) covered_from: Option<usize>,
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
) -> Result<Examined, PdfError> {
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
    let by_document = container.proof(context).cloned();
    let stamped = stamps.sound || by_document.is_some();
    let proof = stamps.proof.into_iter().chain(by_document).min_by_key(|proof| proof.time);
    let stamp_evidence = proof.as_ref().and_then(|proof| proof.covered_from);
    let path = match (certificate, &container.cms) {
        (Some(certificate), Some(cms)) => {
            let proven = proof.as_ref().map(|proof| proof.time);
            chain::follow(context, certificate, cms.certificates(), proven, &mut findings, gaps)
        }
        _ => Path::unknown(),
    };
    let moment = signer::Moment { at: context.at, proven: proof.as_ref().map(|proof| proof.time) };
    let usage_fits = certificate.is_none_or(|certificate| signer::usage_fits(&container, certificate));
    if !usage_fits {
        findings.add("key_usage_wrong");
    }
    let proven = proof.as_ref().map(|proof| proof.time);
    let not_before = time_stamp::examine_content(context, &container, proven, &mut findings, gaps);
    let order = order(not_before, proven, &mut findings);
    let bound = bound(certificate, &path.trust, not_before);
    let (mut time, claimed_time_fits) = time(context, &container, certificate, proof, &mut findings);
    time.content_timestamp = not_before;
    let mut algorithm = signer::algorithm(&container, certificate, context.policy, moment, &mut findings);
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
        evidence_lacks_proof: path.lacks_proof,
        proven: proven.is_some(),
        stamps_in_order: order,
        made_after: bound,
    };
    let extras = Extras {
        stamped,
        evidence: path.covered_from.and_then(|path| Some(path.max(stamp_evidence?))),
        archived: context.proofs.newest(),
    };
    let (indication, sub_indication) = conclude(&facts, context.policy.revocation);
    let covered_from = path.covered_from;
    let report = SignatureReport {
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
        level: level::of(&container, &facts, integrity, &extras),
        algorithm,
        signature_value: container.signer().map(|signer| BASE64.encode(signer.signature())),
        findings: findings.0,
    };
    Ok(Examined { report, covered_from })
}

/// Whether the content was stamped before the signature was.
fn order(content: Option<Time>, proven: Option<Time>, findings: &mut Findings) -> bool {
    let (Some(content), Some(proven)) = (content, proven) else { return true };
    let in_order = content <= proven;
    if !in_order {
        findings.add_with("timestamps_out_of_order", format!("{content} > {proven}"));
    }
    in_order
}

/// What had happened to the certificate by the time before which nothing was signed.
fn bound(certificate: Option<&Certificate>, trust: &TrustFacts, content: Option<Time>) -> MadeAfter {
    let (Some(certificate), Some(content)) = (certificate, content) else { return MadeAfter::Nothing };
    if trust.revoked_at.is_some_and(|revoked| content >= revoked) {
        MadeAfter::Revocation
    } else if content > certificate.not_after() {
        MadeAfter::Expiry
    } else {
        MadeAfter::Nothing
    }
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
        return (
            TimeFacts {
                claimed: container.claimed,
                timestamp: time,
                content_timestamp: None,
                best: time,
                tsa,
            },
            true,
        );
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
    (
        TimeFacts {
            claimed,
            timestamp,
            content_timestamp: None,
            best,
            tsa: proof.and_then(|proof| proof.tsa),
        },
        fits,
    )
}
