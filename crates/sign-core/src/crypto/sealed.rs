//! Secrets encrypted under a PIN, for keys kept on disk by a server.
//!
//! The key is derived with Argon2id (RFC 9106) and the secret sealed with AES-256-GCM. The blob
//! carries its own parameters, so that stronger ones can come later:
//!
//! `"SGNK" | version 1 | memory KiB u32 | passes u32 | lanes u32 | salt 16 | nonce 12 | ciphertext | tag 16`
//!
//! (integers big-endian). Everything before the ciphertext is authenticated with it.

use super::key::{KeyError, Pin};
use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};
use zeroize::Zeroizing;

const MAGIC: &[u8] = b"SGNK\x01";
const SALT: usize = 16;
const NONCE: usize = 12;
const TAG: usize = 16;
const HEADER: usize = MAGIC.len() + 12 + SALT + NONCE;

/// Cost of deriving the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

/// RFC 9106 section 4, second recommendation: 64 MiB, three passes.
const USUAL: Cost = Cost { memory_kib: 64 * 1024, passes: 3, lanes: 4 };

impl Cost {
    /// A blob may be damaged or planted: more than this is not worth trying.
    fn is_bearable(self) -> bool {
        (8..=1 << 20).contains(&self.memory_kib)
            && (1..=16).contains(&self.passes)
            && (1..=16).contains(&self.lanes)
    }
}

/// Encrypts a secret so that only the PIN opens it.
///
/// # Errors
/// [`KeyError::Failed`] if the system gives no random bytes or memory.
pub fn protect(secret: &[u8], pin: &Pin) -> Result<Vec<u8>, KeyError> {
    let mut random = [0_u8; SALT + NONCE];
    openssl::rand::rand_bytes(&mut random).map_err(|e| KeyError::failed(&e))?;
    let (salt, nonce) = random.split_at(SALT);
    let mut blob = MAGIC.to_vec();
    for number in [USUAL.memory_kib, USUAL.passes, USUAL.lanes] {
        blob.extend(number.to_be_bytes());
    }
    blob.extend(random);
    let key = derive(pin, salt, USUAL)?;
    let mut tag = [0_u8; TAG];
    let sealed = encrypt_aead(Cipher::aes_256_gcm(), &*key, Some(nonce), &blob, secret, &mut tag)
        .map_err(|e| KeyError::failed(&e))?;
    blob.extend(sealed);
    blob.extend(tag);
    Ok(blob)
}

/// Opens what [`protect`] made. The result is wiped when dropped.
///
/// # Errors
/// [`KeyError::WrongPin`] if the PIN does not open it (a damaged blob cannot be told from that);
/// [`KeyError::NotAKeyFile`] if it is not such a blob.
pub fn unprotect(blob: &[u8], pin: &Pin) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let not_sealed = |reason: &str| KeyError::NotAKeyFile { reason: reason.into() };
    let (header, body) = blob.split_at_checked(HEADER).ok_or_else(|| not_sealed("too short"))?;
    let fields = header.strip_prefix(MAGIC).ok_or_else(|| not_sealed("not a sealed key of version 1"))?;
    let (numbers, random) = fields.split_at(12);
    let (salt, nonce) = random.split_at(SALT);
    let cost = match numbers.as_chunks::<4>().0 {
        [memory, passes, lanes] => Cost {
            memory_kib: u32::from_be_bytes(*memory),
            passes: u32::from_be_bytes(*passes),
            lanes: u32::from_be_bytes(*lanes),
        },
        _ => return Err(not_sealed("too short")),
    };
    if !cost.is_bearable() {
        return Err(not_sealed("its Argon2id parameters are out of bounds"));
    }
    let (sealed, tag) = body
        .len()
        .checked_sub(TAG)
        .and_then(|end| body.split_at_checked(end))
        .ok_or_else(|| not_sealed("too short"))?;
    let key = derive(pin, salt, cost)?;
    decrypt_aead(Cipher::aes_256_gcm(), &*key, Some(nonce), header, sealed, tag)
        .map(Zeroizing::new)
        .map_err(|_| KeyError::WrongPin)
}

fn derive(pin: &Pin, salt: &[u8], cost: Cost) -> Result<Zeroizing<[u8; 32]>, KeyError> {
    let mut key = Zeroizing::new([0_u8; 32]);
    let pin = pin.expose().as_bytes();
    openssl::kdf::argon2id(None, pin, salt, None, None, cost.passes, cost.lanes, cost.memory_kib, &mut *key)
        .map_err(|e| KeyError::failed(&e))?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_pin_opens_it() {
        let blob = protect("khoá bí mật".as_bytes(), &Pin::from("123456")).unwrap();
        assert_eq!(unprotect(&blob, &Pin::from("123456")).unwrap().as_slice(), "khoá bí mật".as_bytes());
        assert_eq!(unprotect(&blob, &Pin::from("123457")).unwrap_err(), KeyError::WrongPin);
        let mut damaged = blob.clone();
        *damaged.last_mut().unwrap() ^= 1;
        assert_eq!(unprotect(&damaged, &Pin::from("123456")).unwrap_err(), KeyError::WrongPin);
    }

    #[test]
    fn two_blobs_of_one_secret_differ() {
        let pin = Pin::from("1");
        assert_ne!(protect(b"x", &pin).unwrap(), protect(b"x", &pin).unwrap());
    }

    #[test]
    fn other_bytes_and_absurd_costs_are_not_tried() {
        let mut planted = MAGIC.to_vec();
        planted.extend([0xff; 12 + SALT + NONCE + TAG + 4]);
        for blob in [&b""[..], b"SGNK", &[0; 200], &planted] {
            assert_eq!(unprotect(blob, &Pin::from("1")).unwrap_err().code(), "not_a_key_file");
        }
    }
}
