//! A statement with a transaction of its own.

use dblink_engine::session::Session;

use super::stage::{Stage, call, number};
use crate::failure::Failure;

pub(super) async fn show(session: &mut Session, stage: &mut Stage) -> Result<(), Failure> {
    session.exec("north", "create table trail (entry text)").await?;
    let tag = call!(stage, "autonomous", session.exec("north", "begin")).await?;
    stage.answer(tag)?;
    let tag = call!(
        stage,
        "autonomous",
        session
            .autonomous("north", "insert into trail values ($1)")
            .params(&[&"tried"])
    )
    .await?;
    stage.answer(&tag)?;
    stage.expect(tag, "INSERT 0 1")?;
    let tag = call!(stage, "autonomous", session.exec("north", "rollback")).await?;
    stage.answer(tag)?;
    let rows = call!(
        stage,
        "autonomous",
        session.query("north", "select count(*) from trail")
    )
    .await?;
    let rows = rows.collect().await?;
    let count = rows.first().map(|row| number(row, 0)).transpose()?;
    stage.answer(count.unwrap_or(0))?;
    stage.expect(count, Some(1))
}
