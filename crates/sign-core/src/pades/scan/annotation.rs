//! Annotations, and what lies on a page's text: fields, notes, pictures.

use super::content::{self, Text};
use super::{Found, entry, name_of, text_of};
use crate::error::PdfError;
use crate::pades::field::{FieldKind, Form};
use crate::pdf::{Object, ObjectId, Page, View};

/// Table 171.
pub(super) const KNOWN: [&str; 28] = [
    "Text",
    "Link",
    "FreeText",
    "Line",
    "Square",
    "Circle",
    "Polygon",
    "PolyLine",
    "Highlight",
    "Underline",
    "Squiggly",
    "StrikeOut",
    "Caret",
    "Stamp",
    "Ink",
    "Popup",
    "FileAttachment",
    "Sound",
    "Movie",
    "Screen",
    "Widget",
    "PrinterMark",
    "TrapNet",
    "Watermark",
    "3D",
    "Redact",
    "Projection",
    "RichMedia",
];
/// Annotation flags (12.5.3): Hidden and NoView.
const NOT_SHOWN: i64 = (1 << 1) | (1 << 5);
/// Letters under a picture before it counts: a clipped picture reaches into its neighbourhood.
const LETTERS_UNDER_IMAGE: usize = 4;

/// Something whose box may cover text.
struct Cover {
    code: &'static str,
    object: Option<ObjectId>,
    rect: [f64; 4],
    name: String,
}

pub(super) fn look(view: View<'_>, form: &Form, pages: &[Page], found: &mut Found) -> Result<(), PdfError> {
    let mut reader = content::Reader::new(view);
    let fields: Vec<(usize, Cover)> = field_covers(form);
    for (number, page) in pages.iter().enumerate() {
        let mut covers = annotations(view, page, number, found)?;
        let on_page = fields.iter().filter(|(page, _)| *page == number);
        covers.extend(on_page.map(|(_, cover)| Cover { name: cover.name.clone(), ..*cover }));
        if covers.is_empty() && !reader.may_hide_text(page) {
            continue;
        }
        let read = reader.page(page);
        if let Some(text) = found.unless_unreadable(read, Some(number), Some(page.id))? {
            report(&text, &covers, number, page.id, found);
        }
    }
    Ok(())
}

fn report(text: &Text, covers: &[Cover], number: usize, page: ObjectId, found: &mut Found) {
    for cover in covers {
        if text.shows_letters_in(cover.rect, text.glyphs.len()) > 0 {
            found.add(cover.code, Some(number), cover.object, cover.name.as_str());
        }
    }
    for image in &text.images {
        if text.shows_letters_in(image.rect, image.glyphs_before) >= LETTERS_UNDER_IMAGE {
            found.add("image_over_text", Some(number), image.object.or(Some(page)), "");
        }
    }
}

/// Fields that are no signatures: what is written in them lies on the page.
fn field_covers(form: &Form) -> Vec<(usize, Cover)> {
    let of_node = |node: &crate::pades::field::Node| {
        let field = form.field_of(node);
        let shows = node.is_widget && node.is_visible() && field.kind != Some(FieldKind::Signature);
        let (page, rect) = (node.page.filter(|_| shows)?, node.rect?);
        let object = Some(node.id);
        Some((page, Cover { code: "field_over_text", object, rect, name: field.name.clone() }))
    };
    form.nodes.iter().filter_map(of_node).collect()
}

/// Says what is odd about a page's annotations; returns those that may cover text.
fn annotations(
    view: View<'_>,
    page: &Page,
    number: usize,
    found: &mut Found,
) -> Result<Vec<Cover>, PdfError> {
    let mut covers = Vec::new();
    let read = view.get(&page.dictionary, "Annots");
    let Some(list) = found.unless_unreadable(read, Some(number), Some(page.id))? else { return Ok(covers) };
    for item in list.as_array().unwrap_or_default() {
        let read = view.resolve(item);
        let Some(annotation) = found.unless_unreadable(read, Some(number), item.as_reference())? else {
            continue;
        };
        if annotation.as_dictionary().is_none() {
            continue;
        }
        let kind = name_of(&entry(view, &annotation, "Subtype"));
        let object = item.as_reference();
        if let Some(code) = code_of(view, &annotation, &kind) {
            found.add(code, Some(number), object, kind.as_str());
        }
        if let Some(rect) = rect(view, &annotation).filter(|_| covers_what_it_lies_on(&annotation, &kind)) {
            let name = text_of(&entry(view, &annotation, "Contents"));
            covers.push(Cover { code: "annotation_over_text", object, rect, name });
        }
    }
    Ok(covers)
}

fn code_of(view: View<'_>, annotation: &Object, kind: &str) -> Option<&'static str> {
    let flags = entry(view, annotation, "F").as_integer().unwrap_or(0);
    match kind {
        "Sound" | "Movie" | "Screen" | "3D" | "RichMedia" => Some("rich_media"),
        "Redact" => Some("redaction_pending"),
        kind if !KNOWN.contains(&kind) => Some("unknown_annotation"),
        // Pop-ups open and close, and forms hide fields by scripts, which are found as such.
        "Popup" | "Widget" | "Link" => None,
        _ => (flags & NOT_SHOWN != 0).then_some("annotation_hidden"),
    }
}

/// Marks are meant to lie on text and let it be seen; these paint over it.
fn covers_what_it_lies_on(annotation: &Object, kind: &str) -> bool {
    let filled = annotation.as_dictionary().is_some_and(|entries| entries.contains("IC"));
    match kind {
        "FreeText" | "Stamp" | "Watermark" => true,
        "Square" | "Circle" | "Polygon" => filled,
        _ => false,
    }
}

pub(super) fn rect(view: View<'_>, annotation: &Object) -> Option<[f64; 4]> {
    let rect = entry(view, annotation, "Rect");
    let numbers: Vec<f64> = rect.as_array()?.iter().filter_map(Object::as_f64).collect();
    let [a, b, c, d] = numbers.as_slice() else { return None };
    Some([a.min(*c), b.min(*d), a.max(*c), b.max(*d)])
}
