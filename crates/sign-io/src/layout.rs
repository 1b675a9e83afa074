//! From a letter's text to the places of its fields: what `sign_core::sign::official::freeze` wants.
//!
//! Number and date are found by the words the law puts around them; the signature by the signer's
//! title and name. A place the text does not show can be given by the caller.

use crate::anchor::{self, Place as Found};
use crate::draw::{DrawError, DrawLimits, Drawable};
use crate::text::{TextLine, page_lines};
use sign_core::pades::appearance::{Align, FontChoice};
use sign_core::sign::official::{Layout, SEAL_DIAMETER, TextPlace, seal_beside};
use sign_core::sign::options::Place;

/// Who signs and what the caller already knows about places.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Letter {
    /// The signer's title as printed (Ô 7a), e.g. `GIÁM ĐỐC`; empty if unknown.
    pub title: String,
    /// The signer's name as printed (Ô 7c), e.g. `Nguyễn Văn A`; empty if unknown.
    pub name: String,
    /// A box for initials, if the office uses them.
    pub initials: Option<Place>,
    /// Instead of searching: the signature's box.
    pub leader: Option<Place>,
    /// Instead of a third over the signature's left: the seal's box.
    pub seal: Option<Place>,
    /// Instead of searching: the gap for the number's digits.
    pub number: Option<Place>,
    /// Instead of searching: the gap for the day.
    pub day: Option<Place>,
    /// Instead of searching: the gap for the month.
    pub month: Option<Place>,
}

/// A letter whose places could not be found.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LayoutError {
    /// The page text could not be read.
    #[error(transparent)]
    Draw(#[from] DrawError),
    /// The words are not on any page, or leave no room.
    #[error("not found on any page: {anchor}")]
    AnchorNotFound {
        /// The words looked for.
        anchor: String,
    },
    /// Something already stands where the clerk will write.
    #[error("already filled in: {anchor}")]
    AlreadyFilled {
        /// The words beside it.
        anchor: String,
    },
    /// There is no room for two digits.
    #[error("the blank is too small: {anchor}")]
    TooSmall {
        /// The words beside it.
        anchor: String,
    },
}

impl LayoutError {
    /// Stable word for this cause.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Draw(e) => e.code(),
            Self::AnchorNotFound { .. } => "anchor_not_found",
            Self::AlreadyFilled { .. } => "anchor_already_filled",
            Self::TooSmall { .. } => "anchor_too_small",
        }
    }
}

/// Finds the places of a letter's fields.
///
/// # Errors
/// [`LayoutError`]; the first place that is neither found nor given.
pub fn layout(
    document: impl Into<Drawable>,
    letter: &Letter,
    limits: &DrawLimits,
) -> Result<Layout, LayoutError> {
    from_lines(&page_lines(document, None, limits)?, letter)
}

fn from_lines(lines: &[TextLine], letter: &Letter) -> Result<Layout, LayoutError> {
    // Number and date stand in the letter's head; the same words further on are quotations.
    let end = lines.iter().position(|line| line.page > 0).unwrap_or(lines.len());
    let head = lines.get(..end).unwrap_or_default();
    let date = anchor::date(head);
    let leader = match letter.leader {
        Some(place) => place,
        None => signature(lines, letter)?,
    };
    let number = anchor::number(head);
    Ok(Layout {
        number: gap(letter.number, number.as_ref(), "Số:", &NUMBER)?,
        day: gap(letter.day, date.as_ref().map(|d| &d.day), "ngày … tháng", &DATE)?,
        month: gap(letter.month, date.as_ref().map(|d| &d.month), "tháng … năm", &DATE)?,
        initials: letter.initials,
        leader,
        seal: letter.seal.unwrap_or_else(|| seal_beside(leader, SEAL_DIAMETER)),
    })
}

/// How the law prints a gap's text (NĐ 30/2020 Phụ lục I).
struct Print {
    font: FontChoice,
    align: Align,
}

const NUMBER: Print = Print { font: FontChoice::SerifRegular, align: Align::Centre };
const DATE: Print = Print { font: FontChoice::SerifItalic, align: Align::Centre };

fn gap(
    given: Option<Place>,
    found: Option<&Found>,
    anchor: &str,
    print: &Print,
) -> Result<TextPlace, LayoutError> {
    if let Some(place) = given {
        let [x0, y0, x1, y1] = place.rect;
        // The size the decree asks for, if the box is high enough for it.
        let font_size = ((y1 - y0) / 1.2).clamp(4.0, 13.0);
        let (font, align) = (print.font, print.align);
        return Ok(TextPlace {
            page: place.page,
            x: [x0, x1],
            baseline: y0 + 0.25 * font_size,
            font_size,
            font,
            align,
        });
    }
    let found = found.ok_or_else(|| LayoutError::AnchorNotFound { anchor: anchor.into() })?;
    if found.filled {
        return Err(LayoutError::AlreadyFilled { anchor: anchor.into() });
    }
    // Two digits of Times are one em wide.
    if found.rect[2] - found.rect[0] < found.font_size {
        return Err(LayoutError::TooSmall { anchor: anchor.into() });
    }
    Ok(TextPlace {
        page: found.page,
        x: [found.rect[0], found.rect[2]],
        baseline: found.baseline,
        font_size: found.font_size,
        font: print.font,
        align: print.align,
    })
}

/// The box between title and name; without a title on the page, a box of its usual height above the
/// last time the name is printed.
fn signature(lines: &[TextLine], letter: &Letter) -> Result<Place, LayoutError> {
    let missing = || LayoutError::AnchorNotFound { anchor: format!("{} … {}", letter.title, letter.name) };
    if letter.name.is_empty() {
        return Err(missing());
    }
    let between = anchor::between(lines, &letter.title, &letter.name).filter(|_| !letter.title.is_empty());
    if let Some(found) = between {
        return Ok(Place { page: found.page, rect: found.rect });
    }
    let name = anchor::find_text(lines, &letter.name).pop().ok_or_else(missing)?;
    let centre = f64::midpoint(name.rect[0], name.rect[2]);
    let rect = [centre - 75.0, name.rect[3] + 2.0, centre + 75.0, name.rect[3] + 62.0];
    Ok(Place { page: name.page, rect })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tests::line;

    fn letter() -> Letter {
        Letter { title: "GIÁM ĐỐC".into(), name: "Nguyễn Văn A".into(), ..Letter::default() }
    }

    fn lines(number: &str, date: &str) -> Vec<TextLine> {
        vec![line(700.0, number), line(690.0, date), line(300.0, "GIÁM ĐỐC"), line(200.0, "Nguyễn Văn A")]
    }

    #[test]
    fn finds_all_places_of_a_letter() {
        let lines = lines("Số:      /STTTT", "ngày     tháng     năm 2026");
        let layout = from_lines(&lines, &letter()).unwrap();
        assert_eq!(layout.number.baseline, 700.0);
        assert!(layout.day.x[1] < layout.month.x[0]);
        assert!(layout.seal.rect[0] < layout.leader.rect[0]);
    }

    #[test]
    fn says_which_place_is_missing_filled_or_too_small() {
        let (number, date) = ("Số:      /STTTT", "ngày     tháng     năm 2026");
        let cases = [
            ("Không có", date, "anchor_not_found"),
            ("Số: 15/STTTT", date, "anchor_already_filled"),
            ("Số:/STTTT", date, "anchor_too_small"),
            (number, "ngày 05 tháng 02 năm 2026", "anchor_already_filled"),
            (number, "hôm nay", "anchor_not_found"),
        ];
        for (number, date, code) in cases {
            let error = from_lines(&lines(number, date), &letter()).unwrap_err();
            assert_eq!(error.code(), code, "{number} {date}");
        }
        let unnamed = Letter { name: "Trần Thị B".into(), ..letter() };
        assert_eq!(from_lines(&lines(number, date), &unnamed).unwrap_err().code(), "anchor_not_found");
    }

    #[test]
    fn words_of_later_pages_are_quotations() {
        let mut lines = lines("Không có", "ngày     tháng     năm 2026");
        lines.push(TextLine { page: 1, ..line(700.0, "Số:      /STTTT") });
        assert_eq!(from_lines(&lines, &letter()).unwrap_err().code(), "anchor_not_found");
    }

    #[test]
    fn a_given_place_needs_no_anchor() {
        let place = Place { page: 0, rect: [100.0, 100.0, 140.0, 115.0] };
        let given = Letter {
            leader: Some(place),
            number: Some(place),
            day: Some(place),
            month: Some(place),
            ..Letter::default()
        };
        let layout = from_lines(&[], &given).unwrap();
        assert_eq!((layout.leader, layout.number.x), (place, [100.0, 140.0]));
    }
}
