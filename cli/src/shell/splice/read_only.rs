//! What may be written: the server says so only when it runs the statement.

use dblink_protocol::SqlState;
use dblink_protocol::backend::TransactionStatus;

use super::calls::{Writes, Written};
use super::refusals::failed;
use super::rows::quoted;
use super::statement::Run;
use crate::failure::Report;
use crate::shell::answer::Failed;

impl Run<'_> {
    /// Finds out whether tables can be made. Gives whether the transaction is read-only.
    pub(super) async fn look_at_transaction(&mut self) -> Result<bool, Failed> {
        let local = self.local()?;
        let on = |name| {
            local
                .parameters()
                .get(name)
                .is_some_and(|value| value.as_bytes() == b"on")
        };
        if local.transaction_status() == TransactionStatus::Idle
            // Others may not be allowed to make tables.
            && on("is_superuser")
            && !on("default_transaction_read_only")
            && !on("in_hot_standby")
            // Before version 14 these two are not told.
            && local.parameters().get("in_hot_standby").is_some()
        {
            return Ok(false);
        }
        let row = local
            .query_one(
                "SELECT pg_catalog.current_setting('transaction_read_only') = 'on', \
                pg_catalog.has_database_privilege(pg_catalog.current_database(), 'TEMPORARY')",
                &[],
            )
            .await;
        let found = row.and_then(|row| Ok((row.get(0)?, row.get(1)?)));
        let (read_only, temporary): (bool, bool) = found.map_err(|error| failed(&error))?;
        self.read_only = read_only || !temporary;
        Ok(read_only)
    }

    /// Refuses a statement that writes, as the server will.
    ///
    /// PostgreSQL manual: [`SET TRANSACTION`](https://www.postgresql.org/docs/current/sql-set-transaction.html).
    pub(super) async fn refuse_to_write(&mut self) -> Result<(), Failed> {
        let calls = self.calls;
        let Some(writes) = &calls.writes else {
            return Ok(());
        };
        if let Written::There(target) = &writes.target {
            let look = format!(
                "SELECT relpersistence = 't' FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass({})",
                quoted(target)
            );
            let rows = self.look_up(&look).await?;
            let temporary = rows.first().and_then(|row| row.first()?.as_deref());
            // The server knows what this is.
            if temporary != Some("f") {
                return Ok(());
            }
        }
        Err(Failed::Error(Report::own(
            SqlState::READ_ONLY_SQL_TRANSACTION,
            format_args!("cannot execute {} in a read-only transaction", writes.tag),
        )))
    }

    /// Refuses to make a table in a schema where the user may not, as the server will.
    ///
    /// PostgreSQL manual: [Privileges](https://www.postgresql.org/docs/current/ddl-priv.html).
    pub(super) async fn refuse_to_make(&mut self) -> Result<(), Failed> {
        let calls = self.calls;
        let Some(Writes {
            target: Written::Made(Some(schema)),
            ..
        }) = &calls.writes
        else {
            return Ok(());
        };
        let schema = match schema.as_str() {
            "" => "pg_catalog.current_schema()".to_owned(),
            schema => quoted(schema),
        };
        let look = format!(
            "SELECT nspname FROM pg_catalog.pg_namespace \
            WHERE nspname = {schema} AND NOT pg_catalog.has_schema_privilege(oid, 'CREATE')"
        );
        let rows = self.look_up(&look).await?;
        match rows.first().and_then(|row| row.first()?.as_deref()) {
            None => Ok(()),
            Some(schema) => Err(Failed::Error(Report::own(
                SqlState::INSUFFICIENT_PRIVILEGE,
                format_args!("permission denied for schema {schema}"),
            ))),
        }
    }
}
