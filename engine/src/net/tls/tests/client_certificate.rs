//! What the client shows.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};

use dblink_protocol::Secret;
use rcgen::KeyPair;
use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;

use super::pki::{Authority, Files, Identity};
use super::{EACH_VERSION, Outcome, Server, shake_hands};
use crate::net::tls::client_certificate::Presenter;
use crate::net::tls::{
    CertificateMode, ClientCertificate, KeyError, TlsConfigError, TlsConnector, TlsError, TlsOptions,
};

/// Options with the files of this certificate and its key.
fn with_identity(files: &Files, identity: &Identity) -> TlsOptions {
    let mut options = TlsOptions::new("db.example");
    options.certificate = Some(files.write("postgresql.crt", identity.pem()));
    options.key = Some(files.write("postgresql.key", identity.key.serialize_pem()));
    options
}

fn outcome(options: &TlsOptions, server: &Server<'_>) -> ClientCertificate {
    let Outcome { client, server, .. } = shake_hands(options, server);
    server.unwrap();
    client.unwrap().client_certificate
}

#[test]
fn a_certificate_is_shown_to_who_asks() {
    let files = Files::new();
    let authority = Authority::new("clients");
    let client = authority.issue(&[]);
    let identity = Identity::self_signed(&["db.example"], |_| {});
    let mut options = with_identity(&files, &client);
    for versions in EACH_VERSION {
        let mut server = Server::new(&identity);
        server.versions = versions;
        options.certificate_mode = CertificateMode::Allow;
        assert_eq!(outcome(&options, &server), ClientCertificate::NotRequested);
        options.certificate_mode = CertificateMode::Require;
        let refused = shake_hands(&options, &server).client.unwrap_err();
        assert_eq!(refused.to_string(), "server did not request an SSL certificate");
        assert_eq!(refused.sqlstate().as_str(), "28000");

        server.client_authority = Some(&authority);
        assert_eq!(outcome(&options, &server), ClientCertificate::Sent);
        options.certificate_mode = CertificateMode::Disable;
        server.client_certificate_optional = true;
        assert_eq!(outcome(&options, &server), ClientCertificate::NotSent);
    }
}

#[test]
fn a_client_without_a_certificate_says_so() {
    let files = Files::new();
    let authority = Authority::new("clients");
    let identity = Identity::self_signed(&["db.example"], |_| {});
    for versions in EACH_VERSION {
        let mut server = Server::new(&identity);
        server.versions = versions;
        server.client_authority = Some(&authority);
        let mut options = TlsOptions::new("db.example");
        options.certificate = Some(files.path("missing.crt"));
        // The key is not looked at.
        options.key = Some(files.path("missing.key"));

        let refused = shake_hands(&options, &server);
        refused.server.unwrap_err();
        let error = refused.client.unwrap_err();
        assert!(matches!(error, TlsError::ClientCertificate(_)), "{error}");
        assert_eq!(error.sqlstate().as_str(), "28000");

        server.client_certificate_optional = true;
        assert_eq!(outcome(&options, &server), ClientCertificate::NotSent);
        options.certificate_mode = CertificateMode::Require;
        assert_eq!(
            shake_hands(&options, &server).error(),
            "server accepted connection without a valid SSL certificate"
        );
    }
}

#[test]
fn somebody_elses_certificate_is_refused_by_the_server() {
    let files = Files::new();
    let authority = Authority::new("clients");
    let stranger = Authority::new("strangers").issue(&[]);
    let identity = Identity::self_signed(&["db.example"], |_| {});
    for versions in EACH_VERSION {
        let mut server = Server::new(&identity);
        server.versions = versions;
        server.client_authority = Some(&authority);
        let refused = shake_hands(&with_identity(&files, &stranger), &server);
        refused.server.unwrap_err();
        assert_eq!(
            refused.client.unwrap_err(),
            TlsError::ClientCertificate(String::from("received fatal alert: UnknownCA"))
        );
    }
}

#[test]
fn the_file_holds_what_is_between_the_certificate_and_the_root() {
    let files = Files::new();
    let root = Authority::new("clients");
    let middle = root.subordinate("middle");
    let client = middle.issue(&[]);
    let identity = Identity::self_signed(&["db.example"], |_| {});
    let mut server = Server::new(&identity);
    server.client_authority = Some(&root);
    let options = with_identity(&files, &client);
    shake_hands(&options, &server).client.unwrap_err();
    files.write("postgresql.crt", client.pem() + &middle.pem());
    assert_eq!(outcome(&options, &server), ClientCertificate::Sent);
}

#[test]
fn a_key_may_be_encrypted() {
    let files = Files::new();
    let authority = Authority::new("clients");
    let key = KeyPair::from_pem(include_str!("fixtures/ec.pem")).unwrap();
    let client = authority.issue_for(key, &[], |_| {});
    let identity = Identity::self_signed(&["db.example"], |_| {});
    let mut server = Server::new(&identity);
    server.client_authority = Some(&authority);
    let mut options = with_identity(&files, &client);
    let path = files.write("postgresql.key", include_str!("fixtures/ec.aes.pem"));
    options.passphrase = Some(Secret::from("tiger"));
    assert_eq!(outcome(&options, &server), ClientCertificate::Sent);

    options.passphrase = Some(Secret::from("lion"));
    let error = TlsConnector::new(&options).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "could not load private key file \"{}\": bad decrypt",
            path.display()
        )
    );
    for text in [format!("{options:?}"), format!("{error:?}")] {
        assert!(!text.contains("lion"));
    }
}

#[test]
fn an_rsa_key_signs_too() {
    let files = Files::new();
    let authority = Authority::new("clients");
    let key = KeyPair::from_pem(include_str!("fixtures/rsa.pem")).unwrap();
    let client = authority.issue_for(key, &[], |_| {});
    let identity = Identity::self_signed(&["db.example"], |_| {});
    for versions in EACH_VERSION {
        let mut server = Server::new(&identity);
        server.versions = versions;
        server.client_authority = Some(&authority);
        let options = with_identity(&files, &client);
        files.write("postgresql.key", include_str!("fixtures/rsa.pkcs1.pem"));
        assert_eq!(outcome(&options, &server), ClientCertificate::Sent);
    }
}

#[test]
fn a_certificate_is_not_sent_to_who_does_not_understand_its_key() {
    let files = Files::new();
    let options = with_identity(&files, &Identity::self_signed(&[], |_| {}));
    let presenter = Presenter::load(&options).unwrap();
    assert_eq!(presenter.outcome(), ClientCertificate::NotRequested);
    assert!(
        presenter
            .resolve(&[], &[SignatureScheme::RSA_PSS_SHA256])
            .is_none()
    );
    assert_eq!(presenter.outcome(), ClientCertificate::NotSent);
    let schemes = [
        SignatureScheme::RSA_PSS_SHA256,
        SignatureScheme::ECDSA_NISTP256_SHA256,
    ];
    assert!(presenter.resolve(&[], &schemes).is_some());
    assert_eq!(presenter.outcome(), ClientCertificate::Sent);
}

#[test]
fn a_certificate_needs_its_own_key() {
    let files = Files::new();
    let authority = Authority::new("clients");
    let mut options = with_identity(&files, &authority.issue(&[]));
    let key = options.key.clone().unwrap();
    files.write("postgresql.key", KeyPair::generate().unwrap().serialize_pem());
    assert_eq!(
        TlsConnector::new(&options).unwrap_err().to_string(),
        format!(
            "certificate does not match private key file \"{}\": key values mismatch",
            key.display()
        )
    );

    let missing = files.path("missing.key");
    options.key = Some(missing.clone());
    assert_eq!(
        TlsConnector::new(&options).unwrap_err().to_string(),
        format!(
            "certificate present, but not private key file \"{}\"",
            missing.display()
        )
    );
    options.key = None;
    assert_eq!(
        TlsConnector::new(&options).unwrap_err(),
        TlsConfigError::NoKey("".into())
    );
    options.key = Some(key.join("below"));
    assert_eq!(
        TlsConnector::new(&options).unwrap_err().to_string(),
        format!(
            "could not stat private key file \"{}/below\": Not a directory",
            key.display()
        )
    );
    options.key = Some(files.directory().into());
    assert_eq!(
        TlsConnector::new(&options).unwrap_err().to_string(),
        format!(
            "private key file \"{}\" is not a regular file",
            files.directory().display()
        )
    );
    options.key = Some(files.write("text.key", "no key"));
    let error = TlsConnector::new(&options).unwrap_err();
    assert!(
        matches!(
            &error,
            TlsConfigError::Key {
                error: KeyError::NotFound,
                ..
            }
        ),
        "{error}"
    );
    // Without the certificate nobody asks for the key.
    options.certificate_mode = CertificateMode::Disable;
    TlsConnector::new(&options).unwrap();
}

#[test]
fn a_file_of_a_certificate_must_hold_one() {
    let files = Files::new();
    let mut options = with_identity(&files, &Identity::self_signed(&[], |_| {}));
    let path = files.write("postgresql.crt", "no certificate");
    assert_eq!(
        TlsConnector::new(&options).unwrap_err().to_string(),
        format!(
            "could not read certificate file \"{}\": no certificate found",
            path.display()
        )
    );
    options.certificate = Some(files.directory().into());
    assert_eq!(
        TlsConnector::new(&options).unwrap_err().to_string(),
        format!(
            "could not read certificate file \"{}\": Is a directory",
            files.directory().display()
        )
    );
    let long = files.path(&"x".repeat(300));
    options.certificate = Some(long.clone());
    assert_eq!(
        TlsConnector::new(&options).unwrap_err().to_string(),
        format!(
            "could not open certificate file \"{}\": File name too long",
            long.display()
        )
    );
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let files = Files::new();
    let options = with_identity(&files, &Identity::self_signed(&[], |_| {}));
    let path = options.key.clone().unwrap();
    let accepts = |mode| {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        match TlsConnector::new(&options) {
            Ok(_) => true,
            Err(TlsConfigError::KeyPermissions(refused)) => {
                assert_eq!(refused, path);
                false
            }
            Err(other) => panic!("{other}"),
        }
    };
    let by_root = path.metadata().unwrap().uid() == 0;
    for (mode, by_user) in [
        (0o600, true),
        (0o400, true),
        (0o640, false),
        (0o620, false),
        (0o610, false),
    ] {
        assert_eq!(accepts(mode), by_user || (by_root && mode == 0o640), "{mode:o}");
    }
    for mode in [0o604, 0o602, 0o601, 0o644, 0o660, 0o777] {
        assert!(!accepts(mode), "{mode:o}");
    }
    if by_root {
        chown(&path, Some(1), None).unwrap();
        assert!(accepts(0o600));
        assert!(!accepts(0o640));
    }
    let text = TlsConfigError::KeyPermissions("my.key".into()).to_string();
    assert_eq!(
        text,
        "private key file \"my.key\" has group or world access; file must have permissions u=rw (0600) or less if \
         owned by the current user, or permissions u=rw,g=r (0640) or less if owned by root"
    );
}
