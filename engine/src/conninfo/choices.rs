//! The options whose value is one of a few words.

use std::fmt;
use std::str::FromStr;

use super::error::InvalidValue;

/// Makes an enum of the words that an option takes.
macro_rules! choices {
    ($(#[$doc:meta])* $name:ident for $keyword:literal { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// The words, in the order of the enum.
            pub const VALUES: &'static [&'static str] = &[$($text),+];

            /// The word.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }

        impl FromStr for $name {
            type Err = InvalidValue;

            fn from_str(text: &str) -> Result<Self, InvalidValue> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err(InvalidValue {
                        keyword: $keyword,
                        value: text.to_owned(),
                    }),
                }
            }
        }

        /// The word.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

choices! {
    /// Whether to use TLS, and how much to ask of the server's certificate.
    ///
    /// PostgreSQL manual: [sslmode](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-SSLMODE).
    SslMode for "sslmode" {
        /// Never.
        Disable = "disable",
        /// If the server refuses plain text.
        Allow = "allow",
        /// If the server can.
        #[default]
        Prefer = "prefer",
        /// Always. The certificate is verified if there are authorities to verify it with.
        Require = "require",
        /// Always, with a certificate of an authority that is trusted.
        VerifyCa = "verify-ca",
        /// Always, with such a certificate that names the host.
        VerifyFull = "verify-full",
    }
}

choices! {
    /// How TLS begins.
    ///
    /// PostgreSQL manual:
    /// [sslnegotiation](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-SSLNEGOTIATION).
    SslNegotiation for "sslnegotiation" {
        /// After asking with SSLRequest.
        #[default]
        Postgres = "postgres",
        /// At once, as PostgreSQL 17 and newer take it.
        Direct = "direct",
    }
}

choices! {
    /// Whether the client's certificate may be, or must be, asked for.
    ///
    /// PostgreSQL manual:
    /// [sslcertmode](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-SSLCERTMODE).
    SslCertMode for "sslcertmode" {
        /// It is never sent.
        Disable = "disable",
        /// It is sent if there is one and the server asks for it.
        #[default]
        Allow = "allow",
        /// The server must ask for it.
        Require = "require",
    }
}

choices! {
    /// Whether to use encryption by GSSAPI.
    ///
    /// PostgreSQL manual:
    /// [gssencmode](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-GSSENCMODE).
    GssEncMode for "gssencmode" {
        /// Never.
        #[default]
        Disable = "disable",
        /// If there are credentials and the server can. This build never has credentials.
        Prefer = "prefer",
        /// Always. This build refuses it.
        Require = "require",
    }
}

choices! {
    /// What a session must be good for.
    ///
    /// PostgreSQL manual: [target_session_attrs](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-TARGET-SESSION-ATTRS).
    TargetSessionAttrs for "target_session_attrs" {
        /// Anything.
        #[default]
        Any = "any",
        /// Transactions can write by default.
        ReadWrite = "read-write",
        /// Transactions cannot write by default.
        ReadOnly = "read-only",
        /// The server is no standby.
        Primary = "primary",
        /// The server is a standby.
        Standby = "standby",
        /// The server is a standby, or none is to be found.
        PreferStandby = "prefer-standby",
    }
}

choices! {
    /// In which order hosts and addresses are tried.
    ///
    /// PostgreSQL manual: [load_balance_hosts](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-LOAD-BALANCE-HOSTS).
    LoadBalanceHosts for "load_balance_hosts" {
        /// As they are written, and as the resolver gives them.
        #[default]
        Disable = "disable",
        /// In a random order.
        Random = "random",
    }
}

pub(super) const CHANNEL_BINDINGS: &[&str] = &["disable", "prefer", "require"];
pub(super) const PROTOCOL_VERSIONS: &[&str] = &["3.0", "3.2", "latest"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_prints() {
        for text in SslMode::VALUES {
            assert_eq!(text.parse::<SslMode>().unwrap().to_string(), *text);
        }
        for text in TargetSessionAttrs::VALUES {
            assert_eq!(text.parse::<TargetSessionAttrs>().unwrap().to_string(), *text);
        }
        assert_eq!("verify-ca".parse(), Ok(SslMode::VerifyCa));
        assert_eq!("prefer-standby".parse(), Ok(TargetSessionAttrs::PreferStandby));
    }

    #[test]
    fn defaults_are_those_of_the_table() {
        assert_eq!(SslMode::default().as_str(), "prefer");
        assert_eq!(SslNegotiation::default().as_str(), "postgres");
        assert_eq!(SslCertMode::default().as_str(), "allow");
        assert_eq!(GssEncMode::default().as_str(), "disable");
        assert_eq!(TargetSessionAttrs::default().as_str(), "any");
        assert_eq!(LoadBalanceHosts::default().as_str(), "disable");
    }

    #[test]
    fn case_matters() {
        for text in ["", "Prefer", " prefer", "x"] {
            assert_eq!(
                text.parse::<SslMode>().unwrap_err().to_string(),
                format!("invalid sslmode value: \"{text}\"")
            );
        }
    }
}
