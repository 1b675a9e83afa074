//! Keys and certificates for the tests of this crate; keys are made once per run.

use super::SignatureAlgorithm::{self, Ecdsa, Ed448, Ed25519, RsaPkcs1v15, RsaPss};
use super::algorithm::MlDsa;
use super::digest::DigestAlgorithm;
use openssl::asn1::{Asn1Integer, Asn1Object, Asn1OctetString, Asn1Time};
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{Id, KeyType, PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::extension::{AuthorityKeyIdentifier, BasicConstraints, KeyUsage, SubjectKeyIdentifier};
use openssl::x509::{X509, X509Builder, X509Extension, X509Name};
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
        let ml_dsa = |kind| PKey::private_key_from_seed(None, kind, None, &[7; 32]).unwrap();
        vec![
            ("rsa-1024", rsa(1024)),
            ("rsa-2048", rsa(2048)),
            ("p256", curve(Nid::X9_62_PRIME256V1)),
            ("p384", curve(Nid::SECP384R1)),
            ("p521", curve(Nid::SECP521R1)),
            ("rsa-4096", rsa(4096)),
            ("brainpool256r1", curve(Nid::BRAINPOOL_P256R1)),
            ("brainpool256t1", curve(Nid::BRAINPOOL_P256T1)),
            ("brainpool384r1", curve(Nid::BRAINPOOL_P384R1)),
            ("brainpool384t1", curve(Nid::BRAINPOOL_P384T1)),
            ("brainpool512r1", curve(Nid::BRAINPOOL_P512R1)),
            ("brainpool512t1", curve(Nid::BRAINPOOL_P512T1)),
            ("ed25519", PKey::generate_ed25519().unwrap()),
            ("ed448", PKey::generate_ed448().unwrap()),
            ("ml-dsa-44", ml_dsa(KeyType::ML_DSA_44)),
            ("ml-dsa-65", ml_dsa(KeyType::ML_DSA_65)),
            ("ml-dsa-87", ml_dsa(KeyType::ML_DSA_87)),
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
        Id::RSA => [D::Sha1, D::Sha256, D::Sha384, D::Sha512, D::Sha3_256, D::Sha3_384, D::Sha3_512]
            .into_iter()
            .flat_map(|digest| [RsaPkcs1v15(digest), RsaPss(digest)])
            // Two digests of 64 bytes, one of them as salt, do not fit into 1,024 bits.
            .filter(|algorithm| key.bits() > 1024 || algorithm.digest().length() < 64)
            .collect(),
        Id::EC => [D::Sha1, D::Sha256, D::Sha384, D::Sha512, D::Sha3_256, D::Sha3_384, D::Sha3_512]
            .into_iter()
            .map(Ecdsa)
            .collect(),
        Id::ED25519 => vec![Ed25519],
        Id::ED448 => vec![Ed448],
        _ if key.is_a(KeyType::ML_DSA_44) => vec![SignatureAlgorithm::MlDsa(MlDsa::MlDsa44)],
        _ if key.is_a(KeyType::ML_DSA_65) => vec![SignatureAlgorithm::MlDsa(MlDsa::MlDsa65)],
        _ => vec![SignatureAlgorithm::MlDsa(MlDsa::MlDsa87)],
    }
}

/// Validity of the certificates made here: 2026-01-01 to 2031-01-01, UTC.
pub(crate) const NOT_BEFORE: i64 = 1_767_225_600;
/// End of it.
pub(crate) const NOT_AFTER: i64 = 1_925_078_400;

/// A certificate and its private key.
#[derive(Clone)]
pub(crate) struct Made {
    pub(crate) certificate: X509,
    pub(crate) key: PKey<Private>,
}

impl Made {
    pub(crate) fn der(&self) -> Vec<u8> {
        self.certificate.to_der().unwrap()
    }
}

/// What to put into a test certificate.
pub(crate) struct Spec<'a> {
    pub(crate) subject: &'a [(&'a str, &'a str)],
    pub(crate) serial: u32,
    pub(crate) key: PKey<Private>,
    /// None: signed with its own key.
    pub(crate) issuer: Option<&'a Made>,
    /// Some: a certification authority with this pathLen.
    pub(crate) ca: Option<Option<u32>>,
    pub(crate) validity: (i64, i64),
    /// Further extensions: identifier, critical, DER value.
    pub(crate) extensions: &'a [(&'a str, bool, &'a [u8])],
    pub(crate) key_usage: &'a [&'a str],
}

impl<'a> Spec<'a> {
    /// A leaf with a P-256 key and a common name only.
    pub(crate) fn leaf(subject: &'a [(&'a str, &'a str)], issuer: &'a Made) -> Self {
        let usage = &["digital_signature", "non_repudiation"];
        Self { issuer: Some(issuer), ca: None, key_usage: usage, ..Self::root(subject) }
    }

    /// A self-signed authority.
    pub(crate) fn root(subject: &'a [(&'a str, &'a str)]) -> Self {
        Self {
            subject,
            serial: 0x1234,
            key: key("p256"),
            issuer: None,
            ca: Some(None),
            validity: (NOT_BEFORE, NOT_AFTER),
            extensions: &[],
            key_usage: &["key_cert_sign", "crl_sign"],
        }
    }

    pub(crate) fn make(self) -> Made {
        let mut builder = X509::builder().unwrap();
        builder.set_version(2).unwrap();
        let mut name = X509Name::builder().unwrap();
        for (field, value) in self.subject {
            name.append_entry_by_text(field, value).unwrap();
        }
        let name = name.build();
        builder.set_subject_name(&name).unwrap();
        builder.set_issuer_name(self.issuer.map_or(&name, |made| made.certificate.subject_name())).unwrap();
        builder.set_serial_number(&serial(self.serial)).unwrap();
        builder.set_not_before(&Asn1Time::from_unix(self.validity.0).unwrap()).unwrap();
        builder.set_not_after(&Asn1Time::from_unix(self.validity.1).unwrap()).unwrap();
        builder.set_pubkey(&self.key).unwrap();
        self.add_extensions(&mut builder);
        let signing_key = self.issuer.map_or(&self.key, |made| &made.key);
        let digest = match signing_key.id() {
            Id::RSA | Id::EC => MessageDigest::sha256(),
            _ => MessageDigest::null(),
        };
        builder.sign(signing_key, digest).unwrap();
        Made { certificate: builder.build(), key: self.key }
    }

    fn add_extensions(&self, builder: &mut X509Builder) {
        if let Some(path_length) = self.ca {
            let mut constraints = BasicConstraints::new();
            constraints.critical().ca();
            if let Some(length) = path_length {
                constraints.pathlen(length);
            }
            builder.append_extension(constraints.build().unwrap()).unwrap();
        }
        if !self.key_usage.is_empty() {
            let mut usage = KeyUsage::new();
            usage.critical();
            for name in self.key_usage {
                match *name {
                    "key_cert_sign" => usage.key_cert_sign(),
                    "crl_sign" => usage.crl_sign(),
                    "non_repudiation" => usage.non_repudiation(),
                    _ => usage.digital_signature(),
                };
            }
            builder.append_extension(usage.build().unwrap()).unwrap();
        }
        let context = builder.x509v3_context(self.issuer.map(|made| &*made.certificate), None);
        let key_id = SubjectKeyIdentifier::new().build(&context).unwrap();
        builder.append_extension(key_id).unwrap();
        if self.issuer.is_some() {
            let context = builder.x509v3_context(self.issuer.map(|made| &*made.certificate), None);
            let authority = AuthorityKeyIdentifier::new().keyid(false).build(&context).unwrap();
            builder.append_extension(authority).unwrap();
        }
        for (oid, critical, value) in self.extensions {
            let oid = Asn1Object::from_str(oid).unwrap();
            let value = Asn1OctetString::new_from_bytes(value).unwrap();
            builder.append_extension(X509Extension::new_from_der(&oid, *critical, &value).unwrap()).unwrap();
        }
    }
}

fn serial(number: u32) -> Asn1Integer {
    BigNum::from_u32(number).unwrap().to_asn1_integer().unwrap()
}

/// A root, an issuing authority below it, and a person's certificate with each kind of key.
pub(crate) fn person(key_name: &str) -> Vec<Made> {
    let root = Spec::root(&[("C", "VN"), ("CN", "TEST Root")]).make();
    let issuing = Spec {
        issuer: Some(&root),
        serial: 2,
        key: key("p384"),
        ..Spec::root(&[("C", "VN"), ("CN", "TEST Issuing CA")])
    };
    let issuing = issuing.make();
    let subject = [("C", "VN"), ("O", "UBND tỉnh Nam Định"), ("CN", "Trần Văn A")];
    let leaf = Spec { serial: 3, key: key(key_name), ..Spec::leaf(&subject, &issuing) }.make();
    vec![leaf, issuing, root]
}

/// Signs with any of the keys, also those that are refused as [`super::key::SoftKey`].
pub(crate) fn sign(key: &PKey<Private>, algorithm: SignatureAlgorithm, message: &[u8]) -> Vec<u8> {
    super::key::sign_with(key, algorithm, message).unwrap()
}
