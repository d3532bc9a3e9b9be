//! Whether a session is what `target_session_attrs` asks for.

use super::error::{AttemptError, SessionQueryError};
use crate::connection::Connection;
use crate::conninfo::TargetSessionAttrs;

/// Checks a session, by what the server has reported or, if that is not enough, by asking it.
///
/// # Errors
///
/// [`AttemptError::SessionAttrs`] in libpq's words if it is something else, [`AttemptError::SessionQuery`] if the server
/// gives no answer.
pub(super) async fn check(
    connection: &mut Connection,
    attrs: TargetSessionAttrs,
) -> Result<(), AttemptError> {
    let (is_good, refusal) = match attrs {
        TargetSessionAttrs::Any => return Ok(()),
        TargetSessionAttrs::ReadWrite => (!is_read_only(connection).await?, "session is read-only"),
        TargetSessionAttrs::ReadOnly => (is_read_only(connection).await?, "session is not read-only"),
        TargetSessionAttrs::Primary => (
            !in_hot_standby(connection).await?,
            "server is in hot standby mode",
        ),
        TargetSessionAttrs::Standby | TargetSessionAttrs::PreferStandby => (
            in_hot_standby(connection).await?,
            "server is not in hot standby mode",
        ),
    };
    if is_good {
        Ok(())
    } else {
        Err(AttemptError::SessionAttrs(refusal))
    }
}

async fn is_read_only(connection: &mut Connection) -> Result<bool, AttemptError> {
    if let (Some(default), Some(standby)) = (
        parameter(connection, "default_transaction_read_only"),
        parameter(connection, "in_hot_standby"),
    ) {
        return Ok(default || standby);
    }
    ask(connection, "SHOW transaction_read_only", b"on").await
}

async fn in_hot_standby(connection: &mut Connection) -> Result<bool, AttemptError> {
    match parameter(connection, "in_hot_standby") {
        Some(standby) => Ok(standby),
        None => ask(connection, "SELECT pg_catalog.pg_is_in_recovery()", b"t").await,
    }
}

/// A parameter that is `on` or `off`; servers before 14 do not report these.
fn parameter(connection: &Connection, name: &str) -> Option<bool> {
    Some(connection.parameters().get(name)? == "on")
}

/// Whether the only value of a statement's only row is `yes`.
async fn ask(connection: &mut Connection, statement: &'static str, yes: &[u8]) -> Result<bool, AttemptError> {
    let answer = only_value(connection, statement, yes).await;
    answer.map_err(|error| AttemptError::SessionQuery { statement, error })
}

async fn only_value(
    connection: &mut Connection,
    statement: &str,
    yes: &[u8],
) -> Result<bool, SessionQueryError> {
    let mut results = connection.simple_query(statement).await?;
    let mut answers = Vec::new();
    while let Some(result) = results.next().await? {
        for row in result.rows() {
            // A row without columns has no value either.
            let value = row.raw(0).ok().flatten();
            answers.push(value.map(|value| value == yes));
        }
    }
    match answers[..] {
        [Some(answer)] => Ok(answer),
        _ => Err(SessionQueryError::NotOneValue),
    }
}
