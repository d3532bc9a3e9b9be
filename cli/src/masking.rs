//! What was typed into a wrong place, without the passwords in it.

use dblink_engine::conninfo::{Conninfo, Keyword};

/// What stands for a secret.
const STARS: &str = "***";

/// Words that somebody may take for the keyword of a secret.
const LIKE_KEYWORDS: [&str; 4] = ["pass", "pwd", "pw", "secret"];

/// The text, which may be a CONN, with `***` for what may be a secret in it: the value of `password=` and its like, and what is
/// between `:` and `@`. Where it is not clear how far a secret goes, all that follows is hidden.
pub(crate) fn without_secrets(text: &str) -> String {
    let at = text.rfind('@');
    let colon = colon(text);
    match (secret_value(text), colon) {
        // What looks like a keyword may be a part of a password, and an "@" may be one.
        (Some(value), Some(colon)) if colon < value && at.is_some_and(|at| at > colon) => {
            hide(text, colon, text.len())
        }
        (Some(value), _) => {
            let end = end_of_value(text, value);
            hide(text, value, end)
        }
        (None, Some(colon)) => match at {
            Some(at) if at > colon => hide(text, colon, at),
            // Behind a host there is a port, or else it is a password whose "@" is missing.
            None if text.contains("://") && !is_port(text.get(colon..).unwrap_or_default()) => {
                hide(text, colon, text.len())
            }
            _ => text.to_owned(),
        },
        (None, None) => match (text.find('/'), at) {
            // As other programs have it: the user, a slash, the password.
            (Some(slash), Some(at)) if slash < at => hide(text, slash + 1, at),
            _ => text.to_owned(),
        },
    }
}

/// The text with stars from here to there.
fn hide(text: &str, from: usize, to: usize) -> String {
    let before = text.get(..from).unwrap_or_default();
    let behind = text.get(to..).unwrap_or_default();
    [before, STARS, behind].concat()
}

/// Where the text goes on behind the first colon that is not that of a scheme, nor of an address in brackets.
fn colon(text: &str) -> Option<usize> {
    let (before, behind) = text.split_once(':')?;
    let scheme = before.to_ascii_lowercase();
    // What else is before a user may be one, with a password that begins with slashes.
    let is_known = scheme.ends_with("postgres") || scheme.ends_with("postgresql") || !text.contains('@');
    let hosts = match behind.strip_prefix("//") {
        Some(hosts) if is_known => hosts,
        _ if before.starts_with('[') => text,
        _ => return text.len().checked_sub(behind.len()),
    };
    let address = hosts
        .strip_prefix('[')
        .and_then(|address| address.split_once(']'));
    // A user's name has no brackets.
    let hosts = address.map_or(hosts, |(_, rest)| rest);
    let (_, behind) = hosts.split_once(':')?;
    text.len().checked_sub(behind.len())
}

/// Whether this begins with a port of a URI, and with no more than that.
fn is_port(text: &str) -> bool {
    let end = text.find(['/', '?', ',']).unwrap_or(text.len());
    let port = text.get(..end).unwrap_or_default();
    port.bytes().all(|byte| byte.is_ascii_digit())
}

/// Where the first value begins that belongs to a secret's keyword. One in a URI may be encoded.
fn secret_value(text: &str) -> Option<usize> {
    let lower = text.to_ascii_lowercase();
    let names = Keyword::ALL
        .iter()
        .filter(|keyword| keyword.is_secret())
        .map(|keyword| keyword.name())
        .chain(LIKE_KEYWORDS);
    let begins = names.filter_map(|name| {
        let (mut from, mut found) = (0_usize, None);
        while found.is_none()
            && let Some(place) = lower.get(from..).and_then(|rest| rest.find(name))
        {
            from = from.saturating_add(place).saturating_add(name.len());
            found = value_behind(&lower, from);
        }
        found
    });
    let encoded = lower.find("://").and_then(|_| {
        let query = lower.find('?')?.saturating_add(1);
        lower.get(query..)?.contains('%').then_some(query)
    });
    begins.chain(encoded).min()
}

/// Where a value begins behind the rest of a word and an "=", or what somebody may take for one.
fn value_behind(text: &str, from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    // A file of passwords is none.
    if rest.starts_with("file") {
        return None;
    }
    let behind = rest.trim_start_matches(|c: char| c.is_alphanumeric() || matches!(c, '_' | '-'));
    let value = behind.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '=' | ':'));
    (value.len() < behind.len()).then_some(())?;
    text.len().checked_sub(value.len())
}

/// Where the value ends that begins here: where the rest is surely none of it, else at the end of the text.
fn end_of_value(text: &str, from: usize) -> usize {
    let value = text.get(from..).unwrap_or_default();
    let is_quoted = value.starts_with('\'');
    let mut characters = value.char_indices().skip(usize::from(is_quoted));
    let mut end = value.len();
    while let Some((place, c)) = characters.next() {
        match c {
            '\\' => drop(characters.next()),
            '\'' if is_quoted => {
                end = place.saturating_add(1);
                break;
            }
            c if !is_quoted && c.is_ascii_whitespace() => {
                end = place;
                break;
            }
            _ => {}
        }
    }
    let rest = value.get(end..).unwrap_or_default();
    // In a URI no blank ends a value.
    let is_in_uri = text.get(..from).is_some_and(|before| before.contains("://"));
    let is_clear = !is_in_uri && Conninfo::parse(rest).is_ok() && without_secrets(rest) == rest;
    match is_clear {
        true => from.saturating_add(end),
        false => text.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::without_secrets;

    #[test]
    fn only_secrets_are_hidden() {
        for (text, shown) in [
            ("host=db1 password=sesame", "host=db1 password=***"),
            ("password=sesame host=db1", "password=*** host=db1"),
            ("password = 'ses ame' port=1", "password = *** port=1"),
            (r"password='ses\'ame' port=1", "password=*** port=1"),
            (r"password=ses\ ame port=1", "password=*** port=1"),
            ("sslpassword=sesame", "sslpassword=***"),
            ("a=host=db1 PassWord=sesame", "a=host=db1 PassWord=***"),
            ("--param-password=sesame", "--param-password=***"),
            ("PGPASSWORD=sesame", "PGPASSWORD=***"),
            ("oauth_client_secret=sesame", "oauth_client_secret=***"),
            ("scram_client_key=sesame", "scram_client_key=***"),
            ("scott:sesame@db1", "scott:***@db1"),
            ("scott:ses@ame@db1", "scott:***@db1"),
            ("scott:ses ame/sesame@db1", "scott:***@db1"),
            (
                "a=postgresql://scott:sesame@db1:5432/sales?sslmode=disable",
                "a=postgresql://scott:***@db1:5432/sales?sslmode=disable",
            ),
            ("postgres:/scott:sesame@db1", "postgres:***@db1"),
            ("scott:http://sesame@db1", "scott:***@db1"),
            ("scott://sesame@db1", "scott:***@db1"),
            ("a=Postgres://scott:s://esame@db1", "a=Postgres://scott:***@db1"),
            ("postgresql://[::1]:sesame@db1", "postgresql://[::1]:***@db1"),
            ("postgresql://scott:ses[a:]me@db1", "postgresql://scott:***@db1"),
            ("scott:[ses]ame@db1", "scott:***@db1"),
            // Where they end is not clear.
            ("password=ses ame", "password=***"),
            ("password='ses ame", "password=***"),
            ("password=ses host=a password=ame", "password=***"),
            ("password=ses scott:sesame@db1", "password=***"),
            ("scott:mypassword=sesame@db1", "scott:***"),
            ("postgresql://scott:sesame/db1", "postgresql://scott:***"),
            (
                "postgresql://db1/d?password=ses&ame=1",
                "postgresql://db1/d?password=***",
            ),
            (
                "postgresql://db1/d?password=ses port=1",
                "postgresql://db1/d?password=***",
            ),
            ("postgresql://db1/d?%70assword=sesame", "postgresql://db1/d?***"),
            ("host=db1 pass=sesame", "host=db1 pass=***"),
            ("host=db1 pw=sesame", "host=db1 pw=***"),
            ("password sesame", "password ***"),
            ("password: sesame", "password: ***"),
            ("PGPASSWORD sesame", "PGPASSWORD ***"),
            ("scott/sesame@db1", "scott/***@db1"),
            ("scott/ses/ame@db1", "scott/***@db1"),
        ] {
            assert_eq!(without_secrets(text), shown, "{text}");
        }
        for text in [
            "service=shop",
            "dbname=shop user=scott@home",
            "passfile=/home/scott/.pgpass",
            "host=db1 hostaddr=::1",
            "require_auth=password",
            "@sales",
            "scott@db1:5432",
            "db1:5432/d",
            "postgresql://scott@db1:5432/sales",
            "postgresql://db1:5432,db2:5433/sales",
            "postgresql://[::1]:5432/sales",
            "postgresql://[::1]/sales",
            "postgresql://scott@[::1]:5432/sales",
            "[::1]:5432",
            "tcp://db1",
            "select 'password'",
            "",
        ] {
            assert_eq!(without_secrets(text), text);
        }
    }
}
