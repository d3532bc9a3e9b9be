//! The simple protocol: several statements, values in text.

use std::sync::Arc;

use dblink_protocol::conversation::{Columns, CompletedCommand, Reply, RowBatch};

use super::{Connection, Error, Row};

impl Connection {
    /// Runs one or several statements, separated by semicolons, without parameters. All values are text.
    ///
    /// Several statements are one transaction, unless they begin and end others.
    ///
    /// Cancel-safe: see [`Connection`].
    ///
    /// # Errors
    ///
    /// [`Error::Closed`]; [`Error::Command`] (SQLSTATE `22023`) if the text has a zero byte. That the server refuses a
    /// statement is told by the results.
    pub async fn simple_query(&mut self, statements: &str) -> Result<SimpleResults<'_>, Error> {
        self.settle().await?;
        self.channel.conversation.query(statements)?;
        Ok(SimpleResults {
            connection: self,
            over: false,
        })
    }
}

/// The results of [`Connection::simple_query`], one for each statement.
#[derive(Debug)]
pub struct SimpleResults<'c> {
    connection: &'c mut Connection,
    over: bool,
}

/// What one statement gave.
#[derive(Debug)]
#[non_exhaustive]
pub enum SimpleResult {
    /// Some rows of the statement.
    Rows(RowBatch),
    /// The columns of the rows that follow.
    Columns(Arc<Columns>),
    /// The statement is done.
    Completed(CompletedCommand),
    /// The statement was empty.
    Empty,
}

impl SimpleResults<'_> {
    /// What comes next; none at the end of the last statement.
    ///
    /// Cancel-safe: nothing is lost.
    ///
    /// # Errors
    ///
    /// [`Error::Server`] if a statement fails: those before it are rolled back, those behind it are not run.
    /// [`Error::Closed`].
    pub async fn next(&mut self) -> Result<Option<SimpleResult>, Error> {
        while !self.over {
            return Ok(Some(match self.connection.reply().await?.1 {
                Reply::RowDescription(columns) => SimpleResult::Columns(columns),
                Reply::Rows(rows) => SimpleResult::Rows(rows),
                Reply::CommandComplete(completed) => SimpleResult::Completed(completed),
                Reply::EmptyQueryResponse => SimpleResult::Empty,
                Reply::Error(error) => {
                    self.over = true;
                    return Err(self.connection.fail(error).await);
                }
                Reply::ReadyForQuery(_) => {
                    self.over = true;
                    continue;
                }
                Reply::CopyInResponse(_) | Reply::CopyOutResponse(_) | Reply::CopyBothResponse(_) => {
                    self.over = true;
                    return Err(Error::UnexpectedCopy);
                }
                _ => continue,
            }));
        }
        Ok(None)
    }
}

/// The rows of a batch, as the other queries lend them.
impl SimpleResult {
    /// The rows, if these are some.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        let batch = match self {
            Self::Rows(batch) => Some(batch),
            _ => None,
        };
        batch.into_iter().flatten().map(Row::new)
    }
}
