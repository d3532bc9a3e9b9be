//! Options as somebody gives them, before anything else is asked.

use super::environment::Environment;
use super::error::{ParseError, ResolveError};
use super::setting::{OptionValue, Setting, Settings, Source};
use super::{Config, Keyword, ServiceError, defaults, keyword_value, uri};

/// The options that are given for a connection: in a string, or one by one.
///
/// There is a method for each keyword. The last value of an option counts; an empty one is a value too, as in
/// `host=''`.
///
/// ```
/// use dblink_engine::conninfo::{Conninfo, Keyword, SslMode};
///
/// let conninfo = Conninfo::parse("postgresql://scott:tiger@db.example/sales")?
///     .sslmode(SslMode::VerifyFull)
///     .connect_timeout(5);
/// assert_eq!(conninfo.get(Keyword::Host).map(|host| host.to_string()), Some("db.example".to_owned()));
/// assert_eq!(conninfo.get(Keyword::Password).map(|password| password.to_string()), Some("***".to_owned()));
///
/// let same = Conninfo::new()
///     .user("scott")
///     .password("tiger")
///     .host("db.example")
///     .dbname("sales");
/// assert_eq!(same.get(Keyword::Dbname).map(|dbname| dbname.expose()), Some(&b"sales"[..]));
/// # Ok::<(), dblink_engine::conninfo::ParseError>(())
/// ```
///
/// PostgreSQL manual:
/// [Connection Strings](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING).
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Conninfo(Settings);

impl Conninfo {
    /// No options at all, which is enough to connect: everything has a default.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether where the name of a database is expected this is a connection string: a URI, or a text with an equals sign.
    ///
    /// ```
    /// use dblink_engine::conninfo::Conninfo;
    ///
    /// assert!(Conninfo::is_connection_string("dbname=sales"));
    /// assert!(Conninfo::is_connection_string("postgresql:///sales"));
    /// assert!(!Conninfo::is_connection_string("sales"));
    /// ```
    ///
    /// PostgreSQL manual:
    /// [PQconnectdbParams](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PQCONNECTDBPARAMS), `expand_dbname`.
    pub fn is_connection_string(text: impl AsRef<[u8]>) -> bool {
        let text = text.as_ref();
        uri::strip_scheme(text).is_some() || text.contains(&b'=')
    }

    /// Reads a connection string: a URI if it begins with `postgresql://` or `postgres://`, else keywords and values.
    ///
    /// It need not be UTF-8. Values are not checked yet.
    ///
    /// # Errors
    ///
    /// [`ParseError`], SQLSTATE `42601`.
    pub fn parse(text: impl AsRef<[u8]>) -> Result<Self, ParseError> {
        let text = text.as_ref();
        if let Some(at) = text.iter().position(|&byte| byte == 0) {
            return Err(ParseError::ZeroByte { position: at + 1 });
        }
        let mut settings = Settings::default();
        match uri::strip_scheme(text) {
            Some(rest) => uri::parse(text, rest, &mut settings)?,
            None => keyword_value::parse(text, &mut settings)?,
        }
        Ok(Self(settings))
    }

    /// Takes pairs of keyword and value, as libpq's `PQconnectdbParams` does. Pairs with an empty value are skipped.
    ///
    /// The first `dbname` may be a whole connection string: one that is a URI or has an `=`. Its options replace
    /// those of the pairs before it. Where database names come from elsewhere, use [`Conninfo::dbname`], which takes
    /// any name as it is.
    ///
    /// ```
    /// use dblink_engine::conninfo::{Conninfo, Keyword};
    ///
    /// let conninfo = Conninfo::from_pairs([("port", "1"), ("dbname", "host=a port=2"), ("host", "b")])?;
    /// assert_eq!(conninfo.get(Keyword::Port).map(|port| port.to_string()), Some("2".to_owned()));
    /// assert_eq!(conninfo.get(Keyword::Host).map(|host| host.to_string()), Some("b".to_owned()));
    /// # Ok::<(), dblink_engine::conninfo::ParseError>(())
    /// ```
    ///
    /// PostgreSQL manual:
    /// [PQconnectdbParams](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PQCONNECTDBPARAMS).
    ///
    /// # Errors
    ///
    /// [`ParseError`], SQLSTATE `42601`.
    pub fn from_pairs<K, V>(pairs: impl IntoIterator<Item = (K, V)>) -> Result<Self, ParseError>
    where
        K: AsRef<str>,
        V: AsRef<[u8]>,
    {
        let mut settings = Settings::default();
        let mut is_first_dbname = true;
        let mut unknown = None;
        for (name, value) in pairs {
            let (name, value) = (name.as_ref(), value.as_ref());
            let keyword = Keyword::from_name(name);
            let is_expanded = keyword == Some(Keyword::Dbname) && std::mem::take(&mut is_first_dbname);
            match keyword {
                _ if value.is_empty() => {}
                // The connection string is read before anything else, and its mistakes are told first.
                _ if is_expanded && Self::is_connection_string(value) => {
                    settings.extend(Self::parse(value)?.0);
                }
                Some(keyword) => settings.set(keyword, value, Source::Builder),
                None => unknown = unknown.or_else(|| Some(name.to_owned())),
            }
        }
        unknown.map_or(Ok(Self(settings)), |name| Err(ParseError::UnknownOption(name)))
    }

    /// Sets an option.
    #[must_use]
    pub fn set(mut self, keyword: Keyword, value: impl OptionValue) -> Self {
        self.0.set(keyword, value.into_value(), Source::Builder);
        self
    }

    /// Has an option not given: it comes from elsewhere then, as it would without this text.
    ///
    /// ```
    /// use dblink_engine::conninfo::{Conninfo, Keyword};
    ///
    /// let conninfo = Conninfo::parse("host=db.example user=scott password=tiger")?;
    /// let other = conninfo.user("adams").unset(Keyword::Password);
    /// assert!(other.get(Keyword::Password).is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn unset(mut self, keyword: Keyword) -> Self {
        self.0.unset(keyword);
        self
    }

    /// Takes the options that are given in `other`, be they empty, and for the rest its own.
    ///
    /// ```
    /// use dblink_engine::conninfo::{Conninfo, Keyword};
    ///
    /// let conninfo = Conninfo::parse("host=db.example dbname=sales")?;
    /// let other = conninfo.overridden_by(Conninfo::parse("dbname=stock")?);
    /// assert_eq!(other.get(Keyword::Host).map(ToString::to_string).as_deref(), Some("db.example"));
    /// assert_eq!(other.get(Keyword::Dbname).map(ToString::to_string).as_deref(), Some("stock"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn overridden_by(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The value of an option; none if it is not given.
    pub fn get(&self, keyword: Keyword) -> Option<&Setting> {
        self.0.get(keyword)
    }

    /// All options that are given, in the table's order.
    pub fn iter(&self) -> impl Iterator<Item = &Setting> {
        self.0.iter()
    }

    /// Completes the options from the service file, the environment and the table's defaults, and looks at no value: a value
    /// may still be one that cannot be. What depends on other options and on the password file is left to
    /// [`resolve`](Self::resolve).
    ///
    /// ```
    /// use dblink_engine::conninfo::{Conninfo, Keyword, ProcessEnvironment, Source};
    ///
    /// let completed = Conninfo::parse("sslmode=perhaps")?.complete(&ProcessEnvironment)?;
    /// for setting in completed.iter().filter(|setting| *setting.source() != Source::Default) {
    ///     println!("{} = {setting}", setting.keyword().name());
    /// }
    /// # assert!(completed.get(Keyword::Port).is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ServiceError`], SQLSTATE `08001`.
    pub fn complete(&self, environment: &dyn Environment) -> Result<Self, ServiceError> {
        let mut settings = self.0.clone();
        defaults::complete(&mut settings, environment)?;
        Ok(Self(settings))
    }

    /// Completes the options from the service file, the environment, the password file and the defaults, and checks
    /// them. [`ProcessEnvironment`](super::ProcessEnvironment) is the environment of this process.
    ///
    /// It reads files, and waits for them. Unlike libpq it checks all numbers now, and not when a connection gets so
    /// far that one of them is needed.
    ///
    /// # Errors
    ///
    /// [`ResolveError`], whose SQLSTATE is [`ResolveError::sqlstate`].
    pub fn resolve(&self, environment: &dyn Environment) -> Result<Config, ResolveError> {
        Config::resolve(self.0.clone(), environment)
    }
}

/// As a map from keywords to values and where they come from; secrets are `***`.
impl std::fmt::Debug for Conninfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Result<String, ParseError> {
        let conninfo = Conninfo::from_pairs(pairs.iter().copied())?;
        let texts = conninfo
            .iter()
            .map(|setting| format!("{}={setting}", setting.keyword().name()));
        Ok(texts.collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn the_first_dbname_may_be_a_connection_string() {
        let all = [
            ("host", "a"),
            ("port", "1"),
            ("dbname", "host=b user=u"),
            ("user", "v"),
            ("dbname", "x=y"),
        ];
        assert_eq!(pairs(&all[..3]).unwrap(), "user=u host=b port=1");
        assert_eq!(pairs(&all).unwrap(), "user=v dbname=x=y host=b port=1");
        assert_eq!(pairs(&[("dbname", "postgres://h/d")]).unwrap(), "dbname=d host=h");
        assert_eq!(
            pairs(&[("dbname", "d"), ("dbname", "host=h")]).unwrap(),
            "dbname=host=h"
        );
        assert_eq!(
            pairs(&[("dbname", ""), ("dbname", "host=h")]).unwrap(),
            "dbname=host=h"
        );
        assert_eq!(pairs(&[("host", "a"), ("dbname", "host=''")]).unwrap(), "host=");
    }

    #[test]
    fn an_empty_value_is_none_in_pairs() {
        assert_eq!(
            pairs(&[("host", "a"), ("host", ""), ("bogus", "")]).unwrap(),
            "host=a"
        );
    }

    #[test]
    fn mistakes_in_pairs_are_told() {
        let refusal = |given: &[(&str, &str)]| pairs(given).unwrap_err().to_string();
        assert_eq!(
            refusal(&[("bogus", "1"), ("worse", "1")]),
            "invalid connection option \"bogus\""
        );
        assert_eq!(
            refusal(&[("requiressl", "1")]),
            "invalid connection option \"requiressl\""
        );
        assert_eq!(
            refusal(&[("bogus", "1"), ("dbname", "a=b")]),
            "invalid connection option \"a\""
        );
    }

    #[test]
    fn a_zero_byte_is_refused() {
        let refused = Conninfo::parse("host=a\0b").unwrap_err();
        assert_eq!(
            refused.to_string(),
            "connection string has a zero byte at position 7"
        );
        assert_eq!(refused.sqlstate().as_str(), "42601");
        assert!(Conninfo::parse("postgres://\0").is_err());
    }

    #[test]
    fn dbname_is_taken_as_it_is() {
        let conninfo = Conninfo::new().dbname("host=x").port(1_u16).host("a").host("b");
        let texts: Vec<_> = conninfo.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["host=x", "b", "1"]);
        assert!(
            conninfo
                .iter()
                .all(|setting| *setting.source() == Source::Builder)
        );
        let parsed = Conninfo::parse("dbname='host=x'").unwrap();
        assert_eq!(parsed.get(Keyword::Host), None);
    }

    #[test]
    fn any_bytes_are_read() {
        let conninfo = Conninfo::parse(b"user=\xff\xc3").unwrap();
        assert_eq!(conninfo.get(Keyword::User).unwrap().expose(), b"\xff\xc3");
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text: Vec<u8>, rest: String) {
            let _ = Conninfo::parse(&text);
            let _ = Conninfo::parse(format!("postgres://{rest}"));
        }

        #[test]
        fn quoting_keeps_every_value(value: String) {
            proptest::prop_assume!(!value.contains('\0'));
            let quoted = value.replace('\\', "\\\\").replace('\'', "\\'");
            let conninfo = Conninfo::parse(format!("port = 1 user= '{quoted}'host=a")).unwrap();
            proptest::prop_assert_eq!(conninfo.get(Keyword::User).unwrap().expose(), value.as_bytes());
            proptest::prop_assert_eq!(conninfo.iter().count(), 3);
        }
    }
}
