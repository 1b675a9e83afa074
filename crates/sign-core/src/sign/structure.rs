//! The structure tree of a tagged document: a new visible field becomes a Form element, so that a
//! screen reader meets it (ISO 32000-2 14.7, 14.8.4.8; ISO 14289-1 7.18).
//!
//! A document without marked content stays without. A tree of a shape that cannot be grown by adding
//! to its end is left alone.

use super::edit::{Edit, wrong_type};
use crate::error::PdfError;
use crate::pdf::{Dictionary, Object, ObjectId, View};
use std::rc::Rc;

/// Where a structure tree takes new elements.
#[derive(Debug, Clone, Copy)]
pub(super) struct Structure {
    root: ObjectId,
    /// The element for the whole document; the root itself if there are several at the top.
    parent: ObjectId,
    next_key: i64,
}

impl Structure {
    /// The structure of a tagged document; none where it is malformed.
    pub(super) fn read(view: View<'_>) -> Result<Option<Self>, PdfError> {
        match Self::find(view) {
            Err(error) if error.is_malformed() => Ok(None),
            found => found,
        }
    }

    fn find(view: View<'_>) -> Result<Option<Self>, PdfError> {
        let (_, catalog) = view.catalog()?;
        let Some(catalog) = catalog.as_dictionary() else { return Ok(None) };
        let mark_info = view.get(catalog, "MarkInfo")?;
        let marked = mark_info.as_dictionary().and_then(|info| info.get("Marked")).cloned();
        let marked = view.resolve(&marked.unwrap_or(Object::Null))?.as_boolean() == Some(true);
        let Some(root) = catalog.get("StructTreeRoot").and_then(Object::as_reference).filter(|_| marked)
        else {
            return Ok(None);
        };
        let object = view.object(root)?;
        let Some(entries) = object.as_dictionary() else { return Ok(None) };
        let Some(next_key) = next_key(view, entries)? else { return Ok(None) };
        let parent = only_kid(view, entries)?.unwrap_or(root);
        Ok(Some(Self { root, parent, next_key }))
    }

    /// Makes the widget the content of a new Form element.
    pub(super) fn add_form_element(
        &mut self,
        edit: &mut Edit<'_>,
        widget: ObjectId,
        page: ObjectId,
    ) -> Result<(), PdfError> {
        let content =
            Dictionary::new().with("Type", Object::name("OBJR")).with("Obj", widget).with("Pg", page);
        let element = Dictionary::new()
            .with("Type", Object::name("StructElem"))
            .with("S", Object::name("Form"))
            .with("P", self.parent)
            .with("Pg", page)
            // The language of the names we give to fields.
            .with("Lang", Object::text("vi"))
            .with("K", content);
        let element = edit.add(element);
        add_kid(edit, self.parent, element)?;

        let key = self.next_key;
        self.next_key += 1;
        self.add_to_parent_tree(edit, key, element)?;
        edit.dictionary_mut(self.root)?.insert("ParentTreeNextKey", self.next_key);
        edit.dictionary_mut(widget)?.insert("StructParent", key);
        // ISO 14289-1 7.18.3: the tab key follows the structure.
        // Looked at without touching, as a page that has it does not change.
        if edit.current(page)?.as_dictionary().is_some_and(|page| !page.contains("Tabs")) {
            edit.dictionary_mut(page)?.insert("Tabs", Object::name("S"));
        }
        Ok(())
    }

    /// At the end: its key is higher than all others (7.9.7).
    fn add_to_parent_tree(self, edit: &mut Edit<'_>, key: i64, element: ObjectId) -> Result<(), PdfError> {
        let pair = vec![Object::Integer(key), element.into()];
        if self.parent_tree(edit)?.get("Kids").is_some_and(|kids| !kids.is_null()) {
            let limits = vec![Object::Integer(key), Object::Integer(key)];
            let leaf = edit.add(Dictionary::new().with("Limits", limits).with("Nums", pair));
            self.extend(edit, "Kids", vec![leaf.into()])
        } else {
            self.extend(edit, "Nums", pair)
        }
    }

    /// The root node of the parent tree, wherever it is written.
    fn parent_tree<'e>(self, edit: &'e mut Edit<'_>) -> Result<&'e mut Dictionary, PdfError> {
        if let Some(id) = edit.dictionary_mut(self.root)?.get("ParentTree").and_then(Object::as_reference) {
            return edit.dictionary_mut(id);
        }
        let root = edit.dictionary_mut(self.root)?;
        if root.get("ParentTree").is_none_or(Object::is_null) {
            root.insert("ParentTree", Dictionary::new());
        }
        match root.get_mut("ParentTree") {
            Some(Object::Dictionary(tree)) => Ok(tree),
            _ => Err(wrong_type(self.root, "ParentTree", "dictionary")),
        }
    }

    fn extend(self, edit: &mut Edit<'_>, key: &str, more: Vec<Object>) -> Result<(), PdfError> {
        let tree = self.parent_tree(edit)?;
        if tree.get(key).is_none_or(Object::is_null) {
            tree.insert(key, Vec::new());
        }
        let items = match tree.get(key).and_then(Object::as_reference) {
            Some(id) => edit.object_mut(id)?,
            None => {
                self.parent_tree(edit)?.get_mut(key).ok_or_else(|| wrong_type(self.root, key, "array"))?
            }
        };
        match items {
            Object::Array(items) => items.extend(more),
            _ => return Err(wrong_type(self.root, key, "array")),
        }
        Ok(())
    }
}

/// The element at the top of the tree, if there is only one; PDF 2.0 and PDF/UA have a Document there.
fn only_kid(view: View<'_>, root: &Dictionary) -> Result<Option<ObjectId>, PdfError> {
    let kids = view.get(root, "K")?;
    let only = match (&*kids, root.get("K")) {
        (Object::Array(items), _) => match items.as_slice() {
            [only] => only.as_reference(),
            _ => None,
        },
        (Object::Dictionary(_), Some(Object::Reference(id))) => Some(*id),
        _ => None,
    };
    let Some(only) = only else { return Ok(None) };
    Ok(view.object(only)?.as_dictionary().is_some_and(|entries| entries.contains("S")).then_some(only))
}

/// Adds to `/K`, which holds one kid, an array of kids, or nothing (tables 354, 355).
fn add_kid(edit: &mut Edit<'_>, parent: ObjectId, kid: ObjectId) -> Result<(), PdfError> {
    let old = edit.dictionary_mut(parent)?.get("K").cloned();
    if let Some(Object::Reference(id)) = old
        && edit.current(id)?.as_array().is_some()
    {
        return edit.push_to_object(id, "K", kid);
    }
    let kids = match old {
        Some(Object::Array(mut items)) => {
            items.push(kid.into());
            items
        }
        None | Some(Object::Null) => vec![kid.into()],
        Some(one) => vec![one, kid.into()],
    };
    edit.dictionary_mut(parent)?.insert("K", kids);
    Ok(())
}

/// The value at `key`, behind one reference at most: where it can be added to.
fn here(view: View<'_>, dictionary: &Dictionary, key: &str) -> Result<Rc<Object>, PdfError> {
    match dictionary.get(key) {
        Some(Object::Reference(id)) => match view.object(*id)? {
            nothing if nothing.is_null() => Err(wrong_type(*id, key, "value")),
            value => Ok(value),
        },
        Some(value) => Ok(Rc::new(value.clone())),
        None => Ok(Rc::new(Object::Null)),
    }
}

/// A key of the parent tree that no object has; none if the tree cannot be grown at its end.
fn next_key(view: View<'_>, root: &Dictionary) -> Result<Option<i64>, PdfError> {
    let claimed = view.get(root, "ParentTreeNextKey")?.as_integer().unwrap_or(0);
    let highest = match &*here(view, root, "ParentTree")? {
        Object::Null => Some(-1),
        Object::Dictionary(tree) => highest_key(view, tree)?,
        _ => None,
    };
    // A key above this is nonsense, and adding to it could overflow.
    let next = highest.map(|highest| claimed.max(highest.saturating_add(1)).max(0));
    Ok(next.filter(|next| *next < i64::from(i32::MAX)))
}

fn highest_key(view: View<'_>, tree: &Dictionary) -> Result<Option<i64>, PdfError> {
    let (kids, pairs) = (here(view, tree, "Kids")?, here(view, tree, "Nums")?);
    let kids = match (&*kids, &*pairs) {
        (Object::Array(kids), Object::Null) => kids,
        (Object::Null, Object::Null) => return Ok(Some(-1)),
        (Object::Null, Object::Array(pairs)) => {
            let keys = pairs.iter().step_by(2).map(Object::as_integer);
            return Ok(keys.into_iter().try_fold(-1, |highest, key| key.map(|key| highest.max(key))));
        }
        _ => return Ok(None),
    };
    let mut highest = -1;
    for kid in kids {
        let kid = view.resolve(kid)?;
        let Some(kid) = kid.as_dictionary() else { return Ok(None) };
        let limits = view.get(kid, "Limits")?;
        match limits.as_array().unwrap_or_default() {
            [_, upper] => match view.resolve(upper)?.as_integer() {
                Some(upper) => highest = highest.max(upper),
                None => return Ok(None),
            },
            _ => return Ok(None),
        }
    }
    Ok(Some(highest))
}
