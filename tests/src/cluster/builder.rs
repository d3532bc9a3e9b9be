//! What a cluster shall be like, and its making.

use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::{Cluster, without_pg_environment};
use crate::account::Account;
use crate::binaries::Binaries;
use crate::keeper::Keeper;
use crate::roles;
use crate::tls::Certificates;

/// A free port is only known to have been free: another process can take it before the server does.
pub(crate) const PORT_ATTEMPTS: u32 = 10;

/// How many lines of the log are shown when the server does not start.
const LOG_TAIL_LINES: usize = 40;

/// The cluster lives for one test, so nothing has to survive a power cut, and nothing may lie outside its folder;
/// messages are compared, so they are English.
const SETTINGS: [(&str, &str); 8] = [
    ("listen_addresses", "127.0.0.1"),
    ("fsync", "off"),
    ("synchronous_commit", "off"),
    ("full_page_writes", "off"),
    ("autovacuum", "off"),
    ("shared_buffers", "16MB"),
    ("dynamic_shared_memory_type", "mmap"),
    ("lc_messages", "C"),
];

/// What a [`Cluster`] shall be like. Made by [`Cluster::builder`].
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct Builder {
    settings: Vec<(String, String)>,
    hba: Vec<String>,
    certificates: Option<Certificates>,
}

impl Builder {
    /// Sets a [server setting](https://www.postgresql.org/docs/current/runtime-config.html). The last value given for
    /// a name is taken.
    pub fn conf(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a line to [`pg_hba.conf`](https://www.postgresql.org/docs/current/auth-pg-hba-conf.html), above those for
    /// the users in [`roles`], in the order given.
    pub fn hba(mut self, line: &str) -> Self {
        self.hba.push(line.to_owned());
        self
    }

    /// Turns TLS on with this certificate and key.
    pub fn tls(mut self, certificates: &Certificates) -> Self {
        self.certificates = Some(certificates.clone());
        self
    }

    /// Makes the cluster and starts its server. Returns when it takes connections.
    ///
    /// # Panics
    ///
    /// If there is no server to be found on this machine, or it does not start: with its log's end.
    pub fn start(self) -> Cluster {
        self.start_on(free_port)
    }

    fn start_on(self, next_port: impl FnMut() -> u16) -> Cluster {
        let maker = Maker::new();
        maker.init();
        self.configure(&maker);
        let cluster = maker.start(next_port);
        cluster.psql(&roles::create());
        cluster
    }

    fn configure(self, maker: &Maker) {
        let socket = maker.make_socket_folder();
        let mut conf = String::new();
        let mut set = |name: &str, value: &str| {
            let value = value.replace('\\', r"\\").replace('\'', "''");
            writeln!(conf, "{name} = '{value}'").unwrap();
        };
        for (name, value) in SETTINGS {
            set(name, value);
        }
        set("unix_socket_directories", &socket);
        if let Some(certificates) = &self.certificates {
            maker.write("server.crt", &certificates.server_pem);
            maker.write("server.key", &certificates.server_key_pem);
            set("ssl", "on");
        }
        for (name, value) in &self.settings {
            set(name, value);
        }
        maker.write("postgresql.conf", &conf);
        // A standby copies the server as its superuser. A pooler knows no such line.
        let copies = format!("local replication {} trust\n", roles::SUPERUSER);
        maker.write("pg_hba.conf", &(roles::hba(&self.hba) + &copies));
    }
}

/// A cluster that is not yet served.
pub(super) struct Maker {
    // Dropped in this order: the server stops before its folder goes.
    keeper: Keeper,
    folder: TempDir,
    binaries: Binaries,
    account: Account,
}

/// Another process took the port.
struct PortTaken;

impl Maker {
    /// Finds the programs and makes a folder.
    pub(super) fn new() -> Self {
        let binaries = Binaries::find().unwrap_or_else(|error| panic!("{error}"));
        let folder = tempfile::Builder::new()
            .prefix("dblink-test-")
            .tempdir()
            .expect("the folder for temporary files is writable");
        let account = Account::for_folder(folder.path());
        account.give(folder.path());
        Self {
            keeper: Keeper::of_cluster(account, &binaries.server_program("pg_ctl"), folder.path()),
            binaries,
            folder,
            account,
        }
    }

    /// Makes the folder for the server's socket, and gives its path.
    pub(super) fn make_socket_folder(&self) -> String {
        let socket = self.folder.path().join("socket");
        fs::create_dir(&socket).unwrap();
        self.account.give(&socket);
        socket.to_str().unwrap().to_owned()
    }

    /// Starts the server on the first of these ports that is free.
    pub(super) fn start(self, mut next_port: impl FnMut() -> u16) -> Cluster {
        for _ in 0..PORT_ATTEMPTS {
            let port = next_port();
            if self.serve(port).is_ok() {
                return self.into_cluster(port);
            }
        }
        panic!("{PORT_ATTEMPTS} ports in a row were free and then taken");
    }

    fn init(&self) {
        let output = self
            .program("initdb")
            .args(["--username", roles::SUPERUSER])
            .args(["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"])
            .output();
        let output = output.unwrap_or_else(|error| panic!("initdb does not run: {error}"));
        assert!(
            output.status.success(),
            "initdb failed:\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    /// Starts the server and waits until it takes connections.
    fn serve(&self, port: u16) -> Result<(), PortTaken> {
        let log = self.folder.path().join("log");
        let output = self
            .program("pg_ctl")
            .args(["start", "--wait", "--timeout=120"])
            .args(["--log".as_ref(), log.as_os_str()])
            .arg(format!("--options=-p {port}"))
            .output()
            .unwrap_or_else(|error| panic!("pg_ctl does not run: {error}"));
        if output.status.success() {
            return Ok(());
        }
        let text = fs::read_to_string(&log).unwrap_or_default();
        if text.contains("Address already in use") {
            fs::remove_file(&log).unwrap();
            return Err(PortTaken);
        }
        let lines: Vec<_> = text.lines().collect();
        let tail = lines[lines.len().saturating_sub(LOG_TAIL_LINES)..].join("\n");
        panic!(
            "the server did not start: {}\nThe end of its log:\n{tail}",
            String::from_utf8_lossy(&output.stderr).trim_end()
        );
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.binaries.server_program(name));
        without_pg_environment(&mut command)
            .env("LC_ALL", "C")
            .current_dir(self.folder.path())
            .arg("--pgdata")
            .arg(self.data());
        self.account.run(&mut command);
        command
    }

    pub(super) fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    /// Writes a file of the data folder, for the server's eyes only.
    pub(super) fn write(&self, name: &str, text: &str) {
        let path: &Path = &self.data().join(name);
        fs::write(path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
        self.account.give(path);
    }

    fn into_cluster(self, port: u16) -> Cluster {
        let version = fs::read_to_string(self.data().join("PG_VERSION")).unwrap();
        Cluster {
            version: version
                .trim_end()
                .parse()
                .expect("PG_VERSION is a number since 10"),
            _keeper: self.keeper,
            folder: self.folder,
            psql: self.binaries.psql,
            port,
        }
    }
}

/// A port of `127.0.0.1` that nobody listens on.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    listener.local_addr().unwrap().port()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_taken_is_given_up_for_another() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let taken = (taken.local_addr().unwrap().port(), taken);
        let mut asked = 0;
        let cluster = Cluster::builder().start_on(|| {
            asked += 1;
            if asked == 1 { taken.0 } else { free_port() }
        });
        assert!(asked > 1);
        assert_ne!(cluster.port(), taken.0);
        assert_eq!(cluster.psql("show port"), cluster.port().to_string());
    }

    #[test]
    #[should_panic(expected = "unrecognized configuration parameter \"no_such_setting\"")]
    fn the_log_says_why_a_server_does_not_start() {
        Cluster::builder().conf("no_such_setting", "1").start();
    }
}
