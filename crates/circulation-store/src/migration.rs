//! Brings an older database up to the schema of this program.
//!
//! Steps are numbered files, applied in order, each in its own transaction. They only expand: a
//! column or table once shipped is never renamed or dropped, so that the previous version of the
//! program can run beside the new one during an upgrade.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use crate::error::StoreError;

/// Every step, in order; the number of a step is its place, counted from 1.
const STEPS: &[&str] =
    &[include_str!("migrations/0001_init.sql"), include_str!("migrations/0002_prepared_signature.sql")];

/// Applies the steps the database has not seen.
pub(crate) fn run(connection: &mut Connection) -> Result<(), StoreError> {
    apply(connection, STEPS)
}

fn apply(connection: &mut Connection, steps: &[&str]) -> Result<(), StoreError> {
    let known = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    connection
        .execute_batch("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL PRIMARY KEY)")?;
    for (number, step) in (1_i64..).zip(steps) {
        // The lock is taken before looking, so two programs started together apply a step once.
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found = version(&transaction)?;
        if found > known {
            return Err(StoreError::TooNew { found, known });
        }
        if found < number {
            transaction.execute_batch(step)?;
            transaction.execute("INSERT INTO schema_version (version) VALUES (?1)", [number])?;
            transaction.commit()?;
        }
    }
    Ok(())
}

/// The newest step applied; 0 for an empty database.
pub(crate) fn version(connection: &Connection) -> Result<i64, StoreError> {
    let version = connection
        .query_row("SELECT version FROM schema_version ORDER BY version DESC LIMIT 1", [], |row| row.get(0))
        .optional()?;
    Ok(version.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn applies_each_step_once_and_in_order() {
        let mut connection = Connection::open_in_memory().unwrap();
        let steps = ["CREATE TABLE a (x BIGINT)", "ALTER TABLE a ADD COLUMN y BIGINT"];
        apply(&mut connection, &steps[..1]).unwrap();
        apply(&mut connection, &steps).unwrap();
        apply(&mut connection, &steps).unwrap();
        assert_eq!(version(&connection).unwrap(), 2);
        connection.execute("INSERT INTO a (x, y) VALUES (1, 2)", []).unwrap();
    }

    #[test]
    fn a_step_that_fails_leaves_the_older_schema() {
        let mut connection = Connection::open_in_memory().unwrap();
        let steps = ["CREATE TABLE a (x BIGINT)", "CREATE TABLE b (x BIGINT); nonsense"];
        assert!(apply(&mut connection, &steps).is_err());
        assert_eq!(version(&connection).unwrap(), 1);
        assert!(connection.execute("INSERT INTO b (x) VALUES (1)", []).is_err());
    }

    #[test]
    fn refuses_a_database_of_a_newer_program() {
        let mut connection = Connection::open_in_memory().unwrap();
        run(&mut connection).unwrap();
        connection.execute("INSERT INTO schema_version (version) VALUES (9999)", []).unwrap();
        assert_eq!(run(&mut connection).unwrap_err().code(), "schema_too_new");
    }

    #[test]
    fn schema_keeps_to_types_both_engines_have() {
        for (number, step) in STEPS.iter().enumerate() {
            for word in ["AUTOINCREMENT", "INTEGER", "DATETIME", "WITHOUT ROWID", "STRICT", "PRAGMA"] {
                assert!(!step.contains(word), "step {number} uses {word}");
            }
        }
    }
}
