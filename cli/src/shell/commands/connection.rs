//! Connections: `\c`, `\conninfo`, `\conns`.

use std::time::Duration;

use dblink_engine::conninfo::{Conninfo, Keyword};
use dblink_engine::protocol::backend::TransactionStatus;
use dblink_engine::session::{ConnectionInfo, State};
use postgres_types::Type;

use super::outcome;
use crate::failure::Failure;
use crate::output::Column;
use crate::shell::answer::Table;
use crate::shell::local::Local;
use crate::shell::run::{Outcome, Reading, Shell};
use crate::shell::variables::{SetError, parse_switch};

/// What stands before a switch that says whether a new connection is as the one before in what is not given.
const REUSE_PREVIOUS: &str = "-reuse-previous=";

impl Shell {
    pub(super) async fn connect(&mut self, reading: &mut Reading) -> Result<Outcome, Failure> {
        let mut reuse = None;
        let mut first = self.connect_word(reading);
        if let Some(value) = first
            .as_deref()
            .and_then(|word| word.strip_prefix(REUSE_PREVIOUS))
        {
            let Some(is_on) = parse_switch(value) else {
                let wrong = SetError::Boolean {
                    name: "-reuse-previous".to_owned(),
                    value: value.to_owned(),
                };
                self.console.voice.error(wrong);
                return Ok(Outcome::Failed);
            };
            reuse = Some(is_on);
            first = self.connect_word(reading);
        }
        let keywords = [Keyword::Dbname, Keyword::User, Keyword::Host, Keyword::Port];
        let mut words = vec![first];
        while words.len() < keywords.len() {
            words.push(self.connect_word(reading));
        }
        if reading.bad_word {
            return Ok(Outcome::Failed);
        }
        let given: Vec<_> = keywords
            .into_iter()
            .zip(words)
            .filter_map(|(keyword, word)| Some((keyword, word?)))
            .collect();
        let well = match given.as_slice() {
            [] if self.local.is_none() => return self.conninfo(),
            [(Keyword::Dbname, conn)] if is_conn(conn) => {
                self.reconnect_by_conn(conn, reuse.unwrap_or(false)).await?
            }
            [(Keyword::Dbname, conn), ..] if is_conn(conn) => {
                self.console
                    .voice
                    .error("Do not give user, host, or port separately when using a connection string");
                false
            }
            given => self.reconnect_by_words(given, reuse.unwrap_or(true)).await?,
        };
        Ok(outcome(well))
    }

    /// The next argument of `\c`; none for a dash, which says that it is as before.
    fn connect_word(&self, reading: &mut Reading) -> Option<String> {
        let word = self.word(reading, true)?;
        let is_given = word.quoted || !matches!(word.text.as_str(), "" | "-");
        is_given.then(|| without_double_quotes(&word.text))
    }

    pub(super) fn conninfo(&mut self) -> Result<Outcome, Failure> {
        let is_lost = self.is_lost();
        let told = self.local.as_ref().filter(|_| !is_lost).map(Local::told);
        let told = told.unwrap_or_else(|| "You are currently not connected to a database.".to_owned());
        self.console.write_line(&told)?;
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

/// Whether this is a CONN, and not a database.
fn is_conn(text: &str) -> bool {
    text.starts_with('@') || Conninfo::is_connection_string(text)
}

/// What stands in double quotes is as it is; two within them are one.
fn without_double_quotes(text: &str) -> String {
    let mut plain = String::new();
    let mut within = false;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        if c != '"' {
            plain.push(c);
        } else if within && characters.next_if_eq(&'"').is_some() {
            plain.push('"');
        } else {
            within = !within;
        }
    }
    plain
}
