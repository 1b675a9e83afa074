//! Every sentence for people, in Vietnamese and English, made from stable codes.
//!
//! The only place in this crate where such sentences are written: [`error`] for what could not be
//! done, [`finding`] for what was noticed, [`render_text`] for a whole report. No judgement here.

pub(in crate::report) mod changes;
mod errors;
pub(in crate::report) mod facts;
mod findings;
pub(in crate::report) mod situations;

pub use super::etsi::render_etsi;
pub use super::html::render_html;
use super::model::{CaClass, ContentFinding, ErrorWords, Finding, SCHEMA, Unjudged};
pub use super::paper::render_pdf;
pub use super::sheet::SheetError;
pub use super::text::render_text;
use crate::pades::scan::Scan;

/// The language a reader chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// Vietnamese.
    #[default]
    Vi,
    /// English.
    En,
}

impl Lang {
    /// `vi` or `en` (also `vi_VN.UTF-8`, as in LANG); anything else is none.
    pub fn from_code(code: &str) -> Option<Self> {
        let primary = code.split(['_', '-', '.']).next().unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "vi" => Some(Self::Vi),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// The one of two texts that is in this language.
    pub fn pick<T>(self, vi: T, en: T) -> T {
        match self {
            Self::Vi => vi,
            Self::En => en,
        }
    }
}

/// The words for an error `code`; `detail` (may be empty) is appended to the message, as in a byte
/// offset or a field name. An unknown code gets general words, never none.
pub fn error(code: &str, detail: &str) -> ErrorWords {
    let row = errors::row(code);
    ErrorWords {
        code: code.to_owned(),
        message_vi: with_detail(row.message_vi, detail),
        message_en: with_detail(row.message_en, detail),
        hint_vi: row.hint_vi.to_owned(),
        hint_en: row.hint_en.to_owned(),
    }
}

/// What is printed for a file that could not be judged.
pub fn unjudged(file: &str, error: ErrorWords) -> Unjudged {
    Unjudged { schema: SCHEMA.to_owned(), file: file.to_owned(), error }
}

/// The finding of this `code`; `detail` (may be empty) is appended to its sentences.
pub fn finding(code: &str, detail: &str) -> Finding {
    let row = findings::row(code);
    Finding {
        code: code.to_owned(),
        severity: row.severity,
        message_vi: with_detail(row.vi, detail),
        message_en: with_detail(row.en, detail),
    }
}

/// What a scan of the content found, with weight and words.
pub fn content_findings(scan: &Scan) -> Vec<ContentFinding> {
    let with_words = |risk: &crate::pades::scan::Risk| {
        let Finding { code, severity, message_vi, message_en } = finding(risk.code, &risk.detail);
        let object = risk.object.map(|id| id.to_string());
        ContentFinding {
            code,
            severity,
            object,
            page: risk.page.map(|page| page + 1),
            message_vi,
            message_en,
        }
    };
    scan.risks.iter().map(with_words).collect()
}

/// The words for a reason why a document is not a complete official one.
pub fn official_reason(code: &str, lang: Lang) -> String {
    let row = findings::row(code);
    lang.pick(row.vi, row.en).to_owned()
}

/// The kind of an authority, for a reader. Other than the law's two is never said in passing.
pub fn ca_class(class: CaClass, lang: Lang) -> &'static str {
    match class {
        CaClass::PublicService => lang.pick("chuyên dùng công vụ", "public-service authority"),
        CaClass::Public => lang.pick("công cộng", "public authority"),
        CaClass::Other => lang.pick(
            "KHÔNG phải chuyên dùng công vụ, KHÔNG phải công cộng",
            "NEITHER a public-service NOR a public authority",
        ),
    }
}

fn with_detail(sentence: &str, detail: &str) -> String {
    if detail.is_empty() { sentence.to_owned() } else { format!("{sentence}: {}", printable(detail)) }
}

/// Text from a document, fit for a terminal: no control characters (escape sequences) and no
/// invisible or direction-changing ones that could make one name look like another.
pub fn printable(text: &str) -> String {
    let hidden = |c: char| {
        matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
    };
    text.chars().map(|c| if c.is_control() || hidden(c) { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_has_its_own_words_in_both_languages() {
        let mut codes = BTreeSet::new();
        for row in errors::TABLE {
            assert!(codes.insert(row.code), "{} twice", row.code);
            for text in [row.message_vi, row.message_en, row.hint_vi, row.hint_en] {
                assert!(!text.is_empty() && !text.ends_with(' '), "{}", row.code);
            }
        }
        let mut codes = BTreeSet::new();
        for row in findings::TABLE {
            assert!(codes.insert(row.code), "{} twice", row.code);
            assert!(!row.vi.is_empty() && !row.en.is_empty(), "{}", row.code);
        }
    }

    #[test]
    fn an_unknown_code_still_gets_words() {
        let words = error("no_such_code", "object 3 0");
        assert_eq!(words.code, "no_such_code");
        assert!(words.message_en.ends_with(": object 3 0"), "{}", words.message_en);
        assert!(!words.hint_vi.is_empty());
        assert!(!finding("no_such_code", "").message_vi.is_empty());
    }

    #[test]
    fn a_name_cannot_drive_the_terminal() {
        assert_eq!(printable("A\u{1b}[2J\u{202e}B"), "A\u{fffd}[2J\u{fffd}B");
    }

    #[test]
    fn languages_are_read_from_locale_names() {
        assert_eq!(Lang::from_code("vi_VN.UTF-8"), Some(Lang::Vi));
        assert_eq!(Lang::from_code("en"), Some(Lang::En));
        assert_eq!(Lang::from_code("C"), None);
    }
}
