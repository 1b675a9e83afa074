//! Signs one file of the corpus in every way, with `sign-cli` as a user would.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::keys::Keys;
use crate::workspace::binary;

/// The fields our signatures take; no file of the corpus has them.
pub(super) const FIRST: &str = "CorpusTest";
pub(super) const SECOND: &str = "CorpusTestAgain";

/// Passwords of files that were made to test readers, and what is said without one. Other encrypted files
/// open without.
const PASSWORDS: &[(&str, &str, &str)] = &[
    ("049_PasswordSample-256bit.pdf", "owner", "password_needed"),
    ("087_protected.pdf", "password", "change_not_permitted"),
    ("112_rc4-40.pdf", "foo", "password_needed"),
    ("115_graph-encrypted.pdf", "owner", "password_needed"),
    ("130_crazyones-encrypted-256.pdf", "password", "password_needed"),
];

#[derive(Debug, PartialEq)]
pub(super) enum Outcome {
    /// Signed, and every judge asked so far accepts each of our signatures.
    Accepted,
    /// The stable code of the refusal.
    Refused(String),
    Wrong(String),
}

/// One way of signing a file.
pub(super) struct Variant {
    /// The signed file; the outcome says whether it is there.
    pub(super) path: PathBuf,
    /// Our signatures; the last one covers the whole file.
    pub(super) fields: &'static [&'static str],
    pub(super) outcome: Outcome,
    /// Processor time of the slowest signature.
    pub(super) seconds: f64,
}

impl Variant {
    /// The outcome in the words of the table.
    pub(super) fn said(&self) -> String {
        match &self.outcome {
            Outcome::Accepted => "accepted".to_owned(),
            Outcome::Refused(code) => format!("refused: {code}"),
            Outcome::Wrong(why) => why.replace('|', "/"),
        }
    }
}

/// What became of one file.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) kind: String,
    /// Once, twice, certified.
    pub(super) variants: [Variant; 3],
}

pub(super) fn password_of(name: &str) -> &'static str {
    PASSWORDS.iter().find(|(file, ..)| *file == name).map_or("", |(_, password, _)| password)
}

/// Signs the file of one manifest line once, a second time with another key, and certified (P=2) with
/// another signature after that.
pub(super) fn sign_every_way(line: &str, corpus: &Path, keys: &Keys, seal: &Path, folder: &Path) -> Row {
    let cells: Vec<&str> = line.split(',').collect();
    let (name, xref, traits) = (cells[0], cells[6], cells[7]);
    let source = corpus.join(name);
    let to = |how: &str| folder.join(format!("{how}-{name}"));
    let signer = Signer { keys, name, password: password_file(name, folder) };
    signer.check_without_password(&source, &to("without"));

    let once = signer.sign(&source, &keys.person, FIRST, &[], &to("once"));
    let twice = signer.after(&once, seal, &to("twice"));
    let certified = signer.sign(&source, &keys.person, FIRST, &["--certify", "2"], &to("certified"));
    let certified = signer.after(&certified, seal, &to("certified-approved"));
    Row {
        name: name.to_owned(),
        kind: format!("{xref} {traits}").trim().to_owned(),
        variants: [once, twice, certified],
    }
}

fn password_file(name: &str, folder: &Path) -> Option<PathBuf> {
    let password = Some(password_of(name)).filter(|password| !password.is_empty())?;
    let file = folder.join(format!("password-{name}.txt"));
    std::fs::write(&file, password).unwrap();
    Some(file)
}

struct Signer<'t> {
    keys: &'t Keys,
    name: &'t str,
    /// A file with the document's password.
    password: Option<PathBuf>,
}

impl Signer<'_> {
    fn check_without_password(&self, source: &Path, out: &Path) {
        let Some((_, _, said)) = PASSWORDS.iter().find(|(name, ..)| *name == self.name) else { return };
        let without = Signer { password: None, ..*self }.sign(source, &self.keys.person, FIRST, &[], out);
        assert_eq!(without.outcome, Outcome::Refused((*said).to_owned()), "{}", self.name);
    }

    /// Another signature, by another key; if the first failed, that is what is told.
    fn after(&self, first: &Variant, seal: &Path, out: &Path) -> Variant {
        let outcome = match &first.outcome {
            Outcome::Accepted => {
                let second = self.sign(&first.path, seal, SECOND, &[], out);
                let seconds = second.seconds.max(first.seconds);
                return Variant { fields: &[FIRST, SECOND], seconds, ..second };
            }
            Outcome::Refused(code) => Outcome::Refused(code.clone()),
            Outcome::Wrong(why) => Outcome::Wrong(why.clone()),
        };
        Variant { path: out.to_owned(), fields: first.fields, outcome, seconds: first.seconds }
    }

    fn sign(&self, source: &Path, key: &Path, field: &str, more: &[&str], out: &Path) -> Variant {
        let mut options: Vec<OsString> = Vec::new();
        if let Some(password) = &self.password {
            options.extend(["--password-file".into(), password.clone().into_os_string()]);
        }
        options.extend(more.iter().map(OsString::from));
        // bash times the child alone; the last line of its standard error is user and system seconds.
        let run = Command::new("bash")
            .args(["-c", "TIMEFORMAT='%U %S'; time \"$@\"", "bash"])
            .arg(binary("sign-cli"))
            .args(["--lang", "en", "--json", "sign"])
            .arg(source)
            .arg("--key")
            .arg(key)
            .arg("--pin-file")
            .arg(&self.keys.pin)
            .args(options)
            .args(["--field", field, "--out"])
            .arg(out)
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&run.stderr);
        let last = stderr.lines().last().unwrap_or_default();
        let seconds = last.split(' ').map(|s| s.parse().unwrap_or(f64::NAN)).sum();
        let outcome = match run.status.code() {
            Some(0) if keeps_its_start(source, out) => Outcome::Accepted,
            Some(0) => Outcome::Wrong("the bytes before the signature's revision changed".to_owned()),
            Some(2) if !out.exists() => refusal(&String::from_utf8_lossy(&run.stdout), &stderr),
            status => Outcome::Wrong(format!("ended with {status:?}: {stderr}")),
        };
        Variant { path: out.to_owned(), fields: &[FIRST], outcome, seconds }
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
