//! Values in text: several statements by the simple protocol, or one with parameters.

use std::future::poll_fn;
use std::sync::Arc;

use dblink_protocol::backend::Diagnostic;
use dblink_protocol::conversation::{CompletedCommand, Reply, RowBatch};
use postgres_types::ToSql;

use super::flight::Asked;
use super::{Columns, Connection, Error, Row};

impl Connection {
    /// Runs one or several statements, separated by semicolons, without parameters. All values are text.
    ///
    /// Several statements are one transaction, unless they begin and end others.
    ///
    /// PostgreSQL manual: [Simple Query](https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SIMPLE-QUERY).
    ///
    /// Cancel-safe: see [`Connection`].
    ///
    /// # Errors
    ///
    /// [`Error::Closed`]; [`Error::Command`] (SQLSTATE `22023`) if the text has a zero byte. That the server refuses a
    /// statement is told by the results.
    pub async fn simple_query(&mut self, statements: &str) -> Result<SimpleResults<'_>, Error> {
        self.begin().await?;
        self.trace_query(statements);
        self.channel.conversation.query(statements)?;
        // Whoever drops the results has run the statements all the same.
        poll_fn(|cx| self.poll_sent(cx, 0)).await?;
        Ok(SimpleResults::new(self))
    }

    /// Runs one statement with `$1`, `$2`, … set to `parameters`, which are sent as [`query`](Self::query) sends them. All values
    /// that it gives are text.
    ///
    /// ```
    /// # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
    /// # let mut connection = Connection::connect(&server).await?;
    /// let mut results = connection.query_text("select $1::date + $2::int, null", &[&"2026-02-28", &"1"]).await?;
    /// while let Some(result) = results.next().await? {
    ///     for row in result.rows() {
    ///         let values: Vec<_> = row.values().collect();
    ///         assert_eq!(values, [Some(&b"2026-03-01"[..]), None]);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// PostgreSQL manual: [Extended Query](https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY).
    ///
    /// Cancel-safe: see [`Connection`].
    ///
    /// # Errors
    ///
    /// [`Error::Closed`]; [`Error::Parameter`] and [`Error::Command`] (SQLSTATE `22023`), the latter if the text has a zero byte.
    /// Only where the server is asked for the parameters' types first, [`Error::Server`] with its SQLSTATE; else that it refuses
    /// the statement is told by the results.
    pub async fn query_text(
        &mut self,
        statement: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<SimpleResults<'_>, Error> {
        self.begin().await?;
        self.trace_query(statement);
        let parameters = self.encode(statement, parameters).await?;
        self.fly(|conversation| Asked::InText(statement).give(conversation, &parameters))?;
        self.keep_room(parameters);
        // Whoever drops the results has run the statement all the same.
        poll_fn(|cx| self.poll_sent(cx, 0)).await?;
        Ok(SimpleResults::new(self))
    }

    /// Runs one or several statements, as [`simple_query`](Self::simple_query) does, to their end, and throws away what they
    /// give: for scripts.
    ///
    /// Cancel-safe: see [`Connection`].
    ///
    /// # Errors
    ///
    /// [`Error::Server`] with the server's SQLSTATE if a statement fails: those behind it are not run. [`Error::Command`]
    /// (`22023`) if the text has a zero byte; [`Error::UnexpectedCopy`] (`0A000`); [`Error::Deadline`] (`57014`);
    /// [`Error::Closed`].
    pub async fn batch_execute(&mut self, statements: &str) -> Result<(), Error> {
        let mut results = self.simple_query(statements).await?;
        while results.next().await?.is_some() {}
        Ok(())
    }
}

/// The results of [`Connection::simple_query`], one for each statement, or that of [`Connection::query_text`]. What is not read goes by before the next command.
#[derive(Debug)]
#[must_use = "that a statement fails is told by the results"]
pub struct SimpleResults<'c> {
    connection: &'c mut Connection,
    /// The columns of the result that is being received.
    columns: Option<Arc<Columns>>,
    /// Why a statement failed: told at the end, and whenever it is asked for again.
    failed: Option<Diagnostic>,
    /// One was a COPY.
    copy: bool,
    over: bool,
}

/// Some rows of a statement, in the buffer that they were received into.
#[derive(Debug, Clone)]
pub struct SimpleRows {
    batch: RowBatch,
    columns: Arc<Columns>,
}

/// What one statement gave.
#[derive(Debug)]
#[non_exhaustive]
pub enum SimpleResult {
    /// Some rows of the statement.
    Rows(SimpleRows),
    /// The columns of the rows that follow.
    Columns(Arc<Columns>),
    /// The statement is done.
    Completed(CompletedCommand),
    /// The statement was empty.
    Empty,
}

impl<'c> SimpleResults<'c> {
    /// What was sent gives these.
    const fn new(connection: &'c mut Connection) -> Self {
        Self {
            connection,
            columns: None,
            failed: None,
            copy: false,
            over: false,
        }
    }

    /// What comes next; none at the end of the last statement.
    ///
    /// Cancel-safe: nothing is lost.
    ///
    /// # Errors
    ///
    /// [`Error::Server`] with the server's SQLSTATE if a statement fails: those before it are rolled back, unless the text
    /// itself has committed them, and those behind it are not run. [`Error::UnexpectedCopy`] (`0A000`) for a COPY;
    /// [`Error::Deadline`] (`57014`); [`Error::Closed`].
    pub async fn next(&mut self) -> Result<Option<SimpleResult>, Error> {
        while !self.over {
            match self.connection.reply_unless_failed(&mut self.failed).await? {
                Reply::RowDescription(columns) => {
                    let columns = Arc::new(Columns::new(columns, &self.connection.types));
                    self.columns = Some(Arc::clone(&columns));
                    return Ok(Some(SimpleResult::Columns(columns)));
                }
                Reply::Rows(batch) => {
                    // Rows without columns are not received.
                    let Some(columns) = self.columns.clone() else {
                        continue;
                    };
                    return Ok(Some(SimpleResult::Rows(SimpleRows { batch, columns })));
                }
                Reply::CommandComplete(completed) => return Ok(Some(SimpleResult::Completed(completed))),
                Reply::EmptyQueryResponse => return Ok(Some(SimpleResult::Empty)),
                Reply::Error(error) => self.failed = Some(error),
                Reply::ReadyForQuery(_) => self.over = true,
                Reply::CopyInResponse(_) | Reply::CopyOutResponse(_) | Reply::CopyBothResponse(_) => {
                    self.copy = true;
                    self.over = true;
                    self.connection.let_go();
                }
                _ => {}
            }
        }
        match (&self.failed, self.connection.clock.lost()) {
            (Some(error), _) => Err(self.connection.refused(error.clone())),
            (None, _) if self.copy => Err(Error::UnexpectedCopy),
            (None, Some(limit)) => Err(Error::Deadline { limit }),
            (None, None) => Ok(None),
        }
    }
}

impl SimpleRows {
    /// How many there are: at least one.
    pub const fn len(&self) -> usize {
        self.batch.len()
    }

    /// Whether there are none, which is never so.
    pub const fn is_empty(&self) -> bool {
        self.batch.is_empty()
    }

    /// The rows in order.
    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        self.batch.iter().map(|row| Row::new(row, &self.columns))
    }
}

impl SimpleResult {
    /// The rows, if these are some.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        let rows = match self {
            Self::Rows(rows) => Some(rows),
            _ => None,
        };
        rows.into_iter().flat_map(SimpleRows::iter)
    }
}
