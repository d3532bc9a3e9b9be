//! Reading of root certificates.

use std::fs;
use std::path::Path;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, TrustAnchor};

use super::config_error::is_absent;
use super::{Roots, TlsConfigError, TlsWarning, Verification};
use crate::libpq_text::system_text;

/// The certificates that a server's certificate must lead to.
#[derive(Debug)]
pub(super) struct TrustedRoots {
    /// What webpki wants to know of them.
    pub(super) anchors: Vec<TrustAnchor<'static>>,
    /// They themselves.
    pub(super) certificates: Vec<CertificateDer<'static>>,
}

/// The root certificates, or `None` where there are none and none are needed.
pub(super) fn load_roots(
    roots: &Roots,
    verification: Verification,
    warnings: &mut Vec<TlsWarning>,
) -> Result<Option<TrustedRoots>, TlsConfigError> {
    let path = match roots {
        Roots::System => return system_roots().map(Some),
        Roots::Pem(pem) => return decode(pem).map(Some).map_err(TlsConfigError::PemRoots),
        Roots::File(path) | Roots::DefaultFile(Some(path)) => path,
        Roots::DefaultFile(None) if verification == Verification::IfRoots => return Ok(None),
        Roots::DefaultFile(None) => return Err(TlsConfigError::NoHome),
    };
    match fs::read(path) {
        Ok(pem) => decode(&pem).map(Some).map_err(|reason| unreadable(path, reason)),
        Err(error) if !is_absent(&error) => Err(unreadable(path, system_text(&error))),
        Err(_) if verification != Verification::IfRoots => Err(TlsConfigError::NoRoots(path.clone())),
        Err(_) => {
            if matches!(roots, Roots::File(_)) {
                warnings.push(TlsWarning::NotVerified(path.clone()));
            }
            Ok(None)
        }
    }
}

fn unreadable(path: &Path, reason: String) -> TlsConfigError {
    TlsConfigError::Roots {
        path: path.into(),
        reason,
    }
}

fn decode(pem: &[u8]) -> Result<TrustedRoots, String> {
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|error| error.to_string())?;
    if certificates.is_empty() {
        return Err(String::from("no certificate or crl found"));
    }
    let anchors = certificates
        .iter()
        .map(|certificate| Ok(webpki::anchor_from_trusted_cert(certificate)?.to_owned()))
        .collect::<Result<_, webpki::Error>>()
        .map_err(|error| error.to_string())?;
    Ok(TrustedRoots {
        anchors,
        certificates,
    })
}

/// The operating system's root certificates. One that cannot be used does not spoil the others.
fn system_roots() -> Result<TrustedRoots, TlsConfigError> {
    let found = rustls_native_certs::load_native_certs();
    let anchors: Vec<_> = found
        .certs
        .iter()
        .filter_map(|certificate| webpki::anchor_from_trusted_cert(certificate).ok())
        .map(|anchor| anchor.to_owned())
        .collect();
    if anchors.is_empty() {
        let reason = found.errors.first().map(ToString::to_string);
        return Err(TlsConfigError::SystemRoots(
            reason.unwrap_or_else(|| String::from("no certificates found")),
        ));
    }
    Ok(TrustedRoots {
        anchors,
        certificates: found.certs,
    })
}
