//! COPY of rows, in binary and in text format.

use dblink_engine::connection::{Connection, Error};
use postgres_types::Type;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::polls::drop_at_every_poll_and;
use crate::support::{session, value};

async fn with_table(columns: &str) -> Connection {
    let mut connection = session().await;
    connection
        .execute(&format!("create temp table t ({columns})"), &[])
        .await
        .unwrap();
    connection
}

#[tokio::test]
async fn binary_rows_go_in_and_come_out() {
    let mut connection = with_table("a int, b text, c bytea, d float8[]").await;
    let types = [Type::INT4, Type::TEXT, Type::BYTEA, Type::FLOAT8_ARRAY];
    let copy = connection
        .copy_in("copy t from stdin (format binary)")
        .await
        .unwrap();
    let mut rows = copy.binary(&types).unwrap();
    rows.send(&[&7, &"seven", &&b"\0\xff"[..], &vec![1.5, -0.0]])
        .await
        .unwrap();
    rows.send(&[&None::<i32>, &"", &None::<&[u8]>, &Vec::<f64>::new()])
        .await
        .unwrap();
    assert_eq!(rows.finish().await.unwrap(), 2);

    let copy = connection
        .copy_out("copy t to stdout (format binary)")
        .await
        .unwrap();
    let mut rows = copy.binary(&types).unwrap();
    let row = rows.next().await.unwrap().unwrap();
    assert_eq!(row.len(), 4);
    assert_eq!(row.get::<i32>(0).unwrap(), 7);
    assert_eq!(row.get::<&str>(1).unwrap(), "seven");
    assert_eq!(row.raw(2).unwrap(), Some(&b"\0\xff"[..]));
    assert_eq!(row.get::<Vec<f64>>(3).unwrap(), [1.5, -0.0]);
    assert!(matches!(row.get::<i64>(0), Err(Error::Column { .. })));
    assert!(matches!(
        row.get::<i32>(4),
        Err(Error::NoColumn { columns: 4, .. })
    ));
    let row = rows.next().await.unwrap().unwrap();
    assert_eq!(row.get::<Option<i32>>(0).unwrap(), None);
    assert!(matches!(row.get::<i32>(0), Err(Error::Column { .. })));
    assert_eq!(row.get::<&str>(1).unwrap(), "");
    assert_eq!(rows.rows_affected(), None);
    assert!(rows.next().await.unwrap().is_none());
    assert!(rows.next().await.unwrap().is_none());
    assert_eq!(rows.rows_affected(), Some(2));
    assert_eq!(value(&mut connection, "select 1").await.unwrap(), 1);
}

#[tokio::test]
async fn a_row_that_cannot_be_sent_is_left_out() {
    let mut connection = with_table("a int, b text").await;
    let copy = connection
        .copy_in("copy t from stdin (format binary)")
        .await
        .unwrap();
    let mut rows = copy.binary(&[Type::INT4, Type::TEXT]).unwrap();
    rows.send(&[&1, &"a"]).await.unwrap();
    let error = rows.send(&[&2]).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "row 2 of the COPY: it has 1 values for 2 columns"
    );
    assert_eq!(error.sqlstate().as_str(), "22P04");
    let error = rows.send(&[&2, &3]).await.unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("row 2 of the COPY: cannot send column 2: "),
        "{error}"
    );
    rows.send(&[&2, &"b"]).await.unwrap();
    assert_eq!(rows.finish().await.unwrap(), 2);

    let mut rows = connection
        .copy_in("copy t from stdin")
        .await
        .unwrap()
        .text()
        .unwrap();
    let error = rows.send([Some("1")]).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "row 1 of the COPY: it has 1 values for 2 columns"
    );
    rows.send([Some("3"), Some("c")]).await.unwrap();
    assert_eq!(rows.finish().await.unwrap(), 1);
    let right = "select (sum(a) = 6 and string_agg(b, '' order by a) = 'abc')::int from t";
    assert_eq!(value(&mut connection, right).await.unwrap(), 1);
}

#[tokio::test]
async fn the_format_has_to_fit() {
    let mut connection = with_table("a int").await;
    let copy = connection.copy_in("copy t from stdin").await.unwrap();
    let error = copy.binary(&[Type::INT4]).unwrap_err();
    assert_eq!(error.to_string(), "the COPY's data has 1 columns in text format");
    assert_eq!(error.sqlstate().as_str(), "42804");
    let copy = connection
        .copy_in("copy t from stdin (format binary)")
        .await
        .unwrap();
    assert!(matches!(copy.binary(&[]), Err(Error::CopyFormat { .. })));
    let copy = connection
        .copy_in("copy t from stdin (format binary)")
        .await
        .unwrap();
    assert!(matches!(copy.text(), Err(Error::CopyFormat { .. })));
    let copy = connection.copy_out("copy t to stdout").await.unwrap();
    assert!(matches!(
        copy.binary(&[Type::INT4]),
        Err(Error::CopyFormat { .. })
    ));
    let copy = connection
        .copy_out("copy t to stdout (format binary)")
        .await
        .unwrap();
    assert!(matches!(copy.text(), Err(Error::CopyFormat { .. })));
    assert_eq!(value(&mut connection, "select 1").await.unwrap(), 1);
}

#[tokio::test]
async fn a_wrong_type_is_the_servers_to_refuse() {
    let mut connection = with_table("a int").await;
    let copy = connection
        .copy_in("copy t from stdin (format binary)")
        .await
        .unwrap();
    let mut rows = copy.binary(&[Type::INT8]).unwrap();
    rows.send(&[&1_i64]).await.unwrap();
    assert_eq!(rows.finish().await.unwrap_err().sqlstate().as_str(), "22P03");
}

/// CSV is text format to the server, but not to us: it tells by its number of values, here at least.
#[tokio::test]
async fn what_is_no_row_is_told_again_and_again() {
    let mut connection = session().await;
    let copy = connection
        .copy_out("copy (select 1, 2) to stdout (format csv)")
        .await
        .unwrap();
    let mut rows = copy.text().unwrap();
    for _ in 0..2 {
        let error = rows.next().await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "row 1 of the COPY: it has another number of values than the COPY has columns"
        );
    }
    assert_eq!(value(&mut connection, "select 1").await.unwrap(), 1);
}

#[tokio::test]
async fn rows_without_columns() {
    let mut connection = with_table("").await;
    let mut rows = connection
        .copy_in("copy t from stdin")
        .await
        .unwrap()
        .text()
        .unwrap();
    for _ in 0..2 {
        rows.send([None::<&str>; 0]).await.unwrap();
    }
    assert_eq!(rows.finish().await.unwrap(), 2);
    let copy = connection
        .copy_in("copy t from stdin (format binary)")
        .await
        .unwrap();
    let mut rows = copy.binary(&[]).unwrap();
    rows.send(&[]).await.unwrap();
    assert_eq!(rows.finish().await.unwrap(), 1);
    let mut rows = connection
        .copy_out("copy t to stdout")
        .await
        .unwrap()
        .text()
        .unwrap();
    let mut count = 0;
    while let Some(row) = rows.next().await.unwrap() {
        assert!(row.is_empty());
        count += 1;
    }
    assert_eq!(count, 3);
}

/// A value longer than the messages, which so comes back in one and goes in several.
#[tokio::test]
async fn a_large_row() {
    let mut connection = with_table("a text").await;
    let large = "\\\n".repeat(2 << 20);
    let mut rows = connection
        .copy_in("copy t from stdin")
        .await
        .unwrap()
        .text()
        .unwrap();
    rows.send([Some(&large)]).await.unwrap();
    rows.finish().await.unwrap();
    let copy = connection
        .copy_in("copy t from stdin (format binary)")
        .await
        .unwrap();
    let mut rows = copy.binary(&[Type::TEXT]).unwrap();
    rows.send(&[&large]).await.unwrap();
    rows.finish().await.unwrap();
    let mut rows = connection
        .copy_out("copy t to stdout")
        .await
        .unwrap()
        .text()
        .unwrap();
    for _ in 0..2 {
        let row = rows.next().await.unwrap().unwrap();
        assert!(row.get(0).unwrap() == Some(&large));
    }
    assert!(rows.next().await.unwrap().is_none());
}

/// Texts full of what could be taken for something else.
fn texts() -> impl Strategy<Value = Option<String>> {
    let tricky = prop::sample::select(vec![
        "\\.",
        "\\N",
        "\\n",
        "\\",
        "\\\\",
        "\n",
        "\r\n",
        "\t",
        "",
        "N",
        ".",
        "\\.\n",
        "\"",
        "''",
        "\u{7f}",
        "é",
        "\u{200b}",
        "😀",
        "\u{10ffff}",
    ]);
    let control = (1..32_u8).prop_map(|byte| char::from(byte).to_string());
    let part = prop_oneof![
        tricky.prop_map(str::to_owned),
        control,
        any::<char>()
            .prop_filter("a text has no zero", |c| *c != '\0')
            .prop_map(String::from)
    ];
    prop::option::weighted(0.9, vec(part, 0..6).prop_map(|parts| parts.concat()))
}

type Rows = Vec<(Option<String>, Option<String>, Option<i64>)>;

/// In by one format and out by both, and in between the server has the same.
async fn round_trip(connection: &mut Connection, binary: bool, sent: &Rows) {
    let types = [Type::TEXT, Type::VARCHAR, Type::INT8];
    connection.execute("truncate t", &[]).await.unwrap();
    let count = if binary {
        let copy = connection
            .copy_in("copy t (a, b, c) from stdin (format binary)")
            .await
            .unwrap();
        let mut rows = copy.binary(&types).unwrap();
        for (a, b, c) in sent {
            rows.send(&[a, b, c]).await.unwrap();
        }
        rows.finish().await.unwrap()
    } else {
        let copy = connection.copy_in("copy t (a, b, c) from stdin").await.unwrap();
        let mut rows = copy.text().unwrap();
        for (a, b, c) in sent {
            let c = c.map(|number| number.to_string());
            rows.send([a, b, &c].map(Option::as_ref)).await.unwrap();
        }
        rows.finish().await.unwrap()
    };
    assert_eq!(count, sent.len() as u64);

    let mut at_server = Rows::new();
    let mut rows = connection
        .query("select a, b, c from t order by id", &[])
        .await
        .unwrap();
    while let Some(row) = rows.next().await.unwrap() {
        at_server.push((row.get(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap()));
    }
    assert_eq!(&at_server, sent);

    let query = "copy (select a, b, c from t order by id) to stdout";
    let mut read = Rows::new();
    let mut rows = connection.copy_out(query).await.unwrap().text().unwrap();
    while let Some(row) = rows.next().await.unwrap() {
        let text = |column| row.get(column).unwrap().map(str::to_owned);
        let number = text(2).map(|number| number.parse().unwrap());
        read.push((text(0), text(1), number));
    }
    assert_eq!(&read, sent);

    let query = format!("{query} (format binary)");
    let mut read = Rows::new();
    let mut rows = connection.copy_out(&query).await.unwrap().binary(&types).unwrap();
    while let Some(row) = rows.next().await.unwrap() {
        read.push((row.get(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap()));
    }
    assert_eq!(&read, sent);
}

#[test]
fn whatever_goes_in_comes_out() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut connection = runtime.block_on(with_table("id serial, a text, b varchar, c int8"));
    let rows = vec((texts(), texts(), any::<Option<i64>>()), 0..100);
    let mut runner = TestRunner::new(Config {
        cases: 30,
        failure_persistence: None,
        ..Config::default()
    });
    let connection = std::cell::RefCell::new(&mut connection);
    runner
        .run(&(any::<bool>(), rows), |(binary, rows)| {
            runtime.block_on(round_trip(&mut connection.borrow_mut(), binary, &rows));
            Ok(())
        })
        .unwrap();
}

#[tokio::test]
async fn one_column_of_every_control_character() {
    let mut connection = with_table("a text").await;
    let mut values: Vec<_> = (1..128_u8).map(|byte| char::from(byte).to_string()).collect();
    values.extend(["\\.", "\\.\n", "", "\\N", "\\\\.", "\r\n"].map(str::to_owned));
    let mut rows = connection
        .copy_in("copy t from stdin")
        .await
        .unwrap()
        .text()
        .unwrap();
    for value in &values {
        rows.send([Some(value)]).await.unwrap();
    }
    assert_eq!(rows.finish().await.unwrap(), values.len() as u64);
    let mut rows = connection
        .copy_out("copy t to stdout")
        .await
        .unwrap()
        .text()
        .unwrap();
    let mut read = Vec::new();
    while let Some(row) = rows.next().await.unwrap() {
        read.push(row.get(0).unwrap().unwrap().to_owned());
    }
    assert_eq!(read, values);
    drop(rows);
    for (index, value) in values.iter().enumerate() {
        let mut rows = connection
            .query("select count(*)::int from t where a = $1", &[value])
            .await
            .unwrap();
        let row = rows.next().await.unwrap().unwrap();
        assert!(row.get::<i32>(0).unwrap() >= 1, "{index}");
    }
}

/// The table holds none of the rows, or all.
#[tokio::test]
async fn dropped_at_every_poll() {
    const ROWS: i32 = 100_000;
    drop_at_every_poll_and(
        async |connection| {
            let copy = connection.copy_in("copy t from stdin (format binary)").await?;
            let mut rows = copy.binary(&[Type::INT4])?;
            for number in 0..ROWS {
                rows.send(&[&number]).await?;
            }
            rows.finish().await?;
            let copy = connection.copy_out("copy t to stdout (format binary)").await?;
            let mut rows = copy.binary(&[Type::INT4])?;
            let mut count = 0;
            while let Some(row) = rows.next().await? {
                assert_eq!(row.get::<i32>(0)?, count);
                count += 1;
            }
            assert_eq!(count, ROWS);
            Ok(())
        },
        async |connection, finished| {
            let count = value(connection, "select count(*)::int from t").await.unwrap();
            assert!(count == ROWS || count == 0 && !finished, "{count} rows");
            connection.execute("truncate t", &[]).await.unwrap();
        },
    )
    .await;
}
