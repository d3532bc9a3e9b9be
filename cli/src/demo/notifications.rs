//! Notifications.

use dblink_engine::session::Session;

use super::Ends;
use super::stage::{Stage, call};
use crate::failure::Failure;

pub(super) async fn show(ends: &Ends, session: &mut Session, stage: &mut Stage) -> Result<(), Failure> {
    stage.part("Notifications")?;
    if ends.own {
        let tag = call!(stage, "dblink_exec", session.exec("north", "listen news")).await?;
        stage.answer(&tag)?;
        stage.expect(tag, "LISTEN")?;
        let tag = call!(
            stage,
            "dblink_exec",
            session.exec("north", "notify news, 'there is dblink for Rust'")
        )
        .await?;
        stage.answer(&tag)?;
        stage.expect(tag, "NOTIFY")?;
    } else {
        stage.skip("NOTIFY", "it writes")?;
    }
    let told = call!(stage, "dblink_get_notify", session.get_notify("north")).await?;
    for notification in &told {
        stage.answer(format_args!("{}: {}", notification.channel, notification.payload))?;
    }
    if told.is_empty() {
        stage.answer("none")?;
    }
    stage.expect(told.len(), usize::from(ends.own))
}
