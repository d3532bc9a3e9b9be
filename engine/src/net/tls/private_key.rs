//! Reading of private keys.

use std::str;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use dblink_protocol::Secret;
use pkcs8::der::Decode;
use pkcs8::der::asn1::{AnyRef, OctetStringRef};
use pkcs8::{AlgorithmIdentifierRef, EncryptedPrivateKeyInfoRef, SecretDocument};
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use rustls::sign::SigningKey;
use zeroize::Zeroize;

/// A private key that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// It cannot be read.
    #[error("{0}")]
    Io(String),
    /// It is no key in PEM or DER.
    #[error("no private key found")]
    NotFound,
    /// It is encrypted, and there is no passphrase.
    #[error("the key is encrypted, and sslpassword is not set")]
    NoPassphrase,
    /// The passphrase is another one.
    #[error("bad decrypt")]
    WrongPassphrase,
    /// It is encrypted in a way that is not read here.
    #[error(
        "the key's encryption is not supported; \"openssl pkcs8 -topk8 -v2 aes-256-cbc\" makes one that is"
    )]
    UnsupportedEncryption,
    /// It is of a kind that is not used here.
    #[error("the key must be RSA of 2048 to 8192 bits, ECDSA on P-256 or P-384, or Ed25519")]
    Unsupported,
}

const ENCRYPTED_BEGIN: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
const ENCRYPTED_END: &str = "-----END ENCRYPTED PRIVATE KEY-----";
/// In PEM as OpenSSL wrote it before version 1.0.
const LEGACY_ENCRYPTED: &str = "Proc-Type: 4,ENCRYPTED";

/// The key in a file: PKCS #8, PKCS #1 or SEC 1, as PEM or DER; PKCS #8 may be encrypted by PBES2.
pub(super) fn decode_key(
    content: &[u8],
    passphrase: Option<&Secret>,
) -> Result<Arc<dyn SigningKey>, KeyError> {
    if let Some(text) = str::from_utf8(content)
        .ok()
        .filter(|text| text.contains("-----BEGIN "))
    {
        if let Some(encrypted) = between(text, ENCRYPTED_BEGIN, ENCRYPTED_END) {
            let encrypted: String = encrypted.split_ascii_whitespace().collect();
            let encrypted = BASE64_STANDARD
                .decode(encrypted)
                .map_err(|_| KeyError::NotFound)?;
            return load_decrypted(&encrypted, passphrase);
        }
        if text.contains(LEGACY_ENCRYPTED) {
            return Err(KeyError::UnsupportedEncryption);
        }
        let mut key = PrivateKeyDer::from_pem_slice(content).map_err(|_| KeyError::NotFound)?;
        let loaded = any_supported_type(&key);
        key.zeroize();
        return loaded.map_err(|_| KeyError::Unsupported);
    }
    match PrivateKeyDer::try_from(content) {
        Ok(key) => any_supported_type(&key).map_err(|_| KeyError::Unsupported),
        Err(_) => load_decrypted(content, passphrase),
    }
}

fn load_decrypted(der: &[u8], passphrase: Option<&Secret>) -> Result<Arc<dyn SigningKey>, KeyError> {
    let key = decrypt(der, passphrase)?;
    let key = PrivateKeyDer::try_from(key.as_bytes()).map_err(|_| KeyError::WrongPassphrase)?;
    any_supported_type(&key).map_err(|_| KeyError::Unsupported)
}

fn decrypt(der: &[u8], passphrase: Option<&Secret>) -> Result<SecretDocument, KeyError> {
    let encrypted = EncryptedPrivateKeyInfoRef::try_from(der).map_err(|_| match is_encrypted_key(der) {
        true => KeyError::UnsupportedEncryption,
        false => KeyError::NotFound,
    })?;
    let passphrase = passphrase
        .filter(|passphrase| !passphrase.is_empty())
        .ok_or(KeyError::NoPassphrase)?;
    encrypted
        .decrypt(passphrase.expose())
        .map_err(|error| match error {
            pkcs8::Error::EncryptedPrivateKey(pkcs8::pkcs5::Error::DecryptFailed) | pkcs8::Error::Asn1(_) => {
                KeyError::WrongPassphrase
            }
            _ => KeyError::UnsupportedEncryption,
        })
}

/// Whether this is an encrypted key, by whatever algorithm.
///
/// [RFC 5958, section 3](https://www.rfc-editor.org/rfc/rfc5958#section-3).
fn is_encrypted_key(der: &[u8]) -> bool {
    let fields = AnyRef::from_der(der).and_then(|key| {
        key.sequence(|reader| {
            AlgorithmIdentifierRef::decode(reader)?;
            <&OctetStringRef>::decode(reader).map(drop)
        })
    });
    fields.is_ok()
}

fn between<'a>(text: &'a str, begin: &str, end: &str) -> Option<&'a str> {
    text.split_once(begin)?
        .1
        .split_once(end)
        .map(|(between, _)| between)
}
