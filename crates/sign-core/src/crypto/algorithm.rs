//! Signature algorithms and their AlgorithmIdentifiers (RFC 5754, RFC 4055, RFC 8419, RFC 9688,
//! RFC 9882).
//! What they compute is in [`super::verify`] and [`super::key`]; whether one may be used is policy.

use super::CryptoError;
use super::der::{self, DerError, Reader, Tlv, tag};
use super::digest::DigestAlgorithm::{
    self, Sha1, Sha3_256, Sha3_384, Sha3_512, Sha224, Sha256, Sha384, Sha512, Shake256,
};

const RSA_ENCRYPTION: &str = "1.2.840.113549.1.1.1";
const RSA_PSS: &str = "1.2.840.113549.1.1.10";
const MGF1: &str = "1.2.840.113549.1.1.8";
const EC_PUBLIC_KEY: &str = "1.2.840.10045.2.1";
const ED25519: &str = "1.3.101.112";
const ED448: &str = "1.3.101.113";
/// id-shake256: the same function as [`Shake256`] where the length goes without saying.
const SHAKE256_BARE: &str = "2.16.840.1.101.3.4.2.12";
/// Bits of output of [`Shake256`], ShakeOutputLen of RFC 8419 2.3.
const SHAKE256_BITS: u64 = 512;

/// A way to sign, with its digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5 (RFC 8017 8.2), what VGCA's tokens make.
    RsaPkcs1v15(DigestAlgorithm),
    /// RSASSA-PSS (RFC 8017 8.1) with MGF1 over the same digest and a salt as long as the digest;
    /// the only PSS that is made here.
    RsaPss(DigestAlgorithm),
    /// RSASSA-PSS with other parameters; only read.
    RsaPssOther {
        /// Digest of the message.
        digest: DigestAlgorithm,
        /// Digest inside MGF1.
        mgf: DigestAlgorithm,
        /// Salt length in bytes.
        salt: u16,
    },
    /// ECDSA with a DER-encoded signature value (RFC 5753 7.1); the curve is the key's.
    Ecdsa(DigestAlgorithm),
    /// Ed25519 over the message itself (RFC 8032), never over a digest of it.
    Ed25519,
    /// Ed448 over the message itself (RFC 8032), without a context.
    Ed448,
    /// ML-DSA over the message itself (FIPS 204, RFC 9882), without a context.
    MlDsa(MlDsa),
}

/// Parameter sets of ML-DSA (FIPS 204 table 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are those of the standard")]
pub enum MlDsa {
    MlDsa44,
    MlDsa65,
    MlDsa87,
}

impl MlDsa {
    /// Every parameter set, smallest first.
    pub const ALL: [Self; 3] = [Self::MlDsa44, Self::MlDsa65, Self::MlDsa87];

    /// Its name, as in `ML-DSA-65`.
    pub fn name(self) -> &'static str {
        match self {
            Self::MlDsa44 => "ML-DSA-44",
            Self::MlDsa65 => "ML-DSA-65",
            Self::MlDsa87 => "ML-DSA-87",
        }
    }

    /// The identifier of both keys and signatures, dotted (RFC 9881 2, RFC 9882 2).
    pub fn oid(self) -> &'static str {
        match self {
            Self::MlDsa44 => "2.16.840.1.101.3.4.3.17",
            Self::MlDsa65 => "2.16.840.1.101.3.4.3.18",
            Self::MlDsa87 => "2.16.840.1.101.3.4.3.19",
        }
    }

    /// The set with this identifier.
    pub fn from_oid(dotted: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|set| set.oid() == dotted)
    }

    /// Bytes of a public key (FIPS 204 table 2).
    pub fn public_key_length(self) -> usize {
        match self {
            Self::MlDsa44 => 1312,
            Self::MlDsa65 => 1952,
            Self::MlDsa87 => 2592,
        }
    }

    /// Bytes of a signature (FIPS 204 table 2).
    pub fn signature_length(self) -> usize {
        match self {
            Self::MlDsa44 => 2420,
            Self::MlDsa65 => 3309,
            Self::MlDsa87 => 4627,
        }
    }
}

impl SignatureAlgorithm {
    /// Its usual name, as in `RSA-PSS with SHA-256`.
    pub fn name(self) -> String {
        match self {
            Self::RsaPkcs1v15(digest) => format!("RSA PKCS#1 v1.5 with {}", digest.name()),
            Self::RsaPss(digest) => format!("RSA-PSS with {}", digest.name()),
            Self::RsaPssOther { digest, mgf, salt } => {
                format!("RSA-PSS with {}, MGF1 {}, salt {salt}", digest.name(), mgf.name())
            }
            Self::Ecdsa(digest) => format!("ECDSA with {}", digest.name()),
            Self::Ed25519 => "Ed25519".into(),
            Self::Ed448 => "Ed448".into(),
            Self::MlDsa(set) => set.name().into(),
        }
    }

    /// Digest for the CMS `digestAlgorithm`. Algorithms that sign the message itself take the signed
    /// attributes whole, and their digest is that of the content: SHA-512 with Ed25519, SHAKE256 with
    /// Ed448 (both RFC 8419 3.1) and SHA-512 with ML-DSA (RFC 9882 3.3, the one that all must know).
    pub fn digest(self) -> DigestAlgorithm {
        match self {
            Self::RsaPkcs1v15(digest) | Self::RsaPss(digest) | Self::Ecdsa(digest) => digest,
            Self::RsaPssOther { digest, .. } => digest,
            Self::Ed25519 | Self::MlDsa(_) => Sha512,
            Self::Ed448 => Shake256,
        }
    }

    /// Whether it signs the message itself and never a digest of it.
    pub fn signs_whole_message(self) -> bool {
        matches!(self, Self::Ed25519 | Self::Ed448 | Self::MlDsa(_))
    }

    /// Whether making such signatures has to be asked for: no standard for PDF names it yet, so most
    /// readers will not know it.
    pub fn is_experimental(self) -> bool {
        matches!(self, Self::MlDsa(_))
    }

    /// DER AlgorithmIdentifier. Parameters are NULL for RSA v1.5 (RFC 5754 3.2), explicit for PSS,
    /// absent for ECDSA (RFC 5754 3.3), EdDSA (RFC 8410 section 3) and ML-DSA (RFC 9882 2).
    pub fn algorithm_identifier(self) -> Vec<u8> {
        match self {
            Self::RsaPkcs1v15(digest) => der::sequence(&[&der::oid(rsa_oid(digest)), &der::null()]),
            Self::RsaPss(digest) => pss_identifier(digest, digest, digest.length() as u64),
            Self::RsaPssOther { digest, mgf, salt } => pss_identifier(digest, mgf, u64::from(salt)),
            Self::Ecdsa(digest) => der::sequence(&[&der::oid(ecdsa_oid(digest))]),
            Self::Ed25519 => der::sequence(&[&der::oid(ED25519)]),
            Self::Ed448 => der::sequence(&[&der::oid(ED448)]),
            Self::MlDsa(set) => der::sequence(&[&der::oid(set.oid())]),
        }
    }

    /// Reads the AlgorithmIdentifier of a certificate or CRL, which names the digest too.
    ///
    /// # Errors
    /// [`CryptoError::UnsupportedAlgorithm`] with the identifier; MD5 is one of those.
    pub fn from_algorithm_identifier(bytes: &[u8]) -> Result<Self, CryptoError> {
        let (oid, parameters) = split(bytes)?;
        if oid == RSA_PSS {
            return pss_parameters(parameters);
        }
        let by = |of: fn(DigestAlgorithm) -> &'static str| {
            DigestAlgorithm::ALL.into_iter().find(|d| *d != Shake256 && of(*d) == oid)
        };
        let algorithm = match (by(rsa_oid), by(ecdsa_oid), MlDsa::from_oid(&oid)) {
            (Some(digest), ..) => Self::RsaPkcs1v15(digest),
            (_, Some(digest), _) => Self::Ecdsa(digest),
            (.., Some(set)) => Self::MlDsa(set),
            _ if oid == ED25519 => Self::Ed25519,
            _ if oid == ED448 => Self::Ed448,
            _ => return Err(CryptoError::UnsupportedAlgorithm { oid }),
        };
        // RFC 8017 A.2.4 wants NULL; absent is common and harmless. Anything else is not understood.
        match parameters {
            None => Ok(algorithm),
            Some(null) if null.tag == tag::NULL && null.content.is_empty() => Ok(algorithm),
            Some(_) => Err(CryptoError::UnsupportedParameters { oid, what: "parameters where none belong" }),
        }
    }

    /// Reads the `signatureAlgorithm` of a CMS SignerInfo, which may name only the kind of key
    /// (RFC 5754 3.2 allows `rsaEncryption`) and leave the digest to `digestAlgorithm`.
    ///
    /// # Errors
    /// As [`Self::from_algorithm_identifier`].
    pub fn from_cms(bytes: &[u8], digest: DigestAlgorithm) -> Result<Self, CryptoError> {
        let oid = split(bytes)?.0;
        match oid.as_str() {
            RSA_ENCRYPTION | EC_PUBLIC_KEY if digest == Shake256 => {
                Err(CryptoError::UnsupportedParameters { oid, what: "SHAKE256 as digest" })
            }
            RSA_ENCRYPTION => Ok(Self::RsaPkcs1v15(digest)),
            EC_PUBLIC_KEY => Ok(Self::Ecdsa(digest)),
            _ => Self::from_algorithm_identifier(bytes),
        }
    }
}

/// DER AlgorithmIdentifier of a digest, without parameters (RFC 5754 section 2) but for SHAKE256, which
/// says its length (RFC 8419 2.3).
pub fn digest_identifier(digest: DigestAlgorithm) -> Vec<u8> {
    match digest {
        Shake256 => der::sequence(&[&der::oid(digest.oid()), &der::integer(SHAKE256_BITS)]),
        _ => der::sequence(&[&der::oid(digest.oid())]),
    }
}

/// Reads the AlgorithmIdentifier of a digest; parameters may be absent or NULL (RFC 5754 section 2).
/// SHAKE256 is read with and without its length, which must be 64 bytes.
///
/// # Errors
/// [`CryptoError::UnsupportedAlgorithm`] with the identifier; MD5 is one of those.
pub fn digest_from_identifier(bytes: &[u8]) -> Result<DigestAlgorithm, CryptoError> {
    let (oid, parameters) = split(bytes)?;
    if oid == Shake256.oid() {
        let bits = parameters.filter(|p| p.tag == tag::INTEGER).and_then(|p| p.unsigned().ok());
        return match bits {
            Some(SHAKE256_BITS) => Ok(Shake256),
            _ => Err(CryptoError::UnsupportedParameters { oid, what: "another length than 512 bits" }),
        };
    }
    if parameters.is_some_and(|p| p.tag != tag::NULL || !p.content.is_empty()) {
        return Err(CryptoError::UnsupportedParameters { oid, what: "parameters of a digest" });
    }
    if oid == SHAKE256_BARE {
        return Ok(Shake256);
    }
    DigestAlgorithm::from_oid(&oid).ok_or(CryptoError::UnsupportedAlgorithm { oid })
}

fn split(bytes: &[u8]) -> Result<(String, Option<Tlv<'_>>), DerError> {
    let mut inside = Reader::new(bytes).expect(tag::SEQUENCE)?.reader();
    let oid = inside.expect(tag::OID)?.oid()?;
    let parameters = if inside.is_empty() { None } else { Some(inside.read()?) };
    inside.finish()?;
    Ok((oid, parameters))
}

fn rsa_oid(digest: DigestAlgorithm) -> &'static str {
    match digest {
        Sha1 => "1.2.840.113549.1.1.5",
        Sha224 => "1.2.840.113549.1.1.14",
        Sha256 => "1.2.840.113549.1.1.11",
        Sha384 => "1.2.840.113549.1.1.12",
        Sha512 => "1.2.840.113549.1.1.13",
        Sha3_256 => "2.16.840.1.101.3.4.3.14",
        Sha3_384 => "2.16.840.1.101.3.4.3.15",
        Sha3_512 => "2.16.840.1.101.3.4.3.16",
        // Never made; the kind of key alone, as RFC 5754 3.2 allows.
        Shake256 => RSA_ENCRYPTION,
    }
}

fn ecdsa_oid(digest: DigestAlgorithm) -> &'static str {
    match digest {
        Sha1 => "1.2.840.10045.4.1",
        Sha224 => "1.2.840.10045.4.3.1",
        Sha256 => "1.2.840.10045.4.3.2",
        Sha384 => "1.2.840.10045.4.3.3",
        Sha512 => "1.2.840.10045.4.3.4",
        Sha3_256 => "2.16.840.1.101.3.4.3.10",
        Sha3_384 => "2.16.840.1.101.3.4.3.11",
        Sha3_512 => "2.16.840.1.101.3.4.3.12",
        // Never made, as above.
        Shake256 => EC_PUBLIC_KEY,
    }
}

/// RSASSA-PSS-params (RFC 4055 3.1). The digest's own parameters are NULL there (RFC 4055 2.1).
fn pss_identifier(digest: DigestAlgorithm, mgf: DigestAlgorithm, salt: u64) -> Vec<u8> {
    let with_null = |digest: DigestAlgorithm| der::sequence(&[&der::oid(digest.oid()), &der::null()]);
    let mgf = der::sequence(&[&der::oid(MGF1), &with_null(mgf)]);
    // DER leaves out what equals its DEFAULT: SHA-1, MGF1 with SHA-1, 20, 1. Only SHA-256 and up is
    // written by this program, where nothing equals a default but the trailer field.
    let parameters = der::sequence(&[
        &der::element(tag::context(0), &with_null(digest)),
        &der::element(tag::context(1), &mgf),
        &der::element(tag::context(2), &der::integer(salt)),
    ]);
    der::sequence(&[&der::oid(RSA_PSS), &parameters])
}

fn pss_parameters(parameters: Option<Tlv<'_>>) -> Result<SignatureAlgorithm, CryptoError> {
    let wrong = |what| CryptoError::UnsupportedParameters { oid: RSA_PSS.into(), what };
    // Absent parameters belong to keys; a signature must say (RFC 4055 3.1).
    let parameters = parameters.ok_or_else(|| wrong("RSASSA-PSS-params are missing"))?;
    if parameters.tag != tag::SEQUENCE {
        return Err(wrong("RSASSA-PSS-params is not a SEQUENCE"));
    }
    let mut inside = parameters.reader();
    let digest = match inside.optional(tag::context(0))? {
        Some(hash) => digest_from_identifier(hash.content)?,
        None => Sha1,
    };
    let mgf = match inside.optional(tag::context(1))? {
        Some(mask) => mgf_digest(mask.content)?,
        None => Sha1,
    };
    let salt = match inside.optional(tag::context(2))? {
        Some(salt) => salt.reader().expect(tag::INTEGER)?.unsigned()?,
        None => 20,
    };
    if let Some(trailer) = inside.optional(tag::context(3))?
        && trailer.reader().expect(tag::INTEGER)?.unsigned()? != 1
    {
        return Err(wrong("trailer field is not 1"));
    }
    inside.finish()?;
    if mgf == digest && salt == digest.length() as u64 {
        return Ok(SignatureAlgorithm::RsaPss(digest));
    }
    let salt = u16::try_from(salt).map_err(|_| wrong("salt too long"))?;
    Ok(SignatureAlgorithm::RsaPssOther { digest, mgf, salt })
}

fn mgf_digest(bytes: &[u8]) -> Result<DigestAlgorithm, CryptoError> {
    let (oid, parameters) = split(bytes)?;
    match parameters {
        Some(hash) if oid == MGF1 => digest_from_identifier(hash.raw),
        _ => Err(CryptoError::UnsupportedAlgorithm { oid }),
    }
}

#[cfg(test)]
mod tests {
    use super::SignatureAlgorithm::{Ecdsa, Ed448, Ed25519, RsaPkcs1v15, RsaPss, RsaPssOther};
    use super::*;
    use crate::crypto::digest::hex;

    #[test]
    fn identifiers_lead_back_to_the_algorithm() {
        let strong = DigestAlgorithm::ALL.into_iter().filter(|digest| ![Sha1, Shake256].contains(digest));
        let all = strong.flat_map(|d| [RsaPkcs1v15(d), RsaPss(d), Ecdsa(d)]).chain([
            Ed25519,
            Ed448,
            SignatureAlgorithm::MlDsa(MlDsa::MlDsa44),
            SignatureAlgorithm::MlDsa(MlDsa::MlDsa65),
            SignatureAlgorithm::MlDsa(MlDsa::MlDsa87),
            RsaPkcs1v15(Sha1),
            RsaPssOther { digest: Sha256, mgf: Sha1, salt: 8 },
        ]);
        for algorithm in all {
            let bytes = algorithm.algorithm_identifier();
            assert_eq!(SignatureAlgorithm::from_algorithm_identifier(&bytes), Ok(algorithm));
            assert_eq!(SignatureAlgorithm::from_cms(&bytes, Sha1), Ok(algorithm));
        }
    }

    #[test]
    fn parameters_are_null_for_rsa_and_absent_for_curves() {
        assert_eq!(hex(&RsaPkcs1v15(Sha256).algorithm_identifier()), "300d06092a864886f70d01010b0500");
        assert_eq!(hex(&Ecdsa(Sha256).algorithm_identifier()), "300a06082a8648ce3d040302");
        assert_eq!(hex(&Ed25519.algorithm_identifier()), "300506032b6570");
        assert_eq!(hex(&digest_identifier(Sha256)), "300b0609608648016503040201");
    }

    #[test]
    fn pss_defaults_mean_sha1_with_twenty_bytes_of_salt() {
        let bare = der::sequence(&[&der::oid(RSA_PSS), &der::sequence(&[])]);
        assert_eq!(SignatureAlgorithm::from_algorithm_identifier(&bare), Ok(RsaPss(Sha1)));
        let missing = der::sequence(&[&der::oid(RSA_PSS)]);
        assert!(SignatureAlgorithm::from_algorithm_identifier(&missing).is_err());
    }

    #[test]
    fn a_bare_kind_of_key_takes_the_digest_of_the_signer_info() {
        let rsa = der::sequence(&[&der::oid(RSA_ENCRYPTION), &der::null()]);
        assert_eq!(SignatureAlgorithm::from_cms(&rsa, Sha384), Ok(RsaPkcs1v15(Sha384)));
        assert!(SignatureAlgorithm::from_algorithm_identifier(&rsa).is_err());
    }

    #[test]
    fn md5_is_unsupported() {
        let md5_rsa = der::sequence(&[&der::oid("1.2.840.113549.1.1.4"), &der::null()]);
        let error = SignatureAlgorithm::from_algorithm_identifier(&md5_rsa).unwrap_err();
        assert_eq!(error.code(), "unsupported_algorithm");
        let md5 = der::sequence(&[&der::oid("1.2.840.113549.2.5"), &der::null()]);
        assert!(digest_from_identifier(&md5).is_err());
    }

    #[test]
    fn algorithms_without_a_digest_of_their_own_hash_the_content_as_their_rfc_says() {
        assert_eq!(Ed25519.digest(), Sha512);
        assert_eq!(Ed448.digest(), Shake256);
        assert!(MlDsa::ALL.into_iter().all(|set| SignatureAlgorithm::MlDsa(set).digest() == Sha512));
    }

    #[test]
    fn shake256_is_written_with_its_length_and_read_with_and_without() {
        // RFC 8419 2.3: id-shake256-len with 512; id-shake256 has no parameters.
        let written = digest_identifier(Shake256);
        assert_eq!(hex(&written), "300f060960864801650304021202020200");
        assert_eq!(digest_from_identifier(&written), Ok(Shake256));
        assert_eq!(digest_from_identifier(&der::sequence(&[&der::oid(SHAKE256_BARE)])), Ok(Shake256));
        for parameters in [vec![], der::null(), der::integer(256), der::octet_string(&[2, 0])] {
            let other = der::sequence(&[&der::oid(Shake256.oid()), &parameters]);
            assert_eq!(digest_from_identifier(&other).unwrap_err().code(), "unsupported_parameters");
        }
    }

    #[test]
    fn shake256_is_not_a_digest_for_rsa_or_curves() {
        for key in [RSA_ENCRYPTION, EC_PUBLIC_KEY] {
            let bare = der::sequence(&[&der::oid(key)]);
            assert!(SignatureAlgorithm::from_cms(&bare, Shake256).is_err());
            assert!(SignatureAlgorithm::from_algorithm_identifier(&bare).is_err());
        }
    }
}
