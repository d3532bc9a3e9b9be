//! What libpq does after a failure.

use dblink_protocol::SqlState;
use dblink_protocol::handshake::HandshakeError;

use super::error::{AttemptError, SocketError};
use super::ladder::Outcome;
use super::tls::TlsError;
use crate::connection::{OpenError, Progress};

/// Where to go on, once no other kind of encryption is left to be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    Address,
    Host,
    Nothing,
}

/// Where libpq goes on after `cause`, and whether it tries another kind of encryption first.
pub(super) fn judge(cause: &AttemptError, progress: &Progress) -> (Next, Outcome) {
    let refused = Outcome::Refused {
        encrypted: progress.encrypted,
    };
    match cause {
        AttemptError::Socket(SocketError::Peer(_)) => (Next::Nothing, Outcome::Hopeless),
        AttemptError::Socket(_) | AttemptError::Timeout(_) => (Next::Address, Outcome::Hopeless),
        // What the server makes of our certificate will be no other without encryption.
        AttemptError::Open(OpenError::Tls(
            TlsError::CertificateNotRequested | TlsError::CertificateNotSent,
        )) => (Next::Nothing, Outcome::Hopeless),
        AttemptError::Open(OpenError::Tls(_) | OpenError::TlsConfig(_)) if !progress.established => {
            (Next::Nothing, refused)
        }
        AttemptError::Open(
            OpenError::Handshake(HandshakeError::Refused(diagnostic))
            | OpenError::TokenRefused {
                error: HandshakeError::Refused(diagnostic),
                ..
            },
        ) if !progress.authenticated => {
            if diagnostic.sqlstate() == Some(SqlState::CANNOT_CONNECT_NOW) {
                (Next::Host, Outcome::Hopeless)
            } else {
                (Next::Nothing, refused)
            }
        }
        _ => (Next::Nothing, Outcome::Hopeless),
    }
}
