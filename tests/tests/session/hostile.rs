//! Sessions under attack: by names and texts, by servers that die or do not keep to the protocol, by limits that pass.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use dblink_engine::session::{Compat, Error, Fail, Name, Rows, Session};
use dblink_protocol::backend::TransactionStatus;
use dblink_tests::Cluster;
use dblink_tests::polls::polled;

use crate::support::{connected, conninfo, hearing};

/// The values of the first column, in text.
async fn column(rows: Rows<'_>) -> Result<Vec<String>, Error> {
    let rows = rows.collect().await?;
    Ok(rows
        .iter()
        .map(|row| row.text(0).unwrap().unwrap_or("null").to_owned())
        .collect())
}

/// That a connection gives right answers, and is in no transaction.
async fn assert_usable(session: &mut Session, name: &str, after: &str) {
    for number in [1, 2] {
        let query = format!("select {number}");
        let rows = session
            .query(name, &query)
            .text()
            .await
            .unwrap_or_else(|error| panic!("{error} after {after}"));
        assert_eq!(column(rows).await.unwrap(), [number.to_string()], "after {after}");
    }
    assert_eq!(
        session.connections()[0].transaction_status,
        TransactionStatus::Idle,
        "after {after}"
    );
}

fn told<T>(result: Result<T, Error>) -> String {
    result.map_or_else(|error| error.sqlstate().to_string(), |_| "done".to_owned())
}

/// What becomes of rows that are all read.
async fn outcome(rows: Result<Rows<'_>, Error>) -> String {
    told(match rows {
        Ok(rows) => rows.collect().await,
        Err(error) => Err(error),
    })
}

/// The values of the first column, or the SQLSTATE.
async fn values(rows: Result<Rows<'_>, Error>) -> Result<Vec<String>, String> {
    match rows {
        Ok(rows) => column(rows).await.map_err(|error| error.sqlstate().to_string()),
        Err(error) => Err(error.sqlstate().to_string()),
    }
}

fn terminate(session: &Session) {
    let pid = session.connections()[0].process_id.unwrap();
    Cluster::shared().psql(&format!("select pg_terminate_backend({pid}, 10000)"));
}

#[tokio::test]
async fn names_of_connections() {
    let mut session = Session::new();
    let long = "é".repeat(31);
    let names = [
        String::new(),
        "\0".to_owned(),
        "a\0b".to_owned(),
        "'".to_owned(),
        "\"; drop table x; --".to_owned(),
        "host=nowhere".to_owned(),
        long.clone(),
        format!("{long}x"),
        format!("x{long}"),
        "日".repeat(21),
        "\u{10ffff}".repeat(15),
    ];
    for name in &names {
        assert_eq!(told(session.disconnect(name).await), "08003", "{name:?}");
        session.connect(name, &conninfo()).await.unwrap();
        assert_eq!(
            told(session.connect(name, &conninfo()).await),
            "42710",
            "{name:?}"
        );
        // What comes behind 63 bytes does not count.
        if name.len() == 63 {
            assert_eq!(
                told(session.connect(&format!("{name}é"), &conninfo()).await),
                "42710",
                "{name:?}"
            );
            assert_eq!(
                session
                    .exec(&format!("{name}y"), "set work_mem = '1MB'")
                    .await
                    .unwrap(),
                "SET"
            );
        }
    }
    let mut sorted = names.to_vec();
    sorted.sort();
    assert_eq!(session.get_connections(), sorted);
    for number in 0..1000 {
        let name = format!("nobody {number}");
        let name = name.as_str();
        let told = [
            told(session.open(name, "c", "select 1").await),
            told(session.fetch(name, "c", 1).await),
            told(session.close(name, "c").await),
            told(session.send_query(name, "select 1").await),
            told(session.get_result(name).await),
            told(session.is_busy(name).await),
            told(session.cancel_query(name).await),
            told(session.get_notify(name).await),
            told(session.error_message(name)),
            told(session.disconnect(name).await),
        ];
        assert!(told.iter().all(|state| state == "08003"), "{told:?}");
        assert_eq!(self::told(session.exec(name, "select 1").await), "08001");
    }
    for name in &names {
        session.disconnect(name).await.unwrap();
    }
    assert!(session.connections().is_empty());
}

#[tokio::test]
async fn names_of_cursors() {
    let mut session = connected("n").await;
    session
        .exec(
            "n",
            "create temp table victim (a int); insert into victim values (1)",
        )
        .await
        .unwrap();
    let names = [
        "",
        " ",
        "\0",
        "c\0",
        "c; drop table victim",
        "c; drop table victim; --",
        "c--",
        "c/*",
        "\"",
        "\"c",
        "c\"",
        "'c'",
        "$1",
        "1",
        "c d",
        "c cursor for select 1; drop table victim; declare d",
        "c for",
        "é\u{202e}",
        "all",
        "next",
        "\u{feff}",
        "c\u{a0}scroll",
        "from",
        "c)",
        "\"a\"\"",
        "U&\"c\"",
        "\"\"",
    ];
    for name in names {
        drop(session.open("n", name, "select 1").await);
        drop(session.fetch("n", name, 1).await);
        drop(session.close("n", name).await);
        // Whatever was opened or refused, nothing else was done.
        drop(session.exec("n", "rollback").await);
        assert_usable(&mut session, "n", name).await;
        let rows = session
            .query("n", "select count(*)::text from victim")
            .await
            .unwrap();
        assert_eq!(column(rows).await.unwrap(), ["1"], "{name:?}");
    }
}

#[tokio::test]
async fn texts_that_are_no_statements() {
    let (mut session, heard) = hearing(Session::builder());
    session.connect("n", &conninfo()).await.unwrap();
    for sql in [
        "\0",
        "select 1\0; select 2",
        "",
        " ",
        ";",
        ";;",
        "--",
        "-- x\n",
        "/* x */",
        "/*",
        "'",
        "\"",
        "$$",
        "\u{feff}",
    ] {
        for fail in [Fail::Raise, Fail::Notice] {
            let states = [
                told(session.query("n", sql).fail(fail).await),
                told(session.query("n", sql).fail(fail).text().await),
                told(session.query("n", sql).fail(fail).params(&[]).await),
                told(session.exec("n", sql).fail(fail).await),
                told(session.exec("n", sql).fail(fail).params(&[]).await),
                told(session.open("n", "c", sql).fail(fail).await),
            ];
            if fail == Fail::Raise {
                assert!(!states.contains(&"done".to_owned()), "{sql:?}: {states:?}");
            }
            assert_usable(&mut session, "n", sql).await;
        }
        heard.take();
        if session.send_query("n", sql).await.unwrap() {
            while let Ok(Some(_)) | Err(_) = session.get_result("n").await {}
        } else {
            assert_eq!(heard.take().len(), 1);
        }
        assert_usable(&mut session, "n", sql).await;
    }
}

#[tokio::test]
async fn what_is_huge() {
    let mut session = connected("n").await;
    let size = 64 << 20;
    let sql = format!("select length('{}')", "x".repeat(size));
    let rows = session.query("n", &sql).text().await.unwrap();
    assert_eq!(column(rows).await.unwrap(), [size.to_string()]);
    assert!(session.send_query("n", &sql).await.unwrap());
    drop(session.get_result("n").await.unwrap().unwrap());
    assert!(session.get_result("n").await.unwrap().is_none());
    let sql = format!("select repeat('x', {size}) from generate_series(1, 2)");
    for fail in [Fail::Raise, Fail::Notice] {
        let mut rows = session.query("n", &sql).fail(fail).await.unwrap();
        let mut lengths = Vec::new();
        while let Some(row) = rows.next().await.unwrap() {
            lengths.push(row.get::<&str>(0).unwrap().len());
        }
        assert_eq!(lengths, [size; 2]);
    }
    assert_usable(&mut session, "n", "what is huge").await;
}

/// Each notice is told before the result that it was sent before.
#[tokio::test]
async fn thousands_of_notices_in_order() {
    let (mut session, heard) = hearing(Session::builder());
    session.connect("n", &conninfo()).await.unwrap();
    let raise = |from: i32| {
        format!("do $$ begin for i in {from} .. {from} + 1999 loop raise notice '%', i; end loop; end $$")
    };
    let expected = |from: i32| {
        (from..from + 2000)
            .map(|number| format!("00000 {number}"))
            .collect::<Vec<_>>()
    };
    session.exec("n", &raise(0)).await.unwrap();
    assert_eq!(heard.take(), expected(0));
    let sql = format!("{}; select 1; {}; select 2", raise(0), raise(5000));
    session.send_query("n", &sql).await.unwrap();
    let mut all = Vec::new();
    for known in [2000, 2000, 4000, 4000] {
        drop(session.get_result("n").await.unwrap().unwrap());
        all.extend(heard.take());
        assert!(all.len() >= known, "{} of {known}", all.len());
    }
    assert_eq!(all, [expected(0), expected(5000)].concat());
    assert!(session.get_result("n").await.unwrap().is_none());
}

#[tokio::test]
async fn thousands_of_notifications_beside_results() {
    let mut session = connected("n").await;
    session.exec("n", "listen hostile").await.unwrap();
    let sql = "select pg_notify('hostile', g::text) from generate_series(1, 5000) as g";
    session
        .send_query("n", &format!("{sql}; select 1"))
        .await
        .unwrap();
    let mut heard = session.get_notify("n").await.unwrap();
    let mut results = 0;
    loop {
        let Some(rows) = session.get_result("n").await.unwrap() else {
            break;
        };
        rows.collect().await.unwrap();
        results += 1;
        heard.extend(session.get_notify("n").await.unwrap());
    }
    while heard.len() < 5000 {
        heard.extend(session.wait_notify("n", Duration::from_secs(30)).await.unwrap());
    }
    assert_eq!(results, 2);
    let payloads: Vec<_> = heard
        .iter()
        .map(|notification| notification.payload.to_string())
        .collect();
    assert_eq!(
        payloads,
        (1..=5000).map(|number| number.to_string()).collect::<Vec<_>>()
    );
}

/// A server process that is ended at any time: the call tells it, the next one that it is gone, and nothing hangs.
#[tokio::test]
async fn a_server_that_is_killed() {
    let many = "select g, repeat('x', 1000) from generate_series(1, 1000000) as g";
    for fail in [Fail::Raise, Fail::Notice] {
        for kind in 0..7 {
            let (mut session, heard) = hearing(Session::builder());
            session.connect("n", &conninfo()).await.unwrap();
            let state = match kind {
                // In the middle of a stream.
                0 => {
                    let pid = session.connections()[0].process_id.unwrap();
                    let mut rows = session.query("n", many).await.unwrap();
                    rows.next().await.unwrap().unwrap();
                    Cluster::shared().psql(&format!("select pg_terminate_backend({pid})"));
                    loop {
                        match rows.next().await {
                            Ok(Some(_)) => {}
                            Ok(None) => panic!("the rows are not all there"),
                            Err(error) => break error.sqlstate().to_string(),
                        }
                    }
                }
                // Between results.
                1 => {
                    session
                        .send_query("n", "select 1; select pg_sleep(600)")
                        .await
                        .unwrap();
                    terminate(&session);
                    let mut states = Vec::new();
                    loop {
                        match session.get_result("n").fail(fail).await {
                            Ok(None) => break,
                            Ok(Some(rows)) => states.push(told(rows.collect().await)),
                            Err(error) => states.push(error.sqlstate().to_string()),
                        }
                        assert!(states.len() < 10, "{states:?}");
                    }
                    if fail == Fail::Raise {
                        assert!(states.iter().any(|state| state != "done"), "{states:?}");
                    }
                    "08006".to_owned()
                }
                2 => {
                    terminate(&session);
                    told(session.open("n", "c", "select 1").fail(fail).await)
                }
                3 => {
                    session.open("n", "c", "select 1").await.unwrap();
                    terminate(&session);
                    told(session.close("n", "c").fail(fail).await)
                }
                4 => {
                    session.open("n", "c", "select 1").await.unwrap();
                    terminate(&session);
                    told(session.fetch("n", "c", 1).fail(fail).await)
                }
                5 => {
                    terminate(&session);
                    told(session.query("n", many).fail(fail).await)
                }
                _ => {
                    terminate(&session);
                    told(session.exec("n", "set work_mem = '1MB'").fail(fail).await)
                }
            };
            let noticed = heard.take();
            assert!(
                ["08006", "XX000"].contains(&state.as_str()) || (state == "done" && !noticed.is_empty()),
                "{kind} {fail:?}: {state} {noticed:?}"
            );
            let state = told(session.exec("n", "set work_mem = '1MB'").await);
            assert_eq!(state, "08006", "{kind} {fail:?}");
            assert_eq!(
                told(session.query("n", "select 1").await),
                "XX000",
                "{kind} {fail:?}"
            );
            assert!(!session.is_busy("n").await.unwrap());
            assert!(!session.send_query("n", "select 1").await.unwrap());
            assert!(session.get_result("n").await.unwrap().is_none());
            session.disconnect("n").await.unwrap();
        }
    }
}

/// A commit that fails is never told as done, whatever the call and the protocol.
#[tokio::test]
async fn a_commit_that_fails() {
    Cluster::shared().psql(
        "create table parent (a int primary key);
        create table child (a int references parent deferrable initially deferred)",
    );
    let insert = "insert into child values (1)";
    for fail in [Fail::Raise, Fail::Notice] {
        let (mut session, heard) = hearing(Session::builder());
        session.connect("n", &conninfo()).await.unwrap();
        let returning = "insert into child values (1) returning a";
        for kind in 0..9 {
            let rows = match kind {
                0 => session.query("n", insert).fail(fail).await,
                1 => session.query("n", insert).fail(fail).text().await,
                2 => session.query("n", insert).fail(fail).params(&[]).await,
                3 => session.query("n", returning).fail(fail).await,
                4 => session.query("n", returning).fail(fail).text().await,
                5 | 6 => {
                    let tag = match kind {
                        5 => session.exec("n", insert).fail(fail).await,
                        _ => session.exec("n", insert).fail(fail).params(&[]).await,
                    };
                    let told = tag.unwrap_or_else(|error| error.sqlstate().to_string());
                    assert_eq!(
                        told,
                        if fail == Fail::Raise { "23503" } else { "ERROR" },
                        "{kind}"
                    );
                    assert_eq!(heard.take().len(), usize::from(fail == Fail::Notice));
                    continue;
                }
                _ => {
                    let sql = if kind == 7 { insert } else { returning };
                    session.send_query("n", sql).await.unwrap();
                    session.get_result("n").fail(fail).await.map(Option::unwrap)
                }
            };
            let told = values(rows).await;
            let notices = heard.take();
            match fail {
                Fail::Raise => assert_eq!(told, Err("23503".to_owned()), "{kind}"),
                Fail::Notice => assert!(
                    told == Ok(vec![]) && notices.len() == 1,
                    "{kind} {told:?} {notices:?}"
                ),
            }
            while session.get_result("n").await.unwrap().is_some() {}
            assert_usable(&mut session, "n", insert).await;
        }
    }
    assert_eq!(Cluster::shared().psql("select count(*) from child"), "0");
}

/// A transaction that the caller has begun is never committed by a cursor that was opened before it.
#[tokio::test]
async fn the_accidental_commit() {
    // How the transaction of the cursor ends, and the caller's begins.
    let ways: [&[&str]; 12] = [
        &["commit", "begin"],
        &["commit and chain"],
        &["COMMIT AND /* ; */ CHAIN"],
        &["rollback and chain"],
        &["abort work and chain"],
        &["end transaction and chain"],
        &["savepoint s; rollback to s; commit; begin"],
        &["prepare transaction 'a'", "start transaction"],
        &["prepare transaction 'a'; begin"],
        &["select 1/0", "rollback", "begin"],
        &["select 1/0", "rollback and chain"],
        &["end", "begin", "savepoint s", "rollback to s"],
    ];
    let cluster = Cluster::builder().conf("max_prepared_transactions", "10").start();
    for way in ways {
        for how in 0..5 {
            cluster.psql("create table kept (a int)");
            let mut session = Session::new();
            session.connect("n", &cluster.conninfo()).await.unwrap();
            session.open("n", "c", "select 1").await.unwrap();
            for sql in way {
                match how {
                    0 => drop(session.exec("n", sql).await),
                    1 => drop(session.query("n", sql).await.map(drop)),
                    2 => {
                        session.send_query("n", sql).await.unwrap();
                        while !matches!(session.get_result("n").await, Ok(None)) {}
                    }
                    3 => drop(polled(session.exec("n", sql).into_future(), 1).await),
                    _ => drop(polled(session.query("n", sql).into_future(), 1).await),
                }
            }
            if how > 2 {
                // Of those that were dropped the last may not have been sent.
                drop(session.exec("n", "set work_mem = '1MB'").await);
                if session.connections()[0].transaction_status == TransactionStatus::Idle {
                    session.exec("n", "begin").await.unwrap();
                }
            }
            match session.exec("n", "insert into kept values (1)").await {
                Ok(_) => {
                    session.exec("n", "declare c cursor for select 1").await.unwrap();
                    session.close("n", "c").await.unwrap();
                }
                // One of those that were dropped was not sent any more, and the transaction has failed.
                Err(error) => assert!(
                    how > 2 && error.sqlstate().as_str() == "25P02",
                    "{way:?} {how}: {error}"
                ),
            }
            session.exec("n", "rollback").await.unwrap();
            assert_eq!(cluster.psql("select count(*) from kept"), "0", "{way:?} {how}");
            cluster.psql("drop table kept");
            if way.iter().any(|sql| sql.contains("prepare transaction")) {
                cluster.psql("rollback prepared 'a'");
            }
        }
    }
}

/// What was not looked at to its end does not keep the transaction of a cursor from being committed, unless it may have ended it.
#[tokio::test]
async fn the_commit_behind_what_was_not_read() {
    let cluster = Cluster::shared();
    cluster.psql("create table behind (a int)");
    let insert = "insert into behind values (1)";
    let several = format!("{insert}; {insert};");
    for how in 0..4 {
        cluster.psql("truncate behind");
        let mut session = connected("n").await;
        session.open("n", "c", "select 1").await.unwrap();
        match how {
            0 => {
                session.send_query("n", &several).await.unwrap();
                for _ in 0..2 {
                    drop(session.get_result("n").await.unwrap().unwrap());
                }
            }
            1 => drop(polled(session.exec("n", &several).into_future(), 1).await),
            2 => drop(polled(session.query("n", &several).into_future(), 1).await),
            _ => {
                session.exec("n", &several).await.unwrap();
                let mut rows = session
                    .query("n", "select * from generate_series(1, 100000);")
                    .text()
                    .await
                    .unwrap();
                rows.next().await.unwrap().unwrap();
            }
        }
        session.close("n", "c").await.unwrap();
        assert_eq!(
            session.connections()[0].transaction_status,
            TransactionStatus::Idle,
            "{how}"
        );
        assert_eq!(cluster.psql("select count(*) from behind"), "2", "{how}");
    }
}

/// Every call keeps to its limit, and leaves a connection that can be used.
#[tokio::test]
async fn limits_that_pass() {
    let limit = Duration::from_millis(100);
    for compat in [Compat::Mended, Compat::Exact] {
        for fail in [Fail::Raise, Fail::Notice] {
            let mut session = Session::builder().compat(compat).build();
            session.connect("n", &conninfo()).await.unwrap();
            let sleep = "select pg_sleep(600)";
            let states = [
                outcome(session.query("n", sleep).fail(fail).within(limit).await).await,
                told(
                    session
                        .query("n", sleep)
                        .text()
                        .fail(fail)
                        .within(limit)
                        .await
                        .map(drop),
                ),
                told(
                    session
                        .query("n", "select 1; select pg_sleep(600)")
                        .fail(fail)
                        .within(limit)
                        .await,
                ),
                told(
                    session
                        .exec("n", "do 'begin perform pg_sleep(600); end'")
                        .fail(fail)
                        .within(limit)
                        .await,
                ),
                told(
                    session
                        .query(&conninfo(), "do 'begin perform pg_sleep(600); end'")
                        .fail(fail)
                        .within(limit)
                        .await,
                ),
            ];
            // With text the rows tell it.
            assert!(
                states.iter().filter(|state| *state == "57014").count() >= 4,
                "{states:?}"
            );
            session.send_query("n", sleep).await.unwrap();
            let result = session
                .get_result("n")
                .fail(fail)
                .within(limit)
                .await
                .map(Option::unwrap);
            assert_eq!(outcome(result).await, "57014");
            assert!(session.get_result("n").await.unwrap().is_none());
            assert_usable(&mut session, "n", "get_result").await;
            // Waiting for a lock.
            let mut holder = connected("holder").await;
            holder
                .exec("holder", "begin; lock table pg_opclass")
                .await
                .unwrap();
            let opened = session
                .open("n", "c", "select 1 from pg_opclass")
                .fail(fail)
                .within(limit)
                .await;
            assert_eq!(told(opened), "57014");
            holder.exec("holder", "rollback").await.unwrap();
            if compat == Compat::Exact {
                session.exec("n", "rollback").await.unwrap();
            }
            assert_usable(&mut session, "n", "open").await;
            session.open("n", "c", "select pg_sleep(600)").await.unwrap();
            let fetched = session.fetch("n", "c", 1).fail(fail).within(limit).await;
            assert_eq!(outcome(fetched).await, "57014");
            session.exec("n", "rollback").await.unwrap();
            assert_usable(&mut session, "n", "fetch").await;
        }
    }
}

/// A server that says `answer` to the first thing it hears after its welcome, and nothing else.
fn scripted(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let welcome = b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I".to_vec();
            for bytes in [&welcome, &answer] {
                let mut request = [0; 4096];
                if stream.read(&mut request).unwrap_or(0) == 0 || stream.write_all(bytes).is_err() {
                    break;
                }
            }
            // No more is to come: whoever waits for it is told so.
            drop(stream.shutdown(std::net::Shutdown::Write));
            drop(std::io::copy(&mut stream, &mut std::io::sink()));
        }
    });
    format!("host=127.0.0.1 port={port} user=u dbname=d sslmode=disable")
}

fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap();
    [&[tag], &length.to_be_bytes()[..], body].concat()
}

/// Whatever a server says, each call comes to an end, with a result or an error.
#[tokio::test]
async fn servers_that_do_not_keep_to_the_protocol() {
    let ready = message(b'Z', b"I");
    let done = message(b'C', b"SELECT 1\0");
    let columns = message(
        b'T',
        b"\0\x01n\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0",
    );
    let row = message(b'D', b"\0\x01\0\0\0\x01x");
    let wide = message(b'D', b"\0\x02\0\0\0\x01x\0\0\0\x01y");
    let error = message(b'E', b"SERROR\0VERROR\0C22012\0Mno\0\0");
    let copy_out = message(b'H', b"\0\0\0");
    let copy_in = message(b'G', b"\0\0\0");
    let copy_both = message(b'W', b"\0\0\0");
    let prefix = [message(b'1', b""), message(b'2', b"")].concat();
    let result = [&columns[..], &row, &done].concat();
    let answers = [
        vec![],
        ready.clone(),
        [&ready[..], &result, &ready].concat(),
        [&result[..], &result, &ready].concat(),
        [&result[..], &ready, &result, &ready].concat(),
        [&columns[..], &row, &ready].concat(),
        [&columns[..], &ready].concat(),
        [&row[..], &done, &ready].concat(),
        [&columns[..], &wide, &done, &ready].concat(),
        [&columns[..], &columns, &row, &done, &ready].concat(),
        [&done[..], &done, &done, &ready].concat(),
        [&error[..], &result, &ready].concat(),
        [&result[..], &error, &ready].concat(),
        [&columns[..], &row, &error, &error, &ready].concat(),
        [
            &result[..],
            &copy_out,
            &message(b'd', b"x"),
            &message(b'c', b""),
            &done,
            &result,
            &ready,
        ]
        .concat(),
        [&copy_in[..], &ready].concat(),
        [&copy_both[..], &ready].concat(),
        [&copy_out[..], &result, &ready].concat(),
        [&message(b'I', b"")[..], &result, &ready].concat(),
        message(b'Z', b"X"),
        message(b'Z', b""),
        b"T\xff\xff\xff\xff".to_vec(),
        b"D\0\0\0\0".to_vec(),
        message(b'T', b"\xff\xff"),
        message(b'?', b"what"),
        message(b'A', b"\0\0\0\x01channel\0payload\0"),
        message(b'S', b"client_encoding\0LATIN1\0"),
        message(b'v', b"\0\0\0\0\0\0\0\0"),
        [&message(b's', b"")[..], &ready].concat(),
    ];
    for answer in answers {
        for extended in [false, true] {
            let answer = if extended {
                [&prefix[..], &answer].concat()
            } else {
                answer.clone()
            };
            let to = scripted(answer.clone());
            for kind in 0..7 {
                let mut session = Session::new();
                session.connect("n", &to).await.unwrap();
                let sql = if extended {
                    "select 1"
                } else {
                    "select 1; select 2"
                };
                let all = async {
                    match kind {
                        0 => drop(outcome(session.query("n", sql).await).await),
                        1 => drop(session.query("n", sql).fail(Fail::Notice).await.map(drop)),
                        2 => drop(session.exec("n", "set x = 1").await),
                        3 => drop(session.open("n", "c", sql).await),
                        4 => drop(session.fetch("n", "c", 1).await.map(drop)),
                        5 => drop(session.close("n", "c").await),
                        _ => {
                            drop(session.send_query("n", sql).await);
                            for _ in 0..20 {
                                match session.get_result("n").await {
                                    Ok(None) => break,
                                    Ok(Some(rows)) => drop(rows.collect().await),
                                    Err(_) => {}
                                }
                            }
                        }
                    }
                    for _ in 0..2 {
                        drop(session.exec("n", "set x = 1").await);
                    }
                    drop(session.is_busy("n").await);
                    drop(session.get_notify("n").await);
                    session.disconnect("n").await.unwrap();
                };
                let ended = tokio::time::timeout(Duration::from_secs(30), all).await;
                assert!(ended.is_ok(), "{kind} waits for ever for more than {answer:?}");
            }
        }
    }
}

/// Those that were held are not given as all there were.
#[tokio::test]
async fn held_rows_after_a_failure() {
    let failing = "select 1 / (3 - g) from generate_series(1, 9) as g";
    for compat in [Compat::Mended, Compat::Exact] {
        let (mut session, heard) = hearing(Session::builder().compat(compat));
        session.connect("n", &conninfo()).await.unwrap();
        session.connect(Name::Unnamed, &conninfo()).await.unwrap();
        for sql in [failing, "select 7; select 1/0", "select 1/0; select 7"] {
            session.send_query("n", sql).await.unwrap();
            let mut rows = Vec::new();
            while let Some(result) = session.get_result("n").fail(Fail::Notice).await.unwrap() {
                rows.extend(column_of(result).await);
            }
            assert_eq!(heard.take(), ["22012 division by zero"], "{sql}");
            assert_eq!(rows.len(), usize::from(sql.starts_with("select 7")), "{sql}");
        }
        session.open("n", "c", failing).await.unwrap();
        let rows = session.fetch("n", "c", 9).fail(Fail::Notice).await.unwrap();
        let rows = column_of(rows).await;
        assert_eq!(heard.take(), ["22012 division by zero"]);
        if compat == Compat::Mended {
            assert!(rows.is_empty(), "{rows:?}");
        }
    }
}

/// The values of the first column, whatever their format.
async fn column_of(rows: Rows<'_>) -> Vec<Vec<u8>> {
    let rows = rows.collect().await.unwrap();
    rows.iter()
        .map(|row| row.raw(0).unwrap().unwrap().to_vec())
        .collect()
}
