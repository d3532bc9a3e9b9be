//! What a user should know of a TLS connection that comes about nevertheless.

use std::path::PathBuf;

/// Something that does not work as it was asked for, without being an obstacle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TlsWarning {
    /// The keys will not be logged.
    #[error("could not open SSL key logging file \"{}\": {reason}", .path.display())]
    KeyLog {
        /// The file.
        path: PathBuf,
        /// Why it cannot be opened.
        reason: String,
    },
    /// The user has named a file of root certificates that is not there. libpq does not tell.
    #[error("root certificate file \"{}\" does not exist, so the server's certificate is not verified", .0.display())]
    NotVerified(PathBuf),
}
