//! Connection URIs: `postgresql://user:password@host:port/dbname?keyword=value`.

use super::Keyword;
use super::error::ParseError;
use super::keyword_value::mask;
use super::setting::{Settings, Source};
use super::text::{cut, shown};

/// What follows the scheme, if `text` is a connection URI.
pub(super) fn strip_scheme(text: &[u8]) -> Option<&[u8]> {
    text.strip_prefix(b"postgresql://")
        .or_else(|| text.strip_prefix(b"postgres://"))
}

/// Reads a connection URI. `rest` is what follows the scheme.
///
/// PostgreSQL manual:
/// [Connection URIs](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS).
pub(super) fn parse(uri: &[u8], rest: &[u8], settings: &mut Settings) -> Result<(), ParseError> {
    let (user_info, tail) = cut(rest, |byte| matches!(byte, b'@' | b'/'));
    let rest = match tail.strip_prefix(b"@") {
        Some(rest) => {
            parse_user_info(user_info, settings)?;
            rest
        }
        None => rest,
    };
    let rest = parse_hosts(uri, rest, settings)?;
    let rest = match rest.strip_prefix(b"/") {
        Some(path) => {
            let (dbname, rest) = cut(path, |byte| byte == b'?');
            set(settings, Keyword::Dbname, dbname)?;
            rest
        }
        None => rest,
    };
    parse_query(rest.strip_prefix(b"?").unwrap_or_default(), settings)
}

/// `user`, or `user:password`.
fn parse_user_info(user_info: &[u8], settings: &mut Settings) -> Result<(), ParseError> {
    let (user, password) = cut(user_info, |byte| byte == b':');
    set(settings, Keyword::User, user)?;
    set(
        settings,
        Keyword::Password,
        password.strip_prefix(b":").unwrap_or_default(),
    )
}

/// Hosts and ports, which go to two lists. Gives what follows.
fn parse_hosts<'a>(uri: &[u8], mut rest: &'a [u8], settings: &mut Settings) -> Result<&'a [u8], ParseError> {
    let mut hosts = Vec::new();
    let mut ports = Vec::new();
    let rest = loop {
        let (host, mut tail) = parse_host(uri, rest)?;
        hosts.extend_from_slice(host);
        if let Some(after_colon) = tail.strip_prefix(b":") {
            let port;
            (port, tail) = cut(after_colon, |byte| matches!(byte, b'/' | b'?' | b','));
            ports.extend_from_slice(port);
        }
        let Some(next) = tail.strip_prefix(b",") else {
            break tail;
        };
        hosts.push(b',');
        ports.push(b',');
        rest = next;
    };
    set(settings, Keyword::Host, &hosts)?;
    set(settings, Keyword::Port, &ports)?;
    Ok(rest)
}

/// A host, and what follows. Brackets are taken off.
fn parse_host<'a>(uri: &[u8], rest: &'a [u8]) -> Result<(&'a [u8], &'a [u8]), ParseError> {
    let ends_host = |byte| matches!(byte, b':' | b'/' | b'?' | b',');
    let Some(rest) = rest.strip_prefix(b"[") else {
        return Ok(cut(rest, ends_host));
    };
    let (host, tail) = cut(rest, |byte| byte == b']');
    let Some(tail) = tail.strip_prefix(b"]") else {
        return Err(ParseError::UnmatchedBracket { uri: shown_uri(uri) });
    };
    if host.is_empty() {
        return Err(ParseError::EmptyAddress { uri: shown_uri(uri) });
    }
    match tail.first() {
        Some(&byte) if !ends_host(byte) => Err(ParseError::UnexpectedCharacter {
            character: shown(&[byte]),
            position: uri.len() - tail.len() + 1,
            uri: shown_uri(uri),
        }),
        _ => Ok((host, tail)),
    }
}

/// `keyword=value`, with `&` between them.
fn parse_query(query: &[u8], settings: &mut Settings) -> Result<(), ParseError> {
    let mut rest = query;
    // A password with an unencoded "&" goes on as if it were a parameter.
    let mut follows_secret = false;
    while !rest.is_empty() {
        let (parameter, tail) = cut(rest, |byte| byte == b'&');
        rest = tail.strip_prefix(b"&").unwrap_or_default();
        let (keyword, value) = cut(parameter, |byte| byte == b'=');
        let Some(value) = value.strip_prefix(b"=") else {
            return Err(ParseError::MissingSeparator(mask(parameter, follows_secret)));
        };
        if value.contains(&b'=') {
            return Err(ParseError::ExtraSeparator(mask(keyword, follows_secret)));
        }
        let keyword = decode(keyword).map_err(|fault| fault.error(mask(keyword, follows_secret)))?;
        let is_secret = Keyword::from_bytes(&keyword).is_some_and(Keyword::is_secret);
        let value = decode(value).map_err(|fault| fault.error(mask(value, is_secret)))?;
        // As JDBC writes it.
        let set = if keyword == b"ssl" && value == b"true" {
            settings.set_by_name(b"requiressl", b"1".to_vec(), Source::String)
        } else {
            settings.set_by_name(&keyword, value, Source::String)
        };
        if set.is_none() {
            return Err(ParseError::UnknownParameter(mask(&keyword, follows_secret)));
        }
        follows_secret = is_secret;
    }
    Ok(())
}

/// Sets an option to a decoded value, unless it is empty.
fn set(settings: &mut Settings, keyword: Keyword, value: &[u8]) -> Result<(), ParseError> {
    if !value.is_empty() {
        let decoded = decode(value).map_err(|fault| fault.error(mask(value, keyword.is_secret())))?;
        settings.set(keyword, decoded, Source::String);
    }
    Ok(())
}

/// What can be wrong with an encoded component.
#[derive(Clone, Copy)]
enum Fault {
    Token,
    ZeroByte,
    Spaces,
}

impl Fault {
    /// The error for a component that is shown so.
    const fn error(self, component: String) -> ParseError {
        match self {
            Self::Token => ParseError::InvalidPercentToken(component),
            Self::ZeroByte => ParseError::ForbiddenZeroByte(component),
            Self::Spaces => ParseError::UnexpectedSpaces(component),
        }
    }
}

/// Decodes a component. Spaces around it do not count.
fn decode(component: &[u8]) -> Result<Vec<u8>, Fault> {
    let (_, rest) = cut(component, |byte| byte != b' ');
    let (token, spaces) = cut(rest, |byte| byte == b' ');
    let mut decoded = Vec::with_capacity(token.len());
    let mut bytes = token.iter();
    while let Some(&byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let mut digit = || bytes.next().and_then(|&digit| char::from(digit).to_digit(16));
        let (Some(high), Some(low)) = (digit(), digit()) else {
            return Err(Fault::Token);
        };
        match u8::try_from(high << 4 | low) {
            Ok(0) | Err(_) => return Err(Fault::ZeroByte),
            Ok(byte) => decoded.push(byte),
        }
    }
    if spaces.iter().any(|&byte| byte != b' ') {
        return Err(Fault::Spaces);
    }
    Ok(decoded)
}

/// The URI for an error message: without what may be its password, and without the query, which may hold another.
fn shown_uri(uri: &[u8]) -> String {
    let (visible, query) = cut(uri, |byte| byte == b'?');
    let rest = strip_scheme(visible).unwrap_or(visible);
    let scheme = visible.strip_suffix(rest).unwrap_or_default();
    // Up to the last "@": the password may hold one that should have been encoded.
    let last_at = rest.iter().rposition(|&byte| byte == b'@');
    let (user_info, hosts) = last_at
        .and_then(|at| rest.split_at_checked(at))
        .unwrap_or((b"", rest));
    let (user, password) = cut(user_info, |byte| byte == b':');
    let password = if password.is_empty() { "" } else { ":***" };
    let query = if query.is_empty() { "" } else { "?***" };
    [&shown(scheme), &shown(user), password, &shown(hosts), query].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(uri: &str) -> Result<Settings, ParseError> {
        let mut settings = Settings::default();
        let rest = strip_scheme(uri.as_bytes()).unwrap();
        parse(uri.as_bytes(), rest, &mut settings)?;
        Ok(settings)
    }

    #[track_caller]
    fn assert_parsed(rest: &str, expected: &[(&str, &str)]) {
        for scheme in ["postgresql://", "postgres://"] {
            let settings = read(&format!("{scheme}{rest}")).unwrap();
            let pairs: Vec<_> = settings
                .iter()
                .map(|setting| {
                    (
                        setting.keyword().name(),
                        str::from_utf8(setting.expose()).unwrap(),
                    )
                })
                .collect();
            assert_eq!(pairs, expected, "{rest}");
        }
    }

    fn refusal(rest: &str) -> String {
        read(&format!("postgresql://{rest}")).unwrap_err().to_string()
    }

    #[test]
    fn the_scheme_is_exact() {
        assert_eq!(strip_scheme(b"postgresql://h"), Some(&b"h"[..]));
        assert_eq!(strip_scheme(b"postgres://h"), Some(&b"h"[..]));
        for text in [
            "Postgres://h",
            " postgres://h",
            "postgres:/h",
            "postgresqll://",
            "pg://h",
        ] {
            assert_eq!(strip_scheme(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn every_part_may_be_missing() {
        assert_parsed("", &[]);
        assert_parsed("/", &[]);
        assert_parsed("?", &[]);
        assert_parsed(":@:/?", &[]);
        assert_parsed("@h", &[("host", "h")]);
        assert_parsed(":5433", &[("port", "5433")]);
        assert_parsed("/d", &[("dbname", "d")]);
        assert_parsed(
            "u:p@h:1/d?application_name=a",
            &[
                ("user", "u"),
                ("password", "p"),
                ("dbname", "d"),
                ("host", "h"),
                ("port", "1"),
                ("application_name", "a"),
            ],
        );
    }

    #[test]
    fn what_should_have_been_encoded_splits_elsewhere() {
        assert_parsed("u:p:q@h", &[("user", "u"), ("password", "p:q"), ("host", "h")]);
        assert_parsed("u:p/q@h", &[("dbname", "q@h"), ("host", "u"), ("port", "p")]);
        assert_parsed("u:p@q@h", &[("user", "u"), ("password", "p"), ("host", "q@h")]);
        assert_parsed("a?b@h", &[("user", "a?b"), ("host", "h")]);
        assert_parsed("h/a/b#c", &[("dbname", "a/b#c"), ("host", "h")]);
    }

    #[test]
    fn hosts_and_ports_are_lists() {
        assert_parsed("h1,h2", &[("host", "h1,h2"), ("port", ",")]);
        assert_parsed("h1:1,h2", &[("host", "h1,h2"), ("port", "1,")]);
        assert_parsed(
            "h1:1,h2:2/d",
            &[("dbname", "d"), ("host", "h1,h2"), ("port", "1,2")],
        );
        assert_parsed(",", &[("host", ","), ("port", ",")]);
        assert_parsed("a:1:2", &[("host", "a"), ("port", "1:2")]);
        assert_parsed("%2Ftmp:1", &[("host", "/tmp"), ("port", "1")]);
    }

    #[test]
    fn brackets_hold_an_address() {
        assert_parsed("[::1]", &[("host", "::1")]);
        assert_parsed("[::1]:5433,[::2]", &[("host", "::1,::2"), ("port", "5433,")]);
        assert_parsed("[fe80::1%25eth0]/d", &[("dbname", "d"), ("host", "fe80::1%eth0")]);
        assert_parsed("[200z:db8::]", &[("host", "200z:db8::")]);
        assert_parsed("::1", &[("port", ":1")]);
    }

    #[test]
    fn parameters_override_what_is_before_them() {
        assert_parsed("h?host=a&host=b", &[("host", "b")]);
        assert_parsed(
            "h:1?port=&user=x%20y&",
            &[("user", "x y"), ("host", "h"), ("port", "")],
        );
        assert_parsed("?%75ser=a+b", &[("user", "a+b")]);
        assert_parsed("?ssl=true", &[("sslmode", "require")]);
        assert_parsed("?requiressl=0", &[("sslmode", "prefer")]);
    }

    #[test]
    fn spaces_around_a_component_do_not_count() {
        assert_parsed(
            " u : p @ h / d ? user = x ",
            &[("user", "x"), ("password", "p"), ("dbname", "d"), ("host", "h")],
        );
        assert_parsed("%20u@", &[("user", " u")]);
        assert_parsed("u\t@", &[("user", "u\t")]);
        for (rest, component) in [("a b@", "a b"), ("h1 ,h2", "h1 ,h2"), ("/a %zz", "a %zz")] {
            assert_eq!(
                refusal(rest),
                format!(
                    "unexpected spaces found in \"{component}\", use percent-encoded spaces (%20) instead"
                )
            );
        }
    }

    #[test]
    fn brackets_must_match_and_hold_something() {
        assert_eq!(
            refusal("[::1"),
            "end of string reached when looking for matching \"]\" in IPv6 host address in URI: \
             \"postgresql://[::1\""
        );
        assert_eq!(
            refusal("u@[]:1"),
            "IPv6 host address may not be empty in URI: \"postgresql://u@[]:1\""
        );
        assert_eq!(
            refusal("[::1]z"),
            "unexpected character \"z\" at position 19 in URI (expected \":\" or \"/\"): \"postgresql://[::1]z\""
        );
    }

    #[test]
    fn a_parameter_has_one_equals_sign() {
        for (query, parameter) in [("zzz", "zzz"), ("&", ""), ("user=1&&port=2", ""), ("ssl", "ssl")] {
            assert_eq!(
                refusal(&format!("?{query}")),
                format!("missing key/value separator \"=\" in URI query parameter: \"{parameter}\"")
            );
        }
        for (query, keyword) in [("a=b=c", "a"), ("port=1?user=x", "port"), ("==", "")] {
            assert_eq!(
                refusal(&format!("?{query}")),
                format!("extra key/value separator \"=\" in URI query parameter: \"{keyword}\"")
            );
        }
    }

    #[test]
    fn a_parameter_is_a_known_one() {
        for (query, keyword) in [("x=1", "x"), ("ssl=false", "ssl"), ("=", ""), ("a%20b=", "a b")] {
            assert_eq!(
                refusal(&format!("?{query}")),
                format!("invalid URI query parameter: \"{keyword}\"")
            );
        }
    }

    #[test]
    fn tokens_have_two_digits() {
        for token in ["%", "%1", "%zz", "a%2", "%+1"] {
            let expected = format!("invalid percent-encoded token: \"{token}\"");
            assert_eq!(refusal(&format!("/{token}")), expected);
            assert_eq!(refusal(&format!("?user={token}")), expected);
            assert_eq!(refusal(&format!("?{token}=")), expected);
        }
        assert_eq!(
            refusal("/a%00b"),
            "forbidden value %00 in percent-encoded value: \"a%00b\""
        );
        assert_parsed("%41%4a%4A@", &[("user", "AJJ")]);
    }

    #[test]
    fn no_message_shows_a_password() {
        for rest in [
            "u:tiger@[::1",
            "u:ti@tiger@h,[]",
            "u:tiger@[::1]x?password=tiger",
            "[::1]x?sslpassword=tiger",
            "u:tiger%@h",
            "u:tiger x@h",
            "?password=tiger%00",
            "?password=a&tiger",
            "?password=a&tiger=1",
            "?password=a&tiger=1=2",
            "?password=a&tiger%=1",
        ] {
            let refusal = refusal(rest);
            assert!(!refusal.contains("tiger") && refusal.contains("***"), "{refusal}");
        }
    }
}
