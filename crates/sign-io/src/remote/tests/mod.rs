//! Every service against its fake: what works, and each way in which it does not.

mod csc;
mod network;
mod vietnam;

use super::fake::{FakeService, FakeTls, Holder, Office};
use super::{Address, Patience, RemoteError, RemoteKey, Service};
use crate::pki::{Authority, KeyKind, Person, Validity};
use sign_core::crypto::SignatureAlgorithm;
use sign_core::crypto::key::{KeyError, Padding, SoftKey, from_pem};
use sign_core::x509::Certificate;
use std::time::Duration;

/// Asks often; long enough for a slow machine.
pub(super) const BRISK: Patience = Patience {
    longest: Duration::from_secs(60),
    pause: Duration::from_millis(5),
    call: Duration::from_secs(60),
};
/// For holders who never answer.
pub(super) const SHORT: Patience = Patience { longest: Duration::from_millis(100), ..BRISK };
/// For services that never answer: enough for those that do.
pub(super) const CURT: Patience = Patience { call: Duration::from_secs(2), ..BRISK };

/// A person's key, as the service holds it.
pub(super) fn key(kind: KeyKind) -> SoftKey {
    let validity = Validity::years(crate::clock::now().plus_seconds(-3600), 5);
    let authority = Authority::create("Fake", validity).unwrap();
    let person = Person { full_name: "Nguyễn Văn A", title: "", organisation: "", email: "" };
    let issued = authority.issue_person(&person, kind, validity).unwrap();
    from_pem(&issued.pem().unwrap(), None, None).unwrap()
}

pub(super) fn holder(kind: KeyKind) -> Holder {
    Holder::new(&key(kind)).unwrap()
}

pub(super) fn start(office: impl Office) -> FakeService {
    FakeService::start("127.0.0.1:0".parse().unwrap(), None, office).unwrap()
}

pub(super) fn address(service: &FakeService, path: &str) -> Address {
    Address::parse(&format!("{}{path}", service.url())).unwrap()
}

pub(super) fn usual(leaf: &Certificate) -> Result<SignatureAlgorithm, KeyError> {
    SignatureAlgorithm::usual_for(leaf.spki_der(), Padding::Pkcs1)
}

pub(super) fn open(service: impl Service + 'static, patience: Patience) -> Result<RemoteKey, RemoteError> {
    RemoteKey::open(Box::new(service), usual, patience)
}
