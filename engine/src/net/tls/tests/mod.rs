//! Handshakes with a server of rustls, in memory.

mod client_certificate;
mod direct_issue;
mod end_point;
mod host_name;
mod negotiation;
mod pki;
mod private_key;
mod revocation;
mod system_roots;
mod verification;

use std::io;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::server::WebPkiClientVerifier;
use rustls::version::{TLS12, TLS13};
use rustls::{
    ClientConnection, ConnectionCommon, RootCertStore, ServerConfig, ServerConnection,
    SupportedProtocolVersion,
};

use super::{Roots, TlsConnector, TlsError, TlsInfo, TlsOptions, Verification};
use pki::{Authority, Identity};

/// What a server speaks that speaks TLS 1.2 only.
static ONLY_1_2: Versions = &[&TLS12];
/// What a server speaks that speaks TLS 1.3 only.
static ONLY_1_3: Versions = &[&TLS13];
/// The two versions work differently, so most things are tried with both.
static EACH_VERSION: [Versions; 2] = [&[&TLS12], &[&TLS13]];

type Versions = &'static [&'static SupportedProtocolVersion];

/// How the server behaves.
struct Server<'a> {
    identity: &'a Identity,
    intermediates: Vec<CertificateDer<'static>>,
    versions: Versions,
    application_protocols: &'a [&'a [u8]],
    /// Asks for certificates of this authority, and takes no others.
    client_authority: Option<&'a Authority>,
    /// Goes on without a certificate.
    client_certificate_optional: bool,
}

impl<'a> Server<'a> {
    fn new(identity: &'a Identity) -> Self {
        Self {
            identity,
            intermediates: Vec::new(),
            versions: rustls::ALL_VERSIONS,
            application_protocols: &[b"postgresql"],
            client_authority: None,
            client_certificate_optional: false,
        }
    }

    fn config(&self) -> Arc<ServerConfig> {
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(self.versions)
            .unwrap();
        let builder = match self.client_authority {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let mut roots = RootCertStore::empty();
                roots.add(authority.certificate.der().clone()).unwrap();
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                let verifier = match self.client_certificate_optional {
                    true => verifier.allow_unauthenticated(),
                    false => verifier,
                };
                builder.with_client_cert_verifier(verifier.build().unwrap())
            }
        };
        let mut chain = vec![self.identity.certificate.clone()];
        chain.extend(self.intermediates.iter().cloned());
        let key = ring::sign::any_supported_type(&self.identity.key_der()).unwrap();
        let certificate = rustls::sign::CertifiedKey::new(chain, key);
        let mut config =
            builder.with_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(certificate)));
        config.alpn_protocols = self
            .application_protocols
            .iter()
            .map(|name| name.to_vec())
            .collect();
        Arc::new(config)
    }
}

/// What the two sides make of a handshake.
struct Outcome {
    client: Result<TlsInfo, TlsError>,
    server: Result<(), rustls::Error>,
    indicated: Option<String>,
}

impl Outcome {
    /// The text of the client's error.
    fn error(self) -> String {
        self.client.unwrap_err().to_string()
    }
}

fn shake_hands(options: &TlsOptions, server: &Server<'_>) -> Outcome {
    let connector = TlsConnector::new(options).unwrap();
    let mut client = ClientConnection::new(connector.config(), connector.server_name()).unwrap();
    let mut server = ServerConnection::new(server.config()).unwrap();
    let (client_outcome, server_outcome) = exchange(&mut client, &mut server);
    let client_outcome = match client_outcome {
        Ok(()) => connector.finished(&client),
        // As the streams over rustls do it.
        Err(error) => Err(connector.failed(&io::Error::new(io::ErrorKind::InvalidData, error))),
    };
    Outcome {
        client: client_outcome,
        server: server_outcome,
        indicated: server.server_name().map(String::from),
    }
}

/// Moves bytes until nobody has any more to say.
fn exchange(
    client: &mut ClientConnection,
    server: &mut ServerConnection,
) -> (Result<(), rustls::Error>, Result<(), rustls::Error>) {
    let mut client_outcome = Ok(());
    let mut server_outcome = Ok(());
    while client.wants_write() || server.wants_write() {
        let mut bytes = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut bytes).unwrap();
        }
        if server_outcome.is_ok() {
            server_outcome = receive(server, &bytes);
        }
        let mut bytes = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut bytes).unwrap();
        }
        if client_outcome.is_ok() {
            client_outcome = receive(client, &bytes);
        }
    }
    (client_outcome, server_outcome)
}

fn receive<Side>(connection: &mut ConnectionCommon<Side>, mut bytes: &[u8]) -> Result<(), rustls::Error> {
    while !bytes.is_empty() {
        connection.read_tls(&mut bytes).unwrap();
    }
    connection.process_new_packets().map(drop)
}

/// Options that verify the certificate of the host by this authority.
fn options(host: &str, verification: Verification, authority: &Authority) -> TlsOptions {
    let mut options = TlsOptions::new(host);
    options.verification = verification;
    options.roots = Roots::Pem(authority.pem().into_bytes());
    options
}
