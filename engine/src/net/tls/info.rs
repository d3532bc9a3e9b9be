//! What a handshake has led to.

use super::TlsVersion;

/// A TLS connection, as it has come about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TlsInfo {
    /// The version that is spoken.
    pub version: TlsVersion,
    /// The cipher suite that is used, by its name in
    /// [IANA's registry](https://www.iana.org/assignments/tls-parameters/tls-parameters.xhtml#tls-parameters-4).
    pub cipher_suite: String,
    /// Whether the server says that it speaks PostgreSQL's protocol. Servers before PostgreSQL 17 never do.
    pub is_postgresql: bool,
    /// What an authentication is tied to by the channel binding `tls-server-end-point`; `None` where the server's
    /// certificate has no hash to tie it to.
    ///
    /// [RFC 5929](https://www.rfc-editor.org/rfc/rfc5929#section-4).
    pub server_end_point: Option<Vec<u8>>,
    /// What has become of the client's certificate.
    pub client_certificate: ClientCertificate,
}

/// What has become of the client's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClientCertificate {
    /// The server did not ask for it.
    NotRequested,
    /// The server asked, but there is none, or none with a signature that the server understands.
    NotSent,
    /// The server has it. With TLS 1.3 it may still refuse it: the first read from the connection then fails.
    Sent,
}
