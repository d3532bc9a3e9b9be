//! The format `aligned`: a column of the table is a column on the screen.

use super::Printed;
use super::cell::{Cell, Line, pad};
use crate::output::Column;

impl Printed<'_> {
    /// How many columns of a terminal the table takes.
    pub(super) fn width(&self) -> usize {
        self.total(&self.widths(&self.headers(), &self.cells()))
    }

    fn total(&self, widths: &[usize]) -> usize {
        let columns = widths.len();
        let between = match self.options.border {
            0 => columns,
            1 => (columns * 3).saturating_sub(1),
            _ => columns * 3 + 1,
        };
        between + widths.iter().sum::<usize>()
    }

    fn widths(&self, headers: &[Cell], rows: &[Vec<Cell>]) -> Vec<usize> {
        let mut widths: Vec<_> = headers.iter().map(Cell::width).collect();
        for row in rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width());
            }
        }
        widths
    }

    pub(super) fn aligned(&self, out: &mut String) {
        let (headers, rows) = (self.headers(), self.cells());
        let widths = self.widths(&headers, &rows);
        let numbers: Vec<_> = self.columns.iter().map(Column::is_number).collect();
        let boxed = self.options.border >= 2;
        if let Some(title) = self.title() {
            let width = Cell::new(title).width();
            pad(out, self.total(&widths).saturating_sub(width) / 2);
            out.push_str(title);
            out.push('\n');
        }
        if !self.options.tuples_only {
            if boxed {
                self.rule(&widths, out);
            }
            self.aligned_headers(&headers, &widths, out);
            self.rule(&widths, out);
        }
        if !self.columns.is_empty() {
            for row in &rows {
                self.aligned_row(row, &widths, &numbers, out);
            }
        }
        if boxed {
            self.rule(&widths, out);
        }
        if let Some(footer) = self.footer() {
            out.push_str(&footer);
            out.push('\n');
        }
        out.push('\n');
    }

    fn rule(&self, widths: &[usize], out: &mut String) {
        let border = self.options.border;
        out.push_str(match border {
            0 => "",
            1 => "-",
            _ => "+-",
        });
        for (index, width) in widths.iter().enumerate() {
            if index > 0 {
                out.push_str(if border == 0 { " " } else { "-+-" });
            }
            out.extend(std::iter::repeat_n('-', *width));
        }
        out.push_str(match border {
            0 => "",
            1 => "-",
            _ => "-+",
        });
        out.push('\n');
    }

    /// The names of the columns, centred. One with several lines has a plus sign at the end of each but the last.
    fn aligned_headers(&self, headers: &[Cell], widths: &[usize], out: &mut String) {
        let border = self.options.border;
        let height = headers
            .iter()
            .map(|header| header.lines.len())
            .max()
            .unwrap_or_default();
        for number in 0..height {
            if border >= 2 {
                out.push('|');
            }
            for (index, (header, width)) in headers.iter().zip(widths).enumerate() {
                if border > 0 {
                    out.push(' ');
                }
                match header.lines.get(number) {
                    Some(line) => {
                        let space = width - line.width;
                        pad(out, space / 2);
                        out.push_str(&line.text);
                        pad(out, space.div_ceil(2));
                    }
                    None => pad(out, *width),
                }
                out.push(if number + 1 < header.lines.len() { '+' } else { ' ' });
                if border > 0 && index + 1 < widths.len() {
                    out.push('|');
                }
            }
            if border >= 2 {
                out.push('|');
            }
            out.push('\n');
        }
    }

    fn aligned_row(&self, row: &[Cell], widths: &[usize], numbers: &[bool], out: &mut String) {
        let border = self.options.border;
        let height = row.iter().map(|cell| cell.lines.len()).max().unwrap_or_default();
        let columns = row.len();
        for number in 0..height {
            if border >= 2 {
                out.push('|');
            }
            for (index, ((cell, width), is_number)) in row.iter().zip(widths).zip(numbers).enumerate() {
                let line = cell.lines.get(number);
                let goes_on = number + 1 < cell.lines.len();
                let is_last = index + 1 == columns;
                // At the end of a line, nothing is filled with spaces that nothing stands behind.
                let filled = border >= 2 || !is_last || goes_on;
                if border > 0 {
                    out.push(' ');
                }
                put(line, *width, *is_number, filled, out);
                if goes_on {
                    out.push('+');
                } else if border >= 2 || !is_last {
                    out.push(' ');
                }
                if border > 0 && !is_last {
                    out.push('|');
                }
            }
            if border >= 2 {
                out.push('|');
            }
            out.push('\n');
        }
    }
}

fn put(line: Option<&Line>, width: usize, right: bool, filled: bool, out: &mut String) {
    let Some(line) = line else {
        if filled {
            pad(out, width);
        }
        return;
    };
    let space = width.saturating_sub(line.width);
    if right {
        pad(out, space);
        out.push_str(&line.text);
    } else {
        out.push_str(&line.text);
        if filled {
            pad(out, space);
        }
    }
}
