//! Connections: one writer behind a lock, a few readers beside it.
//!
//! SQLite in WAL mode lets readers go on while the one writer commits; `synchronous=FULL` makes a
//! commit durable before it is acknowledged (invariant I1).

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::error::StoreError;
use crate::migration;

/// How long a writer waits for another process before [`StoreError::Busy`].
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Readers kept open between queries; more are opened under load and closed afterwards.
const IDLE_READERS: usize = 8;

/// Statements kept prepared on each connection: more than all verbs together have.
const PREPARED: usize = 128;

#[derive(Debug)]
pub(crate) struct Database {
    path: PathBuf,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
}

impl Database {
    /// Opens (and creates) the database file and brings its schema up to date.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let mut writer = Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE
                | OpenFlags::SQLITE_OPEN_CREATE
                | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        prepare(&writer)?;
        writer.pragma_update(None, "journal_mode", "WAL")?;
        migration::run(&mut writer)?;
        Ok(Self { path: path.to_owned(), writer: Mutex::new(writer), readers: Mutex::new(Vec::new()) })
    }

    /// Runs `work` in one transaction that takes the write lock at once. Whatever `Err` or panic
    /// comes out of `work`, nothing of it stays.
    pub(crate) fn write<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut writer = lock(&self.writer);
        let transaction =
            writer.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::from)?;
        let result = work(&transaction)?;
        transaction.commit().map_err(StoreError::from)?;
        Ok(result)
    }

    /// Runs `work` on one unchanging picture of the database.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let idle = lock(&self.readers).pop();
        let mut reader = match idle {
            Some(reader) => reader,
            None => self.open_reader()?,
        };
        let transaction = reader.transaction()?;
        let result = work(&transaction);
        drop(transaction);
        let mut idle = lock(&self.readers);
        if idle.len() < IDLE_READERS {
            idle.push(reader);
        }
        result
    }

    fn open_reader(&self) -> Result<Connection, StoreError> {
        let reader = Connection::open_with_flags(
            &self.path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        prepare(&reader)?;
        // Not opened read-only: in WAL mode a reader may have to create the shared-memory file.
        reader.pragma_update(None, "query_only", true)?;
        Ok(reader)
    }
}

fn prepare(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.set_prepared_statement_cache_capacity(PREPARED);
    Ok(())
}

/// A panic in a verb rolls its transaction back, so the connection behind a poisoned lock is sound.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_are_durable_and_references_are_held() {
        let directory = tempfile::tempdir().unwrap();
        let database = Database::open(&directory.path().join("store.db")).unwrap();
        let writer = database.writer.lock().unwrap();
        let pragma =
            |name: &str| writer.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0));
        assert_eq!(pragma("journal_mode").unwrap(), "wal".to_owned().into());
        assert_eq!(pragma("synchronous").unwrap(), 2.into());
        assert_eq!(pragma("foreign_keys").unwrap(), 1.into());
    }

    #[test]
    fn a_reader_cannot_write() {
        let directory = tempfile::tempdir().unwrap();
        let database = Database::open(&directory.path().join("store.db")).unwrap();
        let result = database.read(|transaction| {
            transaction.execute("DELETE FROM schema_version", [])?;
            Ok(())
        });
        assert_eq!(result.unwrap_err().code(), "database");
    }

    #[test]
    fn a_full_disk_leaves_nothing_of_a_transaction() {
        let directory = tempfile::tempdir().unwrap();
        let database = Database::open(&directory.path().join("store.db")).unwrap();
        let fill = |rows: i64| {
            database.write(|transaction| {
                for row in 0..rows {
                    let body = "x".repeat(4000);
                    transaction.execute(
                        "INSERT INTO organisation (organ, body, created_at) VALUES (?1, ?2, 0)",
                        rusqlite::params![row.to_string(), body],
                    )?;
                }
                Ok::<_, StoreError>(())
            })
        };
        let limit = |pages: i64| {
            let writer = database.writer.lock().unwrap();
            writer.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).unwrap();
        };
        limit(100);
        assert_eq!(fill(200).unwrap_err().code(), "disk_full");
        limit(10_000);
        fill(200).unwrap();
    }

    #[test]
    fn what_was_committed_is_there_after_a_crash() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("store.db");
        let database = Database::open(&path).unwrap();
        let add = |organ: &str| {
            database.write(|transaction| {
                transaction.execute(
                    "INSERT INTO organisation (organ, body, created_at) VALUES (?1, '{}', 0)",
                    [organ],
                )?;
                if organ == "half" { Err(StoreError::Busy) } else { Ok(()) }
            })
        };
        add("whole").unwrap();
        add("half").unwrap_err();
        // The files as a crash would leave them: copied while the connection is open, so that
        // nothing is checkpointed or tidied up.
        let copy = tempfile::tempdir().unwrap();
        for name in ["store.db", "store.db-wal"] {
            std::fs::copy(directory.path().join(name), copy.path().join(name)).unwrap();
        }
        let database = Database::open(&copy.path().join("store.db")).unwrap();
        let organs: Vec<String> = database
            .read(|transaction| {
                let mut statement = transaction.prepare("SELECT organ FROM organisation")?;
                Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
            })
            .unwrap();
        assert_eq!(organs, ["whole"]);
    }
}
