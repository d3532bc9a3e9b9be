//! Transactions, and savepoints inside them.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::task::{Context, Waker};
use std::time::Duration;

use dblink_protocol::backend::TransactionStatus;
use dblink_protocol::conversation::Reply;

use super::{Connection, Error};

/// How deep a transaction is nested: the first is a transaction block, those inside it are savepoints.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Level(u32);

impl Level {
    const fn deeper(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// A name that no user is likely to use: a savepoint may hide another of its name.
    fn savepoint(self) -> String {
        format!("dblink_savepoint_{}", self.0)
    }

    fn commit(self) -> String {
        match self.0 {
            1 => "COMMIT".to_owned(),
            _ => format!("RELEASE SAVEPOINT {}", self.savepoint()),
        }
    }

    /// What the server says when it has done that.
    const fn committed(self) -> &'static str {
        match self.0 {
            1 => "COMMIT",
            _ => "RELEASE",
        }
    }

    /// The savepoint goes, too: what is outside must find everything as it was before.
    pub(super) fn rollback(self) -> String {
        match self.0 {
            1 => "ROLLBACK".to_owned(),
            _ => {
                let name = self.savepoint();
                format!("ROLLBACK TO SAVEPOINT {name}; RELEASE SAVEPOINT {name}")
            }
        }
    }
}

/// How well a transaction is kept apart from others.
///
/// PostgreSQL manual: [Transaction Isolation](https://www.postgresql.org/docs/current/transaction-iso.html).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum IsolationLevel {
    /// As read committed, in PostgreSQL.
    ReadUncommitted,
    /// Each statement sees what was committed before it.
    ReadCommitted,
    /// All statements see what was committed before the first.
    RepeatableRead,
    /// As if transactions ran one after the other.
    Serializable,
}

impl fmt::Display for IsolationLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ReadUncommitted => "READ UNCOMMITTED",
            Self::ReadCommitted => "READ COMMITTED",
            Self::RepeatableRead => "REPEATABLE READ",
            Self::Serializable => "SERIALIZABLE",
        })
    }
}

impl Connection {
    /// Has the transaction that is open rolled back before the next command.
    pub(crate) const fn roll_back_first(&mut self) {
        self.unfinished = Some(Level(1));
    }

    /// Begins a transaction; inside one, a savepoint. It is rolled back unless it is [committed](Transaction::commit).
    ///
    /// The guard gives all methods of the connection.
    ///
    /// ```
    /// # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
    /// # let mut connection = Connection::connect(&server).await?;
    /// # connection.execute("create temp table account as select id, 100 as balance from generate_series(1, 2) as id", &[]).await?;
    /// let mut transaction = connection.transaction().await?;
    /// transaction.execute("update account set balance = balance - $1 where id = 1", &[&10]).await?;
    /// transaction.execute("update account set balance = balance + $1 where id = 2", &[&10]).await?;
    /// transaction.commit().await?;
    /// # let row = connection.query_one("select min(balance), max(balance) from account", &[]).await?;
    /// # assert_eq!((row.get::<i32>(0)?, row.get::<i32>(1)?), (90, 110));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Cancel-safe: if it is dropped, there is no transaction.
    ///
    /// PostgreSQL manual: [BEGIN](https://www.postgresql.org/docs/current/sql-begin.html),
    /// [SAVEPOINT](https://www.postgresql.org/docs/current/sql-savepoint.html).
    ///
    /// # Errors
    ///
    /// [`Error::Server`]: `25P02` for a savepoint in a transaction that has failed; [`Error::Deadline`] (`57014`),
    /// [`Error::Closed`].
    pub async fn transaction(&mut self) -> Result<Transaction<'_>, Error> {
        self.build_transaction().start().await
    }

    /// Describes a transaction with an isolation level, read-only, or deferrable. [`start`](TransactionBuilder::start) begins
    /// it.
    ///
    /// PostgreSQL manual: [SET TRANSACTION](https://www.postgresql.org/docs/current/sql-set-transaction.html).
    pub const fn build_transaction(&mut self) -> TransactionBuilder<'_> {
        TransactionBuilder {
            limit: self.clock.next.take(),
            connection: self,
            isolation_level: None,
            outermost_level: None,
            read_only: None,
            deferrable: None,
        }
    }

    /// Runs a command that gives no rows; its tag.
    async fn command(&mut self, command: &str) -> Result<String, Error> {
        self.trace_query(command);
        self.channel.conversation.query(command)?;
        let mut tag = String::new();
        loop {
            match self.reply().await? {
                Reply::CommandComplete(completed) => tag = completed.as_wire_str().to_string(),
                Reply::Error(diagnostic) => return Err(self.fail(diagnostic).await),
                Reply::ReadyForQuery(_) => return Ok(tag),
                _ => {}
            }
        }
    }
}

/// A transaction about to begin.
#[derive(Debug)]
#[must_use = "it does nothing before it is started"]
pub struct TransactionBuilder<'c> {
    connection: &'c mut Connection,
    /// Of the call that starts it.
    limit: Option<Duration>,
    isolation_level: Option<IsolationLevel>,
    /// The same, of no meaning to a savepoint.
    outermost_level: Option<IsolationLevel>,
    read_only: Option<bool>,
    deferrable: Option<bool>,
}

impl<'c> TransactionBuilder<'c> {
    /// How well it is kept apart from others. Without this, `default_transaction_isolation` says it.
    pub const fn isolation_level(mut self, level: IsolationLevel) -> Self {
        self.isolation_level = Some(level);
        self
    }

    /// How well it is kept apart from others where it is no savepoint, whose transaction has its level already.
    pub(crate) const fn isolation_level_if_outermost(mut self, level: IsolationLevel) -> Self {
        self.outermost_level = Some(level);
        self
    }

    /// Whether it may only read. Without this, `default_transaction_read_only` says it.
    pub const fn read_only(mut self, read_only: bool) -> Self {
        self.read_only = Some(read_only);
        self
    }

    /// Whether a serializable, read-only transaction waits for a snapshot with which it can never fail.
    pub const fn deferrable(mut self, deferrable: bool) -> Self {
        self.deferrable = Some(deferrable);
        self
    }

    /// Begins it.
    ///
    /// Cancel-safe: if it is dropped, there is no transaction.
    ///
    /// # Errors
    ///
    /// As [`Connection::transaction`]; [`Error::Nested`] (SQLSTATE `25001`) for options inside a transaction, where they
    /// cannot be chosen any more.
    pub async fn start(self) -> Result<Transaction<'c>, Error> {
        let connection = self.connection;
        connection.clock.next = self.limit;
        connection.begin().await?;
        // The guards that are alive do not say it: their transaction may have been ended by hand.
        let nested = connection.transaction_status() != TransactionStatus::Idle;
        let level = match connection.level {
            _ if !nested => Level(1),
            // The user's own BEGIN is not ours to end.
            Level(0) => Level(2),
            level => level.deeper(),
        };
        let command = if nested {
            if self.isolation_level.is_some() || self.read_only.is_some() || self.deferrable.is_some() {
                return Err(Error::Nested);
            }
            format!("SAVEPOINT {}", level.savepoint())
        } else {
            let mut begin = "BEGIN".to_owned();
            if let Some(isolation_level) = self.isolation_level.or(self.outermost_level) {
                begin.push_str(&format!(" ISOLATION LEVEL {isolation_level}"));
            }
            if let Some(read_only) = self.read_only {
                begin.push_str(if read_only { " READ ONLY" } else { " READ WRITE" });
            }
            if let Some(deferrable) = self.deferrable {
                begin.push_str(if deferrable {
                    " DEFERRABLE"
                } else {
                    " NOT DEFERRABLE"
                });
            }
            begin
        };
        // Before the wait: if that is dropped, the guard is, too, and takes back what the server has begun by then.
        let before = std::mem::replace(&mut connection.level, level);
        let transaction = Transaction {
            connection,
            level,
            before,
            over: false,
        };
        transaction.connection.command(&command).await?;
        Ok(transaction)
    }
}

/// A transaction, or a savepoint inside one. Dropping it rolls back.
///
/// It gives all methods of [`Connection`], another [`transaction`](Connection::transaction) inside it among them.
///
/// The rollback of a dropped guard is sent at once where the socket takes it, and otherwise before the next command.
#[derive(Debug)]
#[must_use = "dropping it rolls back"]
pub struct Transaction<'c> {
    connection: &'c mut Connection,
    level: Level,
    /// The level around it.
    before: Level,
    over: bool,
}

impl Transaction<'_> {
    /// Commits; for a savepoint, keeps what was done since as a part of the transaction around it.
    ///
    /// Dropping the future leaves open whether it is committed: the server may have the command by then.
    ///
    /// PostgreSQL manual: [COMMIT](https://www.postgresql.org/docs/current/sql-commit.html).
    ///
    /// # Errors
    ///
    /// [`Error::RolledBack`] (SQLSTATE `40000`) if a statement had failed, so that the server rolled back instead;
    /// [`Error::NoTransaction`] (`25P01`) if the transaction was ended by hand; [`Error::Server`], such as `23503` from a
    /// deferred constraint, and [`Error::Deadline`] (`57014`), after which nothing is committed; [`Error::Closed`], which leaves
    /// open what became of it.
    pub async fn commit(mut self) -> Result<(), Error> {
        if !self.is_its_own() {
            return Err(Error::NoTransaction);
        }
        self.connection.begin().await?;
        let failed = self.connection.transaction_status() == TransactionStatus::Failed;
        if failed && self.level > Level(1) {
            // RELEASE would be refused, and the failure stay: dropping the guard goes back to the savepoint.
            return Err(Error::RolledBack);
        }
        // The command is as good as given: from here on the server decides.
        self.end();
        if self.connection.transaction_status() == TransactionStatus::Idle {
            // The server would say COMMIT to that, though what was done may have been rolled back.
            return Err(Error::NoTransaction);
        }
        let tag = self.connection.command(&self.level.commit()).await?;
        if tag != self.level.committed() {
            return Err(Error::RolledBack);
        }
        Ok(())
    }

    /// Rolls back, and waits until that is done; for a savepoint, takes back what was done since.
    ///
    /// Cancel-safe: if it is dropped, the rollback happens all the same.
    ///
    /// # Errors
    ///
    /// [`Error::Server`], such as `3B001` if SQL of the caller's has ended the transaction that the savepoint stood in and begun
    /// another; [`Error::Deadline`] (`57014`), [`Error::Closed`].
    pub async fn rollback(mut self) -> Result<(), Error> {
        if !self.is_its_own() {
            return Ok(());
        }
        self.connection.begin().await?;
        self.end();
        let open = self.connection.transaction_status() != TransactionStatus::Idle;
        if open {
            self.connection.command(&self.level.rollback()).await?;
        }
        Ok(())
    }

    /// Whether it stands in another transaction.
    pub(crate) fn is_savepoint(&self) -> bool {
        self.level > Level(1)
    }

    /// Whether the connection is the one that the guard was made for, as far as can be told: it may have been swapped for one
    /// in which less was begun.
    fn is_its_own(&self) -> bool {
        self.connection.level >= self.level
    }

    /// The guard has nothing more to do.
    const fn end(&mut self) {
        self.over = true;
        self.connection.level = self.before;
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if self.over || !self.is_its_own() {
            return;
        }
        self.end();
        let connection = &mut *self.connection;
        // The outermost takes the others with it.
        let level = connection
            .unfinished
            .map_or(self.level, |other| other.min(self.level));
        connection.unfinished = Some(level);
        // Its locks should not wait for the next command. What cannot be done now, that one does.
        if connection.channel.conversation.is_idle() && connection.cancelling.is_none() {
            drop(connection.roll_back());
            connection.channel.write(&mut Context::from_waker(Waker::noop()));
        }
    }
}

impl Deref for Transaction<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

impl DerefMut for Transaction<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        self.connection
    }
}
