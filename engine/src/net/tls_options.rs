//! What a user asked for, in the words of TLS.

use super::tls::{CertificateMode, Negotiation, Roots, TlsOptions, Verification};
use crate::conninfo::{
    Config, HostKind, HostSpec, Keyword, RootCert, Source, SslCertMode, SslMode, SslNegotiation,
};

/// The options for a connection to `host`.
pub(super) fn of(config: &Config, host: &HostSpec) -> TlsOptions {
    let given = &config.tls;
    let name = match host.kind {
        HostKind::Name | HostKind::Address => host.host.as_str(),
        HostKind::UnixSocket => "",
    };
    let mut options = TlsOptions::new(name);
    options.verification = match given.mode {
        SslMode::VerifyFull => Verification::Full,
        SslMode::VerifyCa => Verification::Ca,
        _ => Verification::IfRoots,
    };
    options.roots = match &given.root_cert {
        Some(RootCert::System) => Roots::System,
        Some(RootCert::File(path)) if is_given(config) => Roots::File(path.clone()),
        Some(RootCert::File(path)) => Roots::DefaultFile(Some(path.clone())),
        None => Roots::DefaultFile(None),
    };
    options.revocation_file.clone_from(&given.crl);
    options.revocation_directory.clone_from(&given.crl_folder);
    options.certificate.clone_from(&given.cert);
    options.key.clone_from(&given.key);
    options.passphrase.clone_from(&given.key_password);
    options.certificate_mode = match given.cert_mode {
        SslCertMode::Disable => CertificateMode::Disable,
        SslCertMode::Allow => CertificateMode::Allow,
        SslCertMode::Require => CertificateMode::Require,
    };
    options.server_name_indication = given.sni;
    if let Some(version) = given.min_version {
        options.min_version = version;
    }
    options.max_version = given.max_version;
    options.negotiation = match given.negotiation {
        SslNegotiation::Postgres => Negotiation::Postgres,
        SslNegotiation::Direct => Negotiation::Direct,
    };
    options.key_log.clone_from(&given.key_log);
    options
}

/// Whether the file of roots was named by somebody.
fn is_given(config: &Config) -> bool {
    let setting = config.setting(Keyword::Sslrootcert);
    setting.is_some_and(|setting| *setting.source() != Source::Default && !setting.expose().is_empty())
}
