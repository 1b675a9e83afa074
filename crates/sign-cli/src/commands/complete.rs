//! `complete`: the value that came back goes into its place, if it is right.

use crate::Outcome;
use crate::args::CompleteArgs;
use crate::failure::Failure;
use crate::output::Output;
use serde_json::json;
use sign_core::limits::Limits;
use sign_core::policy::Policy;
use sign_core::report::model::{DigestCheck, SignatureCheck};
use sign_core::sign::waiting::LARGEST_STATE;
use sign_core::sign::{Signed, Waiting};
use sign_core::source::{Joined, Source};
use sign_core::time::Time;
use sign_core::trust::anchor::TrustStore;
use sign_core::trust::evidence::Evidence;
use sign_core::verify::verify;
use sign_io::clock;
use sign_io::file::{FileSource, read_small};
use sign_io::output::{Existing, Part, Readers, check_place, write_whole};

/// The longest signature value known (SLH-DSA) has 49,856 bytes; as text twice that.
const LARGEST_VALUE: u64 = 128 << 10;

pub(crate) fn run(args: &CompleteArgs, output: &Output) -> Result<Outcome, Failure> {
    let existing = if args.out.force { Existing::Replace } else { Existing::Keep };
    check_place(&args.out.out, existing)?;
    let state = read_small(&args.state, LARGEST_STATE as u64)?;
    let waiting = Waiting::open(&state, b"", &Limits::default())
        .map_err(|e| Failure::new(e.code(), e.to_string()).about(&args.state))?;
    let value = signature_value(read_small(&args.signature, LARGEST_VALUE)?);
    let source = FileSource::open(&args.file)?;
    let (algorithm, now) = (waiting.prepared.algorithm(), clock::now());
    let signed = waiting.complete(&source, &value, now).map_err(|e| Failure::from(e).about(&args.file))?;
    check_result(&source, &signed, now)?;
    if source.changed() {
        return Err(Failure::new("source_changed", args.file.display().to_string()));
    }
    let parts = [Part::Source(&source), Part::Bytes(&signed.appended)];
    write_whole(&args.out.out, &parts, existing, Readers::Umask)?;

    let appended = signed.appended.len();
    let value = json!({
        "schema": "sign.signed/1",
        "out": args.out.out,
        "field": signed.field,
        "algorithm": algorithm.name(),
        "size": source.len() + appended as u64,
        "appended": appended,
    });
    output.result(&value, |lang| {
        let [done, field, bytes] =
            lang.pick(["Đã ký", "trường", "byte được thêm"], ["Signed", "field", "bytes appended"]);
        format!("{done} {}: {field} {}, {appended} {bytes}", args.out.out.display(), signed.field)
    });
    Ok(Outcome::Good)
}

/// The whole result read as anybody will read it, before anything is written: a state is only as
/// trustworthy as the place it was kept in.
fn check_result(source: &FileSource, signed: &Signed, now: Time) -> Result<(), Failure> {
    let result = Joined::new(source, &signed.appended);
    let (trust, evidence, policy) = (TrustStore::default(), Evidence::default(), Policy::default());
    let report = verify(&result, "", &trust, &evidence, &policy, now, &Limits::default())?;
    let made = report.signatures.iter().find(|signature| signature.field == signed.field);
    let intact = made.is_some_and(|signature| {
        signature.integrity.digest == DigestCheck::Ok && signature.integrity.signature == SignatureCheck::Ok
    });
    if intact { Ok(()) } else { Err(Failure::new("state_malformed", signed.field.clone())) }
}

/// Signing programs write the value as it is, others as hex or base64 text.
fn signature_value(bytes: Vec<u8>) -> Vec<u8> {
    let text: Option<String> = std::str::from_utf8(&bytes)
        .ok()
        .map(|text| text.split_ascii_whitespace().collect())
        .filter(|text: &String| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic()));
    let decoded = text.and_then(|text| from_hex(&text).or_else(|| from_base64(&text)));
    decoded.unwrap_or(bytes)
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text.chars().map(|c| c.to_digit(16).map(|d| d as u8)).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect())
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_read_as_it_is_or_as_text() {
        let cases: [(&[u8], &[u8]); 5] = [
            (b"\x30\x45\x02\x00", b"\x30\x45\x02\x00"),
            (b"3045 02ff\n", b"\x30\x45\x02\xff"),
            (b"MEUC\n/w==\n", b"\x30\x45\x02\xff"),
            (b"", b""),
            (b"not a value!", b"not a value!"),
        ];
        for (given, expected) in cases {
            assert_eq!(signature_value(given.to_vec()), expected, "{given:?}");
        }
    }
}
