//! Empty signature fields for others to sign, with what they lock and what they ask for
//! (ISO 32000-2 12.7.5.5).

use super::SignError;
use super::edit::Edit;
use super::form::{FormEdit, SIGNATURES_EXIST, check_partial_name, field_with_widget, page_of};
use super::official::spoken;
use super::options::Place;
use super::permission::{Change, check_permission};
use super::structure::Structure;
use crate::crypto::document::open;
use crate::pades::appearance::{Frame, empty_form};
use crate::pades::changes::permission::FieldLock;
use crate::pades::field::Form;
use crate::pades::seed::SeedValue;
use crate::pdf::{Access, Dictionary, Document, Object};
use crate::source::Source;

/// An empty signature field to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct NewField {
    /// Partial name, without a dot.
    pub name: String,
    /// Where it shows; an invisible one on the first page without.
    pub place: Option<Place>,
    /// Which fields are locked when it is signed (table 236).
    pub lock: Option<FieldLock>,
    /// What it asks of whoever signs it (table 237).
    pub seed: Option<SeedValue>,
}

/// Appends empty signature fields to a document. Returns the bytes to append.
///
/// # Errors
/// [`SignError::AlreadySigned`] if a signature is there already: it would take a new field for a
/// change; [`SignError::FieldExists`], [`SignError::BadFieldName`], [`SignError::NoSuchPage`],
/// [`SignError::BadRect`], [`SignError::XfaForm`], [`SignError::NotPermitted`].
pub fn add<'p>(
    source: &dyn Source,
    fields: &[NewField],
    access: impl Into<Access<'p>>,
) -> Result<Vec<u8>, SignError> {
    let document = open(source, access)?;
    refuse(&document, fields)?;
    check_permission(&document, Change::CreateFields)?;
    let mut edit = Edit::new(&document)?;
    let form = FormEdit::open(&mut edit)?;
    let mut structure = Structure::read(edit.before())?;
    for field in fields {
        add_one(&mut edit, form, structure.as_mut(), field)?;
    }
    form.set_signature_flags(&mut edit, SIGNATURES_EXIST)?;
    Ok(edit.finish()?.bytes)
}

fn refuse(document: &Document<'_>, fields: &[NewField]) -> Result<(), SignError> {
    let view = document.latest();
    let form = Form::read(&view, document.limits().fields)?;
    let signatures = form.signature_fields(&view)?.iter().filter(|field| field.value.is_some()).count();
    if signatures > 0 {
        return Err(SignError::AlreadySigned { signatures });
    }
    for (at, field) in fields.iter().enumerate() {
        check_partial_name(&field.name)?;
        let twice = fields.iter().take(at).any(|other| other.name == field.name);
        if twice || form.nodes.iter().any(|node| node.is_field && node.name == field.name) {
            return Err(SignError::FieldExists { name: field.name.clone() });
        }
    }
    Ok(())
}

fn add_one(
    edit: &mut Edit<'_>,
    form: FormEdit,
    structure: Option<&mut Structure>,
    field: &NewField,
) -> Result<(), SignError> {
    let view = edit.before();
    let (page, frame, rect) = match field.place {
        Some(place) => {
            let (page, frame) = page_of(view, place)?;
            (page, frame, place.rect)
        }
        None => {
            let first = view.page(0)?.ok_or(SignError::NoSuchPage { page: 1, pages: 0 })?;
            (first.id, Frame::default(), [0.0; 4])
        }
    };
    let drawing = empty_form(edit.update(), frame)?;
    let mut dictionary = field_with_widget(&field.name, spoken(&field.name), "Sig", page, rect, drawing);
    // Table 235: both are objects of their own.
    if let Some(lock) = &field.lock {
        dictionary.insert("Lock", edit.add(lock_dictionary(lock)));
    }
    if let Some(seed) = &field.seed {
        dictionary.insert("SV", edit.add(seed.to_dictionary()));
    }
    let id = edit.add(dictionary);
    edit.push(page, "Annots", id)?;
    if let Some(structure) = structure.filter(|_| field.place.is_some()) {
        structure.add_form_element(edit, id, page)?;
    }
    form.add_field(edit, id)
}

fn lock_dictionary(lock: &FieldLock) -> Dictionary {
    let (action, names) = match lock {
        FieldLock::All => ("All", None),
        FieldLock::Include(names) => ("Include", Some(names)),
        FieldLock::Exclude(names) => ("Exclude", Some(names)),
    };
    let entries =
        Dictionary::new().with("Type", Object::name("SigFieldLock")).with("Action", Object::name(action));
    match names {
        Some(names) => {
            let names: Vec<Object> = names.iter().map(|name| Object::text(name)).collect();
            entries.with("Fields", names)
        }
        None => entries,
    }
}
