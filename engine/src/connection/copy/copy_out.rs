//! COPY TO STDOUT.

use std::future::poll_fn;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use dblink_protocol::backend::{CopyFormat, Diagnostic};
use dblink_protocol::conversation::{CopyBatch, Reply};

use super::Direction;
use crate::connection::{Connection, Error};

impl Connection {
    /// Begins a COPY TO STDOUT, and gives its data as it comes.
    ///
    /// The data is in the format that the statement asks for. The text may hold other statements around the COPY; their
    /// results are thrown away.
    ///
    /// ```
    /// # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
    /// # let mut connection = Connection::connect(&server).await?;
    /// # connection.execute("create temp table city (name text, people int)", &[]).await?;
    /// # connection.execute("insert into city values ('Paris', 2103778), ('Atlantis', null)", &[]).await?;
    /// let mut copy = connection.copy_out("copy city to stdout").await?;
    /// while let Some(batch) = copy.next_batch().await? {
    ///     for line in &batch {
    ///         print!("{}", String::from_utf8_lossy(line));
    ///     }
    /// }
    /// assert_eq!(copy.rows_affected(), Some(2));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Cancel-safe: see [`Connection`].
    ///
    /// PostgreSQL manual: [COPY](https://www.postgresql.org/docs/current/sql-copy.html),
    /// [COPY Operations](https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-COPY).
    ///
    /// # Errors
    ///
    /// [`Error::Server`] with the server's SQLSTATE; [`Error::NoCopy`] (`22023`) if no statement is a COPY TO STDOUT: those
    /// that are none were run all the same; [`Error::Command`] (`22023`) if the text has a zero byte; [`Error::Deadline`]
    /// (`57014`); [`Error::Closed`].
    pub async fn copy_out(&mut self, statement: &str) -> Result<CopyOut<'_>, Error> {
        self.begin().await?;
        self.trace_copy(statement);
        self.channel.conversation.query(statement)?;
        let format = self.copy_started(Direction::Out).await?;
        Ok(CopyOut {
            connection: self,
            format,
            batch: None,
            chunk: Bytes::new(),
            rows: None,
            failed: None,
            second: false,
            over: false,
        })
    }
}

/// The data of a COPY TO STDOUT, in the buffers that it was received into.
///
/// A server of today sends a row in one message, but promises nothing of the kind. Dropping this gives up the rest: that goes
/// by before the next command, or is cancelled; see [`Connection`].
#[derive(Debug)]
pub struct CopyOut<'c> {
    connection: &'c mut Connection,
    format: CopyFormat,
    /// The messages that were received together and are left of them.
    batch: Option<CopyBatch>,
    /// What is left of the message that is being read as a stream.
    chunk: Bytes,
    rows: Option<u64>,
    /// Why it failed: told at the end, and whenever it is asked for again.
    failed: Option<Diagnostic>,
    /// Another COPY followed.
    second: bool,
    over: bool,
}

impl CopyOut<'_> {
    /// The formats of the data and of its columns.
    pub const fn format(&self) -> &CopyFormat {
        &self.format
    }

    /// How many rows were copied, once all data is read.
    pub const fn rows_affected(&self) -> Option<u64> {
        self.rows
    }

    /// The data of the next message; none at the end.
    ///
    /// Cancel-safe: no data is lost, nor the reason of a failure.
    ///
    /// # Errors
    ///
    /// As [`next_batch`](Self::next_batch).
    pub async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// The messages that were received together, which costs less than one by one; none at the end. It knows nothing of what
    /// was left of a message that was read as a stream.
    ///
    /// Cancel-safe: no data is lost, nor the reason of a failure.
    ///
    /// # Errors
    ///
    /// [`Error::Server`] if the COPY fails half-way, or another statement of the same text does; [`Error::SecondCopy`]
    /// (SQLSTATE `0A000`) if another COPY follows, after all data of this one; [`Error::Deadline`] (`57014`);
    /// [`Error::Closed`].
    pub async fn next_batch(&mut self) -> Result<Option<CopyBatch>, Error> {
        poll_fn(|cx| self.poll_next_batch(cx)).await
    }

    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Error>> {
        if !self.chunk.is_empty() {
            return Poll::Ready(Ok(Some(std::mem::take(&mut self.chunk))));
        }
        loop {
            if let Some(chunk) = self.batch.as_mut().and_then(CopyBatch::take_chunk) {
                return Poll::Ready(Ok(Some(chunk)));
            }
            self.batch = ready!(self.poll_batch(cx))?;
            if self.batch.is_none() {
                return Poll::Ready(Ok(None));
            }
        }
    }

    /// The same as [`next_batch`](Self::next_batch).
    pub(crate) fn poll_next_batch(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<CopyBatch>, Error>> {
        match self.batch.take().filter(|batch| !batch.is_empty()) {
            Some(batch) => Poll::Ready(Ok(Some(batch))),
            None => self.poll_batch(cx),
        }
    }

    /// What is left of the data that is being read as a stream; empty at the end.
    pub(super) fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Result<&[u8], Error>> {
        while self.chunk.is_empty() {
            match ready!(self.poll_next(cx))? {
                Some(chunk) => self.chunk = chunk,
                None => break,
            }
        }
        Poll::Ready(Ok(&self.chunk))
    }

    /// Tells that the first `count` bytes of that were read.
    pub(super) fn consume_chunk(&mut self, count: usize) {
        self.chunk.advance(count.min(self.chunk.len()));
    }

    /// Receives some messages, or the end.
    fn poll_batch(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<CopyBatch>, Error>> {
        while !self.over {
            let reply = match ready!(self.connection.poll_reply(cx)) {
                Ok(reply) => reply,
                Err(error) => return Poll::Ready(Err(self.failed.take().map_or(error, Error::Server))),
            };
            match reply {
                Reply::CopyData(batch) => return Poll::Ready(Ok(Some(batch))),
                Reply::CommandComplete(completed) => {
                    self.rows = self.rows.or_else(|| completed.tag().rows);
                }
                Reply::Error(error) => self.failed = Some(error),
                Reply::ReadyForQuery(_) => self.over = true,
                Reply::CopyInResponse(_) | Reply::CopyOutResponse(_) | Reply::CopyBothResponse(_) => {
                    self.second = true;
                    self.over = true;
                    self.connection.let_go();
                }
                _ => {}
            }
        }
        Poll::Ready(match (&self.failed, self.connection.clock.lost()) {
            (Some(error), _) => Err(self.connection.refused(error.clone())),
            (None, _) if self.second => Err(Error::SecondCopy),
            (None, Some(limit)) => Err(Error::Deadline { limit }),
            (None, None) => Ok(None),
        })
    }
}
