//! Before you sign, what do you sign: what in a PDF can change its look later, or shows it differently
//! to different readers. Facts with stable codes; their weight and words are in `report::words`.
//!
//! | code | what was found |
//! |---|---|
//! | `javascript` | a script, wherever it is started from (ISO 32000-2 12.6.4.17) |
//! | `launch_action`, `media_action` | an action that starts a program; that plays something |
//! | `field_action`, `layer_action` | actions that change fields' values or visibility; layers |
//! | `submit_action`, `remote_link`, `web_link` | actions that send the form; that open other files; web links |
//! | `external_stream`, `external_content` | data that lie outside the file; a reference XObject or OPI proxy |
//! | `alternate_image` | an image with another version for another use |
//! | `font_not_embedded` | a font each reader replaces by its own |
//! | `layer_hidden`, `layer_depends_on_use`, `layers` | optional content (8.11): hidden, other in print than on screen, or only there |
//! | `field_over_text`, `annotation_over_text`, `image_over_text` | something that can go away lies on text |
//! | `annotation_hidden`, `unknown_annotation`, `redaction_pending`, `rich_media` | annotations a page can change by |
//! | `field_value_differs`, `field_without_appearance`, `need_appearances` | a form field shows something else than its value, or nothing yet |
//! | `xfa`, `portfolio`, `embedded_file`, `usage_rights` | another form inside; other files inside; rights that signing ends |
//! | `hidden_object`, `duplicate_object` | an object no cross-reference leads to; one beside another of the same number |
//! | `unreachable_page`, `unused_objects` | a page, page tree or catalog outside the document; other leftovers |
//! | `content_replaced` | an update put other content in the place of what was there |
//! | `object_unreadable` | something that could not be looked at |
//!
//! The last rows are what shadow attacks (Mainka, Mladenov, Rohlmann 2021: hide, replace, hide and
//! replace) prepare before the victim signs.

mod annotation;
mod content;
mod font;
pub(super) mod hiding;
mod layer;
mod shadow;
mod value;
mod walk;

use crate::error::PdfError;
use crate::pades::field::Form;
use crate::pdf::{Document, Object, ObjectId, View};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Findings kept of one code; more of the same say nothing new.
const MOST_OF_A_CODE: usize = 16;
/// Longest text taken from the document into a finding.
const LONGEST_DETAIL: usize = 120;

/// One thing found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Risk {
    /// Stable word for the kind of thing.
    pub code: &'static str,
    /// Page it is on, counted from 0, if it is on one.
    pub page: Option<usize>,
    /// The object it is in.
    pub object: Option<ObjectId>,
    /// The value a reader needs: a name, a font, an address. Text of the document, not to be trusted.
    pub detail: String,
}

/// What [`scan`] found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scan {
    /// The findings, by code, page and object.
    pub risks: Vec<Risk>,
    /// How many more there are of codes that are in [`Scan::risks`] often enough.
    pub left_out: usize,
}

impl Scan {
    /// The codes found, each once.
    pub fn codes(&self) -> Vec<&'static str> {
        let codes: BTreeSet<_> = self.risks.iter().map(|risk| risk.code).collect();
        codes.into_iter().collect()
    }
}

/// Looks through the newest revision, and for what earlier ones or no revision at all have hidden.
///
/// Single objects that cannot be read become findings.
///
/// # Errors
/// [`PdfError`] if catalog or pages cannot be read, or a limit is reached.
pub fn scan(document: &Document<'_>) -> Result<Scan, PdfError> {
    let view = document.latest();
    let form = Form::read(&view, document.limits().fields)?;
    let pages = view.pages()?;
    let mut found = Found::default();
    let reached = walk::everything(view, &pages, &mut found)?;
    layer::look(view, &mut found)?;
    annotation::look(view, &form, &pages, &mut found)?;
    value::look(view, &form, &mut found)?;
    shadow::look(document, &reached, &mut found)?;
    Ok(found.sorted())
}

/// What the document's objects were reached as.
#[derive(Debug, Default)]
struct Reached {
    all: HashSet<ObjectId>,
    /// By contents and resources of pages: what pages are painted with.
    painted: HashSet<ObjectId>,
}

/// Collects findings.
#[derive(Debug, Default)]
struct Found {
    risks: BTreeSet<Risk>,
    counts: BTreeMap<&'static str, usize>,
    left_out: usize,
}

impl Found {
    fn add(
        &mut self,
        code: &'static str,
        page: Option<usize>,
        object: Option<ObjectId>,
        detail: impl Into<String>,
    ) {
        let detail: String = detail.into().chars().take(LONGEST_DETAIL).collect();
        let risk = Risk { code, page, object, detail };
        if self.risks.contains(&risk) {
            return;
        }
        let count = self.counts.entry(code).or_default();
        *count += 1;
        if *count > MOST_OF_A_CODE {
            self.left_out += 1;
        } else {
            self.risks.insert(risk);
        }
    }

    /// A limit or a missing password ends the search; other trouble with one object is a finding.
    fn unless_unreadable<T>(
        &mut self,
        read: Result<T, PdfError>,
        page: Option<usize>,
        object: Option<ObjectId>,
    ) -> Result<Option<T>, PdfError> {
        match read {
            Ok(value) => Ok(Some(value)),
            Err(error @ (PdfError::Limit(_) | PdfError::Source(_) | PdfError::Encrypted)) => Err(error),
            Err(error) => {
                self.add("object_unreadable", page, object, error.to_string());
                Ok(None)
            }
        }
    }

    fn sorted(self) -> Scan {
        Scan { risks: self.risks.into_iter().collect(), left_out: self.left_out }
    }
}

/// The resolved entry of a dictionary or stream; null where there is none or it cannot be read. For
/// entries whose absence means nothing worse.
fn entry(view: View<'_>, object: &Object, key: &str) -> Object {
    let value = object.dictionary().and_then(|entries| entries.get(key));
    value.and_then(|value| view.resolve(value).ok()).map_or(Object::Null, |value| Object::clone(&value))
}

fn name_of(object: &Object) -> String {
    object.as_name().map(|name| name.as_str().into_owned()).unwrap_or_default()
}

fn text_of(object: &Object) -> String {
    match object {
        Object::String(text) => text.to_text(),
        Object::Name(name) => name.as_str().into_owned(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests;
