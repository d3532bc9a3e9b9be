//! Statements with a transaction of their own.

use std::time::Duration;

use dblink_engine::postgres_types::ToSql;
use dblink_engine::session::{Name, Privilege, Session, Target};
use dblink_tests::polls::polled;
use dblink_tests::{Cluster, roles};

use crate::support::{connected, conninfo};

/// A session with a connection `a`, inside a transaction, and an empty table.
async fn in_transaction(table: &str) -> Session {
    let mut session = connected("a").await;
    let create = format!("create table {table} (n int primary key)");
    session.exec("a", &create).await.unwrap();
    session.exec("a", "begin").await.unwrap();
    session
}

async fn numbers(session: &mut Session, name: &str, sql: &str) -> Vec<i32> {
    let rows = session.query(name, sql).await.unwrap().collect().await.unwrap();
    rows.iter().map(|row| row.get(0).unwrap()).collect()
}

fn kept(session: &mut Session) -> Vec<i32> {
    let kept = session.autonomous_connections();
    kept.iter()
        .map(|connection| connection.process_id.unwrap())
        .collect()
}

#[tokio::test]
async fn it_is_committed_whatever_becomes_of_the_caller() {
    let mut session = in_transaction("auto_committed").await;
    session.connect(Name::Unnamed, &conninfo()).await.unwrap();
    session
        .exec("a", "insert into auto_committed values (0)")
        .await
        .unwrap();
    let sql = "insert into auto_committed values ($1)";
    let place = conninfo();
    let targets = [
        Target::Text("a"),
        Target::Named("a"),
        Target::Unnamed,
        Target::Text(&place),
    ];
    let mut processes = Vec::new();
    for (number, target) in (1..).zip(targets) {
        let tag = session.autonomous(target, sql).params(&[&number]).await.unwrap();
        assert_eq!(tag, "INSERT 0 1");
        processes.extend(kept(&mut session));
    }
    // All lead to the same place, as the same user.
    processes.dedup();
    assert_eq!(processes.len(), 1);
    let own = session.connections()[1].process_id.unwrap();
    assert_ne!(processes[0], own);
    session.exec("a", "rollback").await.unwrap();
    let rows = numbers(&mut session, "a", "select n from auto_committed order by n").await;
    assert_eq!(rows, [1, 2, 3, 4]);
    let tag = session
        .autonomous("a", "select n from auto_committed")
        .await
        .unwrap();
    assert_eq!(tag, "SELECT 4");
    // One that no transaction block takes.
    assert_eq!(
        session.autonomous("a", "vacuum auto_committed").await.unwrap(),
        "VACUUM"
    );
}

#[tokio::test]
async fn nothing_is_left_of_a_failure() {
    let mut session = in_transaction("auto_failed").await;
    session.exec("a", "commit").await.unwrap();
    let deferred =
        "alter table auto_failed add other int references auto_failed deferrable initially deferred";
    session.exec("a", deferred).await.unwrap();
    for (sql, sqlstate) in [
        (
            "insert into auto_failed select 10000 / (5 - g) from generate_series(1, 5) g",
            "22012",
        ),
        // It fails when it is committed.
        ("insert into auto_failed values (1, 2)", "23503"),
        (
            "insert into auto_failed values (1); insert into auto_failed values (2)",
            "42601",
        ),
        ("insert into auto_failed values (1), (1)", "23505"),
        ("copy auto_failed from stdin", "0A000"),
        ("", "08006"),
    ] {
        let error = session.autonomous("a", sql).await.unwrap_err();
        assert_eq!(error.sqlstate().as_str(), sqlstate, "{sql}: {error}");
        assert_eq!(
            numbers(&mut session, "a", "select n from auto_failed").await,
            [0_i32; 0]
        );
        assert_eq!(kept(&mut session).len(), 1);
    }
    let late = session
        .autonomous("a", "insert into auto_failed select 1 from pg_sleep(600)")
        .within(Duration::from_millis(100))
        .await
        .unwrap_err();
    assert_eq!(late.sqlstate().as_str(), "57014");
    let error = session.autonomous("nobody", "select 1").await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "08001");
    let error = session
        .autonomous(Name::Named("nobody"), "select 1")
        .await
        .unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "08003");
    assert_eq!(
        numbers(&mut session, "a", "select n from auto_failed").await,
        [0_i32; 0]
    );
}

/// Whatever a statement has set, the next does not find.
#[tokio::test]
async fn each_finds_it_as_new() {
    let mut session = in_transaction("auto_new").await;
    for sql in [
        "set work_mem = '64kB'",
        "create temp table auto_new_temp as select 1",
        "select pg_advisory_lock(201)",
        "listen auto_new",
        "prepare p as select 1",
        // It is rolled back.
        "begin",
    ] {
        session.autonomous("a", sql).await.unwrap();
        let check = "insert into auto_new select 1 from pg_settings where name = 'work_mem' and setting = '64' \
            union all select 1 from pg_class where relname = 'auto_new_temp' \
            union all select 1 from pg_locks where locktype = 'advisory' and objid = 201 \
            union all select 1 from pg_listening_channels() union all select 1 from pg_prepared_statements";
        assert_eq!(
            session.autonomous("a", check).await.unwrap(),
            "INSERT 0 0",
            "{sql}"
        );
    }
}

#[tokio::test]
async fn one_that_is_gone_is_replaced() {
    let mut session = in_transaction("auto_gone").await;
    for number in 1..=5 {
        let sql = "insert into auto_gone values ($1)";
        session.autonomous("a", sql).params(&[&number]).await.unwrap();
        let [process] = kept(&mut session)[..] else {
            panic!("one is kept")
        };
        let sql = format!("select pg_terminate_backend({process}, 10000)");
        session.query("a", &sql).await.unwrap().collect().await.unwrap();
    }
    session.exec("a", "rollback").await.unwrap();
    let rows = numbers(&mut session, "a", "select n from auto_gone order by n").await;
    assert_eq!(rows, [1, 2, 3, 4, 5]);
}

/// Who is somebody else, or cannot prove to be the same, gets another connection.
#[tokio::test]
async fn each_configuration_has_its_own() {
    let cluster = Cluster::shared();
    let place = |user: &str, password: &str| {
        let port = cluster.port();
        format!("host=127.0.0.1 port={port} dbname=postgres user={user} password={password}")
    };
    let mut session = Session::new();
    session
        .connect("a", &place(roles::SCRAM_USER, roles::SCRAM_PASSWORD))
        .await
        .unwrap();
    session.autonomous("a", "select 1").await.unwrap();
    assert_eq!(kept(&mut session).len(), 1);
    let wrong = place(roles::SCRAM_USER, "wrong");
    let error = session.autonomous(&wrong, "select 1").await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "08001");
    session
        .autonomous(&place(roles::MD5_USER, roles::MD5_PASSWORD), "select 1")
        .await
        .unwrap();
    assert_eq!(kept(&mut session).len(), 2);
    let mut ordinary = Session::builder().privilege(Privilege::Ordinary).build();
    let error = ordinary.autonomous(&conninfo(), "select 1").await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "2F003");
    let trusting = place(roles::TRUST_USER, "x");
    let error = ordinary.autonomous(&trusting, "select 1").await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "2F003");
    assert!(kept(&mut ordinary).is_empty());
}

#[tokio::test]
async fn none_is_kept_for_too_long() {
    for idle in [Duration::ZERO, Duration::from_nanos(1)] {
        let mut session = Session::builder().autonomous_idle(idle).build();
        session.autonomous(&conninfo(), "select 1").await.unwrap();
        assert!(kept(&mut session).is_empty());
    }
}

/// Dropped at every poll: each was run once or not at all, and the next is run as if nothing had been.
#[tokio::test]
async fn dropping_it() {
    let mut session = in_transaction("auto_dropped").await;
    session.exec("a", "commit").await.unwrap();
    for polls in 0.. {
        // There is one to be taken.
        session.autonomous("a", "select 1").await.unwrap();
        let number = i32::try_from(polls).unwrap();
        let parameters: [&(dyn ToSql + Sync); 1] = [&number];
        let whole = session
            .autonomous("a", "insert into auto_dropped values ($1)")
            .params(&parameters);
        let finished = polled(whole.into_future(), polls).await;
        if let Some(tag) = finished {
            assert_eq!(tag.unwrap(), "INSERT 0 1");
            let sql = format!("select n from auto_dropped where n = {number}");
            assert_eq!(numbers(&mut session, "a", &sql).await, [number]);
            return;
        }
        // Only one that was never asked for anything is there still.
        assert_eq!(kept(&mut session).len(), usize::from(polls == 0));
    }
}
