//! One call after the other.

use dblink_engine::session::{Fail, Name, Session, Target};

use crate::support::{connected, conninfo, hearing};

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
