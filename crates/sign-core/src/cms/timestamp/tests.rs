//! Answers and tokens as good, careless and lying authorities make them.

use super::*;
use crate::cms::signed_data::DATA;
use crate::cms::testing::{Authority, POLICY, TIME_STAMPING, info, made};
use crate::crypto::testing::{self, NOT_AFTER, NOT_BEFORE};

const DATA_STAMPED: &[u8] = b"a signature value";
const NONCE: &[u8] = &[0, 0x80, 7];
const EMAIL: &str = "1.3.6.1.5.5.7.3.4";

fn authority() -> Authority {
    let info = info(POLICY, DATA_STAMPED, b"20260301020304Z", &[&positive(NONCE)]);
    Authority { info, ..Authority::stamping(DATA_STAMPED, "20260301020304Z") }
}

fn question() -> TimeStampRequest {
    TimeStampRequest {
        digest: DigestAlgorithm::Sha256,
        imprint: digest(DigestAlgorithm::Sha256, DATA_STAMPED),
        nonce: Some(NONCE.to_vec()),
        policy: None,
    }
}

fn problems(authority: &Authority) -> Vec<&'static str> {
    let token = TimeStampToken::parse(&authority.token()).unwrap();
    token.examine(&[]).problems.iter().map(TokenProblem::code).collect()
}

#[test]
fn a_good_answer_gives_a_sound_token() {
    let authority = authority();
    let token = question().answer(&authority.answer()).unwrap();
    assert!(token.stamps(DATA_STAMPED) && !token.stamps(b"other"));
    assert_eq!(token.time().to_string(), "2026-03-01T02:03:04Z");
    assert_eq!((token.policy(), token.serial_hex().as_str()), (POLICY, "0abc"));
    let facts = token.examine(&[]);
    assert_eq!(facts.problems, []);
    assert_eq!(facts.signer.unwrap().der(), authority.made.der());
    let padded = [token.der(), &[0; 9]].concat();
    assert_eq!(TimeStampToken::parse(&padded).unwrap().der(), token.der(), "zeros of a hole are left out");
}

#[test]
fn answers_to_other_questions_are_told_apart() {
    let code = |question: TimeStampRequest| question.answer(&authority().answer()).unwrap_err().code();
    assert_eq!(code(TimeStampRequest { imprint: vec![1; 32], ..question() }), "tsa_wrong_imprint");
    assert_eq!(
        code(TimeStampRequest { digest: DigestAlgorithm::Sha3_256, ..question() }),
        "tsa_wrong_imprint"
    );
    assert_eq!(code(TimeStampRequest { nonce: Some(vec![1]), ..question() }), "tsa_wrong_nonce");
    assert_eq!(code(TimeStampRequest { nonce: None, ..question() }), "tsa_wrong_nonce");
    assert_eq!(code(TimeStampRequest { policy: Some("1.2.3".into()), ..question() }), "tsa_wrong_policy");
    let without = Authority { info: info(POLICY, DATA_STAMPED, b"20260301020304Z", &[]), ..authority() };
    assert_eq!(question().answer(&without.answer()).unwrap_err().code(), "tsa_wrong_nonce", "nonce left out");
}

#[test]
fn a_refusal_says_why() {
    let text = der::sequence(&[&der::element(tag::UTF8_STRING, "bận\n".as_bytes())]);
    let failure = der::element(tag::BIT_STRING, &[0, 0, 1, 0x80]);
    let refusal = |parts: &[&[u8]]| der::sequence(&[&der::sequence(&[&der::integer(2), &parts.concat()])]);
    let error = question().answer(&refusal(&[&text, &failure])).unwrap_err();
    let expected = AnswerError::Refused { status: 2, reason: "bận; unacceptedPolicy".into() };
    assert_eq!((error.code(), error), ("tsa_refused", expected));
    let error = question().answer(&refusal(&[])).unwrap_err();
    assert_eq!(error, AnswerError::Refused { status: 2, reason: String::new() });
}

#[test]
fn what_is_no_answer_is_named_and_never_panics() {
    let answer = authority().answer();
    let code = |bytes: &[u8]| question().answer(bytes).unwrap_err().code();
    assert_eq!(code(b""), "tsa_bad_answer");
    assert_eq!(code(b"<html>403</html>"), "tsa_bad_answer");
    assert_eq!(code(&vec![0x30; LARGEST_ANSWER + 1]), "tsa_bad_answer");
    for length in 0..answer.len() {
        assert_eq!(code(&answer[..length]), "tsa_bad_answer", "cut at {length}");
    }
    for at in 0..answer.len() {
        let mut spoiled = answer.clone();
        spoiled[at] ^= 0x55;
        if let Ok(token) = question().answer(&spoiled) {
            token.examine(&[]);
        }
    }
}

#[test]
fn each_way_of_lying_has_its_name() {
    let usage = |oids: &[&str], critical| made(Some((oids, critical)), (NOT_BEFORE, NOT_AFTER));
    let other = Certificate::parse(&testing::person("p384")[0].der()).unwrap();
    let lies: [(&str, Authority, &[&str]); 12] = [
        (
            "other data hashed",
            Authority { digest_of: Some(b"x"), ..authority() },
            &["timestamp_digest_mismatch"],
        ),
        ("spoiled value", Authority { spoil_signature: true, ..authority() }, &["timestamp_bad_signature"]),
        (
            "no reference",
            Authority { no_name: true, ..authority() },
            &["timestamp_certificate_not_referenced"],
        ),
        (
            "wrong reference",
            Authority { named: Some(other), ..authority() },
            &["timestamp_certificate_mismatch"],
        ),
        ("no signer", Authority { signers: 0, ..authority() }, &["timestamp_signer_count"]),
        ("two signers", Authority { signers: 2, ..authority() }, &["timestamp_signer_count"]),
        ("no certificate", Authority { certificates: false, ..authority() }, &["timestamp_no_signer"]),
        ("attribute says data", Authority { attribute_type: DATA, ..authority() }, &["timestamp_attributes"]),
        (
            "usage missing",
            Authority { made: made(None, (NOT_BEFORE, NOT_AFTER)), ..authority() },
            &["timestamp_key_usage"],
        ),
        (
            "usage not critical",
            Authority { made: usage(&[TIME_STAMPING], false), ..authority() },
            &["timestamp_key_usage"],
        ),
        (
            "two usages",
            Authority { made: usage(&[TIME_STAMPING, EMAIL], true), ..authority() },
            &["timestamp_key_usage"],
        ),
        (
            "expired",
            Authority {
                made: made(Some((&[TIME_STAMPING], true)), (NOT_BEFORE, NOT_BEFORE + 9)),
                ..authority()
            },
            &["timestamp_outside_validity"],
        ),
    ];
    for (lie, authority, expected) in lies {
        assert_eq!(problems(&authority), expected, "{lie}");
    }
}

#[test]
fn a_signer_that_is_not_sent_may_be_known() {
    let authority = Authority { certificates: false, ..authority() };
    let known = Certificate::parse(&authority.made.der()).unwrap();
    let token = TimeStampToken::parse(&authority.token()).unwrap();
    assert_eq!(token.examine(&[known]).problems, []);
}

#[test]
fn a_signature_over_something_else_is_no_token() {
    let other = Authority { content_type: DATA, ..authority() };
    let error = TimeStampToken::parse(&other.token()).unwrap_err();
    assert_eq!(error, CmsError::NotATimeStamp { content: DATA.into() });
}

#[test]
fn times_and_accuracies_are_read_as_written() {
    let read = |time: &[u8], rest: &[&[u8]]| {
        let info = info(POLICY, DATA_STAMPED, time, rest);
        TimeStampToken::parse(&Authority { info, ..authority() }.token())
    };
    for (text, expected) in [
        ("20260301020304Z", Some("2026-03-01T02:03:04Z")),
        ("20260301020304.5Z", Some("2026-03-01T02:03:04Z")),
        ("20260301020304.123456Z", Some("2026-03-01T02:03:04Z")),
        ("20260301020304.Z", None),
        ("20260301020304", None),
        ("20260301020304+0700", None),
        ("202603010203Z", None),
        ("20261301020304Z", None),
        ("2026030102030\u{e9}Z", None),
    ] {
        let time = read(text.as_bytes(), &[]).ok().map(|token| token.time().to_string());
        assert_eq!(time, expected.map(str::to_owned), "{text}");
    }
    let part = |n: u8, value: u8| der::element(tag::context_primitive(n), &[value]);
    for (parts, micros) in [
        (vec![der::integer(1)], 1_000_000),
        (vec![part(0, 5)], 5_000),
        (vec![der::integer(2), part(0, 3), part(1, 4)], 2_003_004),
        (vec![], 0),
    ] {
        let accuracy = der::sequence(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let ordering = der::element(tag::BOOLEAN, &[0xff]);
        let token = read(b"20260301020304Z", &[&accuracy, &ordering]).unwrap();
        assert_eq!((token.accuracy_micros(), token.ordering()), (Some(micros), true));
    }
}

#[test]
fn the_question_is_der() {
    let question = TimeStampRequest { policy: Some(POLICY.into()), ..question() }.to_der();
    let scan = der::scan(&question).unwrap();
    assert!(!scan.ber && scan.length == question.len());
    let mut inside = Reader::new(&question).expect(tag::SEQUENCE).unwrap().reader();
    assert_eq!(inside.expect(tag::INTEGER).unwrap().unsigned(), Ok(1));
    inside.expect(tag::SEQUENCE).unwrap();
    assert_eq!(inside.expect(tag::OID).unwrap().oid().as_deref(), Ok(POLICY));
    assert_eq!(inside.expect(tag::INTEGER).unwrap().content, [0, 0x80, 7], "no zero too many, none too few");
    assert_eq!(inside.expect(tag::BOOLEAN).unwrap().content, [0xff]);
    inside.finish().unwrap();
}
