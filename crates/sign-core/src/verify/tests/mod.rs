//! The whole verifier over files made in code: each names the rule it tries.

mod archived;
mod bench;
mod changed;
mod ideas;
mod mutated;
mod readings;
mod revoked;
mod spoiled;
mod stamped;
mod tagged;
mod vietnam;

use crate::crypto::SignatureAlgorithm;
use crate::crypto::digest::DigestAlgorithm;
use crate::error::PdfError;
use crate::limits::Limits;
use crate::policy::Policy;
use crate::report::model::*;
use crate::report::words::{Lang, render_text};
use crate::trust::{Evidence, TrustStore};
use crate::verdict::{Indication, SubIndication, Verdict};
use bench::*;

pub(super) fn codes(signature: &SignatureReport) -> Vec<&str> {
    signature.findings.iter().map(|finding| finding.code.as_str()).collect()
}

#[test]
fn a_letter_signed_by_its_leader_is_valid() {
    let report = judged(&signed(None).bytes);
    assert_eq!(report.verdict, Verdict::Valid, "{:#?}", report.signatures);
    let signature = &report.signatures[0];
    assert_eq!((signature.field.as_str(), signature.revision, signature.page), ("lanh_dao", 2, Some(1)));
    assert_eq!(signature.rect, Some([60.0, 10.0, 90.0, 20.0]));
    assert_eq!(signature.coverage, Coverage::WholeFile);
    assert_eq!(signature.changes.level, ChangeLevel::None);
    assert_eq!(signature.level, Level::BB);
    assert_eq!(signature.signer.name.as_deref(), Some("Trần Văn A"));
    assert_eq!(signature.signer.class, SignerClass::Personal);
    assert_eq!(signature.trust.anchor.as_deref(), Some("TEST Root"));
    assert_eq!(signature.trust.revocation, Revocation::NotChecked);
    assert_eq!(signature.time.claimed, Some(at("2026-02-05T09:56:34+07:00")));
    assert!(codes(signature).contains(&"revocation_not_checked"), "{:?}", signature.findings);
    assert_eq!(report.official.reasons, ["no_valid_organisation_signature"]);
}

#[test]
fn number_filled_and_sealed_after_the_leader_is_a_complete_official_document() {
    for certify in [None, Some(2), Some(3)] {
        let report = judged(&sealed(signed(certify)).bytes);
        assert_eq!(report.verdict, Verdict::Valid, "{:#?}", report.signatures);
        assert!(report.official.complete, "{:?}", report.official);
        let [leader, seal] = report.signatures.as_slice() else { panic!("two signatures") };
        assert_eq!((leader.field.as_str(), seal.field.as_str()), ("lanh_dao", "dau"));
        assert_eq!((leader.coverage, seal.coverage), (Coverage::WholeRevision, Coverage::WholeFile));
        assert_eq!((leader.changes.level, leader.changes.docmdp), (ChangeLevel::FormFilling, certify));
        let filled = leader.changes.details.iter().find(|change| change.rule == "field_value").unwrap();
        assert_eq!((filled.old.as_deref(), filled.new.as_deref()), (Some(""), Some("15/UBND")));
        assert_eq!((filled.object.as_str(), filled.page), ("5 0", Some(1)));
        let kind = if certify.is_some() { Kind::Certification } else { Kind::Approval };
        assert_eq!((leader.kind, seal.kind), (kind, Kind::Approval));
        assert_eq!(seal.signer.class, SignerClass::Organisation);
    }
}

#[test]
fn the_report_survives_json_and_reads_well() {
    let report = judged(&sealed(signed(Some(2))).bytes);
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
    let text = render_text(&report, Lang::Vi);
    for wanted in [
        "KẾT LUẬN: HỢP LỆ — mọi chữ ký đều hợp lệ, nhưng CHƯA kiểm tra thu hồi",
        "Trần Văn A (cá nhân)",
        "“15/UBND”",
        "(trang 1, ô 10, 10 – 50, 20)",
        "chưa kiểm tra",
    ] {
        assert!(text.to_lowercase().contains(&wanted.to_lowercase()), "{wanted} in:\n{text}");
    }
}

fn under(bytes: &[u8], trust: &TrustStore, policy: &str, time: &str) -> Report {
    let policy = Policy::preset(policy).unwrap();
    let bytes = bytes.to_vec();
    super::verify(&bytes, "x.pdf", trust, &Evidence::none(), &policy, at(time), &Limits::default()).unwrap()
}

#[test]
fn time_anchors_and_policy_decide_what_sound_bytes_are_worth() {
    let file = signed(None).bytes;
    let trusted = trust();
    let (nobody, now) = (TrustStore::new(), "2026-03-01T00:00:00Z");
    let cases = [
        (&trusted, "vn-2025-b", now, Indication::TotalPassed, None),
        (&trusted, "vn-2025", now, Indication::Indeterminate, Some(SubIndication::TryLater)),
        (&nobody, "vn-2025-b", now, Indication::Indeterminate, Some(SubIndication::NoCertificateChainFound)),
        (
            &trusted,
            "vn-2025-b",
            "2032-01-01T00:00:00Z",
            Indication::Indeterminate,
            Some(SubIndication::OutOfBoundsNoPoe),
        ),
        (
            &trusted,
            "vn-2025-b",
            "2025-01-01T00:00:00Z",
            Indication::Indeterminate,
            Some(SubIndication::OutOfBoundsNoPoe),
        ),
    ];
    for (trust, policy, time, indication, sub_indication) in cases {
        let report = under(&file, trust, policy, time);
        let signature = &report.signatures[0];
        assert_eq!(
            (signature.indication, signature.sub_indication),
            (indication, sub_indication),
            "{policy} {time}"
        );
        assert_eq!(signature.integrity.signature, SignatureCheck::Ok);
    }
    let wanted = under(&file, &nobody, "vn-2025-b", now).wanted;
    assert!(
        wanted
            .iter()
            .any(|wanted| wanted.kind == "issuer_certificate" && wanted.subject.contains("TEST Root")),
        "{wanted:?}"
    );
}

#[test]
fn weak_algorithms_are_not_called_forged() {
    let mut signing = Signing::by_office(20);
    signing.algorithm = SignatureAlgorithm::RsaPkcs1v15(DigestAlgorithm::Sha1);
    let file = signing.close(letter().object(6, &signature_field("lanh_dao", "/V 20 0 R")));
    let report = judged(&file.bytes);
    let signature = &report.signatures[0];
    assert_eq!(signature.sub_indication, Some(SubIndication::CryptoConstraintsFailureNoPoe));
    assert_eq!(report.verdict, Verdict::Indeterminate);
    assert!(!signature.algorithm.acceptable);
    assert_eq!(signature.algorithm.digest.as_deref(), Some("SHA-1"));
}

#[test]
fn a_letter_nobody_signed_is_unsigned() {
    let report = judged(&letter().bytes);
    assert_eq!((report.verdict, report.signatures.len()), (Verdict::Unsigned, 0));
    assert!(report.warnings.is_empty(), "{:?}", report.warnings);
}

#[test]
fn what_is_no_pdf_is_an_error_and_not_a_verdict() {
    let verify = |bytes: Vec<u8>| {
        let policy = Policy::default();
        let time = at("2026-03-01T00:00:00Z");
        super::verify(&bytes, "x", &trust(), &Evidence::none(), &policy, time, &Limits::default())
    };
    assert_eq!(verify(b"hello".to_vec()).unwrap_err(), PdfError::NotPdf);
    let file = signed(None).bytes;
    assert!(verify(file[..file.len() / 3].to_vec()).is_err());
}
