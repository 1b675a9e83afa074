//! Signatures that wait for a value made elsewhere: prepared by one request, completed by another,
//! maybe in another process, once.

use circulation::date::Instant;
use circulation::organ::OrganId;
use rusqlite::{OptionalExtension, params};

use crate::error::StoreError;
use crate::sql::{instant, instant_opt};
use crate::store::Store;

/// A signature between its two steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreparedSignature {
    /// Id of the signature.
    pub id: String,
    /// The document to sign; empty once completed.
    pub document: Vec<u8>,
    /// What signing wants back for the second step; empty once completed.
    pub state: Vec<u8>,
    /// When it was prepared.
    pub created_at: Instant,
    /// From when on no value is taken.
    pub expires_at: Instant,
    /// When its value was taken.
    pub completed_at: Option<Instant>,
}

impl Store {
    /// Keeps a prepared signature of `organ`.
    pub fn add_prepared(&self, organ: &OrganId, prepared: &PreparedSignature) -> Result<(), StoreError> {
        self.database.write(|transaction| {
            transaction
                .prepare_cached(
                    "INSERT INTO prepared_signature
                         (organ, signature, document, state, created_at, expires_at, completed_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                )?
                .execute(params![
                    organ.as_str(),
                    prepared.id,
                    prepared.document,
                    prepared.state,
                    prepared.created_at.0,
                    prepared.expires_at.0,
                    prepared.completed_at.map(|at| at.0),
                ])?;
            Ok(())
        })
    }

    /// One prepared signature of `organ`.
    pub fn prepared(&self, organ: &OrganId, id: &str) -> Result<PreparedSignature, StoreError> {
        self.database.read(|transaction| {
            transaction
                .prepare_cached(
                    "SELECT signature, document, state, created_at, expires_at, completed_at
                     FROM prepared_signature WHERE organ = ?1 AND signature = ?2",
                )?
                .query_row([organ.as_str(), id], |row| {
                    Ok(PreparedSignature {
                        id: row.get(0)?,
                        document: row.get(1)?,
                        state: row.get(2)?,
                        created_at: instant(row, 3)?,
                        expires_at: instant(row, 4)?,
                        completed_at: instant_opt(row, 5)?,
                    })
                })
                .optional()?
                .ok_or_else(|| StoreError::not_found("prepared signature", id))
        })
    }

    /// Records that the value was taken and lets go of the document. Of several that try, one
    /// succeeds; the others get a conflict.
    pub fn complete_prepared(&self, organ: &OrganId, id: &str, now: Instant) -> Result<(), StoreError> {
        self.database.write(|transaction| {
            let changed = transaction
                .prepare_cached(
                    "UPDATE prepared_signature SET completed_at = ?3, document = x'', state = x''
                     WHERE organ = ?1 AND signature = ?2 AND completed_at IS NULL",
                )?
                .execute(params![organ.as_str(), id, now.0])?;
            match changed {
                1 => Ok(()),
                _ => Err(StoreError::conflict("prepared signature", format!("{id} was completed before"))),
            }
        })
    }

    /// Forgets those that expired before `before`; says how many.
    pub fn forget_prepared(&self, before: Instant) -> Result<usize, StoreError> {
        self.database.write(|transaction| {
            let forgotten = transaction
                .prepare_cached("DELETE FROM prepared_signature WHERE expires_at < ?1")?
                .execute([before.0])?;
            Ok(forgotten)
        })
    }
}
