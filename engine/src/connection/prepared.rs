//! Running prepared statements.

use std::sync::Arc;

use dblink_protocol::SqlState;
use dblink_protocol::backend::TransactionStatus;
use dblink_protocol::conversation::Reply;
use postgres_types::ToSql;

use super::flight::{Asked, close_all};
use super::parameter::Encoded;
use super::{Connection, Error, Rows, Statement};

impl Connection {
    /// Runs a prepared statement with `$1`, `$2`, … set to `parameters`, and gives its rows as they come; in one round trip.
    ///
    /// The parameters are converted to the types that the statement has; a string is sent as text for any type.
    ///
    /// If the server has lost the statement, or what it refers to has changed, it is prepared again and run once more,
    /// outside a transaction block; in one, the transaction has failed by then, and its next use prepares it again.
    ///
    /// Cancel-safe: see [`Connection`].
    ///
    /// # Errors
    ///
    /// [`Error::Server`] with the server's SQLSTATE; [`Error::ParameterCount`] (`08P01`), [`Error::Parameter`] (`22023`);
    /// [`Error::Deadline`] (`57014`); [`Error::Closed`].
    pub async fn query_prepared(
        &mut self,
        statement: &Statement,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Rows<'_>, Error> {
        self.begin().await?;
        self.trace_query(statement.query());
        self.named(statement, parameters).await
    }

    /// Runs a prepared statement as [`query_prepared`](Self::query_prepared) does, to its end; gives how many rows it
    /// concerned, where the server counts them.
    ///
    /// Cancel-safe: see [`Connection`].
    ///
    /// # Errors
    ///
    /// As [`query_prepared`](Self::query_prepared), and as [`Rows::next`].
    pub async fn execute_prepared(
        &mut self,
        statement: &Statement,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<u64, Error> {
        self.begin().await?;
        self.trace_query(statement.query());
        self.named(statement, parameters).await?.finish().await
    }

    async fn named(
        &mut self,
        statement: &Statement,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Rows<'_>, Error> {
        let prepared = statement.prepared();
        let encoded = std::mem::take(&mut self.room).typed(parameters, prepared.parameters())?;
        if statement.is_lost() {
            return self.anew(statement, &encoded).await;
        }
        self.fly(|conversation| prepared.asked().give(conversation, &encoded))?;
        // BindComplete, or why not: it was not run.
        if let Reply::Error(error) = self.reply().await? {
            let heals = matches!(
                error.sqlstate(),
                Some(SqlState::INVALID_SQL_STATEMENT_NAME | SqlState::FEATURE_NOT_SUPPORTED)
            );
            if heals {
                statement.set_lost();
            }
            let error = self.fail(error).await;
            if !heals || self.transaction_status() != TransactionStatus::Idle {
                return Err(error);
            }
            return self.anew(statement, &encoded).await;
        }
        self.keep_room(encoded);
        Ok(Rows::new(self, prepared.columns().map(Arc::clone)))
    }

    /// Prepares a statement once more and runs it, all in one flight: behind a pooler, what was prepared in another would be
    /// another server's.
    async fn anew(&mut self, statement: &Statement, parameters: &Encoded) -> Result<Rows<'_>, Error> {
        let query = statement.query();
        let mut prepared = self.statements.anew(statement);
        let unneeded = self.statements.unneeded();
        self.fly(|conversation| {
            close_all(conversation, &unneeded)?;
            let name = prepared.name();
            Asked::Anew { name, query }.give(conversation, parameters)
        })?;
        let columns = self.described().await?;
        let mut rows = Rows::new(self, columns);
        rows.look_up_types().await?;
        prepared.set_columns(rows.columns().cloned());
        statement.replace(prepared);
        Ok(rows)
    }
}
