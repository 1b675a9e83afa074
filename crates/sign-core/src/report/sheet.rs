//! A4 sheets, filled from top to bottom: text in the shipped fonts, lines, boxes, pictures; at the end a
//! document that keeps PDF/A-2b (ISO 19005-2). Knows nothing of what is written on them.

use crate::error::PdfError;
use crate::pades::conformance::{Drawing, calibrated_defaults};
use crate::pades::font::{FontChoice, FontError, TextFont, compressed};
use crate::pades::image::{ImageError, PackedPicture, Picture};
use crate::pdf::{Dictionary, NewDocument, Object, ObjectId, Objects};
use quick_xml::escape::escape;
use std::fmt::Write;
use unicode_normalization::UnicodeNormalization;

/// A4 in points.
pub(super) const WIDTH: f64 = 595.28;
const HEIGHT: f64 = 841.89;
/// White on each side, and above.
pub(super) const MARGIN: f64 = 48.0;
/// White below; the footer stands in it.
const FOOT: f64 = 56.0;
/// Distance of baselines in parts of the size: capitals with two marks (Ễ) need room.
const LEADING: f64 = 1.4;
/// How far a circle's handles stand off, in radii.
const KAPPA: f64 = 0.552_285;

/// A document could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SheetError {
    /// A shipped font.
    #[error(transparent)]
    Font(#[from] FontError),
    /// A picture.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The file.
    #[error(transparent)]
    Pdf(#[from] PdfError),
}

/// Red, green, blue, each 0 to 1.
pub(super) type Colour = [f64; 3];

/// Weight of letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// How a text is set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub(super) weight: Weight,
    pub(super) size: f64,
    pub(super) colour: Colour,
}

impl Style {
    /// Distance of its baselines.
    pub(super) fn leading(&self) -> f64 {
        self.size * LEADING
    }
}

/// The sheets so far.
pub(super) struct Sheets {
    regular: TextFont,
    bold: TextFont,
    /// Those that are full.
    full: Vec<Sheet>,
    /// The one that is written on.
    sheet: Sheet,
    pictures: Vec<PackedPicture>,
    /// Where the next line's upper edge is, from the lower edge of the sheet.
    y: f64,
}

#[derive(Default)]
struct Sheet {
    content: String,
    pictures: Vec<usize>,
}

impl Sheets {
    /// One empty sheet.
    ///
    /// # Errors
    /// [`SheetError::Font`].
    pub(super) fn new() -> Result<Self, SheetError> {
        Ok(Self {
            regular: TextFont::new(FontChoice::SansRegular)?,
            bold: TextFont::new(FontChoice::SansBold)?,
            full: Vec::new(),
            sheet: Sheet::default(),
            pictures: Vec::new(),
            y: HEIGHT - MARGIN,
        })
    }

    /// The upper edge of what comes next.
    pub(super) fn y(&self) -> f64 {
        self.y
    }

    /// Leaves room.
    pub(super) fn skip(&mut self, height: f64) {
        self.y -= height;
    }

    /// Goes on with a new sheet if this one has no room for `height`.
    pub(super) fn need(&mut self, height: f64) {
        if self.y - height < FOOT && self.y < HEIGHT - MARGIN {
            self.full.push(std::mem::take(&mut self.sheet));
            self.y = HEIGHT - MARGIN;
        }
    }

    /// Sets a text of several lines from `x`, at most `width` wide, over as many sheets as it takes.
    ///
    /// # Errors
    /// [`SheetError::Font`].
    pub(super) fn paragraph(
        &mut self,
        text: &str,
        style: Style,
        x: f64,
        width: f64,
    ) -> Result<(), SheetError> {
        for line in self.wrap(text, style, width)? {
            self.need(style.leading());
            let baseline = self.y - style.size;
            self.put(&line, style, x, baseline)?;
            self.y -= style.leading();
        }
        Ok(())
    }

    /// Sets one line at a place.
    ///
    /// # Errors
    /// [`SheetError::Font`].
    pub(super) fn put(&mut self, line: &str, style: Style, x: f64, baseline: f64) -> Result<(), SheetError> {
        let line = self.settable(line, style.weight);
        let (font, name) = match style.weight {
            Weight::Regular => (&mut self.regular, "F0"),
            Weight::Bold => (&mut self.bold, "F1"),
        };
        let codes = font.encode(&line)?;
        let [r, g, b] = style.colour;
        let out = &mut self.sheet.content;
        let _ = write!(
            out,
            "BT /{name} {:.2} Tf {r:.3} {g:.3} {b:.3} rg 1 0 0 1 {x:.2} {baseline:.2} Tm <",
            style.size
        );
        for code in codes {
            let _ = write!(out, "{code:02X}");
        }
        out.push_str("> Tj ET\n");
        Ok(())
    }

    /// The lines of a text; a word that is wider than a line is broken anywhere.
    ///
    /// # Errors
    /// [`SheetError::Font`].
    pub(super) fn wrap(&self, text: &str, style: Style, width: f64) -> Result<Vec<String>, SheetError> {
        let text = self.settable(text, style.weight);
        let space = self.width(" ", style)?;
        let mut lines: Vec<String> = vec![String::new()];
        let mut used = 0.0;
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            for (index, part) in self.parts(word, style, width)?.into_iter().enumerate() {
                let wide = self.width(&part, style)?;
                let gap = if used > 0.0 && index == 0 { space } else { 0.0 };
                if used > 0.0 && (index > 0 || used + gap + wide > width) {
                    lines.push(String::new());
                    used = 0.0;
                }
                if let Some(line) = lines.last_mut() {
                    if used > 0.0 {
                        line.push(' ');
                        used += gap;
                    }
                    line.push_str(&part);
                }
                used += wide;
            }
        }
        Ok(lines)
    }

    /// A word in pieces that fit.
    fn parts(&self, word: &str, style: Style, width: f64) -> Result<Vec<String>, SheetError> {
        if self.width(word, style)? <= width {
            return Ok(vec![word.to_owned()]);
        }
        let mut parts = vec![String::new()];
        let mut used = 0.0;
        for character in word.chars() {
            let wide = self.width(character.encode_utf8(&mut [0; 4]), style)?;
            if used + wide > width && used > 0.0 {
                parts.push(String::new());
                used = 0.0;
            }
            if let Some(part) = parts.last_mut() {
                part.push(character);
            }
            used += wide;
        }
        Ok(parts)
    }

    /// How wide a line is.
    ///
    /// # Errors
    /// [`SheetError::Font`].
    pub(super) fn width(&self, line: &str, style: Style) -> Result<f64, SheetError> {
        Ok(self.font(style.weight).width(line, style.size)?)
    }

    fn font(&self, weight: Weight) -> &TextFont {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }

    /// The text in characters the font has; of another its number is shown, for it may matter which.
    fn settable(&self, text: &str, weight: Weight) -> String {
        let font = self.font(weight);
        let mut settable = String::with_capacity(text.len());
        for character in text.nfc() {
            match character {
                c if c.is_whitespace() => settable.push(' '),
                c if font.has(c) => settable.push(c),
                '\u{fffd}' => settable.push('?'),
                c => {
                    let _ = write!(settable, "[U+{:04X}]", u32::from(c));
                }
            }
        }
        settable
    }

    /// A filled box, given by its left and upper edges.
    pub(super) fn fill(&mut self, colour: Colour, x: f64, top: f64, width: f64, height: f64) {
        let ([r, g, b], bottom) = (colour, top - height);
        let out = &mut self.sheet.content;
        let _ = writeln!(out, "{r:.3} {g:.3} {b:.3} rg {x:.2} {bottom:.2} {width:.2} {height:.2} re f");
    }

    /// A box's outline.
    pub(super) fn frame(&mut self, colour: Colour, line: f64, x: f64, top: f64, width: f64, height: f64) {
        let ([r, g, b], bottom) = (colour, top - height);
        let out = &mut self.sheet.content;
        let _ = writeln!(
            out,
            "{r:.3} {g:.3} {b:.3} RG {line:.2} w {x:.2} {bottom:.2} {width:.2} {height:.2} re S"
        );
    }

    /// A line through points.
    pub(super) fn stroke(&mut self, colour: Colour, line: f64, points: &[(f64, f64)]) {
        let [r, g, b] = colour;
        let out = &mut self.sheet.content;
        let _ = write!(out, "{r:.3} {g:.3} {b:.3} RG {line:.2} w 1 J 1 j");
        for (index, (x, y)) in points.iter().enumerate() {
            let _ = write!(out, " {x:.2} {y:.2} {}", if index == 0 { 'm' } else { 'l' });
        }
        out.push_str(" S\n");
    }

    /// A disc.
    pub(super) fn disc(&mut self, colour: Colour, x: f64, y: f64, radius: f64) {
        let ([r, g, b], k) = (colour, radius * KAPPA);
        let (left, right, low, high) = (x - radius, x + radius, y - radius, y + radius);
        let out = &mut self.sheet.content;
        let _ = writeln!(
            out,
            "{r:.3} {g:.3} {b:.3} rg {right:.2} {y:.2} m \
             {right:.2} {:.2} {:.2} {high:.2} {x:.2} {high:.2} c {:.2} {high:.2} {left:.2} {:.2} {left:.2} {y:.2} c \
             {left:.2} {:.2} {:.2} {low:.2} {x:.2} {low:.2} c {:.2} {low:.2} {right:.2} {:.2} {right:.2} {y:.2} c f",
            y + k,
            x + k,
            x - k,
            y + k,
            y - k,
            x - k,
            x + k,
            y - k
        );
    }

    /// A picture in a box, given by its left and upper edges.
    ///
    /// # Errors
    /// [`SheetError::Image`].
    pub(super) fn picture(
        &mut self,
        png: &[u8],
        x: f64,
        top: f64,
        width: f64,
        height: f64,
    ) -> Result<(), SheetError> {
        let number = self.pictures.len();
        self.pictures.push(Picture::from_png(png)?.pack());
        let bottom = top - height;
        let _ = writeln!(
            self.sheet.content,
            "q {width:.2} 0 0 {height:.2} {x:.2} {bottom:.2} cm /Im{number} Do Q"
        );
        self.sheet.pictures.push(number);
        Ok(())
    }

    /// Writes a footer on each sheet, then the document. `footer` gets the number of the sheet and of all.
    ///
    /// # Errors
    /// [`SheetError`].
    pub(super) fn finish(
        mut self,
        title: &str,
        lang: &str,
        style: Style,
        footer: impl Fn(usize, usize) -> String,
    ) -> Result<Vec<u8>, SheetError> {
        self.full.push(std::mem::take(&mut self.sheet));
        let mut sheets = std::mem::take(&mut self.full);
        let of = sheets.len();
        for (index, sheet) in sheets.iter_mut().enumerate() {
            std::mem::swap(sheet, &mut self.sheet);
            self.put(&footer(index + 1, of), style, MARGIN, FOOT - 24.0)?;
            std::mem::swap(sheet, &mut self.sheet);
        }
        let mut made = NewDocument::default();
        let drawing = Drawing { soft_masks: false, device_colours: false, cid_set: false };
        let fonts = Dictionary::new()
            .with("F0", self.regular.pack()?.embed(&mut made, drawing))
            .with("F1", self.bold.pack()?.embed(&mut made, drawing));
        let fonts = made.add(fonts);
        let colours = made.add(calibrated_defaults());
        let pictures: Vec<ObjectId> =
            self.pictures.iter().map(|picture| picture.embed(&mut made, drawing)).collect();
        let pages = made.allocate();
        let mut kids = Vec::with_capacity(of);
        for sheet in &sheets {
            let mut xobjects = Dictionary::new();
            for number in &sheet.pictures {
                if let Some(picture) = pictures.get(*number) {
                    xobjects.insert(format!("Im{number}").as_str(), *picture);
                }
            }
            let resources =
                Dictionary::new().with("Font", fonts).with("ColorSpace", colours).with("XObject", xobjects);
            let content = made.add(compressed(Dictionary::new(), sheet.content.as_bytes()));
            let size = [0.0, 0.0, WIDTH, HEIGHT].map(Object::real).to_vec();
            let page = Dictionary::new()
                .with("Type", Object::name("Page"))
                .with("Parent", pages)
                .with("MediaBox", size)
                .with("Resources", resources)
                .with("Contents", content);
            kids.push(Object::Reference(made.add(page)));
        }
        let count = i64::try_from(kids.len()).unwrap_or(i64::MAX);
        let tree =
            Dictionary::new().with("Type", Object::name("Pages")).with("Count", count).with("Kids", kids);
        made.set(pages, tree.into());
        let metadata = made.add(metadata(title, lang));
        let catalog = Dictionary::new()
            .with("Type", Object::name("Catalog"))
            .with("Pages", pages)
            .with("Lang", Object::text(lang))
            .with("Metadata", metadata)
            .with("ViewerPreferences", Dictionary::new().with("DisplayDocTitle", true));
        let catalog = made.add(catalog);
        Ok(made.finish(catalog)?)
    }
}

/// XMP with the claim to be PDF/A-2b; not compressed, so that others can read it (ISO 19005-2 6.6.2.1).
fn metadata(title: &str, lang: &str) -> Object {
    let packet = format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n\
         <rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\">\n\
         <dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">{}</rdf:li></rdf:Alt></dc:title>\n\
         <dc:language><rdf:Bag><rdf:li>{lang}</rdf:li></rdf:Bag></dc:language>\n\
         <pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>\n\
         </rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end=\"w\"?>",
        escape(title)
    );
    let dictionary =
        Dictionary::new().with("Type", Object::name("Metadata")).with("Subtype", Object::name("XML"));
    crate::pdf::Stream::new(dictionary, packet.into_bytes()).into()
}
