//! The signer's certificates before signing: TT 15/2025 A1 wants them checked first.

use super::{SignError, SignRequest};
use crate::cms::{self, Embedded};
use crate::crypto::CryptoError;
use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::key::MIN_RSA_BITS;
use crate::crypto::verify::{PublicKeyFacts, check_fits};
use crate::pades::extension::{self, Extension};
use crate::x509::certificate::Certificate;
use std::sync::Arc;

/// Least size of an elliptic-curve key (TT 15/2025 Phụ lục I).
const MIN_CURVE_BITS: u32 = 256;

/// One key's algorithm and certificates, read once for all its signatures.
#[derive(Debug, Clone)]
pub(super) struct Credentials {
    pub(super) algorithm: SignatureAlgorithm,
    /// The signer's own.
    pub(super) certificate: Certificate,
    /// What goes into the CMS.
    pub(super) embedded: Arc<Embedded>,
    /// Bytes of the CMS at most.
    pub(super) cms_bytes: usize,
    /// What a PDF 2.0 has to declare.
    pub(super) extensions: Vec<Extension>,
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
        let key = certificate.public_key().ok_or(CryptoError::MalformedKey)?;
        check_strength(key, algorithm)?;
        let extensions = extension::needed(algorithm.digest(), algorithm, &key.kind);
        let embedded = Arc::new(Embedded::choose(chain)?);
        let cms_bytes = cms::estimated_size(algorithm, &embedded)?;
        Ok(Self { algorithm, certificate, embedded, cms_bytes, extensions })
    }

    /// Checks that the certificate is valid at the time of signing, and that the algorithm was asked for
    /// if it is experimental.
    pub(super) fn check(&self, request: &SignRequest) -> Result<(), SignError> {
        let (certificate, at) = (&self.certificate, request.at);
        let subject = || certificate.subject().to_string();
        if at < certificate.not_before() {
            let not_before = certificate.not_before();
            return Err(SignError::CertificateNotYetValid { subject: subject(), not_before });
        }
        if at > certificate.not_after() {
            let not_after = certificate.not_after();
            return Err(SignError::CertificateExpired { subject: subject(), not_after });
        }
        if self.algorithm.is_experimental() && !request.experimental {
            return Err(SignError::ExperimentalAlgorithm { algorithm: self.algorithm.name() });
        }
        Ok(())
    }
}

/// TT 15/2025 Phụ lục I: RSA from 2,048 bits, curves from 256, no SHA-1. MD5 cannot even be named.
fn check_strength(key: &PublicKeyFacts, algorithm: SignatureAlgorithm) -> Result<(), SignError> {
    use SignatureAlgorithm as A;
    let needed = match algorithm {
        A::RsaPkcs1v15(_) | A::RsaPss(_) | A::RsaPssOther { .. } => MIN_RSA_BITS,
        A::Ecdsa(_) => MIN_CURVE_BITS,
        // One size each.
        A::Ed25519 | A::Ed448 | A::MlDsa(_) => 0,
    };
    if key.bits < needed {
        return Err(SignError::WeakKey { bits: key.bits, needed });
    }
    let mask = match algorithm {
        A::RsaPssOther { mgf, .. } => mgf,
        _ => algorithm.digest(),
    };
    match [algorithm.digest(), mask]
        .into_iter()
        .find(|digest| digest.length() < DigestAlgorithm::Sha256.length())
    {
        Some(weak) => Err(SignError::WeakDigest { name: weak.name().into() }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::algorithm::MlDsa;
    use crate::crypto::testing::{self, NOT_BEFORE};
    use crate::time::Time;
    use SignatureAlgorithm::{Ecdsa, Ed448, Ed25519, RsaPkcs1v15, RsaPss, RsaPssOther};

    /// What signing with this key says before the key is asked.
    fn verdict(key: &str, algorithm: SignatureAlgorithm, experimental: bool) -> &'static str {
        let chain: Vec<_> = testing::person(key).iter().map(testing::Made::der).collect();
        let at = Time::from_unix(NOT_BEFORE + 1);
        let request = SignRequest { experimental, ..SignRequest::new(at) };
        let checked =
            Credentials::read(&chain, algorithm).and_then(|credentials| credentials.check(&request));
        checked.map_or_else(|error| error.code(), |()| "allowed")
    }

    #[test]
    fn weak_algorithms_are_refused_for_new_signatures_whatever_the_key_says() {
        use DigestAlgorithm::{Sha1, Sha3_256, Sha3_512, Sha224, Sha256, Sha512};
        // The signer may be a token or a remote service: its word is not taken for it.
        let cases = [
            ("rsa-1024", RsaPkcs1v15(Sha256), "weak_key"),
            ("rsa-1024", RsaPss(Sha256), "weak_key"),
            ("rsa-2048", RsaPkcs1v15(Sha1), "weak_digest"),
            ("rsa-2048", RsaPss(Sha1), "weak_digest"),
            ("rsa-4096", RsaPkcs1v15(Sha224), "weak_digest"),
            ("p521", Ecdsa(Sha1), "weak_digest"),
            ("brainpool512r1", Ecdsa(Sha224), "weak_digest"),
            ("rsa-2048", RsaPssOther { digest: Sha256, mgf: Sha1, salt: 32 }, "weak_digest"),
            ("rsa-2048", RsaPssOther { digest: Sha1, mgf: Sha256, salt: 32 }, "weak_digest"),
            ("p256", RsaPkcs1v15(Sha256), "key_does_not_fit"),
            ("rsa-2048", Ecdsa(Sha256), "key_does_not_fit"),
            ("ed25519", Ed448, "key_does_not_fit"),
            ("ml-dsa-44", SignatureAlgorithm::MlDsa(MlDsa::MlDsa87), "key_does_not_fit"),
            ("rsa-2048", RsaPkcs1v15(Sha256), "allowed"),
            ("rsa-4096", RsaPss(Sha3_512), "allowed"),
            ("p521", Ecdsa(Sha512), "allowed"),
            ("brainpool256r1", Ecdsa(Sha3_256), "allowed"),
            ("brainpool384t1", Ecdsa(Sha512), "allowed"),
            ("ed25519", Ed25519, "allowed"),
            ("ed448", Ed448, "allowed"),
        ];
        for (key, algorithm, expected) in cases {
            assert_eq!(verdict(key, algorithm, true), expected, "{key} {algorithm:?}");
        }
    }

    /// TT 15/2025 A1.
    #[test]
    fn a_certificate_that_is_not_for_signing_or_not_valid_is_refused_before_the_key_is_asked() {
        let said = |usage: &[&str], at: i64| {
            let issuing = testing::person("p256").remove(1);
            let spec = testing::Spec { key_usage: usage, ..testing::Spec::leaf(&[("CN", "A")], &issuing) };
            let read = Credentials::read(&[spec.make().der()], Ecdsa(DigestAlgorithm::Sha256));
            let checked = read.and_then(|found| found.check(&SignRequest::new(Time::from_unix(at))));
            checked.map_or_else(|error| error.code(), |()| "allowed")
        };
        let inside = NOT_BEFORE + 1;
        for (usage, at, expected) in [
            (&["digital_signature"][..], inside, "allowed"),
            (&["non_repudiation"], inside, "allowed"),
            (&[], inside, "allowed"),
            (&["key_cert_sign"], inside, "certificate_not_for_signing"),
            (&["crl_sign"], inside, "certificate_not_for_signing"),
            (&["digital_signature"], NOT_BEFORE, "allowed"),
            (&["digital_signature"], NOT_BEFORE - 1, "certificate_not_yet_valid"),
            (&["digital_signature"], testing::NOT_AFTER, "allowed"),
            (&["digital_signature"], testing::NOT_AFTER + 1, "certificate_expired"),
        ] {
            assert_eq!(said(usage, at), expected, "{usage:?} {at}");
        }
    }

    #[test]
    fn experimental_algorithms_have_to_be_asked_for() {
        for (key, set) in
            [("ml-dsa-44", MlDsa::MlDsa44), ("ml-dsa-65", MlDsa::MlDsa65), ("ml-dsa-87", MlDsa::MlDsa87)]
        {
            let algorithm = SignatureAlgorithm::MlDsa(set);
            assert_eq!(verdict(key, algorithm, false), "experimental_algorithm");
            assert_eq!(verdict(key, algorithm, true), "allowed");
        }
        assert_eq!(verdict("ed448", Ed448, false), "allowed");
    }
}
