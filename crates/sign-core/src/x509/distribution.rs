//! Where revocation lists are found and what they cover: cRLDistributionPoints (RFC 5280 4.2.1.13) and
//! issuingDistributionPoint (5.2.5).

use super::general_name::{GeneralName, any_matches};
use super::name::Name;
use crate::crypto::der::{DerError, Reader, Tlv, tag};

/// Reasons for revocation as a set, bit n for ReasonFlags n (RFC 5280 4.2.1.13); bit 0 is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reasons(u16);

impl Reasons {
    /// Every reason there is: ReasonFlags 1 to 8.
    pub const ALL: Self = Self(0b1_1111_1110);
    /// No reason.
    pub const NONE: Self = Self(0);

    /// Reasons in both sets.
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Reasons in one of the sets.
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether every reason of `other` is in this set.
    pub fn covers(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    fn read(element: Tlv<'_>) -> Result<Self, DerError> {
        Ok(Self(named_bits(element.content)?).and(Self::ALL))
    }
}

/// The first sixteen bits of a BIT STRING's content, the first bit lowest.
pub(super) fn named_bits(content: &[u8]) -> Result<u16, DerError> {
    let (&unused, bytes) = content.split_first().ok_or(DerError::BadBitString)?;
    if unused > 7 || (bytes.is_empty() && unused > 0) {
        return Err(DerError::BadBitString);
    }
    let bytes = bytes.iter().take(2).enumerate();
    Ok(bytes.fold(0, |bits, (at, byte)| bits | (u16::from(byte.reverse_bits()) << (8 * at))))
}

/// DistributionPointName: whole names, or a relative one to be added to the CRL issuer's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PointName {
    /// fullName.
    Full(Vec<GeneralName>),
    /// nameRelativeToCRLIssuer: the SET OF attributes as encoded.
    Relative(Vec<u8>),
}

impl PointName {
    /// `element` is `[0]` around the choice.
    fn read(element: Tlv<'_>) -> Result<Self, DerError> {
        let mut inside = element.reader();
        let choice = inside.read()?;
        inside.finish()?;
        match choice.tag {
            0xa0 => Ok(Self::Full(GeneralName::read_all(choice.content)?)),
            0xa1 => Ok(Self::Relative(choice.content.to_vec())),
            found => Err(DerError::UnexpectedTag { expected: tag::context(0), found }),
        }
    }

    /// The whole names, a relative one completed with `issuer`.
    fn names(&self, issuer: &Name) -> Vec<GeneralName> {
        match self {
            Self::Full(names) => names.clone(),
            Self::Relative(attributes) => {
                issuer.with_relative(attributes).map(GeneralName::Directory).into_iter().collect()
            }
        }
    }
}

/// One point of cRLDistributionPoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DistributionPoint {
    /// Where, or under which name.
    pub name: Option<PointName>,
    /// For which reasons; None: for all.
    pub reasons: Option<Reasons>,
    /// Who signs the CRL, if not the certificate's issuer.
    pub crl_issuer: Vec<GeneralName>,
}

impl DistributionPoint {
    pub(super) fn read_all(value: &[u8]) -> Result<Vec<Self>, DerError> {
        let mut outer = Reader::new(value);
        let mut inside = outer.expect(tag::SEQUENCE)?.reader();
        outer.finish()?;
        let mut points = Vec::new();
        while !inside.is_empty() {
            points.push(Self::read(inside.expect(tag::SEQUENCE)?)?);
        }
        Ok(points)
    }

    fn read(element: Tlv<'_>) -> Result<Self, DerError> {
        let mut inside = element.reader();
        let name = inside.optional(tag::context(0))?.map(PointName::read).transpose()?;
        let reasons = inside.optional(tag::context_primitive(1))?.map(Reasons::read).transpose()?;
        let crl_issuer = match inside.optional(tag::context(2))? {
            Some(names) => GeneralName::read_all(names.content)?,
            None => Vec::new(),
        };
        inside.finish()?;
        Ok(Self { name, reasons, crl_issuer })
    }

    /// Addresses in its name.
    pub fn urls(&self) -> impl Iterator<Item = &str> {
        let names = match &self.name {
            Some(PointName::Full(names)) => names.as_slice(),
            _ => &[],
        };
        names.iter().filter_map(|name| match name {
            GeneralName::Uri(url) => Some(url.as_str()),
            _ => None,
        })
    }

    /// The directory names of who signs its CRL.
    pub(super) fn issuer_names(&self) -> impl Iterator<Item = &Name> {
        self.crl_issuer.iter().filter_map(|name| match name {
            GeneralName::Directory(name) => Some(name),
            _ => None,
        })
    }

    /// Whether a CRL of `crl_issuer` with this name of its own is meant (RFC 5280 6.3.3 b 2 i).
    pub(super) fn is_named(&self, issued: &PointName, crl_issuer: &Name) -> bool {
        let issued = issued.names(crl_issuer);
        match &self.name {
            Some(name) => any_matches(&name.names(crl_issuer), &issued),
            None => any_matches(&self.crl_issuer, &issued),
        }
    }
}

/// issuingDistributionPoint: what a CRL covers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(clippy::struct_excessive_bools)]
pub struct IssuingPoint {
    /// The name of this part.
    pub name: Option<PointName>,
    /// Only certificates of end entities.
    pub only_user: bool,
    /// Only certificates of authorities.
    pub only_authorities: bool,
    /// Only these reasons; None: all.
    pub reasons: Option<Reasons>,
    /// May list certificates of other issuers.
    pub indirect: bool,
    /// Only attribute certificates: none of ours.
    pub only_attributes: bool,
}

impl IssuingPoint {
    pub(super) fn read(value: &[u8]) -> Result<Self, DerError> {
        let mut outer = Reader::new(value);
        let mut inside = outer.expect(tag::SEQUENCE)?.reader();
        outer.finish()?;
        let name = inside.optional(tag::context(0))?.map(PointName::read).transpose()?;
        let (only_user, only_authorities) = (flag(&mut inside, 1)?, flag(&mut inside, 2)?);
        let reasons = inside.optional(tag::context_primitive(3))?.map(Reasons::read).transpose()?;
        let (indirect, only_attributes) = (flag(&mut inside, 4)?, flag(&mut inside, 5)?);
        inside.finish()?;
        Ok(Self { name, only_user, only_authorities, reasons, indirect, only_attributes })
    }
}

/// `[n] IMPLICIT BOOLEAN DEFAULT FALSE`.
fn flag(inside: &mut Reader<'_>, n: u8) -> Result<bool, DerError> {
    let found = inside.optional(tag::context_primitive(n))?;
    Ok(found.is_some_and(|value| value.content.iter().any(|&byte| byte != 0)))
}
