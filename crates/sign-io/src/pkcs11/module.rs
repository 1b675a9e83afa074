//! PKCS#11 libraries: loaded and started once for the process, never unloaded.
//!
//! Loading a library runs its code. Its path is chosen by whoever types the command or runs the
//! server, never by a document or a caller of the server.

use super::error::TokenError;
use super::token::Token;
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::slot::{Slot, TokenInfo};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

static LOADED: LazyLock<Mutex<HashMap<PathBuf, Arc<Module>>>> = LazyLock::new(Mutex::default);

/// A started library.
pub(super) struct Module {
    /// Its functions.
    pub(super) context: Pkcs11,
    /// The tokens met so far by slot and serial number, so that all keys of a token share its login.
    tokens: Mutex<HashMap<(u64, String), Arc<Token>>>,
}

impl Module {
    /// The library at a path, loaded now or before.
    pub(super) fn load(path: &Path) -> Result<Arc<Self>, TokenError> {
        let unloadable = |reason: String| TokenError::ModuleUnloadable { path: path.to_owned(), reason };
        let place = path.canonicalize().map_err(|error| unloadable(error.to_string()))?;
        let mut loaded = lock(&LOADED);
        if let Some(module) = loaded.get(&place) {
            return Ok(Arc::clone(module));
        }
        let context = Pkcs11::new(&place).map_err(|error| unloadable(error.to_string()))?;
        match context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            // Somebody else in this process may have started it.
            Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
            Err(error) => return Err(unloadable(error.to_string())),
        }
        let module = Arc::new(Self { context, tokens: Mutex::default() });
        loaded.insert(place, Arc::clone(&module));
        Ok(module)
    }

    /// Every initialised token that answers, with its slot.
    pub(super) fn tokens(&self) -> Result<Vec<(Slot, TokenInfo)>, TokenError> {
        let mut tokens = Vec::new();
        for slot in self.context.get_slots_with_token()? {
            match self.context.get_token_info(slot) {
                Ok(info) if info.token_initialized() => tokens.push((slot, info)),
                Ok(_) => {}
                // Pulled out between the two questions, or broken: the other slots still have theirs.
                Err(Error::Pkcs11(..)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(tokens)
    }

    /// The token in a slot, with the login that others of this process may have there.
    pub(super) fn token(self: &Arc<Self>, slot: Slot, info: &TokenInfo) -> Arc<Token> {
        let mut tokens = lock(&self.tokens);
        let key = (slot.id(), info.serial_number().to_owned());
        Arc::clone(tokens.entry(key).or_insert_with(|| Arc::new(Token::new(Arc::clone(self), slot))))
    }
}

/// A lock whose holder panicked holds nothing that is half done here.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
