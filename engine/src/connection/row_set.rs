//! The rows of a result, all of them.

use std::iter::FusedIterator;
use std::sync::{Arc, OnceLock};

use dblink_protocol::conversation::{self, CompletedCommand, RowBatch};

use super::{Columns, Error, Row, Rows};

/// A whole result, held in the buffers that it was received into.
///
/// ```
/// # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
/// # let mut connection = Connection::connect(&server).await?;
/// let rows = connection.query_all("select id, 'number ' || id as name from generate_series(1, 3) as id", &[]).await?;
/// assert_eq!(rows.len(), 3);
/// for row in &rows {
///     println!("{}: {}", row.get::<i32>("id")?, row.get::<&str>("name")?);
/// }
/// assert_eq!(rows.get(1).map(|row| row.get("name")).transpose()?, Some("number 2"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct RowSet {
    pub(super) columns: Option<Arc<Columns>>,
    pub(super) batches: Vec<RowBatch>,
    pub(super) completed: Option<CompletedCommand>,
    /// Where each row is: its batch, and how far into that; made when first needed.
    places: OnceLock<Box<[(usize, usize)]>>,
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

    /// What the server says that was done, such as `INSERT 0 5`; none for an empty statement, and for a portal that was
    /// suspended.
    pub const fn completed(&self) -> Option<&CompletedCommand> {
        self.completed.as_ref()
    }

    /// The rows in order.
    pub fn iter(&self) -> RowSetIter<'_> {
        RowSetIter {
            columns: self.columns.as_deref(),
            batch: None,
            batches: self.batches.iter(),
            left: self.len(),
        }
    }

    /// The first row.
    pub fn first(&self) -> Option<Row<'_>> {
        self.iter().next()
    }

    /// The row of that number, counted from 0.
    ///
    /// The first call notes where each row is, which takes 16 bytes a row; after that it takes the same time for all.
    pub fn get(&self, number: usize) -> Option<Row<'_>> {
        let (batch, offset) = self.places.get_or_init(|| self.find_places()).get(number)?;
        let row = self.batches.get(*batch)?.row_at(*offset)?;
        Some(Row::new(row, self.columns.as_deref()?))
    }

    fn find_places(&self) -> Box<[(usize, usize)]> {
        let mut places = Vec::with_capacity(self.len());
        for (number, batch) in self.batches.iter().enumerate() {
            let mut offset = 0;
            for row in batch {
                places.push((number, offset));
                offset += row.message_bytes();
            }
        }
        places.into()
    }
}

impl<'a> IntoIterator for &'a RowSet {
    type Item = Row<'a>;
    type IntoIter = RowSetIter<'a>;

    fn into_iter(self) -> RowSetIter<'a> {
        self.iter()
    }
}

/// The rows of a [`RowSet`], in order.
#[derive(Debug, Clone)]
pub struct RowSetIter<'a> {
    columns: Option<&'a Columns>,
    batch: Option<conversation::Rows<'a>>,
    batches: std::slice::Iter<'a, RowBatch>,
    left: usize,
}

impl<'a> Iterator for RowSetIter<'a> {
    type Item = Row<'a>;

    #[inline]
    fn next(&mut self) -> Option<Row<'a>> {
        loop {
            if let Some(row) = self.batch.as_mut().and_then(Iterator::next) {
                self.left = self.left.saturating_sub(1);
                return Some(Row::new(row, self.columns?));
            }
            self.batch = Some(self.batches.next()?.iter());
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for RowSetIter<'_> {}
impl FusedIterator for RowSetIter<'_> {}

impl Rows<'_> {
    /// Reads to the end, and adds what comes to `set`, also if it fails half-way.
    pub(crate) async fn gather(&mut self, set: &mut RowSet) -> Result<(), Error> {
        set.columns = self.columns().cloned();
        while let Some(batch) = self.take_batch().await? {
            set.batches.push(batch);
        }
        set.completed = self.completed().cloned();
        Ok(())
    }

    /// Reads to the end, and holds what is left of the rows.
    ///
    /// Cancel-safe: see [`Connection`](super::Connection). Dropping it drops the rows.
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next).
    pub async fn collect(mut self) -> Result<RowSet, Error> {
        let mut set = RowSet::default();
        self.gather(&mut set).await?;
        Ok(set)
    }
}
