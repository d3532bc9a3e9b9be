//! A table made from the servers' own catalogs, on both sides.

use dblink_engine::session::Session;
use dblink_engine::transfer::Transfer;

use super::stage::{Stage, call, number};
use crate::failure::Failure;

pub(super) async fn show(session: &mut Session, stage: &mut Stage) -> Result<(), Failure> {
    stage
        .part("A table with the functions that every server has, made on one side and copied to the other")?;
    let tag = call!(
        stage,
        "dblink_exec",
        session.exec(
            "north",
            "create table routine as select p.oid::int8 as id, p.proname::text as name, l.lanname::text as language \
             from pg_proc p join pg_language l on l.oid = p.prolang"
        )
    )
    .await?;
    stage.answer(&tag)?;
    let created = call!(
        stage,
        "dblink_exec",
        session.exec(
            "south",
            "create table routine (id int8 primary key, name text, language text)"
        )
    )
    .await?;
    stage.answer(&created)?;
    stage.expect(created, "CREATE TABLE")?;
    let routines = Transfer::table("routine").into("routine");
    let done = call!(stage, "transfer", session.transfer("north", "south", routines)).await?;
    stage.answer(format_args!("{} rows", done.rows))?;
    stage.expect(tag, format!("SELECT {}", done.rows))?;
    let rows = session.query("south", "select count(*) from routine").await?;
    let rows = rows.collect().await?;
    let count = rows.first().map(|row| number(row, 0)).transpose()?;
    stage.expect(count.map(i64::unsigned_abs), Some(done.rows))?;
    if done.rows < 1000 {
        return stage.fail("there are more functions than that");
    }
    Ok(())
}
