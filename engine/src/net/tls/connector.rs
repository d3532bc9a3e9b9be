//! One TLS connection, before and after its handshake.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::crypto::ring;
use rustls::pki_types::{DnsName, IpAddr, ServerName};
use rustls::{ClientConfig, ClientConnection, ProtocolVersion, SupportedProtocolVersion, version};

use super::client_certificate::Presenter;
use super::end_point::server_end_point;
use super::key_log::KeyLogFile;
use super::revocation::load_revocation_lists;
use super::roots::load_roots;
use super::verifier::Verifier;
use super::{
    CertificateMode, ClientCertificate, Negotiation, TlsConfigError, TlsError, TlsInfo, TlsOptions,
    TlsVersion, TlsWarning, Verification,
};
use crate::libpq_text::system_text;

/// The application protocol of PostgreSQL.
///
/// [TLS Application-Layer Protocol Negotiation Protocol IDs](https://www.iana.org/assignments/tls-extensiontype-values/tls-extensiontype-values.xhtml#alpn-protocol-ids).
const APPLICATION_PROTOCOL: &[u8] = b"postgresql";

/// All that rustls must know for one connection, and the judge of what it made of it.
///
/// It belongs to one connection, since it remembers what became of the client's certificate. Sessions are not resumed, as
/// PostgreSQL's servers do not resume any either.
///
/// ```no_run
/// use std::net::TcpStream;
///
/// use dblink_engine::net::tls::{Roots, TlsConnector, TlsOptions, Verification};
/// use rustls::ClientConnection;
///
/// let mut options = TlsOptions::new("db.example.com");
/// options.verification = Verification::Full;
/// options.roots = Roots::System;
///
/// // After an SSLRequest that was answered by `S`:
/// let mut socket = TcpStream::connect("db.example.com:5432")?;
/// let connector = TlsConnector::new(&options)?;
/// let mut tls = ClientConnection::new(connector.config(), connector.server_name())?;
/// while tls.is_handshaking() {
///     tls.complete_io(&mut socket).map_err(|error| connector.failed(&error))?;
/// }
/// let info = connector.finished(&tls)?;
/// println!("{} by {}", info.version, info.cipher_suite);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct TlsConnector {
    config: Arc<ClientConfig>,
    server_name: ServerName<'static>,
    presenter: Arc<Presenter>,
    must_present: bool,
    negotiation: Negotiation,
    min: TlsVersion,
    max: TlsVersion,
    warnings: Vec<TlsWarning>,
}

impl TlsConnector {
    /// Reads all files that the options name. That blocks: for some milliseconds with the system's root certificates.
    ///
    /// # Errors
    ///
    /// Fails with SQLSTATE `08001` if a file that must be there is not, or if what it holds cannot be used.
    pub fn new(options: &TlsOptions) -> Result<Self, TlsConfigError> {
        let (min, max) = version_range(options)?;
        let versions: Vec<_> = SPOKEN
            .into_iter()
            .filter(|(version, _)| (min..=max).contains(version))
            .map(|(_, version)| version)
            .collect();
        let host = match options.verification {
            Verification::Full if options.host.is_empty() => return Err(TlsConfigError::NoHost),
            Verification::Full => Some(options.host.clone()),
            Verification::Ca | Verification::IfRoots => None,
        };
        let mut warnings = Vec::new();
        let roots = load_roots(&options.roots, options.verification, &mut warnings)?;
        let revocation_lists = match roots {
            Some(_) => load_revocation_lists(options)?,
            None => None,
        };
        let presenter = Arc::new(Presenter::load(options)?);

        let provider = ring::default_provider();
        let verifier = Verifier {
            algorithms: provider.signature_verification_algorithms,
            roots,
            revocation_lists,
            host,
        };
        let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&versions)
            .map_err(|error| TlsConfigError::Library(error.to_string()))?
            // The name says that a verifier can be wrong. Ours always checks the signature of the handshake.
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_client_cert_resolver(Arc::clone(&presenter) as _);
        config.alpn_protocols = vec![APPLICATION_PROTOCOL.to_vec()];
        config.resumption = Resumption::disabled();
        if let Some(path) = &options.key_log {
            match KeyLogFile::open(path) {
                Ok(file) => config.key_log = Arc::new(file),
                Err(error) => warnings.push(TlsWarning::KeyLog {
                    path: path.clone(),
                    reason: system_text(&error),
                }),
            }
        }
        let indicated = indicated_name(options);
        config.enable_sni = indicated.is_some();
        Ok(Self {
            config: Arc::new(config),
            // The verifier has the host. What stands here is indicated to the server, or used for nothing.
            server_name: indicated.unwrap_or_else(|| ServerName::from(IpAddr::from(Ipv4Addr::UNSPECIFIED))),
            presenter,
            must_present: options.certificate_mode == CertificateMode::Require,
            negotiation: options.negotiation,
            min,
            max,
            warnings,
        })
    }

    /// What to make the connection of.
    pub fn config(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.config)
    }

    /// The name to make the connection with. It is not the name that the certificate is checked for.
    pub fn server_name(&self) -> ServerName<'static> {
        self.server_name.clone()
    }

    /// What the user should know.
    pub fn warnings(&self) -> &[TlsWarning] {
        &self.warnings
    }

    /// What it means that the handshake failed with this error, which wraps one of rustls or comes from the socket.
    pub fn failed(&self, error: &io::Error) -> TlsError {
        TlsError::from_stream(error, self.min, self.max)
    }

    /// Judges the connection after its handshake. Nothing may be sent over it before.
    ///
    /// # Errors
    ///
    /// Fails with SQLSTATE `08001` if TLS began at once and the server does not say that it speaks PostgreSQL's protocol,
    /// and with `28000` if the client's certificate must be shown and was not. That is the end of the attempt: another
    /// method of encryption would not ask for a certificate either.
    pub fn finished(&self, connection: &ClientConnection) -> Result<TlsInfo, TlsError> {
        let is_postgresql = connection.alpn_protocol() == Some(APPLICATION_PROTOCOL);
        if self.negotiation == Negotiation::Direct && !is_postgresql {
            return Err(TlsError::NoApplicationProtocol);
        }
        let certificate = connection
            .peer_certificates()
            .and_then(<[_]>::first)
            .ok_or(TlsError::NoCertificate)?;
        let client_certificate = self.presenter.outcome();
        match client_certificate {
            ClientCertificate::NotRequested if self.must_present => {
                return Err(TlsError::CertificateNotRequested);
            }
            ClientCertificate::NotSent if self.must_present => return Err(TlsError::CertificateNotSent),
            _ => {}
        }
        let suite = connection.negotiated_cipher_suite();
        let suite = suite.and_then(|suite| suite.suite().as_str()).unwrap_or_default();
        Ok(TlsInfo {
            version: match connection.protocol_version() {
                Some(ProtocolVersion::TLSv1_3) => TlsVersion::V1_3,
                _ => TlsVersion::V1_2,
            },
            // rustls puts the version into the names of TLS 1.3.
            cipher_suite: suite.replacen("TLS13_", "TLS_", 1),
            is_postgresql,
            server_end_point: server_end_point(certificate),
            client_certificate,
        })
    }
}

/// The versions that rustls speaks.
const SPOKEN: [(TlsVersion, &SupportedProtocolVersion); 2] = [
    (TlsVersion::V1_2, &version::TLS12),
    (TlsVersion::V1_3, &version::TLS13),
];

fn version_range(options: &TlsOptions) -> Result<(TlsVersion, TlsVersion), TlsConfigError> {
    let max = options.max_version.unwrap_or(TlsVersion::V1_3);
    if options.min_version > max {
        return Err(TlsConfigError::VersionRange);
    }
    if max < TlsVersion::V1_2 {
        return Err(TlsConfigError::OldVersion(max));
    }
    Ok((options.min_version.max(TlsVersion::V1_2), max))
}

/// The name to tell the server; it is told no address, and nothing that looks like one.
///
/// [RFC 6066, section 3](https://www.rfc-editor.org/rfc/rfc6066#section-3).
fn indicated_name(options: &TlsOptions) -> Option<ServerName<'static>> {
    let host = &options.host;
    let is_like_address = host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if !options.server_name_indication || is_like_address {
        return None;
    }
    // This takes no colons, so no addresses of IPv6.
    DnsName::try_from(host.clone()).ok().map(ServerName::DnsName)
}
