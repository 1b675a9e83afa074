//! Whether something that is added to a page hides what stood there when it was signed: evil annotations and
//! sneaky signatures (Rohlmann, Mladenov, Mainka, Schwenk 2021). The standard lets a certification allow
//! annotations (P=3) and further signatures, and says nothing of where they lie.
//!
//! Facts only: where the signed letters are, and what covers them. For `pades::changes`.

use super::annotation::KNOWN;
use super::content::{Reader, Text};
use super::{entry, name_of};
use crate::error::PdfError;
use crate::pdf::{Object, View};
use std::collections::HashMap;
use std::rc::Rc;

/// Looks of one annotation that are read: states of a button have one each.
const MOST_LOOKS: usize = 16;
/// A note's icon is as large as this at most, in points; what is larger is no icon.
const LARGEST_ICON: f64 = 32.0;

/// The words of a signed revision's pages; each page is read once, and only if something lies on it.
pub(in crate::pades) struct Words<'d> {
    reader: Reader<'d>,
    view: View<'d>,
    pages: HashMap<usize, Option<Rc<Text>>>,
}

impl<'d> Words<'d> {
    pub(in crate::pades) fn of(view: View<'d>) -> Self {
        Self { reader: Reader::new(view), view, pages: HashMap::new() }
    }

    /// Whether letters of the page are in the box. A page that cannot be read may have them anywhere.
    ///
    /// # Errors
    /// [`PdfError`] if the page tree cannot be read.
    pub(in crate::pades) fn are_in(&mut self, page: usize, rect: [f64; 4]) -> Result<bool, PdfError> {
        let text = match self.pages.get(&page) {
            Some(text) => text.clone(),
            None => {
                let read = self.view.page(page)?.map(|page| self.reader.page(&page));
                let text = read.and_then(Result::ok).map(Rc::new);
                self.pages.insert(page, text.clone());
                text
            }
        };
        Ok(text.is_none_or(|text| text.shows_letters_in(rect, text.glyphs.len()) > 0))
    }
}

/// Whether the face of a signature lets nothing through somewhere: areas, wide lines, pictures without a mask.
/// Letters alone hide nothing, and seals are round pictures on nothing.
pub(in crate::pades) fn face_covers(view: View<'_>, widget: &Object) -> bool {
    looks(view, widget).is_none_or(|looks| looks.iter().any(|look| look.areas > 0 || !look.images.is_empty()))
}

/// Whether an annotation may hide what it lies on. Notes, and marks that let the text be seen, do not.
pub(in crate::pades) fn annotation_covers(view: View<'_>, annotation: &Object) -> bool {
    let says = |key| !entry(view, annotation, key).is_null();
    match name_of(&entry(view, annotation, "Subtype")).as_str() {
        "Popup" | "Link" => false,
        "Text" => !is_icon(view, annotation) || shows_letters(view, annotation),
        "Highlight" | "Underline" | "Squiggly" | "StrikeOut" | "Caret" => {
            says("AP") && (face_covers(view, annotation) || shows_letters(view, annotation))
        }
        "Square" | "Circle" | "Polygon" | "Line" | "PolyLine" | "Ink" => {
            let drawn = says("AP") && !face_covers(view, annotation) && !shows_letters(view, annotation);
            !drawn || says("IC")
        }
        // Free text, stamps, watermarks, media, and whatever else a reader draws.
        _ => true,
    }
}

/// Whether the annotation's kind is one that ISO 32000-2 table 171 names.
pub(in crate::pades) fn is_known(view: View<'_>, annotation: &Object) -> bool {
    KNOWN.contains(&name_of(&entry(view, annotation, "Subtype")).as_str())
}

/// `/Rect`, lower left and upper right corner.
pub(in crate::pades) fn rect(view: View<'_>, annotation: &Object) -> Option<[f64; 4]> {
    super::annotation::rect(view, annotation)
}

fn is_icon(view: View<'_>, annotation: &Object) -> bool {
    let small = |[x0, y0, x1, y1]: [f64; 4]| x1 - x0 <= LARGEST_ICON && y1 - y0 <= LARGEST_ICON;
    rect(view, annotation).is_some_and(small)
}

fn shows_letters(view: View<'_>, annotation: &Object) -> bool {
    looks(view, annotation).is_none_or(|looks| looks.iter().any(|look| !look.glyphs.is_empty()))
}

/// What the appearances show, each in its own space; none if one cannot be read.
fn looks(view: View<'_>, annotation: &Object) -> Option<Vec<Text>> {
    let appearances = entry(view, annotation, "AP");
    let mut open: Vec<Object> = ["N", "R", "D"].map(|key| entry(view, &appearances, key)).to_vec();
    let (mut looks, mut reader) = (Vec::new(), Reader::new(view));
    while let Some(appearance) = open.pop() {
        match &appearance {
            Object::Stream(form) => {
                looks.push(reader.form(form).ok()?);
                if looks.len() > MOST_LOOKS {
                    return None;
                }
            }
            Object::Dictionary(states) => {
                for (_, state) in states.iter().take(MOST_LOOKS) {
                    let state = view.resolve(state).ok()?;
                    // States hold no states.
                    if state.as_stream().is_some() {
                        open.push(Object::clone(&state));
                    }
                }
            }
            _ => {}
        }
    }
    Some(looks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;
    use crate::pdf::fixture::FileBuilder;
    use crate::pdf::{Document, ObjectId};

    /// Asks about an annotation (object 4) whose appearance (object 5) is this content.
    fn covers(annotation: &str, content: &str) -> bool {
        let resources = "/Resources<</ExtGState<</Faint<</ca .3>>/Strong<</ca .9>>/Dark<</BM/Multiply>>>>\
                         /Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>";
        let file = FileBuilder::new()
            .with_a_page()
            .object(4, &format!("<</Type/Annot/Rect[0 0 20 20]{annotation}>>"))
            .stream(5, &format!("/Subtype/Form/BBox[0 0 20 20]{resources}"), content.as_bytes())
            .table("");
        let document = Document::open(&file.bytes, Limits::default()).unwrap();
        let view = document.latest();
        annotation_covers(view, &view.object(ObjectId::new(4, 0)).unwrap())
    }

    #[test]
    fn marks_that_let_the_text_be_seen_are_told_from_boxes() {
        let cases = [
            ("0 0 9 9 re f", true),
            ("0 0 9 9 re W n", false),
            ("/Faint gs 0 0 9 9 re f", false),
            ("/Dark gs 0 0 9 9 re B", false),
            ("/Strong gs 0 0 9 9 re f", true),
            ("q /Dark gs Q 0 0 9 9 re f", true),
            ("1 w 0 0 m 9 9 l S", false),
            ("9 w 0 0 m 9 9 l S", true),
            ("9 0 0 9 0 0 cm 1 w 0 0 m 9 9 l S", true),
            ("BI /W 1 /H 1 /BPC 8 /CS /G ID x EI ", true),
            ("/Sh sh", true),
            ("BT /F 9 Tf (9) Tj ET", true),
        ];
        for (content, expected) in cases {
            assert_eq!(covers("/Subtype/Highlight/AP<</N 5 0 R>>", content), expected, "{content}");
        }
    }

    #[test]
    fn kinds_of_annotation_are_told_by_what_readers_draw() {
        let line = "1 w 0 0 m 9 9 l S";
        let cases = [
            ("/Subtype/Text", false),
            ("/Subtype/Text/AP<</N 5 0 R>>", false),
            ("/Subtype/Popup", false),
            ("/Subtype/Highlight", false),
            ("/Subtype/Square/AP<</N 5 0 R>>", false),
            ("/Subtype/Square/AP<</N<</On 5 0 R>>>>", false),
            ("/Subtype/Square/IC[1 1 1]/AP<</N 5 0 R>>", true),
            // Each reader draws it its own way.
            ("/Subtype/Ink", true),
            ("/Subtype/FreeText", true),
            ("/Subtype/Stamp/AP<</N 5 0 R>>", true),
            ("", true),
        ];
        for (annotation, expected) in cases {
            assert_eq!(covers(annotation, line), expected, "{annotation}");
        }
    }

    #[test]
    fn a_page_that_cannot_be_read_may_have_words_anywhere() {
        let file = FileBuilder::new()
            .object(1, "<</Type/Catalog/Pages 2 0 R>>")
            .object(2, "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 200 100]>>")
            .object(3, "<</Type/Page/Parent 2 0 R/Contents 4 0 R>>")
            .stream(4, "/Filter/FlateDecode", b"no such thing")
            .table("");
        let document = Document::open(&file.bytes, Limits::default()).unwrap();
        let mut words = Words::of(document.latest());
        assert!(words.are_in(0, [0.0, 0.0, 1.0, 1.0]).unwrap());
        assert!(words.are_in(7, [0.0, 0.0, 1.0, 1.0]).unwrap(), "there is no such page");
    }
}
