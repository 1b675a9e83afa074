//! Keys at remote signing services: what was typed becomes a service.

use super::key_failure;
use crate::args::{RemoteArgs, RemoteKind};
use crate::failure::Failure;
use sign_core::crypto::key::{Padding, Pin, with_digest};
use sign_core::crypto::{DigestAlgorithm, SignatureAlgorithm};
use sign_core::x509::Certificate;
use sign_io::keystore;
use sign_io::remote::csc::{Csc, Login};
use sign_io::remote::{Address, Authorities, Patience, RemoteKey, Service};
use std::path::Path;
use std::time::Duration;

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
    };
    let algorithm = |leaf: &Certificate| {
        let usual = SignatureAlgorithm::usual_for(leaf.spki_der(), padding)?;
        digest.map_or(Ok(usual), |digest| with_digest(usual, digest))
    };
    Ok(RemoteKey::open(service, algorithm, patience)?)
}

/// The first line of a file.
fn secret(path: &Path) -> Result<Pin, Failure> {
    keystore::read_pin(path).map_err(|e| key_failure(e, path))
}
