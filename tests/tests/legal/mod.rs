//! What TT 15/2025/TT-BKHCN asks of signing and verifying software, tried with the program as an office uses
//! it; [`table`] holds docs/legal-checks.md to its word.

mod table;

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

    fn sign(&self, lang: &str, more: &[&str], out: &str) -> Output {
        let letter = root().join("fixtures/pdf/plain/cong-van.pdf");
        let mut command = speaking(lang);
        command.arg("sign").arg(letter).arg("--key").arg(&self.keys.person);
        command.arg("--pin-file").arg(&self.keys.pin).args(more).arg("--out").arg(self.path(out));
        command.output().unwrap()
    }

    /// `sign-cli --json` in the desk's folder: exit code and what it printed.
    fn json(&self, words: &[&str]) -> (i32, Value) {
        let output = sign_cli().current_dir(self.folder.path()).arg("--json").args(words).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{words:?}: {e}: {text}"));
        (output.status.code().unwrap(), value)
    }

    /// A list of pins with the test authority's root as one of the public service.
    fn pins(&self) -> String {
        let (_, checked) = self.json(&["trust", "check", "pki/root.pem"]);
        let hash = checked["certificates"][0]["sha256"].as_str().unwrap();
        let text = format!(
            "[[pin]]\nname = \"Root\"\nsha256 = \"{hash}\"\nrole = \"root\"\nca_class = \"public_service\"\n\
            years = [2026, 2046]\nclaims = [\"Cơ quan chứng thực thử nghiệm\"]\nsource = \"telephone\"\n"
        );
        std::fs::write(self.path("pins.toml"), text).unwrap();
        "pins.toml".into()
    }
}

fn speaking(lang: &str) -> Command {
    let mut command = Command::new(binary("sign-cli"));
    command.args(["--lang", lang]);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn an_authority_is_compared_imported_and_gives_its_class_to_signatures() {
    let desk = Desk::new();
    let (code, checked) = desk.json(&["trust", "check", "pki/root.pem", "pki/issuing.pem"]);
    assert_eq!((code, &checked["certificates"][0]["problems"]), (1, &serde_json::json!(["not_pinned"])));
    let pins = desk.pins();
    let (code, checked) = desk.json(&["trust", "check", "pki/root.pem", "pki/issuing.pem", "--pins", &pins]);
    assert_eq!(code, 0, "{checked:#}");
    assert_eq!(checked["certificates"][0]["pinned"]["name"], "Root");
    assert_eq!(checked["certificates"][1]["issued_by"], "Root");
    let later = ["trust", "check", "pki/root.pem", "--pins", &pins, "--at", "2090-01-01T00:00:00Z"];
    assert_eq!(desk.json(&later).1["certificates"][0]["problems"], serde_json::json!(["expired"]));
    assert_eq!(desk.json(&later).0, 1);

    let import = ["trust", "import", "pki/root.pem", "pki/issuing.pem", "--to", "trust", "--pins", &pins];
    let (code, imported) = desk.json(&import);
    assert_eq!(code, 0, "{imported:#}");
    let place = imported["certificates"][0]["out"].as_str().unwrap();
    assert!(place.starts_with("trust/public_service/co-quan-chung-thuc-"), "{place}");
    assert_eq!(desk.json(&["trust", "list", "trust", "--pins", &pins]).0, 0);
    // Without the pin nobody is of the public service, also not by lying in that folder.
    assert_eq!(desk.json(&["trust", "list", "trust"]).0, 1);

    assert!(desk.sign("en", &[], "signed.pdf").status.success());
    let (code, report) = desk.json(&["verify", "signed.pdf", "--trust", "trust"]);
    assert_eq!((code, &report["signatures"][0]["signer"]["ca_class"]), (0, &"public_service".into()));
    let (_, report) = desk.json(&["verify", "signed.pdf", "--trust", "public:pki"]);
    assert_eq!(report["signatures"][0]["signer"]["ca_class"], "public");
    let (_, report) = desk.json(&["verify", "signed.pdf", "--trust", "pki"]);
    assert_eq!(report["signatures"][0]["signer"]["ca_class"], "other");

    let hash = imported["certificates"][0]["sha256"].as_str().unwrap();
    assert_eq!(desk.json(&["trust", "remove", "trust", hash]).0, 0);
    let (code, report) = desk.json(&["verify", "signed.pdf", "--trust", "trust"]);
    assert_eq!((code, &report["verdict"]), (1, &"indeterminate".into()));
}

#[test]
fn a_look_alike_of_a_known_authority_never_gets_in() {
    let desk = Desk::new();
    let pin = desk.keys.pin.to_str().unwrap();
    // The program's own list is enough to know this one.
    desk.json(&["pki", "init", "fake", "--name", "BAN CO YEU CHINH PHU", "--pin-file", pin]);
    let (code, checked) = desk.json(&["trust", "check", "fake/root.pem"]);
    let problems = &checked["certificates"][0]["problems"];
    assert_eq!((code, problems), (1, &serde_json::json!(["claims_pinned_name"])));
    for class in [&[][..], &["--class", "public_service"], &["--class", "other"]] {
        let words = [&["trust", "import", "fake/root.pem", "--to", "trust"][..], class].concat();
        let (code, refused) = desk.json(&words);
        assert_eq!((code, &refused["error"]["code"]), (2, &"trust_claims_pinned_name".into()), "{class:?}");
        assert!(!desk.path("trust").exists());
    }
    let (code, refused) =
        desk.json(&["trust", "import", "pki/root.pem", "--to", "trust", "--class", "public_service"]);
    assert_eq!((code, &refused["error"]["code"]), (2, &"trust_class_not_pinned".into()));
}

#[test]
fn a_policy_of_ones_own_decides_and_a_slip_in_it_is_named() {
    let desk = Desk::new();
    assert!(desk.sign("en", &[], "signed.pdf").status.success());
    let shown = done(sign_cli().args(["policy", "show", "vn-2025-b"])).stdout;
    let own = text(&shown).replace("vn-2025-b", "office");
    std::fs::write(desk.path("office.toml"), &own).unwrap();
    std::fs::write(desk.path("strict.toml"), own.replace("\"warn\"", "\"required\"")).unwrap();
    std::fs::write(desk.path("rsa.toml"), own.replace("kind = \"EC\"", "kind = \"Ed448\"")).unwrap();
    std::fs::write(desk.path("slip.toml"), own.replace("SHA-256", "SHA256")).unwrap();
    let verify = |policy: &str| desk.json(&["verify", "signed.pdf", "--trust", "pki", "--policy", policy]);
    let (code, report) = verify("office.toml");
    assert_eq!((code, &report["policy"], &report["verdict"]), (0, &"office".into(), &"valid".into()));
    let reason = |policy: &str| verify(policy).1["signatures"][0]["sub_indication"].clone();
    assert_eq!(reason("strict.toml"), "TRY_LATER");
    assert_eq!(reason("rsa.toml"), "CRYPTO_CONSTRAINTS_FAILURE_NO_POE");
    let (code, refused) = verify("slip.toml");
    assert_eq!((code, &refused["error"]["code"]), (2, &"policy_unreadable".into()), "{refused}");
    let said = refused["error"]["message_en"].as_str().unwrap();
    assert!(said.contains("no digest \"SHA256\""), "{said}");
    assert_eq!(verify("no-such").1["error"]["code"], "policy_not_found");
    assert_eq!(verify("no-such.toml").1["error"]["code"], "file_not_found");
}

#[test]
fn a_certificate_is_checked_before_anything_is_signed() {
    let desk = Desk::new();
    for (more, code) in [
        (&["--at", "2090-01-01T00:00:00Z"][..], "certificate_expired"),
        (&["--at", "2001-01-01T00:00:00Z"], "certificate_not_yet_valid"),
    ] {
        let output = desk.sign("vi", more, "never.pdf");
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("lỗi: ") && said.contains(code) && said.contains("gợi ý: "), "{said}");
        assert!(!desk.path("never.pdf").exists());
    }
    // A person's certificate under a seal is said, not refused: what it is for is the office's to know.
    let place = ["--role", "seal", "--field", "Dau", "--page", "1", "--rect", "10,10,50,50", "--text", "x"];
    let output = desk.sign("vi", &place, "sealed.pdf");
    let said = text(&output.stderr);
    assert!(output.status.success() && said.contains("[signer_is_person]"), "{said}");
}

/// A11, B7: success, failure and validity are said in Vietnamese.
#[test]
fn success_failure_and_validity_are_said_in_vietnamese() {
    let desk = Desk::new();
    let signed = desk.sign("vi", &[], "signed.pdf");
    assert!(text(&signed.stdout).starts_with("Đã ký "), "{}", text(&signed.stdout));
    let warned = text(&signed.stderr);
    assert!(warned.contains("cảnh báo: CHƯA kiểm tra được tình trạng thu hồi"), "{warned}");
    let verify = |trust: &[&str]| {
        let mut command = speaking("vi");
        command.arg("verify").arg(desk.path("signed.pdf")).args(trust);
        text(&command.current_dir(desk.folder.path()).output().unwrap().stdout)
    };
    let valid = verify(&["--trust", "pki"]);
    assert!(valid.starts_with("KẾT LUẬN: HỢP LỆ — "), "{valid}");
    assert!(valid.lines().next().unwrap().contains("CHƯA kiểm tra thu hồi"), "{valid}");
    assert!(verify(&[]).starts_with("KẾT LUẬN: CHƯA KẾT LUẬN ĐƯỢC"));
    let mut bytes = std::fs::read(desk.path("signed.pdf")).unwrap();
    let place = bytes.windows(8).position(|window| window == b"/MediaBo").unwrap();
    bytes[place + 1] = b'N';
    std::fs::write(desk.path("signed.pdf"), bytes).unwrap();
    assert!(verify(&["--trust", "pki"]).starts_with("KẾT LUẬN: KHÔNG HỢP LỆ"));
}

/// A9, B6: certificate, revocation data and the result of the check are stored, can be checked again, and go
/// with the document.
#[test]
fn what_went_with_a_signature_is_put_aside_and_deleted() {
    let desk = Desk::new();
    assert!(
        desk.sign("en", &["--keep", desk.path("aside").to_str().unwrap()], "signed.pdf").status.success()
    );
    let verify =
        ["verify", "signed.pdf", "--trust", "pki", "--keep", "aside", "--at", "2027-02-05T00:00:00Z"];
    let (code, report) = desk.json(&verify);
    assert_eq!(code, 0, "{report:#}");
    let (_, listed) = desk.json(&["kept", "list", "aside"]);
    let documents = listed["documents"].as_array().unwrap();
    let [document] = documents.as_slice() else { panic!("{listed:#}") };
    let hash = document["sha256"].as_str().unwrap();
    assert_eq!(hash, report["file"]["sha256"].as_str().unwrap());
    let files: Vec<&str> =
        document["files"].as_array().unwrap().iter().map(|f| f.as_str().unwrap()).collect();
    let of = |start: &str| files.iter().filter(|file| file.starts_with(start)).count();
    // Signer, issuing authority and root; one result for each occasion.
    assert_eq!((of("certificate-"), of("signed-"), of("checked-")), (3, 1, 1), "{files:?}");
    let read = |start: &str| -> Value {
        let name = files.iter().find(|file| file.starts_with(start)).unwrap();
        serde_json::from_slice(&std::fs::read(desk.path("aside").join(hash).join(name)).unwrap()).unwrap()
    };
    assert_eq!(read("checked-"), report);
    assert_eq!(read("signed-")["certificate"]["revocation"], "not_checked");

    let place = format!("aside/{hash}");
    let again = ["verify", "signed.pdf", "--trust", "pki/root.pem", "--evidence", &place];
    assert_eq!(desk.json(&again).0, 0);
    let (code, _) = desk.json(&["kept", "delete", "aside", "signed.pdf"]);
    assert_eq!((code, Path::new(&desk.path(&place)).exists()), (0, false));
    assert!(desk.path("signed.pdf").is_file());
    let (code, refused) = desk.json(&["kept", "delete", "aside", hash]);
    assert_eq!((code, &refused["error"]["code"]), (2, &"nothing_kept".into()));
}
