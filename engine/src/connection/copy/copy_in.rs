//! COPY FROM STDIN.

use std::future::poll_fn;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use dblink_protocol::backend::{CopyFormat, Diagnostic};
use dblink_protocol::conversation::{CopyBatch, Event, Reply};

use super::{Direction, UnderWay};
use crate::connection::{Closed, Connection, Error};

/// How much data goes into one CopyData message: with its header, what a growing buffer comes to without waste.
const PIECE_BYTES: usize = 32 * 1024 - 5;

/// Above how many outgoing bytes no more data is added.
const OUTGOING_BYTES: usize = 64 * 1024;

/// How much is taken over from the caller at once.
const TAKEN_BYTES: usize = 256 * 1024;

impl Connection {
    /// Begins a COPY FROM STDIN, and gives what its data is sent by.
    ///
    /// The data is in the format that the statement asks for. The text may hold other statements around the COPY, such as a
    /// `TRUNCATE` in the same transaction; their results are thrown away.
    ///
    /// A [deadline](Self#deadlines) holds from this call to the [end](CopyIn::finish) of the COPY, the time in which the
    /// caller sends nothing included. When it has passed, the COPY is failed.
    ///
    /// ```
    /// # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
    /// # let mut connection = Connection::connect(&server).await?;
    /// # connection.execute("create temp table city (name text, people int)", &[]).await?;
    /// let mut copy = connection.copy_in("copy city (name, people) from stdin").await?;
    /// copy.send(b"Paris\t2103778\n").await?;
    /// copy.send(b"Rome\t2746984\n").await?;
    /// assert_eq!(copy.finish().await?, 2);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Cancel-safe: if it is dropped, the COPY fails.
    ///
    /// PostgreSQL manual: [COPY](https://www.postgresql.org/docs/current/sql-copy.html),
    /// [COPY Operations](https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-COPY).
    ///
    /// # Errors
    ///
    /// [`Error::Server`] with the server's SQLSTATE; [`Error::NoCopy`] (`22023`) if no statement is a COPY FROM STDIN: those
    /// that are none were run all the same; [`Error::Command`] (`22023`) if the text has a zero byte; [`Error::Deadline`]
    /// (`57014`); [`Error::Closed`].
    pub async fn copy_in(&mut self, statement: &str) -> Result<CopyIn<'_>, Error> {
        self.begin().await?;
        self.trace_copy(statement);
        self.channel.conversation.query(statement)?;
        let mut connection = UnderWay(self);
        let format = connection.copy_started(Direction::In).await?;
        Ok(CopyIn {
            connection,
            format,
            buffer: BytesMut::new(),
            torn: false,
            failing: None,
            failed: None,
        })
    }
}

/// A COPY FROM STDIN that takes data. Dropping it fails the COPY: nothing of it stays.
///
/// That it has failed is sent to the server at once where the socket takes it, and otherwise before the next command. Only
/// [`finish`](Self::finish) keeps what was sent.
///
/// The data may be cut anywhere. It is gathered into messages of 32 KiB, and some 128 KiB of it wait in memory for the
/// socket at most, beside what the last [`send`](Self::send) was given. While it is sent, what the server says is read: when
/// it refuses the data, the next call says why, and so does every call after that.
#[derive(Debug)]
#[must_use = "dropping it fails the COPY"]
pub struct CopyIn<'c> {
    connection: UnderWay<'c>,
    format: CopyFormat,
    /// Data that is no message yet.
    pub(super) buffer: BytesMut,
    /// A part of the caller's data is missing: what was sent must not be kept.
    torn: bool,
    /// What the server refused with, until the COPY is over.
    failing: Option<Diagnostic>,
    /// The same after that.
    failed: Option<Diagnostic>,
}

impl CopyIn<'_> {
    /// The formats of the data and of its columns.
    pub const fn format(&self) -> &CopyFormat {
        &self.format
    }

    /// Sends data, and waits until no more than a few messages of it are left in memory.
    ///
    /// Dropping the future loses nothing of up to 256 KiB: they are taken over before the first wait, and are a part of the
    /// COPY. Of more than that a part would be missing, and so the COPY fails: every later call says so. To go on instead, use
    /// [`send_buf`](Self::send_buf).
    ///
    /// # Errors
    ///
    /// [`Error::Server`] if the server has refused some of the data, with its SQLSTATE, such as `22P04` or `23505`;
    /// [`Error::TornCopy`] (`57014`) after a future was dropped; [`Error::Deadline`] (`57014`); [`Error::Closed`].
    pub async fn send(&mut self, mut data: &[u8]) -> Result<(), Error> {
        self.check_torn()?;
        self.torn = data.len() > TAKEN_BYTES;
        let sent = self.send_pieces(&mut data).await;
        self.torn = false;
        sent
    }

    /// Sends data as [`send`](Self::send) does, from any buffer, which is left with what was not taken over.
    ///
    /// Cancel-safe: if it is dropped, what is left in the buffer was not taken over, and the rest was.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub async fn send_buf(&mut self, data: &mut impl Buf) -> Result<(), Error> {
        self.check_torn()?;
        self.send_pieces(data).await
    }

    async fn send_pieces(&mut self, data: &mut impl Buf) -> Result<(), Error> {
        loop {
            let mut room = TAKEN_BYTES;
            while data.has_remaining() && room > 0 {
                let chunk = data.chunk();
                let piece = chunk.get(..room).unwrap_or(chunk);
                self.buffer.extend_from_slice(piece);
                room -= piece.len();
                let taken = piece.len();
                data.advance(taken);
            }
            self.room().await?;
            if !data.has_remaining() {
                return Ok(());
            }
        }
    }

    /// Ends the data, and waits until the server is done; gives how many rows it has copied.
    ///
    /// Outside a transaction block they are committed then.
    ///
    /// Dropping the future once it was polled leaves the end to the server, which completes the COPY or refuses it, now or with
    /// the next command. If it was never polled, the COPY fails.
    ///
    /// # Errors
    ///
    /// [`Error::Server`] if the server refuses the data, or another statement of the same text fails: nothing of the COPY
    /// stays, unless the text itself has committed it; [`Error::SecondCopy`] (SQLSTATE `0A000`) if another COPY follows, with
    /// the same effect; [`Error::TornCopy`] (`57014`) after a future was dropped; [`Error::Deadline`] (`57014`);
    /// [`Error::Closed`], which leaves open what became of it.
    pub async fn finish(mut self) -> Result<u64, Error> {
        self.check_torn()?;
        if self.connection.channel.conversation.copy_in().is_none() {
            // It was refused already.
            self.room().await?;
        }
        // All of it before the first wait: whoever drops this has finished all the same.
        while !self.buffer.is_empty() {
            self.add_piece()?;
        }
        self.connection.channel.conversation.copy_done()?;
        let mut rows = None;
        loop {
            match self.connection.reply_unless_failed(&mut self.failing).await? {
                Reply::CommandComplete(completed) => {
                    rows = rows.or_else(|| completed.tag().rows);
                }
                Reply::Error(error) => self.failing = Some(error),
                Reply::CopyInResponse(_) | Reply::CopyOutResponse(_) | Reply::CopyBothResponse(_) => {
                    return Err(Error::SecondCopy);
                }
                Reply::ReadyForQuery(_) => {
                    return match self.failing.take() {
                        Some(error) => Err(self.connection.refused(error)),
                        None => Ok(rows.unwrap_or(0)),
                    };
                }
                _ => {}
            }
        }
    }

    /// Fails the COPY, and waits until that is done: nothing of it stays. The server logs the reason.
    ///
    /// A transaction block that it stands in has failed then.
    ///
    /// Cancel-safe: if it is dropped, the COPY fails all the same.
    ///
    /// # Errors
    ///
    /// [`Error::Command`] (SQLSTATE `22023`) if the reason has a zero byte or is longer than 10 000 bytes, after which the
    /// COPY fails as if it was dropped; [`Error::Closed`].
    pub async fn fail(mut self, reason: &str) -> Result<(), Error> {
        if self.connection.channel.conversation.copy_in().is_some() {
            self.connection.channel.conversation.copy_fail(reason)?;
        }
        if self.failed.is_none() {
            self.connection.until_ready().await?;
        }
        Ok(())
    }

    /// A part of the data is missing: whoever does not know that must not go on.
    pub(super) const fn check_torn(&self) -> Result<(), Error> {
        if self.torn { Err(Error::TornCopy) } else { Ok(()) }
    }

    /// Waits until there is room for more data.
    pub(super) async fn room(&mut self) -> Result<(), Error> {
        poll_fn(|cx| self.poll_room(cx)).await
    }

    /// The same. It sends what is left in the buffer but for the last part of a message.
    pub(super) fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        // As long as there is no message to send, there is no more to do: a refusal is looked for with each message.
        if self.buffer.len() < PIECE_BYTES
            && self.outgoing() <= OUTGOING_BYTES
            && self.connection.channel.conversation.copy_in().is_some()
            && !self.connection.clock.is_up()
        {
            return Poll::Ready(Ok(()));
        }
        self.poll_left(cx, OUTGOING_BYTES, true)
    }

    /// The same for who waits for data from elsewhere: what the server says meanwhile wakes it.
    pub(crate) fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.poll_left(cx, OUTGOING_BYTES, false)
    }

    /// Takes over the data of some messages, without a wait; tells how many bytes that are.
    pub(crate) fn add(&mut self, batch: &CopyBatch) -> usize {
        let before = self.buffer.len();
        for chunk in batch {
            self.buffer.extend_from_slice(chunk);
        }
        self.buffer.len() - before
    }

    /// Waits until all data is sent.
    pub(super) fn poll_all_sent(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        ready!(self.poll_room(cx))?;
        if !self.buffer.is_empty() {
            self.add_piece()?;
        }
        self.poll_left(cx, 0, true)
    }

    /// Makes messages of the buffer, and waits until at most `left` bytes are outgoing.
    ///
    /// Where messages are sent, the server's are `looked` for, though nothing has to be waited for: it may have refused.
    fn poll_left(&mut self, cx: &mut Context<'_>, left: usize, mut looked: bool) -> Poll<Result<(), Error>> {
        loop {
            self.take_refusal()?;
            self.connection.check_time()?;
            let taken = self.connection.channel.conversation.copy_in().is_some();
            if !taken {
                // The reason is on its way.
                self.buffer.clear();
            } else if self.buffer.len() < PIECE_BYTES {
                if looked && matches!(self.connection.channel.poll_write(cx, left), Poll::Ready(Ok(()))) {
                    return Poll::Ready(Ok(()));
                }
            } else if self.outgoing() <= OUTGOING_BYTES {
                self.add_piece()?;
                looked = false;
            }
            match self.connection.channel.poll_exchange(cx) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(closed)) => return Poll::Ready(Err(self.lost(closed))),
                Poll::Pending => {
                    let more = self.buffer.len() >= PIECE_BYTES && self.outgoing() <= OUTGOING_BYTES;
                    if looked && !more {
                        ready!(self.connection.poll_time(cx))?;
                    }
                }
            }
            looked = true;
        }
    }

    /// The connection is closed. What the server said before tells more.
    fn lost(&mut self, closed: Closed) -> Error {
        self.failing.take().map_or_else(|| closed.into(), Error::Server)
    }

    fn outgoing(&self) -> usize {
        self.connection.channel.conversation.outgoing().len()
    }

    /// Makes a message of the first data in the buffer.
    fn add_piece(&mut self) -> Result<(), Error> {
        let length = self.buffer.len().min(PIECE_BYTES);
        let piece = self.buffer.get(..length).unwrap_or_default();
        self.connection.channel.conversation.copy_data(piece)?;
        self.connection.trace.add_bytes(length);
        self.buffer.advance(length);
        Ok(())
    }

    /// Takes what the server has said. Before the end of the data that is a refusal, if it concerns the COPY.
    fn take_refusal(&mut self) -> Result<(), Error> {
        if let Some(error) = &self.failed {
            return Err(self.connection.refused(error.clone()));
        }
        loop {
            let event = match self.connection.channel.take_event() {
                Ok(Some(event)) => event,
                Ok(None) => return Ok(()),
                Err(closed) => return Err(self.lost(closed)),
            };
            match event {
                Event::Reply {
                    reply: Reply::Error(error),
                    ..
                } => {
                    self.connection.trace.failed(error.sqlstate());
                    self.failing = Some(error);
                }
                Event::Reply {
                    reply: Reply::ReadyForQuery(_),
                    ..
                } => {
                    self.failed = self.failing.take();
                    if let Some(error) = &self.failed {
                        return Err(self.connection.refused(error.clone()));
                    }
                }
                event => self.connection.route(event),
            }
        }
    }
}
