//! Why a connection is closed.

use std::io;
use std::time::Duration;

use dblink_protocol::SqlState;
use dblink_protocol::conversation::Ending;

use crate::libpq_text::system_text;

/// Why a connection is closed. Every call on it gives the same reason from then on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Closed {
    /// The server closed it, or broke the protocol, or we said goodbye.
    #[error(transparent)]
    Ended(#[from] Ending),
    /// The socket failed.
    #[error("could not {action} server: {cause}")]
    Io {
        /// What was being done.
        action: &'static str,
        /// The kind of failure.
        kind: io::ErrorKind,
        /// What the system says.
        cause: String,
    },
    /// The server went on with a statement whose deadline had passed, though it was asked to cancel it; or does not answer
    /// any more.
    #[error(
        "the statement's deadline of {limit:?} has passed, and the server did not end it within another {grace:?}{}",
        .cancel.as_ref().map(|cause| format!("; cancelling it failed: {cause}")).unwrap_or_default()
    )]
    Unresponsive {
        /// How long the statement could take.
        limit: Duration,
        /// How long the server had for ending it.
        grace: Duration,
        /// Why it could not be cancelled, if that is so.
        cancel: Option<String>,
    },
}

impl Closed {
    pub(super) fn sending(error: &io::Error) -> Self {
        Self::io("send data to", error)
    }

    pub(super) fn receiving(error: &io::Error) -> Self {
        Self::io("receive data from", error)
    }

    fn io(action: &'static str, error: &io::Error) -> Self {
        Self::Io {
            action,
            kind: error.kind(),
            cause: system_text(error),
        }
    }

    /// The SQLSTATE: the server's own, or one of class 08.
    pub fn sqlstate(&self) -> SqlState {
        match self {
            Self::Ended(ending) => ending.sqlstate(),
            Self::Io { .. } | Self::Unresponsive { .. } => SqlState::CONNECTION_FAILURE,
        }
    }
}
