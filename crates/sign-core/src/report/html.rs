//! A report as one HTML page that stands by itself: no script, nothing fetched, pictures inside.
//!
//! The page says so in its own content security policy, which allows the one style sheet by its digest
//! and pictures from `data:`. All texts go through [`Escaped`].

use super::model::Report;
use super::pictures::{PagePicture, Pictures};
use super::reading::{Note, Reading, Row, SignatureReading, capital};
use super::words::situations::Tone;
use super::words::{self, Lang};
use crate::crypto::digest::{DigestAlgorithm, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use std::fmt::{self, Display, Write};

/// The page's looks.
const STYLE: &str = include_str!("html.css");
/// With more signatures than this, those in order are folded up.
const UNFOLDED: usize = 10;

/// The report as a page in one language, with the verdict in the other beside it.
pub fn render_html(report: &Report, pictures: &Pictures, lang: Lang) -> String {
    let reading = Reading::new(report, lang);
    let mut page = Page { out: String::new(), lang };
    page.head(&reading);
    page.first_screen(&reading);
    page.pictures(&reading, pictures);
    page.signatures(&reading);
    page.rest(&reading);
    page.add(format_args!("</main></body></html>\n"));
    page.out
}

/// Text between tags or in a quoted attribute (HTML 13.1.2.3, 13.1.4).
struct Escaped<'t>(&'t str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&quick_xml::escape::escape(self.0))
    }
}

/// The style class of a tone.
fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "good",
        Tone::Open => "open",
        Tone::Bad => "bad",
        Tone::Plain => "plain",
    }
}

struct Page {
    out: String,
    lang: Lang,
}

impl Page {
    fn add(&mut self, markup: fmt::Arguments<'_>) {
        // A string takes everything.
        let _ = self.out.write_fmt(markup);
    }

    fn pick(&self, vi: &'static str, en: &'static str) -> &'static str {
        self.lang.pick(vi, en)
    }

    fn head(&mut self, reading: &Reading) {
        let style = BASE64.encode(digest(DigestAlgorithm::Sha256, STYLE.as_bytes()));
        let title = Escaped(&reading.title);
        let lang = code(self.lang);
        self.add(format_args!(
            "<!DOCTYPE html>\n<html lang=\"{lang}\"><head><meta charset=\"utf-8\"/>\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{style}'; \
             img-src data:; base-uri 'none'; form-action 'none'\"/>\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\
             <meta name=\"referrer\" content=\"no-referrer\"/><title>{title}</title>\
             <style>{STYLE}</style></head>\n<body><main>\n"
        ));
    }

    fn first_screen(&mut self, reading: &Reading) {
        let tone = class(reading.tone);
        let name = reading.file.first().map_or("", |row| row.value.as_str());
        let (file, what) = (self.pick("Tệp", "File"), self.pick("Việc cần làm", "What to do now"));
        let other = code(self.lang.pick(Lang::En, Lang::Vi));
        self.add(format_args!(
            "<p class=\"file\">{file}: <bdi>{}</bdi></p>\n\
             <header class=\"verdict {tone}\"><span class=\"symbol\" aria-hidden=\"true\">{}</span><div>\
             <h1>{}</h1><p class=\"sentence\">{}.</p><p class=\"other\" lang=\"{other}\">{}.</p></div></header>\n\
             <section class=\"todo {tone}\"><h2>{what}</h2>",
            Escaped(name),
            reading.tone.symbol(),
            Escaped(&reading.heading),
            Escaped(&capital(reading.sentence)),
            Escaped(&reading.in_other_language),
        ));
        for advice in &reading.advice {
            self.add(format_args!("<p>{}</p>", Escaped(advice)));
        }
        self.out.push_str("</section>\n");
        self.rows(&reading.summary);
    }

    /// Labels and values; a row without a label goes on with the one before.
    fn rows(&mut self, rows: &[Row]) {
        if rows.is_empty() {
            return;
        }
        self.out.push_str("<dl>");
        for row in rows {
            let (tone, value) = (class(row.tone), Escaped(&row.value));
            let hash = if row.label == "SHA-256" { " hash" } else { "" };
            self.add(format_args!("<dt>{}</dt><dd class=\"{tone}{hash}\">", Escaped(row.label)));
            if row.tone != Tone::Plain {
                self.add(format_args!("{} ", mark(row.tone)));
            }
            self.add(format_args!("<bdi>{value}</bdi></dd>"));
        }
        self.out.push_str("</dl>\n");
    }

    fn pictures(&mut self, reading: &Reading, pictures: &Pictures) {
        if pictures.pages.is_empty() && pictures.problem.is_none() {
            return;
        }
        let title = self.pick("Hình các trang", "Pictures of the pages");
        self.add(format_args!("<section><h2>{title}</h2>"));
        if let Some(problem) = &pictures.problem {
            let words = words::error(problem, "");
            let message = self.lang.pick(words.message_vi, words.message_en);
            let label = self.pick("Không có hình", "No pictures");
            self.add(format_args!("<p>{label}: {}.</p>", Escaped(&message)));
        }
        self.out.push_str("<div class=\"pages\">");
        for picture in &pictures.pages {
            self.picture(reading, picture);
        }
        self.out.push_str("</div>");
        let left_out = pictures.of.saturating_sub(pictures.pages.len() as u64);
        if left_out > 0 && !pictures.pages.is_empty() {
            let words = match self.lang {
                Lang::Vi => format!("Không có hình của {left_out} trang khác; xem trong tệp."),
                Lang::En => format!("{left_out} further pages have no picture here; see the file."),
            };
            self.add(format_args!("<p>{words}</p>"));
        }
        self.out.push_str("</section>\n");
    }

    /// An SVG: its boxes take their places as attributes, which the content security policy allows.
    fn picture(&mut self, reading: &Reading, picture: &PagePicture) {
        let (page, width, height) = (picture.page, picture.width, picture.height);
        let label = format!("{} {page}", self.pick("Trang", "Page"));
        let numbers: Vec<String> =
            picture.marks.iter().map(|mark| (mark.signature + 1).to_string()).collect();
        let caption = if numbers.is_empty() {
            label
        } else {
            format!("{label}: {} {}", self.pick("chữ ký", "signatures"), numbers.join(", "))
        };
        let data = BASE64.encode(&picture.png);
        self.add(format_args!(
            "<figure><svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
             aria-label=\"{}\"><image width=\"{width}\" height=\"{height}\" \
             href=\"data:image/png;base64,{data}\"/>",
            Escaped(&caption)
        ));
        let radius = f64::from(width.max(height)) / 60.0;
        for (mark, (x, y)) in picture.marks.iter().zip(picture.badges(radius)) {
            let tone = reading.signatures.get(mark.signature).map_or(Tone::Plain, |s| s.tone);
            let [left, top, right, bottom] = mark.rect;
            self.add(format_args!(
                "<g class=\"{}\"><rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>\
                 <circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\"/>\
                 <text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{radius:.1}\">{}</text></g>",
                class(tone),
                (right - left).max(0.0),
                (bottom - top).max(0.0),
                mark.signature + 1
            ));
        }
        self.add(format_args!("</svg><figcaption>{}</figcaption></figure>", Escaped(&caption)));
    }

    fn signatures(&mut self, reading: &Reading) {
        let signatures = &reading.signatures;
        if signatures.is_empty() {
            return;
        }
        let title = self.pick("Từng chữ ký", "Each signature");
        self.add(format_args!("<section><h2>{title}</h2>"));
        if signatures.len() > 1 {
            self.overview(signatures);
        }
        for (index, signature) in signatures.iter().enumerate() {
            let folded = signatures.len() > UNFOLDED && signature.tone == Tone::Good;
            self.signature(index + 1, signature, folded);
        }
        self.out.push_str("</section>\n");
    }

    fn overview(&mut self, signatures: &[SignatureReading]) {
        let heads =
            [("", "No."), ("Người ký", "Signer"), ("Thời điểm ký", "Signed at"), ("Kết quả", "Result")];
        self.out.push_str("<table><thead><tr>");
        for (vi, en) in heads {
            let head = if vi.is_empty() { self.pick("Số", en) } else { self.pick(vi, en) };
            self.add(format_args!("<th scope=\"col\">{head}</th>"));
        }
        self.out.push_str("</tr></thead><tbody>");
        for (index, signature) in signatures.iter().enumerate() {
            let number = index + 1;
            self.add(format_args!(
                "<tr><td><a href=\"#s{number}\">{number}</a></td><td><bdi>{}</bdi></td><td>{}</td>\
                 <td class=\"{}\"><span class=\"status\">{} {}</span></td></tr>",
                Escaped(&signature.signer),
                Escaped(&signature.when),
                class(signature.tone),
                mark(signature.tone),
                Escaped(&signature.status)
            ));
        }
        self.out.push_str("</tbody></table>\n");
    }

    fn signature(&mut self, number: usize, signature: &SignatureReading, folded: bool) {
        let tone = class(signature.tone);
        self.add(format_args!(
            "<article class=\"signature {tone}\" id=\"s{number}\"><h3>{}: <bdi>{}</bdi></h3>\
             <p><span class=\"status\">{} {}</span> — <bdi>{}</bdi></p>",
            Escaped(&signature.name),
            Escaped(&signature.signer),
            mark(signature.tone),
            Escaped(&signature.status),
            Escaped(&signature.place)
        ));
        if folded {
            let more = self.pick("Chi tiết", "Details");
            self.add(format_args!("<details><summary>{more}</summary>"));
        }
        self.notes(&signature.notes);
        self.rows(&signature.rows);
        self.changes(signature);
        self.chain(&signature.chain);
        self.out.push_str(if folded { "</details></article>\n" } else { "</article>\n" });
    }

    fn notes(&mut self, notes: &[Note]) {
        if notes.is_empty() {
            return;
        }
        self.out.push_str("<ul class=\"notes\">");
        for note in notes {
            let (tone, sign) = (class(note.tone), mark(note.tone));
            self.add(format_args!("<li class=\"{tone}\">{sign} <bdi>{}</bdi></li>", Escaped(&note.text)));
        }
        self.out.push_str("</ul>\n");
    }

    fn changes(&mut self, signature: &SignatureReading) {
        if signature.changes.is_empty() {
            return;
        }
        let title = self.pick("Thay đổi sau khi ký", "Changes after signing");
        let heads = [
            self.pick("Trang", "Page"),
            self.pick("Đối tượng", "Object"),
            self.pick("Trước", "Before"),
            self.pick("Sau", "After"),
        ];
        self.add(format_args!("<h4>{title}</h4><table><thead><tr>"));
        for head in heads {
            self.add(format_args!("<th scope=\"col\">{head}</th>"));
        }
        self.out.push_str("</tr></thead><tbody>");
        for change in &signature.changes {
            self.out.push_str("<tr>");
            for cell in [&change.page, &change.what, &change.old, &change.new] {
                self.add(format_args!("<td><bdi>{}</bdi></td>", Escaped(cell)));
            }
            self.out.push_str("</tr>");
        }
        self.out.push_str("</tbody></table>\n");
        if signature.more_changes > 0 {
            let words = self.pick("đối tượng khác, xem báo cáo JSON", "more objects, see the JSON report");
            self.add(format_args!("<p>… {} {words}</p>", signature.more_changes));
        }
    }

    fn chain(&mut self, chain: &[Vec<Row>]) {
        if chain.is_empty() {
            return;
        }
        let title = self.pick("Đường dẫn chứng thư số", "Certificate path");
        self.add(format_args!("<details><summary>{title} ({})</summary><ol>", chain.len()));
        for certificate in chain {
            self.out.push_str("<li>");
            self.rows(certificate);
            self.out.push_str("</li>");
        }
        self.out.push_str("</ol></details>\n");
    }

    fn rest(&mut self, reading: &Reading) {
        if !reading.wanted.is_empty() {
            let title = self.pick("Còn thiếu", "Still open");
            self.add(format_args!("<section><h2>{title}</h2><ul>"));
            for (what, urls) in &reading.wanted {
                self.add(format_args!("<li><bdi>{}</bdi>", Escaped(what)));
                // As text: an address from a document is not for clicking.
                for url in urls {
                    self.add(format_args!("<br/><bdi class=\"hash\">{}</bdi>", Escaped(url)));
                }
                self.out.push_str("</li>");
            }
            self.out.push_str("</ul></section>\n");
        }
        if !reading.notes.is_empty() {
            let title = self.pick("Về cả tệp", "About the document");
            self.add(format_args!("<section><h2>{title}</h2>"));
            self.notes(&reading.notes);
            self.out.push_str("</section>\n");
        }
        let title = self.pick("Tệp được kiểm tra", "The file that was checked");
        self.add(format_args!("<section><h2>{title}</h2>"));
        self.rows(&reading.file);
        let footer = self.pick(
            "Hình trang chỉ để tiện xem. Căn cứ là tệp có mã SHA-256 trên đây.",
            "The pictures are for convenience. What counts is the file with the SHA-256 above.",
        );
        self.add(format_args!("</section><footer>{footer}</footer>\n"));
    }
}

/// A tone's symbol before words that say the same.
fn mark(tone: Tone) -> Mark {
    Mark(tone)
}

struct Mark(Tone);

impl Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<span class=\"mark {}\" aria-hidden=\"true\">{}</span>", class(self.0), self.0.symbol())
    }
}

fn code(lang: Lang) -> &'static str {
    lang.pick("vi", "en")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::{Change, ChangeLevel, SignatureReport, Wanted};
    use crate::report::pictures::Mark;
    use crate::report::sample::judged;
    use crate::verdict::{Indication, SubIndication, Verdict};
    use quick_xml::Reader;
    use quick_xml::events::Event;
    use std::collections::BTreeSet;

    /// Element names, and attributes with their values, of a page that must be well-formed.
    fn parsed(page: &str) -> (BTreeSet<String>, Vec<(String, String)>) {
        let mut reader = Reader::from_str(page);
        let (mut names, mut attributes, mut depth) = (BTreeSet::new(), Vec::new(), 0);
        loop {
            let event = reader.read_event().unwrap_or_else(|e| panic!("{e} in\n{page}"));
            let element = match &event {
                Event::Eof => break,
                Event::Start(element) => {
                    depth += 1;
                    element
                }
                Event::Empty(element) => element,
                Event::End(_) => {
                    depth -= 1;
                    continue;
                }
                _ => continue,
            };
            names.insert(element.name().as_ref().to_owned());
            for attribute in element.attributes() {
                let attribute = attribute.unwrap();
                attributes.push((attribute.key.as_ref().to_owned(), attribute.value.into_owned()));
            }
        }
        assert_eq!(depth, 0);
        (names, attributes)
    }

    fn pictured() -> Pictures {
        let marks = vec![Mark { signature: 1, rect: [60.0, 70.0, 90.0, 95.0] }];
        let picture = PagePicture { page: 3, width: 100, height: 140, png: b"PNG".to_vec(), marks };
        Pictures { pages: vec![picture], of: 5, problem: None }
    }

    #[test]
    fn every_verdict_makes_a_well_formed_page_in_both_languages() {
        for verdict in [Verdict::Valid, Verdict::Invalid, Verdict::Indeterminate, Verdict::Unsigned] {
            for lang in [Lang::Vi, Lang::En] {
                let page = render_html(&judged(verdict, None), &pictured(), lang);
                let (names, _) = parsed(&page);
                assert!(names.contains("h1") && names.contains("svg"), "{names:?}");
                assert!(page.contains(&format!("<html lang=\"{}\">", code(lang))));
            }
        }
    }

    /// All texts of a signature that a document decides.
    fn hostile(signature: &mut SignatureReport, text: &str) {
        let text = || text.to_owned();
        signature.field = text();
        signature.sub_filter = text();
        signature.signer.name = Some(text());
        signature.signer.organisation = Some(text() + "x");
        signature.signer.email = Some(text());
        signature.signer.issuer = Some(text());
        signature.trust.anchor = Some(text());
        signature.trust.source = Some(text());
        signature.time.tsa = Some(text());
        signature.algorithm.digest = Some(text());
        signature.findings = vec![words::finding("no_chain", &text())];
        signature.changes.level = ChangeLevel::Other;
        signature.changes.allowed = false;
        signature.changes.details = vec![Change {
            object: text(),
            path: text(),
            rule: text(),
            page: Some(1),
            rect: None,
            old: Some(text()),
            new: Some(text()),
        }];
    }

    #[test]
    fn nothing_from_a_document_becomes_markup_or_turns_the_text_around() {
        let harmless = render_html(&judged(Verdict::Invalid, None), &pictured(), Lang::Vi);
        let known = parsed(&harmless).0;
        for text in [
            "<script>alert(1)</script>",
            "</style><img src=x onerror=alert(1)>",
            "\" onclick=\"alert(1)",
            "' onclick='alert(1)",
            "&lt;b&gt;&#x202e;<!-- -->]]>",
            "\u{202e}gnữ ỗđ\u{2066}\u{200b}\u{7}\0\u{1b}[2J",
        ] {
            let mut report = judged(Verdict::Invalid, Some(SubIndication::HashFailure));
            hostile(&mut report.signatures[0], text);
            report.file.name = text.to_owned();
            report.policy = text.to_owned();
            report.wanted = vec![Wanted { kind: text.into(), subject: text.into(), urls: vec![text.into()] }];
            let page = render_html(&report, &pictured(), Lang::Vi);
            let (names, attributes) = parsed(&page);
            let more =
                ["table", "thead", "tbody", "tr", "th", "td", "h4", "br", "ul", "li"].map(str::to_owned);
            let known: BTreeSet<String> = known.iter().cloned().chain(more).collect();
            assert!(names.is_subset(&known), "{text}: {names:?}");
            for (name, value) in attributes {
                assert!(!name.starts_with("on") && name != "src" && name != "style", "{text}: {name}");
                let inside = value.starts_with('#') || value.starts_with("data:image/png;base64,");
                assert!(name != "href" || inside, "{text}: {value}");
            }
            let invisible = |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c);
            assert!(!page.contains(invisible), "{text:?}");
        }
    }

    #[test]
    fn the_policy_of_the_page_allows_its_own_style_and_no_other() {
        let page = render_html(&judged(Verdict::Valid, None), &Pictures::default(), Lang::En);
        let style = page.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
        let hash = BASE64.encode(digest(DigestAlgorithm::Sha256, style.as_bytes()));
        assert!(page.contains(&format!("style-src 'sha256-{hash}'; img-src data:")));
        assert!(page.contains("default-src 'none'"));
    }

    #[test]
    fn boxes_stand_where_the_signatures_are_and_pages_left_out_are_counted() {
        let page = render_html(&judged(Verdict::Valid, None), &pictured(), Lang::Vi);
        assert!(page.contains(r#"<rect x="60.0" y="70.0" width="30.0" height="25.0"/>"#));
        assert!(page.contains("Trang 3: chữ ký 2"));
        assert!(page.contains("Không có hình của 4 trang khác"));
        let none = Pictures { problem: Some("pages_unreadable".into()), ..Pictures::default() };
        let page = render_html(&judged(Verdict::Valid, None), &none, Lang::Vi);
        assert!(page.contains("Không có hình: "));
    }

    #[test]
    fn of_two_hundred_signatures_only_those_not_in_order_are_unfolded() {
        let mut report = judged(Verdict::Invalid, None);
        let mut good = report.signatures[0].clone();
        good.indication = Indication::TotalPassed;
        let bad = report.signatures[1].clone();
        report.signatures = vec![good; 200];
        report.signatures[150] = bad;
        let page = render_html(&report, &Pictures::default(), Lang::En);
        parsed(&page);
        assert_eq!(page.matches("<summary>Details</summary>").count(), 199);
        assert!(page.contains("<a href=\"#s151\">151</a>"));
        assert!(page.len() < 1_000_000, "{}", page.len());
    }
}
