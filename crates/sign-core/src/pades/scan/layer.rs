//! Optional content, other forms and files inside, usage rights: what the catalog says.

use super::{Found, entry, name_of, text_of};
use crate::error::PdfError;
use crate::pdf::{Object, View};

/// Layers named in one finding.
const MOST_NAMES: usize = 8;

pub(super) fn look(view: View<'_>, found: &mut Found) -> Result<(), PdfError> {
    let (_, catalog) = view.catalog()?;
    let properties = entry(view, &catalog, "OCProperties");
    if !properties.is_null() {
        layers(view, &properties, found);
    }
    let form = entry(view, &catalog, "AcroForm");
    let has = |object: &Object, key: &str| !entry(view, object, key).is_null();
    if has(&form, "XFA") {
        found.add("xfa", None, None, "");
    }
    if entry(view, &form, "NeedAppearances").as_boolean() == Some(true) {
        found.add("need_appearances", None, None, "");
    }
    if has(&catalog, "Collection") {
        found.add("portfolio", None, None, "");
    }
    let rights = entry(view, &catalog, "Perms");
    if has(&rights, "UR") || has(&rights, "UR3") {
        found.add("usage_rights", None, None, "");
    }
    Ok(())
}

/// ISO 32000-2 8.11.4: the default configuration says what is shown when the file is opened.
fn layers(view: View<'_>, properties: &Object, found: &mut Found) {
    let groups = list(&entry(view, properties, "OCGs"));
    if groups.is_empty() {
        return;
    }
    let default = entry(view, properties, "D");
    let hidden = match name_of(&entry(view, &default, "BaseState")).as_str() {
        "OFF" => {
            let on = list(&entry(view, &default, "ON"));
            groups.iter().filter(|group| !on.contains(group)).cloned().collect()
        }
        _ => list(&entry(view, &default, "OFF")),
    };
    if !hidden.is_empty() {
        found.add("layer_hidden", None, None, names(view, &hidden));
    }
    let by_use: Vec<Object> = match list(&entry(view, &default, "AS")).is_empty() {
        true => Vec::new(),
        false => groups.iter().filter(|group| depends_on_use(view, group)).cloned().collect(),
    };
    if !by_use.is_empty() {
        found.add("layer_depends_on_use", None, None, names(view, &by_use));
    }
    if hidden.is_empty() && by_use.is_empty() {
        found.add("layers", None, None, names(view, &groups));
    }
}

/// Table 100: a layer that is on for one use and off for another, or only at some zoom or language.
fn depends_on_use(view: View<'_>, group: &Object) -> bool {
    let group = view.resolve(group).map_or(Object::Null, |group| Object::clone(&group));
    let usage = entry(view, &group, "Usage");
    let state = |use_: &str, key: &str| name_of(&entry(view, &entry(view, &usage, use_), key));
    let states = [state("View", "ViewState"), state("Print", "PrintState"), state("Export", "ExportState")];
    let has = |key: &str| !entry(view, &usage, key).is_null();
    states.iter().any(|state| state == "OFF") || has("Zoom") || has("Language") || has("User")
}

fn list(object: &Object) -> Vec<Object> {
    object.as_array().unwrap_or_default().to_vec()
}

fn names(view: View<'_>, groups: &[Object]) -> String {
    let name = |group: &Object| {
        let group = view.resolve(group).map_or(Object::Null, |group| Object::clone(&group));
        text_of(&entry(view, &group, "Name"))
    };
    groups.iter().take(MOST_NAMES).map(name).collect::<Vec<_>>().join(", ")
}
