//! The time that a whole call has, of however many commands it is made.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::Error;

/// The time of a call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Time {
    limit: Duration,
    /// None if there is no limit.
    end: Option<Instant>,
}

impl Time {
    /// A call begins.
    pub(super) fn start(limit: Option<Duration>) -> Self {
        Self {
            limit: limit.unwrap_or_default(),
            // A limit that no clock can reach is none.
            end: limit.and_then(|limit| Instant::now().checked_add(limit)),
        }
    }

    /// What is left of it, if it has an end.
    pub(super) fn left(self) -> Option<Duration> {
        self.end.map(|end| end.saturating_duration_since(Instant::now()))
    }

    /// Waits for `future` as long as there is time.
    pub(super) async fn limit<F: Future>(self, future: F) -> Option<F::Output> {
        match self.end {
            None => Some(future.await),
            Some(end) => timeout_at(end, future).await.ok(),
        }
    }

    /// When it ends, if it does.
    pub(super) const fn end(self) -> Option<Instant> {
        self.end
    }

    /// That it has passed.
    pub(super) const fn passed(self) -> Error {
        Error::Deadline { limit: self.limit }
    }
}
