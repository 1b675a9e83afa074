//! What a signature or a filled field looks like: form XObjects (ISO 32000-2 12.5.5).
//!
//! Only drawing. What the law wants to see in which box is decided in `sign::official`.

use super::conformance::{Drawing, calibrated_defaults};
use super::font::{FontError, PackedFont, TextFont, compressed};
use super::image::{ImageError, PackedPicture, Picture};
use crate::pdf::{Dictionary, Object, ObjectId, Objects, Update};
use lopdf::content::{Content, Operation};

pub use super::font::FontChoice;

/// What a signature looks like in its box. Without image and lines the box stays empty.
#[derive(Debug, Clone, PartialEq)]
pub struct Appearance {
    /// A PNG file's bytes; drawn as large as fits, centred, transparency kept.
    pub image_png: Option<Vec<u8>>,
    /// Lines of text, drawn from the top; with an image, over it.
    pub lines: Vec<String>,
    /// Font for the lines.
    pub font: FontChoice,
    /// Size in points; lines that would not fit make the text smaller, never cut.
    pub font_size: f64,
}

impl Default for Appearance {
    fn default() -> Self {
        Self { image_png: None, lines: Vec::new(), font: FontChoice::SerifRegular, font_size: 10.0 }
    }
}

/// Where a text starts in its box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Align {
    /// At the left edge.
    #[default]
    Left,
    /// In the middle.
    Centre,
    /// At the right edge.
    Right,
}

impl Align {
    /// `/Q` of a text field (ISO 32000-2 table 228).
    pub fn quadding(self) -> i64 {
        match self {
            Self::Left => 0,
            Self::Centre => 1,
            Self::Right => 2,
        }
    }

    /// From `/Q`; anything unknown is left.
    pub fn from_quadding(q: i64) -> Self {
        match q {
            1 => Self::Centre,
            2 => Self::Right,
            _ => Self::Left,
        }
    }
}

/// An appearance could not be drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppearanceError {
    /// The picture.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The text.
    #[error(transparent)]
    Font(#[from] FontError),
    /// The drawing could not be written down.
    #[error("appearance cannot be written: {0}")]
    Content(String),
}

/// A box to draw in: its size on the page and how the page is turned.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Frame {
    /// Points, along the page's own x axis.
    pub width: f64,
    /// Points, along the page's own y axis.
    pub height: f64,
    /// `/Rotate` of the page: 0, 90, 180 or 270.
    pub rotate: u16,
}

impl Frame {
    /// The frame of a rectangle `[x0, y0, x1, y1]` on a page turned by `rotate`.
    pub fn of_rect(rect: [f64; 4], rotate: u16) -> Self {
        let [x0, y0, x1, y1] = rect;
        Self { width: (x1 - x0).abs(), height: (y1 - y0).abs(), rotate }
    }

    /// Width and height as the reader of the turned page sees them.
    fn seen(self) -> (f64, f64) {
        if self.rotate % 180 == 90 { (self.height, self.width) } else { (self.width, self.height) }
    }

    /// Turns the drawing so that it stands upright for the reader: `/Matrix` of the form.
    fn matrix(self) -> [f64; 6] {
        // The viewer moves the turned box onto /Rect itself (12.5.5, algorithm 8): no translation.
        match self.rotate {
            90 => [0.0, 1.0, -1.0, 0.0, 0.0, 0.0],
            180 => [-1.0, 0.0, 0.0, -1.0, 0.0, 0.0],
            270 => [0.0, -1.0, 1.0, 0.0, 0.0, 0.0],
            _ => [1.0, 0.0, 0.0, 1.0, 0.0, 0.0],
        }
    }
}

/// An [`Appearance`] made ready once for any number of documents: the picture decoded and compressed,
/// the letters encoded, the font cut down to them.
pub struct Look {
    appearance: Appearance,
    picture: Option<PackedPicture>,
    text: Option<LookText>,
}

/// The lines of a look in their font.
struct LookText {
    font: TextFont,
    packed: PackedFont,
    /// The codes of each line.
    lines: Vec<Vec<u8>>,
}

impl Look {
    /// Prepares an appearance.
    ///
    /// # Errors
    /// [`AppearanceError`].
    pub fn new(appearance: &Appearance) -> Result<Self, AppearanceError> {
        let picture = appearance.image_png.as_deref().map(Picture::from_png).transpose()?;
        let text = if appearance.lines.is_empty() {
            None
        } else {
            let mut font = TextFont::new(appearance.font)?;
            let lines = appearance.lines.iter().map(|line| font.encode(line)).collect::<Result<_, _>>()?;
            Some(LookText { packed: font.pack()?, font, lines })
        };
        Ok(Self { appearance: appearance.clone(), picture: picture.map(Picture::pack), text })
    }

    /// What it was made from.
    pub fn appearance(&self) -> &Appearance {
        &self.appearance
    }

    /// Draws a signature's appearance into the update; returns the form's reference.
    ///
    /// # Errors
    /// [`AppearanceError`].
    pub fn draw(
        &self,
        update: &mut Update<'_>,
        frame: Frame,
        drawing: Drawing,
    ) -> Result<ObjectId, AppearanceError> {
        let (width, height) = frame.seen();
        let mut resources = Dictionary::new();
        let mut operations = Vec::new();
        if let Some(picture) = &self.picture {
            operations.extend(draw_picture(picture, width, height));
            resources.insert("XObject", one_entry("Im0", picture.embed(update, drawing)));
        }
        if let Some(text) = &self.text {
            operations.extend(text.draw(&self.appearance, width, height)?);
            resources.insert("Font", one_entry("F0", text.packed.embed(update, drawing)));
        }
        form(update, frame, resources, operations, drawing)
    }
}

impl std::fmt::Debug for Look {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Look").field("lines", &self.appearance.lines).finish_non_exhaustive()
    }
}

impl LookText {
    fn draw(
        &self,
        appearance: &Appearance,
        width: f64,
        height: f64,
    ) -> Result<Vec<Operation>, AppearanceError> {
        let size = fitting_size(&self.font, appearance, width, height)?;
        let mut baseline = height - self.font.ascent(size);
        let mut lines = Vec::with_capacity(self.lines.len());
        for codes in &self.lines {
            lines.push((0.0, baseline, codes.clone()));
            baseline -= size * LEADING;
        }
        Ok(show_text(&lines, size))
    }
}

/// A text in a form field, on one line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FieldText<'t> {
    /// The text.
    pub text: &'t str,
    /// Its font.
    pub font: FontChoice,
    /// Points.
    pub size: f64,
    /// Where it starts.
    pub align: Align,
}

/// How far above the lower edge of a text field its baseline lies, in parts of the font size.
/// `sign::official` places fields so that this meets the baseline of the letter's line.
pub const FIELD_BASELINE: f64 = 0.25;

/// Draws a text field's value into the update; returns the form's reference.
///
/// # Errors
/// [`AppearanceError`].
pub fn text_field_form(
    update: &mut Update<'_>,
    text: FieldText<'_>,
    frame: Frame,
    drawing: Drawing,
) -> Result<ObjectId, AppearanceError> {
    let (width, _) = frame.seen();
    let mut font = TextFont::new(text.font)?;
    let wanted = font.width(text.text, text.size)?;
    let size = if wanted > width && width > 0.0 { text.size * width / wanted } else { text.size };
    let slack = (width - font.width(text.text, size)?).max(0.0);
    let x = match text.align {
        Align::Left => 0.0,
        Align::Centre => slack / 2.0,
        Align::Right => slack,
    };
    let codes = font.encode(text.text)?;
    let mut operations = vec![op("BMC", vec![lopdf::Object::Name(b"Tx".to_vec())])];
    operations.extend(show_text(&[(x, text.size * FIELD_BASELINE, codes)], size));
    operations.push(op("EMC", vec![]));
    let resources = Dictionary::new().with("Font", one_entry("F0", font.pack()?.embed(update, drawing)));
    form(update, frame, resources, operations, drawing)
}

/// An empty appearance: PDF/A wants one even on an invisible field (ISO 19005-2 6.3.3).
///
/// # Errors
/// [`AppearanceError::Content`].
pub fn empty_form(update: &mut Update<'_>, frame: Frame) -> Result<ObjectId, AppearanceError> {
    form(update, frame, Dictionary::new(), Vec::new(), Drawing::default())
}

fn draw_picture(picture: &PackedPicture, width: f64, height: f64) -> Vec<Operation> {
    let (w, h) = (f64::from(picture.width), f64::from(picture.height));
    let scale = (width / w).min(height / h);
    let (w, h) = (w * scale, h * scale);
    let place = [w, 0.0, 0.0, h, (width - w) / 2.0, (height - h) / 2.0];
    vec![
        op("q", vec![]),
        op("cm", place.into_iter().map(number).collect()),
        op("Do", vec![lopdf::Object::Name(b"Im0".to_vec())]),
        op("Q", vec![]),
    ]
}

/// Distance of baselines in parts of the font size: single spacing of Times.
const LEADING: f64 = 1.15;

/// The wanted size, or the largest at which all lines fit the box.
fn fitting_size(font: &TextFont, appearance: &Appearance, width: f64, height: f64) -> Result<f64, FontError> {
    let mut size = appearance.font_size;
    for line in &appearance.lines {
        let wanted = font.width(line, size)?;
        if wanted > width && wanted > 0.0 {
            size *= width / wanted;
        }
    }
    let tall = LEADING * appearance.lines.len() as f64;
    Ok(if tall * size > height { height / tall } else { size })
}

/// Lines of codes at `(x, y)` in black.
fn show_text(lines: &[(f64, f64, Vec<u8>)], size: f64) -> Vec<Operation> {
    let mut operations = vec![
        op("q", vec![]),
        op("BT", vec![]),
        op("Tf", vec![lopdf::Object::Name(b"F0".to_vec()), number(size)]),
        op("g", vec![number(0.0)]),
    ];
    for (x, y, codes) in lines {
        let matrix = [1.0, 0.0, 0.0, 1.0, *x, *y];
        operations.push(op("Tm", matrix.into_iter().map(number).collect()));
        let string = lopdf::Object::String(codes.clone(), lopdf::StringFormat::Hexadecimal);
        operations.push(op("Tj", vec![string]));
    }
    operations.extend([op("ET", vec![]), op("Q", vec![])]);
    operations
}

fn form(
    update: &mut Update<'_>,
    frame: Frame,
    mut resources: Dictionary,
    operations: Vec<Operation>,
    drawing: Drawing,
) -> Result<ObjectId, AppearanceError> {
    if !drawing.device_colours {
        resources.insert("ColorSpace", calibrated_defaults());
    }
    let content = Content { operations }.encode().map_err(|e| AppearanceError::Content(e.to_string()))?;
    let (width, height) = frame.seen();
    let reals = |values: &[f64]| Object::Array(values.iter().map(|v| Object::real(*v)).collect());
    let dictionary = Dictionary::new()
        .with("Type", Object::name("XObject"))
        .with("Subtype", Object::name("Form"))
        .with("BBox", reals(&[0.0, 0.0, width, height]))
        .with("Matrix", reals(&frame.matrix()))
        .with("Resources", resources);
    Ok(update.add(compressed(dictionary, &content)))
}

fn one_entry(key: &str, value: ObjectId) -> Object {
    Dictionary::new().with(key, value).into()
}

fn op(operator: &str, operands: Vec<lopdf::Object>) -> Operation {
    Operation::new(operator, operands)
}

fn number(value: f64) -> lopdf::Object {
    // Thousandths of a point are finer than any printer.
    lopdf::Object::Real(((value * 1000.0).round() / 1000.0) as f32)
}
