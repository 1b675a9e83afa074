//! Keys in tokens (PKCS#11), with SoftHSM as the token: every kind of key, one login for many
//! signatures and threads, and PINs that are never risked twice.

use std::path::{Path, PathBuf};
use std::process::Output;
use std::slice;
use std::time::Instant;

use sign_core::crypto::key::{KeyError, Pin, Signer};
use sign_core::crypto::verify::verify;
use sign_core::limits::Limits;
use sign_core::pdf::Access;
use sign_core::sign::{SignError, SignRequest, Signing, sign};
use sign_core::time::Time;
use sign_core::x509::Certificate;
use sign_io::clock;
use sign_io::pkcs11::{KeyUri, Opening, PinState, Pkcs11Key, TokenError, Tries, list};

use crate::keys::{Keys, done, sign_cli};
use crate::peers::{pdfsig, pyhanko};
use crate::softhsm::{Asks, LABEL, MODULE, PIN, Token, change_pin, folder_alone, session};
use crate::workspace::root;

fn letter() -> PathBuf {
    root().join("fixtures/pdf/plain/cong-van.pdf")
}

/// `sign-cli sign` with a key in the token.
fn sign_with(token: &Token, keys: &Keys, uri: &str, more: &[&str], out: &Path) -> Output {
    let mut command = sign_cli();
    command.env("SOFTHSM2_CONF", token.settings()).arg("--json").arg("sign").arg(letter());
    command.args(["--key", uri, "--pin-file"]).arg(&keys.pin).args(more).arg("--out").arg(out);
    command.output().unwrap()
}

/// The error code that `sign-cli --json` printed.
fn code(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    said["error"]["code"].as_str().unwrap().to_owned()
}

#[test]
fn every_kind_of_key_in_a_token_signs_and_all_judges_agree() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::make(folder.path());
    let pems = ["rsa2048", "rsa3072", "p256", "p384", "p521"].map(|kind| keys.person_with(kind, "pem"));
    let asking = keys.organisation_with("rsa2048", "pem");
    let ids = [1, 2, 3, 4, 6].into_iter();
    let mut held: Vec<_> = ids.zip(&pems).map(|(id, pem)| (id, pem.as_path(), Asks::Once)).collect();
    held.push((5, asking.as_path(), Asks::EachTime));
    let Some(token) = Token::make(folder.path(), &held) else { return };

    let mut files = Vec::new();
    for (id, more, algorithm, why) in [
        (1, &[][..], "RSA PKCS#1 v1.5 with SHA-256", "what most tokens in use do"),
        (2, &["--padding", "pss"], "RSA-PSS with SHA-256", "the token makes the PSS encoding"),
        (3, &[], "ECDSA with SHA-256", "the token answers r‖s"),
        (4, &[], "ECDSA with SHA-384", "another curve, another digest"),
        (5, &[], "RSA PKCS#1 v1.5 with SHA-256", "the PIN goes in between"),
        (6, &[], "ECDSA with SHA-512", "numbers of 66 bytes"),
        (1, &["--padding", "pss", "--digest", "sha512"], "RSA-PSS with SHA-512", "a digest of our choice"),
    ] {
        let out = folder.path().join(format!("token-{}.pdf", files.len()));
        let output = sign_with(&token, &keys, &Token::uri(id), more, &out);
        assert!(output.status.success(), "{why}: {output:?}");
        let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(said["algorithm"], algorithm, "{why}");
        files.push(out);
    }
    let judged = pyhanko(&keys, &files);
    for file in &files {
        let name = file.file_name().unwrap().to_string_lossy();
        done(sign_cli().arg("verify").arg(file).arg("--trust").arg(&keys.root));
        if let Some(answers) = pdfsig(file) {
            assert!(answers.len() == 1 && answers[0].valid && answers[0].total, "{name}: {answers:?}");
        }
        if let Some(answers) = &judged {
            let answers = answers[file].as_ref().unwrap();
            assert!(answers.len() == 1 && answers[0].valid, "{name}: {answers:?}");
        }
    }
    // pdfsig knows no SHA-3.
    let hashed_here = folder.path().join("sha3.pdf");
    let output = sign_with(&token, &keys, &Token::uri(1), &["--digest", "sha3-256"], &hashed_here);
    assert!(output.status.success(), "the token only pads: {output:?}");
    done(sign_cli().arg("verify").arg(&hashed_here).arg("--trust").arg(&keys.root));

    // Many files in one call: the key is opened, and the PIN given, once.
    let copies: Vec<PathBuf> = (1..=20).map(|n| folder.path().join(format!("copy-{n}.pdf"))).collect();
    for copy in &copies {
        std::fs::copy(letter(), copy).unwrap();
    }
    let mut command = sign_cli();
    command.env("SOFTHSM2_CONF", token.settings()).arg("sign").args(&copies);
    command.args(["--key", &Token::uri(3), "--pin-file"]).arg(&keys.pin);
    done(command.arg("--out-dir").arg(folder.path().join("signed")));
    let mut command = sign_cli();
    command
        .arg("verify")
        .args(copies.iter().map(|copy| folder.path().join("signed").join(copy.file_name().unwrap())));
    done(command.arg("--trust").arg(&keys.root));

    token.alone("tokens::one_login_serves_many_signatures_and_threads");
    token.alone("tokens::a_pin_is_risked_once_and_logins_are_not_borrowed");
    token.alone("tokens::a_pin_refused_for_one_signature_is_not_given_for_the_next");
    token.alone("tokens::a_token_removed_between_two_documents_is_named");
}

#[test]
fn what_is_missing_or_unclear_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::make(folder.path());
    let (first, second) = (keys.person_with("p256", "pem"), keys.person_with("p384", "pem"));
    let held = [(1, first.as_path(), Asks::Once), (2, second.as_path(), Asks::Once)];
    let Some(token) = Token::make(folder.path(), &held) else { return };
    let out = folder.path().join("out.pdf");
    let no_module = folder.path().join("no-module.so");
    std::fs::write(&no_module, "not a library").unwrap();
    for (uri, expected) in [
        (format!("pkcs11:token={LABEL}"), "module_not_given"),
        (format!("pkcs11:?module-path={}", folder.path().join("none.so").display()), "module_unloadable"),
        (format!("pkcs11:?module-path={}", no_module.display()), "module_unloadable"),
        (format!("pkcs11:token=Elsewhere?module-path={MODULE}"), "token_not_found"),
        (format!("pkcs11:serial=0?module-path={MODULE}"), "token_not_found"),
        (format!("pkcs11:token={LABEL};id=%09?module-path={MODULE}"), "key_not_found"),
        (format!("pkcs11:token={LABEL}?module-path={MODULE}"), "ambiguous_key"),
        (format!("pkcs11:token={LABEL};id=%01?module-path={MODULE}&pin-value={PIN}"), "bad_arguments"),
    ] {
        assert_eq!(code(&sign_with(&token, &keys, &uri, &[], &out)), expected, "{uri}");
        assert!(!out.exists(), "{uri}: no output after a failure");
    }
    let unfit = sign_with(&token, &keys, &Token::uri(1), &["--digest", "sha1"], &out);
    assert_eq!(code(&unfit), "weak_digest", "refused before the token is asked");
    // The module by an option, for an address without one.
    let bare = format!("pkcs11:token={LABEL};id=%01");
    assert!(sign_with(&token, &keys, &bare, &["--pkcs11-module", MODULE], &out).status.success());

    // A wrong PIN is given once, then the token is left alone until somebody takes the risk.
    let wrong = folder.path().join("wrong.txt");
    std::fs::write(&wrong, "11111111\n").unwrap();
    let try_with = |pin: &Path, more: &[&str]| {
        let mut command = sign_cli();
        command.env("SOFTHSM2_CONF", token.settings()).args(["--json", "sign"]).arg(letter()).args(more);
        command.args(["--force", "--key", &Token::uri(1), "--pin-file"]).arg(pin).arg("--out").arg(&out);
        command.output().unwrap()
    };
    assert_eq!(code(&try_with(&wrong, &[])), "wrong_pin");
    assert_eq!(code(&try_with(&wrong, &[])), "pin_tries_low");
    assert_eq!(code(&try_with(&keys.pin, &[])), "pin_tries_low", "the right one is not tried either");
    let listed = done(sign_cli().env("SOFTHSM2_CONF", token.settings()).args([
        "token",
        "list",
        "--pkcs11-module",
        MODULE,
    ]));
    let said = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(said.contains("a wrong one was given"), "{said}");
    assert!(try_with(&keys.pin, &["--pin-tries", "all-but-last"]).status.success());
    assert!(try_with(&keys.pin, &[]).status.success(), "the right PIN has cleared the count");

    // With its PIN, a token shows what to give to --key; the address works as printed.
    let mut command = sign_cli();
    command.env("SOFTHSM2_CONF", token.settings()).args([
        "--json",
        "token",
        "list",
        "--pkcs11-module",
        MODULE,
    ]);
    let listed = done(command.args(["--token", LABEL, "--pin-file"]).arg(&keys.pin));
    let said: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    let objects = said["tokens"][0]["objects"].as_array().unwrap();
    let uri = objects.iter().find(|object| object["kind"] == "private_key").unwrap()["uri"].as_str().unwrap();
    std::fs::remove_file(&out).unwrap();
    assert!(sign_with(&token, &keys, uri, &[], &out).status.success(), "{uri}");
}

fn open(id: u8, pin: &str, tries: Tries) -> Result<Pkcs11Key, TokenError> {
    let uri = KeyUri::parse(&Token::uri(id)).unwrap();
    let pin = Pin::from(pin);
    Pkcs11Key::open(&uri, &Opening { pin: Some(&pin), tries, ..Opening::default() })
}

fn check(key: &dyn Signer, message: &[u8]) {
    let leaf = Certificate::parse(&key.certificates()[0]).unwrap();
    let signature = key.sign(message).unwrap();
    assert_eq!(verify(key.algorithm(), leaf.spki_der(), message, &signature), Ok(true));
}

#[test]
#[ignore = "run in a process of its own, which has a token"]
fn one_login_serves_many_signatures_and_threads() {
    if folder_alone().is_none() {
        return;
    }
    let source = std::fs::read(letter()).unwrap();
    let key = open(1, PIN, Tries::Unspoilt).unwrap();
    assert_eq!(key.certificates().len(), 3, "the chain is completed from the token's other certificates");

    let started = Instant::now();
    let now: Time = clock::now();
    for _ in 0..20 {
        let signed = sign(&source, &SignRequest::new(now), &key, &Limits::default()).unwrap();
        assert!(!signed.appended.is_empty());
    }
    println!("20 documents with one login: {} ms", started.elapsed().as_millis());

    let (other, asking) = (open(3, PIN, Tries::Unspoilt).unwrap(), open(5, PIN, Tries::Unspoilt).unwrap());
    let started = Instant::now();
    std::thread::scope(|scope| {
        for n in 0..8_u8 {
            let keys: [&dyn Signer; 3] = [&key, &other, &asking];
            scope.spawn(move || (0..10).for_each(|m| check(keys[usize::from(n) % 3], &[n, m])));
        }
    });
    println!("80 signatures from 8 threads: {} ms", started.elapsed().as_millis());
}

#[test]
#[ignore = "run in a process of its own, which has a token"]
fn a_pin_is_risked_once_and_logins_are_not_borrowed() {
    if folder_alone().is_none() {
        return;
    }
    let pin_state = || list(Path::new(MODULE), None, None, Tries::Unspoilt).unwrap().tokens[0].pin;
    let key = open(1, PIN, Tries::Unspoilt).unwrap();
    // While somebody is logged in, PKCS#11 would let anybody of this process sign. We do not.
    let stranger = open(1, "00000000", Tries::All).unwrap_err();
    assert_eq!(stranger.code(), "wrong_pin");
    assert_eq!(pin_state(), PinState::Usual, "the token was not asked: its PIN is known");
    check(&key, b"the first one goes on");

    // Logged out behind our back, as when the token was pulled out: named, and dead for good.
    session().logout().unwrap();
    assert_eq!(key.sign(b"m").unwrap_err().code(), "token_removed");
    assert_eq!(key.sign(b"m").unwrap_err().code(), "token_removed", "no login without its holder");
    let again = open(1, PIN, Tries::AllButLast).unwrap();
    check(&again, b"with the PIN given anew");
    assert!(matches!(key.sign(b"m"), Err(KeyError::Device { code: "token_removed", .. })));
    drop((key, again));

    // Nobody is logged in: wrong PINs reach the token, and after two from this process no more do.
    assert_eq!(open(1, "00000000", Tries::Unspoilt).unwrap_err().code(), "wrong_pin");
    assert_eq!(pin_state(), PinState::TriesLow);
    assert_eq!(open(1, PIN, Tries::Unspoilt).unwrap_err().code(), "pin_tries_low");
    assert_eq!(open(1, "00000000", Tries::AllButLast).unwrap_err().code(), "wrong_pin");
    assert_eq!(open(1, PIN, Tries::AllButLast).unwrap_err().code(), "pin_tries_low");
    let refused = open(1, PIN, Tries::AllButLast).unwrap_err();
    assert!(matches!(refused, TokenError::PinTriesLow { last: false }), "{refused:?}");
    check(&open(1, PIN, Tries::All).unwrap(), b"told to, it is tried, and right");
    check(&open(1, PIN, Tries::Unspoilt).unwrap(), b"which clears the count");

    let missing = Pkcs11Key::open(&KeyUri::parse(&Token::uri(1)).unwrap(), &Opening::default());
    assert_eq!(missing.unwrap_err().code(), "pin_missing");
    // A certificate given from outside takes the place of none in the token, but not of the right one.
    let strange = slice::from_ref(&open(3, PIN, Tries::Unspoilt).unwrap().certificates()[0]).to_vec();
    let opening = Opening { pin: Some(&Pin::from(PIN)), certificates: &strange, ..Opening::default() };
    let key = Pkcs11Key::open(&KeyUri::parse(&Token::uri(1)).unwrap(), &opening).unwrap();
    assert_ne!(key.certificates()[0], strange[0]);
}

#[test]
#[ignore = "run in a process of its own, which has a token"]
fn a_pin_refused_for_one_signature_is_not_given_for_the_next() {
    if folder_alone().is_none() {
        return;
    }
    let key = open(5, PIN, Tries::Unspoilt).unwrap();
    check(&key, b"the PIN goes with this one");
    // Somebody changes the PIN while we are logged in.
    change_pin(PIN, "99999999");
    assert_eq!(key.sign(b"m").unwrap_err().code(), "wrong_pin");
    change_pin("99999999", PIN);
    // It would be right again; but this key's holder has not said so, and one more wrong may lock it.
    assert_eq!(key.sign(b"m").unwrap_err().code(), "pin_tries_low");
    check(&open(5, PIN, Tries::Unspoilt).unwrap(), b"with the PIN given anew");
    assert_eq!(key.sign(b"m").unwrap_err().code(), "pin_tries_low", "the old key stays dead");
}

#[test]
#[ignore = "run in a process of its own, which has a token"]
fn a_token_removed_between_two_documents_is_named() {
    let Some(folder) = folder_alone() else { return };
    let source = std::fs::read(letter()).unwrap();
    let key = open(1, PIN, Tries::Unspoilt).unwrap();
    let (signing, request) = (Signing::new(&key).unwrap(), SignRequest::new(clock::now()));
    signing.sign(&source, &request, Access::default()).unwrap();
    // The nearest to pulling a token out: its files are gone.
    std::fs::remove_dir_all(folder.join("tokens")).unwrap();
    for document in ["the next", "and the one after it"] {
        let failed = signing.sign(&source, &request, Access::default()).unwrap_err();
        assert!(
            matches!(failed, SignError::Key(KeyError::Device { code: "token_removed", .. })),
            "{document}: {failed:?}"
        );
    }
    assert_eq!(open(1, PIN, Tries::Unspoilt).unwrap_err().code(), "token_not_found");
}
