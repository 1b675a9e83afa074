//! Everything this program prints, apart from its log.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the one file that prints")]

use sign_server::app::api_keys::MadeApiKey;

/// The first administrator's key; it is not shown again.
pub(crate) fn admin_key(made: &MadeApiKey) {
    println!("{}", made.api_key.expose());
}

/// Why the program could not do its job.
pub(crate) fn failure(error: &anyhow::Error) {
    eprintln!("sign-server: {error:#}");
}
