//! Transfers that compare what has arrived with what was sent.

use dblink_engine::connection::Connection;
use dblink_engine::transfer::{Checksum, Side, Stage, Transfer, TransferError, TransferFormat, Transferred};
use dblink_tests::Cluster;

use crate::transfer::{count, databases, run, session_in, text};

/// Copies the table `t`, which is not the same if this fails so.
async fn sums(from: &mut Connection, to: &mut Connection) -> Result<Transferred, (Checksum, Checksum)> {
    match Transfer::table("t").into("t").verify().run(from, to).await {
        Ok(done) => Ok(done),
        Err(TransferError::Checksum { sent, kept }) => Err((sent, kept)),
        Err(error) => panic!("{error}"),
    }
}

/// Has the target do this to each row.
async fn with_trigger(to: &mut Connection, body: &str) {
    run(
        to,
        &format!(
            "create or replace function change() returns trigger language plpgsql as $$ begin {body} end $$; \
             create or replace trigger change before insert on t for each row execute function change()"
        ),
    )
    .await;
}

#[tokio::test]
async fn the_same_rows_have_the_same_sum_in_any_order() {
    let (mut from, mut to) = databases("sums").await;
    run(
        &mut from,
        "create table t (dropped int, a int, b text, n numeric); alter table t drop column dropped; \
         insert into t select g, nullif(g % 3, 0)::text, g / 3.0 from generate_series(1, 10000) g",
    )
    .await;
    run(
        &mut to,
        "create table t (more text default 'x', n numeric, b varchar, a int)",
    )
    .await;
    let mut stages = Vec::new();
    let transfer = Transfer::table("t")
        .into("t")
        .verify()
        .on_progress(|progress| stages.push((progress.stage, progress.rows)));
    let there = transfer.run(&mut from, &mut to).await.unwrap().checksum.unwrap();
    assert_eq!(there.rows, 10_000);
    stages.dedup_by_key(|(stage, _)| *stage);
    let [(Stage::Copying, _), others @ ..] = &stages[..] else {
        panic!("{stages:?}");
    };
    assert_eq!(others, [(Stage::Verifying, 10_000), (Stage::Committed, 10_000)]);

    // Back again, from rows in another order.
    run(&mut from, "truncate t").await;
    let query = "select a, b, n from t order by md5(a::text)";
    let transfer = Transfer::query(query).into("t").verify();
    let back = transfer.run(&mut to, &mut from).await.unwrap().checksum.unwrap();
    assert_eq!(back, there);
    // Another one, or one twice, is another sum.
    run(&mut to, "truncate t; update t set a = 0").await;
    run(
        &mut from,
        "delete from t where a = 1; insert into t select * from t where a = 2",
    )
    .await;
    let other = sums(&mut from, &mut to).await.unwrap().checksum.unwrap();
    assert_eq!(other.rows, there.rows);
    assert_ne!(other.digest, there.digest);
    // Not asked for, it is not computed.
    let done = Transfer::query("select 1 as a")
        .into("t")
        .run(&mut from, &mut to)
        .await;
    assert_eq!(done.unwrap().checksum, None);
}

/// What is no row at all has a sum, too.
#[tokio::test]
async fn no_rows() {
    let (mut from, mut to) = databases("no_sums").await;
    run(&mut from, "create table t (a int)").await;
    let transfer = Transfer::table("t").into("t").create().verify();
    let done = transfer.run(&mut from, &mut to).await.unwrap();
    assert_eq!(
        done.checksum.unwrap().to_string(),
        "0 rows with checksum 00000000000000000000000000000000"
    );
}

#[tokio::test]
async fn a_value_that_was_changed_is_found() {
    let (mut from, mut to) = databases("changed").await;
    run(
        &mut from,
        "create table t (a text, b text); \
         insert into t select g::text, nullif(g, 7)::text || 'x' from generate_series(1, 1000) g",
    )
    .await;
    run(&mut to, "create table t (a text, b text)").await;
    for body in [
        "if new.a = '500' then new.b := '500 x'; end if; return new;",
        // NULL is no empty text.
        "new.b := coalesce(new.b, ''); return new;",
        // Values that are there, but elsewhere.
        "if new.a = '8' then new.a := '9'; elsif new.a = '9' then new.a := '8'; end if; return new;",
        "if new.a = '5' then select new.b, new.a into new.a, new.b; end if; return new;",
        "if new.a = '5' then new.a := '5,5x'; new.b := null; end if; return new;",
    ] {
        with_trigger(&mut to, body).await;
        let (sent, kept) = sums(&mut from, &mut to).await.unwrap_err();
        assert_eq!((sent.rows, kept.rows), (1000, 1000));
        assert_ne!(sent.digest, kept.digest, "{body}");
        assert_eq!(count(&mut to, "t").await, 0);
    }
    with_trigger(&mut to, "return new;").await;
    sums(&mut from, &mut to).await.unwrap();
    assert_eq!(count(&mut to, "t").await, 1000);
}

#[tokio::test]
async fn what_waits_for_the_commit_is_done_before() {
    let (mut from, mut to) = databases("deferred").await;
    run(&mut from, "create table t (a int); insert into t values (1), (2)").await;
    run(
        &mut to,
        "create table t (a int); \
         create function change() returns trigger language plpgsql as $$ begin update t set a = 9 where a = new.a; return null; end $$; \
         create constraint trigger change after insert on t deferrable initially deferred for each row execute function change()",
    )
    .await;
    let error = Transfer::table("t")
        .into("t")
        .verify()
        .run(&mut from, &mut to)
        .await;
    let error = error.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "22000");
    let TransferError::Checksum { sent, kept } = &error else {
        panic!("{error}");
    };
    assert_eq!(
        error.to_string(),
        format!(
            "the rows in the target are others than those of the source: {sent} in the source, {kept} in the target"
        )
    );
    assert_eq!(count(&mut to, "t").await, 0);
}

#[tokio::test]
async fn a_target_with_rows_is_refused() {
    let (mut from, mut to) = databases("not_empty").await;
    for connection in [&mut from, &mut to] {
        run(connection, "create table t (a int); insert into t values (1)").await;
    }
    let transfer = Transfer::table("t").into("t").verify();
    let transfer = transfer.on_progress(|progress| panic!("{progress:?}"));
    let error = transfer.run(&mut from, &mut to).await.unwrap_err();
    assert_eq!(
        (error.side(), error.sqlstate().as_str()),
        (Some(Side::Target), "55000")
    );
    assert_eq!(
        error.to_string(),
        "the target has rows already, and what is copied to them could not be verified: \"t\" has to be empty"
    );
    assert_eq!(count(&mut to, "t").await, 1);
}

/// Both sides are compared as they were when the copying began, and with what was copied.
#[tokio::test]
async fn others_may_write_meanwhile() {
    drop(databases("meanwhile").await);
    let cluster = Cluster::shared();
    let mut from = session_in(cluster, "meanwhile_from").await;
    let mut to = session_in(cluster, "meanwhile_to").await;
    run(
        &mut from,
        "create table t (a int); insert into t select generate_series(1, 100000)",
    )
    .await;
    run(&mut to, "create table t (a int)").await;
    let mut databases = vec!["meanwhile_from", "meanwhile_to"];
    let transfer = Transfer::table("t").into("t").verify().on_progress(|_| {
        for database in databases.drain(..) {
            let mut psql = cluster.psql_command();
            let status = psql
                .args(["-d", database, "-c", "insert into t values (0)"])
                .status();
            assert!(status.unwrap().success());
        }
    });
    let done = transfer.run(&mut from, &mut to).await.unwrap();
    assert_eq!(done.checksum.unwrap().rows, 100_000);
    assert_eq!(count(&mut from, "t").await, 100_001);
    assert_eq!(count(&mut to, "t").await, 100_001);
}

/// With other settings, the same value has another text; and a view or a query other values.
#[tokio::test]
async fn settings_make_no_difference() {
    drop(databases("verified_settings").await);
    for (side, style, zone, interval, digits) in [
        ("from", "german, mdy", "America/St_Johns", "postgres_verbose", "1"),
        ("to", "sql, dmy", "Asia/Kolkata", "sql_standard", "-3"),
    ] {
        Cluster::shared().psql(&format!(
            "alter database verified_settings_{side} set datestyle = '{style}'; \
             alter database verified_settings_{side} set timezone = '{zone}'; \
             alter database verified_settings_{side} set intervalstyle = '{interval}'; \
             alter database verified_settings_{side} set extra_float_digits = {digits}; \
             alter database verified_settings_{side} set bytea_output = 'escape'"
        ));
    }
    let mut from = session_in(Cluster::shared(), "verified_settings_from").await;
    let mut to = session_in(Cluster::shared(), "verified_settings_to").await;
    run(
        &mut from,
        "create table t as select timestamptz '2001-02-03 04:05:06.7+00' + g * interval '5 hours' as z, interval '-1 day 3:04' * g as v, \
            decode(md5(g::text), 'hex') as b, g / 3.0::float8 as f, tstzrange('2000-01-01', null) as r, array[now()] as za, \
            date '2000-01-01' + g as d from generate_series(1, 1000) g; \
         create view seen as select z::date as day, z::timestamp as local, z, v, f, za from t",
    )
    .await;
    let texts = "select z::text as a, v::text as b, f::text as c, z::date as d from t";
    for format in [TransferFormat::Binary, TransferFormat::Text] {
        for source in ["t", "seen", "texts"] {
            for nested in [false, true] {
                if nested {
                    run(&mut from, "begin isolation level repeatable read").await;
                    run(&mut to, "begin").await;
                }
                let transfer = match source {
                    "t" => Transfer::table("t").into("u"),
                    "seen" => Transfer::table("seen").into("u"),
                    _ => Transfer::query(texts).into("u"),
                };
                let transfer = transfer.format(format).create().verify();
                let done = transfer.run(&mut from, &mut to).await;
                assert!(done.is_ok(), "{source} {format:?} {nested}: {done:?}");
                for (connection, expected) in [
                    (
                        &mut from,
                        "German, MDY America/St_Johns postgres_verbose 1 escape",
                    ),
                    (&mut to, "SQL, DMY Asia/Kolkata sql_standard -3 escape"),
                ] {
                    let settings = "concat_ws(' ', current_setting('datestyle'), current_setting('timezone'), \
                        current_setting('intervalstyle'), current_setting('extra_float_digits'), current_setting('bytea_output'))";
                    assert_eq!(text(connection, settings).await, expected);
                    run(connection, "rollback").await;
                }
                run(&mut to, "drop table if exists u").await;
            }
        }
    }
}

/// It is run twice.
#[tokio::test]
async fn queries_that_cannot_be_run_again() {
    let (mut from, mut to) = databases("twice").await;
    run(&mut from, "create table t (a int)").await;
    run(&mut to, "create table t (a float8)").await;
    let writing = "with w as (insert into t values (1) returning a) select a from w";
    for (query, sqlstate) in [
        (writing, "0A000"),
        ("insert into t values (1) returning a", "42601"),
    ] {
        let transfer = Transfer::query(query).into("t").verify();
        let transfer = transfer.on_progress(|progress| panic!("{progress:?}"));
        let error = transfer.run(&mut from, &mut to).await.unwrap_err();
        assert_eq!(
            (error.side(), error.sqlstate().as_str()),
            (Some(Side::Source), sqlstate),
            "{error}"
        );
    }
    assert_eq!(count(&mut from, "t").await, 0);
    let error = Transfer::query("select random() as a").into("t").verify();
    let error = error.run(&mut from, &mut to).await.unwrap_err();
    assert!(matches!(error, TransferError::Checksum { .. }), "{error}");
    // Comments at its end, names that are there twice, and what COPY takes besides SELECT.
    for query in [
        "select 1 as a -- one",
        "values (1); ",
        "table t",
        "select 1 as a /* ; */ ;",
    ] {
        let transfer = Transfer::query(query).into("t").verify();
        transfer.run(&mut from, &mut to).await.unwrap();
        run(&mut to, "truncate t").await;
    }
    run(&mut to, "create table u (a int, b int)").await;
    let transfer = Transfer::query("select 1 as a, 2 as a").into("u").verify();
    transfer.run(&mut from, &mut to).await.unwrap();
}

#[tokio::test]
async fn a_target_that_cannot_be_read() {
    let (mut from, mut to) = databases("unreadable").await;
    run(&mut from, "create table t (a int)").await;
    let role = "unreadable_writer";
    run(
        &mut to,
        &format!("create table t (a int); create role {role}; grant insert on t to {role}; set role {role}"),
    )
    .await;
    let error = Transfer::table("t")
        .into("t")
        .verify()
        .run(&mut from, &mut to)
        .await;
    let error = error.unwrap_err();
    assert_eq!(
        (error.side(), error.sqlstate().as_str()),
        (Some(Side::Target), "42501")
    );
    assert_eq!(text(&mut to, "1").await, "1");
}

/// A checksum that fails ends the other one, which would take hours.
#[tokio::test]
async fn one_side_fails() {
    let (mut from, mut to) = databases("failing_sum").await;
    run(
        &mut from,
        "create sequence s; create function slow() returns int language plpgsql as \
         $$ begin if nextval('s') > 1 then perform pg_sleep(3600); end if; return 1; end $$",
    )
    .await;
    run(
        &mut to,
        "create sequence s; create function fails(int) returns int language plpgsql as \
             $$ begin return 1 / ($1 - 1); end $$; \
         create table stored (a int); create view t as select fails(a) as a from stored; \
         create function put() returns trigger language plpgsql as $$ begin insert into stored values (new.a); return new; end $$; \
         create trigger put instead of insert on t for each row execute function put()",
    )
    .await;
    let error = Transfer::query("select slow() as a").into("t").verify();
    let error = error.run(&mut from, &mut to).await.unwrap_err();
    assert_eq!(
        (error.side(), error.sqlstate().as_str()),
        (Some(Side::Target), "22012"),
        "{error}"
    );
    assert_eq!(text(&mut from, "1").await, "1");
    assert_eq!(count(&mut to, "stored").await, 0);
}
