//! Where a session is, to reach its server once more.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use super::error::AttemptError;
use super::tls::TlsConnector;
use super::{Stream, socket};
use crate::conninfo::Keepalives;

/// The address of a session's server, and how the connection is made: not the list of hosts, of which another may answer.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(super) address: Address,
    pub(super) keepalives: Option<Keepalives>,
    pub(super) peer: Option<String>,
    /// How TLS is spoken, if it is.
    pub(crate) tls: Option<TargetTls>,
}

/// How TLS is spoken.
#[derive(Clone)]
pub(crate) struct TargetTls {
    pub(crate) connector: Arc<TlsConnector>,
    /// From the first byte.
    pub(crate) direct: bool,
}

impl fmt::Debug for TargetTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TLS (direct: {})", self.direct)
    }
}

/// An address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    Tcp(SocketAddr),
    Unix(String),
}

impl Target {
    /// Opens a connection, not encrypted yet.
    pub(crate) async fn open(&self) -> io::Result<Stream> {
        match &self.address {
            Address::Tcp(address) => socket::tcp(*address, self.keepalives).await,
            Address::Unix(path) => match socket::unix(path, self.peer.as_deref()).await {
                Ok(stream) => Ok(stream),
                Err(AttemptError::Io(error)) => Err(error),
                Err(error) => Err(io::Error::other(error)),
            },
        }
    }
}
