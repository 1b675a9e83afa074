//! Strings and streams of objects, opened and closed (ISO 32000-2 clause 7.6.3).

use super::super::filter::Filter;
use super::super::object::{Dictionary, Object, ObjectId, PdfString, Stream, StreamData};
use super::dictionary::named_method;
use super::{Crypt, Method, refused};
use crate::error::PdfError;
use zeroize::Zeroizing;

const BLOCK: usize = 16;

impl Crypt {
    /// Opens the strings of an object that stands in the file at `at`; its stream is opened when it is
    /// asked for. Cross-reference streams and the encryption dictionary are not encrypted.
    pub(crate) fn open_object(&self, id: ObjectId, object: &mut Object, at: u64) -> Result<(), PdfError> {
        if self.dictionary == Some(id) || is_xref(object) {
            return Ok(());
        }
        let method = self.methods.strings;
        each_string(object, &mut |string| {
            let at = string.span.as_ref().map_or(at, |span| span.start);
            string.bytes = self.opened(method, id, &string.bytes, at)?;
            Ok(())
        })?;
        if let Object::Stream(stream) = object
            && let StreamData::InFile(range) = &stream.data
        {
            stream.data = StreamData::Encrypted { range: range.clone(), of: id };
        }
        Ok(())
    }

    /// Opens the data of a stream of object `id`, which has these filters.
    pub(crate) fn open_stream(
        &self,
        id: ObjectId,
        dictionary: &Dictionary,
        filters: &[Filter],
        raw: &[u8],
        at: u64,
    ) -> Result<Vec<u8>, PdfError> {
        self.opened(self.stream_method(id, dictionary, filters)?, id, raw, at)
    }

    /// The object as it has to be written under `id`; the data of a stream is given, still encoded by
    /// `filters`.
    pub(crate) fn close_object(
        &self,
        id: ObjectId,
        mut object: Object,
        data: Option<(Vec<u8>, Vec<Filter>)>,
    ) -> Result<Object, PdfError> {
        self.close_strings(id, &mut object)?;
        if let (Object::Stream(stream), Some((data, filters))) = (&mut object, data) {
            let method = self.stream_method(id, &stream.dictionary, &filters)?;
            *stream = Stream::new(std::mem::take(&mut stream.dictionary), self.closed(method, id, &data)?);
        }
        Ok(object)
    }

    /// Closes the strings of an object that will be written under `id`.
    pub(crate) fn close_strings(&self, id: ObjectId, object: &mut Object) -> Result<(), PdfError> {
        let method = self.methods.strings;
        each_string(object, &mut |string| {
            string.bytes = self.closed(method, id, &string.bytes)?;
            string.hexadecimal = true;
            string.span = None;
            Ok(())
        })
    }

    /// 7.6.6: the stream's own crypt filter, or that for its kind.
    fn stream_method(
        &self,
        id: ObjectId,
        dictionary: &Dictionary,
        filters: &[Filter],
    ) -> Result<Method, PdfError> {
        match filters.iter().position(|filter| filter.name == "Crypt") {
            Some(0) => {
                let name =
                    filters.first().and_then(|filter| filter.parameters.get("Name")).map(Object::as_name);
                match name.flatten() {
                    Some(name) => named_method(&self.methods.named, name),
                    None => Ok(Method::Identity),
                }
            }
            // The data would have to be decoded before it is decrypted; nobody writes that.
            Some(_) => {
                Err(PdfError::UnsupportedFilter { object: id.to_string(), filter: "Crypt, not first".into() })
            }
            None => Ok(match dictionary.type_name() {
                Some(name) if name == "Metadata" && !self.methods.metadata => Method::Identity,
                Some(name) if name == "EmbeddedFile" => self.methods.embedded,
                _ => self.methods.streams,
            }),
        }
    }

    /// Algorithm 1 and 1.A: the key of one object.
    fn object_key(&self, method: Method, id: ObjectId) -> Option<Zeroizing<Vec<u8>>> {
        if method == Method::AesV3 {
            return Some(self.key.clone());
        }
        let (number, generation) = (id.number.to_le_bytes(), id.generation.to_le_bytes());
        let salt: &[u8] = if method == Method::AesV2 { b"sAlT" } else { b"" };
        let hash = Zeroizing::new(self.ciphers.md5(&[&self.key, number.get(..3)?, &generation, salt])?);
        hash.get(..(self.key.len() + 5).min(16)).map(|key| Zeroizing::new(key.to_vec()))
    }

    fn opened(&self, method: Method, id: ObjectId, data: &[u8], at: u64) -> Result<Vec<u8>, PdfError> {
        if method == Method::Identity || data.is_empty() {
            return Ok(data.to_vec());
        }
        let key = self.object_key(method, id).ok_or_else(|| refused("MD5"))?;
        if method == Method::Rc4 {
            return self.ciphers.rc4(&key, data).ok_or_else(|| refused("RC4"));
        }
        let malformed = PdfError::Malformed { at, what: "encrypted data" };
        let Some((iv, body)) = data.split_first_chunk::<BLOCK>() else { return Err(malformed) };
        if body.is_empty() || body.len() % BLOCK != 0 {
            return Err(malformed);
        }
        let mut clear = self.ciphers.aes_decrypt(&key, iv, body).ok_or_else(|| refused("AES"))?;
        // PKCS #7 (RFC 8018): the last byte says how many were added.
        let added = clear.last().map_or(0, |last| usize::from(*last));
        let kept =
            clear.len().checked_sub(added).filter(|_| (1..=BLOCK).contains(&added)).ok_or(malformed)?;
        clear.truncate(kept);
        Ok(clear)
    }

    fn closed(&self, method: Method, id: ObjectId, data: &[u8]) -> Result<Vec<u8>, PdfError> {
        if method == Method::Identity {
            return Ok(data.to_vec());
        }
        let key = self.object_key(method, id).ok_or_else(|| refused("MD5"))?;
        if method == Method::Rc4 {
            return self.ciphers.rc4(&key, data).ok_or_else(|| refused("RC4"));
        }
        let iv = self.ciphers.random().ok_or_else(|| refused("randomness"))?;
        let added = BLOCK - data.len() % BLOCK;
        let mut padded = data.to_vec();
        padded.resize(data.len() + added, u8::try_from(added).unwrap_or_default());
        let closed = self.ciphers.aes_encrypt(&key, &iv, &padded).ok_or_else(|| refused("AES"))?;
        Ok([iv.as_slice(), &closed].concat())
    }
}

impl std::fmt::Debug for Crypt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Crypt").field("facts", &self.facts).finish_non_exhaustive()
    }
}

fn is_xref(object: &Object) -> bool {
    let stream = object.as_stream().and_then(|stream| stream.dictionary.type_name());
    stream.is_some_and(|name| name == "XRef")
}

/// Every string but the value of a signature (7.6.2). Objects are as deep as the reader let them be.
fn each_string(
    object: &mut Object,
    apply: &mut dyn FnMut(&mut PdfString) -> Result<(), PdfError>,
) -> Result<(), PdfError> {
    match object {
        Object::String(string) => apply(string),
        Object::Array(items) => items.iter_mut().try_for_each(|item| each_string(item, apply)),
        Object::Dictionary(dictionary) | Object::Stream(Stream { dictionary, .. }) => {
            let signature = is_signature(dictionary);
            dictionary
                .iter_mut()
                .filter(|(key, _)| !(signature && *key == "Contents"))
                .try_for_each(|(_, value)| each_string(value, apply))
        }
        _ => Ok(()),
    }
}

/// A dictionary with a byte range is a signature's or a document time stamp's (table 255).
fn is_signature(dictionary: &Dictionary) -> bool {
    let kind = dictionary.type_name().is_none_or(|name| name == "Sig" || name == "DocTimeStamp");
    kind && dictionary.contains("ByteRange")
}
