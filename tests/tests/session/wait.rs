//! Waiting for several asynchronous queries at once.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use dblink_engine::session::{Name, Session};
use dblink_tests::polls::polled;

use crate::support::{connected, conninfo};

const ENOUGH: Option<Duration> = Some(Duration::from_secs(60));

/// A session with connections of these names, and one called `gate` that has these locks, for queries that are to wait.
async fn gated(names: &[&str], locks: &[i32]) -> Session {
    let mut session = connected("gate").await;
    for lock in locks {
        lock_gate(&mut session, "pg_advisory_lock", *lock).await;
    }
    for name in names {
        session.connect(*name, &conninfo()).await.unwrap();
    }
    session
}

async fn lock_gate(session: &mut Session, function: &str, lock: i32) {
    let sql = format!("select {function}($1)");
    let rows = session
        .query("gate", &sql)
        .params(&[&i64::from(lock)])
        .await
        .unwrap();
    rows.collect().await.unwrap();
}

/// A query that gives `number` as soon as it gets a lock.
fn behind(lock: i32, number: i32) -> String {
    format!("select {number} from pg_advisory_xact_lock({lock})")
}

/// The next result's only number.
async fn number(session: &mut Session, name: &str) -> i32 {
    let rows = session.get_result(name).await.unwrap().expect("a result");
    let rows = rows.collect().await.unwrap();
    let text = rows[0].text(0).map(|text| text.unwrap().parse().unwrap());
    text.or_else(|_| rows[0].get(0)).unwrap()
}

#[tokio::test]
async fn any_is_the_first_and_all_are_all() {
    let mut session = gated(&["a", "b", "c"], &[101, 102]).await;
    session.send_query("a", &behind(101, 1)).await.unwrap();
    session.send_query("b", "select 2").await.unwrap();
    session.send_query("c", &behind(102, 3)).await.unwrap();
    assert_eq!(session.pending().len(), 3);
    let ready = session.wait_any(["c", "b", "a"], ENOUGH).await.unwrap();
    assert_eq!(ready, [Name::Named("b")]);
    // It is still ready: nothing was taken.
    let pending = session.pending();
    let some = session
        .wait_all(&pending, Some(Duration::from_millis(50)))
        .await
        .unwrap();
    assert_eq!(some, [Name::Named("b")]);
    assert_eq!(number(&mut session, "b").await, 2);
    let none = session.wait_any(["a", "c"], Some(Duration::ZERO)).await.unwrap();
    assert_eq!(none, []);
    for lock in [101, 102] {
        lock_gate(&mut session, "pg_advisory_unlock", lock).await;
    }
    // One without a query is ready, too; and the order is the caller's.
    let all = session.wait_all(["c", "b", "a"], ENOUGH).await.unwrap();
    assert_eq!(all, ["c", "b", "a"].map(Name::Named));
    assert_eq!(number(&mut session, "a").await, 1);
    assert_eq!(number(&mut session, "c").await, 3);
    assert!(session.pending().is_empty());
}

#[tokio::test]
async fn no_names_and_wrong_names() {
    let mut session = connected("a").await;
    let nobody: [&str; 0] = [];
    assert_eq!(session.wait_any(nobody, None).await.unwrap(), []);
    assert_eq!(session.wait_all(nobody, None).await.unwrap(), []);
    let error = session.wait_any(["a", "b"], None).await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "08003");
    let error = session.wait_all([Name::Unnamed], None).await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "08003");
}

/// The failure is a result like others: it stays until it is taken.
#[tokio::test]
async fn a_failure_is_ready_and_is_kept() {
    let mut session = gated(&["a", "b"], &[]).await;
    session.send_query("a", "select 1/0").await.unwrap();
    let id = session.connection("b").unwrap().process_id().unwrap();
    session.send_query("b", "select pg_sleep(600)").await.unwrap();
    let kill = format!("select pg_terminate_backend({id})");
    session
        .query("gate", &kill)
        .await
        .unwrap()
        .collect()
        .await
        .unwrap();
    for _ in 0..2 {
        let ready = session.wait_all(["a", "b"], ENOUGH).await.unwrap();
        assert_eq!(ready.len(), 2);
    }
    let error = session.get_result("a").await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "22012");
    // Its columns may have come before that.
    let error = match session.get_result("b").await {
        Ok(rows) => rows.unwrap().collect().await.unwrap_err(),
        Err(error) => error,
    };
    assert!(["57P01", "08006"].contains(&error.sqlstate().as_str()), "{error}");
    assert!(session.get_result("b").await.unwrap().is_none());
}

/// Several results of one query: each is waited for by itself, and what is not read of one goes by.
#[tokio::test]
async fn the_next_result_of_the_same_query() {
    let mut session = gated(&["a"], &[103]).await;
    // A server sends when its buffer of 8 KiB is full.
    let sql = format!("select 1; select repeat('x', 20000); {}", behind(103, 3));
    session.send_query("a", &sql).await.unwrap();
    session.wait_any(["a"], ENOUGH).await.unwrap();
    assert_eq!(number(&mut session, "a").await, 1);
    assert_eq!(session.wait_any(["a"], ENOUGH).await.unwrap().len(), 1);
    drop(session.get_result("a").await.unwrap().unwrap());
    let limit = Some(Duration::from_millis(20));
    assert_eq!(session.wait_any(["a"], limit).await.unwrap(), []);
    lock_gate(&mut session, "pg_advisory_unlock", 103).await;
    assert_eq!(session.wait_any(["a"], ENOUGH).await.unwrap().len(), 1);
    assert_eq!(number(&mut session, "a").await, 3);
    session.wait_all(["a"], ENOUGH).await.unwrap();
    assert!(session.get_result("a").await.unwrap().is_none());
}

/// The limit of sending was that of sending: it cancels nothing that is waited for.
#[tokio::test]
async fn a_limit_of_before_is_not_looked_at() {
    let mut session = gated(&["a"], &[104]).await;
    let limit = Duration::from_secs(1);
    session
        .send_query("a", &behind(104, 7))
        .within(limit)
        .await
        .unwrap();
    let none = session.wait_any(["a"], Some(3 * limit)).await.unwrap();
    assert_eq!(none, []);
    lock_gate(&mut session, "pg_advisory_unlock", 104).await;
    session.wait_any(["a"], ENOUGH).await.unwrap();
    assert_eq!(number(&mut session, "a").await, 7);
}

/// Dropped after one poll, two polls and so on: every row comes all the same.
#[tokio::test]
async fn waits_that_are_dropped() {
    let mut session = gated(&["a", "b"], &[]).await;
    for polls in 0..40 {
        let many = "select g from generate_series(1, 5000) g";
        session.send_query("a", many).await.unwrap();
        session.send_query("b", "select 1; select 2").await.unwrap();
        polled(session.wait_any(["a", "b"], None), polls).await;
        polled(session.wait_all(["b", "a"], ENOUGH), polls).await;
        for expected in [1, 2] {
            polled(session.wait_all(["a", "b"], None), polls).await;
            assert_eq!(number(&mut session, "b").await, expected);
        }
        assert!(session.get_result("b").await.unwrap().is_none());
        let rows = session
            .get_result("a")
            .await
            .unwrap()
            .unwrap()
            .collect()
            .await
            .unwrap();
        assert_eq!(rows.len(), 5000);
        assert!(session.get_result("a").await.unwrap().is_none());
    }
}

/// Ten connections, each with one query after the other, cancelled at random: none is lost, doubled or another's.
#[tokio::test]
async fn two_hundred_queries_on_ten_connections() {
    for seed in 1..=3 {
        let mut random = Random(seed);
        let names: Vec<String> = (0..10).map(|number| format!("c{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut session = gated(&names, &[]).await;
        // What each connection was asked for, and whether that was cancelled.
        let mut asked = BTreeMap::new();
        let (mut sent, mut answered, mut cancelled) = (0, 0, 0);
        while sent < 200 || !asked.is_empty() {
            for name in &names {
                if sent < 200 && !asked.contains_key(name) && random.below(2) == 0 {
                    sent += 1;
                    let pause = random.below(8);
                    let sql = format!("select {sent} from pg_sleep(0.00{pause})");
                    assert!(session.send_query(*name, &sql).await.unwrap());
                    asked.insert(*name, (sent, false));
                }
                if let Some((_, cancelled)) = asked.get_mut(name)
                    && random.below(5) == 0
                {
                    session.cancel_query(*name).await.unwrap();
                    *cancelled = true;
                }
            }
            let waiting: Vec<&str> = asked.keys().copied().collect();
            for name in session.wait_any(waiting, ENOUGH).await.unwrap() {
                let Name::Named(name) = name else {
                    panic!("{name:?}")
                };
                let (number, was_cancelled) = asked.remove(name).unwrap();
                let result = match session.get_result(name).await {
                    Ok(rows) => rows.expect("a result").collect().await,
                    Err(error) => Err(error),
                };
                match result {
                    Ok(rows) => {
                        assert_eq!(rows.len(), 1);
                        assert_eq!(rows[0].get::<i32>(0).unwrap(), number, "{name}, seed {seed}");
                        answered += 1;
                    }
                    Err(error) => {
                        assert!(was_cancelled, "{name}, seed {seed}: {error}");
                        assert_eq!(error.sqlstate().as_str(), "57014");
                        cancelled += 1;
                    }
                }
                assert!(session.get_result(name).await.unwrap().is_none());
            }
        }
        assert_eq!(answered + cancelled, 200);
        assert!(
            answered > 0 && cancelled > 0,
            "{answered} answered, {cancelled} cancelled"
        );
    }
}

/// It comes back when the time has passed, and not before.
#[tokio::test]
async fn the_time_is_kept() {
    let mut session = gated(&["a"], &[]).await;
    session.send_query("a", "select pg_sleep(600)").await.unwrap();
    let start = Instant::now();
    let limit = Duration::from_millis(300);
    assert_eq!(session.wait_any(["a"], Some(limit)).await.unwrap(), []);
    let took = start.elapsed();
    assert!(
        took >= limit && took < limit + Duration::from_secs(15),
        "{took:?}"
    );
}

/// Numbers that are the same for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}
