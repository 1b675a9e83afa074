//! Reads SignedData (RFC 5652 5) into owned facts. DER is the rule; BER is tolerated and reported.

use super::attribute::{self, Attributes, EssCertId, IssuerSerial};
use super::der::{self, Reader, Tlv, tag};
use super::{CmsError, CmsFinding};
use crate::crypto::{CryptoError, DigestAlgorithm, SignatureAlgorithm, algorithm};
use crate::time::Time;
use crate::x509::Certificate;

/// id-data.
pub const DATA: &str = "1.2.840.113549.1.7.1";
/// id-signedData.
pub const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
/// id-ct-TSTInfo: the content of a time-stamp token (RFC 3161 2.4.2).
pub const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";

/// Certificates and CRLs of one CMS that are read.
const MAX_CERTIFICATES: usize = 64;
/// PAdES has one signer; more are reported, not judged, up to this.
const MAX_SIGNERS: usize = 16;

/// What a CMS SignedData says.
#[derive(Debug, Clone)]
pub struct SignedData {
    content_type: String,
    content: Option<Vec<u8>>,
    certificates: Vec<Certificate>,
    crls: Vec<Vec<u8>>,
    signers: Vec<SignerInfo>,
    length: usize,
    findings: Vec<CmsFinding>,
}

/// How a SignerInfo names its certificate (RFC 5652 5.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignerIdentifier {
    /// By issuer and serial number.
    IssuerAndSerial(IssuerSerial),
    /// By the subjectKeyIdentifier extension.
    SubjectKeyId(Vec<u8>),
}

/// One signer.
#[derive(Debug, Clone)]
pub struct SignerInfo {
    version: u64,
    sid: SignerIdentifier,
    digest_algorithm: Result<DigestAlgorithm, CryptoError>,
    signature_algorithm: Result<SignatureAlgorithm, CryptoError>,
    signed_attributes: Option<Attributes>,
    signature: Vec<u8>,
    unsigned_attributes: Attributes,
}

impl SignedData {
    /// Reads a ContentInfo with SignedData. After it only zero bytes are normal: the rest of the
    /// place reserved in /Contents.
    ///
    /// # Errors
    /// [`CmsError`] if it is not SignedData or passes a bound.
    pub fn parse(bytes: &[u8]) -> Result<Self, CmsError> {
        let scan = der::scan(bytes)?;
        let mut findings = Vec::new();
        if scan.ber {
            findings.push(CmsFinding::Ber);
        }
        let trailing = bytes.get(scan.length..).unwrap_or_default();
        if trailing.iter().any(|&byte| byte != 0) {
            findings.push(CmsFinding::TrailingBytes { count: trailing.len() });
        }
        let mut info = Reader::new(bytes).expect(tag::SEQUENCE)?.reader();
        let oid = info.expect(tag::OID)?.oid()?;
        if oid != SIGNED_DATA {
            return Err(CmsError::NotSignedData { oid });
        }
        let signed_data = info.expect(tag::context(0))?.reader().expect(tag::SEQUENCE)?;
        info.finish()?;
        Self::read(signed_data, scan.length, findings)
    }

    fn read(signed_data: Tlv<'_>, length: usize, mut findings: Vec<CmsFinding>) -> Result<Self, CmsError> {
        let mut inside = signed_data.reader();
        let version = inside.expect(tag::INTEGER)?.unsigned()?;
        // digestAlgorithms: only a hint for one-pass readers; each signer names its own.
        inside.expect(tag::SET)?;
        let (content_type, content) = encapsulated(inside.expect(tag::SEQUENCE)?)?;
        let certificates = match inside.optional(tag::context(0))? {
            Some(set) => certificates(set, &mut findings)?,
            None => Vec::new(),
        };
        let crls = match inside.optional(tag::context(1))? {
            Some(set) => raw_elements(set, "CRLs")?,
            None => Vec::new(),
        };
        let signers = signer_infos(inside.expect(tag::SET)?, &mut findings)?;
        inside.finish()?;
        // RFC 5652 5.1: 1 for data signed by issuer and serial number, 3 otherwise; 4 and 5 come with
        // attribute certificates or other formats.
        let expected_3 = content_type != DATA || signers.iter().any(|signer| signer.version == 3);
        if version != if expected_3 { 3 } else { 1 } {
            findings.push(CmsFinding::Version { found: version });
        }
        Ok(Self { content_type, content, certificates, crls, signers, length, findings })
    }

    /// eContentType, dotted.
    pub fn content_type(&self) -> &str {
        &self.content_type
    }

    /// The content if it is inside; None for a detached signature.
    pub fn content(&self) -> Option<&[u8]> {
        self.content.as_deref()
    }

    /// Readable certificates, in the order sent. None of them is trusted for being here.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// Entries of `crls` as encoded.
    pub fn crls(&self) -> &[Vec<u8>] {
        &self.crls
    }

    /// Signers. PAdES allows exactly one (EN 319 142-1 6.3).
    pub fn signer_infos(&self) -> &[SignerInfo] {
        &self.signers
    }

    /// Bytes of the structure without what follows it.
    pub fn length(&self) -> usize {
        self.length
    }

    /// What was unusual.
    pub fn findings(&self) -> &[CmsFinding] {
        &self.findings
    }
}

impl SignerInfo {
    fn read(info: Tlv<'_>) -> Result<Self, CmsError> {
        let mut inside = info.reader();
        let version = inside.expect(tag::INTEGER)?.unsigned()?;
        let sid = signer_identifier(inside.read()?)?;
        let digest_algorithm = algorithm::digest_from_identifier(inside.expect(tag::SEQUENCE)?.raw);
        let signed_attributes = inside.optional(tag::context(0))?.map(Attributes::read).transpose()?;
        let identifier = inside.expect(tag::SEQUENCE)?.raw;
        let signature_algorithm =
            digest_algorithm.clone().and_then(|digest| SignatureAlgorithm::from_cms(identifier, digest));
        let signature = inside.read()?.octets()?.into_owned();
        let unsigned_attributes =
            inside.optional(tag::context(1))?.map(Attributes::read).transpose()?.unwrap_or_default();
        inside.finish()?;
        Ok(Self {
            version,
            sid,
            digest_algorithm,
            signature_algorithm,
            signed_attributes,
            signature,
            unsigned_attributes,
        })
    }

    /// How it names its certificate.
    pub fn sid(&self) -> &SignerIdentifier {
        &self.sid
    }

    /// `digestAlgorithm`: what the content was hashed with.
    ///
    /// # Errors
    /// [`CryptoError`] if it is unknown.
    pub fn digest_algorithm(&self) -> Result<DigestAlgorithm, CryptoError> {
        self.digest_algorithm.clone()
    }

    /// `signatureAlgorithm`; its digest may differ from [`Self::digest_algorithm`].
    ///
    /// # Errors
    /// [`CryptoError`] if it is unknown.
    pub fn signature_algorithm(&self) -> Result<SignatureAlgorithm, CryptoError> {
        self.signature_algorithm.clone()
    }

    /// The signature value.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Signed attributes; None if the signature is over the content itself.
    pub fn signed_attributes(&self) -> Option<&Attributes> {
        self.signed_attributes.as_ref()
    }

    /// The message that the signature covers if there are signed attributes (RFC 5652 5.4).
    pub fn signed_message(&self) -> Option<&[u8]> {
        self.signed_attributes.as_ref().map(Attributes::der)
    }

    /// Unsigned attributes.
    pub fn unsigned_attributes(&self) -> &Attributes {
        &self.unsigned_attributes
    }

    fn single(&self, oid: &str) -> Option<Tlv<'_>> {
        self.signed_attributes.as_ref()?.single(oid)
    }

    /// content-type attribute, dotted; None unless there is exactly one.
    pub fn content_type(&self) -> Option<String> {
        self.single(attribute::CONTENT_TYPE)?.oid().ok()
    }

    /// message-digest attribute; None unless there is exactly one.
    pub fn message_digest(&self) -> Option<Vec<u8>> {
        self.single(attribute::MESSAGE_DIGEST)?.octets().ok().map(std::borrow::Cow::into_owned)
    }

    /// signing-time attribute: the signer's claim. PAdES forbids it (EN 319 142-1 6.3).
    pub fn signing_time(&self) -> Option<Time> {
        attribute::time(self.single(attribute::SIGNING_TIME)?)
    }

    /// Certificates referenced by ESS signing-certificate-v2, or v1 where there is no v2. The first is
    /// the signer's. Empty if there is none or it is malformed.
    pub fn signing_certificates(&self) -> Vec<EssCertId> {
        let v2 = self.single(attribute::SIGNING_CERTIFICATE_V2);
        let value = v2.or_else(|| self.single(attribute::SIGNING_CERTIFICATE));
        value.and_then(|value| EssCertId::read_all(value, v2.is_some()).ok()).unwrap_or_default()
    }

    /// Whether the ESS reference is to this certificate; None without such a reference.
    pub fn ess_matches(&self, certificate: &Certificate) -> Option<bool> {
        self.signing_certificates().first().map(|id| id.matches(certificate))
    }

    /// Whether `sid` names this certificate.
    pub fn is_by(&self, certificate: &Certificate) -> bool {
        match &self.sid {
            SignerIdentifier::IssuerAndSerial(names) => names.names(certificate),
            SignerIdentifier::SubjectKeyId(id) => certificate.subject_key_id() == Some(id),
        }
    }

    /// The signer's certificate among these: one that `sid` names and, of several, the one that the ESS
    /// hash means. Never simply the first of the list.
    pub fn signer_certificate<'c>(&self, among: &'c [Certificate]) -> Option<&'c Certificate> {
        let named = || among.iter().filter(|certificate| self.is_by(certificate));
        named().find(|certificate| self.ess_matches(certificate) == Some(true)).or_else(|| named().next())
    }

    /// Signature time-stamp tokens (RFC 3161 appendix A) as encoded.
    pub fn signature_time_stamps(&self) -> Vec<&[u8]> {
        let tokens = self.unsigned_attributes.iter().filter(|a| a.oid == attribute::SIGNATURE_TIME_STAMP);
        tokens.flat_map(|attribute| &attribute.values).map(Vec::as_slice).collect()
    }

    /// Content time-stamp tokens (EN 319 122-1 5.2.8) as encoded: stamped before signing, and signed.
    pub fn content_time_stamps(&self) -> Vec<&[u8]> {
        let signed = self.signed_attributes.iter().flat_map(Attributes::iter);
        let tokens = signed.filter(|a| a.oid == attribute::CONTENT_TIME_STAMP);
        tokens.flat_map(|attribute| &attribute.values).map(Vec::as_slice).collect()
    }

    fn findings(&self) -> Vec<CmsFinding> {
        let mut found = Vec::new();
        let expected = if matches!(self.sid, SignerIdentifier::SubjectKeyId(_)) { 3 } else { 1 };
        if self.version != expected {
            found.push(CmsFinding::Version { found: self.version });
        }
        if let Some(attributes) = &self.signed_attributes {
            if !attributes.is_sorted() {
                found.push(CmsFinding::UnsortedSignedAttributes);
            }
            found.extend(attributes.miscounted().into_iter().map(|oid| CmsFinding::AttributeCount { oid }));
        }
        found
    }
}

/// EncapsulatedContentInfo ::= SEQUENCE { eContentType, eContent [0] EXPLICIT OCTET STRING OPTIONAL }.
fn encapsulated(info: Tlv<'_>) -> Result<(String, Option<Vec<u8>>), CmsError> {
    let mut inside = info.reader();
    let content_type = inside.expect(tag::OID)?.oid()?;
    let content = match inside.optional(tag::context(0))? {
        Some(explicit) => Some(explicit.reader().read()?.octets()?.into_owned()),
        None => None,
    };
    inside.finish()?;
    Ok((content_type, content))
}

fn certificates(set: Tlv<'_>, findings: &mut Vec<CmsFinding>) -> Result<Vec<Certificate>, CmsError> {
    let mut found: Vec<Certificate> = Vec::new();
    for (index, bytes) in raw_elements(set, "certificates")?.iter().enumerate() {
        match Certificate::parse(bytes) {
            Ok(certificate) if found.contains(&certificate) => {}
            Ok(certificate) => found.push(certificate),
            Err(_) => findings.push(CmsFinding::UnreadableCertificate { index }),
        }
    }
    Ok(found)
}

fn raw_elements(set: Tlv<'_>, what: &'static str) -> Result<Vec<Vec<u8>>, CmsError> {
    let mut inside = set.reader();
    let mut found = Vec::new();
    while !inside.is_empty() {
        if found.len() == MAX_CERTIFICATES {
            return Err(CmsError::TooMany { what, allowed: MAX_CERTIFICATES });
        }
        found.push(inside.read()?.raw.to_vec());
    }
    Ok(found)
}

fn signer_infos(set: Tlv<'_>, findings: &mut Vec<CmsFinding>) -> Result<Vec<SignerInfo>, CmsError> {
    let mut inside = set.reader();
    let mut found = Vec::new();
    while !inside.is_empty() {
        if found.len() == MAX_SIGNERS {
            return Err(CmsError::TooMany { what: "signers", allowed: MAX_SIGNERS });
        }
        let signer = SignerInfo::read(inside.expect(tag::SEQUENCE)?)?;
        findings.extend(signer.findings());
        found.push(signer);
    }
    Ok(found)
}

fn signer_identifier(sid: Tlv<'_>) -> Result<SignerIdentifier, CmsError> {
    if sid.tag == tag::context_primitive(0) {
        return Ok(SignerIdentifier::SubjectKeyId(sid.content.to_vec()));
    }
    if sid.tag != tag::SEQUENCE {
        return Err(der::DerError::UnexpectedTag { expected: tag::SEQUENCE, found: sid.tag }.into());
    }
    let mut inside = sid.reader();
    let issuer = inside.expect(tag::SEQUENCE)?.raw.to_vec();
    let serial = inside.expect(tag::INTEGER)?.content.to_vec();
    inside.finish()?;
    Ok(SignerIdentifier::IssuerAndSerial(IssuerSerial { issuer, serial }))
}
