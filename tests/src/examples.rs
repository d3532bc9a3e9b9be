//! The databases that the examples of README and `docs/` work on.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::Cluster;

/// Their names, which are those of the services too.
const NAMES: [&str; 2] = ["north", "south"];

/// The databases north and south, made by the files in `docs/examples/`, and a service file that has them.
///
/// ```
/// use dblink_tests::Examples;
///
/// let examples = Examples::start();
/// let services = std::fs::read_to_string(examples.service_file()).unwrap();
/// assert!(services.contains("[north]\n") && services.contains("[south]\n"));
/// ```
#[derive(Debug)]
pub struct Examples {
    cluster: Cluster,
    folder: TempDir,
}

impl Examples {
    /// Starts a server and makes them.
    ///
    /// # Panics
    ///
    /// As [`Builder::start`](crate::Builder::start) does, and if a statement fails.
    pub fn start() -> Self {
        let examples = Self {
            cluster: Cluster::start(),
            folder: TempDir::new().unwrap(),
        };
        let cluster = &examples.cluster;
        let services = NAMES.map(|name| {
            format!(
                "[{name}]\nhost={}\nport={}\nuser={}\ndbname={name}\n",
                cluster.socket_dir().display(),
                cluster.port(),
                cluster.superuser()
            )
        });
        fs::write(examples.service_file(), services.concat()).unwrap();
        examples.renew();
        examples
    }

    /// The service file: for `PGSERVICEFILE`.
    pub fn service_file(&self) -> PathBuf {
        self.folder.path().join("services")
    }

    /// Makes the databases anew.
    ///
    /// # Panics
    ///
    /// If a statement fails.
    pub fn renew(&self) {
        for name in NAMES {
            let cluster = &self.cluster;
            cluster.psql(&format!("drop database if exists {name} with (force)"));
            cluster.psql(&format!("create database {name}"));
            let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../docs/examples/{name}.sql"));
            let status = cluster
                .psql_command()
                .env("PGDATABASE", name)
                .arg("--file")
                .arg(&file)
                .status();
            assert!(status.unwrap().success(), "{}", file.display());
        }
    }
}
