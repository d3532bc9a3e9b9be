//! Why no server could be reached.

use std::fmt;
use std::io;
use std::time::Duration;

use dblink_protocol::SqlState;

use super::tls::TlsConfigError;
use crate::connection::{Error, OpenError};

/// Why there is no connection: every address that was tried, with its cause. Secrets are in none of them.
///
/// `Display` has a line for each, as libpq does.
#[derive(Debug)]
pub struct ConnectError {
    /// What was tried, in order. There is at least one.
    pub attempts: Vec<Attempt>,
}

/// An address that was tried, or a host whose address could not be found.
#[derive(Debug)]
pub struct Attempt {
    /// Where: a socket, or a host with its address and port.
    pub place: Place,
    /// Why it failed.
    pub cause: AttemptError,
}

/// Where a server was sought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A host whose address is not known.
    Host {
        /// As it was given.
        host: String,
    },
    /// A TCP address.
    Tcp {
        /// The host as it was given, or the address if only that was.
        host: String,
        /// The address in numbers, if it was looked up.
        address: Option<String>,
        /// The port.
        port: u16,
    },
    /// A Unix-domain socket.
    Unix {
        /// Its path; it begins with `@` in the abstract namespace.
        path: String,
    },
}

/// Why an address gave no session.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AttemptError {
    /// The host's name has no address, or nobody could say.
    #[error("could not translate host name to address: {0}")]
    Lookup(io::Error),
    /// The port cannot be.
    #[error("{0}")]
    Port(crate::conninfo::InvalidPort),
    /// The socket.
    #[error("{0}")]
    Io(io::Error),
    /// It took longer than `connect_timeout`, or than the whole may take.
    #[error("timeout expired after {} s", .0.as_secs_f32())]
    Timeout(Duration),
    /// TLS cannot be spoken as it is configured.
    #[error("{0}")]
    TlsConfig(TlsConfigError),
    /// The session was not opened.
    #[error("{0}")]
    Open(OpenError),
    /// The server at the socket runs as somebody else than it must.
    #[error("requirepeer specifies \"{required}\", but actual peer user name is \"{actual}\"")]
    Peer {
        /// Who it must be.
        required: String,
        /// Who it is.
        actual: String,
    },
    /// The session is not what was asked for.
    #[error("{0}")]
    SessionAttrs(&'static str),
    /// What the session is could not be found out.
    #[error("{0}")]
    SessionQuery(Error),
}

impl ConnectError {
    /// The SQLSTATE of the last attempt: the server's own where it refused, else the one that fits, mostly `08001`.
    pub fn sqlstate(&self) -> SqlState {
        match self.attempts.last().map(|attempt| &attempt.cause) {
            Some(AttemptError::Open(OpenError::Handshake(error))) => error.sqlstate(),
            Some(AttemptError::Open(OpenError::Tls(error))) => error.sqlstate(),
            Some(AttemptError::SessionQuery(error)) => error.sqlstate(),
            _ => SqlState::SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION,
        }
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Attempt { place, cause }) in self.attempts.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{place}: {cause}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConnectError {}

/// As libpq begins its messages.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host { host } => write!(f, "connection to server at \"{host}\" failed"),
            Self::Tcp {
                host,
                address: Some(address),
                port,
            } => write!(
                f,
                "connection to server at \"{host}\" ({address}), port {port} failed"
            ),
            Self::Tcp { host, port, .. } => {
                write!(f, "connection to server at \"{host}\", port {port} failed")
            }
            Self::Unix { path } => write!(f, "connection to server on socket \"{path}\" failed"),
        }
    }
}
