//! How results are shown: `\pset` and its short forms, and `\timing`.

use super::outcome;
use crate::failure::Failure;
use crate::shell::print::options::{Format, NAMES, Options};
use crate::shell::run::{Outcome, Reading, Shell};
use crate::shell::variables::parse_switch;

impl Shell {
    pub(super) fn display(&mut self, name: &str, reading: &mut Reading) -> Result<Outcome, Failure> {
        match name {
            "a" => {
                let aligned = self.console.options.format == Format::Aligned;
                self.pset("format", Some(if aligned { "unaligned" } else { "aligned" }))
            }
            "f" => {
                let value = self.text(reading, false);
                self.pset("fieldsep", value.as_deref())
            }
            "t" => {
                let value = self.text(reading, true);
                self.pset("tuples_only", value.as_deref())
            }
            "x" => {
                let value = self.text(reading, true);
                self.pset("expanded", value.as_deref())
            }
            "timing" => {
                let value = self.text(reading, false);
                self.set_timing(value.as_deref())
            }
            _ => {
                let Some(option) = self.text(reading, false) else {
                    return self.list_options();
                };
                let value = self.text(reading, false);
                self.pset(&option, value.as_deref())
            }
        }
    }

    /// Sets an option and says so.
    fn pset(&mut self, name: &str, value: Option<&str>) -> Result<Outcome, Failure> {
        if let Err(wrong) = self.console.options.set(name, value) {
            self.console.voice.error(wrong);
            return Ok(Outcome::Failed);
        }
        // As with psql, switches with a value say nothing.
        let is_silent = value.is_some() && matches!(name, "tuples_only" | "t" | "footer");
        if let Some(told) = self.console.options.told(name).filter(|_| !is_silent) {
            self.console.tell(&told)?;
        }
        Ok(Outcome::Done)
    }

    fn list_options(&self) -> Result<Outcome, Failure> {
        let options: &Options = &self.console.options;
        let lines = NAMES.map(|name| format!("{name:<24} {}\n", options.listed(name)));
        self.console.write(&lines.concat())?;
        Ok(Outcome::Done)
    }

    fn set_timing(&mut self, value: Option<&str>) -> Result<Outcome, Failure> {
        let mut well = true;
        match value.map(|value| (value, parse_switch(value))) {
            None => self.timing = !self.timing,
            Some((_, Some(on))) => self.timing = on,
            Some((value, None)) => {
                self.console.voice.error(format_args!(
                    "unrecognized value \"{value}\" for \"\\timing\": Boolean expected"
                ));
                well = false;
            }
        }
        self.console.tell(if self.timing {
            "Timing is on."
        } else {
            "Timing is off."
        })?;
        Ok(outcome(well))
    }
}
