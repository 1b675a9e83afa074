//! Private keys: whoever can sign ([`Signer`]), and keys held in memory ([`SoftKey`]).
//!
//! Reading key files is in `keyfile`, storing a key encrypted under a PIN in [`super::sealed`].
//! Keys in tokens and at remote services implement [`Signer`] elsewhere (`sign-io`).

use super::verify::{MAX_RSA_BITS, PublicKeyFacts, PublicKeyKind, message_digest};
use super::{DigestAlgorithm, SignatureAlgorithm};
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private};
use openssl::sign::RsaPssSaltlen;
use zeroize::Zeroizing;

pub use super::keyfile::{from_pem, from_pkcs12, load_legacy_algorithms};
pub use super::sealed::{protect, unprotect};

/// RSA keys below this are refused for new signatures (TT 15/2025/TT-BKHCN Phụ lục I).
pub const MIN_RSA_BITS: u32 = 2048;

/// Somebody who can sign with one private key.
pub trait Signer: Send + Sync {
    /// The algorithm that [`Signer::sign`] uses.
    fn algorithm(&self) -> SignatureAlgorithm;

    /// DER certificates, the signer's own first, then its issuers upwards as far as known.
    fn certificates(&self) -> &[Vec<u8>];

    /// Signs a message: the DER SET OF signed attributes in CMS, not its digest.
    ///
    /// # Errors
    /// [`KeyError`]; for a token or remote key also when it refuses or is gone.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError>;

    /// How many messages [`Signer::sign_all`] signs with one activation: more than one where a person
    /// confirms each request elsewhere.
    fn most_at_once(&self) -> usize {
        1
    }

    /// Signs several messages, with as few activations as the key allows; all of them or none.
    ///
    /// # Errors
    /// As [`Signer::sign`].
    fn sign_all(&self, messages: &[&[u8]]) -> Result<Vec<Vec<u8>>, KeyError> {
        messages.iter().map(|message| self.sign(message)).collect()
    }
}

/// A PIN or password. Wiped from memory when dropped, never shown.
#[derive(Clone)]
pub struct Pin(Zeroizing<String>);

impl Pin {
    /// Takes a PIN as typed.
    pub fn new(pin: impl Into<String>) -> Self {
        Self(Zeroizing::new(pin.into()))
    }

    /// The PIN itself, for the call that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Pin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pin(hidden)")
    }
}

impl From<&str> for Pin {
    fn from(pin: &str) -> Self {
        Self::new(pin)
    }
}

/// Which RSA signatures a key makes. Other keys have no choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Padding {
    /// RSASSA-PKCS1-v1_5: what VGCA's documents carry and every reader checks.
    #[default]
    Pkcs1,
    /// RSASSA-PSS.
    Pss,
}

impl Padding {
    /// The algorithm of this padding with a digest.
    pub fn with(self, digest: DigestAlgorithm) -> SignatureAlgorithm {
        match self {
            Self::Pkcs1 => SignatureAlgorithm::RsaPkcs1v15(digest),
            Self::Pss => SignatureAlgorithm::RsaPss(digest),
        }
    }
}

/// Why a key cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The PIN does not open the key.
    #[error("wrong PIN")]
    WrongPin,
    /// The file holds no private key.
    #[error("no private key in the file")]
    NoKey,
    /// The file holds no certificate.
    #[error("no certificate in the file")]
    NoCertificate,
    /// None of the certificates belongs to the private key.
    #[error("the certificate does not belong to the private key")]
    KeyDoesNotMatchCertificate,
    /// Neither PKCS#12 nor PEM, or damaged.
    #[error("not a readable key file: {reason}")]
    NotAKeyFile {
        /// What the reader met.
        reason: String,
    },
    /// A kind of key, curve or digest that this program does not sign with.
    #[error("unsupported key: {kind}")]
    UnsupportedKey {
        /// What it is.
        kind: String,
    },
    /// A digest that new signatures must not be made over (TT 15/2025 Phụ lục I).
    #[error("digest {name} is not allowed in new signatures")]
    WeakDigest {
        /// As in `SHA-1`.
        name: String,
    },
    /// A digest that is not known here.
    #[error("unknown digest {name:?}")]
    UnknownDigest {
        /// As it was asked for.
        name: String,
    },
    /// A sound digest that this kind of key does not sign over.
    #[error("{algorithm} keys do not sign over {digest}")]
    DigestDoesNotFit {
        /// Name of the digest.
        digest: String,
        /// Name of the algorithm.
        algorithm: String,
    },
    /// Too short for new signatures.
    #[error("RSA key of {bits} bits is too short for signing")]
    WeakKey {
        /// Its size.
        bits: u32,
    },
    /// A token or another device outside says no, with a word of its own.
    #[error("{reason}")]
    Device {
        /// The stable word.
        code: &'static str,
        /// The values a reader needs; never a secret.
        reason: String,
    },
    /// The library, token or service failed to sign.
    #[error("signing failed: {reason}")]
    Failed {
        /// In the words of who failed.
        reason: String,
    },
}

impl KeyError {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongPin => "wrong_pin",
            Self::NoKey => "no_key",
            Self::NoCertificate => "no_certificate",
            Self::KeyDoesNotMatchCertificate => "key_mismatch",
            Self::NotAKeyFile { .. } => "not_a_key_file",
            Self::UnsupportedKey { .. } => "unsupported_key",
            Self::WeakDigest { .. } => "weak_digest",
            Self::UnknownDigest { .. } => "unknown_digest",
            Self::DigestDoesNotFit { .. } => "digest_does_not_fit",
            Self::WeakKey { .. } => "weak_key",
            Self::Device { code, .. } => code,
            Self::Failed { .. } => "signing_failed",
        }
    }

    pub(super) fn failed(errors: &ErrorStack) -> Self {
        Self::Failed { reason: reason(errors) }
    }
}

/// First reason in OpenSSL's words; they name algorithms and formats, never secrets.
pub(super) fn reason(errors: &ErrorStack) -> String {
    errors.errors().iter().find_map(|e| e.reason()).unwrap_or("unknown").to_owned()
}

/// A private key in memory with its certificates. OpenSSL wipes the key when it is dropped.
pub struct SoftKey {
    key: PKey<Private>,
    algorithm: SignatureAlgorithm,
    certificates: Vec<Vec<u8>>,
}

impl std::fmt::Debug for SoftKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SoftKey").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

impl SoftKey {
    /// A key whose certificates are known to match; the leaf first.
    pub(super) fn new(
        key: PKey<Private>,
        certificates: Vec<Vec<u8>>,
        padding: Padding,
    ) -> Result<Self, KeyError> {
        let algorithm = usual_algorithm(&facts(&key)?, padding)?;
        Ok(Self { key, algorithm, certificates })
    }

    /// The same key signing over another digest.
    ///
    /// # Errors
    /// As [`with_digest`].
    pub fn with_digest(mut self, digest: DigestAlgorithm) -> Result<Self, KeyError> {
        self.algorithm = with_digest(self.algorithm, digest)?;
        Ok(self)
    }

    /// The private key and certificates as unencrypted PEM, for [`protect`]. Wiped when dropped.
    ///
    /// # Errors
    /// [`KeyError::Failed`] if OpenSSL cannot write it.
    pub fn to_pem(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let mut pem = Zeroizing::new(self.key.private_key_to_pem_pkcs8().map_err(|e| KeyError::failed(&e))?);
        for certificate in &self.certificates {
            let parsed = openssl::x509::X509::from_der(certificate).and_then(|c| c.to_pem());
            pem.extend(parsed.map_err(|e| KeyError::failed(&e))?);
        }
        Ok(pem)
    }
}

impl Signer for SoftKey {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    fn certificates(&self) -> &[Vec<u8>] {
        &self.certificates
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        sign_with(&self.key, self.algorithm, message)
    }
}

fn facts(key: &PKey<Private>) -> Result<PublicKeyFacts, KeyError> {
    let unreadable = || KeyError::UnsupportedKey { kind: "without a public half".into() };
    let spki = key.public_key_to_der().map_err(|_| unreadable())?;
    PublicKeyFacts::from_spki(&spki).map_err(|_| unreadable())
}

/// The algorithm a key signs with unless told otherwise. The digest is never weaker than the key
/// (SP 800-57 part 1 tables 2 and 3): as long as a curve's field, and for RSA SHA-256 up to 3,072 bits,
/// SHA-384 up to 7,680 and SHA-512 above.
///
/// # Errors
/// [`KeyError::WeakKey`], [`KeyError::UnsupportedKey`].
pub fn usual_algorithm(facts: &PublicKeyFacts, padding: Padding) -> Result<SignatureAlgorithm, KeyError> {
    use DigestAlgorithm::{Sha256, Sha384, Sha512};
    let of_rsa = match facts.bits {
        ..=3072 => Sha256,
        3073..=7680 => Sha384,
        7681.. => Sha512,
    };
    match &facts.kind {
        PublicKeyKind::Rsa | PublicKeyKind::RsaPss if facts.bits < MIN_RSA_BITS => {
            Err(KeyError::WeakKey { bits: facts.bits })
        }
        PublicKeyKind::Rsa | PublicKeyKind::RsaPss if facts.bits > MAX_RSA_BITS => {
            Err(KeyError::UnsupportedKey { kind: format!("RSA of {} bits", facts.bits) })
        }
        PublicKeyKind::Rsa => Ok(padding.with(of_rsa)),
        PublicKeyKind::RsaPss => Ok(SignatureAlgorithm::RsaPss(of_rsa)),
        PublicKeyKind::P256 | PublicKeyKind::BrainpoolP256r1 | PublicKeyKind::BrainpoolP256t1 => {
            Ok(SignatureAlgorithm::Ecdsa(Sha256))
        }
        PublicKeyKind::P384 | PublicKeyKind::BrainpoolP384r1 | PublicKeyKind::BrainpoolP384t1 => {
            Ok(SignatureAlgorithm::Ecdsa(Sha384))
        }
        PublicKeyKind::P521 | PublicKeyKind::BrainpoolP512r1 | PublicKeyKind::BrainpoolP512t1 => {
            Ok(SignatureAlgorithm::Ecdsa(Sha512))
        }
        PublicKeyKind::Ed25519 => Ok(SignatureAlgorithm::Ed25519),
        PublicKeyKind::Ed448 => Ok(SignatureAlgorithm::Ed448),
        PublicKeyKind::MlDsa(set) => Ok(SignatureAlgorithm::MlDsa(*set)),
        other => Err(KeyError::UnsupportedKey { kind: other.to_string() }),
    }
}

/// The same kind of signature over another digest. EdDSA and ML-DSA have no choice, and only Ed448
/// goes with SHAKE256.
///
/// # Errors
/// [`KeyError::WeakDigest`] for SHA-1 and SHA-224 (not for new signatures, TT 15/2025/TT-BKHCN
/// Phụ lục I), [`KeyError::DigestDoesNotFit`].
pub fn with_digest(
    algorithm: SignatureAlgorithm,
    digest: DigestAlgorithm,
) -> Result<SignatureAlgorithm, KeyError> {
    use SignatureAlgorithm as A;
    if digest.length() < DigestAlgorithm::Sha256.length() {
        return Err(KeyError::WeakDigest { name: digest.name().into() });
    }
    match algorithm {
        fixed if fixed.signs_whole_message() && fixed.digest() == digest => Ok(fixed),
        A::RsaPkcs1v15(_) if digest != DigestAlgorithm::Shake256 => Ok(A::RsaPkcs1v15(digest)),
        A::RsaPss(_) | A::RsaPssOther { .. } if digest != DigestAlgorithm::Shake256 => Ok(A::RsaPss(digest)),
        A::Ecdsa(_) if digest != DigestAlgorithm::Shake256 => Ok(A::Ecdsa(digest)),
        _ => Err(KeyError::DigestDoesNotFit { digest: digest.name().into(), algorithm: algorithm.name() }),
    }
}

/// The digest that a user names for a new signature, as in `sha256` or `SHA3-512`.
///
/// # Errors
/// [`KeyError::WeakDigest`] for SHA-1, SHA-224, MD5 and older ones, [`KeyError::UnknownDigest`].
pub fn digest_for_signing(name: &str) -> Result<DigestAlgorithm, KeyError> {
    const BROKEN: [&str; 5] = ["md2", "md4", "md5", "ripemd128", "ripemd160"];
    let plain = name.to_ascii_lowercase().replace(['-', '_'], "");
    match DigestAlgorithm::from_name(name) {
        Some(digest) if digest.length() < DigestAlgorithm::Sha256.length() => {
            Err(KeyError::WeakDigest { name: digest.name().into() })
        }
        Some(digest) => Ok(digest),
        None if BROKEN.contains(&plain.as_str()) => Err(KeyError::WeakDigest { name: name.into() }),
        None => Err(KeyError::UnknownDigest { name: name.into() }),
    }
}

pub(super) fn sign_with(
    key: &PKey<Private>,
    algorithm: SignatureAlgorithm,
    message: &[u8],
) -> Result<Vec<u8>, KeyError> {
    let sign = || -> Result<Vec<u8>, ErrorStack> {
        if algorithm.signs_whole_message() {
            return openssl::sign::Signer::new_without_digest(key)?.sign_oneshot_to_vec(message);
        }
        let mut signer = openssl::sign::Signer::new(message_digest(algorithm.digest()), key)?;
        if let SignatureAlgorithm::RsaPss(digest) = algorithm {
            signer.set_rsa_padding(openssl::rsa::Padding::PKCS1_PSS)?;
            signer.set_rsa_mgf1_md(message_digest(digest))?;
            signer.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
        }
        signer.sign_oneshot_to_vec(message)
    };
    sign().map_err(|errors| KeyError::failed(&errors))
}
