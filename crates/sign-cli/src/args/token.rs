//! What was typed for `token`.

use super::TriesArg;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Verbs of `token`.
#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// List the tokens of a PKCS#11 module, and what is in them.
    List(TokenListArgs),
}

/// Arguments of `token list`.
#[derive(Debug, Args)]
pub(crate) struct TokenListArgs {
    /// The PKCS#11 library that came with the token. It runs inside this program: name only one you trust.
    #[arg(long, value_name = "FILE")]
    pub(crate) pkcs11_module: PathBuf,
    /// Only the token with this label.
    #[arg(long, value_name = "LABEL")]
    pub(crate) token: Option<String>,
    /// File whose first line is the PIN of that token: lists its private keys too.
    #[arg(long, value_name = "FILE", requires = "token")]
    pub(crate) pin_file: Option<PathBuf>,
    /// How far the PIN may be risked. It is tried once, whatever is said here.
    #[arg(long, value_enum, default_value = "unspoilt")]
    pub(crate) pin_tries: TriesArg,
}

pub(super) const TOKEN_EXAMPLES: &str = r"EXAMPLES:
  Which tokens are there, then what is in one of them, with the addresses of its keys:
  $ sign-cli token list --pkcs11-module /usr/lib/softhsm/libsofthsm2.so
  $ sign-cli token list --pkcs11-module /usr/lib/softhsm/libsofthsm2.so --token Office \
      --pin-file pin.txt
  Sign with one of them:
  $ sign-cli sign letter.pdf --key 'pkcs11:token=Office;id=%01' --pin-file pin.txt \
      --pkcs11-module /usr/lib/softhsm/libsofthsm2.so --out by-token.pdf
  $ sign-cli sign letter.pdf --pin-file pin.txt --out by-address.pdf \
      --key 'pkcs11:token=Office;id=%01?module-path=/usr/lib/softhsm/libsofthsm2.so'";
