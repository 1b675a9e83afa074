//! Signatures that are wrong in themselves: byte range, value, certificates, bytes.

use super::bench::*;
use super::codes;
use crate::cms::der::{self, Reader, tag};
use crate::pdf::fixture::FileBuilder;
use crate::report::model::*;
use crate::verdict::{Indication, SubIndication, Verdict};
use std::collections::BTreeMap;

fn first_field(signing: &Signing<'_>) -> FileBuilder {
    signing.close(letter().object(6, &signature_field("lanh_dao", "/V 20 0 R")))
}

/// Judges a file with one signature and checks the conclusion and that the finding is named.
fn expect(what: &str, bytes: &[u8], sub_indication: SubIndication, code: &str) -> SignatureReport {
    let report = judged(bytes);
    let signature = report.signatures.first().cloned().unwrap();
    assert_ne!(report.verdict, Verdict::Valid, "{what}");
    assert_eq!(signature.sub_indication, Some(sub_indication), "{what}: {:?}", signature.findings);
    assert!(codes(&signature).contains(&code), "{what}: {:?}", signature.findings);
    signature
}

#[test]
fn byte_ranges_of_every_odd_shape_fail() {
    type Numbers = fn([i64; 4]) -> String;
    let cases: &[(&str, Numbers, &str)] = &[
        ("null", |_| "null".into(), "byte_range_malformed"),
        ("empty", |_| "[]".into(), "byte_range_malformed"),
        ("three numbers", |[a, b, c, _]| format!("[{a} {b} {c}]"), "byte_range_malformed"),
        (
            "six numbers",
            |[a, b, c, d]| format!("[{a} {b} {c} {} {} 1]", d - 1, c + d - 1),
            "byte_range_malformed",
        ),
        ("negative", |[a, b, c, d]| format!("[{a} {b} {c} -{d}]"), "byte_range_malformed"),
        ("real", |[a, b, c, d]| format!("[{a} {b}.0 {c} {d}]"), "byte_range_malformed"),
        ("not from 0", |[_, b, c, d]| format!("[1 {} {c} {d}]", b - 1), "byte_range_malformed"),
        ("overlap", |[a, b, _, d]| format!("[{a} {b} {} {d}]", b - 10), "byte_range_malformed"),
        ("past the end", |[a, b, c, d]| format!("[{a} {b} {c} {}]", d + 1), "byte_range_malformed"),
        ("overflow", |[a, b, c, _]| format!("[{a} {b} {c} {}]", i64::MAX), "byte_range_malformed"),
        ("strings", |[_, b, c, d]| format!("[(0) {b} {c} {d}]"), "byte_range_malformed"),
        ("larger gap before", |[a, b, c, d]| format!("[{a} {} {c} {d}]", b - 1), "contents_gap_mismatch"),
        (
            "larger gap after",
            |[a, b, c, d]| format!("[{a} {b} {} {}]", c + 1, d - 1),
            "contents_gap_mismatch",
        ),
        (
            "brackets signed",
            |[a, b, c, d]| format!("[{a} {} {} {}]", b + 1, c - 1, d + 1),
            "contents_gap_mismatch",
        ),
    ];
    for (what, numbers, code) in cases {
        let signing = Signing { numbers: *numbers, ..Signing::by_leader(20) };
        let signature = expect(what, &first_field(&signing).bytes, SubIndication::FormatFailure, code);
        assert_eq!(signature.indication, Indication::TotalFailed, "{what}");
        assert_eq!(signature.coverage, Coverage::Partial, "{what}");
    }
}

#[test]
fn a_range_that_stops_short_of_its_revision_is_partial() {
    let signing =
        Signing { numbers: |[a, b, c, d]| format!("[{a} {b} {c} {}]", d - 8), ..Signing::by_leader(20) };
    let signature =
        expect("short", &first_field(&signing).bytes, SubIndication::HashFailure, "coverage_partial");
    assert_eq!(signature.coverage, Coverage::Partial);
}

#[test]
fn a_flipped_byte_is_a_hash_failure() {
    let mut bytes = signed(None).bytes;
    let place = bytes.windows(10).position(|window| window == b"The letter").unwrap();
    bytes[place] = b'A';
    let signature = expect("flipped", &bytes, SubIndication::HashFailure, "digest_mismatch");
    assert_eq!(
        signature.integrity,
        Integrity { digest: DigestCheck::Mismatch, signature: SignatureCheck::Ok }
    );
}

#[test]
fn a_wrong_signature_value_is_a_crypto_failure() {
    let wrong = |mut cms: Vec<u8>| {
        // The value is the last element; its last byte is a part of the number s.
        *cms.last_mut().unwrap() ^= 1;
        cms
    };
    let signing = Signing { spoil: wrong, ..Signing::by_leader(20) };
    let signature =
        expect("value", &first_field(&signing).bytes, SubIndication::SigCryptoFailure, "signature_bad");
    assert_eq!(signature.integrity, Integrity { digest: DigestCheck::Ok, signature: SignatureCheck::Bad });
}

#[test]
fn a_broken_container_is_a_format_failure() {
    type Spoil = fn(Vec<u8>) -> Vec<u8>;
    let cases: &[(&str, Spoil)] = &[
        ("truncated", |cms| cms[..cms.len() / 2].to_vec()),
        ("empty", |_| Vec::new()),
        ("noise", |cms| vec![0xff; cms.len()]),
        ("not signed data", |_| vec![0x30, 0x03, 0x02, 0x01, 0x01]),
    ];
    for (what, spoil) in cases {
        let signing = Signing { spoil: *spoil, ..Signing::by_leader(20) };
        expect(what, &first_field(&signing).bytes, SubIndication::FormatFailure, "cms_malformed");
    }
}

/// SignedData whose signerInfos hold the same signer twice.
fn doubled(cms: Vec<u8>) -> Vec<u8> {
    let mut info = Reader::new(&cms).expect(tag::SEQUENCE).unwrap().reader();
    let oid = info.read().unwrap().raw;
    let mut inside = info.read().unwrap().reader().read().unwrap().reader();
    let mut parts = Vec::new();
    while !inside.is_empty() {
        parts.push(inside.read().unwrap());
    }
    let signers = parts.pop().unwrap().content;
    let twice = der::element(tag::SET, &[signers, signers].concat());
    let kept: Vec<&[u8]> = parts.iter().map(|part| part.raw).chain([twice.as_slice()]).collect();
    der::sequence(&[oid, &der::container(tag::context(0), &[&der::sequence(&kept)])])
}

#[test]
fn one_value_has_one_signer() {
    let signing = Signing { spoil: doubled, ..Signing::by_leader(20) };
    expect("two signers", &first_field(&signing).bytes, SubIndication::FormatFailure, "several_signers");
}

#[test]
fn an_update_that_denies_the_signed_revision_leaves_the_signature_partial() {
    // No /Prev: the signed revision is no revision of this document any more.
    let mut file = signed(None);
    let (start, entries) = (file.bytes.len(), "0 1\n0000000000 65535 f \n");
    file.bytes.extend_from_slice(format!("xref\n{entries}trailer\n<</Size 30/Root 1 0 R>>\n").as_bytes());
    file.bytes.extend_from_slice(format!("startxref\n{start}\n%%EOF\n").as_bytes());
    if let Some(report) = judged_or_refused(&file.bytes) {
        assert_ne!(report.verdict, Verdict::Valid);
    }
    // The same with a table that shows all of the signed file's objects, and other content.
    let signed = signed(None).bytes;
    let forged = with_own_table(signed, b"4 0 obj\n<</Length 1>>\nstream\nx\nendstream\nendobj\n");
    let report = judged_or_refused(&forged).unwrap();
    assert_eq!(report.verdict, Verdict::Invalid, "{report:#?}");
    assert_eq!(report.signatures[0].coverage, Coverage::Partial);
}

/// The file with one object more and a table of its own, without /Prev, over all its objects.
fn with_own_table(mut bytes: Vec<u8>, object: &[u8]) -> Vec<u8> {
    bytes.extend_from_slice(object);
    let mut offsets = BTreeMap::new();
    for (offset, window) in bytes.windows(7).enumerate() {
        if window == b" 0 obj\n" {
            let start = bytes[..offset].iter().rposition(|byte| !byte.is_ascii_digit()).unwrap() + 1;
            let number: u32 = std::str::from_utf8(&bytes[start..offset]).unwrap().parse().unwrap();
            offsets.insert(number, start);
        }
    }
    let start = bytes.len();
    let mut table = String::from("xref\n0 1\n0000000000 65535 f \n");
    for (number, offset) in offsets {
        table += &format!("{number} 1\n{offset:010} 00000 n \n");
    }
    table += &format!("trailer\n<</Size 30/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n");
    bytes.extend_from_slice(table.as_bytes());
    bytes
}

#[test]
fn the_certificate_must_be_there_and_be_the_one_committed_to() {
    let issuing = people().issuing.der();
    // Of the leader's certificate only the sid is left; the CMS is built with another first.
    let without = Signing {
        spoil: |cms| {
            let leader = people().leader.der();
            let place = cms.windows(leader.len()).position(|window| window == leader).unwrap();
            let mut cms = cms;
            // Another serial number inside the certificate: the sid no longer names it.
            let serial = place + leader.windows(3).position(|window| window == [2, 1, 3]).unwrap() + 2;
            cms[serial] = 9;
            cms
        },
        ..Signing::by_leader(20)
    };
    let bytes = first_field(&without).bytes;
    expect(
        "not in the CMS",
        &bytes,
        SubIndication::NoSigningCertificateFound,
        "signing_certificate_not_found",
    );
    let other = Signing { committed: issuing, ..Signing::by_leader(20) };
    let bytes = first_field(&other).bytes;
    expect("wrong hash", &bytes, SubIndication::NoSigningCertificateFound, "signing_certificate_mismatch");
}

#[test]
fn kinds_of_signature_that_are_not_supported_are_left_undecided() {
    for sub_filter in ["adbe.pkcs7.sha1", "adbe.x509.rsa_sha1", "Something.Else"] {
        let signing = Signing { sub_filter, ..Signing::by_leader(20) };
        let report = judged(&first_field(&signing).bytes);
        let signature = &report.signatures[0];
        assert_eq!((signature.indication, signature.sub_indication), (Indication::Indeterminate, None));
        assert!(codes(signature).contains(&"sub_filter_unsupported"), "{sub_filter}");
        assert_eq!(signature.integrity.digest, DigestCheck::Unchecked);
    }
    let pkcs7 = Signing { sub_filter: "adbe.pkcs7.detached", ..Signing::by_leader(20) };
    let report = judged(&first_field(&pkcs7).bytes);
    assert_eq!((report.verdict, report.signatures[0].level), (Verdict::Valid, Level::None));
}

#[test]
fn two_fields_with_one_value_are_told() {
    let file = letter()
        .object(6, &signature_field("lanh_dao", "/V 20 0 R"))
        .object(7, &signature_field("dau", "/V 20 0 R"));
    let report = judged(&Signing::by_leader(20).close(file).bytes);
    assert_eq!(report.signatures.len(), 2);
    assert!(report.signatures.iter().all(|signature| codes(signature).contains(&"value_shared")));
}

#[test]
fn a_time_outside_the_certificate_is_not_valid() {
    let signing = Signing { entries: "/M(D:20190101000000Z)".into(), ..Signing::by_leader(20) };
    let bytes = first_field(&signing).bytes;
    expect("2019", &bytes, SubIndication::SigConstraintsFailure, "claimed_time_outside_validity");
}

#[test]
fn bytes_after_the_end_are_not_passed_over() {
    let mut bytes = signed(None).bytes;
    bytes.extend_from_slice(b"\n\n  \n");
    let padded = judged(&bytes);
    assert_eq!(padded.verdict, Verdict::Valid);
    assert_eq!(padded.signatures[0].coverage, Coverage::WholeRevision);
    assert_eq!(padded.warnings[0].code, "whitespace_after_last_revision");
    bytes.extend_from_slice(b"4 0 obj <</Length 3>> stream\nfoo\nendstream endobj");
    match judged_or_refused(&bytes) {
        Some(report) => {
            assert_ne!(report.verdict, Verdict::Valid);
            assert_ne!(report.signatures[0].coverage, Coverage::WholeFile);
        }
        None => panic!("the letter could be read"),
    }
}

fn judged_or_refused(bytes: &[u8]) -> Option<Report> {
    super::mutated::judge(bytes).ok()
}
