//! Puts the signature value into the hole of a prepared revision.

use super::SignError;
use super::prepare::Prepared;
use crate::cms;

/// A finished signature: the signed file is the source's bytes followed by these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Bytes to append.
    pub appended: Vec<u8>,
    /// Length the source must have: where the appended bytes go.
    pub starts_at: u64,
    /// Fully qualified name of the signed field.
    pub field: String,
}

/// Builds the CMS around `signature` and writes it, in hex, zeros behind it (ISO 32000-2 12.8.1).
pub(super) fn embed(
    prepared: Prepared,
    signature: &[u8],
    unsigned_attributes: &[Vec<u8>],
) -> Result<Signed, SignError> {
    let cms = cms::build_signed_data(
        &prepared.signed_attributes,
        prepared.algorithm,
        signature,
        &prepared.embedded,
        unsigned_attributes,
    )?;
    let mut appended = prepared.appended;
    // Two brackets, two digits a byte.
    let reserved = prepared.hole.len().saturating_sub(2) / 2;
    if cms.len() > reserved {
        return Err(SignError::HoleTooSmall { needed: cms.len(), reserved });
    }
    let slots = appended.get_mut(prepared.hole.start + 1..prepared.hole.end - 1).unwrap_or_default();
    let (pairs, _) = slots.as_chunks_mut::<2>();
    for (pair, byte) in pairs.iter_mut().zip(cms) {
        *pair = [byte >> 4, byte & 15].map(hex_digit);
    }
    Ok(Signed { appended, starts_at: prepared.starts_at, field: prepared.field })
}

fn hex_digit(nibble: u8) -> u8 {
    match nibble {
        0..=9 => b'0' + nibble,
        _ => b'a' + (nibble - 10),
    }
}
