//! `dblink scatter`.

use std::net::TcpListener;
use std::process::Stdio;

use dblink_tests::{Cluster, refused_port};
use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Said, conn, database, dblink, run, until};

/// Databases `NAME_north` and `NAME_south` as arguments, with a table `t` of numbers and names.
fn two(name: &str) -> [String; 2] {
    ["north", "south"].map(|side| {
        let conn = database(&format!("{name}_{side}"));
        let rows = if side == "north" {
            "(1, 'a'), (3, null)"
        } else {
            "(2, 'b'), (4, 'x,y')"
        };
        let sql = format!("create table t (n int, s text); insert into t values {rows}");
        let said = run(["exec", &conn, &sql]);
        assert_eq!(said.code, Some(0), "{said:?}");
        format!("{side}={conn}")
    })
}

fn scatter(on: &[String], args: &[&str]) -> Said {
    let on = on.iter().flat_map(|target| ["--on", target]);
    run(["scatter"].into_iter().chain(args.iter().copied()).chain(on))
}

/// A connection string that leads nowhere.
fn nowhere() -> String {
    format!("nowhere=host=127.0.0.1 port={} user=x", refused_port())
}

#[test]
fn rows_are_marked_with_their_database() {
    let on = two("scatter_marked");
    for (format, expected) in [
        (
            "csv",
            "source,n,s\nnorth,1,a\nsouth,2,b\nnorth,3,\nsouth,4,\"x,y\"\n",
        ),
        (
            "tsv",
            "source\tn\ts\nnorth\t1\ta\nsouth\t2\tb\nnorth\t3\t\\N\nsouth\t4\tx,y\n",
        ),
        (
            "jsonl",
            "{\"source\":\"north\",\"n\":1,\"s\":\"a\"}\n{\"source\":\"south\",\"n\":2,\"s\":\"b\"}\n\
             {\"source\":\"north\",\"n\":3,\"s\":null}\n{\"source\":\"south\",\"n\":4,\"s\":\"x,y\"}\n",
        ),
    ] {
        let said = scatter(
            &on,
            &[
                "select * from t order by n",
                "--ordered-by",
                "n",
                "--format",
                format,
            ],
        );
        assert_eq!(
            (said.code, said.out.as_str(), said.err.as_str()),
            (Some(0), expected, ""),
            "{format}"
        );
    }
    let said = scatter(
        &on,
        &[
            "select * from t order by n",
            "--ordered-by",
            "N asc",
            "--format",
            "table",
        ],
    );
    let first = said.out.lines().find(|line| line.contains("source")).unwrap();
    assert!(first.find("source") < first.find(" n "), "{said:?}");
    assert!(said.out.contains("north"));

    // As they come, in any order.
    let said = scatter(
        &on,
        &[
            "select n from t where n > $1::int",
            "-p",
            "1",
            "--limit",
            "1",
            "--timeout",
            "1m",
        ],
    );
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    let mut lines: Vec<_> = said.out.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["north,3", "source,n", "south,2", "south,4"]);
}

#[test]
fn no_rows_and_no_columns() {
    let on = two("scatter_empty");
    let said = scatter(&on, &["select * from t where false"]);
    assert_eq!(
        (said.code, said.out.as_str(), said.err.as_str()),
        (Some(0), "source,n,s\n", "")
    );
    let said = scatter(&on, &["update t set n = n + 1"]);
    assert_eq!((said.code, said.out.as_str()), (Some(0), ""));
    assert_eq!(said.err, "north: UPDATE 2\nsouth: UPDATE 2\n");
    let said = scatter(&on, &["select n from t", "-v"]);
    assert_eq!(said.out.lines().count(), 5);
    let [north, south] = said.err.lines().collect::<Vec<_>>()[..] else {
        panic!("{said:?}");
    };
    for (line, name) in [(north, "north"), (south, "south")] {
        assert!(line.starts_with(&format!("dblink: {name}: 2 rows, 0.")), "{line}");
        assert!(line.ends_with(" seconds, SELECT 2"), "{line}");
    }
}

#[test]
fn those_that_fail_do_not_stop_the_others() {
    let [north, south] = two("scatter_failing");
    let plain = format!("plain={}", conn());
    let on = [north.clone(), plain.clone(), nowhere(), south.clone()];
    let said = scatter(&on, &["select n from t order by n", "--ordered-by", "n"]);
    assert_eq!(
        (said.code, said.out.as_str()),
        (Some(1), "source,n\nnorth,1\nsouth,2\nnorth,3\nsouth,4\n"),
        "{said:?}"
    );
    // How much each gave is told to who asks for it.
    assert!(!said.err.contains(" rows, "), "{said:?}");
    assert!(said.err.starts_with("dblink: plain: ERROR"), "{said:?}");
    let verbose = scatter(&on, &["select n from t where n < 4 order by n", "--verbose"]).err;
    let lines: Vec<_> = verbose.lines().collect();
    for (line, begin, end) in [
        (lines[0], "dblink: north: 2 rows, ", " seconds, SELECT 2"),
        (lines[1], "dblink: plain: 0 rows, ", " seconds, failed"),
        (lines[2], "dblink: nowhere: 0 rows, ", " seconds, failed"),
        (lines[3], "dblink: south: 1 row, ", " seconds, SELECT 1"),
    ] {
        assert!(line.starts_with(begin) && line.ends_with(end), "{verbose}");
    }
    let told = said.err.split_once("dblink: plain: ERROR").unwrap().1;
    let (plain_tells, nowhere_tells) = told.split_once("dblink: nowhere: ").unwrap();
    assert_eq!(
        plain_tells,
        ":  42P01: relation \"t\" does not exist\nLINE 1: select n from t order by n\n                      ^\n"
    );
    assert!(nowhere_tells.contains("Connection refused"), "{said:?}");

    // Only connections that are not there are 2, and only if none is.
    let said = scatter(&[nowhere()], &["select 1"]);
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{said:?}");
    let said = scatter(&[nowhere(), plain], &["select n from t"]);
    assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{said:?}");

    let said = scatter(&[north, south], &["select pg_sleep(600)", "--timeout", "2s"]);
    assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{said:?}");
    for name in ["north", "south"] {
        let line = format!(
            "dblink: {name}: ERROR:  57014: the call was cancelled, since its deadline of 2s has passed\n"
        );
        assert!(said.err.contains(&line), "{said:?}");
    }
}

#[test]
fn rows_that_do_not_fit() {
    let on = two("scatter_unfit");
    let sql =
        "select n, case when current_database() like '%north' then n else -n end as m from t order by n";
    let said = scatter(&on, &[sql, "--ordered-by", "m"]);
    assert_eq!(
        (said.code, said.out.as_str()),
        (Some(1), "source,n,m\nsouth,2,-2\nnorth,1,1\nnorth,3,3\n"),
        "{said:?}"
    );
    assert!(
        said.err.ends_with(
            "dblink: south: ERROR:  22000: its rows are not sorted by \"m\": row 2 belongs before the one that it follows\n\
             HINT:  Use ORDER BY \"m\" in the query.\n"
        ),
        "{said:?}"
    );
    let south = on[1].strip_prefix("south=").unwrap();
    let said = run(["exec", south, "alter table t rename n to number"]);
    assert_eq!(said.code, Some(0));
    let said = scatter(&on, &["select * from t", "--limit", "1"]);
    assert_eq!(
        (said.code, said.out.as_str()),
        (Some(1), "source,n,s\nnorth,1,a\nnorth,3,\n"),
        "{said:?}"
    );
    assert!(
        said.err.ends_with(
            "dblink: south: ERROR:  42804: its rows have the columns (number int4, s text), and not (n int4, s text), as those before \
             them\n"
        ),
        "{said:?}"
    );
}

#[test]
fn the_exit_code_says_whether_any_was_connected_to() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let silent = format!("silent=host=127.0.0.1 port={port} user=u dbname=d");
    let plain = format!("plain={}", conn());
    // One was lost later, and one did not end in time.
    let lost = "select pg_terminate_backend(pg_backend_pid())";
    for (on, sql, code) in [
        (vec![silent.clone()], "select 1", 2),
        (vec![silent.clone(), nowhere()], "select 1", 2),
        (vec![plain.clone()], lost, 1),
        (vec![plain.clone(), nowhere()], lost, 1),
        (vec![plain.clone(), silent], "select 1", 1),
        (vec![plain, nowhere()], "select pg_sleep(600)", 1),
    ] {
        let said = scatter(&on, &[sql, "--timeout", "3s"]);
        assert_eq!(said.code, Some(code), "{on:?}: {said:?}");
        assert!(said.err.contains("dblink: "), "{said:?}");
    }
}

#[test]
fn wrong_usage() {
    let plain = format!("a={}", conn());
    for (on, args) in [
        (vec![], &["select 1"][..]),
        (vec!["a".to_owned()], &["select 1"]),
        (vec!["=x".to_owned()], &["select 1"]),
        (vec![plain.clone(), plain.clone()], &["select 1"]),
        (vec![plain.clone(), "b=host".to_owned()], &["select 1"]),
        (vec![plain.clone()], &["select 1", "--limit", "0"]),
        (
            vec![plain.clone()],
            &["select 1", "--limit", "2", "--ordered-by", "a"],
        ),
        (vec![plain.clone()], &["select 1", "--ordered-by", "a, b"]),
    ] {
        let said = scatter(&on, args);
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{said:?}");
        assert!(said.err.starts_with("dblink: "), "{said:?}");
    }
}

#[test]
fn what_is_wrong_with_an_option_is_told() {
    let tell = |args: &[&str]| {
        let said = run(["scatter", "select 1"].iter().chain(args));
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{said:?}");
        let first = said.err.lines().next().unwrap();
        let told = first.strip_prefix("dblink: invalid value ").unwrap_or(first);
        told.to_owned()
    };
    for (on, name) in [
        ("service=shop", "shop"),
        ("dbname=shop user=scott", "shop"),
        ("host=/tmp", "a"),
        ("port=5432", "a"),
        ("dbname='my shop'", "a"),
        ("@two", "two"),
        ("@/", "a"),
    ] {
        assert_eq!(
            tell(&["--on", on]),
            format!("'{on}' for '--on <NAME=CONN>': give it a name first, such as {name}={on}")
        );
    }
    let told = tell(&["--on", "host=db1 password=sesame"]);
    assert_eq!(
        told,
        "'host=db1 password=***' for '--on <NAME=CONN>': give it a name first, such as db1=host=db1 password=***"
    );
    // A name may be a keyword.
    let told = tell(&["--on", "user=service=unknown"]);
    assert_eq!(told, "dblink: user: definition of service \"unknown\" not found");
    for limit in ["0", "two"] {
        assert_eq!(
            tell(&["--on", "a=dbname=b", "--limit", limit]),
            format!("'{limit}' for '--limit <N>': it has to be a number, 1 or more")
        );
    }
}

/// Waits until so many statements with this in them run.
#[track_caller]
fn until_running(mark: &str, count: u32) {
    until(
        Cluster::shared(),
        &format!(
            "select count(*) = {count} from pg_stat_activity where state = 'active' and query like 'select%{mark}%'"
        ),
    );
}

#[test]
fn ctrl_c_cancels_all() {
    let on = [format!("a={}", conn()), format!("b={}", conn())];
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let mut child = dblink();
        child.args(["scatter", "select 'interrupted scatter', pg_sleep(600)"]);
        child.args(on.iter().flat_map(|target| ["--on", target]));
        let child = child
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        until_running("interrupted scatter", 2);
        kill_process(Pid::from_child(&child), signal).unwrap();
        let said = Said::from(child.wait_with_output().unwrap());
        assert_eq!((said.code, said.out.as_str()), (Some(code), ""), "{said:?}");
        until_running("interrupted scatter", 0);
    }
}

#[test]
fn nobody_reads_the_output() {
    let mut child = dblink();
    let sql = "select 'unread scatter', generate_series(1, 1000000000)";
    child.args(["scatter", sql, "--on", &format!("a={}", conn())]);
    let mut child = child
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let said = Said::from(child.wait_with_output().unwrap());
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
    until_running("unread scatter", 0);
}
