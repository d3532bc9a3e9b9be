//! Certificates, made as they are needed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType, IsCa, Issuer, KeyIdMethod,
    KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber, SigningKey, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use x509_cert::der::asn1::{AnyRef, BitString};
use x509_cert::der::{Any, Decode, Encode, Reader, SliceReader, Tag};

/// A certification authority.
pub(super) struct Authority {
    params: CertificateParams,
    key: KeyPair,
    pub(super) certificate: rcgen::Certificate,
}

/// A certificate with its key.
pub(super) struct Identity {
    pub(super) certificate: CertificateDer<'static>,
    pub(super) key: KeyPair,
}

impl Authority {
    pub(super) fn new(name: &str) -> Self {
        Self::with_key(name, KeyPair::generate().unwrap())
    }

    pub(super) fn with_key(name: &str, key: KeyPair) -> Self {
        let params = authority_params(name);
        let certificate = params.self_signed(&key).unwrap();
        Self {
            params,
            key,
            certificate,
        }
    }

    /// An authority below this one.
    pub(super) fn subordinate(&self, name: &str) -> Self {
        let params = authority_params(name);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer()).unwrap();
        Self {
            params,
            key,
            certificate,
        }
    }

    pub(super) fn issuer(&self) -> Issuer<'_, &KeyPair> {
        Issuer::from_params(&self.params, &self.key)
    }

    /// A certificate for these hosts.
    pub(super) fn issue(&self, hosts: &[&str]) -> Identity {
        self.issue_with(hosts, |_| {})
    }

    /// A certificate for these hosts that differs from others.
    pub(super) fn issue_with(&self, hosts: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Identity {
        self.issue_for(KeyPair::generate().unwrap(), hosts, change)
    }

    /// A certificate for this key.
    pub(super) fn issue_for(
        &self,
        key: KeyPair,
        hosts: &[&str],
        change: impl FnOnce(&mut CertificateParams),
    ) -> Identity {
        let mut params = leaf_params(hosts);
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer()).unwrap().into();
        Identity { certificate, key }
    }

    /// A certificate of X.509 version 1: without extensions, so also without names of hosts besides the common name.
    pub(super) fn issue_version_1(&self, change: impl FnOnce(&mut CertificateParams)) -> Identity {
        let Identity { certificate, key } = self.issue_with(&[], change);
        let certificate = version_1(&certificate, &self.key, None);
        Identity { certificate, key }
    }

    /// A certificate of X.509 version 1 whose signed part has the identifier of another algorithm of signatures.
    pub(super) fn issue_with_algorithm(&self, algorithm: &[u8]) -> Identity {
        let Identity { certificate, key } = self.issue(&[]);
        let certificate = version_1(&certificate, &self.key, Some(algorithm));
        Identity { certificate, key }
    }

    /// This authority's certificate as one of X.509 version 1.
    pub(super) fn certificate_version_1(&self) -> CertificateDer<'static> {
        version_1(self.certificate.der(), &self.key, None)
    }

    /// A revocation list of these serial numbers, the next of which is due in January of this year.
    pub(super) fn revoke(&self, serials: &[u64], next_update: i32) -> String {
        let params = CertificateRevocationListParams {
            this_update: date_time_ymd(2020, 1, 1),
            next_update: date_time_ymd(next_update, 1, 1),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: serials
                .iter()
                .map(|serial| RevokedCertParams {
                    serial_number: SerialNumber::from(*serial),
                    revocation_time: date_time_ymd(2020, 1, 1),
                    reason_code: None,
                    invalidity_date: None,
                })
                .collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params.signed_by(&self.issuer()).unwrap().pem().unwrap()
    }

    pub(super) fn pem(&self) -> String {
        self.certificate.pem()
    }
}

impl Identity {
    /// A certificate that has issued itself.
    pub(super) fn self_signed(hosts: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = leaf_params(hosts);
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap().into();
        Self { certificate, key }
    }

    pub(super) fn key_der(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::try_from(self.key.serialize_der()).unwrap()
    }

    /// The certificate as PEM.
    pub(super) fn pem(&self) -> String {
        pem_of(&self.certificate)
    }
}

pub(super) fn pem_of(certificate: &CertificateDer<'_>) -> String {
    use base64::Engine;
    let text = base64::prelude::BASE64_STANDARD.encode(certificate);
    format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
}

/// The certificate again, but without its version and its extensions.
fn version_1(
    certificate: &CertificateDer<'_>,
    issuer: &KeyPair,
    signed_algorithm: Option<&[u8]>,
) -> CertificateDer<'static> {
    let mut fields: Vec<_> = elements(elements(certificate)[0])
        .into_iter()
        .filter(|field| ![0xa0, 0xa3].contains(&field[0]))
        .collect();
    if let Some(algorithm) = signed_algorithm {
        fields[1] = algorithm;
    }
    let signed = sequence(&fields);
    let algorithm = elements(certificate)[1];
    let signature = BitString::from_bytes(&issuer.sign(&signed).unwrap()).unwrap();
    let signature = signature.to_der().unwrap();
    sequence(&[&signed, algorithm, &signature]).into()
}

/// The elements of a sequence in DER.
pub(super) fn elements(der: &[u8]) -> Vec<&[u8]> {
    let content = AnyRef::from_der(der).unwrap().value();
    let mut reader = SliceReader::new(content).unwrap();
    let mut elements = Vec::new();
    while !reader.is_finished() {
        elements.push(reader.tlv_bytes().unwrap());
    }
    elements
}

/// A sequence of elements in DER.
pub(super) fn sequence(elements: &[&[u8]]) -> Vec<u8> {
    Any::new(Tag::Sequence, elements.concat())
        .unwrap()
        .to_der()
        .unwrap()
}

fn authority_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn leaf_params(hosts: &[&str]) -> CertificateParams {
    let hosts: Vec<_> = hosts.iter().copied().map(String::from).collect();
    let mut params = CertificateParams::new(hosts).unwrap();
    params
        .distinguished_name
        .push(DnType::CommonName, "common.example");
    params
}

/// A directory of files that goes away.
pub(super) struct Files(tempfile::TempDir);

impl Files {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(super) fn directory(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file that only its owner can read.
    pub(super) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }
}
