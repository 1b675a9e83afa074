//! Verifying a PDF: the report, whatever the verdict, in the form that was asked for.

use super::{failure::Failure, memory::InMemory};
use crate::state::{State, signing_time};
use bytes::Bytes;
use circulation::{date::Instant, organ::OrganId};
use sign_core::{
    limits::Limits,
    pdf::{Access, Password},
    policy::Policy,
    report::{
        model::Report,
        pictures::Pictures,
        words::{self, Lang},
    },
    time::Time,
    trust::{anchor::TrustStore, evidence::Evidence},
};

use sign_io::{DrawLimits, Drawable, illustrate::illustrate};
use std::time::Duration;

/// What may be chosen.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The time to judge at, RFC 3339; now if absent.
    pub at: Option<Time>,
    /// Name of a policy preset.
    pub policy: Option<String>,
    /// Name of the file in the report.
    pub name: Option<String>,
    /// What the report is like; as `Accept` asks if absent.
    pub report: Option<Form>,
    /// Language of a report for people; as `Accept-Language` asks if absent.
    pub lang: Option<Language>,
}

/// What a report is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// The report itself.
    Json,
    /// A page for people.
    Html,
    /// A document for people, which can be sealed.
    Pdf,
    /// ETSI TS 119 102-2.
    Xml,
}

/// A language of reports for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Vietnamese.
    Vi,
    /// English.
    En,
}

/// A report as it is answered.
pub enum Answer {
    /// For programs that know its shape.
    Report(Box<Report>),
    /// In another form.
    Bytes(Vec<u8>),
}

/// Longest wait for page pictures: a report without them is still one.
const PATIENCE: Duration = Duration::from_secs(10);

/// One file that is verified.
pub struct Letter {
    /// Its name in the report.
    pub name: String,
    /// The file.
    pub bytes: Bytes,
    /// Its password, if it is encrypted.
    pub password: Option<Password>,
}

/// Verifies one file against the anchors of the organisation.
///
/// # Errors
/// If it cannot be read as a PDF, or the policy is unknown.
pub async fn verify(
    state: &State,
    organ: &OrganId,
    letter: Letter,
    options: &Options,
    form: Form,
    lang: Lang,
) -> Result<Answer, Failure> {
    let anchors = state.anchors.of(organ)?;
    let policy = match &options.policy {
        Some(name) => {
            Policy::preset(name).ok_or_else(|| Failure::malformed(format!("no policy named {name:?}")))?
        }
        None => Policy::default(),
    };
    let at = options.at.unwrap_or_else(|| signing_time(state.now()));
    let work = move || {
        let access = Access { limits: Limits::default(), password: letter.password.as_ref() };
        let report = report(&letter.bytes, &letter.name, &anchors, &policy, at, access)?;
        in_form(report, letter, form, lang)
    };
    state.cpu.run(work).await
}

fn in_form(report: Report, letter: Letter, form: Form, lang: Lang) -> Result<Answer, Failure> {
    let bytes = match form {
        Form::Json => return Ok(Answer::Report(Box::new(report))),
        Form::Xml => words::render_etsi(&report).into_bytes(),
        Form::Html => words::render_html(&report, &pictures(&report, letter), lang).into_bytes(),
        Form::Pdf => words::render_pdf(&report, &pictures(&report, letter), lang)
            .map_err(|error| Failure::internal(format!("report as PDF: {error}")))?,
    };
    Ok(Answer::Bytes(bytes))
}

fn pictures(report: &Report, letter: Letter) -> Pictures {
    let limits = DrawLimits { patience: PATIENCE, ..DrawLimits::default() };
    let document = Drawable { bytes: letter.bytes.into(), password: letter.password };
    illustrate(document, report, &limits)
}

/// The report on bytes in memory at the present.
///
/// # Errors
/// If they cannot be read as a PDF.
pub fn report_now(file: &[u8], name: &str, anchors: &TrustStore, now: Instant) -> Result<Report, Failure> {
    report(file, name, anchors, &Policy::default(), signing_time(now), Access::from(&Limits::default()))
}

fn report(
    file: &[u8],
    name: &str,
    anchors: &TrustStore,
    policy: &Policy,
    at: Time,
    access: Access<'_>,
) -> Result<Report, Failure> {
    let evidence = Evidence::default();
    Ok(sign_core::verify::verify(&InMemory(file), name, anchors, &evidence, policy, at, access)?)
}
