//! `tls-server-end-point`: what ties an authentication to the server's certificate.

use rustls::pki_types::CertificateDer;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use x509_cert::der::asn1::ContextSpecific;
use x509_cert::der::oid::db::rfc5912;
use x509_cert::der::{Any, Reader, TagNumber};
use x509_cert::spki::{AlgorithmIdentifierRef, ObjectIdentifier};

use super::certificate::parse;

// These two are not in the table.
const ID_MD5: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.5");
const ECDSA_WITH_SHA_1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.1");

/// The certificate's hash by the hash function of its signature, but by SHA-256 where that is MD5 or SHA-1.
///
/// `None` where the signature has no hash function, as with Ed25519: channel binding is then not defined. It is also `None`
/// for hash functions outside of SHA-2.
///
/// [RFC 5929, section 4.1](https://www.rfc-editor.org/rfc/rfc5929#section-4.1).
pub(super) fn server_end_point(certificate: &CertificateDer<'_>) -> Option<Vec<u8>> {
    let parsed = parse(certificate).ok()?;
    let algorithm = parsed.signature_algorithm();
    let hash = match algorithm.oid {
        rfc5912::ID_RSASSA_PSS => pss_hash(algorithm.parameters.as_ref())?,
        oid => signature_hash(oid)?,
    };
    Some(hash.digest(certificate))
}

#[derive(Clone, Copy)]
enum Hash {
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha224 => Sha224::digest(bytes).to_vec(),
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }
}

/// The hash function that an algorithm of signatures has in its name.
fn signature_hash(algorithm: ObjectIdentifier) -> Option<Hash> {
    Some(match algorithm {
        rfc5912::MD_5_WITH_RSA_ENCRYPTION
        | rfc5912::SHA_1_WITH_RSA_ENCRYPTION
        | ECDSA_WITH_SHA_1
        | rfc5912::DSA_WITH_SHA_1
        | rfc5912::SHA_256_WITH_RSA_ENCRYPTION
        | rfc5912::ECDSA_WITH_SHA_256
        | rfc5912::DSA_WITH_SHA_256 => Hash::Sha256,
        rfc5912::SHA_224_WITH_RSA_ENCRYPTION | rfc5912::ECDSA_WITH_SHA_224 | rfc5912::DSA_WITH_SHA_224 => {
            Hash::Sha224
        }
        rfc5912::SHA_384_WITH_RSA_ENCRYPTION | rfc5912::ECDSA_WITH_SHA_384 => Hash::Sha384,
        rfc5912::SHA_512_WITH_RSA_ENCRYPTION | rfc5912::ECDSA_WITH_SHA_512 => Hash::Sha512,
        _ => return None,
    })
}

/// The hash function of RSA-PSS, which stands in the first of its parameters, and is SHA-1 if it does not.
///
/// [RFC 4055, section 3.1](https://www.rfc-editor.org/rfc/rfc4055#section-3.1).
fn pss_hash(parameters: Option<&Any>) -> Option<Hash> {
    let named = parameters?
        .sequence(|reader| {
            let hash = ContextSpecific::<AlgorithmIdentifierRef<'_>>::decode_explicit(reader, TagNumber(0))?;
            reader.read_slice(reader.remaining_len())?;
            Ok::<_, x509_cert::der::Error>(hash.map(|hash| hash.value.oid))
        })
        .ok()?;
    Some(match named {
        None | Some(ID_MD5 | rfc5912::ID_SHA_1 | rfc5912::ID_SHA_256) => Hash::Sha256,
        Some(rfc5912::ID_SHA_224) => Hash::Sha224,
        Some(rfc5912::ID_SHA_384) => Hash::Sha384,
        Some(rfc5912::ID_SHA_512) => Hash::Sha512,
        Some(_) => return None,
    })
}
