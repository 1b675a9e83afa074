//! From a password to the file key (ISO 32000-2 clause 7.6.4.3 and 7.6.4.4).

use super::dictionary::Standard;
use super::permission::{OpenedAs, Permissions};
use super::{Ciphers, KeyDigest, Password, refused};
use crate::error::PdfError;
use zeroize::Zeroizing;

/// 7.6.4.3.2: what a short password is filled up with.
const PAD: [u8; 32] = [
    0x28, 0xBF, 0x4E, 0x5E, 0x4E, 0x75, 0x8A, 0x41, 0x64, 0x00, 0x4E, 0x56, 0xFF, 0xFA, 0x01, 0x08, 0x2E,
    0x2E, 0x00, 0xB6, 0xD0, 0x68, 0x3E, 0x80, 0x2F, 0x0C, 0xA9, 0xFE, 0x64, 0x53, 0x69, 0x7A,
];

type Secret = Zeroizing<Vec<u8>>;

impl Standard {
    /// The file key, by the password as the owner's, by the empty password, or by the password as the
    /// user's. Whose owner password is empty has no user to bind.
    pub(super) fn open(
        &self,
        password: Option<&Password>,
        ciphers: &dyn Ciphers,
    ) -> Result<(Secret, OpenedAs), PdfError> {
        let forms = match password {
            Some(password) if self.revision >= 5 => password.long_forms(),
            Some(password) => password.short_forms(),
            None => Vec::new(),
        };
        let empty = Secret::default();
        for form in forms.iter().chain(std::iter::once(&empty)) {
            if let Some(key) = self.by_owner(form, ciphers)? {
                return Ok((key, OpenedAs::Owner));
            }
        }
        for form in std::iter::once(&empty).chain(&forms) {
            if let Some(key) = self.by_user(form, ciphers)? {
                return Ok((key, OpenedAs::User));
            }
        }
        Err(if password.is_some() { PdfError::WrongPassword } else { PdfError::PasswordNeeded })
    }

    fn by_user(&self, password: &[u8], ciphers: &dyn Ciphers) -> Result<Option<Secret>, PdfError> {
        if self.revision >= 5 {
            return self.unwrapped(password, &self.user, &[], &self.user_key, ciphers);
        }
        let key = self.short_key(password, ciphers).ok_or_else(|| refused("MD5"))?;
        let expected = self.user_check(&key, ciphers).ok_or_else(|| refused("RC4"))?;
        Ok(self.user.starts_with(&expected).then_some(key))
    }

    fn by_owner(&self, password: &[u8], ciphers: &dyn Ciphers) -> Result<Option<Secret>, PdfError> {
        if self.revision >= 5 {
            return self.unwrapped(password, &self.owner, &self.user, &self.owner_key, ciphers);
        }
        let user = self.user_password(password, ciphers).ok_or_else(|| refused("RC4"))?;
        self.by_user(&user, ciphers)
    }

    /// Algorithm 2.
    fn short_key(&self, password: &[u8], ciphers: &dyn Ciphers) -> Option<Secret> {
        let clear: &[u8] = if self.revision >= 4 && !self.methods.metadata { &[0xFF; 4] } else { &[] };
        let padded = padded(password);
        let parts = [&*padded, &self.owner, &self.bits.to_le_bytes()[..], &self.file_id, clear];
        let mut hash = Zeroizing::new(ciphers.md5(&parts)?);
        for _ in 0..self.more_rounds() {
            *hash = ciphers.md5(&[hash.get(..self.key_bytes)?])?;
        }
        hash.get(..self.key_bytes).map(|key| Zeroizing::new(key.to_vec()))
    }

    /// Algorithms 4 and 5: what `/U` begins with if the key is right.
    fn user_check(&self, key: &[u8], ciphers: &dyn Ciphers) -> Option<Vec<u8>> {
        if self.revision == 2 {
            return ciphers.rc4(key, &PAD);
        }
        let hash = ciphers.md5(&[&PAD, &self.file_id])?.to_vec();
        (0..20u8).try_fold(hash, |data, round| ciphers.rc4(&varied(key, round), &data))
    }

    /// Algorithm 7: the user password, padded, that the owner password opens.
    fn user_password(&self, owner: &[u8], ciphers: &dyn Ciphers) -> Option<Secret> {
        let mut hash = Zeroizing::new(ciphers.md5(&[&padded(owner)])?);
        for _ in 0..self.more_rounds() {
            *hash = ciphers.md5(&[&*hash])?;
        }
        let key = hash.get(..self.key_bytes)?;
        let rounds: &[u8] = if self.revision == 2 { &[0] } else { &ROUNDS };
        let user = rounds
            .iter()
            .rev()
            .try_fold(self.owner.clone(), |data, round| ciphers.rc4(&varied(key, *round), &data));
        user.map(Zeroizing::new)
    }

    fn more_rounds(&self) -> u32 {
        if self.revision >= 3 { 50 } else { 0 }
    }

    /// Algorithm 2.A: `checked` is a hash, a salt to check it and a salt for the key.
    fn unwrapped(
        &self,
        password: &[u8],
        checked: &[u8],
        more: &[u8],
        wrapped: &[u8],
        ciphers: &dyn Ciphers,
    ) -> Result<Option<Secret>, PdfError> {
        let part = |range: std::ops::Range<usize>| checked.get(range).unwrap_or_default();
        let hash = |salt: &[u8]| self.hash(password, salt, more, ciphers).ok_or_else(|| refused("AES"));
        if *hash(part(32..40))? != part(0..32) {
            return Ok(None);
        }
        let key = ciphers.aes_decrypt(&hash(part(40..48))?, &[0; 16], wrapped);
        key.map(|key| Some(Zeroizing::new(key))).ok_or_else(|| refused("AES"))
    }

    /// Algorithm 2.B, and its first step alone for revision 5.
    fn hash(&self, password: &[u8], salt: &[u8], more: &[u8], ciphers: &dyn Ciphers) -> Option<Secret> {
        let mut hash = Zeroizing::new(ciphers.digest(KeyDigest::Sha256, &[password, salt, more]));
        if self.revision == 5 {
            return Some(hash);
        }
        let mut round = 0u32;
        loop {
            let once = Zeroizing::new([password, &hash, more].concat());
            let (key, iv) = hash.get(..32)?.split_at(16);
            let mixed = ciphers.aes_encrypt(key, iv.first_chunk()?, &Zeroizing::new(once.repeat(64)))?;
            // 256 is 1 modulo 3, so the number's remainder is that of the sum of its bytes.
            let sum: u32 = mixed.iter().take(16).map(|byte| u32::from(*byte)).sum();
            let digest = match sum % 3 {
                0 => KeyDigest::Sha256,
                1 => KeyDigest::Sha384,
                _ => KeyDigest::Sha512,
            };
            hash = Zeroizing::new(ciphers.digest(digest, &[&mixed]));
            round += 1;
            // Ends by round 288 at the latest: a byte is at most 255.
            if round >= 64 && u32::from(*mixed.last()?) <= round - 32 {
                hash.truncate(32);
                return Some(hash);
            }
        }
    }

    /// Algorithm 13: the permissions as `/Perms` holds them, encrypted; `None` before revision 5.
    pub(super) fn sealed_permissions(
        &self,
        key: &[u8],
        ciphers: &dyn Ciphers,
    ) -> Result<Option<Permissions>, PdfError> {
        if self.revision < 5 {
            return Ok(None);
        }
        // One block: CBC with an empty vector is what the standard calls ECB.
        let clear = ciphers.aes_decrypt(key, &[0; 16], &self.sealed).ok_or_else(|| refused("AES"))?;
        match clear.as_slice() {
            [a, b, c, d, _, _, _, _, _, b'a', b'd', b'b', ..] => {
                Ok(Some(Permissions::new(u32::from_le_bytes([*a, *b, *c, *d]), self.revision)))
            }
            _ => Ok(Some(Permissions::new(0, self.revision))),
        }
    }
}

const ROUNDS: [u8; 20] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19];

/// The first 32 bytes of the password and the pad.
fn padded(password: &[u8]) -> Secret {
    Zeroizing::new(password.iter().chain(&PAD).take(32).copied().collect())
}

fn varied(key: &[u8], round: u8) -> Secret {
    Zeroizing::new(key.iter().map(|byte| byte ^ round).collect())
}
