//! Builds and checks certification paths (RFC 5280 6.1) from a certificate up to given anchors.
//!
//! The outcome is facts: the best path found and everything that is wrong with it at the given time.
//! Revocation is evidence and looked at elsewhere; what a certificate may be used for is policy.
//! Name constraints and policy mapping are not obeyed; where critical, they are told as
//! [`ProblemKind::UnknownCriticalExtension`], so that they can never be passed over.

use super::certificate::Certificate;
use super::name::Name;
use crate::crypto::CryptoError;
use crate::limits::Limits;
use crate::time::Time;

/// Certificates in one path. The longest seen in Vietnam has four.
const MAX_PATH: usize = 12;
/// Signature checks for each certificate that [`Limits::certificates`] allows: a mesh of certificates
/// with equal names must not multiply without bound.
const CHECKS_PER_CERTIFICATE: u32 = 4;

/// The best path found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathOutcome {
    /// The certificate in question first, then its issuers; the anchor last, if one was reached.
    pub chain: Vec<Certificate>,
    /// The anchor that was reached.
    pub anchor: Option<Certificate>,
    /// Everything wrong with this path. Empty only if an anchor was reached.
    pub problems: Vec<PathProblem>,
}

impl PathOutcome {
    /// An anchor was reached and nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.anchor.is_some() && self.problems.is_empty()
    }
}

/// One thing wrong with a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathProblem {
    /// The certificate it is about.
    pub certificate: Certificate,
    /// What is wrong with it.
    pub kind: ProblemKind,
}

/// What can be wrong with a certificate in a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemKind {
    /// The validity period was over.
    Expired {
        /// Its end.
        not_after: Time,
    },
    /// The validity period had not begun.
    NotYetValid {
        /// Its begin.
        not_before: Time,
    },
    /// A certificate with the issuer's name is there, but its key did not make the signature.
    BadSignature,
    /// The issuer's signature cannot be computed with.
    UnsupportedSignature(CryptoError),
    /// It issued a certificate and is no certification authority.
    NotCa,
    /// More authorities below it than its pathLenConstraint allows.
    PathTooLong {
        /// The constraint.
        allowed: u32,
    },
    /// It issued a certificate, but its keyUsage does not allow keyCertSign.
    KeyUsageMissing,
    /// A critical extension that is not understood or not obeyed here.
    UnknownCriticalExtension {
        /// Which one, dotted.
        oid: String,
    },
    /// An extension that is malformed or occurs twice.
    MalformedExtension {
        /// Which one, dotted.
        oid: String,
    },
    /// No certificate with the issuer's name is known.
    NoIssuerFound {
        /// The name looked for.
        issuer: String,
    },
    /// Self-signed, and not one of the anchors.
    UntrustedRoot,
    /// The search was given up: too many candidates or too long a path.
    LimitReached,
}

impl ProblemKind {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Expired { .. } => "certificate_expired",
            Self::NotYetValid { .. } => "certificate_not_yet_valid",
            Self::BadSignature => "certificate_bad_signature",
            Self::UnsupportedSignature(_) => "certificate_unsupported_signature",
            Self::NotCa => "issuer_not_ca",
            Self::PathTooLong { .. } => "path_too_long",
            Self::KeyUsageMissing => "issuer_key_usage",
            Self::UnknownCriticalExtension { .. } => "unknown_critical_extension",
            Self::MalformedExtension { .. } => "malformed_extension",
            Self::NoIssuerFound { .. } => "no_issuer_found",
            Self::UntrustedRoot => "untrusted_root",
            Self::LimitReached => "path_limit_reached",
        }
    }
}

/// Finds a path from `leaf` over certificates of `pool` to one of `anchors`, as it stood at `at`.
///
/// Of several paths the first clean one wins, then the anchored one with the fewest problems, then the
/// longest. An anchor is trusted as it is (RFC 5280 6.1.1 d): its own validity and extensions are not
/// examined, unless it is `leaf` itself.
pub fn build(
    leaf: &Certificate,
    pool: &[Certificate],
    anchors: &[Certificate],
    at: Time,
    limits: &Limits,
) -> PathOutcome {
    let checks_left = limits.certificates.saturating_mul(CHECKS_PER_CERTIFICATE);
    let mut search = Search { pool, anchors, at, checks_left, best: None };
    search.extend(&mut vec![leaf.clone()]);
    search.best.unwrap_or_else(|| PathOutcome {
        chain: vec![leaf.clone()],
        anchor: None,
        problems: vec![PathProblem { certificate: leaf.clone(), kind: ProblemKind::LimitReached }],
    })
}

struct Search<'a> {
    pool: &'a [Certificate],
    anchors: &'a [Certificate],
    at: Time,
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

    /// Certificates that bear the issuer's name and whose key made the signature; anchors first, then
    /// those whose key identifier is the one named.
    fn issuers_of(&mut self, certificate: &Certificate, path: &[Certificate]) -> Issuers {
        if certificate.is_self_issued() && self.signed_by(certificate, certificate) == Some(Ok(true)) {
            return Issuers { found: Vec::new(), otherwise: ProblemKind::UntrustedRoot };
        }
        let mut candidates: Vec<&Certificate> = self
            .anchors
            .iter()
            .chain(self.pool)
            .filter(|candidate| is_named_issuer(candidate, certificate))
            .filter(|candidate| !path.iter().any(|known| same_entity(known, candidate)))
            .collect();
        // Stable: anchors stay in front within each half.
        candidates.sort_by_key(|candidate| !key_ids_agree(candidate, certificate));
        let mut found: Vec<Certificate> = Vec::new();
        let mut otherwise = ProblemKind::NoIssuerFound { issuer: certificate.issuer().to_string() };
        for candidate in candidates {
            if found.contains(candidate) {
                continue;
            }
            match self.signed_by(certificate, candidate) {
                None => return Issuers { found, otherwise: ProblemKind::LimitReached },
                Some(Ok(true)) => found.push(candidate.clone()),
                Some(Ok(false)) => otherwise = ProblemKind::BadSignature,
                Some(Err(error)) => otherwise = ProblemKind::UnsupportedSignature(error),
            }
        }
        Issuers { found, otherwise }
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
        let mut problems = problems_of(path, anchor.is_some(), self.at);
        if let (Some(kind), Some(last)) = (end, path.last()) {
            problems.push(PathProblem { certificate: last.clone(), kind });
        }
        let outcome = PathOutcome { chain: path.to_vec(), anchor, problems };
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
    a.raw_subject() == b.raw_subject() && a.spki_der() == b.spki_der()
}

fn is_named_issuer(candidate: &Certificate, certificate: &Certificate) -> bool {
    candidate.raw_subject() == certificate.raw_issuer()
        || same_texts(candidate.subject(), certificate.issuer())
}

/// The same name in other string types or letter case (RFC 5280 7.1, without its space folding).
fn same_texts(a: &Name, b: &Name) -> bool {
    let texts = |name: &Name| -> Option<Vec<(String, String)>> {
        name.attributes().map(|a| Some((a.oid.clone(), a.text.as_ref()?.to_lowercase()))).collect()
    };
    matches!((texts(a), texts(b)), (Some(a), Some(b)) if !a.is_empty() && a == b)
}

fn key_ids_agree(issuer: &Certificate, certificate: &Certificate) -> bool {
    issuer.subject_key_id().is_some() && issuer.subject_key_id() == certificate.authority_key_id()
}

/// Examines every certificate of a path but the anchor; the first one even if it is the anchor.
fn problems_of(path: &[Certificate], anchored: bool, at: Time) -> Vec<PathProblem> {
    let examined = if anchored { path.len().saturating_sub(1).max(1) } else { path.len() };
    let mut problems = Vec::new();
    let mut authorities_below = 0_u32;
    for (index, certificate) in path.iter().take(examined).enumerate() {
        let mut tell = |kind| problems.push(PathProblem { certificate: certificate.clone(), kind });
        check_itself(certificate, at, &mut tell);
        if index > 0 {
            check_as_issuer(certificate, authorities_below, &mut tell);
            // RFC 5280 4.2.1.9: self-issued authorities do not count for pathLenConstraint.
            authorities_below += u32::from(!certificate.is_self_issued());
        }
    }
    problems
}

fn check_itself(certificate: &Certificate, at: Time, tell: &mut impl FnMut(ProblemKind)) {
    if at < certificate.not_before() {
        tell(ProblemKind::NotYetValid { not_before: certificate.not_before() });
    }
    if at > certificate.not_after() {
        tell(ProblemKind::Expired { not_after: certificate.not_after() });
    }
    for oid in certificate.unknown_critical_extensions() {
        tell(ProblemKind::UnknownCriticalExtension { oid: oid.clone() });
    }
    for oid in certificate.malformed_extensions() {
        tell(ProblemKind::MalformedExtension { oid: oid.clone() });
    }
}

fn check_as_issuer(certificate: &Certificate, authorities_below: u32, tell: &mut impl FnMut(ProblemKind)) {
    if !certificate.is_ca() {
        tell(ProblemKind::NotCa);
    }
    if let Some(allowed) = certificate.basic_constraints().and_then(|constraints| constraints.path_length)
        && authorities_below > allowed
    {
        tell(ProblemKind::PathTooLong { allowed });
    }
    if certificate.key_usage().is_some_and(|usage| !usage.key_cert_sign) {
        tell(ProblemKind::KeyUsageMissing);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::testing::{self, Made, NOT_AFTER, NOT_BEFORE, Spec, key};

    const INSIDE: i64 = NOT_BEFORE + 1_000_000;

    fn read(made: &[Made]) -> Vec<Certificate> {
        made.iter().map(|one| Certificate::parse(&one.der()).unwrap()).collect()
    }

    fn build_at(at: i64, leaf: &Certificate, pool: &[Certificate], anchors: &[Certificate]) -> PathOutcome {
        build(leaf, pool, anchors, Time::from_unix(at), &Limits::default())
    }

    fn codes(outcome: &PathOutcome) -> Vec<&'static str> {
        outcome.problems.iter().map(|problem| problem.kind.code()).collect()
    }

    #[test]
    fn a_leaf_reaches_its_root() {
        let chain = read(&testing::person("p256"));
        let outcome = build_at(INSIDE, &chain[0], &chain, &chain[2..]);
        assert!(outcome.is_clean(), "{:?}", outcome.problems);
        assert_eq!(outcome.chain, chain);
        assert_eq!(outcome.anchor.as_ref(), Some(&chain[2]));
    }

    #[test]
    fn an_intermediate_or_the_leaf_itself_may_be_the_anchor() {
        let chain = read(&testing::person("p256"));
        assert_eq!(build_at(INSIDE, &chain[0], &[], &chain[1..2]).chain, chain[..2]);
        assert!(build_at(INSIDE, &chain[0], &[], &chain[..1]).is_clean());
        assert_eq!(codes(&build_at(NOT_AFTER + 1, &chain[0], &[], &chain[..1])), ["certificate_expired"]);
    }

    #[test]
    fn the_edges_of_validity_are_inside() {
        let chain = read(&testing::person("p256"));
        let at = |time| codes(&build_at(time, &chain[0], &chain, &chain[2..]));
        assert!(at(NOT_BEFORE).is_empty() && at(NOT_AFTER).is_empty());
        assert_eq!(at(NOT_BEFORE - 1), ["certificate_not_yet_valid"; 2], "leaf and issuing, not the anchor");
        assert_eq!(at(NOT_AFTER + 1), ["certificate_expired"; 2]);
    }

    #[test]
    fn what_is_missing_is_named() {
        let chain = read(&testing::person("p256"));
        let no_issuer = build_at(INSIDE, &chain[0], &[], &chain[2..]);
        assert_eq!(
            no_issuer.problems[0].kind,
            ProblemKind::NoIssuerFound { issuer: "CN=TEST Issuing CA,C=VN".into() }
        );
        let no_root = build_at(INSIDE, &chain[0], &chain[..2], &[]);
        assert_eq!((no_root.chain.len(), codes(&no_root)), (2, vec!["no_issuer_found"]));
        let untrusted = build_at(INSIDE, &chain[0], &chain, &[]);
        assert_eq!((untrusted.chain.len(), codes(&untrusted)), (3, vec!["untrusted_root"]));
    }

    #[test]
    fn a_namesake_with_another_key_is_not_the_issuer() {
        let chain = read(&testing::person("p256"));
        let namesake = Spec { key: key("p521"), ..Spec::root(&[("C", "VN"), ("CN", "TEST Issuing CA")]) };
        let namesake = read(&[namesake.make()]);
        let outcome = build_at(INSIDE, &chain[0], &namesake, &namesake);
        assert_eq!((codes(&outcome), outcome.anchor), (vec!["certificate_bad_signature"], None));
        let both = [namesake, chain.clone()].concat();
        assert!(
            build_at(INSIDE, &chain[0], &both, &chain[2..]).is_clean(),
            "the right one is found among both"
        );
    }

    #[test]
    fn a_person_cannot_issue_certificates() {
        let made = testing::person("p256");
        let forged = read(&[Spec::leaf(&[("CN", "Kẻ giả mạo")], &made[0]).make()]);
        let chain = read(&made);
        let outcome = build_at(INSIDE, &forged[0], &chain, &chain[2..]);
        assert_eq!(codes(&outcome), ["issuer_not_ca", "issuer_key_usage"]);
        assert_eq!(outcome.problems[0].certificate, chain[0]);
    }

    #[test]
    fn path_length_counts_authorities_below() {
        let root = Spec::root(&[("CN", "TEST Root")]).make();
        let narrow =
            Spec { issuer: Some(&root), ca: Some(Some(0)), key: key("p384"), ..Spec::root(&[("CN", "A")]) };
        let narrow = narrow.make();
        let below = Spec { issuer: Some(&narrow), key: key("p521"), ..Spec::root(&[("CN", "B")]) }.make();
        let fine = read(&[Spec::leaf(&[("CN", "x")], &narrow).make()]).remove(0);
        let long = read(&[Spec::leaf(&[("CN", "y")], &below).make()]).remove(0);
        let pool = read(&[narrow.clone(), below.clone()]);
        let anchors = read(std::slice::from_ref(&root));
        assert!(build_at(INSIDE, &fine, &pool, &anchors).is_clean());
        let outcome = build_at(INSIDE, &long, &pool, &anchors);
        assert_eq!(outcome.problems.len(), 1);
        assert_eq!(outcome.problems[0].kind, ProblemKind::PathTooLong { allowed: 0 });
        assert_eq!(outcome.problems[0].certificate, pool[0]);
    }

    #[test]
    fn unknown_critical_extensions_are_told_for_every_certificate() {
        let root = Spec::root(&[("CN", "TEST Root")]).make();
        // id-ce-nameConstraints { permittedSubtrees [0] { { base [2] dNSName } } }: read, not obeyed.
        let constraints = [("2.5.29.30", true, &b"\x30\x0d\xa0\x0b\x30\x09\x82\x07example"[..])];
        let authority = Spec {
            issuer: Some(&root),
            extensions: &constraints,
            key: key("p384"),
            ..Spec::root(&[("CN", "A")])
        };
        let authority = authority.make();
        let leaf = read(&[Spec::leaf(&[("CN", "x")], &authority).make()]).remove(0);
        let outcome = build_at(INSIDE, &leaf, &read(&[authority]), &read(&[root]));
        let kinds: Vec<_> = outcome.problems.iter().map(|problem| problem.kind.clone()).collect();
        assert_eq!(kinds, [ProblemKind::UnknownCriticalExtension { oid: "2.5.29.30".into() }]);
    }

    #[test]
    fn loops_of_cross_certificates_end() {
        let a = Spec { key: key("p384"), ..Spec::root(&[("CN", "A")]) }.make();
        let b = Spec { key: key("p521"), ..Spec::root(&[("CN", "B")]) }.make();
        let a_by_b = Spec { key: key("p384"), issuer: Some(&b), ..Spec::root(&[("CN", "A")]) }.make();
        let b_by_a = Spec { key: key("p521"), issuer: Some(&a), ..Spec::root(&[("CN", "B")]) }.make();
        let leaf = read(&[Spec::leaf(&[("CN", "x")], &a).make()]).remove(0);
        let outcome = build_at(INSIDE, &leaf, &read(&[a_by_b, b_by_a]), &[]);
        assert_eq!((outcome.chain.len(), codes(&outcome)), (3, vec!["no_issuer_found"]));
    }

    #[test]
    fn a_crowd_of_namesakes_exhausts_the_budget_not_the_machine() {
        let made = testing::person("p256");
        let chain = read(&made);
        let crowd: Vec<Made> = (1..400)
            .map(|serial| {
                Spec { serial, key: key("p521"), ..Spec::root(&[("C", "VN"), ("CN", "TEST Issuing CA")]) }
                    .make()
            })
            .collect();
        let outcome = build_at(INSIDE, &chain[0], &read(&crowd), &chain[2..]);
        assert_eq!(codes(&outcome), ["path_limit_reached"]);
    }
}
