//! What was typed for messages and for a server: `edxml` and `doc`.

use super::{OutArgs, PinArgs};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Verbs of `edxml`.
#[derive(Debug, Subcommand)]
pub(crate) enum EdxmlCommand {
    /// Check a package and show what it says.
    Check {
        /// The edXML file.
        file: PathBuf,
    },
    /// Write what a package says (message.json) and its files into a new folder.
    Unpack {
        /// The edXML file.
        file: PathBuf,
        /// The folder; it must not exist.
        #[arg(long, value_name = "FOLDER")]
        out: PathBuf,
    },
    /// Make a package from a folder as `unpack` writes it.
    Pack {
        /// The folder.
        folder: PathBuf,
        #[command(flatten)]
        out: OutArgs,
    },
}

/// Arguments of `doc`.
#[derive(Debug, Args)]
pub(crate) struct DocArgs {
    /// Address of the server, as in http://127.0.0.1:8080 [default: the variable SIGN_SERVER].
    /// This version speaks plain HTTP: put a TLS proxy in between on any network.
    #[arg(long, value_name = "URL", global = true)]
    pub(crate) server: Option<String>,
    /// File whose first line is the API key [default: the variable SIGN_API_KEY].
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) api_key_file: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: DocCommand,
}

/// Verbs of `doc`.
#[derive(Debug, Subcommand)]
pub(crate) enum DocCommand {
    /// List documents.
    List,
    /// Create a document from its metadata (JSON) and its files.
    Create {
        /// File with the metadata.
        #[arg(long, value_name = "JSON")]
        metadata: PathBuf,
        /// The letter, then its appendices.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Show a document.
    Get {
        /// Its id.
        id: String,
    },
    /// Show what happened to a document.
    Timeline {
        /// Its id.
        id: String,
    },
    /// Send a command about a document.
    Command {
        /// Its id.
        id: String,
        /// The command as a JSON text, or @FILE.
        body: String,
        #[command(flatten)]
        pin: PinArgs,
    },
    /// Fetch the edXML message of a document that was sent or received.
    Message {
        /// The document's id.
        id: String,
        #[command(flatten)]
        out: OutArgs,
    },
    /// Fetch a file of a document.
    File {
        /// Its id.
        id: String,
        /// Number of the file, the first is 1.
        number: u32,
        #[command(flatten)]
        out: OutArgs,
    },
    /// Show a register.
    Register {
        /// Which one.
        #[arg(value_enum)]
        direction: DirectionArg,
        /// Its year.
        year: u16,
    },
}

/// Registers of an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DirectionArg {
    /// Sổ đăng ký văn bản đi.
    Outgoing,
    /// Sổ đăng ký văn bản đến.
    Incoming,
}

pub(super) const EDXML_EXAMPLES: &str = r"EXAMPLES:
  $ sign-cli edxml check message.edxml
  $ sign-cli edxml unpack message.edxml --out message
  $ sign-cli edxml pack message --out again.edxml";

pub(super) const DOC_EXAMPLES: &str = r#"EXAMPLES (with a server at hand):
  sign-cli doc list --server http://127.0.0.1:8080 --api-key-file key.txt
  sign-cli doc create --metadata letter.json letter.pdf
  sign-cli doc command 0197… '{"command":"freeze"}' --pin-file pin.txt"#;
