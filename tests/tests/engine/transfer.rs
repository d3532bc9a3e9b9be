//! Tables and queries copied from one database into another.

use std::time::Duration;

use dblink_engine::connection::Connection;
use dblink_engine::transfer::{Side, Transfer, TransferFormat};
use dblink_protocol::backend::TransactionStatus;
use dblink_tests::Cluster;

use crate::conninfo::resolve;

/// Two databases of the shared server, and a session in each. No other test has this name.
pub(crate) async fn databases(name: &str) -> (Connection, Connection) {
    let cluster = Cluster::shared();
    for side in ["from", "to"] {
        cluster.psql(&format!("create database {name}_{side}"));
    }
    (
        session_in(cluster, &format!("{name}_from")).await,
        session_in(cluster, &format!("{name}_to")).await,
    )
}

/// A session in a database of a server.
pub(crate) async fn session_in(cluster: &Cluster, database: &str) -> Connection {
    let conninfo = cluster
        .conninfo()
        .replace("dbname=postgres", &format!("dbname={database}"));
    Connection::connect(&resolve(&conninfo)).await.unwrap()
}

/// Runs statements.
pub(crate) async fn run(connection: &mut Connection, statements: &str) {
    let mut results = connection.simple_query(statements).await.unwrap();
    while results.next().await.unwrap().is_some() {}
}

/// The only value of a query's only row, as text.
pub(crate) async fn text(connection: &mut Connection, query: &str) -> String {
    let query = format!("select ({query})::text");
    let row = connection.query_one(&query, &[]).await.unwrap();
    row.get::<Option<String>>(0).unwrap().unwrap_or_default()
}

/// How many rows a table has.
pub(crate) async fn count(connection: &mut Connection, table: &str) -> u64 {
    let row = connection
        .query_one(&format!("select count(*) from {table}"), &[])
        .await
        .unwrap();
    row.get::<i64>(0).unwrap().try_into().unwrap()
}

/// A table of many types, most with NULLs.
const MANY: &str = "create table many as \
    select g as i, case when g % 7 > 0 then 'text' || g || E'\\t\\n\\\\.' end as t, \
        case when g % 5 > 0 then g / 7.0 end as n, timestamptz '2000-01-01 00:00:00.123456+00' + g * interval '1 second' as z, \
        case when g % 3 > 0 then jsonb_build_object('g', g, 'a', array[g, null]) end as j, \
        case when g % 2 > 0 then decode(md5(g::text), 'hex') end as b, \
        case when g % 11 > 0 then array[g, null, -g] end as ia, array['x', null, g::text, '\"'] as ta, \
        g / 3.0::float8 as f, make_interval(days => g, secs => g) as v, g % 2 = 0 as o \
    from generate_series(1, ROWS) g";

/// The same for the same rows, whatever order they are in.
const CHECKSUM: &str = "select sum(hashtextextended(many::text, 0)) || ' ' || count(*) from many";

#[tokio::test]
async fn a_million_rows_arrive_as_they_are() {
    let (mut from, mut to) = databases("million").await;
    run(&mut from, &MANY.replace("ROWS", "1000000")).await;
    run(&mut to, &MANY.replace("ROWS", "0")).await;
    let sum = text(&mut from, CHECKSUM).await;
    for format in [TransferFormat::Binary, TransferFormat::Text] {
        let mut last = (0, 0, Duration::ZERO);
        let mut calls = 0;
        let done = Transfer::table("many")
            .into("many")
            .format(format)
            .on_progress(|progress| {
                let now = (progress.rows, progress.bytes, progress.elapsed);
                assert!(
                    now.0 >= last.0 && now.1 >= last.1 && now.2 >= last.2,
                    "{now:?} after {last:?}"
                );
                last = now;
                calls += 1;
            })
            .run(&mut from, &mut to)
            .await
            .unwrap();
        assert!(calls > 100, "{calls} calls");
        assert_eq!((last.0, last.1), (done.rows, done.bytes));
        assert_eq!((done.rows, done.format), (1_000_000, format));
        assert!(
            done.elapsed > Duration::ZERO && done.bytes > 100_000_000,
            "{done:?}"
        );
        assert_eq!(text(&mut to, CHECKSUM).await, sum);
        run(&mut to, "truncate many").await;
    }
}

#[tokio::test]
async fn bytes_and_rows_are_those_of_the_data() {
    let (mut from, mut to) = databases("counted").await;
    for connection in [&mut from, &mut to] {
        run(connection, "create table t (a int, b text)").await;
    }
    run(&mut from, "insert into t values (1, 'x'), (2, null)").await;
    let transfer = || Transfer::table("t").into("t");
    let text = transfer()
        .format(TransferFormat::Text)
        .run(&mut from, &mut to)
        .await
        .unwrap();
    assert_eq!((text.rows, text.bytes), (2, "1\tx\n2\t\\N\n".len() as u64));
    let binary = transfer().run(&mut from, &mut to).await.unwrap();
    let rows = (2 + 4 + 4 + 4 + 1) + (2 + 4 + 4 + 4);
    assert_eq!((binary.rows, binary.bytes), (2, 19 + rows + 2));
    assert_eq!(binary.columns, ["a", "b"]);
    run(&mut from, "truncate t").await;
    let mut told = Vec::new();
    let none = transfer()
        .on_progress(|progress| told.push(progress.rows))
        .run(&mut from, &mut to)
        .await
        .unwrap();
    assert_eq!((none.rows, none.bytes), (0, 21));
    assert!(told.len() > 1 && told.iter().all(|rows| *rows == 0), "{told:?}");
}

#[tokio::test]
async fn views_partitions_and_children_are_copied() {
    let (mut from, mut to) = databases("kinds").await;
    run(
        &mut from,
        "create table parent (a int); create table child () inherits (parent); insert into parent values (1); \
         insert into child values (2); create view v as select a + 10 as a from parent; \
         create table p (a int) partition by range (a); create table p1 partition of p for values from (0) to (100); \
         insert into p values (5); create materialized view m as select 6 as a",
    )
    .await;
    run(
        &mut to,
        "create table t (a int) partition by range (a); create table t1 partition of t for values from (0) to (10); \
         create table t2 partition of t default",
    )
    .await;
    for (source, rows) in [("parent", 2), ("v", 2), ("p", 1), ("m", 1)] {
        let done = Transfer::table(source)
            .into("t")
            .run(&mut from, &mut to)
            .await
            .unwrap();
        assert_eq!(done.rows, rows, "{source}");
    }
    let all = "select string_agg(a::text, ' ' order by a) from t";
    assert_eq!(text(&mut to, all).await, "1 2 5 6 11 12");
}

#[tokio::test]
async fn queries_are_taken_as_they_are_written() {
    let (mut from, mut to) = databases("queries").await;
    run(&mut to, "create table t (a int)").await;
    for query in [
        "select 1 as a",
        "select 1;",
        "select 1 ; \n",
        "select 1 -- one",
        "select 1 /* one */",
        "values (1)",
        "with x as (select 1) select * from x",
    ] {
        let done = Transfer::query(query).into("t").run(&mut from, &mut to).await;
        assert_eq!(done.unwrap().rows, 1, "{query}");
    }
    for (query, sqlstate) in [
        ("select 1) to program 'true' --", "42601"),
        ("select 1; select 2", "42601"),
        ("select $1::int", "42P02"),
        ("select * from nowhere", "42P01"),
        ("selec", "42601"),
    ] {
        let error = Transfer::query(query)
            .into("t")
            .run(&mut from, &mut to)
            .await
            .unwrap_err();
        assert_eq!(
            (error.sqlstate().as_str(), error.side()),
            (sqlstate, Some(Side::Source)),
            "{query}: {error}"
        );
        assert!(error.server().is_some());
    }
    assert_eq!(count(&mut to, "t").await, 7);
}

/// A savepoint of it fails, and what was done before stays; settings are as they were.
#[tokio::test]
async fn the_callers_transaction_goes_on() {
    let (mut from, mut to) = databases("nested").await;
    for connection in [&mut from, &mut to] {
        run(
            connection,
            "create table t (a int, d date); create table n (a bigint, d date)",
        )
        .await;
        run(
            connection,
            "set datestyle = 'SQL, DMY'; begin; set local intervalstyle = 'iso_8601'",
        )
        .await;
    }
    run(&mut from, "insert into t values (1, '31/12/2000')").await;
    run(&mut to, "insert into n values (0, null)").await;
    let settings = "current_setting('datestyle') || ' ' || current_setting('intervalstyle') || ' ' \
        || current_setting('extra_float_digits') || ' ' || current_setting('bytea_output')";
    for rows in 1..=2_u64 {
        let done = Transfer::table("t")
            .into("n")
            .run(&mut from, &mut to)
            .await
            .unwrap();
        assert_eq!((done.rows, done.format), (1, TransferFormat::Text));
        let refused = Transfer::query("select 'x' as a, 'y' as d")
            .into("n")
            .run(&mut from, &mut to)
            .await;
        let refused = refused.unwrap_err();
        assert_eq!(
            (refused.sqlstate().as_str(), refused.side()),
            ("22P02", Some(Side::Target)),
            "{refused}"
        );
        for connection in [&mut from, &mut to] {
            assert_eq!(text(connection, settings).await, "SQL, DMY iso_8601 1 hex");
            assert_eq!(connection.transaction_status(), TransactionStatus::InTransaction);
        }
        assert_eq!(count(&mut to, "n").await, rows + 1);
    }
    run(&mut to, "commit").await;
    run(&mut from, "commit").await;
    assert_eq!(count(&mut to, "n").await, 3);
    assert_eq!(text(&mut to, "select max(d) from n").await, "31/12/2000");
}

/// What the query writes is committed with the rows, or not at all.
#[tokio::test]
async fn rows_can_be_moved() {
    let (mut from, mut to) = databases("moved").await;
    for connection in [&mut from, &mut to] {
        run(connection, "create table t (a int primary key)").await;
    }
    run(&mut from, "insert into t values (1), (2)").await;
    let transfer = || Transfer::query("delete from t returning a").into("t");
    run(&mut to, "insert into t values (2)").await;
    let error = transfer().run(&mut from, &mut to).await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "23505", "{error}");
    assert_eq!((count(&mut from, "t").await, count(&mut to, "t").await), (2, 1));
    run(&mut to, "truncate t").await;
    transfer().run(&mut from, &mut to).await.unwrap();
    assert_eq!((count(&mut from, "t").await, count(&mut to, "t").await), (0, 2));
}

#[tokio::test]
async fn text_is_utf8_whatever_the_sessions_encodings_are() {
    let (mut from, mut to) = databases("encodings").await;
    for connection in [&mut from, &mut to] {
        run(connection, "create table t (a text, b varchar, i int)").await;
    }
    run(&mut from, "insert into t values ('äöü', 'ß', 1)").await;
    run(&mut from, "set client_encoding = 'latin1'").await;
    for format in [TransferFormat::Text, TransferFormat::Binary] {
        Transfer::table("t")
            .into("t")
            .format(format)
            .run(&mut from, &mut to)
            .await
            .unwrap();
        std::mem::swap(&mut from, &mut to);
        Transfer::table("t")
            .into("t")
            .format(format)
            .run(&mut from, &mut to)
            .await
            .unwrap();
    }
    for connection in [&mut from, &mut to] {
        run(connection, "set client_encoding = 'utf8'").await;
        assert_eq!(
            text(connection, "select string_agg(distinct a || b, '|') from t").await,
            "äöüß"
        );
    }
}

/// Both connections are the same server's, and the table the same.
#[tokio::test]
async fn a_table_can_be_copied_into_itself() {
    let (mut one, _other) = databases("itself").await;
    let mut two = session_in(Cluster::shared(), "itself_from").await;
    run(
        &mut one,
        "create table t as select generate_series(1, 100000) as a",
    )
    .await;
    let done = Transfer::table("t")
        .into("t")
        .run(&mut one, &mut two)
        .await
        .unwrap();
    assert_eq!(done.rows, 100_000);
    assert_eq!(count(&mut one, "t").await, 200_000);
}
