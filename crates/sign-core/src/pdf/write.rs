//! Objects to bytes (ISO 32000-2 clause 7.3), deterministic: the same object gives the same bytes.

use super::object::{Dictionary, Name, Object, ObjectId, PdfString, Stream, StreamData};
use super::token::{is_delimiter, is_white};
use crate::error::PdfError;
use crate::source::Source;

/// The bytes of `object`; stream data that is still in the file is copied from `source` as it is.
///
/// # Errors
/// [`PdfError::Source`] if that data cannot be read, [`PdfError::Encrypted`] if it is encrypted.
pub fn serialise(object: &Object, source: &dyn Source) -> Result<Vec<u8>, PdfError> {
    let mut out = Vec::new();
    match object {
        Object::Stream(stream) => write_stream(&mut out, stream, source)?,
        other => write_value(&mut out, other),
    }
    Ok(out)
}

/// Appends `12 0 obj … endobj`.
///
/// # Errors
/// As [`serialise`].
pub fn write_indirect(
    out: &mut Vec<u8>,
    id: ObjectId,
    object: &Object,
    source: &dyn Source,
) -> Result<(), PdfError> {
    out.extend_from_slice(format!("{id} obj\n").as_bytes());
    out.extend(serialise(object, source)?);
    out.extend_from_slice(b"\nendobj\n");
    Ok(())
}

/// Appends any object but a stream; of a stream, which is never inside another object, the dictionary.
pub fn write_value(out: &mut Vec<u8>, object: &Object) {
    match object {
        Object::Null => out.extend_from_slice(b"null"),
        Object::Boolean(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
        Object::Integer(value) => out.extend_from_slice(value.to_string().as_bytes()),
        Object::Real(real) => out.extend_from_slice(real.digits().as_bytes()),
        Object::String(string) => write_string(out, string),
        Object::Name(name) => write_name(out, name),
        Object::Array(items) => write_array(out, items),
        Object::Dictionary(dictionary) => write_dictionary(out, dictionary),
        Object::Stream(stream) => write_dictionary(out, &stream.dictionary),
        Object::Reference(id) => out.extend_from_slice(format!("{id} R").as_bytes()),
    }
}

/// Appends `<< … >>`.
pub fn write_dictionary(out: &mut Vec<u8>, dictionary: &Dictionary) {
    out.extend_from_slice(b"<<");
    for (key, value) in dictionary.iter() {
        write_entry(out, key, value);
    }
    out.extend_from_slice(b">>");
}

pub(crate) fn write_entry(out: &mut Vec<u8>, key: &Name, value: &Object) {
    write_name(out, key);
    separate(out, value);
    write_value(out, value);
}

fn write_array(out: &mut Vec<u8>, items: &[Object]) {
    out.push(b'[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            separate(out, item);
        }
        write_value(out, item);
    }
    out.push(b']');
}

/// A space before an object that does not begin with a delimiter.
fn separate(out: &mut Vec<u8>, next: &Object) {
    let delimited = matches!(
        next,
        Object::String(_) | Object::Name(_) | Object::Array(_) | Object::Dictionary(_) | Object::Stream(_)
    );
    if !delimited {
        out.push(b' ');
    }
}

/// 7.3.5: what is not a regular printable ASCII character is written as `#xx`.
pub(crate) fn write_name(out: &mut Vec<u8>, name: &Name) {
    out.push(b'/');
    for &byte in name.as_bytes() {
        if (b'!'..=b'~').contains(&byte) && !is_delimiter(byte) && byte != b'#' && !is_white(byte) {
            out.push(byte);
        } else {
            out.extend_from_slice(format!("#{byte:02X}").as_bytes());
        }
    }
}

/// 7.3.4: as it was written; in a literal string only what must be escaped is.
fn write_string(out: &mut Vec<u8>, string: &PdfString) {
    if string.hexadecimal {
        out.push(b'<');
        for byte in &string.bytes {
            out.extend_from_slice(format!("{byte:02X}").as_bytes());
        }
        out.push(b'>');
        return;
    }
    out.push(b'(');
    for &byte in &string.bytes {
        match byte {
            b'(' | b')' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            // Unescaped, a reader would take CR for LF.
            b'\r' => out.extend_from_slice(br"\r"),
            _ => out.push(byte),
        }
    }
    out.push(b')');
}

/// 7.3.8; `/Length` is written from the data, whatever the dictionary says.
fn write_stream(out: &mut Vec<u8>, stream: &Stream, source: &dyn Source) -> Result<(), PdfError> {
    let copied;
    let data = match &stream.data {
        StreamData::Owned(data) => data,
        StreamData::InFile(range) => {
            copied = source.read_range(range.clone())?;
            &copied
        }
        // Another object's key would not open it; `Update` opens it and closes it anew.
        StreamData::Encrypted { .. } => return Err(PdfError::Encrypted),
    };
    let length = i64::try_from(data.len()).unwrap_or(i64::MAX);
    write_dictionary(out, &stream.dictionary.clone().with("Length", length));
    out.extend_from_slice(b"\nstream\n");
    out.extend_from_slice(data);
    out.extend_from_slice(b"\nendstream");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::parser::parse;
    use super::*;

    fn written(object: &Object) -> Vec<u8> {
        serialise(object, &Vec::new()).unwrap()
    }

    #[test]
    fn returns_what_was_read() {
        let cases: [&[u8]; 5] = [
            b"<</A 1/B[1 0 R -2.50 true null/N(s)<00FF>]/C<</D/E>>>>",
            b"[/A#20B/#23/#C3]",
            b"(a\\(b\\)\\\\c\\rd\ne)",
            b"[-.5 4. +1]",
            b"[[]<<>>()<>]",
        ];
        for text in cases {
            let object = parse(text).unwrap();
            let again = written(&object);
            assert_eq!(parse(&again).unwrap(), object, "{}", String::from_utf8_lossy(&again));
        }
        assert_eq!(written(&parse(cases[0]).unwrap()), cases[0]);
    }

    #[test]
    fn escapes_every_byte_of_a_string_and_of_a_name() {
        let all: Vec<u8> = (0..=255).collect();
        for object in [
            Object::String(PdfString::new(all.clone())),
            Object::String(PdfString::hexadecimal(all.clone())),
            Object::Name(Name::new(&all[1..])),
        ] {
            assert_eq!(parse(&written(&object)).unwrap(), object);
        }
    }

    #[test]
    fn writes_the_true_length_of_a_stream() {
        let file = b"0123456789".to_vec();
        let dictionary = Dictionary::new().with("Length", ObjectId::new(9, 0));
        let stream = Stream { dictionary, data: StreamData::InFile(2..5) };
        let out = serialise(&stream.into(), &file).unwrap();
        assert_eq!(out, b"<</Length 3>>\nstream\n234\nendstream");
    }
}
