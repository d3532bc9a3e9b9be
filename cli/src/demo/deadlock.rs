//! A call that waits for a lock of its own session, which no server can see.

use dblink_engine::session::Session;
use dblink_protocol::SqlState;

use super::Ends;
use super::stage::{Stage, call};
use crate::failure::Failure;

pub(super) async fn show(ends: &Ends, session: &mut Session, stage: &mut Stage) -> Result<(), Failure> {
    session.exec("north", "begin").await?;
    session.connect("other", &ends.north).await?;
    let tag = call!(
        stage,
        "self-deadlock",
        session.exec("north", "update trail set entry = 'one'")
    )
    .await?;
    stage.answer(&tag)?;
    stage.expect(tag, "UPDATE 1")?;
    let waited = call!(
        stage,
        "self-deadlock",
        session.exec("other", "update trail set entry = 'two'")
    )
    .await;
    let Err(error) = waited else {
        return stage.fail("nobody waits for the lock");
    };
    stage.answer(format_args!(
        "{}: {}\n{}",
        error.sqlstate(),
        error.message(),
        error.detail().unwrap_or_default()
    ))?;
    stage.expect(error.sqlstate(), SqlState::T_R_DEADLOCK_DETECTED)?;
    session.exec("north", "rollback").await?;
    Ok(session.disconnect("other").await?)
}
