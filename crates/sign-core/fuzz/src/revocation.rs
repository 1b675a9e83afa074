//! Revocation lists and OCSP answers: what is read is kept as it came and read the same way again, and
//! a status is never taken from what nobody signed.

use sign_core::limits::Limits;
use sign_core::trust::{Evidence, Origin, StatusInputs, Statuses};
use sign_core::x509::crl::status::Status;
use sign_core::x509::ocsp::Response;
use sign_core::x509::{Certificate, Crl};

use super::Reached;
use super::key::{certificate, now};

/// Holds the bytes against the properties.
pub fn check(bytes: &[u8]) -> Reached {
    let mut evidence = Evidence::none();
    if let Ok(list) = Crl::parse(bytes) {
        assert_eq!(list.der(), bytes, "kept as it came");
        assert_eq!(Crl::parse(list.der()).as_ref(), Ok(&list), "read again");
        assert!(list.len() <= bytes.len() / 6, "more entries than there are bytes for");
        assert!(!list.is_empty() || list.find(&[1], list.issuer()).is_none(), "found in nothing");
        // The bytes are another file than any that our key signed.
        assert_ne!(list.is_signed_by(certificate().spki_der()), Ok(true), "signed by chance");
        let _ = evidence.add_crl(bytes, Origin::Given);
    } else if let Ok(response) = Response::parse(bytes) {
        assert_eq!(response.der(), bytes, "kept as it came");
        let basic = Response::parse(response.basic()).expect("the answer without its wrapping");
        assert_eq!(basic.singles(), response.singles(), "the same in both");
        let _ = evidence.add_ocsp(bytes, Origin::Given);
    } else {
        return Reached::Refused;
    }
    check_status(&evidence, &certificate());
    Reached::Held
}

fn check_status(evidence: &Evidence, certificate: &Certificate) {
    let limits = Limits::default();
    let anchors = std::slice::from_ref(certificate);
    let inputs = StatusInputs { at: now(), pool: &[], anchors, limits: &limits, existed: None };
    let found = Statuses::new(evidence, inputs).of(certificate, certificate);
    assert_eq!(found.status, Status::Unknown, "a status from what our key did not sign");
    assert_eq!(found.source, None);
}
