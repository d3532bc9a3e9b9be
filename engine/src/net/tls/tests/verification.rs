//! Whom a client believes.

use rcgen::{DnType, ExtendedKeyUsagePurpose, date_time_ymd};
use rustls::pki_types::CertificateDer;

use super::pki::{Authority, Files, Identity};
use super::{EACH_VERSION, Server, options, shake_hands};
use crate::net::tls::{
    CertificateFault, Roots, TlsConfigError, TlsConnector, TlsError, TlsOptions, TlsWarning, Verification,
};

const ALL: [Verification; 3] = [Verification::IfRoots, Verification::Ca, Verification::Full];

#[test]
fn the_right_certificate_is_believed() {
    let authority = Authority::new("root");
    let identity = authority.issue(&["db.example"]);
    for verification in ALL {
        let outcome = shake_hands(
            &options("db.example", verification, &authority),
            &Server::new(&identity),
        );
        outcome.client.unwrap();
        outcome.server.unwrap();
    }
}

#[test]
fn another_hosts_certificate_is_believed_unless_the_name_counts() {
    let authority = Authority::new("root");
    let identity = authority.issue(&["other.example", "another.example"]);
    let server = Server::new(&identity);
    for verification in [Verification::IfRoots, Verification::Ca] {
        shake_hands(&options("db.example", verification, &authority), &server)
            .client
            .unwrap();
    }
    let outcome = shake_hands(&options("db.example", Verification::Full, &authority), &server);
    assert_eq!(
        outcome.error(),
        "server certificate for \"other.example\" (and 1 other name) does not match host name \"db.example\""
    );
}

#[test]
fn somebody_elses_certificate_is_not_believed() {
    let authority = Authority::new("root");
    // Of the same name, but with another key.
    for identity in [
        Authority::new("other").issue(&["db.example"]),
        Authority::new("root").issue(&["db.example"]),
        Identity::self_signed(&["db.example"], |_| {}),
    ] {
        for verification in ALL {
            let outcome = shake_hands(
                &options("db.example", verification, &authority),
                &Server::new(&identity),
            );
            assert!(outcome.server.is_err());
            let error = outcome.client.unwrap_err();
            assert!(
                matches!(
                    error,
                    TlsError::Certificate(CertificateFault::UnknownIssuer | CertificateFault::BadSignature)
                ),
                "{error}"
            );
            assert_eq!(error.sqlstate().as_str(), "08001");
        }
    }
}

#[test]
fn without_roots_everything_is_believed_but_a_false_signature() {
    let identity = Identity::self_signed(&["other.example"], |params| {
        params.not_after = date_time_ymd(2000, 1, 1);
    });
    for versions in EACH_VERSION {
        let mut server = Server::new(&identity);
        server.versions = versions;
        shake_hands(&TlsOptions::new("db.example"), &server)
            .client
            .unwrap();

        // The server shows a certificate whose key it does not have.
        let stolen = Identity {
            certificate: Identity::self_signed(&["db.example"], |_| {}).certificate,
            key: rcgen::KeyPair::generate().unwrap(),
        };
        let mut server = Server::new(&stolen);
        server.versions = versions;
        let outcome = shake_hands(&TlsOptions::new("db.example"), &server);
        assert_eq!(
            outcome.error(),
            "SSL error: certificate verify failed: certificate signature failure",
            "{versions:?}"
        );
    }
}

#[test]
fn a_certificate_has_its_time() {
    let authority = Authority::new("root");
    let cases = [
        (2000, 2001, "certificate has expired"),
        (3000, 3001, "certificate is not yet valid"),
    ];
    for (from, to, fault) in cases {
        let identity = authority.issue_with(&["db.example"], |params| {
            params.not_before = date_time_ymd(from, 1, 1);
            params.not_after = date_time_ymd(to, 1, 1);
        });
        let outcome = shake_hands(
            &options("db.example", Verification::Ca, &authority),
            &Server::new(&identity),
        );
        assert_eq!(
            outcome.error(),
            format!("SSL error: certificate verify failed: {fault}")
        );
    }
}

#[test]
fn a_certificate_has_its_purpose() {
    let authority = Authority::new("root");
    let cases = [
        (ExtendedKeyUsagePurpose::ServerAuth, true),
        (ExtendedKeyUsagePurpose::ClientAuth, false),
    ];
    for (purpose, is_right) in cases {
        let identity = authority.issue_with(&["db.example"], |params| {
            params.extended_key_usages = vec![purpose];
        });
        let outcome = shake_hands(
            &options("db.example", Verification::Ca, &authority),
            &Server::new(&identity),
        );
        match is_right {
            true => drop(outcome.client.unwrap()),
            false => assert_eq!(
                outcome.error(),
                "SSL error: certificate verify failed: unsuitable certificate purpose"
            ),
        }
    }
}

#[test]
fn the_server_brings_what_is_between_its_certificate_and_the_root() {
    let root = Authority::new("root");
    let middle = root.subordinate("middle");
    let identity = middle.issue(&["db.example"]);
    let options = options("db.example", Verification::Full, &root);
    let mut server = Server::new(&identity);
    assert_eq!(
        shake_hands(&options, &server).error(),
        "SSL error: certificate verify failed: unable to get local issuer certificate"
    );
    server.intermediates = vec![middle.certificate.der().clone()];
    shake_hands(&options, &server).client.unwrap();
}

#[test]
fn who_is_no_authority_issues_nothing() {
    let root = Authority::new("root");
    let impostor = root.issue_with(&["impostor.example"], |params| {
        params.distinguished_name.push(DnType::CommonName, "impostor");
    });
    // What the impostor's key signs, as if it were an authority.
    let below = Authority::with_key("impostor", impostor.key).issue(&["db.example"]);
    let mut server = Server::new(&below);
    server.intermediates = vec![impostor.certificate.clone()];
    let outcome = shake_hands(&options("db.example", Verification::Ca, &root), &server);
    assert!(matches!(outcome.client, Err(TlsError::Certificate(_))));
}

#[test]
fn root_certificates_come_from_a_file() {
    let files = Files::new();
    let authority = Authority::new("root");
    let identity = authority.issue(&["db.example"]);
    let other = Authority::new("other");
    let path = files.write(
        "root.crt",
        format!("Two roots:\n{}{}", other.pem(), authority.pem()),
    );
    let stranger = Authority::new("stranger").issue(&["db.example"]);
    for roots in [Roots::File(path.clone()), Roots::DefaultFile(Some(path))] {
        let mut options = TlsOptions::new("db.example");
        options.roots = roots;
        for verification in ALL {
            options.verification = verification;
            shake_hands(&options, &Server::new(&identity)).client.unwrap();
            shake_hands(&options, &Server::new(&stranger)).client.unwrap_err();
        }
    }
}

#[test]
fn a_missing_file_of_roots_is_an_error_only_where_it_is_needed() {
    let files = Files::new();
    let path = files.path("root.crt");
    let identity = Identity::self_signed(&["db.example"], |_| {});
    for roots in [Roots::File(path.clone()), Roots::DefaultFile(Some(path.clone()))] {
        let mut options = TlsOptions::new("db.example");
        options.roots = roots.clone();
        shake_hands(&options, &Server::new(&identity)).client.unwrap();
        let warnings = TlsConnector::new(&options).unwrap().warnings().to_vec();
        match roots {
            Roots::File(path) => assert_eq!(warnings, [TlsWarning::NotVerified(path)]),
            _ => assert_eq!(warnings, []),
        }
        for verification in [Verification::Ca, Verification::Full] {
            options.verification = verification;
            assert_eq!(
                TlsConnector::new(&options).unwrap_err().to_string(),
                format!(
                    "root certificate file \"{}\" does not exist\n\
                     Either provide the file, use the system's trusted roots with sslrootcert=system, \
                     or change sslmode to disable server certificate verification.",
                    path.display()
                )
            );
        }
    }
    let mut options = TlsOptions::new("db.example");
    assert_eq!(TlsConnector::new(&options).unwrap().warnings(), []);
    options.verification = Verification::Ca;
    assert_eq!(TlsConnector::new(&options).unwrap_err(), TlsConfigError::NoHome);
}

#[test]
fn a_file_of_roots_that_is_there_must_hold_some() {
    let files = Files::new();
    let mut garbled = Authority::new("root").pem();
    garbled.insert(100, '!');
    let not_a_certificate = super::pki::pem_of(&CertificateDer::from(vec![0x30, 0x03, 0x02, 0x01, 0x05]));
    let cases = [
        files.write("empty.crt", ""),
        files.write("text.crt", "no PEM"),
        files.write("garbled.crt", garbled),
        files.write("other.crt", not_a_certificate),
        files.directory().into(),
    ];
    for path in cases {
        let mut options = TlsOptions::new("db.example");
        options.roots = Roots::File(path.clone());
        let error = TlsConnector::new(&options).unwrap_err().to_string();
        let start = format!("could not read root certificate file \"{}\": ", path.display());
        assert!(error.starts_with(&start), "{error}");
        assert!(!error.contains("os error"), "{error}");
    }
}

#[test]
fn a_name_to_look_for_is_needed_where_it_counts() {
    let authority = Authority::new("root");
    let error = TlsConnector::new(&options("", Verification::Full, &authority)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "host name must be specified for a verified SSL connection"
    );
    TlsConnector::new(&options("", Verification::Ca, &authority)).unwrap();
}
