//! `inspect --diff`: what a person sees that was changed after a signature, and where.

use serde_json::Value;
use std::path::Path;

use crate::keys::{Keys, done, sign_cli};
use crate::workspace::root;

fn json(arguments: &[&str], folder: &Path) -> Value {
    let output = done(sign_cli().arg("--json").args(arguments).current_dir(folder));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The code of what was refused.
fn refused(arguments: &[&str], folder: &Path) -> String {
    let output = sign_cli().arg("--json").args(arguments).current_dir(folder).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    answer["error"]["code"].as_str().unwrap().to_owned()
}

fn rect(value: &Value) -> [f64; 4] {
    let sides: Vec<f64> = value.as_array().unwrap().iter().map(|side| side.as_f64().unwrap()).collect();
    sides.try_into().unwrap()
}

/// The official order: frozen, signed by the leader, numbered and sealed.
fn sealed(folder: &Path, keys: &Keys) {
    let (pin, seal) = (keys.pin.to_str().unwrap(), keys.organisation());
    let image = |name: &str| root().join("fixtures/images").join(name).display().to_string();
    let letter = root().join("fixtures/pdf/plain/cong-van.pdf").display().to_string();
    let person = ["--title", "GIÁM ĐỐC", "--name", "Nguyễn Văn A", "--out", "frozen.pdf"];
    let run = |arguments: &[&str]| done(sign_cli().args(arguments).current_dir(folder));
    run(&[&["freeze", &letter][..], &person].concat());
    let (leader, stamp) = (image("leader.png"), image("seal.png"));
    let by = |key: &'static str, role: &'static str| ["--pin-file", pin, "--role", role, "--out", key];
    let person = keys.person.to_str().unwrap();
    let certify = ["--key", person, "--certify", "2", "--image", &leader];
    run(&[&["sign", "frozen.pdf"][..], &certify, &by("leader.pdf", "leader")].concat());
    let fill = ["--key", seal.to_str().unwrap(), "--image", &stamp, "--set", "Number=15", "--set", "Day=05"];
    run(&[&["sign", "leader.pdf", "--set", "Month=02"][..], &fill, &by("sealed.pdf", "seal")].concat());
}

#[test]
fn number_date_and_seal_are_marked_where_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let (folder, keys) = (folder.path(), Keys::make(folder.path()));
    sealed(folder, &keys);
    let difference = json(&["inspect", "sealed.pdf", "--diff", "--out", "changed"], folder);
    assert_eq!((&difference["field"], &difference["areas"]), (&"Leader".into(), &4.into()), "{difference:#}");
    let page = &difference["pages"][0];
    assert_eq!((&page["page"], &page["added"]), (&1.into(), &serde_json::json!(["15 05 02"])), "{page:#}");

    // Each area is in the box of a field that the clerk filled in.
    let fields = json(&["fields", "sealed.pdf"], folder);
    let boxes: Vec<[f64; 4]> = fields["fields"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|field| field["name"] != "Leader")
        .map(|field| rect(&field["rect"]))
        .collect();
    for area in page["areas"].as_array().unwrap().iter().map(rect) {
        let inside = |outer: &[f64; 4]| {
            area[0] >= outer[0] - 1.0
                && area[1] >= outer[1] - 1.0
                && area[2] <= outer[2] + 1.0
                && area[3] <= outer[3] + 1.0
        };
        assert!(boxes.iter().any(inside), "{area:?} in none of {boxes:?}");
    }
    for state in ["old", "new", "marked"] {
        let png = std::fs::read(folder.join(format!("changed/page-1-{state}.png"))).unwrap();
        assert!(png.starts_with(b"\x89PNG"), "{state}");
    }
    // Nothing of an earlier look is overwritten, and the seal has seen it all.
    assert_eq!(refused(&["inspect", "sealed.pdf", "--diff", "--out", "changed"], folder), "output_exists");
    let since_seal = json(&["inspect", "sealed.pdf", "--diff", "--field", "Seal"], folder);
    assert_eq!((&since_seal["areas"], &since_seal["pages"]), (&0.into(), &serde_json::json!([])));
}

#[test]
fn it_says_why_there_is_nothing_to_compare() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let plain = root().join("fixtures/pdf/plain/cong-van.pdf").display().to_string();
    let ask = |more: &[&str]| refused(&[&["inspect", &plain, "--diff"][..], more].concat(), folder);
    assert_eq!(ask(&[]), "nothing_signed");
    assert_eq!(ask(&["--revision", "9"]), "no_such_revision");
    assert_eq!(ask(&["--field", "Seal"]), "no_such_signature");
    assert_eq!(ask(&["--revision", "1", "--page", "7"]), "no_such_page");
}

#[test]
fn an_encrypted_letter_is_compared_with_its_password() {
    let folder = tempfile::tempdir().unwrap();
    let (folder, keys) = (folder.path(), Keys::make(folder.path()));
    let encrypted = root().join("fixtures/pdf/plain/encrypted-aes-128.pdf").display().to_string();
    std::fs::write(folder.join("password.txt"), "nguoi doc\n").unwrap();
    let (key, pin) = (keys.person.to_str().unwrap(), keys.pin.to_str().unwrap());
    let shown = ["--page", "1", "--rect", "50,50,200,60", "--text", "Đã kiểm tra"];
    let with_key = ["sign", &encrypted, "--key", key, "--pin-file", pin, "--out", "signed.pdf"];
    let password = ["--password-file", "password.txt"];
    done(sign_cli().args(with_key).args(shown).args(password).current_dir(folder));
    let look = ["inspect", "signed.pdf", "--diff", "--revision", "1"];
    let difference = json(&[&look[..], &password].concat(), folder);
    assert!(difference["areas"].as_u64().is_some_and(|areas| areas > 0), "{difference:#}");
    assert_eq!(refused(&look, folder), "password_needed");
}
