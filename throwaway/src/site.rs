//! The folder of a server that has not started yet.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::{Account, Error, Keeper, PORT_ATTEMPTS, Programs, Server};

/// The superuser, who logs in without a password, through the Unix socket only.
pub const SUPERUSER: &str = "postgres";

/// How many lines of the log are shown when the server does not start.
const LOG_TAIL_LINES: usize = 40;

/// Nothing has to survive a power cut, and nothing may lie outside the folder; messages are compared, so they are English.
const SETTINGS: [(&str, &str); 7] = [
    ("fsync", "off"),
    ("synchronous_commit", "off"),
    ("full_page_writes", "off"),
    ("autovacuum", "off"),
    ("shared_buffers", "16MB"),
    ("dynamic_shared_memory_type", "mmap"),
    ("lc_messages", "C"),
];

/// The folder of a server that has not started yet. It goes away with this value, or with the process.
#[derive(Debug)]
pub struct Site {
    // Dropped in this order: the server stops before its folder goes.
    keeper: Keeper,
    folder: TempDir,
    programs: Programs,
    account: Account,
}

/// Whether the server got the port that it was given.
enum Served {
    Yes,
    PortTaken,
}

impl Site {
    /// Finds the programs, and makes a folder whose name begins with `prefix`, with a folder in it for the server's socket.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`]; [`Error::NoAccount`]; [`Error::System`].
    pub fn make(prefix: &str) -> Result<Self, Error> {
        let programs = Programs::find()?;
        let folder = tempfile::Builder::new()
            .prefix(prefix)
            .tempdir()
            .map_err(|error| Error::system("make a folder for the server", error))?;
        let account = Account::for_folder(folder.path())?;
        account.give(folder.path())?;
        let site = Self {
            keeper: Keeper::of_cluster(account, &programs.server_program("pg_ctl"), folder.path())?,
            programs,
            folder,
            account,
        };
        let socket = site.socket_dir();
        fs::create_dir(&socket)
            .map_err(|error| Error::system(format_args!("make {}", socket.display()), error))?;
        account.give(&socket)?;
        Ok(site)
    }

    /// The programs that were found.
    pub const fn programs(&self) -> &Programs {
        &self.programs
    }

    /// The server's data folder.
    pub fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The folder of its socket.
    pub fn socket_dir(&self) -> PathBuf {
        self.folder.path().join("socket")
    }

    /// Makes the data folder, by `initdb`.
    ///
    /// # Errors
    ///
    /// [`Error::Init`], with what it said; [`Error::System`].
    pub fn init(&self) -> Result<(), Error> {
        let mut initdb = self.program("initdb");
        initdb.args(["--username", SUPERUSER]).args([
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ]);
        let output = run(&mut initdb, "initdb")?;
        if output.status.success() {
            Ok(())
        } else {
            Err(Error::Init {
                said: said(&output.stderr),
            })
        }
    }

    /// Writes `postgresql.conf`: what every server here has, and then these. Of several values for a name the last is taken.
    ///
    /// # Errors
    ///
    /// [`Error::System`].
    pub fn configure<'a>(&self, settings: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<(), Error> {
        let socket = self.socket_dir();
        let mut text = setting("unix_socket_directories", &socket.to_string_lossy());
        for (name, value) in SETTINGS.into_iter().chain(settings) {
            text.push_str(&setting(name, value));
        }
        self.write("postgresql.conf", &text)
    }

    /// Writes a file of the data folder, for the server's eyes only.
    ///
    /// # Errors
    ///
    /// [`Error::System`].
    pub fn write(&self, name: &str, text: &str) -> Result<(), Error> {
        let path: &Path = &self.data_dir().join(name);
        fs::write(path, text)
            .and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(0o600)))
            .map_err(|error| Error::system(format_args!("write {}", path.display()), error))?;
        self.account.give(path)
    }

    /// Starts the server on the first of these ports that is free, and waits until it takes connections.
    ///
    /// # Errors
    ///
    /// [`Error::Start`], with the log's end; [`Error::Ports`]; [`Error::System`].
    pub fn start(self, mut next_port: impl FnMut() -> Result<u16, Error>) -> Result<Server, Error> {
        for _ in 0..PORT_ATTEMPTS {
            let port = next_port()?;
            if let Served::Yes = self.serve(port)? {
                let version = self.version()?;
                return Ok(Server::new(self.keeper, self.folder, port, version));
            }
        }
        Err(Error::Ports {
            attempts: PORT_ATTEMPTS,
        })
    }

    fn serve(&self, port: u16) -> Result<Served, Error> {
        let log = self.folder.path().join("log");
        let mut pg_ctl = self.program("pg_ctl");
        pg_ctl
            .args(["start", "--wait", "--timeout=120"])
            .args(["--log".as_ref(), log.as_os_str()])
            .arg(format!("--options=-p {port}"));
        let output = run(&mut pg_ctl, "pg_ctl")?;
        if output.status.success() {
            return Ok(Served::Yes);
        }
        let text = fs::read(&log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        if text.contains("Address already in use") {
            fs::remove_file(&log).map_err(|error| Error::system("remove the log", error))?;
            return Ok(Served::PortTaken);
        }
        let skipped = text.lines().count().saturating_sub(LOG_TAIL_LINES);
        Err(Error::Start {
            said: said(&output.stderr),
            log: text.lines().skip(skipped).collect::<Vec<_>>().join("\n"),
        })
    }

    /// The major version, such as 18.
    fn version(&self) -> Result<u32, Error> {
        let text = fs::read_to_string(self.data_dir().join("PG_VERSION"))
            .map_err(|error| Error::system("read PG_VERSION", error))?;
        let text = text.trim_end();
        text.parse().map_err(|_| Error::Version {
            text: text.to_owned(),
        })
    }

    /// One of the server's programs, for this data folder.
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.server_program(name));
        without_pg_environment(&mut command)
            .env("LC_ALL", "C")
            .current_dir(self.folder.path())
            .arg("--pgdata")
            .arg(self.data_dir());
        self.account.run(&mut command);
        command
    }
}

/// Keeps the settings for the user's own databases away from a program of PostgreSQL.
pub fn without_pg_environment(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"PG") {
            command.env_remove(name);
        }
    }
    command
}

/// A line of `postgresql.conf`.
fn setting(name: &str, value: &str) -> String {
    let value = value.replace('\\', r"\\").replace('\'', "''");
    format!("{name} = '{value}'\n")
}

fn run(command: &mut Command, name: &str) -> Result<Output, Error> {
    command
        .output()
        .map_err(|error| Error::system(format_args!("run {name}"), error))
}

fn said(stderr: &[u8]) -> String {
    String::from_utf8_lossy(stderr).trim_end().to_owned()
}
