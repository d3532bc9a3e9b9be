//! The rows of a result, all of them.

use std::sync::Arc;

use dblink_protocol::conversation::{CompletedCommand, RowBatch};

use super::{Columns, Error, Row, Rows};

/// A whole result, held in the buffers that it was received into.
#[derive(Debug, Clone, Default)]
pub struct RowSet {
    pub(super) columns: Option<Arc<Columns>>,
    pub(super) batches: Vec<RowBatch>,
    pub(super) completed: Option<CompletedCommand>,
}

impl RowSet {
    /// The columns; none if the statement gives no rows.
    pub const fn columns(&self) -> Option<&Arc<Columns>> {
        self.columns.as_ref()
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.batches.iter().map(RowBatch::len).sum()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// How many rows the statement concerned, where the server counts them.
    pub fn rows_affected(&self) -> Option<u64> {
        self.completed.as_ref()?.tag().rows
    }

    /// The rows in order.
    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        let columns = self.columns.as_deref();
        columns
            .into_iter()
            .flat_map(|columns| self.batches.iter().flatten().map(|row| Row::new(row, columns)))
    }
}

impl Rows<'_> {
    /// Reads to the end, and holds what is left of the rows.
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next).
    pub async fn collect(mut self) -> Result<RowSet, Error> {
        let mut batches = Vec::new();
        loop {
            match self.take_batch().await? {
                Some(batch) => batches.push(batch),
                None => {
                    return Ok(RowSet {
                        columns: self.columns().cloned(),
                        batches,
                        completed: self.completed().cloned(),
                    });
                }
            }
        }
    }
}
