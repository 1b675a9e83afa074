//! Time stamps of the test authority (RFC 3161): a token for a question, by a key from `pki tsa`.

use super::PkiError;
use sign_core::cms::der::{self, Reader, tag};
use sign_core::crypto::digest::{DigestAlgorithm, digest};
use sign_core::crypto::key::Signer;
use sign_core::time::Time;
use sign_core::x509::Certificate;

const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";
const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
const SIGNING_CERTIFICATE_V2: &str = "1.2.840.113549.1.9.16.2.47";
/// A policy that says nothing (from the arc for examples).
const POLICY: &str = "2.999.1";

/// The answer to a TimeStampReq: a token over what it asks for, made at `at`, with a number of its own.
///
/// # Errors
/// [`PkiError::NotARequest`]; [`PkiError::Library`] if the key does not sign.
pub fn answer(request: &[u8], unit: &dyn Signer, serial: &[u8], at: Time) -> Result<Vec<u8>, PkiError> {
    let asked = read(request).ok_or(PkiError::NotARequest)?;
    let chain: Vec<Certificate> =
        unit.certificates().iter().filter_map(|one| Certificate::parse(one).ok()).collect();
    let certificate = chain.first().ok_or_else(|| PkiError::Library("no certificate".into()))?;
    let p = at.in_offset(0).parts();
    let time = format!("{:04}{:02}{:02}{:02}{:02}{:02}Z", p.year, p.month, p.day, p.hour, p.minute, p.second);
    let info = der::sequence(&[
        &der::integer(1),
        &der::oid(POLICY),
        &asked.imprint,
        &positive(serial),
        &der::element(tag::GENERALIZED_TIME, time.as_bytes()),
        &asked.nonce.unwrap_or_default(),
    ]);
    // The digest the key signs with serves for the content and the reference too.
    let hash = unit.algorithm().digest();
    let attribute =
        |oid: &str, value: &[u8]| der::sequence(&[&der::oid(oid), &der::container(tag::SET, &[value])]);
    let attributes = der::set_of(
        tag::SET,
        vec![
            attribute(CONTENT_TYPE, &der::oid(TST_INFO)),
            attribute(MESSAGE_DIGEST, &der::octet_string(&digest(hash, &info))),
            attribute(SIGNING_CERTIFICATE_V2, &reference(certificate)),
        ],
    );
    let signature = unit.sign(&attributes).map_err(|error| PkiError::Library(error.to_string()))?;
    let signed = Reader::new(&attributes).read().map(|set| set.content.to_vec()).unwrap_or_default();
    let digest_algorithm = der::sequence(&[&der::oid(hash.oid())]);
    let signer = der::sequence(&[
        &der::integer(1),
        &der::sequence(&[certificate.raw_issuer(), &der::element(tag::INTEGER, certificate.raw_serial())]),
        &digest_algorithm,
        &der::element(tag::context(0), &signed),
        &unit.algorithm().algorithm_identifier(),
        &der::octet_string(&signature),
    ]);
    let certificates: Vec<&[u8]> = chain.iter().map(Certificate::der).collect();
    let signed_data = der::sequence(&[
        &der::integer(3),
        &der::container(tag::SET, &[&digest_algorithm]),
        &der::sequence(&[
            &der::oid(TST_INFO),
            &der::container(tag::context(0), &[&der::octet_string(&info)]),
        ]),
        &der::set_of(tag::context(0), certificates.into_iter().map(<[u8]>::to_vec).collect()),
        &der::container(tag::SET, &[&signer]),
    ]);
    let token = der::sequence(&[&der::oid(SIGNED_DATA), &der::container(tag::context(0), &[&signed_data])]);
    Ok(der::sequence(&[&der::sequence(&[&der::integer(0)]), &token]))
}

/// What a TimeStampReq asks.
struct Asked {
    /// MessageImprint, DER.
    imprint: Vec<u8>,
    /// INTEGER, DER.
    nonce: Option<Vec<u8>>,
}

fn read(request: &[u8]) -> Option<Asked> {
    let mut inside = Reader::new(request).expect(tag::SEQUENCE).ok()?.reader();
    inside.expect(tag::INTEGER).ok()?;
    let imprint = inside.expect(tag::SEQUENCE).ok()?.raw.to_vec();
    inside.optional(tag::OID).ok()?;
    let nonce = inside.optional(tag::INTEGER).ok()?.map(|nonce| nonce.raw.to_vec());
    Some(Asked { imprint, nonce })
}

/// SigningCertificateV2 with SHA-256, which is its default (RFC 5035 3).
fn reference(certificate: &Certificate) -> Vec<u8> {
    let hash = der::octet_string(&certificate.digest(DigestAlgorithm::Sha256));
    der::sequence(&[&der::sequence(&[&der::sequence(&[&hash])])])
}

fn positive(bytes: &[u8]) -> Vec<u8> {
    // A leading byte that is neither zero nor negative.
    der::element(tag::INTEGER, &[&[1], bytes].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::{Authority, KeyKind, Validity};
    use sign_core::cms::timestamp::TimeStampRequest;
    use sign_core::crypto::key::from_pem;

    #[test]
    fn a_token_is_what_was_asked_for_and_sound() {
        let at = Time::parse_rfc3339("2026-03-01T10:20:30Z").unwrap();
        let authority = Authority::create("CA", Validity::years(at.plus_seconds(-60), 5)).unwrap();
        for kind in [KeyKind::Rsa2048, KeyKind::P256, KeyKind::P384, KeyKind::Ed25519] {
            let validity = Validity::years(at.plus_seconds(-30), 1);
            let issued = authority.issue_time_stamping("TSA", kind, validity).unwrap();
            let unit = from_pem(&issued.pem().unwrap(), None, None).unwrap();
            let request = TimeStampRequest {
                digest: DigestAlgorithm::Sha256,
                imprint: digest(DigestAlgorithm::Sha256, b"data"),
                nonce: Some(vec![0x80, 1, 2]),
                policy: None,
            };
            let answer = answer(&request.to_der(), &unit, &[9], at).unwrap();
            let token = request.answer(&answer).unwrap();
            assert_eq!(token.time(), at);
            assert!(token.stamps(b"data"));
            assert_eq!(token.examine(&[]).problems, [], "{kind:?}");
        }
        let issued = authority.issue_time_stamping("TSA", KeyKind::P256, Validity::years(at, 1)).unwrap();
        let unit = from_pem(&issued.pem().unwrap(), None, None).unwrap();
        assert_eq!(answer(b"0", &unit, &[9], at), Err(PkiError::NotARequest));
    }
}
