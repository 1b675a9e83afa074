//! Which difference each role tolerates, and how far-reaching it is.
//!
//! A rule sees the signed and the newest value. A value that moved (another object number, or from
//! direct to indirect) is judged where it is referred to; one rewritten in place, where it stands.

use super::super::field::{FieldKind, Form, Node};
use super::super::scan::hiding::{self, Words};
use super::roles::{Edge, Role, Roles};
use super::same::{paired, same, same_value};
use super::{Change, Level, shown};
use crate::error::PdfError;
use crate::pdf::{Dictionary, Object, ObjectId, View};
use crate::source::Source;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;

/// Entries of a form field that filling it changes (value, look, choice, rich text, dates). `/MK` says how
/// a viewer draws the look anew; that may be replaced anyway.
const FILLED: &[&str] = &["V", "AP", "AS", "I", "RV", "DA", "Q", "M", "TI", "MK"];
/// Entries of an empty signature field that signing it sets.
const SIGNED: &[&str] = &["V", "AP", "AS", "F", "M"];
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
/// Kinds of annotation that are comments (ISO 32000-2 table 171, markup, without those that hide what
/// they lie on for good or carry media), and the window of one. Others play, link or are drawn in print.
const COMMENTS: &[&str] = &[
    "Text",
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
];

/// Judges the changed objects after one signature.
pub(super) struct Judge<'j, 'd> {
    pub(super) old: View<'d>,
    pub(super) new: View<'d>,
    pub(super) source: &'d dyn Source,
    pub(super) form: &'j Form,
    roles: &'j Roles,
    changed: &'j BTreeSet<ObjectId>,
    words: Rc<RefCell<Words<'d>>>,
    /// Numbers of the objects of the signed revision that were looked at: on which the judgement rests.
    asked: RefCell<Vec<u32>>,
    found: Outcome,
}

/// What was found out about one object, or about the trailer.
#[derive(Debug, Clone, Default)]
pub(super) struct Outcome {
    pub(super) changes: Vec<Change>,
    /// Written, and nothing reaches it.
    pub(super) is_unreachable: bool,
}

/// Where a judged value stands.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) object: Option<ObjectId>,
    pub(super) path: &'a str,
    pub(super) page: Option<usize>,
    /// The part of the page, where it is known.
    pub(super) rect: Option<[f64; 4]>,
}

pub(super) type Judged = Result<(), PdfError>;

impl<'j, 'd> Judge<'j, 'd> {
    pub(super) fn new(
        (old, new): (View<'d>, View<'d>),
        source: &'d dyn Source,
        form: &'j Form,
        roles: &'j Roles,
        changed: &'j BTreeSet<ObjectId>,
        words: Rc<RefCell<Words<'d>>>,
    ) -> Self {
        let (asked, found) = (RefCell::default(), Outcome::default());
        Self { old, new, source, form, roles, changed, words, asked, found }
    }

    /// What was found since this was asked last, and the numbers of the old objects it rests on.
    pub(super) fn take(&mut self) -> (Outcome, Vec<u32>) {
        (std::mem::take(&mut self.found), self.asked.take())
    }

    /// The trailer's own entries: only `/Info` may change; the rest is the file's bookkeeping.
    pub(super) fn trailer(&mut self) -> Judged {
        let (old, new) = (self.old.trailer(), self.new.trailer());
        for key in ["Root", "Encrypt"] {
            if !same_value(self.source, old.get(key), new.get(key))? {
                let path = format!("/{key}");
                let at = At { object: None, path: &path, page: None, rect: None };
                self.note(at, "trailer_entry", Level::Other);
            }
        }
        let (before, after) = (old.get("Info"), new.get("Info"));
        if !same_value(self.source, before, after)? {
            let at = At { object: None, path: "/Info", page: None, rect: None };
            self.moved(before, after, |judge, a, b| judge.information(at, a, b))?;
        }
        Ok(())
    }

    /// One changed object, by every role it has.
    pub(super) fn object(&mut self, id: ObjectId) -> Judged {
        let (old, new) = (self.was(id)?, self.new.object(id)?);
        if type_is(&old, "ObjStm") || self.roles.holds_objects_since(id.number, self.old.revision_index()) {
            // Objects of the signed revision are read from it, or would have been, had it been there.
            let at = At { object: Some(id), path: "object stream", page: None, rect: None };
            self.note(at, "object_stream_replaced", Level::Other);
        }
        let edges = self.roles.edges(id);
        if edges.is_empty() {
            if !type_is(&new, "ObjStm") && !type_is(&new, "XRef") && !new.is_null() {
                self.found.is_unreachable = true;
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
            Some(from) => {
                let before = self.was(from)?;
                Ok(self.changed.contains(&from) && !mentions(&before, id))
            }
            None => Ok(!mentions_entries(self.old.trailer(), id)),
        }
    }

    fn role(&mut self, id: ObjectId, edge: &Edge, old: &Object, new: &Object) -> Judged {
        let (page, rect) = self.roles.place(edge);
        let at = At { object: Some(id), path: &edge.path, page, rect };
        match edge.role {
            Role::Catalog => self.catalog(at, old, new),
            Role::AcroForm => self.acro_form(at, old, new),
            Role::FieldList => self.field_list(at, old, new),
            Role::Field => self.field(id, at, old, new),
            Role::Value(field) => self.value(field, at, old, new),
            Role::FormResources => self.form_resources(at, old, new),
            Role::Appearance(widget) => self.appearance(widget, at, old, new),
            Role::FormResource => self.other(at, "form_resources"),
            Role::AppearancePart => self.other(at, "appearance_resource"),
            Role::Page(_) => self.page(at, old, new),
            Role::Annotations(_) => self.annotations(at, old, new),
            Role::Annotation(_) => self.annotation(id, at, old, new),
            Role::AnnotationPart => self.other(at, "annotation_appearance"),
            Role::Dss => self.evidence(at, old, new),
            Role::Perms => self.perms(at, old, new),
            Role::Extensions => self.extensions(at, old, new),
            Role::Metadata => self.metadata(at, old, new),
            Role::Info => self.information(at, old, new),
            Role::StructureRoot => self.structure_root(at, old, new),
            Role::StructureElement => self.structure_element(at, old, new),
            Role::StructureKids => self.structure_kids(at, old, new),
            Role::ParentTree => self.parent_tree(at, old, new),
            Role::ParentTreeList => self.parent_tree_list(at, old, new),
            Role::Frozen => self.content(at, old, new),
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
                "DSS" => self.moved(before, after, |judge, a, b| judge.evidence(at, a, b))?,
                "Perms" => self.moved(before, after, |judge, a, b| judge.perms(at, a, b))?,
                "Extensions" => self.moved(before, after, |judge, a, b| judge.extensions(at, a, b))?,
                "Metadata" => self.moved(before, after, |judge, a, b| judge.metadata(at, a, b))?,
                "StructTreeRoot" => {
                    self.moved(before, after, |judge, a, b| judge.structure_root(at, a, b))?
                }
                "Version" => self.version(at, before, after),
                _ => self.other_value(at, "catalog_entry", before, after)?,
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
                "SigFlags" => self.signature_flags(at, before, after)?,
                "NeedAppearances" if after.and_then(Object::as_boolean) != Some(true) => {
                    self.note(at, "form_entry", Level::FormFilling);
                }
                "DA" | "Type" if before.is_none() => self.note(at, "form_entry", Level::FormFilling),
                _ => self.other_value(at, "form_entry", before, after)?,
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
                Some(id) => self.was(id)?.is_null(),
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
        let at = At { path: &path, ..place_of(node, at) };
        let Some(new) = new.as_dictionary() else { return self.other(at, "field_removed") };
        match old {
            Object::Null => self.new_field(node, at, new),
            Object::Dictionary(old) => self.changed_field(node, at, old, new),
            _ => self.other(at, "field_entry"),
        }
    }

    /// A new field must be a signature field without actions, of a new name and with new kids only; an
    /// empty one must show nothing.
    fn new_field(&mut self, node: &Node, at: At<'_>, new: &Dictionary) -> Judged {
        let field = self.form.field_of(node);
        let with_actions = new.contains("A") || new.contains("AA");
        let belongs = node.is_field || self.was(field.id)?.is_null();
        if node.kind != Some(FieldKind::Signature) || with_actions || !belongs {
            return self.other(at, "new_field");
        }
        if node.is_field && self.roles.is_name_taken(&node.name) {
            return self.other(at, "field_name_taken");
        }
        if let Some(kids) = new.get("Kids") {
            let kids = self.resolved(self.new, Some(kids))?;
            self.field_list(at, &Object::Null, &kids)?;
        }
        let value = self.value_of(node)?;
        let signs = value.as_dictionary().is_some();
        if !signs && node.is_visible() && new.contains("AP") {
            return self.other(at, "new_empty_field_with_appearance");
        }
        if let Some(reference) = new.get("V") {
            self.fresh_signature(at, reference)?;
        }
        if node.is_visible()
            && self.hides(at.page, node.rect, |view| hiding::face_covers(view, &node.dictionary))?
        {
            return self.other(at, "signature_hides_content");
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
        // What signing may set, nothing else may: an empty field that gets a look is a picture on the page.
        let signs = signature && !signed_before && self.value_of(node)?.as_dictionary().is_some();
        let mut filled = false;
        for key in self.differing(old, new)? {
            let path = format!("{}/{key}", at.path);
            let here = At { path: &path, ..at };
            let key = key.as_str();
            let allowed = if signature {
                signs && (SIGNED.contains(&key) || added_by_signing(key, old, new))
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
                "AP" | "AS" if allowed && self.face_hides(node)? => {
                    self.other(here, "field_hides_content")?
                }
                "V" if allowed && !plain_value(&*self.resolved(self.new, new.get(key))?) => {
                    self.other(here, "field_value")?;
                }
                _ if allowed => filled = true,
                _ if signed_before => self.other_value(here, "signed_field", old.get(key), new.get(key))?,
                _ if signature && !signs && key == "AP" => self.other(here, "empty_field_with_appearance")?,
                _ => self.other_value(here, "field_entry", old.get(key), new.get(key))?,
            }
        }
        if filled {
            self.note_filled(node, at, old, new)?;
        }
        Ok(())
    }

    fn note_filled(&mut self, node: &Node, at: At<'_>, old: &Dictionary, new: &Dictionary) -> Judged {
        let value = self.value_of(node)?;
        let signature = node.kind == Some(FieldKind::Signature);
        let stamp = signature && is_time_stamp(&value) && !node.is_visible();
        let (rule, level) = match (signature, stamp) {
            (true, true) => ("time_stamp_added", Level::Lta),
            (true, false) => ("signature_added", Level::FormFilling),
            (false, _) => ("field_value", Level::FormFilling),
        };
        // A box that is ticked may say so in its state alone.
        let key = if old.contains("V") || new.contains("V") { "V" } else { "AS" };
        let before = self.resolved_old(old.get(key))?;
        let after = self.resolved(self.new, new.get(key))?;
        let (before, after) = (shown(Some(&before)), shown(Some(&after)));
        let (before, after) = if signature { (None, None) } else { (before, after) };
        self.push(at, rule, level, Some(node.name.clone()), [before, after]);
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
            Some(id) if !self.was(id)?.is_null() => self.other(at, "signature_value_reused"),
            _ => Ok(()),
        }
    }

    /// The object a field's `/V` refers to, changed in place (or defined where it was missing).
    fn value(&mut self, field: ObjectId, at: At<'_>, old: &Object, new: &Object) -> Judged {
        let Some(node) = self.form.node(field) else { return self.other(at, "field_value") };
        let at = place_of(node, at);
        if node.kind == Some(FieldKind::Signature) || !fillable(node) || !plain_value(new) {
            return self.other(at, "signature_value");
        }
        let values = [shown(Some(old)), shown(Some(new))];
        self.push(at, "field_value", Level::FormFilling, Some(node.name.clone()), values);
        Ok(())
    }

    /// An appearance changed in place.
    fn appearance(&mut self, widget: ObjectId, at: At<'_>, old: &Object, new: &Object) -> Judged {
        let Some(node) = self.form.node(widget) else { return self.other(at, "appearance") };
        let at = place_of(node, at);
        let signature = node.kind == Some(FieldKind::Signature);
        let open = match signature {
            true => !self.signed_before(node)? && self.value_of(node)?.as_dictionary().is_some(),
            false => fillable(node),
        };
        // A dictionary of states stays one, a stream stays one.
        let same_kind = old.is_null() || old.as_stream().is_some() == new.as_stream().is_some();
        if !open || !same_kind || new.is_null() {
            return self.other(at, "appearance");
        }
        if self.face_hides(node)? {
            return self.other(at, "field_hides_content");
        }
        let field = Some(node.name.clone());
        self.push(at, "field_appearance", Level::FormFilling, field, [None, None]);
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
            let (before, after) = (self.resolved_old(*before)?, self.resolved(self.new, *after)?);
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
                self.other_value(at, "page", old.get(&key), new.get(&key))?;
            }
        }
        Ok(())
    }

    /// What must not change. Of a page tree, how many pages there were.
    fn content(&mut self, at: At<'_>, old: &Object, new: &Object) -> Judged {
        let counts = type_is(old, "Pages") && type_is(new, "Pages");
        let count = |tree: &Object| tree.as_dictionary().and_then(|tree| tree.get("Count")).cloned();
        match counts.then(|| (count(old), count(new))) {
            Some((before, after)) if before != after => {
                let path = format!("{}/Count", at.path);
                let at = At { path: &path, ..at };
                self.other_value(at, "content", before.as_ref(), after.as_ref())
            }
            _ => self.other_value(at, "content", Some(old), Some(new)),
        }
    }

    /// `/Annots` of a page: may grow by objects that did not exist; those are judged as fields or
    /// annotations. Losing a widget is losing a field's face.
    fn annotations(&mut self, at: At<'_>, old: &Object, new: &Object) -> Judged {
        let Some(added) = self.added(old, new)? else { return self.annotations_removed(at, old, new) };
        for item in added {
            match item.as_reference() {
                Some(id) if self.was(id)?.is_null() => {}
                Some(_) => self.other(at, "existing_object_made_annotation")?,
                None => self.added_annotation(at, &item)?,
            }
        }
        // The list is the page's, what it lists has its own place.
        self.note(At { rect: None, ..at }, "annotation_list", Level::Lta);
        Ok(())
    }

    fn annotations_removed(&mut self, at: At<'_>, old: &Object, new: &Object) -> Judged {
        let (Some(old), Some(new)) = (old.as_array(), new.as_array()) else {
            return self.other(at, "annotation_removed");
        };
        let kept: HashSet<ObjectId> = new.iter().filter_map(Object::as_reference).collect();
        let before: HashSet<ObjectId> = old.iter().filter_map(Object::as_reference).collect();
        let mut refused = before.len() != old.len() || kept.len() != new.len();
        // Which one lies on top is a part of what is seen.
        let stays = |list: &[Object], also: &HashSet<ObjectId>| -> Vec<ObjectId> {
            list.iter().filter_map(Object::as_reference).filter(|id| also.contains(id)).collect()
        };
        refused |= stays(old, &kept) != stays(new, &before);
        for id in kept.difference(&before) {
            refused |= !self.was(*id)?.is_null();
        }
        let lost: BTreeSet<ObjectId> = before.difference(&kept).copied().collect();
        for id in lost {
            let annotation = self.was(id)?;
            self.removed_annotation(at, &annotation)?;
        }
        if refused { self.other(at, "annotation_removed") } else { Ok(()) }
    }

    fn removed_annotation(&mut self, at: At<'_>, old: &Object) -> Judged {
        let refused = name_is(old, "Subtype", "Widget") || self.hid(at.page, old)?;
        let level = if refused { Level::Other } else { Level::Annotations };
        let at = At { rect: rect_of(old).or(at.rect), ..at };
        let text = shown(old.as_dictionary().and_then(|entries| entries.get("Contents")));
        self.push(at, "annotation_removed", level, None, [text, None]);
        Ok(())
    }

    fn annotation(&mut self, id: ObjectId, at: At<'_>, old: &Object, new: &Object) -> Judged {
        if self.form.node(id).is_some() {
            // Judged as a field; every node of the form's tree has that role.
            return Ok(());
        }
        let at = At { rect: rect_of(new).or(rect_of(old)).or(at.rect), ..at };
        let (old, after) = match (old, new.as_dictionary()) {
            (Object::Null, Some(_)) => return self.added_annotation(at, new),
            (Object::Dictionary(old), Some(after)) => (old, after),
            // Freed: what it leaves behind is nothing, but something was there.
            (Object::Dictionary(_), None) if new.is_null() => return self.removed_annotation(at, old),
            _ => return self.other(at, "annotation_appearance"),
        };
        // Some of it readers draw: the words of free text, the colour of what covers.
        let (words, colour) = (name_is(new, "Subtype", "FreeText"), hiding::annotation_covers(self.new, new));
        for key in self.differing(old, after)? {
            let path = format!("{}/{key}", at.path);
            let at = At { path: &path, ..at };
            let (before, after) = (old.get(&key), after.get(&key));
            let drawn = match key.as_str() {
                "Contents" | "RC" => words,
                "C" | "CA" => colour,
                _ => false,
            };
            if drawn {
                self.other_value(at, "annotation_appearance", before, after)?;
            } else if COMMENTED.contains(&key.as_str()) && !name_is(new, "Subtype", "Widget") {
                let values = [shown(before), shown(after)];
                self.push(at, "annotation_changed", Level::Annotations, None, values);
            } else {
                self.other_value(at, "annotation_appearance", before, after)?;
            }
        }
        Ok(())
    }

    /// A comment without actions.
    fn added_annotation(&mut self, at: At<'_>, new: &Object) -> Judged {
        let comment = COMMENTS.iter().any(|subtype| name_is(new, "Subtype", subtype));
        let entries = new.as_dictionary();
        let acts = entries.is_none_or(|entries| entries.contains("A") || entries.contains("AA"));
        let rect = hiding::rect(self.new, new).or(at.rect);
        let at = At { rect, ..at };
        let text = entries.and_then(|entries| entries.get("Contents").or(entries.get("Subtype")));
        let (rule, level) = if !comment || acts || !hiding::is_known(self.new, new) {
            ("annotation_added", Level::Other)
        } else if self.hides(at.page, rect, |view| hiding::annotation_covers(view, new))? {
            ("annotation_hides_content", Level::Other)
        } else {
            ("annotation_added", Level::Annotations)
        };
        self.push(at, rule, level, None, [None, shown(text)]);
        Ok(())
    }

    /// Whether the newest face of a field lies, letting nothing through, on letters that were signed: the field
    /// may have been put there for that, empty, before anybody signed.
    fn face_hides(&mut self, node: &Node) -> Result<bool, PdfError> {
        let (Some(page), Some(rect)) = (node.page, node.rect) else { return Ok(false) };
        let covers = node.is_visible() && hiding::face_covers(self.new, &node.dictionary);
        Ok(covers && self.words.borrow_mut().are_in(page, rect)?)
    }

    /// Whether an annotation of the signed revision hid letters, which would come to light without it.
    fn hid(&mut self, page: Option<usize>, annotation: &Object) -> Result<bool, PdfError> {
        let old = self.old;
        self.hides(page, hiding::rect(old, annotation), |_| hiding::annotation_covers(old, annotation))
    }

    /// Whether something new lies, letting nothing through, on letters that were signed or on a field that is
    /// filled in.
    fn hides(
        &mut self,
        page: Option<usize>,
        rect: Option<[f64; 4]>,
        covers: impl FnOnce(View<'d>) -> bool,
    ) -> Result<bool, PdfError> {
        let (Some(page), Some(rect)) = (page, rect) else { return Ok(false) };
        if !covers(self.new) {
            return Ok(false);
        }
        let filled = |node: &Node| {
            let field = self.form.field_of(node);
            node.page == Some(page) && field.kind != Some(FieldKind::Signature) && field.kind.is_some()
        };
        let overlaps = |[a, b, c, d]: [f64; 4]| a < rect[2] && rect[0] < c && b < rect[3] && rect[1] < d;
        if self.form.nodes.iter().filter(|node| filled(node)).filter_map(|node| node.rect).any(overlaps) {
            return Ok(true);
        }
        self.words.borrow_mut().are_in(page, rect)
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
        let (old, new) = (self.resolved_old(before)?, self.resolved(self.new, after)?);
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
        let field = self.was(self.form.field_of(node).id)?;
        let value = field.as_dictionary().and_then(|entries| entries.get("V"));
        Ok(!self.resolved_old(value)?.is_null())
    }

    /// `/V` of the field that `node` belongs to, as it is now.
    fn value_of(&self, node: &Node) -> Result<Rc<Object>, PdfError> {
        let value = self.form.field_of(node).entries().and_then(|entries| entries.get("V"));
        self.resolved(self.new, value)
    }

    /// The object in the signed revision.
    pub(super) fn was(&self, id: ObjectId) -> Result<Rc<Object>, PdfError> {
        self.asked.borrow_mut().push(id.number);
        self.old.object(id)
    }

    /// The value in the signed revision, or what the chain of references it begins ends with.
    pub(super) fn resolved_old(&self, value: Option<&Object>) -> Result<Rc<Object>, PdfError> {
        let mut next = value.and_then(Object::as_reference);
        for _ in 0..self.old.document().limits().reference_chain {
            let Some(id) = next else { break };
            next = self.was(id)?.as_reference();
        }
        self.resolved(self.old, value)
    }

    pub(super) fn resolved(&self, view: View<'d>, value: Option<&Object>) -> Result<Rc<Object>, PdfError> {
        match value {
            Some(value) => view.resolve(value),
            None => Ok(Rc::new(Object::Null)),
        }
    }

    pub(super) fn other(&mut self, at: At<'_>, rule: &'static str) -> Judged {
        self.note(at, rule, Level::Other);
        Ok(())
    }

    /// As [`Judge::other`], with the values as far as they are texts.
    pub(super) fn other_value(
        &mut self,
        at: At<'_>,
        rule: &'static str,
        before: Option<&Object>,
        after: Option<&Object>,
    ) -> Judged {
        let (before, after) = (self.resolved_old(before)?, self.resolved(self.new, after)?);
        self.push(at, rule, Level::Other, None, [shown(Some(&before)), shown(Some(&after))]);
        Ok(())
    }

    pub(super) fn note(&mut self, at: At<'_>, rule: &'static str, level: Level) {
        self.push(at, rule, level, None, [None, None]);
    }

    /// `values` are the texts before and after.
    pub(super) fn push(
        &mut self,
        at: At<'_>,
        rule: &'static str,
        level: Level,
        field: Option<String>,
        values: [Option<String>; 2],
    ) {
        let [old, new] = values;
        let (object, path, page, rect) = (at.object, at.path.to_owned(), at.page, at.rect);
        let change = Change { object, path, rule, level, field, page, rect, old, new };
        // Several roles may say the same of one object, one after the other.
        if self.found.changes.last() != Some(&change) {
            self.found.changes.push(change);
        }
    }
}

/// Where a widget stands.
fn place_of<'a>(node: &Node, at: At<'a>) -> At<'a> {
    At { page: node.page, rect: node.rect.filter(|_| node.is_visible()), ..at }
}

/// What signing adds where there was nothing, each as what it has to be: a field may be used as something
/// else, too, whose entry of the same name means more.
fn added_by_signing(key: &str, old: &Dictionary, new: &Dictionary) -> bool {
    let Some(value) = new.get(key).filter(|_| !old.contains(key)) else { return false };
    match key {
        "P" => value.as_reference().is_some(),
        "Type" => value.as_name().is_some_and(|name| name == "Annot"),
        "Lock" | "MK" => value.as_dictionary().is_some() || value.as_reference().is_some(),
        _ => false,
    }
}

/// `/Rect` of an annotation, normalised.
fn rect_of(annotation: &Object) -> Option<[f64; 4]> {
    let rect = annotation.as_dictionary()?.get("Rect")?.as_array()?;
    let numbers: Vec<f64> = rect.iter().filter_map(Object::as_f64).collect();
    let [a, b, c, d] = *numbers.first_chunk::<4>()?;
    Some([a.min(c), b.min(d), a.max(c), b.max(d)])
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
