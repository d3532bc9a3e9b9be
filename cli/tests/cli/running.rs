//! The program while it runs.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use dblink_tests::Cluster;
use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Said, conn, dblink};

/// How long something may take that is done at once, on a machine with much else to do.
pub const AT_ONCE: Duration = Duration::from_secs(10);

/// The program with a query under way.
pub struct Running {
    pub child: Child,
    pub stdout: BufReader<ChildStdout>,
    /// What the server knows it as.
    name: String,
    pub since: Instant,
}

impl Running {
    pub fn start(name: &str, args: &[&str]) -> Self {
        Self::spawn(name, dblink(), args)
    }

    pub fn spawn(name: &str, mut command: Command, args: &[&str]) -> Self {
        let mut child = command
            .args(["query", &format!("{} application_name={name}", conn())])
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            stdout,
            name: name.to_owned(),
            since: Instant::now(),
        }
    }

    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line
    }

    /// Waits until its statement has given its notice, all of it.
    pub fn is_noticed(&mut self) {
        let stderr = self.child.stderr.as_mut().unwrap();
        let mut said = Vec::new();
        while !said.ends_with(b"at RAISE\n") {
            let mut byte = [0];
            stderr.read_exact(&mut byte).unwrap();
            said.extend(byte);
        }
    }

    /// Sends it a signal. What it takes from then on is measured.
    pub fn signal(&mut self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
        self.since = Instant::now();
    }

    /// Waits for its end, which comes at once, without reading what it prints; nothing of it is left at the server.
    pub fn ends(mut self) -> Said {
        let status = self.child.wait().unwrap();
        let took = self.since.elapsed();
        let mut err = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut err)
            .unwrap();
        assert!(took < AT_ONCE, "{took:?}");
        let sessions = format!(
            "select count(*) from pg_stat_activity where application_name = '{}'",
            self.name
        );
        // The server's process ends when it has heard of it.
        while Cluster::shared().psql(&sessions) != "0" {
            assert!(self.since.elapsed() < AT_ONCE + took, "it is still there");
        }
        Said {
            code: status.code(),
            out: String::new(),
            err,
        }
    }
}

/// An advisory lock that others wait for.
pub struct Lock {
    psql: Child,
}

impl Lock {
    pub fn take(number: u32) -> Self {
        let mut psql = Cluster::shared()
            .psql_command()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = psql.stdin.as_mut().unwrap();
        writeln!(stdin, "select pg_advisory_lock({number}); select 'taken';").unwrap();
        let mut said = BufReader::new(psql.stdout.take().unwrap());
        let mut line = String::new();
        while line.trim() != "taken" {
            line.clear();
            said.read_line(&mut line).unwrap();
        }
        Self { psql }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        drop(self.psql.stdin.take());
        drop(self.psql.wait());
    }
}

/// A query whose first row comes, and whose third waits for a lock. A server sends when it has 8 KiB to send.
pub fn waiting(number: u32) -> String {
    format!(
        "select i, repeat('x', 20000 * (i - 1)), case i when 3 then pg_advisory_xact_lock({number}) end
        from generate_series(1, 3) i"
    )
}

/// A statement that tells when it runs.
pub const SLEEP: &str = "do $$ begin raise notice 'asleep'; perform pg_sleep(600); end $$";

/// More rows than anybody waits for, none of which is stored before the first is sent.
pub const ENDLESS: &str = "select generate_series(1, 1000000000), repeat('x', 100)";

/// The names in a folder.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
