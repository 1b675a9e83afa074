//! `fields`: the form fields of the newest revision, with what signature fields lock and ask for; and
//! new empty signature fields.

use crate::Outcome;
use crate::args::{FieldsArgs, FieldsCommand, NewFieldArgs};
use crate::commands::password;
use crate::failure::Failure;
use crate::output::Output;
use serde::Serialize;
use serde_json::json;
use sign_core::crypto::document;
use sign_core::limits::Limits;
use sign_core::pades::changes::permission::FieldLock;
use sign_core::pades::field::{FieldKind, Form, Node, SignatureField};
use sign_core::pades::seed::{Constraint, LockDocument, SeedValue};
use sign_core::pdf::{Access, View};
use sign_core::report::words::{Lang, printable};
use sign_core::sign::fields::{NewField, add};
use sign_core::sign::options::Place;
use sign_io::file::FileSource;
use sign_io::output::{Existing, Part, Readers, check_place, write_whole};
use std::path::Path;

/// One field as it is listed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct FieldRow {
    /// Fully qualified name.
    pub(crate) name: String,
    /// `signature`, `text`, `choice`, `button` or `unknown`.
    pub(crate) kind: &'static str,
    /// A signature field: whether it is signed.
    pub(crate) signed: Option<bool>,
    /// A text field: its value.
    pub(crate) value: Option<String>,
    /// Whether readers may not change it.
    pub(crate) read_only: bool,
    /// Page of its first widget, the first is 1.
    pub(crate) page: Option<usize>,
    /// Box of its first widget.
    pub(crate) rect: Option<[f64; 4]>,
    /// A signature field: what it locks, as in `all` or `include:A,B`.
    pub(crate) lock: Option<String>,
    /// A signature field: what it asks of its signer, binding or not.
    pub(crate) seed: Vec<SeedRow>,
}

/// One thing a signature field asks for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct SeedRow {
    /// Key of the seed value dictionary.
    pub(crate) key: &'static str,
    /// What it wants.
    pub(crate) value: String,
    /// Whether the signer must follow.
    pub(crate) required: bool,
}

pub(crate) fn run(args: &FieldsArgs, output: &Output) -> Result<Outcome, Failure> {
    let password = password(&args.password)?;
    let access = Access { limits: Limits::default(), password: password.as_ref() };
    match &args.command {
        None => list(&args.file, access, output),
        Some(FieldsCommand::Add(new)) => make(&args.file, access, new, output),
    }
}

fn make(file: &Path, access: Access<'_>, args: &NewFieldArgs, output: &Output) -> Result<Outcome, Failure> {
    let existing = if args.out.force { Existing::Replace } else { Existing::Keep };
    check_place(&args.out.out, existing)?;
    let source = FileSource::open(file)?;
    let field =
        NewField { name: args.name.clone(), place: place(args)?, lock: args.lock.clone(), seed: seed(args)? };
    let appended = add(&source, std::slice::from_ref(&field), access)
        .map_err(|error| Failure::from(error).about(file))?;
    write_whole(&args.out.out, &[Part::Source(&source), Part::Bytes(&appended)], existing, Readers::Umask)?;
    let value = json!({ "schema": "sign.field/1", "out": args.out.out, "field": field.name });
    output.result(&value, |lang| {
        let added = lang.pick("Đã thêm trường chữ ký", "Signature field added:");
        format!("{added} {} → {}", field.name, args.out.out.display())
    });
    Ok(Outcome::Good)
}

fn place(args: &NewFieldArgs) -> Result<Option<Place>, Failure> {
    let (Some(page), Some([x, y, width, height])) = (args.page, args.rect) else { return Ok(None) };
    let page = page.checked_sub(1).ok_or_else(|| Failure::new("no_such_page", "0"))?;
    Ok(Some(Place { page, rect: [x, y, x + width, y + height] }))
}

/// What was wished and what was required, as one dictionary; none if there is neither.
fn seed(args: &NewFieldArgs) -> Result<Option<SeedValue>, Failure> {
    let wishes = args.seed.iter().map(|wish| (wish, false));
    let mut seed = SeedValue::default();
    for ((key, value), required) in wishes.chain(args.require.iter().map(|wish| (wish, true))) {
        let wrong = || Failure::new("bad_arguments", format!("{key}={value}"));
        let list = |between: char| value.split(between).map(|text| text.trim().to_owned()).collect();
        let constraint = match key.as_str() {
            "filter" => {
                seed.filter = Some(value.clone());
                Constraint::Filter
            }
            "subfilter" => {
                seed.sub_filters = list(',');
                Constraint::SubFilter
            }
            "digest" => {
                seed.digests = list(',');
                Constraint::DigestMethod
            }
            "reasons" => {
                seed.reasons = Some(list('|'));
                Constraint::Reasons
            }
            "lock-document" => {
                seed.lock_document = Some(match value.as_str() {
                    "true" => LockDocument::Locked,
                    "false" => LockDocument::Open,
                    "auto" => LockDocument::Either,
                    _ => return Err(wrong()),
                });
                Constraint::LockDocument
            }
            // These two bind by themselves, or by a flag of their own.
            "mdp" => {
                seed.mdp = Some(value.parse().ok().filter(|p| (0..=3).contains(p)).ok_or_else(wrong)?);
                continue;
            }
            "timestamp" => {
                seed.time_stamp = Some((value.clone(), required));
                continue;
            }
            _ => return Err(wrong()),
        };
        if required {
            seed.flags |= constraint as i64;
        }
    }
    Ok((seed != SeedValue::default()).then_some(seed))
}

fn list(file: &Path, access: Access<'_>, output: &Output) -> Result<Outcome, Failure> {
    let source = FileSource::open(file)?;
    let about = |failure: Failure| failure.about(file);
    let document = document::open(&source, access).map_err(Failure::from).map_err(about)?;
    let rows = rows(document.latest()).map_err(about)?;
    output.result(&json!({ "schema": "sign.fields/1", "fields": rows }), |lang| text(&rows, lang));
    Ok(Outcome::Good)
}

/// The fields of one view of a document.
pub(crate) fn rows(view: View<'_>) -> Result<Vec<FieldRow>, Failure> {
    let form = Form::read(&view, Limits::default().fields)?;
    let signatures = form.signature_fields(&view)?;
    let row = |field: &Node| {
        let widget = form.widgets(field).next();
        let signature = signatures.iter().find(|signature| signature.id == field.id);
        FieldRow {
            name: field.name.clone(),
            kind: kind(field),
            signed: signature.map(|signature| signature.value.is_some()),
            value: value(view, field),
            read_only: field.is_read_only(),
            page: widget.and_then(|w| w.page).map(|page| page + 1),
            rect: widget.filter(|w| w.is_visible()).and_then(|w| w.rect),
            lock: signature.and_then(|signature| locked(view, signature)),
            seed: signature.map(|signature| asked(view, signature)).unwrap_or_default(),
        }
    };
    Ok(form.fields().map(row).collect())
}

fn locked(view: View<'_>, field: &SignatureField) -> Option<String> {
    Some(match FieldLock::read(&view, field.lock.as_ref()?).ok()? {
        FieldLock::All => "all".to_owned(),
        FieldLock::Include(names) => format!("include:{}", names.join(",")),
        FieldLock::Exclude(names) => format!("exclude:{}", names.join(",")),
    })
}

fn asked(view: View<'_>, field: &SignatureField) -> Vec<SeedRow> {
    let seed = field.seed.as_ref().and_then(|entries| SeedValue::read(&view, entries).ok());
    let Some(seed) = seed else { return Vec::new() };
    let value = |constraint| match constraint {
        Constraint::Filter => seed.filter.clone(),
        Constraint::SubFilter => joined(&seed.sub_filters, ", "),
        Constraint::Version => seed.version.map(|version| version.to_string()),
        Constraint::Reasons => seed.reasons.as_ref().map(|reasons| reasons.join(" | ")),
        Constraint::LegalAttestation => joined(&seed.legal_attestations, " | "),
        Constraint::AddRevInfo => seed.revocation_info.map(|wanted| wanted.to_string()),
        Constraint::DigestMethod => joined(&seed.digests, ", "),
        Constraint::LockDocument => seed.lock_document.map(|lock| {
            match lock {
                LockDocument::Locked => "true",
                LockDocument::Open => "false",
                LockDocument::Either => "auto",
            }
            .to_owned()
        }),
        Constraint::AppearanceFilter => seed.appearance_filter.clone(),
    };
    let row = |c: &Constraint| Some(SeedRow { key: c.key(), value: value(*c)?, required: seed.requires(*c) });
    let mut rows: Vec<SeedRow> = Constraint::ALL.iter().filter_map(row).collect();
    rows.extend(seed.mdp.map(|p| SeedRow { key: "MDP", value: format!("P {p}"), required: true }));
    let stamp = seed.time_stamp.clone();
    rows.extend(stamp.map(|(value, required)| SeedRow { key: "TimeStamp", value, required }));
    let certificate = seed.certificate.as_ref().map(|certificate| certificate.flags != 0);
    rows.extend(certificate.map(|required| SeedRow { key: "Cert", value: String::new(), required }));
    rows
}

fn joined(list: &[String], between: &str) -> Option<String> {
    (!list.is_empty()).then(|| list.join(between))
}

fn kind(field: &Node) -> &'static str {
    match field.kind {
        Some(FieldKind::Signature) => "signature",
        Some(FieldKind::Text) => "text",
        Some(FieldKind::Choice) => "choice",
        Some(FieldKind::Button) => "button",
        None => "unknown",
    }
}

fn value(view: View<'_>, field: &Node) -> Option<String> {
    if field.kind != Some(FieldKind::Text) {
        return None;
    }
    let value = view.resolve(field.entries()?.get("V")?).ok()?;
    Some(value.as_string()?.to_text())
}

/// One line a field.
pub(crate) fn text(rows: &[FieldRow], lang: Lang) -> String {
    if rows.is_empty() {
        return lang.pick("Không có trường nào", "No fields").to_owned();
    }
    rows.iter().map(|row| line(row, lang)).collect()
}

fn line(row: &FieldRow, lang: Lang) -> String {
    let state = match (row.signed, &row.value) {
        (Some(true), _) => lang.pick("đã ký", "signed").to_owned(),
        (Some(false), _) => lang.pick("chưa ký", "empty").to_owned(),
        (None, Some(value)) => format!("“{value}”"),
        (None, None) => String::new(),
    };
    let place = match (row.page, row.rect) {
        (Some(page), Some([x0, y0, x1, y1])) => {
            format!("{} {page}  {x0:.1},{y0:.1} – {x1:.1},{y1:.1}", lang.pick("trang", "page"))
        }
        _ => lang.pick("không hiện trên trang", "not visible").to_owned(),
    };
    let mut line = format!("{:<16} {:<10} {state:<10} {place}\n", printable(&row.name), row.kind);
    if let Some(lock) = &row.lock {
        line += &format!("  {} {}\n", lang.pick("khoá khi ký:", "locks when signed:"), printable(lock));
    }
    for seed in &row.seed {
        let word = match seed.required {
            true => lang.pick("đòi hỏi", "requires"),
            false => lang.pick("mong muốn", "wishes"),
        };
        line += &format!("  {word} {}: {}\n", seed.key, printable(&seed.value));
    }
    line
}
