//! Signing with a key that is elsewhere, in two requests: the first answers the bytes to sign, the
//! second takes the value. Between them the document and a marked state wait in the store, where any
//! server on the same books finds them. A value is taken once.

use super::{
    failure::{Failure, Kind},
    memory::InMemory,
    sign::{Wishes, request, warnings},
};
use crate::{
    auth::Caller,
    state::{State, signing_time},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use circulation::{date::Instant, organ::OrganId};
use circulation_store::{PreparedSignature, Store, StoreError};
use serde::Serialize;
use sign_core::{
    crypto::{
        SignatureAlgorithm,
        digest::{digest, hex},
        key::{Padding, digest_for_signing, with_digest},
    },
    limits::Limits,
    pdf::{Access, Password},
    sign::{SignError, StateError, Waiting, prepare as prepare_signature},
    x509::certificate::Certificate,
};

/// How long a value is waited for when the request does not say: a day.
const USUAL_SECONDS: u32 = 24 * 3_600;
/// A week: longer than that the claimed signing time would say little.
const MOST_SECONDS: u32 = 7 * 24 * 3_600;

/// What the signer's program needs.
#[derive(Debug, Serialize)]
pub struct PreparedView {
    /// Id for the second request.
    pub id: String,
    /// Field that takes the signature.
    pub field: String,
    /// What the key must sign with, as in `ecdsa-sha256`.
    pub algorithm: String,
    /// The bytes to sign (DER signed attributes), base64.
    pub to_sign: String,
    /// Digest of these bytes, as in `SHA-256`.
    pub digest_algorithm: &'static str,
    /// Its value in hex, for keys that take a digest.
    pub digest: String,
    /// Codes of what in the document can change its look later.
    pub warnings: Vec<String>,
    /// From then on no value is taken.
    pub expires_at: sign_core::time::Time,
}

/// Whose key it will be and how long to wait for it.
#[derive(Debug, Clone, Default)]
pub struct FarKey {
    /// PEM, the signer's certificate first; or that one alone in DER.
    pub certificates: Bytes,
    /// As in `rsa-pss-sha256`; the usual one of the certificate's key if absent.
    pub algorithm: Option<String>,
    /// Seconds in which the value is taken.
    pub expires_in: Option<u32>,
}

/// First step.
///
/// # Errors
/// `malformed_certificate`, `unsupported_algorithm`; what preparing says.
pub async fn prepare(
    state: &State,
    caller: Caller,
    file: Bytes,
    wishes: Wishes,
    image: Option<Bytes>,
    key: FarKey,
    password: Option<Password>,
) -> Result<PreparedView, Failure> {
    caller.require_member()?;
    if !wishes.key.is_empty() {
        return Err(Failure::malformed("key: a prepared signature is made by a key that is elsewhere"));
    }
    if !matches!(wishes.level.as_str(), "" | "b") {
        return Err(Failure::malformed("level: raise it with /v1/extend when the signature is complete"));
    }
    let seconds = key.expires_in.unwrap_or(USUAL_SECONDS);
    if !(1..=MOST_SECONDS).contains(&seconds) {
        return Err(Failure::malformed(format!("expires_in_seconds: 1 to {MOST_SECONDS}")));
    }
    let now = state.now();
    let id = uuid::Uuid::now_v7().to_string();
    let secret = secret(state, &caller.organ, &id)?;
    let strict = state.config.strict_content || wishes.strict;
    let work = move |store: &Store| {
        let (certificates, mut algorithm) = read_key(&key)?;
        if let Some(name) = &wishes.digest {
            algorithm = with_digest(algorithm, digest_for_signing(name)?)?;
        }
        let access = Access { limits: Limits::default(), password: password.as_ref() };
        let warnings = warnings(&file, access, strict)?;
        let request = request(&wishes, image.map(|bytes| bytes.to_vec()), &certificates, now)?;
        let prepared = prepare_signature(&InMemory(&file), &request, algorithm, &certificates, access)?;
        let expires_at = signing_time(now).plus_seconds(i64::from(seconds));
        let waiting = Waiting { prepared, expires_at };
        let kept = PreparedSignature {
            id,
            document: file.to_vec(),
            state: waiting.seal(&secret),
            created_at: now,
            expires_at: crate::state::instant(expires_at),
            completed_at: None,
        };
        store.add_prepared(&caller.organ, &kept)?;
        Ok(view(kept.id, &waiting, warnings))
    };
    state.heavy(work).await
}

fn view(id: String, waiting: &Waiting, warnings: Vec<String>) -> PreparedView {
    let prepared = &waiting.prepared;
    let (algorithm, to_sign) = (prepared.algorithm(), prepared.signed_attributes());
    PreparedView {
        id,
        field: prepared.field().to_owned(),
        algorithm: algorithm.word(),
        to_sign: STANDARD.encode(to_sign),
        digest_algorithm: algorithm.digest().name(),
        digest: hex(&digest(algorithm.digest(), to_sign)),
        warnings,
        expires_at: waiting.expires_at,
    }
}

fn read_key(key: &FarKey) -> Result<(Vec<Vec<u8>>, SignatureAlgorithm), Failure> {
    let chain = Certificate::parse_all(&key.certificates)
        .map_err(|error| Failure::unusable("bad_certificate", error.to_string()))?;
    let leaf = chain.first().ok_or_else(|| Failure::unusable("bad_certificate", ""))?;
    let algorithm = match &key.algorithm {
        Some(word) => SignatureAlgorithm::from_word(word).map_err(SignError::from)?,
        None => SignatureAlgorithm::usual_for(leaf.spki_der(), Padding::Pkcs1)?,
    };
    Ok((chain.iter().map(|certificate| certificate.der().to_vec()).collect(), algorithm))
}

/// Second step: the whole signed file.
///
/// # Errors
/// `not_found` also for another organisation's, `already_completed`, `state_expired`,
/// `signature_mismatch`; a wrong value changes nothing, the right one may still come.
pub async fn complete(state: &State, caller: Caller, id: String, value: Vec<u8>) -> Result<Vec<u8>, Failure> {
    caller.require_member()?;
    let now = state.now();
    let secret = secret(state, &caller.organ, &id)?;
    state.heavy(move |store| finish(store, &caller.organ, &id, &secret, &value, now)).await
}

fn finish(
    store: &Store,
    organ: &OrganId,
    id: &str,
    secret: &[u8],
    value: &[u8],
    now: Instant,
) -> Result<Vec<u8>, Failure> {
    let already = || Failure::conflict("already_completed", "");
    let kept = store.prepared(organ, id)?;
    if kept.completed_at.is_some() {
        return Err(already());
    }
    let waiting = Waiting::open(&kept.state, secret, &Limits::default()).map_err(SignError::from)?;
    let signed = waiting.complete(&InMemory(&kept.document), value, signing_time(now))?;
    // Everything is checked; of two that came this far, one is recorded.
    match store.complete_prepared(organ, id, now) {
        Ok(()) => Ok([kept.document, signed.appended].concat()),
        Err(StoreError::Conflict { .. }) => Err(already()),
        Err(error) => Err(error.into()),
    }
}

/// The mark of a state holds for one signature of one organisation: a row moved elsewhere is no state.
fn secret(state: &State, organ: &OrganId, id: &str) -> Result<Vec<u8>, Failure> {
    let parts: [&[u8]; 3] = [b"prepared signature", organ.as_str().as_bytes(), id.as_bytes()];
    Ok(state.key.fingerprint(&parts).map_err(Failure::internal)?.into_bytes())
}

/// What sort of failure a kept state is to the asker.
pub(super) fn kind_of(error: &StateError) -> Kind {
    match error {
        StateError::Expired { .. } => Kind::Conflict,
        StateError::SignatureMismatch => Kind::Unusable,
        // The store keeps document and state together: these are our own faults.
        _ => Kind::Internal,
    }
}
