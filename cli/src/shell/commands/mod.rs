//! Backslash commands.
//!
//! PostgreSQL manual: [psql, Meta-Commands](https://www.postgresql.org/docs/current/app-psql.html#APP-PSQL-META-COMMANDS).

mod conditional;
mod connection;
mod display;
mod file;
mod help;
mod query;
mod variable;

use super::answer::Front as _;
use super::console::Next;
use super::run::{Outcome, Reading, Shell};
use super::words::{BadWord, Word};
use crate::failure::Failure;

pub(crate) use help::WELCOME;

/// The commands, for those who type them.
pub(crate) const NAMES: [&str; 35] = [
    "\\?",
    "\\a",
    "\\c",
    "\\connect",
    "\\conninfo",
    "\\conns",
    "\\echo",
    "\\elif",
    "\\else",
    "\\endif",
    "\\f",
    "\\g",
    "\\getenv",
    "\\gexec",
    "\\gset",
    "\\gx",
    "\\h",
    "\\i",
    "\\if",
    "\\ir",
    "\\o",
    "\\p",
    "\\pset",
    "\\q",
    "\\qecho",
    "\\r",
    "\\restrict",
    "\\set",
    "\\t",
    "\\timing",
    "\\unrestrict",
    "\\unset",
    "\\warn",
    "\\watch",
    "\\x",
];

/// Other names of commands.
const LONG_NAMES: [&str; 7] = [
    "help",
    "include",
    "include_relative",
    "out",
    "print",
    "quit",
    "reset",
];

impl Shell {
    /// Does the command that the scanner stands before.
    pub(crate) async fn command(&mut self, reading: &mut Reading) -> Result<Outcome, Failure> {
        reading.bad_word = false;
        let name = reading.scanner.command_name();
        let active = reading.branches.is_active();
        let branching = matches!(name.as_str(), "if" | "elif" | "else" | "endif");
        if !active && !branching && self.console.interactive {
            self.console.voice.warning(format_args!(
                "\\{name} command ignored; use \\endif or Ctrl-C to exit current \\if block"
            ));
        }
        let mut outcome = match name.as_str() {
            _ if self.restricted.is_some() && name != "unrestrict" => {
                self.console
                    .voice
                    .error("backslash commands are restricted; only \\unrestrict is allowed");
                Outcome::Failed
            }
            "if" | "elif" | "else" | "endif" => self.conditional(&name, reading),
            _ if !is_known(&name) => {
                self.console.voice.error(format_args!("invalid command \\{name}"));
                if self.console.interactive {
                    self.console.voice.hint("Try \\? for help.");
                } else if name == "copy" && active && copies_what_follows(&reading.scanner.rest_of_line()) {
                    // The lines behind it are data, and no SQL.
                    while !self.console.sources.is_empty() && self.console.copy_data()?.is_some() {}
                }
                Outcome::Failed
            }
            // The words of a command that is not done are not looked at.
            _ if !active => Outcome::Done,
            _ => self.act(&name, reading).await?,
        };
        if reading.bad_word {
            outcome = Outcome::Failed;
        }
        if outcome != Outcome::Send {
            // It was for a statement that is not sent.
            self.console.next = Next::default();
        }
        if outcome == Outcome::Failed {
            // What follows may be meant for what did not come about.
            drop(reading.scanner.rest_of_line());
        } else {
            loop {
                match reading.scanner.next_word(None, false) {
                    Ok(Some(word)) if active && reading.branches.is_active() => self
                        .console
                        .voice
                        .warning(format_args!("\\{name}: extra argument \"{}\" ignored", word.text)),
                    Ok(Some(_)) => {}
                    Ok(None) => break,
                    Err(_) => {
                        self.console.voice.error("unterminated quoted string");
                        drop(reading.scanner.rest_of_line());
                    }
                }
            }
        }
        reading.scanner.end_command();
        Ok(outcome)
    }

    async fn act(&mut self, name: &str, reading: &mut Reading) -> Result<Outcome, Failure> {
        match name {
            "a" | "f" | "pset" | "t" | "x" | "timing" => self.display(name, reading),
            "echo" | "qecho" | "warn" => self.echo(name, reading),
            "getenv" => self.environment(reading),
            "set" | "unset" => self.variable(name, reading),
            "g" | "gx" | "gset" | "gexec" | "p" | "print" | "r" | "reset" => self.query(name, reading),
            "watch" => self.watch(reading).await,
            "i" | "include" | "ir" | "include_relative" => self.include(name, reading).await,
            "o" | "out" => Ok(self.redirect(reading)),
            "restrict" | "unrestrict" => Ok(self.restriction(name, reading)),
            "c" | "connect" => self.connect(reading).await,
            "conninfo" => self.conninfo(),
            "conns" => self.conns(),
            "?" => self.help(reading),
            "h" | "help" => self.manual(reading),
            _ => Ok(Outcome::Quit),
        }
    }

    /// The next argument of a command. `strip` takes semicolons from its end.
    fn word(&self, reading: &mut Reading, strip: bool) -> Option<Word> {
        let lookup = self.console.lookup(reading.branches.is_active());
        match reading.scanner.next_word(Some(&lookup), strip) {
            Ok(word) => word,
            Err(BadWord::Unterminated) => {
                self.console.voice.error("unterminated quoted string");
                drop(reading.scanner.rest_of_line());
                None
            }
            Err(BadWord::Backquotes) => {
                self.console
                    .voice
                    .error("backquotes, which would run a program, are not there in this shell");
                drop(reading.scanner.rest_of_line());
                reading.bad_word = true;
                None
            }
        }
    }

    /// The text of the next argument.
    fn text(&self, reading: &mut Reading, strip: bool) -> Option<String> {
        self.word(reading, strip).map(|word| word.text)
    }

    /// An argument that must be there is not.
    fn missing(&self, name: &str) -> Outcome {
        self.console
            .voice
            .error(format_args!("\\{name}: missing required argument"));
        Outcome::Failed
    }
}

/// Whether there is a command of this name.
fn is_known(name: &str) -> bool {
    let is_short = NAMES.iter().any(|known| known.strip_prefix('\\') == Some(name));
    is_short || LONG_NAMES.contains(&name)
}

/// Whether the data for psql's `\copy` with these arguments are in the script.
fn copies_what_follows(arguments: &str) -> bool {
    let words: Vec<_> = arguments.split_whitespace().collect();
    let is = |word: &str, expected| word.trim_end_matches(';').eq_ignore_ascii_case(expected);
    words
        .iter()
        .zip(words.iter().skip(1))
        .any(|(from, stdin)| is(from, "from") && is(stdin, "stdin"))
}

/// What a command that may go wrong has come to.
const fn outcome(well: bool) -> Outcome {
    if well { Outcome::Done } else { Outcome::Failed }
}
