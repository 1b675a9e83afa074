//! The status of a certificate from all evidence at hand: OCSP answers and revocation lists together,
//! with the source it rests on and why each other piece could not be used.

use super::evidence::{Evidence, Held, Origin};
use crate::limits::Limits;
use crate::time::Time;
use crate::x509::certificate::Certificate;
use crate::x509::crl::status::{self as crl_status, CrlFault, Status};
use crate::x509::crl::{Crl, Entry, Reason};
use crate::x509::ocsp::{self, OcspFault, SingleStatus};
use crate::x509::path::{self, PathInputs, PathProblem, ProblemKind};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

/// Certificates whose status is asked for one another: a signer of lists needs a status itself, whose
/// list may have another signer, and so on.
const MAX_DEPTH: usize = 4;
/// Statuses found out to answer for one certificate: those of signers, and of their paths.
const MAX_QUESTIONS: u32 = 32;
/// Signatures of OCSP answers checked for one certificate; stale answers do not count.
const MAX_OCSP_CHECKS: usize = 16;
/// Statuses that are kept.
const MAX_KNOWN: usize = 256;

/// What the status is judged by.
#[derive(Clone, Copy)]
pub struct StatusInputs<'a> {
    /// When it must hold.
    pub at: Time,
    /// Certificates from which paths of signers of lists are built, besides those in the evidence.
    pub pool: &'a [Certificate],
    /// The anchor of the path in question: the path of a signer must end there too (RFC 5280 6.3.3 f).
    pub anchors: &'a [Certificate],
    /// Bounds of those paths.
    pub limits: &'a Limits,
    /// When each piece of evidence is known to have existed; None: that is not asked, and signers are
    /// looked at as of `at`.
    pub existed: Option<&'a Existed<'a>>,
}

/// When a piece of evidence, an index among those of its kind, is known to have existed at the latest; None
/// if that is too late for the question. Its signer's certificate has to hold then (EN 319 102-1 5.6.2.2): a
/// key that leaked after its certificate ended must not make evidence of the past.
pub type Existed<'a> = dyn Fn(SourceKind, usize) -> Option<Time> + 'a;

/// What is known about a certificate's revocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationStatus {
    /// The status.
    pub status: Status,
    /// What it rests on; None if unknown.
    pub source: Option<Source>,
    /// Pieces of evidence that concern the certificate, and why each could not be used.
    pub faults: Vec<Fault>,
    /// All that the status rests on, signers of lists and answers included.
    pub support: Support,
    /// Responders whose answers were not used because their own status is not known; the certificate's issuer
    /// is theirs too.
    pub unsettled: Vec<Certificate>,
}

impl RevocationStatus {
    /// Nothing is known.
    pub fn unknown(faults: Vec<Fault>) -> Self {
        let (support, unsettled) = (Support::default(), Vec::new());
        Self { status: Status::Unknown, source: None, faults, support, unsettled }
    }
}

/// Everything that somebody needs in order to come to the same status: a few pieces more may be there, none
/// less.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Support {
    /// Revocation lists, as indices into the evidence.
    pub crls: BTreeSet<usize>,
    /// OCSP answers, as indices into the evidence.
    pub responses: BTreeSet<usize>,
    /// Certificates on the paths of signers of lists.
    pub certificates: Vec<Certificate>,
}

impl Support {
    fn add_source(&mut self, source: &Source) {
        match source.kind {
            SourceKind::Crl => self.crls.extend(&source.used),
            SourceKind::Ocsp => self.responses.extend(&source.used),
        }
    }
}

/// The piece of evidence that a status rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its kind.
    pub kind: SourceKind,
    /// Where it came from.
    pub origin: Origin,
    /// The time for which it speaks.
    pub this_update: Time,
    /// Until when newer information will be there.
    pub next_update: Option<Time>,
    /// All pieces of that kind that were used, as indices into the evidence, this one first.
    pub used: Vec<usize>,
}

impl std::fmt::Display for Source {
    /// As in `ocsp, dss`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = match self.kind {
            SourceKind::Crl => "crl",
            SourceKind::Ocsp => "ocsp",
        };
        write!(f, "{kind}, {}", self.origin.code())
    }
}

/// Kinds of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum SourceKind {
    Crl,
    Ocsp,
}

/// A piece of evidence that could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Its index in the evidence.
    pub index: usize,
    /// Where it came from.
    pub origin: Origin,
    /// Why.
    pub kind: FaultKind,
}

/// Why a piece of evidence could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// A revocation list.
    Crl(CrlFault),
    /// An OCSP answer.
    Ocsp(OcspFault),
    /// An OCSP answer by a delegate whose own status is not known to be good.
    ResponderNotChecked,
    /// An OCSP responder that does not know the certificate.
    ResponderDoesNotKnow,
    /// An OCSP answer that is not known to have existed while its signer could be relied on.
    OutOfBounds,
}

impl FaultKind {
    /// It is not known to have existed while its signer could be relied on.
    pub fn is_out_of_bounds(&self) -> bool {
        matches!(self, Self::OutOfBounds | Self::Crl(CrlFault::OutOfBounds))
    }

    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Crl(fault) => fault.code(),
            Self::Ocsp(fault) => fault.code(),
            Self::ResponderNotChecked => "ocsp_responder_not_checked",
            Self::ResponderDoesNotKnow => "ocsp_responder_does_not_know",
            Self::OutOfBounds => "ocsp_out_of_bounds",
        }
    }
}

/// Finds out statuses from one set of evidence. What was found out is kept: the same certificate stands
/// in many paths.
pub struct Statuses<'a> {
    evidence: &'a Evidence,
    inputs: StatusInputs<'a>,
    crls: Vec<Crl>,
    pool: Vec<Certificate>,
    /// Certificate, its issuer's key, status.
    known: RefCell<Vec<(Certificate, Vec<u8>, RevocationStatus)>>,
    /// Signers of lists and answers whose trust is being found out.
    open: RefCell<Vec<Certificate>>,
    questions_left: Cell<u32>,
    /// What the answer to the present question rests on.
    support: RefCell<Support>,
    /// Responders whose own status would have to be known for it.
    unsettled: RefCell<Vec<Certificate>>,
}

impl<'a> Statuses<'a> {
    /// Nothing is found out yet.
    pub fn new(evidence: &'a Evidence, inputs: StatusInputs<'a>) -> Self {
        let held = evidence.certificates().iter().map(|held| &held.item);
        Self {
            evidence,
            inputs,
            crls: evidence.crls().iter().map(|held| held.item.clone()).collect(),
            pool: inputs.pool.iter().chain(held).cloned().collect(),
            known: RefCell::default(),
            open: RefCell::default(),
            questions_left: Cell::new(0),
            support: RefCell::default(),
            unsettled: RefCell::default(),
        }
    }

    /// The status of a certificate, whose issuer is that of a trusted path.
    pub fn of(&self, certificate: &Certificate, issuer: &Certificate) -> RevocationStatus {
        self.at_first_hand(certificate, issuer, issuer.spki_der())
    }

    /// The statuses of a path's certificates, its anchor last and not asked for, as problems: for
    /// [`PathInputs::examine`].
    pub fn examine(&self, chain: &[Certificate]) -> Vec<PathProblem> {
        let problems = chain.iter().enumerate().filter_map(|(index, certificate)| {
            let issuers = chain.get(index + 1..).unwrap_or_default();
            let key = path::working_key(issuers);
            let kind = match self.at_first_hand(certificate, issuers.first()?, &key).status {
                Status::Good => return None,
                Status::Revoked(entry) => {
                    ProblemKind::Revoked { since: entry.revoked_at, reason: entry.reason }
                }
                Status::Unknown => ProblemKind::StatusUnknown,
            };
            Some(PathProblem { certificate: certificate.clone(), kind })
        });
        problems.collect()
    }

    /// What is kept, or found out now. While a signer's trust is being found out nothing is kept: what
    /// is found then depends on whose trust that is.
    fn at_first_hand(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        issuer_key: &[u8],
    ) -> RevocationStatus {
        if !self.open.borrow().is_empty() {
            return self.status(certificate, issuer, issuer_key);
        }
        let is_it = |(known, key, _): &&(Certificate, Vec<u8>, RevocationStatus)| {
            known == certificate && key == issuer_key
        };
        if let Some((.., status)) = self.known.borrow().iter().find(is_it) {
            return status.clone();
        }
        self.questions_left.set(MAX_QUESTIONS);
        self.support.take();
        self.unsettled.take();
        let found = self.status(certificate, issuer, issuer_key);
        let (support, unsettled) = (self.support.take(), self.unsettled.take());
        let status = RevocationStatus { support, unsettled, ..found };
        let mut known = self.known.borrow_mut();
        if known.len() < MAX_KNOWN {
            known.push((certificate.clone(), issuer_key.to_vec(), status.clone()));
        }
        status
    }

    fn status(&self, certificate: &Certificate, issuer: &Certificate, issuer_key: &[u8]) -> RevocationStatus {
        let mut faults = Vec::new();
        let Some(left) = self.questions_left.get().checked_sub(1) else {
            return RevocationStatus::unknown(faults);
        };
        self.questions_left.set(left);
        let by_ocsp = self.by_ocsp(certificate, issuer, &mut faults);
        let by_crl = self.by_crl(certificate, (issuer, issuer_key), &mut faults);
        match prevailing(by_ocsp, by_crl) {
            Some((status, source)) => {
                self.support.borrow_mut().add_source(&source);
                let (support, unsettled) = (Support::default(), Vec::new());
                RevocationStatus { status, source: Some(source), faults, support, unsettled }
            }
            None => RevocationStatus::unknown(faults),
        }
    }

    fn by_ocsp(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        faults: &mut Vec<Fault>,
    ) -> Option<(Status, Source)> {
        let mut best: Option<(Status, Source)> = None;
        let mut checks = 0;
        for (index, held) in self.evidence.responses().iter().enumerate() {
            let origin = held.origin;
            if checks >= MAX_OCSP_CHECKS {
                break;
            }
            let relied_on_at = self.signer_at(SourceKind::Ocsp, index, issuer);
            let signer_at = relied_on_at.unwrap_or(self.inputs.at);
            let question =
                ocsp::Question { signer_at, ..ocsp::Question::new(certificate, issuer, self.inputs.at) };
            let asked = ocsp::ask(&held.item, &question);
            checks += usize::from(asked.as_ref().map_or_else(OcspFault::is_of_signer, |_| true));
            let answer = match asked {
                Ok(answer) => answer,
                Err(OcspFault::OtherCertificate) => continue,
                Err(fault) => {
                    faults.push(Fault { index, origin, kind: FaultKind::Ocsp(fault) });
                    continue;
                }
            };
            if relied_on_at.is_none() {
                faults.push(Fault { index, origin, kind: FaultKind::OutOfBounds });
                continue;
            }
            let open = answer.responder.to_be_checked();
            if let Some(responder) = open.filter(|responder| !self.is_good_responder(responder, issuer)) {
                self.unsettled.borrow_mut().push(responder.clone());
                faults.push(Fault { index, origin, kind: FaultKind::ResponderNotChecked });
                continue;
            }
            let status = match answer.single.status {
                SingleStatus::Good => Status::Good,
                SingleStatus::Revoked(entry) => Status::Revoked(entry),
                SingleStatus::Unknown => {
                    faults.push(Fault { index, origin, kind: FaultKind::ResponderDoesNotKnow });
                    continue;
                }
            };
            let source = Source {
                kind: SourceKind::Ocsp,
                origin,
                this_update: answer.single.this_update,
                next_update: answer.single.next_update,
                used: vec![index],
            };
            best = prevailing(best, Some((status, source)));
        }
        best
    }

    fn existed(&self, kind: SourceKind, index: usize) -> Option<Time> {
        match self.inputs.existed {
            Some(existed) => existed(kind, index),
            None => Some(self.inputs.at),
        }
    }

    /// When the signer of a piece has to be valid: when the piece existed, if its issuer could be relied
    /// on then. An anchor is trusted as it is.
    fn signer_at(&self, kind: SourceKind, index: usize, issuer: &Certificate) -> Option<Time> {
        let existed = self.existed(kind, index)?;
        let relied_on = self.inputs.existed.is_none()
            || existed <= issuer.not_after()
            || self.inputs.anchors.contains(issuer);
        relied_on.then_some(existed)
    }

    /// Whether a delegate of this issuer is unrevoked. It cannot say so itself, nor can two of them of
    /// each other.
    fn is_good_responder(&self, responder: &Certificate, issuer: &Certificate) -> bool {
        self.while_open(responder, || {
            self.status(responder, issuer, issuer.spki_der()).status == Status::Good
        })
    }

    /// Runs `find_out` unless that is already going on for this certificate, or for too many.
    fn while_open(&self, certificate: &Certificate, find_out: impl FnOnce() -> bool) -> bool {
        if self.open.borrow().len() >= MAX_DEPTH || self.open.borrow().contains(certificate) {
            return false;
        }
        self.open.borrow_mut().push(certificate.clone());
        let found = find_out();
        self.open.borrow_mut().pop();
        found
    }

    fn by_crl(
        &self,
        certificate: &Certificate,
        (issuer, issuer_key): (&Certificate, &[u8]),
        faults: &mut Vec<Fault>,
    ) -> Option<(Status, Source)> {
        let answer = crl_status::ask(&crl_status::Question {
            certificate,
            issuer,
            issuer_key,
            crls: &self.crls,
            signers: &self.pool,
            at: self.inputs.at,
            holds: &|index| self.signer_at(SourceKind::Crl, index, issuer).is_some(),
            trusted: &|signer, index| self.trusts(signer, certificate, index),
        });
        let held = self.evidence.crls();
        let origin_of = |index: usize| held.get(index).map_or(Origin::Given, |held| held.origin);
        faults.extend(answer.faults.into_iter().map(|(index, fault)| Fault {
            index,
            origin: origin_of(index),
            kind: FaultKind::Crl(fault),
        }));
        let used = answer.used;
        if answer.status == Status::Unknown {
            return None;
        }
        // The last one decided.
        let Held { item, origin } = held.get(*used.last()?)?;
        let source = Source {
            kind: SourceKind::Crl,
            origin: *origin,
            this_update: item.this_update(),
            next_update: item.next_update(),
            used: used.into_iter().rev().collect(),
        };
        Some((answer.status, source))
    }

    /// Whether a path that is itself unrevoked leads from a signer of lists to the anchor.
    ///
    /// A signer whose certificate names itself as the place to ask may vouch for itself: its issuer
    /// arranged it so. No other may, or a revoked key could declare itself good.
    fn trusts(&self, signer: &Certificate, certificate: &Certificate, list: usize) -> bool {
        if self.open.borrow().contains(signer) {
            return signer == certificate && names_itself(signer);
        }
        self.while_open(signer, || {
            let examine = |chain: &[Certificate]| self.examine(chain);
            let at = self.existed(SourceKind::Crl, list).unwrap_or(self.inputs.at);
            let inputs = PathInputs { examine: Some(&examine), ..PathInputs::at(at) };
            let (anchors, limits) = (self.inputs.anchors, self.inputs.limits);
            let outcome = path::build_with(signer, &self.pool, anchors, &inputs, limits);
            let clean = outcome.is_clean();
            if clean {
                self.support.borrow_mut().certificates.extend(outcome.chain);
            }
            clean
        })
    }
}

fn names_itself(signer: &Certificate) -> bool {
    let mut names = signer.distribution_points().iter().flat_map(|point| &point.crl_issuer);
    names.any(
        |name| matches!(name, crate::x509::GeneralName::Directory(name) if name.matches(signer.subject())),
    )
}

/// Of two answers the one that counts: revoked before good, but what was only on hold may be good again
/// in a newer answer; otherwise the newer.
fn prevailing(a: Option<(Status, Source)>, b: Option<(Status, Source)>) -> Option<(Status, Source)> {
    let (Some(a), Some(b)) = (&a, &b) else { return a.or(b) };
    let (older, newer) = if a.1.this_update <= b.1.this_update { (a, b) } else { (b, a) };
    let final_before = matches!(
        older.0,
        Status::Revoked(Entry { reason, .. }) if reason != Reason::CertificateHold
    );
    Some(if final_before { older.clone() } else { newer.clone() })
}
