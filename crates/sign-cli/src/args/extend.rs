//! What was typed for long-term levels: `extend`, and what `sign` shares with it.

use super::{FetchArgs, PasswordArgs, TrustArg};
use crate::args::look::trust;
use clap::{ArgGroup, Args, ValueEnum};
use std::path::PathBuf;

/// Arguments of `extend`.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("destination").required(true).args(["out", "in_place"])))]
pub(crate) struct ExtendArgs {
    /// The signed PDF. Its bytes stay; what is added stands behind them.
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) password: PasswordArgs,
    /// Level for all its signatures. A PDF of level B-LTA that is extended to lta is renewed.
    #[arg(long, value_enum)]
    pub(crate) level: RaisedArg,
    #[command(flatten)]
    pub(crate) tsa: TsaArgs,
    #[command(flatten)]
    pub(crate) grounds: GroundsArgs,
    /// Revocation lists, OCSP responses or further certificates, PEM or DER, besides those that are fetched.
    #[arg(long, value_name = "FILE")]
    pub(crate) evidence: Vec<PathBuf>,
    /// The result; it appears whole or not at all.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Append to the PDF itself, which is cut back to what it was if that fails.
    #[arg(long)]
    pub(crate) in_place: bool,
    /// Replace an existing result, also the input file itself.
    #[arg(long, conflicts_with = "in_place")]
    pub(crate) force: bool,
}

/// Time-stamping authorities.
#[derive(Debug, Args)]
pub(crate) struct TsaArgs {
    /// Address of a time-stamping authority (RFC 3161). Given again, the next one is asked when one before
    /// it fails.
    #[arg(long, value_name = "URL")]
    pub(crate) tsa: Vec<String>,
    /// Seconds to wait for each time-stamping authority.
    #[arg(long, value_name = "SECONDS", default_value_t = 180, value_parser = clap::value_parser!(u32).range(1..=3_600))]
    pub(crate) tsa_wait: u32,
}

/// What evidence is made of, and what if there is not enough of it.
#[derive(Debug, Args)]
pub(crate) struct GroundsArgs {
    /// Trusted certificates, as for `verify`. Evidence is gathered for paths that end in one of them: for levels
    /// lt and lta, and about the signer's certificate before it signs.
    #[arg(long, value_name = "[CLASS:]PATH", value_parser = trust)]
    pub(crate) trust: Vec<TrustArg>,
    #[command(flatten)]
    pub(crate) fetch: FetchArgs,
    /// If the level cannot be reached, write the highest one that can be, and say why; without it nothing is
    /// written.
    #[arg(long)]
    pub(crate) allow_lower: bool,
}

/// Levels above B-B.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RaisedArg {
    /// B-T: a time stamp proves when the signature was there.
    T,
    /// B-LT: with what shows that nobody was taken back.
    Lt,
    /// B-LTA: with an archive time stamp over all that.
    Lta,
}

pub(super) const EXTEND_EXAMPLES: &str = r"EXAMPLES:
  A test authority whose certificates name its services, and the services:
  $ sign-cli pki init archive --address http://127.0.0.1:18081 --pin-file pin.txt
  $ sign-cli pki person archive --name 'Nguyễn Văn A' --pin-file pin.txt --out archive.p12
  $ sign-cli pki tsa archive --key-kind rsa2048 --pin-file pin.txt --out tsa.p12
  $ sign-cli pki serve archive --tsa-key tsa.p12 --pin-file pin.txt --listen 127.0.0.1:18081 &
  $ curl -sS --retry 50 --retry-connrefused --retry-delay 1 -o root.crl \
      http://127.0.0.1:18081/root.crl
  A signature that can be checked in twenty years, made at once:
  $ sign-cli sign letter.pdf --key archive.p12 --pin-file pin.txt --level lta \
      --tsa http://127.0.0.1:18081/tsa --trust archive/root.pem --allow-private --out kept.pdf
  One that was made before, raised; and renewed before its last time stamp ends:
  $ sign-cli sign letter.pdf --key archive.p12 --pin-file pin.txt --out plain.pdf
  $ sign-cli extend plain.pdf --level lt --tsa http://127.0.0.1:18081/tsa \
      --trust archive/root.pem --allow-private --out raised.pdf
  $ sign-cli extend kept.pdf --level lta --tsa http://127.0.0.1:18081/tsa \
      --trust archive/root.pem --allow-private --in-place
  $ sign-cli verify kept.pdf raised.pdf --trust archive/root.pem --offline --policy vn-2025";
