//! A connection of a session, and what dblink knows of it.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use dblink_protocol::SqlState;
use dblink_protocol::backend::TransactionStatus;
use dblink_protocol::conversation::CompletedCommand;
use postgres_types::ToSql;
use tokio::time::Instant;

use super::connect::Found;
use super::deadlock::{Member, Verdict};
use super::libpq_text::{BUSY, GONE, error_text};
use super::time::Time;
use super::{Doing, Error};
use crate::connection::{self, Connection, Detached, Head, Ready};
use crate::transfer::Transferred;

/// A connection and its state.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) connection: Connection,
    pub(super) state: State,
}

/// What dblink knows of a connection.
#[derive(Debug)]
pub(super) struct State {
    /// None if it is the unnamed one, or one for a single call.
    pub(super) name: Option<String>,
    /// Where it was opened to.
    pub(super) found: Found,
    pub(super) opened: Instant,
    /// How many cursors were opened in the transaction that the first of them began; none outside such a one.
    pub(super) cursors: Option<u32>,
    /// That the connection has ended was told.
    gone: bool,
    /// A transaction was begun for a cursor that is not open yet.
    pub(super) opening: bool,
    /// The server was told to close a cursor, and its answer was not read.
    pub(super) closing: bool,
    /// A text was sent that may have ended the transaction and begun another, and its answer was not read to the end.
    unseen: bool,
    /// The text that is under way has rolled back, all or to a savepoint.
    rolled_back: bool,
    pending: Option<Pending>,
    /// The rows of a result that a call has begun to take whose future was dropped.
    pub(super) begun: Option<Detached>,
    /// The last statement, for the message of an error in it.
    pub(super) statement: String,
    /// libpq's words for the last error; empty for none.
    pub(super) message: String,
    /// How many rows were given.
    pub(super) rows: u64,
    /// When the transaction that is open was first seen to be.
    pub(super) transaction_since: Option<Instant>,
    /// The connection, as the session's others see it.
    pub(super) member: Option<Arc<Member>>,
    /// Why a call on it would have waited for ever.
    pub(super) verdict: Verdict,
}

/// An asynchronous query.
#[derive(Debug)]
struct Pending {
    /// It is one statement of the extended protocol.
    extended: bool,
    /// How the next result begins, or why there is none, if that has come.
    head: Option<Result<Head, connection::Error>>,
    /// What the one statement says that was done, until it is known to be committed.
    done: Option<CompletedCommand>,
    /// The rows of a result were handed out, and may not be read to their end.
    inside: bool,
    /// A result was handed out.
    taken: bool,
    /// It was a failure: nothing comes behind it.
    failed: bool,
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
            state: State {
                name,
                found,
                opened: Instant::now(),
                cursors: None,
                gone: false,
                opening: false,
                closing: false,
                unseen: false,
                rolled_back: false,
                pending: None,
                begun: None,
                statement: String::new(),
                message: String::new(),
                rows: 0,
                transaction_since: None,
                member: None,
                verdict: Verdict::default(),
            },
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
            let next = match poll_fn(|cx| self.connection.poll_head(cx)).await {
                Ok(next) => next,
                // In dblink this is told, with the server's last words, rather than how the statement has failed.
                Err(error) => return Err(error),
            };
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

    /// An error of what was being done.
    pub(super) fn remote(&mut self, cause: connection::Error, doing: Doing, time: Time) -> Error {
        self.state.remote(cause, doing, time)
    }
}

impl State {
    /// A statement is sent.
    fn began(&mut self, statement: &str) {
        self.statement.clear();
        self.statement.push_str(statement);
        self.message.clear();
        self.rolled_back = false;
        self.set_rests(false);
    }

    /// All of its answer was read.
    pub(super) fn ended(&mut self, connection: &Connection) {
        self.unseen = false;
        self.set_rests(true);
        self.observe_status(connection);
    }

    /// Whether the connection waits for the session.
    pub(super) fn set_rests(&self, rests: bool) {
        if let Some(member) = &self.member {
            member.set_rests(rests);
        }
    }

    /// Looks at how a statement has ended: whether it has ended the transaction that was begun for cursors.
    pub(super) fn observe(&mut self, head: &Head) {
        let Head::Completed(completed) = head else {
            return;
        };
        let ends = match completed.as_wire_str().as_bytes() {
            b"COMMIT" | b"PREPARE TRANSACTION" => true,
            // Or it went back to a savepoint: then none begins behind it.
            b"ROLLBACK" => {
                self.rolled_back = true;
                contains_word(&self.statement, "chain")
            }
            b"BEGIN" | b"START TRANSACTION" => self.rolled_back,
            _ => false,
        };
        if ends {
            self.cursors = None;
        }
    }

    /// Looks at the transaction status, which is true when nothing is under way.
    fn observe_status(&mut self, connection: &Connection) {
        let idle = connection.transaction_status() == TransactionStatus::Idle;
        if idle || std::mem::take(&mut self.unseen) {
            // The transaction that was begun for cursors is over, or nobody knows.
            self.cursors = None;
        }
        if idle {
            self.transaction_since = None;
        } else {
            self.transaction_since.get_or_insert_with(Instant::now);
        }
    }

    /// A transfer is over.
    pub(super) fn copied(&mut self, connection: &Connection, done: Option<&Transferred>) {
        let rows = done.map_or(0, |done| done.rows);
        self.rows = self.rows.saturating_add(rows);
        self.observe_status(connection);
    }

    /// The rows of a result were read to their end.
    pub(super) fn read_to_end(&mut self) {
        self.unseen = false;
        if let Some(pending) = &mut self.pending {
            pending.inside = false;
        }
        self.set_rests(self.pending.is_none());
    }

    /// Remembers an error in libpq's words.
    pub(super) fn failed(&mut self, error: &connection::Error) {
        self.gone |= matches!(error, connection::Error::Closed(_));
        self.message = error_text(error, Some(&self.statement));
    }

    /// An error of what was being done.
    pub(super) fn remote(&mut self, cause: connection::Error, doing: Doing, time: Time) -> Error {
        self.failed(&cause);
        if matches!(cause, connection::Error::Deadline { .. }) {
            return time.passed();
        }
        if cause.sqlstate() == SqlState::QUERY_CANCELED
            && let Some(error) = self.verdict.error(self.name.as_ref())
        {
            return error;
        }
        Error::Remote {
            cause: Box::new(cause),
            doing,
            name: self.name.clone(),
        }
    }

    /// How long ago the transaction that is open was first seen to be.
    pub(super) fn transaction_age(&self) -> Option<Duration> {
        self.transaction_since.map(|since| since.elapsed())
    }
}

/// Whether a text may end a transaction and begin another before ReadyForQuery tells of it.
fn may_renew(simple: bool, statement: &str) -> bool {
    const ENDS: [&str; 5] = ["commit", "end", "rollback", "abort", "prepare"];
    let ends = || ENDS.iter().any(|word| contains_word(statement, word));
    (simple && statement.contains(';') && ends()) || contains_word(statement, "chain")
}

/// Whether a text has this word of ASCII letters, in any letter case.
fn contains_word(text: &str, word: &str) -> bool {
    text.as_bytes()
        .windows(word.len())
        .any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}
