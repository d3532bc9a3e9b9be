//! A server that follows a script, and remembers what its clients did.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::Acceptor;
use rustls::{ServerConfig, StreamOwned};
use socket2::SockRef;

use super::script::{Answer, Identities, Identity, Script, Step, Tls};

/// What a client did on one connection after the other.
pub(super) type Record = Vec<Vec<String>>;

/// How long a server waits for a client that says nothing: then the test has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// What ends a server, instead of a client's first packet.
const END: [u8; 5] = *b"end!!";

/// A server that runs until its record is asked for.
#[derive(Debug)]
pub(super) struct Server {
    place: Place,
    thread: JoinHandle<Record>,
}

#[derive(Debug, Clone)]
enum Place {
    Tcp(u16),
    Unix(PathBuf),
}

impl Server {
    /// Listens on a port of its own.
    pub(super) fn start(script: &Script, identities: &Arc<Identities>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let actor = Actor::new(script, identities);
        let accept = move || {
            let (socket, _) = listener.accept().unwrap();
            socket.set_nodelay(true).unwrap();
            Socket::Tcp(socket)
        };
        Self {
            place: Place::Tcp(port),
            thread: std::thread::spawn(move || actor.serve(accept)),
        }
    }

    /// Listens on a Unix-domain socket in this folder, under the name that belongs to port 1.
    pub(super) fn start_in(folder: &Path, script: &Script, identities: &Arc<Identities>) -> Self {
        let path = folder.join(".s.PGSQL.1");
        let listener = UnixListener::bind(&path).unwrap();
        let actor = Actor::new(script, identities);
        let accept = move || Socket::Unix(listener.accept().unwrap().0);
        Self {
            place: Place::Unix(path),
            thread: std::thread::spawn(move || actor.serve(accept)),
        }
    }

    pub(super) fn port(&self) -> u16 {
        match &self.place {
            Place::Tcp(port) => *port,
            Place::Unix(_) => 1,
        }
    }

    /// Ends it, after all clients have gone, and gives what they did.
    pub(super) fn finish(self) -> Record {
        // It comes behind all others.
        match &self.place {
            Place::Tcp(port) => TcpStream::connect((Ipv4Addr::LOCALHOST, *port))
                .unwrap()
                .write_all(&END)
                .unwrap(),
            Place::Unix(path) => UnixStream::connect(path).unwrap().write_all(&END).unwrap(),
        }
        self.thread.join().unwrap()
    }
}

enum Socket {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Socket {
    fn set_patience(&self) {
        match self {
            Self::Tcp(socket) => socket.set_read_timeout(Some(PATIENCE)),
            Self::Unix(socket) => socket.set_read_timeout(Some(PATIENCE)),
        }
        .unwrap();
    }

    /// Says that no more will come, and waits until the client closes: so that what was said arrives.
    fn close(mut self) {
        // A client that has gone by now is no failure.
        let _ = match &self {
            Self::Tcp(socket) => socket.shutdown(Shutdown::Write),
            Self::Unix(socket) => socket.shutdown(Shutdown::Write),
        };
        drain(&mut self);
    }

    fn reset(self) {
        if let Self::Tcp(socket) = &self {
            SockRef::from(socket).set_linger(Some(Duration::ZERO)).unwrap();
        }
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(socket) => socket.read(buffer),
            Self::Unix(socket) => socket.read(buffer),
        }
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(socket) => socket.write(bytes),
            Self::Unix(socket) => socket.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads until the client closes or resets, which is the same here.
fn drain(stream: &mut impl Read) {
    let _ = io::copy(stream, &mut io::sink());
}

/// How a session's script ended.
enum End {
    Close,
    Reset,
    Gone,
}

struct Actor {
    script: Script,
    identities: Arc<Identities>,
}

impl Actor {
    fn new(script: &Script, identities: &Arc<Identities>) -> Self {
        Self {
            script: script.clone(),
            identities: Arc::clone(identities),
        }
    }

    fn serve(&self, accept: impl Fn() -> Socket) -> Record {
        let mut record = Record::new();
        loop {
            let script = match &self.script.later {
                Some(later) if !record.is_empty() => later,
                _ => &self.script,
            };
            let socket = accept();
            socket.set_patience();
            let mut events = Vec::new();
            if self.connection(script, socket, &mut events).is_none() {
                return record;
            }
            record.push(events);
        }
    }

    /// Follows the script on one connection. None if this was the end.
    fn connection(&self, script: &Script, mut socket: Socket, events: &mut Vec<String>) -> Option<()> {
        let mut may_ask = true;
        loop {
            let mut start = [0; 5];
            if socket.read_exact(&mut start).is_err() {
                return Some(());
            }
            match start {
                END => return None,
                [0x16, _, _, high, low] => {
                    let length = usize::from(u16::from_be_bytes([high, low]));
                    let record = with_rest(&mut socket, &start, length);
                    self.tls(script, socket, &record, events);
                    return Some(());
                }
                [b'X', ..] => {
                    events.push("Terminate".into());
                    return Some(());
                }
                _ => {}
            }
            let packet = initial_packet(&mut socket, start);
            let name = name_of_packet(&packet);
            events.push(name.clone());
            if name == "SSLRequest" && may_ask {
                may_ask = false;
                match answer_ssl_request(socket, script.to_ssl_request) {
                    Some(open) => socket = open,
                    None => return Some(()),
                }
                continue;
            }
            match session(&mut socket, &script.plain, events) {
                End::Close => socket.close(),
                End::Reset => socket.reset(),
                End::Gone => {}
            }
            return Some(());
        }
    }

    fn tls(&self, script: &Script, mut socket: Socket, record: &[u8], events: &mut Vec<String>) {
        let mut acceptor = Acceptor::default();
        acceptor.read_tls(&mut &*record).unwrap();
        let accepted = acceptor.accept().unwrap().expect("a ClientHello is one record");
        let hello = accepted.client_hello();
        let protocols = hello.alpn().into_iter().flatten();
        let protocols: Vec<_> = protocols.map(String::from_utf8_lossy).collect();
        events.push(format!(
            "ClientHello to {} for {}",
            hello.server_name().unwrap_or("?"),
            protocols.join(",")
        ));
        match script.tls {
            Tls::Works => {}
            Tls::Alert => {
                let _ = socket.write_all(&[0x15, 3, 3, 0, 2, 2, 40]);
                return socket.close();
            }
            Tls::Text => {
                let _ = socket.write_all(b"E\0\0\0\x0aMwhat?\0\0");
                return socket.close();
            }
            Tls::Close => return socket.close(),
            Tls::Reset => return socket.reset(),
        }
        let Ok(mut connection) = accepted.into_connection(self.config(script)) else {
            return socket.close();
        };
        while connection.is_handshaking() {
            // The client does not like it; an alert has told.
            if connection.complete_io(&mut socket).is_err() {
                return;
            }
        }
        let mut stream = StreamOwned::new(connection, socket);
        let mut start = [0; 5];
        if stream.read_exact(&mut start).is_err() {
            return;
        }
        let packet = initial_packet(&mut stream, start);
        events.push(format!("{} over TLS", name_of_packet(&packet)));
        match session(&mut stream, &script.encrypted, events) {
            End::Close => {
                stream.conn.send_close_notify();
                let _ = stream.flush();
                stream.sock.close();
            }
            End::Reset => stream.sock.reset(),
            End::Gone => {}
        }
    }

    fn config(&self, script: &Script) -> Arc<ServerConfig> {
        let identity = match script.identity {
            Identity::Right => &self.identities.right,
            Identity::OtherHost => &self.identities.other_host,
            Identity::Stranger => &self.identities.stranger,
        };
        let certificate = CertificateDer::from(identity.server_der.clone());
        let key = PrivateKeyDer::from_pem_slice(identity.server_key_pem.as_bytes()).unwrap();
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        if script.takes_alpn {
            config.alpn_protocols = vec![b"postgresql".to_vec()];
        }
        Arc::new(config)
    }
}

/// Reads the rest of a packet that begins with its length.
fn initial_packet(stream: &mut impl Read, start: [u8; 5]) -> Vec<u8> {
    let length = u32::from_be_bytes(start[..4].try_into().unwrap());
    let rest = usize::try_from(length).unwrap() - start.len();
    with_rest(stream, &start, rest)
}

/// Reads as much as is left of a packet.
fn with_rest(stream: &mut impl Read, start: &[u8], rest: usize) -> Vec<u8> {
    let mut packet = start.to_vec();
    packet.resize(start.len() + rest, 0);
    let read = stream.read_exact(&mut packet[start.len()..]);
    assert!(read.is_ok(), "a packet broke off: {}", start.escape_ascii());
    packet
}

/// Answers, and gives the connection back if the client may go on.
fn answer_ssl_request(mut socket: Socket, answer: Answer) -> Option<Socket> {
    let bytes = match answer {
        Answer::Yes(more) => [b"S", more].concat(),
        Answer::Bytes(bytes) => bytes.to_vec(),
        Answer::YesAndClose | Answer::YesAndReset => b"S".to_vec(),
        Answer::Close | Answer::Reset => Vec::new(),
    };
    let _ = socket.write_all(&bytes);
    match answer {
        Answer::Yes(_) | Answer::Bytes(_) => return Some(socket),
        Answer::Close | Answer::YesAndClose => socket.close(),
        Answer::YesAndReset => {
            // When the client has taken the answer and begun.
            let _ = socket.read(&mut [0; 1]);
            socket.reset();
        }
        Answer::Reset => socket.reset(),
    }
    None
}

fn name_of_packet(packet: &[u8]) -> String {
    match u32::from_be_bytes(packet[4..8].try_into().unwrap()) {
        196_608 => "StartupMessage".into(),
        80_877_103 => "SSLRequest".into(),
        80_877_104 => "GSSENCRequest".into(),
        other => format!("packet {other}"),
    }
}

/// Follows the script after a startup packet.
fn session(stream: &mut (impl Read + Write), steps: &[Step], events: &mut Vec<String>) -> End {
    for step in steps {
        let said = match step {
            Step::Say(bytes) => bytes.clone(),
            Step::Await | Step::Answer(_) => match message(stream, events) {
                None => return End::Gone,
                Some(body) => match step {
                    Step::Answer(answer) => answer(&body),
                    _ => Vec::new(),
                },
            },
            Step::Close => return End::Close,
            Step::Reset => return End::Reset,
        };
        let written = stream.write_all(&said).and_then(|()| stream.flush());
        if written.is_err() {
            return End::Gone;
        }
    }
    drain(stream);
    End::Gone
}

/// Reads a client's message, and takes note of its kind.
fn message(stream: &mut impl Read, events: &mut Vec<String>) -> Option<Vec<u8>> {
    let mut start = [0; 5];
    stream.read_exact(&mut start).ok()?;
    let length = u32::from_be_bytes(start[1..].try_into().unwrap());
    let packet = with_rest(stream, &start, usize::try_from(length).unwrap() - 4);
    let body = &packet[start.len()..];
    events.push(match start[0] {
        b'p' if body.starts_with(b"md5") && body.len() == 36 => "MD5 of the password".into(),
        b'p' if body.starts_with(b"SCRAM-SHA-256-PLUS\0") => "SCRAM-SHA-256-PLUS".into(),
        b'p' if body.starts_with(b"SCRAM-SHA-256\0") => "SCRAM-SHA-256".into(),
        b'p' if body.starts_with(b"c=") => "SCRAM proof".into(),
        b'p' if body == b"secret\0" => "the password".into(),
        tag => format!("message {}", tag.escape_ascii()),
    });
    Some(body.to_vec())
}
