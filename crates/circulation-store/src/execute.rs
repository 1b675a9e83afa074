//! The one transaction of a command: events, current row, number, register line, outbox rows and
//! audit leaves, all or nothing.
//!
//! What may happen is decided by the caller's closure, which gets the dossier and the books as they
//! stand inside the transaction; this file only writes down what the events say.

use std::collections::BTreeSet;

use circulation::Refusal;
use circulation::date::{Date, Instant};
use circulation::id::{DossierId, MessageId};
use circulation::organ::OrganId;
use circulation::person::Actor;
use circulation::register::{RegisterFacts, RegisterKey};
use circulation::workflow::apply;
use circulation::workflow::event::Event;
use circulation::workflow::state::Dossier;
use rusqlite::{Connection, Transaction};

use crate::delivery;
use crate::digest::Hash;
use crate::dossier::{self, StoredEvent};
use crate::error::StoreError;
use crate::idempotency::{self, Answer, RequestKey};
use crate::message::{self, NewMessage, OutboxMessage};
use crate::receipt;
use crate::register::{self, RegisterRow};
use crate::store::Store;

/// Words of [`NewMessage::kind`](crate::OutboxMessage::kind): a document on its way.
pub const KIND_DOCUMENT: &str = "document";
/// A status on its way back.
pub const KIND_STATUS: &str = "status";

/// Which dossier a command is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target<'a> {
    /// One to be begun, under a fresh id.
    New(&'a DossierId),
    /// One that exists.
    Existing(&'a DossierId),
}

/// Who does something to which dossier, and when.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// Whose dossier it is.
    pub organ: &'a OrganId,
    /// Which dossier.
    pub target: Target<'a>,
    /// Who acts.
    pub actor: &'a Actor,
    /// When.
    pub now: Instant,
    /// The message of the inbox this step works on; it is marked as worked on in the same
    /// transaction, and the step fails with a conflict if it was before.
    pub message: Option<&'a MessageId>,
}

/// What the closure decided.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decision {
    /// What happens.
    pub events: Vec<Event>,
    /// The blob of every message the events queue: written before, so that the row never points at
    /// nothing.
    pub bodies: Vec<(MessageId, Hash)>,
}

impl From<Vec<Event>> for Decision {
    fn from(events: Vec<Event>) -> Self {
        Self { events, bodies: Vec::new() }
    }
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// The dossier as it is now.
    pub dossier: Dossier,
    /// The events appended.
    pub events: Vec<StoredEvent>,
}

/// What became of a request that may come again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Once {
    /// It was done now.
    Done(Answer, Box<Committed>),
    /// It was done before; this is what was answered.
    Repeated(Answer),
}

impl Once {
    /// The answer, whenever it was first given.
    #[must_use]
    pub fn into_answer(self) -> Answer {
        match self {
            Self::Done(answer, _) | Self::Repeated(answer) => answer,
        }
    }
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    /// The store could not.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The rules do not allow it.
    #[error("refused: {}", .0.code())]
    Refused(Box<Refusal>),
}

impl From<Refusal> for ExecuteError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<rusqlite::Error> for ExecuteError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl ExecuteError {
    /// A stable word for the kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Refused(refusal) => refusal.code(),
        }
    }
}

/// The books as they stand inside the transaction.
#[derive(Debug)]
pub struct Books<'a> {
    connection: &'a Connection,
    organ: &'a OrganId,
}

impl Books<'_> {
    /// Where a sequence of numbers stands. What it says holds until the transaction ends.
    ///
    /// Fails with [`StoreError::NotFound`] for a book of another organisation.
    pub fn register(&self, key: RegisterKey) -> Result<RegisterFacts, StoreError> {
        if &key.organ != self.organ {
            return Err(StoreError::not_found("register", key.organ.as_str()));
        }
        register::facts(self.connection, key)
    }
}

impl Store {
    /// Runs one command: loads the dossier, asks `decide`, writes what it decided. One transaction
    /// that holds the write lock from the start, so `decide` must neither wait nor call out.
    ///
    /// Fails with [`ExecuteError::Refused`] if `decide` refuses; with [`StoreError::NotFound`] if
    /// there is no such dossier of this organisation; with [`StoreError::Conflict`] if a new id is
    /// taken, a number is not the next one, or a second lock in the schema holds. Nothing is
    /// written then.
    pub fn execute(
        &self,
        step: &Step<'_>,
        decide: impl FnOnce(&Dossier, &Books<'_>) -> Result<Decision, ExecuteError>,
    ) -> Result<Committed, ExecuteError> {
        self.database.write(|transaction| run(transaction, step, decide))
    }

    /// Like [`Store::execute`], for a request that may be repeated: its answer is stored in the
    /// same transaction, and a repeat gets that answer and has no effect.
    ///
    /// A refusal is not stored: a repeat asks again.
    pub fn execute_once(
        &self,
        step: &Step<'_>,
        key: &RequestKey<'_>,
        decide: impl FnOnce(&Dossier, &Books<'_>) -> Result<Decision, ExecuteError>,
        answer: impl FnOnce(&Committed) -> Answer,
    ) -> Result<Once, ExecuteError> {
        self.database.write(|transaction| {
            if let Some(earlier) = idempotency::find(transaction, key)? {
                return Ok(Once::Repeated(earlier));
            }
            let committed = run(transaction, step, decide)?;
            let answer = answer(&committed);
            idempotency::insert(transaction, key, &answer, step.now)?;
            Ok(Once::Done(answer, Box::new(committed)))
        })
    }
}

impl Store {
    /// Like [`Store::execute`], for the receipt that came back for a delivery: keeps the receipt
    /// and ends the message in the same transaction as the events.
    ///
    /// Fails with [`StoreError::Conflict`] if other bytes were kept for the message before.
    pub fn execute_on_receipt(
        &self,
        step: &Step<'_>,
        message: &OutboxMessage,
        receipt: &[u8],
        decide: impl FnOnce(&Dossier, &Books<'_>) -> Result<Decision, ExecuteError>,
    ) -> Result<Committed, ExecuteError> {
        self.database.write(|transaction| {
            receipt::arrived(transaction, message, receipt, step.now)?;
            run(transaction, step, decide)
        })
    }

    /// Like [`Store::execute`], for a delivery given up: marks the message dead in the same
    /// transaction as the events.
    ///
    /// Fails with [`StoreError::Conflict`] if another worker took the message over.
    pub fn execute_giving_up(
        &self,
        step: &Step<'_>,
        message: &OutboxMessage,
        error: &str,
        decide: impl FnOnce(&Dossier, &Books<'_>) -> Result<Decision, ExecuteError>,
    ) -> Result<Committed, ExecuteError> {
        self.database.write(|transaction| {
            if !message::end_lease(transaction, message, "dead", step.now, error)? {
                let id = &message.message_id;
                return Err(StoreError::conflict("lease", format!("of {id} has ended")).into());
            }
            run(transaction, step, decide)
        })
    }
}

fn run(
    transaction: &Transaction<'_>,
    step: &Step<'_>,
    decide: impl FnOnce(&Dossier, &Books<'_>) -> Result<Decision, ExecuteError>,
) -> Result<Committed, ExecuteError> {
    let before = load(transaction, step)?;
    let seen = dossier::version(&before)?;
    let books = Books { connection: transaction, organ: step.organ };
    let decision = decide(&before, &books)?;

    let mut after = before;
    let mut events = Vec::new();
    // After each event, not once at the end: a file replaced by the next event stays readable too.
    let mut blobs = BTreeSet::new();
    for (sequence, event) in (seen.saturating_add(1)..).zip(decision.events) {
        apply(&mut after, &event).map_err(|broken| StoreError::corrupt("dossier", broken))?;
        blobs.extend(dossier::blobs(&after).map(str::to_owned));
        events.push(StoredEvent { sequence, at: step.now, actor: step.actor.clone(), event });
    }

    if !events.is_empty() {
        match step.target {
            Target::New(_) => dossier::insert(transaction, &after, step.now)?,
            Target::Existing(_) => dossier::update(transaction, &after, seen, step.now)?,
        }
    }
    let writer = Writer { connection: transaction, step, after: &after, bodies: &decision.bodies };
    for event in &events {
        dossier::append_event(transaction, &after, event)?;
        writer.effects(&event.event)?;
    }
    writer.register_row()?;
    for hash in &blobs {
        dossier::note_blob(transaction, step.organ, &after.id, hash, step.now)?;
    }
    if let Some(message) = step.message {
        let came_of_it = (after.version > 0).then_some(&after.id);
        message::processed(transaction, step.organ, message, came_of_it)?;
    }
    Ok(Committed { dossier: after, events })
}

/// The dossier the command is about, empty if it is to be begun.
fn load(connection: &Connection, step: &Step<'_>) -> Result<Dossier, StoreError> {
    match step.target {
        Target::Existing(id) => dossier::load(connection, step.organ, id)?
            .ok_or_else(|| StoreError::not_found("dossier", id.as_str())),
        Target::New(id) => match dossier::load(connection, step.organ, id)? {
            Some(_) => Err(StoreError::conflict("dossier", format!("{id} exists already"))),
            None => Ok(Dossier::new(id.clone(), step.organ.clone())),
        },
    }
}

/// Writes what follows from events into the tables beside the dossier.
struct Writer<'a> {
    connection: &'a Connection,
    step: &'a Step<'a>,
    after: &'a Dossier,
    bodies: &'a [(MessageId, Hash)],
}

impl Writer<'_> {
    fn effects(&self, event: &Event) -> Result<(), StoreError> {
        let (organ, now) = (self.step.organ, self.step.now);
        match event {
            Event::NumberAssigned { register, number, date } => {
                self.number(register, number.number, *date, None)
            }
            Event::Registered { register, row } => {
                let today = Date::in_vietnam(now);
                let number = row.number;
                self.number(register, number, today, Some(&RegisterRow::Incoming(row.clone())))
            }
            Event::DeliveryQueued { message, recipient } => {
                self.queue(message, &recipient.organ, KIND_DOCUMENT)?;
                delivery::insert(self.connection, organ, &self.after.id, message, recipient, now)
            }
            Event::StatusQueued { message, to, .. } => self.queue(message, to, KIND_STATUS),
            Event::DeliveryAccepted { message, .. } => {
                delivery::set_transport(self.connection, organ, message, "accepted", now)
            }
            Event::DeliveryFailed { message, .. } => {
                delivery::set_transport(self.connection, organ, message, "failed", now)
            }
            Event::StatusRecorded { message, reported } => {
                delivery::insert_status(self.connection, organ, message, reported, now)
            }
            Event::Created { .. }
            | Event::Edited { .. }
            | Event::Frozen { .. }
            | Event::LeaderSigned { .. }
            | Event::Returned { .. }
            | Event::Cancelled { .. }
            | Event::SealRecorded { .. }
            | Event::Issued { .. }
            | Event::Dispatched { .. }
            | Event::StatusIgnored { .. }
            | Event::Received { .. }
            | Event::DoubtRecorded { .. }
            | Event::Rejected { .. } => Ok(()),
        }
    }

    /// Takes the number the event names and writes its line.
    fn number(
        &self,
        key: &RegisterKey,
        number: u32,
        date: Date,
        row: Option<&RegisterRow>,
    ) -> Result<(), StoreError> {
        if &key.organ != self.step.organ {
            return Err(StoreError::conflict("register", "it is another organisation's"));
        }
        register::take_number(self.connection, key, number, date)?;
        register::insert_entry(self.connection, key, number, &self.after.id, row, self.step.now)
    }

    /// Puts a message into the outbox.
    fn queue(
        &self,
        message: &MessageId,
        destination: &OrganId,
        kind: &'static str,
    ) -> Result<(), StoreError> {
        let body = self.bodies.iter().find(|(id, _)| id == message).map(|(_, body)| *body);
        let body = body
            .ok_or_else(|| StoreError::conflict("message", format!("{message} is queued without a body")))?;
        let (organ, dossier, now) = (self.step.organ, &self.after.id, self.step.now);
        let row = NewMessage { message, destination, kind, body, due_at: now };
        message::insert_outbox(self.connection, organ, dossier, &row, now)?;
        dossier::note_blob(self.connection, organ, dossier, &body.to_hex(), now)
    }

    /// Columns 8 to 10 of a register are filled in as deliveries go out and come back.
    fn register_row(&self) -> Result<(), StoreError> {
        let outgoing = self.after.outgoing().and_then(|outgoing| outgoing.row.clone());
        let incoming = self.after.incoming().and_then(|incoming| incoming.row.clone());
        let row = outgoing.map(RegisterRow::Outgoing).or(incoming.map(RegisterRow::Incoming));
        match row {
            Some(row) => {
                register::update_entry(self.connection, self.step.organ, &self.after.id, &row, self.step.now)
            }
            None => Ok(()),
        }
    }
}
