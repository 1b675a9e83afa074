//! Levels B to LTA made with somebody else's services (certomancer's), judged by us, pdfsig and pyHanko; what
//! pyHanko makes judged by us; renewal; and services that are down, lie or take back.

mod office;

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use sign_core::limits::Limits;
use sign_core::pades::dss;
use sign_core::pdf::Document;
use sign_core::source::Prefix;

use crate::conformance::{STANDARDS, verapdf};
use crate::keys::{done, sign_cli};
use crate::peers::{pdfsig, pyhanko_trusting, qpdf};
use crate::workspace::{free_port, peer, root};
use office::Office;

const LEVELS: [&str; 4] = ["b", "t", "lt", "lta"];

fn letter() -> PathBuf {
    root().join("fixtures/pdf/plain/cong-van.pdf")
}

/// Exit status and what was said as JSON.
fn said(command: &mut Command) -> (i32, Value) {
    let output = command.output().unwrap();
    let said = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code().unwrap(), said)
}

/// `sign` or `extend` at a level; loopback is allowed.
fn at_level(verb: &str, office: &Office, file: &Path, level: &str, tsa: &str, out: &Path) -> Command {
    let mut command = sign_cli();
    command.args(["--json", verb]).arg(file).args(["--level", level]).arg("--out").arg(out);
    if verb == "sign" {
        command.arg("--key").arg(&office.key);
    }
    if level != "b" {
        command.args(["--tsa", &office.tsa(tsa), "--tsa-wait", "20", "--allow-private", "--trust"]);
        command.arg(&office.root);
    }
    command
}

/// Our own report, without a network, under the policy that demands every status.
fn judged(office: &Office, pdf: &Path) -> Value {
    let mut command = sign_cli();
    command.args(["--json", "verify", "--offline", "--policy", "vn-2025"]).arg(pdf).arg("--trust");
    said(command.arg(&office.root)).1
}

/// The same by the policy that passes what nothing tells of, with who issued the time-stamping units:
/// certomancer's tokens come without that certificate, which only a store adds.
fn judged_leniently(office: &Office, pdf: &Path) -> Value {
    let mut command = sign_cli();
    command.args(["--json", "verify", "--offline"]).arg(pdf).arg("--trust").arg(&office.root);
    said(command.arg("--evidence").arg(&office.issuing)).1
}

/// Whether a report names this level.
fn is_named(report: &Value, level: &str) -> bool {
    let signature =
        report["signatures"].as_array().unwrap().iter().find(|one| one["kind"] != "document_timestamp");
    signature.unwrap()["level"] == level
}

/// What pyHanko says of the first signature of each file: now, and in ten years.
fn pyhanko_levels(office: &Office, files: &[PathBuf]) -> Option<HashMap<PathBuf, [String; 2]>> {
    let python = peer("pyhanko")?.with_file_name("python3");
    let mut child = Command::new(python)
        .arg(root().join("tests/peers/levels.py"))
        .args([Path::new("judge"), &office.root, &office.issuing])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    for file in files {
        writeln!(input, "{}", file.display()).unwrap();
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "levels.py failed");
    let answers = String::from_utf8(output.stdout).unwrap();
    let answer = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        let first = &line["signatures"][0];
        let word = |key: &str| first[key].as_str().unwrap_or_else(|| panic!("{line}")).to_owned();
        (PathBuf::from(line["file"].as_str().unwrap()), [word("now"), word("later")])
    };
    Some(answers.lines().map(answer).collect())
}

/// pyHanko without a network and with every status demanded: below LT nothing shows the status; at LT it is
/// shown, but nothing proves that this was so at the time of the signature; at LTA both, and so it stays.
fn expected_of_pyhanko(level: &str) -> [&'static str; 2] {
    match level {
        "b" | "t" => ["CERTIFICATE_CHAIN_GENERAL_FAILURE"; 2],
        "lt" => ["NO_POE", "OK"],
        _ => ["OK", "OK"],
    }
}

#[test]
fn every_level_we_make_is_that_level_to_all_judges() {
    let folder = tempfile::tempdir().unwrap();
    let Some(office) = Office::open(folder.path()) else { return };
    let at = |name: &str| folder.path().join(name);
    // How it was made, what it is of, and what pyHanko is to say.
    let mut files = Vec::new();
    for level in LEVELS {
        let out = at(&format!("signed-{level}.pdf"));
        let (status, said) = said(&mut at_level("sign", &office, &letter(), level, "tsa", &out));
        let name = format!("B-{}", level.to_uppercase());
        assert_eq!((status, &said["level"]), (0, &Value::from(name.as_str())), "{said:#}");
        assert_eq!(said["reasons"], Value::Array(Vec::new()));
        files.push((out, name, expected_of_pyhanko(level)));
    }
    for (from, to) in
        [("b", "t"), ("b", "lt"), ("b", "lta"), ("t", "t"), ("t", "lt"), ("t", "lta"), ("lt", "lta")]
    {
        let out = at(&format!("extended-{from}-{to}.pdf"));
        let source = at(&format!("signed-{from}.pdf"));
        let (status, said) = said(&mut at_level("extend", &office, &source, to, "tsa", &out));
        let name = format!("B-{}", to.to_uppercase());
        assert_eq!((status, &said["level"]), (0, &Value::from(name.as_str())), "{from} {said:#}");
        let (before, after) = (std::fs::read(&source).unwrap(), std::fs::read(&out).unwrap());
        assert!(after.starts_with(&before), "no byte of the signed file changes");
        // pyHanko wants the time stamp inside the signature and takes none over the document instead of it.
        let stamped =
            if from == "b" && to != "t" { ["SIG_CONSTRAINTS_FAILURE"; 2] } else { expected_of_pyhanko(to) };
        files.push((out, name, stamped));
    }
    let paths: Vec<PathBuf> = files.iter().map(|(path, ..)| path.clone()).collect();
    let levels = pyhanko_levels(&office, &paths);
    let ordinary = pyhanko_trusting(&[&office.root, &office.issuing], &paths);
    for (path, level, expected) in &files {
        let file = path.file_name().unwrap().to_string_lossy();
        let report = judged(&office, path);
        let naming = if level == "B-T" { judged_leniently(&office, path) } else { report.clone() };
        assert!(is_named(&naming, level), "{file}: {naming:#}");
        let lasting = level.starts_with("B-L");
        let verdict = if lasting { "valid" } else { "indeterminate" };
        assert_eq!(report["verdict"], verdict, "{file}: {report:#}");
        if let Some(answers) = pdfsig(path) {
            // At LT evidence stands behind the last signature.
            let total = answers.iter().any(|answer| answer.total);
            assert!(answers[0].valid && total == (level != "B-LT"), "{file}: {answers:?}");
        }
        if let Some(answers) = &ordinary {
            let answer = &answers[path].as_ref().unwrap()[0];
            assert!(answer.valid, "{file}: {}", answer.summary);
        }
        if let Some(levels) = &levels {
            println!("{file}: {level}, pyHanko now and in ten years: {:?}", levels[path]);
            assert_eq!(levels[path], expected.map(str::to_owned), "{file}");
        }
        if let Some((status, said)) = qpdf(path) {
            assert_eq!(status, 0, "{file}: {said}");
        }
    }
}

#[test]
fn every_level_pyhanko_makes_is_that_level_to_us() {
    let folder = tempfile::tempdir().unwrap();
    let Some(office) = Office::open(folder.path()) else { return };
    let Some(pyhanko) = peer("pyhanko") else { return };
    for level in LEVELS {
        let out = folder.path().join(format!("theirs-{level}.pdf"));
        let mut command = Command::new(pyhanko.with_file_name("python3"));
        command.arg(root().join("tests/peers/levels.py")).args(["sign", level]).arg(letter()).arg(&out);
        done(command.arg(&office.key).arg(office.tsa("tsa")).arg(&office.root));
        let report = judged(&office, &out);
        let verdict = if level.starts_with('l') { "valid" } else { "indeterminate" };
        assert_eq!(report["verdict"], verdict, "{level}: {report:#}");
        assert!(is_named(&report, &format!("B-{}", level.to_uppercase())), "{level}: {report:#}");
        // And we raise what they made.
        let raised = folder.path().join(format!("raised-{level}.pdf"));
        let (status, said) = said(&mut at_level("extend", &office, &out, "lta", "other-tsa", &raised));
        assert_eq!((status, &said["level"]), (0, &"B-LTA".into()), "{level}: {said:#}");
        assert_eq!(judged(&office, &raised)["verdict"], "valid");
    }
}

/// The store of each revision holds that of the one before, and nothing twice.
fn check_stores(pdf: &Path) -> usize {
    let bytes = std::fs::read(pdf).unwrap();
    let document = Document::open(&bytes, Limits::default()).unwrap();
    let mut stores: Vec<Vec<Vec<u8>>> = Vec::new();
    for revision in document.revisions() {
        let prefix = Prefix::new(&bytes, revision.end);
        let document = Document::open(&prefix, Limits::default()).unwrap();
        let store = dss::store(document.latest()).unwrap();
        assert_eq!(store.unread, 0);
        let all = [store.certificates, store.ocsp, store.crls].concat();
        let mut once = all.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), all.len(), "nothing is there twice");
        if let Some(before) = stores.last() {
            assert!(before.iter().all(|piece| all.contains(piece)), "nothing was lost");
        }
        stores.push(all);
    }
    stores.last().unwrap().len()
}

#[test]
fn an_archive_is_renewed_twice_and_nothing_is_lost_or_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let Some(office) = Office::open(folder.path()) else { return };
    let at = |n: usize| folder.path().join(format!("{n}.pdf"));
    assert_eq!(said(&mut at_level("sign", &office, &letter(), "lta", "tsa", &at(0))).0, 0);
    for (n, tsa) in [(1, "other-tsa"), (2, "tsa"), (3, "tsa")] {
        let (status, said) = said(&mut at_level("extend", &office, &at(n - 1), "lta", tsa, &at(n)));
        assert_eq!((status, &said["level"]), (0, &"B-LTA".into()), "{said:#}");
        let report = judged(&office, &at(n));
        assert_eq!(report["verdict"], "valid", "{report:#}");
        assert_eq!(report["signatures"].as_array().unwrap().len(), n + 2);
    }
    let pieces: Vec<usize> = (0..4).map(|n| check_stores(&at(n))).collect();
    // The person's chain and the first authority; then the second one: its certificate and a list. The first
    // one again is known already.
    println!("pieces in the store: {pieces:?}");
    assert!(pieces[0] < pieces[1] && pieces[1] == pieces[2] && pieces[2] == pieces[3], "{pieces:?}");
    if let Some(levels) = pyhanko_levels(&office, &[at(1), at(2), at(3)]) {
        for (file, answer) in levels {
            assert_eq!(answer, ["OK", "OK"], "{}", file.display());
        }
    }
}

#[test]
fn a_level_that_cannot_be_reached_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mut office) = Office::open(folder.path()) else { return };
    let at = |name: &str| folder.path().join(name);
    assert_eq!(said(&mut at_level("sign", &office, &letter(), "t", "tsa", &at("t.pdf"))).0, 0);
    assert_eq!(said(&mut at_level("sign", &office, &letter(), "b", "tsa", &at("b.pdf"))).0, 0);
    let stamped = std::fs::read(at("t.pdf")).unwrap();
    let out = at("out.pdf");
    let code = |said: &Value| said["error"]["code"].as_str().unwrap_or_default().to_owned();

    // Nobody to trust, nobody who stamps, a root that is another's.
    let mut untrusted = sign_cli();
    untrusted.args(["--json", "extend"]).arg(at("t.pdf")).args(["--level", "lt", "--out"]).arg(&out);
    let (status, answer) = said(&mut untrusted);
    assert_eq!((status, code(&answer)), (2, "signature_not_valid".into()), "{answer}");
    let mut unstamped = sign_cli();
    unstamped.args(["--json", "extend"]).arg(at("b.pdf")).args(["--level", "t", "--trust"]).arg(&office.root);
    let (status, answer) = said(unstamped.arg("--out").arg(&out));
    assert_eq!((status, code(&answer)), (2, "tsa_missing".into()), "{answer}");
    let (status, answer) = said(&mut at_level("extend", &office, &letter(), "lt", "tsa", &out));
    assert_eq!((status, code(&answer)), (2, "unsigned".into()), "{answer}");
    // Loopback is not asked unless it is allowed, nor anybody offline.
    for (switch, told) in [("--offline", ""), ("--fetch-host=ocsp.example.vn", "egress_not_listed")] {
        let mut command = sign_cli();
        command.args(["--json", "extend"]).arg(at("t.pdf")).args(["--level", "lt", switch, "--trust"]);
        let (status, answer) = said(command.arg(&office.root).arg("--out").arg(&out));
        assert_eq!((status, code(&answer)), (2, "evidence_missing".into()), "{answer}");
        let message = answer["error"]["message_en"].as_str().unwrap();
        assert!(message.contains("status of Nguyen Van A") && message.contains(told), "{message}");
    }
    assert!(!out.exists());

    office.close();
    let (status, answer) = said(&mut at_level("extend", &office, &at("t.pdf"), "lta", "tsa", &out));
    let message = answer["error"]["message_en"].as_str().unwrap();
    assert_eq!((status, code(&answer)), (2, "evidence_missing".into()));
    for name in
        ["status of Nguyen Van A", "status of Issuing", "status of TSA One", "127.0.0.1: egress_unreachable"]
    {
        assert!(message.contains(name), "{message}");
    }
    for (verb, file) in [("extend", at("b.pdf")), ("sign", letter())] {
        let (status, answer) = said(&mut at_level(verb, &office, &file, "lta", "tsa", &out));
        assert_eq!((status, code(&answer)), (2, "tsa_unreachable".into()), "{answer}");
    }
    let mut in_place = sign_cli();
    in_place.args(["--json", "extend"]).arg(at("t.pdf")).args(["--level", "lt", "--in-place", "--trust"]);
    assert_eq!(said(in_place.arg(&office.root)).0, 2);
    assert_eq!(std::fs::read(at("t.pdf")).unwrap(), stamped, "in place nothing is left behind either");
    assert!(!out.exists());

    // A lower level on request, and it is said.
    let lower = |verb: &str, file: &Path| {
        let mut command = at_level(verb, &office, file, "lta", "tsa", &out);
        let (status, answer) = said(command.args(["--allow-lower", "--force"]));
        let reasons = answer["reasons"].as_array().unwrap().iter();
        let codes: Vec<String> = reasons.map(|one| one["code"].as_str().unwrap().to_owned()).collect();
        assert_eq!(status, 0, "{answer}");
        (answer["level"].as_str().unwrap().to_owned(), codes)
    };
    assert_eq!(lower("extend", &at("t.pdf")), ("B-T".into(), vec!["evidence_missing".into()]));
    assert_eq!(std::fs::read(&out).unwrap(), stamped);
    assert_eq!(lower("extend", &at("b.pdf")), ("B-B".into(), vec!["tsa_unreachable".into()]));
    assert_eq!(lower("sign", &letter()), ("B-B".into(), vec!["tsa_unreachable".into()]));
    assert!(is_named(&judged(&office, &out), "B-B"));

    office.reopen();
    let mut in_place = sign_cli();
    in_place.args(["--json", "extend"]).arg(at("t.pdf")).args([
        "--level",
        "lt",
        "--in-place",
        "--allow-private",
    ]);
    let (status, answer) = said(in_place.arg("--trust").arg(&office.root));
    assert_eq!((status, &answer["level"]), (0, &"B-LT".into()), "{answer}");
    assert!(std::fs::read(at("t.pdf")).unwrap().starts_with(&stamped));
}

#[test]
fn verifying_asks_the_services_and_keeps_their_answers() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mut office) = Office::open(folder.path()) else { return };
    let signed = folder.path().join("signed.pdf");
    assert_eq!(said(&mut at_level("sign", &office, &letter(), "b", "tsa", &signed)).0, 0);
    let cache = folder.path().join("answers");
    let verify = |office: &Office, more: &[&str]| {
        let mut command = sign_cli();
        command
            .args(["--json", "verify", "--policy", "vn-2025"])
            .arg(&signed)
            .arg("--trust")
            .arg(&office.root);
        said(command.args(more)).1
    };
    let keeping = ["--allow-private", "--cache", cache.to_str().unwrap()];
    let report = verify(&office, &keeping);
    assert_eq!(report["verdict"], "valid", "{report:#}");
    assert_eq!(report["signatures"][0]["trust"]["source"], "ocsp, fetched");
    assert_eq!(std::fs::read_dir(&cache).unwrap().count(), 2, "the person's answer, the root's list");

    // Loopback is private: without leave nobody is asked, and that is said.
    let report = verify(&office, &[]);
    assert_eq!(report["verdict"], "indeterminate");
    let warnings = report["warnings"].as_array().unwrap();
    let told = warnings.iter().filter(|one| one["code"] == "evidence_not_fetched");
    assert!(told.clone().count() > 0);
    for warning in told {
        let message = warning["message_en"].as_str().unwrap();
        assert!(message.contains("127.0.0.1: egress_"), "{message}");
    }

    office.close();
    assert_eq!(verify(&office, &keeping)["verdict"], "valid", "by what was kept");
    assert_eq!(verify(&office, &["--allow-private"])["verdict"], "indeterminate");
}

#[test]
fn certified_and_encrypted_documents_are_raised_too() {
    let folder = tempfile::tempdir().unwrap();
    let Some(office) = Office::open(folder.path()) else { return };
    let at = |name: &str| folder.path().join(name);
    // Certified against all changes: evidence and time stamps are none (ISO 32000-2 12.8.5.3); it is warned.
    let closed = at("closed.pdf");
    let mut command = at_level("sign", &office, &letter(), "lta", "tsa", &closed);
    let output = command.args(["--certify", "1"]).output().unwrap();
    let warned = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && warned.contains("extended_although_closed"), "{warned}");
    let report = judged(&office, &closed);
    assert_eq!(report["verdict"], "valid", "{report:#}");
    assert_eq!(report["signatures"][0]["changes"]["docmdp"], 1);
    if let Some(answers) = pyhanko_trusting(&[&office.root, &office.issuing], std::slice::from_ref(&closed)) {
        let answer = &answers[&closed].as_ref().unwrap()[0];
        assert!(answer.valid, "{}", answer.summary);
    }
    // What is added to an encrypted document is encrypted, but for tokens.
    for (name, password) in
        [("encrypted-aes-256", "người đọc"), ("encrypted-aes-128", "nguoi doc"), ("encrypted-rc4-128", "")]
    {
        std::fs::write(at("password.txt"), password).unwrap();
        let fixture = root().join("fixtures/pdf/plain").join(name).with_extension("pdf");
        let out = at(&format!("{name}.pdf"));
        let opening = match password {
            "" => Vec::new(),
            _ => vec!["--password-file".to_owned(), at("password.txt").to_str().unwrap().to_owned()],
        };
        let mut command = at_level("sign", &office, &fixture, "lta", "tsa", &out);
        let (status, answer) = said(command.args(&opening));
        assert_eq!((status, &answer["level"]), (0, &"B-LTA".into()), "{name}: {answer}");
        let mut verify = sign_cli();
        verify.args(["--json", "verify", "--offline", "--policy", "vn-2025"]).arg(&out).args(&opening);
        let report = said(verify.arg("--trust").arg(&office.root)).1;
        assert_eq!(report["verdict"], "valid", "{name}: {report:#}");
        if let Some(program) = peer("qpdf") {
            let checked = Command::new(program)
                .arg(format!("--password={password}"))
                .arg("--check")
                .arg(&out)
                .output()
                .unwrap();
            assert_eq!(checked.status.code(), Some(0), "{name}: {checked:?}");
        }
    }
}

#[test]
fn archival_documents_keep_their_claims() {
    let folder = tempfile::tempdir().unwrap();
    let Some(office) = Office::open(folder.path()) else { return };
    let mut files = Vec::new();
    for (name, flavour) in STANDARDS {
        let source = root().join("fixtures/pdf/standards").join(format!("{name}.pdf"));
        let out = folder.path().join(format!("{name}.pdf"));
        let (status, answer) = said(&mut at_level("sign", &office, &source, "lta", "tsa", &out));
        assert_eq!((status, &answer["level"]), (0, &"B-LTA".into()), "{name}: {answer}");
        files.push((out, flavour));
    }
    let paths: Vec<PathBuf> = files.iter().map(|(path, _)| path.clone()).collect();
    let Some(answers) = verapdf(&paths) else { return };
    for (path, flavour) in files {
        let answer = &answers[path.file_name().unwrap().to_str().unwrap()];
        assert!(answer.passed && answer.flavour == flavour, "{}: {answer:?}", path.display());
    }
}

/// Our own test authority, whose certificates can be taken back while it serves.
#[test]
fn who_was_taken_back_is_not_raised() {
    let folder = tempfile::tempdir().unwrap();
    let (pin, pki) = (folder.path().join("pin.txt"), folder.path().join("pki"));
    std::fs::write(&pin, "12345678\n").unwrap();
    let url = format!("http://127.0.0.1:{}", free_port());
    let made = |words: &[&str]| {
        let mut command = sign_cli();
        command.args(["--json", "pki"]).args(&words[..1]).arg(&pki).args(&words[1..]);
        said(command.arg("--pin-file").arg(&pin)).1
    };
    made(&["init", "--address", &url]);
    let (key, tsa) = (folder.path().join("key.p12"), folder.path().join("tsa.p12"));
    let person = made(&["person", "--name", "Nguyễn Văn A", "--out", key.to_str().unwrap()]);
    made(&["tsa", "--out", tsa.to_str().unwrap()]);
    let mut serve = sign_cli();
    serve.args(["pki", "serve"]).arg(&pki).arg("--tsa-key").arg(&tsa).arg("--pin-file").arg(&pin);
    let service = Serving::start(serve.args(["--listen", url.strip_prefix("http://").unwrap()]));
    let run = |verb: &str, file: &Path, out: &Path| {
        let mut command = sign_cli();
        command.args(["--json", verb]).arg(file).args(["--level", "lta", "--allow-private", "--tsa"]);
        command.arg(format!("{url}/tsa")).arg("--trust").arg(pki.join("root.pem")).arg("--out").arg(out);
        if verb == "sign" {
            command.arg("--key").arg(&key).arg("--pin-file").arg(&pin);
        }
        said(&mut command)
    };
    let out = folder.path().join("kept.pdf");
    let (status, answer) = run("sign", &letter(), &out);
    assert_eq!((status, &answer["level"]), (0, &"B-LTA".into()), "{answer}");
    assert_eq!(answer["certificate"]["revocation"], "good", "asked before signing: {answer}");

    let plain = folder.path().join("plain.pdf");
    let mut unstamped = sign_cli();
    unstamped.arg("sign").arg(letter()).arg("--key").arg(&key).arg("--pin-file").arg(&pin).arg("--out");
    done(unstamped.arg(&plain));

    let serial = person["serial"].as_str().unwrap();
    done(sign_cli().args(["pki", "revoke"]).arg(&pki).args([
        "--serial",
        serial,
        "--since",
        "2020-01-01T00:00:00Z",
    ]));
    let late = folder.path().join("late.pdf");
    // The key is not even asked, and what it signed before is not raised.
    for (verb, file, code) in
        [("sign", letter(), "certificate_revoked"), ("extend", plain, "signature_not_valid")]
    {
        let (status, answer) = run(verb, &file, &late);
        assert_eq!((status, &answer["error"]["code"]), (2, &code.into()), "{answer}");
        assert!(!late.exists());
    }
    let mut verify = sign_cli();
    verify.args(["--json", "verify"]).arg(&out).arg("--trust").arg(pki.join("root.pem"));
    let kept = said(verify.arg("--offline")).1;
    assert_eq!(kept["verdict"], "valid", "what was good when it was stamped stays in the file");
    drop(service);
}

/// A program that serves; stopped when dropped.
struct Serving(std::process::Child);

impl Serving {
    /// Waits until it has said where.
    fn start(command: &mut Command) -> Self {
        use std::io::BufRead;
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut said = std::io::BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        assert!(line.contains("http://"), "{line}");
        Self(child)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
