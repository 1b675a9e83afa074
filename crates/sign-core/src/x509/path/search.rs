//! Finds candidate paths: depth first from the certificate to the anchors, several candidates for each
//! issuer, the whole search within a budget (RFC 4158).

use super::check;
use super::{PathInputs, PathOutcome, PathPolicies, PathProblem, ProblemKind};
use crate::crypto::{CryptoError, dsa};
use crate::limits::Limits;
use crate::x509::certificate::Certificate;

/// Certificates in one path. The longest seen in Vietnam has four.
const MAX_PATH: usize = 12;
/// Signature checks for each certificate that [`Limits::certificates`] allows: a mesh of certificates
/// with equal names must not multiply without bound.
const CHECKS_PER_CERTIFICATE: u32 = 4;

pub(super) fn search(
    leaf: &Certificate,
    pool: &[Certificate],
    anchors: &[Certificate],
    inputs: &PathInputs<'_>,
    limits: &Limits,
) -> PathOutcome {
    let checks_left = limits.certificates.saturating_mul(CHECKS_PER_CERTIFICATE);
    let mut search = Search { pool, anchors, inputs, checks_left, best: None };
    search.extend(&mut vec![leaf.clone()]);
    search.best.unwrap_or_else(|| PathOutcome {
        chain: vec![leaf.clone()],
        anchor: None,
        problems: vec![PathProblem { certificate: leaf.clone(), kind: ProblemKind::LimitReached }],
        policies: PathPolicies::default(),
    })
}

struct Search<'a> {
    pool: &'a [Certificate],
    anchors: &'a [Certificate],
    inputs: &'a PathInputs<'a>,
    checks_left: u32,
    best: Option<PathOutcome>,
}

/// What looking for the issuers of one certificate gave.
struct Issuers {
    found: Vec<Certificate>,
    /// Why the path ends here if none is found.
    otherwise: ProblemKind,
}

impl Search<'_> {
    /// Depth-first; the path is the stack, so its depth is bounded by [`MAX_PATH`].
    fn extend(&mut self, path: &mut Vec<Certificate>) {
        let Some(last) = path.last().cloned() else { return };
        if let Some(anchor) = self.anchors.iter().find(|anchor| same_entity(anchor, &last)) {
            return self.offer(path, Some(anchor.clone()), None);
        }
        if path.len() >= MAX_PATH {
            return self.offer(path, None, Some(ProblemKind::LimitReached));
        }
        let issuers = self.issuers_of(&last, path);
        if issuers.found.is_empty() {
            return self.offer(path, None, Some(issuers.otherwise));
        }
        for issuer in issuers.found {
            path.push(issuer);
            self.extend(path);
            path.pop();
            if self.best.as_ref().is_some_and(PathOutcome::is_clean) {
                return;
            }
        }
    }

    /// Certificates that bear the issuer's name and whose key made the signature; those whose key
    /// identifier is the one named first, anchors and then valid ones first among them.
    fn issuers_of(&mut self, certificate: &Certificate, path: &[Certificate]) -> Issuers {
        if certificate.is_self_issued() && self.signed_by(certificate, certificate) == Some(Ok(true)) {
            return Issuers { found: Vec::new(), otherwise: ProblemKind::UntrustedRoot };
        }
        let mut found: Vec<Certificate> = Vec::new();
        let mut otherwise = ProblemKind::NoIssuerFound { issuer: certificate.issuer().to_string() };
        for candidate in self.candidates(certificate, path) {
            if found.contains(&candidate) {
                continue;
            }
            match self.signed_by(certificate, &candidate) {
                None => return Issuers { found, otherwise: ProblemKind::LimitReached },
                Some(Ok(true)) => found.push(candidate),
                Some(Ok(false)) => otherwise = ProblemKind::BadSignature,
                // Its parameters are those of its own issuer, which is not known yet: check looks again.
                Some(Err(_)) if dsa::parameters(candidate.spki_der()) == Some(None) => found.push(candidate),
                Some(Err(error)) => otherwise = ProblemKind::UnsupportedSignature(error),
            }
        }
        Issuers { found, otherwise }
    }

    fn candidates(&self, certificate: &Certificate, path: &[Certificate]) -> Vec<Certificate> {
        let at = self.inputs.at;
        let anchors = self.anchors.len();
        let mut candidates: Vec<(usize, &Certificate)> = self
            .anchors
            .iter()
            .chain(self.pool)
            .enumerate()
            .filter(|(_, candidate)| is_named_issuer(candidate, certificate))
            .filter(|(_, candidate)| !path.iter().any(|known| same_entity(known, candidate)))
            .collect();
        // Stable: the given order decides last.
        candidates.sort_by_key(|(index, candidate)| {
            let valid = candidate.not_before() <= at && at <= candidate.not_after();
            (!key_ids_agree(candidate, certificate), *index >= anchors, !valid)
        });
        candidates.into_iter().map(|(_, candidate)| candidate.clone()).collect()
    }

    /// None once the checks are used up.
    fn signed_by(
        &mut self,
        certificate: &Certificate,
        issuer: &Certificate,
    ) -> Option<Result<bool, CryptoError>> {
        self.checks_left = self.checks_left.checked_sub(1)?;
        Some(certificate.is_signed_by(issuer.spki_der()))
    }

    /// Keeps the path if it is better than what was found before.
    fn offer(&mut self, path: &[Certificate], anchor: Option<Certificate>, end: Option<ProblemKind>) {
        let (mut problems, policies) = check::check(path, anchor.is_some(), self.inputs);
        if let (Some(kind), Some(last)) = (end, path.last()) {
            problems.push(PathProblem { certificate: last.clone(), kind });
        }
        if let (Some(examine), true, true) = (self.inputs.examine, anchor.is_some(), problems.is_empty()) {
            problems = examine(path);
        }
        let outcome = PathOutcome { chain: path.to_vec(), anchor, problems, policies };
        if self.best.as_ref().is_none_or(|best| rank(&outcome) > rank(best)) {
            self.best = Some(outcome);
        }
    }
}

fn rank(outcome: &PathOutcome) -> (bool, std::cmp::Reverse<usize>, usize) {
    let anchored = outcome.anchor.is_some();
    // Without an anchor a longer path has more to say, even if more is wrong with it.
    let problems = if anchored { outcome.problems.len() } else { 0 };
    (anchored, std::cmp::Reverse(problems), outcome.chain.len())
}

/// Equal name and equal key: cross-certificates of one authority count as the same, which also ends
/// every loop (RFC 4158 2.4.1).
fn same_entity(a: &Certificate, b: &Certificate) -> bool {
    a.spki_der() == b.spki_der() && a.subject().matches(b.subject())
}

/// An authority without a name cannot be named (RFC 5280 4.1.2.4).
fn is_named_issuer(candidate: &Certificate, certificate: &Certificate) -> bool {
    !candidate.subject().is_empty() && candidate.subject().matches(certificate.issuer())
}

/// A hint only: key identifiers are made up by whoever writes the certificate, the signature is not.
fn key_ids_agree(issuer: &Certificate, certificate: &Certificate) -> bool {
    issuer.subject_key_id().is_some() && issuer.subject_key_id() == certificate.authority_key_id()
}
