//! Builds the detached SignedData of a PAdES signature (EN 319 142-1 6.3): version 1, one signer,
//! no content, signed attributes content-type, message-digest and signing-certificate-v2.
//!
//! It is made in two steps, so that the key may be far away: [`signed_attributes`] gives the message
//! to sign, [`signed_data`] takes the signature.

use super::CmsError;
use super::attribute::{CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_CERTIFICATE_V2};
use super::der::{self, Reader, tag};
use super::signed_data::{DATA, SIGNED_DATA};
use crate::crypto::algorithm::digest_identifier;
use crate::crypto::{DigestAlgorithm, SignatureAlgorithm};
use crate::x509::Certificate;

/// The signed attributes as DER SET OF: the very message to sign (RFC 5652 5.4).
///
/// `message_digest` is the digest of the content under `digest`, which must be the
/// [`SignatureAlgorithm::digest`] of the signature to come. There is no signing-time: PAdES forbids it
/// (EN 319 142-1 6.3), the time stands in /M.
pub fn signed_attributes(digest: DigestAlgorithm, message_digest: &[u8], signer: &Certificate) -> Vec<u8> {
    let attributes = vec![
        attribute(CONTENT_TYPE, &der::oid(DATA)),
        attribute(MESSAGE_DIGEST, &der::octet_string(message_digest)),
        attribute(SIGNING_CERTIFICATE_V2, &signing_certificate_v2(digest, signer)),
    ];
    der::set_of(tag::SET, attributes)
}

fn attribute(oid: &str, value: &[u8]) -> Vec<u8> {
    der::sequence(&[&der::oid(oid), &der::container(tag::SET, &[value])])
}

/// SigningCertificateV2 (RFC 5035 3) with the signer's certificate only.
///
/// `issuerSerial` is always left out: RFC 5035 4 wants it unless it follows from elsewhere, and
/// [`signed_data`] always names the signer by issuer and serial number. Said once, it cannot contradict
/// itself, and the hash alone already decides.
fn signing_certificate_v2(digest: DigestAlgorithm, signer: &Certificate) -> Vec<u8> {
    let hash = der::octet_string(&signer.digest(digest));
    // DER leaves out a value that equals its DEFAULT, here SHA-256.
    let id = match digest {
        DigestAlgorithm::Sha256 => der::sequence(&[&hash]),
        other => der::sequence(&[&digest_identifier(other), &hash]),
    };
    der::sequence(&[&der::sequence(&[&id])])
}

/// The certificates of a SignedData, read and encoded once for all signatures of their key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embedded {
    /// DER, the signer's first.
    certificates: Vec<Vec<u8>>,
    /// SignerIdentifier: issuer and serial number.
    sid: Vec<u8>,
    /// CertificateSet.
    set: Vec<u8>,
}

impl Embedded {
    /// Chooses what is embedded of `certificates`, DER, the signer's first; its issuers follow in any
    /// order. Duplicates and self-signed roots are left out: a root is trusted for being known to the
    /// verifier, never for being sent. The signer's stays whatever it is.
    ///
    /// # Errors
    /// [`CmsError`] if the signer's certificate is missing, or one is malformed.
    pub fn choose(certificates: &[Vec<u8>]) -> Result<Self, CmsError> {
        let mut chosen: Vec<Certificate> = Vec::new();
        for bytes in certificates {
            let certificate = Certificate::parse(bytes)?;
            let root = !chosen.is_empty() && says_it_is_a_root(&certificate);
            if !root && !chosen.contains(&certificate) {
                chosen.push(certificate);
            }
        }
        let signer = chosen.first().ok_or(CmsError::NoCertificate)?;
        let sid = der::sequence(&[signer.raw_issuer(), &der::element(tag::INTEGER, signer.raw_serial())]);
        let certificates: Vec<_> = chosen.iter().map(|certificate| certificate.der().to_vec()).collect();
        let set = der::set_of(tag::context(0), certificates.clone());
        Ok(Self { certificates, sid, set })
    }

    /// DER, the signer's first.
    pub fn certificates(&self) -> &[Vec<u8>] {
        &self.certificates
    }
}

/// The ContentInfo with SignedData, DER.
///
/// `signed_attributes` comes from [`signed_attributes`] and was signed as it is.
/// `unsigned_attributes` are complete Attribute elements, such as a signature time stamp.
///
/// # Errors
/// [`CmsError`] if the signed attributes are malformed.
pub fn signed_data(
    signed_attributes: &[u8],
    algorithm: SignatureAlgorithm,
    signature: &[u8],
    embedded: &Embedded,
    unsigned_attributes: &[Vec<u8>],
) -> Result<Vec<u8>, CmsError> {
    let digest = digest_identifier(algorithm.digest());
    let info = signer_info(signed_attributes, algorithm, signature, &embedded.sid, unsigned_attributes)?;
    let signed_data = der::sequence(&[
        &der::integer(1),
        &der::container(tag::SET, &[&digest]),
        &der::sequence(&[&der::oid(DATA)]),
        &embedded.set,
        &der::container(tag::SET, &[&info]),
    ]);
    Ok(der::sequence(&[&der::oid(SIGNED_DATA), &der::container(tag::context(0), &[&signed_data])]))
}

fn signer_info(
    signed_attributes: &[u8],
    algorithm: SignatureAlgorithm,
    signature: &[u8],
    sid: &[u8],
    unsigned_attributes: &[Vec<u8>],
) -> Result<Vec<u8>, CmsError> {
    let attributes = Reader::new(signed_attributes).expect(tag::SET)?.content;
    let unsigned = match unsigned_attributes {
        [] => Vec::new(),
        some => der::set_of(tag::context(1), some.to_vec()),
    };
    Ok(der::sequence(&[
        &der::integer(1),
        sid,
        &digest_identifier(algorithm.digest()),
        &der::element(tag::context(0), attributes),
        &algorithm.algorithm_identifier(),
        &der::octet_string(signature),
        &unsigned,
    ]))
}

/// By what it says, not by its signature: checking that costs more than signing does, and a certificate
/// that is left out wrongly deceives nobody. Whoever follows RFC 5280 4.2.1.1 leaves the issuer's key out
/// of self-signed certificates only.
fn says_it_is_a_root(certificate: &Certificate) -> bool {
    let issuer = certificate.authority_key_id();
    certificate.is_self_issued() && issuer.is_none_or(|id| Some(id) == certificate.subject_key_id())
}

/// An upper bound for the bytes that [`signed_data`] makes with this algorithm and these certificates
/// and without unsigned attributes: a dry run with the longest signature the key can make.
///
/// # Errors
/// As [`signed_data`].
pub fn estimated_size(algorithm: SignatureAlgorithm, embedded: &Embedded) -> Result<usize, CmsError> {
    let signer = embedded.certificates.first().ok_or(CmsError::NoCertificate)?;
    let signer = Certificate::parse(signer)?;
    let key_bytes = signer.key_bits().div_ceil(8) as usize;
    let signature = match algorithm {
        // SEQUENCE { INTEGER, INTEGER }: two field elements, two sign bytes, three headers.
        SignatureAlgorithm::Ecdsa(_) => 2 * key_bytes + 2 + 3 * 3,
        SignatureAlgorithm::Ed25519 => 64,
        SignatureAlgorithm::Ed448 => 114,
        SignatureAlgorithm::MlDsa(set) => set.signature_length(),
        SignatureAlgorithm::RsaPkcs1v15(_)
        | SignatureAlgorithm::RsaPss(_)
        | SignatureAlgorithm::RsaPssOther { .. } => key_bytes,
    };
    let digest = algorithm.digest();
    let attributes = signed_attributes(digest, &vec![0; digest.length()], &signer);
    Ok(signed_data(&attributes, algorithm, &vec![0; signature], embedded, &[])?.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cms::{SignedData, SignerIdentifier};
    use crate::crypto::digest::digest;

    use crate::crypto::testing;
    use crate::crypto::verify::verify;

    const CONTENT: &[u8] = b"bytes of a PDF";

    fn build(key: &str, algorithm: SignatureAlgorithm) -> (Vec<u8>, Vec<Vec<u8>>) {
        let made = testing::person(key);
        let certificates: Vec<_> = made.iter().map(testing::Made::der).collect();
        let signer = Certificate::parse(&certificates[0]).unwrap();
        let attributes = signed_attributes(algorithm.digest(), &digest(algorithm.digest(), CONTENT), &signer);
        let signature = testing::sign(&made[0].key, algorithm, &attributes);
        // Twice the chain, to see duplicates go.
        let twice = [certificates.clone(), certificates.clone()].concat();
        let embedded = Embedded::choose(&twice).unwrap();
        (signed_data(&attributes, algorithm, &signature, &embedded, &[]).unwrap(), certificates)
    }

    #[test]
    fn what_is_built_reads_back_and_verifies_for_every_algorithm() {
        for (name, key) in testing::keys() {
            for algorithm in testing::algorithms_of(&key) {
                let (cms, certificates) = build(name, algorithm);
                let parsed = SignedData::parse(&[&cms[..], &[0; 50]].concat()).unwrap();
                assert_eq!(parsed.findings(), [], "{name} {algorithm:?}");
                assert_eq!((parsed.content_type(), parsed.content()), (DATA, None));
                let [signer] = parsed.signer_infos() else { panic!("one signer") };
                assert_eq!(signer.digest_algorithm(), Ok(algorithm.digest()));
                assert_eq!(signer.signature_algorithm(), Ok(algorithm));
                assert_eq!(signer.content_type().as_deref(), Some(DATA));
                assert_eq!(signer.message_digest(), Some(digest(algorithm.digest(), CONTENT)));
                assert_eq!(signer.signing_time(), None);
                let certificate = signer.signer_certificate(parsed.certificates()).unwrap();
                assert_eq!(certificate.der(), certificates[0]);
                assert_eq!(signer.ess_matches(certificate), Some(true));
                let message = signer.signed_message().unwrap();
                assert_eq!(verify(algorithm, certificate.spki_der(), message, signer.signature()), Ok(true));
            }
        }
    }

    #[test]
    fn signer_and_issuers_are_embedded_once_and_the_root_is_not() {
        let (cms, certificates) = build("p256", SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256));
        let parsed = SignedData::parse(&cms).unwrap();
        let mut embedded: Vec<_> = parsed.certificates().iter().map(|c| c.der().to_vec()).collect();
        embedded.sort();
        let mut expected = certificates[..2].to_vec();
        expected.sort();
        assert_eq!(embedded, expected);
        assert!(matches!(parsed.signer_infos()[0].sid(), SignerIdentifier::IssuerAndSerial(_)));
    }

    #[test]
    fn the_estimate_is_never_too_small_and_hardly_too_large() {
        for (name, key) in testing::keys() {
            for algorithm in testing::algorithms_of(&key) {
                let (cms, certificates) = build(name, algorithm);
                let estimate = estimated_size(algorithm, &Embedded::choose(&certificates).unwrap()).unwrap();
                assert!(
                    (cms.len()..cms.len() + 16).contains(&estimate),
                    "{name}: {} of {estimate}",
                    cms.len()
                );
            }
        }
    }

    #[test]
    fn sha256_is_left_out_of_the_certificate_reference_and_others_are_named() {
        let signer = Certificate::parse(&testing::person("p256")[0].der()).unwrap();
        let names = |digest: DigestAlgorithm| {
            let reference = signing_certificate_v2(digest, &signer);
            let oid = der::oid(digest.oid());
            reference.windows(oid.len()).any(|window| window == oid)
        };
        assert!(!names(DigestAlgorithm::Sha256));
        assert!(names(DigestAlgorithm::Sha384) && names(DigestAlgorithm::Sha512));
    }
}
