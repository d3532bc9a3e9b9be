//! A deadline, at which the statement is cancelled at its server.

use std::time::{Duration, Instant};

use dblink_engine::session::Session;
use dblink_protocol::SqlState;

use super::stage::{Stage, call, number};
use crate::failure::Failure;

pub(super) async fn show(session: &mut Session, stage: &mut Stage) -> Result<(), Failure> {
    let began = Instant::now();
    let error = match call!(
        stage,
        "deadline",
        session
            .query("north", "select pg_sleep(60)")
            .within(Duration::from_millis(200))
    )
    .await
    {
        Ok(rows) => rows.collect().await.err(),
        Err(error) => Some(error),
    };
    let elapsed = began.elapsed();
    let state = error.as_ref().map(|error| error.sqlstate());
    stage.answer(format_args!(
        "{} after {:.0} ms: {}",
        state.map(|state| state.to_string()).unwrap_or_default(),
        elapsed.as_secs_f64() * 1000.0,
        error.map(|error| error.message()).unwrap_or_default()
    ))?;
    stage.expect(state, Some(SqlState::QUERY_CANCELED))?;
    let rows = call!(stage, "deadline", session.query("north", "select 42::int8"))
        .await?
        .collect()
        .await?;
    let value = rows.first().map(|row| number(row, 0)).transpose()?;
    stage.answer(format_args!(
        "{}: the connection goes on",
        value.unwrap_or_default()
    ))?;
    stage.expect(value, Some(42))
}
