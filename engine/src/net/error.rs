//! Why no server could be reached.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use dblink_protocol::SqlState;

use super::PeerError;
use super::lookup::LONGEST_SOCKET_PATH;
use crate::connection::{Error, OpenError};
use crate::conninfo::InvalidPort;
use crate::libpq_text::system_text;

/// Why there is no connection: every address that was tried, with its cause. Secrets are in none of them.
///
/// `Display` tells of each as libpq does, one below the other. The [`source`](StdError::source) is the last
/// attempt, whose source is its cause.
#[derive(Debug)]
pub struct ConnectError {
    /// What was tried, in order. There is at least one.
    pub attempts: Vec<Attempt>,
}

/// An address that was tried, or a host whose address could not be found.
#[derive(Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// Where: a socket, or a host with its address and port.
    pub place: Place,
    /// Why it failed.
    pub cause: AttemptError,
    /// The file that a password came from which the server has refused.
    pub password_file: Option<PathBuf>,
}

/// Where a server was sought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A host whose address is not known.
    Host {
        /// As it was given.
        host: String,
    },
    /// A TCP address.
    Tcp {
        /// The host as it was given, or the address if only that was.
        host: String,
        /// The address in numbers, if it was looked up.
        address: Option<String>,
        /// The port.
        port: u16,
    },
    /// A Unix-domain socket.
    Unix {
        /// Its path; it begins with `@` in the abstract namespace.
        path: String,
    },
}

/// Why an address gave no session. The texts are libpq's, where libpq has one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AttemptError {
    /// The host's name has no address, or nobody could say.
    #[error("could not translate host name \"{host}\" to address: {}", lookup_text(.error))]
    Lookup {
        /// The name.
        host: String,
        /// What the resolver said.
        #[source]
        error: io::Error,
    },
    /// `hostaddr` is no address in numbers.
    #[error("could not parse network address \"{0}\": Name or service not known")]
    NumericAddress(
        /// As it was written.
        String,
    ),
    /// The path of a Unix-domain socket is too long.
    #[error("Unix-domain socket path \"{0}\" is too long (maximum {LONGEST_SOCKET_PATH} bytes)")]
    SocketPath(
        /// The path.
        String,
    ),
    /// The port cannot be.
    #[error(transparent)]
    Port(InvalidPort),
    /// `require_auth` allows nothing but methods that this client does not have.
    #[error(
        "authentication method requirement \"{0}\" cannot be met: this client has neither GSSAPI nor SSPI"
    )]
    AuthUnavailable(
        /// The requirement, as it was written.
        String,
    ),
    /// The socket.
    #[error(transparent)]
    Socket(#[from] SocketError),
    /// It took longer than `connect_timeout`, or than the whole may take.
    #[error("timeout expired after {} s", .0.as_secs_f32())]
    Timeout(Duration),
    /// The system gave no random bytes for authentication.
    #[error("could not generate nonce: {}", system_text(.0))]
    Nonce(#[source] io::Error),
    /// The source of passwords or of tokens failed.
    #[error("could not get the {credential}: {error}")]
    Credential {
        /// `password` or `OAuth bearer token`.
        credential: &'static str,
        /// What the source says.
        #[source]
        error: Box<dyn StdError + Send + Sync>,
    },
    /// The session was not opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The session is not what was asked for.
    #[error("{0}")]
    SessionAttrs(&'static str),
    /// What the session is could not be found out.
    #[error("\"{statement}\" failed: {error}")]
    SessionQuery {
        /// The statement that asks for it.
        statement: &'static str,
        /// What came instead of the answer.
        #[source]
        error: SessionQueryError,
    },
}

/// A socket that could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SocketError {
    /// The system gave none.
    #[error("could not create socket: {}", system_text(.0))]
    Create(#[source] io::Error),
    /// One of its options could not be set.
    #[error("setsockopt({option}) failed: {}", system_text(.error))]
    Option {
        /// The option.
        option: &'static str,
        /// Why not.
        #[source]
        error: io::Error,
    },
    /// Nobody took the connection.
    #[error("{}", system_text(.0))]
    Connect(#[source] io::Error),
    /// The server does not run as who it must.
    #[error(transparent)]
    Peer(#[from] PeerError),
}

/// What came instead of the answer to what a session is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionQueryError {
    /// An error.
    #[error(transparent)]
    Failed(#[from] Error),
    /// No row, or several, or one without a value.
    #[error("the server did not give one row with one value")]
    NotOneValue,
}

/// The text of `gai_strerror`, without what Rust puts before it.
fn lookup_text(error: &io::Error) -> String {
    let text = system_text(error);
    match text.strip_prefix("failed to lookup address information: ") {
        Some(reason) => reason.to_owned(),
        None => text,
    }
}

impl ConnectError {
    /// The SQLSTATE of the last attempt: the server's own where it refused, else the one that fits, mostly `08001`.
    pub fn sqlstate(&self) -> SqlState {
        match self.attempts.last() {
            Some(attempt) => attempt.cause.sqlstate(),
            None => SqlState::SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION,
        }
    }
}

impl AttemptError {
    /// The SQLSTATE: the server's own where it refused, else the one that fits, mostly `08001`.
    pub fn sqlstate(&self) -> SqlState {
        match self {
            Self::Open(error) => error.sqlstate(),
            Self::AuthUnavailable(_) => SqlState::FEATURE_NOT_SUPPORTED,
            Self::SessionQuery {
                error: SessionQueryError::Failed(error),
                ..
            } => error.sqlstate(),
            _ => SqlState::SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION,
        }
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, attempt) in self.attempts.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{attempt}")?;
        }
        Ok(())
    }
}

impl StdError for ConnectError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.attempts.last().map(|attempt| attempt as _)
    }
}

impl Attempt {
    /// What is told of it, with the cause in these words.
    pub(crate) fn text(&self, cause: &str) -> String {
        let mut text = match &self.cause {
            // These say themselves which host it is, or it does not matter.
            AttemptError::Lookup { .. }
            | AttemptError::NumericAddress(_)
            | AttemptError::SocketPath(_)
            | AttemptError::Port(_) => String::new(),
            _ => format!("{}: ", self.place),
        };
        text.push_str(cause);
        if let AttemptError::Socket(SocketError::Connect(_)) = self.cause {
            text.push_str(match self.place {
                Place::Unix { .. } => {
                    "\n\tIs the server running locally and accepting connections on that socket?"
                }
                _ => "\n\tIs the server running on that host and accepting TCP/IP connections?",
            });
        }
        if let Some(file) = &self.password_file {
            text.push_str(&format!("\npassword retrieved from file \"{}\"", file.display()));
        }
        text
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(&self.cause.to_string()))
    }
}

impl StdError for Attempt {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.cause)
    }
}

/// As libpq begins its messages.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host { host } => write!(f, "connection to server at \"{host}\" failed"),
            Self::Tcp {
                host,
                address: Some(address),
                port,
            } => write!(
                f,
                "connection to server at \"{host}\" ({address}), port {port} failed"
            ),
            Self::Tcp { host, port, .. } => {
                write!(f, "connection to server at \"{host}\", port {port} failed")
            }
            Self::Unix { path } => write!(f, "connection to server on socket \"{path}\" failed"),
        }
    }
}
