//! What is said on stderr: with the place in the input that it is about, as psql says it.

use std::fmt::{self, Write as _};
use std::io::{self, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dblink_engine::libpq_text::point_at;

use crate::failure::Report;

/// Who speaks. All copies know the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Voice(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    /// The file that is read, and the line.
    place: Option<(String, u64)>,
    /// The statement that runs.
    statement: Option<String>,
    verbosity: Verbosity,
    show_context: ShowContext,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Verbosity {
    #[default]
    Default,
    Terse,
    Verbose,
    Sqlstate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum ShowContext {
    Never,
    #[default]
    Errors,
    Always,
}

impl Voice {
    fn known(&self) -> MutexGuard<'_, Known> {
        // What is known is whole at any time.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file that is read from now on; gives the one before.
    pub(crate) fn set_file(&self, file: Option<String>) -> Option<(String, u64)> {
        std::mem::replace(&mut self.known().place, file.map(|file| (file, 0)))
    }

    pub(crate) fn set_place(&self, place: Option<(String, u64)>) {
        self.known().place = place;
    }

    /// The file that is read.
    pub(crate) fn file(&self) -> Option<String> {
        self.known().place.as_ref().map(|(file, _)| file.clone())
    }

    /// One more line has been read.
    pub(crate) fn next_line(&self) {
        if let Some((_, line)) = &mut self.known().place {
            *line += 1;
        }
    }

    pub(crate) fn set_statement(&self, statement: Option<&str>) {
        self.known().statement = statement.map(str::to_owned);
    }

    pub(crate) fn set_verbosity(&self, verbosity: Verbosity) {
        self.known().verbosity = verbosity;
    }

    pub(crate) fn set_show_context(&self, show: ShowContext) {
        self.known().show_context = show;
    }

    /// What is about a file's line says so, and of what kind it is.
    fn say(&self, kind: &str, text: impl fmt::Display) {
        let place = self.known().place.clone();
        let text = match place {
            Some((file, 0)) => format!("dblink:{file}: {kind}{text}\n"),
            Some((file, line)) => format!("dblink:{file}:{line}: {kind}{text}\n"),
            None => format!("{text}\n"),
        };
        // What was printed before stands before it. Where neither can be written, the exit code says it.
        let _ = io::stdout().flush();
        let _ = io::stderr().write_all(text.as_bytes());
    }

    /// What no place is told of.
    pub(crate) fn bare(&self, text: impl fmt::Display) {
        let _ = io::stdout().flush();
        let _ = io::stderr().write_all(format!("{text}\n").as_bytes());
    }

    pub(crate) fn error(&self, text: impl fmt::Display) {
        self.say("error: ", text);
    }

    pub(crate) fn hint(&self, text: impl fmt::Display) {
        self.say("hint: ", text);
    }

    pub(crate) fn warning(&self, text: impl fmt::Display) {
        self.say("warning: ", text);
    }

    /// What has its own kind in it.
    pub(crate) fn info(&self, text: impl fmt::Display) {
        self.say("", text);
    }

    /// That a statement has failed.
    pub(crate) fn report_error(&self, report: &Report) {
        let text = self.known().text(report, true);
        self.info(text);
    }

    /// What a server says beside.
    pub(crate) fn report_notice(&self, report: &Report) {
        let text = self.known().text(report, false);
        self.info(text);
    }
}

impl Known {
    /// A report as libpq has it.
    fn text(&self, report: &Report, is_error: bool) -> String {
        let mut text = String::new();
        if let Some(severity) = &report.severity {
            let _ = write!(text, "{severity}:  ");
        }
        let mut verbosity = self.verbosity;
        if verbosity == Verbosity::Sqlstate {
            if let Some(sqlstate) = &report.sqlstate {
                let _ = write!(text, "{sqlstate}");
                return text;
            }
            verbosity = Verbosity::Terse;
        }
        if verbosity == Verbosity::Verbose
            && let Some(sqlstate) = &report.sqlstate
        {
            let _ = write!(text, "{sqlstate}: ");
        }
        text.push_str(&report.message);
        if verbosity == Verbosity::Terse {
            if let Some(position) = report.position {
                let _ = write!(text, " at character {position}");
            }
            return text;
        }
        match (report.place.as_str(), report.position, &self.statement) {
            // It may be about a statement that only the shell knows.
            ("", Some(position), Some(statement)) => point_at(&mut text, statement, position),
            (place, ..) => text.push_str(place),
        }
        let shown = match self.show_context {
            ShowContext::Never => false,
            ShowContext::Errors => is_error,
            ShowContext::Always => true,
        };
        let lines = [
            ("DETAIL", &report.detail, true),
            ("HINT", &report.hint, true),
            ("QUERY", &report.query, true),
            ("CONTEXT", &report.context, shown),
        ];
        for (title, line, shown) in lines {
            if let (Some(line), true) = (line, shown) {
                let _ = write!(text, "\n{title}:  {line}");
            }
        }
        if let (Verbosity::Verbose, Some(more)) = (verbosity, &report.more) {
            for (title, name) in &more.names {
                let _ = write!(text, "\n{title}:  {name}");
            }
            if let Some(location) = &more.location {
                let _ = write!(text, "\nLOCATION:  {location}");
            }
        }
        text
    }
}
