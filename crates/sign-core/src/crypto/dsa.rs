//! DSA signatures (FIPS 186-4, RFC 3279 2.2.2, RFC 5758 3.1), only to check old certificates and CRLs.
//!
//! [`super::SignatureAlgorithm`] does not know DSA, so that nothing is ever signed with it and no policy
//! can accept it by accident: whoever asks for a certificate's algorithm is told that it is unsupported.

use super::CryptoError;
use super::der::{self, DerError, Reader, tag};
use super::digest::DigestAlgorithm;
use super::verify::message_digest;
use openssl::pkey::PKey;
use openssl::sign::Verifier;

/// id-dsa: the identifier of keys.
pub const KEY: &str = "1.2.840.10040.4.1";

const SIGNATURES: [(&str, DigestAlgorithm); 5] = [
    ("1.2.840.10040.4.3", DigestAlgorithm::Sha1),
    ("2.16.840.1.101.3.4.3.1", DigestAlgorithm::Sha224),
    ("2.16.840.1.101.3.4.3.2", DigestAlgorithm::Sha256),
    ("2.16.840.1.101.3.4.3.3", DigestAlgorithm::Sha384),
    ("2.16.840.1.101.3.4.3.4", DigestAlgorithm::Sha512),
];

/// The digest of a DSA signature, by its object identifier.
pub fn digest_of(oid: &str) -> Option<DigestAlgorithm> {
    SIGNATURES.iter().find(|(known, _)| *known == oid).map(|(_, digest)| *digest)
}

/// The domain parameters in a SubjectPublicKeyInfo, as encoded; None for a key of another kind.
/// `Some(None)`: they are those of the issuer's key (RFC 3279 2.3.2).
pub fn parameters(spki: &[u8]) -> Option<Option<&[u8]>> {
    let mut algorithm = Reader::new(spki).expect(tag::SEQUENCE).ok()?.reader().read().ok()?.reader();
    if algorithm.expect(tag::OID).ok()?.oid().ok()? != KEY {
        return None;
    }
    Some(algorithm.optional(tag::SEQUENCE).ok()?.map(|found| found.raw))
}

/// The key with these domain parameters in place of its own.
///
/// # Errors
/// [`DerError`] if `spki` is no SubjectPublicKeyInfo.
pub fn with_parameters(spki: &[u8], parameters: &[u8]) -> Result<Vec<u8>, DerError> {
    let mut inside = Reader::new(spki).expect(tag::SEQUENCE)?.reader();
    inside.expect(tag::SEQUENCE)?;
    let algorithm = der::sequence(&[&der::oid(KEY), parameters]);
    Ok(der::sequence(&[&algorithm, inside.rest()]))
}

/// Whether `signature` over `message` was made with the key in `spki`.
///
/// # Errors
/// [`CryptoError::KeyDoesNotFit`] if it is no DSA key, [`CryptoError::UnsupportedParameters`] if its
/// parameters are to be inherited, [`CryptoError::MalformedKey`].
pub fn verify(
    digest: DigestAlgorithm,
    spki: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Result<bool, CryptoError> {
    match parameters(spki) {
        None => {
            let algorithm = format!("DSA with {}", digest.name());
            return Err(CryptoError::KeyDoesNotFit { key: "other".into(), algorithm });
        }
        Some(None) => {
            let what = "to be inherited from the issuer";
            return Err(CryptoError::UnsupportedParameters { oid: KEY.into(), what });
        }
        Some(Some(_)) => {}
    }
    let key = PKey::public_key_from_der(spki).map_err(|_| CryptoError::MalformedKey)?;
    // Keys past 3,072 bits are in no standard (FIPS 186-4 4.2) and only burn time.
    if key.bits() > 3072 {
        return Err(CryptoError::KeyTooLarge { bits: key.bits(), allowed: 3072 });
    }
    let verified = || Verifier::new(message_digest(digest), &key)?.verify_oneshot(signature, message);
    // Once the key is read, an error can only come from the signature.
    Ok(verified().unwrap_or(false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use openssl::sign::Signer;

    #[test]
    fn a_dsa_signature_verifies_also_with_inherited_parameters() {
        let key = PKey::from_dsa(openssl::dsa::Dsa::generate(1024).unwrap()).unwrap();
        let spki = key.public_key_to_der().unwrap();
        let mut signer = Signer::new(message_digest(DigestAlgorithm::Sha256), &key).unwrap();
        let signature = signer.sign_oneshot_to_vec(b"m").unwrap();
        let check = |spki: &[u8], message: &[u8]| verify(DigestAlgorithm::Sha256, spki, message, &signature);
        assert_eq!((check(&spki, b"m"), check(&spki, b"n")), (Ok(true), Ok(false)));

        let own = parameters(&spki).unwrap().unwrap().to_vec();
        let bare = with_parameters(&spki, &[]).unwrap();
        assert_eq!(parameters(&bare), Some(None));
        assert_eq!(check(&bare, b"m").unwrap_err().code(), "unsupported_parameters");
        assert_eq!(check(&with_parameters(&bare, &own).unwrap(), b"m"), Ok(true));
    }

    #[test]
    fn other_keys_are_no_dsa_keys() {
        let spki = crate::crypto::testing::key("p256").public_key_to_der().unwrap();
        assert_eq!(parameters(&spki), None);
        assert_eq!(verify(DigestAlgorithm::Sha1, &spki, b"", b"").unwrap_err().code(), "key_does_not_fit");
    }
}
