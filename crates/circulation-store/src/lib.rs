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
//! | `idempotency`, `audit` | answers already given; the chain of what happened |
//! | `blob` | the bytes of files, under their SHA-256 |
//! | `invariants` | a checker that reads nothing but the final tables |
//! | `database`, `migration`, `sql` | connections, schema steps, columns |
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing))]

mod blob;
mod digest;
mod error;

pub use blob::{Blobs, Stored};
pub use digest::Hash;
pub use error::StoreError;
