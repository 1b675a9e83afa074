//! What a certification and field locks permit after a signature (ISO 32000-2 12.8.2.2, 12.8.2.4).

use super::{Change, Level};
use crate::error::PdfError;
use crate::pdf::{Dictionary, Object, ObjectId, View};
use std::rc::Rc;

/// Which fields a lock or a FieldMDP transform covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldLock {
    /// Every field.
    All,
    /// The named fields and those below them.
    Include(Vec<String>),
    /// All but the named fields and those below them.
    Exclude(Vec<String>),
}

impl FieldLock {
    /// Reads `/Action` and `/Fields`, as in a lock dictionary (table 236) or FieldMDP transform
    /// parameters (table 259). An unknown action locks everything: the strict reading.
    ///
    /// # Errors
    /// [`PdfError`] if a value cannot be read.
    pub fn read(view: &View<'_>, entries: &Dictionary) -> Result<Self, PdfError> {
        let names = match entries.get("Fields") {
            Some(fields) => {
                let mut names = Vec::new();
                for name in view.resolve(fields)?.as_array().unwrap_or_default() {
                    names.extend(view.resolve(name)?.as_string().map(|name| name.to_text()));
                }
                names
            }
            None => Vec::new(),
        };
        let action = entries.get("Action").map(|action| view.resolve(action)).transpose()?;
        let action = action.as_ref().and_then(|action| action.as_name());
        Ok(match action {
            Some(action) if action == "Include" => Self::Include(names),
            Some(action) if action == "Exclude" => Self::Exclude(names),
            _ => Self::All,
        })
    }

    /// Whether the field of this fully qualified name is locked. Names are compared part by part:
    /// `a` covers `a.b` but not `ab`.
    pub fn covers(&self, field: &str) -> bool {
        let listed = |names: &[String]| names.iter().any(|name| is_at_or_below(field, name));
        match self {
            Self::All => true,
            Self::Include(names) => listed(names),
            Self::Exclude(names) => !listed(names),
        }
    }
}

fn is_at_or_below(field: &str, ancestor: &str) -> bool {
    match field.strip_prefix(ancestor) {
        Some(rest) => rest.is_empty() || rest.starts_with('.'),
        None => false,
    }
}

/// What one signature permits after it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Permission {
    /// `/P` in force, 1 to 3; none without a certification.
    pub docmdp: Option<u8>,
    /// Locks that came into force with this signature.
    pub locks: Vec<FieldLock>,
}

impl Permission {
    /// Whether the change is allowed. Without a certification, forms may be filled and signatures
    /// added (an official letter is numbered and sealed after its leader signed); annotations may
    /// not: nobody allowed to write over the letter.
    pub fn allows(&self, change: &Change) -> bool {
        let highest = match self.docmdp {
            Some(1) => Level::Lta,
            Some(3) => Level::Annotations,
            _ => Level::FormFilling,
        };
        let locked = change.level > Level::Lta
            && change.field.as_ref().is_some_and(|field| self.locks.iter().any(|lock| lock.covers(field)));
        change.level <= highest && !locked
    }
}

/// The certification recorded in the catalog of a view: the signature dictionary's object and `/P`.
///
/// # Errors
/// [`PdfError`] if the objects cannot be read.
pub fn certification(view: &View<'_>) -> Result<Option<(Option<ObjectId>, u8)>, PdfError> {
    let (_, catalog) = view.catalog()?;
    let Some(perms) = entry(view, &catalog, "Perms")? else { return Ok(None) };
    let Some(reference) = perms.as_dictionary().and_then(|perms| perms.get("DocMDP")).cloned() else {
        return Ok(None);
    };
    let signature = view.resolve(&reference)?;
    let p = transform(view, &signature, "DocMDP")?.map(|parameters| p_value(&parameters));
    // Recorded as certification but without parameters: the strictest reading.
    Ok(Some((reference.as_reference(), p.unwrap_or(1))))
}

/// The locks that a signature dictionary (its FieldMDP transforms) and its field's `/Lock` bring.
///
/// # Errors
/// [`PdfError`] if the objects cannot be read.
pub fn locks(
    view: &View<'_>,
    signature: &Object,
    lock: Option<&Dictionary>,
) -> Result<Vec<FieldLock>, PdfError> {
    let mut locks = Vec::new();
    if let Some(parameters) = transform(view, signature, "FieldMDP")? {
        locks.push(FieldLock::read(view, &parameters)?);
    }
    if let Some(lock) = lock {
        locks.push(FieldLock::read(view, lock)?);
    }
    Ok(locks)
}

/// `/P` of a field's lock dictionary (PDF 2.0), which an approval signature puts in force.
///
/// # Errors
/// [`PdfError`] if the value cannot be read.
pub fn lock_p(view: &View<'_>, lock: &Dictionary) -> Result<Option<u8>, PdfError> {
    let Some(p) = lock.get("P") else { return Ok(None) };
    Ok(Some(p_of(view.resolve(p)?.as_integer())))
}

/// Whether a signature dictionary calls itself a certification.
///
/// # Errors
/// [`PdfError`] if the objects cannot be read.
pub fn claims_certification(view: &View<'_>, signature: &Object) -> Result<bool, PdfError> {
    Ok(transform(view, signature, "DocMDP")?.is_some())
}

/// The parameters of the first signature reference (table 256) with this transform method; an empty
/// dictionary if it has none.
fn transform(view: &View<'_>, signature: &Object, method: &str) -> Result<Option<Dictionary>, PdfError> {
    /// Honest signatures have one or two references.
    const MOST: usize = 32;
    let Some(references) = entry(view, signature, "Reference")? else { return Ok(None) };
    for reference in references.as_array().unwrap_or_default().iter().take(MOST) {
        let reference = view.resolve(reference)?;
        let named = entry(view, &reference, "TransformMethod")?;
        if named.as_ref().and_then(|name| name.as_name()).is_some_and(|name| name == method) {
            let parameters = entry(view, &reference, "TransformParams")?;
            return Ok(Some(parameters.and_then(|p| p.as_dictionary().cloned()).unwrap_or_default()));
        }
    }
    Ok(None)
}

fn p_value(parameters: &Dictionary) -> u8 {
    match parameters.get("P") {
        None => 2,
        Some(p) => p_of(p.as_integer()),
    }
}

/// Anything but 2 and 3 is read as 1, the strictest.
fn p_of(p: Option<i64>) -> u8 {
    match p {
        Some(2) => 2,
        Some(3) => 3,
        _ => 1,
    }
}

fn entry(view: &View<'_>, object: &Object, key: &str) -> Result<Option<Rc<Object>>, PdfError> {
    match object.as_dictionary().and_then(|entries| entries.get(key)) {
        Some(value) => Ok(Some(view.resolve(value)?)),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_compare_names_part_by_part() {
        let lock = FieldLock::Include(vec!["a.b".into()]);
        let cases = [("a.b", true), ("a.b.c", true), ("a.bc", false), ("a", false), ("b", false)];
        for (name, locked) in cases {
            assert_eq!(lock.covers(name), locked, "{name}");
            assert_eq!(FieldLock::Exclude(vec!["a.b".into()]).covers(name), !locked, "{name}");
            assert!(FieldLock::All.covers(name));
        }
    }

    #[test]
    fn certification_draws_the_line_and_locks_tighten_it() {
        let change = |level| Change {
            object: None,
            path: String::new(),
            rule: "",
            level,
            field: Some("so".into()),
            page: None,
            rect: None,
            old: None,
            new: None,
        };
        let levels = [Level::None, Level::Lta, Level::FormFilling, Level::Annotations, Level::Other];
        // How many of the levels, from the lowest, each certification allows.
        for (docmdp, allowed) in [(Some(1), 2), (Some(2), 3), (Some(3), 4), (None, 3)] {
            let permission = Permission { docmdp, locks: Vec::new() };
            let count = levels.iter().filter(|level| permission.allows(&change(**level))).count();
            assert_eq!(count, allowed, "{docmdp:?}");
        }
        let locked = Permission { docmdp: Some(2), locks: vec![FieldLock::All] };
        assert!(locked.allows(&change(Level::Lta)) && !locked.allows(&change(Level::FormFilling)));
    }
}
