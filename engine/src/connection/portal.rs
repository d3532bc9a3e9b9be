//! Portals: results that are read a number of rows at a time.

use std::sync::Arc;

use dblink_protocol::conversation::{Reply, ResultColumns};
use dblink_protocol::frontend::Target;
use postgres_types::ToSql;

use super::flight::Asked;
use super::{Columns, Error, Rows, Transaction};

/// A statement with its parameters, ready to be run a number of rows at a time, side by side with others.
///
/// It lives as long as its transaction, or until it is [closed](Transaction::close_portal).
#[derive(Debug)]
pub struct Portal {
    name: String,
    columns: Option<Arc<Columns>>,
}

impl Portal {
    /// The columns; none if the statement gives no rows.
    pub const fn columns(&self) -> Option<&Arc<Columns>> {
        self.columns.as_ref()
    }
}

impl Transaction<'_> {
    /// Makes a portal of a statement and its parameters, which are sent as by [`query`](super::Connection::query). Nothing is
    /// run before rows are [fetched](Self::fetch).
    ///
    /// ```
    /// # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
    /// # let mut connection = Connection::connect(&server).await?;
    /// let mut transaction = connection.transaction().await?;
    /// let portal = transaction.bind("select * from generate_series(1, $1)", &[&250]).await?;
    /// # let mut fetches = 0;
    /// loop {
    ///     let mut rows = transaction.fetch(&portal, 100).await?;
    ///     while let Some(row) = rows.next().await? {
    ///         println!("{}", row.get::<i32>(0)?);
    ///     }
    /// #   fetches += 1;
    ///     if !rows.is_suspended() {
    ///         break;
    ///     }
    /// }
    /// transaction.commit().await?;
    /// # assert_eq!(fetches, 3);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Cancel-safe: see [`Connection`](super::Connection).
    ///
    /// PostgreSQL manual: [Extended Query](https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY).
    ///
    /// # Errors
    ///
    /// [`Error::Server`] with the server's SQLSTATE; [`Error::Parameter`] (`22023`); [`Error::Command`] (`22023`) if the text
    /// has a zero byte; [`Error::Deadline`] (`57014`); [`Error::Closed`].
    pub async fn bind(
        &mut self,
        statement: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Portal, Error> {
        self.begin().await?;
        self.trace_query(statement);
        let encoded = self.encode(statement, parameters).await?;
        self.portals += 1;
        let name = format!("dblink_portal_{}", self.portals);
        self.fly(|conversation| {
            Asked::Text(statement).bind(conversation, &name, &encoded)?;
            conversation.describe(Target::Portal(name.as_str().into()))?;
            Ok(())
        })?;
        let mut described = None;
        loop {
            match self.reply().await? {
                Reply::RowDescription(columns) => described = Some(columns),
                Reply::Error(error) => return Err(self.fail(error).await),
                Reply::ReadyForQuery(_) => break,
                _ => {}
            }
        }
        let columns = described.iter().flat_map(|columns| columns.iter());
        if self.types.want(columns.map(|column| column.type_oid)) {
            self.look_up_types().await?;
        }
        let columns = described.map(|described| Arc::new(Columns::new(described, &self.types)));
        Ok(Portal { name, columns })
    }

    /// Runs a portal until it has given `max_rows` rows, or all that are left if that is 0.
    ///
    /// When [`is_suspended`](Rows::is_suspended) says so at the end of the rows, fetching again gives more.
    ///
    /// Cancel-safe: see [`Connection`](super::Connection). What is not read of the rows is gone.
    ///
    /// # Errors
    ///
    /// [`Error::Server`]: `34000` for a portal that is not there any more; [`Error::Deadline`] (`57014`); [`Error::Closed`].
    pub async fn fetch(&mut self, portal: &Portal, max_rows: u32) -> Result<Rows<'_>, Error> {
        self.begin().await?;
        self.trace_query(&portal.name);
        // The protocol has no larger number. As many rows come in several fetches.
        let max_rows = i32::try_from(max_rows).unwrap_or(i32::MAX);
        let known = portal.columns.as_ref().map_or(ResultColumns::None, |columns| {
            ResultColumns::Known(Arc::clone(columns.described()))
        });
        self.fly(|conversation| {
            conversation
                .execute(portal.name.as_str(), max_rows, known)
                .map(drop)
        })?;
        Ok(Rows::new(self, portal.columns.clone()))
    }

    /// Closes a portal before its transaction does.
    ///
    /// Cancel-safe: see [`Connection`](super::Connection).
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] (SQLSTATE `08006`, or the server's own); [`Error::Deadline`] (`57014`).
    pub async fn close_portal(&mut self, portal: Portal) -> Result<(), Error> {
        self.begin().await?;
        self.fly(|conversation| {
            conversation
                .close(Target::Portal(portal.name.as_str().into()))
                .map(drop)
        })?;
        self.until_ready().await
    }
}
