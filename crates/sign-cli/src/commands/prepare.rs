//! `prepare`: everything about a signature but its value, for a key that is elsewhere.

use super::sign::Paper;
use super::{holder, password, scan, sign};
use crate::Outcome;
use crate::args::PrepareArgs;
use crate::failure::Failure;
use crate::output::Output;
use serde_json::json;
use sign_core::crypto::SignatureAlgorithm;
use sign_core::crypto::digest::{digest, hex};
use sign_core::crypto::key::Padding;
use sign_core::sign::{Waiting, prepare};
use sign_core::time::VIETNAM;
use sign_core::x509::Certificate;
use sign_io::clock;
use sign_io::file::{FileSource, read_small};
use sign_io::output::{Existing, Part, Readers, check_place, write_whole};
use std::path::Path;

/// A chain of certificates stays under 64 KiB.
const LARGEST_CHAIN: u64 = 1 << 20;
const HOUR: i64 = 3_600;

pub(crate) fn run(args: &PrepareArgs, output: &Output) -> Result<Outcome, Failure> {
    let existing = if args.force { Existing::Replace } else { Existing::Keep };
    for place in [Some(&args.state), args.to_sign.as_ref()].into_iter().flatten() {
        check_place(place, existing)?;
    }
    let certificates = read_chain(&args.cert)?;
    let algorithm = match args.algorithm {
        Some(algorithm) => algorithm,
        None => usual_algorithm(&certificates)?,
    };
    let image = sign::image(&args.wishes)?;
    holder::before_signing(&args.wishes, &certificates, None, output)?;
    let source = FileSource::open(&args.file)?;
    let password = password(&args.wishes.password)?;
    let paper = Paper { file: &args.file, source: &source, password: password.as_ref() };
    scan::before_signing(&source, paper.access(), &args.wishes, output)
        .map_err(|failure| failure.about(&args.file))?;
    let request = sign::request(&args.wishes, &paper, &certificates, image)?;
    let prepared = prepare(&source, &request, algorithm, &certificates, paper.access())
        .map_err(|e| sign::failure(&args.wishes, Some(&args.file), e))?;
    if source.changed() {
        return Err(Failure::new("source_changed", args.file.display().to_string()));
    }

    let expires_at = clock::now().in_offset(VIETNAM).plus_seconds(i64::from(args.hours) * HOUR);
    let waiting = Waiting { prepared, expires_at };
    write_whole(&args.state, &[Part::Bytes(&waiting.seal(b""))], existing, Readers::Umask)?;
    let to_sign = waiting.prepared.signed_attributes();
    if let Some(path) = &args.to_sign {
        write_whole(path, &[Part::Bytes(to_sign)], existing, Readers::Umask)?;
    }
    let digest_algorithm = algorithm.digest();
    let digest = hex(&digest(digest_algorithm, to_sign));
    let value = json!({
        "schema": "sign.prepared/1",
        "state": args.state,
        "field": waiting.prepared.field(),
        "algorithm": algorithm.word(),
        "to_sign": hex(to_sign),
        "digest_algorithm": digest_algorithm.name(),
        "digest": digest,
        "expires_at": expires_at,
    });
    output.result(&value, |lang| {
        let [done, field, sign, before] = lang.pick(
            ["Đã chuẩn bị", "trường", "Cần ký bằng", "trước"],
            ["Prepared", "field", "To be signed with", "before"],
        );
        let (state, name) = (args.state.display(), waiting.prepared.field());
        format!(
            "{done} {state}: {field} {name}\n{sign} {}, {before} {expires_at}:\n{} {digest}",
            algorithm.name(),
            digest_algorithm.name()
        )
    });
    Ok(Outcome::Good)
}

/// The certificates of a file, the signer's first.
fn read_chain(path: &Path) -> Result<Vec<Vec<u8>>, Failure> {
    let bytes = read_small(path, LARGEST_CHAIN)?;
    let chain = Certificate::parse_all(&bytes)
        .map_err(|e| Failure::new("malformed_certificate", format!("{}: {e}", path.display())))?;
    Ok(chain.iter().map(|certificate| certificate.der().to_vec()).collect())
}

fn usual_algorithm(certificates: &[Vec<u8>]) -> Result<SignatureAlgorithm, Failure> {
    let leaf = certificates.first().map(|der| Certificate::parse(der)).transpose();
    let leaf = leaf.ok().flatten().ok_or_else(|| Failure::new("no_certificate", ""))?;
    Ok(SignatureAlgorithm::usual_for(leaf.spki_der(), Padding::Pkcs1)?)
}
