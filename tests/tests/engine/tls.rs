//! TLS with real servers.
//!
//! PostgreSQL manual: [SSL Support](https://www.postgresql.org/docs/current/libpq-ssl.html),
//! [Secure TCP/IP Connections with SSL](https://www.postgresql.org/docs/current/ssl-tcp.html).

mod channel_binding;
mod client_certificate;
mod modes;
mod negotiation;
mod revocation;
mod server_certificate;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use dblink_engine::connection::Connection;
use dblink_engine::net::ConnectError;
use dblink_tests::{Cluster, roles};
use tempfile::TempDir;

use crate::conninfo::{over_tcp, resolve};

/// A folder of files that go away. The server's user may look into it.
pub(crate) struct Files(TempDir);

impl Files {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        Self(folder)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file, and gives its path.
    pub(crate) fn write(&self, name: &str, content: &str, mode: u32) -> String {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

/// Connects as the user with SCRAM, over TCP.
async fn connect(cluster: &Cluster, options: &str) -> Result<Connection, ConnectError> {
    let conninfo = over_tcp(cluster, roles::SCRAM_USER, roles::SCRAM_PASSWORD);
    Connection::connect(&resolve(&format!("{conninfo} {options}"))).await
}

/// Why that fails, without the place.
#[track_caller]
fn cause(result: Result<Connection, ConnectError>) -> String {
    let error = result.unwrap_err();
    let [attempt] = &error.attempts[..] else {
        panic!("{error}")
    };
    attempt.cause.to_string()
}

/// What the server knows of this connection's TLS.
async fn tls(connection: &mut Connection, column: &str) -> Option<String> {
    let query = format!("select {column}::text from pg_stat_ssl where pid = pg_backend_pid()");
    let mut rows = connection.query(&query, &[]).await.unwrap();
    let value = rows.next().await.unwrap().unwrap().get(0).unwrap();
    assert!(rows.next().await.unwrap().is_none());
    value
}

/// Whether the server says that this connection is encrypted.
async fn is_encrypted(connection: &mut Connection) -> bool {
    tls(connection, "ssl").await.as_deref() == Some("true")
}
