//! Values of options, and where they come from.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use dblink_protocol::Secret;

use super::Keyword;
use super::choices::{
    GssEncMode, LoadBalanceHosts, SslCertMode, SslMode, SslNegotiation, TargetSessionAttrs,
};

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// A connection string or URI.
    String,
    /// This service file.
    Service(PathBuf),
    /// This environment variable.
    Environment(&'static str),
    /// This password file.
    PasswordFile(PathBuf),
    /// The table, or what other options say.
    Default,
    /// A method of [`Conninfo`](super::Conninfo), or a pair of keyword and value.
    Builder,
    /// The operating system's user.
    OsUser,
}

/// A value of an option, and where it comes from. Secrets print as `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct Setting {
    keyword: Keyword,
    value: Secret,
    source: Source,
}

impl Setting {
    pub(super) const fn new(keyword: Keyword, value: Secret, source: Source) -> Self {
        Self {
            keyword,
            value,
            source,
        }
    }

    /// The option.
    pub const fn keyword(&self) -> Keyword {
        self.keyword
    }

    /// Where the value comes from.
    pub const fn source(&self) -> &Source {
        &self.source
    }

    /// The bytes, be they secret or not.
    pub fn expose(&self) -> &[u8] {
        self.value.expose()
    }

    pub(super) const fn secret(&self) -> &Secret {
        &self.value
    }

    fn shown(&self) -> Cow<'_, str> {
        if self.keyword.is_secret() {
            return Cow::Borrowed("***");
        }
        String::from_utf8_lossy(self.expose())
    }
}

/// The value, or `***`.
impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

/// As in `"prefer" (Default)`.
impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} ({:?})", self.shown(), self.source)
    }
}

/// At most one value for each option.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Settings(BTreeMap<Keyword, Setting>);

impl Settings {
    pub(super) fn get(&self, keyword: Keyword) -> Option<&Setting> {
        self.0.get(&keyword)
    }

    /// The value's bytes; none if it is empty or there is none.
    pub(super) fn filled(&self, keyword: Keyword) -> Option<&[u8]> {
        self.get(keyword)
            .map(Setting::expose)
            .filter(|value| !value.is_empty())
    }

    /// In the table's order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Setting> {
        self.0.values()
    }

    /// Sets a value; the last one counts.
    pub(super) fn set(&mut self, keyword: Keyword, value: impl Into<Secret>, source: Source) {
        self.0
            .insert(keyword, Setting::new(keyword, value.into(), source));
    }

    pub(super) fn unset(&mut self, keyword: Keyword) {
        self.0.remove(&keyword);
    }

    /// Sets a value unless there is one, be it an empty one.
    pub(super) fn set_default(&mut self, keyword: Keyword, value: impl Into<Secret>, source: Source) {
        if self.get(keyword).is_none() {
            self.set(keyword, value, source);
        }
    }

    /// Sets a value of a connection string. Gives the keyword that it went to, or none if there is no such keyword.
    pub(super) fn set_by_name(&mut self, name: &[u8], value: Vec<u8>, source: Source) -> Option<Keyword> {
        // What was asked for before there was an sslmode.
        if name == b"requiressl" {
            let is_required = value.first() == Some(&b'1');
            let mode = if is_required {
                SslMode::Require
            } else {
                SslMode::Prefer
            };
            self.set(Keyword::Sslmode, mode.as_str(), source);
            return Some(Keyword::Sslmode);
        }
        let keyword = Keyword::from_bytes(name)?;
        self.set(keyword, value, source);
        Some(keyword)
    }

    /// Takes over every value of `other`.
    pub(super) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}

/// As a map from keywords to settings.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.iter().map(|setting| (setting.keyword.name(), setting));
        f.debug_map().entries(entries).finish()
    }
}

/// What the methods of [`Conninfo`](super::Conninfo) take: texts, numbers, paths, secrets, and the enums of this module.
pub trait OptionValue {
    /// The value as it would be written, without quotes.
    fn into_value(self) -> Secret;
}

impl OptionValue for Secret {
    fn into_value(self) -> Secret {
        self
    }
}

impl OptionValue for &Path {
    fn into_value(self) -> Secret {
        Secret::from(self.as_os_str().as_encoded_bytes())
    }
}

impl OptionValue for PathBuf {
    fn into_value(self) -> Secret {
        self.as_path().into_value()
    }
}

macro_rules! option_values {
    ($($type:ty)+) => {
        $(impl OptionValue for $type {
            fn into_value(self) -> Secret {
                Secret::from(self.to_string())
            }
        })+
    };
}

option_values! { &str String &String i32 u16 u32 SslMode SslNegotiation SslCertMode GssEncMode TargetSessionAttrs
LoadBalanceHosts dblink_protocol::ProtocolVersion dblink_protocol::auth::ChannelBinding
dblink_protocol::auth::RequireAuth }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_counts_and_a_default_does_not() {
        let mut settings = Settings::default();
        settings.set(Keyword::Host, "a", Source::String);
        settings.set(Keyword::Host, "", Source::Builder);
        settings.set_default(Keyword::Host, "c", Source::Default);
        let host = settings.get(Keyword::Host).unwrap();
        assert_eq!((host.expose(), host.source()), (&b""[..], &Source::Builder));
        assert_eq!(settings.filled(Keyword::Host), None);
    }

    #[test]
    fn requiressl_is_an_old_name_of_sslmode() {
        for (value, mode) in [
            ("1", "require"),
            ("1x", "require"),
            ("0", "prefer"),
            ("", "prefer"),
        ] {
            let mut settings = Settings::default();
            settings.set_by_name(b"requiressl", value.into(), Source::String);
            assert_eq!(settings.get(Keyword::Sslmode).unwrap().to_string(), mode);
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        for keyword in Keyword::ALL.iter().filter(|keyword| keyword.is_secret()) {
            let setting = Setting::new(*keyword, Secret::from("tiger"), Source::String);
            assert_eq!(format!("{setting} {setting:?}"), "*** \"***\" (String)");
            assert_eq!(setting.expose(), b"tiger");
        }
        let setting = Setting::new(Keyword::Host, Secret::from("h"), Source::Environment("PGHOST"));
        assert_eq!(
            format!("{setting} {setting:?}"),
            "h \"h\" (Environment(\"PGHOST\"))"
        );
    }

    #[test]
    fn many_types_are_values() {
        assert_eq!(5432_u16.into_value().expose(), b"5432");
        assert_eq!(SslMode::VerifyFull.into_value().expose(), b"verify-full");
        assert_eq!(Path::new("/a b").into_value().expose(), b"/a b");
        assert_eq!(Secret::from("tiger").into_value().expose(), b"tiger");
    }
}
