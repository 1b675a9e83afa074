//! The store itself: a directory with one database and one tree of blobs.

use std::fs;
use std::path::Path;

use crate::blob::Blobs;
use crate::database::Database;
use crate::error::StoreError;
use crate::migration;

/// All books of the organisations of one server. Shared between threads; every verb blocks its
/// thread for one short transaction.
#[derive(Debug)]
pub struct Store {
    pub(crate) database: Database,
    blobs: Blobs,
}

/// What [`Store::health`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    /// Version of the database schema.
    pub schema: i64,
}

impl Store {
    /// Opens the store in `directory`, creating what is missing and bringing an older schema up to
    /// date.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        fs::create_dir_all(directory)?;
        Ok(Self {
            database: Database::open(&directory.join("store.db"))?,
            blobs: Blobs::open(&directory.join("blobs"))?,
        })
    }

    /// The bytes of files. A blob is stored before the row that names it.
    #[must_use]
    pub fn blobs(&self) -> &Blobs {
        &self.blobs
    }

    /// Whether the database answers and the blobs can be written.
    pub fn health(&self) -> Result<Health, StoreError> {
        self.blobs.writable()?;
        self.database.read(|transaction| Ok(Health { schema: migration::version(transaction)? }))
    }
}
