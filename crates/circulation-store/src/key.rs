//! Private keys as the server encrypted them, or the addresses of those in tokens. The PIN that opens one
//! never comes here.

use std::fmt;

use circulation::date::Instant;
use circulation::id::Sha256Hex;
use circulation::organ::OrganId;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::error::StoreError;
use crate::sql::{instant, parsed};
use crate::store::Store;

/// A stored private key and the certificates above its own.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// The organisation that keeps it.
    pub organ: OrganId,
    /// Id of the key.
    pub key: String,
    /// The certificate it belongs to, already in the record of certificates.
    pub certificate: Sha256Hex,
    /// The encrypted private key, or the `pkcs11:` address of one in a token.
    pub protected: Vec<u8>,
    /// DER certificates of the issuers, nearest first.
    pub issuers: Vec<Vec<u8>>,
    /// When it was stored.
    pub created_at: Instant,
}

/// Encrypted or not, key bytes have no place in a log.
impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("organ", &self.organ)
            .field("key", &self.key)
            .field("certificate", &self.certificate)
            .finish_non_exhaustive()
    }
}

const COLUMNS: &str = "organ, signing_key, certificate, protected, created_at";

fn read(row: &Row<'_>) -> rusqlite::Result<SigningKey> {
    Ok(SigningKey {
        organ: parsed(row, 0)?,
        key: row.get(1)?,
        certificate: parsed(row, 2)?,
        protected: row.get(3)?,
        issuers: Vec::new(),
        created_at: instant(row, 4)?,
    })
}

fn issuers(connection: &Connection, key: &SigningKey) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT der FROM signing_key_issuer WHERE organ = ?1 AND signing_key = ?2
         ORDER BY position",
    )?;
    let issuers =
        statement.query_map([key.organ.as_str(), &key.key], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(issuers)
}

impl Store {
    /// Stores a new key; its certificate must be recorded already.
    pub fn add_key(&self, key: &SigningKey) -> Result<(), StoreError> {
        self.database.write(|transaction| {
            transaction
                .prepare_cached(&format!("INSERT INTO signing_key ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5)"))?
                .execute(params![
                    key.organ.as_str(),
                    key.key,
                    key.certificate.as_str(),
                    key.protected,
                    key.created_at.0,
                ])?;
            let mut statement = transaction.prepare_cached(
                "INSERT INTO signing_key_issuer (organ, signing_key, position, der)
                 VALUES (?1, ?2, ?3, ?4)",
            )?;
            for (position, der) in (0_i64..).zip(&key.issuers) {
                statement.execute(params![key.organ.as_str(), key.key, position, der])?;
            }
            Ok(())
        })
    }

    /// One key of `organ`.
    pub fn key(&self, organ: &OrganId, key: &str) -> Result<SigningKey, StoreError> {
        self.database.read(|transaction| {
            let mut found = transaction
                .prepare_cached(&format!(
                    "SELECT {COLUMNS} FROM signing_key WHERE organ = ?1 AND signing_key = ?2"
                ))?
                .query_row([organ.as_str(), key], read)
                .optional()?
                .ok_or_else(|| StoreError::not_found("key", key))?;
            found.issuers = issuers(transaction, &found)?;
            Ok(found)
        })
    }

    /// All keys of `organ`, in order of id.
    pub fn keys(&self, organ: &OrganId) -> Result<Vec<SigningKey>, StoreError> {
        self.database.read(|transaction| {
            let mut statement = transaction.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM signing_key WHERE organ = ?1 ORDER BY signing_key"
            ))?;
            let mut keys = statement.query_map([organ.as_str()], read)?.collect::<Result<Vec<_>, _>>()?;
            for key in &mut keys {
                key.issuers = issuers(transaction, key)?;
            }
            Ok(keys)
        })
    }
}
