//! Four judges: pdfsig, qpdf, pyHanko, and `sign-cli verify`. Each must accept each of our signatures; the
//! first complaint is the outcome.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use super::signing::{Outcome, Row, Variant, password_of};
use crate::keys::{Keys, sign_cli};
use crate::peers::{PyhankoAnswers, pdfsig_opening, pyhanko_opening};
use crate::workspace::peer;

/// Everybody but pyHanko, which is asked about many files at once.
pub(super) fn judge_quickly(mut row: Row, corpus: &Path, keys: &Keys) -> Row {
    let password = password_of(&row.name);
    let unsigned = qpdf(&corpus.join(&row.name), password);
    for variant in row.variants.iter_mut().filter(|variant| variant.outcome == Outcome::Accepted) {
        let complaint = ask_pdfsig(variant, password)
            .or_else(|| new_complaint_of_qpdf(variant, password, unsigned.as_ref()?))
            .or_else(|| ask_ourselves(variant, password, keys));
        if let Some(complaint) = complaint {
            variant.outcome = Outcome::Wrong(complaint);
        }
    }
    row
}

fn ask_pdfsig(variant: &Variant, password: &str) -> Option<String> {
    let answers = pdfsig_opening(&variant.path, password)?;
    each_field(variant, |field, is_last| match answers.iter().find(|answer| answer.field == field) {
        Some(answer) if answer.valid && answer.total == is_last => None,
        Some(answer) => Some(format!("pdfsig: {} (whole file: {})", answer.said, answer.total)),
        None => Some("pdfsig sees no signature of ours".to_owned()),
    })
}

/// The first complaint about one of our fields, told the field and whether it is the newest.
fn each_field(variant: &Variant, ask: impl Fn(&str, bool) -> Option<String>) -> Option<String> {
    variant.fields.iter().find_map(|field| ask(field, variant.fields.last() == Some(field)))
}

/// What `qpdf --check` says.
struct QpdfAnswer {
    /// 0 good, 3 warnings, 2 errors.
    status: i32,
    complaints: BTreeSet<String>,
}

/// `None` if qpdf is missing (its name is printed).
fn qpdf(file: &Path, password: &str) -> Option<QpdfAnswer> {
    let output = Command::new(peer("qpdf")?)
        .arg(format!("--password={password}"))
        .arg("--check")
        .arg(file)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).replace(&*file.to_string_lossy(), "FILE");
    let complaints = said.lines().map(str::to_owned).collect();
    Some(QpdfAnswer { status: output.status.code().unwrap_or(-1), complaints })
}

/// Something qpdf says of the signed file and not of the unsigned one.
fn new_complaint_of_qpdf(variant: &Variant, password: &str, unsigned: &QpdfAnswer) -> Option<String> {
    let signed = qpdf(&variant.path, password)?;
    let new = signed.complaints.difference(&unsigned.complaints).next();
    // Signing takes warnings about linearisation away, never the other way round.
    let worse = !matches!((unsigned.status, signed.status), (_, 0) | (3, 3));
    match new {
        Some(new) => Some(format!("qpdf: {new}")),
        None => worse.then(|| format!("qpdf ends with {}, unsigned {}", signed.status, unsigned.status)),
    }
}

fn ask_ourselves(variant: &Variant, password: &str, keys: &Keys) -> Option<String> {
    let mut command = sign_cli();
    command.args(["--json", "verify"]).arg(&variant.path).arg("--trust").arg(&keys.root);
    if !password.is_empty() {
        let file = variant.path.with_extension("password");
        std::fs::write(&file, password).unwrap();
        command.arg("--password-file").arg(file);
    }
    let report: serde_json::Value = match serde_json::from_slice(&command.output().unwrap().stdout) {
        Ok(report) => report,
        Err(error) => return Some(format!("we print no report: {error}")),
    };
    let signatures = report["signatures"].as_array().cloned().unwrap_or_default();
    each_field(variant, |field, is_last| {
        let ours = signatures.iter().find(|signature| signature["field"] == field);
        let Some(ours) = ours else { return Some("we see no signature of ours".to_owned()) };
        let coverage = if is_last { "whole_file" } else { "whole_revision" };
        let fine = ours["indication"] == "TOTAL-PASSED" && ours["coverage"] == coverage;
        (!fine)
            .then(|| format!("we say {} {} {}", ours["indication"], ours["sub_indication"], ours["coverage"]))
    })
}

/// Asks pyHanko about everything the others accept. False if it or another judge is missing.
pub(super) fn judge_by_pyhanko(rows: &mut [Row], keys: &Keys) -> bool {
    let mut variants: Vec<(&mut Variant, &str)> = Vec::new();
    for row in rows {
        let password = password_of(&row.name);
        let signed = row.variants.iter_mut().filter(|variant| variant.outcome == Outcome::Accepted);
        variants.extend(signed.map(|variant| (variant, password)));
    }
    // Two processes that get every other file: the long ones stand together.
    let half = |odd: usize| {
        let files = variants.iter().skip(odd).step_by(2);
        let files = files.map(|(variant, password)| (variant.path.clone(), (*password).to_owned()));
        files.collect::<Vec<_>>()
    };
    let (even, odd) = (half(0), half(1));
    let certificates: [&Path; 2] = [&keys.root, &keys.issuing];
    let answers: Option<PyhankoAnswers> = std::thread::scope(|scope| {
        let odd = scope.spawn(|| pyhanko_opening(&certificates, &odd));
        let even = pyhanko_opening(&certificates, &even)?;
        Some(even.into_iter().chain(odd.join().unwrap()?).collect())
    });
    let Some(answers) = answers else { return false };
    for (variant, _) in variants {
        if let Some(complaint) = complaint_of_pyhanko(variant, &answers) {
            variant.outcome = Outcome::Wrong(complaint);
        }
    }
    peer("pdfsig").is_some() && peer("qpdf").is_some()
}

fn complaint_of_pyhanko(variant: &Variant, answers: &PyhankoAnswers) -> Option<String> {
    let answers = match answers.get(&variant.path) {
        Some(Ok(answers)) => answers,
        Some(Err(error)) => return Some(format!("pyHanko cannot read it: {error}")),
        None => return Some("pyHanko did not answer".to_owned()),
    };
    each_field(variant, |field, is_last| {
        let coverage = if is_last { "ENTIRE_FILE" } else { "ENTIRE_REVISION" };
        match answers.iter().find(|answer| answer.field == field) {
            Some(answer) if answer.valid && answer.coverage == coverage => None,
            Some(answer) => {
                Some(format!("pyHanko: {} {}", answer.summary, answer.coverage).trim().to_owned())
            }
            None => Some("pyHanko sees no signature of ours".to_owned()),
        }
    })
}
