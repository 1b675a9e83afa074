//! The signer's certificates before signing: TT 15/2025 A1 wants them checked first.

use super::SignError;
use crate::cms;
use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::verify::check_fits;
use crate::time::Time;
use crate::x509::certificate::Certificate;

/// Least size of an RSA key in a new signature (TT 15/2025 Phụ lục I).
const RSA_BITS: u32 = 2048;
/// Least size of an elliptic-curve key.
const EC_BITS: u32 = 256;

/// One key's algorithm and certificates, read once for all its signatures.
#[derive(Debug, Clone)]
pub(super) struct Credentials {
    pub(super) algorithm: SignatureAlgorithm,
    /// The signer's own.
    pub(super) certificate: Certificate,
    /// What goes into the CMS, the signer's own first.
    pub(super) embedded: Vec<Vec<u8>>,
    /// Bytes of the CMS at most.
    pub(super) cms_bytes: usize,
}

impl Credentials {
    /// Reads the chain (leaf first) and checks that the key of its first certificate may sign.
    pub(super) fn read(chain: &[Vec<u8>], algorithm: SignatureAlgorithm) -> Result<Self, SignError> {
        let leaf = chain.first().ok_or(SignError::NoCertificate)?;
        let certificate = Certificate::parse(leaf)?;
        // No key usage extension means no restriction (RFC 5280 4.2.1.3).
        if !certificate.key_usage().is_none_or(|usage| usage.digital_signature || usage.content_commitment) {
            return Err(SignError::CertificateNotForSigning { subject: certificate.subject().to_string() });
        }
        check_fits(algorithm, certificate.spki_der())?;
        check_strength(&certificate, algorithm)?;
        let embedded = cms::embedded_certificates(chain)?;
        let cms_bytes = cms::estimated_size(algorithm, &embedded)?;
        Ok(Self { algorithm, certificate, embedded, cms_bytes })
    }

    /// Checks that the certificate is valid at `at`.
    pub(super) fn check_at(&self, at: Time) -> Result<(), SignError> {
        let certificate = &self.certificate;
        let subject = || certificate.subject().to_string();
        if at < certificate.not_before() {
            let not_before = certificate.not_before();
            return Err(SignError::CertificateNotYetValid { subject: subject(), not_before });
        }
        if at > certificate.not_after() {
            let not_after = certificate.not_after();
            return Err(SignError::CertificateExpired { subject: subject(), not_after });
        }
        Ok(())
    }
}

fn check_strength(certificate: &Certificate, algorithm: SignatureAlgorithm) -> Result<(), SignError> {
    let bits = certificate.key_bits();
    let needed = match algorithm {
        SignatureAlgorithm::RsaPkcs1v15(_) | SignatureAlgorithm::RsaPss(_) => RSA_BITS,
        _ => EC_BITS - 8, // Ed25519 counts 253 to 256 bits, depending on who counts.
    };
    if bits < needed {
        return Err(SignError::WeakKey { bits, needed });
    }
    if algorithm.digest() == DigestAlgorithm::Sha1 {
        return Err(SignError::WeakDigest { name: algorithm.digest().name().into() });
    }
    Ok(())
}
