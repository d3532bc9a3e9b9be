//! Queries with parameters, in one round trip.

use std::sync::Arc;

use dblink_protocol::conversation::Reply;
use postgres_types::ToSql;

use super::flight::Asked;
use super::parameter::Encoded;
use super::{Columns, Connection, Error, Rows};

impl Connection {
    /// Runs a statement with `$1`, `$2`, … set to `parameters`, and gives its rows as they come.
    ///
    /// It takes one round trip, with the unnamed statement, and so works behind poolers that change the server between
    /// transactions. The parameters' types are those that their Rust types stand for; a string is sent as text, and its type
    /// is what the server makes of it. For a value of a type that is not built in, such as an enum, the server is asked for
    /// the parameters' types first, which takes another round trip.
    ///
    /// The types of the columns that are not built in are looked up when they are first met. For that, the first result with
    /// such a column is kept back until its end, or until 4 MiB of it have come: of a larger one, those columns can only be
    /// read [raw](super::Row::raw) until the next call.
    ///
    /// ```
    /// # use dblink_engine::{connection::Connection, conninfo::{Conninfo, ProcessEnvironment}};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = Conninfo::parse(dblink_tests::Cluster::shared().conninfo())?.resolve(&ProcessEnvironment)?;
    /// # let mut connection = Connection::connect(&server).await?;
    /// let query = "select oid, typname from pg_type where typlen = $1 and typname like $2";
    /// let mut rows = connection.query(query, &[&4_i16, &"int%"]).await?;
    /// while let Some(row) = rows.next().await? {
    ///     println!("{}: {}", row.get::<u32>("oid")?, row.get::<&str>("typname")?);
    /// }
    /// assert_eq!(rows.rows_affected(), Some(1));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Cancel-safe: see [`Connection`].
    ///
    /// # Errors
    ///
    /// [`Error::Server`] with the server's SQLSTATE; [`Error::Parameter`] (`22023`); [`Error::Command`] (`22023`) if the text
    /// has a zero byte; [`Error::Deadline`] (`57014`); [`Error::Closed`].
    pub async fn query(
        &mut self,
        statement: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Rows<'_>, Error> {
        self.begin().await?;
        self.trace_query(statement);
        self.look_up_types().await?;
        let parameters = self.encode(statement, parameters).await?;
        let mut rows = self.ask(statement, parameters).await?;
        rows.look_up_types().await?;
        Ok(rows)
    }

    /// Runs a statement as [`query`](Self::query) does, to its end; gives how many rows it concerned, where the server
    /// counts them.
    ///
    /// Cancel-safe: see [`Connection`].
    ///
    /// # Errors
    ///
    /// As [`query`](Self::query), and as [`Rows::next`].
    pub async fn execute(
        &mut self,
        statement: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<u64, Error> {
        self.begin().await?;
        self.trace_query(statement);
        let parameters = self.encode(statement, parameters).await?;
        self.ask(statement, parameters).await?.finish().await
    }

    /// Runs a statement when nothing else is under way.
    pub(super) async fn ask(&mut self, statement: &str, parameters: Encoded) -> Result<Rows<'_>, Error> {
        self.fly(|conversation| Asked::Text(statement).give(conversation, &parameters))?;
        self.keep_room(parameters);
        let columns = self.described().await?;
        Ok(Rows::new(self, columns))
    }

    /// Waits for the columns that a statement gives, if it gives rows.
    pub(super) async fn described(&mut self) -> Result<Option<Arc<Columns>>, Error> {
        loop {
            match self.reply().await? {
                Reply::RowDescription(columns) => {
                    return Ok(Some(Arc::new(Columns::new(columns, &self.types))));
                }
                Reply::NoData => return Ok(None),
                Reply::Error(error) => return Err(self.fail(error).await),
                // ParseComplete and BindComplete: no other reply comes before these.
                _ => {}
            }
        }
    }
}
