//! Values of all types: the same as PostgreSQL's own module gives, in text and in binary format.

use std::fmt::Debug;

use dblink_engine::session::{Compat, Session};
use dblink_sqlgen::quote_literal;
use dblink_tests::Cluster;
use postgres_types::{FromSql, ToSql};

use crate::samples::{BUILT_IN, Dice, PREPARE};
use crate::support::{conninfo, local_to, text_rows};

/// A database of this name with the module, and the string for it.
async fn beside_the_module(database: &str) -> (dblink_engine::connection::Connection, String) {
    Cluster::shared().psql(&format!("create database {database}"));
    let mut local = local_to(database).await;
    local.batch_execute("create extension dblink").await.unwrap();
    local.batch_execute(PREPARE).await.unwrap();
    (
        local,
        conninfo().replace("dbname=postgres", &format!("dbname={database}")),
    )
}

/// In text, each value and array of each type, with and without a definition list.
#[tokio::test]
async fn texts_are_those_of_the_module() {
    let (mut module, to) = beside_the_module("texts").await;
    let connect = format!("select dblink_connect('n', {})", quote_literal(&to).unwrap());
    text_rows(&mut module, &connect).await;
    let xml = module.batch_execute("select '<a/>'::xml").await.is_ok();
    let mut dice = Dice::new(20_261_122);
    let mut compared = 0;
    for compat in [Compat::Mended, Compat::Exact] {
        let mut session = Session::builder().compat(compat).build();
        session.connect("n", &to).await.unwrap();
        for sample in BUILT_IN.iter().filter(|sample| xml || sample.type_name != "xml") {
            let name = sample.type_name;
            let row = |dice: &mut Dice| {
                let quoted = |value: Option<String>| {
                    value.map_or_else(|| "null".to_owned(), |value| quote_literal(&value).unwrap())
                };
                let (value, array) = (quoted(sample.value(dice)), quoted(sample.array(dice)));
                format!("({value}::{name}, {array}::{name}[])")
            };
            let rows: Vec<_> = (0..12).map(|_| row(&mut dice)).collect();
            let sql = format!("select * from (values {}) as v(a, b)", rows.join(", "));
            let quoted = quote_literal(&sql).unwrap();
            let list = format!("a {name}, b {name}[]");
            let of_texts = text_rows(
                &mut module,
                &format!("select * from dblink('n', {quoted}) as t(a text, b text)"),
            )
            .await;
            let of_types = text_rows(
                &mut module,
                &format!("select * from dblink('n', {quoted}) as t({list})"),
            )
            .await;
            for (columns, theirs) in [
                (None, &of_texts),
                (Some("a text, b text"), &of_texts),
                (Some(&*list), &of_types),
            ] {
                let query = session.query("n", &sql).text();
                let query = match columns {
                    // That values are taken for texts has to be said, where types are compared.
                    Some(columns) => query
                        .columns(columns)
                        .strict(columns == list && compat == Compat::Mended),
                    None => query,
                };
                let ours = query
                    .await
                    .unwrap_or_else(|error| panic!("{error} {:?}: {sql}", error.detail()));
                let ours = ours.collect().await.unwrap();
                let ours: Vec<Vec<_>> = ours
                    .iter()
                    .map(|row| {
                        (0..2)
                            .map(|at| row.text(at).unwrap().map(str::to_owned))
                            .collect()
                    })
                    .collect();
                assert_eq!(&ours, theirs, "{columns:?}: {sql}");
                compared += 2 * ours.len();
            }
        }
    }
    assert!(compared > 10_000, "{compared}");
}

/// The values of a type that are read in binary format are those that the text says.
async fn same<T>(session: &mut Session, type_name: &str, values: &[T])
where
    T: for<'a> FromSql<'a> + ToSql + Sync + PartialEq + Debug,
{
    for value in values {
        let sql = format!("select $1::{type_name} as v, array[$1::{type_name}, null] as a");
        let rows = session
            .query("n", &sql)
            .params(&[value])
            .await
            .unwrap()
            .collect()
            .await
            .unwrap();
        let back: T = rows[0].get("v").unwrap();
        assert_eq!(&back, value, "{type_name}");
        let array: Vec<Option<T>> = rows[0].get("a").unwrap();
        assert_eq!((array[0].as_ref(), array.len()), (Some(value), 2), "{type_name}");
        let rows = session
            .query("n", &sql)
            .params(&[value])
            .text()
            .await
            .unwrap()
            .collect()
            .await
            .unwrap();
        let text = rows[0].text("v").unwrap().unwrap().to_owned();
        // What the text says, the server reads as the same.
        let sql = format!("select {}::{type_name} as v", quote_literal(&text).unwrap());
        let again = session
            .query("n", &sql)
            .columns("value_again any_type")
            .strict(false)
            .await
            .unwrap();
        let again = again.collect().await.unwrap();
        assert_eq!(
            &again[0].get::<T>("value_again").unwrap(),
            value,
            "{type_name} {text}"
        );
    }
}

#[tokio::test]
async fn binary_values_are_what_the_text_says() {
    use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};
    let mut session = Session::new();
    session.connect("n", &conninfo()).await.unwrap();
    let session = &mut session;
    same(session, "bool", &[true, false]).await;
    same(session, "int2", &[i16::MIN, 0, i16::MAX]).await;
    same(session, "int4", &[i32::MIN, 0, i32::MAX]).await;
    same(session, "int8", &[i64::MIN, 0, i64::MAX]).await;
    same(session, "oid", &[0_u32, u32::MAX]).await;
    same(session, "\"char\"", &[0_i8, 65, 127]).await;
    same(
        session,
        "float4",
        &[0.1_f32, f32::MAX, f32::MIN_POSITIVE, f32::INFINITY],
    )
    .await;
    same(session, "float8", &[0.1_f64, f64::MAX, 5e-324, f64::NEG_INFINITY]).await;
    let texts = ["", "x", "é\t'\"\\ 日😀"].map(str::to_owned);
    for type_name in ["text", "varchar", "bpchar", "name"] {
        same(session, type_name, &texts).await;
    }
    same(session, "bytea", &[vec![], vec![0_u8, 39, 92, 255]]).await;
    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
    let days = [day(2024, 2, 29), day(1, 1, 1), day(9999, 12, 31)];
    same(session, "date", &days).await;
    let times = [
        NaiveTime::MIN,
        NaiveTime::from_hms_micro_opt(23, 59, 59, 999_999).unwrap(),
    ];
    same(session, "time", &times).await;
    let moments: Vec<NaiveDateTime> = days
        .iter()
        .flat_map(|day| times.map(|time| day.and_time(time)))
        .collect();
    same(session, "timestamp", &moments).await;
    let moments: Vec<DateTime<chrono::Utc>> = moments.iter().map(NaiveDateTime::and_utc).collect();
    same(session, "timestamptz", &moments).await;
    same(
        session,
        "uuid",
        &[uuid::Uuid::nil(), uuid::Uuid::from_u128(u128::MAX)],
    )
    .await;
    let json = [
        serde_json::json!(null),
        serde_json::json!({"a": [1, null, "x\\'\n"], "": {}}),
    ];
    same(session, "json", &json).await;
    same(session, "jsonb", &json).await;
}

#[derive(Debug, Clone, PartialEq, ToSql, FromSql)]
#[postgres(name = "mood_of_values")]
enum Mood {
    #[postgres(name = "O'K")]
    Fine,
    #[postgres(name = "b\\c")]
    Odd,
}

#[derive(Debug, Clone, PartialEq, ToSql, FromSql)]
#[postgres(name = "short")]
struct Short(String);

#[derive(Debug, Clone, PartialEq, ToSql, FromSql)]
#[postgres(name = "pair_of_values")]
struct Pair {
    number: Option<i32>,
    text: Option<String>,
    moods: Vec<Option<Mood>>,
}

/// Types of the database, whose OIDs nobody knows before.
#[tokio::test]
async fn enums_domains_and_composites() {
    Cluster::shared().psql(
        r"create type mood_of_values as enum ('O''K', 'b\c'); create domain short as text check (length(value) < 9);
        create type pair_of_values as (number int, text text, moods mood_of_values[])",
    );
    let mut session = Session::new();
    session.connect("n", &conninfo()).await.unwrap();
    same(&mut session, "mood_of_values", &[Mood::Fine, Mood::Odd]).await;
    let pairs = [
        Pair {
            number: Some(-1),
            text: Some("a \"b' \\".to_owned()),
            moods: vec![Some(Mood::Odd), None],
        },
        Pair {
            number: None,
            text: None,
            moods: vec![],
        },
    ];
    same(&mut session, "pair_of_values", &pairs).await;
    // Of a domain the server tells the type below it, but not inside of an array.
    let short = Short("it's".to_owned());
    let sql = "select $1::short as s, array[$1, null]::short[] as l";
    let rows = session.query("n", sql).params(&[&short]).await.unwrap();
    let rows = rows.collect().await.unwrap();
    assert_eq!(rows[0].get::<String>("s").unwrap(), short.0);
    assert_eq!(
        rows[0].get::<Vec<Option<Short>>>("l").unwrap(),
        [Some(short), None]
    );
    let sql = "select 'x'::short as s, 'b\\c'::mood_of_values as m";
    let rows = session
        .query("n", sql)
        .columns("s short, m mood_of_values")
        .await
        .unwrap()
        .collect()
        .await
        .unwrap();
    assert_eq!(rows[0].get::<&str>("s").unwrap(), "x");
    assert_eq!(rows[0].get::<Mood>("m").unwrap(), Mood::Odd);
    let error = session
        .query("n", sql)
        .columns("s text, m text")
        .await
        .unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "42804");
}
