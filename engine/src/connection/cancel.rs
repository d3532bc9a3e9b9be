//! Cancelling what a session runs.

use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Poll, ready};
use std::time::Duration;

use dblink_protocol::conversation::CancelKey;
use dblink_protocol::frontend::SslRequest;
use dblink_protocol::wire::Message;
use tokio::io::{AsyncReadExt, AsyncWrite};
use tokio::time::timeout;
use tracing::field::{Empty, display};
use tracing::{Instrument as _, debug_span};

use super::Connection;
use super::open::{OpenError, start_tls};
use crate::net::{SocketError, Stream, Target};

/// Cancels what a session runs, from another task while the connection is busy.
///
/// The request goes to the address that the session has, encrypted as the session is, with the same demands on the server's
/// certificate, and with the client's own.
#[derive(Debug, Clone)]
pub struct CancelHandle {
    key: CancelKey,
    target: Target,
}

/// Why a request to cancel did not get through.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CancelError {
    /// The socket was not opened.
    #[error(transparent)]
    Socket(#[from] SocketError),
    /// The socket broke.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The connection was not opened as the session's was.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The server did not answer the request for TLS with yes, though the session has it.
    #[error("the server has no TLS for a request to cancel, though the session has it")]
    NoTls,
    /// The server said something, where it should close.
    #[error("unexpected response from server")]
    Response,
    /// It took too long.
    #[error("timeout expired after {} s", .0.as_secs_f32())]
    Timeout(Duration),
}

impl Connection {
    /// What cancels the commands of this session. None if the server gave no key, as some poolers do, or the session was
    /// opened on a socket of the caller's.
    pub fn cancel_handle(&self) -> Option<CancelHandle> {
        Some(CancelHandle {
            key: self.cancel_key()?.clone(),
            target: self.target.clone()?,
        })
    }
}

impl CancelHandle {
    /// Asks the server to cancel what the session runs, and waits until it has closed the connection that this takes: at most
    /// for `limit`.
    ///
    /// After that the session's command fails with SQLSTATE `57014`, unless it was over before. The next command may be given
    /// when both have come to an end: a request that is still on its way may cancel that instead.
    ///
    /// Dropping the future leaves open whether the server has got the request.
    ///
    /// # Errors
    ///
    /// [`CancelError`] if the request did not get through.
    pub async fn cancel(&self, limit: Duration) -> Result<(), CancelError> {
        let span = debug_span!(target: "dblink", "cancel", server = %self.target, error = Empty);
        let result = match timeout(limit, self.request()).instrument(span.clone()).await {
            Ok(result) => result,
            Err(_) => Err(CancelError::Timeout(limit)),
        };
        if let Err(error) = &result {
            span.record("error", display(error));
        }
        result
    }

    async fn request(&self) -> Result<(), CancelError> {
        let mut stream = self.target.open().await?;
        if let Some(tls) = &self.target.tls {
            if !tls.direct {
                let mut request = Vec::new();
                SslRequest.encode(&mut request).map_err(io::Error::other)?;
                write(&mut stream, &request).await?;
                // One byte, and nothing behind it: what follows is TLS.
                if stream.read_u8().await? != b'S' {
                    return Err(CancelError::NoTls);
                }
            }
            (stream, ..) = start_tls(stream, Some(&tls.options)).await?;
        }
        let mut request = Vec::new();
        self.key
            .request()
            .encode(&mut request)
            .map_err(io::Error::other)?;
        write(&mut stream, &request).await?;
        match stream.read(&mut [0; 1]).await {
            Ok(0) => Ok(()),
            Ok(_) => Err(CancelError::Response),
            // A server that closes at once may reset the connection, and does not end TLS first.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof
                ) =>
            {
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }
}

async fn write(stream: &mut Stream, mut bytes: &[u8]) -> io::Result<()> {
    poll_fn(|cx| {
        while !bytes.is_empty() {
            let count = ready!(Pin::new(&mut *stream).poll_write(cx, bytes))?;
            bytes = bytes.get(count..).unwrap_or_default();
            if count == 0 {
                return Poll::Ready(Err(ErrorKind::WriteZero.into()));
            }
        }
        Pin::new(&mut *stream).poll_flush(cx)
    })
    .await
}
