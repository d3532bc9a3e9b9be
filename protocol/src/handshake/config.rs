//! What a handshake is made of.

use crate::ProtocolVersion;
use crate::auth::AuthConfig;

/// What to say to a server, and what to accept from it.
#[derive(Debug, Clone)]
pub struct HandshakeConfig {
    /// The role to log in as, what proves it, and what is accepted from the server. Its `transport` counts where the
    /// handshake is told nothing of encryption; otherwise the handshake knows it, and sets it.
    pub auth: AuthConfig,
    /// What else than the user the startup packet says, in order: `database`, `application_name`, `client_encoding`, `options`,
    /// `replication`, any run-time parameter, and protocol options (`_pq_.…`).
    pub parameters: Vec<(String, String)>,
    /// How the connection is encrypted.
    pub encryption: Encryption,
    /// The newest protocol version to ask for.
    pub max_version: ProtocolVersion,
    /// The oldest protocol version to accept.
    pub min_version: ProtocolVersion,
}

impl HandshakeConfig {
    /// Logs in with what is usual: no encryption, and protocol 3.0, since some poolers refuse to be asked for more.
    pub const fn new(auth: AuthConfig) -> Self {
        Self {
            auth,
            parameters: Vec::new(),
            encryption: Encryption::None,
            max_version: ProtocolVersion::V3_0,
            min_version: ProtocolVersion::V3_0,
        }
    }
}

/// How a connection is encrypted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Encryption {
    /// It is not; or it is already, and `auth.transport` says so.
    #[default]
    None,
    /// By TLS, after asking with SSLRequest.
    Ssl {
        /// Whether a server without TLS is refused; if not, the connection goes on in plain text.
        required: bool,
    },
    /// By TLS from the first byte, as PostgreSQL 17 and newer take it. ALPN must agree on `postgresql`.
    DirectSsl,
    /// By GSSAPI, after asking with GSSENCRequest.
    Gss {
        /// Whether a server without GSSAPI is refused; if not, the connection goes on in plain text.
        required: bool,
    },
}
