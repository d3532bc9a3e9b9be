//! Transactions and savepoints.

use dblink_engine::connection::{Connection, Error, IsolationLevel};
use dblink_protocol::backend::TransactionStatus;
use dblink_tests::Cluster;

use crate::support::{session, value};

/// A session with an empty table `t`, which only it sees.
async fn with_table() -> Connection {
    let mut connection = session().await;
    connection
        .execute(
            "create temp table t (a int unique deferrable initially deferred)",
            &[],
        )
        .await
        .unwrap();
    connection
}

async fn count(connection: &mut Connection) -> i32 {
    value(connection, "select count(*)::int from t").await.unwrap()
}

#[tokio::test]
async fn committed_is_kept_and_dropped_is_not() {
    let mut connection = with_table().await;
    let mut transaction = connection.transaction().await.unwrap();
    assert_eq!(transaction.transaction_status(), TransactionStatus::InTransaction);
    transaction
        .execute("insert into t values (1)", &[])
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(connection.transaction_status(), TransactionStatus::Idle);
    assert_eq!(count(&mut connection).await, 1);

    let mut transaction = connection.transaction().await.unwrap();
    transaction
        .execute("insert into t values (2)", &[])
        .await
        .unwrap();
    drop(transaction);
    assert_eq!(count(&mut connection).await, 1);
    assert_eq!(connection.transaction_status(), TransactionStatus::Idle);

    let mut transaction = connection.transaction().await.unwrap();
    transaction
        .execute("insert into t values (3)", &[])
        .await
        .unwrap();
    transaction.rollback().await.unwrap();
    assert_eq!(connection.transaction_status(), TransactionStatus::Idle);
    assert_eq!(count(&mut connection).await, 1);
}

/// Nobody waits for the next command to have the locks released.
#[tokio::test]
async fn a_dropped_transaction_gives_its_locks_back_at_once() {
    let (mut one, mut other) = (session().await, session().await);
    let mut transaction = one.transaction().await.unwrap();
    transaction
        .execute("select pg_advisory_xact_lock(20261122)", &[])
        .await
        .unwrap();
    drop(transaction);
    other
        .execute("select pg_advisory_xact_lock(20261122)", &[])
        .await
        .unwrap();
}

#[tokio::test]
async fn a_result_left_half_way_does_not_keep_a_transaction() {
    let mut connection = with_table().await;
    let mut transaction = connection.transaction().await.unwrap();
    transaction
        .execute("insert into t values (1)", &[])
        .await
        .unwrap();
    let mut rows = transaction
        .query("select generate_series(1, 100000)", &[])
        .await
        .unwrap();
    rows.next().await.unwrap().unwrap();
    drop(rows);
    drop(transaction);
    assert_eq!(count(&mut connection).await, 0);
}

#[tokio::test]
async fn savepoints_nest() {
    let mut connection = with_table().await;
    let mut outer = connection.transaction().await.unwrap();
    outer.execute("insert into t values (1)", &[]).await.unwrap();
    {
        let mut inner = outer.transaction().await.unwrap();
        inner.execute("insert into t values (2)", &[]).await.unwrap();
        let mut innermost = inner.transaction().await.unwrap();
        innermost.execute("insert into t values (3)", &[]).await.unwrap();
        innermost.commit().await.unwrap();
        inner.commit().await.unwrap();
    }
    {
        let mut inner = outer.transaction().await.unwrap();
        inner.execute("insert into t values (4)", &[]).await.unwrap();
        let mut innermost = inner.transaction().await.unwrap();
        innermost.execute("insert into t values (5)", &[]).await.unwrap();
        drop(innermost);
        drop(inner);
    }
    {
        let mut inner = outer.transaction().await.unwrap();
        inner.execute("select 1 / 0", &[]).await.unwrap_err();
        // The failure stays inside.
        inner.rollback().await.unwrap();
    }
    outer.execute("insert into t values (6)", &[]).await.unwrap();
    outer.commit().await.unwrap();
    let sum = value(&mut connection, "select sum(a)::int from t").await.unwrap();
    assert_eq!(sum, 1 + 2 + 3 + 6);
}

/// The outer guard takes the inner one's work with it, in whatever order they are left.
#[tokio::test]
async fn leaving_two_levels_at_once_leaves_nothing() {
    let mut connection = with_table().await;
    let mut outer = connection.transaction().await.unwrap();
    let mut inner = outer.transaction().await.unwrap();
    inner.execute("insert into t values (1)", &[]).await.unwrap();
    let mut rows = inner
        .query("select generate_series(1, 100000)", &[])
        .await
        .unwrap();
    rows.next().await.unwrap();
    drop(rows);
    drop(inner);
    drop(outer);
    assert_eq!(count(&mut connection).await, 0);
    assert_eq!(connection.transaction_status(), TransactionStatus::Idle);
}

/// What was begun by hand is ended by hand: only the savepoint is ours.
#[tokio::test]
async fn a_users_own_transaction_is_not_ended() {
    let mut connection = with_table().await;
    connection.execute("begin", &[]).await.unwrap();
    connection.execute("insert into t values (1)", &[]).await.unwrap();
    let mut savepoint = connection.transaction().await.unwrap();
    savepoint.execute("insert into t values (2)", &[]).await.unwrap();
    drop(savepoint);
    assert_eq!(count(&mut connection).await, 1);
    assert_eq!(connection.transaction_status(), TransactionStatus::InTransaction);
    let mut savepoint = connection.transaction().await.unwrap();
    savepoint.execute("insert into t values (3)", &[]).await.unwrap();
    savepoint.commit().await.unwrap();
    connection.execute("commit", &[]).await.unwrap();
    assert_eq!(count(&mut connection).await, 2);
}

/// A server answers COMMIT in a failed transaction with ROLLBACK, and no error.
#[tokio::test]
async fn a_commit_that_rolls_back_is_an_error() {
    let mut connection = with_table().await;
    let mut transaction = connection.transaction().await.unwrap();
    transaction
        .execute("insert into t values (1)", &[])
        .await
        .unwrap();
    transaction.execute("select 1 / 0", &[]).await.unwrap_err();
    assert_eq!(transaction.transaction_status(), TransactionStatus::Failed);
    let error = transaction.commit().await.unwrap_err();
    assert!(matches!(error, Error::RolledBack), "{error}");
    assert_eq!(error.sqlstate().as_str(), "40000");
    assert_eq!(connection.transaction_status(), TransactionStatus::Idle);
    assert_eq!(count(&mut connection).await, 0);
}

#[tokio::test]
async fn a_savepoint_that_failed_cannot_be_committed() {
    let mut connection = with_table().await;
    let mut outer = connection.transaction().await.unwrap();
    outer.execute("insert into t values (1)", &[]).await.unwrap();
    let mut inner = outer.transaction().await.unwrap();
    inner.execute("insert into t values (2)", &[]).await.unwrap();
    inner.execute("select 1 / 0", &[]).await.unwrap_err();
    assert!(matches!(inner.commit().await, Err(Error::RolledBack)));
    outer.commit().await.unwrap();
    assert_eq!(count(&mut connection).await, 1);
}

#[tokio::test]
async fn what_fails_at_commit_is_told_by_it() {
    let mut connection = with_table().await;
    let mut transaction = connection.transaction().await.unwrap();
    for _ in 0..2 {
        // The constraint is deferred.
        transaction
            .execute("insert into t values (1)", &[])
            .await
            .unwrap();
    }
    let error = transaction.commit().await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "23505", "{error}");
    assert_eq!(count(&mut connection).await, 0);
}

#[tokio::test]
async fn options_reach_the_server() {
    let mut connection = session().await;
    for level in [
        IsolationLevel::ReadUncommitted,
        IsolationLevel::ReadCommitted,
        IsolationLevel::RepeatableRead,
        IsolationLevel::Serializable,
    ] {
        for read_only in [false, true] {
            for deferrable in [false, true] {
                let mut transaction = connection
                    .build_transaction()
                    .isolation_level(level)
                    .read_only(read_only)
                    .deferrable(deferrable)
                    .start()
                    .await
                    .unwrap();
                let mut rows = transaction
                    .query(
                        "select upper(current_setting('transaction_isolation')), \
                         current_setting('transaction_read_only'), current_setting('transaction_deferrable')",
                        &[],
                    )
                    .await
                    .unwrap();
                let row = rows.next().await.unwrap().unwrap();
                assert_eq!(row.get::<&str>(0).unwrap(), level.to_string());
                assert_eq!(row.get::<&str>(1).unwrap() == "on", read_only);
                assert_eq!(row.get::<&str>(2).unwrap() == "on", deferrable);
            }
        }
    }
    let mut transaction = connection.transaction().await.unwrap();
    let error = transaction
        .build_transaction()
        .read_only(true)
        .start()
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Nested), "{error}");
    assert_eq!(error.sqlstate().as_str(), "25001");
    transaction.execute("select 1", &[]).await.unwrap();
    transaction.commit().await.unwrap();
}

/// There is no new connection behind an old name: a transaction whose session is gone is gone.
#[tokio::test]
async fn a_transaction_does_not_outlive_its_session() {
    let mut connection = session().await;
    let mut transaction = connection.transaction().await.unwrap();
    let process = transaction.process_id().unwrap();
    Cluster::shared().psql(&format!("select pg_terminate_backend({process})"));
    let error = transaction.execute("select 1", &[]).await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "57P01", "{error}");
    for _ in 0..2 {
        assert!(matches!(
            transaction.execute("select 1", &[]).await,
            Err(Error::Closed(_))
        ));
    }
    assert!(matches!(transaction.commit().await, Err(Error::Closed(_))));
    assert!(connection.is_closed());
    assert!(matches!(connection.transaction().await, Err(Error::Closed(_))));
}
