//! Variables in what is read: `:name`, `:'name'`, `:"name"` and `:{?name}`.

use dblink_engine::sqlgen::{Quoted, quote_literal};

use super::variables::{Variables, is_name_character};
use super::voice::Voice;

/// What the scanner has to know beside the text.
pub(crate) struct Lookup<'a> {
    pub(crate) variables: &'a Variables,
    /// Whether what is read counts: in a branch that is not taken no variable is looked up.
    pub(crate) active: bool,
    pub(crate) standard_conforming_strings: bool,
    pub(crate) voice: &'a Voice,
}

/// A variable that is named in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reference {
    Value(String, Quoting),
    /// Whether it is set.
    Test(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quoting {
    Plain,
    Literal,
    Identifier,
}

impl Lookup<'_> {
    /// The value as it is.
    pub(crate) fn plain(&self, name: &str) -> Option<&str> {
        self.variables.get(name).filter(|_| self.active)
    }

    /// What stands in place of a reference; none if it stays as it is.
    pub(crate) fn resolve(&self, reference: &Reference) -> Option<String> {
        match reference {
            Reference::Test(name) => {
                let set = self.plain(name).is_some();
                Some(if set { "TRUE" } else { "FALSE" }.to_owned())
            }
            Reference::Value(name, Quoting::Plain) => self.plain(name).map(str::to_owned),
            Reference::Value(name, Quoting::Identifier) => {
                self.plain(name).map(|value| Quoted(value).to_string())
            }
            Reference::Value(name, Quoting::Literal) => match quote_literal(self.plain(name)?) {
                // It must not become part of the word before it.
                Ok(literal) if literal.starts_with('E') => Some(format!(" {literal}")),
                Ok(literal) => Some(literal),
                Err(error) => {
                    self.voice.info(error);
                    None
                }
            },
        }
    }
}

/// The reference that a text, which begins with a colon, begins with; and its length.
pub(crate) fn reference(text: &str) -> Option<(Reference, usize)> {
    let behind = text.strip_prefix(':')?;
    let (before, after, make): (_, _, fn(String) -> Reference) = match behind.chars().next()? {
        '\'' => ("'", "'", |name| Reference::Value(name, Quoting::Literal)),
        '"' => ("\"", "\"", |name| Reference::Value(name, Quoting::Identifier)),
        '{' => ("{?", "}", Reference::Test),
        _ => ("", "", |name| Reference::Value(name, Quoting::Plain)),
    };
    let behind = behind.strip_prefix(before)?;
    let length = behind.find(|c| !is_name_character(c)).unwrap_or(behind.len());
    let (name, rest) = behind.split_at_checked(length)?;
    if name.is_empty() || !rest.starts_with(after) {
        return None;
    }
    Some((make(name.to_owned()), 1 + before.len() + length + after.len()))
}
