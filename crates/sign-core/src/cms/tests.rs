//! SignedData as others write it: unusual, old, broken and hostile.

use super::attribute::{
    CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_CERTIFICATE, SIGNING_CERTIFICATE_V2, SIGNING_TIME,
};
use super::der::{self, Reader, tag};
use super::signed_data::{DATA, SIGNED_DATA};
use super::*;
use crate::crypto::testing::{self, Made};
use crate::crypto::verify::verify;
use crate::crypto::{DigestAlgorithm, SignatureAlgorithm, digest};
use crate::x509::Certificate;

const ALGORITHM: SignatureAlgorithm = SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256);

fn signer() -> (Made, Certificate) {
    let made = testing::person("p256").remove(0);
    let certificate = Certificate::parse(&made.der()).unwrap();
    (made, certificate)
}

fn attribute(oid: &str, values: &[&[u8]]) -> Vec<u8> {
    der::sequence(&[&der::oid(oid), &der::container(tag::SET, values)])
}

fn usual_attributes(certificate: &Certificate) -> Vec<Vec<u8>> {
    let bytes = signed_attributes(DigestAlgorithm::Sha256, &[7; 32], certificate);
    let mut set = Reader::new(&bytes).expect(tag::SET).unwrap().reader();
    std::iter::from_fn(|| if set.is_empty() { None } else { set.read().ok().map(|a| a.raw.to_vec()) })
        .collect()
}

/// A SignerInfo over attributes in the given order, with any `sid`.
fn signer_info(made: &Made, version: u64, sid: &[u8], attributes: &[Vec<u8>]) -> Vec<u8> {
    let message = der::element(tag::SET, &attributes.concat());
    der::sequence(&[
        &der::integer(version),
        sid,
        &crate::crypto::algorithm::digest_identifier(DigestAlgorithm::Sha256),
        &der::element(tag::context(0), &attributes.concat()),
        &ALGORITHM.algorithm_identifier(),
        &der::octet_string(&testing::sign(&made.key, ALGORITHM, &message)),
    ])
}

fn sid_of(certificate: &Certificate) -> Vec<u8> {
    der::sequence(&[certificate.raw_issuer(), &der::element(tag::INTEGER, certificate.raw_serial())])
}

fn cms(version: u64, certificates: &[&[u8]], signer_infos: &[Vec<u8>]) -> Vec<u8> {
    let infos: Vec<&[u8]> = signer_infos.iter().map(Vec::as_slice).collect();
    let signed_data = der::sequence(&[
        &der::integer(version),
        &der::container(tag::SET, &[]),
        &der::sequence(&[&der::oid(DATA)]),
        &der::container(tag::context(0), certificates),
        &der::container(tag::SET, &infos),
    ]);
    der::sequence(&[&der::oid(SIGNED_DATA), &der::container(tag::context(0), &[&signed_data])])
}

/// A usual CMS but for its signed attributes.
fn with_attributes(attributes: &[Vec<u8>]) -> SignedData {
    let (made, certificate) = signer();
    let info = signer_info(&made, 1, &sid_of(&certificate), attributes);
    SignedData::parse(&cms(1, &[certificate.der()], &[info])).unwrap()
}

fn verifies(signed: &SignedData) -> bool {
    signed.signer_infos().iter().all(|info| {
        let certificate = info.signer_certificate(signed.certificates()).unwrap();
        let message = info.signed_message().unwrap();
        verify(info.signature_algorithm().unwrap(), certificate.spki_der(), message, info.signature())
            .unwrap()
    })
}

fn codes(signed: &SignedData) -> Vec<&'static str> {
    signed.findings().iter().map(CmsFinding::code).collect()
}

/// The outer containers down to `levels` with indefinite lengths.
fn as_ber(bytes: &[u8], levels: u32) -> Vec<u8> {
    let element = Reader::new(bytes).read().unwrap();
    if levels == 0 || element.tag & 0x20 == 0 {
        return bytes.to_vec();
    }
    let mut out = vec![element.tag, 0x80];
    let mut inside = element.reader();
    while !inside.is_empty() {
        out.extend(as_ber(inside.read().unwrap().raw, levels - 1));
    }
    out.extend([0, 0]);
    out
}

#[test]
fn a_signer_may_be_named_by_subject_key_identifier() {
    let (made, certificate) = signer();
    let sid = der::element(tag::context_primitive(0), certificate.subject_key_id().unwrap());
    let info = signer_info(&made, 3, &sid, &usual_attributes(&certificate));
    let signed = SignedData::parse(&cms(3, &[certificate.der()], std::slice::from_ref(&info))).unwrap();
    assert_eq!(codes(&signed), [""; 0]);
    assert!(verifies(&signed));
    let wrong_version = SignedData::parse(&cms(1, &[certificate.der()], &[info])).unwrap();
    assert_eq!(codes(&wrong_version), ["cms_version"]);
}

#[test]
fn ber_is_read_and_reported() {
    let (made, certificate) = signer();
    let info = signer_info(&made, 1, &sid_of(&certificate), &usual_attributes(&certificate));
    let der = cms(1, &[certificate.der()], &[info]);
    for levels in 1..=4 {
        let ber = as_ber(&der, levels);
        let signed = SignedData::parse(&[&ber[..], &[0; 7]].concat()).unwrap();
        assert_eq!(codes(&signed), ["cms_ber"]);
        assert_eq!(signed.length(), ber.len());
        assert!(verifies(&signed), "{levels} levels");
    }
}

#[test]
fn only_zero_bytes_may_follow() {
    let (made, certificate) = signer();
    let der = cms(1, &[certificate.der()], &[signer_info(&made, 1, &sid_of(&certificate), &[])]);
    let after = |bytes: &[u8]| codes(&SignedData::parse(&[&der[..], bytes].concat()).unwrap());
    assert!(after(b"").is_empty() && after(&[0; 9000]).is_empty());
    assert_eq!(after(&[0, 0, 1]), ["cms_trailing_bytes"]);
}

#[test]
fn unsorted_attributes_are_hashed_as_they_were_sent() {
    let (_, certificate) = signer();
    let mut attributes = usual_attributes(&certificate);
    attributes.reverse();
    let signed = with_attributes(&attributes);
    assert_eq!(codes(&signed), ["cms_unsorted_signed_attributes"]);
    assert!(verifies(&signed));
    let message = signed.signer_infos()[0].signed_message().unwrap();
    assert_eq!((message[0], message.ends_with(&attributes[2])), (tag::SET, true));
}

#[test]
fn several_signers_are_all_told() {
    let (made, certificate) = signer();
    let info = signer_info(&made, 1, &sid_of(&certificate), &usual_attributes(&certificate));
    let signed = SignedData::parse(&cms(1, &[certificate.der()], &[info.clone(), info.clone()])).unwrap();
    assert_eq!(signed.signer_infos().len(), 2);
    assert!(verifies(&signed));
    let crowd = cms(1, &[], &vec![info; 17]);
    assert_eq!(SignedData::parse(&crowd).unwrap_err().code(), "cms_too_large");
}

#[test]
fn certificate_references_of_both_versions_are_read() {
    let (_, certificate) = signer();
    let issuer = der::sequence(&[&der::container(tag::context(4), &[certificate.raw_issuer()])]);
    let names = der::sequence(&[&issuer, &der::element(tag::INTEGER, certificate.raw_serial())]);
    let other_serial = der::sequence(&[&issuer, &der::integer(99)]);
    let hash = |digest| der::octet_string(&certificate.digest(digest));
    let sha1 = hash(DigestAlgorithm::Sha1);
    let sha256 = hash(DigestAlgorithm::Sha256);
    let sha384_name = crate::crypto::algorithm::digest_identifier(DigestAlgorithm::Sha384);
    let md5_name = der::sequence(&[&der::oid("1.2.840.113549.2.5"), &der::null()]);
    let sha384 = hash(DigestAlgorithm::Sha384);
    type Case<'a> = (&'a str, &'a [&'a [u8]], Option<bool>);
    let cases: [Case<'_>; 7] = [
        (SIGNING_CERTIFICATE, &[&sha1], Some(true)),
        (SIGNING_CERTIFICATE, &[&sha1, &names], Some(true)),
        (SIGNING_CERTIFICATE_V2, &[&sha256], Some(true)),
        (SIGNING_CERTIFICATE_V2, &[&sha384_name, &sha384, &names], Some(true)),
        (SIGNING_CERTIFICATE_V2, &[&sha256, &other_serial], Some(false)),
        (SIGNING_CERTIFICATE_V2, &[&sha1], Some(false)),
        (SIGNING_CERTIFICATE_V2, &[&md5_name, &sha256], Some(false)),
    ];
    for (oid, id, expected) in cases {
        let value = der::sequence(&[&der::sequence(&[&der::sequence(id)])]);
        let signed = with_attributes(&[attribute(oid, &[&value])]);
        assert_eq!(signed.signer_infos()[0].ess_matches(&certificate), expected, "{oid} {id:?}");
    }
    assert_eq!(with_attributes(&[]).signer_infos()[0].ess_matches(&certificate), None);
}

#[test]
fn the_signer_is_found_by_name_and_hash_not_by_place() {
    let (made, certificate) = signer();
    // Same issuer and serial number, other bytes: only the ESS hash tells them apart.
    let issuing = testing::person("p256").remove(1);
    let subject = [("CN", "Người khác")];
    let twin = testing::Spec { serial: 3, ..testing::Spec::leaf(&subject, &issuing) }.make();
    let info = signer_info(&made, 1, &sid_of(&certificate), &usual_attributes(&certificate));
    let signed =
        SignedData::parse(&cms(1, &[&twin.der(), &issuing.der(), certificate.der()], &[info])).unwrap();
    let found = signed.signer_infos()[0].signer_certificate(signed.certificates());
    assert_eq!(found, Some(&certificate));
    assert_eq!(signed.signer_infos()[0].signer_certificate(&[]), None);
}

#[test]
fn a_doubled_attribute_counts_as_none() {
    let digest_value = der::octet_string(&[7; 32]);
    let other_value = der::octet_string(&[8; 32]);
    let twice = [attribute(MESSAGE_DIGEST, &[&digest_value]), attribute(MESSAGE_DIGEST, &[&other_value])];
    let two_values = [attribute(MESSAGE_DIGEST, &[&digest_value, &other_value])];
    for attributes in [&twice[..], &two_values] {
        let signed = with_attributes(attributes);
        assert_eq!(signed.signer_infos()[0].message_digest(), None);
        assert_eq!(codes(&signed), ["cms_attribute_count"]);
    }
}

#[test]
fn attributes_of_older_signatures_are_read() {
    let time = der::element(tag::UTC_TIME, b"260205025634Z");
    let signed = with_attributes(&[
        attribute(CONTENT_TYPE, &[&der::oid(DATA)]),
        attribute(SIGNING_TIME, &[&time]),
        attribute(MESSAGE_DIGEST, &[&der::octet_string(&[7; 32])]),
    ]);
    let info = &signed.signer_infos()[0];
    assert_eq!(info.signing_time().unwrap().to_string(), "2026-02-05T02:56:34Z");
    assert_eq!(info.content_type().as_deref(), Some(DATA));
    assert!(info.signing_certificates().is_empty());
}

#[test]
fn a_signature_without_signed_attributes_is_read() {
    let (made, certificate) = signer();
    let content_digest = digest::digest(DigestAlgorithm::Sha256, b"content");
    let info = der::sequence(&[
        &der::integer(1),
        &sid_of(&certificate),
        &crate::crypto::algorithm::digest_identifier(DigestAlgorithm::Sha256),
        &ALGORITHM.algorithm_identifier(),
        &der::octet_string(&testing::sign(&made.key, ALGORITHM, b"content")),
    ]);
    let signed = SignedData::parse(&cms(1, &[certificate.der()], &[info])).unwrap();
    let info = &signed.signer_infos()[0];
    assert!(info.signed_message().is_none() && info.message_digest().is_none());
    let check = |digest: &[u8]| {
        crate::crypto::verify::verify_digest(ALGORITHM, certificate.spki_der(), digest, info.signature())
    };
    assert_eq!(check(&content_digest), Ok(true));
    assert_eq!(check(&[0; 32]), Ok(false));
}

#[test]
fn unreadable_certificates_do_not_hide_the_others() {
    let (made, certificate) = signer();
    let info = signer_info(&made, 1, &sid_of(&certificate), &usual_attributes(&certificate));
    let signed = SignedData::parse(&cms(1, &[&der::sequence(&[]), certificate.der()], &[info])).unwrap();
    assert_eq!(signed.findings(), [CmsFinding::UnreadableCertificate { index: 0 }]);
    assert_eq!(signed.certificates(), [certificate]);
}

#[test]
fn other_contents_are_named() {
    let enveloped =
        der::sequence(&[&der::oid("1.2.840.113549.1.7.3"), &der::container(tag::context(0), &[])]);
    assert_eq!(SignedData::parse(&enveloped).unwrap_err().code(), "not_signed_data");
    for bytes in [&[][..], &[0; 100], b"<html>", &[0x30, 0x80].repeat(10_000)] {
        assert_eq!(SignedData::parse(bytes).unwrap_err().code(), "malformed_cms");
    }
}

/// Everything a verifier would ask of whatever could be read.
fn touch(bytes: &[u8]) {
    let Ok(signed) = SignedData::parse(bytes) else { return };
    for info in signed.signer_infos() {
        let _ =
            (info.signing_time(), info.content_type(), info.message_digest(), info.signature_time_stamps());
        if let (Some(certificate), Ok(algorithm)) =
            (info.signer_certificate(signed.certificates()), info.signature_algorithm())
        {
            let _ = verify(
                algorithm,
                certificate.spki_der(),
                info.signed_message().unwrap_or(b""),
                info.signature(),
            );
        }
    }
}

#[test]
fn no_damage_makes_it_panic() {
    let (made, certificate) = signer();
    let info = signer_info(&made, 1, &sid_of(&certificate), &usual_attributes(&certificate));
    let der = cms(1, &[certificate.der()], &[info]);
    for bytes in [as_ber(&der, 6), der] {
        (0..bytes.len()).for_each(|length| touch(&bytes[..length]));
        for position in 0..bytes.len() {
            for value in [0x00, 0x80, 0xff, bytes[position] ^ 1] {
                let mut damaged = bytes.clone();
                damaged[position] = value;
                touch(&damaged);
            }
        }
    }
}
