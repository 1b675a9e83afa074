//! Marks bytes of ours so that a change by somebody else shows (HMAC-SHA256, RFC 2104), and makes numbers
//! used once.
//!
//! With a secret only its holders can make the mark. With the empty secret anybody can: then it shows
//! damage, not malice.

use super::key::KeyError;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

/// Bytes of a mark.
pub const MARK_BYTES: usize = 32;

/// The mark of `message` under `secret`.
pub fn mark(secret: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message).as_ref().to_vec()
}

/// Whether `mark` is the mark of `message` under `secret`, without telling by time where it differs.
pub fn is_marked(secret: &[u8], message: &[u8], mark: &[u8]) -> bool {
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, secret), message, mark).is_ok()
}

/// A number nobody used before and nobody guesses: `bytes` from the system's generator.
///
/// # Errors
/// [`KeyError::Failed`] if the system gives none.
pub fn nonce(bytes: usize) -> Result<Vec<u8>, KeyError> {
    let mut number = vec![0; bytes];
    let filled = SystemRandom::new().fill(&mut number);
    filled.map_err(|_| KeyError::Failed { reason: "no random numbers".into() })?;
    Ok(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::digest::hex;

    #[test]
    fn a_mark_is_that_of_the_standard_and_fits_one_message_and_secret() {
        // RFC 4231 test case 2.
        let made = mark(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(hex(&made), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        assert_eq!(made.len(), MARK_BYTES);
        assert!(is_marked(b"Jefe", b"what do ya want for nothing?", &made));
        assert!(!is_marked(b"Jefe", b"what do ya want for nothing!", &made));
        assert!(!is_marked(b"jefe", b"what do ya want for nothing?", &made));
        assert!(!is_marked(b"Jefe", b"what do ya want for nothing?", &made[..31]));
    }
}
