//! The names of tables and columns, and which column goes where.

use dblink_engine::connection::Connection;
use dblink_engine::transfer::{Side, TableName, Transfer, TransferError, TransferFormat};

use crate::transfer::{count, databases, run, text};

#[tokio::test]
async fn names_are_names_whatever_is_in_them() {
    let (mut from, mut to) = databases("names").await;
    for connection in [&mut from, &mut to] {
        run(
            connection,
            r#"create schema "Mixed.Case"; create table "Mixed.Case"."x ""; drop table y; --" ("A b" int, "c"")" int, "select" int); create table y (i int)"#,
        )
        .await;
    }
    let table = r#""Mixed.Case"."x ""; drop table y; --""#;
    run(&mut from, &format!("insert into {table} values (1, 2, 3)")).await;
    let name = TableName::from(("Mixed.Case", r#"x "; drop table y; --"#));
    Transfer::table(name.clone())
        .into(table)
        .run(&mut from, &mut to)
        .await
        .unwrap();
    Transfer::table(table)
        .into(name)
        .columns(["select", r#"c")"#])
        .run(&mut from, &mut to)
        .await
        .unwrap();
    let all = format!("select string_agg(t::text, ' ' order by t) from {table} t");
    assert_eq!(text(&mut to, &all).await, "(1,2,3) (,2,3)");
    assert_eq!(count(&mut to, "y").await, 0);

    let wrong = Transfer::table("y; drop table y")
        .into("y")
        .run(&mut from, &mut to)
        .await
        .unwrap_err();
    assert_eq!(
        (wrong.sqlstate().as_str(), wrong.side()),
        ("42602", Some(Side::Source))
    );
    let wrong = Transfer::table("y")
        .into("a.b.c")
        .run(&mut from, &mut to)
        .await
        .unwrap_err();
    assert_eq!(
        (wrong.sqlstate().as_str(), wrong.side()),
        ("42602", Some(Side::Target))
    );
}

/// A text means the table that it means to the server.
#[tokio::test]
async fn names_are_read_as_the_server_reads_them() {
    let (mut connection, _) = databases("as_the_server").await;
    run(
        &mut connection,
        r#"create schema s; create table s.t (); create table "S" (); create table "x y" (); create table "a""b" (); create table "ÄÖ" ()"#,
    )
    .await;
    for name in [
        "s.t",
        "S.T",
        " s . t ",
        "\ts\n.\r\"t\"",
        r#""s"."t""#,
        r#""S""#,
        "S",
        r#""x y""#,
        "x y",
        r#""a""b""#,
        r#"a"b"#,
        "ÄÖ",
        r#"s."T""#,
        "pg_catalog.pg_class",
        "PG_Class",
        "s.t.",
        "s..t",
        "",
        " ",
        r#""""#,
        r#""s.t""#,
        r#""s"t"#,
    ] {
        let ours = match name.parse::<TableName>() {
            Ok(parsed) => {
                let query = "select to_regclass($1)::oid::int8";
                connection
                    .query_one(query, &[&parsed.to_string()])
                    .await
                    .unwrap()
                    .get::<Option<i64>>(0)
                    .unwrap()
            }
            Err(_) => None,
        };
        // It refuses what is no name.
        let theirs = connection
            .query_one("select to_regclass($1)::oid::int8", &[&name])
            .await;
        let theirs = theirs.ok().and_then(|row| row.get::<Option<i64>>(0).unwrap());
        assert_eq!(ours, theirs, "{name}");
    }
}

#[tokio::test]
async fn columns_are_matched() {
    let (mut from, mut to) = databases("columns").await;
    run(
        &mut from,
        "create table t (a int, gone int, b text, twice int generated always as (a * 2) stored); \
         alter table t drop column gone; insert into t (a, b) values (1, 'one')",
    )
    .await;
    run(
        &mut to,
        "create table t (dropped int, b text, id bigint generated always as identity, \
             a int, half int generated always as (a / 2) stored, d text default 'd', twice int); \
         alter table t drop column dropped",
    )
    .await;
    let all = "select string_agg(concat_ws(',', b, id, a, half, d, twice), ' ' order by id) from t";

    // By name; the source's generated column is left out, and the target's computes itself.
    let done = Transfer::table("t")
        .into("t")
        .run(&mut from, &mut to)
        .await
        .unwrap();
    assert_eq!(done.columns, ["a", "b"]);
    assert_eq!(text(&mut to, all).await, "one,1,1,0,d");
    run(&mut to, "truncate t restart identity").await;
    // But it is copied if it is asked for.
    let done = Transfer::table("t")
        .into("t")
        .columns(["twice", "b"])
        .run(&mut from, &mut to)
        .await
        .unwrap();
    assert_eq!(done.format, TransferFormat::Binary);
    assert_eq!(text(&mut to, all).await, "one,1,d,2");
    run(&mut to, "truncate t restart identity").await;
    // An identity takes what it is given.
    Transfer::query("select 'q' as b, 7::bigint as id")
        .into("t")
        .run(&mut from, &mut to)
        .await
        .unwrap();
    assert_eq!(text(&mut to, all).await, "q,7,d");
    run(&mut to, "truncate t restart identity").await;
    // By position.
    let done = Transfer::query("select 'q' as b, 1::bigint, 3, 'e' as x, 4")
        .into("t")
        .run(&mut from, &mut to)
        .await
        .unwrap();
    assert_eq!(done.columns, ["b", "id", "a", "d", "twice"]);
    assert_eq!(text(&mut to, all).await, "q,1,3,1,e,4");

    let copy = async |source, columns: Option<&[&str]>, from: &mut Connection, to: &mut Connection| {
        let mut transfer = match source {
            "t" => Transfer::table("t"),
            query => Transfer::query(query),
        }
        .into("t");
        if let Some(columns) = columns {
            transfer = transfer.columns(columns.iter().copied());
        }
        transfer.run(from, to).await.unwrap_err()
    };
    let missing = copy("t", Some(&["a", "half", "no"]), &mut from, &mut to).await;
    assert_eq!(
        missing.to_string(),
        "the source has no such columns to copy: half, no"
    );
    run(&mut from, "alter table t add half int, add other int").await;
    let missing = copy("t", None, &mut from, &mut to).await;
    assert_eq!(
        missing.to_string(),
        "the target has no such columns to copy: half, other"
    );
    assert_eq!(
        (missing.sqlstate().as_str(), missing.side()),
        ("42703", Some(Side::Target))
    );
    let number = copy("select 1, 2", None, &mut from, &mut to).await;
    assert!(
        matches!(
            number,
            TransferError::ColumnCount {
                source_columns: 2,
                target_columns: 5
            }
        ),
        "{number}"
    );
    let nothing = copy("create table u ()", None, &mut from, &mut to).await;
    assert_eq!(nothing.sqlstate().as_str(), "42P10", "{nothing}");
    assert_eq!(count(&mut to, "t").await, 1);
}

#[tokio::test]
async fn a_table_without_columns_has_nothing_to_copy() {
    let (mut from, mut to) = databases("without_columns").await;
    for connection in [&mut from, &mut to] {
        run(connection, "create table t ()").await;
    }
    let none = Transfer::table("t")
        .into("t")
        .run(&mut from, &mut to)
        .await
        .unwrap_err();
    assert!(matches!(none, TransferError::NoColumns), "{none}");
    let none = Transfer::query("select")
        .into("t")
        .run(&mut from, &mut to)
        .await
        .unwrap_err();
    assert!(matches!(none, TransferError::NoColumns), "{none}");
}
