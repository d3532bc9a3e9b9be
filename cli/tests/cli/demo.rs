//! The demo: on servers of its own, on the user's, and ended half-way.

use std::fs;
use std::io::{BufRead as _, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use dblink_tests::Cluster;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::support::{Limit, Said, conn, dblink, run, until};

/// All that dblink has, but `dblink_current_query`, which is a matter of the server.
const FUNCTIONS: [&str; 19] = [
    "dblink",
    "dblink_build_sql_delete",
    "dblink_build_sql_insert",
    "dblink_build_sql_update",
    "dblink_cancel_query",
    "dblink_close",
    "dblink_connect",
    "dblink_connect_u",
    "dblink_disconnect",
    "dblink_error_message",
    "dblink_exec",
    "dblink_fetch",
    "dblink_get_connections",
    "dblink_get_notify",
    "dblink_get_pkey",
    "dblink_get_result",
    "dblink_is_busy",
    "dblink_open",
    "dblink_send_query",
];

/// A folder for temporary files that the server's user may write to as well.
fn temporary() -> TempDir {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = TempDir::new().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    folder
}

/// The command lines of all processes.
fn command_lines() -> Vec<String> {
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).replace('\0', " ");
    // Linux tells them in files, and may have no ps.
    match fs::read_dir("/proc") {
        Ok(processes) => processes
            .filter_map(|process| fs::read(process.unwrap().path().join("cmdline")).ok())
            .map(text)
            .collect(),
        Err(_) => {
            let output = Command::new("ps").args(["-eo", "args"]).output().unwrap();
            assert!(output.status.success());
            text(output.stdout).lines().map(str::to_owned).collect()
        }
    }
}

/// The command lines of all processes that name this folder.
fn processes_in(folder: &Path) -> Vec<String> {
    let folder = folder.to_str().unwrap();
    command_lines()
        .into_iter()
        .filter(|line| line.contains(folder))
        .collect()
}

fn left_in(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect()
}

#[test]
fn every_function_is_shown_and_nothing_is_left() {
    let folder = temporary();
    let began = Instant::now();
    let output = dblink()
        .arg("demo")
        .env("TMPDIR", folder.path())
        .output()
        .unwrap();
    let elapsed = began.elapsed();
    let said = Said::from(output);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{}", said.out);
    let shown: Vec<_> = said
        .out
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .collect();
    for function in FUNCTIONS {
        assert!(
            shown.contains(&function),
            "{function} is not shown:\n{}",
            said.out
        );
    }
    for addition in [
        "deadline",
        "wait_any",
        "wait_all",
        "scatter",
        "transfer",
        "autonomous",
        "self-deadlock",
        "protocol",
    ] {
        assert!(
            shown.contains(&addition),
            "{addition} is not shown:\n{}",
            said.out
        );
    }
    assert!(said.out.contains("→ 1 000 000 rows, "), "{}", said.out);
    assert!(elapsed < Duration::from_secs(60), "it took {elapsed:?}");
    assert_eq!(left_in(folder.path()), [] as [PathBuf; 0]);
    assert_eq!(processes_in(folder.path()), [] as [String; 0]);
    assert_picture(&said.out);
}

/// A line without what differs from run to run: numbers and the names of folders.
fn masked(line: &str) -> String {
    let mut masked = String::new();
    for word in line.split_whitespace() {
        let word = match word.find("/dblink-server-") {
            Some(_) => "FOLDER",
            None => word,
        };
        let mut digits = false;
        for c in word.chars() {
            if !c.is_ascii_digit() {
                masked.push(c);
            } else if !digits {
                masked.push('#');
            }
            digits = c.is_ascii_digit();
        }
        masked.push(' ');
    }
    // Numbers have spaces between their thousands.
    while masked.contains("# #") {
        masked = masked.replace("# #", "#");
    }
    masked
}

/// The picture of README shows what the demo prints. `./dev picture` draws it anew.
fn assert_picture(out: &str) {
    let picture = include_str!("../../../docs/demo.svg");
    let printed: Vec<_> = out.lines().map(masked).collect();
    let mut texts = 0;
    for line in picture.lines().filter(|line| line.starts_with("<text")) {
        let mut text = String::new();
        for piece in line.split('<').skip(1) {
            text += piece.split_once('>').unwrap().1;
            text.push(' ');
        }
        let text = text
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&");
        // Of some parts there is the title alone.
        let title = text.trim_end().trim_end_matches('…');
        assert!(
            [text.as_str(), title]
                .iter()
                .any(|text| printed.contains(&masked(text))),
            "the picture has {text:?}; draw it anew with ./dev picture"
        );
        texts += 1;
    }
    assert!(texts > 20, "{texts}");
}

/// What a database has in it, how many rows were written, and the number of the next transaction that writes anything.
fn snapshot(cluster: &Cluster) -> String {
    cluster.psql(
        "select pg_stat_force_next_flush(); \
         select (select count(*) from pg_class), (select max(oid) from pg_class), \
            (select sum(n_tup_ins + n_tup_upd + n_tup_del) from pg_stat_all_tables), \
            pg_snapshot_xmax(pg_current_snapshot())",
    )
}

#[test]
fn the_users_databases_are_read_only() {
    // Others write to the server that the tests share.
    let cluster = Cluster::start();
    let conninfo = cluster.conninfo();
    let given = ["demo", "--on", &conninfo, "--on", &conninfo];
    let before = snapshot(&cluster);
    let said = run(given);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{}", said.out);
    assert_eq!(snapshot(&cluster), before);
    for function in FUNCTIONS {
        assert!(
            said.out.contains(function),
            "{function} is not shown:\n{}",
            said.out
        );
    }
    // It could tell.
    cluster.psql("create table t ()");
    assert_ne!(snapshot(&cluster), before);
    for skipped in ["NOTIFY", "transfer", "autonomous", "self-deadlock"] {
        let skipped = format!("  {skipped:<24}skipped: ");
        assert!(said.out.contains(&skipped), "{skipped}\n{}", said.out);
    }
    assert!(said.out.contains("→ 1 000 000 rows, "), "{}", said.out);
}

#[test]
fn options_of_the_user_count_but_may_not_write() {
    let with = |options: &str| format!("{} options='{options}'", conn());
    // The demo itself looks whether a connection is read-only.
    let writing = with("-c default_transaction_read_only=off");
    let said = run(["demo", "--on", &writing, "--on", &writing]);
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    let hasty = with("-c statement_timeout=1");
    let said = run(["demo", "--on", &hasty, "--on", &hasty]);
    assert_eq!(said.code, Some(1), "{}", said.out);
    assert!(said.err.starts_with("dblink: "), "{}", said.err);
}

#[test]
fn two_databases_are_needed() {
    let said = run(["demo", "--on", &conn()]);
    assert_eq!(said.code, Some(2));
    assert_eq!(
        said.err,
        "dblink: the demo works between two databases: give --on twice, or not at all\n"
    );
}

#[test]
fn without_a_servers_programs_it_says_what_to_install() {
    let output = dblink()
        .arg("demo")
        .env("DBLINK_PG_BINDIR", "/nonexistent")
        .output()
        .unwrap();
    let said = Said::from(output);
    assert_eq!(said.code, Some(2));
    assert!(
        said.err
            .starts_with("dblink: DBLINK_PG_BINDIR is /nonexistent, which has no initdb."),
        "{}",
        said.err
    );
    for way in ["./dev demo", "apt-get install postgresql"] {
        assert!(said.err.contains(way), "{}", said.err);
    }
}

/// Reads what the demo says until a line has this in it; gives what it says from there on.
fn until_said(child: &mut Child, mark: &str) -> Lines<BufReader<ChildStdout>> {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(
        lines.any(|line| line.unwrap().contains(mark)),
        "it does not say {mark}"
    );
    lines
}

/// Runs the demo, and sends it a signal when it has said a line with this in it: Ctrl-C, and once more SIGTERM.
fn ended_at(mark: &str) {
    for (signal, code, told) in [
        (Signal::INT, 130, "dblink: interrupted\n"),
        (Signal::TERM, 143, "dblink: terminated\n"),
    ] {
        let folder = temporary();
        let mut child = dblink()
            .arg("demo")
            .env("TMPDIR", folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = until_said(&mut child, mark);
        kill_process(Pid::from_child(&child), signal).unwrap();
        let rest: Vec<_> = lines.map(Result::unwrap).collect();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{signal:?}: {rest:#?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), told);
        assert_eq!(left_in(folder.path()), [] as [PathBuf; 0]);
        assert_eq!(processes_in(folder.path()), [] as [String; 0]);
    }
}

#[test]
fn a_signal_cancels_what_runs_on_the_users_servers() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let cluster = Cluster::start();
        // What should take two seconds does not end by itself, however long the signal takes.
        cluster.psql(
            "create schema endless; create function endless.pg_sleep(float8) returns void \
                begin atomic select pg_catalog.pg_sleep(86400); end",
        );
        let conninfo = format!(
            "{} options='-c search_path=endless,pg_catalog'",
            cluster.conninfo()
        );
        let mut child = dblink()
            .args(["demo", "--on", &conninfo, "--on", &conninfo])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let _limit = Limit::of(&child);
        let lines = until_said(&mut child, "session.is_busy(\"south\")");
        // A request to cancel what the server has not begun with is none.
        until(
            &cluster,
            "exists (select from pg_stat_activity where wait_event = 'PgSleep' and query like '%there you are%')",
        );
        kill_process(Pid::from_child(&child), signal).unwrap();
        let rest: Vec<_> = lines.map(Result::unwrap).collect();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{rest:#?}");
        // What a session has logged is in the log when it is gone.
        until(
            &cluster,
            "select count(*) = 1 from pg_stat_activity where backend_type = 'client backend'",
        );
        let log = cluster.log();
        assert!(log.contains("canceling statement due to user request"), "{log}");
    }
}

#[test]
fn a_signal_in_the_middle_leaves_nothing() {
    ended_at("session.get_result(\"south\")");
}

#[test]
fn a_signal_while_the_servers_start_leaves_nothing() {
    ended_at("Starting two PostgreSQL servers");
}
