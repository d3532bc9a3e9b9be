//! The conversation and the socket it travels over, brought together.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use bytes::BytesMut;
use dblink_protocol::conversation::{Conversation, Ending, Event};
use tokio::io::{AsyncReadExt, AsyncWrite};

use crate::net::Stream;

/// How much is read at once, where that much is there.
const READ_BYTES: usize = 64 * 1024;

/// A socket that is always read while it is written, and the conversation behind it.
///
/// All state is in the conversation and in the two buffers, none in a future: whoever stops polling loses nothing, and can
/// go on later.
#[derive(Debug)]
pub(crate) struct Channel {
    pub(crate) conversation: Conversation,
    stream: Stream,
    /// What was read and not yet understood.
    input: BytesMut,
    /// Bytes were handed to the stream that it may still hold back.
    unflushed: bool,
    /// Writing has failed. What the server said before is still read: it may be the reason.
    write_error: Option<io::ErrorKind>,
}

impl Channel {
    pub(crate) fn new(stream: Stream, conversation: Conversation, input: BytesMut) -> Self {
        Self {
            conversation,
            stream,
            input,
            unflushed: false,
            write_error: None,
        }
    }

    /// The next event. It sends what is outgoing while it waits.
    ///
    /// # Errors
    ///
    /// When the conversation is over.
    pub(crate) fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Result<Event, Ending>> {
        loop {
            match self.conversation.receive(&mut self.input) {
                Ok(Some(event)) => {
                    // A server that only ever talks must not keep what we have to say from being said.
                    self.write(cx);
                    return Poll::Ready(Ok(event));
                }
                Ok(None) => self.check_open()?,
                Err(error) => return Poll::Ready(Err(Ending::Protocol(error))),
            }
            self.write(cx);
            ready!(self.poll_read(cx))?;
        }
    }

    /// The same, but none as soon as the conversation is idle.
    ///
    /// # Errors
    ///
    /// When the conversation is over.
    pub(crate) fn poll_event_or_idle(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Event>, Ending>> {
        loop {
            match self.conversation.receive(&mut self.input) {
                Ok(Some(event)) => return Poll::Ready(Ok(Some(event))),
                Ok(None) if self.conversation.is_idle() => return Poll::Ready(Ok(None)),
                Ok(None) => self.check_open()?,
                Err(error) => return Poll::Ready(Err(Ending::Protocol(error))),
            }
            self.write(cx);
            ready!(self.poll_read(cx))?;
        }
    }

    /// Waits until at most `left` bytes are outgoing. It reads meanwhile, and keeps what it reads.
    pub(crate) fn poll_sent(&mut self, cx: &mut Context<'_>, left: usize) -> Poll<Result<(), Ending>> {
        loop {
            self.check_open()?;
            self.write(cx);
            if self.conversation.outgoing().len() <= left && !(left == 0 && self.unflushed) {
                return Poll::Ready(Ok(()));
            }
            ready!(self.poll_read(cx))?;
        }
    }

    /// After the server's last word nothing more is waited for, not even its close: it may never come.
    fn check_open(&self) -> Result<(), Ending> {
        match self.conversation.ending() {
            None | Some(Ending::Terminated) => Ok(()),
            Some(ending) => Err(ending.clone()),
        }
    }

    /// Sends what the socket takes.
    fn write(&mut self, cx: &mut Context<'_>) {
        while self.write_error.is_none() && !self.conversation.outgoing().is_empty() {
            match Pin::new(&mut self.stream).poll_write(cx, self.conversation.outgoing()) {
                Poll::Ready(Ok(0)) => self.write_error = Some(io::ErrorKind::WriteZero),
                Poll::Ready(Ok(count)) => {
                    self.conversation.sent(count);
                    self.unflushed = true;
                }
                Poll::Ready(Err(error)) => self.write_error = Some(error.kind()),
                Poll::Pending => break,
            }
        }
        if self.unflushed && self.write_error.is_none() {
            match Pin::new(&mut self.stream).poll_flush(cx) {
                Poll::Ready(Ok(())) => self.unflushed = false,
                Poll::Ready(Err(error)) => self.write_error = Some(error.kind()),
                Poll::Pending => {}
            }
        }
    }

    /// Reads what is there. An error is the end, too: whatever it is, no more will come.
    ///
    /// # Errors
    ///
    /// At the end.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Ending>> {
        self.input.reserve(READ_BYTES);
        // A fresh future for each poll: it keeps nothing in itself.
        let read = pin!(self.stream.read_buf(&mut self.input));
        match ready!(read.poll(cx)) {
            Ok(0) | Err(_) => Poll::Ready(Err(self.conversation.handle_eof().clone())),
            Ok(_) => Poll::Ready(Ok(())),
        }
    }
}
