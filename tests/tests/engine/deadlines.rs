//! Time limits, and what is left when they have passed.

use std::time::{Duration, Instant};

use dblink_engine::connection::{Closed, Connection, Error};
use dblink_protocol::backend::TransactionStatus;

use crate::conninfo::resolve;
use crate::support::{WELCOME, config, scripted, session, value};

/// Long enough to be sure that something waited for it.
const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(100);

#[tokio::test]
async fn a_statement_is_cancelled_at_its_deadline() {
    let mut connection = session().await;
    let start = Instant::now();
    let error = connection
        .within(SHORT)
        .execute("select pg_sleep(60)", &[])
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Deadline { limit: SHORT }), "{error}");
    assert_eq!(error.sqlstate().as_str(), "57014");
    // The limit was that of one call.
    connection.execute("select pg_sleep(0.2)", &[]).await.unwrap();
    assert_eq!(value(&mut connection, "select 1").await.unwrap(), 1);
    assert!(start.elapsed() < LONG);
}

#[tokio::test]
async fn every_call_has_the_connections_deadline() {
    let mut connection = session().await;
    connection
        .execute("create temp table t (a int)", &[])
        .await
        .unwrap();
    let statement = connection.prepare("select pg_sleep($1)").await.unwrap();
    connection.set_deadline(Some(SHORT));
    for _ in 0..3 {
        let error = connection.execute("select pg_sleep(60)", &[]).await.unwrap_err();
        assert!(matches!(error, Error::Deadline { .. }), "{error}");
        let error = connection
            .execute_prepared(&statement, &[&60.0_f64])
            .await
            .unwrap_err();
        assert!(matches!(error, Error::Deadline { .. }), "{error}");
        let mut results = connection.simple_query("select pg_sleep(60)").await.unwrap();
        let error = loop {
            match results.next().await {
                Ok(Some(_)) => {}
                Ok(None) => panic!("it slept"),
                Err(error) => break error,
            }
        };
        assert!(matches!(error, Error::Deadline { .. }), "{error}");
    }
    connection.set_deadline(None);
    assert_eq!(value(&mut connection, "select 1").await.unwrap(), 1);
}

/// The socket always has rows: no wait is there to be interrupted.
#[tokio::test]
async fn a_stream_that_never_pauses_is_stopped() {
    let mut connection = session().await;
    let start = Instant::now();
    let mut rows = connection
        .within(Duration::from_secs(2))
        .query("select generate_series(1, 1000000000), repeat('x', 100)", &[])
        .await
        .unwrap();
    let mut count = 0_u64;
    let error = loop {
        match rows.next().await {
            Ok(Some(_)) => count += 1,
            Ok(None) => panic!("it looks complete after {count} rows"),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, Error::Deadline { .. }), "{error}");
    assert!(count > 0);
    assert!(start.elapsed() < LONG);
    assert_eq!(value(&mut connection, "select 1").await.unwrap(), 1);
}

#[tokio::test]
async fn a_transaction_survives_as_far_as_the_server_lets_it() {
    let mut connection = session().await;
    let mut transaction = connection.transaction().await.unwrap();
    {
        let mut savepoint = transaction.transaction().await.unwrap();
        let error = savepoint
            .within(SHORT)
            .execute("select pg_sleep(60)", &[])
            .await
            .unwrap_err();
        assert!(matches!(error, Error::Deadline { .. }), "{error}");
        assert_eq!(savepoint.transaction_status(), TransactionStatus::Failed);
    }
    assert_eq!(value(&mut transaction, "select 1").await.unwrap(), 1);
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn each_segment_of_a_pipeline_is_cancelled() {
    let mut connection = session().await;
    let start = Instant::now();
    let mut pipeline = connection.within(SHORT).pipeline();
    let mut queued = Vec::new();
    for _ in 0..20 {
        queued.push(pipeline.query("select pg_sleep(60)", &[]).unwrap());
        pipeline.sync();
    }
    let mut results = pipeline.run().await.unwrap();
    for queued in queued {
        let error = results.take(queued).unwrap_err();
        assert!(matches!(error, Error::Deadline { .. }), "{error}");
    }
    assert!(start.elapsed() < LONG);
    assert_eq!(value(&mut connection, "select 1").await.unwrap(), 1);
}

/// Whoever waits for its answer no more has not ended the statement: that is done by the next call's deadline.
#[tokio::test]
async fn what_was_dropped_is_cancelled_by_the_next_deadline() {
    let mut connection = session().await;
    let start = Instant::now();
    let dropped = tokio::time::timeout(SHORT, connection.execute("select pg_sleep(60)", &[])).await;
    assert!(dropped.is_err());
    // By the time that the other is cancelled, this one's time is up, too: it is not sent.
    let next = connection
        .within(SHORT)
        .execute("create temp table late ()", &[])
        .await;
    assert!(matches!(next, Err(Error::Deadline { .. })), "{next:?}");
    let late = value(&mut connection, "select (to_regclass('late') is not null)::int").await;
    assert_eq!(late.unwrap(), 0);
    assert_eq!(value(&mut connection, "select 1").await.unwrap(), 1);
    assert!(start.elapsed() < LONG);
}

/// The request to cancel a statement never meets the one behind it.
#[tokio::test]
async fn a_late_cancel_hits_nothing_else() {
    let mut connection = session().await;
    let mut cancelled = 0;
    for round in 0..150_u32 {
        let limit = Duration::from_micros(u64::from(round) * 100);
        let result = connection
            .within(limit)
            .execute("select pg_sleep(0.007)", &[])
            .await;
        match result {
            Ok(_) => {}
            Err(Error::Deadline { .. }) => cancelled += 1,
            Err(error) => panic!("round {round}: {error}"),
        }
        let probe = value(&mut connection, "select 1 from pg_sleep(0.002)").await;
        assert_eq!(probe.unwrap(), 1, "round {round}");
    }
    assert!(cancelled > 20, "{cancelled}");
}

/// A server that says nothing any more.
#[tokio::test]
async fn a_deaf_server_loses_the_connection() {
    let port = scripted(WELCOME, b"");
    let stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let stream = dblink_engine::net::Stream::Tcp(stream);
    let mut connection = Connection::open(stream, config("u", None), None).await.unwrap();
    connection.set_grace(SHORT);
    let error = connection
        .within(SHORT)
        .execute("select 1", &[])
        .await
        .unwrap_err();
    let Error::Closed(closed @ Closed::Unresponsive { .. }) = error else {
        panic!("{error}");
    };
    assert_eq!(
        closed.to_string(),
        "the statement's deadline of 100ms has passed, and the server did not end it within another 100ms"
    );
    assert_eq!(connection.closed(), Some(closed.clone()));
    let again = connection.execute("select 1", &[]).await.unwrap_err();
    assert!(matches!(again, Error::Closed(again) if again == closed));
    assert!(matches!(connection.close().await, Err(Error::Closed(_))));
}

/// The same where it can be told why cancelling did not help.
#[tokio::test]
async fn a_failed_cancel_is_told() {
    let port = scripted(
        b"R\0\0\0\x08\0\0\0\0K\0\0\0\x0c\0\0\0\x01\0\0\0\x02Z\0\0\0\x05I",
        b"",
    );
    let config = resolve(&format!(
        "host=127.0.0.1 port={port} user=u dbname=d sslmode=disable gssencmode=disable"
    ));
    let mut connection = Connection::connect(&config).await.unwrap();
    connection.set_grace(SHORT);
    let error = connection
        .within(SHORT)
        .execute("select 1", &[])
        .await
        .unwrap_err();
    assert!(error.to_string().contains("; cancelling it failed: "), "{error}");
}

/// Saying goodbye to it takes no longer.
#[tokio::test]
async fn closing_waits_for_nobody() {
    let (ours, theirs) = tokio::io::duplex(64);
    let server = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut theirs = theirs;
        let mut startup = [0; 16];
        theirs.read_exact(&mut startup).await.unwrap();
        theirs.write_all(WELCOME).await.unwrap();
        theirs
    });
    let mut startup = config("u", None);
    startup.parameters.clear();
    let stream = dblink_engine::net::Stream::Other(Box::new(ours));
    let mut connection = Connection::open(stream, startup, None).await.unwrap();
    let _open = server.await.unwrap();
    connection.set_grace(SHORT);
    let text = "x".repeat(1 << 16);
    let start = Instant::now();
    assert!(
        tokio::time::timeout(SHORT, connection.execute(&text, &[]))
            .await
            .is_err()
    );
    connection.close().await.unwrap();
    assert!(start.elapsed() < LONG);
}

#[tokio::test]
async fn a_limit_that_no_clock_reaches_is_none() {
    let mut connection = session().await;
    let done = connection.within(Duration::MAX).execute("select 1", &[]).await;
    assert_eq!(done.unwrap(), 1);
    connection.set_grace(Duration::MAX);
    connection.set_deadline(Some(Duration::MAX));
    assert_eq!(value(&mut connection, "select 1").await.unwrap(), 1);
}

/// Ten gigabytes would take much longer than this to be thrown away.
#[tokio::test]
async fn the_rest_of_a_large_result_is_cancelled() {
    let mut connection = session().await;
    let start = Instant::now();
    for _ in 0..3 {
        let mut rows = connection
            .query("select repeat('x', 1000) from generate_series(1, 10000000)", &[])
            .await
            .unwrap();
        rows.next().await.unwrap().unwrap();
        drop(rows);
        assert_eq!(value(&mut connection, "select 1").await.unwrap(), 1);
    }
    assert!(start.elapsed() < LONG);
}

/// Cancelling it would cost what the transaction has done.
#[tokio::test]
async fn in_a_transaction_the_rest_is_read() {
    let mut connection = session().await;
    let mut transaction = connection.transaction().await.unwrap();
    let mut rows = transaction
        .query("select repeat('x', 1000) from generate_series(1, 10000)", &[])
        .await
        .unwrap();
    rows.next().await.unwrap().unwrap();
    drop(rows);
    assert_eq!(value(&mut transaction, "select 1").await.unwrap(), 1);
    transaction.commit().await.unwrap();
}
