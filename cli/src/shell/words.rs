//! A backslash command's name and arguments.
//!
//! PostgreSQL manual: [psql, Meta-Commands](https://www.postgresql.org/docs/current/app-psql.html#APP-PSQL-META-COMMANDS).

use super::lookup::{Lookup, Reference, reference};
use super::scan::Scanner;

/// An argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) text: String,
    /// Whether part of it was in quotes.
    pub(crate) quoted: bool,
}

/// Why there is no argument, where something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadWord {
    /// A quote is not closed.
    Unterminated,
    /// It would run a program.
    Backquotes,
}

impl Scanner {
    /// The name of the command, behind its backslash.
    pub(crate) fn command_name(&mut self) -> String {
        let rest = self.rest();
        let length = rest.find(|c| is_space(c) || c == '\\').unwrap_or(rest.len());
        let name = rest.get(..length).unwrap_or_default().to_owned();
        self.pass(length);
        name
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        let length = rest.len() - rest.trim_start_matches(is_space).len();
        self.pass(length);
    }

    /// The next argument. With `lookup`, variables in it are replaced. `strip` takes semicolons from its end.
    pub(crate) fn next_word(
        &mut self,
        lookup: Option<&Lookup<'_>>,
        strip: bool,
    ) -> Result<Option<Word>, BadWord> {
        self.skip_space();
        let mut word = Vec::new();
        let mut quoted = false;
        // What may be a semicolon at its end stands behind this.
        let mut fixed = 0;
        let mut begun = false;
        loop {
            let rest = self.rest();
            let Some(first) = rest.chars().next() else { break };
            if is_space(first) || first == '\\' {
                break;
            }
            begun = true;
            match first {
                '\'' => {
                    self.pass(1);
                    quoted = true;
                    self.single_quoted(&mut word)?;
                    fixed = word.len();
                }
                '"' => {
                    let behind = rest.get(1..).unwrap_or_default();
                    let end = behind.find('"').ok_or(BadWord::Unterminated)?;
                    let length = end + 2;
                    word.extend(rest.bytes().take(length));
                    self.pass(length);
                    quoted = true;
                    fixed = word.len();
                }
                '`' if lookup.is_some() => return Err(BadWord::Backquotes),
                ':' => {
                    let found = reference(rest);
                    let (value, length) = match (&found, lookup) {
                        (Some((reference, length)), Some(lookup)) => (lookup.resolve(reference), *length),
                        // Where nothing counts, nothing is set.
                        (Some((Reference::Test(_), length)), None) => (Some("FALSE".to_owned()), *length),
                        _ => (None, 1),
                    };
                    match value {
                        Some(value) => {
                            word.extend(value.bytes());
                            quoted = true;
                            fixed = word.len();
                            self.pass(length);
                        }
                        None => {
                            let length = found.map_or(1, |(_, length)| length);
                            let taken: Vec<u8> = self.rest().bytes().take(length).collect();
                            word.extend(taken);
                            self.pass(length);
                        }
                    }
                }
                other => {
                    word.extend(other.encode_utf8(&mut [0; 4]).bytes());
                    self.pass(other.len_utf8());
                }
            }
        }
        while strip && word.len() > fixed && word.last() == Some(&b';') {
            word.pop();
        }
        if strip && word.is_empty() && !quoted {
            return Ok(None);
        }
        Ok(begun.then(|| Word {
            text: String::from_utf8_lossy(&word).into_owned(),
            quoted,
        }))
    }

    /// To the quote that closes.
    fn single_quoted(&mut self, word: &mut Vec<u8>) -> Result<(), BadWord> {
        loop {
            let rest = self.rest();
            let mut characters = rest.chars();
            let first = characters.next().ok_or(BadWord::Unterminated)?;
            let second = characters.next();
            match (first, second) {
                ('\'', Some('\'')) => {
                    word.push(b'\'');
                    self.pass(2);
                }
                ('\'', _) => {
                    self.pass(1);
                    return Ok(());
                }
                ('\\', Some(second)) => {
                    let (byte, length) = escape(rest);
                    match byte {
                        Some(byte) => word.push(byte),
                        None => word.extend(second.encode_utf8(&mut [0; 4]).bytes()),
                    }
                    self.pass(length);
                }
                _ => {
                    word.extend(first.encode_utf8(&mut [0; 4]).bytes());
                    self.pass(first.len_utf8());
                }
            }
        }
    }

    /// All that is left of the line: the argument of commands that take it as one.
    pub(crate) fn rest_of_line(&mut self) -> String {
        let rest = self.rest().trim_start_matches(is_space).to_owned();
        let length = self.rest().len();
        self.pass(length);
        rest
    }

    /// Passes the `\\` behind a command.
    pub(crate) fn end_command(&mut self) {
        self.skip_space();
        if self.rest().starts_with("\\\\") {
            self.pass(2);
        }
    }

    /// Whether the next argument begins with this.
    pub(crate) fn next_begins_with(&mut self, start: char) -> bool {
        self.skip_space();
        self.rest().starts_with(start)
    }
}

/// The byte that an escape at the beginning of the text means, if it is not the character behind the backslash; and its length.
fn escape(text: &str) -> (Option<u8>, usize) {
    let behind = text.get(1..).unwrap_or_default();
    let second = behind.chars().next().unwrap_or('\\');
    let named = match second {
        'n' => Some(b'\n'),
        't' => Some(b'\t'),
        'b' => Some(8),
        'r' => Some(b'\r'),
        'f' => Some(12),
        _ => None,
    };
    if named.is_some() {
        return (named, 2);
    }
    let number = |digits: &str, radix, most: usize| {
        let length = digits
            .chars()
            .take(most)
            .take_while(|c| c.is_digit(radix))
            .count();
        let value = digits
            .get(..length)
            .and_then(|digits| u32::from_str_radix(digits, radix).ok())?;
        Some((u8::try_from(value & 0xff).ok()?, length))
    };
    if let Some((byte, length)) = number(behind, 8, 3) {
        return (Some(byte), 1 + length);
    }
    if let Some(digits) = behind.strip_prefix(['x', 'X'])
        && let Some((byte, length)) = number(digits, 16, 2)
    {
        return (Some(byte), 2 + length);
    }
    (None, 1 + second.len_utf8())
}

pub(super) const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c')
}
