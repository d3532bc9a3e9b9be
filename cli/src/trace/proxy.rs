//! Connections that lead to a server.

use std::cell::RefCell;
use std::io;

use dblink_engine::libpq_text::system_text;
use dblink_engine::net::Stream;
use dblink_protocol::frontend::{GssEncRequest, SslRequest};
use futures_util::future::try_join;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, ReadHalf, WriteHalf, split};

use super::address::{Address, Listener};
use super::log::{Log, Sender, Trace};
use crate::failure::Failure;
use crate::listing;

/// How much of a direction is on its way at a time.
const PIECE: usize = 64 * 1024;

/// Leads clients to a server.
#[derive(Debug)]
pub(crate) struct Proxy {
    listener: Listener,
    to: Address,
}

impl Proxy {
    /// Begins to listen.
    ///
    /// # Errors
    ///
    /// [`Failure::Usage`] if that cannot be.
    pub(crate) async fn open(listen: &Address, to: Address) -> Result<Self, Failure> {
        let failed = |error: &io::Error| {
            Failure::Usage(format!("could not listen on {listen}: {}", system_text(error)))
        };
        let listener = listen.listen().await.map_err(|error| failed(&error))?;
        let address = listener.address().map_err(|error| failed(&error))?;
        listing::remark(format_args!("listening on {address} for {to}"));
        Ok(Self { listener, to })
    }

    /// Leads all who come, and traces them.
    ///
    /// # Errors
    ///
    /// What ends all of it: [`Failure::ClosedPipe`]; [`Failure::Usage`].
    pub(crate) async fn run(&self, log: &Log) -> Result<(), Failure> {
        let mut connections = FuturesUnordered::new();
        let mut number = 0_u64;
        // Where there are as many as the system allows, one has to end first.
        let mut is_full = false;
        loop {
            tokio::select! {
                accepted = self.listener.accept(), if !is_full => match accepted {
                    Ok(client) => {
                        number = number.saturating_add(1);
                        let trace = log.connection(number);
                        connections.push(async move { (number, self.lead(client, Some(trace), log).await) });
                    }
                    Err(error) => is_full = self.must_wait(&error, connections.is_empty())?,
                },
                Some((number, ended)) = connections.next() => {
                    is_full = false;
                    match ended {
                        Ok(()) => {}
                        Err(Broken::All(failure)) => return Err(failure),
                        Err(broken) => listing::remark(format_args!("connection {number}: {}", broken.text(&self.to))),
                    }
                }
            }
        }
    }

    /// What to do where no connection could be taken: whether to wait until another one ends.
    fn must_wait(&self, error: &io::Error, none_is_open: bool) -> Result<bool, Failure> {
        match error.kind() {
            // The client has given up.
            io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset => Ok(false),
            _ if none_is_open => Err(Failure::io("take a connection", error)),
            _ => {
                listing::remark(format_args!(
                    "could not take a connection: {}",
                    system_text(error)
                ));
                Ok(true)
            }
        }
    }

    /// Traces the first one to its end. Others are led meanwhile, such as requests to cancel.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run); [`Failure::NoConnection`] if the first one does not reach the server.
    pub(crate) async fn run_once(&self, log: &Log) -> Result<(), Failure> {
        let client = self.listener.accept().await;
        let client = client.map_err(|error| Failure::io("take a connection", &error))?;
        let mut first = Box::pin(self.lead(client, Some(log.connection(1)), log));
        let mut others = FuturesUnordered::new();
        loop {
            tokio::select! {
                ended = &mut first => return match ended {
                    Err(Broken::All(failure)) => Err(failure),
                    Err(broken @ Broken::Unreachable(_)) => Err(Failure::NoConnection(broken.text(&self.to))),
                    // It has ended, one way or another.
                    _ => Ok(()),
                },
                Ok(client) = self.listener.accept() => others.push(self.lead(client, None, log)),
                Some(_) = others.next() => {}
            }
        }
    }

    /// Leads a connection to its end.
    async fn lead(&self, mut client: Stream, trace: Option<Trace>, log: &Log) -> Result<(), Broken> {
        let trace = Traced {
            trace: trace.map(RefCell::new),
            log,
        };
        let Some(first) = beginning(&mut client, &trace).await? else {
            return Ok(());
        };
        let server = self.to.connect().await.map_err(Broken::Unreachable)?;
        let (from_client, to_client) = split(client);
        let (from_server, to_server) = split(server);
        let forth = pass(Sender::Client, first, from_client, to_server, &trace);
        let back = pass(Sender::Server, Vec::new(), from_server, to_client, &trace);
        try_join(forth, back).await.map(drop)
    }
}

/// Why a connection ends before both sides have ended it.
enum Broken {
    Client(io::Error),
    Server(io::Error),
    /// The server is not there.
    Unreachable(io::Error),
    /// Not it alone: nothing can be printed any more.
    All(Failure),
}

impl Broken {
    const fn side(sender: Sender, error: io::Error) -> Self {
        match sender {
            Sender::Client => Self::Client(error),
            Sender::Server => Self::Server(error),
        }
    }

    fn text(&self, to: &Address) -> String {
        match self {
            Self::Client(error) => format!("the client is lost: {}", system_text(error)),
            Self::Server(error) => format!("the server is lost: {}", system_text(error)),
            Self::Unreachable(error) => format!("could not connect to {to}: {}", system_text(error)),
            Self::All(_) => "nothing can be printed".to_owned(),
        }
    }
}

/// Reads how the client begins. Requests for encryption are answered here: no. Gives what is then to be passed on; none if
/// there is nothing.
async fn beginning(client: &mut Stream, trace: &Traced<'_>) -> Result<Option<Vec<u8>>, Broken> {
    let mut read = Vec::new();
    loop {
        match request(&read) {
            Request::Encryption(length) => {
                let rest = read.split_off(length);
                trace.print(Sender::Client, &read).await?;
                read = rest;
                trace.print(Sender::Server, b"N").await?;
                client.write_all(b"N").await.map_err(Broken::Client)?;
                trace.log.refused_encryption();
            }
            Request::Unfinished => {
                if client.read_buf(&mut read).await.map_err(Broken::Client)? == 0 {
                    return Ok((!read.is_empty()).then_some(read));
                }
            }
            Request::Other => {
                if read.starts_with(b"\x16\x03") {
                    trace.log.met_tls();
                }
                return Ok(Some(read));
            }
        }
    }
}

/// What the bytes are that a client begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Request {
    /// A request for encryption, of so many bytes.
    Encryption(usize),
    /// It may become one.
    Unfinished,
    Other,
}

fn request(read: &[u8]) -> Request {
    for code in [SslRequest::CODE, GssEncRequest::CODE] {
        let packet = [8_i32.to_be_bytes(), code.to_be_bytes()].concat();
        if read.starts_with(&packet) {
            return Request::Encryption(packet.len());
        }
        if packet.starts_with(read) {
            return Request::Unfinished;
        }
    }
    Request::Other
}

/// Passes one direction on, to its end. It is printed when it was received: an answer never comes before its question.
async fn pass(
    sender: Sender,
    first: Vec<u8>,
    mut from: ReadHalf<Stream>,
    mut to: WriteHalf<Stream>,
    trace: &Traced<'_>,
) -> Result<(), Broken> {
    let receiver = match sender {
        Sender::Client => Sender::Server,
        Sender::Server => Sender::Client,
    };
    let lost = |error| Broken::side(receiver, error);
    trace.print(sender, &first).await?;
    to.write_all(&first).await.map_err(lost)?;
    drop(first);
    let mut piece = Vec::with_capacity(PIECE);
    loop {
        piece.clear();
        let received = (&mut from).take(PIECE as u64).read_buf(&mut piece).await;
        if received.map_err(|error| Broken::side(sender, error))? == 0 {
            // It may still want to hear what the other side says.
            let _ = to.shutdown().await;
            return Ok(());
        }
        trace.print(sender, &piece).await?;
        to.write_all(&piece).await.map_err(lost)?;
    }
}

/// A connection that is traced, or not.
struct Traced<'a> {
    trace: Option<RefCell<Trace>>,
    log: &'a Log,
}

impl Traced<'_> {
    /// Prints what was received.
    async fn print(&self, sender: Sender, bytes: &[u8]) -> Result<(), Broken> {
        let Some(trace) = &self.trace else {
            return Ok(());
        };
        let lines = trace.borrow_mut().lines(sender, bytes);
        if lines.is_empty() {
            return Ok(());
        }
        self.log.print(lines).await.map_err(Broken::All)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_for_encryption_are_told_from_all_else() {
        let ssl = b"\0\0\0\x08\x04\xd2\x16\x2f";
        let gss = b"\0\0\0\x08\x04\xd2\x16\x30";
        assert_eq!(request(ssl), Request::Encryption(8));
        assert_eq!(request(gss), Request::Encryption(8));
        assert_eq!(request(b"\0\0\0\x08\x04\xd2\x16\x2fmore"), Request::Encryption(8));
        for length in 0..8 {
            assert_eq!(request(&gss[..length]), Request::Unfinished, "{length}");
        }
        assert_eq!(request(b"\0\0\0\x09"), Request::Other);
        assert_eq!(request(b"\x16"), Request::Other);
        assert_eq!(request(b"\0\0\0\x10\x04\xd2\x16\x2e"), Request::Other);
    }
}
