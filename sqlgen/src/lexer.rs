//! The lexical structure of SQL, as far as it says where a statement ends.
//!
//! PostgreSQL manual: [Lexical Structure](https://www.postgresql.org/docs/current/sql-syntax-lexical.html).

/// What a text is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    /// `;`.
    Semicolon,
    /// Anything else: a word, a constant, an operator or part of one.
    Other,
}

/// The text is not made of tokens, or not of the same ones for every server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unsure;

/// Finds the tokens of a text. It stands before what is left of it.
#[derive(Debug, Clone)]
pub(crate) struct Lexer<'a> {
    rest: &'a [u8],
    standard_conforming_strings: bool,
}

/// How the server reads what is in single quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Backslash {
    /// As any other character.
    Plain,
    /// With the next character as one.
    Escape,
}

impl<'a> Lexer<'a> {
    pub(crate) const fn new(text: &'a str, standard_conforming_strings: bool) -> Self {
        Self {
            rest: text.as_bytes(),
            standard_conforming_strings,
        }
    }

    /// The next token. None at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Token>, Unsure> {
        self.skip_space()?;
        let Some((&first, rest)) = self.rest.split_first() else {
            return Ok(None);
        };
        match first {
            b';' => {
                self.rest = rest;
                return Ok(Some(Token::Semicolon));
            }
            b'\'' => self.string(self.plain())?,
            b'"' => {
                self.rest = rest;
                self.quoted(b'"', Backslash::Plain)?;
            }
            b'$' => self.dollar()?,
            b'0'..=b'9' => self.number()?,
            // Nothing that is sent holds one.
            0 => return Err(Unsure),
            _ if starts_identifier(first) => self.word()?,
            _ => self.rest = rest,
        }
        Ok(Some(Token::Other))
    }

    /// Passes white space and comments.
    fn skip_space(&mut self) -> Result<(), Unsure> {
        loop {
            self.take_while(is_space);
            if !self.skip_line_comment() {
                let Some(inside) = self.rest.strip_prefix(b"/*") else {
                    return Ok(());
                };
                self.rest = inside;
                self.block_comment()?;
            }
        }
    }

    /// Passes `-- …` up to the end of the line.
    fn skip_line_comment(&mut self) -> bool {
        let is_comment = self.rest.starts_with(b"--");
        if is_comment {
            self.take_while(|byte| !is_newline(byte));
        }
        is_comment
    }

    /// Passes the rest of a comment, and those in it.
    fn block_comment(&mut self) -> Result<(), Unsure> {
        let mut depth = 1_usize;
        while depth > 0 {
            if let Some(rest) = self.rest.strip_prefix(b"/*") {
                self.rest = rest;
                depth += 1;
            } else if let Some(rest) = self.rest.strip_prefix(b"*/") {
                self.rest = rest;
                depth -= 1;
            } else {
                (_, self.rest) = self.rest.split_first().ok_or(Unsure)?;
            }
        }
        Ok(())
    }

    /// Passes a word, and the string whose first letter it is.
    fn word(&mut self) -> Result<(), Unsure> {
        let word = self.take_while(continues_identifier);
        match (word, self.rest) {
            (b"e" | b"E", [b'\'', ..]) => self.string(Backslash::Escape),
            (b"b" | b"B" | b"x" | b"X", [b'\'', ..]) => self.string(Backslash::Plain),
            (b"u" | b"U", [b'&', b'\'', ..]) => {
                // The server refuses it where a backslash means something in other strings.
                if !self.standard_conforming_strings {
                    return Err(Unsure);
                }
                self.take_while(|byte| byte == b'&');
                self.string(Backslash::Plain)
            }
            // `N'…'` too is read as a string without a letter before it.
            _ => Ok(()),
        }
    }

    /// Passes a number, with whatever letters are in it.
    fn number(&mut self) -> Result<(), Unsure> {
        self.take_while(|byte| byte != b'$' && continues_identifier(byte));
        match self.rest.first() {
            // Never right, and where the number ends depends on the server.
            Some(b'\'' | b'$') => Err(Unsure),
            _ => Ok(()),
        }
    }

    /// Passes a string in dollar quotes, a parameter, or a lone `$`.
    fn dollar(&mut self) -> Result<(), Unsure> {
        let text = self.rest;
        self.rest = text.strip_prefix(b"$").unwrap_or_default();
        if self.rest.first().is_some_and(u8::is_ascii_digit) {
            return self.number();
        }
        let tag = self.take_while(|byte| byte != b'$' && continues_identifier(byte));
        let quote = text.get(..tag.len() + 2).filter(|quote| quote.ends_with(b"$"));
        let Some(quote) = quote else {
            return Ok(());
        };
        let inside = text.get(quote.len()..).unwrap_or_default();
        let length = inside.windows(quote.len()).position(|part| part == quote);
        self.rest = length
            .and_then(|length| inside.get(length + quote.len()..))
            .ok_or(Unsure)?;
        Ok(())
    }

    /// How a string without a letter before it is read.
    const fn plain(&self) -> Backslash {
        if self.standard_conforming_strings {
            Backslash::Plain
        } else {
            Backslash::Escape
        }
    }

    /// Passes a string, and those that continue it: they are on other lines, and are read as the first one is.
    fn string(&mut self, backslash: Backslash) -> Result<(), Unsure> {
        while let Some(inside) = self.rest.strip_prefix(b"'") {
            self.rest = inside;
            self.quoted(b'\'', backslash)?;
            let behind = self.clone();
            if !self.skip_lines() || !self.rest.starts_with(b"'") {
                *self = behind;
                break;
            }
        }
        Ok(())
    }

    /// Passes white space and comments to the end of the line. Says whether there was a line end.
    fn skip_lines(&mut self) -> bool {
        let mut has_newline = false;
        loop {
            has_newline |= self.take_while(is_space).iter().copied().any(is_newline);
            if !self.skip_line_comment() {
                return has_newline;
            }
        }
    }

    /// Passes what is in quotes, and the last quote. Two of them stand for one.
    fn quoted(&mut self, quote: u8, backslash: Backslash) -> Result<(), Unsure> {
        loop {
            let (&byte, rest) = self.rest.split_first().ok_or(Unsure)?;
            self.rest = rest;
            if byte == quote {
                match rest.split_first() {
                    Some((&next, rest)) if next == quote => self.rest = rest,
                    _ => return Ok(()),
                }
            } else if byte == b'\\' && backslash == Backslash::Escape {
                (_, self.rest) = rest.split_first().ok_or(Unsure)?;
            } else if byte == 0 {
                return Err(Unsure);
            }
        }
    }

    /// Passes the bytes that are so, and gives them.
    fn take_while(&mut self, is: impl Fn(u8) -> bool) -> &'a [u8] {
        let end = self.rest.iter().position(|&byte| !is(byte));
        let (taken, rest) = self
            .rest
            .split_at_checked(end.unwrap_or(self.rest.len()))
            .unwrap_or_default();
        self.rest = rest;
        taken
    }
}

/// PostgreSQL 15 takes a vertical tab for no white space, and refuses it.
const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

const fn is_newline(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

const fn starts_identifier(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || !byte.is_ascii()
}

const fn continues_identifier(byte: u8) -> bool {
    starts_identifier(byte) || byte.is_ascii_digit() || byte == b'$'
}
