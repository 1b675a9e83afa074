//! Writes found objects as a file of one revision with a classic table (ISO 32000-2 clause 7.5.4).

use super::scan::{Body, Found, Kept};
use crate::error::PdfError;
use crate::limits::{Budget, LimitExceeded, Limits};
use crate::pdf::append::SECTION_KEYS;
use crate::pdf::finding::Findings;
use crate::pdf::indirect::{Reader, wrong_type};
use crate::pdf::object::{Dictionary, Object, Stream, StreamData};
use crate::pdf::write::{write_dictionary, write_indirect};

/// The copy and how many objects it has.
pub(super) fn write(source: &Vec<u8>, found: &Found, limits: Limits) -> Result<(Vec<u8>, usize), PdfError> {
    let (budget, findings) = (Budget::new(limits), Findings::default());
    let reader = Reader { source, budget: &budget, findings: &findings };
    let mut out = header(source)?;
    // The offset of each number, `None` where there is no object: the table has no gaps, because
    // Acrobat wants the first revision's in one piece before it signs again.
    let mut places: Vec<Option<(u16, u64)>> = vec![None];
    for (number, object) in &found.objects {
        places.resize(usize::try_from(*number).unwrap_or(usize::MAX), None);
        places.push(Some((object.id.generation, out.len() as u64)));
        match &object.body {
            Body::Written(text) => out.extend_from_slice(text),
            Body::InFile(data) => {
                write_indirect(&mut out, object.id, &read(reader, object, data.clone())?, source)?
            }
        }
        check(&out, limits)?;
    }

    let at = out.len();
    out.extend_from_slice(format!("xref\n0 {}\n", places.len()).as_bytes());
    for place in &places {
        let (offset, generation, kind) =
            place.map_or((0, u16::MAX, 'f'), |(generation, offset)| (offset, generation, 'n'));
        out.extend_from_slice(format!("{offset:010} {generation:05} {kind} \n").as_bytes());
    }
    out.extend_from_slice(b"trailer\n");
    write_dictionary(&mut out, &trailer(found, places.len())?);
    out.extend_from_slice(format!("\nstartxref\n{at}\n%%EOF\n").as_bytes());
    check(&out, limits)?;
    Ok((out, found.objects.len()))
}

fn check(out: &[u8], limits: Limits) -> Result<(), LimitExceeded> {
    let allowed = limits.repaired_bytes;
    if out.len() as u64 > allowed { Err(LimitExceeded { limit: "repaired_bytes", allowed }) } else { Ok(()) }
}

/// 7.5.2: the version as it was claimed, else 1.7; bytes above 127 say that the file is binary.
fn header(source: &[u8]) -> Result<Vec<u8>, PdfError> {
    let at = source.windows(5).position(|window| window == b"%PDF-").ok_or(PdfError::NotPdf)?;
    let version = match source.get(at + 5..at + 8) {
        Some(version @ [b'0'..=b'9', b'.', b'0'..=b'9']) => version,
        _ => b"1.7",
    };
    Ok([b"%PDF-", version, b"\n%\xE2\xE3\xCF\xD3\n"].concat())
}

/// The object as it was found; of a stream the length that was found counts.
fn read(reader: Reader<'_>, object: &Kept, data: Option<std::ops::Range<u64>>) -> Result<Object, PdfError> {
    let end = reader.source.len();
    let Some(data) = data else {
        let no_stream = |_: &Object| Err(PdfError::Malformed { at: object.at, what: "stream" });
        return Ok(reader.indirect(object.at, end, Some(object.id), &no_stream)?.object);
    };
    let (dictionary, _) = reader.stream_head(object.at, end, object.id)?;
    Ok(Stream { dictionary, data: StreamData::InFile(data) }.into())
}

/// 7.5.5: what the newest trailer says that names the catalog; /Info and /ID from any that has them.
fn trailer(found: &Found, size: usize) -> Result<Dictionary, PdfError> {
    let catalog = found.catalog().ok_or_else(|| wrong_type("trailer", "Root", "reference to a catalog"))?;
    let newest = || found.trailers.iter().rev().map(|(_, trailer)| trailer);
    let named = |trailer: &&Dictionary| trailer.get("Root").and_then(Object::as_reference) == Some(catalog);
    let mut trailer = newest().find(named).cloned().unwrap_or_default();
    for key in SECTION_KEYS.iter().chain(&["Encrypt"]) {
        trailer.remove(key);
    }
    for key in ["Info", "ID"] {
        if let Some(value) = newest().find_map(|other| other.get(key)).filter(|_| !trailer.contains(key)) {
            trailer.insert(key, value.clone());
        }
    }
    trailer.insert("Root", catalog);
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    Ok(Dictionary::new().with("Size", size).extended(&trailer))
}
