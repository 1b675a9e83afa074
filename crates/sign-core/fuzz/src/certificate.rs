//! Certificates, one or a PEM file of them: what is read is written in the bytes, is read the same way
//! again, and a path that is called clean is one.

use sign_core::limits::Limits;
use sign_core::trust::signer_class;
use sign_core::x509::{Certificate, path};

use super::Reached;
use super::key::now;

/// Holds the bytes against the properties.
pub fn check(bytes: &[u8]) -> Reached {
    if let Ok(certificate) = Certificate::parse(bytes) {
        assert_eq!(certificate.der(), bytes, "kept as it came");
    }
    let Ok(all) = Certificate::parse_all(bytes) else { return Reached::Refused };
    all.iter().for_each(check_one);
    if let [leaf, others @ ..] = all.as_slice() {
        check_path(leaf, others, &all);
        check_path(leaf, others, others);
    }
    Reached::Held
}

fn check_one(certificate: &Certificate) {
    let der = certificate.der();
    assert_eq!(Certificate::parse(der).as_ref(), Ok(certificate), "read again");
    for part in [
        certificate.tbs(),
        certificate.raw_subject(),
        certificate.raw_issuer(),
        certificate.raw_serial(),
        certificate.spki_der(),
    ] {
        assert!(der.windows(part.len().max(1)).any(|window| window == part), "a part that is not inside");
    }
    assert!(!certificate.is_self_signed() || certificate.is_self_issued());
    // These must end, whatever they say.
    let _ = (certificate.subject().to_string(), certificate.issuer().to_string(), certificate.serial_hex());
    let _ = (certificate.key_usage(), certificate.is_ca(), certificate.email(), signer_class(certificate));
}

fn check_path(leaf: &Certificate, pool: &[Certificate], anchors: &[Certificate]) {
    let found = path::build(leaf, pool, anchors, now(), &Limits::default());
    assert_eq!(found.chain.first(), Some(leaf));
    assert_eq!(found.is_clean(), found.problems.is_empty(), "no anchor, and nothing wrong");
    if let Some(anchor) = &found.anchor {
        assert!(anchors.contains(anchor), "an anchor that nobody named");
        // An anchor is a name and a key (RFC 5280 6.1.1 d), so a renewed certificate of it does as well.
        let last = found.chain.last().unwrap_or(leaf);
        assert!(last.subject().matches(anchor.subject()), "a path that ends at another name");
        assert_eq!(last.spki_der(), anchor.spki_der(), "a path that ends at another key");
    }
    if found.is_clean() {
        for (index, certificate) in found.chain.iter().enumerate().take(found.chain.len() - 1) {
            let signed = certificate.is_signed_by(&path::working_key(&found.chain[index + 1..]));
            assert_eq!(signed, Ok(true), "a clean path with a link that is not signed");
        }
    }
}
