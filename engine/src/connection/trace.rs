//! What the engine tells of its work: a span for each call.

use std::fmt;

use dblink_protocol::SqlState;
use dblink_protocol::conversation::CompletedCommand;
use tracing::field::{Empty, display};
use tracing::{Span, debug_span};

use super::Connection;

/// The span of the call that runs, and what is counted for it.
///
/// It is ended by the last ReadyForQuery, or by the next call if its futures were dropped.
#[derive(Debug)]
pub(super) struct Trace {
    /// Whether the text of statements may be told.
    pub(super) statements: bool,
    span: Span,
    rows: u64,
    /// How many bytes of COPY data were sent.
    sent: u64,
    /// How many bytes had been received before it began.
    from: u64,
}

impl Default for Trace {
    fn default() -> Self {
        Self {
            statements: false,
            span: Span::none(),
            rows: 0,
            sent: 0,
            from: 0,
        }
    }
}

impl Trace {
    /// A call begins, with its span.
    fn start(&mut self, span: Span, received: u64) {
        self.span = span;
        self.rows = 0;
        self.sent = 0;
        self.from = received;
    }

    /// Some rows have come.
    pub(super) const fn count(&mut self, rows: usize) {
        self.rows = self.rows.saturating_add(rows as u64);
    }

    /// A statement is done. Where no rows have come, the rows are those that it concerned.
    pub(super) fn completed(&mut self, completed: &CompletedCommand) {
        if self.rows == 0 && !self.span.is_disabled() {
            self.rows = completed.tag().rows.unwrap_or(0);
        }
    }

    /// Some data of a COPY FROM STDIN goes out.
    pub(super) const fn add_bytes(&mut self, bytes: usize) {
        self.sent = self.sent.saturating_add(bytes as u64);
    }

    /// A command has failed.
    pub(super) fn failed(&self, state: Option<SqlState>) {
        if let Some(state) = state.filter(|_| !self.span.is_disabled()) {
            self.span.record("sqlstate", display(state));
        }
    }

    /// The call is over.
    pub(super) fn end(&mut self, received: u64) {
        if self.span.is_disabled() {
            return;
        }
        self.span.record("rows", self.rows);
        self.span.record(
            "bytes",
            received.saturating_sub(self.from).saturating_add(self.sent),
        );
        self.span = Span::none();
    }
}

/// The server of a session, where this crate found it.
struct Server<'a>(&'a Connection);

impl fmt::Display for Server<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.target {
            Some(target) => target.fmt(f),
            None => f.write_str("?"),
        }
    }
}

impl Connection {
    /// Has the spans of queries and COPYs tell the text of the statement, which may hold what is nobody's business. At first
    /// they do not.
    ///
    /// The spans are those of the `tracing` crate, with `dblink` for their target: `connect`, `query`, `copy` and `cancel`,
    /// of level `DEBUG`. They tell the server, the SQLSTATE of a failure, the rows, and the bytes received or, by COPY, sent; and
    /// never a parameter, a value or a password.
    pub const fn trace_statements(&mut self, trace: bool) {
        self.trace.statements = trace;
    }

    /// The call that has begun runs `statement`.
    pub(super) fn trace_query(&mut self, statement: &str) {
        let span = debug_span!(
            target: "dblink", "query",
            server = %Server(self), statement = Empty, rows = Empty, bytes = Empty, sqlstate = Empty
        );
        self.trace_with(span, statement);
    }

    /// The call that has begun copies with `statement`.
    pub(super) fn trace_copy(&mut self, statement: &str) {
        let span = debug_span!(
            target: "dblink", "copy",
            server = %Server(self), statement = Empty, rows = Empty, bytes = Empty, sqlstate = Empty
        );
        self.trace_with(span, statement);
    }

    fn trace_with(&mut self, span: Span, statement: &str) {
        if span.is_disabled() {
            return;
        }
        if self.trace.statements {
            span.record("statement", statement);
        }
        self.trace.start(span, self.channel.received());
    }
}
