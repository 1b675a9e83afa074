//! `sign-cli sign` with several files, in place, and when the disk takes no more.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::keys::{Keys, done, sign_cli};
use crate::workspace::{binary, root};

struct Desk {
    folder: tempfile::TempDir,
    keys: Keys,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::make(folder.path());
        Self { folder, keys }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A draft under another name.
    fn letter(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::copy(root().join("fixtures/pdf/plain/cong-van.pdf"), &path).unwrap();
        path
    }

    fn sign(&self, more: &[&str], files: &[&Path]) -> Output {
        let mut command = sign_cli();
        command.arg("sign").args(files).arg("--key").arg(&self.keys.person);
        command.arg("--pin-file").arg(&self.keys.pin).args(more).output().unwrap()
    }

    /// Verdict of our own verifier, by its exit code.
    fn is_valid(&self, path: &Path) -> bool {
        let output = sign_cli().arg("verify").arg(path).arg("--trust").arg(&self.keys.root).output();
        output.unwrap().status.code() == Some(0)
    }
}

fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_batch_goes_on_after_a_failure_and_says_so() {
    let desk = Desk::new();
    let (a, b, text) = (desk.letter("a.pdf"), desk.letter("b.pdf"), desk.path("text.pdf"));
    std::fs::write(&text, "no PDF").unwrap();
    let other = desk.path("other");
    std::fs::create_dir(&other).unwrap();
    let again = other.join("a.pdf");
    std::fs::copy(&a, &again).unwrap();
    let out = desk.path("signed");
    let out_dir = ["--json", "--out-dir", out.to_str().unwrap()];

    let output = desk.sign(&out_dir, &[&a, &text, &desk.path("missing.pdf"), &again, &b]);
    assert_eq!(output.status.code(), Some(2));
    let lines = lines(&output);
    let codes: Vec<_> = lines.iter().map(|line| line["error"]["code"].as_str().unwrap_or("-")).collect();
    assert_eq!(codes, ["-", "not_pdf", "file_not_found", "output_exists", "-"]);
    for (line, file) in lines.iter().zip([&a, &text]) {
        assert_eq!(line["file"], file.to_str().unwrap());
        assert_eq!(line["schema"], "sign.signed/1");
    }
    let names: std::collections::BTreeSet<_> =
        std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.into_iter().collect::<Vec<_>>(), ["a.pdf", "b.pdf"]);
    assert!(desk.is_valid(&out.join("a.pdf")) && desk.is_valid(&out.join("b.pdf")));

    // Results that are there stay, and the others are signed all the same.
    let c = desk.letter("c.pdf");
    let output = desk.sign(&["--out-dir", out.to_str().unwrap()], &[&a, &c]);
    assert_eq!(output.status.code(), Some(2));
    assert!(desk.is_valid(&out.join("c.pdf")));
    let output = desk.sign(&["--force", "--out-dir", out.to_str().unwrap()], &[&a, &b, &c]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 3);
}

#[test]
fn a_key_that_does_not_open_fails_the_whole_batch_at_once() {
    let desk = Desk::new();
    let (a, b) = (desk.letter("a.pdf"), desk.letter("b.pdf"));
    let wrong = desk.path("wrong.txt");
    std::fs::write(&wrong, "0000\n").unwrap();
    let mut command = sign_cli();
    command.arg("--json").arg("sign").args([&a, &b]).arg("--key").arg(&desk.keys.person);
    command.arg("--pin-file").arg(&wrong).arg("--out-dir").arg(desk.path("out"));
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said["error"]["code"], "wrong_pin");
    let output = desk.sign(&["--out", desk.path("one.pdf").to_str().unwrap()], &[&a, &b]);
    assert_eq!(output.status.code(), Some(2), "--out takes one file");
}

#[test]
fn signs_in_place_again_and_again() {
    let desk = Desk::new();
    let (a, b) = (desk.letter("a.pdf"), desk.letter("b.pdf"));
    let before = std::fs::read(&a).unwrap();
    for _ in 0..2 {
        assert_eq!(desk.sign(&["--in-place"], &[&a, &b]).status.code(), Some(0));
    }
    assert!(std::fs::read(&a).unwrap().starts_with(&before));
    assert!(desk.is_valid(&a) && desk.is_valid(&b));
}

/// What stands in a folder, with its bytes.
fn content(folder: &Path) -> Vec<(std::ffi::OsString, Vec<u8>)> {
    let mut all: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name(), std::fs::read(entry.path()).unwrap()))
        .collect();
    all.sort();
    all
}

/// Signs `letter.pdf` in `folder` where no file can get longer than it, into another file or in place.
fn sign_without_room(desk: &Desk, folder: &Path, shell: &str, to: &str) -> Output {
    let command = format!(
        "cd '{}' && {shell} '{}' --lang en --json sign letter.pdf --key '{}' --pin-file '{}' {to}",
        folder.display(),
        binary("sign-cli").display(),
        desk.keys.person.display(),
        desk.keys.pin.display()
    );
    Command::new("bash").args(["-c", &command]).output().unwrap()
}

fn leaves_everything_as_it_was(desk: &Desk, folder: &Path, shell: &str) {
    for to in ["--in-place", "--out signed.pdf", "--out letter.pdf --force", "--out-dir ."] {
        let before = content(folder);
        let output = sign_without_room(desk, folder, shell, to);
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(2), "{to}: {said}{}", String::from_utf8_lossy(&output.stderr));
        let code = if to == "--out-dir ." { "output_exists" } else { "output_not_writable" };
        assert!(said.contains(code), "{to}: {said}");
        assert!(content(folder) == before, "{to} left something behind");
    }
}

#[test]
fn a_file_that_must_not_grow_is_left_as_it_was() {
    let desk = Desk::new();
    let folder = desk.path("tight");
    std::fs::create_dir(&folder).unwrap();
    let letter = std::fs::read(desk.letter("letter.pdf")).unwrap();
    // A few KiB are written before the limit (counted in KiB) is met; its signal must not end the program.
    let kib = letter.len() / 1024 + 8;
    std::fs::write(folder.join("letter.pdf"), letter).unwrap();
    leaves_everything_as_it_was(&desk, &folder, &format!("trap '' XFSZ; ulimit -f {kib};"));
}

#[test]
fn a_full_disk_leaves_everything_as_it_was() {
    let desk = Desk::new();
    let folder = desk.path("disk");
    std::fs::create_dir(&folder).unwrap();
    let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=512k", "none"]).arg(&folder).output();
    if !mount.is_ok_and(|output| output.status.success()) {
        println!("skipped: a_full_disk_leaves_everything_as_it_was needs the right to mount a tmpfs");
        return;
    }
    let _unmount = Unmount(&folder);
    let letter = std::fs::read(desk.letter("letter.pdf")).unwrap();
    std::fs::write(folder.join("letter.pdf"), letter).unwrap();
    // Leaves one page of 4 KiB.
    let mut filler = std::fs::File::create(folder.join("filler")).unwrap();
    while std::io::Write::write_all(&mut filler, &[0; 4096]).is_ok() {}
    let length = filler.metadata().unwrap().len();
    filler.set_len(length - 4096).unwrap();
    leaves_everything_as_it_was(&desk, &folder, "");
}

struct Unmount<'p>(&'p Path);

impl Drop for Unmount<'_> {
    fn drop(&mut self) {
        done(Command::new("umount").arg(self.0));
    }
}

#[test]
fn room_that_is_too_small_is_told_with_both_sizes_and_the_option() {
    let desk = Desk::new();
    let letter = desk.letter("a.pdf");
    let out = desk.path("out.pdf");
    let refused = desk.sign(&["--contents-bytes", "100", "--out", out.to_str().unwrap()], &[&letter]);
    assert!(refused.status.code() == Some(2) && !out.exists());
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    let needed = said.split("needs ").nth(1).and_then(|rest| rest.split(' ').next()?.parse::<usize>().ok());
    assert!(needed.is_some_and(|needed| needed > 500), "{said}");
    assert!(said.contains("100 are reserved") && said.contains("--contents-bytes"), "{said}");
}
