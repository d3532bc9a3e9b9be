//! The addresses of a host.

use std::io;
use std::mem::{offset_of, size_of};

use nix::libc::sockaddr_un;
use tokio::net::lookup_host;

use super::error::AttemptError;
use super::numeric_address;
use super::target::Address;
use crate::conninfo::{HostKind, HostSpec};

/// The bytes that the path of a Unix-domain socket may have, without the zero byte behind it.
pub(super) const LONGEST_SOCKET_PATH: usize =
    size_of::<sockaddr_un>() - offset_of!(sockaddr_un, sun_path) - 1;

/// Where `host` is. There is at least one address.
///
/// # Errors
///
/// [`AttemptError::Port`], [`AttemptError::Lookup`], [`AttemptError::NumericAddress`], [`AttemptError::SocketPath`]: the next
/// host may be better.
pub(super) async fn addresses(host: &HostSpec) -> Result<Vec<Address>, AttemptError> {
    let port = match &host.port {
        Ok(port) => *port,
        Err(error) => return Err(AttemptError::Port(error.clone())),
    };
    match host.kind {
        HostKind::UnixSocket => {
            let path = format!("{}/.s.PGSQL.{port}", host.host);
            if path.len() > LONGEST_SOCKET_PATH {
                return Err(AttemptError::SocketPath(path));
            }
            Ok(vec![Address::Unix(path)])
        }
        HostKind::Address => match numeric_address::parse(&host.hostaddr, port) {
            Some(address) => Ok(vec![Address::Tcp(address)]),
            None => Err(AttemptError::NumericAddress(host.hostaddr.clone())),
        },
        HostKind::Name => {
            let unknown = |error| AttemptError::Lookup {
                host: host.host.clone(),
                error,
            };
            let found = lookup_host((host.host.as_str(), port)).await.map_err(unknown)?;
            let addresses: Vec<_> = found.map(Address::Tcp).collect();
            if addresses.is_empty() {
                return Err(unknown(io::Error::from(io::ErrorKind::NotFound)));
            }
            Ok(addresses)
        }
    }
}
