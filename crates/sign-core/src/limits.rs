//! How much work a document may cost: every bound in one place, with its reason.
//!
//! Everything read is an attacker's. A [`Budget`] is made from [`Limits`] for one document and
//! counts down; the call that would pass a bound fails with [`LimitExceeded`] naming it.

use std::cell::Cell;

/// A bound was reached. Not a verdict about the document: it was not looked at further.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("limit reached: {limit} (at most {allowed})")]
pub struct LimitExceeded {
    /// Name of the field in [`Limits`].
    pub limit: &'static str,
    /// Its value.
    pub allowed: u64,
}

/// The bounds for one document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Nested arrays and dictionaries. qpdf stops at 500; honest files stay under 30.
    pub depth: u32,
    /// Links followed from one reference to the next, also page-tree and field-tree levels.
    pub reference_chain: u32,
    /// Revisions (cross-reference sections on the /Prev chain). 50 signatures need about 100.
    pub revisions: u32,
    /// Entries of all cross-reference sections together. The largest honest file measured has 500,000.
    pub xref_entries: u64,
    /// Objects parsed for one document.
    pub objects: u64,
    /// Bytes of one object outside its stream data.
    pub object_bytes: u64,
    /// Values (array elements, dictionary values) in one object: each costs 64 bytes of memory, but
    /// only two of the file.
    pub object_values: u64,
    /// Bytes parsed for all objects together, the first half KiB of each not counted: objects that
    /// begin inside each other make a small file cost the square of its size.
    pub parsed_total: u64,
    /// Bytes that one stream may inflate to: with what is kept beside it, a hostile file stays below
    /// 64 MiB. The cross-references of three million objects fit.
    pub inflated_stream: u64,
    /// Bytes that all streams together may inflate to.
    pub inflated_total: u64,
    /// Bytes of a damaged file that is to be repaired, and of its clean copy: both are in memory.
    pub repaired_bytes: u64,
    /// Signature fields looked at in one document.
    pub signatures: u32,
    /// Form fields of one document; each is kept with its dictionary while the form is looked at.
    pub fields: u64,
    /// Nodes of the page tree of one document.
    pub pages: u64,
    /// Bytes of one /Contents value (the CMS); an LTA signature with a large CRL stays under 2 MiB.
    pub contents: u64,
    /// Certificates in one CMS, and candidate paths tried for one signer.
    pub certificates: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 64,
            reference_chain: 64,
            revisions: 4_096,
            xref_entries: 8_000_000,
            objects: 2_000_000,
            object_bytes: 16 << 20,
            object_values: 500_000,
            parsed_total: 512 << 20,
            inflated_stream: 24 << 20,
            inflated_total: 512 << 20,
            repaired_bytes: 256 << 20,
            signatures: 1_024,
            fields: 50_000,
            pages: 100_000,
            contents: 4 << 20,
            certificates: 64,
        }
    }
}

/// What is left of the [`Limits`] while one document is worked on.
///
/// Counting uses cells, so that a shared view can spend; a budget belongs to one thread.
#[derive(Debug)]
pub struct Budget {
    limits: Limits,
    xref_entries: Cell<u64>,
    objects: Cell<u64>,
    parsed: Cell<u64>,
    inflated: Cell<u64>,
}

impl Budget {
    /// A full budget.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            xref_entries: Cell::new(0),
            objects: Cell::new(0),
            parsed: Cell::new(0),
            inflated: Cell::new(0),
        }
    }

    /// The bounds this budget was made from.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Spends cross-reference entries.
    ///
    /// # Errors
    /// [`LimitExceeded`] when the sum passes [`Limits::xref_entries`].
    pub fn spend_xref_entries(&self, count: u64) -> Result<(), LimitExceeded> {
        spend(&self.xref_entries, count, "xref_entries", self.limits.xref_entries)
    }

    /// Spends one parsed object.
    ///
    /// # Errors
    /// [`LimitExceeded`] when the sum passes [`Limits::objects`].
    pub fn spend_object(&self) -> Result<(), LimitExceeded> {
        spend(&self.objects, 1, "objects", self.limits.objects)
    }

    /// Objects parsed so far.
    pub fn objects_spent(&self) -> u64 {
        self.objects.get()
    }

    /// Spends bytes read to parse objects.
    ///
    /// # Errors
    /// [`LimitExceeded`] when the sum passes [`Limits::parsed_total`].
    pub fn spend_parsed(&self, bytes: u64) -> Result<(), LimitExceeded> {
        spend(&self.parsed, bytes, "parsed_total", self.limits.parsed_total)
    }

    /// Spends inflated bytes.
    ///
    /// # Errors
    /// [`LimitExceeded`] when the sum passes [`Limits::inflated_total`].
    pub fn spend_inflated(&self, bytes: u64) -> Result<(), LimitExceeded> {
        spend(&self.inflated, bytes, "inflated_total", self.limits.inflated_total)
    }
}

fn spend(used: &Cell<u64>, more: u64, limit: &'static str, allowed: u64) -> Result<(), LimitExceeded> {
    let sum = used.get().saturating_add(more);
    if sum > allowed {
        return Err(LimitExceeded { limit, allowed });
    }
    used.set(sum);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_limit_that_was_reached() {
        let budget = Budget::new(Limits { objects: 2, ..Limits::default() });
        budget.spend_object().unwrap();
        budget.spend_object().unwrap();
        assert_eq!(budget.spend_object(), Err(LimitExceeded { limit: "objects", allowed: 2 }));
    }
}
