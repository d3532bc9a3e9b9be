//! Somebody who is asked, when a call waits for long, whether it waits for ever.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use super::Connection;

/// Finds out whether a call waits for what will never come.
pub(crate) trait Watcher: fmt::Debug + Send + Sync {
    /// Whether the call that runs does. Then it is cancelled.
    fn ask(&self) -> Asking;

    /// What was found out before is not about what comes next.
    fn forget(&self);
}

/// The answer, in time.
pub(crate) type Asking = Pin<Box<dyn Future<Output = bool> + Send>>;

/// Who is asked, and when.
pub(super) struct Watch {
    watcher: Box<dyn Watcher>,
    /// How long a call waits before that is asked at first.
    after: Duration,
    /// The next call is watched.
    next: bool,
    /// The one that runs is.
    watched: bool,
    running: Option<Running>,
    /// What wakes us; made when first needed, and kept.
    sleep: Option<Pin<Box<Sleep>>>,
    asking: Option<Mutex<Asking>>,
}

/// A call that is watched.
#[derive(Debug, Clone, Copy)]
struct Running {
    /// How long it is left alone; twice as long each time.
    wait: Duration,
    until: Instant,
}

impl Watch {
    /// A call begins, or the next part of it.
    fn start(&mut self) {
        self.watched = std::mem::take(&mut self.next);
        self.asking = None;
        self.running = Running::after(self.after).filter(|_| self.watched);
        self.watcher.forget();
    }

    /// Ready when the call waits for ever.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if let Some(asking) = &mut self.asking {
                // Nobody can have panicked while holding it: nobody else ever has it.
                let asking = asking.get_mut().unwrap_or_else(PoisonError::into_inner);
                let for_ever = ready!(asking.as_mut().poll(cx));
                self.asking = None;
                let wait = self.running.map(|running| running.wait.saturating_mul(2));
                self.running = wait.filter(|_| !for_ever).and_then(Running::after);
                if for_ever {
                    return Poll::Ready(());
                }
            }
            let Some(Running { until, .. }) = self.running else {
                return Poll::Pending;
            };
            let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep_until(until)));
            if sleep.deadline() != until {
                sleep.as_mut().reset(until);
            }
            ready!(sleep.as_mut().poll(cx));
            self.asking = Some(Mutex::new(self.watcher.ask()));
        }
    }
}

impl Running {
    fn after(wait: Duration) -> Option<Self> {
        let until = Instant::now().checked_add(wait)?;
        Some(Self { wait, until })
    }
}

impl Connection {
    /// Has `watcher` asked when a call that is to be [watched](Self::watch_next) has waited so long.
    pub(crate) fn set_watcher(&mut self, watcher: Box<dyn Watcher>, after: Duration) {
        self.watch = Some(Watch {
            watcher,
            after,
            next: false,
            watched: false,
            running: None,
            sleep: None,
            asking: None,
        });
    }

    /// The next call is watched, and no other.
    pub(crate) const fn watch_next(&mut self) {
        if let Some(watch) = &mut self.watch {
            watch.next = true;
        }
    }

    /// A call begins.
    pub(super) fn watch_begins(&mut self) {
        if let Some(watch) = &mut self.watch {
            watch.start();
        }
    }

    /// What an earlier call had left is over: the waiting begins anew.
    pub(super) fn watch_again(&mut self) {
        if let Some(watch) = &mut self.watch {
            watch.next = watch.watched;
            watch.start();
        }
    }

    /// A call begins that waits for what another has sent.
    pub(crate) fn watch_on(&mut self) {
        self.watch_next();
        self.watch_begins();
    }

    /// What runs is not watched any more.
    pub(super) fn unwatch(&mut self) {
        if let Some(watch) = &mut self.watch {
            watch.next = false;
            watch.start();
        }
    }

    /// Looks after a call that waits; ready when it was cancelled, since it would wait for ever.
    pub(super) fn poll_watch(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(watch) = &mut self.watch else {
            return Poll::Pending;
        };
        ready!(watch.poll(cx));
        self.start_cancelling();
        Poll::Ready(())
    }
}
