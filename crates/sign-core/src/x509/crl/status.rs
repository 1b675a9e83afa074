//! What revocation lists say about one certificate (RFC 5280 6.3.3).

use super::{Crl, Entry, Reason, compare_numbers};
use crate::crypto::CryptoError;
use crate::time::Time;
use crate::x509::certificate::Certificate;
use crate::x509::distribution::{DistributionPoint, PointName, Reasons};
use crate::x509::general_name::GeneralName;
use std::cmp::Ordering;

/// Signatures of lists checked for one certificate, so that a heap of namesakes costs no more; lists that
/// are out of date do not count.
const MAX_CHECKS: u32 = 32;

/// What is asked, and what is at hand to answer it.
pub struct Question<'a> {
    /// Whose status.
    pub certificate: &'a Certificate,
    /// Its issuer in a path that is trusted.
    pub issuer: &'a Certificate,
    /// The issuer's key ([`crate::x509::path::working_key`]).
    pub issuer_key: &'a [u8],
    /// Complete and delta lists, in any order; those of others are passed over.
    pub crls: &'a [Crl],
    /// Certificates that may have signed lists besides the issuer.
    pub signers: &'a [Certificate],
    /// When the answer is to hold.
    pub at: Time,
    /// Whether the list of this index is known to have existed while `issuer` could be relied on.
    pub holds: &'a dyn Fn(usize) -> bool,
    /// Whether a path leads from a signer of lists, other than `issuer`, to the anchor of the path in
    /// question (6.3.3 f); with the index of the list.
    pub trusted: &'a dyn Fn(&Certificate, usize) -> bool,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Good only if every reason for revocation is covered.
    pub status: Status,
    /// Indices of the lists that it rests on.
    pub used: Vec<usize>,
    /// Lists that bear the right name, and why each could not be used. The same list may serve one
    /// distribution point and not another.
    pub faults: Vec<(usize, CrlFault)>,
}

/// Status of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// On no list, and the lists cover all reasons.
    Good,
    /// On a list.
    Revoked(Entry),
    /// The lists at hand do not tell.
    Unknown,
}

/// Why a list says nothing about the certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CrlFault {
    /// It is of another distribution point.
    OtherPoint,
    /// It covers other kinds of certificates.
    OtherKind,
    /// The certificate names another issuer of lists, and the list does not say it is indirect.
    NotIndirect,
    /// It covers only reasons that are covered already.
    NothingNew,
    /// A delta list without the complete one it belongs to.
    DeltaWithoutBase,
    /// It was made after the time in question.
    NotYetIssued {
        /// When.
        this_update: Time,
    },
    /// The next one should have been there; None: it does not say when.
    Stale {
        /// When the next one was due.
        next_update: Option<Time>,
    },
    /// Made after the certificate expired, and the list does not say that it keeps expired ones: that it
    /// has no entry says nothing.
    AfterExpiry,
    /// It is not known to have existed while its signer could be relied on.
    OutOfBounds,
    /// A critical extension of the list or of an entry that is not understood.
    UnknownCriticalExtension {
        /// Which one, dotted.
        oid: String,
    },
    /// An extension that is malformed or occurs twice.
    MalformedExtension {
        /// Which one, dotted.
        oid: String,
    },
    /// No certificate with its issuer's name is at hand.
    NoSigner,
    /// None of the keys at hand under that name made the signature.
    BadSignature,
    /// The signature cannot be computed with.
    UnsupportedSignature(CryptoError),
    /// The signer's keyUsage does not allow cRLSign.
    SignerMayNotSign,
    /// No path leads from the signer to the anchor.
    SignerNotTrusted,
    /// Too many lists of one name.
    LimitReached,
}

impl CrlFault {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::OtherPoint => "crl_other_point",
            Self::OtherKind => "crl_other_kind",
            Self::NotIndirect => "crl_not_indirect",
            Self::NothingNew => "crl_nothing_new",
            Self::DeltaWithoutBase => "crl_delta_without_base",
            Self::NotYetIssued { .. } => "crl_not_yet_issued",
            Self::Stale { .. } => "crl_stale",
            Self::AfterExpiry => "crl_after_expiry",
            Self::OutOfBounds => "crl_out_of_bounds",
            Self::UnknownCriticalExtension { .. } => "crl_unknown_critical_extension",
            Self::MalformedExtension { .. } => "crl_malformed_extension",
            Self::NoSigner => "crl_no_signer",
            Self::BadSignature => "crl_bad_signature",
            Self::UnsupportedSignature(_) => "crl_unsupported_signature",
            Self::SignerMayNotSign => "crl_signer_key_usage",
            Self::SignerNotTrusted => "crl_signer_not_trusted",
            Self::LimitReached => "crl_limit_reached",
        }
    }
}

/// Asks the lists.
pub fn ask(question: &Question<'_>) -> Answer {
    let mut asking = Asking {
        question,
        soundness: question.crls.iter().map(|_| None).collect(),
        checks_left: MAX_CHECKS,
        covered: Reasons::NONE,
        used: Vec::new(),
        faults: Vec::new(),
    };
    let status = asking.ask_all();
    Answer { status, used: asking.used, faults: asking.faults }
}

struct Asking<'a> {
    question: &'a Question<'a>,
    /// What was found out about each list by itself.
    soundness: Vec<Option<Result<(), CrlFault>>>,
    checks_left: u32,
    /// reasons_mask.
    covered: Reasons,
    used: Vec<usize>,
    faults: Vec<(usize, CrlFault)>,
}

impl Asking<'_> {
    fn ask_all(&mut self) -> Status {
        let certificate = self.question.certificate;
        // Lists that no distribution point mentions count as those of the issuer's own name.
        let own = DistributionPoint {
            name: Some(PointName::Full(vec![GeneralName::Directory(certificate.issuer().clone())])),
            reasons: None,
            crl_issuer: Vec::new(),
        };
        // The newest first: what an older one says of the same scope is overtaken.
        let mut order: Vec<(Time, usize)> =
            self.question.crls.iter().enumerate().map(|(index, crl)| (crl.this_update(), index)).collect();
        order.sort_by_key(|(made, index)| (std::cmp::Reverse(*made), *index));
        for point in certificate.distribution_points().iter().chain([&own]) {
            for &(_, index) in &order {
                if let Some(entry) = self.ask_one(point, index) {
                    return Status::Revoked(entry);
                }
                if self.covered.covers(Reasons::ALL) {
                    return Status::Good;
                }
            }
        }
        Status::Unknown
    }

    /// The certificate's entry in one list, joined with its delta, if this list is to be asked.
    fn ask_one(&mut self, point: &DistributionPoint, index: usize) -> Option<Entry> {
        let question = self.question;
        let crl = question.crls.get(index)?;
        if !is_of_issuer(point, crl, question.certificate) {
            return None;
        }
        let reasons = match self.fits(point, crl).and_then(|reasons| {
            self.sound(index)?;
            Ok(reasons)
        }) {
            Ok(reasons) => reasons,
            Err(fault) => {
                self.tell(index, fault);
                return None;
            }
        };
        let delta = self.delta_of(index);
        let find = |crl: &Crl| crl.find(question.certificate.raw_serial(), question.certificate.issuer());
        if find(crl).is_none() && forgets_expired(crl, question.certificate) {
            self.tell(index, CrlFault::AfterExpiry);
            return None;
        }
        self.used.push(index);
        self.used.extend(delta);
        let in_delta = delta.and_then(|delta| question.crls.get(delta)).and_then(find);
        let entry = in_delta.or_else(|| find(crl)).filter(|entry| entry.reason != Reason::RemoveFromCrl);
        self.covered = self.covered.or(reasons);
        entry
    }

    fn tell(&mut self, index: usize, fault: CrlFault) {
        if !self.faults.contains(&(index, fault.clone())) {
            self.faults.push((index, fault));
        }
    }

    /// 6.3.3 b 2, d and e: the reasons for which this list speaks about the certificate.
    fn fits(&self, point: &DistributionPoint, crl: &Crl) -> Result<Reasons, CrlFault> {
        if crl.delta_base().is_some() {
            return Err(CrlFault::DeltaWithoutBase);
        }
        let issued = crl.issuing_point();
        if !point.crl_issuer.is_empty() && !issued.is_some_and(|issued| issued.indirect) {
            return Err(CrlFault::NotIndirect);
        }
        if let Some(issued) = issued {
            if issued.name.as_ref().is_some_and(|name| !point.is_named(name, crl.issuer())) {
                return Err(CrlFault::OtherPoint);
            }
            let is_ca = self.question.certificate.is_ca();
            if issued.only_attributes || issued.only_user && is_ca || issued.only_authorities && !is_ca {
                return Err(CrlFault::OtherKind);
            }
        }
        let of_list = issued.and_then(|issued| issued.reasons).unwrap_or(Reasons::ALL);
        let reasons = of_list.and(point.reasons.unwrap_or(Reasons::ALL));
        if self.covered.covers(reasons) { Err(CrlFault::NothingNew) } else { Ok(reasons) }
    }

    /// A sound delta of the list that is newer than it (6.3.3 c, 5.2.4).
    fn delta_of(&mut self, base: usize) -> Option<usize> {
        let complete = self.question.crls.get(base)?;
        let number = complete.number()?;
        let mut newest: Option<usize> = None;
        for (index, delta) in self.question.crls.iter().enumerate() {
            let (Some(since), Some(delta_number)) = (delta.delta_base(), delta.number()) else { continue };
            if !delta.has_scope_of(complete)
                || compare_numbers(number, since) == Ordering::Less
                || compare_numbers(number, delta_number) != Ordering::Less
            {
                continue;
            }
            if let Err(fault) = self.sound(index) {
                self.tell(index, fault);
                continue;
            }
            let known = newest.and_then(|newest| self.question.crls.get(newest)).and_then(Crl::number);
            if known.is_none_or(|known| compare_numbers(known, delta_number) == Ordering::Less) {
                newest = Some(index);
            }
        }
        newest
    }

    /// Whether the list by itself can be relied on; found out once.
    fn sound(&mut self, index: usize) -> Result<(), CrlFault> {
        if let Some(Some(known)) = self.soundness.get(index) {
            return known.clone();
        }
        let Some(crl) = self.question.crls.get(index) else { return Err(CrlFault::LimitReached) };
        let found =
            readable(crl).and_then(|()| fresh(crl, self.question.at)).and_then(|()| self.signed(crl, index));
        if let Some(slot) = self.soundness.get_mut(index) {
            *slot = Some(found.clone());
        }
        found
    }

    /// 6.3.3 f and g.
    fn signed(&mut self, crl: &Crl, index: usize) -> Result<(), CrlFault> {
        let question = self.question;
        if !(question.holds)(index) {
            return Err(CrlFault::OutOfBounds);
        }
        let mut fault = CrlFault::NoSigner;
        let candidates = std::iter::once(question.issuer).chain(question.signers);
        for (place, signer) in candidates.enumerate() {
            if !signer.subject().matches(crl.issuer()) {
                continue;
            }
            self.checks_left = self.checks_left.checked_sub(1).ok_or(CrlFault::LimitReached)?;
            let key = if place == 0 { question.issuer_key } else { signer.spki_der() };
            match crl.is_signed_by(key) {
                Ok(true) if signer.key_usage().is_some_and(|usage| !usage.crl_sign) => {
                    fault = CrlFault::SignerMayNotSign;
                }
                Ok(true) if place == 0 || (question.trusted)(signer, index) => return Ok(()),
                Ok(true) => fault = CrlFault::SignerNotTrusted,
                Ok(false) if fault == CrlFault::NoSigner => fault = CrlFault::BadSignature,
                Ok(false) => {}
                Err(error) => fault = CrlFault::UnsupportedSignature(error),
            }
        }
        Err(fault)
    }
}

/// RFC 5280 3.3: an entry stays until one list after the certificate's end, unless the list keeps them
/// (expiredCertsOnCRL, X.509 9.5.2.8).
fn forgets_expired(crl: &Crl, certificate: &Certificate) -> bool {
    let not_after = certificate.not_after();
    crl.this_update() > not_after && crl.keeps_expired_since().is_none_or(|since| since > not_after)
}

/// 6.3.3 b 1: whether the point means lists of this issuer.
fn is_of_issuer(point: &DistributionPoint, crl: &Crl, certificate: &Certificate) -> bool {
    if point.crl_issuer.is_empty() {
        return crl.issuer().matches(certificate.issuer());
    }
    point.issuer_names().any(|name| name.matches(crl.issuer()))
}

/// RFC 5280 5.2 and 5.3: a list with something critical that is not understood is not used.
fn readable(crl: &Crl) -> Result<(), CrlFault> {
    if let Some(oid) = crl.malformed_extensions().first() {
        return Err(CrlFault::MalformedExtension { oid: oid.clone() });
    }
    let unknown = crl.unknown_critical_extensions().first().map(String::as_str);
    match unknown.or(crl.unknown_critical_entry_extension()) {
        Some(oid) => Err(CrlFault::UnknownCriticalExtension { oid: oid.to_owned() }),
        None => Ok(()),
    }
}

fn fresh(crl: &Crl, at: Time) -> Result<(), CrlFault> {
    if crl.this_update() > at {
        return Err(CrlFault::NotYetIssued { this_update: crl.this_update() });
    }
    match crl.next_update() {
        Some(next_update) if at <= next_update => Ok(()),
        next_update => Err(CrlFault::Stale { next_update }),
    }
}
