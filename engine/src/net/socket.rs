//! Opening sockets.

use std::io;
use std::net::SocketAddr;
use std::path::Path;

use nix::unistd::{Uid, User};
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpStream, UnixStream};

use super::Stream;
use super::error::AttemptError;
use crate::conninfo::Keepalives;

/// Opens a TCP connection. What is sent goes out at once, and a peer that has gone is noticed, if `keepalives` says how.
pub(super) async fn tcp(address: SocketAddr, keepalives: Option<Keepalives>) -> io::Result<Stream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    if let Some(keepalives) = keepalives {
        let socket = SockRef::from(&stream);
        let mut how = TcpKeepalive::new();
        if let Some(idle) = keepalives.idle {
            how = how.with_time(idle);
        }
        if let Some(interval) = keepalives.interval {
            how = how.with_interval(interval);
        }
        if let Some(count) = keepalives.count {
            how = how.with_retries(count);
        }
        socket.set_tcp_keepalive(&how)?;
        #[cfg(target_os = "linux")]
        socket.set_tcp_user_timeout(keepalives.user_timeout)?;
    }
    Ok(Stream::Tcp(stream))
}

/// Opens a Unix-domain socket; a path that begins with `@` is one in the abstract namespace. Before anything is sent, the
/// server must prove to run as the user `required`, if one is.
pub(super) async fn unix(path: &str, required: Option<&str>) -> Result<Stream, AttemptError> {
    let path = match path.strip_prefix('@') {
        Some(name) => format!("\0{name}"),
        None => path.to_owned(),
    };
    let stream = UnixStream::connect(Path::new(&path))
        .await
        .map_err(AttemptError::Io)?;
    if let Some(required) = required {
        let uid = Uid::from_raw(stream.peer_cred().map_err(AttemptError::Io)?.uid());
        let user = User::from_uid(uid).map_err(|error| AttemptError::Io(error.into()))?;
        let actual = user.map_or_else(|| format!("user ID {uid}"), |user| user.name);
        if actual != required {
            return Err(AttemptError::Peer {
                required: required.to_owned(),
                actual,
            });
        }
    }
    Ok(Stream::Unix(stream))
}
