//! The format `aligned` with each row as a block of lines.

use super::Printed;
use super::cell::{Cell, pad};

/// How wide names and values are.
struct Widths {
    name: usize,
    value: usize,
    /// Whether a name has several lines.
    tall: bool,
}

impl Printed<'_> {
    pub(super) fn expanded(&self, out: &mut String) {
        if self.rows.is_empty() || self.columns.is_empty() {
            if let Some(footer) = self.footer() {
                out.push_str(&footer);
                out.push('\n');
            }
            out.push('\n');
            return;
        }
        let (headers, rows) = (self.headers(), self.cells());
        let widths = Widths {
            name: headers.iter().map(Cell::width).max().unwrap_or_default(),
            value: rows.iter().flatten().map(Cell::width).max().unwrap_or_default(),
            tall: headers.iter().any(|header| header.lines.len() > 1),
        };
        let border = self.options.border;
        if let Some(title) = self.title() {
            out.push_str(title);
            out.push('\n');
        }
        for (index, row) in rows.iter().enumerate() {
            if !self.options.tuples_only {
                self.record_line(Some(index + 1), &widths, out);
            } else if index > 0 || border >= 2 {
                self.record_line(None, &widths, out);
            }
            for (header, cell) in headers.iter().zip(row) {
                self.expanded_field(header, cell, &widths, out);
            }
        }
        if border >= 2 {
            self.record_line(None, &widths, out);
        }
        out.push('\n');
    }

    /// The line above a record.
    fn record_line(&self, record: Option<usize>, widths: &Widths, out: &mut String) {
        let border = self.options.border;
        let fill = if border > 0 { '-' } else { ' ' };
        let text = match record {
            Some(record) if border == 0 => format!("* Record {record}"),
            Some(record) => format!("[ RECORD {record} ]"),
            None => String::new(),
        };
        // The whole line without the text, which then covers what it reaches over.
        let mut line = String::new();
        if border >= 2 {
            line.push_str("+-");
        }
        line.extend(std::iter::repeat_n(fill, widths.name));
        line.push_str(if border > 0 { "-+-" } else { "" });
        line.extend(std::iter::repeat_n(fill, widths.value));
        if border >= 2 {
            line.push_str("-+");
        }
        let start = usize::from(border.min(2));
        let behind = line.chars().skip(start + text.len());
        let behind: String = if start + text.len() > line.len() {
            // The text is longer than the line: the border still ends it.
            if border >= 2 {
                "-+".to_owned()
            } else {
                String::new()
            }
        } else {
            behind.collect()
        };
        out.extend(line.chars().take(start));
        out.push_str(&text);
        out.push_str(&behind);
        out.push('\n');
    }

    fn expanded_field(&self, header: &Cell, cell: &Cell, widths: &Widths, out: &mut String) {
        let border = self.options.border;
        let height = header.lines.len().max(cell.lines.len());
        for number in 0..height {
            if border >= 2 {
                out.push('|');
            }
            match header.lines.get(number) {
                Some(line) => {
                    if border >= 2 {
                        out.push(' ');
                    }
                    out.push_str(&line.text);
                    pad(out, widths.name - line.width);
                    let goes_on = number + 1 < header.lines.len();
                    if border > 0 || widths.tall {
                        out.push(if goes_on { '+' } else { ' ' });
                    }
                }
                None => {
                    let mark = if border == 0 {
                        usize::from(widths.tall)
                    } else {
                        usize::from(border.min(2))
                    };
                    pad(out, widths.name + mark);
                }
            }
            if border > 0 {
                out.push('|');
            }
            match cell.lines.get(number) {
                Some(line) => {
                    out.push(' ');
                    out.push_str(&line.text);
                    let space = widths.value - line.width;
                    if number + 1 < cell.lines.len() {
                        pad(out, space);
                        out.push('+');
                    } else if border >= 2 {
                        pad(out, space + 1);
                    }
                    if border >= 2 {
                        out.push('|');
                    }
                }
                None if border >= 2 => {
                    pad(out, widths.value + 2);
                    out.push('|');
                }
                None => {}
            }
            out.push('\n');
        }
    }
}
