//! Messages between organisations: the outbox of what must be sent and the inbox of what came.
//!
//! An external effect is always lease → send with the stored message id → record the result; a
//! crash anywhere is repaired when the lease runs out. Rows enter the outbox
//! only inside [`Store::execute`](crate::Store::execute).

use circulation::date::Instant;
use circulation::id::{DossierId, MessageId};
use circulation::organ::OrganId;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::digest::Hash;
use crate::error::StoreError;
use crate::sql::{instant, parsed};
use crate::store::Store;

/// A message to put into the outbox together with the event that causes it.
pub(crate) struct NewMessage<'a> {
    /// Made once; every attempt sends the same.
    pub(crate) message: &'a MessageId,
    pub(crate) destination: &'a OrganId,
    pub(crate) kind: &'static str,
    /// The blob to send.
    pub(crate) body: Hash,
    /// Not to be sent before.
    pub(crate) due_at: Instant,
}

/// A message leased to the caller until [`OutboxMessage::leased_until`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxMessage {
    /// The sender.
    pub organ: OrganId,
    /// Its id, to be sent along.
    pub message_id: MessageId,
    /// The dossier it is about.
    pub dossier: DossierId,
    /// The organisation it goes to.
    pub destination: OrganId,
    /// What it is.
    pub kind: String,
    /// The blob to send.
    pub body: Hash,
    /// How many leases there were, this one included. Names the lease when the result is recorded.
    pub attempt: i64,
    /// When another worker may take it.
    pub leased_until: Instant,
}

/// A message of the outbox, whatever became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// Its id.
    pub message_id: MessageId,
    /// The organisation it goes to.
    pub destination: OrganId,
    /// What it is.
    pub kind: String,
    /// The blob that is sent.
    pub body: Hash,
    /// `pending`, `leased`, `done` or `dead`.
    pub state: String,
    /// How often it was leased.
    pub attempts: i64,
    /// When it is tried (again), or its lease ends.
    pub due_at: Instant,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
}

/// How many messages wait, and how many need a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutboxCount {
    /// Waiting or leased.
    pub pending: i64,
    /// Given up; a person must look.
    pub dead: i64,
}

/// A message as it arrived.
#[derive(Debug, Clone, Copy)]
pub struct IncomingMessage<'a> {
    /// The sender's id of it.
    pub message_id: &'a MessageId,
    /// The organisation that sent it, as authenticated.
    pub sender: &'a OrganId,
    /// What it is: the words are the caller's.
    pub kind: &'a str,
    /// The blob of its body, already stored.
    pub body: Hash,
}

/// What the inbox answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The receipt: for a repeat the bytes of the first answer.
    pub receipt: Vec<u8>,
    /// Whether this very message was accepted before.
    pub repeated: bool,
}

/// A message of the inbox that still has to be worked on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxMessage {
    /// The sender's id of it.
    pub message_id: MessageId,
    /// The organisation that sent it.
    pub sender: OrganId,
    /// What it is.
    pub kind: String,
    /// The blob of its body.
    pub body: Hash,
    /// When it came.
    pub received_at: Instant,
}

fn read_leased(row: &Row<'_>) -> rusqlite::Result<OutboxMessage> {
    Ok(OutboxMessage {
        organ: parsed(row, 0)?,
        message_id: parsed(row, 1)?,
        dossier: parsed(row, 2)?,
        destination: parsed(row, 3)?,
        kind: row.get(4)?,
        body: row.get(5)?,
        attempt: row.get(6)?,
        leased_until: instant(row, 7)?,
    })
}

/// Puts `message` into the outbox. Its blob must be stored already.
pub(crate) fn insert_outbox(
    connection: &Connection,
    organ: &OrganId,
    dossier: &DossierId,
    message: &NewMessage<'_>,
    now: Instant,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO outbox (organ, message_id, dossier, destination, kind, body_hash,
                                 state, attempts, due_at, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'pending', 0, ?7, ?8)",
        )?
        .execute(params![
            organ.as_str(),
            message.message.as_str(),
            dossier.as_str(),
            message.destination.as_str(),
            message.kind,
            message.body,
            message.due_at.0,
            now.0,
        ])?;
    Ok(())
}

impl Store {
    /// Leases up to `count` due messages of any organisation for `lease_ms` milliseconds, oldest
    /// due first. A message whose lease ran out is due again.
    pub fn lease_messages(
        &self,
        now: Instant,
        lease_ms: i64,
        count: u32,
    ) -> Result<Vec<OutboxMessage>, StoreError> {
        self.database.write(|transaction| {
            let mut statement = transaction.prepare_cached(
                "UPDATE outbox SET state = 'leased', attempts = attempts + 1, due_at = ?2
                 WHERE (organ, message_id) IN (
                     SELECT organ, message_id FROM outbox
                     WHERE state IN ('pending', 'leased') AND due_at <= ?1
                     ORDER BY due_at, message_id LIMIT ?3)
                 RETURNING organ, message_id, dossier, destination, kind, body_hash,
                           attempts, due_at",
            )?;
            let until = now.0.saturating_add(lease_ms);
            let mut leased = statement
                .query_map(params![now.0, until, count], read_leased)?
                .collect::<Result<Vec<_>, _>>()?;
            // RETURNING promises no order; ids are UUIDv7, so this is the order of making.
            leased.sort_by(|a, b| a.message_id.cmp(&b.message_id));
            Ok(leased)
        })
    }

    /// Records that `message` was received. True even if the lease has run out meanwhile: what was
    /// delivered was delivered, and the receiver absorbs repeats.
    pub fn message_done(&self, message: &OutboxMessage, now: Instant) -> Result<(), StoreError> {
        self.database.write(|transaction| done(transaction, message, now))
    }

    /// Records that sending failed and when to try again. Without effect, and `false`, if another
    /// worker took the message over.
    pub fn message_failed(
        &self,
        message: &OutboxMessage,
        next_attempt: Instant,
        error: &str,
    ) -> Result<bool, StoreError> {
        self.end_lease(message, "pending", next_attempt, error)
    }

    /// Records that sending failed for good. Without effect, and `false`, if another worker took
    /// the message over.
    pub fn message_dead(&self, message: &OutboxMessage, error: &str) -> Result<bool, StoreError> {
        self.end_lease(message, "dead", message.leased_until, error)
    }

    fn end_lease(
        &self,
        message: &OutboxMessage,
        state: &str,
        due_at: Instant,
        error: &str,
    ) -> Result<bool, StoreError> {
        self.database.write(|transaction| end_lease(transaction, message, state, due_at, error))
    }

    /// Puts a message that was given up back into the queue, due at `now`.
    ///
    /// Fails with [`StoreError::NotFound`] if `organ` has no such message among the given up.
    pub fn requeue_message(
        &self,
        organ: &OrganId,
        message: &MessageId,
        now: Instant,
    ) -> Result<(), StoreError> {
        self.database.write(|transaction| {
            let changed = transaction
                .prepare_cached(
                    "UPDATE outbox SET state = 'pending', due_at = ?3
                     WHERE organ = ?1 AND message_id = ?2 AND state = 'dead'",
                )?
                .execute(params![organ.as_str(), message.as_str(), now.0])?;
            if changed == 0 {
                return Err(StoreError::not_found("outbox", message.as_str()));
            }
            Ok(())
        })
    }

    /// The messages a dossier of `organ` caused, in order of their making.
    pub fn messages(&self, organ: &OrganId, dossier: &DossierId) -> Result<Vec<OutboxRow>, StoreError> {
        self.database.read(|transaction| {
            let mut statement = transaction.prepare_cached(
                "SELECT message_id, destination, kind, body_hash, state, attempts, due_at,
                        last_error
                 FROM outbox WHERE organ = ?1 AND dossier = ?2 ORDER BY message_id",
            )?;
            let found = statement
                .query_map([organ.as_str(), dossier.as_str()], |row| {
                    Ok(OutboxRow {
                        message_id: parsed(row, 0)?,
                        destination: parsed(row, 1)?,
                        kind: row.get(2)?,
                        body: row.get(3)?,
                        state: row.get(4)?,
                        attempts: row.get(5)?,
                        due_at: instant(row, 6)?,
                        last_error: row.get(7)?,
                    })
                })?
                .collect::<Result<_, _>>()?;
            Ok(found)
        })
    }

    /// How many messages of `organ` wait, and how many were given up.
    pub fn outbox_count(&self, organ: &OrganId) -> Result<OutboxCount, StoreError> {
        self.database.read(|transaction| {
            let count = transaction
                .prepare_cached(
                    "SELECT COALESCE(SUM(CASE WHEN state IN ('pending', 'leased') THEN 1 END), 0),
                            COALESCE(SUM(CASE WHEN state = 'dead' THEN 1 END), 0)
                     FROM outbox WHERE organ = ?1",
                )?
                .query_row([organ.as_str()], |row| {
                    Ok(OutboxCount { pending: row.get(0)?, dead: row.get(1)? })
                })?;
            Ok(count)
        })
    }

    /// Accepts a message once: its inbox row and the receipt are one transaction. A repeat gets the
    /// bytes of the first receipt, and `receipt` is not called.
    ///
    /// Fails with [`StoreError::Conflict`] if the id was used for another body or by another
    /// sender.
    pub fn accept_message(
        &self,
        organ: &OrganId,
        message: &IncomingMessage<'_>,
        now: Instant,
        receipt: impl FnOnce() -> Vec<u8>,
    ) -> Result<Accepted, StoreError> {
        self.database.write(|transaction| {
            let found = inbox_receipt(transaction, organ, message)?;
            if let Some(receipt) = found {
                return Ok(Accepted { receipt, repeated: true });
            }
            let receipt = receipt();
            transaction
                .prepare_cached(
                    "INSERT INTO inbox (organ, message_id, sender, kind, body_hash, receipt,
                                        state, received_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'accepted', ?7)
                     ON CONFLICT (organ, message_id) DO NOTHING",
                )?
                .execute(params![
                    organ.as_str(),
                    message.message_id.as_str(),
                    message.sender.as_str(),
                    message.kind,
                    message.body,
                    receipt,
                    now.0,
                ])?;
            // Under PostgreSQL another writer may have come first between the two statements.
            let stored = inbox_receipt(transaction, organ, message)?
                .ok_or_else(|| StoreError::not_found("inbox", message.message_id.as_str()))?;
            Ok(Accepted { repeated: stored != receipt, receipt: stored })
        })
    }

    /// Accepted messages nobody has worked on yet, oldest first, at most `count`. A crash between
    /// accepting and working leaves them here.
    pub fn unprocessed_messages(&self, organ: &OrganId, count: u32) -> Result<Vec<InboxMessage>, StoreError> {
        self.database.read(|transaction| {
            let mut statement = transaction.prepare_cached(
                "SELECT message_id, sender, kind, body_hash, received_at FROM inbox
                 WHERE organ = ?1 AND state = 'accepted' ORDER BY received_at, message_id LIMIT ?2",
            )?;
            let messages = statement
                .query_map(params![organ.as_str(), count], |row| {
                    Ok(InboxMessage {
                        message_id: parsed(row, 0)?,
                        sender: parsed(row, 1)?,
                        kind: row.get(2)?,
                        body: row.get(3)?,
                        received_at: instant(row, 4)?,
                    })
                })?
                .collect::<Result<_, _>>()?;
            Ok(messages)
        })
    }

    /// Records that an accepted message was worked on, and which dossier came of it or was meant
    /// by it.
    pub fn message_processed(
        &self,
        organ: &OrganId,
        message_id: &MessageId,
        dossier: Option<&DossierId>,
    ) -> Result<(), StoreError> {
        self.database.write(|transaction| processed(transaction, organ, message_id, dossier))
    }
}

/// Ends a message well.
pub(crate) fn done(connection: &Connection, message: &OutboxMessage, now: Instant) -> Result<(), StoreError> {
    let changed = connection
        .prepare_cached(
            "UPDATE outbox SET state = 'done', done_at = COALESCE(done_at, ?3), last_error = NULL
             WHERE organ = ?1 AND message_id = ?2",
        )?
        .execute(params![message.organ.as_str(), message.message_id.as_str(), now.0])?;
    if changed == 0 {
        return Err(StoreError::not_found("outbox", message.message_id.as_str()));
    }
    Ok(())
}

/// Ends a lease badly; `false` if it is not the caller's any more.
pub(crate) fn end_lease(
    connection: &Connection,
    message: &OutboxMessage,
    state: &str,
    due_at: Instant,
    error: &str,
) -> Result<bool, StoreError> {
    let changed = connection
        .prepare_cached(
            "UPDATE outbox SET state = ?4, due_at = ?5, last_error = ?6
             WHERE organ = ?1 AND message_id = ?2 AND attempts = ?3 AND state = 'leased'",
        )?
        .execute(params![
            message.organ.as_str(),
            message.message_id.as_str(),
            message.attempt,
            state,
            due_at.0,
            error,
        ])?;
    Ok(changed == 1)
}

/// Takes a message off the list of unprocessed ones.
///
/// Fails with a conflict if another worker did so before, so that a message has one effect.
pub(crate) fn processed(
    connection: &Connection,
    organ: &OrganId,
    message_id: &MessageId,
    dossier: Option<&DossierId>,
) -> Result<(), StoreError> {
    let changed = connection
        .prepare_cached(
            "UPDATE inbox SET state = 'processed', dossier = ?3
             WHERE organ = ?1 AND message_id = ?2 AND state = 'accepted'",
        )?
        .execute(params![organ.as_str(), message_id.as_str(), dossier.map(DossierId::as_str)])?;
    if changed == 0 {
        return Err(StoreError::conflict("message", format!("{message_id} is not waiting to be worked on")));
    }
    Ok(())
}

/// The receipt of this very message, if it was accepted before.
fn inbox_receipt(
    connection: &Connection,
    organ: &OrganId,
    message: &IncomingMessage<'_>,
) -> Result<Option<Vec<u8>>, StoreError> {
    let found: Option<(String, Hash, Vec<u8>)> = connection
        .prepare_cached("SELECT sender, body_hash, receipt FROM inbox WHERE organ = ?1 AND message_id = ?2")?
        .query_row([organ.as_str(), message.message_id.as_str()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    match found {
        Some((sender, _, _)) if sender != message.sender.as_str() => Err(StoreError::conflict(
            "message",
            format!("{} came from another sender before", message.message_id),
        )),
        Some((_, body, _)) if body != message.body => Err(StoreError::conflict(
            "message",
            format!("{} came with another body before", message.message_id),
        )),
        Some((_, _, receipt)) => Ok(Some(receipt)),
        None => Ok(None),
    }
}
