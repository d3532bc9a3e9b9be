//! Names of cursors, which dblink's callers give as SQL.

use std::fmt;

/// A cursor's name as it stands in `FETCH` and `CLOSE`: an identifier, quoted or not.
///
/// dblink puts the name that it is given into the statement as it is, so that the server folds the letters of a plain one, and
/// a caller may quote it. This type takes both and nothing else.
///
/// ```
/// use dblink_sqlgen::CursorName;
///
/// assert_eq!(CursorName::parse("Rows_2")?.as_str(), "Rows_2");
/// assert_eq!(CursorName::parse(r#""my ""rows""""#)?.as_str(), r#""my ""rows""""#);
/// assert!(CursorName::parse("c; drop table t").is_err());
/// # Ok::<(), dblink_sqlgen::InvalidCursorName>(())
/// ```
///
/// A plain name may hold letters, digits, `_` and `$`, and everything beyond ASCII; it does not begin with a digit or `$`. `all`
/// is refused: `CLOSE ALL` is another statement. Other keywords are left to the server.
///
/// PostgreSQL manual: [FETCH](https://www.postgresql.org/docs/current/sql-fetch.html),
/// [CLOSE](https://www.postgresql.org/docs/current/sql-close.html),
/// [Identifiers](https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CursorName(String);

/// A cursor's name as it stands between `DECLARE` and `CURSOR FOR`: a [`CursorName`], and what kind of cursor it is.
///
/// The words `BINARY`, `ASENSITIVE`, `INSENSITIVE`, `SCROLL` and `NO SCROLL` may follow the name. Which of them go together is
/// left to the server.
///
/// ```
/// use dblink_sqlgen::CursorDeclaration;
///
/// let declaration = CursorDeclaration::parse("c  no scroll")?;
/// assert_eq!(declaration.name().as_str(), "c");
/// assert_eq!(format!("DECLARE {declaration} CURSOR FOR select 1"), "DECLARE c NO SCROLL CURSOR FOR select 1");
///
/// assert!(CursorDeclaration::parse("c cursor for select 1; drop table t; --").is_err());
/// # Ok::<(), dblink_sqlgen::InvalidCursorName>(())
/// ```
///
/// PostgreSQL manual: [DECLARE](https://www.postgresql.org/docs/current/sql-declare.html).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CursorDeclaration {
    name: CursorName,
    options: Vec<&'static str>,
}

/// A text that is no cursor's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
// Escaped: whoever reads it must not take a line end in it for his own.
#[error("invalid cursor name: {0:?}")]
pub struct InvalidCursorName(String);

impl InvalidCursorName {
    /// The error's SQLSTATE: `34000`.
    pub const fn sqlstate(&self) -> &'static str {
        "34000"
    }
}

impl CursorName {
    /// Takes an identifier, with white space around it or not.
    ///
    /// # Errors
    ///
    /// SQLSTATE `34000` if it is anything else.
    pub fn parse(text: &str) -> Result<Self, InvalidCursorName> {
        match split_identifier(text) {
            Some((name, rest)) if words(rest).next().is_none() => Ok(Self(name.to_owned())),
            _ => Err(InvalidCursorName(text.to_owned())),
        }
    }

    /// The name as it was given, without the white space.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl CursorDeclaration {
    /// Takes an identifier, and the words that may follow it, in letters of either case.
    ///
    /// # Errors
    ///
    /// SQLSTATE `34000` if it is anything else.
    pub fn parse(text: &str) -> Result<Self, InvalidCursorName> {
        let parsed = split_identifier(text).and_then(|(name, rest)| {
            Some(Self {
                name: CursorName(name.to_owned()),
                options: options(rest)?,
            })
        });
        parsed.ok_or_else(|| InvalidCursorName(text.to_owned()))
    }

    /// The name, by which the cursor is fetched from and closed.
    pub const fn name(&self) -> &CursorName {
        &self.name
    }
}

impl fmt::Display for CursorName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for CursorDeclaration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name)?;
        self.options.iter().try_for_each(|option| write!(f, " {option}"))
    }
}

/// The white space of every PostgreSQL. There are more in Unicode, but those are letters to the server.
const fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\x0c')
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_space).filter(|word| !word.is_empty())
}

/// The identifier at the beginning, and what follows it.
fn split_identifier(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches(is_space);
    let length = match text.strip_prefix('"') {
        Some(inside) => quoted_length(inside)? + 1,
        None => plain_length(text)?,
    };
    let (name, rest) = text.split_at_checked(length)?;
    (!name.contains('\0') && !name.eq_ignore_ascii_case("all")).then_some((name, rest))
}

/// How long a quoted identifier is from behind its first quote, with its last one.
fn quoted_length(inside: &str) -> Option<usize> {
    let mut quotes = inside.match_indices('"').map(|(position, _)| position).peekable();
    while let Some(position) = quotes.next() {
        // Two of them stand for one.
        if quotes.next_if_eq(&(position + 1)).is_none() {
            return (position > 0).then_some(position + 1);
        }
    }
    None
}

/// How long a plain identifier is.
fn plain_length(text: &str) -> Option<usize> {
    let is_letter =
        |character: char| character.is_ascii_alphabetic() || character == '_' || !character.is_ascii();
    let is_part = |character: char| is_letter(character) || character.is_ascii_digit() || character == '$';
    text.starts_with(is_letter)
        .then(|| text.find(|character| !is_part(character)).unwrap_or(text.len()))
}

/// The words that follow a name, if they all may.
fn options(text: &str) -> Option<Vec<&'static str>> {
    const SINGLE: [&str; 4] = ["BINARY", "ASENSITIVE", "INSENSITIVE", "SCROLL"];
    let mut words = words(text);
    let mut options = Vec::new();
    while let Some(word) = words.next() {
        let is = |option: &&str| option.eq_ignore_ascii_case(word);
        options.push(if is(&"NO") {
            words.next().filter(|word| word.eq_ignore_ascii_case("SCROLL"))?;
            "NO SCROLL"
        } else {
            SINGLE.into_iter().find(is)?
        });
    }
    Some(options)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn declared(text: &str) -> String {
        CursorDeclaration::parse(text).unwrap().to_string()
    }

    #[test]
    fn identifiers_are_taken_as_they_are() {
        for name in [
            "c",
            "C",
            "_",
            "_1$",
            "rows2",
            "été",
            "日本",
            "a\u{a0}b",
            "scroll",
            "no",
            "\"c\"",
            "\"a b\"",
            "\"\"\"\"",
            "\"; drop table t; --\"",
            "\"\"\"; drop table t; --\"",
            "\"a\nb\"",
            "\"all\"",
            "\"\\\"",
        ] {
            assert_eq!(CursorName::parse(name).unwrap().as_str(), name);
            assert_eq!(declared(name), name);
            let spaced = format!(" \t\n{name}\r\x0c");
            assert_eq!(CursorName::parse(&spaced).unwrap().to_string(), name);
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "",
            " ",
            "1c",
            "$c",
            "c;",
            "c; drop table t",
            "c cursor for select 1; drop table t; --",
            "c -- x",
            "c--x",
            "c/**/",
            "c from t",
            "a b",
            "a.b",
            "a-b",
            "'c'",
            "$$c$$",
            "\"\"",
            "\"",
            "\"c",
            "\"c\"\"",
            "\"c\"x",
            "\"c\" x",
            "\"c\";",
            "\"c\"\"; drop table t; --",
            "U&\"c\"",
            "c\0",
            "\"c\0\"",
            "c\u{b}",
            "c\\",
            "all",
            "ALL",
        ] {
            assert_eq!(
                CursorDeclaration::parse(text),
                Err(InvalidCursorName(text.to_owned()))
            );
            assert_eq!(CursorName::parse(text), Err(InvalidCursorName(text.to_owned())));
        }
    }

    #[test]
    fn options_belong_to_a_declaration() {
        assert_eq!(declared("c binary"), "c BINARY");
        assert_eq!(declared("c Scroll"), "c SCROLL");
        assert_eq!(
            declared(" c\nINSENSITIVE  nO\tscroll "),
            "c INSENSITIVE NO SCROLL"
        );
        assert_eq!(
            declared("\"c\"asensitive binary scroll"),
            "\"c\" ASENSITIVE BINARY SCROLL"
        );
        assert_eq!(declared("scroll scroll"), "scroll SCROLL");
        for text in [
            "c no",
            "c no binary",
            "c scrolls",
            "c with hold",
            "c scroll; x",
            "c \"scroll\"",
        ] {
            CursorDeclaration::parse(text).unwrap_err();
        }
        CursorName::parse("c scroll").unwrap_err();
    }

    #[test]
    fn the_error_has_no_line_end() {
        let error = CursorName::parse("c\n\x1b[2J").unwrap_err();
        assert_eq!(error.to_string(), r#"invalid cursor name: "c\n\u{1b}[2J""#);
        assert_eq!(error.sqlstate(), "34000");
    }

    proptest! {
        /// What is taken holds no character outside of quotes that could end it.
        #[test]
        fn nothing_gets_out_of_a_name(text in r#"(["a$1_é;'\\ \-/*.\n]|scroll|no ){0,8}"#) {
            if let Ok(declaration) = CursorDeclaration::parse(&text) {
                let shown = declaration.to_string();
                // Each pair of quotes, and what is between.
                let outside: String = shown.split('"').step_by(2).collect();
                prop_assert!(shown.matches('"').count().is_multiple_of(2), "{}", shown);
                prop_assert!(
                    outside.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | ' ' | 'é')),
                    "{}", shown
                );
            }
        }
    }
}
