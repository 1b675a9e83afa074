//! `repair`: a clean copy of an unsigned file whose cross-references are damaged, and what `sign`
//! says about the one it makes for itself.

use super::password;
use crate::Outcome;
use crate::args::RepairArgs;
use crate::failure::Failure;
use crate::output::Output;
use serde_json::{Value, json};
use sign_core::crypto::document;
use sign_core::limits::Limits;
use sign_core::pdf::Access;
use sign_core::pdf::repair::{RepairError, Repaired, repair};
use sign_core::report::words::Lang;
use sign_core::source::Source;
use sign_io::file::FileSource;
use sign_io::output::{Existing, Part, Readers, check_place, write_whole};

pub(crate) fn run(args: &RepairArgs, output: &Output) -> Result<Outcome, Failure> {
    let existing = if args.out.force { Existing::Replace } else { Existing::Keep };
    check_place(&args.out.out, existing)?;
    let source = FileSource::open(&args.file)?;
    let password = password(&args.password)?;
    let access = Access { limits: Limits::default(), password: password.as_ref() };
    let repaired = repaired(&source, access).map_err(|error| Failure::from(error).about(&args.file))?;
    if source.changed() {
        return Err(Failure::new("source_changed", args.file.display().to_string()));
    }
    write_whole(&args.out.out, &[Part::Bytes(&repaired.bytes)], existing, Readers::Umask)?;
    let value = json!({
        "schema": "sign.repaired/1",
        "out": args.out.out,
        "size": repaired.bytes.len(),
        "repaired": facts(&repaired),
    });
    output.result(&value, |lang| format!("{}: {}", args.out.out.display(), text(&repaired, lang)));
    Ok(Outcome::Good)
}

/// The clean copy of a damaged file; `None` for one that is not damaged.
pub(super) fn if_damaged(source: &dyn Source, access: Access<'_>) -> Result<Option<Repaired>, Failure> {
    match repaired(source, access) {
        Ok(repaired) => Ok(Some(repaired)),
        Err(RepairError::NotDamaged) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn repaired(source: &dyn Source, access: Access<'_>) -> Result<Repaired, RepairError> {
    repair(source, document::open(source, access), &Limits::default())
}

/// What was done, for a program.
pub(super) fn facts(repaired: &Repaired) -> Value {
    let dropped = repaired.dropped.iter().map(|dropped| {
        json!({ "object": dropped.id.to_string(), "at": dropped.at, "why": dropped.why.to_string() })
    });
    json!({
        "damage": repaired.damage.code(),
        "detail": repaired.damage.to_string(),
        "kept": repaired.kept,
        "superseded": repaired.superseded,
        "dropped": dropped.collect::<Vec<_>>(),
    })
}

/// What was done, for a person.
pub(super) fn text(repaired: &Repaired, lang: Lang) -> String {
    let [copy, kept, superseded, dropped] = lang.pick(
        [
            "bản sạch của tệp bị hỏng",
            "đối tượng được giữ",
            "phiên bản cũ không giữ",
            "đối tượng không đọc được",
        ],
        ["a clean copy of a damaged file", "objects kept", "older versions left out", "objects unreadable"],
    );
    let head = format!(
        "{copy} ({}); {} {kept}, {} {superseded}, {} {dropped}",
        repaired.damage,
        repaired.kept,
        repaired.superseded,
        repaired.dropped.len()
    );
    let lines = repaired.dropped.iter().map(|dropped| format!("\n  - {}: {}", dropped.id, dropped.why));
    head + &lines.collect::<String>()
}
