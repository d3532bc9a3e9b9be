//! Certificates for a server with TLS, made anew for every test.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};

/// A certificate authority, and a server's certificate that it has signed.
///
/// Both keys are on the curve P-256, both signatures are ECDSA with SHA-256: channel binding `tls-server-end-point`
/// hashes the server's certificate with SHA-256 then.
#[derive(Debug, Clone)]
pub struct Certificates {
    /// The authority's certificate, to be trusted by the client. PEM.
    pub ca_pem: String,
    /// The same, DER.
    pub ca_der: Vec<u8>,
    /// The server's certificate. PEM.
    pub server_pem: String,
    /// The same, DER.
    pub server_der: Vec<u8>,
    /// The private key of the server's certificate. PEM.
    pub server_key_pem: String,
}

impl Certificates {
    /// Makes them for the names that a [`Cluster`](crate::Cluster) is reached by: `localhost` and `127.0.0.1`.
    ///
    /// # Panics
    ///
    /// If there is no randomness.
    pub fn new() -> Self {
        Self::for_names(&["localhost", "127.0.0.1"])
    }

    /// Makes them for other names or addresses. The first is the certificate's common name too.
    ///
    /// # Panics
    ///
    /// If `names` is empty, or one of them cannot stand in a certificate.
    pub fn for_names(names: &[&str]) -> Self {
        Self::make(names, ExtendedKeyUsagePurpose::ServerAuth)
    }

    /// Makes them for a client: its certificate is in the place of the server's.
    ///
    /// # Panics
    ///
    /// If there is no randomness.
    pub fn for_clients() -> Self {
        Self::make(&["client"], ExtendedKeyUsagePurpose::ClientAuth)
    }

    fn make(names: &[&str], purpose: ExtendedKeyUsagePurpose) -> Self {
        let mut ca = CertificateParams::default();
        ca.distinguished_name
            .push(DnType::CommonName, "dblink test authority");
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate().unwrap()).unwrap();

        let mut server =
            CertificateParams::new(names.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap();
        server.distinguished_name.push(DnType::CommonName, names[0]);
        server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        server.extended_key_usages = vec![purpose];
        server.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().unwrap();
        let server = server.signed_by(&key, &ca).unwrap();

        Self {
            ca_pem: ca.pem(),
            ca_der: ca.der().to_vec(),
            server_pem: server.pem(),
            server_der: server.der().to_vec(),
            server_key_pem: key.serialize_pem(),
        }
    }
}

impl Default for Certificates {
    fn default() -> Self {
        Self::new()
    }
}
