//! Transfers between the connections of a session.

use dblink_engine::session::{Name, Target};
use dblink_engine::transfer::Transfer;
use dblink_tests::Cluster;

use crate::support::{connected, conninfo};

#[tokio::test]
async fn between_names_and_connection_strings() {
    Cluster::shared().psql("create table between_names (a int, b text)");
    let count = || Cluster::shared().psql("select count(*), count(distinct b) from between_names");
    let mut session = connected("a").await;
    session.connect(Name::Unnamed, &conninfo()).await.unwrap();
    let transfer = || {
        Transfer::query("select g as a, md5(g::text) as b from generate_series(1, 1000) g")
            .into("between_names")
    };

    let done = session.transfer("a", Target::Unnamed, transfer()).await.unwrap();
    assert_eq!((done.rows, count()), (1000, "1000|1000".to_owned()));
    // Within a transaction of the caller's it is a part of that.
    session.exec("a", "begin").await.unwrap();
    session.transfer(&conninfo(), "a", transfer()).await.unwrap();
    session.exec("a", "rollback").await.unwrap();
    assert_eq!(count(), "1000|1000");
    session
        .transfer(&conninfo(), &conninfo(), transfer())
        .await
        .unwrap();
    assert_eq!(count(), "2000|1000");
    assert_eq!(session.connections()[1].rows, 2000, "those of both transfers");
}

#[tokio::test]
async fn two_connections_are_needed() {
    let mut session = connected("a").await;
    let transfer = || Transfer::table("pg_class").into("pg_class");
    let error = session
        .transfer("a", Target::Named("a"), transfer())
        .await
        .unwrap_err();
    assert_eq!(
        (error.sqlstate().as_str(), error.message().as_str()),
        ("22023", "a transfer needs two connections")
    );
    let error = session.transfer("a", "nobody", transfer()).await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "08001");
    session.send_query("a", "select 1").await.unwrap();
    let error = session.transfer("a", &conninfo(), transfer()).await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "08006");
    assert_eq!(
        session
            .get_result("a")
            .await
            .unwrap()
            .unwrap()
            .collect()
            .await
            .unwrap()
            .len(),
        1
    );
}
