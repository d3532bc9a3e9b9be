//! `dblink query`: rows as they come, and what becomes of a query that nobody waits for.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::os::fd::AsFd as _;
use std::process::Stdio;
use std::time::Instant;

use dblink_tests::Cluster;
use rustix::fs::{OFlags, fcntl_setfl};
use rustix::process::Signal;
use tempfile::TempDir;

use crate::running::{AT_ONCE, ENDLESS, Lock, Running, SLEEP, names, waiting};
use crate::support::{Said, conn, dblink, psql_csv};

#[test]
fn the_first_row_is_printed_while_the_query_runs() {
    for (format, first) in [
        ("csv", "1,,\n"),
        ("tsv", "1\t\t\\N\n"),
        ("jsonl", "{\"i\":1,"),
        ("table", " 1 |"),
    ] {
        let lock = Lock::take(1);
        let mut running = Running::start("query_first", &[&waiting(1), "--format", format]);
        while !running.line().starts_with(first) {}
        drop(lock);
        let mut rest = String::new();
        running.stdout.read_to_string(&mut rest).unwrap();
        assert!(rest.contains("xxx"), "{format}");
        running.since = Instant::now();
        assert_eq!(running.ends().code, Some(0));
    }
}

/// Its largest size, in KiB, when nearly all of the output is read.
fn size_of(rows: u32, format: &str) -> u64 {
    let sql = format!("select generate_series(1, {rows}), repeat('x', 1000)");
    let mut running = Running::start("query_size", &[&sql, "--format", format]);
    let status = format!("/proc/{}/status", running.child.id());
    let mut buffer = vec![0; 256 << 10];
    let mut largest = 0;
    while running.stdout.read(&mut buffer).unwrap() > 0 {
        // At its end there is no size any more.
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        if let Some(line) = line {
            largest = line.trim().trim_end_matches(" kB").parse().unwrap();
        }
    }
    running.since = Instant::now();
    assert_eq!(running.ends().code, Some(0));
    largest
}

#[test]
fn memory_stays_flat() {
    for (format, more) in [
        ("csv", 100_000),
        ("tsv", 30_000),
        ("jsonl", 30_000),
        ("table", 10_000),
    ] {
        let few = size_of(3_000, format);
        let many = size_of(more, format);
        assert!(
            few > 0 && many < few + 4096,
            "{format}: {few} KiB, then {many} KiB"
        );
    }
}

#[test]
fn ctrl_c_cancels_what_sleeps() {
    for args in [&[SLEEP][..], &[SLEEP, "--timeout", "1h", "-o", "/dev/null"]] {
        let mut running = Running::start("query_sleep", args);
        running.is_noticed();
        running.signal(Signal::INT);
        let said = running.ends();
        assert_eq!(
            (said.code, said.err.as_str()),
            (Some(130), "dblink: interrupted\n")
        );
    }
}

#[test]
fn ctrl_c_cancels_in_the_middle_of_rows_that_nobody_reads() {
    let mut running = Running::start("query_unread", &[ENDLESS]);
    running.line();
    running.signal(Signal::INT);
    assert_eq!(running.ends().code, Some(130));
}

/// The server is faster than a table is laid out: there is always something to do.
#[test]
fn signals_are_heard_while_rows_come_without_a_pause() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        for format in ["table", "csv"] {
            let mut running = Running::start("query_busy", &[ENDLESS, "--format", format]);
            running.line();
            let stdout = running.stdout.get_ref().as_fd().try_clone_to_owned();
            let mut stdout = File::from(stdout.unwrap());
            let reader = std::thread::spawn(move || io::copy(&mut stdout, &mut io::sink()));
            running.signal(signal);
            assert_eq!(running.ends().code, Some(code), "{signal:?} {format}");
            reader.join().unwrap().unwrap();
        }
    }
}

/// As by `timeout`, or a service that is stopped.
#[test]
fn sigterm_is_as_ctrl_c() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("rows.csv");
    let mut running = Running::start("query_terminated", &[SLEEP, "-o", file.to_str().unwrap()]);
    running.is_noticed();
    running.signal(Signal::TERM);
    let said = running.ends();
    assert_eq!(
        (said.code, said.err.as_str()),
        (Some(143), "dblink: terminated\n")
    );
    assert!(names(folder.path()).is_empty());
}

#[test]
fn the_output_may_be_non_blocking() {
    let (mut reader, writer) = std::io::pipe().unwrap();
    fcntl_setfl(&writer, OFlags::NONBLOCK).unwrap();
    let mut child = dblink()
        .args(["query", &conn(), "select generate_series(1, 100000) as i"])
        .stdout(writer)
        .spawn()
        .unwrap();
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(text, psql_csv("select generate_series(1, 100000) as i"));
}

#[test]
fn the_time_limit_holds_though_nobody_reads() {
    let mut running = Running::start("query_unread_limit", &[ENDLESS, "--timeout", "2s"]);
    running.line();
    let said = running.ends();
    assert_eq!(said.code, Some(1));
    assert_eq!(
        said.err,
        "dblink: ERROR:  57014: the statement was cancelled, since its deadline of 2s has passed\n"
    );
}

#[test]
fn a_closed_pipe_cancels_without_a_word() {
    // In the middle of rows,
    let mut running = Running::start("query_closed", &[ENDLESS]);
    running.line();
    drop(running.stdout);
    let (mut child, since) = (running.child, Instant::now());
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(0));
    assert!(since.elapsed() < AT_ONCE);
    // and while none come.
    let _lock = Lock::take(2);
    let mut child = dblink()
        .args([
            "query",
            &format!("{} application_name=query_closed", conn()),
            &waiting(2),
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    for _ in 0..2 {
        stdout.read_line(&mut String::new()).unwrap();
    }
    drop(stdout);
    let since = Instant::now();
    let said = Said::from(child.wait_with_output().unwrap());
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    assert!(since.elapsed() < AT_ONCE);
    while Cluster::shared()
        .psql("select count(*) from pg_stat_activity where application_name = 'query_closed'")
        != "0"
    {
        assert!(since.elapsed() < 2 * AT_ONCE);
    }
}
