//! Cursors.

use dblink_engine::session::Session;

use super::stage::{Stage, call, text};
use crate::failure::Failure;

pub(super) async fn show(session: &mut Session, stage: &mut Stage) -> Result<(), Failure> {
    stage.part("Cursors")?;
    let opened = call!(
        stage,
        "dblink_open",
        session.open("north", "l", "select lanname::text from pg_language order by oid")
    )
    .await?;
    stage.answer(opened)?;
    stage.expect(opened, true)?;
    let mut all = Vec::new();
    let rows = call!(stage, "dblink_fetch", session.fetch("north", "l", 2)).await?;
    for row in rows.collect().await? {
        all.push(text(&row, 0)?);
    }
    stage.answer(all.join(", "))?;
    stage.expect(all, ["internal", "c"])?;
    let closed = call!(stage, "dblink_close", session.close("north", "l")).await?;
    stage.answer(closed)?;
    stage.expect(closed, true)
}
