//! Filling text fields: value and appearance, with an embedded font (ISO 32000-2 12.7.5.3).
//!
//! Only /V and /AP change: what DocMDP P=2 allows after a certification (12.8.2.2.2).

use super::SignError;
use super::edit::Edit;
use super::form::{frame_of, normal_appearance};
use super::options::Fill;
use crate::error::PdfError;
use crate::pades::appearance::{Align, FieldText, FontChoice, Frame, text_field_form};
use crate::pades::conformance::Drawing;
use crate::pades::field::{FieldKind, Form, Node};
use crate::pdf::Object;

/// Sets the value of one text field and draws it in each of its widgets.
pub(super) fn fill(
    edit: &mut Edit<'_>,
    form: &Form,
    drawing: Drawing,
    request: &Fill,
) -> Result<(), SignError> {
    let name = &request.field;
    let field = form.field(name).ok_or_else(|| SignError::FieldNotFound { name: name.clone() })?;
    if field.kind != Some(FieldKind::Text) {
        return Err(SignError::WrongFieldType { name: name.clone(), expected: "text" });
    }
    let style = text_style(edit, form, field)?;
    for widget in form.widgets(field) {
        let frame = frame_of(edit.before(), widget)?;
        let text = FieldText {
            text: &request.text,
            font: style.font,
            size: style.size.unwrap_or_else(|| automatic_size(frame)),
            align: style.align,
        };
        let drawn = text_field_form(edit.update(), text, frame, drawing)?;
        edit.dictionary_mut(widget.id)?.insert("AP", normal_appearance(drawn));
    }
    edit.dictionary_mut(field.id)?.insert("V", Object::text(&request.text));
    Ok(())
}

/// How a text field wants its text.
#[derive(Debug, Clone, Copy, PartialEq)]
struct TextStyle {
    font: FontChoice,
    /// Points; none means as large as the box allows.
    size: Option<f64>,
    align: Align,
}

/// Size 0 in /DA means: as large as the box allows (12.7.4.3).
fn automatic_size(frame: Frame) -> f64 {
    (frame.height * 0.7).clamp(4.0, 12.0)
}

/// Reads /DA, as in `/SignSerif 13 Tf 0 g`, and /Q, own, inherited or the form's.
fn text_style(edit: &Edit<'_>, form: &Form, field: &Node) -> Result<TextStyle, SignError> {
    let appearance = inherited(edit, form, field, "DA")?;
    let appearance = appearance.as_string().map(|text| text.to_text()).unwrap_or_default();
    let words: Vec<&str> = appearance.split_ascii_whitespace().collect();
    let operands = words.iter().position(|word| *word == "Tf").and_then(|at| words.get(..at));
    let (name, size) = match operands {
        Some([.., name, size]) => (name.trim_start_matches('/'), size.parse().ok()),
        _ => ("", None),
    };
    let quadding = inherited(edit, form, field, "Q")?.as_integer().unwrap_or(0);
    Ok(TextStyle {
        font: font_like(&base_font(edit, name)?),
        size: size.filter(|size| (1.0..=144.0).contains(size)),
        align: Align::from_quadding(quadding),
    })
}

/// The value of an inheritable key: the field's, the nearest parent's, or the form's (12.7.4.1).
fn inherited(edit: &Edit<'_>, form: &Form, field: &Node, key: &str) -> Result<Object, PdfError> {
    let view = edit.before();
    let mut node = Some(field);
    while let Some(here) = node {
        if let Some(entries) = here.entries().filter(|entries| entries.contains(key)) {
            return Ok(Object::clone(&*view.get(entries, key)?));
        }
        node = here.parent.and_then(|parent| form.nodes.get(parent));
    }
    let (_, catalog) = view.catalog()?;
    let catalog = catalog.as_dictionary().cloned().unwrap_or_default();
    match view.get(&catalog, "AcroForm")?.as_dictionary() {
        Some(acro_form) => Ok(Object::clone(&*view.get(acro_form, key)?)),
        None => Ok(Object::Null),
    }
}

/// `/BaseFont` of a font in the form's default resources; its key if it is not there.
fn base_font(edit: &Edit<'_>, key: &str) -> Result<String, PdfError> {
    let view = edit.before();
    let (_, mut here) = view.catalog()?;
    for step in ["AcroForm", "DR", "Font", key] {
        match here.as_dictionary() {
            Some(dictionary) => here = view.get(dictionary, step)?,
            None => return Ok(key.into()),
        }
    }
    let name = here.as_dictionary().and_then(|font| font.get("BaseFont")).and_then(Object::as_name);
    Ok(name.map_or_else(|| key.into(), |name| name.as_str().into_owned()))
}

/// The shipped font nearest to a font's name.
fn font_like(name: &str) -> FontChoice {
    let name = name.to_ascii_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    let sans = has(&["helv", "arial", "sans", "vietnampro"]);
    let bold = has(&["bold"]);
    match (sans, bold) {
        (true, true) => FontChoice::SansBold,
        (true, false) => FontChoice::SansRegular,
        (false, true) => FontChoice::SerifBold,
        (false, false) if has(&["italic", "oblique"]) => FontChoice::SerifItalic,
        (false, false) => FontChoice::SerifRegular,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picks_the_font_nearest_to_the_name() {
        let cases = [
            ("Times-Italic", FontChoice::SerifItalic),
            ("Times-Roman", FontChoice::SerifRegular),
            ("Helvetica-Bold", FontChoice::SansBold),
            ("ABCDEF+ArialMT", FontChoice::SansRegular),
            ("", FontChoice::SerifRegular),
        ];
        for (name, expected) in cases {
            assert_eq!(font_like(name), expected, "{name}");
        }
    }
}
