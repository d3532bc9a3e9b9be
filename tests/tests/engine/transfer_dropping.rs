//! A transfer dropped at every poll: the target holds none of its rows, or all.

use std::pin::pin;

use dblink_engine::connection::Connection;
use dblink_engine::transfer::{Transfer, TransferFormat};
use dblink_protocol::backend::TransactionStatus;
use tokio::sync::oneshot;

use crate::polls::polled;
use crate::transfer::{count, databases, run, text};

/// More than the sockets take at once, so that there is something to wait for.
const ROWS: u64 = 50_000;

/// Drops the transfer after one poll, two polls and so on until it comes to its end. After each, both connections give right
/// answers, and `check` is right.
async fn drop_at_every_poll<C>(name: &str, format: TransferFormat, begin: &str, check: C)
where
    C: AsyncFn(&mut Connection, &mut Connection),
{
    let (mut from, mut to) = databases(name).await;
    run(
        &mut from,
        &format!("create table t as select g as a, 'text ' || g as b from generate_series(1, {ROWS}) g"),
    )
    .await;
    run(&mut to, "create table t (a int, b text)").await;
    for polls in 1.. {
        for connection in [&mut from, &mut to] {
            run(connection, begin).await;
        }
        let transfer = Transfer::table("t").into("t").format(format);
        let finished = polled(transfer.run(&mut from, &mut to), polls).await;
        for probe in [&polls.to_string(), "-1"] {
            assert_eq!(text(&mut from, probe).await, *probe);
            assert_eq!(text(&mut to, probe).await, *probe);
        }
        check(&mut from, &mut to).await;
        let rows = count(&mut to, "t").await;
        assert!(
            rows == ROWS || rows == 0 && finished.is_none(),
            "{rows} rows after {polls} polls"
        );
        run(&mut to, "truncate t").await;
        if let Some(done) = finished {
            assert_eq!(done.unwrap().rows, ROWS);
            assert!(polls > 5, "it came to its end within {polls} polls");
            return;
        }
        assert!(polls < 10_000, "it never ends");
    }
}

#[tokio::test]
async fn in_binary_format() {
    drop_at_every_poll("dropped_binary", TransferFormat::Binary, "", async |from, to| {
        for connection in [from, to] {
            assert_eq!(connection.transaction_status(), TransactionStatus::Idle);
        }
    })
    .await;
}

/// What was done before it stays, and so do the settings.
#[tokio::test]
async fn in_a_transaction_of_the_callers() {
    let begin = "begin; set local datestyle = 'German'; create temp table kept ()";
    drop_at_every_poll("dropped_nested", TransferFormat::Text, begin, async |from, to| {
        for connection in [&mut *from, &mut *to] {
            assert_eq!(connection.transaction_status(), TransactionStatus::InTransaction);
            assert_eq!(
                text(connection, "current_setting('datestyle')").await,
                "German, DMY"
            );
            assert_eq!(count(connection, "kept").await, 0);
        }
        for connection in [from, to] {
            run(connection, "drop table kept; commit").await;
        }
    })
    .await;
}

/// What is left of the source's data is not read by the next command: its statement is cancelled.
#[tokio::test]
async fn a_source_without_end_is_cancelled() {
    let (mut from, mut to) = databases("dropped_endless").await;
    run(&mut to, "create table t (a bigint)").await;
    run(&mut from, "create table kept ()").await;
    for begin in ["", "begin; create table kept ()"] {
        run(&mut to, begin).await;
        run(&mut from, begin.replace("create", "drop").trim_end_matches("()")).await;
        let (tell, told) = oneshot::channel();
        let mut tell = Some(tell);
        let transfer = Transfer::query("select generate_series(1, 10000000000) as a")
            .into("t")
            .on_progress(|progress| {
                if progress.rows > 100_000 {
                    tell.take().map(|tell| tell.send(()));
                }
            });
        {
            let transfer = pin!(transfer.run(&mut from, &mut to));
            tokio::select! {
                _ = transfer => panic!("it has no end"),
                () = async { told.await.unwrap() } => {}
            }
        }
        assert_eq!(text(&mut from, "7").await, "7");
        assert_eq!(count(&mut to, "t").await, 0);
        let there = text(&mut from, "to_regclass('kept') is null").await;
        assert_eq!(there, (!begin.is_empty()).to_string());
    }
}

/// One that was never polled has done nothing.
#[tokio::test]
async fn one_that_is_not_polled_does_nothing() {
    let (mut from, mut to) = databases("not_polled").await;
    drop(Transfer::query("select 1").into("t").run(&mut from, &mut to));
    for connection in [&mut from, &mut to] {
        assert_eq!(connection.transaction_status(), TransactionStatus::Idle);
        assert_eq!(text(connection, "1").await, "1");
    }
}

/// It can go to another thread.
#[tokio::test]
async fn a_transfer_can_be_spawned() {
    let (mut from, mut to) = databases("spawned").await;
    run(&mut to, "create table t (a int)").await;
    let task = tokio::spawn(async move {
        let done = Transfer::query("select 1 as a")
            .into("t")
            .run(&mut from, &mut to)
            .await;
        done.unwrap().rows
    });
    assert_eq!(task.await.unwrap(), 1);
}
