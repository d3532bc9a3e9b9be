//! One call after the other.

use dblink_engine::session::{Fail, Name, Session, Target};

use crate::support::{connected, conninfo, hearing, local};

#[tokio::test]
async fn a_query_by_name_and_by_connection_string() {
    let mut session = connected("a").await;
    for target in [Target::Text("a"), Target::Named("a"), Target::Text(&conninfo())] {
        let mut rows = session.query(target, "select 7 as n, 'x' as t").await.unwrap();
        let row = rows.next().await.unwrap().unwrap();
        assert_eq!(row.get::<i32>("n").unwrap(), 7);
        assert_eq!(row.get::<&str>("t").unwrap(), "x");
        assert!(rows.next().await.unwrap().is_none());
    }
}

#[tokio::test]
async fn cursors_and_their_transaction() {
    let mut session = connected("a").await;
    session
        .open("a", "c", "select * from generate_series(1, 5) as g")
        .await
        .unwrap();
    let rows = session.fetch("a", "c", 3).await.unwrap().collect().await.unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!(session.connections()[0].cursors, Some(1));
    session.close("a", "c").await.unwrap();
    assert_eq!(session.connections()[0].cursors, None);
}

#[tokio::test]
async fn results_one_by_one() {
    let (mut session, heard) = hearing(Session::builder());
    session.connect(Name::Unnamed, &conninfo()).await.unwrap();
    let sent = "select 2; select 3; set work_mem = '1MB'; select 1/0; select 9";
    assert!(session.send_query(Name::Unnamed, sent).await.unwrap());
    for expected in ["2", "3", "SET"] {
        let mut rows = session.get_result(Name::Unnamed).await.unwrap().unwrap();
        assert_eq!(
            rows.next().await.unwrap().unwrap().text(0).unwrap(),
            Some(expected)
        );
    }
    let rows = session
        .get_result(Name::Unnamed)
        .fail(Fail::Notice)
        .await
        .unwrap()
        .unwrap();
    assert!(rows.collect().await.unwrap().is_empty());
    assert_eq!(heard.take(), ["22012 division by zero"]);
    assert!(session.get_result(Name::Unnamed).await.unwrap().is_none());
    assert_eq!(
        session.exec(Name::Unnamed, "set work_mem = '2MB'").await.unwrap(),
        "SET"
    );
}

#[tokio::test]
async fn statements_built_from_a_local_row() {
    let mut session = local().await;
    let setup = "create temp table \"Odd\" (gone int, b text, a int primary key, g int generated always as (a + 1) stored); \
        alter table \"Odd\" drop column gone; insert into \"Odd\" values (E'x''\\\\y', 1)";
    session.local().unwrap().batch_execute(setup).await.unwrap();
    let pkey = session.get_pkey("\"Odd\"").await.unwrap();
    assert_eq!((pkey[0].position, pkey[0].name.as_str(), pkey.len()), (1, "a", 1));
    // As `SELECT *` counts them, which does not see the column that is gone.
    assert_eq!(pkey[0].attnum, 2);
    let insert = session
        .build_sql_insert("\"Odd\"", "2", 1, "{1}", "{7}")
        .await
        .unwrap();
    assert_eq!(insert, r#"INSERT INTO "Odd"(b,a,g) VALUES(E'x''\\y','7','2')"#);
    let error = session.get_pkey("nowhere.t").await.unwrap_err();
    assert_eq!(
        (error.sqlstate().as_str(), error.message().as_str()),
        ("3F000", "schema \"nowhere\" does not exist")
    );
}
