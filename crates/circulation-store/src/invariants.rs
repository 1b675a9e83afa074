//! A checker that reads nothing but the final tables and blobs, never the program's own counters.
//!
//! | | holds |
//! |---|---|
//! | I1 | every acknowledged change exists |
//! | I2 | every event is there once, in order |
//! | I3 | numbers of a sequence are 1..n, each with one document and one line |
//! | I4 | every message that is done is in the recipient's inbox once, with the same body |
//! | I5 | the receipt kept is the receipt given |
//! | I6 | the audit chain is whole and has a leaf for every event |
//! | I8 | a dossier is what its events make of it, through legal states |
//! | I10 | every blob a row names is there and undamaged |
//!
//! An empty answer after an experiment means that nothing was lost, doubled, skipped or altered.

use std::collections::BTreeMap;

use circulation::id::DossierId;
use circulation::organ::OrganId;
use circulation::workflow::apply;
use circulation::workflow::event::Event;
use circulation::workflow::state::Dossier;
use rusqlite::{Connection, OptionalExtension, params};

use crate::digest::Hash;
use crate::error::StoreError;
use crate::sql::{from_json, parsed};
use crate::store::Store;

/// Something that must never be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which invariant: `I1` to `I10`, as above.
    pub invariant: &'static str,
    /// What was found.
    pub detail: String,
}

/// A change that somebody was told had happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledged {
    /// Whose dossier.
    pub organ: OrganId,
    /// Which one.
    pub dossier: DossierId,
    /// The version the answer named.
    pub version: u64,
}

type Found = Vec<Violation>;

fn say(found: &mut Found, invariant: &'static str, detail: impl Into<String>) {
    found.push(Violation { invariant, detail: detail.into() });
}

impl Store {
    /// Checks I1 for what was `acknowledged`, and of the store by itself I2 and I8 (every dossier is
    /// what its events make of it, each event once), I3 (numbers are 1..n, each with its document),
    /// I6 (the audit chain) and I10 (no row without its blob).
    pub fn check_invariants(&self, acknowledged: &[Acknowledged]) -> Result<Vec<Violation>, StoreError> {
        let mut found = Found::new();
        let blobs = self.database.read(|transaction| {
            check_acknowledged(transaction, acknowledged, &mut found)?;
            let numbers = check_dossiers(transaction, &mut found)?;
            check_registers(transaction, &numbers, &mut found)?;
            named_blobs(transaction)
        })?;
        for broken in self.verify_audit(None)? {
            say(&mut found, "I6", format!("leaf {}: {}", broken.sequence, broken.detail));
        }
        for hash in blobs {
            if let Err(error) = self.blobs().check(hash) {
                say(&mut found, "I10", error.to_string());
            }
        }
        Ok(found)
    }

    /// Checks I4 and I5 between this store as sender and `receiver`: every message that is done is
    /// in the inbox of an organisation kept there, once, with the same body, and the receipt that
    /// came back is the one stored there.
    pub fn check_deliveries_to(&self, receiver: &Self) -> Result<Vec<Violation>, StoreError> {
        let sent = self.database.read(|transaction| sent(transaction))?;
        let mut found = Found::new();
        receiver.database.read(|transaction| {
            for message in &sent {
                check_delivered(transaction, message, &mut found)?;
            }
            Ok(())
        })?;
        Ok(found)
    }
}

fn check_acknowledged(
    connection: &Connection,
    acknowledged: &[Acknowledged],
    found: &mut Found,
) -> Result<(), StoreError> {
    for claim in acknowledged {
        let stored = crate::dossier::load(connection, &claim.organ, &claim.dossier)?;
        let version = stored.map_or(0, |dossier| dossier.version);
        if version < claim.version {
            let Acknowledged { dossier, version: told, .. } = claim;
            say(found, "I1", format!("{dossier} is at {version}, acknowledged was {told}"));
        }
    }
    Ok(())
}

/// Numbers as the events gave them: by sequence (organ, year, book, sequence), number → dossier.
type Numbers = BTreeMap<(String, i32, String, String), BTreeMap<u32, Vec<String>>>;

fn check_dossiers(connection: &Connection, found: &mut Found) -> Result<Numbers, StoreError> {
    let mut numbers = Numbers::new();
    let mut statement =
        connection.prepare("SELECT organ, dossier, body FROM dossier ORDER BY organ, dossier")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (organ, id): (OrganId, DossierId) = (parsed(row, 0)?, parsed(row, 1)?);
        let stored: Dossier = from_json("dossier", &row.get::<_, String>(2)?)?;
        let mut replayed = Dossier::new(id.clone(), organ.clone());
        for (expected, (sequence, event)) in (1_i64..).zip(events(connection, &organ, &id)?) {
            if sequence != expected {
                say(found, "I2", format!("{id}: event {expected} is numbered {sequence}"));
            }
            note_number(&mut numbers, &id, &event);
            if let Err(broken) = apply(&mut replayed, &event) {
                say(found, "I8", format!("{id}: {broken}"));
                break;
            }
        }
        if replayed != stored {
            say(found, "I8", format!("{id} is not what its events make of it"));
        }
    }
    Ok(numbers)
}

fn events(
    connection: &Connection,
    organ: &OrganId,
    dossier: &DossierId,
) -> Result<Vec<(i64, Event)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT sequence, body FROM event WHERE organ = ?1 AND dossier = ?2 ORDER BY sequence",
    )?;
    let texts = statement
        .query_map([organ.as_str(), dossier.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<Vec<(i64, String)>, _>>()?;
    texts.into_iter().map(|(sequence, text)| Ok((sequence, from_json("event", &text)?))).collect()
}

fn note_number(numbers: &mut Numbers, dossier: &DossierId, event: &Event) {
    let (key, number) = match event {
        Event::NumberAssigned { register, number, .. } => (register, number.number),
        Event::Registered { register, row } => (register, row.number),
        _ => return,
    };
    let key = (key.organ.as_str().to_owned(), key.year, key.kind.as_str().to_owned(), key.sequence.clone());
    numbers.entry(key).or_default().entry(number).or_default().push(dossier.to_string());
}

/// Compares the numbers of the events with the counters and the lines of the books.
fn check_registers(connection: &Connection, numbers: &Numbers, found: &mut Found) -> Result<(), StoreError> {
    let mut counters = BTreeMap::new();
    let mut statement =
        connection.prepare("SELECT organ, year, register, sequence, last_number FROM register")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let key = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        counters.insert(key, row.get::<_, u32>(4)?);
    }
    for (key, given) in numbers {
        let last = counters.remove(key).unwrap_or(0);
        if !given.keys().copied().eq(1..=last) {
            say(found, "I3", format!("{key:?}: numbers are not 1..{last}"));
        }
        for (number, dossiers) in given {
            let (organ, year, register, sequence) = key;
            let line: Option<String> = connection
                .prepare_cached(
                    "SELECT dossier FROM register_entry WHERE organ = ?1 AND year = ?2
                     AND register = ?3 AND sequence = ?4 AND number = ?5",
                )?
                .query_row(params![organ, year, register, sequence, number], |row| row.get(0))
                .optional()?;
            if dossiers.len() != 1 || line.as_ref() != dossiers.first() {
                say(found, "I3", format!("{key:?}: {number} is {line:?} in the book, {dossiers:?}"));
            }
        }
    }
    for (key, last) in counters {
        if last != 0 {
            say(found, "I3", format!("{key:?}: counts to {last} without documents"));
        }
    }
    Ok(())
}

fn named_blobs(connection: &Connection) -> Result<Vec<Hash>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT hash FROM dossier_blob UNION SELECT body_hash FROM outbox
         UNION SELECT body_hash FROM inbox",
    )?;
    let hashes = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(hashes)
}

struct Sent {
    organ: String,
    message_id: String,
    destination: String,
    body: Hash,
    receipt: Option<Vec<u8>>,
}

fn sent(connection: &Connection) -> Result<Vec<Sent>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT o.organ, o.message_id, o.destination, o.body_hash, r.body
         FROM outbox o LEFT JOIN receipt r
              ON r.organ = o.organ AND r.message_id = o.message_id
         WHERE o.state = 'done'",
    )?;
    let sent = statement
        .query_map([], |row| {
            Ok(Sent {
                organ: row.get(0)?,
                message_id: row.get(1)?,
                destination: row.get(2)?,
                body: row.get(3)?,
                receipt: row.get(4)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(sent)
}

fn check_delivered(connection: &Connection, sent: &Sent, found: &mut Found) -> Result<(), StoreError> {
    let kept_here = connection
        .prepare_cached("SELECT 1 FROM organisation WHERE organ = ?1")?
        .exists([&sent.destination])?;
    if !kept_here {
        return Ok(());
    }
    let Sent { organ, message_id, destination, body, receipt } = sent;
    let arrived: Option<(String, Hash, Vec<u8>)> = connection
        .prepare_cached("SELECT sender, body_hash, receipt FROM inbox WHERE organ = ?1 AND message_id = ?2")?
        .query_row([destination, message_id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    match arrived {
        None => say(found, "I4", format!("{message_id} is done but not with {destination}")),
        Some((sender, hash, _)) if &sender != organ || &hash != body => {
            say(found, "I4", format!("{message_id} differs at {destination}"));
        }
        Some((_, _, stored)) if receipt.as_ref().is_some_and(|receipt| *receipt != stored) => {
            say(found, "I5", format!("{message_id} has another receipt at {destination}"));
        }
        Some(_) => {}
    }
    Ok(())
}
