//! Whether a session is what `target_session_attrs` asks for.

use super::error::AttemptError;
use crate::connection::{Connection, Error};
use crate::conninfo::TargetSessionAttrs;

/// Checks a session, by what the server has reported or, if that is not enough, by asking it.
///
/// # Errors
///
/// [`AttemptError::SessionAttrs`] in libpq's words if it is something else.
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
async fn ask(connection: &mut Connection, statement: &str, yes: &[u8]) -> Result<bool, AttemptError> {
    let answer = async {
        let mut results = connection.simple_query(statement).await?;
        let mut answer = false;
        while let Some(result) = results.next().await? {
            for row in result.rows() {
                answer = row.raw(0)? == Some(yes);
            }
        }
        Ok::<_, Error>(answer)
    };
    answer.await.map_err(AttemptError::SessionQuery)
}
