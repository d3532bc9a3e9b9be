//! A million rows.

use std::time::{Duration, Instant};

use dblink_engine::session::Session;
use dblink_engine::transfer::Transfer;

use super::stage::{Stage, call, number, spaced};
use crate::failure::Failure;

const ROWS: u64 = 1_000_000;

/// From one database into a table of another.
pub(super) async fn transfer(session: &mut Session, stage: &mut Stage) -> Result<(), Failure> {
    let table = "create unlogged table million (id int8, name text, n int4)";
    session.exec("south", table).await?;
    let done = call!(
        stage,
        "transfer",
        session.transfer(
            "north",
            "south",
            Transfer::query(
                "select p.oid::int8 as id, p.proname::text as name, n \
                 from pg_proc p, generate_series(1, 1000) n limit 1000000"
            )
            .into("million")
        )
    )
    .await?;
    stage.answer(rate(done.rows, done.bytes, done.elapsed))?;
    stage.expect(done.rows, ROWS)?;
    let rows = session.query("south", "select count(*) from million").await?;
    let rows = rows.collect().await?;
    let count = rows.first().map(|row| number(row, 0)).transpose()?;
    stage.expect(count.map(i64::unsigned_abs), Some(ROWS))
}

/// From a database to nowhere.
pub(super) async fn out(session: &mut Session, stage: &mut Stage) -> Result<(), Failure> {
    let failed = |error: &_| Failure::connection(error, None);
    let began = Instant::now();
    let connection = session.connection("north")?;
    let mut data = call!(
        stage,
        "COPY",
        connection.copy_out(
            "copy (select p.oid, p.proname, n from pg_proc p, generate_series(1, 1000) n limit 1000000) to stdout"
        )
    )
    .await
    .map_err(|error| failed(&error))?;
    let (mut rows, mut bytes) = (0_u64, 0_u64);
    while let Some(batch) = data.next_batch().await.map_err(|error| failed(&error))? {
        for row in &batch {
            rows = rows.saturating_add(1);
            bytes = bytes.saturating_add(row.len() as u64);
        }
    }
    let told = data.rows_affected();
    stage.answer(rate(rows, bytes, began.elapsed()))?;
    stage.expect(rows, ROWS)?;
    stage.expect(told, Some(ROWS))
}

fn rate(rows: u64, bytes: u64, elapsed: Duration) -> String {
    let millis = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX).max(1);
    format!(
        "{} rows, {} MB in {:.2} s: {} rows/s",
        spaced(rows),
        bytes / 1_000_000,
        elapsed.as_secs_f64(),
        spaced(rows.saturating_mul(1000) / millis)
    )
}
