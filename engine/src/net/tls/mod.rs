//! TLS, by [rustls].
//!
//! A [`TlsConnector`] makes of [`TlsOptions`] what rustls needs for one connection, and says after the handshake what has
//! come of it. The socket is somebody else's.
//!
//! # What is checked
//!
//! The server must sign the handshake with its certificate's key in every mode. Where there are root certificates, the
//! certificate must lead to one of them; [webpki] finds the path, and checks revocation lists. The host's name is looked
//! for by PostgreSQL's rules, which are not webpki's.
//!
//! # What OpenSSL does, and this does not
//!
//! - TLS 1.0 and 1.1, cipher suites without forward secrecy, and compression.
//! - Certificates with RSA keys below 2048 bits, with keys that are marked for RSA-PSS only, on curves other than P-256 and
//!   P-384, and signatures by SHA-1 or MD5. Where nothing must be verified, signatures do not matter.
//! - A certificate of X.509 version 1, or one that is a certification authority's, if there are others between it and the
//!   root, or if there are revocation lists.
//! - Revocation lists of version 1, delta lists and indirect lists.
//! - Private keys in PEM with the header `Proc-Type: 4,ENCRYPTED`, and keys on hardware tokens.
//!
//! And one thing that OpenSSL does not do: a root certificate need not be self-signed, nor does webpki look at its own
//! validity, since a certificate that stands in the file of roots is believed for that.
//!
//! PostgreSQL manual: [SSL Support](https://www.postgresql.org/docs/current/libpq-ssl.html).

mod certificate;
mod client_certificate;
mod config_error;
mod connector;
mod direct_issue;
mod end_point;
mod error;
mod host_name;
mod info;
mod key_log;
mod options;
mod private_key;
mod revocation;
mod roots;
#[cfg(test)]
mod tests;
mod verifier;
mod version;
mod warning;

pub use config_error::TlsConfigError;
pub use connector::TlsConnector;
pub use direct_issue::DirectIssueError;
pub use error::{CertificateFault, TlsError};
pub use host_name::HostNameError;
pub use info::{ClientCertificate, TlsInfo};
pub use options::{CertificateMode, Negotiation, Roots, TlsOptions, Verification};
pub use private_key::KeyError;
pub use version::TlsVersion;
pub use warning::TlsWarning;
