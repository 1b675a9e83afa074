//! Reads private keys with their certificates from PKCS#12 (RFC 7292) and PEM (RFC 7468) files.

use super::der::{Reader, tag};
use super::key::{KeyError, Padding, Pin, SoftKey, reason};
use openssl::error::ErrorStack;
use openssl::pkcs12::{ParsedPkcs12_2, Pkcs12};
use openssl::pkey::{PKey, Private};
use openssl::provider::Provider;
use openssl::x509::{X509, X509NameRef};
use std::sync::OnceLock;

/// Key files are a few kilobytes; a chain of long certificates stays far below this.
const MAX_FILE: usize = 1 << 20;
/// Certificates looked at in one file.
const MAX_CERTIFICATES: usize = 64;
/// Rounds of key derivation that one file may ask for, all its parts together. OpenSSL writes 2,048,
/// careful tools up to a million; more would only burn time before the PIN is even compared.
const MAX_ROUNDS: u64 = 10_000_000;
/// Nesting of a PKCS#12 file down to the parameters of its ciphers.
const MAX_DEPTH: u32 = 24;

/// Reads a PKCS#12 file, modern (AES) or legacy (RC2-40, 3DES), and picks the certificate of the key.
///
/// # Errors
/// [`KeyError`]: wrong PIN, no key, no certificate, mismatch, weak or unsupported key, damaged file.
pub fn from_pkcs12(file: &[u8], pin: &Pin, padding: Option<Padding>) -> Result<SoftKey, KeyError> {
    load_legacy_algorithms();
    check_size(file)?;
    check_rounds(file)?;
    let container = Pkcs12::from_der(file).map_err(|e| not_a_key_file(&e))?;
    let parsed = open(&container, pin)?;
    let key = parsed.pkey.ok_or(KeyError::NoKey)?;
    // OpenSSL names the certificate of the key `cert` and everything else `ca`; with a key that no
    // certificate fits there is only `ca`.
    let certificates = parsed.cert.into_iter().chain(parsed.ca.into_iter().flatten()).collect();
    assemble(key, certificates, padding)
}

/// Reads a PEM file with a private key (PKCS#8, PKCS#1 or SEC1, encrypted or not) and certificates in
/// any order.
///
/// # Errors
/// As [`from_pkcs12`]. An encrypted key without a PIN is [`KeyError::WrongPin`].
pub fn from_pem(file: &[u8], pin: Option<&Pin>, padding: Option<Padding>) -> Result<SoftKey, KeyError> {
    load_legacy_algorithms();
    check_size(file)?;
    let has = |text: &str| file.windows(text.len()).any(|window| window == text.as_bytes());
    if !has("-----BEGIN ") {
        return Err(KeyError::NotAKeyFile { reason: "no PEM block".into() });
    }
    if !has("PRIVATE KEY-----") {
        return Err(KeyError::NoKey);
    }
    if let Some(sealed) = pem_block(file, "ENCRYPTED PRIVATE KEY") {
        check_rounds(&sealed)?;
    }
    let pin = pin.map_or("", Pin::expose);
    // A callback even without a PIN: OpenSSL would otherwise ask on the terminal.
    let key = PKey::private_key_from_pem_callback(file, |buffer| Ok(copy_pin(pin, buffer)))
        .map_err(|e| if has("ENCRYPTED") { KeyError::WrongPin } else { not_a_key_file(&e) })?;
    let certificates = X509::stack_from_pem(file).map_err(|e| not_a_key_file(&e))?;
    assemble(key, certificates, padding)
}

/// Loads OpenSSL's legacy provider, which holds RC2, once for the process; reading a key file does it
/// by itself. The provider is linked into the static library (openssl-src feature `legacy`); without it
/// RC2 files fail as unsupported.
pub fn load_legacy_algorithms() {
    static LEGACY: OnceLock<Option<Provider>> = OnceLock::new();
    // `retain_fallbacks` keeps the default provider, which would otherwise go once another is loaded.
    LEGACY.get_or_init(|| Provider::try_load(None, "legacy", true).ok());
}

fn check_size(file: &[u8]) -> Result<(), KeyError> {
    if file.len() > MAX_FILE {
        return Err(KeyError::NotAKeyFile { reason: format!("{} bytes is too long", file.len()) });
    }
    Ok(())
}

fn check_rounds(der: &[u8]) -> Result<(), KeyError> {
    match rounds(der, MAX_DEPTH) {
        Some(rounds) if rounds > MAX_ROUNDS => {
            Err(KeyError::NotAKeyFile { reason: format!("{rounds} rounds of key derivation") })
        }
        _ => Ok(()),
    }
}

/// Sums the rounds in MacData (RFC 7292 4), PBEParameter (RFC 8018 A.3) and PBKDF2-params (A.2): always
/// an INTEGER right after the salt, an OCTET STRING. None where the bytes are no DER; OpenSSL will say.
fn rounds(der: &[u8], depth: u32) -> Option<u64> {
    let depth = depth.checked_sub(1)?;
    let mut elements = Reader::new(der);
    let mut sum = 0_u64;
    let mut after_salt = false;
    while !elements.is_empty() {
        let element = elements.read().ok()?;
        let octets = element.octets().ok();
        sum = sum.saturating_add(match (element.tag, &octets) {
            (tag::INTEGER, _) if after_salt => element.unsigned().unwrap_or(u64::MAX),
            // An OCTET STRING may hold DER again; salts and ciphertexts do not read as such.
            (_, Some(inner)) => rounds(inner, depth).unwrap_or(0),
            (constructed, None) if constructed & 0x20 != 0 => rounds(element.content, depth).unwrap_or(0),
            _ => 0,
        });
        after_salt = octets.is_some();
    }
    Some(sum)
}

/// DER of the PEM block with this label, if there is one.
fn pem_block(file: &[u8], label: &str) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(file).ok()?;
    let (_, after) = text.split_once(&format!("-----BEGIN {label}-----"))?;
    let (body, _) = after.split_once("-----END")?;
    let digits: String = body.split_ascii_whitespace().collect();
    openssl::base64::decode_block(&digits).ok()
}

fn open(container: &Pkcs12, pin: &Pin) -> Result<ParsedPkcs12_2, KeyError> {
    // OpenSSL takes a C string; a PIN with a zero byte cannot be the right one.
    if pin.expose().contains('\0') {
        return Err(KeyError::WrongPin);
    }
    container.parse2(pin.expose()).map_err(|errors| {
        let unsupported =
            errors.errors().iter().any(|e| e.reason().is_some_and(|r| r.contains("unsupported")));
        let pin_reasons =
            ["mac verify failure", "bad decrypt", "decrypt error", "cipherfinal error", "decode error"];
        let pin_like = errors
            .errors()
            .iter()
            .filter_map(|e| e.reason())
            .any(|reason| pin_reasons.iter().any(|known| reason.contains(known)));
        if pin_like && !unsupported { KeyError::WrongPin } else { not_a_key_file(&errors) }
    })
}

fn copy_pin(pin: &str, buffer: &mut [u8]) -> usize {
    match buffer.get_mut(..pin.len()) {
        Some(place) => {
            place.copy_from_slice(pin.as_bytes());
            pin.len()
        }
        None => 0,
    }
}

fn not_a_key_file(errors: &ErrorStack) -> KeyError {
    KeyError::NotAKeyFile { reason: reason(errors) }
}

/// Puts the key's certificate first and its issuers after it, each once.
fn assemble(
    key: PKey<Private>,
    mut certificates: Vec<X509>,
    padding: Option<Padding>,
) -> Result<SoftKey, KeyError> {
    certificates.truncate(MAX_CERTIFICATES);
    if certificates.is_empty() {
        return Err(KeyError::NoCertificate);
    }
    let own = own_certificate(&key, &certificates).ok_or(KeyError::KeyDoesNotMatchCertificate)?;
    let mut chain = vec![certificates.swap_remove(own)];
    while let Some(next) = chain.last().and_then(|last| issuer_among(last, &certificates)) {
        chain.push(certificates.swap_remove(next));
    }
    let chain: Result<Vec<_>, _> = chain.iter().map(|certificate| certificate.to_der()).collect();
    SoftKey::new(key, chain.map_err(|e| not_a_key_file(&e))?, padding.unwrap_or_default())
}

/// Of several certificates of one key (after a renewal, or a request turned self-signed) the issued ones
/// go before self-issued ones, and then the one that is valid longest.
fn own_certificate(key: &PKey<Private>, certificates: &[X509]) -> Option<usize> {
    let of_key = |certificate: &X509| certificate.public_key().is_ok_and(|public| public.public_eq(key));
    let own = certificates.iter().enumerate().filter(|(_, certificate)| of_key(certificate));
    own.max_by(|(_, a), (_, b)| {
        let by_end = || a.not_after().partial_cmp(b.not_after()).unwrap_or(std::cmp::Ordering::Equal);
        is_self_issued(b).cmp(&is_self_issued(a)).then_with(by_end)
    })
    .map(|(index, _)| index)
}

fn is_self_issued(certificate: &X509) -> bool {
    same_name(certificate.subject_name(), certificate.issuer_name())
}

fn same_name(a: &X509NameRef, b: &X509NameRef) -> bool {
    a.try_cmp(b).is_ok_and(std::cmp::Ordering::is_eq)
}

/// By name only: this orders what the file offers, the path is built and checked elsewhere.
fn issuer_among(certificate: &X509, others: &[X509]) -> Option<usize> {
    if is_self_issued(certificate) {
        return None;
    }
    others.iter().position(|other| same_name(other.subject_name(), certificate.issuer_name()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::key::Signer;
    use crate::crypto::testing::{self, Made, Spec};
    use crate::crypto::verify::verify;
    use crate::crypto::{DigestAlgorithm, MlDsa, SignatureAlgorithm, der};
    use openssl::nid::Nid;
    use openssl::pkcs12::Pkcs12Builder;
    use openssl::stack::Stack;

    const PIN: &str = "mật khẩu 123456";

    fn pkcs12(fill: impl FnOnce(&mut Pkcs12Builder)) -> Vec<u8> {
        load_legacy_algorithms();
        let mut builder = Pkcs12::builder();
        fill(&mut builder);
        builder.build2(PIN).unwrap().to_der().unwrap()
    }

    fn usual(made: &Made) -> Vec<u8> {
        pkcs12(|builder| {
            builder.pkey(&made.key).cert(&made.certificate);
        })
    }

    fn open_it(file: &[u8]) -> Result<SoftKey, KeyError> {
        from_pkcs12(file, &Pin::from(PIN), None)
    }

    fn works(key: &SoftKey) -> bool {
        let leaf = X509::from_der(&key.certificates()[0]).unwrap();
        let spki = leaf.public_key().unwrap().public_key_to_der().unwrap();
        verify(key.algorithm(), &spki, b"m", &key.sign(b"m").unwrap()).unwrap()
    }

    #[test]
    fn ciphers_old_and_new_are_opened() {
        let made = testing::person("rsa-2048").remove(0);
        let ciphers = [
            (Nid::PBE_WITHSHA1AND3_KEY_TRIPLEDES_CBC, Nid::PBE_WITHSHA1AND40BITRC2_CBC),
            (Nid::PBE_WITHSHA1AND3_KEY_TRIPLEDES_CBC, Nid::PBE_WITHSHA1AND128BITRC2_CBC),
            (Nid::PBE_WITHSHA1AND3_KEY_TRIPLEDES_CBC, Nid::PBE_WITHSHA1AND3_KEY_TRIPLEDES_CBC),
            (Nid::PBE_WITHSHA1AND128BITRC4, Nid::PBE_WITHSHA1AND128BITRC4),
            (Nid::AES_256_CBC, Nid::AES_256_CBC),
            (Nid::AES_128_CBC, Nid::AES_128_CBC),
        ];
        for (key_cipher, certificate_cipher) in ciphers {
            let file = pkcs12(|builder| {
                builder.pkey(&made.key).cert(&made.certificate);
                builder.key_algorithm(key_cipher).cert_algorithm(certificate_cipher);
            });
            assert!(works(&open_it(&file).unwrap()), "{certificate_cipher:?}");
            assert_eq!(from_pkcs12(&file, &Pin::from("sai"), None).unwrap_err(), KeyError::WrongPin);
        }
    }

    #[test]
    fn the_default_provider_stays_after_the_legacy_one_is_loaded() {
        load_legacy_algorithms();
        let (_, key) = testing::keys().pop().unwrap();
        assert!(!testing::sign(&key, SignatureAlgorithm::Ed25519, b"m").is_empty());
    }

    #[test]
    fn a_wrong_pin_is_told_from_a_damaged_file() {
        let file = usual(&testing::person("p256")[0]);
        for pin in ["", "mật khẩu 12345", "a\0b"] {
            assert_eq!(from_pkcs12(&file, &Pin::from(pin), None).unwrap_err(), KeyError::WrongPin, "{pin:?}");
        }
        for damaged in [&file[..40], b"", b"%PDF-1.7", &[0x30, 0x80, 0, 0]] {
            assert_eq!(open_it(damaged).unwrap_err().code(), "not_a_key_file");
        }
        assert_eq!(open_it(&vec![0x30; MAX_FILE + 1]).unwrap_err().code(), "not_a_key_file");
    }

    #[test]
    fn what_the_file_lacks_is_named() {
        let [leaf, issuing, _root] = testing::person("p256").try_into().ok().unwrap();
        let mut others = Stack::new().unwrap();
        others.push(issuing.certificate.clone()).unwrap();
        let no_key = pkcs12(|builder| {
            builder.cert(&leaf.certificate);
        });
        let no_certificate = pkcs12(|builder| {
            builder.pkey(&leaf.key);
        });
        let mismatch = pkcs12(|builder| {
            builder.pkey(&leaf.key).ca(others);
        });
        assert_eq!(open_it(&no_key).unwrap_err(), KeyError::NoKey);
        assert_eq!(open_it(&no_certificate).unwrap_err(), KeyError::NoCertificate);
        assert_eq!(open_it(&mismatch).unwrap_err(), KeyError::KeyDoesNotMatchCertificate);
    }

    #[test]
    fn weak_and_unusual_keys_are_refused_for_signing() {
        let weak = testing::person("rsa-1024").remove(0);
        assert_eq!(open_it(&usual(&weak)).unwrap_err(), KeyError::WeakKey { bits: 1024 });
        let root = testing::person("p256").remove(2);
        let group = openssl::ec::EcGroup::from_curve_name(Nid::SECP256K1).unwrap();
        let key = PKey::from_ec_key(openssl::ec::EcKey::generate(&group).unwrap()).unwrap();
        let odd = Spec { key, ..Spec::leaf(&[("CN", "x")], &root) }.make();
        assert_eq!(open_it(&usual(&odd)).unwrap_err().code(), "unsupported_key");
    }

    #[test]
    fn the_algorithm_follows_key_and_wish() {
        use DigestAlgorithm::{Sha256, Sha384, Sha512};
        use SignatureAlgorithm as A;
        let cases = [
            ("rsa-2048", None, A::RsaPkcs1v15(Sha256)),
            ("rsa-2048", Some(Padding::Pss), A::RsaPss(Sha256)),
            ("p256", Some(Padding::Pss), A::Ecdsa(Sha256)),
            ("p384", None, A::Ecdsa(Sha384)),
            ("p521", None, A::Ecdsa(Sha512)),
            ("rsa-4096", None, A::RsaPkcs1v15(Sha384)),
            ("brainpool256r1", None, A::Ecdsa(Sha256)),
            ("brainpool384t1", None, A::Ecdsa(Sha384)),
            ("brainpool512r1", None, A::Ecdsa(Sha512)),
            ("ed25519", None, A::Ed25519),
            ("ed448", Some(Padding::Pss), A::Ed448),
            ("ml-dsa-44", None, A::MlDsa(MlDsa::MlDsa44)),
            ("ml-dsa-65", None, A::MlDsa(MlDsa::MlDsa65)),
            ("ml-dsa-87", None, A::MlDsa(MlDsa::MlDsa87)),
        ];
        for (name, padding, expected) in cases {
            let file = usual(&testing::person(name)[0]);
            let key = from_pkcs12(&file, &Pin::from(PIN), padding).unwrap();
            assert_eq!(key.algorithm(), expected);
            assert!(works(&key), "{name}");
        }
    }

    #[test]
    fn only_sound_digests_that_the_key_goes_with_are_taken() {
        use DigestAlgorithm as D;
        // key, digests it takes
        let any = [D::Sha256, D::Sha384, D::Sha512, D::Sha3_256, D::Sha3_384, D::Sha3_512];
        let cases: [(&str, &[D]); 6] = [
            ("rsa-2048", &any),
            ("p521", &any),
            ("brainpool256r1", &any),
            ("ed25519", &[D::Sha512]),
            ("ed448", &[D::Shake256]),
            ("ml-dsa-65", &[D::Sha512]),
        ];
        for (name, taken) in cases {
            let file = usual(&testing::person(name)[0]);
            for digest in D::ALL {
                let key = open_it(&file).unwrap().with_digest(digest);
                match digest {
                    D::Sha1 | D::Sha224 => assert_eq!(key.unwrap_err().code(), "weak_digest"),
                    _ if taken.contains(&digest) => {
                        let key = key.unwrap();
                        assert!(works(&key) && key.algorithm().digest() == digest, "{name} {digest:?}");
                    }
                    _ => assert_eq!(key.unwrap_err().code(), "digest_does_not_fit", "{name} {digest:?}"),
                }
            }
        }
    }

    #[test]
    fn a_named_digest_is_sound_or_refused_by_name() {
        use crate::crypto::key::digest_for_signing;
        for (name, expected) in [
            ("sha256", Ok(DigestAlgorithm::Sha256)),
            ("SHA3-512", Ok(DigestAlgorithm::Sha3_512)),
            ("shake256", Ok(DigestAlgorithm::Shake256)),
            ("sha1", Err("weak_digest")),
            ("SHA-224", Err("weak_digest")),
            ("MD5", Err("weak_digest")),
            ("sha257", Err("unknown_digest")),
            ("", Err("unknown_digest")),
        ] {
            assert_eq!(digest_for_signing(name).map_err(|e| e.code()), expected, "{name}");
        }
    }

    #[test]
    fn pem_files_may_be_encrypted_and_in_any_order() {
        let [leaf, issuing, root] = testing::person("p256").try_into().ok().unwrap();
        let certificates: Vec<u8> =
            [&root, &issuing, &leaf].iter().flat_map(|made| made.certificate.to_pem().unwrap()).collect();
        let plain = leaf.key.private_key_to_pem_pkcs8().unwrap();
        let cipher = openssl::symm::Cipher::aes_256_cbc();
        let sealed = leaf.key.private_key_to_pem_pkcs8_passphrase(cipher, PIN.as_bytes()).unwrap();
        let file = |key: &[u8]| [&certificates, key].concat();
        let pin = Pin::from(PIN);
        for key in [
            from_pem(&file(&plain), None, None).unwrap(),
            from_pem(&file(&sealed), Some(&pin), None).unwrap(),
            from_pem(&[&plain[..], &certificates].concat(), Some(&pin), None).unwrap(),
        ] {
            assert_eq!(key.certificates(), [leaf.der(), issuing.der(), root.der()]);
            assert!(works(&key));
        }
        assert_eq!(from_pem(&file(&sealed), None, None).unwrap_err(), KeyError::WrongPin);
        assert_eq!(from_pem(&file(&sealed), Some(&"sai".into()), None).unwrap_err(), KeyError::WrongPin);
        let long = Pin::new("9".repeat(5000));
        assert_eq!(from_pem(&file(&sealed), Some(&long), None).unwrap_err(), KeyError::WrongPin);
        assert_eq!(from_pem(&certificates, None, None).unwrap_err(), KeyError::NoKey);
        assert_eq!(from_pem(&plain, None, None).unwrap_err(), KeyError::NoCertificate);
        let root_only = [&plain[..], &issuing.certificate.to_pem().unwrap()].concat();
        assert_eq!(from_pem(&root_only, None, None).unwrap_err(), KeyError::KeyDoesNotMatchCertificate);
        assert_eq!(from_pem(b"hello", None, None).unwrap_err().code(), "not_a_key_file");
    }

    #[test]
    fn of_two_certificates_of_one_key_the_renewed_one_is_taken() {
        let [leaf, issuing, root] = testing::person("p384").try_into().ok().unwrap();
        let validity = (testing::NOT_BEFORE, testing::NOT_AFTER + 1);
        let subject = [("CN", "Trần Văn A")];
        let renewed =
            Spec { key: leaf.key.clone(), serial: 9, validity, ..Spec::leaf(&subject, &root) }.make();
        let pem = |made: &Made| made.certificate.to_pem().unwrap();
        let key = leaf.key.private_key_to_pem_pkcs8().unwrap();
        for order in [[&leaf, &renewed], [&renewed, &leaf]] {
            let file = [key.clone(), pem(order[0]), pem(order[1]), pem(&issuing)].concat();
            assert_eq!(from_pem(&file, None, None).unwrap().certificates()[0], renewed.der());
        }
    }

    #[test]
    fn a_sealed_key_comes_back_whole() {
        let key = open_it(&usual(&testing::person("p256")[0])).unwrap();
        let blob = crate::crypto::key::protect(&key.to_pem().unwrap(), &Pin::from("9999")).unwrap();
        let pem = crate::crypto::key::unprotect(&blob, &Pin::from("9999")).unwrap();
        assert_eq!(from_pem(&pem, None, None).unwrap().certificates(), key.certificates());
    }

    #[test]
    fn nothing_secret_is_shown() {
        assert_eq!(format!("{:?}", Pin::from("123456")), "Pin(hidden)");
        let shown = format!("{:?}", open_it(&usual(&testing::person("p256")[0])).unwrap());
        assert_eq!(shown, "SoftKey { algorithm: Ecdsa(Sha256), .. }");
    }

    #[test]
    fn absurd_rounds_are_not_counted() {
        let salt = der::octet_string(&[1; 8]);
        let mac = der::sequence(&[&der::sequence(&[]), &salt, &der::integer(2_000_000_000)]);
        let by_mac = der::sequence(&[&der::integer(3), &der::sequence(&[]), &mac]);
        let parameters = der::sequence(&[&salt, &der::integer(1 << 40)]);
        let cipher = der::sequence(&[&der::oid("1.2.840.113549.1.12.1.3"), &parameters]);
        let bag = der::octet_string(&der::sequence(&[&cipher, &der::octet_string(&[0; 32])]));
        let by_cipher = der::sequence(&[&der::integer(3), &der::sequence(&[&bag])]);
        for file in [&by_mac, &by_cipher] {
            let error = open_it(file).unwrap_err();
            assert!(error.to_string().contains("rounds of key derivation"), "{error}");
        }
        let text = openssl::base64::encode_block(&by_cipher);
        let pem =
            format!("-----BEGIN ENCRYPTED PRIVATE KEY-----\n{text}\n-----END ENCRYPTED PRIVATE KEY-----\n");
        let error = from_pem(pem.as_bytes(), Some(&PIN.into()), None).unwrap_err();
        assert!(error.to_string().contains("rounds of key derivation"), "{error}");
    }

    #[test]
    fn usual_rounds_are_seen_in_every_style_of_file() {
        let made = testing::person("p256").remove(0);
        let file = pkcs12(|builder| {
            builder.pkey(&made.key).cert(&made.certificate).key_iter(1000).mac_iter(500);
        });
        assert_eq!(rounds(&file, MAX_DEPTH), Some(1000 + 1000 + 500), "certificates, key, checksum");
    }

    #[test]
    fn no_damage_makes_it_panic() {
        let file = usual(&testing::person("p256")[0]);
        for position in (0..file.len()).step_by(7) {
            let mut damaged = file.clone();
            damaged[position] ^= 0x55;
            let _ = open_it(&damaged);
        }
    }
}
