//! What can go wrong in a session.

use std::time::Duration;

use dblink_protocol::SqlState;
use dblink_protocol::backend::Diagnostic;
use dblink_protocol::conversation::{CommandError, Ending, ProtocolError};

use super::Closed;

/// Why an operation failed.
///
/// Unless the connection [is closed](super::Connection::is_closed), it can be used again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The server refused. All that it said is kept. SQLSTATE: the server's own.
    #[error("{0}")]
    Server(Diagnostic),
    /// The connection is closed. SQLSTATE: that of [`Closed::sqlstate`].
    #[error(transparent)]
    Closed(#[from] Closed),
    /// The deadline has passed, and the statement was cancelled, or not sent any more. The connection can be used again.
    /// SQLSTATE `57014`.
    ///
    /// A statement that was done before the request to cancel came, but whose rows were lost to the deadline, fails with this,
    /// too: outside a transaction block its work is then committed.
    #[error("the statement was cancelled, since its deadline of {limit:?} has passed")]
    Deadline {
        /// How long it could take.
        limit: Duration,
    },
    /// The transaction was rolled back instead of committed, since a statement in it had failed; or the server did not say
    /// that it was committed. SQLSTATE `40000`.
    #[error("the transaction was rolled back, since a statement in it had failed")]
    RolledBack,
    /// There is no transaction to commit: its guard has seen a `COMMIT` or `ROLLBACK` given by hand, or a connection that was
    /// put into the place of its own. SQLSTATE `25P01`.
    #[error("there is no transaction to commit: it was ended before")]
    NoTransaction,
    /// A transaction's options were given for one inside another. SQLSTATE `25001`.
    #[error(
        "a transaction inside another is a savepoint, for which no isolation level or access mode can be chosen"
    )]
    Nested,
    /// A command of a pipeline was undone, or not done at all, since another of its segment failed. SQLSTATE `40000`.
    #[error("undone, since command {failed} of the same segment of the pipeline failed")]
    Aborted {
        /// The command that failed, the first of the pipeline being 1. A segment that could not be committed fails with its
        /// last.
        failed: usize,
    },
    /// A statement takes another number of parameters. SQLSTATE `08P01`.
    #[error("the statement takes {expected} parameters, and {given} were given")]
    ParameterCount {
        /// How many were given.
        given: usize,
        /// How many it takes.
        expected: usize,
    },
    /// The command was not sent. SQLSTATE `22023`.
    #[error("{0}")]
    Command(CommandError),
    /// A parameter has no value that can be sent. SQLSTATE `22023`.
    #[error("cannot send parameter ${number}: {cause}")]
    Parameter {
        /// The parameter, `$1` first.
        number: usize,
        /// Why not.
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// There is no such column. SQLSTATE `42703`.
    #[error("there is no column {column}; the result has {columns}")]
    NoColumn {
        /// The column's name, or its number from 0.
        column: String,
        /// How many columns there are.
        columns: usize,
    },
    /// A value is not what was asked for. SQLSTATE `42804`.
    #[error("cannot read column \"{column}\": {cause}")]
    Column {
        /// The column's name.
        column: String,
        /// Why not.
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A row is not what was asked for. SQLSTATE `42804`.
    #[error("cannot read the row: {cause}")]
    Row {
        /// Why not.
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The statement gave no row. SQLSTATE `P0002`.
    #[error("the statement gave no row, where one was expected")]
    NoRow,
    /// The statement gave several rows. SQLSTATE `P0003`.
    #[error("the statement gave {rows} rows, where at most one was expected")]
    TooManyRows {
        /// How many it gave.
        rows: u64,
    },
    /// The result of a pipeline's command was taken before, or is another pipeline's. SQLSTATE `55000`.
    #[error("the pipeline has no such result, or it was taken before")]
    NoResult,
    /// A new password was not set. Nothing of it was sent. SQLSTATE `22023`.
    #[error("cannot set the password: {cause}")]
    Password {
        /// Why not.
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The statement begins a COPY, which has methods of its own. SQLSTATE `0A000`.
    ///
    /// It is too late then to keep the server from the statements around a `COPY … TO STDOUT` in the same text: they are run, and
    /// committed. A `COPY … FROM STDIN` fails, and with it their transaction.
    #[error("the statement is a COPY: use copy_in or copy_out")]
    UnexpectedCopy,
    /// The statement is not the COPY that was asked for. Unless it is another COPY, it was run. SQLSTATE `22023`.
    #[error("the statement is no {expected}")]
    NoCopy {
        /// What it should be: `COPY FROM STDIN` or `COPY TO STDOUT`.
        expected: &'static str,
    },
    /// Another COPY followed in the same text, and was failed or given up. SQLSTATE `0A000`.
    #[error("another COPY follows in the same text: run one at a time")]
    SecondCopy,
    /// The future of sending some COPY data was dropped half-way, so that a part of the data is missing. SQLSTATE `57014`.
    #[error("a part of the COPY's data is missing, since sending it was given up half-way")]
    TornCopy,
    /// The COPY's data is in another format, or has another number of columns, than it is sent or read as. SQLSTATE `42804`.
    #[error("the COPY's data has {columns} columns in {} format", if *binary { "binary" } else { "text" })]
    CopyFormat {
        /// Whether it is in binary format.
        binary: bool,
        /// How many columns it has.
        columns: usize,
    },
    /// A row of a COPY cannot be sent or read. SQLSTATE `22P04`.
    #[error("row {row} of the COPY: {cause}")]
    CopyRow {
        /// The row, counted from 1.
        row: u64,
        /// Why not.
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Error {
    /// The SQLSTATE: the server's own, or the one that fits.
    pub fn sqlstate(&self) -> SqlState {
        match self {
            Self::Server(diagnostic) => diagnostic.sqlstate().unwrap_or(SqlState::INTERNAL_ERROR),
            Self::Closed(closed) => closed.sqlstate(),
            Self::Command(CommandError::Ended(ending)) => ending.sqlstate(),
            Self::Command(_) | Self::Parameter { .. } => SqlState::INVALID_PARAMETER_VALUE,
            Self::Deadline { .. } => SqlState::QUERY_CANCELED,
            Self::RolledBack | Self::Aborted { .. } => SqlState::TRANSACTION_ROLLBACK,
            Self::NoTransaction => SqlState::NO_ACTIVE_SQL_TRANSACTION,
            Self::Nested => SqlState::ACTIVE_SQL_TRANSACTION,
            // What the server itself says to that.
            Self::ParameterCount { .. } => SqlState::PROTOCOL_VIOLATION,
            Self::NoColumn { .. } => SqlState::UNDEFINED_COLUMN,
            Self::Column { .. } | Self::Row { .. } => SqlState::DATATYPE_MISMATCH,
            Self::NoRow => SqlState::NO_DATA_FOUND,
            Self::TooManyRows { .. } => SqlState::TOO_MANY_ROWS,
            Self::NoResult => SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE,
            Self::UnexpectedCopy | Self::SecondCopy => SqlState::FEATURE_NOT_SUPPORTED,
            Self::NoCopy { .. } | Self::Password { .. } => SqlState::INVALID_PARAMETER_VALUE,
            // What the server says when the data is failed.
            Self::TornCopy => SqlState::QUERY_CANCELED,
            Self::CopyFormat { .. } => SqlState::DATATYPE_MISMATCH,
            Self::CopyRow { .. } => SqlState::BAD_COPY_FILE_FORMAT,
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
            CommandError::Ended(ending) => Self::Closed(ending.into()),
            error => Self::Command(error),
        }
    }
}

impl From<ProtocolError> for Error {
    fn from(error: ProtocolError) -> Self {
        Self::Closed(Closed::Ended(Ending::Protocol(error)))
    }
}
