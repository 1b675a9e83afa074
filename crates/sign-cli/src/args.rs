//! What was typed, nothing else: no file is opened and no clock is read here.
//!
//! The lines that start with `$` under EXAMPLES are run by a test, in this order, in a folder that
//! has `letter.pdf` (a draft with `Số:`, `ngày … tháng … năm`, title and name), `damaged.pdf`, `leader.png`,
//! `seal.png`, `pin.txt`, `message.edxml`, `encrypted.pdf` with `password.txt`, and a SoftHSM token
//! `Office`.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};
use sign_core::crypto::SignatureAlgorithm;
use sign_core::pades::changes::permission::FieldLock;
use sign_core::sign::options::{DocMdp, Role};
use sign_core::time::Time;
use sign_core::trust::anchor::CaClass;
use sign_io::pkcs11::{KeyUri, Tries};
use sign_io::pki::KeyKind;
use std::net::SocketAddr;
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
    /// Sign PDFs (PAdES B-B).
    #[command(after_help = SIGN_EXAMPLES)]
    Sign(Box<SignArgs>),
    /// First step with a key that is elsewhere: get the bytes to sign.
    #[command(after_help = PREPARE_EXAMPLES)]
    Prepare(PrepareArgs),
    /// Second step: put the signature value into the PDF.
    #[command(after_help = COMPLETE_EXAMPLES)]
    Complete(CompleteArgs),
    /// Check the signatures of PDFs.
    #[command(after_help = VERIFY_EXAMPLES)]
    Verify(VerifyArgs),
    /// List the form fields of a PDF, or add an empty signature field.
    #[command(after_help = FIELDS_EXAMPLES)]
    Fields(FieldsArgs),
    /// Show how a PDF is built, and what in it can change its look later.
    #[command(after_help = INSPECT_EXAMPLES)]
    Inspect(FileArg),
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

/// One document.
#[derive(Debug, Args)]
pub(crate) struct FileArg {
    /// The PDF.
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) password: PasswordArgs,
}

/// The password of an encrypted document; never on the command line, where other users could read it.
#[derive(Debug, Args)]
pub(crate) struct PasswordArgs {
    /// File whose first line is the password of an encrypted PDF, the user's or the owner's. Documents
    /// that anybody may open need none.
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
}

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

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The PDFs; with several, --json prints one object a line.
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) password: PasswordArgs,
    /// Trusted certificates: a PEM or DER file, or a folder of them. `public-service:` or `public:`
    /// in front says which kind of authority they are. Without any, no signer is trusted.
    #[arg(long, value_name = "[CLASS:]PATH", value_parser = trust)]
    pub(crate) trust: Vec<TrustArg>,
    /// Judge as of this time [default: now].
    #[arg(long, value_name = "RFC3339", value_parser = time)]
    pub(crate) at: Option<Time>,
    /// Name of the policy [default: the first of `sign-cli doctor`].
    #[arg(long, value_name = "NAME")]
    pub(crate) policy: Option<String>,
    /// Fetch nothing. This version never does; revocation is reported as not checked.
    #[arg(long)]
    pub(crate) offline: bool,
}

/// A path with the kind of its authorities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TrustArg {
    /// Kind of authority.
    pub(crate) class: CaClass,
    /// File or folder.
    pub(crate) path: PathBuf,
}

/// Arguments of `sign`.
#[derive(Debug, Args)]
pub(crate) struct SignArgs {
    /// The PDFs. The key is opened once for all; a file that cannot be signed does not stop the others.
    /// With several, --json prints one object a line, and exit code 2 says that one is not signed.
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// A PKCS#12 or PEM file with the private key and its certificates; the address of a key in a token,
    /// as `sign-cli token list` shows it; `csc:` and the address of a remote signing service, as in
    /// csc:https://sign.example.vn/csc/v2; `smartca:` or `mysign:` and a file with the settings for that
    /// service (docs/remote-keys.md says which).
    #[arg(long, value_name = "FILE|pkcs11:URI|csc:URL", value_parser = key)]
    pub(crate) key: KeyArg,
    #[command(flatten)]
    pub(crate) pin: PinArgs,
    /// For tokens: the PKCS#11 library that came with it, where the address has no module-path. It runs
    /// inside this program: name only one you trust.
    #[arg(long, value_name = "FILE")]
    pub(crate) pkcs11_module: Option<PathBuf>,
    /// For tokens: how far the PIN may be risked. It is tried once, whatever is said here.
    #[arg(long, value_enum, default_value = "unspoilt")]
    pub(crate) pin_tries: TriesArg,
    /// For tokens that do not hold the key's certificate: a PEM file with it and its issuers.
    #[arg(long, value_name = "FILE")]
    pub(crate) certificates: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) to: SignedArgs,
    /// Signature level. What was asked for is reached, or nothing is signed.
    #[arg(long, value_enum, default_value = "b")]
    pub(crate) level: LevelArg,
    /// For level t: address of a time-stamping authority (RFC 3161). Given again, the next one is asked
    /// when one before it fails.
    #[arg(long, value_name = "URL")]
    pub(crate) tsa: Vec<String>,
    /// Seconds to wait for each time-stamping authority.
    #[arg(long, value_name = "SECONDS", default_value_t = 180, value_parser = clap::value_parser!(u32).range(1..=3_600))]
    pub(crate) tsa_wait: u32,
    /// Padding of RSA signatures.
    #[arg(long, value_enum, default_value = "pkcs1")]
    pub(crate) padding: PaddingArg,
    /// Digest to sign over: sha256, sha384, sha512, sha3-256, sha3-384 or sha3-512 [default: as
    /// strong as the key].
    #[arg(long, value_name = "NAME")]
    pub(crate) digest: Option<String>,
    /// If the PDF's cross-references are damaged, sign a clean copy of it; what was left out is said.
    #[arg(long, conflicts_with = "in_place")]
    pub(crate) repair: bool,
    #[command(flatten)]
    pub(crate) remote: RemoteArgs,
    #[command(flatten)]
    pub(crate) wishes: WishArgs,
}

/// How a key at a remote signing service is reached.
#[derive(Debug, Args)]
pub(crate) struct RemoteArgs {
    /// Id of the credential at the service [default: the only one].
    #[arg(long, value_name = "ID")]
    pub(crate) credential: Option<String>,
    /// File whose first line is the service's bearer token.
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// File whose first line is the credential's one-time password.
    #[arg(long, value_name = "FILE")]
    pub(crate) otp_file: Option<PathBuf>,
    /// PEM file with the authorities to trust when connecting to the service [default: the system's].
    #[arg(long, value_name = "FILE")]
    pub(crate) service_ca: Option<PathBuf>,
    /// Seconds to wait for the holder's confirmation.
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=3_600))]
    pub(crate) wait: u32,
}

/// Which remote signing service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RemoteKind {
    /// CSC API, at this address.
    Csc(String),
    /// VNPT SmartCA, with the settings in this file.
    SmartCa(PathBuf),
    /// Viettel MySign, with the settings in this file.
    MySign(PathBuf),
}

/// What a signature says and where it goes.
#[derive(Debug, Args)]
pub(crate) struct WishArgs {
    #[command(flatten)]
    pub(crate) password: PasswordArgs,
    /// An empty signature field, or the name of a new one [default: the field of the role, else
    /// the first empty field, else a new one].
    #[arg(long, value_name = "NAME")]
    pub(crate) field: Option<String>,
    /// What the signature is for; `leader`, `seal` and `initials` sign the field of that name.
    #[arg(long, value_parser = role, value_name = "ROLE", default_value = "approval",
        long_help = "What the signature is for: approval, initials, leader, seal, copy, appendix or incoming. \
        `leader`, `seal` and `initials` sign the fields that `freeze` made; copies, appendices and \
        incoming papers get their text at the top right of the first page.")]
    pub(crate) role: Role,
    /// Certify: allow later 1 = nothing, 2 = form filling and signing, 3 = also annotations.
    #[arg(long, value_name = "1|2|3", value_parser = certify)]
    pub(crate) certify: Option<DocMdp>,
    /// Allow algorithms that no standard for PDF names yet (ML-DSA); most readers cannot check them.
    #[arg(long)]
    pub(crate) experimental: bool,
    /// Fill a text field in the same revision; may be repeated.
    #[arg(long = "set", value_name = "FIELD=TEXT", value_parser = pair)]
    pub(crate) set: Vec<(String, String)>,
    /// Picture of the signature or seal.
    #[arg(long, value_name = "PNG")]
    pub(crate) image: Option<PathBuf>,
    /// Line of text in the visible signature; may be repeated.
    #[arg(long = "text", value_name = "LINE")]
    pub(crate) text: Vec<String>,
    /// Page of a new visible signature, the first is 1.
    #[arg(long, value_name = "N")]
    pub(crate) page: Option<usize>,
    /// Box of a new visible signature in points from the lower left corner.
    #[arg(long, value_name = "X,Y,W,H", value_parser = numbers::<4>, allow_hyphen_values = true)]
    pub(crate) rect: Option<[f64; 4]>,
    /// Put a new visible signature above the last place where this text stands.
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["page", "rect"])]
    pub(crate) anchor: Option<String>,
    /// Reason given in the signature.
    #[arg(long)]
    pub(crate) reason: Option<String>,
    /// Place given in the signature.
    #[arg(long)]
    pub(crate) location: Option<String>,
    /// Signing time to claim [default: now].
    #[arg(long, value_name = "RFC3339", value_parser = time)]
    pub(crate) at: Option<Time>,
    /// Refuse a document with content that can change its look later, instead of warning.
    #[arg(long, conflicts_with = "no_scan")]
    pub(crate) strict: bool,
    /// Do not look through the document for such content first.
    #[arg(long)]
    pub(crate) no_scan: bool,
    /// Room for the signature's value in bytes [default: what the key needs, and a time stamp].
    #[arg(long, value_name = "BYTES")]
    pub(crate) contents_bytes: Option<usize>,
}

/// Arguments of `prepare`.
#[derive(Debug, Args)]
pub(crate) struct PrepareArgs {
    /// The PDF.
    pub(crate) file: PathBuf,
    /// Certificate of the signer (PEM or DER); its issuers may follow it.
    #[arg(long, value_name = "FILE")]
    pub(crate) cert: PathBuf,
    /// Where to keep what `complete` needs.
    #[arg(long, value_name = "FILE")]
    pub(crate) state: PathBuf,
    /// Replace an existing state.
    #[arg(long)]
    pub(crate) force: bool,
    /// Write the bytes to sign: the key hashes and signs them.
    #[arg(long, value_name = "FILE")]
    pub(crate) to_sign: Option<PathBuf>,
    /// What the key will sign with, as in rsa-sha256, rsa-pss-sha256, ecdsa-sha256 or ed25519
    /// [default: what is usual for the certificate's key].
    #[arg(long, value_name = "NAME", value_parser = algorithm)]
    pub(crate) algorithm: Option<SignatureAlgorithm>,
    /// Hours in which the signature value is taken.
    #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=8_760))]
    pub(crate) hours: u32,
    #[command(flatten)]
    pub(crate) wishes: WishArgs,
}

/// Arguments of `complete`.
#[derive(Debug, Args)]
pub(crate) struct CompleteArgs {
    /// The PDF that was prepared, unchanged.
    pub(crate) file: PathBuf,
    /// What `prepare` wrote.
    #[arg(long, value_name = "FILE")]
    pub(crate) state: PathBuf,
    /// The signature value the key made: binary, or as hex or base64 text.
    #[arg(long, value_name = "FILE")]
    pub(crate) signature: PathBuf,
    #[command(flatten)]
    pub(crate) out: OutArgs,
}

/// PAdES baseline levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LevelArg {
    /// B-B: signature with its certificates.
    B,
    /// B-T: with a time stamp over the signature.
    T,
    /// B-LT: with evidence (not in this version).
    Lt,
    /// B-LTA: with evidence and archive time stamp (not in this version).
    Lta,
}

/// RSA paddings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PaddingArg {
    /// RSASSA-PKCS1-v1_5.
    Pkcs1,
    /// RSASSA-PSS.
    Pss,
}

/// How far a token's PIN may be risked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TriesArg {
    /// Not if the token has met a wrong PIN since the last right one.
    Unspoilt,
    /// Not if a wrong PIN would lock the token.
    AllButLast,
    /// As long as the token takes one.
    All,
}

impl From<TriesArg> for Tries {
    fn from(tries: TriesArg) -> Self {
        match tries {
            TriesArg::Unspoilt => Self::Unspoilt,
            TriesArg::AllButLast => Self::AllButLast,
            TriesArg::All => Self::All,
        }
    }
}

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

/// A key by its spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeyArg {
    /// PKCS#12 or PEM.
    File(PathBuf),
    /// `pkcs11:`.
    Token(Box<KeyUri>),
    /// At a remote signing service.
    Remote(RemoteKind),
}

/// Arguments of `repair`.
#[derive(Debug, Args)]
pub(crate) struct RepairArgs {
    /// The damaged PDF; one that carries a signature is refused, because a copy would break it.
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) password: PasswordArgs,
    #[command(flatten)]
    pub(crate) out: OutArgs,
}

/// Arguments of `freeze`.
#[derive(Debug, Args)]
pub(crate) struct FreezeArgs {
    /// The draft.
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) password: PasswordArgs,
    #[command(flatten)]
    pub(crate) out: OutArgs,
    /// Title line above the leader's signature, as printed on the letter; without it the box stands
    /// above the name.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) title: String,
    /// Name line below the leader's signature, as printed on the letter.
    #[arg(long, value_name = "TEXT", default_value = "", required_unless_present = "leader_at")]
    pub(crate) name: String,
    /// Box of the leader's signature instead of the room between title and name. Boxes are in points
    /// from the lower left corner of the page; the first page is 1.
    #[arg(long, value_name = "PAGE,X,Y,W,H", value_parser = numbers::<5>, conflicts_with_all = ["title", "name"])]
    pub(crate) leader_at: Option<[f64; 5]>,
    /// Box of the seal instead of the left third of the leader's signature.
    #[arg(long, value_name = "PAGE,X,Y,W,H", value_parser = numbers::<5>)]
    pub(crate) seal_at: Option<[f64; 5]>,
    /// Box for the drafter's initials; there is no field for them without it.
    #[arg(long, value_name = "PAGE,X,Y,W,H", value_parser = numbers::<5>)]
    pub(crate) initials_at: Option<[f64; 5]>,
    /// Box of the number instead of the blank after `Số:`.
    #[arg(long, value_name = "PAGE,X,Y,W,H", value_parser = numbers::<5>)]
    pub(crate) number_at: Option<[f64; 5]>,
    /// Box of the day instead of the blank between `ngày` and `tháng`.
    #[arg(long, value_name = "PAGE,X,Y,W,H", value_parser = numbers::<5>)]
    pub(crate) day_at: Option<[f64; 5]>,
    /// Box of the month instead of the blank between `tháng` and `năm`.
    #[arg(long, value_name = "PAGE,X,Y,W,H", value_parser = numbers::<5>)]
    pub(crate) month_at: Option<[f64; 5]>,
}

/// Arguments of `render`.
#[derive(Debug, Args)]
pub(crate) struct RenderArgs {
    /// The PDF.
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) password: PasswordArgs,
    /// Folder for the pictures; made if it is missing. They are named page-1.png, page-2.png, …
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: PathBuf,
    /// Replace existing pictures.
    #[arg(long)]
    pub(crate) force: bool,
    /// Dots per inch.
    #[arg(long, default_value_t = 110.0, value_parser = dpi)]
    pub(crate) dpi: f32,
    /// Only this page, the first is 1.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) page: Option<u32>,
    /// Draw a red line around the fields.
    #[arg(long)]
    pub(crate) outline_fields: bool,
}

/// Verbs of `pki`.
#[derive(Debug, Subcommand)]
pub(crate) enum PkiCommand {
    /// Make a root and an issuing authority in a new folder.
    Init(PkiInitArgs),
    /// Make a person's key and certificate.
    Person(PkiPersonArgs),
    /// Make an organisation's key and certificate.
    Organisation(PkiOrganisationArgs),
    /// Make a time-stamping unit's key and certificate.
    Tsa(PkiTsaArgs),
    /// Play a remote signing service on this machine, to try things out (docs/remote-keys.md).
    Service(PkiServiceArgs),
}

/// Arguments of `pki service`.
#[derive(Debug, Args)]
pub(crate) struct PkiServiceArgs {
    /// Which service.
    #[arg(value_enum)]
    pub(crate) kind: ServiceArg,
    /// PKCS#12 or PEM file with the key it holds.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
    #[command(flatten)]
    pub(crate) pin: PinArgs,
    /// Address of this machine to listen at.
    #[arg(long, default_value = "127.0.0.1:8090", value_parser = here)]
    pub(crate) listen: SocketAddr,
    /// What the holder of the key does.
    #[arg(long, value_enum, default_value = "confirms")]
    pub(crate) phone: PhoneArg,
}

/// A service that can be played.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ServiceArg {
    /// CSC API 1.0.4, with the token `token` and the PIN 1234.
    #[value(name = "csc1")]
    CscOne,
    /// CSC API 2, with the token `token` and the PIN 1234.
    #[value(name = "csc2")]
    CscTwo,
    /// VNPT SmartCA, for `office` with the password `password` and its holder `user`.
    #[value(name = "smartca")]
    SmartCa,
    /// Viettel MySign, for `office` with the secret `secret` and the profile `profile`, and its holder `user`.
    #[value(name = "mysign")]
    MySign,
}

/// What a holder does with the phone.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum PhoneArg {
    /// Confirms.
    Confirms,
    /// Says no.
    Refuses,
    /// Never answers.
    Silent,
    /// Lets the request expire.
    Late,
}

/// Arguments of `pki init`.
#[derive(Debug, Args)]
pub(crate) struct PkiInitArgs {
    /// Folder of the authority: root.pem and issuing.pem to hand out, authority.key to keep.
    pub(crate) folder: PathBuf,
    /// Name of the authority.
    #[arg(long, default_value = "Cơ quan chứng thực thử nghiệm")]
    pub(crate) name: String,
    /// First day of validity [default: yesterday].
    #[arg(long, value_name = "RFC3339", value_parser = time)]
    pub(crate) from: Option<Time>,
    /// Years of validity.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) years: u32,
    #[command(flatten)]
    pub(crate) pin: PinArgs,
}

/// What all kinds of holders need.
#[derive(Debug, Args)]
pub(crate) struct PkiLeafArgs {
    /// Folder of the authority, made with `pki init`.
    pub(crate) folder: PathBuf,
    #[command(flatten)]
    pub(crate) out: OutArgs,
    #[command(flatten)]
    pub(crate) pin: PinArgs,
    /// Kind of key.
    #[arg(long, value_parser = key_kind(), default_value = "p256")]
    pub(crate) key_kind: KeyKind,
    /// Form of the key file.
    #[arg(long, value_enum, default_value = "pkcs12")]
    pub(crate) form: FormArg,
    /// First moment of validity [default: an hour ago].
    #[arg(long, value_name = "RFC3339", value_parser = time)]
    pub(crate) from: Option<Time>,
    /// Days of validity.
    #[arg(long, default_value_t = 730, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub(crate) days: u32,
}

/// Arguments of `pki person`.
#[derive(Debug, Args)]
pub(crate) struct PkiPersonArgs {
    #[command(flatten)]
    pub(crate) leaf: PkiLeafArgs,
    /// Full name.
    #[arg(long)]
    pub(crate) name: String,
    /// Office held.
    #[arg(long, default_value = "")]
    pub(crate) title: String,
    /// The person's organisation.
    #[arg(long, default_value = "")]
    pub(crate) organisation: String,
    /// E-mail address.
    #[arg(long, default_value = "")]
    pub(crate) email: String,
}

/// Arguments of `pki organisation`.
#[derive(Debug, Args)]
pub(crate) struct PkiOrganisationArgs {
    #[command(flatten)]
    pub(crate) leaf: PkiLeafArgs,
    /// Name of the organisation.
    #[arg(long)]
    pub(crate) name: String,
    /// Its code in the exchange (QCVN 102:2016), as in H40.5.
    #[arg(long)]
    pub(crate) organ_id: String,
    /// The organisation above it.
    #[arg(long, default_value = "")]
    pub(crate) parent: String,
}

/// Arguments of `pki tsa`.
#[derive(Debug, Args)]
pub(crate) struct PkiTsaArgs {
    #[command(flatten)]
    pub(crate) leaf: PkiLeafArgs,
    /// Name of the unit.
    #[arg(long, default_value = "Dấu thời gian thử nghiệm")]
    pub(crate) name: String,
}

/// Forms of key files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormArg {
    /// PKCS#12, AES-256 and SHA-256.
    Pkcs12,
    /// PKCS#12 as old programs write it, RC2 and 3DES.
    Pkcs12Legacy,
    /// PEM, key not encrypted.
    Pem,
}

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

fn time(text: &str) -> Result<Time, String> {
    Time::parse_rfc3339(text).map_err(|_| "not a time like 2026-02-05T09:56:34+07:00".into())
}

fn trust(text: &str) -> Result<TrustArg, String> {
    let (class, path) = match text.split_once(':') {
        Some(("public-service", path)) => (CaClass::PublicService, path),
        Some(("public", path)) => (CaClass::Public, path),
        Some(("other", path)) => (CaClass::Other, path),
        _ => (CaClass::Other, text),
    };
    if path.is_empty() { Err("no path".into()) } else { Ok(TrustArg { class, path: path.into() }) }
}

fn key(text: &str) -> Result<KeyArg, String> {
    if KeyUri::is_one(text) {
        let uri = KeyUri::parse(text).map_err(|error| error.to_string())?;
        return Ok(KeyArg::Token(Box::new(uri)));
    }
    Ok(match text.split_once(':') {
        Some(("csc", url)) => KeyArg::Remote(RemoteKind::Csc(url.into())),
        Some(("smartca", file)) => KeyArg::Remote(RemoteKind::SmartCa(file.into())),
        Some(("mysign", file)) => KeyArg::Remote(RemoteKind::MySign(file.into())),
        _ => KeyArg::File(text.into()),
    })
}

fn here(text: &str) -> Result<SocketAddr, String> {
    let address = text.parse::<SocketAddr>().ok().filter(|address| address.ip().is_loopback());
    address.ok_or_else(|| "an address of this machine, as in 127.0.0.1:8090".into())
}

fn algorithm(text: &str) -> Result<SignatureAlgorithm, String> {
    SignatureAlgorithm::from_word(text)
        .map_err(|_| "as in rsa-sha256, rsa-pss-sha256, ecdsa-sha256 or ed25519".into())
}

fn role(text: &str) -> Result<Role, String> {
    Role::from_word(text)
        .ok_or_else(|| "one of approval, initials, leader, seal, copy, appendix, incoming".into())
}

fn key_kind() -> impl TypedValueParser<Value = KeyKind> {
    let names = KeyKind::ALL.map(KeyKind::name);
    PossibleValuesParser::new(names).map(|name| KeyKind::from_name(&name).unwrap_or_default())
}

fn certify(text: &str) -> Result<DocMdp, String> {
    text.parse().ok().and_then(DocMdp::from_p).ok_or_else(|| "1, 2 or 3".into())
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (field, value) = text.split_once('=').ok_or("FIELD=TEXT")?;
    if field.is_empty() { Err("no field name".into()) } else { Ok((field.into(), value.into())) }
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

fn numbers<const N: usize>(text: &str) -> Result<[f64; N], String> {
    let parsed: Result<Vec<f64>, _> = text.split(',').map(|part| part.trim().parse::<f64>()).collect();
    let numbers = parsed.ok().filter(|all| all.iter().all(|n| n.is_finite()));
    numbers.and_then(|all| all.try_into().ok()).ok_or_else(|| format!("{N} numbers with commas between"))
}

fn dpi(text: &str) -> Result<f32, String> {
    let value = text.parse::<f32>().ok().filter(|dpi| (10.0..=1200.0).contains(dpi));
    value.ok_or_else(|| "a number from 10 to 1200".into())
}

const PKI_EXAMPLES: &str = r"EXAMPLES:
  $ sign-cli pki init pki --pin-file pin.txt
  $ sign-cli pki person pki --name 'Nguyễn Văn A' --title 'Giám đốc' \
      --organisation 'Sở Thông tin và Truyền thông' --pin-file pin.txt --out leader.p12
  $ sign-cli pki organisation pki --name 'Sở Thông tin và Truyền thông' \
      --organ-id H40.5 --pin-file pin.txt --out seal.p12";

const FREEZE_EXAMPLES: &str = r"EXAMPLES:
  $ sign-cli freeze letter.pdf --title 'GIÁM ĐỐC' --name 'Nguyễn Văn A' --out frozen.pdf";

const SIGN_EXAMPLES: &str = r"EXAMPLES:
  The leader signs a frozen letter; later only form filling and signing are allowed:
  $ sign-cli sign frozen.pdf --key leader.p12 --pin-file pin.txt --role leader \
      --certify 2 --image leader.png --out leader.pdf
  The clerk fills number and date and seals, in one revision:
  $ sign-cli sign leader.pdf --key seal.p12 --pin-file pin.txt --role seal \
      --image seal.png --set Number=15 --set Day=05 --set Month=02 --out sealed.pdf
  Any other PDF, invisibly, or visibly above a text:
  $ sign-cli sign letter.pdf --key leader.p12 --pin-file pin.txt --strict --out signed.pdf
  $ sign-cli sign letter.pdf --key leader.p12 --pin-file pin.txt \
      --anchor 'Nguyễn Văn A' --text 'Đã kiểm tra' --out visible.pdf
  With a digest of one's own choice:
  $ sign-cli sign letter.pdf --key leader.p12 --pin-file pin.txt --digest sha512 \
      --out sha512.pdf
  A key that its holder confirms on the phone (docs/remote-keys.md; here its service is played):
  $ sign-cli pki person pki --name 'Trần Thị C' --key-kind rsa2048 --pin-file pin.txt \
      --out phone.p12
  $ sign-cli pki service csc2 --key phone.p12 --pin-file pin.txt --listen 127.0.0.1:18080 &
  $ curl -sS --retry 50 --retry-connrefused --retry-delay 1 -d '{}' -o info.json \
      http://127.0.0.1:18080/csc/v2/info
  $ echo token > token.txt; echo 1234 > phone-pin.txt
  $ sign-cli sign letter.pdf --key csc:http://127.0.0.1:18080/csc/v2 \
      --token-file token.txt --pin-file phone-pin.txt --out confirmed.pdf
  Several files with one opening of the key, and a file in place:
  $ sign-cli sign letter.pdf frozen.pdf --key leader.p12 --pin-file pin.txt --out-dir signed
  $ sign-cli sign signed/letter.pdf --key seal.p12 --pin-file pin.txt --in-place
  A PDF with a password, the user's or the owner's, which is the first line of a file:
  $ sign-cli sign encrypted.pdf --password-file password.txt --key leader.p12 --pin-file pin.txt \
      --out encrypted-signed.pdf";

const PREPARE_EXAMPLES: &str = r"EXAMPLES:
  A key that only its owner's machine has, with its certificates in a PEM file:
  $ sign-cli pki person pki --name 'Trần Thị B' --form pem --pin-file pin.txt --out far.pem
  $ sign-cli prepare letter.pdf --cert far.pem --state letter.state --to-sign to-sign.der
  There, any program signs the bytes; here `complete` takes the value:
  $ openssl dgst -sha256 -sign far.pem -out value.sig to-sign.der";

const COMPLETE_EXAMPLES: &str = r"EXAMPLES:
  $ sign-cli complete letter.pdf --state letter.state --signature value.sig --out far.pdf
  $ sign-cli verify far.pdf --trust pki/root.pem";

const VERIFY_EXAMPLES: &str = r"EXAMPLES:
  $ sign-cli verify sealed.pdf --trust pki/root.pem
  $ sign-cli --json verify sealed.pdf leader.pdf --trust pki/root.pem
  $ sign-cli --lang vi verify sealed.pdf --trust pki";

const FIELDS_EXAMPLES: &str = r"EXAMPLES:
  $ sign-cli fields sealed.pdf
  An empty field for somebody else, which locks the form and takes one of two reasons:
  $ sign-cli fields letter.pdf add Approval --page 1 --rect 330,120,150,60 --lock all \
      --require 'reasons=Đồng ý|Không đồng ý' --seed digest=SHA256,SHA512 --out asked.pdf
  $ sign-cli sign asked.pdf --key leader.p12 --pin-file pin.txt --field Approval \
      --reason 'Đồng ý' --out approved.pdf";

const INSPECT_EXAMPLES: &str = r"EXAMPLES:
  $ sign-cli inspect sealed.pdf
  $ sign-cli --json inspect sealed.pdf";

const TOKEN_EXAMPLES: &str = r"EXAMPLES:
  Which tokens are there, then what is in one of them, with the addresses of its keys:
  $ sign-cli token list --pkcs11-module /usr/lib/softhsm/libsofthsm2.so
  $ sign-cli token list --pkcs11-module /usr/lib/softhsm/libsofthsm2.so --token Office \
      --pin-file pin.txt
  Sign with one of them:
  $ sign-cli sign letter.pdf --key 'pkcs11:token=Office;id=%01' --pin-file pin.txt \
      --pkcs11-module /usr/lib/softhsm/libsofthsm2.so --out by-token.pdf
  $ sign-cli sign letter.pdf --pin-file pin.txt --out by-address.pdf \
      --key 'pkcs11:token=Office;id=%01?module-path=/usr/lib/softhsm/libsofthsm2.so'";

const RENDER_EXAMPLES: &str = r"EXAMPLES:
  $ sign-cli render sealed.pdf --out pages
  $ sign-cli render frozen.pdf --out frozen-pages --dpi 72 --page 1 --outline-fields";

const REPAIR_EXAMPLES: &str = r"EXAMPLES:
  $ sign-cli repair damaged.pdf --out clean.pdf
  Look at the copy before you sign it; or do both at once:
  $ sign-cli sign damaged.pdf --repair --key leader.p12 --pin-file pin.txt --out repaired.pdf";

const EDXML_EXAMPLES: &str = r"EXAMPLES:
  $ sign-cli edxml check message.edxml
  $ sign-cli edxml unpack message.edxml --out message
  $ sign-cli edxml pack message --out again.edxml";

const DOC_EXAMPLES: &str = r#"EXAMPLES (with a server at hand):
  sign-cli doc list --server http://127.0.0.1:8080 --api-key-file key.txt
  sign-cli doc create --metadata letter.json letter.pdf
  sign-cli doc command 0197… '{"command":"freeze"}' --pin-file pin.txt"#;

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

    #[test]
    fn reads_what_was_typed() {
        assert_eq!(numbers::<4>("1, 2,3.5,-4"), Ok([1.0, 2.0, 3.5, -4.0]));
        for wrong in ["1,2,3", "1,2,3,4,5", "a,b,c,d", "1,2,3,inf", ""] {
            assert!(numbers::<4>(wrong).is_err(), "{wrong}");
        }
        assert_eq!(trust("public-service:ca").unwrap().class, CaClass::PublicService);
        assert_eq!(trust("C:/ca").unwrap().path, PathBuf::from("C:/ca"));
        assert!(
            matches!(key("pkcs11:token=a").unwrap(), KeyArg::Token(uri) if uri.token.as_deref() == Some("a"))
        );
        assert!(key("pkcs11:pin=1234").is_err());
        assert_eq!(key("csc:https://a/b").unwrap(), KeyArg::Remote(RemoteKind::Csc("https://a/b".into())));
        assert_eq!(key("C:/key.p12").unwrap(), KeyArg::File("C:/key.p12".into()));
        assert_eq!(pair("so=a=b").unwrap(), ("so".into(), "a=b".into()));
        assert!(pair("=x").is_err() && pair("x").is_err());
    }
}
