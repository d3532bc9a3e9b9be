//! SQLSTATE codes.

mod codes;

use std::fmt;

/// An SQLSTATE: five digits or upper-case letters that say which error (or warning) it is, whatever the language of the
/// message.
///
/// ```
/// use dblink_protocol::SqlState;
///
/// let state = SqlState::from_bytes(b"42P01").expect("five digits and upper-case letters");
/// assert_eq!(state.as_str(), "42P01");
/// assert_eq!(state.class(), "42");
/// assert_eq!(SqlState::from_bytes(b"42p01"), None);
/// ```
///
/// PostgreSQL manual: [Error Codes](https://www.postgresql.org/docs/current/errcodes-appendix.html).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SqlState([u8; 5]);

impl SqlState {
    /// The code with these bytes, which must be digits and upper-case letters: what comes from outside goes through
    /// [`SqlState::from_bytes`].
    const fn new(code: &[u8; 5]) -> Self {
        Self(*code)
    }

    /// The code with these bytes, if they are five digits or upper-case ASCII letters.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let code: &[u8; 5] = bytes.try_into().ok()?;
        code.iter()
            .all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
            .then(|| Self::new(code))
    }

    /// The five characters.
    pub fn as_str(&self) -> &str {
        // The bytes are ASCII, so that the default is never taken.
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The first two characters, which say which class of errors it belongs to.
    pub fn class(&self) -> &str {
        self.as_str().get(..2).unwrap_or_default()
    }
}

/// The five characters.
impl fmt::Display for SqlState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// As in `SqlState(42P01)`.
impl fmt::Debug for SqlState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SqlState({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints() {
        let state = SqlState::new(b"42P01");
        assert_eq!(state.to_string(), "42P01");
        assert_eq!(format!("{state:?}"), "SqlState(42P01)");
        assert_eq!((state.as_str(), state.class()), ("42P01", "42"));
    }

    #[test]
    fn only_five_digits_or_capitals_pass() {
        assert_eq!(SqlState::from_bytes(b"0ZAZ9"), Some(SqlState::new(b"0ZAZ9")));
        for bytes in [
            &b""[..],
            b"42P0",
            b"42P011",
            b"42p01",
            b"42 01",
            b"42P0\0",
            b"42P0\xd6",
            "42P\u{d6}".as_bytes(),
        ] {
            assert_eq!(SqlState::from_bytes(bytes), None, "{}", bytes.escape_ascii());
        }
    }
}
