//! Key files: PKCS#12 or PEM, told apart by content, with a PIN that comes from a file or a
//! variable. Nothing asks at the terminal, so that a service and a script behave the same.

use crate::file::{FileError, read_small};
use sign_core::crypto::key::{KeyError, Padding, Pin, SoftKey, from_pem, from_pkcs12};
use std::path::Path;
use zeroize::Zeroizing;

/// A key file with a long chain stays under 64 KiB.
const LARGEST_KEY_FILE: u64 = 1 << 20;
const LARGEST_PIN_FILE: u64 = 4096;

/// A key that could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum KeystoreError {
    /// The file could not be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The PIN file is empty or not UTF-8.
    #[error("no PIN in that file")]
    NoPin,
}

impl KeystoreError {
    /// Stable word for this cause.
    pub fn code(&self) -> &'static str {
        match self {
            Self::File(e) => e.code(),
            Self::Key(e) => e.code(),
            Self::NoPin => "pin_unreadable",
        }
    }
}

/// Loads the private key and certificates of a file. A file that needs no PIN ignores it.
///
/// # Errors
/// [`KeystoreError`].
pub fn load(path: &Path, pin: Option<&Pin>, padding: Option<Padding>) -> Result<SoftKey, KeystoreError> {
    let bytes = Zeroizing::new(read_small(path, LARGEST_KEY_FILE)?);
    if bytes.windows(10).any(|w| w == b"-----BEGIN") {
        return Ok(from_pem(&bytes, pin, padding)?);
    }
    // PKCS#12 without a PIN exists: its password is the empty text.
    let empty = Pin::new("");
    Ok(from_pkcs12(&bytes, pin.unwrap_or(&empty), padding)?)
}

/// The PIN in a file: its first line.
///
/// # Errors
/// [`KeystoreError::File`], [`KeystoreError::NoPin`].
pub fn read_pin(path: &Path) -> Result<Pin, KeystoreError> {
    let bytes = Zeroizing::new(read_small(path, LARGEST_PIN_FILE)?);
    let text = std::str::from_utf8(&bytes).map_err(|_| KeystoreError::NoPin)?;
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() { Err(KeystoreError::NoPin) } else { Ok(Pin::new(line)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_first_line_of_a_pin_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pin");
        let cases: [(&[u8], Option<&str>); 4] =
            [(b"s3cret\r\n", Some("s3cret")), (b" a b \nmore", Some(" a b ")), (b"", None), (b"\xff", None)];
        for (bytes, expected) in cases {
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(read_pin(&path).ok().as_ref().map(Pin::expose), expected);
        }
    }

    #[test]
    fn a_file_that_is_no_key_is_named_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, b"not a key").unwrap();
        assert_eq!(load(&path, None, None).err().unwrap().code(), "not_a_key_file");
    }
}
