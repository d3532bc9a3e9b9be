//! From an open socket to a session.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use bytes::BytesMut;
use dblink_protocol::SqlState;
use dblink_protocol::auth::Transport;
use dblink_protocol::handshake::{Handshake, HandshakeConfig, HandshakeError, Step};
use tokio::io::{AsyncReadExt, AsyncWrite};
use tokio::task::{JoinError, spawn_blocking};

use super::Connection;
use super::channel::Channel;
use crate::libpq_text::system_text;
use crate::net::Stream;
use crate::net::tls::{TlsConfigError, TlsConnector, TlsError, TlsInfo, TlsOptions};

/// How far opening a session has come.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// The connection is encrypted, or was to be when it failed.
    pub(crate) encrypted: bool,
    /// TLS has come about.
    pub(crate) established: bool,
    /// The server knows who we are.
    pub(crate) authenticated: bool,
}

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The server refused, or the handshake failed otherwise.
    #[error(transparent)]
    Handshake(#[from] HandshakeError),
    /// The server refused the OAuth token.
    #[error("server rejected OAuth bearer token: {}: {error}", refusal.escape_debug())]
    TokenRefused {
        /// Why, as the server's JSON text
        /// ([RFC 7628, section 3.2.2](https://www.rfc-editor.org/rfc/rfc7628#section-3.2.2)).
        refusal: String,
        /// The refusal of the session that followed.
        error: HandshakeError,
    },
    /// The socket failed.
    #[error("could not receive data from server: {}", system_text(.0))]
    Receive(#[source] io::Error),
    /// A thread for reading files or deriving keys did not do its work.
    #[error("could not work on another thread: {0}")]
    Thread(#[from] JoinError),
    /// TLS cannot be spoken as it is configured.
    #[error(transparent)]
    TlsConfig(#[from] TlsConfigError),
    /// TLS did not come about.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// TLS was asked for without saying how, or over something else than TCP.
    #[error("TLS goes over TCP, and needs to know what to trust")]
    NoTls,
}

impl OpenError {
    /// The SQLSTATE: the server's own where it refused, else the one that fits, mostly `08001`.
    pub fn sqlstate(&self) -> SqlState {
        match self {
            Self::Handshake(error) | Self::TokenRefused { error, .. } => error.sqlstate(),
            Self::Tls(error) => error.sqlstate(),
            Self::TlsConfig(error) => error.sqlstate(),
            Self::Receive(_) | Self::Thread(_) | Self::NoTls => {
                SqlState::SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION
            }
        }
    }
}

impl Connection {
    /// Opens a session on a stream of the caller's. To have the server found as well, use [`connect`](Self::connect).
    ///
    /// `tls` says how TLS is spoken, where `config.encryption` asks for it. The files that it names are read when the server
    /// has agreed to TLS, in a thread for what blocks.
    ///
    /// Dropping the future closes the stream, and with it the session that may have begun.
    ///
    /// # Errors
    ///
    /// [`OpenError`], with the server's reason if it refused.
    pub async fn open(
        stream: Stream,
        config: HandshakeConfig,
        tls: Option<&TlsOptions>,
    ) -> Result<Self, OpenError> {
        Self::open_noting(stream, config, tls, &mut Progress::default()).await
    }

    /// The same; `progress` tells, also after a failure, how far it came.
    pub(crate) async fn open_noting(
        mut stream: Stream,
        config: HandshakeConfig,
        tls: Option<&TlsOptions>,
        progress: &mut Progress,
    ) -> Result<Self, OpenError> {
        let mut handshake = Handshake::new(config)?;
        let mut input = BytesMut::new();
        let mut connector = None;
        let mut spoken = None;
        loop {
            let step = handshake.receive(&mut input);
            progress.authenticated = handshake.is_authenticated();
            match step.map_err(|error| with_refusal(error, &handshake))? {
                Step::Ready(conversation) => {
                    let mut connection = Self::new(Channel::new(stream, *conversation, input));
                    connection.tls_warnings = connector
                        .map(|tls: TlsConnector| tls.warnings().to_vec())
                        .unwrap_or_default();
                    connection.tls = spoken;
                    connection.used_password = handshake.used_password();
                    return Ok(connection);
                }
                Step::StartEncryption(_) => {
                    progress.encrypted = true;
                    let (over_tls, with, info) = start_tls(stream, tls).await?;
                    stream = over_tls;
                    connector = Some(with);
                    handshake.encryption_started(Transport::Tls {
                        server_end_point: info.server_end_point.clone(),
                    })?;
                    spoken = Some(Box::new(info));
                    progress.established = true;
                }
                Step::DeriveKeys(derivation) => {
                    // It is the server who says how long this takes: other tasks must not wait for it.
                    let keys = spawn_blocking(|| derivation.run()).await?;
                    handshake.keys_derived(keys)?;
                }
                Step::Read => match poll_fn(|cx| exchange(&mut stream, &mut handshake, &mut input, cx)).await
                {
                    Ok(0) => return Err(handshake.handle_eof(&input).into()),
                    Ok(_) => {}
                    Err(error) => {
                        return Err(match (handshake.handle_eof(&input), &connector) {
                            // With TLS 1.3 this is how a server refuses the client's certificate.
                            (HandshakeError::Closed, Some(tls)) => tls.failed(&error).into(),
                            (HandshakeError::Closed, None) => OpenError::Receive(error),
                            // The server's last words came before.
                            (refusal, _) => refusal.into(),
                        });
                    }
                },
                _ => {}
            }
        }
    }
}

/// A refusal, with what the server said before of the token.
fn with_refusal(error: HandshakeError, handshake: &Handshake) -> OpenError {
    match handshake.oauth_refusal() {
        Some(refusal) => OpenError::TokenRefused {
            refusal: refusal.to_owned(),
            error,
        },
        None => error.into(),
    }
}

/// Sends what is outgoing and reads what comes; gives how many bytes came, 0 at the end.
///
/// # Errors
///
/// When reading fails.
fn exchange(
    stream: &mut Stream,
    handshake: &mut Handshake,
    input: &mut BytesMut,
    cx: &mut Context<'_>,
) -> Poll<io::Result<usize>> {
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
    read.poll(cx)
}

/// Speaks TLS on a connection from here on. Each connection reads the files anew and has a connector of its own, as that
/// remembers what became of the client's certificate.
pub(super) async fn start_tls(
    stream: Stream,
    tls: Option<&TlsOptions>,
) -> Result<(Stream, TlsConnector, TlsInfo), OpenError> {
    let (Stream::Tcp(tcp), Some(options)) = (stream, tls) else {
        return Err(OpenError::NoTls);
    };
    let options = options.clone();
    let connector = spawn_blocking(move || TlsConnector::new(&options)).await??;
    let encrypted = tokio_rustls::TlsConnector::from(connector.config())
        .connect(connector.server_name(), tcp)
        .await
        .map_err(|error| connector.failed(&error))?;
    let info = connector.finished(encrypted.get_ref().1)?;
    Ok((Stream::Tls(Box::new(encrypted)), connector, info))
}
