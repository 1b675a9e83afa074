//! Heavy work beside the event loop: a bounded number of jobs at once and a bounded queue.

use crate::app::failure::{Failure, Kind};
use std::{sync::Arc, time::Duration};
use tokio::sync::Semaphore;

/// Longest wait for a free place before the answer is "busy".
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// Places for signing, verifying, drawing and other work that keeps a core busy.
#[derive(Clone)]
pub struct Cpu {
    places: Arc<Semaphore>,
}

impl Cpu {
    /// So many jobs at once.
    pub fn new(jobs: usize) -> Self {
        Self { places: Arc::new(Semaphore::new(jobs.max(1))) }
    }

    /// Runs a job when a place is free.
    ///
    /// The job goes on to its end even if the caller has gone away: it must leave nothing half done.
    ///
    /// # Errors
    /// `busy` when no place becomes free in time; what the job itself answers.
    pub async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let place = tokio::time::timeout(LONGEST_WAIT, Arc::clone(&self.places).acquire_owned()).await;
        let Ok(Ok(place)) = place else {
            return Err(Failure::new(Kind::Busy, "busy", "no free worker"));
        };
        let done = tokio::task::spawn_blocking(move || {
            let _place = place;
            job()
        });
        done.await.map_err(|error| Failure::internal(format!("job ended early: {error}")))?
    }
}
