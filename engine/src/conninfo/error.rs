//! What can be wrong with connection options: in libpq's words, but for passwords, which are `***`.

use std::path::PathBuf;

use dblink_protocol::SqlState;
use dblink_protocol::auth::scram::ScramKeyError;
use dblink_protocol::auth::{ParseChannelBindingError, RequireAuthError};

use super::choices::SslMode;
use super::environment::AccountError;
use super::service_file::ServiceError;

/// A connection string, URI or list of pairs that cannot be read.
///
/// The texts are libpq's. Where they would show a password, what follows one and may be its rest, or what stands like one in a
/// URI with a mistyped scheme, they have `***`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// A word has no value.
    #[error("missing \"=\" after \"{0}\" in connection info string")]
    MissingEquals(
        /// The word.
        String,
    ),
    /// A quoted value does not end.
    #[error("unterminated quoted string in connection info string")]
    UnterminatedQuote,
    /// There is no such keyword.
    #[error("invalid connection option \"{0}\"")]
    UnknownOption(
        /// The keyword.
        String,
    ),
    /// A `[` has no `]`.
    #[error("end of string reached when looking for matching \"]\" in IPv6 host address in URI: \"{uri}\"")]
    UnmatchedBracket {
        /// The URI.
        uri: String,
    },
    /// There is nothing in brackets.
    #[error("IPv6 host address may not be empty in URI: \"{uri}\"")]
    EmptyAddress {
        /// The URI.
        uri: String,
    },
    /// Something follows a `]` that may not be there.
    #[error(
        "unexpected character \"{character}\" at position {position} in URI (expected \":\" or \"/\"): \"{uri}\""
    )]
    UnexpectedCharacter {
        /// What it is.
        character: String,
        /// Where it is, in bytes; the first one is 1.
        position: usize,
        /// The URI.
        uri: String,
    },
    /// A parameter of a URI has no `=`.
    #[error("missing key/value separator \"=\" in URI query parameter: \"{0}\"")]
    MissingSeparator(
        /// The parameter.
        String,
    ),
    /// A parameter of a URI has two `=`.
    #[error("extra key/value separator \"=\" in URI query parameter: \"{0}\"")]
    ExtraSeparator(
        /// What is before the first one.
        String,
    ),
    /// A parameter of a URI is no keyword.
    #[error("invalid URI query parameter: \"{0}\"")]
    UnknownParameter(
        /// The parameter's name.
        String,
    ),
    /// A `%` without two hexadecimal digits.
    #[error("invalid percent-encoded token: \"{0}\"")]
    InvalidPercentToken(
        /// The component of the URI.
        String,
    ),
    /// A zero byte.
    #[error("forbidden value %00 in percent-encoded value: \"{0}\"")]
    ForbiddenZeroByte(
        /// The component of the URI.
        String,
    ),
    /// A space inside a component.
    #[error("unexpected spaces found in \"{0}\", use percent-encoded spaces (%20) instead")]
    UnexpectedSpaces(
        /// The component of the URI.
        String,
    ),
    /// The text itself has a zero byte, which no option can hold. libpq cannot be given one.
    #[error("connection string has a zero byte at position {position}")]
    ZeroByte {
        /// Where it is, in bytes; the first one is 1.
        position: usize,
    },
}

impl ParseError {
    /// `42601` (`syntax_error`), as the server says for the connection string of a subscription.
    pub const fn sqlstate(&self) -> SqlState {
        SqlState::SYNTAX_ERROR
    }
}

/// A word that an option does not take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid {keyword} value: \"{value}\"")]
pub struct InvalidValue {
    /// The option.
    pub keyword: &'static str,
    /// The word.
    pub value: String,
}

/// Options that do not make a connection possible. The texts are libpq's, where libpq has one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResolveError {
    /// The service could not be looked up.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The operating system does not know its user, and no `user` is given.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// `host` and `hostaddr` are lists of different lengths.
    #[error("could not match {hosts} host names to {hostaddrs} hostaddr values")]
    HostCount {
        /// Items of `host`.
        hosts: usize,
        /// Items of `hostaddr`.
        hostaddrs: usize,
    },
    /// `port` has neither one item nor as many as there are hosts.
    #[error("could not match {ports} port numbers to {hosts} hosts")]
    PortCount {
        /// Items of `port`.
        ports: usize,
        /// Hosts.
        hosts: usize,
    },
    /// An option does not take this word.
    #[error(transparent)]
    InvalidValue(#[from] InvalidValue),
    /// `require_auth` is none.
    #[error(transparent)]
    RequireAuth(#[from] RequireAuthError),
    /// `channel_binding` is none.
    #[error(transparent)]
    ChannelBinding(#[from] ParseChannelBindingError),
    /// TLS from the first byte, but only perhaps.
    #[error(
        "weak sslmode \"{0}\" may not be used with sslnegotiation=direct (use \"require\", \"verify-ca\", or \
         \"verify-full\")"
    )]
    WeakForDirect(
        /// The mode.
        SslMode,
    ),
    /// The system's authorities sign for everybody: the host must be compared too.
    #[error("weak sslmode \"{0}\" may not be used with sslrootcert=system (use \"verify-full\")")]
    WeakForSystem(
        /// The mode.
        SslMode,
    ),
    /// There is no such version of TLS.
    #[error("invalid \"{keyword}\" value: \"{value}\"")]
    InvalidTlsVersion {
        /// The option.
        keyword: &'static str,
        /// Its value.
        value: String,
    },
    /// The oldest version of TLS is newer than the newest.
    #[error("invalid SSL protocol version range")]
    TlsVersionRange,
    /// This build has no GSSAPI.
    #[error("gssencmode value \"require\" invalid when GSSAPI support is not compiled in")]
    GssUnavailable,
    /// `scram_client_key` or `scram_server_key` is none.
    #[error(transparent)]
    ScramKey(#[from] ScramKeyError),
    /// The oldest protocol version is newer than the newest.
    #[error("\"min_protocol_version\" is greater than \"max_protocol_version\"")]
    ProtocolVersionRange,
    /// An option that takes a number has another value.
    #[error("invalid integer value \"{value}\" for connection option \"{keyword}\"")]
    InvalidInteger {
        /// The option.
        keyword: &'static str,
        /// Its value.
        value: String,
    },
    /// The value of an option is not UTF-8. libpq would send it as it is; the server could not read it.
    #[error("value of connection option \"{keyword}\" is not valid UTF-8")]
    NotUtf8 {
        /// The option.
        keyword: &'static str,
    },
    /// The value of an option has a zero byte. libpq cannot be given one.
    #[error("value of connection option \"{keyword}\" has a zero byte")]
    ZeroByte {
        /// The option.
        keyword: &'static str,
    },
}

impl ResolveError {
    /// - `08001` (`sqlclient_unable_to_establish_sqlconnection`) if the world around is to blame: no such service, no
    ///   such user of the operating system;
    /// - `0A000` (`feature_not_supported`) if this build cannot do it;
    /// - `22021` (`character_not_in_repertoire`) for bytes that are no text;
    /// - `22023` (`invalid_parameter_value`) for all other values.
    pub const fn sqlstate(&self) -> SqlState {
        match self {
            Self::Service(_) | Self::Account(_) => SqlState::SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION,
            Self::GssUnavailable => SqlState::FEATURE_NOT_SUPPORTED,
            Self::NotUtf8 { .. } | Self::ZeroByte { .. } => SqlState::CHARACTER_NOT_IN_REPERTOIRE,
            _ => SqlState::INVALID_PARAMETER_VALUE,
        }
    }
}

/// What does not keep a connection from being made, but should be told. libpq prints it to the standard error output,
/// after `WARNING: `.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Warning {
    /// The password file is something else. It is not read.
    #[error("password file \"{}\" is not a plain file", .0.display())]
    NotPlainFile(
        /// Its path.
        PathBuf,
    ),
    /// Others may read or write the password file. It is not read.
    #[error(
        "password file \"{}\" has group or world access; permissions should be u=rw (0600) or less", .0.display()
    )]
    OpenToOthers(
        /// Its path.
        PathBuf,
    ),
}
