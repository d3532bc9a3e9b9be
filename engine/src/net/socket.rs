//! Opening sockets.

use std::io;
use std::net::SocketAddr;
use std::path::Path;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpSocket, UnixStream};

use super::error::SocketError;
use super::{Stream, peer};
use crate::conninfo::Keepalives;

/// Opens a TCP connection. What is sent goes out at once, and a peer that has gone is noticed, if `keepalives` says how.
pub(super) async fn tcp(address: SocketAddr, keepalives: Option<Keepalives>) -> Result<Stream, SocketError> {
    let socket = prepare(address, keepalives)?;
    let stream = socket.connect(address).await.map_err(SocketError::Connect)?;
    Ok(Stream::Tcp(stream))
}

/// A socket with all its options, which count while it connects, too.
fn prepare(address: SocketAddr, keepalives: Option<Keepalives>) -> Result<TcpSocket, SocketError> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    };
    let socket = socket.map_err(SocketError::Create)?;
    set("TCP_NODELAY", socket.set_nodelay(true))?;
    let Some(keepalives) = keepalives else {
        return Ok(socket);
    };
    let options = SockRef::from(&socket);
    set("SO_KEEPALIVE", options.set_keepalive(true))?;
    if let Some(idle) = keepalives.idle {
        let idle = TcpKeepalive::new().with_time(idle);
        set("TCP_KEEPIDLE", options.set_tcp_keepalive(&idle))?;
    }
    if let Some(interval) = keepalives.interval {
        let interval = TcpKeepalive::new().with_interval(interval);
        set("TCP_KEEPINTVL", options.set_tcp_keepalive(&interval))?;
    }
    if let Some(count) = keepalives.count {
        let count = TcpKeepalive::new().with_retries(count);
        set("TCP_KEEPCNT", options.set_tcp_keepalive(&count))?;
    }
    #[cfg(target_os = "linux")]
    if let Some(timeout) = keepalives.user_timeout {
        set("TCP_USER_TIMEOUT", options.set_tcp_user_timeout(Some(timeout)))?;
    }
    Ok(socket)
}

fn set(option: &'static str, outcome: io::Result<()>) -> Result<(), SocketError> {
    outcome.map_err(|error| SocketError::Option { option, error })
}

/// Opens a Unix-domain socket; a path that begins with `@` is one in the abstract namespace. Before anything is sent, the
/// server must prove to run as the user `required`, if one is.
pub(super) async fn unix(path: &str, required: Option<&str>) -> Result<Stream, SocketError> {
    let path = match path.strip_prefix('@') {
        Some(name) => format!("\0{name}"),
        None => path.to_owned(),
    };
    let stream = UnixStream::connect(Path::new(&path))
        .await
        .map_err(SocketError::Connect)?;
    if let Some(required) = required {
        peer::check(&stream, required).await?;
    }
    Ok(Stream::Unix(stream))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::runtime::{Builder, Runtime};

    use super::*;

    const ADDRESS: &str = "127.0.0.1:1";

    /// What the sockets of tokio belong to.
    fn runtime() -> Runtime {
        Builder::new_current_thread().enable_io().build().unwrap()
    }

    fn prepared(keepalives: Option<Keepalives>) -> Result<TcpSocket, SocketError> {
        let runtime = runtime();
        let _inside = runtime.enter();
        prepare(ADDRESS.parse().unwrap(), keepalives)
    }

    #[test]
    fn options_are_set_before_the_socket_connects() {
        let keepalives = Keepalives {
            idle: Some(Duration::from_secs(11)),
            interval: Some(Duration::from_secs(12)),
            count: Some(13),
            user_timeout: Some(Duration::from_millis(14)),
        };
        let socket = prepared(Some(keepalives)).unwrap();
        let options = SockRef::from(&socket);
        assert!(options.peer_addr().is_err());
        assert!(socket.nodelay().unwrap() && options.keepalive().unwrap());
        assert_eq!(options.tcp_keepalive_time().unwrap(), Duration::from_secs(11));
        assert_eq!(options.tcp_keepalive_interval().unwrap(), Duration::from_secs(12));
        assert_eq!(options.tcp_keepalive_retries().unwrap(), 13);
        #[cfg(target_os = "linux")]
        assert_eq!(
            options.tcp_user_timeout().unwrap(),
            Some(Duration::from_millis(14))
        );

        let socket = prepared(None).unwrap();
        assert!(socket.nodelay().unwrap() && !SockRef::from(&socket).keepalive().unwrap());
    }

    #[test]
    fn the_socket_that_connects_is_the_one_with_the_options() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let keepalives = Keepalives {
            idle: Some(Duration::from_secs(11)),
            ..Keepalives::default()
        };
        let connecting = tcp(listener.local_addr().unwrap(), Some(keepalives));
        let Stream::Tcp(stream) = runtime().block_on(connecting).unwrap() else {
            panic!("it is one of TCP")
        };
        let options = SockRef::from(&stream);
        assert_eq!(options.tcp_keepalive_time().unwrap(), Duration::from_secs(11));
    }

    #[test]
    fn an_option_that_cannot_be_set_is_named() {
        let keepalives = Keepalives {
            count: Some(1000),
            ..Keepalives::default()
        };
        assert_eq!(
            prepared(Some(keepalives)).unwrap_err().to_string(),
            "setsockopt(TCP_KEEPCNT) failed: Invalid argument"
        );
    }
}
