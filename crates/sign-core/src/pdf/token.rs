//! Lexical units (ISO 32000-2 clause 7.2) with the byte positions they stand at.

use std::ops::Range;

use super::cursor::Cursor;
use super::finding::Findings;
use super::object::{Name, PdfString, Real};
use crate::error::PdfError;

/// Longest run of regular characters that can be a number or a keyword; names may be longer.
const LONGEST_WORD: usize = 256;

/// One lexical unit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token {
    Integer(i64),
    Real(Real),
    Name(Name),
    String(PdfString),
    ArrayOpen,
    ArrayClose,
    DictionaryOpen,
    DictionaryClose,
    /// Any other run of regular characters: `obj`, `R`, `true`, or nonsense.
    Keyword(Vec<u8>),
    End,
}

impl Token {
    pub(crate) fn is_keyword(&self, word: &[u8]) -> bool {
        matches!(self, Self::Keyword(found) if found == word)
    }
}

pub(crate) fn is_white(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0C | b'\r' | b' ')
}

pub(crate) fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

fn is_regular(byte: u8) -> bool {
    !is_white(byte) && !is_delimiter(byte)
}

/// Splits bytes into tokens.
pub(crate) struct Lexer<'s> {
    pub(crate) cursor: Cursor<'s>,
    findings: &'s Findings,
    in_file: bool,
}

impl<'s> Lexer<'s> {
    /// `in_file` is false for decoded data: then positions say nothing about the file.
    pub(crate) fn new(cursor: Cursor<'s>, findings: &'s Findings, in_file: bool) -> Self {
        Self { cursor, findings, in_file }
    }

    /// A malformed `what` at byte `at`.
    pub(crate) fn malformed(at: u64, what: &'static str) -> PdfError {
        PdfError::Malformed { at, what }
    }

    pub(crate) fn note(&self, code: &'static str, at: u64, detail: impl Into<String>) {
        self.findings.note(code, self.in_file.then_some(at), detail);
    }

    /// The next token and where it stands.
    pub(crate) fn next(&mut self) -> Result<(Token, Range<u64>), PdfError> {
        self.skip_white()?;
        let start = self.cursor.position();
        let token = match self.cursor.peek()? {
            None => Token::End,
            Some(b'(') => Token::String(self.literal_string()?),
            Some(b'<') => self.angle_open()?,
            Some(b'>') => self.angle_close()?,
            Some(b'[') => self.single(Token::ArrayOpen)?,
            Some(b']') => self.single(Token::ArrayClose)?,
            Some(b'/') => Token::Name(self.name()?),
            Some(byte) if is_regular(byte) => self.word()?,
            // `)`, `{` and `}` begin nothing outside strings and functions.
            Some(_) => return Err(Self::malformed(start, "token")),
        };
        Ok((token, start..self.cursor.position()))
    }

    /// Passes the next token if it is the keyword `word`.
    pub(crate) fn next_if_keyword(&mut self, word: &[u8]) -> Result<bool, PdfError> {
        self.skip_white()?;
        let start = self.cursor.position();
        if self.cursor.peek()?.is_some_and(is_regular) && self.next()?.0.is_keyword(word) {
            return Ok(true);
        }
        self.cursor.seek(start);
        Ok(false)
    }

    /// The next token if it begins like a number; spares lexing a long string only to drop it.
    pub(crate) fn next_if_number(&mut self) -> Result<Token, PdfError> {
        self.skip_white()?;
        match self.cursor.peek()? {
            Some(b'0'..=b'9') => Ok(self.next()?.0),
            _ => Ok(Token::End),
        }
    }

    /// Passes white space and comments (7.2.3, 7.2.4).
    pub(crate) fn skip_white(&mut self) -> Result<(), PdfError> {
        let mut in_comment = false;
        while let Some(byte) = self.cursor.peek()? {
            in_comment = match byte {
                b'\r' | b'\n' => false,
                b'%' => true,
                _ => in_comment,
            };
            if !in_comment && !is_white(byte) {
                break;
            }
            self.cursor.next()?;
        }
        Ok(())
    }

    fn single(&mut self, token: Token) -> Result<Token, PdfError> {
        self.cursor.next()?;
        Ok(token)
    }

    fn word(&mut self) -> Result<Token, PdfError> {
        let start = self.cursor.position();
        let mut word = Vec::new();
        while let Some(byte) = self.cursor.peek()?.filter(|&byte| is_regular(byte)) {
            if word.len() == LONGEST_WORD {
                return Err(Self::malformed(start, "token"));
            }
            word.push(byte);
            self.cursor.next()?;
        }
        Ok(self.number(&word, start).unwrap_or(Token::Keyword(word)))
    }

    /// 7.3.3. No exponents, no radixes, no second sign.
    fn number(&self, word: &[u8], at: u64) -> Option<Token> {
        let text = std::str::from_utf8(word).ok()?;
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Real::from_digits(text).map(Token::Real);
        }
        match text.parse() {
            Ok(value) => Some(Token::Integer(value)),
            Err(_) => {
                // Larger than 64 bits: still a number, but none that can count anything here.
                self.note("integer_too_large", at, text);
                Real::from_digits(&format!("{text}.")).map(Token::Real)
            }
        }
    }

    /// 7.3.5
    fn name(&mut self) -> Result<Name, PdfError> {
        let start = self.cursor.position();
        self.cursor.next()?;
        let mut bytes = Vec::new();
        while let Some(byte) = self.cursor.peek()?.filter(|&byte| is_regular(byte)) {
            self.cursor.next()?;
            let decoded = if byte == b'#' { self.name_escape(start)? } else { byte };
            bytes.push(decoded);
        }
        Ok(Name::new(bytes))
    }

    /// What follows a `#`; names written before PDF 1.2 use it as any other character.
    fn name_escape(&mut self, name_at: u64) -> Result<u8, PdfError> {
        let after = self.cursor.position();
        let high = self.cursor.next()?.and_then(hex_value);
        let low = self.cursor.next()?.and_then(hex_value);
        match (high, low) {
            (Some(high), Some(low)) => Ok(high << 4 | low),
            _ => {
                self.cursor.seek(after);
                self.note("name_escape", name_at, "# without two hexadecimal digits in a name");
                Ok(b'#')
            }
        }
    }

    /// 7.3.4.2
    fn literal_string(&mut self) -> Result<PdfString, PdfError> {
        let start = self.cursor.position();
        self.cursor.next()?;
        let mut bytes = Vec::new();
        let mut open = 1u64;
        loop {
            let byte = self.cursor.next()?.ok_or(PdfError::Truncated { at: start, what: "end of string" })?;
            match byte {
                b'(' => open += 1,
                b')' => open -= 1,
                _ => {}
            }
            match byte {
                b')' if open == 0 => break,
                b'\\' => bytes.extend(self.string_escape()?),
                b'\r' => {
                    // 7.3.4.2: an end-of-line marker is one LF, however written.
                    self.cursor.take(b'\n')?;
                    bytes.push(b'\n');
                }
                _ => bytes.push(byte),
            }
        }
        Ok(self.string(bytes, false, start))
    }

    /// Table 3 of 7.3.4.2: what follows a backslash.
    fn string_escape(&mut self) -> Result<Option<u8>, PdfError> {
        let Some(byte) = self.cursor.next()? else { return Ok(None) };
        Ok(match byte {
            b'n' => Some(b'\n'),
            b'r' => Some(b'\r'),
            b't' => Some(b'\t'),
            b'b' => Some(8),
            b'f' => Some(12),
            b'\n' => None,
            b'\r' => {
                self.cursor.take(b'\n')?;
                None
            }
            b'0'..=b'7' => Some(self.octal(byte)?),
            // Any other character stands for itself, brackets and backslash among them.
            other => Some(other),
        })
    }

    fn octal(&mut self, first: u8) -> Result<u8, PdfError> {
        let mut value = u16::from(first - b'0');
        for _ in 0..2 {
            let Some(digit @ b'0'..=b'7') = self.cursor.peek()? else { break };
            value = value * 8 + u16::from(digit - b'0');
            self.cursor.next()?;
        }
        // High-order overflow is ignored.
        Ok((value & 0xFF) as u8)
    }

    fn angle_open(&mut self) -> Result<Token, PdfError> {
        let start = self.cursor.position();
        self.cursor.next()?;
        if self.cursor.take(b'<')? {
            return Ok(Token::DictionaryOpen);
        }
        Ok(Token::String(self.hexadecimal_string(start)?))
    }

    fn angle_close(&mut self) -> Result<Token, PdfError> {
        let start = self.cursor.position();
        self.cursor.next()?;
        if self.cursor.take(b'>')? {
            Ok(Token::DictionaryClose)
        } else {
            Err(Self::malformed(start, "token"))
        }
    }

    /// 7.3.4.3
    fn hexadecimal_string(&mut self, start: u64) -> Result<PdfString, PdfError> {
        let mut bytes = Vec::new();
        let mut half = None;
        loop {
            if half.is_none() {
                self.digit_pairs(&mut bytes)?;
            }
            let byte = self.cursor.next()?.ok_or(PdfError::Truncated { at: start, what: "end of string" })?;
            match (byte, hex_value(byte), half) {
                (b'>', _, _) => break,
                (_, Some(high), None) => half = Some(high),
                (_, Some(low), Some(high)) => {
                    bytes.push(high << 4 | low);
                    half = None;
                }
                (white, None, _) if is_white(white) => {}
                _ => return Err(Self::malformed(self.cursor.position() - 1, "hexadecimal string")),
            }
        }
        // An odd last digit is followed by an implied 0.
        bytes.extend(half.map(|high| high << 4));
        Ok(self.string(bytes, true, start))
    }

    /// Takes digits that stand in pairs, as nearly all do, without asking for each byte: the value of a
    /// signature has tens of thousands.
    fn digit_pairs(&mut self, bytes: &mut Vec<u8>) -> Result<(), PdfError> {
        let (pairs, _) = self.cursor.window()?.as_chunks::<2>();
        let mut taken = 0;
        for [high, low] in pairs {
            let (Some(high), Some(low)) = (hex_value(*high), hex_value(*low)) else { break };
            bytes.push(high << 4 | low);
            taken += 2;
        }
        self.cursor.seek(self.cursor.position() + taken);
        Ok(())
    }

    fn string(&self, bytes: Vec<u8>, hexadecimal: bool, start: u64) -> PdfString {
        let span = self.in_file.then(|| start..self.cursor.position());
        PdfString { bytes, hexadecimal, span }
    }
}

/// The value of a hexadecimal digit.
pub(crate) fn hex_value(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &[u8]) -> Result<Vec<Token>, PdfError> {
        let bytes = text.to_vec();
        let findings = Findings::default();
        let mut lexer = Lexer::new(Cursor::new(&bytes, 0, u64::MAX), &findings, true);
        let mut all = Vec::new();
        loop {
            match lexer.next()?.0 {
                Token::End => return Ok(all),
                token => all.push(token),
            }
        }
    }

    fn string(text: &[u8]) -> PdfString {
        match tokens(text).unwrap().as_slice() {
            [Token::String(string)] => string.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn splits_every_kind_of_token() {
        let found = tokens(b"12 -3 +.5 4. /A#20b [(x)]<<>>% comment\r\ntrue 1.2.3 /").unwrap();
        let expected = vec![
            Token::Integer(12),
            Token::Integer(-3),
            Token::Real(Real::from_digits("+.5").unwrap()),
            Token::Real(Real::from_digits("4.").unwrap()),
            Token::Name(Name::from("A b")),
            Token::ArrayOpen,
            Token::String(PdfString::new(*b"x")),
            Token::ArrayClose,
            Token::DictionaryOpen,
            Token::DictionaryClose,
            Token::Keyword(b"true".to_vec()),
            Token::Keyword(b"1.2.3".to_vec()),
            Token::Name(Name::from("")),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn decodes_strings() {
        let cases: [(&[u8], &[u8]); 9] = [
            (b"(a(b)c)", b"a(b)c"),
            (br"(\(\)\\\n\r\t\b\f\q)", b"()\\\n\r\t\x08\x0cq"),
            (br"(\1012\53\7z\400)", b"A2+\x07z\x00"),
            (b"(a\\\r\nb\\\nc\rd\r\ne)", b"abc\nd\ne"),
            (b"<48 65\n6C6c6f>", b"Hello"),
            (b"<4>", b"@"),
            (b"<>", b""),
            (b"()", b""),
            (b"((\\())", b"(()"),
        ];
        for (written, bytes) in cases {
            assert_eq!(string(written).bytes, bytes, "{}", String::from_utf8_lossy(written));
        }
    }

    #[test]
    fn knows_where_a_string_stands() {
        assert_eq!(string(b"  <00ff>  ").span, Some(2..8));
        assert_eq!(string(b" (\\)) ").span, Some(1..5));
    }

    #[test]
    fn refuses_what_is_no_token() {
        for text in [&b"(abc"[..], b"<12", b"<1x>", b">", b")", b"{", &[b'x'; 300]] {
            assert!(tokens(text).is_err(), "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn keeps_a_number_of_more_than_64_bits_as_a_real() {
        let found = tokens(b"99999999999999999999").unwrap();
        assert!(matches!(found.as_slice(), [Token::Real(real)] if real.value() > 9e19));
    }
}
