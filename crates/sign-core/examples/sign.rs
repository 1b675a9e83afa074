//! Signs a PDF with a PKCS#12 key: `cargo run --example sign -- letter.pdf key.p12 1234 signed.pdf`.
//!
//! The library neither reads files nor knows the time: the caller does, as here.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "an example is a caller: it has files and a clock"
)]

use sign_core::crypto::key::{Pin, from_pkcs12};
use sign_core::limits::Limits;
use sign_core::sign::{SignRequest, sign};
use sign_core::time::{Time, VIETNAM};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [letter, key, pin, signed] = arguments.as_slice() else {
        return Err("usage: sign LETTER.pdf KEY.p12 PIN SIGNED.pdf".into());
    };
    let mut document = std::fs::read(letter)?;
    let key = from_pkcs12(&std::fs::read(key)?, &Pin::new(pin.as_str()), None)?;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs();

    let request = SignRequest::new(Time::from_unix(i64::try_from(now)?).in_offset(VIETNAM));
    let result = sign(&document, &request, &key, &Limits::default())?;

    document.extend_from_slice(&result.appended);
    std::fs::write(signed, document)?;
    Ok(())
}
