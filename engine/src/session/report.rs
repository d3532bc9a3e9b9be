//! What went wrong, in dblink's words.

use dblink_protocol::SqlState;
use dblink_protocol::backend::Diagnostic;
use dblink_protocol::conversation::Ending;

use super::error::NotEstablished;
use super::name::described;
use super::{Doing, Error, MissingPassword};
use crate::connection::{self, Closed};
use crate::libpq_text::{BUSY, GONE, closed_text, connect_text, error_text};

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
            Self::Unfit(cause) => cause.sqlstate(),
            Self::Deadline { .. } | Self::NotNeeded { .. } | Self::GivenUp => SqlState::QUERY_CANCELED,
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
            Self::GivenUp => "stopped, since the call was cancelled".to_owned(),
            Self::Unfit(cause) => cause.to_string(),
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
            Self::Unfit(cause) => cause.hint(),
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
