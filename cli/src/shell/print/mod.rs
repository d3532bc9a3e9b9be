//! Tables, printed as psql prints them.
//!
//! PostgreSQL manual: [psql, `\pset`](https://www.postgresql.org/docs/current/app-psql.html#APP-PSQL-META-COMMAND-PSET).

mod aligned;
mod cell;
mod expanded;
pub(crate) mod options;
mod unaligned;

use super::answer::Table;
use crate::output::Column;
use cell::Cell;
use options::{Expanded, Format, Options};

/// A table with what is printed around it.
struct Printed<'a> {
    columns: &'a [Column],
    rows: &'a [Vec<Option<String>>],
    options: &'a Options,
    title: Option<&'a str>,
}

/// Appends a table to `out`. `width` is the terminal's.
pub(crate) fn print(
    table: &Table,
    title: Option<&str>,
    options: &Options,
    width: Option<usize>,
    out: &mut String,
) {
    let printed = Printed {
        columns: &table.columns,
        rows: &table.rows,
        options,
        title: title.or(options.title.as_deref()),
    };
    let expanded = options.expanded == Expanded::On;
    match options.format {
        Format::Aligned if expanded => printed.expanded(out),
        Format::Aligned => {
            let wide =
                options.expanded == Expanded::Auto && width.is_some_and(|width| printed.width() > width);
            if wide {
                printed.expanded(out);
            } else {
                printed.aligned(out);
            }
        }
        Format::Unaligned if expanded => printed.unaligned_expanded(out),
        Format::Unaligned => printed.unaligned(out),
        Format::Csv => printed.csv(expanded, out),
    }
}

impl Printed<'_> {
    /// The text of a value.
    fn text<'v>(&'v self, value: &'v Option<String>) -> &'v str {
        value.as_deref().unwrap_or(&self.options.null)
    }

    /// What is above the table, if anything is.
    fn title(&self) -> Option<&str> {
        self.title.filter(|_| !self.options.tuples_only)
    }

    /// How many rows there are, if that is to be said.
    fn footer(&self) -> Option<String> {
        (self.options.footer && !self.options.tuples_only).then(|| match self.rows.len() {
            1 => "(1 row)".to_owned(),
            rows => format!("({rows} rows)"),
        })
    }

    /// The headers as they are laid out.
    fn headers(&self) -> Vec<Cell> {
        self.columns
            .iter()
            .map(|column| Cell::new(&column.name))
            .collect()
    }

    /// The rows as they are laid out.
    fn cells(&self) -> Vec<Vec<Cell>> {
        let row = |row: &Vec<Option<String>>| row.iter().map(|value| Cell::new(self.text(value))).collect();
        self.rows.iter().map(row).collect()
    }
}
