//! The time-stamp validation building block (EN 319 102-1 clause 5.4): which of a signature's time stamps prove
//! that it existed, and when.
//!
//! A token that is not sound, or whose authority is not trusted, proves nothing: the signature is then
//! judged as if it were not there, and a finding says why.

use super::Findings;
use super::acceptance::{Moment, acceptable};
use super::chain;
use super::context::Context;
use super::format::{Container, MOST_TOKENS};
use super::missing::Gaps;
use super::past::{Existence, Proof};
use crate::cms::timestamp::{TimeStampToken, TokenProblem};
use crate::time::Time;
use crate::x509::Certificate;

/// Vietnam's offset: some signing programs of the public-service authority write local time as UTC.
const ZONE_MISTAKE: i64 = 7 * 3600;
/// A token that may be off by more says nothing of use.
const MOST_ACCURACY: i64 = 86_400;
/// How far apart clocks may be.
const CLOCK_TOLERANCE: i64 = 5 * 60;

/// What a signature's own time stamps give.
#[derive(Debug, Default)]
pub(super) struct Own {
    /// At least one stamps this signature and is sound by itself, trusted or not.
    pub(super) sound: bool,
    /// The earliest trusted one.
    pub(super) proof: Option<Proof>,
}

/// Examines the time stamps in the signature's unsigned attributes (EN 319 122-1 clause 5.3).
pub(super) fn examine(
    context: &Context<'_>,
    container: &Container,
    findings: &mut Findings,
    gaps: &mut Gaps,
) -> Own {
    let mut own = Own::default();
    let Some(signer) = container.signer() else { return own };
    let tokens = signer.signature_time_stamps();
    if tokens.len() > MOST_TOKENS {
        findings.add_with("timestamps_not_all_examined", tokens.len());
    }
    for bytes in tokens.into_iter().take(MOST_TOKENS) {
        let token = match TimeStampToken::parse(bytes) {
            Ok(token) => token,
            Err(error) => {
                findings.add_with("timestamp_malformed", error);
                continue;
            }
        };
        if !token.stamps(signer.signature()) {
            findings.add("timestamp_wrong_imprint");
            continue;
        }
        let Some(certificate) = sound(context, &token, findings) else { continue };
        own.sound = true;
        let proven = container.proof(context).map(|proof| proof.time);
        let Some(proof) = trusted(context, &token, &certificate, proven, findings, gaps) else { continue };
        if own.proof.as_ref().is_none_or(|best| proof.time < best.time) {
            own.proof = Some(proof);
        }
    }
    own
}

/// Examines the time stamps over the content that were made before signing (EN 319 122-1 clause 5.2.8): the latest
/// trusted one says when signing had not happened yet. They are signed, so nothing later can add one.
pub(super) fn examine_content(
    context: &Context<'_>,
    container: &Container,
    proven: Option<Time>,
    findings: &mut Findings,
    gaps: &mut Gaps,
) -> Option<Time> {
    let mut latest = None;
    for token in &container.content_stamps {
        let digest = token.digest().ok().and_then(|algorithm| container.digest(algorithm));
        if digest != Some(token.imprint()) {
            findings.add("timestamp_wrong_imprint");
            continue;
        }
        let Some(certificate) = sound(context, token, findings) else { continue };
        let proof = trusted(context, token, &certificate, proven, findings, gaps);
        // As early as its accuracy allows: nothing may be held against a signer for want of precision.
        latest = latest.max(proof.map(|proof| proof.time.plus_seconds(-accuracy(token))));
    }
    latest
}

/// The signer of a token with which nothing is wrong by itself.
fn sound(context: &Context<'_>, token: &TimeStampToken, findings: &mut Findings) -> Option<Certificate> {
    let held = context.evidence.all.certificates().iter().map(|held| &held.item);
    let others: Vec<Certificate> = context.trust.intermediates().iter().chain(held).cloned().collect();
    let facts = token.examine(&others);
    for problem in &facts.problems {
        tell(problem, facts.signer.as_ref(), findings);
    }
    facts.signer.filter(|_| facts.problems.is_empty())
}

fn tell(problem: &TokenProblem, signer: Option<&Certificate>, findings: &mut Findings) {
    findings.add_with(problem.code(), signer.map(name).unwrap_or_default());
}

fn name(certificate: &Certificate) -> String {
    certificate.subject().display_name()
}

/// What a sound token proves if its authority is trusted and its algorithms are acceptable, now or when the
/// token is proven to have existed.
fn trusted(
    context: &Context<'_>,
    token: &TimeStampToken,
    certificate: &Certificate,
    proven: Option<Time>,
    findings: &mut Findings,
    gaps: &mut Gaps,
) -> Option<Proof> {
    if is_of_the_future(token, context.at) {
        findings.add_with("timestamp_in_future", token.time());
        return None;
    }
    if !is_accurate(token) {
        findings.add_with("timestamp_inaccurate", name(certificate));
        return None;
    }
    let signer = token.signed_data().signer_infos().first()?;
    let digests =
        [token.digest(), signer.digest_algorithm(), signer.signature_algorithm().map(|a| a.digest())];
    let moment = Moment { at: context.at, proven };
    let strong = digests.into_iter().all(|digest| {
        digest.is_ok_and(|digest| acceptable(digest, certificate.public_key(), context.policy, moment))
    });
    if !strong {
        findings.add_with("timestamp_algorithm_weak", name(certificate));
        return None;
    }
    let embedded = token.signed_data().certificates();
    let existence = Existence { proven, stamped: Some(token.time()) };
    let unit = chain::follow_unit(context, certificate, embedded, existence, findings, gaps);
    let covered_from = unit.covered_from;
    unit.trusted.then(|| Proof { time: token.time(), tsa: Some(name(certificate)), covered_from })
}

/// Seconds by which the authority's clock may be off, as it says itself (RFC 3161 2.4.2).
fn accuracy(token: &TimeStampToken) -> i64 {
    let seconds = token.accuracy_micros().unwrap_or(0).div_ceil(1_000_000);
    i64::try_from(seconds).unwrap_or(i64::MAX).min(MOST_ACCURACY)
}

/// Whether a token was made after the time of judgement, by more than clocks may be apart.
pub(super) fn is_of_the_future(token: &TimeStampToken, at: Time) -> bool {
    token.time() > at.plus_seconds(CLOCK_TOLERANCE)
}

/// Whether the time of a token says anything of use.
pub(super) fn is_accurate(token: &TimeStampToken) -> bool {
    accuracy(token) < MOST_ACCURACY
}

/// Compares the time the signer claims with a proven one.
pub(super) fn compare_claim(claimed: Time, proven: Time, findings: &mut Findings) {
    let ahead = claimed.unix().saturating_sub(proven.unix());
    if (ZONE_MISTAKE - ahead).abs() <= CLOCK_TOLERANCE {
        findings.add_with("claimed_time_zone_mistake", claimed);
    } else if ahead > CLOCK_TOLERANCE {
        findings.add_with("claimed_time_after_timestamp", claimed);
    }
}
