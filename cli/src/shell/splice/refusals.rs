//! What the local server refuses, told of the statement as it was written.

use dblink_engine::connection::Error;
use dblink_protocol::SqlState;

use super::calls::SELECT_FIRST;
use super::text::Spliced;
use crate::failure::Report;
use crate::shell::answer::Failed;
use crate::shell::interpreter::told;

/// Why the local server refuses a text made of the statement's, with the place in that.
pub(super) fn mapped(error: &Error, spliced: &Spliced, sql: &str) -> Failed {
    let position = error.server().and_then(|diagnostic| diagnostic.position());
    match told(error, None) {
        Failed::Error(report) => {
            let position = position.and_then(|position| spliced.position(sql, position));
            Failed::Error(report.at(sql, position))
        }
        failed => failed,
    }
}

/// Why arguments cannot be computed. The server has seen the statement as a whole, and knew all names then.
pub(super) fn in_arguments(error: &Error, spliced: &Spliced, sql: &str, name: &str) -> Failed {
    let state = error.sqlstate();
    match mapped(error, spliced, sql) {
        Failed::Error(report) if [SqlState::UNDEFINED_TABLE, SqlState::UNDEFINED_COLUMN].contains(&state) => {
            Failed::Error(Report {
                severity: report.severity,
                sqlstate: Some(SqlState::FEATURE_NOT_SUPPORTED),
                message: format!("{name}() cannot be called here: it depends on the statement's own rows"),
                place: report.place,
                detail: Some(format!(
                    "Its arguments were computed before the statement: {}.",
                    report.message
                )),
                hint: Some(SELECT_FIRST.to_owned()),
                ..Report::default()
            })
        }
        failed => failed,
    }
}

pub(super) fn failed(error: &Error) -> Failed {
    told(error, None)
}

/// Why rows were refused: without what the server says of the COPY, which nobody has written.
pub(super) fn unplaced(error: &Error) -> Failed {
    match told(error, None) {
        Failed::Error(report) => Failed::Error(Report {
            context: None,
            ..report
        }),
        failed => failed,
    }
}
