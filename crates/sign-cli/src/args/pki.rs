//! What was typed for `pki`, the test authority and its services.

use super::value::time;
use super::{OutArgs, PinArgs};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand, ValueEnum};
use sign_core::time::Time;
use sign_io::pki::KeyKind;
use std::net::SocketAddr;
use std::path::PathBuf;

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
    /// Serve what the authority says of its certificates (OCSP, revocation lists), and time stamps.
    Serve(PkiServeArgs),
    /// Take a certificate back.
    Revoke(PkiRevokeArgs),
    /// Play a remote signing service on this machine, to try things out (docs/remote-keys.md).
    Service(PkiServiceArgs),
}

/// Arguments of `pki init`.
#[derive(Debug, Args)]
pub(crate) struct PkiInitArgs {
    /// Folder of the authority: root.pem and issuing.pem to hand out, authority.key to keep.
    pub(crate) folder: PathBuf,
    /// Name of the authority.
    #[arg(long, default_value = "Cơ quan chứng thực thử nghiệm")]
    pub(crate) name: String,
    /// Address that its certificates name for their status, where `pki serve` will listen, as in
    /// http://127.0.0.1:8089 [default: none].
    #[arg(long, value_name = "URL")]
    pub(crate) address: Option<String>,
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

/// Arguments of `pki serve`.
#[derive(Debug, Args)]
pub(crate) struct PkiServeArgs {
    /// Folder of the authority, made with `pki init --address`.
    pub(crate) folder: PathBuf,
    /// PKCS#12 or PEM file with a key of `pki tsa`: time stamps too, at /tsa.
    #[arg(long, value_name = "FILE")]
    pub(crate) tsa_key: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) pin: PinArgs,
    /// Address of this machine to listen at.
    #[arg(long, default_value = "127.0.0.1:8089", value_parser = here)]
    pub(crate) listen: SocketAddr,
}

/// Arguments of `pki revoke`.
#[derive(Debug, Args)]
pub(crate) struct PkiRevokeArgs {
    /// Folder of the authority. `pki serve` tells it from the next question on.
    pub(crate) folder: PathBuf,
    /// Serial number of the certificate in hexadecimal, as it is shown when it is made.
    #[arg(long, value_name = "HEX")]
    pub(crate) serial: String,
    /// Since when [default: now].
    #[arg(long, value_name = "RFC3339", value_parser = time)]
    pub(crate) since: Option<Time>,
    /// Why, as RFC 5280 5.3.1 numbers it: 0 unspecified, 1 key compromise, 4 superseded, 5 no longer used.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(0..=5))]
    pub(crate) reason: u8,
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

fn key_kind() -> impl TypedValueParser<Value = KeyKind> {
    let names = KeyKind::ALL.map(KeyKind::name);
    PossibleValuesParser::new(names).map(|name| KeyKind::from_name(&name).unwrap_or_default())
}

fn here(text: &str) -> Result<SocketAddr, String> {
    let address = text.parse::<SocketAddr>().ok().filter(|address| address.ip().is_loopback());
    address.ok_or_else(|| "an address of this machine, as in 127.0.0.1:8090".into())
}

pub(super) const PKI_EXAMPLES: &str = r"EXAMPLES:
  $ sign-cli pki init pki --pin-file pin.txt
  $ sign-cli pki person pki --name 'Nguyễn Văn A' --title 'Giám đốc' \
      --organisation 'Sở Thông tin và Truyền thông' --pin-file pin.txt --out leader.p12
  $ sign-cli pki organisation pki --name 'Sở Thông tin và Truyền thông' \
      --organ-id H40.5 --pin-file pin.txt --out seal.p12";
