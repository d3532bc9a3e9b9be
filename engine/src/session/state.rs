//! What dblink knows of a connection.

use std::sync::Arc;
use std::time::Duration;

use dblink_protocol::SqlState;
use dblink_protocol::backend::TransactionStatus;
use tokio::time::Instant;

use super::connect::Found;
use super::deadlock::{Member, Verdict};
use super::pending::Pending;
use super::time::Time;
use super::{Doing, Error};
use crate::connection::{self, CancelHandle, Connection, Detached, Head};
use crate::libpq_text::error_text;
use crate::transfer::Transferred;

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
    pub(super) gone: bool,
    /// A transaction was begun for a cursor that is not open yet.
    pub(super) opening: bool,
    /// The server was told to close a cursor, and its answer was not read.
    pub(super) closing: bool,
    /// A text was sent that may have ended the transaction and begun another, and its answer was not read to the end.
    pub(super) unseen: bool,
    /// The text that is under way has rolled back, all or to a savepoint.
    rolled_back: bool,
    pub(super) pending: Option<Pending>,
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
    /// What cancels its calls, for those who hold the session's canceller.
    pub(super) cancel: Option<Arc<CancelHandle>>,
    /// Why a call on it would have waited for ever.
    pub(super) verdict: Verdict,
}

impl State {
    pub(super) fn new(name: Option<String>, found: Found) -> Self {
        Self {
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
            cancel: None,
            verdict: Verdict::default(),
        }
    }

    /// A statement is sent.
    pub(super) fn began(&mut self, statement: &str) {
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
    pub(super) fn observe_status(&mut self, connection: &Connection) {
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
pub(super) fn may_renew(simple: bool, statement: &str) -> bool {
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
