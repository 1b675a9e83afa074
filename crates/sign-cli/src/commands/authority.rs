//! `pki serve` and `pki revoke`: what a test authority says of its certificates after they were made.

use super::key_failure;
use super::pki::{needed_pin, open};
use crate::Outcome;
use crate::args::{PkiRevokeArgs, PkiServeArgs};
use crate::failure::Failure;
use crate::output::Output;
use serde_json::json;
use sign_core::time::Time;
use sign_io::file::read_small;
use sign_io::output::{Existing, Part, Readers, write_whole};
use sign_io::pki::service::Services;
use sign_io::pki::status::{Revoked, serial_from_hex};
use sign_io::{clock, keystore};
use std::path::Path;

/// Who was taken back: a line for each, serial number, time and reason.
const REVOKED: &str = "revoked.txt";
const LARGEST: u64 = 1 << 20;

pub(super) fn serve(args: &PkiServeArgs, output: &Output) -> Result<Outcome, Failure> {
    let pin = needed_pin(&args.pin)?;
    let authority = open(&args.folder, &pin)?;
    let file = args.folder.join(REVOKED);
    let services = Services::new(authority, Box::new(move || read(&file)));
    let services = match &args.tsa_key {
        Some(path) => {
            let key = keystore::load(path, Some(&pin), None).map_err(|e| key_failure(e, path))?;
            services.with_time_stamps(Box::new(key))
        }
        None => services,
    };
    let listening = |address| {
        let url = format!("http://{address}");
        output.result(&json!({ "schema": "sign.service/1", "url": url }), |lang| {
            let [said, test] = lang.pick(["Đang chờ tại", "chỉ để thử"], ["Listening at", "for trials only"]);
            format!("{said} {url} ({test})")
        });
    };
    services
        .run(args.listen, listening)
        .map_err(|error| Failure::new("cannot_listen", format!("{}: {}", args.listen, error.kind())))?;
    Ok(Outcome::Good)
}

pub(super) fn revoke(args: &PkiRevokeArgs, output: &Output) -> Result<Outcome, Failure> {
    serial_from_hex(&args.serial).ok_or_else(|| Failure::new("bad_arguments", args.serial.clone()))?;
    if !args.folder.is_dir() {
        return Err(Failure::new("file_not_found", args.folder.display().to_string()));
    }
    let file = args.folder.join(REVOKED);
    let since = args.since.unwrap_or_else(clock::now).in_offset(0);
    let line = format!("{} {since} {}\n", args.serial, args.reason);
    let before = text_of(&file);
    let parts = [Part::Bytes(before.as_bytes()), Part::Bytes(line.as_bytes())];
    write_whole(&file, &parts, Existing::Replace, Readers::Umask)?;
    let value = json!({ "schema": "sign.pki/1", "serial": args.serial, "since": since, "file": file });
    output.result(&value, |lang| format!("{} {}", lang.pick("Đã thu hồi", "Taken back:"), args.serial));
    Ok(Outcome::Good)
}

fn text_of(file: &Path) -> String {
    read_small(file, LARGEST).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

/// Lines that cannot be read are passed over: this is a toy's memory.
fn read(file: &Path) -> Vec<Revoked> {
    text_of(file).lines().filter_map(revoked).collect()
}

fn revoked(line: &str) -> Option<Revoked> {
    let mut words = line.split_whitespace();
    let serial = serial_from_hex(words.next()?)?;
    let since = Time::parse_rfc3339(words.next()?).ok()?;
    Some(Revoked { serial, since, reason: words.next()?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let line = "4A0B 2026-03-01T00:00:00Z 4";
        let read = revoked(line).unwrap();
        assert_eq!((read.serial.as_slice(), read.reason), (&[0x4a, 0x0b][..], 4));
        for wrong in ["", "4A", "4A 2026", "4A 2026-03-01T00:00:00Z", "XX 2026-03-01T00:00:00Z 1"] {
            assert_eq!(revoked(wrong), None, "{wrong}");
        }
    }
}
