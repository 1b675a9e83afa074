//! Puts the signature value into the hole of a prepared revision.

use super::prepare::Prepared;
use super::{SignError, StampError};
use crate::cms;
use std::ops::Range;

/// A finished signature: the signed file is the source's bytes followed by these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Bytes to append.
    pub appended: Vec<u8>,
    /// Length the source must have: where the appended bytes go.
    pub starts_at: u64,
    /// Fully qualified name of the signed field.
    pub field: String,
    /// Why it bears no time stamp although one was wanted.
    pub unstamped: Option<StampError>,
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
    fill(&mut appended, &prepared.hole, &cms)?;
    Ok(Signed { appended, starts_at: prepared.starts_at, field: prepared.field, unstamped: None })
}

/// Writes `value` in hex into the hole, brackets kept, zeros behind it.
pub(super) fn fill(appended: &mut [u8], hole: &Range<usize>, value: &[u8]) -> Result<(), SignError> {
    // Two brackets, two digits a byte.
    let reserved = hole.len().saturating_sub(2) / 2;
    if value.len() > reserved {
        return Err(SignError::HoleTooSmall { needed: value.len(), reserved });
    }
    let inside = hole.start.saturating_add(1)..hole.end.saturating_sub(1);
    let (pairs, _) = appended.get_mut(inside).unwrap_or_default().as_chunks_mut::<2>();
    for (pair, byte) in pairs.iter_mut().zip(value) {
        *pair = [byte >> 4, byte & 15].map(hex_digit);
    }
    Ok(())
}

fn hex_digit(nibble: u8) -> u8 {
    match nibble {
        0..=9 => b'0' + nibble,
        _ => b'a' + (nibble - 10),
    }
}
