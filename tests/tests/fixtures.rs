//! Fixtures and fonts are what their README says: every file has a row with its hash, and every row a file.

use std::collections::BTreeMap;
use std::path::Path;

use sha2::{Digest, Sha256};
use sign_core::pdf::Password;
use sign_io::text::page_lines;
use sign_io::{DrawLimits, Drawable};

use crate::keys::sign_cli;
use crate::workspace::{files_below, root};

/// Rows `| file | … | sha256 |` of a README, by file.
fn listed(readme: &Path) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(readme).unwrap();
    text.lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
            let hash = cells.last().filter(|hash| hash.len() == 64)?;
            Some((cells[0].to_owned(), (*hash).to_owned()))
        })
        .collect()
}

fn check_folder(folder: &Path) {
    let listed = listed(&folder.join("README.md"));
    let present: BTreeMap<String, String> = files_below(folder)
        .iter()
        .filter(|path| path.extension().is_none_or(|ext| ext != "toml") && !path.ends_with("README.md"))
        .map(|path| {
            let hash: String = Sha256::digest(std::fs::read(path).unwrap())
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            (path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned(), hash)
        })
        .collect();
    for (name, hash) in &present {
        assert_eq!(
            listed.get(name),
            Some(hash),
            "README of {} lacks: | {name} | … | {hash} |",
            folder.display()
        );
    }
    for name in listed.keys() {
        assert!(present.contains_key(name), "README of {} lists {name}, which is gone", folder.display());
    }
}

#[test]
fn every_fixture_has_the_hash_its_readme_gives() {
    check_folder(&root().join("fixtures"));
}

#[test]
fn fonts_are_unchanged_from_their_origin() {
    check_folder(&root().join("crates/sign-core/fonts"));
}

#[test]
fn every_pdf_says_why_it_exists() {
    for path in files_below(&root().join("fixtures/pdf")) {
        if path.extension().is_some_and(|ext| ext == "pdf") {
            let facts = std::fs::read_to_string(path.with_extension("toml"))
                .unwrap_or_else(|e| panic!("{}: its .toml: {e}", path.display()));
            let facts: toml::Table = facts.parse().unwrap();
            assert!(facts.get("reason").is_some_and(toml::Value::is_str), "{}: no reason", path.display());
            assert!(facts.get("verdict").is_some_and(toml::Value::is_str), "{}: no verdict", path.display());
        }
    }
}

/// The JSON that `sign-cli` prints about a file.
fn told(command: &str, pdf: &Path, password: Option<&Path>) -> serde_json::Value {
    let mut run = sign_cli();
    run.args(["--json", command]).arg(pdf);
    if let Some(password) = password {
        run.arg("--password-file").arg(password);
    }
    let output = run.output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{command} {}: {e}", pdf.display()))
}

#[test]
fn every_pdf_is_what_its_facts_say() {
    for path in files_below(&root().join("fixtures/pdf")) {
        // Attacks and broken files have a test of their own, `attacks`.
        let own =
            ["attack", "broken"].iter().any(|folder| path.parent().is_some_and(|p| p.ends_with(folder)));
        if own || path.extension().is_none_or(|ext| ext != "pdf") {
            continue;
        }
        let facts: toml::Table =
            std::fs::read_to_string(path.with_extension("toml")).unwrap().parse().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let password = facts.get("password").and_then(toml::Value::as_str).map(|text| {
            let file = folder.path().join("password.txt");
            std::fs::write(&file, text).unwrap();
            file
        });
        let told = |command| told(command, &path, password.as_deref());
        let (seen, report) = (told("inspect"), told("verify"));
        let revisions = seen["revisions"].as_array().unwrap();
        let found = [
            ("pages", seen["pages"].clone()),
            ("pdf_version", seen["pdf_version"].clone()),
            ("revisions", revisions.len().into()),
            ("xref", revisions.last().unwrap()["sections"][0].clone()),
            ("signatures", report["signatures"].as_array().unwrap().len().into()),
            ("verdict", report["verdict"].clone()),
            ("encryption", seen["encryption"]["algorithm"].clone()),
            ("opened_as", seen["encryption"]["opened_as"].clone()),
            ("permitted", seen["encryption"]["permitted"].clone()),
        ];
        for (fact, found) in found {
            let expected = facts.get(fact).map(|value| serde_json::to_value(value).unwrap());
            assert!(expected.is_none_or(|value| value == found), "{}: {fact} is {found}", path.display());
        }
        check_words(&path, &facts);
    }
}

/// The words that must stand on the first page.
fn check_words(path: &Path, facts: &toml::Table) {
    let password = facts.get("password").and_then(toml::Value::as_str).map(Password::from);
    let document = Drawable { bytes: std::fs::read(path).unwrap(), password };
    let lines = page_lines(document, Some(0..1), &DrawLimits::default()).unwrap();
    let text: String = lines.iter().map(|line| line.text()).collect();
    let anchors = facts.get("anchors").and_then(toml::Value::as_array).into_iter().flatten();
    for word in anchors.chain(facts.get("notation")).filter_map(toml::Value::as_str) {
        assert!(text.contains(word), "{}: {word} is not on the first page", path.display());
    }
}
