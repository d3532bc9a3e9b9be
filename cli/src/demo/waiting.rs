//! Waiting for several asynchronous queries at once.

use dblink_engine::session::{Name, Session};

use super::stage::{Stage, call};
use crate::failure::Failure;

pub(super) async fn show(session: &mut Session, stage: &mut Stage) -> Result<(), Failure> {
    let slow = call!(
        stage,
        "wait_any",
        session.send_query("north", "select pg_sleep(2)")
    )
    .await?;
    stage.answer(slow)?;
    let fast = call!(
        stage,
        "wait_any",
        session.send_query("south", "select pg_sleep(0.1)")
    )
    .await?;
    stage.answer(fast)?;
    stage.expect((slow, fast), (true, true))?;
    let first = call!(stage, "wait_any", session.wait_any(["north", "south"], None)).await?;
    stage.answer(format_args!("{} is first", list(&first)))?;
    // The other may be there, too, on a machine that has much to do.
    stage.expect(first.contains(&Name::Named("south")), true)?;
    let all = call!(stage, "wait_all", session.wait_all(["north", "south"], None)).await?;
    stage.answer(list(&all))?;
    stage.expect(all, ["north", "south"].map(Name::Named))?;
    for name in ["north", "south"] {
        while let Some(rows) = session.get_result(name).await? {
            rows.collect().await?;
        }
    }
    stage.expect(session.pending().len(), 0)
}

fn list(names: &[Name<'_>]) -> String {
    let names = names.iter().map(|name| match name {
        Name::Named(name) => name,
        Name::Unnamed => "the unnamed one",
    });
    names.collect::<Vec<_>>().join(", ")
}
