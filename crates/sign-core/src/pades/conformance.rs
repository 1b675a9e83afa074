//! Which archival and accessibility standards a document claims to keep (PDF/A, ISO 19005; PDF/UA,
//! ISO 14289-1), and what that asks of everything drawn into it later.
//!
//! A claim is what the metadata says; whether the document as it came keeps it is not checked.
//! The metadata itself is never written again.

use crate::error::PdfError;
use crate::pdf::{Dictionary, Object, View};

/// What a document claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Claims {
    /// Part of PDF/A: 1 to 4.
    pub pdf_a: Option<u8>,
    /// PDF/UA, any part.
    pub pdf_ua: bool,
    /// Colour components of the PDF/A output intent: 1, 3 or 4.
    pub output_components: Option<u8>,
}

impl Claims {
    /// Reads the claims of one view. Malformed metadata claims nothing.
    ///
    /// # Errors
    /// [`PdfError`] if the file cannot be read, or not within its limits.
    pub fn read(view: View<'_>) -> Result<Self, PdfError> {
        match Self::written(view) {
            Err(error) if error.is_malformed() => Ok(Self::default()),
            claims => claims,
        }
    }

    fn written(view: View<'_>) -> Result<Self, PdfError> {
        let (_, catalog) = view.catalog()?;
        let Some(catalog) = catalog.as_dictionary() else { return Ok(Self::default()) };
        let metadata = view.get(catalog, "Metadata")?;
        let Some(metadata) = metadata.as_stream() else { return Ok(Self::default()) };
        let packet = view.stream_data(metadata)?;
        let pdf_a = property(&packet, b"pdfaid:part").filter(|part| (1..=4).contains(part));
        Ok(Self {
            pdf_a,
            pdf_ua: property(&packet, b"pdfuaid:part").is_some(),
            output_components: pdf_a.map_or(Ok(None), |_| output_components(view, catalog))?,
        })
    }

    /// What may be drawn into the document.
    pub fn drawing(self) -> Drawing {
        let archival = self.pdf_a.is_some();
        Drawing {
            // ISO 19005-1 6.4; later parts want a colour space to blend in, which the output intent
            // gives (ISO 19005-2 6.2.10).
            soft_masks: !archival || (self.pdf_a != Some(1) && self.output_components.is_some()),
            // ISO 19005-1 6.2.3.3, ISO 19005-2 6.2.4.3: device colours mean what the output intent says.
            device_colours: !archival || self.output_components == Some(3),
            // ISO 19005-1 6.3.5; PDF 2.0 does without.
            cid_set: self.pdf_a == Some(1),
        }
    }
}

/// What a drawing may use to keep the document's claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drawing {
    /// Pictures may be partly transparent; else each pixel is drawn whole or not at all.
    pub soft_masks: bool,
    /// Grey and RGB may be written without saying which grey and which red.
    pub device_colours: bool,
    /// A font's subset lists its glyphs (`/CIDSet`).
    pub cid_set: bool,
}

impl Default for Drawing {
    /// For a document that claims nothing.
    fn default() -> Self {
        Claims::default().drawing()
    }
}

/// The number an XMP property holds, written as an element or as an attribute. The prefixes of these
/// two schemas are fixed (ISO 19005-1 table 8, ISO 14289-1 clause 5), so no XML has to be understood.
fn property(packet: &[u8], name: &[u8]) -> Option<u8> {
    let starts = packet.windows(name.len()).enumerate().filter(|(_, window)| *window == name);
    starts.map(|(at, _)| packet.get(at + name.len()..).unwrap_or_default()).find_map(|rest| {
        // `>1<` or `="1"`, with blanks where XML allows them.
        let mut rest = rest.iter().filter(|byte| !byte.is_ascii_whitespace());
        match rest.next()? {
            b'>' => {}
            b'=' if matches!(rest.next()?, b'"' | b'\'') => {}
            _ => return None,
        }
        let digit = rest.next().filter(|byte| byte.is_ascii_digit())?;
        (!rest.next()?.is_ascii_digit()).then_some(digit - b'0')
    })
}

/// `/N` of the PDF/A output intent's profile.
fn output_components(view: View<'_>, catalog: &Dictionary) -> Result<Option<u8>, PdfError> {
    /// Honest documents have one or two.
    const MOST: usize = 16;
    let intents = view.get(catalog, "OutputIntents")?;
    for intent in intents.as_array().unwrap_or_default().iter().take(MOST) {
        let intent = view.resolve(intent)?;
        let Some(intent) = intent.as_dictionary() else { continue };
        if view.get(intent, "S")?.as_name().is_none_or(|kind| kind != "GTS_PDFA1") {
            continue;
        }
        let profile = view.get(intent, "DestOutputProfile")?;
        let components = profile.dictionary().and_then(|profile| profile.get("N"));
        let components = components.map(|n| view.resolve(n)).transpose()?;
        return Ok(components.and_then(|n| n.as_integer()).and_then(|n| u8::try_from(n).ok()));
    }
    Ok(None)
}

/// Resources that give device grey and RGB their meaning, that of sRGB as far as a calibrated space
/// can say it (ISO 32000-2 8.6.5.2, 8.6.5.3, 8.6.5.6): a few numbers instead of a profile.
pub(crate) fn calibrated_defaults() -> Dictionary {
    let reals = |values: &[f64]| Object::Array(values.iter().map(|v| Object::real(*v)).collect());
    // D65 and the primaries of IEC 61966-2-1; 2.2 is the curve its formula follows.
    let white = || reals(&[0.9505, 1.0, 1.089]);
    let grey = Dictionary::new().with("WhitePoint", white()).with("Gamma", Object::real(2.2));
    let rgb = Dictionary::new()
        .with("WhitePoint", white())
        .with("Gamma", reals(&[2.2, 2.2, 2.2]))
        .with("Matrix", reals(&[0.4124, 0.2126, 0.0193, 0.3576, 0.7152, 0.1192, 0.1805, 0.0722, 0.9505]));
    let space = |family: &str, entries: Dictionary| vec![Object::name(family), entries.into()];
    Dictionary::new().with("DefaultGray", space("CalGray", grey)).with("DefaultRGB", space("CalRGB", rgb))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;
    use crate::pdf::Document;
    use crate::pdf::fixture::FileBuilder;

    #[test]
    fn finds_the_number_as_element_or_attribute() {
        let cases: [(&[u8], Option<u8>); 6] = [
            (b"<pdfaid:part>2</pdfaid:part>", Some(2)),
            (b"<rdf:Description pdfaid:part = '1' pdfaid:conformance='B'/>", Some(1)),
            (b"<pdfaid:part>\n 3 \n</pdfaid:part>", Some(3)),
            (b"<pdfaid:part>12</pdfaid:part>", None),
            (b"xmlns:pdfaid:part pdfaid:part", None),
            (b"<!-- pdfaid:parts --><pdfaid:part>4</pdfaid:part>", Some(4)),
        ];
        for (packet, expected) in cases {
            assert_eq!(property(packet, b"pdfaid:part"), expected, "{}", String::from_utf8_lossy(packet));
        }
    }

    fn claims(part: &str, intents: &str) -> Claims {
        let packet = format!("<pdfaid:part>{part}</pdfaid:part>");
        let file = FileBuilder::new()
            .with_a_page()
            .object(1, &format!("<</Type/Catalog/Pages 2 0 R/Metadata 7 0 R/OutputIntents[{intents}]>>"))
            .stream(7, "/Type/Metadata/Subtype/XML", packet.as_bytes())
            .object(8, "<</Type/OutputIntent/S/GTS_PDFA1/DestOutputProfile 9 0 R>>")
            .stream(9, "/N 3", b"profile")
            .object(10, "<</Type/OutputIntent/S/GTS_PDFX/DestOutputProfile 9 0 R>>")
            .table("");
        let document = Document::open(&file.bytes, Limits::default()).unwrap();
        Claims::read(document.latest()).unwrap()
    }

    #[test]
    fn each_part_draws_the_line_elsewhere() {
        // (part, intents, soft masks, device colours, CIDSet)
        let cases = [
            ("1", "8 0 R", false, true, true),
            ("1", "", false, false, true),
            ("2", "8 0 R", true, true, false),
            // An intent for printing says nothing about PDF/A's colours.
            ("2", "10 0 R", false, false, false),
            ("4", "10 0 R 8 0 R", true, true, false),
            ("9", "", true, true, false),
        ];
        for (part, intents, soft_masks, device_colours, cid_set) in cases {
            let expected = Drawing { soft_masks, device_colours, cid_set };
            assert_eq!(claims(part, intents).drawing(), expected, "part {part}, [{intents}]");
        }
    }
}
