//! What an authentication is tied to.

use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};
use rcgen::{PKCS_RSA_SHA256, PKCS_RSA_SHA384, PKCS_RSA_SHA512};
use rustls::pki_types::CertificateDer;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Any, Decode, Encode};
use x509_cert::spki::AlgorithmIdentifierOwned;

use super::pki::{Authority, elements, sequence};
use super::{EACH_VERSION, Server, options, shake_hands};
use crate::net::tls::Verification;
use crate::net::tls::end_point::server_end_point;

fn digest<D: Digest>(bytes: &[u8]) -> Option<Vec<u8>> {
    Some(D::digest(bytes).to_vec())
}

type Expected = fn(&[u8]) -> Option<Vec<u8>>;

#[test]
fn a_handshake_gives_the_hash_of_the_certificates_signature() {
    let cases: [(_, Expected); 6] = [
        (&PKCS_ECDSA_P256_SHA256, digest::<Sha256>),
        (&PKCS_ECDSA_P384_SHA384, digest::<Sha384>),
        (&PKCS_RSA_SHA256, digest::<Sha256>),
        (&PKCS_RSA_SHA384, digest::<Sha384>),
        (&PKCS_RSA_SHA512, digest::<Sha512>),
        (&PKCS_ED25519, |_| None),
    ];
    for (algorithm, expected) in cases {
        let rsa = include_str!("fixtures/rsa.pem");
        let key = KeyPair::from_pem_and_sign_algo(rsa, algorithm)
            .unwrap_or_else(|_| KeyPair::generate_for(algorithm).unwrap());
        let authority = Authority::with_key("root", key);
        // The key of the certificate itself does not count.
        let identity = authority.issue(&["db.example"]);
        for versions in EACH_VERSION {
            let mut server = Server::new(&identity);
            server.versions = versions;
            let info = shake_hands(&options("db.example", Verification::Full, &authority), &server)
                .client
                .unwrap();
            assert_eq!(
                info.server_end_point,
                expected(&identity.certificate),
                "{algorithm:?}"
            );
        }
    }
}

/// A certificate that says it is signed by this algorithm.
fn signed_by(algorithm: &str, parameters: Option<&[u8]>) -> CertificateDer<'static> {
    let certificate = Authority::new("root").issue(&["db.example"]).certificate;
    let algorithm = AlgorithmIdentifierOwned {
        oid: ObjectIdentifier::new_unwrap(algorithm),
        parameters: parameters.map(|parameters| Any::from_der(parameters).unwrap()),
    };
    let parts = elements(&certificate);
    sequence(&[parts[0], &algorithm.to_der().unwrap(), parts[2]]).into()
}

#[test]
fn every_algorithm_has_its_hash() {
    let cases: [(_, Expected); 16] = [
        ("1.2.840.113549.1.1.4", digest::<Sha256>), // md5WithRSAEncryption
        ("1.2.840.113549.1.1.5", digest::<Sha256>), // sha1WithRSAEncryption
        ("1.2.840.113549.1.1.14", digest::<Sha224>),
        ("1.2.840.113549.1.1.11", digest::<Sha256>),
        ("1.2.840.113549.1.1.12", digest::<Sha384>),
        ("1.2.840.113549.1.1.13", digest::<Sha512>),
        ("1.2.840.10045.4.1", digest::<Sha256>), // ecdsa-with-SHA1
        ("1.2.840.10045.4.3.1", digest::<Sha224>),
        ("1.2.840.10045.4.3.2", digest::<Sha256>),
        ("1.2.840.10045.4.3.3", digest::<Sha384>),
        ("1.2.840.10045.4.3.4", digest::<Sha512>),
        ("1.2.840.10040.4.3", digest::<Sha256>),      // dsa-with-sha1
        ("2.16.840.1.101.3.4.3.1", digest::<Sha224>), // dsa-with-sha224
        ("2.16.840.1.101.3.4.3.2", digest::<Sha256>), // dsa-with-sha256
        ("1.3.101.112", |_| None),                    // Ed25519
        ("2.16.840.1.101.3.4.3.18", |_| None),        // ML-DSA-65
    ];
    for (algorithm, expected) in cases {
        let certificate = signed_by(algorithm, None);
        assert_eq!(
            server_end_point(&certificate),
            expected(&certificate),
            "{algorithm}"
        );
    }
}

#[test]
fn rsa_pss_names_its_hash_in_the_parameters() {
    const PSS: &str = "1.2.840.113549.1.1.10";
    let cases: [(_, Expected); 7] = [
        ("1.2.840.113549.2.5", digest::<Sha256>), // MD5
        ("1.3.14.3.2.26", digest::<Sha256>),      // SHA-1
        ("2.16.840.1.101.3.4.2.4", digest::<Sha224>),
        ("2.16.840.1.101.3.4.2.1", digest::<Sha256>),
        ("2.16.840.1.101.3.4.2.2", digest::<Sha384>),
        ("2.16.840.1.101.3.4.2.3", digest::<Sha512>),
        ("2.16.840.1.101.3.4.2.8", |_| None), // SHA3-256
    ];
    // The other parameters: mask generation by MGF1, and 32 bytes of salt.
    let rest = b"\xa1\x0d\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08\xa2\x03\x02\x01\x20";
    for (hash, expected) in cases {
        let hash = AlgorithmIdentifierOwned {
            oid: ObjectIdentifier::new_unwrap(hash),
            parameters: None,
        };
        let hash = hash.to_der().unwrap();
        let tagged = [&[0xa0, u8::try_from(hash.len()).unwrap()], &hash[..]].concat();
        let certificate = signed_by(PSS, Some(&sequence(&[&tagged, rest])));
        assert_eq!(server_end_point(&certificate), expected(&certificate));
    }
    let certificate = signed_by(PSS, Some(&sequence(&[rest])));
    assert_eq!(server_end_point(&certificate), digest::<Sha256>(&certificate));
    let certificate = signed_by(PSS, None);
    assert_eq!(server_end_point(&certificate), None);
}
