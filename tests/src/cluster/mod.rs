//! A throwaway PostgreSQL server.

mod builder;
mod standby;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use dblink_throwaway::{Server, without_pg_environment};
use rustix::process::{Pid, Signal, kill_process};

pub use builder::Builder;
pub(crate) use builder::{free_port, or_panic};

use crate::roles;

/// A PostgreSQL server in a folder of its own, for the length of a test.
///
/// It listens on a Unix socket and on a port of `127.0.0.1`, and knows the users in [`roles`]. Dropping it stops the
/// server and removes the folder; if the process ends without that, by exit or by a kill, the same happens from
/// outside.
///
/// ```
/// use dblink_tests::Cluster;
///
/// let cluster = Cluster::builder().conf("max_connections", "20").start();
/// assert_eq!(cluster.psql("show max_connections"), "20");
/// ```
#[derive(Debug)]
pub struct Cluster {
    server: Server,
    psql: PathBuf,
}

impl Cluster {
    /// Starts a server as it is by default.
    ///
    /// # Panics
    ///
    /// As [`Builder::start`] does.
    pub fn start() -> Self {
        Self::builder().start()
    }

    /// Describes a server that differs from the default.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The server that the tests of this process share. Started when first asked for, gone when the process has ended.
    ///
    /// # Panics
    ///
    /// As [`Builder::start`] does.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// The address it listens on: `127.0.0.1`.
    pub const fn host(&self) -> &'static str {
        "127.0.0.1"
    }

    /// The port it listens on. It is in the socket's name too.
    pub const fn port(&self) -> u16 {
        self.server.port()
    }

    /// The folder of its Unix socket: the `host` to connect to it that way.
    pub fn socket_dir(&self) -> PathBuf {
        self.server.socket_dir()
    }

    /// Its superuser, who logs in through the Unix socket without a password.
    pub const fn superuser(&self) -> &'static str {
        roles::SUPERUSER
    }

    /// The connection string by which its superuser logs in to the database `postgres`, through the Unix socket.
    ///
    /// PostgreSQL manual:
    /// [Connection Strings](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING).
    pub fn conninfo(&self) -> String {
        self.server.conninfo()
    }

    /// Its data folder.
    pub fn data_dir(&self) -> PathBuf {
        self.server.data_dir()
    }

    /// Its major version, such as 18.
    pub const fn version(&self) -> u32 {
        self.server.version()
    }

    /// What it has logged up to now.
    ///
    /// # Panics
    ///
    /// If the log cannot be read.
    pub fn log(&self) -> String {
        let log = fs::read(self.server.log()).expect("the log is readable");
        String::from_utf8_lossy(&log).into_owned()
    }

    /// Runs SQL as the superuser in the database `postgres`, and returns what psql prints: a line a row, `|` between
    /// columns, no line end at the end.
    ///
    /// # Panics
    ///
    /// If psql or a statement fails.
    #[track_caller]
    pub fn psql(&self, sql: &str) -> String {
        let output = self.psql_command().args(["--command", sql]).output();
        let output = output.unwrap_or_else(|error| panic!("psql does not run: {error}"));
        assert!(
            output.status.success(),
            "psql failed: {}\nThe SQL was: {sql}",
            String::from_utf8_lossy(&output.stderr).trim_end()
        );
        let text = String::from_utf8(output.stdout).expect("psql prints UTF-8");
        text.strip_suffix('\n').unwrap_or(&text).to_owned()
    }

    /// Kills one of the server's processes (SIGKILL), as if it had crashed.
    ///
    /// # Panics
    ///
    /// If there is none with this number.
    pub fn kill(&self, process: i32) {
        let process = Pid::from_raw(process).expect("a process has a number");
        kill_process(process, Signal::KILL).expect("the process is there");
    }

    /// A psql that logs in as the superuser to the database `postgres`, and reads none of the developer's own files.
    ///
    /// Where it connects to is in its [environment](https://www.postgresql.org/docs/current/libpq-envars.html), so
    /// that `PGUSER`, `PGPASSWORD`, `PGHOST` and `PGDATABASE` can be set to others.
    pub fn psql_command(&self) -> Command {
        let mut command = Command::new(&self.psql);
        without_pg_environment(&mut command)
            .args([
                "--no-psqlrc",
                "--quiet",
                "--no-align",
                "--tuples-only",
                "--no-password",
            ])
            .args(["--set", "ON_ERROR_STOP=1"])
            .env("PGHOST", self.socket_dir())
            .env("PGPORT", self.port().to_string())
            .env("PGUSER", roles::SUPERUSER)
            .env("PGDATABASE", "postgres")
            .env("PGCLIENTENCODING", "UTF8")
            // The developer's passwords and certificates are not the test's.
            .env("HOME", self.server.folder())
            .env("LC_ALL", "C")
            .stdin(Stdio::null());
        command
    }
}
