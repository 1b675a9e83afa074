//! API keys: made once, shown once, known afterwards by their hash.

use super::failure::Failure;
use crate::{
    auth,
    secret::{self, Secret},
    state::State,
};
use circulation::{date::Instant, id::PersonId, organ::OrganId, person::Role};
use circulation_store::{ApiKey, Hash, Store};
use serde::{Deserialize, Serialize};

/// For whom a key is made.
#[derive(Debug, Deserialize)]
#[serde(tag = "for", rename_all = "snake_case", deny_unknown_fields)]
pub enum NewApiKey {
    /// Another administrator.
    Admin,
    /// A person, with some or all of their roles.
    Person {
        /// The person.
        person: PersonId,
        /// What the key may be used for; all roles of the person if absent.
        #[serde(default)]
        roles: Option<Vec<Role>>,
    },
    /// A partner organisation, to deliver messages to us.
    Peer {
        /// The partner.
        organisation: OrganId,
    },
}

/// A key just made.
#[derive(Debug, Serialize)]
pub struct MadeApiKey {
    /// Id, to take it back.
    pub id: String,
    /// The key. Never shown again.
    pub api_key: Secret,
}

/// A key as shown later.
#[derive(Debug, Serialize)]
pub struct ApiKeyView {
    /// Id.
    pub id: String,
    /// Role words.
    pub role: String,
    /// The person or partner.
    pub subject: Option<String>,
    /// When it was made.
    pub created_at: Instant,
    /// When it was taken back.
    pub revoked_at: Option<Instant>,
}

/// Makes a key.
///
/// # Errors
/// `not_found` for a person who is not there.
pub async fn add(state: &State, organ: OrganId, new: NewApiKey) -> Result<MadeApiKey, Failure> {
    let now = state.now();
    state
        .store(move |store| {
            let (role, subject) = match new {
                NewApiKey::Admin => ("admin".to_owned(), None),
                NewApiKey::Peer { organisation } => (auth::PEER.to_owned(), Some(organisation.to_string())),
                NewApiKey::Person { person, roles } => {
                    let known = store.person(&organ, &person)?;
                    let roles = roles.unwrap_or_else(|| known.roles.clone());
                    if let Some(other) = roles.iter().find(|role| !known.roles.contains(role)) {
                        let detail = format!("the person is not {}", other.name_en());
                        return Err(Failure::unusable("role_missing", detail));
                    }
                    (auth::write_roles(&roles), Some(person.to_string()))
                }
            };
            make(store, organ, role, subject, now)
        })
        .await
}

/// Makes a key for an administrator: also the first one of a new organisation.
///
/// # Errors
/// From the store.
pub fn make_admin(store: &Store, organ: OrganId, now: Instant) -> Result<MadeApiKey, Failure> {
    make(store, organ, "admin".to_owned(), None, now)
}

fn make(
    store: &Store,
    organ: OrganId,
    role: String,
    subject: Option<String>,
    now: Instant,
) -> Result<MadeApiKey, Failure> {
    let api_key = secret::new_api_key().map_err(Failure::internal)?;
    let hash = Hash::from_hex(&secret::api_key_hash(api_key.expose()));
    let id = uuid::Uuid::now_v7().to_string();
    store.add_api_key(&ApiKey {
        organ,
        api_key: id.clone(),
        hash: hash.ok_or_else(|| Failure::internal("a digest of our own is not hex"))?,
        role,
        subject,
        created_at: now,
        expires_at: None,
        revoked_at: None,
    })?;
    Ok(MadeApiKey { id, api_key })
}

/// All keys of the organisation.
///
/// # Errors
/// From the store.
pub async fn list(state: &State, organ: OrganId) -> Result<Vec<ApiKeyView>, Failure> {
    let view = |key: ApiKey| ApiKeyView {
        id: key.api_key,
        role: key.role,
        subject: key.subject,
        created_at: key.created_at,
        revoked_at: key.revoked_at,
    };
    state.store(move |store| Ok(store.api_keys(&organ)?.into_iter().map(view).collect())).await
}

/// Takes a key back.
///
/// # Errors
/// `not_found`.
pub async fn revoke(state: &State, organ: OrganId, id: String) -> Result<(), Failure> {
    let now = state.now();
    state.store(move |store| Ok(store.revoke_api_key(&organ, &id, now)?)).await
}
