//! Distinguished names (X.501) as texts, and their spelling in one line (RFC 4514).

use crate::crypto::der::{DerError, Reader, Tlv, tag};
use crate::crypto::digest::hex;
use std::fmt::{self, Write as _};
use unicode_normalization::UnicodeNormalization;

/// Bytes of one name. Real ones stay under 1 KiB.
const MAX_BYTES: usize = 64 * 1024;

const COMMON_NAME: &str = "2.5.4.3";
const SURNAME: &str = "2.5.4.4";
const SERIAL_NUMBER: &str = "2.5.4.5";
const COUNTRY: &str = "2.5.4.6";
const ORGANISATION: &str = "2.5.4.10";
const ORGANISATIONAL_UNIT: &str = "2.5.4.11";
const TITLE: &str = "2.5.4.12";
const GIVEN_NAME: &str = "2.5.4.42";
const ORGANISATION_IDENTIFIER: &str = "2.5.4.97";
const EMAIL: &str = "1.2.840.113549.1.9.1";

/// Descriptors registered for RFC 4514 (IANA LDAP parameters) or in common use.
const SHORT_NAMES: [(&str, &str); 15] = [
    (COMMON_NAME, "CN"),
    (SURNAME, "SN"),
    (SERIAL_NUMBER, "serialNumber"),
    (COUNTRY, "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "STREET"),
    (ORGANISATION, "O"),
    (ORGANISATIONAL_UNIT, "OU"),
    (TITLE, "title"),
    (GIVEN_NAME, "givenName"),
    (ORGANISATION_IDENTIFIER, "organizationIdentifier"),
    (EMAIL, "emailAddress"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("0.9.2342.19200300.100.1.25", "DC"),
];

/// One attribute of a name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Attribute {
    /// Object identifier of its type, dotted.
    pub oid: String,
    /// Its text; None if the value is no string.
    pub text: Option<String>,
    /// The value as encoded.
    raw: Vec<u8>,
}

/// A distinguished name, its relative names in the order of the certificate (the most general first).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Name {
    relative: Vec<Vec<Attribute>>,
    /// Each relative name as it is compared.
    folded: Vec<Vec<u8>>,
}

impl Name {
    /// Reads a DER Name (RFC 5280 4.1.2.4).
    ///
    /// # Errors
    /// [`DerError`] if it is not one; [`DerError::BadLength`] if it is longer than any name.
    pub fn parse(der: &[u8]) -> Result<Self, DerError> {
        if der.len() > MAX_BYTES {
            return Err(DerError::BadLength);
        }
        let mut rdns = Reader::new(der).expect(tag::SEQUENCE)?.reader();
        let mut name = Self::default();
        while !rdns.is_empty() {
            name.push(relative_name(rdns.expect(tag::SET)?)?);
        }
        Ok(name)
    }

    fn push(&mut self, relative: Vec<Attribute>) {
        let mut folded: Vec<Vec<u8>> = relative.iter().map(Attribute::folded).collect();
        // A SET has no order.
        folded.sort();
        self.folded.push(folded.concat());
        self.relative.push(relative);
    }

    /// This name with one more relative name, the content of a SET OF attributes.
    pub(super) fn with_relative(&self, attributes: &[u8]) -> Option<Self> {
        let set = Tlv { tag: tag::SET, raw: attributes, content: attributes };
        let mut name = self.clone();
        name.push(relative_name(set).ok()?);
        Some(name)
    }

    /// Whether it has no attributes at all.
    pub fn is_empty(&self) -> bool {
        self.relative.is_empty()
    }

    /// Whether both are the same name: equal attributes but for their string type, letter case and
    /// insignificant spaces (RFC 5280 7.1, RFC 4518).
    pub fn matches(&self, other: &Self) -> bool {
        self.folded == other.folded
    }

    /// Whether it lies in the subtree below `base`, or is `base` (RFC 5280 4.2.1.10).
    pub fn is_within(&self, base: &Self) -> bool {
        self.folded.starts_with(&base.folded)
    }

    /// Texts of all emailAddress attributes.
    pub(super) fn emails(&self) -> impl Iterator<Item = &str> {
        self.attributes().filter(|attribute| attribute.oid == EMAIL).filter_map(|a| a.text.as_deref())
    }

    /// All attributes, the most general first.
    pub fn attributes(&self) -> impl Iterator<Item = &Attribute> {
        self.relative.iter().flatten()
    }

    /// Text of the last attribute of a type: the most specific one wins.
    pub fn text(&self, oid: &str) -> Option<&str> {
        self.attributes().filter(|attribute| attribute.oid == oid).filter_map(|a| a.text.as_deref()).last()
    }

    /// Whether it has an attribute of this type, a short name (`CN`) or a dotted identifier, with this
    /// text.
    pub fn has(&self, key: &str, text: &str) -> bool {
        let oid =
            SHORT_NAMES.iter().find(|(_, short)| short.eq_ignore_ascii_case(key)).map_or(key, |row| row.0);
        self.attributes().any(|attribute| attribute.oid == oid && attribute.text.as_deref() == Some(text))
    }

    /// CN.
    pub fn common_name(&self) -> Option<&str> {
        self.text(COMMON_NAME)
    }

    /// O.
    pub fn organisation(&self) -> Option<&str> {
        self.text(ORGANISATION)
    }

    /// OU.
    pub fn organisational_unit(&self) -> Option<&str> {
        self.text(ORGANISATIONAL_UNIT)
    }

    /// organizationIdentifier, 2.5.4.97 (EN 319 412-1 5.1.4).
    pub fn organisation_identifier(&self) -> Option<&str> {
        self.text(ORGANISATION_IDENTIFIER)
    }

    /// emailAddress (RFC 2985 5.2.1).
    pub fn email(&self) -> Option<&str> {
        self.text(EMAIL)
    }

    /// title.
    pub fn title(&self) -> Option<&str> {
        self.text(TITLE)
    }

    /// givenName.
    pub fn given_name(&self) -> Option<&str> {
        self.text(GIVEN_NAME)
    }

    /// SN.
    pub fn surname(&self) -> Option<&str> {
        self.text(SURNAME)
    }

    /// serialNumber of the subject (an identity document), not of the certificate.
    pub fn serial_number(&self) -> Option<&str> {
        self.text(SERIAL_NUMBER)
    }

    /// C.
    pub fn country(&self) -> Option<&str> {
        self.text(COUNTRY)
    }

    /// What to call the subject in one line: CN, else O, else the whole name.
    pub fn display_name(&self) -> String {
        self.common_name().or(self.organisation()).map_or_else(|| self.to_string(), str::to_owned)
    }
}

impl Attribute {
    /// Type and value as they are compared: a text folded, any other value as encoded. Lengths keep
    /// two attributes from reading as another two.
    fn folded(&self) -> Vec<u8> {
        let value = match &self.text {
            Some(text) => fold(text).into_bytes(),
            None => self.raw.clone(),
        };
        let kind = if self.text.is_some() { 't' } else { 'r' };
        [format!("{}{kind}{}:", self.oid, value.len()).into_bytes(), value].concat()
    }
}

/// Prepares a text for comparison (RFC 4518 section 2): what shows nothing is left out, compatible
/// characters and letter cases become one, runs of spaces one space, and none at either end.
fn fold(text: &str) -> String {
    let lower: String = if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        text.chars()
            .filter(|c| !is_mapped_to_nothing(*c))
            .nfkc()
            .flat_map(char::to_lowercase)
            .nfkc()
            .collect()
    };
    let mut folded = String::with_capacity(lower.len());
    let visible = |c: &char| c.is_whitespace() || !c.is_control();
    for word in lower.chars().filter(visible).collect::<String>().split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    folded
}

/// Soft hyphen, joiners, variation selectors, byte order mark (RFC 4518 2.2).
fn is_mapped_to_nothing(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{1806}' | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fffc}')
}

fn relative_name(set: Tlv<'_>) -> Result<Vec<Attribute>, DerError> {
    let mut inside = set.reader();
    let mut attributes = Vec::new();
    while !inside.is_empty() {
        let mut pair = inside.expect(tag::SEQUENCE)?.reader();
        let oid = pair.expect(tag::OID)?.oid()?;
        let value = pair.read()?;
        pair.finish()?;
        attributes.push(Attribute { oid, text: text(value), raw: value.raw.to_vec() });
    }
    Ok(attributes)
}

/// DirectoryString and IA5String in all their encodings; wrong bytes show as U+FFFD.
fn text(value: Tlv<'_>) -> Option<String> {
    let bytes = value.content;
    match value.tag {
        // UTF8String, NumericString, PrintableString, IA5String, VisibleString
        0x0c | 0x12 | 0x13 | 0x16 | 0x1a => Some(String::from_utf8_lossy(bytes).into_owned()),
        // TeletexString: in practice Latin-1
        0x14 => Some(bytes.iter().map(|&byte| char::from(byte)).collect()),
        // BMPString: UTF-16BE
        0x1e => {
            let units = bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair));
            Some(char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect())
        }
        // UniversalString: UTF-32BE
        0x1c => {
            let units = bytes.as_chunks::<4>().0.iter().map(|four| u32::from_be_bytes(*four));
            Some(units.map(|unit| char::from_u32(unit).unwrap_or('\u{fffd}')).collect())
        }
        _ => None,
    }
}

impl fmt::Display for Name {
    /// RFC 4514: the most specific relative name first.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, relative) in self.relative.iter().rev().enumerate() {
            if index > 0 {
                f.write_char(',')?;
            }
            for (index, attribute) in relative.iter().enumerate() {
                if index > 0 {
                    f.write_char('+')?;
                }
                write_attribute(f, attribute)?;
            }
        }
        Ok(())
    }
}

fn write_attribute(f: &mut fmt::Formatter<'_>, attribute: &Attribute) -> fmt::Result {
    let short = SHORT_NAMES.iter().find(|(oid, _)| *oid == attribute.oid).map(|(_, short)| *short);
    match (short, &attribute.text) {
        (Some(short), Some(text)) => {
            write!(f, "{short}=")?;
            write_escaped(f, text)
        }
        // RFC 4514 2.4: a type without a name, or a value that is no string, shows as its encoding.
        (short, _) => write!(f, "{}=#{}", short.unwrap_or(&attribute.oid), hex(&attribute.raw)),
    }
}

fn write_escaped(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let last = text.chars().count().saturating_sub(1);
    for (index, c) in text.chars().enumerate() {
        let at_edge = c == ' ' && (index == 0 || index == last) || c == '#' && index == 0;
        match c {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => write!(f, "\\{c}")?,
            // Not only NUL: a line break in a name must not break the line it is shown in.
            c if c.is_ascii_control() => write!(f, "\\{:02X}", u32::from(c))?,
            c if at_edge => write!(f, "\\{c}")?,
            c => f.write_char(c)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::der;

    fn attribute(oid: &str, tag: u8, value: &[u8]) -> Vec<u8> {
        der::sequence(&[&der::oid(oid), &der::element(tag, value)])
    }

    fn name(relative: &[&[Vec<u8>]]) -> Name {
        let sets: Vec<u8> = relative.iter().flat_map(|set| der::set_of(tag::SET, set.to_vec())).collect();
        Name::parse(&der::element(tag::SEQUENCE, &sets)).unwrap()
    }

    #[test]
    fn a_name_reads_from_the_specific_to_the_general() {
        let name = name(&[
            &[attribute(COUNTRY, 0x13, b"VN")],
            &[attribute(ORGANISATION, 0x0c, "UBND tỉnh Nam Định".as_bytes())],
            &[
                attribute(COMMON_NAME, 0x0c, "Trần Văn A".as_bytes()),
                attribute(TITLE, 0x0c, "Chủ tịch".as_bytes()),
            ],
        ]);
        assert_eq!(name.to_string(), "title=Chủ tịch+CN=Trần Văn A,O=UBND tỉnh Nam Định,C=VN");
        assert_eq!(name.common_name(), Some("Trần Văn A"));
        assert_eq!(name.title(), Some("Chủ tịch"));
        assert_eq!(name.email(), None);
    }

    #[test]
    fn names_are_compared_without_string_type_case_and_spare_spaces() {
        let one = |tag: u8, text: &[u8]| name(&[&[attribute(COMMON_NAME, tag, text)]]);
        let reference = one(0x13, b"Good CA");
        let same: [(u8, &[u8]); 6] = [
            (0x0c, b"good ca"),
            (0x0c, b"  GOOD \t  CA "),
            (0x1e, b"\0G\0o\0o\0d\0 \0C\0A"),
            (0x0c, "Ｇｏｏｄ CA".as_bytes()),
            (0x0c, "Go\u{ad}od\u{a0}CA".as_bytes()),
            (0x14, b"Good CA"),
        ];
        for (tag, text) in same {
            assert!(one(tag, text).matches(&reference), "{tag:#x} {text:?}");
        }
        for (tag, text) in [(0x13, &b"GoodCA"[..]), (0x13, b"Good CA."), (0x04, b"Good CA")] {
            assert!(!one(tag, text).matches(&reference), "{tag:#x} {text:?}");
        }
        let composed = one(0x0c, "Tr\u{1ea7}n".as_bytes());
        assert!(composed.matches(&one(0x0c, "TRA\u{302}\u{300}N".as_bytes())), "composed and decomposed");
    }

    #[test]
    fn subtrees_follow_relative_names_and_sets_have_no_order() {
        let (c, o, cn) = (
            attribute(COUNTRY, 0x13, b"VN"),
            attribute(ORGANISATION, 0x0c, b"A"),
            attribute(COMMON_NAME, 0x0c, b"B"),
        );
        let country = name(&[std::slice::from_ref(&c)]);
        let whole = name(&[std::slice::from_ref(&c), &[o.clone(), cn.clone()]]);
        assert!(whole.is_within(&country) && whole.is_within(&whole) && !country.is_within(&whole));
        assert!(whole.is_within(&Name::default()), "the empty subtree holds everything");
        let mut reversed = name(&[std::slice::from_ref(&c)]);
        reversed
            .push(relative_name(Reader::new(&der::container(tag::SET, &[&cn, &o])).read().unwrap()).unwrap());
        assert!(reversed.matches(&whole));
        let split = name(&[&[c], &[o], &[cn]]);
        assert!(!split.matches(&whole), "one relative name of two attributes is not two of one");
    }

    #[test]
    fn special_characters_are_escaped() {
        let name = name(&[
            &[attribute(COMMON_NAME, 0x0c, b" #a,b+c\"\\\n ")],
            &[attribute(ORGANISATION, 0x0c, b"#x")],
        ]);
        assert_eq!(name.to_string(), r##"O=\#x,CN=\ #a\,b\+c\"\\\0A\ "##);
    }

    #[test]
    fn every_string_type_is_read() {
        let cases: [(u8, &[u8], Option<&str>); 5] = [
            (0x1e, &[0x1e, 0xe7, 0, b'a'], Some("ủa")),
            (0x1c, &[0, 0, 0x1e, 0xe7], Some("ủ")),
            (0x14, &[0xe9], Some("é")),
            (0x0c, &[0xff], Some("\u{fffd}")),
            (0x04, &[1], None),
        ];
        for (tag, bytes, expected) in cases {
            assert_eq!(name(&[&[attribute(COMMON_NAME, tag, bytes)]]).common_name(), expected);
        }
    }

    #[test]
    fn unknown_types_show_their_encoding() {
        assert_eq!(name(&[&[attribute("1.2.3", 0x0c, b"x")]]).to_string(), "1.2.3=#0c0178");
    }
}
