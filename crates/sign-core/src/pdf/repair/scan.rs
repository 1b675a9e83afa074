//! Everything in a file that looks like an object or a trailer, found without any cross-reference.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Dropped, RepairError};
use crate::error::PdfError;
use crate::limits::{Budget, LimitExceeded, Limits};
use crate::pdf::container::object_index;
use crate::pdf::filter::Decoding;
use crate::pdf::finding::Findings;
use crate::pdf::indirect::{Reader, direct_filters, wrong_type};
use crate::pdf::object::{Dictionary, Object, ObjectId, Stream, StreamData};
use crate::pdf::parser::{Parser, object_id};
use crate::pdf::token::{is_delimiter, is_white};
use crate::pdf::write::write_indirect;
use crate::pdf::xref::read_bounded;
use crate::source::Source;

/// ISO 32000-1 Annex C: the largest number an object may have.
const LARGEST_NUMBER: u64 = 8_388_607;
/// Dropped objects that are listed; more say nothing new.
const MOST_DROPPED: usize = 1_000;

/// An object to be kept.
pub(super) struct Kept {
    pub(super) id: ObjectId,
    /// Where it, or the object stream it was in, stands in the file.
    pub(super) at: u64,
    pub(super) body: Body,
    is_catalog: bool,
}

/// Where the text of an object is.
pub(super) enum Body {
    /// In the file; for a stream with the range of its data.
    InFile(Option<Range<u64>>),
    /// Out of an object stream, written anew.
    Written(Vec<u8>),
}

/// What was found.
#[derive(Default)]
pub(super) struct Found {
    pub(super) objects: BTreeMap<u32, Kept>,
    /// Trailers and dictionaries of cross-reference streams, in the order of the file.
    pub(super) trailers: Vec<(u64, Dictionary)>,
    pub(super) superseded: usize,
    pub(super) dropped: Vec<Dropped>,
}

impl Found {
    /// The catalog (7.7.2): the one the last trailer names that names one, else the last in the file.
    pub(super) fn catalog(&self) -> Option<ObjectId> {
        let is_catalog =
            |id: &ObjectId| self.objects.get(&id.number).is_some_and(|o| o.is_catalog && o.id == *id);
        let named = self.trailers.iter().rev().filter_map(|(_, trailer)| trailer.get("Root")?.as_reference());
        let last = || self.objects.values().filter(|object| object.is_catalog).max_by_key(|object| object.at);
        named.into_iter().find(is_catalog).or_else(|| last().map(|object| object.id))
    }

    /// Keeps what stands last in the file.
    fn keep(&mut self, new: Kept) {
        let older = self.objects.get(&new.id.number);
        self.superseded += usize::from(older.is_some());
        if older.is_none_or(|older| older.at <= new.at) {
            self.objects.insert(new.id.number, new);
        }
    }

    fn drop(&mut self, id: ObjectId, at: u64, why: PdfError) {
        if self.dropped.len() < MOST_DROPPED {
            self.dropped.push(Dropped { id, at, why });
        }
    }
}

/// `12 0 obj` somewhere in the file.
#[derive(Clone, Copy)]
struct Header {
    id: ObjectId,
    at: u64,
}

/// Finds objects, packed objects and trailers.
pub(super) fn scan(bytes: &Vec<u8>, limits: Limits) -> Result<Found, RepairError> {
    let (budget, findings) = (Budget::new(limits), Findings::default());
    let reader = Reader { source: bytes, budget: &budget, findings: &findings };
    let headers = headers(bytes, &budget)?;
    let mut places = BTreeMap::new();
    places.extend(headers.iter().map(|header| (header.id.number, header.at)));
    let mut scan = Scan {
        bytes,
        reader,
        places,
        found: Found::default(),
        containers: BTreeMap::new(),
        spans: Vec::new(),
        open_from: None,
    };
    scan.objects(&headers)?;
    scan.unpack()?;
    scan.trailers()?;
    Ok(scan.found)
}

struct Scan<'b> {
    bytes: &'b Vec<u8>,
    reader: Reader<'b>,
    /// Where each number stands last: for lengths that are objects of their own.
    places: BTreeMap<u32, u64>,
    found: Found,
    /// The last object stream of each number.
    containers: BTreeMap<u32, (Header, Stream)>,
    /// What objects take up, in order.
    spans: Vec<Range<u64>>,
    /// From here on there is no `endstream`.
    open_from: Option<u64>,
}

impl Scan<'_> {
    fn objects(&mut self, headers: &[Header]) -> Result<(), RepairError> {
        let mut next = 0;
        for (index, header) in headers.iter().enumerate() {
            // What looks like an object inside another one is part of its data.
            if header.at < next {
                continue;
            }
            match self.object(*header) {
                Ok(end) => {
                    self.spans.push(header.at..end);
                    next = end;
                }
                Err(RepairError::Pdf(why @ (PdfError::Limit(_) | PdfError::Source(_)))) => {
                    return Err(why.into());
                }
                Err(RepairError::Pdf(why)) => {
                    let until = headers.get(index + 1).map_or(self.end(), |header| header.at);
                    self.refuse_signature_in_text(header.at..until)?;
                    self.found.drop(header.id, header.at, why);
                }
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }

    fn end(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Keeps the object at `header`; returns its end.
    fn object(&mut self, header: Header) -> Result<u64, RepairError> {
        let (object, end) = self.read(header)?;
        refuse_signature(&object, header.at)?;
        if is_encryption(&object) {
            return Err(RepairError::Encrypted);
        }
        let id = header.id;
        if id.number == 0 || u64::from(id.number) > LARGEST_NUMBER.min(self.end()) {
            return Err(PdfError::Malformed { at: header.at, what: "object number" }.into());
        }
        self.containers.remove(&id.number);
        let dictionary = object.dictionary();
        let kind = dictionary.and_then(Dictionary::type_name).map(|name| name.as_str().into_owned());
        match (object, kind.as_deref()) {
            (Object::Stream(stream), Some("ObjStm")) => {
                self.found.objects.remove(&id.number);
                self.containers.insert(id.number, (header, stream));
            }
            (Object::Stream(stream), Some("XRef")) => {
                self.found.trailers.push((header.at, stream.dictionary))
            }
            // 7.5.8 and Annex F: of the cross-references, and of where things stood.
            (Object::Dictionary(dictionary), _) if dictionary.contains("Linearized") => {}
            (object, _) => {
                let data = match &object {
                    Object::Stream(Stream { data: StreamData::InFile(range), .. }) => Some(range.clone()),
                    _ => None,
                };
                let is_catalog = is_catalog(&object);
                self.found.keep(Kept { id, at: header.at, body: Body::InFile(data), is_catalog });
            }
        }
        Ok(end)
    }

    /// The object; a stream whose length is wrong goes to the next `endstream`.
    fn read(&mut self, header: Header) -> Result<(Object, u64), PdfError> {
        let length = |value: &Object| match value {
            Object::Reference(id) => {
                let at = self.places.get(&id.number).ok_or_else(|| wrong_type(id, "Length", "integer"))?;
                Reader::direct_length(&self.reader.indirect_value(*at, self.end(), *id)?)
            }
            direct => Reader::direct_length(direct),
        };
        let why = match self.reader.indirect(header.at, self.end(), Some(header.id), &length) {
            Ok(found) => return Ok((found.object, found.end)),
            Err(why @ (PdfError::Limit(_) | PdfError::Source(_))) => return Err(why),
            Err(why) => why,
        };
        let Ok((dictionary, start)) = self.reader.stream_head(header.at, self.end(), header.id) else {
            return Err(why);
        };
        let (data, end) = self.data_from(start).ok_or(why)?;
        // What is passed over here may be passed over again, if this turns out to be no object.
        self.reader.budget.spend_parsed(end - start)?;
        Ok((Object::Stream(Stream { dictionary, data: StreamData::InFile(data) }), end))
    }

    /// Stream data up to the next `endstream` and its end of line, and the end of that keyword.
    fn data_from(&mut self, start: u64) -> Option<(Range<u64>, u64)> {
        const KEYWORD: &[u8] = b"endstream";
        if self.open_from.is_some_and(|open| start >= open) {
            return None;
        }
        let rest = self.bytes.get(usize::try_from(start).ok()?..)?;
        let Some(length) = rest.windows(KEYWORD.len()).position(|window| window == KEYWORD) else {
            self.open_from = Some(start);
            return None;
        };
        let data = rest.get(..length)?;
        let data = data.strip_suffix(b"\n").map_or(data, |data| data.strip_suffix(b"\r").unwrap_or(data));
        Some((start..start + data.len() as u64, start + (length + KEYWORD.len()) as u64))
    }

    /// The objects of the object streams that are in force (7.5.7).
    fn unpack(&mut self) -> Result<(), RepairError> {
        for (header, stream) in std::mem::take(&mut self.containers).into_values() {
            match self.container(header, &stream) {
                Err(RepairError::Pdf(why @ (PdfError::Limit(_) | PdfError::Source(_)))) => {
                    return Err(why.into());
                }
                Err(RepairError::Pdf(why)) => self.found.drop(header.id, header.at, why),
                other => other?,
            }
        }
        Ok(())
    }

    fn container(&mut self, header: Header, stream: &Stream) -> Result<(), RepairError> {
        let (reader, at) = (self.reader, header.at);
        let StreamData::InFile(range) = &stream.data else { return Ok(()) };
        let filters = direct_filters(&stream.dictionary)?;
        let data =
            Decoding { at, budget: reader.budget }.decode(read_bounded(reader, range.clone())?, &filters)?;
        let number = |key| stream.dictionary.get(key)?.as_integer().and_then(|n| u64::try_from(n).ok());
        let index =
            number("N").zip(number("First")).and_then(|(n, first)| object_index(&data, n, first, reader));
        for (number, offset) in index.ok_or(PdfError::Malformed { at, what: "object stream" })? {
            reader.budget.spend_object().map_err(PdfError::from)?;
            let id = ObjectId::new(number, 0);
            let end = data.len() as u64;
            match Parser::in_data(&data, offset, end, reader.budget, reader.findings).object() {
                Err(why @ PdfError::Limit(_)) => return Err(why.into()),
                Err(why) => self.found.drop(id, at, why),
                Ok(_) if number == 0 || u64::from(number) > LARGEST_NUMBER.min(self.end()) => {
                    self.found.drop(id, at, PdfError::Malformed { at, what: "object number" });
                }
                Ok(object) => {
                    refuse_signature(&object, at)?;
                    let mut text = Vec::new();
                    write_indirect(&mut text, id, &object, self.bytes)?;
                    let is_catalog = is_catalog(&object);
                    self.found.keep(Kept { id, at, body: Body::Written(text), is_catalog });
                }
            }
        }
        Ok(())
    }

    /// The dictionaries after `trailer` outside of objects; none may ask for decryption.
    fn trailers(&mut self) -> Result<(), RepairError> {
        const KEYWORD: &[u8] = b"trailer";
        for (index, window) in self.bytes.windows(KEYWORD.len()).enumerate() {
            let at = index as u64;
            if window != KEYWORD || self.is_inside_object(at) {
                continue;
            }
            match self.reader.parser(at + KEYWORD.len() as u64, self.end()).dictionary() {
                Ok(trailer) => self.found.trailers.push((at, trailer)),
                Err(why @ (PdfError::Limit(_) | PdfError::Source(_))) => return Err(why.into()),
                // The catalog is found without it.
                Err(_) => {}
            }
        }
        self.found.trailers.sort_by_key(|(at, _)| *at);
        let encrypts =
            |(_, trailer): &(u64, Dictionary)| trailer.get("Encrypt").is_some_and(|value| !value.is_null());
        if self.found.trailers.iter().any(encrypts) { Err(RepairError::Encrypted) } else { Ok(()) }
    }

    fn is_inside_object(&self, at: u64) -> bool {
        let after = self.spans.partition_point(|span| span.start <= at);
        after.checked_sub(1).and_then(|index| self.spans.get(index)).is_some_and(|span| at < span.end)
    }

    /// An object that cannot be read may still be a signature.
    fn refuse_signature_in_text(&self, range: Range<u64>) -> Result<(), RepairError> {
        let at = range.start;
        let text = self.bytes.as_slice().read_range(range).map_err(PdfError::from)?;
        let signed = text.windows(10).any(|window| window == b"/ByteRange");
        if signed { Err(RepairError::Signed { at }) } else { Ok(()) }
    }
}

/// 12.8.1: whatever has a `/ByteRange` holds a signature, also where it stands inside its field.
fn refuse_signature(object: &Object, at: u64) -> Result<(), RepairError> {
    if is_signed(object) { Err(RepairError::Signed { at }) } else { Ok(()) }
}

/// Depth is that of the parser, which was bounded.
fn is_signed(object: &Object) -> bool {
    match object {
        Object::Array(items) => items.iter().any(is_signed),
        Object::Dictionary(dictionary) | Object::Stream(Stream { dictionary, .. }) => {
            dictionary.contains("ByteRange") || dictionary.iter().any(|(_, value)| is_signed(value))
        }
        _ => false,
    }
}

/// 7.6.2: the dictionary of a security handler, which a trailer that is lost would have named.
fn is_encryption(object: &Object) -> bool {
    let keys = |d: &Dictionary| ["Filter", "V", "O", "U", "P"].iter().all(|key| d.contains(key));
    object.as_dictionary().is_some_and(keys)
}

fn is_catalog(object: &Object) -> bool {
    let dictionary = object.as_dictionary();
    dictionary.is_some_and(|d| d.contains("Pages") && d.type_name().is_some_and(|name| name == "Catalog"))
}

/// Every `12 0 obj`, also those in the data of streams.
fn headers(bytes: &[u8], budget: &Budget) -> Result<Vec<Header>, PdfError> {
    let most = budget.limits().objects;
    let mut headers = Vec::new();
    for (index, _) in bytes.windows(3).enumerate().filter(|(_, window)| window == b"obj") {
        headers.extend(header_before(bytes, index));
        if headers.len() as u64 > most {
            return Err(LimitExceeded { limit: "objects", allowed: most }.into());
        }
    }
    Ok(headers)
}

/// The header whose keyword stands at `keyword`.
fn header_before(bytes: &[u8], keyword: usize) -> Option<Header> {
    let ends = bytes.get(keyword + 3).is_none_or(|byte| is_white(*byte) || is_delimiter(*byte));
    let (before, generation) = number_at_end(bytes.get(..keyword)?).filter(|_| ends)?;
    let (before, number) = number_at_end(before)?;
    Some(Header { id: object_id(number, generation)?, at: before.len() as u64 })
}

/// The number of at most ten digits in front of white space at the end, and what is before it.
fn number_at_end(bytes: &[u8]) -> Option<(&[u8], i64)> {
    let white = bytes.iter().rev().take_while(|byte| is_white(**byte)).count();
    let bytes = bytes.get(..bytes.len() - white).filter(|_| white > 0)?;
    let digits = bytes.iter().rev().take(11).take_while(|byte| byte.is_ascii_digit()).count();
    let (before, digits) =
        bytes.split_at_checked(bytes.len() - digits).filter(|_| (1..=10).contains(&digits))?;
    Some((before, std::str::from_utf8(digits).ok()?.parse().ok()?))
}
