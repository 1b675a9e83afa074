//! What was typed for looking at files: `verify`, `render`; examples of `inspect`.

use super::PasswordArgs;
use super::trust::class;
use super::value::time;
use clap::{Args, ValueEnum};
use sign_core::time::Time;
use sign_core::trust::anchor::CaClass;
use std::path::PathBuf;

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The PDFs; with several, --json prints one object a line.
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) password: PasswordArgs,
    /// Trusted certificates: a PEM or DER file, or a folder of them, as `trust import` fills it.
    /// `public_service:` or `public:` in front says which kind of authority those are that do not say it by
    /// their place in the folder. Without any, no signer is trusted.
    #[arg(long, value_name = "[CLASS:]PATH", value_parser = trust)]
    pub(crate) trust: Vec<TrustArg>,
    /// Revocation lists, OCSP responses or further certificates, PEM or DER, besides those in the PDF; or a
    /// folder of them, as --keep fills it.
    #[arg(long, value_name = "FILE|FOLDER")]
    pub(crate) evidence: Vec<PathBuf>,
    /// Judge as of this time [default: now].
    #[arg(long, value_name = "RFC3339", value_parser = time)]
    pub(crate) at: Option<Time>,
    /// Name of the policy, or a file with one (`sign-cli policy show`) [default: the first of `sign-cli doctor`].
    #[arg(long, value_name = "NAME|FILE")]
    pub(crate) policy: Option<String>,
    /// Put aside the report, certificates, revocation lists and OCSP answers in this folder (`kept` looks
    /// after it).
    #[arg(long, value_name = "FOLDER")]
    pub(crate) keep: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) fetch: FetchArgs,
    /// Also write a report of one PDF: a page for people, a document of it that can be sealed, or a
    /// validation report for programs (ETSI TS 119 102-2). Its language is that of --lang.
    #[arg(long, value_enum, value_name = "FORM", requires = "out")]
    pub(crate) report: Option<ReportForm>,
    /// The report's file; it appears whole or not at all.
    #[arg(long, value_name = "FILE", requires = "report")]
    pub(crate) out: Option<PathBuf>,
    /// Replace an existing report.
    #[arg(long, requires = "report")]
    pub(crate) force: bool,
}

/// What kind of report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportForm {
    /// A page that stands by itself, with pictures.
    Html,
    /// The same as PDF/A, which can itself be signed.
    Pdf,
    /// ETSI TS 119 102-2 V1.2.1.
    Xml,
}

/// How statuses are asked for over the network.
#[derive(Debug, Args)]
pub(crate) struct FetchArgs {
    /// Fetch nothing: evidence is what the PDF carries and what is given. Otherwise the status services
    /// that certificates name are asked, if the certificate leads to a trusted one and the service is in the
    /// public network.
    #[arg(long)]
    pub(crate) offline: bool,
    /// Ask this host whatever the certificate, and no host that is not named; `host` or `host:port`, may
    /// be repeated.
    #[arg(long = "fetch-host", value_name = "HOST", conflicts_with = "offline")]
    pub(crate) hosts: Vec<String>,
    /// Ask services in this machine and this network too.
    #[arg(long, conflicts_with = "offline")]
    pub(crate) allow_private: bool,
    /// Keep answers in this folder, and use those that are there until they expire.
    #[arg(long, value_name = "FOLDER", conflicts_with = "offline")]
    pub(crate) cache: Option<PathBuf>,
}

/// A path with the kind of its authorities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TrustArg {
    /// Kind of authority.
    pub(crate) class: CaClass,
    /// File or folder.
    pub(crate) path: PathBuf,
}

/// Arguments of `inspect`.
#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    /// The PDF.
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) password: PasswordArgs,
    /// Show instead what the eye sees that differs between the file as it was signed and as it is now.
    #[arg(long)]
    pub(crate) diff: bool,
    #[command(flatten)]
    pub(crate) compared: DiffArgs,
}

/// What is compared with what.
#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// Compare with this revision, the first is 1 [default: the first that is signed].
    #[arg(long, value_name = "N", requires = "diff", conflicts_with = "field",
          value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) revision: Option<u32>,
    /// Compare with the revision that this signature field signs.
    #[arg(long, value_name = "NAME", requires = "diff")]
    pub(crate) field: Option<String>,
    /// Only this page, the first is 1.
    #[arg(long, value_name = "N", requires = "diff", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) page: Option<u32>,
    /// Folder for pictures of the pages that differ; made if it is missing. They are named page-1-old.png,
    /// page-1-new.png and page-1-marked.png, …
    #[arg(long, value_name = "FOLDER", requires = "diff")]
    pub(crate) out: Option<PathBuf>,
    /// Dots per inch.
    #[arg(long, value_name = "DPI", requires = "diff", default_value = "110", value_parser = dpi)]
    pub(crate) dpi: f32,
    /// Replace existing pictures.
    #[arg(long, requires = "out")]
    pub(crate) force: bool,
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

pub(super) fn trust(text: &str) -> Result<TrustArg, String> {
    let classed = text.split_once(':').and_then(|(word, path)| Some((class(word).ok()?, path)));
    let (class, path) = classed.unwrap_or((CaClass::Other, text));
    if path.is_empty() { Err("no path".into()) } else { Ok(TrustArg { class, path: path.into() }) }
}

fn dpi(text: &str) -> Result<f32, String> {
    let value = text.parse::<f32>().ok().filter(|dpi| (10.0..=1200.0).contains(dpi));
    value.ok_or_else(|| "a number from 10 to 1200".into())
}

pub(super) const VERIFY_EXAMPLES: &str = r"EXAMPLES:
  $ sign-cli verify sealed.pdf --trust pki/root.pem
  $ sign-cli --json verify sealed.pdf leader.pdf --trust pki/root.pem
  $ sign-cli --lang vi verify sealed.pdf --trust pki
  $ sign-cli --lang vi verify sealed.pdf --trust pki/root.pem --report html --out report.html
  $ sign-cli --lang vi verify sealed.pdf --trust pki/root.pem --report pdf --out report.pdf
  $ sign-cli sign report.pdf --key seal.p12 --pin-file pin.txt --out report-sealed.pdf
  $ sign-cli verify sealed.pdf --trust pki/root.pem --report xml --out report.xml
  By one's own rules, which begin as those of the program:
  $ sign-cli policy show vn-2025-b | sed 's/vn-2025-b/office/' > rules.toml
  $ sign-cli verify sealed.pdf --trust pki --policy rules.toml
  Nothing is asked over the network, or only one host is, and answers are kept:
  $ sign-cli verify sealed.pdf --trust pki/root.pem --offline
  $ sign-cli verify sealed.pdf --trust pki/root.pem --fetch-host ocsp.ca.gov.vn --cache answers";

pub(super) const INSPECT_EXAMPLES: &str = r"EXAMPLES:
  $ sign-cli inspect sealed.pdf
  $ sign-cli --json inspect sealed.pdf
  $ sign-cli inspect sealed.pdf --diff
  $ sign-cli inspect sealed.pdf --diff --revision 1 --out changed
  $ sign-cli --json inspect sealed.pdf --diff --page 1";

pub(super) const RENDER_EXAMPLES: &str = r"EXAMPLES:
  $ sign-cli render sealed.pdf --out pages
  $ sign-cli render frozen.pdf --out frozen-pages --dpi 72 --page 1 --outline-fields";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_may_stand_before_a_path() {
        assert_eq!(trust("public_service:ca").unwrap().class, CaClass::PublicService);
        assert_eq!(trust("public-service:ca").unwrap().class, CaClass::PublicService);
        assert_eq!(trust("C:/ca").unwrap().path, PathBuf::from("C:/ca"));
    }
}
