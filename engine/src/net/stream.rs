//! What a conversation travels over.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;
use tokio_rustls::client::TlsStream;

/// A connection to a server, open and perhaps encrypted.
///
/// [Shutting it down](tokio::io::AsyncWriteExt::shutdown) tells the other side that nothing more will come: by TLS first
/// (`close_notify`), if that is spoken, and then by TCP. Dropping it closes the socket without a word of TLS.
pub enum Stream {
    /// TCP.
    Tcp(TcpStream),
    /// A Unix socket.
    #[cfg(unix)]
    Unix(UnixStream),
    /// TLS over TCP.
    Tls(Box<TlsStream<TcpStream>>),
    /// Anything else that carries bytes: a tunnel, a proxy in a test.
    Other(Box<dyn Carrier>),
}

/// What carries bytes both ways.
pub trait Carrier: AsyncRead + AsyncWrite + Send + Sync + Unpin {}

impl<C: AsyncRead + AsyncWrite + Send + Sync + Unpin> Carrier for C {}

impl Stream {
    fn carrier(&mut self) -> Pin<&mut dyn Carrier> {
        match self {
            Self::Tcp(stream) => Pin::new(stream),
            #[cfg(unix)]
            Self::Unix(stream) => Pin::new(stream),
            Self::Tls(stream) => Pin::new(stream.as_mut()),
            Self::Other(stream) => Pin::new(stream.as_mut()),
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.get_mut().carrier().poll_read(cx, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.get_mut().carrier().poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().carrier().poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().carrier().poll_shutdown(cx)
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tcp(_) => "Tcp",
            #[cfg(unix)]
            Self::Unix(_) => "Unix",
            Self::Tls(_) => "Tls",
            Self::Other(_) => "Other",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::net::{Ipv4Addr, TcpListener};
    use std::sync::Arc;
    use std::thread;

    use rustls::crypto::ring;
    use rustls::pki_types::PrivateKeyDer;
    use rustls::{ServerConfig, ServerConnection, StreamOwned};
    use tokio::io::AsyncWriteExt;

    use super::super::tls::{TlsConnector, TlsOptions};
    use super::*;

    /// What a server hears until the end, if the client does this with the connection.
    fn heard(client: impl AsyncFnOnce(Stream)) -> io::Result<String> {
        let identity = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(identity.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![identity.cert.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let server = thread::spawn(move || {
            let tcp = listener.accept().unwrap().0;
            let mut tls = StreamOwned::new(ServerConnection::new(Arc::new(config)).unwrap(), tcp);
            let mut text = String::new();
            tls.read_to_string(&mut text).map(|_| text)
        });
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()
            .unwrap();
        runtime.block_on(async {
            let tls = TlsConnector::new(&TlsOptions::new("localhost")).unwrap();
            let tcp = TcpStream::connect(address).await.unwrap();
            let stream = tokio_rustls::TlsConnector::from(tls.config())
                .connect(tls.server_name(), tcp)
                .await
                .unwrap();
            client(Stream::Tls(Box::new(stream))).await;
        });
        server.join().unwrap()
    }

    #[test]
    fn shutting_down_ends_tls() {
        let said = heard(async |mut stream| {
            stream.write_all(b"goodbye").await.unwrap();
            stream.shutdown().await.unwrap();
        });
        assert_eq!(said.unwrap(), "goodbye");
    }

    #[test]
    fn dropping_does_not() {
        heard(async |mut stream| stream.write_all(b"goodbye").await.unwrap()).unwrap_err();
    }
}
