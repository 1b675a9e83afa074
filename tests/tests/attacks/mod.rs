//! The files of `fixtures/pdf/attack` and `fixtures/pdf/broken`: what has been published against signed PDFs, built by ourselves from the
//! descriptions, and honest twins. The modules here make them and `fixtures/pki`; every file must be judged as
//! the text beside it says, and what others say of it stands in `docs/attacks.md`.
//!
//! After a change of the makers: `SIGN_RENEW=1 cargo test -p sign-tests --test it -- attacks` writes files,
//! texts, their rows in `fixtures/README.md`, and the document.

mod broken;
mod case;
mod certified;
mod cms;
mod container;
mod file;
mod forgery;
mod others;
mod pki;
mod saving;
mod structure;
mod twins;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use case::Case;
use sha2::{Digest, Sha256};
use sign_core::limits::Limits;
use sign_core::policy::Policy;
use sign_core::report::model::Report;
use sign_core::time::Time;
use sign_core::trust::{CaClass, Evidence, TrustStore};
use sign_core::x509::Certificate;

use crate::workspace::root;

/// Files that are judged wrong for now: the present verdict, and what is missing. The text beside each says
/// what is right.
const KNOWN_WRONG: [(&str, (&str, &str)); 0] = [];

/// Set: write what is compared otherwise.
fn renewing() -> bool {
    std::env::var_os("SIGN_RENEW").is_some()
}

/// Writes everything before any test of this process reads it, if that is wanted.
fn renew_once() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    if renewing() {
        ONCE.call_once(|| write(&made()));
    }
}

fn cases() -> Vec<Case> {
    let families = [
        forgery::cases(),
        saving::cases(),
        certified::cases(),
        container::cases(),
        structure::cases(),
        twins::cases(),
        broken::cases(),
    ];
    families.into_iter().flatten().collect()
}

/// Every file that is made: its place below `fixtures`, its bytes, and what its row says.
fn made() -> BTreeMap<String, (Vec<u8>, &'static str)> {
    let mut files = BTreeMap::new();
    for (name, bytes) in pki::files() {
        let what = if name.ends_with(".key") { "test key, published" } else { "test certificate" };
        files.insert(format!("pki/{name}"), (bytes, what));
    }
    for case in cases() {
        let place = format!("pdf/{}/{}", case.folder(), case.name);
        assert!(!files.contains_key(&format!("{place}.pdf")), "{} twice", case.name);
        files.insert(format!("{place}.toml"), (case.toml().into_bytes(), ""));
        files.insert(format!("{place}.pdf"), (case.bytes, case.family));
    }
    files
}

fn write(files: &BTreeMap<String, (Vec<u8>, &'static str)>) {
    let fixtures = root().join("fixtures");
    for folder in ["pki", "pdf/attack", "pdf/broken"] {
        let _ = std::fs::remove_dir_all(fixtures.join(folder));
        std::fs::create_dir_all(fixtures.join(folder)).unwrap();
    }
    let readme = fixtures.join("README.md");
    let text = std::fs::read_to_string(&readme).unwrap();
    let ours = ["| pki/", "| pdf/attack/", "| pdf/broken/"];
    let others = |line: &&str| !ours.iter().any(|ours| line.starts_with(ours));
    let mut lines: Vec<String> = text.lines().filter(others).map(str::to_owned).collect();
    for (place, (bytes, what)) in files {
        std::fs::write(fixtures.join(place), bytes).unwrap();
        if !place.ends_with(".toml") {
            let hash = file::hex(&Sha256::digest(bytes));
            lines.push(format!("| {place} | tests/tests/attacks: {what} | {hash} |"));
        }
    }
    std::fs::write(readme, lines.join("\n") + "\n").unwrap();
}

#[test]
fn the_files_are_what_their_makers_make() {
    renew_once();
    let files = made();
    for (place, (bytes, _)) in &files {
        let found = std::fs::read(root().join("fixtures").join(place));
        assert!(
            found.is_ok_and(|found| found == *bytes),
            "fixtures/{place} is not what is made; renew with SIGN_RENEW=1 cargo test -p sign-tests --test it -- attacks"
        );
    }
}

/// What stands beside a file.
#[derive(serde::Deserialize)]
struct Facts {
    family: String,
    reason: String,
    at: String,
    verdict: String,
    error: Option<String>,
    warning: Option<String>,
    #[serde(default)]
    signature: Vec<SignatureFacts>,
}

#[derive(serde::Deserialize)]
struct SignatureFacts {
    field: String,
    indication: String,
    sub_indication: Option<String>,
    findings: Vec<String>,
}

/// Files and facts, by name.
fn on_disk(folder: &str) -> Vec<(PathBuf, Facts)> {
    renew_once();
    let folder = root().join("fixtures/pdf").join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "pdf"))
        .collect();
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(path.with_extension("toml")).unwrap();
            let facts = toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            (path, facts)
        })
        .collect()
}

fn trust() -> TrustStore {
    let pem = std::fs::read(root().join("fixtures/pki/root.pem")).unwrap();
    let der = openssl::x509::X509::from_pem(&pem).unwrap().to_der().unwrap();
    let mut trust = TrustStore::new();
    trust.add_anchor(Certificate::parse(&der).unwrap(), CaClass::Other);
    trust
}

fn judge(path: &Path, at: &str, trust: &TrustStore) -> Result<Report, &'static str> {
    let bytes = std::fs::read(path).unwrap();
    let at = Time::parse_rfc3339(at).unwrap();
    let limits = Limits::default();
    let report = sign_core::verify::verify(
        &bytes,
        "letter.pdf",
        trust,
        &Evidence::none(),
        &Policy::default(),
        at,
        &limits,
    );
    report.map_err(|error| error.code())
}

/// A word of the report as JSON has it.
fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap_or_default().to_owned()
}

/// What is judged otherwise than the facts say.
fn complaints(facts: &Facts, judged: &Result<Report, &'static str>) -> Vec<String> {
    let report = match judged {
        Ok(report) => report,
        Err(code) => {
            let same = facts.verdict == "unreadable" && facts.error.as_deref() == Some(code);
            return if same { Vec::new() } else { vec![format!("refused: {code}")] };
        }
    };
    let mut complaints = Vec::new();
    let mut expect = |is: String, expected: &str| {
        if is != expected {
            complaints.push(format!("{is}, expected {expected}"));
        }
    };
    expect(word(&report.verdict), &facts.verdict);
    expect(report.signatures.len().to_string(), &facts.signature.len().to_string());
    for expected in &facts.signature {
        let Some(signature) = report.signatures.iter().find(|found| found.field == expected.field) else {
            expect(format!("no signature {}", expected.field), "one");
            continue;
        };
        let codes: Vec<&str> = signature.findings.iter().map(|finding| finding.code.as_str()).collect();
        let sub_indication = signature.sub_indication.as_ref().map(word).unwrap_or_default();
        let is = format!("{}: {} {sub_indication}", expected.field, word(&signature.indication));
        let wanted = expected.sub_indication.as_deref().unwrap_or_default();
        expect(is, &format!("{}: {} {wanted}", expected.field, expected.indication));
        for code in &expected.findings {
            if !codes.contains(&code.as_str()) {
                expect(format!("{}: {codes:?}", expected.field), code);
            }
        }
    }
    if let Some(code) = &facts.warning {
        let codes: Vec<&str> = report.warnings.iter().map(|finding| finding.code.as_str()).collect();
        if !codes.contains(&code.as_str()) {
            expect(format!("warnings {codes:?}"), code);
        }
    }
    complaints
}

#[test]
fn every_broken_file_gives_a_report_or_an_error_with_a_name() {
    let trust = trust();
    let files = on_disk("broken");
    let wrong: Vec<String> = files
        .iter()
        .flat_map(|(path, facts)| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let complaints = complaints(facts, &judge(path, &facts.at, &trust));
            complaints.into_iter().map(move |complaint| format!("{name}: {complaint}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} files:\n{}", files.len(), wrong.join("\n"));
}

#[test]
fn every_attack_is_judged_as_the_text_beside_it_says() {
    let (trust, mut known) = (trust(), BTreeMap::from(KNOWN_WRONG));
    let mut wrong = Vec::new();
    let files = on_disk("attack");
    for (path, facts) in &files {
        let judged = judge(path, &facts.at, &trust);
        let name = path.file_stem().unwrap().to_string_lossy();
        if let Some((present, _)) = known.remove(&*name) {
            let verdict = judged.as_ref().map_or("unreadable".to_owned(), |report| word(&report.verdict));
            if verdict != present || complaints(facts, &judged).is_empty() {
                wrong.push(format!("{name}: {verdict}, and is on the list of the known wrong"));
            }
            continue;
        }
        for complaint in complaints(facts, &judged) {
            wrong.push(format!("{name}: {complaint}"));
        }
    }
    assert!(known.is_empty(), "no such files: {known:?}");
    assert!(wrong.is_empty(), "{} files:\n{}", files.len(), wrong.join("\n"));
}
