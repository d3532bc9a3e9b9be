//! What is asked of one side: its time, its settings, its tables.

use std::time::Duration;

use postgres_types::{FromSql, ToSql};
use tokio::time::Instant;

use super::{Side, TableName, TransferError};
use crate::connection::{Columns, Connection, Error, IsolationLevel, Transaction};

/// What the catalog says of a table and its columns. A table without columns gives a row without a name.
///
/// PostgreSQL manual: [pg_class](https://www.postgresql.org/docs/current/catalog-pg-class.html),
/// [pg_attribute](https://www.postgresql.org/docs/current/catalog-pg-attribute.html).
const TABLE: &str = "\
    SELECT c.relkind OPERATOR(pg_catalog.=) 'r' AND NOT c.relhassubclass, \
        a.attname::pg_catalog.text, a.attgenerated OPERATOR(pg_catalog.<>) '' \
    FROM pg_catalog.pg_class c \
    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) c.oid \
        AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped \
    WHERE c.oid OPERATOR(pg_catalog.=) ($1::pg_catalog.text::pg_catalog.regclass)::pg_catalog.oid \
    ORDER BY a.attnum";

const READ_SETTINGS: &str = "\
    SELECT pg_catalog.array_agg(pg_catalog.current_setting(s.name) ORDER BY s.place) \
    FROM pg_catalog.unnest($1::pg_catalog.text[]) WITH ORDINALITY AS s (name, place)";

const CHANGE_SETTINGS: &str = "\
    SELECT pg_catalog.count(pg_catalog.set_config(s.name, s.value, true)) \
    FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.text[]), pg_catalog.unnest($2::pg_catalog.text[])) \
        AS s (name, value)";

/// The encoding that is none: bytes are not looked into.
///
/// PostgreSQL manual: [Character Set Support](https://www.postgresql.org/docs/current/multibyte.html).
pub(super) const BYTES: &str = "SQL_ASCII";

/// A setting and its value.
pub(super) type Setting<'v> = (&'static str, &'v str);

/// The time that all of it has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Time {
    limit: Option<(Duration, Instant)>,
}

/// One side, in a transaction.
#[derive(Debug)]
pub(super) struct End<'c> {
    time: Time,
    transaction: Transaction<'c>,
    /// What settings of the caller's transaction were before they were changed.
    changed: Vec<(&'static str, String)>,
}

/// A table and its columns.
#[derive(Debug)]
pub(super) struct Table {
    /// COPY alone can read it, and reads all of it.
    pub(super) is_plain: bool,
    /// Those that are not generated.
    pub(super) columns: Vec<String>,
    pub(super) generated: Vec<String>,
}

impl Time {
    pub(super) fn new(limit: Option<Duration>) -> Self {
        // A limit that no clock can reach is none.
        let until = |limit| Some((limit, Instant::now().checked_add(limit)?));
        Self {
            limit: limit.and_then(until),
        }
    }

    /// The connection, whose next call has what is left.
    ///
    /// # Errors
    ///
    /// When nothing is left.
    fn give<'c>(&self, connection: &'c mut Connection) -> Result<&'c mut Connection, Error> {
        let Some((limit, until)) = self.limit else {
            return Ok(connection);
        };
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Error::Deadline { limit });
        }
        Ok(connection.within(left))
    }

    /// What is told of an error of this side.
    pub(super) fn error(&self, side: Side, error: Error) -> TransferError {
        match (self.limit, error) {
            (Some((limit, _)), Error::Deadline { .. }) => TransferError::Deadline { limit },
            (_, error) => TransferError::Connection { side, error },
        }
    }
}

impl<'c> End<'c> {
    /// Begins a transaction, or a savepoint in the caller's, in which text is UTF-8. With `one_snapshot`, all statements see
    /// the same, but in a transaction of the caller's with another isolation level.
    pub(super) async fn begin(
        side: Side,
        connection: &'c mut Connection,
        time: Time,
        one_snapshot: bool,
    ) -> Result<Self, TransferError> {
        let failed = |error| time.error(side, error);
        let mut transaction = time.give(connection).map_err(failed)?.build_transaction();
        if one_snapshot {
            transaction = transaction.isolation_level_if_outermost(IsolationLevel::RepeatableRead);
        }
        let mut end = Self {
            time,
            transaction: transaction.start().await.map_err(failed)?,
            changed: Vec::new(),
        };
        if end.reported("client_encoding") != Some(b"UTF8") {
            end.set(&[("client_encoding", "UTF8")]).await.map_err(failed)?;
        }
        Ok(end)
    }

    /// The connection, whose next call has what is left of the time.
    ///
    /// # Errors
    ///
    /// When nothing is left.
    pub(super) fn connection(&mut self) -> Result<&mut Connection, Error> {
        self.time.give(&mut self.transaction)
    }

    /// What the server reports of a setting.
    pub(super) fn reported(&self, name: &str) -> Option<&[u8]> {
        let value = self.transaction.parameters().get(name);
        value.map(|value| value.as_bytes())
    }

    /// Whether the database stores bytes, and does not know which encoding they are in.
    pub(super) fn stores_bytes(&self) -> bool {
        self.reported("server_encoding") == Some(BYTES.as_bytes())
    }

    /// Changes settings until the end of the transaction.
    pub(super) async fn set(&mut self, settings: &[Setting<'_>]) -> Result<(), Error> {
        let (names, values): (Vec<_>, Vec<_>) = settings.iter().copied().unzip();
        if self.transaction.is_savepoint() {
            let before = self.settings(&names).await?;
            for (name, before) in names.iter().copied().zip(before) {
                if !self.changed.iter().any(|(changed, _)| *changed == name) {
                    self.changed.push((name, before));
                }
            }
        }
        let _: i64 = self.value(CHANGE_SETTINGS, &[&names, &values]).await?;
        Ok(())
    }

    /// The values of settings.
    pub(super) async fn settings(&mut self, names: &[&str]) -> Result<Vec<String>, Error> {
        self.value(READ_SETTINGS, &[&names]).await
    }

    /// Whether the transaction is the caller's, and this a part of it.
    pub(super) fn is_savepoint(&self) -> bool {
        self.transaction.is_savepoint()
    }

    /// Gives the settings back to the caller's transaction. The end of one's own does that by itself.
    pub(super) async fn give_back(&mut self) -> Result<(), Error> {
        if self.changed.is_empty() {
            return Ok(());
        }
        let (names, values): (Vec<_>, Vec<_>) = std::mem::take(&mut self.changed).into_iter().unzip();
        let _: i64 = self.value(CHANGE_SETTINGS, &[&names, &values]).await?;
        Ok(())
    }

    /// The only value of a query's only row.
    pub(super) async fn value<T: for<'a> FromSql<'a>>(
        &mut self,
        query: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<T, Error> {
        self.connection()?.query_one(query, parameters).await?.get(0)
    }

    /// The locale of its amounts of money.
    pub(super) async fn locale_of_money(&mut self) -> Result<String, Error> {
        self.value("SELECT pg_catalog.current_setting('lc_monetary')", &[])
            .await
    }

    /// The columns that a query gives; none if it gives no rows. In the transaction its tables stay as they are from then on.
    pub(super) async fn columns_of(&mut self, query: &str) -> Result<Option<Columns>, Error> {
        self.connection()?.columns_of(query).await
    }

    /// What the catalog says of a table.
    pub(super) async fn table(&mut self, name: &TableName) -> Result<Table, Error> {
        let rows = self.connection()?.query_all(TABLE, &[&name.to_string()]).await?;
        let mut table = Table {
            is_plain: true,
            columns: Vec::new(),
            generated: Vec::new(),
        };
        for row in &rows {
            table.is_plain = row.get(0)?;
            let Some(column) = row.get::<Option<String>>(1)? else {
                continue;
            };
            if row.get(2)? {
                table.generated.push(column);
            } else {
                table.columns.push(column);
            }
        }
        Ok(table)
    }

    /// Ends what is under way, of which nothing is needed any more.
    pub(super) async fn stop(&mut self) {
        self.transaction.stop().await;
    }

    /// Commits, or makes it a part of the caller's transaction.
    pub(super) async fn commit(mut self) -> Result<(), Error> {
        self.connection()?;
        self.transaction.commit().await
    }
}
