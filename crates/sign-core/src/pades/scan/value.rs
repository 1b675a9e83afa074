//! Form fields whose look and value are two things (ISO 32000-2 12.7.4.3, 12.7.5): a reader that
//! draws the field anew, or a later update, then shows something else than was seen.

use super::content::Reader;
use super::{Found, entry, name_of};
use crate::error::PdfError;
use crate::pades::field::{FieldKind, Form, Node};
use crate::pdf::{Object, View};
use unicode_normalization::UnicodeNormalization;

/// Bit 14 of /Ff of a text field: a password, which is never drawn.
const PASSWORD: i64 = 1 << 13;

pub(super) fn look(view: View<'_>, form: &Form, found: &mut Found) -> Result<(), PdfError> {
    let mut reader = Reader::new(view);
    for node in form.nodes.iter().filter(|node| node.is_widget) {
        let field = form.field_of(node);
        let value = field
            .entries()
            .map_or(Object::Null, |entries| entry(view, &Object::Dictionary(entries.clone()), "V"));
        match field.kind {
            Some(FieldKind::Text) if field.flags & PASSWORD == 0 && node.is_visible() => {
                text_field(view, node, field, &value, &mut reader, found)?;
            }
            Some(FieldKind::Button) if !field.is_push_button() => button(view, node, field, &value, found),
            _ => {}
        }
    }
    Ok(())
}

fn text_field(
    view: View<'_>,
    widget: &Node,
    field: &Node,
    value: &Object,
    reader: &mut Reader<'_>,
    found: &mut Found,
) -> Result<(), PdfError> {
    let value = value.as_string().map(|value| value.to_text()).unwrap_or_default();
    let drawing = entry(view, &entry(view, &widget.dictionary, "AP"), "N");
    let Object::Stream(drawing) = &drawing else {
        if !value.is_empty() {
            found.add("field_without_appearance", widget.page, Some(widget.id), field.name.as_str());
        }
        return Ok(());
    };
    let read = reader.form(drawing);
    let Some(shown) = found.unless_unreadable(read, widget.page, Some(widget.id))? else { return Ok(()) };
    if shown.characters().is_some_and(|shown| letters(&shown) != letters(&value)) {
        found.add("field_value_differs", widget.page, Some(widget.id), field.name.as_str());
    }
    Ok(())
}

/// A check box or radio button shows its state `/AS`; a widget that is on shows the field's value.
fn button(view: View<'_>, widget: &Node, field: &Node, value: &Object, found: &mut Found) {
    let shown = name_of(&entry(view, &widget.dictionary, "AS"));
    let value = name_of(value);
    let is_off = |state: &str| state.is_empty() || state == "Off";
    let alone = widget.id == field.id;
    let differs = if is_off(&shown) { alone && !is_off(&value) } else { shown != value };
    if differs {
        found.add("field_value_differs", widget.page, Some(widget.id), field.name.as_str());
    }
}

/// Lines break where the box ends, and marks may be composed: neither makes another value.
fn letters(text: &str) -> String {
    text.nfc().filter(|c| !c.is_whitespace()).collect()
}
