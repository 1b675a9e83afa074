//! docs/validation.md keeps its word: each building block has its file, and the tests it names exist.

use crate::pitfalls::table::{names, tests};
use crate::workspace::root;

#[test]
fn every_building_block_has_its_file_and_its_tests() {
    let text = std::fs::read_to_string(root().join("docs/validation.md")).unwrap();
    let tests = tests();
    let mut clauses = Vec::new();
    for row in text.lines().filter(|line| line.starts_with("| 5.")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [_, clause, _, places, held, _] = cells.as_slice() else { panic!("not four columns: {row}") };
        clauses.extend(clause.split(", ").map(str::to_owned));
        for file in names(places) {
            assert!(root().join("crates/sign-core/src").join(file).exists(), "{clause}: there is no {file}");
        }
        let named = names(held);
        assert!(!named.is_empty(), "{row}");
        for name in named {
            assert!(tests.contains_key(name), "{clause}: there is no test {name}");
        }
    }
    let expected =
        "5.2.2 5.2.3 5.2.4 5.2.5 5.2.6 5.2.7 5.2.8 5.3 5.4 5.5 5.6.2.1 5.6.2.2 5.6.2.3 5.6.2.4 5.6.3 5.1.3";
    assert_eq!(clauses, expected.split(' ').collect::<Vec<_>>());
}
