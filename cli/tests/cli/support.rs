//! The program with an environment of its own.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::LazyLock;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::Duration;

use dblink_tests::{Binaries, Cluster};
use dblink_throwaway::without_pg_environment;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// A home folder with nothing in it.
static HOME: LazyLock<TempDir> = LazyLock::new(|| TempDir::new().unwrap());

/// What a run of the program has said.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Said {
    /// The exit code; none after a signal.
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The program, which sees nothing of this machine's settings.
pub(crate) fn dblink() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dblink"));
    without_pg_environment(&mut command)
        .env("HOME", HOME.path())
        .env_remove("XDG_CONFIG_HOME")
        .env("LC_ALL", "C")
        .stdin(Stdio::null());
    command
}

/// psql, which sees nothing of this machine's settings either, and has to be told where to connect to.
pub(crate) fn psql() -> Command {
    let mut command = Command::new(Binaries::find().unwrap().psql);
    without_pg_environment(&mut command).arg("-X");
    command
}

/// Runs it with these arguments.
pub(crate) fn run(args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Said {
    dblink().args(args).output().unwrap().into()
}

/// Runs it with these arguments where its output has no room.
pub(crate) fn run_full(args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Said {
    let full = File::options().write(true).open("/dev/full").unwrap();
    dblink().args(args).stdout(full).output().unwrap().into()
}

/// Runs it with these arguments and this input.
pub(crate) fn run_with(args: impl IntoIterator<Item = impl AsRef<OsStr>>, input: &str) -> Said {
    let mut child = dblink()
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    // Its output is read meanwhile, so that neither waits for the other.
    let writer = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    let said = child.wait_with_output().unwrap();
    writer.join().unwrap();
    said.into()
}

/// What psql prints of this as CSV.
pub fn psql_csv(sql: &str) -> String {
    psql_as("csv", sql)
}

/// What psql prints of this as a table.
pub(crate) fn psql_aligned(sql: &str) -> String {
    psql_as("aligned", sql)
}

fn psql_as(format: &str, sql: &str) -> String {
    let output = Cluster::shared()
        .psql_command()
        .env("PGCLIENTENCODING", "UTF8")
        .args([
            "--pset",
            &format!("format={format}"),
            "--pset",
            "tuples_only=off",
            "--command",
            sql,
        ])
        .output()
        .unwrap();
    let said = Said::from(output);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{sql}");
    said.out
}

/// The connection string of the server that the tests share.
pub(crate) fn conn() -> String {
    Cluster::shared().conninfo()
}

/// The connection string of a database of the test's own, which is made anew.
pub(crate) fn database(name: &str) -> String {
    let cluster = Cluster::shared();
    cluster.psql(&format!("drop database if exists {name}"));
    cluster.psql(&format!("create database {name}"));
    cluster
        .conninfo()
        .replace("dbname=postgres", &format!("dbname={name}"))
}

/// A pipe with a name, in this folder.
pub(crate) fn fifo_in(folder: &Path) -> PathBuf {
    let fifo = folder.join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    fifo
}

/// Writes this into a pipe when somebody has opened its other end.
pub(crate) fn write_to_fifo(fifo: &Path, text: &'static str) {
    let fifo = fifo.to_owned();
    // It is not waited for: a program that has failed does not open it.
    std::thread::spawn(move || std::fs::write(fifo, text));
}

/// Waits until a server says so. It is the server that waits.
#[track_caller]
pub(crate) fn until(cluster: &Cluster, condition: &str) {
    cluster.psql(&format!(
        "set statement_timeout = '60s'; do $$ begin while not ({condition}) loop \
         perform pg_stat_clear_snapshot(); perform pg_sleep(0.005); end loop; end $$"
    ));
}

/// Ends a program that runs for too long, so that a test that waits for it fails.
pub(crate) struct Limit {
    /// Dropped with it.
    _alive: Sender<()>,
}

impl Limit {
    /// One minute: only a test that fails takes so long.
    pub(crate) fn of(child: &Child) -> Self {
        let process = Pid::from_child(child);
        let (alive, over) = mpsc::channel();
        std::thread::spawn(move || {
            if over.recv_timeout(Duration::from_secs(60)) == Err(RecvTimeoutError::Timeout) {
                let _ = kill_process(process, Signal::KILL);
            }
        });
        Self { _alive: alive }
    }
}

/// Presses Ctrl-C.
pub(crate) fn interrupt(child: &Child) {
    kill_process(Pid::from_child(child), Signal::INT).unwrap();
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}
