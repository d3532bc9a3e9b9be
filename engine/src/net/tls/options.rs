//! What a TLS connection must be like.

use std::path::PathBuf;

use dblink_protocol::Secret;

use super::TlsVersion;

/// Everything that shapes a TLS connection, with all defaults filled in.
///
/// PostgreSQL manual: [SSL Support](https://www.postgresql.org/docs/current/libpq-ssl.html).
#[derive(Debug, Clone)]
pub struct TlsOptions {
    /// The server's name as the user gave it: it is looked for in the certificate, and sent as server name indication.
    /// Empty if the user gave an address beside the name only.
    pub host: String,
    /// What the server's certificate must prove.
    pub verification: Verification,
    /// Whom to believe.
    pub roots: Roots,
    /// A file of certificate revocation lists. It need not exist.
    pub revocation_file: Option<PathBuf>,
    /// A directory of certificate revocation lists in files that are called `….r0`, `….r1` and so on, as `openssl rehash`
    /// names them. It must exist.
    pub revocation_directory: Option<PathBuf>,
    /// The file of the client's certificate, with the certificates between it and its root. It need not exist.
    pub certificate: Option<PathBuf>,
    /// The file of the key of the client's certificate. It must exist if the certificate does.
    pub key: Option<PathBuf>,
    /// What the key is encrypted with.
    pub passphrase: Option<Secret>,
    /// Whether the client shows its certificate.
    pub certificate_mode: CertificateMode,
    /// Whether the server is told the name of the host by server name indication.
    pub server_name_indication: bool,
    /// The oldest version to speak.
    pub min_version: TlsVersion,
    /// The newest version to speak; `None` for the newest there is.
    pub max_version: Option<TlsVersion>,
    /// How TLS begins.
    pub negotiation: Negotiation,
    /// A file that is to get the connection's keys, for those who want to decipher what they have captured.
    pub key_log: Option<PathBuf>,
}

impl TlsOptions {
    /// What libpq does for this host if nothing else is said and no file is found: encryption without verification.
    pub fn new(host: impl Into<String>) -> Self {
        Self {
            host: host.into(),
            verification: Verification::IfRoots,
            roots: Roots::DefaultFile(None),
            revocation_file: None,
            revocation_directory: None,
            certificate: None,
            key: None,
            passphrase: None,
            certificate_mode: CertificateMode::Allow,
            server_name_indication: true,
            min_version: TlsVersion::V1_2,
            max_version: None,
            negotiation: Negotiation::Postgres,
            key_log: None,
        }
    }
}

/// What the server's certificate must prove. Its key must sign the handshake in every case.
///
/// PostgreSQL manual:
/// [Protection Provided in Different Modes](https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verification {
    /// As [`Ca`](Self::Ca) if there are root certificates, else nothing: `sslmode` `allow`, `prefer` and `require`.
    IfRoots,
    /// That somebody we believe has issued it: `verify-ca`.
    Ca,
    /// That, and that it was issued for the host: `verify-full`.
    Full,
}

/// Where the certificates come from that a server's certificate must lead to: the connection option `sslrootcert`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Roots {
    /// From a file that the user has named. As in libpq, it may be missing where nothing must be verified.
    File(PathBuf),
    /// From a file that is looked for without being named; `None` if there is no home directory to look in.
    DefaultFile(Option<PathBuf>),
    /// From the operating system, or from where `SSL_CERT_FILE` and `SSL_CERT_DIR` point to. Anybody can have a
    /// certificate of such a root: this makes sense with [`Verification::Full`] only.
    System,
    /// From memory, as PEM.
    Pem(Vec<u8>),
}

/// Whether the client shows a certificate: the connection option `sslcertmode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CertificateMode {
    /// Never.
    Disable,
    /// If the server asks for one and there is one.
    Allow,
    /// Always: a server that does not ask is refused.
    Require,
}

/// How TLS begins: the connection option `sslnegotiation`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Negotiation {
    /// After an SSLRequest. The application protocol is offered, and need not be taken.
    Postgres,
    /// At once. The server must take the application protocol `postgresql`.
    Direct,
}
