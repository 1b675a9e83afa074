//! `verify`: one report for each file, and on request one as a page or document.

use crate::Outcome;
use crate::args::{FetchArgs, VerifyArgs};
use crate::commands::{password, policy, report};
use crate::failure::Failure;
use crate::i18n;
use crate::output::Output;
use sign_core::limits::Limits;
use sign_core::pdf::Access;
use sign_core::report::model::Report;
use sign_core::report::words;
use sign_core::trust::anchor::TrustStore;
use sign_core::trust::evidence::Evidence;
use sign_core::verdict::Verdict;
use sign_core::verify::Judged;
use sign_io::egress::Rules;
use sign_io::fetch::{Cache, Fetching};
use sign_io::file::FileSource;
use sign_io::keep::{Occasion, keep};
use sign_io::online::{self, Case};
use sign_io::trust;
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
    report::check(args)?;

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
        let told = judged.and_then(|judged| kept(args, judged)).and_then(|told| {
            report::write(args, file, &told, password.as_ref(), output.lang())?;
            Ok(told)
        });
        outcome = outcome.and(print(args, file, &name, told, output));
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
