//! The client's certificate: read from files, and shown to a server that asks.

use std::fs::{self, Metadata};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::sign::{CertifiedKey, SigningKey};
use zeroize::Zeroizing;

use super::certificate::public_key;
use super::config_error::is_absent;
use super::private_key::decode_key;
use super::{CertificateMode, ClientCertificate, KeyError, TlsConfigError, TlsOptions};
use crate::libpq_text::system_text;

/// Shows the client's certificate, if there is one, and remembers what happened.
#[derive(Debug)]
pub(super) struct Presenter {
    certificate: Option<Arc<CertifiedKey>>,
    is_requested: AtomicBool,
    is_sent: AtomicBool,
}

impl Presenter {
    /// Reads the certificate and its key. A certificate whose file is not there is none.
    pub(super) fn load(options: &TlsOptions) -> Result<Self, TlsConfigError> {
        Ok(Self {
            certificate: load(options)?.map(Arc::new),
            is_requested: AtomicBool::new(false),
            is_sent: AtomicBool::new(false),
        })
    }

    /// What happened to the certificate in the handshake.
    pub(super) fn outcome(&self) -> ClientCertificate {
        if self.is_sent.load(Ordering::Relaxed) {
            ClientCertificate::Sent
        } else if self.is_requested.load(Ordering::Relaxed) {
            ClientCertificate::NotSent
        } else {
            ClientCertificate::NotRequested
        }
    }
}

impl ResolvesClientCert for Presenter {
    fn resolve(
        &self,
        _root_hint_subjects: &[&[u8]],
        schemes: &[SignatureScheme],
    ) -> Option<Arc<CertifiedKey>> {
        self.is_requested.store(true, Ordering::Relaxed);
        let certificate = self.certificate.as_ref()?;
        // Without a scheme of signatures that both sides know, rustls sends none.
        certificate.key.choose_scheme(schemes)?;
        self.is_sent.store(true, Ordering::Relaxed);
        Some(Arc::clone(certificate))
    }

    fn has_certs(&self) -> bool {
        self.certificate.is_some()
    }
}

fn load(options: &TlsOptions) -> Result<Option<CertifiedKey>, TlsConfigError> {
    let Some(path) = options
        .certificate
        .as_ref()
        .filter(|_| options.certificate_mode != CertificateMode::Disable)
    else {
        return Ok(None);
    };
    match fs::metadata(path) {
        Ok(_) => {}
        Err(error) if is_absent(&error) => return Ok(None),
        Err(error) => {
            return Err(TlsConfigError::OpenCertificate {
                path: path.clone(),
                reason: system_text(&error),
            });
        }
    }
    let chain = load_chain(path).map_err(|reason| TlsConfigError::ReadCertificate {
        path: path.clone(),
        reason,
    })?;
    let key_path = options.key.as_deref().unwrap_or_else(|| Path::new(""));
    let key = load_key(key_path, options)?;
    if !belong_together(&chain, key.as_ref()) {
        return Err(TlsConfigError::KeyMismatch(key_path.into()));
    }
    Ok(Some(CertifiedKey::new(chain, key)))
}

fn load_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let pem = fs::read(path).map_err(|error| system_text(&error))?;
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|error| error.to_string())?;
    if chain.is_empty() {
        return Err(String::from("no certificate found"));
    }
    Ok(chain)
}

fn load_key(path: &Path, options: &TlsOptions) -> Result<Arc<dyn SigningKey>, TlsConfigError> {
    let metadata = fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => TlsConfigError::NoKey(path.into()),
        _ => TlsConfigError::StatKey {
            path: path.into(),
            reason: system_text(&error),
        },
    })?;
    if !metadata.is_file() {
        return Err(TlsConfigError::KeyNotRegular(path.into()));
    }
    if others_have_access(&metadata) {
        return Err(TlsConfigError::KeyPermissions(path.into()));
    }
    let unusable = |error| TlsConfigError::Key {
        path: path.into(),
        error,
    };
    let content = fs::read(path).map_err(|error| unusable(KeyError::Io(system_text(&error))))?;
    let content = Zeroizing::new(content);
    decode_key(&content, options.passphrase.as_ref()).map_err(unusable)
}

/// A key of root's may be readable for a group, so that programs can share what the administrator has set up.
#[cfg(unix)]
fn others_have_access(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    let forbidden = if metadata.uid() == 0 { 0o037 } else { 0o077 };
    metadata.mode() & forbidden != 0
}

#[cfg(not(unix))]
fn others_have_access(_metadata: &Metadata) -> bool {
    false
}

fn belong_together(chain: &[CertificateDer<'_>], key: &dyn SigningKey) -> bool {
    let of_certificate = chain.first().and_then(|certificate| public_key(certificate).ok());
    key.public_key().is_some_and(|key| Some(key) == of_certificate)
}
