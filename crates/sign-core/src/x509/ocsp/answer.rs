//! Whether an OCSP response can be relied on for a certificate, and what it says (RFC 6960 3.2).

use super::{ResponderId, Response, Single, SingleStatus, key_bits};
use crate::crypto::{CryptoError, DigestAlgorithm, digest};
use crate::time::Time;
use crate::x509::certificate::Certificate;

/// id-kp-OCSPSigning (RFC 6960 4.2.2.2).
const OCSP_SIGNING: &str = "1.3.6.1.5.5.7.3.9";

/// What is asked.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// Whose status.
    pub certificate: &'a Certificate,
    /// Its issuer in a path that is trusted.
    pub issuer: &'a Certificate,
    /// When the answer is to hold.
    pub at: Time,
    /// When the responder's certificate has to be valid.
    pub signer_at: Time,
    /// The number that was sent and has to come back; None: none was sent.
    pub nonce: Option<&'a [u8]>,
    /// Seconds by which clocks may differ.
    pub tolerance: i64,
    /// Seconds for which an answer without nextUpdate is taken for new.
    pub max_age: i64,
}

impl<'a> Question<'a> {
    /// Without a nonce, clocks within five minutes, and a day for answers that name no end.
    pub fn new(certificate: &'a Certificate, issuer: &'a Certificate, at: Time) -> Self {
        Self { certificate, issuer, at, signer_at: at, nonce: None, tolerance: 300, max_age: 86_400 }
    }
}

/// Who signed the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Responder {
    /// The certificate's issuer itself.
    Issuer,
    /// Somebody whom the issuer gave a certificate for it.
    Delegated(Certificate),
}

impl Responder {
    /// The certificate whose own status is open: a delegate's without id-pkix-ocsp-nocheck
    /// (4.2.2.2.1).
    pub fn to_be_checked(&self) -> Option<&Certificate> {
        match self {
            Self::Delegated(certificate) if !certificate.needs_no_ocsp_check() => Some(certificate),
            _ => None,
        }
    }
}

/// What the response says, and can be relied on for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The certificate's part.
    pub single: Single,
    /// Who says so.
    pub responder: Responder,
}

/// Why a response says nothing about the certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OcspFault {
    /// It is about other certificates.
    OtherCertificate,
    /// A critical extension that is not understood.
    UnknownCriticalExtension {
        /// Which one, dotted.
        oid: String,
    },
    /// It does not repeat the number that was sent: perhaps an old answer.
    NonceMissing,
    /// It repeats another number than was sent.
    NonceDiffers,
    /// It speaks of a time after the one in question.
    NotYetIssued {
        /// Which time.
        this_update: Time,
    },
    /// Newer information should have been there.
    Stale {
        /// When; None: it does not say.
        next_update: Option<Time>,
    },
    /// Said after the certificate expired, and the responder does not say that it keeps the status of
    /// expired certificates.
    AfterExpiry,
    /// Neither the issuer nor a certificate at hand is the responder it names.
    NoResponder,
    /// The responder's key did not make the signature.
    BadSignature,
    /// The signature cannot be computed with.
    UnsupportedSignature(CryptoError),
    /// The issuer did not issue the responder's certificate itself.
    ResponderOfOtherIssuer,
    /// The responder's certificate is not for signing OCSP answers.
    ResponderNotAuthorised,
    /// The responder's certificate was not valid at the time.
    ResponderNotValid,
}

impl OcspFault {
    /// Whether it was found only by checking signatures.
    pub fn is_of_signer(&self) -> bool {
        matches!(
            self,
            Self::NoResponder
                | Self::BadSignature
                | Self::UnsupportedSignature(_)
                | Self::ResponderOfOtherIssuer
                | Self::ResponderNotAuthorised
                | Self::ResponderNotValid
        )
    }

    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::OtherCertificate => "ocsp_other_certificate",
            Self::UnknownCriticalExtension { .. } => "ocsp_unknown_critical_extension",
            Self::NonceMissing => "ocsp_nonce_missing",
            Self::NonceDiffers => "ocsp_nonce_differs",
            Self::NotYetIssued { .. } => "ocsp_not_yet_issued",
            Self::Stale { .. } => "ocsp_stale",
            Self::AfterExpiry => "ocsp_after_expiry",
            Self::NoResponder => "ocsp_no_responder",
            Self::BadSignature => "ocsp_bad_signature",
            Self::UnsupportedSignature(_) => "ocsp_unsupported_signature",
            Self::ResponderOfOtherIssuer => "ocsp_responder_of_other_issuer",
            Self::ResponderNotAuthorised => "ocsp_responder_not_authorised",
            Self::ResponderNotValid => "ocsp_responder_not_valid",
        }
    }
}

/// What the response says about the certificate in question.
///
/// # Errors
/// The first reason why it says nothing.
pub fn ask(response: &Response, question: &Question<'_>) -> Result<Answer, OcspFault> {
    let single = single_of(response, question).ok_or(OcspFault::OtherCertificate)?;
    if let Some(oid) = response.0.unknown_critical.as_ref().or(single.unknown_critical.as_ref()) {
        return Err(OcspFault::UnknownCriticalExtension { oid: oid.clone() });
    }
    match (question.nonce, response.nonce()) {
        (None, _) => {}
        (Some(_), None) => return Err(OcspFault::NonceMissing),
        (Some(sent), Some(returned)) if sent != returned => return Err(OcspFault::NonceDiffers),
        _ => {}
    }
    fresh(response, single, question)?;
    let responder = responder_of(response, question)?;
    Ok(Answer { single: single.clone(), responder })
}

/// The part about the certificate: of several the worst, then the newest.
fn single_of<'r>(response: &'r Response, question: &Question<'_>) -> Option<&'r Single> {
    let severity = |single: &Single| match single.status {
        SingleStatus::Revoked(_) => 2,
        SingleStatus::Unknown => 1,
        SingleStatus::Good => 0,
    };
    response
        .singles()
        .iter()
        .filter(|single| is_about(single, question))
        .max_by_key(|single| (severity(single), single.this_update))
}

fn is_about(single: &Single, question: &Question<'_>) -> bool {
    let id = &single.id;
    let (Some(digest), Some(key)) = (id.digest, key_bits(question.issuer.spki_der())) else { return false };
    id.serial == question.certificate.raw_serial()
        && id.key_hash == digest::digest(digest, key)
        && (id.name_hash == digest::digest(digest, question.certificate.raw_issuer())
            || id.name_hash == digest::digest(digest, question.issuer.raw_subject()))
}

fn fresh(response: &Response, single: &Single, question: &Question<'_>) -> Result<(), OcspFault> {
    let (at, tolerance) = (question.at, question.tolerance);
    let this_update = single.this_update.max(response.produced_at());
    if this_update > at.plus_seconds(tolerance) {
        return Err(OcspFault::NotYetIssued { this_update });
    }
    let end = single.next_update.unwrap_or(single.this_update.plus_seconds(question.max_age));
    if at > end.plus_seconds(tolerance) {
        return Err(OcspFault::Stale { next_update: single.next_update });
    }
    let not_after = question.certificate.not_after();
    let kept = single.archive_cutoff.is_some_and(|cutoff| cutoff <= not_after);
    if single.status == SingleStatus::Good && single.this_update > not_after && !kept {
        return Err(OcspFault::AfterExpiry);
    }
    Ok(())
}

/// The signer (4.2.2.2): the issuer, or whom it delegated directly.
fn responder_of(response: &Response, question: &Question<'_>) -> Result<Responder, OcspFault> {
    let mut fault = OcspFault::NoResponder;
    let candidates = std::iter::once(question.issuer).chain(response.certificates());
    for (place, candidate) in candidates.enumerate() {
        if !is_named(response.responder(), candidate) {
            continue;
        }
        match response.is_signed_by(candidate.spki_der()) {
            Ok(true) if place == 0 || candidate.spki_der() == question.issuer.spki_der() => {
                return Ok(Responder::Issuer);
            }
            Ok(true) => match delegated(candidate, question) {
                Ok(()) => return Ok(Responder::Delegated(candidate.clone())),
                Err(found) => fault = found,
            },
            Ok(false) if fault == OcspFault::NoResponder => fault = OcspFault::BadSignature,
            Ok(false) => {}
            Err(error) => fault = OcspFault::UnsupportedSignature(error),
        }
    }
    Err(fault)
}

fn is_named(responder: &ResponderId, candidate: &Certificate) -> bool {
    match responder {
        ResponderId::Name(name) => candidate.subject().matches(name),
        ResponderId::KeyHash(hash) => key_bits(candidate.spki_der())
            .is_some_and(|key| *hash == digest::digest(DigestAlgorithm::Sha1, key)),
    }
}

fn delegated(candidate: &Certificate, question: &Question<'_>) -> Result<(), OcspFault> {
    let issuer = question.issuer;
    if !candidate.issuer().matches(issuer.subject()) || candidate.is_signed_by(issuer.spki_der()) != Ok(true)
    {
        return Err(OcspFault::ResponderOfOtherIssuer);
    }
    let for_ocsp =
        candidate.extended_key_usage().is_some_and(|all| all.iter().any(|one| one == OCSP_SIGNING));
    let may_sign =
        candidate.key_usage().is_none_or(|usage| usage.digital_signature || usage.content_commitment);
    if !for_ocsp
        || !may_sign
        || !candidate.unknown_critical_extensions().is_empty()
        || !candidate.malformed_extensions().is_empty()
    {
        return Err(OcspFault::ResponderNotAuthorised);
    }
    let at = question.signer_at;
    if at < candidate.not_before() || at > candidate.not_after() {
        return Err(OcspFault::ResponderNotValid);
    }
    Ok(())
}
