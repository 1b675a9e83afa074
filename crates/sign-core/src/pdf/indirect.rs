//! An indirect object at an offset (ISO 32000-2 clauses 7.3.8 and 7.3.10).

use super::finding::Findings;
use super::object::{Dictionary, Object, ObjectId, Stream, StreamData};
use super::parser::Parser;
use super::token::Token;
use crate::error::PdfError;
use crate::limits::Budget;
use crate::source::Source;

/// What reading one document needs everywhere.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'r> {
    pub(crate) source: &'r dyn Source,
    pub(crate) budget: &'r Budget,
    pub(crate) findings: &'r Findings,
}

/// An object as it stands in the file.
#[derive(Debug)]
pub(crate) struct Indirect {
    /// The number and generation written in front of it.
    pub(crate) id: ObjectId,
    pub(crate) object: Object,
    /// Just after `endobj`.
    pub(crate) end: u64,
    /// Rough bytes of memory it takes.
    pub(crate) memory: u64,
}

impl<'r> Reader<'r> {
    pub(crate) fn parser(&self, at: u64, end: u64) -> Parser<'r> {
        Parser::in_file(self.source, at, end, self.budget, self.findings)
    }

    /// The object at `at`, which must end before `end` and carry the id that led here, if one did;
    /// `length` makes a number of the value of a stream's `/Length`.
    pub(crate) fn indirect(
        &self,
        at: u64,
        end: u64,
        expected: Option<ObjectId>,
        length: &dyn Fn(&Object) -> Result<u64, PdfError>,
    ) -> Result<Indirect, PdfError> {
        self.budget.spend_object()?;
        let (mut parser, id) = self.header(at, end, expected)?;
        let object = self.body(&mut parser)?;
        let memory = parser.memory() + (parser.position() - at);
        let (object, object_end) = match object {
            Object::Dictionary(dictionary) if parser.lexer.next_if_keyword(b"stream")? => {
                let length = length(dictionary.get("Length").unwrap_or(&Object::Null))?;
                let range = self.stream_range(&mut parser, length, end)?;
                let stream = Stream { dictionary, data: StreamData::InFile(range.clone()) };
                (Object::Stream(stream), self.after_stream(range.end, end)?)
            }
            other => (other, self.after_object(&mut parser)?),
        };
        Ok(Indirect { id, object, end: object_end, memory })
    }

    /// The dictionary of the stream at `at`, and where its data begins; how long that is, is not asked.
    pub(crate) fn stream_head(
        &self,
        at: u64,
        end: u64,
        expected: ObjectId,
    ) -> Result<(Dictionary, u64), PdfError> {
        let (mut parser, _) = self.header(at, end, Some(expected))?;
        match self.body(&mut parser)? {
            Object::Dictionary(dictionary) if parser.lexer.next_if_keyword(b"stream")? => {
                Ok((dictionary, self.stream_range(&mut parser, 0, end)?.start))
            }
            _ => Err(PdfError::Malformed { at, what: "stream" }),
        }
    }

    /// The value of an object that may not be a stream: of a `/Length`.
    pub(crate) fn indirect_value(&self, at: u64, end: u64, expected: ObjectId) -> Result<Object, PdfError> {
        self.budget.spend_object()?;
        self.header(at, end, Some(expected))?.0.object()
    }

    fn header(
        &self,
        at: u64,
        end: u64,
        expected: Option<ObjectId>,
    ) -> Result<(Parser<'r>, ObjectId), PdfError> {
        if at >= end {
            return Err(PdfError::Malformed { at, what: "object offset" });
        }
        let mut parser = self.parser(at, end);
        parser.lexer.skip_white()?;
        let found = parser.position();
        let id = parser.header()?;
        // Before the object is parsed: wrong entries must not cost its size.
        if expected.is_some_and(|expected| expected != id) {
            return Err(PdfError::Malformed { at, what: "object number" });
        }
        if found != at {
            self.findings.note("object_offset", Some(at), format!("object {id} begins at byte {found}"));
        }
        Ok((parser, id))
    }

    /// An object without a value reads as `null`; some writers leave one behind.
    fn body(&self, parser: &mut Parser<'r>) -> Result<Object, PdfError> {
        let start = parser.position();
        if parser.lexer.next_if_keyword(b"endobj")? {
            self.findings.note("object_empty", Some(start), "nothing between obj and endobj");
            parser.lexer.cursor.seek(start);
            return Ok(Object::Null);
        }
        parser.object()
    }

    fn after_object(&self, parser: &mut Parser<'r>) -> Result<u64, PdfError> {
        let end = parser.position();
        if !parser.lexer.next_if_keyword(b"endobj")? {
            self.findings.note("endobj_missing", Some(end), "no endobj after the object");
            return Ok(end);
        }
        Ok(parser.position())
    }

    /// The data after the keyword `stream` and its end of line (7.3.8.1).
    fn stream_range(
        &self,
        parser: &mut Parser<'r>,
        length: u64,
        end: u64,
    ) -> Result<std::ops::Range<u64>, PdfError> {
        let cursor = &mut parser.lexer.cursor;
        let keyword_end = cursor.position();
        while cursor.take(b' ')? {}
        let spaces = cursor.position() > keyword_end;
        let carriage_return = cursor.take(b'\r')?;
        let line_feed = cursor.take(b'\n')?;
        if spaces || !line_feed {
            let detail = match (spaces, carriage_return || line_feed) {
                (true, _) => "spaces after the keyword stream",
                (false, true) => "CR alone after the keyword stream",
                (false, false) => "no end of line after the keyword stream",
            };
            self.findings.note("stream_keyword_eol", Some(keyword_end), detail);
        }
        let start = cursor.position();
        match start.checked_add(length) {
            Some(stop) if stop <= end => Ok(start..stop),
            _ => Err(PdfError::Malformed { at: start, what: "stream length" }),
        }
    }

    /// Just after `endobj`. That `endstream` follows the data proves its length.
    fn after_stream(&self, data_end: u64, end: u64) -> Result<u64, PdfError> {
        let mut parser = self.parser(data_end, end);
        match parser.lexer.next() {
            Ok((Token::Keyword(word), _)) if word == b"endstream" => self.after_object(&mut parser),
            Ok((Token::Keyword(word), _)) if word == b"endstreamendobj" => {
                self.findings.note("endobj_missing", Some(data_end), "no white space before endobj");
                Ok(parser.position())
            }
            Err(PdfError::Source(error)) => Err(error.into()),
            _ => Err(PdfError::Malformed { at: data_end, what: "stream length" }),
        }
    }

    /// An unsigned `/Length` that is written in the dictionary itself.
    pub(crate) fn direct_length(value: &Object) -> Result<u64, PdfError> {
        let length = value.as_integer().and_then(|length| u64::try_from(length).ok());
        length.ok_or_else(|| wrong_type("stream", "Length", "direct unsigned integer"))
    }
}

/// A missing or wrong entry `key`.
pub(crate) fn wrong_type(object: impl ToString, key: &str, expected: &'static str) -> PdfError {
    PdfError::WrongType { object: object.to_string(), key: key.to_owned(), expected }
}

/// The filters of a stream, its dictionary's values being direct.
pub(crate) fn direct_filters(dictionary: &Dictionary) -> Result<Vec<super::filter::Filter>, PdfError> {
    super::filter::Filter::list(dictionary, &mut |value| Ok(value.clone()))
}
