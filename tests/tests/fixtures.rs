//! Fixtures and fonts are what their README says: every file has a row with its hash, and every row a file.

use std::collections::BTreeMap;
use std::path::Path;

use sha2::{Digest, Sha256};

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
