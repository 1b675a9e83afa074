//! Keys for the tests of this crate, made once per run.

use super::SignatureAlgorithm::{self, Ecdsa, Ed25519, RsaPkcs1v15, RsaPss};
use super::digest::DigestAlgorithm;
use openssl::ec::{EcGroup, EcKey};
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Private};
use openssl::rsa::Rsa;
use std::sync::OnceLock;

/// One key of each kind by name; `rsa-1024` is too weak to sign with.
pub(crate) fn keys() -> Vec<(&'static str, PKey<Private>)> {
    static KEYS: OnceLock<Vec<(&'static str, PKey<Private>)>> = OnceLock::new();
    KEYS.get_or_init(|| {
        let rsa = |bits| PKey::from_rsa(Rsa::generate(bits).unwrap()).unwrap();
        let curve = |nid| {
            let group = EcGroup::from_curve_name(nid).unwrap();
            PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
        };
        vec![
            ("rsa-1024", rsa(1024)),
            ("rsa-2048", rsa(2048)),
            ("p256", curve(Nid::X9_62_PRIME256V1)),
            ("p384", curve(Nid::SECP384R1)),
            ("p521", curve(Nid::SECP521R1)),
            ("ed25519", PKey::generate_ed25519().unwrap()),
        ]
    })
    .clone()
}

pub(crate) fn key(name: &str) -> PKey<Private> {
    keys().into_iter().find(|(known, _)| *known == name).unwrap().1
}

/// Every algorithm that fits a key and that OpenSSL can sign with.
pub(crate) fn algorithms_of(key: &PKey<Private>) -> Vec<SignatureAlgorithm> {
    use DigestAlgorithm as D;
    match key.id() {
        Id::RSA => [D::Sha1, D::Sha256, D::Sha384, D::Sha3_256]
            .into_iter()
            .flat_map(|digest| [RsaPkcs1v15(digest), RsaPss(digest)])
            .collect(),
        Id::EC => [D::Sha1, D::Sha256, D::Sha384, D::Sha512, D::Sha3_384].into_iter().map(Ecdsa).collect(),
        _ => vec![Ed25519],
    }
}
