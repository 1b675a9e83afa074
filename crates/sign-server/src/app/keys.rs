//! Signing keys kept by the server: encrypted under the holder's PIN, which is never kept.

use super::{certificates, failure::Failure, pins::Pins};
use crate::{auth::Caller, state::State};
use bytes::Bytes;
use circulation::{
    certificate::{CertificateRecord, Holder},
    date::Instant,
    organ::OrganId,
    person::Role,
};
use circulation_store::{SigningKey, Store};
use serde::{Deserialize, Serialize};
use sign_core::{
    crypto::key::{Pin, Signer, SoftKey, from_pem, from_pkcs12, protect, unprotect},
    x509::certificate::Certificate,
};

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

/// A key as shown.
#[derive(Debug, Serialize)]
pub struct KeyView {
    /// Id.
    pub id: String,
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
    let person = match holder {
        KeyHolder::Person => Some(caller.person()?.id.clone()),
        KeyHolder::Organisation if caller.actor()?.has(Role::Clerk) => None,
        KeyHolder::Organisation => return Err(Failure::forbidden("role_missing", "needed: clerk")),
    };
    let (organ, now) = (caller.organ.clone(), state.now());
    state
        .heavy(move |store| {
            let key = read_key_file(&file, &pin)?;
            let (leaf, issuers) =
                key.certificates().split_first().ok_or(sign_core::crypto::key::KeyError::NoCertificate)?;
            let certificate = Certificate::parse(leaf)
                .map_err(|error| Failure::unusable("bad_certificate", error.to_string()))?;
            let record = certificates::record(store, organ.clone(), person, &certificate)?;
            record.check_usable(now)?;
            let id = uuid::Uuid::now_v7().to_string();
            let stored = SigningKey {
                organ,
                key: id.clone(),
                certificate: record.sha256.clone(),
                protected: protect(&key.to_pem()?, &pin)?,
                issuers: issuers.to_vec(),
                created_at: now,
            };
            store.put_certificate(&record, certificate.der(), now)?;
            store.add_key(&stored)?;
            Ok(KeyView { id, certificate: record, created_at: now })
        })
        .await
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
                    views.push(KeyView { id: key.key, certificate, created_at: key.created_at });
                }
            }
            Ok(views)
        })
        .await
}

/// A key about to be used, and what is registered about it.
pub struct OpenedKey {
    /// The key.
    pub signer: SoftKey,
    /// Its certificate and holder.
    pub record: CertificateRecord,
}

/// Opens a key for its holder. Who may use it is checked before the PIN is tried.
///
/// # Errors
/// `not_key_holder`, `wrong_pin`, `pin_resting`; the refusals of a certificate that is not usable now.
pub fn open(
    store: &Store,
    pins: &Pins,
    caller: &Caller,
    key: &str,
    pin: &Pin,
    now: Instant,
) -> Result<OpenedKey, Failure> {
    let organ: &OrganId = &caller.organ;
    let stored = store.key(organ, key)?;
    let record = store.certificate(organ, &stored.certificate)?;
    check_holder(caller, &record)?;
    record.check_usable(now)?;
    pins.check(organ, key, now)?;
    let pem = unprotect(&stored.protected, pin);
    pins.tried(organ, key, pem.is_ok(), now);
    Ok(OpenedKey { signer: from_pem(&pem?, None, None)?, record })
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
