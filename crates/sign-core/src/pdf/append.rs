//! An update: one more revision behind a document, whose bytes stay as they are (ISO 32000-2 7.5.6).
//!
//! Deterministic: the same document and the same objects give the same bytes, but for the random
//! vectors of AES in an encrypted document. Object streams are never written, so a signature dictionary is always readable from the bytes it signs.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use super::document::Document;
use super::object::{Dictionary, Name, Object, ObjectId, PdfString, Stream};
use super::write::{write_dictionary, write_entry, write_indirect};
use crate::error::PdfError;
use crate::limits::LimitExceeded;

/// Digits for the four numbers of /ByteRange: 20 hold any 64-bit offset.
const BYTE_RANGE_WIDTH: usize = 4 * 20 + 3 + 2;
/// Bytes of an update without pictures, beside the hole: reserved at once.
const BESIDE_HOLE: usize = 4 << 10;
/// A table entry has ten digits for an offset (7.5.4).
const LARGEST_TABLE_OFFSET: u64 = 9_999_999_999;
/// Trailer keys that belong to one section and not to the document.
pub(super) const SECTION_KEYS: [&str; 14] = [
    "Size",
    "Prev",
    "XRefStm",
    "Type",
    "W",
    "Index",
    "Length",
    "Filter",
    "DecodeParms",
    "F",
    "FFilter",
    "FDecodeParms",
    "DL",
    "Extends",
];

/// What [`Update::finish`] makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// To be put after the document. Begins with an end of line if the document ends without one.
    pub bytes: Vec<u8>,
    /// Where they go: the length of the document.
    pub starts_at: u64,
    /// The place for a signature, if one was set.
    pub hole: Option<Hole>,
}

/// The place for a signature value (12.8.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hole {
    /// The array `[…]` of /ByteRange in [`Appended::bytes`], filled in and padded with spaces.
    pub byte_range: Range<usize>,
    /// The hexadecimal string of /Contents in [`Appended::bytes`], with its angle brackets.
    pub contents: Range<usize>,
    /// What the array says: the whole file but the string, brackets included.
    pub covered: [u64; 4],
}

/// Objects to be appended to a document.
#[derive(Debug)]
pub struct Update<'d> {
    document: &'d Document<'d>,
    objects: BTreeMap<ObjectId, Rc<Object>>,
    signature: Option<Signature>,
    trailer: Dictionary,
    next_number: u32,
}

/// A signature dictionary with room for its value.
#[derive(Debug)]
struct Signature {
    id: ObjectId,
    dictionary: Dictionary,
    contents_bytes: usize,
}

impl<'d> Update<'d> {
    /// An empty update of the latest revision.
    ///
    /// # Errors
    /// [`PdfError::Encrypted`] if no password opened the document: what is appended has to be encrypted
    /// too. [`PdfError::UnsupportedEncryption`] for a document whose encryption carries an authentication
    /// code (ISO/TS 32004), which an update would have to renew.
    pub fn new(document: &'d Document<'d>) -> Result<Self, PdfError> {
        if document.is_closed() {
            return Err(PdfError::Encrypted);
        }
        let mut trailer = document.latest().trailer().clone();
        if trailer.contains("AuthCode") {
            return Err(PdfError::UnsupportedEncryption { what: "authentication code /AuthCode".into() });
        }
        let size = trailer.get("Size").and_then(Object::as_integer).and_then(|size| u32::try_from(size).ok());
        let highest = document.revisions().iter().map(|revision| revision.highest_number()).max();
        for key in SECTION_KEYS {
            trailer.remove(key);
        }
        let next_number = highest.unwrap_or(0).saturating_add(1).max(size.unwrap_or(0));
        Ok(Self { document, objects: BTreeMap::new(), signature: None, trailer, next_number })
    }

    /// The document that is updated.
    pub fn document(&self) -> &'d Document<'d> {
        self.document
    }

    /// A number that no object of the document has or had.
    pub fn allocate(&mut self) -> ObjectId {
        let number = self.next_number;
        // When the numbers are used up, `finish` says so.
        self.next_number = number.saturating_add(1);
        ObjectId::new(number, 0)
    }

    /// The object as it will be: what was set, else what the document has.
    ///
    /// # Errors
    /// As [`super::View::object`].
    pub fn object(&self, id: ObjectId) -> Result<Rc<Object>, PdfError> {
        match self.objects.get(&id) {
            Some(object) => Ok(Rc::clone(object)),
            None => self.document.latest().object(id),
        }
    }

    /// Writes `object` as `id`, new or in place of the one the document has.
    pub fn set(&mut self, id: ObjectId, object: impl Into<Object>) {
        self.objects.insert(id, Rc::new(object.into()));
    }

    /// Writes a signature dictionary as `id`: `dictionary` with `/ByteRange` and room for
    /// `contents_bytes` bytes in `/Contents`. One for each update; a later call replaces it.
    pub fn set_signature(&mut self, id: ObjectId, mut dictionary: Dictionary, contents_bytes: usize) {
        dictionary.remove("ByteRange");
        dictionary.remove("Contents");
        self.signature = Some(Signature { id, dictionary, contents_bytes });
    }

    /// Leaves a key of the trailer out of the new one.
    pub fn remove_trailer_key(&mut self, key: &str) {
        self.trailer.remove(key);
    }

    /// The bytes to append.
    ///
    /// # Errors
    /// [`PdfError::Source`] if copied stream data cannot be read, [`PdfError::Limit`] if a table has
    /// no room for an offset, [`PdfError::Malformed`] if the object numbers are used up.
    pub fn finish(mut self) -> Result<Appended, PdfError> {
        let source = self.document.source();
        let room = self.signature.as_ref().map_or(0, |signature| 2 * signature.contents_bytes + BESIDE_HOLE);
        let bytes = Vec::with_capacity(room);
        let mut out = Writer { bytes, starts_at: source.len(), base: self.document.header_offset() };
        out.begin(self.ends_with_eol()?);

        let mut places: BTreeMap<u32, (u16, u64)> = BTreeMap::new();
        let mut signature = self.signature.take();
        let mut holes = None;
        if let Some(signature) = &signature {
            // Keeps its place in the order of numbers; written below.
            self.objects.insert(signature.id, Rc::new(Object::Null));
        }
        for (id, object) in &self.objects {
            places.insert(id.number, (id.generation, out.position()));
            match signature.take_if(|signature| signature.id == *id) {
                Some(signature) => holes = Some(out.signature(&self.closed_signature(signature)?)),
                None => write_indirect(&mut out.bytes, *id, &*self.closed(*id, object)?, source)?,
            }
        }
        self.renew_id(&out, holes.as_ref().map(|(_, contents)| contents));
        self.close(&mut out, places)?;
        if self.size() == u32::MAX {
            return Err(PdfError::Malformed { at: source.len(), what: "object numbers" });
        }

        let hole = holes.map(|(byte_range, contents)| out.fill(byte_range, contents));
        Ok(Appended { bytes: out.bytes, starts_at: out.starts_at, hole })
    }

    /// The object as it is written: encrypted with the document's handler, if it has one (7.6.2).
    fn closed(&self, id: ObjectId, object: &Rc<Object>) -> Result<Rc<Object>, PdfError> {
        let Some(crypt) = self.document.crypt() else { return Ok(Rc::clone(object)) };
        let view = self.document.latest();
        let data = match object.as_stream() {
            Some(stream) => Some((view.raw_stream_data(stream)?, view.filters(&stream.dictionary)?)),
            None => None,
        };
        crypt.close_object(id, object.as_ref().clone(), data).map(Rc::new)
    }

    /// Everything of a signature dictionary but its value, which is written later and stays plain.
    fn closed_signature(&self, signature: Signature) -> Result<Signature, PdfError> {
        let Some(crypt) = self.document.crypt() else { return Ok(signature) };
        let mut object = Object::Dictionary(signature.dictionary);
        crypt.close_strings(signature.id, &mut object)?;
        let dictionary = object.as_dictionary().cloned().unwrap_or_default();
        Ok(Signature { dictionary, ..signature })
    }

    fn ends_with_eol(&self) -> Result<bool, PdfError> {
        let source = self.document.source();
        let last = source.read_range(source.len().saturating_sub(1)..source.len())?;
        Ok(matches!(last.as_slice(), [b'\n' | b'\r']))
    }

    /// 14.4: the first half of /ID names the document and stays, the second names this state of it.
    /// The hole, tens of thousands of equal bytes, says nothing and is passed over.
    fn renew_id(&mut self, out: &Writer, hole: Option<&Range<usize>>) {
        let id = self.trailer.get("ID").and_then(|id| self.document.latest().resolve(id).ok());
        let Some([first, second]) = id.as_ref().and_then(|id| id.as_array()) else { return };
        let (Some(first), Some(second)) = (first.as_string(), second.as_string()) else { return };
        let hole = hole.cloned().unwrap_or_default();
        let (before, after) =
            (out.bytes.get(..hole.start).unwrap_or_default(), out.bytes.get(hole.end..).unwrap_or_default());
        let state = [&out.starts_at.to_be_bytes(), second.bytes.as_slice(), before, after];
        let renewed = PdfString::hexadecimal(fingerprint(&state));
        let first = PdfString { span: None, ..first.clone() };
        self.trailer.insert("ID", vec![Object::String(first), Object::String(renewed)]);
    }

    /// The section of the kind that the document's newest one is of: Acrobat takes a change of kind
    /// for damage and then calls signatures broken.
    fn close(&mut self, out: &mut Writer, mut places: BTreeMap<u32, (u16, u64)>) -> Result<(), PdfError> {
        let newest = self.document.revisions().last();
        let previous = newest.map_or(0, |revision| revision.startxref.saturating_sub(out.base));
        self.trailer.insert("Prev", integer(previous));
        let at = if newest.is_some_and(super::Revision::uses_xref_stream) {
            let id = self.allocate();
            let at = out.position();
            places.insert(id.number, (0, at));
            out.xref_stream(id, &places, self.sized_trailer())?;
            at
        } else {
            let at = out.position();
            out.table(&places)?;
            out.bytes.extend_from_slice(b"trailer\n");
            write_dictionary(&mut out.bytes, &self.sized_trailer());
            out.bytes.push(b'\n');
            at
        };
        out.bytes.extend_from_slice(format!("startxref\n{at}\n%%EOF\n").as_bytes());
        Ok(())
    }

    fn sized_trailer(&self) -> Dictionary {
        Dictionary::new().with("Size", i64::from(self.size())).extended(&self.trailer)
    }

    /// 7.5.5: one more than the highest number ever used.
    fn size(&self) -> u32 {
        let highest = self.objects.keys().next_back().map_or(0, |id| id.number.saturating_add(1));
        self.next_number.max(highest)
    }
}

/// The appended bytes and where they will stand.
struct Writer {
    bytes: Vec<u8>,
    starts_at: u64,
    base: u64,
}

impl Writer {
    fn begin(&mut self, after_eol: bool) {
        if !after_eol {
            self.bytes.push(b'\n');
        }
    }

    /// The offset, as it is written in the file, of what comes next.
    fn position(&self) -> u64 {
        (self.starts_at + self.bytes.len() as u64).saturating_sub(self.base)
    }

    /// `/Contents` last, so that everything else of the dictionary is in one piece before the hole.
    fn signature(&mut self, signature: &Signature) -> (Range<usize>, Range<usize>) {
        let out = &mut self.bytes;
        out.extend_from_slice(format!("{} obj\n<<", signature.id).as_bytes());
        for (key, value) in signature.dictionary.iter() {
            write_entry(out, key, value);
        }
        out.extend_from_slice(b"/ByteRange ");
        let byte_range = out.len()..out.len() + BYTE_RANGE_WIDTH;
        out.resize(byte_range.end, b' ');
        out.extend_from_slice(b"/Contents ");
        let contents = out.len()..out.len() + 2 * signature.contents_bytes + 2;
        out.push(b'<');
        out.resize(contents.end - 1, b'0');
        out.extend_from_slice(b">>>\nendobj\n");
        (byte_range, contents)
    }

    /// Writes the array now that the length of the file is known.
    fn fill(&mut self, byte_range: Range<usize>, contents: Range<usize>) -> Hole {
        let absolute = |index: usize| self.starts_at + index as u64;
        let after = absolute(contents.end);
        let covered = [0, absolute(contents.start), after, absolute(self.bytes.len()) - after];
        let numbers = covered.map(|number| number.to_string()).join(" ");
        let array = format!("{:<width$}", format!("[{numbers}]"), width = BYTE_RANGE_WIDTH);
        if let Some(place) = self.bytes.get_mut(byte_range.clone()) {
            place.copy_from_slice(array.as_bytes());
        }
        Hole { byte_range, contents, covered }
    }

    /// 7.5.4
    fn table(&mut self, places: &BTreeMap<u32, (u16, u64)>) -> Result<(), PdfError> {
        self.bytes.extend_from_slice(b"xref\n");
        for run in runs(places) {
            let first = run.first().map_or(0, |(number, _)| *number);
            self.bytes.extend_from_slice(format!("{first} {}\n", run.len()).as_bytes());
            for (_, (generation, offset)) in run {
                if offset > LARGEST_TABLE_OFFSET {
                    return Err(LimitExceeded { limit: "table_offset", allowed: LARGEST_TABLE_OFFSET }.into());
                }
                self.bytes.extend_from_slice(format!("{offset:010} {generation:05} n \n").as_bytes());
            }
        }
        Ok(())
    }

    /// 7.5.8, its own entry included. Not compressed: an update has few objects.
    fn xref_stream(
        &mut self,
        id: ObjectId,
        places: &BTreeMap<u32, (u16, u64)>,
        trailer: Dictionary,
    ) -> Result<(), PdfError> {
        let largest = places.values().map(|(_, offset)| *offset).max().unwrap_or(0);
        let width = (8 - largest.leading_zeros() as usize / 8).max(1);
        let mut index = Vec::new();
        let mut rows = Vec::new();
        for run in runs(places) {
            let first = run.first().map_or(0, |(number, _)| *number);
            index.extend([Object::from(i64::from(first)), integer(run.len() as u64)]);
            for (_, (generation, offset)) in run {
                rows.push(1);
                rows.extend(offset.to_be_bytes().iter().skip(8 - width));
                rows.extend(generation.to_be_bytes());
            }
        }
        let widths = vec![Object::from(1), integer(width as u64), Object::from(2)];
        let dictionary =
            Dictionary::new().with("Type", Name::from("XRef")).with("W", widths).with("Index", index);
        let stream = Stream::new(dictionary.extended(&trailer), rows);
        write_indirect(&mut self.bytes, id, &stream.into(), &Vec::new())
    }
}

/// Entries whose numbers follow each other.
fn runs(places: &BTreeMap<u32, (u16, u64)>) -> Vec<Vec<(u32, (u16, u64))>> {
    let mut runs: Vec<Vec<(u32, (u16, u64))>> = Vec::new();
    for (&number, &place) in places {
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|(last, _)| last.checked_add(1) == Some(number)) => {
                run.push((number, place));
            }
            _ => runs.push(vec![(number, place)]),
        }
    }
    runs
}

fn integer(value: u64) -> Object {
    Object::Integer(i64::try_from(value).unwrap_or(i64::MAX))
}

/// FNV-1a of 128 bits, over words of as many. /ID tells states of a document apart and protects
/// nothing, so no cryptographic digest is asked of this floor. By words, because pictures and fonts are
/// large: byte by byte they cost more than the signature.
pub(super) fn fingerprint(parts: &[&[u8]]) -> [u8; 16] {
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let word = |part: &[u8]| part.iter().rev().fold(0, |word, byte| word << 8 | u128::from(*byte));
    let words = parts.iter().flat_map(|part| part.chunks(16)).map(|part| match part.first_chunk() {
        Some(whole) => u128::from_le_bytes(*whole),
        None => word(part),
    });
    words.fold(BASIS, |hash, word| (hash ^ word).wrapping_mul(PRIME)).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{FileBuilder, one_of_each_kind};
    use super::*;
    use crate::limits::Limits;

    fn updated(bytes: &Vec<u8>, change: impl FnOnce(&mut Update<'_>)) -> (Vec<u8>, Appended) {
        let document = Document::open(bytes, Limits::default()).unwrap();
        let mut update = Update::new(&document).unwrap();
        change(&mut update);
        let appended = update.finish().unwrap();
        ([bytes.as_slice(), &appended.bytes].concat(), appended)
    }

    fn replace_page_and_add(update: &mut Update<'_>) {
        let page = update.object(ObjectId::new(3, 0)).unwrap();
        let new = update.allocate();
        let page = page.as_dictionary().unwrap().clone().with("Rotate", 180).with("Annots", vec![new.into()]);
        update.set(ObjectId::new(3, 0), page);
        update.set(new, Object::text("số"));
    }

    #[test]
    fn appends_a_revision_of_the_same_kind() {
        for (kind, bytes) in one_of_each_kind() {
            let (after, _) = updated(&bytes, replace_page_and_add);
            assert!(after.starts_with(&bytes));
            let document = Document::open(&after, Limits::default()).unwrap();
            let revisions = document.revisions();
            assert_eq!(revisions.len(), 3, "{kind}");
            assert_eq!(revisions[2].uses_xref_stream(), revisions[1].uses_xref_stream(), "{kind}");
            assert_eq!(revisions[2].end, after.len() as u64, "{kind}");
            assert_eq!(document.latest().pages().unwrap()[0].rotate, 180, "{kind}");
            assert_eq!(document.view(1).pages().unwrap()[0].rotate, 90, "{kind}");
            assert!(document.findings().is_empty(), "{kind}");
        }
    }

    #[test]
    fn writes_what_another_reader_understands() {
        for (kind, bytes) in one_of_each_kind() {
            let (after, _) = updated(&bytes, replace_page_and_add);
            let document = lopdf::Document::load_mem(&after).unwrap();
            let page = document.get_pages()[&1];
            let page = document.get_dictionary(page).unwrap();
            assert_eq!(page.get(b"Rotate").unwrap().as_i64().unwrap(), 180, "{kind}");
            let new = page.get(b"Annots").unwrap().as_array().unwrap()[0].as_reference().unwrap();
            assert_eq!(document.get_object(new).unwrap().as_str().unwrap(), b"\xFE\xFF\0s\x1E\xD1", "{kind}");
        }
    }

    #[test]
    fn gives_new_objects_numbers_that_nobody_had() {
        for (kind, bytes) in one_of_each_kind() {
            let document = Document::open(&bytes, Limits::default()).unwrap();
            let mut update = Update::new(&document).unwrap();
            let (first, second) = (update.allocate(), update.allocate());
            assert!(document.latest().entry_of(first).is_none(), "{kind}");
            assert_eq!(second.number, first.number + 1);
        }
        let freed = FileBuilder::new().with_a_page().object(9, "1").table("").free(9).table("");
        let document = Document::open(&freed.bytes, Limits::default()).unwrap();
        assert_eq!(Update::new(&document).unwrap().allocate().number, 10);
    }

    #[test]
    fn leaves_a_hole_that_the_array_goes_around() {
        for (kind, bytes) in one_of_each_kind() {
            let (mut after, appended) = updated(&bytes, |update| {
                let id = update.allocate();
                let dictionary = Dictionary::new().with("Type", Name::from("Sig")).with("Contents", 5);
                update.set_signature(id, dictionary, 100);
                update.set(
                    ObjectId::new(3, 0),
                    Dictionary::new().with("Type", Name::from("Page")).with("V", id),
                );
            });
            let hole = appended.hole.unwrap();
            let at = bytes.len();
            let contents = at + hole.contents.start..at + hole.contents.end;
            assert_eq!(after[contents.clone()], *format!("<{}>", "0".repeat(200)).as_bytes());
            let [start, before, rest, length] = hole.covered.map(|number| usize::try_from(number).unwrap());
            assert_eq!((start, before, rest), (0, contents.start, contents.end), "{kind}");
            assert_eq!(rest + length, after.len(), "{kind}");

            after[contents.start + 1..contents.start + 3].copy_from_slice(b"AB");
            let document = Document::open(&after, Limits::default()).unwrap();
            let page = document.latest().object(ObjectId::new(3, 0)).unwrap();
            let signature = document.latest().get(page.as_dictionary().unwrap(), "V").unwrap();
            let signature = signature.as_dictionary().unwrap();
            let array = signature.get("ByteRange").unwrap().as_array().unwrap();
            let written: Vec<i64> = array.iter().filter_map(Object::as_integer).collect();
            assert_eq!(written, hole.covered.map(|number| i64::try_from(number).unwrap()), "{kind}");
            let value = signature.get("Contents").unwrap().as_string().unwrap();
            assert_eq!(value.span, Some(contents.start as u64..contents.end as u64), "{kind}");
            assert_eq!((value.bytes.len(), value.bytes[0]), (100, 0xAB), "{kind}");
        }
    }

    #[test]
    fn keeps_the_trailer_and_renews_half_of_the_id() {
        for (kind, bytes) in one_of_each_kind() {
            let (after, again) =
                (updated(&bytes, replace_page_and_add), updated(&bytes, replace_page_and_add));
            assert_eq!(after, again, "{kind}: the same update gives the same bytes");
            let document = Document::open(&after.0, Limits::default()).unwrap();
            let trailer = document.latest().trailer();
            let id = trailer.get("ID").unwrap().as_array().unwrap();
            assert_eq!(id[0].as_string().unwrap().bytes, [1]);
            assert_eq!(id[1].as_string().unwrap().bytes.len(), 16);
            assert_eq!(trailer.get("Root"), Some(&Object::Reference(ObjectId::new(1, 0))));
            assert!(!trailer.contains("XRefStm"), "{kind}");
            assert!(!trailer.contains("Filter"), "{kind}");
            let highest = document.latest().object_ids().last().unwrap().number;
            assert_eq!(trailer.get("Size"), Some(&Object::from(i64::from(highest + 1))), "{kind}");
        }
    }

    #[test]
    fn writes_table_entries_of_twenty_bytes_in_runs() {
        let bytes = FileBuilder::new().with_a_page().table("").bytes;
        let (_, appended) = updated(&bytes, |update| {
            for number in [3, 4, 5, 9] {
                update.set(ObjectId::new(number, 0), Object::Null);
            }
        });
        let text = String::from_utf8(appended.bytes).unwrap();
        let table = text.split_once("xref\n").unwrap().1.split_once("trailer").unwrap().0;
        let lines: Vec<&str> = table.split_inclusive('\n').collect();
        assert_eq!((lines[0], lines[4]), ("3 3\n", "9 1\n"));
        for line in [&lines[1..4], &lines[5..]].concat() {
            assert_eq!((line.len(), &line[10..]), (20, " 00000 n \n"));
        }
        assert!(text.contains("/Size 10"));
    }

    #[test]
    fn begins_with_an_end_of_line_where_there_is_none() {
        let mut bytes = FileBuilder::new().with_a_page().table("").bytes;
        assert_ne!(updated(&bytes, replace_page_and_add).1.bytes[0], b'\n');
        bytes.pop();
        let (after, appended) = updated(&bytes, replace_page_and_add);
        assert_eq!(appended.bytes[0], b'\n');
        assert_eq!(Document::open(&after, Limits::default()).unwrap().revisions().len(), 2);
    }

    #[test]
    fn copies_stream_data_that_it_never_decoded() {
        let bytes =
            FileBuilder::new().with_a_page().stream(4, "/Filter/DCTDecode", b"\xFF\xD8jpeg").table("").bytes;
        let (after, _) = updated(&bytes, |update| {
            let stream = update.object(ObjectId::new(4, 0)).unwrap();
            update.set(ObjectId::new(5, 0), stream.as_ref().clone());
        });
        let document = Document::open(&after, Limits::default()).unwrap();
        let copy = document.latest().object(ObjectId::new(5, 0)).unwrap();
        assert_eq!(document.latest().raw_stream_data(copy.as_stream().unwrap()).unwrap(), b"\xFF\xD8jpeg");
    }

    #[test]
    fn counts_offsets_from_the_header() {
        let bytes = FileBuilder::after("junk\n").with_a_page().table("").bytes;
        let (after, _) = updated(&bytes, replace_page_and_add);
        let document = Document::open(&after, Limits::default()).unwrap();
        assert_eq!(document.latest().pages().unwrap()[0].rotate, 180);
    }

    #[test]
    fn refuses_to_update_an_encrypted_document() {
        let bytes = FileBuilder::new().with_a_page().table("/Encrypt<<>>").bytes;
        let document = Document::open(&bytes, Limits::default()).unwrap();
        assert_eq!(Update::new(&document).map(|_| ()), Err(PdfError::Encrypted));
    }
}
