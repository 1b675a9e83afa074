//! Object streams (ISO 32000-2 clause 7.5.7): objects packed into the data of a stream.

use super::document::Document;
use super::filter::Decoding;
use super::indirect::{Indirect, Reader, direct_filters, wrong_type};
use super::object::{Object, ObjectId, StreamData};
use super::parser::Parser;
use super::token::Token;
use super::view::View;
use super::xref::read_bounded;
use crate::error::PdfError;
use crate::source::Source;

/// A decoded object stream.
#[derive(Debug)]
pub(super) struct Container {
    id: ObjectId,
    data: Vec<u8>,
    /// Number and offset in `data` of each object.
    index: Vec<(u32, u64)>,
    /// Where it ends in the file, and the revision it was read by if its length is indirect: another
    /// revision may see another length.
    end: u64,
    only_for: Option<usize>,
}

impl Container {
    /// Bytes of the decoded data.
    pub(super) fn size(&self) -> u64 {
        self.data.len() as u64
    }

    /// From the object stream `id` as `view` found it.
    pub(super) fn read(view: View<'_>, id: ObjectId, found: Indirect) -> Result<Self, PdfError> {
        let Object::Stream(stream) = found.object else { return Err(wrong_type(id, "Type", "ObjStm")) };
        let dictionary = &stream.dictionary;
        if dictionary.type_name().is_none_or(|name| name != "ObjStm") {
            return Err(wrong_type(id, "Type", "ObjStm"));
        }
        let StreamData::InFile(range) = stream.data else { return Err(wrong_type(id, "Type", "ObjStm")) };
        let number = |key: &'static str| {
            let value = dictionary.get(key).and_then(Object::as_integer);
            value
                .and_then(|value| u64::try_from(value).ok())
                .ok_or_else(|| wrong_type(id, key, "direct integer"))
        };
        let (count, first) = (number("N")?, number("First")?);

        let document = view.document();
        let filters = direct_filters(dictionary)?;
        let (at, raw) = (range.start, read_bounded(document.reader(), range)?);
        let raw = match document.crypt() {
            Some(crypt) => crypt.open_stream(id, dictionary, &filters, &raw, at)?,
            None => raw,
        };
        let filters: Vec<_> = match document.crypt() {
            Some(_) => filters.into_iter().filter(|filter| filter.name != "Crypt").collect(),
            None => filters,
        };
        let data = Decoding { at, budget: document.budget() }.decode(raw, &filters)?;
        let index = object_index(&data, count, first, document.reader())
            .ok_or(PdfError::Malformed { at, what: "object stream" })?;
        let indirect = dictionary.get("Length").and_then(Object::as_reference).is_some();
        Ok(Self { id, data, index, end: found.end, only_for: indirect.then_some(view.revision_index()) })
    }

    /// True if `view` would read the same from the file.
    pub(super) fn seen_from(&self, view: View<'_>) -> bool {
        self.end <= view.end() && self.only_for.is_none_or(|index| index == view.revision_index())
    }

    /// Where it ends in the file, and the only revision it holds for, if it is one.
    pub(super) fn validity(&self) -> (u64, Option<usize>) {
        (self.end, self.only_for)
    }

    /// Numbers of the objects in it, in their order.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> {
        self.index.iter().map(|(number, _)| *number)
    }

    /// Object `number`, which must be at `index`, and the rough memory it takes.
    pub(super) fn object(
        &self,
        number: u32,
        index: u32,
        document: &Document<'_>,
    ) -> Result<(Object, u64), PdfError> {
        let place = usize::try_from(index).ok().and_then(|index| self.index.get(index));
        let Some((_, offset)) = place.filter(|(found, _)| *found == number) else {
            return Err(wrong_type(
                number,
                &format!("index {index} of object stream {}", self.id),
                "that object",
            ));
        };
        document.budget().spend_object()?;
        let end = self.data.len() as u64;
        let mut parser = Parser::in_data(&self.data, *offset, end, document.budget(), document.collected());
        let object = parser.object()?;
        Ok((object, parser.memory() + (parser.position() - offset)))
    }
}

/// The pairs of number and offset in front of the objects.
pub(super) fn object_index(
    data: &dyn Source,
    count: u64,
    first: u64,
    reader: Reader<'_>,
) -> Option<Vec<(u32, u64)>> {
    let size = data.len();
    // Before anything is allocated: a pair takes at least four bytes, the last three.
    if first > size || count > (first + 1) / 4 {
        return None;
    }
    let mut parser = Parser::in_data(data, 0, first, reader.budget, reader.findings);
    let mut next = || match parser.lexer.next().ok()?.0 {
        Token::Integer(number) => u64::try_from(number).ok(),
        _ => None,
    };
    let pair = |_| Some((u32::try_from(next()?).ok()?, first.checked_add(next()?).filter(|at| *at < size)?));
    (0..count).map(pair).collect()
}
