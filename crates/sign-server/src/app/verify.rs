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
    verify::{Judged, judge},
};
use sign_io::{
    DrawLimits, Drawable,
    fetch::{Fetcher, Fetching, NotFetched},
    illustrate::illustrate,
    online::{self, Case},
};
use std::sync::Arc;
use std::time::Duration;

/// Rounds of fetching, as in [`online::judge`].
const MOST_ROUNDS: usize = 4;

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
    /// Fetch nothing, whatever the operator allows.
    pub offline: bool,
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
    let asked = Arc::new(Asked { letter, anchors, policy, at: options.at });
    let fetching = state.config.fetching().filter(|_| !options.offline);
    let mut fetcher = fetching.map(|fetching| Fetcher::new(&fetching, signing_time(state.now())));
    let mut evidence = Evidence::default();
    let mut judged = asked.judge(state, &evidence).await?;
    for _ in 0..MOST_ROUNDS {
        let Some(mut waiting) = fetcher.take().filter(|_| !judged.missing.is_empty()) else { break };
        let missing = std::mem::take(&mut judged.missing);
        // Waiting for others keeps no place for heavy work.
        let fetch = move || {
            let added = waiting.fetch(&missing, &mut evidence);
            (waiting, evidence, added)
        };
        let done = tokio::task::spawn_blocking(fetch).await.map_err(Failure::internal)?;
        let added;
        (waiting, evidence, added) = done;
        if added > 0 {
            judged = asked.judge(state, &evidence).await?;
        }
        if added == 0 || judged.missing.is_empty() {
            judged.report.warnings.extend(waiting.failures().iter().map(NotFetched::finding));
            break;
        }
        fetcher = Some(waiting);
    }
    let report = judged.report;
    state.cpu.run(move || in_form(report, &asked.letter, form, lang)).await
}

/// What was asked, for each time it is judged.
struct Asked {
    letter: Letter,
    anchors: Arc<TrustStore>,
    policy: Policy,
    at: Option<Time>,
}

impl Asked {
    async fn judge(self: &Arc<Self>, state: &State, evidence: &Evidence) -> Result<Judged, Failure> {
        let (asked, evidence) = (Arc::clone(self), evidence.clone());
        // Read again each time: evidence that was made meanwhile is not of the future.
        let at = self.at.unwrap_or_else(|| signing_time(state.now()));
        let work = move || {
            let Self { letter, anchors, policy, .. } = &*asked;
            let access = Access { limits: Limits::default(), password: letter.password.as_ref() };
            Ok(judge(&InMemory(&letter.bytes), &letter.name, anchors, &evidence, policy, at, access)?)
        };
        state.cpu.run(work).await
    }
}

fn in_form(report: Report, letter: &Letter, form: Form, lang: Lang) -> Result<Answer, Failure> {
    let bytes = match form {
        Form::Json => return Ok(Answer::Report(Box::new(report))),
        Form::Xml => words::render_etsi(&report).into_bytes(),
        Form::Html => words::render_html(&report, &pictures(&report, letter), lang).into_bytes(),
        Form::Pdf => words::render_pdf(&report, &pictures(&report, letter), lang)
            .map_err(|error| Failure::internal(format!("report as PDF: {error}")))?,
    };
    Ok(Answer::Bytes(bytes))
}

fn pictures(report: &Report, letter: &Letter) -> Pictures {
    let limits = DrawLimits { patience: PATIENCE, ..DrawLimits::default() };
    let document = Drawable { bytes: letter.bytes.to_vec(), password: letter.password.clone() };
    illustrate(document, report, &limits)
}

/// The report on bytes in memory, with what can be fetched. Blocks; for work that no caller waits for.
///
/// # Errors
/// If they cannot be read as a PDF.
pub fn report_online(
    file: &[u8],
    name: &str,
    anchors: &TrustStore,
    fetching: Option<&Fetching>,
) -> Result<Report, Failure> {
    let (evidence, policy, limits) = (Evidence::default(), Policy::default(), Limits::default());
    let case = Case {
        source: &InMemory(file),
        name,
        trust: anchors,
        evidence: &evidence,
        policy: &policy,
        at: None,
        access: Access::from(&limits),
    };
    Ok(online::judge(&case, fetching)?.report)
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
