//! The shell's variables, and those that mean something to it.
//!
//! PostgreSQL manual: [psql, Variables](https://www.postgresql.org/docs/current/app-psql.html#APP-PSQL-VARIABLES).

use std::collections::BTreeMap;
use std::fmt;

use super::voice::{ShowContext, Verbosity, Voice};

/// All variables. A special one holds a value only that it takes.
#[derive(Debug)]
pub(crate) struct Variables {
    values: BTreeMap<String, String>,
    voice: Voice,
}

/// What is printed of the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Echo {
    None,
    Errors,
    Queries,
    All,
}

/// Why a variable does not take a value; displayed it says so.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SetError {
    Name(String),
    Boolean {
        name: String,
        value: String,
    },
    Choice {
        name: String,
        value: String,
        choices: &'static [&'static str],
    },
}

/// A variable that means something.
struct Special {
    name: &'static str,
    /// Its values; none for a switch.
    choices: &'static [&'static str],
    /// Its value when it is unset.
    unset: &'static str,
}

const SPECIAL: [Special; 8] = [
    // Statements commit by themselves, and those that fail in a transaction fail it.
    Special {
        name: "AUTOCOMMIT",
        choices: &["on"],
        unset: "on",
    },
    Special {
        name: "ON_ERROR_ROLLBACK",
        choices: &["off"],
        unset: "off",
    },
    Special {
        name: "ON_ERROR_STOP",
        choices: &[],
        unset: "off",
    },
    Special {
        name: "QUIET",
        choices: &[],
        unset: "off",
    },
    Special {
        name: "SHOW_ALL_RESULTS",
        choices: &[],
        unset: "off",
    },
    Special {
        name: "ECHO",
        choices: &["none", "errors", "queries", "all"],
        unset: "none",
    },
    Special {
        name: "VERBOSITY",
        choices: &["default", "verbose", "terse", "sqlstate"],
        unset: "default",
    },
    Special {
        name: "SHOW_CONTEXT",
        choices: &["never", "errors", "always"],
        unset: "errors",
    },
];

impl Variables {
    pub(crate) fn new(voice: Voice) -> Self {
        let mut values: BTreeMap<_, _> = SPECIAL
            .iter()
            .map(|special| (special.name.to_owned(), special.unset.to_owned()))
            .collect();
        let version = env!("CARGO_PKG_VERSION");
        for (name, value) in [
            ("SHOW_ALL_RESULTS", "on"),
            ("LAST_ERROR_MESSAGE", ""),
            ("LAST_ERROR_SQLSTATE", "00000"),
            ("VERSION", concat!("dblink ", env!("CARGO_PKG_VERSION"))),
            ("VERSION_NAME", version),
        ] {
            values.insert(name.to_owned(), value.to_owned());
        }
        Self { values, voice }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// All, by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether it means something to the shell.
    pub(crate) fn is_special(name: &str) -> bool {
        special(name).is_some()
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<(), SetError> {
        check_name(name)?;
        let value = match special(name) {
            None => value.to_owned(),
            Some(special) => special.take(value)?,
        };
        self.put(name, value);
        Ok(())
    }

    /// Unsets it, or what is special to its first value. What cannot be a name is never set.
    pub(crate) fn unset(&mut self, name: &str) {
        match special(name) {
            Some(special) => self.put(name, special.unset.to_owned()),
            None => drop(self.values.remove(name)),
        }
    }

    fn put(&mut self, name: &str, value: String) {
        match name {
            "VERBOSITY" => self.voice.set_verbosity(match value.as_str() {
                "verbose" => Verbosity::Verbose,
                "terse" => Verbosity::Terse,
                "sqlstate" => Verbosity::Sqlstate,
                _ => Verbosity::Default,
            }),
            "SHOW_CONTEXT" => self.voice.set_show_context(match value.as_str() {
                "never" => ShowContext::Never,
                "always" => ShowContext::Always,
                _ => ShowContext::Errors,
            }),
            _ => {}
        }
        self.values.insert(name.to_owned(), value);
    }

    fn is_on(&self, name: &str) -> bool {
        self.get(name).and_then(parse_switch).unwrap_or_default()
    }

    pub(crate) fn on_error_stop(&self) -> bool {
        self.is_on("ON_ERROR_STOP")
    }

    pub(crate) fn is_quiet(&self) -> bool {
        self.is_on("QUIET")
    }

    /// Whether all results of several statements are printed, not only the last.
    pub(crate) fn shows_all_results(&self) -> bool {
        self.is_on("SHOW_ALL_RESULTS")
    }

    pub(crate) fn echo(&self) -> Echo {
        match self.get("ECHO") {
            Some("all") => Echo::All,
            Some("queries") => Echo::Queries,
            Some("errors") => Echo::Errors,
            _ => Echo::None,
        }
    }
}

impl Special {
    /// The value as it is kept.
    fn take(&self, value: &str) -> Result<String, SetError> {
        if self.choices.is_empty() {
            // That it is named is enough.
            let value = if value.is_empty() { "on" } else { value };
            return match parse_switch(value) {
                Some(_) => Ok(value.to_owned()),
                None => Err(SetError::Boolean {
                    name: self.name.to_owned(),
                    value: value.to_owned(),
                }),
            };
        }
        let choice = self
            .choices
            .iter()
            .find(|choice| choice.eq_ignore_ascii_case(value));
        choice
            .map(|choice| (*choice).to_owned())
            .ok_or_else(|| SetError::Choice {
                name: self.name.to_owned(),
                value: value.to_owned(),
                choices: self.choices,
            })
    }
}

fn special(name: &str) -> Option<&'static Special> {
    SPECIAL.iter().find(|special| special.name == name)
}

fn check_name(name: &str) -> Result<(), SetError> {
    if name.is_empty() || !name.chars().all(is_name_character) {
        return Err(SetError::Name(name.to_owned()));
    }
    Ok(())
}

/// Whether names of variables may have this in them.
pub(crate) const fn is_name_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii()
}

/// `on`, `off`, `true`, `false`, `yes`, `no`, `1`, `0`, and the beginnings of words.
pub(crate) fn parse_switch(value: &str) -> Option<bool> {
    let value = value.to_ascii_lowercase();
    let begins = |word: &str, least| value.len() >= least && word.starts_with(&value);
    if begins("true", 1) || begins("yes", 1) || begins("on", 2) || value == "1" {
        return Some(true);
    }
    if begins("false", 1) || begins("no", 1) || begins("off", 2) || value == "0" {
        return Some(false);
    }
    None
}

impl fmt::Display for SetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, "invalid variable name: \"{name}\""),
            Self::Boolean { name, value } => {
                write!(
                    f,
                    "unrecognized value \"{value}\" for \"{name}\": Boolean expected"
                )
            }
            Self::Choice { name, value, choices } => write!(
                f,
                "unrecognized value \"{value}\" for \"{name}\"\nAvailable values are: {}.",
                choices.join(", ")
            ),
        }
    }
}
