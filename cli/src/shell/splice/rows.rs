//! Where the rows of a call stand in a statement: a temporary table, or a constant.

use dblink_engine::connection::{Connection, Error};
use dblink_engine::sqlgen::{Quoted, quote_literal};

use super::grid::Grid;
use super::perform::{Gathered, GatheredColumn};
use crate::output::distinct;
use crate::shell::local::parameter;

/// The first number of a type that is not built in, and so not the same on every server.
const FIRST_OWN_TYPE: u32 = 10_000;

/// The names of a result's columns, each of them once: a result may have the same name twice, a table not.
pub(super) fn unique_names(columns: &[GatheredColumn]) -> Vec<String> {
    distinct(columns.iter().map(|column| column.name.as_str()))
}

/// The definitions of columns of these names and types.
pub(super) fn described<N: AsRef<str>, T: AsRef<str>>(columns: &[(N, T)]) -> String {
    let columns = columns
        .iter()
        .map(|(name, type_)| format!("{} {}", Quoted(name.as_ref()), type_.as_ref()));
    columns.collect::<Vec<_>>().join(", ")
}

/// The names that the local server has for the types of a result; `text` for those that it does not have.
pub(super) async fn local_types(
    local: &mut Connection,
    columns: &[GatheredColumn],
) -> Result<Vec<String>, Error> {
    const NAME: &str = "\
        SELECT CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_type WHERE oid = $1::pg_catalog.oid AND typtype = 'p') THEN 'text' \
            WHEN $1 < 10000 THEN pg_catalog.format_type($1::pg_catalog.oid, $2) \
            ELSE coalesce(pg_catalog.to_regtype($3)::pg_catalog.text, 'text') END";
    let mut types = Vec::new();
    for column in columns {
        let built_in = column.type_oid < FIRST_OWN_TYPE;
        let oid = if built_in {
            i64::from(column.type_oid)
        } else {
            i64::from(FIRST_OWN_TYPE)
        };
        let name = match column.type_schema.as_str() {
            "" => "text".to_owned(),
            _ => Quoted(&column.type_name).to_string(),
        };
        let row = local
            .query_one(NAME, &[&oid, &column.type_modifier, &name])
            .await?;
        let type_: String = row.get(0)?;
        // What has no type of its own, such as a NULL.
        types.push(if type_ == "unknown" {
            "text".to_owned()
        } else {
            type_
        });
    }
    Ok(types)
}

/// Copies rows into a table. `numbered`: with their number behind the other columns.
pub(super) async fn fill(
    local: &mut Connection,
    table: &str,
    gathered: &Gathered,
    numbered: bool,
) -> Result<(), Error> {
    // Without rows there is nothing that the local server could refuse.
    if gathered.rows.is_empty() {
        return Ok(());
    }
    let ours = Styles::of(|name| parameter(local, name));
    // A text may become a date here, and is read as there.
    let others = gathered
        .styles
        .as_ref()
        .filter(|theirs| ours.as_ref() != Some(theirs));
    let copy = format!("COPY {table} FROM STDIN");
    let statement = match others {
        Some(theirs) => format!("{}; {copy}", theirs.set()),
        None => copy,
    };
    let mut copy = local.copy_in(&statement).await?.text()?;
    for (number, row) in gathered.rows.iter().enumerate() {
        let own = numbered.then(|| (number + 1).to_string());
        let values = row.into_iter().chain(own.iter().map(|own| Some(own.as_str())));
        copy.send(values).await?;
    }
    copy.finish().await?;
    if let (Some(_), Some(ours)) = (others, ours) {
        local.batch_execute(&ours.set()).await?;
    }
    Ok(())
}

/// How a server writes dates and intervals, and how it takes them.
///
/// PostgreSQL manual: [DateStyle](https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-DATESTYLE),
/// [IntervalStyle](https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-INTERVALSTYLE).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Styles {
    dates: String,
    intervals: String,
}

impl Styles {
    /// Those that a server has reported; none if it has reported none.
    pub(super) fn of(parameter: impl Fn(&str) -> Option<String>) -> Option<Self> {
        Some(Self {
            dates: parameter("DateStyle")?,
            // A pooler may not tell it.
            intervals: parameter("IntervalStyle").unwrap_or_else(|| "postgres".to_owned()),
        })
    }

    /// Whether what is written in one is read right in the other.
    pub(super) fn fits(&self, other: &Self) -> bool {
        // ISO's dates mean the same whatever is said of their order.
        let iso = |styles: &Self| styles.dates.starts_with("ISO");
        self.intervals == other.intervals && (self.dates == other.dates || (iso(self) && iso(other)))
    }

    /// What sets them for the rest of the transaction.
    fn set(&self) -> String {
        format!(
            "SELECT pg_catalog.set_config('DateStyle', {}, true), pg_catalog.set_config('IntervalStyle', {}, true)",
            quoted(&self.dates),
            quoted(&self.intervals)
        )
    }
}

/// Rows as a constant in JSON, from which the server makes rows of any definition. `json` tells which values are JSON themselves.
///
/// PostgreSQL manual: [JSON Functions](https://www.postgresql.org/docs/current/functions-json.html).
pub(super) fn constant(names: &[String], json: &[bool], rows: &Grid) -> String {
    let text = |text: &str| serde_json::Value::from(text).to_string();
    let row = |row: Vec<Option<&str>>| {
        let mut fields = Vec::new();
        for ((name, value), json) in names
            .iter()
            .zip(row)
            .zip(json.iter().chain(std::iter::repeat(&false)))
        {
            let value = match value {
                None => "null".to_owned(),
                // As the server wrote it.
                Some(value) if *json => value.to_owned(),
                Some(value) => text(value),
            };
            fields.push(format!("{}:{value}", text(name)));
        }
        format!("{{{}}}", fields.join(","))
    };
    let rows = rows.iter().map(row).collect::<Vec<_>>().join(",");
    format!(
        "pg_catalog.json_to_recordset({}::pg_catalog.json)",
        quoted(&format!("[{rows}]"))
    )
}

/// A text as a literal. There is no zero byte in what a server sends.
pub(super) fn quoted(text: &str) -> String {
    quote_literal(text).unwrap_or_else(|_| "NULL".to_owned())
}
