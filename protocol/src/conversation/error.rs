//! How a conversation fails, and how it ends.

use crate::SqlState;
use crate::backend::Diagnostic;
use crate::wire::{DecodeError, EncodeError};

/// The server said something that the protocol does not allow here. The conversation is over: whatever follows could be
/// the answer to something else.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProtocolError {
    /// A message does not have the fields it should.
    #[error(transparent)]
    Malformed(#[from] DecodeError),
    /// A message came where it has no place.
    #[error(
        "unexpected {message} message (type byte 0x{tag:02X}) from the server while waiting for {awaited}"
    )]
    Unexpected {
        /// The message that came.
        message: &'static str,
        /// Its type byte.
        tag: u8,
        /// What could have come.
        awaited: &'static str,
    },
    /// A row came for which no columns were described.
    #[error("server sent data (\"D\" message) without prior row description (\"T\" message)")]
    RowWithoutDescription,
    /// A row has another number of fields than its result has columns.
    #[error("unexpected field count in \"D\" message: {fields} fields for {columns} columns")]
    FieldCount {
        /// The row's fields.
        fields: usize,
        /// The result's columns.
        columns: usize,
    },
    /// A command turned out to be a COPY FROM STDIN while others than Sync stood behind it. The mistake is the client's, but
    /// which answers belong to what can no longer be told.
    #[error("COPY FROM STDIN was followed by other commands, which the server takes for its data")]
    CommandsBehindCopy,
    /// The parameters that the server reports take more memory than any server needs.
    #[error("the server's parameters take {bytes} bytes, the limit is {limit}")]
    TooManyParameters {
        /// The bytes of all names and values.
        bytes: usize,
        /// How many there may be.
        limit: usize,
    },
}

/// Why a conversation takes no more commands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Ending {
    /// We said Terminate.
    #[error("the connection was closed by the client")]
    Terminated,
    /// The server said why it closes the connection.
    #[error("the server closes the connection: {0}")]
    Server(Diagnostic),
    /// The server closed the connection without a word.
    #[error("server closed the connection unexpectedly")]
    Closed,
    /// The server broke the protocol.
    #[error("{0}")]
    Protocol(ProtocolError),
}

impl Ending {
    /// The SQLSTATE: the server's own, or one of class 08.
    pub fn sqlstate(&self) -> SqlState {
        match self {
            Self::Terminated => SqlState::CONNECTION_DOES_NOT_EXIST,
            Self::Server(diagnostic) => diagnostic.sqlstate().unwrap_or(SqlState::CONNECTION_FAILURE),
            Self::Closed => SqlState::CONNECTION_FAILURE,
            Self::Protocol(_) => SqlState::PROTOCOL_VIOLATION,
        }
    }
}

/// A command that was not taken. Nothing of it will be sent, and the conversation is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// A value cannot be sent.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The conversation is over.
    #[error(transparent)]
    Ended(#[from] Ending),
    /// Query and FunctionCall cannot stand inside a segment of the extended protocol: if a command before them failed,
    /// the server would skip them and never answer.
    #[error("commands of the extended protocol are waiting for a Sync: send it before {command}")]
    SyncFirst {
        /// The command that was refused.
        command: &'static str,
    },
    /// The server takes COPY data now, and would take any other message for the end of the session.
    #[error("COPY is in progress: finish it before {command}")]
    CopyInProgress {
        /// The command that was refused.
        command: &'static str,
    },
    /// There is no COPY to send this to.
    #[error("cannot send {command}: the server does not wait for COPY data")]
    NoCopy {
        /// The command that was refused.
        command: &'static str,
    },
    /// Rows were asked for whose columns nobody knows.
    #[error("the rows of this Execute have unknown columns: describe the portal before it, or hand them in")]
    NotDescribed,
}
