//! Queries and commands.

use dblink_engine::session::{Fail, Session};

use super::stage::{Stage, call, number, text};
use crate::failure::Failure;

pub(super) async fn show(session: &mut Session, stage: &mut Stage) -> Result<(), Failure> {
    stage.part("Queries and commands")?;
    // A column list is not needed: the rows say what they are.
    let rows = call!(
        stage,
        "dblink",
        session.query(
            "north",
            "select l.lanname::text, count(*) from pg_proc p join pg_language l on l.oid = p.prolang \
             group by 1 order by 2 desc limit 3"
        )
    )
    .await?;
    let rows = rows.collect().await?;
    let mut shown = Vec::new();
    for row in &rows {
        shown.push(vec![text(row, 0)?, number(row, 1)?.to_string()]);
    }
    stage.rows(&shown)?;
    stage.expect(rows.is_empty(), false)?;

    let rows = call!(
        stage,
        "dblink",
        session
            .query(
                "south",
                "select count(*) from pg_proc where proname like $1 and pronargs = $2"
            )
            .params(&[&"abs%", &1_i16])
    )
    .await?;
    let rows = rows.collect().await?;
    let count = rows.first().map(|row| number(row, 0)).transpose()?;
    stage.answer(format_args!("{} functions", count.unwrap_or(0)))?;
    // For each type of number there is one.
    stage.expect(count.is_some_and(|count| count >= 6), true)?;

    let tag = call!(
        stage,
        "dblink_exec",
        session.exec("north", "set application_name = 'dblink at work'")
    )
    .await?;
    stage.answer(&tag)?;
    stage.expect(tag, "SET")?;

    let rows = call!(
        stage,
        "dblink",
        session.query("north", "select 1/0").fail(Fail::Notice)
    )
    .await?;
    let rows = rows.collect().await?;
    stage.answer(format_args!("{} rows, and a notice", rows.len()))?;
    stage.expect(rows.len(), 0)?;
    let message = call!(stage, "dblink_error_message", session.error_message("north"))?;
    stage.answer(message.trim_end())?;
    // In the language of the server.
    stage.expect(message.is_empty() || message == "OK", false)
}
