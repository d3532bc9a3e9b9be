//! The rows of many databases in one order.

use std::time::{Duration, Instant};

use dblink_engine::session::{Error, Order, Outcome, ScatterPolicy, Scattered, Session};
use dblink_tests::polls::polled;

use crate::scatter::{rows, sqlstates, until_none_runs, usable, with};

pub(crate) const NAMES: [&str; 3] = ["a", "b", "c"];

/// Gives a connection a table `t` with what a query gives.
pub(crate) async fn table(session: &mut Session, name: &str, query: &str) {
    let sql = format!("drop table if exists pg_temp.t; create temp table t as {query}");
    session.exec(name, &sql).await.unwrap();
}

/// The texts of a column, in the order they come, and what became of the targets.
pub(crate) async fn texts(mut scattered: Scattered<'_>, column: &str) -> (Vec<String>, Vec<Outcome>) {
    let rows = rows(&mut scattered).await.unwrap();
    let text =
        |row: &dblink_engine::session::ScatteredRow| row.text(column).unwrap().unwrap_or("NULL").to_owned();
    (rows.iter().map(text).collect(), scattered.into_outcomes())
}

/// Different values of a type.
const VALUES: [(&str, &[&str]); 19] = [
    ("int2", &["-32768", "-1", "0", "9", "10", "32767"]),
    ("int4", &["-2147483648", "-10", "-9", "0", "100", "99"]),
    (
        "int8",
        &["-9223372036854775808", "-1", "0", "9223372036854775807"],
    ),
    ("oid", &["0", "2147483648", "4294967295", "7"]),
    ("bool", &["true", "false"]),
    (
        "float4",
        &[
            "NaN",
            "-Infinity",
            "Infinity",
            "0",
            "1e-30",
            "-1e30",
            "0.1",
            "9",
            "10",
        ],
    ),
    (
        "float8",
        &[
            "NaN",
            "-Infinity",
            "Infinity",
            "0",
            "1e-300",
            "-1e300",
            "0.1",
            "9",
            "10",
        ],
    ),
    (
        "numeric",
        &[
            "NaN",
            "-Infinity",
            "Infinity",
            "0",
            "0.00000001",
            "-0.5",
            "12345678901234567890.5",
            "12345678901234567890",
            "9",
            "10",
            "9999",
            "10000",
            "10000.0001",
            "0.0001",
            "0.00010001",
            "-10000",
            "-1e40",
            "1e40",
            "1e-20",
            "0.01",
            "0.012",
        ],
    ),
    ("numeric(9, 3)", &["1.5", "1.05", "-1.005", "10", "100000"]),
    (
        "text",
        &["", " ", "a", "A", "ab", "é", "z", "{", "日本", "10", "9", "a b"],
    ),
    ("varchar(5)", &["", "b", "B", "ba"]),
    ("char(4)", &["", "a", "a\t", "a a", "ab", "B"]),
    ("name", &["b", "B", "_"]),
    ("bytea", &["\\x", "\\x00", "\\x0001", "\\xff", "\\x61"]),
    (
        "uuid",
        &[
            "00000000-0000-0000-0000-000000000000",
            "ffffffff-0000-0000-0000-000000000000",
            "0fffffff-ffff-ffff-ffff-ffffffffffff",
            "a0000000-0000-0000-0000-000000000001",
        ],
    ),
    (
        "date",
        &[
            "infinity",
            "-infinity",
            "2000-01-01",
            "1999-12-31",
            "0044-03-15 BC",
            "0044-03-16 BC",
            "12000-01-01",
            "0001-01-01",
            "2024-02-29",
        ],
    ),
    (
        "time",
        &["00:00:00", "24:00:00", "04:05:06.789", "04:05:06.78", "10:00:00"],
    ),
    (
        "timestamp",
        &[
            "infinity",
            "-infinity",
            "2000-01-01 00:00:00",
            "1999-12-31 23:59:59.999999",
            "0044-03-15 12:00:00 BC",
            "294276-12-31 23:59:59.999999",
            "4714-11-24 00:00:00 BC",
        ],
    ),
    (
        "timestamptz",
        &[
            "infinity",
            "-infinity",
            "2000-01-01 00:00:00+00",
            "2000-10-29 02:30:00+02",
            "2000-10-29 02:30:00+01",
            "1880-01-01 00:00:00+00",
            "0044-03-15 12:00:00+00 BC",
            "2000-07-01 00:00:00.5+00",
        ],
    ),
];

/// The same order as that of a server which has all of them.
#[tokio::test]
async fn all_types_are_in_the_order_of_a_server() {
    let mut session = with(&NAMES).await;
    for (name, zone) in [("a", "Europe/Paris"), ("b", "America/St_Johns"), ("c", "UTC")] {
        session
            .exec(name, &format!("set timezone = '{zone}'"))
            .await
            .unwrap();
    }
    for (type_, values) in VALUES {
        let all: Vec<_> = values.iter().copied().chain(["NULL"; 4]).collect();
        let given = |number: usize| -> String {
            let own = all
                .iter()
                .enumerate()
                .filter(|(at, _)| at % 3 == number || number == 3);
            let own = own.map(|(_, value)| match *value {
                "NULL" => "(null)".to_owned(),
                value => format!("('{value}')"),
            });
            format!(
                "select v::{type_} as v from (values {}) as x (v)",
                own.collect::<Vec<_>>().join(", ")
            )
        };
        let collation = match type_ {
            "text" | "varchar(5)" | "char(4)" => "collate \"C\"",
            _ => "",
        };
        for order in ["v", "v nulls first", "v desc", "v desc nulls last"] {
            // In one order and one zone, to be told apart.
            let by = order.replacen('v', &format!("v {collation}"), 1);
            let told = if type_ == "timestamptz" {
                "(v at time zone 'UTC')::text"
            } else {
                "v::text"
            };
            table(&mut session, "a", &given(3)).await;
            let sql = format!("select {told} as s, v from t order by {by}");
            let expected = texts(session.scatter(["a"], &sql).await.unwrap(), "s").await.0;
            for (number, name) in NAMES.into_iter().enumerate() {
                table(&mut session, name, &given(number)).await;
            }
            for text in [false, true] {
                let mut scatter = session.scatter(NAMES, &sql).ordered_by(order.parse().unwrap());
                if text {
                    scatter = scatter.text();
                }
                let (merged, outcomes) = texts(scatter.await.unwrap(), "s").await;
                assert_eq!(sqlstates(&outcomes), ["00000"; 3], "{type_}: {outcomes:?}");
                assert_eq!(merged, expected, "{type_} by {order}, as text: {text}");
            }
        }
    }
}

#[tokio::test]
async fn many_rows_and_equal_ones() {
    let mut session = with(&NAMES).await;
    for (number, name) in NAMES.into_iter().enumerate() {
        let query = format!("select g / {} as n from generate_series(1, 20000) g", number + 1);
        table(&mut session, name, &query).await;
    }
    for limit in [1, 3] {
        let mut scattered = session
            .scatter(NAMES, "select n from t order by n")
            .ordered_by(Order::ascending("n"))
            // They cannot wait for each other, whatever this says.
            .limit(limit)
            .await
            .unwrap();
        let rows = rows(&mut scattered).await.unwrap();
        assert_eq!(rows.len(), 60_000);
        let keys: Vec<_> = rows
            .iter()
            .map(|row| (row.get::<i32>(0).unwrap(), row.source))
            .collect();
        assert!(keys.is_sorted());
        assert_eq!(sqlstates(&scattered.into_outcomes()), ["00000"; 3]);
    }
}

/// Nothing is known of what it would give.
#[tokio::test]
async fn one_that_hangs_holds_up_all_until_the_deadline() {
    let mut session = with(&["a", "b"]).await;
    table(
        &mut session,
        "a",
        "select g as n, 0 as s from generate_series(1, 5) g",
    )
    .await;
    table(
        &mut session,
        "b",
        "select g as n, case g when 3 then 600 else 0 end as s from generate_series(1, 5) g",
    )
    .await;
    let limit = Duration::from_secs(4);
    let start = Instant::now();
    let mut scattered = session
        .scatter(["a", "b"], "select n, pg_sleep(s)::text from t")
        .ordered_by(Order::ascending("n"))
        .within(limit)
        .await
        .unwrap();
    let given = rows(&mut scattered).await.unwrap();
    assert!(start.elapsed() >= limit);
    let keys: Vec<_> = given.iter().map(|row| row.get::<i32>(0).unwrap()).collect();
    assert!(keys.is_sorted());
    assert_eq!(given.iter().filter(|row| row.source == 0).count(), 5);
    assert_eq!(sqlstates(&scattered.into_outcomes()), ["00000", "57014"]);
}

#[tokio::test]
async fn the_first_in_order_wins() {
    let mut session = with(&["a", "b"]).await;
    for name in ["a", "b"] {
        table(&mut session, name, "select generate_series(1, 100) as n").await;
    }
    let mut scattered = session
        .scatter(["a", "b"], "select n from t order by n")
        .ordered_by(Order::ascending("n"))
        .policy(ScatterPolicy::First)
        .await
        .unwrap();
    let given = rows(&mut scattered).await.unwrap();
    assert_eq!(given.len(), 100);
    assert!(given.iter().all(|row| row.source == given[0].source));
}

#[tokio::test]
async fn columns_are_told_without_rows_and_values_come_as_text() {
    let mut session = with(&["a", "b"]).await;
    let sql = "select 1.50 as n, true as t where $1";
    let mut scattered = session
        .scatter(["a", "b"], sql)
        .params(&[&false])
        .text()
        .await
        .unwrap();
    assert!(scattered.next().await.unwrap().is_none());
    for outcome in scattered.into_outcomes() {
        let columns = outcome.columns.unwrap();
        assert_eq!((columns.len(), columns.position("t")), (2, Some(1)));
    }
    let mut scattered = session
        .scatter(["a", "b"], sql)
        .params(&[&true])
        .text()
        .await
        .unwrap();
    for row in rows(&mut scattered).await.unwrap() {
        assert_eq!(
            (row.text("n").unwrap(), row.text("t").unwrap()),
            (Some("1.50"), Some("t"))
        );
    }
    drop(scattered);
    let mut scattered = session
        .scatter(["a"], "set work_mem = '1MB'")
        .text()
        .await
        .unwrap();
    assert!(scattered.next().await.unwrap().is_none());
    assert!(scattered.into_outcomes()[0].columns.is_none());
}

#[tokio::test]
async fn cancelling_ends_what_runs_at_the_servers() {
    let mut session = with(&["a", "b"]).await;
    for order in [None, Some(Order::ascending("n"))] {
        let sql = "select g as n, 'cancelled scatter' as s, case g when 1000 then pg_sleep(600)::text end from generate_series(1, 1000) g";
        let mut scatter = session.scatter(["a", "b"], sql);
        if let Some(order) = order {
            scatter = scatter.ordered_by(order);
        }
        let mut scattered = scatter.await.unwrap();
        assert!(scattered.next().await.unwrap().is_some());
        // Also if somebody does not wait for its end at once.
        let _ = polled(scattered.cancel(), 2).await;
        scattered.cancel().await;
        assert!(scattered.next().await.unwrap().is_none());
        let outcomes = scattered.into_outcomes();
        assert_eq!(sqlstates(&outcomes), ["57014"; 2]);
        assert!(
            outcomes
                .iter()
                .all(|outcome| matches!(outcome.result, Err(Error::GivenUp)))
        );
        until_none_runs("cancelled scatter").await;
        usable(&mut session, &["a", "b"]).await;
    }
}
