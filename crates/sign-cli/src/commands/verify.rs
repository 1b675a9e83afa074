//! `verify`: one report for each file, and on request one as a page or document.

use crate::Outcome;
use crate::args::{FetchArgs, ReportForm, VerifyArgs};
use crate::commands::{password, policy};
use crate::failure::Failure;
use crate::i18n;
use crate::output::Output;
use sign_core::limits::Limits;
use sign_core::pdf::{Access, Password};
use sign_core::report::model::Report;
use sign_core::report::pictures::Pictures;
use sign_core::report::words::{self, Lang};
use sign_core::trust::anchor::TrustStore;
use sign_core::trust::evidence::Evidence;
use sign_core::verdict::Verdict;
use sign_core::verify::Judged;
use sign_io::egress::Rules;
use sign_io::fetch::{Cache, Fetching};
use sign_io::file::{FileSource, read_small};
use sign_io::illustrate::illustrate;
use sign_io::keep::{Occasion, keep};
use sign_io::online::{self, Case};
use sign_io::output::{Existing, Part, Readers, check_place, write_whole};
use sign_io::{DrawLimits, Drawable, trust};
use std::path::Path;

pub(crate) fn run(args: &VerifyArgs, output: &Output) -> Result<Outcome, Failure> {
    let mut store = TrustStore::default();
    for given in &args.trust {
        trust::load(&mut store, &given.path, given.class)?;
    }
    let mut evidence = Evidence::default();
    for file in &args.evidence {
        trust::load_evidence(&mut evidence, file)?;
    }
    let policy = policy::named(args.policy.as_deref())?;
    let password = password(&args.password)?;
    let fetching = fetching(&args.fetch);
    check_report(args)?;

    let mut outcome = Outcome::Good;
    for file in &args.files {
        let name =
            file.file_name().map_or_else(|| file.display().to_string(), |n| n.to_string_lossy().into());
        let judged = opened(file, |source| {
            let case = Case {
                source,
                name: &name,
                trust: &store,
                evidence: &evidence,
                policy: &policy,
                at: args.at,
                access: Access { limits: Limits::default(), password: password.as_ref() },
            };
            online::judge(&case, fetching.as_ref())
        });
        let report = judged.and_then(|judged| kept(args, judged)).and_then(|report| {
            write_report(args, file, &report, password.as_ref(), output.lang())?;
            Ok(report)
        });
        outcome = outcome.and(print(args, file, &name, report, output));
    }
    Ok(outcome)
}

/// How evidence is fetched; not at all if none.
pub(super) fn fetching(args: &FetchArgs) -> Option<Fetching> {
    let rules =
        Rules { hosts: args.hosts.clone(), private_addresses: args.allow_private, ..Rules::default() };
    let cache = args.cache.as_ref().map(Cache::new);
    (!args.offline).then(|| Fetching { rules, cache, ..Fetching::default() })
}

/// Before anything is judged: a report is about one file, and has a place.
fn check_report(args: &VerifyArgs) -> Result<(), Failure> {
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
fn write_report(
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

fn opened(
    file: &Path,
    judge: impl FnOnce(&FileSource) -> Result<Judged, sign_core::error::PdfError>,
) -> Result<Judged, Failure> {
    let source = FileSource::open(file)?;
    let judged = judge(&source).map_err(|e| Failure::from(e).about(file))?;
    // The report is about one state of the file, or about none.
    if source.changed() {
        Err(Failure::new("source_changed", file.display().to_string()))
    } else {
        Ok(judged)
    }
}

/// The report, put aside with what it rests on if that was asked for (TT 15/2025 B6).
fn kept(args: &VerifyArgs, judged: Judged) -> Result<Report, Failure> {
    let report = judged.report;
    if let Some(folder) = &args.keep {
        let (at, sha256) = (report.verified_at, &report.file.sha256);
        keep(folder, sha256, Occasion::Checked, at, &report, &judged.evidence, &judged.certificates)?;
    }
    Ok(report)
}

fn print(
    args: &VerifyArgs,
    file: &Path,
    name: &str,
    judged: Result<Report, Failure>,
    output: &Output,
) -> Outcome {
    let several = args.files.len() > 1;
    match judged {
        Ok(report) => {
            match (output.is_json(), several) {
                (true, true) => output.json_line(&report),
                (true, false) => output.json_pretty(&report),
                (false, _) => output.text(&words::render_text(&report, output.lang())),
            }
            if report.verdict == Verdict::Valid { Outcome::Good } else { Outcome::NotValid }
        }
        Err(failure) => {
            let unjudged = words::unjudged(name, i18n::words_of(&failure));
            match (output.is_json(), several) {
                (true, true) => output.json_line(&unjudged),
                (true, false) => output.json_pretty(&unjudged),
                (false, _) => {}
            }
            output.problem(&if failure.detail.is_empty() { failure.about(file) } else { failure });
            Outcome::Failed
        }
    }
}
