//! `fields`: the form fields of the newest revision, one for each widget that shows.

use crate::Outcome;
use crate::failure::Failure;
use crate::output::Output;
use serde::Serialize;
use serde_json::json;
use sign_core::limits::Limits;
use sign_core::pades::field::{FieldKind, Form, Node};
use sign_core::pdf::{Document, View};
use sign_core::report::words::Lang;
use sign_io::file::FileSource;
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
}

pub(crate) fn run(file: &Path, output: &Output) -> Result<Outcome, Failure> {
    let source = FileSource::open(file)?;
    let about = |failure: Failure| failure.about(file);
    let document = Document::open(&source, Limits::default()).map_err(Failure::from).map_err(about)?;
    let rows = rows(document.latest()).map_err(about)?;
    output.result(&json!({ "schema": "sign.fields/1", "fields": rows }), |lang| text(&rows, lang));
    Ok(Outcome::Good)
}

/// The fields of one view of a document.
pub(crate) fn rows(view: View<'_>) -> Result<Vec<FieldRow>, Failure> {
    let form = Form::read(&view, Limits::default().fields)?;
    let signed: Vec<String> = form
        .signature_fields(&view)?
        .into_iter()
        .filter(|field| field.value.is_some())
        .map(|field| field.name)
        .collect();
    let row = |field: &Node| {
        let widget = form.widgets(field).next();
        FieldRow {
            name: field.name.clone(),
            kind: kind(field),
            signed: (field.kind == Some(FieldKind::Signature)).then(|| signed.contains(&field.name)),
            value: value(view, field),
            read_only: field.is_read_only(),
            page: widget.and_then(|w| w.page).map(|page| page + 1),
            rect: widget.filter(|w| w.is_visible()).and_then(|w| w.rect),
        }
    };
    Ok(form.fields().map(row).collect())
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
    format!("{:<16} {:<10} {state:<10} {place}\n", row.name, row.kind)
}
