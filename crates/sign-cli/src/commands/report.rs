//! The report of `verify` as a file: a page or document for people, or the standard's for programs.

use crate::args::{ReportForm, VerifyArgs};
use crate::failure::Failure;
use sign_core::pdf::Password;
use sign_core::report::model::Report;
use sign_core::report::pictures::Pictures;
use sign_core::report::words::{self, Lang};
use sign_io::file::read_small;
use sign_io::illustrate::illustrate;
use sign_io::output::{Existing, Part, Readers, check_place, write_whole};
use sign_io::{DrawLimits, Drawable};
use std::path::Path;

/// Before anything is judged: a report is about one file, and has a place.
pub(super) fn check(args: &VerifyArgs) -> Result<(), Failure> {
    let Some(out) = &args.out else { return Ok(()) };
    if args.files.len() > 1 {
        return Err(Failure::new("report_of_several", ""));
    }
    Ok(check_place(out, existing(args))?)
}

fn existing(args: &VerifyArgs) -> Existing {
    if args.force { Existing::Replace } else { Existing::Keep }
}

/// Writes the report that was asked for.
pub(super) fn write(
    args: &VerifyArgs,
    file: &Path,
    report: &Report,
    password: Option<&Password>,
    lang: Lang,
) -> Result<(), Failure> {
    let (Some(form), Some(out)) = (args.report, &args.out) else { return Ok(()) };
    let bytes = match form {
        ReportForm::Html => words::render_html(report, &pictures(file, report, password), lang).into_bytes(),
        ReportForm::Pdf => words::render_pdf(report, &pictures(file, report, password), lang)?,
        ReportForm::Xml => words::render_etsi(report).into_bytes(),
    };
    Ok(write_whole(out, &[Part::Bytes(&bytes)], existing(args), Readers::Umask)?)
}

/// Pictures of the pages; a file too large to be drawn has none, and the report says so.
fn pictures(file: &Path, report: &Report, password: Option<&Password>) -> Pictures {
    let limits = DrawLimits::default();
    match read_small(file, limits.document_bytes) {
        Ok(bytes) => illustrate(Drawable { bytes, password: password.cloned() }, report, &limits),
        Err(error) => Pictures { problem: Some(error.code().to_owned()), ..Pictures::default() },
    }
}
