//! A small reader and writer for ASN.1 DER (ITU-T X.690) on raw slices.
//!
//! The reader keeps every element's original bytes, so that what was signed is hashed as it was
//! sent, never re-encoded. It also walks BER with indefinite or over-long lengths (X.690 8.1.3),
//! which old CMS writers produce; [`scan`] says whether that happened. Only one-byte tags exist in
//! CMS and X.509, others are refused. What the elements mean is not known here.

use std::borrow::Cow;

/// Nested elements followed before giving up. CMS with certificates stays under 20.
const MAX_DEPTH: u32 = 48;

/// Universal and context tags that CMS and X.509 use.
#[allow(missing_docs, reason = "the names are those of X.690 clause 8")]
pub mod tag {
    pub const BOOLEAN: u8 = 0x01;
    pub const INTEGER: u8 = 0x02;
    pub const BIT_STRING: u8 = 0x03;
    pub const OCTET_STRING: u8 = 0x04;
    pub const NULL: u8 = 0x05;
    pub const OID: u8 = 0x06;
    pub const UTF8_STRING: u8 = 0x0c;
    pub const UTC_TIME: u8 = 0x17;
    pub const GENERALIZED_TIME: u8 = 0x18;
    pub const SEQUENCE: u8 = 0x30;
    pub const SET: u8 = 0x31;

    /// `[n]` holding other elements (constructed).
    pub const fn context(n: u8) -> u8 {
        0xa0 | n
    }

    /// `[n] IMPLICIT` of a primitive type.
    pub const fn context_primitive(n: u8) -> u8 {
        0x80 | n
    }
}

/// Bytes that are not the ASN.1 that was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DerError {
    /// An element runs past the end of its container.
    #[error("an element is cut off")]
    Truncated,
    /// A length of more than four bytes, or a reserved one.
    #[error("a length is not usable")]
    BadLength,
    /// A tag number above 30.
    #[error("tags of several bytes are not used in CMS or X.509")]
    LongTag,
    /// Too many nested elements.
    #[error("nested too deeply")]
    TooDeep,
    /// Another element than expected.
    #[error("expected tag {expected:#04x}, found {found:#04x}")]
    UnexpectedTag {
        /// Tag that the grammar wants.
        expected: u8,
        /// Tag that is there.
        found: u8,
    },
    /// Bytes after the last element of a container.
    #[error("bytes after the last element")]
    TrailingBytes,
    /// An INTEGER that is empty, negative or too large for its place.
    #[error("an integer is not usable")]
    BadInteger,
    /// An OBJECT IDENTIFIER that is empty, cut off or has an arc over 64 bits.
    #[error("an object identifier is malformed")]
    BadOid,
    /// A BIT STRING with unused bits where whole bytes are needed, or without its first byte.
    #[error("a bit string is malformed")]
    BadBitString,
}

/// One element: tag, content, and the bytes it was made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tlv<'a> {
    /// Identifier byte.
    pub tag: u8,
    /// Tag, length and content (and end-of-contents, if indefinite), exactly as read.
    pub raw: &'a [u8],
    /// Content only.
    pub content: &'a [u8],
}

impl<'a> Tlv<'a> {
    /// Reads the elements inside.
    pub fn reader(&self) -> Reader<'a> {
        Reader::new(self.content)
    }

    /// Dotted form of an OBJECT IDENTIFIER.
    ///
    /// # Errors
    /// [`DerError::BadOid`], or [`DerError::UnexpectedTag`] for another type.
    pub fn oid(&self) -> Result<String, DerError> {
        self.must_be(tag::OID)?;
        decode_oid(self.content).ok_or(DerError::BadOid)
    }

    /// Value of a small non-negative INTEGER.
    ///
    /// # Errors
    /// [`DerError::BadInteger`] if negative or over 64 bits.
    pub fn unsigned(&self) -> Result<u64, DerError> {
        self.must_be(tag::INTEGER)?;
        unsigned(self.content)
    }

    /// Bytes of an OCTET STRING; in BER it may come in pieces, which are joined.
    ///
    /// # Errors
    /// [`DerError::UnexpectedTag`] for another type, also for pieces within pieces.
    pub fn octets(&self) -> Result<Cow<'a, [u8]>, DerError> {
        const PIECES: u8 = tag::OCTET_STRING | 0x20;
        if self.tag != PIECES {
            self.must_be(tag::OCTET_STRING)?;
            return Ok(Cow::Borrowed(self.content));
        }
        let mut joined = Vec::with_capacity(self.content.len());
        let mut pieces = self.reader();
        while !pieces.is_empty() {
            joined.extend_from_slice(pieces.expect(tag::OCTET_STRING)?.content);
        }
        Ok(Cow::Owned(joined))
    }

    /// Bytes of a BIT STRING that has no unused bits.
    ///
    /// # Errors
    /// [`DerError::BadBitString`] or [`DerError::UnexpectedTag`].
    pub fn bit_string(&self) -> Result<&'a [u8], DerError> {
        self.must_be(tag::BIT_STRING)?;
        match self.content.split_first() {
            Some((0, bytes)) => Ok(bytes),
            _ => Err(DerError::BadBitString),
        }
    }

    fn must_be(&self, expected: u8) -> Result<(), DerError> {
        if self.tag == expected { Ok(()) } else { Err(DerError::UnexpectedTag { expected, found: self.tag }) }
    }
}

/// Reads elements one after another from one container.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Starts at the first byte.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Whether all bytes are read.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Bytes not read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Tag of the next element.
    pub fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The next element, whatever it is.
    ///
    /// # Errors
    /// Any [`DerError`] about tag and length.
    pub fn read(&mut self) -> Result<Tlv<'a>, DerError> {
        let header = header(self.rest)?;
        let (content_length, end) = match header.length {
            Some(length) => (length, header.size.checked_add(length).ok_or(DerError::BadLength)?),
            None => {
                let length = indefinite_length(self.rest.get(header.size..).ok_or(DerError::Truncated)?)?;
                (length, header.size + length + 2)
            }
        };
        let (raw, rest) = self.rest.split_at_checked(end).ok_or(DerError::Truncated)?;
        let content = raw.get(header.size..header.size + content_length).ok_or(DerError::Truncated)?;
        self.rest = rest;
        Ok(Tlv { tag: header.tag, raw, content })
    }

    /// The next element, which must have this tag.
    ///
    /// # Errors
    /// [`DerError::UnexpectedTag`], [`DerError::Truncated`] at the end, or those of [`Reader::read`].
    pub fn expect(&mut self, tag: u8) -> Result<Tlv<'a>, DerError> {
        let element = self.read()?;
        element.must_be(tag)?;
        Ok(element)
    }

    /// The next element if it has this tag.
    ///
    /// # Errors
    /// Those of [`Reader::read`].
    pub fn optional(&mut self, tag: u8) -> Result<Option<Tlv<'a>>, DerError> {
        if self.peek() == Some(tag) { self.read().map(Some) } else { Ok(None) }
    }

    /// Checks that nothing is left.
    ///
    /// # Errors
    /// [`DerError::TrailingBytes`].
    pub fn finish(self) -> Result<(), DerError> {
        if self.is_empty() { Ok(()) } else { Err(DerError::TrailingBytes) }
    }
}

/// What [`scan`] saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scan {
    /// Bytes of the first element with everything in it.
    pub length: usize,
    /// An indefinite or over-long length occurred somewhere: BER, not DER.
    pub ber: bool,
}

/// Walks the first element and everything nested in it, without recursion.
///
/// # Errors
/// [`DerError`] at the first place that is not even BER, or nests too deeply.
pub fn scan(bytes: &[u8]) -> Result<Scan, DerError> {
    let mut position = 0_usize;
    let mut ber = false;
    // Ends of the open containers; None for an indefinite one, which ends at its 00 00.
    let mut open: Vec<Option<usize>> = Vec::new();
    loop {
        let limit = open.iter().rev().find_map(|end| *end).unwrap_or(bytes.len());
        let rest = bytes.get(position..limit).ok_or(DerError::Truncated)?;
        if matches!(open.last(), Some(None)) && rest.starts_with(&[0, 0]) {
            position += 2;
            open.pop();
        } else {
            let header = header(rest)?;
            ber |= !header.minimal || header.length.is_none();
            position += header.size;
            let end = match header.length {
                Some(length) => Some(position.checked_add(length).ok_or(DerError::BadLength)?),
                None => None,
            };
            if end.is_some_and(|end| end > limit) {
                return Err(DerError::Truncated);
            }
            match end {
                Some(end) if header.tag & 0x20 == 0 => position = end,
                end => open.push(end),
            }
            if open.len() as u64 > u64::from(MAX_DEPTH) {
                return Err(DerError::TooDeep);
            }
        }
        while open.last() == Some(&Some(position)) {
            open.pop();
        }
        if open.is_empty() {
            return Ok(Scan { length: position, ber });
        }
    }
}

struct Header {
    tag: u8,
    /// Bytes of tag and length.
    size: usize,
    /// None: indefinite.
    length: Option<usize>,
    /// The length is in its shortest form.
    minimal: bool,
}

fn header(bytes: &[u8]) -> Result<Header, DerError> {
    let (&tag, &first) = match (bytes.first(), bytes.get(1)) {
        (Some(tag), Some(first)) => (tag, first),
        _ => return Err(DerError::Truncated),
    };
    if tag & 0x1f == 0x1f {
        return Err(DerError::LongTag);
    }
    let long = usize::from(first & 0x7f);
    match first {
        0..=0x7f => Ok(Header { tag, size: 2, length: Some(usize::from(first)), minimal: true }),
        // Only a constructed element can have an indefinite length (X.690 8.1.3.2).
        0x80 if tag & 0x20 != 0 => Ok(Header { tag, size: 2, length: None, minimal: false }),
        0x81..=0x84 => {
            let digits = bytes.get(2..2 + long).ok_or(DerError::Truncated)?;
            let length = digits.iter().fold(0_usize, |sum, &byte| (sum << 8) | usize::from(byte));
            let minimal = length >= 0x80 && digits.first() != Some(&0);
            Ok(Header { tag, size: 2 + long, length: Some(length), minimal })
        }
        _ => Err(DerError::BadLength),
    }
}

/// Length of the content that ends at the matching end-of-contents.
fn indefinite_length(content: &[u8]) -> Result<usize, DerError> {
    let mut position = 0_usize;
    let mut depth = 0_u32;
    loop {
        let rest = content.get(position..).ok_or(DerError::Truncated)?;
        if rest.starts_with(&[0, 0]) {
            if depth == 0 {
                return Ok(position);
            }
            depth -= 1;
            position += 2;
            continue;
        }
        let header = header(rest)?;
        position += header.size;
        match header.length {
            Some(length) => position = position.checked_add(length).ok_or(DerError::BadLength)?,
            None => depth += 1,
        }
        if depth > MAX_DEPTH {
            return Err(DerError::TooDeep);
        }
    }
}

fn unsigned(content: &[u8]) -> Result<u64, DerError> {
    let significant = match content {
        [] | [0x80..=0xff, ..] => return Err(DerError::BadInteger),
        [0, rest @ ..] => rest,
        all => all,
    };
    if significant.len() > 8 {
        return Err(DerError::BadInteger);
    }
    Ok(significant.iter().fold(0, |sum, &byte| (sum << 8) | u64::from(byte)))
}

fn decode_oid(content: &[u8]) -> Option<String> {
    let mut arcs = Vec::new();
    let mut arc: u64 = 0;
    let mut inside = false;
    for &byte in content {
        arc = arc.checked_mul(128)?.checked_add(u64::from(byte & 0x7f))?;
        inside = byte & 0x80 != 0;
        if !inside {
            arcs.push(arc);
            arc = 0;
        }
    }
    let (&first, rest) = arcs.split_first()?;
    if inside {
        return None;
    }
    // The first two arcs share a number (X.690 8.19.4).
    let top = (first / 40).min(2);
    let mut text = format!("{top}.{}", first - top * 40);
    for arc in rest {
        text.push('.');
        text.push_str(&arc.to_string());
    }
    Some(text)
}

/// One element from its tag and content.
pub fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 6);
    out.push(tag);
    let length = content.len();
    if length < 0x80 {
        out.push(length as u8);
    } else {
        let bytes = length.to_be_bytes();
        let skip = bytes.iter().take_while(|&&byte| byte == 0).count();
        out.push(0x80 | (bytes.len() - skip) as u8);
        out.extend(bytes.iter().skip(skip));
    }
    out.extend_from_slice(content);
    out
}

/// A container of ready elements, in the given order.
pub fn container(tag: u8, elements: &[&[u8]]) -> Vec<u8> {
    element(tag, &elements.concat())
}

/// `SEQUENCE { … }`.
pub fn sequence(elements: &[&[u8]]) -> Vec<u8> {
    container(tag::SEQUENCE, elements)
}

/// `SET OF`: elements sorted by their encodings (X.690 11.6), under `tag` (0x31 or an implicit one).
pub fn set_of(tag: u8, mut elements: Vec<Vec<u8>>) -> Vec<u8> {
    // X.690 compares as if the shorter were padded with zeros. A shorter encoding that is a prefix of
    // a longer one cannot occur between two complete elements, so plain ordering is the same.
    elements.sort();
    element(tag, &elements.concat())
}

/// `OBJECT IDENTIFIER` from its dotted form. Only for identifiers written in this program: an arc
/// that is not a number counts as 0.
pub fn oid(dotted: &str) -> Vec<u8> {
    let mut arcs = dotted.split('.').map(|arc| arc.parse::<u64>().unwrap_or(0));
    let top = arcs.next().unwrap_or(0);
    let first = top.saturating_mul(40).saturating_add(arcs.next().unwrap_or(0));
    let mut content = Vec::new();
    for arc in std::iter::once(first).chain(arcs) {
        push_base128(&mut content, arc);
    }
    element(tag::OID, &content)
}

fn push_base128(out: &mut Vec<u8>, value: u64) {
    let groups = (64 - value.leading_zeros()).div_ceil(7).max(1);
    for group in (0..groups).rev() {
        let more = if group == 0 { 0 } else { 0x80 };
        out.push(((value >> (7 * group)) & 0x7f) as u8 | more);
    }
}

/// `INTEGER` of a non-negative number.
pub fn integer(value: u64) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let skip = bytes.iter().take_while(|&&byte| byte == 0).count().min(7);
    let significant: Vec<u8> = bytes.iter().skip(skip).copied().collect();
    let sign: &[u8] = if significant.first().is_some_and(|&byte| byte >= 0x80) { &[0] } else { &[] };
    element(tag::INTEGER, &[sign, &significant].concat())
}

/// `NULL`.
pub fn null() -> Vec<u8> {
    vec![tag::NULL, 0]
}

/// `OCTET STRING`.
pub fn octet_string(bytes: &[u8]) -> Vec<u8> {
    element(tag::OCTET_STRING, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn object_identifiers_go_there_and_back() {
        for dotted in
            ["1.2.840.113549.1.7.2", "2.16.840.1.101.3.4.2.1", "2.5.4.97", "0.4.0.1862.1.6", "2.999.3"]
        {
            let bytes = oid(dotted);
            assert_eq!(Reader::new(&bytes).read().unwrap().oid().unwrap(), dotted);
        }
        assert_eq!(oid("1.2.840.113549"), [6, 6, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d]);
    }

    #[test]
    fn malformed_object_identifiers_are_refused() {
        for content in [&[][..], &[0x2a, 0x86], &[0xff; 12]] {
            let bytes = element(tag::OID, content);
            assert_eq!(Reader::new(&bytes).read().unwrap().oid(), Err(DerError::BadOid));
        }
    }

    #[test]
    fn integers_keep_their_sign_byte() {
        for (value, bytes) in
            [(0, &[2, 1, 0][..]), (127, &[2, 1, 127]), (128, &[2, 2, 0, 128]), (65_537, &[2, 3, 1, 0, 1])]
        {
            assert_eq!(integer(value), bytes);
            assert_eq!(Reader::new(bytes).read().unwrap().unsigned(), Ok(value));
        }
        assert_eq!(Reader::new(&[2, 1, 0xff]).read().unwrap().unsigned(), Err(DerError::BadInteger));
    }

    #[test]
    fn lengths_take_their_shortest_form() {
        for (size, header) in [(127, 2), (128, 3), (255, 3), (256, 4), (70_000, 5)] {
            let bytes = octet_string(&vec![7; size]);
            assert_eq!(bytes.len(), size + header);
            assert_eq!(scan(&bytes), Ok(Scan { length: bytes.len(), ber: false }));
        }
    }

    #[test]
    fn sets_are_sorted_by_encoding() {
        let set = set_of(tag::SET, vec![octet_string(&[9, 9]), integer(5), octet_string(&[1])]);
        assert_eq!(set, [0x31, 10, 2, 1, 5, 4, 1, 1, 4, 2, 9, 9]);
    }

    #[test]
    fn indefinite_lengths_are_walked_and_reported() {
        // SEQUENCE (indefinite) { OCTET STRING in two pieces (indefinite), INTEGER 1 }
        let ber = [0x30, 0x80, 0x24, 0x80, 4, 2, 0, 0, 4, 1, 7, 0, 0, 2, 1, 1, 0, 0, 0xaa];
        assert_eq!(scan(&ber), Ok(Scan { length: 18, ber: true }));
        let mut inside = Reader::new(&ber).expect(tag::SEQUENCE).unwrap().reader();
        assert_eq!(inside.read().unwrap().octets().unwrap().as_ref(), [0, 0, 7]);
        assert_eq!(inside.read().unwrap().unsigned(), Ok(1));
        assert!(inside.finish().is_ok());
    }

    #[test]
    fn over_long_lengths_are_reported() {
        assert_eq!(scan(&[4, 0x81, 1, 7]), Ok(Scan { length: 4, ber: true }));
        assert_eq!(scan(&[4, 0x82, 0, 0x80]).unwrap_err(), DerError::Truncated);
    }

    #[test]
    fn depth_is_bounded_for_both_kinds_of_length() {
        let indefinite = [0x30, 0x80].repeat(1 << 16);
        assert_eq!(scan(&indefinite), Err(DerError::TooDeep));
        assert_eq!(Reader::new(&indefinite).read(), Err(DerError::TooDeep));
        let definite = (0..100).fold(null(), |inner, _| sequence(&[&inner]));
        assert_eq!(scan(&definite), Err(DerError::TooDeep));
    }

    #[test]
    fn nothing_runs_past_its_container() {
        for bytes in [
            &[][..],
            &[0x30],
            &[0x30, 5, 1],
            &[0x30, 3, 4, 9, 1],
            &[0x30, 0x84, 255, 255, 255, 255],
            &[0x30, 0x80],
        ] {
            assert_eq!(scan(bytes), Err(DerError::Truncated), "{bytes:?}");
        }
        assert_eq!(scan(&[0x1f, 0x81, 1, 0]), Err(DerError::LongTag));
        assert_eq!(scan(&[4, 0x85, 0, 0, 0, 0, 1]), Err(DerError::BadLength));
        assert_eq!(scan(&[4, 0x80, 0, 0]), Err(DerError::BadLength), "primitive and indefinite");
    }
}
