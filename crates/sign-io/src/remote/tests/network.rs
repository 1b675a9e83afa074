//! TLS, silence, services that are not there.

use super::*;
use crate::remote::Authorities;
use crate::remote::csc::{Csc, Login};
use crate::remote::fake::FakeCsc;
use serde_json::Value;
use sign_core::crypto::key::{Pin, Signer};
use std::net::TcpListener;
use std::time::Instant;

fn login() -> Login {
    let secret = |text: &str| Some(Pin::new(text));
    Login { credential: None, token: secret("token"), pin: secret("1234"), otp: None }
}

#[test]
fn the_certificate_of_a_service_is_checked_with_the_authority_and_the_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        Authorities::File(path)
    };
    let (right, other, wrong_name) = (
        FakeTls::new("localhost").unwrap(),
        FakeTls::new("localhost").unwrap(),
        FakeTls::new("example.vn").unwrap(),
    );
    let cases = [
        ("signed", &right, file("right.pem", right.authority())),
        ("remote_not_trusted", &right, file("other.pem", other.authority())),
        ("remote_not_trusted", &wrong_name, file("wrong.pem", wrong_name.authority())),
        ("remote_no_authorities", &right, file("empty.pem", b"")),
        ("remote_no_authorities", &right, Authorities::File(folder.path().join("missing.pem"))),
    ];
    for (expected, tls, authorities) in cases {
        let office = FakeCsc::new(2, holder(KeyKind::P256));
        let service = FakeService::start("127.0.0.1:0".parse().unwrap(), Some(tls), office).unwrap();
        let csc = Csc::new(address(&service, "/csc/v2"), &authorities, login(), BRISK);
        let signed = csc.and_then(|csc| open(csc, BRISK)).map(|key| key.sign(b"letter").unwrap());
        assert_eq!(signed.map_or_else(|error| error.code(), |_| "signed"), expected);
        if expected != "signed" {
            assert!(service.asked().is_empty(), "nothing is said to a stranger");
        }
    }
}

#[test]
fn a_service_that_is_not_there_or_says_nothing_is_named() {
    // A port that was free a moment ago.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = Address::parse(&format!("http://{free}/csc/v2")).unwrap();
    let code =
        |address, patience| Csc::new(address, &Authorities::System, login(), patience).unwrap_err().code();
    assert_eq!(code(nobody, BRISK), "remote_unreachable");

    let silent = start(|_: &str, _: &Value| None);
    let since = Instant::now();
    assert_eq!(code(address(&silent, "/csc/v2"), CURT), "remote_timeout");
    assert!(since.elapsed() < Duration::from_secs(20));

    // Something else listens there.
    let other = start(|_: &str, _: &Value| Some((200, Value::from("hello"))));
    assert_eq!(code(address(&other, "/csc/v2"), BRISK), "remote_unreadable");
    // Plain text where TLS is expected.
    let secure = other.url().replace("http://127.0.0.1", "https://localhost");
    let code = code(Address::parse(&secure).unwrap(), BRISK);
    assert!(["remote_not_trusted", "remote_no_authorities"].contains(&code), "{code}");
}

#[test]
fn a_permit_that_is_never_answered_is_not_asked_for_again() {
    let office = FakeCsc::new(2, holder(KeyKind::P256));
    let service = start(move |path: &str, body: &Value| {
        let question = crate::remote::fake::Question::new(path, Some("token"), body);
        if path.ends_with("/credentials/authorize") { None } else { office.answer(&question) }
    });
    let csc = Csc::new(address(&service, "/csc/v2"), &Authorities::System, login(), CURT).unwrap();
    let key = open(csc, CURT).unwrap();
    assert_eq!(key.sign_all(&[b"one", b"two", b"three"]).unwrap_err().code(), "remote_timeout");
    assert_eq!(service.times("/credentials/authorize"), 1);
}
