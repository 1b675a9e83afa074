//! The key as a data centre holds it: it signs digests, and does not see documents.

use openssl::error::ErrorStack;
use openssl::md::Md;
use openssl::pkey::{Id, PKey, Private};
use openssl::pkey_ctx::PkeyCtx;
use openssl::rsa::Padding;
use openssl::x509::X509;
use sign_core::crypto::key::{KeyError, Signer, SoftKey};

/// A private key and its certificates.
pub struct Holder {
    key: PKey<Private>,
    certificates: Vec<Vec<u8>>,
}

impl Holder {
    /// Takes a key of the test authority.
    ///
    /// # Errors
    /// [`KeyError::Failed`].
    pub fn new(key: &SoftKey) -> Result<Self, KeyError> {
        let failed = |errors: ErrorStack| KeyError::Failed { reason: errors.to_string() };
        let private = PKey::private_key_from_pem(&key.to_pem()?).map_err(failed)?;
        Ok(Self { key: private, certificates: key.certificates().to_vec() })
    }

    /// DER certificates, its own first.
    pub(super) fn certificates(&self) -> &[Vec<u8>] {
        &self.certificates
    }

    /// The serial number of its own certificate, in hexadecimal.
    pub(super) fn serial_number(&self) -> String {
        let own = self.certificates.first().and_then(|der| X509::from_der(der).ok());
        let number = own.and_then(|own| own.serial_number().to_bn().ok()?.to_hex_str().ok());
        number.map(|number| number.to_string()).unwrap_or_default()
    }

    pub(super) fn is_rsa(&self) -> bool {
        self.key.id() == Id::RSA
    }

    /// Signs a digest; its length says which one it is. `None` if no digest is that long.
    pub fn sign(&self, digest: &[u8]) -> Option<Vec<u8>> {
        let kind = match digest.len() {
            32 => Md::sha256(),
            48 => Md::sha384(),
            64 => Md::sha512(),
            _ => return None,
        };
        let sign = || -> Result<Vec<u8>, ErrorStack> {
            let mut context = PkeyCtx::new(&self.key)?;
            context.sign_init()?;
            if self.is_rsa() {
                context.set_rsa_padding(Padding::PKCS1)?;
            }
            context.set_signature_md(kind)?;
            let mut value = Vec::new();
            context.sign_to_vec(digest, &mut value)?;
            Ok(value)
        };
        sign().ok()
    }
}
