//! Transfers that create the table that they copy into.

use dblink_engine::connection::Connection;
use dblink_engine::transfer::{Side, TableName, Transfer, TransferError, TransferFormat};
use dblink_protocol::backend::TransactionStatus;

use crate::transfer::{count, databases, run, text};

/// The columns of a table with their types and NOT NULLs, and its primary key.
async fn shape(connection: &mut Connection, table: &str) -> String {
    let query = format!(
        "select string_agg(quote_ident(attname) || ' ' || format_type(atttypid, atttypmod) \
             || case when attnotnull then ' not null' else '' end, ', ' order by attnum) \
             || coalesce((select ', ' || pg_get_constraintdef(k.oid) from pg_constraint k \
                 where k.conrelid = attrelid and contype = 'p'), '') \
         from pg_attribute where attrelid = '{table}'::regclass and attnum > 0 and not attisdropped group by attrelid"
    );
    text(connection, &query).await
}

/// Whether there is such a table.
async fn exists(connection: &mut Connection, table: &str) -> bool {
    text(connection, &format!("to_regclass('{table}') is not null")).await == "true"
}

async fn create(
    table: &str,
    into: &str,
    from: &mut Connection,
    to: &mut Connection,
) -> Result<u64, TransferError> {
    let transfer = Transfer::table(table).into(into).create();
    transfer.run(from, to).await.map(|done| done.rows)
}

#[tokio::test]
async fn a_table_is_created_with_its_types_and_its_key() {
    let (mut from, mut to) = databases("created").await;
    run(
        &mut from,
        "create table t (dropped int, b text not null, a int, n numeric(10, 3), n0 numeric, n1 numeric(3, -2), v varchar(7), v0 varchar, \
            c char(3), c1 char, c0 bpchar, q \"char\", i2 bit(5), iv varbit(9), s timestamp(3) with time zone, k time(0), \
            w interval day to second(2), w2 interval(1), ta text[], na numeric(4, 1)[][], j jsonb, r int4range, u uuid, m money, o oid, \
            x xml, rc regclass, primary key (b, a)); \
         alter table t drop column dropped; \
         insert into t (a, b, n, c, w, ta, na, rc) values (1, 'x', 1.5, 'c', '1 day 00:00:01.23', '{a,NULL}', '{{1.5}}', 'pg_class'), \
             (2, 'x', null, null, null, null, null, null)",
    )
    .await;
    assert_eq!(create("t", "u", &mut from, &mut to).await.unwrap(), 2);
    assert_eq!(shape(&mut to, "u").await, shape(&mut from, "t").await);
    let rows = "select string_agg(x::text, E'\\n' order by a) from ";
    assert_eq!(
        text(&mut to, &format!("{rows} u x")).await,
        text(&mut from, &format!("{rows} t x")).await
    );
}

/// What has a value of its own in the source is but a value in the target.
#[tokio::test]
async fn generated_and_identity_columns_become_plain() {
    let (mut from, mut to) = databases("plain").await;
    run(
        &mut from,
        "create table t (i int generated always as identity primary key, d int default 7, g int generated always as (d * 2) stored, \
            l int); \
         insert into t (l) values (1), (2)",
    )
    .await;
    let done = Transfer::table("t").into("t").create().verify();
    let done = done.run(&mut from, &mut to).await.unwrap();
    assert_eq!(done.columns, ["i", "d", "g", "l"]);
    assert_eq!(
        text(&mut to, "select string_agg(t::text, ' ' order by i) from t").await,
        "(1,7,14,1) (2,7,14,2)"
    );
    let defined = "select count(*) from pg_attribute where attrelid = 't'::regclass and attnum > 0 \
        and (atthasdef or attidentity <> '' or attgenerated <> '')";
    assert_eq!(text(&mut to, defined).await, "0");
    assert_eq!(text(&mut from, defined).await, "3");
    run(&mut to, "update t set g = 5, i = i + 10").await;
}

#[tokio::test]
async fn odd_names_are_names() {
    let (mut from, mut to) = databases("odd_created").await;
    let victim = "create table victim (); create schema \"S.x\"";
    run(&mut from, victim).await;
    run(&mut to, victim).await;
    let kind = "create type \"int); drop table victim; --\" as enum ('a')";
    for connection in [&mut from, &mut to] {
        run(connection, kind).await;
    }
    run(
        &mut from,
        "create table \"S.x\".\"T \"\"1\"\" é\" (\"a\"\"); drop table victim; --\" int, \"A\" \"int); drop table victim; --\", \
            \"select\" int[] primary key); \
         insert into \"S.x\".\"T \"\"1\"\" é\" values (1, 'a', '{1}')",
    )
    .await;
    let name = TableName::from(("S.x", "T \"1\" é"));
    let transfer = Transfer::table(name.clone()).into(name.clone()).create();
    transfer.verify().run(&mut from, &mut to).await.unwrap();
    assert_eq!(
        shape(&mut to, &name.to_string()).await,
        shape(&mut from, &name.to_string()).await
    );
    assert!(exists(&mut to, "victim").await);
    // A mixed-case name in a schema, by a text.
    run(&mut from, "create table \"Mixed\" (a int)").await;
    create("\"Mixed\"", "\"S.x\".\"Mixed\"", &mut from, &mut to)
        .await
        .unwrap();
    assert!(exists(&mut to, "\"S.x\".\"Mixed\"").await);
}

/// Names without a schema could be those of other tables.
#[tokio::test]
async fn it_is_the_created_table_that_is_copied_into() {
    let (mut from, mut to) = databases("hidden").await;
    run(
        &mut from,
        "create table pg_class (a int); insert into public.pg_class values (5); create table temp (a int); insert into temp values (6)",
    )
    .await;
    run(&mut to, "create temp table temp (a int)").await;
    create("public.pg_class", "pg_class", &mut from, &mut to)
        .await
        .unwrap();
    create("temp", "temp", &mut from, &mut to).await.unwrap();
    assert_eq!(text(&mut to, "select a from public.pg_class").await, "5");
    assert_eq!(text(&mut to, "select a from public.temp").await, "6");
    assert_eq!(count(&mut to, "pg_temp.temp").await, 0);
}

#[tokio::test]
async fn a_table_that_is_there_stays_as_it_is() {
    let (mut from, mut to) = databases("there").await;
    run(&mut from, "create table t (a int); insert into t values (1)").await;
    run(&mut to, "create table t (b text); insert into t values ('x')").await;
    let error = create("t", "t", &mut from, &mut to).await.unwrap_err();
    assert_eq!(
        (error.side(), error.sqlstate().as_str()),
        (Some(Side::Target), "42P07")
    );
    assert_eq!(
        error.to_string(),
        "target: ERROR: relation \"t\" already exists (SQLSTATE 42P07)"
    );
    let error = create("t", "nowhere.t", &mut from, &mut to).await.unwrap_err();
    assert_eq!(
        (error.side(), error.sqlstate().as_str()),
        (Some(Side::Target), "3F000")
    );
    let error = create("absent", "u", &mut from, &mut to).await.unwrap_err();
    assert_eq!(
        (error.side(), error.sqlstate().as_str()),
        (Some(Side::Source), "42P01")
    );
    run(&mut to, "set search_path = ''").await;
    let error = create("t", "t", &mut from, &mut to).await.unwrap_err();
    assert_eq!(
        (error.side(), error.sqlstate().as_str()),
        (Some(Side::Target), "3F000")
    );
    assert_eq!(text(&mut to, "select b from public.t").await, "x");
}

#[tokio::test]
async fn a_failure_leaves_no_table() {
    let (mut from, mut to) = databases("none_created").await;
    let query = "select 1 / (300000 - g) as a from generate_series(1, 400000) g";
    for nested in [false, true] {
        if nested {
            run(&mut to, "begin").await;
        }
        let transfer = Transfer::query(query).into("t").create();
        let error = transfer.run(&mut from, &mut to).await.unwrap_err();
        assert_eq!(error.sqlstate().as_str(), "22012");
        assert!(!exists(&mut to, "t").await);
    }
    // In a transaction of the caller's, it is a part of that.
    let transfer = Transfer::query("select 1 as a").into("t").create();
    transfer.run(&mut from, &mut to).await.unwrap();
    assert_eq!(to.transaction_status(), TransactionStatus::InTransaction);
    assert_eq!(count(&mut to, "t").await, 1);
    run(&mut to, "rollback").await;
    assert!(!exists(&mut to, "t").await);
}

const OWN_TYPES: &str = "create type mood as enum ('sad', 'happy'); create type pair as (a int, m mood); \
    create domain title as varchar(20) check (value <> ''); create schema own; create type own.kind as enum ('k')";

#[tokio::test]
async fn types_of_ones_own_go_by_their_names() {
    let (mut from, mut to) = databases("own_created").await;
    run(&mut from, OWN_TYPES).await;
    run(
        &mut from,
        "create table t (m mood, ms mood[], p pair, d title, k own.kind); \
         insert into t values ('sad', '{happy,NULL}', '(1,sad)', 'x', 'k')",
    )
    .await;
    let error = create("t", "t", &mut from, &mut to).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the target has no type mood, which column m is of"
    );
    assert_eq!(
        (error.side(), error.sqlstate().as_str()),
        (Some(Side::Target), "42704")
    );
    run(&mut to, OWN_TYPES).await;
    run(&mut to, "drop type own.kind").await;
    let error = create("t", "t", &mut from, &mut to).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the target has no type own.kind, which column k is of"
    );
    // There in another place: it is found by the search path.
    run(
        &mut to,
        "create type own.kind as enum ('k'); alter domain title set schema own; set search_path = public, own",
    )
    .await;
    create("t", "t", &mut from, &mut to).await.unwrap();
    run(&mut to, "set search_path = public").await;
    assert_eq!(
        shape(&mut to, "t").await,
        "m mood, ms mood[], p pair, d own.title, k own.kind"
    );
    assert_eq!(
        text(&mut to, "select t::text from t").await,
        text(&mut from, "select t::text from t").await
    );
}

#[tokio::test]
async fn a_query_gives_its_columns() {
    let (mut from, mut to) = databases("query_created").await;
    run(
        &mut from,
        "create table t (a int not null primary key, v varchar(5)); insert into t values (1, 'x')",
    )
    .await;
    let query =
        "select a, v, v::char(3) as \"C\", 1, now(), array[1.5::numeric(4, 2)] as n, null as x from t; ";
    let done = Transfer::query(query).into("t").create().verify();
    let done = done.run(&mut from, &mut to).await.unwrap();
    assert_eq!(done.columns, ["a", "v", "C", "?column?", "now", "n", "x"]);
    assert_eq!(
        shape(&mut to, "t").await,
        "a integer, v character varying(5), \"C\" character(3), \"?column?\" integer, now timestamp with time zone, n numeric(4,2)[], x text"
    );
    // Under other names, also where it has one twice.
    let twice = || Transfer::query("select 1 as a, 'two' as a").into("u").create();
    let error = twice().run(&mut from, &mut to).await.unwrap_err();
    assert_eq!(
        (error.side(), error.sqlstate().as_str()),
        (Some(Side::Target), "42701")
    );
    twice().columns(["x", "y"]).run(&mut from, &mut to).await.unwrap();
    assert_eq!(text(&mut to, "select row(x, y)::text from u").await, "(1,two)");
    for (query, columns, sqlstate) in [
        ("select", None, "42P10"),
        ("select row(1, 2) as r", None, "42P16"),
        ("select 1 as a, 2 as b", Some(["a"]), "42804"),
        ("select a from absent", None, "42P01"),
    ] {
        let mut transfer = Transfer::query(query).into("v").create();
        if let Some(columns) = columns {
            transfer = transfer.columns(columns);
        }
        let error = transfer.run(&mut from, &mut to).await.unwrap_err();
        assert_eq!(error.sqlstate().as_str(), sqlstate, "{query}: {error}");
        assert!(!exists(&mut to, "v").await);
    }
}

#[tokio::test]
async fn chosen_columns_have_the_key_if_they_have_all_of_it() {
    let (mut from, mut to) = databases("part_created").await;
    run(
        &mut from,
        "create table t (a int, b int, c text, primary key (b, a)); insert into t values (1, 2, 'x')",
    )
    .await;
    for (columns, expected) in [
        (["c", "b"], "c text, b integer not null"),
        (
            ["a", "b"],
            "a integer not null, b integer not null, PRIMARY KEY (b, a)",
        ),
    ] {
        let transfer = Transfer::table("t").into("t").columns(columns).create();
        transfer.run(&mut from, &mut to).await.unwrap();
        assert_eq!(shape(&mut to, "t").await, expected);
        run(&mut to, "drop table t").await;
    }
    let transfer = Transfer::table("t").into("t").columns(["a", "z"]).create();
    let error = transfer.run(&mut from, &mut to).await.unwrap_err();
    assert_eq!(error.to_string(), "the source has no such columns to copy: z");
}

/// A parent's key is not one of its children's rows; that of partitions is.
#[tokio::test]
async fn tables_with_children_and_views() {
    let (mut from, mut to) = databases("children_created").await;
    run(
        &mut from,
        "create table parent (a int primary key); create table child () inherits (parent); \
         insert into parent values (1); insert into child values (1); \
         create table parts (a int primary key) partition by list (a); create table part partition of parts for values in (1, 2); \
         insert into parts values (1), (2); create view seen as select a, a::text as t from parts",
    )
    .await;
    for (table, rows, expected) in [
        ("parent", 2, "a integer not null"),
        ("parts", 2, "a integer not null, PRIMARY KEY (a)"),
        ("seen", 2, "a integer, t text"),
    ] {
        let transfer = Transfer::table(table).into(table).create().verify();
        let done = transfer.run(&mut from, &mut to).await.unwrap();
        assert_eq!(
            (done.rows, done.format),
            (rows, TransferFormat::Binary),
            "{table}"
        );
        assert_eq!(shape(&mut to, table).await, expected);
    }
}
