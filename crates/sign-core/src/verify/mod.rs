//! The procedures of ETSI EN 319 102-1: facts are gathered, then [`conclude`] judges them.
//!
//! [`judge`] is the one entry. It reads no clock and no network: time, anchors and evidence are
//! arguments, and what is missing is named ([`missing`], and `wanted` in the report). A bad signature is a
//! verdict; `Err` means the file could not be read as a PDF.
//!
//! | clause | building block or process | file |
//! |---|---|---|
//! | 5.2.2 | format checking | `format` (EN 319 142-1, ISO 32000-2 12.8) |
//! | 5.2.3 | identification of the signing certificate | `identification` |
//! | 5.2.4 | validation context initialisation | `context` |
//! | 5.2.5 | revocation freshness | `freshness` |
//! | 5.2.6 | X.509 certificate validation | `chain` (paths, over `x509::path`), `revocation` (statuses, over `trust::status`) |
//! | 5.2.7 | cryptographic verification | `integrity` |
//! | 5.2.8 | signature acceptance | `acceptance`, `signing_time` |
//! | 5.3 | basic signatures | `signature`, without a proof of time |
//! | 5.4 | time-stamp validation | `time_stamp`; document time stamps: `signature` |
//! | 5.5 | signatures with time, with long-term material | `signature`, with the proofs of its own time stamps |
//! | 5.6.2 | past certificate and signature validation, sliding, proofs of existence | `past` |
//! | 5.6.3 | signatures with archival material | [`judge`]: time stamps from the newest to the oldest, then signatures |
//! | 5.1.3 | indications | [`conclude`], a pure function with a truth table |
//!
//! Not of the standard: `changes` (what came after a signature), `level` (PAdES levels), `material` and [`missing`]
//! (for whoever fetches and stores evidence).

mod acceptance;
mod chain;
mod changes;
pub mod conclude;
mod context;
mod document;
mod format;
mod freshness;
mod identification;
mod integrity;
mod level;
mod material;
pub mod missing;
mod past;
mod revocation;
mod signature;
mod signer;
mod signing_time;
#[cfg(test)]
mod tests;
mod time_stamp;
mod used;

use crate::crypto::document::open;
use crate::error::PdfError;
use crate::limits::LimitExceeded;
use crate::pades::changes::Comparison;
use crate::pades::coverage;
use crate::pades::dss::Pieces;
use crate::pades::field::{Form, SignatureField};
use crate::pdf::{Access, Document};
use crate::policy::Policy;
use crate::report::model::{FileFacts, Finding, Report, SCHEMA, SignatureReport, Wanted};
use crate::report::words;
use crate::source::Source;
use crate::time::Time;
use crate::trust::{Evidence, TrustStore};
use crate::verdict::Indication;
use crate::x509::Certificate;
use context::{Context, Gathered};
use format::Container;
use missing::{Gaps, Missing};
use past::{Proof, Proofs};
use signature::Examined;
use std::cell::RefCell;

/// A judgement, and what it takes to go on from it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Judged {
    /// The report.
    pub report: Report,
    /// What nothing at hand tells, for somebody with a network.
    pub missing: Vec<Missing>,
    /// What the judgement rested on, for the document's security store: certificates, revocation lists and OCSP
    /// answers as DER, also what the document has already.
    pub material: Pieces,
    /// All evidence there was: what was given, what the document carries, what its signatures bring.
    pub evidence: Evidence,
    /// The certificates of all paths: signers, time-stamping units, their authorities.
    pub certificates: Vec<Certificate>,
}

/// Judges all signatures of a document as of the time `at`: the report of [`judge`].
///
/// # Errors
/// As [`judge`].
pub fn verify<'p>(
    source: &dyn Source,
    name: &str,
    trust: &TrustStore,
    evidence: &Evidence,
    policy: &Policy,
    at: Time,
    access: impl Into<Access<'p>>,
) -> Result<Report, PdfError> {
    judge(source, name, trust, evidence, policy, at, access).map(|judged| judged.report)
}

/// Judges all signatures of a document as of the time `at`.
///
/// `name` is the file's name for the report. Revocation is judged by `evidence` and by what the document
/// and its signatures carry; a status that nothing tells is said (`not_checked`, `unknown`, and a warning),
/// and where it could be asked stands in `wanted`.
///
/// # Errors
/// [`PdfError`] if the document cannot be read: not a PDF, truncated, malformed, encrypted
/// and not opened by the password, or past the limits.
pub fn judge<'p>(
    source: &dyn Source,
    name: &str,
    trust: &TrustStore,
    evidence: &Evidence,
    policy: &Policy,
    at: Time,
    access: impl Into<Access<'p>>,
) -> Result<Judged, PdfError> {
    let access = access.into();
    let limits = access.limits;
    let document = open(source, access)?;
    let view = document.latest();
    let form = Form::read(&view, limits.fields)?;
    let mut signed = form.signature_fields(&view)?;
    signed.retain(|field| field.value.is_some());
    if signed.len() > limits.signatures as usize {
        return Err(LimitExceeded { limit: "signatures", allowed: limits.signatures.into() }.into());
    }
    let mut containers = containers(&document, &signed)?;
    let sha256 = integrity::hash(source, containers.iter_mut().map(|(_, container)| container))?;
    let first_signed = containers.iter().filter_map(|(_, container)| container.revision).min();
    // What cannot be compared is a finding of each signature, not the end of the whole report.
    let comparison = first_signed.map(|first| Comparison::new(&document, &form, first));
    let carried = containers.iter().map(|(_, container)| container);
    let evidence = Gathered::new(evidence, view, carried)?;
    let mut context = Context {
        document: &document,
        trust,
        policy,
        at,
        comparison: comparison.as_ref(),
        trailing: coverage::trailing(source, document.revisions())?,
        paths: chain::Paths::default(),
        evidence: &evidence,
        statuses: revocation::Known::default(),
        proofs: Proofs::default(),
        material: RefCell::default(),
    };
    let mut gaps = Gaps::default();
    let signatures = judge_all(&mut context, containers, &mut gaps)?;
    let file = document::facts(&document, name, &sha256)?;
    let report = assemble(&context, &form, file, signatures, gaps.wanted());
    let certificates = context.paths.certificates();
    let material = context.material.take().pieces(&evidence);
    Ok(Judged { report, missing: gaps.0, material, evidence: evidence.all, certificates })
}

/// Judges the document time stamps first, from the newest to the oldest (clause 5.6.3.4): each proves that what it
/// covers existed, older time stamps among it; the signatures are then judged at the times so proven.
fn judge_all(
    context: &mut Context<'_>,
    containers: Vec<(&SignatureField, Container)>,
    gaps: &mut Gaps,
) -> Result<Vec<SignatureReport>, PdfError> {
    let numbered = containers.into_iter().enumerate();
    let (stamps, others): (Vec<_>, Vec<_>) =
        numbered.partition(|(_, (_, container))| container.is_time_stamp());
    let mut judged = Vec::new();
    for (place, (field, container)) in stamps.into_iter().rev() {
        let revision = container.revision;
        let Examined { report, covered_from } = signature::examine(context, field, container, gaps)?;
        if let (Indication::TotalPassed, Some(revision), Some(time)) =
            (report.indication, revision, report.time.timestamp)
        {
            context.proofs.add(revision, Proof { time, tsa: report.time.tsa.clone(), covered_from });
        }
        judged.push((place, report));
    }
    for (place, (field, container)) in others {
        judged.push((place, signature::examine(context, field, container, gaps)?.report));
    }
    judged.sort_by_key(|(place, _)| *place);
    Ok(judged.into_iter().map(|(_, report)| report).collect())
}

/// Every signed field with what its dictionary and CMS say, in the order of the signed revisions.
fn containers<'f>(
    document: &Document<'_>,
    signed: &'f [SignatureField],
) -> Result<Vec<(&'f SignatureField, Container)>, PdfError> {
    let mut found = Vec::new();
    for field in signed {
        found.push((field, format::read(document, field)?));
    }
    // Stable: signatures without a revision of their own stay in the form's order, at the end.
    found.sort_by_key(|(_, container)| container.revision.unwrap_or(usize::MAX));
    Ok(found)
}

fn assemble(
    context: &Context<'_>,
    form: &Form,
    file: FileFacts,
    signatures: Vec<SignatureReport>,
    wanted: Vec<Wanted>,
) -> Report {
    let indications: Vec<_> = signatures.iter().map(|signature| signature.indication).collect();
    let signers: Vec<_> =
        signatures.iter().map(|signature| (document::counts_as(signature), signature.indication)).collect();
    let warnings: Vec<Finding> = document::findings(context, form, signatures.is_empty());
    Report {
        schema: SCHEMA.to_owned(),
        file,
        verified_at: context.at,
        policy: context.policy.name.clone(),
        verdict: conclude::verdict(&indications),
        official: conclude::official(&signers),
        signatures,
        wanted,
        warnings,
    }
}

/// Findings while they are collected.
#[derive(Debug, Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, code: &str) {
        self.0.push(words::finding(code, ""));
    }

    fn add_with(&mut self, code: &str, detail: impl std::fmt::Display) {
        self.0.push(words::finding(code, &detail.to_string()));
    }
}
