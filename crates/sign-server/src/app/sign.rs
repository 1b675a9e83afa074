//! Signing any PDF with a key the server keeps, outside the circulation of documents.

use super::{
    extend::{self, Extended, Ground},
    failure::Failure,
    keys,
    memory::InMemory,
    papers::{self, GivenBox},
};
use crate::{
    auth::Caller,
    state::{State, signing_time},
};
use bytes::Bytes;
use serde::Deserialize;
use sign_core::{
    crypto::key::{Pin, Signer, digest_for_signing},
    limits::Limits,
    pades::appearance::Appearance,
    pdf::{Access, Password},
    report::model::Level,
    sign::{
        SignError, SignRequest, Signing, StampError, Unstamped,
        options::{DocMdp, FieldChoice, Place, Role},
    },
    x509::certificate::Certificate,
};
use sign_io::longterm::{Raised, Reason};
use std::sync::Arc;

/// What is asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wishes {
    /// Id of the signing key.
    pub key: String,
    /// Name of an existing field; the first empty one, or a new one, if absent.
    pub field: Option<String>,
    /// Where a new field shows.
    pub place: Option<GivenBox>,
    /// Certify with this permission: 1, 2 or 3.
    pub certify: Option<i64>,
    /// What the signature does: `initials`, `leader`, `seal`, `copy`, `appendix`, `incoming`.
    pub role: Option<String>,
    /// Reason.
    pub reason: Option<String>,
    /// Location.
    pub location: Option<String>,
    /// Refuse a file with content that can change its look; the operator may have decided so for all.
    pub strict: bool,
    /// Room for the signature's value in bytes; what the key needs, and a time stamp, if absent.
    pub contents_bytes: Option<usize>,
    /// Digest to sign over, as in `sha512` or `sha3-256`; as strong as the key if absent.
    pub digest: Option<String>,
    /// Allow algorithms that no standard for PDF names yet (ML-DSA).
    pub experimental: bool,
    /// Lines to show; name and time if absent and there is no picture.
    pub lines: Option<Vec<String>>,
    /// `b`, `t`, `lt` or `lta`; `b` if absent. Not for keys that are elsewhere.
    pub level: String,
    /// Answer with the highest level that can be reached, and say why it is lower.
    pub allow_lower: bool,
}

/// What opens the key and, if it is encrypted, the document. Wiped when dropped.
#[derive(Debug)]
pub struct Secrets {
    /// PIN of the key.
    pub pin: Pin,
    /// Password of the document.
    pub password: Option<Password>,
}

/// Signs; the answer is the whole signed file with its level, and codes of what in it can change its look.
///
/// # Errors
/// `not_key_holder`, `wrong_pin`; what signing says.
pub async fn sign(
    state: &State,
    caller: Caller,
    file: Bytes,
    wishes: Wishes,
    image: Option<Bytes>,
    secrets: Secrets,
) -> Result<Extended, Failure> {
    caller.require_member()?;
    let level = extend::level(&wishes.level)?.unwrap_or(Level::BB);
    let (anchors, config) = (state.anchors.of(&caller.organ)?, state.config.clone());
    let strict = state.config.strict_content || wishes.strict;
    let (now, pins, tokens) = (state.now(), Arc::clone(&state.pins), Arc::clone(&state.tokens));
    let work = move |store: &circulation_store::Store| {
        // A wrong wish is refused before the PIN is risked.
        let digest = wishes.digest.as_deref().map(digest_for_signing).transpose()?;
        let wanted = keys::Wanted { key: &wishes.key, pin: &secrets.pin, digest };
        let key = keys::open(store, &pins, &tokens, &caller, wanted, now)?;
        let image = image.map(|bytes| bytes.to_vec());
        let request = request(&wishes, image, key.signer.certificates(), now)?;
        let access = Access { limits: Limits::default(), password: secrets.password.as_ref() };
        let codes = warnings(&file, access, strict)?;
        let stamper = if level > Level::BB { extend::authorities(&config)? } else { None };
        let ground = Ground { config: &config, anchors: &anchors, stamper: stamper.as_ref() };
        let made = at_level(&ground, &file, &request, &*key.signer, (level, wishes.allow_lower), access)?;
        Ok(Extended { warnings: codes.into_iter().chain(made.warnings).collect(), ..made })
    };
    if level > Level::BB {
        // Mostly waiting for others: it must not keep a place for heavy work.
        state.store(work).await
    } else {
        state.heavy(work).await
    }
}

/// Signs, has it stamped, and adds evidence, as far as the level wants.
fn at_level(
    ground: &Ground<'_>,
    file: &[u8],
    request: &SignRequest,
    key: &dyn Signer,
    (level, allow_lower): (Level, bool),
    access: Access<'_>,
) -> Result<Extended, Failure> {
    let mut signing = Signing::new(key)?;
    if level > Level::BB {
        let missing = || StampError { code: "tsa_missing", reason: String::new() };
        let stamper = ground.stamper.ok_or_else(missing).map_err(SignError::from)?;
        let unstamped = if allow_lower { Unstamped::Told } else { Unstamped::Refused };
        signing = signing.with_time_stamper_or(stamper, unstamped);
    }
    let signed = signing.sign(&InMemory(file), request, access)?;
    let tail = signed.appended;
    let raised = match (signed.unstamped, level) {
        (Some(error), _) => {
            let reason = Reason { code: error.code.to_owned(), detail: error.reason };
            Raised { tail, level: Level::BB, reasons: vec![reason], warnings: Vec::new() }
        }
        (None, Level::BLt | Level::BLta) => {
            ground.raise(file, tail, level, extend::lower(allow_lower), access)?
        }
        (None, level) => Raised { tail, level, reasons: Vec::new(), warnings: Vec::new() },
    };
    Ok(ground.whole(file, raised))
}

/// What was asked for, as signing takes it, for the key of these certificates.
pub(super) fn request(
    wishes: &Wishes,
    image: Option<Vec<u8>>,
    certificates: &[Vec<u8>],
    now: circulation::date::Instant,
) -> Result<SignRequest, Failure> {
    let at = signing_time(now);
    let place = wishes.place.map(GivenBox::place).transpose()?;
    let unknown = |what: &str| Failure::malformed(format!("unknown {what}"));
    let certify = wishes.certify.map(|p| DocMdp::from_p(p).ok_or_else(|| unknown("certify"))).transpose()?;
    let role =
        wishes.role.as_deref().map(|w| Role::from_word(w).ok_or_else(|| unknown("role"))).transpose()?;
    Ok(SignRequest {
        field: field(wishes.field.clone(), place),
        appearance: appearance(wishes, image, certificates, at),
        reason: wishes.reason.clone(),
        location: wishes.location.clone(),
        certify,
        contents_bytes: wishes.contents_bytes,
        experimental: wishes.experimental,
        role: role.unwrap_or_default(),
        ..SignRequest::new(at)
    })
}

fn field(name: Option<String>, place: Option<Place>) -> FieldChoice {
    match (name, place) {
        (Some(name), None) => FieldChoice::Existing(name),
        (None, None) => FieldChoice::FirstEmpty,
        (name, place) => FieldChoice::New { name, place },
    }
}

fn appearance(
    wishes: &Wishes,
    image_png: Option<Vec<u8>>,
    certificates: &[Vec<u8>],
    at: sign_core::time::Time,
) -> Option<Appearance> {
    let shown = wishes.place.is_some() || wishes.field.is_some() || image_png.is_some();
    let lines = match &wishes.lines {
        Some(lines) => lines.clone(),
        None if image_png.is_some() || !shown => Vec::new(),
        None => papers::default_lines(&holder_name(certificates), at),
    };
    (shown || !lines.is_empty()).then(|| Appearance { image_png, lines, ..Appearance::default() })
}

/// Codes of what in a file can change its look after it is signed, each once.
///
/// # Errors
/// As [`papers::look`].
pub(super) fn warnings(file: &[u8], access: Access<'_>, strict: bool) -> Result<Vec<String>, Failure> {
    let mut codes: Vec<String> =
        papers::look(file, access, strict)?.into_iter().map(|finding| finding.code).collect();
    codes.dedup();
    Ok(codes)
}

/// The name under which a key's certificate was issued.
pub fn signer_name(key: &dyn Signer) -> String {
    holder_name(key.certificates())
}

fn holder_name(certificates: &[Vec<u8>]) -> String {
    let leaf = certificates.first().and_then(|der| Certificate::parse(der).ok());
    leaf.map_or_else(String::new, |leaf| leaf.subject().display_name())
}
