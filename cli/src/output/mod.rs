//! Rows on their way out: how they look, and where they go.
//!
//! ```text
//! let mut writer = Writer::new(format, sink);
//! writer.begin(columns);                              // a result, with its header
//! while let Some(row) = writer.next(rows.next()).await?? {
//!     writer.row(row.values());                       // no wait in here
//!     writer.pass_on().await?;                        // nor in here, unless much has gathered
//! }
//! writer.end();
//! writer.finish().await?;                             // all is written, and a file is in its place
//! ```

mod csv;
mod jsonl;
mod sink;
mod table;
mod tsv;
mod writer;

use std::collections::HashSet;

use dblink_engine::connection::Columns;
use postgres_types::Type;

pub(crate) use sink::Sink;
pub(crate) use table::STYLE as TABLE_STYLE;
pub(crate) use writer::Writer;

/// How rows are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people, as wide as the terminal at most; null is NULL
    Table,
    /// The bytes of psql --csv; null is nothing, as is the empty string
    Csv,
    /// The bytes of COPY's text format, with a header: \t, \n, \r and \\ in values, \N for null
    Tsv,
    /// An object a line: numbers, booleans and JSON as such, all else as strings, NaN and Infinity, too; a second column a is
    /// a_2
    Jsonl,
}

/// A column of what is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) type_oid: u32,
}

impl Format {
    /// What is meant if nothing was said: a table for a terminal, else CSV.
    pub(crate) fn or_usual(format: Option<Self>, sink: &Sink) -> Self {
        match format {
            Some(format) => format,
            None if sink.is_terminal() => Self::Table,
            None => Self::Csv,
        }
    }
}

impl Column {
    /// The columns of a result.
    pub(crate) fn all(columns: &Columns) -> Vec<Self> {
        let columns = columns.iter().map(|column| Self {
            name: column.name().to_owned(),
            type_oid: column.type_().oid(),
        });
        columns.collect()
    }

    /// Whether its values are numbers, which stand to the right.
    pub(crate) fn is_number(&self) -> bool {
        matches!(
            Type::from_oid(self.type_oid),
            Some(
                Type::INT2
                    | Type::INT4
                    | Type::INT8
                    | Type::FLOAT4
                    | Type::FLOAT8
                    | Type::NUMERIC
                    | Type::OID
                    | Type::XID
                    | Type::XID8
                    | Type::CID
                    | Type::MONEY
            )
        )
    }
}

/// The names, each once: what comes again gets a number that makes it another.
pub(crate) fn distinct<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Vec<String> {
    let given: HashSet<_> = names.clone().collect();
    let mut taken = HashSet::new();
    let mut all = Vec::new();
    for name in names {
        let mut found = name.to_owned();
        let mut number = 2_u32;
        while taken.contains(&found) || (found != name && given.contains(found.as_str())) {
            found = format!("{name}_{number}");
            number = number.saturating_add(1);
        }
        taken.insert(found.clone());
        all.push(found);
    }
    all
}
