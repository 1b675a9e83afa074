//! Real PDFs that nobody here wrote: each is signed, or refused with a reason, and what is signed must
//! please pdfsig and pyHanko. The files are not in the repository; they are looked for in `../shared/corpus`
//! beside the checkout, or where SIGN_CORPUS says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::keys::Keys;
use crate::peers::{PyhankoAnswers, pdfsig_opening, pyhanko_opening};
use crate::workspace::{binary, must_have_peers, root};

/// The field our signature takes; no file of the corpus has it.
const FIELD: &str = "CorpusTest";

/// Processor time one signature may take, in seconds (release build).
const LONGEST: f64 = 2.0;

/// Undamaged files that are refused, with which code, and why that is right.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        "111_pr-00530-ml-lines.pdf",
        "certified_no_changes",
        "DocMDP P=1: its author allows no further signature",
    ),
    (
        "151_minimal-signed-restricted.pdf",
        "certified_no_changes",
        "DocMDP P=1, and encrypted without permissions",
    ),
    (
        "093_bug900822.pdf",
        "change_not_permitted",
        "its /P lets users change nothing; the owner password is not known",
    ),
    ("124_minimal-with-field-pubkey-aes256.pdf", "unsupported_encryption", "encrypted for a certificate"),
    (
        "126_signed-encrypted-pubkey-with-catalog-ref.pdf",
        "unsupported_encryption",
        "encrypted for a certificate",
    ),
];

/// Passwords of files that were made to test readers, and what is said without one.
const PASSWORDS: &[(&str, &str, &str)] = &[
    ("049_PasswordSample-256bit.pdf", "owner", "password_needed"),
    ("087_protected.pdf", "password", "change_not_permitted"),
    ("112_rc4-40.pdf", "foo", "password_needed"),
    ("115_graph-encrypted.pdf", "owner", "password_needed"),
    ("130_crazyones-encrypted-256.pdf", "password", "password_needed"),
];

#[derive(Debug, PartialEq)]
enum Outcome {
    Signed,
    /// The stable code of the refusal.
    Refused(String),
    Wrong(String),
}

struct Row {
    name: String,
    /// qpdf's opinion when the corpus was gathered; without a password it could not say.
    undamaged: bool,
    traits: String,
    signed: Option<PathBuf>,
    outcome: Outcome,
    seconds: f64,
}

fn corpus() -> Option<PathBuf> {
    let beside = root().join("../shared/corpus");
    let folder = std::env::var_os("SIGN_CORPUS").map_or(beside, PathBuf::from);
    if folder.join("manifest.csv").is_file() {
        return Some(folder);
    }
    assert!(!must_have_peers(), "no corpus at {}", folder.display());
    println!("skipped: no corpus at {}", folder.display());
    None
}

#[test]
fn real_pdfs_are_signed_or_refused_with_a_reason() {
    let Some(corpus) = corpus() else { return };
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::make(folder.path());
    let manifest = std::fs::read_to_string(corpus.join("manifest.csv")).unwrap();
    let mut rows: Vec<Row> = Vec::new();
    for line in manifest.lines().skip(1) {
        let row = sign(line, &corpus, &keys, folder.path(), true);
        if let Some((_, _, said)) = PASSWORDS.iter().find(|(name, ..)| *name == row.name) {
            let without = folder.path().join("without");
            std::fs::create_dir_all(&without).unwrap();
            let without = sign(line, &corpus, &keys, &without, false);
            assert_eq!(without.outcome, Outcome::Refused((*said).to_owned()), "{}", row.name);
        }
        rows.push(row);
    }

    let signed: Vec<(PathBuf, String)> = rows
        .iter()
        .filter_map(|row| Some((row.signed.clone()?, password_of(&row.name).unwrap_or_default().to_owned())))
        .collect();
    let pyhanko = pyhanko_opening(&[&keys.root, &keys.issuing], &signed);
    for row in &mut rows {
        judge(row, pyhanko.as_ref());
    }
    print_table(&rows);

    let wrong: Vec<&Row> = rows
        .iter()
        .filter(|row| match &row.outcome {
            Outcome::Signed => false,
            Outcome::Refused(code) => row.undamaged && !excepted(&row.name, code),
            Outcome::Wrong(_) => true,
        })
        .collect();
    let said: Vec<String> = wrong.iter().map(|row| format!("{}: {:?}", row.name, row.outcome)).collect();
    assert!(wrong.is_empty(), "{} of {} files:\n{}", wrong.len(), rows.len(), said.join("\n"));
    for (name, ..) in EXCEPTIONS {
        let still = rows.iter().any(|row| row.name == *name && row.outcome != Outcome::Signed);
        assert!(still, "{name} is signed now: take it out of EXCEPTIONS");
    }
}

fn excepted(name: &str, code: &str) -> bool {
    EXCEPTIONS.iter().any(|(excepted, allowed, _)| *excepted == name && *allowed == code)
}

fn password_of(name: &str) -> Option<&'static str> {
    PASSWORDS.iter().find(|(file, ..)| *file == name).map(|(_, password, _)| *password)
}

/// Signs the file of one manifest line with `sign-cli sign`, with its password if it has one.
fn sign(line: &str, corpus: &Path, keys: &Keys, folder: &Path, opening: bool) -> Row {
    let cells: Vec<&str> = line.split(',').collect();
    let (name, traits, qpdf) = (cells[0], cells[7], cells[8]);
    let source = corpus.join(name);
    let out = folder.join(name);
    let mut password = Vec::new();
    if let Some(text) = password_of(name).filter(|_| opening) {
        let file = folder.join("password.txt");
        std::fs::write(&file, text).unwrap();
        password = vec!["--password-file".into(), file.into_os_string()];
    }
    // bash times the child alone; the last line of its standard error is user and system seconds.
    let run = Command::new("bash")
        .args(["-c", "TIMEFORMAT='%U %S'; time \"$@\"", "bash"])
        .arg(binary("sign-cli"))
        .args(["--lang", "en", "--json", "sign"])
        .arg(&source)
        .arg("--key")
        .arg(&keys.person)
        .arg("--pin-file")
        .arg(&keys.pin)
        .args(password)
        .args(["--field", FIELD, "--out"])
        .arg(&out)
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&run.stderr);
    let seconds =
        stderr.lines().last().unwrap_or_default().split(' ').map(|s| s.parse().unwrap_or(f64::NAN)).sum();
    let outcome = match run.status.code() {
        Some(0) if keeps_its_start(&source, &out) => Outcome::Signed,
        Some(0) => Outcome::Wrong("the bytes before the signature's revision changed".to_owned()),
        Some(2) if !out.exists() => refusal(&String::from_utf8_lossy(&run.stdout), &stderr),
        status => Outcome::Wrong(format!("ended with {status:?}: {stderr}")),
    };
    Row {
        name: name.to_owned(),
        undamaged: qpdf == "ok" || traits.contains("encrypted"),
        traits: format!("{} {traits}", cells[6]),
        signed: (outcome == Outcome::Signed).then_some(out),
        outcome,
        seconds,
    }
}

fn keeps_its_start(source: &Path, signed: &Path) -> bool {
    let (source, signed) = (std::fs::read(source).unwrap(), std::fs::read(signed).unwrap());
    signed.starts_with(&source) && signed.len() > source.len()
}

/// The code of a refusal, which must come with a problem and a hint in words.
fn refusal(stdout: &str, stderr: &str) -> Outcome {
    let answer: Option<serde_json::Value> = serde_json::from_str(stdout).ok();
    let error = answer.as_ref().and_then(|answer| answer.get("error"));
    let Some(error) = error else {
        return Outcome::Wrong(format!("refused without a reason: {stdout}{stderr}"));
    };
    let text = |key: &str| error.get(key).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    if text("message_en").is_empty() || text("message_vi").is_empty() || text("hint_en").is_empty() {
        return Outcome::Wrong(format!("refused without words: {error}"));
    }
    Outcome::Refused(text("code"))
}

/// Turns Signed into Wrong if a peer does not accept our signature, or if it took too long.
fn judge(row: &mut Row, pyhanko: Option<&PyhankoAnswers>) {
    let release = crate::workspace::binaries().ends_with("release");
    if release && row.seconds > LONGEST {
        row.outcome = Outcome::Wrong(format!("took {:.1} s", row.seconds));
    }
    let Some(signed) = &row.signed else { return };
    let ours = |field: &str| field == FIELD;
    if let Some(answers) = pdfsig_opening(signed, password_of(&row.name).unwrap_or_default()) {
        match answers.iter().find(|answer| ours(&answer.field)) {
            Some(answer) if answer.valid && answer.total => {}
            Some(answer) => {
                row.outcome =
                    Outcome::Wrong(format!("pdfsig: {} (whole file: {})", answer.said, answer.total))
            }
            None => row.outcome = Outcome::Wrong("pdfsig sees no signature of ours".to_owned()),
        }
    }
    let Some(answers) = pyhanko else { return };
    match answers.get(signed) {
        Some(Ok(answers)) => match answers.iter().find(|answer| ours(&answer.field)) {
            Some(answer) if answer.valid && answer.coverage == "ENTIRE_FILE" => {}
            Some(answer) => {
                row.outcome = Outcome::Wrong(format!("pyHanko: {} {}", answer.summary, answer.coverage))
            }
            None => row.outcome = Outcome::Wrong("pyHanko sees no signature of ours".to_owned()),
        },
        Some(Err(error)) => row.outcome = Outcome::Wrong(format!("pyHanko cannot read it: {error}")),
        None => row.outcome = Outcome::Wrong("pyHanko did not answer".to_owned()),
    }
}

fn print_table(rows: &[Row]) {
    println!("{:<52} {:<34} {:>6}  outcome", "file", "traits", "CPU s");
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows {
        let (kind, detail) = match &row.outcome {
            Outcome::Signed => ("signed", String::new()),
            Outcome::Refused(code) if row.undamaged => ("refused, undamaged", code.clone()),
            Outcome::Refused(code) => ("refused", code.clone()),
            Outcome::Wrong(why) => ("wrong", why.clone()),
        };
        *counts.entry(kind).or_default() += 1;
        println!("{:<52} {:<34} {:>6.2}  {kind} {detail}", row.name, row.traits, row.seconds);
    }
    println!("{} files: {counts:?}", rows.len());
}
