//! People of an organisation.

use circulation::date::Instant;
use circulation::id::PersonId;
use circulation::organ::OrganId;
use circulation::person::Person;
use rusqlite::{OptionalExtension, params};

use crate::error::StoreError;
use crate::sql::{from_json, to_json};
use crate::store::Store;

impl Store {
    /// Stores a person of an organisation, or the person's new description.
    pub fn put_person(&self, body: &Person, now: Instant) -> Result<(), StoreError> {
        let text = to_json("person", body)?;
        self.database.write(|transaction| {
            transaction
                .prepare_cached(
                    "INSERT INTO person (organ, person, body, created_at) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT (organ, person) DO UPDATE SET body = excluded.body",
                )?
                .execute(params![body.organisation.as_str(), body.id.as_str(), text, now.0])?;
            Ok(())
        })
    }

    /// One person of `organ`.
    pub fn person(&self, organ: &OrganId, person: &PersonId) -> Result<Person, StoreError> {
        self.database.read(|transaction| {
            let text: Option<String> = transaction
                .prepare_cached("SELECT body FROM person WHERE organ = ?1 AND person = ?2")?
                .query_row([organ.as_str(), person.as_str()], |row| row.get(0))
                .optional()?;
            let text = text.ok_or_else(|| StoreError::not_found("person", person.as_str()))?;
            from_json("person", &text)
        })
    }

    /// All people of `organ`, in order of id.
    pub fn people(&self, organ: &OrganId) -> Result<Vec<Person>, StoreError> {
        self.database.read(|transaction| {
            let mut statement =
                transaction.prepare_cached("SELECT body FROM person WHERE organ = ?1 ORDER BY person")?;
            let texts = statement
                .query_map([organ.as_str()], |row| row.get(0))?
                .collect::<Result<Vec<String>, _>>()?;
            texts.iter().map(|text| from_json("person", text)).collect()
        })
    }
}
