//! Calls whose futures are dropped half-way, at every poll: after that the session is as it should be.

use std::time::Duration;

use dblink_engine::session::{Error, Fail, Name, Rows, Session, State};
use dblink_protocol::backend::TransactionStatus;
use dblink_tests::Cluster;
use dblink_tests::polls::polled;
use postgres_types::{FromSql, ToSql};
use tokio::task::yield_now;

use crate::support::{connected, conninfo, local};

/// A type of the database, which has to be looked up before values of it are sent or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSql, FromSql)]
#[postgres(name = "mood")]
enum Mood {
    #[postgres(name = "happy")]
    Happy,
}

fn create(sql: &str) {
    Cluster::shared().psql(sql);
}

/// The values of the first column, in text.
async fn column(rows: Rows<'_>) -> Result<Vec<String>, Error> {
    let rows = rows.collect().await?;
    let text = |row: &dblink_engine::connection::OwnedRow| row.text(0).unwrap().unwrap_or("null").to_owned();
    Ok(rows.iter().map(text).collect())
}

/// That a connection gives right answers, and is in no transaction.
async fn assert_usable(session: &mut Session, name: &str, number: u32) {
    for number in [number.cast_signed(), -1] {
        let query = format!("select {number}");
        let rows = session.query(name, &query).text().await.unwrap();
        assert_eq!(column(rows).await.unwrap(), [number.to_string()]);
    }
    let state = &session.connections()[0];
    assert_eq!(
        state.transaction_status,
        TransactionStatus::Idle,
        "after {number} polls"
    );
    assert_eq!(
        (state.state, state.cursors),
        (State::Idle, None),
        "after {number} polls"
    );
}

/// Runs `call` for one poll, two polls and so on until it comes to its end; after each the connection `n` is as before.
async fn drop_at_every_poll(call: impl AsyncFn(&mut Session) -> Result<(), Error>) {
    let mut session = connected("n").await;
    for polls in 1.. {
        let done = polled(call(&mut session), polls).await;
        assert_usable(&mut session, "n", polls).await;
        if let Some(result) = done {
            return result.unwrap();
        }
        assert!(polls < 10_000, "it never ends");
    }
}

/// More than what is read at once.
const MANY: &str = "select g, repeat('x', 100) from generate_series(1, 20000) as g";

#[tokio::test]
async fn queries() {
    drop_at_every_poll(async |session| {
        let mut rows = session.query("n", MANY).await?;
        while rows.next().await?.is_some() {}
        Ok(())
    })
    .await;
    drop_at_every_poll(async |session| {
        let sql = "select $1::int + g from generate_series(1, 3) as g";
        assert_eq!(
            column(session.query("n", sql).params(&[&1]).text().await?)
                .await?
                .len(),
            3
        );
        Ok(())
    })
    .await;
    for fail in [Fail::Raise, Fail::Notice] {
        for sql in [
            MANY,
            "select 1; select 2, 'x' from generate_series(1, 5000)",
            "set work_mem = '1MB'",
            "",
        ] {
            drop_at_every_poll(async |session| {
                let rows = session.query("n", sql).fail(fail).text().await;
                if sql.is_empty() {
                    return Ok(());
                }
                rows?.collect().await.map(drop)
            })
            .await;
        }
    }
    drop_at_every_poll(async |session| {
        let error = session.query("n", "select 1; select 1/0").await.unwrap_err();
        assert_eq!(error.sqlstate().as_str(), "22012");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn types_that_are_looked_up() {
    create("create type mood as enum ('happy')");
    for polls in 1.. {
        // Each time the type is not known yet.
        let mut session = connected("n").await;
        let call = async |session: &mut Session| {
            let rows = session
                .query("n", "select $1::mood")
                .params(&[&Mood::Happy])
                .await?;
            assert_eq!(rows.collect().await?[0].get::<Mood>(0).unwrap(), Mood::Happy);
            Ok::<_, Error>(())
        };
        let done = polled(call(&mut session), polls).await;
        assert_usable(&mut session, "n", polls).await;
        call(&mut session).await.unwrap();
        if let Some(result) = done {
            result.unwrap();
            break;
        }
    }
}

#[tokio::test]
async fn commands() {
    for sql in [
        "set work_mem = '1MB'",
        "set work_mem = '1MB'; set work_mem = '2MB'",
    ] {
        drop_at_every_poll(async |session| session.exec("n", sql).await.map(drop)).await;
    }
    drop_at_every_poll(async |session| {
        let error = session.exec("n", "select 1").await.unwrap_err();
        assert_eq!(error.sqlstate().as_str(), "2F003");
        Ok(())
    })
    .await;
    drop_at_every_poll(async |session| {
        let tag = session.exec("n", "drop table nowhere").fail(Fail::Notice).await?;
        assert_eq!(tag, "ERROR");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn looking_and_listening() {
    drop_at_every_poll(async |session| {
        assert!(!session.is_busy("n").await?);
        session.cancel_query("n").await?;
        session.get_notify("n").await?;
        session.wait_notify("n", Duration::from_millis(1)).await?;
        Ok(())
    })
    .await;
}

/// The notifications that came while nobody waited to the end are given later, each once.
#[tokio::test]
async fn notifications() {
    let mut session = connected("n").await;
    session.exec("n", "listen dropping").await.unwrap();
    let mut heard = Vec::new();
    let mut sent = 0;
    for polls in 1..20 {
        for _ in 0..3 {
            sent += 1;
            create(&format!("notify dropping, '{sent}'"));
        }
        while heard.len() < sent {
            let waiting = session.wait_notify("n", Duration::from_secs(60));
            let got = polled(waiting, polls).await;
            let got = got.map_or_else(Vec::new, Result::unwrap);
            heard.extend(
                got.into_iter()
                    .map(|notification| notification.payload.to_string()),
            );
            yield_now().await;
        }
    }
    let expected: Vec<_> = (1..=sent).map(|number| number.to_string()).collect();
    assert_eq!(heard, expected);
}

/// Each time a session of its own opens a cursor, and `after` sees what became of it.
async fn open_at_every_poll(
    before: &str,
    open: impl AsyncFn(&mut Session) -> Result<bool, Error>,
    after: impl AsyncFn(&mut Session, u32, bool),
) {
    for polls in 1.. {
        let mut session = connected("n").await;
        session.exec("n", before).await.unwrap();
        let done = polled(open(&mut session), polls).await;
        after(&mut session, polls, done.is_some()).await;
        if done.is_some() {
            return;
        }
    }
}

/// Which cursors are open.
async fn cursors(session: &mut Session) -> Vec<String> {
    let sql = "select name from pg_cursors where name in ('c', 'd') order by name";
    column(session.query("n", sql).text().await.unwrap())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_cursor_that_is_not_opened_leaves_no_transaction() {
    create("create type feeling as enum ('happy')");
    let check = async |session: &mut Session, polls, done| {
        if done {
            assert_eq!(cursors(session).await, ["c"]);
            session.close("n", "c").await.unwrap();
        }
        assert_usable(session, "n", polls).await;
    };
    open_at_every_poll(
        "set work_mem = '1MB'",
        async |session| session.open("n", "c", "select 1").await,
        check,
    )
    .await;
    let sql = "select $1::int, $2::text[]";
    open_at_every_poll(
        "set work_mem = '1MB'",
        async |session| session.open("n", "c", sql).params(&[&1, &vec!["a"]]).await,
        check,
    )
    .await;
    let check = async |session: &mut Session, polls, _| assert_usable(session, "n", polls).await;
    for fail in [Fail::Raise, Fail::Notice] {
        open_at_every_poll(
            "set work_mem = '1MB'",
            async |session| session.open("n", "c", "nonsense").fail(fail).await,
            check,
        )
        .await;
    }
}

/// What the caller has begun stays the caller's.
#[tokio::test]
async fn a_cursor_in_the_callers_transaction() {
    create("create table of_the_caller (a int)");
    let before = "begin; insert into of_the_caller values (1)";
    let mut rows = 0;
    for polls in 1.. {
        let mut session = connected("n").await;
        session.exec("n", before).await.unwrap();
        let done = polled(session.open("n", "c", "select 1").into_future(), polls).await;
        if cursors(&mut session).await == ["c"] {
            session.close("n", "c").await.unwrap();
        }
        assert_eq!(
            session.exec("n", "commit").await.unwrap(),
            "COMMIT",
            "after {polls} polls"
        );
        rows += 1;
        assert_usable(&mut session, "n", polls).await;
        if done.is_some() {
            break;
        }
    }
    assert_eq!(
        Cluster::shared().psql("select count(*) from of_the_caller"),
        rows.to_string()
    );
}

/// A second cursor, whose opening is dropped, does not keep the transaction of the first open behind it.
#[tokio::test]
async fn a_second_cursor_counts_if_it_is_open() {
    create("create table beside_a_second (a int); create type state_of_mind as enum ('happy')");
    #[derive(Debug, ToSql)]
    #[postgres(name = "state_of_mind")]
    enum StateOfMind {
        #[postgres(name = "happy")]
        Happy,
    }
    for polls in 1.. {
        let mut session = connected("n").await;
        session.open("n", "c", "select 1").await.unwrap();
        session
            .exec("n", "insert into beside_a_second values (1)")
            .await
            .unwrap();
        let open = session
            .open("n", "d", "select $1::state_of_mind")
            .params(&[&StateOfMind::Happy]);
        let done = polled(open.into_future(), polls).await;
        for cursor in cursors(&mut session).await {
            session.close("n", &cursor).await.unwrap();
        }
        assert_usable(&mut session, "n", polls).await;
        let count = Cluster::shared().psql("select count(*) from beside_a_second");
        assert_eq!(count, polls.to_string(), "after {polls} polls");
        if done.is_some() {
            break;
        }
    }
}

/// Whoever works on the connection itself does not lose that to a cursor that was not opened.
#[tokio::test]
async fn the_connection_itself_after_a_cursor_that_was_not_opened() {
    create("create table by_itself (a int)");
    for polls in 1.. {
        let mut session = connected("n").await;
        let done = polled(session.open("n", "c", "select 1").into_future(), polls).await;
        if done.is_some() {
            break;
        }
        let connection = session.connection("n").unwrap();
        connection
            .execute("insert into by_itself values (1)", &[])
            .await
            .unwrap();
        assert_eq!(
            connection.transaction_status(),
            TransactionStatus::Idle,
            "after {polls} polls"
        );
        assert_usable(&mut session, "n", polls).await;
        let count = Cluster::shared().psql("select count(*) from by_itself");
        assert_eq!(count, polls.to_string(), "after {polls} polls");
    }
}

/// The transaction ends with its last cursor, even if the caller does not wait for that: once, and with the next call.
#[tokio::test]
async fn a_cursor_that_is_closed_half_way() {
    create("create table closed_half_way (a int)");
    let mut expected = 0;
    for polls in 1.. {
        let mut session = connected("n").await;
        session.open("n", "c", "select 1").await.unwrap();
        session
            .exec("n", "insert into closed_half_way values (1)")
            .await
            .unwrap();
        let done = polled(session.close("n", "c").into_future(), polls).await;
        if cursors(&mut session).await == ["c"] {
            session.close("n", "c").await.unwrap();
        }
        assert_usable(&mut session, "n", polls).await;
        expected += 1;
        let count = Cluster::shared().psql("select count(*) from closed_half_way");
        assert_eq!(count, expected.to_string(), "after {polls} polls");
        if done.is_some() {
            break;
        }
    }
}

/// Whoever closes it once more is told that it is closed, and loses nothing.
#[tokio::test]
async fn a_cursor_that_is_closed_half_way_and_once_more() {
    create("create table closed_twice (a int)");
    for polls in 1.. {
        let mut session = connected("n").await;
        session.open("n", "c", "select 1").await.unwrap();
        session
            .exec("n", "insert into closed_twice values (1)")
            .await
            .unwrap();
        let done = polled(session.close("n", "c").into_future(), polls).await;
        if done.is_none()
            && let Err(error) = session.close("n", "c").await
        {
            assert_eq!(error.sqlstate().as_str(), "34000", "{error}");
        }
        let count = Cluster::shared().psql("select count(*) from closed_twice");
        assert_eq!(count, polls.to_string(), "after {polls} polls");
        assert_usable(&mut session, "n", polls).await;
        if done.is_some() {
            break;
        }
    }
}

#[tokio::test]
async fn rows_of_a_cursor() {
    let mut session = connected("n").await;
    session
        .open(
            "n",
            "c",
            "select g, repeat('x', 1000) from generate_series(1, 1000000) as g",
        )
        .await
        .unwrap();
    for polls in 1.. {
        let call = async |session: &mut Session| {
            let rows = session.fetch("n", "c", 200).await?;
            rows.collect().await
        };
        let done = polled(call(&mut session), polls).await;
        assert_eq!(cursors(&mut session).await, ["c"]);
        if done.is_some() {
            break;
        }
    }
    session.close("n", "c").await.unwrap();
    assert_usable(&mut session, "n", 0).await;
}

/// The results of what was sent, each asked for again and again with so many polls until it is given.
async fn results(session: &mut Session, polls: u32, fail: Fail) -> Vec<String> {
    let mut results = Vec::new();
    for attempt in 0.. {
        // What has to be asked anew each time, such as types, would never come to its end.
        let polls = polls.saturating_add(attempt / 10);
        let got = polled(session.get_result("n").fail(fail).into_future(), polls).await;
        match got {
            // It is the runtime that sees what has come.
            None => yield_now().await,
            Some(Ok(None)) => return results,
            Some(Ok(Some(rows))) => {
                results.push(match column(rows).await {
                    Ok(values) => format!("{} × {:?}", values.len(), values.first()),
                    Err(error) => error.sqlstate().to_string(),
                });
            }
            Some(Err(error)) => results.push(error.sqlstate().to_string()),
        }
    }
    unreachable!("it has come back with the last result")
}

#[tokio::test]
async fn results_come_in_order_and_once() {
    create("create type humour as enum ('happy')");
    let several =
        format!("select 1; {MANY}; set work_mem = '1MB'; select 2 where false; {MANY}; select 1/0; select 3");
    let one = "select 'happy'::humour as m, 'x' from generate_series(1, 5000)";
    for fail in [Fail::Raise, Fail::Notice] {
        for sql in [&several, one] {
            let mut expected = Vec::new();
            for polls in (1..12).chain([u32::MAX]).rev() {
                let mut session = connected("n").await;
                assert!(session.send_query("n", sql).await.unwrap());
                let got = results(&mut session, polls, fail).await;
                if polls == u32::MAX {
                    assert_eq!(got.len(), if sql == one { 1 } else { 6 }, "{got:?}");
                    expected = got;
                } else {
                    assert_eq!(got, expected, "{polls} polls, {fail:?}");
                }
                assert_usable(&mut session, "n", polls).await;
            }
        }
    }
}

/// It was sent or not: there are all of its results, or none.
#[tokio::test]
async fn a_query_that_is_sent_half_way() {
    create("create type temper as enum ('happy')");
    #[derive(Debug, ToSql)]
    #[postgres(name = "temper")]
    enum Temper {
        #[postgres(name = "happy")]
        Happy,
    }
    let long = format!("select 1; select length('{}')", "x".repeat(1 << 20));
    for kind in 0..3 {
        for polls in 1.. {
            let mut session = connected("n").await;
            let done = match kind {
                0 => polled(session.send_query("n", "select 1; select 2").into_future(), polls).await,
                1 => polled(session.send_query("n", &long).into_future(), polls).await,
                _ => {
                    let query = session.send_query("n", "select $1::temper");
                    polled(query.params(&[&Temper::Happy]).into_future(), polls).await
                }
            };
            let taken = tokio::time::timeout(
                Duration::from_secs(60),
                results(&mut session, u32::MAX, Fail::Raise),
            );
            let taken = taken.await.expect("nobody waits for what was not sent");
            let all = if kind == 2 { 1 } else { 2 };
            assert!(
                taken.len() == all || (taken.is_empty() && done.is_none()),
                "{kind} {polls}: {taken:?}"
            );
            assert_usable(&mut session, "n", polls).await;
            if done.is_some() {
                break;
            }
        }
    }
}

/// A request to cancel that nobody waits for meets what it was for, and not what comes after.
#[tokio::test]
async fn a_query_that_is_cancelled_half_way() {
    for polls in 1.. {
        let mut session = connected("n").await;
        session.send_query("n", "select pg_sleep(600)").await.unwrap();
        // A request that comes before the query meets nothing.
        running("pg_sleep(600)").await;
        let done = polled(session.cancel_query("n"), polls).await;
        // What follows waits for the request, or is not needed.
        assert_eq!(results(&mut session, u32::MAX, Fail::Raise).await, ["57014"]);
        for _ in 0..20 {
            assert_usable(&mut session, "n", polls).await;
        }
        if done.is_some() {
            break;
        }
    }
}

/// Waits, at the server, until no connection of this name is there.
async fn gone(application: &str) {
    wait_while(&format!(
        "exists (select from pg_stat_activity where application_name = '{application}')"
    ))
    .await;
}

/// Waits, at the server, until this query sleeps there.
async fn running(sql: &str) {
    let sleeps = format!("query like '%{sql}' and wait_event = 'PgSleep' and pid <> pg_backend_pid()");
    wait_while(&format!(
        "not exists (select from pg_stat_activity where {sleeps})"
    ))
    .await;
}

async fn wait_while(condition: &str) {
    let sql = format!(
        "set statement_timeout = '20s';
        do $$ begin
            while {condition} loop
                perform pg_sleep(0.01);
                perform pg_stat_clear_snapshot();
            end loop;
        end $$"
    );
    // In a thread of its own: the runtime goes on.
    tokio::task::spawn_blocking(move || create(&sql)).await.unwrap();
}

fn named(application: &str) -> String {
    format!("{} application_name={application}", conninfo())
}

#[tokio::test]
async fn a_connection_for_one_call_goes_with_it() {
    let to = named("one_call");
    let mut session = Session::new();
    for kind in 0..5 {
        for polls in 1.. {
            let to = to.as_str();
            let call = async |session: &mut Session| match kind {
                0 => column(session.query(to, MANY).text().await?).await.map(drop),
                1 => session
                    .query(to, "select 1; select 2")
                    .fail(Fail::Notice)
                    .await
                    .map(drop),
                2 => session
                    .query(to, MANY)
                    .fail(Fail::Notice)
                    .await?
                    .collect()
                    .await
                    .map(drop),
                3 => session.exec(to, "set work_mem = '1MB'").await.map(drop),
                _ => session
                    .exec(to, "drop table nowhere")
                    .fail(Fail::Notice)
                    .await
                    .map(drop),
            };
            let done = polled(call(&mut session), polls).await;
            gone("one_call").await;
            if let Some(result) = done {
                result.unwrap();
                break;
            }
        }
    }
}

#[tokio::test]
async fn connecting() {
    let to = named("half_way");
    let mut session = Session::new();
    session.connect(Name::Unnamed, &conninfo()).await.unwrap();
    let pid = |session: &Session| session.connections()[0].process_id;
    for name in [Name::Named("n"), Name::Unnamed] {
        for polls in 1.. {
            let before = pid(&session);
            let done = polled(session.connect(name, &to), polls).await;
            if done.is_some() {
                session.disconnect(name).await.unwrap();
                gone("half_way").await;
                break;
            }
            let is_new = pid(&session) != before;
            assert!(session.get_connections().is_empty() || name != Name::Unnamed);
            let rows = session
                .query(Name::Unnamed, "select pg_backend_pid()")
                .text()
                .await
                .unwrap();
            column(rows).await.unwrap();
            if !is_new {
                gone("half_way").await;
            }
        }
    }
}

#[tokio::test]
async fn disconnecting() {
    for pending in [false, true] {
        for polls in 1.. {
            let mut session = Session::new();
            session.connect("n", &named("leaving")).await.unwrap();
            if pending {
                session.send_query("n", "select pg_sleep(600)").await.unwrap();
            }
            let done = polled(session.disconnect("n"), polls).await;
            assert!(session.get_connections().is_empty());
            if done.is_some() || !pending {
                gone("leaving").await;
            } else {
                // The server finds out when it has something to say.
                create(
                    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'leaving'",
                );
                gone("leaving").await;
            }
            if let Some(done) = done {
                done.unwrap();
                break;
            }
        }
    }
}

#[tokio::test]
async fn keys_and_statements() {
    let mut session = local().await;
    let setup = "create temp table t (a int primary key, b text); insert into t values (1, 'x')";
    session.local().unwrap().batch_execute(setup).await.unwrap();
    for polls in 1.. {
        let call = async |session: &mut Session| {
            assert_eq!(session.get_pkey("t").await?.len(), 1);
            session.build_sql_insert("t", "1", 1, "{1}", "{2}").await?;
            session.build_sql_update("t", "1", 1, "{1}", "{2}").await?;
            session.build_sql_delete("t", "1", 1, "{2}").await
        };
        let done = polled(call(&mut session), polls).await;
        let insert = session.build_sql_insert("t", "1", 1, "{1}", "{2}").await.unwrap();
        assert_eq!(insert, "INSERT INTO t(a,b) VALUES('2','x')");
        if let Some(delete) = done {
            assert_eq!(delete.unwrap(), "DELETE FROM t WHERE a = '2'");
            break;
        }
    }
}
