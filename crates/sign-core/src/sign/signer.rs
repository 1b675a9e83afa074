//! The signer's certificate before signing: TT 15/2025 A1 wants it checked first.

use super::SignError;
use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::digest::DigestAlgorithm;
use crate::time::Time;
use crate::x509::certificate::Certificate;

/// Least size of an RSA key in a new signature (TT 15/2025 Phụ lục I).
const RSA_BITS: u32 = 2048;
/// Least size of an elliptic-curve key.
const EC_BITS: u32 = 256;

/// Parses the chain and checks that its first certificate may sign at `at`.
pub(super) fn check(
    chain: &[Vec<u8>],
    algorithm: SignatureAlgorithm,
    at: Time,
) -> Result<Certificate, SignError> {
    let leaf = chain.first().ok_or(SignError::NoCertificate)?;
    let certificate = Certificate::parse(leaf)?;
    let subject = certificate.subject().to_string();
    if at < certificate.not_before() {
        return Err(SignError::CertificateNotYetValid { subject, not_before: certificate.not_before() });
    }
    if at > certificate.not_after() {
        return Err(SignError::CertificateExpired { subject, not_after: certificate.not_after() });
    }
    // No key usage extension means no restriction (RFC 5280 4.2.1.3).
    if !certificate.key_usage().is_none_or(|usage| usage.digital_signature || usage.content_commitment) {
        return Err(SignError::CertificateNotForSigning { subject });
    }
    check_strength(&certificate, algorithm)?;
    Ok(certificate)
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
