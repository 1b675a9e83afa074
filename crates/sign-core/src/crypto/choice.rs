//! Which algorithm a key that is elsewhere signs with: the caller's word, or the usual one of its
//! certificate.

use super::digest::DigestAlgorithm;
use super::key::{KeyError, Padding, usual_algorithm};
use super::verify::PublicKeyFacts;
use super::{CryptoError, MlDsa, SignatureAlgorithm};

impl SignatureAlgorithm {
    /// The algorithm a key of this SubjectPublicKeyInfo usually signs with, RSA in this padding.
    ///
    /// # Errors
    /// [`KeyError::WeakKey`], [`KeyError::UnsupportedKey`].
    pub fn usual_for(spki: &[u8], padding: Padding) -> Result<Self, KeyError> {
        let facts = PublicKeyFacts::from_spki(spki)
            .map_err(|error| KeyError::UnsupportedKey { kind: error.to_string() })?;
        usual_algorithm(&facts, padding)
    }

    /// Its word on command lines and in JSON, as in `rsa-sha256`, `rsa-pss-sha256`, `ecdsa-sha3-384`
    /// or `ed25519`.
    pub fn word(self) -> String {
        let with = |kind: &str, digest: DigestAlgorithm| {
            format!("{kind}-{}", digest.name().to_ascii_lowercase().replacen("sha-", "sha", 1))
        };
        match self {
            Self::RsaPkcs1v15(digest) => with("rsa", digest),
            Self::RsaPss(digest) | Self::RsaPssOther { digest, .. } => with("rsa-pss", digest),
            Self::Ecdsa(digest) => with("ecdsa", digest),
            other => other.name().to_ascii_lowercase(),
        }
    }

    /// From its word.
    ///
    /// # Errors
    /// [`CryptoError::UnsupportedAlgorithm`] with the word.
    pub fn from_word(word: &str) -> Result<Self, CryptoError> {
        let unknown = || CryptoError::UnsupportedAlgorithm { oid: word.chars().take(40).collect() };
        let of_digest = |kind: fn(DigestAlgorithm) -> Self| DigestAlgorithm::ALL.into_iter().map(kind);
        let all = of_digest(Self::RsaPkcs1v15)
            .chain(of_digest(Self::RsaPss))
            .chain(of_digest(Self::Ecdsa))
            .filter(|algorithm| algorithm.digest() != DigestAlgorithm::Shake256)
            .chain([Self::Ed25519, Self::Ed448])
            .chain(MlDsa::ALL.into_iter().map(Self::MlDsa));
        all.into_iter().find(|algorithm| algorithm.word() == word).ok_or_else(unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::testing;

    #[test]
    fn words_lead_back_to_the_algorithm() {
        for (word, algorithm) in [
            ("rsa-sha256", SignatureAlgorithm::RsaPkcs1v15(DigestAlgorithm::Sha256)),
            ("rsa-pss-sha512", SignatureAlgorithm::RsaPss(DigestAlgorithm::Sha512)),
            ("ecdsa-sha3-384", SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha3_384)),
            ("ed25519", SignatureAlgorithm::Ed25519),
            ("ed448", SignatureAlgorithm::Ed448),
            ("ml-dsa-65", SignatureAlgorithm::MlDsa(MlDsa::MlDsa65)),
        ] {
            assert_eq!(SignatureAlgorithm::from_word(word), Ok(algorithm));
            assert_eq!(algorithm.word(), word);
        }
        assert_eq!(SignatureAlgorithm::from_word("md5").unwrap_err().code(), "unsupported_algorithm");
    }

    #[test]
    fn a_certificates_key_decides_when_nobody_says_otherwise() {
        for (name, word) in [("p256", "ecdsa-sha256"), ("p384", "ecdsa-sha384"), ("ed25519", "ed25519")] {
            let spki = testing::key(name).public_key_to_der().unwrap();
            assert_eq!(SignatureAlgorithm::usual_for(&spki, Padding::Pkcs1).unwrap().word(), word);
        }
        assert_eq!(
            SignatureAlgorithm::usual_for(b"none", Padding::Pss).unwrap_err().code(),
            "unsupported_key"
        );
    }
}
