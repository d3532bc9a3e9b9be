//! Why a call failed, in dblink's words.

use std::fmt::{self, Display};
use std::time::Duration;

use dblink_protocol::SqlState;
use dblink_sqlgen::{BuildError, InvalidCursorName};

use super::Unfit;
use super::definition::DefinitionError;
use crate::connection::{self, CancelError, Closed};
use crate::conninfo::{ParseError, ResolveError};
use crate::net::ConnectError;
use crate::transfer::TransferError;

/// Why a call of a [`Session`](super::Session) failed.
///
/// Message, detail, hint and context are dblink's. What a server has said is there whole: see [`server`](Self::server).
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// There is no such connection. SQLSTATE `08003`.
    NotAvailable {
        /// The connection's name, unless it is the unnamed one.
        name: Option<String>,
    },
    /// There is a connection of that name already. SQLSTATE `42710`.
    DuplicateName {
        /// The name.
        name: String,
    },
    /// There is no connection to the server. SQLSTATE `08001`.
    NotEstablished(NotEstablished),
    /// Whoever is no superuser has to give a password, and the server has to ask for it. SQLSTATE `2F003`.
    PasswordRequired {
        /// What was found wanting.
        missing: MissingPassword,
        /// Whether it is said in the words of dblink up to version 15.
        old: bool,
    },
    /// The session's [policy](super::Policy) does not allow this option. SQLSTATE `42501`.
    OptionForbidden {
        /// The option.
        keyword: String,
    },
    /// The session's [policy](super::Policy) does not allow this host. SQLSTATE `42501`.
    HostForbidden {
        /// The host.
        host: String,
    },
    /// A foreign server may not be used by the local user. SQLSTATE `42501`.
    ServerForbidden {
        /// The foreign server.
        server: String,
    },
    /// [`connect_u`](super::Session::connect_u) is for superusers, and whom the session's [policy](super::Policy) allows it.
    /// SQLSTATE `42501`.
    ConnectUForbidden,
    /// There is no such foreign server. SQLSTATE `42704`.
    NoForeignServer {
        /// Its name.
        server: String,
    },
    /// The local user has no mapping for a foreign server. SQLSTATE `42704`.
    NoUserMapping {
        /// The local user.
        user: String,
        /// The foreign server; not known to servers before version 17.
        server: Option<String>,
    },
    /// The options of a user mapping may not be read by the local user: it is one for `PUBLIC`. SQLSTATE `42501`.
    HiddenUserMapping {
        /// The foreign server.
        server: String,
    },
    /// The session has no local connection, which this call needs. SQLSTATE `08003`.
    NoLocal,
    /// The local connection failed. SQLSTATE: the local server's own.
    Local(connection::Error),
    /// A relation's schema is not there. SQLSTATE `3F000`.
    NoSchema {
        /// The schema.
        schema: String,
    },
    /// A relation has no rows that could be read. SQLSTATE `42809`.
    NoTable {
        /// The relation.
        relation: String,
        /// What it is.
        kind: &'static str,
        /// Whether it is said in the words of servers up to version 15.
        old: bool,
    },
    /// A relation may not be read by the local user. SQLSTATE `42501`.
    RelationForbidden {
        /// The relation.
        relation: String,
        /// What it is.
        kind: &'static str,
    },
    /// A statement cannot be built. SQLSTATE: that of the cause.
    Build(BuildError),
    /// Results of an asynchronous query are still to be taken. They are kept. SQLSTATE `08006`; `XX000` of
    /// [`query`](super::Session::query).
    Busy {
        /// What was asked for.
        doing: Doing,
        /// The connection's name, unless it is the unnamed one.
        name: Option<String>,
    },
    /// The remote server refused, or the connection broke. SQLSTATE: the remote server's own, else `08006`.
    Remote {
        /// Why.
        cause: Box<connection::Error>,
        /// What was being done.
        doing: Doing,
        /// The connection's name, unless it is the unnamed one.
        name: Option<String>,
    },
    /// The connection has ended before, so that nothing was sent. SQLSTATE `08006`; `XX000` of
    /// [`query`](super::Session::query).
    Gone {
        /// Why it has ended.
        closed: Box<Closed>,
        /// What was asked for.
        doing: Doing,
        /// The connection's name, unless it is the unnamed one.
        name: Option<String>,
    },
    /// The transaction for a cursor could not be begun or committed. SQLSTATE `XX000`.
    Transaction {
        /// `begin` or `commit`.
        command: &'static str,
        /// Why.
        cause: connection::Error,
    },
    /// The statement is empty. SQLSTATE `08006`.
    Empty {
        /// What was being done.
        doing: Doing,
        /// The connection's name, unless it is the unnamed one.
        name: Option<String>,
    },
    /// The statement gives rows, and was to be executed as a command. SQLSTATE `2F003`.
    ResultsNotAllowed,
    /// The result has another number of columns than the definition. SQLSTATE `42804`.
    Width,
    /// A column of the result has another type than in the definition. SQLSTATE `42804`.
    ColumnType {
        /// The column, counted from 1.
        number: usize,
        /// Its name in the definition.
        column: String,
        /// The type in the definition.
        declared: String,
        /// The type that the server gives.
        remote: String,
    },
    /// The definition does not fit a command's status, which is one column of type `text`. SQLSTATE `42804`.
    Status {
        /// How many columns the definition has.
        columns: usize,
        /// The type of its first column.
        declared: String,
    },
    /// A definition of columns cannot be read. SQLSTATE `42601`.
    Definition(DefinitionError),
    /// There is no such cursor. SQLSTATE `34000`.
    NoCursor {
        /// The cursor's name.
        cursor: String,
    },
    /// A cursor's name is no identifier. Nothing was sent. SQLSTATE `34000`.
    CursorName(InvalidCursorName),
    /// The call has taken longer than it may. What ran was cancelled. SQLSTATE `57014`.
    Deadline {
        /// How long it could take.
        limit: Duration,
    },
    /// The call waits for a lock that another connection of this session holds, and would wait for ever. It was cancelled.
    /// SQLSTATE `40P01`.
    SelfDeadlock {
        /// The connection that waits.
        waits: Option<String>,
        /// The connection that holds the lock; none is the local one or the unnamed one.
        holds: Option<String>,
    },
    /// A transfer failed. SQLSTATE: that of the cause.
    Transfer(Box<TransferError>),
    /// A transfer needs two connections, and was given one. SQLSTATE `22023`.
    SameConnection,
    /// A target of a [scattered](super::Session::scatter) call was stopped, since another has answered or failed. What ran was
    /// cancelled. SQLSTATE `57014`.
    NotNeeded {
        /// Whether the other has failed.
        failed: bool,
    },
    /// A target of a [scattered](super::Session::scatter) call was stopped, since the call was
    /// [cancelled](super::Scattered::cancel). SQLSTATE `57014`.
    GivenUp,
    /// A target of a [scattered](super::Session::scatter) call was stopped, since its rows do not fit in with those of the
    /// others. SQLSTATE: that of the cause.
    Unfit(Unfit),
    /// A target of a [scattered](super::Session::scatter) call has failed, and with it the call. The cause is in the target's
    /// outcome. SQLSTATE: that of the cause.
    TargetFailed {
        /// The target's place in the call, counted from 0.
        target: usize,
        /// The target, as [`Outcome::label`](super::Outcome::label) has it.
        label: String,
        /// The SQLSTATE of the cause.
        sqlstate: SqlState,
        /// The message of the cause.
        message: String,
    },
    /// A request to cancel did not get through. SQLSTATE `08006`.
    Cancel(CancelError),
    /// A value cannot be read as it was asked for. SQLSTATE: that of the cause.
    Value(connection::Error),
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotEstablished {
    /// The connection string cannot be read.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// What it says cannot be.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    /// No server could be reached: every address that was tried is told.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The session broke before it was ready.
    #[error(transparent)]
    Session(#[from] connection::Error),
}

/// What is wanting of the password that whoever is no superuser has to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MissingPassword {
    /// The connection string has none.
    NotGiven,
    /// The server did not ask for it.
    NotAskedFor,
}

/// What was being done when a remote server failed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Doing {
    /// [`query`](super::Session::query), [`get_result`](super::Session::get_result).
    Query,
    /// [`exec`](super::Session::exec).
    Command,
    /// [`open`](super::Session::open), with the cursor.
    Open(String),
    /// [`fetch`](super::Session::fetch), with the cursor.
    Fetch(String),
    /// [`close`](super::Session::close), with the cursor.
    Close(String),
}

impl Display for Doing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Query => f.write_str("while executing query"),
            Self::Command => f.write_str("while executing command"),
            Self::Open(cursor) => write!(f, "while opening cursor \"{cursor}\""),
            Self::Fetch(cursor) => write!(f, "while fetching from cursor \"{cursor}\""),
            Self::Close(cursor) => write!(f, "while closing cursor \"{cursor}\""),
        }
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())?;
        if let Self::NotEstablished(cause) = self {
            write!(f, ": {cause}")?;
        }
        write!(f, " (SQLSTATE {})", self.sqlstate())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NotEstablished(cause) => Some(cause),
            Self::Local(cause) | Self::Value(cause) | Self::Transaction { cause, .. } => Some(cause),
            Self::Remote { cause, .. } => Some(&**cause),
            Self::Definition(cause) => Some(cause),
            Self::Cancel(cause) => Some(cause),
            Self::Unfit(cause) => Some(cause),
            Self::Build(cause) => Some(cause),
            Self::Transfer(cause) => Some(&**cause),
            _ => None,
        }
    }
}

impl From<ParseError> for Error {
    fn from(error: ParseError) -> Self {
        Self::NotEstablished(error.into())
    }
}

impl From<ResolveError> for Error {
    fn from(error: ResolveError) -> Self {
        Self::NotEstablished(error.into())
    }
}

impl From<ConnectError> for Error {
    fn from(error: ConnectError) -> Self {
        Self::NotEstablished(error.into())
    }
}

impl From<DefinitionError> for Error {
    fn from(error: DefinitionError) -> Self {
        Self::Definition(error)
    }
}
