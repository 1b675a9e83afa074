//! Judging with evidence from the network: judge, fetch what is missing, judge again, until nothing new
//! comes. Without [`Fetching`] it is the same judgement offline.

use crate::clock;
use crate::fetch::{Fetcher, Fetching};
use sign_core::error::PdfError;
use sign_core::limits::Limits;
use sign_core::pdf::Access;
use sign_core::policy::Policy;
use sign_core::source::Source;
use sign_core::time::{Time, VIETNAM};
use sign_core::trust::{Evidence, Origin, TrustStore};
use sign_core::verify::missing::Missing;
use sign_core::verify::{self, Judged};
use sign_core::x509::{Certificate, path};

/// Rounds of fetching: an issuer's certificate leads to a path, the path to statuses, those to the status of
/// who signed an answer.
const MOST_ROUNDS: usize = 4;

/// What is judged, and by what.
#[derive(Clone, Copy)]
pub struct Case<'c> {
    /// The document.
    pub source: &'c dyn Source,
    /// Its name for the report.
    pub name: &'c str,
    /// Anchors.
    pub trust: &'c TrustStore,
    /// What is known already.
    pub evidence: &'c Evidence,
    /// The rules.
    pub policy: &'c Policy,
    /// As of when; now if none. What is fetched is of now and may say nothing about the past.
    pub at: Option<Time>,
    /// Limits, and the password of an encrypted document.
    pub access: Access<'c>,
}

/// Judges all signatures of the document; with `fetching` also by what their certificates' addresses say.
/// What could not be fetched stands among the report's warnings. Blocks; does not belong on an async thread.
///
/// # Errors
/// As [`verify::judge`].
pub fn judge(case: &Case<'_>, fetching: Option<&Fetching>) -> Result<Judged, PdfError> {
    let mut evidence = case.evidence.clone();
    let judge_now = |evidence: &Evidence| {
        // Read again each time: evidence that was made meanwhile is not of the future.
        let at = case.at.unwrap_or_else(|| clock::now().in_offset(VIETNAM));
        verify::judge(case.source, case.name, case.trust, evidence, case.policy, at, case.access)
    };
    let mut judged = judge_now(&evidence)?;
    let Some(fetching) = fetching else { return Ok(judged) };
    let mut fetcher = Fetcher::new(fetching, clock::now());
    for _ in 0..MOST_ROUNDS {
        if judged.missing.is_empty() || fetcher.fetch(&judged.missing, &mut evidence) == 0 {
            break;
        }
        judged = judge_now(&evidence)?;
    }
    let told = fetcher.failures().iter().map(|failure| failure.finding());
    judged.report.warnings.extend(told);
    Ok(judged)
}

/// Fetches the statuses of a signer's certificate and of the authorities above it, before it signs; `chain` is that
/// of its key, the signer's first. Nothing is asked unless a path leads to an anchor. The certificates of that path
/// are added too. Blocks; does not belong on an async thread.
pub fn ask_before_signing(
    chain: &[Certificate],
    trust: &TrustStore,
    fetching: &Fetching,
    evidence: &mut Evidence,
) {
    let Some((signer, issuers)) = chain.split_first() else { return };
    let now = clock::now();
    let pool: Vec<Certificate> = issuers.iter().chain(trust.intermediates()).cloned().collect();
    let found = path::build(signer, &pool, &trust.anchor_certificates(), now, &Limits::default());
    if found.anchor.is_none() {
        return;
    }
    for certificate in &found.chain {
        // What does not fit is missing, and then said to be.
        let _ = evidence.hold_certificate(certificate.clone(), Origin::Given);
    }
    let links = found.chain.iter().zip(found.chain.iter().skip(1));
    let missing: Vec<Missing> = links
        .map(|(certificate, issuer)| Missing::Status {
            certificate: certificate.clone(),
            issuer: Some(issuer.clone()),
            anchored: true,
            known: false,
        })
        .collect();
    Fetcher::new(fetching, now).fetch(&missing, evidence);
}
