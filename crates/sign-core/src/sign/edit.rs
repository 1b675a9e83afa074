//! Changing objects of the newest revision: read once, change, write once.
//!
//! Several steps of signing touch the same object (the catalog, a page); here each sees what the
//! steps before it did, and only objects that were asked for are written again: rewriting an
//! unchanged object counts as a modification for other validators.

use crate::error::PdfError;
use crate::pdf::{Appended, Dictionary, Document, Object, ObjectId, Update, View};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The objects changed so far, over the newest revision.
pub(super) struct Edit<'d> {
    view: View<'d>,
    update: Update<'d>,
    changed: BTreeMap<ObjectId, Object>,
}

impl<'d> Edit<'d> {
    pub(super) fn new(document: &'d Document<'d>) -> Result<Self, PdfError> {
        let update = Update::new(document)?;
        Ok(Self { view: document.latest(), update, changed: BTreeMap::new() })
    }

    /// The document as it was before this edit.
    pub(super) fn before(&self) -> View<'d> {
        self.view
    }

    /// For drawing code, which only adds objects.
    pub(super) fn update(&mut self) -> &mut Update<'d> {
        &mut self.update
    }

    /// Adds a new object, which can be changed until the edit is finished.
    pub(super) fn add(&mut self, object: impl Into<Object>) -> ObjectId {
        let id = self.update.allocate();
        self.changed.insert(id, object.into());
        id
    }

    /// The object as changed so far.
    pub(super) fn current(&self, id: ObjectId) -> Result<Rc<Object>, PdfError> {
        match self.changed.get(&id) {
            Some(object) => Ok(Rc::new(object.clone())),
            None => self.view.object(id),
        }
    }

    /// The object as changed so far, to be written again.
    pub(super) fn object_mut(&mut self, id: ObjectId) -> Result<&mut Object, PdfError> {
        if !self.changed.contains_key(&id) {
            let object = self.view.object(id)?;
            self.changed.insert(id, Object::clone(&object));
        }
        // Inserted above; Null stands for what cannot be.
        Ok(self.changed.entry(id).or_insert(Object::Null))
    }

    /// As [`Edit::object_mut`], for an object that must be a dictionary.
    pub(super) fn dictionary_mut(&mut self, id: ObjectId) -> Result<&mut Dictionary, PdfError> {
        match self.object_mut(id)? {
            Object::Dictionary(dictionary) => Ok(dictionary),
            _ => Err(wrong_type(id, "object", "dictionary")),
        }
    }

    /// Appends to the array under `key` of dictionary `owner`, where it is written: in the
    /// dictionary itself, in an object of its own, or nowhere yet.
    pub(super) fn push(&mut self, owner: ObjectId, key: &str, item: ObjectId) -> Result<(), PdfError> {
        // Looked at without touching: a page whose list is an object of its own does not change.
        let owned = match self.changed.get(&owner) {
            Some(object) => array_object(object, key),
            None => array_object(&*self.view.object(owner)?, key),
        };
        match owned {
            Some(array) => self.push_to_object(array, key, item),
            None => push_direct(self.dictionary_mut(owner)?, &owner.to_string(), key, item),
        }
    }

    /// Appends to an array that is an object of its own.
    pub(super) fn push_to_object(
        &mut self,
        array: ObjectId,
        key: &str,
        item: ObjectId,
    ) -> Result<(), PdfError> {
        match self.object_mut(array)? {
            Object::Array(items) => items.push(item.into()),
            // A reference to nothing is null (7.3.10): the array begins here.
            empty @ Object::Null => *empty = Object::Array(vec![item.into()]),
            _ => return Err(wrong_type(array, key, "array")),
        }
        Ok(())
    }

    /// Hands all changes to the writer.
    pub(super) fn finish(mut self) -> Result<Appended, PdfError> {
        for (id, object) in self.changed {
            self.update.set(id, object);
        }
        self.update.finish()
    }
}

fn array_object(owner: &Object, key: &str) -> Option<ObjectId> {
    owner.as_dictionary()?.get(key)?.as_reference()
}

/// Appends to the array under `key`, which is written in the dictionary itself or not there yet.
pub(super) fn push_direct(
    owner: &mut Dictionary,
    owner_name: &str,
    key: &str,
    item: ObjectId,
) -> Result<(), PdfError> {
    let mut items = match owner.remove(key) {
        Some(Object::Array(items)) => items,
        None | Some(Object::Null) => Vec::new(),
        Some(_) => {
            let object = owner_name.into();
            return Err(PdfError::WrongType { object, key: key.into(), expected: "array" });
        }
    };
    items.push(item.into());
    owner.insert(key, items);
    Ok(())
}

pub(super) fn wrong_type(id: ObjectId, key: &str, expected: &'static str) -> PdfError {
    PdfError::WrongType { object: id.to_string(), key: key.into(), expected }
}
