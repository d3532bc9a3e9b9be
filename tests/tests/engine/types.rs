//! Types that are not built in.

use std::error::Error as StdError;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use dblink_engine::connection::{Connection, Error};
use postgres_types::{FromSql, Kind, ToSql, Type};
use serde_json::json;
use uuid::Uuid;

use crate::support::{session, value};

#[derive(Debug, Clone, Copy, PartialEq, FromSql, ToSql)]
#[postgres(name = "mood", rename_all = "lowercase")]
enum Mood {
    Sad,
    Ok,
    Happy,
}

#[derive(Debug, Clone, PartialEq, FromSql, ToSql)]
#[postgres(name = "point3")]
struct Point {
    x: i32,
    y: Option<f64>,
    label: String,
}

#[derive(Debug, Clone, PartialEq, FromSql, ToSql)]
#[postgres(name = "shape")]
struct Shape {
    corner: Point,
    corners: Vec<Point>,
    mood: Mood,
}

#[derive(Debug, Clone, PartialEq, FromSql, ToSql)]
#[postgres(name = "email")]
struct Email(String);

#[derive(Debug, Clone, PartialEq, FromSql, ToSql)]
#[postgres(name = "moods")]
struct Moods(Vec<Mood>);

/// Any range, as PostgreSQL sends it.
#[derive(Debug, Clone, PartialEq)]
struct AnyRange {
    subtype: String,
    bytes: Vec<u8>,
}

impl<'a> FromSql<'a> for AnyRange {
    fn from_sql(type_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        let (Kind::Range(subtype) | Kind::Multirange(subtype)) = type_.kind() else {
            return Err("no range".into());
        };
        Ok(Self {
            subtype: subtype.name().to_owned(),
            bytes: raw.to_vec(),
        })
    }

    fn accepts(type_: &Type) -> bool {
        matches!(type_.kind(), Kind::Range(_) | Kind::Multirange(_))
    }
}

/// Runs statements that nobody wants results of.
async fn run(connection: &mut Connection, statements: &str) {
    let mut results = connection.simple_query(statements).await.unwrap();
    while results.next().await.unwrap().is_some() {}
}

/// A session with the types above, in a schema of its own that goes with it.
async fn with_types() -> Connection {
    let mut connection = session().await;
    // The name of the temporary schema may stand in the search path, where types are found.
    run(
        &mut connection,
        "set search_path to pg_temp, public, pg_catalog; \
         create type pg_temp.mood as enum ('sad', 'ok', 'happy'); \
         create type pg_temp.point3 as (x int, y float8, label text); \
         create type pg_temp.shape as (corner point3, corners point3[], mood mood); \
         create domain pg_temp.email as text check (value like '%@%'); \
         create domain pg_temp.moods as mood[]; \
         create domain pg_temp.small as int check (value < 10); \
         create domain pg_temp.smaller as small check (value < 5); \
         create type pg_temp.moodrange as range (subtype = mood)",
    )
    .await;
    connection
}

fn point(x: i32) -> Point {
    Point {
        x,
        y: (x % 2 == 0).then_some(f64::from(x) / 4.0),
        label: format!("({x}, \"quoted\")"),
    }
}

fn shape() -> Shape {
    Shape {
        corner: point(1),
        corners: vec![point(2), point(3)],
        mood: Mood::Happy,
    }
}

#[tokio::test]
async fn they_are_read() {
    let mut connection = with_types().await;
    let row = connection
        .query_one(
            "select 'ok'::mood, array['sad', null]::mood[], row(2, 0.5, '(2, \"quoted\")')::point3, \
                row(row(1, null, 'a'), array[row(2, 1, 'b')]::point3[], 'sad')::shape, \
                'a@b'::email, array['a@b', 'c@d']::email[], array['ok']::moods, \
                '[sad,ok]'::moodrange, array['[sad,ok]'::moodrange], null::shape",
            &[],
        )
        .await
        .unwrap();
    assert_eq!(row.get::<Mood>(0).unwrap(), Mood::Ok);
    assert_eq!(row.get::<Vec<Option<Mood>>>(1).unwrap(), [Some(Mood::Sad), None]);
    assert_eq!(row.get::<Point>(2).unwrap(), point(2));
    let shape = row.get::<Shape>(3).unwrap();
    assert_eq!(
        (shape.corner.x, shape.corners.len(), shape.mood),
        (1, 1, Mood::Sad)
    );
    // The server calls a column of a domain by its base, and an array of it by its own name.
    assert_eq!(row.get::<Email>(4).unwrap(), Email("a@b".to_owned()));
    assert_eq!(row.get::<&str>(4).unwrap(), "a@b");
    assert_eq!(row.get::<Vec<Email>>(5).unwrap()[1], Email("c@d".to_owned()));
    assert_eq!(row.get::<Vec<Mood>>(6).unwrap(), [Mood::Ok]);
    assert_eq!(row.get::<Moods>(6).unwrap(), Moods(vec![Mood::Ok]));
    assert_eq!(row.get::<AnyRange>(7).unwrap().subtype, "mood");
    assert_eq!(row.get::<Vec<AnyRange>>(8).unwrap()[0].subtype, "mood");
    assert_eq!(row.get::<Option<Shape>>(9).unwrap(), None);
    assert_eq!(
        row.get::<i32>(0)
            .unwrap_err()
            .to_string()
            .split_once('.')
            .unwrap()
            .1,
        "mood, not one that i32 reads"
    );
}

#[tokio::test]
async fn they_are_sent() {
    let mut connection = with_types().await;
    let query = "select $1::mood, $2::mood[], $3::shape, $4::email, $5::moods, $6::shape[], $7::smaller";
    let moods = vec![Mood::Happy, Mood::Sad];
    let shapes = vec![shape(), shape()];
    let email = Email("x@y".to_owned());
    let wrapped = Moods(moods.clone());
    let parameters: &[&(dyn ToSql + Sync)] = &[&Mood::Ok, &moods, &shape(), &email, &wrapped, &shapes, &3];
    let statement = connection.prepare(query).await.unwrap();
    let mut pipeline = connection.pipeline();
    let ticket = pipeline.query_prepared(&statement, parameters).unwrap();
    let piped = pipeline.run().await.unwrap().take(ticket).unwrap();
    let mut sets = vec![piped, connection.query_all(query, parameters).await.unwrap()];
    let rows = connection.query_prepared(&statement, parameters).await.unwrap();
    sets.push(rows.collect().await.unwrap());
    let mut transaction = connection.transaction().await.unwrap();
    let portal = transaction.bind(query, parameters).await.unwrap();
    sets.push(
        transaction
            .fetch(&portal, 0)
            .await
            .unwrap()
            .collect()
            .await
            .unwrap(),
    );
    transaction.commit().await.unwrap();
    for set in &sets {
        let row = set.first().unwrap();
        assert_eq!(row.get::<Mood>(0).unwrap(), Mood::Ok);
        assert_eq!(row.get::<Vec<Mood>>(1).unwrap(), moods);
        assert_eq!(row.get::<Shape>(2).unwrap(), shape());
        assert_eq!(row.get::<Email>(3).unwrap(), email);
        assert_eq!(row.get::<Moods>(4).unwrap(), wrapped);
        assert_eq!(row.get::<Vec<Shape>>(5).unwrap(), shapes);
        assert_eq!(row.get::<i32>(6).unwrap(), 3);
    }
}

/// A domain takes what its base takes, and strings, and checks both.
#[tokio::test]
async fn a_domain_takes_values_of_its_base() {
    let mut connection = with_types().await;
    let query = "select $1::smaller::int, $2::email::text, cardinality($3::moods)";
    let statement = connection.prepare(query).await.unwrap();
    assert_eq!(statement.parameters()[0].name(), "smaller");
    let moods = vec![Mood::Ok];
    for number in [&3_i32 as &(dyn ToSql + Sync), &"3"] {
        let parameters: &[&(dyn ToSql + Sync)] = &[number, &"a@b", &moods];
        let rows = connection.query_prepared(&statement, parameters).await.unwrap();
        assert_eq!(rows.one().await.unwrap().get::<i32>(0).unwrap(), 3);
        let row = connection.query_one(query, parameters).await.unwrap();
        assert_eq!(row.get::<i32>(2).unwrap(), 1);
    }
    let parameters: &[&(dyn ToSql + Sync)] = &[&7_i32, &"a@b", &moods];
    let error = connection
        .query_prepared(&statement, parameters)
        .await
        .unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "23514", "{error}");
}

#[tokio::test]
async fn a_pipeline_and_a_portal_know_the_types_of_columns() {
    let mut connection = with_types().await;
    let mut pipeline = connection.pipeline();
    let first = pipeline.query("select 'ok'::mood", &[]).unwrap();
    let second = pipeline.query("select array['happy']::mood[]", &[]).unwrap();
    let mut results = pipeline.run().await.unwrap();
    let rows = results.take(first).unwrap();
    assert_eq!(rows.first().unwrap().get::<Mood>(0).unwrap(), Mood::Ok);
    let rows = results.take(second).unwrap();
    assert_eq!(rows.first().unwrap().get::<Vec<Mood>>(0).unwrap(), [Mood::Happy]);

    let mut transaction = connection.transaction().await.unwrap();
    let portal = transaction
        .bind("select row(4, null, '')::point3", &[])
        .await
        .unwrap();
    let rows = transaction
        .fetch(&portal, 1)
        .await
        .unwrap()
        .collect()
        .await
        .unwrap();
    assert_eq!(rows.first().unwrap().get::<Point>(0).unwrap().x, 4);
}

#[tokio::test]
async fn a_type_made_anew_is_another_one() {
    let mut connection = with_types().await;
    let query = "select 'happy'::mood";
    let row = connection.query_one(query, &[]).await.unwrap();
    assert_eq!(row.get::<Mood>(0).unwrap(), Mood::Happy);
    run(
        &mut connection,
        "drop type mood cascade; create type pg_temp.mood as enum ('happy', 'ecstatic')",
    )
    .await;
    let row = connection.query_one(query, &[]).await.unwrap();
    assert_eq!(
        *row.columns().get(0).unwrap().type_().kind(),
        Kind::Enum(vec!["happy".to_owned(), "ecstatic".to_owned()])
    );
    assert!(row.get::<Mood>(0).is_err(), "it has other labels");
}

#[tokio::test]
async fn a_changed_type_is_looked_up_again_when_asked() {
    let mut connection = with_types().await;
    let query = "select 'happy'::mood";
    let labels = async |connection: &mut Connection| {
        let statement = connection.prepare(query).await.unwrap();
        let rows = connection.query_prepared(&statement, &[]).await.unwrap();
        let row = rows.one().await.unwrap();
        match row.columns().get(0).unwrap().type_().kind() {
            Kind::Enum(labels) => labels.len(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(labels(&mut connection).await, 3);
    run(&mut connection, "alter type mood add value 'ecstatic'").await;
    assert_eq!(labels(&mut connection).await, 3);
    connection.forget_types();
    assert_eq!(labels(&mut connection).await, 4);
}

#[tokio::test]
async fn a_failed_transaction_stays_failed_and_no_more() {
    let mut connection = with_types().await;
    let mut transaction = connection.transaction().await.unwrap();
    let error = transaction.query("select 1/0, 'ok'::mood", &[]).await;
    assert!(error.is_err() || error.unwrap().collect().await.is_err());
    let error = transaction.query_one("select 'ok'::mood", &[]).await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "25P02", "{error}");
    transaction.rollback().await.unwrap();
    let row = connection.query_one("select 'ok'::mood", &[]).await.unwrap();
    assert_eq!(row.get::<Mood>(0).unwrap(), Mood::Ok);
}

/// The failure comes after the first rows, so that the types are wanted and cannot be asked for.
#[tokio::test]
async fn a_failure_half_way_leaves_the_types_for_later() {
    let mut connection = with_types().await;
    let mut transaction = connection.transaction().await.unwrap();
    let query = "select 'ok'::mood, 1 / (3 - g) from generate_series(1, 5) g";
    let mut rows = transaction.query(query, &[]).await.unwrap();
    let row = rows.next().await.unwrap().unwrap();
    let error = row.get::<Mood>(0).unwrap_err().to_string();
    assert!(error.contains("was not known when the result began"), "{error}");
    assert_eq!(row.text(0).unwrap_err().to_string(), error);
    assert_eq!(row.raw(0).unwrap(), Some(&b"ok"[..]));
    rows.next().await.unwrap();
    assert_eq!(rows.next().await.unwrap_err().sqlstate().as_str(), "22012");
    transaction.rollback().await.unwrap();
    let row = connection.query_one("select 'ok'::mood", &[]).await.unwrap();
    assert_eq!(row.get::<Mood>(0).unwrap(), Mood::Ok);
}

#[tokio::test]
async fn of_a_large_result_they_are_known_the_next_time() {
    let mut connection = with_types().await;
    let query = "select 'ok'::mood, repeat('x', 1000), g from generate_series(1, 20000) g";
    let mut rows = connection.query(query, &[]).await.unwrap();
    let mut count = 0;
    while let Some(row) = rows.next().await.unwrap() {
        count += 1;
        assert_eq!(
            row.get::<i32>(2).unwrap(),
            count,
            "what was kept back comes in order"
        );
        let error = row.get::<Mood>(0).unwrap_err().to_string();
        assert!(error.contains("run the statement again"), "{error}");
    }
    assert_eq!(count, 20_000);
    let mut rows = connection.query(query, &[]).await.unwrap();
    let row = rows.next().await.unwrap().unwrap();
    assert_eq!(row.get::<Mood>(0).unwrap(), Mood::Ok);
}

/// A schema before `pg_catalog` can hold anything, under any name.
#[tokio::test]
async fn the_catalog_cannot_be_shadowed() {
    let mut connection = session().await;
    run(
        &mut connection,
        "create schema shadow; \
         create type shadow.mood as enum ('sad', 'ok', 'happy'); \
         create table shadow.pg_type (oid int, typname text); \
         create table shadow.pg_namespace (oid int); \
         create table shadow.pg_range (oid int); \
         create table shadow.pg_enum (oid int); \
         create table shadow.pg_attribute (oid int); \
         create domain shadow.text as int4; \
         create domain shadow.name as int4; \
         create domain shadow.oid as int4; \
         create function shadow.never(oid, oid) returns bool language plpgsql as \
            'begin raise exception ''fooled''; end'; \
         create operator shadow.= (leftarg = oid, rightarg = oid, function = shadow.never); \
         create function shadow.never(smallint, int) returns bool language plpgsql as \
            'begin raise exception ''fooled''; end'; \
         create operator shadow.> (leftarg = smallint, rightarg = int, function = shadow.never); \
         create aggregate shadow.array_agg(text) (sfunc = pg_catalog.textcat, stype = pg_catalog.text); \
         set search_path to shadow, pg_catalog",
    )
    .await;
    let result = async {
        let row = connection
            .query_one("select 'ok'::mood, array['sad']::mood[]", &[])
            .await?;
        Ok::<_, Error>((row.get::<Mood>(0)?, row.get::<Vec<Mood>>(1)?))
    }
    .await;
    run(
        &mut connection,
        "set search_path to public; set client_min_messages to warning; drop schema shadow cascade",
    )
    .await;
    assert_eq!(result.unwrap(), (Mood::Ok, vec![Mood::Sad]));
}

/// What is looked up is cached, and not asked for with each result.
#[tokio::test]
async fn a_type_is_looked_up_once() {
    let mut connection = with_types().await;
    let row = connection.query_one("select 'ok'::mood", &[]).await.unwrap();
    assert_eq!(row.get::<Mood>(0).unwrap(), Mood::Ok);
    // From here on a look-up would fail, and be told by the unknown type.
    run(
        &mut connection,
        "create role nobody_reads; revoke select on pg_catalog.pg_type from public; set role nobody_reads",
    )
    .await;
    let result = connection.query_one("select 'happy'::pg_temp.mood", &[]).await;
    let other = connection
        .query_one("select '[sad,ok]'::pg_temp.moodrange", &[])
        .await;
    // In a transaction it is, since the transaction is lost; but of the first one only.
    let mut in_transactions = Vec::new();
    for _ in 0..2 {
        let mut transaction = connection.transaction().await.unwrap();
        let query = "select array['ok']::pg_temp.mood[], row(1, 2, '')::pg_temp.point3";
        in_transactions.push(transaction.query_all(query, &[]).await.map(|rows| rows.len()));
        transaction.rollback().await.unwrap();
    }
    run(
        &mut connection,
        "reset role; grant select on pg_catalog.pg_type to public; drop role nobody_reads",
    )
    .await;
    assert_eq!(result.unwrap().get::<Mood>(0).unwrap(), Mood::Happy);
    // What cannot be looked up is no failure of the query.
    let error = other.unwrap().get::<AnyRange>(0).unwrap_err().to_string();
    assert!(error.contains("was not known"), "{error}");
    let [first, second] = &in_transactions[..] else {
        panic!("two");
    };
    assert_eq!(first.as_ref().unwrap_err().sqlstate().as_str(), "42501");
    assert_eq!(*second.as_ref().unwrap(), 1);
    assert_eq!(value(&mut connection, "select 1").await.unwrap(), 1);
}

#[tokio::test]
async fn types_of_other_crates_are_values() {
    let mut connection = session().await;
    let date: NaiveDate = "2024-02-29".parse().unwrap();
    let time: NaiveTime = "01:02:03.25".parse().unwrap();
    let local: NaiveDateTime = date.and_time(time);
    let absolute: DateTime<Utc> = local.and_utc();
    let uuid = Uuid::from_u128(0x0123_4567_89ab_cdef);
    let data = json!({"a": [1, null]});
    // The server is not told the types by the statement.
    let row = connection
        .query_one(
            "select $1, $2, $3, $4, $5, $6, pg_typeof($4)::text",
            &[&date, &time, &local, &absolute, &uuid, &data],
        )
        .await
        .unwrap();
    assert_eq!(row.get::<NaiveDate>(0).unwrap(), date);
    assert_eq!(row.get::<NaiveTime>(1).unwrap(), time);
    assert_eq!(row.get::<NaiveDateTime>(2).unwrap(), local);
    assert_eq!(row.get::<DateTime<Utc>>(3).unwrap(), absolute);
    assert_eq!(row.get::<Uuid>(4).unwrap(), uuid);
    assert_eq!(row.get::<serde_json::Value>(5).unwrap(), data);
    assert_eq!(row.get::<&str>(6).unwrap(), "timestamp with time zone");
}
