//! Every future dropped at every poll.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use dblink_engine::connection::{Connection, Error};

use crate::support::{session, value};

/// Polls a future a number of times, and then stops.
struct Polls<F> {
    future: F,
    left: u32,
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

/// Runs `operation` for one poll, two polls and so on until it comes to its end. After each, the connection gives right
/// answers.
async fn drop_at_every_poll<F>(operation: F)
where
    F: AsyncFn(&mut Connection) -> Result<(), Error>,
{
    let mut connection = session().await;
    connection
        .execute("create temp table t (a int)", &[])
        .await
        .unwrap();
    for polls in 1.. {
        let finished = {
            let future = pin!(operation(&mut connection));
            Polls { future, left: polls }.await.is_some()
        };
        for probe in [polls.cast_signed(), -1] {
            let query = format!("select {probe}");
            assert_eq!(value(&mut connection, &query).await.unwrap(), probe);
        }
        if finished {
            return;
        }
        assert!(polls < 10_000, "it never ends");
    }
}

#[tokio::test]
async fn a_query() {
    drop_at_every_poll(async |connection| {
        let mut rows = connection
            .query(
                "select g, repeat('x', 1000) from generate_series(1, $1) g",
                &[&2000_i32],
            )
            .await?;
        while rows.next().await?.is_some() {}
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_simple_query() {
    drop_at_every_poll(async |connection| {
        let mut results = connection
            .simple_query("select generate_series(1, 20000); insert into t values (1); select 'late'")
            .await?;
        while results.next().await?.is_some() {}
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_failing_query() {
    drop_at_every_poll(async |connection| {
        let failed = connection
            .execute("select 1 / (2000 - g) from generate_series(1, 3000) g", &[])
            .await;
        assert_eq!(failed.unwrap_err().sqlstate().as_str(), "22012");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_wrong_copy() {
    drop_at_every_poll(async |connection| {
        for copy in ["copy t from stdin", "copy t to stdout"] {
            let refused = connection.execute(copy, &[]).await;
            assert!(matches!(refused, Err(Error::UnexpectedCopy)));
        }
        Ok(())
    })
    .await;
}

/// The rows are kept, and asked again: none is lost, and the failure at their end is told.
#[tokio::test]
async fn each_wait_for_a_row() {
    let mut connection = session().await;
    for count in [3, 500] {
        let mut rows = connection
            .query("select g, 1 / ($1 - g) from generate_series(1, $1) g", &[&count])
            .await
            .unwrap();
        let mut seen = 0;
        let error = loop {
            let next = Polls {
                future: pin!(rows.next()),
                left: 1,
            };
            match next.await {
                Some(Ok(Some(row))) => {
                    seen += 1;
                    assert_eq!(row.get::<i32>(0).unwrap(), seen);
                }
                Some(Ok(None)) => panic!("it looks complete after {seen} rows"),
                Some(Err(error)) => break error,
                // Dropped: let the socket be read.
                None => tokio::task::yield_now().await,
            }
        };
        assert_eq!((seen, error.sqlstate().as_str()), (count - 1, "22012"));
    }
}
