//! Examines one path from the anchor down to the certificate (RFC 5280 6.1.2 to 6.1.5).

use super::names::NameRules;
use super::policies::PolicyState;
use super::{PathInputs, PathPolicies, PathProblem, ProblemKind};
use crate::crypto::dsa;
use crate::time::Time;
use crate::x509::certificate::Certificate;
use std::borrow::Cow;

/// Everything wrong with a path, the certificate in question first, and its policies. The anchor is not
/// examined, unless it is that certificate itself.
pub(super) fn check(
    path: &[Certificate],
    anchored: bool,
    inputs: &PathInputs<'_>,
) -> (Vec<PathProblem>, PathPolicies) {
    let examined = if anchored { path.len().saturating_sub(1).max(1) } else { path.len() };
    let mut names = NameRules::default();
    let mut policies = PolicyState::new(inputs, examined);
    let mut problems: Vec<(usize, ProblemKind)> = Vec::new();
    for (index, certificate) in path.iter().take(examined).enumerate().rev() {
        let mut tell = |kind| problems.push((index, kind));
        check_itself(certificate, inputs.at, &mut tell);
        let is_last = index == 0;
        // RFC 5280 6.1.3 b: self-issued authorities are exempt, the certificate itself is not.
        if is_last || !certificate.is_self_issued() {
            names.check(certificate, &mut tell);
        }
        policies.process(certificate, is_last, &mut tell);
        if !is_last {
            check_as_issuer(certificate, authorities_below(path, index), &mut tell);
            names.add(certificate);
            policies.prepare_next(certificate, &mut tell);
        }
    }
    let facts = path.first().map(|last| policies.finish(last, inputs, &mut |kind| problems.push((0, kind))));
    problems.extend(inherited_keys(path));
    problems.sort_by_key(|(index, _)| *index);
    let told = problems
        .into_iter()
        .filter_map(|(index, kind)| Some(PathProblem { certificate: path.get(index)?.clone(), kind }));
    (told.collect(), facts.unwrap_or_default())
}

/// RFC 5280 4.2.1.9: self-issued authorities do not count for pathLenConstraint, nor does the last
/// certificate.
fn authorities_below(path: &[Certificate], index: usize) -> u32 {
    let below = path.iter().take(index).skip(1).filter(|authority| !authority.is_self_issued());
    u32::try_from(below.count()).unwrap_or(u32::MAX)
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

/// Checks the signatures that were left open while the path was searched: those by DSA keys whose
/// parameters are inherited from the key above (RFC 5280 6.1.4 d to f).
fn inherited_keys(path: &[Certificate]) -> Vec<(usize, ProblemKind)> {
    let mut problems = Vec::new();
    for (index, certificate) in path.iter().enumerate() {
        let issuers = path.get(index + 1..).unwrap_or_default();
        if issuers.first().is_none_or(|issuer| dsa::parameters(issuer.spki_der()) != Some(None)) {
            continue;
        }
        match certificate.is_signed_by(&working_key(issuers)) {
            Ok(true) => {}
            Ok(false) => problems.push((index, ProblemKind::BadSignature)),
            Err(error) => problems.push((index, ProblemKind::UnsupportedSignature(error))),
        }
    }
    problems
}

/// The public key of the first certificate, with the DSA parameters it inherits from those above it.
pub(super) fn working_key(issuers: &[Certificate]) -> Cow<'_, [u8]> {
    let Some(issuer) = issuers.first() else { return Cow::Borrowed(&[]) };
    let own = issuer.spki_der();
    let mut above = issuers.iter().map(|issuer| dsa::parameters(issuer.spki_der()));
    match above.find(|parameters| *parameters != Some(None)).flatten().flatten() {
        Some(parameters) if dsa::parameters(own) == Some(None) => {
            dsa::with_parameters(own, parameters).map_or(Cow::Borrowed(own), Cow::Owned)
        }
        _ => Cow::Borrowed(own),
    }
}
