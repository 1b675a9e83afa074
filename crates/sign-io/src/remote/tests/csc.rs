use super::*;
use crate::remote::Authorities;
use crate::remote::csc::{Csc, Login};
use crate::remote::fake::{FakeCsc, Phone};
use serde_json::{Value, json};
use sign_core::crypto::key::{Pin, Signer};
use std::time::Instant;

fn login() -> Login {
    let secret = |text: &str| Some(Pin::new(text));
    Login { credential: None, token: secret("token"), pin: secret("1234"), otp: secret("777") }
}

fn csc(
    service: &FakeService,
    version: u8,
    login: Login,
    patience: Patience,
) -> Result<RemoteKey, RemoteError> {
    let address = address(service, &format!("/csc/v{version}"));
    open(Csc::new(address, &Authorities::System, login, patience)?, patience)
}

fn last(service: &FakeService, end: &str) -> Value {
    service.asked().into_iter().rev().find(|(path, _)| path.ends_with(end)).unwrap().1
}

/// A service of version 2 that is not the usual one.
fn changed<R>(change: impl FnOnce(&mut FakeCsc) -> R) -> FakeCsc {
    let mut office = FakeCsc::new(2, holder(KeyKind::P256));
    change(&mut office);
    office
}

const MESSAGES: [&[u8]; 3] = [b"one", b"two", b"three"];

#[test]
fn both_versions_sign_a_batch_with_one_permit_for_as_many_as_the_service_allows() {
    for (version, kind) in
        [(1, KeyKind::P256), (2, KeyKind::P256), (1, KeyKind::Rsa2048), (2, KeyKind::Rsa2048)]
    {
        let holder = holder(kind);
        let service = start(FakeCsc::new(version, holder));
        let key = csc(&service, version, login(), BRISK).unwrap();
        assert_eq!(key.most_at_once(), 2);
        assert_eq!(key.sign_all(&MESSAGES).unwrap().len(), 3);
        // multisign is 2: two and one.
        assert_eq!(service.times("/credentials/authorize"), 2);
        assert_eq!(service.times("/signatures/signHash"), 2);
        let permit = last(&service, "/credentials/authorize");
        let (hashes, pin) = if version == 1 {
            (&permit["hash"], &permit["PIN"])
        } else {
            (&permit["hashes"], &permit["authData"][0]["value"])
        };
        assert_eq!((&permit["numSignatures"], pin), (&json!(1), &json!("1234")));
        assert_eq!(
            hashes,
            &last(&service, "/signatures/signHash")[if version == 1 { "hash" } else { "hashes" }]
        );
        // Polled for twice in vain and once with success, for each request; version 1 has no polling.
        assert_eq!(service.times("/signatures/signPolling"), if version == 1 { 0 } else { 6 });
    }
}

#[test]
fn a_phone_that_confirms_gives_the_permit_without_any_secret() {
    let office = changed(|c| (c.pin, c.polls) = (None, false));
    let service = start(office);
    let key = csc(&service, 2, Login { pin: None, otp: None, ..login() }, BRISK).unwrap();
    key.sign(b"letter").unwrap();
    assert_eq!(service.times("/credentials/authorizeCheck"), 3);
    assert!(last(&service, "/credentials/authorize").get("authData").is_none());
}

/// A change to the service or to what is brought, and the code that comes of it.
type Case = (&'static str, fn(&mut FakeCsc), fn(&mut Login));

#[test]
fn each_failure_has_its_name_and_no_secret_goes_out_twice() {
    let cases: [Case; 10] = [
        ("remote_wrong_pin", |c| c.version = 1, |l| l.pin = Some(Pin::new("0000"))),
        ("remote_wrong_otp", |c| (c.version, c.otp) = (1, Some("1".into())), |_| {}),
        ("remote_wrong_secret", |_| {}, |l| l.pin = Some(Pin::new("0000"))),
        ("remote_wrong_secret", |c| c.otp = Some("1".into()), |_| {}),
        ("remote_not_let_in", |c| c.token = "another".into(), |_| {}),
        ("remote_secret_missing", |c| c.otp = Some("1".into()), |l| l.otp = None),
        ("remote_refused", |c| c.phone = Phone::Refuses, |_| {}),
        ("remote_refused", |c| (c.phone, c.pin) = (Phone::Refuses, None), |_| {}),
        ("remote_expired", |c| (c.phone, c.pin) = (Phone::Late, None), |_| {}),
        ("remote_no_credential", |_| {}, |l| l.credential = Some("other".into())),
    ];
    for (expected, change, bring) in cases {
        let mut office = FakeCsc::new(2, holder(KeyKind::P256));
        change(&mut office);
        let version = office.version;
        office.polls = version == 2;
        let mut login = login();
        bring(&mut login);
        let service = start(office);
        let outcome = csc(&service, version, login, BRISK);
        let asked_before = service.times("/credentials/authorize");
        assert_eq!(asked_before, 0, "{expected}: opening asks nobody");
        let code = match &outcome {
            Ok(key) => key.sign_all(&MESSAGES).unwrap_err().code(),
            Err(error) => error.code(),
        };
        assert_eq!(code, expected);
        assert!(service.times("/credentials/authorize") <= 1, "{expected}");
        if let (Ok(key), true) = (outcome, expected.contains("_wrong_")) {
            // Asking the same key again does not try the wrong secret again: three lock the credential.
            assert_eq!(key.sign(b"again").unwrap_err().code(), "remote_not_tried_again");
            assert_eq!(service.times("/credentials/authorize"), 1);
        }
    }
}

#[test]
fn a_silent_phone_is_waited_for_no_longer_than_asked() {
    for pin in [None, Some("1234".to_owned())] {
        let office = changed(|c| (c.phone, c.pin) = (Phone::Silent, pin));
        let service = start(office);
        let key = csc(&service, 2, login(), SHORT).unwrap();
        let since = Instant::now();
        assert_eq!(key.sign(b"letter").unwrap_err().code(), "remote_not_confirmed");
        assert!(since.elapsed() >= SHORT.longest / 2 && since.elapsed() < Duration::from_secs(20));
        assert_eq!(service.times("/credentials/authorize"), 1);
    }
}

#[test]
fn a_one_time_password_is_for_one_request_and_the_rest_is_left() {
    let office = changed(|c| c.otp = Some("777".into()));
    let service = start(office);
    let key = csc(&service, 2, login(), BRISK).unwrap();
    assert_eq!(key.sign_all(&MESSAGES[..2]).unwrap().len(), 2);
    assert_eq!(key.sign(MESSAGES[2]).unwrap_err().code(), "remote_otp_used");
    assert_eq!(service.times("/credentials/authorize"), 1);
}

#[test]
fn three_wrong_pins_of_three_programs_lock_the_credential() {
    let service = start(FakeCsc::new(1, holder(KeyKind::P256)));
    let code = |pin: &str| {
        let key = csc(&service, 1, Login { pin: Some(Pin::new(pin)), ..login() }, BRISK).unwrap();
        key.sign(b"letter").map_or_else(|error| error.code(), |_| "signed")
    };
    let codes: Vec<_> = ["0", "1", "2", "1234"].map(code).to_vec();
    assert_eq!(codes, ["remote_wrong_pin", "remote_wrong_pin", "remote_wrong_pin", "remote_locked"]);
}

/// The fake, some of whose answers are somebody else's.
fn with_lies(
    method: &'static str,
    lie: impl Fn(&Value) -> Option<(u16, Value)> + Send + Sync + 'static,
) -> FakeService {
    let office = FakeCsc::new(2, holder(KeyKind::P256));
    let token = office.token.clone();
    start(move |path: &str, body: &Value| {
        if path.ends_with(method) {
            return lie(body);
        }
        office.answer(&crate::remote::fake::Question::new(path, Some(&token), body))
    })
}

#[test]
fn what_a_lying_or_broken_service_says_never_becomes_a_signature() {
    use base64::Engine as _;
    let other = holder(KeyKind::P256);
    let by_other = move |_: &Value| {
        let value = base64::engine::general_purpose::STANDARD.encode(other.sign(&[7; 32]).unwrap());
        Some((200, json!({ "signatures": [value] })))
    };
    let cases: [(&str, &str, FakeService); 12] = [
        ("remote_wrong_value", "another key", with_lies("/signPolling", by_other)),
        (
            "remote_wrong_value",
            "no value",
            with_lies("/signPolling", |_| Some((200, json!({ "signatures": [""] })))),
        ),
        (
            "remote_unreadable",
            "none",
            with_lies("/signPolling", |_| Some((200, json!({ "signatures": [] })))),
        ),
        (
            "remote_unreadable",
            "two",
            with_lies("/signPolling", |_| Some((200, json!({ "signatures": ["AA==", "AA=="] })))),
        ),
        (
            "remote_unreadable",
            "no base64",
            with_lies("/signPolling", |_| Some((200, json!({ "signatures": ["?"] })))),
        ),
        (
            "remote_unreadable",
            "number",
            with_lies("/signPolling", |_| Some((200, json!({ "signatures": [1] })))),
        ),
        ("remote_unreadable", "empty", with_lies("/signHash", |_| Some((200, json!({}))))),
        ("remote_unreadable", "no permit", with_lies("/authorize", |_| Some((200, json!({}))))),
        ("remote_unreadable", "array", with_lies("/authorize", |_| Some((200, json!([1]))))),
        ("remote_rejected", "page", with_lies("/authorize", |_| Some((500, Value::Null)))),
        ("remote_rejected", "moved", with_lies("/authorize", |_| Some((302, Value::Null)))),
        (
            "remote_unreadable",
            "large",
            with_lies("/authorize", |_| Some((200, json!({ "SAD": "x".repeat(2 << 20) })))),
        ),
    ];
    for (expected, what, service) in cases {
        let key = csc(&service, 2, login(), BRISK).unwrap();
        let error = key.sign(b"letter").unwrap_err();
        assert_eq!(error.code(), expected, "{what}: {error}");
        assert_eq!(service.times("/credentials/authorize"), 1, "{what}");
    }
}

#[test]
fn a_credential_that_cannot_be_used_is_refused_before_anybody_is_asked() {
    type Change = fn(&mut Value);
    let cases: [(&str, Change); 6] = [
        ("remote_not_usable", |a| a["key"]["status"] = json!("disabled")),
        ("remote_not_usable", |a| a["key"]["algo"] = json!(["1.2.3"])),
        ("remote_not_usable", |a| a["cert"]["certificates"] = json!([])),
        ("remote_unreadable", |a| a["cert"]["certificates"] = json!(["MAA="])),
        ("remote_unreadable", |a| a["cert"]["certificates"] = json!(["?"])),
        ("remote_secret_missing", |a| a["auth"]["objects"] = json!([{ "id": "fingerprint" }])),
    ];
    for (expected, change) in cases {
        let office = FakeCsc::new(2, holder(KeyKind::P256));
        let service = start(move |path: &str, body: &Value| {
            let (status, mut answer) =
                office.answer(&crate::remote::fake::Question::new(path, Some("token"), body))?;
            if path.ends_with("/credentials/info") {
                change(&mut answer);
            }
            Some((status, answer))
        });
        let code = match csc(&service, 2, login(), BRISK) {
            Ok(key) => key.sign(b"x").unwrap_err().code(),
            Err(error) => error.code(),
        };
        assert_eq!(code, expected);
        assert_eq!(service.times("/credentials/authorize"), 0, "{expected}");
    }
    // Services sign digests, and EdDSA has none.
    let service = start(FakeCsc::new(2, holder(KeyKind::Ed25519)));
    assert_eq!(csc(&service, 2, login(), BRISK).unwrap_err().code(), "remote_not_usable");
}

#[test]
fn no_secret_is_in_what_a_key_or_an_error_shows() {
    let service = start(FakeCsc::new(1, holder(KeyKind::P256)));
    let wrong = Login { pin: Some(Pin::new("4711")), ..login() };
    let shown = format!("{wrong:?}");
    let key = csc(&service, 1, wrong, BRISK).unwrap();
    let error = key.sign(b"letter").unwrap_err();
    for text in [shown, format!("{key:?}"), format!("{error:?} {error}")] {
        assert!(!text.contains("4711") && !text.contains("\"token\"") && !text.contains("777"), "{text}");
    }
}
