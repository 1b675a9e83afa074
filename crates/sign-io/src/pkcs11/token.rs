//! One token: who is logged in, the sessions, and how often a PIN was wrong.
//!
//! PKCS#11 logs the whole process in, not a session or a caller. So the PIN that opened the token is
//! kept (wiped at logout) while keys are in use, and whoever comes later must know it too. The last
//! key to be dropped logs out.

use super::error::TokenError;
use super::module::{Module, lock};
use cryptoki::error::{Error, RvError};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::{Limit, Slot, TokenInfo};
use cryptoki::types::AuthPin;
use sign_core::crypto::key::Pin;
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};

/// Sessions opened at most; USB tokens work one at a time and HSMs saturate before that.
const MOST_SESSIONS: u64 = 16;
/// Wrong PINs in a row from this process before no more are tried: tokens lock after three at the earliest.
const MOST_WRONG: u32 = 2;

/// How far a PIN may be risked. Whatever is chosen, one call tries it once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tries {
    /// Not if the token has met a wrong PIN since the last right one.
    #[default]
    Unspoilt,
    /// Not if a wrong one would lock the token, nor after two wrong ones from this process.
    AllButLast,
    /// As long as the token takes one.
    All,
}

/// A token of a module.
pub(super) struct Token {
    pub(super) module: Arc<Module>,
    pub(super) slot: Slot,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    login: Option<Arc<Login>>,
    /// Keys that use the login.
    users: usize,
    /// Wrong PINs in a row, counted here too: not every token tells.
    wrong: u32,
    /// Whether the token was seen to tell.
    tells: bool,
}

/// One time of being logged in, ended by the last user, by the token's removal or by a PIN it refused.
struct Login {
    /// None if the token asks for no login, or took the PIN at its own key pad.
    pin: Option<Pin>,
    asked: bool,
    pool: Mutex<Pool>,
    returned: Condvar,
    ended: OnceLock<End>,
}

/// Why nobody can sign with a login any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The token, or the login behind our back, is gone.
    Removed,
    /// The PIN that opened the token was refused for a signature; it is not risked for the next one.
    PinRefused,
}

struct Pool {
    idle: Vec<Session>,
    open: u64,
    most: u64,
}

/// One key's share in a login.
pub(super) struct Lease {
    token: Arc<Token>,
    login: Arc<Login>,
}

impl Token {
    pub(super) fn new(module: Arc<Module>, slot: Slot) -> Self {
        Self { module, slot, state: Mutex::default() }
    }

    /// What the token says about itself now.
    pub(super) fn info(&self) -> Result<TokenInfo, TokenError> {
        Ok(self.module.context.get_token_info(self.slot)?)
    }

    fn is_present(&self) -> bool {
        self.module.context.get_slot_info(self.slot).is_ok_and(|slot| slot.token_present())
    }

    /// Logs in, or joins those who are.
    ///
    /// # Errors
    /// The PIN's: missing, wrong, locked, not tried.
    pub(super) fn lease(self: &Arc<Self>, pin: Option<&Pin>, tries: Tries) -> Result<Lease, TokenError> {
        let mut state = lock(&self.state);
        let login = match state.login.clone().filter(|login| login.ended.get().is_none()) {
            Some(login) => {
                check_same_pin(&mut state, &login, pin, tries)?;
                login
            }
            None => {
                // A login that has ended is not counted on by anybody any more.
                state.users = 0;
                state.login = None;
                let login = Arc::new(self.log_in(&mut state, pin, tries)?);
                state.login = Some(Arc::clone(&login));
                login
            }
        };
        state.users += 1;
        Ok(Lease { token: Arc::clone(self), login })
    }

    fn log_in(&self, state: &mut State, pin: Option<&Pin>, tries: Tries) -> Result<Login, TokenError> {
        let info = self.info()?;
        let session = self.module.context.open_ro_session(self.slot)?;
        if info.login_required() {
            // A reader with its own key pad takes the PIN there.
            if pin.is_none() && !info.protected_authentication_path() {
                return Err(TokenError::PinMissing);
            }
            state.check(&info, tries)?;
            self.give_pin(state, &session, pin)?;
        }
        let most = match info.max_session_count() {
            Limit::Max(most) => most.clamp(1, MOST_SESSIONS),
            Limit::Unavailable | Limit::Infinite => MOST_SESSIONS,
        };
        let pool = Mutex::new(Pool { idle: vec![session], open: 1, most });
        let asked = info.login_required();
        let pin = pin.filter(|_| asked).cloned();
        Ok(Login { pin, asked, pool, returned: Condvar::new(), ended: OnceLock::new() })
    }

    /// Tries the PIN once.
    fn give_pin(&self, state: &mut State, session: &Session, pin: Option<&Pin>) -> Result<(), TokenError> {
        let secret = pin.map(|pin| AuthPin::from(pin.expose()));
        let answer = match session.login(UserType::User, secret.as_ref()) {
            // Left over from a login that broke; the PIN was not looked at.
            Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {
                session.logout()?;
                session.login(UserType::User, secret.as_ref())
            }
            answer => answer,
        };
        match answer {
            Ok(()) => {
                state.wrong = 0;
                Ok(())
            }
            Err(Error::Pkcs11(RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange, _)) => {
                Err(self.wrong_pin(state))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Counts, and asks the token what is left.
    fn wrong_pin(&self, state: &mut State) -> TokenError {
        state.wrong = state.wrong.saturating_add(1);
        let Ok(info) = self.info() else { return TokenError::WrongPin { tries_left: None } };
        state.tells |= info.user_pin_count_low() || info.user_pin_final_try();
        if info.user_pin_locked() {
            return TokenError::PinLocked;
        }
        TokenError::WrongPin { tries_left: info.user_pin_final_try().then_some(1) }
    }
}

impl State {
    /// Whether the PIN may be tried.
    fn check(&mut self, info: &TokenInfo, tries: Tries) -> Result<(), TokenError> {
        let (low, last) = (info.user_pin_count_low(), info.user_pin_final_try());
        if info.user_pin_locked() {
            return Err(TokenError::PinLocked);
        }
        if self.tells && !low && !last {
            // The right PIN was given since, perhaps to another program.
            self.wrong = 0;
        }
        let refused = match tries {
            Tries::Unspoilt => low || last || self.wrong > 0,
            Tries::AllButLast => last || self.wrong >= MOST_WRONG,
            Tries::All => false,
        };
        if refused { Err(TokenError::PinTriesLow { last }) } else { Ok(()) }
    }
}

/// The token accepted one PIN, so another is wrong without asking it.
fn check_same_pin(
    state: &mut State,
    login: &Login,
    pin: Option<&Pin>,
    tries: Tries,
) -> Result<(), TokenError> {
    if !login.asked || (login.pin.is_none() && pin.is_none()) {
        return Ok(());
    }
    let given = pin.ok_or(TokenError::PinMissing)?;
    if tries != Tries::All && state.wrong >= MOST_WRONG {
        return Err(TokenError::PinTriesLow { last: false });
    }
    if login.pin.as_ref().is_some_and(|known| same(known, given)) {
        state.wrong = 0;
        return Ok(());
    }
    state.wrong = state.wrong.saturating_add(1);
    Err(TokenError::WrongPin { tries_left: None })
}

/// Compared in a time that does not tell where two PINs differ.
fn same(a: &Pin, b: &Pin) -> bool {
    let (a, b) = (a.expose().as_bytes(), b.expose().as_bytes());
    a.len() == b.len() && a.iter().zip(b).fold(0, |differ, (x, y)| differ | (x ^ y)) == 0
}

impl Login {
    /// Nobody takes a session from here on.
    fn end(&self, why: End) {
        // The first reason stays.
        let _ = self.ended.set(why);
        lock(&self.pool).idle.clear();
        self.returned.notify_all();
    }
}

impl Lease {
    /// The token.
    pub(super) fn token(&self) -> &Token {
        &self.token
    }

    /// Runs something in a session of its own, waiting for one if the token has no more.
    ///
    /// A session in which something failed is closed, so that nothing half begun stays in it; if the
    /// token was removed or refused the PIN, all keys of this login are dead.
    pub(super) fn with<T>(
        &self,
        work: impl FnOnce(&Session, Option<&Pin>) -> Result<T, TokenError>,
    ) -> Result<T, TokenError> {
        let session = self.take()?;
        let done = work(&session, self.login.pin.as_ref()).map_err(|error| self.told(error));
        match &done {
            Err(TokenError::TokenRemoved { .. }) => {
                drop(session);
                self.login.end(End::Removed);
            }
            Err(TokenError::WrongPin { .. } | TokenError::PinLocked) => {
                drop(session);
                self.login.end(End::PinRefused);
            }
            _ => self.give_back(session, done.is_ok()),
        }
        done
    }

    /// What an error means for the token: a refused PIN is counted, and modules that answer removal
    /// with an error of their own are seen through.
    fn told(&self, error: TokenError) -> TokenError {
        match error {
            TokenError::WrongPin { .. } => self.token.wrong_pin(&mut lock(&self.token.state)),
            TokenError::Failed { reason } if !self.token.is_present() => {
                TokenError::TokenRemoved { during: reason }
            }
            other => other,
        }
    }

    fn take(&self) -> Result<Session, TokenError> {
        let mut pool = lock(&self.login.pool);
        loop {
            match self.login.ended.get() {
                Some(End::Removed) => return Err(TokenError::TokenRemoved { during: "signing".into() }),
                Some(End::PinRefused) => return Err(TokenError::PinTriesLow { last: false }),
                None => {}
            }
            if let Some(session) = pool.idle.pop() {
                return Ok(session);
            }
            if pool.open < pool.most {
                match self.token.module.context.open_ro_session(self.token.slot) {
                    Ok(session) => {
                        pool.open += 1;
                        return Ok(session);
                    }
                    // The token has fewer than it said.
                    Err(Error::Pkcs11(RvError::SessionCount, _)) if pool.open > 0 => pool.most = pool.open,
                    Err(error) => return Err(error.into()),
                }
            }
            pool = self.login.returned.wait(pool).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A session in which something failed is replaced. One stays open, whatever happened in it:
    /// closing the last would log out.
    fn give_back(&self, session: Session, sound: bool) {
        let mut pool = lock(&self.login.pool);
        if sound {
            pool.idle.push(session);
        } else if let Ok(fresh) = self.token.module.context.open_ro_session(self.token.slot) {
            pool.idle.push(fresh);
        } else if pool.open > 1 {
            pool.open -= 1;
        } else {
            pool.idle.push(session);
        }
        drop(pool);
        self.login.returned.notify_one();
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut state = lock(&self.token.state);
        if !state.login.as_ref().is_some_and(|login| Arc::ptr_eq(login, &self.login)) {
            // This login ended before, and somebody has logged in anew.
            return;
        }
        state.users = state.users.saturating_sub(1);
        if state.users > 0 {
            return;
        }
        state.login = None;
        let mut pool = lock(&self.login.pool);
        if let Some(session) = pool.idle.first() {
            // Closing the last session logs out as well; a token that is gone cannot.
            let _ = session.logout();
        }
        pool.idle.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_pin_is_the_same() {
        for (a, b, expected) in [("1234", "1234", true), ("1234", "1235", false), ("1234", "123", false)] {
            assert_eq!(same(&Pin::from(a), &Pin::from(b)), expected, "{a} {b}");
        }
    }
}
