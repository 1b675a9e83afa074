//! GeneralName (RFC 5280 4.2.1.6): the forms in which certificates and CRLs name subjects and places.

use super::name::Name;
use crate::crypto::der::{DerError, Reader, Tlv, tag};

/// One name in one of its forms. Text is kept as written; bytes that are no UTF-8 show as U+FFFD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GeneralName {
    /// rfc822Name: a mailbox.
    Mail(String),
    /// dNSName.
    Dns(String),
    /// directoryName.
    Directory(Name),
    /// uniformResourceIdentifier.
    Uri(String),
    /// iPAddress: 4 or 16 bytes; in name constraints twice as many, address and mask.
    Ip(Vec<u8>),
    /// otherName, x400Address, ediPartyName or registeredID: only compared as bytes.
    Other {
        /// Number of its context tag: 0, 3, 5 or 8.
        form: u8,
        /// The whole element.
        raw: Vec<u8>,
    },
}

impl GeneralName {
    /// Reads one.
    pub(super) fn read(element: Tlv<'_>) -> Result<Self, DerError> {
        let text = || String::from_utf8_lossy(element.content).into_owned();
        let form = element.tag & 0x1f;
        Ok(match element.tag {
            0x81 => Self::Mail(text()),
            0x82 => Self::Dns(text()),
            0xa4 => Self::Directory(Name::parse(element.content)?),
            0x86 => Self::Uri(text()),
            0x87 => Self::Ip(element.content.to_vec()),
            0xa0 | 0xa3 | 0xa5 | 0x88 => Self::Other { form, raw: element.raw.to_vec() },
            found => return Err(DerError::UnexpectedTag { expected: tag::context(4), found }),
        })
    }

    /// Reads the content of GeneralNames: one or more.
    pub(super) fn read_all(content: &[u8]) -> Result<Vec<Self>, DerError> {
        let mut inside = Reader::new(content);
        let mut names = Vec::new();
        while !inside.is_empty() {
            names.push(Self::read(inside.read()?)?);
        }
        if names.is_empty() { Err(DerError::Truncated) } else { Ok(names) }
    }

    /// Whether both say the same: directory names by RFC 5280 7.1, texts letter by letter but for
    /// the case of hosts.
    pub fn matches(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Directory(a), Self::Directory(b)) => a.matches(b),
            (Self::Dns(a), Self::Dns(b)) => a.eq_ignore_ascii_case(b),
            (a, b) => a == b,
        }
    }
}

/// Whether one of the names is among the others.
pub(super) fn any_matches(names: &[GeneralName], others: &[GeneralName]) -> bool {
    names.iter().any(|name| others.iter().any(|other| name.matches(other)))
}
