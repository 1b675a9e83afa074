//! Keys at remote signing services, as a user of `sign-cli` has them: somebody else's CSC service
//! (certomancer-csc-dummy, version 1.0.4), and our fakes for what that one does not ask for and for the
//! Vietnamese services.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use sign_core::crypto::key::{Pin, from_pkcs12};
use sign_io::remote::fake::{FakeCsc, FakeMySign, FakeService, FakeSmartCa, FakeTls, Holder, Office, Phone};

use crate::keys::{Keys, done, sign_cli};
use crate::peers::{pdfsig, pyhanko_trusting};
use crate::workspace::{binary, free_port, peer, root};

/// Keys, entities and certificates of the foreign service, as its configuration says them.
const OFFICE: &str = r#"
keysets:
  office:
    path-prefix: .
    keys: { root: { path: root.pem }, p256: { path: p256.pem }, rsa: { path: rsa.pem } }
pki-architectures:
  office:
    keyset: office
    entity-defaults: { country-name: VN, organization-name: Thu nghiem }
    entities:
      root: { common-name: Root }
      p256: { common-name: Nguyen Van A }
      rsa: { common-name: Tran Thi B }
    certs:
      root:
        { subject: root, issuer: root, validity: &always { valid-from: "2020-01-01T00:00:00+0000", valid-to: "2099-01-01T00:00:00+0000" },
          extensions: [
            { id: basic_constraints, critical: true, value: { ca: true } },
            { id: key_usage, critical: true, smart-value: { schema: key-usage, params: [key_cert_sign] } } ] }
      p256: { subject: p256, issuer: root, validity: *always, extensions: &signing [
            { id: key_usage, critical: true, smart-value: { schema: key-usage, params: [digital_signature, non_repudiation] } } ] }
      rsa: { subject: rsa, issuer: root, validity: *always, extensions: *signing }
"#;

fn letter() -> PathBuf {
    root().join("fixtures/pdf/plain/cong-van.pdf")
}

struct Foreign {
    child: Child,
    url: String,
}

impl Drop for Foreign {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts it with hash pinning (SCAL2); `None` if it is missing (its name is printed).
fn foreign(folder: &Path) -> Option<Foreign> {
    let program = peer("certomancer-csc")?;
    for name in ["root", "p256", "rsa"] {
        let kind =
            if name == "p256" { ["EC", "ec_paramgen_curve:P-256"] } else { ["RSA", "rsa_keygen_bits:2048"] };
        let mut openssl = Command::new("openssl");
        openssl.args(["genpkey", "-quiet", "-algorithm", kind[0], "-pkeyopt", kind[1], "-out"]);
        done(openssl.arg(folder.join(format!("{name}.pem"))));
    }
    std::fs::write(folder.join("certomancer.yml"), OFFICE).unwrap();
    let port = free_port();
    let mut child = Command::new(program)
        .args(["certomancer.yml", &port.to_string(), "2"])
        .current_dir(folder)
        .env("PYTHONUNBUFFERED", "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // aiohttp says so when it listens; the rest of what it says must not fill the pipe.
    let mut said = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("Running on") {
        line.clear();
        assert!(said.read_line(&mut line).unwrap() > 0, "certomancer-csc ended before it listened");
    }
    std::thread::spawn(move || said.read_to_end(&mut Vec::new()));
    Some(Foreign { child, url: format!("http://localhost:{port}/csc/v1") })
}

fn sign(url: &str, files: &[&Path], more: &[&str]) -> Output {
    let mut command = sign_cli();
    command.env_remove("SIGN_PIN").arg("sign").args(files).args(["--key", &format!("csc:{url}")]);
    command.args(more).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// PEM of the service's root, for those who judge.
fn root_of(folder: &Path) -> PathBuf {
    let path = folder.join("root-certificate.pem");
    let certomancer = peer("certomancer").unwrap();
    let mut export = Command::new(certomancer);
    export.current_dir(folder).args(["--config", "certomancer.yml", "mass-summon", "office", "certs"]);
    done(&mut export);
    let mut convert = Command::new("openssl");
    convert.args(["x509", "-out"]).arg(&path).arg("-in").arg(folder.join("certs/root/root.cert.pem"));
    done(&mut convert);
    path
}

#[test]
fn a_foreign_csc_service_signs_and_everybody_calls_it_valid() {
    let folder = tempfile::tempdir().unwrap();
    let Some(service) = foreign(folder.path()) else { return };
    let root = root_of(folder.path());
    let mut signed = Vec::new();
    for (credential, more) in [
        ("office/p256", &[][..]),
        ("office/rsa", &[]),
        ("office/rsa", &["--padding", "pss", "--digest", "sha512"]),
    ] {
        let out = folder.path().join(format!("signed-{}.pdf", signed.len()));
        let mut arguments = vec!["--credential", credential, "--out", out.to_str().unwrap()];
        arguments.extend(more);
        let output = sign(&service.url, &[&letter()], &arguments);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let verdict = done(sign_cli().arg("verify").arg(&out).arg("--trust").arg(&root));
        assert!(text(&verdict.stdout).contains("VALID"), "{verdict:?}");
        if let Some(answers) = pdfsig(&out) {
            assert!(answers.len() == 1 && answers[0].valid && answers[0].total, "{answers:?}");
        }
        signed.push(out);
    }
    if let Some(answers) = pyhanko_trusting(&[&root], &signed) {
        for file in &signed {
            let answer = &answers[file].as_ref().unwrap()[0];
            assert!(answer.valid, "{}: {}", file.display(), answer.summary);
        }
    }
    // Several credentials, and one that is not there: nothing is guessed.
    for more in [&["--credential", "office/nobody"][..], &[]] {
        let output = sign(&service.url, &[&letter()], &[more, &["--out", "never.pdf"]].concat());
        let said = text(&output.stderr);
        assert!(said.contains("[remote_no_credential]") && said.contains("office/p256"), "{said}");
    }
}

#[test]
fn a_foreign_csc_service_signs_a_batch_ten_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let Some(service) = foreign(folder.path()) else { return };
    let root = root_of(folder.path());
    let files: Vec<PathBuf> = (0..12).map(|n| folder.path().join(format!("{n}.pdf"))).collect();
    for file in &files {
        std::fs::copy(letter(), file).unwrap();
    }
    let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    let out = folder.path().join("out");
    let arguments = ["--credential", "office/p256", "--out-dir", out.to_str().unwrap()];
    let output = sign(&service.url, &files, &arguments);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let mut verify = sign_cli();
    verify.arg("verify").arg("--trust").arg(root);
    done(verify.args(files.iter().map(|file| out.join(file.file_name().unwrap()))));
}

/// Our fake with a key of the test authority, and the desk of somebody who signs with it.
struct Desk {
    folder: tempfile::TempDir,
    keys: Keys,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::make(folder.path());
        for (name, content) in [("token", "token"), ("pin", "1234"), ("wrong", "0000"), ("otp", "777")] {
            std::fs::write(folder.path().join(name), format!("{content}\n")).unwrap();
        }
        for name in ["a.pdf", "b.pdf", "c.pdf"] {
            std::fs::copy(letter(), folder.path().join(name)).unwrap();
        }
        Self { folder, keys }
    }

    /// A service with the person's key, changed from the usual one.
    fn csc<R>(&self, version: u8, change: impl FnOnce(&mut FakeCsc) -> R) -> FakeCsc {
        let mut office = FakeCsc::new(version, self.holder(&self.keys.person));
        change(&mut office);
        office
    }

    fn holder(&self, key: &Path) -> Holder {
        let key = from_pkcs12(&std::fs::read(key).unwrap(), &Pin::new("12345678"), None).unwrap();
        Holder::new(&key).unwrap()
    }

    /// Signs letters with the service that the settings speak of.
    fn sign_by(&self, kind: &str, settings: &str, files: &[&str], more: &[&str]) -> Output {
        std::fs::write(self.path("settings.toml"), settings).unwrap();
        std::fs::write(self.path("secret"), if kind == "mysign" { "secret\n" } else { "password\n" })
            .unwrap();
        let mut command = sign_cli();
        command.env_remove("SIGN_PIN").arg("sign").args(files.iter().map(|name| self.path(name)));
        command.args(["--key", &format!("{kind}:{}", self.path("settings.toml"))]);
        command.args(more).output().unwrap()
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// Signs the files with the token and this PIN; the names of files in `more` are those of the desk.
    fn sign(&self, url: &str, files: &[&str], pin: &str, more: &[&str]) -> Output {
        let files: Vec<PathBuf> = files.iter().map(|name| self.path(name).into()).collect();
        let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
        let (token, pin) = (self.path("token"), self.path(pin));
        sign(url, &files, &[&["--token-file", &token, "--pin-file", &pin], more].concat())
    }

    fn is_valid(&self, name: &str) -> bool {
        let mut verify = sign_cli();
        verify.arg("verify").arg(self.path(name)).arg("--trust").arg(&self.keys.root);
        verify.output().unwrap().status.success()
    }
}

fn start(office: impl Office, tls: Option<&FakeTls>) -> FakeService {
    FakeService::start("127.0.0.1:0".parse().unwrap(), tls, office).unwrap()
}

#[test]
fn over_tls_three_letters_take_two_confirmations_and_nothing_else_is_trusted() {
    let desk = Desk::new();
    let tls = FakeTls::new("localhost").unwrap();
    let service = start(desk.csc(2, |c| c.multisign = 2), Some(&tls));
    let url = format!("{}/csc/v2", service.url());
    std::fs::write(desk.path("ca.pem"), tls.authority()).unwrap();
    let out = desk.path("out");

    let stranger = desk.sign(&url, &["a.pdf"], "pin", &["--out", &desk.path("never.pdf")]);
    let said = text(&stranger.stderr);
    assert!(said.contains("[remote_not_trusted]") || said.contains("[remote_no_authorities]"), "{said}");
    assert!(service.asked().is_empty());

    let more = ["--service-ca", &desk.path("ca.pem"), "--out-dir", &out];
    let output = desk.sign(&url, &["a.pdf", "b.pdf", "c.pdf"], "pin", &more);
    assert!(output.status.success(), "{}", text(&output.stderr));
    for name in ["out/a.pdf", "out/b.pdf", "out/c.pdf"] {
        assert!(desk.is_valid(name), "{name}");
    }
    assert_eq!(service.times("/credentials/authorize"), 2);
    assert_eq!(service.times("/signatures/signHash"), 2);
}

#[test]
fn a_file_named_twice_in_place_is_signed_twice() {
    let desk = Desk::new();
    let service = start(desk.csc(1, |c| c.multisign = 9), None);
    let url = format!("{}/csc/v1", service.url());
    let output = desk.sign(&url, &["a.pdf", "b.pdf", "a.pdf"], "pin", &["--in-place"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(desk.is_valid("a.pdf") && desk.is_valid("b.pdf"));
    assert!(text(&output.stdout).contains("Signature2"), "{}", text(&output.stdout));
    assert_eq!(service.times("/signatures/signHash"), 2);
}

#[test]
fn a_batch_stops_asking_when_the_key_fails_and_the_letters_stay_as_they_were() {
    let desk = Desk::new();
    let before = std::fs::read(desk.path("a.pdf")).unwrap();
    let refuses = desk.csc(2, |c| (c.phone, c.multisign) = (Phone::Refuses, 1));
    let silent = desk.csc(2, |c| (c.phone, c.multisign) = (Phone::Silent, 1));
    let usual = desk.csc(2, |c| c.multisign = 1);
    for (office, pin, code) in [
        (refuses, "pin", "remote_refused"),
        (silent, "pin", "remote_not_confirmed"),
        (usual, "wrong", "remote_wrong_secret"),
    ] {
        let service = start(office, None);
        let url = format!("{}/csc/v2", service.url());
        let more = ["--wait", "1", "--in-place"];
        let output = desk.sign(&url, &["a.pdf", "b.pdf"], pin, &more);
        assert_eq!(output.status.code(), Some(2));
        let said = text(&output.stderr);
        assert!(said.contains(&format!("[{code}]")) && said.contains("[not_tried]"), "{said}");
        assert!(said.matches("hint:").count() >= 1 && !said.contains("0000"), "{said}");
        assert_eq!(service.times("/credentials/authorize"), 1, "{code}");
        assert_eq!(std::fs::read(desk.path("a.pdf")).unwrap(), before);
    }
}

#[test]
fn a_one_time_password_signs_what_one_confirmation_is_for_and_the_rest_is_left() {
    let desk = Desk::new();
    let service = start(desk.csc(1, |c| (c.otp, c.multisign) = (Some("777".into()), 2)), None);
    let url = format!("{}/csc/v1", service.url());
    let out = desk.path("out");
    let more = ["--otp-file", &desk.path("otp"), "--out-dir", &out];
    let output = desk.sign(&url, &["a.pdf", "b.pdf", "c.pdf"], "pin", &more);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("[remote_otp_used]"), "{}", text(&output.stderr));
    assert!(desk.is_valid("out/a.pdf") && desk.is_valid("out/b.pdf"));
    assert!(!Path::new(&desk.path("out/c.pdf")).exists());
}

#[test]
fn what_went_wrong_is_said_in_vietnamese_too() {
    let desk = Desk::new();
    let service = start(desk.csc(1, |_| ()), None);
    let mut command = Command::new(binary("sign-cli"));
    command.args(["--lang", "vi", "sign", &desk.path("a.pdf"), "--out", &desk.path("never.pdf")]);
    command.args(["--key", &format!("csc:{}/csc/v1", service.url()), "--token-file", &desk.path("token")]);
    let output = command.args(["--pin-file", &desk.path("wrong")]).output().unwrap();
    let said = text(&output.stderr);
    assert!(said.contains("Sai mã PIN") && said.contains("[remote_wrong_pin]"), "{said}");
}

#[test]
fn the_two_vietnamese_services_sign_letters_and_say_what_became_of_the_phone() {
    let desk = Desk::new();
    let rsa = desk.keys.person_with("rsa2048", "pkcs12");
    for (kind, phone, code) in [
        ("smartca", Phone::Confirms(1), None),
        ("smartca", Phone::Refuses, Some("remote_refused")),
        ("smartca", Phone::Silent, Some("remote_not_confirmed")),
        ("smartca", Phone::Late, Some("remote_expired")),
        ("mysign", Phone::Confirms(1), None),
        ("mysign", Phone::Refuses, Some("remote_refused")),
        ("mysign", Phone::Silent, Some("remote_not_confirmed")),
        ("mysign", Phone::Late, Some("remote_expired")),
    ] {
        let holder = desk.holder(&rsa);
        let (service, settings) = if kind == "smartca" {
            let mut office = FakeSmartCa::new(holder);
            office.phone = phone;
            (
                start(office, None),
                "sp_id = 'office'\nsp_password_file = 'secret'\nuser_id = 'user'\nmost = 2\n",
            )
        } else {
            let mut office = FakeMySign::new(holder);
            office.phone = phone;
            let account = "client_id = 'office'\nclient_secret_file = 'secret'\nprofile_id = 'profile'\nuser_id = 'user'\n";
            (start(office, None), account)
        };
        let settings = format!("{settings}address = '{}'\n", service.url());
        let out = desk.path(&format!("{kind}-{phone:?}"));
        let more =
            ["--wait", if code == Some("remote_not_confirmed") { "1" } else { "60" }, "--out-dir", &out];
        let output = desk.sign_by(kind, &settings, &["a.pdf", "b.pdf"], &more);
        let said = text(&output.stderr);
        match code {
            None => {
                assert!(output.status.success(), "{kind}: {said}");
                for name in ["a.pdf", "b.pdf"] {
                    assert!(desk.is_valid(&format!("{kind}-{phone:?}/{name}")), "{kind} {name}");
                }
            }
            Some(code) => {
                assert_eq!(output.status.code(), Some(2));
                // Both letters were in the one request.
                assert_eq!(said.matches(&format!("[{code}]")).count(), 2, "{kind}: {said}");
                assert_eq!(std::fs::read_dir(&out).unwrap().count(), 0, "{kind}: nothing is left behind");
            }
        }
        let requests = if kind == "smartca" { "/signatures/sign" } else { "/signHash" };
        assert_eq!(service.times(requests), 1, "{kind} {phone:?}");
    }
}

#[test]
fn settings_that_are_not_understood_are_refused_with_their_place() {
    let desk = Desk::new();
    let account = "sp_id = 'office'\nuser_id = 'user'\n";
    for (settings, code) in [
        ("sp_id = ", "settings_unreadable"),
        (account, "settings_unreadable"),
        (
            &format!("{account}sp_password = 'in the open'\nsp_password_file = 'secret'\n"),
            "settings_unreadable",
        ),
        (&format!("{account}sp_password_file = 'missing'\n"), "file_not_found"),
        (
            &format!("{account}sp_password_file = 'secret'\naddress = 'http://example.vn'\n"),
            "remote_plain_http",
        ),
    ] {
        let output = desk.sign_by("smartca", settings, &["a.pdf"], &["--out", &desk.path("never.pdf")]);
        let said = text(&output.stderr);
        assert!(said.contains(&format!("[{code}]")) && !said.contains("in the open"), "{said}");
    }
}
