//! Statuses fetched, and signatures raised to long-term levels, by the server; the status services and the
//! time-stamping authority are those of the test authority, on loopback.

use std::sync::{Arc, Mutex, mpsc};

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use sign_core::crypto::key::from_pem;
use sign_io::pki::service::Services;
use sign_io::pki::status::Revoked;
use sign_io::pki::{Authority, KeyKind};
use sign_server::config::{Config, Fetch};

use super::office::{Answer, Office, PIN, Staffed, years};
use crate::workspace::free_port;

const LETTER: &[u8] = include_bytes!("../../../fixtures/pdf/plain/cong-van.pdf");

/// A test authority that serves, and who it has taken back.
struct Outside {
    authority: Authority,
    url: String,
    revoked: Arc<Mutex<Vec<Revoked>>>,
}

impl Outside {
    fn start() -> Self {
        let port = free_port();
        let url = format!("http://127.0.0.1:{port}");
        let authority = Authority::create_at("Endpoints", years(5), Some(&url)).unwrap();
        let copy = Authority::from_pem(&authority.to_pem().unwrap()).unwrap();
        let unit = authority.issue_time_stamping("TSA", KeyKind::Rsa2048, years(5)).unwrap();
        let unit = from_pem(&unit.pem().unwrap(), None, None).unwrap();
        let revoked = Arc::new(Mutex::new(Vec::new()));
        let read = Arc::clone(&revoked);
        let services = Services::new(copy, Box::new(move || read.lock().unwrap().clone()));
        let services = services.with_time_stamps(Box::new(unit));
        let (send, listening) = mpsc::channel();
        std::thread::spawn(move || {
            services.run(([127, 0, 0, 1], port).into(), |address| send.send(address).unwrap())
        });
        listening.recv().unwrap();
        Self { authority, url, revoked }
    }

    async fn office(&self, adjust: impl FnOnce(Config) -> Config) -> Staffed {
        let office = Office::start_with("H40.01", "Sở Thông tin và Truyền thông", adjust).await;
        Staffed::fill(office, &self.authority).await
    }
}

async fn sign(staffed: &Staffed, level: &str) -> Answer {
    let wishes = json!({ "key": staffed.leader_key, "level": level });
    let form =
        Form::new().part("file", Part::bytes(LETTER)).text("request", wishes.to_string()).text("pin", PIN);
    staffed.office.form("/v1/sign", &staffed.leader, form).await
}

async fn extend(staffed: &Staffed, file: &[u8], wishes: Value) -> Answer {
    let form = Form::new().part("file", Part::bytes(file.to_vec())).text("request", wishes.to_string());
    staffed.office.form("/v1/extend", &staffed.clerk, form).await
}

async fn judged(staffed: &Staffed, file: &[u8], query: &str) -> Value {
    let office = &staffed.office;
    let path = format!("/v1/verify?policy=vn-2025{query}");
    let request = office.request(Method::POST, &path, &staffed.clerk).body(file.to_vec());
    office.send(request).await.ok().json()
}

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers[name].to_str().unwrap()
}

#[tokio::test]
async fn the_server_asks_for_statuses_and_raises_levels() {
    let outside = Outside::start();
    let tsa = format!("{}/tsa", outside.url);
    let staffed = outside.office(|config| Config { fetch_private: true, tsa: vec![tsa], ..config }).await;

    let signed = sign(&staffed, "b").await.ok();
    assert_eq!((header(&signed, "x-signature-level"), header(&signed, "x-level-reasons")), ("B-B", ""));
    assert_eq!(judged(&staffed, &signed.body, "&offline=true").await["verdict"], "indeterminate");
    let online = judged(&staffed, &signed.body, "").await;
    assert_eq!(online["verdict"], "valid", "{online:#}");
    assert_eq!(online["signatures"][0]["trust"]["source"], "ocsp, fetched");

    for (level, name) in [("t", "B-T"), ("lt", "B-LT"), ("lta", "B-LTA")] {
        let raised = extend(&staffed, &signed.body, json!({ "level": level })).await.ok();
        assert_eq!(header(&raised, "x-signature-level"), name);
        assert!(raised.body.starts_with(&signed.body));
        let whole = sign(&staffed, level).await.ok();
        assert_eq!(header(&whole, "x-signature-level"), name);
        for file in [&raised.body, &whole.body] {
            let report = judged(&staffed, file, "&offline=true").await;
            let expected = if level == "t" { "indeterminate" } else { "valid" };
            assert_eq!(report["verdict"], expected, "{level}: {report:#}");
        }
    }
    extend(&staffed, LETTER, json!({ "level": "lt" })).await.refused(422, "unsigned");
    extend(&staffed, &signed.body, json!({ "level": "b" })).await.refused(400, "malformed_request");

    let serial = online["signatures"][0]["signer"]["serial"].as_str().unwrap();
    let serial = sign_io::pki::status::serial_from_hex(serial).unwrap();
    let since = sign_io::clock::now().plus_seconds(-60);
    outside.revoked.lock().unwrap().push(Revoked { serial, since, reason: 1 });
    extend(&staffed, &signed.body, json!({ "level": "lt" })).await.refused(422, "signature_not_valid");
}

#[tokio::test]
async fn a_level_is_lower_only_if_that_is_asked_for_and_nobody_is_asked_against_the_operators_will() {
    let outside = Outside::start();
    // Nobody listens at the one authority; statuses are not asked for.
    let absent = format!("http://127.0.0.1:{}/", free_port());
    let adjust = |config| Config { fetch: Fetch::Off, fetch_private: true, tsa: vec![absent], ..config };
    let staffed = outside.office(adjust).await;
    let signed = sign(&staffed, "b").await.ok();
    let report = judged(&staffed, &signed.body, "").await;
    assert_eq!(report["verdict"], "indeterminate");
    assert!(report["warnings"].as_array().unwrap().is_empty(), "nobody was asked: {report:#}");
    sign(&staffed, "t").await.refused(422, "tsa_unreachable");
    extend(&staffed, &signed.body, json!({ "level": "lta" })).await.refused(422, "tsa_unreachable");
    let lower = extend(&staffed, &signed.body, json!({ "level": "lta", "allow_lower": true })).await.ok();
    assert_eq!(header(&lower, "x-signature-level"), "B-B");
    assert_eq!(header(&lower, "x-level-reasons"), "tsa_unreachable");
    assert_eq!(lower.body, signed.body);

    // The default: statuses are asked for, but not in this machine.
    let staffed = outside.office(|config| config).await;
    let signed = sign(&staffed, "b").await.ok();
    let report = judged(&staffed, &signed.body, "").await;
    assert_eq!(report["verdict"], "indeterminate");
    let codes: Vec<&str> =
        report["warnings"].as_array().unwrap().iter().filter_map(|one| one["code"].as_str()).collect();
    assert!(codes.contains(&"evidence_not_fetched"), "{report:#}");
    sign(&staffed, "t").await.refused(422, "tsa_missing");
}
