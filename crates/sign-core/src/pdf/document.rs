//! A document opened over a source: header, revisions and the budget; nothing of its objects yet.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use super::cache::Cache;
use super::container::Container;
use super::crypt::{Access, Ciphers, Crypt, Encryption};
use super::finding::{Findings, PdfFinding};
use super::indirect::Reader;
use super::object::ObjectId;
use super::revision::{Revision, read_revisions};
use super::view::{Place, Read, View};
use super::xref::{EntryKind, Hybrids, XrefReader};
use crate::error::PdfError;
use crate::limits::{Budget, Limits};
use crate::source::Source;

/// ISO 32000-1 Annex H, note 13: the header is looked for in the first 1024 bytes.
const HEAD: u64 = 1024;
/// Bytes of parsed objects, and of decoded object streams, kept at a time.
const CACHED_OBJECTS: u64 = 16 << 20;
const CACHED_CONTAINERS: u64 = 32 << 20;

/// A document of one thread; what was read stays in a small cache.
pub struct Document<'s> {
    source: &'s dyn Source,
    budget: Budget,
    findings: Findings,
    header_offset: u64,
    header_version: (u8, u8),
    revisions: Vec<Revision>,
    encrypted: bool,
    /// The handler that opens strings and streams, if a password or none opened it.
    crypt: Option<Rc<Crypt>>,
    /// Which revisions but the first say something of a number, sorted: see [`Document::written_before`].
    history: OnceCell<Vec<(u32, usize)>>,
    /// What `view` has read, by its place in the file.
    pub(super) objects: RefCell<Cache<Place, Read>>,
    /// What `view` has decoded, by offset in the file.
    pub(super) containers: RefCell<Cache<u64, Container>>,
}

impl<'s> Document<'s> {
    /// Reads header, cross-references and trailers; no object yet.
    ///
    /// An encrypted document opens, so that its facts can be shown; its strings and streams do not:
    /// see [`Document::open_with`].
    ///
    /// # Errors
    /// [`PdfError::NotPdf`], [`PdfError::Truncated`] or [`PdfError::Malformed`] if one of these is
    /// not there, [`PdfError::Loop`] if /Prev runs in a circle, [`PdfError::Limit`].
    pub fn open(source: &'s dyn Source, limits: Limits) -> Result<Self, PdfError> {
        Self::open_reading(source, limits, Hybrids::Hidden)
    }

    /// As [`Document::open`], by readers that treat hybrid files so.
    pub(super) fn open_reading(
        source: &'s dyn Source,
        limits: Limits,
        hybrids: Hybrids,
    ) -> Result<Self, PdfError> {
        let (budget, findings) = (Budget::new(limits), Findings::default());
        let (header_offset, header_version) = header(source)?;
        if header_offset > 0 {
            let detail = "bytes before %PDF-; offsets count from there";
            findings.note("header_not_at_start", Some(header_offset), detail);
        }
        let reader = Reader { source, budget: &budget, findings: &findings };
        let revisions = read_revisions(XrefReader { reader, base: header_offset, hybrids })?;
        let has_encrypt =
            |revision: &Revision| revision.trailer.get("Encrypt").is_some_and(|value| !value.is_null());
        let encrypted = revisions.iter().any(has_encrypt);
        Ok(Self {
            source,
            budget,
            findings,
            header_offset,
            header_version,
            revisions,
            encrypted,
            crypt: None,
            history: OnceCell::new(),
            objects: RefCell::new(Cache::new(CACHED_OBJECTS)),
            containers: RefCell::new(Cache::new(CACHED_CONTAINERS)),
        })
    }

    /// As [`Document::open`]; if the document is encrypted, opens it with the password of `access`
    /// or with the empty user password.
    ///
    /// # Errors
    /// As [`Document::open`]; [`PdfError::PasswordNeeded`], [`PdfError::WrongPassword`],
    /// [`PdfError::UnsupportedEncryption`].
    pub fn open_with<'p>(
        source: &'s dyn Source,
        access: impl Into<Access<'p>>,
        ciphers: &'static dyn Ciphers,
    ) -> Result<Self, PdfError> {
        let access = access.into();
        let mut document = Self::open(source, access.limits)?;
        if document.encrypted {
            document.crypt = Some(Rc::new(Crypt::open(&document, access.password, ciphers)?));
        }
        Ok(document)
    }

    /// How it is encrypted; `None` if it is not or if no password opened it.
    pub fn encryption(&self) -> Option<Encryption> {
        self.crypt().map(Crypt::facts)
    }

    /// True if it is encrypted and no password opened it: strings and streams cannot be read.
    pub fn is_closed(&self) -> bool {
        self.encrypted && self.crypt.is_none()
    }

    pub(super) fn crypt(&self) -> Option<&Crypt> {
        self.crypt.as_deref()
    }

    /// The bytes.
    pub fn source(&self) -> &'s dyn Source {
        self.source
    }

    /// The bounds it was opened with.
    pub fn limits(&self) -> &Limits {
        self.budget.limits()
    }

    /// What is left of them.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// Where `%PDF-` stands; offsets written in the file count from there.
    pub fn header_offset(&self) -> u64 {
        self.header_offset
    }

    /// Major and minor version: the header's, or that of the newest catalog if it is later (7.2.2).
    pub fn version(&self) -> (u8, u8) {
        let catalog = self.latest().catalog().ok();
        let named = catalog.and_then(|(_, catalog)| {
            let name = catalog.as_dictionary()?.get("Version")?.as_name()?.as_str().into_owned();
            version(name.as_bytes())
        });
        named.unwrap_or_default().max(self.header_version)
    }

    /// Major and minor version in the header alone.
    pub fn version_of_header(&self) -> (u8, u8) {
        self.header_version
    }

    /// True if any revision's trailer has `/Encrypt`.
    pub fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    /// What was unusual in what has been read so far.
    pub fn findings(&self) -> Vec<PdfFinding> {
        self.findings.all()
    }

    pub(super) fn collected(&self) -> &Findings {
        &self.findings
    }

    /// Adds a finding of a floor that knows more of the document's meaning.
    pub(crate) fn note(&self, code: &'static str, at: Option<u64>, detail: impl Into<String>) {
        self.findings.note(code, at, detail);
    }

    /// The revisions, oldest first; there is at least one.
    pub fn revisions(&self) -> &[Revision] {
        &self.revisions
    }

    /// The document as it is now.
    pub fn latest(&self) -> View<'_> {
        self.view(self.revisions.len().saturating_sub(1))
    }

    /// The document as it was after revision `index`; the latest for a greater number.
    pub fn view(&self, index: usize) -> View<'_> {
        View::new(self, index.min(self.revisions.len().saturating_sub(1)))
    }

    /// The newest revision up to `index` that says something of this object number.
    ///
    /// Revisions are asked one after the other where there are few; of a file that was saved a thousand
    /// times a table is made, once.
    pub(super) fn written_before(&self, number: u32, index: usize) -> Option<usize> {
        const FEW: usize = 8;
        let revisions = self.revisions.get(..=index)?;
        if self.revisions.len() <= FEW {
            return revisions.iter().rposition(|revision| revision.entry(number).is_some());
        }
        let history = self.history.get_or_init(|| {
            let later = self.revisions.iter().skip(1);
            let mut history: Vec<_> = later
                .flat_map(|revision| revision.entries().map(|(id, _)| (id.number, revision.index)))
                .collect();
            history.sort_unstable();
            history
        });
        let after = history.partition_point(|place| *place <= (number, index));
        let last = after.checked_sub(1).and_then(|last| history.get(last)).filter(|last| last.0 == number);
        last.map(|last| last.1).or_else(|| revisions.first()?.entry(number).map(|_| 0))
    }

    /// The same file as another reader has it: with these revisions, opened by the same key.
    pub(super) fn with_revisions(&self, revisions: Vec<Revision>) -> Self {
        Self {
            source: self.source,
            budget: Budget::new(*self.limits()),
            findings: Findings::default(),
            header_offset: self.header_offset,
            header_version: self.header_version,
            revisions,
            encrypted: self.encrypted,
            crypt: self.crypt.clone(),
            history: OnceCell::new(),
            objects: RefCell::new(Cache::new(CACHED_OBJECTS)),
            containers: RefCell::new(Cache::new(CACHED_CONTAINERS)),
        }
    }

    pub(super) fn into_revisions(self) -> Vec<Revision> {
        self.revisions
    }

    /// Where an object is looked for: the offset that readers of its entry seek.
    pub(super) fn offset_of(&self, kind: EntryKind, view: View<'_>) -> Option<u64> {
        match kind {
            EntryKind::Free => None,
            EntryKind::InFile(offset) => Some(offset),
            EntryKind::InStream { container, .. } => match view.entry_of(ObjectId::new(container, 0))? {
                EntryKind::InFile(offset) => Some(offset),
                _ => None,
            },
        }
    }

    pub(super) fn reader(&self) -> Reader<'_> {
        Reader { source: self.source, budget: &self.budget, findings: &self.findings }
    }
}

impl std::fmt::Debug for Document<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Document").field("revisions", &self.revisions.len()).finish_non_exhaustive()
    }
}

/// Offset and version of `%PDF-1.7`.
fn header(source: &dyn Source) -> Result<(u64, (u8, u8)), PdfError> {
    let head = source.read_range(0..source.len().min(HEAD))?;
    let offset = head.windows(5).position(|window| window == b"%PDF-").ok_or(PdfError::NotPdf)?;
    let after = head.get(offset + 5..).unwrap_or_default();
    let found = version(after).ok_or(PdfError::Malformed { at: offset as u64, what: "header" })?;
    Ok((offset as u64, found))
}

/// `1.7`, whatever follows.
fn version(text: &[u8]) -> Option<(u8, u8)> {
    match text {
        [major @ b'0'..=b'9', b'.', minor @ b'0'..=b'9', ..] => Some((major - b'0', minor - b'0')),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::FileBuilder;
    use super::*;

    #[test]
    fn takes_the_later_of_header_and_catalog_version() {
        for (catalog, expected) in [("", (1, 7)), ("/Version/2.0", (2, 0)), ("/Version/1.4", (1, 7))] {
            let file = FileBuilder::new()
                .with_a_page()
                .object(1, &format!("<</Type/Catalog/Pages 2 0 R{catalog}>>"))
                .table("");
            assert_eq!(Document::open(&file.bytes, Limits::default()).unwrap().version(), expected);
        }
    }
}
