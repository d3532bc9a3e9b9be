//! Reading of certificate revocation lists.

use std::fs;
use std::path::Path;

use rustls::pki_types::CertificateRevocationListDer;
use rustls::pki_types::pem::PemObject;
use webpki::{CertRevocationList, OwnedCertRevocationList};

use super::config_error::is_absent;
use super::{TlsConfigError, TlsOptions};
use crate::libpq_text::system_text;

/// The lists to check every certificate with, or `None` if revocation is not checked.
///
/// As in libpq a file that is not there is no list, and a directory that is not there is one without lists. A file that is
/// there counts: libpq goes on without one that it cannot read.
pub(super) fn load_revocation_lists(
    options: &TlsOptions,
) -> Result<Option<Vec<CertRevocationList<'static>>>, TlsConfigError> {
    let mut lists = Vec::new();
    if let Some(path) = &options.revocation_file {
        lists.extend(read(path)?);
    }
    if let Some(directory) = &options.revocation_directory {
        for path in hashed_names(directory)? {
            lists.extend(read(&path)?);
        }
        if lists.is_empty() {
            return Err(TlsConfigError::NoRevocationLists(directory.clone()));
        }
    }
    Ok((!lists.is_empty()).then_some(lists))
}

fn read(path: &Path) -> Result<Vec<CertRevocationList<'static>>, TlsConfigError> {
    let error = |reason| TlsConfigError::RevocationList {
        path: path.into(),
        reason,
    };
    let pem = match fs::read(path) {
        Ok(pem) => pem,
        Err(absent) if is_absent(&absent) => return Ok(Vec::new()),
        Err(other) => return Err(error(system_text(&other))),
    };
    let mut lists = Vec::new();
    for list in CertificateRevocationListDer::pem_slice_iter(&pem) {
        let list = list.map_err(|fault| error(fault.to_string()))?;
        let list = OwnedCertRevocationList::from_der(&list).map_err(|fault| error(list_fault(&fault)))?;
        lists.push(list.into());
    }
    if lists.is_empty() {
        return Err(error(String::from("no certificate or crl found")));
    }
    Ok(lists)
}

/// What is wrong with a list. One of version 1 looks malformed to webpki.
fn list_fault(fault: &webpki::Error) -> String {
    match fault {
        webpki::Error::BadDer | webpki::Error::UnsupportedCrlVersion => {
            "it is malformed, or not of version 2, which \"openssl ca -gencrl\" makes if it has a crlnumber"
                .into()
        }
        other => other.to_string(),
    }
}

/// The files in a directory that are called by the hash of their issuer, `.r` and a number.
fn hashed_names(directory: &Path) -> Result<Vec<std::path::PathBuf>, TlsConfigError> {
    let error = |fault: std::io::Error| TlsConfigError::RevocationList {
        path: directory.into(),
        reason: system_text(&fault),
    };
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(absent) if is_absent(&absent) => return Ok(Vec::new()),
        Err(other) => return Err(error(other)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(error)?.path();
        let number = path
            .extension()
            .and_then(|extension| extension.to_str()?.strip_prefix('r'));
        if number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
        {
            paths.push(path);
        }
    }
    Ok(paths)
}
