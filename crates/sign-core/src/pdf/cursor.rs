//! A read position in a source, through a small window: a 1 GiB file costs a few KiB.

use crate::error::PdfError;
use crate::limits::{Budget, LimitExceeded};
use crate::source::Source;

/// First read: enough for most objects. Later reads double, for tables and long strings.
const FIRST_READ: u64 = 1 << 9;
const LARGEST_READ: u64 = 1 << 16;

/// Bytes of a source from a position to an end.
pub(crate) struct Cursor<'s> {
    source: &'s dyn Source,
    position: u64,
    end: u64,
    /// What to say at the end, if the end is a limit and not that of the bytes.
    limit: Option<LimitExceeded>,
    /// What pays for every read but the first.
    budget: Option<&'s Budget>,
    window: Vec<u8>,
    window_start: u64,
    next_read: u64,
}

impl<'s> Cursor<'s> {
    /// The bytes from `start` to `end`, or to the end of the source if that comes first.
    pub(crate) fn new(source: &'s dyn Source, start: u64, end: u64) -> Self {
        let end = end.min(source.len());
        Self {
            source,
            position: start,
            end,
            limit: None,
            budget: None,
            window: Vec::new(),
            window_start: start,
            next_read: FIRST_READ,
        }
    }

    /// As [`Cursor::new`], for one object: reading more than [`crate::limits::Limits::object_bytes`]
    /// fails, and what is read is paid for.
    pub(crate) fn for_object(source: &'s dyn Source, start: u64, end: u64, budget: &'s Budget) -> Self {
        let limits = budget.limits();
        let mut cursor = Self { budget: Some(budget), ..Self::new(source, start, end) };
        let last = start.saturating_add(limits.object_bytes);
        if last < cursor.end {
            cursor.end = last;
            cursor.limit = Some(LimitExceeded { limit: "object_bytes", allowed: limits.object_bytes });
        }
        cursor
    }

    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    pub(crate) fn seek(&mut self, position: u64) {
        self.position = position;
    }

    /// The next byte without passing it; `None` at the end.
    pub(crate) fn peek(&mut self) -> Result<Option<u8>, PdfError> {
        if let Some(byte) = self.in_window() {
            return Ok(Some(byte));
        }
        if self.position >= self.end {
            return match &self.limit {
                Some(limit) => Err(limit.clone().into()),
                None => Ok(None),
            };
        }
        self.refill()?;
        Ok(self.in_window())
    }

    /// The next byte, passed; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<u8>, PdfError> {
        let byte = self.peek()?;
        if byte.is_some() {
            self.position += 1;
        }
        Ok(byte)
    }

    /// Passes the next byte if it is `wanted`.
    pub(crate) fn take(&mut self, wanted: u8) -> Result<bool, PdfError> {
        let found = self.peek()? == Some(wanted);
        if found {
            self.position += 1;
        }
        Ok(found)
    }

    /// The next bytes without passing them, as many as have been read; none at the end.
    pub(crate) fn window(&mut self) -> Result<&[u8], PdfError> {
        self.peek()?;
        let passed = usize::try_from(self.position.saturating_sub(self.window_start)).unwrap_or(usize::MAX);
        Ok(self.window.get(passed..).unwrap_or_default())
    }

    fn in_window(&self) -> Option<u8> {
        let index = self.position.checked_sub(self.window_start)?;
        self.window.get(usize::try_from(index).ok()?).copied()
    }

    fn refill(&mut self) -> Result<(), PdfError> {
        let stop = self.position.saturating_add(self.next_read).min(self.end);
        if let Some(budget) = self.budget.filter(|_| self.next_read > FIRST_READ) {
            budget.spend_parsed(stop - self.position)?;
        }
        self.window = self.source.read_range(self.position..stop)?;
        self.window_start = self.position;
        self.next_read = (self.next_read * 2).min(LARGEST_READ);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    #[test]
    fn walks_over_window_borders_and_back() {
        let bytes: Vec<u8> = (0..10_000u32).map(|n| n.to_le_bytes()[0]).collect();
        let mut cursor = Cursor::new(&bytes, 0, u64::MAX);
        for byte in &bytes {
            assert_eq!(cursor.next().unwrap(), Some(*byte));
        }
        assert_eq!(cursor.next().unwrap(), None);
        cursor.seek(3);
        assert_eq!(cursor.peek().unwrap(), Some(3));
        cursor.seek(u64::MAX);
        assert_eq!(cursor.peek().unwrap(), None);
    }

    #[test]
    fn says_when_an_object_is_too_long() {
        let bytes = vec![b' '; 100];
        let budget = Budget::new(Limits { object_bytes: 10, ..Limits::default() });
        let mut cursor = Cursor::for_object(&bytes, 0, 100, &budget);
        cursor.seek(9);
        assert_eq!(cursor.next().unwrap(), Some(b' '));
        assert!(matches!(cursor.next(), Err(PdfError::Limit(_))));
    }

    #[test]
    fn makes_an_object_pay_for_what_it_reads() {
        let bytes = vec![b' '; 100_000];
        let budget = Budget::new(Limits { parsed_total: 10_000, ..Limits::default() });
        let mut cursor = Cursor::for_object(&bytes, 0, 100_000, &budget);
        let error = (0..100_000).find_map(|_| cursor.next().err()).unwrap();
        assert!(matches!(error, PdfError::Limit(LimitExceeded { limit: "parsed_total", .. })));
    }
}
