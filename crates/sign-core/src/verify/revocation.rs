//! The status of one certificate of a path from all evidence at hand (EN 319 102-1 clause 5.2.6), and what is
//! told of the statuses of a path.

use super::Findings;
use super::context::Context;
use super::freshness;
use super::missing::{Gaps, Missing};
use super::past::{Note, NoteKind, Slid};
use crate::policy::RevocationDemand;
use crate::report::model::Revocation;
use crate::time::Time;
use crate::trust::status::{RevocationStatus, SourceKind, StatusInputs, Statuses};
use crate::x509::Certificate;
use crate::x509::crl::status::Status;
use std::cell::{Cell, RefCell};

/// Statuses found out so far: the same people sign many letters, and the same authorities stand above all.
///
/// And how many lookups were made: forged lists and answers cost their checks each time, and a document
/// may have many signatures, each with a time of its own.
#[derive(Default)]
pub(super) struct Known {
    statuses: RefCell<Vec<KnownStatus>>,
    lookups: Cell<u32>,
}

impl Known {
    /// Whether one more lookup may be made for this document.
    fn may_look_up(&self) -> bool {
        let made = self.lookups.get();
        self.lookups.set(made.saturating_add(1));
        made < MOST_LOOKUPS
    }
}

/// Lookups for one document, each certificate at each time: two hundred signers whose evidence is old. The worst
/// that each may cost is some dozen signature checks.
const MOST_LOOKUPS: u32 = 1_024;

/// Whose word is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// All evidence at hand.
    Everything,
    /// What the document has: for the level that it reaches, whoever looks at it.
    Document,
}

/// What is asked: whose status, below whom, for when, and by when evidence must have existed.
#[derive(PartialEq)]
struct Asked {
    scope: Scope,
    certificate: Certificate,
    issuer: Certificate,
    anchor: Certificate,
    at: Time,
    control: Time,
    /// How many proofs there were: with one more, evidence may have existed earlier.
    proofs: usize,
}

struct KnownStatus {
    asked: Asked,
    found: RevocationStatus,
}

/// Most statuses that are kept.
const MOST_KNOWN: usize = 1_024;

/// The status of a certificate below `issuer` on a path to `anchor`, for something that existed at `proven`, by
/// evidence that existed at `control`.
///
/// It is asked for the time of judgement; with a proof, also for earlier times down to the proven one. The time
/// for which it is known comes back too.
pub(super) fn find(
    context: &Context<'_>,
    certificate: &Certificate,
    (issuer, anchor): (&Certificate, &Certificate),
    proven: Option<Time>,
    control: Time,
    scope: Scope,
) -> (RevocationStatus, Time) {
    let mut first = None;
    for at in freshness::times(context, proven) {
        let asked = Asked {
            scope,
            certificate: certificate.clone(),
            issuer: issuer.clone(),
            anchor: anchor.clone(),
            at,
            control,
            proofs: context.proofs.len(),
        };
        let Some(found) = find_once(context, asked) else { break };
        if found.status != Status::Unknown {
            return (found, at);
        }
        match &mut first {
            None => first = Some(found),
            // Of earlier times only this is worth telling: the rest speaks of the time, not of the evidence.
            Some(first) => {
                first.faults.extend(found.faults.into_iter().filter(|fault| fault.kind.is_out_of_bounds()))
            }
        }
    }
    (first.unwrap_or_else(|| RevocationStatus::unknown(Vec::new())), context.at)
}

/// None when too much was looked up.
fn find_once(context: &Context<'_>, asked: Asked) -> Option<RevocationStatus> {
    let statuses = &context.statuses;
    if let Some(known) = statuses.statuses.borrow().iter().find(|known| known.asked == asked) {
        return Some(known.found.clone());
    }
    if !statuses.may_look_up() {
        return None;
    }
    let existed = |kind: SourceKind, place: usize| {
        if asked.scope == Scope::Document {
            context.evidence.covered_from(kind, place)?;
        }
        let existed = context.existed(kind, place);
        (existed <= asked.control).then_some(existed)
    };
    let inputs = StatusInputs {
        at: asked.at,
        pool: context.trust.intermediates(),
        anchors: std::slice::from_ref(&asked.anchor),
        limits: context.document.limits(),
        existed: Some(&existed),
    };
    let found = Statuses::new(&context.evidence.all, inputs).of(&asked.certificate, &asked.issuer);
    let mut known = statuses.statuses.borrow_mut();
    if known.len() < MOST_KNOWN {
        known.push(KnownStatus { asked, found: found.clone() });
    }
    Some(found)
}

/// Tells what sliding found on a signer's path, and what is missing.
pub(super) fn tell(context: &Context<'_>, slid: &Slid, findings: &mut Findings, gaps: &mut Gaps) {
    for note in &slid.notes {
        let name = note.certificate.subject().display_name();
        match &note.kind {
            NoteKind::RevokedAfter(since) => {
                findings.add_with("revoked_after_timestamp", format!("{name} ({since})"));
            }
            NoteKind::Revoked { since, .. } => {
                findings.add_with("certificate_revoked", format!("{name} ({since})"));
            }
            NoteKind::Old => findings.add_with("revocation_not_current", name),
            NoteKind::Unknown { faults, .. } => {
                let nothing = faults.is_empty();
                let detail = if nothing { name } else { format!("{name}: {}", faults.join(", ")) };
                findings.add_with(unknown_code(context, nothing), detail);
            }
        }
        missing(note).into_iter().for_each(|missing| gaps.add(missing));
    }
}

/// The status that nothing at hand tells, or nothing new; and those of the responders who would tell it.
pub(super) fn missing(note: &Note) -> Vec<Missing> {
    let status = |certificate: &Certificate, known| Missing::Status {
        certificate: certificate.clone(),
        issuer: Some(note.issuer.clone()),
        anchored: true,
        known,
    };
    match &note.kind {
        NoteKind::Old => vec![status(&note.certificate, true)],
        NoteKind::Unknown { unsettled, .. } => {
            let asked = std::iter::once(&note.certificate).chain(unsettled);
            asked.map(|certificate| status(certificate, false)).collect()
        }
        NoteKind::Revoked { .. } | NoteKind::RevokedAfter(_) => Vec::new(),
    }
}

fn unknown_code(context: &Context<'_>, nothing: bool) -> &'static str {
    match (nothing, context.policy.revocation) {
        (true, RevocationDemand::Warn) => "revocation_not_checked",
        (false, RevocationDemand::Warn) => "revocation_unknown",
        (_, RevocationDemand::Required) => "revocation_required",
    }
}

/// A path without an anchor: nobody's word about a status counts. Said loudly all the same (TT 15/2025
/// Phụ lục II).
pub(super) fn leave_open(
    context: &Context<'_>,
    chain: &[Certificate],
    findings: &mut Findings,
    gaps: &mut Gaps,
) -> Slid {
    findings.add(unknown_code(context, true));
    for (index, certificate) in chain.iter().enumerate().filter(|(_, c)| !c.is_self_issued()) {
        let issuer = chain.get(index + 1).cloned();
        gaps.add(Missing::Status { certificate: certificate.clone(), issuer, anchored: false, known: false });
    }
    Slid {
        revocation: Revocation::NotChecked,
        revoked_at: None,
        source: None,
        notes: Vec::new(),
        covered_from: None,
        statuses: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lookups_for_one_document_are_counted() {
        let known = Known::default();
        let allowed = (0..MOST_LOOKUPS + 10).filter(|_| known.may_look_up()).count();
        assert_eq!(allowed, MOST_LOOKUPS as usize);
    }
}
