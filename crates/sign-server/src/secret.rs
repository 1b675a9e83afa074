//! What must not leak: API keys, the server's own key, and what is sealed under it.
//!
//! The only file of this crate that names the crypto library. Nothing here is `Debug` or logged.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openssl::{hash::MessageDigest, pkey::PKey, rand::rand_bytes, sign::Signer, symm};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fs, io, path::Path};
use zeroize::{Zeroize, Zeroizing};

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;

/// A text that is wiped when dropped and never shown by `Debug`: an API key or a PIN in JSON.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The text, for the call that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

/// A new API key: 256 random bits as 43 characters after `sk_`.
///
/// # Errors
/// If the system gives no randomness.
pub fn new_api_key() -> io::Result<Secret> {
    let mut bytes = Zeroizing::new([0u8; KEY_BYTES]);
    rand_bytes(bytes.as_mut())?;
    Ok(Secret::from(format!("sk_{}", URL_SAFE_NO_PAD.encode(bytes.as_ref()))))
}

/// What is stored of an API key: lower-case hex SHA-256. The key has 256 random bits, so a plain
/// digest cannot be searched.
pub fn api_key_hash(key: &str) -> String {
    sha256_hex(key.as_bytes())
}

/// Compares two stored hashes without telling by time where they differ.
pub fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && openssl::memcmp::eq(a.as_bytes(), b.as_bytes())
}

/// Lower-case hex SHA-256.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&openssl::sha::sha256(bytes))
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The server's own symmetric key, kept in `DIR/server.key` (mode 0600).
///
/// It seals what the server must be able to use again without a person (the API keys that peers gave
/// us) and keys the fingerprints of requests, which may contain a PIN.
pub struct ServerKey(Zeroizing<[u8; KEY_BYTES]>);

impl ServerKey {
    /// Reads the key, or makes it at the first start.
    ///
    /// # Errors
    /// If the file cannot be read or written, or has another length.
    pub fn open(path: &Path) -> io::Result<Self> {
        match fs::read(path) {
            Ok(mut bytes) => {
                let key = <[u8; KEY_BYTES]>::try_from(bytes.as_slice());
                bytes.zeroize();
                let wrong = || io::Error::new(io::ErrorKind::InvalidData, "server.key must have 32 bytes");
                Ok(Self(Zeroizing::new(key.map_err(|_| wrong())?)))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::create(path),
            Err(error) => Err(error),
        }
    }

    fn create(path: &Path) -> io::Result<Self> {
        let mut key = Zeroizing::new([0u8; KEY_BYTES]);
        rand_bytes(key.as_mut())?;
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        io::Write::write_all(&mut file, key.as_ref())?;
        file.sync_all()?;
        Ok(Self(key))
    }

    /// Encrypts (AES-256-GCM, random nonce) bound to `label`: nonce, tag, ciphertext.
    ///
    /// # Errors
    /// If the crypto library fails.
    pub fn seal(&self, label: &str, plain: &[u8]) -> io::Result<Vec<u8>> {
        let mut nonce = [0u8; NONCE_BYTES];
        rand_bytes(&mut nonce)?;
        let mut tag = [0u8; TAG_BYTES];
        let cipher = symm::Cipher::aes_256_gcm();
        let body =
            symm::encrypt_aead(cipher, self.0.as_ref(), Some(&nonce), label.as_bytes(), plain, &mut tag)?;
        Ok([nonce.as_slice(), &tag, &body].concat())
    }

    /// Decrypts what [`Self::seal`] made under the same label; `None` if it was not.
    pub fn open_sealed(&self, label: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, rest) = sealed.split_at_checked(NONCE_BYTES)?;
        let (tag, body) = rest.split_at_checked(TAG_BYTES)?;
        let cipher = symm::Cipher::aes_256_gcm();
        symm::decrypt_aead(cipher, self.0.as_ref(), Some(nonce), label.as_bytes(), body, tag)
            .ok()
            .map(Zeroizing::new)
    }

    /// HMAC-SHA256 in hex: a fingerprint that cannot be searched without the server's key.
    ///
    /// # Errors
    /// If the crypto library fails.
    pub fn fingerprint(&self, parts: &[&[u8]]) -> io::Result<String> {
        let key = PKey::hmac(self.0.as_ref())?;
        let mut signer = Signer::new(MessageDigest::sha256(), &key)?;
        for part in parts {
            signer.update(&(part.len() as u64).to_be_bytes())?;
            signer.update(part)?;
        }
        Ok(hex(&signer.sign_to_vec()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn api_keys_are_long_random_and_kept_as_hashes() {
        let (a, b) = (new_api_key().unwrap(), new_api_key().unwrap());
        let (a, b) = (a.expose(), b.expose());
        assert_eq!(a.len(), 46);
        assert_ne!(a, b);
        assert!(same(&api_key_hash(a), &api_key_hash(a)));
        assert!(!same(&api_key_hash(a), &api_key_hash(b)));
        assert!(!same(&api_key_hash(a), "short"));
    }

    #[test]
    fn sealed_bytes_open_only_under_their_label_and_unchanged() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("server.key");
        let sealed = ServerKey::open(&path).unwrap().seal("peer:H40", b"sk_abc").unwrap();
        let again = ServerKey::open(&path).unwrap();
        assert_eq!(again.open_sealed("peer:H40", &sealed).unwrap().as_slice(), b"sk_abc");
        assert!(again.open_sealed("peer:H41", &sealed).is_none());
        let mut changed = sealed.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert!(again.open_sealed("peer:H40", &changed).is_none());
        assert!(again.open_sealed("peer:H40", &sealed[..5]).is_none());
    }

    #[test]
    fn fingerprints_do_not_confuse_the_borders_of_their_parts() {
        let dir = tempfile::tempdir().unwrap();
        let key = ServerKey::open(&dir.path().join("k")).unwrap();
        assert_ne!(key.fingerprint(&[b"ab", b"c"]).unwrap(), key.fingerprint(&[b"a", b"bc"]).unwrap());
    }
}
