//! Connection strings of keywords and values: `host=db port=5433 user='a b'`.

use super::error::ParseError;
use super::setting::{Settings, Source};
use super::text::{cut, is_blank, shown, skip_blanks};

/// Reads a connection string that is no URI.
///
/// PostgreSQL manual: [Keyword/Value Connection
/// Strings](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE).
pub(super) fn parse(text: &[u8], settings: &mut Settings) -> Result<(), ParseError> {
    let mut rest = skip_blanks(text);
    // A password with a blank in it that somebody forgot to quote goes on as if it were a keyword.
    let mut follows_secret = false;
    while !rest.is_empty() {
        let (name, tail) = cut(rest, |byte| byte == b'=' || is_blank(byte));
        let shown_name = || {
            if follows_secret {
                mask(name, true)
            } else {
                shown_word(name, tail)
            }
        };
        let Some(tail) = skip_blanks(tail).strip_prefix(b"=") else {
            return Err(ParseError::MissingEquals(shown_name()));
        };
        let (value, tail) = read_value(skip_blanks(tail))?;
        let Some(keyword) = settings.set_by_name(name, value, Source::String) else {
            return Err(ParseError::UnknownOption(shown_name()));
        };
        follows_secret = keyword.is_secret();
        rest = skip_blanks(tail);
    }
    Ok(())
}

/// For an error message: the text, or stars if it may be a secret.
pub(super) fn mask(text: &[u8], is_secret: bool) -> String {
    if is_secret { "***".to_owned() } else { shown(text) }
}

/// For an error message: a word, and what is behind it. It may be a URI that somebody has mistyped, and have a password between
/// `:` and `@`, which may go on behind the word.
fn shown_word(word: &[u8], behind: &[u8]) -> String {
    let (before, password) = cut(word, |byte| byte == b':');
    let last_at = match behind.contains(&b'@') {
        true => Some(password.len()),
        // It may hold an "@" that should have been encoded.
        false => password.iter().rposition(|&byte| byte == b'@'),
    };
    match last_at.and_then(|at| password.split_at_checked(at)) {
        Some((password, hosts)) if !password.is_empty() => [&shown(before), ":***", &shown(hosts)].concat(),
        _ => shown(word),
    }
}

/// The value that `text` begins with, and the rest.
fn read_value(text: &[u8]) -> Result<(Vec<u8>, &[u8]), ParseError> {
    let (text, is_quoted) = match text.strip_prefix(b"'") {
        Some(text) => (text, true),
        None => (text, false),
    };
    let mut value = Vec::new();
    let mut bytes = text.iter();
    while let Some(&byte) = bytes.next() {
        match byte {
            // A backslash at the very end vanishes.
            b'\\' => value.extend(bytes.next()),
            b'\'' if is_quoted => return Ok((value, bytes.as_slice())),
            blank if !is_quoted && is_blank(blank) => break,
            byte => value.push(byte),
        }
    }
    if is_quoted {
        return Err(ParseError::UnterminatedQuote);
    }
    Ok((value, bytes.as_slice()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_parsed(text: &str, expected: &[(&str, &str)]) {
        let mut settings = Settings::default();
        parse(text.as_bytes(), &mut settings).unwrap();
        let pairs: Vec<_> = settings
            .iter()
            .map(|setting| {
                (
                    setting.keyword().name(),
                    str::from_utf8(setting.expose()).unwrap(),
                )
            })
            .collect();
        assert_eq!(pairs, expected, "{text}");
    }

    fn refusal(text: &str) -> String {
        parse(text.as_bytes(), &mut Settings::default())
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn blanks_may_be_around_everything() {
        assert_parsed("", &[]);
        assert_parsed(" \t\r\n\x0b\x0c ", &[]);
        assert_parsed("host=a port=1", &[("host", "a"), ("port", "1")]);
        assert_parsed(" host = a\x0bport\n=\t1 ", &[("host", "a"), ("port", "1")]);
    }

    #[test]
    fn an_unquoted_value_runs_to_a_blank() {
        assert_parsed("user=a'b'", &[("user", "a'b'")]);
        assert_parsed(r"user=a\ b\\c\'d", &[("user", r"a b\c'd")]);
        assert_parsed(r"user=a\", &[("user", "a")]);
        assert_parsed("user=a,b;c=d", &[("user", "a,b;c=d")]);
    }

    #[test]
    fn a_quoted_value_runs_to_its_quote() {
        assert_parsed("user='a b'", &[("user", "a b")]);
        assert_parsed(r"user='a\'b\\c\d'", &[("user", r"a'b\cd")]);
        assert_parsed("user='a'host='b'", &[("user", "a"), ("host", "b")]);
        assert_parsed("user=''", &[("user", "")]);
        assert_eq!(
            refusal("user='a''b'"),
            "missing \"=\" after \"'b'\" in connection info string"
        );
    }

    #[test]
    fn nothing_after_the_equals_sign_is_empty_or_the_next_word() {
        assert_parsed("host=", &[("host", "")]);
        assert_parsed("host= ", &[("host", "")]);
        assert_parsed("host= port=5", &[("host", "port=5")]);
    }

    #[test]
    fn the_last_one_counts() {
        assert_parsed("port=1 port=2", &[("port", "2")]);
        assert_parsed("sslmode=disable requiressl=1", &[("sslmode", "require")]);
    }

    #[test]
    fn an_equals_sign_must_be_there() {
        for (text, name) in [
            ("host", "host"),
            ("host a", "host"),
            ("postgresql:host", "postgresql:host"),
            ("Postgres://h", "Postgres://h"),
            ("port=1 ü", "ü"),
        ] {
            let expected = format!("missing \"=\" after \"{name}\" in connection info string");
            assert_eq!(refusal(text), expected);
        }
    }

    #[test]
    fn a_quote_must_end() {
        for text in ["host='a", r"host='a\'", r"host='a\", "host='"] {
            assert_eq!(
                refusal(text),
                "unterminated quoted string in connection info string"
            );
        }
    }

    #[test]
    fn keywords_are_known_ones() {
        for (text, name) in [
            ("bogus=1", "bogus"),
            ("HOST=a", "HOST"),
            ("=a", ""),
            ("ssl=true", "ssl"),
            ("tty=x", "tty"),
        ] {
            assert_eq!(refusal(text), format!("invalid connection option \"{name}\""));
        }
    }

    #[test]
    fn the_rest_of_an_unquoted_password_is_not_shown() {
        assert_eq!(
            refusal("password=correct horse"),
            "missing \"=\" after \"***\" in connection info string"
        );
        assert_eq!(
            refusal("password=correct horse=1"),
            "invalid connection option \"***\""
        );
    }

    #[test]
    fn the_password_of_a_mistyped_uri_is_not_shown() {
        for (text, shown) in [
            ("postgres:/scott:sesame@db/d", "postgres:***@db/d"),
            ("Postgres://scott:sesame@db/d", "Postgres:***@db/d"),
            ("postgresql//scott:sesame@db/d", "postgresql//scott:***@db/d"),
            ("scott:sesame@db", "scott:***@db"),
            ("scott:se@same@db", "scott:***@db"),
            ("scott:ses ame@db", "scott:***"),
            ("scott:ses@a me@db", "scott:***"),
            ("scott:sesame @db", "scott:***"),
            ("port=1 scott:sesame@db", "scott:***@db"),
            // There is none in these.
            ("scott@db", "scott@db"),
            ("scott@db:5432", "scott@db:5432"),
            ("db:5432/d", "db:5432/d"),
        ] {
            let expected = format!("missing \"=\" after \"{shown}\" in connection info string");
            assert_eq!(refusal(text), expected);
        }
        for (text, shown) in [
            ("scott:sesame@db?sslmode=disable", "scott:***@db?sslmode"),
            ("scott:ses=ame@db", "scott:***"),
        ] {
            assert_eq!(refusal(text), format!("invalid connection option \"{shown}\""));
        }
    }
}
