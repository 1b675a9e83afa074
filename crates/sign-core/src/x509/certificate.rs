//! One certificate: its bytes and what they say (RFC 5280 section 4).

use super::constraints::NameConstraints;
use super::distribution::DistributionPoint;
use super::extension::{BasicConstraints, Extension, Extensions, KeyUsage, PolicyConstraints};
use super::general_name::GeneralName;
use super::layout::{Layout, Oddity, oddities};
use super::name::Name;
use super::second::{self, SecondReading};
use super::signed::SignedPart;
use super::time::time;
use crate::crypto::der;
use crate::crypto::verify::PublicKeyFacts;
use crate::crypto::{CryptoError, DigestAlgorithm, SignatureAlgorithm, digest, pem};
use crate::time::Time;
use std::ops::Range;
use std::sync::Arc;

/// Bytes of one certificate. Real ones have 1–3 KiB, with ML-DSA about 10.
const MAX_BYTES: usize = 64 * 1024;

/// qcType for electronic signatures of persons (EN 319 412-5 4.2.3).
const QC_ESIGN: &str = "0.4.0.1862.1.6.1";
/// qcType for electronic seals of organisations (EN 319 412-5 4.2.3).
const QC_ESEAL: &str = "0.4.0.1862.1.6.2";
/// id-kp-timeStamping (RFC 3161 2.3).
const TIME_STAMPING: &str = "1.3.6.1.5.5.7.3.8";

/// Bytes that are no certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum X509Error {
    /// Longer than any certificate.
    #[error("a certificate of {length} bytes is not looked at")]
    TooLong {
        /// Its size.
        length: usize,
    },
    /// Not DER of RFC 5280 4.1, or with bytes after it.
    #[error("malformed certificate: {reason}")]
    Malformed {
        /// What the reader met.
        reason: String,
    },
}

impl X509Error {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "certificate_too_long",
            Self::Malformed { .. } => "malformed_certificate",
        }
    }

    pub(super) fn malformed(reason: impl ToString) -> Self {
        Self::Malformed { reason: reason.to_string() }
    }
}

/// A certificate. Cloning is cheap; two are equal when their bytes are.
#[derive(Clone)]
pub struct Certificate(Arc<Inner>);

struct Inner {
    der: Vec<u8>,
    raw_serial: Range<usize>,
    raw_issuer: Range<usize>,
    raw_subject: Range<usize>,
    spki: Range<usize>,
    signed: SignedPart,
    issuer: Name,
    subject: Name,
    not_before: Time,
    not_after: Time,
    key: Option<PublicKeyFacts>,
    extensions: Extensions,
    oddities: Vec<Oddity>,
}

impl Certificate {
    /// Reads one certificate and nothing after it. It should be DER; BER is read too, and told as
    /// [`Oddity::Ber`].
    ///
    /// # Errors
    /// [`X509Error`].
    pub fn parse(der: &[u8]) -> Result<Self, X509Error> {
        if der.len() > MAX_BYTES {
            return Err(X509Error::TooLong { length: der.len() });
        }
        let scan = der::scan(der).map_err(X509Error::malformed)?;
        if scan.length != der.len() {
            return Err(X509Error::malformed("bytes after the certificate"));
        }
        let layout = Layout::read(der).map_err(X509Error::malformed)?;
        Self::from_layout(der, &layout, scan.ber)
    }

    /// Reads all `CERTIFICATE` blocks of a PEM text, or one DER certificate.
    ///
    /// # Errors
    /// [`X509Error`] of the first one that is malformed, also if there is none.
    pub fn parse_all(bytes: &[u8]) -> Result<Vec<Self>, X509Error> {
        if bytes.first() == Some(&0x30) {
            return Ok(vec![Self::parse(bytes)?]);
        }
        let mut found = Vec::new();
        for block in pem::blocks(bytes) {
            if matches!(block.label.as_str(), "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE") {
                let der = block.contents.ok_or_else(|| X509Error::malformed("a PEM block is damaged"))?;
                found.push(Self::parse(&der)?);
            }
        }
        if found.is_empty() { Err(X509Error::malformed("no certificate in the text")) } else { Ok(found) }
    }

    fn from_layout(der: &[u8], layout: &Layout<'_>, ber: bool) -> Result<Self, X509Error> {
        let range =
            |part: &[u8]| range_in(der, part).ok_or_else(|| X509Error::malformed("parts out of place"));
        let instant = |value| time(value).ok_or_else(|| X509Error::malformed("validity is no time"));
        let extensions = match layout.extensions {
            Some(list) => Extension::read_all(list.content).map_err(X509Error::malformed)?,
            None => Vec::new(),
        };
        let second = second::read(der, layout, &extensions);
        if second == SecondReading::Other {
            return Err(X509Error::malformed("another reader sees another certificate in it"));
        }
        let facts = Extensions::read(&extensions);
        let issuer = Name::parse(layout.issuer).map_err(X509Error::malformed)?;
        let subject = Name::parse(layout.subject).map_err(X509Error::malformed)?;
        let mut oddities = oddities(layout, (&issuer, &subject), &facts, ber);
        // What is known to be odd needs no second opinion.
        if second == SecondReading::Refused && oddities.is_empty() {
            oddities.push(Oddity::RefusedBySecondReader);
        }
        Ok(Self(Arc::new(Inner {
            raw_serial: range(layout.serial)?,
            raw_issuer: range(layout.issuer)?,
            raw_subject: range(layout.subject)?,
            spki: range(layout.spki)?,
            signed: SignedPart::new(der, &layout.outer, layout.inner_algorithm)
                .map_err(X509Error::malformed)?,
            not_before: instant(layout.not_before)?,
            not_after: instant(layout.not_after)?,
            key: PublicKeyFacts::from_spki(layout.spki).ok(),
            oddities,
            extensions: facts,
            issuer,
            subject,
            der: der.to_vec(),
        })))
    }

    fn part(&self, range: &Range<usize>) -> &[u8] {
        self.0.der.get(range.clone()).unwrap_or_default()
    }

    /// The whole certificate.
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// What its issuer signed (TBSCertificate).
    pub fn tbs(&self) -> &[u8] {
        self.0.signed.tbs(&self.0.der)
    }

    /// Subject.
    pub fn subject(&self) -> &Name {
        &self.0.subject
    }

    /// Issuer.
    pub fn issuer(&self) -> &Name {
        &self.0.issuer
    }

    /// Subject as encoded.
    pub fn raw_subject(&self) -> &[u8] {
        self.part(&self.0.raw_subject)
    }

    /// Issuer as encoded.
    pub fn raw_issuer(&self) -> &[u8] {
        self.part(&self.0.raw_issuer)
    }

    /// Content bytes of the serial number INTEGER.
    pub fn raw_serial(&self) -> &[u8] {
        self.part(&self.0.raw_serial)
    }

    /// Serial number in hexadecimal, two digits a byte, without a leading sign byte.
    pub fn serial_hex(&self) -> String {
        let raw = self.raw_serial();
        match raw {
            [0, rest @ ..] if !rest.is_empty() => digest::hex(rest),
            _ => digest::hex(raw),
        }
    }

    /// Start of validity; that second included.
    pub fn not_before(&self) -> Time {
        self.0.not_before
    }

    /// End of validity; that second included.
    pub fn not_after(&self) -> Time {
        self.0.not_after
    }

    /// SubjectPublicKeyInfo as encoded.
    pub fn spki_der(&self) -> &[u8] {
        self.part(&self.0.spki)
    }

    /// Kind and size of the public key; None if malformed.
    pub fn public_key(&self) -> Option<&PublicKeyFacts> {
        self.0.key.as_ref()
    }

    /// Size of the public key in bits; 0 if unknown.
    pub fn key_bits(&self) -> u32 {
        self.0.key.as_ref().map_or(0, |key| key.bits)
    }

    /// keyUsage, if present.
    pub fn key_usage(&self) -> Option<KeyUsage> {
        self.0.extensions.key_usage
    }

    /// Purposes of extKeyUsage as dotted identifiers, if present.
    pub fn extended_key_usage(&self) -> Option<&[String]> {
        self.0.extensions.extended_key_usage.as_deref()
    }

    /// basicConstraints, if present.
    pub fn basic_constraints(&self) -> Option<BasicConstraints> {
        self.0.extensions.basic_constraints
    }

    /// Whether basicConstraints says so.
    pub fn is_ca(&self) -> bool {
        self.basic_constraints().is_some_and(|constraints| constraints.ca)
    }

    /// subjectKeyIdentifier.
    pub fn subject_key_id(&self) -> Option<&[u8]> {
        self.0.extensions.subject_key_id.as_deref()
    }

    /// Key identifier in authorityKeyIdentifier.
    pub fn authority_key_id(&self) -> Option<&[u8]> {
        self.0.extensions.authority_key_id.as_deref()
    }

    /// Certificate policies, dotted.
    pub fn policies(&self) -> &[String] {
        self.0.extensions.policies.as_deref().unwrap_or_default()
    }

    /// certificatePolicies, None without the extension.
    pub(super) fn policy_set(&self) -> Option<&[String]> {
        self.0.extensions.policies.as_deref()
    }

    /// policyMappings: issuer domain policy, subject domain policy, dotted.
    pub fn policy_mappings(&self) -> &[(String, String)] {
        &self.0.extensions.policy_mappings
    }

    /// policyConstraints.
    pub fn policy_constraints(&self) -> PolicyConstraints {
        self.0.extensions.policy_constraints
    }

    /// inhibitAnyPolicy: after how many more certificates anyPolicy ceases to count.
    pub fn inhibit_any_policy(&self) -> Option<u32> {
        self.0.extensions.inhibit_any_policy
    }

    /// nameConstraints.
    pub fn name_constraints(&self) -> Option<&NameConstraints> {
        self.0.extensions.name_constraints.as_ref()
    }

    /// subjectAltName.
    pub fn subject_names(&self) -> &[GeneralName] {
        &self.0.extensions.subject_names
    }

    /// cRLDistributionPoints.
    pub fn distribution_points(&self) -> &[DistributionPoint] {
        &self.0.extensions.distribution_points
    }

    /// Addresses of delta CRLs (freshestCRL).
    pub fn freshest_crl_urls(&self) -> impl Iterator<Item = &str> {
        self.0.extensions.freshest.iter().flat_map(DistributionPoint::urls)
    }

    /// id-pkix-ocsp-nocheck is there (RFC 6960 4.2.2.2.1): the issuer vouches for this responder for
    /// as long as its certificate lasts.
    pub fn needs_no_ocsp_check(&self) -> bool {
        self.0.extensions.ocsp_nocheck
    }

    /// What is unusual about it and tolerated.
    pub fn oddities(&self) -> &[Oddity] {
        &self.0.oddities
    }

    /// Where the issuer's certificate can be fetched (authorityInfoAccess).
    pub fn ca_issuers_urls(&self) -> &[String] {
        &self.0.extensions.ca_issuers
    }

    /// OCSP responders (authorityInfoAccess).
    pub fn ocsp_urls(&self) -> &[String] {
        &self.0.extensions.ocsp
    }

    /// CRL distribution points.
    pub fn crl_urls(&self) -> &[String] {
        &self.0.extensions.crl
    }

    /// E-mail address of the subject's name, else the first of subjectAltName.
    pub fn email(&self) -> Option<&str> {
        let named = || {
            self.subject_names().iter().find_map(|name| match name {
                GeneralName::Mail(mail) => Some(mail.as_str()),
                _ => None,
            })
        };
        self.subject().email().or_else(named)
    }

    /// Critical extensions that are not understood here, dotted.
    pub fn unknown_critical_extensions(&self) -> &[String] {
        &self.0.extensions.unknown_critical
    }

    /// Known extensions that are malformed or occur twice, dotted.
    pub fn malformed_extensions(&self) -> &[String] {
        &self.0.extensions.malformed
    }

    /// Identifiers of all qualified-certificate statements, dotted.
    pub fn qc_statements(&self) -> &[String] {
        &self.0.extensions.qc_statements
    }

    /// qcType says: for electronic signatures (of a person).
    pub fn is_for_esign(&self) -> bool {
        self.0.extensions.qc_types.iter().any(|qc_type| qc_type == QC_ESIGN)
    }

    /// qcType says: for electronic seals (of an organisation).
    pub fn is_for_eseal(&self) -> bool {
        self.0.extensions.qc_types.iter().any(|qc_type| qc_type == QC_ESEAL)
    }

    /// extKeyUsage says: for time stamps.
    pub fn is_for_time_stamping(&self) -> bool {
        self.extended_key_usage().is_some_and(|purposes| purposes.iter().any(|p| p == TIME_STAMPING))
    }

    /// As RFC 3161 2.3 wants it: extendedKeyUsage critical and with timeStamping alone.
    pub fn is_for_time_stamping_only(&self) -> bool {
        let only = self.extended_key_usage().is_some_and(|purposes| purposes == [TIME_STAMPING]);
        only && self.0.extensions.extended_key_usage_critical
    }

    /// Digest of the whole certificate.
    pub fn digest(&self, algorithm: DigestAlgorithm) -> Vec<u8> {
        digest::digest(algorithm, self.der())
    }

    /// SHA-256 of the whole certificate in hexadecimal.
    pub fn sha256_hex(&self) -> String {
        digest::hex(&self.digest(DigestAlgorithm::Sha256))
    }

    /// Whether subject and issuer are the same name. It may still be signed with another key.
    pub fn is_self_issued(&self) -> bool {
        !self.subject().is_empty() && self.subject().matches(self.issuer())
    }

    /// Whether it is signed with its own key.
    pub fn is_self_signed(&self) -> bool {
        self.is_self_issued() && self.is_signed_by(self.spki_der()).unwrap_or(false)
    }

    /// The algorithm of the issuer's signature.
    ///
    /// # Errors
    /// [`CryptoError`] if unknown, or if the two places that name it differ.
    pub fn signature_algorithm(&self) -> Result<SignatureAlgorithm, CryptoError> {
        self.0.signed.algorithm()
    }

    /// Whether the issuer's signature was made with this key (a SubjectPublicKeyInfo). DSA is computed
    /// with here too, though [`Self::signature_algorithm`] does not support it.
    ///
    /// # Errors
    /// [`CryptoError`] if the key or the algorithm cannot be used.
    pub fn is_signed_by(&self, issuer_spki: &[u8]) -> Result<bool, CryptoError> {
        self.0.signed.is_signed_by(&self.0.der, issuer_spki)
    }
}

/// Where a slice of `whole` lies in it.
pub(super) fn range_in(whole: &[u8], part: &[u8]) -> Option<Range<usize>> {
    let start = (part.as_ptr() as usize).checked_sub(whole.as_ptr() as usize)?;
    let end = start.checked_add(part.len())?;
    (end <= whole.len()).then_some(start..end)
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.0.der == other.0.der
    }
}
impl Eq for Certificate {}

impl std::hash::Hash for Certificate {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.der.hash(state);
    }
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Certificate({}, serial {})", self.subject(), self.serial_hex())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::der;
    use crate::crypto::testing::{self, NOT_AFTER, NOT_BEFORE, Spec};

    #[test]
    fn a_certificate_tells_its_facts() {
        let chain = testing::person("rsa-2048");
        let leaf = Certificate::parse(&chain[0].der()).unwrap();
        let issuing = Certificate::parse(&chain[1].der()).unwrap();
        assert_eq!(leaf.subject().common_name(), Some("Trần Văn A"));
        assert_eq!(leaf.issuer().to_string(), "CN=TEST Issuing CA,C=VN");
        assert_eq!(leaf.serial_hex(), "03");
        assert_eq!((leaf.not_before().unix(), leaf.not_after().unix()), (NOT_BEFORE, NOT_AFTER));
        assert_eq!(leaf.key_bits(), 2048);
        assert!(leaf.key_usage().unwrap().content_commitment && !leaf.key_usage().unwrap().key_cert_sign);
        assert!(!leaf.is_ca() && issuing.is_ca());
        assert_eq!(leaf.authority_key_id(), issuing.subject_key_id());
        assert_eq!(leaf.raw_issuer(), issuing.raw_subject());
        assert_eq!(leaf.is_signed_by(issuing.spki_der()), Ok(true));
        assert_eq!(issuing.is_signed_by(issuing.spki_der()), Ok(false));
        assert_eq!(leaf.sha256_hex().len(), 64);
        assert!(leaf.unknown_critical_extensions().is_empty());
        assert!(Certificate::parse(&chain[2].der()).unwrap().is_self_signed());
    }

    #[test]
    fn qc_types_and_unknown_critical_extensions_are_told() {
        let qc_type = |oid: &str| {
            let types = der::sequence(&[&der::oid(oid)]);
            der::sequence(&[&der::sequence(&[&der::oid("0.4.0.1862.1.6"), &types])])
        };
        let root = testing::person("p256").pop().unwrap();
        let eseal = qc_type(QC_ESEAL);
        let extensions = [
            ("1.3.6.1.5.5.7.1.3", true, &eseal[..]),
            ("1.2.3.4", true, &[5, 0][..]),
            ("1.2.3.5", false, &[5, 0][..]),
        ];
        let subject = [("CN", "Văn phòng")];
        let made = Spec { extensions: &extensions, ..Spec::leaf(&subject, &root) }.make();
        let certificate = Certificate::parse(&made.der()).unwrap();
        assert!(certificate.is_for_eseal() && !certificate.is_for_esign());
        assert_eq!(certificate.unknown_critical_extensions(), ["1.2.3.4"]);
    }

    #[test]
    fn damaged_certificates_are_refused_without_a_panic() {
        let der = testing::person("p256").remove(0).der();
        for length in 0..der.len() {
            assert!(Certificate::parse(&der[..length]).is_err());
        }
        assert!(Certificate::parse(&[&der[..], &[0]].concat()).is_err());
        assert_eq!(
            Certificate::parse(&vec![0x30; MAX_BYTES + 1]).unwrap_err().code(),
            "certificate_too_long"
        );
        for position in 0..der.len() {
            for flip in [0x01, 0x20, 0x80, 0xff] {
                let mut damaged = der.clone();
                damaged[position] ^= flip;
                if let Ok(certificate) = Certificate::parse(&damaged) {
                    let _ = (
                        certificate.subject().to_string(),
                        certificate.serial_hex(),
                        certificate.is_self_signed(),
                    );
                }
            }
        }
    }

    #[test]
    fn pem_texts_may_hold_several_certificates() {
        let chain = testing::person("p256");
        let pem: Vec<u8> = chain.iter().flat_map(|made| made.certificate.to_pem().unwrap()).collect();
        assert_eq!(Certificate::parse_all(&pem).unwrap().len(), 3);
        assert_eq!(Certificate::parse_all(&chain[0].der()).unwrap().len(), 1);
        assert!(Certificate::parse_all(b"nothing").is_err());
    }
}
