//! The audit chain: one leaf for every event, each holding the hash of the one before.
//!
//! `hash = SHA-256(previous hash || body)`. A row changed, removed or put in later breaks the chain
//! at its place; cutting the end off is seen by whoever kept an earlier [`Checkpoint`].

use circulation::date::Instant;
use circulation::organ::OrganId;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use crate::digest::Hash;
use crate::error::StoreError;
use crate::sql::{from_json, to_json};
use crate::store::Store;

/// How long the chain is and what it ends in. Kept elsewhere, it proves later that nothing before
/// it was touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// Number of leaves.
    pub size: i64,
    /// Hash of the last leaf; [`Hash::ZERO`] if there is none.
    pub hash: Hash,
}

/// What a leaf says. The fields stand in alphabetical order and serde writes them without spaces:
/// that is the canonical form that is hashed.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Leaf {
    pub(crate) actor: String,
    pub(crate) at: i64,
    pub(crate) dossier: String,
    /// SHA-256 of the stored event.
    pub(crate) event: String,
    pub(crate) kind: String,
    pub(crate) organ: String,
    pub(crate) sequence: i64,
}

/// Where the chain is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditBreak {
    /// The leaf, counted from 1.
    pub sequence: i64,
    /// What is wrong there.
    pub detail: String,
}

/// Adds a leaf to the end of the chain.
pub(crate) fn append(connection: &Connection, leaf: &Leaf) -> Result<(), StoreError> {
    let body = to_json("audit", leaf)?;
    // The row lock of the head orders writers where there are several.
    let (sequence, previous): (i64, Hash) = connection
        .prepare_cached("UPDATE audit_head SET size = size + 1 WHERE chain = 'store' RETURNING size, hash")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let hash = Hash::of_parts(&[previous.as_bytes(), body.as_bytes()]);
    connection
        .prepare_cached(
            "INSERT INTO audit (organ, sequence, body, previous, hash)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![leaf.organ, sequence, body, previous, hash])?;
    connection.prepare_cached("UPDATE audit_head SET hash = ?1 WHERE chain = 'store'")?.execute([hash])?;
    Ok(())
}

fn head(connection: &Connection) -> Result<Checkpoint, StoreError> {
    let head = connection
        .prepare_cached("SELECT size, hash FROM audit_head WHERE chain = 'store'")?
        .query_row([], |row| Ok(Checkpoint { size: row.get(0)?, hash: row.get(1)? }))?;
    Ok(head)
}

impl Store {
    /// The present end of the chain.
    pub fn audit_checkpoint(&self) -> Result<Checkpoint, StoreError> {
        self.database.read(|transaction| head(transaction))
    }

    /// Reads the whole chain and says where it is broken, if anywhere: leaves out of line, events
    /// that are not what their leaf says, events without a leaf, an end that does not reach
    /// `earlier`.
    pub fn verify_audit(&self, earlier: Option<Checkpoint>) -> Result<Vec<AuditBreak>, StoreError> {
        self.database.read(|transaction| {
            let mut check = Check { at: Checkpoint { size: 0, hash: Hash::ZERO }, found: vec![] };
            let mut statement = transaction
                .prepare("SELECT sequence, organ, body, previous, hash FROM audit ORDER BY sequence")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let row = StoredLeaf {
                    sequence: row.get(0)?,
                    organ: row.get(1)?,
                    body: row.get(2)?,
                    previous: row.get(3)?,
                    hash: row.get(4)?,
                };
                check.leaf(transaction, &row, earlier)?;
            }
            check.end(transaction, earlier)?;
            Ok(check.found)
        })
    }

    /// The leaves of `organ` after leaf `after`, oldest first, at most `count`, as stored.
    pub fn audit_leaves(
        &self,
        organ: &OrganId,
        after: i64,
        count: u32,
    ) -> Result<Vec<AuditLeaf>, StoreError> {
        self.database.read(|transaction| {
            let mut statement = transaction.prepare_cached(
                "SELECT sequence, body, previous, hash FROM audit
                 WHERE organ = ?1 AND sequence > ?2 ORDER BY sequence LIMIT ?3",
            )?;
            let leaves = statement
                .query_map(params![organ.as_str(), after, count], |row| {
                    Ok(AuditLeaf {
                        sequence: row.get(0)?,
                        body: row.get(1)?,
                        previous: row.get(2)?,
                        hash: row.get(3)?,
                    })
                })?
                .collect::<Result<_, _>>()?;
            Ok(leaves)
        })
    }
}

/// A leaf as stored: `hash` is SHA-256 of the 32 bytes of `previous` followed by `body`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLeaf {
    /// Its place in the chain, counted from 1.
    pub sequence: i64,
    /// What it says, in JSON.
    pub body: String,
    /// Hash of the leaf before.
    pub previous: Hash,
    /// Its own hash.
    pub hash: Hash,
}

struct StoredLeaf {
    sequence: i64,
    organ: String,
    body: String,
    previous: Hash,
    hash: Hash,
}

/// The walk along the chain.
struct Check {
    at: Checkpoint,
    found: Vec<AuditBreak>,
}

impl Check {
    fn say(&mut self, sequence: i64, detail: impl Into<String>) {
        self.found.push(AuditBreak { sequence, detail: detail.into() });
    }

    fn leaf(
        &mut self,
        connection: &Connection,
        row: &StoredLeaf,
        earlier: Option<Checkpoint>,
    ) -> Result<(), StoreError> {
        let expected = self.at.size + 1;
        if row.sequence != expected {
            self.say(expected, format!("the next leaf is {}", row.sequence));
        }
        if row.previous != self.at.hash {
            self.say(row.sequence, "does not follow the leaf before");
        }
        if Hash::of_parts(&[row.previous.as_bytes(), row.body.as_bytes()]) != row.hash {
            self.say(row.sequence, "body does not have the hash of the leaf");
        }
        match from_json::<Leaf>("audit", &row.body) {
            Ok(leaf) if leaf.organ != row.organ => self.say(row.sequence, "organ was changed"),
            Ok(leaf) => self.event(connection, row.sequence, &leaf)?,
            Err(_) => self.say(row.sequence, "body cannot be read"),
        }
        self.at = Checkpoint { size: row.sequence, hash: row.hash };
        if let Some(earlier) = earlier
            && earlier.size == row.sequence
            && earlier.hash != row.hash
        {
            self.say(row.sequence, "is not the leaf of the earlier checkpoint");
        }
        Ok(())
    }

    fn event(&mut self, connection: &Connection, sequence: i64, leaf: &Leaf) -> Result<(), StoreError> {
        let stored: Option<(String, String, i64, String)> = connection
            .prepare_cached(
                "SELECT body, kind, at, actor FROM event
                 WHERE organ = ?1 AND dossier = ?2 AND sequence = ?3",
            )?
            .query_row(params![leaf.organ, leaf.dossier, leaf.sequence], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })
            .optional()?;
        match stored {
            None => self.say(sequence, "its event is missing"),
            Some((body, kind, at, actor))
                if Hash::of(body.as_bytes()).to_hex() != leaf.event
                    || kind != leaf.kind
                    || at != leaf.at
                    || actor != leaf.actor =>
            {
                self.say(sequence, "its event was changed");
            }
            Some(_) => {}
        }
        Ok(())
    }

    fn end(&mut self, connection: &Connection, earlier: Option<Checkpoint>) -> Result<(), StoreError> {
        let head = head(connection)?;
        if head != self.at {
            self.say(self.at.size, format!("the chain ends here, its head says {}", head.size));
        }
        if let Some(earlier) = earlier
            && earlier.size > self.at.size
        {
            self.say(self.at.size, format!("{} leaves were there before", earlier.size));
        }
        let events: i64 = connection.query_row("SELECT COUNT(*) FROM event", [], |row| row.get(0))?;
        let leaves: i64 = connection.query_row("SELECT COUNT(*) FROM audit", [], |row| row.get(0))?;
        if events != leaves {
            self.say(self.at.size, format!("{events} events have {leaves} leaves"));
        }
        Ok(())
    }
}

/// Makes the leaf of one event.
pub(crate) fn leaf(
    organ: &str,
    dossier: &str,
    sequence: i64,
    at: Instant,
    kind: &str,
    actor: &str,
    event: &str,
) -> Leaf {
    Leaf {
        actor: actor.to_owned(),
        at: at.0,
        dossier: dossier.to_owned(),
        event: Hash::of(event.as_bytes()).to_hex(),
        kind: kind.to_owned(),
        organ: organ.to_owned(),
        sequence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORGAN: &str = "H40.01";

    /// A chain of five leaves, each with its event.
    fn chain() -> (tempfile::TempDir, Store) {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).unwrap();
        store
            .database
            .write(|transaction| {
                transaction.execute(
                    "INSERT INTO organisation (organ, body, created_at) VALUES (?1, '{}', 0)",
                    [ORGAN],
                )?;
                transaction.execute(
                    "INSERT INTO dossier (organ, dossier, direction, state, version, subject, body,
                                          created_at, updated_at)
                     VALUES (?1, 'd', 'outgoing', 'draft', 5, '', '{}', 0, 0)",
                    [ORGAN],
                )?;
                for sequence in 1..=5 {
                    let body = format!("event {sequence}");
                    transaction.execute(
                        "INSERT INTO event (organ, dossier, sequence, at, kind, actor, body)
                         VALUES (?1, 'd', ?2, 7, 'kind', 'clerk', ?3)",
                        params![ORGAN, sequence, body],
                    )?;
                    let leaf = leaf(ORGAN, "d", sequence, Instant(7), "kind", "clerk", &body);
                    append(transaction, &leaf)?;
                }
                Ok::<_, StoreError>(())
            })
            .unwrap();
        (directory, store)
    }

    fn tampered(sql: &str, kept: impl FnOnce(Checkpoint) -> Option<Checkpoint>) -> Vec<i64> {
        let (_directory, store) = chain();
        let kept = kept(store.audit_checkpoint().unwrap());
        store.database.write(|transaction| transaction.execute_batch(sql).map_err(StoreError::from)).unwrap();
        store.verify_audit(kept).unwrap().into_iter().map(|found| found.sequence).collect()
    }

    #[test]
    fn an_untouched_chain_is_whole() {
        assert_eq!(tampered("", Some), Vec::<i64>::new());
    }

    #[test]
    fn every_change_is_named_where_it_was_made() {
        let changes = [
            ("an event rewritten", "UPDATE event SET body = 'x' WHERE sequence = 3"),
            ("an event redated", "UPDATE event SET at = 8 WHERE sequence = 3"),
            ("an event laid on another", "UPDATE event SET actor = 'x' WHERE sequence = 3"),
            ("a leaf rewritten", "UPDATE audit SET body = '{}' WHERE sequence = 3"),
            ("a leaf moved", "UPDATE audit SET organ = 'H40.02' WHERE sequence = 3"),
            ("a leaf removed", "DELETE FROM audit WHERE sequence = 3"),
        ];
        for (name, sql) in changes {
            assert_eq!(tampered(sql, |_| None).first(), Some(&3), "{name}");
        }
    }

    #[test]
    fn an_event_removed_with_its_leaf_is_missed() {
        let both = "DELETE FROM event WHERE sequence = 3; DELETE FROM audit WHERE sequence = 3";
        assert_eq!(tampered(both, |_| None).first(), Some(&3));
    }

    #[test]
    fn an_event_slipped_in_has_no_leaf() {
        let sql = "INSERT INTO event (organ, dossier, sequence, at, kind, actor, body)
                   VALUES ('H40.01', 'd', 6, 7, 'kind', 'clerk', 'x')";
        assert_eq!(tampered(sql, |_| None), [5]);
    }

    #[test]
    fn an_end_cut_off_cleanly_is_seen_with_an_earlier_checkpoint_only() {
        let cut = "DELETE FROM event WHERE sequence = 5; DELETE FROM audit WHERE sequence = 5;
                   UPDATE audit_head SET size = 4,
                       hash = (SELECT hash FROM audit WHERE sequence = 4)";
        assert_eq!(tampered(cut, |_| None), Vec::<i64>::new());
        assert_eq!(tampered(cut, Some), [4]);
    }
}
