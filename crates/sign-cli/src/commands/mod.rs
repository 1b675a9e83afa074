//! One file for each verb: it opens what was named, calls the library, hands the result to
//! [`Output`].

mod authority;
mod batch;
mod complete;
mod completions;
mod diff;
mod doc;
mod doctor;
mod edxml;
mod extend;
mod fields;
mod freeze;
mod holder;
mod inspect;
mod kept;
mod pki;
mod play;
mod policy;
mod prepare;
mod remote;
mod render;
mod repair;
mod report;
mod scan;
mod sign;
mod token;
mod trust;
mod verify;

use crate::Outcome;
use crate::args::{Command, PasswordArgs, PinArgs};
use crate::failure::Failure;
use crate::output::Output;
pub(crate) use policy::structured;
use sign_core::crypto::key::Pin;
use sign_core::pdf::Password;
use sign_io::keystore::{self, KeystoreError};
use std::path::Path;
use zeroize::Zeroizing;

/// Carries out what was typed.
pub(crate) fn run(command: &Command, output: &Output) -> Result<Outcome, Failure> {
    match command {
        Command::Pki(command) => pki::run(command, output),
        Command::Freeze(args) => freeze::run(args, output),
        Command::Sign(args) => sign::run(args, output),
        Command::Prepare(args) => prepare::run(args, output),
        Command::Complete(args) => complete::run(args, output),
        Command::Extend(args) => extend::run(args, output),
        Command::Verify(args) => verify::run(args, output),
        Command::Trust(command) => trust::run(command, output),
        Command::Kept(command) => kept::run(command, output),
        Command::Policy(command) => policy::run(command, output),
        Command::Fields(args) => fields::run(args, output),
        Command::Inspect(args) => inspect::run(args, output),
        Command::Token(command) => token::run(command, output),
        Command::Render(args) => render::run(args, output),
        Command::Repair(args) => repair::run(args, output),
        Command::Edxml(command) => edxml::run(command, output),
        Command::Doc(args) => doc::run(args, output),
        Command::Completions { shell } => completions::run(*shell),
        Command::Doctor => doctor::run(output),
    }
}

/// The PIN from its file, else from SIGN_PIN, if there is one.
fn pin(args: &PinArgs) -> Result<Option<Pin>, Failure> {
    match &args.pin_file {
        Some(path) => Ok(Some(keystore::read_pin(path).map_err(|e| key_failure(e, path))?)),
        None => Ok(std::env::var("SIGN_PIN").ok().map(Zeroizing::new).map(|pin| Pin::new(pin.as_str()))),
    }
}

/// The password of an encrypted document, if a file was named.
fn password(args: &PasswordArgs) -> Result<Option<Password>, Failure> {
    let Some(path) = &args.password_file else { return Ok(None) };
    match keystore::read_pin(path) {
        Ok(line) => Ok(Some(Password::new(line.expose()))),
        Err(KeystoreError::File(file)) => Err(file.into()),
        Err(_) => Err(Failure::new("password_unreadable", path.display().to_string())),
    }
}

/// What went wrong with a key or PIN file; a file's own failures name it already.
fn key_failure(error: KeystoreError, path: &Path) -> Failure {
    match error {
        KeystoreError::File(file) => file.into(),
        other => Failure::from(other).about(path),
    }
}
