//! Where bytes come from: a length and reads at an offset.
//!
//! A byte slice is a source, an open file is one (in `sign-io`), a range reader of an object store
//! can be one. Offsets are 64 bit everywhere.

use std::fmt;

/// A read that could not be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read {length} bytes at offset {offset}: {reason}")]
pub struct SourceError {
    /// First byte asked for.
    pub offset: u64,
    /// How many bytes were asked for.
    pub length: u64,
    /// What the operating system or the store said; "past the end" for a short source.
    pub reason: String,
}

/// Random access to the bytes of one document.
///
/// The bytes must not change while a document is open over them.
pub trait Source: Send + Sync {
    /// Length in bytes.
    fn len(&self) -> u64;

    /// True if there is not a single byte.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fills `buffer` with the bytes from `offset` on, all of it or nothing.
    ///
    /// # Errors
    /// [`SourceError`] if the range is not wholly inside the source or could not be read.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), SourceError>;

    /// All bytes, if they lie in memory: they can be looked at without copying them.
    fn bytes(&self) -> Option<&[u8]> {
        None
    }

    /// The bytes of `range` as a new vector; the caller has checked its size against a limit.
    ///
    /// # Errors
    /// As [`Source::read_at`].
    fn read_range(&self, range: std::ops::Range<u64>) -> Result<Vec<u8>, SourceError> {
        let length = range.end.saturating_sub(range.start);
        // Checked before allocating: a hostile length must not reserve memory.
        if range.end > self.len() {
            return Err(SourceError { offset: range.start, length, reason: "past the end".into() });
        }
        let size = usize::try_from(length).map_err(|_| SourceError {
            offset: range.start,
            length,
            reason: "larger than memory".into(),
        })?;
        let mut buffer = vec![0; size];
        self.read_at(range.start, &mut buffer)?;
        Ok(buffer)
    }
}

impl Source for [u8] {
    fn len(&self) -> u64 {
        <[u8]>::len(self) as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), SourceError> {
        let wanted = || SourceError { offset, length: buffer.len() as u64, reason: "past the end".into() };
        let start = usize::try_from(offset).map_err(|_| wanted())?;
        let end = start.checked_add(buffer.len()).ok_or_else(wanted)?;
        let bytes = self.get(start..end).ok_or_else(wanted)?;
        buffer.copy_from_slice(bytes);
        Ok(())
    }

    fn bytes(&self) -> Option<&[u8]> {
        Some(self)
    }
}

impl Source for Vec<u8> {
    fn len(&self) -> u64 {
        Source::len(self.as_slice())
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), SourceError> {
        self.as_slice().read_at(offset, buffer)
    }

    fn bytes(&self) -> Option<&[u8]> {
        Some(self)
    }
}

/// The first bytes of another source: how a document looked before later revisions.
#[derive(Clone, Copy)]
pub struct Prefix<'s> {
    source: &'s dyn Source,
    length: u64,
}

impl<'s> Prefix<'s> {
    /// The first `length` bytes of `source`, or all of it if it is shorter.
    pub fn new(source: &'s dyn Source, length: u64) -> Self {
        Self { source, length: length.min(source.len()) }
    }
}

impl Source for Prefix<'_> {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), SourceError> {
        let length = buffer.len() as u64;
        match offset.checked_add(length) {
            Some(end) if end <= self.length => self.source.read_at(offset, buffer),
            _ => Err(SourceError { offset, length, reason: "past the end".into() }),
        }
    }

    fn bytes(&self) -> Option<&[u8]> {
        self.source.bytes()?.get(..usize::try_from(self.length).ok()?)
    }
}

impl fmt::Debug for Prefix<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prefix").field("length", &self.length).finish_non_exhaustive()
    }
}

/// A source with more bytes behind it: a document with the revision about to be appended.
#[derive(Clone, Copy)]
pub struct Joined<'s> {
    first: &'s dyn Source,
    second: &'s [u8],
}

impl<'s> Joined<'s> {
    /// `first`, then `second`.
    pub fn new(first: &'s dyn Source, second: &'s [u8]) -> Self {
        Self { first, second }
    }
}

impl Source for Joined<'_> {
    fn len(&self) -> u64 {
        self.first.len().saturating_add(self.second.len() as u64)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), SourceError> {
        let border = self.first.len();
        let in_first = usize::try_from(border.saturating_sub(offset)).unwrap_or(usize::MAX).min(buffer.len());
        let (first, second) = buffer.split_at_mut(in_first);
        if !first.is_empty() {
            self.first.read_at(offset, first)?;
        }
        if second.is_empty() {
            return Ok(());
        }
        // Where the second part begins to be read, counted from its own start.
        self.second.read_at(offset.saturating_add(in_first as u64).saturating_sub(border), second)
    }
}

impl fmt::Debug for Joined<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Joined").field("length", &self.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_inside_and_refuses_outside() {
        let bytes = b"0123456789".to_vec();
        assert_eq!(bytes.read_range(2..5).unwrap(), b"234");
        assert!(bytes.read_range(8..11).is_err());
        assert!(bytes.read_range(u64::MAX - 1..u64::MAX).is_err());
        let prefix = Prefix::new(&bytes, 4);
        assert_eq!(prefix.read_range(0..4).unwrap(), b"0123");
        assert!(prefix.read_range(3..5).is_err());
        assert_eq!(prefix.bytes(), Some(&b"0123"[..]));
    }

    #[test]
    fn joined_sources_read_across_their_border() {
        let first = b"0123".to_vec();
        let joined = Joined::new(&first, b"456");
        for (range, expected) in [(0..7, &b"0123456"[..]), (2..6, b"2345"), (0..4, b"0123"), (4..7, b"456")] {
            assert_eq!(joined.read_range(range).unwrap(), expected);
        }
        assert_eq!(joined.read_range(4..4).unwrap(), b"");
        assert!(joined.read_range(5..8).is_err());
        assert!(joined.read_at(u64::MAX, &mut [0; 2]).is_err());
    }
}
