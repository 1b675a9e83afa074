//! Empty fields made for others: what they lock and what they ask for is honoured or refused by name.

use sign_core::limits::Limits;
use sign_core::pades::changes::permission::FieldLock;
use sign_core::pades::seed::{Constraint, LockDocument, SeedValue};
use sign_core::sign::fields::{NewField, add};
use sign_core::sign::options::{DocMdp, FieldChoice, Place};
use sign_core::sign::{SignError, SignRequest, sign};
use sign_core::verdict::Verdict;

use crate::round_trip::{Office, judge, office, time};

/// The letter with empty fields `Approval` (as given) and `Other`.
fn asked(lock: Option<FieldLock>, seed: Option<SeedValue>) -> Vec<u8> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/pdf/plain/cong-van.pdf");
    let mut document = std::fs::read(path).unwrap();
    let place = Some(Place { page: 0, rect: [330.0, 120.0, 480.0, 180.0] });
    let fields = [
        NewField { name: "Approval".into(), place, lock, seed },
        NewField { name: "Other".into(), place: None, lock: None, seed: None },
    ];
    document.extend(add(&document, &fields, &Limits::default()).unwrap());
    document
}

fn request(field: &str) -> SignRequest {
    SignRequest {
        field: FieldChoice::Existing(field.into()),
        ..SignRequest::new(time("2026-02-05T09:56:34+07:00"))
    }
}

fn signed(office: &Office, mut document: Vec<u8>, request: &SignRequest) -> Result<Vec<u8>, SignError> {
    let appended = sign(&document, request, &office.leader, &Limits::default())?.appended;
    document.extend(appended);
    Ok(document)
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn a_lock_of_a_field_made_here_is_in_force_after_signing() {
    let office = office();
    for (lock, other) in [
        (FieldLock::All, false),
        (FieldLock::Include(texts(&["Other"])), false),
        (FieldLock::Exclude(texts(&["Other"])), true),
    ] {
        let document = signed(&office, asked(Some(lock.clone()), None), &request("Approval")).unwrap();
        assert_eq!(judge(&office, &document).unwrap().verdict, Verdict::Valid, "{lock:?}");
        let second = signed(&office, document, &request("Other"));
        match second {
            Ok(document) => {
                assert!(other, "{lock:?}");
                assert_eq!(judge(&office, &document).unwrap().verdict, Verdict::Valid, "{lock:?}");
            }
            Err(error) => assert!(!other && error.code() == "field_locked", "{lock:?}: {error}"),
        }
    }
}

/// Binding constraints: what is signed with, and which one is not met, if one is not.
#[test]
fn binding_seed_values_are_met_or_named() {
    let office = office();
    let binding = |constraint: Constraint, seed: SeedValue| SeedValue { flags: constraint as i64, ..seed };
    let none = SeedValue::default;
    let reasons = |list: &[&str]| SeedValue { reasons: Some(texts(list)), ..none() };
    let digests = |list: &[&str]| SeedValue { digests: texts(list), ..none() };
    let formats = |list: &[&str]| SeedValue { sub_filters: texts(list), ..none() };
    let plain = request("Approval");
    let because = |reason: &str| SignRequest { reason: Some(reason.into()), ..plain.clone() };
    let certifying = |p| SignRequest { certify: Some(p), ..plain.clone() };
    let mdp = |p| SeedValue { mdp: Some(p), ..none() };
    let lock = |lock| SeedValue { lock_document: Some(lock), ..none() };
    let cases: Vec<(SeedValue, SignRequest, Option<&str>)> = vec![
        (binding(Constraint::Reasons, reasons(&["A", "B"])), because("B"), None),
        (binding(Constraint::Reasons, reasons(&["A", "B"])), because("C"), Some("Reasons A, B")),
        (binding(Constraint::Reasons, reasons(&["A", "B"])), plain.clone(), Some("Reasons A, B")),
        // The only reason there may be is the reason.
        (binding(Constraint::Reasons, reasons(&["A"])), plain.clone(), None),
        (binding(Constraint::Reasons, reasons(&["."])), because("A"), Some("Reasons ()")),
        (reasons(&["A"]), because("C"), None),
        (binding(Constraint::DigestMethod, digests(&["SHA384", "SHA256"])), plain.clone(), None),
        (binding(Constraint::DigestMethod, digests(&["SHA512"])), plain.clone(), Some("DigestMethod SHA512")),
        (digests(&["SHA512"]), plain.clone(), None),
        (binding(Constraint::SubFilter, formats(&["ETSI.CAdES.detached"])), plain.clone(), None),
        (
            binding(Constraint::SubFilter, formats(&["adbe.pkcs7.sha1"])),
            plain.clone(),
            Some("SubFilter adbe.pkcs7.sha1"),
        ),
        (
            binding(Constraint::Filter, SeedValue { filter: Some("Entrust.PPKEF".into()), ..none() }),
            plain.clone(),
            Some("Filter Entrust.PPKEF"),
        ),
        (
            binding(Constraint::Version, SeedValue { version: Some(4.0), ..none() }),
            plain.clone(),
            Some("V 4"),
        ),
        (mdp(0), plain.clone(), None),
        (mdp(0), certifying(DocMdp::FormFilling), Some("MDP P 0")),
        (mdp(2), plain.clone(), None),
        (mdp(2), certifying(DocMdp::NoChanges), Some("MDP P 2")),
        (
            SeedValue { time_stamp: Some(("http://tsa.example".into(), true)), ..none() },
            plain.clone(),
            Some("TimeStamp http://tsa.example"),
        ),
        (SeedValue { time_stamp: Some(("http://tsa.example".into(), false)), ..none() }, plain.clone(), None),
        (
            binding(Constraint::AddRevInfo, SeedValue { revocation_info: Some(true), ..none() }),
            plain.clone(),
            Some("AddRevInfo true"),
        ),
        (
            binding(Constraint::LockDocument, lock(LockDocument::Locked)),
            plain.clone(),
            Some("LockDocument true"),
        ),
        (binding(Constraint::LockDocument, lock(LockDocument::Locked)), certifying(DocMdp::NoChanges), None),
        (
            binding(Constraint::LockDocument, lock(LockDocument::Open)),
            certifying(DocMdp::NoChanges),
            Some("LockDocument false"),
        ),
    ];
    for (seed, request, unmet) in cases {
        match signed(&office, asked(None, Some(seed.clone())), &request) {
            Ok(document) => {
                assert_eq!(unmet, None, "{seed:?}");
                assert_eq!(judge(&office, &document).unwrap().verdict, Verdict::Valid, "{seed:?}");
            }
            Err(SignError::SeedValueUnmet { field, constraint }) => {
                assert_eq!((field.as_str(), Some(constraint.as_str())), ("Approval", unmet), "{seed:?}");
            }
            Err(error) => panic!("{seed:?}: {error}"),
        }
    }
}

#[test]
fn a_certification_asked_for_by_the_field_is_made() {
    let office = office();
    for p in 1..=3 {
        let seed = SeedValue { mdp: Some(p), ..SeedValue::default() };
        let document = signed(&office, asked(None, Some(seed)), &request("Approval")).unwrap();
        let report = judge(&office, &document).unwrap();
        assert_eq!(report.signatures[0].changes.docmdp.map(i64::from), Some(p));
        // P=1 ends the document; the others let the next one sign, but not certify.
        let second = signed(&office, document.clone(), &request("Other"));
        assert_eq!(second.as_ref().err().map(SignError::code), (p == 1).then_some("certified_no_changes"));
        if let Ok(document) = second {
            assert_eq!(judge(&office, &document).unwrap().verdict, Verdict::Valid, "P={p}");
        }
        let certify = SignRequest { certify: Some(DocMdp::FormFilling), ..request("Other") };
        let again = signed(&office, document, &certify).unwrap_err();
        assert_eq!(again.code(), if p == 1 { "certified_no_changes" } else { "not_first_signature" });
    }
}

#[test]
fn a_field_is_not_added_twice_nor_to_a_signed_document() {
    let office = office();
    let document = asked(None, None);
    let field = |name: &str| NewField { name: name.into(), place: None, lock: None, seed: None };
    let refused = |document: &Vec<u8>, fields: &[NewField]| {
        add(document, fields, &Limits::default()).unwrap_err().code()
    };
    assert_eq!(refused(&document, &[field("Approval")]), "field_exists");
    assert_eq!(refused(&document, &[field("New"), field("New")]), "field_exists");
    assert_eq!(refused(&document, &[field("a.b")]), "bad_field_name");
    let document = signed(&office, document, &request("Approval")).unwrap();
    assert_eq!(refused(&document, &[field("New")]), "already_signed");
}
