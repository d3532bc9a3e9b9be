//! What is asked of the server's certificate.

use std::error::Error;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, OtherError, PeerMisbehaved, SignatureScheme};
use webpki::{
    CertRevocationList, EndEntityCert, ExpirationPolicy, KeyUsage, RawPublicKeyEntity, RevocationCheckDepth,
    RevocationOptionsBuilder, UnknownStatusPolicy,
};

use super::certificate::public_key;
use super::direct_issue::{DirectIssueError, verify_direct_issue};
use super::host_name::HostNames;
use super::roots::TrustedRoots;

/// Verifies the path from the server's certificate to a root, then the host's name, each where it is asked for; and always
/// that the server has the certificate's key.
#[derive(Debug)]
pub(super) struct Verifier {
    /// The signatures that are understood.
    pub(super) algorithms: WebPkiSupportedAlgorithms,
    /// Where the path must end; without them there need not be one.
    pub(super) roots: Option<TrustedRoots>,
    /// If there are any, each certificate of the path must be covered by one that is not too old.
    pub(super) revocation_lists: Option<Vec<CertRevocationList<'static>>>,
    /// The host that the certificate must have been issued for.
    pub(super) host: Option<String>,
}

impl Verifier {
    fn verify_path(
        &self,
        roots: &TrustedRoots,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), CertificateError> {
        let lists: Vec<_> = self.revocation_lists.iter().flatten().collect();
        let revocation = RevocationOptionsBuilder::new(&lists).ok().map(|builder| {
            builder
                .with_depth(RevocationCheckDepth::Chain)
                .with_status_policy(UnknownStatusPolicy::Deny)
                .with_expiration_policy(ExpirationPolicy::Enforce)
                .build()
        });
        let outcome = EndEntityCert::try_from(certificate).and_then(|certificate| {
            certificate
                .verify_for_usage(
                    self.algorithms.all,
                    &roots.anchors,
                    intermediates,
                    now,
                    KeyUsage::server_auth(),
                    revocation,
                    None,
                )
                .map(drop)
        });
        match outcome {
            Err(webpki::Error::UnsupportedCertVersion | webpki::Error::CaUsedAsEndEntity) => {
                if !lists.is_empty() {
                    return Err(refusal(DirectIssueError::RevocationLists));
                }
                verify_direct_issue(certificate, &roots.certificates, self.algorithms.all, now)
            }
            outcome => outcome.map_err(path_error),
        }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if let Some(roots) = &self.roots {
            self.verify_path(roots, end_entity, intermediates, now)?;
        }
        if let Some(host) = &self.host {
            HostNames::of(end_entity)?.check(host).map_err(refusal)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let mapping = self
            .algorithms
            .mapping
            .iter()
            .find(|(scheme, _)| *scheme == signed.scheme);
        let (_, candidates) = mapping.ok_or(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme)?;
        let key = public_key(certificate)?;
        let key = RawPublicKeyEntity::try_from(&key).map_err(path_error)?;
        // TLS 1.2 does not say on which curve a signature is.
        let is_valid = candidates.iter().any(|algorithm| {
            key.verify_signature(*algorithm, message, signed.signature())
                .is_ok()
        });
        if is_valid {
            Ok(HandshakeSignatureValid::assertion())
        } else {
            Err(CertificateError::BadSignature.into())
        }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let key = public_key(certificate)?;
        verify_tls13_signature_with_raw_key(message, &key, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// An error of ours, on its way through rustls.
pub(super) fn refusal(error: impl Error + Send + Sync + 'static) -> CertificateError {
    CertificateError::Other(OtherError(Arc::new(error)))
}

/// webpki's error as one of rustls, which picks the alert to send by it.
fn path_error(error: webpki::Error) -> CertificateError {
    use webpki::Error;
    match error {
        Error::BadDer | Error::BadDerTime | Error::TrailingData(_) => CertificateError::BadEncoding,
        Error::CertNotValidYet { .. } => CertificateError::NotValidYet,
        Error::CertExpired { .. } | Error::InvalidCertValidity => CertificateError::Expired,
        Error::UnknownIssuer => CertificateError::UnknownIssuer,
        Error::CertRevoked => CertificateError::Revoked,
        Error::UnknownRevocationStatus => CertificateError::UnknownRevocationStatus,
        Error::CrlExpired { .. } => CertificateError::ExpiredRevocationList,
        Error::InvalidSignatureForPublicKey => CertificateError::BadSignature,
        Error::RequiredEkuNotFoundContext(_) => CertificateError::InvalidPurpose,
        other => refusal(other),
    }
}
