//! Receipts that came back for messages sent.

use circulation::date::Instant;
use circulation::id::MessageId;
use circulation::organ::OrganId;
use rusqlite::{OptionalExtension, params};

use crate::error::StoreError;
use crate::message::OutboxMessage;
use crate::store::Store;

impl Store {
    /// Keeps the receipt for a message and marks the message done, in one transaction.
    ///
    /// Fails with [`StoreError::Conflict`] if other bytes were kept for it before: a receiver
    /// answers a repeat with the same receipt.
    pub fn receipt_arrived(
        &self,
        message: &OutboxMessage,
        body: &[u8],
        now: Instant,
    ) -> Result<(), StoreError> {
        self.database.write(|transaction| {
            let changed = transaction
                .prepare_cached(
                    "UPDATE outbox SET state = 'done', done_at = COALESCE(done_at, ?3),
                                       last_error = NULL
                     WHERE organ = ?1 AND message_id = ?2",
                )?
                .execute(params![message.organ.as_str(), message.message_id.as_str(), now.0])?;
            if changed == 0 {
                return Err(StoreError::not_found("outbox", message.message_id.as_str()));
            }
            transaction
                .prepare_cached(
                    "INSERT INTO receipt (organ, message_id, body, received_at)
                     VALUES (?1, ?2, ?3, ?4) ON CONFLICT (organ, message_id) DO NOTHING",
                )?
                .execute(params![message.organ.as_str(), message.message_id.as_str(), body, now.0])?;
            let stored: Vec<u8> = transaction
                .prepare_cached("SELECT body FROM receipt WHERE organ = ?1 AND message_id = ?2")?
                .query_row([message.organ.as_str(), message.message_id.as_str()], |row| row.get(0))?;
            if stored != body {
                return Err(StoreError::conflict(
                    "receipt",
                    format!("{} was answered by other bytes before", message.message_id),
                ));
            }
            Ok(())
        })
    }

    /// The receipt that came back for a message, if one did.
    pub fn receipt(&self, organ: &OrganId, message_id: &MessageId) -> Result<Option<Vec<u8>>, StoreError> {
        self.database.read(|transaction| {
            let body = transaction
                .prepare_cached("SELECT body FROM receipt WHERE organ = ?1 AND message_id = ?2")?
                .query_row([organ.as_str(), message_id.as_str()], |row| row.get(0))
                .optional()?;
            Ok(body)
        })
    }
}
