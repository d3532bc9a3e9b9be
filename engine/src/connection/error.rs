//! What can go wrong in a session.

use dblink_protocol::SqlState;
use dblink_protocol::backend::Diagnostic;
use dblink_protocol::conversation::{CommandError, Ending, ProtocolError};

/// Why an operation failed.
///
/// Unless the connection [is closed](super::Connection::is_closed), it can be used again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The server refused. All that it said is kept.
    #[error("{0}")]
    Server(Diagnostic),
    /// The connection is closed.
    #[error("{0}")]
    Closed(#[from] Ending),
    /// The command was not sent.
    #[error("{0}")]
    Command(CommandError),
    /// A parameter has no value that can be sent.
    #[error("cannot send parameter ${number}: {cause}")]
    Parameter {
        /// The parameter, `$1` first.
        number: usize,
        /// Why not.
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// There is no such column.
    #[error("there is no column {column}; the result has {columns}")]
    NoColumn {
        /// The column's name, or its number from 0.
        column: String,
        /// How many columns there are.
        columns: usize,
    },
    /// A value is not what was asked for.
    #[error("cannot read column \"{column}\": {cause}")]
    Column {
        /// The column's name.
        column: String,
        /// Why not.
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The statement begins a COPY, which has methods of its own.
    #[error("the statement is a COPY: use copy_in or copy_out")]
    UnexpectedCopy,
}

impl Error {
    /// The SQLSTATE: the server's own, or the one that fits.
    pub fn sqlstate(&self) -> SqlState {
        match self {
            Self::Server(diagnostic) => diagnostic.sqlstate().unwrap_or(SqlState::INTERNAL_ERROR),
            Self::Closed(ending) | Self::Command(CommandError::Ended(ending)) => ending.sqlstate(),
            Self::Command(_) | Self::Parameter { .. } => SqlState::INVALID_PARAMETER_VALUE,
            Self::NoColumn { .. } => SqlState::UNDEFINED_COLUMN,
            Self::Column { .. } => SqlState::DATATYPE_MISMATCH,
            Self::UnexpectedCopy => SqlState::FEATURE_NOT_SUPPORTED,
        }
    }

    /// What the server said, if it was the server that refused.
    pub const fn server(&self) -> Option<&Diagnostic> {
        match self {
            Self::Server(diagnostic) => Some(diagnostic),
            _ => None,
        }
    }
}

impl From<CommandError> for Error {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::Ended(ending) => Self::Closed(ending),
            error => Self::Command(error),
        }
    }
}

impl From<ProtocolError> for Error {
    fn from(error: ProtocolError) -> Self {
        Self::Closed(Ending::Protocol(error))
    }
}
