//! Rows, in every way that they are given.

use std::future::poll_fn;
use std::pin::Pin;

use dblink_engine::connection::{
    Connection, Error, OwnedRow, Portal, Row, RowSet, RowStream, Rows, SimpleResult, Statement, Transaction,
};
use futures_core::Stream;

use crate::support::{session, value};

/// Everything that a simple query gives as one row.
async fn simple_row(connection: &mut Connection, query: &str, look: impl FnOnce(Row<'_>)) {
    let mut results = connection.simple_query(query).await.unwrap();
    let mut look = Some(look);
    while let Some(result) = results.next().await.unwrap() {
        if let (SimpleResult::Rows(rows), true) = (&result, look.is_some()) {
            look.take().unwrap()(rows.iter().next().unwrap());
        }
    }
    assert!(look.is_none(), "there was a row");
}

async fn next(stream: &mut RowStream<'_>) -> Option<Result<OwnedRow, Error>> {
    poll_fn(|cx| Pin::new(&mut *stream).poll_next(cx)).await
}

#[tokio::test]
async fn text_is_lent_and_parsed() {
    let mut connection = session().await;
    let query = "select 42 as number, true as yes, false as no, null::int as nothing, 'NaN'::float8 as float, \
                 'ä' as name, 'infinity'::float8 as large";
    simple_row(&mut connection, query, |row| {
        assert_eq!(row.text("number").unwrap(), Some("42"));
        assert_eq!(row.parse::<i32>("number").unwrap(), Some(42));
        assert_eq!(row.parse::<u8>(0).unwrap(), Some(42));
        assert_eq!(row.text("yes").unwrap(), Some("t"));
        assert_eq!(row.parse::<bool>("yes").unwrap(), Some(true));
        assert_eq!(row.parse::<bool>("no").unwrap(), Some(false));
        assert_eq!(row.text("nothing").unwrap(), None);
        assert_eq!(row.parse::<i32>("nothing").unwrap(), None);
        assert!(row.parse::<f64>("float").unwrap().unwrap().is_nan());
        assert_eq!(row.parse::<f64>("large").unwrap(), Some(f64::INFINITY));
        assert_eq!(row.parse::<char>("name").unwrap(), Some('ä'));
        // What reads text reads the text of any type.
        assert_eq!(row.get::<&str>("number").unwrap(), "42");
        assert_eq!(row.get::<Option<String>>("nothing").unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_read_says_why_and_what_to_do() {
    let mut connection = session().await;
    simple_row(&mut connection, "select 42 as a, 'x' as b", |row| {
        assert_eq!(
            row.get::<i32>("a").unwrap_err().to_string(),
            "cannot read column \"a\": it came as text, which i32 does not read: use text or parse, or run the \
             statement with query"
        );
        let error = row.parse::<i32>("b").unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot read column \"b\": \"x\" is no i32: invalid digit found in string"
        );
        assert_eq!(error.sqlstate().as_str(), "42804");
        assert_eq!(row.text(2).unwrap_err().sqlstate().as_str(), "42703");
    })
    .await;
    let row = connection.query_one("select 42 as a", &[]).await.unwrap();
    assert_eq!(
        row.text("a").unwrap_err().to_string(),
        "cannot read column \"a\": it is int4 in binary format: read it with get, or cast it to text in the statement"
    );
}

#[tokio::test]
async fn the_text_of_textual_types_is_there_in_binary_format() {
    let mut connection = session().await;
    connection
        .simple_query("create type pg_temp.mood as enum ('sad', '7')")
        .await
        .unwrap()
        .next()
        .await
        .unwrap();
    let row = connection
        .query_one(
            "select 'a'::text, 'b'::varchar, 'c'::char(2), 'd'::name, '{\"e\": 1}'::json, '<f/>'::xml, \
                '7'::pg_temp.mood, null::text, 'g'::refcursor",
            &[],
        )
        .await
        .unwrap();
    let texts: Vec<_> = (0..row.columns().len())
        .map(|column| row.text(column).unwrap())
        .collect();
    let expected = ["a", "b", "c ", "d", "{\"e\": 1}", "<f/>", "7"];
    assert_eq!(texts[..7], expected.map(Some));
    assert_eq!(texts[7..], [None, Some("g")]);
    assert_eq!(row.parse::<i32>(6).unwrap(), Some(7));
}

#[tokio::test]
async fn a_row_set_is_walked_and_indexed() {
    const ROWS: i32 = 50_000;
    let mut connection = session().await;
    let set = connection
        .query_all(
            "select g::int4, repeat('x', g % 7) from generate_series(0, $1) g",
            &[&(ROWS - 1)],
        )
        .await
        .unwrap();
    assert_eq!((set.len(), set.is_empty()), (50_000, false));
    assert_eq!(set.rows_affected(), Some(50_000));
    assert_eq!(set.iter().len(), 50_000);
    for (index, (number, row)) in (0..ROWS).zip(&set).enumerate() {
        assert_eq!(row.get::<i32>(0).unwrap(), number);
        let same = set.get(index).unwrap();
        assert_eq!(same.get::<i32>(0).unwrap(), number);
        assert_eq!(same.get::<&str>(1).unwrap().len(), index % 7);
    }
    assert!(set.get(set.len()).is_none());
    assert_eq!(set.first().unwrap().get::<i32>(0).unwrap(), 0);
    let mut iter = (&set).into_iter();
    iter.next();
    assert_eq!(iter.len(), 49_999);

    let none = connection.query_all("select 1 where false", &[]).await.unwrap();
    assert!(none.is_empty() && none.first().is_none() && none.get(0).is_none());
    assert_eq!(none.columns().unwrap().len(), 1);
    let empty = connection
        .query_all("select from generate_series(1, 3)", &[])
        .await
        .unwrap();
    assert_eq!((empty.len(), empty.get(2).is_some()), (3, true));
}

#[tokio::test]
async fn what_is_left_of_rows_is_collected() {
    let mut connection = session().await;
    let mut rows = connection
        .query("select generate_series(1, 5)", &[])
        .await
        .unwrap();
    rows.next().await.unwrap();
    rows.next().await.unwrap();
    let set = rows.collect().await.unwrap();
    assert_eq!(set.len(), 3);
    assert_eq!(set.get(0).unwrap().get::<i32>(0).unwrap(), 3);
    assert_eq!(set.get(2).unwrap().get::<i32>(0).unwrap(), 5);
}

#[tokio::test]
async fn one_row_or_none() {
    let mut connection = session().await;
    let row = connection.query_one("select 7", &[]).await.unwrap();
    assert_eq!(row.get::<i32>(0).unwrap(), 7);
    let row = connection.query_opt("select 8", &[]).await.unwrap().unwrap();
    assert_eq!(row.get::<i32>(0).unwrap(), 8);
    let none = "select 1 where false";
    assert!(connection.query_opt(none, &[]).await.unwrap().is_none());
    let error = connection.query_one(none, &[]).await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "P0002", "{error}");
    for many in [
        "select generate_series(1, 2)",
        "select generate_series(1, 100000)",
    ] {
        for error in [
            connection.query_one(many, &[]).await.unwrap_err(),
            connection.query_opt(many, &[]).await.unwrap_err(),
        ] {
            assert_eq!(error.sqlstate().as_str(), "P0003", "{error}");
        }
    }
    assert!(matches!(
        connection.query_one("set application_name to 'x'", &[]).await,
        Err(Error::NoRow)
    ));
    assert_eq!(value(&mut connection, "select 1").await.unwrap(), 1);
}

/// The only row may be there, and the statement fail all the same.
#[tokio::test]
async fn a_failure_after_the_row_is_told() {
    let mut connection = session().await;
    connection
        .execute(
            "create temp table t (a int unique deferrable initially deferred)",
            &[],
        )
        .await
        .unwrap();
    connection.execute("insert into t values (1)", &[]).await.unwrap();
    let insert = "insert into t values (1) returning a";
    for error in [
        connection.query_one(insert, &[]).await.unwrap_err(),
        connection.query_opt(insert, &[]).await.unwrap_err(),
        connection.query_all(insert, &[]).await.unwrap_err(),
    ] {
        assert_eq!(error.sqlstate().as_str(), "23505", "{error}");
    }
}

#[tokio::test]
async fn a_stream_gives_rows_that_outlive_it() {
    let mut connection = session().await;
    let mut stream = connection
        .query("select g, g::text from generate_series(1, 30000) g", &[])
        .await
        .unwrap()
        .into_stream();
    let mut kept = Vec::new();
    while let Some(row) = next(&mut stream).await {
        kept.push(row.unwrap());
    }
    assert_eq!(stream.rows().rows_affected(), Some(30_000));
    assert!(next(&mut stream).await.is_none(), "it stays at its end");
    drop(connection);
    assert_eq!(kept.len(), 30_000);
    for (number, row) in (1..).zip(&kept) {
        assert_eq!(row.get::<i32>(0).unwrap(), number);
        assert_eq!(
            row.clone().get::<String>("g").unwrap_err().sqlstate().as_str(),
            "42804"
        );
        assert_eq!(row.get::<&str>(1).unwrap(), number.to_string());
    }
}

/// Whoever keeps a few rows of many keeps those, and not what was received with them.
#[test]
fn kept_rows_keep_no_more_than_themselves() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut connection = runtime.block_on(session());
    let mut kept = Vec::with_capacity(100);
    let measured = allocation_counter::measure(|| {
        runtime.block_on(async {
            let query = "select g, repeat('x', 100) from generate_series(1, 100000) g";
            let rows = connection.query(query, &[]).await.unwrap();
            let mut stream = rows.into_stream();
            while let Some(row) = next(&mut stream).await {
                let row = row.unwrap();
                if row.get::<i32>(0).unwrap() % 1000 == 0 {
                    kept.push(row);
                }
            }
        });
    });
    assert_eq!(kept.len(), 100);
    assert!(measured.bytes_current < 512 * 1024, "{measured:?}");
}

#[tokio::test]
async fn a_stream_ends_after_a_failure() {
    let mut connection = session().await;
    let mut stream = connection
        .query("select 1 / (3 - g) from generate_series(1, 5) g", &[])
        .await
        .unwrap()
        .into_stream();
    assert!(next(&mut stream).await.unwrap().is_ok());
    assert!(next(&mut stream).await.unwrap().is_ok());
    let error = next(&mut stream).await.unwrap().unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "22012");
    assert!(next(&mut stream).await.is_none());
    assert_eq!(value(&mut connection, "select 1").await.unwrap(), 1);
}

/// Polling and then doing something else loses no row.
#[tokio::test]
async fn a_stream_may_be_left_at_any_poll() {
    let mut connection = session().await;
    let mut stream = connection
        .query("select g, repeat('x', 100) from generate_series(1, 20000) g", &[])
        .await
        .unwrap()
        .into_stream();
    let mut count = 0;
    let mut pending = 0;
    loop {
        // Each poll is by a future of its own, which is dropped when nothing is there.
        let polled = poll_fn(|cx| std::task::Poll::Ready(Pin::new(&mut stream).poll_next(cx))).await;
        match polled {
            std::task::Poll::Ready(Some(row)) => {
                count += 1;
                assert_eq!(row.unwrap().get::<i32>(0).unwrap(), count);
            }
            std::task::Poll::Ready(None) => break,
            std::task::Poll::Pending => {
                pending += 1;
                tokio::task::yield_now().await;
            }
        }
    }
    assert_eq!(count, 20_000);
    assert!(pending > 0, "it had to wait at least once");
}

#[tokio::test]
async fn a_stream_may_be_dropped_half_way() {
    let mut connection = session().await;
    let mut stream = connection
        .query("select generate_series(1, 1000)", &[])
        .await
        .unwrap()
        .into_stream();
    let row = next(&mut stream).await.unwrap().unwrap();
    drop(stream);
    assert_eq!(value(&mut connection, "select 2").await.unwrap(), 2);
    assert_eq!(row.get::<i32>(0).unwrap(), 1);
}

#[test]
fn what_holds_rows_goes_to_any_thread() {
    fn send_sync<T: Send + Sync>() {}
    fn send<T: Send>(_: T) {}
    send_sync::<Connection>();
    send_sync::<Transaction<'static>>();
    send_sync::<Rows<'static>>();
    send_sync::<Row<'static>>();
    send_sync::<OwnedRow>();
    send_sync::<RowSet>();
    send_sync::<RowStream<'static>>();
    send_sync::<Statement>();
    send_sync::<Portal>();
    send_sync::<Error>();
    // It is not run: that it can be built is the point.
    let _ = |connection: &'static mut Connection| {
        send(async {
            let statement = connection.prepare("select $1::int").await?;
            connection
                .query_prepared(&statement, &[&1])
                .await?
                .collect()
                .await?;
            connection.query_one("select $1", &[&1]).await?;
            let mut rows = connection.query("select 1", &[]).await?;
            while let Some(row) = rows.next().await? {
                row.get::<i32>(0)?;
                tokio::task::yield_now().await;
            }
            let mut results = connection.simple_query("select 1").await?;
            results.next().await?;
            drop(results);
            let mut transaction = connection.transaction().await?;
            let portal = transaction.bind("select 1", &[]).await?;
            drop(transaction.fetch(&portal, 1).await?);
            let mut pipeline = transaction.pipeline();
            let ticket = pipeline.query("select 1", &[])?;
            pipeline.run().await?.take(ticket)?;
            transaction.commit().await
        });
    };
}
