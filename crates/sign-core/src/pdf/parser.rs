//! Objects from tokens (ISO 32000-2 clauses 7.3.6–7.3.10), bounded in depth and number.

use super::cursor::Cursor;
use super::finding::Findings;
use super::object::{Dictionary, Name, Object, ObjectId};
use super::token::{Lexer, Token};
use crate::error::PdfError;
use crate::limits::{Budget, LimitExceeded, Limits};
use crate::source::Source;

/// Reads objects one after the other.
pub(crate) struct Parser<'s> {
    pub(crate) lexer: Lexer<'s>,
    limits: Limits,
    values: u64,
}

impl<'s> Parser<'s> {
    /// For one object in the file, at most up to `end`.
    pub(crate) fn in_file(
        source: &'s dyn Source,
        start: u64,
        end: u64,
        budget: &'s Budget,
        findings: &'s Findings,
    ) -> Self {
        let cursor = Cursor::for_object(source, start, end, budget);
        Self { lexer: Lexer::new(cursor, findings, true), limits: *budget.limits(), values: 0 }
    }

    /// For one object in decoded data.
    pub(crate) fn in_data(
        data: &'s dyn Source,
        start: u64,
        end: u64,
        budget: &'s Budget,
        findings: &'s Findings,
    ) -> Self {
        let cursor = Cursor::for_object(data, start, end, budget);
        Self { lexer: Lexer::new(cursor, findings, false), limits: *budget.limits(), values: 0 }
    }

    pub(crate) fn position(&self) -> u64 {
        self.lexer.cursor.position()
    }

    /// Rough bytes of memory that the values read so far take.
    pub(crate) fn memory(&self) -> u64 {
        self.values * std::mem::size_of::<Object>() as u64
    }

    /// `12 0 obj` (7.3.10).
    pub(crate) fn header(&mut self) -> Result<ObjectId, PdfError> {
        let start = self.position();
        let mut part = || self.lexer.next().map(|(token, _)| token);
        let (number, generation, keyword) = (part()?, part()?, part()?);
        match (number, generation) {
            (Token::Integer(number), Token::Integer(generation)) if keyword.is_keyword(b"obj") => {
                object_id(number, generation)
            }
            _ => None,
        }
        .ok_or(PdfError::Malformed { at: start, what: "object header" })
    }

    /// One direct object or reference.
    pub(crate) fn object(&mut self) -> Result<Object, PdfError> {
        let (token, span) = self.lexer.next()?;
        self.value(token, span.start, 0)
    }

    /// One dictionary and nothing else.
    pub(crate) fn dictionary(&mut self) -> Result<Dictionary, PdfError> {
        let start = self.position();
        match self.object()? {
            Object::Dictionary(dictionary) => Ok(dictionary),
            _ => Err(PdfError::Malformed { at: start, what: "dictionary" }),
        }
    }

    fn value(&mut self, token: Token, at: u64, depth: u32) -> Result<Object, PdfError> {
        self.count(depth)?;
        match token {
            Token::Integer(number) => self.integer_or_reference(number),
            Token::Real(real) => Ok(Object::Real(real)),
            Token::Name(name) => Ok(Object::Name(name)),
            Token::String(string) => Ok(Object::String(string)),
            Token::ArrayOpen => self.array(depth),
            Token::DictionaryOpen => self.entries(at, depth).map(Object::Dictionary),
            Token::Keyword(word) => constant(&word).ok_or(PdfError::Malformed { at, what: "object" }),
            Token::ArrayClose | Token::DictionaryClose => Err(PdfError::Malformed { at, what: "object" }),
            Token::End => Err(PdfError::Truncated { at, what: "object" }),
        }
    }

    fn count(&mut self, depth: u32) -> Result<(), PdfError> {
        self.values += 1;
        let exceeded = |limit, allowed| Err(LimitExceeded { limit, allowed }.into());
        if self.values > self.limits.object_values {
            return exceeded("object_values", self.limits.object_values);
        }
        if depth > self.limits.depth {
            return exceeded("depth", self.limits.depth.into());
        }
        Ok(())
    }

    /// `12`, or `12 0 R` if the two tokens after it make it a reference.
    fn integer_or_reference(&mut self, number: i64) -> Result<Object, PdfError> {
        let after = self.position();
        if (0..=i64::from(u32::MAX)).contains(&number)
            && let Token::Integer(generation) = self.lexer.next_if_number()?
            && self.lexer.next_if_keyword(b"R")?
            && let Some(id) = object_id(number, generation)
        {
            return Ok(Object::Reference(id));
        }
        self.lexer.cursor.seek(after);
        Ok(Object::Integer(number))
    }

    /// 7.3.6
    fn array(&mut self, depth: u32) -> Result<Object, PdfError> {
        let mut items = Vec::new();
        loop {
            match self.lexer.next()? {
                (Token::ArrayClose, _) => return Ok(Object::Array(items)),
                (token, span) => items.push(self.value(token, span.start, depth + 1)?),
            }
        }
    }

    /// 7.3.7, after `<<`.
    fn entries(&mut self, at: u64, depth: u32) -> Result<Dictionary, PdfError> {
        let mut entries: Vec<(Name, Object)> = Vec::new();
        loop {
            match self.lexer.next()? {
                (Token::DictionaryClose, _) => break,
                (Token::Name(key), _) => {
                    let (token, span) = self.lexer.next()?;
                    entries.push((key, self.value(token, span.start, depth + 1)?));
                }
                (Token::End, span) => {
                    return Err(PdfError::Truncated { at: span.start, what: "end of dictionary" });
                }
                (_, span) => return Err(PdfError::Malformed { at: span.start, what: "dictionary key" }),
            }
        }
        let (dictionary, dropped) = Dictionary::from_entries(entries);
        for key in dropped {
            self.lexer.note("duplicate_key", at, format!("{key:?} more than once in a dictionary"));
        }
        Ok(dictionary)
    }
}

fn constant(word: &[u8]) -> Option<Object> {
    match word {
        b"true" => Some(Object::Boolean(true)),
        b"false" => Some(Object::Boolean(false)),
        b"null" => Some(Object::Null),
        _ => None,
    }
}

/// The id of these numbers, if they are in range.
pub(crate) fn object_id(number: i64, generation: i64) -> Option<ObjectId> {
    Some(ObjectId::new(u32::try_from(number).ok()?, u16::try_from(generation).ok()?))
}

/// One object from bytes that hold nothing else.
///
/// # Errors
/// [`PdfError::Malformed`] if it is none or something follows it.
#[cfg(test)]
pub(crate) fn parse(text: &[u8]) -> Result<Object, PdfError> {
    let findings = Findings::default();
    let bytes = text.to_vec();
    let budget = Budget::new(Limits::default());
    let mut parser = Parser::in_file(&bytes, 0, u64::MAX, &budget, &findings);
    let object = parser.object()?;
    match parser.lexer.next()? {
        (Token::End, _) => Ok(object),
        (_, span) => Err(PdfError::Malformed { at: span.start, what: "end" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_nested_objects_and_references() {
        let object = parse(b"<</A[1 2 R 3 0 R 4 5]/B<</C null>>/D true/E 7>>").unwrap();
        let dictionary = object.as_dictionary().unwrap();
        let reference = |number, generation| Object::Reference(ObjectId::new(number, generation));
        let expected = [reference(1, 2), reference(3, 0), Object::Integer(4), Object::Integer(5)];
        assert_eq!(dictionary.get("A").unwrap().as_array().unwrap(), expected);
        assert_eq!(dictionary.get("E"), Some(&Object::Integer(7)));
    }

    #[test]
    fn takes_only_numbers_in_range_for_a_reference() {
        for text in [&b"[4294967296 0 R]"[..], b"[1 65536 R]", b"[-1 0 R]", b"[1 0 RG]", b"[1 0.0 R]"] {
            assert!(parse(text).is_err(), "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn refuses_depth_without_recursing_into_it() {
        let deep = |open: &[u8], times: usize| open.repeat(times);
        assert!(matches!(parse(&deep(b"[", 100_000)), Err(PdfError::Limit(_))));
        assert!(matches!(parse(&deep(b"<</A", 100_000)), Err(PdfError::Limit(_))));
        let honest = [deep(b"[", 60), deep(b"]", 60)].concat();
        assert!(parse(&honest).is_ok());
    }

    #[test]
    fn refuses_more_values_than_one_object_may_have() {
        let budget = Budget::new(Limits { object_values: 100, ..Limits::default() });
        let (bytes, findings) = (["[ ".as_bytes(), &b"0 ".repeat(200)].concat(), Findings::default());
        let mut parser = Parser::in_data(&bytes, 0, u64::MAX, &budget, &findings);
        assert!(matches!(
            parser.object(),
            Err(PdfError::Limit(LimitExceeded { limit: "object_values", .. }))
        ));
    }

    #[test]
    fn reports_keys_given_twice_and_keeps_the_last() {
        let (bytes, findings) = (b"<</A 1/A 2>>".to_vec(), Findings::default());
        let budget = Budget::new(Limits::default());
        let mut parser = Parser::in_file(&bytes, 0, u64::MAX, &budget, &findings);
        assert_eq!(parser.dictionary().unwrap().get("A"), Some(&Object::Integer(2)));
        assert_eq!(findings.all()[0].code, "duplicate_key");
    }

    #[test]
    fn refuses_what_is_no_object() {
        for text in [&b"]"[..], b">>", b"<</A>>", b"<<1 2>>", b"<</A 1", b"[1", b"nul", b"", b"R"] {
            assert!(parse(text).is_err(), "{}", String::from_utf8_lossy(text));
        }
    }
}
