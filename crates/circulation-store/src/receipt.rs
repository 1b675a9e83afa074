//! Receipts that came back for messages sent.

use circulation::date::Instant;
use circulation::id::MessageId;
use circulation::organ::OrganId;
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::StoreError;
use crate::message::{self, OutboxMessage};
use crate::store::Store;

impl Store {
    /// Keeps the receipt for a message and marks the message done, in one transaction. For a
    /// delivery, whose dossier must know too, use
    /// [`Store::execute_on_receipt`](crate::Store::execute_on_receipt).
    ///
    /// Fails with [`StoreError::Conflict`] if other bytes were kept for it before: a receiver
    /// answers a repeat with the same receipt.
    pub fn receipt_arrived(
        &self,
        message: &OutboxMessage,
        body: &[u8],
        now: Instant,
    ) -> Result<(), StoreError> {
        self.database.write(|transaction| arrived(transaction, message, body, now))
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

/// Keeps a receipt and ends its message.
pub(crate) fn arrived(
    connection: &Connection,
    message: &OutboxMessage,
    body: &[u8],
    now: Instant,
) -> Result<(), StoreError> {
    message::done(connection, message, now)?;
    let (organ, id) = (message.organ.as_str(), message.message_id.as_str());
    connection
        .prepare_cached(
            "INSERT INTO receipt (organ, message_id, body, received_at)
             VALUES (?1, ?2, ?3, ?4) ON CONFLICT (organ, message_id) DO NOTHING",
        )?
        .execute(params![organ, id, body, now.0])?;
    let stored: Vec<u8> = connection
        .prepare_cached("SELECT body FROM receipt WHERE organ = ?1 AND message_id = ?2")?
        .query_row([organ, id], |row| row.get(0))?;
    if stored != body {
        return Err(StoreError::conflict("receipt", format!("{id} was answered by other bytes before")));
    }
    Ok(())
}
