//! Where the parts of a certificate lie in its bytes (RFC 5280 4.1), and what is unusual about them.

use super::extension::{self, Extensions};
use super::name::Name;
use super::signed;
use crate::crypto::der::{DerError, Tlv, tag};
use crate::crypto::verify::has_negative_modulus;

/// Something unusual about a certificate that is read all the same. None of them makes a path invalid by
/// RFC 5280 section 6; they are told so that nothing tolerated stays unsaid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Oddity {
    /// Indefinite or over-long lengths: BER where DER is asked for.
    Ber,
    /// A serial number below zero (4.1.2.2 forbids it; some authorities wrote one).
    NegativeSerial,
    /// The serial number zero.
    ZeroSerial,
    /// A serial number of more than 20 bytes.
    LongSerial,
    /// An RSA modulus without its sign byte, computed with as meant.
    NegativeModulus,
    /// Extensions in a certificate that does not say it is of version 3.
    ExtensionsWithoutVersion3,
    /// No issuer name, which 4.1.2.4 demands.
    EmptyIssuer,
    /// An authority without a subject name, which 4.1.2.6 demands.
    EmptyAuthority,
    /// authorityKeyIdentifier is critical, against 4.2.1.1.
    CriticalKeyIdentifier,
    /// A second reader, by other people, cannot read it: other programs may not either.
    RefusedBySecondReader,
    /// A pathLenConstraint or keyCertSign without being an authority, against 4.2.1.9 and 4.2.1.3.
    AuthorityTraitsWithoutCa,
}

impl Oddity {
    /// A stable word for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ber => "certificate_not_der",
            Self::NegativeSerial => "negative_serial",
            Self::ZeroSerial => "zero_serial",
            Self::LongSerial => "long_serial",
            Self::NegativeModulus => "negative_modulus",
            Self::ExtensionsWithoutVersion3 => "extensions_without_version_3",
            Self::EmptyIssuer => "empty_issuer",
            Self::EmptyAuthority => "empty_authority_name",
            Self::CriticalKeyIdentifier => "critical_authority_key_identifier",
            Self::RefusedBySecondReader => "refused_by_second_reader",
            Self::AuthorityTraitsWithoutCa => "authority_traits_without_ca",
        }
    }
}

/// The parts of a certificate in place.
pub(super) struct Layout<'a> {
    pub(super) outer: signed::Outer<'a>,
    pub(super) version: u64,
    pub(super) serial: &'a [u8],
    pub(super) inner_algorithm: &'a [u8],
    pub(super) issuer: &'a [u8],
    pub(super) not_before: Tlv<'a>,
    pub(super) not_after: Tlv<'a>,
    pub(super) subject: &'a [u8],
    pub(super) spki: &'a [u8],
    pub(super) extensions: Option<Tlv<'a>>,
}

impl<'a> Layout<'a> {
    pub(super) fn read(der: &'a [u8]) -> Result<Self, DerError> {
        let outer = signed::Outer::read(der)?;
        let mut inside = outer.tbs.reader();
        let version = match inside.optional(tag::context(0))? {
            Some(version) => version.reader().expect(tag::INTEGER)?.unsigned()?,
            None => 0,
        };
        let serial = inside.expect(tag::INTEGER)?.content;
        if serial.is_empty() {
            return Err(DerError::BadInteger);
        }
        let inner_algorithm = inside.expect(tag::SEQUENCE)?.raw;
        let issuer = inside.expect(tag::SEQUENCE)?.raw;
        let mut validity = inside.expect(tag::SEQUENCE)?.reader();
        let (not_before, not_after) = (validity.read()?, validity.read()?);
        validity.finish()?;
        let subject = inside.expect(tag::SEQUENCE)?.raw;
        let spki = inside.expect(tag::SEQUENCE)?.raw;
        // issuerUniqueID and subjectUniqueID: nobody uses them.
        inside.optional(tag::context_primitive(1))?;
        inside.optional(tag::context_primitive(2))?;
        let extensions = inside.optional(tag::context(3))?;
        inside.finish()?;
        Ok(Self {
            outer,
            version,
            serial,
            inner_algorithm,
            issuer,
            not_before,
            not_after,
            subject,
            spki,
            extensions,
        })
    }
}

/// What is unusual about a certificate of these parts; `ber` if its encoding is not DER.
pub(super) fn oddities(
    layout: &Layout<'_>,
    (issuer, subject): (&Name, &Name),
    extensions: &Extensions,
    ber: bool,
) -> Vec<Oddity> {
    let ca = extensions.basic_constraints.is_some_and(|constraints| constraints.ca);
    let traits_of_ca = extensions.key_usage.is_some_and(|usage| usage.key_cert_sign)
        || extensions.basic_constraints.is_some_and(|constraints| constraints.path_length.is_some());
    let all = [
        (ber, Oddity::Ber),
        (layout.serial.first().is_some_and(|&first| first >= 0x80), Oddity::NegativeSerial),
        (layout.serial.iter().all(|&byte| byte == 0), Oddity::ZeroSerial),
        (layout.serial.len() > 20, Oddity::LongSerial),
        (has_negative_modulus(layout.spki), Oddity::NegativeModulus),
        (layout.extensions.is_some() && layout.version != 2, Oddity::ExtensionsWithoutVersion3),
        (issuer.is_empty(), Oddity::EmptyIssuer),
        (ca && subject.is_empty(), Oddity::EmptyAuthority),
        (
            extensions.critical.iter().any(|oid| oid == extension::AUTHORITY_KEY_ID),
            Oddity::CriticalKeyIdentifier,
        ),
        (!ca && traits_of_ca, Oddity::AuthorityTraitsWithoutCa),
    ];
    all.into_iter().filter(|(met, _)| *met).map(|(_, oddity)| oddity).collect()
}
