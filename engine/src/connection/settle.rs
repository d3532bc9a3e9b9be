//! What has to happen before a command: whatever an earlier one left is brought to its end.

use std::future::poll_fn;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use dblink_protocol::backend::TransactionStatus;

use super::clock::Stage;
use super::{Closed, Connection, Error};

/// How many bytes of an unwanted result are read before it is cancelled instead. Reading them takes less than the
/// connection that a request to cancel needs.
const DRAIN_BYTES: u64 = 1 << 20;

impl Connection {
    /// A call begins: its time runs, and nothing of an earlier one is left.
    pub(super) async fn begin(&mut self) -> Result<(), Error> {
        self.clock.start();
        self.watch_begins();
        self.trace.end(self.channel.received());
        if !self.is_settled() {
            self.settle().await?;
            self.watch_again();
        }
        Ok(())
    }

    /// Whether nothing was left, which is so nearly always.
    fn is_settled(&self) -> bool {
        self.channel.is_open()
            && self.channel.conversation.is_idle()
            && self.cancelling.is_none()
            && self.unfinished.is_none()
    }

    /// Waits until nothing is under way: what a dropped future has left goes by, and what it began is taken back.
    ///
    /// The state changes before each wait, so that this may be dropped, too.
    pub(super) async fn settle(&mut self) -> Result<(), Error> {
        if let Some(closed) = self.channel.closed() {
            return Err(closed.into());
        }
        self.give_up()?;
        poll_fn(|cx| self.poll_settled(cx)).await?;
        if self.roll_back()? {
            poll_fn(|cx| self.poll_settled(cx)).await?;
        }
        // What is begun now would only be cancelled; or not even that, if it was for the last time.
        self.clock
            .expired()
            .map_or(Ok(()), |limit| Err(Error::Deadline { limit }))
    }

    /// Takes no more interest in what is under way.
    pub(super) fn give_up(&mut self) -> Result<(), Error> {
        self.cancel_again = false;
        if !self.channel.conversation.is_idle() {
            self.channel.conversation.abandon()?;
            let received = self.channel.received();
            self.drained_from.get_or_insert(received);
        }
        Ok(())
    }

    /// Gives the command that takes back a transaction, or a part of one, that its guard was dropped without ending; tells
    /// whether there was one to give.
    pub(super) fn roll_back(&mut self) -> Result<bool, Error> {
        let Some(level) = self.unfinished.take() else {
            return Ok(false);
        };
        let open = self.transaction_status() != TransactionStatus::Idle;
        if open {
            self.channel.conversation.query(level.rollback().as_str())?;
            self.channel.conversation.abandon()?;
        }
        Ok(open)
    }

    /// Cancels what is under way at the server, and waits until it has ended. What cannot be cancelled is left to the next
    /// command.
    pub(crate) async fn stop(&mut self) {
        if !self.channel.conversation.is_idle() && self.cancel_handle().is_some() {
            self.clock.next = Some(Duration::ZERO);
            // It is the end of its time.
            drop(self.begin().await);
        }
    }

    /// Waits until what was begun is rolled back, but for no longer than the grace. What cannot be cancelled is left to the
    /// next command.
    pub(crate) async fn calm_down(&mut self) {
        if self.unfinished.is_none() || self.cancel_handle().is_some() {
            self.clock.next = Some(self.clock.grace);
            // If it does not come to its end, the next command tells.
            drop(self.begin().await);
        }
    }

    fn poll_settled(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        loop {
            while let Some(event) = self.channel.take_event()? {
                self.route(event);
            }
            let _ = self.poll_cancelling(cx);
            let idle = self.channel.conversation.is_idle();
            if idle && self.cancelling.is_none() {
                self.drained_from = None;
                return Poll::Ready(Ok(()));
            }
            if self.is_worth_cancelling() {
                self.start_cancelling();
                // The next, if this one does not help, is due when as much again has come.
                self.drained_from = Some(self.channel.received());
            }
            // A request to cancel that is still on its way would meet the next command.
            if !idle && self.channel.poll_exchange(cx)?.is_ready() {
                self.check_time()?;
                continue;
            }
            ready!(self.poll_time(cx))?;
        }
    }

    /// Whether so much of an unwanted result has come that the rest is better not sent.
    ///
    /// Inside a transaction block cancelling would cost the whole transaction, unless that is to be rolled back anyway; and
    /// behind other commands it could hit those.
    fn is_worth_cancelling(&self) -> bool {
        let from = self.drained_from.unwrap_or(u64::MAX);
        self.channel.received().saturating_sub(from) > DRAIN_BYTES
            && self.cancelling.is_none()
            && (self.transaction_status() == TransactionStatus::Idle || self.unfinished.is_some())
            && self.channel.conversation.awaited_ready() == 1
    }

    /// Asks the server to cancel what it does. The request goes on, whatever becomes of the futures that wait for it.
    pub(super) fn start_cancelling(&mut self) {
        if self.cancelling.is_some() {
            // It may have met what is over by now.
            self.cancel_again = true;
            return;
        }
        self.cancel_again = false;
        let limit = self.clock.grace;
        self.cancelling = self
            .cancel_handle()
            .map(|handle| Mutex::new(Box::pin(async move { handle.cancel(limit).await }) as _));
    }

    /// Goes on with a request to cancel, and looks at the time; ready when it is up and something was done about it.
    ///
    /// # Errors
    ///
    /// When the connection was closed for that.
    pub(super) fn poll_time(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if self.poll_cancelling(cx).is_ready() || self.poll_watch(cx).is_ready() {
            return Poll::Ready(Ok(()));
        }
        ready!(self.clock.poll_up(cx));
        Poll::Ready(self.time_is_up())
    }

    /// Goes on with a request to cancel; ready when it has come to its end.
    ///
    /// It goes before reading: a server that always has something to read would leave it no turn.
    pub(super) fn poll_cancelling(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(cancelling) = &mut self.cancelling else {
            return Poll::Pending;
        };
        // Nobody can have panicked while holding it: nobody else ever has it.
        let request = cancelling.get_mut().unwrap_or_else(PoisonError::into_inner);
        let result = ready!(request.as_mut().poll(cx));
        self.cancelling = None;
        if let Err(error) = result {
            self.cancel_failure = Some(error);
        }
        if std::mem::take(&mut self.cancel_again) && !self.channel.conversation.is_idle() {
            self.start_cancelling();
        }
        Poll::Ready(())
    }

    /// Looks at the time where no wait would.
    pub(super) fn check_time(&mut self) -> Result<(), Error> {
        if self.clock.is_up() {
            self.time_is_up()
        } else {
            Ok(())
        }
    }

    /// The deadline has passed: the statement is cancelled. Or the grace after it: the connection is closed.
    fn time_is_up(&mut self) -> Result<(), Error> {
        match self.clock.advance() {
            None => {}
            Some(Stage::Running | Stage::Cancelled) => {
                self.cancel_failure = None;
                if self.channel.conversation.copy_in().is_some() {
                    // The server waits for us, and not for anything that could be cancelled.
                    self.channel
                        .conversation
                        .copy_fail("the deadline of the statement has passed")?;
                }
                self.start_cancelling();
            }
            Some(Stage::CancelledAgain) => self.start_cancelling(),
            Some(Stage::Over) => {
                let closed = Closed::Unresponsive {
                    limit: self.clock.expired().unwrap_or_default(),
                    grace: self.clock.grace,
                    cancel: self.cancel_failure.take().map(|error| error.to_string()),
                };
                self.cancelling = None;
                self.channel.close(closed.clone());
                return Err(closed.into());
            }
        }
        Ok(())
    }
}
