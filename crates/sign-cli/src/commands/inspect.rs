//! `inspect`: how a PDF is built. Facts about bytes, no judgement.

use super::fields::{self, FieldRow};
use crate::Outcome;
use crate::failure::Failure;
use crate::output::Output;
use serde::Serialize;
use sign_core::limits::Limits;
use sign_core::pdf::{Document, EntryKind, Revision, SectionKind};
use sign_core::report::words::Lang;
use sign_core::source::Source;
use sign_io::file::FileSource;
use std::path::{Path, PathBuf};

#[derive(Serialize)]
struct Inspection {
    schema: &'static str,
    file: PathBuf,
    size: u64,
    pdf_version: String,
    header_offset: u64,
    encrypted: bool,
    pages: Option<u64>,
    revisions: Vec<RevisionRow>,
    fields: Vec<FieldRow>,
    findings: Vec<FindingRow>,
}

#[derive(Serialize)]
struct RevisionRow {
    revision: usize,
    start: u64,
    end: u64,
    bytes: u64,
    startxref: u64,
    sections: Vec<&'static str>,
    objects: usize,
    objects_in_streams: usize,
    freed: usize,
    signed_fields: Vec<String>,
}

#[derive(Serialize)]
struct FindingRow {
    code: &'static str,
    at: Option<u64>,
    detail: String,
}

pub(crate) fn run(file: &Path, output: &Output) -> Result<Outcome, Failure> {
    let source = FileSource::open(file)?;
    let inspection = inspect(file, &source).map_err(|failure| failure.about(file))?;
    output.result(&inspection, |lang| text(&inspection, lang));
    Ok(Outcome::Good)
}

fn inspect(file: &Path, source: &FileSource) -> Result<Inspection, Failure> {
    let document = Document::open(source, Limits::default())?;
    let (major, minor) = document.version();
    // Of an encrypted document only the frame can be read.
    let readable = !document.is_encrypted();
    let fields = if readable { fields::rows(document.latest())? } else { Vec::new() };
    let mut revisions = Vec::new();
    let mut signed_before: Vec<String> = Vec::new();
    for revision in document.revisions() {
        let signed = match readable {
            true => signed_fields(&document, revision.index),
            false => Vec::new(),
        };
        let new = signed.iter().filter(|name| !signed_before.contains(name)).cloned().collect();
        revisions.push(row(revision, new));
        signed_before = signed;
    }
    let finding =
        |f: &sign_core::pdf::PdfFinding| FindingRow { code: f.code, at: f.at, detail: f.detail.clone() };
    Ok(Inspection {
        schema: "sign.inspect/1",
        file: file.into(),
        size: source.len(),
        pdf_version: format!("{major}.{minor}"),
        header_offset: document.header_offset(),
        encrypted: document.is_encrypted(),
        pages: if readable { document.latest().page_count().ok() } else { None },
        revisions,
        fields,
        findings: document.findings().iter().map(finding).collect(),
    })
}

/// An older revision may be unreadable by itself; then it shows no signatures.
fn signed_fields(document: &Document<'_>, revision: usize) -> Vec<String> {
    let rows = fields::rows(document.view(revision)).unwrap_or_default();
    rows.into_iter().filter(|row| row.signed == Some(true)).map(|row| row.name).collect()
}

fn row(revision: &Revision, signed_fields: Vec<String>) -> RevisionRow {
    let count = |wanted: fn(EntryKind) -> bool| revision.entries().filter(|(_, kind)| wanted(*kind)).count();
    let kind = |section: &sign_core::pdf::SectionPlace| match section.kind {
        SectionKind::Table => "table",
        SectionKind::Stream => "stream",
        SectionKind::HybridStream => "hybrid_stream",
    };
    RevisionRow {
        revision: revision.index + 1,
        start: revision.start,
        end: revision.end,
        bytes: revision.end.saturating_sub(revision.start),
        startxref: revision.startxref,
        sections: revision.sections.iter().map(kind).collect(),
        objects: count(|k| matches!(k, EntryKind::InFile(_))),
        objects_in_streams: count(|k| matches!(k, EntryKind::InStream { .. })),
        freed: count(|k| matches!(k, EntryKind::Free)),
        signed_fields,
    }
}

fn text(i: &Inspection, lang: Lang) -> String {
    let [bytes, pages, encrypted] =
        lang.pick(["byte", "trang", "đã mã hóa"], ["bytes", "pages", "encrypted"]);
    let mut text = format!("{}: PDF {}, {} {bytes}", i.file.display(), i.pdf_version, i.size);
    if let Some(count) = i.pages {
        text += &format!(", {count} {pages}");
    }
    if i.encrypted {
        text += &format!(", {encrypted}");
    }
    let [revision, objects, freed, signed] = lang.pick(
        ["phiên bản", "đối tượng", "đã xóa", "ký trường"],
        ["revision", "objects", "freed", "signs field"],
    );
    text.push('\n');
    for r in &i.revisions {
        text += &format!(
            "  {revision} {}: {} – {} ({} {bytes}), {}, {} {objects}",
            r.revision,
            r.start,
            r.end,
            r.bytes,
            r.sections.join("+"),
            r.objects + r.objects_in_streams,
        );
        if r.freed > 0 {
            text += &format!(", {} {freed}", r.freed);
        }
        if !r.signed_fields.is_empty() {
            text += &format!(", {signed} {}", r.signed_fields.join(", "));
        }
        text.push('\n');
    }
    if !i.fields.is_empty() {
        text += lang.pick("Trường:\n", "Fields:\n");
        for line in fields::text(&i.fields, lang).lines() {
            text += &format!("  {line}\n");
        }
    }
    if !i.findings.is_empty() {
        text += lang.pick("Điểm bất thường:\n", "Unusual:\n");
        for finding in &i.findings {
            let at = finding.at.map(|at| format!(" @{at}")).unwrap_or_default();
            text += &format!("  {}{at}: {}\n", finding.code, finding.detail);
        }
    }
    text
}
