//! Somebody else's authority with its services on loopback: certomancer's time stamps, OCSP answers and
//! revocation lists.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::keys::done;
use crate::workspace::{free_port, peer};

/// Entities, certificates and services; `PORT` is where they are.
const OFFICE: &str = r#"
external-url-prefix: "http://127.0.0.1:PORT"
keysets:
  office:
    path-prefix: .
    keys: { root: { path: root.pem }, issuing: { path: issuing.pem }, ocsp: { path: ocsp.pem }, person: { path: person.pem },
      tsa: { path: tsa.pem }, other-tsa: { path: other-tsa.pem } }
pki-architectures:
  office:
    keyset: office
    entity-defaults: { country-name: VN, organization-name: Thu nghiem }
    entities:
      root: { common-name: Root }
      issuing: { common-name: Issuing }
      ocsp: { common-name: Responder }
      person: { common-name: Nguyen Van A }
      tsa: { common-name: TSA One }
      other-tsa: { common-name: TSA Two }
    certs:
      root:
        { subject: root, issuer: root, validity: &always { valid-from: "2020-01-01T00:00:00+0000", valid-to: "2099-01-01T00:00:00+0000" },
          extensions: [
            { id: basic_constraints, critical: true, value: { ca: true } },
            { id: key_usage, critical: true, smart-value: { schema: key-usage, params: [key_cert_sign, crl_sign] } } ] }
      issuing:
        { subject: issuing, issuer: root, validity: *always, extensions: [
            { id: basic_constraints, critical: true, value: { ca: true, path_len_constraint: 0 } },
            { id: key_usage, critical: true, smart-value: { schema: key-usage, params: [key_cert_sign, crl_sign] } },
            { id: crl_distribution_points, smart-value: { schema: crl-dist-url, params: { crl-repo-names: [root] } } } ] }
      ocsp:
        { subject: ocsp, issuer: issuing, validity: *always, extensions: [
            { id: key_usage, critical: true, smart-value: { schema: key-usage, params: [digital_signature] } },
            { id: extended_key_usage, value: [ocsp_signing] },
            { id: ocsp_no_check } ] }
      person:
        { subject: person, issuer: issuing, validity: *always, extensions: [
            { id: key_usage, critical: true, smart-value: { schema: key-usage, params: [digital_signature, non_repudiation] } },
            &answers { id: authority_information_access, smart-value: { schema: aia-urls, params: { ocsp-responder-names: [ocsp] } } },
            &lists { id: crl_distribution_points, smart-value: { schema: crl-dist-url, params: { crl-repo-names: [issuing] } } } ] }
      tsa:
        { subject: tsa, issuer: issuing, validity: *always, extensions: [
            { id: key_usage, critical: true, smart-value: { schema: key-usage, params: [digital_signature] } },
            { id: extended_key_usage, critical: true, value: [time_stamping] },
            *answers, *lists ] }
      # Its status is only in lists.
      other-tsa:
        { subject: other-tsa, issuer: issuing, validity: *always, extensions: [
            { id: key_usage, critical: true, smart-value: { schema: key-usage, params: [digital_signature] } },
            { id: extended_key_usage, critical: true, value: [time_stamping] },
            *lists ] }
    services:
      ocsp:
        ocsp: { for-issuer: issuing, responder-cert: ocsp, signing-key: ocsp }
      crl-repo:
        root: { for-issuer: root, signing-key: root, simulated-update-schedule: "P90D" }
        issuing: { for-issuer: issuing, signing-key: issuing, simulated-update-schedule: "P1D" }
      time-stamping:
        tsa: { signing-key: tsa, signing-cert: tsa }
        other-tsa: { signing-key: other-tsa, signing-cert: other-tsa }
"#;

/// The authority while it runs.
pub(super) struct Office {
    child: Option<Child>,
    folder: PathBuf,
    url: String,
    /// PEM of its root, and of who issues below it.
    pub(super) root: PathBuf,
    pub(super) issuing: PathBuf,
    /// PEM with a person's certificate, its issuer's, and the key.
    pub(super) key: PathBuf,
}

impl Office {
    /// Starts it; `None` if certomancer is missing (its name is printed).
    pub(super) fn open(folder: &Path) -> Option<Self> {
        let certomancer = peer("certomancer")?;
        for name in ["root", "issuing", "ocsp", "person", "tsa", "other-tsa"] {
            let mut openssl = Command::new("openssl");
            openssl.args([
                "genpkey",
                "-quiet",
                "-algorithm",
                "RSA",
                "-pkeyopt",
                "rsa_keygen_bits:2048",
                "-out",
            ]);
            done(openssl.arg(folder.join(format!("{name}.pem"))));
        }
        let port = free_port();
        let config = OFFICE.replace("PORT", &port.to_string());
        std::fs::write(folder.join("certomancer.yml"), config).unwrap();
        let mut command = Command::new(&certomancer);
        command.current_dir(folder).args(["--config", "certomancer.yml", "mass-summon", "office", "certs"]);
        done(&mut command);
        let pem = |issuer: &str, name: &str| {
            let bytes = std::fs::read(folder.join(format!("certs/{issuer}/{name}.cert.pem"))).unwrap();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            text[text.find("-----BEGIN").unwrap()..].to_owned()
        };
        let (root, issuing, key) =
            (folder.join("root.crt"), folder.join("issuing.crt"), folder.join("key.pem"));
        std::fs::write(&root, pem("root", "root")).unwrap();
        std::fs::write(&issuing, pem("root", "issuing")).unwrap();
        let secret = std::fs::read_to_string(folder.join("person.pem")).unwrap();
        std::fs::write(&key, pem("issuing", "person") + &pem("root", "issuing") + &secret).unwrap();
        let url = format!("http://127.0.0.1:{port}/office");
        let mut office = Self { child: None, folder: folder.to_owned(), url, root, issuing, key };
        office.reopen();
        Some(office)
    }

    /// Starts its services again after [`Office::close`].
    pub(super) fn reopen(&mut self) {
        let port = self.url.split([':', '/']).nth(4).unwrap().to_owned();
        let mut command = Command::new(peer("certomancer").unwrap());
        command.args(["--config", "certomancer.yml", "animate", "--aiohttp", "--no-web-ui", "--port", &port]);
        let mut child = command
            .current_dir(&self.folder)
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
            assert!(said.read_line(&mut line).unwrap() > 0, "certomancer ended before it listened");
        }
        std::thread::spawn(move || said.read_to_end(&mut Vec::new()));
        self.child = Some(child);
    }

    /// Nobody listens any more.
    pub(super) fn close(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Address of one of its time-stamping units, `tsa` or `other-tsa`.
    pub(super) fn tsa(&self, name: &str) -> String {
        format!("{}/tsa/{name}", self.url)
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        self.close();
    }
}
