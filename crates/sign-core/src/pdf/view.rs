//! The objects of a document on demand, as a reader of one revision sees them.

use std::collections::HashMap;
use std::rc::Rc;

use super::container::Container;
use super::document::Document;
use super::filter::{Decoding, Filter};
use super::indirect::{Reader, wrong_type};
use super::object::{Dictionary, Object, ObjectId, Stream, StreamData};
use super::revision::Revision;
use super::xref::{Entry, EntryKind, read_bounded};
use crate::error::PdfError;

/// Where an object is read from, whatever revision asks: offset in the file of it or of its object stream,
/// index in that, id.
pub(super) type Place = (u64, Option<u32>, ObjectId);

/// An object as read, and which views read the same there.
#[derive(Debug)]
pub(super) struct Read {
    object: Rc<Object>,
    /// Where it ends in the file: older revisions may end before.
    end: u64,
    /// The one revision for which its indirect length holds.
    only_for: Option<usize>,
}

impl Read {
    fn seen_from(&self, view: View<'_>) -> bool {
        self.end <= view.end() && self.only_for.is_none_or(|index| index == view.revision_index())
    }
}

/// The document as it was after one revision: nothing behind that revision's end is seen.
#[derive(Debug, Clone, Copy)]
pub struct View<'d> {
    document: &'d Document<'d>,
    index: usize,
}

impl<'d> View<'d> {
    /// `index` is that of a revision.
    pub(super) fn new(document: &'d Document<'d>, index: usize) -> Self {
        Self { document, index }
    }

    /// The document.
    pub fn document(self) -> &'d Document<'d> {
        self.document
    }

    /// Index of the revision.
    pub fn revision_index(self) -> usize {
        self.index
    }

    /// The revision.
    pub fn revision(self) -> &'d Revision {
        // Views are made only by Document::view, which keeps it in range.
        #[allow(clippy::indexing_slicing)]
        &self.document.revisions()[self.index]
    }

    /// The trailer dictionary of the revision.
    pub fn trailer(self) -> &'d Dictionary {
        &self.revision().trailer
    }

    /// Where this and the older revisions say that the object is, the newest first; `None` if none
    /// of them knows it, or knows the number with another generation.
    pub fn entry_of(self, id: ObjectId) -> Option<EntryKind> {
        let entry = self.entry(id.number)?;
        (entry.id() == id || entry.kind() == EntryKind::Free).then(|| entry.kind())
    }

    /// The number with its generation, if an object of this number is in use.
    pub fn id_of(self, number: u32) -> Option<ObjectId> {
        self.entry(number).filter(|entry| entry.kind() != EntryKind::Free).map(Entry::id)
    }

    /// Ids of all objects in use, by number.
    pub fn object_ids(self) -> Vec<ObjectId> {
        let mut all: HashMap<u32, Entry> = HashMap::new();
        for revision in self.document.revisions().iter().take(self.index + 1) {
            let entries = revision.entries().map(|(id, kind)| (id.number, Entry::new(id, kind)));
            all.extend(entries);
        }
        let in_use = all.into_values().filter(|entry| entry.kind() != EntryKind::Free && entry.number() != 0);
        let mut ids: Vec<_> = in_use.map(Entry::id).collect();
        ids.sort_unstable();
        ids
    }

    /// The object; `null` if it is absent, free or of another generation (7.3.10).
    ///
    /// # Errors
    /// [`PdfError::Malformed`] if its entry does not lead to it, [`PdfError::Encrypted`] if it has
    /// encrypted parts, [`PdfError::Limit`].
    pub fn object(self, id: ObjectId) -> Result<Rc<Object>, PdfError> {
        let Some((kind, place)) = self.place(id)? else { return Ok(Rc::new(Object::Null)) };
        let cached = self.document.objects.borrow().get(&place);
        if let Some(read) = cached.filter(|read| read.seen_from(self)) {
            return Ok(Rc::clone(&read.object));
        }
        let (read, memory) = self.load(id, kind)?;
        let read = Rc::new(read);
        self.document.objects.borrow_mut().put(place, &read, memory);
        Ok(Rc::clone(&read.object))
    }

    /// Index of the newest revision up to this one that wrote, or freed, an object of this number.
    pub fn written_in(self, number: u32) -> Option<usize> {
        self.document.written_before(number, self.index)
    }

    /// The object itself, or the end of the chain of references it begins.
    ///
    /// # Errors
    /// As [`View::object`]; [`PdfError::Loop`] if the chain is longer than [`crate::limits::Limits::reference_chain`].
    pub fn resolve(self, object: &Object) -> Result<Rc<Object>, PdfError> {
        let Object::Reference(first) = object else { return Ok(Rc::new(object.clone())) };
        let mut id = *first;
        for _ in 0..self.document.limits().reference_chain {
            let found = self.object(id)?;
            match *found {
                Object::Reference(next) => id = next,
                _ => return Ok(found),
            }
        }
        Err(PdfError::Loop { object: first.to_string() })
    }

    /// The resolved value at `key`; `null` if there is none.
    ///
    /// # Errors
    /// As [`View::resolve`].
    pub fn get(self, dictionary: &Dictionary, key: &str) -> Result<Rc<Object>, PdfError> {
        dictionary.get(key).map_or_else(|| Ok(Rc::new(Object::Null)), |value| self.resolve(value))
    }

    /// The catalog (7.7.2).
    ///
    /// # Errors
    /// [`PdfError::WrongType`] if `/Root` does not lead to a dictionary, and as [`View::object`].
    pub fn catalog(self) -> Result<(ObjectId, Rc<Object>), PdfError> {
        let root = self.trailer().get("Root").and_then(Object::as_reference);
        let id = root.ok_or_else(|| wrong_type("trailer", "Root", "reference"))?;
        let catalog = self.object(id)?;
        let dictionary = catalog.as_dictionary().ok_or_else(|| wrong_type(id, "Root", "dictionary"))?;
        if dictionary.type_name().is_none_or(|name| name != "Catalog") {
            self.document.note("catalog_type", None, format!("object {id}: /Type is not /Catalog"));
        }
        Ok((id, catalog))
    }

    /// The decoded data of a stream.
    ///
    /// # Errors
    /// [`PdfError::UnsupportedFilter`] for image filters, [`PdfError::Malformed`] for broken data,
    /// [`PdfError::Encrypted`], [`PdfError::Limit`].
    pub fn stream_data(self, stream: &Stream) -> Result<Vec<u8>, PdfError> {
        let at = match &stream.data {
            StreamData::InFile(range) | StreamData::Encrypted { range, .. } => range.start,
            StreamData::Owned(_) => 0,
        };
        let mut filters = self.filters(&stream.dictionary)?;
        let raw = self.opened_data(stream, &filters)?;
        if matches!(stream.data, StreamData::Encrypted { .. }) {
            // Undone with the decryption, which it only names.
            filters.retain(|filter| filter.name != "Crypt");
        }
        Decoding { at, budget: self.document.budget() }.decode(raw, &filters)
    }

    /// The data of a stream as it stands in the file, decrypted, its filters not undone.
    ///
    /// # Errors
    /// [`PdfError::Encrypted`], [`PdfError::Limit`], [`PdfError::Source`].
    pub fn raw_stream_data(self, stream: &Stream) -> Result<Vec<u8>, PdfError> {
        match stream.data {
            StreamData::Encrypted { .. } => self.opened_data(stream, &self.filters(&stream.dictionary)?),
            _ => self.opened_data(stream, &[]),
        }
    }

    fn opened_data(self, stream: &Stream, filters: &[Filter]) -> Result<Vec<u8>, PdfError> {
        let read = |range: &std::ops::Range<u64>| read_bounded(self.document.reader(), range.clone());
        match (&stream.data, self.document.crypt()) {
            (StreamData::Owned(data), _) => Ok(data.clone()),
            (StreamData::InFile(_), None) if self.document.is_encrypted() => Err(PdfError::Encrypted),
            (StreamData::InFile(range), _) => read(range),
            (StreamData::Encrypted { .. }, None) => Err(PdfError::Encrypted),
            (StreamData::Encrypted { range, of }, Some(crypt)) => {
                crypt.open_stream(*of, &stream.dictionary, filters, &read(range)?, range.start)
            }
        }
    }

    /// The filters of a stream, what they refer to resolved.
    pub(super) fn filters(self, dictionary: &Dictionary) -> Result<Vec<Filter>, PdfError> {
        Filter::list(dictionary, &mut |value| Ok(self.resolve(value)?.as_ref().clone()))
    }

    /// An object of the file without decrypting anything: the encryption dictionary (7.6.2).
    pub(super) fn plain_object(self, id: ObjectId) -> Result<Object, PdfError> {
        let Some(EntryKind::InFile(offset)) = self.entry_of(id) else {
            return Err(wrong_type(id, "Encrypt", "object in the file"));
        };
        self.document.reader().indirect_value(offset, self.end(), id)
    }

    /// What lies from here on does not exist for this view.
    pub(super) fn end(self) -> u64 {
        self.revision().end
    }

    fn entry(self, number: u32) -> Option<Entry> {
        // Number 0 is the head of the free list, whatever a section says (7.3.10).
        let index = self.written_in(number).filter(|_| number != 0)?;
        self.document.revisions().get(index)?.entry(number)
    }

    /// Where to read an object that there is.
    fn place(self, id: ObjectId) -> Result<Option<(EntryKind, Place)>, PdfError> {
        let Some(entry) = self.entry(id.number).filter(|entry| entry.kind() != EntryKind::Free) else {
            return Ok(None);
        };
        if entry.id() != id {
            let detail = format!("object {id} is referred to, the cross-references have {}", entry.id());
            self.document.note("generation_mismatch", None, detail);
            return Ok(None);
        }
        let kind = entry.kind();
        Ok(match kind {
            EntryKind::Free => None,
            EntryKind::InFile(offset) => Some((kind, (offset, None, id))),
            EntryKind::InStream { .. } if self.document.is_closed() => return Err(PdfError::Encrypted),
            EntryKind::InStream { container, index } => match self.entry(container).map(Entry::kind) {
                Some(EntryKind::InFile(offset)) => Some((kind, (offset, Some(index), id))),
                _ => return Err(wrong_type(container, "Type", "object stream in the file")),
            },
        })
    }

    /// The object and the rough memory it takes.
    fn load(self, id: ObjectId, kind: EntryKind) -> Result<(Read, u64), PdfError> {
        let everywhere = |object: Object| Read { object: Rc::new(object), end: 0, only_for: None };
        match kind {
            EntryKind::Free => Ok((everywhere(Object::Null), 0)),
            EntryKind::InFile(offset) => {
                let length = |value: &Object| self.length(value);
                let mut found = self.document.reader().indirect(offset, self.end(), Some(id), &length)?;
                match self.document.crypt() {
                    Some(crypt) => crypt.open_object(id, &mut found.object, offset)?,
                    None => self.refuse_closed(id, &found.object)?,
                }
                let length = found.object.as_stream().and_then(|stream| stream.dictionary.get("Length"));
                let indirect = length.and_then(Object::as_reference).is_some();
                let only_for = indirect.then_some(self.index);
                Ok((Read { object: Rc::new(found.object), end: found.end, only_for }, found.memory))
            }
            EntryKind::InStream { container, index } => {
                let container = self.container(container)?;
                let (object, memory) = container.object(id.number, index, self.document)?;
                let (end, only_for) = container.validity();
                Ok((Read { end, only_for, ..everywhere(object) }, memory))
            }
        }
    }

    /// The value of `/Length`, which may be a reference to an integer anywhere.
    fn length(self, value: &Object) -> Result<u64, PdfError> {
        let Object::Reference(id) = value else { return Reader::direct_length(value) };
        match self.entry(id.number).map(Entry::kind) {
            Some(EntryKind::InStream { container, index }) if !self.document.is_closed() => {
                let (value, _) = self.container(container)?.object(id.number, index, self.document)?;
                Reader::direct_length(&value)
            }
            _ => self.length_in_file(value),
        }
    }

    /// As [`View::length`], for object streams: 7.5.7 keeps their lengths out of object streams, and
    /// so reading one never needs another.
    fn length_in_file(self, value: &Object) -> Result<u64, PdfError> {
        let Object::Reference(id) = value else { return Reader::direct_length(value) };
        let entry = self.entry(id.number).filter(|entry| entry.id() == *id);
        let Some(EntryKind::InFile(offset)) = entry.map(Entry::kind) else {
            return Err(wrong_type(id, "Length", "integer outside object streams"));
        };
        let value = self.document.reader().indirect_value(offset, self.end(), *id)?;
        Reader::direct_length(&value)
    }

    /// The decoded object stream `number` (7.5.7).
    pub(super) fn container(self, number: u32) -> Result<Rc<Container>, PdfError> {
        let entry = self.entry(number);
        let Some((id, EntryKind::InFile(offset))) = entry.map(|entry| (entry.id(), entry.kind())) else {
            return Err(wrong_type(number, "Type", "object stream in the file"));
        };
        let cached = self.document.containers.borrow().get(&offset);
        if let Some(container) = cached.filter(|container| container.seen_from(self)) {
            return Ok(container);
        }
        let length = |value: &Object| self.length_in_file(value);
        let found = self.document.reader().indirect(offset, self.end(), Some(id), &length)?;
        let container = Rc::new(Container::read(self, id, found)?);
        let size = container.size();
        self.document.containers.borrow_mut().put(offset, &container, size);
        Ok(container)
    }

    /// Strings that nothing opened would be read as nonsense. The encryption dictionary itself is never
    /// encrypted (7.6.2).
    fn refuse_closed(self, id: ObjectId, object: &Object) -> Result<(), PdfError> {
        let is_encrypt = || self.trailer().get("Encrypt").and_then(Object::as_reference) == Some(id);
        if self.document.is_closed() && has_string(object) && !is_encrypt() {
            return Err(PdfError::Encrypted);
        }
        Ok(())
    }
}

/// Depth is that of the parser, which was bounded.
fn has_string(object: &Object) -> bool {
    match object {
        Object::String(_) => true,
        Object::Array(items) => items.iter().any(has_string),
        Object::Dictionary(dictionary) | Object::Stream(Stream { dictionary, .. }) => {
            dictionary.iter().any(|(_, value)| has_string(value))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{FileBuilder, one_of_each_kind};
    use super::*;
    use crate::limits::Limits;

    fn id(number: u32) -> ObjectId {
        ObjectId::new(number, 0)
    }

    #[test]
    fn shows_each_revision_as_its_readers_saw_it() {
        for (kind, bytes) in one_of_each_kind() {
            let document = Document::open(&bytes, Limits::default()).unwrap();
            let rotation = |view: View<'_>| view.pages().unwrap()[0].rotate;
            assert_eq!((rotation(document.view(0)), rotation(document.view(1))), (0, 90), "{kind}");
            assert!(document.view(0).object(id(5)).unwrap().is_null(), "{kind}");
            assert!(!document.view(1).object(id(5)).unwrap().is_null(), "{kind}");
            assert!(!document.view(0).object_ids().contains(&id(5)), "{kind}");

            let prefix = crate::source::Prefix::new(&bytes, document.revisions()[0].end);
            let before = Document::open(&prefix, Limits::default()).unwrap();
            for number in 1..9 {
                assert_eq!(before.latest().object(id(number)), document.view(0).object(id(number)), "{kind}");
            }
        }
    }

    #[test]
    fn reads_the_length_a_revision_has_for_its_stream() {
        // The same bytes are a stream of 3 bytes or of 16 for the second revision's reader.
        let data = b"abc\nendstream   ";
        let file = FileBuilder::new().with_a_page().stream_of_length(4, "", "5 0 R", data).object(5, "3");
        let file = file.table("").object(5, "16").table("");
        let document = Document::open(&file.bytes, Limits::default()).unwrap();
        let length = |view: View<'_>| {
            let object = view.object(id(4)).unwrap();
            view.stream_data(object.as_stream().unwrap()).unwrap().len()
        };
        assert_eq!((length(document.view(0)), length(document.view(1))), (3, 16));
    }

    #[test]
    fn keeps_an_old_reader_from_bytes_that_came_later() {
        let mut first = FileBuilder::new().with_a_page();
        let ahead = first.table_text("").len() + first.offset();
        let length = "4 1\n0000000000 00000 n \n".len() + "startxref\n000\n%%EOF\n".len();
        first.entries.insert(4, EntryKind::InFile((ahead + length) as u64));
        let file = first.table("");
        assert_eq!(file.offset(), ahead + length);
        let file = file.object(4, "(later)").table("");
        let document = Document::open(&file.bytes, Limits::default()).unwrap();
        assert!(document.latest().object(id(4)).is_ok());
        assert!(matches!(document.view(0).object(id(4)), Err(PdfError::Malformed { .. })));
    }

    #[test]
    fn reads_free_and_absent_objects_as_null() {
        let file = FileBuilder::new().with_a_page().object(4, "(x)").table("").free(4).table("");
        let document = Document::open(&file.bytes, Limits::default()).unwrap();
        assert!(document.latest().object(id(4)).unwrap().is_null());
        assert!(!document.view(0).object(id(4)).unwrap().is_null());
        assert!(document.latest().object(id(99)).unwrap().is_null());
        assert!(document.view(0).object(ObjectId::new(4, 1)).unwrap().is_null());
        assert_eq!(document.findings()[0].code, "generation_mismatch");
    }

    #[test]
    fn opens_an_encrypted_file_and_keeps_its_strings_closed() {
        let file = FileBuilder::new()
            .with_a_page()
            .object(4, "<</Secret(x)>>")
            .object(5, "<</Filter/Standard/O(owner)>>")
            .stream(6, "", b"data")
            .table("/Encrypt 5 0 R");
        let document = Document::open(&file.bytes, Limits::default()).unwrap();
        let view = document.latest();
        assert!(document.is_encrypted());
        assert_eq!(view.page_count(), Ok(1));
        assert_eq!(view.object(id(4)), Err(PdfError::Encrypted));
        assert!(view.object(id(5)).is_ok());
        let stream = view.object(id(6)).unwrap();
        assert_eq!(view.stream_data(stream.as_stream().unwrap()), Err(PdfError::Encrypted));
    }

    #[test]
    fn decodes_streams_whose_parameters_are_references() {
        let data = super::super::filter::tests::deflate(&[2, 1, 2, 2, 1, 1]);
        let file = FileBuilder::new()
            .with_a_page()
            .stream(4, "/Filter 5 0 R/DecodeParms[6 0 R]", &data)
            .object(5, "[/FlateDecode]")
            .object(6, "<</Predictor 15/Columns 7 0 R>>")
            .object(7, "2")
            .table("");
        let document = Document::open(&file.bytes, Limits::default()).unwrap();
        let stream = document.latest().object(id(4)).unwrap();
        assert_eq!(document.latest().stream_data(stream.as_stream().unwrap()).unwrap(), [1, 2, 2, 3]);
    }
}
