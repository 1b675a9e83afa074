//! SmartCA and MySign against fakes that follow what is published of them.

use super::*;
use crate::remote::Authorities;
use crate::remote::fake::{FakeMySign, FakeSmartCa, Phone, Question};
use crate::remote::mysign::{self, MySign};
use crate::remote::smartca::{self, SmartCa};
use serde_json::{Value, json};
use sign_core::crypto::key::{Pin, Signer};

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

fn smart_account() -> smartca::Account {
    smartca::Account {
        sp_id: "office".into(),
        sp_password: Pin::new("password"),
        user_id: "user".into(),
        serial_number: None,
        description: "Công văn 15".into(),
        most: 2,
        refused: words(&["SIGNER_REJECTED"]),
        expired: words(&["EXPIRED"]),
    }
}

fn my_account() -> mysign::Account {
    mysign::Account {
        client_id: "office".into(),
        client_secret: Pin::new("secret"),
        profile_id: "profile".into(),
        user_id: "user".into(),
        credential: None,
        description: "cong-van-15".into(),
        most: 2,
        pending: words(&["0"]),
        refused: words(&["4002"]),
        expired: words(&["4001"]),
    }
}

fn smartca(
    service: &FakeService,
    account: smartca::Account,
    patience: Patience,
) -> Result<RemoteKey, RemoteError> {
    open(SmartCa::new(address(service, ""), &Authorities::System, account, patience)?, patience)
}

fn mysign(
    service: &FakeService,
    account: mysign::Account,
    patience: Patience,
) -> Result<RemoteKey, RemoteError> {
    open(MySign::new(address(service, "/"), &Authorities::System, account, patience)?, patience)
}

const MESSAGES: [&[u8]; 3] = [b"one", b"two", b"three"];

#[test]
fn smartca_signs_with_one_confirmation_for_as_many_as_the_account_says() {
    let service = start(FakeSmartCa::new(holder(KeyKind::Rsa2048)));
    let key = smartca(&service, smart_account(), BRISK).unwrap();
    assert!(!key.certificates().is_empty());
    assert_eq!(key.sign_all(&MESSAGES).unwrap().len(), 3);
    let requests: Vec<_> = service.asked().into_iter().filter(|(path, _)| path.ends_with("/sign")).collect();
    assert_eq!(requests.len(), 2);
    // The fields as they are published.
    let body = &requests[0].1;
    assert_eq!(body["sign_files"].as_array().unwrap().len(), 2);
    assert_eq!(body["sign_files"][0]["sign_type"], "hash");
    assert_eq!(body["sign_files"][0]["data_to_be_signed"].as_str().unwrap().len(), 64);
    assert_eq!(body["transaction_desc"], "Công văn 15");
    assert_eq!(service.times("/status"), 6);
}

#[test]
fn mysign_logs_in_and_signs_with_one_confirmation_for_as_many_as_allowed() {
    let service = start(FakeMySign::new(holder(KeyKind::Rsa2048)));
    let key = mysign(&service, my_account(), BRISK).unwrap();
    assert_eq!(key.sign_all(&MESSAGES).unwrap().len(), 3);
    let (_, body) = service.asked().into_iter().find(|(path, _)| path.ends_with("/signHash")).unwrap();
    assert_eq!((&body["numSignatures"], &body["async"]), (&json!(2), &json!(1)));
    assert_eq!(body["hashAlgo"], "2.16.840.1.101.3.4.2.1");
    assert_eq!(service.times("/login"), 1);
    assert_eq!(service.times("/signHash"), 2);
    // The account may ask for less than the service allows, and the service allow less than is asked for.
    let mut office = FakeMySign::new(holder(KeyKind::Rsa2048));
    office.multisign = 1;
    let service = start(office);
    assert_eq!(mysign(&service, my_account(), BRISK).unwrap().most_at_once(), 1);
}

/// A change to what the holder does or to what is brought, and the code that comes of it.
type SmartCase = (&'static str, Phone, fn(&mut smartca::Account));
type MyCase = (&'static str, Phone, fn(&mut mysign::Account));

#[test]
fn a_refusing_silent_or_late_phone_and_a_wrong_user_of_smartca_have_their_names() {
    let cases: [SmartCase; 8] = [
        ("remote_refused", Phone::Refuses, |_| {}),
        ("remote_expired", Phone::Late, |_| {}),
        ("remote_not_confirmed", Phone::Silent, |_| {}),
        // Words that are not known to mean anything are waited through.
        ("remote_not_confirmed", Phone::Refuses, |a| a.refused.clear()),
        ("remote_rejected", Phone::Confirms(0), |a| a.user_id = "another".into()),
        ("remote_not_let_in", Phone::Confirms(0), |a| a.sp_password = Pin::new("wrong")),
        ("remote_no_credential", Phone::Confirms(0), |a| a.serial_number = Some("00".into())),
        ("signed", Phone::Confirms(0), |_| {}),
    ];
    for (expected, phone, change) in cases {
        let mut office = FakeSmartCa::new(holder(KeyKind::Rsa2048));
        office.phone = phone;
        let service = start(office);
        let mut account = smart_account();
        change(&mut account);
        let patience = if expected == "remote_not_confirmed" { SHORT } else { BRISK };
        let code = match smartca(&service, account, patience) {
            Ok(key) => key.sign(b"letter").map_or_else(|error| error.code(), |_| "signed"),
            Err(error) => error.code(),
        };
        assert_eq!(code, expected, "{phone:?}");
        assert!(service.times("/signatures/sign") <= 1, "{expected}");
    }
}

#[test]
fn a_refusing_silent_or_late_phone_and_a_wrong_user_of_mysign_have_their_names() {
    let cases: [MyCase; 8] = [
        ("remote_refused", Phone::Refuses, |_| {}),
        ("remote_expired", Phone::Late, |_| {}),
        ("remote_not_confirmed", Phone::Silent, |_| {}),
        // A number that is not known to mean anything ends the waiting.
        ("remote_rejected", Phone::Refuses, |a| a.refused.clear()),
        ("remote_not_let_in", Phone::Confirms(0), |a| a.user_id = "another".into()),
        ("remote_not_let_in", Phone::Confirms(0), |a| a.client_secret = Pin::new("wrong")),
        ("remote_no_credential", Phone::Confirms(0), |a| a.credential = Some("other".into())),
        ("signed", Phone::Confirms(0), |a| a.credential = Some("mine".into())),
    ];
    for (expected, phone, change) in cases {
        let mut office = FakeMySign::new(holder(KeyKind::Rsa2048));
        office.phone = phone;
        let service = start(office);
        let mut account = my_account();
        change(&mut account);
        let patience = if expected == "remote_not_confirmed" { SHORT } else { BRISK };
        let code = match mysign(&service, account, patience) {
            Ok(key) => key.sign(b"letter").map_or_else(|error| error.code(), |_| "signed"),
            Err(error) => error.code(),
        };
        assert_eq!(code, expected, "{phone:?}");
        assert!(service.times("/signHash") <= 1, "{expected}");
    }
}

#[test]
fn neither_is_asked_for_what_it_cannot_make() {
    // The requests name no other algorithm than RSA v1.5 with SHA-256.
    let service = start(FakeSmartCa::new(holder(KeyKind::P256)));
    let key = smartca(&service, smart_account(), BRISK).unwrap();
    assert_eq!(key.sign(b"letter").unwrap_err().code(), "remote_not_usable");
    assert_eq!(service.times("/signatures/sign"), 0);
    let service = start(FakeMySign::new(holder(KeyKind::P256)));
    let key = mysign(&service, my_account(), BRISK).unwrap();
    assert_eq!(key.sign(b"letter").unwrap_err().code(), "remote_not_usable");
    assert_eq!(service.times("/signHash"), 0);
}

#[test]
fn values_are_found_by_their_document_and_lies_are_noticed() {
    type Change = fn(&mut Value);
    let cases: [(&str, Change); 6] = [
        ("signed", |s| s.as_array_mut().unwrap().reverse()),
        ("remote_wrong_value", |s| {
            let first = s[0]["signature_value"].clone();
            s[1]["signature_value"] = first;
        }),
        ("remote_unreadable", |s| drop(s.as_array_mut().unwrap().pop())),
        ("remote_unreadable", |s| s[0]["doc_id"] = json!("other")),
        ("remote_unreadable", |s| s[0]["signature_value"] = json!("?")),
        ("remote_unreadable", |s| s[0]["signature_value"] = json!(7)),
    ];
    for (expected, change) in cases {
        let office = FakeSmartCa::new(holder(KeyKind::Rsa2048));
        let service = start(move |path: &str, body: &Value| {
            use crate::remote::fake::Office as _;
            let (status, mut answer) = office.answer(&Question::new(path, None, body))?;
            if let Some(signatures) = answer.pointer_mut("/data/signatures").filter(|s| s.is_array()) {
                change(signatures);
            }
            Some((status, answer))
        });
        let key = smartca(&service, smart_account(), BRISK).unwrap();
        let code = key.sign_all(&MESSAGES[..2]).map_or_else(|error| error.code(), |_| "signed");
        assert_eq!(code, expected);
    }
}

#[test]
fn a_name_that_would_lead_elsewhere_is_not_followed() {
    for id in ["../../credentials/get_certificate", "a/b", "", "a?b", "a#b", "%2e%2e"] {
        let office = FakeSmartCa::new(holder(KeyKind::Rsa2048));
        let service = start(move |path: &str, body: &Value| {
            use crate::remote::fake::Office as _;
            if path.ends_with("/signatures/sign") {
                return Some((200, json!({ "status_code": 200, "data": { "transaction_id": id } })));
            }
            office.answer(&Question::new(path, None, body))
        });
        let key = smartca(&service, smart_account(), BRISK).unwrap();
        assert_eq!(key.sign(b"letter").unwrap_err().code(), "remote_unreadable", "{id:?}");
        assert_eq!(service.asked().len(), 2, "{id:?}");
    }
}

#[test]
fn no_password_is_in_what_an_account_shows() {
    let shown = format!("{:?} {:?}", smart_account(), my_account());
    assert!(!shown.contains("password\"") && !shown.contains("\"secret\""), "{shown}");
}
