//! Verifying a PDF: the report, whatever the verdict.

use super::{failure::Failure, memory::InMemory};
use crate::state::{State, signing_time};
use bytes::Bytes;
use circulation::{date::Instant, organ::OrganId};
use sign_core::{
    limits::Limits,
    pdf::{Access, Password},
    policy::Policy,
    report::model::Report,
    time::Time,
    trust::{anchor::TrustStore, evidence::Evidence},
};

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
}

/// Verifies one file against the anchors of the organisation.
///
/// # Errors
/// If it cannot be read as a PDF, or the policy is unknown.
pub async fn verify(
    state: &State,
    organ: &OrganId,
    name: String,
    file: Bytes,
    options: Options,
    password: Option<Password>,
) -> Result<Report, Failure> {
    let anchors = state.anchors.of(organ)?;
    let policy = match &options.policy {
        Some(name) => {
            Policy::preset(name).ok_or_else(|| Failure::malformed(format!("no policy named {name:?}")))?
        }
        None => Policy::default(),
    };
    let at = options.at.unwrap_or_else(|| signing_time(state.now()));
    let work = move || {
        let access = Access { limits: Limits::default(), password: password.as_ref() };
        report(&file, &name, &anchors, &policy, at, access)
    };
    state.cpu.run(work).await
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
