//! Revocation checking (EN 319 102-1 clauses 5.2.6 and 5.5.4): the statuses of a path's certificates from
//! all evidence at hand, at the time that counts.

use super::Findings;
use super::conclude::Chain;
use super::format::Container;
use super::missing::{Gaps, Missing};
use super::signature::Context;
use crate::error::PdfError;
use crate::pades::dss::{self, Pieces};
use crate::pdf::View;
use crate::policy::RevocationDemand;
use crate::report::model::Revocation;
use crate::time::Time;
use crate::trust::evidence::{Evidence, Origin};
use crate::trust::status::{RevocationStatus, StatusInputs, Statuses};
use crate::x509::Certificate;
use crate::x509::crl::Reason;
use crate::x509::crl::status::Status;
use std::cell::{Cell, RefCell};

/// Times at which evidence is tried for one certificate.
const MOST_TIMES: usize = 8;

/// What is known about a path.
pub(super) struct Checked {
    /// The signer's status, or the worst of the path's.
    pub(super) revocation: Revocation,
    /// When the signer's certificate was taken back.
    pub(super) revoked_at: Option<Time>,
    /// What the signer's status rests on, as in `ocsp, dss`.
    pub(super) source: Option<String>,
    /// [`Chain::Revoked`] if an authority on the path was taken back.
    pub(super) authority_revoked: bool,
}

/// All evidence for one document: what was given, its security store, and what its signatures bring; and
/// how many pieces cannot be read.
///
/// # Errors
/// [`PdfError`] if the document's catalog cannot be read.
pub(super) fn gather<'c>(
    given: &Evidence,
    view: View<'_>,
    containers: impl Iterator<Item = &'c Container>,
) -> Result<(Evidence, usize), PdfError> {
    let mut evidence = given.clone();
    let mut unread = add(&mut evidence, &dss::store(view)?, Origin::Dss);
    for cms in containers.filter_map(|container| container.cms.as_ref()) {
        unread += add(&mut evidence, &dss::of_cms(cms), Origin::Cms);
        unread += add(&mut evidence, &dss::of_adobe_attribute(cms), Origin::AdobeAttribute);
    }
    Ok((evidence, unread))
}

/// Adds what can be read; how much could not.
fn add(evidence: &mut Evidence, pieces: &Pieces, origin: Origin) -> usize {
    let mut unread = pieces.unread;
    for der in &pieces.certificates {
        unread += usize::from(evidence.add_certificate(der, origin).is_err());
    }
    for der in &pieces.crls {
        unread += usize::from(evidence.add_crl(der, origin).is_err());
    }
    for der in &pieces.ocsp {
        unread += usize::from(evidence.add_ocsp(der, origin).is_err());
    }
    unread
}

/// Looks up every certificate of a path that ends in an anchor.
///
/// With a proof that the signature existed at a time, only what was taken back by then counts (clause
/// 5.5.4), and evidence made after it speaks for it.
pub(super) fn check(
    context: &Context<'_>,
    chain: &[Certificate],
    proven: Option<Time>,
    findings: &mut Findings,
    gaps: &mut Gaps,
) -> Checked {
    let mut checked =
        Checked { revocation: Revocation::Good, revoked_at: None, source: None, authority_revoked: false };
    let Some(anchor) = chain.last() else { return checked };
    let below = chain.iter().zip(chain.iter().skip(1)).enumerate();
    for (index, (certificate, issuer)) in below {
        let found = status(context, certificate, issuer, anchor, proven);
        if index == 0 {
            checked.source = found.source.as_ref().map(|source| {
                let kind = format!("{:?}", source.kind).to_lowercase();
                format!("{kind}, {}", source.origin.code())
            });
        }
        let name = || certificate.subject().display_name();
        match found.status {
            Status::Good => {}
            Status::Revoked(entry) if counts_not(entry.revoked_at, entry.reason, proven) => {
                findings.add_with("revoked_after_timestamp", format!("{} ({})", name(), entry.revoked_at));
            }
            Status::Revoked(entry) => {
                findings.add_with("certificate_revoked", format!("{} ({})", name(), entry.revoked_at));
                if index == 0 {
                    checked.revoked_at = Some(entry.revoked_at);
                    checked.revocation = Revocation::Revoked;
                } else {
                    checked.authority_revoked = true;
                }
            }
            Status::Unknown => {
                unknown(context, certificate, &found, &mut checked, findings);
                gaps.add(Missing::Status {
                    certificate: certificate.clone(),
                    issuer: Some(issuer.clone()),
                    anchored: true,
                });
            }
        }
    }
    checked
}

/// A path without an anchor: nobody's word about a status counts. Said loudly all the same (TT 15/2025
/// Phụ lục II).
pub(super) fn leave_open(
    context: &Context<'_>,
    chain: &[Certificate],
    findings: &mut Findings,
    gaps: &mut Gaps,
) -> Checked {
    findings.add(match context.policy.revocation {
        RevocationDemand::Warn => "revocation_not_checked",
        RevocationDemand::Required => "revocation_required",
    });
    for (index, certificate) in chain.iter().enumerate().filter(|(_, c)| !c.is_self_issued()) {
        let issuer = chain.get(index + 1).cloned();
        gaps.add(Missing::Status { certificate: certificate.clone(), issuer, anchored: false });
    }
    Checked { revocation: Revocation::NotChecked, revoked_at: None, source: None, authority_revoked: false }
}

/// Taken back only after the proven time. What a thief may have signed before anybody noticed is told by
/// the revocation's own time, which the authority sets back to when the key was lost.
fn counts_not(revoked_at: Time, reason: Reason, proven: Option<Time>) -> bool {
    reason != Reason::RemoveFromCrl && proven.is_some_and(|proven| proven < revoked_at)
}

fn unknown(
    context: &Context<'_>,
    certificate: &Certificate,
    found: &RevocationStatus,
    checked: &mut Checked,
    findings: &mut Findings,
) {
    let required = context.policy.revocation == RevocationDemand::Required;
    let nothing = found.faults.is_empty();
    let state = if nothing { Revocation::NotChecked } else { Revocation::Unknown };
    if checked.revocation == Revocation::Good {
        checked.revocation = state;
    }
    let reasons: Vec<&str> = found.faults.iter().map(|fault| fault.kind.code()).collect();
    let name = certificate.subject().display_name();
    let detail = if nothing { name } else { format!("{name}: {}", reasons.join(", ")) };
    findings.add_with(
        match (nothing, required) {
            (true, false) => "revocation_not_checked",
            (false, false) => "revocation_unknown",
            (_, true) => "revocation_required",
        },
        detail,
    );
}

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

/// Lookups for one document, each certificate at each time: fifty signers with two authorities above each.
const MOST_LOOKUPS: u32 = 256;

struct KnownStatus {
    certificate: Certificate,
    issuer: Certificate,
    anchor: Certificate,
    proven: Option<Time>,
    found: RevocationStatus,
}

/// Most statuses that are kept.
const MOST_KNOWN: usize = 256;

/// As [`find_out`], once.
fn status(
    context: &Context<'_>,
    certificate: &Certificate,
    issuer: &Certificate,
    anchor: &Certificate,
    proven: Option<Time>,
) -> RevocationStatus {
    let is_it = |known: &&KnownStatus| {
        known.proven == proven
            && known.certificate == *certificate
            && known.issuer == *issuer
            && known.anchor == *anchor
    };
    if let Some(known) = context.statuses.statuses.borrow().iter().find(is_it) {
        return known.found.clone();
    }
    let found = find_out(context, certificate, issuer, anchor, proven);
    let mut known = context.statuses.statuses.borrow_mut();
    if known.len() < MOST_KNOWN {
        known.push(KnownStatus {
            certificate: certificate.clone(),
            issuer: issuer.clone(),
            anchor: anchor.clone(),
            proven,
            found: found.clone(),
        });
    }
    found
}

/// The status at the time of judgement; with a proof, also as evidence from after the proven time tells.
fn find_out(
    context: &Context<'_>,
    certificate: &Certificate,
    issuer: &Certificate,
    anchor: &Certificate,
    proven: Option<Time>,
) -> RevocationStatus {
    let mut last = None;
    for at in times(context, proven) {
        if !context.statuses.may_look_up() {
            break;
        }
        let inputs = StatusInputs {
            at,
            pool: context.trust.intermediates(),
            anchors: std::slice::from_ref(anchor),
            limits: context.document.limits(),
            existed: None,
        };
        let found = Statuses::new(context.evidence, inputs).of(certificate, issuer);
        if found.status != Status::Unknown {
            return found;
        }
        last = last.or(Some(found));
    }
    last.unwrap_or_else(|| RevocationStatus::unknown(Vec::new()))
}

/// The time of judgement, then those of evidence made between it and the proven time, newest first.
fn times(context: &Context<'_>, proven: Option<Time>) -> Vec<Time> {
    let mut times = vec![context.at];
    if let Some(proven) = proven {
        let lists = context.evidence.crls().iter().map(|held| held.item.this_update());
        let answers = context.evidence.responses().iter().map(|held| held.item.produced_at());
        let mut made: Vec<Time> =
            lists.chain(answers).filter(|made| (proven..=context.at).contains(made)).collect();
        made.sort_unstable_by(|a, b| b.cmp(a));
        made.dedup();
        times.extend(made.into_iter().take(MOST_TIMES - 2));
        times.push(proven);
    }
    times
}

/// Whether nothing on the path was taken back before `time`; for time-stamping units.
pub(super) fn is_unrevoked(context: &Context<'_>, chain: &[Certificate], time: Time) -> bool {
    let Some(anchor) = chain.last() else { return true };
    let mut below = chain.iter().zip(chain.iter().skip(1));
    !below.any(|(certificate, issuer)| {
        let found = status(context, certificate, issuer, anchor, Some(time));
        matches!(found.status, Status::Revoked(entry) if !counts_not(entry.revoked_at, entry.reason, Some(time)))
    })
}

impl Checked {
    /// The path's state with what revocation adds to it.
    pub(super) fn chain(&self, chain: Chain) -> Chain {
        match chain {
            Chain::Trusted if self.authority_revoked => Chain::Revoked,
            other => other,
        }
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
