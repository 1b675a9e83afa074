//! `inspect`: how a PDF is built, what its signatures and evidence carry, and what in it can change its
//! look. No judgement about signatures.

use super::fields::{self, FieldRow};
use super::scan;
use crate::Outcome;
use crate::args::InspectArgs;
use crate::commands::{diff, password};
use crate::failure::Failure;
use crate::output::Output;
use serde::Serialize;
use sign_core::cms::signed_data::SignedData;
use sign_core::crypto::document;
use sign_core::error::PdfError;
use sign_core::limits::Limits;
use sign_core::pades::field::Form;
use sign_core::pdf::{Access, Document, EntryKind, Password, Revision, SectionKind, View};
use sign_core::report::model::ContentFinding;
use sign_core::report::words::{self, Lang, printable};
use sign_core::source::Source;
use sign_core::time::Time;
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
    encryption: Option<EncryptionRow>,
    pages: Option<u64>,
    revisions: Vec<RevisionRow>,
    fields: Vec<FieldRow>,
    certificates: Vec<CertificateRow>,
    evidence: Option<EvidenceRow>,
    /// What can change the look; none if the file cannot be read that far.
    scan: Option<Vec<ContentFinding>>,
    findings: Vec<FindingRow>,
}

/// A certificate inside a signature.
#[derive(Serialize)]
struct CertificateRow {
    field: String,
    subject: String,
    issuer: String,
    serial: String,
    not_before: Time,
    not_after: Time,
    sha256: String,
}

/// How much the document security store holds (ISO 32000-2 12.8.4.3).
#[derive(Serialize)]
struct EvidenceRow {
    certificates: usize,
    ocsp_responses: usize,
    crls: usize,
    signatures: usize,
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
    /// Ids of objects that were not there before.
    added: Vec<String>,
    /// Ids of objects that were there before.
    changed: Vec<String>,
    signed_fields: Vec<String>,
}

/// How an encrypted document was opened; not there if no password opened it.
#[derive(Serialize)]
struct EncryptionRow {
    algorithm: &'static str,
    revision: u8,
    opened_as: &'static str,
    permitted: Vec<&'static str>,
}

#[derive(Serialize)]
struct FindingRow {
    code: &'static str,
    at: Option<u64>,
    detail: String,
}

pub(crate) fn run(args: &InspectArgs, output: &Output) -> Result<Outcome, Failure> {
    if args.diff {
        return diff::run(args, output);
    }
    let file = &args.file;
    let source = FileSource::open(file)?;
    let password = password(&args.password)?;
    let inspection = inspect(file, &source, password.as_ref()).map_err(|failure| failure.about(file))?;
    output.result(&inspection, |lang| text(&inspection, lang));
    Ok(Outcome::Good)
}

fn inspect(file: &Path, source: &FileSource, password: Option<&Password>) -> Result<Inspection, Failure> {
    let access = Access { limits: Limits::default(), password };
    let document = match document::open(source, access) {
        // The frame can be read without: revisions, offsets, numbers of objects.
        Err(PdfError::PasswordNeeded | PdfError::UnsupportedEncryption { .. }) => {
            Document::open(source, access.limits)?
        }
        opened => opened?,
    };
    let (major, minor) = document.version();
    let readable = !document.is_closed();
    let fields = if readable { fields::rows(document.latest())? } else { Vec::new() };
    let mut revisions = Vec::new();
    let mut signed_before: Vec<String> = Vec::new();
    for revision in document.revisions() {
        let signed = match readable {
            true => signed_fields(&document, revision.index),
            false => Vec::new(),
        };
        let new = signed.iter().filter(|name| !signed_before.contains(name)).cloned().collect();
        revisions.push(row(&document, revision, new));
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
        encryption: document.encryption().map(|e| EncryptionRow {
            algorithm: e.algorithm,
            revision: e.revision,
            opened_as: e.opened_as.as_str(),
            permitted: e.permissions.words(),
        }),
        pages: if readable { document.latest().page_count().ok() } else { None },
        revisions,
        fields,
        certificates: if readable { certificates(document.latest())? } else { Vec::new() },
        evidence: if readable { evidence(document.latest()) } else { None },
        scan: sign_core::pades::scan::scan(&document).ok().map(|scan| words::content_findings(&scan)),
        findings: document.findings().iter().map(finding).collect(),
    })
}

/// An older revision may be unreadable by itself; then it shows no signatures.
fn signed_fields(document: &Document<'_>, revision: usize) -> Vec<String> {
    let rows = fields::rows(document.view(revision)).unwrap_or_default();
    rows.into_iter().filter(|row| row.signed == Some(true)).map(|row| row.name).collect()
}

/// The certificates in the signatures; a signature that is none shows none.
fn certificates(view: View<'_>) -> Result<Vec<CertificateRow>, Failure> {
    let form = Form::read(&view, Limits::default().fields)?;
    let mut rows = Vec::new();
    for field in form.signature_fields(&view)? {
        let contents =
            field.value.as_ref().and_then(|(_, value)| value.as_dictionary()?.get("Contents").cloned());
        let Some(contents) = contents.and_then(|contents| view.resolve(&contents).ok()) else { continue };
        let Some(data) = contents.as_string().and_then(|bytes| SignedData::parse(&bytes.bytes).ok()) else {
            continue;
        };
        for certificate in data.certificates() {
            rows.push(CertificateRow {
                field: field.name.clone(),
                subject: certificate.subject().to_string(),
                issuer: certificate.issuer().to_string(),
                serial: certificate.serial_hex(),
                not_before: certificate.not_before(),
                not_after: certificate.not_after(),
                sha256: certificate.sha256_hex(),
            });
        }
    }
    Ok(rows)
}

fn evidence(view: View<'_>) -> Option<EvidenceRow> {
    let (_, catalog) = view.catalog().ok()?;
    let store = view.get(catalog.as_dictionary()?, "DSS").ok()?;
    let store = store.as_dictionary()?;
    let count =
        |key: &str| view.get(store, key).ok().and_then(|list| Some(list.as_array()?.len())).unwrap_or(0);
    let signatures = view.get(store, "VRI").ok().and_then(|vri| Some(vri.as_dictionary()?.len()));
    Some(EvidenceRow {
        certificates: count("Certs"),
        ocsp_responses: count("OCSPs"),
        crls: count("CRLs"),
        signatures: signatures.unwrap_or(0),
    })
}

/// Ids of objects a revision wrote, new and written again; of the first one nothing is said.
fn written(document: &Document<'_>, revision: &Revision) -> [Vec<String>; 2] {
    let [mut added, mut changed] = [Vec::new(), Vec::new()];
    if revision.index > 0 {
        let before = document.view(revision.index - 1);
        for (id, _) in revision.entries().filter(|(_, kind)| *kind != EntryKind::Free) {
            let existed = before.entry_of(id).is_some_and(|kind| kind != EntryKind::Free);
            if existed { &mut changed } else { &mut added }.push(id.to_string());
        }
    }
    [added, changed]
}

fn row(document: &Document<'_>, revision: &Revision, signed_fields: Vec<String>) -> RevisionRow {
    let [added, changed] = written(document, revision);
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
        added,
        changed,
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
    if let Some(e) = &i.encryption {
        let [as_user, as_owner] = lang.pick(
            ["mở bằng mật khẩu người dùng, được phép", "mở bằng mật khẩu chủ sở hữu, người dùng được phép"],
            ["opened as user, permitted", "opened as owner, users may"],
        );
        let opened = if e.opened_as == "owner" { as_owner } else { as_user };
        text += &format!(" ({}, {opened}: {})", e.algorithm, e.permitted.join(" "));
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
            text += &format!(", {signed} {}", printable(&r.signed_fields.join(", ")));
        }
        text.push('\n');
        let [added, changed] = lang.pick(["thêm", "sửa"], ["adds", "changes"]);
        for (word, ids) in [(added, &r.added), (changed, &r.changed)] {
            if !ids.is_empty() {
                text += &format!("    {word}: {}\n", shortened(ids));
            }
        }
    }
    if !i.fields.is_empty() {
        text += lang.pick("Trường:\n", "Fields:\n");
        for line in fields::text(&i.fields, lang).lines() {
            text += &format!("  {line}\n");
        }
    }
    text += &signed_with(i, lang);
    match &i.scan {
        Some(scan) if scan.is_empty() => {
            text += lang.pick(
                "Không thấy gì có thể làm thay đổi hình thức về sau\n",
                "Nothing found that can change the look later\n",
            );
        }
        Some(scan) => {
            text += lang.pick("Có thể làm thay đổi hình thức về sau:\n", "What can change the look later:\n");
            text += &scan::text(scan, lang);
        }
        None => {
            text += lang.pick("Chưa rà soát được nội dung\n", "The content could not be looked through\n")
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

fn signed_with(i: &Inspection, lang: Lang) -> String {
    let mut text = String::new();
    if !i.certificates.is_empty() {
        text += lang.pick("Chứng thư số trong chữ ký:\n", "Certificates in signatures:\n");
        for c in &i.certificates {
            let (field, subject) = (printable(&c.field), printable(&c.subject));
            text += &format!("  {field}: {subject}; {} – {}\n", c.not_before, c.not_after);
        }
    }
    if let Some(e) = &i.evidence {
        let name = lang.pick("Bằng chứng lâu dài (DSS)", "Long-term evidence (DSS)");
        let word = lang.pick("chứng thư số", "certificates");
        text += &format!("{name}: {} {word}, {} OCSP, {} CRL\n", e.certificates, e.ocsp_responses, e.crls);
    }
    text
}

/// The first few ids.
fn shortened(ids: &[String]) -> String {
    const SHOWN: usize = 24;
    let first = ids.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    if ids.len() > SHOWN { format!("{first}, … ({})", ids.len()) } else { first }
}
