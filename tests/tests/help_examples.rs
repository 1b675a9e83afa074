//! The examples in `sign-cli COMMAND --help` work when typed.

use std::process::Command;

use crate::console::{examples, run};
use crate::workspace::binary;

fn help(arguments: &[&str]) -> String {
    let output = Command::new(binary("sign-cli"))
        .args(["--lang", "en"])
        .args(arguments)
        .arg("--help")
        .output()
        .unwrap();
    assert!(output.status.success(), "sign-cli {arguments:?} --help failed");
    String::from_utf8(output.stdout).unwrap()
}

/// The names under `Commands:` in a help text.
fn commands(help: &str) -> Vec<String> {
    let listed = help.lines().skip_while(|line| !line.starts_with("Commands:")).skip(1);
    listed
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_example_in_a_help_text_runs() {
    let commands = commands(&help(&[]));
    assert!(commands.iter().any(|name| name == "sign"), "{commands:?}");
    for command in commands {
        let text = help(&[&command]);
        let typed: Vec<&str> =
            text.lines().map(str::trim_start).filter(|line| line.starts_with("$ ")).collect();
        let folder = tempfile::tempdir().unwrap();
        let wrong = run(&examples(&typed.join("\n")), folder.path());
        println!("sign-cli {command}: {} examples", typed.len());
        assert!(wrong.is_empty(), "sign-cli {command} --help:\n{}", wrong.join("\n\n"));
    }
}
