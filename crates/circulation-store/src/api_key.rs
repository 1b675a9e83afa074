//! API keys, known only by the hash of the secret.

use circulation::date::Instant;
use circulation::organ::OrganId;
use rusqlite::{OptionalExtension, Row, params};

use crate::digest::Hash;
use crate::error::StoreError;
use crate::sql::{instant, instant_opt, parsed};
use crate::store::Store;

/// An API key as stored. The secret itself was shown once, when it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// The organisation it belongs to; a request made with it sees nothing else.
    pub organ: OrganId,
    /// Id of the key.
    pub api_key: String,
    /// SHA-256 of the secret, which has 256 random bits, so a slow hash would protect nothing more.
    pub hash: Hash,
    /// What its bearer may do; the words are the server's.
    pub role: String,
    /// The person, or the partner organisation, it speaks for.
    pub subject: Option<String>,
    /// When it was made.
    pub created_at: Instant,
    /// When it stops working.
    pub expires_at: Option<Instant>,
    /// When it was taken back.
    pub revoked_at: Option<Instant>,
}

const COLUMNS: &str = "organ, api_key, hash, role, subject, created_at, expires_at, revoked_at";

fn read(row: &Row<'_>) -> rusqlite::Result<ApiKey> {
    Ok(ApiKey {
        organ: parsed(row, 0)?,
        api_key: row.get(1)?,
        hash: row.get(2)?,
        role: row.get(3)?,
        subject: row.get(4)?,
        created_at: instant(row, 5)?,
        expires_at: instant_opt(row, 6)?,
        revoked_at: instant_opt(row, 7)?,
    })
}

impl Store {
    /// Stores a new key.
    pub fn add_api_key(&self, key: &ApiKey) -> Result<(), StoreError> {
        self.database.write(|transaction| {
            transaction
                .prepare_cached(&format!(
                    "INSERT INTO api_key ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
                ))?
                .execute(params![
                    key.organ.as_str(),
                    key.api_key,
                    key.hash,
                    key.role,
                    key.subject,
                    key.created_at.0,
                    key.expires_at.map(|at| at.0),
                    key.revoked_at.map(|at| at.0),
                ])?;
            Ok(())
        })
    }

    /// The key whose secret has this hash, if it works at `now`. The one query that does not start
    /// from an organisation: it is how a request finds its own.
    pub fn api_key_by_hash(&self, hash: Hash, now: Instant) -> Result<Option<ApiKey>, StoreError> {
        self.database.read(|transaction| {
            let key = transaction
                .prepare_cached(&format!("SELECT {COLUMNS} FROM api_key WHERE hash = ?1"))?
                .query_row([hash], read)
                .optional()?;
            Ok(key.filter(|key| key.revoked_at.is_none() && key.expires_at.is_none_or(|end| now < end)))
        })
    }

    /// All keys of an organisation, also those that no longer work, in order of id.
    pub fn api_keys(&self, organ: &OrganId) -> Result<Vec<ApiKey>, StoreError> {
        self.database.read(|transaction| {
            let mut statement = transaction.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM api_key WHERE organ = ?1 ORDER BY api_key"
            ))?;
            let keys = statement.query_map([organ.as_str()], read)?.collect::<Result<_, _>>()?;
            Ok(keys)
        })
    }

    /// Takes a key back at `now`; doing it again keeps the first time.
    pub fn revoke_api_key(&self, organ: &OrganId, api_key: &str, now: Instant) -> Result<(), StoreError> {
        self.database.write(|transaction| {
            let changed = transaction
                .prepare_cached(
                    "UPDATE api_key SET revoked_at = COALESCE(revoked_at, ?3)
                     WHERE organ = ?1 AND api_key = ?2",
                )?
                .execute(params![organ.as_str(), api_key, now.0])?;
            if changed == 0 {
                return Err(StoreError::not_found("api_key", api_key));
            }
            Ok(())
        })
    }
}
