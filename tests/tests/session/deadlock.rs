//! Calls that would wait for ever, since another connection of the same session holds the lock.

use std::time::{Duration, Instant};

use dblink_engine::connection::Connection;
use dblink_engine::conninfo::{Conninfo, ProcessEnvironment};
use dblink_engine::postgres_types::ToSql;
use dblink_engine::session::{Compat, Error, Rows, Session, SessionBuilder};
use dblink_tests::Cluster;
use dblink_tests::polls::polled;

use crate::support::{connected, conninfo};

/// Soon, so that tests are quick.
const SOON: Duration = Duration::from_millis(20);

fn soon() -> SessionBuilder {
    Session::builder().deadlock_timeout(Some(SOON))
}

/// A table of two rows, 1 and 2; and a session with the connections `a`, which has row 1 locked, and `b`.
async fn locked(builder: SessionBuilder, table: &str) -> Session {
    let mut session = builder.build();
    for name in ["a", "b"] {
        session.connect(name, &conninfo()).await.unwrap();
    }
    let create = format!("create table {table} as select g as n, 0 as v from generate_series(1, 2) g");
    session.exec("a", &create).await.unwrap();
    session.exec("a", "begin").await.unwrap();
    session.exec("a", &update(table, 1)).await.unwrap();
    session
}

fn update(table: &str, row: i32) -> String {
    format!("update {table} set v = v + 1 where n = {row}")
}

/// Why a call gives no rows, or not all of them: its columns may come before it waits.
async fn failure<'s>(call: impl IntoFuture<Output = Result<Rows<'s>, Error>>) -> Error {
    match call.await {
        Ok(rows) => rows.collect().await.unwrap_err(),
        Err(error) => error,
    }
}

#[track_caller]
fn check(error: &Error, expected: (Option<&str>, Option<&str>)) {
    let Error::SelfDeadlock { waits, holds } = error else {
        panic!("{error:?}");
    };
    assert_eq!((waits.as_deref(), holds.as_deref()), expected);
    assert_eq!(error.sqlstate().as_str(), "40P01");
}

/// The update of `a` is still there, and no other.
async fn usable(session: &mut Session, table: &str) {
    let rows = session
        .query("b", "select 7")
        .await
        .unwrap()
        .collect()
        .await
        .unwrap();
    assert_eq!(rows[0].get::<i32>(0).unwrap(), 7);
    session.exec("a", "commit").await.unwrap();
    let sql = format!("select v from {table} order by n");
    let rows = session.query("b", &sql).await.unwrap().collect().await.unwrap();
    assert_eq!(rows[0].get::<i32>(0).unwrap(), 1);
}

#[tokio::test]
async fn it_is_told_within_about_a_second() {
    let mut session = locked(Session::builder(), "dead_second").await;
    let start = Instant::now();
    let error = session.exec("b", &update("dead_second", 1)).await.unwrap_err();
    let took = start.elapsed();
    check(&error, (Some("b"), Some("a")));
    assert!(
        took >= Duration::from_secs(1) && took < Duration::from_secs(15),
        "{took:?}"
    );
    let detail = error.detail().unwrap();
    assert!(detail.contains("\"a\"") && detail.contains("\"b\""), "{detail}");
    usable(&mut session, "dead_second").await;
}

#[tokio::test]
async fn whatever_call_it_is() {
    let mut session = locked(soon(), "dead_calls").await;
    let sql = update("dead_calls", 1);
    let with_parameter = "update dead_calls set v = v + 1 where n = $1 returning v";
    let one: [&(dyn ToSql + Sync); 1] = [&1];
    let b_a = (Some("b"), Some("a"));
    check(&failure(session.query("b", &sql)).await, b_a);
    check(
        &failure(session.query("b", with_parameter).params(&one)).await,
        b_a,
    );
    let two = format!("select 1; {sql}");
    check(&failure(session.query("b", &two)).await, b_a);
    check(
        &session.exec(&conninfo(), &sql).await.unwrap_err(),
        (None, Some("a")),
    );
    check(
        &session.autonomous("b", &sql).await.unwrap_err(),
        (None, Some("a")),
    );
    session.send_query("b", &sql).await.unwrap();
    check(&session.get_result("b").await.unwrap_err(), b_a);
    assert!(session.get_result("b").await.unwrap().is_none());
    session
        .open("b", "c", "select n from dead_calls where n = 1 for update")
        .await
        .unwrap();
    check(&failure(session.fetch("b", "c", 1)).await, b_a);
    session.exec("b", "rollback").await.unwrap();
    let mut scattered = session.scatter(["b"], &sql).await.unwrap();
    assert!(scattered.next().await.unwrap().is_none());
    check(scattered.into_outcomes()[0].result.as_ref().unwrap_err(), b_a);
    // It waits before it runs, when it is looked at what it is.
    session.exec("a", "lock table dead_calls").await.unwrap();
    check(
        &session.exec("b", "select v from dead_calls").await.unwrap_err(),
        b_a,
    );
    let text: [&(dyn ToSql + Sync); 1] = [&"1"];
    check(
        &session.exec("b", with_parameter).params(&text).await.unwrap_err(),
        b_a,
    );
    usable(&mut session, "dead_calls").await;
}

#[tokio::test]
async fn the_local_connection_holds_it() {
    let config = Conninfo::parse(conninfo())
        .unwrap()
        .resolve(&ProcessEnvironment)
        .unwrap();
    let mut local = Connection::connect(&config).await.unwrap();
    local
        .execute("create table dead_local as select 1 as n, 0 as v", &[])
        .await
        .unwrap();
    local.execute("begin", &[]).await.unwrap();
    local.execute(&update("dead_local", 1), &[]).await.unwrap();
    let mut session = soon().local(local).build();
    session.connect("b", &conninfo()).await.unwrap();
    let error = session.exec("b", &update("dead_local", 1)).await.unwrap_err();
    check(&error, (Some("b"), None));
    session.local().unwrap().execute("commit", &[]).await.unwrap();
    session.exec("b", &update("dead_local", 1)).await.unwrap();
}

/// Waits until the session of this process has waited for a lock for so long that it was looked at several times.
async fn until_looked_at(session: &mut Session, name: &str, process: i32) {
    let sql = format!(
        "do $$ begin while not exists (select from pg_stat_activity where pid = {process} \
         and wait_event_type = 'Lock' and clock_timestamp() - query_start > interval '500 ms') \
         loop perform pg_sleep(0.01); perform pg_stat_clear_snapshot(); end loop; end $$"
    );
    session
        .exec(name, &sql)
        .within(Duration::from_secs(30))
        .await
        .unwrap();
}

/// It is waited for, also while connections of the session's own hold others.
#[tokio::test]
async fn a_strangers_lock_is_waited_for() {
    let mut session = locked(soon(), "dead_stranger").await;
    let process = session.connections()[1].process_id.unwrap();
    let mut stranger = connected("s").await;
    stranger.exec("s", "begin").await.unwrap();
    stranger.exec("s", &update("dead_stranger", 2)).await.unwrap();
    let sql = update("dead_stranger", 2);
    let (tag, ()) = tokio::join!(async { session.exec("b", &sql).await.unwrap() }, async {
        until_looked_at(&mut stranger, "s", process).await;
        stranger.exec("s", "commit").await.unwrap();
    });
    assert_eq!(tag, "UPDATE 1");
    usable(&mut session, "dead_stranger").await;
}

/// The stranger waits for the session, too.
#[tokio::test]
async fn a_stranger_stands_between() {
    let mut session = locked(soon(), "dead_between").await;
    let mut stranger = connected("s").await;
    stranger.exec("s", "begin").await.unwrap();
    stranger.exec("s", &update("dead_between", 2)).await.unwrap();
    stranger
        .send_query("s", &update("dead_between", 1))
        .await
        .unwrap();
    let error = session.exec("b", &update("dead_between", 2)).await.unwrap_err();
    check(&error, (Some("b"), Some("a")));
    usable(&mut session, "dead_between").await;
    stranger
        .get_result("s")
        .await
        .unwrap()
        .unwrap()
        .collect()
        .await
        .unwrap();
}

/// It lets go by itself, though nobody takes its result.
#[tokio::test]
async fn a_connection_that_works_is_waited_for() {
    let mut session = locked(soon(), "dead_working").await;
    session.exec("a", "commit").await.unwrap();
    let sql = format!("{}; select pg_sleep(0.5)", update("dead_working", 1));
    session.send_query("a", &sql).await.unwrap();
    let tag = session.exec("b", &update("dead_working", 1)).await.unwrap();
    assert_eq!(tag, "UPDATE 1");
    // What waits for its reader does not let go, nor does what is inside a transaction.
    session
        .get_result("a")
        .await
        .unwrap()
        .unwrap()
        .collect()
        .await
        .unwrap();
    while session.get_result("a").await.unwrap().is_some() {}
    let sql = format!(
        "{}; select repeat('x', 1000) from generate_series(1, 1000000)",
        update("dead_working", 1)
    );
    session.send_query("a", &sql).await.unwrap();
    session.wait_any(["a"], None).await.unwrap();
    let error = session.exec("b", &update("dead_working", 1)).await.unwrap_err();
    check(&error, (Some("b"), Some("a")));
}

#[tokio::test]
async fn nobody_looks() {
    let limit = 10 * SOON;
    for builder in [
        Session::builder().deadlock_timeout(None),
        Session::builder().compat(Compat::Exact),
        soon().deadlock_timeout(None),
    ] {
        let mut session = locked(builder, "dead_off").await;
        let error = session
            .exec("b", &update("dead_off", 1))
            .within(30 * limit / 10 + limit)
            .await
            .unwrap_err();
        assert!(matches!(error, Error::Deadline { .. }), "{error:?}");
        usable(&mut session, "dead_off").await;
        session.exec("a", "drop table dead_off").await.unwrap();
    }
}

/// Another reason to be cancelled stays what it is.
#[tokio::test]
async fn a_statement_timeout_is_none() {
    let mut session = locked(soon(), "dead_timeout").await;
    session
        .exec("b", "set statement_timeout = '300ms'")
        .await
        .unwrap();
    let error = session
        .exec("b", "do $$ begin perform pg_sleep(600); end $$")
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Remote { .. }), "{error:?}");
    assert_eq!(error.sqlstate().as_str(), "57014");
    usable(&mut session, "dead_timeout").await;
}

/// Dropped at every poll, until it has told. What a dropped call has left waiting is cancelled by the next.
#[tokio::test]
async fn dropping_it() {
    let mut session = locked(soon(), "dead_dropped").await;
    let sql = update("dead_dropped", 1);
    for polls in 0..1000 {
        let error = polled(session.exec("b", &sql).into_future(), polls).await;
        let rows = session.query("b", "select $1::int").params(&[&7]).await.unwrap();
        assert_eq!(rows.collect().await.unwrap()[0].get::<i32>(0).unwrap(), 7);
        if let Some(error) = error {
            check(&error.unwrap_err(), (Some("b"), Some("a")));
            break;
        }
    }
    usable(&mut session, "dead_dropped").await;
    assert_eq!(
        Cluster::shared().psql("select v from dead_dropped where n = 1"),
        "1"
    );
}
