//! Connections: `\c`, `\conninfo`, `\conns`.

use std::time::Duration;

use dblink_engine::protocol::backend::TransactionStatus;
use dblink_engine::session::{ConnectionInfo, State};
use postgres_types::Type;

use super::outcome;
use crate::failure::Failure;
use crate::output::Column;
use crate::shell::answer::Table;
use crate::shell::run::{Outcome, Reading, Shell};

impl Shell {
    pub(super) async fn connect(&mut self, reading: &mut Reading) -> Result<Outcome, Failure> {
        let Some(to) = self.text(reading, true) else {
            return self.conninfo();
        };
        let well = self.connect_local(&to).await?;
        if well {
            let (database, user) = (self.local.database().unwrap_or_default(), self.local.user());
            self.console.tell(&format!(
                "You are now connected to database \"{database}\" as user \"{user}\"."
            ))?;
        }
        Ok(outcome(well))
    }

    pub(super) fn conninfo(&self) -> Result<Outcome, Failure> {
        self.console.write_line(&self.local.told())?;
        Ok(Outcome::Done)
    }

    pub(super) fn conns(&mut self) -> Result<Outcome, Failure> {
        let text = |name: &str| Column {
            name: name.to_owned(),
            type_oid: Type::TEXT.oid(),
        };
        let number = |name: &str| Column {
            name: name.to_owned(),
            type_oid: Type::INT8.oid(),
        };
        let columns = vec![
            text("Name"),
            text("Server"),
            text("Database"),
            text("User"),
            number("PID"),
            text("State"),
            text("Transaction"),
            text("Age"),
            number("Rows"),
            text("Last error"),
        ];
        let rows = self.interpreter.connections().into_iter().map(row).collect();
        self.console
            .print_table(&Table { columns, rows }, Some("List of dblink connections"))?;
        Ok(Outcome::Done)
    }
}

fn row(info: ConnectionInfo) -> Vec<Option<String>> {
    let state = match info.state {
        State::Idle => "idle",
        State::Pending => "pending",
        _ => "closed",
    };
    let transaction = match info.transaction_status {
        TransactionStatus::InTransaction => Some("open"),
        TransactionStatus::Failed => Some("failed"),
        _ => None,
    };
    let transaction = transaction.map(|status| match info.transaction_age {
        Some(age) => format!("{status} for {}", told(age)),
        None => status.to_owned(),
    });
    vec![
        Some(info.name.unwrap_or_else(|| "(unnamed)".to_owned())),
        info.server,
        Some(info.dbname),
        Some(info.user),
        info.process_id.map(|process| process.to_string()),
        Some(state.to_owned()),
        transaction,
        Some(told(info.age)),
        Some(info.rows.to_string()),
        info.last_error,
    ]
}

/// A time in whole seconds.
fn told(time: Duration) -> String {
    humantime::format_duration(Duration::from_secs(time.as_secs())).to_string()
}
