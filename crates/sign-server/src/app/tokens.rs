//! Keys that stay in tokens and HSMs (PKCS#11): which modules the operator allows, and opening a key.
//!
//! A module is code that runs inside the server, so its path is the operator's decision; a caller may
//! only choose among those. The PIN comes with each command and is not kept here.

use super::failure::Failure;
use sign_core::crypto::DigestAlgorithm;
use sign_core::crypto::key::Pin;
use sign_io::pkcs11::{KeyUri, Opening, Pkcs11Key, TokenError, Tries};
use std::path::{Path, PathBuf};

/// The allowed modules.
#[derive(Debug, Clone)]
pub struct Tokens {
    modules: Vec<PathBuf>,
}

impl Tokens {
    /// With the modules of the configuration.
    pub fn new(modules: Vec<PathBuf>) -> Self {
        Self { modules }
    }

    /// Reads the address of a key. Without a module in it, the only allowed one is meant.
    ///
    /// # Errors
    /// `bad_key_uri`, `module_not_given`, `module_not_allowed`.
    pub fn address(&self, text: &str) -> Result<KeyUri, Failure> {
        let mut uri = KeyUri::parse(text)?;
        if uri.pin_source.is_some() {
            // It would have the server read a file of the caller's choice.
            return Err(TokenError::BadUri { reason: "pin-source is not for a server".to_owned() }.into());
        }
        match (&uri.module_path, self.modules.as_slice()) {
            (Some(path), _) if self.allows(path) => {}
            (Some(path), _) => return Err(TokenError::ModuleNotAllowed { path: path.clone() }.into()),
            (None, [only]) => uri.module_path = Some(only.clone()),
            (None, _) => return Err(TokenError::ModuleNotGiven.into()),
        }
        Ok(uri)
    }

    /// By the file it is, not by its spelling.
    fn allows(&self, path: &Path) -> bool {
        let Ok(asked) = path.canonicalize() else { return false };
        self.modules.iter().any(|module| module.canonicalize().is_ok_and(|allowed| allowed == asked))
    }

    /// Opens a key; the PIN is tried once, and not if a wrong one would lock the token.
    ///
    /// # Errors
    /// What the token says.
    pub fn open(
        &self,
        uri: &KeyUri,
        pin: &Pin,
        digest: Option<DigestAlgorithm>,
        certificates: &[Vec<u8>],
    ) -> Result<Pkcs11Key, TokenError> {
        let (pin, tries) = (Some(pin), Tries::AllButLast);
        Pkcs11Key::open(uri, &Opening { pin, digest, tries, certificates, ..Opening::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_operators_modules_are_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let (allowed, other) = (folder.path().join("allowed.so"), folder.path().join("other.so"));
        std::fs::write(&allowed, "").unwrap();
        std::fs::write(&other, "").unwrap();
        let code = |modules: &[&PathBuf], uri: String| {
            let tokens = Tokens::new(modules.iter().map(|path| (*path).clone()).collect());
            tokens.address(&uri).map_err(|failure| failure.code)
        };
        let with = |path: &Path| format!("pkcs11:token=a?module-path={}", path.display());
        let roundabout = folder.path().join(".").join("allowed.so");
        assert!(code(&[&allowed], with(&roundabout)).is_ok(), "the same file");
        assert_eq!(code(&[&allowed], "pkcs11:".to_owned()).unwrap().module_path, Some(allowed.clone()));
        for (modules, uri, expected) in [
            (&[&allowed][..], with(&other), "module_not_allowed"),
            (&[], with(&allowed), "module_not_allowed"),
            (&[&allowed], with(&folder.path().join("none.so")), "module_not_allowed"),
            (&[&allowed, &other], "pkcs11:token=a".to_owned(), "module_not_given"),
            (&[&allowed], format!("{}&pin-source=/etc/passwd", with(&allowed)), "bad_key_uri"),
            (&[&allowed], "http://a".to_owned(), "bad_key_uri"),
        ] {
            assert_eq!(code(modules, uri.clone()), Err(expected.to_owned()), "{uri}");
        }
    }
}
