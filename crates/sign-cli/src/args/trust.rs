//! What was typed for `trust` and `policy`: whom to rely on, and by which rules.

use super::value::time;
use clap::{Args, Subcommand};
use sign_core::time::Time;
use sign_core::trust::CaClass;
use std::path::PathBuf;

/// Verbs of `trust`.
#[derive(Debug, Subcommand)]
pub(crate) enum TrustCommand {
    /// Compare certificates with the known hashes. Exit code 0: each is known, or issued by a known
    /// authority of the same files, and valid now; 1: look at it; 2: not readable.
    Check(TrustCheckArgs),
    /// Check certificates and put them into a folder that `verify --trust` reads.
    Import(TrustImportArgs),
    /// Show such a folder. Exit codes as of `check`; an authority of one's own choice counts as known there.
    List(TrustListArgs),
    /// Take an authority out of such a folder again.
    Remove {
        /// Folder of authorities.
        folder: PathBuf,
        /// SHA-256 of its certificate, as `list` shows it.
        sha256: String,
    },
    /// Print the known hashes, as a file for --pins.
    Pins,
}

/// By what certificates are compared.
#[derive(Debug, Args)]
pub(crate) struct PinsArgs {
    /// Known hashes, TOML or JSON, instead of those of the program (`trust pins` prints these).
    #[arg(long, value_name = "FILE")]
    pub(crate) pins: Option<PathBuf>,
    /// Look at validity as of this time [default: now].
    #[arg(long, value_name = "RFC3339", value_parser = time)]
    pub(crate) at: Option<Time>,
}

/// Arguments of `trust check`.
#[derive(Debug, Args)]
pub(crate) struct TrustCheckArgs {
    /// Certificates, PEM (also several in one file) or DER.
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) by: PinsArgs,
}

/// Arguments of `trust import`.
#[derive(Debug, Args)]
pub(crate) struct TrustImportArgs {
    /// Certificates, PEM (also several in one file) or DER.
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Folder of authorities; made if it is missing.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) to: PathBuf,
    /// Kind of authority: public_service, public or other [default: that of the known hash, else other].
    #[arg(long, value_name = "CLASS", value_parser = class)]
    pub(crate) class: Option<CaClass>,
    #[command(flatten)]
    pub(crate) by: PinsArgs,
}

/// Arguments of `trust list`.
#[derive(Debug, Args)]
pub(crate) struct TrustListArgs {
    /// Folder of authorities.
    pub(crate) folder: PathBuf,
    #[command(flatten)]
    pub(crate) by: PinsArgs,
}

/// Verbs of `policy`.
#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Print a policy as a file to start from (docs/trust.md).
    Show {
        /// Name of a policy of the program, or a file to check.
        #[arg(value_name = "NAME|FILE")]
        policy: String,
    },
}

/// A class by its word; with a hyphen as well.
pub(super) fn class(text: &str) -> Result<CaClass, String> {
    CaClass::from_word(&text.replace('-', "_")).ok_or_else(|| "one of public_service, public, other".into())
}

pub(super) const TRUST_EXAMPLES: &str = r"EXAMPLES:
  Certificates that came from somewhere are compared with the hashes that are known:
  $ sign-cli trust check pki/root.pem || true
  An office's own authority, after its hash was compared by telephone:
  $ sign-cli trust import pki/root.pem pki/issuing.pem --to trust
  $ sign-cli trust list trust
  $ sign-cli trust pins > pins.toml
  $ sign-cli trust check pki/root.pem --pins pins.toml || true";

pub(super) const POLICY_EXAMPLES: &str = r"EXAMPLES:
  $ sign-cli policy show vn-2025
  One's own rules, from a policy of the program; it needs a name of its own:
  $ sign-cli policy show vn-2025 | sed 's/vn-2025/office/' > office.toml
  $ sign-cli policy show office.toml";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_said_by_its_word() {
        assert_eq!(class("public_service"), Ok(CaClass::PublicService));
        assert_eq!(class("public-service"), Ok(CaClass::PublicService));
        assert!(class("own").is_err());
    }
}
