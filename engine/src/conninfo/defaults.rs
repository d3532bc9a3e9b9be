//! Completing options: service file, environment, the table's defaults, the operating system's user.

use super::Keyword;
use super::choices::SslMode;
use super::environment::Environment;
use super::service_file::{self, ServiceError};
use super::setting::{Settings, Source};

/// Adds what is not given.
pub(super) fn complete(settings: &mut Settings, environment: &dyn Environment) -> Result<(), ServiceError> {
    service_file::apply(settings, environment)?;
    for &keyword in Keyword::ALL {
        if settings.get(keyword).is_some() {
            continue;
        }
        let option = keyword.option();
        let variable = option
            .variable
            .and_then(|name| Some((name, environment.variable(name)?)));
        if let Some((name, value)) = variable {
            settings.set(keyword, value, Source::Environment(name));
        } else if keyword == Keyword::Sslmode && is_ssl_required(environment) {
            let source = Source::Environment(REQUIRE_SSL);
            settings.set(keyword, SslMode::Require.as_str(), source);
        } else if let Some(default) = option.default {
            settings.set(keyword, default, Source::Default);
        } else if keyword == Keyword::User
            && let Ok(account) = environment.account()
        {
            settings.set(keyword, account.name, Source::OsUser);
        }
    }
    let mode = settings.get(Keyword::Sslmode);
    if mode.is_some_and(|mode| *mode.source() == Source::Default)
        && settings.filled(Keyword::Sslrootcert) == Some(b"system")
    {
        settings.set(Keyword::Sslmode, SslMode::VerifyFull.as_str(), Source::Default);
    }
    Ok(())
}

const REQUIRE_SSL: &str = "PGREQUIRESSL";

/// What was asked for before there was `PGSSLMODE`.
fn is_ssl_required(environment: &dyn Environment) -> bool {
    let value = environment.variable(REQUIRE_SSL);
    value.is_some_and(|value| value.first() == Some(&b'1'))
}

#[cfg(test)]
mod tests {
    use super::super::environment::testing::Fixed;
    use super::*;

    /// The value of the option and where it comes from, given these options and variables.
    fn value_of(
        keyword: Keyword,
        given: &[(Keyword, &str)],
        variables: &[(&'static str, &str)],
    ) -> (String, Source) {
        let mut settings = Settings::default();
        for (keyword, value) in given {
            settings.set(*keyword, *value, Source::String);
        }
        complete(&mut settings, &Fixed::new(variables)).unwrap();
        let setting = settings.get(keyword).unwrap();
        (setting.to_string(), setting.source().clone())
    }

    #[test]
    fn what_is_given_beats_the_environment_and_that_the_table() {
        let variables = &[("PGPORT", "2")];
        let given = &[(Keyword::Port, "1")];
        let port = |given: &[(Keyword, &str)], variables: &[(&'static str, &str)]| {
            value_of(Keyword::Port, given, variables)
        };
        assert_eq!(port(given, variables), ("1".into(), Source::String));
        assert_eq!(
            port(&[(Keyword::Port, "")], variables),
            (String::new(), Source::String)
        );
        assert_eq!(port(&[], variables), ("2".into(), Source::Environment("PGPORT")));
        assert_eq!(
            port(&[], &[("PGPORT", "")]),
            (String::new(), Source::Environment("PGPORT"))
        );
        assert_eq!(port(&[], &[]), ("5432".into(), Source::Default));
    }

    #[test]
    fn a_service_beats_the_environment() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pg_service.conf");
        std::fs::write(&file, "[s]\nport=3\nhost=h\n").unwrap();
        let variables = &[
            ("PGSERVICE", "s"),
            ("PGSYSCONFDIR", folder.path().to_str().unwrap()),
            ("PGPORT", "2"),
        ];
        let given = &[(Keyword::Host, "given")];
        let source = Source::Service(file);
        assert_eq!(value_of(Keyword::Port, given, variables), ("3".into(), source));
        assert_eq!(
            value_of(Keyword::Host, given, variables),
            ("given".into(), Source::String)
        );
        assert_eq!(
            value_of(Keyword::Service, given, variables),
            ("s".into(), Source::Environment("PGSERVICE"))
        );
    }

    #[test]
    fn the_user_is_the_systems_at_last() {
        let user = |variables: &[(&'static str, &str)]| value_of(Keyword::User, &[], variables);
        assert_eq!(
            user(&[("USER", "x"), ("LOGNAME", "x")]),
            ("scott".into(), Source::OsUser)
        );
        assert_eq!(
            user(&[("PGUSER", "x")]),
            ("x".into(), Source::Environment("PGUSER"))
        );
        let mut settings = Settings::default();
        let environment = Fixed {
            is_unknown: true,
            ..Fixed::default()
        };
        complete(&mut settings, &environment).unwrap();
        assert_eq!(settings.get(Keyword::User), None);
    }

    #[test]
    fn pgrequiressl_is_an_old_name() {
        let mode = |variables: &[(&'static str, &str)]| value_of(Keyword::Sslmode, &[], variables);
        for value in ["1", "1x"] {
            let required = ("require".into(), Source::Environment("PGREQUIRESSL"));
            assert_eq!(mode(&[("PGREQUIRESSL", value)]), required);
        }
        for value in ["0", "", "true"] {
            assert_eq!(
                mode(&[("PGREQUIRESSL", value)]),
                ("prefer".into(), Source::Default)
            );
        }
        assert_eq!(mode(&[("PGREQUIRESSL", "1"), ("PGSSLMODE", "allow")]).0, "allow");
    }

    #[test]
    fn the_systems_authorities_make_sslmode_strict() {
        let root = ("PGSSLROOTCERT", "system");
        let mode = |given: &[(Keyword, &str)], variables: &[(&'static str, &str)]| {
            value_of(Keyword::Sslmode, given, variables).0
        };
        assert_eq!(mode(&[], &[root]), "verify-full");
        assert_eq!(mode(&[(Keyword::Sslrootcert, "system")], &[]), "verify-full");
        assert_eq!(mode(&[(Keyword::Sslmode, "prefer")], &[root]), "prefer");
        assert_eq!(mode(&[], &[root, ("PGSSLMODE", "prefer")]), "prefer");
        assert_eq!(mode(&[], &[root, ("PGREQUIRESSL", "1")]), "require");
        assert_eq!(mode(&[], &[("PGSSLROOTCERT", "System")]), "prefer");
    }
}
