//! What is kept between the two steps of a signature whose key is elsewhere: a phone, a smart card in
//! another machine, a colleague's answer tomorrow.
//!
//! The state is small (what will be appended, without its hole, and the certificates), versioned and
//! marked, and holds no part of the document. Whoever finishes, in whatever process, checks the mark,
//! the time, that the document is the same to the byte, and the signature's value, and only then
//! writes it into its place.
//!
//! ```text
//! "SGNW" | mark 32 | SEQUENCE {
//!   version INTEGER (1), expires INTEGER (seconds since 1970),
//!   starts-at INTEGER, field UTF8String,
//!   before OCTET STRING, hole INTEGER, after OCTET STRING,
//!   algorithm AlgorithmIdentifier, certificates SEQUENCE OF Certificate,
//!   message-digest OCTET STRING }
//! ```
//!
//! The signed attributes follow from message digest and certificate; how they do is part of the version.

use super::SignError;
use super::embed::Signed;
use super::prepare::{Prepared, hash};
use crate::cms::{self, Embedded};
use crate::crypto::SignatureAlgorithm;
use crate::crypto::authenticate::{MARK_BYTES, is_marked, mark};
use crate::crypto::der::{self, DerError, Reader, tag};
use crate::crypto::verify::verify;
use crate::limits::Limits;
use crate::source::Source;
use crate::time::Time;
use crate::x509::Certificate;
use std::sync::Arc;

const MAGIC: &[u8] = b"SGNW";
const VERSION: u64 = 1;

/// Bytes of the largest state that is looked at: a revision with pictures stays under 20 MiB.
pub const LARGEST_STATE: usize = 64 << 20;

/// A prepared signature that waits for its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The revision.
    pub prepared: Prepared,
    /// From this time on the value is not taken any more.
    pub expires_at: Time,
}

/// Why a kept state cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// Some other file.
    #[error("not a signing state")]
    NotAState,
    /// Its mark is not ours: damaged, altered, or made under another secret.
    #[error("the signing state was altered")]
    Altered,
    /// Made by another version of this program.
    #[error("signing state of version {found}, this program reads {VERSION}")]
    Version {
        /// The version it names.
        found: u64,
    },
    /// Marked as ours, but not in order.
    #[error("malformed signing state: {what}")]
    Malformed {
        /// The part.
        what: &'static str,
    },
    /// It waited too long.
    #[error("the signing state expired at {at}")]
    Expired {
        /// The end of its time.
        at: Time,
    },
    /// The document is not the one that was prepared.
    #[error("the document changed since it was prepared")]
    DocumentChanged,
    /// The value was not made by the certificate's key over the bytes to sign.
    #[error("the signature value does not fit the certificate and the bytes to sign")]
    SignatureMismatch,
}

impl StateError {
    /// Stable word for this cause.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAState => "not_a_state",
            Self::Altered => "state_altered",
            Self::Version { .. } => "state_version",
            Self::Malformed { .. } => "state_malformed",
            Self::Expired { .. } => "state_expired",
            Self::DocumentChanged => "document_changed",
            Self::SignatureMismatch => "signature_mismatch",
        }
    }
}

impl From<DerError> for StateError {
    fn from(_: DerError) -> Self {
        Self::Malformed { what: "encoding" }
    }
}

impl Waiting {
    /// The state as bytes, marked under `secret`; an empty secret guards against damage only.
    pub fn seal(&self, secret: &[u8]) -> Vec<u8> {
        let prepared = &self.prepared;
        let (before, after) = (
            prepared.appended.get(..prepared.hole.start).unwrap_or_default(),
            prepared.appended.get(prepared.hole.end..).unwrap_or_default(),
        );
        let certificates: Vec<&[u8]> = prepared.certificates().iter().map(Vec::as_slice).collect();
        let body = der::sequence(&[
            &der::integer(VERSION),
            &der::integer(u64::try_from(self.expires_at.unix()).unwrap_or(0)),
            &der::integer(prepared.starts_at),
            &der::element(tag::UTF8_STRING, prepared.field.as_bytes()),
            &der::octet_string(before),
            &der::integer(prepared.hole.len() as u64),
            &der::octet_string(after),
            &prepared.algorithm.algorithm_identifier(),
            &der::sequence(&certificates),
            &der::octet_string(&prepared.message_digest),
        ]);
        [MAGIC, &mark(secret, &body), &body].concat()
    }

    /// Reads a state back. Nothing of it is believed before its mark is right, and nothing is
    /// allocated that `limits` do not allow.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn open(bytes: &[u8], secret: &[u8], limits: &Limits) -> Result<Self, StateError> {
        let marked = bytes.strip_prefix(MAGIC).filter(|_| bytes.len() <= LARGEST_STATE);
        let (mark, body) =
            marked.and_then(|rest| rest.split_at_checked(MARK_BYTES)).ok_or(StateError::NotAState)?;
        if !is_marked(secret, body, mark) {
            return Err(StateError::Altered);
        }
        let mut outer = Reader::new(body);
        let mut inside = outer.expect(tag::SEQUENCE)?.reader();
        outer.finish()?;
        let version = inside.expect(tag::INTEGER)?.unsigned()?;
        if version != VERSION {
            return Err(StateError::Version { found: version });
        }
        read(&mut inside, limits)
    }

    /// Checks what can be checked before the value is there: the time, and that `source` is the
    /// document this was prepared for.
    ///
    /// # Errors
    /// [`StateError::Expired`], [`StateError::DocumentChanged`]; a document that cannot be read.
    pub fn check(&self, source: &dyn Source, now: Time) -> Result<(), SignError> {
        if now >= self.expires_at {
            return Err(StateError::Expired { at: self.expires_at }.into());
        }
        let prepared = &self.prepared;
        // The digest covers every byte of the document, so this is no weaker than comparing it.
        let same = source.len() == prepared.starts_at
            && hash(
                source,
                &prepared.appended,
                &prepared.hole,
                prepared.algorithm.digest(),
                &mut std::io::sink(),
            )? == prepared.message_digest;
        if same { Ok(()) } else { Err(StateError::DocumentChanged.into()) }
    }

    /// Finishes: time, document and value are checked, then the value goes into its place.
    ///
    /// # Errors
    /// As [`Waiting::check`] and [`Prepared::check_signature`]; [`SignError::HoleTooSmall`].
    pub fn complete(self, source: &dyn Source, signature: &[u8], now: Time) -> Result<Signed, SignError> {
        self.check(source, now)?;
        self.prepared.check_signature(signature)?;
        self.prepared.complete(signature)
    }
}

impl Prepared {
    /// Checks a value that came from elsewhere against the signer's certificate.
    ///
    /// # Errors
    /// [`StateError::SignatureMismatch`]; a certificate or algorithm that cannot be used.
    pub fn check_signature(&self, signature: &[u8]) -> Result<(), SignError> {
        let leaf = self.certificates().first().ok_or(SignError::NoCertificate)?;
        let leaf = Certificate::parse(leaf)?;
        match verify(self.algorithm, leaf.spki_der(), &self.signed_attributes, signature)? {
            true => Ok(()),
            false => Err(StateError::SignatureMismatch.into()),
        }
    }

    /// The algorithm of the value that is waited for.
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// DER certificates, the signer's first.
    pub fn certificates(&self) -> &[Vec<u8>] {
        self.embedded.certificates()
    }
}

/// Reads what follows the version.
fn read(inside: &mut Reader<'_>, limits: &Limits) -> Result<Waiting, StateError> {
    let malformed = |what| StateError::Malformed { what };
    let expires = i64::try_from(inside.expect(tag::INTEGER)?.unsigned()?).map_err(|_| malformed("time"))?;
    let starts_at = inside.expect(tag::INTEGER)?.unsigned()?;
    let field = inside.expect(tag::UTF8_STRING)?.content;
    let field = std::str::from_utf8(field).map_err(|_| malformed("field"))?.to_owned();
    let before = inside.expect(tag::OCTET_STRING)?.content;
    let hole_bytes = inside.expect(tag::INTEGER)?.unsigned()?;
    let after = inside.expect(tag::OCTET_STRING)?.content;
    let algorithm = inside.expect(tag::SEQUENCE)?;
    let certificates = read_certificates(inside.expect(tag::SEQUENCE)?.reader(), limits)?;
    let message_digest = inside.expect(tag::OCTET_STRING)?.content.to_vec();
    inside.finish()?;

    let algorithm = SignatureAlgorithm::from_algorithm_identifier(algorithm.raw);
    let algorithm = algorithm.map_err(|_| malformed("algorithm"))?;
    if message_digest.len() != algorithm.digest().length() {
        return Err(malformed("message digest"));
    }
    // Two digits a byte between two brackets.
    let allowed = limits.contents.saturating_mul(2).saturating_add(2);
    let hole_bytes = Some(hole_bytes).filter(|bytes| (2..=allowed).contains(bytes) && bytes % 2 == 0);
    let hole_bytes = hole_bytes.and_then(|bytes| usize::try_from(bytes).ok()).ok_or(malformed("hole"))?;
    let hole = before.len()..before.len() + hole_bytes;
    let appended = [before, b"<", &vec![b'0'; hole_bytes - 2], b">", after].concat();
    let at = |position: usize| starts_at.checked_add(position as u64).ok_or(malformed("length"));
    let byte_range = [0, at(hole.start)?, at(hole.end)?, after.len() as u64];
    at(appended.len())?;

    let embedded = Embedded::choose(&certificates).map_err(|_| malformed("certificates"))?;
    let leaf: &Vec<u8> = certificates.first().ok_or(malformed("certificates"))?;
    let leaf = Certificate::parse(leaf).map_err(|_| malformed("certificates"))?;
    let signed_attributes = cms::signed_attributes(algorithm.digest(), &message_digest, &leaf);
    let prepared = Prepared {
        appended,
        starts_at,
        hole,
        algorithm,
        embedded: Arc::new(embedded),
        signed_attributes,
        field,
        byte_range,
        message_digest,
    };
    Ok(Waiting { prepared, expires_at: Time::from_unix(expires) })
}

fn read_certificates(mut list: Reader<'_>, limits: &Limits) -> Result<Vec<Vec<u8>>, StateError> {
    let mut certificates = Vec::new();
    while !list.is_empty() {
        if certificates.len() >= limits.certificates as usize {
            return Err(StateError::Malformed { what: "certificates" });
        }
        certificates.push(list.expect(tag::SEQUENCE)?.raw.to_vec());
    }
    Ok(certificates)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::DigestAlgorithm;
    use crate::crypto::testing;
    use crate::pdf::fixture::FileBuilder;
    use crate::sign::{SignRequest, prepare};

    const SECRET: &[u8] = b"secret of the house";

    fn document() -> Vec<u8> {
        FileBuilder::new().with_a_page().table("/Root 1 0 R").bytes
    }

    fn waiting(algorithm: SignatureAlgorithm, key: &str) -> (Waiting, Vec<testing::Made>) {
        let made = testing::person(key);
        let certificates: Vec<_> = made.iter().map(testing::Made::der).collect();
        let at = Time::from_unix(testing::NOT_BEFORE + 86_400);
        let request = SignRequest::new(at);
        let prepared = prepare(&document(), &request, algorithm, &certificates, &Limits::default()).unwrap();
        (Waiting { prepared, expires_at: at.plus_seconds(600) }, made)
    }

    fn p256() -> (Waiting, Vec<testing::Made>) {
        waiting(SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256), "p256")
    }

    #[test]
    fn a_state_survives_and_finishes_as_if_it_had_never_been_away() {
        for (algorithm, key) in [
            (SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256), "p256"),
            (SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha384), "p384"),
            (SignatureAlgorithm::Ed25519, "ed25519"),
        ] {
            let (waiting, made) = waiting(algorithm, key);
            let sealed = waiting.seal(SECRET);
            assert!(sealed.len() < 8 << 10, "small: {} bytes", sealed.len());
            let again = Waiting::open(&sealed, SECRET, &Limits::default()).unwrap();
            assert_eq!(again, waiting);
            let value = testing::sign(&made[0].key, algorithm, again.prepared.signed_attributes());
            let now = waiting.expires_at.plus_seconds(-1);
            let signed = again.complete(&document(), &value, now).unwrap();
            assert_eq!(signed, waiting.prepared.complete(&value).unwrap());
        }
    }

    #[test]
    fn another_document_a_late_value_and_a_wrong_value_are_refused() {
        let (waiting, made) = p256();
        let value =
            testing::sign(&made[0].key, waiting.prepared.algorithm, waiting.prepared.signed_attributes());
        let code = |document: &Vec<u8>, value: &[u8], now| {
            waiting.clone().complete(document, value, now).unwrap_err().code()
        };
        let now = waiting.expires_at.plus_seconds(-1);
        let mut changed = document();
        changed[20] ^= 1;
        assert_eq!(code(&changed, &value, now), "document_changed");
        assert_eq!(code(&[document(), b"\n".to_vec()].concat(), &value, now), "document_changed");
        assert_eq!(code(&document(), &value, now.plus_seconds(1)), "state_expired");
        let mut wrong = value.clone();
        *wrong.last_mut().unwrap() ^= 1;
        assert_eq!(code(&document(), &wrong, now), "signature_mismatch");
        assert_eq!(code(&document(), b"", now), "signature_mismatch");
        // Somebody else's key.
        let other = testing::sign(
            &testing::key("p384"),
            waiting.prepared.algorithm,
            waiting.prepared.signed_attributes(),
        );
        assert_eq!(code(&document(), &other, now), "signature_mismatch");
    }

    #[test]
    fn every_changed_byte_of_a_state_is_noticed() {
        let sealed = p256().0.seal(SECRET);
        let open = |bytes: &[u8], secret: &[u8]| {
            Waiting::open(bytes, secret, &Limits::default()).unwrap_err().code()
        };
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 0x20;
            let expected = if at < MAGIC.len() { "not_a_state" } else { "state_altered" };
            assert_eq!(open(&changed, SECRET), expected, "byte {at}");
        }
        assert_eq!(open(&sealed, b"another secret"), "state_altered");
        assert_eq!(open(&sealed[..20], SECRET), "not_a_state");
        assert_eq!(open(b"%PDF-1.7", SECRET), "not_a_state");
    }

    /// What somebody who knows the secret (for a file: anybody) can hand in.
    #[test]
    fn a_hostile_state_neither_panics_nor_allocates_wildly() {
        let sealed = p256().0.seal(b"");
        let body = &sealed[MAGIC.len() + MARK_BYTES..];
        let open = |body: &[u8]| {
            let bytes = [MAGIC, &mark(b"", body), body].concat();
            Waiting::open(&bytes, b"", &Limits::default())
        };
        for at in 0..body.len() {
            for change in [0x01, 0x80, 0xff] {
                let mut changed = body.to_vec();
                changed[at] ^= change;
                if let Ok(waiting) = open(&changed) {
                    let _ = waiting.complete(&document(), b"value", Time::from_unix(0));
                }
            }
            assert!(open(&body[..at]).is_err());
        }
        let mut inside = Reader::new(body).expect(tag::SEQUENCE).unwrap().reader();
        let mut parts: Vec<Vec<u8>> = Vec::new();
        while !inside.is_empty() {
            parts.push(inside.read().unwrap().raw.to_vec());
        }
        let with = |at: usize, part: Vec<u8>| {
            let mut parts = parts.clone();
            parts[at] = part;
            open(&der::element(tag::SEQUENCE, &parts.concat())).unwrap_err()
        };
        assert_eq!(with(0, der::integer(2)), StateError::Version { found: 2 });
        for huge in [u64::MAX, 1 << 40, 3, 0] {
            assert_eq!(with(5, der::integer(huge)), StateError::Malformed { what: "hole" });
        }
        assert_eq!(with(2, der::integer(u64::MAX)), StateError::Malformed { what: "length" });
        assert_eq!(with(8, der::sequence(&[])), StateError::Malformed { what: "certificates" });
        assert_eq!(with(9, der::octet_string(b"short")), StateError::Malformed { what: "message digest" });
    }
}
