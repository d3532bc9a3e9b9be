//! Copies that do not come to their end.

use std::net::TcpListener;
use std::process::Stdio;

use dblink_tests::Cluster;

use super::{Two, psql, two};
use crate::support::{Said, dblink, interrupt, run, until};

/// Whoever reads all of it reads for hours.
const ENDLESS: &str = "select generate_series(1, 10000000000) as a";

/// Both sides copy, and data flows.
fn copying(two: &Two) -> String {
    format!(
        "select count(*) = 2 from pg_stat_activity where state = 'active' and query like 'COPY %' and datname in ('{}', '{}')",
        two.source, two.target
    )
}

/// How many sides are still at it.
fn left(two: &Two) -> String {
    format!(
        "select count(*) from pg_stat_activity where query like 'COPY %' and datname in ('{}', '{}')",
        two.source, two.target
    )
}

/// Starts a copy that takes hours, and waits until both sides are at it.
fn endless(two: &Two) -> std::process::Child {
    psql(&two.target, "create table t (a bigint)");
    let args = two.args(&["--query", ENDLESS, "--into", "t"]);
    let child = dblink()
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    until(Cluster::shared(), &copying(two));
    child
}

#[test]
fn ctrl_c_cancels_both_sides() {
    let two = two("copy_interrupted");
    let child = endless(&two);
    interrupt(&child);
    let said = Said::from(child.wait_with_output().unwrap());
    assert_eq!(
        said,
        Said {
            code: Some(130),
            out: String::new(),
            err: "dblink: interrupted\n".to_owned()
        }
    );
    // They were asked to end, and not only left.
    assert_eq!(psql("postgres", &left(&two)), "0");
    assert_eq!(psql(&two.target, "select count(*) from t"), "0");
    let log = Cluster::shared().log();
    assert!(log.contains("canceling statement due to user request"));
}

#[test]
fn at_its_time_limit_both_sides_are_cancelled() {
    let two = two("copy_timeout");
    psql(&two.target, "create table t (a bigint)");
    let args = ["--query", ENDLESS, "--into", "t", "--timeout", "2s"];
    let said = two.copy(&args);
    assert_eq!((said.code, said.out.as_str()), (Some(1), ""));
    assert_eq!(
        said.err,
        "dblink: ERROR:  57014: the transfer was cancelled, since its deadline of 2s has passed\n"
    );
    assert_eq!(psql("postgres", &left(&two)), "0");
    assert_eq!(psql(&two.target, "select count(*) from t"), "0");
    // What is created is nothing half-done either.
    let args = ["--query", ENDLESS, "--into", "u", "--create", "--timeout", "2s"];
    assert_eq!(two.copy(&args).code, Some(1));
    assert_eq!(psql(&two.target, "select to_regclass('u') is null"), "t");

    // Connecting takes of the time.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!(
        "host=127.0.0.1 port={} user=x",
        silent.local_addr().unwrap().port()
    );
    let said = run([
        "copy",
        "--from",
        &two.from,
        "--to",
        &silent,
        "--table",
        "t",
        "--timeout",
        "2s",
    ]);
    assert_eq!(
        (said.code, said.err.as_str()),
        (
            Some(2),
            "dblink: target: there was no connection yet when the time limit of 2s passed\n"
        )
    );

    let args = ["--query", "select 1", "--into", "t", "--timeout", "1m"];
    assert_eq!(two.copy(&args).out, "COPY 1\n");
}

#[test]
fn a_side_that_breaks_half_way_is_named() {
    for side in ["source", "target"] {
        let two = two(&format!("copy_broken_{side}"));
        let child = endless(&two);
        let database = if side == "source" {
            &two.source
        } else {
            &two.target
        };
        psql(
            "postgres",
            &format!("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{database}'"),
        );
        let said = Said::from(child.wait_with_output().unwrap());
        // Either its server says why, or there is no connection any more.
        let code = if said.err.contains(" FATAL:  57P01: ") {
            1
        } else {
            2
        };
        assert_eq!((said.code, said.out.as_str()), (Some(code), ""), "{said:?}");
        assert!(said.err.starts_with(&format!("dblink: {side}: ")), "{said:?}");
        assert_eq!(psql(&two.target, "select count(*) from t"), "0");
    }
}
