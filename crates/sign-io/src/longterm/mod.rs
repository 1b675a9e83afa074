//! Raises the signatures of a document to a long-term level (EN 319 142-1 clause 6), and renews it.
//!
//! ```text
//! B-B ──document time stamp──► B-T ──fetch, security store──► B-LT ──document time stamp──► B-LTA
//!                                                                ▲                             │
//!                                                                └── store for the last stamp ◄┘
//! ```
//!
//! A signature that has no time stamp yet gets one over the whole document (clause 6.3 allows either kind):
//! a stamp in the CMS would have to fit into the room the signer left, which other programs do not leave,
//! and would change bytes that are there. Evidence is fetched after the stamp, so that it speaks of a time
//! after the signature, and covers signers and time-stamping units; the last stamp seals it. Everything is
//! made in memory behind the document, judged as somebody without a network will judge it, and given back
//! only if the level was reached.

use crate::clock;
use crate::fetch::{Fetcher, Fetching, NotFetched};
use crate::online::{self, Case};
use sign_core::cms::timestamp::TimeStampToken;
use sign_core::crypto::digest::DigestAlgorithm;
use sign_core::error::PdfError;
use sign_core::pdf::{Access, Appended};
use sign_core::policy::{Policy, RevocationDemand};
use sign_core::report::model::{Finding, Kind, Level, Report, SignatureReport};
use sign_core::report::words;
use sign_core::sign::document_stamp::stamp_document;
use sign_core::sign::extend::add_store;
use sign_core::sign::{SignError, StampError, TimeStamper};
use sign_core::source::{Joined, Source};
use sign_core::time::{Time, VIETNAM};
use sign_core::trust::{Evidence, TrustStore};
use sign_core::verdict::Indication;
use sign_core::verify::Judged;
use sign_core::verify::missing::Missing;
use std::cell::Cell;

/// Rounds of fetching, as for judging.
const MOST_ROUNDS: usize = 4;
/// Questions for one document whose evidence is kept for decades, and for one of its certificates.
const QUESTIONS: u32 = 64;
const QUESTIONS_PER_CERTIFICATE: u32 = 4;

/// What to do when the level cannot be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lower {
    /// Nothing is given back.
    Refused,
    /// The highest level that can be, with the reasons.
    Allowed,
}

/// What is wanted, and by what means.
#[derive(Clone, Copy)]
pub struct Raising<'r> {
    /// [`Level::BT`], [`Level::BLt`] or [`Level::BLta`].
    pub level: Level,
    /// What if it cannot be reached.
    pub lower: Lower,
    /// Who stamps.
    pub stamper: Option<&'r dyn TimeStamper>,
    /// Anchors of signers and time-stamping units.
    pub trust: &'r TrustStore,
    /// What is known already.
    pub evidence: &'r Evidence,
    /// How the rest is fetched; not at all if none. Kept answers are not used: evidence has to be newer than
    /// the signature.
    pub fetching: Option<&'r Fetching>,
    /// What is acceptable.
    pub policy: &'r Policy,
    /// Limits, and the password of an encrypted document.
    pub access: Access<'r>,
}

/// What was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Raised {
    /// Bytes behind the document, those that were given among them.
    pub tail: Vec<u8>,
    /// The lowest level of its signatures.
    pub level: Level,
    /// Why it is lower than was wanted; empty otherwise.
    pub reasons: Vec<Reason>,
    /// What else should be known.
    pub warnings: Vec<Finding>,
}

/// Why a level was not reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Stable word, that of the error if a lower level were not allowed.
    pub code: String,
    /// What a reader needs.
    pub detail: String,
}

/// Why nothing was made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RaiseError {
    /// The document cannot be read.
    #[error(transparent)]
    Pdf(#[from] PdfError),
    /// A revision cannot be written, or nobody stamps.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// There is nothing whose level could be raised.
    #[error("the document has no signature")]
    Unsigned,
    /// No evidence makes a signature valid that is not.
    #[error("{field}: {indication}, {reason}")]
    NotValid {
        /// Its field.
        field: String,
        /// As in a report: main and sub-indication.
        indication: String,
        /// The first error among its findings.
        reason: String,
    },
    /// Nothing tells whether somebody was taken back, or by whom a certificate was issued.
    #[error("{}", .missing.join(", "))]
    EvidenceMissing {
        /// Names, and what went wrong with those who could have told.
        missing: Vec<String>,
    },
    /// What was made is judged to be of a lower level.
    #[error("{}", level_name(*.level))]
    NotReached {
        /// Which.
        level: Level,
    },
}

impl RaiseError {
    /// Stable word for this cause.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Pdf(error) => error.code(),
            Self::Sign(error) => error.code(),
            Self::Unsigned => "unsigned",
            Self::NotValid { .. } => "signature_not_valid",
            Self::EvidenceMissing { .. } => "evidence_missing",
            Self::NotReached { .. } => "level_not_reached",
        }
    }

    /// As a reason for a lower level: what is missing is, what is broken is not.
    fn reason(&self) -> Option<Reason> {
        let detail = match self {
            Self::Sign(SignError::Stamp(error)) => error.reason.clone(),
            Self::EvidenceMissing { .. } | Self::NotReached { .. } => self.to_string(),
            _ => return None,
        };
        Some(Reason { code: self.code().to_owned(), detail })
    }
}

/// As in a report.
pub fn level_name(level: Level) -> &'static str {
    match level {
        Level::None => "none",
        Level::BB => "B-B",
        Level::BT => "B-T",
        Level::BLt => "B-LT",
        Level::BLta => "B-LTA",
    }
}

/// Raises the signatures of `source` with `tail` behind it. Blocks; does not belong on an async thread.
///
/// A document at B-LTA that is raised to B-LTA is renewed: evidence for its last stamp, then another stamp.
///
/// # Errors
/// [`RaiseError`]; nothing has been written anywhere.
pub fn raise(source: &dyn Source, tail: Vec<u8>, raising: &Raising<'_>) -> Result<Raised, RaiseError> {
    let known = raising.evidence.clone();
    let fetching = raising.fetching.map(for_keeping);
    let latest = Cell::new(clock::now());
    let mut work = Work { base: source, tail, raising, fetching, known, latest };
    let report = work.judged_leniently()?;
    check(&report)?;
    let mut warnings: Vec<Finding> = Vec::new();
    if report.signatures.iter().any(|signature| signature.changes.docmdp == Some(1)) {
        warnings.push(words::finding("extended_although_closed", ""));
    }
    let mut reasons = Vec::new();
    if let Err(error) = work.climb(&report, &mut warnings) {
        match (raising.lower, error.reason()) {
            (Lower::Allowed, Some(reason)) => reasons.push(reason),
            _ => return Err(error),
        }
    }
    let level = work.reached()?;
    if level < raising.level && reasons.is_empty() {
        let error = RaiseError::NotReached { level };
        match (raising.lower, error.reason()) {
            (Lower::Allowed, Some(reason)) => reasons.push(reason),
            _ => return Err(error),
        }
    }
    Ok(Raised { tail: work.tail, level, reasons, warnings })
}

/// Settings for evidence that is kept for decades: more questions, and no answers of yesterday.
fn for_keeping(fetching: &Fetching) -> Fetching {
    let mut settings = fetching.clone();
    settings.cache = None;
    settings.rules.questions = settings.rules.questions.max(QUESTIONS);
    settings.per_certificate = settings.per_certificate.max(QUESTIONS_PER_CERTIFICATE);
    settings
}

/// Whether there is something to raise, and nothing that cannot be.
fn check(report: &Report) -> Result<(), RaiseError> {
    if report.signatures.is_empty() {
        return Err(RaiseError::Unsigned);
    }
    match report.signatures.iter().find(|one| one.indication != Indication::TotalPassed) {
        Some(signature) => Err(not_valid(signature)),
        None => Ok(()),
    }
}

fn not_valid(signature: &SignatureReport) -> RaiseError {
    let word = |value: serde_json::Result<serde_json::Value>| {
        value.ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    };
    let main = word(serde_json::to_value(signature.indication));
    let sub = word(serde_json::to_value(signature.sub_indication));
    let worst = signature.findings.iter().max_by_key(|finding| finding.severity);
    RaiseError::NotValid {
        field: signature.field.clone(),
        indication: if sub.is_empty() { main } else { format!("{main} {sub}") },
        reason: worst.map_or_else(String::new, |finding| finding.code.clone()),
    }
}

/// A document that grows.
struct Work<'w> {
    base: &'w dyn Source,
    tail: Vec<u8>,
    raising: &'w Raising<'w>,
    /// How evidence is fetched.
    fetching: Option<Fetching>,
    /// What was given.
    known: Evidence,
    /// The newest time that is known: an authority's clock may be ahead of ours.
    latest: Cell<Time>,
}

impl Work<'_> {
    /// Goes up step by step as far as is wanted.
    fn climb(&mut self, report: &Report, warnings: &mut Vec<Finding>) -> Result<(), RaiseError> {
        let signers = report.signatures.iter().filter(|one| one.kind != Kind::DocumentTimestamp);
        if signers.clone().any(|one| one.time.timestamp.is_none()) {
            self.add_stamp()?;
        }
        if self.raising.level >= Level::BLt {
            self.add_evidence()?;
        }
        if self.raising.level >= Level::BLta {
            self.add_stamp()?;
            // What shows that this stamp's authority was not taken back may come after it: the next stamp
            // seals it, and until then those without a network can tell. The level does not depend on it.
            match self.add_evidence() {
                Err(error @ RaiseError::EvidenceMissing { .. }) => {
                    warnings.push(words::finding("last_stamp_without_evidence", &error.to_string()));
                }
                other => other?,
            }
        }
        Ok(())
    }

    fn now(&self) -> Time {
        clock::now().max(self.latest.get()).in_offset(VIETNAM)
    }

    fn add_stamp(&mut self) -> Result<(), RaiseError> {
        let missing = || StampError { code: "tsa_missing", reason: String::new() };
        let stamper = self.raising.stamper.ok_or_else(missing).map_err(SignError::from)?;
        let noting = Noting { inner: stamper, latest: &self.latest };
        let joined = Joined::new(self.base, &self.tail);
        let stamped = stamp_document(&joined, &noting, self.raising.access)?;
        self.tail.extend_from_slice(&stamped.appended);
        Ok(())
    }

    /// Fetches what is missing and puts what the judgement rests on into the store.
    fn add_evidence(&mut self) -> Result<(), RaiseError> {
        let mut evidence = self.known.clone();
        let mut fetcher = self.fetching.as_ref().map(|settings| Fetcher::new(settings, self.now()));
        let mut judged = self.judged_with(&evidence)?;
        for _ in 0..MOST_ROUNDS {
            let Some(fetcher) = &mut fetcher else { break };
            if judged.missing.is_empty() || fetcher.fetch(&judged.missing, &mut evidence) == 0 {
                break;
            }
            judged = self.judged_with(&evidence)?;
        }
        // Newer evidence would be welcome, older is enough.
        judged.missing.retain(Missing::is_unknown);
        if !judged.missing.is_empty() {
            let failures = fetcher.as_ref().map(Fetcher::failures).unwrap_or_default();
            return Err(missing(&judged.missing, failures));
        }
        let joined = Joined::new(self.base, &self.tail);
        if let Some(Appended { bytes, .. }) = add_store(&joined, &judged.material, self.raising.access)? {
            self.tail.extend_from_slice(&bytes);
        }
        Ok(())
    }

    /// By this evidence and what the document has; a status that is missing is told and nothing more.
    fn judged_with(&self, evidence: &Evidence) -> Result<Judged, RaiseError> {
        self.judged(evidence, RevocationDemand::Warn, None)
    }

    /// What is wrong with a signature beside evidence that is missing.
    fn judged_leniently(&self) -> Result<Report, RaiseError> {
        Ok(self.judged(&self.known, RevocationDemand::Warn, self.fetching.as_ref())?.report)
    }

    fn judged(
        &self,
        evidence: &Evidence,
        revocation: RevocationDemand,
        fetching: Option<&Fetching>,
    ) -> Result<Judged, RaiseError> {
        let policy = Policy { revocation, ..self.raising.policy.clone() };
        let case = Case {
            source: &Joined::new(self.base, &self.tail),
            name: "",
            trust: self.raising.trust,
            evidence,
            policy: &policy,
            at: Some(self.now()),
            access: self.raising.access,
        };
        Ok(online::judge(&case, fetching)?)
    }

    /// The level of the result to somebody who has nothing but the document and the anchors; up to B-T, with
    /// what was given too.
    fn reached(&self) -> Result<Level, RaiseError> {
        let alone = lowest(&self.judged_with(&Evidence::none())?.report);
        if alone > Level::BT {
            return Ok(alone);
        }
        Ok(lowest(&self.judged_with(&self.known)?.report).min(Level::BT))
    }
}

/// The lowest level among the signatures; a time stamp that is not trusted is none. A document with nothing
/// but time stamps is of level B-T.
fn lowest(report: &Report) -> Level {
    let signers = report.signatures.iter().filter(|one| one.kind != Kind::DocumentTimestamp);
    let of = |one: &SignatureReport| match one.time.timestamp {
        None => one.level.min(Level::BB),
        Some(_) => one.level,
    };
    signers.map(of).min().unwrap_or(Level::BT)
}

/// Names what is missing, and who could not be asked.
fn missing(missing: &[Missing], failures: &[NotFetched]) -> RaiseError {
    let named = missing.iter().map(|one| {
        let (subject, what) = match one {
            Missing::Status { certificate, .. } => (certificate.subject().display_name(), "status"),
            Missing::Issuer { certificate } => (certificate.issuer().display_name(), "certificate"),
        };
        let told: Vec<String> = failures
            .iter()
            .filter(|failure| failure.subject == subject)
            .map(|failure| format!("{}: {}", failure.host, failure.code))
            .collect();
        match told.as_slice() {
            [] => format!("{what} of {subject}"),
            told => format!("{what} of {subject} ({})", told.join(", ")),
        }
    });
    RaiseError::EvidenceMissing { missing: named.collect() }
}

/// Notes what time it is to an authority.
struct Noting<'n> {
    inner: &'n dyn TimeStamper,
    latest: &'n Cell<Time>,
}

impl TimeStamper for Noting<'_> {
    fn stamp_digest(&self, algorithm: DigestAlgorithm, imprint: &[u8]) -> Result<TimeStampToken, StampError> {
        let token = self.inner.stamp_digest(algorithm, imprint)?;
        self.latest.set(self.latest.get().max(token.time()));
        Ok(token)
    }
}
