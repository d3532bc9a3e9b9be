//! What may be written: the server says so of a statement only when it runs it.

use dblink_protocol::SqlState;
use dblink_protocol::backend::TransactionStatus;

use super::arguments::table;
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
        if let Some(target) = &writes.target {
            let look = format!(
                "SELECT relpersistence = 't' FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass({})",
                quoted(target)
            );
            let (_, rows) = table(self.local()?, &look)
                .await
                .map_err(|error| failed(&error))?;
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
}
