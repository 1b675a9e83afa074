//! Addresses that must not be asked, servers that must not be believed, and a canary on loopback that
//! nobody may touch.

use super::*;
use std::io::{Read, Write};
use std::net::{IpAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// A listener on loopback that counts who comes.
struct Canary {
    port: u16,
    listener: TcpListener,
}

impl Canary {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self { port: listener.local_addr().unwrap().port(), listener }
    }

    /// Connections are complete before `connect` returns, so none can still be on its way.
    fn was_touched(&self) -> bool {
        self.listener.accept().is_ok()
    }
}

/// Answers one question with these bytes, after telling what was asked.
fn server(answer: Vec<u8>) -> (u16, JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = Vec::new();
        let mut buffer = [0; 4096];
        while !asked.windows(4).any(|window| window == b"\r\n\r\n") {
            match stream.read(&mut buffer) {
                Ok(0) | Err(_) => break,
                Ok(count) => asked.extend_from_slice(&buffer[..count]),
            }
        }
        // Who hangs up early has heard enough.
        let _ = stream.write_all(&answer);
        asked
    });
    (port, thread)
}

fn response(status: &str, more: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{more}\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn here() -> Rules {
    Rules { private_addresses: true, ..Rules::default() }
}

fn get(rules: Rules, url: &str) -> Result<Vec<u8>, EgressError> {
    Egress::new(rules).ask(&Question { url, body: None })
}

/// URLs as attackers write them into certificates, with the cause of refusal. `{}` is the canary's port.
pub(crate) const HOSTILE: [(&str, &str); 62] = [
    // This machine, however it is spelled.
    ("http://127.0.0.1/", "egress_not_public"),
    ("http://127.0.0.1:80/crl", "egress_not_public"),
    ("http://127.1/", "egress_not_public"),
    ("http://127.0.1/", "egress_not_public"),
    ("http://127.255.255.254/", "egress_not_public"),
    ("http://0.0.0.0/", "egress_not_public"),
    ("http://0/", "egress_not_public"),
    ("http://2130706433/", "egress_not_public"),
    ("http://017700000001/", "egress_not_public"),
    ("http://0x7f.1/", "egress_not_public"),
    ("http://0x7f000001/", "egress_not_public"),
    ("http://0177.0.0.1/", "egress_not_public"),
    ("http://localhost/", "egress_not_public"),
    ("http://LOCALHOST/", "egress_not_public"),
    ("http://[::1]/", "egress_not_public"),
    ("http://[0:0:0:0:0:0:0:1]/", "egress_not_public"),
    ("http://[::]/", "egress_not_public"),
    ("https://127.0.0.1/", "egress_not_public"),
    ("https://[::1]/", "egress_not_public"),
    // IPv4 inside IPv6.
    ("http://[::ffff:127.0.0.1]/", "egress_not_public"),
    ("http://[::ffff:7f00:1]/", "egress_not_public"),
    ("http://[::127.0.0.1]/", "egress_not_public"),
    ("http://[::ffff:10.0.0.1]/", "egress_not_public"),
    ("http://[::ffff:169.254.169.254]/", "egress_not_public"),
    ("http://[64:ff9b::7f00:1]/", "egress_not_public"),
    ("http://[64:ff9b:1::1]/", "egress_not_public"),
    ("http://[2002:7f00:1::]/", "egress_not_public"),
    ("http://[2001:0:7f00:1::]/", "egress_not_public"),
    // Networks that are not the public one.
    ("http://10.0.0.1/", "egress_not_public"),
    ("http://10.255.255.255/ocsp", "egress_not_public"),
    ("http://172.16.0.1/", "egress_not_public"),
    ("http://172.31.255.255/", "egress_not_public"),
    ("http://192.168.1.1/", "egress_not_public"),
    ("http://100.64.0.1/", "egress_not_public"),
    ("http://192.0.0.1/", "egress_not_public"),
    ("http://192.0.2.1/", "egress_not_public"),
    ("http://198.18.0.1/", "egress_not_public"),
    ("http://203.0.113.7/", "egress_not_public"),
    ("http://224.0.0.1/", "egress_not_public"),
    ("http://255.255.255.255/", "egress_not_public"),
    ("http://169.254.169.254/latest/meta-data/", "egress_not_public"),
    ("http://[fe80::1]/", "egress_not_public"),
    ("http://[fc00::1]/", "egress_not_public"),
    ("http://[fd12:3456:789a::1]/", "egress_not_public"),
    ("http://[ff02::1]/", "egress_not_public"),
    ("http://[100::1]/", "egress_not_public"),
    ("http://[2001:db8::1]/", "egress_not_public"),
    // Ports on which other things listen.
    ("http://127.0.0.1:{}/", "egress_not_listed"),
    ("http://ocsp.example.vn:22/", "egress_not_listed"),
    ("http://ocsp.example.vn:6379/", "egress_not_listed"),
    ("http://ocsp.example.vn:65536/", "egress_bad_url"),
    ("http://ocsp.example.vn:0/", "egress_bad_url"),
    // Other protocols and tricks of spelling.
    ("ldap://127.0.0.1:{}/cn=ca", "egress_bad_url"),
    ("file:///etc/passwd", "egress_bad_url"),
    ("gopher://127.0.0.1:{}/_x", "egress_bad_url"),
    ("ftp://127.0.0.1/crl", "egress_bad_url"),
    ("http://ocsp.example.vn@127.0.0.1:{}/", "egress_bad_url"),
    ("http://127.0.0.1:{}\\@ocsp.example.vn/", "egress_bad_url"),
    ("http://127.0.0.1%2f.example.vn/", "egress_bad_url"),
    ("http://ocsp.example.vn/\r\nHost: 127.0.0.1", "egress_bad_url"),
    ("http:///nothing", "egress_bad_url"),
    ("", "egress_bad_url"),
];

#[test]
fn hostile_addresses_are_refused_and_the_canary_is_not_touched() {
    let canary = Canary::new();
    for (url, code) in HOSTILE {
        let url = url.replace("{}", &canary.port.to_string());
        assert_eq!(get(Rules::default(), &url).unwrap_err().code(), code, "{url}");
        assert!(!canary.was_touched(), "{url}");
    }
    let long = format!("http://127.0.0.1:{}/{}", canary.port, "a".repeat(3_000));
    assert_eq!(get(Rules::default(), &long).unwrap_err().code(), "egress_bad_url");
    assert!(!canary.was_touched());
}

#[test]
fn a_name_is_resolved_once_and_every_address_is_looked_at() {
    let canary = Canary::new();
    let inside = SocketAddr::from(([127, 0, 0, 1], canary.port));
    let outside = SocketAddr::from(([8, 8, 8, 8], 80));
    // What a hostile name server says the first, the second and every later time.
    for (answers, code) in [
        (vec![vec![inside]], "egress_not_public"),
        (vec![vec![outside, inside]], "egress_not_public"),
        (vec![vec![inside, outside], vec![outside]], "egress_not_public"),
        (vec![vec![]], "egress_no_address"),
    ] {
        let left = Arc::new(Mutex::new(answers));
        let asked = Arc::clone(&left);
        let resolve = move |_: &str, _: u16| Ok(asked.lock().unwrap().remove(0));
        let egress = Egress { resolve: Arc::new(resolve), ..Egress::new(Rules::default()) };
        let before = left.lock().unwrap().len();
        let error = egress.ask(&Question { url: "http://flip.example.vn/", body: None }).unwrap_err();
        assert_eq!(error.code(), code);
        assert_eq!(left.lock().unwrap().len(), before - 1, "asked once");
        assert!(!canary.was_touched());
    }
}

#[test]
fn the_connection_goes_to_the_address_that_was_looked_at() {
    // The second answer would lead to the canary, if anybody asked again.
    let canary = Canary::new();
    let (port, server) = server(response("200 OK", "", b"crl"));
    let answers = Mutex::new(vec![port, canary.port]);
    let resolve = move |_: &str, _: u16| {
        Ok(vec![SocketAddr::from(([127, 0, 0, 1], answers.lock().unwrap().remove(0)))])
    };
    let egress = Egress { resolve: Arc::new(resolve), ..Egress::new(here()) };
    assert_eq!(egress.ask(&Question { url: "http://crl.example.vn/a.crl?x=1", body: None }).unwrap(), b"crl");
    let asked = String::from_utf8(server.join().unwrap()).unwrap().to_lowercase();
    assert!(
        asked.starts_with("get /a.crl?x=1 http/1.1\r\n") && asked.contains("host: crl.example.vn\r\n"),
        "{asked}"
    );
    assert!(!canary.was_touched());
}

#[test]
fn redirects_are_not_followed() {
    let canary = Canary::new();
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let location = format!("Location: http://127.0.0.1:{}/\r\n", canary.port);
        let (port, server) = server(response(status, &location, b""));
        let error = get(here(), &format!("http://127.0.0.1:{port}/")).unwrap_err();
        assert_eq!(error.code(), "egress_status");
        server.join().unwrap();
        assert!(!canary.was_touched(), "{status}");
    }
}

#[test]
fn only_a_plain_200_of_bounded_length_counts() {
    let small = Rules { largest: 10, ..here() };
    for (answer, code) in [
        (response("200 OK", "", b"12345678901"), "egress_too_long"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n1".to_vec(), "egress_too_long"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n0\r\n\r\n".to_vec(),
            "egress_too_long",
        ),
        (response("404 Not Found", "", b""), "egress_status"),
        (response("204 No Content", "", b""), "egress_status"),
        (response("500 Oops", "", b""), "egress_status"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort".to_vec(), "egress_unreachable"),
        (b"SSH-2.0-OpenSSH\r\n".to_vec(), "egress_unreachable"),
        (Vec::new(), "egress_unreachable"),
    ] {
        let (port, server) = server(answer.clone());
        let error = get(small.clone(), &format!("http://127.0.0.1:{port}/")).unwrap_err();
        assert_eq!(error.code(), code, "{}", String::from_utf8_lossy(&answer));
        server.join().unwrap();
    }
}

#[test]
fn a_question_is_posted_as_it_is() {
    let (port, server) = server(response("200 OK", "", b"answer"));
    let url = format!("http://127.0.0.1:{port}/ocsp");
    let body = Some(("application/ocsp-request", b"question".as_slice()));
    assert_eq!(Egress::new(here()).ask(&Question { url: &url, body }).unwrap(), b"answer");
    let asked = String::from_utf8(server.join().unwrap()).unwrap().to_lowercase();
    assert!(
        asked.starts_with("post /ocsp http/1.1\r\ncontent-type: application/ocsp-request\r\n"),
        "{asked}"
    );
}

#[test]
fn a_silent_server_is_left_in_time() {
    // Accepts by the system's queue and never says anything.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://127.0.0.1:{}/", listener.local_addr().unwrap().port());
    let rules = Rules { answer: Duration::from_millis(50), ..here() };
    assert_eq!(get(rules, &url).unwrap_err().code(), "egress_timeout");
}

#[test]
fn nobody_listening_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://127.0.0.1:{}/", listener.local_addr().unwrap().port());
    drop(listener);
    assert_eq!(get(here(), &url).unwrap_err().code(), "egress_unreachable");
}

#[test]
fn the_questions_for_one_document_are_counted() {
    let egress = Egress::new(Rules { questions: 2, ..Rules::default() });
    let question = Question { url: "http://127.0.0.1/", body: None };
    let codes = [(); 4].map(|()| egress.ask(&question).unwrap_err().code());
    assert_eq!(codes, ["egress_not_public", "egress_not_public", "egress_too_many", "egress_too_many"]);
}

#[test]
fn the_operators_list_is_obeyed() {
    let rules = Rules { hosts: vec!["ocsp.ca.gov.vn".into(), "127.0.0.1:8080".into()], ..here() };
    let egress = Egress::new(rules);
    let permitted = |url: &str| egress.permit(&Target::parse(url).unwrap()).is_ok();
    for (url, expected) in [
        ("http://ocsp.ca.gov.vn/", true),
        ("https://OCSP.ca.gov.vn/x", true),
        ("http://ocsp.ca.gov.vn:8080/", false),
        ("http://127.0.0.1:8080/", true),
        ("http://127.0.0.1/", false),
        ("http://evil-ocsp.ca.gov.vn/", false),
        ("http://ocsp.ca.gov.vn.example.com/", false),
    ] {
        assert_eq!(permitted(url), expected, "{url}");
    }
}

#[test]
fn public_addresses_are_public() {
    for text in [
        "8.8.8.8",
        "1.1.1.1",
        "172.15.255.255",
        "172.32.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "2606:4700::1111",
        "2001:4860:4860::8888",
        "2400:cb00::1",
    ] {
        assert!(is_public(text.parse::<IpAddr>().unwrap()), "{text}");
    }
}
