//! Time-stamping authorities over HTTP (RFC 3161 3.4), asked one after the other until one stamps.

use crate::egress::{Egress, Question, Rules, Target};
use sign_core::cms::timestamp::{LARGEST_ANSWER, TimeStampRequest, TimeStampToken};
use sign_core::crypto::authenticate::nonce;
use sign_core::crypto::digest::{DigestAlgorithm, digest};
use sign_core::sign::{StampError, TimeStamper};
use std::time::Duration;

/// Bytes of the nonce: 64 bits, what every authority takes.
const NONCE_BYTES: usize = 8;

/// Authorities, the first one preferred.
#[derive(Debug)]
pub struct Tsa {
    urls: Vec<String>,
    longest: Duration,
    policy: Option<String>,
}

impl Tsa {
    /// Authorities that the operator named; `longest` is waited for each. The public-service authority
    /// takes up to two minutes.
    ///
    /// # Errors
    /// [`StampError`] if one is no URL, or there is none.
    pub fn new(urls: &[String], longest: Duration) -> Result<Self, StampError> {
        for url in urls {
            Target::parse(url)
                .map_err(|error| StampError { code: "tsa_bad_address", reason: error.to_string() })?;
        }
        if urls.is_empty() {
            return Err(StampError { code: "tsa_missing", reason: String::new() });
        }
        Ok(Self { urls: urls.to_vec(), longest, policy: None })
    }

    /// Asks for tokens under this policy, dotted.
    pub fn under_policy(mut self, policy: Option<String>) -> Self {
        self.policy = policy;
        self
    }

    fn ask(&self, url: &str, data: &[u8]) -> Result<TimeStampToken, StampError> {
        let nonce = nonce(NONCE_BYTES)
            .map_err(|error| StampError { code: error.code(), reason: error.to_string() })?;
        let algorithm = DigestAlgorithm::Sha256;
        let imprint = digest(algorithm, data);
        let policy = self.policy.clone();
        let request = TimeStampRequest { digest: algorithm, imprint, nonce: Some(nonce), policy };
        let body = request.to_der();
        // The operator named it: where it is, is the operator's matter, and so is how long it takes.
        let rules = Rules {
            private_addresses: true,
            connect: self.longest.min(Duration::from_secs(10)),
            answer: self.longest,
            largest: LARGEST_ANSWER,
            ..Rules::default()
        };
        let question = Question { url, body: Some(("application/timestamp-query", &body)) };
        let answer = Egress::new(rules)
            .ask(&question)
            .map_err(|error| StampError { code: "tsa_unreachable", reason: error.to_string() })?;
        let named = |reason: String| format!("{url}: {reason}");
        request
            .answer(&answer)
            .map_err(|error| StampError { code: error.code(), reason: named(error.to_string()) })
    }
}

impl TimeStamper for Tsa {
    /// The first authority that stamps; the last one's reason if none does.
    fn stamp(&self, data: &[u8]) -> Result<TimeStampToken, StampError> {
        let mut failure = StampError { code: "tsa_missing", reason: String::new() };
        for url in &self.urls {
            match self.ask(url, data) {
                Ok(token) => return Ok(token),
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }
}
