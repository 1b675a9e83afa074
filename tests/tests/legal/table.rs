//! docs/legal-checks.md keeps its word: every check is there once, and the tests it names exist.

use std::path::{Path, PathBuf};

use crate::pitfalls::table::{names, tests};
use crate::workspace::root;

/// The checks of TT 15/2025/TT-BKHCN as docs/legal-checks.md numbers them.
fn numbers() -> Vec<String> {
    let of = |letter: &'static str, last: usize| (1..=last).map(move |number| format!("{letter}{number}"));
    of("A", 12).chain(of("B", 8)).chain(of("C", 6)).chain(of("D", 10)).collect()
}

/// Whether a module's name is a part of a file's path.
fn stands_in(file: &Path, module: &str) -> bool {
    let parts = file.iter().filter_map(|part| Path::new(part).file_stem()?.to_str());
    parts.into_iter().any(|part| part == module)
}

#[test]
fn every_legal_check_has_a_place_a_test_and_a_state() {
    let text = std::fs::read_to_string(root().join("docs/legal-checks.md")).unwrap();
    let tests = tests();
    let mut found = Vec::new();
    for row in text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| no ")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [_, number, what, place, held, state, _] = cells.as_slice() else {
            panic!("not five columns: {row}")
        };
        found.push((*number).to_owned());
        assert!(!what.is_empty(), "{row}");
        let named = names(held);
        for name in &named {
            let (modules, function) = name.rsplit_once("::").unwrap_or(("", name));
            let files = tests.get(function).unwrap_or_else(|| panic!("{number}: there is no test {name}"));
            let is_there = |file: &PathBuf| modules.split("::").all(|module| stands_in(file, module));
            assert!(files.iter().any(is_there), "{number}: {name} is in {files:?}");
        }
        for file in names(place) {
            assert!(root().join(file).exists(), "{number}: there is no {file}");
        }
        let word = state.split([':', ';', ' ']).next().unwrap_or_default();
        let reason = state.split(' ').count() >= 5;
        match word {
            "done" => assert!(!named.is_empty(), "{number}: done, but nothing proves it"),
            "part" => assert!(!named.is_empty() && reason, "{number}: what is missing, and why?"),
            "not" => assert!(reason, "{number}: why not?"),
            _ => panic!("{number}: done, part or not? {state}"),
        }
    }
    assert_eq!(found, numbers());
}
