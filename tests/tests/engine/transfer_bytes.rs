//! Text of databases that do not know its encoding.

use dblink_engine::connection::Connection;
use dblink_engine::transfer::{Side, Transfer, TransferError, TransferFormat};
use dblink_tests::Cluster;

use crate::transfer::{count, run, session_in, text};

/// What no client that speaks UTF-8 is given.
const MAKE: &str = "set client_encoding = sql_ascii; \
    create table \"Köln\" as select g as a, convert_from('\\xe4ff41', 'sql_ascii') || g as b from generate_series(1, 3) g";
/// The bytes, as ASCII.
const BYTES: &str =
    "select string_agg(encode(convert_to(b, 'sql_ascii'), 'hex'), ' ' order by a) from \"Köln\"";

/// A session in a new database of this encoding.
async fn database(name: &str, encoding: &str) -> Connection {
    let cluster = Cluster::shared();
    cluster.psql(&format!(
        "create database {name} encoding '{encoding}' locale 'C' template template0"
    ));
    session_in(cluster, name).await
}

#[tokio::test]
async fn bytes_stay_as_they_are_where_neither_side_knows_their_encoding() {
    let mut from = database("bytes_from", "sql_ascii").await;
    let mut to = database("bytes_to", "sql_ascii").await;
    run(&mut from, MAKE).await;
    run(&mut to, "set client_encoding = latin1").await;
    let bytes = text(&mut from, BYTES).await;
    assert_eq!(bytes, "e4ff4131 e4ff4132 e4ff4133");
    for format in [TransferFormat::Binary, TransferFormat::Text] {
        // In a transaction of the caller's, too, which has its settings back.
        for begin in ["", "begin"] {
            run(&mut to, begin).await;
            let transfer = Transfer::table("\"Köln\"").into("\"Köln\"").create().verify();
            let done = transfer.format(format).run(&mut from, &mut to).await.unwrap();
            assert_eq!((done.rows, done.format), (3, format));
            assert_eq!(
                text(&mut to, "current_setting('client_encoding')").await,
                "LATIN1"
            );
            run(&mut to, "set client_encoding = utf8").await;
            assert_eq!(text(&mut to, BYTES).await, bytes);
            run(&mut to, "drop table \"Köln\"; set client_encoding = latin1").await;
            if !begin.is_empty() {
                run(&mut to, "commit").await;
            }
        }
    }
    assert_eq!(
        text(&mut from, "current_setting('client_encoding')").await,
        "SQL_ASCII"
    );
}

#[tokio::test]
async fn bytes_that_are_no_text_are_refused_where_one_side_knows() {
    let mut from = database("unknown_bytes", "sql_ascii").await;
    let mut to = database("known_text", "utf8").await;
    run(&mut from, MAKE).await;
    run(&mut from, "create table t as select 'Köln' as b").await;
    run(&mut to, "create table t (b text); create table u (b text)").await;
    let refused = Transfer::query("select b from \"Köln\"")
        .into("u")
        .run(&mut from, &mut to)
        .await;
    let Err(TransferError::Connection {
        side: Side::Source,
        error,
    }) = refused
    else {
        panic!("{refused:?}");
    };
    assert_eq!(error.sqlstate().as_str(), "22021");
    assert_eq!(count(&mut to, "u").await, 0);
    // What happens to be UTF-8 is taken for it.
    let done = Transfer::table("t")
        .into("t")
        .verify()
        .run(&mut from, &mut to)
        .await;
    assert_eq!(done.unwrap().rows, 1);
    assert_eq!(text(&mut to, "select b from t").await, "Köln");
}
