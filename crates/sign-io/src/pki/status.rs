//! What a test authority says about what it issued: revocation lists (RFC 5280 5) and OCSP answers (RFC
//! 6960), and the addresses in its certificates that lead there.
//!
//! The root's key is thrown away, so the root says everything at once: its one list is made with it, empty,
//! and holds as long as the root. OCSP answers are signed by the issuing authority itself.

use super::{Authority, PkiError};
use openssl::asn1::{Asn1Object, Asn1OctetString};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::sign::Signer;
use openssl::x509::{X509Extension, X509Ref};
use sign_core::cms::der::{self, Reader, tag};
use sign_core::crypto::DigestAlgorithm;
use sign_core::crypto::SignatureAlgorithm;
use sign_core::time::Time;

const AUTHORITY_INFO_ACCESS: &str = "1.3.6.1.5.5.7.1.1";
const OCSP: &str = "1.3.6.1.5.5.7.48.1";
const CA_ISSUERS: &str = "1.3.6.1.5.5.7.48.2";
const DISTRIBUTION_POINTS: &str = "2.5.29.31";
const AUTHORITY_KEY_ID: &str = "2.5.29.35";
const CRL_NUMBER: &str = "2.5.29.20";
const CRL_REASON: &str = "2.5.29.21";
const OCSP_BASIC: &str = "1.3.6.1.5.5.7.48.1.1";
const OCSP_NONCE: &str = "1.3.6.1.5.5.7.48.1.2";
/// ENUMERATED, and `[6] IA5String` of a GeneralName.
const ENUMERATED: u8 = 0x0a;
const URI: u8 = 0x86;
/// All keys of a test authority are P-384.
const ALGORITHM: SignatureAlgorithm = SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha384);

/// Paths below an authority's address.
pub const OCSP_PATH: &str = "/ocsp";
/// The issuing authority's list.
pub const LIST_PATH: &str = "/issuing.crl";
/// The root's list.
pub const ROOT_LIST_PATH: &str = "/root.crl";
/// The issuing authority's certificate.
pub const ISSUING_PATH: &str = "/issuing.der";

/// A certificate that was taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revoked {
    /// Content of its serial number.
    pub serial: Vec<u8>,
    /// Since when.
    pub since: Time,
    /// CRLReason (RFC 5280 5.3.1): 1 keyCompromise, 4 superseded, 5 cessationOfOperation …
    pub reason: u8,
}

impl Authority {
    /// The issuing authority's list, DER.
    ///
    /// # Errors
    /// [`PkiError::Library`].
    pub fn list(&self, revoked: &[Revoked], from: Time, until: Time) -> Result<Vec<u8>, PkiError> {
        Ok(list(&self.issuing, &self.key, revoked, from, until)?)
    }

    /// The root's list, DER; none in authorities made before there were any.
    pub fn root_list(&self) -> Option<&[u8]> {
        self.root_list.as_deref()
    }

    /// The issuing authority's certificate, DER.
    ///
    /// # Errors
    /// [`PkiError::Library`].
    pub fn issuing_der(&self) -> Result<Vec<u8>, PkiError> {
        Ok(self.issuing.to_der()?)
    }

    /// Answers an OCSPRequest: what is not taken back is good. The number in the question comes back.
    ///
    /// # Errors
    /// [`PkiError::NotARequest`]; [`PkiError::Library`].
    pub fn answer(
        &self,
        request: &[u8],
        revoked: &[Revoked],
        at: Time,
        until: Option<Time>,
    ) -> Result<Vec<u8>, PkiError> {
        let Asked { ids, nonce } = read_request(request).ok_or(PkiError::NotARequest)?;
        let singles: Vec<Vec<u8>> = ids.iter().map(|id| single(id, revoked, at, until)).collect();
        let singles: Vec<&[u8]> = singles.iter().map(Vec::as_slice).collect();
        let name = self.issuing.subject_name().to_der()?;
        let extensions = match nonce {
            Some(nonce) => {
                let extension = der::sequence(&[&der::oid(OCSP_NONCE), &der::octet_string(&nonce)]);
                der::container(tag::context(1), &[&der::sequence(&[&extension])])
            }
            None => Vec::new(),
        };
        let data = der::sequence(&[
            &der::container(tag::context(1), &[&name]),
            &generalized(at),
            &der::sequence(&singles),
            &extensions,
        ]);
        let basic = signed(&data, &self.key)?;
        let bytes = der::sequence(&[&der::oid(OCSP_BASIC), &der::octet_string(&basic)]);
        Ok(der::sequence(&[&der::element(ENUMERATED, &[0]), &der::container(tag::context(0), &[&bytes])]))
    }
}

/// A list signed with a P-384 key.
pub(super) fn list(
    issuer: &X509Ref,
    key: &PKey<Private>,
    revoked: &[Revoked],
    from: Time,
    until: Time,
) -> Result<Vec<u8>, ErrorStack> {
    let entries: Vec<Vec<u8>> = revoked
        .iter()
        .map(|one| {
            let reason = der::octet_string(&der::element(ENUMERATED, &[one.reason]));
            let reason = der::sequence(&[&der::sequence(&[&der::oid(CRL_REASON), &reason])]);
            der::sequence(&[&der::element(tag::INTEGER, &one.serial), &time(one.since), &reason])
        })
        .collect();
    let entries = match entries.as_slice() {
        [] => Vec::new(),
        entries => der::sequence(&entries.iter().map(Vec::as_slice).collect::<Vec<_>>()),
    };
    let key_id = issuer.subject_key_id().map(|id| id.as_slice().to_vec()).unwrap_or_default();
    let key_id = der::sequence(&[&der::element(tag::context_primitive(0), &key_id)]);
    // Time goes on, and so do the numbers.
    let number = der::integer(u64::try_from(from.unix()).unwrap_or(0));
    let extensions = der::sequence(&[
        &der::sequence(&[&der::oid(AUTHORITY_KEY_ID), &der::octet_string(&key_id)]),
        &der::sequence(&[&der::oid(CRL_NUMBER), &der::octet_string(&number)]),
    ]);
    let data = der::sequence(&[
        &der::integer(1),
        &ALGORITHM.algorithm_identifier(),
        &issuer.subject_name().to_der()?,
        &time(from),
        &time(until),
        &entries,
        &der::container(tag::context(0), &[&extensions]),
    ]);
    signed(&data, key)
}

/// cRLDistributionPoints and authorityInfoAccess of what an authority at `base` issues.
pub(super) fn addresses(base: &str) -> Result<Vec<X509Extension>, ErrorStack> {
    let access = |method: &str, path: &str| der::sequence(&[&der::oid(method), &uri(base, path)]);
    let access = der::sequence(&[&access(OCSP, OCSP_PATH), &access(CA_ISSUERS, ISSUING_PATH)]);
    Ok(vec![distribution_point(base, LIST_PATH)?, extension(AUTHORITY_INFO_ACCESS, &access)?])
}

/// cRLDistributionPoints with one list.
pub(super) fn distribution_point(base: &str, path: &str) -> Result<X509Extension, ErrorStack> {
    let name = der::container(tag::context(0), &[&der::container(tag::context(0), &[&uri(base, path)])]);
    extension(DISTRIBUTION_POINTS, &der::sequence(&[&der::sequence(&[&name])]))
}

fn uri(base: &str, path: &str) -> Vec<u8> {
    der::element(URI, format!("{base}{path}").as_bytes())
}

fn extension(oid: &str, value: &[u8]) -> Result<X509Extension, ErrorStack> {
    let value = Asn1OctetString::new_from_bytes(value)?;
    X509Extension::new_from_der(&*Asn1Object::from_str(oid)?, false, &value)
}

/// `SEQUENCE { data, algorithm, signature }`.
fn signed(data: &[u8], key: &PKey<Private>) -> Result<Vec<u8>, ErrorStack> {
    let mut signer = Signer::new(MessageDigest::sha384(), key)?;
    let signature = signer.sign_oneshot_to_vec(data)?;
    let bits = der::element(tag::BIT_STRING, &[&[0], signature.as_slice()].concat());
    Ok(der::sequence(&[data, &ALGORITHM.algorithm_identifier(), &bits]))
}

/// What an OCSP question asks.
struct Asked {
    /// CertIDs, DER.
    ids: Vec<Vec<u8>>,
    /// Content of its nonce extension.
    nonce: Option<Vec<u8>>,
}

fn read_request(request: &[u8]) -> Option<Asked> {
    let mut inside = Reader::new(request).expect(tag::SEQUENCE).ok()?.reader();
    let mut data = inside.expect(tag::SEQUENCE).ok()?.reader();
    data.optional(tag::context(0)).ok()?;
    data.optional(tag::context(1)).ok()?;
    let mut list = data.expect(tag::SEQUENCE).ok()?.reader();
    let mut ids = Vec::new();
    while !list.is_empty() {
        let mut one = list.expect(tag::SEQUENCE).ok()?.reader();
        ids.push(one.expect(tag::SEQUENCE).ok()?.raw.to_vec());
    }
    let mut nonce = None;
    if let Some(extensions) = data.optional(tag::context(2)).ok()? {
        let mut extensions = extensions.reader().expect(tag::SEQUENCE).ok()?.reader();
        while !extensions.is_empty() {
            let mut one = extensions.expect(tag::SEQUENCE).ok()?.reader();
            let oid = one.expect(tag::OID).ok()?.oid().ok()?;
            one.optional(tag::BOOLEAN).ok()?;
            let value = one.expect(tag::OCTET_STRING).ok()?.content.to_vec();
            nonce = nonce.or((oid == OCSP_NONCE).then_some(value));
        }
    }
    Some(Asked { ids, nonce })
}

fn single(id: &[u8], revoked: &[Revoked], at: Time, until: Option<Time>) -> Vec<u8> {
    let serial = serial_of(id).unwrap_or_default();
    let status = match revoked.iter().find(|one| one.serial == serial) {
        Some(one) => {
            let reason = der::container(tag::context(0), &[&der::element(ENUMERATED, &[one.reason])]);
            der::container(tag::context(1), &[&generalized(one.since), &reason])
        }
        None => der::element(tag::context_primitive(0), &[]),
    };
    let until = until.map(|until| der::container(tag::context(0), &[&generalized(until)]));
    der::sequence(&[id, &status, &generalized(at), &until.unwrap_or_default()])
}

fn serial_of(id: &[u8]) -> Option<Vec<u8>> {
    let mut inside = Reader::new(id).expect(tag::SEQUENCE).ok()?.reader();
    inside.expect(tag::SEQUENCE).ok()?;
    inside.expect(tag::OCTET_STRING).ok()?;
    inside.expect(tag::OCTET_STRING).ok()?;
    Some(inside.expect(tag::INTEGER).ok()?.content.to_vec())
}

/// RFC 5280 4.1.2.5: two digits of the year until 2049.
fn time(at: Time) -> Vec<u8> {
    let digits = digits(at);
    match digits.get(2..) {
        Some(short) if (1950..2050).contains(&at.in_offset(0).parts().year) => {
            der::element(tag::UTC_TIME, short.as_bytes())
        }
        _ => der::element(tag::GENERALIZED_TIME, digits.as_bytes()),
    }
}

fn generalized(at: Time) -> Vec<u8> {
    der::element(tag::GENERALIZED_TIME, digits(at).as_bytes())
}

fn digits(at: Time) -> String {
    let p = at.in_offset(0).parts();
    format!("{:04}{:02}{:02}{:02}{:02}{:02}Z", p.year, p.month, p.day, p.hour, p.minute, p.second)
}

/// What names a certificate in lists and answers, from its serial number in hexadecimal.
pub fn serial_from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b':').collect();
    let value = |digit: u8| char::from(digit).to_digit(16);
    let pairs = digits.chunks(2).map(|pair| match pair {
        [high, low] => u8::try_from(value(*high)? * 16 + value(*low)?).ok(),
        _ => None,
    });
    pairs.collect::<Option<Vec<u8>>>().filter(|serial| !serial.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::{KeyKind, Person, Validity};
    use sign_core::limits::Limits;
    use sign_core::trust::status::{StatusInputs, Statuses};
    use sign_core::trust::{Evidence, Origin};
    use sign_core::x509::crl::status::Status;
    use sign_core::x509::ocsp::{self, Response, SingleStatus};
    use sign_core::x509::{Certificate, Crl};

    fn at(days: i64) -> Time {
        Time::parse_rfc3339("2026-03-01T00:00:00Z").unwrap().plus_seconds(days * 86_400)
    }

    #[test]
    fn lists_and_answers_say_who_was_taken_back() {
        let authority =
            Authority::create_at("CA", Validity::years(at(-10), 40), Some("http://ca.example.vn")).unwrap();
        let authority = Authority::from_pem(&authority.to_pem().unwrap()).unwrap();
        let person = Person { full_name: "A", title: "", organisation: "", email: "" };
        let issue = |kind| {
            let issued = authority.issue_person(&person, kind, Validity::years(at(-1), 1)).unwrap();
            Certificate::parse(&issued.certificate_der().unwrap()).unwrap()
        };
        let (good, bad) = (issue(KeyKind::P256), issue(KeyKind::P384));
        assert_eq!(good.ocsp_urls(), ["http://ca.example.vn/ocsp"]);
        assert_eq!(good.crl_urls(), ["http://ca.example.vn/issuing.crl"]);
        assert_eq!(good.ca_issuers_urls(), ["http://ca.example.vn/issuing.der"]);
        let issuing = Certificate::parse(&authority.issuing_der().unwrap()).unwrap();
        assert_eq!(issuing.crl_urls(), ["http://ca.example.vn/root.crl"]);
        let root = Certificate::parse(&authority.root_der().unwrap()).unwrap();
        let revoked = [Revoked { serial: bad.raw_serial().to_vec(), since: at(-1), reason: 1 }];

        let list = authority.list(&revoked, at(0), at(7)).unwrap();
        let limits = Limits::default();
        let status = |list: &[u8], certificate: &Certificate, issuer: &Certificate| {
            let mut evidence = Evidence::none();
            evidence.add_crl(list, Origin::Given).unwrap();
            let anchors = [root.clone()];
            let inputs =
                StatusInputs { at: at(1), pool: &[], anchors: &anchors, limits: &limits, existed: None };
            Statuses::new(&evidence, inputs).of(certificate, issuer).status
        };
        assert_eq!(status(&list, &good, &issuing), Status::Good);
        assert!(
            matches!(status(&list, &bad, &issuing), Status::Revoked(entry) if entry.revoked_at == at(-1))
        );
        let root_list = authority.root_list().unwrap();
        assert_eq!(status(root_list, &issuing, &root), Status::Good);
        assert!(Crl::parse(root_list).unwrap().next_update().unwrap() > at(365 * 39));

        for (certificate, expected) in [(&good, false), (&bad, true)] {
            let nonce = [7; 32];
            let request = ocsp::request(certificate, &issuing, DigestAlgorithm::Sha1, Some(&nonce));
            let answer = authority.answer(&request, &revoked, at(1), Some(at(2))).unwrap();
            let response = Response::parse(&answer).unwrap();
            let question = ocsp::Question::new(certificate, &issuing, at(1));
            let answer = ocsp::ask(&response, &ocsp::Question { nonce: Some(&nonce), ..question }).unwrap();
            assert_eq!(matches!(answer.single.status, SingleStatus::Revoked(_)), expected);
        }
        assert_eq!(authority.answer(b"0", &[], at(0), None), Err(PkiError::NotARequest));
    }

    #[test]
    fn serial_numbers_are_read_as_they_are_shown() {
        assert_eq!(serial_from_hex("4a:0B"), Some(vec![0x4a, 0x0b]));
        for wrong in ["", "4", "4g", "é"] {
            assert_eq!(serial_from_hex(wrong), None, "{wrong}");
        }
    }
}
