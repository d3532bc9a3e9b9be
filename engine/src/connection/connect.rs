//! Connecting.

use std::time::Duration;

use tracing::field::{Empty, display};
use tracing::{Instrument as _, debug_span};

use super::Connection;
use crate::conninfo::Config;
use crate::net::ConnectError;
use crate::net::dial::dial;

impl Connection {
    /// Connects as `config` says: its hosts, their addresses and the kinds of encryption are tried in libpq's order, until a
    /// session is what `target_session_attrs` asks for.
    ///
    /// `connect_timeout` limits each address, as in libpq; for a limit of the whole see
    /// [`connect_within`](Self::connect_within). Passwords and tokens may come from
    /// [sources](Config::set_password_source) that are asked while connecting.
    ///
    /// Dropping the future closes whatever was opened.
    ///
    /// ```
    /// use dblink_engine::connection::Connection;
    /// use dblink_engine::conninfo::{Conninfo, ProcessEnvironment};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = dblink_tests::Cluster::shared();
    /// let config = Conninfo::parse("host=db1,db2 user=postgres dbname=postgres target_session_attrs=read-write")?
    /// #   .host(server.socket_dir()).port(server.port())
    ///     .resolve(&ProcessEnvironment)?;
    /// let mut connection = Connection::connect(&config).await?;
    /// let row = connection.query_one("select current_user", &[]).await?;
    /// assert_eq!(row.get::<&str>(0)?, "postgres");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ConnectError`] with every address that was tried; its SQLSTATE is that of the last.
    pub async fn connect(config: &Config) -> Result<Self, ConnectError> {
        Self::dial(config, None).await
    }

    /// The same, but all of it takes at most `limit`: looking up names, TLS, asking for passwords and deriving keys included.
    /// What runs on a thread of its own for that (looking up names, reading files, deriving keys) is then left to its end
    /// there, and its result to nobody.
    ///
    /// Dropping the future closes whatever was opened.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect).
    pub async fn connect_within(config: &Config, limit: Duration) -> Result<Self, ConnectError> {
        Self::dial(config, Some(limit)).await
    }

    async fn dial(config: &Config, limit: Option<Duration>) -> Result<Self, ConnectError> {
        let span = debug_span!(
            target: "dblink", "connect",
            user = config.user, dbname = config.dbname, server = Empty, sqlstate = Empty, error = Empty
        );
        let result = dial(config, limit).instrument(span.clone()).await;
        match &result {
            Ok(connection) => {
                span.record("server", connection.target.as_ref().map(display));
            }
            Err(error) => {
                span.record("sqlstate", display(error.sqlstate()));
                span.record("error", display(error));
            }
        }
        result
    }
}
