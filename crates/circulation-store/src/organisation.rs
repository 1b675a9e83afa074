//! Organisations this store keeps books for, and the directory of each.

use std::fmt;

use circulation::date::Instant;
use circulation::organ::{OrganId, Organisation};
use rusqlite::{OptionalExtension, Row, params};

use crate::error::StoreError;
use crate::sql::{from_json, instant, parsed, to_json};
use crate::store::Store;

/// An entry of an organisation's directory.
#[derive(Clone, PartialEq, Eq)]
pub struct Partner {
    /// Whose directory it is in.
    pub organ: OrganId,
    /// The organisation that can be written to.
    pub organisation: Organisation,
    /// What we show there to be let in, as the server sealed it; opaque here.
    pub credential: Option<Vec<u8>>,
    /// When the entry was last written.
    pub updated_at: Instant,
}

/// Sealed or not, a credential has no place in a log.
impl fmt::Debug for Partner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Partner")
            .field("organ", &self.organ)
            .field("organisation", &self.organisation)
            .finish_non_exhaustive()
    }
}

const COLUMNS: &str = "organ, body, credential, updated_at";

/// A row of `partner`, its body still text.
type PartnerRow = (OrganId, String, Option<Vec<u8>>, Instant);

fn read(row: &Row<'_>) -> rusqlite::Result<PartnerRow> {
    Ok((parsed(row, 0)?, row.get(1)?, row.get(2)?, instant(row, 3)?))
}

fn partner((organ, body, credential, updated_at): PartnerRow) -> Result<Partner, StoreError> {
    Ok(Partner { organ, organisation: from_json("partner", &body)?, credential, updated_at })
}

impl Store {
    /// Stores an organisation, or its new description.
    pub fn put_organisation(&self, body: &Organisation, now: Instant) -> Result<(), StoreError> {
        let text = to_json("organisation", body)?;
        self.database.write(|transaction| {
            transaction
                .prepare_cached(
                    "INSERT INTO organisation (organ, body, created_at) VALUES (?1, ?2, ?3)
                     ON CONFLICT (organ) DO UPDATE SET body = excluded.body",
                )?
                .execute(params![body.id.as_str(), text, now.0])?;
            Ok(())
        })
    }

    /// One organisation.
    pub fn organisation(&self, organ: &OrganId) -> Result<Organisation, StoreError> {
        self.database.read(|transaction| {
            let text: Option<String> = transaction
                .prepare_cached("SELECT body FROM organisation WHERE organ = ?1")?
                .query_row([organ.as_str()], |row| row.get(0))
                .optional()?;
            let text = text.ok_or_else(|| StoreError::not_found("organisation", organ.as_str()))?;
            from_json("organisation", &text)
        })
    }

    /// All organisations of this store, in order of id. For the operator, not for a tenant.
    pub fn organisations(&self) -> Result<Vec<Organisation>, StoreError> {
        self.database.read(|transaction| {
            let mut statement = transaction.prepare_cached("SELECT body FROM organisation ORDER BY organ")?;
            let texts = statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
            texts.iter().map(|text| from_json("organisation", text)).collect()
        })
    }

    /// Writes an entry of a directory.
    pub fn put_partner(&self, partner: &Partner) -> Result<(), StoreError> {
        let body = to_json("partner", &partner.organisation)?;
        self.database.write(|transaction| {
            transaction
                .prepare_cached(
                    "INSERT INTO partner (organ, partner, body, credential, updated_at)
                     VALUES (?1, ?2, ?3, ?4, ?5)
                     ON CONFLICT (organ, partner) DO UPDATE SET
                         body = excluded.body, credential = excluded.credential,
                         updated_at = excluded.updated_at",
                )?
                .execute(params![
                    partner.organ.as_str(),
                    partner.organisation.id.as_str(),
                    body,
                    partner.credential,
                    partner.updated_at.0,
                ])?;
            Ok(())
        })
    }

    /// One entry of the directory of `organ`.
    pub fn partner(&self, organ: &OrganId, id: &OrganId) -> Result<Partner, StoreError> {
        self.database.read(|transaction| {
            let found = transaction
                .prepare_cached(&format!("SELECT {COLUMNS} FROM partner WHERE organ = ?1 AND partner = ?2"))?
                .query_row([organ.as_str(), id.as_str()], read)
                .optional()?;
            partner(found.ok_or_else(|| StoreError::not_found("partner", id.as_str()))?)
        })
    }

    /// The directory of `organ`, in order of id.
    pub fn partners(&self, organ: &OrganId) -> Result<Vec<Partner>, StoreError> {
        self.database.read(|transaction| {
            let mut statement = transaction.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM partner WHERE organ = ?1 ORDER BY partner"
            ))?;
            let found = statement.query_map([organ.as_str()], read)?.collect::<Result<Vec<_>, _>>()?;
            found.into_iter().map(partner).collect()
        })
    }
}
