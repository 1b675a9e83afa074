//! Organisations this server keeps books for: begun by the operator at the machine itself, because
//! before the first administrator there is nobody to ask over the network.

use super::api_keys::{self, MadeApiKey};
use crate::{config::Config, state::State};
use circulation::{
    date::Date,
    organ::{Contact, OrganId, Organisation},
};
use circulation_store::StoreError;
use std::path::Path;

/// An organisation as the operator describes it.
#[derive(Debug, Clone)]
pub struct NewOffice {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its abbreviation in notations.
    pub symbol: String,
    /// Place of issue.
    pub place: String,
}

/// Begins the books in this data directory and makes the first administrator's key. Books that exist
/// stay as they are; the key is a new one then too.
///
/// # Errors
/// If the code is not one, or the data directory cannot be used.
pub fn begin(data: &Path, new: NewOffice) -> anyhow::Result<MadeApiKey> {
    let state = State::open(Config::new(data))?;
    let id: OrganId = new.code.parse()?;
    let now = state.now();
    let made = state.store_blocking(|store| {
        match store.organisation(&id) {
            Ok(_) => {}
            Err(StoreError::NotFound { .. }) => store.put_organisation(&described(&id, new, now), now)?,
            Err(error) => return Err(error.into()),
        }
        api_keys::make_admin(store, id, now)
    });
    made.map_err(|failure| anyhow::anyhow!("{}: {}", failure.code, failure.detail))
}

fn described(id: &OrganId, new: NewOffice, now: circulation::date::Instant) -> Organisation {
    Organisation {
        id: id.clone(),
        name: new.name,
        symbol: new.symbol,
        place: new.place,
        parent: None,
        valid_from: Date::in_vietnam(now),
        valid_to: None,
        exchange_url: None,
        contact: Contact::default(),
    }
}
