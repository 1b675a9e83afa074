//! Long-term levels: signatures raised with evidence from the network and with time stamps. Nothing is
//! stored; the caller gets the whole file back.

use super::{failure::Failure, memory::InMemory};
use crate::{auth::Caller, config::Config, state::State};
use bytes::Bytes;
use serde::Deserialize;
use sign_core::{
    limits::Limits,
    pdf::{Access, Password},
    policy::Policy,
    report::model::Level,
    sign::TimeStamper,
    trust::{anchor::TrustStore, evidence::Evidence},
};
use sign_io::{
    longterm::{Lower, Raised, Raising, level_name, raise},
    tsa::Tsa,
};

/// What is asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wishes {
    /// `t`, `lt` or `lta`.
    pub level: String,
    /// Answer with the highest level that can be reached, and say why it is lower.
    pub allow_lower: bool,
}

/// A file and the level of its signatures.
#[derive(Debug)]
pub struct Extended {
    /// The whole file.
    pub bytes: Vec<u8>,
    /// As in a report.
    pub level: &'static str,
    /// Codes of what kept the level from being the wanted one.
    pub reasons: Vec<String>,
    /// Codes of what else should be known.
    pub warnings: Vec<String>,
}

/// Raises all signatures of a file.
///
/// # Errors
/// `malformed_request` for another level; `tsa_missing`, `evidence_missing` and the like.
pub async fn extend(
    state: &State,
    caller: Caller,
    file: Bytes,
    wishes: Wishes,
    password: Option<Password>,
) -> Result<Extended, Failure> {
    caller.require_member()?;
    let wanted = level(&wishes.level)?.filter(|level| *level > Level::BB);
    let wanted = wanted.ok_or_else(|| Failure::malformed("level: t, lt or lta"))?;
    let anchors = state.anchors.of(&caller.organ)?;
    let config = state.config.clone();
    // Mostly waiting for others: it must not keep a place for heavy work.
    let work = move |_: &circulation_store::Store| {
        let access = Access { limits: Limits::default(), password: password.as_ref() };
        let stamper = authorities(&config)?;
        let ground = Ground { config: &config, anchors: &anchors, stamper: stamper.as_ref() };
        let raised = ground.raise(&file, Vec::new(), wanted, lower(wishes.allow_lower), access)?;
        Ok(ground.whole(&file, raised))
    };
    state.store(work).await
}

/// The level of this name on the outside; none if there is no name.
///
/// # Errors
/// `malformed_request`.
pub(super) fn level(name: &str) -> Result<Option<Level>, Failure> {
    Ok(Some(match name {
        "" => return Ok(None),
        "b" => Level::BB,
        "t" => Level::BT,
        "lt" => Level::BLt,
        "lta" => Level::BLta,
        _ => return Err(Failure::malformed("level: b, t, lt or lta")),
    }))
}

pub(super) fn lower(allowed: bool) -> Lower {
    if allowed { Lower::Allowed } else { Lower::Refused }
}

/// The time-stamping authorities of the operator, if any are named.
///
/// # Errors
/// `tsa_bad_address`.
pub(super) fn authorities(config: &Config) -> Result<Option<Tsa>, Failure> {
    match config.tsa.as_slice() {
        [] => Ok(None),
        urls => Ok(Some(Tsa::new(urls, config.tsa_wait).map_err(sign_core::sign::SignError::from)?)),
    }
}

/// What files are raised with.
pub(super) struct Ground<'g> {
    pub(super) config: &'g Config,
    pub(super) anchors: &'g TrustStore,
    pub(super) stamper: Option<&'g Tsa>,
}

impl Ground<'_> {
    /// Raises a file with what stands behind it.
    ///
    /// # Errors
    /// What raising says.
    pub(super) fn raise(
        &self,
        file: &[u8],
        tail: Vec<u8>,
        level: Level,
        lower: Lower,
        access: Access<'_>,
    ) -> Result<Raised, Failure> {
        let (evidence, policy, fetching) = (Evidence::none(), Policy::default(), self.config.fetching());
        let raising = Raising {
            level,
            lower,
            stamper: self.stamper.map(|tsa| tsa as &dyn TimeStamper),
            trust: self.anchors,
            evidence: &evidence,
            fetching: fetching.as_ref(),
            policy: &policy,
            access,
        };
        Ok(raise(&InMemory(file), tail, &raising)?)
    }

    /// The file with what was added.
    pub(super) fn whole(&self, file: &[u8], raised: Raised) -> Extended {
        Extended {
            bytes: [file, &raised.tail].concat(),
            level: level_name(raised.level),
            reasons: raised.reasons.into_iter().map(|reason| reason.code).collect(),
            warnings: raised.warnings.into_iter().map(|finding| finding.code).collect(),
        }
    }
}
