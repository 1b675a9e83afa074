//! The ciphers and digests of encrypted PDFs (ISO 32000-2 clause 7.6), for `pdf`, whose algorithms
//! they serve. MD5 and RC4 are here because old documents are encrypted so; nothing new is made with
//! them, and no signature.

use super::keyfile::load_legacy_algorithms;
use crate::error::PdfError;
use crate::pdf::{Access, Ciphers, Document, KeyDigest};
use crate::source::Source;
use openssl::symm::{Cipher, Crypter, Mode};

/// Opens a document, with the password of `access` if it is encrypted.
///
/// # Errors
/// As [`Document::open_with`].
pub fn open<'s, 'p>(source: &'s dyn Source, access: impl Into<Access<'p>>) -> Result<Document<'s>, PdfError> {
    Document::open_with(source, access, &DocumentCiphers)
}

/// OpenSSL's ciphers, MD5 and randomness.
#[derive(Debug, Clone, Copy)]
pub struct DocumentCiphers;

impl Ciphers for DocumentCiphers {
    fn md5(&self, parts: &[&[u8]]) -> Option<[u8; 16]> {
        let mut hasher = openssl::hash::Hasher::new(openssl::hash::MessageDigest::md5()).ok()?;
        for part in parts {
            hasher.update(part).ok()?;
        }
        hasher.finish().ok()?.as_ref().try_into().ok()
    }

    fn digest(&self, digest: KeyDigest, parts: &[&[u8]]) -> Vec<u8> {
        use super::digest::{DigestAlgorithm, Hasher};
        let mut hasher = Hasher::new(match digest {
            KeyDigest::Sha256 => DigestAlgorithm::Sha256,
            KeyDigest::Sha384 => DigestAlgorithm::Sha384,
            KeyDigest::Sha512 => DigestAlgorithm::Sha512,
        });
        for part in parts {
            hasher.update(part);
        }
        hasher.finish()
    }

    fn rc4(&self, key: &[u8], data: &[u8]) -> Option<Vec<u8>> {
        // RC4 is in the legacy provider since OpenSSL 3.
        load_legacy_algorithms();
        let mut context = openssl::cipher_ctx::CipherCtx::new().ok()?;
        context.encrypt_init(Some(openssl::cipher::Cipher::rc4()), None, None).ok()?;
        // 40 to 128 bits; the length is set before the key is.
        context.set_key_length(key.len()).ok()?;
        context.encrypt_init(None, Some(key), None).ok()?;
        let mut out = Vec::with_capacity(data.len());
        context.cipher_update_vec(data, &mut out).ok()?;
        context.cipher_final_vec(&mut out).ok()?;
        Some(out)
    }

    fn aes_encrypt(&self, key: &[u8], iv: &[u8; 16], data: &[u8]) -> Option<Vec<u8>> {
        aes(Mode::Encrypt, key, iv, data)
    }

    fn aes_decrypt(&self, key: &[u8], iv: &[u8; 16], data: &[u8]) -> Option<Vec<u8>> {
        aes(Mode::Decrypt, key, iv, data)
    }

    fn random(&self) -> Option<[u8; 16]> {
        let mut bytes = [0; 16];
        openssl::rand::rand_bytes(&mut bytes).ok()?;
        Some(bytes)
    }
}

fn aes(mode: Mode, key: &[u8], iv: &[u8; 16], data: &[u8]) -> Option<Vec<u8>> {
    let cipher = match key.len() {
        16 => Cipher::aes_128_cbc(),
        32 => Cipher::aes_256_cbc(),
        _ => return None,
    };
    let mut crypter = Crypter::new(cipher, mode, key, Some(iv)).ok()?;
    crypter.pad(false);
    // OpenSSL wants room for one block more than it writes.
    let mut out = vec![0; data.len() + cipher.block_size()];
    let written = crypter.update(data, &mut out).ok()?;
    let rest = crypter.finalize(out.get_mut(written..)?).ok()?;
    out.truncate(written + rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::digest::hex;

    #[test]
    fn computes_what_the_standards_print() {
        assert_eq!(hex(&DocumentCiphers.md5(&[b"a", b"bc"]).unwrap()), "900150983cd24fb0d6963f7d28e17f72");
        // RFC 6229: keys of 40 and of 128 bits, the first bytes of the stream.
        let key: Vec<u8> = (1..=16).collect();
        for (bytes, stream) in [(5, "b2396305f03dc027"), (16, "9ac7cc9a609d1ef7")] {
            assert_eq!(hex(&DocumentCiphers.rc4(&key[..bytes], &[0; 8]).unwrap()), stream, "{bytes}");
        }
        // NIST SP 800-38A F.2.1 and F.2.5, the first block.
        let iv: [u8; 16] = std::array::from_fn(|n| u8::try_from(n).unwrap());
        let block = *b"\x6b\xc1\xbe\xe2\x2e\x40\x9f\x96\xe9\x3d\x7e\x11\x73\x93\x17\x2a";
        let key = *b"\x2b\x7e\x15\x16\x28\xae\xd2\xa6\xab\xf7\x15\x88\x09\xcf\x4f\x3c";
        let closed = DocumentCiphers.aes_encrypt(&key, &iv, &block).unwrap();
        assert_eq!(hex(&closed), "7649abac8119b246cee98e9b12e9197d");
        assert_eq!(DocumentCiphers.aes_decrypt(&key, &iv, &closed).unwrap(), block);
    }

    #[test]
    fn refuses_keys_and_data_of_other_lengths() {
        assert_eq!(DocumentCiphers.aes_decrypt(&[0; 15], &[0; 16], &[0; 16]), None);
        assert_eq!(DocumentCiphers.aes_decrypt(&[0; 16], &[0; 16], &[0; 15]), None);
        assert_eq!(DocumentCiphers.aes_decrypt(&[0; 16], &[0; 16], &[]), Some(Vec::new()));
    }
}
