//! Time stamps over a whole document (ISO 32000-2 12.8.5; EN 319 142-1 clause 5.4.3): a revision with a
//! hole, its digest to be stamped, and the token into the hole.
//!
//! They raise a signature without a time stamp of its own to B-T, seal evidence (B-LTA), and are renewed
//! before the authority's certificate or an algorithm ends. Nothing is written without a token that was
//! checked.

use super::SignError;
use super::edit::Edit;
use super::embed::{Signed, fill};
use super::extend::declare;
use super::form::{APPEND_ONLY, FormEdit, SIGNATURES_EXIST, field_with_widget};
use super::permission::{Change, check_permission};
use super::prepare::{FILTER, first_page, hash, hole_of};
use super::stamp::{STAMPED_WITH, StampError, TimeStamper, check_sound};
use crate::cms::timestamp::TimeStampToken;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::document::open;
use crate::limits::LimitExceeded;
use crate::pades::appearance::{Frame, empty_form};
use crate::pades::conformance::Claims;
use crate::pades::field::Form;
use crate::pdf::{Access, Dictionary, Document, Object};
use crate::source::Source;
use std::ops::Range;

/// EN 319 142-1 clause 5.4.3.
const SUB_FILTER: &str = "ETSI.RFC3161";
/// Room for a token: with a chain of four RSA certificates it has 8 KiB.
pub const TOKEN_BYTES: usize = 16 << 10;
/// What a screen reader says of the field.
const SPOKEN: &str = "Dấu thời gian của văn bản";

/// A revision that waits for its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreparedStamp {
    appended: Vec<u8>,
    starts_at: u64,
    hole: Range<usize>,
    imprint: Vec<u8>,
    field: String,
}

/// Writes the revision for one time stamp in a new, invisible field, with room for `token_bytes`.
///
/// A certified document that allows no changes may be stamped too (ISO 32000-2 12.8.5.3).
///
/// # Errors
/// [`SignError::Pdf`], [`SignError::XfaForm`], [`SignError::NotPermitted`]; [`SignError::NoSuchPage`] for a
/// document without pages.
pub fn prepare_stamp<'p>(
    source: &dyn Source,
    token_bytes: usize,
    access: impl Into<Access<'p>>,
) -> Result<PreparedStamp, SignError> {
    let access = access.into();
    let most = access.limits.contents;
    if token_bytes as u64 > most {
        return Err(LimitExceeded { limit: "contents", allowed: most }.into());
    }
    let document = open(source, access)?;
    check_permission(&document, Change::CreateFields)?;
    let name = free_name(&document)?;
    let mut edit = Edit::new(&document)?;
    let form = FormEdit::open(&mut edit)?;
    let value = edit.update().allocate();
    let page = first_page(edit.before())?;
    // ISO 32000-2 12.8.5 advises against an appearance, and some validators insist; ISO 19005-1 6.9 wants
    // one for every field.
    let drawing = match Claims::read(edit.before())?.pdf_a {
        Some(1) => Some(empty_form(edit.update(), Frame::default())?),
        _ => None,
    };
    let field = field_with_widget(&name, SPOKEN, "Sig", page, [0.0; 4], drawing).with("V", value);
    let field = edit.add(field);
    edit.push(page, "Annots", field)?;
    form.add_field(&mut edit, field)?;
    form.set_signature_flags(&mut edit, SIGNATURES_EXIST | APPEND_ONLY)?;
    declare(&mut edit, &document)?;
    // No /M, /Name, /Reason and the like: the token says it all (EN 319 142-1 clause 5.4.3).
    let dictionary = Dictionary::new()
        .with("Type", Object::name("DocTimeStamp"))
        .with("Filter", Object::name(FILTER))
        .with("SubFilter", Object::name(SUB_FILTER));
    edit.update().set_signature(value, dictionary, token_bytes);
    let appended = edit.finish()?;
    let hole = hole_of(&appended)?.contents.clone();
    let imprint = hash(source, &appended.bytes, &hole, STAMPED_WITH, &mut std::io::sink())?;
    Ok(PreparedStamp { appended: appended.bytes, starts_at: appended.starts_at, hole, imprint, field: name })
}

/// The first name of `Timestamp1`, `Timestamp2`, … that no field has.
fn free_name(document: &Document<'_>) -> Result<String, SignError> {
    let form = Form::read(&document.latest(), document.limits().fields)?;
    let taken = |name: &str| form.nodes.iter().any(|node| node.is_field && node.name == name);
    // One of n + 1 names is not among n fields.
    (1..=form.nodes.len().saturating_add(1))
        .map(|n| format!("Timestamp{n}"))
        .find(|name| !taken(name))
        .ok_or_else(|| SignError::FieldExists { name: "Timestamp".into() })
}

impl PreparedStamp {
    /// What [`PreparedStamp::imprint`] was made with.
    pub fn digest(&self) -> DigestAlgorithm {
        STAMPED_WITH
    }

    /// Digest over the byte range.
    pub fn imprint(&self) -> &[u8] {
        &self.imprint
    }

    /// Puts the token into its place.
    ///
    /// # Errors
    /// [`SignError::Stamp`] if it stamps something else or is broken; [`SignError::HoleTooSmall`]: prepare
    /// again with more room, and have that stamped.
    pub fn complete(mut self, token: &TimeStampToken) -> Result<Signed, SignError> {
        if token.digest() != Ok(self.digest()) || token.imprint() != self.imprint {
            let reason = format!("token {}", token.serial_hex());
            return Err(StampError { code: "tsa_wrong_imprint", reason }.into());
        }
        check_sound(token)?;
        fill(&mut self.appended, &self.hole, token.der())?;
        let Self { appended, starts_at, field, .. } = self;
        Ok(Signed { appended, starts_at, field, unstamped: None })
    }
}

/// Prepares, has it stamped and completes; asks once more if the token is larger than usual.
///
/// # Errors
/// As [`prepare_stamp`] and [`PreparedStamp::complete`]; [`SignError::Stamp`] if nobody stamps.
pub fn stamp_document<'p>(
    source: &dyn Source,
    stamper: &dyn TimeStamper,
    access: impl Into<Access<'p>>,
) -> Result<Signed, SignError> {
    let access = access.into();
    let attempt = |token_bytes| {
        let prepared = prepare_stamp(source, token_bytes, access)?;
        let token = stamper.stamp_digest(prepared.digest(), prepared.imprint())?;
        prepared.complete(&token)
    };
    match attempt(TOKEN_BYTES) {
        // The next token is not of the very same size: serial numbers and ECDSA values vary.
        Err(SignError::HoleTooSmall { needed, .. }) => attempt(needed.saturating_add(1 << 10)),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cms::testing::Authority;
    use crate::limits::Limits;
    use crate::pdf::fixture::one_of_each_kind;
    use crate::policy::Policy;
    use crate::report::model::{Kind, SignatureReport};
    use crate::time::Time;
    use crate::trust::{Evidence, TrustStore};
    use crate::verify::verify;

    /// What has been asked for, and answers that a test chooses.
    struct Stamper<'a>(&'a dyn Fn(&[u8]) -> Vec<u8>);

    impl TimeStamper for Stamper<'_> {
        fn stamp_digest(&self, _: DigestAlgorithm, imprint: &[u8]) -> Result<TimeStampToken, StampError> {
            Ok(TimeStampToken::parse(&(self.0)(imprint)).unwrap())
        }
    }

    fn honest(imprint: &[u8]) -> Vec<u8> {
        Authority::stamping_digest(imprint, "20260205025640Z").token()
    }

    fn stamped(file: &[u8]) -> Vec<u8> {
        let signed = stamp_document(&file.to_vec(), &Stamper(&honest), &Limits::default()).unwrap();
        [file, &signed.appended].concat()
    }

    fn judged(file: &[u8]) -> Vec<SignatureReport> {
        let at = Time::parse_rfc3339("2026-03-01T00:00:00Z").unwrap();
        let (trust, evidence, policy) = (TrustStore::new(), Evidence::none(), Policy::default());
        let limits = Limits::default();
        verify(&file.to_vec(), "x", &trust, &evidence, &policy, at, &limits).unwrap().signatures
    }

    #[test]
    fn a_document_is_stamped_again_and_again_under_new_names() {
        for (kind, file) in one_of_each_kind() {
            let twice = stamped(&stamped(&file));
            assert!(twice.starts_with(&file), "{kind}");
            let signatures = judged(&twice);
            let names: Vec<&str> = signatures.iter().map(|signature| signature.field.as_str()).collect();
            assert_eq!(names, ["Timestamp1", "Timestamp2"], "{kind}");
            for signature in &signatures {
                assert_eq!(signature.kind, Kind::DocumentTimestamp, "{kind}");
                assert_eq!(signature.time.timestamp, Time::parse_rfc3339("2026-02-05T02:56:40Z").ok());
                assert!(signature.changes.allowed && signature.time.claimed.is_none(), "{kind}");
            }
        }
    }

    #[test]
    fn what_does_not_stamp_this_document_never_gets_in() {
        let (_, file) = one_of_each_kind().remove(0);
        let code = |answer: &dyn Fn(&[u8]) -> Vec<u8>| {
            stamp_document(&file, &Stamper(answer), &Limits::default()).unwrap_err().code().to_owned()
        };
        assert_eq!(code(&|_| honest(&[7; 32])), "tsa_wrong_imprint");
        let broken = |imprint: &[u8]| {
            let honest = Authority::stamping_digest(imprint, "20260205025640Z");
            Authority { spoil_signature: true, ..honest }.token()
        };
        assert_eq!(code(&broken), "tsa_bad_token");
    }

    #[test]
    fn a_token_that_does_not_fit_is_told_with_its_size() {
        let (_, file) = one_of_each_kind().remove(0);
        let prepared = prepare_stamp(&file, 100, &Limits::default()).unwrap();
        let token = TimeStampToken::parse(&honest(prepared.imprint())).unwrap();
        let error = prepared.complete(&token).unwrap_err();
        assert!(matches!(error, SignError::HoleTooSmall { reserved: 100, .. }), "{error}");
        let error = prepare_stamp(&file, usize::MAX, &Limits::default()).unwrap_err();
        assert_eq!(error.code(), "limit_exceeded");
    }
}
