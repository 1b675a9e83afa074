//! What revisions after a signature changed: the newest state of every rewritten object against its
//! state in the signed revision.
//!
//! Every object that a later revision writes is judged by the roles it has in the newest revision,
//! that is by every path on which it is reached ([`roles`]); each role has a rule that says which
//! difference it tolerates ([`rules`]); what no rule tolerates is [`Level::Other`]. An object reached
//! on an allowed and on a forbidden path is judged by both.
//!
//! The document is walked once, whatever the number of signatures, and the work after that is linear
//! in what later revisions wrote ([`history`]). What other readers make of the file is asked once, too
//! ([`readings`]).
//!
//! Facts only. Whether a level is allowed (DocMDP, locks) is asked in [`permission`].

mod catalog;
mod history;
pub mod permission;
pub mod readings;
mod roles;
mod rules;
mod same;
mod structure;

use super::field::Form;
use crate::error::PdfError;
use crate::pdf::{Document, Object, ObjectId};
use history::History;
use readings::Reading;
use std::cell::Cell;
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
pub struct Differences<'c> {
    /// What is reached from the trailer, in the order of object numbers, the trailer's own first.
    pub changes: Vec<&'c Change>,
    /// Objects that later revisions wrote and nothing reaches.
    pub unreachable: Vec<ObjectId>,
}

impl Differences<'_> {
    /// The most far-reaching level.
    pub fn level(&self) -> Level {
        self.changes.iter().map(|change| change.level).max().unwrap_or(Level::None)
    }
}

/// Longest text kept of an old or new value.
const LONGEST_VALUE: usize = 256;
/// Most values shown of a list.
const LONGEST_LIST: usize = 16;

/// Later revisions of one document compared with signed ones.
pub struct Comparison<'d> {
    document: &'d Document<'d>,
    history: History,
    /// The same by readers that know no hybrid files, if it is one.
    by_tables: Option<History>,
    readings: Vec<Reading>,
    told: Cell<usize>,
}

impl<'d> Comparison<'d> {
    /// Compares the newest revision with each from `first_signed` on, an index. `form` is the newest
    /// revision's.
    ///
    /// # Errors
    /// [`PdfError`] if the document's structure cannot be walked.
    pub fn new(document: &'d Document<'d>, form: &Form, first_signed: usize) -> Result<Self, PdfError> {
        let history = History::compare(document, form, first_signed)?;
        let (readings, by_tables) = readings::look(document, form, first_signed)?;
        Ok(Self { document, history, by_tables, readings, told: Cell::new(0) })
    }

    /// The differences between revision `signed` (an index) and the newest, by all readers that were
    /// asked.
    ///
    /// # Errors
    /// [`PdfError`] if an object cannot be read.
    pub fn since(&self, signed: usize) -> Result<Differences<'_>, PdfError> {
        let mut differences = self.history.since(signed)?;
        if let Some(other) = &self.by_tables {
            let more = other.since(signed)?;
            let new: Vec<_> =
                more.changes.into_iter().filter(|change| !differences.changes.contains(change)).collect();
            differences.changes.extend(new);
        }
        Ok(differences)
    }

    /// Other readings of the file that show another document, or that could not be compared.
    pub fn readings(&self) -> &[Reading] {
        &self.readings
    }

    /// How many changes have been told of, all signatures together.
    pub fn told(&self) -> usize {
        self.told.get()
    }

    /// Counts changes that were told of.
    pub fn tell(&self, count: usize) {
        self.told.set(self.told.get().saturating_add(count));
    }

    /// The document.
    pub fn document(&self) -> &'d Document<'d> {
        self.document
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
