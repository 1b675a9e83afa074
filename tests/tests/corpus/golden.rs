//! The expected outcomes: a table of `docs/corpus.md`, and the reasons below it for all that is not accepted.

use std::collections::BTreeSet;

use super::signing::{Row, Variant};
use crate::workspace::root;

/// Fails, saying how, when the outcomes are not those of the document.
pub(super) fn compare(rows: &[Row]) {
    let document = std::fs::read_to_string(root().join("docs/corpus.md")).unwrap();
    let expected: Vec<&str> = document.lines().filter(|line| is_outcome(line)).collect();
    let actual: Vec<String> = rows.iter().map(line).collect();
    let changed: Vec<&String> = actual.iter().filter(|line| !expected.contains(&line.as_str())).collect();
    if !changed.is_empty() || expected.len() != actual.len() {
        let written = root().join("target/corpus.md");
        std::fs::write(&written, actual.join("\n") + "\n").unwrap();
        let changed: Vec<&str> = changed.iter().map(|line| line.as_str()).collect();
        panic!(
            "docs/corpus.md has {} files and says otherwise of these (all {} are in {}):\n{}",
            expected.len(),
            actual.len(),
            written.display(),
            changed.join("\n")
        );
    }
    let unexplained: BTreeSet<&str> =
        rows.iter().filter(|row| !is_explained(row, &document)).map(|row| row.name.as_str()).collect();
    assert!(unexplained.is_empty(), "docs/corpus.md gives no reason for {unexplained:?}");
}

/// Rows of the table of outcomes begin with a file's number; those of the reasons with its name in backticks.
fn is_outcome(line: &str) -> bool {
    line.strip_prefix("| ").is_some_and(|line| line.starts_with(|c: char| c.is_ascii_digit()))
}

fn line(row: &Row) -> String {
    let said: Vec<String> = row.variants.iter().map(Variant::said).collect();
    format!("| {} | {} | {} |", row.name, row.kind, said.join(" | "))
}

fn is_explained(row: &Row, document: &str) -> bool {
    let accepted = row.variants.iter().all(|variant| variant.said() == "accepted");
    accepted || document.lines().any(|line| line.starts_with(&format!("| `{}` |", row.name)))
}
