//! What can go wrong below the verbs of the store, in values a caller can act on.
//!
//! No words for people are made here: the server maps [`StoreError::code`] to a problem and a hint.

use std::io;

/// A failure of the store. Refusals of the domain are not here: they travel in
/// [`ExecuteError::Refused`](crate::ExecuteError).
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The organisation owns nothing of that kind under that id. Said of another organisation's
    /// rows too, so that an id cannot be probed.
    #[error("no {what} {id}")]
    NotFound {
        /// Kind of the thing, as its table is called.
        what: &'static str,
        /// The id asked for.
        id: String,
    },
    /// What is stored contradicts what was asked: another body under the same id, a number already
    /// used, a status already recorded.
    #[error("{what} conflicts: {detail}")]
    Conflict {
        /// Kind of the thing, as its table is called.
        what: &'static str,
        /// What contradicts what.
        detail: String,
    },
    /// Another writer held the database longer than the busy timeout; trying again may work.
    #[error("the database is busy")]
    Busy,
    /// Stored bytes are not what they were when they were written.
    #[error("stored {what} is damaged: {detail}")]
    Corrupt {
        /// What is damaged.
        what: &'static str,
        /// How it shows.
        detail: String,
    },
    /// No space is left for the database or the blobs; nothing was written.
    #[error("no space left on the device")]
    DiskFull,
    /// A blob is longer than the caller allows.
    #[error("blob is longer than {limit} bytes")]
    TooLarge {
        /// The greatest length allowed, in bytes.
        limit: u64,
    },
    /// The database was written by a newer program than this one.
    #[error("database schema {found} is newer than this program's {known}")]
    TooNew {
        /// Version found in the database.
        found: i64,
        /// Newest version this program knows.
        known: i64,
    },
    /// The operating system refused a file operation.
    #[error("file operation failed")]
    Io(#[source] io::Error),
    /// The database engine refused a statement for a reason not named above.
    #[error("database operation failed")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// A stable word for the kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "not_found",
            Self::Conflict { .. } => "conflict",
            Self::Busy => "busy",
            Self::Corrupt { .. } => "corrupt",
            Self::DiskFull => "disk_full",
            Self::TooLarge { .. } => "too_large",
            Self::TooNew { .. } => "schema_too_new",
            Self::Io(_) => "io",
            Self::Database(_) => "database",
        }
    }

    pub(crate) fn not_found(what: &'static str, id: impl Into<String>) -> Self {
        Self::NotFound { what, id: id.into() }
    }

    pub(crate) fn conflict(what: &'static str, detail: impl Into<String>) -> Self {
        Self::Conflict { what, detail: detail.into() }
    }

    pub(crate) fn corrupt(what: &'static str, detail: impl ToString) -> Self {
        Self::Corrupt { what, detail: detail.to_string() }
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Io(error),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::corrupt("database", error),
            // The schema is the second lock behind every check made in code.
            Some(ErrorCode::ConstraintViolation) => Self::conflict("row", error.to_string()),
            _ => Self::Database(Box::new(error)),
        }
    }
}
