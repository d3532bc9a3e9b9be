//! Where the targets of a scattered call put their rows, and the caller takes them.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::super::Error;
use super::super::time::Time;
use super::fit::Fit;
use super::unfit::Unfit;
use crate::connection::{Columns, OwnedRow};

/// How many rows of a target are held that the caller has not taken.
const HELD_ROWS: usize = 32;

/// Why a target is to stop.
#[derive(Debug, Clone)]
pub(super) enum Stop {
    /// The time of the call has passed.
    Deadline(Time),
    /// Another target has answered.
    Answered,
    /// Another target has failed.
    Failed,
    /// The call was given up.
    Cancelled,
    /// Its rows do not fit.
    Unfit(Unfit),
}

/// The rows of all targets, in the order they came or each target's apart, and what is asked of each.
///
/// All run in one task, so that nobody ever waits for the lock.
#[derive(Debug, Clone)]
pub(super) struct Desk(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    rows: VecDeque<(usize, OwnedRow)>,
    /// Rows are kept apart by targets.
    apart: bool,
    fit: Fit,
    targets: Vec<Place>,
}

/// One target's.
#[derive(Debug, Default)]
struct Place {
    /// How many of its rows are here.
    held: usize,
    /// They, if they are kept apart.
    queue: VecDeque<OwnedRow>,
    /// The columns of its last result.
    columns: Option<Arc<Columns>>,
    /// How many were ever here.
    rows: u64,
    stop: Option<Stop>,
    /// Who waits for room, or for being stopped.
    waker: Option<Waker>,
}

impl Desk {
    pub(super) fn for_targets(count: usize, fit: Fit) -> Self {
        let targets = std::iter::repeat_with(Place::default).take(count).collect();
        Self(Arc::new(Mutex::new(State {
            rows: VecDeque::new(),
            apart: fit.order.is_some(),
            fit,
            targets,
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing here panics half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A target's result begins, with these columns. If they do not fit, it has to stop.
    pub(super) fn begin(&self, target: usize, columns: &Arc<Columns>) -> bool {
        let state = &mut *self.state();
        let Some(place) = state.targets.get_mut(target) else {
            return true;
        };
        place.columns = Some(Arc::clone(columns));
        match state.fit.check(columns) {
            Ok(()) => true,
            Err(unfit) => {
                place.stop(Stop::Unfit(unfit));
                false
            }
        }
    }

    /// Puts down a row, as soon as there is room for it.
    pub(super) async fn put(&self, target: usize, row: OwnedRow) {
        let mut row = Some(row);
        poll_fn(|cx| {
            let state = &mut *self.state();
            if let Some(place) = state.targets.get_mut(target) {
                if place.held >= HELD_ROWS {
                    place.waker = Some(cx.waker().clone());
                    return Poll::Pending;
                }
                place.held += 1;
                place.rows += 1;
                if state.apart {
                    place.queue.extend(row.take());
                }
            }
            state.rows.extend(row.take().map(|row| (target, row)));
            Poll::Ready(())
        })
        .await;
    }

    /// The row that came first, and whose it is.
    pub(super) fn take(&self) -> Option<(usize, OwnedRow)> {
        let state = &mut *self.state();
        let (target, row) = state.rows.pop_front()?;
        if let Some(place) = state.targets.get_mut(target) {
            place.taken();
        }
        Some((target, row))
    }

    /// A target's next row, where they are kept apart.
    pub(super) fn take_of(&self, target: usize) -> Option<OwnedRow> {
        let state = &mut *self.state();
        let place = state.targets.get_mut(target)?;
        let row = place.queue.pop_front()?;
        place.taken();
        Some(row)
    }

    /// Whether there is a row of a target's, where they are kept apart.
    pub(super) fn has(&self, target: usize) -> bool {
        let state = &*self.state();
        state
            .targets
            .get(target)
            .is_some_and(|place| !place.queue.is_empty())
    }

    /// Has a target stop whose last row does not fit. That and those behind it are none.
    pub(super) fn refuse(&self, target: usize, unfit: Unfit) {
        if let Some(place) = self.state().targets.get_mut(target) {
            let lost = place.queue.len() as u64 + 1;
            place.rows = place.rows.saturating_sub(lost);
            place.held = 0;
            place.queue.clear();
            if place.stop.is_none() {
                place.stop(Stop::Unfit(unfit));
            }
        }
    }

    /// The columns of a target's last result.
    pub(super) fn columns(&self, target: usize) -> Option<Arc<Columns>> {
        let state = &*self.state();
        state.targets.get(target)?.columns.clone()
    }

    /// Whose the row is that came first.
    pub(super) fn first(&self) -> Option<usize> {
        let state = &*self.state();
        let first = state.rows.front().map(|(target, _)| *target);
        first.or_else(|| state.targets.iter().position(|place| !place.queue.is_empty()))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.state().rows.is_empty()
    }

    /// How many rows a target has given.
    pub(super) fn rows(&self, target: usize) -> u64 {
        self.state().targets.get(target).map_or(0, |place| place.rows)
    }

    /// Has all targets stop but one. Those that were told before keep to that.
    pub(super) fn stop(&self, stop: &Stop, except: Option<usize>) {
        for (target, place) in self.state().targets.iter_mut().enumerate() {
            if Some(target) != except && place.stop.is_none() {
                place.stop(stop.clone());
            }
        }
    }

    fn poll_stopped(&self, target: usize, cx: &Context<'_>) -> Poll<Stop> {
        let state = &mut *self.state();
        let Some(place) = state.targets.get_mut(target) else {
            return Poll::Pending;
        };
        if let Some(stop) = &place.stop {
            return Poll::Ready(stop.clone());
        }
        place.waker = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Goes on with `work` until the target has to stop.
    pub(super) async fn unless_stopped<W: Future>(&self, target: usize, work: W) -> Result<W::Output, Stop> {
        let mut work = pin!(work);
        poll_fn(|cx| {
            // Whoever is to stop does nothing more.
            if let Poll::Ready(stop) = self.poll_stopped(target, cx) {
                return Poll::Ready(Err(stop));
            }
            work.as_mut().poll(cx).map(Ok)
        })
        .await
    }
}

impl Place {
    /// Somebody has taken a row.
    fn taken(&mut self) {
        self.held = self.held.saturating_sub(1);
        // Not for each row, but when there is room for some.
        if self.held == HELD_ROWS / 2 {
            self.wake();
        }
    }

    fn stop(&mut self, stop: Stop) {
        self.stop = Some(stop);
        self.wake();
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

impl Stop {
    pub(super) fn error(self) -> Error {
        match self {
            Self::Deadline(time) => time.passed(),
            Self::Answered => Error::NotNeeded { failed: false },
            Self::Failed => Error::NotNeeded { failed: true },
            Self::Cancelled => Error::GivenUp,
            Self::Unfit(unfit) => Error::Unfit(unfit),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    fn row() -> OwnedRow {
        OwnedRow::of_text("column", "value")
    }

    /// One target waits for room while the other still has some.
    #[test]
    fn each_has_room_for_a_few_rows() {
        let desk = Desk::for_targets(2, Fit::default());
        let cx = &mut Context::from_waker(Waker::noop());
        for _ in 0..HELD_ROWS {
            assert!(pin!(desk.put(0, row())).poll(cx).is_ready());
        }
        let mut waiting = pin!(desk.put(0, row()));
        assert!(waiting.as_mut().poll(cx).is_pending());
        assert!(pin!(desk.put(1, row())).poll(cx).is_ready());
        assert!(desk.take().is_some_and(|(target, _)| target == 0));
        assert!(waiting.as_mut().poll(cx).is_ready());
        assert_eq!((desk.rows(0), desk.rows(1)), (HELD_ROWS as u64 + 1, 1));
    }
}
