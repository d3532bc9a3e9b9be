//! Times that users give, and `--timeout`: one limit for connecting and for the statement.

use std::time::Duration;

use dblink_engine::connection::{Connection, Error};
use dblink_engine::conninfo::Config;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout_at};

use crate::destination::{Prompt, dial};
use crate::failure::Failure;

/// A time as users write it, such as `1m30s`. None at all is refused: it could mean no limit as well.
///
/// # Errors
///
/// What is wrong with it.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(Duration::ZERO) => Err("the time has to be longer than nothing".to_owned()),
        Ok(time) => Ok(time),
        Err(error) => Err(error.to_string()),
    }
}

/// How long a command may take, from its start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimeLimit {
    /// As the user has said it.
    limit: Duration,
    /// None where no clock can tell it: that is without an end.
    end: Option<Instant>,
}

impl TimeLimit {
    /// The time begins.
    pub(crate) fn start(limit: Option<Duration>) -> Self {
        let limit = limit.unwrap_or(Duration::MAX);
        Self {
            limit,
            end: Instant::now().checked_add(limit),
        }
    }

    /// As the user has said it.
    pub(crate) const fn limit(self) -> Duration {
        self.limit
    }

    /// What is left of it.
    pub(crate) fn left(self) -> Option<Duration> {
        self.end.map(|end| end.saturating_duration_since(Instant::now()))
    }

    /// Connects as [`dial`] does, for those who look after Ctrl-C themselves.
    pub(crate) async fn connect(self, config: &mut Config, prompt: Prompt) -> Result<Connection, Failure> {
        let connecting = until(self.end, dial(config, prompt)).await;
        connecting.unwrap_or_else(|_| {
            let limit = self.limit;
            let text = format!("there was no connection yet when the time limit of {limit:?} passed");
            Err(Failure::NoConnection(text))
        })
    }

    /// Does what no server can end. None if its time has passed.
    pub(crate) async fn during<T>(self, work: impl Future<Output = T>) -> Option<T> {
        until(self.end, work).await.ok()
    }

    /// That the time has passed.
    pub(crate) const fn passed(self) -> Error {
        Error::Deadline { limit: self.limit }
    }

    /// Why a statement failed. What connecting has left of the time is not what the user has said.
    pub(crate) fn failure(self, error: &Error, statement: &str) -> Failure {
        match error {
            Error::Deadline { .. } => Failure::statement(&self.passed(), statement),
            error => Failure::statement(error, statement),
        }
    }
}

/// Does something until then at most.
pub(crate) async fn until<T>(end: Option<Instant>, work: impl Future<Output = T>) -> Result<T, Elapsed> {
    match end {
        Some(end) => timeout_at(end, work).await,
        None => Ok(work.await),
    }
}
