//! The temporary tables that hold the rows of calls.

use std::sync::atomic::{AtomicU64, Ordering};

use dblink_protocol::backend::TransactionStatus;

use super::calls::Stands;
use super::edits::definition;
use super::functions::Gives;
use super::refusals::mapped;
use super::rows::described;
use super::statement::Run;
use super::text::Spliced;
use crate::failure::Report;
use crate::shell::answer::Failed;

/// The number of the next temporary table: those that a cursor reads stay for a while.
static TABLES: AtomicU64 = AtomicU64::new(1);

impl Run<'_> {
    /// Makes the tables of those calls whose columns are known.
    pub(super) async fn make_tables(&mut self) -> Result<(), Failed> {
        for (number, call) in self.calls.calls.iter().enumerate() {
            let (ordinality, name) = match &call.stands {
                Stands::Value => continue,
                Stands::Rows { .. } => (false, call.function.name),
                Stands::From(from) if from.rows_from => continue,
                Stands::From(from) => (from.ordinality, from.name.as_str()),
            };
            let mut columns = Spliced::default();
            match (&call.function.gives, definition(call)) {
                (Gives::Records, None) => continue,
                (_, Some(list)) => columns.keep(self.sql, list.inside.clone()),
                (Gives::Value(type_), None) => {
                    columns.put(&described(&[(name, type_)]), call.place.start);
                }
                (Gives::Rows(fixed), None) => columns.put(&described(fixed), call.place.start),
            }
            if !self.read_only {
                self.make_table(number, columns, ordinality).await?;
            }
        }
        Ok(())
    }

    /// Makes the temporary table of a call.
    pub(super) async fn make_table(
        &mut self,
        number: usize,
        columns: Spliced,
        ordinality: bool,
    ) -> Result<(), Failed> {
        let sql = self.sql;
        let place = self.calls.calls.get(number).map_or(0, |call| call.place.start);
        let local = self.local()?;
        let in_transaction = local.transaction_status() == TransactionStatus::InTransaction;
        let table = format!("dblink_call_{}", TABLES.fetch_add(1, Ordering::Relaxed));
        let mut create = Spliced::default();
        create.put(&format!("CREATE TEMPORARY TABLE {table} ("), place);
        create.append(columns);
        create.put(if ordinality { ", ordinality bigint)" } else { ")" }, place);
        // What is left behind by a transaction that fails goes with it.
        create.put(if in_transaction { " ON COMMIT DROP" } else { "" }, place);
        local.batch_execute(create.text()).await.map_err(|error| {
            let twice = error
                .server()
                .and_then(|server| server.message())
                .is_some_and(|message| message.to_string().ends_with("specified more than once"));
            match mapped(&error, &create, sql) {
                // In a definition list this is said in other words than in a table.
                Failed::Error(report) if twice => Failed::Error(Report {
                    message: report.message.replacen("column ", "column name ", 1),
                    ..report
                }),
                failed => failed,
            }
        })?;
        if let Some(made) = self.tables.get_mut(number) {
            *made = Some(format!("pg_temp.{table}"));
        }
        Ok(())
    }

    /// Drops the tables, unless the statement's rows are still to be read. What cannot be dropped goes with the transaction.
    pub(super) async fn drop_tables(&mut self) {
        let tables: Vec<_> = self.tables.iter().flatten().cloned().collect();
        let read_later = self.calls.read_later;
        let Some(local) = self.session.local() else { return };
        let status = local.transaction_status();
        if tables.is_empty()
            || status == TransactionStatus::Failed
            || (read_later && status == TransactionStatus::InTransaction)
        {
            return;
        }
        let _ = local
            .batch_execute(&format!("DROP TABLE IF EXISTS {}", tables.join(", ")))
            .await;
    }
}
