//! The options of a connection, complete and checked.

use std::time::Duration;

use dblink_protocol::auth::scram::ScramKey;
use dblink_protocol::auth::{ChannelBinding, RequireAuth};
use dblink_protocol::{ProtocolVersion, Secret};

use super::choices::{GssEncMode, LoadBalanceHosts, TargetSessionAttrs};
use super::credentials::CredentialSource;
use super::environment::{Environment, home};
use super::error::{ResolveError, Warning};
use super::host::{self, HostSpec};
use super::setting::{Setting, Settings};
use super::tls::TlsConfig;
use super::{Keyword, defaults, passwords, startup};

/// All that it takes to connect: made by [`Conninfo::resolve`](super::Conninfo::resolve). It prints no secret.
/// Two are equal if they lead to the same connections: also in what is secret, and by whom they are asked for it.
///
/// PostgreSQL manual:
/// [Parameter Key Words](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Config {
    /// The hosts, in the order they are written. There is at least one.
    pub hosts: Vec<HostSpec>,
    /// In which order to try them.
    pub load_balance_hosts: LoadBalanceHosts,
    /// What the session must be good for.
    pub target_session_attrs: TargetSessionAttrs,
    /// The role to log in as.
    pub user: String,
    /// The database.
    pub dbname: String,
    /// What the startup packet says after the user, in libpq's order. The database comes first.
    pub parameters: Vec<(String, String)>,
    /// The oldest protocol version that is accepted.
    pub min_protocol_version: ProtocolVersion,
    /// The newest protocol version that is asked for.
    pub max_protocol_version: ProtocolVersion,
    /// The authentication methods that are accepted.
    pub require_auth: RequireAuth,
    /// Whether authentication must be tied to the TLS connection.
    pub channel_binding: ChannelBinding,
    /// What the client proves to have in SCRAM, instead of the password.
    pub scram_client_key: Option<ScramKey>,
    /// What the server proves to have in SCRAM.
    pub scram_server_key: Option<ScramKey>,
    /// What is needed to get an OAuth token.
    pub oauth: OauthConfig,
    /// How the connection is encrypted.
    pub tls: TlsConfig,
    /// Whether encryption by GSSAPI is used if it can be. It cannot be in this build, and must not be demanded.
    pub gssencmode: GssEncMode,
    /// The operating system's user that the server at a Unix-domain socket must run as.
    pub requirepeer: Option<String>,
    /// The time that connecting to one address may take.
    pub connect_timeout: Option<Duration>,
    /// TCP keepalives, if they are on.
    pub keepalives: Option<Keepalives>,
    /// What should be told, though it keeps nobody from connecting.
    pub warnings: Vec<Warning>,
    /// Gives the password, if the caller has set it.
    pub(crate) password_source: Option<CredentialSource>,
    /// Gives the OAuth bearer token, if the caller has set it.
    pub(crate) token_source: Option<CredentialSource>,
    settings: Settings,
}

/// What is needed to get an OAuth token. What is empty counts as not given.
///
/// PostgreSQL manual: [OAuth Support](https://www.postgresql.org/docs/current/libpq-oauth.html).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OauthConfig {
    /// The issuer of tokens: an HTTPS URL.
    pub issuer: Option<String>,
    /// Who the client is to the issuer.
    pub client_id: Option<String>,
    /// What proves it.
    pub client_secret: Option<Secret>,
    /// What the token is to be good for.
    pub scope: Option<String>,
}

/// When TCP gives a silent peer up. None stands for what the system does.
///
/// PostgreSQL manual:
/// [keepalives](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-KEEPALIVES).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Keepalives {
    /// The time without traffic after which a keepalive is sent.
    pub idle: Option<Duration>,
    /// The time after which an unanswered keepalive is sent again.
    pub interval: Option<Duration>,
    /// How many keepalives may be lost.
    pub count: Option<u32>,
    /// The time that sent data may stay unacknowledged: `tcp_user_timeout`, which counts only with keepalives on.
    pub user_timeout: Option<Duration>,
}

impl Config {
    /// The value of an option and where it comes from; none if it has none.
    pub fn setting(&self, keyword: Keyword) -> Option<&Setting> {
        self.settings.get(keyword)
    }

    /// All options that have a value, in the table's order.
    pub fn settings(&self) -> impl Iterator<Item = &Setting> {
        self.settings.iter()
    }

    /// Completes the options and checks them in libpq's order, numbers last.
    pub(super) fn resolve(
        mut settings: Settings,
        environment: &dyn Environment,
    ) -> Result<Self, ResolveError> {
        defaults::complete(&mut settings, environment)?;
        settings.check_texts()?;
        let socket_folder = environment.socket_folder();
        let slots = host::slots(&settings, &socket_folder)?;
        settings.name_user_and_database(environment)?;
        let mut warnings = Vec::new();
        let passwords = passwords::find(&mut settings, environment, &slots, &mut warnings);
        let require_auth = settings.text(Keyword::RequireAuth).parse()?;
        let channel_binding = settings.choice(Keyword::ChannelBinding)?;
        let tls = TlsConfig::resolve(&settings, home(environment))?;
        let gssencmode = settings.choice(Keyword::Gssencmode)?;
        if gssencmode == GssEncMode::Require {
            return Err(ResolveError::GssUnavailable);
        }
        let target_session_attrs = settings.choice(Keyword::TargetSessionAttrs)?;
        let key = |keyword| {
            settings
                .get(keyword)
                .map(|setting| String::from_utf8_lossy(setting.expose()))
        };
        let scram_client_key = key(Keyword::ScramClientKey).map(|key| ScramKey::client_from_base64(&key));
        let scram_client_key = scram_client_key.transpose()?;
        let scram_server_key = key(Keyword::ScramServerKey).map(|key| ScramKey::server_from_base64(&key));
        let scram_server_key = scram_server_key.transpose()?;
        let load_balance_hosts = settings.choice(Keyword::LoadBalanceHosts)?;
        let (min_protocol_version, max_protocol_version) = settings.protocol_versions()?;
        settings.name_encoding(environment);
        let parameters = startup::parameters(&settings, environment)?;
        let hosts = slots.into_iter().zip(passwords);
        let hosts = hosts.map(|(slot, password)| slot.resolve(password));
        let hosts = hosts.collect::<Result<_, _>>()?;
        let connect_timeout = settings.number(Keyword::ConnectTimeout)?;
        Ok(Self {
            hosts,
            load_balance_hosts,
            target_session_attrs,
            user: settings.text(Keyword::User).to_owned(),
            dbname: settings.text(Keyword::Dbname).to_owned(),
            parameters,
            min_protocol_version,
            max_protocol_version,
            require_auth,
            channel_binding,
            scram_client_key,
            scram_server_key,
            oauth: settings.oauth(),
            tls,
            gssencmode,
            requirepeer: settings.filled_text(Keyword::Requirepeer),
            connect_timeout: connect_timeout.map(|seconds| Duration::from_secs(seconds.into())),
            keepalives: settings.keepalives()?,
            warnings,
            password_source: None,
            token_source: None,
            settings,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Conninfo;
    use super::super::environment::testing::Fixed;
    use super::super::setting::Source;
    use super::*;

    fn resolve(text: &str, variables: &[(&'static str, &str)]) -> Result<Config, ResolveError> {
        Conninfo::parse(text).unwrap().resolve(&Fixed::new(variables))
    }

    fn refusal(text: &str) -> String {
        resolve(text, &[]).unwrap_err().to_string()
    }

    #[test]
    fn nothing_given_is_enough() {
        let config = resolve("", &[]).unwrap();
        let [host] = &config.hosts[..] else {
            panic!("one host")
        };
        assert_eq!(
            (host.host.as_str(), &host.port, &host.password),
            ("/tmp", &Ok(5432), &None)
        );
        assert_eq!((config.user.as_str(), config.dbname.as_str()), ("scott", "scott"));
        assert_eq!(config.parameters, [("database".to_owned(), "scott".to_owned())]);
        assert_eq!(config.keepalives, Some(Keepalives::default()));
        assert_eq!((config.connect_timeout, config.requirepeer), (None, None));
        assert_eq!(config.tls.min_version, Some(super::super::TlsVersion::V1_2));
        assert!(config.tls.sni);
    }

    #[test]
    fn an_empty_user_is_the_systems() {
        let config = resolve("user='' dbname=''", &[("PGUSER", "x"), ("PGDATABASE", "y")]).unwrap();
        assert_eq!((config.user.as_str(), config.dbname.as_str()), ("scott", "scott"));
        assert_eq!(config.setting(Keyword::User).unwrap().source(), &Source::OsUser);
        let environment = Fixed {
            is_unknown: true,
            ..Fixed::default()
        };
        let refused = Conninfo::parse("user=''")
            .unwrap()
            .resolve(&environment)
            .unwrap_err();
        assert_eq!(refused.to_string(), "local user with ID 4711 does not exist");
        assert_eq!(refused.sqlstate().as_str(), "08001");
        assert!(Conninfo::parse("user=x").unwrap().resolve(&environment).is_ok());
    }

    #[test]
    fn checks_have_libpqs_order() {
        // It gets better by one option at a time.
        let mut text = concat!(
            "host=a,b hostaddr=::1 port=1,2,3 require_auth=x channel_binding=x sslmode=x sslnegotiation=x ",
            "ssl_min_protocol_version=x ssl_max_protocol_version=x sslcertmode=x gssencmode=x ",
            "target_session_attrs=x scram_client_key=! scram_server_key=! load_balance_hosts=x ",
            "min_protocol_version=x max_protocol_version=x connect_timeout=x keepalives=x"
        )
        .to_owned();
        for (expected, fix) in [
            (
                "could not match 2 host names to 1 hostaddr values",
                "hostaddr=::1,::2",
            ),
            ("could not match 3 port numbers to 2 hosts", "port=x"),
            ("invalid require_auth value: \"x\"", "require_auth=md5"),
            ("invalid channel_binding value: \"x\"", "channel_binding=disable"),
            ("invalid sslmode value: \"x\"", "sslmode=allow"),
            ("invalid sslnegotiation value: \"x\"", "sslnegotiation=postgres"),
            (
                "invalid \"ssl_min_protocol_version\" value: \"x\"",
                "ssl_min_protocol_version=TLSv1.3",
            ),
            (
                "invalid \"ssl_max_protocol_version\" value: \"x\"",
                "ssl_max_protocol_version=TLSv1.2",
            ),
            (
                "invalid SSL protocol version range",
                "ssl_max_protocol_version=TLSv1.3",
            ),
            ("invalid sslcertmode value: \"x\"", "sslcertmode=allow"),
            ("invalid gssencmode value: \"x\"", "gssencmode=require"),
            (
                "gssencmode value \"require\" invalid when GSSAPI support is not compiled in",
                "gssencmode=prefer",
            ),
            (
                "invalid target_session_attrs value: \"x\"",
                "target_session_attrs=any",
            ),
            (
                "invalid SCRAM client key",
                "scram_client_key=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            ),
            (
                "invalid SCRAM server key",
                "scram_server_key=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            ),
            (
                "invalid load_balance_hosts value: \"x\"",
                "load_balance_hosts=random",
            ),
            (
                "invalid min_protocol_version value: \"x\"",
                "min_protocol_version=latest",
            ),
            (
                "invalid max_protocol_version value: \"x\"",
                "max_protocol_version=3.0",
            ),
            (
                "\"min_protocol_version\" is greater than \"max_protocol_version\"",
                "max_protocol_version=latest",
            ),
            (
                "invalid integer value \"x\" for connection option \"port\"",
                "port=1",
            ),
            (
                "invalid integer value \"x\" for connection option \"connect_timeout\"",
                "connect_timeout=5",
            ),
            (
                "invalid integer value \"x\" for connection option \"keepalives\"",
                "keepalives=1",
            ),
        ] {
            assert_eq!(refusal(&text), expected);
            text = format!("{text} {fix}");
        }
        let config = resolve(&text, &[]).unwrap();
        assert_eq!(config.hosts.len(), 2);
        assert_eq!(config.connect_timeout, Some(Duration::from_secs(5)));
        assert_eq!(config.max_protocol_version, ProtocolVersion::V3_2);
        assert_eq!(config.load_balance_hosts, LoadBalanceHosts::Random);
        assert!(config.scram_client_key.is_some() && config.scram_server_key.is_some());
    }

    #[test]
    fn refusals_have_a_sqlstate() {
        let sqlstate = |text| resolve(text, &[]).unwrap_err().sqlstate().to_string();
        assert_eq!(sqlstate("sslmode=x"), "22023");
        assert_eq!(sqlstate("gssencmode=require"), "0A000");
        assert_eq!(sqlstate("service=x"), "08001");
        assert_eq!(sqlstate("postgresql://%ff@"), "22021");
    }

    #[test]
    fn nothing_prints_a_secret() {
        let text = "password=tiger sslpassword=tiger oauth_client_secret=tiger \
            scram_client_key=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        let config = resolve(text, &[]).unwrap();
        let printed = format!("{config:?} {config:#?}");
        assert!(
            !printed.contains("tiger") && !printed.contains("AAAA"),
            "{printed}"
        );
        let conninfo = Conninfo::parse(text).unwrap();
        let printed = format!("{conninfo:?} {conninfo:#?}");
        assert!(
            !printed.contains("tiger") && !printed.contains("AAAA"),
            "{printed}"
        );
    }
}
