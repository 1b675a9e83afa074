//! `--repair`, as a user meets it: a damaged file is refused with a hint that names it, signed as a clean copy
//! when asked, and what was done is said. What is found and kept is tested in sign-core.

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;

use crate::keys::{Keys, sign_cli};
use crate::peers::{pdfsig, pyhanko, qpdf};
use crate::workspace::root;

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

    /// A fixture with its bytes changed.
    fn damaged(&self, fixture: &str, damage: impl FnOnce(Vec<u8>) -> Vec<u8>) -> PathBuf {
        let bytes = std::fs::read(root().join("fixtures/pdf/plain").join(fixture)).unwrap();
        let path = self.path(&format!("damaged-{fixture}"));
        std::fs::write(&path, damage(bytes)).unwrap();
        path
    }

    fn sign(&self, more: &[&str], file: &Path, out: &Path) -> Output {
        let mut sign = sign_cli();
        sign.args(["--json", "sign"]).arg(file).arg("--key").arg(&self.keys.person);
        sign.arg("--pin-file").arg(&self.keys.pin).args(more).arg("--out").arg(out).output().unwrap()
    }
}

fn said(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"))
}

/// Another startxref than the one that leads to the table.
fn wrong_startxref(bytes: Vec<u8>) -> Vec<u8> {
    [bytes.as_slice(), b"startxref\n7\n%%EOF\n"].concat()
}

/// What a broken download leaves.
fn cut_off(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.len() - 30);
    bytes
}

#[test]
fn a_damaged_file_is_refused_with_the_hint_and_signed_as_a_clean_copy() {
    let desk = Desk::new();
    for (name, damage, code) in [
        ("startxref", wrong_startxref as fn(Vec<u8>) -> Vec<u8>, "malformed_pdf"),
        ("cut off", cut_off, "truncated"),
    ] {
        let file = desk.damaged("cong-van.pdf", damage);
        let before = std::fs::read(&file).unwrap();
        let out = desk.path(&format!("{name}.pdf"));

        let refused = desk.sign(&[], &file, &out);
        assert_eq!(refused.status.code(), Some(2), "{name}");
        let error = &said(&refused)["error"];
        assert_eq!(error["code"], code, "{name}");
        assert!(error["hint_en"].as_str().unwrap().contains("--repair"), "{name}: {error}");
        assert!(error["hint_vi"].as_str().unwrap().contains("--repair"), "{name}: {error}");
        assert!(!out.exists(), "{name}");

        let signed = desk.sign(&["--repair"], &file, &out);
        assert_eq!(signed.status.code(), Some(0), "{name}: {signed:?}");
        let repaired = &said(&signed)["repaired"];
        assert_eq!(repaired["damage"], code, "{name}: {repaired}");
        assert!(repaired["kept"].as_u64().unwrap() > 5, "{name}: {repaired}");
        assert_eq!(repaired["dropped"], Value::Array(Vec::new()), "{name}");
        assert_eq!(std::fs::read(&file).unwrap(), before, "{name}: the damaged file stays as it is");

        if let Some((status, said)) = qpdf(&out) {
            assert_eq!(status, 0, "{name}: {said}");
        }
        if let Some(answers) = pdfsig(&out) {
            assert!(matches!(answers.as_slice(), [one] if one.valid && one.total), "{name}: {answers:?}");
        }
        if let Some(answers) = pyhanko(&desk.keys, std::slice::from_ref(&out)) {
            let answers = answers[&out].as_ref().unwrap();
            assert!(answers[0].valid && answers[0].coverage == "ENTIRE_FILE", "{name}: {answers:?}");
        }
    }
    // People are told too.
    let mut repair = sign_cli();
    repair.arg("repair").arg(desk.path("damaged-cong-van.pdf"));
    let output = repair.arg("--out").arg(desk.path("clean.pdf")).output().unwrap();
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(words.contains("a clean copy of a damaged file") && words.contains("objects kept"), "{words}");
}

#[test]
fn what_is_sound_signed_or_encrypted_is_never_rewritten() {
    let desk = Desk::new();
    let letter = root().join("fixtures/pdf/plain/cong-van.pdf");
    let signed = desk.path("signed.pdf");
    assert_eq!(desk.sign(&["--repair"], &letter, &signed).status.code(), Some(0));
    let (before, after) = (std::fs::read(&letter).unwrap(), std::fs::read(&signed).unwrap());
    assert!(after.starts_with(&before), "a sound file is signed as it is");

    let broken = desk.path("broken.pdf");
    std::fs::write(&broken, wrong_startxref(after)).unwrap();
    let refused = desk.sign(&["--repair"], &broken, &desk.path("no.pdf"));
    assert_eq!(said(&refused)["error"]["code"], "repair_breaks_signature");

    let password = desk.path("password.txt");
    std::fs::write(&password, "người đọc").unwrap();
    let with_password = ["--repair", "--password-file", password.to_str().unwrap()];
    let sound = root().join("fixtures/pdf/plain/encrypted-aes-256.pdf");
    let out = desk.path("encrypted.pdf");
    let done = desk.sign(&with_password, &sound, &out);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    assert!(std::fs::read(&out).unwrap().starts_with(&std::fs::read(&sound).unwrap()));
    assert!(said(&done)["repaired"].is_null());
    let broken = desk.damaged("encrypted-aes-256.pdf", wrong_startxref);
    let refused = desk.sign(&with_password, &broken, &desk.path("no.pdf"));
    assert_eq!(said(&refused)["error"]["code"], "repair_encrypted");
    assert!(!desk.path("no.pdf").exists());
}
