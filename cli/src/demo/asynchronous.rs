//! Asynchronous queries, and cancel.

use std::time::{Duration, Instant};

use dblink_engine::session::Session;
use dblink_protocol::SqlState;
use tokio::time::sleep;

use super::stage::{Stage, call, text};
use crate::failure::Failure;

/// What a process waits for. One that cannot be seen, behind a pooler say, is not waited for.
const EVENT: &str = "select coalesce(\
    (select coalesce(wait_event, 'nothing') from pg_stat_activity where pid = $1), 'PgSleep')";

/// How long the query takes whose result is waited for.
const SLEEP: Duration = Duration::from_secs(2);

/// How long the server may take to begin with a query.
const BEGIN: Duration = Duration::from_secs(10);

pub(super) async fn show(session: &mut Session, stage: &mut Stage) -> Result<(), Failure> {
    stage.part("Asynchronous queries")?;
    let began = Instant::now();
    let sent = call!(
        stage,
        "dblink_send_query",
        session.send_query("south", "select 'there you are' from pg_sleep(2)")
    )
    .await?;
    stage.answer(sent)?;
    stage.expect(sent, true)?;
    let busy = call!(stage, "dblink_is_busy", session.is_busy("south")).await?;
    stage.answer(busy)?;
    // On a machine that has much to do it may be done already.
    stage.expect(busy || began.elapsed() > SLEEP, true)?;
    let rows = match call!(stage, "dblink_get_result", session.get_result("south")).await? {
        Some(rows) => rows.collect().await?,
        None => return stage.fail("there is no result"),
    };
    let value = rows.first().map(|row| text(row, 0)).transpose()?;
    stage.answer(value.as_deref().unwrap_or("nothing"))?;
    stage.expect(value.as_deref(), Some("there you are"))?;
    stage.expect(session.get_result("south").await?.is_none(), true)?;
    cancel(session, stage).await
}

async fn cancel(session: &mut Session, stage: &mut Stage) -> Result<(), Failure> {
    let process = session.connection("north")?.process_id();
    let sent = call!(
        stage,
        "dblink_send_query",
        session.send_query("north", "select pg_sleep(60)")
    )
    .await?;
    stage.expect(sent, true)?;
    stage.answer(sent)?;
    if let Some(process) = process {
        runs(session, stage, process).await?;
    }
    let began = Instant::now();
    call!(stage, "dblink_cancel_query", session.cancel_query("north")).await?;
    let ended = match session.get_result("north").await {
        Ok(None) => return stage.fail("there is no result"),
        Ok(Some(rows)) => rows.collect().await.map(drop),
        Err(error) => Err(error),
    };
    let elapsed = began.elapsed();
    let state = ended.err().map(|error| error.sqlstate());
    stage.answer(format_args!(
        "cancelled at the server after {:.1} ms: {}",
        elapsed.as_secs_f64() * 1000.0,
        state.map(|state| state.to_string()).unwrap_or_default()
    ))?;
    stage.expect(state, Some(SqlState::QUERY_CANCELED))?;
    stage.expect(session.get_result("north").await?.is_none(), true)
}

/// Waits until the server has begun with the query: a cancel that comes before is none.
async fn runs(session: &mut Session, stage: &Stage, process: i32) -> Result<(), Failure> {
    let Some(local) = session.local() else {
        return Ok(());
    };
    let began = Instant::now();
    while began.elapsed() < BEGIN {
        let row = local.query_one(EVENT, &[&process]).await;
        let event = row.and_then(|row| row.get::<String>(0));
        if event.map_err(|error| Failure::connection(&error, None))? == "PgSleep" {
            return Ok(());
        }
        sleep(Duration::from_millis(1)).await;
    }
    stage.fail("the server does not begin with the query")
}
