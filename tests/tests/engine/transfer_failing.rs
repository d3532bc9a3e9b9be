//! Transfers that fail leave nothing behind, and the two connections to be used again.

use std::time::Duration;

use dblink_engine::connection::Connection;
use dblink_engine::transfer::{Progress, Side, Transfer, TransferError};
use dblink_protocol::backend::TransactionStatus;
use dblink_tests::Cluster;

use crate::transfer::{count, databases, run, session_in, text};

/// Whoever reads all of it reads for hours.
const ENDLESS: &str = "select generate_series(1, 10000000000) as a";

/// Two databases; the target has a table `t`.
async fn with_table(name: &str, table: &str) -> (Connection, Connection) {
    let (from, mut to) = databases(name).await;
    run(&mut to, &format!("create table t {table}")).await;
    (from, to)
}

/// Ends a session at the first progress.
fn end_once(process: i32) -> impl FnMut(Progress) + Send {
    let mut process = Some(process);
    move |_| {
        if let Some(process) = process.take() {
            Cluster::shared().psql(&format!("select pg_terminate_backend({process})"));
        }
    }
}

#[tokio::test]
async fn the_target_ends_half_way() {
    let (mut from, mut to) = with_table("target_ends", "(a bigint)").await;
    let end = end_once(to.process_id().unwrap());
    let error = Transfer::query(ENDLESS)
        .into("t")
        .on_progress(end)
        .run(&mut from, &mut to)
        .await
        .unwrap_err();
    assert_eq!(error.side(), Some(Side::Target), "{error}");
    assert!(["57P01", "08006"].contains(&error.sqlstate().as_str()), "{error}");
    assert!(to.is_closed());
    let mut to = session_in(Cluster::shared(), "target_ends_to").await;
    assert_eq!(count(&mut to, "t").await, 0);
    // Its statement was cancelled, and its transaction has ended.
    assert_eq!(from.transaction_status(), TransactionStatus::Idle);
    assert_eq!(text(&mut from, "1").await, "1");
}

#[tokio::test]
async fn the_source_ends_half_way() {
    let (mut from, mut to) = with_table("source_ends", "(a bigint)").await;
    let end = end_once(from.process_id().unwrap());
    let error = Transfer::query(ENDLESS)
        .into("t")
        .on_progress(end)
        .run(&mut from, &mut to)
        .await
        .unwrap_err();
    assert_eq!(error.side(), Some(Side::Source), "{error}");
    assert!(["57P01", "08006"].contains(&error.sqlstate().as_str()), "{error}");
    assert!(from.is_closed());
    assert_eq!(count(&mut to, "t").await, 0);
    assert_eq!(to.transaction_status(), TransactionStatus::Idle);
    assert!(
        Cluster::shared()
            .log()
            .contains("COPY from stdin failed: the source has failed: ")
    );
}

#[tokio::test]
async fn the_source_fails_half_way() {
    let (mut from, mut to) = with_table("source_fails", "(a bigint)").await;
    let query = "select 1 / (300000 - g) as a from generate_series(1, 400000) g";
    for nested in [false, true] {
        if nested {
            run(&mut to, "begin; insert into t values (1)").await;
        }
        let error = Transfer::query(query)
            .into("t")
            .run(&mut from, &mut to)
            .await
            .unwrap_err();
        assert_eq!(error.side(), Some(Side::Source), "{error}");
        assert_eq!(error.sqlstate().as_str(), "22012");
        let said = error.server().and_then(|server| server.message());
        assert_eq!(said.unwrap().to_string(), "division by zero");
        assert_eq!(
            error.to_string(),
            "source: ERROR: division by zero (SQLSTATE 22012)"
        );
        assert_eq!(text(&mut from, "1").await, "1");
        assert_eq!(count(&mut to, "t").await, u64::from(nested));
    }
    assert_eq!(to.transaction_status(), TransactionStatus::InTransaction);
    assert!(
        Cluster::shared()
            .log()
            .contains("COPY from stdin failed: the source has failed: ERROR: division by zero")
    );
}

#[tokio::test]
async fn the_target_refuses_a_row_half_way() {
    let (mut from, mut to) = with_table("refused", "(a bigint check (a <> 300000))").await;
    for nested in [false, true] {
        if nested {
            for connection in [&mut from, &mut to] {
                run(connection, "begin; create temp table kept ()").await;
            }
        }
        let error = Transfer::query(ENDLESS)
            .into("t")
            .run(&mut from, &mut to)
            .await
            .unwrap_err();
        assert_eq!(error.side(), Some(Side::Target), "{error}");
        assert_eq!(error.sqlstate().as_str(), "23514");
        assert!(
            error
                .server()
                .unwrap()
                .context()
                .unwrap()
                .to_string()
                .starts_with("COPY t, line 300000")
        );
        assert_eq!(count(&mut to, "t").await, 0);
        assert_eq!(text(&mut from, "1").await, "1");
        for connection in [&mut from, &mut to] {
            let expected = if nested {
                TransactionStatus::InTransaction
            } else {
                TransactionStatus::Idle
            };
            assert_eq!(connection.transaction_status(), expected);
        }
    }
    for connection in [&mut from, &mut to] {
        assert_eq!(count(connection, "kept").await, 0);
    }
}

#[tokio::test]
async fn rows_that_a_trigger_leaves_out_are_missed() {
    let (mut from, mut to) = with_table("left_out", "(a bigint)").await;
    run(
        &mut to,
        "create function leave_out() returns trigger language plpgsql as \
             $$ begin return case when new.a <> 5 then new end; end $$; \
         create trigger leave_out before insert on t for each row execute function leave_out()",
    )
    .await;
    let query = "select g as a from generate_series(1, 10) g";
    let error = Transfer::query(query)
        .into("t")
        .run(&mut from, &mut to)
        .await
        .unwrap_err();
    assert!(
        matches!(error, TransferError::RowCount { sent: 10, taken: 9 }),
        "{error}"
    );
    assert_eq!(error.sqlstate().as_str(), "21000");
    assert_eq!(count(&mut to, "t").await, 0);
}

#[tokio::test]
async fn a_table_that_is_not_there_or_forbidden() {
    let (mut from, mut to) = with_table("forbidden", "(a bigint)").await;
    let error = Transfer::table("nowhere")
        .into("t")
        .run(&mut from, &mut to)
        .await
        .unwrap_err();
    assert_eq!(
        (error.sqlstate().as_str(), error.side()),
        ("42P01", Some(Side::Source)),
        "{error}"
    );
    let error = Transfer::query("select 1 as a")
        .into("nowhere")
        .run(&mut from, &mut to)
        .await
        .unwrap_err();
    assert_eq!(
        (error.sqlstate().as_str(), error.side()),
        ("42P01", Some(Side::Target)),
        "{error}"
    );
    run(
        &mut to,
        "create role forbidden_to_write; set role forbidden_to_write",
    )
    .await;
    let error = Transfer::query("select 1::bigint as a")
        .into("t")
        .run(&mut from, &mut to)
        .await
        .unwrap_err();
    assert_eq!(
        (error.sqlstate().as_str(), error.side()),
        ("42501", Some(Side::Target)),
        "{error}"
    );
    assert_eq!(to.transaction_status(), TransactionStatus::Idle);
}

/// Each at another point of the transfer.
#[tokio::test]
async fn a_deadline_cancels_both_sides() {
    let (mut from, mut to) = with_table("deadline", "(a bigint)").await;
    run(
        &mut to,
        "create table slow (a bigint); create table late (a bigint); \
         create function sleep() returns trigger language plpgsql as $$ begin perform pg_sleep(600); return new; end $$; \
         create trigger slow before insert on slow for each row execute function sleep(); \
         create constraint trigger late after insert on late deferrable initially deferred \
             for each row execute function sleep(); \
         create table locked (a bigint)",
    )
    .await;
    let mut other = session_in(Cluster::shared(), "deadline_to").await;
    run(&mut other, "begin; lock table locked").await;
    let limit = Duration::from_millis(200);
    for (query, target) in [
        (ENDLESS, "t"),
        ("select 1::bigint as a from pg_sleep(600)", "t"),
        (ENDLESS, "slow"),
        ("select 1::bigint as a", "slow"),
        ("select 1::bigint as a", "late"),
        ("select 1::bigint as a", "locked"),
    ] {
        let transfer = Transfer::query(query).into(target).deadline(limit);
        let error = transfer.run(&mut from, &mut to).await.unwrap_err();
        assert!(
            matches!(error, TransferError::Deadline { limit: of } if of == limit),
            "{target}: {error}"
        );
        assert_eq!(error.sqlstate().as_str(), "57014");
        assert_eq!(text(&mut from, "1").await, "1");
        if target != "locked" {
            assert_eq!(count(&mut to, target).await, 0);
        }
        assert!(!from.is_closed() && !to.is_closed());
    }
    let busy = "select count(*) from pg_stat_activity where datname like 'deadline_%' and state = 'active' \
        and pid <> pg_backend_pid()";
    assert_eq!(text(&mut other, busy).await, "0");

    let none = Transfer::query(ENDLESS).into("t").deadline(Duration::ZERO);
    let error = none.run(&mut from, &mut to).await.unwrap_err();
    assert!(matches!(error, TransferError::Deadline { .. }), "{error}");
    // One that is not reached does not matter.
    let enough = Transfer::query("select 1::bigint as a")
        .into("t")
        .deadline(Duration::MAX);
    assert_eq!(enough.run(&mut from, &mut to).await.unwrap().rows, 1);
}

/// The target says why at once, though the source has nothing to give.
#[tokio::test]
async fn the_target_is_heard_while_the_source_is_silent() {
    let (mut from, mut to) = with_table("heard", "(a bigint)").await;
    let process = to.process_id().unwrap();
    run(&mut to, "set idle_in_transaction_session_timeout = 0").await;
    // Enough for the target to have got some, and then nothing for long.
    let query = "select g as a from generate_series(1, 100000) g union all select 1 from pg_sleep(600)";
    let error = Transfer::query(query)
        .into("t")
        .on_progress(end_once(process))
        .run(&mut from, &mut to)
        .await;
    assert_eq!(error.unwrap_err().side(), Some(Side::Target));
    assert_eq!(text(&mut from, "1").await, "1");
}

/// The rows are there by then, and that is told.
#[tokio::test]
async fn a_source_that_cannot_commit() {
    let (mut from, mut to) = with_table("source_commit", "(a int)").await;
    run(
        &mut from,
        "create table parent (a int primary key); \
         create table t (a int references parent deferrable initially deferred); insert into parent values (1); \
         insert into t values (1)",
    )
    .await;
    let query = "delete from parent returning a";
    let error = Transfer::query(query)
        .into("t")
        .run(&mut from, &mut to)
        .await
        .unwrap_err();
    assert!(
        matches!(error, TransferError::SourceCommit { rows: 1, .. }),
        "{error}"
    );
    assert_eq!(
        (error.sqlstate().as_str(), error.side()),
        ("23503", Some(Side::Source))
    );
    assert!(error.server().is_some());
    assert_eq!(
        (count(&mut to, "t").await, count(&mut from, "parent").await),
        (1, 1)
    );
}
