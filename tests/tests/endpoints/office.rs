//! A server of an office with people and keys, and a client that keeps the raw answers.

use reqwest::{
    Method,
    header::HeaderMap,
    multipart::{Form, Part},
};
use serde_json::{Value, json};
use sign_core::crypto::key::Pin;
use sign_io::pki::{Authority, Issued, KeyKind, Organisation, Person, Pkcs12Style, Validity};
use sign_server::{
    app::offices::{self, NewOffice},
    config::Config,
    serve::Server,
};
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

pub(super) const PIN: &str = "canary-pin-7351";
pub(super) const LETTER: &[u8] = include_bytes!("../../../fixtures/pdf/plain/cong-van.pdf");

/// What came back.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}: not JSON: {text}", self.status))
    }

    /// The answer must be a success.
    pub(super) fn ok(self) -> Self {
        assert!(self.status < 300, "{}: {}", self.status, String::from_utf8_lossy(&self.body));
        self
    }

    /// The answer must be a problem with this status and code, in both languages.
    #[track_caller]
    pub(super) fn refused(&self, status: u16, code: &str) {
        let problem = self.json();
        assert_eq!((self.status, problem["code"].as_str()), (status, Some(code)), "{problem}");
        assert_eq!(self.headers["content-type"], "application/problem+json");
        for key in ["problem_vi", "problem_en", "hint_vi", "hint_en", "request_id"] {
            assert!(problem[key].as_str().is_some_and(|text| !text.is_empty()), "{key} in {problem}");
        }
    }

    pub(super) fn text(&self, key: &str) -> String {
        self.json()[key].as_str().unwrap_or_else(|| panic!("{key} in {}", self.json())).to_owned()
    }
}

/// One office on a server of its own.
pub(super) struct Office {
    pub(super) data: tempfile::TempDir,
    address: SocketAddr,
    /// None for a server that runs in a process of its own.
    _server: Option<Server>,
    http: reqwest::Client,
    pub(super) admin: String,
    pub(super) code: &'static str,
    pub(super) name: &'static str,
}

pub(super) fn config(data: &std::path::Path) -> Config {
    Config {
        listen: "127.0.0.1:0".parse().unwrap(),
        max_body: 2 << 20,
        retries: vec![Duration::from_millis(50); 3],
        ..Config::new(data)
    }
}

pub(super) fn begin(data: &std::path::Path, code: &str, name: &str) -> String {
    let new = NewOffice {
        code: code.to_owned(),
        name: name.to_owned(),
        symbol: "STTTT".to_owned(),
        place: "Nam Định".to_owned(),
    };
    offices::begin(data, new).unwrap().api_key.expose().to_owned()
}

impl Office {
    pub(super) async fn start(code: &'static str, name: &'static str) -> Self {
        Self::start_with(code, name, |config| config).await
    }

    /// With other settings than the usual ones.
    pub(super) async fn start_with(
        code: &'static str,
        name: &'static str,
        adjust: impl FnOnce(Config) -> Config,
    ) -> Self {
        let data = tempfile::tempdir().unwrap();
        let admin = begin(data.path(), code, name);
        let server = Server::start(adjust(config(data.path()))).await.unwrap();
        let address = server.address;
        Self { _server: Some(server), ..Self::at(data, address, admin, code, name) }
    }

    /// An office whose server somebody else has started.
    pub(super) fn at(
        data: tempfile::TempDir,
        address: SocketAddr,
        admin: String,
        code: &'static str,
        name: &'static str,
    ) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { data, address, _server: None, http, admin, code, name }
    }

    /// The same office after its server was started again.
    pub(super) fn moved_to(self, address: SocketAddr) -> Self {
        Self { address, ..self }
    }

    pub(super) fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, body: response.bytes().await.unwrap().to_vec() }
    }

    pub(super) fn request(&self, method: Method, path: &str, key: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base())).bearer_auth(key)
    }

    pub(super) async fn get(&self, path: &str, key: &str) -> Answer {
        self.send(self.request(Method::GET, path, key)).await
    }

    pub(super) async fn post(&self, path: &str, key: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path, key).json(body)).await
    }

    pub(super) async fn form(&self, path: &str, key: &str, form: Form) -> Answer {
        self.send(self.request(Method::POST, path, key).multipart(form)).await
    }

    /// A person with one role; their API key.
    pub(super) async fn hire(&self, name: &str, role: &str) -> String {
        let person = json!({ "full_name": name, "roles": [role] });
        let person = self.post("/v1/people", &self.admin, &person).await.ok().text("id");
        let key = json!({ "for": "person", "person": person });
        self.post("/v1/api-keys", &self.admin, &key).await.ok().text("api_key")
    }

    pub(super) async fn trust(&self, authority: &Authority) {
        let request = self.request(Method::POST, "/v1/trust-anchors", &self.admin);
        self.send(request.body(authority.root_pem().unwrap())).await.ok();
    }

    pub(super) async fn upload(&self, key: &str, holder: &str, issued: &Issued, pin: &str) -> Answer {
        let file = issued.pkcs12(&Pin::new(PIN), Pkcs12Style::Modern).unwrap();
        let form = Form::new().part("file", Part::bytes(file)).text("pin", pin.to_owned());
        self.form(&format!("/v1/keys?holder={holder}"), key, form).await
    }

    pub(super) async fn command(&self, document: &str, key: &str, body: Value) -> Answer {
        self.post(&format!("/v1/documents/{document}/commands"), key, &body).await
    }
}

pub(super) fn authority() -> Authority {
    Authority::create("Endpoints", years(5)).unwrap()
}

pub(super) fn years(years: u32) -> Validity {
    Validity::years(sign_io::clock::now().plus_seconds(-3600), years)
}

pub(super) fn person(authority: &Authority, office: &Office, validity: Validity) -> Issued {
    let person = Person {
        full_name: "Nguyễn Văn A",
        title: "Giám đốc",
        organisation: office.name,
        email: "a@namdinh.gov.vn",
    };
    authority.issue_person(&person, KeyKind::P256, validity).unwrap()
}

pub(super) fn seal(authority: &Authority, office: &Office) -> Issued {
    let organisation = Organisation { name: office.name, organ_id: office.code, parent: None };
    authority.issue_organisation(&organisation, KeyKind::P256, years(5)).unwrap()
}

/// A sender's office with everybody in place.
pub(super) struct Staffed {
    pub(super) office: Office,
    pub(super) drafter: String,
    pub(super) leader: String,
    pub(super) clerk: String,
    pub(super) leader_key: String,
    pub(super) seal_key: String,
}

impl Staffed {
    pub(super) async fn start(authority: &Authority) -> Self {
        let office = Office::start("H40.01", "Sở Thông tin và Truyền thông").await;
        Self::fill(office, authority).await
    }

    pub(super) async fn fill(office: Office, authority: &Authority) -> Self {
        office.trust(authority).await;
        let drafter = office.hire("Trần Thị B", "drafter").await;
        let leader = office.hire("Nguyễn Văn A", "leader").await;
        let clerk = office.hire("Lê Văn C", "clerk").await;
        let own = person(authority, &office, years(5));
        let leader_key = office.upload(&leader, "person", &own, PIN).await.ok().text("id");
        let seal = seal(authority, &office);
        let seal_key = office.upload(&clerk, "organisation", &seal, PIN).await.ok().text("id");
        // Somebody to write to; nothing listens there.
        let partner = json!({ "id": "H40.02", "name": "Văn phòng", "exchange_url": "http://127.0.0.1:9" });
        office.post("/v1/organisations", &office.admin, &partner).await.ok();
        Self { office, drafter, leader, clerk, leader_key, seal_key }
    }

    pub(super) async fn draft(&self) -> String {
        let metadata = json!({
            "kind": "cong_van", "subject": "V/v thử", "drafting_unit": "CNTT",
            "recipients": [{ "organ": "H40.02", "name": "Văn phòng" }],
            "signer": { "position": "GIÁM ĐỐC", "full_name": "Nguyễn Văn A" },
        });
        self.create(metadata, LETTER).await.ok().text("id")
    }

    pub(super) async fn create(&self, metadata: Value, file: &[u8]) -> Answer {
        let part = Part::bytes(file.to_vec()).file_name("cong-van.pdf");
        let form = Form::new().text("metadata", metadata.to_string()).part("file", part);
        self.office.form("/v1/documents", &self.drafter, form).await
    }

    /// Takes one step as the person whose step it is.
    pub(super) async fn step(&self, document: &str, step: &str) -> Answer {
        let (who, body) = match step {
            "freeze" => (&self.drafter, json!({ "command": step })),
            "sign" => (&self.leader, json!({ "command": step, "key": self.leader_key, "pin": PIN })),
            "seal" => (&self.clerk, json!({ "command": step, "key": self.seal_key, "pin": PIN })),
            _ => (&self.clerk, json!({ "command": step })),
        };
        self.office.command(document, who, body).await
    }

    pub(super) async fn steps(&self, document: &str, steps: &[&str]) {
        for step in steps {
            self.step(document, step).await.ok();
        }
    }
}

/// Asks until the answer is as wished, at most twenty seconds.
pub(super) async fn wait<T>(
    office: &Office,
    path: &str,
    key: &str,
    wished: impl Fn(&Value) -> Option<T>,
) -> T {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let answer = office.get(path, key).await.ok().json();
        if let Some(found) = wished(&answer) {
            return found;
        }
        assert!(Instant::now() < until, "{path}: {answer}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
