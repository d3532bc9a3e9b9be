//! Certificates that webpki does not look at, but that OpenSSL takes, and that people have.
//!
//! webpki refuses a server's certificate of X.509 version 1, which is what `openssl x509 -req` makes if it is told of no
//! extensions, and one that is marked as a certification authority's, which is what `openssl req -x509` makes. Both are all
//! over the guides to PostgreSQL. They are taken here if one of the root certificates has issued them, or is them: then
//! there is no path to be found, and only one signature to be checked.

use rustls::CertificateError;
use rustls::pki_types::{CertificateDer, SignatureVerificationAlgorithm, SubjectPublicKeyInfoDer, UnixTime};
use webpki::RawPublicKeyEntity;
use x509_cert::certificate::Version;
use x509_cert::der::oid::db::rfc5280;
use x509_cert::der::{Decode, Encode, Reader, SliceReader};
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage};
use x509_cert::{Certificate, TbsCertificate};

use super::certificate::parse;

/// A certificate that is taken only if one of the root certificates has issued it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DirectIssueError {
    /// None of them has.
    #[error(
        "unable to get local issuer certificate (a certificate of X.509 version 1, or of a certification authority, must be issued by one of the root certificates itself)"
    )]
    NotByRoot,
    /// One has, but may have revoked it.
    #[error(
        "certificate revocation lists cannot be checked for a certificate of X.509 version 1, or of a certification authority"
    )]
    RevocationLists,
}

/// Verifies the certificate of a server that a root certificate has issued, or is.
pub(super) fn verify_direct_issue(
    certificate: &CertificateDer<'_>,
    roots: &[CertificateDer<'_>],
    algorithms: &[&dyn SignatureVerificationAlgorithm],
    now: UnixTime,
) -> Result<(), CertificateError> {
    let parsed = parse(certificate)?;
    check_form(parsed.tbs_certificate(), now)?;
    if parsed.tbs_certificate().issuer() == parsed.tbs_certificate().subject() && roots.contains(certificate)
    {
        return Ok(());
    }
    let mut outcome = Err(super::verifier::refusal(DirectIssueError::NotByRoot));
    for root in roots {
        let root = parse(root)?;
        if root.tbs_certificate().subject() != parsed.tbs_certificate().issuer() {
            continue;
        }
        outcome = check_issuer(root.tbs_certificate(), now)
            .and_then(|()| check_signature(certificate, &parsed, &root, algorithms));
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}

/// Checks what holds for every certificate on a path to a server.
fn check_form(certificate: &TbsCertificate, now: UnixTime) -> Result<(), CertificateError> {
    let validity = certificate.validity();
    if now.as_secs() < validity.not_before.to_unix_duration().as_secs() {
        return Err(CertificateError::NotValidYet);
    }
    if now.as_secs() > validity.not_after.to_unix_duration().as_secs() {
        return Err(CertificateError::Expired);
    }
    let understood = [
        rfc5280::ID_CE_BASIC_CONSTRAINTS,
        rfc5280::ID_CE_KEY_USAGE,
        rfc5280::ID_CE_EXT_KEY_USAGE,
        rfc5280::ID_CE_SUBJECT_ALT_NAME,
    ];
    let mut extensions = certificate.extensions().into_iter().flatten();
    if extensions.any(|extension| extension.critical && !understood.contains(&extension.extn_id)) {
        return Err(CertificateError::UnhandledCriticalExtension);
    }
    match extension::<ExtendedKeyUsage>(certificate)? {
        Some(usage) if !usage.0.contains(&rfc5280::ID_KP_SERVER_AUTH) => {
            Err(CertificateError::InvalidPurpose)
        }
        _ => Ok(()),
    }
}

/// Checks that this one may issue certificates. Version 1 has no means to say so.
fn check_issuer(root: &TbsCertificate, now: UnixTime) -> Result<(), CertificateError> {
    check_form(root, now)?;
    let mut extensions = root.extensions().into_iter().flatten();
    if extensions.any(|extension| extension.extn_id == rfc5280::ID_CE_NAME_CONSTRAINTS) {
        return Err(CertificateError::UnhandledCriticalExtension);
    }
    let is_authority = match extension::<BasicConstraints>(root)? {
        Some(constraints) => constraints.ca,
        None => root.version() == Version::V1,
    };
    let may_sign = extension::<KeyUsage>(root)?.is_none_or(|usage| usage.key_cert_sign());
    if is_authority && may_sign {
        Ok(())
    } else {
        Err(CertificateError::InvalidPurpose)
    }
}

fn check_signature(
    der: &CertificateDer<'_>,
    certificate: &Certificate,
    issuer: &Certificate,
    algorithms: &[&dyn SignatureVerificationAlgorithm],
) -> Result<(), CertificateError> {
    let malformed = |_| CertificateError::BadEncoding;
    let signed = signed_part(der).map_err(malformed)?;
    let signature = certificate
        .signature()
        .as_bytes()
        .ok_or(CertificateError::BadEncoding)?;
    let key = issuer
        .tbs_certificate()
        .subject_public_key_info()
        .to_der()
        .map_err(malformed)?;
    let key = SubjectPublicKeyInfoDer::from(key);
    let key = RawPublicKeyEntity::try_from(&key).map_err(|_| CertificateError::BadEncoding)?;
    // What is signed names the algorithm, too, so that nobody can pass it off as another one.
    if certificate.signature_algorithm() != certificate.tbs_certificate().signature() {
        return Err(CertificateError::BadSignature);
    }
    let wanted = certificate.signature_algorithm().to_der().map_err(malformed)?;
    let verified = algorithms
        .iter()
        // The identifiers of rustls lack the header of their sequence.
        .filter(|algorithm| wanted.get(2..) == Some(algorithm.signature_alg_id().as_ref()))
        .any(|algorithm| key.verify_signature(*algorithm, signed, signature).is_ok());
    if verified {
        Ok(())
    } else {
        Err(CertificateError::BadSignature)
    }
}

/// The bytes that the signature covers.
fn signed_part<'a>(certificate: &'a CertificateDer<'_>) -> Result<&'a [u8], x509_cert::der::Error> {
    SliceReader::new(certificate)?.sequence(|reader| {
        let signed = reader.tlv_bytes()?;
        reader.read_slice(reader.remaining_len())?;
        Ok(signed)
    })
}

/// An extension that may stand there once.
fn extension<'a, T>(certificate: &'a TbsCertificate) -> Result<Option<T>, CertificateError>
where
    T: Decode<'a> + x509_cert::der::oid::AssociatedOid,
{
    certificate
        .get_extension()
        .map(|extension| extension.map(|(_, value)| value))
        .map_err(|_| CertificateError::BadEncoding)
}
