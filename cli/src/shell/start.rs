//! How the shell begins, and how it ends.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

use dblink_engine::libpq_text::system_text;
use dblink_engine::session::Compat;

use super::console::Console;
use super::editor::Editor;
use super::input::Source;
use super::interpreter::Interpreter;
use super::local::Local;
use super::print::options::{Expanded, Format};
use super::run::{Ended, Shell};
use crate::commands::shell::Args;
use crate::failure::Failure;

impl Shell {
    /// Runs what the command line asks for.
    pub(crate) async fn start(args: Args) -> Result<(), Failure> {
        let reads_stdin = args.file.is_empty() && args.command.is_empty();
        let interactive = reads_stdin && io::stdin().is_terminal() && io::stdout().is_terminal();
        let mut console = Console::new(interactive);
        set_up(&mut console, &args)?;
        // What cannot be read is found out before anything is done.
        let files = open(&args.file)?;
        let (local, connection) = match &args.local {
            Some(conn) => {
                let (local, connection) = Local::connect(conn).await?;
                (Some(local), Some(connection))
            }
            None => (None, None),
        };
        let voice = console.voice.clone();
        let compat = if args.exact { Compat::Exact } else { Compat::Mended };
        let mut shell = Self {
            interpreter: Interpreter::new(connection, compat, move |report| voice.report_notice(report)),
            console,
            local,
            timing: false,
            restricted: None,
            interrupted: false,
        };
        shell.set_place_variables();
        shell.follow_parameters();
        let done = shell.run_all(&args.command, files).await;
        let told = shell.finish();
        shell.interpreter.close().await;
        told?;
        match done? {
            Ended::Failed => Err(Failure::Told(1)),
            Ended::Done | Ended::Quit => Ok(()),
        }
    }

    async fn run_all(&mut self, commands: &[String], files: Vec<(String, Source)>) -> Result<Ended, Failure> {
        let is_asked = !commands.is_empty() || !files.is_empty();
        let mut ended = Ended::Done;
        for command in commands {
            ended = self.run_command(command).await?;
            if ended == Ended::Failed && self.console.variables.on_error_stop() {
                return Ok(ended);
            }
        }
        for (name, source) in files {
            ended = self.run_opened(&name, source).await?;
            if ended == Ended::Failed && self.console.variables.on_error_stop() {
                return Ok(ended);
            }
        }
        if !is_asked {
            let source = if self.console.interactive {
                self.console.tell(&format!(
                    "dblink {}: the shell\nType \"help\" for help.\n",
                    env!("CARGO_PKG_VERSION")
                ))?;
                Source::Terminal(Box::new(Editor::new()?))
            } else {
                Source::open("-").map_err(|error| Failure::io("read the standard input", &error))?
            };
            ended = self.run_source(source).await?;
        }
        Ok(ended)
    }
}

/// Opens these files, each once: a pipe cannot be opened again.
fn open(files: &[PathBuf]) -> Result<Vec<(String, Source)>, Failure> {
    let opened = files.iter().map(|file| {
        let name = file.to_string_lossy().into_owned();
        match Source::open(&name) {
            Ok(source) => Ok((name, source)),
            Err(error) => Err(Failure::Usage(format!("{name}: {}", system_text(&error)))),
        }
    });
    opened.collect()
}

/// Sets what the options say.
fn set_up(console: &mut Console, args: &Args) -> Result<(), Failure> {
    let options = &mut console.options;
    options.tuples_only = args.tuples_only;
    if args.no_align {
        options.format = Format::Unaligned;
    }
    if args.csv {
        options.format = Format::Csv;
    }
    if args.expanded {
        options.expanded = Expanded::On;
    }
    let switches = [
        ("QUIET", args.quiet.then_some("on")),
        ("ECHO", args.echo_all.then_some("all")),
        ("ON_ERROR_STOP", args.on_error_stop.then_some("on")),
    ];
    let switches = switches
        .into_iter()
        .filter_map(|(name, value)| Some((name, Some(value?))));
    let given = args.set.iter().map(|set| match set.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (set.as_str(), None),
    });
    for (name, value) in switches.chain(given) {
        let done = match value {
            Some(value) => console.variables.set(name, value),
            None => {
                console.variables.unset(name);
                Ok(())
            }
        };
        done.map_err(|error| Failure::Usage(error.to_string()))?;
    }
    Ok(())
}
