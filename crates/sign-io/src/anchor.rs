//! Places on a letter that the law gives a meaning: where its number, day and month go
//! (NĐ 30/2020 Phụ lục I, ô 3 and ô 4), where the signer's title and name stand (ô 7a, 7c).
//!
//! Found in the page's text, so they are proposals: whoever freezes a letter shows them or gives
//! rectangles instead. Drafts leave the places empty in many ways (spaces, dots, ellipses,
//! underscores, nothing at all); all of them are read. A place with digits in it is reported as
//! filled.

use crate::text::{TextChar, TextLine};
use std::ops::Range;
use unicode_normalization::UnicodeNormalization;

/// A place found on a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// The page, the first is 0.
    pub page: usize,
    /// `[x0, y0, x1, y1]` in default user space units: the room between the words around it.
    pub rect: [f64; 4],
    /// Height of the baseline of the words around it.
    pub baseline: f64,
    /// Font size of the words around it.
    pub font_size: f64,
    /// Whether digits stand there already.
    pub filled: bool,
    /// Whether dots or underscores are printed there, which a filled text would be drawn over.
    pub dotted: bool,
}

/// The three places of the date line; a place is `None` if the words around it leave no room.
#[derive(Debug, Clone, PartialEq)]
pub struct DatePlaces {
    /// Between `ngày` and `tháng`.
    pub day: Place,
    /// Between `tháng` and `năm`.
    pub month: Place,
    /// After `năm`.
    pub year: Place,
}

/// Where the number goes: after the first `Số:` from the top, up to the `/` of the notation.
pub fn number(lines: &[TextLine]) -> Option<Place> {
    lines.iter().find_map(|line| {
        let label = find_words(line, "Số:").into_iter().find(|r| starts_a_word(line, r.start))?;
        let blank = blank_after(line, label.end);
        Some(place_between(line, label.end, blank, NUMBER_ROOM))
    })
}

/// Where day, month and year go: the first line from the top that reads `ngày … tháng … năm …`.
pub fn date(lines: &[TextLine]) -> Option<DatePlaces> {
    lines.iter().find_map(|line| {
        for day in find_words(line, "ngày") {
            let after_day = blank_after(line, day.end);
            let Some(month) = word_at(line, after_day.end, "tháng") else { continue };
            let after_month = blank_after(line, month.end);
            let Some(year) = word_at(line, after_month.end, "năm") else { continue };
            let after_year = blank_after(line, year.end);
            return Some(DatePlaces {
                day: place_between(line, day.end, after_day, 0.0),
                month: place_between(line, month.end, after_month, 0.0),
                year: place_between(line, year.end, after_year, YEAR_ROOM),
            });
        }
        None
    })
}

/// Where `text` stands, all occurrences from the top; runs of spaces count as one.
pub fn find_text(lines: &[TextLine], text: &str) -> Vec<Place> {
    let mut places = Vec::new();
    for line in lines {
        for found in find_words(line, text) {
            let Some(rect) = line.rect(found.clone()) else { continue };
            let chars = line.chars.get(found).unwrap_or_default();
            places.push(describe(line, rect, chars));
        }
    }
    places
}

/// Room for a signature between a title and the name below it (ô 7b): the last `name` that stands
/// under a `title` of its page and not far to the side of it. `None` if there is no such pair.
pub fn between(lines: &[TextLine], title: &str, name: &str) -> Option<Place> {
    let titles = find_text(lines, title);
    for name in find_text(lines, name).into_iter().rev() {
        let centre = middle(&name);
        let above = |t: &&Place| {
            t.page == name.page && t.rect[1] > name.rect[3] && (middle(t) - centre).abs() < SIGNATURE_WIDTH
        };
        if let Some(title) = titles.iter().rev().find(above) {
            let half = SIGNATURE_WIDTH / 2.0;
            // A gap of 2 units keeps the picture off the words (Phụ lục I: it covers neither).
            let rect = [centre - half, name.rect[3] + 2.0, centre + half, title.rect[1] - 2.0];
            return (rect[3] - rect[1] >= SIGNATURE_LEAST_HEIGHT).then(|| Place {
                rect,
                filled: false,
                dotted: false,
                ..name.clone()
            });
        }
    }
    None
}

/// Widths in units where nothing follows that would bound the room.
const NUMBER_ROOM: f64 = 40.0;
const YEAR_ROOM: f64 = 30.0;
/// The default box of a personal signature is 150 units wide (5.3 cm).
const SIGNATURE_WIDTH: f64 = 150.0;
const SIGNATURE_LEAST_HEIGHT: f64 = 18.0;

fn middle(place: &Place) -> f64 {
    f64::midpoint(place.rect[0], place.rect[2])
}

/// Character ranges of `words` in the line, runs of spaces equal to one space.
fn find_words(line: &TextLine, words: &str) -> Vec<Range<usize>> {
    let words: String = words.nfc().collect();
    let starts = 0..line.chars.len();
    starts.filter_map(|start| word_at(line, start, &words).filter(|r| !r.is_empty())).collect()
}

/// The range of `words` if they start exactly at `start`.
fn word_at(line: &TextLine, start: usize, words: &str) -> Option<Range<usize>> {
    let mut at = start;
    let mut wanted = words.trim().chars().peekable();
    while let Some(next) = wanted.next() {
        if next.is_whitespace() {
            while wanted.peek().is_some_and(|c| c.is_whitespace()) {
                wanted.next();
            }
            let before = at;
            at = skip(line, at, |c| c == ' ');
            if at == before {
                return None;
            }
        } else {
            // `Số :` is written too.
            if next == ':' {
                at = skip(line, at, |c| c == ' ');
            }
            if line.chars.get(at)?.character != next {
                return None;
            }
            at += 1;
        }
    }
    Some(start..at)
}

fn starts_a_word(line: &TextLine, at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|i| line.chars.get(i));
    before.is_none_or(|c| !c.character.is_alphanumeric())
}

fn skip(line: &TextLine, from: usize, wanted: impl Fn(char) -> bool) -> usize {
    let rest = line.chars.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|c| wanted(c.character)).count()
}

/// The blank and its digits after a word.
fn blank_after(line: &TextLine, from: usize) -> Range<usize> {
    from..skip(line, from, |c| c == ' ' || is_leader(c) || c.is_ascii_digit())
}

fn is_leader(c: char) -> bool {
    matches!(c, '.' | '…' | '_' | '‥' | '․' | '·')
}

fn place_between(line: &TextLine, from: usize, blank: Range<usize>, room: f64) -> Place {
    let edge = |i: usize| line.chars.get(i);
    let left = from.checked_sub(1).and_then(edge).map_or(0.0, |c| c.x1);
    // Size and baseline of the words before the blank: a gap has none of its own.
    let label = from.checked_sub(1).and_then(edge);
    let (size, baseline) = label.map_or((line.font_size, line.baseline), |c| (c.size, c.baseline));
    let chars = line.chars.get(blank.clone()).unwrap_or_default();
    // What follows bounds the room, unless it is another column far to the right.
    let right = match edge(blank.end) {
        Some(next) if room == 0.0 || next.x0 - left <= 2.5 * room => next.x0,
        _ => chars.iter().rev().find(|c| c.character != ' ').map_or(left + room, |c| c.x1.max(left + room)),
    };
    let rect = [left + 1.0, baseline - 0.25 * size, right - 0.5, baseline + 0.9 * size];
    Place { font_size: size, baseline, ..describe(line, rect, chars) }
}

fn describe(line: &TextLine, rect: [f64; 4], chars: &[TextChar]) -> Place {
    Place {
        page: line.page,
        rect,
        baseline: chars.first().map_or(line.baseline, |c| c.baseline),
        font_size: chars.first().map_or(line.font_size, |c| c.size),
        filled: chars.iter().any(|c| c.character.is_ascii_digit()),
        dotted: chars.iter().any(|c| is_leader(c.character)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tests::line;

    #[test]
    fn finds_the_number_in_every_way_it_is_left_out() {
        // Characters are 5 units wide from 100 on: the room runs from after `Số:` to before `/`.
        let cases = [
            ("Số:      /QĐ-UBND", 115.0, 145.0, false, false),
            ("Số: ....../SNV-VP", 115.0, 150.0, false, true),
            ("Số: ……/SNV-VP", 115.0, 130.0, false, true),
            ("Số:____/SNV", 115.0, 135.0, false, true),
            ("Số : 15/SNV", 120.0, 135.0, true, false),
            ("Số:      /SNV    Nam Định, ngày    tháng 02 năm 2026", 115.0, 145.0, false, false),
        ];
        for (text, left, right, filled, dotted) in cases {
            let place = number(&[line(700.0, text)]).unwrap();
            assert_eq!((place.rect[0], place.rect[2]), (left + 1.0, right - 0.5), "{text}");
            assert_eq!((place.filled, place.dotted), (filled, dotted), "{text}");
            assert_eq!(place.baseline, 700.0);
        }
        assert_eq!(number(&[line(700.0, "Quyết định số: 12, MãSố: 3")]), None);
    }

    #[test]
    fn a_number_with_nothing_after_it_gets_default_room() {
        let place = number(&[line(700.0, "Số:")]).unwrap();
        assert_eq!((place.rect[0], place.rect[2]), (116.0, 154.5));
    }

    #[test]
    fn finds_the_date_line_and_its_three_places() {
        let cases = [
            ("Nam Định, ngày     tháng     năm 2026", [false, false, true]),
            ("Nam Định, ngày ... tháng … năm 2026", [false, false, true]),
            ("ngày 05 tháng 02 năm 2026", [true, true, true]),
            ("ngày__tháng__năm____", [false, false, false]),
        ];
        for (text, filled) in cases {
            let found = date(&[line(700.0, "ngày mai"), line(690.0, text)]).unwrap();
            let got = [found.day.filled, found.month.filled, found.year.filled];
            assert_eq!(got, filled, "{text}");
            assert!(found.day.rect[2] < found.month.rect[0], "{text}");
            assert_eq!(found.day.baseline, 690.0);
        }
        assert_eq!(date(&[line(700.0, "ngày nay, tháng trước và năm sau")]), None);
    }

    #[test]
    fn finds_room_between_title_and_name() {
        let lines = [
            line(500.0, "Nguyễn  Văn An là GIÁM ĐỐC"),
            line(300.0, "          GIÁM ĐỐC"),
            line(220.0, "        Nguyễn Văn  An"),
        ];
        assert_eq!(find_text(&lines, "Nguyễn Văn An").len(), 2);
        let place = between(&lines, "GIÁM ĐỐC", "Nguyễn Văn An").unwrap();
        assert_eq!((place.rect[1], place.rect[3]), (231.0, 295.5));
        assert_eq!(place.rect[2] - place.rect[0], 150.0);
        assert_eq!(between(&lines, "GIÁM ĐỐC", "Trần Thị Bình"), None);
    }
}
