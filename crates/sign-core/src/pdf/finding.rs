//! What was unusual in the file but could still be read for certain.

use std::cell::RefCell;

/// Findings kept for one document; more say nothing new and would only cost memory.
const MOST_FINDINGS: usize = 256;

/// A deviation from ISO 32000-2 that this reader tolerates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PdfFinding {
    /// Stable word for the kind of deviation.
    pub code: &'static str,
    /// Byte offset in the file, if the place has one (objects in object streams have none).
    pub at: Option<u64>,
    /// The values a reader needs, in English.
    pub detail: String,
}

/// Collects findings while a document is read; the same one is kept once.
#[derive(Debug, Default)]
pub(crate) struct Findings(RefCell<Vec<PdfFinding>>);

impl Findings {
    pub(crate) fn note(&self, code: &'static str, at: Option<u64>, detail: impl Into<String>) {
        let mut all = self.0.borrow_mut();
        let finding = PdfFinding { code, at, detail: detail.into() };
        if all.len() < MOST_FINDINGS && !all.contains(&finding) {
            all.push(finding);
        }
    }

    pub(crate) fn all(&self) -> Vec<PdfFinding> {
        self.0.borrow().clone()
    }
}
