//! Values of options as what they stand for.

use std::str::FromStr;
use std::time::Duration;

use dblink_protocol::ProtocolVersion;

use super::config::{Keepalives, OauthConfig};
use super::environment::Environment;
use super::error::{InvalidValue, ResolveError};
use super::keyword::Kind;
use super::setting::{Settings, Source};
use super::text::integer;
use super::{Keyword, locale};

impl Settings {
    /// Checks that values are what can be sent: without zero bytes, and UTF-8 but for paths and secrets.
    pub(super) fn check_texts(&self) -> Result<(), ResolveError> {
        for setting in self.iter() {
            let keyword = setting.keyword().name();
            if setting.expose().contains(&0) {
                return Err(ResolveError::ZeroByte { keyword });
            }
            let is_text = !matches!(setting.keyword().option().kind, Kind::Path | Kind::Secret);
            if is_text && str::from_utf8(setting.expose()).is_err() {
                return Err(ResolveError::NotUtf8 { keyword });
            }
        }
        Ok(())
    }

    /// The text, which is checked to be one; empty if there is none.
    pub(super) fn text(&self, keyword: Keyword) -> &str {
        let value = self.filled(keyword).unwrap_or_default();
        str::from_utf8(value).unwrap_or_default()
    }

    /// The text, if it is not empty.
    pub(super) fn filled_text(&self, keyword: Keyword) -> Option<String> {
        Some(self.text(keyword).to_owned()).filter(|text| !text.is_empty())
    }

    /// The word, which must be one of those that the option takes if it is given, or the default.
    pub(super) fn choice<T>(&self, keyword: Keyword) -> Result<T, T::Err>
    where
        T: FromStr + Default,
    {
        match self.get(keyword) {
            Some(_) => self.text(keyword).parse(),
            None => Ok(T::default()),
        }
    }

    /// The number if it is above zero. All others mean the same as none.
    pub(super) fn number(&self, keyword: Keyword) -> Result<Option<u32>, ResolveError> {
        if self.get(keyword).is_none() {
            return Ok(None);
        }
        let number = integer(keyword, self.text(keyword))?;
        Ok(u32::try_from(number).ok().filter(|&number| number > 0))
    }

    /// Keepalives, if they are on. The numbers are checked even if they are off.
    pub(super) fn keepalives(&self) -> Result<Option<Keepalives>, ResolveError> {
        let is_on = match self.get(Keyword::Keepalives) {
            Some(_) => integer(Keyword::Keepalives, self.text(Keyword::Keepalives))? != 0,
            None => true,
        };
        let seconds = |number: u32| Duration::from_secs(number.into());
        let keepalives = Keepalives {
            idle: self.number(Keyword::KeepalivesIdle)?.map(seconds),
            interval: self.number(Keyword::KeepalivesInterval)?.map(seconds),
            count: self.number(Keyword::KeepalivesCount)?,
            user_timeout: self
                .number(Keyword::TcpUserTimeout)?
                .map(|number| Duration::from_millis(number.into())),
        };
        Ok(is_on.then_some(keepalives))
    }

    pub(super) fn oauth(&self) -> OauthConfig {
        let secret = self.get(Keyword::OauthClientSecret);
        let secret = secret.map(|setting| setting.secret().clone());
        OauthConfig {
            issuer: self.filled_text(Keyword::OauthIssuer),
            client_id: self.filled_text(Keyword::OauthClientId),
            client_secret: secret.filter(|secret| !secret.is_empty()),
            scope: self.filled_text(Keyword::OauthScope),
        }
    }

    /// The oldest and the newest version. Without a newest one it is 3.0, which every server and pooler knows, unless
    /// the oldest one shows that there is no need for it.
    pub(super) fn protocol_versions(&self) -> Result<(ProtocolVersion, ProtocolVersion), ResolveError> {
        let min = self.protocol_version(Keyword::MinProtocolVersion)?;
        let min = min.unwrap_or(ProtocolVersion::V3_0);
        let max = self.protocol_version(Keyword::MaxProtocolVersion)?;
        let max = max.unwrap_or(min);
        if min > max {
            return Err(ResolveError::ProtocolVersionRange);
        }
        Ok((min, max))
    }

    fn protocol_version(&self, keyword: Keyword) -> Result<Option<ProtocolVersion>, InvalidValue> {
        if self.get(keyword).is_none() {
            return Ok(None);
        }
        match self.text(keyword) {
            "3.0" => Ok(Some(ProtocolVersion::V3_0)),
            "3.2" | "latest" => Ok(Some(ProtocolVersion::V3_2)),
            // There never was a 3.1.
            other => Err(InvalidValue {
                keyword: keyword.name(),
                value: other.to_owned(),
            }),
        }
    }

    /// Sets the user, if it is empty, to the operating system's, and the database to the user.
    pub(super) fn name_user_and_database(
        &mut self,
        environment: &dyn Environment,
    ) -> Result<(), ResolveError> {
        if self.filled(Keyword::User).is_none() {
            let account = environment.account()?;
            self.set(Keyword::User, account.name, Source::OsUser);
        }
        if self.filled(Keyword::Dbname).is_none() {
            let user = self.text(Keyword::User).to_owned();
            self.set(Keyword::Dbname, user, Source::Default);
        }
        Ok(())
    }

    /// Replaces the encoding `auto` by that of the locale.
    pub(super) fn name_encoding(&mut self, environment: &dyn Environment) {
        if self.text(Keyword::ClientEncoding) == "auto" {
            let encoding = locale::encoding(environment);
            self.set(Keyword::ClientEncoding, encoding, Source::Default);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(given: &[(Keyword, &str)]) -> Settings {
        let mut settings = Settings::default();
        for (keyword, value) in given {
            settings.set(*keyword, *value, Source::String);
        }
        settings
    }

    #[test]
    fn only_paths_and_secrets_may_be_any_bytes() {
        for &keyword in Keyword::ALL {
            let mut settings = Settings::default();
            settings.set(keyword, &b"\xff"[..], Source::String);
            let expected = match keyword.option().kind {
                Kind::Path | Kind::Secret => Ok(()),
                _ => Err(ResolveError::NotUtf8 {
                    keyword: keyword.name(),
                }),
            };
            assert_eq!(settings.check_texts(), expected);
            settings.set(keyword, "a\0b", Source::Builder);
            let keyword = keyword.name();
            assert_eq!(settings.check_texts(), Err(ResolveError::ZeroByte { keyword }));
        }
    }

    #[test]
    fn numbers_above_zero_count() {
        let number = |text| settings(&[(Keyword::ConnectTimeout, text)]).number(Keyword::ConnectTimeout);
        assert_eq!(number(" 7 "), Ok(Some(7)));
        assert_eq!(number("0"), Ok(None));
        assert_eq!(number("-3"), Ok(None));
        assert_eq!(
            number("").unwrap_err().to_string(),
            "invalid integer value \"\" for connection option \"connect_timeout\""
        );
        assert_eq!(Settings::default().number(Keyword::ConnectTimeout), Ok(None));
    }

    #[test]
    fn keepalives_are_on_unless_zero() {
        let keepalives = |given: &[(Keyword, &str)]| settings(given).keepalives();
        assert_eq!(keepalives(&[]), Ok(Some(Keepalives::default())));
        assert_eq!(keepalives(&[(Keyword::Keepalives, "0")]), Ok(None));
        let all = keepalives(&[
            (Keyword::Keepalives, "-1"),
            (Keyword::KeepalivesIdle, "1"),
            (Keyword::KeepalivesInterval, "2"),
            (Keyword::KeepalivesCount, "3"),
            (Keyword::TcpUserTimeout, "4"),
        ]);
        let expected = Keepalives {
            idle: Some(Duration::from_secs(1)),
            interval: Some(Duration::from_secs(2)),
            count: Some(3),
            user_timeout: Some(Duration::from_millis(4)),
        };
        assert_eq!(all, Ok(Some(expected)));
        for keyword in [
            Keyword::Keepalives,
            Keyword::KeepalivesCount,
            Keyword::TcpUserTimeout,
        ] {
            let keyword_name = keyword.name();
            assert_eq!(
                keepalives(&[(Keyword::Keepalives, "0"), (keyword, "x")])
                    .unwrap_err()
                    .to_string(),
                format!("invalid integer value \"x\" for connection option \"{keyword_name}\"")
            );
        }
    }

    #[test]
    fn versions_default_to_what_everybody_knows() {
        use ProtocolVersion as Version;
        let versions = |given: &[(Keyword, &str)]| settings(given).protocol_versions();
        let min = |text| (Keyword::MinProtocolVersion, text);
        let max = |text| (Keyword::MaxProtocolVersion, text);
        assert_eq!(versions(&[]), Ok((Version::V3_0, Version::V3_0)));
        assert_eq!(versions(&[min("3.2")]), Ok((Version::V3_2, Version::V3_2)));
        assert_eq!(
            versions(&[min("3.0"), max("latest")]),
            Ok((Version::V3_0, Version::V3_2))
        );
        assert_eq!(
            versions(&[min("latest"), max("3.0")]).unwrap_err().to_string(),
            "\"min_protocol_version\" is greater than \"max_protocol_version\""
        );
        for text in ["", "3.1", "3", "Latest"] {
            let expected = format!("invalid max_protocol_version value: \"{text}\"");
            assert_eq!(versions(&[max(text)]).unwrap_err().to_string(), expected);
        }
    }
}
