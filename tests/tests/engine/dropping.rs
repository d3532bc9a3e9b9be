//! Every future dropped at every poll.

use std::pin::pin;
use std::time::Duration;

use dblink_engine::connection::{Connection, Error};
use dblink_engine::net::Stream;
use dblink_protocol::backend::TransactionStatus;
use dblink_tests::{Cluster, roles};
use futures_util::TryStreamExt as _;
use tokio::time::Instant;

use crate::conninfo::resolve;
use crate::polls::{self, Polls, polled};
use crate::support::{config, session, value};

/// Besides, the connection then stands in no transaction, and has all or nothing of what every operation does to the table
/// `t`: a multiple of `unit` rows.
async fn drop_at_every_poll<F>(unit: i32, operation: F)
where
    F: AsyncFn(&mut Connection) -> Result<(), Error>,
{
    polls::drop_at_every_poll_and(operation, async |connection, _| {
        assert_eq!(connection.transaction_status(), TransactionStatus::Idle);
        let rows = value(connection, "select count(*)::int from t").await.unwrap();
        assert_eq!(rows % unit, 0, "{rows} rows");
    })
    .await;
}

#[tokio::test]
async fn a_query() {
    drop_at_every_poll(1, async |connection| {
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
    drop_at_every_poll(1, async |connection| {
        let mut results = connection
            .simple_query("select generate_series(1, 20000); insert into t values (1); select 'late'")
            .await?;
        while results.next().await?.is_some() {}
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_query_in_text() {
    drop_at_every_poll(1, async |connection| {
        let mut results = connection
            .query_text("select generate_series(1, $1)", &[&20_000_i32])
            .await?;
        while results.next().await?.is_some() {}
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_question_for_rows() {
    drop_at_every_poll(1, async |connection| {
        assert!(
            connection
                .gives_rows("insert into t values (1) returning a")
                .await?
        );
        assert!(!connection.gives_rows("delete from t").await?);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_failing_query() {
    drop_at_every_poll(1, async |connection| {
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
    drop_at_every_poll(1, async |connection| {
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

#[tokio::test]
async fn a_transaction() {
    drop_at_every_poll(2, async |connection| {
        let mut transaction = connection.transaction().await?;
        transaction.execute("insert into t values (1)", &[]).await?;
        transaction.execute("insert into t values (2)", &[]).await?;
        transaction.commit().await
    })
    .await;
}

#[tokio::test]
async fn a_transaction_that_is_rolled_back() {
    drop_at_every_poll(i32::MAX, async |connection| {
        let mut transaction = connection.transaction().await?;
        transaction.execute("insert into t values (1)", &[]).await?;
        transaction.rollback().await
    })
    .await;
}

#[tokio::test]
async fn a_transaction_that_fails() {
    drop_at_every_poll(i32::MAX, async |connection| {
        let mut transaction = connection.transaction().await?;
        transaction.execute("insert into t values (1)", &[]).await?;
        transaction.execute("select 1 / 0", &[]).await.unwrap_err();
        assert!(matches!(transaction.commit().await, Err(Error::RolledBack)));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn savepoints() {
    drop_at_every_poll(4, async |connection| {
        let mut outer = connection.transaction().await?;
        outer.execute("insert into t values (1)", &[]).await?;
        let mut inner = outer.transaction().await?;
        inner.execute("insert into t values (2)", &[]).await?;
        let mut innermost = inner.transaction().await?;
        innermost.execute("insert into t values (3)", &[]).await?;
        innermost.rollback().await?;
        inner.execute("insert into t values (4)", &[]).await?;
        inner.commit().await?;
        outer.execute("insert into t values (5)", &[]).await?;
        outer.commit().await
    })
    .await;
}

/// Each savepoint by itself: what is around it goes on after it was dropped.
#[tokio::test]
async fn a_savepoint_inside_a_transaction_that_goes_on() {
    let mut connection = session().await;
    connection
        .execute("create temp table t (a int)", &[])
        .await
        .unwrap();
    let mut outer = connection.transaction().await.unwrap();
    for polls in 1..1000 {
        let finished = {
            let inside = async {
                let mut inner = outer.transaction().await?;
                inner.execute("insert into t values (1)", &[]).await?;
                let mut rows = inner.query("select generate_series(1, 20000)", &[]).await?;
                while rows.next().await?.is_some() {}
                inner.rollback().await
            };
            polled(inside, polls).await.map(Result::unwrap).is_some()
        };
        assert_eq!(value(&mut outer, "select count(*)::int from t").await.unwrap(), 0);
        if finished {
            outer.commit().await.unwrap();
            return;
        }
    }
    panic!("it never ends");
}

#[tokio::test]
async fn a_prepared_statement() {
    drop_at_every_poll(1, async |connection| {
        connection.set_statement_cache_capacity(0);
        let statement = connection
            .prepare("insert into t select generate_series(1, $1) returning a")
            .await?;
        let mut rows = connection.query_prepared(&statement, &[&3000]).await?;
        while rows.next().await?.is_some() {}
        connection.execute_prepared(&statement, &[&2]).await?;
        Ok(())
    })
    .await;
}

/// Lost in each round, and prepared again.
#[tokio::test]
async fn a_statement_that_heals() {
    drop_at_every_poll(2, async |connection| {
        let statement = connection.prepare("insert into t values (1), (2)").await?;
        connection.execute("deallocate all", &[]).await?;
        connection.execute_prepared(&statement, &[]).await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn portals() {
    drop_at_every_poll(1, async |connection| {
        let mut transaction = connection.transaction().await?;
        let portal = transaction
            .bind("select generate_series(1, $1)", &[&5000])
            .await?;
        let mut rows = transaction.fetch(&portal, 3000).await?;
        while rows.next().await?.is_some() {}
        let mut rows = transaction.fetch(&portal, 3000).await?;
        rows.next().await?;
        transaction.close_portal(portal).await?;
        transaction.commit().await
    })
    .await;
}

#[tokio::test]
async fn a_pipeline() {
    drop_at_every_poll(2, async |connection| {
        let mut pipeline = connection.pipeline();
        for _ in 0..20 {
            let _ = pipeline.execute("insert into t values (1)", &[])?;
            let _ = pipeline.query("select generate_series(1, 1000)", &[])?;
            let _ = pipeline.execute("insert into t values (2)", &[])?;
            pipeline.sync();
            let _ = pipeline.execute("insert into t values (3)", &[])?;
            let _ = pipeline.execute("select 1 / 0", &[])?;
            pipeline.sync();
        }
        pipeline.run().await.map(drop)
    })
    .await;
}

#[tokio::test]
async fn a_ping() {
    drop_at_every_poll(1, Connection::ping).await;
}

/// The limit passes at about the time of one of the polls.
#[tokio::test]
async fn a_deadline() {
    drop_at_every_poll(1, async |connection| {
        let limit = Duration::from_millis(1);
        let slow = connection
            .within(limit)
            .execute("select pg_sleep(0.01)", &[])
            .await;
        assert!(matches!(slow, Err(Error::Deadline { .. }) | Ok(_)), "{slow:?}");
        connection.execute("select 1", &[]).await?;
        Ok(())
    })
    .await;
}

/// So much is left that the rest is cancelled.
#[tokio::test]
async fn a_large_result() {
    let mut connection = session().await;
    for polls in [1, 2, 3, 5, 8, 13, 21, 34, 55, 89] {
        let reading = async {
            let mut rows = connection
                .query("select repeat('x', 1000) from generate_series(1, 100000)", &[])
                .await?;
            while rows.next().await?.is_some() {}
            Ok::<_, Error>(())
        };
        polled(reading, polls).await;
        // Waiting for that to be cancelled is dropped, too.
        for polls in [1, 2, 3] {
            polled(connection.execute("select 1", &[]), polls).await;
        }
        assert_eq!(value(&mut connection, "select 7").await.unwrap(), 7);
    }
}

/// None is lost, wherever the wait for it is dropped.
#[tokio::test]
async fn a_wait_for_notifications() {
    let mut connection = session().await;
    let mut other = session().await;
    let channel = "engine_dropping";
    connection
        .execute(&format!("listen {channel}"), &[])
        .await
        .unwrap();
    let (rounds, each) = (40, 25);
    let mut seen = 0;
    for round in 0..rounds {
        for number in 0..each {
            let payload = (round * each + number).to_string();
            other
                .execute("select pg_notify($1, $2)", &[&channel, &payload])
                .await
                .unwrap();
        }
        if let Some(notification) = polled(connection.wait_for_notification(None), round % 3).await {
            let payload: u32 = notification
                .unwrap()
                .unwrap()
                .payload
                .to_string()
                .parse()
                .unwrap();
            assert_eq!(payload, seen);
            seen += 1;
        }
        polled(connection.execute("select pg_sleep(0.001)", &[]), round).await;
    }
    for expected in seen..rounds * each {
        let deadline = Instant::now() + Duration::from_secs(60);
        let notification = connection.wait_for_notification(Some(deadline)).await.unwrap();
        assert_eq!(notification.unwrap().payload, expected.to_string().as_str());
    }
    let none = connection
        .wait_for_notification(Some(Instant::now()))
        .await
        .unwrap();
    assert_eq!(none, None);
}

/// Nothing is left of a connection that was not finished, and nothing is owed to it.
#[tokio::test]
async fn connecting_and_closing() {
    let cluster = Cluster::shared();
    let by_string = resolve(&format!(
        "host=127.0.0.1 port={} dbname=postgres user={} password={}",
        cluster.port(),
        roles::SCRAM_USER,
        roles::SCRAM_PASSWORD
    ));
    for polls in 1..10_000 {
        let whole = async {
            let mut connection = Connection::connect_within(&by_string, Duration::from_secs(60)).await?;
            assert_eq!(value(&mut connection, "select 1").await.unwrap(), 1);
            connection.close().await.unwrap();
            Ok::<_, dblink_engine::net::ConnectError>(())
        };
        if let Some(result) = polled(whole, polls).await {
            result.unwrap();
            break;
        }
    }
    for polls in 1..10_000 {
        let stream = tokio::net::TcpStream::connect((cluster.host(), cluster.port()))
            .await
            .unwrap();
        let startup = config(roles::SCRAM_USER, Some(roles::SCRAM_PASSWORD));
        let opening = Connection::open(Stream::Tcp(stream), startup, None);
        if let Some(result) = polled(opening, polls).await {
            result.unwrap();
            break;
        }
    }
    assert_eq!(value(&mut session().await, "select 1").await.unwrap(), 1);
}

/// The request may have come or not, but it is for the statement that ran then.
#[tokio::test]
async fn a_request_to_cancel() {
    let mut connection = session().await;
    let handle = connection.cancel_handle().unwrap();
    for polls in 1..10_000 {
        if let Some(result) = polled(handle.cancel(Duration::from_secs(60)), polls).await {
            result.unwrap();
            break;
        }
    }
    // One that was dropped may still be on its way, and meet what runs then.
    for _ in 0..100 {
        match value(&mut connection, "select 1").await {
            Ok(one) => assert_eq!(one, 1),
            Err(error) => assert_eq!(error.sqlstate().as_str(), "57014", "{error}"),
        }
    }
}

#[tokio::test]
async fn whole_results() {
    drop_at_every_poll(1, async |connection| {
        let rows = connection
            .query_all("select generate_series(1, $1)", &[&3000_i32])
            .await?;
        assert_eq!(rows.len(), 3000);
        let row = connection.query_one("select 7", &[]).await?;
        assert_eq!(row.get::<i32>(0)?, 7);
        assert!(connection.query_opt("select 7 where false", &[]).await?.is_none());
        connection
            .batch_execute("insert into t values (1); select generate_series(1, 3000)")
            .await
    })
    .await;
}

#[tokio::test]
async fn a_stream_of_rows() {
    drop_at_every_poll(1, async |connection| {
        let rows = connection
            .query("select generate_series(1, $1)", &[&3000_i32])
            .await?;
        let numbers: Vec<_> = rows.into_stream().try_collect().await?;
        assert_eq!(numbers.len(), 3000);
        Ok(())
    })
    .await;
}

/// A type that is not built in is looked up for each result anew, since it is forgotten.
#[tokio::test]
async fn looking_up_types() {
    drop_at_every_poll(1, async |connection| {
        connection.forget_types();
        connection
            .batch_execute("drop table if exists typed; create temp table typed (a int, b text)")
            .await?;
        let rows = connection
            .query_all(
                "select typed from typed right join generate_series(1, 100) on true",
                &[],
            )
            .await?;
        assert_eq!(rows.len(), 100);
        let type_ = rows.columns().unwrap().get(0).unwrap().type_();
        assert_eq!(type_.name(), "typed");
        Ok(())
    })
    .await;
}
