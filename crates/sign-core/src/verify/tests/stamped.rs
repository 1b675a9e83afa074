//! Signatures with time stamps, sound and not, and document time stamps.

use super::bench::*;
use super::codes;
use crate::cms::der;
use crate::cms::testing::{Authority, POLICY, TIME_STAMPING, info, made};
use crate::crypto::testing::{NOT_AFTER, NOT_BEFORE, Spec, key};
use crate::crypto::{DigestAlgorithm, SignatureAlgorithm};
use crate::limits::Limits;
use crate::pdf::fixture::FileBuilder;
use crate::policy::Policy;
use crate::report::model::*;
use crate::report::words::{Lang, render_text};
use crate::trust::Evidence;
use crate::verdict::{Indication, SubIndication, Verdict};

/// Three hours after [`SIGNED_AT`].
const STAMPED_AT: &str = "20260205055634Z";
/// The certificates of the tests are valid until the end of 2030.
const AFTER_EXPIRY: &str = "2031-06-01T00:00:00Z";

fn honest(value: &[u8]) -> Vec<Vec<u8>> {
    vec![Authority::stamping(value, STAMPED_AT).token()]
}

fn signed_with(stamps: Stamps<'_>) -> FileBuilder {
    let file = letter().object(6, &signature_field("lanh_dao", "/V 20 0 R"));
    Signing { stamps, ..Signing::by_leader(20) }.close(file)
}

#[test]
fn a_time_stamp_proves_the_time_and_makes_level_t() {
    let report = judged(&signed_with(&honest).bytes);
    let signature = &report.signatures[0];
    assert_eq!(report.verdict, Verdict::Valid, "{signature:#?}");
    let proven = Some(at("2026-02-05T05:56:34Z"));
    assert_eq!((signature.time.timestamp, signature.time.best), (proven, proven));
    assert_eq!(signature.time.tsa.as_deref(), Some("TSA"));
    assert_eq!(signature.level, Level::BT);
    assert!(!codes(signature).contains(&"time_not_proven"));
}

#[test]
fn expired_now_but_stamped_then_is_valid_at_that_time() {
    // The signer's certificate ends with 2030, the authority's does not.
    let lasting = |value: &[u8]| {
        let made = made(Some((&[TIME_STAMPING], true)), (NOT_BEFORE, NOT_AFTER + 99_000_000));
        vec![Authority { made, ..Authority::stamping(value, STAMPED_AT) }.token()]
    };
    let report = judged_at(&signed_with(&lasting).bytes, AFTER_EXPIRY);
    let signature = &report.signatures[0];
    assert_eq!(report.verdict, Verdict::Valid, "{signature:#?}");
    assert!(codes(signature).contains(&"certificate_expired_since_timestamp"));

    let unstamped = judged_at(&signed(None).bytes, AFTER_EXPIRY);
    let expected = (Indication::Indeterminate, Some(SubIndication::OutOfBoundsNoPoe));
    assert_eq!(conclusion(&unstamped.signatures[0]), expected);

    // An authority whose own certificate has expired proves nothing by itself any more.
    let report = judged_at(&signed_with(&honest).bytes, AFTER_EXPIRY);
    let signature = &report.signatures[0];
    assert_eq!(conclusion(signature), expected);
    assert!(codes(signature).contains(&"timestamp_not_trusted"));
    assert_eq!(signature.level, Level::BT, "the stamp is there and sound, only nobody vouches for it now");
}

#[test]
fn a_certificate_that_was_no_longer_valid_when_stamped_does_not_pass() {
    let late = |value: &[u8]| {
        let made = made(Some((&[TIME_STAMPING], true)), (NOT_BEFORE, NOT_AFTER + 99_000_000));
        vec![Authority { made, ..Authority::stamping(value, "20310301000000Z") }.token()]
    };
    let report = judged_at(&signed_with(&late).bytes, AFTER_EXPIRY);
    let signature = &report.signatures[0];
    let expected = (Indication::Indeterminate, Some(SubIndication::OutOfBoundsNoPoe));
    assert_eq!(conclusion(signature), expected);
    assert!(codes(signature).contains(&"certificate_expired_at_timestamp"));
}

/// TT 15/2025 Phụ lục I for new signatures; an old one is told from a forged one by its time stamp.
#[test]
fn an_old_algorithm_with_a_stamp_from_its_time_is_a_warning_with_that_date() {
    // As the preset has SHA-1 until 2016, moved to where these certificates are valid.
    let until = |day: &str| {
        let text = format!(r#"["SHA-256",{{"name":"SHA-1","until":"{day}"}}]"#);
        Policy { name: "moved".into(), digests: serde_json::from_str(&text).unwrap(), ..Policy::default() }
    };
    let judged = |stamps: Stamps<'_>, policy: &Policy| {
        let algorithm = SignatureAlgorithm::RsaPkcs1v15(DigestAlgorithm::Sha1);
        let signing = Signing { algorithm, stamps, ..Signing::by_office(20) };
        let bytes = signing.close(letter().object(6, &signature_field("lanh_dao", "/V 20 0 R"))).bytes;
        let time = at("2028-06-01T00:00:00Z");
        let (evidence, limits) = (Evidence::none(), Limits::default());
        super::super::verify(&bytes, "x.pdf", &trust(), &evidence, policy, time, &limits).unwrap()
    };
    let weak = Some(SubIndication::CryptoConstraintsFailureNoPoe);
    for (what, stamps, day, reason, code) in [
        ("stamped before", &honest as Stamps<'_>, "2026-12-31", None, "algorithm_no_longer_safe"),
        ("stamped after", &honest, "2026-01-31", weak, "algorithm_weak"),
        ("not stamped", &|_| Vec::new(), "2026-12-31", weak, "algorithm_weak"),
        ("stamped for another", &|_| honest(b"another"), "2026-12-31", weak, "algorithm_weak"),
        ("not over yet", &|_| Vec::new(), "2028-12-31", None, "revocation_not_checked"),
    ] {
        let report = judged(stamps, &until(day));
        let signature = &report.signatures[0];
        assert_eq!(signature.sub_indication, reason, "{what}: {:?}", signature.findings);
        assert!(codes(signature).contains(&code), "{what}: {:?}", codes(signature));
        assert_eq!(signature.algorithm.acceptable, reason.is_none(), "{what}");
        assert_ne!(report.verdict, Verdict::Invalid, "{what}: old is not forged");
        let text = render_text(&report, Lang::Vi);
        assert!(!text.contains("giả mạo") || text.contains("không có nghĩa chữ ký bị giả mạo"), "{text}");
        if code == "algorithm_no_longer_safe" {
            for wanted in ["Thuật toán không còn an toàn", "2026-02-05T12:56:34+07:00", "SHA-1"] {
                assert!(text.contains(wanted), "{wanted} in:\n{text}");
            }
        }
    }
}

#[test]
fn a_stamp_that_proves_nothing_is_named_and_not_used() {
    let stranger = || {
        let root = Spec { key: key("p521"), ..Spec::root(&[("CN", "Stranger")]) }.make();
        let purposes = crate::cms::der::sequence(&[&crate::cms::der::oid(TIME_STAMPING)]);
        let extensions = [("2.5.29.37", true, purposes.as_slice())];
        Spec { extensions: &extensions, ..Spec::leaf(&[("CN", "TSA")], &root) }.make()
    };
    let weak = |value: &[u8]| {
        let token = Authority::stamping(value, STAMPED_AT);
        vec![Authority { info: info(POLICY, value, b"20990101000000Z", &[]), ..token }.token()]
    };
    let cases: [(&str, Stamps<'_>, Level); 6] = [
        ("timestamp_malformed", &|_| vec![vec![0x30, 0]], Level::BB),
        ("timestamp_wrong_imprint", &|_| honest(b"another signature"), Level::BB),
        (
            "timestamp_bad_signature",
            &|value| {
                vec![Authority { spoil_signature: true, ..Authority::stamping(value, STAMPED_AT) }.token()]
            },
            Level::BB,
        ),
        (
            "timestamp_key_usage",
            &|value| {
                let made = made(None, (NOT_BEFORE, NOT_AFTER));
                vec![Authority { made, ..Authority::stamping(value, STAMPED_AT) }.token()]
            },
            Level::BB,
        ),
        (
            "timestamp_not_trusted",
            &|value| vec![Authority { made: stranger(), ..Authority::stamping(value, STAMPED_AT) }.token()],
            Level::BT,
        ),
        // Outside the authority's own validity as well, which is looked at first.
        ("timestamp_outside_validity", &weak, Level::BB),
    ];
    for (code, stamps, level) in cases {
        let report = judged(&signed_with(stamps).bytes);
        let signature = &report.signatures[0];
        assert!(codes(signature).contains(&code), "{code}: {:?}", codes(signature));
        assert_eq!(signature.time.timestamp, None, "{code}");
        assert_eq!(signature.time.best, Some(report.verified_at), "{code}");
        assert_eq!(
            (report.verdict, signature.level),
            (Verdict::Valid, level),
            "{code}: judged as if unstamped"
        );
        assert!(codes(signature).contains(&"time_not_proven"), "{code}");
    }
}

#[test]
fn a_stamp_from_the_future_is_not_used() {
    let report = judged_at(&signed_with(&honest).bytes, "2026-02-05T03:00:00Z");
    assert!(codes(&report.signatures[0]).contains(&"timestamp_in_future"));
    assert_eq!(report.signatures[0].time.timestamp, None);
}

#[test]
fn of_several_stamps_the_earliest_good_one_counts() {
    let three = |value: &[u8]| {
        let mut tokens = vec![Authority::stamping(value, "20260206000000Z").token()];
        tokens.extend(honest(value));
        tokens.extend(honest(b"not this one"));
        tokens
    };
    let report = judged(&signed_with(&three).bytes);
    assert_eq!(report.signatures[0].time.timestamp, Some(at("2026-02-05T05:56:34Z")));
}

#[test]
fn claims_are_compared_with_the_stamp() {
    // SIGNED_AT is 02:56:34 UTC.
    for (stamped, code) in [
        ("20260205025700Z", None),
        ("20260205025400Z", None),
        ("20260204195634Z", Some("claimed_time_zone_mistake")),
        ("20260204195934Z", Some("claimed_time_zone_mistake")),
        ("20260205020000Z", Some("claimed_time_after_timestamp")),
        ("20260204100000Z", Some("claimed_time_after_timestamp")),
    ] {
        let stamps = |value: &[u8]| vec![Authority::stamping(value, stamped).token()];
        let report = judged(&signed_with(&stamps).bytes);
        let about: Vec<_> =
            codes(&report.signatures[0]).into_iter().filter(|code| code.starts_with("claimed")).collect();
        assert_eq!(about, Vec::from_iter(code), "{stamped}");
        assert_eq!(report.verdict, Verdict::Valid);
    }
}

#[test]
fn a_document_time_stamp_is_judged_and_proves_what_it_covers() {
    let bytes = document_stamped(signed(None), &honest).bytes;
    let report = judged(&bytes);
    assert_eq!(report.verdict, Verdict::Valid, "{:#?}", report.signatures);
    let [signature, stamp] = report.signatures.as_slice() else { panic!("two") };
    assert_eq!(stamp.kind, Kind::DocumentTimestamp);
    assert_eq!((stamp.signer.class, stamp.coverage), (SignerClass::Tsa, Coverage::WholeFile));
    assert_eq!(stamp.time.timestamp, Some(at("2026-02-05T05:56:34Z")));
    assert_eq!(signature.time.timestamp, stamp.time.timestamp);
    assert_eq!((signature.level, signature.changes.allowed), (Level::BT, true));
}

#[test]
fn a_document_time_stamp_proves_nothing_of_what_came_later() {
    let stamped = document_stamped(letter(), &honest);
    let file = stamped.object(6, &signature_field("lanh_dao", "/V 20 0 R"));
    let report = judged(&Signing::by_leader(20).close(file).bytes);
    let [stamp, signature] = report.signatures.as_slice() else { panic!("two") };
    assert_eq!(stamp.kind, Kind::DocumentTimestamp);
    assert_eq!((signature.time.timestamp, signature.level), (None, Level::BB));
}

#[test]
fn a_document_time_stamp_over_other_bytes_fails() {
    let other = |_: &[u8]| honest(b"other bytes");
    let report = judged(&document_stamped(signed(None), &other).bytes);
    let [signature, stamp] = report.signatures.as_slice() else { panic!("two") };
    assert_eq!(conclusion(stamp), (Indication::TotalFailed, Some(SubIndication::HashFailure)));
    assert_eq!(signature.time.timestamp, None);
    assert_eq!(report.verdict, Verdict::Invalid);
}

#[test]
fn a_document_time_stamp_must_be_by_a_time_stamping_unit_alone() {
    let person = |bytes: &[u8]| {
        let made = made(None, (NOT_BEFORE, NOT_AFTER));
        vec![Authority { made, ..Authority::stamping(bytes, STAMPED_AT) }.token()]
    };
    let report = judged(&document_stamped(signed(None), &person).bytes);
    let [signature, stamp] = report.signatures.as_slice() else { panic!("two") };
    let expected = (Indication::Indeterminate, Some(SubIndication::ChainConstraintsFailure));
    assert_eq!(conclusion(stamp), expected);
    assert_eq!(signature.time.timestamp, None);
    // Signed data that is no token at all.
    let file = letter().object(6, &signature_field("lanh_dao", "/V 20 0 R"));
    let none = |_: &[u8]| vec![vec![0x30, 0x03, 0x02, 0x01, 0x05]];
    let entries = String::new();
    let signing = Signing { sub_filter: "ETSI.RFC3161", entries, stamps: &none, ..Signing::by_leader(20) };
    let report = judged(&signing.close(file).bytes);
    let failed = (Indication::TotalFailed, Some(SubIndication::FormatFailure));
    assert_eq!(conclusion(&report.signatures[0]), failed);
}

#[test]
fn a_signature_that_is_no_token_cannot_pose_as_a_document_time_stamp() {
    let file = letter().object(6, &signature_field("lanh_dao", "/V 20 0 R"));
    let bytes = Signing::by_leader(20).close(file).bytes;
    let text = bytes.windows(19).position(|window| window == b"ETSI.CAdES.detached").unwrap();
    let mut posing = bytes.clone();
    // The same length, so that nothing moves.
    posing[text..text + 19].copy_from_slice(b"ETSI.RFC3161       ");
    let report = judged(&posing);
    assert_eq!(report.verdict, Verdict::Invalid);
}

/// The content stamped at one time, the signature at another.
fn content_stamped(content: &str, signature: Option<&str>) -> FileBuilder {
    let content_stamps = |covered: &[u8]| {
        let made = made(Some((&[TIME_STAMPING], true)), (NOT_BEFORE, NOT_AFTER + 99_000_000));
        vec![Authority { made, ..Authority::stamping(covered, content) }.token()]
    };
    let stamps = |value: &[u8]| -> Vec<Vec<u8>> {
        signature.iter().map(|time| Authority::stamping(value, time).token()).collect()
    };
    let file = letter().object(6, &signature_field("lanh_dao", "/V 20 0 R"));
    Signing { content_stamps: &content_stamps, stamps: &stamps, ..Signing::by_leader(20) }.close(file)
}

#[test]
fn a_stamp_over_the_content_says_when_nothing_was_signed_yet() {
    let report = judged(&content_stamped("20260205010000Z", Some("20260205055634Z")).bytes);
    let signature = &report.signatures[0];
    assert_eq!(report.verdict, Verdict::Valid, "{signature:#?}");
    assert_eq!(signature.time.content_timestamp, Some(at("2026-02-05T01:00:00Z")));
    assert_eq!(signature.time.timestamp, Some(at("2026-02-05T05:56:34Z")));
    // By itself it proves no time of signing, and no level.
    let report = judged(&content_stamped("20260205010000Z", None).bytes);
    let signature = &report.signatures[0];
    assert_eq!((signature.level, signature.time.timestamp), (Level::BB, None));
    assert!(codes(signature).contains(&"time_not_proven"));

    let report = judged(&content_stamped("20260206010000Z", Some("20260205055634Z")).bytes);
    let expected = (Indication::Indeterminate, Some(SubIndication::TimestampOrderFailure));
    assert_eq!(conclusion(&report.signatures[0]), expected);
    // After the leader's certificate had ended: for good, and not only for want of proof.
    let report = judged_at(&content_stamped("20310201000000Z", None).bytes, AFTER_EXPIRY);
    let expected = (Indication::TotalFailed, Some(SubIndication::Expired));
    assert_eq!(conclusion(&report.signatures[0]), expected);
}

#[test]
fn a_stamp_over_other_content_says_nothing() {
    let content_stamps = |_: &[u8]| vec![Authority::stamping(b"other", "20260205010000Z").token()];
    let file = letter().object(6, &signature_field("lanh_dao", "/V 20 0 R"));
    let file = Signing { content_stamps: &content_stamps, ..Signing::by_leader(20) }.close(file);
    let report = judged(&file.bytes);
    let signature = &report.signatures[0];
    assert_eq!((report.verdict, signature.time.content_timestamp), (Verdict::Valid, None));
    assert!(codes(signature).contains(&"timestamp_wrong_imprint"));
}

#[test]
fn a_stamp_that_may_be_a_day_off_says_nothing() {
    let stamping = |value: &[u8], seconds: i64| {
        let accuracy = der::sequence(&[&der::integer(seconds.unsigned_abs())]);
        let info = info(POLICY, value, STAMPED_AT.as_bytes(), &[&accuracy]);
        vec![Authority { info, ..Authority::stamping(value, STAMPED_AT) }.token()]
    };
    for (seconds, used) in [(1, true), (86_399, true), (86_400, false), (1_000_000_000, false)] {
        let stamps = |value: &[u8]| stamping(value, seconds);
        let report = judged(&signed_with(&stamps).bytes);
        let signature = &report.signatures[0];
        assert_eq!(signature.time.timestamp.is_some(), used, "{seconds}");
        assert_eq!(codes(signature).contains(&"timestamp_inaccurate"), !used, "{seconds}");
        let report = judged(&document_stamped(signed(None), &stamps).bytes);
        assert_eq!(report.signatures[0].time.timestamp.is_some(), used, "{seconds}");
        assert_eq!(report.verdict == Verdict::Valid, used, "{seconds}");
    }
}
