//! Signing any PDF with a key the server keeps, outside the circulation of documents.

use super::{
    failure::Failure,
    keys,
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
    sign::{
        SignRequest,
        options::{DocMdp, FieldChoice, Place, Role},
    },
    x509::certificate::Certificate,
};
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
}

/// What opens the key and, if it is encrypted, the document. Wiped when dropped.
#[derive(Debug)]
pub struct Secrets {
    /// PIN of the key.
    pub pin: Pin,
    /// Password of the document.
    pub password: Option<Password>,
}

/// Signs; the answer is the whole signed file, and codes of what in it can change its look.
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
) -> Result<(Vec<u8>, Vec<String>), Failure> {
    caller.require_member()?;
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
        Ok((papers::complete_with(&file, &request, &*key.signer, access)?.bytes, codes))
    };
    state.heavy(work).await
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
