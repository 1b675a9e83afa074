//! People, their roles, and who is acting.

use serde::{Deserialize, Serialize};

use crate::id::PersonId;
use crate::organ::OrganId;

/// What a person may do in an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Writes documents (chuyên viên; NĐ 30/2020 Điều 10).
    Drafter,
    /// Signs with authority (người có thẩm quyền; Điều 13).
    Leader,
    /// Numbers, seals, issues, receives and registers (văn thư; Điều 14, 20–24, 32).
    Clerk,
    /// Keeps organisations, people and certificates; may do nothing to documents.
    Admin,
}

impl Role {
    /// Its name in Vietnamese.
    pub fn name_vi(self) -> &'static str {
        match self {
            Self::Drafter => "chuyên viên soạn thảo",
            Self::Leader => "lãnh đạo có thẩm quyền ký",
            Self::Clerk => "văn thư",
            Self::Admin => "quản trị",
        }
    }

    /// Its name in English.
    pub fn name_en(self) -> &'static str {
        match self {
            Self::Drafter => "drafter",
            Self::Leader => "leader",
            Self::Clerk => "clerk",
            Self::Admin => "administrator",
        }
    }
}

/// A person of an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Identifier.
    pub id: PersonId,
    /// The organisation the person works for.
    pub organisation: OrganId,
    /// Full name, without titles (ô 7b of Phụ lục I).
    pub full_name: String,
    /// Position (chức vụ).
    #[serde(default)]
    pub title: Option<String>,
    /// E-mail.
    #[serde(default)]
    pub email: Option<String>,
    /// Unit inside the organisation.
    #[serde(default)]
    pub unit: Option<String>,
    /// What the person may do.
    pub roles: Vec<Role>,
    /// False once the person has left.
    pub active: bool,
}

/// Who gives a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The organisation on whose behalf.
    pub organisation: OrganId,
    /// The person; none for the system itself and for a program's key.
    #[serde(default)]
    pub person: Option<PersonId>,
    /// Name to write in registers and timelines.
    pub name: String,
    /// What the actor may do.
    pub roles: Vec<Role>,
    /// True for the system's own steps: a message arrived, a status came back.
    #[serde(default)]
    pub system: bool,
}

impl Actor {
    /// The system acting for `organisation`.
    pub fn system(organisation: OrganId) -> Self {
        Self { organisation, person: None, name: "system".to_owned(), roles: Vec::new(), system: true }
    }

    /// The person acting with all roles that he or she has.
    pub fn of(person: &Person) -> Self {
        Self {
            organisation: person.organisation.clone(),
            person: Some(person.id.clone()),
            name: person.full_name.clone(),
            roles: if person.active { person.roles.clone() } else { Vec::new() },
            system: false,
        }
    }

    /// Whether the actor has `role`.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}
