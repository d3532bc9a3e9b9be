//! A server that runs.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::{Error, Keeper, SUPERUSER, Site};

/// How the folder of a plain server is called.
const PREFIX: &str = "dblink-server-";

/// The port of a server that listens on no port: its socket's name has one all the same.
const PORT: u16 = 5432;

/// A PostgreSQL server in a folder of its own.
///
/// Dropping it stops the server and removes the folder; if the process ends without that, by exit or by a kill, the same
/// happens from outside.
#[derive(Debug)]
pub struct Server {
    // Dropped in this order: the server stops before its folder goes.
    _keeper: Keeper,
    folder: TempDir,
    port: u16,
    version: u32,
}

impl Server {
    /// Starts a server that listens on a Unix socket only, and that its superuser alone can log in to. Returns when it takes
    /// connections.
    ///
    /// # Errors
    ///
    /// Those of [`Site`]'s methods.
    pub fn start() -> Result<Self, Error> {
        let site = Site::make(PREFIX)?;
        site.init()?;
        site.configure([("listen_addresses", "")])?;
        site.write("pg_hba.conf", &format!("local all {SUPERUSER} trust\n"))?;
        site.start(|| Ok(PORT))
    }

    pub(crate) const fn new(keeper: Keeper, folder: TempDir, port: u16, version: u32) -> Self {
        Self {
            _keeper: keeper,
            folder,
            port,
            version,
        }
    }

    /// The folder that all of it is in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The folder of its Unix socket: the `host` to connect to it that way.
    pub fn socket_dir(&self) -> PathBuf {
        self.folder().join("socket")
    }

    /// Its data folder.
    pub fn data_dir(&self) -> PathBuf {
        self.folder().join("data")
    }

    /// Where it logs.
    pub fn log(&self) -> PathBuf {
        self.folder().join("log")
    }

    /// The port in its socket's name, on which it may listen too.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Its major version, such as 18.
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// The connection string by which its superuser logs in to the database `postgres`, through the Unix socket.
    ///
    /// PostgreSQL manual:
    /// [Connection Strings](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING).
    pub fn conninfo(&self) -> String {
        format!(
            "host={} port={} dbname=postgres user={SUPERUSER}",
            self.socket_dir().display(),
            self.port,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_serves_and_leaves_nothing() {
        let server = Server::start().unwrap();
        let folder = server.folder().to_owned();
        let socket = server.socket_dir().join(".s.PGSQL.5432");
        std::os::unix::net::UnixStream::connect(&socket).unwrap();
        assert_eq!(
            server.conninfo(),
            format!(
                "host={} port=5432 dbname=postgres user=postgres",
                server.socket_dir().display()
            )
        );
        drop(server);
        assert!(!folder.exists());
    }

    #[test]
    fn the_log_says_why_a_server_does_not_start() {
        let site = Site::make(PREFIX).unwrap();
        let folder = site.data_dir().parent().unwrap().to_owned();
        site.init().unwrap();
        site.configure([("no_such_setting", "1")]).unwrap();
        let error = site.start(|| Ok(PORT)).unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with("the server did not start: "), "{text}");
        assert!(
            text.contains("unrecognized configuration parameter \"no_such_setting\""),
            "{text}"
        );
        assert!(!folder.exists());
    }

    #[test]
    fn a_folder_that_initdb_cannot_use_is_told_with_its_words() {
        let site = Site::make(PREFIX).unwrap();
        site.init().unwrap();
        let error = site.init().unwrap_err().to_string();
        assert!(error.starts_with("initdb failed: "), "{error}");
        assert!(error.contains("exists but is not empty"), "{error}");
    }
}
