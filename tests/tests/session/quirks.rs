//! What is peculiar in PostgreSQL's own module, and what becomes of it here: a test for each line of the table in the session's
//! documentation, in its order.

use std::time::Duration;

use dblink_engine::session::{Compat, Fail, Name, Session};
use dblink_tests::Cluster;
use tokio::time::Instant;

use crate::module;
use crate::support::{connected, conninfo, hearing};

/// A session of either kind, with a connection `n`.
async fn session(compat: Compat) -> Session {
    let mut session = Session::builder().compat(compat).build();
    session.connect("n", &conninfo()).await.unwrap();
    session
}

/// The values of a result's first column, in text.
async fn column(session: &mut Session, sql: &str, fail: Fail) -> Vec<String> {
    let rows = session
        .query("n", sql)
        .fail(fail)
        .text()
        .await
        .unwrap()
        .collect()
        .await
        .unwrap();
    rows.iter()
        .map(|row| row.text(0).unwrap().unwrap().to_owned())
        .collect()
}

/// How many rows a table of the shared server has.
fn count(table: &str) -> String {
    Cluster::shared().psql(&format!("select count(*) from {table}"))
}

fn create(table: &str) {
    Cluster::shared().psql(&format!("create table {table} (a int)"));
}

#[tokio::test]
async fn q01_a_query_that_fails_half_way_leaves_no_rows() {
    for sql in [
        "select 1/(4-g) from generate_series(1, 9) as g",
        "select 7; select 1/0",
    ] {
        let mut mended = session(Compat::Mended).await;
        assert!(column(&mut mended, sql, Fail::Notice).await.is_empty());
    }
    let mut exact = session(Compat::Exact).await;
    assert_eq!(
        column(
            &mut exact,
            "select 1/(4-g) from generate_series(1, 9) as g",
            Fail::Notice
        )
        .await
        .len(),
        3
    );
    assert_eq!(
        column(&mut exact, "select 7; select 1/0", Fail::Notice).await,
        ["7"]
    );
    let rows = module::run(
        "select * from dblink('$C', 'select 1/(4-g) from generate_series(1, 9) as g', false) as t(a int)",
    );
    assert_eq!(
        rows.lines().filter(|line| line.parse::<i32>().is_ok()).count(),
        3,
        "{rows}"
    );
}

#[tokio::test]
async fn q02_the_end_of_results_needs_no_call() {
    let mut session = session(Compat::Mended).await;
    session.send_query("n", "select 1; select 2").await.unwrap();
    for _ in 0..2 {
        drop(session.get_result("n").await.unwrap().unwrap());
    }
    assert_eq!(session.exec("n", "set work_mem = '1MB'").await.unwrap(), "SET");
    let c = module::run(
        "select dblink_connect('n', '$C'), dblink_send_query('n', 'select 1');
        select a from dblink_get_result('n') as t(a int); select dblink_exec('n', 'set work_mem = ''1MB''')",
    );
    assert!(c.contains("another command is already in progress"), "{c}");
}

#[tokio::test]
async fn q03_no_rows_and_no_more_results_differ() {
    for compat in [Compat::Mended, Compat::Exact] {
        let mut session = session(compat).await;
        session.send_query("n", "select 1 where false").await.unwrap();
        let rows = session.get_result("n").await.unwrap();
        assert!(rows.unwrap().collect().await.unwrap().is_empty());
        assert!(session.get_result("n").await.unwrap().is_none());
    }
}

#[tokio::test]
async fn q04_a_result_of_another_width_is_taken() {
    let mut session = session(Compat::Mended).await;
    session.send_query("n", "select 1, 2; select 3").await.unwrap();
    let error = session.get_result("n").columns("a int").await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "42804");
    let rows = session
        .get_result("n")
        .columns("a int")
        .strict(false)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(rows.collect().await.unwrap()[0].text(0).unwrap(), Some("3"));
}

#[tokio::test]
async fn q05_pending_results_are_kept() {
    let mut session = session(Compat::Mended).await;
    session.send_query("n", "select 5").await.unwrap();
    let error = session.query("n", "select 6").await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "XX000");
    let rows = session.get_result("n").await.unwrap().unwrap();
    assert_eq!(rows.collect().await.unwrap()[0].get::<i32>(0).unwrap(), 5);
    let c = module::run(
        "select dblink_connect('n', '$C'), dblink_send_query('n', 'select 5');;
        select a from dblink('n', 'select 6') as t(a int);; select 'result ' || a from dblink_get_result('n') as t(a int)",
    );
    assert!(
        c.contains("could not send query") && !c.contains("result 5"),
        "{c}"
    );
}

#[tokio::test]
async fn q06_a_refusal_does_not_pile_up() {
    let mut session = session(Compat::Mended).await;
    session.send_query("n", "select 5").await.unwrap();
    for _ in 0..3 {
        let error = session.exec("n", "select 6").await.unwrap_err();
        assert_eq!(error.message(), "another command is already in progress");
    }
    assert_eq!(
        session.error_message("n").unwrap(),
        "another command is already in progress"
    );
}

#[tokio::test]
async fn q07_commands_and_cursors_refuse_while_results_are_pending() {
    let mut session = session(Compat::Mended).await;
    session.send_query("n", "select 5").await.unwrap();
    let errors = [
        session.exec("n", "select 6").await.unwrap_err(),
        session.open("n", "c", "select 6").await.unwrap_err(),
        session.fetch("n", "c", 1).await.unwrap_err(),
        session.close("n", "c").await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.sqlstate().as_str(), "08006", "{error}");
    }
    let rows = session.get_result("n").await.unwrap().unwrap();
    assert_eq!(rows.collect().await.unwrap()[0].get::<i32>(0).unwrap(), 5);
}

#[tokio::test]
async fn q08_a_callers_transaction_is_never_committed() {
    // The transaction that was begun for a cursor ends behind dblink's back; in its place the caller begins one.
    let ways = [
        ("close c; commit", "begin"),
        ("commit", "begin"),
        ("rollback", "begin"),
        ("commit; begin", "select 1"),
        ("rollback; start transaction", "select 1"),
        ("commit and chain", "select 1"),
        ("rollback and chain", "select 1"),
    ];
    for (number, (end, begin)) in ways.into_iter().enumerate() {
        let table = format!("q08_{number}");
        create(&table);
        let mut session = session(Compat::Mended).await;
        session.open("n", "c", "select 1").await.unwrap();
        session.exec("n", end).await.unwrap();
        drop(session.query("n", begin).text().await.unwrap());
        session
            .exec("n", &format!("insert into {table} values (1)"))
            .await
            .unwrap();
        session.exec("n", "declare c cursor for select 1").await.unwrap();
        session.close("n", "c").await.unwrap();
        session.exec("n", "rollback").await.unwrap();
        assert_eq!(count(&table), "0", "{end}; {begin}");
    }
    create("q08_c");
    let c = module::run(
        "select dblink_connect('n', '$C'), dblink_open('n', 'c', 'select 1'), dblink_exec('n', 'close c; commit'),
        dblink_exec('n', 'begin; insert into q08_c values (1); declare c cursor for select 1'),
        dblink_close('n', 'c'), dblink_exec('n', 'rollback')",
    );
    assert_eq!(count("q08_c"), "1", "{c}");
}

#[tokio::test]
async fn q08_a_savepoint_does_not_end_the_transaction_of_cursors() {
    create("q08_savepoint");
    let mut session = session(Compat::Mended).await;
    session.open("n", "c", "select 1").await.unwrap();
    session
        .exec("n", "insert into q08_savepoint values (1)")
        .await
        .unwrap();
    session.exec("n", "savepoint s").await.unwrap();
    session.exec("n", "rollback to s").await.unwrap();
    session.close("n", "c").await.unwrap();
    assert_eq!(
        count("q08_savepoint"),
        "1",
        "it is committed with its last cursor"
    );
}

#[tokio::test]
async fn q09_a_cursor_that_is_not_opened_leaves_no_transaction() {
    let mut mended = session(Compat::Mended).await;
    mended.open("n", "c", "nonsense").await.unwrap_err();
    assert!(mended.error_message("n").unwrap().contains("syntax error"));
    assert_eq!(column(&mut mended, "select 1", Fail::Raise).await, ["1"]);
    let mut exact = session(Compat::Exact).await;
    exact.open("n", "c", "nonsense").await.unwrap_err();
    let error = exact.query("n", "select 1").await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "25P02");
    exact.exec("n", "rollback").await.unwrap();
}

#[tokio::test]
async fn q10_rows_are_refused_before_they_are_made() {
    Cluster::shared().psql("create sequence q10");
    let called = || Cluster::shared().psql("select is_called from q10");
    for sql in [
        "select nextval('q10')",
        "with x as (select nextval('q10')) select * from x",
        " ( values (nextval('q10')) )",
    ] {
        let mut session = session(Compat::Mended).await;
        let error = session.exec("n", sql).await.unwrap_err();
        assert_eq!(error.sqlstate().as_str(), "2F003");
        assert_eq!(called(), "f", "{sql}");
    }
    let mut exact = session(Compat::Exact).await;
    let error = exact.exec("n", "select nextval('q10')").await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "2F003");
    assert_eq!(called(), "t");
}

#[tokio::test]
async fn q11_types_are_compared() {
    let mut mended = session(Compat::Mended).await;
    let error = mended
        .query("n", "select 'x'::text as a, 1 as b")
        .columns("a text, b text")
        .await
        .unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "42804");
    assert_eq!(
        error.detail().unwrap(),
        "Column 2, \"b\", is text in the definition, and the query gives integer."
    );
    let relaxed = mended
        .query("n", "select 1 as b")
        .columns("b text")
        .strict(false)
        .await
        .unwrap();
    assert_eq!(relaxed.collect().await.unwrap().len(), 1);
    let mut exact = session(Compat::Exact).await;
    let rows = exact.query("n", "select 1 as b").columns("b text").await.unwrap();
    assert_eq!(rows.collect().await.unwrap().len(), 1);
}

#[tokio::test]
async fn q12_a_copy_as_a_command_is_a_clean_error() {
    create("q12");
    let mut session = session(Compat::Mended).await;
    for copy in [
        "copy q12 from stdin",
        "copy q12 to stdout",
        "copy (select 1) to stdout; select 2",
    ] {
        let error = session.exec("n", copy).await.unwrap_err();
        assert_eq!(error.sqlstate().as_str(), "0A000", "{copy}: {error}");
        assert_eq!(
            session.exec("n", "insert into q12 values (1)").await.unwrap(),
            "INSERT 0 1",
            "{copy}"
        );
    }
    let c = module::run(
        "select dblink_connect('n', '$C');; select dblink_exec('n', 'copy q12 to stdout');;
        select dblink_exec('n', 'set work_mem = ''1MB''')",
    );
    assert!(c.contains("another command is already in progress"), "{c}");
}

#[tokio::test]
async fn q13_a_copy_as_a_query_is_a_clean_error() {
    create("q13");
    let mut session = session(Compat::Mended).await;
    for copy in [
        "copy q13 to stdout",
        "copy q13 from stdin",
        "select 1; copy q13 to stdout",
    ] {
        for text in [false, true] {
            let query = session.query("n", copy);
            let result = if text { query.text().await } else { query.await };
            let error = result.unwrap_err();
            assert_eq!(error.sqlstate().as_str(), "0A000", "{copy}: {error}");
            assert_eq!(
                column(&mut session, "select 1", Fail::Raise).await,
                ["1"],
                "{copy}"
            );
        }
    }
    // It would wait for ever, and not even a statement's timeout ends it: a server of its own, which is stopped.
    let cluster = Cluster::start();
    cluster.psql("create extension dblink");
    let calls = format!(
        "set statement_timeout = '100ms'; select dblink_connect('n', '{}'); \
        select * from dblink('n', 'copy (select 1) to stdout') as t(a text)",
        cluster.conninfo().replace('\'', "''")
    );
    let mut psql = cluster
        .psql_command()
        .args(["--command", &calls])
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_secs(2)); // Nothing happens: there is no event to wait for.
    assert!(
        psql.try_wait().unwrap().is_none(),
        "it has come back, 20 times after its timeout"
    );
    psql.kill().unwrap();
    psql.wait().unwrap();
}

#[tokio::test]
async fn q14_a_deadline_stops_the_query_at_the_server() {
    create("q14");
    create("q14_c");
    let mut session = session(Compat::Mended).await;
    let sql = "select pg_sleep(60); insert into q14 values (1)";
    let limit = Duration::from_millis(200);
    let error = session.query("n", sql).within(limit).await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "57014");
    assert_eq!(
        column(&mut session, "select count(*) from q14", Fail::Raise).await,
        ["0"]
    );

    // In the middle of a stream, too.
    let sql = "select generate_series(1, 100000000)";
    let limit = Duration::from_secs(3);
    let mut rows = session.query("n", sql).within(limit).await.unwrap();
    let error = loop {
        match rows.next().await {
            Ok(row) => assert!(row.is_some()),
            Err(error) => break error,
        }
    };
    assert_eq!(error.sqlstate().as_str(), "57014");
    drop(rows);
    assert_eq!(column(&mut session, "select 1", Fail::Raise).await, ["1"]);

    let c = module::run(
        "select dblink_connect('n', '$C');; set statement_timeout = '200ms';;
        select * from dblink('n', 'select pg_sleep(2); insert into q14_c values (1)') as t(a text);;",
    );
    assert_eq!(count("q14_c"), "1", "there it runs to its end: {c}");
}

#[tokio::test]
async fn q15_a_deadline_stops_the_command_at_the_server() {
    create("q15");
    let mut session = session(Compat::Mended).await;
    let sql = "select pg_sleep(60); insert into q15 values (1)";
    let error = session
        .exec("n", sql)
        .within(Duration::from_millis(200))
        .await
        .unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "57014");
    assert_eq!(
        session.exec("n", "insert into q15 values (2)").await.unwrap(),
        "INSERT 0 1"
    );
    let c = module::run(
        "select dblink_connect('n', '$C');; set statement_timeout = '200ms';;
        select dblink_exec('n', 'select pg_sleep(60)');; reset statement_timeout;;
        select dblink_exec('n', 'set work_mem = ''1MB''')",
    );
    assert!(c.contains("another command is already in progress"), "{c}");
}

#[tokio::test]
async fn q17_a_connection_that_has_ended_is_opened_anew_if_that_is_wished() {
    let terminate = |pid: i32| {
        Cluster::shared().psql(&format!("select pg_terminate_backend({pid}, 10000)"));
    };
    for reconnect in [false, true] {
        let mut session = Session::builder().reconnect(reconnect).build();
        session.connect("n", &conninfo()).await.unwrap();
        terminate(session.connections()[0].process_id.unwrap());
        // What was sent is not sent again.
        let error = session.exec("n", "set work_mem = '1MB'").await.unwrap_err();
        assert_eq!(error.sqlstate().as_str(), "08006");
        assert!(
            error.server().is_some(),
            "with the server's last words: {error:?}"
        );
        assert_eq!(session.get_connections(), ["n"]);
        let again = session.exec("n", "set work_mem = '1MB'").await;
        assert_eq!(again.is_ok(), reconnect, "{again:?}");
        // A transaction is not continued on another server process.
        if reconnect {
            session.exec("n", "begin").await.unwrap();
            terminate(session.connections()[0].process_id.unwrap());
            session.exec("n", "set work_mem = '1MB'").await.unwrap_err();
            session.exec("n", "set work_mem = '1MB'").await.unwrap_err();
        }
        session.disconnect("n").await.unwrap();
    }
}

#[tokio::test]
async fn q18_what_is_not_busy_is_taken_without_waiting() {
    let mut session = session(Compat::Mended).await;
    let mut holder = connected("holder").await;
    drop(
        holder
            .query("holder", "select pg_advisory_lock(1818)")
            .await
            .unwrap()
            .collect()
            .await
            .unwrap(),
    );
    session
        .send_query(
            "n",
            "select 1 from (select pg_advisory_lock_shared(1818)) as held",
        )
        .await
        .unwrap();
    assert!(session.is_busy("n").await.unwrap());
    drop(
        holder
            .query("holder", "select pg_advisory_unlock(1818)")
            .await
            .unwrap()
            .collect()
            .await
            .unwrap(),
    );
    while session.is_busy("n").await.unwrap() {}
    let rows = session.get_result("n").await.unwrap().unwrap();
    assert_eq!(rows.collect().await.unwrap().len(), 1);
    assert!(!session.is_busy("n").await.unwrap());
}

#[tokio::test]
async fn q19_a_notification_can_be_waited_for() {
    let mut session = session(Compat::Mended).await;
    session.exec("n", "listen q19").await.unwrap();
    assert!(session.get_notify("n").await.unwrap().is_empty());
    assert!(
        session
            .wait_notify("n", Duration::from_millis(1))
            .await
            .unwrap()
            .is_empty()
    );
    let other = tokio::spawn(async {
        let mut other = connected("other").await;
        other.exec("other", "notify q19, 'x'").await.unwrap();
    });
    let notifications = session.wait_notify("n", Duration::from_secs(60)).await.unwrap();
    assert_eq!(notifications[0].payload.to_string(), "x");
    other.await.unwrap();
    assert!(session.get_notify(Name::Unnamed).await.unwrap().is_empty());
}

#[tokio::test]
async fn q20_a_connection_string_connects_for_the_call_alone() {
    let mut session = Session::new();
    let mut pids = Vec::new();
    for _ in 0..2 {
        let rows = session
            .query(&conninfo(), "select pg_backend_pid()")
            .await
            .unwrap();
        pids.push(rows.collect().await.unwrap()[0].get::<i32>(0).unwrap());
    }
    assert_ne!(pids[0], pids[1]);
    assert!(session.get_connections().is_empty());
}

#[tokio::test]
async fn q21_a_time_means_the_same_here_and_there() {
    let odd = format!(
        "{} options='-c timezone=Asia/Kolkata -c datestyle=SQL,DMY'",
        conninfo()
    );
    let sql = "select '2020-02-01 00:00+00'::timestamptz as t";
    let mut session = Session::new();
    session.connect("n", &odd).await.unwrap();
    let text = column(&mut session, sql, Fail::Raise).await.remove(0);
    assert_eq!(
        Cluster::shared().psql(&format!(
            "select timestamptz '{text}' = timestamptz '2020-02-01 00:00+00'"
        )),
        "t"
    );
    let rows = session.query("n", sql).await.unwrap().collect().await.unwrap();
    assert_eq!(
        rows[0]
            .get::<chrono::DateTime<chrono::Utc>>("t")
            .unwrap()
            .timestamp(),
        1_580_515_200
    );
    let c = module::run(&format!(
        "select t = '2020-02-01 00:00+00' from dblink('{}', $${sql}$$) as x(t timestamptz)",
        odd.replace('\'', "''")
    ));
    assert_eq!(c.trim(), "f", "3½ hours are lost");
}

#[tokio::test]
async fn q22_money_is_read_as_text_or_not_at_all() {
    let mut session = session(Compat::Mended).await;
    let rows = session
        .query("n", "select 12.34::money as m")
        .await
        .unwrap()
        .collect()
        .await
        .unwrap();
    let error = rows[0].get::<i64>("m").unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "42804");
    assert!(column(&mut session, "select 12.34::money as m", Fail::Raise).await[0].contains("12"));
}

#[tokio::test]
async fn q23_rows_are_there_before_the_last_has_come() {
    let mut session = session(Compat::Mended).await;
    let start = Instant::now();
    let sql = "select g, case when g = 100000 then pg_sleep(60) end from generate_series(1, 100000) as g";
    let mut rows = session.query("n", sql).await.unwrap();
    assert_eq!(rows.next().await.unwrap().unwrap().get::<i32>(0).unwrap(), 1);
    drop(rows);
    session.cancel_query("n").await.unwrap();
    assert_eq!(column(&mut session, "select 1", Fail::Raise).await, ["1"]);
    assert!(
        start.elapsed() < Duration::from_secs(50),
        "nobody waited for the last row"
    );
}

#[tokio::test]
async fn a_refusal_in_a_failed_notice_is_told_with_its_context() {
    let (mut session, heard) = hearing(Session::builder());
    session.connect("n", &conninfo()).await.unwrap();
    assert_eq!(
        session
            .exec("n", "select 1/0; select 1")
            .fail(Fail::Notice)
            .await
            .unwrap(),
        "ERROR"
    );
    assert_eq!(heard.take(), ["22012 division by zero"]);
}
