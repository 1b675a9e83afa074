//! One signature, from its container to its part of the report.

use super::acceptance::{self, Moment};
use super::chain::{self, Path};
use super::changes;
use super::conclude::{Facts, SigningCertificate, conclude};
use super::context::Context;
use super::format::Container;
use super::identification;
use super::integrity;
use super::level::{self, Extras};
use super::missing::Gaps;
use super::signer;
use super::signing_time;
use super::time_stamp;
use crate::error::PdfError;
use crate::pades::coverage::Extent;
use crate::pades::field::SignatureField;
use crate::report::model::{Coverage, SignatureReport};
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
        identification::identify(&container, &mut findings)
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
    let moment = Moment { at: context.at, proven: proof.as_ref().map(|proof| proof.time) };
    let usage_fits = certificate.is_none_or(|certificate| acceptance::usage_fits(&container, certificate));
    if !usage_fits {
        findings.add("key_usage_wrong");
    }
    let proven = proof.as_ref().map(|proof| proof.time);
    let not_before = time_stamp::examine_content(context, &container, proven, &mut findings, gaps);
    let order = signing_time::order(not_before, proven, &mut findings);
    let bound = signing_time::bound(certificate, &path.trust, not_before);
    let (mut time, claimed_time_fits) =
        signing_time::facts(context, &container, certificate, proof, &mut findings);
    time.content_timestamp = not_before;
    let mut algorithm = acceptance::algorithm(&container, certificate, context.policy, moment, &mut findings);
    algorithm.acceptable &= path.acceptable;
    acceptance::note_extensions(&container, certificate, context.document.version(), &mut findings);
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

fn coverage(extent: Extent) -> Coverage {
    match extent {
        Extent::WholeFile => Coverage::WholeFile,
        Extent::WholeRevision => Coverage::WholeRevision,
        Extent::Partial => Coverage::Partial,
    }
}
