//! What the startup packet says beside the user.

use super::Keyword;
use super::environment::Environment;
use super::error::ResolveError;
use super::setting::Settings;

/// Run-time parameters that environment variables set for each session.
///
/// PostgreSQL manual: [Environment Variables](https://www.postgresql.org/docs/current/libpq-envars.html).
const PARAMETERS: [(&str, &str); 3] = [
    ("PGDATESTYLE", "datestyle"),
    ("PGTZ", "timezone"),
    ("PGGEQO", "geqo"),
];

/// The parameters in libpq's order. Options without a value are left out.
pub(super) fn parameters(
    settings: &Settings,
    environment: &dyn Environment,
) -> Result<Vec<(String, String)>, ResolveError> {
    // An empty name is a name: it keeps the other one from being used.
    let application_name = match settings.get(Keyword::ApplicationName) {
        Some(_) => Keyword::ApplicationName,
        None => Keyword::FallbackApplicationName,
    };
    let mut parameters = Vec::new();
    for (name, keyword) in [
        ("database", Keyword::Dbname),
        ("replication", Keyword::Replication),
        ("options", Keyword::Options),
        ("application_name", application_name),
        ("client_encoding", Keyword::ClientEncoding),
    ] {
        let value = settings.text(keyword);
        if !value.is_empty() {
            parameters.push((name.to_owned(), value.to_owned()));
        }
    }
    for (variable, name) in PARAMETERS {
        let Some(value) = environment.variable(variable) else {
            continue;
        };
        let value = String::from_utf8(value).map_err(|_| ResolveError::NotUtf8 { keyword: name })?;
        if !value.eq_ignore_ascii_case("default") {
            parameters.push((name.to_owned(), value));
        }
    }
    Ok(parameters)
}

#[cfg(test)]
mod tests {
    use super::super::environment::testing::Fixed;
    use super::super::setting::Source;
    use super::*;

    fn parameters_of(given: &[(Keyword, &str)], variables: &[(&'static str, &str)]) -> String {
        let mut settings = Settings::default();
        for (keyword, value) in given {
            settings.set(*keyword, *value, Source::String);
        }
        let parameters = parameters(&settings, &Fixed::new(variables)).unwrap();
        let texts = parameters.iter().map(|(name, value)| format!("{name}={value}"));
        texts.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn parameters_have_an_order() {
        let given = [
            (Keyword::ClientEncoding, "UTF8"),
            (Keyword::ApplicationName, "a"),
            (Keyword::FallbackApplicationName, "f"),
            (Keyword::Options, "-c x=y"),
            (Keyword::Replication, "database"),
            (Keyword::Dbname, "d"),
        ];
        let variables = [("PGGEQO", "off"), ("PGTZ", "UTC"), ("PGDATESTYLE", "ISO")];
        assert_eq!(
            parameters_of(&given, &variables),
            "database=d replication=database options=-c x=y application_name=a client_encoding=UTF8 \
             datestyle=ISO timezone=UTC geqo=off"
        );
    }

    #[test]
    fn what_is_empty_is_left_out() {
        let given = [
            (Keyword::Options, ""),
            (Keyword::Replication, ""),
            (Keyword::ClientEncoding, ""),
        ];
        assert_eq!(parameters_of(&given, &[]), "");
        let fallback = (Keyword::FallbackApplicationName, "f");
        assert_eq!(parameters_of(&[fallback], &[]), "application_name=f");
        assert_eq!(
            parameters_of(&[fallback, (Keyword::ApplicationName, "")], &[]),
            ""
        );
    }

    #[test]
    fn a_variable_may_ask_for_the_default() {
        assert_eq!(
            parameters_of(&[], &[("PGTZ", "Default"), ("PGGEQO", "")]),
            "geqo="
        );
        let mut environment = Fixed::default();
        environment.variables.insert("PGTZ", vec![0xff]);
        let error = parameters(&Settings::default(), &environment).unwrap_err();
        assert_eq!(error, ResolveError::NotUtf8 { keyword: "timezone" });
    }
}
