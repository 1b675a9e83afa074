//! Dossiers: the current row, the events that made it, and the questions asked about them.
//!
//! Rows are written only by [`Store::execute`](crate::Store::execute).

use circulation::date::Instant;
use circulation::id::DossierId;
use circulation::organ::OrganId;
use circulation::person::Actor;
use circulation::register::RegisterKind;
use circulation::workflow::event::Event;
use circulation::workflow::state::{Body, Dossier};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::audit;
use crate::digest::Hash;
use crate::error::StoreError;
use crate::sql::{from_json, instant, parsed, to_json};
use crate::store::Store;

/// An event with who and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its place in the dossier, counted from 1.
    pub sequence: i64,
    /// When it happened.
    pub at: Instant,
    /// Who caused it.
    pub actor: Actor,
    /// What happened.
    pub event: Event,
}

/// A line of a list of dossiers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DossierSummary {
    /// The dossier.
    pub dossier: DossierId,
    /// `outgoing` or `incoming`.
    pub direction: String,
    /// Stable name of its state.
    pub state: String,
    /// How many events made it.
    pub version: i64,
    /// Abstract of the document.
    pub subject: String,
    /// Number and symbol of the document, once it has them.
    pub code: Option<String>,
    /// When it was begun.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

/// Which dossiers to list, newest first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DossierPage<'a> {
    /// Only of this direction.
    pub direction: Option<RegisterKind>,
    /// Only in this state.
    pub state: Option<&'a str>,
    /// Only older than this one: the last of the page before.
    pub before: Option<&'a DossierId>,
    /// How many at most.
    pub count: u32,
}

/// The parts of a dossier that have columns of their own.
struct Columns {
    direction: &'static str,
    subject: String,
    code: Option<String>,
    document_id: Option<String>,
}

impl Columns {
    fn of(dossier: &Dossier) -> Result<Self, StoreError> {
        match &dossier.body {
            Body::Empty => Err(StoreError::conflict("dossier", "no event began it")),
            Body::Outgoing(outgoing) => Ok(Self {
                direction: RegisterKind::Outgoing.as_str(),
                subject: outgoing.metadata.subject.clone(),
                code: outgoing.number.as_ref().map(ToString::to_string),
                document_id: outgoing.document_id(&dossier.organisation),
            }),
            Body::Incoming(incoming) => Ok(Self {
                direction: RegisterKind::Incoming.as_str(),
                subject: incoming.header.subject.clone(),
                code: Some(incoming.header.printed_code()),
                document_id: Some(incoming.header.document_id.clone()),
            }),
        }
    }
}

/// Reads the current row inside the caller's transaction.
pub(crate) fn load(
    connection: &Connection,
    organ: &OrganId,
    dossier: &DossierId,
) -> Result<Option<Dossier>, StoreError> {
    let body: Option<String> = connection
        .prepare_cached("SELECT body FROM dossier WHERE organ = ?1 AND dossier = ?2")?
        .query_row([organ.as_str(), dossier.as_str()], |row| row.get(0))
        .optional()?;
    body.map(|body| from_json("dossier", &body)).transpose()
}

/// Writes the first row of a dossier. Fails with a conflict if its id is taken.
pub(crate) fn insert(connection: &Connection, dossier: &Dossier, now: Instant) -> Result<(), StoreError> {
    let columns = Columns::of(dossier)?;
    connection
        .prepare_cached(
            "INSERT INTO dossier (organ, dossier, direction, state, version, subject, code,
                                  document_id, body, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10)",
        )?
        .execute(params![
            dossier.organisation.as_str(),
            dossier.id.as_str(),
            columns.direction,
            dossier.state_name(),
            version(dossier)?,
            columns.subject,
            columns.code,
            columns.document_id,
            to_json("dossier", dossier)?,
            now.0,
        ])?;
    Ok(())
}

/// Replaces the row, if it is still the one of `version`.
pub(crate) fn update(
    connection: &Connection,
    dossier: &Dossier,
    seen: i64,
    now: Instant,
) -> Result<(), StoreError> {
    let columns = Columns::of(dossier)?;
    let changed = connection
        .prepare_cached(
            "UPDATE dossier SET state = ?4, version = ?5, subject = ?6, code = ?7,
                                document_id = ?8, body = ?9, updated_at = ?10
             WHERE organ = ?1 AND dossier = ?2 AND version = ?3",
        )?
        .execute(params![
            dossier.organisation.as_str(),
            dossier.id.as_str(),
            seen,
            dossier.state_name(),
            version(dossier)?,
            columns.subject,
            columns.code,
            columns.document_id,
            to_json("dossier", dossier)?,
            now.0,
        ])?;
    if changed == 0 {
        return Err(StoreError::conflict("dossier", format!("{} has changed", dossier.id)));
    }
    Ok(())
}

pub(crate) fn version(dossier: &Dossier) -> Result<i64, StoreError> {
    i64::try_from(dossier.version).map_err(|error| StoreError::corrupt("dossier", error))
}

/// Appends one event and its leaf in the audit chain.
pub(crate) fn append_event(
    connection: &Connection,
    dossier: &Dossier,
    event: &StoredEvent,
) -> Result<(), StoreError> {
    let body = to_json("event", &event.event)?;
    let actor = to_json("event", &event.actor)?;
    let kind = event.event.name();
    let (organ, id) = (dossier.organisation.as_str(), dossier.id.as_str());
    connection
        .prepare_cached(
            "INSERT INTO event (organ, dossier, sequence, at, kind, actor, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![organ, id, event.sequence, event.at.0, kind, actor, body])?;
    let leaf = audit::leaf(organ, id, event.sequence, event.at, kind, &actor, &body);
    audit::append(connection, &leaf)
}

/// The blobs a dossier holds now.
pub(crate) fn blobs(dossier: &Dossier) -> impl Iterator<Item = &str> {
    let (files, package) = match &dossier.body {
        Body::Empty => ([].as_slice(), None),
        Body::Outgoing(outgoing) => (outgoing.files.as_slice(), None),
        Body::Incoming(incoming) => (incoming.files.as_slice(), Some(incoming.package_sha256.as_str())),
    };
    files.iter().map(|file| file.sha256.as_str()).chain(package)
}

/// Notes that a dossier holds a blob.
pub(crate) fn note_blob(
    connection: &Connection,
    organ: &OrganId,
    dossier: &DossierId,
    hash: &str,
    now: Instant,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO dossier_blob (organ, dossier, hash, created_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (organ, dossier, hash) DO NOTHING",
        )?
        .execute(params![organ.as_str(), dossier.as_str(), hash, now.0])?;
    Ok(())
}

fn read_summary(row: &Row<'_>) -> rusqlite::Result<DossierSummary> {
    Ok(DossierSummary {
        dossier: parsed(row, 0)?,
        direction: row.get(1)?,
        state: row.get(2)?,
        version: row.get(3)?,
        subject: row.get(4)?,
        code: row.get(5)?,
        created_at: instant(row, 6)?,
        updated_at: instant(row, 7)?,
    })
}

impl Store {
    /// A dossier as it is now, with its files, deliveries and register row.
    pub fn dossier(&self, organ: &OrganId, dossier: &DossierId) -> Result<Dossier, StoreError> {
        self.database.read(|transaction| {
            load(transaction, organ, dossier)?
                .ok_or_else(|| StoreError::not_found("dossier", dossier.as_str()))
        })
    }

    /// Dossiers of `organ`, newest first.
    pub fn dossiers(
        &self,
        organ: &OrganId,
        page: DossierPage<'_>,
    ) -> Result<Vec<DossierSummary>, StoreError> {
        self.database.read(|transaction| {
            let mut statement = transaction.prepare_cached(
                "SELECT dossier, direction, state, version, subject, code, created_at, updated_at
                 FROM dossier
                 WHERE organ = ?1
                   AND (CAST(?2 AS TEXT) IS NULL OR direction = ?2)
                   AND (CAST(?3 AS TEXT) IS NULL OR state = ?3)
                   AND (CAST(?4 AS TEXT) IS NULL OR dossier < ?4)
                 ORDER BY dossier DESC LIMIT ?5",
            )?;
            let found = statement
                .query_map(
                    params![
                        organ.as_str(),
                        page.direction.map(RegisterKind::as_str),
                        page.state,
                        page.before.map(DossierId::as_str),
                        page.count,
                    ],
                    read_summary,
                )?
                .collect::<Result<_, _>>()?;
            Ok(found)
        })
    }

    /// The dossier about the document with this edXML identifier: our own document, or one that
    /// somebody sent us. The newest, if a sender used an identifier twice.
    pub fn dossier_by_document_id(
        &self,
        organ: &OrganId,
        direction: RegisterKind,
        document_id: &str,
    ) -> Result<Option<DossierId>, StoreError> {
        self.database.read(|transaction| {
            let found = transaction
                .prepare_cached(
                    "SELECT dossier FROM dossier
                     WHERE organ = ?1 AND direction = ?2 AND document_id = ?3
                     ORDER BY dossier DESC LIMIT 1",
                )?
                .query_row([organ.as_str(), direction.as_str(), document_id], |row| parsed(row, 0))
                .optional()?;
            Ok(found)
        })
    }

    /// What happened to a dossier, oldest first.
    pub fn timeline(&self, organ: &OrganId, dossier: &DossierId) -> Result<Vec<StoredEvent>, StoreError> {
        self.database.read(|transaction| {
            let mut statement = transaction.prepare_cached(
                "SELECT sequence, at, actor, body FROM event
                 WHERE organ = ?1 AND dossier = ?2 ORDER BY sequence",
            )?;
            let found = statement
                .query_map([organ.as_str(), dossier.as_str()], |row| {
                    let texts: (String, String) = (row.get(2)?, row.get(3)?);
                    Ok((row.get(0)?, instant(row, 1)?, texts))
                })?
                .collect::<Result<Vec<(i64, Instant, (String, String))>, _>>()?;
            if found.is_empty() {
                return Err(StoreError::not_found("dossier", dossier.as_str()));
            }
            found
                .into_iter()
                .map(|(sequence, at, (actor, event))| {
                    let (actor, event) = (from_json("event", &actor)?, from_json("event", &event)?);
                    Ok(StoredEvent { sequence, at, actor, event })
                })
                .collect()
        })
    }

    /// Whether a dossier holds or held the blob `hash`: only then its readers may read it.
    pub fn dossier_has_blob(
        &self,
        organ: &OrganId,
        dossier: &DossierId,
        hash: Hash,
    ) -> Result<bool, StoreError> {
        self.database.read(|transaction| {
            let found = transaction
                .prepare_cached("SELECT 1 FROM dossier_blob WHERE organ = ?1 AND dossier = ?2 AND hash = ?3")?
                .exists(params![organ.as_str(), dossier.as_str(), hash])?;
            Ok(found)
        })
    }
}
