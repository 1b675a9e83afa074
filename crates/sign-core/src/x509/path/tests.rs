//! Paths of certificates made for the purpose; the whole standard is walked by the cases of NIST's PKITS
//! (tests/tests/pkits.rs) and by [`super::cases`].

use super::*;
use crate::crypto::testing::{self, Made, NOT_AFTER, NOT_BEFORE, Spec, key};

const INSIDE: i64 = NOT_BEFORE + 1_000_000;

fn read(made: &[Made]) -> Vec<Certificate> {
    made.iter().map(|one| Certificate::parse(&one.der()).unwrap()).collect()
}

fn build_at(at: i64, leaf: &Certificate, pool: &[Certificate], anchors: &[Certificate]) -> PathOutcome {
    build(leaf, pool, anchors, Time::from_unix(at), &Limits::default())
}

fn codes(outcome: &PathOutcome) -> Vec<&'static str> {
    outcome.problems.iter().map(|problem| problem.kind.code()).collect()
}

#[test]
fn a_leaf_reaches_its_root() {
    let chain = read(&testing::person("p256"));
    let outcome = build_at(INSIDE, &chain[0], &chain, &chain[2..]);
    assert!(outcome.is_clean(), "{:?}", outcome.problems);
    assert_eq!(outcome.chain, chain);
    assert_eq!(outcome.anchor.as_ref(), Some(&chain[2]));
}

#[test]
fn an_intermediate_or_the_leaf_itself_may_be_the_anchor() {
    let chain = read(&testing::person("p256"));
    assert_eq!(build_at(INSIDE, &chain[0], &[], &chain[1..2]).chain, chain[..2]);
    assert!(build_at(INSIDE, &chain[0], &[], &chain[..1]).is_clean());
    assert_eq!(codes(&build_at(NOT_AFTER + 1, &chain[0], &[], &chain[..1])), ["certificate_expired"]);
}

#[test]
fn the_edges_of_validity_are_inside() {
    let chain = read(&testing::person("p256"));
    let at = |time| codes(&build_at(time, &chain[0], &chain, &chain[2..]));
    assert!(at(NOT_BEFORE).is_empty() && at(NOT_AFTER).is_empty());
    assert_eq!(at(NOT_BEFORE - 1), ["certificate_not_yet_valid"; 2], "leaf and issuing, not the anchor");
    assert_eq!(at(NOT_AFTER + 1), ["certificate_expired"; 2]);
}

#[test]
fn what_is_missing_is_named() {
    let chain = read(&testing::person("p256"));
    let no_issuer = build_at(INSIDE, &chain[0], &[], &chain[2..]);
    assert_eq!(
        no_issuer.problems[0].kind,
        ProblemKind::NoIssuerFound { issuer: "CN=TEST Issuing CA,C=VN".into() }
    );
    let no_root = build_at(INSIDE, &chain[0], &chain[..2], &[]);
    assert_eq!((no_root.chain.len(), codes(&no_root)), (2, vec!["no_issuer_found"]));
    let untrusted = build_at(INSIDE, &chain[0], &chain, &[]);
    assert_eq!((untrusted.chain.len(), codes(&untrusted)), (3, vec!["untrusted_root"]));
}

#[test]
fn a_namesake_with_another_key_is_not_the_issuer() {
    let chain = read(&testing::person("p256"));
    let namesake = Spec { key: key("p521"), ..Spec::root(&[("C", "VN"), ("CN", "TEST Issuing CA")]) };
    let namesake = read(&[namesake.make()]);
    let outcome = build_at(INSIDE, &chain[0], &namesake, &namesake);
    assert_eq!((codes(&outcome), outcome.anchor), (vec!["certificate_bad_signature"], None));
    let both = [namesake, chain.clone()].concat();
    assert!(build_at(INSIDE, &chain[0], &both, &chain[2..]).is_clean(), "the right one is found among both");
}

#[test]
fn a_person_cannot_issue_certificates() {
    let made = testing::person("p256");
    let forged = read(&[Spec::leaf(&[("CN", "Kẻ giả mạo")], &made[0]).make()]);
    let chain = read(&made);
    let outcome = build_at(INSIDE, &forged[0], &chain, &chain[2..]);
    assert_eq!(codes(&outcome), ["issuer_not_ca", "issuer_key_usage"]);
    assert_eq!(outcome.problems[0].certificate, chain[0]);
}

#[test]
fn path_length_counts_authorities_below() {
    let root = Spec::root(&[("CN", "TEST Root")]).make();
    let narrow =
        Spec { issuer: Some(&root), ca: Some(Some(0)), key: key("p384"), ..Spec::root(&[("CN", "A")]) };
    let narrow = narrow.make();
    let below = Spec { issuer: Some(&narrow), key: key("p521"), ..Spec::root(&[("CN", "B")]) }.make();
    let fine = read(&[Spec::leaf(&[("CN", "x")], &narrow).make()]).remove(0);
    let long = read(&[Spec::leaf(&[("CN", "y")], &below).make()]).remove(0);
    let pool = read(&[narrow.clone(), below.clone()]);
    let anchors = read(std::slice::from_ref(&root));
    assert!(build_at(INSIDE, &fine, &pool, &anchors).is_clean());
    let outcome = build_at(INSIDE, &long, &pool, &anchors);
    assert_eq!(outcome.problems.len(), 1);
    assert_eq!(outcome.problems[0].kind, ProblemKind::PathTooLong { allowed: 0 });
    assert_eq!(outcome.problems[0].certificate, pool[0]);
}

#[test]
fn unknown_critical_extensions_are_told_for_every_certificate() {
    let root = Spec::root(&[("CN", "TEST Root")]).make();
    let constraints = [("1.2.3.4", true, &b"\x05\x00"[..])];
    let authority = Spec {
        issuer: Some(&root),
        extensions: &constraints,
        key: key("p384"),
        ..Spec::root(&[("CN", "A")])
    };
    let authority = authority.make();
    let leaf = read(&[Spec::leaf(&[("CN", "x")], &authority).make()]).remove(0);
    let outcome = build_at(INSIDE, &leaf, &read(&[authority]), &read(&[root]));
    let kinds: Vec<_> = outcome.problems.iter().map(|problem| problem.kind.clone()).collect();
    assert_eq!(kinds, [ProblemKind::UnknownCriticalExtension { oid: "1.2.3.4".into() }]);
}

#[test]
fn loops_of_cross_certificates_end() {
    let a = Spec { key: key("p384"), ..Spec::root(&[("CN", "A")]) }.make();
    let b = Spec { key: key("p521"), ..Spec::root(&[("CN", "B")]) }.make();
    let a_by_b = Spec { key: key("p384"), issuer: Some(&b), ..Spec::root(&[("CN", "A")]) }.make();
    let b_by_a = Spec { key: key("p521"), issuer: Some(&a), ..Spec::root(&[("CN", "B")]) }.make();
    let leaf = read(&[Spec::leaf(&[("CN", "x")], &a).make()]).remove(0);
    let outcome = build_at(INSIDE, &leaf, &read(&[a_by_b, b_by_a]), &[]);
    assert_eq!((outcome.chain.len(), codes(&outcome)), (3, vec!["no_issuer_found"]));
}

#[test]
fn a_crowd_of_namesakes_exhausts_the_budget_not_the_machine() {
    let made = testing::person("p256");
    let chain = read(&made);
    let crowd: Vec<Made> = (1..400)
        .map(|serial| {
            Spec { serial, key: key("p521"), ..Spec::root(&[("C", "VN"), ("CN", "TEST Issuing CA")]) }.make()
        })
        .collect();
    let outcome = build_at(INSIDE, &chain[0], &read(&crowd), &chain[2..]);
    assert_eq!(codes(&outcome), ["path_limit_reached"]);
}
