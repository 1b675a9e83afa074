//! The documents tell the truth: every ```console block in them runs, in order, and prints what it says.
//! (Blocks that are not to be run here, such as the build itself, are ```sh.)

use std::path::Path;

use crate::console::{examples, run};
use crate::workspace::{binary, files_below, root, with_free_ports};

/// The text of all ```console blocks of a document.
fn console_blocks(markdown: &str) -> String {
    let mut inside = false;
    let mut blocks = String::new();
    for line in markdown.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if inside {
            blocks += line;
            blocks.push('\n');
        }
    }
    blocks
}

#[test]
fn every_console_block_of_the_documents_runs() {
    binary("sign-cli");
    binary("sign-server");
    let docs = root().join("docs");
    let mut documents =
        vec![root().join("README.md"), root().join("SECURITY.md"), root().join("CONTRIBUTING.md")];
    if docs.is_dir() {
        documents.extend(
            files_below(&docs).into_iter().filter(|path| path.extension().is_some_and(|ext| ext == "md")),
        );
    }
    for document in documents {
        check(&document);
    }
}

fn check(document: &Path) {
    let blocks = console_blocks(&std::fs::read_to_string(document).unwrap());
    let found = examples(&with_free_ports(blocks));
    let folder = tempfile::tempdir().unwrap();
    let wrong = run(&found, folder.path());
    println!("{}: {} commands", document.display(), found.len());
    assert!(wrong.is_empty(), "{}:\n{}", document.display(), wrong.join("\n\n"));
}

#[test]
fn the_readmes_library_lines_are_those_of_the_example_that_compiles() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let example = std::fs::read_to_string(root().join("crates/sign-core/examples/sign.rs")).unwrap();
    let block = readme.split("```rust\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let mut compiled = example.lines();
    for line in block.lines().filter(|line| !line.is_empty()) {
        assert!(compiled.any(|other| other == line), "not in the example, or in another order: {line}");
    }
}

#[test]
fn links_between_the_documents_lead_somewhere() {
    for name in [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CHANGELOG.md",
        "fixtures/README.md",
    ] {
        let document = root().join(name);
        let text = std::fs::read_to_string(&document).unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = target.split('#').next().unwrap();
            let outside = target.is_empty() || target.contains("://") || target.starts_with("mailto:");
            assert!(outside || document.parent().unwrap().join(target).exists(), "{name} points to {target}");
        }
    }
}
