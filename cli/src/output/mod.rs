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

use dblink_engine::connection::Columns;

pub(crate) use sink::Sink;
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
}
