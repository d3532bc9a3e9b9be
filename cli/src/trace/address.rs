//! Where a proxy listens, and where it leads to.

use std::fmt;
use std::io;
use std::net::Ipv6Addr;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use dblink_engine::net::Stream;
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

/// The port of a server, if nothing else is said.
const PORT: u16 = 5432;

/// A TCP port, or a Unix-domain socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Address {
    /// Host and port.
    Tcp(String, u16),
    /// The socket's path.
    Unix(PathBuf),
}

/// `host:port`, `[::1]:port`, the path of a socket, or the folder of one, perhaps with its port.
impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // It may have a password, and an address is told.
        if text.contains("://") || text.contains(|c: char| c.is_whitespace() || matches!(c, '=' | '@')) {
            return Err("it is a connection string or URI, and not an address".to_owned());
        }
        if text.contains('/') {
            return Ok(Self::Unix(socket(text)));
        }
        if let Ok(address) = text.parse::<Ipv6Addr>() {
            return Ok(Self::Tcp(address.to_string(), PORT));
        }
        // It is no host, and would be taken for an address of another kind.
        if is_number(text) {
            return Err(format!(
                "it is a mere port: the address is HOST:PORT, such as localhost:{text}"
            ));
        }
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => rest.split_once(']').ok_or("there is no ] behind the address")?,
            None => text.find(':').map_or((text, ""), |at| text.split_at(at)),
        };
        let port = match port.strip_prefix(':') {
            Some(port) => port.parse().map_err(|_| format!("{port:?} is no port"))?,
            None if port.is_empty() => PORT,
            None => return Err("what follows the ] is no port".to_owned()),
        };
        if host.is_empty() {
            return Err("there is no host".to_owned());
        }
        Ok(Self::Tcp(host.to_owned(), port))
    }
}

impl Address {
    /// The address to listen on: a mere port is one of this machine alone.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub(crate) fn to_listen_on(text: &str) -> Result<Self, String> {
        match is_number(text) {
            true => format!("127.0.0.1:{text}").parse(),
            false => text.parse(),
        }
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The socket that a path names.
fn socket(text: &str) -> PathBuf {
    let in_folder = |folder: &Path, port: u16| folder.join(format!(".s.PGSQL.{port}"));
    let path = Path::new(text);
    if path.is_dir() {
        return in_folder(path, PORT);
    }
    let split = text
        .rsplit_once(':')
        .and_then(|(folder, port)| Some((Path::new(folder), port.parse().ok()?)));
    match split {
        Some((folder, port)) if folder.is_dir() => in_folder(folder, port),
        _ => path.to_owned(),
    }
}

/// As it is read.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(host, port) if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp(host, port) => write!(f, "{host}:{port}"),
            Self::Unix(path) => path.display().fmt(f),
        }
    }
}

impl Address {
    /// Connects to it.
    ///
    /// # Errors
    ///
    /// The system's.
    pub(super) async fn connect(&self) -> io::Result<Stream> {
        match self {
            Self::Tcp(host, port) => {
                let stream = TcpStream::connect((host.as_str(), *port)).await?;
                stream.set_nodelay(true)?;
                Ok(Stream::Tcp(stream))
            }
            Self::Unix(path) => Ok(Stream::Unix(UnixStream::connect(path).await?)),
        }
    }

    /// Listens on it.
    ///
    /// # Errors
    ///
    /// The system's.
    pub(super) async fn listen(&self) -> io::Result<Listener> {
        match self {
            Self::Tcp(host, port) => Ok(Listener::Tcp(TcpListener::bind((host.as_str(), *port)).await?)),
            Self::Unix(path) => Ok(Listener::Unix(UnixListener::bind(path)?, path.clone())),
        }
    }
}

/// Who takes connections. A socket's file goes with it.
#[derive(Debug)]
pub(super) enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener, PathBuf),
}

impl Listener {
    /// The next connection.
    ///
    /// # Errors
    ///
    /// The system's.
    pub(super) async fn accept(&self) -> io::Result<Stream> {
        match self {
            Self::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Ok(Stream::Tcp(stream))
            }
            Self::Unix(listener, _) => Ok(Stream::Unix(listener.accept().await?.0)),
        }
    }

    /// Where it listens: with the port that the system has chosen.
    pub(super) fn address(&self) -> io::Result<Address> {
        match self {
            Self::Tcp(listener) => {
                let address = listener.local_addr()?;
                Ok(Address::Tcp(address.ip().to_string(), address.port()))
            }
            Self::Unix(_, path) => Ok(Address::Unix(path.clone())),
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Self::Unix(_, path) = self
            && std::fs::symlink_metadata(&*path).is_ok_and(|metadata| metadata.file_type().is_socket())
        {
            // Somebody else's error, if it cannot be done.
            let _ = std::fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_many_forms() {
        let read = |text: &str| text.parse::<Address>().map(|address| address.to_string());
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().to_str().unwrap();
        for (text, expected) in [
            ("db1:6000", "db1:6000"),
            ("db1", "db1:5432"),
            ("127.0.0.1:0", "127.0.0.1:0"),
            ("[::1]:6000", "[::1]:6000"),
            ("[::1]", "[::1]:5432"),
            ("::1", "[::1]:5432"),
            ("/nonexistent/socket", "/nonexistent/socket"),
            ("./socket:1", "./socket:1"),
            (folder, &format!("{folder}/.s.PGSQL.5432")),
            (&format!("{folder}:6000"), &format!("{folder}/.s.PGSQL.6000")),
        ] {
            assert_eq!(read(text).as_deref(), Ok(expected), "{text}");
        }
        for text in [
            "",
            ":1",
            "db1:",
            "db1:x",
            "db1:65536",
            "[::1",
            "[::1]1",
            "a:b:1",
            "tcp://db1",
            "host=db1",
            "a b",
            "6000",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        let read = |text| Address::to_listen_on(text).map(|address| address.to_string());
        assert_eq!(read("6000").as_deref(), Ok("127.0.0.1:6000"));
        assert_eq!(read("db1:6000").as_deref(), Ok("db1:6000"));
        assert_eq!(read("65536"), Err("\"65536\" is no port".to_owned()));
    }
}
