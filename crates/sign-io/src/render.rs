//! Pages as pictures (PNG), for people to look at. Never evidence: what a page shows and what a
//! signature covers are two questions.
//!
//! Bounds and what may go wrong: [`DrawLimits`].

use crate::draw::{DrawError, DrawLimits, Drawable, with_pdf};
use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_interpret::util::TransformExt;
use hayro::kurbo::{Affine, Rect};
use hayro::vello_cpu::Pixmap;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};
use hayro_syntax::page::Page;
use std::ops::Range;

/// What to draw.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    /// Dots per inch; 72 draws one pixel for each default user space unit.
    pub dpi: f32,
    /// Which pages, the first is 0; `None` draws all.
    pub pages: Option<Range<usize>>,
    /// Boxes to draw a red line around.
    pub outlines: Vec<Outline>,
}

impl Default for Drawing {
    /// All pages at 110 dpi: a letter is readable at 909 × 1286 pixels.
    fn default() -> Self {
        Self { dpi: 110.0, pages: None, outlines: Vec::new() }
    }
}

/// A box on a page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outline {
    /// The page, the first is 0.
    pub page: usize,
    /// `[x0, y0, x1, y1]` in default user space units.
    pub rect: [f64; 4],
}

/// One drawn page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PagePicture {
    /// The page, the first is 0.
    pub page: usize,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// The picture.
    pub png: Vec<u8>,
}

/// Draws pages of a document with the appearances of its annotations and fields.
///
/// # Errors
/// [`DrawError`]; then no picture at all is returned.
pub fn pages_to_png(
    document: impl Into<Drawable>,
    drawing: &Drawing,
    limits: &DrawLimits,
) -> Result<Vec<PagePicture>, DrawError> {
    let (drawing, bounds) = (drawing.clone(), *limits);
    with_pdf(document.into(), limits, move |pdf| {
        let pages = pdf.pages();
        let range = drawing.pages.clone().unwrap_or(0..pages.len());
        if range.len() > bounds.pages {
            return Err(DrawError::Limit { limit: "pages", allowed: bounds.pages as u64 });
        }
        let cache = RenderCache::new();
        let mut pixels = 0;
        let mut pictures = Vec::new();
        for number in range {
            let page = pages.get(number);
            let page = page.ok_or(DrawError::NoSuchPage { page: number + 1, pages: pages.len() })?;
            pixels += check_size(page, drawing.dpi, &bounds)?;
            if pixels > bounds.total_pixels {
                return Err(DrawError::Limit { limit: "total_pixels", allowed: bounds.total_pixels });
            }
            let outlines: Vec<_> =
                drawing.outlines.iter().filter(|o| o.page == number).map(|o| o.rect).collect();
            pictures.push(draw_page(page, number, &cache, drawing.dpi / 72.0, &outlines)?);
        }
        Ok(pictures)
    })
}

/// The page's pixels at this resolution, if they are within the limits.
pub(crate) fn check_size(page: &Page<'_>, dpi: f32, limits: &DrawLimits) -> Result<u64, DrawError> {
    let (width, height) = page.render_dimensions();
    let scale = f64::from(dpi) / 72.0;
    let (width, height) = (f64::from(width) * scale, f64::from(height) * scale);
    // A pixmap counts its sides in 16 bits.
    let fits = (1.0..=65_535.0).contains(&width) && (1.0..=65_535.0).contains(&height);
    let pixels = (width * height) as u64;
    if !fits || pixels > limits.page_pixels {
        return Err(DrawError::Limit { limit: "page_pixels", allowed: limits.page_pixels });
    }
    Ok(pixels)
}

/// Draws one page at `scale` pixels a unit, with a red line around each of `outlines`.
pub(crate) fn draw_page<'a>(
    page: &'a Page<'a>,
    number: usize,
    cache: &RenderCache<'a>,
    scale: f32,
    outlines: &[[f64; 4]],
) -> Result<PagePicture, DrawError> {
    let mut picture = pixels(page, cache, scale);
    for rect in outlines {
        draw_outline(&mut picture, page, *rect, f64::from(scale));
    }
    encode(picture, number)
}

/// The page as drawn, `scale` pixels for each point.
pub(crate) fn pixels<'a>(page: &'a Page<'a>, cache: &RenderCache<'a>, scale: f32) -> Pixmap {
    let size = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    hayro::render(page, cache, &InterpreterSettings::default(), &RenderSettings::default(), &size)
}

/// The picture of page `number`, counted from 0, as PNG.
pub(crate) fn encode(picture: Pixmap, number: usize) -> Result<PagePicture, DrawError> {
    let (width, height) = (u32::from(picture.width()), u32::from(picture.height()));
    let png = picture.into_png().map_err(|_| DrawError::NotEncoded { page: number + 1 })?;
    Ok(PagePicture { page: number, width, height, png })
}

/// Where a box of the page, in default user space units, is on its picture: `[left, top, right, bottom]`
/// in pixels, with the page's rotation and crop box.
pub(crate) fn box_in_picture(page: &Page<'_>, rect: [f64; 4], scale: f64) -> [f64; 4] {
    let [x0, y0, x1, y1] = rect;
    let corners = to_picture(page, scale).transform_rect_bbox(Rect::new(x0, y0, x1, y1));
    [corners.x0, corners.y0, corners.x1, corners.y1]
}

/// From default user space to pixels.
pub(crate) fn to_picture(page: &Page<'_>, scale: f64) -> Affine {
    Affine::scale(scale) * page.initial_transform(true).to_kurbo()
}

fn draw_outline(picture: &mut Pixmap, page: &Page<'_>, rect: [f64; 4], scale: f64) {
    let [x0, y0, x1, y1] = box_in_picture(page, rect, scale);
    let (width, height) = (usize::from(picture.width()), usize::from(picture.height()));
    let clamp = |value: f64, side: usize| (value.max(0.0) as usize).min(side.saturating_sub(1));
    let (left, right) = (clamp(x0, width), clamp(x1, width));
    let (top, bottom) = (clamp(y0, height), clamp(y1, height));
    line(picture, [left, top, right, bottom]);
}

/// A red frame of this thickness around an area, `[left, top, right, bottom]` in pixels.
pub(crate) fn frame(picture: &mut Pixmap, area: [usize; 4], thickness: usize) {
    let [left, top, right, bottom] = area;
    let (width, height) = (usize::from(picture.width()), usize::from(picture.height()));
    for out in 1..=thickness {
        let (right, bottom) =
            ((right + out).min(width.saturating_sub(1)), (bottom + out).min(height.saturating_sub(1)));
        line(picture, [left.saturating_sub(out), top.saturating_sub(out), right, bottom]);
    }
}

/// A red line along the border of an area inside the picture.
fn line(picture: &mut Pixmap, area: [usize; 4]) {
    let [left, top, right, bottom] = area;
    let width = usize::from(picture.width());
    let pixels = picture.data_as_u8_slice_mut();
    let mut dot = |x: usize, y: usize| {
        let at = (y * width + x) * 4;
        if let Some(pixel) = pixels.get_mut(at..at + 4) {
            pixel.copy_from_slice(&[0xd0, 0x10, 0x10, 0xff]);
        }
    };
    for x in left..=right {
        dot(x, top);
        dot(x, bottom);
    }
    for y in top..=bottom {
        dot(left, y);
        dot(right, y);
    }
}
