//! Checks signatures with public keys and tells facts about those keys.

use super::der::{self, DerError, Reader, Tlv, tag};
use super::{CryptoError, DigestAlgorithm, MlDsa, SignatureAlgorithm};
use openssl::hash::MessageDigest;
use openssl::md::{Md, MdRef};
use openssl::pkey::{PKey, Public};
use openssl::pkey_ctx::PkeyCtx;
use openssl::rsa::Padding;
use openssl::sign::{RsaPssSaltlen, Verifier};
use std::borrow::Cow;

/// Largest RSA modulus that is computed with, in bits; OpenSSL's own bound. The largest keys in use have 8,192.
pub const MAX_RSA_BITS: u32 = 16_384;

/// What kind of key a SubjectPublicKeyInfo holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are those of the standards")]
pub enum PublicKeyKind {
    Rsa,
    /// An RSA key bound to PSS (id-RSASSA-PSS, RFC 4055 1.2).
    RsaPss,
    P256,
    P384,
    P521,
    /// Brainpool curves (RFC 5639); t1 is the twist of r1.
    BrainpoolP256r1,
    BrainpoolP256t1,
    BrainpoolP384r1,
    BrainpoolP384t1,
    BrainpoolP512r1,
    BrainpoolP512t1,
    /// Another curve, by its object identifier; empty if given by explicit parameters.
    OtherCurve(String),
    Ed25519,
    Ed448,
    MlDsa(MlDsa),
    /// Any other algorithm, by its object identifier.
    Other(String),
}

impl std::fmt::Display for PublicKeyKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rsa => f.write_str("RSA"),
            Self::RsaPss => f.write_str("RSA-PSS"),
            Self::P256 => f.write_str("P-256"),
            Self::P384 => f.write_str("P-384"),
            Self::P521 => f.write_str("P-521"),
            Self::BrainpoolP256r1 => f.write_str("brainpoolP256r1"),
            Self::BrainpoolP256t1 => f.write_str("brainpoolP256t1"),
            Self::BrainpoolP384r1 => f.write_str("brainpoolP384r1"),
            Self::BrainpoolP384t1 => f.write_str("brainpoolP384t1"),
            Self::BrainpoolP512r1 => f.write_str("brainpoolP512r1"),
            Self::BrainpoolP512t1 => f.write_str("brainpoolP512t1"),
            Self::OtherCurve(oid) if oid.is_empty() => f.write_str("EC with explicit parameters"),
            Self::OtherCurve(oid) => write!(f, "EC {oid}"),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Ed448 => f.write_str("Ed448"),
            Self::MlDsa(set) => f.write_str(set.name()),
            Self::Other(oid) => f.write_str(oid),
        }
    }
}

/// Named curves by their identifiers (RFC 5480 2.1.1.1, RFC 5639 4.1), with the bits of their fields.
const CURVES: [(&str, PublicKeyKind, u32); 9] = [
    ("1.2.840.10045.3.1.7", PublicKeyKind::P256, 256),
    ("1.3.132.0.34", PublicKeyKind::P384, 384),
    ("1.3.132.0.35", PublicKeyKind::P521, 521),
    ("1.3.36.3.3.2.8.1.1.7", PublicKeyKind::BrainpoolP256r1, 256),
    ("1.3.36.3.3.2.8.1.1.8", PublicKeyKind::BrainpoolP256t1, 256),
    ("1.3.36.3.3.2.8.1.1.11", PublicKeyKind::BrainpoolP384r1, 384),
    ("1.3.36.3.3.2.8.1.1.12", PublicKeyKind::BrainpoolP384t1, 384),
    ("1.3.36.3.3.2.8.1.1.13", PublicKeyKind::BrainpoolP512r1, 512),
    ("1.3.36.3.3.2.8.1.1.14", PublicKeyKind::BrainpoolP512t1, 512),
];

impl PublicKeyKind {
    /// Whether ECDSA is its algorithm.
    pub fn is_curve(&self) -> bool {
        matches!(self, Self::OtherCurve(_)) || CURVES.iter().any(|(_, kind, _)| kind == self)
    }
}

/// Kind and size of a public key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PublicKeyFacts {
    /// Kind of key.
    pub kind: PublicKeyKind,
    /// Bits of the modulus or of the curve's field, of the whole public key for ML-DSA; 0 where not known.
    pub bits: u32,
}

impl PublicKeyFacts {
    /// Reads a SubjectPublicKeyInfo (RFC 5280 4.1.2.7).
    ///
    /// # Errors
    /// [`CryptoError::Der`] if it is not one. An unknown algorithm is a fact, not an error.
    pub fn from_spki(spki: &[u8]) -> Result<Self, CryptoError> {
        let spki = Spki::read(spki)?;
        let kind = spki.kind()?;
        let bits = match &kind {
            PublicKeyKind::Rsa | PublicKeyKind::RsaPss => modulus_bits(spki.key)?,
            PublicKeyKind::Ed25519 => 256,
            PublicKeyKind::Ed448 => 448,
            PublicKeyKind::MlDsa(set) => u32::try_from(set.public_key_length() * 8).unwrap_or(0),
            // Uncompressed points are 1 + 2 × field bytes; good enough to show.
            PublicKeyKind::OtherCurve(_) => u32::try_from(spki.key.len().saturating_sub(1) * 4).unwrap_or(0),
            PublicKeyKind::Other(_) => 0,
            named => CURVES.iter().find(|(_, kind, _)| kind == named).map_or(0, |(_, _, bits)| *bits),
        };
        Ok(Self { kind, bits })
    }
}

/// Whether `signature` over `message` was made with the private half of the key in `spki`.
///
/// The message is what the algorithm signs: for EdDSA and ML-DSA the bytes themselves, for the others
/// they are hashed here. SHA-1 and short keys are computed as they are; policy judges them.
///
/// # Errors
/// [`CryptoError`] if the key is malformed or does not fit the algorithm. A wrong signature,
/// whatever bytes it is made of, is `Ok(false)`.
pub fn verify(
    algorithm: SignatureAlgorithm,
    spki: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Result<bool, CryptoError> {
    let spki = &*with_positive_modulus(spki)?;
    let parts = Spki::read(spki)?;
    let kind = usable_kind(&parts, algorithm)?;
    if ring_accepts(algorithm, &kind, parts.key, message, signature) {
        return Ok(true);
    }
    // ring does not say whether it disliked the key or the signature, and it refuses keys that exist
    // in practice (odd modulus lengths, a missing sign byte). OpenSSL tells the two apart.
    let key = PKey::public_key_from_der(spki).map_err(|_| CryptoError::MalformedKey)?;
    Ok(openssl_verifies(algorithm, &key, message, signature))
}

/// As [`verify`], for a message of which only the digest is at hand: CMS without signed attributes over
/// a document too large to keep, and adbe.x509.rsa_sha1.
///
/// # Errors
/// As [`verify`]; EdDSA and ML-DSA sign no digests, so there it is [`CryptoError::KeyDoesNotFit`] or
/// [`CryptoError::UnsupportedParameters`].
pub fn verify_digest(
    algorithm: SignatureAlgorithm,
    spki: &[u8],
    digest: &[u8],
    signature: &[u8],
) -> Result<bool, CryptoError> {
    let spki = &*with_positive_modulus(spki)?;
    usable_kind(&Spki::read(spki)?, algorithm)?;
    if algorithm.signs_whole_message() {
        return Err(CryptoError::UnsupportedParameters { oid: algorithm.name(), what: "signs no digests" });
    }
    let key = PKey::public_key_from_der(spki).map_err(|_| CryptoError::MalformedKey)?;
    Ok(openssl_verifies_digest(algorithm, &key, digest, signature).unwrap_or(false))
}

/// Whether a key of this kind makes signatures of this algorithm at all.
///
/// # Errors
/// [`CryptoError::KeyDoesNotFit`]; a malformed key.
pub fn check_fits(algorithm: SignatureAlgorithm, spki: &[u8]) -> Result<(), CryptoError> {
    usable_kind(&Spki::read(spki)?, algorithm).map(drop)
}

fn openssl_verifies_digest(
    algorithm: SignatureAlgorithm,
    key: &PKey<Public>,
    digest: &[u8],
    signature: &[u8],
) -> Result<bool, openssl::error::ErrorStack> {
    let mut context = PkeyCtx::new(key)?;
    context.verify_init()?;
    let pss = match algorithm {
        SignatureAlgorithm::RsaPss(digest) => Some((digest, digest.length())),
        SignatureAlgorithm::RsaPssOther { mgf, salt, .. } => Some((mgf, usize::from(salt))),
        _ => None,
    };
    if let Some((mgf, salt)) = pss {
        context.set_rsa_padding(Padding::PKCS1_PSS)?;
        context.set_rsa_mgf1_md(md(mgf))?;
        context.set_rsa_pss_saltlen(RsaPssSaltlen::custom(i32::try_from(salt).unwrap_or(i32::MAX)))?;
    }
    context.set_signature_md(md(algorithm.digest()))?;
    context.verify(digest, signature)
}

struct Spki<'a> {
    algorithm: String,
    parameters: Option<Tlv<'a>>,
    key: &'a [u8],
}

impl<'a> Spki<'a> {
    fn read(spki: &'a [u8]) -> Result<Self, DerError> {
        let mut inside = Reader::new(spki).expect(tag::SEQUENCE)?.reader();
        let mut identifier = inside.expect(tag::SEQUENCE)?.reader();
        let algorithm = identifier.expect(tag::OID)?.oid()?;
        let parameters = if identifier.is_empty() { None } else { Some(identifier.read()?) };
        Ok(Self { algorithm, parameters, key: inside.expect(tag::BIT_STRING)?.bit_string()? })
    }

    fn kind(&self) -> Result<PublicKeyKind, DerError> {
        Ok(match self.algorithm.as_str() {
            "1.2.840.113549.1.1.1" => PublicKeyKind::Rsa,
            "1.2.840.113549.1.1.10" => PublicKeyKind::RsaPss,
            "1.2.840.10045.2.1" => self.curve()?,
            "1.3.101.112" => PublicKeyKind::Ed25519,
            "1.3.101.113" => PublicKeyKind::Ed448,
            other => match MlDsa::from_oid(other) {
                Some(set) => PublicKeyKind::MlDsa(set),
                None => PublicKeyKind::Other(other.into()),
            },
        })
    }

    fn curve(&self) -> Result<PublicKeyKind, DerError> {
        let Some(named) = self.parameters.filter(|p| p.tag == tag::OID) else {
            return Ok(PublicKeyKind::OtherCurve(String::new()));
        };
        let oid = named.oid()?;
        let known = CURVES.into_iter().find(|(curve, ..)| *curve == oid);
        Ok(known.map_or_else(|| PublicKeyKind::OtherCurve(oid), |(_, kind, _)| kind))
    }
}

fn modulus_bits(rsa_public_key: &[u8]) -> Result<u32, DerError> {
    let modulus = Reader::new(rsa_public_key).expect(tag::SEQUENCE)?.reader().expect(tag::INTEGER)?.content;
    // A modulus without its sign byte reads as negative; it is meant unsigned (seen in real files).
    let significant =
        modulus.iter().position(|&byte| byte != 0).and_then(|at| modulus.get(at..)).unwrap_or(&[]);
    let top_zeros = significant.first().map_or(0, |byte| byte.leading_zeros());
    Ok(u32::try_from(significant.len() * 8).unwrap_or(u32::MAX).saturating_sub(top_zeros))
}

/// Whether the modulus of an RSA key lacks its sign byte, so that it reads as a negative number. Some
/// authorities write it so; it is meant unsigned, and is computed with as such.
pub fn has_negative_modulus(spki: &[u8]) -> bool {
    Spki::read(spki).is_ok_and(|parts| negative_modulus(&parts).is_some())
}

/// Modulus and what follows it, if that is an RSA key and the modulus is negative.
fn negative_modulus<'a>(spki: &Spki<'a>) -> Option<(Tlv<'a>, &'a [u8])> {
    if !matches!(spki.kind(), Ok(PublicKeyKind::Rsa | PublicKeyKind::RsaPss)) {
        return None;
    }
    let mut key = Reader::new(spki.key).expect(tag::SEQUENCE).ok()?.reader();
    let modulus = key.expect(tag::INTEGER).ok()?;
    modulus.content.first().is_some_and(|&first| first >= 0x80).then_some((modulus, key.rest()))
}

/// The same key, with the sign byte that its modulus lacks.
fn with_positive_modulus(spki: &[u8]) -> Result<Cow<'_, [u8]>, DerError> {
    let parts = Spki::read(spki)?;
    let Some((modulus, exponent)) = negative_modulus(&parts) else { return Ok(Cow::Borrowed(spki)) };
    let algorithm = Reader::new(spki).expect(tag::SEQUENCE)?.reader().expect(tag::SEQUENCE)?;
    let modulus = der::element(tag::INTEGER, &[&[0], modulus.content].concat());
    let key = [&[0], der::sequence(&[&modulus, exponent]).as_slice()].concat();
    Ok(Cow::Owned(der::sequence(&[algorithm.raw, &der::element(tag::BIT_STRING, &key)])))
}

/// The kind of key, if it can verify the algorithm.
fn usable_kind(spki: &Spki<'_>, algorithm: SignatureAlgorithm) -> Result<PublicKeyKind, CryptoError> {
    let kind = spki.kind()?;
    if !fits(algorithm, &kind) {
        return Err(CryptoError::KeyDoesNotFit { key: kind.to_string(), algorithm: algorithm.name() });
    }
    if matches!(kind, PublicKeyKind::Rsa | PublicKeyKind::RsaPss) {
        let bits = modulus_bits(spki.key)?;
        if bits > MAX_RSA_BITS {
            return Err(CryptoError::KeyTooLarge { bits, allowed: MAX_RSA_BITS });
        }
    }
    Ok(kind)
}

/// Whether a key of this kind makes and verifies signatures of this algorithm.
fn fits(algorithm: SignatureAlgorithm, kind: &PublicKeyKind) -> bool {
    use SignatureAlgorithm as A;
    match algorithm {
        A::RsaPkcs1v15(_) => *kind == PublicKeyKind::Rsa,
        A::RsaPss(_) | A::RsaPssOther { .. } => matches!(kind, PublicKeyKind::Rsa | PublicKeyKind::RsaPss),
        // Explicit parameters are forbidden (RFC 5480 2.1.1): whoever may choose the curve may choose one
        // on which somebody else's point has a known secret (CVE-2020-0601).
        A::Ecdsa(_) => kind.is_curve() && *kind != PublicKeyKind::OtherCurve(String::new()),
        A::Ed25519 => *kind == PublicKeyKind::Ed25519,
        A::Ed448 => *kind == PublicKeyKind::Ed448,
        A::MlDsa(set) => *kind == PublicKeyKind::MlDsa(set),
    }
}

/// ring's fast path: `true` is final, `false` only means that somebody else must look.
fn ring_accepts(
    algorithm: SignatureAlgorithm,
    kind: &PublicKeyKind,
    key: &[u8],
    message: &[u8],
    signature: &[u8],
) -> bool {
    use DigestAlgorithm::{Sha256, Sha384, Sha512};
    use SignatureAlgorithm as A;
    use ring::signature as r;
    let checker: &'static dyn r::VerificationAlgorithm = match (algorithm, kind) {
        (A::RsaPkcs1v15(Sha256), _) => &r::RSA_PKCS1_2048_8192_SHA256,
        (A::RsaPkcs1v15(Sha384), _) => &r::RSA_PKCS1_2048_8192_SHA384,
        (A::RsaPkcs1v15(Sha512), _) => &r::RSA_PKCS1_2048_8192_SHA512,
        (A::Ecdsa(Sha256), PublicKeyKind::P256) => &r::ECDSA_P256_SHA256_ASN1,
        (A::Ecdsa(Sha384), PublicKeyKind::P256) => &r::ECDSA_P256_SHA384_ASN1,
        (A::Ecdsa(Sha256), PublicKeyKind::P384) => &r::ECDSA_P384_SHA256_ASN1,
        (A::Ecdsa(Sha384), PublicKeyKind::P384) => &r::ECDSA_P384_SHA384_ASN1,
        (A::Ed25519, _) => &r::ED25519,
        _ => return false,
    };
    r::UnparsedPublicKey::new(checker, key).verify(message, signature).is_ok()
}

/// OpenSSL reports many malformed signatures as errors rather than `false`; once the key is read,
/// an error here can only come from the signature.
fn openssl_verifies(
    algorithm: SignatureAlgorithm,
    key: &PKey<Public>,
    message: &[u8],
    signature: &[u8],
) -> bool {
    let verified = || -> Result<bool, openssl::error::ErrorStack> {
        if algorithm.signs_whole_message() {
            return Verifier::new_without_digest(key)?.verify_oneshot(signature, message);
        }
        let mut verifier = Verifier::new(message_digest(algorithm.digest()), key)?;
        match algorithm {
            SignatureAlgorithm::RsaPss(digest) => set_pss(&mut verifier, digest, digest.length())?,
            SignatureAlgorithm::RsaPssOther { mgf, salt, .. } => {
                set_pss(&mut verifier, mgf, usize::from(salt))?
            }
            _ => {}
        }
        verifier.verify_oneshot(signature, message)
    };
    verified().unwrap_or(false)
}

fn set_pss(
    verifier: &mut Verifier<'_>,
    mgf: DigestAlgorithm,
    salt: usize,
) -> Result<(), openssl::error::ErrorStack> {
    verifier.set_rsa_padding(Padding::PKCS1_PSS)?;
    verifier.set_rsa_mgf1_md(message_digest(mgf))?;
    verifier.set_rsa_pss_saltlen(RsaPssSaltlen::custom(i32::try_from(salt).unwrap_or(i32::MAX)))
}

/// OpenSSL's name for a digest.
pub(super) fn message_digest(digest: DigestAlgorithm) -> MessageDigest {
    match digest {
        DigestAlgorithm::Sha1 => MessageDigest::sha1(),
        DigestAlgorithm::Sha224 => MessageDigest::sha224(),
        DigestAlgorithm::Sha256 => MessageDigest::sha256(),
        DigestAlgorithm::Sha384 => MessageDigest::sha384(),
        DigestAlgorithm::Sha512 => MessageDigest::sha512(),
        DigestAlgorithm::Sha3_256 => MessageDigest::sha3_256(),
        DigestAlgorithm::Sha3_384 => MessageDigest::sha3_384(),
        DigestAlgorithm::Sha3_512 => MessageDigest::sha3_512(),
        DigestAlgorithm::Shake256 => MessageDigest::shake_256(),
    }
}

/// The same as OpenSSL's other type for it, which contexts of keys take.
fn md(digest: DigestAlgorithm) -> &'static MdRef {
    match digest {
        DigestAlgorithm::Sha1 => Md::sha1(),
        DigestAlgorithm::Sha224 => Md::sha224(),
        DigestAlgorithm::Sha256 => Md::sha256(),
        DigestAlgorithm::Sha384 => Md::sha384(),
        DigestAlgorithm::Sha512 => Md::sha512(),
        DigestAlgorithm::Sha3_256 => Md::sha3_256(),
        DigestAlgorithm::Sha3_384 => Md::sha3_384(),
        DigestAlgorithm::Sha3_512 => Md::sha3_512(),
        DigestAlgorithm::Shake256 => Md::shake256(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::digest::digest;
    use crate::crypto::key::{self, Padding as KeyPadding};
    use crate::crypto::testing;

    #[test]
    fn every_algorithm_verifies_its_own_signature_and_no_other() {
        for (name, key) in testing::keys() {
            for algorithm in testing::algorithms_of(&key) {
                let signature = key::sign_with(&key, algorithm, b"n\xe1\xbb\x99i dung").unwrap();
                let spki = key.public_key_to_der().unwrap();
                let check = |message: &[u8], signature: &[u8]| verify(algorithm, &spki, message, signature);
                assert_eq!(check(b"n\xe1\xbb\x99i dung", &signature), Ok(true), "{name} {algorithm:?}");
                assert_eq!(check(b"other", &signature), Ok(false), "{name} {algorithm:?}");
                assert_eq!(check(b"other", b""), Ok(false), "{name} {algorithm:?}");
                assert_eq!(check(b"other", &[0x30; 9000]), Ok(false), "{name} {algorithm:?}");
                let hashed = digest(algorithm.digest(), b"n\xe1\xbb\x99i dung");
                match verify_digest(algorithm, &spki, &hashed, &signature) {
                    Err(error) => {
                        assert!(algorithm.signs_whole_message(), "{name} {algorithm:?}");
                        assert_eq!(error.code(), "unsupported_parameters");
                    }
                    verified => assert_eq!(verified, Ok(true), "{name} {algorithm:?}"),
                }
                assert_ne!(verify_digest(algorithm, &spki, &hashed[1..], &signature), Ok(true));
            }
        }
    }

    #[test]
    fn keys_are_described_by_kind_and_size() {
        let cases = [
            ("rsa-1024", "RSA", 1024),
            ("rsa-2048", "RSA", 2048),
            ("rsa-4096", "RSA", 4096),
            ("p256", "P-256", 256),
            ("p384", "P-384", 384),
            ("p521", "P-521", 521),
            ("brainpool256r1", "brainpoolP256r1", 256),
            ("brainpool256t1", "brainpoolP256t1", 256),
            ("brainpool384r1", "brainpoolP384r1", 384),
            ("brainpool384t1", "brainpoolP384t1", 384),
            ("brainpool512r1", "brainpoolP512r1", 512),
            ("brainpool512t1", "brainpoolP512t1", 512),
            ("ed25519", "Ed25519", 256),
            ("ed448", "Ed448", 448),
            ("ml-dsa-44", "ML-DSA-44", 10_496),
            ("ml-dsa-65", "ML-DSA-65", 15_616),
            ("ml-dsa-87", "ML-DSA-87", 20_736),
        ];
        assert_eq!(cases.len(), testing::keys().len(), "every key is told");
        for (name, kind, bits) in cases {
            let spki = testing::key(name).public_key_to_der().unwrap();
            let facts = PublicKeyFacts::from_spki(&spki).unwrap();
            assert_eq!((facts.kind.to_string().as_str(), facts.bits), (kind, bits), "{name}");
        }
    }

    /// An RSA key of two Mersenne primes: as large as wanted, without searching for primes.
    fn mersenne_key(p: i32, q: i32) -> PKey<openssl::pkey::Private> {
        use openssl::bn::{BigNum, BigNumContext};
        let mut context = BigNumContext::new().unwrap();
        let prime = |exponent| {
            let mut power = BigNum::new().unwrap();
            power.set_bit(exponent).unwrap();
            power.sub_word(1).unwrap();
            power
        };
        let less_one = |prime: &BigNum| {
            let mut less = BigNum::from_slice(&prime.to_vec()).unwrap();
            less.sub_word(1).unwrap();
            less
        };
        let (p, q, e) = (prime(p), prime(q), BigNum::from_u32(65_537).unwrap());
        let (mut n, mut phi, mut d) =
            (BigNum::new().unwrap(), BigNum::new().unwrap(), BigNum::new().unwrap());
        n.checked_mul(&p, &q, &mut context).unwrap();
        phi.checked_mul(&less_one(&p), &less_one(&q), &mut context).unwrap();
        d.mod_inverse(&e, &phi, &mut context).unwrap();
        let builder = openssl::rsa::RsaPrivateKeyBuilder::new(n, e, d).unwrap();
        PKey::from_rsa(builder.set_factors(p, q).unwrap().build()).unwrap()
    }

    #[test]
    fn rsa_keys_beyond_usual_sizes_verify_up_to_a_bound() {
        let algorithm = SignatureAlgorithm::RsaPkcs1v15(DigestAlgorithm::Sha512);
        // 2^4253-1 and 2^4423-1 are primes; ring stops at 8,192 bits.
        let large = mersenne_key(4253, 4423);
        let spki = large.public_key_to_der().unwrap();
        assert_eq!(PublicKeyFacts::from_spki(&spki).unwrap().bits, 8676);
        let signature = key::sign_with(&large, algorithm, b"m").unwrap();
        assert_eq!(verify(algorithm, &spki, b"m", &signature), Ok(true));
        assert_eq!(verify(algorithm, &spki, b"n", &signature), Ok(false));
        // 2^9689-1 and 2^9941-1 are primes too, and together too many bits.
        let spki = mersenne_key(9689, 9941).public_key_to_der().unwrap();
        let error = verify(algorithm, &spki, b"m", &[1; 2454]).unwrap_err();
        assert_eq!(error, CryptoError::KeyTooLarge { bits: 19_630, allowed: MAX_RSA_BITS });
    }

    #[test]
    fn curves_of_ones_own_making_are_not_computed_with() {
        let mut group = openssl::ec::EcGroup::from_curve_name(openssl::nid::Nid::X9_62_PRIME256V1).unwrap();
        group.set_asn1_flag(openssl::ec::Asn1Flag::EXPLICIT_CURVE);
        let key = PKey::from_ec_key(openssl::ec::EcKey::generate(&group).unwrap()).unwrap();
        let spki = key.public_key_to_der().unwrap();
        let algorithm = SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256);
        let signature = key::sign_with(&key, algorithm, b"m").unwrap();
        let error = verify(algorithm, &spki, b"m", &signature).unwrap_err();
        assert_eq!(error.code(), "key_does_not_fit");
    }

    #[test]
    fn a_key_of_the_wrong_kind_is_an_error_not_a_verdict() {
        let spki = testing::key("p256").public_key_to_der().unwrap();
        let rsa = SignatureAlgorithm::RsaPkcs1v15(DigestAlgorithm::Sha256);
        assert_eq!(verify(rsa, &spki, b"", b"").unwrap_err().code(), "key_does_not_fit");
        assert_eq!(verify(rsa, b"\x30\x00", b"", b"").unwrap_err().code(), "malformed_der");
    }

    #[test]
    fn a_modulus_without_its_sign_byte_is_computed_with_as_meant() {
        let key = testing::key("rsa-2048");
        let spki = key.public_key_to_der().unwrap();
        let modulus = key.rsa().unwrap().n().to_vec();
        let exponent = der::integer(65_537);
        let written = der::sequence(&[&der::element(tag::INTEGER, &modulus), &exponent]);
        let algorithm = der::sequence(&[&der::oid("1.2.840.113549.1.1.1"), &der::null()]);
        let bits = der::element(tag::BIT_STRING, &[&[0], written.as_slice()].concat());
        let negative = der::sequence(&[&algorithm, &bits]);
        assert!(has_negative_modulus(&negative) && !has_negative_modulus(&spki));
        assert_eq!(PublicKeyFacts::from_spki(&negative).unwrap().bits, 2048);
        for algorithm in testing::algorithms_of(&key) {
            let signature = key::sign_with(&key, algorithm, b"m").unwrap();
            assert_eq!(verify(algorithm, &negative, b"m", &signature), Ok(true), "{algorithm:?}");
            assert_eq!(verify(algorithm, &negative, b"n", &signature), Ok(false), "{algorithm:?}");
            let hashed = digest(algorithm.digest(), b"m");
            assert_eq!(verify_digest(algorithm, &negative, &hashed, &signature), Ok(true));
        }
    }

    #[test]
    fn a_wrong_salt_length_does_not_verify() {
        let key = testing::key("rsa-2048");
        let spki = key.public_key_to_der().unwrap();
        let sha256 = DigestAlgorithm::Sha256;
        let signature = key::sign_with(&key, KeyPadding::Pss.with(sha256), b"m").unwrap();
        let other = SignatureAlgorithm::RsaPssOther { digest: sha256, mgf: sha256, salt: 20 };
        assert_eq!(verify(other, &spki, b"m", &signature), Ok(false));
    }
}
