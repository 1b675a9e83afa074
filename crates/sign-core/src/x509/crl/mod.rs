//! Certificate revocation lists (RFC 5280 section 5) as facts, and what they say about a certificate
//! ([`status`]).
//!
//! A list may have a million entries: it is walked once when it is read, and once for each question,
//! without making anything of the entries that are not asked for.

mod entry;
pub mod status;
#[cfg(test)]
mod tests;

pub use entry::{Entry, Reason};

use super::certificate::X509Error;
use super::distribution::IssuingPoint;
use super::extension::{self, Extension, whole};
use super::name::Name;
use super::signed::{self, SignedPart};
use super::time::time;
use crate::crypto::der::{self, DerError, Tlv, tag};
use crate::crypto::{CryptoError, SignatureAlgorithm, digest};
use crate::time::Time;
use std::ops::Range;
use std::sync::Arc;

/// Bytes of one list. The largest known to be in use have 50 MiB.
const MAX_BYTES: usize = 128 * 1024 * 1024;

const CRL_NUMBER: &str = "2.5.29.20";
const DELTA_INDICATOR: &str = "2.5.29.27";
const ISSUING_POINT: &str = "2.5.29.28";
const ISSUER_ALT_NAME: &str = "2.5.29.18";
const FRESHEST_CRL: &str = "2.5.29.46";
const EXPIRED_CERTS: &str = "2.5.29.60";
const AUTHORITY_INFO_ACCESS: &str = "1.3.6.1.5.5.7.1.1";

/// A certificate revocation list. Cloning is cheap; two are equal when their bytes are.
#[derive(Clone)]
pub struct Crl(Arc<Inner>);

struct Inner {
    der: Vec<u8>,
    signed: SignedPart,
    issuer: Name,
    this_update: Time,
    next_update: Option<Time>,
    entries: Range<usize>,
    summary: entry::Summary,
    facts: Facts,
    ber: bool,
}

/// What the extensions of the list say.
#[derive(Default)]
struct Facts {
    number: Option<Vec<u8>>,
    delta_base: Option<Vec<u8>>,
    point: Option<IssuingPoint>,
    raw_point: Option<Vec<u8>>,
    authority_key_id: Option<Vec<u8>>,
    keeps_expired_since: Option<Time>,
    unknown_critical: Vec<String>,
    malformed: Vec<String>,
}

impl Crl {
    /// Reads one list and nothing after it. It should be DER; BER is read too ([`Self::is_ber`]).
    ///
    /// # Errors
    /// [`X509Error`], also if one entry is malformed: then none of the others can be relied on.
    pub fn parse(der: &[u8]) -> Result<Self, X509Error> {
        if der.len() > MAX_BYTES {
            return Err(X509Error::TooLong { length: der.len() });
        }
        let scan = der::scan(der).map_err(X509Error::malformed)?;
        if scan.length != der.len() {
            return Err(X509Error::malformed("bytes after the list"));
        }
        let layout = Layout::read(der).map_err(X509Error::malformed)?;
        let instant = |value| time(value).ok_or_else(|| X509Error::malformed("an update is no time"));
        let extensions = match layout.extensions {
            Some(list) => Extension::read_all(list.content).map_err(X509Error::malformed)?,
            None => Vec::new(),
        };
        let entries = super::certificate::range_in(der, layout.entries).unwrap_or(0..0);
        Ok(Self(Arc::new(Inner {
            signed: SignedPart::new(der, &layout.outer, layout.inner_algorithm)
                .map_err(X509Error::malformed)?,
            issuer: Name::parse(layout.issuer).map_err(X509Error::malformed)?,
            this_update: instant(layout.this_update)?,
            next_update: layout.next_update.map(instant).transpose()?,
            summary: entry::Summary::read(layout.entries).map_err(X509Error::malformed)?,
            entries,
            facts: Facts::read(&extensions),
            ber: scan.ber,
            der: der.to_vec(),
        })))
    }

    /// The whole list.
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// Who signed it.
    pub fn issuer(&self) -> &Name {
        &self.0.issuer
    }

    /// When it was made.
    pub fn this_update(&self) -> Time {
        self.0.this_update
    }

    /// When the next one will be there at the latest.
    pub fn next_update(&self) -> Option<Time> {
        self.0.next_update
    }

    /// cRLNumber: a number that grows, big-endian without leading zeros.
    pub fn number(&self) -> Option<&[u8]> {
        self.0.facts.number.as_deref()
    }

    /// deltaCRLIndicator: this is no whole list but what changed since the one of this number.
    pub fn delta_base(&self) -> Option<&[u8]> {
        self.0.facts.delta_base.as_deref()
    }

    /// issuingDistributionPoint: what it covers; None: every certificate of its issuer.
    pub fn issuing_point(&self) -> Option<&IssuingPoint> {
        self.0.facts.point.as_ref()
    }

    /// Key identifier in authorityKeyIdentifier.
    pub fn authority_key_id(&self) -> Option<&[u8]> {
        self.0.facts.authority_key_id.as_deref()
    }

    /// expiredCertsOnCRL (X.509 9.5.2.8): revoked certificates that expired after this stay listed.
    pub fn keeps_expired_since(&self) -> Option<Time> {
        self.0.facts.keeps_expired_since
    }

    /// Critical extensions of the list that are not understood here, dotted.
    pub fn unknown_critical_extensions(&self) -> &[String] {
        &self.0.facts.unknown_critical
    }

    /// Known extensions that are malformed, and any that occurs twice, dotted.
    pub fn malformed_extensions(&self) -> &[String] {
        &self.0.facts.malformed
    }

    /// A critical extension of an entry that is not understood here, dotted. Such a list says nothing
    /// reliable about any certificate (RFC 5280 5.3).
    pub fn unknown_critical_entry_extension(&self) -> Option<&str> {
        self.0.summary.unknown_critical.as_deref()
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.0.summary.count
    }

    /// Whether nothing is revoked.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Indefinite or over-long lengths occur: BER where DER is asked for.
    pub fn is_ber(&self) -> bool {
        self.0.ber
    }

    /// SHA-256 of the whole list in hexadecimal.
    pub fn sha256_hex(&self) -> String {
        digest::hex(&digest::digest(crate::crypto::DigestAlgorithm::Sha256, self.der()))
    }

    /// The algorithm of its signature.
    ///
    /// # Errors
    /// [`CryptoError`] if unknown, or if the two places that name it differ.
    pub fn signature_algorithm(&self) -> Result<SignatureAlgorithm, CryptoError> {
        self.0.signed.algorithm()
    }

    /// Whether its signature was made with this key (a SubjectPublicKeyInfo).
    ///
    /// # Errors
    /// [`CryptoError`] if the key or the algorithm cannot be used.
    pub fn is_signed_by(&self, spki: &[u8]) -> Result<bool, CryptoError> {
        self.0.signed.is_signed_by(&self.0.der, spki)
    }

    /// The entry of a certificate: its serial number as encoded, and its issuer.
    pub fn find(&self, serial: &[u8], issuer: &Name) -> Option<Entry> {
        let entries = self.0.der.get(self.0.entries.clone()).unwrap_or_default();
        entry::find(entries, &self.0.summary, &self.0.issuer, serial, issuer)
    }

    /// Whether both cover the same: equal issuer, issuing point and key, as a delta and its base must
    /// (RFC 5280 6.3.3 c).
    fn has_scope_of(&self, other: &Self) -> bool {
        self.issuer().matches(other.issuer())
            && self.0.facts.raw_point == other.0.facts.raw_point
            && self.authority_key_id() == other.authority_key_id()
    }
}

impl Facts {
    fn read(all: &[Extension<'_>]) -> Self {
        let mut facts = Self::default();
        for (index, extension) in all.iter().enumerate() {
            let oid = &extension.oid;
            if all.iter().take(index).any(|earlier| earlier.oid == *oid) {
                facts.malformed.push(oid.clone());
                continue;
            }
            match facts.take(extension) {
                Ok(true) => {}
                Ok(false) if extension.critical => facts.unknown_critical.push(oid.clone()),
                Ok(false) => {}
                Err(_) => facts.malformed.push(oid.clone()),
            }
        }
        facts
    }

    /// Whether the extension is one that is understood here.
    fn take(&mut self, extension: &Extension<'_>) -> Result<bool, DerError> {
        let value = &*extension.value;
        match extension.oid.as_str() {
            CRL_NUMBER => self.number = Some(number(value)?),
            DELTA_INDICATOR => self.delta_base = Some(number(value)?),
            ISSUING_POINT => {
                // Whether it covers one certificate depends on it even where it cannot be read.
                self.raw_point = Some(value.to_vec());
                self.point = Some(IssuingPoint::read(value)?);
            }
            extension::AUTHORITY_KEY_ID => self.authority_key_id = extension::authority_key_id(value)?,
            EXPIRED_CERTS => {
                self.keeps_expired_since = time(whole(value, tag::GENERALIZED_TIME)?);
            }
            ISSUER_ALT_NAME | FRESHEST_CRL | AUTHORITY_INFO_ACCESS => {}
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// A non-negative INTEGER of at most 20 bytes (RFC 5280 5.2.3) without leading zeros.
fn number(value: &[u8]) -> Result<Vec<u8>, DerError> {
    let content = whole(value, tag::INTEGER)?.content;
    match content {
        [] | [0x80..=0xff, ..] => Err(DerError::BadInteger),
        _ if content.len() > 21 => Err(DerError::BadInteger),
        digits => Ok(digits.iter().copied().skip_while(|&byte| byte == 0).collect()),
    }
}

/// Compares two such numbers.
fn compare_numbers(a: &[u8], b: &[u8]) -> std::cmp::Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// The parts of a list in place.
struct Layout<'a> {
    outer: signed::Outer<'a>,
    inner_algorithm: &'a [u8],
    issuer: &'a [u8],
    this_update: Tlv<'a>,
    next_update: Option<Tlv<'a>>,
    entries: &'a [u8],
    extensions: Option<Tlv<'a>>,
}

impl<'a> Layout<'a> {
    fn read(der: &'a [u8]) -> Result<Self, DerError> {
        let outer = signed::Outer::read(der)?;
        let mut inside = outer.tbs.reader();
        inside.optional(tag::INTEGER)?;
        let inner_algorithm = inside.expect(tag::SEQUENCE)?.raw;
        let issuer = inside.expect(tag::SEQUENCE)?.raw;
        let this_update = inside.read()?;
        let next_update = match inside.peek() {
            Some(tag::UTC_TIME | tag::GENERALIZED_TIME) => Some(inside.read()?),
            _ => None,
        };
        let entries = inside.optional(tag::SEQUENCE)?.map_or(&[][..], |list| list.content);
        let extensions = inside.optional(tag::context(0))?;
        inside.finish()?;
        Ok(Self { outer, inner_algorithm, issuer, this_update, next_update, entries, extensions })
    }
}

impl PartialEq for Crl {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.der == other.0.der
    }
}
impl Eq for Crl {}

impl std::fmt::Debug for Crl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Crl({}, {}, {} entries)", self.issuer(), self.this_update(), self.len())
    }
}
