//! What can go wrong in authentication.

use super::ChannelBindingError;
use super::scram::ScramError;
use crate::SqlState;
use crate::wire::{EncodeError, EncodeFault};

/// An authentication that failed on the client's side, in libpq's words where it has them.
///
/// The connection is then of no more use. No variant holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthError {
    /// The server wants a password, and there is none, or an empty one.
    #[error("fe_sendauth: no password supplied")]
    NoPassword,
    /// There is a SCRAM client key, but nothing to check the server with.
    #[error("a SCRAM client key needs a SCRAM server key or a password beside it")]
    NoServerKey,
    /// The server wants a token, and there is none.
    #[error("server requires OAuth authentication, but no bearer token was supplied")]
    NoToken,
    /// The server wants a token where others may listen.
    #[error(
        "server requires OAuth authentication, but a bearer token is sent over TLS or a Unix-domain socket only"
    )]
    TokenInPlainText,
    /// The token has characters that no token has.
    #[error("the OAuth bearer token is malformed")]
    MalformedToken,
    /// What the server does is not among what the client accepts.
    #[error("authentication method requirement \"{requirement}\" failed: {reason}")]
    RequireAuth {
        /// The requirement, as it was written.
        requirement: String,
        /// What the server does.
        reason: &'static str,
    },
    /// Channel binding is required and not possible.
    #[error(transparent)]
    ChannelBinding(#[from] ChannelBindingError),
    /// The server wants a method that this client does not have.
    #[error("{method} authentication not supported")]
    NotSupported {
        /// The method's name.
        method: &'static str,
    },
    /// The server wants something unheard of.
    #[error("authentication method {code} not supported")]
    UnknownMethod {
        /// The request's code.
        code: u32,
    },
    /// The server offers no SASL mechanism that the client can use.
    #[error("none of the server's SASL authentication mechanisms are supported")]
    NoMechanism,
    /// The server offers what only makes sense over TLS, so somebody may have taken TLS away.
    #[error("server offered SCRAM-SHA-256-PLUS authentication over a non-SSL connection")]
    PlusWithoutTls,
    /// The server starts SASL twice.
    #[error("duplicate SASL authentication request")]
    DuplicateSasl,
    /// The server goes on with what never started.
    #[error(
        "fe_sendauth: invalid authentication request from server: AUTH_REQ_SASL_CONT without AUTH_REQ_SASL"
    )]
    SaslNotStarted,
    /// The server ends the exchange while it owes a challenge.
    #[error("AuthenticationSASLFinal received from server, but SASL authentication was not completed")]
    SaslNotCompleted,
    /// The server accepts the client before it has proved itself.
    #[error("server accepted the client, but did not complete SCRAM authentication")]
    ServerNotVerified,
    /// The server asks for something else than what it first asked for, or for the same again.
    #[error("server sent {message} after authentication by another request had begun")]
    SecondRequest {
        /// The message's name.
        message: &'static str,
    },
    /// The server sends what has no place here.
    #[error("server sent {message} out of turn")]
    OutOfTurn {
        /// The message's name.
        message: &'static str,
    },
    /// Authentication is over, by success or failure, and the server goes on.
    #[error("server sent {message} after authentication was over")]
    Over {
        /// The message's name.
        message: &'static str,
    },
    /// An OAUTHBEARER exchange ends with data, which it never does.
    #[error("server sent unexpected additional OAuth data")]
    UnexpectedOauthData,
    /// An OAUTHBEARER exchange goes on after the server has refused the token.
    #[error("server sent additional OAuth data after error")]
    OauthAfterRefusal,
    /// SCRAM keys were handed in while none were asked for: a mistake of the caller's.
    #[error("SCRAM keys were handed in, but none were asked for")]
    KeysNotAskedFor,
    /// The SCRAM exchange failed.
    #[error(transparent)]
    Scram(#[from] ScramError),
    /// A credential cannot be sent.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl AuthError {
    /// The SQLSTATE that fits: `28P01` (`invalid_password`) where a credential is missing or bad, `28000`
    /// (`invalid_authorization_specification`) where the client refuses the server or its method, `08P01`
    /// (`protocol_violation`), `22023` and `54000` for values that cannot be sent, `XX000` for a mistake of the
    /// caller's.
    pub const fn sqlstate(&self) -> SqlState {
        match self {
            Self::NoPassword | Self::NoServerKey | Self::NoToken | Self::MalformedToken => {
                SqlState::INVALID_PASSWORD
            }
            Self::RequireAuth { .. }
            | Self::ChannelBinding(_)
            | Self::NotSupported { .. }
            | Self::UnknownMethod { .. }
            | Self::NoMechanism
            | Self::PlusWithoutTls
            | Self::TokenInPlainText
            | Self::ServerNotVerified
            | Self::Scram(
                ScramError::Server(_)
                | ScramError::IncorrectServerSignature
                | ScramError::TooManyIterations { .. },
            ) => SqlState::INVALID_AUTHORIZATION_SPECIFICATION,
            Self::DuplicateSasl
            | Self::SaslNotStarted
            | Self::SaslNotCompleted
            | Self::SecondRequest { .. }
            | Self::OutOfTurn { .. }
            | Self::Over { .. }
            | Self::UnexpectedOauthData
            | Self::OauthAfterRefusal
            | Self::Scram(_) => SqlState::PROTOCOL_VIOLATION,
            Self::Encode(error) => match error.fault {
                EncodeFault::TooLong { .. } | EncodeFault::TooMany { .. } => SqlState::PROGRAM_LIMIT_EXCEEDED,
                _ => SqlState::INVALID_PARAMETER_VALUE,
            },
            Self::KeysNotAskedFor => SqlState::INTERNAL_ERROR,
        }
    }
}
