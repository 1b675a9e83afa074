//! What was answered, looked at before it becomes evidence: is it an answer at all, is it about what was
//! asked, is it of today, and is it signed by whom it should be. It is judged again afterwards, with
//! everything else that is known; here the one who answered can still be named.

use super::Failure;
use sign_core::cms::SignedData;
use sign_core::crypto::pem;
use sign_core::time::Time;
use sign_core::x509::ocsp::{self, OcspError, Response, SingleStatus};
use sign_core::x509::{Certificate, Crl};

/// Seconds for which an OCSP answer is kept that does not say until when it holds.
const SHORT: i64 = 300;
/// Seconds for which an OCSP answer is kept at most: a certificate taken back today should be noticed
/// today.
const LONGEST_ANSWER: i64 = 4 * 3_600;
/// The same for lists and issuers' certificates.
const LONGEST_LIST: i64 = 24 * 3_600;
/// Certificates taken from one answer.
const MOST_ISSUERS: usize = 16;
/// Seconds by which clocks may differ.
const CLOCKS: i64 = 300;
const SEQUENCE: u8 = 0x30;

/// Something usable.
pub(super) struct Found {
    /// DER of a list or an OCSP answer; of certificates what was received.
    pub(super) bytes: Vec<u8>,
    /// Until when it may be kept.
    pub(super) holds_until: Time,
    /// Whether it came from the network just now.
    pub(super) fresh: bool,
    /// Who signed an OCSP answer, if that one's own status is open.
    pub(super) responder: Option<Certificate>,
    /// Issuers.
    pub(super) certificates: Vec<Certificate>,
}

impl Found {
    fn new(bytes: Vec<u8>, holds_until: Time) -> Self {
        Self { bytes, holds_until, fresh: true, responder: None, certificates: Vec::new() }
    }
}

/// An OCSP answer; `nonce` is what was sent now.
pub(super) fn answer(
    bytes: &[u8],
    certificate: &Certificate,
    issuer: &Certificate,
    now: Time,
    nonce: Option<&[u8]>,
) -> Result<Found, Failure> {
    let response = Response::parse(bytes).map_err(|error| match error {
        OcspError::Refused { .. } => Failure::Silent(error.code()),
        _ => Failure::Unusable(error.code()),
    })?;
    // One that repeats no number has to be fresh, as without any.
    let nonce = nonce.filter(|_| response.nonce().is_some());
    let question = ocsp::Question { nonce, ..ocsp::Question::new(certificate, issuer, now) };
    let answer = ocsp::ask(&response, &question).map_err(|fault| Failure::Unusable(fault.code()))?;
    if answer.single.status == SingleStatus::Unknown {
        return Err(Failure::Silent("ocsp_responder_does_not_know"));
    }
    let holds_until = match answer.single.next_update {
        Some(next) => next.min(now.plus_seconds(LONGEST_ANSWER)),
        None => now.plus_seconds(SHORT),
    };
    let responder = answer.responder.to_be_checked().cloned();
    Ok(Found { responder, ..Found::new(bytes.to_vec(), holds_until) })
}

/// A revocation list, DER or PEM.
pub(super) fn list(bytes: &[u8], issuer: Option<&Certificate>, now: Time) -> Result<Found, Failure> {
    let der = match bytes.first() {
        Some(&SEQUENCE) => bytes.to_vec(),
        _ => of_pem(bytes, "X509 CRL").ok_or(Failure::Unusable("malformed_crl"))?,
    };
    let crl = Crl::parse(&der).map_err(|_| Failure::Unusable("malformed_crl"))?;
    let next = crl.next_update().ok_or(Failure::Unusable("crl_stale"))?;
    if next < now {
        return Err(Failure::Unusable("crl_stale"));
    }
    if crl.this_update() > now.plus_seconds(CLOCKS) {
        return Err(Failure::Unusable("crl_not_yet_issued"));
    }
    // Lists of other signers are judged with their paths.
    let same = issuer.filter(|issuer| crl.issuer().matches(issuer.subject()));
    if same.is_some_and(|issuer| crl.is_signed_by(issuer.spki_der()) == Ok(false)) {
        return Err(Failure::Unusable("crl_bad_signature"));
    }
    Ok(Found::new(der, next.min(now.plus_seconds(LONGEST_LIST))))
}

/// Certificates that issued this one: one as DER, several as PEM or in a PKCS#7 that holds nothing else
/// (RFC 5280 4.2.2.1).
pub(super) fn issuers(bytes: &[u8], certificate: &Certificate, now: Time) -> Result<Found, Failure> {
    let all = certificates(bytes).ok_or(Failure::Unusable("malformed_certificate"))?;
    let issued = |issuer: &Certificate| {
        issuer.subject().matches(certificate.issuer())
            && certificate.is_signed_by(issuer.spki_der()) == Ok(true)
    };
    if !all.iter().take(MOST_ISSUERS).any(issued) {
        return Err(Failure::Unusable("issuer_of_another"));
    }
    // What came along may be the issuer's own issuer.
    let certificates = all.into_iter().take(MOST_ISSUERS).collect();
    Ok(Found { certificates, ..Found::new(bytes.to_vec(), now.plus_seconds(LONGEST_LIST)) })
}

fn certificates(bytes: &[u8]) -> Option<Vec<Certificate>> {
    if let Ok(found) = Certificate::parse_all(bytes) {
        return Some(found);
    }
    let der = match bytes.first() {
        Some(&SEQUENCE) => bytes.to_vec(),
        _ => of_pem(bytes, "PKCS7").or_else(|| of_pem(bytes, "CMS"))?,
    };
    SignedData::parse(&der).ok().map(|cms| cms.certificates().to_vec())
}

/// The contents of the first block with this label.
fn of_pem(bytes: &[u8], label: &str) -> Option<Vec<u8>> {
    pem::blocks(bytes).into_iter().find(|block| block.label == label)?.contents
}
