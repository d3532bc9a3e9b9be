//! Certificates that their issuer has withdrawn.

use rcgen::SerialNumber;

use super::pki::{Authority, Files, Identity};
use super::{Server, options, shake_hands};
use crate::net::tls::{TlsConfigError, TlsConnector, TlsOptions, Verification};

/// The next revocation list is due in a year that the tests do not see.
const FUTURE: i32 = 4000;

fn issue(authority: &Authority, serial: u64) -> Identity {
    authority.issue_with(&["db.example"], |params| {
        params.serial_number = Some(SerialNumber::from(serial));
    })
}

fn with_list(authority: &Authority, files: &Files, list: &str) -> TlsOptions {
    let mut options = options("db.example", Verification::Ca, authority);
    options.revocation_file = Some(files.write("root.crl", list));
    options
}

#[test]
fn a_revoked_certificate_is_not_believed() {
    let files = Files::new();
    let authority = Authority::new("root");
    let options = with_list(&authority, &files, &authority.revoke(&[7], FUTURE));
    let revoked = issue(&authority, 7);
    assert_eq!(
        shake_hands(&options, &Server::new(&revoked)).error(),
        "SSL error: certificate verify failed: certificate revoked"
    );
    let good = issue(&authority, 8);
    shake_hands(&options, &Server::new(&good)).client.unwrap();
}

#[test]
fn a_list_that_is_too_old_proves_nothing() {
    let files = Files::new();
    let authority = Authority::new("root");
    let options = with_list(&authority, &files, &authority.revoke(&[7], 2021));
    assert_eq!(
        shake_hands(&options, &Server::new(&issue(&authority, 8))).error(),
        "SSL error: certificate verify failed: CRL has expired"
    );
}

#[test]
fn another_authoritys_list_proves_nothing() {
    let files = Files::new();
    let authority = Authority::new("root");
    let options = with_list(&authority, &files, &Authority::new("other").revoke(&[], FUTURE));
    assert_eq!(
        shake_hands(&options, &Server::new(&issue(&authority, 8))).error(),
        "SSL error: certificate verify failed: unable to get certificate CRL"
    );
}

#[test]
fn every_certificate_of_the_path_needs_a_list() {
    let files = Files::new();
    let root = Authority::new("root");
    let middle = root.subordinate("middle");
    let identity = issue(&middle, 8);
    let mut server = Server::new(&identity);
    server.intermediates = vec![middle.certificate.der().clone()];
    let of_root = root.revoke(&[], FUTURE);
    let of_middle = middle.revoke(&[], FUTURE);
    for list in [&of_root, &of_middle] {
        assert_eq!(
            shake_hands(&with_list(&root, &files, list), &server).error(),
            "SSL error: certificate verify failed: unable to get certificate CRL"
        );
    }
    let both = with_list(&root, &files, &format!("{of_root}{of_middle}"));
    shake_hands(&both, &server).client.unwrap();
}

#[test]
fn lists_also_come_from_a_directory() {
    let files = Files::new();
    let authority = Authority::new("root");
    let mut options = options("db.example", Verification::Ca, &authority);
    options.revocation_directory = Some(files.directory().into());
    let refused = TlsConfigError::NoRevocationLists(files.directory().into());
    assert_eq!(TlsConnector::new(&options).unwrap_err(), refused);
    // Files of other names are not looked at.
    files.write("README", "no list");
    files.write("list.r", "no list");
    files.write("list.rx", "no list");
    assert_eq!(TlsConnector::new(&options).unwrap_err(), refused);

    files.write("a3f1b2c4.r0", authority.revoke(&[7], FUTURE));
    let revoked = issue(&authority, 7);
    assert_eq!(
        shake_hands(&options, &Server::new(&revoked)).error(),
        "SSL error: certificate verify failed: certificate revoked"
    );
    let good = issue(&authority, 8);
    shake_hands(&options, &Server::new(&good)).client.unwrap();

    options.revocation_directory = Some(files.path("missing"));
    TlsConnector::new(&options).unwrap_err();
}

#[test]
fn a_file_need_not_be_there_but_must_be_a_list_if_it_is() {
    let files = Files::new();
    let authority = Authority::new("root");
    let mut options = options("db.example", Verification::Ca, &authority);
    options.revocation_file = Some(files.path("root.crl"));
    let connector = TlsConnector::new(&options).unwrap();
    assert_eq!(connector.warnings(), []);
    shake_hands(&options, &Server::new(&issue(&authority, 7)))
        .client
        .unwrap();

    for content in [String::new(), String::from("no list"), authority.pem()] {
        files.write("root.crl", content);
        let error = TlsConnector::new(&options).unwrap_err();
        assert!(matches!(error, TlsConfigError::RevocationList { .. }), "{error}");
    }
    files.write("root.crl", include_str!("fixtures/version1.crl"));
    let error = TlsConnector::new(&options).unwrap_err().to_string();
    assert!(error.contains("not of version 2"), "{error}");
    // Without roots nothing is verified, so nothing is read.
    options.roots = crate::net::tls::Roots::DefaultFile(None);
    options.verification = Verification::IfRoots;
    TlsConnector::new(&options).unwrap();
}
