//! The pure crates are banned from clock, files, network and other programs by their clippy.toml.

use std::process::Command;

use crate::workspace::root;

const PURE: [&str; 2] = ["sign-core", "circulation"];

/// Code a pure crate may not contain, and the path that clippy must name.
const PLANTED: &[(&str, &str)] = &[
    ("pub fn f() -> std::time::SystemTime { std::time::SystemTime::now() }", "std::time::SystemTime::now"),
    ("pub fn f() { let _ = std::time::Instant::now(); }", "std::time::Instant::now"),
    ("pub fn f() { let _ = std::fs::read(\"a\"); }", "std::fs::read"),
    ("pub fn f() { let _ = std::fs::File::open(\"a\"); }", "std::fs::File"),
    ("pub fn f() { let _ = std::net::TcpStream::connect(\"a:1\"); }", "std::net::TcpStream"),
    ("pub fn f() { let _ = std::env::var(\"A\"); }", "std::env::var"),
    ("pub fn f() { let _ = std::process::Command::new(\"a\"); }", "std::process::Command"),
];

fn settings(path: &str) -> toml::Table {
    std::fs::read_to_string(root().join(path)).unwrap().parse().unwrap()
}

#[test]
fn the_pure_crates_repeat_the_workspace_settings() {
    // A crate's clippy.toml replaces the workspace's: a row forgotten there would be lost.
    let workspace = settings("clippy.toml");
    for name in PURE {
        let own = settings(&format!("crates/{name}/clippy.toml"));
        for (key, value) in &workspace {
            assert_eq!(own.get(key), Some(value), "{name}: {key}");
        }
    }
}

#[test]
fn every_ban_gives_its_reason() {
    for name in PURE {
        let own = settings(&format!("crates/{name}/clippy.toml"));
        for list in ["disallowed-methods", "disallowed-types"] {
            for ban in own[list].as_array().unwrap() {
                assert!(ban.get("reason").is_some(), "{name}: {ban}");
            }
        }
    }
}

#[test]
fn clippy_catches_a_planted_clock_file_or_socket() {
    for name in PURE {
        // A crate of its own without dependencies, so that only seconds are spent.
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("src")).unwrap();
        let manifest = "[package]\nname = \"planted\"\nedition = \"2024\"\n[workspace]\n";
        std::fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
        std::fs::copy(root().join(format!("crates/{name}/clippy.toml")), folder.path().join("clippy.toml"))
            .unwrap();
        let modules: Vec<String> =
            PLANTED.iter().enumerate().map(|(n, (code, _))| format!("pub mod m{n} {{ {code} }}")).collect();
        std::fs::write(folder.path().join("src/lib.rs"), modules.join("\n")).unwrap();

        let output = Command::new(env!("CARGO"))
            .args(["clippy", "--quiet", "--offline", "--", "-D", "warnings"])
            .current_dir(folder.path())
            .env("CARGO_TARGET_DIR", folder.path().join("target"))
            .env_remove("RUSTFLAGS")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{name}: clippy let everything pass");
        for (code, path) in PLANTED {
            assert!(said.contains(&format!("`{path}`")), "{name}: {code} passed:\n{said}");
        }
    }
}
