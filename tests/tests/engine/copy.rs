//! COPY in both directions.

use dblink_engine::connection::{Connection, Error};
use dblink_protocol::backend::TransactionStatus;
use dblink_protocol::wire::Format;
use dblink_tests::Cluster;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};

use crate::support::{session, value};

/// A session with a temporary table `t (a int)`.
pub(crate) async fn with_table() -> Connection {
    let mut connection = session().await;
    connection
        .execute("create temp table t (a int primary key)", &[])
        .await
        .unwrap();
    connection
}

pub(crate) async fn count(connection: &mut Connection) -> i32 {
    value(connection, "select count(*)::int from t").await.unwrap()
}

#[tokio::test]
async fn data_goes_in_and_comes_out() {
    let mut connection = with_table().await;
    let mut copy = connection.copy_in("copy t from stdin").await.unwrap();
    assert_eq!(copy.format().overall, Format::Text);
    assert_eq!(copy.format().columns, [Format::Text]);
    // Cut anywhere.
    for piece in ["", "1\n2", "3", "\n", "4\n"] {
        copy.send(piece.as_bytes()).await.unwrap();
    }
    assert_eq!(copy.finish().await.unwrap(), 3);

    let mut copy = connection.copy_out("copy t to stdout").await.unwrap();
    let mut data = Vec::new();
    data.extend(copy.next().await.unwrap().unwrap());
    assert_eq!(copy.rows_affected(), None);
    while let Some(batch) = copy.next_batch().await.unwrap() {
        data.extend(batch.iter().flatten());
    }
    assert_eq!(data, b"1\n23\n4\n");
    assert_eq!(copy.rows_affected(), Some(3));
    assert!(copy.next().await.unwrap().is_none());
    assert_eq!(count(&mut connection).await, 3);
}

#[tokio::test]
async fn the_format_is_what_the_statement_says() {
    let mut connection = with_table().await;
    let copy = connection
        .copy_in("copy t from stdin (format binary)")
        .await
        .unwrap();
    assert_eq!(copy.format().overall, Format::Binary);
    drop(copy);

    let mut copy = connection
        .copy_in("copy t from stdin (format csv, header)")
        .await
        .unwrap();
    copy.send(b"a\n\"7\"\n").await.unwrap();
    assert_eq!(copy.finish().await.unwrap(), 1);
    let mut copy = connection
        .copy_out("copy (select 'x,y', 1) to stdout (format csv)")
        .await
        .unwrap();
    assert_eq!(copy.next().await.unwrap().unwrap(), "\"x,y\",1\n");
}

#[tokio::test]
async fn no_data_is_a_copy_too() {
    let mut connection = with_table().await;
    let copy = connection.copy_in("copy t from stdin").await.unwrap();
    assert_eq!(copy.finish().await.unwrap(), 0);
    let mut copy = connection.copy_out("copy t to stdout").await.unwrap();
    assert!(copy.next().await.unwrap().is_none());
    assert_eq!(copy.rows_affected(), Some(0));
}

#[tokio::test]
async fn what_is_no_such_copy_is_refused() {
    let mut connection = with_table().await;
    for statement in ["select 1", "", "copy t to stdout", "select 1; copy t to stdout"] {
        let error = connection.copy_in(statement).await.unwrap_err();
        assert_eq!(error.to_string(), "the statement is no COPY FROM STDIN");
        assert_eq!(error.sqlstate().as_str(), "22023");
        assert_eq!(value(&mut connection, "select 1").await.unwrap(), 1);
    }
    for statement in ["select 1", "", "copy t from stdin", "select 1; copy t from stdin"] {
        let error = connection.copy_out(statement).await.unwrap_err();
        assert_eq!(error.to_string(), "the statement is no COPY TO STDOUT");
        assert_eq!(value(&mut connection, "select 1").await.unwrap(), 1);
    }
    for statement in ["copy nowhere from stdin", "copy t from nowhere"] {
        let error = connection.copy_in(statement).await.unwrap_err();
        assert!(error.server().is_some(), "{error}");
        let error = connection.copy_out(statement).await.unwrap_err();
        assert!(error.server().is_some(), "{error}");
    }
    let error = connection.copy_in("copy t from stdin\0").await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "22023");
    assert_eq!(count(&mut connection).await, 0);
}

#[tokio::test]
async fn other_statements_may_stand_around_it() {
    let mut connection = with_table().await;
    connection.execute("insert into t values (9)", &[]).await.unwrap();
    let mut copy = connection
        .copy_in("select 1; truncate t; copy t from stdin; select 2; update t set a = a + 10")
        .await
        .unwrap();
    copy.send(b"1\n2\n").await.unwrap();
    assert_eq!(copy.finish().await.unwrap(), 2);
    let mut copy = connection
        .copy_out("select 1; copy t to stdout; truncate t")
        .await
        .unwrap();
    let mut text = String::new();
    copy.read_to_string(&mut text).await.unwrap();
    assert_eq!((text.as_str(), copy.rows_affected()), ("11\n12\n", Some(2)));
    assert_eq!(count(&mut connection).await, 0);
}

#[tokio::test]
async fn a_statement_behind_it_can_undo_it() {
    let mut connection = with_table().await;
    let mut copy = connection.copy_in("copy t from stdin; select 1/0").await.unwrap();
    copy.send(b"1\n").await.unwrap();
    assert_eq!(copy.finish().await.unwrap_err().sqlstate().as_str(), "22012");

    let mut copy = connection
        .copy_in("copy t from stdin; copy t from stdin")
        .await
        .unwrap();
    copy.send(b"1\n").await.unwrap();
    let error = copy.finish().await.unwrap_err();
    assert!(matches!(error, Error::SecondCopy), "{error}");
    assert_eq!(error.sqlstate().as_str(), "0A000");
    assert_eq!(count(&mut connection).await, 0);

    let mut copy = connection
        .copy_out("copy (select 1) to stdout; copy (select 2) to stdout")
        .await
        .unwrap();
    assert_eq!(copy.next().await.unwrap().unwrap(), "1\n");
    for _ in 0..2 {
        assert!(matches!(copy.next().await, Err(Error::SecondCopy)));
    }
    assert_eq!(value(&mut connection, "select 3").await.unwrap(), 3);
}

#[tokio::test]
async fn inside_transactions_and_savepoints() {
    let mut connection = with_table().await;
    let mut transaction = connection.transaction().await.unwrap();
    let mut copy = transaction.copy_in("copy t from stdin").await.unwrap();
    copy.send(b"1\n").await.unwrap();
    assert_eq!(copy.finish().await.unwrap(), 1);
    {
        // Kept apart by a savepoint, it may fail.
        let mut savepoint = transaction.transaction().await.unwrap();
        let mut copy = savepoint.copy_in("copy t from stdin").await.unwrap();
        copy.send(b"1\n").await.unwrap();
        assert_eq!(copy.finish().await.unwrap_err().sqlstate().as_str(), "23505");
        assert_eq!(savepoint.transaction_status(), TransactionStatus::Failed);
    }
    {
        let mut savepoint = transaction.transaction().await.unwrap();
        let mut copy = savepoint.copy_in("copy t from stdin").await.unwrap();
        copy.send(b"2\n").await.unwrap();
        drop(copy);
    }
    let mut savepoint = transaction.transaction().await.unwrap();
    let mut copy = savepoint.copy_in("copy t from stdin").await.unwrap();
    copy.send(b"3\n").await.unwrap();
    assert_eq!(copy.finish().await.unwrap(), 1);
    savepoint.commit().await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(
        value(&mut connection, "select sum(a)::int from t").await.unwrap(),
        4
    );

    // Without a savepoint the whole transaction fails.
    let mut transaction = connection.transaction().await.unwrap();
    let copy = transaction.copy_in("copy t from stdin").await.unwrap();
    drop(copy);
    let error = transaction.execute("select 1", &[]).await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "25P02");
    assert!(matches!(transaction.commit().await, Err(Error::RolledBack)));
    assert_eq!(count(&mut connection).await, 2);
}

#[tokio::test]
async fn notices_and_notifications_come_in_between() {
    const ROWS: i32 = 20_000;
    let mut connection = with_table().await;
    let notices = std::sync::Arc::new(std::sync::atomic::AtomicI32::new(0));
    let counter = std::sync::Arc::clone(&notices);
    connection.on_notice(move |_| {
        counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    });
    let mut results = connection
        .simple_query(
            "listen copy_news; \
             create function pg_temp.tell() returns trigger language plpgsql \
                as $$ begin raise notice 'row %', repeat('x', 1000); return new; end $$; \
             create trigger tell before insert on t for each row execute function pg_temp.tell()",
        )
        .await
        .unwrap();
    while results.next().await.unwrap().is_some() {}
    let mut copy = connection.copy_in("copy t from stdin").await.unwrap();
    for number in 0..ROWS {
        copy.send(format!("{number}\n").as_bytes()).await.unwrap();
        if number == ROWS / 2 {
            Cluster::shared().psql("notify copy_news, 'meanwhile'");
        }
    }
    assert_eq!(copy.finish().await.unwrap(), 20_000);
    assert_eq!(notices.load(std::sync::atomic::Ordering::Relaxed), ROWS);
    let notification = connection.wait_for_notification(None).await.unwrap().unwrap();
    assert_eq!(notification.payload, "meanwhile");
}

#[tokio::test]
async fn as_streams_of_bytes_64_mib_each_way() {
    const LINES: usize = 64;
    let mut connection = session().await;
    connection
        .execute("create temp table lines (line text)", &[])
        .await
        .unwrap();
    let line = "abcdefgh".repeat((1 << 17) - 1) + "1234567\n";
    let text = line.repeat(LINES);
    let mut copy = connection.copy_in("copy lines from stdin").await.unwrap();
    tokio::io::copy(&mut text.as_bytes(), &mut copy).await.unwrap();
    copy.flush().await.unwrap();
    copy.shutdown().await.unwrap();
    assert_eq!(copy.finish().await.unwrap(), LINES as u64);

    let mut copy = connection.copy_out("copy lines to stdout").await.unwrap();
    let mut first = String::new();
    copy.read_line(&mut first).await.unwrap();
    assert!(first == line);
    let mut rest = Vec::new();
    copy.read_to_end(&mut rest).await.unwrap();
    assert_eq!(copy.rows_affected(), Some(LINES as u64));
    assert!(rest == text.as_bytes()[line.len()..]);

    // In one go.
    let mut copy = connection.copy_in("copy lines from stdin").await.unwrap();
    copy.send(text.as_bytes()).await.unwrap();
    assert_eq!(copy.finish().await.unwrap(), LINES as u64);
    let right = "select count(*)::int from lines where line = (select min(line) from lines)";
    assert_eq!(value(&mut connection, right).await.unwrap(), 128);
}

/// Who only writes must not commit by stopping.
#[tokio::test]
async fn shutting_down_finishes_nothing() {
    let mut connection = with_table().await;
    let mut copy = connection.copy_in("copy t from stdin").await.unwrap();
    copy.write_all(b"1\n").await.unwrap();
    copy.shutdown().await.unwrap();
    drop(copy);
    assert_eq!(count(&mut connection).await, 0);
}
