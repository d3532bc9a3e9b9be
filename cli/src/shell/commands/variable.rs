//! `\set`, `\unset`, `\getenv`, `\restrict`, `\unrestrict`, and what prints its arguments.

use std::env;
use std::io::{self, Write as _};

use crate::failure::Failure;
use crate::shell::run::{Outcome, Reading, Shell};

impl Shell {
    pub(super) fn variable(&mut self, command: &str, reading: &mut Reading) -> Result<Outcome, Failure> {
        let Some(name) = self.text(reading, false) else {
            if command == "unset" {
                return Ok(self.missing(command));
            }
            let lines = self.console.variables.iter();
            let lines = lines.map(|(name, value)| format!("{name} = '{value}'\n"));
            self.console.write(&lines.collect::<String>())?;
            return Ok(Outcome::Done);
        };
        let done = if command == "unset" {
            self.console.variables.unset(&name);
            Ok(())
        } else {
            let mut value = String::new();
            while let Some(word) = self.text(reading, false) {
                value.push_str(&word);
            }
            if reading.bad_word {
                return Ok(Outcome::Failed);
            }
            self.console.variables.set(&name, &value)
        };
        if let Err(error) = done {
            self.console.voice.error(error);
            return Ok(Outcome::Failed);
        }
        Ok(Outcome::Done)
    }

    /// `\getenv`: a variable gets the value that one of the environment has, if that has one.
    pub(super) fn environment(&mut self, reading: &mut Reading) -> Result<Outcome, Failure> {
        let name = self.text(reading, false);
        let (Some(name), Some(variable)) = (name, self.text(reading, false)) else {
            return Ok(self.missing("getenv"));
        };
        if let Some(value) = env::var_os(&variable)
            && let Err(error) = self.console.variables.set(&name, &value.to_string_lossy())
        {
            self.console.voice.error(error);
            return Ok(Outcome::Failed);
        }
        Ok(Outcome::Done)
    }

    /// `\restrict` and `\unrestrict`: between the two with the same key no other command is done, so that what pg_dump has written
    /// cannot do anything but SQL.
    pub(super) fn restriction(&mut self, command: &str, reading: &mut Reading) -> Outcome {
        let Some(key) = self.text(reading, false).filter(|key| !key.is_empty()) else {
            return self.missing(command);
        };
        let wrong = match &self.restricted {
            _ if command == "restrict" => {
                self.restricted = Some(key);
                return Outcome::Done;
            }
            Some(restricted) if *restricted == key => {
                self.restricted = None;
                return Outcome::Done;
            }
            Some(_) => "wrong key",
            None => "not currently in restricted mode",
        };
        self.console.voice.error(format_args!("\\{command}: {wrong}"));
        Outcome::Failed
    }

    pub(super) fn echo(&mut self, command: &str, reading: &mut Reading) -> Result<Outcome, Failure> {
        let mut words = Vec::new();
        let mut end = "\n";
        while let Some(word) = self.word(reading, false) {
            if words.is_empty() && !end.is_empty() && !word.quoted && word.text == "-n" {
                end = "";
            } else {
                words.push(word.text);
            }
        }
        if reading.bad_word {
            return Ok(Outcome::Failed);
        }
        let text = format!("{}{end}", words.join(" "));
        match command {
            "echo" => self.console.write(&text)?,
            "qecho" => self.console.write_result(text.as_bytes())?,
            _ => {
                let _ = io::stdout().flush();
                let _ = io::stderr().write_all(text.as_bytes());
            }
        }
        Ok(Outcome::Done)
    }
}
