//! Why a call failed, in dblink's words.

use std::fmt::{self, Display};
use std::time::Duration;

use dblink_protocol::SqlState;
use dblink_protocol::backend::Diagnostic;
use dblink_protocol::conversation::Ending;
use dblink_sqlgen::{BuildError, InvalidCursorName};

use super::definition::DefinitionError;
use super::libpq_text::{BUSY, GONE, closed_text, connect_text, error_text};
use super::name::described;
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

/// What is said where a server said nothing.
const NO_MESSAGE: &str = "could not obtain message string for remote error";

/// In a result whose columns are not those of the definition.
const ROW_TYPE: &str = "remote query result rowtype does not match the specified FROM clause rowtype";

impl Error {
    /// The SQLSTATE.
    pub fn sqlstate(&self) -> SqlState {
        match self {
            Self::NotAvailable { .. } | Self::NoLocal => SqlState::CONNECTION_DOES_NOT_EXIST,
            Self::DuplicateName { .. } => SqlState::DUPLICATE_OBJECT,
            Self::NotEstablished(_) => SqlState::SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION,
            Self::PasswordRequired { .. } | Self::ResultsNotAllowed => {
                SqlState::S_R_E_PROHIBITED_SQL_STATEMENT_ATTEMPTED
            }
            Self::OptionForbidden { .. }
            | Self::HostForbidden { .. }
            | Self::ServerForbidden { .. }
            | Self::RelationForbidden { .. }
            | Self::ConnectUForbidden
            | Self::HiddenUserMapping { .. } => SqlState::INSUFFICIENT_PRIVILEGE,
            Self::NoForeignServer { .. } | Self::NoUserMapping { .. } => SqlState::UNDEFINED_OBJECT,
            Self::Local(cause) | Self::Value(cause) => cause.sqlstate(),
            Self::Busy {
                doing: Doing::Query, ..
            }
            | Self::Gone {
                doing: Doing::Query, ..
            }
            | Self::Transaction { .. } => SqlState::INTERNAL_ERROR,
            Self::Busy { .. } | Self::Gone { .. } | Self::Empty { .. } | Self::Cancel(_) => {
                SqlState::CONNECTION_FAILURE
            }
            Self::Remote { cause, .. } => remote_sqlstate(cause),
            Self::Width | Self::ColumnType { .. } | Self::Status { .. } => SqlState::DATATYPE_MISMATCH,
            Self::Transfer(cause) => cause.sqlstate(),
            Self::SameConnection => SqlState::INVALID_PARAMETER_VALUE,
            Self::Definition(_) => SqlState::SYNTAX_ERROR,
            Self::NoSchema { .. } => SqlState::INVALID_SCHEMA_NAME,
            Self::NoTable { .. } => SqlState::WRONG_OBJECT_TYPE,
            Self::Build(cause) => {
                SqlState::from_bytes(cause.sqlstate().as_bytes()).unwrap_or(SqlState::INTERNAL_ERROR)
            }
            Self::NoCursor { .. } | Self::CursorName(_) => SqlState::INVALID_CURSOR_NAME,
            Self::Deadline { .. } | Self::NotNeeded { .. } => SqlState::QUERY_CANCELED,
            Self::TargetFailed { sqlstate, .. } => *sqlstate,
            Self::SelfDeadlock { .. } => SqlState::T_R_DEADLOCK_DETECTED,
        }
    }

    /// The message.
    pub fn message(&self) -> String {
        match self {
            Self::NotAvailable { name } => format!("{} not available", described(name.as_deref())),
            Self::DuplicateName { .. } => "duplicate connection name".to_owned(),
            Self::NotEstablished(_) => "could not establish connection".to_owned(),
            Self::PasswordRequired { old: true, .. } => "password is required".to_owned(),
            Self::PasswordRequired { .. } => "password or GSSAPI delegated credentials required".to_owned(),
            Self::OptionForbidden { keyword } => {
                format!("permission denied to set connection option \"{keyword}\"")
            }
            Self::HostForbidden { host } => format!("permission denied to connect to host \"{host}\""),
            Self::ServerForbidden { server } => format!("permission denied for foreign server {server}"),
            Self::ConnectUForbidden => "permission denied for function dblink_connect_u".to_owned(),
            Self::NoForeignServer { server } => format!("server \"{server}\" does not exist"),
            Self::NoUserMapping { user, server } => match server {
                Some(server) => format!("user mapping not found for user \"{user}\", server \"{server}\""),
                None => format!("user mapping not found for \"{user}\""),
            },
            Self::HiddenUserMapping { server } => {
                format!("permission denied for the user mapping of PUBLIC for server \"{server}\"")
            }
            Self::NoLocal => "the session has no local connection".to_owned(),
            Self::Local(cause) | Self::Value(cause) => primary(cause),
            Self::Busy {
                doing: Doing::Query, ..
            } => format!("could not send query: {BUSY}"),
            Self::Busy { .. } => BUSY.to_owned(),
            Self::Remote { cause, .. } => primary(cause),
            Self::Gone {
                doing: Doing::Query, ..
            } => format!("could not send query: {GONE}"),
            Self::Gone { .. } => GONE.to_owned(),
            Self::Transaction { command, cause } => format!("{command} error: {}", error_text(cause, None)),
            Self::Empty { .. } => NO_MESSAGE.to_owned(),
            Self::ResultsNotAllowed => "statement returning results not allowed".to_owned(),
            Self::Width | Self::ColumnType { .. } => ROW_TYPE.to_owned(),
            Self::Status { .. } => {
                "function return row and query-specified return row do not match".to_owned()
            }
            Self::Definition(error) => error.to_string(),
            Self::NoSchema { schema } => format!("schema \"{schema}\" does not exist"),
            Self::NoTable {
                relation,
                kind,
                old: true,
            } => {
                let article = if kind.starts_with('i') { "an" } else { "a" };
                format!("\"{relation}\" is {article} {kind}")
            }
            Self::NoTable { relation, .. } => format!("cannot open relation \"{relation}\""),
            Self::RelationForbidden { relation, kind } => {
                format!("permission denied for {kind} {relation}")
            }
            Self::Build(cause) => cause.to_string(),
            Self::Transfer(cause) => cause.to_string(),
            Self::SameConnection => "a transfer needs two connections".to_owned(),
            Self::NoCursor { cursor } => format!("cursor \"{cursor}\" does not exist"),
            Self::CursorName(cause) => cause.to_string(),
            Self::Deadline { limit } => {
                format!("the call was cancelled, since its deadline of {limit:?} has passed")
            }
            Self::NotNeeded { failed: false } => "stopped, since another target has answered".to_owned(),
            Self::NotNeeded { failed: true } => "stopped, since another target has failed".to_owned(),
            Self::TargetFailed { label, message, .. } => format!("{label}: {message}"),
            Self::SelfDeadlock { .. } => "deadlock detected".to_owned(),
            Self::Cancel(cause) => cause.to_string(),
        }
    }

    /// What is to be said beside the message.
    pub fn detail(&self) -> Option<String> {
        match self {
            Self::NotEstablished(NotEstablished::Connect(cause)) => Some(connect_text(cause)),
            Self::NotEstablished(cause) => Some(cause.to_string()),
            Self::PasswordRequired { missing, old } => Some(missing.detail(*old).to_owned()),
            Self::ColumnType {
                number,
                column,
                declared,
                remote,
            } => Some(format!(
                "Column {number}, \"{column}\", is {declared} in the definition, and the query gives {remote}."
            )),
            Self::Status { columns: 1, declared } => Some(format!(
                "Returned type text at ordinal position 1, but query expects {declared}."
            )),
            Self::Status { columns, .. } => Some(format!(
                "Returned row contains 1 attribute, but query expects {columns}."
            )),
            Self::NoTable { kind, old: false, .. } => {
                let plural = kind.replace("index", "indexe");
                Some(format!("This operation is not supported for {plural}s."))
            }
            Self::HiddenUserMapping { .. } => {
                Some("Only its owner and superusers may read its options.".to_owned())
            }
            Self::SelfDeadlock { waits, holds } => Some(format!(
                "The statement on {} waits for a lock that {} holds, which can do nothing before this call is over.",
                described(waits.as_deref()),
                described(holds.as_deref()),
            )),
            Self::Remote { cause, .. } => field(cause, Diagnostic::detail),
            Self::Local(cause) | Self::Value(cause) => field(cause, Diagnostic::detail),
            _ => None,
        }
    }

    /// What could be done about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::PasswordRequired {
                missing: MissingPassword::NotAskedFor,
                old,
            } => Some(
                if *old {
                    "Target server's authentication method must be changed."
                } else {
                    "Ensure provided credentials match target server's authentication method."
                }
                .to_owned(),
            ),
            Self::Remote { cause, .. } if matches!(**cause, connection::Error::UnexpectedCopy) => {
                Some("Take the connection and use its methods for COPY, or transfer.".to_owned())
            }
            Self::NoLocal => Some("Give one to the session when building it.".to_owned()),
            Self::Remote { cause, .. } => field(cause, Diagnostic::hint),
            Self::Local(cause) | Self::Value(cause) => field(cause, Diagnostic::hint),
            _ => None,
        }
    }

    /// Where it came about: the remote server's words first, then dblink's line.
    pub fn context(&self) -> Option<String> {
        let (cause, doing, name) = match self {
            Self::Remote { cause, doing, name } => (Some(cause), doing, name),
            Self::Empty { doing, name } => (None, doing, name),
            Self::Busy { doing, name } | Self::Gone { doing, name, .. } if *doing != Doing::Query => {
                (None, doing, name)
            }
            Self::Local(cause) | Self::Value(cause) => return field(cause, Diagnostic::context),
            _ => return None,
        };
        let line = match name {
            Some(name) => format!("{doing} on dblink connection named \"{name}\""),
            None => format!("{doing} on unnamed dblink connection"),
        };
        Some(match cause.and_then(|cause| field(cause, Diagnostic::context)) {
            Some(context) => format!("{context}\n{line}"),
            None => line,
        })
    }

    /// All that a server has said, if it was one that refused, or closed the connection: with the fields that dblink drops,
    /// such as the position and the names of a table and a constraint.
    pub fn server(&self) -> Option<&Diagnostic> {
        let cause = match self {
            Self::Remote { cause, .. } => cause,
            Self::Local(cause) | Self::Value(cause) | Self::Transaction { cause, .. } => cause,
            Self::Gone { closed, .. } => return last_words(closed),
            Self::Transfer(cause) => return cause.server(),
            _ => return None,
        };
        match cause {
            connection::Error::Server(diagnostic) => Some(diagnostic),
            connection::Error::Closed(closed) => last_words(closed),
            _ => None,
        }
    }
}

/// What a server said when it closed the connection.
fn last_words(closed: &Closed) -> Option<&Diagnostic> {
    match closed {
        Closed::Ended(Ending::Server(diagnostic)) => Some(diagnostic),
        _ => None,
    }
}

impl MissingPassword {
    const fn detail(self, old: bool) -> &'static str {
        match (self, old) {
            (Self::NotGiven, true) => "Non-superusers must provide a password in the connection string.",
            (Self::NotGiven, false) => {
                "Non-superusers must provide a password in the connection string or send delegated GSSAPI credentials."
            }
            (Self::NotAskedFor, true) => {
                "Non-superuser cannot connect if the server does not request a password."
            }
            (Self::NotAskedFor, false) => {
                "Non-superusers may only connect using credentials they provide, eg: password in connection string or \
                 delegated GSSAPI credentials"
            }
        }
    }
}

/// A connection that is gone is `08006`, whatever its server's last words were.
fn remote_sqlstate(cause: &connection::Error) -> SqlState {
    match cause {
        connection::Error::Closed(_) => SqlState::CONNECTION_FAILURE,
        cause => cause.sqlstate(),
    }
}

/// The message of an error, without what else there is.
fn primary(cause: &connection::Error) -> String {
    match cause {
        connection::Error::Server(diagnostic) => match diagnostic.message() {
            Some(message) if !message.as_bytes().is_empty() => message.to_string(),
            _ => NO_MESSAGE.to_owned(),
        },
        connection::Error::Closed(closed) => closed_text(closed),
        cause => cause.to_string(),
    }
}

/// A field of what the server said.
fn field<'e>(
    cause: &'e connection::Error,
    get: impl Fn(&'e Diagnostic) -> Option<dblink_protocol::wire::WireStr<'e>>,
) -> Option<String> {
    cause.server().and_then(get).map(|text| text.to_string())
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
