//! Where a page's letters stand, which pictures are painted over them and whether areas are: content streams
//! read as far as that needs (ISO 32000-2 7.8.2, 8.3, 8.5, 9.4). No colours, no clipping, no drawing.

use super::font::{Font, big_endian};
use super::{entry, name_of};
use crate::error::PdfError;
use crate::limits::LimitExceeded;
use crate::pdf::{Dictionary, Object, ObjectId, Page, Stream, View};
use std::collections::HashMap;
use std::rc::Rc;

/// Letters of one page or form; the fullest honest page measured has 30,000.
const MOST_GLYPHS: usize = 200_000;
/// Forms inside forms.
const DEEPEST: u32 = 12;
/// Forms painted on one page.
const MOST_FORMS: u32 = 5_000;
/// Operands kept for one operator; the table of a ToUnicode map has at most 100 entries of three.
const MOST_OPERANDS: usize = 4_096;
/// Saved graphics states.
const DEEPEST_STATE: usize = 256;
/// A line this wide, in units of user space, covers letters.
const WIDE_LINE: f64 = 4.0;
/// What is painted with so much of its colour at most lets see what is beneath.
const LETS_THROUGH: f64 = 0.5;
/// Text rendering mode: neither filled nor stroked, as OCR puts it under a scan (table 104).
const INVISIBLE: i64 = 3;

/// One letter.
#[derive(Debug, Clone, Copy)]
pub(super) struct Glyph {
    /// Its middle, in default user space.
    x: f64,
    y: f64,
    code: u32,
    pub(super) character: Option<char>,
}

/// A picture without transparency, and how many letters were there before it was painted.
#[derive(Debug)]
pub(super) struct Image {
    pub(super) rect: [f64; 4],
    pub(super) glyphs_before: usize,
    pub(super) object: Option<ObjectId>,
}

/// What stands on a page.
#[derive(Debug, Default)]
pub(super) struct Text {
    pub(super) glyphs: Vec<Glyph>,
    pub(super) images: Vec<Image>,
    /// Areas, wide lines, shadings and pictures in the content itself that let nothing through.
    pub(super) areas: usize,
}

impl Text {
    /// How many of the first `count` letters lie in the box. Blanks and leaders (one sign again and
    /// again, as in `Số: ……`) are there to be written on and do not count.
    pub(super) fn shows_letters_in(&self, [x0, y0, x1, y1]: [f64; 4], count: usize) -> usize {
        let inside = |g: &&Glyph| g.x > x0 && g.x < x1 && g.y > y0 && g.y < y1;
        let leader = |c: char| c.is_whitespace() || matches!(c, '.' | '…' | '_' | '-' | '‥' | '·');
        let letters = self.glyphs.iter().take(count).filter(inside);
        let letters: Vec<u32> =
            letters.filter(|glyph| !glyph.character.is_some_and(leader)).map(|glyph| glyph.code).collect();
        let all_the_same = letters.len() > 2 && letters.windows(2).all(|pair| pair.first() == pair.last());
        if all_the_same { 0 } else { letters.len() }
    }

    /// All of it as text; none if the fonts do not say for certain what a letter is.
    pub(super) fn characters(&self) -> Option<String> {
        self.glyphs.iter().map(|glyph| glyph.character).collect()
    }
}

/// Reads pages and forms; fonts are read once.
pub(super) struct Reader<'d> {
    view: View<'d>,
    fonts: HashMap<ObjectId, Rc<Font>>,
}

impl<'d> Reader<'d> {
    pub(super) fn new(view: View<'d>) -> Self {
        Self { view, fonts: HashMap::new() }
    }

    /// Whether the page has both fonts and pictures that could lie on their letters.
    pub(super) fn may_hide_text(&self, page: &Page) -> bool {
        let resources = Object::Dictionary(page.resources.clone());
        let fonts = entry(self.view, &resources, "Font");
        let pictures = entry(self.view, &resources, "XObject");
        fonts.as_dictionary().is_some_and(|fonts| !fonts.is_empty())
            && pictures.as_dictionary().is_some_and(|pictures| {
                pictures.iter().any(|(_, picture)| {
                    self.view.resolve(picture).is_ok_and(|picture| is_opaque_image(self.view, &picture))
                })
            })
    }

    pub(super) fn page(&mut self, page: &Page) -> Result<Text, PdfError> {
        let contents = self.view.get(&page.dictionary, "Contents")?;
        let parts = match &*contents {
            Object::Array(parts) => parts.clone(),
            whole => vec![whole.clone()],
        };
        let mut data = Vec::new();
        for part in &parts {
            if let Object::Stream(stream) = &*self.view.resolve(part)? {
                data.extend(self.view.stream_data(stream)?);
                data.push(b'\n');
            }
        }
        let mut painter = Painter { reader: self, text: Text::default(), forms: 0 };
        painter.paint(&data, &page.resources, State::default(), 0)?;
        Ok(painter.text)
    }

    /// What the form shows, in its own space.
    pub(super) fn form(&mut self, form: &Stream) -> Result<Text, PdfError> {
        let data = self.view.stream_data(form)?;
        let whole = Object::Dictionary(form.dictionary.clone());
        let resources = entry(self.view, &whole, "Resources").as_dictionary().cloned().unwrap_or_default();
        let mut painter = Painter { reader: self, text: Text::default(), forms: 0 };
        painter.paint(&data, &resources, State::default(), 0)?;
        Ok(painter.text)
    }

    fn font(&mut self, resources: &Dictionary, name: &str) -> Rc<Font> {
        let fonts = entry(self.view, &Object::Dictionary(resources.clone()), "Font");
        let Some(value) = fonts.as_dictionary().and_then(|fonts| fonts.get(name)) else {
            return Rc::default();
        };
        let read = |value: &Object| {
            let font = self.view.resolve(value).map_or(Object::Null, |font| Object::clone(&font));
            Rc::new(Font::read(self.view, &font))
        };
        match value.as_reference() {
            Some(id) => Rc::clone(self.fonts.entry(id).or_insert_with(|| read(value))),
            None => read(value),
        }
    }
}

/// A picture that lets nothing through.
fn is_opaque_image(view: View<'_>, picture: &Object) -> bool {
    let absent = |key: &str| entry(view, picture, key).is_null();
    name_of(&entry(view, picture, "Subtype")) == "Image"
        && absent("SMask")
        && absent("Mask")
        && entry(view, picture, "ImageMask").as_boolean() != Some(true)
}

type Matrix = [f64; 6];
const IDENTITY: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

/// `a`, then `b` (8.3.4).
fn times(a: Matrix, b: Matrix) -> Matrix {
    let ([a0, a1, a2, a3, a4, a5], [b0, b1, b2, b3, b4, b5]) = (a, b);
    [
        a0 * b0 + a1 * b2,
        a0 * b1 + a1 * b3,
        a2 * b0 + a3 * b2,
        a2 * b1 + a3 * b3,
        a4 * b0 + a5 * b2 + b4,
        a4 * b1 + a5 * b3 + b5,
    ]
}

fn at(m: Matrix, x: f64, y: f64) -> (f64, f64) {
    (m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5])
}

/// What `q` saves.
#[derive(Clone)]
struct State {
    matrix: Matrix,
    font: Rc<Font>,
    size: f64,
    leading: f64,
    spacing: f64,
    word_spacing: f64,
    scale: f64,
    rise: f64,
    mode: i64,
    line_width: f64,
    /// Painted so that what is beneath can be seen.
    lets_through: bool,
}

impl Default for State {
    fn default() -> Self {
        Self {
            matrix: IDENTITY,
            font: Rc::default(),
            size: 0.0,
            leading: 0.0,
            spacing: 0.0,
            word_spacing: 0.0,
            scale: 1.0,
            rise: 0.0,
            mode: 0,
            line_width: 1.0,
            lets_through: false,
        }
    }
}

struct Painter<'r, 'd> {
    reader: &'r mut Reader<'d>,
    text: Text,
    forms: u32,
}

impl Painter<'_, '_> {
    fn paint(
        &mut self,
        data: &[u8],
        resources: &Dictionary,
        mut state: State,
        depth: u32,
    ) -> Result<(), PdfError> {
        let mut saved: Vec<State> = Vec::new();
        let (mut line, mut matrix) = (IDENTITY, IDENTITY);
        let mut tokens = Tokens::new(data);
        while let Some((operator, operands)) = tokens.next_operation() {
            let n = |index: usize| operands.get(index).and_then(Operand::number).unwrap_or(0.0);
            let six = || [n(0), n(1), n(2), n(3), n(4), n(5)];
            let mut next_line = |x: f64, y: f64, matrix: &mut Matrix| {
                line = times([1.0, 0.0, 0.0, 1.0, x, y], line);
                *matrix = line;
            };
            match operator.as_slice() {
                b"q" if saved.len() < DEEPEST_STATE => saved.push(state.clone()),
                b"Q" => state = saved.pop().unwrap_or(state),
                b"cm" => state.matrix = times(six(), state.matrix),
                b"w" => state.line_width = n(0),
                b"gs" => {
                    let name = operands.first().and_then(Operand::name).unwrap_or_default();
                    self.graphics_state(&name, resources, &mut state);
                }
                b"f" | b"F" | b"f*" | b"B" | b"B*" | b"b" | b"b*" | b"sh" | INLINE_IMAGE => {
                    self.text.areas += usize::from(!state.lets_through);
                }
                b"S" | b"s" => {
                    let [a, b, c, d, _, _] = state.matrix;
                    let scale = (a * d - b * c).abs().sqrt();
                    let covers = state.line_width * scale >= WIDE_LINE && !state.lets_through;
                    self.text.areas += usize::from(covers);
                }
                b"BT" => (line, matrix) = (IDENTITY, IDENTITY),
                b"Tf" => {
                    let name = operands.first().and_then(Operand::name).unwrap_or_default();
                    (state.font, state.size) = (self.reader.font(resources, &name), n(1));
                }
                b"Tc" => state.spacing = n(0),
                b"Tw" => state.word_spacing = n(0),
                b"Tz" => state.scale = n(0) / 100.0,
                b"TL" => state.leading = n(0),
                b"Ts" => state.rise = n(0),
                b"Tr" => state.mode = n(0) as i64,
                b"Tm" => (line, matrix) = (six(), six()),
                b"Td" => next_line(n(0), n(1), &mut matrix),
                b"TD" => {
                    state.leading = -n(1);
                    next_line(n(0), n(1), &mut matrix);
                }
                b"T*" => next_line(0.0, -state.leading, &mut matrix),
                b"Tj" | b"TJ" => self.show(&operands, &state, &mut matrix)?,
                b"'" | b"\"" => {
                    if let [a, b, _] = operands.as_slice() {
                        state.word_spacing = a.number().unwrap_or(0.0);
                        state.spacing = b.number().unwrap_or(0.0);
                    }
                    next_line(0.0, -state.leading, &mut matrix);
                    self.show(&operands, &state, &mut matrix)?;
                }
                b"Do" => {
                    let name = operands.first().and_then(Operand::name).unwrap_or_default();
                    self.object(&name, resources, &state, depth)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// 8.4.5: what an ExtGState says about transparency.
    fn graphics_state(&self, name: &str, resources: &Dictionary, state: &mut State) {
        let view = self.reader.view;
        let states = entry(view, &Object::Dictionary(resources.clone()), "ExtGState");
        let found = entry(view, &states, name);
        let mode = entry(view, &found, "BM");
        let mode = mode.as_array().and_then(<[Object]>::first).map_or(mode.clone(), Object::clone);
        let darkens = matches!(name_of(&mode).as_str(), "Multiply" | "Darken" | "ColorBurn");
        let faint = |key| entry(view, &found, key).as_f64().is_some_and(|alpha| alpha <= LETS_THROUGH);
        let says = |key| !entry(view, &found, key).is_null();
        if says("BM") || says("ca") || says("CA") {
            state.lets_through = darkens || (faint("ca") && (!says("CA") || faint("CA")));
        }
    }

    fn show(&mut self, operands: &[Operand], state: &State, matrix: &mut Matrix) -> Result<(), PdfError> {
        for operand in operands {
            match operand {
                Operand::Text(bytes) => self.letters(bytes, state, matrix)?,
                Operand::Array(items) => {
                    for item in items {
                        match item {
                            Operand::Text(bytes) => self.letters(bytes, state, matrix)?,
                            Operand::Number(gap) => {
                                let x = -gap / 1000.0 * state.size * state.scale;
                                *matrix = times([1.0, 0.0, 0.0, 1.0, x, 0.0], *matrix);
                            }
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn letters(&mut self, bytes: &[u8], state: &State, matrix: &mut Matrix) -> Result<(), PdfError> {
        let bytes_of_code = if state.font.two_bytes { 2 } else { 1 };
        for code in bytes.chunks(bytes_of_code).map(big_endian) {
            let width = state.font.width(code) * state.size;
            if state.mode != INVISIBLE {
                if self.text.glyphs.len() >= MOST_GLYPHS {
                    return Err(LimitExceeded { limit: "glyphs", allowed: MOST_GLYPHS as u64 }.into());
                }
                let (x, y) = at(times(*matrix, state.matrix), width / 2.0, state.rise + 0.3 * state.size);
                let character = state.font.character(code);
                self.text.glyphs.push(Glyph { x, y, code, character });
            }
            let word = if code == 32 && !state.font.two_bytes { state.word_spacing } else { 0.0 };
            let advance = (width + state.spacing + word) * state.scale;
            *matrix = times([1.0, 0.0, 0.0, 1.0, advance, 0.0], *matrix);
        }
        Ok(())
    }

    fn object(
        &mut self,
        name: &str,
        resources: &Dictionary,
        state: &State,
        depth: u32,
    ) -> Result<(), PdfError> {
        let view = self.reader.view;
        let objects = entry(view, &Object::Dictionary(resources.clone()), "XObject");
        let Some(value) = objects.as_dictionary().and_then(|objects| objects.get(name)) else {
            return Ok(());
        };
        let object = view.resolve(value)?;
        let Object::Stream(stream) = &*object else { return Ok(()) };
        if name_of(&entry(view, &object, "Subtype")) == "Form" {
            self.forms += 1;
            if depth >= DEEPEST || self.forms > MOST_FORMS {
                return Err(LimitExceeded { limit: "forms", allowed: MOST_FORMS.into() }.into());
            }
            let numbers = entry(view, &object, "Matrix");
            let numbers: Vec<f64> =
                numbers.as_array().unwrap_or_default().iter().filter_map(Object::as_f64).collect();
            let own: Matrix = numbers.try_into().unwrap_or(IDENTITY);
            let inner = State { matrix: times(own, state.matrix), ..state.clone() };
            let own = entry(view, &object, "Resources");
            let data = view.stream_data(stream)?;
            self.paint(&data, own.as_dictionary().unwrap_or(resources), inner, depth + 1)?;
        } else if is_opaque_image(view, &object) {
            let corners =
                [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)].map(|(x, y)| at(state.matrix, x, y));
            let low = |pick: fn(&(f64, f64)) -> f64| corners.iter().map(pick).fold(f64::INFINITY, f64::min);
            let high =
                |pick: fn(&(f64, f64)) -> f64| corners.iter().map(pick).fold(f64::NEG_INFINITY, f64::max);
            let rect = [low(|p| p.0), low(|p| p.1), high(|p| p.0), high(|p| p.1)];
            let glyphs_before = self.text.glyphs.len();
            self.text.images.push(Image { rect, glyphs_before, object: value.as_reference() });
        }
        Ok(())
    }
}

/// What stands for a whole inline image (8.9.7).
const INLINE_IMAGE: &[u8] = b"BI";

/// An operand of a content stream.
#[derive(Debug, Clone)]
pub(super) enum Operand {
    Number(f64),
    Name(String),
    Text(Vec<u8>),
    Array(Vec<Operand>),
}

impl Operand {
    fn number(&self) -> Option<f64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }

    fn name(&self) -> Option<String> {
        if let Self::Name(name) = self { Some(name.clone()) } else { None }
    }
}

/// Splits content into operators with their operands. Lenient: what makes no sense is passed over.
pub(super) struct Tokens<'b> {
    rest: &'b [u8],
}

impl<'b> Tokens<'b> {
    pub(super) fn new(data: &'b [u8]) -> Self {
        Self { rest: data }
    }

    /// The next operator and the operands before it.
    pub(super) fn next_operation(&mut self) -> Option<(Vec<u8>, Vec<Operand>)> {
        let mut operands: Vec<Operand> = Vec::new();
        let mut array: Option<Vec<Operand>> = None;
        loop {
            self.skip_white();
            let (first, after) = self.rest.split_first()?;
            let operand = match first {
                b'[' => {
                    self.rest = after;
                    array = Some(Vec::new());
                    continue;
                }
                b']' => {
                    self.rest = after;
                    let Some(items) = array.take() else { continue };
                    Operand::Array(items)
                }
                b'(' => Operand::Text(self.literal(after)),
                b'<' if after.first() == Some(&b'<') => {
                    self.rest = after.get(1..).unwrap_or_default();
                    continue;
                }
                b'<' => Operand::Text(self.hexadecimal(after)),
                b'/' => {
                    self.rest = after;
                    Operand::Name(String::from_utf8_lossy(self.word()).into_owned())
                }
                b'>' | b'{' | b'}' | b')' => {
                    self.rest = after;
                    continue;
                }
                _ => match self.word() {
                    b"BI" => {
                        self.skip_inline_image();
                        return Some((INLINE_IMAGE.to_vec(), operands));
                    }
                    word => match number(word) {
                        Some(number) => Operand::Number(number),
                        None if array.is_some() => continue,
                        None => return Some((word.to_vec(), operands)),
                    },
                },
            };
            let list = array.as_mut().unwrap_or(&mut operands);
            if list.len() < MOST_OPERANDS {
                list.push(operand);
            }
        }
    }

    fn skip_white(&mut self) {
        while let Some((first, after)) = self.rest.split_first() {
            match first {
                b'%' => {
                    let end = after.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
                    self.rest = after.get(end.unwrap_or(after.len())..).unwrap_or_default();
                }
                0 | b'\t' | b'\n' | 0x0C | b'\r' | b' ' => self.rest = after,
                _ => return,
            }
        }
    }

    fn word(&mut self) -> &'b [u8] {
        let ends = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0 || b"()<>[]{}/%".contains(byte);
        let end = self.rest.iter().position(ends).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    /// After the opening bracket.
    fn literal(&mut self, mut rest: &'b [u8]) -> Vec<u8> {
        let (mut text, mut open) = (Vec::new(), 1);
        while let Some((byte, after)) = rest.split_first() {
            rest = after;
            match byte {
                b'\\' => rest = escape(rest, &mut text),
                b')' => {
                    open -= 1;
                    if open == 0 {
                        break;
                    }
                    text.push(b')');
                }
                b'(' => {
                    open += 1;
                    text.push(b'(');
                }
                byte => text.push(*byte),
            }
        }
        self.rest = rest;
        text
    }

    fn hexadecimal(&mut self, rest: &'b [u8]) -> Vec<u8> {
        let end = rest.iter().position(|byte| *byte == b'>').unwrap_or(rest.len());
        let (digits, after) = rest.split_at(end);
        self.rest = after.get(1..).unwrap_or_default();
        let digits: Vec<u32> = digits.iter().filter_map(|byte| char::from(*byte).to_digit(16)).collect();
        let byte =
            |pair: &[u32]| pair.iter().fold(0, |sum, digit| sum * 16 + digit) << (4 * (2 - pair.len()));
        digits.chunks(2).map(|pair| u8::try_from(byte(pair)).unwrap_or_default()).collect()
    }

    /// 8.9.7: to `EI` with white space around it.
    fn skip_inline_image(&mut self) {
        let end = self.rest.windows(4).position(
            |w| matches!(w, [a, b'E', b'I', b] if a.is_ascii_whitespace() && b.is_ascii_whitespace()),
        );
        self.rest = end.and_then(|end| self.rest.get(end + 3..)).unwrap_or_default();
    }
}

/// What follows a backslash in a literal string (table 3).
fn escape<'b>(rest: &'b [u8], text: &mut Vec<u8>) -> &'b [u8] {
    let octal = rest.iter().take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
    if octal > 0 {
        let (digits, after) = rest.split_at(octal);
        text.push(digits.iter().fold(0u8, |sum, digit| sum.wrapping_mul(8).wrapping_add(digit - b'0')));
        return after;
    }
    let Some((byte, after)) = rest.split_first() else { return rest };
    match byte {
        b'n' => text.push(b'\n'),
        b'r' => text.push(b'\r'),
        b't' => text.push(b'\t'),
        b'b' => text.push(8),
        b'f' => text.push(12),
        b'\n' => {}
        b'\r' => return after.strip_prefix(b"\n").unwrap_or(after),
        other => text.push(*other),
    }
    after
}

fn number(word: &[u8]) -> Option<f64> {
    let digits = |byte: &u8| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+');
    let number: f64 = std::str::from_utf8(word).ok().filter(|_| word.iter().all(digits))?.parse().ok()?;
    number.is_finite().then_some(number)
}
