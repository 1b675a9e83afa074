//! `token`: which tokens a PKCS#11 module sees, and the addresses of the keys in them.

use crate::Outcome;
use crate::args::{TokenCommand, TokenListArgs};
use crate::commands::key_failure;
use crate::failure::Failure;
use crate::output::Output;
use sign_core::report::words::{Lang, printable};
use sign_io::keystore;
use sign_io::pkcs11::{self, ListedObject, ListedToken, Listing, ObjectKind, PinState};

pub(crate) fn run(command: &TokenCommand, output: &Output) -> Result<Outcome, Failure> {
    match command {
        TokenCommand::List(args) => list(args, output),
    }
}

/// The PIN comes from a file that was named for this one token, never from SIGN_PIN.
fn list(args: &TokenListArgs, output: &Output) -> Result<Outcome, Failure> {
    let read = |path| keystore::read_pin(path).map_err(|error| key_failure(error, path));
    let pin = args.pin_file.as_deref().map(read).transpose()?;
    let (token, tries) = (args.token.as_deref(), args.pin_tries.into());
    let listing = pkcs11::list(&args.pkcs11_module, token, pin.as_ref(), tries)?;
    output.result(&listing, |lang| text(&listing, lang));
    Ok(Outcome::Good)
}

fn text(listing: &Listing, lang: Lang) -> String {
    let mut lines = vec![format!("{}: {} ({})", listing.module, listing.description, listing.manufacturer)];
    if listing.tokens.is_empty() {
        lines.push(lang.pick("Không có thiết bị nào.", "No tokens.").to_owned());
    }
    for token in &listing.tokens {
        lines.extend(token_lines(token, lang));
    }
    // Labels are what somebody else wrote.
    lines.iter().map(|line| printable(line)).collect::<Vec<_>>().join("\n")
}

fn token_lines(token: &ListedToken, lang: Lang) -> Vec<String> {
    let [slot, serial] = lang.pick(["khe", "số sê-ri"], ["slot", "serial"]);
    let mut lines = vec![format!(
        "{}  {serial} {}, {slot} {}, {} {}; PIN: {}",
        token.label,
        token.serial,
        token.slot_id,
        token.manufacturer,
        token.model,
        pin_words(token.pin, lang)
    )];
    lines.extend(token.objects.iter().flat_map(|object| object_lines(object, lang)));
    if !token.logged_in {
        let hint = lang.pick(
            "  (khoá bí mật chỉ hiện khi có --token và --pin-file)",
            "  (private keys show only with --token and --pin-file)",
        );
        lines.push(hint.to_owned());
    }
    lines
}

fn object_lines(object: &ListedObject, lang: Lang) -> Vec<String> {
    let kind = match object.kind {
        ObjectKind::PrivateKey => lang.pick("khoá bí mật", "private key"),
        ObjectKind::PublicKey => lang.pick("khoá công khai", "public key"),
        ObjectKind::Certificate => lang.pick("chứng thư số", "certificate"),
    };
    let mut line = format!("  {kind}  id {}  {}", object.id, object.label);
    if let Some(subject) = &object.subject {
        line += &format!("  {subject}");
    }
    if let Some(until) = object.not_after {
        line += &format!("  {} {until}", lang.pick("đến", "until"));
    }
    let uri = object.uri.as_ref().map(|uri| format!("    --key '{uri}'"));
    std::iter::once(line).chain(uri).collect()
}

fn pin_words(pin: PinState, lang: Lang) -> &'static str {
    match pin {
        PinState::Usual => lang.pick("bình thường", "as usual"),
        PinState::TriesLow => lang.pick("đã có lần nhập sai", "a wrong one was given"),
        PinState::LastTry => lang.pick("chỉ còn một lần thử", "one try is left"),
        PinState::Locked => lang.pick("đã khoá", "locked"),
        PinState::NotSet => lang.pick("chưa đặt", "not set"),
    }
}
