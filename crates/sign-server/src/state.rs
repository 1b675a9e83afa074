//! What every request works with.

use crate::{
    app::{failure::Failure, pins::Pins, tokens::Tokens, trust::Anchors},
    config::Config,
    cpu::Cpu,
    secret::ServerKey,
};
use circulation::date::Instant;
use circulation_store::Store;
use sign_core::time::{Time, VIETNAM};
use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
    time::{SystemTime, UNIX_EPOCH},
};
use tokio::sync::Notify;

/// Shared by all requests and the worker.
pub type Shared = Arc<State>;

/// The parts of one server.
pub struct State {
    /// What the operator decided.
    pub config: Config,
    /// Books and files.
    store: Arc<Store>,
    /// Places for heavy work.
    pub cpu: Cpu,
    /// Seals what is stored and must be used again.
    pub key: ServerKey,
    /// Whom to trust.
    pub anchors: Anchors,
    /// Wrong PINs of signing keys.
    pub pins: Arc<Pins>,
    /// Modules for keys in tokens.
    pub tokens: Arc<Tokens>,
    /// Rung when there is something to deliver or to look at.
    pub wake: Notify,
    /// Idempotency keys being worked on.
    pub running: Mutex<HashSet<String>>,
}

impl State {
    /// Opens (and at the first start makes) the data directory. Blocks its thread.
    ///
    /// # Errors
    /// If something in it cannot be opened.
    pub fn open(config: Config) -> anyhow::Result<Shared> {
        let store = Arc::new(Store::open(&config.data)?);
        let key = ServerKey::open(&config.data.join("server.key"))?;
        let anchors = Anchors::open(&config.data.join("trust"))?;
        let cpu = Cpu::new(config.cpu_jobs);
        let (running, pins) = Default::default();
        let tokens = Arc::new(Tokens::new(config.pkcs11_modules.clone()));
        Ok(Arc::new(Self { config, store, cpu, key, anchors, pins, tokens, wake: Notify::new(), running }))
    }

    /// Runs one or a few verbs of the store beside the event loop.
    ///
    /// # Errors
    /// What the closure answers.
    pub async fn store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let store = Arc::clone(&self.store);
        let done = tokio::task::spawn_blocking(move || work(&store)).await;
        done.map_err(|error| Failure::internal(format!("store task ended early: {error}")))?
    }

    /// Runs verbs of the store on the caller's own thread.
    ///
    /// # Errors
    /// What the closure answers.
    pub fn store_blocking<T>(&self, work: impl FnOnce(&Store) -> Result<T, Failure>) -> Result<T, Failure> {
        work(&self.store)
    }

    /// Runs heavy work that also uses the store.
    ///
    /// # Errors
    /// `busy`; what the closure answers.
    pub async fn heavy<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let store = Arc::clone(&self.store);
        self.cpu.run(move || work(&store)).await
    }

    /// The present, in milliseconds.
    pub fn now(&self) -> Instant {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        Instant(i64::try_from(since).unwrap_or(i64::MAX))
    }

    /// Whether the parts can do their work now.
    ///
    /// # Errors
    /// The first part that cannot.
    pub async fn check_ready(&self) -> Result<(), Failure> {
        self.store(|store| Ok(store.health().map(|_| ())?)).await
    }
}

/// The instant as signing and verifying write it: to the second, in Vietnam's zone.
pub fn signing_time(now: Instant) -> Time {
    Time::from_unix(now.0.div_euclid(1000)).in_offset(VIETNAM)
}

/// A time of a certificate or report as the workflow keeps it.
pub fn instant(time: Time) -> Instant {
    Instant(time.unix().saturating_mul(1000))
}
