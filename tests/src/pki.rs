//! Certificates that differ from those of [`tls`](crate::tls): for clients, expired ones, revoked ones.

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertificateRevocationListParams, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams,
    SerialNumber, date_time_ymd,
};

use crate::tls::Certificates;

/// A certification authority. The keys that it certifies are on the curve P-256.
#[derive(Debug)]
pub struct Authority {
    params: CertificateParams,
    key: KeyPair,
    certificate: Certificate,
}

/// A certificate with its key, both as PEM.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The certificate.
    pub certificate: String,
    /// The key, as PKCS #8.
    pub key: String,
}

impl Authority {
    /// Makes one of this name, with a key on the curve P-256.
    ///
    /// # Panics
    ///
    /// If there is no randomness.
    pub fn new(name: &str) -> Self {
        Self::with_key(name, KeyPair::generate().unwrap())
    }

    /// Makes one with this key, which decides by what algorithm it signs.
    ///
    /// # Panics
    ///
    /// If the name cannot stand in a certificate.
    pub fn with_key(name: &str, key: KeyPair) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key).unwrap();
        Self {
            params,
            key,
            certificate,
        }
    }

    /// Its own certificate, as PEM.
    pub fn pem(&self) -> String {
        self.certificate.pem()
    }

    /// A server's certificate for these names or addresses, after `change`.
    ///
    /// # Panics
    ///
    /// If one of the names cannot stand in a certificate.
    pub fn server(&self, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Certificates {
        let params = server_params(names, change);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer()).unwrap();
        Certificates {
            ca_pem: self.pem(),
            ca_der: self.certificate.der().to_vec(),
            server_pem: certificate.pem(),
            server_der: certificate.der().to_vec(),
            server_key_pem: key.serialize_pem(),
        }
    }

    /// A client's certificate for this user.
    ///
    /// # Panics
    ///
    /// If there is no randomness.
    pub fn client(&self, user: &str) -> Identity {
        self.client_with_key(user, &KeyPair::generate().unwrap())
    }

    /// A client's certificate for this user and this key.
    ///
    /// # Panics
    ///
    /// If the name cannot stand in a certificate.
    pub fn client_with_key(&self, user: &str, key: &KeyPair) -> Identity {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, user);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        Identity {
            certificate: params.signed_by(key, &self.issuer()).unwrap().pem(),
            key: key.serialize_pem(),
        }
    }

    /// A revocation list of these serial numbers, the next of which is due in January of the year `next`. PEM.
    ///
    /// # Panics
    ///
    /// If there is no such year.
    pub fn revoke(&self, serials: &[u64], next: i32) -> String {
        let revoked = |serial: &u64| RevokedCertParams {
            serial_number: SerialNumber::from(*serial),
            revocation_time: date_time_ymd(2020, 1, 1),
            reason_code: None,
            invalidity_date: None,
        };
        let params = CertificateRevocationListParams {
            this_update: date_time_ymd(2020, 1, 1),
            next_update: date_time_ymd(next, 1, 1),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: serials.iter().map(revoked).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params.signed_by(&self.issuer()).unwrap().pem().unwrap()
    }

    fn issuer(&self) -> Issuer<'_, &KeyPair> {
        Issuer::from_params(&self.params, &self.key)
    }
}

/// A server's certificate that has issued itself. It stands in the place of the authority's, too.
///
/// # Panics
///
/// If one of the names cannot stand in a certificate.
pub fn self_signed(names: &[&str]) -> Certificates {
    let key = KeyPair::generate().unwrap();
    let certificate = server_params(names, |_| {}).self_signed(&key).unwrap();
    Certificates {
        ca_pem: certificate.pem(),
        ca_der: certificate.der().to_vec(),
        server_pem: certificate.pem(),
        server_der: certificate.der().to_vec(),
        server_key_pem: key.serialize_pem(),
    }
}

fn server_params(names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> CertificateParams {
    let names: Vec<_> = names.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params
        .distinguished_name
        .push(DnType::CommonName, "a server of dblink's tests");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    change(&mut params);
    params
}
