//! The time that a call has.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// How long the server has for ending what was cancelled, at first.
const GRACE: Duration = Duration::from_secs(5);

/// The part of the grace after which a statement is cancelled once more. The first request may have come before the
/// statement, and then met nothing.
const AGAIN: u32 = 8;

/// The time that calls have, and what is left to the one that runs.
#[derive(Debug)]
pub(super) struct Clock {
    /// Each call.
    pub(super) each: Option<Duration>,
    /// The next call alone.
    pub(super) next: Option<Duration>,
    /// The end of a call that was cancelled.
    pub(super) grace: Duration,
    running: Option<Running>,
    /// What wakes us; made when first needed, and kept.
    sleep: Option<Pin<Box<Sleep>>>,
}

#[derive(Debug, Clone, Copy)]
struct Running {
    limit: Duration,
    stage: Stage,
    /// When the stage ends.
    until: Instant,
    /// Data came after the limit, and was thrown away.
    lost: bool,
}

/// How far a call's time has gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Within the limit.
    Running,
    /// The limit has passed, and the statement was cancelled.
    Cancelled,
    /// It was cancelled once more.
    CancelledAgain,
    /// The grace has passed, too.
    Over,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            each: None,
            next: None,
            grace: GRACE,
            running: None,
            sleep: None,
        }
    }
}

impl Clock {
    /// A call begins.
    pub(super) fn start(&mut self) {
        let limit = self.next.take().or(self.each);
        self.running = limit.and_then(|limit| {
            Some(Running {
                limit,
                stage: Stage::Running,
                // A limit that no clock can reach is none.
                until: Instant::now().checked_add(limit)?,
                lost: false,
            })
        });
    }

    /// What comes may take as long as it will.
    pub(super) const fn stop(&mut self) {
        self.next = None;
        self.running = None;
    }

    /// The limit of the call that runs, if it has passed.
    pub(super) fn expired(&self) -> Option<Duration> {
        let running = self.running?;
        (running.stage != Stage::Running).then_some(running.limit)
    }

    /// Whether data that comes now is too late. It is not given to anybody, which is remembered.
    pub(super) fn refuses_data(&mut self) -> bool {
        match &mut self.running {
            Some(running) if running.stage != Stage::Running => {
                running.lost = true;
                true
            }
            _ => false,
        }
    }

    /// The limit of the call that runs, if data was lost to it.
    pub(super) fn lost(&self) -> Option<Duration> {
        self.running
            .filter(|running| running.lost)
            .map(|running| running.limit)
    }

    /// Enters the next stage, and tells which it is. There is none without a limit.
    pub(super) fn advance(&mut self) -> Option<Stage> {
        let running = self.running.as_mut()?;
        let first = self.grace.checked_div(AGAIN).unwrap_or_default();
        let time;
        (running.stage, time) = match running.stage {
            Stage::Running => (Stage::Cancelled, first),
            Stage::Cancelled => (Stage::CancelledAgain, self.grace.saturating_sub(first)),
            Stage::CancelledAgain | Stage::Over => (Stage::Over, Duration::ZERO),
        };
        let now = Instant::now();
        running.until = now.checked_add(time).unwrap_or(now);
        Some(running.stage)
    }

    /// Whether the stage is over.
    pub(super) fn is_up(&self) -> bool {
        self.running
            .is_some_and(|running| Instant::now() >= running.until)
    }

    /// Waits until that is so.
    pub(super) fn poll_up(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(Running { until, .. }) = self.running else {
            return Poll::Pending;
        };
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep_until(until)));
        if sleep.deadline() != until {
            sleep.as_mut().reset(until);
        }
        ready!(sleep.as_mut().poll(cx));
        Poll::Ready(())
    }
}
