//! What values become on the other side, and the format in which they get there.

use dblink_engine::connection::Connection;
use dblink_engine::transfer::{Transfer, TransferError, TransferFormat};
use dblink_tests::Cluster;

use crate::transfer::{databases, run, session_in, text};

/// Copies the table `t` into the other's `t`.
async fn copy(
    format: TransferFormat,
    from: &mut Connection,
    to: &mut Connection,
) -> Result<TransferFormat, TransferError> {
    run(to, "truncate t").await;
    let transfer = Transfer::table("t").into("t").format(format);
    transfer.run(from, to).await.map(|done| done.format)
}

/// All rows of the table, in order.
const ROWS: &str = "select string_agg(t::text, E'\\n' order by t::text) from t";

#[tokio::test]
async fn types_that_differ_go_as_text() {
    let (mut from, mut to) = databases("differing").await;
    run(
        &mut from,
        "create table t (a int, b int, c text, d varchar(9), e char(3), f numeric(10, 3), g text[], h timestamptz, i json); \
         insert into t values (1, -2, '3', 'four', 'e', 5.125, '{x,NULL,\"a b\"}', '2001-02-03 04:05:06+02', '{\"k\": [1]}'), \
             (null, null, null, null, null, null, null, null, null)",
    )
    .await;
    run(
        &mut to,
        "create table t (a text, b bigint, c int, d char(6), e text, f float8, g varchar[], h date, i jsonb)",
    )
    .await;
    run(&mut from, "set timezone = 'UTC'").await;
    let format = copy(TransferFormat::Auto, &mut from, &mut to).await.unwrap();
    assert_eq!(format, TransferFormat::Text);
    assert_eq!(
        text(&mut to, ROWS).await,
        "(,,,,,,,,)\n(1,-2,3,\"four  \",\"e  \",5.125,\"{x,NULL,\"\"a b\"\"}\",2001-02-03,\"{\"\"k\"\": [1]}\")"
    );

    let error = copy(TransferFormat::Binary, &mut from, &mut to)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "column a cannot be copied in binary format from int4 to text"
    );
    assert_eq!(error.sqlstate().as_str(), "42804");
}

/// In text format, too, a date is the same date, and a number the same number.
#[tokio::test]
async fn settings_of_the_databases_change_nothing() {
    drop(databases("settings").await);
    for (side, other) in [("from", false), ("to", true)] {
        let style = if other { "sql, dmy" } else { "german, mdy" };
        let zone = if other { "Asia/Kolkata" } else { "America/St_Johns" };
        let interval = if other { "sql_standard" } else { "postgres_verbose" };
        Cluster::shared().psql(&format!(
            "alter database settings_{side} set datestyle = '{style}'; \
             alter database settings_{side} set timezone = '{zone}'; \
             alter database settings_{side} set intervalstyle = '{interval}'; \
             alter database settings_{side} set extra_float_digits = -3; \
             alter database settings_{side} set bytea_output = 'escape'"
        ));
    }
    let mut from = session_in(Cluster::shared(), "settings_from").await;
    let mut to = session_in(Cluster::shared(), "settings_to").await;
    let table = "create table t (d date, z timestamptz, s timestamp, k timetz, v interval, f float8, r float4, b bytea, da date[])";
    for connection in [&mut from, &mut to] {
        run(connection, table).await;
    }
    run(
        &mut from,
        "insert into t values \
            ('2001-02-03', '2001-02-03 04:05:06.789+00', '2001-02-03 04:05:06', '04:05:06+07:30', '-1 year 2 days -03:04:05', \
                0.1::float8 + 0.2::float8, 0.1::float4 + 0.2::float4, '\\x00ff5c27', '{2001-02-03,NULL}'), \
            ('0044-03-15 BC', 'infinity', '-infinity', '23:59:59.999999-11', '-1 day', 'NaN', '-Infinity', '', '{}'), \
            ('infinity', '0044-03-15 12:00:00+00 BC', '294276-12-31 23:59:59.999999', '00:00+00', '1 year -2 mons 3 days', 1e-307, \
                3.4e38, 'text', '{}')",
    )
    .await;
    let equal = "select string_agg(md5(date_send(d) || timestamptz_send(z) || timestamp_send(s) || timetz_send(k) || interval_send(v) \
        || float8send(f) || float4send(r) || b || array_send(da)), ' ' order by f) from t";
    let sums = text(&mut from, equal).await;
    for format in [TransferFormat::Text, TransferFormat::Binary] {
        assert_eq!(copy(format, &mut from, &mut to).await.unwrap(), format);
        assert_eq!(text(&mut to, equal).await, sums, "{format:?}");
    }
    // They were only changed for that.
    assert_eq!(
        text(&mut from, "current_setting('datestyle')").await,
        "German, MDY"
    );
    assert_eq!(text(&mut from, "current_setting('bytea_output')").await, "escape");
}

const OWN_TYPES: &str = "create type mood as enum ('sad', 'Very happy'); \
    create type pair as (a int, b text); create type moods as (a int, m mood); \
    create domain positive as int check (value > 0); create domain title as varchar(20); \
    create type spans as range (subtype = float8)";

/// The two databases give their types other numbers.
#[tokio::test]
async fn types_of_ones_own() {
    let (mut from, mut to) = databases("own_types").await;
    run(
        &mut to,
        "create type other_number as enum (); create domain another_number as int",
    )
    .await;
    for connection in [&mut from, &mut to] {
        run(connection, OWN_TYPES).await;
    }
    for (type_, value, format) in [
        ("mood", "'Very happy'", TransferFormat::Binary),
        ("pair", "(1, 'x')", TransferFormat::Binary),
        ("positive", "7", TransferFormat::Binary),
        ("title", "'T'", TransferFormat::Binary),
        ("spans", "'[1.5,2.5)'", TransferFormat::Binary),
        ("int4multirange", "'{[1,3),[5,7)}'", TransferFormat::Binary),
        ("moods", "(1, 'sad')", TransferFormat::Text),
        ("mood[]", "'{sad,NULL,\"Very happy\"}'", TransferFormat::Text),
        ("positive[]", "'{1,2}'", TransferFormat::Text),
        ("pair[]", "array[(1, 'x')::pair]", TransferFormat::Text),
    ] {
        for connection in [&mut from, &mut to] {
            run(
                connection,
                &format!("drop table if exists t; create table t (v {type_})"),
            )
            .await;
        }
        run(&mut from, &format!("insert into t values ({value}), (null)")).await;
        assert_eq!(
            copy(TransferFormat::Auto, &mut from, &mut to).await.unwrap(),
            format,
            "{type_}"
        );
        assert_eq!(text(&mut to, ROWS).await, text(&mut from, ROWS).await, "{type_}");
    }
}

#[tokio::test]
async fn a_domain_is_its_base_type_and_checks() {
    let (mut from, mut to) = databases("domains").await;
    for connection in [&mut from, &mut to] {
        run(connection, OWN_TYPES).await;
    }
    run(&mut from, "create table t (v int); insert into t values (1), (0)").await;
    run(&mut to, "create table t (v positive)").await;
    for format in [TransferFormat::Binary, TransferFormat::Text] {
        let error = copy(format, &mut from, &mut to).await.unwrap_err();
        assert_eq!(error.sqlstate().as_str(), "23514", "{error}");
        assert_eq!(text(&mut to, "select count(*) from t").await, "0");
    }
    run(&mut from, "delete from t where v = 0").await;
    assert_eq!(
        copy(TransferFormat::Auto, &mut from, &mut to).await.unwrap(),
        TransferFormat::Binary
    );
}

/// A table has other types than it had at the last transfer.
#[tokio::test]
async fn nothing_is_remembered_of_a_table() {
    let (mut from, mut to) = databases("altered").await;
    for connection in [&mut from, &mut to] {
        run(connection, "create table t (v text)").await;
    }
    run(&mut from, "insert into t values ('1234')").await;
    assert_eq!(
        copy(TransferFormat::Auto, &mut from, &mut to).await.unwrap(),
        TransferFormat::Binary
    );
    run(&mut to, "alter table t alter v type int using v::int").await;
    assert_eq!(
        copy(TransferFormat::Auto, &mut from, &mut to).await.unwrap(),
        TransferFormat::Text
    );
    assert_eq!(text(&mut to, ROWS).await, "(1234)");
}

/// They are known by name in text, and by the database's own numbers in binary.
#[tokio::test]
async fn what_names_an_object_is_the_object_of_that_name() {
    let (mut from, mut to) = databases("objects").await;
    run(&mut to, "create table other_number ()").await;
    for connection in [&mut from, &mut to] {
        run(
            connection,
            "create table t (c regclass, p regprocedure, y regtype)",
        )
        .await;
    }
    run(&mut from, "insert into t values ('t', 'lower(text)', 't')").await;
    assert_eq!(
        copy(TransferFormat::Auto, &mut from, &mut to).await.unwrap(),
        TransferFormat::Text
    );
    assert_eq!(text(&mut to, ROWS).await, "(t,\"lower(text)\",t)");
    let error = copy(TransferFormat::Binary, &mut from, &mut to)
        .await
        .unwrap_err();
    assert!(matches!(error, TransferError::NotBinary { .. }), "{error}");
}

/// Whether a type of an extension has the same binary format on both sides, nobody can tell but who asks for it.
#[tokio::test]
async fn types_of_extensions_go_as_text_unless_asked_otherwise() {
    let (mut from, mut to) = databases("extensions").await;
    run(&mut to, "create type other_number as enum ()").await;
    for connection in [&mut from, &mut to] {
        run(connection, "create extension citext; create table t (v citext)").await;
    }
    run(&mut from, "insert into t values ('Text')").await;
    for (asked, got) in [
        (TransferFormat::Auto, TransferFormat::Text),
        (TransferFormat::Binary, TransferFormat::Binary),
    ] {
        assert_eq!(copy(asked, &mut from, &mut to).await.unwrap(), got);
        assert_eq!(text(&mut to, ROWS).await, "(Text)");
    }
}

/// Where the locale is another, a number of cents is another amount.
#[tokio::test]
async fn money_is_refused_where_it_would_be_another_amount() {
    let (mut from, mut to) = databases("money").await;
    for connection in [&mut from, &mut to] {
        run(connection, "create table t (id int, v money[])").await;
    }
    run(&mut from, "insert into t values (1, array[12.34::money])").await;
    for format in [TransferFormat::Auto, TransferFormat::Text] {
        copy(format, &mut from, &mut to).await.unwrap();
        assert_eq!(text(&mut to, ROWS).await, "(1,{$12.34})");
    }
    // The same locale by another name: what it means is not for us to know.
    run(&mut to, "set lc_monetary = 'POSIX'").await;
    for format in [TransferFormat::Auto, TransferFormat::Text, TransferFormat::Binary] {
        let error = copy(format, &mut from, &mut to).await.unwrap_err();
        assert_eq!(error.sqlstate().as_str(), "0A000");
        assert_eq!(
            error.to_string(),
            "column v is of type money, which means another amount where lc_monetary is another: \"C\" in the source, \
             \"POSIX\" in the target; copy it as numeric"
        );
    }
    // Other columns are nobody's money.
    Transfer::table("t")
        .into("t")
        .columns(["id"])
        .run(&mut from, &mut to)
        .await
        .unwrap();
}
