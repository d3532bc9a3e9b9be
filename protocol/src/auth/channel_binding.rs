//! Whether an exchange must be tied to its TLS connection: the connection option `channel_binding`.

use std::fmt;
use std::str::FromStr;

use super::AuthError;
use crate::backend::Authentication;

/// Whether the client ties its authentication to the TLS connection, so that nobody can relay it from another one.
///
/// PostgreSQL manual:
/// [channel_binding](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-CHANNEL-BINDING).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ChannelBinding {
    /// Never.
    Disable,
    /// Where both sides can.
    #[default]
    Prefer,
    /// Always: a server that cannot is refused.
    Require,
}

impl ChannelBinding {
    const fn keyword(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Prefer => "prefer",
            Self::Require => "require",
        }
    }

    /// Checks what the server asks for. `is_bound` says whether an exchange with channel binding is complete.
    pub(super) fn check(self, message: &Authentication<'_>, is_bound: bool) -> Result<(), AuthError> {
        let error = match message {
            _ if self != Self::Require => return Ok(()),
            Authentication::Sasl { .. } | Authentication::SaslContinue(_) | Authentication::SaslFinal(_) => {
                return Ok(());
            }
            Authentication::Ok if is_bound => return Ok(()),
            Authentication::Ok => ChannelBindingError::NotBound,
            _ => ChannelBindingError::OtherMethod,
        };
        Err(error.into())
    }
}

/// A server that cannot or will not do the channel binding that is required, in libpq's words where it has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChannelBindingError {
    /// The server asks for something that cannot be bound.
    #[error("channel binding required but not supported by server's authentication request")]
    OtherMethod,
    /// There is nothing to bind to.
    #[error("channel binding required, but SSL not in use")]
    NoTls,
    /// The server offers no mechanism that can be bound.
    #[error(
        "channel binding is required, but server did not offer an authentication method that supports channel binding"
    )]
    NotOffered,
    /// `tls-server-end-point` is not defined for certificates whose signature uses no hash function, such as Ed25519.
    #[error("channel binding is required, but the server's certificate has no hash to bind to")]
    NoCertificateHash,
    /// The server accepts the client without a bound exchange.
    #[error("channel binding required, but server authenticated client without channel binding")]
    NotBound,
}

/// Text that is no `channel_binding`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid channel_binding value: \"{0}\"")]
pub struct ParseChannelBindingError(String);

impl FromStr for ChannelBinding {
    type Err = ParseChannelBindingError;

    fn from_str(text: &str) -> Result<Self, ParseChannelBindingError> {
        let all = [Self::Disable, Self::Prefer, Self::Require];
        let found = all.into_iter().find(|value| value.keyword() == text);
        found.ok_or_else(|| ParseChannelBindingError(text.to_owned()))
    }
}

/// As it is written in a connection string.
impl fmt::Display for ChannelBinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.keyword())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_prints_and_nothing_else() {
        for text in ["disable", "prefer", "require"] {
            assert_eq!(text.parse::<ChannelBinding>().unwrap().to_string(), text);
        }
        for text in ["", "Require", " prefer", "x"] {
            assert_eq!(
                text.parse::<ChannelBinding>().unwrap_err().to_string(),
                format!("invalid channel_binding value: \"{text}\"")
            );
        }
    }
}
