//! Which connection a call is for.

use std::borrow::Cow;

use crate::conninfo::Config;

/// How many bytes of a name count.
const LONGEST: usize = 63;

/// One of a session's connections: the unnamed one, or one with a name.
///
/// A string is a name; the empty one is a name like others. Of a name that is longer than 63 bytes those count, up to the
/// last character that is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name<'a> {
    /// The unnamed connection.
    Unnamed,
    /// The one of this name.
    Named(&'a str),
}

/// Where to connect to.
///
/// A string is a [`Text`](Self::Text), as in dblink.
#[derive(Debug, Clone, Copy)]
pub enum Destination<'a> {
    /// A foreign server of the local database, if there is one of that name; else a connection string or URI.
    Text(&'a str),
    /// A connection string or URI.
    ///
    /// PostgreSQL manual: [Connection Strings](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING).
    Conninfo(&'a str),
    /// A foreign server of the local database, with the user mapping of the local user.
    ///
    /// PostgreSQL manual: [CREATE SERVER](https://www.postgresql.org/docs/current/sql-createserver.html).
    ForeignServer(&'a str),
    /// What the program itself has put together. The rules on passwords are not applied to it.
    Config(&'a Config),
}

/// What a statement is run on.
///
/// A string is a [`Text`](Self::Text), as in dblink: it is a name if there is such a connection.
#[derive(Debug, Clone, Copy)]
pub enum Target<'a> {
    /// The unnamed connection.
    Unnamed,
    /// The connection of this name.
    Named(&'a str),
    /// The connection of this name, if there is one; else a [`Destination::Text`].
    Text(&'a str),
    /// A connection that is made for this call, and closed after it.
    To(Destination<'a>),
}

/// What becomes of an error of the remote server.
///
/// It is dblink's `fail_on_error`. What is wrong on this side, such as a connection that is not there, is an error all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fail {
    /// It is the call's error.
    #[default]
    Raise,
    /// It is told as a [notice](super::Notice), and the call gives nothing.
    Notice,
}

impl<'a> From<&'a str> for Name<'a> {
    fn from(name: &'a str) -> Self {
        Self::Named(name)
    }
}

impl<'a> From<&'a String> for Name<'a> {
    fn from(name: &'a String) -> Self {
        Self::Named(name)
    }
}

/// As [`ConnectionInfo`](super::ConnectionInfo) has it: none is the unnamed one.
impl<'a> From<&'a Option<String>> for Name<'a> {
    fn from(name: &'a Option<String>) -> Self {
        name.as_deref().map_or(Self::Unnamed, Self::Named)
    }
}

impl<'a> From<&'a str> for Destination<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Destination<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a Config> for Destination<'a> {
    fn from(config: &'a Config) -> Self {
        Self::Config(config)
    }
}

impl<'a> From<&'a str> for Target<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Target<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<Name<'a>> for Target<'a> {
    fn from(name: Name<'a>) -> Self {
        match name {
            Name::Unnamed => Self::Unnamed,
            Name::Named(name) => Self::Named(name),
        }
    }
}

impl<'a> From<Destination<'a>> for Target<'a> {
    fn from(destination: Destination<'a>) -> Self {
        Self::To(destination)
    }
}

impl<'a> From<&'a Config> for Target<'a> {
    fn from(config: &'a Config) -> Self {
        Self::To(config.into())
    }
}

impl<'a> Name<'a> {
    /// The name, as it is known by.
    pub(super) fn key(self) -> Option<&'a str> {
        match self {
            Self::Unnamed => None,
            Self::Named(name) => Some(truncate(name)),
        }
    }
}

/// What counts of a name.
///
/// PostgreSQL manual: [Identifiers and Key Words](https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS).
pub(super) fn truncate(name: &str) -> &str {
    let mut end = name.len().min(LONGEST);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.get(..end).unwrap_or(name)
}

/// The name in quotes and in words, for messages.
pub(super) fn described(name: Option<&str>) -> Cow<'static, str> {
    match name {
        Some(name) => format!("connection \"{name}\"").into(),
        None => "connection".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixty_three_bytes_count_and_no_character_is_cut() {
        let long = "n".repeat(70);
        assert_eq!(truncate(&long).len(), 63);
        assert_eq!(truncate(&"n".repeat(63)).len(), 63);
        assert_eq!(truncate(""), "");
        let wide = "ä".repeat(40);
        assert_eq!(truncate(&wide), "ä".repeat(31));
    }
}
