//! A test authority and keys in a folder, made with `sign-cli pki` as a user would.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::workspace::binary;

pub(crate) struct Keys {
    folder: PathBuf,
    /// The trusted root.
    pub(crate) root: PathBuf,
    /// The authority that issues.
    pub(crate) issuing: PathBuf,
    /// The PIN of every key.
    pub(crate) pin: PathBuf,
    /// A person's key (P-256, PKCS#12).
    pub(crate) person: PathBuf,
}

impl Keys {
    /// A root, an issuing authority and one person.
    pub(crate) fn make(folder: &Path) -> Self {
        let pin = folder.join("pin.txt");
        std::fs::write(&pin, "12345678\n").unwrap();
        let pki = folder.join("pki");
        done(sign_cli().args(["pki", "init"]).arg(&pki).arg("--pin-file").arg(&pin));
        let mut keys = Self {
            folder: folder.to_owned(),
            root: pki.join("root.pem"),
            issuing: pki.join("issuing.pem"),
            pin,
            person: PathBuf::new(),
        };
        keys.person = keys.person_with("p256", "pkcs12");
        keys
    }

    /// Another key of the same person.
    pub(crate) fn person_with(&self, kind: &str, form: &str) -> PathBuf {
        let person = [
            "--name",
            "Nguyễn Văn A",
            "--title",
            "Giám đốc",
            "--organisation",
            "Sở Thông tin và Truyền thông",
        ];
        self.issue("person", &person, kind, form)
    }

    /// The organisation's key.
    pub(crate) fn organisation(&self) -> PathBuf {
        self.organisation_with("p256", "pkcs12")
    }

    /// Another key of the organisation.
    pub(crate) fn organisation_with(&self, kind: &str, form: &str) -> PathBuf {
        let facts = ["--name", "Sở Thông tin và Truyền thông", "--organ-id", "H40.5"];
        self.issue("organisation", &facts, kind, form)
    }

    /// A time-stamping unit's key, PEM; RSA, for pyHanko's own authority knows nothing else.
    pub(crate) fn tsa(&self) -> PathBuf {
        self.issue("tsa", &[], "rsa2048", "pem")
    }

    fn issue(&self, whose: &str, facts: &[&str], kind: &str, form: &str) -> PathBuf {
        let out = self.folder.join(format!("{whose}-{kind}-{form}.key"));
        let mut command = sign_cli();
        command.args(["pki", whose]).arg(self.folder.join("pki")).args(facts);
        command.args(["--key-kind", kind, "--form", form, "--pin-file"]).arg(&self.pin);
        done(command.arg("--out").arg(&out));
        out
    }
}

/// `sign-cli` speaking English.
pub(crate) fn sign_cli() -> Command {
    let mut command = Command::new(binary("sign-cli"));
    command.args(["--lang", "en"]);
    command
}

/// Runs a command that must succeed.
pub(crate) fn done(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?} ended with {}:\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}
