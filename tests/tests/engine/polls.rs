//! Futures that are dropped half-way.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use dblink_engine::connection::{Connection, Error};

use crate::support::{session, value};

/// Polls a future a number of times, and then stops.
pub(crate) struct Polls<F> {
    pub(crate) future: F,
    pub(crate) left: u32,
}

impl<F: Future + Unpin> Future for Polls<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.left -= 1;
        Pin::new(&mut self.future).poll(cx).map(Some)
    }
}

/// Polls a future at most so many times, and drops it; gives what it gave.
pub(crate) async fn polled<F: Future>(future: F, polls: u32) -> Option<F::Output> {
    let future = pin!(future);
    Polls { future, left: polls }.await
}

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
