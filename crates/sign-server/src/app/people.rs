//! People of an organisation and what they may do.

use super::failure::Failure;
use crate::state::State;
use circulation::{
    id::PersonId,
    organ::OrganId,
    person::{Person, Role},
};
use serde::Deserialize;

/// A person as an administrator describes one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPerson {
    /// Full name as it stands under a signature.
    pub full_name: String,
    /// Position.
    #[serde(default)]
    pub title: Option<String>,
    /// E-mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// Unit.
    #[serde(default)]
    pub unit: Option<String>,
    /// What they may do.
    pub roles: Vec<Role>,
}

/// Adds a person.
///
/// # Errors
/// From the store.
pub async fn add(state: &State, organ: OrganId, new: NewPerson) -> Result<Person, Failure> {
    let name = new.full_name.trim();
    if name.is_empty() || name.chars().count() > 200 {
        return Err(Failure::malformed("full_name must have 1 to 200 characters"));
    }
    let id: PersonId = uuid::Uuid::now_v7().to_string().parse().map_err(Failure::internal)?;
    let person = Person {
        id,
        organisation: organ,
        full_name: name.to_owned(),
        title: new.title,
        email: new.email,
        unit: new.unit,
        roles: new.roles,
        active: true,
    };
    let now = state.now();
    state
        .store(move |store| {
            store.put_person(&person, now)?;
            Ok(person)
        })
        .await
}

/// Everybody.
///
/// # Errors
/// From the store.
pub async fn list(state: &State, organ: OrganId) -> Result<Vec<Person>, Failure> {
    state.store(move |store| Ok(store.people(&organ)?)).await
}
