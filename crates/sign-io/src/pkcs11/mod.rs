//! Keys in USB tokens and HSMs (PKCS#11): found by a `pkcs11:` address, never leaving the token.
//!
//! A PIN is tried once a call and never again by itself; sessions are pooled, so that several threads
//! sign with one login. Everything goes through the module that the user or the operator names; this
//! is the only place that names the cryptoki crate.

mod error;
mod key;
mod list;
mod mechanism;
mod module;
mod token;
mod uri;

pub use error::TokenError;
pub use key::{Opening, Pkcs11Key};
pub use list::{ListedObject, ListedToken, Listing, ObjectKind, PinState, list};
pub use token::Tries;
pub use uri::KeyUri;
