//! Answers made for the purpose, each with what has to come out and why.

use super::*;
use crate::crypto::digest;
use crate::x509::testing::{
    AT, AnswerDraft, DAY, Draft, REVOKED_AT, extension, generalized, good, key_usage, revoked, single,
    single_at,
};

const OCSP_SIGNING: &str = "1.3.6.1.5.5.7.3.9";

fn authority() -> Draft {
    Draft::root("Root", "p384").certifies("Issuing", "p521")
}

fn leaf() -> Draft {
    authority().issues("x")
}

/// A delegate's certificate, by this authority and for these purposes.
fn delegate(by: &Draft, purposes: &[&str]) -> Draft {
    let oids: Vec<u8> = purposes.iter().flat_map(|oid| der::oid(oid)).collect();
    Draft { extensions: vec![key_usage(&[0])], ..by.issues("Responder") }.with(
        "2.5.29.37",
        true,
        &der::element(tag::SEQUENCE, &oids),
    )
}

fn says(status: &[u8]) -> AnswerDraft {
    AnswerDraft::by(&authority(), vec![single(&leaf(), &authority(), status, &[])])
}

/// The answer signed by a delegate, whose certificate comes along.
fn delegated(certificate: &Draft) -> AnswerDraft {
    AnswerDraft {
        responder: der::container(tag::context(1), &[&certificate.subject]),
        signer: certificate.key,
        certificates: vec![certificate.der()],
        ..says(&good())
    }
}

fn outcome(draft: &AnswerDraft, nonce: Option<&[u8]>) -> &'static str {
    let (certificate, issuer) = (leaf().make(), authority().make());
    let question = Question { nonce, ..Question::new(&certificate, &issuer, Time::from_unix(AT)) };
    match ask(&draft.make(), &question) {
        Ok(answer) => match (answer.single.status, answer.responder) {
            (SingleStatus::Good, Responder::Issuer) => "good",
            (SingleStatus::Good, Responder::Delegated(_)) => "good by delegate",
            (SingleStatus::Revoked(entry), _) => entry.reason.code(),
            (SingleStatus::Unknown, _) => "unknown",
        },
        Err(fault) => fault.code(),
    }
}

fn at_times(this_update: i64, next_update: Option<i64>) -> AnswerDraft {
    AnswerDraft {
        produced_at: this_update,
        singles: vec![single_at(&leaf(), &authority(), &good(), (this_update, next_update), &[])],
        ..says(&good())
    }
}

#[test]
fn each_answer_says_what_it_can_and_no_more() {
    let unknown = || extension("1.2.3.4", true, &[5, 0]);
    let for_ocsp = || delegate(&authority(), &[OCSP_SIGNING]);
    let stranger = Draft::root("Root", "p384").certifies("Issuing", "brainpool256r1");
    let by_key = |key: &str| {
        let hash = digest::digest(DigestAlgorithm::Sha1, key_bits(&crate::x509::testing::spki(key)).unwrap());
        der::container(tag::context(2), &[&der::octet_string(&hash)])
    };
    let other_leaf = Draft { serial: vec![4], ..leaf() };
    let cases = [
        ("good", says(&good()), "good", "signed by the issuer"),
        ("revoked", says(&revoked(1)), "keyCompromise", "signed by the issuer"),
        ("unknown", says(&[0x82, 0]), "unknown", "the responder does not know it"),
        (
            "by key",
            AnswerDraft { responder: by_key("p521"), ..says(&good()) },
            "good",
            "named by the hash of its key",
        ),
        (
            "by another key",
            AnswerDraft { responder: by_key("p256"), ..says(&good()) },
            "ocsp_no_responder",
            "nobody has that key",
        ),
        (
            "another signature",
            AnswerDraft { signer: "p256", ..says(&good()) },
            "ocsp_bad_signature",
            "not the named key",
        ),
        (
            "another certificate",
            AnswerDraft::by(&authority(), vec![single(&other_leaf, &authority(), &good(), &[])]),
            "ocsp_other_certificate",
            "another serial number",
        ),
        (
            "a namesake's certificate",
            AnswerDraft::by(&authority(), vec![single(&leaf(), &stranger, &good(), &[])]),
            "ocsp_other_certificate",
            "the issuer's key is part of the question",
        ),
        (
            "two answers",
            AnswerDraft::by(
                &authority(),
                vec![
                    single(&leaf(), &authority(), &good(), &[]),
                    single(&leaf(), &authority(), &revoked(4), &[]),
                ],
            ),
            "superseded",
            "the worse one counts",
        ),
        ("delegate", delegated(&for_ocsp()), "good by delegate", "4.2.2.2"),
        (
            "delegate for something else",
            delegated(&delegate(&authority(), &["1.3.6.1.5.5.7.3.4"])),
            "ocsp_responder_not_authorised",
            "mail is not OCSP",
        ),
        (
            "delegate for anything",
            delegated(&delegate(&authority(), &["2.5.29.37.0"])),
            "ocsp_responder_not_authorised",
            "4.2.2.2: MUST include id-kp-OCSPSigning",
        ),
        (
            "delegate of a stranger",
            delegated(&delegate(&stranger, &[OCSP_SIGNING])),
            "ocsp_responder_of_other_issuer",
            "same name, another key",
        ),
        (
            "delegate of the root",
            delegated(&delegate(&Draft::root("Root", "p384"), &[OCSP_SIGNING])),
            "ocsp_responder_of_other_issuer",
            "issued directly by the issuer in question",
        ),
        (
            "delegate that is over",
            delegated(&Draft { validity: (AT - DAY, AT - 1), ..for_ocsp() }),
            "ocsp_responder_not_valid",
            "at the time in question",
        ),
        (
            "delegate with unknown critical",
            delegated(&for_ocsp().with("1.2.3.4", true, &[5, 0])),
            "ocsp_responder_not_authorised",
            "RFC 5280 4.2",
        ),
        (
            "delegate left out",
            AnswerDraft { certificates: vec![], ..delegated(&for_ocsp()) },
            "ocsp_no_responder",
            "its certificate is not at hand",
        ),
        ("stale", at_times(AT - 2 * DAY, Some(AT - 301)), "ocsp_stale", "beyond the five minutes of clocks"),
        ("just stale", at_times(AT - 2 * DAY, Some(AT - 300)), "good", "clocks may differ by five minutes"),
        ("no end, fresh", at_times(AT - DAY, None), "good", "a day is taken for new"),
        ("no end, old", at_times(AT - DAY - 301, None), "ocsp_stale", "more than a day is not"),
        ("from the future", at_times(AT + 301, Some(AT + DAY)), "ocsp_not_yet_issued", "nobody had it then"),
        (
            "produced in the future",
            AnswerDraft { produced_at: AT + 301, ..says(&good()) },
            "ocsp_not_yet_issued",
            "nobody had it then",
        ),
        (
            "unknown critical",
            AnswerDraft { extensions: vec![unknown()], ..says(&good()) },
            "ocsp_unknown_critical_extension",
            "4.4",
        ),
        (
            "unknown critical in the part",
            AnswerDraft::by(&authority(), vec![single(&leaf(), &authority(), &good(), &[unknown()])]),
            "ocsp_unknown_critical_extension",
            "4.4",
        ),
    ];
    let wrong: Vec<String> = cases
        .iter()
        .map(|(name, draft, expected, why)| (name, outcome(draft, None), expected, why))
        .filter(|(_, found, expected, _)| found != *expected)
        .map(|(name, found, expected, why)| format!("{name} ({why}): expected {expected}, found {found}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_nonce_comes_back_as_it_was_sent() {
    let with =
        |value: &[u8]| AnswerDraft { extensions: vec![extension(NONCE, false, value)], ..says(&good()) };
    let cases = [
        (with(&der::octet_string(b"0123456789abcdef")), "good"),
        (with(b"0123456789abcdef"), "good"),
        (with(&der::octet_string(b"0123456789abcdeX")), "ocsp_nonce_differs"),
        (says(&good()), "ocsp_nonce_missing"),
    ];
    for (draft, expected) in cases {
        assert_eq!(outcome(&draft, Some(b"0123456789abcdef")), expected);
    }
    assert_eq!(outcome(&with(&der::octet_string(b"x")), None), "good", "none was sent, any may come");
}

#[test]
fn good_after_expiry_counts_only_within_the_archive() {
    let expired = Draft { validity: (AT - 90 * DAY, AT - 30 * DAY), ..leaf() };
    let (certificate, issuer) = (expired.make(), authority().make());
    let question = Question::new(&certificate, &issuer, Time::from_unix(AT));
    let with = |status: &[u8], extensions: &[Vec<u8>]| {
        let draft = AnswerDraft::by(&authority(), vec![single(&expired, &authority(), status, extensions)]);
        ask(&draft.make(), &question).map(|answer| answer.single.archive_cutoff.map(Time::unix))
    };
    let cutoff = |unix| extension(ARCHIVE_CUTOFF, false, &generalized(unix));
    assert_eq!(with(&good(), &[]), Err(OcspFault::AfterExpiry));
    assert_eq!(with(&good(), &[cutoff(AT - 20 * DAY)]), Err(OcspFault::AfterExpiry));
    assert_eq!(with(&good(), &[cutoff(AT - 60 * DAY)]), Ok(Some(AT - 60 * DAY)));
    assert_eq!(with(&revoked(1), &[]), Ok(None), "what is revoked stays revoked");
}

#[test]
fn a_delegates_own_status_is_open_unless_its_issuer_says_not() {
    let for_ocsp = delegate(&authority(), &[OCSP_SIGNING]);
    let checked = for_ocsp.clone().with("1.3.6.1.5.5.7.48.1.5", false, &[5, 0]);
    let (certificate, issuer) = (leaf().make(), authority().make());
    let question = Question::new(&certificate, &issuer, Time::from_unix(AT));
    let open = |draft: &Draft| {
        let answer = ask(&delegated(draft).make(), &question).unwrap();
        answer.responder.to_be_checked().is_some()
    };
    assert!(open(&for_ocsp) && !open(&checked));
}

#[test]
fn responses_are_told_apart_from_refusals_and_damage() {
    let refused = |number| Response::parse(&der::sequence(&[&[0x0a, 1, number]])).unwrap_err();
    assert_eq!(refused(3), OcspError::Refused { status: "tryLater" });
    assert_eq!(refused(6), OcspError::Refused { status: "unauthorized" });
    assert_eq!(refused(4).code(), "ocsp_malformed");
    let typed = der::sequence(&[&der::oid("1.2.3"), &der::octet_string(&[])]);
    let other = der::sequence(&[&[0x0a, 1, 0], &der::container(tag::context(0), &[&typed])]);
    assert_eq!(Response::parse(&other).unwrap_err(), OcspError::UnknownType { oid: "1.2.3".into() });
    let draft = says(&revoked(1));
    let (whole, basic) = (draft.make(), Response::parse(&says(&revoked(1)).basic()).unwrap());
    assert_eq!(whole.singles(), basic.singles(), "CMS keeps the basic response alone");
    assert_eq!(whole.produced_at().unix(), AT - 3600);
    let SingleStatus::Revoked(entry) = whole.singles()[0].status else { panic!("not revoked") };
    assert_eq!(entry.revoked_at.unix(), REVOKED_AT);
}

#[test]
fn damaged_responses_are_refused_or_read_without_a_panic() {
    let der = delegated(&delegate(&authority(), &[OCSP_SIGNING])).der();
    for at in 0..der.len() {
        for value in [0, 0x30, 0x7f, 0x80, 0xff] {
            let mut damaged = der.clone();
            damaged[at] = value;
            let _ = Response::parse(&damaged);
        }
        assert!(Response::parse(&der[..at]).is_err(), "cut off at {at}");
    }
}

#[test]
fn a_question_names_the_certificate_and_carries_the_nonce() {
    let (certificate, issuer) = (leaf().make(), authority().make());
    for digest in [DigestAlgorithm::Sha1, DigestAlgorithm::Sha256] {
        let bytes = request(&certificate, &issuer, digest, Some(b"0123456789abcdef"));
        assert_eq!(der::scan(&bytes), Ok(der::Scan { length: bytes.len(), ber: false }));
        let contains = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
        assert!(contains(&digest::digest(digest, certificate.raw_issuer())));
        assert!(contains(&digest::digest(digest, key_bits(issuer.spki_der()).unwrap())));
        assert!(contains(&der::octet_string(&der::octet_string(b"0123456789abcdef"))));
        assert!(contains(&[2, 1, 3]), "the serial number");
    }
    assert!(request(&certificate, &issuer, DigestAlgorithm::Sha1, None).len() < 90);
}
