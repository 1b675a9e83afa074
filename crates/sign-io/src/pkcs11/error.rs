//! What can go wrong with a token, each with its own stable word.

use crate::keystore::KeystoreError;
use cryptoki::error::{Error, RvError};
use sign_core::crypto::key::KeyError;
use std::path::PathBuf;

/// A token, or a key in it, that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The key's address is not one we understand (RFC 7512).
    #[error("{reason}")]
    BadUri {
        /// What is wrong with it.
        reason: String,
    },
    /// Neither the address nor the caller says which module speaks to the token.
    #[error("the address has no module-path")]
    ModuleNotGiven,
    /// The operator has not allowed this module.
    #[error("{}", path.display())]
    ModuleNotAllowed {
        /// The module.
        path: PathBuf,
    },
    /// The module is missing, is no PKCS#11 library, or does not start.
    #[error("{}: {reason}", path.display())]
    ModuleUnloadable {
        /// The module.
        path: PathBuf,
        /// In the loader's or the module's words.
        reason: String,
    },
    /// No token fits the address.
    #[error("tokens present: {}", listed(present))]
    TokenNotFound {
        /// Labels of the tokens that are there.
        present: Vec<String>,
    },
    /// Several tokens fit the address.
    #[error("{}", listed(tokens))]
    AmbiguousToken {
        /// Label and serial number of each.
        tokens: Vec<String>,
    },
    /// The token, or the session with it, is gone.
    #[error("{during}")]
    TokenRemoved {
        /// What was being done.
        during: String,
    },
    /// The token asks for a PIN and none was given.
    #[error("the token asks for a PIN")]
    PinMissing,
    /// The token refused the PIN; it was tried once.
    #[error("{}", tries(*tries_left))]
    WrongPin {
        /// How often it may still be tried, where the token says so.
        tries_left: Option<u32>,
    },
    /// The token takes no PIN any more until it is unlocked.
    #[error("locked after wrong PINs")]
    PinLocked,
    /// Wrong PINs were given before; the PIN was not tried.
    #[error("{}", if *last { "one try is left before the token locks" } else { "a wrong PIN was given before" })]
    PinTriesLow {
        /// Whether the next wrong PIN locks the token.
        last: bool,
    },
    /// No private key of the token fits the address.
    #[error("no private key fits the address")]
    KeyNotFound,
    /// Several private keys fit the address.
    #[error("{}", listed(keys))]
    AmbiguousKey {
        /// Label and id of each.
        keys: Vec<String>,
    },
    /// The token holds no certificate for the key, and none was given.
    #[error("no certificate with id {id}")]
    NoCertificate {
        /// The key's CKA_ID.
        id: String,
    },
    /// The token cannot sign the way this key needs.
    #[error("{needed}")]
    MechanismMissing {
        /// The mechanisms of which one is needed.
        needed: String,
    },
    /// The key itself cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The PIN's file could not be read.
    #[error(transparent)]
    PinFile(#[from] KeystoreError),
    /// Anything else the token says.
    #[error("{reason}")]
    Failed {
        /// In the module's words.
        reason: String,
    },
}

impl TokenError {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadUri { .. } => "bad_key_uri",
            Self::ModuleNotGiven => "module_not_given",
            Self::ModuleNotAllowed { .. } => "module_not_allowed",
            Self::ModuleUnloadable { .. } => "module_unloadable",
            Self::TokenNotFound { .. } => "token_not_found",
            Self::AmbiguousToken { .. } => "ambiguous_token",
            Self::TokenRemoved { .. } => "token_removed",
            Self::PinMissing => "pin_missing",
            Self::WrongPin { .. } => "wrong_pin",
            Self::PinLocked => "pin_locked",
            Self::PinTriesLow { .. } => "pin_tries_low",
            Self::KeyNotFound => "key_not_found",
            Self::AmbiguousKey { .. } => "ambiguous_key",
            Self::NoCertificate { .. } => "no_token_certificate",
            Self::MechanismMissing { .. } => "mechanism_missing",
            Self::Key(error) => error.code(),
            Self::PinFile(error) => error.code(),
            Self::Failed { .. } => "signing_failed",
        }
    }

    pub(super) fn bad_uri(reason: impl Into<String>) -> Self {
        Self::BadUri { reason: reason.into() }
    }
}

fn listed(items: &[String]) -> String {
    if items.is_empty() { "none".to_owned() } else { items.join(", ") }
}

fn tries(left: Option<u32>) -> String {
    left.map_or_else(|| "tried once".to_owned(), |left| format!("tries left: {left}"))
}

/// What the module answered. PINs are dealt with where they are given.
impl From<Error> for TokenError {
    fn from(error: Error) -> Self {
        use RvError as R;
        let reason = error.to_string();
        match error {
            Error::Pkcs11(
                R::DeviceRemoved
                | R::TokenNotPresent
                | R::TokenNotRecognized
                | R::SessionClosed
                | R::SessionHandleInvalid
                | R::SlotIdInvalid
                | R::UserNotLoggedIn
                | R::KeyHandleInvalid
                | R::ObjectHandleInvalid,
                function,
            ) => Self::TokenRemoved { during: format!("{function}") },
            Error::Pkcs11(R::PinLocked, _) => Self::PinLocked,
            Error::Pkcs11(R::MechanismInvalid | R::MechanismParamInvalid, _) => {
                Self::MechanismMissing { needed: reason }
            }
            _ => Self::Failed { reason },
        }
    }
}

/// For [`sign_core::crypto::key::Signer`], which knows no tokens: the code goes along.
impl From<TokenError> for KeyError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Key(error) => error,
            other => Self::Device { code: other.code(), reason: other.to_string() },
        }
    }
}
