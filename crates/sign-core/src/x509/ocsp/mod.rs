//! OCSP (RFC 6960): answers as facts, whether one can be relied on for a certificate ([`answer`]), and
//! the bytes of a question ([`request`]). Sending and receiving is `sign-io`'s.

pub mod answer;
mod request;
#[cfg(test)]
mod tests;

pub use answer::{Answer, OcspFault, Question, Responder, ask};
pub use request::request;

use super::certificate::Certificate;
use super::crl::{Entry, Reason};
use super::extension::{Extension, whole};
use super::name::Name;
use super::signed::{self, SignedPart};
use super::time::time;
use crate::crypto::algorithm::digest_from_identifier;
use crate::crypto::der::{self, DerError, Reader, Tlv, tag};
use crate::crypto::{CryptoError, DigestAlgorithm, SignatureAlgorithm};
use crate::time::Time;
use std::sync::Arc;

/// Bytes of one response. Real ones have 0.5–5 KiB.
const MAX_BYTES: usize = 1024 * 1024;
/// Certificates in one response that are looked at.
const MAX_CERTIFICATES: usize = 8;

const BASIC: &str = "1.3.6.1.5.5.7.48.1.1";
pub(super) const NONCE: &str = "1.3.6.1.5.5.7.48.1.2";
const ARCHIVE_CUTOFF: &str = "1.3.6.1.5.5.7.48.1.6";
/// id-pkix-ocsp-crl, id-pkix-ocsp-extended-revoke: said for information only.
const INFORMATIVE: [&str; 2] = ["1.3.6.1.5.5.7.48.1.3", "1.3.6.1.5.5.7.48.1.9"];
const ENUMERATED: u8 = 0x0a;

/// Bytes that hold no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OcspError {
    /// Longer than any response.
    #[error("an OCSP response of {length} bytes is not looked at")]
    TooLong {
        /// Its size.
        length: usize,
    },
    /// Not ASN.1 of RFC 6960 4.2.1, or with bytes after it.
    #[error("malformed OCSP response: {reason}")]
    Malformed {
        /// What the reader met.
        reason: String,
    },
    /// The responder refuses to answer (OCSPResponseStatus).
    #[error("the OCSP responder answers {status}")]
    Refused {
        /// The standard's word, as in `tryLater`.
        status: &'static str,
    },
    /// An answer of another type than the basic one.
    #[error("OCSP response of unknown type {oid}")]
    UnknownType {
        /// Its identifier, dotted.
        oid: String,
    },
}

impl OcspError {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "ocsp_too_long",
            Self::Malformed { .. } => "ocsp_malformed",
            Self::Refused { .. } => "ocsp_refused",
            Self::UnknownType { .. } => "ocsp_unknown_type",
        }
    }

    fn malformed(reason: impl ToString) -> Self {
        Self::Malformed { reason: reason.to_string() }
    }
}

impl From<DerError> for OcspError {
    fn from(error: DerError) -> Self {
        Self::malformed(error)
    }
}

/// Who says to have signed the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResponderId {
    /// By name.
    Name(Name),
    /// By the SHA-1 of the key.
    KeyHash(Vec<u8>),
}

/// What is said about one certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Single {
    id: CertId,
    /// Its status.
    pub status: SingleStatus,
    /// When this was known to be right.
    pub this_update: Time,
    /// When newer information will be there at the latest.
    pub next_update: Option<Time>,
    /// Status is kept for certificates that expired after this (4.4.4).
    pub archive_cutoff: Option<Time>,
    unknown_critical: Option<String>,
}

/// Status in an answer (RFC 6960 2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SingleStatus {
    /// Not known to be revoked.
    Good,
    /// Taken back.
    Revoked(Entry),
    /// The responder does not know the certificate.
    Unknown,
}

/// Which certificate: hashes of its issuer's name and key, and its serial number.
#[derive(Debug, Clone, PartialEq, Eq)]
struct CertId {
    /// None: a hash that is not known here.
    digest: Option<DigestAlgorithm>,
    name_hash: Vec<u8>,
    key_hash: Vec<u8>,
    serial: Vec<u8>,
}

/// A signed answer. Cloning is cheap; two are equal when their bytes are.
#[derive(Clone)]
pub struct Response(Arc<Inner>);

struct Inner {
    der: Vec<u8>,
    /// The BasicOCSPResponse in it.
    basic: Vec<u8>,
    signed: SignedPart,
    responder: ResponderId,
    produced_at: Time,
    singles: Vec<Single>,
    nonce: Option<Vec<u8>>,
    unknown_critical: Option<String>,
    certificates: Vec<Certificate>,
}

impl Response {
    /// Reads an OCSPResponse, or the BasicOCSPResponse alone that CMS keeps (RFC 5940 section 2).
    ///
    /// # Errors
    /// [`OcspError`], also if the responder refused to answer.
    pub fn parse(der: &[u8]) -> Result<Self, OcspError> {
        if der.len() > MAX_BYTES {
            return Err(OcspError::TooLong { length: der.len() });
        }
        if der::scan(der)?.length != der.len() {
            return Err(OcspError::malformed("bytes after the response"));
        }
        let basic = basic_of(der)?;
        // Inside an OCTET STRING, where the first look did not reach.
        if der::scan(&basic)?.length != basic.len() {
            return Err(OcspError::malformed("bytes after the answer"));
        }
        let outer = signed::Outer::read_open(&basic)?;
        let data = Data::read(outer.tbs)?;
        let mut rest = outer.rest;
        let certificates = match rest.optional(tag::context(0))? {
            Some(list) => certificates(list)?,
            None => Vec::new(),
        };
        rest.finish()?;
        let signed = SignedPart::without_inner(&basic, &outer)?;
        let Data { responder, produced_at, singles, nonce, unknown_critical } = data;
        Ok(Self(Arc::new(Inner {
            der: der.to_vec(),
            signed,
            responder,
            produced_at,
            singles,
            nonce,
            unknown_critical,
            certificates,
            basic,
        })))
    }

    /// The bytes that were read.
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// DER of an OCSPResponse around it: CMS may hold the BasicOCSPResponse alone (RFC 5940 2.2), a document's
    /// security store may not (ISO 32000-2 12.8.4.3).
    pub fn whole(&self) -> Vec<u8> {
        if self.der() != self.basic() {
            return self.der().to_vec();
        }
        let bytes = der::sequence(&[&der::oid(BASIC), &der::octet_string(self.basic())]);
        let successful = der::element(ENUMERATED, &[0]);
        der::sequence(&[&successful, &der::container(tag::context(0), &[&bytes])])
    }

    /// The BasicOCSPResponse.
    pub fn basic(&self) -> &[u8] {
        &self.0.basic
    }

    /// Who says to have signed it.
    pub fn responder(&self) -> &ResponderId {
        &self.0.responder
    }

    /// When it was signed.
    pub fn produced_at(&self) -> Time {
        self.0.produced_at
    }

    /// What it says about each certificate.
    pub fn singles(&self) -> &[Single] {
        &self.0.singles
    }

    /// The number it repeats from the question.
    pub fn nonce(&self) -> Option<&[u8]> {
        self.0.nonce.as_deref()
    }

    /// Certificates that came along.
    pub fn certificates(&self) -> &[Certificate] {
        &self.0.certificates
    }

    /// The algorithm of its signature.
    ///
    /// # Errors
    /// [`CryptoError`] if unknown.
    pub fn signature_algorithm(&self) -> Result<SignatureAlgorithm, CryptoError> {
        self.0.signed.algorithm()
    }

    /// Whether its signature was made with this key (a SubjectPublicKeyInfo).
    ///
    /// # Errors
    /// [`CryptoError`] if the key or the algorithm cannot be used.
    pub fn is_signed_by(&self, spki: &[u8]) -> Result<bool, CryptoError> {
        self.0.signed.is_signed_by(&self.0.basic, spki)
    }
}

/// OCSPResponse ::= SEQUENCE { responseStatus, [0] SEQUENCE { responseType, response } }.
fn basic_of(der: &[u8]) -> Result<Vec<u8>, OcspError> {
    let mut inside = whole(der, tag::SEQUENCE)?.reader();
    if inside.peek() != Some(ENUMERATED) {
        return Ok(der.to_vec());
    }
    let status = match inside.expect(ENUMERATED)?.content {
        [0] => None,
        [1] => Some("malformedRequest"),
        [2] => Some("internalError"),
        [3] => Some("tryLater"),
        [5] => Some("sigRequired"),
        [6] => Some("unauthorized"),
        _ => return Err(OcspError::malformed("unknown status")),
    };
    if let Some(status) = status {
        return Err(OcspError::Refused { status });
    }
    let bytes = inside.expect(tag::context(0))?;
    inside.finish()?;
    let mut typed = whole(bytes.content, tag::SEQUENCE)?.reader();
    let oid = typed.expect(tag::OID)?.oid()?;
    if oid != BASIC {
        return Err(OcspError::UnknownType { oid });
    }
    let response = typed.read()?.octets()?.into_owned();
    typed.finish()?;
    Ok(response)
}

/// `[0] EXPLICIT SEQUENCE OF Certificate`; those that cannot be read are passed over, because a
/// responder may send more than is needed.
fn certificates(list: Tlv<'_>) -> Result<Vec<Certificate>, DerError> {
    let mut inside = whole(list.content, tag::SEQUENCE)?.reader();
    let mut found = Vec::new();
    while !inside.is_empty() && found.len() < MAX_CERTIFICATES {
        if let Ok(certificate) = Certificate::parse(inside.read()?.raw) {
            found.push(certificate);
        }
    }
    Ok(found)
}

/// ResponseData.
struct Data {
    responder: ResponderId,
    produced_at: Time,
    singles: Vec<Single>,
    nonce: Option<Vec<u8>>,
    unknown_critical: Option<String>,
}

impl Data {
    fn read(tbs: Tlv<'_>) -> Result<Self, OcspError> {
        let mut inside = tbs.reader();
        inside.optional(tag::context(0))?;
        let responder = inside.read()?;
        let responder = match responder.tag {
            0xa1 => ResponderId::Name(Name::parse(responder.content)?),
            0xa2 => ResponderId::KeyHash(whole(responder.content, tag::OCTET_STRING)?.content.to_vec()),
            _ => return Err(OcspError::malformed("responder of unknown kind")),
        };
        let produced_at = instant(inside.expect(tag::GENERALIZED_TIME)?)?;
        let mut list = inside.expect(tag::SEQUENCE)?.reader();
        let mut singles = Vec::new();
        while !list.is_empty() {
            singles.push(Single::read(list.expect(tag::SEQUENCE)?)?);
        }
        let mut data = Self { responder, produced_at, singles, nonce: None, unknown_critical: None };
        if let Some(extensions) = inside.optional(tag::context(1))? {
            for extension in Extension::read_all(extensions.content)? {
                match extension.oid.as_str() {
                    NONCE => data.nonce = Some(nonce_of(&extension.value)),
                    oid => note_unknown(&mut data.unknown_critical, oid, extension.critical),
                }
            }
        }
        inside.finish()?;
        Ok(data)
    }
}

/// An OCTET STRING (RFC 9654 2.1); some responders leave its header out.
fn nonce_of(value: &[u8]) -> Vec<u8> {
    whole(value, tag::OCTET_STRING).map_or(value, |inner| inner.content).to_vec()
}

fn note_unknown(unknown: &mut Option<String>, oid: &str, critical: bool) {
    if critical && unknown.is_none() && !INFORMATIVE.contains(&oid) {
        *unknown = Some(oid.to_owned());
    }
}

impl Single {
    fn read(element: Tlv<'_>) -> Result<Self, OcspError> {
        let mut inside = element.reader();
        let id = CertId::read(inside.expect(tag::SEQUENCE)?)?;
        let status = inside.read()?;
        let status = match status.tag {
            0x80 => SingleStatus::Good,
            0xa1 => SingleStatus::Revoked(revoked(status)?),
            0x82 => SingleStatus::Unknown,
            _ => return Err(OcspError::malformed("status of unknown kind")),
        };
        let this_update = instant(inside.expect(tag::GENERALIZED_TIME)?)?;
        let next_update = match inside.optional(tag::context(0))? {
            Some(explicit) => Some(instant(whole(explicit.content, tag::GENERALIZED_TIME)?)?),
            None => None,
        };
        let mut single =
            Self { id, status, this_update, next_update, archive_cutoff: None, unknown_critical: None };
        if let Some(extensions) = inside.optional(tag::context(1))? {
            for extension in Extension::read_all(extensions.content)? {
                match extension.oid.as_str() {
                    ARCHIVE_CUTOFF => {
                        single.archive_cutoff =
                            Some(instant(whole(&extension.value, tag::GENERALIZED_TIME)?)?);
                    }
                    oid => note_unknown(&mut single.unknown_critical, oid, extension.critical),
                }
            }
        }
        inside.finish()?;
        Ok(single)
    }
}

impl CertId {
    fn read(element: Tlv<'_>) -> Result<Self, OcspError> {
        let mut inside = element.reader();
        let digest = digest_from_identifier(inside.expect(tag::SEQUENCE)?.raw).ok();
        let name_hash = inside.expect(tag::OCTET_STRING)?.content.to_vec();
        let key_hash = inside.expect(tag::OCTET_STRING)?.content.to_vec();
        let serial = inside.expect(tag::INTEGER)?.content.to_vec();
        inside.finish()?;
        Ok(Self { digest, name_hash, key_hash, serial })
    }
}

/// RevokedInfo ::= SEQUENCE { revocationTime, [0] CRLReason OPTIONAL }.
fn revoked(element: Tlv<'_>) -> Result<Entry, OcspError> {
    let mut inside = element.reader();
    let revoked_at = instant(inside.expect(tag::GENERALIZED_TIME)?)?;
    let reason = match inside.optional(tag::context(0))? {
        Some(explicit) => match whole(explicit.content, ENUMERATED)?.content {
            [number] => Reason::from_number(u64::from(*number)).unwrap_or_default(),
            _ => return Err(OcspError::malformed("reason of unknown kind")),
        },
        None => Reason::Unspecified,
    };
    inside.finish()?;
    Ok(Entry { revoked_at, reason, invalid_since: None })
}

fn instant(value: Tlv<'_>) -> Result<Time, OcspError> {
    time(value).ok_or_else(|| OcspError::malformed("a time cannot be read"))
}

/// The key itself in a SubjectPublicKeyInfo: what OCSP hashes (4.1.1).
fn key_bits(spki: &[u8]) -> Option<&[u8]> {
    let mut inside = Reader::new(spki).expect(tag::SEQUENCE).ok()?.reader();
    inside.expect(tag::SEQUENCE).ok()?;
    inside.expect(tag::BIT_STRING).ok()?.bit_string().ok()
}

impl PartialEq for Response {
    fn eq(&self, other: &Self) -> bool {
        self.0.der == other.0.der
    }
}
impl Eq for Response {}

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Response({:?}, {}, {} certificates)",
            self.0.responder,
            self.0.produced_at,
            self.0.singles.len()
        )
    }
}
