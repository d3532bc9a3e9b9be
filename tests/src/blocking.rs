//! A blocking driver: the proof that the protocol crate needs no runtime, and the hands of the tests.

mod stream;

use std::io;

use bytes::BytesMut;
use dblink_protocol::conversation::{
    CommandError, CommandId, Conversation, Ending, Event, ProtocolError, Reply,
};
use dblink_protocol::frontend::CancelRequest;
use dblink_protocol::handshake::{Handshake, HandshakeConfig, HandshakeError, Step};
use dblink_protocol::wire::Message;

pub use stream::{Address, Direction, Observer, Stream};

/// A session: a socket and its conversation.
pub struct Client {
    /// The conversation, to give commands to.
    pub conversation: Conversation,
    stream: Stream,
    input: BytesMut,
}

/// Why there is no session, or no answer.
#[derive(Debug)]
pub enum Error {
    /// The socket.
    Io(io::Error),
    /// The handshake.
    Handshake(HandshakeError),
    /// The server broke the protocol.
    Protocol(ProtocolError),
    /// A command was not taken.
    Command(CommandError),
    /// The session has ended.
    Ended(Ending),
}

impl Client {
    /// Opens a session.
    ///
    /// # Errors
    ///
    /// Where there is none.
    pub fn connect(
        address: &Address,
        config: HandshakeConfig,
        observer: Option<Observer>,
    ) -> Result<Self, Error> {
        let mut stream = Stream::connect(address, observer)?;
        let mut handshake = Handshake::new(config)?;
        let mut input = BytesMut::new();
        loop {
            match handshake.receive(&mut input)? {
                Step::Ready(conversation) => {
                    return Ok(Self {
                        conversation: *conversation,
                        stream,
                        input,
                    });
                }
                Step::StartEncryption(_) => {
                    let transport = stream.start_tls(address)?;
                    handshake.encryption_started(transport)?;
                }
                Step::DeriveKeys(derivation) => handshake.keys_derived(derivation.run())?,
                Step::Read => {
                    let moved = stream.exchange(handshake.outgoing(), &mut input)?;
                    handshake.sent(moved.sent);
                    if moved.closed {
                        return Err(handshake.handle_eof(&input).into());
                    }
                }
                _ => {}
            }
        }
    }

    /// Sends what is outgoing while it reads, and waits for the next event.
    ///
    /// # Errors
    ///
    /// When the session has ended.
    pub fn event(&mut self) -> Result<Event, Error> {
        loop {
            match self.conversation.receive(&mut self.input)? {
                Some(event) => return Ok(event),
                None => self.exchange()?,
            }
        }
    }

    /// Waits until the replies to what was abandoned have gone by.
    ///
    /// # Errors
    ///
    /// When the session has ended.
    pub fn drain(&mut self) -> Result<(), Error> {
        while self.conversation.is_draining() {
            if self.conversation.receive(&mut self.input)?.is_none() && self.conversation.is_draining() {
                self.exchange()?;
            }
        }
        Ok(())
    }

    fn exchange(&mut self) -> Result<(), Error> {
        let moved = self
            .stream
            .exchange(self.conversation.outgoing(), &mut self.input)?;
        self.conversation.sent(moved.sent);
        if moved.closed {
            return Err(Error::Ended(self.conversation.handle_eof().clone()));
        }
        Ok(())
    }

    /// Waits for the replies to `command` and what comes before them, up to its ReadyForQuery, which is the last.
    ///
    /// # Errors
    ///
    /// When the session has ended.
    pub fn until_ready(&mut self, command: CommandId) -> Result<Vec<Event>, Error> {
        let mut events = Vec::new();
        loop {
            let event = self.event()?;
            let ready =
                matches!(&event, Event::Reply { to, reply: Reply::ReadyForQuery(_) } if *to == command);
            events.push(event);
            if ready {
                return Ok(events);
            }
        }
    }

    /// Runs a simple query to its end.
    ///
    /// # Errors
    ///
    /// When it was not taken, or the session has ended.
    pub fn query(&mut self, sql: &str) -> Result<Vec<Event>, Error> {
        let id = self.conversation.query(sql)?;
        self.until_ready(id)
    }

    /// Sends what is outgoing without waiting for anything.
    ///
    /// # Errors
    ///
    /// Where the socket fails.
    pub fn flush(&mut self) -> Result<(), Error> {
        while !self.conversation.outgoing().is_empty() {
            self.exchange()?;
        }
        Ok(())
    }

    /// Sends a cancel request on a connection of its own, and waits until the server has closed that.
    ///
    /// # Errors
    ///
    /// Where the socket fails.
    ///
    /// # Panics
    ///
    /// If the server gave no key.
    pub fn cancel(address: &Address, request: &CancelRequest<'_>) -> Result<(), Error> {
        let mut bytes = Vec::new();
        request
            .encode(&mut bytes)
            .expect("the server's own key can be sent");
        let mut stream = Stream::connect(address, None)?;
        let mut sent = 0;
        loop {
            let moved = stream.exchange(&bytes[sent..], &mut BytesMut::new())?;
            sent += moved.sent;
            if moved.closed {
                return Ok(());
            }
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<HandshakeError> for Error {
    fn from(error: HandshakeError) -> Self {
        Self::Handshake(error)
    }
}

impl From<ProtocolError> for Error {
    fn from(error: ProtocolError) -> Self {
        Self::Protocol(error)
    }
}

impl From<CommandError> for Error {
    fn from(error: CommandError) -> Self {
        Self::Command(error)
    }
}
