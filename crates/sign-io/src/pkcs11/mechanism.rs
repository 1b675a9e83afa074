//! How a token is asked for a signature: which mechanism, over what, and what its answer means.
//!
//! Mechanisms that hash in the token are preferred; where there are none, the digest is made here.

use super::error::TokenError;
use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use sign_core::cms::der::{self, tag};
use sign_core::crypto::SignatureAlgorithm;
use sign_core::crypto::digest::{DigestAlgorithm, digest};

/// Who hashes the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hashing {
    /// The token. Only such mechanisms take a message in parts, and so leave room between beginning
    /// and end for the PIN that a key with CKA_ALWAYS_AUTHENTICATE asks for.
    Token,
    /// We do.
    Here,
}

/// The way to sign with an algorithm on a token that offers `offered`.
pub(super) fn choose(
    algorithm: SignatureAlgorithm,
    offered: &[MechanismType],
    in_parts: bool,
) -> Result<Hashing, TokenError> {
    let ways = if in_parts { &[Hashing::Token][..] } else { &[Hashing::Token, Hashing::Here] };
    let known: Vec<_> = ways.iter().filter_map(|way| Some((*way, mechanism(algorithm, *way)?))).collect();
    let found = known.iter().find(|(_, mechanism)| offered.contains(&mechanism.mechanism_type()));
    found.map(|(way, _)| *way).ok_or_else(|| {
        let names: Vec<_> =
            known.iter().map(|(_, mechanism)| mechanism.mechanism_type().to_string()).collect();
        TokenError::MechanismMissing { needed: format!("{}: {}", algorithm.name(), names.join(" / ")) }
    })
}

/// The mechanism for an algorithm; none if PKCS#11 has none for it.
pub(super) fn mechanism(algorithm: SignatureAlgorithm, hashing: Hashing) -> Option<Mechanism<'static>> {
    use DigestAlgorithm::{Sha256, Sha384, Sha512};
    use Hashing::{Here, Token};
    use SignatureAlgorithm as A;
    Some(match (algorithm, hashing) {
        (A::RsaPkcs1v15(Sha256), Token) => Mechanism::Sha256RsaPkcs,
        (A::RsaPkcs1v15(Sha384), Token) => Mechanism::Sha384RsaPkcs,
        (A::RsaPkcs1v15(Sha512), Token) => Mechanism::Sha512RsaPkcs,
        (A::RsaPkcs1v15(_), Here) => Mechanism::RsaPkcs,
        (A::RsaPss(Sha256), Token) => Mechanism::Sha256RsaPkcsPss(pss(Sha256)?),
        (A::RsaPss(Sha384), Token) => Mechanism::Sha384RsaPkcsPss(pss(Sha384)?),
        (A::RsaPss(Sha512), Token) => Mechanism::Sha512RsaPkcsPss(pss(Sha512)?),
        (A::RsaPss(digest), Here) => Mechanism::RsaPkcsPss(pss(digest)?),
        (A::Ecdsa(Sha256), Token) => Mechanism::EcdsaSha256,
        (A::Ecdsa(Sha384), Token) => Mechanism::EcdsaSha384,
        (A::Ecdsa(Sha512), Token) => Mechanism::EcdsaSha512,
        (A::Ecdsa(_), Here) => Mechanism::Ecdsa,
        (A::Ed25519, Token) => Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Ed25519)),
        (A::Ed448, Token) => Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Ed448(b""))),
        _ => return None,
    })
}

/// MGF1 over the same digest and a salt as long as it, as everywhere in this program.
fn pss(digest: DigestAlgorithm) -> Option<PkcsPssParams> {
    let (hash_alg, mgf) = match digest {
        DigestAlgorithm::Sha256 => (MechanismType::SHA256, PkcsMgfType::MGF1_SHA256),
        DigestAlgorithm::Sha384 => (MechanismType::SHA384, PkcsMgfType::MGF1_SHA384),
        DigestAlgorithm::Sha512 => (MechanismType::SHA512, PkcsMgfType::MGF1_SHA512),
        _ => return None,
    };
    Some(PkcsPssParams { hash_alg, mgf, s_len: u64::try_from(digest.length()).ok()?.into() })
}

/// What is handed to the token.
pub(super) fn input(algorithm: SignatureAlgorithm, hashing: Hashing, message: &[u8]) -> Vec<u8> {
    match (hashing, algorithm) {
        (Hashing::Token, _) => message.to_vec(),
        // CKM_RSA_PKCS pads what it is given: the DigestInfo of RFC 8017 9.2 is ours to make.
        (Hashing::Here, SignatureAlgorithm::RsaPkcs1v15(kind)) => der::sequence(&[
            &der::sequence(&[&der::oid(kind.oid()), &der::null()]),
            &der::octet_string(&digest(kind, message)),
        ]),
        (Hashing::Here, _) => digest(algorithm.digest(), message),
    }
}

/// The token's answer as CMS has it: PKCS#11 gives ECDSA as r‖s, RFC 5753 wants a SEQUENCE of both.
pub(super) fn output(algorithm: SignatureAlgorithm, answer: Vec<u8>) -> Vec<u8> {
    match algorithm {
        SignatureAlgorithm::Ecdsa(_) => {
            let (r, s) = answer.split_at(answer.len() / 2);
            der::sequence(&[&unsigned(r), &unsigned(s)])
        }
        _ => answer,
    }
}

/// INTEGER of big-endian bytes: no superfluous zeros, and one in front where it would be negative.
fn unsigned(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    let mut content = bytes.get(start..).unwrap_or_default().to_vec();
    if content.first().is_none_or(|first| first & 0x80 != 0) {
        content.insert(0, 0);
    }
    der::element(tag::INTEGER, &content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use DigestAlgorithm::{Sha3_256, Sha256, Sha384};
    use SignatureAlgorithm as A;

    #[test]
    fn prefers_the_tokens_own_hashing_and_needs_it_for_a_pin_in_between() {
        let (whole, raw) = (MechanismType::SHA256_RSA_PKCS, MechanismType::RSA_PKCS);
        for (offered, in_parts, expected, why) in [
            (&[raw, whole][..], false, Some(Hashing::Token), "both are there"),
            (&[raw], false, Some(Hashing::Here), "a token that only pads"),
            (&[raw], true, None, "no room for the PIN"),
            (&[whole], true, Some(Hashing::Token), "the PIN goes between update and final"),
            (&[MechanismType::ECDSA], false, None, "another kind of key"),
        ] {
            assert_eq!(choose(A::RsaPkcs1v15(Sha256), offered, in_parts).ok(), expected, "{why}");
        }
        let missing = choose(A::Ecdsa(Sha384), &[], false).unwrap_err();
        assert_eq!(missing.code(), "mechanism_missing");
        assert!(missing.to_string().contains("ECDSA"), "{missing}");
        assert!(mechanism(A::RsaPss(Sha3_256), Hashing::Here).is_none(), "no mask generation over SHA-3");
    }

    #[test]
    fn a_digest_to_be_padded_carries_its_name() {
        // RFC 8017 9.2 note 1 gives these bytes for SHA-256.
        let prefix = [
            0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
            0x00, 0x04, 0x20,
        ];
        let made = input(A::RsaPkcs1v15(Sha256), Hashing::Here, b"m");
        assert_eq!(made, [&prefix[..], &digest(Sha256, b"m")].concat());
        assert_eq!(input(A::Ecdsa(Sha256), Hashing::Here, b"m"), digest(Sha256, b"m"));
        assert_eq!(input(A::Ed25519, Hashing::Token, b"m"), b"m");
    }

    #[test]
    fn raw_ecdsa_becomes_der_with_the_shortest_integers() {
        for (raw, expected, why) in [
            (&[1, 2][..], &[0x30, 6, 2, 1, 1, 2, 1, 2][..], "as they are"),
            (
                &[0, 1, 0x80, 0],
                &[0x30, 8, 2, 1, 1, 2, 3, 0, 0x80, 0],
                "a leading zero goes, a sign byte comes",
            ),
            (&[0, 0], &[0x30, 6, 2, 1, 0, 2, 1, 0], "zero is one byte"),
        ] {
            assert_eq!(output(A::Ecdsa(Sha256), raw.to_vec()), expected, "{why}");
        }
        assert_eq!(output(A::Ed25519, vec![9; 64]), [9; 64], "others stay");
    }
}
