//! Who stamps, and a time stamp over a signature on its way into the document: level B-T (EN 319 142-1
//! clause 6.3). Stamps over whole documents are [`super::document_stamp`]'s.
//!
//! The authority is somebody else's matter: a network is not known here. What it answers is checked before
//! it goes into the document: a signature is never passed off as stamped.

use super::SignError;
use crate::cms::attribute::SIGNATURE_TIME_STAMP;
use crate::cms::der::{self, tag};
use crate::cms::timestamp::TimeStampToken;
use crate::crypto::digest::{DigestAlgorithm, digest};

/// Somebody who stamps.
pub trait TimeStamper {
    /// A token over data of which this is the digest.
    ///
    /// # Errors
    /// [`StampError`] if there is none to be had.
    fn stamp_digest(&self, algorithm: DigestAlgorithm, imprint: &[u8]) -> Result<TimeStampToken, StampError>;

    /// A token over `data`, the signature's value.
    ///
    /// # Errors
    /// As [`TimeStamper::stamp_digest`].
    fn stamp(&self, data: &[u8]) -> Result<TimeStampToken, StampError> {
        self.stamp_digest(STAMPED_WITH, &digest(STAMPED_WITH, data))
    }
}

/// What is stamped is hashed with this: every authority takes it.
pub const STAMPED_WITH: DigestAlgorithm = DigestAlgorithm::Sha256;

/// Why a signature could not be stamped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {reason}")]
pub struct StampError {
    /// Stable word.
    pub code: &'static str,
    /// What the reader needs: who was asked, what was said.
    pub reason: String,
}

/// The unsigned attribute with a token over `value`.
pub(super) fn attribute(token: &TimeStampToken, value: &[u8]) -> Result<Vec<u8>, SignError> {
    if !token.stamps(value) {
        let reason = format!("token {}", token.serial_hex());
        return Err(StampError { code: "tsa_wrong_imprint", reason }.into());
    }
    check_sound(token)?;
    let values = der::container(tag::SET, &[token.der()]);
    Ok(der::sequence(&[&der::oid(SIGNATURE_TIME_STAMP), &values]))
}

/// Who is trusted is the verifier's matter; what is broken by itself nobody will trust.
pub(super) fn check_sound(token: &TimeStampToken) -> Result<(), StampError> {
    match token.examine(&[]).problems.first() {
        Some(problem) => Err(StampError { code: "tsa_bad_token", reason: problem.code().into() }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{SignRequest, Signing, options::FieldChoice};
    use super::*;
    use crate::cms::testing::Authority;
    use crate::crypto::key::{Padding, from_pem};
    use crate::crypto::testing;
    use crate::limits::Limits;
    use crate::pdf::Document;
    use crate::pdf::fixture::one_of_each_kind;
    use crate::policy::Policy;
    use crate::report::model::{Level, Report};
    use crate::time::Time;
    use crate::trust::{CaClass, Evidence, TrustStore};
    use crate::verify::verify;
    use crate::x509::Certificate;

    struct Stamper<'a>(&'a dyn Fn(&[u8]) -> Result<TimeStampToken, StampError>);

    impl TimeStamper for Stamper<'_> {
        fn stamp_digest(&self, _: DigestAlgorithm, _: &[u8]) -> Result<TimeStampToken, StampError> {
            Err(StampError { code: "tsa_missing", reason: "not for digests".into() })
        }

        fn stamp(&self, data: &[u8]) -> Result<TimeStampToken, StampError> {
            (self.0)(data)
        }
    }

    fn token(authority: &Authority) -> TimeStampToken {
        TimeStampToken::parse(&authority.token()).unwrap()
    }

    fn signed(
        stamper: &dyn Fn(&[u8]) -> Result<TimeStampToken, StampError>,
    ) -> Result<(Vec<u8>, Report), SignError> {
        let chain = testing::person("p256");
        let mut pem = chain[0].key.private_key_to_pem_pkcs8().unwrap();
        chain.iter().for_each(|made| pem.extend(made.certificate.to_pem().unwrap()));
        let key = from_pem(&pem, None, Some(Padding::Pkcs1)).unwrap();
        let (_, letter) = one_of_each_kind().remove(0);
        let at = Time::parse_rfc3339("2026-02-05T02:56:34Z").unwrap();
        let field = FieldChoice::New { name: None, place: None };
        let request = SignRequest { field, ..SignRequest::new(at) };
        let stamper = Stamper(stamper);
        let signing = Signing::new(&key).unwrap().with_time_stamper(&stamper);
        let appended = signing.sign(&letter, &request, &Limits::default())?.appended;
        let bytes = [letter, appended].concat();
        let mut trust = TrustStore::new();
        trust.add_anchor(Certificate::parse(&chain[2].der()).unwrap(), CaClass::Other);
        let later = at.plus_seconds(86_400);
        let limits = Limits::default();
        assert!(Document::open(&bytes, limits).is_ok());
        let report =
            verify(&bytes, "x", &trust, &Evidence::none(), &Policy::default(), later, &limits).unwrap();
        Ok((bytes, report))
    }

    #[test]
    fn a_stamped_signature_is_of_level_b_t() {
        let (_, report) = signed(&|data| Ok(token(&Authority::stamping(data, "20260205025640Z")))).unwrap();
        let signature = &report.signatures[0];
        assert_eq!(signature.level, Level::BT, "{signature:#?}");
        assert_eq!(signature.time.timestamp, Some(Time::parse_rfc3339("2026-02-05T02:56:40Z").unwrap()));
    }

    #[test]
    fn what_does_not_stamp_this_signature_never_gets_in() {
        let code = |stamper: &dyn Fn(&[u8]) -> Result<TimeStampToken, StampError>| {
            signed(stamper).unwrap_err().code().to_owned()
        };
        assert_eq!(
            code(&|_| Ok(token(&Authority::stamping(b"other", "20260205025640Z")))),
            "tsa_wrong_imprint"
        );
        let broken = |data: &[u8]| {
            let honest = Authority::stamping(data, "20260205025640Z");
            Ok(token(&Authority { spoil_signature: true, ..honest }))
        };
        assert_eq!(code(&broken), "tsa_bad_token");
        let silent = |_: &[u8]| Err(StampError { code: "tsa_unreachable", reason: "tsa.example.vn".into() });
        assert_eq!(code(&silent), "tsa_unreachable");
    }
}
