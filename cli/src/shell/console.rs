//! What stands between the interpreter and the user: where answers are printed, and where data for a COPY comes from.

use std::fs::File;
use std::io::{self, IsTerminal as _, Write as _};

use super::answer::{Answer, Front, Table};
use super::input::Source;
use super::lookup::Lookup;
use super::print::options::Options;
use super::print::print;
use super::variables::Variables;
use super::voice::Voice;
use crate::failure::Failure;

pub(crate) struct Console {
    pub(crate) voice: Voice,
    pub(crate) variables: Variables,
    pub(crate) options: Options,
    /// What is read, the innermost last.
    pub(crate) sources: Vec<Source>,
    /// The standard input, where commands of the command line have read from it.
    stdin: Option<Source>,
    /// Where `\o` has results go.
    pub(crate) output: Option<File>,
    /// What is to be done with the results of the statement that runs.
    pub(crate) next: Next,
    pub(crate) standard_conforming_strings: bool,
    /// Whether a person is at both ends.
    pub(crate) interactive: bool,
    /// Whether the data of a COPY have been printed, so that its tag is not.
    copied: bool,
    /// Whether somebody has been told how to give the data of a COPY.
    explained: bool,
    /// Whether the data of the COPY that runs have come to their end.
    end_of_copy: bool,
    /// The last answer, if something else is done with that than with those before.
    held: Option<Answer>,
    /// Whether something went wrong with the results, which the server knows nothing of.
    failed: bool,
}

/// What is to be done with the results of one statement.
#[derive(Debug, Default)]
pub(crate) struct Next {
    /// They go into this file.
    pub(crate) file: Option<File>,
    /// The one row becomes variables, whose names begin with this.
    pub(crate) prefix: Option<String>,
    /// Their values are the statements that are sent next.
    pub(crate) generates: bool,
    /// What stands above them.
    pub(crate) title: Option<String>,
    /// How they are printed.
    pub(crate) options: Option<Options>,
}

/// What is still to be done when a statement is over.
#[derive(Debug, Default)]
pub(crate) struct Finished {
    /// Whether all went well with the results.
    pub(crate) well: bool,
    /// The statements that it has given, to be sent next.
    pub(crate) generated: Vec<String>,
    /// The tag of rows that have become variables or statements.
    pub(crate) tag: Option<String>,
}

impl Console {
    pub(crate) fn new(interactive: bool) -> Self {
        let voice = Voice::default();
        Self {
            variables: Variables::new(voice.clone()),
            voice,
            options: Options::default(),
            sources: Vec::new(),
            stdin: None,
            output: None,
            next: Next::default(),
            standard_conforming_strings: true,
            interactive,
            copied: false,
            explained: false,
            end_of_copy: false,
            held: None,
            failed: false,
        }
    }

    pub(crate) fn lookup(&self, active: bool) -> Lookup<'_> {
        Lookup {
            variables: &self.variables,
            active,
            standard_conforming_strings: self.standard_conforming_strings,
            voice: &self.voice,
        }
    }

    /// Writes to stdout.
    pub(crate) fn write(&self, text: &str) -> Result<(), Failure> {
        self.write_bytes(text.as_bytes())
    }

    pub(crate) fn write_bytes(&self, bytes: &[u8]) -> Result<(), Failure> {
        let mut stdout = io::stdout();
        let done = stdout.write_all(bytes).and_then(|()| stdout.flush());
        done.map_err(|error| Failure::output(&error))
    }

    /// Writes to stdout, a line.
    pub(crate) fn write_line(&self, text: &str) -> Result<(), Failure> {
        self.write(&format!("{text}\n"))
    }

    /// Says what has been set, unless the shell is quiet.
    pub(crate) fn tell(&self, text: &str) -> Result<(), Failure> {
        if self.variables.is_quiet() {
            return Ok(());
        }
        self.write_line(text)
    }

    /// Writes to where results go.
    pub(crate) fn write_result(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let done = match self.next.file.as_mut().or(self.output.as_mut()) {
            Some(file) => file.write_all(bytes),
            None => {
                let mut stdout = io::stdout();
                stdout.write_all(bytes).and_then(|()| stdout.flush())
            }
        };
        done.map_err(|error| Failure::output(&error))
    }

    /// How wide the output is, as far as that matters.
    fn width(&self) -> Option<usize> {
        if self.options.columns > 0 {
            return Some(self.options.columns);
        }
        let to_terminal = self.next.file.is_none() && self.output.is_none() && io::stdout().is_terminal();
        if !to_terminal {
            return None;
        }
        let columns = std::env::var("COLUMNS")
            .ok()
            .and_then(|columns| columns.parse().ok());
        columns.or_else(|| comfy_table::Table::new().width().map(usize::from))
    }

    /// Prints a table with the options of the moment.
    pub(crate) fn print_table(&mut self, table: &Table, title: Option<&str>) -> Result<(), Failure> {
        let mut text = String::new();
        let width = self.width();
        let options = self.next.options.as_ref().unwrap_or(&self.options);
        print(table, title, options, width, &mut text);
        self.write_result(text.as_bytes())
    }

    /// Forgets what was for the statement before.
    pub(crate) fn begin(&mut self) {
        self.copied = false;
        self.explained = false;
        self.end_of_copy = false;
        self.held = None;
        self.failed = false;
    }

    /// The statement is over: does what was left for the last answer, unless it `failed`.
    pub(crate) fn finish(&mut self, failed: bool) -> Result<Finished, Failure> {
        let mut finished = Finished::default();
        match self.held.take() {
            Some(Answer::Rows { table, tag }) if !failed && self.next.prefix.is_some() => {
                self.store(&table);
                if !self.failed {
                    self.count(&tag);
                }
                finished.tag = Some(tag);
            }
            Some(Answer::Rows { table, tag }) if !failed && self.next.generates => {
                self.count(&tag);
                finished.generated = table.rows.into_iter().flatten().flatten().collect();
                finished.tag = Some(tag);
            }
            // The answer held is not the last, then: that is the one which failed.
            Some(answer) if !failed || self.variables.shows_all_results() => self.show(answer)?,
            _ => {}
        }
        finished.well = !self.failed;
        Ok(finished)
    }

    fn show(&mut self, answer: Answer) -> Result<(), Failure> {
        match answer {
            Answer::Rows { table, tag } => {
                self.count(&tag);
                let title = self.next.title.take();
                self.print_table(&table, title.as_deref())?;
                self.next.title = title;
                self.tag_of_rows(&tag)
            }
            Answer::Done(tag) => {
                self.count(&tag);
                if std::mem::take(&mut self.copied) {
                    return Ok(());
                }
                self.tag(&tag)
            }
            Answer::Copied(bytes) => {
                self.copied = true;
                self.write_result(&bytes)
            }
        }
    }

    /// What was changed is told also below the rows that it gives.
    pub(crate) fn tag_of_rows(&mut self, tag: &str) -> Result<(), Failure> {
        let changes = ["INSERT", "UPDATE", "DELETE", "MERGE"];
        if changes.iter().any(|command| tag.starts_with(command)) {
            return self.tag(tag);
        }
        Ok(())
    }

    fn tag(&mut self, tag: &str) -> Result<(), Failure> {
        if let Some(title) = &self.next.title {
            let text = format!("{title}\n{tag}\n\n");
            return self.write_result(text.as_bytes());
        }
        if self.variables.is_quiet() {
            return Ok(());
        }
        self.write_result(format!("{tag}\n").as_bytes())
    }

    /// Sets the variables that tell of a statement that has gone well.
    fn count(&mut self, tag: &str) {
        let last = tag.rsplit(' ').next().unwrap_or_default();
        let is_counted = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
        self.set_result("false", "00000", if is_counted { last } else { "0" });
    }

    pub(crate) fn set_result(&mut self, error: &str, sqlstate: &str, rows: &str) {
        for (name, value) in [("ERROR", error), ("SQLSTATE", sqlstate), ("ROW_COUNT", rows)] {
            // These names are in order.
            let _ = self.variables.set(name, value);
        }
    }

    /// Sets variables to the values of the one row.
    fn store(&mut self, table: &Table) {
        let prefix = self.next.prefix.clone().unwrap_or_default();
        let row = match table.rows.as_slice() {
            [] => {
                self.failed = true;
                return self.voice.error("no rows returned for \\gset");
            }
            [row] => row,
            _ => {
                self.failed = true;
                return self.voice.error("more than one row returned for \\gset");
            }
        };
        for (column, value) in table.columns.iter().zip(row) {
            let name = format!("{prefix}{}", column.name);
            if Variables::is_special(&name) {
                self.voice.warning(format_args!(
                    "attempt to \\gset into specially treated variable \"{name}\" ignored"
                ));
                continue;
            }
            let done = match value {
                Some(value) => self.variables.set(&name, value),
                None => {
                    self.variables.unset(&name);
                    Ok(())
                }
            };
            if let Err(error) = done {
                self.voice.error(error);
                self.failed = true;
                return;
            }
        }
    }
}

impl Front for Console {
    fn answer(&mut self, answer: Answer) -> Result<(), Failure> {
        let shows_all = self.variables.shows_all_results();
        let is_last_special = self.next.prefix.is_some() || self.next.generates;
        if matches!(answer, Answer::Copied(_)) || shows_all && !is_last_special {
            return self.show(answer);
        }
        match self.held.replace(answer) {
            Some(before) if shows_all => self.show(before),
            _ => Ok(()),
        }
    }

    fn copy_data(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        let from_terminal = self.sources.last().is_some_and(Source::is_terminal);
        if from_terminal && !std::mem::replace(&mut self.explained, true) {
            self.tell(
                "Enter data to be copied followed by a newline.\n\
                 End with a backslash and a period on a line by itself, or an EOF signal.",
            )?;
        }
        if self.sources.is_empty() {
            // A statement of the command line: its data are on the standard input, where there may be those of another one.
            let stdin = self.stdin.take().map_or_else(|| Source::open("-"), Ok);
            self.sources
                .push(stdin.map_err(|error| Failure::io("read the standard input", &error))?);
            let data = self.copy_data();
            self.stdin = self.sources.pop();
            return data;
        }
        let Some(source) = self.sources.last_mut() else {
            return Ok(None);
        };
        if std::mem::take(&mut self.end_of_copy) {
            return Ok(None);
        }
        let mut data = Vec::new();
        // Many lines at once, but what somebody types goes one by one.
        while (data.is_empty() || !from_terminal) && data.len() < COPY_CHUNK {
            let Some(line) = source.next_bytes()? else { break };
            self.voice.next_line();
            if line == b"\\.\n" || line == b"\\.\r\n" || line == b"\\." {
                self.end_of_copy = true;
                break;
            }
            data.extend(line);
        }
        if data.is_empty() {
            self.end_of_copy = false;
            return Ok(None);
        }
        Ok(Some(data))
    }
}

/// How much of the data of a COPY is given at once, about.
const COPY_CHUNK: usize = 32 * 1024;
