//! From an open socket to a session.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use bytes::BytesMut;
use dblink_protocol::auth::Transport;
use dblink_protocol::handshake::{Handshake, HandshakeConfig, HandshakeError, Step};
use tokio::io::{AsyncReadExt, AsyncWrite};
use tokio::task::spawn_blocking;

use super::Connection;
use super::channel::Channel;
use crate::net::Stream;
use crate::net::tls::{TlsConnector, TlsError};

/// How far opening a session has come.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// The connection is encrypted, or was to be when it failed.
    pub(crate) encrypted: bool,
    /// The server knows who we are.
    pub(crate) authenticated: bool,
}

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The handshake.
    #[error(transparent)]
    Handshake(#[from] HandshakeError),
    /// The socket.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// TLS.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// TLS was asked for without saying how, or over something else than TCP.
    #[error("TLS goes over TCP, and needs to know what to trust")]
    NoTls,
}

impl Connection {
    /// Opens a session on `stream`.
    ///
    /// `tls` says how TLS is spoken, where `config.encryption` asks for it.
    ///
    /// Cancel-safe in that the connection is dropped, and with it the session that may have begun.
    ///
    /// # Errors
    ///
    /// [`OpenError`], with the server's reason if it refused.
    pub async fn open(
        stream: Stream,
        config: HandshakeConfig,
        tls: Option<&TlsConnector>,
    ) -> Result<Self, OpenError> {
        Self::open_noting(stream, config, tls, &mut Progress::default()).await
    }

    /// The same; `progress` tells, also after a failure, how far it came.
    pub(crate) async fn open_noting(
        mut stream: Stream,
        config: HandshakeConfig,
        tls: Option<&TlsConnector>,
        progress: &mut Progress,
    ) -> Result<Self, OpenError> {
        let mut handshake = Handshake::new(config)?;
        let mut input = BytesMut::new();
        loop {
            let step = handshake.receive(&mut input);
            progress.authenticated = handshake.is_authenticated();
            match step? {
                Step::Ready(conversation) => {
                    return Ok(Self::new(Channel::new(stream, *conversation, input)));
                }
                Step::StartEncryption(_) => {
                    progress.encrypted = true;
                    let (over_tls, transport) = start_tls(stream, tls).await?;
                    stream = over_tls;
                    handshake.encryption_started(transport)?;
                }
                Step::DeriveKeys(derivation) => {
                    // It is the server who says how long this takes: other tasks must not wait for it.
                    let keys = spawn_blocking(|| derivation.run())
                        .await
                        .map_err(io::Error::other)?;
                    handshake.keys_derived(keys)?;
                }
                Step::Read => {
                    let read = poll_fn(|cx| exchange(&mut stream, &mut handshake, &mut input, cx)).await;
                    if read == 0 {
                        return Err(handshake.handle_eof(&input).into());
                    }
                }
                _ => {}
            }
        }
    }
}

/// Sends what is outgoing and reads what comes; gives how many bytes came, 0 at the end.
fn exchange(
    stream: &mut Stream,
    handshake: &mut Handshake,
    input: &mut BytesMut,
    cx: &mut Context<'_>,
) -> Poll<usize> {
    // A server that has refused may have closed already: its refusal is still to be read.
    while !handshake.outgoing().is_empty() {
        match Pin::new(&mut *stream).poll_write(cx, handshake.outgoing()) {
            Poll::Ready(Ok(count)) if count > 0 => handshake.sent(count),
            _ => break,
        }
    }
    // Whether it is flushed is told by the answer.
    drop(Pin::new(&mut *stream).poll_flush(cx));
    let read = pin!(stream.read_buf(input));
    Poll::Ready(ready!(read.poll(cx)).unwrap_or(0))
}

pub(super) async fn start_tls(
    stream: Stream,
    tls: Option<&TlsConnector>,
) -> Result<(Stream, Transport), OpenError> {
    let (Stream::Tcp(tcp), Some(tls)) = (stream, tls) else {
        return Err(OpenError::NoTls);
    };
    let connector = tokio_rustls::TlsConnector::from(tls.config());
    let encrypted = connector
        .connect(tls.server_name(), tcp)
        .await
        .map_err(|error| tls.failed(&error))?;
    let info = tls.finished(encrypted.get_ref().1)?;
    let transport = Transport::Tls {
        server_end_point: info.server_end_point,
    };
    Ok((Stream::Tls(Box::new(encrypted)), transport))
}
