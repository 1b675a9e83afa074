//! What a later revision may add to the structure tree of a tagged document: a Form element for each
//! new signature field, and its entry in the parent tree (ISO 32000-2 14.7.2, 14.7.4.4). Nothing that
//! was there may change.

use super::super::field::FieldKind;
use super::rules::{At, Judge, Judged};
use super::{Level, same::same};
use crate::error::PdfError;
use crate::pdf::{Dictionary, Object, ObjectId, View};

/// Entries of a Form element that say nothing about the rest of the document.
const FORM_ELEMENT: &[&str] = &["Type", "S", "P", "Pg", "K", "Lang", "Alt", "T"];
/// Entries of the reference to its widget.
const OBJECT_REFERENCE: &[&str] = &["Type", "Obj", "Pg"];
/// Entries of a new leaf of the parent tree.
const LEAF: &[&str] = &["Limits", "Nums"];

impl Judge<'_, '_> {
    pub(super) fn structure_root(&mut self, at: At<'_>, old: &Object, new: &Object) -> Judged {
        let (Some(old), Some(new)) = (old.as_dictionary(), new.as_dictionary()) else {
            return self.other(at, "structure_tree");
        };
        for key in self.differing(old, new)? {
            let path = format!("{}/{key}", at.path);
            let at = At { path: &path, ..at };
            let (before, after) = (old.get(&key), new.get(&key));
            match key.as_str() {
                "K" => {
                    self.structure_kids(at, before.unwrap_or(&Object::Null), after.unwrap_or(&Object::Null))?
                }
                "ParentTree" => self.moved(before, after, |judge, a, b| judge.parent_tree(at, a, b))?,
                "ParentTreeNextKey" => {
                    let number = |value: Option<&Object>| value.and_then(Object::as_integer);
                    let grew = number(after).is_some_and(|after| after > number(before).unwrap_or(-1));
                    self.note(at, "structure_tree", if grew { Level::FormFilling } else { Level::Other });
                }
                _ => self.other(at, "structure_tree")?,
            }
        }
        Ok(())
    }

    /// An element that was there: only new kids.
    pub(super) fn structure_element(&mut self, at: At<'_>, old: &Object, new: &Object) -> Judged {
        let (Some(old), Some(new)) = (old.as_dictionary(), new.as_dictionary()) else {
            return self.other(at, "structure_element");
        };
        for key in self.differing(old, new)? {
            match (key.as_str(), new.get(&key)) {
                ("K", Some(after)) => {
                    self.structure_kids(at, old.get(&key).unwrap_or(&Object::Null), after)?;
                }
                _ => self.other(at, "structure_element")?,
            }
        }
        Ok(())
    }

    /// `/K`, as written: one kid or an array of them. May gain Form elements of new fields.
    pub(super) fn structure_kids(&mut self, at: At<'_>, old: &Object, new: &Object) -> Judged {
        self.resolved_old(Some(old))?;
        let (old, new) = (self.listed(self.old, old)?, self.listed(self.new, new)?);
        let Some(added) = self.added(&old, &new)? else { return self.other(at, "structure_element") };
        for item in added {
            if self.new_form_element(&item)?.is_none() {
                return self.other(at, "structure_element");
            }
        }
        self.note(at, "structure_form_element", Level::FormFilling);
        Ok(())
    }

    /// A node of the parent tree.
    pub(super) fn parent_tree(&mut self, at: At<'_>, old: &Object, new: &Object) -> Judged {
        let none = Dictionary::default();
        let old = match old {
            Object::Null => &none,
            Object::Dictionary(old) => old,
            _ => return self.other(at, "structure_parent_tree"),
        };
        let Some(new) = new.as_dictionary() else { return self.other(at, "structure_parent_tree") };
        for key in self.differing(old, new)? {
            match key.as_str() {
                "Nums" | "Kids" => {
                    let (before, after) = (old.get(&key), new.get(&key));
                    self.moved(before, after, |judge, a, b| judge.parent_tree_list(at, a, b))?;
                }
                _ => self.other(at, "structure_parent_tree")?,
            }
        }
        Ok(())
    }

    /// `/Nums` or `/Kids`: the old items, then pairs for new fields, or leaves with nothing but such pairs.
    pub(super) fn parent_tree_list(&mut self, at: At<'_>, old: &Object, new: &Object) -> Judged {
        let (Object::Array(_) | Object::Null, Some(new)) = (old, new.as_array()) else {
            return self.other(at, "structure_parent_tree");
        };
        let old = old.as_array().unwrap_or_default();
        let Some((kept, added)) = new.split_at_checked(old.len()) else {
            return self.other(at, "structure_parent_tree");
        };
        for (before, after) in old.iter().zip(kept) {
            if !same(self.source, before, after)? {
                return self.other(at, "structure_parent_tree");
            }
        }
        let leaves = added.first().is_some_and(|item| item.as_reference().is_some());
        let fine = if leaves { self.new_leaves(added)? } else { self.new_pairs(added)? };
        self.note(at, "structure_parent_tree", if fine { Level::FormFilling } else { Level::Other });
        Ok(())
    }

    fn new_leaves(&self, added: &[Object]) -> Result<bool, PdfError> {
        for item in added {
            let Some(leaf) = self.fresh(item)? else { return Ok(false) };
            let pairs = leaf.get("Nums").and_then(Object::as_array).unwrap_or_default();
            if !only(&leaf, LEAF) || !self.new_pairs(pairs)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Pairs of a key and a new Form element, whose widget names the key.
    fn new_pairs(&self, pairs: &[Object]) -> Result<bool, PdfError> {
        for pair in pairs.chunks(2) {
            let [key, element] = pair else { return Ok(false) };
            let Some(widget) = self.new_form_element(element)? else { return Ok(false) };
            let widget = self.new.object(widget)?;
            let named = widget.as_dictionary().and_then(|widget| widget.get("StructParent")?.as_integer());
            if named.is_none() || named != key.as_integer() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The widget of a Form element, if element and widget are new and the widget is a signature field:
    /// what the field itself may be is judged where it stands.
    fn new_form_element(&self, item: &Object) -> Result<Option<ObjectId>, PdfError> {
        let Some(element) = self.fresh(item)? else { return Ok(None) };
        let is_form = element.get("S").and_then(Object::as_name).is_some_and(|name| name == "Form");
        let content = element.get("K").and_then(Object::as_dictionary);
        let Some(content) = content.filter(|content| only(content, OBJECT_REFERENCE)) else {
            return Ok(None);
        };
        let widget = content.get("Obj").and_then(Object::as_reference);
        let Some(widget) = widget.filter(|_| is_form && only(&element, FORM_ELEMENT)) else {
            return Ok(None);
        };
        let signature = self.form.node(widget).is_some_and(|node| node.kind == Some(FieldKind::Signature));
        Ok((signature && self.was(widget)?.is_null()).then_some(widget))
    }

    /// The dictionary a reference leads to, if there was none in the signed revision.
    fn fresh(&self, item: &Object) -> Result<Option<Dictionary>, PdfError> {
        let Some(id) = item.as_reference() else { return Ok(None) };
        if !self.was(id)?.is_null() {
            return Ok(None);
        }
        Ok(self.new.object(id)?.as_dictionary().cloned())
    }

    /// Kids as an array.
    fn listed(&self, view: View<'_>, kids: &Object) -> Result<Object, PdfError> {
        Ok(match kids {
            Object::Null | Object::Array(_) => kids.clone(),
            Object::Reference(id) => match &*view.object(*id)? {
                Object::Array(items) => Object::Array(items.clone()),
                _ => Object::Array(vec![kids.clone()]),
            },
            one => Object::Array(vec![one.clone()]),
        })
    }
}

/// Whether a dictionary has no other entries than these.
fn only(entries: &Dictionary, allowed: &[&str]) -> bool {
    entries.iter().all(|(key, _)| allowed.contains(&key.as_str().as_ref()))
}
