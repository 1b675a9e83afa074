//! Deliveries and the statuses that came back, as rows beside the dossier they belong to.
//!
//! The dossier is the truth; these rows repeat it so that the schema itself refuses a second
//! delivery to one recipient or a status recorded twice, and so that an answer finds its dossier.

use circulation::date::Instant;
use circulation::document::Recipient;
use circulation::exchange::status::StatusCode;
use circulation::id::{DossierId, MessageId};
use circulation::organ::OrganId;
use circulation::workflow::state::ReportedStatus;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::error::StoreError;
use crate::sql::{instant, parsed};
use crate::store::Store;

/// One document on its way to one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRow {
    /// The message that carries it.
    pub message: MessageId,
    /// The sender's dossier.
    pub dossier: DossierId,
    /// To whom.
    pub recipient: OrganId,
    /// `queued`, `accepted` or `failed`.
    pub transport: String,
    /// The statuses reported, in the order they were recorded.
    pub statuses: Vec<StatusCode>,
    /// When it was queued.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

pub(crate) fn insert(
    connection: &Connection,
    organ: &OrganId,
    dossier: &DossierId,
    message: &MessageId,
    recipient: &Recipient,
    now: Instant,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO delivery (organ, message_id, dossier, recipient, transport, created_at,
                                   updated_at)
             VALUES (?1, ?2, ?3, ?4, 'queued', ?5, ?5)",
        )?
        .execute(params![
            organ.as_str(),
            message.as_str(),
            dossier.as_str(),
            recipient.organ.as_str(),
            now.0,
        ])?;
    Ok(())
}

pub(crate) fn set_transport(
    connection: &Connection,
    organ: &OrganId,
    message: &MessageId,
    transport: &str,
    now: Instant,
) -> Result<(), StoreError> {
    let changed = connection
        .prepare_cached(
            "UPDATE delivery SET transport = ?3, updated_at = ?4
             WHERE organ = ?1 AND message_id = ?2",
        )?
        .execute(params![organ.as_str(), message.as_str(), transport, now.0])?;
    if changed == 0 {
        return Err(StoreError::not_found("delivery", message.as_str()));
    }
    Ok(())
}

pub(crate) fn insert_status(
    connection: &Connection,
    organ: &OrganId,
    message: &MessageId,
    reported: &ReportedStatus,
    now: Instant,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO delivery_status (organ, message_id, status, at, description, staff,
                                          recorded_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            organ.as_str(),
            message.as_str(),
            reported.status.code(),
            reported.at.0,
            reported.description,
            reported.staff,
            now.0,
        ])?;
    Ok(())
}

const COLUMNS: &str = "message_id, dossier, recipient, transport, created_at, updated_at";

fn read(row: &Row<'_>) -> rusqlite::Result<DeliveryRow> {
    Ok(DeliveryRow {
        message: parsed(row, 0)?,
        dossier: parsed(row, 1)?,
        recipient: parsed(row, 2)?,
        transport: row.get(3)?,
        statuses: Vec::new(),
        created_at: instant(row, 4)?,
        updated_at: instant(row, 5)?,
    })
}

fn statuses(
    connection: &Connection,
    organ: &OrganId,
    message: &MessageId,
) -> Result<Vec<StatusCode>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT status FROM delivery_status WHERE organ = ?1 AND message_id = ?2
         ORDER BY recorded_at, status",
    )?;
    let codes = statement
        .query_map([organ.as_str(), message.as_str()], |row| parsed(row, 0))?
        .collect::<Result<_, _>>()?;
    Ok(codes)
}

impl Store {
    /// The delivery that a message carries, if `organ` sent it.
    pub fn delivery(&self, organ: &OrganId, message: &MessageId) -> Result<DeliveryRow, StoreError> {
        self.database.read(|transaction| {
            let mut delivery = transaction
                .prepare_cached(&format!(
                    "SELECT {COLUMNS} FROM delivery WHERE organ = ?1 AND message_id = ?2"
                ))?
                .query_row([organ.as_str(), message.as_str()], read)
                .optional()?
                .ok_or_else(|| StoreError::not_found("delivery", message.as_str()))?;
            delivery.statuses = statuses(transaction, organ, message)?;
            Ok(delivery)
        })
    }

    /// All deliveries of a dossier of `organ`, in order of their messages.
    pub fn deliveries(&self, organ: &OrganId, dossier: &DossierId) -> Result<Vec<DeliveryRow>, StoreError> {
        self.database.read(|transaction| {
            let mut statement = transaction.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM delivery WHERE organ = ?1 AND dossier = ?2
                 ORDER BY message_id"
            ))?;
            let mut deliveries = statement
                .query_map([organ.as_str(), dossier.as_str()], read)?
                .collect::<Result<Vec<_>, _>>()?;
            for delivery in &mut deliveries {
                delivery.statuses = statuses(transaction, organ, &delivery.message)?;
            }
            Ok(deliveries)
        })
    }
}
