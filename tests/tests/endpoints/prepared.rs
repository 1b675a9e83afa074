//! Signing in two requests, with a key the server never sees.

use super::office::{Answer, LETTER, Office, authority, begin, config, person, years};
use openssl::base64::{decode_block, encode_block};
use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::{Value, json};
use sign_core::crypto::key::{Signer, SoftKey, from_pem};
use sign_io::pki::Issued;
use sign_server::serve::Server;

/// The signer's own machine: its key, and the chain it hands out.
struct Phone {
    key: SoftKey,
    chain: Vec<u8>,
}

impl Phone {
    fn of(issued: &Issued) -> Self {
        let pem = issued.pem().unwrap();
        Self { key: from_pem(&pem, None, None).unwrap(), chain: pem.to_vec() }
    }

    fn sign(&self, prepared: &Value) -> Value {
        let to_sign = decode_block(prepared["to_sign"].as_str().unwrap()).unwrap();
        json!({ "signature": encode_block(&self.key.sign(&to_sign).unwrap()) })
    }
}

async fn start() -> (Office, Phone) {
    let (authority, office) = (authority(), Office::start("H40.01", "Sở Thông tin và Truyền thông").await);
    office.trust(&authority).await;
    let phone = Phone::of(&person(&authority, &office, years(5)));
    (office, phone)
}

fn form(phone: &Phone) -> Form {
    Form::new().part("file", Part::bytes(LETTER)).part("certificate", Part::bytes(phone.chain.clone()))
}

async fn prepare(office: &Office, form: Form) -> Answer {
    office.form("/v1/sign/prepare", &office.admin, form).await
}

fn completion(prepared: &Value) -> String {
    format!("/v1/sign/{}/complete", prepared["id"].as_str().unwrap())
}

async fn is_valid(office: &Office, signed: Vec<u8>) -> bool {
    let request = office.request(Method::POST, "/v1/verify", &office.admin).body(signed);
    office.send(request).await.ok().json()["verdict"] == "valid"
}

#[tokio::test]
async fn a_value_made_elsewhere_completes_a_signature_on_another_node_once() {
    let (office, phone) = start().await;
    let request = json!({ "reason": "Duyệt", "lines": ["Đã duyệt"], "place": { "page": 1, "rect": [50, 50, 200, 100] } });
    let prepared = prepare(&office, form(&phone).text("request", request.to_string())).await;
    assert_eq!(prepared.status, 201);
    let prepared = prepared.json();
    assert_eq!(
        (&prepared["algorithm"], &prepared["digest_algorithm"]),
        (&json!("ecdsa-sha256"), &json!("SHA-256"))
    );

    // The same books and secret, another server.
    let other = Server::start(config(office.data.path())).await.unwrap();
    let address = other.address;
    let office = office.moved_to(address);
    let path = completion(&prepared);
    let value = phone.sign(&prepared);
    let once =
        || office.request(Method::POST, &path, &office.admin).header("idempotency-key", "k1").json(&value);
    let signed = office.send(once()).await.ok();
    assert_eq!(signed.headers["content-type"], "application/pdf");
    assert!(signed.body.starts_with(LETTER));
    assert!(is_valid(&office, signed.body.clone()).await);

    assert_eq!(office.send(once()).await.ok().body, signed.body, "the same key gets the same answer");
    office.post(&path, &office.admin, &value).await.refused(409, "already_completed");
}

#[tokio::test]
async fn an_encrypted_document_is_prepared_with_its_password() {
    let (office, phone) = start().await;
    let locked: &[u8] = include_bytes!("../../../fixtures/pdf/plain/encrypted-aes-256.pdf");
    let form = || {
        Form::new().part("file", Part::bytes(locked)).part("certificate", Part::bytes(phone.chain.clone()))
    };
    prepare(&office, form()).await.refused(422, "password_needed");
    let with = |request: reqwest::RequestBuilder| request.header("x-document-password", "người đọc");
    let request = office.request(Method::POST, "/v1/sign/prepare", &office.admin).multipart(form());
    let prepared = office.send(with(request)).await.ok().json();
    let signed = office.post(&completion(&prepared), &office.admin, &phone.sign(&prepared)).await.ok();
    let request = office.request(Method::POST, "/v1/verify", &office.admin).body(signed.body);
    assert_eq!(office.send(with(request)).await.ok().json()["verdict"], "valid");
}

#[tokio::test]
async fn a_wrong_value_changes_nothing_and_a_stranger_finds_nothing() {
    let (office, phone) = start().await;
    let prepared = prepare(&office, form(&phone)).await.ok().json();
    let (path, value) = (completion(&prepared), phone.sign(&prepared));
    let stranger = begin(office.data.path(), "H40.09", "Sở khác");
    office.post(&path, &stranger, &value).await.refused(404, "not_found");
    office.post("/v1/sign/x/complete", &office.admin, &value).await.refused(404, "not_found");
    // A value for other bytes, by the right key; then something that is no value at all.
    let other = prepare(&office, form(&phone).text("request", r#"{"reason":"khác"}"#)).await.ok().json();
    office.post(&path, &office.admin, &phone.sign(&other)).await.refused(422, "signature_mismatch");
    let nothing = json!({ "signature": "" });
    office.post(&path, &office.admin, &nothing).await.refused(422, "signature_mismatch");
    let text = json!({ "signature": "?" });
    office.post(&path, &office.admin, &text).await.refused(400, "malformed_request");
    let signed = office.post(&path, &office.admin, &value).await.ok();
    assert!(is_valid(&office, signed.body).await);
}

#[tokio::test]
async fn a_value_that_comes_too_late_is_refused() {
    let (office, phone) = start().await;
    let prepared = prepare(&office, form(&phone).text("expires_in_seconds", "1")).await.ok().json();
    let path = completion(&prepared);
    // A wrong value is answered as such until the time is over.
    let nothing = json!({ "signature": "" });
    let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while office.post(&path, &office.admin, &nothing).await.text("code") != "state_expired" {
        assert!(std::time::Instant::now() < until, "still waiting");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    office.post(&path, &office.admin, &phone.sign(&prepared)).await.refused(409, "state_expired");
}

#[tokio::test]
async fn what_cannot_be_signed_is_refused_before_any_key_is_asked() {
    let (office, phone) = start().await;
    let with = |name: &'static str, text: &str| form(&phone).text(name, text.to_owned());
    for (form, status, code) in [
        (with("algorithm", "rsa-sha256"), 422, "key_does_not_fit"),
        (with("algorithm", "md5"), 422, "unsupported_algorithm"),
        (with("algorithm", "ecdsa-sha1"), 422, "weak_digest"),
        (with("expires_in_seconds", "0"), 400, "malformed_request"),
        (with("expires_in_seconds", "soon"), 400, "malformed_request"),
        (with("request", r#"{"key":"mine"}"#), 400, "malformed_request"),
        (with("request", r#"{"field":"nowhere"}"#), 422, "field_not_found"),
        (Form::new().part("file", Part::bytes(LETTER)), 400, "malformed_request"),
        (Form::new().part("file", Part::bytes(LETTER)).text("certificate", "x"), 422, "bad_certificate"),
        (
            Form::new().text("file", "no PDF").part("certificate", Part::bytes(phone.chain.clone())),
            422,
            "not_pdf",
        ),
    ] {
        prepare(&office, form).await.refused(status, code);
    }
    let nobody = office.form("/v1/sign/prepare", "sk_none", form(&phone)).await;
    nobody.refused(401, "unauthenticated");
}
