//! When it was signed: what the signer claims, what time stamps prove (best-signature-time, EN 319 102-1 clause
//! 5.5.4), and before what a content time stamp says that nothing was signed.

use super::Findings;
use super::conclude::MadeAfter;
use super::context::Context;
use super::format::Container;
use super::past::Proof;
use super::time_stamp;
use crate::report::model::{TimeFacts, TrustFacts};
use crate::time::Time;
use crate::x509::Certificate;

/// The claimed time: `/M`; for signatures that are not PAdES also the CMS attribute. And whether it
/// is inside the certificate's validity.
pub(super) fn facts(
    context: &Context<'_>,
    container: &Container,
    certificate: Option<&Certificate>,
    proof: Option<Proof>,
    findings: &mut Findings,
) -> (TimeFacts, bool) {
    if let Some(token) = &container.token {
        let time = Some(token.time());
        let accurate = time_stamp::is_accurate(token);
        if !accurate {
            findings.add("timestamp_inaccurate");
        }
        let future = time_stamp::is_of_the_future(token, context.at);
        if future {
            findings.add_with("timestamp_in_future", token.time());
        }
        let tsa = certificate.map(|certificate| certificate.subject().display_name());
        return (
            TimeFacts {
                claimed: container.claimed,
                timestamp: time,
                content_timestamp: None,
                best: time,
                tsa,
            },
            accurate && !future,
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

/// Whether the content was stamped before the signature was.
pub(super) fn order(content: Option<Time>, proven: Option<Time>, findings: &mut Findings) -> bool {
    let (Some(content), Some(proven)) = (content, proven) else { return true };
    let in_order = content <= proven;
    if !in_order {
        findings.add_with("timestamps_out_of_order", format!("{content} > {proven}"));
    }
    in_order
}

/// What had happened to the certificate by the time before which nothing was signed.
pub(super) fn bound(
    certificate: Option<&Certificate>,
    trust: &TrustFacts,
    content: Option<Time>,
) -> MadeAfter {
    let (Some(certificate), Some(content)) = (certificate, content) else { return MadeAfter::Nothing };
    if trust.revoked_at.is_some_and(|revoked| content >= revoked) {
        MadeAfter::Revocation
    } else if content > certificate.not_after() {
        MadeAfter::Expiry
    } else {
        MadeAfter::Nothing
    }
}
