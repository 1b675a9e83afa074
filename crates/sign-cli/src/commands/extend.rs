//! `extend`: signatures raised to a long-term level, and renewed.

use crate::Outcome;
use crate::args::{ExtendArgs, GroundsArgs, LevelArg, RaisedArg, TsaArgs};
use crate::commands::{password, verify};
use crate::failure::Failure;
use crate::i18n;
use crate::output::Output;
use serde_json::{Value, json};
use sign_core::limits::Limits;
use sign_core::pdf::Access;
use sign_core::policy::Policy;
use sign_core::report::model::Level;
use sign_core::report::words::Lang;
use sign_core::sign::TimeStamper;
use sign_core::source::Source;
use sign_core::trust::{Evidence, TrustStore};
use sign_core::x509::Certificate;
use sign_io::fetch::Fetching;
use sign_io::file::FileSource;
use sign_io::longterm::{Lower, Raised, Raising, Reason, level_name, raise};
use sign_io::output::{Existing, InPlace, Part, Readers, check_place, write_whole};
use sign_io::tsa::Tsa;
use sign_io::{online, trust};
use std::path::PathBuf;
use std::time::Duration;

const SCHEMA: &str = "sign.extended/1";

pub(crate) fn run(args: &ExtendArgs, output: &Output) -> Result<Outcome, Failure> {
    let existing = if args.force { Existing::Replace } else { Existing::Keep };
    if let Some(out) = &args.out {
        check_place(out, existing)?;
    }
    let stamper = authorities(&args.tsa)?;
    let grounds = Grounds::load(&args.grounds, &args.evidence)?;
    let password = password(&args.password)?;
    let source = FileSource::open(&args.file)?;
    // Locked before anybody is asked for anything.
    let place = if args.in_place { Some(InPlace::open(&args.file)?) } else { None };
    let raising = grounds.raising(
        args.level.into(),
        stamper.as_ref().map(|tsa| tsa as &dyn TimeStamper),
        Access { limits: Limits::default(), password: password.as_ref() },
    );
    let raised = raise(&source, Vec::new(), &raising).map_err(|e| Failure::from(e).about(&args.file))?;
    if source.changed() {
        return Err(Failure::new("source_changed", args.file.display().to_string()));
    }
    match (place, &args.out) {
        (Some(place), _) => place.append(source.len(), &raised.tail)?,
        (None, Some(out)) => {
            let parts = [Part::Source(&source), Part::Bytes(&raised.tail)];
            write_whole(out, &parts, existing, Readers::Umask)?;
        }
        (None, None) => {}
    }
    warn(&raised, output);
    let out = args.out.as_ref().unwrap_or(&args.file);
    let appended = raised.tail.len();
    let value = json!({
        "schema": SCHEMA,
        "file": args.file,
        "out": out,
        "wanted": level_name(args.level.into()),
        "level": level_name(raised.level),
        "reasons": reasons(&raised.reasons),
        "size": source.len() + appended as u64,
        "appended": appended,
    });
    output.result(&value, |lang| {
        let [done, bytes] = lang.pick(["Đã nâng", "byte được thêm"], ["Extended", "bytes appended"]);
        let line = format!("{done} {}: {}, {appended} {bytes}", out.display(), level_name(raised.level));
        format!("{line}{}", told(&raised.reasons, lang))
    });
    Ok(Outcome::Good)
}

/// Who stamps, if somebody was named.
pub(super) fn authorities(args: &TsaArgs) -> Result<Option<Tsa>, Failure> {
    match args.tsa.as_slice() {
        [] => Ok(None),
        urls => Ok(Some(Tsa::new(urls, Duration::from_secs(args.tsa_wait.into()))?)),
    }
}

/// What evidence is gathered from.
pub(super) struct Grounds {
    trust: TrustStore,
    evidence: Evidence,
    fetching: Option<Fetching>,
    policy: Policy,
    lower: Lower,
}

impl Grounds {
    /// Opens what was named.
    pub(super) fn load(args: &GroundsArgs, files: &[PathBuf]) -> Result<Self, Failure> {
        let mut store = TrustStore::default();
        for given in &args.trust {
            trust::load(&mut store, &given.path, given.class)?;
        }
        let mut evidence = Evidence::default();
        for file in files {
            trust::load_evidence(&mut evidence, file)?;
        }
        let lower = if args.allow_lower { Lower::Allowed } else { Lower::Refused };
        let fetching = verify::fetching(&args.fetch);
        Ok(Self { trust: store, evidence, fetching, policy: Policy::default(), lower })
    }

    /// Asks the status services about the certificates of a key, if they may be asked.
    pub(super) fn ask_about(&self, certificates: &[Vec<u8>], evidence: &mut Evidence) {
        let chain: Vec<_> = certificates.iter().filter_map(|der| Certificate::parse(der).ok()).collect();
        if let Some(fetching) = &self.fetching {
            online::ask_before_signing(&chain, &self.trust, fetching, evidence);
        }
    }

    /// The same as the library takes it.
    pub(super) fn raising<'g>(
        &'g self,
        level: Level,
        stamper: Option<&'g dyn TimeStamper>,
        access: Access<'g>,
    ) -> Raising<'g> {
        Raising {
            level,
            lower: self.lower,
            stamper,
            trust: &self.trust,
            evidence: &self.evidence,
            fetching: self.fetching.as_ref(),
            policy: &self.policy,
            access,
        }
    }
}

/// Says on stderr what else should be known.
pub(super) fn warn(raised: &Raised, output: &Output) {
    for finding in &raised.warnings {
        output.warning(&finding.code, output.lang().pick(&finding.message_vi, &finding.message_en));
    }
}

/// Why the level is lower than was wanted, for programs.
pub(super) fn reasons(reasons: &[Reason]) -> Vec<Value> {
    let value = |reason: &Reason| {
        let words = i18n::words_of(&Failure::new(reason.code.clone(), reason.detail.clone()));
        json!({ "code": words.code, "message_vi": words.message_vi, "message_en": words.message_en })
    };
    reasons.iter().map(value).collect()
}

/// The same for people, a line each.
pub(super) fn told(reasons: &[Reason], lang: Lang) -> String {
    let line = |reason: &Reason| {
        let words = i18n::words_of(&Failure::new(reason.code.clone(), reason.detail.clone()));
        format!("\n  {}", lang.pick(words.message_vi, words.message_en))
    };
    reasons.iter().map(line).collect()
}

impl From<RaisedArg> for Level {
    fn from(level: RaisedArg) -> Self {
        match level {
            RaisedArg::T => Self::BT,
            RaisedArg::Lt => Self::BLt,
            RaisedArg::Lta => Self::BLta,
        }
    }
}

impl From<LevelArg> for Level {
    fn from(level: LevelArg) -> Self {
        match level {
            LevelArg::B => Self::BB,
            LevelArg::T => Self::BT,
            LevelArg::Lt => Self::BLt,
            LevelArg::Lta => Self::BLta,
        }
    }
}
