//! Where a session is, to reach its server once more.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::tls::TlsOptions;
use super::{SocketError, Stream, socket};
use crate::conninfo::Keepalives;

/// The address of a session's server, and how the connection is made: not the list of hosts, of which another may answer.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// The host as it was given, or else its address; of a Unix-domain socket the folder.
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) address: Address,
    pub(super) keepalives: Option<Keepalives>,
    /// The user that a server at a Unix-domain socket must run as.
    pub(super) peer: Option<String>,
    /// How TLS is spoken, if it is.
    pub(crate) tls: Option<TargetTls>,
}

/// How TLS is spoken.
#[derive(Debug, Clone)]
pub(crate) struct TargetTls {
    pub(crate) options: Arc<TlsOptions>,
    /// From the first byte.
    pub(crate) direct: bool,
}

/// An address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    Tcp(SocketAddr),
    Unix(String),
}

/// Where it is, for people.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.address {
            Address::Tcp(address) => address.fmt(f),
            Address::Unix(path) => path.fmt(f),
        }
    }
}

impl Target {
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// The address in numbers, of one that has such.
    pub(crate) const fn hostaddr(&self) -> Option<IpAddr> {
        match &self.address {
            Address::Tcp(address) => Some(address.ip()),
            Address::Unix(_) => None,
        }
    }

    /// Opens a connection, not encrypted yet.
    pub(crate) async fn open(&self) -> Result<Stream, SocketError> {
        match &self.address {
            Address::Tcp(address) => socket::tcp(*address, self.keepalives).await,
            Address::Unix(path) => socket::unix(path, self.peer.as_deref()).await,
        }
    }
}
