//! Reads private keys with their certificates from PKCS#12 (RFC 7292) and PEM (RFC 7468) files.

use super::der::{Reader, tag};
use super::key::{KeyError, Padding, Pin, SoftKey, reason};
use openssl::error::ErrorStack;
use openssl::pkcs12::{ParsedPkcs12_2, Pkcs12};
use openssl::pkey::{PKey, Private};
use openssl::provider::Provider;
use openssl::x509::X509;
use std::sync::OnceLock;

/// Key files are a few kilobytes; a chain of long certificates stays far below this.
const MAX_FILE: usize = 1 << 20;
/// Certificates looked at in one file.
const MAX_CERTIFICATES: usize = 64;
/// OpenSSL writes 2,048 rounds, careful tools some 100,000; a file asking for more would only burn
/// time before the PIN is even compared.
const MAX_MAC_ROUNDS: u64 = 5_000_000;

/// Reads a PKCS#12 file, modern (AES) or legacy (RC2-40, 3DES), and picks the certificate of the key.
///
/// # Errors
/// [`KeyError`]: wrong PIN, no key, no certificate, mismatch, weak or unsupported key, damaged file.
pub fn from_pkcs12(file: &[u8], pin: &Pin, padding: Option<Padding>) -> Result<SoftKey, KeyError> {
    load_legacy_algorithms();
    check_size(file)?;
    check_mac_rounds(file)?;
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

/// PFX ::= SEQUENCE { version, authSafe, macData { mac, macSalt, iterations } } (RFC 7292 4).
fn check_mac_rounds(file: &[u8]) -> Result<(), KeyError> {
    let rounds = || -> Option<u64> {
        let mut pfx = Reader::new(file).expect(tag::SEQUENCE).ok()?.reader();
        pfx.expect(tag::INTEGER).ok()?;
        pfx.expect(tag::SEQUENCE).ok()?;
        let mut mac = pfx.expect(tag::SEQUENCE).ok()?.reader();
        mac.expect(tag::SEQUENCE).ok()?;
        mac.expect(tag::OCTET_STRING).ok()?;
        mac.expect(tag::INTEGER).ok()?.unsigned().ok()
    };
    match rounds() {
        Some(rounds) if rounds > MAX_MAC_ROUNDS => {
            Err(KeyError::NotAKeyFile { reason: format!("{rounds} rounds for its checksum") })
        }
        _ => Ok(()),
    }
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
    let own = certificates
        .iter()
        .position(|certificate| certificate.public_key().is_ok_and(|public| public.public_eq(&key)))
        .ok_or(KeyError::KeyDoesNotMatchCertificate)?;
    let mut chain = vec![certificates.swap_remove(own)];
    while let Some(next) = chain.last().and_then(|last| issuer_among(last, &certificates)) {
        chain.push(certificates.swap_remove(next));
    }
    let chain: Result<Vec<_>, _> = chain.iter().map(|certificate| certificate.to_der()).collect();
    SoftKey::new(key, chain.map_err(|e| not_a_key_file(&e))?, padding.unwrap_or_default())
}

/// By name only: this orders what the file offers, the path is built and checked elsewhere.
fn issuer_among(certificate: &X509, others: &[X509]) -> Option<usize> {
    let issuer = certificate.issuer_name().to_der().ok()?;
    if certificate.subject_name().to_der().is_ok_and(|subject| subject == issuer) {
        return None;
    }
    others.iter().position(|other| other.subject_name().to_der().is_ok_and(|subject| subject == issuer))
}
