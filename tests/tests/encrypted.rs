//! Encrypted PDFs, each algorithm: signed with `sign-cli`, then judged by pdfsig, pyHanko and qpdf with the
//! password, and by us.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::keys::{Keys, done, sign_cli};
use crate::peers::{pdfsig_opening, pyhanko_opening};
use crate::workspace::{peer, root};

/// Fixture, user password, owner password.
const FILES: &[(&str, &str, &str)] = &[
    ("rc4-40", "", "chu"),
    ("rc4-128", "", "chu"),
    ("aes-128", "nguoi doc", "chu"),
    ("aes-256-r5", "người đọc", "chủ"),
    ("aes-256", "người đọc", "chủ"),
    ("restricted", "", "chủ"),
];

fn fixture(name: &str) -> PathBuf {
    root().join(format!("fixtures/pdf/plain/encrypted-{name}.pdf"))
}

/// A command with the password in a file, if there is one.
fn opening(command: &mut Command, folder: &Path, password: &str) {
    if !password.is_empty() {
        let file = folder.join("password.txt");
        std::fs::write(&file, password).unwrap();
        command.arg("--password-file").arg(file);
    }
}

fn sign(keys: &Keys, source: &Path, password: &str, more: &[&str], out: &Path) {
    let mut command = sign_cli();
    command.arg("sign").arg(source).arg("--key").arg(&keys.person).arg("--pin-file").arg(&keys.pin);
    opening(&mut command, out.parent().unwrap(), password);
    done(command.args(more).arg("--out").arg(out));
}

/// The code with which a command refuses.
fn refusal(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    said["error"]["code"].as_str().unwrap().to_owned()
}

/// All judges, given the password, call the signatures of these files valid.
fn check_all_valid(keys: &Keys, files: &[(PathBuf, String, usize)]) {
    // pyHanko takes revision 5 for revision 6, and then no password opens it; and comparing revisions it
    // decrypts metadata that /EncryptMetadata false left plain.
    let beyond =
        |path: &PathBuf| ["-r5-", "aes-128-2"].iter().any(|part| path.to_string_lossy().contains(part));
    let asked = files.iter().filter(|(path, ..)| !beyond(path));
    let asked: Vec<_> = asked.map(|(path, password, _)| (path.clone(), password.clone())).collect();
    let pyhanko = pyhanko_opening(&[&keys.root, &keys.issuing], &asked);
    for (path, password, signatures) in files {
        let name = path.file_name().unwrap().to_string_lossy();
        let mut verify = sign_cli();
        verify.args(["--json", "verify"]).arg(path).arg("--trust").arg(&keys.root);
        opening(&mut verify, path.parent().unwrap(), password);
        let report: serde_json::Value = serde_json::from_slice(&verify.output().unwrap().stdout).unwrap();
        assert_eq!(report["verdict"], "valid", "{name}: {report:#}");
        assert_eq!(report["file"]["encrypted"], true, "{name}");
        assert_eq!(report["signatures"].as_array().unwrap().len(), *signatures, "{name}");

        if let Some(answers) = pdfsig_opening(path, password) {
            assert_eq!(answers.len(), *signatures, "{name}: {answers:?}");
            assert!(answers.iter().all(|answer| answer.valid), "{name}: {answers:?}");
            assert!(answers.iter().any(|answer| answer.total), "{name}: {answers:?}");
        }
        if let Some(answers) = pyhanko.as_ref().and_then(|answers| answers.get(path)) {
            let answers = answers.as_ref().unwrap();
            assert_eq!(answers.len(), *signatures, "{name}: {answers:?}");
            assert!(answers.iter().all(|answer| answer.valid), "{name}: {answers:?}");
        }
        if let Some(qpdf) = peer("qpdf") {
            let checked =
                Command::new(qpdf).arg(format!("--password={password}")).arg("--check").arg(path).output();
            let checked = checked.unwrap();
            let said = String::from_utf8_lossy(&checked.stdout).into_owned();
            assert!(checked.status.success(), "{name}: {said}{}", String::from_utf8_lossy(&checked.stderr));
        }
    }
}

#[test]
fn peers_accept_signatures_in_every_encryption() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::make(folder.path());
    let mut files = Vec::new();
    for (name, user, owner) in FILES {
        // The author of this one lets only the owner sign.
        let password = if *name == "restricted" { owner } else { user };
        let first = folder.path().join(format!("{name}-1.pdf"));
        let second = folder.path().join(format!("{name}-2.pdf"));
        let visible = ["--page", "1", "--rect", "100,100,120,40", "--text", "Đã kiểm tra", "--reason", "Thử"];
        sign(&keys, &fixture(name), password, &visible, &first);
        sign(&keys, &first, owner, &[], &second);
        files.push((first, (*password).to_owned(), 1));
        files.push((second, (*password).to_owned(), 2));
    }
    check_all_valid(&keys, &files);
}

#[test]
fn a_letter_that_anybody_may_open_goes_the_official_way() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::make(folder.path());
    let at = |name: &str| folder.path().join(name);
    let (frozen, led, sealed) = (at("frozen.pdf"), at("led.pdf"), at("sealed.pdf"));
    let mut freeze = sign_cli();
    freeze.arg("freeze").arg(fixture("rc4-128"));
    done(freeze.args(["--title", "GIÁM ĐỐC", "--name", "Nguyễn Văn A", "--out"]).arg(&frozen));
    sign(&keys, &frozen, "", &["--role", "leader", "--certify", "2"], &led);
    let fills = ["--role", "seal", "--set", "Number=15", "--set", "Day=05", "--set", "Month=02"];
    sign(&keys, &led, "", &fills, &sealed);
    check_all_valid(&keys, &[(sealed, String::new(), 2)]);
}

#[test]
fn a_password_that_is_missing_wrong_or_not_the_owners_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::make(folder.path());
    let out = folder.path().join("out.pdf");
    let cases = [
        ("aes-256", "", "password_needed"),
        ("aes-128", "sai", "wrong_password"),
        ("restricted", "", "change_not_permitted"),
    ];
    for (name, password, code) in cases {
        let mut command = sign_cli();
        command.args(["--json", "sign"]).arg(fixture(name)).arg("--key").arg(&keys.person);
        command.arg("--pin-file").arg(&keys.pin).arg("--out").arg(&out);
        opening(&mut command, folder.path(), password);
        assert_eq!(refusal(&mut command), code, "{name}");
        assert!(!out.exists(), "{name}");
    }
    for verb in ["fields", "verify"] {
        assert_eq!(refusal(sign_cli().args(["--json", verb]).arg(fixture("aes-256"))), "password_needed");
    }
    let mut render = sign_cli();
    render.args(["--json", "render"]).arg(fixture("aes-256")).arg("--out").arg(folder.path().join("pages"));
    assert_eq!(refusal(&mut render), "password_needed");
}

#[test]
fn pages_of_an_encrypted_letter_are_drawn_with_its_password() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = sign_cli();
    command.arg("render").arg(fixture("aes-256")).arg("--out").arg(folder.path().join("pages"));
    opening(&mut command, folder.path(), "người đọc");
    done(&mut command);
    assert!(folder.path().join("pages/page-1.png").is_file());
}

/// One byte of encrypted content changed behind the signature's back.
#[test]
fn a_changed_byte_breaks_the_signature_of_an_encrypted_file() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::make(folder.path());
    let signed = folder.path().join("signed.pdf");
    sign(&keys, &fixture("rc4-128"), "", &[], &signed);
    let mut bytes = std::fs::read(&signed).unwrap();
    let at = bytes.windows(8).position(|window| window == b"stream\r\n" || window.starts_with(b"stream\n"));
    bytes[at.unwrap() + 20] ^= 1;
    std::fs::write(&signed, bytes).unwrap();
    let output = sign_cli().args(["--json", "verify"]).arg(&signed).output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["verdict"], "invalid", "{report:#}");
}
