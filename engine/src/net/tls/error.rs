//! What can go wrong in a TLS handshake.

use std::io;

use dblink_protocol::SqlState;
use rustls::{AlertDescription, CertificateError, PeerIncompatible};

use super::direct_issue::DirectIssueError;
use super::{HostNameError, TlsVersion};

/// A TLS connection that did not come about, in libpq's words where it has them. No variant holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The server's certificate proves nothing.
    #[error("SSL error: certificate verify failed: {0}")]
    Certificate(CertificateFault),
    /// The server's certificate is somebody else's.
    #[error(transparent)]
    HostName(#[from] HostNameError),
    /// The two sides have no version of TLS in common, or the other side does not speak TLS.
    #[error(
        "SSL error: {reason}\nThis may indicate that the server does not support any SSL protocol version between {min} and {max}."
    )]
    Version {
        /// What the TLS library says.
        reason: String,
        /// The oldest version that was tried.
        min: TlsVersion,
        /// The newest version that was tried.
        max: TlsVersion,
    },
    /// The server refuses the client's certificate, or misses it.
    #[error("SSL error: {0}")]
    ClientCertificate(String),
    /// The handshake failed for another reason.
    #[error("SSL error: {0}")]
    Handshake(String),
    /// The connection was closed in the middle.
    #[error("SSL SYSCALL error: EOF detected")]
    Closed,
    /// The connection broke.
    #[error("SSL SYSCALL error: {0}")]
    Io(String),
    /// The server may not be one of PostgreSQL: only a server that says so may be talked to directly (CVE-2021-3618).
    #[error("direct SSL connection was established without ALPN protocol negotiation extension")]
    NoApplicationProtocol,
    /// There is no certificate of the server.
    #[error("certificate could not be obtained")]
    NoCertificate,
    /// The client must show its certificate, and the server did not ask for it.
    #[error("server did not request an SSL certificate")]
    CertificateNotRequested,
    /// The client must show its certificate, and has none that the server could take.
    #[error("server accepted connection without a valid SSL certificate")]
    CertificateNotSent,
}

/// Why a server's certificate is not believed, in the words of OpenSSL, which are those that libpq shows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateFault {
    /// It is too late.
    #[error("certificate has expired")]
    Expired,
    /// It is too early.
    #[error("certificate is not yet valid")]
    NotYetValid,
    /// Nobody we believe has issued it.
    #[error("unable to get local issuer certificate")]
    UnknownIssuer,
    /// Its issuer has withdrawn it.
    #[error("certificate revoked")]
    Revoked,
    /// No revocation list tells about one of the certificates.
    #[error("unable to get certificate CRL")]
    NoRevocationList,
    /// The revocation list is too old.
    #[error("CRL has expired")]
    RevocationListExpired,
    /// It was tampered with.
    #[error("certificate signature failure")]
    BadSignature,
    /// It is not for servers.
    #[error("unsuitable certificate purpose")]
    BadPurpose,
    /// It cannot be read.
    #[error("the certificate is malformed")]
    Malformed,
    /// A certificate of X.509 version 1 or 2, or of a certification authority, was not issued by one of the root
    /// certificates itself, or there are revocation lists to check it with.
    #[error(transparent)]
    DirectIssue(#[from] DirectIssueError),
    /// Something else.
    #[error("{0}")]
    Other(String),
}

impl TlsError {
    /// The SQLSTATE to report: `28000` where the client's certificate is missing or refused, `08006` where the connection
    /// broke, else `08001`.
    pub const fn sqlstate(&self) -> SqlState {
        match self {
            Self::ClientCertificate(_) | Self::CertificateNotRequested | Self::CertificateNotSent => {
                SqlState::INVALID_AUTHORIZATION_SPECIFICATION
            }
            Self::Closed | Self::Io(_) => SqlState::CONNECTION_FAILURE,
            _ => SqlState::SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION,
        }
    }

    /// What an error of a TLS stream means, if versions in this range were tried.
    pub(super) fn from_stream(error: &io::Error, min: TlsVersion, max: TlsVersion) -> Self {
        let inner = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<rustls::Error>());
        match inner {
            Some(error) => Self::from_library(error, min, max),
            None if error.kind() == io::ErrorKind::UnexpectedEof => Self::Closed,
            None => Self::Io(crate::libpq_text::system_text(error)),
        }
    }

    fn from_library(error: &rustls::Error, min: TlsVersion, max: TlsVersion) -> Self {
        let reason = error.to_string();
        match error {
            rustls::Error::InvalidCertificate(error) => Self::from_certificate(error),
            rustls::Error::AlertReceived(alert) if blames_certificate(*alert) => {
                Self::ClientCertificate(reason)
            }
            rustls::Error::AlertReceived(AlertDescription::ProtocolVersion)
            | rustls::Error::PeerIncompatible(
                PeerIncompatible::ServerDoesNotSupportTls12Or13
                | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
            )
            | rustls::Error::InvalidMessage(_) => Self::Version { reason, min, max },
            _ => Self::Handshake(reason),
        }
    }

    fn from_certificate(error: &CertificateError) -> Self {
        let fault = match error {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => CertificateFault::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                CertificateFault::NotYetValid
            }
            CertificateError::UnknownIssuer => CertificateFault::UnknownIssuer,
            CertificateError::Revoked => CertificateFault::Revoked,
            CertificateError::UnknownRevocationStatus => CertificateFault::NoRevocationList,
            CertificateError::ExpiredRevocationList
            | CertificateError::ExpiredRevocationListContext { .. } => {
                CertificateFault::RevocationListExpired
            }
            CertificateError::BadSignature => CertificateFault::BadSignature,
            CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
                CertificateFault::BadPurpose
            }
            CertificateError::BadEncoding => CertificateFault::Malformed,
            CertificateError::Other(other) => {
                if let Some(error) = other.0.downcast_ref::<HostNameError>() {
                    return Self::HostName(error.clone());
                }
                match other.0.downcast_ref::<DirectIssueError>() {
                    Some(error) => CertificateFault::DirectIssue(*error),
                    None => CertificateFault::Other(other.0.to_string()),
                }
            }
            other => CertificateFault::Other(other.to_string()),
        };
        Self::Certificate(fault)
    }
}

/// Whether the server says that it does not like the client's certificate, or that there is none.
const fn blames_certificate(alert: AlertDescription) -> bool {
    matches!(
        alert,
        AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateRequired
            | AlertDescription::NoCertificate
            | AlertDescription::UnknownCA
    )
}
