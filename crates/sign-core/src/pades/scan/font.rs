//! As much of a font as it takes to say where letters stand and which they are: widths and, where it
//! is certain, characters (ISO 32000-2 9.6, 9.7, 9.10).

use super::content::{Operand, Tokens};
use super::{entry, name_of};
use crate::pdf::{Object, View};
use std::collections::HashMap;

/// Entries read of one table of a font.
const MOST_ENTRIES: usize = 70_000;

/// One font.
#[derive(Debug, Default)]
pub(super) struct Font {
    pub(super) two_bytes: bool,
    /// In thousandths of the size.
    widths: HashMap<u32, f64>,
    default_width: f64,
    characters: HashMap<u32, char>,
    /// Codes without an entry are ASCII.
    is_ascii: bool,
}

impl Font {
    pub(super) fn read(view: View<'_>, font: &Object) -> Self {
        let mut read = match name_of(&entry(view, font, "Subtype")).as_str() {
            "Type0" => Self::composite(view, font),
            _ => Self::simple(view, font),
        };
        if let Object::Stream(map) = entry(view, font, "ToUnicode") {
            read.read_characters(&view.stream_data(&map).unwrap_or_default());
        }
        read
    }

    pub(super) fn width(&self, code: u32) -> f64 {
        self.widths.get(&code).copied().unwrap_or(self.default_width) / 1000.0
    }

    /// The character, if the font says for certain which it is.
    pub(super) fn character(&self, code: u32) -> Option<char> {
        let ascii = || char::from_u32(code).filter(|c| self.is_ascii && (' '..='~').contains(c));
        self.characters.get(&code).copied().or_else(ascii)
    }

    fn simple(view: View<'_>, font: &Object) -> Self {
        let first = entry(view, font, "FirstChar").as_integer().and_then(|n| u32::try_from(n).ok());
        let widths = entry(view, font, "Widths");
        let widths = widths.as_array().unwrap_or_default().iter().take(256).enumerate();
        let first = first.unwrap_or(0);
        let width = |(at, width): (usize, &Object)| {
            Some((first.checked_add(u32::try_from(at).ok()?)?, number(view, width)?))
        };
        let encoding = entry(view, font, "Encoding");
        let subset = name_of(&entry(view, font, "BaseFont")).contains('+');
        Self {
            widths: widths.filter_map(width).collect(),
            default_width: 500.0,
            // A subset without an encoding may number its glyphs as it likes.
            is_ascii: encoding.as_name().is_some() || (encoding.is_null() && !subset),
            ..Self::default()
        }
    }

    fn composite(view: View<'_>, font: &Object) -> Self {
        let descendants = entry(view, font, "DescendantFonts");
        let descendant = descendants.as_array().and_then(|list| view.resolve(list.first()?).ok());
        let descendant = descendant.map_or(Object::Null, |font| Object::clone(&font));
        let default_width = entry(view, &descendant, "DW").as_f64().unwrap_or(1000.0);
        let mut read = Self { two_bytes: true, default_width, ..Self::default() };
        read.read_composite_widths(view, &entry(view, &descendant, "W"));
        read
    }

    /// 9.7.4.3: `c [w1 w2 …]` or `first last w`.
    fn read_composite_widths(&mut self, view: View<'_>, list: &Object) {
        let mut items = list.as_array().unwrap_or_default().iter();
        while let Some(first) = items.next().and_then(|first| code(view, first)) {
            let Some(second) = items.next().and_then(|item| view.resolve(item).ok()) else { return };
            if let Some(widths) = second.as_array() {
                for (code, width) in (first..).zip(widths) {
                    self.set_width(code, number(view, width));
                }
            } else if let (Some(last), Some(width)) = (code(view, &second), items.next()) {
                let width = number(view, width);
                (first..=last).take(MOST_ENTRIES).for_each(|code| self.set_width(code, width));
            }
        }
    }

    fn set_width(&mut self, code: u32, width: Option<f64>) {
        if let Some(width) = width.filter(|_| self.widths.len() < MOST_ENTRIES) {
            self.widths.insert(code, width);
        }
    }

    /// 9.10.3: `<code> <text>` between beginbfchar and endbfchar, `<first> <last> <text>` or
    /// `<first> <last> [<text> …]` between beginbfrange and endbfrange.
    fn read_characters(&mut self, map: &[u8]) {
        let mut tokens = Tokens::new(map);
        while let Some((operator, operands)) = tokens.next_operation() {
            match operator.as_slice() {
                b"endbfchar" => {
                    for pair in operands.chunks_exact(2) {
                        if let [Operand::Text(code), Operand::Text(text)] = pair {
                            self.set_character(big_endian(code), first_character(text));
                        }
                    }
                }
                b"endbfrange" => self.read_ranges(&operands),
                _ => {}
            }
        }
    }

    fn read_ranges(&mut self, operands: &[Operand]) {
        for triple in operands.chunks_exact(3) {
            let [Operand::Text(first), Operand::Text(last), target] = triple else { continue };
            let codes = (big_endian(first)..=big_endian(last)).take(MOST_ENTRIES);
            match target {
                Operand::Text(text) => {
                    let start = first_character(text).map_or(0, u32::from);
                    for (code, character) in codes.zip(start..) {
                        self.set_character(code, char::from_u32(character));
                    }
                }
                Operand::Array(texts) => {
                    for (code, text) in codes.zip(texts) {
                        if let Operand::Text(text) = text {
                            self.set_character(code, first_character(text));
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn set_character(&mut self, code: u32, character: Option<char>) {
        if let Some(character) = character.filter(|_| self.characters.len() < MOST_ENTRIES) {
            self.characters.insert(code, character);
        }
    }
}

fn number(view: View<'_>, object: &Object) -> Option<f64> {
    view.resolve(object).ok()?.as_f64()
}

fn code(view: View<'_>, object: &Object) -> Option<u32> {
    u32::try_from(view.resolve(object).ok()?.as_integer()?).ok()
}

pub(super) fn big_endian(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).fold(0, |sum, byte| (sum << 8) | u32::from(*byte))
}

/// Of a text in UTF-16BE; ligatures have more, which matters to nobody here.
fn first_character(text: &[u8]) -> Option<char> {
    let units = text.chunks_exact(2).map(|pair| u16::try_from(big_endian(pair)).unwrap_or_default());
    char::decode_utf16(units).next()?.ok()
}
