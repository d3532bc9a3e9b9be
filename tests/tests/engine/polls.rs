//! Futures that are dropped half-way.

use dblink_engine::connection::{Connection, Error};
pub(crate) use dblink_tests::polls::{Polls, polled};

use crate::support::{session, value};

/// Runs `operation` for one poll, two polls and so on until it comes to its end. After each, the connection gives right
/// answers.
pub(crate) async fn drop_at_every_poll<F>(operation: F)
where
    F: AsyncFn(&mut Connection) -> Result<(), Error>,
{
    drop_at_every_poll_and(operation, async |_, _| ()).await;
}

/// The same; and after each, `check` is right, which is told whether the operation came to its end.
pub(crate) async fn drop_at_every_poll_and<F, C>(operation: F, check: C)
where
    F: AsyncFn(&mut Connection) -> Result<(), Error>,
    C: AsyncFn(&mut Connection, bool),
{
    let mut connection = session().await;
    connection
        .execute("create temp table t (a int)", &[])
        .await
        .unwrap();
    for polls in 1.. {
        let finished = polled(operation(&mut connection), polls).await;
        for probe in [polls.cast_signed(), -1] {
            let query = format!("select {probe}");
            assert_eq!(value(&mut connection, &query).await.unwrap(), probe);
        }
        check(&mut connection, finished.is_some()).await;
        if let Some(result) = finished {
            return result.unwrap();
        }
        assert!(polls < 10_000, "it never ends");
    }
}
