//! Where circulation keeps its books: the only crate that knows SQL and blobs.
//!
//! One struct, [`Store`], with a verb for each thing the server does; every verb is one transaction
//! and every table is keyed by the owning organisation first. What may happen is decided in
//! `circulation`; here it is written down whole or not at all. No clock is read: the caller brings
//! the time. Nothing external is called inside a transaction.
//!
//! | file | keeps |
//! |---|---|
//! | `organisation`, `person`, `certificate` | who takes part, whose key is whose |
//! | `key`, `api_key` | encrypted private keys; hashes of API keys |
//! | `dossier`, `register` | documents with their events; the books and their numbers |
//! | `execute` | the one transaction of a command |
//! | `message`, `receipt`, `delivery` | outbox, inbox, receipts, deliveries and their statuses |
//! | `prepared` | signatures that wait for a value made elsewhere |
//! | `idempotency`, `audit` | answers already given; the chain of what happened |
//! | `blob` | the bytes of files, under their SHA-256 |
//! | `invariants` | a checker that reads nothing but the final tables |
//! | `database`, `migration`, `sql` | connections, schema steps, columns |
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing))]

mod api_key;
mod audit;
mod blob;
mod certificate;
mod database;
mod delivery;
mod digest;
mod dossier;
mod error;
mod execute;
mod idempotency;
mod invariants;
mod key;
mod message;
mod migration;
mod organisation;
mod person;
mod prepared;
mod receipt;
mod register;
mod sql;
mod store;

pub use api_key::ApiKey;
pub use audit::{AuditBreak, AuditLeaf, Checkpoint};
pub use blob::{Blobs, Stored};
pub use delivery::DeliveryRow;
pub use digest::Hash;
pub use dossier::{DossierPage, DossierSummary, StoredEvent};
pub use error::StoreError;
pub use execute::{Books, Committed, Decision, ExecuteError, KIND_DOCUMENT, KIND_STATUS, Once, Step, Target};
pub use idempotency::{Answer, RequestKey};
pub use invariants::{Acknowledged, Violation};
pub use key::SigningKey;
pub use message::{Accepted, InboxMessage, IncomingMessage, OutboxCount, OutboxMessage, OutboxRow};
pub use organisation::Partner;
pub use prepared::PreparedSignature;
pub use register::{RegisterEntry, RegisterPage};
pub use store::{Health, Store};
