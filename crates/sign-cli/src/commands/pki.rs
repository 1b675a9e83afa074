//! `pki`: a test authority in a folder. Its certificates say that they are for tests.

use super::{authority, pin, play};
use crate::Outcome;
use crate::args::{
    FormArg, PinArgs, PkiCommand, PkiInitArgs, PkiLeafArgs, PkiOrganisationArgs, PkiPersonArgs, PkiTsaArgs,
};
use crate::failure::Failure;
use crate::output::Output;
use serde_json::json;
use sign_core::crypto::key::{Pin, protect, unprotect};
use sign_core::time::{Time, VIETNAM};
use sign_core::x509::Certificate;
use sign_io::clock;
use sign_io::file::read_small;
use sign_io::output::{Existing, OutputError, Part, Readers, check_place, write_whole};
use sign_io::pki::{Authority, Issued, KeyKind, Organisation, Person, Pkcs12Style, Validity};
use std::path::Path;

/// The authority's key and certificates, sealed under its PIN.
const SEALED: &str = "authority.key";
const ROOT: &str = "root.pem";
const ISSUING: &str = "issuing.pem";

pub(crate) fn run(command: &PkiCommand, output: &Output) -> Result<Outcome, Failure> {
    match command {
        PkiCommand::Init(args) => init(args, output),
        PkiCommand::Person(args) => person(args, output),
        PkiCommand::Organisation(args) => organisation(args, output),
        PkiCommand::Tsa(args) => tsa(args, output),
        PkiCommand::Serve(args) => authority::serve(args, output),
        PkiCommand::Revoke(args) => authority::revoke(args, output),
        PkiCommand::Service(args) => play::run(args, output),
    }
}

fn init(args: &PkiInitArgs, output: &Output) -> Result<Outcome, Failure> {
    let pin = needed_pin(&args.pin)?;
    let files = [ROOT, ISSUING, SEALED].map(|name| args.folder.join(name));
    for file in &files {
        check_place(file, Existing::Keep)?;
    }
    let from = args.from.unwrap_or_else(|| now().plus_seconds(-86_400));
    let address = args.address.as_deref().map(address).transpose()?;
    let validity = Validity::years(from, args.years);
    let authority = Authority::create_at(&args.name, validity, address.as_deref())?;
    let sealed = protect(&authority.to_pem()?, &pin)?;

    std::fs::create_dir_all(&args.folder)
        .map_err(|e| OutputError::NotWritable { path: args.folder.clone(), reason: e.to_string() })?;
    let contents = [authority.root_pem()?, authority.issuing_pem()?, sealed];
    let readers = [Readers::Umask, Readers::Umask, Readers::Owner];
    for ((file, content), readers) in files.iter().zip(&contents).zip(readers) {
        write_whole(file, &[Part::Bytes(content)], Existing::Keep, readers)?;
    }
    output.result(&json!({ "schema": "sign.pki/1", "files": files }), |lang| {
        let made = lang.pick("Đã tạo", "Made");
        files.iter().map(|file| format!("{made} {}\n", file.display())).collect()
    });
    Ok(Outcome::Good)
}

/// An address without the slash at its end: paths are put behind it.
fn address(text: &str) -> Result<String, Failure> {
    let wrong = |e: sign_io::egress::EgressError| Failure::new("bad_arguments", e.to_string());
    sign_io::egress::Target::parse(text).map_err(wrong)?;
    Ok(text.trim_end_matches('/').to_owned())
}

fn person(args: &PkiPersonArgs, output: &Output) -> Result<Outcome, Failure> {
    issue(&args.leaf, output, |authority, kind, validity| {
        let person = Person {
            full_name: &args.name,
            title: &args.title,
            organisation: &args.organisation,
            email: &args.email,
        };
        Ok(authority.issue_person(&person, kind, validity)?)
    })
}

fn organisation(args: &PkiOrganisationArgs, output: &Output) -> Result<Outcome, Failure> {
    issue(&args.leaf, output, |authority, kind, validity| {
        let parent = Some(args.parent.as_str()).filter(|parent| !parent.is_empty());
        let organisation = Organisation { name: &args.name, organ_id: &args.organ_id, parent };
        Ok(authority.issue_organisation(&organisation, kind, validity)?)
    })
}

fn tsa(args: &PkiTsaArgs, output: &Output) -> Result<Outcome, Failure> {
    issue(&args.leaf, output, |authority, kind, validity| {
        Ok(authority.issue_time_stamping(&args.name, kind, validity)?)
    })
}

fn issue(
    args: &PkiLeafArgs,
    output: &Output,
    make: impl FnOnce(&Authority, KeyKind, Validity) -> Result<Issued, Failure>,
) -> Result<Outcome, Failure> {
    let existing = if args.out.force { Existing::Replace } else { Existing::Keep };
    check_place(&args.out.out, existing)?;
    let pin = needed_pin(&args.pin)?;
    let authority = open(&args.folder, &pin)?;
    let from = args.from.unwrap_or_else(|| now().plus_seconds(-3_600));
    let validity = Validity { from, until: from.plus_seconds(i64::from(args.days) * 86_400 - 1) };
    let issued = make(&authority, args.key_kind, validity)?;
    let key = match args.form {
        FormArg::Pkcs12 => issued.pkcs12(&pin, Pkcs12Style::Modern)?.into(),
        FormArg::Pkcs12Legacy => issued.pkcs12(&pin, Pkcs12Style::Legacy)?.into(),
        FormArg::Pem => issued.pem()?,
    };
    write_whole(&args.out.out, &[Part::Bytes(&key)], existing, Readers::Owner)?;
    report(args, &issued, output)
}

fn report(args: &PkiLeafArgs, issued: &Issued, output: &Output) -> Result<Outcome, Failure> {
    let certificate = Certificate::parse(&issued.certificate_der()?)
        .map_err(|e| Failure::new("malformed_certificate", e.to_string()))?;
    let value = json!({
        "schema": "sign.pki/1",
        "out": args.out.out,
        "subject": certificate.subject().to_string(),
        "serial": certificate.serial_hex(),
        "sha256": certificate.sha256_hex(),
        "not_before": certificate.not_before(),
        "not_after": certificate.not_after(),
    });
    output.result(&value, |lang| {
        let [made, until] = lang.pick(["Đã tạo", "hiệu lực đến"], ["Made", "valid until"]);
        let (out, subject, not_after) =
            (args.out.out.display(), certificate.subject(), certificate.not_after());
        format!("{made} {out}: {subject}, {until} {}", not_after.in_offset(VIETNAM))
    });
    Ok(Outcome::Good)
}

pub(super) fn open(folder: &Path, pin: &Pin) -> Result<Authority, Failure> {
    let file = folder.join(SEALED);
    let sealed = read_small(&file, 1 << 20)?;
    let pem = unprotect(&sealed, pin).map_err(|e| Failure::from(e).about(&file))?;
    Authority::from_pem(&pem).map_err(|e| Failure::from(e).about(&file))
}

pub(super) fn needed_pin(args: &PinArgs) -> Result<Pin, Failure> {
    pin(args)?.ok_or_else(|| Failure::new("pin_missing", ""))
}

fn now() -> Time {
    clock::now()
}
