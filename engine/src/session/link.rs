//! A connection of a session, and what dblink knows of it.

use std::future::poll_fn;

use postgres_types::ToSql;

use super::connect::Found;
use super::state::{State, may_renew};
use super::time::Time;
use super::{Doing, Error};
use crate::connection::{self, Connection, Head, Ready};
use crate::libpq_text::{BUSY, GONE};

/// A connection and its state.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) connection: Connection,
    pub(super) state: State,
}

/// How a statement is sent, and its values come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// By the extended protocol: one statement, values in binary format or in text.
    Extended { text: bool },
    /// By the simple protocol: any number of statements, values in text.
    Simple,
}

impl Link {
    pub(super) fn new(connection: Connection, name: Option<String>, found: Found) -> Self {
        Self {
            connection,
            state: State::new(name, found),
        }
    }

    /// Whether the connection has ended, outside a transaction.
    pub(super) fn is_lost(&self) -> bool {
        self.connection.is_closed() && self.state.transaction_since.is_none()
    }

    /// A call begins: it has so much time.
    pub(super) fn limit(&mut self, time: Time) {
        self.connection.limit_next(time.left());
        self.connection.watch_next();
    }

    /// Makes sure that a command may be given. Results that were handed out are over with; others are not thrown away.
    pub(super) async fn vacate(&mut self, doing: &Doing, time: Time) -> Result<(), Error> {
        if !self.is_pending() {
            if self.state.opening {
                Box::pin(self.end_opening(time)).await?;
            }
            if self.state.closing {
                Box::pin(self.end_closing(time)).await?;
            }
            return self.check_sendable(doing);
        }
        // Of those that were handed out the end is waited for, but nothing is cancelled for that.
        self.connection.resume(None);
        let free = match &self.state.pending {
            Some(pending) if pending.taken && self.state.begun.is_none() => {
                let there = time.limit(poll_fn(|cx| self.poll_next(cx))).await.is_some();
                let head = self
                    .state
                    .pending
                    .as_ref()
                    .and_then(|pending| pending.head.as_ref());
                there && matches!(head, None | Some(Ok(Head::End) | Err(_)))
            }
            _ => false,
        };
        if free {
            self.state.pending = None;
            self.state.ended(&self.connection);
            return self.check_sendable(doing);
        }
        BUSY.clone_into(&mut self.state.message);
        Err(Error::Busy {
            doing: doing.clone(),
            name: self.state.name.clone(),
        })
    }

    /// A connection that has ended takes no command.
    fn check_sendable(&mut self, doing: &Doing) -> Result<(), Error> {
        let closed = self.connection.closed().filter(|_| self.state.gone);
        let Some(closed) = closed else {
            // Why it has ended is told first.
            return Ok(());
        };
        GONE.clone_into(&mut self.state.message);
        Err(Error::Gone {
            closed: Box::new(closed),
            doing: doing.clone(),
            name: self.state.name.clone(),
        })
    }

    /// Brings to its end what was given up, so that the transaction status is true; and looks at that.
    pub(super) async fn settle(&mut self, time: Time) -> Result<(), connection::Error> {
        self.limit(time);
        self.connection.settled().await?;
        self.state.observe_status(&self.connection);
        Ok(())
    }

    /// Runs a command that is ours to its end.
    pub(super) async fn command(&mut self, command: &str, time: Time) -> Result<Head, connection::Error> {
        self.limit(time);
        self.state.began(command);
        self.connection.send_simple(command).await?;
        let head = self.last_head().await?;
        self.state.observe_status(&self.connection);
        Ok(head)
    }

    /// Asks whether a statement gives rows, which takes a round trip.
    pub(super) async fn gives_rows(
        &mut self,
        statement: &str,
        time: Time,
    ) -> Result<bool, connection::Error> {
        self.limit(time);
        self.state.began(statement);
        self.connection.gives_rows(statement).await
    }

    /// Sends a statement whose results are read from here.
    pub(super) async fn send(
        &mut self,
        way: Way,
        statement: &str,
        parameters: &[&(dyn ToSql + Sync)],
        time: Time,
    ) -> Result<(), connection::Error> {
        let ready = self.ready(way, statement, parameters, time).await?;
        self.give(ready)?;
        self.connection.sent().await
    }

    /// Waits until a statement can be [given](Self::give).
    pub(super) async fn ready<'a>(
        &mut self,
        way: Way,
        statement: &'a str,
        parameters: &[&(dyn ToSql + Sync)],
        time: Time,
    ) -> Result<Ready<'a>, connection::Error> {
        self.limit(time);
        self.state.began(statement);
        let ready = match way {
            Way::Extended { text } => self.connection.ready_extended(statement, parameters, text).await,
            Way::Simple => self.connection.ready_simple(statement).await,
        }?;
        // What a dropped call has left is over, and may have ended a transaction.
        self.state.observe_status(&self.connection);
        Ok(ready)
    }

    /// Gives a statement to the server, which runs it whether anybody waits for that or not.
    pub(super) fn give(&mut self, ready: Ready<'_>) -> Result<(), connection::Error> {
        let simple = matches!(ready, Ready::Simple(_));
        self.state.unseen |= may_renew(simple, &self.state.statement);
        self.connection.give(ready)
    }

    /// The beginning of the last result of what was sent, whose rows go by; a failure before any other.
    pub(super) async fn last_head(&mut self) -> Result<Head, connection::Error> {
        let mut last = Head::End;
        // Whether what is done next are the rows that have begun.
        let mut inside = false;
        loop {
            // That the connection ends is told in dblink, with the server's last words, rather than how the statement has failed.
            let next = poll_fn(|cx| self.connection.poll_head(cx)).await?;
            self.state.observe(&next);
            match next {
                Head::End => {
                    self.state.ended(&self.connection);
                    return Ok(last);
                }
                // Nothing comes behind it that would be read.
                Head::Copy => return Ok(Head::Copy),
                Head::Completed(_) if std::mem::take(&mut inside) => {}
                next => {
                    inside = matches!(next, Head::Rows(_));
                    last = next;
                }
            }
        }
    }

    /// What a statement has come to, if that is that it is done, with rows or without.
    pub(super) fn done(
        &mut self,
        head: Result<Head, connection::Error>,
        doing: &Doing,
        time: Time,
    ) -> Result<Head, Error> {
        let cause = match head {
            Ok(head @ (Head::Completed(_) | Head::Rows(_))) => return Ok(head),
            Ok(Head::Empty | Head::End) => {
                return Err(Error::Empty {
                    doing: doing.clone(),
                    name: self.state.name.clone(),
                });
            }
            Ok(Head::Copy) => connection::Error::UnexpectedCopy,
            Ok(Head::Failed(cause)) | Err(cause) => cause,
        };
        Err(self.remote(cause, doing.clone(), time))
    }

    /// An error of what was being done.
    pub(super) fn remote(&mut self, cause: connection::Error, doing: Doing, time: Time) -> Error {
        self.state.remote(cause, doing, time)
    }
}
