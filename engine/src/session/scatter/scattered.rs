//! The rows of many databases, and what became of each.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio::time::{Sleep, sleep_until};

use super::super::Error;
use super::super::time::Time;
use super::ScatterPolicy;
use super::desk::{Desk, Stop};
use super::merge::Merge;
use super::unfit::Unfit;
use super::worker::{Done, Source, Worker};
use crate::connection::{Columns, OwnedRow};

type Running<'a> = Pin<Box<dyn Future<Output = Done> + Send + 'a>>;

/// The rows of a [scattered](super::Session::scatter) call.
///
/// Dropping it gives up what still runs. On a connection of the session that goes by before the next command, or is cancelled;
/// one that was made for the call is closed.
#[must_use = "the targets do their work while their rows are asked for"]
pub struct Scattered<'a> {
    /// Not begun yet.
    waiting: VecDeque<Worker<'a>>,
    running: FuturesUnordered<Running<'a>>,
    /// How many may run at a time.
    width: usize,
    desk: Desk,
    /// The rows are given in one order.
    merge: Option<Merge>,
    labels: Vec<Arc<str>>,
    outcomes: Vec<Option<Outcome>>,
    policy: ScatterPolicy,
    time: Time,
    /// Wakes us at the deadline, until that is there.
    deadline: Option<Pin<Box<Sleep>>>,
    /// The target that has answered first, where that counts.
    winner: Option<usize>,
    /// Why the call fails, when all have stopped.
    failure: Option<Error>,
    /// Rows are not given any more.
    failed: bool,
}

/// A row, and the target that it comes from.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ScatteredRow {
    /// The target's place in the call, counted from 0.
    pub source: usize,
    /// The target, as [`Outcome::label`] has it.
    pub label: Arc<str>,
    /// The row.
    pub row: OwnedRow,
}

/// What became of a target of a scattered call.
#[derive(Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// The connection's name; or hosts, ports and database, for one without a name. There is no password in it.
    pub label: Arc<str>,
    /// How many rows it has given, also before a failure.
    pub rows: u64,
    /// The columns of its rows, also if there are none; those of the last result of several. None if no statement has given
    /// rows.
    pub columns: Option<Arc<Columns>>,
    /// Whether there was a connection to it, also if that was lost later.
    pub connected: bool,
    /// How long it took, from connecting to the last row. The time that the caller took for its rows counts, waiting for others
    /// does not.
    pub elapsed: Duration,
    /// What the server says that was done, such as `SELECT 5`; or why it was not.
    ///
    /// [`Error::Deadline`], [`Error::NotNeeded`] and [`Error::GivenUp`] (SQLSTATE `57014`) where it was stopped;
    /// [`Error::Unfit`] where its rows do not fit in with those of the others; what [`connect`] and [`query`] fail with.
    ///
    /// [`connect`]: super::Session::connect
    /// [`query`]: super::Session::query
    pub result: Result<String, Error>,
}

impl Deref for ScatteredRow {
    type Target = OwnedRow;

    fn deref(&self) -> &OwnedRow {
        &self.row
    }
}

impl<'a> Scattered<'a> {
    pub(super) fn new(
        waiting: VecDeque<Worker<'a>>,
        labels: Vec<Arc<str>>,
        desk: Desk,
        merge: Option<Merge>,
        policy: ScatterPolicy,
        width: usize,
        time: Time,
    ) -> Self {
        Self {
            outcomes: labels.iter().map(|_| None).collect(),
            waiting,
            running: FuturesUnordered::new(),
            width,
            desk,
            merge,
            labels,
            policy,
            time,
            deadline: time.end().map(|end| Box::pin(sleep_until(end))),
            winner: None,
            failure: None,
            failed: false,
        }
    }

    /// The next row, whichever target it comes from, or the next in [order](super::Scatter::ordered_by); none when all targets
    /// have come to an end. Those of one target come in their order.
    ///
    /// Cancel-safe: no row is lost, nor an outcome. The targets stand still until it is called again.
    ///
    /// # Errors
    ///
    /// With [`ScatterPolicy::AllOrError`] and [`ScatterPolicy::First`], [`Error::TargetFailed`] with the SQLSTATE of the
    /// failure, which is in the target's outcome; or [`Error::Deadline`] (`57014`). With [`ScatterPolicy::Each`] it never
    /// fails.
    pub async fn next(&mut self) -> Result<Option<ScatteredRow>, Error> {
        poll_fn(|cx| self.poll_row(cx)).await
    }

    /// Has all targets stop. What they run is cancelled at their servers, for which it waits no longer than a second. Then there
    /// are no more rows, and their outcome is [`Error::GivenUp`] (SQLSTATE `57014`).
    ///
    /// Cancel-safe: it can be called again.
    pub async fn cancel(&mut self) {
        self.stop(&Stop::Cancelled, None);
        self.failed = true;
        // That there are none, or that all have failed, is what is waited for.
        drop(self.next().await);
    }

    /// What became of the targets that have come to an end, in the order of the call: of all, when there are no more rows.
    pub fn outcomes(&self) -> impl Iterator<Item = &Outcome> {
        self.outcomes.iter().flatten()
    }

    /// What became of the targets; those that have not come to an end are given up, and not among them.
    pub fn into_outcomes(self) -> Vec<Outcome> {
        self.outcomes.into_iter().flatten().collect()
    }

    fn poll_row(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<ScatteredRow>, Error>> {
        loop {
            self.begin();
            if let Some(row) = self.take_row() {
                return Poll::Ready(Ok(Some(row)));
            }
            match self.running.poll_next_unpin(cx) {
                Poll::Ready(Some(done)) => {
                    self.finish(done);
                    continue;
                }
                Poll::Ready(None) if self.waiting.is_empty() => {
                    return Poll::Ready(self.failure.take().map_or(Ok(None), Err));
                }
                Poll::Ready(None) => continue,
                Poll::Pending => {}
            }
            // Looked at also while rows come without a pause.
            let deadline = self.deadline.as_mut();
            if deadline.is_some_and(|sleep| sleep.as_mut().poll(cx).is_ready()) {
                self.deadline = None;
                self.stop(&Stop::Deadline(self.time), None);
            } else if !self.has_more() {
                return Poll::Pending;
            }
        }
    }

    /// Begins with as many as may run.
    fn begin(&mut self) {
        while self.running.len() < self.width
            && let Some(worker) = self.waiting.pop_front()
        {
            self.running.push(Box::pin(worker.run()));
        }
    }

    fn take_row(&mut self) -> Option<ScatteredRow> {
        loop {
            let (source, row) = match self.merge {
                None => self.desk.take()?,
                Some(_) => self.take_merged()?,
            };
            if self.policy == ScatterPolicy::First && self.winner.is_none() {
                self.win(source);
            }
            // What came of the others before they stopped.
            if self.failed || self.winner.is_some_and(|winner| winner != source) {
                continue;
            }
            let label = Arc::clone(self.labels.get(source)?);
            return Some(ScatteredRow { source, label, row });
        }
    }

    /// The next row in order, if it is known.
    fn take_merged(&mut self) -> Option<(usize, OwnedRow)> {
        while let Err((source, unfit)) = self.merge.as_mut()?.fill(&self.desk) {
            self.refuse(source, unfit);
        }
        if self.policy == ScatterPolicy::First
            && self.winner.is_none()
            && let Some(source) = self.merge.as_ref()?.first()
        {
            self.win(source);
        }
        let (outcomes, desk) = (&self.outcomes, &self.desk);
        let has_ended = |source| matches!(outcomes.get(source), Some(Some(_)));
        self.merge
            .as_mut()?
            .next(|source| has_ended(source) && !desk.has(source))
    }

    /// Whether there is something to be taken.
    fn has_more(&self) -> bool {
        match &self.merge {
            Some(merge) => merge.has_more(&self.desk),
            None => !self.desk.is_empty(),
        }
    }

    /// A target's rows do not fit from here on, also if it has come to its end by now.
    fn refuse(&mut self, source: usize, unfit: Unfit) {
        self.desk.refuse(source, unfit.clone());
        let rows = self.desk.rows(source);
        if let Some(Some(outcome)) = self.outcomes.get_mut(source) {
            outcome.rows = rows;
            if outcome.result.is_ok() {
                let error = Error::Unfit(unfit);
                let failure = failure(source, &outcome.label, &error);
                outcome.result = Err(error);
                self.judge(source, Some(failure));
            }
        }
    }

    /// A target has answered before all others.
    fn win(&mut self, source: usize) {
        self.winner = Some(source);
        self.failure = None;
        self.stop(&Stop::Answered, Some(source));
    }

    /// Has all stop but one. Those that have not begun are over with.
    fn stop(&mut self, stop: &Stop, except: Option<usize>) {
        self.desk.stop(stop, except);
        for worker in std::mem::take(&mut self.waiting) {
            self.finish(Done {
                number: worker.job.number,
                connected: matches!(worker.source, Source::Open(_)),
                elapsed: Duration::ZERO,
                result: Err(stop.clone().error()),
            });
        }
    }

    /// A target has come to its end.
    fn finish(&mut self, done: Done) {
        let Done {
            number,
            connected,
            elapsed,
            result,
        } = done;
        let Some(label) = self.labels.get(number).map(Arc::clone) else {
            return;
        };
        let failure = result.as_ref().err().map(|error| failure(number, &label, error));
        if let Some(outcome) = self.outcomes.get_mut(number) {
            *outcome = Some(Outcome {
                label,
                rows: self.desk.rows(number),
                columns: self.desk.columns(number),
                connected,
                elapsed,
                result,
            });
        }
        self.judge(number, failure);
    }

    /// What it means to the others that a target has come to its end.
    fn judge(&mut self, number: usize, failure: Option<Error>) {
        match (self.policy, failure) {
            (ScatterPolicy::First, None) if self.winner.is_none() => {
                // Another's row may have come just before.
                self.win(self.desk.first().unwrap_or(number));
            }
            (ScatterPolicy::First, Some(failure)) if self.winner.is_none() => {
                self.failure.get_or_insert(failure);
            }
            (ScatterPolicy::AllOrError, Some(failure)) if !self.failed => {
                self.failed = true;
                self.failure = Some(failure);
                self.stop(&Stop::Failed, Some(number));
            }
            _ => {}
        }
    }
}

/// A target's failure as that of the call.
fn failure(number: usize, label: &str, error: &Error) -> Error {
    match error {
        Error::Deadline { limit } => Error::Deadline { limit: *limit },
        error => Error::TargetFailed {
            target: number,
            label: label.to_owned(),
            sqlstate: error.sqlstate(),
            message: error.message(),
        },
    }
}

impl fmt::Debug for Scattered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scattered")
            .field("policy", &self.policy)
            .field("waiting", &self.waiting.len())
            .field("running", &self.running.len())
            .field("outcomes", &self.outcomes)
            .finish_non_exhaustive()
    }
}
