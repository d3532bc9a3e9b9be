//! A socket that is read while it is written.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::BytesMut;
use dblink_protocol::auth::Transport;
use rustix::event::{PollFd, PollFlags, poll};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use sha2::{Digest, Sha256};

/// Where a server listens.
#[derive(Debug, Clone)]
pub enum Address {
    /// A Unix socket.
    Unix(PathBuf),
    /// A TCP port, and the authority whose certificate to trust, in DER, if TLS is wanted.
    Tcp(SocketAddr, Option<Vec<u8>>),
}

/// Which way bytes went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To the server.
    Frontend,
    /// From the server.
    Backend,
}

/// Sees all bytes that go to and fro, inside the encryption.
pub type Observer = Box<dyn FnMut(Direction, &[u8])>;

/// A connection to a server.
pub struct Stream {
    socket: Option<Socket>,
    observer: Option<Observer>,
}

enum Socket {
    Unix(UnixStream),
    Tcp(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

trait ReadWrite: Read + Write {}
impl<S: Read + Write> ReadWrite for S {}

/// What an exchange has moved.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moved {
    /// Bytes sent.
    pub sent: usize,
    /// Whether the server has closed the connection.
    pub closed: bool,
}

impl Stream {
    pub(super) fn connect(address: &Address, observer: Option<Observer>) -> io::Result<Self> {
        let socket = match address {
            Address::Unix(path) => Socket::Unix(UnixStream::connect(path)?),
            Address::Tcp(address, _) => Socket::Tcp(TcpStream::connect(address)?),
        };
        match &socket {
            Socket::Unix(socket) => socket.set_nonblocking(true)?,
            Socket::Tcp(socket) => {
                socket.set_nonblocking(true)?;
                socket.set_nodelay(true)?;
            }
            Socket::Tls(_) => {}
        }
        Ok(Self {
            socket: Some(socket),
            observer,
        })
    }

    /// Goes on encrypted; tells what SCRAM binds to.
    pub(super) fn start_tls(&mut self, address: &Address) -> io::Result<Transport> {
        let (Some(Socket::Tcp(tcp)), Address::Tcp(_, Some(authority))) = (self.socket.take(), address) else {
            return Err(io::Error::other("TLS needs TCP and an authority to trust"));
        };
        tcp.set_nonblocking(false)?;
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from(authority.as_slice()))
            .map_err(io::Error::other)?;
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
        let connection = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
        let mut tls = StreamOwned::new(connection, tcp);
        while tls.conn.is_handshaking() {
            tls.conn.complete_io(&mut tls.sock)?;
        }
        tls.sock.set_nonblocking(true)?;
        // The test kit signs with SHA-256, so that is the hash which tls-server-end-point takes.
        let certificate = tls.conn.peer_certificates().and_then(<[_]>::first);
        let server_end_point = certificate.map(|der| Sha256::digest(der).to_vec());
        self.socket = Some(Socket::Tls(Box::new(tls)));
        Ok(Transport::Tls { server_end_point })
    }

    /// Sends of `outgoing` and reads to `input` what can be sent and read, and waits until there is something.
    pub(super) fn exchange(&mut self, outgoing: &[u8], input: &mut BytesMut) -> io::Result<Moved> {
        let mut buffer = [0; 16 * 1024];
        loop {
            let sent = match outgoing {
                [] => 0,
                outgoing => ready(self.socket()?.write(outgoing))?.unwrap_or(0),
            };
            if let Some(observer) = &mut self.observer {
                observer(Direction::Frontend, &outgoing[..sent]);
            }
            let read = match ready(self.socket()?.read(&mut buffer)) {
                Err(error) if error.kind() == ErrorKind::ConnectionReset => Some(0),
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => Some(0),
                other => other?,
            };
            if let Some(read) = read {
                input.extend_from_slice(&buffer[..read]);
                if let Some(observer) = &mut self.observer {
                    observer(Direction::Backend, &buffer[..read]);
                }
            }
            if sent > 0 || read.is_some() {
                return Ok(Moved {
                    sent,
                    closed: read == Some(0),
                });
            }
            self.wait(!outgoing.is_empty())?;
        }
    }

    fn wait(&self, to_write: bool) -> io::Result<()> {
        let mut flags = PollFlags::IN;
        flags.set(PollFlags::OUT, to_write);
        poll(&mut [PollFd::from_borrowed_fd(self.fd()?, flags)], None)?;
        Ok(())
    }

    fn socket(&mut self) -> io::Result<&mut dyn ReadWrite> {
        match &mut self.socket {
            Some(Socket::Unix(socket)) => Ok(socket),
            Some(Socket::Tcp(socket)) => Ok(socket),
            Some(Socket::Tls(socket)) => Ok(socket.as_mut()),
            None => Err(ErrorKind::NotConnected.into()),
        }
    }

    fn fd(&self) -> io::Result<BorrowedFd<'_>> {
        match &self.socket {
            Some(Socket::Unix(socket)) => Ok(socket.as_fd()),
            Some(Socket::Tcp(socket)) => Ok(socket.as_fd()),
            Some(Socket::Tls(socket)) => Ok(socket.sock.as_fd()),
            None => Err(ErrorKind::NotConnected.into()),
        }
    }
}

/// None where the socket is not ready.
fn ready(result: io::Result<usize>) -> io::Result<Option<usize>> {
    match result {
        Ok(count) => Ok(Some(count)),
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => Ok(None),
        Err(error) => Err(error),
    }
}
