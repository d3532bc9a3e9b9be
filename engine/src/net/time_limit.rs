//! How long something may take.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::error::AttemptError;

/// When something must be done, and how long that was from its beginning.
#[derive(Debug, Clone, Copy)]
pub(super) struct TimeLimit {
    at: Instant,
    length: Duration,
}

impl TimeLimit {
    /// From now on. None if the clock does not go as far as that.
    pub(super) fn of(length: Duration) -> Option<Self> {
        let at = Instant::now().checked_add(length)?;
        Some(Self { at, length })
    }

    pub(super) fn is_over(self) -> bool {
        Instant::now() >= self.at
    }
}

/// The earlier of two, each of which there may be.
pub(super) fn earlier(a: Option<TimeLimit>, b: Option<TimeLimit>) -> Option<TimeLimit> {
    [a, b].into_iter().flatten().min_by_key(|limit| limit.at)
}

/// Waits no longer than until `limit`, if there is one.
///
/// # Errors
///
/// [`AttemptError::Timeout`].
pub(super) async fn within<F: Future>(
    limit: Option<TimeLimit>,
    future: F,
) -> Result<F::Output, AttemptError> {
    match limit {
        Some(limit) => timeout_at(limit.at, future)
            .await
            .map_err(|_| AttemptError::Timeout(limit.length)),
        None => Ok(future.await),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earlier_counts() {
        let short = TimeLimit::of(Duration::from_secs(1));
        let long = TimeLimit::of(Duration::from_secs(2));
        let length = |limit: Option<TimeLimit>| limit.map(|limit| limit.length);
        assert_eq!(length(earlier(short, long)), length(short));
        assert_eq!(length(earlier(long, short)), length(short));
        assert_eq!(length(earlier(None, long)), length(long));
        assert_eq!(length(earlier(None, None)), None);
    }

    #[test]
    fn a_limit_beyond_all_time_is_none() {
        assert!(TimeLimit::of(Duration::MAX).is_none());
    }
}
