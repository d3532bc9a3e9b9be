//! Keys as OpenSSL writes them.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use dblink_protocol::Secret;

use crate::net::tls::KeyError;
use crate::net::tls::private_key::decode_key;

const EC: &str = include_str!("fixtures/ec.pem");
const EC_SEC1: &str = include_str!("fixtures/ec.sec1.pem");
const EC_AES: &str = include_str!("fixtures/ec.aes.pem");
const EC_SCRYPT: &str = include_str!("fixtures/ec.scrypt.pem");
const EC_DES3: &str = include_str!("fixtures/ec.des3.pem");
const EC_PBES1: &str = include_str!("fixtures/ec.pbes1.pem");
const EC_LEGACY: &str = include_str!("fixtures/ec.legacy.pem");
const RSA: &str = include_str!("fixtures/rsa.pem");
const RSA_PKCS1: &str = include_str!("fixtures/rsa.pkcs1.pem");
const P521: &str = include_str!("fixtures/p521.pem");

/// The public key to the private key in the file.
fn public(content: impl AsRef<[u8]>, passphrase: Option<&str>) -> Result<Vec<u8>, KeyError> {
    let key = decode_key(content.as_ref(), passphrase.map(Secret::from).as_ref())?;
    Ok(key.public_key().unwrap().to_vec())
}

fn der(pem: &str) -> Vec<u8> {
    let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    BASE64_STANDARD.decode(base64).unwrap()
}

#[test]
fn every_form_is_read() {
    let ec = public(EC, None).unwrap();
    let rsa = public(RSA, None).unwrap();
    assert_ne!(ec, rsa);
    for (pem, key) in [(EC, &ec), (EC_SEC1, &ec), (RSA, &rsa), (RSA_PKCS1, &rsa)] {
        assert_eq!(&public(pem, None).unwrap(), key);
        assert_eq!(&public(der(pem), None).unwrap(), key);
        // A passphrase that nothing needs does no harm.
        assert_eq!(&public(pem, Some("tiger")).unwrap(), key);
        assert_eq!(
            &public(format!("text\r\n\r\n{}", pem.replace('\n', "\r\n")), None).unwrap(),
            key
        );
    }
}

#[test]
fn encrypted_keys_are_read_with_their_passphrase() {
    let ec = public(EC, None).unwrap();
    for pem in [EC_AES, EC_SCRYPT] {
        for content in [pem.into(), der(pem), pem.replace('\n', "\r\n").into_bytes()] {
            assert_eq!(public(&content, Some("tiger")).unwrap(), ec);
            assert_eq!(public(&content, Some("Tiger")), Err(KeyError::WrongPassphrase));
            assert_eq!(public(&content, Some("")), Err(KeyError::NoPassphrase));
            assert_eq!(public(&content, None), Err(KeyError::NoPassphrase));
        }
    }
}

#[test]
fn what_cannot_be_read_is_told_apart() {
    for pem in [EC_DES3, EC_PBES1, EC_LEGACY] {
        assert_eq!(
            public(pem, Some("tiger")),
            Err(KeyError::UnsupportedEncryption),
            "{pem}"
        );
    }
    assert_eq!(public(P521, None), Err(KeyError::Unsupported));
    let truncated = EC_AES.replace("=\n", "\n");
    for content in [
        b"".as_slice(),
        b"text",
        b"\x30\x03\x02\x01\x05",
        b"-----BEGIN CERTIFICATE-----\nMAMCAQU=\n-----END CERTIFICATE-----\n",
        b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAMCAQU=\n-----END ENCRYPTED PRIVATE KEY-----\n",
        b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n!\n-----END ENCRYPTED PRIVATE KEY-----\n",
    ] {
        assert_eq!(public(content, Some("tiger")), Err(KeyError::NotFound));
    }
    assert!(public(truncated.split_at(100).0, Some("tiger")).is_err());
}
