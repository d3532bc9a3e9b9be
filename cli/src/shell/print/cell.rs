//! A value as a terminal shows it.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar as _;

/// The lines of a value.
pub(super) struct Cell {
    pub(super) lines: Vec<Line>,
}

/// A line, and how many columns it takes.
pub(super) struct Line {
    pub(super) text: String,
    pub(super) width: usize,
}

impl Cell {
    /// Control characters are shown, not done.
    pub(super) fn new(text: &str) -> Self {
        let mut lines = Vec::new();
        let mut line = Line {
            text: String::new(),
            width: 0,
        };
        for c in text.chars() {
            match (c, width(c)) {
                ('\n', _) => lines.push(std::mem::replace(
                    &mut line,
                    Line {
                        text: String::new(),
                        width: 0,
                    },
                )),
                ('\r', _) => line.show("\\r"),
                ('\t', _) => {
                    let stop = 8 - line.width % 8;
                    line.text.extend(std::iter::repeat_n(' ', stop));
                    line.width += stop;
                }
                (c, Some(width)) => {
                    line.text.push(c);
                    line.width += width;
                }
                (c, None) if c.is_ascii() => line.show(&format!("\\x{:02X}", u32::from(c))),
                (c, None) => line.show(&format!("\\u{:04X}", u32::from(c))),
            }
        }
        lines.push(line);
        Self { lines }
    }

    /// How many columns its widest line takes.
    pub(super) fn width(&self) -> usize {
        self.lines.iter().map(|line| line.width).max().unwrap_or_default()
    }
}

impl Line {
    fn show(&mut self, text: &str) {
        let _ = write!(self.text, "{text}");
        self.width += text.len();
    }
}

/// How many columns a character takes; none if it is a control character.
fn width(c: char) -> Option<usize> {
    if c == '\0' {
        return Some(0);
    }
    c.width()
}

/// Appends this many spaces.
pub(super) fn pad(out: &mut String, columns: usize) {
    out.extend(std::iter::repeat_n(' ', columns));
}
