//! Form fields as signing writes them: the interactive form dictionary, new fields, their widgets
//! (ISO 32000-2 12.7.3, 12.7.4, 12.5.6.19).

use super::SignError;
use super::edit::{Edit, push_direct, wrong_type};
use super::options::Place;
use crate::error::PdfError;
use crate::pades::appearance::Frame;
use crate::pades::field::Node;
use crate::pdf::{Dictionary, Object, ObjectId, View};

/// Annotation flag Print (12.5.3).
const PRINT: i64 = 1 << 2;
/// Annotation flag Locked: the box cannot be moved in a viewer.
const LOCKED: i64 = 1 << 7;

/// `/SigFlags` SignaturesExist (table 225).
pub(super) const SIGNATURES_EXIST: i64 = 1;
/// `/SigFlags` AppendOnly.
pub(super) const APPEND_ONLY: i64 = 2;

/// Where the form dictionary is written.
#[derive(Clone, Copy)]
enum Home {
    /// In an object of its own.
    Object(ObjectId),
    /// Inside the catalog, this object.
    Catalog(ObjectId),
}

/// The interactive form of the document being edited.
#[derive(Clone, Copy)]
pub(super) struct FormEdit {
    home: Home,
}

impl FormEdit {
    /// Opens the form, or makes one; drops /NeedAppearances, which makes viewers redraw fields.
    pub(super) fn open(edit: &mut Edit<'_>) -> Result<Self, SignError> {
        let (catalog_id, catalog) = edit.before().catalog()?;
        let catalog = catalog.as_dictionary().cloned().unwrap_or_default();
        let home = match catalog.get("AcroForm") {
            Some(Object::Reference(id)) if !edit.before().object(*id)?.is_null() => Home::Object(*id),
            Some(Object::Dictionary(_)) => Home::Catalog(catalog_id),
            _ => {
                let id = edit.add(Dictionary::new().with("Fields", Vec::new()));
                edit.dictionary_mut(catalog_id)?.insert("AcroForm", id);
                Home::Object(id)
            }
        };
        let form = Self { home };
        // Readers that know XFA show its template, dynamic or static, and not the pages: what is seen
        // would not be what is signed.
        let xfa = form.dictionary_mut(edit)?.get("XFA").cloned().unwrap_or(Object::Null);
        if !edit.before().resolve(&xfa)?.is_null() {
            return Err(SignError::XfaForm);
        }
        form.dictionary_mut(edit)?.remove("NeedAppearances");
        Ok(form)
    }

    /// Adds a field at the root of the form.
    pub(super) fn add_field(self, edit: &mut Edit<'_>, field: ObjectId) -> Result<(), SignError> {
        let list = self.dictionary_mut(edit)?.get("Fields").and_then(Object::as_reference);
        match list {
            Some(list) => edit.push_to_object(list, "Fields", field)?,
            None => push_direct(self.dictionary_mut(edit)?, "AcroForm", "Fields", field)?,
        }
        Ok(())
    }

    /// Sets bits of `/SigFlags`, keeps those that are set.
    pub(super) fn set_signature_flags(self, edit: &mut Edit<'_>, bits: i64) -> Result<(), SignError> {
        let form = self.dictionary_mut(edit)?;
        let flags = form.get("SigFlags").and_then(Object::as_integer).unwrap_or(0);
        form.insert("SigFlags", flags | bits);
        Ok(())
    }

    /// Adds a font to the form's default resources, where text fields' /DA look it up (12.7.4.3).
    pub(super) fn add_default_font(
        self,
        edit: &mut Edit<'_>,
        key: &str,
        font: Dictionary,
    ) -> Result<(), SignError> {
        let view = edit.before();
        let mut resources = dictionary_at(view.get(self.dictionary_mut(edit)?, "DR")?.as_ref());
        let mut fonts = dictionary_at(view.get(&resources, "Font")?.as_ref());
        fonts.insert(key, font);
        resources.insert("Font", fonts);
        self.dictionary_mut(edit)?.insert("DR", resources);
        Ok(())
    }

    fn dictionary_mut<'e>(self, edit: &'e mut Edit<'_>) -> Result<&'e mut Dictionary, PdfError> {
        match self.home {
            Home::Object(id) => edit.dictionary_mut(id),
            Home::Catalog(id) => match edit.dictionary_mut(id)?.get_mut("AcroForm") {
                Some(Object::Dictionary(form)) => Ok(form),
                _ => Err(wrong_type(id, "AcroForm", "dictionary")),
            },
        }
    }
}

fn dictionary_at(object: &Object) -> Dictionary {
    object.as_dictionary().cloned().unwrap_or_default()
}

/// A partial field name: not empty, no dot (12.7.4.2).
pub(super) fn check_partial_name(name: &str) -> Result<(), SignError> {
    if name.is_empty() || name.contains('.') || name.len() > 127 || name.chars().any(char::is_control) {
        return Err(SignError::BadFieldName { name: name.into() });
    }
    Ok(())
}

/// The page of a place, and the place's frame; the place must be a box on an existing page.
pub(super) fn page_of(view: View<'_>, place: Place) -> Result<(ObjectId, Frame), SignError> {
    let Some(page) = view.page(place.page)? else {
        let pages = view.pages()?.len();
        return Err(SignError::NoSuchPage { page: place.page.saturating_add(1), pages });
    };
    let [x0, y0, x1, y1] = place.rect;
    // A page is at most 14,400 units wide; 1e6 only keeps nonsense out of the numbers written.
    let sane = place.rect.iter().all(|v| v.is_finite() && v.abs() < 1e6);
    if !sane || x1 <= x0 || y1 <= y0 {
        return Err(SignError::BadRect { rect: place.rect });
    }
    Ok((page.id, Frame::of_rect(place.rect, page.rotate)))
}

/// The frame of a widget that is there.
pub(super) fn frame_of(view: View<'_>, widget: &Node) -> Result<Frame, PdfError> {
    let page = widget.page.map(|page| view.page(page)).transpose()?.flatten();
    Ok(Frame::of_rect(widget.rect.unwrap_or_default(), page.map_or(0, |page| page.rotate)))
}

/// A field merged with its only widget, without a value; the caller adds what the type needs. One that
/// nobody sees may do without a drawing.
/// `spoken` is what people are told instead of the name (table 226).
pub(super) fn field_with_widget(
    name: &str,
    spoken: &str,
    field_type: &str,
    page: ObjectId,
    rect: [f64; 4],
    drawing: impl Into<Option<ObjectId>>,
) -> Dictionary {
    let rect: Vec<Object> = rect.iter().map(|v| Object::real(*v)).collect();
    let field = Dictionary::new()
        .with("Type", Object::name("Annot"))
        .with("Subtype", Object::name("Widget"))
        .with("FT", Object::name(field_type))
        .with("T", Object::text(name))
        .with("TU", Object::text(spoken))
        .with("Rect", rect)
        .with("F", PRINT | LOCKED)
        .with("P", page);
    match drawing.into() {
        Some(drawing) => field.with("AP", normal_appearance(drawing)),
        None => field,
    }
}

/// An appearance dictionary with a form as the normal appearance (12.5.5).
pub(super) fn normal_appearance(drawing: ObjectId) -> Dictionary {
    Dictionary::new().with("N", drawing)
}
