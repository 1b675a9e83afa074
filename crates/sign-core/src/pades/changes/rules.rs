//! Which difference each role tolerates, and how far-reaching it is.
//!
//! A rule sees the signed and the newest value. A value that moved (another object number, or from
//! direct to indirect) is judged where it is referred to; one rewritten in place, where it stands.

use super::super::field::{FieldKind, Form, Node};
use super::roles::{Edge, Role, Roles};
use super::same::{paired, same, same_value};
use super::{Change, Differences, Level, shown};
use crate::error::PdfError;
use crate::pdf::{Dictionary, Object, ObjectId, View};
use crate::source::Source;
use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;

/// Entries of a form field that filling it changes (value, look, choice, rich text, dates).
const FILLED: &[&str] = &["V", "AP", "AS", "I", "RV", "DA", "Q", "M", "TI"];
/// Entries of an empty signature field that signing it sets.
const SIGNED: &[&str] = &["V", "AP", "AS", "F", "M"];
/// Entries that signing may add where there were none.
const SIGNED_ADDED: &[&str] = &["Lock", "MK", "P", "Type"];
/// Entries of an annotation that a comment's author edits.
const COMMENTED: &[&str] = &[
    "Contents",
    "RC",
    "M",
    "T",
    "Subj",
    "NM",
    "C",
    "CA",
    "Popup",
    "Open",
    "State",
    "StateModel",
    "IRT",
    "RT",
];
/// Levels of nesting looked through in DSS; the standard's own structure has four.
const DSS_DEPTH: u32 = 12;

/// Judges the changed objects after one signature.
pub(super) struct Judge<'j, 'd> {
    pub(super) old: View<'d>,
    pub(super) new: View<'d>,
    pub(super) source: &'d dyn Source,
    pub(super) form: &'j Form,
    roles: &'j Roles,
    changed: &'j BTreeSet<ObjectId>,
    pub(super) differences: Differences,
}

/// Where a judged value stands.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) object: Option<ObjectId>,
    pub(super) path: &'a str,
    pub(super) page: Option<usize>,
}

pub(super) type Judged = Result<(), PdfError>;

impl<'j, 'd> Judge<'j, 'd> {
    pub(super) fn new(
        old: View<'d>,
        new: View<'d>,
        source: &'d dyn Source,
        form: &'j Form,
        roles: &'j Roles,
        changed: &'j BTreeSet<ObjectId>,
    ) -> Self {
        Self { old, new, source, form, roles, changed, differences: Differences::default() }
    }

    /// The trailer's own entries: only `/Info` may change; the rest is the file's bookkeeping.
    pub(super) fn trailer(&mut self) -> Judged {
        let (old, new) = (self.old.trailer(), self.new.trailer());
        let at = At { object: None, path: "/Info", page: None };
        for key in ["Root", "Encrypt"] {
            if !same_value(self.source, old.get(key), new.get(key))? {
                let path = format!("/{key}");
                self.note(At { path: &path, ..at }, "trailer_entry", Level::Other);
            }
        }
        if !same_value(self.source, old.get("Info"), new.get("Info"))? {
            self.note(at, "document_information", Level::FormFilling);
        }
        Ok(())
    }

    /// One changed object, by every role it has.
    pub(super) fn object(&mut self, id: ObjectId) -> Judged {
        let (old, new) = (self.old.object(id)?, self.new.object(id)?);
        if type_is(&old, "ObjStm") {
            // Objects of the signed revision are read from it.
            let at = At { object: Some(id), path: "object stream", page: None };
            self.note(at, "object_stream_replaced", Level::Other);
        }
        let edges = self.roles.edges(id);
        if edges.is_empty() {
            if !type_is(&new, "ObjStm") && !type_is(&new, "XRef") && !new.is_null() {
                self.differences.unreachable.push(id);
            }
            return Ok(());
        }
        let mut judged = HashSet::new();
        for edge in edges {
            if self.judged_where_referred(id, &old, edge)? || !judged.insert(edge.role) {
                continue;
            }
            self.role(id, edge, &old, &new)?;
        }
        Ok(())
    }

    /// Whether the rule for the referring object has judged this one: it is new, and so is the
    /// reference. A reference that the signed revision already had, to an object that did not
    /// exist, was laid as a trap and is judged here.
    fn judged_where_referred(&self, id: ObjectId, old: &Object, edge: &Edge) -> Result<bool, PdfError> {
        if matches!(edge.role, Role::Field | Role::Annotation(_) | Role::Page(_)) || !old.is_null() {
            return Ok(false);
        }
        match edge.from {
            Some(from) if self.changed.contains(&from) => Ok(!mentions(&*self.old.object(from)?, id)),
            Some(_) => Ok(false),
            None => Ok(!mentions_entries(self.old.trailer(), id)),
        }
    }

    fn role(&mut self, id: ObjectId, edge: &Edge, old: &Object, new: &Object) -> Judged {
        let at = At { object: Some(id), path: &edge.path, page: None };
        match edge.role {
            Role::Catalog => self.catalog(at, old, new),
            Role::AcroForm => self.acro_form(at, old, new),
            Role::FieldList => self.field_list(at, old, new),
            Role::Field => self.field(id, at, old, new),
            Role::Value(field) => self.value(field, at, old, new),
            Role::FormResources => self.form_resources(at, old, new),
            Role::Appearance(widget) => self.appearance(widget, at, old, new),
            Role::AppearancePart => self.other(at, "appearance_resource"),
            Role::Page(page) => self.page(At { page: Some(page), ..at }, old, new),
            Role::Annotations(page) => self.annotations(At { page: Some(page), ..at }, old, new),
            Role::Annotation(page) => self.annotation(id, At { page: Some(page), ..at }, old, new),
            Role::AnnotationPart => self.other(at, "annotation_appearance"),
            Role::Dss => self.grown(at, old, new, DSS_DEPTH),
            Role::Perms => self.perms(at, old, new),
            Role::Extensions => self.extensions(at, old, new),
            Role::Metadata => self.metadata(at, old, new),
            Role::Info => {
                self.note(at, "document_information", Level::FormFilling);
                Ok(())
            }
            Role::StructureRoot => self.structure_root(at, old, new),
            Role::StructureElement => self.structure_element(at, old, new),
            Role::StructureKids => self.structure_kids(at, old, new),
            Role::ParentTree => self.parent_tree(at, old, new),
            Role::ParentTreeList => self.parent_tree_list(at, old, new),
            Role::Frozen => self.other(at, "content"),
        }
    }

    fn catalog(&mut self, at: At<'_>, old: &Object, new: &Object) -> Judged {
        let (Some(old), Some(new)) = (old.as_dictionary(), new.as_dictionary()) else {
            return self.other(at, "catalog_entry");
        };
        for key in self.differing(old, new)? {
            let path = format!("{}/{key}", at.path);
            let at = At { path: &path, ..at };
            let (before, after) = (old.get(&key), new.get(&key));
            match key.as_str() {
                "AcroForm" => self.moved(before, after, |judge, a, b| judge.acro_form(at, a, b))?,
                "DSS" => self.moved(before, after, |judge, a, b| judge.grown(at, a, b, DSS_DEPTH))?,
                "Perms" => self.moved(before, after, |judge, a, b| judge.perms(at, a, b))?,
                "Extensions" => self.moved(before, after, |judge, a, b| judge.extensions(at, a, b))?,
                "Metadata" => self.moved(before, after, |judge, a, b| judge.metadata(at, a, b))?,
                "StructTreeRoot" => {
                    self.moved(before, after, |judge, a, b| judge.structure_root(at, a, b))?
                }
                "Version" => self.version(at, before, after),
                _ => self.other(at, "catalog_entry")?,
            }
        }
        Ok(())
    }

    fn acro_form(&mut self, at: At<'_>, old: &Object, new: &Object) -> Judged {
        let Some(new) = new.as_dictionary() else { return self.other(at, "form_entry") };
        let none = Dictionary::default();
        let old = old.as_dictionary().unwrap_or(&none);
        for key in self.differing(old, new)? {
            let path = format!("{}/{key}", at.path);
            let at = At { path: &path, ..at };
            let (before, after) = (old.get(&key), new.get(&key));
            match key.as_str() {
                "Fields" => self.moved(before, after, |judge, a, b| judge.field_list(at, a, b))?,
                "DR" => self.moved(before, after, |judge, a, b| judge.form_resources(at, a, b))?,
                "SigFlags" => self.note(at, "signature_flags", Level::Lta),
                "NeedAppearances" if after.and_then(Object::as_boolean) != Some(true) => {
                    self.note(at, "form_entry", Level::FormFilling);
                }
                "DA" | "Type" if before.is_none() => self.note(at, "form_entry", Level::FormFilling),
                _ => self.other(at, "form_entry")?,
            }
        }
        Ok(())
    }

    /// `/Fields` or `/Kids`: may only grow, by objects that did not exist. What those are is judged
    /// as fields.
    fn field_list(&mut self, at: At<'_>, old: &Object, new: &Object) -> Judged {
        let Some(added) = self.added(old, new)? else { return self.other(at, "field_removed") };
        for item in added {
            let fresh = match item.as_reference() {
                Some(id) => self.old.object(id)?.is_null(),
                None => false,
            };
            if !fresh {
                self.other(at, "existing_object_made_field")?;
            }
        }
        self.note(at, "field_list", Level::Lta);
        Ok(())
    }

    fn field(&mut self, id: ObjectId, at: At<'_>, old: &Object, new: &Object) -> Judged {
        let Some(node) = self.form.node(id) else { return self.other(at, "field_removed") };
        let path = format!("/Root/AcroForm/Fields({})", node.name);
        let at = At { path: &path, page: node.page, ..at };
        let Some(new) = new.as_dictionary() else { return self.other(at, "field_removed") };
        match old {
            Object::Null => self.new_field(node, at, new),
            Object::Dictionary(old) => self.changed_field(node, at, old, new),
            _ => self.other(at, "field_entry"),
        }
    }

    /// A new field must be a signature field without actions; an empty one must show nothing.
    fn new_field(&mut self, node: &Node, at: At<'_>, new: &Dictionary) -> Judged {
        let field = self.form.field_of(node);
        let with_actions = new.contains("A") || new.contains("AA");
        let belongs = node.is_field || self.old.object(field.id)?.is_null();
        if node.kind != Some(FieldKind::Signature) || with_actions || !belongs {
            return self.other(at, "new_field");
        }
        let value = field.entries().and_then(|entries| entries.get("V"));
        let value = self.resolved(self.new, value)?;
        let signs = value.as_dictionary().is_some();
        if !signs && node.is_visible() && new.contains("AP") {
            return self.other(at, "new_empty_field_with_appearance");
        }
        if let Some(reference) = new.get("V") {
            self.fresh_signature(at, reference)?;
        }
        let level = if is_time_stamp(&value) && !node.is_visible() { Level::Lta } else { Level::FormFilling };
        let rule = match (signs, level) {
            (false, _) => "signature_field_added",
            (true, Level::Lta) => "time_stamp_added",
            (true, _) => "signature_added",
        };
        // Named in the path only: a lock is about the fields that there were.
        self.note(at, rule, level);
        Ok(())
    }

    fn changed_field(&mut self, node: &Node, at: At<'_>, old: &Dictionary, new: &Dictionary) -> Judged {
        let signature = node.kind == Some(FieldKind::Signature);
        let signed_before = signature && self.signed_before(node)?;
        let mut filled = false;
        for key in self.differing(old, new)? {
            let path = format!("{}/{key}", at.path);
            let here = At { path: &path, ..at };
            let key = key.as_str();
            let allowed = if signed_before {
                false
            } else if signature {
                SIGNED.contains(&key) || (SIGNED_ADDED.contains(&key) && !old.contains(key))
            } else {
                FILLED.contains(&key) && fillable(node)
            };
            match key {
                "Kids" => {
                    let (before, after) = (old.get(key), new.get(key));
                    self.moved(before, after, |judge, a, b| judge.field_list(here, a, b))?;
                }
                "V" if allowed && signature => {
                    self.fresh_signature(here, new.get(key).unwrap_or(&Object::Null))?;
                    filled = true;
                }
                "V" if allowed && !plain_value(&*self.resolved(self.new, new.get(key))?) => {
                    self.other(here, "field_value")?;
                }
                _ if allowed => filled = true,
                _ if signed_before => self.other(here, "signed_field")?,
                _ => self.other(here, "field_entry")?,
            }
        }
        if filled {
            self.note_filled(node, at, old, new)?;
        }
        Ok(())
    }

    fn note_filled(&mut self, node: &Node, at: At<'_>, old: &Dictionary, new: &Dictionary) -> Judged {
        let value = self.resolved(self.new, new.get("V"))?;
        let signature = node.kind == Some(FieldKind::Signature);
        let stamp = signature && is_time_stamp(&value) && !node.is_visible();
        let (rule, level) = match (signature, stamp) {
            (true, true) => ("time_stamp_added", Level::Lta),
            (true, false) => ("signature_added", Level::FormFilling),
            (false, _) => ("field_value", Level::FormFilling),
        };
        let before = self.resolved(self.old, old.get("V"))?;
        self.differences.changes.push(Change {
            object: at.object,
            path: at.path.to_owned(),
            rule,
            level,
            field: Some(node.name.clone()),
            page: at.page,
            old: shown(Some(&before)),
            new: shown(Some(&value)),
        });
        Ok(())
    }

    /// A signature value set after the signed revision must be a dictionary that did not exist
    /// then: an old one would be another signature, shown again under a new name.
    fn fresh_signature(&mut self, at: At<'_>, value: &Object) -> Judged {
        let resolved = self.resolved(self.new, Some(value))?;
        if resolved.as_dictionary().is_none() {
            return self.other(at, "signature_value");
        }
        match value.as_reference() {
            Some(id) if !self.old.object(id)?.is_null() => self.other(at, "signature_value_reused"),
            _ => Ok(()),
        }
    }

    /// The object a field's `/V` refers to, changed in place (or defined where it was missing).
    fn value(&mut self, field: ObjectId, at: At<'_>, old: &Object, new: &Object) -> Judged {
        let Some(node) = self.form.node(field) else { return self.other(at, "field_value") };
        let at = At { page: node.page, ..at };
        if node.kind == Some(FieldKind::Signature) || !fillable(node) || !plain_value(new) {
            return self.other(at, "signature_value");
        }
        self.differences.changes.push(Change {
            object: at.object,
            path: at.path.to_owned(),
            rule: "field_value",
            level: Level::FormFilling,
            field: Some(node.name.clone()),
            page: at.page,
            old: shown(Some(old)),
            new: shown(Some(new)),
        });
        Ok(())
    }

    /// An appearance changed in place.
    fn appearance(&mut self, widget: ObjectId, at: At<'_>, old: &Object, new: &Object) -> Judged {
        let Some(node) = self.form.node(widget) else { return self.other(at, "appearance") };
        let at = At { page: node.page, ..at };
        let signature = node.kind == Some(FieldKind::Signature);
        let open = if signature { !self.signed_before(node)? } else { fillable(node) };
        // A dictionary of states stays one, a stream stays one.
        let same_kind = old.is_null() || old.as_stream().is_some() == new.as_stream().is_some();
        if !open || !same_kind || new.is_null() {
            return self.other(at, "appearance");
        }
        let field = Some(node.name.clone());
        let path = at.path.to_owned();
        let (object, page) = (at.object, at.page);
        let change = Change {
            object,
            path,
            rule: "field_appearance",
            level: Level::FormFilling,
            field,
            page,
            old: None,
            new: None,
        };
        self.differences.changes.push(change);
        Ok(())
    }

    fn form_resources(&mut self, at: At<'_>, old: &Object, new: &Object) -> Judged {
        let Some(new) = new.as_dictionary() else { return self.other(at, "form_resources") };
        let none = Dictionary::default();
        let old = match old {
            Object::Null => &none,
            Object::Dictionary(old) => old,
            _ => return self.other(at, "form_resources"),
        };
        for (before, after) in paired(old, new).values() {
            if before.is_none() || same_value(self.source, *before, *after)? {
                continue;
            }
            // A category, as in /Font: may gain names.
            let (before, after) = (self.resolved(self.old, *before)?, self.resolved(self.new, *after)?);
            let kept = match (before.as_dictionary(), after.as_dictionary()) {
                (Some(before), Some(after)) => self.keeps(before, after)?,
                _ => false,
            };
            if !kept {
                return self.other(at, "form_resources");
            }
        }
        self.note(at, "form_resources", Level::FormFilling);
        Ok(())
    }

    fn page(&mut self, at: At<'_>, old: &Object, new: &Object) -> Judged {
        let (Some(old), Some(new)) = (old.as_dictionary(), new.as_dictionary()) else {
            return self.other(at, "page");
        };
        for key in self.differing(old, new)? {
            let path = format!("{}/{key}", at.path);
            let at = At { path: &path, ..at };
            if key == "Annots" {
                let (before, after) = (old.get(&key), new.get(&key));
                self.moved(before, after, |judge, a, b| judge.annotations(at, a, b))?;
            } else if key == "Tabs"
                && old.get(&key).is_none()
                && new.get(&key).and_then(Object::as_name).is_some_and(|name| name == "S")
            {
                // The order of the tab key, which a new field of a tagged document asks for.
                self.note(at, "tab_order", Level::FormFilling);
            } else {
                self.other(at, "page")?;
            }
        }
        Ok(())
    }

    /// `/Annots` of a page: may grow by objects that did not exist; those are judged as fields or
    /// annotations. Losing a widget is losing a field's face.
    fn annotations(&mut self, at: At<'_>, old: &Object, new: &Object) -> Judged {
        let Some(added) = self.added(old, new)? else { return self.annotations_removed(at, old, new) };
        for item in added {
            match item.as_reference() {
                Some(id) if self.old.object(id)?.is_null() => {}
                Some(_) => self.other(at, "existing_object_made_annotation")?,
                None => self.added_annotation(at, &item)?,
            }
        }
        self.note(at, "annotation_list", Level::Lta);
        Ok(())
    }

    fn annotations_removed(&mut self, at: At<'_>, old: &Object, new: &Object) -> Judged {
        let (Some(old), Some(new)) = (old.as_array(), new.as_array()) else {
            return self.other(at, "annotation_removed");
        };
        let kept: HashSet<ObjectId> = new.iter().filter_map(Object::as_reference).collect();
        let before: HashSet<ObjectId> = old.iter().filter_map(Object::as_reference).collect();
        let mut lost_widget = before.len() != old.len() || kept.len() != new.len();
        for id in before.difference(&kept) {
            lost_widget |= name_is(&*self.old.object(*id)?, "Subtype", "Widget");
        }
        for id in kept.difference(&before) {
            lost_widget |= !self.old.object(*id)?.is_null();
        }
        let level = if lost_widget { Level::Other } else { Level::Annotations };
        self.note(at, "annotation_removed", level);
        Ok(())
    }

    fn annotation(&mut self, id: ObjectId, at: At<'_>, old: &Object, new: &Object) -> Judged {
        if self.form.node(id).is_some() {
            // Judged as a field; every node of the form's tree has that role.
            return Ok(());
        }
        let (old, after) = match (old, new.as_dictionary()) {
            (Object::Null, Some(_)) => return self.added_annotation(at, new),
            (Object::Dictionary(old), Some(after)) => (old, after),
            // Freed: what it leaves behind is nothing, but something was there.
            (Object::Dictionary(old), None) if new.is_null() => {
                let widget =
                    old.get("Subtype").and_then(Object::as_name).is_some_and(|name| name == "Widget");
                let level = if widget { Level::Other } else { Level::Annotations };
                self.note(at, "annotation_removed", level);
                return Ok(());
            }
            _ => return self.other(at, "annotation_appearance"),
        };
        for key in self.differing(old, after)? {
            let path = format!("{}/{key}", at.path);
            let at = At { path: &path, ..at };
            if COMMENTED.contains(&key.as_str()) && !name_is(new, "Subtype", "Widget") {
                self.note(at, "annotation_changed", Level::Annotations);
            } else {
                self.other(at, "annotation_appearance")?;
            }
        }
        Ok(())
    }

    fn added_annotation(&mut self, at: At<'_>, new: &Object) -> Judged {
        let refused = ["Widget", "Redact"].iter().any(|subtype| name_is(new, "Subtype", subtype));
        let level = if refused || new.as_dictionary().is_none() { Level::Other } else { Level::Annotations };
        self.note(at, "annotation_added", level);
        Ok(())
    }

    /// DSS: may grow, must not lose or change anything (EN 319 142-1 clause 5.4.2).
    fn grown(&mut self, at: At<'_>, old: &Object, new: &Object, depth: u32) -> Judged {
        let level = if self.only_grew(old, new, depth)? { Level::Lta } else { Level::Other };
        self.note(at, "dss", level);
        Ok(())
    }

    fn only_grew(&self, old: &Object, new: &Object, depth: u32) -> Result<bool, PdfError> {
        if old.is_null() || same(self.source, old, new)? {
            return Ok(true);
        }
        let Some(depth) = depth.checked_sub(1) else { return Ok(false) };
        let (old, new) = (self.resolved(self.old, Some(old))?, self.resolved(self.new, Some(new))?);
        match (&*old, &*new) {
            (Object::Dictionary(old), Object::Dictionary(new)) => {
                for (before, after) in paired(old, new).values() {
                    let kept = match (before, after) {
                        (None, _) => true,
                        (Some(before), Some(after)) => self.only_grew(before, after, depth)?,
                        (Some(_), None) => false,
                    };
                    if !kept {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (Object::Array(old), Object::Array(new)) => {
                let kept: HashSet<ObjectId> = new.iter().filter_map(Object::as_reference).collect();
                Ok(old.iter().all(|item| item.as_reference().is_some_and(|id| kept.contains(&id))))
            }
            (old, new) => Ok(same(self.source, old, new)?),
        }
    }

    /// `/Perms`: a certification may be recorded; nothing recorded may go.
    fn perms(&mut self, at: At<'_>, old: &Object, new: &Object) -> Judged {
        let none = Dictionary::default();
        let Some(new) = new.as_dictionary() else { return self.other(at, "permissions") };
        let old = old.as_dictionary().unwrap_or(&none);
        for key in self.differing(old, new)? {
            let target = new.get(&key).and_then(Object::as_reference);
            let fresh = match target {
                Some(id) => self.old.object(id)?.is_null(),
                None => false,
            };
            if key != "DocMDP" || old.contains("DocMDP") || !fresh {
                return self.other(at, "permissions");
            }
            self.note(at, "certification_recorded", Level::FormFilling);
        }
        Ok(())
    }

    fn extensions(&mut self, at: At<'_>, old: &Object, new: &Object) -> Judged {
        let kept = match (old, new.as_dictionary()) {
            (Object::Null, Some(_)) => true,
            (Object::Dictionary(old), Some(new)) => old.iter().all(|(key, _)| new.contains(&key.as_str())),
            _ => false,
        };
        self.note(at, "extensions", if kept { Level::Lta } else { Level::Other });
        Ok(())
    }

    fn version(&mut self, at: At<'_>, old: Option<&Object>, new: Option<&Object>) {
        let number = |value: Option<&Object>| {
            value.and_then(Object::as_name).and_then(|name| name.as_str().parse::<f64>().ok())
        };
        let header = self.old.document().version();
        let before = number(old).unwrap_or(f64::from(header.0) + f64::from(header.1) / 10.0);
        let increased = number(new).is_some_and(|after| after >= before);
        self.note(at, "version", if increased { Level::Lta } else { Level::Other });
    }

    fn metadata(&mut self, at: At<'_>, _old: &Object, new: &Object) -> Judged {
        let level =
            if new.is_null() || new.as_stream().is_some() { Level::FormFilling } else { Level::Other };
        self.note(at, "metadata", level);
        Ok(())
    }

    // What the rules share.

    /// Judges a slot whose value is not the same: by `rule`, on the values referred to. A reference
    /// to the same object is judged where that object stands.
    pub(super) fn moved(
        &mut self,
        before: Option<&Object>,
        after: Option<&Object>,
        rule: impl FnOnce(&mut Self, &Object, &Object) -> Judged,
    ) -> Judged {
        let (old, new) = (self.resolved(self.old, before)?, self.resolved(self.new, after)?);
        rule(self, &old, &new)
    }

    /// Items of the new array that are not in the old one; none if it is not the old one with
    /// items added.
    pub(super) fn added(&self, old: &Object, new: &Object) -> Result<Option<Vec<Object>>, PdfError> {
        let (Object::Array(_) | Object::Null, Some(new)) = (old, new.as_array()) else { return Ok(None) };
        let mut expected = old.as_array().unwrap_or_default().iter().peekable();
        let mut added = Vec::new();
        for item in new {
            match expected.peek() {
                Some(next) if same(self.source, next, item)? => {
                    expected.next();
                }
                _ => added.push(item.clone()),
            }
        }
        Ok(expected.peek().is_none().then_some(added))
    }

    /// Whether every old entry is still there, unchanged.
    fn keeps(&self, old: &Dictionary, new: &Dictionary) -> Result<bool, PdfError> {
        for (before, after) in paired(old, new).values() {
            if before.is_some() && !same_value(self.source, *before, *after)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Names of the entries that differ. One that is not UTF-8 is shown with replacement characters,
    /// which no rule knows.
    pub(super) fn differing(&self, old: &Dictionary, new: &Dictionary) -> Result<BTreeSet<String>, PdfError> {
        let mut differing = BTreeSet::new();
        for (key, (before, after)) in paired(old, new) {
            if !same_value(self.source, before, after)? {
                differing.insert(key.as_str().into_owned());
            }
        }
        Ok(differing)
    }

    /// Whether the field that `node` belongs to was signed in the signed revision.
    fn signed_before(&self, node: &Node) -> Result<bool, PdfError> {
        let field = self.old.object(self.form.field_of(node).id)?;
        let value = field.as_dictionary().and_then(|entries| entries.get("V"));
        Ok(!self.resolved(self.old, value)?.is_null())
    }

    fn resolved(&self, view: View<'d>, value: Option<&Object>) -> Result<Rc<Object>, PdfError> {
        match value {
            Some(value) => view.resolve(value),
            None => Ok(Rc::new(Object::Null)),
        }
    }

    pub(super) fn other(&mut self, at: At<'_>, rule: &'static str) -> Judged {
        self.note(at, rule, Level::Other);
        Ok(())
    }

    pub(super) fn note(&mut self, at: At<'_>, rule: &'static str, level: Level) {
        let change = Change {
            object: at.object,
            path: at.path.to_owned(),
            rule,
            level,
            field: None,
            page: at.page,
            old: None,
            new: None,
        };
        // Several roles may say the same of one object, one after the other.
        if self.differences.changes.last() != Some(&change) {
            self.differences.changes.push(change);
        }
    }
}

/// A field that its reader fills in; read-only fields and push buttons keep their face.
fn fillable(node: &Node) -> bool {
    let kind = matches!(node.kind, Some(FieldKind::Text | FieldKind::Choice | FieldKind::Button));
    kind && !node.is_read_only() && !node.is_push_button()
}

/// What a filled field may hold: text, a state, a selection, rich text in a stream.
fn plain_value(value: &Object) -> bool {
    match value {
        Object::Null | Object::String(_) | Object::Name(_) => true,
        Object::Array(items) => items.iter().all(|item| matches!(item, Object::String(_))),
        _ => false,
    }
}

fn is_time_stamp(value: &Object) -> bool {
    name_is(value, "Type", "DocTimeStamp") && name_is(value, "SubFilter", "ETSI.RFC3161")
}

fn type_is(object: &Object, name: &str) -> bool {
    name_is(object, "Type", name)
}

fn name_is(object: &Object, key: &str, expected: &str) -> bool {
    let value = object.dictionary().and_then(|entries| entries.get(key));
    value.and_then(Object::as_name).is_some_and(|name| name == expected)
}

/// Whether a value refers to the object, at any depth the reader allowed.
fn mentions(value: &Object, id: ObjectId) -> bool {
    match value {
        Object::Reference(other) => *other == id,
        Object::Array(items) => items.iter().any(|item| mentions(item, id)),
        Object::Dictionary(entries) => mentions_entries(entries, id),
        Object::Stream(stream) => mentions_entries(&stream.dictionary, id),
        _ => false,
    }
}

fn mentions_entries(entries: &Dictionary, id: ObjectId) -> bool {
    entries.iter().any(|(_, value)| mentions(value, id))
}
