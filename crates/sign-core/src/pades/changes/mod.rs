//! What revisions after a signature changed: the newest state of every rewritten object against its
//! state in the signed revision.
//!
//! Every object that a later revision writes is judged by the roles it has in the newest revision,
//! that is by every path on which it is reached ([`roles`]); each role has a rule that says which
//! difference it tolerates ([`rules`]); what no rule tolerates is [`Level::Other`]. An object reached
//! on an allowed and on a forbidden path is judged by both. The document is walked once, whatever
//! the number of signatures; after that the work is linear in the changed objects.
//!
//! Facts only. Whether a level is allowed (DocMDP, locks) is asked in [`permission`].

mod catalog;
pub mod permission;
mod roles;
mod rules;
mod same;
mod structure;

use super::field::Form;
use crate::error::PdfError;
use crate::pdf::{Document, Object, ObjectId};
use roles::Roles;
use rules::Judge;
use std::collections::BTreeSet;

/// How far-reaching a change is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing that a reader could see or rely on.
    None,
    /// Long-term evidence: DSS, document time stamps, what they need in the catalog.
    Lta,
    /// Form filling and signing.
    FormFilling,
    /// Annotations.
    Annotations,
    /// Anything else.
    Other,
}

/// One difference between the signed revision and the newest.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The object; none for the trailer.
    pub object: Option<ObjectId>,
    /// Where it hangs, as in `/Root/AcroForm/Fields(so)`.
    pub path: String,
    /// The rule that classified it.
    pub rule: &'static str,
    /// How far-reaching.
    pub level: Level,
    /// Fully qualified name of the field that changed.
    pub field: Option<String>,
    /// Page it shows on, counted from 0.
    pub page: Option<usize>,
    /// The part of that page, `[left, bottom, right, top]` in default user space units.
    pub rect: Option<[f64; 4]>,
    /// Text before, where it is one.
    pub old: Option<String>,
    /// Text after, where it is one.
    pub new: Option<String>,
}

/// The differences after one signature.
#[derive(Debug, Clone, Default)]
pub struct Differences {
    /// What is reached from the trailer, in the order of object numbers.
    pub changes: Vec<Change>,
    /// Objects that later revisions wrote and nothing reaches.
    pub unreachable: Vec<ObjectId>,
}

impl Differences {
    /// The most far-reaching level.
    pub fn level(&self) -> Level {
        self.changes.iter().map(|change| change.level).max().unwrap_or(Level::None)
    }
}

/// Longest text kept of an old or new value.
const LONGEST_VALUE: usize = 256;
/// Most values shown of a list.
const LONGEST_LIST: usize = 16;

/// Compares later revisions of one document with signed ones.
pub struct Comparison<'d> {
    document: &'d Document<'d>,
    form: &'d Form,
    roles: Roles,
}

impl<'d> Comparison<'d> {
    /// Walks the newest revision once. `form` is the newest revision's; `first_signed` is the index
    /// of the earliest signed revision that will be asked about.
    ///
    /// # Errors
    /// [`PdfError`] if the document's structure cannot be walked.
    pub fn new(document: &'d Document<'d>, form: &'d Form, first_signed: usize) -> Result<Self, PdfError> {
        let written = written_after(document, first_signed);
        let roles = if written.is_empty() {
            Roles::default()
        } else {
            roles::find(document.latest(), form, written.iter().map(|id| id.number).collect())?
        };
        Ok(Self { document, form, roles })
    }

    /// The differences between revision `signed` (an index) and the newest.
    ///
    /// # Errors
    /// [`PdfError`] if an object cannot be read.
    pub fn since(&self, signed: usize) -> Result<Differences, PdfError> {
        let written = written_after(self.document, signed);
        if written.is_empty() {
            return Ok(Differences::default());
        }
        let (old, new) = (self.document.view(signed), self.document.latest());
        let mut changed = BTreeSet::new();
        for id in self.candidates(&written) {
            let (before, after) = (old.object(id)?, new.object(id)?);
            if !same::same(self.document.source(), &before, &after)? {
                changed.insert(id);
            }
        }
        let mut judge = Judge::new(old, new, self.document.source(), self.form, &self.roles, &changed);
        judge.trailer()?;
        for id in &changed {
            judge.object(*id)?;
        }
        Ok(judge.differences)
    }

    /// The written objects, and the same numbers under every generation that is referred to: a
    /// freed entry carries the generation to come, not the one that vanished.
    fn candidates(&self, written: &BTreeSet<ObjectId>) -> BTreeSet<ObjectId> {
        let numbers: BTreeSet<u32> = written.iter().map(|id| id.number).collect();
        let referred = self.roles.ids().filter(|id| numbers.contains(&id.number));
        written.iter().copied().chain(referred).collect()
    }
}

fn written_after(document: &Document<'_>, signed: usize) -> BTreeSet<ObjectId> {
    let later = document.revisions().iter().skip(signed.saturating_add(1));
    later.flat_map(|revision| revision.entries().map(|(id, _)| id)).collect()
}

/// The text of a value, cut to a length fit for a report.
fn shown(value: Option<&Object>) -> Option<String> {
    let text = match value? {
        Object::String(text) => text.to_text(),
        Object::Name(name) => name.as_str().into_owned(),
        Object::Integer(number) => number.to_string(),
        Object::Real(number) => number.digits().to_owned(),
        Object::Boolean(truth) => truth.to_string(),
        // A choice of several.
        Object::Array(items) if !items.is_empty() && items.len() <= LONGEST_LIST => {
            let texts: Option<Vec<String>> = items.iter().map(|item| shown(Some(item))).collect();
            texts?.join(", ")
        }
        _ => return None,
    };
    Some(text.chars().take(LONGEST_VALUE).collect())
}
