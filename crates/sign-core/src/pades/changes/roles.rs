//! On which paths the newest revision reaches the objects that later revisions wrote.
//!
//! First the structure that rules know by name (catalog, form, pages, annotations, DSS), then
//! everything else. Only written objects get their paths recorded; the rest is passed through once.
//! Reaching a page, a field or an annotation again from elsewhere (`/Parent`, `/P`, a destination,
//! a structure element) says nothing about its content: such back references are not roles. What
//! those dictionaries may change is read nowhere but in their own place.

use super::super::field::Form;
use crate::error::PdfError;
use crate::pdf::{Dictionary, EntryKind, Object, ObjectId, View};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

/// What an object is, by one path that reaches it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Role {
    Catalog,
    AcroForm,
    /// `/Fields` or `/Kids`.
    FieldList,
    /// A node of the form's tree.
    Field,
    /// `/V` of the field that is this object.
    Value(ObjectId),
    /// `/DR` of the form, and the dictionaries of names in it.
    FormResources,
    /// What those name.
    FormResource,
    /// `/AP` of the widget that is this object: its dictionaries and the streams in them.
    Appearance(ObjectId),
    /// What appearance streams use.
    AppearancePart,
    Page(usize),
    /// `/Annots` of a page.
    Annotations(usize),
    /// An element of it that is not in the form's tree.
    Annotation(usize),
    /// What such an annotation uses.
    AnnotationPart,
    Dss,
    Perms,
    Extensions,
    Metadata,
    Info,
    /// `/StructTreeRoot`.
    StructureRoot,
    /// An element of the structure tree.
    StructureElement,
    /// `/K` of an element or the root, where it is an object of its own.
    StructureKids,
    /// A node of the structure's `/ParentTree`.
    ParentTree,
    /// `/Kids` or `/Nums` of such a node, where it is an object of its own.
    ParentTreeList,
    /// Everything else: must not change.
    Frozen,
}

/// One path to a written object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) role: Role,
    /// The object that refers to it; none for the trailer.
    pub(super) from: Option<ObjectId>,
    pub(super) path: String,
    /// The page that reaches it, counted from 0.
    page: Option<usize>,
}

/// The paths to all written objects, and what rules ask of the whole document.
#[derive(Debug, Default)]
pub(super) struct Roles {
    edges: HashMap<ObjectId, Vec<Edge>>,
    /// What is shown of each page.
    boxes: Vec<[f64; 4]>,
    /// How many fields have a name.
    names: HashMap<String, u32>,
    /// Object streams: the index of the first revision that has objects in one of this number.
    containers: HashMap<u32, usize>,
}

impl Roles {
    pub(super) fn edges(&self, id: ObjectId) -> &[Edge] {
        self.edges.get(&id).map(Vec::as_slice).unwrap_or_default()
    }

    /// The page where it shows, and the part of it: all, for what the page's content shows.
    pub(super) fn place(&self, edge: &Edge) -> (Option<usize>, Option<[f64; 4]>) {
        let page = match edge.role {
            Role::Page(page) | Role::Annotations(page) | Role::Annotation(page) => Some(page),
            _ => edge.page,
        };
        (page, page.and_then(|page| self.boxes.get(page)).copied())
    }

    /// Whether more than one field has this name.
    pub(super) fn is_name_taken(&self, name: &str) -> bool {
        self.names.get(name).is_some_and(|count| *count > 1)
    }

    /// Whether the revision of this index, or one before, has objects in the object stream `number`.
    pub(super) fn holds_objects_since(&self, number: u32, revision: usize) -> bool {
        self.containers.get(&number).is_some_and(|first| *first <= revision)
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = ObjectId> {
        self.edges.keys().copied()
    }
}

/// Finds the paths to the objects with these numbers.
pub(super) fn find(
    signed: View<'_>,
    view: View<'_>,
    form: &Form,
    numbers: BTreeSet<u32>,
) -> Result<Roles, PdfError> {
    let mut walk = Walk {
        signed,
        view,
        form,
        written: &numbers,
        structural: form.nodes.iter().map(|node| (node.id, Structural::Other)).collect(),
        roles: Roles::default(),
        seen_edges: HashSet::new(),
        visited: HashSet::new(),
        open: Vec::new(),
        page: None,
    };
    walk.structure()?;
    walk.rest()?;
    let mut roles = walk.roles;
    for field in form.nodes.iter().filter(|node| node.is_field) {
        *roles.names.entry(field.name.clone()).or_default() += 1;
    }
    roles.containers = containers(view, &numbers);
    Ok(roles)
}

/// The object streams among these numbers, with the first revision that has objects in them.
fn containers(view: View<'_>, numbers: &BTreeSet<u32>) -> HashMap<u32, usize> {
    let mut found = HashMap::new();
    for revision in view.document().revisions() {
        for (_, kind) in revision.entries() {
            if let EntryKind::InStream { container, .. } = kind
                && numbers.contains(&container)
            {
                found.entry(container).or_insert(revision.index);
            }
        }
    }
    found
}

/// Dictionaries with a place of their own.
#[derive(Clone, Copy)]
enum Structural {
    /// May gain annotations, which nobody reads through another path.
    Page,
    /// May gain elements for new fields; what it says of the content is read in the tree alone.
    Element,
    /// Catalog, fields, annotations.
    Other,
}

/// Entries that point back to a field or an annotation, from a kid, a structure element, an action,
/// a pop-up, a reply or the calculation order, without making it a part of what they stand in.
const BACK_REFERENCES: &[&str] =
    &["Parent", "P", "Obj", "Popup", "IRT", "T", "Fields", "CO", "Data", "Annotation", "AN", "Kids"];

/// An object whose content is still to be looked through.
struct Open {
    id: ObjectId,
    role: Role,
    path: Rc<str>,
    page: Option<usize>,
}

struct Walk<'w, 'd> {
    /// The earliest signed revision.
    signed: View<'d>,
    view: View<'d>,
    form: &'w Form,
    written: &'w BTreeSet<u32>,
    /// Catalog, pages, fields, annotations: never entered from elsewhere.
    structural: HashMap<ObjectId, Structural>,
    roles: Roles,
    seen_edges: HashSet<(ObjectId, Role, Option<ObjectId>)>,
    visited: HashSet<(ObjectId, Role)>,
    open: Vec<Open>,
    /// The page whose content is being looked through.
    page: Option<usize>,
}

/// Paths longer than this are cut: they are for a reader.
const LONGEST_PATH: usize = 160;

impl Walk<'_, '_> {
    /// The parts that rules know by name. What they do not name is queued as [`Role::Frozen`].
    fn structure(&mut self) -> Result<(), PdfError> {
        let (root, catalog) = self.view.catalog()?;
        self.edge(root, Role::Catalog, None, "/Root");
        self.structural.insert(root, Structural::Other);
        let pages = self.view.pages()?;
        self.structural.extend(pages.iter().map(|page| (page.id, Structural::Page)));
        self.roles.boxes = pages.iter().map(|page| page.crop_box).collect();
        let mut annotations = Vec::new();
        for (index, page) in pages.iter().enumerate() {
            self.edge(page.id, Role::Page(index), None, &format!("/Root/Pages[{index}]"));
            annotations.extend(self.annotations_of(index, page.id, &page.dictionary)?);
        }
        self.catalog(root, &catalog)?;
        for index in 0..self.form.nodes.len() {
            self.field(index)?;
        }
        for (id, page, path) in annotations {
            self.annotation(id, page, &path)?;
        }
        for (index, page) in pages.iter().enumerate() {
            let path = format!("/Root/Pages[{index}]");
            self.page = Some(index);
            self.other_entries(page.id, &page.dictionary, &["Annots"], Role::Frozen, &path);
        }
        self.page = None;
        if let Some(info) = self.view.trailer().get("Info").cloned() {
            self.values(&info, None, Role::Info, "/Info", "Info");
        }
        if let Some(encrypt) = self.view.trailer().get("Encrypt").cloned() {
            self.values(&encrypt, None, Role::Frozen, "/Encrypt", "Encrypt");
        }
        Ok(())
    }

    fn catalog(&mut self, root: ObjectId, catalog: &Object) -> Result<(), PdfError> {
        let Some(entries) = catalog.as_dictionary() else { return Ok(()) };
        let named = [
            ("DSS", Role::Dss),
            ("Perms", Role::Perms),
            ("Extensions", Role::Extensions),
            ("Metadata", Role::Metadata),
        ];
        for (key, role) in named {
            if let Some(value) = entries.get(key) {
                self.values(value, Some(root), role, &format!("/Root/{key}"), key);
            }
        }
        if let Some(value) = entries.get("AcroForm") {
            self.acro_form(root, value)?;
        }
        if let Some(value) = entries.get("StructTreeRoot") {
            self.structure_tree(root, value)?;
        }
        let named = ["AcroForm", "DSS", "Perms", "Extensions", "Metadata", "StructTreeRoot"];
        self.other_entries(root, entries, &named, Role::Frozen, "/Root");
        Ok(())
    }

    /// The structure tree: first its elements, so that no other path to one of them counts, then what
    /// else they hold.
    fn structure_tree(&mut self, catalog: ObjectId, value: &Object) -> Result<(), PdfError> {
        let path = "/Root/StructTreeRoot";
        let (root, tree) = self.follow(value, catalog, Role::StructureRoot, path)?;
        if root != catalog {
            self.structural.entry(root).or_insert(Structural::Element);
        }
        let mut elements = vec![(root, tree)];
        let mut lists = Vec::new();
        let mut next = 0;
        while let Some((owner, element)) = elements.get(next).cloned() {
            next += 1;
            if let Some(kids) = element.as_dictionary().and_then(|entries| entries.get("K")) {
                let (owner, kids) = self.kid_list(owner, kids, path)?;
                elements.extend(self.elements_in(owner, &kids, path)?);
                lists.push((owner, kids));
            }
        }
        for (id, element) in &elements {
            let Some(entries) = element.as_dictionary() else { continue };
            if let Some(parent_tree) = entries.get("ParentTree").filter(|_| *id == root) {
                self.parent_tree(root, parent_tree)?;
            }
            let named: &[&str] = if *id == root { &["K", "ParentTree"] } else { &["K"] };
            self.other_entries(*id, entries, named, Role::Frozen, path);
        }
        for (owner, kids) in lists {
            self.values(&kids, Some(owner), Role::Frozen, path, "K");
        }
        Ok(())
    }

    /// `/K`: what it holds, and the object that is written in.
    fn kid_list(
        &mut self,
        owner: ObjectId,
        kids: &Object,
        path: &str,
    ) -> Result<(ObjectId, Rc<Object>), PdfError> {
        if let Some(id) = kids.as_reference() {
            let object = self.view.object(id)?;
            if object.as_array().is_some() {
                self.edge(id, Role::StructureKids, Some(owner), path);
                return Ok((id, object));
            }
        }
        Ok((owner, Rc::new(kids.clone())))
    }

    /// The elements in a list of kids that were not met before.
    fn elements_in(
        &mut self,
        owner: ObjectId,
        kids: &Object,
        path: &str,
    ) -> Result<Vec<(ObjectId, Rc<Object>)>, PdfError> {
        let mut found = Vec::new();
        for id in
            kids.as_array().unwrap_or(std::slice::from_ref(kids)).iter().filter_map(Object::as_reference)
        {
            let object = self.view.object(id)?;
            if object.as_dictionary().is_none_or(|entries| !entries.contains("S")) {
                continue;
            }
            match self.structural.get(&id) {
                None => {
                    self.structural.insert(id, Structural::Element);
                    found.push((id, object));
                }
                Some(Structural::Element) => {}
                // A page or a field is no element.
                Some(Structural::Page | Structural::Other) => continue,
            }
            self.edge(id, Role::StructureElement, Some(owner), path);
        }
        Ok(found)
    }

    fn parent_tree(&mut self, owner: ObjectId, tree: &Object) -> Result<(), PdfError> {
        let path = "/Root/StructTreeRoot/ParentTree";
        let mut open = vec![(owner, tree.clone())];
        while let Some((owner, node)) = open.pop() {
            let (owner, node) = match node.as_reference() {
                // A node is looked at once, whoever lists it.
                Some(id) if self.visited.contains(&(id, Role::ParentTree)) => continue,
                _ => self.follow(&node, owner, Role::ParentTree, path)?,
            };
            let Some(entries) = node.as_dictionary() else { continue };
            if let Some(kids) = entries.get("Kids") {
                let (owner, kids) = self.follow(kids, owner, Role::ParentTreeList, path)?;
                open.extend(kids.as_array().unwrap_or_default().iter().map(|kid| (owner, kid.clone())));
            }
            if let Some(pairs) = entries.get("Nums") {
                let (owner, pairs) = self.follow(pairs, owner, Role::ParentTreeList, path)?;
                self.values(&pairs, Some(owner), Role::Frozen, path, "Nums");
            }
            self.other_entries(owner, entries, &["Kids", "Nums"], Role::Frozen, path);
        }
        Ok(())
    }

    fn acro_form(&mut self, root: ObjectId, value: &Object) -> Result<(), PdfError> {
        let path = "/Root/AcroForm";
        let (owner, form) = self.follow(value, root, Role::AcroForm, path)?;
        let Some(entries) = form.as_dictionary() else { return Ok(()) };
        if let Some(fields) = entries.get("Fields") {
            self.field_list(fields, owner, "/Root/AcroForm/Fields")?;
        }
        if let Some(resources) = entries.get("DR") {
            self.form_resources(resources, owner)?;
        }
        self.other_entries(owner, entries, &["Fields", "DR"], Role::Frozen, path);
        Ok(())
    }

    /// `/DR`: a dictionary of dictionaries of names; what the names stand for is another matter.
    fn form_resources(&mut self, resources: &Object, owner: ObjectId) -> Result<(), PdfError> {
        let path = "/Root/AcroForm/DR";
        let (owner, resources) = self.follow(resources, owner, Role::FormResources, path)?;
        let Some(kinds) = resources.as_dictionary() else { return Ok(()) };
        for (kind, names) in kinds.iter() {
            let path = format!("{path}/{}", kind.as_str());
            let (owner, names) = self.follow(names, owner, Role::FormResources, &path)?;
            self.values(&names, Some(owner), Role::FormResource, &path, "");
        }
        Ok(())
    }

    fn field_list(&mut self, list: &Object, owner: ObjectId, path: &str) -> Result<(), PdfError> {
        let (owner, list) = self.follow(list, owner, Role::FieldList, path)?;
        for (index, id) in references(&list) {
            self.edge(id, Role::Field, Some(owner), &format!("{path}[{index}]"));
        }
        Ok(())
    }

    fn field(&mut self, index: usize) -> Result<(), PdfError> {
        let Some(node) = self.form.nodes.get(index) else { return Ok(()) };
        let (id, dictionary) = (node.id, Rc::clone(&node.dictionary));
        let path = format!("/Root/AcroForm/Fields({})", node.name);
        let Some(entries) = dictionary.as_dictionary() else { return Ok(()) };
        if let Some(kids) = entries.get("Kids") {
            self.field_list(kids, id, &format!("{path}/Kids"))?;
        }
        for (key, role) in [("V", Role::Value(id)), ("AP", Role::Appearance(id))] {
            if let Some(value) = entries.get(key) {
                self.values(value, Some(id), role, &format!("{path}/{key}"), key);
            }
        }
        self.other_entries(id, entries, &["Kids", "V", "AP"], Role::Frozen, &path);
        Ok(())
    }

    /// Records a page's `/Annots` and returns its elements that are not fields, with their paths.
    fn annotations_of(
        &mut self,
        page: usize,
        page_id: ObjectId,
        entries: &Dictionary,
    ) -> Result<Vec<(ObjectId, usize, String)>, PdfError> {
        let Some(list) = entries.get("Annots") else { return Ok(Vec::new()) };
        let path = format!("/Root/Pages[{page}]/Annots");
        let (owner, list) = self.follow(list, page_id, Role::Annotations(page), &path)?;
        let mut found = Vec::new();
        for (index, id) in references(&list) {
            let path = format!("{path}[{index}]");
            self.edge(id, Role::Annotation(page), Some(owner), &path);
            // Only a dictionary is an annotation; a stream listed here stays what else it is.
            if !self.structural.contains_key(&id) && self.view.object(id)?.as_dictionary().is_some() {
                self.structural.insert(id, Structural::Other);
                found.push((id, page, path));
            }
        }
        for item in list.as_array().unwrap_or_default().iter().filter(|item| item.as_reference().is_none()) {
            self.values(item, Some(owner), Role::AnnotationPart, &path, "Annots");
        }
        Ok(found)
    }

    fn annotation(&mut self, id: ObjectId, page: usize, path: &str) -> Result<(), PdfError> {
        if !self.visited.insert((id, Role::Annotation(page))) {
            return Ok(());
        }
        let annotation = self.view.object(id)?;
        self.page = Some(page);
        self.values(&annotation, Some(id), Role::AnnotationPart, path, "");
        Ok(())
    }

    /// Queues what the entries refer to, but for the named ones.
    fn other_entries(
        &mut self,
        owner: ObjectId,
        entries: &Dictionary,
        named: &[&str],
        role: Role,
        path: &str,
    ) {
        for (key, value) in entries.iter() {
            let key = key.as_str();
            if !named.contains(&key.as_ref()) {
                self.values(value, Some(owner), role, &format!("{path}/{key}"), &key);
            }
        }
    }

    /// Follows a reference to the value it stands for; the object the value is in.
    fn follow(
        &mut self,
        value: &Object,
        owner: ObjectId,
        role: Role,
        path: &str,
    ) -> Result<(ObjectId, Rc<Object>), PdfError> {
        let Some(id) = value.as_reference() else { return Ok((owner, Rc::new(value.clone()))) };
        self.edge(id, role, Some(owner), path);
        // One object must not be the form, its list and a page's annotations at once, unseen.
        self.visited.insert((id, role));
        Ok((id, self.view.object(id)?))
    }

    /// Records and queues every reference in a direct value; `key` is the entry it stands under.
    /// Values are as deep as the reader let them be, so the recursion is bounded.
    fn values(&mut self, value: &Object, owner: Option<ObjectId>, role: Role, path: &str, key: &str) {
        match value {
            Object::Reference(id) => self.reach(*id, owner, role, path, key),
            Object::Array(items) => {
                for item in items {
                    self.values(item, owner, role, path, key);
                }
            }
            Object::Dictionary(entries) => self.dictionary(entries, owner, role, path),
            Object::Stream(stream) => self.dictionary(&stream.dictionary, owner, role, path),
            _ => {}
        }
    }

    fn dictionary(&mut self, entries: &Dictionary, owner: Option<ObjectId>, role: Role, path: &str) {
        for (key, value) in entries.iter() {
            if matches!(value, Object::Reference(_) | Object::Array(_) | Object::Dictionary(_)) {
                let key = key.as_str();
                self.values(value, owner, role, &format!("{path}/{key}"), &key);
            }
        }
    }

    fn reach(&mut self, id: ObjectId, owner: Option<ObjectId>, role: Role, path: &str, key: &str) {
        match self.structural.get(&id) {
            Some(Structural::Page | Structural::Element) => {}
            Some(Structural::Other) if BACK_REFERENCES.contains(&key) => {}
            // A field that is a resource at the same time, say: judged as both.
            Some(Structural::Other) => self.edge(id, role, owner, path),
            None => {
                self.edge(id, role, owner, path);
                if self.visited.insert((id, role)) {
                    self.open.push(Open { id, role, path: Rc::from(cut(path)), page: self.page });
                }
            }
        }
    }

    /// Everything queued, and what it leads to.
    fn rest(&mut self) -> Result<(), PdfError> {
        while let Some(Open { id, role, path, page }) = self.open.pop() {
            self.page = page;
            let object = match self.view.object(id) {
                // Unreadable for everybody, and no later revision touched it: it leads nowhere.
                // If it was readable when it was signed, an object it needs was changed, such as its length.
                Err(PdfError::Malformed { .. })
                    if !self.written.contains(&id.number) && self.signed.object(id).is_err() =>
                {
                    continue;
                }
                read => read?,
            };
            let inner = match (role, &*object) {
                // The stream is the appearance; what it uses are its parts.
                (Role::Appearance(_), Object::Stream(_)) => Role::AppearancePart,
                _ => role,
            };
            self.values(&object, Some(id), inner, &path, "");
        }
        Ok(())
    }

    fn edge(&mut self, id: ObjectId, role: Role, from: Option<ObjectId>, path: &str) {
        if !self.written.contains(&id.number) {
            return;
        }
        if self.seen_edges.insert((id, role, from)) {
            let edge = Edge { role, from, path: cut(path).to_owned(), page: self.page };
            self.roles.edges.entry(id).or_default().push(edge);
        }
    }
}

fn references(list: &Object) -> impl Iterator<Item = (usize, ObjectId)> {
    let items = list.as_array().unwrap_or_default();
    items.iter().enumerate().filter_map(|(index, item)| Some((index, item.as_reference()?)))
}

fn cut(path: &str) -> &str {
    let mut end = LONGEST_PATH.min(path.len());
    while !path.is_char_boundary(end) {
        end -= 1;
    }
    path.get(..end).unwrap_or_default()
}
