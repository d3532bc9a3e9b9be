//! Reads an input to its end: sends the statements, does the backslash commands.

use std::io;

use dblink_engine::libpq_text::system_text;

use super::branch::Branches;
use super::console::Console;
use super::editor::{Prompt, Typed};
use super::input::{ARCHIVE, Line, Source};
use super::interpreter::Interpreter;
use super::local::Local;
use super::scan::{Open, Scanner, Stop};
use super::variables::Echo;
use crate::failure::Failure;
use crate::interrupt::was_pressed;

/// A session of the shell.
pub(crate) struct Shell {
    pub(crate) interpreter: Interpreter,
    pub(crate) console: Console,
    /// Where the local connection leads; none without a local server.
    pub(crate) local: Option<Local>,
    pub(crate) timing: bool,
    /// The key that ends the refusing of backslash commands, while they are refused.
    pub(crate) restricted: Option<String>,
    /// Whether Ctrl-C was pressed while the statement ran.
    pub(crate) interrupted: bool,
}

/// What has been read of one input and is not done.
#[derive(Default)]
pub(crate) struct Reading {
    pub(crate) scanner: Scanner,
    pub(crate) statement: String,
    /// The statement that was sent last.
    pub(crate) previous: String,
    pub(crate) branches: Branches,
    /// What the server would say of bytes in the statement that are not UTF-8.
    pub(crate) invalid: Option<String>,
    /// Whether the command that is being done has an argument that cannot be read.
    pub(crate) bad_word: bool,
    /// The lines of the terminal since the last statement or command, for the history.
    typed: String,
}

/// How an input has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    Done,
    /// At an error, as that was asked for.
    Failed,
    /// By `\q`.
    Quit,
}

/// What a backslash command has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    Failed,
    /// The statement that was read so far is to be sent.
    Send,
    Quit,
}

impl Shell {
    /// Reads a file, or the standard input if its name is `-`.
    pub(crate) async fn run_file(&mut self, name: &str) -> Result<Ended, Failure> {
        match Source::open(name) {
            Ok(source) => self.run_opened(name, source).await,
            Err(error) => {
                self.console
                    .voice
                    .error(format_args!("{name}: {}", system_text(&error)));
                Ok(Ended::Failed)
            }
        }
    }

    /// The same with what is open already.
    pub(crate) async fn run_opened(&mut self, name: &str, source: Source) -> Result<Ended, Failure> {
        let told = if name == "-" { "<stdin>" } else { name };
        let place = self.console.voice.set_file(Some(told.to_owned()));
        // A file is no conversation, whoever has asked for it.
        let interactive = std::mem::replace(&mut self.console.interactive, false);
        let ended = self.run_source(source).await;
        self.console.interactive = interactive;
        self.console.voice.set_place(place);
        match ended {
            // What has ended it early is told. Whoever has typed its name goes on.
            Err(Failure::Told(_) | Failure::Interrupted) if interactive => {
                if self.is_lost() {
                    self.reset_local().await?;
                }
                Ok(Ended::Failed)
            }
            ended => ended,
        }
    }

    /// Reads what is open.
    pub(crate) async fn run_source(&mut self, source: Source) -> Result<Ended, Failure> {
        self.console.sources.push(source);
        let ended = Box::pin(self.read()).await;
        self.console.sources.pop();
        ended
    }

    async fn read(&mut self) -> Result<Ended, Failure> {
        let mut reading = Reading::default();
        let mut open = Open::Nothing;
        let mut lines = 0_u64;
        let mut ended = Ended::Done;
        loop {
            let mut line = match self.next_line(&mut reading, open).await {
                Ok(Some(line)) => line,
                Ok(None) => break,
                Err(Failure::Usage(wrong)) => {
                    self.console.voice.error(wrong);
                    ended = Ended::Failed;
                    break;
                }
                Err(failure) => return Err(failure),
            };
            lines += 1;
            self.console.voice.next_line();
            if lines == 1 && !self.console.interactive {
                if let Some(text) = line.text.strip_prefix('\u{feff}') {
                    line.text = text.to_owned();
                }
                if line.text.starts_with(ARCHIVE) {
                    self.console.write(
                        "The input is a PostgreSQL custom-format dump.\n\
                         Use the pg_restore command-line client to restore this dump to a database.\n\n",
                    )?;
                    return Ok(Ended::Failed);
                }
            }
            if line.text.is_empty() && !reading.scanner.is_within_quotes() {
                if reading.statement.is_empty() {
                    // It may have been given up.
                    open = Open::Nothing;
                }
                continue;
            }
            if self.console.interactive && reading.statement.is_empty() {
                match line.text.trim_end_matches([' ', '\t', ';']) {
                    "quit" | "exit" => return Ok(Ended::Quit),
                    "help" => {
                        self.console.write(super::commands::WELCOME)?;
                        continue;
                    }
                    _ => {}
                }
            }
            if !self.console.interactive && self.console.variables.echo() == Echo::All {
                match &line.invalid {
                    Some((_, bytes)) => self.console.write_bytes(&[bytes, b"\n".as_slice()].concat())?,
                    None => self.console.write_line(&line.text)?,
                }
            }
            if reading.invalid.is_none() {
                reading.invalid = line.invalid.take().map(|(wrong, _)| wrong);
            }
            match self.line(&line.text, &mut reading, &mut open).await? {
                None => {}
                Some(Ended::Failed) if self.console.interactive => {}
                Some(end) => {
                    ended = end;
                    break;
                }
            }
        }
        self.end(reading, ended).await
    }

    /// The input is over.
    async fn end(&mut self, mut reading: Reading, mut ended: Ended) -> Result<Ended, Failure> {
        let stops = self.console.variables.on_error_stop() && !self.console.interactive;
        if ended == Ended::Done && !reading.statement.is_empty() && !self.console.interactive {
            let well = !reading.branches.is_active() || self.send_read(&mut reading).await?;
            if !well && stops {
                ended = Ended::Failed;
            }
        }
        if ended == Ended::Done && !reading.branches.is_empty() {
            self.console
                .voice
                .error("reached EOF without finding closing \\endif(s)");
            if stops {
                ended = Ended::Failed;
            }
        }
        Ok(ended)
    }

    /// The next line of the innermost input.
    async fn next_line(&mut self, reading: &mut Reading, open: Open) -> Result<Option<Line>, Failure> {
        let is_within = !reading.branches.is_active();
        let database = self.local.as_ref().map(|local| local.database().to_owned());
        if let Some(Source::Terminal(editor)) = self.console.sources.last_mut() {
            let local = self.interpreter.local();
            let prompt = Prompt::new(database.as_deref(), local.map(|local| &*local), open, is_within);
            let names = self.interpreter.connections();
            editor.set_connections(names.into_iter().filter_map(|info| info.name));
            let typed = editor.line(&prompt)?;
            // Ctrl-C was for what ran before.
            was_pressed().await;
            return match typed {
                Typed::Line(text) => {
                    if !reading.typed.is_empty() {
                        reading.typed.push('\n');
                    }
                    reading.typed.push_str(&text);
                    Ok(Some(Line { text, invalid: None }))
                }
                Typed::Cleared => {
                    reading.typed.clear();
                    reading.statement.clear();
                    reading.scanner.reset();
                    reading.branches.clear();
                    Ok(Some(Line::default()))
                }
                Typed::End => {
                    if !self.console.variables.is_quiet() {
                        self.console.write_line("\\q")?;
                    }
                    Ok(None)
                }
            };
        }
        if was_pressed().await {
            return Err(Failure::Told(130));
        }
        let bytes = match self.console.sources.last_mut() {
            Some(source) => source.wait_for_bytes().await,
            None => Ok(None),
        };
        Ok(bytes?.map(Line::new))
    }

    /// Does a line. How the input ends, if it does.
    async fn line(
        &mut self,
        line: &str,
        reading: &mut Reading,
        open: &mut Open,
    ) -> Result<Option<Ended>, Failure> {
        // Lines of one statement are put together again; but a line that adds nothing leaves it as it is.
        let mut added = None;
        if !reading.statement.is_empty() {
            reading.statement.push('\n');
            added = Some(reading.statement.len());
        }
        reading.scanner.set_line(line);
        let mut saved = false;
        loop {
            let active = reading.branches.is_active();
            let lookup = self.console.lookup(active);
            let stop = reading.scanner.scan(&lookup, &mut reading.statement);
            let well = match stop {
                Stop::End(left) => {
                    *open = left;
                    break;
                }
                Stop::Semicolon if active => {
                    added = None;
                    self.remember(reading, &mut saved);
                    self.send_read(reading).await?
                }
                Stop::Semicolon => {
                    if self.console.interactive {
                        self.console
                            .voice
                            .error("query ignored; use \\endif or Ctrl-C to exit current \\if block");
                    }
                    true
                }
                Stop::Backslash => {
                    if added == Some(reading.statement.len()) {
                        reading.statement.pop();
                    }
                    added = None;
                    self.remember(reading, &mut saved);
                    match self.command(reading).await? {
                        Outcome::Done => true,
                        Outcome::Failed => false,
                        Outcome::Quit => return Ok(Some(Ended::Quit)),
                        Outcome::Send => {
                            let well = self.send_read(reading).await?;
                            reading.scanner.reset();
                            well
                        }
                    }
                }
            };
            self.follow_parameters();
            if !well && self.console.variables.on_error_stop() {
                return Ok(Some(Ended::Failed));
            }
        }
        Ok(None)
    }

    /// What was typed is one entry of the history.
    fn remember(&mut self, reading: &mut Reading, saved: &mut bool) {
        if let Some(Source::Terminal(editor)) = self.console.sources.last_mut()
            && !std::mem::replace(saved, true)
        {
            editor.remember(&std::mem::take(&mut reading.typed));
        }
    }

    /// Sends the statement that was read, and keeps it as the last one.
    pub(crate) async fn send_read(&mut self, reading: &mut Reading) -> Result<bool, Failure> {
        let invalid = reading.invalid.take();
        let well = self.send(&reading.statement, invalid).await?;
        reading.previous = std::mem::take(&mut reading.statement);
        Ok(well)
    }

    /// Runs a statement or a backslash command of the command line.
    pub(crate) async fn run_command(&mut self, text: &str) -> Result<Ended, Failure> {
        if !text.starts_with('\\') {
            if self.console.variables.echo() == Echo::All {
                self.console.write_line(text)?;
            }
            let well = self.send(text, None).await?;
            self.follow_parameters();
            return Ok(if well { Ended::Done } else { Ended::Failed });
        }
        if self.console.variables.echo() == Echo::All {
            self.console.write_line(text)?;
        }
        let mut reading = Reading::default();
        reading
            .scanner
            .set_line(text.strip_prefix('\\').unwrap_or_default());
        let well = match self.command(&mut reading).await? {
            Outcome::Failed => false,
            Outcome::Send => self.send_read(&mut reading).await?,
            Outcome::Done | Outcome::Quit => true,
        };
        self.follow_parameters();
        Ok(if well { Ended::Done } else { Ended::Failed })
    }

    /// Ends the outputs, and says why that cannot be.
    pub(crate) fn finish(&self) -> Result<(), Failure> {
        io::Write::flush(&mut io::stdout()).map_err(|error| Failure::output(&error))
    }
}
