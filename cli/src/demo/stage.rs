//! What is shown, and compared with what it should be.

use std::cell::Cell;
use std::env;
use std::fmt::{self, Display};
use std::io::{self, IsTerminal as _, Write as _};

use dblink_engine::connection::OwnedRow;

use crate::failure::Failure;
use crate::listing;

/// Where the calls begin.
const CALLS: usize = 26;

/// How wide a line may be.
const WIDTH: usize = 108;

/// How far the second line of a call stands in.
const SECOND: usize = 4;

/// How titles, calls, answers and what is left out look on a terminal.
const TITLE: &str = "1";
const CALL: &str = "36";
const ANSWER: &str = "32";
const SKIPPED: &str = "2";

/// Prints a call as it stands here, and makes it.
macro_rules! call {
    ($stage:expr, $name:literal, $($call:tt)+) => {{
        $stage.call($name, stringify!($($call)+))?;
        $($call)+
    }};
}

pub(super) use call;

/// Where the demo is shown: the standard output.
pub(super) struct Stage {
    colours: bool,
    /// The call that is shown.
    name: &'static str,
    /// How far the line is written whose end is still to come.
    open: Cell<Option<usize>>,
    steps: u32,
    skipped: u32,
}

impl Stage {
    pub(super) fn new() -> Self {
        let wanted = env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self {
            colours: wanted && io::stdout().is_terminal(),
            name: "",
            open: Cell::new(None),
            steps: 0,
            skipped: 0,
        }
    }

    /// How many calls were shown.
    pub(super) const fn steps(&self) -> u32 {
        self.steps
    }

    /// How many were not, since they do not only read.
    pub(super) const fn skipped(&self) -> u32 {
        self.skipped
    }

    /// A line about what goes on.
    pub(super) fn note(&self, text: impl Display) -> Result<(), Failure> {
        self.line("", "", text)
    }

    /// A group of calls begins.
    pub(super) fn part(&self, title: &str) -> Result<(), Failure> {
        self.line("", "", "")?;
        self.line("", TITLE, title)
    }

    /// A call is to be made. One that has no name is another of the same kind.
    pub(super) fn call(&mut self, name: &'static str, call: &str) -> Result<(), Failure> {
        // The same name is not repeated for several calls in a row.
        let shown = if self.name == name { "" } else { name };
        if !name.is_empty() {
            self.name = name;
        }
        self.steps = self.steps.saturating_add(1);
        // How the source is broken into lines is no matter.
        let call = call.split_whitespace().collect::<Vec<_>>().join(" ");
        let call = call
            .replace("\\ ", "")
            .replace(" .", ".")
            .replace("( ", "(")
            .replace(", )", ")");
        let mut lines = wrapped(&call, WIDTH - CALLS, SECOND);
        let last = lines.pop().unwrap_or_default();
        let mut before = format!("  {shown:<width$}", width = CALLS - 2);
        for line in lines {
            self.line(&before, CALL, line)?;
            before = " ".repeat(CALLS);
        }
        self.begin(&before, CALL, &last)?;
        self.open.set(Some(CALLS + last.chars().count()));
        Ok(())
    }

    /// What a call gave: behind it if there is room, else below.
    pub(super) fn answer(&self, answer: impl Display) -> Result<(), Failure> {
        let answer = answer.to_string();
        if let Some(column) = self.open.get()
            && !answer.contains('\n')
            && column + 3 + answer.chars().count() <= WIDTH
        {
            self.open.set(None);
            self.begin(" ", ANSWER, &format!("→ {answer}"))?;
            return self.end();
        }
        let lines = answer.lines();
        self.below(lines.flat_map(|line| wrapped(line, WIDTH - CALLS - 2, 2)))
    }

    /// The lines of an answer.
    fn below(&self, lines: impl IntoIterator<Item = String>) -> Result<(), Failure> {
        let mut arrow = "→ ";
        for line in lines {
            self.line(&" ".repeat(CALLS), ANSWER, format_args!("{arrow}{line}"))?;
            arrow = "  ";
        }
        Ok(())
    }

    /// The rows that a call gave, in columns.
    pub(super) fn rows(&self, rows: &[Vec<String>]) -> Result<(), Failure> {
        let mut widths = Vec::new();
        for row in rows {
            for (place, value) in row.iter().enumerate() {
                if widths.len() <= place {
                    widths.resize(place.saturating_add(1), 0);
                }
                if let Some(width) = widths.get_mut(place) {
                    *width = value.chars().count().max(*width);
                }
            }
        }
        let lines = rows.iter().map(|row| {
            let values = row
                .iter()
                .zip(&widths)
                .map(|(value, width)| format!("{value:<width$}"));
            values.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        });
        // A row is a line, however long.
        self.below(lines)
    }

    /// A step is left out.
    pub(super) fn skip(&mut self, name: &'static str, why: &str) -> Result<(), Failure> {
        self.name = name;
        self.skipped = self.skipped.saturating_add(1);
        self.line(
            &format!("  {name:<width$}", width = CALLS - 2),
            SKIPPED,
            format_args!("skipped: {why}"),
        )
    }

    /// Compares what a call gave with what it should have given.
    pub(super) fn expect<T: fmt::Debug + PartialEq<U>, U: fmt::Debug>(
        &self,
        given: T,
        wanted: U,
    ) -> Result<(), Failure> {
        if given == wanted {
            return Ok(());
        }
        self.fail(format_args!("it gave {given:?}, and should give {wanted:?}"))
    }

    /// That what a call gave is not what it should be.
    pub(super) fn fail<T>(&self, why: impl Display) -> Result<T, Failure> {
        if self.open.take().is_some() {
            self.end()?;
        }
        listing::remark(format_args!("the demo failed at {}: {why}", self.name));
        Err(Failure::Told(1))
    }

    /// A whole line.
    fn line(&self, before: &str, style: &str, text: impl Display) -> Result<(), Failure> {
        if self.open.take().is_some() {
            self.end()?;
        }
        self.begin(before, style, &text.to_string())?;
        self.end()
    }

    fn begin(&self, before: &str, style: &str, text: &str) -> Result<(), Failure> {
        let mut stdout = io::stdout().lock();
        let written = if self.colours && !style.is_empty() {
            write!(stdout, "{before}\x1b[{style}m{text}\x1b[0m")
        } else {
            write!(stdout, "{before}{text}")
        };
        written
            .and_then(|()| stdout.flush())
            .map_err(|error| Failure::output(&error))
    }

    fn end(&self) -> Result<(), Failure> {
        writeln!(io::stdout()).map_err(|error| Failure::output(&error))
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if self.open.take().is_some() {
            // Where this cannot be written, something else has been told.
            let _ = self.end();
        }
    }
}

/// Breaks a line at its spaces, so that it is no longer than `width`; all but the first stand in.
fn wrapped(line: &str, width: usize, second: usize) -> Vec<String> {
    if line.chars().count() <= width {
        return vec![line.to_owned()];
    }
    let mut lines = Vec::new();
    let mut current = String::new();
    for word in line.split(' ') {
        if !current.is_empty() && current.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::replace(&mut current, " ".repeat(second)));
        } else if !current.is_empty() {
            current.push(' ');
        }
        current.push_str(word);
    }
    lines.push(current);
    lines
}

/// A text of a row.
pub(super) fn text(row: &OwnedRow, column: usize) -> Result<String, Failure> {
    let value = row.get::<&str>(column);
    value
        .map(str::to_owned)
        .map_err(|error| Failure::connection(&error, None))
}

/// A number of a row.
pub(super) fn number(row: &OwnedRow, column: usize) -> Result<i64, Failure> {
    row.get(column).map_err(|error| Failure::connection(&error, None))
}

/// A number with spaces between its thousands.
pub(super) fn spaced(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && digits.len().saturating_sub(place).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{spaced, wrapped};

    #[test]
    fn lines_are_broken_at_spaces() {
        assert_eq!(wrapped("one two", 7, 2), ["one two"]);
        assert_eq!(
            wrapped("one two three four", 9, 2),
            ["one two", "  three", "  four"]
        );
        assert_eq!(wrapped("indivisible", 4, 2), ["indivisible"]);
    }

    #[test]
    fn thousands_stand_apart() {
        let numbers = [7, 999, 1000, 45_678, 1_000_000].map(spaced);
        assert_eq!(numbers, ["7", "999", "1 000", "45 678", "1 000 000"]);
    }
}
