//! Keys at remote signing services: a phone confirms, a data centre signs.
//!
//! Each service is a [`Service`]: it says which certificate it signs with, and makes values for digests,
//! at once or after its holder has confirmed. [`RemoteKey`] is the [`Signer`] over it. Nobody is asked twice:
//! a PIN, a one-time password and a request are sent once, and a refusal, a silence or a wrong answer ends
//! it with its own code. Every value is checked against the certificate before it leaves here.
//!
//! Addresses come from the operator only, never from a document or an answer. All of it blocks: in an
//! asynchronous program it belongs on a thread that may.

pub mod csc;
mod error;
pub mod fake;
mod http;
pub mod mysign;
pub mod smartca;
#[cfg(test)]
mod tests;
pub(crate) mod tls;

use sign_core::crypto::SignatureAlgorithm;
use sign_core::crypto::digest::digest;
use sign_core::crypto::key::{KeyError, Signer};
use sign_core::crypto::verify::verify;
use sign_core::x509::Certificate;
use std::time::{Duration, Instant};

pub use error::RemoteError;
pub use http::Address;
pub use tls::Authorities;

/// Digests in one request, whatever a service allows: a holder should know what is confirmed.
const MOST_DIGESTS: usize = 100;

/// What a service signs with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// DER certificates, the signer's first.
    pub certificates: Vec<Vec<u8>>,
    /// Most digests in one request.
    pub most: usize,
}

/// One signing service, in its own words on the wire.
pub trait Service: Send + Sync {
    /// The certificate it signs with, and what it can.
    ///
    /// # Errors
    /// [`RemoteError`].
    fn credential(&self) -> Result<Credential, RemoteError>;

    /// Signatures over digests, in their order; asks for them once and `wait`s for the holder.
    ///
    /// # Errors
    /// [`RemoteError`]; all are final.
    fn sign(
        &self,
        algorithm: SignatureAlgorithm,
        digests: &[Vec<u8>],
        wait: &Wait,
    ) -> Result<Vec<Vec<u8>>, RemoteError>;
}

/// How long a holder and the service may take, and how often the service is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// From the request to the values.
    pub longest: Duration,
    /// Between two questions.
    pub pause: Duration,
    /// For one question and its answer.
    pub call: Duration,
}

impl Default for Patience {
    /// Five minutes, every two seconds: what the phone applications show as their own limit. Half a minute
    /// for an answer.
    fn default() -> Self {
        let [longest, pause, call] = [300, 2, 30].map(Duration::from_secs);
        Self { longest, pause, call }
    }
}

/// Waiting for one confirmation.
#[derive(Debug)]
pub struct Wait {
    since: Instant,
    patience: Patience,
}

impl Wait {
    fn begin(patience: Patience) -> Self {
        Self { since: Instant::now(), patience }
    }

    /// Pauses before the service is asked again.
    ///
    /// # Errors
    /// [`RemoteError::NotConfirmed`] when there is no time left.
    pub fn pause(&self) -> Result<(), RemoteError> {
        let Patience { longest, pause, .. } = self.patience;
        let left = longest.saturating_sub(self.since.elapsed());
        if left.is_zero() {
            return Err(RemoteError::NotConfirmed { seconds: longest.as_secs() });
        }
        // The last question is asked when the time is over.
        std::thread::sleep(pause.min(left));
        Ok(())
    }
}

/// A key at a remote service.
pub struct RemoteKey {
    service: Box<dyn Service>,
    algorithm: SignatureAlgorithm,
    credential: Credential,
    spki: Vec<u8>,
    patience: Patience,
}

impl std::fmt::Debug for RemoteKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RemoteKey").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

impl RemoteKey {
    /// Fetches the certificate of the service's credential. `wanted` says what to sign with.
    ///
    /// # Errors
    /// [`RemoteError`].
    pub fn open(
        service: Box<dyn Service>,
        wanted: impl FnOnce(&Certificate) -> Result<SignatureAlgorithm, KeyError>,
        patience: Patience,
    ) -> Result<Self, RemoteError> {
        let credential = service.credential()?;
        let leaf = credential.certificates.first();
        let leaf = leaf.ok_or_else(|| RemoteError::NotUsable("no certificate".into()))?;
        let leaf = Certificate::parse(leaf).map_err(|e| RemoteError::Unreadable(e.to_string()))?;
        let algorithm = wanted(&leaf).map_err(|e| RemoteError::NotUsable(e.to_string()))?;
        // Services take digests; these keys sign none.
        if algorithm.signs_whole_message() {
            return Err(RemoteError::NotUsable(algorithm.name()));
        }
        let spki = leaf.spki_der().to_vec();
        Ok(Self { service, algorithm, credential, spki, patience })
    }

    fn sign_some(&self, messages: &[&[u8]]) -> Result<Vec<Vec<u8>>, RemoteError> {
        let digests: Vec<_> = messages.iter().map(|m| digest(self.algorithm.digest(), m)).collect();
        let values = self.service.sign(self.algorithm, &digests, &Wait::begin(self.patience))?;
        if values.len() != messages.len() {
            let reason = format!("{} values for {} digests", values.len(), messages.len());
            return Err(RemoteError::Unreadable(reason));
        }
        let fits = |(message, value): (&&[u8], &Vec<u8>)| {
            verify(self.algorithm, &self.spki, message, value) == Ok(true)
        };
        // What the certificate's key did not make must not get into a document.
        if messages.iter().zip(&values).all(fits) { Ok(values) } else { Err(RemoteError::WrongValue) }
    }
}

impl Signer for RemoteKey {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    fn certificates(&self) -> &[Vec<u8>] {
        &self.credential.certificates
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let mut values = self.sign_some(&[message])?;
        values.pop().ok_or_else(|| RemoteError::Unreadable("no value".into()).into())
    }

    fn most_at_once(&self) -> usize {
        self.credential.most.clamp(1, MOST_DIGESTS)
    }

    fn sign_all(&self, messages: &[&[u8]]) -> Result<Vec<Vec<u8>>, KeyError> {
        let mut values = Vec::with_capacity(messages.len());
        for some in messages.chunks(self.most_at_once()) {
            values.extend(self.sign_some(some)?);
        }
        Ok(values)
    }
}
