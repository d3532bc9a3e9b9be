//! The line that is typed: editing, history, completion.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::{io, process, thread};

use dblink_engine::connection::Connection;
use dblink_engine::libpq_text::system_text;
use dblink_engine::protocol::backend::TransactionStatus;
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{CompletionType, Config};
use tokio::signal::unix::{SignalKind, signal};

use super::complete::Helper;
use super::history::{file, is_secret};
use super::scan::Open;
use crate::failure::Failure;

/// How many entries the history has at most.
const ENTRIES: usize = 2000;

/// The exit code after SIGTERM.
const TERMINATED: i32 = 143;

/// Has a terminal not mark what is pasted, which the editing of lines asks for; and the next line begin.
const PASTE_AS_TYPED: &[u8] = b"\x1b[?2004l\r\n";

pub(crate) struct Editor {
    editor: rustyline::Editor<Helper, FileHistory>,
    history: Option<PathBuf>,
    /// The other lines of what was typed as one.
    lines: VecDeque<String>,
}

/// What somebody has typed.
#[derive(Debug)]
pub(crate) enum Typed {
    Line(String),
    /// Ctrl-C: what was typed so far is not meant.
    Cleared,
    /// Ctrl-D.
    End,
}

/// What stands before the line.
#[derive(Debug)]
pub(crate) struct Prompt(String);

impl Prompt {
    pub(crate) fn new(
        database: Option<&str>,
        local: Option<&Connection>,
        open: Open,
        is_ignored: bool,
    ) -> Self {
        let superuser = local
            .and_then(|local| local.parameters().get("is_superuser"))
            .is_some_and(|value| value.as_bytes() == b"on");
        let sign = match open {
            _ if is_ignored => '@',
            Open::Nothing => '=',
            Open::Statement => '-',
            Open::String => '\'',
            Open::Name => '"',
            Open::Comment => '*',
            Open::Dollar => '$',
            Open::Paren => '(',
        };
        let transaction = match local.map(Connection::transaction_status) {
            Some(TransactionStatus::InTransaction) => "*",
            Some(TransactionStatus::Failed) => "!",
            _ => "",
        };
        let end = if superuser { '#' } else { '>' };
        Self(format!(
            "{}{sign}{transaction}{end} ",
            database.unwrap_or("dblink")
        ))
    }
}

/// Has SIGTERM leave the terminal as it is now, however lines are edited on it.
fn restore_if_terminated() -> io::Result<()> {
    let now = tcgetattr(io::stdin())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    let mut terminated = {
        let _guard = runtime.enter();
        signal(SignalKind::terminate())?
    };
    thread::spawn(move || {
        if runtime.block_on(terminated.recv()).is_some() {
            // Nobody would run what sets it back: who edits a line waits for keys only.
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, &now);
            let _ = rustix::io::write(io::stdout(), PASTE_AS_TYPED);
            process::exit(TERMINATED);
        }
    });
    Ok(())
}

impl Editor {
    pub(crate) fn new() -> Result<Self, Failure> {
        let config = Config::builder()
            .completion_type(CompletionType::List)
            .max_history_size(ENTRIES)
            .map_err(|error| failure(&error))?
            .build();
        let mut editor = rustyline::Editor::with_config(config).map_err(|error| failure(&error))?;
        editor.set_helper(Some(Helper::default()));
        restore_if_terminated().map_err(|error| failure(&ReadlineError::Io(error)))?;
        let history = file();
        if let Some(history) = &history {
            // At first there is none.
            let _ = editor.load_history(history);
        }
        Ok(Self {
            editor,
            history,
            lines: VecDeque::new(),
        })
    }

    /// The names that are completed.
    pub(crate) fn set_connections(&mut self, names: impl Iterator<Item = String>) {
        if let Some(helper) = self.editor.helper_mut() {
            helper.connections = names.collect();
        }
    }

    /// The next line.
    pub(crate) fn line(&mut self, prompt: &Prompt) -> Result<Typed, Failure> {
        if let Some(line) = self.lines.pop_front() {
            return Ok(Typed::Line(line));
        }
        match self.editor.readline(&prompt.0) {
            Ok(text) => {
                // An entry of the history may have many.
                self.lines.extend(text.split('\n').map(str::to_owned));
                Ok(Typed::Line(self.lines.pop_front().unwrap_or_default()))
            }
            Err(ReadlineError::Interrupted) => {
                self.lines.clear();
                Ok(Typed::Cleared)
            }
            Err(ReadlineError::Eof) => Ok(Typed::End),
            Err(error) => Err(failure(&error)),
        }
    }

    /// A line of the data of a COPY, with its end; none at Ctrl-D.
    pub(crate) fn copy_line(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        let line = match self.line(&Prompt(">> ".to_owned()))? {
            Typed::Line(line) => line,
            Typed::End => return Ok(None),
            Typed::Cleared => return Err(Failure::Interrupted),
        };
        Ok(Some(format!("{line}\n").into_bytes()))
    }

    /// Keeps what was typed, unless a password may be in it.
    pub(crate) fn remember(&mut self, text: &str) {
        let text = text.trim_end();
        if text.is_empty() || is_secret(text) {
            return;
        }
        let added = self.editor.add_history_entry(text).unwrap_or_default();
        if let Some(history) = self.history.as_ref().filter(|_| added) {
            // Without a file, the history is that of this session.
            let _ = self.editor.append_history(history);
        }
    }
}

fn failure(error: &ReadlineError) -> Failure {
    match error {
        ReadlineError::Io(error) => Failure::Usage(format!(
            "could not read from the terminal: {}",
            system_text(error)
        )),
        ReadlineError::Errno(error) => Failure::io("read from the terminal", &io::Error::from(*error)),
        error => Failure::Usage(format!("could not read from the terminal: {error}")),
    }
}
