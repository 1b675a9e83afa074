//! Keys at remote signing services: what was typed, or stands in a settings file, becomes a service. Settings
//! name files for secrets and hold none.

use super::key_failure;
use crate::args::{RemoteArgs, RemoteKind};
use crate::failure::Failure;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sign_core::crypto::key::{Padding, Pin, with_digest};
use sign_core::crypto::{DigestAlgorithm, SignatureAlgorithm};
use sign_core::x509::Certificate;
use sign_io::file::read_small;
use sign_io::keystore;
use sign_io::remote::csc::{Csc, Login};
use sign_io::remote::mysign::{self, MySign};
use sign_io::remote::smartca::{self, SmartCa};
use sign_io::remote::{Address, Authorities, Patience, RemoteKey, Service};
use std::path::{Path, PathBuf};
use std::time::Duration;

const LARGEST_SETTINGS: u64 = 64 << 10;

/// What the key is opened with, and how it is to sign.
pub(super) struct Wanted {
    pub(super) pin: Option<Pin>,
    pub(super) padding: Padding,
    pub(super) digest: Option<DigestAlgorithm>,
}

/// Opens the key at the service; its certificate is fetched, nobody is asked to confirm yet.
pub(super) fn open(args: &RemoteArgs, which: &RemoteKind, wanted: Wanted) -> Result<RemoteKey, Failure> {
    let Wanted { pin, padding, digest } = wanted;
    let longest = Duration::from_secs(args.wait.into());
    let patience = Patience { longest, ..Patience::default() };
    let authorities = args.service_ca.clone().map_or(Authorities::System, Authorities::File);
    let service: Box<dyn Service> = match which {
        RemoteKind::Csc(url) => {
            let login = Login {
                credential: args.credential.clone(),
                token: args.token_file.as_deref().map(secret).transpose()?,
                pin,
                otp: args.otp_file.as_deref().map(secret).transpose()?,
            };
            Box::new(Csc::new(Address::parse(url)?, &authorities, login, patience)?)
        }
        RemoteKind::SmartCa(file) => smartca(file, &authorities, patience)?,
        RemoteKind::MySign(file) => mysign(file, &authorities, patience)?,
    };
    let algorithm = |leaf: &Certificate| {
        let usual = SignatureAlgorithm::usual_for(leaf.spki_der(), padding)?;
        digest.map_or(Ok(usual), |digest| with_digest(usual, digest))
    };
    Ok(RemoteKey::open(service, algorithm, patience)?)
}

/// Settings for VNPT SmartCA, named as the service names its fields.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SmartCaSettings {
    address: Option<String>,
    sp_id: String,
    sp_password_file: PathBuf,
    user_id: String,
    serial_number: Option<String>,
    description: Option<String>,
    most: Option<usize>,
    refused: Option<Vec<String>>,
    expired: Option<Vec<String>>,
}

/// Settings for Viettel MySign, named as the service names its fields.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MySignSettings {
    address: Option<String>,
    client_id: String,
    client_secret_file: PathBuf,
    profile_id: String,
    user_id: String,
    credential_id: Option<String>,
    description: Option<String>,
    most: Option<usize>,
    pending: Option<Vec<String>>,
    refused: Option<Vec<String>>,
    expired: Option<Vec<String>>,
}

/// What the phone shows if the settings do not say: plain letters, which every service takes.
const DESCRIPTION: &str = "Ky van ban";

fn smartca(file: &Path, authorities: &Authorities, patience: Patience) -> Result<Box<dyn Service>, Failure> {
    let settings: SmartCaSettings = settings(file)?;
    let address = Address::parse(settings.address.as_deref().unwrap_or(smartca::ADDRESS))?;
    let account = smartca::Account {
        sp_id: settings.sp_id,
        sp_password: secret(&beside(file, &settings.sp_password_file))?,
        user_id: settings.user_id,
        serial_number: settings.serial_number,
        description: settings.description.unwrap_or_else(|| DESCRIPTION.into()),
        // How many a confirmation may be for is in the contract, not in an answer.
        most: settings.most.unwrap_or(1),
        refused: words(settings.refused, &["SIGNER_REJECTED", "REJECTED"]),
        expired: words(settings.expired, &["EXPIRED"]),
    };
    Ok(Box::new(SmartCa::new(address, authorities, account, patience)?))
}

fn mysign(file: &Path, authorities: &Authorities, patience: Patience) -> Result<Box<dyn Service>, Failure> {
    let settings: MySignSettings = settings(file)?;
    let address = Address::parse(settings.address.as_deref().unwrap_or(mysign::ADDRESS))?;
    let account = mysign::Account {
        client_id: settings.client_id,
        client_secret: secret(&beside(file, &settings.client_secret_file))?,
        profile_id: settings.profile_id,
        user_id: settings.user_id,
        credential: settings.credential_id,
        description: settings.description.unwrap_or_else(|| DESCRIPTION.into()),
        // The service says how many it allows.
        most: settings.most.unwrap_or(usize::MAX),
        pending: words(settings.pending, &["0", "4000", "6000"]),
        refused: words(settings.refused, &["4002"]),
        expired: words(settings.expired, &["4001"]),
    };
    Ok(Box::new(MySign::new(address, authorities, account, patience)?))
}

fn words(given: Option<Vec<String>>, usual: &[&str]) -> Vec<String> {
    given.unwrap_or_else(|| usual.iter().map(ToString::to_string).collect())
}

fn settings<T: DeserializeOwned>(file: &Path) -> Result<T, Failure> {
    let unreadable = |detail: String| Failure::new("settings_unreadable", detail).about(file);
    let bytes = read_small(file, LARGEST_SETTINGS)?;
    let text = std::str::from_utf8(&bytes).map_err(|error| unreadable(error.to_string()))?;
    toml::from_str(text).map_err(|error| unreadable(error.message().to_owned()))
}

/// A file named in the settings lies beside them unless it says otherwise.
fn beside(settings: &Path, file: &Path) -> PathBuf {
    settings.parent().map_or_else(|| file.to_owned(), |folder| folder.join(file))
}

/// The first line of a file.
fn secret(path: &Path) -> Result<Pin, Failure> {
    keystore::read_pin(path).map_err(|e| key_failure(e, path))
}
