//! Revocation lists and OCSP responses as OpenSSL makes them, given to `sign-cli verify`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::keys::{done, sign_cli};
use crate::workspace::{peer, root};

/// An authority kept by `openssl ca`, and one person's key below it.
struct Office {
    openssl: PathBuf,
    folder: PathBuf,
}

const CONFIG: &str = "[ca]\ndefault_ca = d\n[d]\ndatabase = index.txt\nnew_certs_dir = .\nserial = serial\n\
    crlnumber = crlnumber\ndefault_md = sha256\ndefault_days = 30\ndefault_crl_days = 7\npolicy = p\n\
    unique_subject = no\n[p]\ncommonName = supplied\n[req]\ndistinguished_name = n\n[n]\n\
    [authority]\nbasicConstraints = critical,CA:true\nkeyUsage = critical,keyCertSign,cRLSign\n\
    subjectKeyIdentifier = hash\n[person]\nkeyUsage = critical,digitalSignature\n\
    authorityKeyIdentifier = keyid\n";

impl Office {
    fn open(folder: &Path) -> Option<Self> {
        let office = Self { openssl: peer("openssl")?, folder: folder.to_owned() };
        for (name, content) in
            [("ca.cnf", CONFIG), ("index.txt", ""), ("serial", "01\n"), ("crlnumber", "01\n")]
        {
            std::fs::write(folder.join(name), content).unwrap();
        }
        office.run(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -config ca.cnf -extensions authority \
            -subj /CN=Authority -days 90 -keyout ca.key -out ca.pem",
        );
        office.run(
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -config ca.cnf -subj /CN=Person \
            -keyout person.key -out person.csr",
        );
        office.run(
            "ca -batch -notext -config ca.cnf -extensions person -cert ca.pem -keyfile ca.key -in person.csr \
            -out person.pem",
        );
        let both =
            ["person.pem", "person.key"].map(|name| std::fs::read(folder.join(name)).unwrap()).concat();
        std::fs::write(folder.join("both.pem"), both).unwrap();
        Some(office)
    }

    fn run(&self, words: &str) {
        done(Command::new(&self.openssl).current_dir(&self.folder).args(words.split_whitespace()));
    }

    fn list(&self) {
        self.run("ca -gencrl -config ca.cnf -cert ca.pem -keyfile ca.key -out list.pem");
    }

    /// What an OCSP responder with the authority's own key says.
    fn answer(&self) {
        self.run("ocsp -issuer ca.pem -cert person.pem -no_nonce -reqout question.der");
        self.run(
            "ocsp -index index.txt -CA ca.pem -rsigner ca.pem -rkey ca.key -reqin question.der -ndays 2 \
            -respout answer.der",
        );
    }

    fn judged(&self, pdf: &Path, evidence: &[&str]) -> serde_json::Value {
        let mut command = sign_cli();
        command.args(["--json", "verify", "--policy", "vn-2025"]).arg(pdf).arg("--trust");
        command.arg(self.folder.join("ca.pem"));
        for file in evidence {
            command.arg("--evidence").arg(self.folder.join(file));
        }
        serde_json::from_slice(&command.output().unwrap().stdout).unwrap()
    }
}

#[test]
fn what_openssl_says_of_a_certificate_decides() {
    let folder = tempfile::tempdir().unwrap();
    let Some(office) = Office::open(folder.path()) else { return };
    let pdf = folder.path().join("signed.pdf");
    let letter = root().join("fixtures/pdf/plain/cong-van.pdf");
    let mut sign = sign_cli();
    sign.arg("sign").arg(&letter).arg("--key").arg(folder.path().join("both.pem")).arg("--out").arg(&pdf);
    done(&mut sign);
    office.list();
    office.answer();
    let trust = |report: &serde_json::Value| {
        let signature = &report["signatures"][0];
        let words =
            [&signature["trust"]["revocation"], &signature["trust"]["source"], &signature["sub_indication"]];
        words.map(|word| word.as_str().unwrap_or_default().to_owned())
    };
    let none = office.judged(&pdf, &[]);
    assert_eq!(trust(&none), ["not_checked", "", "TRY_LATER"], "{none:#}");
    let listed = office.judged(&pdf, &["list.pem"]);
    assert_eq!(
        (&listed["verdict"], trust(&listed)),
        (&"valid".into(), ["good", "crl, given", ""].map(String::from))
    );
    let answered = office.judged(&pdf, &["answer.der"]);
    assert_eq!(
        (&answered["verdict"], trust(&answered)),
        (&"valid".into(), ["good", "ocsp, given", ""].map(String::from))
    );

    office.run("ca -revoke person.pem -crl_reason keyCompromise -config ca.cnf -cert ca.pem -keyfile ca.key");
    office.list();
    office.answer();
    for evidence in [&["list.pem"][..], &["answer.der"], &["list.pem", "answer.der"]] {
        let report = office.judged(&pdf, evidence);
        let [revocation, _, reason] = trust(&report);
        assert_eq!((revocation.as_str(), reason.as_str()), ("revoked", "REVOKED_NO_POE"), "{evidence:?}");
        assert_eq!(report["verdict"], "indeterminate");
        assert!(report["signatures"][0]["trust"]["revoked_at"].is_string());
    }

    let mut wrong = sign_cli();
    wrong.args(["--json", "verify"]).arg(&pdf).arg("--evidence").arg(&letter);
    let output = wrong.output().unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && said.contains("evidence_file_unreadable"), "{said}");
}

/// TT 15/2025/TT-BKHCN: the certificate is checked before signing, and an unknown status is a warning.
#[test]
fn a_revoked_key_signs_nothing_and_an_unknown_status_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let Some(office) = Office::open(folder.path()) else { return };
    let letter = root().join("fixtures/pdf/plain/cong-van.pdf");
    let sign = |out: &str, evidence: &[&str]| {
        let mut command = sign_cli();
        command.args(["--json", "sign"]).arg(&letter).arg("--key").arg(folder.path().join("both.pem"));
        for file in evidence {
            command.arg("--evidence").arg(folder.path().join(file));
        }
        let output = command.arg("--out").arg(folder.path().join(out)).output().unwrap();
        let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        // The certificate is for a month only, and that is said every time.
        let said: Vec<&str> = said.lines().filter(|line| !line.contains("[signer_expires_soon]")).collect();
        (output.status.code().unwrap(), value, said.join("\n"))
    };
    office.list();
    office.answer();
    let (code, value, said) = sign("unchecked.pdf", &[]);
    assert_eq!((code, &value["certificate"]["revocation"]), (0, &"not_checked".into()));
    assert!(
        said.contains("NOT checked before signing") && said.contains("[signer_status_not_checked]"),
        "{said}"
    );
    let (code, value, said) = sign("list.pdf", &["ca.pem", "list.pem"]);
    assert_eq!((code, &value["certificate"]["revocation"], said.as_str()), (0, &"good".into(), ""));
    assert_eq!(value["certificate"]["source"], "crl, given");
    let (code, value, said) = sign("answer.pdf", &["ca.pem", "answer.der"]);
    assert_eq!((code, &value["certificate"]["source"], said.as_str()), (0, &"ocsp, given".into(), ""));
    // Without the authority nobody can tell whose list it is.
    let (code, value, said) = sign("whose.pdf", &["list.pem"]);
    assert_eq!((code, &value["certificate"]["revocation"]), (0, &"unknown".into()), "{said}");
    assert!(said.contains("[signer_status_unknown]"), "{said}");

    office.run("ca -revoke person.pem -crl_reason keyCompromise -config ca.cnf -cert ca.pem -keyfile ca.key");
    office.list();
    office.answer();
    for evidence in [["ca.pem", "list.pem"], ["ca.pem", "answer.der"]] {
        let (code, value, said) = sign("revoked.pdf", &evidence);
        assert_eq!((code, &value["error"]["code"]), (2, &"certificate_revoked".into()), "{said}");
        assert!(value["error"]["message_vi"].as_str().unwrap().contains("đã bị thu hồi"), "{value}");
        assert!(!folder.path().join("revoked.pdf").exists(), "nothing is signed");
    }
}
