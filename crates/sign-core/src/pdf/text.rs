//! Text strings (ISO 32000-2 clause 7.9.2.2): PDFDocEncoding, UTF-16BE and UTF-8 with byte order marks.

/// The bytes of a text string: ASCII as it is, anything else as UTF-16BE with its byte order mark.
pub fn encode(text: &str) -> Vec<u8> {
    // Only ASCII graphics and common white space mean the same in PDFDocEncoding.
    let plain = |c: char| matches!(c, ' '..='~' | '\n' | '\r' | '\t');
    if text.chars().all(plain) {
        return text.as_bytes().to_vec();
    }
    let mut bytes = vec![0xFE, 0xFF];
    bytes.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
    bytes
}

/// The text in PDFDocEncoding; `None` if it has a character that encoding lacks.
pub(super) fn encode_pdf_doc(text: &str) -> Option<Vec<u8>> {
    let byte = |c: char| (0..=u8::MAX).find(|byte| pdf_doc_char(*byte) == c);
    text.chars().filter(|c| *c != char::REPLACEMENT_CHARACTER).map(byte).collect()
}

/// The text of a text string; what cannot be decoded becomes U+FFFD. Language escapes (7.9.2.2.1)
/// in UTF-16 are dropped.
pub fn decode(bytes: &[u8]) -> String {
    match bytes {
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        // Not in the standard, but written by some tools and read by every viewer.
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => bytes.iter().map(|&byte| pdf_doc_char(byte)).collect(),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let mut escaped = false;
    let units = bytes.chunks(2).map(|pair| match pair {
        [a, b] => unit([*a, *b]),
        _ => 0xFFFD, // half a character at the end
    });
    // A language code stands between two U+001B.
    let visible = units.filter(|&unit| {
        let is_escape = unit == 0x1B;
        escaped ^= is_escape;
        !is_escape && !escaped
    });
    char::decode_utf16(visible).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// ISO 32000-2 Annex D.3, table D.2.
fn pdf_doc_char(byte: u8) -> char {
    const LOW: [char; 8] =
        ['\u{2D8}', '\u{2C7}', '\u{2C6}', '\u{2D9}', '\u{2DD}', '\u{2DB}', '\u{2DA}', '\u{2DC}'];
    const HIGH: [char; 33] = [
        '\u{2022}', '\u{2020}', '\u{2021}', '\u{2026}', '\u{2014}', '\u{2013}', '\u{192}', '\u{2044}',
        '\u{2039}', '\u{203A}', '\u{2212}', '\u{2030}', '\u{201E}', '\u{201C}', '\u{201D}', '\u{2018}',
        '\u{2019}', '\u{201A}', '\u{2122}', '\u{FB01}', '\u{FB02}', '\u{141}', '\u{152}', '\u{160}',
        '\u{178}', '\u{17D}', '\u{131}', '\u{142}', '\u{153}', '\u{161}', '\u{17E}', '\u{FFFD}', '\u{20AC}',
    ];
    let table = |chars: &[char], first: u8| {
        chars.get(usize::from(byte - first)).copied().unwrap_or(char::REPLACEMENT_CHARACTER)
    };
    match byte {
        0x18..=0x1F => table(&LOW, 0x18),
        0x80..=0xA0 => table(&HIGH, 0x80),
        0x7F | 0xAD => char::REPLACEMENT_CHARACTER,
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn returns_every_text_it_wrote() {
        for text in ["", "Van ban (1)", "Công văn số 12/UBND-VP", "Nguyễn Văn Ẩn 𝄞", "a\u{7f}b", "€"]
        {
            assert_eq!(decode(&encode(text)), text);
        }
        assert_eq!(encode("abc"), b"abc");
        assert_eq!(encode("ố"), [0xFE, 0xFF, 0x1E, 0xD1]);
    }

    #[test]
    fn decodes_the_three_encodings() {
        let cases: [(&[u8], &str); 7] = [
            (b"plain", "plain"),
            (b"\x80\x8d\xa0\xe9\x18", "•“€é˘"),
            (b"\xEF\xBB\xBFS\xE1\xBB\x91", "Số"),
            (b"\xFE\xFF\x00\x1B\x00v\x00i\x00\x1B\x00A", "A"),
            (b"\xFF\xFEA\x00", "A"),
            (b"\xFE\xFF\xD8\x00\x00A", "\u{FFFD}A"),
            (b"\xFE\xFF\x00A\x00", "A\u{FFFD}"),
        ];
        for (bytes, text) in cases {
            assert_eq!(decode(bytes), text);
        }
    }
}
