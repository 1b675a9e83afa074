//! The form's fields: the tree under `/AcroForm /Fields` (ISO 32000-2 12.7.4), read from one view.
//!
//! Hostile trees are bounded: loops, depth and count. Facts only: names, kinds, values, widgets,
//! pages. What a value means is judged elsewhere.

use crate::error::PdfError;
use crate::limits::LimitExceeded;
use crate::pdf::{Dictionary, Object, ObjectId, View};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// Name of the field for initials (ký nháy) in a frozen letter. Whoever signs it does not sign as the
/// competent person.
pub const INITIALS: &str = "Initials";

/// `/FT` of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldKind {
    /// `/Sig`.
    Signature,
    /// `/Tx`.
    Text,
    /// `/Ch`.
    Choice,
    /// `/Btn`: check boxes, radio buttons and push buttons.
    Button,
}

/// Bit 1 of `/Ff`: the reader may not change it.
const READ_ONLY: i64 = 1;
/// Bit 17 of `/Ff` of a button: it keeps no value.
const PUSH_BUTTON: i64 = 1 << 16;

/// Most annotations that are no fields looked at for being signatures.
const MOST_OUTSIDE: usize = 1_000;

/// Longest fully qualified name in bytes. Every kid has a copy: a huge one would multiply.
const LONGEST_NAME: usize = 4096;

/// One node of the field tree: a field, a widget of one, or both in one dictionary.
#[derive(Debug, Clone)]
pub struct Node {
    /// The dictionary's object.
    pub id: ObjectId,
    /// Index of the parent node.
    pub parent: Option<usize>,
    /// Fully qualified name; a widget has its field's.
    pub name: String,
    /// Has a partial name (`/T`) of its own, or stands at the root of the tree.
    pub is_field: bool,
    /// Has no kids that are fields themselves.
    pub is_terminal: bool,
    /// Shows on a page: `/Subtype /Widget`.
    pub is_widget: bool,
    /// Kind, own or inherited.
    pub kind: Option<FieldKind>,
    /// `/Ff`, own or inherited.
    pub flags: i64,
    /// The dictionary.
    pub dictionary: Rc<Object>,
    /// Page that lists the widget, counted from 0.
    pub page: Option<usize>,
    /// `/Rect` of the widget, normalised to `[left, bottom, right, top]`.
    pub rect: Option<[f64; 4]>,
}

impl Node {
    /// The dictionary's entries.
    pub fn entries(&self) -> Option<&Dictionary> {
        self.dictionary.as_dictionary()
    }

    /// Whether its value is not the reader's to change.
    pub fn is_read_only(&self) -> bool {
        self.flags & READ_ONLY != 0
    }

    /// Whether it is a push button, which has no value.
    pub fn is_push_button(&self) -> bool {
        self.kind == Some(FieldKind::Button) && self.flags & PUSH_BUTTON != 0
    }

    /// Whether its box has an area.
    pub fn is_visible(&self) -> bool {
        self.rect.is_some_and(|[x0, y0, x1, y1]| x1 > x0 && y1 > y0)
    }
}

/// A value and, if it is an indirect object, its id.
pub type Value = (Option<ObjectId>, Rc<Object>);

/// A signature field with its value, if it is signed.
#[derive(Debug, Clone)]
pub struct SignatureField {
    /// Fully qualified name.
    pub name: String,
    /// The field's object.
    pub id: ObjectId,
    /// Page of its (first) widget, counted from 0.
    pub page: Option<usize>,
    /// Box of its (first) widget; none if it has no area.
    pub rect: Option<[f64; 4]>,
    /// The signature dictionary; none for an empty field.
    pub value: Option<Value>,
    /// `/Lock`, resolved.
    pub lock: Option<Dictionary>,
    /// `/SV`, resolved.
    pub seed: Option<Dictionary>,
    /// Names of other fields that have the same object as value.
    pub shared_with: Vec<String>,
}

/// All fields of one view.
#[derive(Debug, Clone, Default)]
pub struct Form {
    /// Nodes, parents before their kids.
    pub nodes: Vec<Node>,
    /// Objects that are arrays of fields (`/Fields`, `/Kids`), where indirect.
    pub lists: Vec<ObjectId>,
    /// What was skipped or odd, each with a value for the reader.
    pub oddities: Vec<String>,
    by_id: HashMap<ObjectId, usize>,
}

impl Form {
    /// Reads the form of a view; a document without one has no nodes.
    ///
    /// # Errors
    /// [`PdfError`] if objects cannot be read or there are more fields than the limit.
    pub fn read(view: &View<'_>, most: u64) -> Result<Self, PdfError> {
        let (_, catalog) = view.catalog()?;
        let Some(value) = catalog.as_dictionary().and_then(|catalog| catalog.get("AcroForm")) else {
            return Ok(Self::default());
        };
        let acro_form = view.resolve(value)?;
        let mut reader = Reader { view, most, form: Self::default(), pages: HashMap::new() };
        if let Some(fields) = acro_form.as_dictionary().and_then(|form| form.get("Fields")) {
            reader.note_list(fields);
            let fields = view.resolve(fields)?;
            reader.find_pages()?;
            reader.walk(&fields)?;
        }
        reader.look_for_signatures_outside()?;
        Ok(reader.form)
    }

    /// The node of this object.
    pub fn node(&self, id: ObjectId) -> Option<&Node> {
        self.by_id.get(&id).and_then(|index| self.nodes.get(*index))
    }

    /// The field that a node belongs to: itself, or the nearest parent that is one.
    pub fn field_of<'f>(&'f self, node: &'f Node) -> &'f Node {
        let mut node = node;
        while !node.is_field {
            match node.parent.and_then(|parent| self.nodes.get(parent)) {
                Some(parent) => node = parent,
                None => break,
            }
        }
        node
    }

    /// Terminal fields, in the tree's order.
    pub fn fields(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|node| node.is_field && node.is_terminal)
    }

    /// The terminal field of this fully qualified name.
    pub fn field(&self, name: &str) -> Option<&Node> {
        self.fields().find(|node| node.name == name)
    }

    /// The widgets of a field: itself, or its kids.
    pub fn widgets<'f>(&'f self, field: &'f Node) -> impl Iterator<Item = &'f Node> {
        self.nodes.iter().filter(move |node| node.is_widget && self.field_of(node).id == field.id)
    }

    /// The signature fields, signed or empty.
    ///
    /// # Errors
    /// [`PdfError`] if a value cannot be read.
    pub fn signature_fields(&self, view: &View<'_>) -> Result<Vec<SignatureField>, PdfError> {
        let mut first_widget: HashMap<ObjectId, &Node> = HashMap::new();
        for node in self.nodes.iter().filter(|node| node.is_widget) {
            first_widget.entry(self.field_of(node).id).or_insert(node);
        }
        let mut found = Vec::new();
        let mut owners: HashMap<ObjectId, Vec<usize>> = HashMap::new();
        for node in self.fields().filter(|node| node.kind == Some(FieldKind::Signature)) {
            let Some(entries) = node.entries() else { continue };
            let value = read_value(view, entries)?;
            if let Some((Some(id), _)) = &value {
                owners.entry(*id).or_default().push(found.len());
            }
            let lock = entries.get("Lock").map(|lock| view.resolve(lock)).transpose()?;
            let seed = entries.get("SV").map(|seed| view.resolve(seed)).transpose()?;
            let widget = first_widget.get(&node.id);
            found.push(SignatureField {
                name: node.name.clone(),
                id: node.id,
                page: widget.and_then(|widget| widget.page),
                rect: widget.filter(|widget| widget.is_visible()).and_then(|widget| widget.rect),
                value,
                lock: lock.and_then(|lock| lock.as_dictionary().cloned()),
                seed: seed.and_then(|seed| seed.as_dictionary().cloned()),
                shared_with: Vec::new(),
            });
        }
        for sharing in owners.values().filter(|sharing| sharing.len() > 1) {
            let names: Vec<String> = sharing
                .iter()
                .filter_map(|index| found.get(*index))
                .map(|field| field.name.clone())
                .collect();
            for (position, index) in sharing.iter().enumerate() {
                let Some(field) = found.get_mut(*index) else { continue };
                let others = names.iter().enumerate().filter(|(other, _)| *other != position);
                field.shared_with = others.map(|(_, name)| name.clone()).collect();
            }
        }
        Ok(found)
    }
}

fn read_value(view: &View<'_>, entries: &Dictionary) -> Result<Option<Value>, PdfError> {
    let Some(value) = entries.get("V") else { return Ok(None) };
    let resolved = view.resolve(value)?;
    Ok((!resolved.is_null()).then(|| (value.as_reference(), resolved)))
}

struct Reader<'v, 'd> {
    view: &'v View<'d>,
    most: u64,
    form: Form,
    /// Page index by the annotation it lists.
    pages: HashMap<ObjectId, usize>,
}

/// What a node hands down to its kids.
#[derive(Default)]
struct Inherited {
    parent: Option<usize>,
    name: String,
    kind: Option<FieldKind>,
    flags: i64,
}

impl Reader<'_, '_> {
    fn find_pages(&mut self) -> Result<(), PdfError> {
        let (view, pages) = (self.view, &mut self.pages);
        view.page_dictionaries(|index, page| {
            let annotations = view.get(page, "Annots")?;
            for annotation in annotations.as_array().unwrap_or_default() {
                if let Some(id) = annotation.as_reference() {
                    pages.entry(id).or_insert(index);
                }
            }
            Ok(())
        })
    }

    /// Signatures that a page shows and the form does not know: some readers list them, and a person sees them.
    fn look_for_signatures_outside(&mut self) -> Result<(), PdfError> {
        let known = |id: &ObjectId| self.form.by_id.contains_key(id);
        let mut others: Vec<ObjectId> = self.pages.keys().copied().filter(|id| !known(id)).collect();
        others.sort_unstable();
        for id in others.into_iter().take(MOST_OUTSIDE) {
            // What cannot be read shows nothing.
            let Ok(annotation) = self.view.object(id) else { continue };
            let Some(entries) = annotation.as_dictionary() else { continue };
            let is =
                |key, name| entries.get(key).and_then(Object::as_name).is_some_and(|found| found == name);
            if is("Subtype", "Widget") && is("FT", "Sig") && entries.contains("V") {
                self.odd(format!("signature {id} on a page is no field of the form"));
            }
        }
        Ok(())
    }

    /// Depth first, in order, without recursion.
    fn walk(&mut self, fields: &Object) -> Result<(), PdfError> {
        let depth_limit = self.view.document().limits().reference_chain;
        let mut seen = HashSet::new();
        let mut open: Vec<(Object, Rc<Inherited>, u32)> = Vec::new();
        push_all(&mut open, fields, &Rc::default(), 0);
        while let Some((item, inherited, depth)) = open.pop() {
            let Some(id) = item.as_reference() else {
                self.odd(format!("a field that is not an indirect object, under “{}”", inherited.name));
                continue;
            };
            if !seen.insert(id) {
                self.odd(format!("field {id} is listed twice"));
                continue;
            }
            if depth > depth_limit {
                return Err(LimitExceeded { limit: "reference_chain", allowed: depth_limit.into() }.into());
            }
            if seen.len() as u64 > self.most {
                return Err(LimitExceeded { limit: "fields", allowed: self.most }.into());
            }
            if let Some((kids, handed_down)) = self.take(id, &inherited)? {
                push_all(&mut open, &kids, &Rc::new(handed_down), depth + 1);
            }
        }
        Ok(())
    }

    /// Adds the node `id`; returns its kids and what they inherit.
    fn take(&mut self, id: ObjectId, from: &Inherited) -> Result<Option<(Rc<Object>, Inherited)>, PdfError> {
        let dictionary = self.view.object(id)?;
        let Some(entries) = dictionary.as_dictionary() else {
            self.odd(format!("field {id} is not a dictionary"));
            return Ok(None);
        };
        let kind = match entries.get("FT") {
            Some(kind) => field_kind(&*self.view.resolve(kind)?),
            None => from.kind,
        };
        let partial = match entries.get("T") {
            Some(name) => self.view.resolve(name)?.as_string().map(|name| name.to_text()),
            None => None,
        };
        let own_flags = entries.get("Ff").map(|flags| self.view.resolve(flags)).transpose()?;
        let flags = own_flags.and_then(|flags| flags.as_integer()).unwrap_or(from.flags);
        let is_field = partial.is_some() || from.parent.is_none();
        let name = joined(&from.name, partial.as_deref());
        if name.len() > LONGEST_NAME {
            let expected = "name of reasonable length";
            return Err(PdfError::WrongType { object: id.to_string(), key: "T".into(), expected });
        }
        let is_widget = entries.get("Subtype").and_then(Object::as_name).is_some_and(|name| name == "Widget");
        let rect = entries.get("Rect").map(|rect| self.rect(rect)).transpose()?.flatten();
        let kids = self.kids(entries)?;
        let has_field_kids = self.any_named(kids.as_deref())?;
        let index = self.form.nodes.len();
        self.form.by_id.insert(id, index);
        self.form.nodes.push(Node {
            id,
            parent: from.parent,
            name: name.clone(),
            is_field,
            is_terminal: !has_field_kids,
            is_widget,
            kind,
            flags,
            dictionary: Rc::clone(&dictionary),
            page: self.pages.get(&id).copied(),
            rect,
        });
        Ok(kids.map(|kids| (kids, Inherited { parent: Some(index), name, kind, flags })))
    }

    fn kids(&mut self, entries: &Dictionary) -> Result<Option<Rc<Object>>, PdfError> {
        let Some(kids) = entries.get("Kids") else { return Ok(None) };
        self.note_list(kids);
        Ok(Some(self.view.resolve(kids)?))
    }

    /// Whether one of the kids is a field of its own. Looks at the first few: fields and mere
    /// widgets do not stand in one list, and a list of a million must not be read twice.
    fn any_named(&self, kids: Option<&Object>) -> Result<bool, PdfError> {
        const LOOKED_AT: usize = 64;
        for kid in kids.and_then(Object::as_array).unwrap_or_default().iter().take(LOOKED_AT) {
            let Some(id) = kid.as_reference() else { continue };
            if self.view.object(id)?.as_dictionary().is_some_and(|kid| kid.contains("T")) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn rect(&self, value: &Object) -> Result<Option<[f64; 4]>, PdfError> {
        let value = self.view.resolve(value)?;
        let numbers: Vec<f64> =
            value.as_array().unwrap_or_default().iter().filter_map(Object::as_f64).collect();
        let [a, b, c, d] = numbers.as_slice() else { return Ok(None) };
        Ok(Some([a.min(*c), b.min(*d), a.max(*c), b.max(*d)]))
    }

    fn note_list(&mut self, list: &Object) {
        self.form.lists.extend(list.as_reference());
    }

    fn odd(&mut self, what: String) {
        const MOST: usize = 32;
        if self.form.oddities.len() < MOST {
            self.form.oddities.push(what);
        }
    }
}

fn push_all(
    open: &mut Vec<(Object, Rc<Inherited>, u32)>,
    list: &Object,
    inherited: &Rc<Inherited>,
    depth: u32,
) {
    // Reversed, because the last one pushed is looked at first.
    for item in list.as_array().unwrap_or_default().iter().rev() {
        open.push((item.clone(), Rc::clone(inherited), depth));
    }
}

fn joined(parent: &str, partial: Option<&str>) -> String {
    match partial {
        None => parent.to_owned(),
        Some(partial) if parent.is_empty() => partial.to_owned(),
        Some(partial) => format!("{parent}.{partial}"),
    }
}

fn field_kind(name: &Object) -> Option<FieldKind> {
    let name = name.as_name()?;
    [
        ("Sig", FieldKind::Signature),
        ("Tx", FieldKind::Text),
        ("Ch", FieldKind::Choice),
        ("Btn", FieldKind::Button),
    ]
    .into_iter()
    .find(|(word, _)| name == word)
    .map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;
    use crate::pdf::Document;
    use crate::pdf::fixture::FileBuilder;
    use crate::source::Source;

    fn file(form: &str, objects: &[(u32, &str)]) -> Vec<u8> {
        let mut file = FileBuilder::new()
            .object(1, "<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R>>")
            .object(2, "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 200 100]>>")
            .object(3, "<</Type/Page/Parent 2 0 R/Annots[10 0 R 12 0 R 13 0 R]>>")
            .object(4, form);
        for (number, body) in objects {
            file = file.object(*number, body);
        }
        file.table("").bytes
    }

    fn read(bytes: &dyn Source, check: impl FnOnce(Result<Form, PdfError>, View<'_>)) {
        let document = Document::open(bytes, Limits::default()).unwrap();
        check(Form::read(&document.latest(), 50), document.latest());
    }

    #[test]
    fn kids_inherit_and_names_are_joined() {
        let bytes = file(
            "<</Fields[10 0 R 11 0 R]>>",
            &[
                (10, "<</Subtype/Widget/FT/Tx/T(so)/Ff 1/V(15)/Rect[50 20 10 10]>>"),
                (11, "<</T(ky)/FT/Sig/Kids[12 0 R 14 0 R]>>"),
                (
                    12,
                    "<</Subtype/Widget/T(lanh_dao)/Parent 11 0 R/Rect[0 0 0 0]/V 20 0 R/Lock<</Action/All>>>>",
                ),
                (13, "<</Subtype/Widget/Parent 14 0 R/Rect[1 2 3 4]>>"),
                (14, "<</T(dau)/Parent 11 0 R/Kids[13 0 R]/V 20 0 R>>"),
                (20, "<</Type/Sig>>"),
            ],
        );
        read(&bytes, |form, view| {
            let form = form.unwrap();
            let names: Vec<&str> = form.fields().map(|field| field.name.as_str()).collect();
            assert_eq!(names, ["so", "ky.lanh_dao", "ky.dau"]);
            let number = form.field("so").unwrap();
            assert_eq!(
                (number.kind, number.page, number.rect),
                (Some(FieldKind::Text), Some(0), Some([10.0, 10.0, 50.0, 20.0]))
            );
            assert!(number.is_read_only() && number.is_visible());
            let signatures = form.signature_fields(&view).unwrap();
            let [leader, seal] = signatures.as_slice() else { panic!("two") };
            assert_eq!((leader.page, leader.rect), (Some(0), None));
            assert_eq!((seal.page, seal.rect), (Some(0), Some([1.0, 2.0, 3.0, 4.0])));
            assert!(leader.lock.is_some() && leader.value.is_some());
            assert_eq!(
                (leader.shared_with.as_slice(), seal.shared_with.as_slice()),
                (["ky.dau".to_owned()].as_slice(), ["ky.lanh_dao".to_owned()].as_slice())
            );
        });
    }

    #[test]
    fn hostile_trees_end() {
        let loops = file(
            "<</Fields[10 0 R]>>",
            &[(10, "<</T(a)/Kids[11 0 R 10 0 R]>>"), (11, "<</T(b)/Kids[10 0 R]>>")],
        );
        read(&loops, |form, _| {
            let form = form.unwrap();
            assert_eq!((form.nodes.len(), form.oddities.len()), (2, 2), "{:?}", form.oddities);
        });
        let numbers: Vec<String> = (10..70).map(|number| format!("{number} 0 R")).collect();
        let bodies: Vec<(u32, &str)> = (10..70).map(|number| (number, "<</T(a)>>")).collect();
        let many = file(&format!("<</Fields[{}]>>", numbers.join(" ")), &bodies);
        read(&many, |form, _| {
            assert_eq!(form.unwrap_err(), LimitExceeded { limit: "fields", allowed: 50 }.into());
        });
        for odd in ["<</Fields 7>>", "<</Fields[7 null (x) <</T(a)>>]>>", "<</Fields[99 0 R]>>", "[]", "<<>>"]
        {
            read(&file(odd, &[]), |form, _| assert!(form.unwrap().nodes.is_empty(), "{odd}"));
        }
    }
}
