//! The rows of a result, as they come.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use dblink_protocol::backend::Diagnostic;
use dblink_protocol::conversation::{CompletedCommand, Parameters, Reply, RowBatch};

use super::{Closed, Columns, Connection, Error, OwnedRow, Row};

/// How much of a result is kept back, at most, until the types of its columns are known.
const KEPT_BYTES: u64 = 4 << 20;

/// The rows of a query, lent one by one from the buffer that they were received into.
///
/// Dropping it gives up the rest: that goes by before the next command, or is cancelled; see [`Connection`].
#[derive(Debug)]
#[must_use = "that the statement fails is told by its rows: to run one without looking at them, use execute"]
pub struct Rows<'c> {
    connection: &'c mut Connection,
    read: Detached,
}

/// What was read of the rows of a result, without the connection.
#[derive(Debug)]
pub(crate) struct Detached {
    columns: Option<Arc<Columns>>,
    batch: Option<RowBatch>,
    /// What comes behind the batch and was received already.
    kept: VecDeque<RowBatch>,
    completed: Option<CompletedCommand>,
    /// A portal gave as many rows as it was asked for, and may have more.
    suspended: bool,
    /// Why the statement failed: told at the end, and whenever it is asked for again.
    failed: Option<Diagnostic>,
    /// It was a COPY.
    copy: bool,
    /// The limit of the call, if some of the rows were lost to it.
    late: Option<Duration>,
    /// It is one of several, and over when its own statement is.
    part: bool,
    over: bool,
}

impl Detached {
    /// Whether all that was sent is answered.
    pub(crate) const fn is_over(&self) -> bool {
        self.over && !self.part
    }
}

impl<'c> Rows<'c> {
    /// Leaves the connection. Nothing else may be done there until these are [attached](Self::attach) again, or given up.
    pub(crate) fn detach(self) -> Detached {
        self.read
    }

    /// Goes on with the connection that these were [detached](Self::detach) from.
    pub(crate) const fn attach(connection: &'c mut Connection, read: Detached) -> Self {
        Self { connection, read }
    }

    pub(super) const fn part(connection: &'c mut Connection, columns: Arc<Columns>) -> Self {
        let mut rows = Self::new(connection, Some(columns));
        rows.read.part = true;
        rows
    }

    pub(super) const fn new(connection: &'c mut Connection, columns: Option<Arc<Columns>>) -> Self {
        let read = Detached {
            columns,
            batch: None,
            kept: VecDeque::new(),
            completed: None,
            suspended: false,
            failed: None,
            copy: false,
            late: None,
            part: false,
            over: false,
        };
        Self { connection, read }
    }

    /// Why the connection is over, if it is.
    pub(crate) fn closed(&self) -> Option<Closed> {
        self.connection.closed()
    }

    /// What the server has reported of its parameters.
    pub(crate) const fn parameters(&self) -> &Parameters {
        self.connection.parameters()
    }

    /// Closes the connection without waiting for anything.
    pub(crate) fn hang_up(&mut self) {
        self.connection.hang_up();
    }

    /// The columns; none if the statement gives no rows.
    pub fn columns(&self) -> Option<&Arc<Columns>> {
        self.read.columns.as_ref()
    }

    /// How many rows the statement concerned, once all are read; none before that, and where the server counts none.
    pub fn rows_affected(&self) -> Option<u64> {
        self.read.completed.as_ref()?.tag().rows
    }

    /// What the server says that was done, such as `INSERT 0 5`, once all rows are read.
    pub const fn completed(&self) -> Option<&CompletedCommand> {
        self.read.completed.as_ref()
    }

    /// Whether a [portal](super::Portal) has given as many rows as were asked for, and may give more.
    pub const fn is_suspended(&self) -> bool {
        self.read.suspended
    }

    /// The next row; none at the end.
    ///
    /// Cancel-safe: no row is lost, nor the reason of a failure.
    ///
    /// # Errors
    ///
    /// [`Error::Server`] with the server's SQLSTATE if the statement fails half-way; [`Error::UnexpectedCopy`] (`0A000`) if it
    /// is a COPY; [`Error::Deadline`] (`57014`); [`Error::Closed`].
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
            if this.read.batch.as_ref().is_none_or(RowBatch::is_empty) && this.poll_batch(cx)?.is_pending() {
                rows = Some(this);
                return Poll::Pending;
            }
            Poll::Ready(Ok(this.take_row()))
        })
    }

    /// Waits until there is a row to [take](Self::take_row); tells whether there is one.
    pub(crate) fn more(&mut self) -> impl Future<Output = Result<bool, Error>> {
        poll_fn(|cx| self.poll_more(cx))
    }

    /// Why the statement has failed, if that has come, and no row before it.
    pub(crate) async fn failure_so_far(&mut self) -> Option<Error> {
        let failure = |more| match more {
            Poll::Ready(Err(error)) => Some(error),
            _ => None,
        };
        poll_fn(|cx| Poll::Ready(failure(self.poll_more(cx)))).await
    }

    /// As [`more`](Self::more).
    #[inline]
    pub(crate) fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<Result<bool, Error>> {
        if self.read.batch.as_ref().is_none_or(RowBatch::is_empty) {
            ready!(self.poll_batch(cx))?;
        }
        Poll::Ready(Ok(self
            .read
            .batch
            .as_ref()
            .is_some_and(|batch| !batch.is_empty())))
    }

    /// The next row, if it is there.
    #[inline]
    pub(crate) fn take_row(&mut self) -> Option<Row<'_>> {
        let columns = self.read.columns.as_deref()?;
        let row = self.read.batch.as_mut()?.take_row()?;
        Some(Row::new(row, columns))
    }

    /// The rows that were received together and are left of them; none at the end.
    pub(super) async fn take_batch(&mut self) -> Result<Option<RowBatch>, Error> {
        if self.read.batch.as_ref().is_none_or(RowBatch::is_empty) {
            self.next_batch().await?;
        }
        Ok(self.read.batch.take())
    }

    /// The next row, copied; none at the end.
    pub(super) fn poll_owned(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<OwnedRow>, Error>> {
        if self.read.batch.as_ref().is_none_or(RowBatch::is_empty) {
            ready!(self.poll_batch(cx))?;
        }
        let row = self.read.batch.as_mut().and_then(RowBatch::take_row);
        let columns = self.read.columns.as_ref();
        Poll::Ready(Ok(row
            .zip(columns)
            .map(|(row, columns)| OwnedRow::new(&Row::new(row, columns), columns))))
    }

    /// Waits for some rows, or the end.
    async fn next_batch(&mut self) -> Result<(), Error> {
        poll_fn(|cx| self.poll_batch(cx)).await
    }

    // Out of the way of the many rows that are there already.
    #[inline(never)]
    fn poll_batch(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.read.batch = self.read.kept.pop_front();
        while self.read.batch.is_none() && !self.read.over {
            self.read.batch = ready!(self.poll_receive(cx))?;
        }
        Poll::Ready(if self.read.batch.is_some() {
            Ok(())
        } else {
            self.outcome()
        })
    }

    /// What is to be told at the end.
    fn outcome(&self) -> Result<(), Error> {
        match (&self.read.failed, self.read.late) {
            (Some(error), _) => Err(self.connection.refused(error.clone())),
            (None, _) if self.read.copy => Err(Error::UnexpectedCopy),
            (None, Some(limit)) => Err(Error::Deadline { limit }),
            (None, None) => Ok(()),
        }
    }

    /// Waits for something; gives the rows, if it is some.
    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<RowBatch>, Error>> {
        Poll::Ready(match ready!(self.connection.poll_reply(cx)) {
            Ok(reply) => Ok(self.take(reply)),
            // Why the statement failed says more than that the connection has ended since.
            Err(error) => Err(self.read.failed.take().map_or(error, Error::Server)),
        })
    }

    fn take(&mut self, reply: Reply) -> Option<RowBatch> {
        match reply {
            Reply::Rows(batch) => return Some(batch),
            Reply::CommandComplete(completed) => {
                self.read.completed = Some(completed);
                if self.read.part {
                    self.read.late = self.connection.clock.lost();
                    self.read.over = true;
                }
            }
            Reply::PortalSuspended => self.read.suspended = true,
            Reply::ReadyForQuery(_) => {
                self.read.late = self.connection.clock.lost();
                self.read.over = true;
            }
            Reply::Error(error) => {
                self.read.failed = Some(error);
                self.read.over |= self.read.part;
            }
            Reply::CopyInResponse(_) | Reply::CopyOutResponse(_) | Reply::CopyBothResponse(_) => {
                self.read.copy = true;
                self.read.over = true;
                self.connection.let_go();
            }
            _ => {}
        }
        None
    }

    /// Reads to the end, without looking at the rows; gives how many the statement concerned, where the server counts them.
    pub(super) async fn finish(mut self) -> Result<u64, Error> {
        while !self.read.over {
            poll_fn(|cx| self.poll_receive(cx)).await?;
        }
        // Nobody misses rows that came too late.
        self.read.late = None;
        self.outcome()?;
        Ok(self.rows_affected().unwrap_or(0))
    }

    /// Receives the rest, and keeps it back.
    pub(crate) async fn keep_all(&mut self) -> Result<(), Error> {
        while !self.read.over {
            let batch = poll_fn(|cx| self.poll_receive(cx)).await?;
            self.read.kept.extend(batch);
        }
        Ok(())
    }

    /// Looks up the types of the columns that are not known. Until the result is over, its rows are kept back.
    pub(crate) async fn look_up_types(&mut self) -> Result<(), Error> {
        let Some(columns) = self.read.columns.clone() else {
            return Ok(());
        };
        // Behind one of several there are others, which the question would have to wait for.
        if self.read.part || !self.connection.types.want_columns(&columns) {
            return Ok(());
        }
        let start = self.connection.channel.received();
        while !self.read.over && self.connection.channel.received() - start < KEPT_BYTES {
            let batch = poll_fn(|cx| self.poll_receive(cx)).await?;
            self.read.kept.extend(batch);
        }
        if self.read.over && self.outcome().is_ok() {
            let described = Arc::clone(columns.described());
            self.connection.look_up_types_of_result().await?;
            self.read.columns = Some(Arc::new(Columns::new(described, &self.connection.types)));
        }
        Ok(())
    }
}
