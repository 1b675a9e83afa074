//! Guessing a PIN is stopped: after a few wrong ones in a row a signing key rests for a while.
//!
//! Counted in memory, so a restart forgets; each guess also costs the key derivation (Argon2id).

use super::failure::Failure;
use circulation::{date::Instant, organ::OrganId};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// Wrong PINs in a row before a key rests.
const MOST_WRONG: u32 = 5;
/// How long it rests after each further one, in milliseconds.
const REST: i64 = 5 * 60 * 1000;

/// Wrong PINs by key.
#[derive(Default)]
pub struct Pins {
    wrong: Mutex<HashMap<(OrganId, String), Wrong>>,
}

#[derive(Debug, Clone, Copy)]
struct Wrong {
    count: u32,
    last: Instant,
}

impl Pins {
    /// Whether a PIN may be tried now.
    ///
    /// # Errors
    /// `pin_resting`.
    pub fn check(&self, organ: &OrganId, key: &str, now: Instant) -> Result<(), Failure> {
        let wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        match wrong.get(&(organ.clone(), key.to_owned())) {
            Some(wrong) if wrong.count >= MOST_WRONG && now.0 < wrong.last.0.saturating_add(REST) => {
                Err(Failure::forbidden("pin_resting", format!("{} wrong PINs", wrong.count)))
            }
            _ => Ok(()),
        }
    }

    /// Keeps in mind how a try ended.
    pub fn tried(&self, organ: &OrganId, key: &str, right: bool, now: Instant) {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        let name = (organ.clone(), key.to_owned());
        if right {
            wrong.remove(&name);
        } else {
            let entry = wrong.entry(name).or_insert(Wrong { count: 0, last: now });
            *entry = Wrong { count: entry.count.saturating_add(1), last: now };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_rests_after_five_wrong_pins_and_wakes_again() {
        let (pins, organ) = (Pins::default(), "H40.01".parse().unwrap());
        for _ in 0..4 {
            pins.tried(&organ, "k", false, Instant(0));
        }
        pins.check(&organ, "k", Instant(1)).unwrap();
        pins.tried(&organ, "k", false, Instant(1));
        assert_eq!(pins.check(&organ, "k", Instant(2)).unwrap_err().code, "pin_resting");
        pins.check(&organ, "another", Instant(2)).unwrap();
        pins.check(&organ, "k", Instant(2 + REST)).unwrap();
        pins.tried(&organ, "k", true, Instant(2 + REST));
        pins.tried(&organ, "k", false, Instant(3 + REST));
        pins.check(&organ, "k", Instant(4 + REST)).unwrap();
    }
}
