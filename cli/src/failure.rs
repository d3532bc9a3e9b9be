//! Why a command failed: what is told, and the exit code.

use std::fmt;
use std::io::{self, ErrorKind};
use std::process::ExitCode;

use dblink_engine::connection::{self, Closed};
use dblink_engine::conninfo::{ParseError, ResolveError, ServiceError};
use dblink_engine::libpq_text::{connect_text, point_at, system_text};
use dblink_engine::net::ConnectError;
use dblink_engine::session;
use dblink_engine::transfer::TransferError;
use dblink_protocol::SqlState;
use dblink_protocol::backend::Diagnostic;

use crate::listing;

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A server reported an error.
    Server(Report),
    /// There is no connection, or none any more: what is told is libpq's text where there is one.
    NoConnection(String),
    /// The command line asks for what cannot be, or a file cannot be read or written.
    Usage(String),
    /// Something failed that has been told already; with this exit code.
    Told(u8),
    /// The user has pressed Ctrl-C.
    Interrupted,
    /// The program was told to end, by SIGTERM.
    Terminated,
    /// Whoever reads the output has closed the pipe. That is no error.
    ClosedPipe,
}

/// What a server says, or what is said in its place.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Whose server it is, where there are several.
    pub(crate) of: Option<String>,
    pub(crate) severity: Option<String>,
    pub(crate) sqlstate: Option<SqlState>,
    pub(crate) message: String,
    /// Where in the statement it is: the number of the character, from 1.
    pub(crate) position: Option<u32>,
    /// The line of the statement that the error is in, and the caret below: each behind a line feed.
    pub(crate) place: String,
    pub(crate) detail: Option<String>,
    pub(crate) hint: Option<String>,
    pub(crate) query: Option<String>,
    pub(crate) context: Option<String>,
    /// What only those want to know who ask for more words. Apart, for a failure is handed on as a whole.
    pub(crate) more: Option<Box<More>>,
}

/// What an error is about, and where it comes from.
#[derive(Debug)]
pub(crate) struct More {
    /// The objects, with the titles that psql gives them.
    pub(crate) names: Vec<(&'static str, String)>,
    /// Where in the server's source it was found.
    pub(crate) location: Option<String>,
}

impl Failure {
    /// Tells it on stderr, and gives the exit code.
    pub(crate) fn tell(&self) -> ExitCode {
        match self {
            Self::Server(report) => listing::remark(report),
            Self::NoConnection(text) | Self::Usage(text) => listing::remark(text),
            Self::Interrupted => listing::remark("interrupted"),
            Self::Terminated => listing::remark("terminated"),
            Self::Told(_) | Self::ClosedPipe => {}
        }
        ExitCode::from(self.exit_code())
    }

    /// The exit code.
    pub(crate) const fn exit_code(&self) -> u8 {
        match self {
            Self::ClosedPipe => 0,
            Self::Server(_) => 1,
            Self::NoConnection(_) | Self::Usage(_) => 2,
            Self::Told(code) => *code,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    /// That something of the system failed: `doing` completes "could not".
    pub(crate) fn io(doing: impl fmt::Display, error: &io::Error) -> Self {
        match error.kind() {
            ErrorKind::BrokenPipe => Self::ClosedPipe,
            _ => Self::Usage(format!("could not {doing}: {}", system_text(error))),
        }
    }

    /// That the output could not be written.
    pub(crate) fn output(error: &io::Error) -> Self {
        Self::io("write the output", error)
    }

    /// That the output could not be written which tells what was done: that stays done, and is told here.
    pub(crate) fn untold(error: &io::Error, done: impl fmt::Display) -> Self {
        match Self::output(error) {
            Self::Usage(text) => Self::Usage(format!("{text}; {done} all the same")),
            failure => failure,
        }
    }

    /// Why a statement failed on a connection. With the statement, the place that the error is at is shown.
    pub(crate) fn connection(error: &connection::Error, statement: Option<&str>) -> Self {
        match error {
            connection::Error::Closed(closed) => Self::closed(closed),
            connection::Error::Server(diagnostic) => Self::Server(Report::of(diagnostic, statement)),
            error => Self::Server(Report::own(error.sqlstate(), error)),
        }
    }

    /// With what the user can do about it.
    pub(crate) fn hinted(self, hint: &str) -> Self {
        match self {
            Self::Server(report) => Self::Server(Report {
                hint: Some(hint.to_owned()),
                ..report
            }),
            failure => failure,
        }
    }

    /// That a statement is a COPY from or to the client.
    pub(crate) fn copy(report: Report) -> Self {
        Self::Server(Report {
            message: "the statement is a COPY, which gives or takes data in a way of its own".to_owned(),
            hint: Some("Use dblink copy, or psql.".to_owned()),
            ..report
        })
    }

    /// Why a statement of the command line failed on a connection. Where another command does what it asks for, that is said.
    pub(crate) fn statement(error: &connection::Error, statement: &str) -> Self {
        match (error, Self::connection(error, Some(statement))) {
            (connection::Error::UnexpectedCopy, Self::Server(report)) => Self::copy(report),
            // Wrong syntax has a place.
            (connection::Error::Server(diagnostic), Self::Server(report))
                if diagnostic.sqlstate() == Some(SqlState::SYNTAX_ERROR)
                    && diagnostic.position().is_none()
                    && report.hint.is_none() =>
            {
                Self::Server(Report {
                    hint: Some("With --param only one statement can be run.".to_owned()),
                    ..report
                })
            }
            (_, failure) => failure,
        }
    }

    /// The same, told of one of several connections.
    pub(crate) fn on(self, name: impl fmt::Display) -> Self {
        match self {
            Self::Server(report) => Self::Server(Report {
                of: Some(name.to_string()),
                ..report
            }),
            Self::NoConnection(text) => Self::NoConnection(format!("{name}: {text}")),
            failure => failure,
        }
    }

    /// Why one of dblink's calls failed.
    pub(crate) fn session(error: &session::Error) -> Self {
        match error {
            session::Error::NotEstablished(cause) => Self::NoConnection(cause.to_string()),
            error => Self::Server(Report::session(error)),
        }
    }

    fn closed(closed: &Closed) -> Self {
        Self::NoConnection(dblink_engine::libpq_text::closed_text(closed))
    }
}

impl Report {
    /// What a server says of a statement.
    pub(crate) fn of(diagnostic: &Diagnostic, statement: Option<&str>) -> Self {
        let text = |field: Option<&dyn fmt::Display>| field.map(ToString::to_string);
        let mut place = String::new();
        match (diagnostic.position(), statement) {
            (Some(position), Some(statement)) => point_at(&mut place, statement, position),
            _ => {
                if let (Some(position), Some(query)) =
                    (diagnostic.internal_position(), diagnostic.internal_query())
                {
                    point_at(&mut place, &query.to_string(), position);
                }
            }
        }
        Self {
            of: None,
            severity: diagnostic.severity_text().map(|text| text.to_string()),
            sqlstate: diagnostic.sqlstate(),
            message: diagnostic
                .message()
                .map_or_else(|| "missing error text".to_owned(), |message| message.to_string()),
            position: diagnostic.position().or_else(|| diagnostic.internal_position()),
            place,
            detail: text(diagnostic.detail().as_ref().map(|text| text as _)),
            hint: text(diagnostic.hint().as_ref().map(|text| text as _)),
            query: text(diagnostic.internal_query().as_ref().map(|text| text as _)),
            context: text(diagnostic.context().as_ref().map(|text| text as _)),
            more: Some(Box::new(More {
                names: [
                    ("SCHEMA NAME", diagnostic.schema()),
                    ("TABLE NAME", diagnostic.table()),
                    ("COLUMN NAME", diagnostic.column()),
                    ("DATATYPE NAME", diagnostic.data_type()),
                    ("CONSTRAINT NAME", diagnostic.constraint()),
                ]
                .into_iter()
                .filter_map(|(title, name)| Some((title, name?.to_string())))
                .collect(),
                location: location(diagnostic),
            })),
        }
    }

    /// What is said in a server's place.
    pub(crate) fn own(sqlstate: SqlState, message: impl fmt::Display) -> Self {
        Self {
            severity: Some("ERROR".to_owned()),
            sqlstate: Some(sqlstate),
            message: message.to_string(),
            ..Self::default()
        }
    }

    /// The same, pointing at the character of this number, from 1, in a statement.
    pub(crate) fn at(mut self, statement: &str, position: Option<u32>) -> Self {
        if let Some(position) = position {
            self.place.clear();
            point_at(&mut self.place, statement, position);
        }
        self
    }

    /// What is said of one of dblink's calls.
    pub(crate) fn session(error: &session::Error) -> Self {
        Self {
            detail: error.detail(),
            hint: error.hint(),
            context: error.context(),
            ..Self::own(error.sqlstate(), error.message())
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(of) = &self.of {
            write!(f, "{of}: ")?;
        }
        if let Some(severity) = &self.severity {
            write!(f, "{severity}:  ")?;
        }
        if let Some(sqlstate) = &self.sqlstate {
            write!(f, "{sqlstate}: ")?;
        }
        write!(f, "{}{}", self.message, self.place)?;
        let lines = [
            ("DETAIL", &self.detail),
            ("HINT", &self.hint),
            ("QUERY", &self.query),
            ("CONTEXT", &self.context),
        ];
        for (title, line) in lines {
            if let Some(line) = line {
                write!(f, "\n{title}:  {line}")?;
            }
        }
        Ok(())
    }
}

impl From<ParseError> for Failure {
    fn from(error: ParseError) -> Self {
        Self::NoConnection(error.to_string())
    }
}

impl From<ResolveError> for Failure {
    fn from(error: ResolveError) -> Self {
        Self::NoConnection(error.to_string())
    }
}

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        Self::NoConnection(error.to_string())
    }
}

impl From<ConnectError> for Failure {
    fn from(error: ConnectError) -> Self {
        Self::NoConnection(connect_text(&error))
    }
}

impl From<session::Error> for Failure {
    fn from(error: session::Error) -> Self {
        Self::session(&error)
    }
}

impl From<TransferError> for Failure {
    fn from(error: TransferError) -> Self {
        match &error {
            TransferError::Connection { side, error } => Self::connection(error, None).on(side),
            error => Self::Server(Report::own(error.sqlstate(), error)),
        }
    }
}

/// The routine, file and line of the server's source that a report comes from.
fn location(diagnostic: &Diagnostic) -> Option<String> {
    let (routine, file, line) = (diagnostic.routine(), diagnostic.file(), diagnostic.line());
    let mut text = String::new();
    if let Some(routine) = routine {
        text = format!("{routine}, ");
    }
    if let (Some(file), Some(line)) = (file, line) {
        text = format!("{text}{file}:{line}");
    }
    Some(text).filter(|text| !text.is_empty())
}
