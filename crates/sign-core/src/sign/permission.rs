//! What an encrypted document lets those do who opened it with its user password (ISO 32000-2 table 22).

use super::SignError;
use crate::pdf::{Document, OpenedAs};

/// What is about to be done to a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// Fill in or sign fields that exist.
    FillFields,
    /// Make fields.
    CreateFields,
}

/// The owner may do everything; the user what `/P` says.
pub(super) fn check_permission(document: &Document<'_>, change: Change) -> Result<(), SignError> {
    let Some(encryption) = document.encryption() else { return Ok(()) };
    let permissions = encryption.permissions;
    let (allowed, needs) = match change {
        Change::FillFields => (permissions.may_fill_fields(), "fill in form fields (bit 6 or 9)"),
        Change::CreateFields => (permissions.may_create_fields(), "make form fields (bits 4 and 6)"),
    };
    if allowed || encryption.opened_as == OpenedAs::Owner {
        return Ok(());
    }
    Err(SignError::NotPermitted { needs })
}
