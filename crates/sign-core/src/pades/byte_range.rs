//! `/ByteRange` of a signature: its strict reading. The digests over what it names are in
//! [`super::digests`].
//!
//! ISO 32000-2 table 255, EN 319 142-1 clause 5.2: two ranges, together the whole file (then) but
//! for the value of this signature's own `/Contents`. Compared by the position of that token, not
//! by numbers alone: a gap that is larger, smaller or elsewhere hides bytes.

use crate::pdf::{Object, PdfString};
use std::ops::Range;

/// The bytes a signature covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByteRange {
    first: Range<u64>,
    second: Range<u64>,
}

/// Why a `/ByteRange` or its gap is not what the standard asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ByteRangeError {
    /// Missing, or not an array written in the signature dictionary itself.
    #[error("not a direct array")]
    NotAnArray,
    /// Not exactly four numbers.
    #[error("not four numbers")]
    NotFour,
    /// A negative number, a real, or something else.
    #[error("not a non-negative integer")]
    NotAnInteger,
    /// Does not begin with the first byte of the file.
    #[error("does not start at byte 0")]
    DoesNotStartAtZero,
    /// Ranges overlap, are out of order or overflow.
    #[error("ranges out of order")]
    OutOfOrder,
    /// Ends after the file.
    #[error("ends after the file")]
    PastTheEnd,
    /// The gap is not exactly the hexadecimal string of this signature's `/Contents`.
    #[error("gap is not the signature's own value")]
    GapMismatch,
}

impl ByteRange {
    /// Reads the value of `/ByteRange` in a file of `length` bytes.
    ///
    /// # Errors
    /// [`ByteRangeError`] for anything but two ordered ranges from byte 0 on, inside the file.
    pub fn read(value: Option<&Object>, length: u64) -> Result<Self, ByteRangeError> {
        let items = value.and_then(Object::as_array).ok_or(ByteRangeError::NotAnArray)?;
        let [a, b, c, d] = items else { return Err(ByteRangeError::NotFour) };
        let number = |item: &Object| {
            let Object::Integer(value) = item else { return Err(ByteRangeError::NotAnInteger) };
            u64::try_from(*value).map_err(|_| ByteRangeError::NotAnInteger)
        };
        let (start, first_length, second_start, second_length) =
            (number(a)?, number(b)?, number(c)?, number(d)?);
        if start != 0 {
            return Err(ByteRangeError::DoesNotStartAtZero);
        }
        let end = second_start.checked_add(second_length).ok_or(ByteRangeError::OutOfOrder)?;
        if first_length == 0 || first_length >= second_start || second_length == 0 {
            return Err(ByteRangeError::OutOfOrder);
        }
        if end > length {
            return Err(ByteRangeError::PastTheEnd);
        }
        Ok(Self { first: 0..first_length, second: second_start..end })
    }

    /// The bytes that are not covered, between the two ranges.
    pub fn gap(&self) -> Range<u64> {
        self.first.end..self.second.start
    }

    /// One past the last byte covered.
    pub fn end(&self) -> u64 {
        self.second.end
    }

    /// Checks that the gap is the whole token `<…>` of `contents`, nothing more or less.
    ///
    /// # Errors
    /// [`ByteRangeError::GapMismatch`].
    pub fn check_gap(&self, contents: &PdfString) -> Result<(), ByteRangeError> {
        if contents.hexadecimal && contents.span.as_ref() == Some(&self.gap()) {
            Ok(())
        } else {
            Err(ByteRangeError::GapMismatch)
        }
    }

    /// The covered bytes before the gap.
    pub(super) fn first(&self) -> Range<u64> {
        self.first.clone()
    }

    /// The covered bytes behind it.
    pub(super) fn second(&self) -> Range<u64> {
        self.second.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array(numbers: &[i64]) -> Object {
        Object::Array(numbers.iter().map(|number| Object::Integer(*number)).collect())
    }

    #[test]
    fn takes_two_ordered_ranges_from_the_start() {
        let range = ByteRange::read(Some(&array(&[0, 10, 20, 5])), 25).unwrap();
        assert_eq!((range.gap(), range.end()), (10..20, 25));
    }

    #[test]
    fn refuses_every_other_shape() {
        use ByteRangeError::*;
        let cases: &[(&[i64], ByteRangeError)] = &[
            (&[], NotFour),
            (&[0, 10, 20], NotFour),
            (&[0, 10, 20, 5, 25, 1], NotFour),
            (&[0, 10, 20, -5], NotAnInteger),
            (&[0, -10, 20, 5], NotAnInteger),
            (&[1, 10, 20, 5], DoesNotStartAtZero),
            (&[0, 20, 10, 5], OutOfOrder),
            (&[0, 10, 10, 5], OutOfOrder),
            (&[0, 0, 10, 5], OutOfOrder),
            (&[0, 10, 20, 0], OutOfOrder),
            (&[0, 10, i64::MAX, i64::MAX], PastTheEnd),
            (&[0, 10, 20, 6], PastTheEnd),
        ];
        for (numbers, expected) in cases {
            assert_eq!(ByteRange::read(Some(&array(numbers)), 25), Err(*expected), "{numbers:?}");
        }
        assert_eq!(ByteRange::read(None, 25), Err(NotAnArray));
        assert_eq!(ByteRange::read(Some(&Object::Null), 25), Err(NotAnArray));
        let real = Object::Array(vec![0.into(), 10.into(), 20.into(), Object::real(5.0)]);
        assert_eq!(ByteRange::read(Some(&real), 25), Err(NotAnInteger));
    }

    #[test]
    fn the_gap_is_the_token_itself() {
        let range = ByteRange::read(Some(&array(&[0, 10, 20, 5])), 25).unwrap();
        let token = |hexadecimal, span| PdfString { bytes: vec![0; 4], hexadecimal, span };
        assert_eq!(range.check_gap(&token(true, Some(10..20))), Ok(()));
        for wrong in [
            token(true, Some(11..20)),
            token(true, Some(10..19)),
            token(true, None),
            token(false, Some(10..20)),
        ] {
            assert_eq!(range.check_gap(&wrong), Err(ByteRangeError::GapMismatch), "{wrong:?}");
        }
    }
}
