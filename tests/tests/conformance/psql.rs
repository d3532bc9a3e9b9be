//! A psql that is told one statement after the other.
//!
//! PostgreSQL manual: [psql](https://www.postgresql.org/docs/current/app-psql.html).

use std::io::{self, Read as _, Write as _};
use std::process::{Child, ChildStdin};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use dblink_tests::Cluster;

use crate::outcome::{Outcome, Report};

/// Between columns, between rows, and for NULL: characters that stand in no value.
const FIELD: char = '\u{1f}';
const RECORD: char = '\u{1e}';
const NULL: &str = "\u{1d}";
/// What psql says when it has run a statement: between these two the primary message of the last error.
const MESSAGE: char = '\u{1b}';
const MARK: char = '\u{1c}';

/// How long a statement may take before the test fails. Nothing is waited for that long.
const LIMIT: Duration = Duration::from_secs(90);

/// A psql, and through it a session.
pub(crate) struct Psql {
    child: Child,
    input: Option<ChildStdin>,
    output: Receiver<Vec<u8>>,
    unread: Vec<u8>,
}

impl Psql {
    /// Logs in.
    pub(crate) fn start(cluster: &Cluster, database: &str, user: &str, application: &str) -> Self {
        let (mut reader, writer) = io::pipe().unwrap();
        let mut command = cluster.psql_command();
        command
            // Errors and notices stand where they belong among the results.
            .stdout(writer.try_clone().unwrap())
            .stderr(writer)
            .stdin(std::process::Stdio::piped())
            .env("PGDATABASE", database)
            .env("PGUSER", user)
            .env("PGAPPNAME", application)
            .args(["--set", "ON_ERROR_STOP=0", "--set", "VERBOSITY=verbose"])
            .args(["--set", "SHOW_CONTEXT=always"])
            .args(["--pset", "tuples_only=off", "--pset", "footer=off"])
            .args(["--pset", &format!("fieldsep={FIELD}")])
            .args(["--pset", &format!("recordsep={RECORD}")])
            .args(["--pset", &format!("null={NULL}")]);
        let mut child = command
            .spawn()
            .unwrap_or_else(|error| panic!("psql does not run: {error}"));
        // It holds the pipe's other end, whose closing shall be seen.
        drop(command);
        let (sender, output) = mpsc::channel();
        thread::spawn(move || {
            let mut bytes = [0; 8192];
            while let Ok(length @ 1..) = reader.read(&mut bytes) {
                if sender.send(bytes[..length].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self {
            input: child.stdin.take(),
            child,
            output,
            unread: Vec::new(),
        }
    }

    /// Runs a statement.
    #[track_caller]
    pub(crate) fn run(&mut self, sql: &str) -> Outcome {
        self.begin(sql);
        self.end(sql)
    }

    /// Begins to run a statement.
    pub(crate) fn begin(&mut self, sql: &str) {
        let input = self.input.as_mut().unwrap();
        write!(input, "{sql};\n\\echo '{MESSAGE}' :LAST_ERROR_MESSAGE '{MARK}'\n").unwrap();
        input.flush().unwrap();
    }

    /// Waits until the statement has run that was begun.
    #[track_caller]
    pub(crate) fn end(&mut self, sql: &str) -> Outcome {
        loop {
            let text = String::from_utf8_lossy(&self.unread);
            if let Some(text) = text.strip_suffix(&format!(" {MARK}\n")) {
                let (text, message) = text.split_once(&format!("{MESSAGE} ")).expect(text);
                let outcome = parse(text, message);
                self.unread.clear();
                return outcome;
            }
            match self.output.recv_timeout(LIMIT) {
                Ok(bytes) => self.unread.extend(bytes),
                Err(error) => panic!("psql runs no more ({error}): {sql}\nIt said:\n{text}"),
            }
        }
    }
}

impl Drop for Psql {
    fn drop(&mut self) {
        drop(self.input.take());
        // A server's process that hangs would hold it.
        if thread::panicking() {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// Reads what psql says of a statement: notices, and then rows or an error. Its primary message is known, since nothing tells
/// its lines from the other fields.
pub(crate) fn parse(text: &str, message: &str) -> Outcome {
    let mut outcome = Outcome::default();
    let mut rest = text;
    while let Some((report, after)) = parse_report(rest, message) {
        rest = after;
        if report.severity == "ERROR" {
            outcome.error = Some(report);
        } else {
            outcome.notices.push(report);
        }
    }
    if !rest.is_empty() {
        let rows = rest.strip_suffix('\n').unwrap_or(rest).split(RECORD);
        let columns = |row: &str| -> Vec<_> {
            row.split(FIELD)
                .map(|value| (value != NULL).then(|| value.to_owned()))
                .collect()
        };
        // The first one holds the columns' names.
        outcome.rows = Some(rows.skip(1).map(columns).collect());
    }
    outcome
}

/// Reads an error or a notice off the text's start. With `VERBOSITY=verbose` its last line is the one of its origin.
fn parse_report<'a>(text: &'a str, error: &str) -> Option<(Report, &'a str)> {
    let severities = [
        "ERROR", "WARNING", "NOTICE", "INFO", "LOG", "DEBUG", "FATAL", "PANIC",
    ];
    let severity = severities.into_iter().find(|severity| {
        text.strip_prefix(severity)
            .is_some_and(|rest| rest.starts_with(":  "))
    })?;
    let mut report = Report {
        severity: severity.to_owned(),
        ..Report::default()
    };
    let (sqlstate, mut rest) = text[severity.len() + 3..].split_once(": ").expect(text);
    report.sqlstate = sqlstate.to_owned();
    if let Some(after) = rest.strip_prefix(error).filter(|_| severity == "ERROR") {
        report.message = error.to_owned();
        // The rest of its last line, which is nothing.
        rest = after;
    }
    let mut field = "MESSAGE";
    let mut fields: Vec<(&str, Vec<&str>)> = vec![(field, Vec::new())];
    while field != "LOCATION" {
        let (line, after) = rest.split_once('\n').expect(text);
        rest = after;
        let labels = [
            "DETAIL",
            "HINT",
            "QUERY",
            "CONTEXT",
            "SCHEMA NAME",
            "TABLE NAME",
            "COLUMN NAME",
            "DATATYPE NAME",
            "CONSTRAINT NAME",
            "LOCATION",
        ];
        let label = labels
            .into_iter()
            .find_map(|label| Some((label, line.strip_prefix(label)?.strip_prefix(":  ")?)));
        match label {
            Some((label, line)) => {
                // dblink's own context is the last: what looked like fields stood in a message of several lines.
                if label == "CONTEXT" && fields.iter().any(|(label, _)| *label == "CONTEXT") {
                    report.message = unsplit(&fields);
                    fields.clear();
                }
                field = label;
                fields.push((field, vec![line]));
            }
            // The statement with the error's place, and below it a caret.
            None if field == "MESSAGE" && line.starts_with("LINE ") => {
                field = "LINE";
                fields.push((field, vec![line]));
            }
            None => fields.last_mut().unwrap().1.push(line),
        }
    }
    for (label, lines) in &fields {
        let text = lines.join("\n");
        match *label {
            "MESSAGE" => report.message += &text,
            "DETAIL" => report.detail = Some(text),
            "HINT" => report.hint = Some(text),
            "CONTEXT" => report.context = lines.iter().map(|line| (*line).to_owned()).collect(),
            _ => {}
        }
    }
    Some((report, rest))
}

/// The lines of a message that looked like fields.
fn unsplit(fields: &[(&str, Vec<&str>)]) -> String {
    let field = |(label, lines): &(&str, Vec<&str>)| match *label {
        "MESSAGE" => lines.join("\n"),
        label => format!("{label}:  {}", lines.join("\n")),
    };
    fields.iter().map(field).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_psql_says_is_read() {
    let text = "NOTICE:  22012: division by zero\nCONTEXT:  first\nsecond\nLOCATION:  f, f.c:1\na\u{1f}b\u{1e}1\u{1f}\u{1d}\n";
    let outcome = parse(text, "");
    assert_eq!(outcome.rows, Some(vec![vec![Some("1".to_owned()), None]]));
    assert_eq!(outcome.notices.len(), 1);
    assert_eq!(outcome.notices[0].sqlstate, "22012");
    assert_eq!(outcome.notices[0].context, ["first", "second"]);
    let text = "ERROR:  XX000: commit error: ERROR:  a\nDETAIL:  b\nHINT:  c\nLOCATION:  f, f.c:1\n";
    let error = parse(text, "commit error: ERROR:  a\nDETAIL:  b").error.unwrap();
    assert_eq!(error.message, "commit error: ERROR:  a\nDETAIL:  b");
    assert_eq!((error.detail, error.hint.as_deref()), (None, Some("c")));
    let text = "NOTICE:  08006: FATAL:  a\nCONTEXT:  b\nc\nCONTEXT:  d\nLOCATION:  f, f.c:1\n";
    let notice = &parse(text, "").notices[0];
    assert_eq!(notice.message, "FATAL:  a\nCONTEXT:  b\nc");
    assert_eq!(notice.context, ["d"]);
    assert_eq!(parse("a\n", "").rows, Some(vec![]));
    assert_eq!(parse("", "").rows, None);
}
