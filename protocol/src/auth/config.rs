//! What the client brings to authentication.

use super::scram::ScramKey;
use super::{ChannelBinding, RequireAuth};
use crate::Secret;

/// The SCRAM iterations that a client does at most unless it is told otherwise: about a second of computing on a slow
/// machine. PostgreSQL's default is 4096.
pub const DEFAULT_MAX_SCRAM_ITERATIONS: u32 = 1_000_000;

/// Who the client is, what it can show, and what it accepts.
#[derive(Debug, Clone)]
pub struct AuthConfig {
    /// The role, which MD5 authentication hashes.
    pub user: String,
    /// What the client can show.
    pub credentials: Credentials,
    /// The methods that the client accepts.
    pub require_auth: RequireAuth,
    /// Whether SCRAM must be tied to the TLS connection.
    pub channel_binding: ChannelBinding,
    /// How many SCRAM iterations the client does at most when the server asks for them.
    pub max_scram_iterations: u32,
    /// Random bytes from a cryptographic source, new for each connection.
    pub scram_nonce: [u8; 18],
    /// What the messages travel over.
    pub transport: Transport,
}

impl AuthConfig {
    /// Nothing to show and everything accepted, over a plain connection, for the role `user`.
    ///
    /// `scram_nonce` are random bytes from a cryptographic source, new for each connection.
    pub fn new(user: impl Into<String>, scram_nonce: [u8; 18]) -> Self {
        Self {
            user: user.into(),
            credentials: Credentials::default(),
            require_auth: RequireAuth::default(),
            channel_binding: ChannelBinding::default(),
            max_scram_iterations: DEFAULT_MAX_SCRAM_ITERATIONS,
            scram_nonce,
            transport: Transport::Plain,
        }
    }
}

/// What the client can show a server. An empty password or token counts as none.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    /// For every method but OAuth.
    pub password: Option<Secret>,
    /// Instead of the password, for SCRAM: what the client proves to have. It needs a server key or a password beside
    /// it.
    pub scram_client_key: Option<ScramKey>,
    /// Instead of the password, for SCRAM: what the server proves to have.
    pub scram_server_key: Option<ScramKey>,
    /// For OAuth.
    pub bearer_token: Option<Secret>,
}

/// What the messages travel over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transport {
    /// A socket without encryption.
    Plain,
    /// A Unix-domain socket, which does not leave the machine, and so needs no encryption.
    Unix,
    /// TLS.
    Tls {
        /// The hash of the server's certificate that channel binding uses: with the hash function of the certificate's
        /// signature, or SHA-256 in place of MD5 and SHA-1. None if the signature has no hash function
        /// ([RFC 5929, section 4](https://www.rfc-editor.org/rfc/rfc5929#section-4)).
        server_end_point: Option<Vec<u8>>,
    },
}
