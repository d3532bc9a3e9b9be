//! From an open connection to a session that is ready.

mod config;
mod encryption;
mod error;
mod negotiation;
mod startup;
#[cfg(test)]
mod tests;

pub use config::{Encryption, HandshakeConfig};
pub use error::{EncryptionRefused, HandshakeError, VersionError};

use std::fmt;

use bytes::BytesMut;
use zeroize::{Zeroize, Zeroizing};

use crate::ProtocolVersion;
use crate::auth::scram::{KeyDerivation, ScramKeys};
use crate::auth::{AuthConfig, Authenticator, Transport};
use crate::backend::Diagnostic;
use crate::conversation::{CancelKey, Conversation, Parameters};
use crate::frontend::{GssEncRequest, SslRequest};
use crate::wire::Message;

/// Opens a session on a connection, without I/O: it says what it needs next, and never does it.
///
/// # The methods
///
/// - **Output**: [`outgoing`](Self::outgoing) is what should be sent, [`sent`](Self::sent) tells how much of it was.
/// - **Input**: [`receive`](Self::receive) takes messages from a buffer that the caller reads into, and gives the next
///   [`Step`]; [`handle_eof`](Self::handle_eof) tells that there will be no more.
/// - **What a step asks for**: [`encryption_started`](Self::encryption_started),
///   [`keys_derived`](Self::keys_derived).
///
/// # The order of calls
///
/// Send what is outgoing, then call `receive`, and do what its step says, until it is [`Step::Ready`]. Bytes that came
/// behind the session's first ReadyForQuery stay in the buffer, for the [`Conversation`].
///
/// After a [`Step::StartEncryption`] the same buffer goes on, empty, with what the encrypted connection reads.
///
/// When the session is ready, whatever is still outgoing is not to be sent: only a server that does not wait for answers gets
/// there before they went out. Drop the handshake, and it is wiped.
///
/// Any error is final: the connection is to be closed, without a word. Trying again, on another connection, is the
/// caller's business, and so are time limits: there is no clock in here.
///
/// # Secrets
///
/// The bytes that carry a password are wiped once they are sent, or once the handshake has failed.
///
/// # Example
///
/// ```
/// use bytes::BytesMut;
/// use dblink_protocol::auth::AuthConfig;
/// use dblink_protocol::handshake::{Handshake, HandshakeConfig, Step};
///
/// let mut config = HandshakeConfig::new(AuthConfig::new("alice", *b"18 random bytes..."));
/// config.parameters.push(("database".into(), "shop".into()));
/// let mut handshake = Handshake::new(config)?;
/// assert_eq!(handshake.outgoing(), b"\0\0\0\x22\0\x03\0\0user\0alice\0database\0shop\0\0");
/// handshake.sent(34);
///
/// // The server trusts us.
/// let mut input = BytesMut::from(&b"R\0\0\0\x08\0\0\0\0K\0\0\0\x0c\0\0\0\x07\x01\x02\x03\x04Z\0\0\0\x05I"[..]);
/// let Step::Ready(conversation) = handshake.receive(&mut input)? else { panic!("more is needed") };
/// assert_eq!(conversation.process_id(), Some(7));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// PostgreSQL manual: [Start-up](https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-START-UP).
pub struct Handshake {
    config: HandshakeConfig,
    /// The startup packet, until its turn comes.
    startup: Vec<u8>,
    outgoing: Zeroizing<Vec<u8>>,
    state: State,
    version: ProtocolVersion,
    negotiated: bool,
    authenticated: bool,
    used_password: bool,
    key: Option<CancelKey>,
    parameters: Parameters,
    oauth_refusal: Option<String>,
}

/// Room for everything a handshake may have to say at a time, so that growing does not leave copies of a password behind:
/// a startup packet and an answer to an authentication request, each as long as a server takes it.
const OUTGOING_BYTES: usize = 80 * 1024;

/// Without what is outgoing: it may hold a password.
impl fmt::Debug for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handshake")
            .field("config", &self.config)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

#[derive(Debug)]
enum State {
    /// A request for encryption is on its way.
    AwaitEncryptionAnswer,
    /// The caller starts encryption.
    AwaitEncryption,
    /// The startup packet is on its way.
    Authenticating(Box<Authenticator>),
    /// The caller derives keys.
    AwaitKeys(Box<Authenticator>),
    /// We are who we said; the server starts the session.
    Starting,
    /// There is a session, and the conversation was handed out.
    Done,
    /// It failed.
    Failed(HandshakeError),
}

/// What a handshake needs next.
#[derive(Debug)]
#[non_exhaustive]
pub enum Step {
    /// Send what is outgoing, read more, and call [`Handshake::receive`] again.
    Read,
    /// Start encryption of this kind on the connection, then call [`Handshake::encryption_started`].
    StartEncryption(EncryptionKind),
    /// Run this, which takes some milliseconds of a processor or, by the server's choice, more; then call
    /// [`Handshake::keys_derived`] with what it gives.
    DeriveKeys(KeyDerivation),
    /// The server has something to tell.
    Notice(Diagnostic),
    /// The session is ready.
    Ready(Box<Conversation>),
}

/// A kind of encryption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EncryptionKind {
    /// TLS.
    Tls,
    /// GSSAPI encryption.
    Gss,
}

impl Handshake {
    /// Begins with the first message, or with [`Step::StartEncryption`] where TLS is spoken from the first byte.
    ///
    /// # Errors
    ///
    /// [`HandshakeError::Encode`] if a value of the configuration cannot be sent: it has a zero byte or a parameter has no
    /// name (SQLSTATE `22023`), or all of it is above 10 000 bytes (`54000`). [`VersionError::EmptyRange`] (`22023`) if no
    /// version of the protocol is allowed, [`HandshakeError::UserTwice`] (`22023`) if the parameters hold the user.
    pub fn new(config: HandshakeConfig) -> Result<Self, HandshakeError> {
        if config.min_version > config.max_version {
            return Err(VersionError::EmptyRange.into());
        }
        if config.parameters.iter().any(|(name, _)| name == "user") {
            return Err(HandshakeError::UserTwice);
        }
        let mut handshake = Self {
            version: config.max_version,
            startup: startup::packet(&config)?,
            outgoing: Zeroizing::new(Vec::with_capacity(OUTGOING_BYTES)),
            state: State::AwaitEncryptionAnswer,
            negotiated: false,
            authenticated: false,
            used_password: false,
            key: None,
            parameters: Parameters::default(),
            oauth_refusal: None,
            config,
        };
        match handshake.config.encryption {
            Encryption::None => handshake.start(handshake.config.auth.transport.clone()),
            Encryption::Ssl { .. } => SslRequest.encode(&mut handshake.outgoing)?,
            Encryption::Gss { .. } => GssEncRequest.encode(&mut handshake.outgoing)?,
            Encryption::DirectSsl => handshake.state = State::AwaitEncryption,
        }
        Ok(handshake)
    }

    /// The bytes that should be sent now.
    pub fn outgoing(&self) -> &[u8] {
        &self.outgoing
    }

    /// Tells that the first `count` bytes of [`outgoing`](Self::outgoing) were sent. They are wiped.
    pub fn sent(&mut self, count: usize) {
        let count = count.min(self.outgoing.len());
        let left = self.outgoing.len() - count;
        self.outgoing.copy_within(count.., 0);
        if let Some(rest) = self.outgoing.get_mut(left..) {
            rest.zeroize();
        }
        self.outgoing.truncate(left);
    }

    /// Takes messages from the front of `input`, and tells what is needed next.
    ///
    /// # Errors
    ///
    /// [`HandshakeError`] where there will be no session; its [`sqlstate`](HandshakeError::sqlstate) is the server's own
    /// where it refuses, that of the [`AuthError`](crate::auth::AuthError) where authentication fails on our side, else of
    /// class `08`. It is final: later calls give the same error.
    ///
    /// [`HandshakeError::OutOfOrder`] while keys are awaited, and when the session was handed out. It changes nothing.
    pub fn receive(&mut self, input: &mut BytesMut) -> Result<Step, HandshakeError> {
        let result = match &self.state {
            State::AwaitEncryptionAnswer => self.encryption_answer(input),
            State::AwaitEncryption => self.encryption_awaited(input),
            State::Authenticating(_) | State::Starting => self.messages(input),
            State::AwaitKeys(_) => {
                return Err(HandshakeError::OutOfOrder {
                    awaited: "keys_derived",
                });
            }
            State::Done => {
                return Err(HandshakeError::OutOfOrder {
                    awaited: "nothing: it is over",
                });
            }
            State::Failed(error) => Err(error.clone()),
        };
        self.keep_failure(result)
    }

    /// Tells that encryption has started. For TLS, `transport` holds what SCRAM binds to; GSSAPI encryption has nothing
    /// of the kind, and is [`Transport::Plain`] here.
    ///
    /// # Errors
    ///
    /// [`HandshakeError::OutOfOrder`] if it was not asked for.
    pub fn encryption_started(&mut self, transport: Transport) -> Result<(), HandshakeError> {
        if !matches!(self.state, State::AwaitEncryption) {
            return Err(HandshakeError::OutOfOrder { awaited: "receive" });
        }
        self.start(transport);
        Ok(())
    }

    /// Hands in the keys that [`Step::DeriveKeys`] asked for.
    ///
    /// # Errors
    ///
    /// [`HandshakeError::OutOfOrder`] if they were not asked for; [`HandshakeError::Authentication`].
    pub fn keys_derived(&mut self, keys: ScramKeys) -> Result<(), HandshakeError> {
        match std::mem::replace(&mut self.state, State::Done) {
            State::AwaitKeys(mut authenticator) => {
                let result = authenticator.keys_derived(keys, &mut self.outgoing);
                self.state = State::Authenticating(authenticator);
                self.keep_failure(result.map(drop).map_err(Into::into))
            }
            state => {
                self.state = state;
                Err(HandshakeError::OutOfOrder { awaited: "receive" })
            }
        }
    }

    /// Tells that the server closed the connection, after all that it sent before was received; gives the reason.
    ///
    /// `input` is what the last [`receive`](Self::receive) left.
    pub fn handle_eof(&mut self, input: &[u8]) -> HandshakeError {
        let error = match &self.state {
            State::Failed(error) => return error.clone(),
            State::Authenticating(_) => startup::bare_refusal(input, true),
            _ => None,
        };
        let error = error.unwrap_or(HandshakeError::Closed);
        self.fail(error.clone());
        error
    }

    /// Whether the server has accepted who we are. What fails after that has nothing to do with it, nor with encryption.
    pub const fn is_authenticated(&self) -> bool {
        self.authenticated
    }

    /// Whether the server has asked for the password, and got it or a proof of it. A server that asks for none lets in whoever
    /// is at this end, and not the password's owner.
    ///
    /// PostgreSQL manual: [`PQconnectionUsedPassword`](https://www.postgresql.org/docs/current/libpq-status.html#LIBPQ-PQCONNECTIONUSEDPASSWORD).
    pub const fn used_password(&self) -> bool {
        self.used_password
    }

    /// Why the server refused the OAuth token, as JSON text
    /// ([RFC 7628, section 3.2.2](https://www.rfc-editor.org/rfc/rfc7628#section-3.2.2)), if it did: it may tell where to
    /// get a better one. The refusal itself is the [`HandshakeError::Refused`] that comes after it.
    ///
    /// The text is as the server sent it, except for bytes that are not UTF-8.
    pub fn oauth_refusal(&self) -> Option<&str> {
        self.oauth_refusal.as_deref()
    }

    /// Sends the startup packet.
    fn start(&mut self, transport: Transport) {
        self.outgoing.append(&mut self.startup);
        let auth = AuthConfig {
            transport,
            ..self.config.auth.clone()
        };
        self.state = State::Authenticating(Box::new(Authenticator::new(auth)));
    }

    /// Remembers an error, since it is final.
    fn keep_failure<T>(&mut self, result: Result<T, HandshakeError>) -> Result<T, HandshakeError> {
        if let Err(error) = &result {
            self.fail(error.clone());
        }
        result
    }

    fn fail(&mut self, error: HandshakeError) {
        self.state = State::Failed(error);
        self.sent(usize::MAX);
    }
}
