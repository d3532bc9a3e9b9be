//! COPY data as a stream of bytes.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, ReadBuf};

use crate::connection::{CopyIn, CopyOut, Error};

/// How much of a write is taken at once.
const WRITE_BYTES: usize = 64 * 1024;

/// An [`Error`] is inside the `io::Error`.
fn failed(error: Error) -> io::Error {
    io::Error::other(error)
}

/// Bytes written are data of the COPY. Flushing sends them all, without waiting for what the server makes of them.
///
/// Shutting down does the same and no more: whether the COPY is kept is told by [`CopyIn::finish`]. Who only knows how to
/// write must not be able to commit half of the data by stopping.
impl AsyncWrite for CopyIn<'_> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        self.check_torn().map_err(failed)?;
        ready!(self.poll_room(cx)).map_err(failed)?;
        let taken = data.get(..WRITE_BYTES).unwrap_or(data);
        self.buffer.extend_from_slice(taken);
        Poll::Ready(Ok(taken.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_all_sent(cx).map_err(failed)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}

impl AsyncBufRead for CopyOut<'_> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        self.get_mut().poll_chunk(cx).map_err(failed)
    }

    fn consume(mut self: Pin<&mut Self>, count: usize) {
        self.consume_chunk(count);
    }
}

impl AsyncRead for CopyOut<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if buffer.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        let chunk = ready!(self.poll_chunk(cx)).map_err(failed)?;
        let count = chunk.len().min(buffer.remaining());
        buffer.put_slice(chunk.get(..count).unwrap_or_default());
        self.consume_chunk(count);
        Poll::Ready(Ok(()))
    }
}
