//! A report as a PDF that can itself be sealed: A4, PDF/A-2b, text that can be searched, pictures inside.
//!
//! The same report gives the same bytes.

use super::model::Report;
use super::pictures::{PagePicture, Pictures};
use super::reading::{Note, Reading, Row, SignatureReading, capital};
use super::sheet::{Colour, MARGIN, SheetError, Sheets, Style, WIDTH, Weight};
use super::words::situations::Tone;
use super::words::{self, Lang};

const BODY: f64 = WIDTH - 2.0 * MARGIN;
/// Width of the labels' column.
const LABELS: f64 = 128.0;
const INK: Colour = [0.106, 0.122, 0.141];
const WHITE: Colour = [1.0, 1.0, 1.0];
const GREY: Colour = [0.24, 0.275, 0.314];
const LINE: Colour = [0.788, 0.816, 0.847];

/// The report as a document in one language, with the verdict in the other beside it.
///
/// # Errors
/// [`SheetError`] if a picture is not a readable PNG.
pub fn render_pdf(report: &Report, pictures: &Pictures, lang: Lang) -> Result<Vec<u8>, SheetError> {
    let reading = Reading::new(report, lang);
    let mut paper = Paper { sheets: Sheets::new()?, lang };
    paper.first_screen(&reading)?;
    paper.pictures(&reading, pictures)?;
    paper.signatures(&reading)?;
    paper.rest(&reading)?;
    let digest: String = report.file.sha256.chars().filter(char::is_ascii_hexdigit).take(64).collect();
    let page = lang.pick("Trang", "Page");
    let style = Style { size: 7.0, ..text(GREY) };
    paper.sheets.finish(&reading.title, lang.pick("vi", "en"), style, |number, of| {
        format!("{page} {number}/{of}   ·   SHA-256 {digest}")
    })
}

/// A tone's colour; the words beside it say the same.
fn colour(tone: Tone) -> Colour {
    match tone {
        Tone::Good => [0.078, 0.376, 0.184],
        Tone::Open => [0.478, 0.29, 0.0],
        Tone::Bad => [0.608, 0.078, 0.125],
        Tone::Plain => GREY,
    }
}

fn text(colour: Colour) -> Style {
    Style { weight: Weight::Regular, size: 9.5, colour }
}

fn bold(colour: Colour) -> Style {
    Style { weight: Weight::Bold, ..text(colour) }
}

/// Of the numbers on pictures.
const RADIUS: f64 = 7.0;

struct Paper {
    sheets: Sheets,
    lang: Lang,
}

impl Paper {
    fn pick(&self, vi: &'static str, en: &'static str) -> &'static str {
        self.lang.pick(vi, en)
    }

    fn first_screen(&mut self, reading: &Reading) -> Result<(), SheetError> {
        self.sheets.paragraph(&reading.title, text(GREY), MARGIN, BODY)?;
        self.sheets.skip(4.0);
        self.verdict(reading)?;
        self.advice(reading)?;
        self.rows(&reading.summary)
    }

    /// The large coloured box with the symbol.
    fn verdict(&mut self, reading: &Reading) -> Result<(), SheetError> {
        const SIDE: f64 = 70.0;
        let styles = [
            (Style { size: 18.0, ..bold(WHITE) }, reading.heading.clone()),
            (Style { size: 12.5, ..text(WHITE) }, format!("{}.", capital(reading.sentence))),
            (Style { size: 9.0, ..text(WHITE) }, format!("{}.", reading.in_other_language)),
        ];
        let width = BODY - SIDE - 12.0;
        let mut lines = Vec::new();
        for (style, text) in styles {
            lines.extend(self.sheets.wrap(&text, style, width)?.into_iter().map(|line| (style, line)));
        }
        let height = lines.iter().map(|(style, _)| style.leading()).sum::<f64>() + 20.0;
        let height = height.max(SIDE);
        let top = self.sheets.y();
        self.sheets.fill(colour(reading.tone), MARGIN, top, BODY, height);
        let (x, y) = (MARGIN + SIDE / 2.0, top - height / 2.0);
        self.sheets.disc(WHITE, x, y, 23.0);
        self.symbol(reading.tone, colour(reading.tone), x, y, 12.0);
        self.sheets.skip(10.0);
        for (style, line) in lines {
            let baseline = self.sheets.y() - style.size;
            self.sheets.put(&line, style, MARGIN + SIDE, baseline)?;
            self.sheets.skip(style.leading());
        }
        self.sheets.skip((top - height - self.sheets.y()).abs() + 10.0);
        Ok(())
    }

    fn advice(&mut self, reading: &Reading) -> Result<(), SheetError> {
        let (head, body) = (bold(colour(reading.tone)), Style { size: 12.0, ..text(INK) });
        let mut lines = Vec::new();
        for advice in &reading.advice {
            lines.extend(self.sheets.wrap(advice, body, BODY - 24.0)?);
        }
        let height = head.leading() + body.leading() * lines.len() as f64 + 16.0;
        let top = self.sheets.y();
        self.sheets.frame(colour(reading.tone), 2.0, MARGIN, top, BODY, height);
        let title = self.pick("VIỆC CẦN LÀM", "WHAT TO DO NOW");
        self.sheets.put(title, head, MARGIN + 12.0, top - 8.0 - head.size)?;
        self.sheets.skip(8.0 + head.leading());
        for line in lines {
            let baseline = self.sheets.y() - body.size;
            self.sheets.put(&line, body, MARGIN + 12.0, baseline)?;
            self.sheets.skip(body.leading());
        }
        self.sheets.skip(18.0);
        Ok(())
    }

    /// A tone's symbol around a middle, as lines: the fonts need not have it.
    fn symbol(&mut self, tone: Tone, colour: Colour, x: f64, y: f64, size: f64) {
        let line = size / 3.5;
        let sheets = &mut self.sheets;
        match tone {
            Tone::Good => {
                let points = [(x - size, y), (x - size * 0.3, y - size * 0.7), (x + size, y + size * 0.8)];
                sheets.stroke(colour, line, &points);
            }
            Tone::Bad => {
                let side = size * 0.75;
                sheets.stroke(colour, line, &[(x - side, y - side), (x + side, y + side)]);
                sheets.stroke(colour, line, &[(x - side, y + side), (x + side, y - side)]);
            }
            Tone::Open => {
                sheets.stroke(colour, line, &[(x, y + size), (x, y - size * 0.3)]);
                sheets.disc(colour, x, y - size * 0.95, line * 0.65);
            }
            Tone::Plain => sheets.stroke(colour, line, &[(x - size, y), (x + size, y)]),
        }
    }

    fn heading(&mut self, title: &str) -> Result<(), SheetError> {
        let style = Style { size: 13.0, ..bold(INK) };
        self.sheets.skip(12.0);
        self.sheets.need(90.0);
        self.sheets.paragraph(title, style, MARGIN, BODY)?;
        let y = self.sheets.y();
        self.sheets.stroke(LINE, 1.0, &[(MARGIN, y), (MARGIN + BODY, y)]);
        self.sheets.skip(5.0);
        Ok(())
    }

    fn rows(&mut self, rows: &[Row]) -> Result<(), SheetError> {
        for row in rows {
            let style = match row.tone {
                Tone::Bad | Tone::Open => bold(colour(row.tone)),
                Tone::Good | Tone::Plain => text(INK),
            };
            self.sheets.need(style.leading() + 3.0);
            let top = self.sheets.y();
            for (line, label) in
                self.sheets.wrap(row.label, bold(INK), LABELS - 8.0)?.iter().take(2).enumerate()
            {
                let below = bold(INK).leading() * line as f64;
                self.sheets.put(label, bold(INK), MARGIN, top - below - style.size)?;
            }
            if row.tone != Tone::Plain {
                let y = top - style.size * 0.62;
                self.symbol(row.tone, colour(row.tone), MARGIN + LABELS + 3.0, y, 4.0);
            }
            self.sheets.paragraph(&row.value, style, MARGIN + LABELS + 13.0, BODY - LABELS - 13.0)?;
            self.sheets.skip(3.0);
        }
        Ok(())
    }

    fn notes(&mut self, notes: &[Note]) -> Result<(), SheetError> {
        for note in notes {
            let style = text(colour(note.tone));
            self.sheets.need(style.leading());
            let y = self.sheets.y() - style.size * 0.62;
            self.symbol(note.tone, colour(note.tone), MARGIN + 6.0, y, 3.5);
            self.sheets.paragraph(&note.text, style, MARGIN + 16.0, BODY - 16.0)?;
        }
        Ok(())
    }

    /// Two beside each other.
    fn pictures(&mut self, reading: &Reading, pictures: &Pictures) -> Result<(), SheetError> {
        const GAP: f64 = 16.0;
        const WIDE: f64 = (BODY - GAP) / 2.0;
        const HIGH: f64 = 350.0;
        if pictures.pages.is_empty() && pictures.problem.is_none() {
            return Ok(());
        }
        self.heading(self.pick("Hình các trang", "Pictures of the pages"))?;
        if let Some(problem) = &pictures.problem {
            let words = words::error(problem, "");
            let message = self.lang.pick(words.message_vi, words.message_en);
            let label = self.pick("Không có hình", "No pictures");
            self.sheets.paragraph(&format!("{label}: {message}."), text(INK), MARGIN, BODY)?;
        }
        for pair in pictures.pages.chunks(2) {
            let scales = pair
                .iter()
                .map(|p| (WIDE / f64::from(p.width.max(1))).min(HIGH / f64::from(p.height.max(1))));
            let scales: Vec<f64> = scales.collect();
            let heights = pair.iter().zip(&scales).map(|(p, scale)| f64::from(p.height) * scale);
            let height = heights.fold(0.0, f64::max);
            self.sheets.need(height + 22.0);
            let top = self.sheets.y();
            for (index, (picture, scale)) in pair.iter().zip(scales).enumerate() {
                self.picture(reading, picture, MARGIN + (WIDE + GAP) * index as f64, top, scale)?;
            }
            self.sheets.skip(height + 22.0);
        }
        let left_out = pictures.of.saturating_sub(pictures.pages.len() as u64);
        if left_out > 0 && !pictures.pages.is_empty() {
            let words = match self.lang {
                Lang::Vi => format!("Không có hình của {left_out} trang khác; xem trong tệp."),
                Lang::En => format!("{left_out} further pages have no picture here; see the file."),
            };
            self.sheets.paragraph(&words, text(INK), MARGIN, BODY)?;
        }
        Ok(())
    }

    fn picture(
        &mut self,
        reading: &Reading,
        picture: &PagePicture,
        x: f64,
        top: f64,
        scale: f64,
    ) -> Result<(), SheetError> {
        let (width, height) = (f64::from(picture.width) * scale, f64::from(picture.height) * scale);
        self.sheets.picture(&picture.png, x, top, width, height)?;
        self.sheets.frame(LINE, 0.5, x, top, width, height);
        let tone_of = |signature: usize| {
            reading.signatures.get(signature).map_or(Tone::Plain, |signature| signature.tone)
        };
        // All boxes first: a seal lies on its leader's signature, and would cut through that one's number.
        for mark in &picture.marks {
            let [left, above, right, below] = mark.rect.map(|side| side * scale);
            let colour = colour(tone_of(mark.signature));
            self.sheets.frame(colour, 1.2, x + left, top - above, right - left, below - above);
        }
        let badges = picture.badges(RADIUS / scale);
        for (mark, (badge_x, badge_y)) in picture.marks.iter().zip(badges) {
            let tone = tone_of(mark.signature);
            let (centre, middle) = (x + badge_x * scale, top - badge_y * scale);
            self.sheets.disc(colour(tone), centre, middle, RADIUS);
            let style = Style { size: 7.0, ..bold(WHITE) };
            let number = (mark.signature + 1).to_string();
            let wide = self.sheets.width(&number, style)?;
            self.sheets.put(&number, style, centre - wide / 2.0, middle - 2.5)?;
        }
        let page = self.pick("Trang", "Page");
        let style = Style { size: 8.0, ..text(GREY) };
        self.sheets.put(&format!("{page} {}", picture.page), style, x, top - height - 12.0)
    }

    fn signatures(&mut self, reading: &Reading) -> Result<(), SheetError> {
        if reading.signatures.is_empty() {
            return Ok(());
        }
        self.heading(self.pick("Từng chữ ký", "Each signature"))?;
        for signature in &reading.signatures {
            self.signature(signature)?;
        }
        Ok(())
    }

    fn signature(&mut self, signature: &SignatureReading) -> Result<(), SheetError> {
        let tone = colour(signature.tone);
        self.sheets.need(80.0);
        let head = Style { size: 11.0, ..bold(INK) };
        self.sheets.paragraph(&format!("{}: {}", signature.name, signature.signer), head, MARGIN, BODY)?;
        let status = format!("{} — {}", signature.status, signature.place);
        let y = self.sheets.y() - bold(tone).size * 0.62;
        self.symbol(signature.tone, tone, MARGIN + 6.0, y, 4.5);
        self.sheets.paragraph(&status, bold(tone), MARGIN + 16.0, BODY - 16.0)?;
        self.notes(&signature.notes)?;
        self.sheets.skip(3.0);
        self.rows(&signature.rows)?;
        self.changes(signature)?;
        self.chain(&signature.chain)?;
        self.sheets.skip(10.0);
        Ok(())
    }

    fn changes(&mut self, signature: &SignatureReading) -> Result<(), SheetError> {
        if signature.changes.is_empty() {
            return Ok(());
        }
        let title = self.pick("Thay đổi sau khi ký", "Changes after signing");
        self.sheets.need(40.0);
        self.sheets.paragraph(title, bold(INK), MARGIN, BODY)?;
        let heads = [self.pick("trang", "page"), self.pick("trước", "before"), self.pick("sau", "after")];
        for change in &signature.changes {
            let [page, before, after] = heads;
            let values = format!("{before} “{}”, {after} “{}”", change.old, change.new);
            let line = format!("– {page} {}: {}: {values}", change.page, change.what);
            self.sheets.paragraph(&line, text(INK), MARGIN + 12.0, BODY - 12.0)?;
        }
        if signature.more_changes > 0 {
            let words = self.pick("đối tượng khác, xem báo cáo JSON", "more objects, see the JSON report");
            let line = format!("… {} {words}", signature.more_changes);
            self.sheets.paragraph(&line, text(INK), MARGIN + 12.0, BODY - 12.0)?;
        }
        Ok(())
    }

    fn chain(&mut self, chain: &[Vec<Row>]) -> Result<(), SheetError> {
        if chain.is_empty() {
            return Ok(());
        }
        let title = self.pick("Đường dẫn chứng thư số", "Certificate path");
        self.sheets.need(60.0);
        self.sheets.paragraph(title, bold(INK), MARGIN, BODY)?;
        for (index, certificate) in chain.iter().enumerate() {
            let style = Style { size: 8.0, ..text(INK) };
            let lines = certificate.iter().map(|row| format!("{}: {}", row.label, row.value));
            let words = lines.collect::<Vec<_>>().join(" · ");
            self.sheets.paragraph(&format!("{}. {words}", index + 1), style, MARGIN + 12.0, BODY - 12.0)?;
        }
        Ok(())
    }

    fn rest(&mut self, reading: &Reading) -> Result<(), SheetError> {
        if !reading.wanted.is_empty() {
            self.heading(self.pick("Còn thiếu", "Still open"))?;
            for (what, urls) in &reading.wanted {
                self.sheets.paragraph(&format!("– {what}"), text(INK), MARGIN, BODY)?;
                for url in urls {
                    let style = Style { size: 8.0, ..text(GREY) };
                    self.sheets.paragraph(url, style, MARGIN + 12.0, BODY - 12.0)?;
                }
            }
        }
        if !reading.notes.is_empty() {
            self.heading(self.pick("Về cả tệp", "About the document"))?;
            self.notes(&reading.notes)?;
        }
        self.heading(self.pick("Tệp được kiểm tra", "The file that was checked"))?;
        self.rows(&reading.file)?;
        let note = self.pick(
            "Hình trang chỉ để tiện xem. Căn cứ là tệp có mã SHA-256 trên đây.",
            "The pictures are for convenience. What counts is the file with the SHA-256 above.",
        );
        self.sheets.paragraph(note, Style { size: 8.0, ..text(GREY) }, MARGIN, BODY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;
    use crate::pdf::Document;
    use crate::report::pictures::Mark;
    use crate::report::sample::judged;
    use crate::verdict::Verdict;

    fn pictured() -> Pictures {
        let mut png = Vec::new();
        let mut encoder = png::Encoder::new(&mut png, 1, 1);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.write_header().unwrap().write_image_data(&[200]).unwrap();
        let marks = vec![Mark { signature: 0, rect: [10.0, 10.0, 50.0, 40.0] }];
        let page = PagePicture { page: 1, width: 100, height: 140, png, marks };
        Pictures { pages: vec![page.clone(), page.clone(), page], of: 9, problem: None }
    }

    fn pages(bytes: Vec<u8>) -> u64 {
        let document = Document::open(&bytes, Limits::default()).unwrap();
        assert!(document.findings().is_empty(), "{:?}", document.findings());
        document.latest().page_count().unwrap()
    }

    #[test]
    fn the_same_report_gives_the_same_document() {
        for verdict in [Verdict::Valid, Verdict::Invalid, Verdict::Indeterminate, Verdict::Unsigned] {
            for lang in [Lang::Vi, Lang::En] {
                let make = || render_pdf(&judged(verdict, None), &pictured(), lang).unwrap();
                let made = make();
                assert!(made == make() && pages(made) >= 1);
            }
        }
    }

    #[test]
    fn names_that_no_font_has_and_endless_ones_are_set_all_the_same() {
        for name in ["字\u{202e}\u{5d0}\u{1f600}\0", &"ệ".repeat(10_000), &"W ".repeat(5_000), "", " "] {
            let mut report = judged(Verdict::Invalid, None);
            report.file.name = name.into();
            report.signatures[0].signer.name = Some(name.into());
            report.signatures[0].field = name.into();
            assert!(pages(render_pdf(&report, &Pictures::default(), Lang::Vi).unwrap()) < 6);
        }
    }

    #[test]
    fn two_hundred_signatures_take_the_pages_they_need() {
        let mut report = judged(Verdict::Valid, None);
        report.signatures = vec![report.signatures[0].clone(); 200];
        let count = pages(render_pdf(&report, &Pictures::default(), Lang::En).unwrap());
        assert!((60..=160).contains(&count), "{count}");
    }

    #[test]
    fn a_picture_that_is_none_is_an_error_with_its_cause() {
        let mut pictures = pictured();
        pictures.pages[0].png = b"GIF89a".to_vec();
        let error = render_pdf(&judged(Verdict::Valid, None), &pictures, Lang::Vi).unwrap_err();
        assert!(matches!(error, SheetError::Image(_)), "{error}");
    }
}
