//! The rows of a result as a stream.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::{Error, OwnedRow, Rows};

/// The rows of a query as a [`Stream`], each with its own copy of its values.
///
/// It ends after the last row, or after a failure. Dropping it gives up the rest, as dropping [`Rows`] does.
///
/// ```
/// # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
/// # let mut connection = Connection::connect(&server).await?;
/// use futures_util::TryStreamExt;
///
/// let mut stream = connection.query("select * from generate_series(1, 3)", &[]).await?.into_stream();
/// let mut sum = 0;
/// while let Some(row) = stream.try_next().await? {
///     sum += row.get::<i32>(0)?;
/// }
/// assert_eq!(sum, 6);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a stream does nothing unless it is polled"]
pub struct RowStream<'c> {
    rows: Rows<'c>,
    /// The last row, or a failure, was given.
    over: bool,
}

impl<'c> Rows<'c> {
    /// What is left of the rows as a [`Stream`], for those who want to hand them on.
    pub const fn into_stream(self) -> RowStream<'c> {
        RowStream {
            rows: self,
            over: false,
        }
    }
}

impl<'c> RowStream<'c> {
    /// The rows that the stream gives, to ask for their columns, and for what was done once it is over.
    pub const fn rows(&self) -> &Rows<'c> {
        &self.rows
    }
}

impl Stream for RowStream<'_> {
    type Item = Result<OwnedRow, Error>;

    /// The next row.
    ///
    /// Nothing is lost if it is not polled again.
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.over {
            return Poll::Ready(None);
        }
        let row = ready!(self.rows.poll_owned(cx)).transpose();
        self.over = !matches!(row, Some(Ok(_)));
        Poll::Ready(row)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // More may come than was received.
        (0, self.over.then_some(0))
    }
}
