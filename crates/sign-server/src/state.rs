//! What every request works with.

use crate::{app::failure::Failure, config::Config, cpu::Cpu, secret::ServerKey};
use std::sync::Arc;
use tokio::sync::Notify;

/// Shared by all requests and the worker.
pub type Shared = Arc<State>;

/// The parts of one server.
pub struct State {
    /// What the operator decided.
    pub config: Config,
    /// Places for heavy work.
    pub cpu: Cpu,
    /// Seals what is stored and must be used again.
    pub key: ServerKey,
    /// Rung when there is something to deliver.
    pub wake: Notify,
}

impl State {
    /// Opens (and at the first start makes) the data directory.
    ///
    /// # Errors
    /// If something in it cannot be opened.
    pub async fn open(config: Config) -> anyhow::Result<Shared> {
        tokio::fs::create_dir_all(&config.data).await?;
        let key_path = config.data.join("server.key");
        let key = tokio::task::spawn_blocking(move || ServerKey::open(&key_path)).await??;
        Ok(Arc::new(Self { cpu: Cpu::new(config.cpu_jobs), key, wake: Notify::new(), config }))
    }

    /// Whether the parts can do their work now.
    ///
    /// # Errors
    /// The first part that cannot.
    pub async fn check_ready(&self) -> Result<(), Failure> {
        tokio::fs::metadata(&self.config.data).await.map_err(Failure::internal)?;
        Ok(())
    }
}
