//! What a document brings that can change its look later: before signing, and for `inspect`.

use crate::args::WishArgs;
use crate::failure::Failure;
use crate::output::Output;
use sign_core::error::PdfError;
use sign_core::pdf::Access;
use sign_core::report::model::ContentFinding;
use sign_core::report::words::{self, Lang};
use sign_core::sign::{SignError, content};
use sign_core::source::Source;
use sign_core::verdict::Severity;

/// Signing ends these: said, though they weigh nothing.
const ENDED_BY_SIGNING: &str = "usage_rights";

/// Says on stderr what was found; refuses it if strictness was asked for.
///
/// A file that cannot be looked through to its end is signed with that warning, or, strictly, not.
pub(crate) fn before_signing(
    source: &dyn Source,
    access: Access<'_>,
    wishes: &WishArgs,
    output: &Output,
) -> Result<(), Failure> {
    if wishes.no_scan {
        return Ok(());
    }
    let strict = wishes.strict;
    let scan = match content::look(source, access) {
        Ok(scan) => scan,
        Err(error) if strict => return Err(error.into()),
        Err(SignError::Pdf(error)) if is_said_by_signing(&error) => return Ok(()),
        Err(error) => {
            let finding = words::finding("scan_incomplete", &error.to_string());
            output.warning(&finding.code, output.lang().pick(&finding.message_vi, &finding.message_en));
            return Ok(());
        }
    };
    if strict {
        content::refuse_risky(&scan)?;
    }
    let findings = words::content_findings(&scan);
    let said = |f: &&ContentFinding| f.severity >= Severity::Warning || f.code == ENDED_BY_SIGNING;
    for (code, all) in by_code(findings.iter().filter(said)) {
        output.warning(code, &summary(&all, output.lang()));
    }
    Ok(())
}

/// What keeps a file from being opened at all keeps it from being signed: no need to say it twice.
fn is_said_by_signing(error: &PdfError) -> bool {
    matches!(
        error,
        PdfError::NotPdf | PdfError::Truncated { .. } | PdfError::PasswordNeeded | PdfError::WrongPassword
    )
}

/// One line a finding.
pub(crate) fn text(findings: &[ContentFinding], lang: Lang) -> String {
    let mut text = String::new();
    for finding in findings {
        let weight = match finding.severity {
            Severity::Info => lang.pick("lưu ý", "note"),
            Severity::Warning | Severity::Error => lang.pick("cảnh báo", "warning"),
        };
        let message = lang.pick(&finding.message_vi, &finding.message_en);
        text += &format!("  {weight}: {message} [{}]{}\n", finding.code, place(finding, lang));
    }
    text
}

/// Where a finding is: page and object, as far as it has them.
fn place(finding: &ContentFinding, lang: Lang) -> String {
    let page = finding.page.map(|page| format!("{} {page}", lang.pick("trang", "page")));
    let object = finding.object.as_ref().map(|id| format!("{} {id}", lang.pick("đối tượng", "object")));
    let parts: Vec<String> = page.into_iter().chain(object).collect();
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}

fn by_code<'f>(
    findings: impl Iterator<Item = &'f ContentFinding>,
) -> Vec<(&'f str, Vec<&'f ContentFinding>)> {
    let mut groups: Vec<(&str, Vec<&ContentFinding>)> = Vec::new();
    for finding in findings {
        match groups.last_mut().filter(|(code, _)| *code == finding.code) {
            Some((_, group)) => group.push(finding),
            None => groups.push((&finding.code, vec![finding])),
        }
    }
    groups
}

/// The first of a code, and how many more there are.
fn summary(findings: &[&ContentFinding], lang: Lang) -> String {
    let Some(first) = findings.first() else { return String::new() };
    let message = lang.pick(&first.message_vi, &first.message_en);
    let more = match findings.len() {
        1 => String::new(),
        n => format!(" (+{})", n - 1),
    };
    format!("{message}{}{more}", place(first, lang))
}
