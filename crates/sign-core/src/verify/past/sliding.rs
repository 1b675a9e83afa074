//! Validation time sliding (EN 319 102-1 clause 5.6.2.2): down a path from its anchor, how far back the word of
//! each authority can be relied on.
//!
//! The control time begins at the time of judgement. A certificate that was taken back, or has ended, lowers it
//! to that moment, and evidence about the certificates below counts only if it is known to have existed by
//! then: whoever has the key now could otherwise write it today. One difference from the standard: evidence
//! that is good but no longer new does not lower the control time for what is below. The standard lowers it to
//! the moment the evidence was made, which no letter survives whose root publishes lists twice a year; that
//! the evidence speaks for the proven time is asked all the same ([`super::super::freshness`]).

use super::super::context::Context;
use super::super::revocation::{self, Scope};
use crate::report::model::Revocation;
use crate::time::Time;
use crate::trust::RevocationStatus;
use crate::x509::Certificate;
use crate::x509::crl::status::Status;
use crate::x509::crl::{Entry, Reason};

/// What sliding along one path came to.
#[derive(Debug, Clone)]
pub(in super::super) struct Slid {
    /// The signer's status, or the worst of the path's.
    pub(in super::super) revocation: Revocation,
    /// When the signer's certificate was taken back, if that counts.
    pub(in super::super) revoked_at: Option<Time>,
    /// What the signer's status rests on, as in `ocsp, dss`.
    pub(in super::super) source: Option<String>,
    /// What is to be told, the certificate nearest to the anchor first.
    pub(in super::super) notes: Vec<Note>,
    /// Whether every status is known from the document alone: the first revision whose document time stamp
    /// covers all that it rests on.
    pub(in super::super) covered_from: Option<usize>,
    /// The statuses themselves.
    pub(in super::super) statuses: Vec<RevocationStatus>,
}

/// Something about one certificate of the path.
#[derive(Debug, Clone)]
pub(in super::super) struct Note {
    pub(in super::super) certificate: Certificate,
    pub(in super::super) issuer: Certificate,
    /// Whether it is the certificate in question, and not an authority above it.
    pub(in super::super) is_signer: bool,
    pub(in super::super) kind: NoteKind,
}

/// What it is.
#[derive(Debug, Clone)]
pub(in super::super) enum NoteKind {
    /// Taken back, and that counts.
    Revoked {
        /// When.
        since: Time,
        /// Why.
        reason: Reason,
    },
    /// Taken back after the proven time.
    RevokedAfter(Time),
    /// Nothing at hand tells.
    Unknown {
        /// Why each piece of evidence does not.
        faults: Vec<&'static str>,
        /// Responders who tell it, and of whom it is not known whether they were taken back.
        unsettled: Vec<Certificate>,
    },
    /// Good by evidence that is no longer new, though newer could be had.
    Old,
}

/// Since when the thing exists whose signer's path is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Existence {
    /// What a time stamp proves; without it, it exists when it is judged.
    pub(in super::super) proven: Option<Time>,
    /// Of a time stamp, the time it names itself.
    pub(in super::super) stamped: Option<Time>,
}

impl Existence {
    /// Whether it counts that a certificate was taken back. What a thief may have signed before anybody noticed
    /// is told by the revocation's own time, which the authority sets back to when the key was lost. A time
    /// stamp made before stays good if the unit was merely retired, which its authority says by the reason
    /// (RFC 3161 clause 4); with the key in other hands, or no reason, the time in it proves nothing.
    fn counts(self, entry: Entry, is_signer: bool) -> bool {
        let retired = matches!(
            entry.reason,
            Reason::AffiliationChanged | Reason::Superseded | Reason::CessationOfOperation
        );
        let before = |time: Option<Time>| time.is_some_and(|time| time < entry.revoked_at);
        let spared = before(self.proven) || is_signer && retired && before(self.stamped);
        entry.reason == Reason::RemoveFromCrl || !spared
    }

    /// The time that evidence has to speak for, if it is not the time of judgement.
    fn asked_for(self) -> Option<Time> {
        self.proven.or(self.stamped)
    }
}

impl Slid {
    /// An authority on the path was taken back, and that counts.
    pub(in super::super) fn authority_revoked(&self) -> bool {
        self.notes.iter().any(|note| !note.is_signer && matches!(note.kind, NoteKind::Revoked { .. }))
    }

    /// A certificate on the path was taken back, and that counts.
    pub(in super::super) fn revoked(&self) -> bool {
        self.notes.iter().any(|note| matches!(note.kind, NoteKind::Revoked { .. }))
    }

    /// Evidence is there that would tell, if somebody proved how old it is.
    pub(in super::super) fn lacks_proof(&self) -> bool {
        let faults = self.statuses.iter().filter(|found| found.status == Status::Unknown);
        faults.flat_map(|found| &found.faults).any(|fault| fault.kind.is_out_of_bounds())
    }

    /// Nothing at hand tells the status of a certificate on the path.
    pub(in super::super) fn unknown(&self) -> bool {
        self.notes.iter().any(|note| matches!(note.kind, NoteKind::Unknown { .. }))
    }
}

/// Slides along a path that ends in an anchor.
pub(in super::super) fn slide(context: &Context<'_>, chain: &[Certificate], existence: Existence) -> Slid {
    let mut slid = Slid {
        revocation: Revocation::Good,
        revoked_at: None,
        source: None,
        notes: Vec::new(),
        covered_from: Some(0),
        statuses: Vec::new(),
    };
    let Some(anchor) = chain.last() else { return slid };
    let mut control = context.at;
    let below = chain.iter().zip(chain.iter().skip(1)).enumerate().rev();
    for (index, (certificate, issuer)) in below {
        let find = |scope| {
            let above = (issuer, anchor);
            revocation::find(context, certificate, above, existence.asked_for(), control, scope)
        };
        let (found, at) = find(Scope::Everything);
        let is_signer = index == 0;
        if is_signer {
            slid.source = found.source.as_ref().map(|source| source.to_string());
        }
        slid.covered_from = slid.covered_from.and_then(|from| {
            let known = |found: &RevocationStatus| {
                let from = context.evidence.status_covered_from(found);
                from.filter(|_| found.status != Status::Unknown)
            };
            Some(from.max(known(&found).or_else(|| known(&find(Scope::Document).0))?))
        });
        let kind = match found.status {
            Status::Good if at < context.at && may_be_renewed(context, certificate, &found, existence) => {
                Some(NoteKind::Old)
            }
            Status::Good => None,
            Status::Revoked(entry) => {
                control = control.min(entry.revoked_at);
                Some(match existence.counts(entry, is_signer) {
                    true => NoteKind::Revoked { since: entry.revoked_at, reason: entry.reason },
                    false => NoteKind::RevokedAfter(entry.revoked_at),
                })
            }
            Status::Unknown => {
                Some(NoteKind::Unknown { faults: faults(&found), unsettled: found.unsettled.clone() })
            }
        };
        control = control.min(certificate.not_after());
        if let Some(kind) = kind {
            slid.note(Note { certificate: certificate.clone(), issuer: issuer.clone(), is_signer, kind });
        }
        slid.statuses.push(found);
    }
    slid
}

/// Whether somebody who asks today may learn more than old evidence tells: the certificate still stands, and
/// the evidence is not from after a proven time.
fn may_be_renewed(
    context: &Context<'_>,
    certificate: &Certificate,
    found: &RevocationStatus,
    existence: Existence,
) -> bool {
    let made = found.source.as_ref().map(|source| source.this_update);
    let after_proof = made.zip(existence.proven).is_some_and(|(made, proven)| made >= proven);
    context.at <= certificate.not_after() && !after_proof
}

/// Why each piece of evidence does not tell, each reason once.
fn faults(found: &RevocationStatus) -> Vec<&'static str> {
    let mut codes = Vec::new();
    for code in found.faults.iter().map(|fault| fault.kind.code()) {
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes
}

impl Slid {
    /// The signer's own status outweighs the authorities', which are told apart. The signer comes last.
    fn note(&mut self, note: Note) {
        match &note.kind {
            NoteKind::Revoked { since, .. } if note.is_signer => {
                self.revocation = Revocation::Revoked;
                self.revoked_at = Some(*since);
            }
            NoteKind::Unknown { faults, .. } if note.is_signer || self.revocation == Revocation::Good => {
                self.revocation =
                    if faults.is_empty() { Revocation::NotChecked } else { Revocation::Unknown };
            }
            _ => {}
        }
        self.notes.push(note);
    }
}
