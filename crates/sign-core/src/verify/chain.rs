//! X.509 validation (EN 319 102-1 clauses 5.2.6 and 5.6.2.1): from a certificate to an anchor, as it stood at a
//! proven time, or at the time of judgement.

use super::Findings;
use super::acceptance::{Moment, issued_acceptably};
use super::conclude::{Chain, Period};
use super::context::Context;
use super::missing::{Gaps, Missing};
use super::past::{Existence, Note, NoteKind, Slid, slide};
use super::revocation;
use super::used;
use crate::policy::RevocationDemand;
use crate::report::model::{CaClass, ChainLink, Revocation, TrustFacts};
use crate::time::Time;
use crate::trust::TrustStore;
use crate::x509::Certificate;
use crate::x509::path::{self, PathInputs, PathOutcome, PathProblem, ProblemKind};
use std::cell::RefCell;
use std::rc::Rc;

/// What is known about the path.
pub(super) struct Path {
    pub(super) chain: Chain,
    pub(super) period: Period,
    /// Whether the policy accepts the algorithms the path's certificates were signed with.
    pub(super) acceptable: bool,
    /// Whether a status is unknown only because nothing proves how old the evidence is.
    pub(super) lacks_proof: bool,
    pub(super) links: Vec<ChainLink>,
    pub(super) ca_class: CaClass,
    pub(super) trust: TrustFacts,
    /// Whether the document alone has all that the path rests on: the first revision whose document time
    /// stamp covers it.
    pub(super) covered_from: Option<usize>,
}

impl Path {
    /// Nothing is known without a certificate.
    pub(super) fn unknown() -> Self {
        Self {
            chain: Chain::None,
            period: Period::Inside,
            acceptable: true,
            lacks_proof: false,
            links: Vec::new(),
            ca_class: CaClass::Other,
            trust: TrustFacts {
                anchor: None,
                revocation: Revocation::NotChecked,
                revoked_at: None,
                source: None,
                evidence: Vec::new(),
            },
            covered_from: None,
        }
    }
}

/// The paths found so far: letters are signed by few people, and checking their certificates' signatures
/// costs more than all else that is done for one of theirs.
#[derive(Default)]
pub(super) struct Paths(RefCell<Vec<KnownPath>>);

/// One of them.
struct KnownPath {
    /// The certificate, and those it came with.
    given: Vec<Certificate>,
    existence: Existence,
    /// How many proofs there were: with one more, evidence may count that did not.
    proofs: usize,
    outcome: Rc<PathOutcome>,
}

/// Most paths that are kept.
const MOST_PATHS: usize = 64;

impl Paths {
    /// Every certificate of the paths found, once.
    pub(super) fn certificates(&self) -> Vec<Certificate> {
        let mut all: Vec<Certificate> = Vec::new();
        for certificate in self.0.borrow().iter().flat_map(|known| &known.outcome.chain) {
            if !all.contains(certificate) {
                all.push(certificate.clone());
            }
        }
        all
    }

    /// The path of `certificate` over the certificates in the CMS and the local intermediates. Of several the
    /// first one on which nobody was taken back (clause 5.2.6.4).
    fn of(
        &self,
        context: &Context<'_>,
        certificate: &Certificate,
        embedded: &[Certificate],
        existence: Existence,
    ) -> Rc<PathOutcome> {
        let given: Vec<Certificate> = std::iter::once(certificate).chain(embedded).cloned().collect();
        let proofs = context.proofs.len();
        let is_it = |known: &&KnownPath| {
            known.existence == existence && known.proofs == proofs && known.given == given
        };
        if let Some(known) = self.0.borrow().iter().find(is_it) {
            return Rc::clone(&known.outcome);
        }
        let trust = context.trust;
        let held = context.evidence.all.certificates().iter().map(|held| &held.item);
        let pool: Vec<Certificate> =
            embedded.iter().chain(trust.intermediates()).chain(held).cloned().collect();
        let examine = |chain: &[Certificate]| revoked(&slide(context, chain, existence));
        let inputs =
            PathInputs { examine: Some(&examine), ..PathInputs::at(existence.proven.unwrap_or(context.at)) };
        let anchors = trust.anchor_certificates();
        let limits = context.document.limits();
        let outcome = Rc::new(path::build_with(certificate, &pool, &anchors, &inputs, limits));
        let mut known = self.0.borrow_mut();
        if known.len() < MOST_PATHS {
            known.push(KnownPath { given, existence, proofs, outcome: Rc::clone(&outcome) });
        }
        outcome
    }
}

/// What was taken back on a path, as problems for the search.
fn revoked(slid: &Slid) -> Vec<PathProblem> {
    let problem = |note: &Note| match note.kind {
        NoteKind::Revoked { since, reason } => {
            let kind = ProblemKind::Revoked { since, reason };
            Some(PathProblem { certificate: note.certificate.clone(), kind })
        }
        _ => None,
    };
    slid.notes.iter().filter_map(problem).collect()
}

/// Builds the path of `certificate` over the certificates in the CMS and the local intermediates, as it
/// stood at `proven`, or at the time of judgement.
pub(super) fn follow(
    context: &Context<'_>,
    certificate: &Certificate,
    embedded: &[Certificate],
    proven: Option<Time>,
    findings: &mut Findings,
    gaps: &mut Gaps,
) -> Path {
    let (trust, policy, at) = (context.trust, context.policy, proven.unwrap_or(context.at));
    let existence = Existence { proven, stamped: None };
    let outcome = context.paths.of(context, certificate, embedded, existence);
    let anchor = outcome.anchor.as_ref().and_then(|anchor| trust.anchor_of(anchor));
    let chain = judge(&outcome, trust, findings);
    tell_oddities(&outcome.chain, findings);
    miss_issuer(&outcome, gaps);
    let slid = match outcome.anchor {
        Some(_) => {
            let slid = slide(context, &outcome.chain, existence);
            revocation::tell(context, &slid, findings, gaps);
            context.material.borrow_mut().add(&outcome.chain, &slid.statuses);
            slid
        }
        None => revocation::leave_open(context, &outcome.chain, findings, gaps),
    };
    let moment = Moment { at: context.at, proven };
    let acceptable = issued_acceptably(&outcome.chain, policy, moment, findings);
    Path {
        chain: if chain == Chain::Trusted && slid.authority_revoked() { Chain::Revoked } else { chain },
        period: period(certificate, &outcome, at, proven.is_some(), findings),
        acceptable,
        lacks_proof: slid.lacks_proof(),
        links: outcome.chain.iter().map(link).collect(),
        ca_class: anchor.map_or(CaClass::Other, |anchor| anchor.ca_class),
        trust: TrustFacts {
            anchor: anchor.map(|anchor| anchor.name.clone()),
            revocation: slid.revocation,
            revoked_at: slid.revoked_at,
            source: slid.source.clone(),
            evidence: used::pieces(context, &slid.statuses),
        },
        covered_from: covered_from(context, &outcome, embedded, &slid),
    }
}

/// The first revision whose document time stamp covers all that an anchored path rests on; none if not all of
/// it is in the document. What is beside the signature (`embedded`) is as old as the signature.
fn covered_from(
    context: &Context<'_>,
    outcome: &PathOutcome,
    embedded: &[Certificate],
    slid: &Slid,
) -> Option<usize> {
    let anchor = outcome.anchor.as_ref()?;
    let mut from = slid.covered_from?;
    for certificate in &outcome.chain {
        if certificate != anchor && !embedded.contains(certificate) {
            from = from.max(context.evidence.certificate_covered_from(certificate)?);
        }
    }
    Some(from)
}

/// What became of a time-stamping unit's certificate.
pub(super) struct Unit {
    /// Whether it is trusted.
    pub(super) trusted: bool,
    /// As [`Path::covered_from`].
    pub(super) covered_from: Option<usize>,
}

/// Whether a time-stamping unit's certificate is trusted for a token that existed as `existence` says; tells why
/// if not.
pub(super) fn follow_unit(
    context: &Context<'_>,
    certificate: &Certificate,
    embedded: &[Certificate],
    existence: Existence,
    findings: &mut Findings,
    gaps: &mut Gaps,
) -> Unit {
    let outcome = context.paths.of(context, certificate, embedded, existence);
    let name = || certificate.subject().display_name();
    miss_issuer(&outcome, gaps);
    let faults: Vec<String> =
        outcome.problems.iter().filter(|problem| !is_revocation(problem)).map(described).collect();
    if outcome.anchor.is_none() || !faults.is_empty() {
        findings.add_with("timestamp_not_trusted", faults.join(", "));
        return Unit { trusted: false, covered_from: None };
    }
    let moment = Moment { at: context.at, proven: existence.proven };
    if !issued_acceptably(&outcome.chain, context.policy, moment, &mut Findings::default()) {
        findings.add_with("timestamp_algorithm_weak", name());
        return Unit { trusted: false, covered_from: None };
    }
    let slid = slide(context, &outcome.chain, existence);
    context.material.borrow_mut().add(&outcome.chain, &slid.statuses);
    slid.notes.iter().flat_map(revocation::missing).for_each(|missing| gaps.add(missing));
    if slid.revoked() {
        findings.add_with("timestamp_authority_revoked", name());
        return Unit { trusted: false, covered_from: None };
    }
    if slid.unknown() {
        findings.add_with("timestamp_revocation_unknown", name());
    }
    Unit {
        trusted: !slid.unknown() || context.policy.revocation == RevocationDemand::Warn,
        covered_from: covered_from(context, &outcome, embedded, &slid),
    }
}

fn judge(outcome: &PathOutcome, trust: &TrustStore, findings: &mut Findings) -> Chain {
    if outcome.anchor.is_none() {
        if trust.anchors().is_empty() {
            findings.add("no_trust_anchors");
        } else {
            let reasons: Vec<String> = outcome.problems.iter().map(described).collect();
            findings.add_with("no_chain", reasons.join(", "));
        }
        return Chain::None;
    }
    let is_fault = |problem: &&PathProblem| !is_about_time(&problem.kind) && !is_revocation(problem);
    let faults: Vec<&PathProblem> = outcome.problems.iter().filter(is_fault).collect();
    for fault in &faults {
        findings.add_with("chain_invalid", described(fault));
    }
    if faults.is_empty() { Chain::Trusted } else { Chain::Invalid }
}

/// What is unusual about the certificates of the path, and was tolerated.
fn tell_oddities(chain: &[Certificate], findings: &mut Findings) {
    for certificate in chain {
        for oddity in certificate.oddities() {
            let subject = certificate.subject().display_name();
            findings.add_with("certificate_unusual", format!("{} ({subject})", oddity.code()));
        }
    }
}

fn described(problem: &PathProblem) -> String {
    format!("{} ({})", problem.kind.code(), problem.certificate.subject().display_name())
}

/// Told by sliding, which knows whether it counts.
fn is_revocation(problem: &PathProblem) -> bool {
    matches!(problem.kind, ProblemKind::Revoked { .. })
}

fn is_about_time(kind: &ProblemKind) -> bool {
    matches!(kind, ProblemKind::Expired { .. } | ProblemKind::NotYetValid { .. })
}

/// The signer's own validity first, then that of the authorities on the path.
fn period(
    certificate: &Certificate,
    outcome: &PathOutcome,
    at: Time,
    proven: bool,
    findings: &mut Findings,
) -> Period {
    let about_time = outcome.problems.iter().find(|problem| is_about_time(&problem.kind));
    let concerned = about_time.map_or(certificate, |problem| &problem.certificate);
    if at > concerned.not_after() {
        let code = if proven { "certificate_expired_at_timestamp" } else { "certificate_expired" };
        findings.add_with(code, concerned.subject().display_name());
        Period::After
    } else if at < concerned.not_before() {
        let code =
            if proven { "certificate_not_yet_valid_at_timestamp" } else { "certificate_not_yet_valid" };
        findings.add_with(code, concerned.subject().display_name());
        Period::Before
    } else {
        Period::Inside
    }
}

/// Without a path: whose certificate would help.
fn miss_issuer(outcome: &PathOutcome, gaps: &mut Gaps) {
    let (None, Some(last)) = (&outcome.anchor, outcome.chain.last()) else { return };
    gaps.add(Missing::Issuer { certificate: last.clone() });
}

fn link(certificate: &Certificate) -> ChainLink {
    ChainLink {
        subject: certificate.subject().to_string(),
        issuer: certificate.issuer().to_string(),
        serial: certificate.serial_hex(),
        not_before: certificate.not_before(),
        not_after: certificate.not_after(),
        sha256: certificate.sha256_hex(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::testing::Draft;

    #[test]
    fn what_is_unusual_about_a_certificate_is_told() {
        let root = Draft::root("Root", "p384");
        let odd = Draft { serial: vec![0xff], ..root.issues("Trần Văn A") };
        let mut findings = Findings::default();
        tell_oddities(&[odd.make(), root.make()], &mut findings);
        let [told] = findings.0.as_slice() else { panic!("{:?}", findings.0) };
        assert_eq!(told.code, "certificate_unusual");
        assert!(told.message_en.contains("negative_serial (Trần Văn A)"), "{}", told.message_en);
    }
}
