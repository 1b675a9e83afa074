//! Certificates and to whom they are registered.

use super::failure::Failure;
use crate::state::{State, instant};
use circulation::{
    certificate::{CertificateRecord, Holder, SignerClass},
    id::{PersonId, Sha256Hex},
    organ::OrganId,
};
use circulation_store::Store;
use sign_core::x509::certificate::Certificate;

/// Registers a certificate whose key is kept elsewhere (a token, a remote service).
///
/// # Errors
/// `bad_certificate`; `wrong_key_class` if it is not of the holder's kind.
pub async fn add(
    state: &State,
    organ: OrganId,
    person: Option<PersonId>,
    bytes: Vec<u8>,
) -> Result<CertificateRecord, Failure> {
    let bad = |error: &dyn std::fmt::Display| Failure::unusable("bad_certificate", error.to_string());
    let parsed = Certificate::parse_all(&bytes).map_err(|error| bad(&error))?;
    let [certificate] = parsed.as_slice() else {
        return Err(Failure::unusable("bad_certificate", "exactly one certificate is needed"));
    };
    let (certificate, now) = (certificate.clone(), state.now());
    state
        .store(move |store| {
            let record = record(store, organ, person, &certificate)?;
            store.put_certificate(&record, certificate.der(), now)?;
            Ok(record)
        })
        .await
}

/// What is kept about a certificate of this holder (none is the organisation itself).
///
/// # Errors
/// `not_found` for an unknown person; `wrong_key_class` if the certificate is not of the holder's kind.
pub fn record(
    store: &Store,
    organ: OrganId,
    person: Option<PersonId>,
    certificate: &Certificate,
) -> Result<CertificateRecord, Failure> {
    let class = class_of(certificate);
    let fits = match &person {
        Some(id) => {
            store.person(&organ, id)?;
            class != SignerClass::Organisation && class != SignerClass::Tsa
        }
        None => class == SignerClass::Organisation,
    };
    if !fits {
        let detail = format!("{} is {class:?}", certificate.subject());
        return Err(Failure::unusable("wrong_key_class", detail));
    }
    let sha256: Sha256Hex = certificate.sha256_hex().parse()?;
    Ok(CertificateRecord {
        sha256,
        organisation: organ.clone(),
        holder: match person {
            Some(person) => Holder::Person { person },
            None => Holder::Organisation { organisation: organ },
        },
        subject: certificate.subject().to_string(),
        class,
        not_before: instant(certificate.not_before()),
        not_after: instant(certificate.not_after()),
        withdrawn: false,
    })
}

/// The signer's kind as the workflow names it.
fn class_of(certificate: &Certificate) -> SignerClass {
    use sign_core::trust::SignerClass as Found;
    match sign_core::trust::signer_class(certificate) {
        Found::Personal => SignerClass::Personal,
        Found::Organisation => SignerClass::Organisation,
        Found::Tsa => SignerClass::Tsa,
        Found::Unknown => SignerClass::Unknown,
    }
}

/// All certificates of the organisation.
///
/// # Errors
/// From the store.
pub async fn list(state: &State, organ: OrganId) -> Result<Vec<CertificateRecord>, Failure> {
    state.store(move |store| Ok(store.certificates(&organ)?)).await
}
