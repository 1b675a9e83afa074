//! What was typed for `fields`.

use super::value::{numbers, pair};
use super::{OutArgs, PasswordArgs};
use clap::{Args, Subcommand};
use sign_core::pades::changes::permission::FieldLock;
use std::path::PathBuf;

/// Arguments of `fields`.
#[derive(Debug, Args)]
pub(crate) struct FieldsArgs {
    /// The PDF.
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) password: PasswordArgs,
    /// What to do [default: list].
    #[command(subcommand)]
    pub(crate) command: Option<FieldsCommand>,
}

/// Verbs of `fields`.
#[derive(Debug, Subcommand)]
pub(crate) enum FieldsCommand {
    /// Add an empty signature field to an unsigned document.
    Add(NewFieldArgs),
}

/// Arguments of `fields FILE add`.
#[derive(Debug, Args)]
pub(crate) struct NewFieldArgs {
    /// Name of the field, without a full stop.
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) out: OutArgs,
    /// Page it shows on, the first is 1; it is invisible without page and box.
    #[arg(long, value_name = "N", requires = "rect")]
    pub(crate) page: Option<usize>,
    /// Its box in points from the lower left corner.
    #[arg(long, value_name = "X,Y,W,H", value_parser = numbers::<4>, allow_hyphen_values = true, requires = "page")]
    pub(crate) rect: Option<[f64; 4]>,
    /// Fields that its signature locks: `all`, `include:A,B` or `exclude:A,B`.
    #[arg(long, value_name = "FIELDS", value_parser = lock)]
    pub(crate) lock: Option<FieldLock>,
    /// What the signer is wished to do; may be repeated. KEY is one of filter, subfilter, digest,
    /// reasons (with | between), mdp (0 to 3), lock-document (true, false, auto) and timestamp (an
    /// address); values have commas between.
    #[arg(long, value_name = "KEY=VALUES", value_parser = pair)]
    pub(crate) seed: Vec<(String, String)>,
    /// What the signer must do: as --seed, and binding.
    #[arg(long, value_name = "KEY=VALUES", value_parser = pair)]
    pub(crate) require: Vec<(String, String)>,
}

fn lock(text: &str) -> Result<FieldLock, String> {
    let names = |list: &str| list.split(',').map(str::trim).map(str::to_owned).collect::<Vec<_>>();
    match text.split_once(':') {
        None if text == "all" => Ok(FieldLock::All),
        Some(("include", list)) if !list.is_empty() => Ok(FieldLock::Include(names(list))),
        Some(("exclude", list)) if !list.is_empty() => Ok(FieldLock::Exclude(names(list))),
        _ => Err("all, include:A,B or exclude:A,B".into()),
    }
}

pub(super) const FIELDS_EXAMPLES: &str = r"EXAMPLES:
  $ sign-cli fields sealed.pdf
  An empty field for somebody else, which locks the form and takes one of two reasons:
  $ sign-cli fields letter.pdf add Approval --page 1 --rect 330,120,150,60 --lock all \
      --require 'reasons=Đồng ý|Không đồng ý' --seed digest=SHA256,SHA512 --out asked.pdf
  $ sign-cli sign asked.pdf --key leader.p12 --pin-file pin.txt --field Approval \
      --reason 'Đồng ý' --out approved.pdf";
