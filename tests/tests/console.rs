//! Runs examples as a reader would type them, and compares what they print.
//!
//! A line `$ command` is typed into bash; it goes on in the next line if it ends in `\` or if the next begins
//! with `> `. The lines up to the next command are what it prints, standard error included: `...` alone
//! stands for any lines, inside a line for any characters; no lines at all stand for anything. `? 1` is the
//! expected exit status (0 when not given).

use std::path::Path;
use std::process::Command;

use crate::workspace::{binaries, root};

#[derive(Debug, PartialEq)]
pub(crate) struct Example {
    pub(crate) command: String,
    pub(crate) prints: Vec<String>,
    pub(crate) status: i32,
}

/// The examples in `text`; lines before the first command are ignored.
pub(crate) fn examples(text: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    for line in text.lines() {
        let line = line.trim_end();
        if let Some(command) = line.strip_prefix("$ ") {
            examples.push(Example { command: command.to_owned(), prints: Vec::new(), status: 0 });
            continue;
        }
        let Some(example) = examples.last_mut() else { continue };
        let continued = if example.command.ends_with('\\') { Some(line) } else { line.strip_prefix("> ") };
        if let Some(line) = continued.filter(|_| example.prints.is_empty()) {
            example.command = format!("{}\n{line}", example.command);
        } else if let Some(status) = line.strip_prefix("? ").and_then(|status| status.parse().ok()) {
            example.status = status;
        } else {
            example.prints.push(line.to_owned());
        }
    }
    examples
}

/// Types the examples one after the other into one bash in `folder`, with our programs first in PATH and
/// the fixtures as `fixtures/`. Returns what differs.
pub(crate) fn run(examples: &[Example], folder: &Path) -> Vec<String> {
    let fixtures = folder.join("fixtures");
    if !fixtures.exists() {
        std::os::unix::fs::symlink(root().join("fixtures"), fixtures).unwrap();
    }
    // Programs started with & end with the shell.
    let mut script = "exec 2>&1\ntrap 'kill $(jobs -p) 2>/dev/null; wait' EXIT\n".to_owned();
    for example in examples {
        script += &format!("{}\nprintf '\\n@@status %d@@\\n' $?\n", example.command);
    }
    std::fs::write(folder.join(".examples.sh"), script).unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let output = Command::new("timeout")
        .args(["--kill-after=5", "120", "bash", ".examples.sh"])
        .current_dir(folder)
        .env("PATH", format!("{}:{}:{path}", binaries().display(), root().join("target/peers/bin").display()))
        .env("LANG", "en_US.UTF-8")
        // Where a token lies, for the examples that have one.
        .env("SOFTHSM2_CONF", folder.join("softhsm2.conf"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);

    let mut wrong = Vec::new();
    let mut rest: &str = &said;
    for example in examples {
        let Some((printed, after)) = rest.split_once("\n@@status ") else {
            wrong.push(format!("$ {}\nbroke off after:\n{rest}", example.command));
            break;
        };
        let (status, after) = after.split_once("@@\n").unwrap();
        rest = after;
        let lines: Vec<&str> = printed.lines().map(str::trim_end).collect();
        let expected: Vec<&str> = example.prints.iter().map(String::as_str).collect();
        if status != example.status.to_string() {
            wrong.push(format!("$ {}\nended with {status}:\n{printed}", example.command));
        } else if !expected.is_empty() && !lines_match(trimmed(&expected), trimmed(&lines)) {
            wrong.push(format!(
                "$ {}\nshould print:\n{}\nprinted:\n{printed}",
                example.command,
                expected.join("\n")
            ));
        }
    }
    wrong
}

/// Without empty lines at either end.
fn trimmed<'a, 'b>(mut lines: &'a [&'b str]) -> &'a [&'b str] {
    while let [inner @ .., ""] = lines {
        lines = inner;
    }
    while let ["", inner @ ..] = lines {
        lines = inner;
    }
    lines
}

fn lines_match(expected: &[&str], lines: &[&str]) -> bool {
    match expected {
        [] => lines.is_empty(),
        ["...", rest @ ..] => (0..=lines.len()).any(|skipped| lines_match(rest, &lines[skipped..])),
        [first, rest @ ..] => lines
            .split_first()
            .is_some_and(|(line, after)| line_matches(first, line) && lines_match(rest, after)),
    }
}

fn line_matches(expected: &str, line: &str) -> bool {
    let mut parts = expected.split("...");
    let Some(mut rest) = line.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[test]
fn reads_commands_output_and_status() {
    let found = examples("a note\n$ a \\\n  b\none\n...\n$ c\n? 2\n");
    let prints = vec!["one".to_owned(), "...".to_owned()];
    assert_eq!(
        found,
        [
            Example { command: "a \\\n  b".to_owned(), prints, status: 0 },
            Example { command: "c".to_owned(), prints: Vec::new(), status: 2 }
        ]
    );
}

#[test]
fn compares_loosely_but_not_blindly() {
    let folder = tempfile::tempdir().unwrap();
    for (text, right) in [
        ("$ echo one two three\none ... three\n", true),
        ("$ echo one two three\none ... four\n", false),
        ("$ printf 'a\\nb\\nc\\n'\n...\nc\n", true),
        ("$ printf 'a\\nb\\nc\\n'\n...\nb\n", false),
        ("$ false\n", false),
        ("$ false\n? 1\n", true),
        ("$ exit 3\n$ echo lost\n", false),
        ("$ sleep 100 &\n$ echo done\ndone\n", true),
        ("$ ls fixtures/README.md\nfixtures/README.md\n", true),
    ] {
        assert_eq!(run(&examples(text), folder.path()).is_empty(), right, "{text}");
    }
}
