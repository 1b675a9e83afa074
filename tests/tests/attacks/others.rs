//! What pdfsig, pyHanko and mutool say of the same files, in `docs/attacks.md`: its head is written by hand, and
//! from the line [`MEASURED`] on it is made here and compared.
//!
//! pdfsig is given the root in a certificate database of its own and judges now; pyHanko gets root and issuing
//! authority, the time of each file and the evidence in it; mutool takes no anchors, so of what it says of
//! certificates nothing counts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::{Facts, judge, on_disk, renewing, trust, word};
use crate::keys::done;
use crate::peers::{PyhankoAnswer, PyhankoAnswers, pyhanko_at};
use crate::workspace::{peer, root};

const MEASURED: &str = "## Measured";
/// Seconds that one program may take for one file.
const LONGEST: &str = "20";

/// What somebody says of a file: all of it fine, fine but something follows, or whatever else.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Said {
    Valid,
    /// The signature is called valid, with a hint that the document has changed since.
    ValidWithHint(String),
    Other(String),
}

impl Said {
    fn text(&self) -> String {
        match self {
            Self::Valid => "valid".to_owned(),
            Self::ValidWithHint(hint) => format!("valid, {hint}"),
            Self::Other(said) => said.clone(),
        }
    }
}

/// A run of a program that may neither hang nor take others with it.
fn run(program: &Path, arguments: &[&str], file: &Path) -> Output {
    Command::new("timeout").arg(LONGEST).arg(program).args(arguments).arg(file).output().unwrap()
}

/// How a program ended that printed nothing to go by.
fn ended(output: &Output) -> Said {
    Said::Other(match output.status.code() {
        Some(124) => "does not end".to_owned(),
        None | Some(128..) => "crashes".to_owned(),
        Some(_) => "cannot read it".to_owned(),
    })
}

struct Pdfsig {
    program: PathBuf,
    database: tempfile::TempDir,
}

impl Pdfsig {
    fn find() -> Option<Self> {
        let (program, certutil) = (peer("pdfsig")?, peer("certutil")?);
        let database = tempfile::tempdir().unwrap();
        let place = format!("sql:{}", database.path().display());
        done(Command::new(&certutil).args(["-N", "--empty-password", "-d", &place]));
        let anchor = root().join("fixtures/pki/root.pem");
        done(
            Command::new(&certutil)
                .args(["-A", "-n", "root", "-t", "CT,C,C", "-d", &place, "-i"])
                .arg(anchor),
        );
        Some(Self { program, database })
    }

    fn judge(&self, file: &Path) -> Said {
        let place = format!("sql:{}", self.database.path().display());
        let output = run(&self.program, &["-nssdir", &place], file);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let blocks: Vec<&str> = text.split("\nSignature #").skip(1).collect();
        let signed: Vec<&&str> = blocks.iter().filter(|block| !block.contains("is not signed")).collect();
        if signed.is_empty() {
            let none = Said::Other("no signature".to_owned());
            return if blocks.is_empty() && !text.contains("does not contain") {
                ended(&output)
            } else {
                none
            };
        }
        let after = |block: &str, label: &str| {
            let line = block.lines().find_map(|line| line.trim().strip_prefix("- ")?.strip_prefix(label));
            line.unwrap_or_default().trim().trim_end_matches('.').to_owned()
        };
        let complaint = signed.iter().find_map(|block| {
            let maths = after(block, "Signature Validation:");
            let certificate = after(block, "Certificate Validation:");
            if maths != "Signature is Valid" {
                Some(maths)
            } else {
                (certificate != "Certificate is Trusted").then_some(certificate)
            }
        });
        match complaint {
            Some(complaint) => Said::Other(complaint),
            None if text.contains("- Total document signed") => Said::Valid,
            None => Said::ValidWithHint("not the whole file".to_owned()),
        }
    }
}

fn mutool(program: &Path, file: &Path) -> Said {
    let output = run(program, &["sign", "-v"], file);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let blocks: Vec<&str> = text.split("Verifying signature ").skip(1).collect();
    let signed: Vec<&&str> =
        blocks.iter().filter(|block| !block.contains("Signature is not signed")).collect();
    if signed.is_empty() {
        let none = Said::Other("no signature".to_owned());
        return if output.status.success() { none } else { ended(&output) };
    }
    let said: Vec<&str> = signed
        .iter()
        .map(|block| {
            let lines = block.lines().skip(1).map(str::trim);
            let mut judged = lines
                .filter(|line| !line.starts_with("Distinguished name") && !line.starts_with("Certificate "));
            judged.next().unwrap_or("nothing")
        })
        .collect();
    let unchanged = |said: &&&str| **said == "The document is unchanged since signing.";
    let edited = |said: &&&str| **said == "The signature is valid but there have been edits since signing.";
    match said.iter().find(|said| !unchanged(said) && !edited(said)) {
        Some(complaint) => Said::Other(complaint.trim_end_matches('.').chars().take(60).collect()),
        None if said.iter().any(|said| edited(&said)) => Said::ValidWithHint("edits since".to_owned()),
        None => Said::Valid,
    }
}

fn pyhanko(answers: &PyhankoAnswers, file: &Path) -> Said {
    let signatures: &[PyhankoAnswer] = match answers.get(file) {
        Some(Ok(signatures)) => signatures,
        Some(Err(error)) => return Said::Other(short(error)),
        None => return Said::Other("no answer".to_owned()),
    };
    match signatures.iter().find(|signature| !signature.valid) {
        _ if signatures.is_empty() => Said::Other("no signature".to_owned()),
        Some(bad) => Said::Other(short(&bad.summary)),
        None => Said::Valid,
    }
}

/// The kind of an exception; of a summary all but the words for what is in order.
fn short(said: &str) -> String {
    let fine = ["INTACT", "TRUSTED", "UNTOUCHED"];
    let (kind, _) = said.split_once(": ").unwrap_or((said, ""));
    let words: Vec<&str> = kind.split([':', ',']).filter(|word| !fine.contains(word)).collect();
    if words.is_empty() { kind.to_owned() } else { words.join(" ") }
}

/// One file with all answers.
struct Row {
    name: String,
    facts: Facts,
    ours: String,
    others: [Said; 3],
}

fn rows(pdfsig: &Pdfsig, mutool_program: &Path) -> Option<Vec<Row>> {
    let trust = trust();
    let files = on_disk("attack");
    let questions: Vec<(PathBuf, String)> =
        files.iter().map(|(path, facts)| (path.clone(), facts.at.clone())).collect();
    let pki = root().join("fixtures/pki");
    let answers = pyhanko_at(&[&pki.join("root.pem"), &pki.join("issuing.pem")], &questions)?;
    let row = |(path, facts): (PathBuf, Facts)| {
        let ours = judge(&path, &facts.at, &trust)
            .map_or_else(|code| format!("refused: {code}"), |report| word(&report.verdict));
        let others = [pdfsig.judge(&path), pyhanko(&answers, &path), mutool(mutool_program, &path)];
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        Row { name, facts, ours, others }
    };
    Some(files.into_iter().map(row).collect())
}

/// The version a program states: the first word of its answer that begins with a digit.
fn version(program: &Path, argument: &str) -> String {
    let output = Command::new(program).arg(argument).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    said.split_whitespace()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))
        .unwrap_or("?")
        .to_owned()
}

fn pyhanko_version() -> String {
    let installed = std::fs::read_to_string(root().join("target/peers/installed")).unwrap_or_default();
    let named =
        installed.split_whitespace().find_map(|word| word.strip_prefix("pyHanko==").map(str::to_owned));
    named.unwrap_or_else(|| "?".to_owned())
}

/// The document from [`MEASURED`] on.
fn measured(rows: &[Row], versions: &[String; 3]) -> String {
    let is_honest = |row: &&Row| row.facts.verdict == "valid";
    let (honest, attacks): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(is_honest);
    let mut text = format!(
        "{MEASURED}\n\n{} files: {} attacks, {} honest. pdfsig {}, pyHanko {}, mutool {}.\n\n",
        rows.len(),
        attacks.len(),
        honest.len(),
        versions[0],
        versions[1],
        versions[2]
    );
    text += "| | we | pdfsig | pyHanko | mutool |\n|---|---|---|---|---|\n";
    let count = |rows: &[&Row], of: fn(&Said) -> bool| {
        [0, 1, 2].map(|peer| rows.iter().filter(|row| of(&row.others[peer])).count())
    };
    let ours = |rows: &[&Row]| rows.iter().filter(|row| row.ours == "valid").count();
    let mut line = |what: &str, ours: usize, [a, b, c]: [usize; 3]| {
        text += &format!("| {what} | {ours} | {a} | {b} | {c} |\n");
    };
    line("attacks called valid, no more said", ours(&attacks), count(&attacks, |said| *said == Said::Valid));
    line(
        "attacks called valid with a hint",
        0,
        count(&attacks, |said| matches!(said, Said::ValidWithHint(_))),
    );
    line(
        "honest files not called valid",
        honest.len() - ours(&honest),
        count(&honest, |said| matches!(said, Said::Other(_))),
    );
    text += "\nAttacks called valid, with or without a hint, by family:\n\n";
    text += "| family | attacks | we | pdfsig | pyHanko | mutool |\n|---|---|---|---|---|---|\n";
    let mut families: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in &attacks {
        families.entry(&row.facts.family).or_default().push(row);
    }
    for (family, rows) in families {
        let [a, b, c] = count(&rows, |said| !matches!(said, Said::Other(_)));
        text += &format!("| {family} | {} | {} | {a} | {b} | {c} |\n", rows.len(), ours(&rows));
    }
    text += "\n| file | what it is | we | pdfsig | pyHanko | mutool |\n|---|---|---|---|---|---|\n";
    for row in attacks.iter().chain(&honest) {
        let [a, b, c] = &row.others;
        let (a, b, c) = (a.text(), b.text(), c.text());
        text += &format!("| {} | {} | {} | {a} | {b} | {c} |\n", row.name, row.facts.reason, row.ours);
    }
    text
}

#[test]
fn what_others_say_of_the_attacks_is_what_the_document_says() {
    let (Some(pdfsig), Some(mutool)) = (Pdfsig::find(), peer("mutool")) else { return };
    let Some(rows) = rows(&pdfsig, &mutool) else { return };
    let versions = [version(&pdfsig.program, "-v"), pyhanko_version(), version(&mutool, "-v")];
    let new = measured(&rows, &versions);
    let place = root().join("docs/attacks.md");
    let text = std::fs::read_to_string(&place).unwrap();
    let at = text.find(MEASURED).unwrap_or(text.len());
    let (head, old) = text.split_at(at);
    if renewing() {
        std::fs::write(&place, format!("{head}{new}")).unwrap();
        return;
    }
    let changed: Vec<&str> = new.lines().filter(|line| !old.lines().any(|old| old == *line)).collect();
    assert!(
        old == new,
        "docs/attacks.md says otherwise; SIGN_RENEW=1 cargo test -p sign-tests --test it -- attacks writes it anew:\n{}",
        changed.join("\n")
    );
}
