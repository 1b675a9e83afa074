//! What the report says about the document as a whole.

use super::context::Context;
use crate::crypto::digest::hex;
use crate::error::PdfError;
use crate::pades::coverage::Trailing;
use crate::pades::field::{Form, INITIALS};
use crate::pdf::Document;
use crate::report::model::{FileFacts, Finding, SignatureReport, SignerClass};
use crate::report::words;

/// Most findings about a file's structure that are listed; more say nothing new.
const MOST_FINDINGS: usize = 50;
/// Most revisions looked through for removed signatures.
const MOST_REVISIONS: usize = 32;

/// The document's own facts, with its digest.
///
/// # Errors
/// [`PdfError`] if it cannot be read.
pub(super) fn facts(document: &Document<'_>, name: &str, sha256: &[u8]) -> Result<FileFacts, PdfError> {
    let (major, minor) = document.version();
    Ok(FileFacts {
        name: name.to_owned(),
        size: document.source().len(),
        sha256: hex(sha256),
        pages: document.latest().page_count()?,
        pdf_version: format!("{major}.{minor}"),
        encrypted: document.is_encrypted(),
        revisions: document.revisions().len() as u64,
    })
}

/// Whose signature it is for an official document (NĐ 30/2020 Điều 5): one in the field for initials is not
/// the competent person's, and no seal either.
pub(super) fn counts_as(signature: &SignatureReport) -> SignerClass {
    if signature.field == INITIALS { SignerClass::Unknown } else { signature.signer.class }
}

/// Findings that concern no single signature.
pub(super) fn findings(context: &Context<'_>, form: &Form, unsigned: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    match context.trailing {
        Trailing::Nothing => {}
        Trailing::WhiteSpace => findings.push(words::finding("whitespace_after_last_revision", "")),
        Trailing::Foreign => findings.push(words::finding("bytes_after_last_revision", "")),
    }
    if unsigned && let Some(name) = removed_signature(context.document) {
        findings.push(words::finding("signature_removed", &name));
    }
    if context.evidence.unread > 0 {
        findings.push(words::finding("evidence_unreadable", &context.evidence.unread.to_string()));
    }
    for oddity in &form.oddities {
        findings.push(words::finding("fields_not_examined", oddity));
    }
    let structure = context.document.findings().into_iter();
    // What follows the end is told above, as what it is.
    for finding in structure.filter(|finding| finding.code != "bytes_after_eof").take(MOST_FINDINGS) {
        let place = finding.at.map(|at| format!(" (byte {at})")).unwrap_or_default();
        findings.push(words::finding(finding.code, &format!("{}{place}", finding.detail)));
    }
    findings
}

/// A field that was signed in an earlier revision of a document that shows no signature now.
fn removed_signature(document: &Document<'_>) -> Option<String> {
    let earlier = document.revisions().len().saturating_sub(1);
    (0..earlier).rev().take(MOST_REVISIONS).find_map(|index| {
        let view = document.view(index);
        // What cannot be read shows no signature to anybody.
        let form = Form::read(&view, document.limits().fields).ok()?;
        let fields = form.signature_fields(&view).ok()?;
        fields.into_iter().find(|field| field.value.is_some()).map(|field| field.name)
    })
}
