//! Asynchronous queries: results that are taken one by one.

use std::future::poll_fn;
use std::task::{Context, Poll, Waker};

use dblink_protocol::conversation::CompletedCommand;
use postgres_types::ToSql;

use super::link::{Link, Way};
use super::time::Time;
use crate::connection::{self, Detached, Head};

/// An asynchronous query.
#[derive(Debug)]
pub(super) struct Pending {
    /// It is one statement of the extended protocol.
    pub(super) extended: bool,
    /// How the next result begins, or why there is none, if that has come.
    pub(super) head: Option<Result<Head, connection::Error>>,
    /// What the one statement says that was done, until it is known to be committed.
    pub(super) done: Option<CompletedCommand>,
    /// The rows of a result were handed out, and may not be read to their end.
    pub(super) inside: bool,
    /// A result was handed out.
    pub(super) taken: bool,
    /// It was a failure: nothing comes behind it.
    pub(super) failed: bool,
}

impl Link {
    /// Sends an asynchronous query.
    pub(super) async fn begin_pending(
        &mut self,
        way: Way,
        statement: &str,
        parameters: &[&(dyn ToSql + Sync)],
        time: Time,
    ) -> Result<(), connection::Error> {
        let ready = self.ready(way, statement, parameters, time).await?;
        self.give(ready)?;
        // Whoever drops the future now has sent it all the same.
        self.state.pending = Some(Pending {
            extended: way != Way::Simple,
            head: None,
            done: None,
            inside: false,
            taken: false,
            failed: false,
        });
        let sent = self.connection.sent().await;
        if sent.is_err() {
            self.state.pending = None;
        }
        sent
    }

    /// Whether an asynchronous query has results to be taken, or may have.
    pub(super) const fn is_pending(&self) -> bool {
        self.state.pending.is_some() || self.state.begun.is_some()
    }

    /// Waits until the beginning of the next result of an asynchronous query is there, or the end, or a failure; what was not
    /// read of the one before goes by. It stays where it is until [`take_head`](Self::take_head).
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let Some(pending) = &mut self.state.pending else {
                return Poll::Ready(());
            };
            if pending.head.is_some() || self.state.begun.is_some() {
                return Poll::Ready(());
            }
            let head = if pending.inside {
                match self.connection.poll_pass(cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Ok(failed)) => {
                        pending.inside = false;
                        match failed {
                            // It failed behind what its reader has read of it.
                            Some(cause) => Ok(Head::Failed(cause)),
                            None => continue,
                        }
                    }
                    Poll::Ready(Err(error)) => Err(error),
                }
            } else {
                match self.connection.poll_head(cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(head) => head,
                }
            };
            // One statement is done when it is committed, which comes behind what it says of itself.
            let head = match head {
                Ok(Head::Completed(completed)) if pending.extended => {
                    pending.done = Some(completed);
                    continue;
                }
                Ok(Head::End) => Ok(pending.done.take().map_or(Head::End, Head::Completed)),
                head => head,
            };
            pending.head = Some(head);
            return Poll::Ready(());
        }
    }

    /// Takes in what has come by now, and waits for nothing. Whether a result can be taken without waiting.
    ///
    /// That a connection has ended is told by whoever uses it.
    pub(super) fn look(&mut self) -> bool {
        if !self.is_pending() {
            drop(self.connection.look());
            return true;
        }
        let cx = &mut Context::from_waker(Waker::noop());
        let ready = self.poll_next(cx).is_ready();
        // Behind a failure there is only the end, whether it has come or not.
        ready || self.state.pending.as_ref().is_some_and(|pending| pending.failed)
    }

    /// The rows of a result that another call has begun to take.
    pub(super) async fn take_begun(&mut self, time: Time) -> Option<Detached> {
        if self.state.begun.as_ref()?.is_over() {
            // The types of its columns were asked for: that goes by. If the connection ends, the rows are still there.
            drop(self.settle(time).await);
        } else {
            self.connection.resume(time.left());
            self.connection.watch_on();
        }
        self.state.begun.take()
    }

    /// The beginning of the next result of an asynchronous query; none at the end, and without one.
    pub(super) async fn take_head(&mut self, time: Time) -> Result<Option<Head>, connection::Error> {
        if self.state.pending.is_none() {
            return Ok(None);
        }
        self.connection.resume(time.left());
        self.connection.watch_on();
        poll_fn(|cx| self.poll_next(cx)).await;
        let Some(pending) = &mut self.state.pending else {
            return Ok(None);
        };
        let head = match pending.head.take() {
            Some(Ok(head)) => head,
            Some(Err(error)) => {
                self.state.pending = None;
                return Err(error);
            }
            None => Head::End,
        };
        pending.taken = true;
        pending.failed = matches!(head, Head::Failed(_));
        pending.inside = !pending.extended && matches!(head, Head::Rows(_));
        // Of one statement no more comes than this.
        let over = pending.extended || matches!(head, Head::End | Head::Copy);
        // Nothing comes behind it.
        let settled = matches!(head, Head::End) || (pending.extended && matches!(head, Head::Completed(_)));
        if over {
            self.state.pending = None;
        }
        self.state.observe(&head);
        if settled {
            self.state.ended(&self.connection);
        }
        Ok(Some(head).filter(|head| !matches!(head, Head::End)))
    }
}
