//! What was typed, nothing else: no file is opened and no clock is read here. The program and what several
//! commands share; the commands' own arguments are in the files beside this one, by what they are for.
//!
//! The lines that start with `$` under EXAMPLES are run by a test, in this order, in a folder that
//! has `letter.pdf` (a draft with `Số:`, `ngày … tháng … năm`, title and name), `damaged.pdf`, `leader.png`,
//! `seal.png`, `pin.txt`, `message.edxml`, `encrypted.pdf` with `password.txt`, and a SoftHSM token
//! `Office`.

mod exchange;
mod extend;
mod fields;
mod kept;
mod look;
mod pki;
mod sign;
mod token;
mod trust;
mod value;

pub(crate) use exchange::*;
pub(crate) use extend::*;
pub(crate) use fields::*;
pub(crate) use kept::*;
pub(crate) use look::*;
pub(crate) use pki::*;
pub(crate) use sign::*;
pub(crate) use token::*;
pub(crate) use trust::*;

use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Signs and verifies PDF documents for official correspondence.
///
/// Exit codes: 0 done, or all signatures valid; 1 checked, and a signature is not valid or there is
/// none; 2 could not be done.
#[derive(Debug, Parser)]
#[command(name = "sign-cli", version)]
pub(crate) struct Cli {
    /// Language of results and problems [default: from LC_ALL, LC_MESSAGES or LANG].
    #[arg(long, global = true, value_enum)]
    pub(crate) lang: Option<LangArg>,
    /// Print JSON for programs.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// A language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LangArg {
    /// Tiếng Việt.
    Vi,
    /// English.
    En,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a test authority, and keys for people and organisations.
    #[command(subcommand, after_help = PKI_EXAMPLES)]
    Pki(PkiCommand),
    /// Put the empty fields of an official letter at their places.
    #[command(after_help = FREEZE_EXAMPLES)]
    Freeze(FreezeArgs),
    /// Sign PDFs (PAdES B-B, B-T, B-LT, B-LTA).
    #[command(after_help = SIGN_EXAMPLES)]
    Sign(Box<SignArgs>),
    /// First step with a key that is elsewhere: get the bytes to sign.
    #[command(after_help = PREPARE_EXAMPLES)]
    Prepare(PrepareArgs),
    /// Second step: put the signature value into the PDF.
    #[command(after_help = COMPLETE_EXAMPLES)]
    Complete(CompleteArgs),
    /// Raise the signatures of a PDF to a long-term level, or renew it.
    #[command(after_help = EXTEND_EXAMPLES)]
    Extend(Box<ExtendArgs>),
    /// Check the signatures of PDFs.
    #[command(after_help = VERIFY_EXAMPLES)]
    Verify(VerifyArgs),
    /// Look after the authorities that are trusted.
    #[command(subcommand, after_help = TRUST_EXAMPLES)]
    Trust(TrustCommand),
    /// Look after what was put aside with signatures: certificates, revocation data, results.
    #[command(subcommand, after_help = KEPT_EXAMPLES)]
    Kept(KeptCommand),
    /// Show the rules that signatures are judged by.
    #[command(subcommand, after_help = POLICY_EXAMPLES)]
    Policy(PolicyCommand),
    /// List the form fields of a PDF, or add an empty signature field.
    #[command(after_help = FIELDS_EXAMPLES)]
    Fields(FieldsArgs),
    /// Show how a PDF is built, what in it can change its look later, and what was changed after signing.
    #[command(after_help = INSPECT_EXAMPLES)]
    Inspect(InspectArgs),
    /// Look at USB tokens and HSMs (PKCS#11).
    #[command(subcommand, after_help = TOKEN_EXAMPLES)]
    Token(TokenCommand),
    /// Draw pages as PNG pictures.
    #[command(after_help = RENDER_EXAMPLES)]
    Render(RenderArgs),
    /// Write a clean copy of an unsigned PDF whose cross-references are damaged.
    #[command(after_help = REPAIR_EXAMPLES)]
    Repair(RepairArgs),
    /// Check, unpack and pack edXML messages (QCVN 102:2016).
    #[command(subcommand, after_help = EDXML_EXAMPLES)]
    Edxml(EdxmlCommand),
    /// Talk to a sign-server about documents.
    #[command(after_help = DOC_EXAMPLES)]
    Doc(DocArgs),
    /// Print a completion script.
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Check that this program can do its work here.
    #[command(after_help = DOCTOR_EXAMPLES)]
    Doctor,
}

/// The password of an encrypted document; never on the command line, where other users could read it.
#[derive(Debug, Args)]
pub(crate) struct PasswordArgs {
    /// File whose first line is the password of an encrypted PDF, the user's or the owner's. Documents
    /// that anybody may open need none.
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
}

/// Where the result goes.
#[derive(Debug, Args)]
pub(crate) struct OutArgs {
    /// The result; it appears whole or not at all.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Replace an existing result, also the input file itself.
    #[arg(long)]
    pub(crate) force: bool,
}

/// Where signed files go.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("destination").required(true).args(["out", "out_dir", "in_place"])))]
pub(crate) struct SignedArgs {
    /// The signed file; it appears whole or not at all.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Folder for the signed files, under the names of the PDFs; made if it is missing.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out_dir: Option<PathBuf>,
    /// Append to the PDF itself, which is cut back to what it was if that fails.
    #[arg(long)]
    pub(crate) in_place: bool,
    /// Replace an existing result, also the input file itself.
    #[arg(long, conflicts_with = "in_place")]
    pub(crate) force: bool,
}

/// How the PIN of a key comes in; never on the command line, where other users could read it.
#[derive(Debug, Args)]
pub(crate) struct PinArgs {
    /// File whose first line is the PIN [default: the variable SIGN_PIN].
    #[arg(long, value_name = "FILE")]
    pub(crate) pin_file: Option<PathBuf>,
}

const COMPLETIONS_EXAMPLES: &str = r"EXAMPLES:
  $ sign-cli completions bash";

const DOCTOR_EXAMPLES: &str = r"EXAMPLES:
  $ sign-cli doctor";

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }
}
