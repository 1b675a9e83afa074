//! Answers already given, so that a repeated request has no second effect (invariant I2).
//!
//! The answer is stored in the transaction of the effect itself, by
//! [`Store::execute_once`](crate::Store::execute_once): a crash keeps both or neither.

use circulation::date::Instant;
use circulation::organ::OrganId;
use rusqlite::{Connection, OptionalExtension, params};

use crate::digest::Hash;
use crate::error::StoreError;
use crate::store::Store;

/// Names a request that may come again.
#[derive(Debug, Clone, Copy)]
pub struct RequestKey<'a> {
    /// The organisation that asks.
    pub organ: &'a OrganId,
    /// Id of the API key it asks with.
    pub api_key: &'a str,
    /// Its `Idempotency-Key` header.
    pub request_key: &'a str,
    /// Hash of method, path and body: the same key with another one is a mistake of the caller.
    pub fingerprint: Hash,
}

/// An answer as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Body bytes.
    pub body: Vec<u8>,
}

/// The answer stored under `key`, or a conflict if the key was used for another request.
pub(crate) fn find(connection: &Connection, key: &RequestKey<'_>) -> Result<Option<Answer>, StoreError> {
    let found: Option<(Hash, Answer)> = connection
        .prepare_cached(
            "SELECT fingerprint, status, body FROM idempotency
             WHERE organ = ?1 AND api_key = ?2 AND request_key = ?3",
        )?
        .query_row([key.organ.as_str(), key.api_key, key.request_key], |row| {
            Ok((row.get(0)?, Answer { status: row.get(1)?, body: row.get(2)? }))
        })
        .optional()?;
    match found {
        Some((fingerprint, _)) if fingerprint != key.fingerprint => Err(StoreError::conflict(
            "idempotency_key",
            format!("{} was used for another request", key.request_key),
        )),
        Some((_, answer)) => Ok(Some(answer)),
        None => Ok(None),
    }
}

pub(crate) fn insert(
    connection: &Connection,
    key: &RequestKey<'_>,
    answer: &Answer,
    now: Instant,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO idempotency (organ, api_key, request_key, fingerprint, status, body,
                                      created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            key.organ.as_str(),
            key.api_key,
            key.request_key,
            key.fingerprint,
            answer.status,
            answer.body,
            now.0,
        ])?;
    Ok(())
}

impl Store {
    /// The answer given to this request before, if any.
    ///
    /// Fails with [`StoreError::Conflict`] if the key was used for another request.
    pub fn stored_answer(&self, key: &RequestKey<'_>) -> Result<Option<Answer>, StoreError> {
        self.database.read(|transaction| find(transaction, key))
    }

    /// Keeps an answer that has no effect of its own in the store. The first answer wins: what
    /// comes back is what every repeat will get.
    pub fn store_answer(
        &self,
        key: &RequestKey<'_>,
        answer: Answer,
        now: Instant,
    ) -> Result<Answer, StoreError> {
        self.database.write(|transaction| {
            if let Some(earlier) = find(transaction, key)? {
                return Ok(earlier);
            }
            insert(transaction, key, &answer, now)?;
            Ok(answer)
        })
    }

    /// Forgets answers given before `before`; says how many.
    pub fn forget_answers(&self, before: Instant) -> Result<usize, StoreError> {
        self.database.write(|transaction| {
            let forgotten = transaction
                .prepare_cached("DELETE FROM idempotency WHERE created_at < ?1")?
                .execute([before.0])?;
            Ok(forgotten)
        })
    }
}
