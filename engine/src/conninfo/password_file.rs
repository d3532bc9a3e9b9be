//! Password files: lines of `host:port:database:user:password`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use dblink_protocol::Secret;

use super::error::Warning;

/// The content of a password file. There is none if the file cannot be read.
///
/// PostgreSQL manual: [The Password File](https://www.postgresql.org/docs/current/libpq-pgpass.html).
pub(super) fn read(path: &Path) -> Result<Option<Secret>, Warning> {
    // Before it is opened: opening a pipe would wait for its other end.
    let Ok(metadata) = fs::metadata(path) else {
        return Ok(None);
    };
    if !metadata.is_file() {
        return Err(Warning::NotPlainFile(path.to_owned()));
    }
    if metadata.permissions().mode() & 0o077 != 0 {
        return Err(Warning::OpenToOthers(path.to_owned()));
    }
    Ok(fs::read(path).ok().map(Secret::from))
}

/// What a line is looked for by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key<'a> {
    pub(super) host: &'a [u8],
    pub(super) port: &'a [u8],
    pub(super) dbname: &'a [u8],
    pub(super) user: &'a [u8],
}

/// The password of the first line that fits.
pub(super) fn find(content: &[u8], key: Key<'_>) -> Option<Secret> {
    let mut lines = content.split(|&byte| byte == b'\n');
    lines.find_map(|line| password(line, key))
}

fn password(line: &[u8], key: Key<'_>) -> Option<Secret> {
    if line.starts_with(b"#") {
        return None;
    }
    let mut rest = line;
    while let Some(shorter) = rest.strip_suffix(b"\r") {
        rest = shorter;
    }
    for expected in [key.host, key.port, key.dbname, key.user] {
        rest = match_field(rest, expected)?;
    }
    Some(Secret::from(unescape(rest)))
}

/// What follows the field that `line` begins with, if the field is `*` or the expected text.
///
/// A colon in the expected text need not be escaped in the file, so that `::1` is found as it is.
fn match_field<'a>(line: &'a [u8], expected: &[u8]) -> Option<&'a [u8]> {
    if let Some(rest) = line.strip_prefix(b"*:") {
        return Some(rest);
    }
    let mut rest = line;
    for byte in expected {
        rest = rest.strip_prefix(b"\\").unwrap_or(rest);
        rest = rest.strip_prefix(&[*byte])?;
    }
    rest.strip_prefix(b":")
}

/// The password: up to a colon, without backslashes but one at the very end.
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut password = Vec::with_capacity(field.len());
    let mut bytes = field.iter();
    while let Some(&byte) = bytes.next() {
        match byte {
            b':' => break,
            b'\\' => password.push(*bytes.next().unwrap_or(&byte)),
            byte => password.push(byte),
        }
    }
    password
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;

    use super::*;

    const KEY: Key<'static> = Key {
        host: b"db",
        port: b"5432",
        dbname: b"sales",
        user: b"scott",
    };

    fn look_up(content: &str) -> Option<String> {
        let found = find(content.as_bytes(), KEY)?;
        Some(String::from_utf8(found.expose().to_vec()).unwrap())
    }

    #[track_caller]
    fn assert_found(content: &str, password: &str) {
        assert_eq!(look_up(content).as_deref(), Some(password), "{content}");
    }

    #[test]
    fn the_first_line_that_fits_counts() {
        assert_found("db:5432:sales:scott:tiger", "tiger");
        assert_found(
            "#db:5432:sales:scott:no\n\nx\ndb:5432:sales:adams:no\n*:*:*:*:first\ndb:5432:sales:scott:second\n",
            "first",
        );
        assert_found("db:5432:sales:scott:\n*:*:*:*:second", "");
        assert_found("db:5432:sales:scott:tiger\r\r\n", "tiger");
        for line in [
            "",
            "db:5432:sales:scott",
            "db:5432:sales",
            " #",
            " db:5432:sales:scott:x",
            "::::x",
        ] {
            assert_eq!(look_up(line), None, "{line}");
        }
    }

    #[test]
    fn a_star_is_a_wildcard_alone() {
        assert_found("*:5432:*:scott:tiger", "tiger");
        for line in [
            "d*:5432:sales:scott:x",
            "**:5432:sales:scott:x",
            "\\*:5432:sales:scott:x",
        ] {
            assert_eq!(look_up(line), None, "{line}");
        }
        assert_found("*:*:*:*:*", "*");
    }

    #[test]
    fn backslashes_escape() {
        assert_found(r"\d\b:5432:sales:scott:tiger", "tiger");
        assert_found(r"db:5432:sales:scott:a\:b\\c\d:e", r"a:b\cd");
        assert_found(r"db:5432:sales:scott:a\", r"a\");
        let key = Key {
            host: b"a:\\b",
            ..KEY
        };
        let found = |line: &[u8]| find(line, key).is_some();
        assert!(found(br"a\:\\b:5432:sales:scott:x"));
        assert!(found(br"a:\\b:5432:sales:scott:x"));
        assert!(!found(br"a:\b:5432:sales:scott:x"));
    }

    #[test]
    fn an_address_with_colons_is_found_as_it_is() {
        let key = Key { host: b"::1", ..KEY };
        assert!(find(b"::1:5432:sales:scott:x", key).is_some());
        assert!(find(br"\:\:1:5432:sales:scott:x", key).is_some());
        assert!(find(b"::5432:sales:scott:x", key).is_none());
    }

    #[test]
    fn only_a_plain_file_that_nobody_else_may_touch_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pgpass");
        let name = file.display();
        assert_eq!(read(&file), Ok(None));
        assert_eq!(
            read(folder.path()).unwrap_err().to_string(),
            format!(
                "password file \"{}\" is not a plain file",
                folder.path().display()
            )
        );
        fs::write(&file, "x").unwrap();
        for mode in [0o644, 0o640, 0o601, 0o620] {
            fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
            assert_eq!(
                read(&file).unwrap_err().to_string(),
                format!(
                    "password file \"{name}\" has group or world access; permissions should be u=rw (0600) or less"
                )
            );
        }
        for mode in [0o600, 0o700] {
            fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
            assert_eq!(read(&file), Ok(Some(Secret::from("x"))));
        }
    }
}
