//! Dictionaries (ISO 32000-2 clause 7.3.7). No file access in here.

use super::object::{Name, Object};

/// A dictionary (7.3.7) in the order it was written. Equal if the entries are, in the same order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Dictionary(Vec<(Name, Object)>);

impl Dictionary {
    /// An empty dictionary.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value at `key`; an explicit `null` is returned as such.
    pub fn get(&self, key: &str) -> Option<&Object> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The value at `key`, to be changed in place.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Object> {
        self.0.iter_mut().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// True if there is an entry at `key`.
    pub fn contains(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Sets `key`; the place of an existing entry is kept.
    pub fn insert(&mut self, key: &str, value: impl Into<Object>) {
        let value = value.into();
        match self.0.iter_mut().find(|(name, _)| name == key) {
            Some((_, old)) => *old = value,
            None => self.0.push((Name::from(key), value)),
        }
    }

    /// The same dictionary with `key` set, for building one in an expression.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Object>) -> Self {
        self.insert(key, value);
        self
    }

    /// The same dictionary with all entries of `more`.
    #[must_use]
    pub fn extended(mut self, more: &Self) -> Self {
        for (key, value) in more.iter() {
            match self.0.iter_mut().find(|(name, _)| name == key) {
                Some((_, old)) => *old = value.clone(),
                None => self.0.push((key.clone(), value.clone())),
            }
        }
        self
    }

    /// Takes the entry at `key` out.
    pub fn remove(&mut self, key: &str) -> Option<Object> {
        let index = self.0.iter().position(|(name, _)| name == key)?;
        Some(self.0.remove(index).1)
    }

    /// The entries in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Name, &Object)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// The entries in order, their values to be changed in place.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&Name, &mut Object)> {
        self.0.iter_mut().map(|(name, value)| (&*name, value))
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True without entries.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The name at `/Type`, if it is a direct name.
    pub fn type_name(&self) -> Option<&Name> {
        self.get("Type")?.as_name()
    }

    /// A dictionary of entries as read. Of several entries with the same key the last one counts, as
    /// for every common viewer; those that were dropped are returned as well.
    pub(crate) fn from_entries(entries: Vec<(Name, Object)>) -> (Self, Vec<Name>) {
        let mut order: Vec<usize> = (0..entries.len()).collect();
        let key = |index: &usize| entries.get(*index).map(|(name, _)| name);
        order.sort_by(|a, b| key(a).cmp(&key(b)).then(a.cmp(b)));
        let mut overridden: Vec<usize> = order
            .windows(2)
            .filter_map(|pair| match pair {
                [a, b] if key(a) == key(b) => Some(*a),
                _ => None,
            })
            .collect();
        overridden.sort_unstable();

        let mut kept = Vec::with_capacity(entries.len() - overridden.len());
        let mut dropped = Vec::with_capacity(overridden.len());
        for (index, entry) in entries.into_iter().enumerate() {
            if overridden.binary_search(&index).is_ok() {
                dropped.push(entry.0);
            } else {
                kept.push(entry);
            }
        }
        (Self(kept), dropped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_order_and_the_last_of_equal_keys() {
        let entry = |key: &str, value: i64| (Name::from(key), Object::Integer(value));
        let entries = vec![entry("B", 1), entry("A", 2), entry("B", 3), entry("C", 4), entry("B", 5)];
        let (dictionary, dropped) = Dictionary::from_entries(entries);
        assert_eq!(dropped, vec![Name::from("B"), Name::from("B")]);
        let order: Vec<_> = dictionary.iter().map(|(name, _)| name.to_string()).collect();
        assert_eq!(order, ["A", "C", "B"]);
        assert_eq!(dictionary.get("B"), Some(&Object::Integer(5)));
    }
}
