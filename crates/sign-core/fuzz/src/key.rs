//! The key that signs here: always the same one, with a certificate that it signed itself.

use std::sync::OnceLock;

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{Id, PKey};
use openssl::x509::extension::KeyUsage;
use openssl::x509::{X509, X509Name};
use sign_core::crypto::key::{Signer, SoftKey, from_pem};
use sign_core::time::Time;
use sign_core::trust::TrustStore;
use sign_core::trust::anchor::CaClass;
use sign_core::x509::Certificate;

const NOW: i64 = 1_790_000_000;
/// Ed25519, because it signs fast and always the same way.
const SECRET: [u8; 32] = [7; 32];

/// When everything here happens.
pub fn now() -> Time {
    Time::from_unix(NOW)
}

/// The key.
pub fn key() -> &'static SoftKey {
    static KEY: OnceLock<SoftKey> = OnceLock::new();
    KEY.get_or_init(|| from_pem(&pem().expect("OpenSSL makes a key"), None, None).expect("it can be read"))
}

/// Its certificate.
pub fn certificate() -> Certificate {
    let leaf = key().certificates().first().expect("a key has its certificate");
    Certificate::parse(leaf).expect("ours can be read")
}

/// Trusts it.
pub fn trust() -> TrustStore {
    let mut trust = TrustStore::new();
    trust.add_anchor(certificate(), CaClass::Other);
    trust
}

fn pem() -> Result<Vec<u8>, ErrorStack> {
    let key = PKey::private_key_from_raw_bytes(&SECRET, Id::ED25519)?;
    let mut name = X509Name::builder()?;
    name.append_entry_by_text("CN", "Nguyễn Văn A")?;
    let name = name.build();
    let mut builder = X509::builder()?;
    builder.set_version(2)?;
    builder.set_serial_number(&*BigNum::from_u32(1)?.to_asn1_integer()?)?;
    builder.set_subject_name(&name)?;
    builder.set_issuer_name(&name)?;
    builder.set_not_before(&*Asn1Time::from_unix(NOW - 1)?)?;
    builder.set_not_after(&*Asn1Time::from_unix(NOW + 1)?)?;
    builder.set_pubkey(&key)?;
    builder.append_extension(KeyUsage::new().critical().digital_signature().non_repudiation().build()?)?;
    builder.sign(&key, MessageDigest::null())?;
    let mut pem = builder.build().to_pem()?;
    pem.extend(key.private_key_to_pem_pkcs8()?);
    Ok(pem)
}
