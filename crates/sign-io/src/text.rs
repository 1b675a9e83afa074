//! The text of pages as lines of characters with their boxes, in default user space units.
//!
//! For finding places on a page ([`crate::anchor`]), not for indexing: characters come from what
//! the fonts say about themselves (ToUnicode, glyph names), so a document can lie about them. Text
//! that stands upright on an unrotated page is read; turned text is left out. Appearances of
//! annotations and fields are not part of it. A letter and its combining marks become one character
//! (NFC): producers write `ệ` in five ways, and a search must find them all.

use crate::draw::{DrawError, DrawLimits, Drawable, with_pdf};
use hayro::kurbo::{Affine, BezPath, Point, Rect};
use hayro_interpret::font::{Glyph, GlyphRun};
use hayro_interpret::hayro_cmap::BfString;
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache,
    InterpreterSettings, RenderContent, SoftMask, interpret_page,
};
use hayro_syntax::page::Page;
use std::ops::Range;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// One line of text, left to right.
#[derive(Debug, Clone, PartialEq)]
pub struct TextLine {
    /// The page, the first is 0.
    pub page: usize,
    /// Its characters; wide gaps between words show as one space that has no ink.
    pub chars: Vec<TextChar>,
    /// Height above the page's origin of the highest baseline on the line.
    pub baseline: f64,
    /// The largest font size on the line.
    pub font_size: f64,
}

/// One character and where it stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TextChar {
    /// The character.
    pub character: char,
    /// Left edge.
    pub x0: f64,
    /// Right edge (the advance, not the ink).
    pub x1: f64,
    /// Font size.
    pub size: f64,
    /// Height of its own baseline: columns side by side are one line and may differ a little.
    pub baseline: f64,
}

impl TextLine {
    /// The characters as a text.
    pub fn text(&self) -> String {
        self.chars.iter().map(|c| c.character).collect()
    }

    /// The box around characters of this line, from a quarter of the size below the baseline to
    /// nine tenths above, which holds accented capitals of usual fonts.
    pub fn rect(&self, chars: Range<usize>) -> Option<[f64; 4]> {
        let chars = self.chars.get(chars)?;
        let (first, last) = (chars.first()?, chars.last()?);
        let size = chars.iter().map(|c| c.size).fold(0.0, f64::max);
        Some([first.x0, first.baseline - 0.25 * size, last.x1, first.baseline + 0.9 * size])
    }
}

/// Reads the lines of the pages in `pages` (the first is 0; all with `None`), top to bottom.
///
/// # Errors
/// [`DrawError`].
pub fn page_lines(
    document: impl Into<Drawable>,
    pages: Option<Range<usize>>,
    limits: &DrawLimits,
) -> Result<Vec<TextLine>, DrawError> {
    let bounds = *limits;
    with_pdf(document.into(), limits, move |pdf| {
        let all = pdf.pages();
        let range = pages.unwrap_or(0..all.len());
        if range.len() > bounds.pages {
            return Err(DrawError::Limit { limit: "pages", allowed: bounds.pages as u64 });
        }
        let cache = InterpreterCache::new();
        let mut lines = Vec::new();
        let mut left = bounds.glyphs;
        for number in range {
            let page = all.get(number);
            let page = page.ok_or(DrawError::NoSuchPage { page: number + 1, pages: all.len() })?;
            lines.extend(lines_of(page, number, &cache, RenderContent::PAGE, &mut left));
            if left == 0 {
                return Err(DrawError::Limit { limit: "glyphs", allowed: bounds.glyphs as u64 });
            }
        }
        Ok(lines)
    })
}

/// The lines of one page, of its own content or also of what lies on it; `left` are the glyphs that may
/// still be read, none when they ran out.
pub(crate) fn lines_of<'a>(
    page: &'a Page<'a>,
    number: usize,
    cache: &InterpreterCache<'a>,
    render_content: RenderContent,
    left: &mut usize,
) -> Vec<TextLine> {
    let settings = InterpreterSettings { render_content, ..InterpreterSettings::default() };
    // No transform: positions stay in default user space.
    let everywhere = Rect::new(-1e6, -1e6, 1e6, 1e6);
    let mut context = Context::new(Affine::IDENTITY, everywhere, cache, page.xref(), settings);
    let mut collector = Collector { chars: Vec::new(), left: *left };
    interpret_page(page, &mut context, &mut collector);
    *left = collector.left;
    into_lines(number, collector.chars)
}

struct Collector {
    chars: Vec<TextChar>,
    left: usize,
}

impl Collector {
    fn add(&mut self, text: &BfString, origin: Point, size: f64, advance: f64) {
        let single;
        let text = match text {
            BfString::Char(c) => {
                single = c.to_string();
                single.as_str()
            }
            BfString::String(s) => s.as_str(),
        };
        // A ligature's characters share its width.
        let width = advance / text.chars().count().max(1) as f64;
        for (i, character) in text.chars().enumerate() {
            self.left = self.left.saturating_sub(1);
            if self.left == 0 {
                return;
            }
            let x0 = origin.x + width * i as f64;
            let character = match character {
                '\u{a0}' | '\t' => ' ',
                other => other,
            };
            self.chars.push(TextChar { character, x0, x1: x0 + width, size, baseline: origin.y });
        }
    }
}

impl Device<'_> for Collector {
    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'_>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'_, '_>, _: ImageDrawProps<'_>) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, '_>, props: DrawProps<'_>, _: &DrawMode) {
        for glyph in run.glyphs() {
            let Some(text) = glyph.as_unicode() else { continue };
            // Glyph space has 1000 units to the em, so the transform's scale is size / 1000.
            let [a, b, c, d, x, y] = (props.transform * glyph.transform()).as_coeffs();
            let upright = a > 0.0 && d > 0.0 && b.abs() < 0.02 * a && c.abs() < 0.5 * d;
            let finite = [a, d, x, y].iter().all(|n| n.is_finite() && n.abs() < 1e6);
            if upright && finite {
                let advance = match &**glyph {
                    Glyph::Outline(outline) => outline.advance_width(),
                    Glyph::Type3(type3) => type3.advance_width(),
                };
                let advance = f64::from(advance.unwrap_or(500.0)) * a;
                self.add(&text, Point::new(x, y), d * 1000.0, advance);
            }
        }
    }
}

/// Characters whose baselines differ by less than this part of the size share a line.
const SAME_LINE: f64 = 0.3;
/// A gap wider than this part of the size is a space.
const GAP: f64 = 0.2;

fn into_lines(page: usize, mut chars: Vec<TextChar>) -> Vec<TextLine> {
    chars.sort_by(|a, b| b.baseline.total_cmp(&a.baseline));
    let mut lines: Vec<(f64, f64, Vec<TextChar>)> = Vec::new();
    for char in chars {
        match lines.last_mut() {
            Some((baseline, size, chars)) if *baseline - char.baseline < SAME_LINE * size.max(char.size) => {
                *size = size.max(char.size);
                chars.push(char);
            }
            _ => lines.push((char.baseline, char.size, vec![char])),
        }
    }
    let finish = |(baseline, font_size, mut chars): (f64, f64, Vec<TextChar>)| {
        chars.sort_by(|a, b| a.x0.total_cmp(&b.x0));
        TextLine { page, chars: join(&chars), baseline, font_size }
    };
    lines.into_iter().map(finish).collect()
}

fn join(chars: &[TextChar]) -> Vec<TextChar> {
    let mut joined: Vec<TextChar> = Vec::with_capacity(chars.len());
    for next in chars {
        let Some(last) = joined.last_mut() else {
            joined.push(*next);
            continue;
        };
        if let Some(character) = compose(last.character, next.character) {
            last.character = character;
            last.x1 = last.x1.max(next.x1);
            continue;
        }
        // Bold made by printing twice, or fill and stroke in two runs.
        let again = last.character == next.character && (next.x0 - last.x0).abs() < 0.1 * next.size;
        if again && next.character != ' ' {
            continue;
        }
        let gap = next.x0 - last.x1;
        if gap > GAP * next.size && last.character != ' ' && next.character != ' ' {
            let space = TextChar { character: ' ', x0: last.x1, x1: next.x0, ..*next };
            joined.push(space);
        }
        joined.push(*next);
    }
    joined
}

/// The one character that `letter` with a combining `mark` is.
fn compose(letter: char, mark: char) -> Option<char> {
    if !is_combining_mark(mark) {
        return None;
    }
    let mut composed = [letter, mark].into_iter().nfc();
    let one = composed.next()?;
    composed.next().is_none().then_some(one)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A line of characters half an em wide at size 10 from x = 100 on.
    pub(crate) fn line(baseline: f64, text: &str) -> TextLine {
        let char = |(i, character)| {
            let x0 = 100.0 + 5.0 * i as f64;
            TextChar { character, x0, x1: x0 + 5.0, size: 10.0, baseline }
        };
        let chars = text.chars().enumerate().map(char).collect();
        TextLine { page: 0, chars, baseline, font_size: 10.0 }
    }

    fn placed(character: char, x0: f64, baseline: f64) -> TextChar {
        TextChar { character, x0, x1: x0 + 5.0, size: 10.0, baseline }
    }

    #[test]
    fn lines_are_read_top_down_and_left_to_right() {
        let chars = vec![placed('c', 10.0, 50.0), placed('b', 15.0, 99.0), placed('a', 10.0, 100.0)];
        let texts: Vec<String> = into_lines(0, chars).iter().map(TextLine::text).collect();
        assert_eq!(texts, ["ab", "c"]);
    }

    #[test]
    fn a_character_keeps_its_own_baseline() {
        let lines = into_lines(0, vec![placed('a', 0.0, 100.0), placed('b', 50.0, 99.5)]);
        assert_eq!(lines[0].rect(2..3).unwrap()[1], 97.0);
    }

    #[test]
    fn a_gap_is_a_space_and_a_double_print_is_one_letter() {
        let chars = vec![placed('a', 0.0, 0.0), placed('a', 0.3, 0.0), placed('b', 60.0, 0.0)];
        let lines = into_lines(0, chars);
        assert_eq!(lines[0].text(), "a b");
        assert_eq!((lines[0].chars[1].x0, lines[0].chars[1].x1), (5.0, 60.0));
    }

    #[test]
    fn five_spellings_of_a_letter_are_one() {
        for spelling in ["ệ", "ê\u{323}", "ẹ\u{302}", "e\u{323}\u{302}", "e\u{302}\u{323}"] {
            let chars = spelling.chars().enumerate().map(|(i, c)| placed(c, 0.001 * i as f64, 0.0));
            assert_eq!(into_lines(0, chars.collect())[0].text(), "ệ", "{}", spelling.escape_unicode());
        }
        let chars = vec![placed('x', 0.0, 0.0), placed('\u{301}', 5.0, 0.0)];
        assert_eq!(into_lines(0, chars)[0].text(), "x\u{301}");
    }
}
