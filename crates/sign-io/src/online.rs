//! Judging with evidence from the network: judge, fetch what is missing, judge again, until nothing new
//! comes. Without [`Fetching`] it is the same judgement offline.

use crate::clock;
use crate::fetch::{Fetcher, Fetching};
use sign_core::error::PdfError;
use sign_core::pdf::Access;
use sign_core::policy::Policy;
use sign_core::source::Source;
use sign_core::time::{Time, VIETNAM};
use sign_core::trust::{Evidence, TrustStore};
use sign_core::verify::{self, Judged};

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
