//! What was typed for `kept`.

use clap::Subcommand;
use std::path::PathBuf;

/// Verbs of `kept`.
#[derive(Debug, Subcommand)]
pub(crate) enum KeptCommand {
    /// Show what is kept, by the SHA-256 of the documents.
    List {
        /// The folder that --keep named.
        folder: PathBuf,
    },
    /// Delete all that is kept about one document; the document itself stays.
    Delete {
        /// The folder that --keep named.
        folder: PathBuf,
        /// The document, or its SHA-256 if it is no longer there.
        #[arg(value_name = "FILE|SHA256")]
        document: String,
    },
}

pub(super) const KEPT_EXAMPLES: &str = r"EXAMPLES:
  $ sign-cli sign letter.pdf --key leader.p12 --pin-file pin.txt --keep aside --out put-aside.pdf
  $ sign-cli verify put-aside.pdf --trust pki --keep aside
  $ sign-cli kept list aside
  $ sign-cli kept delete aside put-aside.pdf";
