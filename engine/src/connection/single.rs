//! Results of one row.

use std::sync::Arc;

use postgres_types::ToSql;

use super::{Columns, Connection, Error, OwnedRow, Row, RowSet, Rows};

impl Rows<'_> {
    /// The only row. The result is read to its end, so that the statement is done when this returns, or has failed.
    ///
    /// Cancel-safe: see [`Connection`].
    ///
    /// # Errors
    ///
    /// [`Error::NoRow`] (SQLSTATE `P0002`), [`Error::TooManyRows`] (`P0003`); as [`next`](Self::next).
    pub async fn one(self) -> Result<OwnedRow, Error> {
        self.optional().await?.ok_or(Error::NoRow)
    }

    /// The only row, if there is one. The result is read to its end, so that the statement is done when this returns, or has
    /// failed.
    ///
    /// Cancel-safe: see [`Connection`].
    ///
    /// # Errors
    ///
    /// [`Error::TooManyRows`] (SQLSTATE `P0003`); as [`next`](Self::next).
    pub async fn optional(mut self) -> Result<Option<OwnedRow>, Error> {
        let columns = self.columns().map(Arc::clone);
        let mut first = None;
        let mut rows = 0;
        while let Some(batch) = self.take_batch().await? {
            rows += batch.len() as u64;
            if let (None, Some(columns)) = (&first, &columns) {
                first = batch.iter().next().map(|row| copy(row, columns));
            }
        }
        if rows > 1 {
            return Err(Error::TooManyRows { rows });
        }
        Ok(first)
    }
}

fn copy(row: dblink_protocol::conversation::Row<'_>, columns: &Arc<Columns>) -> OwnedRow {
    OwnedRow::new(&Row::new(row, columns), columns)
}

impl Connection {
    /// Runs a statement as [`query`](Self::query) does, to its end; gives its only row.
    ///
    /// ```
    /// # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
    /// # let mut connection = Connection::connect(&server).await?;
    /// let row = connection.query_one("select count(*) from pg_class where relname = $1", &[&"pg_class"]).await?;
    /// assert_eq!(row.get::<i64>(0)?, 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Cancel-safe: see [`Connection`].
    ///
    /// # Errors
    ///
    /// [`Error::NoRow`] (SQLSTATE `P0002`), [`Error::TooManyRows`] (`P0003`), after which the statement is done all the same;
    /// as [`query`](Self::query) and [`Rows::next`].
    pub async fn query_one(
        &mut self,
        statement: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<OwnedRow, Error> {
        self.query(statement, parameters).await?.one().await
    }

    /// Runs a statement as [`query`](Self::query) does, to its end; gives its only row, if there is one.
    ///
    /// Cancel-safe: see [`Connection`].
    ///
    /// # Errors
    ///
    /// [`Error::TooManyRows`] (SQLSTATE `P0003`), after which the statement is done all the same; as [`query`](Self::query) and
    /// [`Rows::next`].
    pub async fn query_opt(
        &mut self,
        statement: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Option<OwnedRow>, Error> {
        self.query(statement, parameters).await?.optional().await
    }

    /// Runs a statement as [`query`](Self::query) does, to its end; gives all its rows.
    ///
    /// Cancel-safe: see [`Connection`].
    ///
    /// # Errors
    ///
    /// As [`query`](Self::query), and as [`Rows::next`].
    pub async fn query_all(
        &mut self,
        statement: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<RowSet, Error> {
        self.query(statement, parameters).await?.collect().await
    }
}
