//! `dblink_get_connections`, and what else there is to be known of connections.

use std::time::Duration;

use dblink_protocol::backend::TransactionStatus;

use super::link::Link;
use super::name::truncate;
use super::{Error, Name, Session};

/// A connection of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConnectionInfo {
    /// Its name; none of the unnamed one.
    pub name: Option<String>,
    /// The address of its server.
    pub server: Option<String>,
    /// The database.
    pub dbname: String,
    /// The user there.
    pub user: String,
    /// The server process.
    pub process_id: Option<i32>,
    /// What it does.
    pub state: State,
    /// The transaction status as of the last command that is over.
    pub transaction_status: TransactionStatus,
    /// How long ago the transaction was first seen open; none outside one.
    pub transaction_age: Option<Duration>,
    /// How many cursors are open in the transaction that was begun for them; none outside such a one.
    pub cursors: Option<u32>,
    /// How long ago it was opened.
    pub age: Duration,
    /// How many rows it has given.
    pub rows: u64,
    /// How many bytes it has received.
    pub bytes: u64,
    /// The last error, in libpq's words; none since the last command that has not failed.
    pub last_error: Option<String>,
}

/// What a connection does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// It takes commands.
    Idle,
    /// Results of an asynchronous query are to be taken.
    Pending,
    /// It has ended.
    Closed,
}

impl Session {
    /// What the server of a connection has reported of one of its parameters, such as `server_version` or `TimeZone`; none if it
    /// reports no such one.
    ///
    /// ```
    /// # use dblink_engine::session::Session;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = dblink_tests::Cluster::shared().conninfo();
    /// let mut session = Session::new();
    /// session.connect("there", &server).await?;
    /// session.exec("there", "set timezone = 'Europe/Oslo'").await?;
    /// assert_eq!(session.parameter("there", "TimeZone")?.as_deref(), Some("Europe/Oslo"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// PostgreSQL manual: [Asynchronous Operations](https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-ASYNC).
    ///
    /// # Errors
    ///
    /// [`Error::NotAvailable`] (SQLSTATE `08003`).
    pub fn parameter<'a>(&self, name: impl Into<Name<'a>>, parameter: &str) -> Result<Option<String>, Error> {
        let name = name.into();
        let link = match name.key() {
            None => self.unnamed.as_ref(),
            Some(key) => self.named.get(key),
        };
        let link = link.ok_or_else(|| Error::NotAvailable {
            name: name.key().map(str::to_owned),
        })?;
        let value = link.connection.parameters().get(parameter);
        Ok(value.map(|value| value.to_string()))
    }

    /// `dblink_get_connections`: the names of the named connections, in alphabetical order.
    ///
    /// ```
    /// # use dblink_engine::session::Session;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = dblink_tests::Cluster::shared().conninfo();
    /// # let mut session = Session::new();
    /// session.connect("south", &server).await?;
    /// session.connect("north", &server).await?;
    /// assert_eq!(session.get_connections(), ["north", "south"]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// PostgreSQL manual: [dblink_get_connections](https://www.postgresql.org/docs/current/contrib-dblink-get-connections.html).
    pub fn get_connections(&self) -> Vec<String> {
        self.named.keys().cloned().collect()
    }

    /// All connections, and how they are: the unnamed one first, if there is one.
    ///
    /// ```
    /// # use dblink_engine::session::Session;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = dblink_tests::Cluster::shared().conninfo();
    /// # let mut session = Session::new();
    /// session.connect("sales", &server).await?;
    /// session.exec("sales", "begin").await?;
    /// for connection in session.connections() {
    ///     println!("{:?} {:?} since {:?}", connection.name, connection.transaction_status, connection.transaction_age);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn connections(&self) -> Vec<ConnectionInfo> {
        self.unnamed.iter().chain(self.named.values()).map(info).collect()
    }
}

pub(super) fn info(link: &Link) -> ConnectionInfo {
    let Link { connection, state } = link;
    let config = &state.found.config;
    let doing = if connection.is_closed() {
        State::Closed
    } else if link.is_pending() {
        State::Pending
    } else {
        State::Idle
    };
    ConnectionInfo {
        name: state.name.as_deref().map(|name| truncate(name).to_owned()),
        server: connection.server_address(),
        dbname: config.dbname.clone(),
        user: config.user.clone(),
        process_id: connection.process_id(),
        state: doing,
        transaction_status: connection.transaction_status(),
        transaction_age: state.transaction_age(),
        cursors: state.cursors,
        age: state.opened.elapsed(),
        rows: state.rows,
        bytes: connection.received(),
        last_error: Some(state.message.clone()).filter(|message| !message.is_empty()),
    }
}
