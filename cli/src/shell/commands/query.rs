//! What is done with the statement that was read: `\g`, `\gx`, `\gset`, `\gexec`, `\p`, `\r`, `\watch`.

use std::fs::File;
use std::time::Duration;

use chrono::Local;
use dblink_engine::libpq_text::system_text;
use tokio::time::sleep;

use super::outcome;
use crate::failure::Failure;
use crate::interrupt::pressed;
use crate::shell::print::options::Expanded;
use crate::shell::run::{Outcome, Reading, Shell};

/// How often and how many times `\watch` runs the statement.
struct Watch {
    interval: f64,
    times: Option<u64>,
}

impl Shell {
    pub(super) fn query(&mut self, name: &str, reading: &mut Reading) -> Result<Outcome, Failure> {
        match name {
            "p" | "print" => {
                let now = [&reading.statement, &reading.previous];
                match now.into_iter().find(|text| !text.is_empty()) {
                    Some(text) => self.console.write_line(text)?,
                    None => self.console.tell("Query buffer is empty.")?,
                }
                Ok(Outcome::Done)
            }
            "r" | "reset" => {
                reading.statement.clear();
                reading.scanner.reset();
                self.console.tell("Query buffer reset (cleared).")?;
                Ok(Outcome::Done)
            }
            "gset" => {
                let prefix = self.text(reading, false);
                take_previous(reading);
                self.console.next.prefix = Some(prefix.unwrap_or_default());
                Ok(Outcome::Send)
            }
            "gexec" => {
                take_previous(reading);
                self.console.next.generates = true;
                Ok(Outcome::Send)
            }
            _ => self.send_to(name, reading),
        }
    }

    /// `\g` and `\gx`.
    fn send_to(&mut self, name: &str, reading: &mut Reading) -> Result<Outcome, Failure> {
        let refuse = |shell: &Self, what| {
            shell
                .console
                .voice
                .error(format_args!("\\{name}: {what} not there in this shell"));
            Ok(Outcome::Failed)
        };
        if reading.scanner.next_begins_with('|') {
            return refuse(self, "pipes are");
        }
        if reading.scanner.next_begins_with('(') {
            return refuse(self, "options in parentheses are");
        }
        if let Some(file) = self.text(reading, false) {
            match File::create(&file) {
                Ok(file) => self.console.next.file = Some(file),
                Err(error) => {
                    self.console
                        .voice
                        .error(format_args!("{file}: {}", system_text(&error)));
                    return Ok(Outcome::Failed);
                }
            }
        }
        if name == "gx" {
            let mut options = self.console.options.clone();
            options.expanded = Expanded::On;
            self.console.next.options = Some(options);
        }
        take_previous(reading);
        Ok(Outcome::Send)
    }

    /// Runs the statement again and again, until it fails or Ctrl-C is pressed.
    pub(super) async fn watch(&mut self, reading: &mut Reading) -> Result<Outcome, Failure> {
        let mut words = Vec::new();
        while let Some(word) = self.text(reading, true) {
            words.push(word);
        }
        if reading.bad_word {
            return Ok(Outcome::Failed);
        }
        let watch = match Watch::parse(&words) {
            Ok(watch) => watch,
            Err(wrong) => {
                self.console.voice.error(format_args!("\\watch: {wrong}"));
                reading.statement.clear();
                reading.scanner.reset();
                return Ok(Outcome::Failed);
            }
        };
        take_previous(reading);
        let well = if reading.statement.trim().is_empty() {
            self.console
                .voice
                .error("\\watch cannot be used with an empty query");
            false
        } else {
            self.run_watch(&reading.statement, &watch).await?
        };
        reading.statement.clear();
        reading.scanner.reset();
        Ok(outcome(well))
    }

    async fn run_watch(&mut self, statement: &str, watch: &Watch) -> Result<bool, Failure> {
        let title = self.console.options.title.clone();
        let title = title.map_or_else(String::new, |title| format!("{title}\t"));
        let mut run = 0;
        loop {
            let now = Local::now().format("%a %b %e %H:%M:%S %Y");
            self.console.next.title = Some(format!("{title}{now} (every {}s)\n", watch.interval));
            if !self.send(statement, None).await? {
                return Ok(false);
            }
            run += 1;
            if self.interrupted {
                return Ok(true);
            }
            if watch.times.is_some_and(|times| run >= times) {
                return Ok(true);
            }
            // Numbers that no time has are refused before.
            let pause = Duration::try_from_secs_f64(watch.interval).unwrap_or(Duration::MAX);
            tokio::select! {
                () = sleep(pause) => {}
                () = pressed() => {
                    self.console.voice.bare("");
                    return if self.console.interactive { Ok(true) } else { Err(Failure::Told(130)) };
                }
            }
        }
    }
}

/// Without a statement, it is the last one again.
fn take_previous(reading: &mut Reading) {
    if reading.statement.trim().is_empty() {
        reading.statement.clone_from(&reading.previous);
    }
}

impl Watch {
    fn parse(words: &[String]) -> Result<Self, String> {
        let (mut interval, mut times) = (None, None);
        for word in words {
            let (value, is_times) = match (word.strip_prefix("i="), word.strip_prefix("c=")) {
                (_, Some(value)) => (value, true),
                (Some(value), _) => (value, false),
                (None, None) => (word.as_str(), false),
            };
            if is_times {
                if times.is_some() {
                    return Err("iteration count is specified more than once".to_owned());
                }
                let count = value.parse::<u64>().ok().filter(|count| *count > 0);
                times = Some(count.ok_or_else(|| format!("incorrect iteration count \"{value}\""))?);
            } else {
                if interval.is_some() {
                    return Err("interval value is specified more than once".to_owned());
                }
                let seconds = value.parse::<f64>().ok();
                let seconds = seconds.filter(|seconds| Duration::try_from_secs_f64(*seconds).is_ok());
                interval = Some(seconds.ok_or_else(|| format!("incorrect interval value \"{value}\""))?);
            }
        }
        Ok(Self {
            interval: interval.unwrap_or(2.0),
            times,
        })
    }
}
