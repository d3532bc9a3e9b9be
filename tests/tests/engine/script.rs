//! Servers that follow a script.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use dblink_tests::tls::Certificates;
use rustix::event::{PollFd, PollFlags, poll};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What a server does, one after the other. At the end it is silent until the client closes the connection.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Waits for what the client sends.
    Hear,
    /// Waits for what the client sends, and closes the connection if it does not end like this.
    Expect(Vec<u8>),
    /// Says this.
    Say(Vec<u8>),
    /// Speaks TLS from here on.
    StartTls(Arc<ServerConfig>),
    /// Reads a SASLInitialResponse for SCRAM, and challenges the client with so many iterations.
    Challenge(u32),
    /// Closes the connection.
    Close,
    /// Waits for what the client sends, and resets the connection.
    Reset,
}

/// A server, and what the test hears of it.
pub(crate) struct Server {
    pub(crate) port: u16,
    connections: Arc<AtomicUsize>,
    /// Gets an item whenever a script has come to its end.
    silent: UnboundedReceiver<()>,
    /// What clients said after that, until they closed the connection.
    last_words: UnboundedReceiver<Vec<u8>>,
}

impl Server {
    /// A server that follows the same script with each client, one client at a time.
    pub(crate) fn start(script: &[Act]) -> Self {
        Self::start_with(&[script])
    }

    /// A server with a script for each client in turn, and the last one for all that follow.
    pub(crate) fn start_with(scripts: &[&[Act]]) -> Self {
        let scripts: Vec<_> = scripts.iter().map(|script| script.to_vec()).collect();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        Self::serve(port, scripts, move || listener.accept().unwrap().0)
    }

    /// The same at a Unix-domain socket.
    pub(crate) fn start_at(path: &Path, script: &[Act]) -> Self {
        let listener = UnixListener::bind(path).unwrap();
        Self::serve(0, vec![script.to_vec()], move || listener.accept().unwrap().0)
    }

    fn serve<S: Socket>(
        port: u16,
        scripts: Vec<Vec<Act>>,
        mut accept: impl FnMut() -> S + Send + 'static,
    ) -> Self {
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        let (at_end, silent) = unbounded_channel();
        let (words, last_words) = unbounded_channel();
        thread::spawn(move || {
            loop {
                let socket = accept();
                let at = count.fetch_add(1, Ordering::SeqCst).min(scripts.len() - 1);
                follow(&scripts[at], socket, &at_end, &words);
            }
        });
        Self {
            port,
            connections,
            silent,
            last_words,
        }
    }

    /// How many clients have come.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Waits until a script has come to its end.
    pub(crate) async fn silence(&mut self) {
        self.silent.recv().await.unwrap();
    }

    /// What a client said after the end of the script, once it has closed the connection.
    pub(crate) async fn last_words(&mut self) -> Vec<u8> {
        self.last_words.recv().await.unwrap()
    }
}

trait Stream: Read + Write {}

impl<S: Read + Write> Stream for S {}

/// A socket that can be had twice: in the clear, and below TLS.
trait Socket: Stream + AsFd + Sized + 'static {
    fn again(&self) -> Self;
}

impl Socket for TcpStream {
    fn again(&self) -> Self {
        self.try_clone().unwrap()
    }
}

impl Socket for UnixStream {
    fn again(&self) -> Self {
        self.try_clone().unwrap()
    }
}

fn follow(
    script: &[Act],
    socket: impl Socket,
    silent: &UnboundedSender<()>,
    words: &UnboundedSender<Vec<u8>>,
) {
    let mut stream: Box<dyn Stream> = Box::new(socket.again());
    for act in script {
        let mut heard = [0; 4096];
        match act {
            Act::Hear if stream.read(&mut heard).unwrap_or(0) > 0 => {}
            // A client that has gone hears nothing.
            Act::Say(bytes) => drop(stream.write_all(bytes)),
            Act::Expect(end) => {
                let count = stream.read(&mut heard).unwrap_or(0);
                if !heard[..count].ends_with(end) {
                    return;
                }
            }
            Act::StartTls(config) => {
                let tls = ServerConnection::new(Arc::clone(config)).unwrap();
                stream = Box::new(StreamOwned::new(tls, socket.again()));
            }
            Act::Challenge(iterations) => {
                let count = stream.read(&mut heard).unwrap_or(0);
                drop(stream.write_all(&challenge(&heard[..count], *iterations)));
            }
            // The system resets a connection that is closed before all was read.
            Act::Reset => {
                poll(&mut [PollFd::new(&socket, PollFlags::IN)], None).unwrap();
                return;
            }
            Act::Hear | Act::Close => return,
        }
    }
    // The test may have heard enough.
    let _ = silent.send(());
    let mut rest = Vec::new();
    drop(stream.read_to_end(&mut rest));
    drop(words.send(rest));
}

/// A server's side of TLS. It asks for client certificates if it is told by whom, and takes no others.
pub(crate) fn tls(certificates: &Certificates, clients: Option<&Certificates>) -> Arc<ServerConfig> {
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(clients) => {
            let mut roots = RootCertStore::empty();
            roots.add(clients.ca_der.clone().into()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        }
    };
    let chain = vec![CertificateDer::from(certificates.server_der.clone())];
    let key = PrivateKeyDer::from_pem_slice(certificates.server_key_pem.as_bytes()).unwrap();
    Arc::new(builder.with_single_cert(chain, key).unwrap())
}

/// AuthenticationSASLContinue to a client's first message.
fn challenge(client_first: &[u8], iterations: u32) -> Vec<u8> {
    let text = String::from_utf8_lossy(client_first);
    let nonce = text.split_once(",r=").expect("it has a nonce").1;
    authentication(
        11,
        format!("r={nonce}server,s=c2FsdA==,i={iterations}").as_bytes(),
    )
}

/// An Authentication message.
pub(crate) fn authentication(code: u32, data: &[u8]) -> Vec<u8> {
    message(b'R', &[&code.to_be_bytes(), data].concat())
}

/// AuthenticationSASL with one mechanism.
pub(crate) fn sasl(mechanism: &str) -> Vec<u8> {
    authentication(10, format!("{mechanism}\0\0").as_bytes())
}

/// ErrorResponse with severity FATAL.
pub(crate) fn fatal(sqlstate: &str, text: &str) -> Vec<u8> {
    message(
        b'E',
        format!("SFATAL\0VFATAL\0C{sqlstate}\0M{text}\0\0").as_bytes(),
    )
}

/// A message with its length.
pub(crate) fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap();
    [&[tag], &length.to_be_bytes()[..], body].concat()
}
