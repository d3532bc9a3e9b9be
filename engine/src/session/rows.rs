//! The rows that a call gives.

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use super::definition::{Definition, shown};
use super::link::Link;
use super::notice::{Notice, Notices};
use super::state::State;
use super::time::Time;
use super::{Doing, Error, Fail};
use dblink_protocol::conversation::Parameters;

use crate::connection::{self, Columns, Detached, OwnedRow, Row, RowSet};

/// The rows of a result, lent one by one.
///
/// What a command says of itself is a row, too, as in dblink: of one column `status`, of type `text`.
///
/// Dropping it gives up the rest. A connection that was made for the call is closed then.
#[must_use = "that a statement fails half-way is told by its rows"]
pub struct Rows<'s> {
    source: Source<'s>,
    state: Option<&'s mut State>,
    columns: Option<Arc<Columns>>,
    told: Told,
    over: bool,
    /// The connection was made for this call.
    once: bool,
    /// What the server had reported when a result was held.
    parameters: Option<Parameters>,
}

/// Where rows come from.
enum Source<'s> {
    /// The server, as they are asked for.
    Stream(connection::Rows<'s>),
    /// A result that is there.
    Held { set: RowSet, next: usize },
    /// The status of a command.
    Status(Option<OwnedRow>),
}

/// Rows without the connection that they come from.
pub(super) enum Apart {
    /// They are still to come.
    Coming(Detached, Option<Arc<Columns>>, Told),
    /// They are there.
    There(Rows<'static>),
}

/// How a failure is told.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) doing: Doing,
    pub(super) fail: Fail,
    pub(super) notices: Notices,
    pub(super) time: Time,
}

impl<'s> Rows<'s> {
    /// Rows that are read from the server as they are asked for.
    pub(super) fn stream(
        rows: connection::Rows<'s>,
        state: &'s mut State,
        columns: Arc<Columns>,
        told: Told,
    ) -> Self {
        Self {
            source: Source::Stream(rows),
            state: Some(state),
            columns: Some(columns),
            told,
            over: false,
            once: false,
            parameters: None,
        }
    }

    /// Rows that are there.
    pub(super) fn held(set: RowSet, columns: Option<Arc<Columns>>, told: Told) -> Self {
        Self {
            source: Source::Held { set, next: 0 },
            state: None,
            columns,
            told,
            over: false,
            once: false,
            parameters: None,
        }
    }

    /// The same rows, of a server that has reported these parameters.
    pub(super) fn of(mut self, parameters: Parameters) -> Self {
        self.parameters = Some(parameters);
        self
    }

    /// The status of a command.
    pub(super) fn status_row(tag: &str, name: Option<&str>, told: Told) -> Self {
        let row = OwnedRow::of_text(name.unwrap_or("status"), tag);
        Self {
            columns: Some(Arc::clone(row.columns())),
            source: Source::Status(Some(row)),
            state: None,
            told,
            over: false,
            once: false,
            parameters: None,
        }
    }

    /// No rows: the statement has failed, and that was told.
    pub(super) fn none(told: Told) -> Self {
        Self::held(RowSet::default(), None, told)
    }

    /// Leaves the connection, which was made for this call.
    pub(super) fn apart(mut self) -> Apart {
        let columns = self.columns.take();
        let told = self.told.clone();
        let source = match std::mem::replace(&mut self.source, Source::Status(None)) {
            Source::Stream(rows) => return Apart::Coming(rows.detach(), columns, told),
            Source::Held { set, next } => Source::Held { set, next },
            Source::Status(row) => Source::Status(row),
        };
        Apart::There(Rows {
            source,
            state: None,
            columns,
            told,
            over: self.over,
            once: false,
            parameters: self.parameters.take(),
        })
    }

    /// The columns, named as in the definition if there is one; none after a failure that was told as a notice.
    pub const fn columns(&self) -> Option<&Arc<Columns>> {
        self.columns.as_ref()
    }

    /// What the server has reported of one of its parameters, such as `DateStyle`, in which its values in text are written; none if
    /// it reports no such one, or if there is no result.
    ///
    /// ```
    /// # use dblink_engine::session::Session;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = dblink_tests::Cluster::shared().conninfo();
    /// let mut session = Session::new();
    /// let rows = session.query(&server, "select now()").text().await?;
    /// assert!(rows.parameter("DateStyle").is_some_and(|style| style.starts_with("ISO")));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// PostgreSQL manual: [Asynchronous Operations](https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-ASYNC).
    pub fn parameter(&self, name: &str) -> Option<String> {
        let parameters = match &self.source {
            Source::Stream(rows) => rows.parameters(),
            Source::Held { .. } | Source::Status(_) => self.parameters.as_ref()?,
        };
        parameters.get(name).map(|value| value.to_string())
    }

    /// The next row; none at the end.
    ///
    /// Cancel-safe: no row is lost, nor the reason of a failure.
    ///
    /// # Errors
    ///
    /// [`Error::Remote`] with the server's SQLSTATE if the statement fails half-way; [`Error::Deadline`] (`57014`).
    #[inline]
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator can neither wait nor lend"
    )]
    pub fn next(&mut self) -> impl Future<Output = Result<Option<Row<'_>>, Error>> {
        // As an async function it would be a machine with states that has to be asked for its own with each row.
        let mut rows = Some(self);
        poll_fn(move |cx| {
            let Some(this) = rows.take() else {
                // The row was given.
                return Poll::Ready(Ok(None));
            };
            match this.poll_more(cx) {
                Poll::Pending => {
                    rows = Some(this);
                    Poll::Pending
                }
                Poll::Ready(Ok(true)) => Poll::Ready(Ok(this.take_row())),
                Poll::Ready(more) => Poll::Ready(more.map(|_| None)),
            }
        })
    }

    /// Waits until there is a row to take; tells whether there is one.
    #[inline]
    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<Result<bool, Error>> {
        if self.over {
            return Poll::Ready(Ok(false));
        }
        match &mut self.source {
            Source::Stream(rows) => match ready!(rows.poll_more(cx)) {
                Ok(true) => Poll::Ready(Ok(true)),
                more => Poll::Ready(self.end(more.err()).map(|()| false)),
            },
            Source::Held { set, next } => Poll::Ready(Ok(set.get(*next).is_some())),
            Source::Status(row) => Poll::Ready(Ok(row.is_some())),
        }
    }

    #[inline]
    fn take_row(&mut self) -> Option<Row<'_>> {
        let columns = self.columns.as_deref()?;
        let row = match &mut self.source {
            Source::Stream(rows) => {
                if let Some(state) = &mut self.state {
                    state.rows = state.rows.saturating_add(1);
                }
                rows.take_row()
            }
            Source::Held { set, next } => {
                let number = *next;
                *next = number.saturating_add(1);
                set.get(number)
            }
            Source::Status(row) => {
                self.over = true;
                row.as_ref().map(OwnedRow::as_row)
            }
        };
        row.map(|row| row.with_columns(columns))
    }

    /// The rows that came from the server are over, or have failed.
    fn end(&mut self, failure: Option<connection::Error>) -> Result<(), Error> {
        self.over = true;
        let (Source::Stream(rows), Some(state)) = (&self.source, &mut self.state) else {
            return Ok(());
        };
        state.read_to_end();
        let Some(failure) = failure else {
            return Ok(());
        };
        // In dblink that the connection has ended is told, with the server's last words.
        let cause = rows.closed().map_or(failure, connection::Error::Closed);
        self.told
            .tell(state.remote(cause, self.told.doing.clone(), self.told.time))
    }

    /// Reads the rest, and holds it.
    ///
    /// Dropping the future drops the rows that were read.
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next).
    pub async fn collect(mut self) -> Result<Vec<OwnedRow>, Error> {
        let mut all = Vec::new();
        let Some(columns) = self.columns.clone() else {
            return Ok(all);
        };
        while let Some(row) = self.next().await? {
            all.push(row.to_owned_row(&columns));
        }
        Ok(all)
    }
}

impl Apart {
    /// Gives the rows, with the connection that they come from: it stays in `place` as long as they do.
    pub(super) fn with(self, link: Link, place: &mut Option<Link>) -> Rows<'_> {
        match self {
            Self::There(rows) => rows,
            Self::Coming(rows, columns, told) => {
                let Link { connection, state } = place.insert(link);
                Rows {
                    source: Source::Stream(connection::Rows::attach(connection, rows)),
                    state: Some(state),
                    columns,
                    told,
                    over: false,
                    once: true,
                    parameters: None,
                }
            }
        }
    }
}

impl Told {
    /// Gives an error, or tells it as a notice if that was wished. Only what the remote server says can be a notice.
    pub(super) fn tell(&self, error: Error) -> Result<(), Error> {
        match (self.fail, &error) {
            (Fail::Notice, Error::Remote { .. } | Error::Empty { .. }) => {
                self.notices.tell(&Notice::Failed(error));
                Ok(())
            }
            (Fail::Notice, Error::Busy { doing, .. } | Error::Gone { doing, .. })
                if *doing != Doing::Query =>
            {
                self.notices.tell(&Notice::Failed(error));
                Ok(())
            }
            _ => Err(error),
        }
    }
}

impl Drop for Rows<'_> {
    fn drop(&mut self) {
        if let (Source::Stream(rows), true) = (&mut self.source, self.once) {
            rows.hang_up();
        }
    }
}

impl fmt::Debug for Rows<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows")
            .field("columns", &self.columns)
            .field("over", &self.over)
            .finish_non_exhaustive()
    }
}

/// The types that a text can be without being changed.
const TEXTS: [&str; 3] = ["text", "varchar", "bpchar"];

/// What the caller expects of a result.
#[derive(Debug, Clone, Default)]
pub(super) struct Expected {
    pub(super) definition: Option<Definition>,
    /// Types are compared, too.
    pub(super) strict: bool,
}

impl Expected {
    /// Compares with the columns that come; gives them with the names that the caller knows them by.
    pub(super) fn check(&self, columns: &Arc<Columns>) -> Result<Arc<Columns>, Error> {
        let Some(definition) = &self.definition else {
            return Ok(Arc::clone(columns));
        };
        if definition.columns().len() != columns.len() {
            return Err(Error::Width);
        }
        let pairs = definition.columns().zip(columns.iter());
        for (number, (declared, column)) in (1..).zip(pairs) {
            let remote = column.type_().name();
            if self.strict && !declared.takes(remote) {
                return Err(Error::ColumnType {
                    number,
                    column: declared.name().to_owned(),
                    declared: declared.type_name(),
                    remote: match remote.strip_prefix('_') {
                        Some(element) => format!("{}[]", shown(element)),
                        None => shown(remote).to_owned(),
                    },
                });
            }
        }
        let names = definition.columns().map(|column| column.name());
        Ok(Arc::new(columns.renamed(names)))
    }

    /// Compares with the status of a command; gives the column's name.
    pub(super) fn check_status(&self) -> Result<Option<&str>, Error> {
        let Some(definition) = &self.definition else {
            return Ok(None);
        };
        let mut columns = definition.columns();
        let first = columns.next();
        match first {
            Some(first) if columns.len() == 0 && TEXTS.iter().any(|text| first.is(text)) => {
                Ok(Some(first.name()))
            }
            _ => Err(Error::Status {
                columns: definition.columns().len(),
                declared: first.map(|first| first.type_name()).unwrap_or_default(),
            }),
        }
    }
}
