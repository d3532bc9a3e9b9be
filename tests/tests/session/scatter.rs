//! One statement on many databases.

use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use dblink_engine::session::{Error, Name, Outcome, ScatterPolicy, Scattered, ScatteredRow, Session, Target};
use dblink_tests::polls::polled;
use dblink_tests::{Cluster, refused_port, roles};

use crate::support::{connected, conninfo};

const LONG: Duration = Duration::from_secs(60);

/// A server that takes connections and never says a word.
fn silent_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let mut held = Vec::new();
        for stream in listener.incoming() {
            held.extend(stream);
        }
    });
    port
}

/// All rows.
pub(crate) async fn rows(scattered: &mut Scattered<'_>) -> Result<Vec<ScatteredRow>, Error> {
    let mut rows = Vec::new();
    while let Some(row) = scattered.next().await? {
        rows.push(row);
    }
    Ok(rows)
}

/// The SQLSTATE of each outcome.
pub(crate) fn sqlstates(outcomes: &[Outcome]) -> Vec<String> {
    let state = |outcome: &Outcome| match &outcome.result {
        Ok(_) => "00000".to_owned(),
        Err(error) => error.sqlstate().to_string(),
    };
    outcomes.iter().map(state).collect()
}

/// A session with connections of these names.
pub(crate) async fn with(names: &[&str]) -> Session {
    let mut session = Session::new();
    for name in names {
        session.connect(*name, &conninfo()).await.unwrap();
    }
    session
}

/// It takes commands, and gives the right answers.
pub(crate) async fn usable(session: &mut Session, names: &[&str]) {
    for name in names {
        let rows = session
            .query(*name, "select $1::text")
            .params(&[name])
            .await
            .unwrap();
        let rows = rows.collect().await.unwrap();
        assert_eq!(rows[0].get::<&str>(0).unwrap(), *name);
    }
}

/// Waits until no other session runs a statement with this in it. It asks the server, which waits.
pub(crate) async fn until_none_runs(mark: &str) {
    let mut other = connected("watch").await;
    let sql = format!(
        "do $$ begin while exists (select from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() \
         and query like '%{mark}%' and query not like 'do %') loop perform pg_sleep(0.005); \
         perform pg_stat_clear_snapshot(); end loop; end $$"
    );
    other
        .exec("watch", &sql)
        .within(Duration::from_secs(20))
        .await
        .unwrap();
}

#[tokio::test]
async fn thirteen_answers_and_three_causes() {
    let cluster = Cluster::shared();
    let mut targets = Vec::new();
    for number in 0..16 {
        let dbname = format!("scattered{number}");
        cluster.psql(&format!("create database {dbname}"));
        targets.push(
            cluster
                .conninfo()
                .replace("dbname=postgres", &format!("dbname={dbname}")),
        );
        let table = match number {
            3 => continue,
            5 => "create view part as select -1 as n from pg_sleep(600)".to_owned(),
            _ => format!("create table part as select {number} as n from generate_series(1, {number} + 1)"),
        };
        let mut session = Session::new();
        session.exec(&targets[number], &table).await.unwrap();
    }
    targets[7] = format!("host=127.0.0.1 port={} user=x password=tiger", refused_port());
    for width in [16, 5, 2] {
        let mut session = Session::new();
        let limit = Duration::from_secs(5);
        let start = Instant::now();
        let mut scattered = session
            .scatter(&targets, "select n, current_database()::text from part")
            .limit(width)
            .within(limit)
            .await
            .unwrap();
        let rows = rows(&mut scattered).await.unwrap();
        let took = start.elapsed();
        assert!(
            took >= limit && took < limit + Duration::from_secs(15),
            "{took:?}"
        );
        let outcomes = scattered.into_outcomes();
        let mut expected = vec!["00000"; 16];
        (expected[3], expected[5], expected[7]) = ("42P01", "57014", "08001");
        assert_eq!(sqlstates(&outcomes), expected, "{outcomes:?}");
        for (number, outcome) in outcomes.iter().enumerate() {
            let count = if [3, 5, 7].contains(&number) {
                0
            } else {
                number + 1
            };
            assert_eq!(outcome.rows, count as u64);
            if count > 0 {
                assert_eq!(outcome.result.as_ref().unwrap(), &format!("SELECT {count}"));
                assert!(
                    outcome.label.ends_with(&format!("/scattered{number}")),
                    "{}",
                    outcome.label
                );
            }
            let given: Vec<_> = rows.iter().filter(|row| row.source == number).collect();
            assert_eq!(given.len(), count);
            for row in given {
                assert_eq!(row.get::<i32>(0).unwrap(), i32::try_from(number).unwrap());
                assert_eq!(row.get::<&str>(1).unwrap(), format!("scattered{number}"));
                assert_eq!(row.label, outcome.label);
            }
        }
        assert!(matches!(outcomes[5].result, Err(Error::Deadline { limit: told }) if told == limit));
        assert!(!format!("{outcomes:?}").contains("tiger"));
        until_none_runs("current_database()::text from part").await;
    }
}

/// The one that hangs does so before it is a session, and nobody can cancel it.
#[tokio::test]
async fn a_silent_server() {
    let mut session = with(&["a"]).await;
    let silent = format!("host=127.0.0.1 port={} user=x dbname=d", silent_port());
    let limit = Duration::from_secs(3);
    let start = Instant::now();
    let targets = [Target::from("a"), Target::from(&silent)];
    let mut scattered = session.scatter(targets, "select 1").within(limit).await.unwrap();
    assert_eq!(rows(&mut scattered).await.unwrap().len(), 1);
    assert!(start.elapsed() < limit + Duration::from_secs(15));
    let outcomes = scattered.into_outcomes();
    assert_eq!(sqlstates(&outcomes), ["00000", "57014"]);
    assert_eq!(&*outcomes[0].label, "a");
    assert!(outcomes[1].label.ends_with("/d"), "{}", outcomes[1].label);
    assert!(outcomes[1].elapsed >= limit / 2);
}

#[tokio::test]
async fn targets_that_are_none() {
    let mut session = with(&["a"]).await;
    let targets = [
        Target::Named("nobody"),
        Target::Unnamed,
        Target::Text("host=h pass word=tiger"),
        Target::To(dblink_engine::session::Destination::ForeignServer("f")),
        Target::Text("a"),
    ];
    let mut scattered = session.scatter(targets, "select 1").await.unwrap();
    assert_eq!(rows(&mut scattered).await.unwrap().len(), 1);
    let outcomes = scattered.into_outcomes();
    assert_eq!(
        sqlstates(&outcomes),
        ["08003", "08003", "08001", "08003", "00000"]
    );
    let labels: Vec<_> = outcomes.iter().map(|outcome| &*outcome.label).collect();
    assert_eq!(labels, ["nobody", "unnamed", "connection string", "f", "a"]);
    let nobody: [&str; 0] = [];
    let mut scattered = session
        .scatter(nobody, "select 1")
        .policy(ScatterPolicy::First)
        .await
        .unwrap();
    assert!(scattered.next().await.unwrap().is_none());
    assert!(scattered.next().await.unwrap().is_none());
}

#[tokio::test]
async fn a_connection_named_twice() {
    let mut session = with(&["a"]).await;
    session.connect(Name::Unnamed, &conninfo()).await.unwrap();
    for targets in [
        [Target::Named("a"), Target::Text("a")],
        [Target::Unnamed, Target::Unnamed],
    ] {
        let refused = session.scatter(targets, "select 1").await.unwrap_err();
        assert_eq!(refused.sqlstate().as_str(), "42710");
    }
    // The same place is not the same connection.
    let place = conninfo();
    let mut scattered = session.scatter([&place, &place], "select 1").await.unwrap();
    assert_eq!(rows(&mut scattered).await.unwrap().len(), 2);
}

#[tokio::test]
async fn commands_parameters_and_several_statements() {
    let mut session = with(&["a", "b"]).await;
    let sql = "create temp table t (n int); insert into t values (1), (2)";
    let mut scattered = session.scatter(["a", "b"], sql).await.unwrap();
    assert!(scattered.next().await.unwrap().is_none());
    let tags: Vec<_> = scattered
        .into_outcomes()
        .into_iter()
        .map(|outcome| outcome.result.unwrap())
        .collect();
    assert_eq!(tags, ["INSERT 0 2", "INSERT 0 2"]);
    let sql = "insert into t select n + $1 from t returning n";
    let mut scattered = session.scatter(["a", "b"], sql).params(&[&10]).await.unwrap();
    let mut numbers: Vec<i32> = rows(&mut scattered)
        .await
        .unwrap()
        .iter()
        .map(|row| row.get(0).unwrap())
        .collect();
    drop(scattered);
    numbers.sort_unstable();
    assert_eq!(numbers, [11, 11, 12, 12]);
    let mut scattered = session
        .scatter(["a", "b"], "select n from t; select 'x'")
        .await
        .unwrap();
    let texts = rows(&mut scattered).await.unwrap();
    drop(scattered);
    let texts: Vec<_> = texts
        .iter()
        .filter(|row| row.source == 1)
        .map(|row| row.text(0).unwrap().unwrap())
        .collect();
    assert_eq!(texts, ["1", "2", "11", "12", "x"]);
    for (sql, sqlstate) in [
        ("", "08006"),
        ("copy t to stdout", "0A000"),
        ("select 1; select 1/0; select 2", "22012"),
    ] {
        let mut scattered = session.scatter(["a", "b"], sql).await.unwrap();
        drop(rows(&mut scattered).await.unwrap());
        assert_eq!(sqlstates(&scattered.into_outcomes()), [sqlstate; 2]);
        usable(&mut session, &["a", "b"]).await;
    }
}

/// An asynchronous query keeps its results.
#[tokio::test]
async fn a_busy_connection() {
    let mut session = with(&["a", "b"]).await;
    session.send_query("a", "select 7").await.unwrap();
    let mut scattered = session.scatter(["a", "b"], "select 1").await.unwrap();
    assert_eq!(rows(&mut scattered).await.unwrap().len(), 1);
    assert_eq!(sqlstates(&scattered.into_outcomes()), ["XX000", "00000"]);
    let seven = session
        .get_result("a")
        .await
        .unwrap()
        .unwrap()
        .collect()
        .await
        .unwrap();
    assert_eq!(seven[0].get::<i32>(0).unwrap(), 7);
}

#[tokio::test]
async fn the_first_cancels_the_others() {
    let names = ["a", "b", "c"];
    let mut session = with(&names).await;
    for (name, mark) in [("a", 1), ("b", 2), ("c", 3)] {
        let table = format!("create temp table rank as select {mark} as n");
        session.exec(name, &table).await.unwrap();
    }
    let sql = "select n from rank, lateral pg_sleep(case n when 2 then 0 else 600 end) /* mark first */";
    let mut scattered = session
        .scatter(names, sql)
        .policy(ScatterPolicy::First)
        .within(LONG)
        .await
        .unwrap();
    let row = scattered.next().await.unwrap().unwrap();
    assert_eq!((row.source, row.get::<i32>(0).unwrap()), (1, 2));
    assert!(scattered.next().await.unwrap().is_none());
    let outcomes = scattered.into_outcomes();
    assert_eq!(sqlstates(&outcomes), ["57014", "00000", "57014"]);
    assert!(matches!(
        outcomes[0].result,
        Err(Error::NotNeeded { failed: false })
    ));
    until_none_runs("mark first").await;
    usable(&mut session, &names).await;
    // One that has failed has not answered; and a command answers by being done.
    let sql = "do $$ begin if (select n from rank) = 1 then perform 1/0; end if; end $$";
    let mut scattered = session
        .scatter(["a", "c"], sql)
        .policy(ScatterPolicy::First)
        .await
        .unwrap();
    assert!(scattered.next().await.unwrap().is_none());
    assert!(scattered.into_outcomes()[1].result.is_ok());
    // When all fail, it is the first that counts.
    let mut scattered = session
        .scatter(names, "select 1/0")
        .policy(ScatterPolicy::First)
        .await
        .unwrap();
    let error = scattered.next().await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "22012");
    assert!(error.message().contains("division by zero"), "{error}");
    assert!(scattered.next().await.unwrap().is_none());
}

#[tokio::test]
async fn one_failure_is_that_of_all() {
    let names = ["a", "b", "c"];
    let mut session = with(&names).await;
    for name in names {
        session.exec(name, "create temp table t (n int)").await.unwrap();
    }
    session.exec("b", "insert into t values (0)").await.unwrap();
    let sql = "select 1/n from t union all select 1 from pg_sleep(600) /* mark all */";
    let start = Instant::now();
    let mut scattered = session
        .scatter(names, sql)
        .policy(ScatterPolicy::AllOrError)
        .limit(2)
        .await
        .unwrap();
    let error = rows(&mut scattered).await.unwrap_err();
    assert!(
        matches!(&error, Error::TargetFailed { target: 1, label, .. } if label == "b"),
        "{error:?}"
    );
    assert_eq!(error.sqlstate().as_str(), "22012");
    let outcomes = scattered.into_outcomes();
    assert_eq!(sqlstates(&outcomes), ["57014", "22012", "57014"]);
    assert!(matches!(
        outcomes[2].result,
        Err(Error::NotNeeded { failed: true })
    ));
    assert_eq!(outcomes[2].elapsed, Duration::ZERO);
    until_none_runs("mark all").await;
    assert!(start.elapsed() < LONG);
    usable(&mut session, &names).await;
    let mut scattered = session
        .scatter(names, "select 1")
        .policy(ScatterPolicy::AllOrError)
        .await
        .unwrap();
    assert_eq!(rows(&mut scattered).await.unwrap().len(), 3);
}

/// A deadline in the midst of rows that never end.
#[tokio::test]
async fn a_deadline_among_rows() {
    let mut session = with(&["a", "b"]).await;
    let limit = Duration::from_secs(3);
    for policy in [ScatterPolicy::Each, ScatterPolicy::AllOrError] {
        let sql = "select generate_series(1, 10000000000)";
        let start = Instant::now();
        let mut scattered = session
            .scatter(["a", "b"], sql)
            .policy(policy)
            .within(limit)
            .await
            .unwrap();
        let mut count = [0, 0];
        let end = loop {
            match scattered.next().await {
                Ok(Some(row)) => count[row.source] += 1,
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        assert_eq!(end.is_err(), policy == ScatterPolicy::AllOrError);
        assert!(count[0] > 0 && count[1] > 0, "{count:?}");
        assert!(start.elapsed() < limit + Duration::from_secs(15));
        assert_eq!(sqlstates(&scattered.into_outcomes()), ["57014", "57014"]);
        usable(&mut session, &["a", "b"]).await;
    }
}

/// What is not taken stays at the servers: they cannot send it.
#[tokio::test]
async fn memory_is_bounded_and_the_slow_hold_up_nobody() {
    let names = ["a", "b", "c"];
    let mut session = with(&names).await;
    let sql = "select g, repeat('x', 8000) from generate_series(1, 20000) g";
    let mut scattered = session.scatter(names, sql).await.unwrap();
    for _ in 0..300 {
        scattered.next().await.unwrap().unwrap();
    }
    drop(scattered);
    let received: u64 = session
        .connections()
        .iter()
        .map(|connection| connection.bytes)
        .sum();
    // Of 480 MB: what was taken, and for each a few rows and a buffer.
    assert!(received < 4_000_000, "{received}");
    usable(&mut session, &names).await;
}

/// Dropped after one row, two rows and so on; and the next call is dropped at every poll.
#[tokio::test]
async fn dropping_it_half_way() {
    let names = ["a", "b"];
    let mut session = with(&names).await;
    for count in 0..30 {
        let mut scattered = session
            .scatter(names, "select generate_series(1, 20)")
            .await
            .unwrap();
        for _ in 0..count {
            scattered.next().await.unwrap().unwrap();
        }
        drop(scattered);
        usable(&mut session, &names).await;
    }
    let own = format!(
        "host=127.0.0.1 port={} dbname=postgres user={}",
        Cluster::shared().port(),
        roles::TRUST_USER
    );
    for policy in [
        ScatterPolicy::Each,
        ScatterPolicy::First,
        ScatterPolicy::AllOrError,
    ] {
        for polls in 0.. {
            let whole = async {
                let targets = ["a", "b", &own];
                let sql = "select 1 / (1100 - g) from generate_series(1, 1000) g";
                let mut scattered = session.scatter(targets, sql).policy(policy).limit(2).await?;
                rows(&mut scattered).await
            };
            let finished = polled(whole, polls).await;
            usable(&mut session, &names).await;
            if let Some(rows) = finished {
                let expected = if policy == ScatterPolicy::First {
                    1000
                } else {
                    3000
                };
                assert_eq!(rows.unwrap().len(), expected);
                break;
            }
        }
    }
}

/// Each wait for a row is dropped after one poll: none is lost, and none comes twice.
#[tokio::test]
async fn each_wait_is_dropped() {
    let mut session = with(&["a", "b"]).await;
    let sql = "select g from generate_series(1, 1000) g";
    let mut scattered = session.scatter(["a", "b"], sql).await.unwrap();
    let mut seen = [0, 0];
    loop {
        match polled(scattered.next(), 1).await {
            Some(row) => {
                let Some(row) = row.unwrap() else { break };
                seen[row.source] += 1;
                assert_eq!(row.get::<i32>(0).unwrap(), seen[row.source]);
            }
            // Let the sockets be read.
            None => tokio::task::yield_now().await,
        }
    }
    assert_eq!(seen, [1000, 1000]);
    assert_eq!(sqlstates(&scattered.into_outcomes()), ["00000", "00000"]);
}
