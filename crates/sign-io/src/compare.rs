//! Two states of one document side by side: what the eye sees that differs. Pages are drawn as pictures
//! and compared point by point; their text, with that of fields and annotations, is compared by lines.
//!
//! Never evidence, like all pictures: the report's changes are. But a person sees at once what was
//! written over.

use crate::draw::{DrawError, DrawLimits, Drawable, open, with_pdf};
use crate::render::{PagePicture, check_size, encode, frame, pixels, to_picture};
use crate::text::{TextLine, lines_of};
use hayro::RenderCache;
use hayro::kurbo::Rect;
use hayro::vello_cpu::Pixmap;
use hayro_interpret::{InterpreterCache, RenderContent};
use hayro_syntax::page::Page;
use std::ops::Range;
use std::time::Instant;

/// What to compare.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparing {
    /// Dots per inch of the pictures that are compared, and made.
    pub dpi: f32,
    /// Only this page, the first is 0; all with `None`, as far as the limits go.
    pub page: Option<usize>,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Compared {
    /// Pages of the old state and of the new one.
    pub pages: [usize; 2],
    /// The pages that differ.
    pub differing: Vec<ComparedPage>,
    /// Pages that were not compared, the first is 0.
    pub left_out: Option<Range<usize>>,
}

/// A page that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparedPage {
    /// The page, the first is 0.
    pub page: usize,
    /// Its old picture; none if there was no such page.
    pub old: Option<PagePicture>,
    /// Its new picture; none if there is no such page any more.
    pub new: Option<PagePicture>,
    /// The newer of the two with the differing areas framed.
    pub marked: PagePicture,
    /// The differing areas, `[left, bottom, right, top]` in default user space units of that picture's page.
    pub areas: Vec<[f64; 4]>,
    /// Its lines of text; empty if they are the same.
    pub text: Vec<Line>,
}

/// A line of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// In both.
    Kept(String),
    /// In the old state only.
    Removed(String),
    /// In the new state only.
    Added(String),
}

/// Compares two states of a document, page by page.
///
/// Pages behind the limits of number, pixels and time are left out, and the result says which.
///
/// # Errors
/// [`DrawError`] if one of the states cannot be drawn at all.
pub fn compare(
    old: impl Into<Drawable>,
    new: impl Into<Drawable>,
    comparing: Comparing,
    limits: &DrawLimits,
) -> Result<Compared, DrawError> {
    let (new, bounds, began) = (new.into(), *limits, Instant::now());
    with_pdf(old.into(), limits, move |old| {
        if new.bytes.len() as u64 > bounds.document_bytes {
            return Err(DrawError::Limit { limit: "document_bytes", allowed: bounds.document_bytes });
        }
        let new = open(new)?;
        let (old_pages, new_pages) = (old.pages(), new.pages());
        let count = old_pages.len().max(new_pages.len());
        let wanted = match comparing.page {
            Some(page) if page >= count => {
                return Err(DrawError::NoSuchPage { page: page + 1, pages: count });
            }
            Some(page) => page..page + 1,
            None => 0..count,
        };
        let mut found = Compared { pages: [old_pages.len(), new_pages.len()], ..Compared::default() };
        let (mut spent, mut glyphs) = (0, bounds.glyphs);
        let (caches, fonts) =
            ([RenderCache::new(), RenderCache::new()], [InterpreterCache::new(), InterpreterCache::new()]);
        for page in wanted.clone() {
            let states = [old_pages.get(page), new_pages.get(page)];
            for state in states.into_iter().flatten() {
                spent += check_size(state, comparing.dpi, &bounds)?;
            }
            // The last third of the time is for the pictures of the page that was begun.
            let late = began.elapsed() > bounds.patience * 2 / 3;
            if page - wanted.start >= bounds.pages || spent > bounds.total_pixels || glyphs == 0 || late {
                found.left_out = Some(page..wanted.end);
                break;
            }
            let [old_state, new_state] = states;
            let [old_cache, new_cache] = &caches;
            let draw = |state: Option<_>, cache| state.map(|page| pixels(page, cache, comparing.dpi / 72.0));
            let pictures = [draw(old_state, old_cache), draw(new_state, new_cache)];
            let [old_fonts, new_fonts] = &fonts;
            let texts = [text(old_state, old_fonts, &mut glyphs), text(new_state, new_fonts, &mut glyphs)];
            found.differing.extend(compare_page(page, states, pictures, &texts, comparing.dpi)?);
        }
        Ok(found)
    })
}

/// The lines of a page, then those of fields and annotations: filled into a gap between words, a number
/// would be read as a part of their line.
fn text<'a>(page: Option<&'a Page<'a>>, fonts: &InterpreterCache<'a>, glyphs: &mut usize) -> Vec<String> {
    let Some(page) = page else { return Vec::new() };
    let mut lines = lines_of(page, 0, fonts, RenderContent::PAGE, glyphs);
    lines.extend(lines_of(page, 0, fonts, RenderContent::ANNOTATIONS, glyphs));
    let words = |line: &TextLine| line.text().split_whitespace().collect::<Vec<_>>().join(" ");
    lines.iter().map(words).filter(|line| !line.is_empty()).collect()
}

fn compare_page(
    number: usize,
    states: [Option<&Page<'_>>; 2],
    pictures: [Option<Pixmap>; 2],
    texts: &[Vec<String>; 2],
    dpi: f32,
) -> Result<Option<ComparedPage>, DrawError> {
    let [old, new] = &pictures;
    let areas = match (old, new) {
        (Some(old), Some(new)) => differing_areas(old, new),
        (Some(whole), None) | (None, Some(whole)) => vec![all_of(whole)],
        (None, None) => return Ok(None),
    };
    let [old_text, new_text] = texts;
    let text = difference(old_text, new_text);
    let changed = text.iter().any(|line| !matches!(line, Line::Kept(_)));
    if areas.is_empty() && !changed {
        return Ok(None);
    }
    let newer = new.as_ref().or(old.as_ref());
    let [old_state, new_state] = states;
    let page = new_state.or(old_state);
    let (Some(newer), Some(page)) = (newer, page) else { return Ok(None) };
    let mut marked = newer.clone();
    for area in &areas {
        frame(&mut marked, area.map(|side| side as usize), FRAME);
    }
    let place = |area: &[u32; 4]| {
        let [left, top, right, bottom] = area.map(f64::from);
        let back = to_picture(page, f64::from(dpi / 72.0)).inverse();
        let rect = back.transform_rect_bbox(Rect::new(left, top, right + 1.0, bottom + 1.0));
        [rect.x0, rect.y0, rect.x1, rect.y1].map(|side| (side * 100.0).round() / 100.0)
    };
    let areas = areas.iter().map(place).collect();
    let marked = encode(marked, number)?;
    let [old, new] = pictures.map(|picture| picture.map(|picture| encode(picture, number)).transpose());
    Ok(Some(ComparedPage {
        page: number,
        old: old?,
        new: new?,
        marked,
        areas,
        text: if changed { text } else { Vec::new() },
    }))
}

/// Width of the frames in pixels.
const FRAME: usize = 3;
/// Differences of a colour up to this are rounding: of 255.
const ROUNDING: u8 = 12;
/// Side of the squares in which differences are gathered, in pixels.
const CELL: usize = 8;
/// Squares so far apart count as one area: a word is one, not each of its letters.
const REACH: usize = 2;
/// Areas of one page; more become one.
const MOST_AREAS: usize = 100;

fn all_of(picture: &Pixmap) -> [u32; 4] {
    let last = |side: u16| u32::from(side).saturating_sub(1);
    [0, 0, last(picture.width()), last(picture.height())]
}

/// The areas, `[left, top, right, bottom]` in pixels, in which two pictures differ.
fn differing_areas(old: &Pixmap, new: &Pixmap) -> Vec<[u32; 4]> {
    if (old.width(), old.height()) != (new.width(), new.height()) {
        return vec![all_of(new)];
    }
    let (width, height) = (usize::from(new.width()), usize::from(new.height()));
    let (columns, rows) = (width.div_ceil(CELL), height.div_ceil(CELL));
    let mut boxes: Vec<Option<[u32; 4]>> = vec![None; columns * rows];
    let lines = old
        .data_as_u8_slice()
        .chunks_exact((width * 4).max(1))
        .zip(new.data_as_u8_slice().chunks_exact((width * 4).max(1)));
    for (y, (a, b)) in lines.enumerate() {
        if a == b {
            continue;
        }
        for (x, (a, b)) in a.chunks_exact(4).zip(b.chunks_exact(4)).enumerate() {
            if a.iter().zip(b).all(|(a, b)| a.abs_diff(*b) <= ROUNDING) {
                continue;
            }
            let Some(cell) = boxes.get_mut(y / CELL * columns + x / CELL) else { continue };
            let (x, y) = (x as u32, y as u32);
            *cell = Some(cell.map_or([x, y, x, y], |found| joined(found, [x, y, x, y])));
        }
    }
    gathered(&mut boxes, columns, rows)
}

/// Squares that are near each other, together.
fn gathered(cells: &mut [Option<[u32; 4]>], columns: usize, rows: usize) -> Vec<[u32; 4]> {
    let mut areas: Vec<[u32; 4]> = Vec::new();
    for first in 0..cells.len() {
        let Some(mut area) = cells.get_mut(first).and_then(Option::take) else { continue };
        let mut open = vec![first];
        while let Some(cell) = open.pop() {
            let (column, row) = (cell % columns.max(1), cell / columns.max(1));
            for near_row in row.saturating_sub(REACH)..=(row + REACH).min(rows.saturating_sub(1)) {
                for near in column.saturating_sub(REACH)..=(column + REACH).min(columns.saturating_sub(1)) {
                    let near = near_row * columns + near;
                    if let Some(more) = cells.get_mut(near).and_then(Option::take) {
                        area = joined(area, more);
                        open.push(near);
                    }
                }
            }
        }
        areas.push(area);
    }
    if areas.len() > MOST_AREAS {
        return areas.into_iter().reduce(joined).into_iter().collect();
    }
    areas
}

fn joined(a: [u32; 4], b: [u32; 4]) -> [u32; 4] {
    [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]
}

/// Lines compared by their longest common subsequence; of a page with very many, all are taken out and
/// put in again.
fn difference(old: &[String], new: &[String]) -> Vec<Line> {
    const MOST: usize = 4_000_000;
    if old == new {
        return old.iter().cloned().map(Line::Kept).collect();
    }
    if old.len().saturating_mul(new.len()) > MOST {
        let removed = old.iter().cloned().map(Line::Removed);
        return removed.chain(new.iter().cloned().map(Line::Added)).collect();
    }
    // lengths[i][j]: of the common lines from i and j on.
    let across = new.len() + 1;
    let mut lengths = vec![0_u32; (old.len() + 1) * across];
    let at = |lengths: &[u32], i: usize, j: usize| lengths.get(i * across + j).copied().unwrap_or(0);
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            let longest = if old.get(i) == new.get(j) {
                at(&lengths, i + 1, j + 1) + 1
            } else {
                at(&lengths, i + 1, j).max(at(&lengths, i, j + 1))
            };
            if let Some(place) = lengths.get_mut(i * across + j) {
                *place = longest;
            }
        }
    }
    let (mut i, mut j, mut lines) = (0, 0, Vec::new());
    loop {
        match (old.get(i), new.get(j)) {
            (Some(a), Some(b)) if a == b => {
                lines.push(Line::Kept(a.clone()));
                (i, j) = (i + 1, j + 1);
            }
            (Some(a), next) if next.is_none() || at(&lengths, i + 1, j) >= at(&lengths, i, j + 1) => {
                lines.push(Line::Removed(a.clone()));
                i += 1;
            }
            (_, Some(b)) => {
                lines.push(Line::Added(b.clone()));
                j += 1;
            }
            (_, None) => return lines,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(content: &str) -> Vec<u8> {
        let mut file = b"%PDF-1.7\n".to_vec();
        let mut places = Vec::new();
        let objects = [
            "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
            "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 200 100]>>".to_owned(),
            "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>".to_owned(),
            format!("<</Length {}>>stream\n{content}\nendstream", content.len()),
            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
        ];
        for (index, object) in objects.iter().enumerate() {
            places.push(file.len());
            file.extend(format!("{} 0 obj\n{object}\nendobj\n", index + 1).bytes());
        }
        let table = file.len();
        file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", places.len() + 1).bytes());
        for place in &places {
            file.extend(format!("{place:010} 00000 n \n").bytes());
        }
        let size = places.len() + 1;
        file.extend(format!("trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n").bytes());
        file
    }

    fn compared(old: &str, new: &str) -> Compared {
        let comparing = Comparing { dpi: 72.0, page: None };
        compare(page(old), page(new), comparing, &DrawLimits::default()).unwrap()
    }

    #[test]
    fn the_same_page_does_not_differ() {
        let same = compared("BT /F 10 Tf 10 80 Td (one) Tj ET", "BT /F 10 Tf 10 80 Td (one) Tj ET ");
        assert_eq!((same.differing.len(), same.pages, same.left_out), (0, [1, 1], None));
    }

    #[test]
    fn what_was_painted_is_framed_where_it_is() {
        let found = compared("", "50 20 30 10 re f");
        let [page] = found.differing.as_slice() else { panic!("{found:?}") };
        let [area] = page.areas.as_slice() else { panic!("{:?}", page.areas) };
        for (side, expected) in area.iter().zip([50.0, 20.0, 80.0, 30.0]) {
            assert!((side - expected).abs() <= 1.0, "{area:?}");
        }
        assert!(page.text.is_empty());
        assert_ne!(Some(&page.marked.png), page.new.as_ref().map(|picture| &picture.png));
    }

    #[test]
    fn lines_of_text_are_told_apart() {
        let write = |middle: &str| {
            format!("BT /F 10 Tf 10 80 Td (first) Tj 0 -20 Td ({middle}) Tj 0 -20 Td (last) Tj ET")
        };
        let found = compared(&write("pay 100"), &write("pay 900"));
        let kept = |text: &str| Line::Kept(text.to_owned());
        let expected =
            [kept("first"), Line::Removed("pay 100".into()), Line::Added("pay 900".into()), kept("last")];
        assert_eq!(found.differing[0].text, expected);
    }

    #[test]
    fn squares_apart_are_two_areas() {
        let found = compared("", "10 10 5 5 re f 150 80 5 5 re f");
        assert_eq!(found.differing[0].areas.len(), 2);
    }

    #[test]
    fn what_is_left_out_is_said() {
        let limits = DrawLimits { pages: 0, ..DrawLimits::default() };
        let comparing = Comparing { dpi: 72.0, page: None };
        let found = compare(page(""), page("0 0 9 9 re f"), comparing, &limits).unwrap();
        assert_eq!((found.left_out, found.differing.len()), (Some(0..1), 0));
        let comparing = Comparing { dpi: 72.0, page: Some(1) };
        let refused = compare(page(""), page(""), comparing, &DrawLimits::default());
        assert_eq!(refused.unwrap_err(), DrawError::NoSuchPage { page: 2, pages: 1 });
    }
}
