//! Who is asking: the API key of the request, whom it speaks for and what it may do.

use crate::{
    app::failure::{Failure, Kind},
    secret,
    state::Shared,
};
use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use circulation::{
    id::PersonId,
    organ::OrganId,
    person::{Actor, Person, Role},
};
use circulation_store::{ApiKey, Hash};

/// The role word of a key that a partner organisation delivers messages with.
pub const PEER: &str = "peer";

/// The asker, as the request's API key says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The organisation whose books the key opens.
    pub organ: OrganId,
    /// Id of the key.
    pub key: String,
    /// For whom it speaks.
    pub subject: Subject,
}

/// For whom an API key speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// Whoever administers the organisation's place on this server.
    Administrator,
    /// A person, with the roles that both the person and the key have.
    Person {
        /// The person.
        person: Box<Person>,
        /// What this key may be used for.
        roles: Vec<Role>,
    },
    /// A partner organisation, which may deliver messages and nothing else.
    Peer(OrganId),
}

impl Caller {
    /// The caller as the workflow sees it.
    ///
    /// # Errors
    /// `role_missing` for peers.
    pub fn actor(&self) -> Result<Actor, Failure> {
        match &self.subject {
            Subject::Person { person, roles } => {
                let mut actor = Actor::of(person);
                actor.roles.retain(|role| roles.contains(role));
                Ok(actor)
            }
            Subject::Administrator => Ok(Actor {
                organisation: self.organ.clone(),
                person: None,
                name: "admin".to_owned(),
                roles: vec![Role::Admin],
                system: false,
            }),
            Subject::Peer(_) => Err(missing("a person of this organisation")),
        }
    }

    /// The person, with an organisation's key only persons hold.
    ///
    /// # Errors
    /// `role_missing` for administrators' and peers' keys.
    pub fn person(&self) -> Result<&Person, Failure> {
        match &self.subject {
            Subject::Person { person, .. } => Ok(person),
            _ => Err(missing("a person")),
        }
    }

    /// Refuses everybody but members of the organisation.
    ///
    /// # Errors
    /// `role_missing` for peers.
    pub fn require_member(&self) -> Result<(), Failure> {
        self.actor().map(|_| ())
    }

    /// Refuses everybody but the administrator.
    ///
    /// # Errors
    /// `role_missing`.
    pub fn require_admin(&self) -> Result<(), Failure> {
        if self.actor()?.has(Role::Admin) { Ok(()) } else { Err(missing("admin")) }
    }

    /// The partner organisation this key was given to.
    ///
    /// # Errors
    /// `role_missing` for everybody else.
    pub fn peer(&self) -> Result<&OrganId, Failure> {
        match &self.subject {
            Subject::Peer(organ) => Ok(organ),
            _ => Err(missing(PEER)),
        }
    }
}

fn missing(role: &str) -> Failure {
    Failure::forbidden("role_missing", format!("needed: {role}"))
}

impl FromRequestParts<Shared> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &Shared) -> Result<Self, Failure> {
        // The layer that looks for repeats has asked already.
        if let Some(caller) = parts.extensions.get::<Self>() {
            return Ok(caller.clone());
        }
        let header = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(bearer).ok_or_else(unknown)?;
        let hash = Hash::from_hex(&secret::api_key_hash(token)).ok_or_else(unknown)?;
        let now = state.now();
        let caller = state.store(move |store| {
            let key = store.api_key_by_hash(hash, now)?.ok_or_else(unknown)?;
            // The index found it; this makes sure without telling by time how much was right.
            if !secret::same(&key.hash.to_hex(), &hash.to_hex()) {
                return Err(unknown());
            }
            of(store, key)
        });
        let caller = caller.await?;
        parts.extensions.insert(caller.clone());
        Ok(caller)
    }
}

fn unknown() -> Failure {
    Failure::new(Kind::NotSignedIn, "unauthenticated", "")
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn of(store: &circulation_store::Store, key: ApiKey) -> Result<Caller, Failure> {
    let subject = match (key.role.as_str(), key.subject) {
        ("admin", None) => Subject::Administrator,
        (PEER, Some(organ)) => Subject::Peer(organ.parse().map_err(|_| unknown())?),
        (roles, Some(id)) => {
            let id: PersonId = id.parse().map_err(|_| unknown())?;
            let person = store.person(&key.organ, &id)?;
            if !person.active {
                return Err(unknown());
            }
            Subject::Person { person: Box::new(person), roles: read_roles(roles) }
        }
        _ => return Err(unknown()),
    };
    Ok(Caller { organ: key.organ, key: key.api_key, subject })
}

/// Roles as a key keeps them: words with commas between.
pub fn write_roles(roles: &[Role]) -> String {
    roles.iter().map(|role| role_word(*role)).collect::<Vec<_>>().join(",")
}

fn read_roles(text: &str) -> Vec<Role> {
    let known = [Role::Drafter, Role::Leader, Role::Clerk, Role::Admin];
    known.into_iter().filter(|role| text.split(',').any(|word| word == role_word(*role))).collect()
}

fn role_word(role: Role) -> &'static str {
    match role {
        Role::Drafter => "drafter",
        Role::Leader => "leader",
        Role::Clerk => "clerk",
        Role::Admin => "admin",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_of_a_key_survive_storing() {
        let roles = [Role::Leader, Role::Admin];
        assert_eq!(read_roles(&write_roles(&roles)), roles);
        assert!(read_roles("peer").is_empty());
    }

    #[test]
    fn only_bearer_tokens_are_read() {
        assert_eq!(bearer("Bearer sk_a"), Some("sk_a"));
        assert_eq!(bearer("bearer  sk_a "), Some("sk_a"));
        assert_eq!(bearer("Basic sk_a"), None);
        assert_eq!(bearer("Bearer"), None);
    }
}
