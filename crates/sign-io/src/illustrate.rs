//! Page pictures for a report: which pages, how large, and where the signatures stand on them.
//!
//! The newest state of the document is drawn, for it is what a reader has before him.

use crate::draw::{DrawError, DrawLimits, Drawable, with_pdf};
use crate::render::{box_in_picture, check_size, draw_page};
use hayro::RenderCache;
use hayro_syntax::page::Page;
use sign_core::report::model::Report;
use sign_core::report::pictures::{Mark, PagePicture, Pictures};
use std::collections::BTreeSet;

/// Most pages drawn: a report is for one look.
pub const MOST_PAGES: usize = 12;
/// The longer side of a picture in pixels: A4 at 100 dpi, at which a letter can be read.
const LONGER_SIDE: f32 = 1170.0;
/// Small pages are not blown up beyond this.
const LARGEST_SCALE: f32 = 2.0;

/// Draws the pages with signatures and changes, then the first others, at most [`MOST_PAGES`].
///
/// What cannot be drawn is said in [`Pictures::problem`]: a report without pictures is still one.
pub fn illustrate(document: impl Into<Drawable>, report: &Report, limits: &DrawLimits) -> Pictures {
    let (wanted, marks, bounds) = (wanted(report), marks(report), *limits);
    let drawn = with_pdf(document.into(), limits, move |pdf| {
        let pages = pdf.pages();
        let cache = RenderCache::new();
        let mut pixels = 0;
        let mut pictures = Vec::new();
        for number in chosen(&wanted, pages.len()) {
            let Some(page) = pages.get(number) else { continue };
            let scale = scale(page);
            pixels += check_size(page, scale * 72.0, &bounds)?;
            if pixels > bounds.total_pixels {
                return Err(DrawError::Limit { limit: "total_pixels", allowed: bounds.total_pixels });
            }
            let drawn = draw_page(page, number, &cache, scale, &[])?;
            let on_page = marks.iter().filter(|(page, _, _)| *page == number);
            let marks = on_page.map(|(_, signature, rect)| Mark {
                signature: *signature,
                rect: box_in_picture(page, *rect, f64::from(scale)),
            });
            pictures.push(PagePicture {
                page: number as u64 + 1,
                width: drawn.width,
                height: drawn.height,
                marks: marks.collect(),
                png: drawn.png,
            });
        }
        Ok((pictures, pages.len()))
    });
    match drawn {
        Ok((pages, of)) => Pictures { pages, of: of as u64, problem: None },
        Err(error) => {
            Pictures { pages: Vec::new(), of: report.file.pages, problem: Some(error.code().to_owned()) }
        }
    }
}

/// Pages to show first, from 0: those with signatures, in the signatures' order, then those with changes.
fn wanted(report: &Report) -> Vec<usize> {
    let signed = report.signatures.iter().filter(|s| has_area(s.rect)).filter_map(|s| s.page);
    let changes = report.signatures.iter().flat_map(|s| &s.changes.details);
    let changed = changes.filter_map(|change| change.page);
    signed.chain(changed).filter_map(|page| usize::try_from(page.checked_sub(1)?).ok()).collect()
}

/// Page, signature, box.
fn marks(report: &Report) -> Vec<(usize, usize, [f64; 4])> {
    let signatures = report.signatures.iter().enumerate().filter(|(_, s)| has_area(s.rect));
    let placed = signatures.filter_map(|(index, signature)| {
        let page = usize::try_from(signature.page?.checked_sub(1)?).ok()?;
        Some((page, index, signature.rect?))
    });
    placed.collect()
}

fn has_area(rect: Option<[f64; 4]>) -> bool {
    rect.is_some_and(|[x0, y0, x1, y1]| x0 != x1 && y0 != y1)
}

/// The pages that are drawn, in their order.
fn chosen(wanted: &[usize], pages: usize) -> BTreeSet<usize> {
    let mut chosen = BTreeSet::new();
    for page in wanted.iter().copied().filter(|page| *page < pages).chain(0..pages) {
        if chosen.len() == MOST_PAGES {
            break;
        }
        chosen.insert(page);
    }
    chosen
}

fn scale(page: &Page<'_>) -> f32 {
    let (width, height) = page.render_dimensions();
    (LONGER_SIDE / width.max(height).max(1.0)).min(LARGEST_SCALE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_with_signatures_come_before_others() {
        assert_eq!(chosen(&[30, 2], 3), BTreeSet::from([0, 1, 2]));
        assert_eq!(chosen(&[30, 2, 30], 40), (0..11).chain([30]).collect());
        let many: Vec<usize> = (20..40).collect();
        assert_eq!(chosen(&many, 40), (20..32).collect());
        assert!(chosen(&[], 0).is_empty());
    }
}
