//! A proxy that remembers how connections begin.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

/// How the client begins a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beginning {
    /// With a StartupMessage.
    Startup,
    /// With a CancelRequest.
    Cancel,
    /// With an SSLRequest, to go on with TLS if the server has it.
    SslRequest,
    /// With TLS.
    Tls,
    /// With something else, or with nothing.
    Other,
}

/// A port that leads to a server's port, for as long as the process runs.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    seen: Arc<Mutex<Vec<Beginning>>>,
}

impl Proxy {
    /// Leads to this port of `127.0.0.1`.
    ///
    /// # Panics
    ///
    /// If no port is free.
    pub fn to(server: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let proxy = Self {
            port,
            seen: Arc::clone(&seen),
        };
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let seen = Arc::clone(&seen);
                // A connection that breaks ends on both sides, and the test sees that.
                thread::spawn(move || drop(lead(client, server, &seen)));
            }
        });
        proxy
    }

    /// Where it listens on `127.0.0.1`.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// How the connections up to now have begun, in their order.
    pub fn seen(&self) -> Vec<Beginning> {
        lock(&self.seen).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn lead(mut client: TcpStream, server: u16, seen: &Mutex<Vec<Beginning>>) -> io::Result<()> {
    let mut first = [0; 8];
    let read = client.read_exact(&mut first);
    lock(seen).push(beginning(&first));
    read?;
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, server))?;
    for stream in [&client, &server] {
        stream.set_nodelay(true)?;
    }
    server.write_all(&first)?;
    let (from, to) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || drop(copy(from, to)));
    copy(server, client)
}

/// Copies until one side ends, and tells the other.
fn copy(mut from: TcpStream, mut to: TcpStream) -> io::Result<()> {
    let copied = io::copy(&mut from, &mut to);
    to.shutdown(Shutdown::Write)?;
    copied.map(drop)
}

const fn beginning(first: &[u8; 8]) -> Beginning {
    match first {
        [0x16, 3, ..] => Beginning::Tls,
        [_, _, _, _, 0x04, 0xd2, 0x16, 0x2f] => Beginning::SslRequest,
        [_, _, _, _, 0x04, 0xd2, 0x16, 0x2e] => Beginning::Cancel,
        [_, _, _, _, 0, 3, _, _] => Beginning::Startup,
        _ => Beginning::Other,
    }
}
