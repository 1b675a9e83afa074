//! Evidence of all kinds together.

use super::evidence::{Evidence, Origin};
use super::status::{FaultKind, RevocationStatus, SourceKind, StatusInputs, Statuses};
use crate::crypto::der::{self, tag};
use crate::limits::Limits;
use crate::time::Time;
use crate::x509::Certificate;
use crate::x509::crl::status::Status;
use crate::x509::testing::{
    AT, AnswerDraft, DAY, Draft, ListDraft, common_name, directory, good, issuing_point, key_usage, reason,
    revoked, single, single_at,
};

fn root() -> Draft {
    Draft::root("Root", "p384")
}

fn issuing() -> Draft {
    root().certifies("Issuing", "p521")
}

fn leaf() -> Draft {
    issuing().issues("x")
}

/// What the evidence says of `leaf`; the root is the anchor.
fn asked_with(leaf: &Draft, evidence: &Evidence, pool: &[Certificate]) -> RevocationStatus {
    let limits = Limits::default();
    let anchors = [root().make()];
    let inputs =
        StatusInputs { at: Time::from_unix(AT), pool, anchors: &anchors, limits: &limits, existed: None };
    Statuses::new(evidence, inputs).of(&leaf.make(), &issuing().make())
}

fn asked(evidence: &Evidence) -> RevocationStatus {
    asked_with(&leaf(), evidence, &[])
}

fn word(status: &RevocationStatus) -> &'static str {
    match status.status {
        Status::Good => "good",
        Status::Revoked(entry) => entry.reason.code(),
        Status::Unknown => "unknown",
    }
}

fn codes(status: &RevocationStatus) -> Vec<&'static str> {
    status.faults.iter().map(|fault| fault.kind.code()).collect()
}

/// An answer of the authority, made this many seconds ago.
fn answer(status: &[u8], age: i64) -> Vec<u8> {
    let part = single_at(&leaf(), &issuing(), status, (AT - age, Some(AT + DAY)), &[]);
    AnswerDraft { produced_at: AT - age, ..AnswerDraft::by(&issuing(), vec![part]) }.der()
}

/// A list of the authority, made this many seconds ago.
fn list(entries: &[(u8, u8)], age: i64) -> Vec<u8> {
    let draft = ListDraft { this_update: AT - age, ..ListDraft::of(&issuing()) };
    entries.iter().fold(draft, |draft, (serial, why)| draft.listing(&[*serial], &[reason(*why)])).der()
}

#[test]
fn nothing_known_is_unknown() {
    let status = asked(&Evidence::none());
    assert_eq!((word(&status), &status.source, codes(&status)), ("unknown", &None, vec![]));
}

#[test]
fn lists_and_answers_together_say_the_worst_that_is_final_and_else_the_newest() {
    let (hour, day) = (3600, 86_400);
    let cases = [
        (vec![list(&[], day)], vec![], "good", SourceKind::Crl, "a list alone"),
        (vec![], vec![answer(&good(), hour)], "good", SourceKind::Ocsp, "an answer alone"),
        (
            vec![list(&[(3, 1)], day)],
            vec![answer(&good(), hour)],
            "keyCompromise",
            SourceKind::Crl,
            "revoked is final",
        ),
        (
            vec![list(&[], hour)],
            vec![answer(&revoked(4), day)],
            "superseded",
            SourceKind::Ocsp,
            "revoked is final",
        ),
        (
            vec![list(&[(3, 6)], day)],
            vec![answer(&good(), hour)],
            "good",
            SourceKind::Ocsp,
            "no longer on hold",
        ),
        (
            vec![list(&[], day)],
            vec![answer(&revoked(6), hour)],
            "certificateHold",
            SourceKind::Ocsp,
            "on hold now",
        ),
        (
            vec![list(&[], hour)],
            vec![answer(&good(), day)],
            "good",
            SourceKind::Crl,
            "the newer source is named",
        ),
        (
            vec![],
            vec![answer(&revoked(1), day), answer(&good(), hour)],
            "keyCompromise",
            SourceKind::Ocsp,
            "two answers",
        ),
    ];
    for (crls, answers, expected, kind, why) in cases {
        let mut evidence = Evidence::none();
        crls.iter().for_each(|der| {
            evidence.add_crl(der, Origin::Dss).unwrap();
        });
        answers.iter().for_each(|der| {
            evidence.add_ocsp(der, Origin::Fetched).unwrap();
        });
        let status = asked(&evidence);
        let source = status.source.clone().unwrap();
        assert_eq!((word(&status), source.kind), (expected, kind), "{why}");
        let origin = if kind == SourceKind::Crl { Origin::Dss } else { Origin::Fetched };
        assert_eq!(source.origin, origin, "{why}");
    }
}

#[test]
fn what_could_not_be_used_is_told_with_its_place() {
    let mut evidence = Evidence::none();
    evidence.add_crl(&ListDraft { signer: "p256", ..ListDraft::of(&issuing()) }.der(), Origin::Cms).unwrap();
    evidence.add_ocsp(&answer(&good(), 9 * DAY), Origin::AdobeAttribute).unwrap();
    let stale = AnswerDraft::by(
        &issuing(),
        vec![single_at(&leaf(), &issuing(), &good(), (AT - 9 * DAY, Some(AT - 8 * DAY)), &[])],
    );
    evidence.add_ocsp(&stale.der(), Origin::Given).unwrap();
    let status = asked(&evidence);
    assert_eq!(word(&status), "good", "one answer is still good");
    let told: Vec<_> = status.faults.iter().map(|f| (f.index, f.origin, f.kind.code())).collect();
    assert_eq!(told, [(1, Origin::Given, "ocsp_stale"), (0, Origin::Cms, "crl_bad_signature")]);
}

#[test]
fn evidence_is_kept_once_and_refused_if_it_is_none() {
    let mut evidence = Evidence::none();
    let der = list(&[], 60);
    evidence.add_crl(&der, Origin::Dss).unwrap();
    evidence.add_crl(&der, Origin::Fetched).unwrap();
    assert_eq!(evidence.crls().len(), 1);
    assert_eq!(evidence.crls()[0].origin, Origin::Dss, "where it came from first");
    assert_eq!(evidence.add_crl(b"none", Origin::Dss).unwrap_err().code(), "malformed_certificate");
    assert_eq!(evidence.add_ocsp(b"none", Origin::Dss).unwrap_err().code(), "ocsp_malformed");
    assert_eq!(evidence.add_certificate(&[], Origin::Dss).unwrap_err().code(), "malformed_certificate");
}

#[test]
fn a_delegated_responder_needs_a_status_of_its_own() {
    let oid = der::sequence(&[&der::oid("1.3.6.1.5.5.7.3.9")]);
    let delegate =
        Draft { extensions: vec![key_usage(&[0])], serial: vec![5], ..issuing().issues("Responder") }.with(
            "2.5.29.37",
            true,
            &oid,
        );
    let by_delegate = AnswerDraft {
        responder: der::container(tag::context(1), &[&delegate.subject]),
        signer: delegate.key,
        certificates: vec![delegate.der()],
        ..AnswerDraft::by(&issuing(), vec![single(&leaf(), &issuing(), &good(), &[])])
    };
    let mut evidence = Evidence::none();
    evidence.add_ocsp(&by_delegate.der(), Origin::Dss).unwrap();
    let alone = asked(&evidence);
    assert_eq!((word(&alone), codes(&alone)), ("unknown", vec!["ocsp_responder_not_checked"]));

    // It cannot answer for itself.
    let about_itself =
        AnswerDraft { singles: vec![single(&delegate, &issuing(), &good(), &[])], ..by_delegate.clone() };
    evidence.add_ocsp(&about_itself.der(), Origin::Dss).unwrap();
    assert_eq!(word(&asked(&evidence)), "unknown");

    // Its issuer's answer or list does.
    let part = single(&delegate, &issuing(), &good(), &[]);
    evidence.add_ocsp(&AnswerDraft::by(&issuing(), vec![part]).der(), Origin::Dss).unwrap();
    assert_eq!(word(&asked(&evidence)), "good");
    evidence.add_crl(&list(&[(5, 1)], 60), Origin::Dss).unwrap();
    let status = asked(&evidence);
    assert!(status.faults.iter().any(|fault| fault.kind == FaultKind::ResponderNotChecked));
    assert_eq!(
        status.source.unwrap().kind,
        SourceKind::Crl,
        "the responder is revoked, the list still says good"
    );
}

#[test]
fn responders_that_vouch_for_each_other_end_in_nothing() {
    let oid = der::sequence(&[&der::oid("1.3.6.1.5.5.7.3.9")]);
    let delegate = |key, serial: u8| Draft {
        key,
        extensions: vec![key_usage(&[0])],
        serial: vec![serial],
        ..issuing().issues(&format!("Responder {serial}"))
    };
    let delegates: Vec<Draft> = [("p256", 5), ("brainpool256r1", 6), ("brainpool384r1", 7)]
        .into_iter()
        .map(|(key, serial)| delegate(key, serial).with("2.5.29.37", true, &oid))
        .collect();
    let mut evidence = Evidence::none();
    for by in &delegates {
        let about =
            delegates.iter().chain([&leaf()]).map(|draft| single(draft, &issuing(), &good(), &[])).collect();
        let answer = AnswerDraft {
            responder: der::container(tag::context(1), &[&by.subject]),
            signer: by.key,
            certificates: vec![by.der()],
            ..AnswerDraft::by(&issuing(), about)
        };
        evidence.add_ocsp(&answer.der(), Origin::Dss).unwrap();
    }
    let status = asked(&evidence);
    assert_eq!((word(&status), codes(&status)), ("unknown", vec!["ocsp_responder_not_checked"; 3]));
}

#[test]
fn a_responder_that_does_not_know_says_nothing() {
    let mut evidence = Evidence::none();
    evidence.add_ocsp(&answer(&[0x82, 0], 60), Origin::Dss).unwrap();
    let status = asked(&evidence);
    assert_eq!((word(&status), codes(&status)), ("unknown", vec!["ocsp_responder_does_not_know"]));
}

/// The authority's second certificate, only for signing lists.
fn lister() -> Draft {
    Draft { extensions: vec![key_usage(&[6])], serial: vec![6], ..issuing().certifies("Issuing", "p256") }
}

#[test]
fn a_key_for_lists_needs_an_unrevoked_path_to_the_anchor() {
    let by_lister = ListDraft { signer: "p256", ..ListDraft::of(&issuing()) }.der();
    let pool = [lister().make(), issuing().make()];
    let root_list = ListDraft::of(&root()).der();
    let mut evidence = Evidence::none();
    evidence.add_crl(&by_lister, Origin::Given).unwrap();
    evidence.add_crl(&root_list, Origin::Given).unwrap();
    // Its own status is on no other list than its own: it must not vouch for itself.
    let status = asked_with(&leaf(), &evidence, &pool);
    assert_eq!((word(&status), codes(&status)), ("unknown", vec!["crl_signer_not_trusted"]));

    // A list of the authority's first key covers it, and the leaf too; so ask where it was made earlier.
    let of_users = ListDraft { this_update: AT - 2 * DAY, ..ListDraft::of(&issuing()) };
    evidence.add_crl(&of_users.der(), Origin::Given).unwrap();
    let status = asked_with(&leaf(), &evidence, &pool);
    assert_eq!(word(&status), "good");
    let used = status.source.unwrap().used;
    assert_eq!(used, [0], "the newer list, by the key for lists");

    let mut evidence = Evidence::none();
    evidence.add_crl(&by_lister, Origin::Given).unwrap();
    evidence.add_crl(&root_list, Origin::Given).unwrap();
    evidence.add_crl(&of_users.listing(&[6], &[reason(1)]).der(), Origin::Given).unwrap();
    let status = asked_with(&leaf(), &evidence, &pool);
    assert!(codes(&status).contains(&"crl_signer_not_trusted"), "the key for lists is revoked");
    assert_eq!(status.source.unwrap().used, [2], "the older list, by the authority's own key");
}

#[test]
fn an_issuer_of_lists_may_vouch_for_itself_only_where_its_certificate_says_so() {
    let names_lister = {
        let crl_issuer = der::container(tag::context(2), &[&directory(&common_name("Lists"))]);
        der::sequence(&[&der::sequence(&[&crl_issuer])])
    };
    let points = |draft: Draft| draft.with("2.5.29.31", false, &names_lister);
    let plain =
        Draft { extensions: vec![key_usage(&[6])], serial: vec![6], ..issuing().certifies("Lists", "p256") };
    let indirect =
        ListDraft::of(&plain).with(issuing_point(&[&der::element(tag::context_primitive(4), &[0xff])]));
    let mut evidence = Evidence::none();
    evidence.add_crl(&indirect.der(), Origin::Given).unwrap();
    evidence.add_crl(&ListDraft::of(&root()).der(), Origin::Given).unwrap();
    let of = |lister: &Draft| {
        let pool = [lister.make(), issuing().make()];
        word(&asked_with(&points(leaf()), &evidence, &pool))
    };
    assert_eq!(of(&points(plain.clone())), "good");
    assert_eq!(of(&plain), "unknown");
}

#[test]
fn a_path_is_examined_certificate_by_certificate() {
    let chain = [leaf().make(), issuing().make(), root().make()];
    let limits = Limits::default();
    let inputs = StatusInputs {
        at: Time::from_unix(AT),
        pool: &[],
        anchors: &chain[2..],
        limits: &limits,
        existed: None,
    };
    let mut evidence = Evidence::none();
    let told = |evidence: &Evidence| -> Vec<_> {
        let problems = Statuses::new(evidence, inputs).examine(&chain);
        problems.iter().map(|problem| (problem.certificate.serial_hex(), problem.kind.code())).collect()
    };
    let unknown = |serial: &str| (serial.to_owned(), "status_unknown");
    assert_eq!(told(&evidence), [unknown("03"), unknown("02")], "the anchor is not asked about");
    evidence.add_crl(&ListDraft::of(&root()).der(), Origin::Given).unwrap();
    assert_eq!(told(&evidence), [unknown("03")]);
    evidence.add_crl(&list(&[(3, 1)], 60), Origin::Given).unwrap();
    assert_eq!(told(&evidence), [("03".to_owned(), "certificate_revoked")]);
}

#[test]
fn a_heap_of_answers_signed_by_nobody_costs_no_more_than_a_few() {
    let mut evidence = Evidence::none();
    for age in 0..200 {
        let part = single_at(&leaf(), &issuing(), &good(), (AT - age, Some(AT + DAY)), &[]);
        let forged = AnswerDraft { signer: "p256", ..AnswerDraft::by(&issuing(), vec![part]) };
        evidence.add_ocsp(&forged.der(), Origin::Cms).unwrap();
    }
    let status = asked(&evidence);
    assert_eq!((word(&status), codes(&status)), ("unknown", vec!["ocsp_bad_signature"; 16]));
}

#[test]
fn signers_that_vouch_for_each_other_end_in_nothing() {
    // Two signers of lists in a circle: each one's status is only on the other's list.
    let lister = |name: &str, key, other: &str, serial: u8| {
        let crl_issuer = der::container(tag::context(2), &[&directory(&common_name(other))]);
        let value = der::sequence(&[&der::sequence(&[&crl_issuer])]);
        Draft { extensions: vec![key_usage(&[6])], serial: vec![serial], ..issuing().certifies(name, key) }
            .with("2.5.29.31", false, &value)
    };
    let (a, b) = (lister("A", "p256", "B", 6), lister("B", "brainpool256r1", "A", 7));
    let indirect = |draft: &Draft| {
        ListDraft::of(draft).with(issuing_point(&[&der::element(tag::context_primitive(4), &[0xff])])).der()
    };
    let mut evidence = Evidence::none();
    for der in [indirect(&a), indirect(&b), ListDraft::of(&root()).der()] {
        evidence.add_crl(&der, Origin::Given).unwrap();
    }
    let pool = [a.make(), b.make(), issuing().make()];
    let leaf = lister("x", "p256", "A", 3);
    assert_eq!(word(&asked_with(&leaf, &evidence, &pool)), "unknown");
}
