//! What Vietnam's rules ask of the verdict: which authority stands behind a signature, certificates that the
//! public-service authority's programs leave out, and when a document is a complete official one.

use super::bench::*;
use super::codes;
use crate::cms::der;
use crate::cms::testing::{Authority, TIME_STAMPING};
use crate::crypto::testing::{Made, Spec};
use crate::limits::Limits;
use crate::policy::Policy;
use crate::report::model::*;
use crate::trust::{self, Evidence, TrustStore};
use crate::verdict::{Indication, SubIndication, Verdict};
use crate::verify::conclude::official;
use crate::x509::Certificate;

const JUDGED_AT: &str = "2026-03-01T00:00:00Z";

fn certificate(made: &Made) -> Certificate {
    Certificate::parse(&made.der()).unwrap()
}

/// Trusts the root as an authority of this class, with these intermediates at hand.
fn trusting(class: trust::CaClass, intermediates: &[&Made]) -> TrustStore {
    let mut trust = TrustStore::new();
    trust.add_anchor(certificate(&people().root), class);
    intermediates.iter().for_each(|made| trust.add_intermediate(certificate(made)));
    trust
}

fn under(bytes: &[u8], trust: &TrustStore) -> Report {
    let (policy, limits, bytes) = (Policy::default(), Limits::default(), bytes.to_vec());
    super::super::verify(&bytes, "x.pdf", trust, &Evidence::none(), &policy, at(JUDGED_AT), &limits).unwrap()
}

/// As the public-service authority's programs sign: only the signer's certificate is inside.
fn leaf_only(stamps: &dyn Fn(&[u8]) -> Vec<Vec<u8>>) -> Vec<u8> {
    let file = letter().object(6, &signature_field("lanh_dao", "/V 20 0 R"));
    let leader = Signing::by_leader(20);
    Signing { certificates: vec![people().leader.der()], stamps, ..leader }.close(file).bytes
}

/// A time-stamping unit of the issuing authority, not of the root.
fn unit() -> Made {
    let purposes = der::sequence(&[&der::oid(TIME_STAMPING)]);
    let extensions = [("2.5.29.37", true, purposes.as_slice())];
    let subject = [("O", "Cục Chứng thực số"), ("CN", "TSA")];
    Spec { extensions: &extensions, serial: 77, ..Spec::leaf(&subject, &people().issuing) }.make()
}

#[test]
fn every_signature_says_the_class_of_its_authority() {
    let file = sealed(signed(None)).bytes;
    for class in trust::CaClass::ALL {
        let report = under(&file, &trusting(class, &[]));
        assert!(report.signatures.iter().all(|signature| signature.signer.ca_class == class), "{class:?}");
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["signatures"][0]["signer"]["ca_class"], class.word());
    }
    let nobody = under(&file, &TrustStore::new());
    assert!(nobody.signatures.iter().all(|signature| signature.signer.ca_class == CaClass::Other));
}

#[test]
fn a_signature_with_its_own_certificate_alone_is_completed_from_the_local_intermediates() {
    let bytes = leaf_only(&|_| Vec::new());
    let with = under(&bytes, &trusting(CaClass::PublicService, &[&people().issuing]));
    assert_eq!(with.verdict, Verdict::Valid, "{:#?}", with.signatures);
    assert_eq!(with.signatures[0].chain.len(), 3);
    assert_eq!(with.signatures[0].signer.ca_class, CaClass::PublicService);

    let without = under(&bytes, &trusting(CaClass::PublicService, &[]));
    let signature = &without.signatures[0];
    assert_eq!(without.verdict, Verdict::Indeterminate);
    assert_eq!(signature.sub_indication, Some(SubIndication::NoCertificateChainFound));
    assert!(codes(signature).contains(&"no_chain"), "{:?}", codes(signature));
    let wanted = without.wanted.iter().find(|wanted| wanted.kind == "issuer_certificate").unwrap();
    assert!(wanted.subject.contains("TEST Issuing CA"), "{wanted:?}");
}

#[test]
fn a_time_stamp_without_the_authorities_or_without_any_certificate_is_completed_as_well() {
    let unit = unit();
    let token = |value: &[u8], certificates| {
        let made = unit.clone();
        vec![Authority { made, certificates, ..Authority::stamping(value, "20260205055634Z") }.token()]
    };
    let proven = Some(at("2026-02-05T05:56:34Z"));
    let cases: [(&str, bool, Vec<&Made>, Option<&str>); 4] = [
        ("leaf in the token", true, vec![&people().issuing], None),
        ("nothing in the token", false, vec![&people().issuing, &unit], None),
        ("no authority at hand", true, vec![], Some("timestamp_not_trusted")),
        ("the unit itself is missing", false, vec![&people().issuing], Some("timestamp_no_signer")),
    ];
    for (what, certificates, intermediates, code) in cases {
        let stamps = |value: &[u8]| token(value, certificates);
        let report = under(&leaf_only(&stamps), &trusting(CaClass::PublicService, &intermediates));
        let signature = &report.signatures[0];
        match code {
            None => {
                assert_eq!(report.verdict, Verdict::Valid, "{what}: {:#?}", signature.findings);
                assert_eq!(signature.time.timestamp, proven, "{what}");
            }
            Some(code) => {
                assert_eq!(signature.time.timestamp, None, "{what}");
                assert!(codes(signature).contains(&code), "{what}: {:?}", codes(signature));
            }
        }
        if intermediates.is_empty() {
            let wanted: Vec<_> = report.wanted.iter().filter(|w| w.kind == "issuer_certificate").collect();
            assert!(wanted.iter().all(|w| w.subject.contains("TEST Issuing CA")) && !wanted.is_empty());
        }
    }
}

/// TT 15/2025 Phụ lục II: scope of use.
#[test]
fn a_certificate_that_is_not_for_signing_does_not_pass() {
    let purposes = der::sequence(&[&der::oid(TIME_STAMPING)]);
    let stamping = [("2.5.29.37", true, purposes.as_slice())];
    let subject = [("O", "UBND xã"), ("title", "Chủ tịch"), ("CN", "Trần Văn A")];
    type Extensions<'a> = &'a [(&'a str, bool, &'a [u8])];
    let cases: [(&[&str], Extensions<'_>, bool); 5] = [
        (&["digital_signature"], &[], true),
        (&["non_repudiation"], &[], true),
        (&[], &[], true),
        (&["crl_sign"], &[], false),
        (&["digital_signature"], &stamping, false),
    ];
    for (key_usage, extensions, fits) in cases {
        let by = Spec { key_usage, extensions, serial: 9, ..Spec::leaf(&subject, &people().issuing) }.make();
        let signing = Signing::by_leader(20);
        let signing = Signing {
            by: &by,
            certificates: vec![by.der(), people().issuing.der()],
            committed: by.der(),
            ..signing
        };
        let file = letter().object(6, &signature_field("lanh_dao", "/V 20 0 R"));
        let report = judged(&signing.close(file).bytes);
        let signature = &report.signatures[0];
        assert_eq!(signature.indication == Indication::TotalPassed, fits, "{key_usage:?}");
        assert_eq!(codes(signature).contains(&"key_usage_wrong"), !fits, "{key_usage:?}");
    }
}

/// NĐ 30/2020 Điều 5. Each row: signers (p person, o organisation, t time-stamping unit, u unknown) with what
/// came of them (+ passed, ? undecided, - failed); persons and organisations that count; what is missing.
#[test]
fn an_official_document_is_complete_by_this_table() {
    const P: &str = "no_valid_personal_signature";
    const O: &str = "no_valid_organisation_signature";
    const S: &str = "some_signature_not_valid";
    let rows: [(&str, u32, u32, &[&str]); 22] = [
        ("", 0, 0, &[P, O]),
        ("p+", 1, 0, &[O]),
        ("o+", 0, 1, &[P]),
        ("t+", 0, 0, &[P, O]),
        ("u+", 0, 0, &[P, O]),
        ("p+ o+", 1, 1, &[]),
        ("o+ p+", 1, 1, &[]),
        ("p+ p+ o+", 2, 1, &[]),
        ("p+ o+ o+", 1, 2, &[]),
        ("p+ p+", 2, 0, &[O]),
        ("o+ o+", 0, 2, &[P]),
        ("p+ t+", 1, 0, &[O]),
        ("t+ o+", 0, 1, &[P]),
        ("p+ o+ t+", 1, 1, &[]),
        ("p+ o+ u+", 1, 1, &[]),
        ("p+ u+", 1, 0, &[O]),
        ("u+ o+", 0, 1, &[P]),
        ("p? o+", 0, 1, &[P, S]),
        ("p+ o-", 1, 0, &[O, S]),
        ("p+ o+ p-", 1, 1, &[S]),
        ("p+ o+ t?", 1, 1, &[S]),
        ("p+ o+ u?", 1, 1, &[S]),
    ];
    for (signers, leader, seal, reasons) in rows {
        let read = |word: &str| {
            let class = match &word[..1] {
                "p" => SignerClass::Personal,
                "o" => SignerClass::Organisation,
                "t" => SignerClass::Tsa,
                _ => SignerClass::Unknown,
            };
            let indication = match &word[1..] {
                "+" => Indication::TotalPassed,
                "?" => Indication::Indeterminate,
                _ => Indication::TotalFailed,
            };
            (class, indication)
        };
        let found = official(&signers.split_whitespace().map(read).collect::<Vec<_>>());
        assert_eq!((found.leader, found.seal), (leader, seal), "{signers}");
        assert_eq!(found.reasons, reasons, "{signers}");
        assert_eq!(found.complete, reasons.is_empty(), "{signers}");
    }
}

#[test]
fn initials_are_not_the_competent_persons_signature() {
    let initialled = |field: &str| {
        let file = letter().object(6, &signature_field(field, "/V 20 0 R"));
        judged(&sealed(Signing::by_leader(20).close(file)).bytes)
    };
    let official = initialled("lanh_dao").official;
    assert_eq!((official.complete, official.leader, official.seal), (true, 1, 1));
    let report = initialled("Initials");
    assert_eq!(report.verdict, Verdict::Valid, "the signature itself is good");
    assert_eq!((report.official.leader, report.official.seal), (0, 1));
    assert_eq!(report.official.reasons, ["no_valid_personal_signature"]);
}
