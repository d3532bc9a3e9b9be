//! The table of all connection options.

use super::choices::{
    CHANNEL_BINDINGS, GssEncMode, LoadBalanceHosts, PROTOCOL_VERSIONS, SslCertMode, SslMode, SslNegotiation,
    TargetSessionAttrs,
};
use super::setting::OptionValue;
use super::{Conninfo, TlsVersion};

/// What the table knows of an option.
///
/// PostgreSQL manual:
/// [Parameter Key Words](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConnOption {
    /// The environment variable that gives the value where nothing else does.
    pub variable: Option<&'static str>,
    /// The value where nothing gives one.
    pub default: Option<&'static str>,
    /// What kind of value it takes.
    pub kind: Kind,
    /// How a dialog should show it.
    pub display: DisplayClass,
    /// The release of PostgreSQL that brought it; none for those older than 9.0.
    pub since: Option<&'static str>,
}

/// What kind of value an option takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Any text in UTF-8.
    Text,
    /// Texts with commas between them.
    List,
    /// A file or folder, in any bytes.
    Path,
    /// A number of 32 bits, in decimal, with blanks around it allowed.
    Integer,
    /// Any bytes, which are never shown.
    Secret,
    /// One of these texts.
    OneOf(&'static [&'static str]),
}

/// How a dialog should show an option: libpq's `dispchar`. dblink and `postgres_fdw` follow it too: options of the class
/// [`Password`](Self::Password) belong to a user mapping, those of the class [`Debug`](Self::Debug) are refused.
///
/// PostgreSQL manual:
/// [PQconndefaults](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PQCONNDEFAULTS).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DisplayClass {
    /// As it is.
    Normal,
    /// Hidden: `*`.
    Password,
    /// Not unless it is asked for: `D`.
    Debug,
}

const TEXT: ConnOption = ConnOption {
    variable: None,
    default: None,
    kind: Kind::Text,
    display: DisplayClass::Normal,
    since: None,
};
const LIST: ConnOption = ConnOption {
    kind: Kind::List,
    ..TEXT
};
const PATH: ConnOption = ConnOption {
    kind: Kind::Path,
    ..TEXT
};
const INTEGER: ConnOption = ConnOption {
    kind: Kind::Integer,
    ..TEXT
};
const SECRET: ConnOption = ConnOption {
    kind: Kind::Secret,
    display: DisplayClass::Password,
    ..TEXT
};

const fn one_of(values: &'static [&'static str]) -> ConnOption {
    ConnOption {
        kind: Kind::OneOf(values),
        ..TEXT
    }
}

/// Makes the keywords, the table, and a method of [`Conninfo`] for each.
macro_rules! options {
    ($($(#[$doc:meta])* $keyword:ident, $name:ident: $option:expr;)+) => {
        /// A keyword of a connection string: every one of PostgreSQL 18, and `servicefile` of 19.
        ///
        /// ```
        /// use dblink_engine::conninfo::Keyword;
        ///
        /// assert_eq!(Keyword::from_name("sslmode"), Some(Keyword::Sslmode));
        /// assert_eq!(Keyword::Sslmode.option().variable, Some("PGSSLMODE"));
        /// assert_eq!(Keyword::from_name("SSLMODE"), None);
        /// ```
        ///
        /// PostgreSQL manual: [Parameter Key
        /// Words](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Keyword {
            $($(#[$doc])* $keyword,)+
        }

        impl Keyword {
            /// All of them, in libpq's order.
            pub const ALL: &'static [Self] = &[$(Self::$keyword),+];

            /// As it is written.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$keyword => stringify!($name),)+
                }
            }

            /// What the table knows of it.
            pub const fn option(self) -> ConnOption {
                match self {
                    $(Self::$keyword => $option,)+
                }
            }
        }

        /// One method for each keyword.
        impl Conninfo {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name(self, value: impl OptionValue) -> Self {
                    self.set(Keyword::$keyword, value)
                }
            )+
        }
    };
}

options! {
    /// The group of a service file that holds further options.
    Service, service: ConnOption { variable: Some("PGSERVICE"), ..TEXT };
    /// The service file of the user. Without it: `.pg_service.conf` in the home folder.
    Servicefile, servicefile: ConnOption { variable: Some("PGSERVICEFILE"), since: Some("19"), ..PATH };
    /// The role to log in as. Without it: the name of the operating system's user.
    User, user: ConnOption { variable: Some("PGUSER"), ..TEXT };
    /// The password. If it is not empty, no password file is looked at.
    Password, password: ConnOption { variable: Some("PGPASSWORD"), ..SECRET };
    /// The password file. Without it: `.pgpass` in the home folder.
    Passfile, passfile: ConnOption { variable: Some("PGPASSFILE"), since: Some("10"), ..PATH };
    /// Whether authentication must be tied to the TLS connection.
    ChannelBinding, channel_binding: ConnOption {
        variable: Some("PGCHANNELBINDING"), default: Some("prefer"), since: Some("13"), ..one_of(CHANNEL_BINDINGS)
    };
    /// The seconds that connecting to one address may take. Zero, negative, or nothing: as many as it wants.
    ConnectTimeout, connect_timeout: ConnOption { variable: Some("PGCONNECT_TIMEOUT"), ..INTEGER };
    /// The database. Without it: the one named as the user.
    Dbname, dbname: ConnOption { variable: Some("PGDATABASE"), ..TEXT };
    /// Names of hosts, folders of Unix-domain sockets (they begin with `/`) or abstract ones (with `@`).
    Host, host: ConnOption { variable: Some("PGHOST"), ..LIST };
    /// Numeric addresses, so that no name is looked up. `host` then serves for certificates and the password file.
    Hostaddr, hostaddr: ConnOption { variable: Some("PGHOSTADDR"), ..LIST };
    /// One port for all hosts, or one for each.
    Port, port: ConnOption { variable: Some("PGPORT"), default: Some("5432"), ..LIST };
    /// The session's `client_encoding`; `auto` takes it from the locale.
    ClientEncoding, client_encoding: ConnOption {
        variable: Some("PGCLIENTENCODING"), since: Some("9.1"), ..TEXT
    };
    /// Command-line options for the server's process.
    Options, options: ConnOption { variable: Some("PGOPTIONS"), default: Some(""), ..TEXT };
    /// The session's `application_name`.
    ApplicationName, application_name: ConnOption { variable: Some("PGAPPNAME"), since: Some("9.0"), ..TEXT };
    /// The session's `application_name` if nobody sets `application_name`.
    FallbackApplicationName, fallback_application_name: ConnOption { since: Some("9.0"), ..TEXT };
    /// Zero switches TCP keepalives off.
    Keepalives, keepalives: ConnOption { since: Some("9.0"), ..INTEGER };
    /// The seconds without traffic after which a keepalive is sent. Zero: the system's.
    KeepalivesIdle, keepalives_idle: ConnOption { since: Some("9.0"), ..INTEGER };
    /// The seconds after which an unanswered keepalive is sent again. Zero: the system's.
    KeepalivesInterval, keepalives_interval: ConnOption { since: Some("9.0"), ..INTEGER };
    /// How many keepalives may be lost. Zero: as the system has it.
    KeepalivesCount, keepalives_count: ConnOption { since: Some("9.0"), ..INTEGER };
    /// The milliseconds that sent data may stay unacknowledged. Zero: the system's.
    TcpUserTimeout, tcp_user_timeout: ConnOption { since: Some("12"), ..INTEGER };
    /// Whether to use TLS, and how much to ask of the server's certificate.
    Sslmode, sslmode: ConnOption {
        variable: Some("PGSSLMODE"), default: Some("prefer"), ..one_of(SslMode::VALUES)
    };
    /// How TLS begins.
    Sslnegotiation, sslnegotiation: ConnOption {
        variable: Some("PGSSLNEGOTIATION"), default: Some("postgres"), since: Some("17"),
        ..one_of(SslNegotiation::VALUES)
    };
    /// Does nothing: nobody compresses TLS any more.
    Sslcompression, sslcompression: ConnOption {
        variable: Some("PGSSLCOMPRESSION"), default: Some("0"), since: Some("9.2"), ..TEXT
    };
    /// The client's certificate. Without it: `.postgresql/postgresql.crt` in the home folder.
    Sslcert, sslcert: ConnOption { variable: Some("PGSSLCERT"), ..PATH };
    /// The key of the client's certificate. Without it: `.postgresql/postgresql.key` in the home folder.
    Sslkey, sslkey: ConnOption { variable: Some("PGSSLKEY"), ..PATH };
    /// Whether the client's certificate may be, or must be, asked for.
    Sslcertmode, sslcertmode: ConnOption {
        variable: Some("PGSSLCERTMODE"), default: Some("allow"), since: Some("16"), ..one_of(SslCertMode::VALUES)
    };
    /// The passphrase of `sslkey`.
    Sslpassword, sslpassword: ConnOption { since: Some("13"), ..SECRET };
    /// The authorities that may sign the server's certificate; `system` stands for the system's. Without it:
    /// `.postgresql/root.crt` in the home folder.
    Sslrootcert, sslrootcert: ConnOption { variable: Some("PGSSLROOTCERT"), ..PATH };
    /// The list of revoked certificates. Without it: `.postgresql/root.crl` in the home folder.
    Sslcrl, sslcrl: ConnOption { variable: Some("PGSSLCRL"), ..PATH };
    /// The folder of lists of revoked certificates.
    Sslcrldir, sslcrldir: ConnOption { variable: Some("PGSSLCRLDIR"), since: Some("14"), ..PATH };
    /// Whether TLS names the host in clear text: text that begins with `1`.
    Sslsni, sslsni: ConnOption { variable: Some("PGSSLSNI"), default: Some("1"), since: Some("14"), ..TEXT };
    /// The operating system's user that the server at a Unix-domain socket must run as.
    Requirepeer, requirepeer: ConnOption { variable: Some("PGREQUIREPEER"), since: Some("9.1"), ..TEXT };
    /// The authentication methods that are accepted.
    RequireAuth, require_auth: ConnOption { variable: Some("PGREQUIREAUTH"), since: Some("16"), ..LIST };
    /// The oldest protocol version that is accepted.
    MinProtocolVersion, min_protocol_version: ConnOption {
        variable: Some("PGMINPROTOCOLVERSION"), since: Some("18"), ..one_of(PROTOCOL_VERSIONS)
    };
    /// The newest protocol version that is asked for.
    MaxProtocolVersion, max_protocol_version: ConnOption {
        variable: Some("PGMAXPROTOCOLVERSION"), since: Some("18"), ..one_of(PROTOCOL_VERSIONS)
    };
    /// The oldest version of TLS that is accepted, in any case of letters.
    SslMinProtocolVersion, ssl_min_protocol_version: ConnOption {
        variable: Some("PGSSLMINPROTOCOLVERSION"), default: Some("TLSv1.2"), since: Some("13"),
        ..one_of(TlsVersion::NAMES)
    };
    /// The newest version of TLS that is accepted, in any case of letters.
    SslMaxProtocolVersion, ssl_max_protocol_version: ConnOption {
        variable: Some("PGSSLMAXPROTOCOLVERSION"), since: Some("13"), ..one_of(TlsVersion::NAMES)
    };
    /// Whether to use encryption by GSSAPI. This build has none, so that `require` is refused.
    Gssencmode, gssencmode: ConnOption {
        variable: Some("PGGSSENCMODE"), default: Some("disable"), since: Some("12"), ..one_of(GssEncMode::VALUES)
    };
    /// The service part of the server's Kerberos name.
    Krbsrvname, krbsrvname: ConnOption { variable: Some("PGKRBSRVNAME"), default: Some("postgres"), ..TEXT };
    /// The GSSAPI library, on Windows.
    Gsslib, gsslib: ConnOption { variable: Some("PGGSSLIB"), ..TEXT };
    /// Whether GSSAPI credentials are forwarded: `1` for yes.
    Gssdelegation, gssdelegation: ConnOption {
        variable: Some("PGGSSDELEGATION"), default: Some("0"), since: Some("16"), ..TEXT
    };
    /// Makes a session for replication. The server reads the value.
    Replication, replication: ConnOption { display: DisplayClass::Debug, ..TEXT };
    /// What the session must be good for; a server that does not offer it is passed over.
    TargetSessionAttrs, target_session_attrs: ConnOption {
        variable: Some("PGTARGETSESSIONATTRS"), default: Some("any"), since: Some("10"),
        ..one_of(TargetSessionAttrs::VALUES)
    };
    /// In which order hosts and addresses are tried.
    LoadBalanceHosts, load_balance_hosts: ConnOption {
        variable: Some("PGLOADBALANCEHOSTS"), default: Some("disable"), since: Some("16"),
        ..one_of(LoadBalanceHosts::VALUES)
    };
    /// What the client proves to have in SCRAM, in base64: instead of the password.
    ScramClientKey, scram_client_key: ConnOption { display: DisplayClass::Debug, since: Some("18"), ..SECRET };
    /// What the server proves to have in SCRAM, in base64.
    ScramServerKey, scram_server_key: ConnOption { display: DisplayClass::Debug, since: Some("18"), ..SECRET };
    /// The issuer of OAuth tokens: an HTTPS URL.
    OauthIssuer, oauth_issuer: ConnOption { since: Some("18"), ..TEXT };
    /// Who the client is to the issuer.
    OauthClientId, oauth_client_id: ConnOption { since: Some("18"), ..TEXT };
    /// What proves it to the issuer.
    OauthClientSecret, oauth_client_secret: ConnOption { since: Some("18"), ..SECRET };
    /// What the token is to be good for, instead of what the server says.
    OauthScope, oauth_scope: ConnOption { since: Some("18"), ..TEXT };
    /// Where TLS writes its keys, for those who debug.
    Sslkeylogfile, sslkeylogfile: ConnOption { display: DisplayClass::Debug, since: Some("18"), ..PATH };
}

impl Keyword {
    /// The keyword that is written so. Case matters.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::from_bytes(name.as_bytes())
    }

    pub(super) fn from_bytes(name: &[u8]) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|keyword| keyword.name().as_bytes() == name)
    }

    /// Whether nothing may show its value.
    pub const fn is_secret(self) -> bool {
        matches!(self.option().kind, Kind::Secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_find_their_keyword() {
        for keyword in Keyword::ALL {
            assert_eq!(Keyword::from_name(keyword.name()), Some(*keyword));
        }
        assert_eq!(Keyword::ALL.len(), 51);
        for name in ["", "Host", "tty", "authtype", "requiressl", "ssl"] {
            assert_eq!(Keyword::from_name(name), None, "{name}");
        }
    }

    #[test]
    fn a_default_is_one_of_the_values() {
        for keyword in Keyword::ALL {
            if let (Kind::OneOf(values), Some(default)) = (keyword.option().kind, keyword.option().default) {
                assert!(values.contains(&default), "{keyword:?}");
            }
        }
    }

    #[test]
    fn passwords_and_keys_are_secret() {
        let secret = Keyword::ALL.iter().filter(|keyword| keyword.is_secret());
        assert_eq!(
            secret.map(|keyword| keyword.name()).collect::<Vec<_>>(),
            [
                "password",
                "sslpassword",
                "scram_client_key",
                "scram_server_key",
                "oauth_client_secret"
            ]
        );
    }
}
