//! X.509 validation (EN 319 102-1 clause 5.2.6): from the signer's certificate to an anchor, as it
//! stood at a proven time, or at the time of judgement.

use super::Findings;
use super::conclude::{Chain, Period};
use super::missing::{Gaps, Missing};
use super::revocation;
use super::signature::Context;
use super::signer::issued_acceptably;
use crate::report::model::{CaClass, ChainLink, Revocation, TrustFacts};
use crate::time::Time;
use crate::trust::{self, TrustStore};
use crate::x509::Certificate;
use crate::x509::path::{self, PathOutcome, PathProblem, ProblemKind};
use std::cell::RefCell;
use std::rc::Rc;

/// What is known about the path.
pub(super) struct Path {
    pub(super) chain: Chain,
    pub(super) period: Period,
    /// Whether the policy accepts the algorithms the path's certificates were signed with.
    pub(super) acceptable: bool,
    pub(super) links: Vec<ChainLink>,
    pub(super) ca_class: CaClass,
    pub(super) trust: TrustFacts,
}

impl Path {
    /// Nothing is known without a certificate.
    pub(super) fn unknown() -> Self {
        Self {
            chain: Chain::None,
            period: Period::Inside,
            acceptable: true,
            links: Vec::new(),
            ca_class: CaClass::Other,
            trust: TrustFacts {
                anchor: None,
                revocation: Revocation::NotChecked,
                revoked_at: None,
                source: None,
            },
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
    at: Time,
    outcome: Rc<PathOutcome>,
}

/// Most paths that are kept.
const MOST_PATHS: usize = 64;

impl Paths {
    /// The path of `certificate` over the certificates in the CMS and the local intermediates.
    fn of(
        &self,
        context: &Context<'_>,
        certificate: &Certificate,
        embedded: &[Certificate],
        at: Time,
    ) -> Rc<PathOutcome> {
        let given: Vec<Certificate> = std::iter::once(certificate).chain(embedded).cloned().collect();
        if let Some(known) = self.0.borrow().iter().find(|known| known.at == at && known.given == given) {
            return Rc::clone(&known.outcome);
        }
        let (trust, limits) = (context.trust, context.document.limits());
        let held = context.evidence.certificates().iter().map(|held| &held.item);
        let pool: Vec<Certificate> =
            embedded.iter().chain(trust.intermediates()).chain(held).cloned().collect();
        let anchors = trust.anchor_certificates();
        let outcome = Rc::new(path::build(certificate, &pool, &anchors, at, limits));
        let mut known = self.0.borrow_mut();
        if known.len() < MOST_PATHS {
            known.push(KnownPath { given, at, outcome: Rc::clone(&outcome) });
        }
        outcome
    }
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
    let outcome = context.paths.of(context, certificate, embedded, at);
    let anchor = outcome.anchor.as_ref().and_then(|anchor| trust.anchor_of(anchor));
    let chain = judge(&outcome, trust, findings);
    tell_oddities(&outcome.chain, findings);
    miss_issuer(&outcome, gaps);
    let status = match outcome.anchor {
        Some(_) => revocation::check(context, &outcome.chain, proven, findings, gaps),
        None => revocation::leave_open(context, &outcome.chain, findings, gaps),
    };
    let weak = outcome
        .chain
        .iter()
        .zip(outcome.chain.iter().skip(1))
        .find(|(lower, upper)| !issued_acceptably(lower, upper, policy));
    if let Some((lower, _)) = weak {
        findings.add_with("algorithm_weak", lower.subject());
    }
    Path {
        chain: status.chain(chain),
        period: period(certificate, &outcome, at, proven.is_some(), findings),
        acceptable: weak.is_none(),
        links: outcome.chain.iter().map(link).collect(),
        ca_class: anchor.map_or(CaClass::Other, |anchor| ca_class(anchor.ca_class)),
        trust: TrustFacts {
            anchor: anchor.map(|anchor| anchor.name.clone()),
            revocation: status.revocation,
            revoked_at: status.revoked_at,
            source: status.source,
        },
    }
}

/// Whether a time-stamping unit's certificate is trusted at the time of judgement; says why if not.
pub(super) fn leads_to_anchor(
    context: &Context<'_>,
    certificate: &Certificate,
    embedded: &[Certificate],
    stamped: Time,
    findings: &mut Findings,
    gaps: &mut Gaps,
) -> bool {
    let outcome = context.paths.of(context, certificate, embedded, context.at);
    miss_issuer(&outcome, gaps);
    let weak = outcome
        .chain
        .iter()
        .zip(outcome.chain.iter().skip(1))
        .any(|(lower, upper)| !issued_acceptably(lower, upper, context.policy));
    if weak {
        findings.add_with("timestamp_algorithm_weak", certificate.subject().display_name());
    } else if !outcome.is_clean() {
        let reasons: Vec<String> = outcome.problems.iter().map(described).collect();
        findings.add_with("timestamp_not_trusted", reasons.join(", "));
    } else if !revocation::is_unrevoked(context, &outcome.chain, stamped) {
        findings.add_with("timestamp_authority_revoked", certificate.subject().display_name());
        return false;
    }
    outcome.is_clean() && !weak
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
    let faults: Vec<&PathProblem> =
        outcome.problems.iter().filter(|problem| !is_about_time(&problem.kind)).collect();
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

fn ca_class(class: trust::CaClass) -> CaClass {
    match class {
        trust::CaClass::PublicService => CaClass::PublicService,
        trust::CaClass::Public => CaClass::Public,
        trust::CaClass::Other => CaClass::Other,
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
