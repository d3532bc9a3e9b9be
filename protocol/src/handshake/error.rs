//! How a handshake fails.

use crate::auth::AuthError;
use crate::backend::Diagnostic;
use crate::conversation::ProtocolError;
use crate::wire::{DecodeError, EncodeError, EncodeFault, WireString};
use crate::{ProtocolVersion, SqlState};

/// Why there is no session. Nothing more may be sent on the connection but its close.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HandshakeError {
    /// A value of the configuration cannot be sent.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The server broke the protocol.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
    /// The server refused the session, and said why.
    #[error("{0}")]
    Refused(Diagnostic),
    /// The server refused the session in the way of servers before 7.4, which today's still use where they have no
    /// memory or no process left.
    #[error("{0}")]
    RefusedBare(WireString),
    /// The server closed the connection before there was a session.
    #[error("server closed the connection unexpectedly")]
    Closed,
    /// The server has no encryption of the kind that was demanded.
    #[error("{0}")]
    EncryptionRefused(EncryptionRefused),
    /// The server answered a request for encryption with an error. What it said cannot be trusted, since nobody has proved
    /// who it is, and is not shown (CVE-2024-10977).
    #[error("server sent an error response during {request} exchange")]
    ErrorBeforeEncryption {
        /// `SSL` or `GSS encryption`.
        request: &'static str,
    },
    /// The server answered a request for encryption with something else than yes or no.
    #[error("received invalid response to {request} negotiation: {}", answer.escape_ascii())]
    BadEncryptionAnswer {
        /// `SSL` or `GSSAPI`.
        request: &'static str,
        /// The byte received.
        answer: u8,
    },
    /// Bytes came before encryption began, behind the server's yes to it: somebody put them there (CVE-2021-23222).
    #[error("received unencrypted data after {request} response")]
    UnencryptedData {
        /// `SSL` or `GSSAPI encryption`.
        request: &'static str,
    },
    /// A message came that is no part of authentication.
    #[error("expected authentication request from server, but received {}", tag.escape_ascii())]
    NotAuthentication {
        /// The type byte received.
        tag: u8,
    },
    /// The server does not speak any version of the protocol that may be used.
    #[error("{0}")]
    Version(VersionError),
    /// Authentication failed on our side.
    #[error(transparent)]
    Authentication(#[from] AuthError),
    /// The key for cancelling has a length that the protocol version does not have.
    #[error(
        "received invalid BackendKeyData message: cancel key with length {length} not allowed in protocol version {version} (must be 4 bytes)"
    )]
    BadKeyLength {
        /// The key's bytes.
        length: usize,
        /// The version that is spoken.
        version: ProtocolVersion,
    },
    /// The user stands among the other parameters of the startup packet, too.
    #[error("the parameter \"user\" is given twice")]
    UserTwice,
    /// The caller did not do what the last step asked for.
    #[error("the handshake waits for {awaited}")]
    OutOfOrder {
        /// The method that should have been called.
        awaited: &'static str,
    },
}

/// The server answered no to a demand for encryption.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncryptionRefused {
    /// TLS was demanded.
    #[error("server does not support SSL, but SSL was required")]
    Ssl,
    /// GSSAPI encryption was demanded.
    #[error("server doesn't support GSSAPI encryption, but it was required")]
    Gss,
}

/// What is wrong with a NegotiateProtocolVersion, or with what it leads to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VersionError {
    /// The server offers more than was asked for.
    #[error(
        "received invalid protocol negotiation message: server requested downgrade to a higher-numbered version"
    )]
    Higher,
    /// The server offers a version that this protocol never was.
    #[error(
        "received invalid protocol negotiation message: server requested downgrade to pre-3.0 protocol version"
    )]
    TooOld,
    /// The server offers 3.1, which there never was.
    #[error(
        "received invalid protocol negotiation message: server requested downgrade to non-existent 3.1 protocol version"
    )]
    NonExistent,
    /// The server negotiates without a wish.
    #[error("received invalid protocol negotiation message: server negotiated but asks for no changes")]
    NoChange,
    /// The server does not know a protocol option that nobody asked for.
    #[error(
        "received invalid protocol negotiation message: server reported an unsupported parameter that was not requested (\"{0}\")"
    )]
    NotRequested(WireString),
    /// The server does not know a parameter that is no protocol option.
    #[error(
        "received invalid protocol negotiation message: server reported unsupported parameter name without a \"_pq_.\" prefix (\"{0}\")"
    )]
    NoPrefix(WireString),
    /// The oldest version that may be used is newer than the newest.
    #[error("\"min_protocol_version\" is greater than \"max_protocol_version\"")]
    EmptyRange,
    /// A second negotiation.
    #[error("received duplicate protocol negotiation message")]
    Duplicate,
    /// The server's newest version is below the oldest that may be used.
    #[error(
        "server only supports protocol version {offered}, but \"min_protocol_version\" was set to {minimum}"
    )]
    BelowMinimum {
        /// What the server speaks.
        offered: ProtocolVersion,
        /// What was demanded.
        minimum: ProtocolVersion,
    },
}

impl HandshakeError {
    /// The SQLSTATE: the server's own, or the one that fits.
    pub fn sqlstate(&self) -> SqlState {
        match self {
            Self::Refused(diagnostic) => diagnostic
                .sqlstate()
                .unwrap_or(SqlState::SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION),
            Self::Protocol(_)
            | Self::BadEncryptionAnswer { .. }
            | Self::UnencryptedData { .. }
            | Self::NotAuthentication { .. }
            | Self::BadKeyLength { .. } => SqlState::PROTOCOL_VIOLATION,
            Self::Version(error) => error.sqlstate(),
            Self::UserTwice => SqlState::INVALID_PARAMETER_VALUE,
            Self::Encode(error) => match error.fault {
                EncodeFault::TooLong { .. } | EncodeFault::TooMany { .. } => SqlState::PROGRAM_LIMIT_EXCEEDED,
                _ => SqlState::INVALID_PARAMETER_VALUE,
            },
            Self::Authentication(error) => error.sqlstate(),
            Self::OutOfOrder { .. } => SqlState::INTERNAL_ERROR,
            Self::RefusedBare(_)
            | Self::Closed
            | Self::EncryptionRefused(_)
            | Self::ErrorBeforeEncryption { .. } => SqlState::SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION,
        }
    }
}

impl VersionError {
    /// `08P01` where the server breaks the protocol; `08001` where it cannot do what is demanded, `22023` where nobody
    /// could.
    const fn sqlstate(&self) -> SqlState {
        match self {
            Self::EmptyRange => SqlState::INVALID_PARAMETER_VALUE,
            Self::BelowMinimum { .. } => SqlState::SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION,
            Self::Higher
            | Self::TooOld
            | Self::NonExistent
            | Self::NoChange
            | Self::NotRequested(_)
            | Self::NoPrefix(_)
            | Self::Duplicate => SqlState::PROTOCOL_VIOLATION,
        }
    }
}

impl From<DecodeError> for HandshakeError {
    fn from(error: DecodeError) -> Self {
        Self::Protocol(error.into())
    }
}

impl From<VersionError> for HandshakeError {
    fn from(error: VersionError) -> Self {
        Self::Version(error)
    }
}
