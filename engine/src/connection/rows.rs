//! The rows of a result, as they come.

use std::sync::Arc;

use dblink_protocol::backend::Diagnostic;
use dblink_protocol::conversation::{Columns, CompletedCommand, Reply, RowBatch};

use super::{Connection, Error, Row};

/// The rows of a query, lent one by one from the buffer that they were received into.
///
/// Dropping it gives up the rest: that goes by before the next command.
#[derive(Debug)]
pub struct Rows<'c> {
    connection: &'c mut Connection,
    columns: Option<Arc<Columns>>,
    batch: Option<RowBatch>,
    completed: Option<CompletedCommand>,
    /// Why the statement failed, until that is told. It is kept here since the wait for the end may be dropped.
    failed: Option<Diagnostic>,
    over: bool,
}

impl<'c> Rows<'c> {
    pub(super) const fn new(connection: &'c mut Connection, columns: Option<Arc<Columns>>) -> Self {
        Self {
            connection,
            columns,
            batch: None,
            completed: None,
            failed: None,
            over: false,
        }
    }

    /// The columns; none if the statement gives no rows.
    pub fn columns(&self) -> Option<&Columns> {
        self.columns.as_deref()
    }

    /// How many rows the statement concerned, once all are read; none before that, and where the server counts none.
    pub fn rows_affected(&self) -> Option<u64> {
        self.completed.as_ref()?.tag().rows
    }

    /// The next row; none at the end.
    ///
    /// Cancel-safe: no row is lost, nor the reason of a failure.
    ///
    /// # Errors
    ///
    /// [`Error::Server`] if the statement fails half-way, [`Error::Closed`].
    pub async fn next(&mut self) -> Result<Option<Row<'_>>, Error> {
        while !self.over && self.batch.as_ref().is_none_or(RowBatch::is_empty) {
            match self.connection.reply_unless_failed(&mut self.failed).await? {
                Reply::Rows(batch) => self.batch = Some(batch),
                Reply::CommandComplete(completed) => self.completed = Some(completed),
                Reply::ReadyForQuery(_) => self.over = true,
                Reply::Error(error) => self.failed = Some(error),
                Reply::CopyInResponse(_) | Reply::CopyOutResponse(_) | Reply::CopyBothResponse(_) => {
                    self.over = true;
                    return Err(Error::UnexpectedCopy);
                }
                _ => {}
            }
        }
        if let Some(error) = self.failed.take_if(|_| self.over) {
            return Err(Error::Server(error));
        }
        Ok(self.batch.as_mut().and_then(RowBatch::take_row).map(Row::new))
    }
}
