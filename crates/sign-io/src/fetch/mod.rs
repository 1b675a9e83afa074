//! Evidence from the addresses that certificates name: OCSP answers (RFC 6960), revocation lists and
//! issuers' certificates (RFC 5280 4.2.1.13, 4.2.2.1).
//!
//! Whoever made a document chose what its certificates say. So the addresses of a path that ends in an
//! anchor are asked, and those of others only if the operator named their hosts; every question goes
//! through [`crate::egress`] and is counted, for each certificate and for the document. What comes back is
//! looked at before it becomes evidence, and judged like any other evidence after that.

mod cache;
mod look;
#[cfg(test)]
mod tests;

pub use cache::Cache;

use crate::egress::{Egress, EgressError, Question, Rules, Target};
use cache::Key;
use sign_core::crypto::DigestAlgorithm;
use sign_core::crypto::authenticate;
use sign_core::report::model::Finding;
use sign_core::report::words;
use sign_core::time::Time;
use sign_core::trust::{Evidence, Origin};
use sign_core::verify::missing::Missing;
use sign_core::x509::{Certificate, ocsp};
use std::collections::HashMap;

/// RFC 9654 2.1.
const NONCE_BYTES: usize = 32;
/// Failures that are told; a document with more of them is not explained better by more words.
const MOST_FAILURES: usize = 16;

/// How evidence is fetched.
#[derive(Debug, Clone)]
pub struct Fetching {
    /// What may be asked, and how long it may take.
    pub rules: Rules,
    /// Questions about one certificate: one for its status, one more if that failed.
    pub per_certificate: u32,
    /// Whether OCSP questions carry a number that has to come back.
    pub nonce: Nonce,
    /// Where answers are kept; nowhere if none.
    pub cache: Option<Cache>,
}

impl Default for Fetching {
    fn default() -> Self {
        Self { rules: Rules::default(), per_certificate: 2, nonce: Nonce::Sent, cache: None }
    }
}

/// Numbers in OCSP questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Nonce {
    /// Sent. A responder that does not repeat it is believed as long as its answer is fresh: many answer
    /// with what they signed before (RFC 5019 section 4). One that repeats another is not.
    #[default]
    Sent,
    /// Left out, for responders that refuse it.
    LeftOut,
}

/// A question that brought nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotFetched {
    /// Who was asked, or would have been.
    pub host: String,
    /// Whose certificate it was about.
    pub subject: String,
    /// Stable word for the reason. What an answer looked like is not told.
    pub code: &'static str,
}

impl NotFetched {
    /// The same for a report.
    pub fn finding(&self) -> Finding {
        words::finding("evidence_not_fetched", &format!("{}: {} ({})", self.host, self.code, self.subject))
    }
}

/// Why a source brought nothing.
enum Failure {
    /// It could not be asked, or did not answer.
    Silent(&'static str),
    /// What it answered cannot be used.
    Unusable(&'static str),
    /// There are no questions left.
    Spent,
}

impl From<EgressError> for Failure {
    fn from(error: EgressError) -> Self {
        match error {
            EgressError::TooMany { .. } => Self::Spent,
            other => Self::Silent(other.code()),
        }
    }
}

/// What one source was worth.
enum Gain {
    /// It brought something usable just now.
    New,
    /// It was asked before, and brought something or not.
    Known(bool),
    Nothing(Failure),
}

/// Fetches for one document.
#[derive(Debug)]
pub struct Fetcher {
    settings: Fetching,
    egress: Egress,
    now: Time,
    /// What was asked, and whether it brought something.
    asked: HashMap<Key, bool>,
    spent: HashMap<Certificate, u32>,
    failures: Vec<NotFetched>,
}

impl Fetcher {
    /// Nothing is asked yet. `now` is when kept answers must still hold.
    pub fn new(settings: &Fetching, now: Time) -> Self {
        Self {
            settings: settings.clone(),
            egress: Egress::new(settings.rules.clone()),
            now,
            asked: HashMap::new(),
            spent: HashMap::new(),
            failures: Vec::new(),
        }
    }

    /// Asks for what is missing and adds what is usable to `evidence`; how many pieces that were. The
    /// same thing is asked once, however often it is missing. Blocks; does not belong on an async thread.
    pub fn fetch(&mut self, missing: &[Missing], evidence: &mut Evidence) -> usize {
        let before = pieces(evidence);
        for one in missing {
            match one {
                Missing::Status { certificate, issuer, anchored, .. } => {
                    let trust = if *anchored { Trust::Anchored } else { Trust::Nobody };
                    self.status(certificate, issuer.as_ref(), trust, evidence);
                }
                Missing::Issuer { certificate } => self.issuer(certificate, evidence),
            }
        }
        pieces(evidence) - before
    }

    /// What brought nothing, and left a question open or lied.
    pub fn failures(&self) -> &[NotFetched] {
        &self.failures
    }

    fn status(
        &mut self,
        certificate: &Certificate,
        issuer: Option<&Certificate>,
        trust: Trust,
        evidence: &mut Evidence,
    ) {
        let mut failures = Vec::new();
        let mut known = false;
        // One question is left for the list that is there in case the responder fails.
        let responders = if certificate.crl_urls().is_empty() { usize::MAX } else { 1 };
        let urls = certificate.ocsp_urls().iter().filter(|url| self.may_ask(url, trust)).take(responders);
        let urls: Vec<&String> = urls.collect();
        for (url, issuer) in urls.into_iter().zip(std::iter::repeat(issuer)) {
            let Some(issuer) = issuer else { break };
            match self.answer(url, certificate, issuer, trust, evidence) {
                Gain::New => known = true,
                // It did not settle the status before, so it does not now.
                Gain::Known(_) => {}
                Gain::Nothing(failure) => failures.push((url.clone(), failure)),
            }
            if known {
                break;
            }
        }
        if !known {
            known = self.lists(certificate, issuer, trust, evidence, &mut failures);
        }
        self.note(certificate, known, failures);
    }

    /// The lists of every distribution point, then the newest changes to them.
    fn lists(
        &mut self,
        certificate: &Certificate,
        issuer: Option<&Certificate>,
        trust: Trust,
        evidence: &mut Evidence,
        failures: &mut Vec<(String, Failure)>,
    ) -> bool {
        let points = certificate.distribution_points().iter();
        let mut places: Vec<Vec<String>> =
            points.map(|point| point.urls().map(str::to_owned).collect()).collect();
        places.push(certificate.freshest_crl_urls().map(str::to_owned).collect());
        let mut known = false;
        for urls in places {
            // Addresses of one point lead to the same list.
            for url in &urls {
                if !self.may_ask(url, trust) {
                    continue;
                }
                match self.list(url, certificate, issuer, evidence) {
                    Gain::New | Gain::Known(true) => {
                        known = true;
                        break;
                    }
                    Gain::Known(false) => {}
                    Gain::Nothing(failure) => failures.push((url.clone(), failure)),
                }
            }
        }
        known
    }

    fn answer(
        &mut self,
        url: &str,
        certificate: &Certificate,
        issuer: &Certificate,
        trust: Trust,
        evidence: &mut Evidence,
    ) -> Gain {
        let plain = ocsp::request(certificate, issuer, DigestAlgorithm::Sha1, None);
        let key = Key::of(url, &plain);
        if let Some(brought) = self.asked.get(&key) {
            return Gain::Known(*brought);
        }
        let look =
            |bytes: &[u8], nonce: Option<&[u8]>| look::answer(bytes, certificate, issuer, self.now, nonce);
        let found = match self.kept(&key, |bytes| look(bytes, None)) {
            Some(found) => Ok(found),
            None => self.ask_responder(url, certificate, issuer, &plain),
        };
        let found = found.and_then(|found| {
            let added = evidence.add_ocsp(&found.bytes, Origin::Fetched);
            added.map(|_| found).map_err(|error| Failure::Unusable(error.code()))
        });
        self.asked.insert(key.clone(), found.is_ok());
        match found {
            Ok(found) => {
                if found.fresh {
                    self.keep(&key, &found.bytes, found.holds_until);
                }
                // A delegate's own status is found in lists: it cannot speak for itself.
                if let Some(responder) = found.responder {
                    let mut failures = Vec::new();
                    let known = self.lists(&responder, Some(issuer), trust, evidence, &mut failures);
                    self.note(&responder, known, failures);
                }
                Gain::New
            }
            Err(failure) => Gain::Nothing(failure),
        }
    }

    fn ask_responder(
        &mut self,
        url: &str,
        certificate: &Certificate,
        issuer: &Certificate,
        plain: &[u8],
    ) -> Result<look::Found, Failure> {
        let nonce = match self.settings.nonce {
            Nonce::Sent => authenticate::nonce(NONCE_BYTES).ok(),
            Nonce::LeftOut => None,
        };
        let request = match &nonce {
            Some(nonce) => ocsp::request(certificate, issuer, DigestAlgorithm::Sha1, Some(nonce)),
            None => plain.to_vec(),
        };
        let body = Some(("application/ocsp-request", request.as_slice()));
        let bytes = self.ask(certificate, &Question { url, body })?;
        look::answer(&bytes, certificate, issuer, self.now, nonce.as_deref())
    }

    fn list(
        &mut self,
        url: &str,
        certificate: &Certificate,
        issuer: Option<&Certificate>,
        evidence: &mut Evidence,
    ) -> Gain {
        let key = Key::of(url, &[]);
        if let Some(brought) = self.asked.get(&key) {
            return Gain::Known(*brought);
        }
        let now = self.now;
        let found = match self.kept(&key, |bytes| look::list(bytes, issuer, now)) {
            Some(found) => Ok(found),
            None => self
                .ask(certificate, &Question { url, body: None })
                .and_then(|bytes| look::list(&bytes, issuer, now)),
        };
        let found = found.and_then(|found| {
            let added = evidence.add_crl(&found.bytes, Origin::Fetched);
            added.map(|_| found).map_err(|error| Failure::Unusable(error.code()))
        });
        self.asked.insert(key.clone(), found.is_ok());
        match found {
            Ok(found) => {
                if found.fresh {
                    self.keep(&key, &found.bytes, found.holds_until);
                }
                Gain::New
            }
            Err(failure) => Gain::Nothing(failure),
        }
    }

    /// A path that leads nowhere yet: nobody vouches for its addresses but the operator.
    fn issuer(&mut self, certificate: &Certificate, evidence: &mut Evidence) {
        let mut failures = Vec::new();
        let mut known = false;
        for url in certificate.ca_issuers_urls() {
            if !self.may_ask(url, Trust::Nobody) {
                continue;
            }
            let key = Key::of(url, &[]);
            if self.asked.contains_key(&key) {
                continue;
            }
            let found = match self.kept(&key, |bytes| look::issuers(bytes, certificate, self.now)) {
                Some(found) => Ok(found),
                None => self
                    .ask(certificate, &Question { url, body: None })
                    .and_then(|bytes| look::issuers(&bytes, certificate, self.now)),
            };
            self.asked.insert(key.clone(), found.is_ok());
            match found {
                Ok(found) => {
                    for issuer in &found.certificates {
                        // What does not fit beside the rest is missing, and said to be so.
                        let _ = evidence.add_certificate(issuer.der(), Origin::Fetched);
                    }
                    if found.fresh {
                        self.keep(&key, &found.bytes, found.holds_until);
                    }
                    known = true;
                    break;
                }
                Err(failure) => failures.push((url.clone(), failure)),
            }
        }
        self.note(certificate, known, failures);
    }

    fn may_ask(&self, url: &str, trust: Trust) -> bool {
        trust == Trust::Anchored || self.egress.is_listed(url)
    }

    /// One question, counted for the certificate it is about.
    fn ask(&mut self, certificate: &Certificate, question: &Question<'_>) -> Result<Vec<u8>, Failure> {
        // What is never asked costs nothing.
        self.egress.check(question.url)?;
        let spent = self.spent.entry(certificate.clone()).or_insert(0);
        if *spent >= self.settings.per_certificate {
            return Err(Failure::Spent);
        }
        *spent += 1;
        Ok(self.egress.ask(question)?)
    }

    /// A kept answer that is still usable. One that is not is thrown away.
    fn kept(
        &self,
        key: &Key,
        look: impl FnOnce(&[u8]) -> Result<look::Found, Failure>,
    ) -> Option<look::Found> {
        let cache = self.settings.cache.as_ref()?;
        let bytes = cache.read(key, self.now)?;
        match look(&bytes) {
            Ok(found) => Some(look::Found { fresh: false, ..found }),
            Err(_) => {
                cache.forget(key);
                None
            }
        }
    }

    fn keep(&self, key: &Key, bytes: &[u8], until: Time) {
        if let Some(cache) = &self.settings.cache {
            cache.write(key, bytes, until);
        }
    }

    /// Notes failures: all of them if nothing is known in the end; otherwise only those of sources that answered
    /// what they should not.
    fn note(&mut self, certificate: &Certificate, known: bool, failures: Vec<(String, Failure)>) {
        for (url, failure) in failures {
            match failure {
                Failure::Unusable(code) => self.tell(&url, certificate, code),
                Failure::Silent(code) if !known => self.tell(&url, certificate, code),
                Failure::Spent if !known => self.tell(&url, certificate, "egress_too_many"),
                Failure::Silent(_) | Failure::Spent => {}
            }
        }
    }

    fn tell(&mut self, url: &str, certificate: &Certificate, code: &'static str) {
        let shown = || url.chars().filter(|c| !c.is_control()).take(80).collect();
        let failure = NotFetched {
            host: Target::parse(url).map_or_else(|_| shown(), |target| target.host),
            subject: certificate.subject().display_name(),
            code,
        };
        if self.failures.len() < MOST_FAILURES && !self.failures.contains(&failure) {
            self.failures.push(failure);
        }
    }
}

/// Who vouches for the addresses in a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// The anchor at the end of its path.
    Anchored,
    /// Nobody; the operator may have named the host.
    Nobody,
}

fn pieces(evidence: &Evidence) -> usize {
    evidence.crls().len() + evidence.responses().len() + evidence.certificates().len()
}
