//! A throwaway PgBouncer, which lets many clients share few sessions.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::thread;

use dblink_throwaway::{Account, Keeper, PORT_ATTEMPTS};
use tempfile::TempDir;

use crate::cluster::{Cluster, free_port, or_panic};
use crate::roles;

/// Where packages put the program, should that not be on the path.
const FOLDERS: [&str; 3] = ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin"];

/// What it says when it takes connections.
const UP: &str = "process up";

/// A PgBouncer in front of a [`Cluster`], for the length of a test.
///
/// It listens on a Unix socket and on a port of `127.0.0.1`, and knows the users in [`roles`], who log in to it as they do to
/// the cluster. A server's session belongs to a client for one transaction. Dropping it kills it (SIGKILL) and removes its
/// folder; if the process ends without that, the same happens from outside.
///
/// ```
/// use dblink_tests::{Cluster, PgBouncer};
///
/// let cluster = Cluster::shared();
/// // All clients share one session.
/// let pooler = PgBouncer::builder().conf("default_pool_size", "1").start(cluster);
///
/// let mut psql = cluster.psql_command();
/// psql.env("PGHOST", pooler.socket_dir()).env("PGPORT", pooler.port().to_string());
/// let output = psql.args(["--command", "select 1"]).output().unwrap();
/// assert_eq!(output.stdout, b"1\n");
/// ```
#[derive(Debug)]
pub struct PgBouncer {
    // Dropped in this order: the program ends before its folder goes.
    _keeper: Keeper,
    folder: TempDir,
    port: u16,
}

/// What a [`PgBouncer`] shall be like. Made by [`PgBouncer::builder`].
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct Builder {
    settings: Vec<(String, String)>,
}

impl PgBouncer {
    /// Describes one that differs from the default.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The address it listens on: `127.0.0.1`.
    pub const fn host(&self) -> &'static str {
        "127.0.0.1"
    }

    /// The port it listens on. It is in the socket's name too.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The folder of its Unix socket: the `host` to connect to it that way.
    pub fn socket_dir(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// What it has logged up to now.
    ///
    /// # Panics
    ///
    /// If the log cannot be read.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).expect("the log is readable")
    }
}

impl Builder {
    /// Sets a [setting](https://www.pgbouncer.org/config.html). The last value given for a name is taken.
    ///
    /// The default is `pool_mode` `transaction` and a `default_pool_size` of 20 sessions for each user and database.
    pub fn conf(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Starts it in front of `cluster`. Returns when it takes connections.
    ///
    /// # Panics
    ///
    /// If there is no PgBouncer on this machine, or it does not start: with what it said.
    pub fn start(self, cluster: &Cluster) -> PgBouncer {
        let program = find().unwrap_or_else(|| {
            panic!(
                "There is no PgBouncer on this machine. `./dev test` installs it, or by hand the package `pgbouncer`."
            )
        });
        for _ in 0..PORT_ATTEMPTS {
            let port = free_port();
            // A fresh folder each time: the keeper removes it.
            let folder = tempfile::Builder::new()
                .prefix("dblink-test-")
                .tempdir()
                .expect("the folder for temporary files is writable");
            let account = or_panic(Account::for_folder(folder.path()));
            or_panic(account.give(folder.path()));
            for (name, text) in [
                ("pgbouncer.ini", self.settings(cluster, folder.path(), port)),
                ("hba", roles::hba(&[])),
                ("users", roles::userlist()),
            ] {
                let path = folder.path().join(name);
                fs::write(&path, text).unwrap();
                or_panic(account.give(&path));
            }
            let configuration = folder.path().join("pgbouncer.ini");
            let (keeper, stderr) = or_panic(Keeper::of_program(
                account,
                &program,
                &configuration,
                folder.path(),
            ));
            if wait_until_up(stderr.expect("it is a pipe")).is_ok() {
                return PgBouncer {
                    _keeper: keeper,
                    folder,
                    port,
                };
            }
        }
        panic!("{PORT_ATTEMPTS} ports in a row were free and then taken");
    }

    fn settings(&self, cluster: &Cluster, folder: &Path, port: u16) -> String {
        let mut text = format!(
            "[databases]\n* = host={} port={}\n[pgbouncer]\n",
            cluster.socket_dir().display(),
            cluster.port()
        );
        let file = |name| folder.join(name).display().to_string();
        let defaults = [
            ("listen_addr", "127.0.0.1".to_owned()),
            ("listen_port", port.to_string()),
            ("unix_socket_dir", folder.display().to_string()),
            ("auth_type", "hba".to_owned()),
            ("auth_hba_file", file("hba")),
            ("auth_file", file("users")),
            ("logfile", file("log")),
            ("pool_mode", "transaction".to_owned()),
        ];
        for (name, value) in &defaults {
            writeln!(text, "{name} = {value}").unwrap();
        }
        for (name, value) in &self.settings {
            writeln!(text, "{name} = {value}").unwrap();
        }
        text
    }
}

/// Another process took the port.
struct PortTaken;

/// Reads what it says until it takes connections; what it says after that goes nowhere.
fn wait_until_up(stderr: impl io::Read + Send + 'static) -> Result<(), PortTaken> {
    let mut lines = BufReader::new(stderr);
    let mut said = String::new();
    loop {
        let mut line = String::new();
        lines.read_line(&mut line).expect("it speaks UTF-8");
        assert!(!line.is_empty(), "PgBouncer did not start. It said:\n{said}");
        if line.contains("Address already in use") {
            return Err(PortTaken);
        }
        if line.contains(UP) {
            // A full pipe would stop it.
            thread::spawn(move || io::copy(&mut lines, &mut io::sink()));
            return Ok(());
        }
        said += &line;
    }
}

fn find() -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH").unwrap_or_default())
        .chain(FOLDERS.map(PathBuf::from))
        .map(|folder| folder.join("pgbouncer"))
        .find(|program| program.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_taken_is_told() {
        let said = "WARNING cannot listen on 127.0.0.1:6432: bind(): Address already in use\n\
            LOG listening on unix:/tmp/.s.PGSQL.6432\n\
            LOG process up: PgBouncer 1.18.0\n";
        assert!(wait_until_up(said.as_bytes()).is_err());
    }

    #[test]
    #[should_panic(expected = "no_such_setting")]
    fn it_says_why_it_does_not_start() {
        PgBouncer::builder()
            .conf("no_such_setting", "1")
            .start(Cluster::shared());
    }
}
