//! The record of certificates of an organisation, with the certificates themselves.

use circulation::certificate::{CertificateRecord, Holder};
use circulation::date::Instant;
use circulation::id::Sha256Hex;
use circulation::organ::OrganId;
use rusqlite::{OptionalExtension, params};

use crate::digest::Hash;
use crate::error::StoreError;
use crate::sql::{from_json, to_json};
use crate::store::Store;

impl Store {
    /// Stores a record with its DER certificate, or the record's new state.
    ///
    /// Fails with [`StoreError::Conflict`] if `der` is not the certificate the record names.
    pub fn put_certificate(
        &self,
        record: &CertificateRecord,
        der: &[u8],
        now: Instant,
    ) -> Result<(), StoreError> {
        if Hash::of(der).to_hex() != record.sha256.as_str() {
            return Err(StoreError::conflict("certificate", "its bytes have another SHA-256"));
        }
        let person = match &record.holder {
            Holder::Person { person } => Some(person.as_str()),
            Holder::Organisation { .. } => None,
        };
        let text = to_json("certificate", record)?;
        self.database.write(|transaction| {
            transaction
                .prepare_cached(
                    "INSERT INTO certificate (organ, sha256, person, body, der, created_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                     ON CONFLICT (organ, sha256) DO UPDATE SET
                         person = excluded.person, body = excluded.body",
                )?
                .execute(params![
                    record.organisation.as_str(),
                    record.sha256.as_str(),
                    person,
                    text,
                    der,
                    now.0,
                ])?;
            Ok(())
        })
    }

    /// The record of one certificate of `organ`.
    pub fn certificate(&self, organ: &OrganId, sha256: &Sha256Hex) -> Result<CertificateRecord, StoreError> {
        self.find_certificate(organ, sha256)?
            .ok_or_else(|| StoreError::not_found("certificate", sha256.as_str()))
    }

    /// The record of a certificate of `organ`, if it was registered there.
    pub fn find_certificate(
        &self,
        organ: &OrganId,
        sha256: &Sha256Hex,
    ) -> Result<Option<CertificateRecord>, StoreError> {
        self.database.read(|transaction| {
            let text: Option<String> = transaction
                .prepare_cached("SELECT body FROM certificate WHERE organ = ?1 AND sha256 = ?2")?
                .query_row([organ.as_str(), sha256.as_str()], |row| row.get(0))
                .optional()?;
            text.map(|text| from_json("certificate", &text)).transpose()
        })
    }

    /// The DER of one certificate of `organ`.
    pub fn certificate_der(&self, organ: &OrganId, sha256: &Sha256Hex) -> Result<Vec<u8>, StoreError> {
        self.database.read(|transaction| {
            transaction
                .prepare_cached("SELECT der FROM certificate WHERE organ = ?1 AND sha256 = ?2")?
                .query_row([organ.as_str(), sha256.as_str()], |row| row.get(0))
                .optional()?
                .ok_or_else(|| StoreError::not_found("certificate", sha256.as_str()))
        })
    }

    /// All certificate records of `organ`, in order of their hash.
    pub fn certificates(&self, organ: &OrganId) -> Result<Vec<CertificateRecord>, StoreError> {
        self.database.read(|transaction| {
            let mut statement = transaction
                .prepare_cached("SELECT body FROM certificate WHERE organ = ?1 ORDER BY sha256")?;
            let texts = statement
                .query_map([organ.as_str()], |row| row.get(0))?
                .collect::<Result<Vec<String>, _>>()?;
            texts.iter().map(|text| from_json("certificate", text)).collect()
        })
    }
}
