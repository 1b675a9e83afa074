//! The nine kinds of objects of ISO 32000-2 clause 7.3, as values. No file access in here.

use std::fmt;
use std::ops::Range;

pub use super::dictionary::Dictionary;
use super::text;

/// Name of an indirect object: number and generation (7.3.10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    /// Object number; 0 is the head of the free list and never an object.
    pub number: u32,
    /// Generation number; 0 for everything but reused numbers.
    pub generation: u16,
}

impl ObjectId {
    /// The object `number generation`.
    pub const fn new(number: u32, generation: u16) -> Self {
        Self { number, generation }
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number, self.generation)
    }
}

/// Any PDF object.
#[derive(Debug, Clone, PartialEq)]
pub enum Object {
    /// `null`, also what an absent or free object reads as.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number without a point.
    Integer(i64),
    /// A number with a point.
    Real(Real),
    /// A literal or hexadecimal string.
    String(PdfString),
    /// A name, `#xx` decoded.
    Name(Name),
    /// `[ … ]`
    Array(Vec<Object>),
    /// `<< … >>`
    Dictionary(Dictionary),
    /// A dictionary with data after it.
    Stream(Stream),
    /// `12 0 R`
    Reference(ObjectId),
}

impl Object {
    /// A name object.
    pub fn name(name: &str) -> Self {
        Self::Name(Name::from(name))
    }

    /// A text string (7.9.2.2), in PDFDocEncoding if ASCII is enough, else UTF-16BE.
    pub fn text(text: &str) -> Self {
        Self::String(PdfString::from_text(text))
    }

    /// A real number, written with at most five decimals.
    pub fn real(value: f64) -> Self {
        Self::Real(Real::from_f64(value))
    }

    /// True for `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The truth value, if this is one.
    pub fn as_boolean(&self) -> Option<bool> {
        match self {
            Self::Boolean(value) => Some(*value),
            _ => None,
        }
    }

    /// The integer, if this is one (`4.0` is not).
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(value) => Some(*value),
            _ => None,
        }
    }

    /// The number, integer or real.
    #[allow(clippy::cast_precision_loss)] // coordinates; offsets are read with as_integer
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Integer(value) => Some(*value as f64),
            Self::Real(real) => Some(real.value()),
            _ => None,
        }
    }

    /// The string, if this is one.
    pub fn as_string(&self) -> Option<&PdfString> {
        match self {
            Self::String(string) => Some(string),
            _ => None,
        }
    }

    /// The name, if this is one.
    pub fn as_name(&self) -> Option<&Name> {
        match self {
            Self::Name(name) => Some(name),
            _ => None,
        }
    }

    /// The elements, if this is an array.
    pub fn as_array(&self) -> Option<&[Object]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The dictionary, if this is one; a stream is not, see [`Object::dictionary`].
    pub fn as_dictionary(&self) -> Option<&Dictionary> {
        match self {
            Self::Dictionary(dictionary) => Some(dictionary),
            _ => None,
        }
    }

    /// The dictionary, or the dictionary of the stream.
    pub fn dictionary(&self) -> Option<&Dictionary> {
        match self {
            Self::Dictionary(dictionary) => Some(dictionary),
            Self::Stream(stream) => Some(&stream.dictionary),
            _ => None,
        }
    }

    /// The stream, if this is one.
    pub fn as_stream(&self) -> Option<&Stream> {
        match self {
            Self::Stream(stream) => Some(stream),
            _ => None,
        }
    }

    /// The object referred to, if this is a reference.
    pub fn as_reference(&self) -> Option<ObjectId> {
        match self {
            Self::Reference(id) => Some(*id),
            _ => None,
        }
    }
}

impl From<bool> for Object {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<i64> for Object {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<Name> for Object {
    fn from(name: Name) -> Self {
        Self::Name(name)
    }
}

impl From<PdfString> for Object {
    fn from(string: PdfString) -> Self {
        Self::String(string)
    }
}

impl From<Vec<Object>> for Object {
    fn from(items: Vec<Object>) -> Self {
        Self::Array(items)
    }
}

impl From<Dictionary> for Object {
    fn from(dictionary: Dictionary) -> Self {
        Self::Dictionary(dictionary)
    }
}

impl From<Stream> for Object {
    fn from(stream: Stream) -> Self {
        Self::Stream(stream)
    }
}

impl From<ObjectId> for Object {
    fn from(id: ObjectId) -> Self {
        Self::Reference(id)
    }
}

/// A real number (7.3.3) that keeps the digits it was written with, so that it is copied exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Real(Box<str>);

impl Real {
    /// A real from its digits, as in `-.5` or `4.`; `None` if that is not a PDF real.
    pub fn from_digits(digits: &str) -> Option<Self> {
        let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(digits);
        let (whole, fraction) = unsigned.split_once('.')?;
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let some = !(whole.is_empty() && fraction.is_empty());
        (some && all_digits(whole) && all_digits(fraction)).then(|| Self(digits.into()))
    }

    /// A real of at most five decimals; what is no number becomes 0.
    pub fn from_f64(value: f64) -> Self {
        let value = if value.is_finite() { value } else { 0.0 };
        let written = format!("{value:.5}");
        let trimmed = written.trim_end_matches('0');
        Self(if trimmed.ends_with('.') { format!("{trimmed}0") } else { trimmed.to_owned() }.into())
    }

    /// The number.
    pub fn value(&self) -> f64 {
        // The digits were checked when this was made; Rust reads every such form.
        self.0.parse().unwrap_or(0.0)
    }

    /// The digits as written.
    pub fn digits(&self) -> &str {
        &self.0
    }
}

/// A name (7.3.5): any bytes, after decoding `#xx`, without the slash.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Vec<u8>);

impl Name {
    /// The name of these bytes.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The name for display; bytes that are not UTF-8 are replaced.
    pub fn as_str(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }
}

impl From<&str> for Name {
    fn from(name: &str) -> Self {
        Self(name.as_bytes().to_vec())
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.as_str())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{self}")
    }
}

/// A string (7.3.4). Two strings are equal if their bytes are, however and wherever written.
#[derive(Debug, Clone, Default)]
pub struct PdfString {
    /// The value, escapes and hexadecimal digits decoded.
    pub bytes: Vec<u8>,
    /// Written as `<…>`.
    pub hexadecimal: bool,
    /// Where the whole token, delimiters included, stands in the file; `None` for a string made
    /// here or read from an object stream.
    pub span: Option<Range<u64>>,
}

impl PdfString {
    /// A string of these bytes, to be written as `(…)`.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: bytes.into(), hexadecimal: false, span: None }
    }

    /// A string of these bytes, to be written as `<…>`.
    pub fn hexadecimal(bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: bytes.into(), hexadecimal: true, span: None }
    }

    /// A text string (7.9.2.2): ASCII as it is, anything else in UTF-16BE.
    pub fn from_text(text: &str) -> Self {
        Self::new(text::encode(text))
    }

    /// The text: UTF-16BE or UTF-8 by their byte order marks, else PDFDocEncoding.
    pub fn to_text(&self) -> String {
        text::decode(&self.bytes)
    }
}

impl PartialEq for PdfString {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for PdfString {}

/// A stream (7.3.8). Data in the file is not loaded until somebody asks for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stream {
    /// The stream dictionary; `/Length` is as written and checked when the stream was read.
    pub dictionary: Dictionary,
    /// The encoded data.
    pub data: StreamData,
}

impl Stream {
    /// A stream of encoded data made here; its `/Length` is set.
    pub fn new(dictionary: Dictionary, data: Vec<u8>) -> Self {
        let length = i64::try_from(data.len()).unwrap_or(i64::MAX);
        Self { dictionary: dictionary.with("Length", length), data: StreamData::Owned(data) }
    }
}

/// Where the encoded data of a stream is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamData {
    /// In the file, at these byte offsets.
    InFile(Range<u64>),
    /// In the file, encrypted for the object `of` (7.6.3).
    Encrypted {
        /// Byte offsets.
        range: Range<u64>,
        /// The object whose number went into the key.
        of: ObjectId,
    },
    /// Here.
    Owned(Vec<u8>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_reals_as_written() {
        for (digits, value) in [("4.", 4.0), ("-.5", -0.5), ("+1.25", 1.25), ("0.0", 0.0)] {
            assert_eq!(Real::from_digits(digits).unwrap().value(), value);
            assert_eq!(Real::from_digits(digits).unwrap().digits(), digits);
        }
        for wrong in ["", ".", "-.", "1", "1.2.3", "1e5.", "--1.0", "1.-5"] {
            assert_eq!(Real::from_digits(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn writes_reals_short_and_never_with_an_exponent() {
        for (value, digits) in [(1.0, "1.0"), (0.1 + 0.2, "0.3"), (1e-9, "0.0"), (f64::NAN, "0.0")] {
            assert_eq!(Real::from_f64(value).digits(), digits);
        }
    }

    #[test]
    fn compares_strings_by_value() {
        let mut other = PdfString::hexadecimal(*b"ab");
        other.span = Some(4..10);
        assert_eq!(PdfString::new(*b"ab"), other);
    }
}
