//! Finds the ends of statements, and the backslash commands between them, line by line.
//!
//! PostgreSQL manual: [psql](https://www.postgresql.org/docs/current/app-psql.html#APP-PSQL-INTERPOLATION),
//! [Lexical Structure](https://www.postgresql.org/docs/current/sql-syntax-lexical.html).

use super::body::Body;
use super::lookup::{Lookup, Quoting, Reference, reference};

/// Reads the lines of an input, and keeps what a line has left open.
#[derive(Debug, Default)]
pub(crate) struct Scanner {
    mode: Mode,
    /// How many parentheses are open.
    parens: usize,
    body: Body,
    /// What is being read: the line, and on top of it the values of variables that are read in their names' places.
    texts: Vec<Text>,
}

/// What is open at the end of a line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Mode {
    #[default]
    Plain,
    /// A string, in which a backslash may be an escape.
    String { escapes: bool },
    /// A name in double quotes.
    Name,
    /// Comments within each other.
    Comment { depth: usize },
    /// A string in dollar quotes with this tag, the dollars included.
    Dollar { tag: String },
}

#[derive(Debug)]
struct Text {
    text: String,
    at: usize,
    /// The variable whose value it is.
    variable: Option<String>,
}

/// Why the scanner has stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// A statement is complete, its semicolon included.
    Semicolon,
    /// A backslash command begins; the scanner stands behind the backslash.
    Backslash,
    /// The line is over; this is open.
    End(Open),
}

/// What the next line continues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Open {
    /// Nothing.
    #[default]
    Nothing,
    /// A statement.
    Statement,
    String,
    Name,
    Comment,
    Dollar,
    Paren,
}

/// How deep in parentheses and bodies the statement is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Depth {
    parens: usize,
    body: Body,
}

impl Scanner {
    /// Takes the next line, without its end. What was left of the last one is gone.
    pub(crate) fn set_line(&mut self, line: &str) {
        self.texts.clear();
        self.texts.push(Text {
            text: line.to_owned(),
            at: 0,
            variable: None,
        });
    }

    /// Forgets what is open, as if no statement had begun.
    pub(crate) fn reset(&mut self) {
        self.mode = Mode::Plain;
        self.parens = 0;
        self.body = Body::default();
    }

    /// Whether a string, a name or a comment is open.
    pub(crate) fn is_within_quotes(&self) -> bool {
        self.mode != Mode::Plain
    }

    pub(crate) fn depth(&self) -> Depth {
        Depth {
            parens: self.parens,
            body: self.body.clone(),
        }
    }

    pub(crate) fn set_depth(&mut self, depth: Depth) {
        self.parens = depth.parens;
        self.body = depth.body;
    }

    /// What is left of the line. The value of a variable that is read to its end is left behind.
    pub(super) fn rest(&mut self) -> &str {
        while self.texts.len() > 1 && self.texts.last().is_some_and(|text| text.at >= text.text.len()) {
            self.texts.pop();
        }
        self.texts
            .last()
            .and_then(|text| text.text.get(text.at..))
            .unwrap_or_default()
    }

    /// Passes this many bytes.
    pub(super) fn pass(&mut self, bytes: usize) {
        if let Some(text) = self.texts.last_mut() {
            text.at += bytes;
        }
    }

    /// Appends this many bytes to the statement.
    fn keep(&mut self, bytes: usize, statement: &mut String) {
        let kept = self.rest().get(..bytes).unwrap_or_default().to_owned();
        statement.push_str(&kept);
        self.pass(bytes);
    }

    /// Reads on, and appends to `statement` what belongs to it.
    pub(crate) fn scan(&mut self, lookup: &Lookup<'_>, statement: &mut String) -> Stop {
        loop {
            if self.rest().is_empty() {
                return Stop::End(self.open(statement));
            }
            match self.mode.clone() {
                Mode::Plain => {
                    if let Some(stop) = self.plain(lookup, statement) {
                        return stop;
                    }
                }
                Mode::String { escapes } => self.string(escapes, statement),
                Mode::Name => self.until_closed('"', statement),
                Mode::Comment { depth } => self.comment(depth, statement),
                Mode::Dollar { tag } => self.dollar(&tag, statement),
            }
        }
    }

    fn open(&self, statement: &str) -> Open {
        match self.mode {
            Mode::Plain if self.parens > 0 => Open::Paren,
            Mode::Plain if self.body.is_open() || !statement.is_empty() => Open::Statement,
            Mode::Plain => Open::Nothing,
            Mode::String { .. } => Open::String,
            Mode::Name => Open::Name,
            Mode::Comment { .. } => Open::Comment,
            Mode::Dollar { .. } => Open::Dollar,
        }
    }

    /// Outside of everything quoted: one token.
    fn plain(&mut self, lookup: &Lookup<'_>, statement: &mut String) -> Option<Stop> {
        let rest = self.rest();
        let first = rest.chars().next()?;
        let second = rest.chars().nth(1);
        match (first, second) {
            (' ' | '\t' | '\n' | '\r' | '\x0c', _) => self.between(1, statement),
            ('-', Some('-')) => {
                let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
                self.between(length, statement);
            }
            ('/', Some('*')) => {
                self.mode = Mode::Comment { depth: 1 };
                self.keep(2, statement);
            }
            ('\\', Some(';' | ':')) => {
                if second == Some(';') {
                    self.body.forget_words();
                }
                self.pass(1);
                self.keep(1, statement);
            }
            ('\\', _) => {
                self.pass(1);
                return Some(Stop::Backslash);
            }
            (';', _) => {
                self.keep(1, statement);
                if self.parens == 0 && !self.body.is_open() {
                    self.body.forget_words();
                    return Some(Stop::Semicolon);
                }
            }
            ('(', _) => {
                self.parens += 1;
                self.keep(1, statement);
            }
            (')', _) => {
                self.parens = self.parens.saturating_sub(1);
                self.keep(1, statement);
            }
            (':', _) => self.colon(lookup, statement),
            ('\'', _) => self.open_string(0, !lookup.standard_conforming_strings, statement),
            ('"', _) => {
                self.mode = Mode::Name;
                self.keep(1, statement);
            }
            ('$', _) => self.dollar_sign(statement),
            ('0'..='9', _) => {
                let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
                // A letter that stands close behind is part of the number, however wrong that is.
                let letter = rest.get(digits..).and_then(|rest| rest.chars().next());
                let letter = letter.filter(|c| starts_word(*c)).map_or(0, char::len_utf8);
                self.keep(digits + letter, statement);
            }
            _ if starts_word(first) => self.word(statement),
            _ => self.keep(first.len_utf8(), statement),
        }
        None
    }

    /// What stands between tokens belongs to a statement that has begun.
    fn between(&mut self, bytes: usize, statement: &mut String) {
        if statement.is_empty() {
            self.pass(bytes);
        } else {
            self.keep(bytes, statement);
        }
    }

    fn open_string(&mut self, prefix: usize, escapes: bool, statement: &mut String) {
        self.mode = Mode::String { escapes };
        self.keep(prefix + 1, statement);
    }

    /// A word, or the beginning of a string that has a letter before its quote.
    fn word(&mut self, statement: &mut String) {
        let rest = self.rest();
        let mut start = rest.bytes().map(|byte| byte.to_ascii_lowercase());
        match (start.next(), start.next(), start.next()) {
            (Some(b'e'), Some(b'\''), _) => self.open_string(1, true, statement),
            (Some(b'b' | b'x'), Some(b'\''), _) => self.open_string(1, false, statement),
            (Some(b'u'), Some(b'&'), Some(b'\'')) => self.open_string(2, false, statement),
            (Some(b'u'), Some(b'&'), Some(b'"')) => {
                self.mode = Mode::Name;
                self.keep(3, statement);
            }
            _ => {
                let length = rest.find(|c| !continues_word(c)).unwrap_or(rest.len());
                let word = rest.get(..length).unwrap_or_default().to_owned();
                self.body.word(&word, self.parens);
                self.keep(length, statement);
            }
        }
    }

    fn string(&mut self, escapes: bool, statement: &mut String) {
        let rest = self.rest();
        let special: &[char] = if escapes { &['\'', '\\'] } else { &['\''] };
        let Some(found) = rest.find(special) else {
            return self.keep_all(statement);
        };
        let behind = rest.get(found..).unwrap_or_default();
        if behind.starts_with('\\') {
            let escaped = behind.chars().nth(1).map_or(0, char::len_utf8);
            self.keep(found + 1 + escaped, statement);
        } else {
            self.until_closed('\'', statement);
        }
    }

    /// To the quote that closes: one that is doubled does not.
    fn until_closed(&mut self, quote: char, statement: &mut String) {
        let rest = self.rest();
        let Some(found) = rest.find(quote) else {
            return self.keep_all(statement);
        };
        let behind = rest.get(found + 1..).unwrap_or_default();
        if behind.starts_with(quote) {
            self.keep(found + 2, statement);
        } else {
            self.mode = Mode::Plain;
            self.keep(found + 1, statement);
        }
    }

    fn keep_all(&mut self, statement: &mut String) {
        let length = self.rest().len();
        self.keep(length, statement);
    }

    fn comment(&mut self, depth: usize, statement: &mut String) {
        let rest = self.rest();
        let opens = rest.find("/*").unwrap_or(rest.len());
        let closes = rest.find("*/").unwrap_or(rest.len());
        if opens == closes {
            // Both are at the end.
            return self.keep_all(statement);
        }
        if opens < closes {
            self.mode = Mode::Comment { depth: depth + 1 };
        } else if depth > 1 {
            self.mode = Mode::Comment { depth: depth - 1 };
        } else {
            self.mode = Mode::Plain;
        }
        self.keep(opens.min(closes) + 2, statement);
    }

    fn dollar_sign(&mut self, statement: &mut String) {
        let rest = self.rest();
        let behind = rest.get(1..).unwrap_or_default();
        let tag = behind.find('$').and_then(|end| behind.get(..end));
        let is_tag = |tag: &&str| {
            tag.is_empty()
                || tag.starts_with(starts_word) && tag.chars().all(|c| continues_word(c) && c != '$')
        };
        match tag.filter(is_tag) {
            Some(tag) => {
                let tag = format!("${tag}$");
                let length = tag.len();
                self.mode = Mode::Dollar { tag };
                self.keep(length, statement);
            }
            None => self.keep(1, statement),
        }
    }

    fn dollar(&mut self, tag: &str, statement: &mut String) {
        match self.rest().find(tag) {
            Some(found) => {
                self.mode = Mode::Plain;
                self.keep(found + tag.len(), statement);
            }
            None => self.keep_all(statement),
        }
    }

    /// A colon: perhaps a variable.
    fn colon(&mut self, lookup: &Lookup<'_>, statement: &mut String) {
        let rest = self.rest();
        if rest.starts_with("::") || rest.starts_with(":=") {
            return self.keep(2, statement);
        }
        let Some((reference, length)) = reference(rest) else {
            return self.keep(1, statement);
        };
        match reference {
            Reference::Value(name, Quoting::Plain) => match lookup.plain(&name) {
                Some(value) if self.is_reading(&name) => {
                    let _ = value;
                    lookup.voice.warning(format_args!(
                        "skipping recursive expansion of variable \"{name}\""
                    ));
                    self.keep(length, statement);
                }
                Some(value) => {
                    self.pass(length);
                    self.texts.push(Text {
                        text: value.to_owned(),
                        at: 0,
                        variable: Some(name),
                    });
                }
                None => self.keep(length, statement),
            },
            reference => match lookup.resolve(&reference) {
                Some(text) => {
                    statement.push_str(&text);
                    self.pass(length);
                }
                None => self.keep(length, statement),
            },
        }
    }

    /// Whether it is this variable's value that is being read.
    fn is_reading(&self, name: &str) -> bool {
        self.texts
            .iter()
            .any(|text| text.variable.as_deref() == Some(name))
    }
}

const fn starts_word(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}

const fn continues_word(c: char) -> bool {
    starts_word(c) || c.is_ascii_digit() || c == '$'
}

#[cfg(test)]
mod tests;
