//! Quoting, as PostgreSQL's own functions do it.

use std::borrow::Cow;
use std::fmt;

use crate::keywords::KEYWORDS;
use crate::text::{InvalidText, refuse_zero};

/// An identifier as part of an SQL text: in double quotes where it needs them.
///
/// It is what the server's function `quote_ident` gives. Without quotes goes what begins with a small letter or `_`, goes on
/// with these and digits, and is no keyword of PostgreSQL 18, unless that is an unreserved one. Older servers quote fewer
/// words: 15 and 16 do not quote `json`, for example. What is quoted for 18 is right for all of them.
///
/// The server cuts names after 63 bytes, this function does not; and it gives `""` for an empty name, which no server takes.
///
/// ```
/// use dblink_sqlgen::quote_ident;
///
/// assert_eq!(quote_ident("total_2")?, "total_2");
/// assert_eq!(quote_ident("Total")?, r#""Total""#);
/// assert_eq!(quote_ident("select")?, r#""select""#);
/// assert_eq!(quote_ident(r#"a "b""#)?, r#""a ""b""""#);
/// # Ok::<(), dblink_sqlgen::InvalidText>(())
/// ```
///
/// PostgreSQL manual: [`quote_ident`](https://www.postgresql.org/docs/current/functions-string.html#FUNCTIONS-STRING-OTHER),
/// [Identifiers and Key Words](https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS).
///
/// # Errors
///
/// SQLSTATE `22021` if there is a zero byte in it.
pub fn quote_ident(name: &str) -> Result<Cow<'_, str>, InvalidText> {
    let name = refuse_zero(name)?;
    if is_plain(name) {
        return Ok(Cow::Borrowed(name));
    }
    Ok(Cow::Owned(Quoted(name).to_string()))
}

/// A name in double quotes, in which it is that name whatever is in it, keyword or not.
///
/// A zero byte, which no name has, it leaves where it is: no server can be sent one.
///
/// ```
/// use dblink_sqlgen::Quoted;
///
/// assert_eq!(Quoted("any \"name\"").to_string(), r#""any ""name""""#);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Quoted<'a>(
    /// The name.
    pub &'a str,
);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.replace('"', "\"\""))
    }
}

/// A name with its schema, if it has to be named, as part of an SQL text: each part as [`quote_ident`] gives it.
///
/// ```
/// use dblink_sqlgen::quote_qualified_identifier;
///
/// assert_eq!(quote_qualified_identifier(Some("Sales"), "order")?, r#""Sales"."order""#);
/// assert_eq!(quote_qualified_identifier(None, "city")?, "city");
/// # Ok::<(), dblink_sqlgen::InvalidText>(())
/// ```
///
/// # Errors
///
/// As [`quote_ident`].
pub fn quote_qualified_identifier(schema: Option<&str>, name: &str) -> Result<String, InvalidText> {
    let name = quote_ident(name)?;
    match schema {
        Some(schema) => Ok(format!("{}.{name}", quote_ident(schema)?)),
        None => Ok(name.into_owned()),
    }
}

/// A value as a string constant.
///
/// It is what the server's function `quote_literal` gives: in single quotes, and if there is a backslash in it, as `E'…'` with
/// the backslashes doubled. That means the same whether `standard_conforming_strings` is on or off.
///
/// ```
/// use dblink_sqlgen::quote_literal;
///
/// assert_eq!(quote_literal("O'Hara")?, "'O''Hara'");
/// assert_eq!(quote_literal(r"C:\temp")?, r"E'C:\\temp'");
/// # Ok::<(), dblink_sqlgen::InvalidText>(())
/// ```
///
/// Values are better sent as values: see [`Parameterized`](crate::Parameterized).
///
/// PostgreSQL manual: [`quote_literal`](https://www.postgresql.org/docs/current/functions-string.html#FUNCTIONS-STRING-OTHER),
/// [String Constants](https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-STRINGS).
///
/// # Errors
///
/// SQLSTATE `22021` if there is a zero byte in it.
pub fn quote_literal(value: &str) -> Result<String, InvalidText> {
    let value = refuse_zero(value)?;
    let doubled = value.replace('\'', "''");
    Ok(if doubled.contains('\\') {
        format!("E'{}'", doubled.replace('\\', r"\\"))
    } else {
        format!("'{doubled}'")
    })
}

/// A value as a string constant, or the word `NULL`, as the server's function `quote_nullable` gives it.
///
/// ```
/// use dblink_sqlgen::quote_nullable;
///
/// assert_eq!(quote_nullable(Some("NULL"))?, "'NULL'");
/// assert_eq!(quote_nullable(None)?, "NULL");
/// # Ok::<(), dblink_sqlgen::InvalidText>(())
/// ```
///
/// PostgreSQL manual: [`quote_nullable`](https://www.postgresql.org/docs/current/functions-string.html#FUNCTIONS-STRING-OTHER).
///
/// # Errors
///
/// SQLSTATE `22021` if there is a zero byte in it.
pub fn quote_nullable(value: Option<&str>) -> Result<String, InvalidText> {
    value.map_or_else(|| Ok("NULL".to_owned()), quote_literal)
}

/// Whether the name means itself without quotes.
fn is_plain(name: &str) -> bool {
    name.starts_with(|first| matches!(first, 'a'..='z' | '_'))
        && name
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
        && KEYWORDS.binary_search(&name).is_err()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_quoted_where_they_need_it() {
        for plain in ["a", "_", "_1", "a_b2", "abort", "name", "value", "zone"] {
            assert_eq!(quote_ident(plain).unwrap(), plain);
        }
        for quoted in [
            "", "A", "aB", "1a", "a b", "a$", "a.b", "é", "aé", "a-1", "a\n", "a\\", "a'b", "all", "between",
            "json", "left", "user",
        ] {
            assert_eq!(quote_ident(quoted).unwrap(), format!("\"{quoted}\""));
        }
        assert_eq!(
            quote_ident("\"; drop table x;--").unwrap(),
            "\"\"\"; drop table x;--\""
        );
    }

    #[test]
    fn keywords_are_in_order() {
        assert!(KEYWORDS.is_sorted());
        assert!(KEYWORDS.len() > 150);
    }

    #[test]
    fn values_are_always_quoted() {
        for (value, literal) in [
            ("", "''"),
            ("-1", "'-1'"),
            ("1; drop table t", "'1; drop table t'"),
            ("--", "'--'"),
            ("/*", "'/*'"),
            ("$$", "'$$'"),
            ("'", "''''"),
            ("\\", r"E'\\'"),
            ("\\'", r"E'\\'''"),
            ("\n", "'\n'"),
            ("E'x'", "'E''x'''"),
        ] {
            assert_eq!(quote_literal(value).unwrap(), literal);
        }
    }

    #[test]
    fn a_zero_byte_is_refused() {
        let error = InvalidText { position: 1, byte: 0 };
        assert_eq!(quote_ident("a\0b"), Err(error));
        assert_eq!(quote_literal("a\0b"), Err(error));
        assert_eq!(quote_nullable(Some("a\0b")), Err(error));
        assert_eq!(quote_qualified_identifier(Some("a\0b"), "t"), Err(error));
        assert_eq!(quote_qualified_identifier(Some("s"), "t\0"), Err(error));
    }

    /// What a server reads in quotes.
    fn unquote(quoted: &str, quote: char) -> String {
        let inner = quoted.strip_prefix(quote).unwrap().strip_suffix(quote).unwrap();
        let mut characters = inner.chars();
        let mut text = String::new();
        while let Some(character) = characters.next() {
            // A quote inside stands twice, or it would be the end.
            assert!(character != quote || characters.next() == Some(quote), "{quoted}");
            text.push(character);
        }
        text
    }

    proptest! {
        #[test]
        fn a_quoted_name_is_read_back(name in r#"[a-zA-Z0-9_"'\\; \n$é]{0,12}"#) {
            match quote_ident(&name).unwrap() {
                Cow::Borrowed(plain) => {
                    prop_assert_eq!(plain, &name);
                    prop_assert_eq!(plain.to_lowercase(), name);
                }
                Cow::Owned(quoted) => prop_assert_eq!(unquote(&quoted, '"'), name),
            }
        }

        #[test]
        fn a_literal_is_read_back(value in r#"[a-zE"'\\;\n$é]{0,12}"#) {
            let literal = quote_literal(&value).unwrap();
            match literal.strip_prefix('E') {
                Some(escaped) => {
                    let inner = unquote(escaped, '\'');
                    prop_assert!(inner.replace(r"\\", "").find('\\').is_none());
                    prop_assert_eq!(inner.replace(r"\\", "\\"), value);
                }
                None => {
                    prop_assert!(!literal.contains('\\'));
                    prop_assert_eq!(unquote(&literal, '\''), value);
                }
            }
        }
    }
}
