//! The entries of a revocation list, walked in place (RFC 5280 5.1.2.6 and 5.3).

use crate::crypto::der::{DerError, Reader, Tlv, tag};
use crate::time::Time;
use crate::x509::general_name::GeneralName;
use crate::x509::name::Name;
use crate::x509::time::time;

/// Contents of the object identifiers of entry extensions, all below id-ce (2.5.29).
const REASON: &[u8] = &[0x55, 0x1d, 21];
const INVALIDITY_DATE: &[u8] = &[0x55, 0x1d, 24];
const CERTIFICATE_ISSUER: &[u8] = &[0x55, 0x1d, 29];
const ENUMERATED: u8 = 0x0a;

/// CRLReason (RFC 5280 5.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Reason {
    /// None was given.
    #[default]
    Unspecified,
    /// The certificate's private key is in other hands.
    KeyCompromise,
    /// The private key of an authority is.
    CaCompromise,
    /// The subject's name or other data changed.
    AffiliationChanged,
    /// Another certificate took its place.
    Superseded,
    /// It is no longer needed.
    CessationOfOperation,
    /// For the time being.
    CertificateHold,
    /// In delta lists: no longer revoked.
    RemoveFromCrl,
    /// What it attests was withdrawn.
    PrivilegeWithdrawn,
    /// The private key of an attribute authority is in other hands.
    AaCompromise,
}

impl Reason {
    /// From its number; None for the one that is not used and unknown ones.
    pub fn from_number(number: u64) -> Option<Self> {
        Some(match number {
            0 => Self::Unspecified,
            1 => Self::KeyCompromise,
            2 => Self::CaCompromise,
            3 => Self::AffiliationChanged,
            4 => Self::Superseded,
            5 => Self::CessationOfOperation,
            6 => Self::CertificateHold,
            8 => Self::RemoveFromCrl,
            9 => Self::PrivilegeWithdrawn,
            10 => Self::AaCompromise,
            _ => return None,
        })
    }

    /// A stable word for programs: the standard's.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::KeyCompromise => "keyCompromise",
            Self::CaCompromise => "cACompromise",
            Self::AffiliationChanged => "affiliationChanged",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessationOfOperation",
            Self::CertificateHold => "certificateHold",
            Self::RemoveFromCrl => "removeFromCRL",
            Self::PrivilegeWithdrawn => "privilegeWithdrawn",
            Self::AaCompromise => "aACompromise",
        }
    }
}

/// One revoked certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// When the authority took it back.
    pub revoked_at: Time,
    /// Why.
    pub reason: Reason,
    /// Since when it was not to be trusted, if earlier and known (invalidityDate).
    pub invalid_since: Option<Time>,
}

/// What one walk over all entries gives.
pub(super) struct Summary {
    pub(super) count: usize,
    /// The first critical extension that is not understood, dotted.
    pub(super) unknown_critical: Option<String>,
    /// Some entry names its certificate's issuer.
    names_issuers: bool,
}

impl Summary {
    /// Fails at the first malformed entry.
    pub(super) fn read(entries: &[u8]) -> Result<Self, DerError> {
        let mut summary = Self { count: 0, unknown_critical: None, names_issuers: false };
        let mut inside = Reader::new(entries);
        while !inside.is_empty() {
            let raw = RawEntry::read(inside.expect(tag::SEQUENCE)?)?;
            summary.count += 1;
            let mut extensions = Reader::new(raw.extensions);
            while !extensions.is_empty() {
                summary.take(RawExtension::read(extensions.expect(tag::SEQUENCE)?)?)?;
            }
        }
        Ok(summary)
    }

    fn take(&mut self, extension: RawExtension<'_>) -> Result<(), DerError> {
        match extension.oid.content {
            REASON => reason(extension.value).map(drop).ok_or(DerError::BadInteger)?,
            INVALIDITY_DATE => {}
            CERTIFICATE_ISSUER => {
                issuer_of(extension.value)?;
                self.names_issuers = true;
            }
            _ if extension.critical && self.unknown_critical.is_none() => {
                self.unknown_critical = Some(extension.oid.oid()?);
            }
            _ => {}
        }
        Ok(())
    }
}

/// The entry of the certificate with this serial number and issuer. Entries belong to the list's issuer
/// until one names another, which then stays (5.3.3).
pub(super) fn find(
    entries: &[u8],
    summary: &Summary,
    crl_issuer: &Name,
    serial: &[u8],
    issuer: &Name,
) -> Option<Entry> {
    let serial = significant(serial);
    let mut concerned = crl_issuer.matches(issuer);
    let mut inside = Reader::new(entries);
    while !inside.is_empty() {
        let raw = RawEntry::read(inside.expect(tag::SEQUENCE).ok()?).ok()?;
        if summary.names_issuers
            && let Some(names) = raw.extension(CERTIFICATE_ISSUER)
        {
            concerned = issuer_of(names).is_ok_and(|names| {
                names.iter().any(|name| matches!(name, GeneralName::Directory(name) if name.matches(issuer)))
            });
        }
        if concerned && significant(raw.serial) == serial {
            return Some(Entry {
                revoked_at: time(raw.date)?,
                reason: raw.extension(REASON).and_then(reason).unwrap_or_default(),
                invalid_since: raw.extension(INVALIDITY_DATE).and_then(generalized_time),
            });
        }
    }
    None
}

/// The serial number without bytes that only repeat its sign.
fn significant(mut serial: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = serial
        && let Some(second) = rest.first()
        && ((*first == 0 && *second < 0x80) || (*first == 0xff && *second >= 0x80))
    {
        serial = rest;
    }
    serial
}

struct RawEntry<'a> {
    serial: &'a [u8],
    date: Tlv<'a>,
    extensions: &'a [u8],
}

impl<'a> RawEntry<'a> {
    fn read(element: Tlv<'a>) -> Result<Self, DerError> {
        let mut inside = element.reader();
        let serial = inside.expect(tag::INTEGER)?.content;
        let date = inside.read()?;
        if !matches!(date.tag, tag::UTC_TIME | tag::GENERALIZED_TIME) {
            return Err(DerError::UnexpectedTag { expected: tag::UTC_TIME, found: date.tag });
        }
        let extensions = inside.optional(tag::SEQUENCE)?.map_or(&[][..], |list| list.content);
        inside.finish()?;
        Ok(Self { serial, date, extensions })
    }

    /// Value of the extension with this identifier.
    fn extension(&self, oid: &[u8]) -> Option<&'a [u8]> {
        let mut extensions = Reader::new(self.extensions);
        while !extensions.is_empty() {
            let extension = RawExtension::read(extensions.expect(tag::SEQUENCE).ok()?).ok()?;
            if extension.oid.content == oid {
                return Some(extension.value);
            }
        }
        None
    }
}

struct RawExtension<'a> {
    oid: Tlv<'a>,
    critical: bool,
    value: &'a [u8],
}

impl<'a> RawExtension<'a> {
    fn read(element: Tlv<'a>) -> Result<Self, DerError> {
        let mut inside = element.reader();
        let oid = inside.expect(tag::OID)?;
        let critical =
            inside.optional(tag::BOOLEAN)?.is_some_and(|flag| flag.content.iter().any(|&byte| byte != 0));
        let value = inside.expect(tag::OCTET_STRING)?.content;
        inside.finish()?;
        Ok(Self { oid, critical, value })
    }
}

fn reason(value: &[u8]) -> Option<Reason> {
    match Reader::new(value).expect(ENUMERATED).ok()?.content {
        [number] => Reason::from_number(u64::from(*number)),
        _ => None,
    }
}

fn generalized_time(value: &[u8]) -> Option<Time> {
    time(Reader::new(value).expect(tag::GENERALIZED_TIME).ok()?)
}

fn issuer_of(value: &[u8]) -> Result<Vec<GeneralName>, DerError> {
    GeneralName::read_all(Reader::new(value).expect(tag::SEQUENCE)?.content)
}
