//! The books: where each sequence of numbers stands, and the lines written.
//!
//! A number is taken by `UPDATE … RETURNING` in the transaction that uses it, never by `max() + 1`
//! and never from an engine's sequence, which leaves gaps when a transaction is rolled back.

use circulation::date::{Date, Instant};
use circulation::id::DossierId;
use circulation::organ::OrganId;
use circulation::register::{IncomingRow, OutgoingRow, RegisterFacts, RegisterKey, RegisterKind};
use rusqlite::{Connection, OptionalExtension, params};
use serde::de::DeserializeOwned;

use crate::error::StoreError;
use crate::sql::{from_json, parsed, parsed_opt, to_json};
use crate::store::Store;

/// A line of a book, as the domain writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RegisterRow {
    /// Of the book of outgoing documents.
    Outgoing(OutgoingRow),
    /// Of the book of incoming documents.
    Incoming(IncomingRow),
}

impl RegisterRow {
    fn kind(&self) -> RegisterKind {
        match self {
            Self::Outgoing(_) => RegisterKind::Outgoing,
            Self::Incoming(_) => RegisterKind::Incoming,
        }
    }

    fn to_json(&self) -> Result<String, StoreError> {
        match self {
            Self::Outgoing(row) => to_json("register_entry", row),
            Self::Incoming(row) => to_json("register_entry", row),
        }
    }
}

/// A line of a book with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterEntry<Row> {
    /// The sequence that numbered it.
    pub sequence: String,
    /// Its number there.
    pub number: u32,
    /// The document it is about.
    pub dossier: DossierId,
    /// The ten columns; `None` while the number is given but its document not yet issued.
    pub row: Option<Row>,
}

/// Which part of a book to read: lines after `after`, at most `count`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegisterPage<'a> {
    /// The year of the book.
    pub year: i32,
    /// One sequence, or all of them in order of their names.
    pub sequence: Option<&'a str>,
    /// Sequence and number of the last line seen.
    pub after: Option<(&'a str, u32)>,
    /// How many lines at most.
    pub count: u32,
}

/// Where a sequence stands now, as seen inside the caller's transaction.
pub(crate) fn facts(connection: &Connection, key: RegisterKey) -> Result<RegisterFacts, StoreError> {
    let found: Option<(u32, Option<Date>)> = connection
        .prepare_cached(
            "SELECT last_number, last_date FROM register
             WHERE organ = ?1 AND year = ?2 AND register = ?3 AND sequence = ?4",
        )?
        .query_row(params![key.organ.as_str(), key.year, key.kind.as_str(), key.sequence], |row| {
            Ok((row.get(0)?, parsed_opt(row, 1)?))
        })
        .optional()?;
    Ok(match found {
        Some((last_number, last_date)) => RegisterFacts { key, last_number, last_date },
        None => RegisterFacts::empty(key),
    })
}

/// Takes the next number of a sequence for a document dated `date`.
///
/// Fails with a conflict if it is not `expected`, the number the decision was made for.
pub(crate) fn take_number(
    connection: &Connection,
    key: &RegisterKey,
    expected: u32,
    date: Date,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO register (organ, year, register, sequence, last_number)
             VALUES (?1, ?2, ?3, ?4, 0)
             ON CONFLICT (organ, year, register, sequence) DO NOTHING",
        )?
        .execute(params![key.organ.as_str(), key.year, key.kind.as_str(), key.sequence])?;
    let taken: u32 = connection
        .prepare_cached(
            "UPDATE register SET last_number = last_number + 1, last_date = ?5
             WHERE organ = ?1 AND year = ?2 AND register = ?3 AND sequence = ?4
             RETURNING last_number",
        )?
        .query_row(
            params![key.organ.as_str(), key.year, key.kind.as_str(), key.sequence, date.to_string()],
            |row| row.get(0),
        )?;
    if taken == expected {
        Ok(())
    } else {
        Err(StoreError::conflict("register", format!("the next number is {taken}, not {expected}")))
    }
}

/// Writes the line of a number just taken; without `row` the number stands there reserved.
pub(crate) fn insert_entry(
    connection: &Connection,
    key: &RegisterKey,
    number: u32,
    dossier: &DossierId,
    row: Option<&RegisterRow>,
    now: Instant,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO register_entry (organ, year, register, sequence, number, dossier, body,
                                         created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)",
        )?
        .execute(params![
            key.organ.as_str(),
            key.year,
            key.kind.as_str(),
            key.sequence,
            number,
            dossier.as_str(),
            row.map(RegisterRow::to_json).transpose()?,
            now.0,
        ])?;
    Ok(())
}

/// Brings the line of a document up to date (columns 8 to 10 are filled in later), if it has one.
pub(crate) fn update_entry(
    connection: &Connection,
    organ: &OrganId,
    dossier: &DossierId,
    row: &RegisterRow,
    now: Instant,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE register_entry SET body = ?4, updated_at = ?5
             WHERE organ = ?1 AND dossier = ?2 AND register = ?3
               AND (body IS NULL OR body <> ?4)",
        )?
        .execute(params![organ.as_str(), dossier.as_str(), row.kind().as_str(), row.to_json()?, now.0])?;
    Ok(())
}

impl Store {
    /// Where a sequence stands. Inside a command use
    /// [`Books::register`](crate::Books::register): only there the answer still holds when it is
    /// used.
    pub fn register_facts(&self, key: RegisterKey) -> Result<RegisterFacts, StoreError> {
        self.database.read(|transaction| facts(transaction, key))
    }

    /// Lines of the book of outgoing documents, in order of sequence and number.
    pub fn outgoing_register(
        &self,
        organ: &OrganId,
        page: RegisterPage<'_>,
    ) -> Result<Vec<RegisterEntry<OutgoingRow>>, StoreError> {
        self.register_page(organ, RegisterKind::Outgoing, page)
    }

    /// Lines of the book of incoming documents, in order of sequence and number.
    pub fn incoming_register(
        &self,
        organ: &OrganId,
        page: RegisterPage<'_>,
    ) -> Result<Vec<RegisterEntry<IncomingRow>>, StoreError> {
        self.register_page(organ, RegisterKind::Incoming, page)
    }

    fn register_page<T: DeserializeOwned>(
        &self,
        organ: &OrganId,
        kind: RegisterKind,
        page: RegisterPage<'_>,
    ) -> Result<Vec<RegisterEntry<T>>, StoreError> {
        let (after_sequence, after_number) = page.after.unwrap_or(("", 0));
        self.database.read(|transaction| {
            let mut statement = transaction.prepare_cached(
                "SELECT sequence, number, dossier, body FROM register_entry
                 WHERE organ = ?1 AND year = ?2 AND register = ?3
                   AND (sequence, number) > (?4, ?5) AND (CAST(?6 AS TEXT) IS NULL OR sequence = ?6)
                 ORDER BY sequence, number LIMIT ?7",
            )?;
            let found = statement
                .query_map(
                    params![
                        organ.as_str(),
                        page.year,
                        kind.as_str(),
                        after_sequence,
                        after_number,
                        page.sequence,
                        page.count,
                    ],
                    |row| Ok((row.get(0)?, row.get(1)?, parsed(row, 2)?, row.get::<_, Option<String>>(3)?)),
                )?
                .collect::<Result<Vec<_>, _>>()?;
            found
                .into_iter()
                .map(|(sequence, number, dossier, body)| {
                    let row = body.map(|body| from_json("register_entry", &body)).transpose()?;
                    Ok(RegisterEntry { sequence, number, dossier, row })
                })
                .collect()
        })
    }
}
