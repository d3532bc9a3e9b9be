//! TLS that cannot even begin.

use std::io;
use std::path::PathBuf;

use dblink_protocol::SqlState;

use super::{KeyError, TlsVersion};

/// Options of TLS that cannot be met on this side, in libpq's words where it has them. No variant holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TlsConfigError {
    /// The certificate cannot be looked through for a name that nobody has given.
    #[error("host name must be specified for a verified SSL connection")]
    NoHost,
    /// The file of root certificates is not there, and needed.
    #[error("root certificate file \"{}\" does not exist\n{ROOTS_ADVICE}", .0.display())]
    NoRoots(PathBuf),
    /// There is no place to look for root certificates.
    #[error("could not get home directory to locate root certificate file\n{ROOTS_ADVICE}")]
    NoHome,
    /// The file of root certificates does not hold any, or cannot be read.
    #[error("could not read root certificate file \"{}\": {reason}", .path.display())]
    Roots {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The root certificates in memory are unusable.
    #[error("could not read root certificates: {0}")]
    PemRoots(String),
    /// The operating system has no root certificates.
    #[error("could not load system root certificate paths: {0}")]
    SystemRoots(String),
    /// A file of certificate revocation lists is there, but unusable. libpq then goes on without it.
    #[error("could not read certificate revocation list \"{}\": {reason}", .path.display())]
    RevocationList {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// There are no revocation lists where they are said to be, so no certificate would pass.
    #[error("no certificate revocation lists in directory \"{}\"", .0.display())]
    NoRevocationLists(PathBuf),
    /// The file of the client's certificate cannot be looked at.
    #[error("could not open certificate file \"{}\": {reason}", .path.display())]
    OpenCertificate {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The file of the client's certificate does not hold one, or cannot be read.
    #[error("could not read certificate file \"{}\": {reason}", .path.display())]
    ReadCertificate {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The client has a certificate without a key.
    #[error("certificate present, but not private key file \"{}\"", .0.display())]
    NoKey(PathBuf),
    /// The file of the key cannot be looked at.
    #[error("could not stat private key file \"{}\": {reason}", .path.display())]
    StatKey {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The key is not in a file that stays as it is.
    #[error("private key file \"{}\" is not a regular file", .0.display())]
    KeyNotRegular(PathBuf),
    /// Others can read the key.
    #[error(
        "private key file \"{}\" has group or world access; file must have permissions u=rw (0600) or less if owned by the current user, or permissions u=rw,g=r (0640) or less if owned by root",
        .0.display()
    )]
    KeyPermissions(PathBuf),
    /// The file of the key does not hold one that can be used, or cannot be read.
    #[error("could not load private key file \"{}\": {error}", .path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: KeyError,
    },
    /// The key is that of another certificate.
    #[error("certificate does not match private key file \"{}\": key values mismatch", .0.display())]
    KeyMismatch(PathBuf),
    /// The oldest version to speak is newer than the newest.
    #[error("invalid SSL protocol version range")]
    VersionRange,
    /// Only versions that are broken may be spoken.
    #[error("SSL protocol version {0} is not supported; the oldest that is supported is TLSv1.2")]
    OldVersion(TlsVersion),
    /// The TLS library refuses what it was given.
    #[error("could not create SSL context: {0}")]
    Library(String),
}

const ROOTS_ADVICE: &str = "Either provide the file, use the system's trusted roots with sslrootcert=system, or change \
                            sslmode to disable server certificate verification.";

impl TlsConfigError {
    /// The SQLSTATE to report: always `08001`.
    pub const fn sqlstate(&self) -> SqlState {
        SqlState::SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION
    }
}

/// Whether an error says that there is no such file.
pub(super) fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}
