//! A table for people.
//!
//! It looks as psql's. The first rows say how wide the columns are, and the terminal, if there is one: what is wider later is
//! broken into lines. Numbers stand to the right. Null is `NULL`, which a text may be as well. Control characters are shown as
//! psql shows them: a tab as spaces, others but line feeds as escapes, so that a value cannot command the terminal. What is not
//! UTF-8 is replaced by U+FFFD.

use std::fmt::Write as _;
use std::io::Write as _;
use std::iter::repeat_n;

use comfy_table::{
    Cell, CellAlignment, ColumnConstraint, ContentArrangement, ContentLineStyle, LineStyle, TableStyle, Width,
};
use unicode_width::UnicodeWidthStr;

use super::Column;

/// How many rows are looked at for the widths, and laid out together, at most.
const ROWS: usize = 1000;
/// How many bytes of values, roughly.
const BYTES: usize = 64 << 10;

/// How far it is from one tab stop to the next.
const TAB: usize = 8;

/// As psql's tables.
pub(crate) const STYLE: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::none().junction('|'))
    .header_separator(LineStyle::none().fill('-').junction('+'))
    .content_lines(ContentLineStyle::none().junction('|'));

/// How the rows of a result are laid out.
#[derive(Debug)]
pub(super) struct Table {
    columns: Vec<Column>,
    /// The width of the terminal, if there is one.
    terminal: Option<u16>,
    /// That of each column, once there are rows.
    widths: Option<Vec<u16>>,
    batch: Vec<Vec<Cell>>,
    bytes: usize,
    rows: u64,
}

impl Table {
    pub(super) fn new(columns: Vec<Column>, terminal: Option<u16>) -> Self {
        Self {
            columns,
            terminal,
            widths: None,
            batch: Vec::new(),
            bytes: 0,
            rows: 0,
        }
    }

    /// Takes a row; writes those that have gathered, if they are many.
    pub(super) fn row<'a>(&mut self, out: &mut Vec<u8>, values: impl Iterator<Item = Option<&'a [u8]>>) {
        let cells = self.columns.iter().zip(values).map(|(column, value)| {
            self.bytes = self.bytes.saturating_add(value.map_or(0, <[u8]>::len));
            let cell = Cell::new(value.map_or_else(|| "NULL".to_owned(), shown));
            if column.is_number() {
                cell.set_alignment(CellAlignment::Right)
            } else {
                cell
            }
        });
        let cells = cells.collect();
        self.batch.push(cells);
        self.rows = self.rows.saturating_add(1);
        if self.batch.len() >= ROWS || self.bytes >= BYTES {
            self.lay_out(out);
        }
    }

    /// Whether there are rows that are not written.
    pub(super) const fn is_empty(&self) -> bool {
        self.batch.is_empty()
    }

    /// Writes the rows that have gathered; before the first, the header.
    pub(super) fn lay_out(&mut self, out: &mut Vec<u8>) {
        self.bytes = 0;
        let batch = std::mem::take(&mut self.batch);
        let mut table = comfy_table::Table::new();
        table.load_style(STYLE);
        if self.widths.is_none() {
            let header = self
                .columns
                .iter()
                .map(|column| Cell::new(shown(column.name.as_bytes())).set_alignment(CellAlignment::Center));
            table.set_header(header);
            if let Some(width) = self.terminal {
                table
                    .set_content_arrangement(ContentArrangement::Dynamic)
                    .set_width(width);
            }
        }
        table.add_rows(batch);
        if let Some(widths) = &self.widths {
            // Only columns that are there can be told their widths.
            let widths = widths.iter().map(|width| Width::Fixed(*width));
            table.set_constraints(widths.map(ColumnConstraint::Absolute));
        }
        if self.columns.is_empty() {
            return;
        }
        for line in table.lines() {
            if self.widths.is_none()
                && line.starts_with('-')
                && line.bytes().all(|b| matches!(b, b'-' | b'+'))
            {
                // The line below the header is as wide as the columns are.
                let widths = line
                    .split('+')
                    .map(|part| u16::try_from(part.len()).unwrap_or(u16::MAX));
                self.widths = Some(widths.collect());
            }
            out.extend_from_slice(line.trim_end().as_bytes());
            out.push(b'\n');
        }
    }

    /// Writes what is left, and how many rows there are.
    pub(super) fn end(&mut self, out: &mut Vec<u8>) {
        if !self.is_empty() || self.widths.is_none() {
            self.lay_out(out);
        }
        let noun = if self.rows == 1 { "row" } else { "rows" };
        // Memory takes all that is written to it.
        let _ = writeln!(out, "({} {noun})\n", self.rows);
    }
}

/// A value as it is shown.
fn shown(value: &[u8]) -> String {
    let text = String::from_utf8_lossy(value);
    let mut shown = String::with_capacity(text.len());
    // How wide the line is up to its last tab, and where it goes on.
    let (mut width, mut measured) = (0, 0);
    for c in text.chars() {
        match c {
            '\n' => {
                shown.push(c);
                (width, measured) = (0, shown.len());
            }
            '\t' => {
                width += shown.get(measured..).map_or(0, UnicodeWidthStr::width);
                let spaces = TAB - width % TAB;
                shown.extend(repeat_n(' ', spaces));
                (width, measured) = (width + spaces, shown.len());
            }
            '\r' => shown.push_str("\\r"),
            // Memory takes all that is written to it.
            c if c.is_ascii_control() => drop(write!(shown, "\\x{:02X}", u32::from(c))),
            c if c.is_control() => drop(write!(shown, "\\u{:04X}", u32::from(c))),
            c => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use postgres_types::Type;

    use super::*;

    #[test]
    fn tabs_go_to_the_next_stop() {
        assert_eq!(
            shown("a\tgrün\t\tb\n\tc".as_bytes()),
            "a       grün            b\n        c"
        );
        // Many take no longer than as many other characters.
        assert_eq!(shown(&[b'\t'; 1 << 20]).len(), 8 << 20);
    }

    #[test]
    fn a_table_is_no_wider_than_the_terminal() {
        let columns = ["id", "a rather long name"].map(|name| Column {
            name: name.to_owned(),
            type_oid: Type::TEXT.oid(),
        });
        let mut table = Table::new(columns.to_vec(), Some(20));
        let mut out = Vec::new();
        for _ in 0..=ROWS {
            let values = ["7", "one two three four five"].map(|value| Some(value.as_bytes()));
            table.row(&mut out, values.into_iter());
        }
        table.end(&mut out);
        let text = String::from_utf8(out).unwrap();
        assert!(text.lines().all(|line| line.len() <= 20), "{text}");
        // The widths stay.
        let bars: Vec<_> = text.lines().filter_map(|line| line.find('|')).collect();
        assert!(
            bars.len() > 2 * ROWS && bars.iter().all(|bar| *bar == bars[0]),
            "{text}"
        );
        assert!(text.ends_with("(1001 rows)\n\n"));
    }
}
