//! The only place that names a cryptographic library: digests, signature maths, private keys.
//!
//! Callers pass bytes and get bytes or facts. Nothing here knows certificates' meaning, CMS or PDF,
//! and nothing here judges: SHA-1 and RSA-1024 verify as facts, and `policy` decides about them.
//! Making *new* signatures with weak keys is refused in [`key`], because there the deed is ours.
//!
//! | library | what it does here |
//! |---|---|
//! | sha2, sha1, sha3 | digests, also SHAKE256: streaming, cannot fail |
//! | ring | fast verification of RSA v1.5, P-256, P-384 and Ed25519; HMAC; numbers used once |
//! | openssl (vendored 3.5) | private keys, PKCS#12, signing, PSS and every other verification, Argon2id, AES-GCM, the ciphers of encrypted PDFs |

pub mod algorithm;
pub mod authenticate;
mod choice;
pub mod der;
pub mod digest;
pub mod document;
pub mod dsa;
pub mod key;
mod keyfile;
pub mod pem;
pub mod sealed;
pub mod verify;

pub use algorithm::{MlDsa, SignatureAlgorithm};
pub use digest::DigestAlgorithm;

/// Why a signature could not be computed with at all. A signature that is merely wrong is not an
/// error: [`verify::verify`] answers `false`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CryptoError {
    /// An algorithm this program does not know, or knows to be broken beyond use (MD5).
    #[error("unsupported algorithm {oid}")]
    UnsupportedAlgorithm {
        /// Its object identifier, dotted.
        oid: String,
    },
    /// The algorithm is known, its parameters are not usable.
    #[error("unsupported parameters of algorithm {oid}: {what}")]
    UnsupportedParameters {
        /// Object identifier of the algorithm, dotted.
        oid: String,
        /// What is wrong with them.
        what: &'static str,
    },
    /// The key is of another kind than the algorithm needs.
    #[error("a {key} key cannot verify {algorithm}")]
    KeyDoesNotFit {
        /// Kind of the key.
        key: String,
        /// Name of the algorithm.
        algorithm: String,
    },
    /// An RSA key larger than is computed with, because a planted one would only burn time.
    #[error("RSA key of {bits} bits, at most {allowed} are computed with")]
    KeyTooLarge {
        /// Bits of its modulus.
        bits: u32,
        /// The most allowed.
        allowed: u32,
    },
    /// SubjectPublicKeyInfo that no library can read.
    #[error("malformed public key")]
    MalformedKey,
    /// AlgorithmIdentifier or key is not valid DER.
    #[error("malformed DER: {0}")]
    Der(#[from] der::DerError),
}

impl CryptoError {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnsupportedAlgorithm { .. } => "unsupported_algorithm",
            Self::UnsupportedParameters { .. } => "unsupported_parameters",
            Self::KeyDoesNotFit { .. } => "key_does_not_fit",
            Self::KeyTooLarge { .. } => "key_too_large",
            Self::MalformedKey => "malformed_key",
            Self::Der(_) => "malformed_der",
        }
    }
}

#[cfg(test)]
pub(crate) mod testing;
