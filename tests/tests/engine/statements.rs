//! Prepared statements, portals and pipelines.

use dblink_engine::connection::{Connection, Error};
use postgres_types::Type;

use crate::support::{session, value};

async fn prepared_statements(connection: &mut Connection) -> i32 {
    value(
        connection,
        "select count(*)::int from pg_prepared_statements where name <> ''",
    )
    .await
    .unwrap()
}

#[tokio::test]
async fn a_statement_is_prepared_once() {
    let mut connection = session().await;
    let statement = connection.prepare("select $1::int4 + 1 as n, $2").await.unwrap();
    assert_eq!(statement.parameters(), [Type::INT4, Type::TEXT]);
    let columns = statement.columns().unwrap();
    assert_eq!(columns.get(0).unwrap().name(), "n");
    for number in 0..3 {
        let again = connection.prepare("select $1::int4 + 1 as n, $2").await.unwrap();
        let mut rows = connection
            .query_prepared(&again, &[&number, &"text"])
            .await
            .unwrap();
        let row = rows.next().await.unwrap().unwrap();
        assert_eq!(row.get::<i32>("n").unwrap(), number + 1);
        assert_eq!(row.get::<&str>(1).unwrap(), "text");
        assert!(rows.next().await.unwrap().is_none());
    }
    assert_eq!(prepared_statements(&mut connection).await, 1);
}

#[tokio::test]
async fn parameters_become_what_the_statement_takes() {
    let mut connection = session().await;
    let statement = connection
        .prepare("select $1::numeric::text, $2::inet::text, $3::int4, $4::timestamptz is null")
        .await
        .unwrap();
    let mut rows = connection
        .query_prepared(&statement, &[&"1.50", &"10.0.0.1", &7, &None::<&str>])
        .await
        .unwrap();
    let row = rows.next().await.unwrap().unwrap();
    assert_eq!(row.get::<&str>(0).unwrap(), "1.50");
    assert_eq!(row.get::<&str>(1).unwrap(), "10.0.0.1/32");
    assert_eq!(row.get::<i32>(2).unwrap(), 7);
    assert!(row.get::<bool>(3).unwrap());
    drop(rows);

    let error = connection.query_prepared(&statement, &[&1]).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the statement takes 4 parameters, and 1 were given"
    );
    let error = connection
        .execute_prepared(&statement, &[&"1", &"::1", &true, &"now"])
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Parameter { number: 3, .. }), "{error}");
    assert_eq!(value(&mut connection, "select 1").await.unwrap(), 1);
}

#[tokio::test]
async fn what_cannot_be_prepared_leaves_nothing() {
    let mut connection = session().await;
    let error = connection.prepare("select * from nowhere").await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "42P01");
    assert_eq!(prepared_statements(&mut connection).await, 0);
}

/// The server has lost it.
#[tokio::test]
async fn a_lost_statement_is_prepared_again() {
    let mut connection = session().await;
    let statement = connection.prepare("select 7").await.unwrap();
    for command in ["deallocate all", "discard all"] {
        connection.execute(command, &[]).await.unwrap();
        for _ in 0..2 {
            let mut rows = connection.query_prepared(&statement, &[]).await.unwrap();
            assert_eq!(rows.next().await.unwrap().unwrap().get::<i32>(0).unwrap(), 7);
        }
        // Its handle holds the new one: it was lost once, and prepared once.
        assert_eq!(prepared_statements(&mut connection).await, 1);
    }
}

/// What was described before does not fit any more.
#[tokio::test]
async fn a_changed_table_is_described_again() {
    let mut connection = session().await;
    connection
        .execute("create temp table t (a int, b text)", &[])
        .await
        .unwrap();
    connection
        .execute("insert into t values (1, 'one')", &[])
        .await
        .unwrap();
    let statement = connection.prepare("select * from t").await.unwrap();
    connection.execute_prepared(&statement, &[]).await.unwrap();
    for (change, names) in [
        ("alter table t add column c int default 3", vec!["a", "b", "c"]),
        ("alter table t drop column b", vec!["a", "c"]),
        ("alter table t alter column a type text", vec!["a", "c"]),
        ("alter table t rename column a to d", vec!["d", "c"]),
    ] {
        connection.execute(change, &[]).await.unwrap();
        let mut rows = connection.query_prepared(&statement, &[]).await.unwrap();
        let columns = rows.columns().unwrap().clone();
        let got: Vec<_> = columns.iter().map(|column| column.name()).collect();
        assert_eq!(got, names, "after {change}");
        let row = rows.next().await.unwrap().unwrap();
        if *columns.get(0).unwrap().type_() == Type::TEXT {
            assert_eq!(row.get::<&str>(0).unwrap(), "1");
        } else {
            assert_eq!(row.get::<i32>(0).unwrap(), 1);
        }
    }
}

/// There the transaction has failed by then: it is the next use that heals.
#[tokio::test]
async fn in_a_transaction_a_lost_statement_is_an_error() {
    let mut connection = session().await;
    let statement = connection.prepare("select 7").await.unwrap();
    connection.execute("deallocate all", &[]).await.unwrap();
    let mut transaction = connection.transaction().await.unwrap();
    let error = transaction.query_prepared(&statement, &[]).await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "26000");
    drop(transaction);
    connection.execute_prepared(&statement, &[]).await.unwrap();
}

/// An error of the same state that comes from running it is the user's.
#[tokio::test]
async fn a_statement_that_was_run_is_not_run_again() {
    let mut connection = session().await;
    let mut created = connection
        .simple_query(
            "create temp sequence s; \
             create function pg_temp.fails() returns int language plpgsql as \
             'begin perform nextval(''s''); raise sqlstate ''26000''; end'",
        )
        .await
        .unwrap();
    while created.next().await.unwrap().is_some() {}
    let statement = connection.prepare("select pg_temp.fails()").await.unwrap();
    let error = connection.execute_prepared(&statement, &[]).await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "26000");
    let used = value(&mut connection, "select nextval('s')::int").await.unwrap();
    assert_eq!(used, 2);
}

#[tokio::test]
async fn the_cache_keeps_what_was_used_last() {
    let mut connection = session().await;
    connection.set_statement_cache_capacity(2);
    let kept = connection.prepare("select 0").await.unwrap();
    for number in 1..=5 {
        connection.prepare(&format!("select {number}")).await.unwrap();
    }
    // The next one to be prepared closes those that nobody needs.
    connection.prepare("select 6").await.unwrap();
    // The two of the cache, the one that is held, and the one that "6" has just pushed out.
    assert_eq!(prepared_statements(&mut connection).await, 4);
    let mut rows = connection.query_prepared(&kept, &[]).await.unwrap();
    assert_eq!(rows.next().await.unwrap().unwrap().get::<i32>(0).unwrap(), 0);
}

#[tokio::test]
async fn portals_give_rows_a_few_at_a_time_and_side_by_side() {
    let mut connection = session().await;
    let mut transaction = connection.transaction().await.unwrap();
    let up = transaction
        .bind("select generate_series(1, $1)", &[&10])
        .await
        .unwrap();
    let down = transaction
        .bind("select 1000 - g from generate_series(1, 5) g", &[])
        .await
        .unwrap();
    let (mut ups, mut downs) = (Vec::new(), Vec::new());
    let (mut more_up, mut more_down) = (true, true);
    while more_up || more_down {
        for (portal, got, more) in [(&up, &mut ups, &mut more_up), (&down, &mut downs, &mut more_down)] {
            if *more {
                let mut rows = transaction.fetch(portal, 4).await.unwrap();
                let mut count = 0;
                while let Some(row) = rows.next().await.unwrap() {
                    got.push(row.get::<i32>(0).unwrap());
                    count += 1;
                }
                *more = rows.is_suspended();
                assert!(count == 4 || !*more);
            }
        }
    }
    assert_eq!(ups, (1..=10).collect::<Vec<_>>());
    assert_eq!(downs, [999, 998, 997, 996, 995]);
    transaction.close_portal(up).await.unwrap();
    // Without a limit: the rest.
    let all = transaction
        .bind("select generate_series(1, 3)", &[])
        .await
        .unwrap();
    let mut rows = transaction.fetch(&all, 0).await.unwrap();
    let mut count = 0;
    while rows.next().await.unwrap().is_some() {
        count += 1;
    }
    assert_eq!((count, rows.is_suspended()), (3, false));
    drop(rows);
    transaction.commit().await.unwrap();

    let mut later = connection.transaction().await.unwrap();
    let error = later.fetch(&all, 1).await.unwrap().next().await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "34000");
}

#[tokio::test]
async fn a_pipeline_gives_each_command_its_own_result() {
    let mut connection = session().await;
    connection
        .execute("create temp table t (a int)", &[])
        .await
        .unwrap();
    let statement = connection.prepare("select $1::int4 * 2").await.unwrap();
    let mut pipeline = connection.pipeline();
    let mut doubled = Vec::new();
    let mut inserted = Vec::new();
    for number in 0..500 {
        doubled.push(pipeline.query_prepared(&statement, &[&number]).unwrap());
        inserted.push(
            pipeline
                .execute("insert into t values ($1), ($1)", &[&number])
                .unwrap(),
        );
        if number % 50 == 0 {
            pipeline.sync();
        }
    }
    let count = pipeline.query("select count(*) from t", &[]).unwrap();
    let mut results = pipeline.run().await.unwrap();
    for (number, queued) in doubled.into_iter().enumerate() {
        let rows = results.take(queued).unwrap();
        let row = rows.iter().next().unwrap();
        assert_eq!(row.get::<i32>(0).unwrap(), i32::try_from(number).unwrap() * 2);
    }
    for queued in inserted {
        assert_eq!(results.take(queued).unwrap(), 2);
    }
    let rows = results.take(count).unwrap();
    assert_eq!(rows.iter().next().unwrap().get::<i64>(0).unwrap(), 1000);
}

/// Each of a segment learns that it failed; the others are done.
#[tokio::test]
async fn a_segment_is_all_or_nothing() {
    let mut connection = session().await;
    connection
        .execute(
            "create temp table t (a int primary key deferrable initially deferred)",
            &[],
        )
        .await
        .unwrap();
    let mut pipeline = connection.pipeline();
    let before = pipeline.execute("insert into t values (1)", &[]).unwrap();
    pipeline.sync();
    let undone = pipeline.execute("insert into t values (2)", &[]).unwrap();
    let failing = pipeline.query("select 1 / 0", &[]).unwrap();
    let skipped = pipeline.execute("insert into t values (3)", &[]).unwrap();
    pipeline.sync();
    let after = pipeline.execute("insert into t values (4)", &[]).unwrap();
    pipeline.sync();
    // This one fails as it is committed.
    let first = pipeline.execute("insert into t values (5)", &[]).unwrap();
    let last = pipeline.execute("insert into t values (5)", &[]).unwrap();
    let mut results = pipeline.run().await.unwrap();
    assert_eq!(results.take(before).unwrap(), 1);
    assert!(matches!(results.take(undone), Err(Error::Aborted { failed: 3 })));
    let error = results.take(failing).unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "22012");
    let error = results.take(skipped).unwrap_err();
    assert_eq!(
        error.to_string(),
        "undone, since command 3 of the same segment of the pipeline failed"
    );
    assert_eq!(results.take(after).unwrap(), 1);
    assert!(matches!(results.take(first), Err(Error::Aborted { failed: 7 })));
    assert_eq!(results.take(last).unwrap_err().sqlstate().as_str(), "23505");
    let sum = value(&mut connection, "select sum(a)::int from t").await.unwrap();
    assert_eq!(sum, 5);
}

#[tokio::test]
async fn a_pipeline_that_is_not_run_does_nothing() {
    let mut connection = session().await;
    connection
        .execute("create temp table t (a int)", &[])
        .await
        .unwrap();
    let mut pipeline = connection.pipeline();
    let _queued = pipeline.execute("insert into t values (1)", &[]).unwrap();
    let error = pipeline.execute("select '\0'", &[]).unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "22023", "{error}");
    drop(pipeline);
    assert_eq!(
        value(&mut connection, "select count(*)::int from t")
            .await
            .unwrap(),
        0
    );
    connection.pipeline().run().await.unwrap();
    assert_eq!(value(&mut connection, "select 1").await.unwrap(), 1);
}

#[tokio::test]
async fn a_copy_has_no_place_in_a_pipeline() {
    let mut connection = session().await;
    connection
        .execute("create temp table t (a int)", &[])
        .await
        .unwrap();
    for copy in ["copy t from stdin", "copy t to stdout"] {
        let mut pipeline = connection.pipeline();
        let one = pipeline.query("select 1", &[]).unwrap();
        let copy = pipeline.execute(copy, &[]).unwrap();
        let mut results = pipeline.run().await.unwrap();
        assert!(results.take(copy).is_err());
        drop(results.take(one));
        assert_eq!(value(&mut connection, "select 2").await.unwrap(), 2);
    }
    // Commands behind a COPY FROM STDIN are taken for its data: nobody can tell their answers.
    let mut pipeline = connection.pipeline();
    let _copy = pipeline.execute("copy t from stdin", &[]).unwrap();
    let _more = pipeline.query("select 1", &[]).unwrap();
    assert!(matches!(pipeline.run().await, Err(Error::Closed(_))));
}

/// An empty statement has a result, too.
#[tokio::test]
async fn an_empty_statement_keeps_its_place() {
    let mut connection = session().await;
    let mut pipeline = connection.pipeline();
    let empty = pipeline.execute("", &[]).unwrap();
    let one = pipeline.query("select 1", &[]).unwrap();
    let mut results = pipeline.run().await.unwrap();
    assert_eq!(results.take(empty).unwrap(), 0);
    let rows = results.take(one).unwrap();
    assert_eq!(rows.iter().next().unwrap().get::<i32>(0).unwrap(), 1);
}
