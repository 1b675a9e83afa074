//! The one way out for addresses that a stranger chose: those of status services and issuers that stand
//! in certificates.
//!
//! A document that arrives must not make this machine talk to whatever its certificates name. So a name is
//! resolved once, every address it resolves to is looked at, and the connection goes to one of these very
//! addresses; redirects are not followed; and time, size and number of questions are bounded. Which
//! chains deserve a question at all is decided by the caller.

mod address;
mod http;

pub use address::{Target, is_public};

use crate::remote::tls::{Authorities, Tls};
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::net::TcpStream;

/// Ports of status services; others only if the operator names the host with its port.
const PORTS: [u16; 2] = [80, 443];

/// What the operator allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Hosts that may be asked whatever the chain, each as `host` or `host:port`. If not empty, no other
    /// host is asked.
    pub hosts: Vec<String>,
    /// Loopback, private and link-local addresses too: for closed networks, and for tests.
    pub private_addresses: bool,
    /// Questions for one document.
    pub questions: u32,
    /// Until there is a connection.
    pub connect: Duration,
    /// From the first byte sent to the last one received.
    pub answer: Duration,
    /// Bytes of one answer.
    pub largest: usize,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            hosts: Vec::new(),
            private_addresses: false,
            questions: 8,
            connect: Duration::from_secs(3),
            answer: Duration::from_secs(5),
            largest: 10 << 20,
        }
    }
}

/// Why nothing was fetched. Says no more than the operator needs: what an answer looked like is not
/// told, so that a document cannot be used to explore a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EgressError {
    /// Not an `http` or `https` URL that can be asked.
    #[error("not an address that is asked: {0}")]
    BadUrl(String),
    /// The operator's list does not have the host, or the port is not usual.
    #[error("{0} is not on the list of hosts")]
    NotListed(String),
    /// The host is in this machine or this network.
    #[error("{0} is not in the public network")]
    NotPublic(String),
    /// The host has no address.
    #[error("{0} has no address")]
    NoAddress(String),
    /// The number of questions for one document is used up.
    #[error("more than {allowed} questions for one document")]
    TooMany {
        /// How many are allowed.
        allowed: u32,
    },
    /// Not in time.
    #[error("no answer from {host} within {seconds} s")]
    Timeout {
        /// Who was asked.
        host: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// No connection, a broken one, or one that is not trusted.
    #[error("{0} cannot be reached")]
    Unreachable(String),
    /// An answer other than 200, redirects included.
    #[error("{host} answers {status}")]
    Status {
        /// Who was asked.
        host: String,
        /// HTTP status.
        status: u16,
    },
    /// An answer that is too long.
    #[error("{host} answers more than {allowed} bytes")]
    TooLong {
        /// Who was asked.
        host: String,
        /// How many are allowed.
        allowed: usize,
    },
}

impl EgressError {
    /// Stable word for this cause.
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadUrl(_) => "egress_bad_url",
            Self::NotListed(_) => "egress_not_listed",
            Self::NotPublic(_) => "egress_not_public",
            Self::NoAddress(_) => "egress_no_address",
            Self::TooMany { .. } => "egress_too_many",
            Self::Timeout { .. } => "egress_timeout",
            Self::Unreachable(_) => "egress_unreachable",
            Self::Status { .. } => "egress_status",
            Self::TooLong { .. } => "egress_too_long",
        }
    }
}

/// One question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question<'a> {
    /// Where.
    pub url: &'a str,
    /// Content type and bytes of a POST; a GET without.
    pub body: Option<(&'a str, &'a [u8])>,
}

/// Finds the addresses of a host; the system's way unless a test has another.
type Resolve = dyn Fn(&str, u16) -> io::Result<Vec<SocketAddr>> + Send + Sync;

/// The client. One for each document, so that its questions can be counted.
pub struct Egress {
    rules: Rules,
    resolve: Arc<Resolve>,
    asked: AtomicU32,
}

impl fmt::Debug for Egress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Egress").field("rules", &self.rules).finish_non_exhaustive()
    }
}

impl Egress {
    /// A client for one document.
    pub fn new(rules: Rules) -> Self {
        let system = |host: &str, port: u16| {
            std::net::ToSocketAddrs::to_socket_addrs(&(host, port)).map(Iterator::collect)
        };
        Self { rules, resolve: Arc::new(system), asked: AtomicU32::new(0) }
    }

    /// Whether the operator's list names the host of this address.
    pub fn is_listed(&self, url: &str) -> bool {
        Target::parse(url).is_ok_and(|target| self.listed(&target))
    }

    /// Whether this address would be asked, as far as its spelling and the operator's list tell.
    ///
    /// # Errors
    /// [`EgressError::BadUrl`], [`EgressError::NotListed`].
    pub fn check(&self, url: &str) -> Result<(), EgressError> {
        self.permit(&Target::parse(url)?)
    }

    /// Asks, waits and gives back the body of the answer. Blocks; does not belong on an async thread.
    ///
    /// # Errors
    /// [`EgressError`]. Nothing is tried again.
    pub fn ask(&self, question: &Question<'_>) -> Result<Vec<u8>, EgressError> {
        let target = Target::parse(question.url)?;
        self.permit(&target)?;
        if self.asked.fetch_add(1, Ordering::Relaxed) >= self.rules.questions {
            return Err(EgressError::TooMany { allowed: self.rules.questions });
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|_| EgressError::Unreachable(target.host.clone()))?;
        let addresses = self.addresses(&target)?;
        let answer = runtime.block_on(self.exchange(&target, &addresses, question));
        runtime.shutdown_background();
        answer
    }

    fn listed(&self, target: &Target) -> bool {
        let named = |entry: &String| {
            let with_port = format!("{}:{}", target.host, target.port);
            entry.eq_ignore_ascii_case(&with_port)
                || entry.eq_ignore_ascii_case(&target.host) && PORTS.contains(&target.port)
        };
        self.rules.hosts.iter().any(named)
    }

    /// The operator's list, and the usual ports.
    fn permit(&self, target: &Target) -> Result<(), EgressError> {
        let listed = self.listed(target);
        let usual =
            self.rules.hosts.is_empty() && (PORTS.contains(&target.port) || self.rules.private_addresses);
        if listed || usual { Ok(()) } else { Err(EgressError::NotListed(target.name())) }
    }

    /// Resolves the host, once, within the time of a connection.
    fn addresses(&self, target: &Target) -> Result<Vec<SocketAddr>, EgressError> {
        // The system's resolver cannot be interrupted: it gets a thread of its own, which is left behind
        // when it takes too long.
        let (send, receive) = std::sync::mpsc::channel();
        let (resolve, host, port) = (Arc::clone(&self.resolve), target.host.clone(), target.port);
        std::thread::spawn(move || send.send(resolve(&host, port)));
        let found = receive.recv_timeout(self.rules.connect);
        self.screen(target, found.map_err(|_| self.late(target, self.rules.connect))?)
    }

    /// One address that must not be asked spoils all of them: an honest host has none.
    fn screen(
        &self,
        target: &Target,
        found: io::Result<Vec<SocketAddr>>,
    ) -> Result<Vec<SocketAddr>, EgressError> {
        let addresses = found.map_err(|_| EgressError::NoAddress(target.host.clone()))?;
        if addresses.is_empty() {
            return Err(EgressError::NoAddress(target.host.clone()));
        }
        if !self.rules.private_addresses && !addresses.iter().all(|address| is_public(address.ip())) {
            return Err(EgressError::NotPublic(target.host.clone()));
        }
        Ok(addresses)
    }

    async fn exchange(
        &self,
        target: &Target,
        addresses: &[SocketAddr],
        question: &Question<'_>,
    ) -> Result<Vec<u8>, EgressError> {
        let unreachable = || EgressError::Unreachable(target.host.clone());
        let connecting = tokio::time::timeout(self.rules.connect, TcpStream::connect(addresses)).await;
        let stream = connecting.map_err(|_| self.late(target, self.rules.connect))?;
        let stream = stream.map_err(|_| unreachable())?;
        let talking = async {
            if target.secure {
                let tls = Tls::new(&Authorities::System).map_err(|_| unreachable())?;
                let stream = tls.connect(&target.host, stream).await.map_err(|_| unreachable())?;
                http::talk(stream, target, question, self.rules.largest).await
            } else {
                http::talk(stream, target, question, self.rules.largest).await
            }
        };
        let answer = tokio::time::timeout(self.rules.answer, talking).await;
        answer.unwrap_or_else(|_| Err(self.late(target, self.rules.answer)))
    }

    fn late(&self, target: &Target, waited: Duration) -> EgressError {
        EgressError::Timeout { host: target.host.clone(), seconds: waited.as_secs() }
    }
}

#[cfg(test)]
pub(crate) use tests::HOSTILE;

#[cfg(test)]
mod tests;
