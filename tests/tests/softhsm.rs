//! SoftHSM tokens for tests: a PKCS#11 token in a folder.
//!
//! SoftHSM finds its tokens by the variable SOFTHSM2_CONF, read when the module starts. A test may not
//! change its own environment (that needs `unsafe`), so whatever loads the module runs in a process of
//! its own: `sign-cli`, or this test binary again with one test that is otherwise ignored.

use std::path::{Path, PathBuf};
use std::process::Command;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::object::{Attribute, CertificateType, KeyType, ObjectClass};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;
use openssl::pkey::PKey;
use openssl::x509::X509;

use crate::keys::done;
use crate::workspace::peer;

/// Where Debian's package `softhsm2` puts the module.
pub(crate) const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
/// The token's label.
pub(crate) const LABEL: &str = "Office";
/// The PIN of every token, as of every key file.
pub(crate) const PIN: &str = "12345678";
/// Says which folder the process of its own works in.
const FOLDER: &str = "SIGN_TEST_TOKEN_FOLDER";

/// What a key in the token shall be like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asks {
    /// For the PIN once.
    Once,
    /// For the PIN with each signature (CKA_ALWAYS_AUTHENTICATE); RSA only.
    EachTime,
}

/// A token.
pub(crate) struct Token {
    folder: PathBuf,
}

impl Token {
    /// A token in `folder` with these keys (PEM with the certificates), each with its id; `None` if
    /// SoftHSM is missing (its name is printed).
    pub(crate) fn make(folder: &Path, keys: &[(u8, &Path, Asks)]) -> Option<Self> {
        let util = peer("softhsm2-util")?;
        let token = Self { folder: folder.to_owned() };
        std::fs::create_dir_all(folder.join("tokens")).unwrap();
        let settings = format!(
            "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
            folder.join("tokens").display()
        );
        std::fs::write(token.settings(), settings).unwrap();
        let util = |arguments: &[&str]| {
            done(Command::new(&util).args(arguments).env("SOFTHSM2_CONF", token.settings()));
        };
        util(&["--init-token", "--free", "--label", LABEL, "--so-pin", "87654321", "--pin", PIN]);
        let mut list = String::new();
        for (id, pem, asks) in keys {
            let (id, pem) = (format!("{id:02x}"), pem.to_str().unwrap());
            if *asks == Asks::Once {
                util(&["--import", pem, "--token", LABEL, "--label", &id, "--id", &id, "--pin", PIN]);
            }
            list += &format!("{id} {} {pem}\n", *asks == Asks::EachTime);
        }
        std::fs::write(folder.join("fill.txt"), list).unwrap();
        token.alone("softhsm::fills_a_token");
        Some(token)
    }

    /// SoftHSM's settings file, for SOFTHSM2_CONF.
    pub(crate) fn settings(&self) -> PathBuf {
        self.folder.join("softhsm2.conf")
    }

    /// The address of the key with this id.
    pub(crate) fn uri(id: u8) -> String {
        format!("pkcs11:token={LABEL};id=%{id:02X}?module-path={MODULE}")
    }

    /// Runs an ignored test in a process of its own, which sees this token; it must pass.
    pub(crate) fn alone(&self, test: &str) {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", test, "--ignored", "--nocapture"]);
        let output = done(command.env("SOFTHSM2_CONF", self.settings()).env(FOLDER, &self.folder));
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains("1 passed"), "{test} did not run:\n{said}");
    }
}

/// The folder of the token, in a process started by [`Token::alone`]; `None` elsewhere.
pub(crate) fn folder_alone() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(PathBuf::from)
}

/// A session of a module of one's own, besides that of the library, logged in or not.
pub(crate) fn session() -> Session {
    let context = Pkcs11::new(MODULE).unwrap();
    // The library may have started it already.
    let _ = context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK));
    let slot = context.get_slots_with_initialized_token().unwrap()[0];
    context.open_rw_session(slot).unwrap()
}

/// Changes the PIN, as its holder may at any time, also with another program.
pub(crate) fn change_pin(old: &str, new: &str) {
    session().set_pin(&AuthPin::from(old), &AuthPin::from(new)).unwrap();
}

#[test]
#[ignore = "run by Token::make in a process of its own"]
fn fills_a_token() {
    let Some(folder) = folder_alone() else { return };
    let session = session();
    session.login(UserType::User, Some(&AuthPin::from(PIN))).unwrap();
    for line in std::fs::read_to_string(folder.join("fill.txt")).unwrap().lines() {
        let [id, asks, pem] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let (id, pem) = (u8::from_str_radix(id, 16).unwrap(), std::fs::read(pem).unwrap());
        if asks == "true" {
            session.create_object(&private_key(id, &pem)).unwrap();
        }
        // The issuers' certificates carry no id: only the key's own has the key's.
        for (position, certificate) in X509::stack_from_pem(&pem).unwrap().iter().enumerate() {
            let id = if position == 0 { vec![id] } else { Vec::new() };
            session.create_object(&object(certificate, id)).unwrap();
        }
    }
}

fn object(certificate: &X509, id: Vec<u8>) -> Vec<Attribute> {
    vec![
        Attribute::Class(ObjectClass::CERTIFICATE),
        Attribute::CertificateType(CertificateType::X_509),
        Attribute::Token(true),
        Attribute::Private(false),
        Attribute::Label("certificate".into()),
        Attribute::Id(id),
        Attribute::Subject(certificate.subject_name().to_der().unwrap()),
        Attribute::Value(certificate.to_der().unwrap()),
    ]
}

/// `softhsm2-util --import` cannot say that a key asks each time.
fn private_key(id: u8, pem: &[u8]) -> Vec<Attribute> {
    let rsa = PKey::private_key_from_pem(pem).unwrap().rsa().unwrap();
    vec![
        Attribute::Class(ObjectClass::PRIVATE_KEY),
        Attribute::KeyType(KeyType::RSA),
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Sign(true),
        Attribute::AlwaysAuthenticate(true),
        Attribute::Label("asks each time".into()),
        Attribute::Id(vec![id]),
        Attribute::Modulus(rsa.n().to_vec()),
        Attribute::PublicExponent(rsa.e().to_vec()),
        Attribute::PrivateExponent(rsa.d().to_vec()),
        Attribute::Prime1(rsa.p().unwrap().to_vec()),
        Attribute::Prime2(rsa.q().unwrap().to_vec()),
        Attribute::Exponent1(rsa.dmp1().unwrap().to_vec()),
        Attribute::Exponent2(rsa.dmq1().unwrap().to_vec()),
        Attribute::Coefficient(rsa.iqmp().unwrap().to_vec()),
    ]
}
