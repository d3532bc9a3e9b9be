//! COPY that fails: at the server, by a deadline, by a request to cancel.

use std::time::Duration;

use dblink_engine::connection::{Connection, CopyIn, Error};
use dblink_engine::conninfo::{Conninfo, ProcessEnvironment};
use dblink_protocol::backend::TransactionStatus;
use dblink_tests::{Cluster, roles};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;

use crate::copy::{count, with_table};
use crate::support::{config, session, unix, value};

/// Sends rows from `first` on until that fails.
async fn send_until_failed(copy: &mut CopyIn<'_>, first: u64) -> Error {
    for number in first.. {
        if let Err(error) = copy.send(format!("{number}\n").as_bytes()).await {
            return error;
        }
    }
    unreachable!("numbers end")
}

#[tokio::test]
async fn a_refusal_is_told_by_the_next_send_and_from_then_on() {
    let mut connection = with_table().await;
    let mut copy = connection.copy_in("copy t from stdin").await.unwrap();
    copy.send(b"1\n2\nthree\n").await.unwrap();
    let error = send_until_failed(&mut copy, 4).await;
    assert_eq!(error.sqlstate().as_str(), "22P02", "{error}");
    for _ in 0..2 {
        let again = copy.send(b"5\n").await.unwrap_err();
        assert_eq!(again.to_string(), error.to_string());
    }
    let again = copy.write_all(b"5\n").await.unwrap_err();
    assert_eq!(again.to_string(), error.to_string());
    let again = copy.finish().await.unwrap_err();
    assert_eq!(again.to_string(), error.to_string());
    assert_eq!(count(&mut connection).await, 0);
}

#[tokio::test]
async fn a_refusal_in_a_large_send_is_the_servers() {
    let mut connection = with_table().await;
    let mut copy = connection.copy_in("copy t from stdin").await.unwrap();
    let mut data = vec![b'x'; 8 << 20];
    data[0] = b'\n';
    for _ in 0..2 {
        let error = copy.send(&data).await.unwrap_err();
        assert_eq!(error.sqlstate().as_str(), "22P02", "{error}");
    }
    copy.fail("no matter").await.unwrap();
    assert_eq!(count(&mut connection).await, 0);
}

#[tokio::test]
async fn a_refusal_is_told_by_finish() {
    let mut connection = with_table().await;
    for (data, sqlstate) in [("1\n1\n", "23505"), ("x\n", "22P02"), ("1\t2\n", "22P04")] {
        let mut copy = connection.copy_in("copy t from stdin").await.unwrap();
        copy.send(data.as_bytes()).await.unwrap();
        assert_eq!(copy.finish().await.unwrap_err().sqlstate().as_str(), sqlstate);
        assert_eq!(connection.transaction_status(), TransactionStatus::Idle);
        assert_eq!(count(&mut connection).await, 0);
    }
}

#[tokio::test]
async fn a_constraint_that_is_checked_at_the_commit() {
    let mut connection = with_table().await;
    connection
        .execute(
            "create temp table u (a int references t deferrable initially deferred)",
            &[],
        )
        .await
        .unwrap();
    let mut copy = connection.copy_in("copy u from stdin").await.unwrap();
    copy.send(b"1\n").await.unwrap();
    assert_eq!(copy.finish().await.unwrap_err().sqlstate().as_str(), "23503");
    assert_eq!(
        value(&mut connection, "select count(*)::int from u")
            .await
            .unwrap(),
        0
    );
}

#[tokio::test]
async fn failing_it_has_a_reason() {
    let cluster = Cluster::start();
    let mut connection = Connection::open(unix(&cluster).await, config(roles::SUPERUSER, None), None)
        .await
        .unwrap();
    connection.execute("create table t (a int)", &[]).await.unwrap();
    let mut transaction = connection.transaction().await.unwrap();
    let mut copy = transaction.copy_in("copy t from stdin").await.unwrap();
    copy.send(b"1\n").await.unwrap();
    copy.fail("it has become too warm").await.unwrap();
    assert_eq!(transaction.transaction_status(), TransactionStatus::Failed);
    transaction.rollback().await.unwrap();
    assert!(
        cluster
            .log()
            .contains("COPY from stdin failed: it has become too warm")
    );

    for reason in ["zero\0byte".to_owned(), "x".repeat(10_001)] {
        let mut copy = connection.copy_in("copy t from stdin").await.unwrap();
        copy.send(b"1\n").await.unwrap();
        assert!(matches!(copy.fail(&reason).await, Err(Error::Command(_))));
        assert_eq!(count(&mut connection).await, 0);
    }
}

/// The server must not go on to wait with its locks until the connection is used again.
#[tokio::test]
async fn dropping_it_tells_the_server_at_once() {
    Cluster::shared().psql("create table dropped_at_once (a int)");
    let mut connection = session().await;
    let mut copy = connection
        .copy_in("copy dropped_at_once from stdin")
        .await
        .unwrap();
    copy.send(b"1\n").await.unwrap();
    drop(copy);
    let mut other = session().await;
    // The limit only ends a test that fails.
    other
        .within(Duration::from_secs(20))
        .execute("truncate dropped_at_once", &[])
        .await
        .unwrap();
    assert_eq!(value(&mut connection, "select 1").await.unwrap(), 1);
}

#[tokio::test]
async fn a_deadline_fails_it_while_it_sends() {
    let mut connection = with_table().await;
    let limit = Duration::from_secs(1);
    let mut copy = connection
        .within(limit)
        .copy_in("copy t from stdin")
        .await
        .unwrap();
    let error = send_until_failed(&mut copy, 1).await;
    assert!(
        matches!(error, Error::Deadline { limit: of } if of == limit),
        "{error}"
    );
    let again = copy.finish().await.unwrap_err();
    assert!(matches!(again, Error::Deadline { .. }), "{again}");
    assert_eq!(count(&mut connection).await, 0);
}

#[tokio::test]
async fn a_deadline_holds_to_the_end() {
    let limit = Duration::from_secs(1);
    let mut connection = cancellable().await;
    let mut copy = connection
        .within(limit)
        .copy_in("copy t from stdin; select pg_sleep(600)")
        .await
        .unwrap();
    copy.send(b"1\n").await.unwrap();
    let error = copy.finish().await.unwrap_err();
    assert!(matches!(error, Error::Deadline { .. }), "{error}");
    assert_eq!(count(&mut connection).await, 0);

    let error = connection
        .within(limit)
        .copy_in("select pg_sleep(600); copy t from stdin")
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Deadline { .. }), "{error}");

    let mut copy = connection
        .within(limit)
        .copy_out("copy (select g, case when g > 1000 then pg_sleep(600) end from generate_series(1, 2000) g) to stdout")
        .await
        .unwrap();
    let error = loop {
        match copy.next().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("it looks complete"),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, Error::Deadline { .. }), "{error}");
    assert_eq!(count(&mut connection).await, 0);
}

/// A session that can be cancelled, with a table `t`.
async fn cancellable() -> Connection {
    let cluster = Cluster::shared();
    let config = Conninfo::parse(format!(
        "host={} port={} user={} dbname=postgres",
        cluster.socket_dir().display(),
        cluster.port(),
        roles::SUPERUSER
    ))
    .unwrap()
    .resolve(&ProcessEnvironment)
    .unwrap();
    let mut connection = Connection::connect(&config).await.unwrap();
    connection
        .execute("create temp table t (a int)", &[])
        .await
        .unwrap();
    connection
}

#[tokio::test]
async fn another_task_cancels_it() {
    let mut connection = cancellable().await;
    let handle = connection.cancel_handle().unwrap();
    let cancel = |started: oneshot::Receiver<()>| {
        let handle = handle.clone();
        tokio::spawn(async move {
            started.await.unwrap();
            handle.cancel(Duration::from_secs(20)).await.unwrap();
        })
    };

    let (start, started) = oneshot::channel();
    let task = cancel(started);
    let mut copy = connection.copy_in("copy t from stdin").await.unwrap();
    start.send(()).unwrap();
    let error = send_until_failed(&mut copy, 1).await;
    assert_eq!(error.sqlstate().as_str(), "57014", "{error}");
    assert!(error.server().is_some());
    drop(copy);
    task.await.unwrap();
    assert_eq!(count(&mut connection).await, 0);

    let (start, started) = oneshot::channel();
    let task = cancel(started);
    let mut copy = connection
        .copy_out("copy (select generate_series(1, 10000000000)) to stdout")
        .await
        .unwrap();
    start.send(()).unwrap();
    let mut sink = tokio::io::sink();
    let error = tokio::io::copy(&mut copy, &mut sink).await.unwrap_err();
    let error = error.downcast::<Error>().unwrap();
    assert_eq!(error.sqlstate().as_str(), "57014", "{error}");
    // It is told again rather than an end that looks complete.
    assert_eq!(copy.next().await.unwrap_err().sqlstate().as_str(), "57014");
    task.await.unwrap();
    assert_eq!(count(&mut connection).await, 0);
}

#[tokio::test]
async fn the_server_ends_the_session() {
    // A server that waits for its client to read goes without a word.
    for (direction, kill, sqlstates) in [
        ("in", false, &["57P01"][..]),
        ("in", true, &["08006"]),
        ("out", false, &["57P01", "08006"]),
        ("out", true, &["08006"]),
    ] {
        let cluster = Cluster::start();
        cluster.psql("create table t (a int)");
        let mut connection = Connection::open(unix(&cluster).await, config(roles::SUPERUSER, None), None)
            .await
            .unwrap();
        let process = connection.process_id().unwrap();
        let end = || {
            if kill {
                cluster.kill(process);
            } else {
                cluster.psql(&format!("select pg_terminate_backend({process})"));
            }
        };
        let error = if direction == "in" {
            let mut copy = connection.copy_in("copy t from stdin").await.unwrap();
            copy.send(b"1\n").await.unwrap();
            copy.flush().await.unwrap();
            end();
            let error = send_until_failed(&mut copy, 2).await;
            assert!(copy.finish().await.is_err());
            error
        } else {
            let mut copy = connection
                .copy_out("copy (select generate_series(1, 10000000000)) to stdout")
                .await
                .unwrap();
            copy.next().await.unwrap().unwrap();
            end();
            loop {
                match copy.next_batch().await {
                    Ok(Some(_)) => {}
                    Ok(None) => panic!("it looks complete"),
                    Err(error) => break error,
                }
            }
        };
        let sqlstate = error.sqlstate();
        assert!(
            sqlstates.contains(&sqlstate.as_str()),
            "{direction}, kill {kill}: {error}"
        );
        assert!(connection.is_closed());
        assert!(connection.copy_in("copy t from stdin").await.is_err());
        // After a crash it takes a while to let others in again.
        if !kill {
            assert_eq!(cluster.psql("select count(*) from t"), "0");
        }
    }
}

#[tokio::test]
async fn an_error_half_way_out_comes_behind_the_data() {
    let mut connection = session().await;
    let mut copy = connection
        .copy_out("copy (select 1 / (3 - g) from generate_series(1, 5) g) to stdout")
        .await
        .unwrap();
    let mut data = Vec::new();
    let error = copy.read_to_end(&mut data).await.unwrap_err();
    assert_eq!(data, b"0\n1\n");
    let error = error.downcast::<Error>().unwrap();
    assert_eq!(error.sqlstate().as_str(), "22012");
    assert_eq!(copy.next().await.unwrap_err().sqlstate().as_str(), "22012");
    assert_eq!(value(&mut connection, "select 1").await.unwrap(), 1);
}
