//! The examples in `sign-cli COMMAND --help` work when typed.

use std::path::Path;
use std::process::Command;

use crate::console::{examples, run};
use crate::keys::Keys;
use crate::softhsm::{Asks, Token};
use crate::workspace::{binary, root, with_free_ports};

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

/// The lines a reader types: those after `$`, with the lines a `\` goes on in.
fn typed(help: &str) -> String {
    let mut goes_on = false;
    let typed = help.lines().map(str::trim).filter(|line| {
        let wanted = goes_on || line.starts_with("$ ");
        goes_on = wanted && line.ends_with('\\');
        wanted
    });
    typed.collect::<Vec<_>>().join("\n")
}

/// The folder the examples speak of: an official draft, a message, pictures, a PIN.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (from, to) in [
        ("pdf/plain/cong-van.pdf", "letter.pdf"),
        ("pdf/plain/encrypted-aes-128.pdf", "encrypted.pdf"),
        ("edxml/document.edxml", "message.edxml"),
        ("images/leader.png", "leader.png"),
        ("images/seal.png", "seal.png"),
    ] {
        std::fs::copy(root().join("fixtures").join(from), folder.path().join(to)).unwrap();
    }
    std::fs::write(folder.path().join("pin.txt"), "12345678\n").unwrap();
    std::fs::write(folder.path().join("password.txt"), "nguoi doc\n").unwrap();
    // Cut off before its last startxref, as a broken download is.
    let whole = std::fs::read(folder.path().join("letter.pdf")).unwrap();
    std::fs::write(folder.path().join("damaged.pdf"), &whole[..whole.len() - 30]).unwrap();
    folder
}

/// Makes the token `Office` in the examples' folder; false if SoftHSM is missing (its name is printed).
fn token(folder: &Path) -> bool {
    let made = tempfile::tempdir().unwrap();
    let keys = Keys::make(made.path());
    let key = keys.person_with("rsa2048", "pem");
    Token::make(folder, &[(1, &key, Asks::Once)]).is_some()
}

#[test]
fn every_example_in_a_help_text_runs() {
    let commands = commands(&help(&[]));
    assert!(commands.iter().any(|name| name == "sign"), "{commands:?}");
    // One folder for all, in the order of the commands: keys first, then a letter's way.
    let folder = folder();
    let token = token(folder.path());
    for command in commands {
        if command == "token" && !token {
            continue;
        }
        let text = with_free_ports(help(&[&command]));
        let typed = examples(&typed(&text));
        println!("sign-cli {command}: {} examples", typed.len());
        let wrong = run(&typed, folder.path());
        assert!(wrong.is_empty(), "sign-cli {command} --help:\n{}", wrong.join("\n\n"));
    }
}
