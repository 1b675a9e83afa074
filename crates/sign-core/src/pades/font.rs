//! The fonts drawn into appearances, embedded as subsets (ISO 32000-2 9.7, 9.9).
//!
//! The letter's law asks for Times New Roman and TCVN 6909 letters (NĐ 30/2020 Phụ lục I);
//! Liberation Serif has the same widths and all of them, under a free licence. Text is one glyph
//! for one character: composed Vietnamese letters need no shaping.

use super::conformance::Drawing;
use crate::pdf::{Dictionary, Object, ObjectId, Objects, Stream};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use subsetter::GlyphRemapper;
use ttf_parser::Face;
use unicode_normalization::UnicodeNormalization;

/// The fonts that come with this library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum FontChoice {
    /// Liberation Serif, upright.
    #[default]
    SerifRegular,
    /// Liberation Serif, bold.
    SerifBold,
    /// Liberation Serif, italic.
    SerifItalic,
    /// Be Vietnam Pro, upright.
    SansRegular,
    /// Be Vietnam Pro, bold.
    SansBold,
}

impl FontChoice {
    /// Every font.
    pub const ALL: [Self; 5] =
        [Self::SerifRegular, Self::SerifBold, Self::SerifItalic, Self::SansRegular, Self::SansBold];

    fn file(self) -> &'static [u8] {
        match self {
            Self::SerifRegular => include_bytes!("../../fonts/LiberationSerif-Regular.ttf"),
            Self::SerifBold => include_bytes!("../../fonts/LiberationSerif-Bold.ttf"),
            Self::SerifItalic => include_bytes!("../../fonts/LiberationSerif-Italic.ttf"),
            Self::SansRegular => include_bytes!("../../fonts/BeVietnamPro-Regular.ttf"),
            Self::SansBold => include_bytes!("../../fonts/BeVietnamPro-Bold.ttf"),
        }
    }

    /// PostScript name, as in `LiberationSerif-Italic`.
    pub fn postscript_name(self) -> &'static str {
        match self {
            Self::SerifRegular => "LiberationSerif",
            Self::SerifBold => "LiberationSerif-Bold",
            Self::SerifItalic => "LiberationSerif-Italic",
            Self::SansRegular => "BeVietnamPro-Regular",
            Self::SansBold => "BeVietnamPro-Bold",
        }
    }
}

/// A text could not be set in the font.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FontError {
    /// The font has no glyph for a character.
    #[error("font {font} has no glyph for {character:?}")]
    MissingGlyph {
        /// PostScript name.
        font: &'static str,
        /// The character.
        character: char,
    },
    /// A shipped font could not be parsed or cut down: a fault of this library's build.
    #[error("font {font} is unusable: {reason}")]
    Unusable {
        /// PostScript name.
        font: &'static str,
        /// What the font library said.
        reason: String,
    },
}

/// One font while texts are set in it; remembers the glyphs that were used.
pub struct TextFont {
    choice: FontChoice,
    face: Face<'static>,
    glyphs: GlyphRemapper,
    /// Subset glyph → (character, advance in 1/1000 of the size).
    used: BTreeMap<u16, (char, f64)>,
}

impl TextFont {
    /// Opens a shipped font.
    ///
    /// # Errors
    /// [`FontError::Unusable`] if the build carries a broken font file.
    pub fn new(choice: FontChoice) -> Result<Self, FontError> {
        let face = Face::parse(choice.file(), 0).map_err(|e| unusable(choice, e))?;
        Ok(Self { choice, face, glyphs: GlyphRemapper::new(), used: BTreeMap::new() })
    }

    /// Height of letters above the baseline for a text of `size` points.
    pub fn ascent(&self, size: f64) -> f64 {
        self.per_mille(self.face.ascender()) * size / 1000.0
    }

    /// Depth of letters below the baseline, positive, for a text of `size` points.
    pub fn descent(&self, size: f64) -> f64 {
        -self.per_mille(self.face.descender()) * size / 1000.0
    }

    /// Width of `text` at `size` points.
    ///
    /// # Errors
    /// [`FontError::MissingGlyph`].
    pub fn width(&self, text: &str, size: f64) -> Result<f64, FontError> {
        let mut sum = 0.0;
        for character in text.nfc() {
            sum += self.advance(self.glyph(character)?);
        }
        Ok(sum * size / 1000.0)
    }

    /// Whether the font has a glyph for a character.
    pub fn has(&self, character: char) -> bool {
        self.face.glyph_index(character).is_some()
    }

    /// The codes of `text` for a string in a content stream: two bytes a glyph (Identity-H).
    ///
    /// # Errors
    /// [`FontError::MissingGlyph`].
    pub fn encode(&mut self, text: &str) -> Result<Vec<u8>, FontError> {
        let mut codes = Vec::with_capacity(text.len() * 2);
        for character in text.nfc() {
            let glyph = self.glyph(character)?;
            let code = self.glyphs.remap(glyph);
            self.used.insert(code, (character, self.advance(glyph)));
            codes.extend_from_slice(&code.to_be_bytes());
        }
        Ok(codes)
    }

    /// The font cut down to the glyphs used so far, as it will be written.
    ///
    /// # Errors
    /// [`FontError::Unusable`].
    pub(crate) fn pack(&self) -> Result<PackedFont, FontError> {
        let subset =
            subsetter::subset(self.choice.file(), 0, &self.glyphs).map_err(|e| unusable(self.choice, e))?;
        let name = format!("{}+{}", self.subset_tag(), self.choice.postscript_name());
        let file = Dictionary::new().with("Length1", integer(subset.len() as i64));
        let font = Dictionary::new()
            .with("Type", Object::name("Font"))
            .with("Subtype", Object::name("Type0"))
            .with("BaseFont", Object::name(&name))
            .with("Encoding", Object::name("Identity-H"));
        Ok(PackedFont {
            file: compressed(file, &subset),
            descriptor: self.descriptor(&name),
            descendant: self.descendant(&name),
            to_unicode: compressed(Dictionary::new(), self.to_unicode().as_bytes()),
            cid_set: compressed(Dictionary::new(), &self.cid_set()),
            font,
        })
    }

    fn descendant(&self, name: &str) -> Dictionary {
        let system = Dictionary::new()
            .with("Registry", Object::text("Adobe"))
            .with("Ordering", Object::text("Identity"))
            .with("Supplement", 0);
        // Subset glyphs are numbered without gaps, 0 is .notdef.
        let mut widths = vec![integer(self.advance(ttf_parser::GlyphId(0).0).round() as i64)];
        widths.extend(self.used.values().map(|(_, advance)| integer(advance.round() as i64)));

        Dictionary::new()
            .with("Type", Object::name("Font"))
            .with("Subtype", Object::name("CIDFontType2"))
            .with("BaseFont", Object::name(name))
            .with("CIDSystemInfo", system)
            .with("CIDToGIDMap", Object::name("Identity"))
            .with("DW", 0)
            .with("W", vec![integer(0), Object::Array(widths)])
    }

    fn descriptor(&self, name: &str) -> Dictionary {
        let bounds = self.face.global_bounding_box();
        let bounds = [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max];
        let per_mille = |units: i16| integer(self.per_mille(units).round() as i64);
        Dictionary::new()
            .with("Type", Object::name("FontDescriptor"))
            .with("FontName", Object::name(name))
            // Symbolic: the subset has its own numbering (ISO 32000-2 table 121).
            .with("Flags", 4)
            .with("FontBBox", bounds.into_iter().map(per_mille).collect::<Vec<_>>())
            .with("ItalicAngle", integer(self.face.italic_angle().round() as i64))
            .with("Ascent", per_mille(self.face.ascender()))
            .with("Descent", per_mille(self.face.descender()))
            .with("CapHeight", per_mille(self.face.capital_height().unwrap_or(self.face.ascender())))
            // Required but not in TrueType files; 80 is the usual stem of a text face.
            .with("StemV", 80)
    }

    /// One bit for each glyph, the first in the highest bit of the first byte (table 122). The subset's
    /// glyphs are numbered without gaps: .notdef and those used.
    fn cid_set(&self) -> Vec<u8> {
        let glyphs = self.used.len() + 1;
        // A byte's share of the glyphs, set from its highest bit on.
        (0..glyphs.div_ceil(8)).map(|byte| !(0xff_u32 >> (glyphs - byte * 8).min(8)) as u8).collect()
    }

    /// Maps codes back to characters, so that the text can be searched and read aloud (9.10.3).
    fn to_unicode(&self) -> String {
        let mut map = String::from(
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n\
             /CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n\
             /CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n\
             1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n",
        );
        let used: Vec<_> = self.used.iter().collect();
        // A block holds at most 100 lines.
        for block in used.chunks(100) {
            let _ = writeln!(map, "{} beginbfchar", block.len());
            for (code, (character, _)) in block {
                let _ = write!(map, "<{code:04X}> <");
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let _ = write!(map, "{unit:04X}");
                }
                map.push_str(">\n");
            }
            map.push_str("endbfchar\n");
        }
        map.push_str("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
        map
    }

    /// Six letters that tell subsets of one font apart (9.9.2), the same for the same glyphs.
    fn subset_tag(&self) -> String {
        // FNV-1a: only a label, no security.
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        for (character, _) in self.used.values() {
            hash = (hash ^ u64::from(u32::from(*character))).wrapping_mul(0x0100_0000_01b3);
        }
        let letter = |shift: u32| char::from(b'A' + u8::try_from((hash >> shift) % 26).unwrap_or(0));
        [0, 8, 16, 24, 32, 40].map(letter).iter().collect()
    }

    fn glyph(&self, character: char) -> Result<u16, FontError> {
        self.face
            .glyph_index(character)
            .map(|glyph| glyph.0)
            .ok_or(FontError::MissingGlyph { font: self.choice.postscript_name(), character })
    }

    fn advance(&self, glyph: u16) -> f64 {
        let units = self.face.glyph_hor_advance(ttf_parser::GlyphId(glyph)).unwrap_or(0);
        f64::from(units) * 1000.0 / f64::from(self.face.units_per_em())
    }

    fn per_mille(&self, units: i16) -> f64 {
        f64::from(units) * 1000.0 / f64::from(self.face.units_per_em())
    }
}

/// A font subset and its dictionaries, made once for any number of documents; they lack the references
/// to each other.
#[derive(Debug)]
pub(crate) struct PackedFont {
    file: Object,
    descriptor: Dictionary,
    descendant: Dictionary,
    to_unicode: Object,
    cid_set: Object,
    font: Dictionary,
}

impl PackedFont {
    /// Writes the font into the update or new document and returns its reference.
    pub(crate) fn embed(&self, update: &mut impl Objects, drawing: Drawing) -> ObjectId {
        let file = update.add(self.file.clone());
        let mut descriptor = self.descriptor.clone().with("FontFile2", file);
        if drawing.cid_set {
            descriptor.insert("CIDSet", update.add(self.cid_set.clone()));
        }
        let descriptor = update.add(descriptor);
        let descendant = update.add(self.descendant.clone().with("FontDescriptor", descriptor));
        let to_unicode = update.add(self.to_unicode.clone());
        let descendants = vec![Object::Reference(descendant)];
        update.add(self.font.clone().with("DescendantFonts", descendants).with("ToUnicode", to_unicode))
    }
}

fn unusable(choice: FontChoice, reason: impl std::fmt::Display) -> FontError {
    FontError::Unusable { font: choice.postscript_name(), reason: reason.to_string() }
}

fn integer(value: i64) -> Object {
    Object::Integer(value)
}

/// What is shorter stays as it is: making the compressor ready costs more than the bytes are worth.
const WORTH_COMPRESSING: usize = 64;

/// A Flate stream of `bytes` with the further keys of `dictionary`.
pub(crate) fn compressed(dictionary: Dictionary, bytes: &[u8]) -> Object {
    if bytes.len() < WORTH_COMPRESSING {
        return Stream::new(dictionary, bytes.to_vec()).into();
    }
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    // Writing into a vector does not fail; if it did, the stream is stored as it is.
    match encoder.write_all(bytes).and_then(|()| encoder.finish()) {
        Ok(packed) => Stream::new(dictionary.with("Filter", Object::name("FlateDecode")), packed).into(),
        Err(_) => Stream::new(dictionary, bytes.to_vec()).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The 134 accented letters of Vietnamese and đ Đ (TCVN 6909), both cases.
    fn vietnamese_letters() -> String {
        let bases = "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY";
        let tones = ["", "\u{300}", "\u{301}", "\u{303}", "\u{309}", "\u{323}"];
        let toned = bases.chars().flat_map(|base| tones.map(|tone| format!("{base}{tone}")));
        toned.chain(["đ".into(), "Đ".into()]).collect::<String>().nfc().collect()
    }

    #[test]
    fn every_font_sets_every_vietnamese_letter_composed_or_not() {
        let composed = vietnamese_letters();
        assert_eq!(composed.chars().filter(|c| !c.is_ascii()).count(), 134);
        let decomposed: String = composed.nfd().collect();
        for choice in FontChoice::ALL {
            let mut font = TextFont::new(choice).unwrap();
            let codes = font.encode(&composed).unwrap();
            assert_eq!(codes.len(), composed.chars().count() * 2);
            assert_eq!(font.encode(&decomposed).unwrap(), codes, "{choice:?}");
        }
    }

    #[test]
    fn names_the_character_without_a_glyph() {
        let mut font = TextFont::new(FontChoice::SerifRegular).unwrap();
        let error = font.encode("số 字").unwrap_err();
        assert_eq!(error, FontError::MissingGlyph { font: "LiberationSerif", character: '字' });
    }

    #[test]
    fn widths_are_those_of_times() {
        let font = TextFont::new(FontChoice::SerifRegular).unwrap();
        // A digit of Times is half an em wide.
        assert!((font.width("15", 13.0).unwrap() - 13.0).abs() < 0.01);
    }
}
