//! Time-stamping authorities over HTTP (RFC 3161 3.4), asked one after the other until one stamps.

use crate::egress::{Egress, Question, Rules, Target};
use sign_core::cms::timestamp::{LARGEST_ANSWER, TimeStampRequest, TimeStampToken};
use sign_core::crypto::authenticate::nonce;
use sign_core::crypto::digest::DigestAlgorithm;
use sign_core::sign::{StampError, TimeStamper};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Bytes of the nonce: 64 bits, what every authority takes.
const NONCE_BYTES: usize = 8;
/// How often an authority that cannot be reached is asked.
const TRIES: u32 = 3;
/// Questions of this process at the same time: the public-service authority's gateway takes no more from
/// one office.
const AT_ONCE: usize = 4;

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

    fn ask(&self, url: &str, digest: DigestAlgorithm, imprint: &[u8]) -> Result<TimeStampToken, StampError> {
        let nonce = nonce(NONCE_BYTES)
            .map_err(|error| StampError { code: error.code(), reason: error.to_string() })?;
        let policy = self.policy.clone();
        let request = TimeStampRequest { digest, imprint: imprint.to_vec(), nonce: Some(nonce), policy };
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
        let turn = TURNS.take();
        let answer = Egress::new(rules)
            .ask(&question)
            .map_err(|error| StampError { code: UNREACHABLE, reason: error.to_string() })?;
        drop(turn);
        let named = |reason: String| format!("{url}: {reason}");
        request
            .answer(&answer)
            .map_err(|error| StampError { code: error.code(), reason: named(error.to_string()) })
    }
}

impl TimeStamper for Tsa {
    /// The first authority that stamps; the last one's reason if none does. One that cannot be reached is
    /// asked again after the others; one that answered something else is not.
    fn stamp_digest(&self, algorithm: DigestAlgorithm, imprint: &[u8]) -> Result<TimeStampToken, StampError> {
        let mut failure = StampError { code: "tsa_missing", reason: String::new() };
        let mut urls: Vec<&String> = self.urls.iter().collect();
        for _ in 0..TRIES {
            let mut again = Vec::new();
            for url in urls {
                match self.ask(url, algorithm, imprint) {
                    Ok(token) => return Ok(token),
                    Err(error) => {
                        if error.code == UNREACHABLE {
                            again.push(url);
                        }
                        failure = error;
                    }
                }
            }
            urls = again;
        }
        Err(failure)
    }
}

const UNREACHABLE: &str = "tsa_unreachable";

/// Who may ask now.
static TURNS: Turns = Turns { taken: Mutex::new(0), free: Condvar::new() };

/// At most [`AT_ONCE`] are taken at a time.
struct Turns {
    taken: Mutex<usize>,
    free: Condvar,
}

/// Given back when dropped.
struct Turn<'t>(&'t Turns);

impl Turns {
    fn take(&self) -> Turn<'_> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.free.wait_while(taken, |taken| *taken >= AT_ONCE);
        *waited.unwrap_or_else(PoisonError::into_inner) += 1;
        Turn(self)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut taken = self.0.taken.lock().unwrap_or_else(PoisonError::into_inner);
        *taken = taken.saturating_sub(1);
        self.0.free.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::net::TcpListener;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Barrier};

    /// Counts who comes, and hangs up.
    fn broken() -> (String, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                counter.fetch_add(1, Ordering::SeqCst);
                let _ = stream.unwrap().read(&mut [0; 16]);
            }
        });
        (url, asked)
    }

    #[test]
    fn an_authority_that_breaks_off_is_asked_three_times_after_the_others() {
        let ((first, asked_first), (second, asked_second)) = (broken(), broken());
        let tsa = Tsa::new(&[first, second], Duration::from_secs(20)).unwrap();
        let error = tsa.stamp(b"value").unwrap_err();
        assert_eq!(error.code, "tsa_unreachable");
        assert_eq!((asked_first.load(Ordering::SeqCst), asked_second.load(Ordering::SeqCst)), (3, 3));
    }

    #[test]
    fn no_more_than_four_ask_at_the_same_time() {
        let turns = Turns { taken: Mutex::new(0), free: Condvar::new() };
        let (inside, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let start = Barrier::new(16);
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    start.wait();
                    for _ in 0..50 {
                        let turn = turns.take();
                        most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        std::thread::yield_now();
                        inside.fetch_sub(1, Ordering::SeqCst);
                        drop(turn);
                    }
                });
            }
        });
        assert!(most.load(Ordering::SeqCst) <= AT_ONCE);
        assert_eq!(*turns.taken.lock().unwrap(), 0);
    }
}
