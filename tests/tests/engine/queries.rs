//! Queries.

use dblink_engine::connection::{Connection, Error, SimpleResult};
use dblink_engine::net::Stream;
use dblink_tests::Cluster;
use postgres_types::{IsNull, ToSql, Type, to_sql_checked};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::conninfo::resolve;
use crate::support::{WELCOME, config, scripted, session, value};

#[tokio::test]
async fn values_go_and_come_as_rust_has_them() {
    let mut connection = session().await;
    let mut rows = connection
        .query(
            "select $1 + 1, $2 || '!', $3::text, $4::bigint, not $5, $6::numeric::text, $7::int[]",
            &[
                &41_i32,
                &"hey",
                &None::<&str>,
                &7_i64,
                &false,
                &"1.50",
                &vec![1_i32, 2],
            ],
        )
        .await
        .unwrap();
    let row = rows.next().await.unwrap().unwrap();
    assert_eq!(row.get::<i32>(0).unwrap(), 42);
    assert_eq!(row.get::<&str>(1).unwrap(), "hey!");
    assert_eq!(row.get::<Option<&str>>(2).unwrap(), None);
    assert_eq!(row.get::<i64>("int8").unwrap(), 7);
    assert!(row.get::<bool>(4).unwrap());
    assert_eq!(row.get::<&str>(5).unwrap(), "1.50");
    assert_eq!(row.get::<Vec<i32>>(6).unwrap(), [1, 2]);

    assert_eq!(
        row.get::<i64>(0).unwrap_err().to_string(),
        "cannot read column \"?column?\": its type is int4, not one that i64 reads"
    );
    assert!(matches!(row.get::<i32>(2), Err(Error::Column { .. })));
    assert_eq!(
        row.get::<i32>("nowhere").unwrap_err().to_string(),
        "there is no column \"nowhere\"; the result has 7"
    );
    assert!(rows.next().await.unwrap().is_none());
    assert_eq!(rows.rows_affected(), Some(1));
}

/// A value that no type takes.
#[derive(Debug)]
struct Unsendable;

impl ToSql for Unsendable {
    fn to_sql(
        &self,
        _: &Type,
        _: &mut bytes::BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Send + Sync>> {
        Err("it is a secret".into())
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

#[tokio::test]
async fn a_parameter_that_cannot_be_sent_is_named() {
    let mut connection = session().await;
    let error = connection
        .query("select $1, $2", &[&1_i32, &Unsendable])
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "cannot send parameter $2: it is a secret");
    assert_eq!(error.sqlstate().as_str(), "22023");

    // What only the server can refuse, it does.
    let error = connection.query("select $1", &[&"zero\0byte"]).await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "22021", "{error}");
    assert_eq!(value(&mut connection, "select 1").await.unwrap(), 1);
}

#[tokio::test]
async fn commands_tell_how_many_rows_they_concern() {
    let mut connection = session().await;
    connection
        .execute("create temp table t (a int, b text)", &[])
        .await
        .unwrap();
    let inserted = connection
        .execute("insert into t select g, $1 from generate_series(1, 5) g", &[&"x"])
        .await
        .unwrap();
    assert_eq!(inserted, 5);
}

#[tokio::test]
async fn a_failure_leaves_the_connection_ready() {
    let mut connection = session().await;
    for statement in ["select 1/0", "selec", "select * from nowhere"] {
        let error = connection.execute(statement, &[]).await.unwrap_err();
        assert!(error.server().is_some(), "{error}");
        assert_eq!(value(&mut connection, "select 1").await.unwrap(), 1);
    }
    // Half-way: after some rows.
    let mut rows = connection
        .query("select 1 / (3 - g) from generate_series(1, 5) g", &[])
        .await
        .unwrap();
    let mut count = 0;
    let error = loop {
        match rows.next().await {
            Ok(Some(_)) => count += 1,
            Ok(None) => panic!("no failure"),
            Err(error) => break error,
        }
    };
    assert_eq!((count, error.sqlstate().as_str()), (2, "22012"));
    assert_eq!(value(&mut connection, "select 1").await.unwrap(), 1);
}

/// What text results give: of each row its values, of each statement its tag, and why it failed.
async fn texts(connection: &mut Connection, statement: &str, parameters: &[&(dyn ToSql + Sync)]) -> String {
    let mut seen = Vec::new();
    let mut results = connection.query_text(statement, parameters).await.unwrap();
    loop {
        match results.next().await {
            Ok(Some(SimpleResult::Rows(rows))) => {
                seen.extend(rows.iter().map(|row| {
                    let values = row.values().map(|value| value.map(String::from_utf8_lossy));
                    format!("{:?}", values.collect::<Vec<_>>())
                }));
            }
            Ok(Some(SimpleResult::Completed(completed))) => seen.push(completed.as_wire_str().to_string()),
            Ok(Some(SimpleResult::Columns(columns))) => seen.push(format!("{} columns", columns.len())),
            Ok(Some(SimpleResult::Empty)) => seen.push("empty".to_owned()),
            Ok(Some(other)) => panic!("{other:?}"),
            Ok(None) => return seen.join("; "),
            Err(error) => {
                seen.push(error.sqlstate().to_string());
                return seen.join("; ");
            }
        }
    }
}

#[tokio::test]
async fn values_in_text_with_parameters() {
    let mut connection = session().await;
    let connection = &mut connection;
    assert_eq!(
        texts(
            connection,
            "select $1::date + 1, $2 + 1.50, null, $3",
            &[&"2026-02-28", &1_i32, &""]
        )
        .await,
        r#"4 columns; [Some("2026-03-01"), Some("2.50"), None, Some("")]; SELECT 1"#
    );
    assert_eq!(
        texts(connection, "select where $1 = ''", &[&""]).await,
        "0 columns; []; SELECT 1"
    );
    assert_eq!(
        texts(connection, "create temp table t (a int)", &[]).await,
        "CREATE TABLE"
    );
    assert_eq!(
        texts(connection, "insert into t values ($1)", &[&"7"]).await,
        "INSERT 0 1"
    );
    assert_eq!(texts(connection, "", &[]).await, "empty");
    assert_eq!(texts(connection, "select $1::int", &[&"x"]).await, "22P02");
    assert_eq!(texts(connection, "select $1, $2", &[&"x"]).await, "08P01");
    assert_eq!(texts(connection, "select 1; select 2", &[]).await, "42601");
    assert_eq!(texts(connection, "copy t to stdout", &[]).await, "0A000");
    assert_eq!(
        texts(connection, "select 1 / (2 - a) from generate_series(1, 2) a", &[]).await,
        r#"1 columns; [Some("1")]; 22012"#
    );
    assert_eq!(value(connection, "select a from t").await.unwrap(), 7);
}

#[tokio::test]
async fn whether_a_statement_gives_rows_is_asked_before_it_is_run() {
    let mut connection = session().await;
    connection
        .batch_execute("create temp table t (a int)")
        .await
        .unwrap();
    for (statement, gives) in [
        ("select 1", true),
        ("select", true),
        ("insert into t values (1) returning a", true),
        ("insert into t values ($1)", false),
        ("create table u ()", false),
        ("", false),
    ] {
        assert_eq!(
            connection.gives_rows(statement).await.unwrap(),
            gives,
            "{statement}"
        );
    }
    assert_eq!(
        value(&mut connection, "select count(*)::int from t")
            .await
            .unwrap(),
        0
    );
    for (statement, why) in [
        ("select 1; select 2", "42601"),
        ("select * from atlantis", "42P01"),
    ] {
        let error = connection.gives_rows(statement).await.unwrap_err();
        assert_eq!(error.sqlstate().as_str(), why);
    }
}

#[tokio::test]
async fn several_statements_at_once() {
    let mut connection = session().await;
    let mut results = connection
        .simple_query("select 1 as a; select 'x' as b, null as c")
        .await
        .unwrap();
    let mut seen = Vec::new();
    while let Some(result) = results.next().await.unwrap() {
        match &result {
            SimpleResult::Columns(columns) => seen.push(format!("{} columns", columns.len())),
            SimpleResult::Rows(_) => {
                for row in result.rows() {
                    let value = row.raw(0).unwrap().unwrap();
                    seen.push(String::from_utf8(value.to_vec()).unwrap());
                }
            }
            SimpleResult::Completed(completed) => seen.push(completed.as_wire_str().to_string()),
            SimpleResult::Empty => seen.push("empty".to_owned()),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(seen, ["1 columns", "1", "SELECT 1", "2 columns", "x", "SELECT 1"]);
}

#[tokio::test]
async fn notifications_are_kept_whenever_they_come() {
    let mut connection = session().await;
    connection.execute("listen engine_news", &[]).await.unwrap();
    connection
        .execute("select pg_notify('engine_news', $1)", &[&"own"])
        .await
        .unwrap();
    Cluster::shared().psql("notify engine_news, 'from afar'");
    for payload in ["own", "from afar"] {
        let notification = connection.wait_for_notification(None).await.unwrap().unwrap();
        assert_eq!(notification.payload, payload);
    }
}

#[tokio::test]
async fn a_large_value_each_way() {
    let mut connection = session().await;
    let value = "x".repeat(64 << 20);
    let mut rows = connection.query("select $1::text", &[&value]).await.unwrap();
    let row = rows.next().await.unwrap().unwrap();
    assert!(row.get::<&str>(0).unwrap() == value);
}

/// Both sides have more to say than the connection holds: who writes first and reads later hangs here.
#[tokio::test]
async fn it_reads_while_it_writes() {
    let (ours, mut theirs) = tokio::io::duplex(1024);
    let notices = b"N\0\0\0\x10VNOTICE\0M-\0\0".repeat(10_000);
    let server = async {
        let mut startup = [0; 16];
        theirs.read_exact(&mut startup).await.unwrap();
        theirs.write_all(WELCOME).await.unwrap();
        // All of it goes before anything of the query is read.
        theirs.write_all(&notices).await.unwrap();
        let mut query = vec![0; 1 << 20];
        theirs.read_exact(&mut query).await.unwrap();
        theirs.write_all(b"I\0\0\0\x04Z\0\0\0\x05I").await.unwrap();
    };
    let client = async {
        let stream = Stream::Other(Box::new(ours));
        let mut startup = config("u", None);
        startup.parameters.clear();
        let mut connection = Connection::open(stream, startup, None).await.unwrap();
        let text = "x".repeat((1 << 20) - 6);
        let mut results = connection.simple_query(&text).await.unwrap();
        assert!(matches!(results.next().await, Ok(Some(SimpleResult::Empty))));
        assert!(matches!(results.next().await, Ok(None)));
    };
    tokio::join!(server, client);
}

/// The results need not be read for the statements to be run.
#[tokio::test]
async fn a_simple_query_is_sent() {
    let mut connection = session().await;
    let channel = "engine_simple";
    let mut other = session().await;
    other
        .simple_query(&format!("listen {channel}"))
        .await
        .unwrap()
        .next()
        .await
        .unwrap();
    drop(
        connection
            .simple_query(&format!("notify {channel}"))
            .await
            .unwrap(),
    );
    assert_eq!(
        other.wait_for_notification(None).await.unwrap().unwrap().channel,
        channel
    );
}

#[tokio::test]
async fn the_servers_last_word_is_the_reason() {
    let mut connection = session().await;
    let process = connection.process_id().unwrap();
    Cluster::shared().psql(&format!("select pg_terminate_backend({process})"));
    let error = connection.execute("select 1", &[]).await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "57P01", "{error}");
    assert!(connection.is_closed());
}

/// A server that says why it ends the session, and keeps the connection open.
#[tokio::test]
async fn the_servers_last_word_is_enough() {
    let port = scripted(WELCOME, b"E\0\0\0\x1cVFATAL\0C57P01\0Mthe end\0\0");
    let config = resolve(&format!("host=127.0.0.1 port={port} user=u sslmode=disable"));
    let mut connection = Connection::connect(&config).await.unwrap();
    let error = connection.execute("select 1", &[]).await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "57P01", "{error}");
    assert!(connection.is_closed());
}

#[tokio::test]
async fn a_script_is_run_to_its_end_or_its_first_failure() {
    let mut connection = session().await;
    connection
        .batch_execute("create temp table t (a int); insert into t values (1); select * from t")
        .await
        .unwrap();
    // Without a BEGIN of its own, all of it is one transaction.
    let error = connection
        .batch_execute("insert into t values (2); select 1 / 0; insert into t values (3)")
        .await
        .unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "22012");
    assert_eq!(
        value(&mut connection, "select sum(a)::int from t").await.unwrap(),
        1
    );
}
