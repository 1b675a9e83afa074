//! Asks other people's programs, pdfsig (poppler) and pyHanko, what they think of signed files.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::keys::Keys;
use crate::workspace::{peer, root};

/// What pdfsig says about one signature.
#[derive(Debug)]
pub(crate) struct PdfsigAnswer {
    pub(crate) field: String,
    /// Digest and signature maths; pdfsig is not given our anchors.
    pub(crate) valid: bool,
    /// "Total document signed": nothing follows the signature.
    pub(crate) total: bool,
    pub(crate) said: String,
}

/// Signatures of `pdf` as pdfsig sees them; `None` if pdfsig is missing (its name is printed).
pub(crate) fn pdfsig(pdf: &Path) -> Option<Vec<PdfsigAnswer>> {
    pdfsig_opening(pdf, "")
}

/// The same for a document with a user password.
pub(crate) fn pdfsig_opening(pdf: &Path, password: &str) -> Option<Vec<PdfsigAnswer>> {
    let mut command = Command::new(peer("pdfsig")?);
    if !password.is_empty() {
        command.args(["-upw", password, "-opw", password]);
    }
    let output = command.arg("-nocert").arg(pdf).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let blocks = text.split("\nSignature #").skip(1);
    Some(blocks.map(pdfsig_block).collect())
}

fn pdfsig_block(block: &str) -> PdfsigAnswer {
    let after = |label: &str| {
        let line = block.lines().find_map(|line| line.trim().strip_prefix("- ")?.strip_prefix(label));
        line.unwrap_or_default().trim().to_owned()
    };
    let said = after("Signature Validation:");
    PdfsigAnswer {
        field: after("Signature Field Name:"),
        valid: said == "Signature is Valid.",
        total: block.contains("- Total document signed"),
        said,
    }
}

/// What `qpdf --check` says: its exit status (0 fine, 2 errors, 3 warnings) and its last words; `None` if
/// qpdf is missing (its name is printed).
pub(crate) fn qpdf(pdf: &Path) -> Option<(i32, String)> {
    let output = Command::new(peer("qpdf")?).arg("--check").arg(pdf).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Some((output.status.code().unwrap_or(-1), said))
}

/// What pyHanko says about one signature.
#[derive(Debug, Deserialize)]
pub(crate) struct PyhankoAnswer {
    pub(crate) field: String,
    /// Intact, trusted by the given root, and every later change allowed.
    pub(crate) valid: bool,
    #[serde(default)]
    pub(crate) coverage: String,
    /// Level of the changes after the signature: NONE, LTA_UPDATES, FORM_FILLING, ANNOTATIONS, OTHER.
    #[serde(default)]
    pub(crate) changes: String,
    pub(crate) summary: String,
}

#[derive(Deserialize)]
struct PyhankoLine {
    file: PathBuf,
    #[serde(default)]
    signatures: Vec<PyhankoAnswer>,
    error: Option<String>,
}

/// What pyHanko says about each file: its signatures in the order of signing, or why it cannot read it.
pub(crate) type PyhankoAnswers = HashMap<PathBuf, Result<Vec<PyhankoAnswer>, String>>;

/// Asks pyHanko, which trusts the root of `keys`, about many files at once; `None` if it is missing (its name is printed).
pub(crate) fn pyhanko(keys: &Keys, files: &[PathBuf]) -> Option<PyhankoAnswers> {
    pyhanko_trusting(&[&keys.root, &keys.issuing], files)
}

/// The same with certificates (PEM) of which the first is trusted.
pub(crate) fn pyhanko_trusting(certificates: &[&Path], files: &[PathBuf]) -> Option<PyhankoAnswers> {
    let files: Vec<_> = files.iter().map(|file| (file.clone(), String::new())).collect();
    pyhanko_opening(certificates, &files)
}

/// The same about files with their passwords, empty for none.
pub(crate) fn pyhanko_opening(certificates: &[&Path], files: &[(PathBuf, String)]) -> Option<PyhankoAnswers> {
    let lines: Vec<String> =
        files.iter().map(|(file, password)| format!("{}\t{password}", file.display())).collect();
    ask_pyhanko(certificates, &lines)
}

/// The same about files, each judged at a time (ISO 8601).
pub(crate) fn pyhanko_at(certificates: &[&Path], files: &[(PathBuf, String)]) -> Option<PyhankoAnswers> {
    let lines: Vec<String> = files.iter().map(|(file, at)| format!("{}\t\t{at}", file.display())).collect();
    ask_pyhanko(certificates, &lines)
}

fn ask_pyhanko(certificates: &[&Path], lines: &[String]) -> Option<PyhankoAnswers> {
    // The python beside the pyhanko program is the one that can import it.
    let python = peer("pyhanko")?.with_file_name("python3");
    let mut child = Command::new(python)
        .arg(root().join("tests/peers/judge.py"))
        .args(certificates)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // Written beside reading: many answers fill one pipe before all questions are through the other.
    let mut input = child.stdin.take().unwrap();
    let questions = lines.join("\n") + "\n";
    let asking = std::thread::spawn(move || input.write_all(questions.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    asking.join().unwrap();
    assert!(output.status.success(), "judge.py failed");
    let lines = String::from_utf8(output.stdout).unwrap();
    let answers = lines.lines().map(|line| {
        let line: PyhankoLine = serde_json::from_str(line).unwrap();
        (line.file, line.error.map_or(Ok(line.signatures), Err))
    });
    Some(answers.collect())
}
