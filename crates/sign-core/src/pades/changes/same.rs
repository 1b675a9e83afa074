//! Whether two values are the same, wherever in the file they are written.

use crate::pdf::{Dictionary, Name, Object, Stream, StreamData};
use crate::source::{Source, SourceError};
use std::collections::BTreeMap;
use std::ops::Range;

/// Bytes compared at a time.
const WINDOW: u64 = 64 << 10;

/// Whether two values are the same. References are the same if they name the same object; a
/// dictionary's order and a number's or string's spelling do not matter; a stream is its dictionary
/// and its bytes as stored. Values are as deep as the reader let them be, so the recursion is bounded.
pub(super) fn same(source: &dyn Source, old: &Object, new: &Object) -> Result<bool, SourceError> {
    Ok(match (old, new) {
        (Object::Array(a), Object::Array(b)) => {
            if a.len() != b.len() {
                return Ok(false);
            }
            for (a, b) in a.iter().zip(b) {
                if !same(source, a, b)? {
                    return Ok(false);
                }
            }
            true
        }
        (Object::Dictionary(a), Object::Dictionary(b)) => same_entries(source, a, b)?,
        (Object::Stream(a), Object::Stream(b)) => {
            same_entries(source, &a.dictionary, &b.dictionary)? && same_data(source, a, b)?
        }
        (Object::Integer(_) | Object::Real(_), Object::Integer(_) | Object::Real(_)) => {
            old.as_f64() == new.as_f64() && old.as_integer() == new.as_integer()
        }
        _ => old == new,
    })
}

/// As [`same`], for values that may be missing; a missing one is null.
pub(super) fn same_value(
    source: &dyn Source,
    old: Option<&Object>,
    new: Option<&Object>,
) -> Result<bool, SourceError> {
    same(source, old.unwrap_or(&Object::Null), new.unwrap_or(&Object::Null))
}

fn same_entries(source: &dyn Source, old: &Dictionary, new: &Dictionary) -> Result<bool, SourceError> {
    // By position first: rewritten dictionaries mostly keep their order, and a dictionary with a
    // million keys must not be searched a million times.
    let in_order = old.len() == new.len() && old.iter().zip(new.iter()).all(|((a, _), (b, _))| a == b);
    if in_order {
        for ((_, a), (_, b)) in old.iter().zip(new.iter()) {
            if !same(source, a, b)? {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    for (before, after) in paired(old, new).values() {
        if !same_value(source, *before, *after)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The entries of two dictionaries by their names. Names are bytes: one that is not UTF-8 counts, too.
pub(super) fn paired<'a>(
    old: &'a Dictionary,
    new: &'a Dictionary,
) -> BTreeMap<&'a Name, (Option<&'a Object>, Option<&'a Object>)> {
    let mut pairs: BTreeMap<&Name, (Option<&Object>, Option<&Object>)> = BTreeMap::new();
    for (key, value) in old.iter() {
        pairs.entry(key).or_default().0.get_or_insert(value);
    }
    for (key, value) in new.iter() {
        pairs.entry(key).or_default().1.get_or_insert(value);
    }
    pairs
}

fn same_data(source: &dyn Source, old: &Stream, new: &Stream) -> Result<bool, SourceError> {
    match (&old.data, &new.data) {
        (StreamData::InFile(a), StreamData::InFile(b)) => same_bytes(source, a, b),
        // Encrypted data of one object is the same if its bytes are. The same content encrypted again
        // with another random vector counts as changed: said too much rather than too little.
        (StreamData::Encrypted { range: a, of }, StreamData::Encrypted { range: b, of: other }) => {
            Ok(of == other && same_bytes(source, a, b)?)
        }
        (StreamData::Owned(a), StreamData::Owned(b)) => Ok(a == b),
        _ => Ok(false),
    }
}

/// Whether two parts of the file hold the same bytes.
fn same_bytes(source: &dyn Source, a: &Range<u64>, b: &Range<u64>) -> Result<bool, SourceError> {
    if a == b {
        return Ok(true);
    }
    if a.end.saturating_sub(a.start) != b.end.saturating_sub(b.start) {
        return Ok(false);
    }
    let (mut at, mut other) = (a.start, b.start);
    while at < a.end {
        let step = WINDOW.min(a.end - at);
        if source.read_range(at..at + step)? != source.read_range(other..other + step)? {
            return Ok(false);
        }
        (at, other) = (at + step, other + step);
    }
    Ok(true)
}
