//! docs/pitfalls.md keeps its word: the tests it names exist.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::workspace::{files_below, root};

/// What stands between backquotes.
pub(crate) fn names(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// The names of all test functions of the repository, each with the files it is in.
pub(crate) fn tests() -> BTreeMap<String, Vec<PathBuf>> {
    let mut names: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for folder in ["crates", "tests"] {
        for path in files_below(&root().join(folder)) {
            if path.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let mut is_test = false;
            for line in text.lines().map(str::trim) {
                if line.starts_with("#[test]") {
                    is_test = true;
                } else if let Some(name) = line.strip_prefix("fn ").filter(|_| is_test) {
                    let name = name.split('(').next().unwrap_or_default().to_owned();
                    names.entry(name).or_default().push(path.clone());
                    is_test = false;
                }
            }
        }
    }
    names
}

#[test]
fn every_pitfall_has_a_test_or_a_reason() {
    let text = std::fs::read_to_string(root().join("docs/pitfalls.md")).unwrap();
    let tests = tests();
    let mut numbers = Vec::new();
    for row in text.lines().filter(|line| line.starts_with("| ")).skip(1) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [_, number, what, held, _] = cells.as_slice() else { panic!("not three columns: {row}") };
        numbers.push(number.parse::<usize>().unwrap());
        assert!(!what.is_empty(), "{row}");
        let named = names(held);
        for name in &named {
            assert!(tests.contains_key(*name), "point {number}: there is no test {name}");
        }
        assert!(
            !named.is_empty() || held.split(' ').count() >= 12,
            "point {number}: neither test nor reason"
        );
    }
    assert_eq!(numbers, (1..=30).collect::<Vec<_>>());
}
