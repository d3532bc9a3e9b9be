//! A statement with dblink's calls, on a server without dblink.
//!
//! The calls are found in the statement's [parse tree](calls), made one after the other on the [session's](perform) connections,
//! and what they give takes their [places](text) in the statement's own text: a value as a subquery, rows as a
//! [temporary table](rows). All else reaches the server as it was written. A statement that is nothing but one call needs
//! [no server](alone).

mod alone;
mod arguments;
mod calls;
mod conditions;
mod edits;
mod functions;
mod grid;
mod literal;
mod perform;
mod read_only;
mod refusals;
mod rows;
mod statement;
mod tables;
mod text;
mod tokens;

use dblink_engine::connection::Connection;
use dblink_engine::session::Session;
use dblink_protocol::SqlState;
use dblink_protocol::backend::TransactionStatus;

pub(super) use self::alone::needs_local;
pub(super) use self::calls::with_room;
use self::calls::{Found, Refused};
use self::text::Spliced;
use super::answer::{Failed, Front};
use super::local::has_standard_strings;
use crate::failure::Report;

/// The names of dblink's functions, for completion.
pub(crate) fn function_names() -> impl Iterator<Item = &'static str> {
    functions::Function::names()
}

/// Runs a statement if it has calls of dblink's. If it has none, that is told: nothing has been done.
pub(crate) async fn run(session: &mut Session, sql: &str, front: &mut dyn Front) -> Result<bool, Failed> {
    let done = run_calls(session, sql, front).await;
    if let (Err(Failed::Error(_)), Some(local)) = (&done, session.local()) {
        fail_transaction(local).await;
    }
    done
}

/// A statement has failed, and with it the transaction that it is in, though the server has not seen why.
pub(super) async fn fail_transaction(local: &mut Connection) {
    if local.transaction_status() == TransactionStatus::InTransaction {
        let _ = local.batch_execute("SELECT pg_catalog.int4div(1, 0)").await;
    }
}

async fn run_calls(session: &mut Session, sql: &str, front: &mut dyn Front) -> Result<bool, Failed> {
    let standard = session.local().is_none_or(|local| has_standard_strings(local));
    let calls = match calls::find(sql, standard) {
        Found::Nothing => return Ok(false),
        Found::Refused(refused) => return Err(refused.failed(sql)),
        Found::Calls(calls) => calls,
    };
    match session.local() {
        None => alone::run(session, sql, &calls, front).await.map(|()| true),
        Some(_) => statement::run(session, sql, &calls, front).await,
    }
}

impl Refused {
    fn failed(self, sql: &str) -> Failed {
        let position = self.place.and_then(|place| Spliced::character(sql, place));
        Failed::Error(
            Report {
                detail: self.detail,
                hint: self.hint.map(str::to_owned),
                ..Report::own(SqlState::FEATURE_NOT_SUPPORTED, self.message)
            }
            .at(sql, position),
        )
    }
}
