//! Rows of many databases that have no common order, or no common columns.

use dblink_engine::session::{Error, Order, Outcome, ScatterPolicy, Unfit};

use crate::scatter::{rows, sqlstates, usable, with};
use crate::scatter_merge::{NAMES, table, texts};

/// Why a target's rows do not fit.
fn unfit(outcome: &Outcome) -> &Unfit {
    match &outcome.result {
        Err(Error::Unfit(unfit)) => unfit,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn rows_that_are_not_sorted() {
    let mut session = with(&NAMES).await;
    for (count, wrong) in [(5, 4), (20_000, 15_000)] {
        for name in ["a", "c"] {
            table(
                &mut session,
                name,
                &format!("select g as n, g as v from generate_series(1, {count}) g"),
            )
            .await;
        }
        let query = format!(
            "select g as n, case when g = {wrong} then 0 else g end as v from generate_series(1, {count}) g"
        );
        table(&mut session, "b", &query).await;
        let scatter = session
            .scatter(NAMES, "select v from t order by n")
            .ordered_by(Order::ascending("v"));
        let mut scattered = scatter.await.unwrap();
        let given = rows(&mut scattered).await.unwrap();
        let values: Vec<i32> = given.iter().map(|row| row.get(0).unwrap()).collect();
        assert!(values.is_sorted());
        assert_eq!(values.len(), 2 * count + wrong - 1);
        let outcomes = scattered.into_outcomes();
        assert_eq!(sqlstates(&outcomes), ["00000", "22000", "00000"]);
        assert_eq!(outcomes[1].rows, wrong as u64 - 1);
        let error = outcomes[1].result.as_ref().unwrap_err();
        assert_eq!(
            error.message(),
            format!("its rows are not sorted by \"v\": row {wrong} belongs before the one that it follows")
        );
        assert_eq!(error.hint().as_deref(), Some("Use ORDER BY \"v\" in the query."));
        usable(&mut session, &NAMES).await;
    }
    // For all it is the end, if it is meant to be.
    let mut scattered = session
        .scatter(NAMES, "select v from t order by n")
        .ordered_by(Order::ascending("v"))
        .policy(ScatterPolicy::AllOrError)
        .await
        .unwrap();
    let error = rows(&mut scattered).await.unwrap_err();
    assert!(matches!(error, Error::TargetFailed { target: 1, .. }), "{error}");
    drop(scattered);
    // Another direction than was said, and texts in an order of words.
    for (sql, order, hint) in [
        (
            "select v from t where n < 9 order by n",
            Order::descending("v").nulls_last(),
            "\"v\" DESC NULLS LAST",
        ),
        (
            "select v from (values (1, 'a'), (2, 'B')) x (n, v) order by n",
            Order::ascending("v"),
            "\"v\" COLLATE \"C\"",
        ),
        (
            "select v from (values (1, null), (2, 'B')) x (n, v) order by n",
            Order::ascending("v"),
            "\"v\" COLLATE \"C\"",
        ),
    ] {
        let (_, outcomes) = texts(
            session
                .scatter(["a"], sql)
                .text()
                .ordered_by(order)
                .await
                .unwrap(),
            "v",
        )
        .await;
        let error = outcomes[0].result.as_ref().unwrap_err();
        assert_eq!(error.hint(), Some(format!("Use ORDER BY {hint} in the query.")));
    }
}

#[tokio::test]
async fn columns_that_cannot_be_merged_by() {
    let mut session = with(&["a", "b"]).await;
    table(
        &mut session,
        "a",
        "select 1 as n, '{}'::jsonb as j, date '2000-01-02' as d",
    )
    .await;
    table(
        &mut session,
        "b",
        "select 'x' as n, '{}'::jsonb as j, date '2000-01-02' as d",
    )
    .await;
    let sql = "select * from t";
    let (_, outcomes) = texts(
        session
            .scatter(["a"], sql)
            .text()
            .ordered_by(Order::ascending("N"))
            .await
            .unwrap(),
        "n",
    )
    .await;
    let columns = "n int4, j jsonb, d date".to_owned();
    assert_eq!(
        *unfit(&outcomes[0]),
        Unfit::NoColumn {
            column: "N".to_owned(),
            columns
        }
    );
    assert_eq!(sqlstates(&outcomes), ["42703"]);
    let (_, outcomes) = texts(
        session
            .scatter(["a"], sql)
            .ordered_by(Order::ascending("j"))
            .await
            .unwrap(),
        "n",
    )
    .await;
    assert_eq!(sqlstates(&outcomes), ["0A000"]);
    // One of the two was first.
    let (given, outcomes) = texts(
        session
            .scatter(["a", "b"], sql)
            .text()
            .ordered_by(Order::ascending("n"))
            .await
            .unwrap(),
        "n",
    )
    .await;
    let mut states = sqlstates(&outcomes);
    states.sort();
    assert_eq!(
        (states, given.len()),
        (vec!["00000".to_owned(), "42804".to_owned()], 1)
    );
    session.exec("b", "set datestyle = 'german'").await.unwrap();
    let (given, outcomes) = texts(
        session
            .scatter(["a", "b"], sql)
            .text()
            .ordered_by(Order::ascending("d"))
            .await
            .unwrap(),
        "d",
    )
    .await;
    assert_eq!(
        (sqlstates(&outcomes), given),
        (
            vec!["00000".to_owned(), "22000".to_owned()],
            vec!["2000-01-02".to_owned()]
        )
    );
    assert_eq!(outcomes[1].rows, 0);
    assert_eq!(
        *unfit(&outcomes[1]),
        Unfit::Value {
            column: "d".to_owned(),
            row: 1
        }
    );
    usable(&mut session, &["a", "b"]).await;
}

#[tokio::test]
async fn other_columns_than_the_first() {
    let mut session = with(&NAMES).await;
    for (name, query) in [
        ("a", "select 1 as n, 'x' as s"),
        ("b", "select 1 as n, 2 as s"),
        ("c", "select 1 as n"),
    ] {
        table(&mut session, name, query).await;
    }
    let (_, outcomes) = texts(
        session.scatter(NAMES, "select * from t").text().await.unwrap(),
        "n",
    )
    .await;
    assert_eq!(sqlstates(&outcomes), ["00000"; 3]);
    for text in [false, true] {
        let mut scatter = session.scatter(NAMES, "select * from t").same_columns().limit(1);
        if text {
            scatter = scatter.text();
        }
        let mut scattered = scatter.await.unwrap();
        assert_eq!(rows(&mut scattered).await.unwrap().len(), 1);
        let outcomes = scattered.into_outcomes();
        assert_eq!(sqlstates(&outcomes), ["00000", "42804", "42804"]);
        assert_eq!(
            outcomes[1].result.as_ref().unwrap_err().message(),
            "its rows have the columns (n int4, s int4), and not (n int4, s text), as those before them"
        );
        let names: Vec<_> = outcomes[2]
            .columns
            .as_ref()
            .unwrap()
            .iter()
            .map(|column| column.name().to_owned())
            .collect();
        assert_eq!(names, ["n"]);
        usable(&mut session, &NAMES).await;
    }
}
