//! What was typed for signing: `sign`, `prepare`, `complete`, `freeze` and `repair`.

use super::value::{numbers, pair, time};
use super::{GroundsArgs, OutArgs, PasswordArgs, PinArgs, SignedArgs, TsaArgs};
use clap::{Args, ValueEnum};
use sign_core::crypto::SignatureAlgorithm;
use sign_core::sign::options::{DocMdp, Role};
use sign_core::time::Time;
use sign_io::pkcs11::{KeyUri, Tries};
use std::path::PathBuf;

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
    /// Put aside what was found out about the certificate before signing, with the evidence, in this folder
    /// (`kept` looks after it).
    #[arg(long, value_name = "FOLDER")]
    pub(crate) keep: Option<PathBuf>,
    /// Signature level. What was asked for is reached, or nothing is signed; levels t, lt and lta need --tsa,
    /// lt and lta also --trust.
    #[arg(long, value_enum, default_value = "b")]
    pub(crate) level: LevelArg,
    #[command(flatten)]
    pub(crate) tsa: TsaArgs,
    #[command(flatten)]
    pub(crate) grounds: GroundsArgs,
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
    /// Revocation lists, OCSP responses and issuers' certificates, PEM or DER, that tell whether the signer's
    /// certificate was revoked: then nothing is signed. An unknown status is a warning. They serve levels lt and
    /// lta too.
    #[arg(long, value_name = "FILE|FOLDER")]
    pub(crate) evidence: Vec<PathBuf>,
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
    /// B-LT: with what shows that nobody was taken back.
    Lt,
    /// B-LTA: with an archive time stamp over all that.
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

fn algorithm(text: &str) -> Result<SignatureAlgorithm, String> {
    SignatureAlgorithm::from_word(text)
        .map_err(|_| "as in rsa-sha256, rsa-pss-sha256, ecdsa-sha256 or ed25519".into())
}

fn role(text: &str) -> Result<Role, String> {
    Role::from_word(text)
        .ok_or_else(|| "one of approval, initials, leader, seal, copy, appendix, incoming".into())
}

fn certify(text: &str) -> Result<DocMdp, String> {
    text.parse().ok().and_then(DocMdp::from_p).ok_or_else(|| "1, 2 or 3".into())
}

pub(super) const SIGN_EXAMPLES: &str = r"EXAMPLES:
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

pub(super) const PREPARE_EXAMPLES: &str = r"EXAMPLES:
  A key that only its owner's machine has, with its certificates in a PEM file:
  $ sign-cli pki person pki --name 'Trần Thị B' --form pem --pin-file pin.txt --out far.pem
  $ sign-cli prepare letter.pdf --cert far.pem --state letter.state --to-sign to-sign.der
  There, any program signs the bytes; here `complete` takes the value:
  $ openssl dgst -sha256 -sign far.pem -out value.sig to-sign.der";

pub(super) const COMPLETE_EXAMPLES: &str = r"EXAMPLES:
  $ sign-cli complete letter.pdf --state letter.state --signature value.sig --out far.pdf
  $ sign-cli verify far.pdf --trust pki/root.pem";

pub(super) const REPAIR_EXAMPLES: &str = r"EXAMPLES:
  $ sign-cli repair damaged.pdf --out clean.pdf
  Look at the copy before you sign it; or do both at once:
  $ sign-cli sign damaged.pdf --repair --key leader.p12 --pin-file pin.txt --out repaired.pdf";

pub(super) const FREEZE_EXAMPLES: &str = r"EXAMPLES:
  $ sign-cli freeze letter.pdf --title 'GIÁM ĐỐC' --name 'Nguyễn Văn A' --out frozen.pdf";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_told_by_how_it_is_written() {
        assert!(
            matches!(key("pkcs11:token=a").unwrap(), KeyArg::Token(uri) if uri.token.as_deref() == Some("a"))
        );
        assert!(key("pkcs11:pin=1234").is_err());
        assert_eq!(key("csc:https://a/b").unwrap(), KeyArg::Remote(RemoteKind::Csc("https://a/b".into())));
        assert_eq!(key("C:/key.p12").unwrap(), KeyArg::File("C:/key.p12".into()));
    }
}
