//! The conversation and the socket it travels over, brought together.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use bytes::BytesMut;
use dblink_protocol::conversation::{Conversation, Ending, Event, ProtocolError};
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::Closed;
use crate::net::Stream;

/// How much is read at once, where that much is there.
const READ_BYTES: usize = 64 * 1024;

/// How much may be received before anybody takes it. No server has that much to say before it has read a command.
const UNTAKEN_BYTES: usize = 8 << 20;

/// A socket that is always read while it is written, and the conversation behind it.
///
/// All state is in the conversation and in the two buffers, none in a future: whoever stops polling loses nothing, and can
/// go on later.
#[derive(Debug)]
pub(super) struct Channel {
    pub(super) conversation: Conversation,
    /// None once it is of no more use.
    stream: Option<Stream>,
    /// What was read and not yet understood.
    input: BytesMut,
    /// How many bytes were ever read.
    received: u64,
    /// Bytes were handed to the stream that it may still hold back.
    unflushed: bool,
    /// The end of the stream was read, and why, while something was there that nobody had taken.
    end: Option<Option<Closed>>,
    /// Writing has failed. What the server said before is still read: it may be the reason.
    write_error: Option<Closed>,
    /// Why the connection is closed, where the conversation does not know.
    closed: Option<Closed>,
}

impl Channel {
    pub(super) const fn new(stream: Stream, conversation: Conversation, input: BytesMut) -> Self {
        Self {
            conversation,
            stream: Some(stream),
            input,
            received: 0,
            unflushed: false,
            end: None,
            write_error: None,
            closed: None,
        }
    }

    /// How many bytes were ever read.
    pub(super) const fn received(&self) -> u64 {
        self.received
    }

    /// Why the connection is closed, if it is.
    pub(super) fn closed(&self) -> Option<Closed> {
        let ended = || self.conversation.ending().cloned().map(Closed::Ended);
        self.closed.clone().or_else(ended)
    }

    /// Whether it is not.
    pub(super) const fn is_open(&self) -> bool {
        self.closed.is_none() && self.conversation.ending().is_none()
    }

    /// Closes the connection without a word to the server, which may be deaf.
    pub(super) fn close(&mut self, reason: Closed) {
        self.conversation.handle_eof();
        self.closed.get_or_insert(reason);
        self.stream = None;
    }

    /// The next event of what was received; none when more is needed.
    ///
    /// # Errors
    ///
    /// When the connection is over, and nothing more is to be told.
    #[inline(always)]
    pub(super) fn take_event(&mut self) -> Result<Option<Event>, Closed> {
        match self.conversation.receive(&mut self.input) {
            Ok(None) => {
                self.check_open()?;
                match self.end.take() {
                    Some(failure) => Err(self.end(failure)),
                    None => Ok(None),
                }
            }
            Ok(event) => Ok(event),
            Err(error) => Err(self.broken(error)),
        }
    }

    #[cold]
    fn broken(&mut self, error: ProtocolError) -> Closed {
        self.stream = None;
        Closed::Ended(Ending::Protocol(error))
    }

    /// Sends what the socket takes, and reads what it has; ready when something was read.
    ///
    /// # Errors
    ///
    /// When the connection is over. What was received before is still there to be taken.
    pub(super) fn poll_exchange(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Closed>> {
        self.write(cx);
        self.poll_read(cx)
    }

    /// Sends what the socket takes; ready when at most `left` bytes are left, or the socket has come to its end, the reason
    /// of which is still to be taken.
    ///
    /// # Errors
    ///
    /// When the connection is over.
    pub(super) fn poll_write(&mut self, cx: &mut Context<'_>, left: usize) -> Poll<Result<(), Closed>> {
        self.check_open()?;
        self.write(cx);
        if self.end.is_some() {
            return Poll::Ready(Ok(()));
        }
        if self.conversation.outgoing().len() <= left && !(left == 0 && self.unflushed) {
            return Poll::Ready(Ok(()));
        }
        Poll::Pending
    }

    /// Whether so much was received and not taken that more would only fill the memory.
    pub(super) fn is_full(&self) -> bool {
        self.input.len() > UNTAKEN_BYTES
    }

    /// Ends the stream in an orderly way: TLS says so before TCP does.
    pub(super) async fn shut_down(&mut self) {
        if let Some(stream) = &mut self.stream {
            // The other side may have gone already, which is no loss.
            drop(stream.shutdown().await);
        }
    }

    /// After the server's last word nothing more is waited for, not even its close: it may never come.
    fn check_open(&mut self) -> Result<(), Closed> {
        if let Some(closed) = &self.closed {
            return Err(closed.clone());
        }
        match self.conversation.ending() {
            None | Some(Ending::Terminated) => Ok(()),
            Some(ending) => {
                self.stream = None;
                Err(Closed::Ended(ending.clone()))
            }
        }
    }

    /// Sends what the socket takes.
    pub(super) fn write(&mut self, cx: &mut Context<'_>) {
        if self.write_error.is_some() {
            return;
        }
        if let Err(error) = self.try_write(cx) {
            self.write_error = Some(Closed::sending(&error));
        }
    }

    fn try_write(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        let Some(stream) = &mut self.stream else {
            return Ok(());
        };
        while !self.conversation.outgoing().is_empty() {
            match Pin::new(&mut *stream).poll_write(cx, self.conversation.outgoing())? {
                Poll::Ready(0) => return Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(count) => {
                    self.conversation.sent(count);
                    self.unflushed = true;
                }
                Poll::Pending => break,
            }
        }
        if self.unflushed && Pin::new(stream).poll_flush(cx)?.is_ready() {
            self.unflushed = false;
        }
        Ok(())
    }

    /// Reads what is there. An error is the end, too: whatever it is, no more will come.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Closed>> {
        let Some(stream) = &mut self.stream else {
            return Poll::Ready(Err(self.end(None)));
        };
        self.input.reserve(READ_BYTES);
        // A fresh future for each poll: it keeps nothing in itself.
        let read = pin!(stream.read_buf(&mut self.input)).poll(cx);
        let failure = match read {
            Poll::Ready(Ok(0)) => None,
            Poll::Ready(Ok(count)) => {
                self.received = self.received.wrapping_add(count as u64);
                return Poll::Ready(Ok(()));
            }
            Poll::Ready(Err(error)) => Some(Closed::receiving(&error)),
            // A socket that cannot be written tells its end by reading; whatever else carries the bytes may not.
            Poll::Pending if self.write_error.is_some() && matches!(stream, Stream::Other(_)) => None,
            Poll::Pending => return Poll::Pending,
        };
        if self.input.is_empty() {
            return Poll::Ready(Err(self.end(failure)));
        }
        self.stream = None;
        self.end = Some(failure);
        Poll::Ready(Ok(()))
    }

    /// Nothing more comes. The server's own reason goes before what the socket says.
    fn end(&mut self, failure: Option<Closed>) -> Closed {
        let silent = *self.conversation.handle_eof() == Ending::Closed;
        if silent && self.closed.is_none() {
            self.closed = failure.or_else(|| self.write_error.take());
        }
        self.stream = None;
        self.closed().unwrap_or(Closed::Ended(Ending::Closed))
    }
}

/// Reading and writing at the same time; used by tests of what is above.
#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::io::duplex;

    use super::*;

    /// A carrier that cannot be written and never ends would be waited for without end.
    #[tokio::test]
    async fn a_failed_write_ends_a_silent_carrier() {
        struct Deaf;
        impl tokio::io::AsyncRead for Deaf {
            fn poll_read(
                self: Pin<&mut Self>,
                _: &mut Context<'_>,
                _: &mut tokio::io::ReadBuf<'_>,
            ) -> Poll<io::Result<()>> {
                Poll::Pending
            }
        }
        impl AsyncWrite for Deaf {
            fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
                Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
            }
            fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(Ok(()))
            }
            fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(Ok(()))
            }
        }
        let mut channel = Channel::new(
            Stream::Other(Box::new(Deaf)),
            Conversation::new(),
            BytesMut::new(),
        );
        channel.conversation.query("select 1").unwrap();
        let closed = poll_fn(|cx| channel.poll_exchange(cx)).await.unwrap_err();
        assert_eq!(closed.to_string(), "could not send data to server: broken pipe");
        assert_eq!(channel.closed(), Some(closed));
    }

    /// What the server said last is the reason, though the socket failed, too.
    #[tokio::test]
    async fn the_servers_word_goes_before_the_sockets() {
        let (ours, mut theirs) = duplex(1024);
        let mut channel = Channel::new(
            Stream::Other(Box::new(ours)),
            Conversation::new(),
            BytesMut::new(),
        );
        theirs.write_all(b"N\0\0\0\x13SFATAL\0C57P01\0\0").await.unwrap();
        drop(theirs);
        let closed = loop {
            match channel.take_event() {
                Ok(Some(_)) => {}
                Ok(None) => {
                    if let Err(closed) = poll_fn(|cx| channel.poll_exchange(cx)).await {
                        break closed;
                    }
                }
                Err(closed) => break closed,
            }
        };
        assert_eq!(closed.sqlstate().as_str(), "57P01", "{closed}");
    }
}
