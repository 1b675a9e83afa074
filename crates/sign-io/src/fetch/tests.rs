//! A test authority's services on loopback, honest, lying, silent and absent; and a canary that nobody may
//! touch whatever certificates say.

use super::*;
use crate::egress::HOSTILE;
use crate::online::{self, Case};
use crate::pki::status::{LIST_PATH, OCSP_PATH, ROOT_LIST_PATH, Revoked};
use crate::pki::{Authority, Issued, KeyKind, Person, Validity, with_extensions};
use sign_core::cms::der::{self, tag};
use sign_core::crypto::key::{Padding, from_pem};
use sign_core::limits::Limits;
use sign_core::policy::Policy;
use sign_core::report::model::{Report, Revocation};
use sign_core::sign::{SignRequest, Signing};
use sign_core::trust::{CaClass, TrustStore};
use sign_core::verdict::Verdict;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What a service says to a path and a body; None: nothing, for ever.
type Say = dyn Fn(&str, &[u8]) -> Option<Vec<u8>> + Send + Sync;

/// An HTTP service on loopback that remembers which paths were asked for.
struct Service {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
    say: Arc<Mutex<Arc<Say>>>,
}

impl Service {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let nothing: Arc<Say> = Arc::new(|_, _| Some(Vec::new()));
        let say = Arc::new(Mutex::new(nothing));
        let service = Self { port, asked: Arc::clone(&asked), say: Arc::clone(&say) };
        std::thread::spawn(move || {
            let mut silent = Vec::new();
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let Some((path, body)) = question(&mut stream) else { continue };
                asked.lock().unwrap().push(path.clone());
                let say = Arc::clone(&*say.lock().unwrap());
                match say(&path, &body) {
                    Some(answer) => {
                        let status = if answer.is_empty() { "404 Not Found" } else { "200 OK" };
                        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n", answer.len());
                        // Who hangs up early has heard enough.
                        let _ = stream.write_all(&[head.as_bytes(), &answer].concat());
                    }
                    None => silent.push(stream),
                }
            }
        });
        service
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn says(&self, say: impl Fn(&str, &[u8]) -> Option<Vec<u8>> + Send + Sync + 'static) {
        *self.say.lock().unwrap() = Arc::new(say);
    }

    /// The paths asked for since the last time.
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

/// Path and body of one HTTP request.
fn question(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&buffer[..count]);
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        if bytes.len() - end - 4 >= length.unwrap_or(0) {
            let path = head.split(' ').nth(1)?.to_owned();
            return Some((path, bytes[end + 4..].to_vec()));
        }
    }
}

/// An authority that serves, and one who signed a letter.
struct Office {
    service: Service,
    authority: Arc<Authority>,
    person: Issued,
    letter: Vec<u8>,
}

fn now() -> Time {
    crate::clock::now()
}

impl Office {
    fn new() -> Self {
        let service = Service::start();
        let url = service.url();
        Self::at(service, &url)
    }

    /// Its certificates name this address.
    fn at(service: Service, url: &str) -> Self {
        let validity = Validity::years(now().plus_seconds(-86_400), 20);
        let authority = Authority::create_at("Thử", validity, Some(url)).unwrap();
        let person = Person { full_name: "Nguyễn Văn A", title: "", organisation: "", email: "" };
        let person = authority.issue_person(&person, KeyKind::P256, validity).unwrap();
        let key = from_pem(&person.pem().unwrap(), None, Some(Padding::Pkcs1)).unwrap();
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/pdf/plain/cong-van.pdf");
        let source = std::fs::read(file).unwrap();
        let request = SignRequest::new(now());
        let signed = Signing::new(&key).unwrap().sign(&source, &request, &Limits::default()).unwrap();
        let letter = [source, signed.appended].concat();
        let office = Self { service, authority: Arc::new(authority), person, letter };
        office.service.says(office.honest(&[]));
        office
    }

    /// Says what is right; `revoked` are taken back.
    fn honest(&self, revoked: &[Revoked]) -> impl Fn(&str, &[u8]) -> Option<Vec<u8>> + Send + Sync + use<> {
        let (authority, revoked) = (Arc::clone(&self.authority), revoked.to_vec());
        move |path, body| {
            let until = now().plus_seconds(86_400);
            Some(match path {
                OCSP_PATH => authority.answer(body, &revoked, now(), Some(until)).unwrap(),
                LIST_PATH => authority.list(&revoked, now().plus_seconds(-60), until).unwrap(),
                ROOT_LIST_PATH => authority.root_list().unwrap().to_vec(),
                _ => Vec::new(),
            })
        }
    }

    fn certificate(&self) -> Certificate {
        Certificate::parse(&self.person.certificate_der().unwrap()).unwrap()
    }

    fn issuing(&self) -> Certificate {
        Certificate::parse(&self.authority.issuing_der().unwrap()).unwrap()
    }

    fn taken_back(&self) -> Revoked {
        let serial = self.certificate().raw_serial().to_vec();
        Revoked { serial, since: now().plus_seconds(-3_600), reason: 1 }
    }

    fn trust(&self) -> TrustStore {
        let mut trust = TrustStore::new();
        let root = Certificate::parse(&self.authority.root_der().unwrap()).unwrap();
        trust.add_anchor(root, CaClass::Other);
        trust
    }

    fn judged(&self, trust: &TrustStore, fetching: Option<&Fetching>) -> Report {
        let (evidence, policy) = (Evidence::none(), Policy::preset("vn-2025").unwrap());
        let limits = Limits::default();
        let case = Case {
            source: &self.letter,
            name: "letter.pdf",
            trust,
            evidence: &evidence,
            policy: &policy,
            at: None,
            access: (&limits).into(),
        };
        online::judge(&case, fetching).unwrap().report
    }

    /// Fetches the person's status alone; the codes of what failed, and how much came.
    fn fetched(&self, fetching: &Fetching, anchored: bool) -> (usize, Vec<&'static str>) {
        let missing = Missing::Status {
            certificate: self.certificate(),
            issuer: Some(self.issuing()),
            anchored,
            known: false,
        };
        let mut fetcher = Fetcher::new(fetching, now());
        let pieces = fetcher.fetch(&[missing], &mut Evidence::none());
        (pieces, fetcher.failures().iter().map(|failure| failure.code).collect())
    }
}

/// Loopback is allowed; who is silent is left soon.
fn here() -> Fetching {
    let rules = Rules { private_addresses: true, answer: Duration::from_millis(400), ..Rules::default() };
    Fetching { rules, ..Fetching::default() }
}

fn codes(report: &Report) -> Vec<&str> {
    report.warnings.iter().map(|finding| finding.code.as_str()).collect()
}

#[test]
fn what_is_missing_is_fetched_and_decides() {
    let office = Office::new();
    let trust = office.trust();
    let offline = office.judged(&trust, None);
    assert_eq!(offline.verdict, Verdict::Indeterminate);
    assert!(office.service.asked().is_empty(), "nobody is asked offline");

    let online = office.judged(&trust, Some(&here()));
    assert_eq!(online.verdict, Verdict::Valid, "{online:#?}");
    assert_eq!(online.signatures[0].trust.revocation, Revocation::Good);
    assert_eq!(online.signatures[0].trust.source.as_deref(), Some("ocsp, fetched"));
    assert!(online.wanted.is_empty() && codes(&online).is_empty(), "{online:#?}");
    assert_eq!(office.service.asked(), [ROOT_LIST_PATH, OCSP_PATH]);

    office.service.says(office.honest(&[office.taken_back()]));
    let revoked = office.judged(&trust, Some(&here()));
    assert_eq!(revoked.signatures[0].trust.revocation, Revocation::Revoked);
    assert_eq!(revoked.verdict, Verdict::Indeterminate);
}

/// Who answers something else than the truth of today is named, and the list is asked instead.
#[test]
fn a_lying_responder_is_named_and_not_believed() {
    let office = Office::new();
    let other = Office::new();
    let nonce = |answer: Vec<u8>| {
        // The last 32 bytes before the signature that repeat the question's number.
        let mark = der::oid("1.3.6.1.5.5.7.48.1.2");
        let at = answer.windows(mark.len()).position(|window| window == mark).unwrap();
        let mut answer = answer;
        answer[at + mark.len() + 8] ^= 1;
        answer
    };
    let (honest, authority) = (office.honest(&[]), Arc::clone(&office.authority));
    let foreign = Arc::clone(&other.authority);
    type Lie = Box<dyn Fn(&[u8]) -> Vec<u8> + Send + Sync>;
    let honest = Arc::new(honest);
    let say = Arc::clone(&honest);
    let old = authority.clone();
    let future = authority.clone();
    let lies: Vec<(&str, Lie)> = vec![
        ("ocsp_nonce_differs", Box::new(move |body| nonce(say(OCSP_PATH, body).unwrap()))),
        (
            "ocsp_stale",
            Box::new(move |body| {
                let (from, until) = (now().plus_seconds(-90_000), now().plus_seconds(-3_600));
                old.answer(body, &[], from, Some(until)).unwrap()
            }),
        ),
        (
            "ocsp_not_yet_issued",
            Box::new(move |body| future.answer(body, &[], now().plus_seconds(3_600), None).unwrap()),
        ),
        ("ocsp_bad_signature", Box::new(move |body| foreign.answer(body, &[], now(), None).unwrap())),
        ("ocsp_malformed", Box::new(|_| b"<html>captive portal</html>".to_vec())),
        // Refuses: OCSPResponseStatus tryLater.
        ("", Box::new(|_| vec![0x30, 0x03, 0x0a, 0x01, 0x03])),
    ];
    for (code, lie) in lies {
        let honest = Arc::clone(&honest);
        office.service.says(move |path, body| match path {
            OCSP_PATH => Some(lie(body)),
            other => honest(other, body),
        });
        let told: Vec<&str> = Some(code).filter(|code| !code.is_empty()).into_iter().collect();
        assert_eq!(office.fetched(&here(), true), (1, told), "the list settles it: {code}");
        assert_eq!(office.service.asked(), [OCSP_PATH, LIST_PATH], "{code}");
    }
}

#[test]
fn a_lying_list_is_named_and_not_believed() {
    let office = Office::new();
    let other = Office::new();
    let (authority, foreign) = (Arc::clone(&office.authority), Arc::clone(&other.authority));
    let list = move |from: i64, until: i64| {
        authority.list(&[], now().plus_seconds(from), now().plus_seconds(until)).unwrap()
    };
    let mut spoilt = list(-60, 600);
    *spoilt.last_mut().unwrap() ^= 1;
    let cases = [
        ("crl_stale", list(-7_200, -3_600)),
        ("crl_not_yet_issued", list(3_600, 7_200)),
        ("crl_bad_signature", spoilt),
        ("malformed_crl", b"<html>".to_vec()),
        ("malformed_crl", b"0".to_vec()),
    ];
    for (code, answer) in cases {
        office.service.says(move |path, _| Some(if path == LIST_PATH { answer.clone() } else { Vec::new() }));
        let (pieces, told) = office.fetched(&here(), true);
        assert_eq!((pieces, told), (0, vec!["egress_status", code]));
    }
    // One by another authority of the same name cannot be told from one of an indirect issuer here; the
    // judgement does.
    let foreign = foreign.list(&[], now().plus_seconds(-60), now().plus_seconds(600)).unwrap();
    office.service.says(move |path, _| Some(if path == LIST_PATH { foreign.clone() } else { Vec::new() }));
    let report = office.judged(&office.trust(), Some(&here()));
    assert_ne!(report.signatures[0].trust.revocation, Revocation::Good);
    assert_ne!(report.verdict, Verdict::Valid);
}

#[test]
fn who_is_absent_or_silent_is_named_in_the_report() {
    let office = Office::new();
    office.service.says(|_, _| None);
    let report = office.judged(&office.trust(), Some(&here()));
    assert_eq!(report.verdict, Verdict::Indeterminate);
    let told: Vec<&str> = report.warnings.iter().map(|finding| finding.message_en.as_str()).collect();
    let late = told.iter().filter(|text| text.contains("127.0.0.1: egress_timeout"));
    assert_eq!(late.count(), 2, "the person's and the authority's: {told:?}");
    assert_eq!(report.wanted.len(), 2, "still wanted");

    office.service.says(|_, _| Some(Vec::new()));
    let (pieces, told) = office.fetched(&here(), true);
    assert_eq!((pieces, told), (0, vec!["egress_status"]), "the same host and reason is told once");
}

#[test]
fn a_path_without_an_anchor_is_asked_only_where_the_operator_says() {
    let office = Office::new();
    // Nobody is trusted.
    let report = office.judged(&TrustStore::new(), Some(&here()));
    assert_eq!(report.verdict, Verdict::Indeterminate);
    // Somebody else is.
    office.judged(&Office::new().trust(), Some(&here()));
    assert!(office.service.asked().is_empty());
    assert!(codes(&report).iter().all(|code| *code != "evidence_not_fetched"));

    let elsewhere = Rules { hosts: vec!["ocsp.example.vn".into()], ..here().rules };
    office.judged(&TrustStore::new(), Some(&Fetching { rules: elsewhere, ..here() }));
    assert!(office.service.asked().is_empty());
    let named = Rules { hosts: vec![format!("127.0.0.1:{}", office.service.port)], ..here().rules };
    office.judged(&TrustStore::new(), Some(&Fetching { rules: named, ..here() }));
    assert!(!office.service.asked().is_empty());
}

#[test]
fn hostile_addresses_in_certificates_leave_the_canary_alone() {
    let canary = Service::start();
    for (url, code) in HOSTILE {
        let url = url.replace("{}", &canary.port.to_string());
        let office = Office::at(Service::start(), &url);
        let (pieces, told) = office.fetched(&Fetching::default(), true);
        assert_eq!(pieces, 0);
        // What is appended to make a path may make a bad port of it, or of nothing a host.
        assert!(!told.is_empty() && told.iter().all(|told| told.starts_with("egress_")), "{url}: {told:?}");
        assert!(
            told.contains(&code) || told.contains(&"egress_bad_url") || told.contains(&"egress_not_public")
        );
        // A path that ends nowhere, where loopback is allowed.
        office.fetched(&here(), false);
        assert!(canary.asked().is_empty(), "{url}");
    }
}

/// authorityInfoAccess with so many addresses for one method.
fn access(method: &str, urls: &[String]) -> (&'static str, Vec<u8>) {
    let one = |url: &String| der::sequence(&[&der::oid(method), &der::element(0x86, url.as_bytes())]);
    let all: Vec<Vec<u8>> = urls.iter().map(one).collect();
    ("1.3.6.1.5.5.7.1.1", der::sequence(&all.iter().map(Vec::as_slice).collect::<Vec<_>>()))
}

#[test]
fn a_certificate_with_many_addresses_is_asked_about_twice_and_a_document_eight_times() {
    let office = Office::new();
    office.service.says(|_, _| Some(Vec::new()));
    let urls =
        |n: usize| -> Vec<String> { (0..n).map(|n| format!("{}/{n}", office.service.url())).collect() };
    let many = with_extensions(&office.person, &[access("1.3.6.1.5.5.7.48.1", &urls(240))]);
    let missing = |certificate: &Certificate| Missing::Status {
        certificate: certificate.clone(),
        issuer: Some(office.issuing()),
        anchored: true,
        known: false,
    };
    let fetching = here();
    let mut fetcher = Fetcher::new(&fetching, now());
    assert_eq!(fetcher.fetch(&[missing(&many)], &mut Evidence::none()), 0);
    assert_eq!(office.service.asked().len(), 2);
    let told: Vec<&str> = fetcher.failures().iter().map(|failure| failure.code).collect();
    assert_eq!(told, ["egress_status", "egress_too_many"]);

    let several: Vec<Missing> = (0..20)
        .map(|n| {
            let urls = urls(240)[n * 12..n * 12 + 12].to_vec();
            missing(&with_extensions(&office.person, &[access("1.3.6.1.5.5.7.48.1", &urls)]))
        })
        .collect();
    let mut fetcher = Fetcher::new(&fetching, now());
    assert_eq!(fetcher.fetch(&several, &mut Evidence::none()), 0);
    assert_eq!(office.service.asked().len(), 8);
}

#[test]
fn answers_are_kept_and_what_is_kept_is_looked_at_again() {
    let office = Office::new();
    let folder = tempfile::tempdir().unwrap();
    let fetching = Fetching { cache: Some(Cache::new(folder.path())), ..here() };
    let judge = || office.judged(&office.trust(), Some(&fetching)).verdict;
    assert_eq!(judge(), Verdict::Valid);
    assert_eq!(office.service.asked().len(), 2);
    assert_eq!(judge(), Verdict::Valid);
    assert!(office.service.asked().is_empty(), "answered by what was kept");
    // Kept answers that were replaced by others, with marks that fit.
    let cache = Cache::new(folder.path());
    let plain = ocsp::request(&office.certificate(), &office.issuing(), DigestAlgorithm::Sha1, None);
    let key = Key::of(&office.certificate().ocsp_urls()[0], &plain);
    let lie = Office::new().authority.answer(&plain, &[], now(), None).unwrap();
    cache.write(&key, &lie, now().plus_seconds(3_600));
    assert_eq!(judge(), Verdict::Valid);
    assert_eq!(office.service.asked(), [OCSP_PATH], "the lie was thrown away");
    // Damaged.
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        std::fs::write(entry.unwrap().path(), b"SGNC").unwrap();
    }
    assert_eq!(judge(), Verdict::Valid);
    assert_eq!(office.service.asked().len(), 2);
}

#[test]
fn an_issuer_that_is_missing_is_fetched_where_the_operator_says() {
    let office = Office::new();
    let issuing = office.issuing();
    let named = Rules { hosts: vec![format!("127.0.0.1:{}", office.service.port)], ..here().rules };
    let fetching = Fetching { rules: named, ..here() };
    let missing = [Missing::Issuer { certificate: office.certificate() }];
    // Certificates alone, in PKCS#7: SignedData version 1 without content and signers.
    let content = der::sequence(&[&der::oid("1.2.840.113549.1.7.1")]);
    let empty = der::container(tag::SET, &[]);
    let all = der::container(tag::context(0), &[issuing.der()]);
    let signed_data = der::sequence(&[&der::integer(1), &empty, &content, &all, &empty]);
    let pkcs7 = der::sequence(&[
        &der::oid("1.2.840.113549.1.7.2"),
        &der::container(tag::context(0), &[&signed_data]),
    ]);
    let root = office.authority.root_der().unwrap();
    for (form, answer, pieces, told) in [
        ("DER", issuing.der().to_vec(), 1, vec![]),
        ("PEM", office.authority.issuing_pem().unwrap(), 1, vec![]),
        ("PKCS#7", pkcs7, 1, vec![]),
        ("another's", root, 0, vec!["issuer_of_another"]),
        ("none", b"<html>".to_vec(), 0, vec!["malformed_certificate"]),
    ] {
        office.service.says(move |_, _| Some(answer.clone()));
        let mut fetcher = Fetcher::new(&fetching, now());
        let mut evidence = Evidence::none();
        assert_eq!(fetcher.fetch(&missing, &mut evidence), pieces, "{form}");
        let failures: Vec<&str> = fetcher.failures().iter().map(|failure| failure.code).collect();
        assert_eq!(failures, told, "{form}");
        office.service.asked();
        // The operator named nobody: it is not asked.
        assert_eq!(Fetcher::new(&here(), now()).fetch(&missing, &mut Evidence::none()), 0);
        assert!(office.service.asked().is_empty());
    }
}
