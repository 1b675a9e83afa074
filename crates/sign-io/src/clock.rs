//! The only place where the signing side reads the clock.

use sign_core::time::Time;
use std::time::{SystemTime, UNIX_EPOCH};

/// The present instant, in UTC. A clock set before 1970 reads as 1970.
pub fn now() -> Time {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    Time::from_unix(i64::try_from(seconds).unwrap_or(i64::MAX))
}
