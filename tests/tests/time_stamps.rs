//! Level B-T with `openssl ts` as the authority, honest, lying and absent; judged by us, pdfsig and pyHanko.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::slice;

use crate::keys::{Keys, done, sign_cli};
use crate::peers::{pdfsig, pyhanko};
use crate::workspace::{peer, root};

/// What an authority does with a question.
type Answer = Box<dyn FnMut(&[u8]) -> Vec<u8> + Send>;

/// Serves answers over HTTP until the test process ends; returns its address.
fn serve(mut answer: Answer) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/tsa", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let (head, question) = question(&mut stream);
            assert!(
                head.starts_with("POST /tsa HTTP/1.1") && head.contains("application/timestamp-query"),
                "{head}"
            );
            let body = answer(&question);
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            stream.write_all(&[head.as_bytes(), &body].concat()).unwrap();
        }
    });
    address
}

/// Head and body of one HTTP request.
fn question(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).unwrap();
        bytes.extend_from_slice(&buffer[..count]);
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().unwrap())
        });
        let body = &bytes[end + 4..];
        if body.len() >= length.unwrap_or(0) {
            return (head, body.to_vec());
        }
    }
}

const CONFIG: &str = "[t]\nserial = SERIAL\nsigner_digest = sha256\ndefault_policy = 1.2.3.4.1\n\
    digests = sha256\naccuracy = secs:1\ness_cert_id_alg = sha256\n";

/// `openssl ts` with the unit's key.
fn honest(folder: &Path, keys: &Keys) -> Option<Answer> {
    let openssl = peer("openssl")?;
    let (folder, tsa, issuing) = (folder.to_owned(), keys.tsa(), keys.issuing.clone());
    let config = folder.join("tsa.cnf");
    std::fs::write(&config, CONFIG.replace("SERIAL", folder.join("serial").to_str().unwrap())).unwrap();
    Some(Box::new(move |question| {
        let (asked, answered) = (folder.join("question"), folder.join("answer"));
        std::fs::write(&asked, question).unwrap();
        let mut command = Command::new(&openssl);
        command.args(["ts", "-reply", "-section", "t", "-config"]).arg(&config).arg("-queryfile").arg(&asked);
        command.arg("-signer").arg(&tsa).arg("-inkey").arg(&tsa).arg("-chain").arg(&issuing);
        done(command.arg("-out").arg(&answered));
        std::fs::read(&answered).unwrap()
    }))
}

fn letter() -> PathBuf {
    root().join("fixtures/pdf/plain/cong-van.pdf")
}

/// Signs at level t; exit status, and the code of the refusal if there is one.
fn sign(keys: &Keys, tsa: &[&str], out: &Path) -> (i32, String) {
    let mut command = sign_cli();
    command
        .arg("--json")
        .arg("sign")
        .arg(letter())
        .arg("--key")
        .arg(&keys.person)
        .arg("--pin-file")
        .arg(&keys.pin);
    command.args(["--level", "t", "--tsa-wait", "20"]);
    command.args(tsa.iter().flat_map(|url| ["--tsa", url]));
    let output = command.arg("--out").arg(out).output().unwrap();
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output.status.code().unwrap(), said["error"]["code"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn a_stamped_signature_pleases_all_judges_and_outlives_its_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::make(folder.path());
    let Some(honest) = honest(folder.path(), &keys) else { return };
    // Nobody listens at the first: the second is asked.
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let absent = format!("http://{}/", nobody.local_addr().unwrap());
    drop(nobody);
    let out = folder.path().join("stamped.pdf");
    assert_eq!(sign(&keys, &[&absent, &serve(honest)], &out), (0, String::new()));

    let judge = |at: Option<&str>| {
        let mut command = sign_cli();
        command.args(["--json", "verify"]).arg(&out).arg("--trust").arg(&keys.root);
        let output = command.args(at.map(|at| ["--at", at]).into_iter().flatten()).output().unwrap();
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()
    };
    let report = judge(None);
    let signature = &report["signatures"][0];
    assert_eq!((&report["verdict"], &signature["level"]), (&"valid".into(), &"B-T".into()), "{report:#}");
    assert_eq!(signature["time"]["tsa"], "Dấu thời gian thử nghiệm");
    // Both certificates have ended by then, and a stamp does not outlive its own authority's.
    assert_eq!(judge(Some("2040-01-01T00:00:00Z"))["verdict"], "indeterminate");

    if let Some(answers) = pdfsig(&out) {
        assert!(answers.iter().all(|answer| answer.valid && answer.total), "{answers:?}");
    }
    if let Some(answers) = pyhanko(&keys, slice::from_ref(&out)) {
        let answer = &answers[&out].as_ref().unwrap()[0];
        assert!(answer.valid && answer.summary.contains("TIMESTAMP_TOKEN<INTACT"), "{}", answer.summary);
        println!("pyHanko: {}", answer.summary);
    }
}

#[test]
fn an_authority_that_lies_or_fails_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::make(folder.path());
    let Some(mut first) = honest(folder.path(), &keys) else { return };
    let mut old = None;
    // The answer to the first question, again and again.
    let repeating = serve(Box::new(move |question| old.get_or_insert_with(|| first(question)).clone()));
    let html = serve(Box::new(|_| b"<html>403 Forbidden</html>".to_vec()));
    // PKIStatus 2 (rejection) with failInfo badAlg.
    let refusing =
        serve(Box::new(|_| vec![0x30, 0x09, 0x30, 0x07, 0x02, 0x01, 0x02, 0x03, 0x02, 0x07, 0x80]));
    let out = folder.path().join("out.pdf");
    assert_eq!(sign(&keys, &[&repeating], &folder.path().join("first.pdf")), (0, String::new()));
    for (urls, code) in [
        (vec![repeating.as_str()], "tsa_wrong_imprint"),
        (vec![html.as_str()], "tsa_bad_answer"),
        (vec![refusing.as_str()], "tsa_refused"),
        (vec![html.as_str(), refusing.as_str()], "tsa_refused"),
        (vec!["http://127.0.0.1:1/"], "tsa_unreachable"),
        (vec!["ldap://127.0.0.1/"], "tsa_bad_address"),
        (vec![], "tsa_missing"),
    ] {
        assert_eq!(sign(&keys, &urls, &out), (2, code.to_owned()), "{urls:?}");
        assert!(!out.exists(), "{urls:?}");
    }
}
