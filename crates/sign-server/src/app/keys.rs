//! Signing keys: kept by the server, encrypted under the holder's PIN, or in a token of which only the
//! address is kept. The PIN is never kept.

use super::{certificates, failure::Failure, pins::Pins, tokens::Tokens};
use crate::{auth::Caller, state::State};
use bytes::Bytes;
use circulation::{
    certificate::{CertificateRecord, Holder},
    date::Instant,
    id::PersonId,
    organ::OrganId,
    person::Role,
};
use circulation_store::{SigningKey, Store};
use serde::{Deserialize, Serialize};
use sign_core::{
    crypto::{
        DigestAlgorithm,
        key::{Pin, Signer, SoftKey, from_pem, from_pkcs12, protect, unprotect},
    },
    x509::certificate::Certificate,
};
use sign_io::pkcs11::{Pkcs11Key, TokenError};
use std::sync::Arc;

/// Whose key it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyHolder {
    /// The caller's own.
    #[default]
    Person,
    /// The organisation's seal.
    Organisation,
}

/// Where a private key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// Here, encrypted under its PIN.
    File,
    /// In a token or HSM.
    Pkcs11,
}

/// A key in a token, as registered.
#[derive(Debug)]
pub struct TokenKey {
    /// Its address (RFC 7512).
    pub uri: String,
    /// Certificates that the token does not hold, PEM.
    pub certificate: Option<String>,
}

/// A key as shown.
#[derive(Debug, Serialize)]
pub struct KeyView {
    /// Id.
    pub id: String,
    /// Where it is.
    pub kind: KeyKind,
    /// Its certificate and holder.
    pub certificate: CertificateRecord,
    /// When it was taken in.
    pub created_at: Instant,
}

/// Takes a PKCS#12 (or PEM) file in, for the caller or, by a clerk, for the organisation.
///
/// # Errors
/// `wrong_pin` and the other causes of a key file; `role_missing`, `wrong_key_class`.
pub async fn add(
    state: &State,
    caller: &Caller,
    holder: KeyHolder,
    file: Bytes,
    pin: Pin,
) -> Result<KeyView, Failure> {
    let new = NewKey { person: person(caller, holder)?, organ: caller.organ.clone(), now: state.now() };
    state
        .heavy(move |store| {
            let key = read_key_file(&file, &pin)?;
            let protected = protect(&key.to_pem()?, &pin)?;
            new.keep(store, &key, protected)
        })
        .await
}

/// Registers a key in a token. It is opened and asked for one signature, so that a wrong address, PIN
/// or certificate shows now and not when a letter waits.
///
/// # Errors
/// `bad_key_uri`, `module_not_allowed` and the other causes of a token; `role_missing`, `wrong_key_class`.
pub async fn add_token(
    state: &State,
    caller: &Caller,
    holder: KeyHolder,
    given: TokenKey,
    pin: Pin,
) -> Result<KeyView, Failure> {
    let new = NewKey { person: person(caller, holder)?, organ: caller.organ.clone(), now: state.now() };
    let uri = state.tokens.address(&given.uri)?;
    let (tokens, pins) = (Arc::clone(&state.tokens), Arc::clone(&state.pins));
    state
        .heavy(move |store| {
            // One name for all addresses of the token, or every spelling would be a new guess.
            let name = format!("{TOKEN_SCHEME}{:?}", (&uri.token, &uri.serial, uri.slot_id));
            pins.check(&new.organ, &name, new.now)?;
            let given = given.certificate.as_deref().map(|pem| Certificate::parse_all(pem.as_bytes()));
            let given = given.transpose().map_err(|error| unreadable(&error))?.unwrap_or_default();
            let certificates: Vec<_> = given.iter().map(|certificate| certificate.der().to_vec()).collect();
            let key = tokens.open(&uri, &pin, None, &certificates);
            count(&pins, &new.organ, &name, &key, new.now);
            let key = key?;
            key.sign(PROBE)?;
            new.keep(store, &key, uri.to_string().into_bytes())
        })
        .await
}

/// Signed at registration; no document's signed attributes look like it.
const PROBE: &[u8] = b"sign-server: this key is being registered";
/// What the stored bytes of a key in a token begin with; those of an encrypted key never do.
const TOKEN_SCHEME: &str = "pkcs11:";

/// Who is to hold a key: a person, or the organisation.
fn person(caller: &Caller, holder: KeyHolder) -> Result<Option<PersonId>, Failure> {
    match holder {
        KeyHolder::Person => Ok(Some(caller.person()?.id.clone())),
        KeyHolder::Organisation if caller.actor()?.has(Role::Clerk) => Ok(None),
        KeyHolder::Organisation => Err(Failure::forbidden("role_missing", "needed: clerk")),
    }
}

fn unreadable(error: &sign_core::x509::X509Error) -> Failure {
    Failure::unusable("bad_certificate", error.to_string())
}

/// A key about to be registered.
struct NewKey {
    organ: OrganId,
    person: Option<PersonId>,
    now: Instant,
}

impl NewKey {
    fn keep(self, store: &Store, key: &dyn Signer, protected: Vec<u8>) -> Result<KeyView, Failure> {
        let (leaf, issuers) =
            key.certificates().split_first().ok_or(sign_core::crypto::key::KeyError::NoCertificate)?;
        let certificate = Certificate::parse(leaf).map_err(|error| unreadable(&error))?;
        let record = certificates::record(store, self.organ.clone(), self.person, &certificate)?;
        record.check_usable(self.now)?;
        let stored = SigningKey {
            organ: self.organ,
            key: uuid::Uuid::now_v7().to_string(),
            certificate: record.sha256.clone(),
            protected,
            issuers: issuers.to_vec(),
            created_at: self.now,
        };
        store.put_certificate(&record, certificate.der(), self.now)?;
        store.add_key(&stored)?;
        Ok(view(stored, record))
    }
}

fn view(stored: SigningKey, certificate: CertificateRecord) -> KeyView {
    let kind = if token_address(&stored).is_some() { KeyKind::Pkcs11 } else { KeyKind::File };
    KeyView { id: stored.key, kind, certificate, created_at: stored.created_at }
}

/// The address of a key that is in a token.
fn token_address(stored: &SigningKey) -> Option<&str> {
    let text = std::str::from_utf8(&stored.protected).ok()?;
    text.starts_with(TOKEN_SCHEME).then_some(text)
}

fn read_key_file(file: &[u8], pin: &Pin) -> Result<SoftKey, Failure> {
    let pem = file.starts_with(b"-----BEGIN");
    Ok(if pem { from_pem(file, Some(pin), None)? } else { from_pkcs12(file, pin, None)? })
}

/// The keys the caller may sign with: their own and, for clerks, the organisation's.
///
/// # Errors
/// From the store.
pub async fn list(state: &State, caller: &Caller) -> Result<Vec<KeyView>, Failure> {
    let (organ, caller) = (caller.organ.clone(), caller.clone());
    state
        .store(move |store| {
            let mut views = Vec::new();
            for key in store.keys(&organ)? {
                let certificate = store.certificate(&organ, &key.certificate)?;
                if check_holder(&caller, &certificate).is_ok() {
                    views.push(view(key, certificate));
                }
            }
            Ok(views)
        })
        .await
}

/// A key about to be used, and what is registered about it.
pub struct OpenedKey {
    /// The key.
    pub signer: Box<dyn Signer>,
    /// Its certificate and holder.
    pub record: CertificateRecord,
}

/// Which key is to sign, and over what.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// Its id.
    pub key: &'a str,
    /// Its PIN.
    pub pin: &'a Pin,
    /// Digest to sign over; the key's usual one if absent.
    pub digest: Option<DigestAlgorithm>,
}

/// Opens a key for its holder. Who may use it is checked before the PIN is tried.
///
/// # Errors
/// `not_key_holder`, `wrong_pin`, `pin_resting`; the refusals of a certificate that is not usable now.
pub fn open(
    store: &Store,
    pins: &Pins,
    tokens: &Tokens,
    caller: &Caller,
    wanted: Wanted<'_>,
    now: Instant,
) -> Result<OpenedKey, Failure> {
    let (organ, Wanted { key, pin, digest }) = (&caller.organ, wanted);
    let stored = store.key(organ, key)?;
    let record = store.certificate(organ, &stored.certificate)?;
    check_holder(caller, &record)?;
    record.check_usable(now)?;
    pins.check(organ, key, now)?;
    let signer: Box<dyn Signer> = match token_address(&stored) {
        Some(address) => {
            let certificate = store.certificate_der(organ, &stored.certificate)?;
            let certificates: Vec<_> = std::iter::once(certificate).chain(stored.issuers.clone()).collect();
            let opened = tokens.open(&tokens.address(address)?, pin, digest, &certificates);
            count(pins, organ, key, &opened, now);
            Box::new(opened?)
        }
        None => {
            let pem = unprotect(&stored.protected, pin);
            pins.tried(organ, key, pem.is_ok(), now);
            let key = from_pem(&pem?, None, None)?;
            match digest {
                Some(digest) => Box::new(key.with_digest(digest)?),
                None => Box::new(key),
            }
        }
    };
    Ok(OpenedKey { signer, record })
}

/// Keeps in mind how a PIN did, if the token was asked at all.
fn count(pins: &Pins, organ: &OrganId, name: &str, opened: &Result<Pkcs11Key, TokenError>, now: Instant) {
    match opened {
        Ok(_) => pins.tried(organ, name, true, now),
        Err(TokenError::WrongPin { .. }) => pins.tried(organ, name, false, now),
        Err(_) => {}
    }
}

/// A person's key is for that person alone; the organisation's only for its clerks (NĐ 30/2020 Điều 32).
fn check_holder(caller: &Caller, record: &CertificateRecord) -> Result<(), Failure> {
    let holds = match &record.holder {
        Holder::Person { person } => caller.person()?.id == *person,
        Holder::Organisation { .. } => caller.actor()?.has(Role::Clerk),
    };
    let refused = || Failure::forbidden("not_key_holder", format!("certificate {}", record.subject));
    if holds { Ok(()) } else { Err(refused()) }
}
