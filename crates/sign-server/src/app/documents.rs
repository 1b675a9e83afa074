//! Documents of an organisation: begun, read, their files and what happened to them.

use super::{
    failure::Failure,
    flow::{self, Request},
    memory::InMemory,
    timeline::{self, Entry},
};
use crate::{auth::Caller, state::State};
use bytes::Bytes;
use circulation::{
    document::{FileRecord, FileRole, Metadata},
    id::DossierId,
    organ::OrganId,
    register::RegisterKind,
    workflow::{
        command::Command,
        state::{Body, Dossier},
    },
};
use circulation_store::{DossierPage, DossierSummary, Hash, KIND_DOCUMENT, OutboxRow, Store, Target};
use serde::{Deserialize, Serialize};
use sign_core::{crypto::document, limits::Limits, report::model::ContentFinding};

/// Media type of a document's files.
pub const PDF: &str = "application/pdf";
/// Largest file read back from the store: far above any body limit.
pub const LARGEST_FILE: u64 = 1 << 30;
/// Longest list answered at once.
const LONGEST_PAGE: u32 = 200;

/// A file as it came in.
pub struct NewFile {
    /// Name given by the sender.
    pub name: String,
    /// Its bytes.
    pub bytes: Bytes,
    /// What it is in the document.
    pub role: FileRole,
}

/// A document as answered: the dossier and the names of its files by number.
#[derive(Debug, Serialize)]
pub struct DocumentView {
    /// Stable name of its state.
    pub state_name: &'static str,
    /// What in the file that was frozen or signed can change its look later.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<ContentFinding>,
    /// Everything known.
    #[serde(flatten)]
    pub dossier: Dossier,
}

impl From<Dossier> for DocumentView {
    fn from(dossier: Dossier) -> Self {
        Self { state_name: dossier.state_name(), warnings: Vec::new(), dossier }
    }
}

/// A fresh identifier of ours.
///
/// # Errors
/// Never in practice: a UUID is a valid identifier.
pub fn fresh<T: std::str::FromStr<Err = circulation::refusal::Refusal>>() -> Result<T, Failure> {
    uuid::Uuid::now_v7().to_string().parse().map_err(Failure::internal)
}

/// Begins an outgoing document.
///
/// # Errors
/// What is not a PDF; the refusal.
pub async fn create(
    state: &State,
    caller: &Caller,
    metadata: Metadata,
    files: Vec<NewFile>,
) -> Result<DocumentView, Failure> {
    let (actor, organ, now) = (caller.actor()?, caller.organ.clone(), state.now());
    let work = move |store: &Store| {
        let files = files.iter().map(|file| keep_pdf(store, file)).collect::<Result<_, _>>()?;
        let id: DossierId = fresh()?;
        let request = Request {
            organ: &organ,
            target: Target::New(&id),
            actor: &actor,
            now,
            command: &Command::Create { metadata, files },
            message: None,
        };
        Ok(flow::run(store, &request)?.dossier.into())
    };
    state.heavy(work).await
}

/// Stores a PDF that the reader can read.
fn keep_pdf(store: &Store, file: &NewFile) -> Result<FileRecord, Failure> {
    // Encrypted so that anybody can open it is well; a letter that needs a password reaches nobody.
    document::open(&InMemory(&file.bytes), &Limits::default())?.latest().pages()?;
    keep(store, &file.name, &file.bytes, PDF, file.role)
}

/// Stores a file and says what the workflow keeps about it.
///
/// # Errors
/// From the store.
pub fn keep(
    store: &Store,
    name: &str,
    bytes: &[u8],
    media_type: &str,
    role: FileRole,
) -> Result<FileRecord, Failure> {
    let stored = store.blobs().put(bytes)?;
    Ok(FileRecord {
        name: shown_name(name),
        sha256: stored.hash.to_hex().parse()?,
        size: stored.size,
        media_type: media_type.to_owned(),
        role,
    })
}

/// A name to show: never a path, no control or direction-changing characters, not longer than a file
/// system takes (ASVS 5.3.2, 5.4.1).
fn shown_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut shown: String = last.chars().filter(|c| !hidden(*c)).collect();
    shown = shown.trim().trim_start_matches('.').to_owned();
    while shown.len() > 200 {
        shown.pop();
    }
    if shown.is_empty() { "van-ban.pdf".to_owned() } else { shown }
}

/// One document.
///
/// # Errors
/// `not_found`, also for another organisation's.
pub async fn read(state: &State, organ: OrganId, id: DossierId) -> Result<DocumentView, Failure> {
    state.store(move |store| Ok(store.dossier(&organ, &id)?.into())).await
}

/// Which documents to list.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Filter {
    /// `outgoing` or `incoming`.
    pub direction: Option<RegisterKind>,
    /// A state by its name.
    pub state: Option<String>,
    /// Older than this document.
    pub before: Option<DossierId>,
    /// How many, at most 200.
    pub count: Option<u32>,
}

/// A line of the list.
#[derive(Debug, Serialize)]
pub struct DocumentLine {
    id: DossierId,
    direction: String,
    state: String,
    subject: String,
    code: Option<String>,
    created_at: circulation::date::Instant,
    updated_at: circulation::date::Instant,
}

impl From<DossierSummary> for DocumentLine {
    fn from(summary: DossierSummary) -> Self {
        Self {
            id: summary.dossier,
            direction: summary.direction,
            state: summary.state,
            subject: summary.subject,
            code: summary.code,
            created_at: summary.created_at,
            updated_at: summary.updated_at,
        }
    }
}

/// Documents, newest first.
///
/// # Errors
/// From the store.
pub async fn list(state: &State, organ: OrganId, filter: Filter) -> Result<Vec<DocumentLine>, Failure> {
    state
        .store(move |store| {
            let page = DossierPage {
                direction: filter.direction,
                state: filter.state.as_deref(),
                before: filter.before.as_ref(),
                count: filter.count.unwrap_or(50).min(LONGEST_PAGE),
            };
            Ok(store.dossiers(&organ, page)?.into_iter().map(DocumentLine::from).collect())
        })
        .await
}

/// What happened to a document, oldest first.
///
/// # Errors
/// `not_found`.
pub async fn timeline(state: &State, organ: OrganId, id: DossierId) -> Result<Vec<Entry>, Failure> {
    state
        .store(move |store| Ok(store.timeline(&organ, &id)?.into_iter().map(timeline::entry).collect()))
        .await
}

/// A file with what it is.
pub struct FileContent {
    /// Its record.
    pub record: FileRecord,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// File number `number` of a document, the first is 1.
///
/// # Errors
/// `not_found`.
pub async fn file(
    state: &State,
    organ: OrganId,
    id: DossierId,
    number: usize,
) -> Result<FileContent, Failure> {
    state
        .store(move |store| {
            let dossier = store.dossier(&organ, &id)?;
            let files = match &dossier.body {
                Body::Outgoing(outgoing) => outgoing.files.as_slice(),
                Body::Incoming(incoming) => incoming.files.as_slice(),
                Body::Empty => &[],
            };
            let record = number.checked_sub(1).and_then(|at| files.get(at));
            let record = record.ok_or_else(|| Failure::not_found("file"))?.clone();
            let bytes = read_blob(store, record.sha256.as_str())?;
            Ok(FileContent { record, bytes })
        })
        .await
}

/// The message that brought an incoming document, or that carries an outgoing one to a recipient (the
/// first, if none is named), byte for byte.
///
/// # Errors
/// `not_found`, also for documents that were not sent yet.
pub async fn message(
    state: &State,
    organ: OrganId,
    id: DossierId,
    to: Option<OrganId>,
) -> Result<Vec<u8>, Failure> {
    state
        .store(move |store| {
            let dossier = store.dossier(&organ, &id)?;
            if let Some(incoming) = dossier.incoming() {
                return read_blob(store, incoming.package_sha256.as_str());
            }
            let wanted = |row: &OutboxRow| {
                row.kind == KIND_DOCUMENT && to.as_ref().is_none_or(|to| row.destination.matches(to))
            };
            let sent = store.messages(&organ, &id)?.into_iter().find(wanted);
            let sent = sent.ok_or_else(|| Failure::not_found("message"))?;
            Ok(store.blobs().get(sent.body, LARGEST_FILE)?)
        })
        .await
}

/// Bytes from the store by their hash.
///
/// # Errors
/// From the store.
pub fn read_blob(store: &Store, sha256: &str) -> Result<Vec<u8>, Failure> {
    let hash = Hash::from_hex(sha256).ok_or_else(|| Failure::internal("a stored digest is not hex"))?;
    Ok(store.blobs().get(hash, LARGEST_FILE)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_to_show_are_never_paths_nor_tricks() {
        for (given, shown) in [
            ("công văn.pdf", "công văn.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\x\\thư.pdf", "thư.pdf"),
            ("fdp\u{202e}exe.pdf", "fdpexe.pdf"),
            ("a\r\nb.pdf", "ab.pdf"),
            (".hidden", "hidden"),
            ("..", "van-ban.pdf"),
            ("", "van-ban.pdf"),
        ] {
            assert_eq!(shown_name(given), shown, "{given:?}");
        }
        assert!(shown_name(&"ế".repeat(300)).len() <= 200);
    }
}
