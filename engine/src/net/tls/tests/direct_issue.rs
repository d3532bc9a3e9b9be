//! Certificates that webpki does not look at.

use rcgen::{
    BasicConstraints, CustomExtension, DnType, ExtendedKeyUsagePurpose, IsCa, KeyUsagePurpose, date_time_ymd,
};

use super::pki::{Authority, Files, Identity, pem_of};
use super::{EACH_VERSION, Server, options, shake_hands};
use crate::net::tls::{
    CertificateFault, DirectIssueError, Roots, TlsError, TlsInfo, TlsOptions, Verification,
};

fn connect(roots: String, identity: &Identity) -> Result<TlsInfo, TlsError> {
    let mut options = TlsOptions::new("db.example");
    options.verification = Verification::Ca;
    options.roots = Roots::Pem(roots.into_bytes());
    shake_hands(&options, &Server::new(identity)).client
}

fn fault(outcome: Result<TlsInfo, TlsError>) -> CertificateFault {
    match outcome {
        Err(TlsError::Certificate(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

const NOT_BY_ROOT: CertificateFault = CertificateFault::DirectIssue(DirectIssueError::NotByRoot);

#[test]
fn version_1_is_believed_if_a_root_has_issued_it() {
    let root = Authority::new("root");
    let middle = root.subordinate("middle");
    let identity = root.issue_version_1(|_| {});
    for versions in EACH_VERSION {
        let mut server = Server::new(&identity);
        server.versions = versions;
        shake_hands(&options("common.example", Verification::Full, &root), &server)
            .client
            .unwrap();
        shake_hands(&TlsOptions::new("db.example"), &server)
            .client
            .unwrap();
    }
    let error = shake_hands(
        &options("db.example", Verification::Full, &root),
        &Server::new(&identity),
    )
    .error();
    assert_eq!(
        error,
        "server certificate for \"common.example\" does not match host name \"db.example\""
    );

    // The root may be of version 1, too.
    connect(pem_of(&root.certificate_version_1()), &identity).unwrap();

    let below = middle.issue_version_1(|_| {});
    assert_eq!(fault(connect(root.pem(), &below)), NOT_BY_ROOT);
    connect(root.pem() + &middle.pem(), &below).unwrap();
}

#[test]
fn version_1_of_somebody_else_is_not_believed() {
    let root = Authority::new("root");
    let stranger = Authority::new("stranger").issue_version_1(|_| {});
    assert_eq!(fault(connect(root.pem(), &stranger)), NOT_BY_ROOT);
    // An authority of the same name, but with another key.
    let impostor = Authority::new("root").issue_version_1(|_| {});
    assert_eq!(
        fault(connect(root.pem(), &impostor)),
        CertificateFault::BadSignature
    );
    // ecdsa-with-SHA384 is said to be what ecdsa-with-SHA256 is.
    let disguised = root.issue_with_algorithm(b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03");
    assert_eq!(
        fault(connect(root.pem(), &disguised)),
        CertificateFault::BadSignature
    );
    let mut tampered = root.issue_version_1(|_| {});
    let mut bytes = tampered.certificate.to_vec();
    let at = bytes.windows(6).position(|window| window == b"common").unwrap();
    bytes[at] = b'C';
    tampered.certificate = bytes.into();
    assert_eq!(
        fault(connect(root.pem(), &tampered)),
        CertificateFault::BadSignature
    );
}

#[test]
fn version_1_has_its_time() {
    let root = Authority::new("root");
    let cases = [
        (2000, 2001, CertificateFault::Expired),
        (3000, 3001, CertificateFault::NotYetValid),
    ];
    for (from, to, expected) in cases {
        let identity = root.issue_version_1(|params| {
            params.not_before = date_time_ymd(from, 1, 1);
            params.not_after = date_time_ymd(to, 1, 1);
        });
        assert_eq!(fault(connect(root.pem(), &identity)), expected);
    }
}

#[test]
fn a_root_issues_only_if_it_may() {
    // Neither is an authority, though each has issued a certificate.
    let leaf = Identity::self_signed(&["root.example"], |params| {
        params.distinguished_name.push(DnType::CommonName, "root");
    });
    let pem = leaf.pem();
    let issued = Authority::with_key("root", leaf.key).issue_version_1(|_| {});
    assert_eq!(fault(connect(pem, &issued)), CertificateFault::BadPurpose);

    let signs_nothing = Identity::self_signed(&[], |params| {
        params.distinguished_name.push(DnType::CommonName, "root");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::CrlSign];
    });
    let pem = signs_nothing.pem();
    let issued = Authority::with_key("root", signs_nothing.key).issue_version_1(|_| {});
    assert_eq!(fault(connect(pem, &issued)), CertificateFault::BadPurpose);
}

#[test]
fn a_certificate_that_issued_itself_is_believed_if_it_is_a_root() {
    let authority = |change: fn(&mut rcgen::CertificateParams)| {
        Identity::self_signed(&["db.example"], |params| {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            change(params);
        })
    };
    let identity = authority(|_| {});
    connect(identity.pem(), &identity).unwrap();
    let not_authority = Identity::self_signed(&["db.example"], |_| {});
    connect(not_authority.pem(), &not_authority).unwrap();
    let root = Authority::new("root");
    assert_eq!(fault(connect(root.pem(), &identity)), NOT_BY_ROOT);

    let expired = authority(|params| params.not_after = date_time_ymd(2000, 1, 1));
    assert_eq!(fault(connect(expired.pem(), &expired)), CertificateFault::Expired);
    let of_client =
        authority(|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]);
    assert_eq!(
        fault(connect(of_client.pem(), &of_client)),
        CertificateFault::BadPurpose
    );
}

#[test]
fn what_is_critical_must_be_understood() {
    let root = Authority::new("root");
    for is_critical in [false, true] {
        let identity = root.issue_with(&["db.example"], |params| {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            let mut extension = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 1], vec![5, 0]);
            extension.set_criticality(is_critical);
            params.custom_extensions = vec![extension];
        });
        let outcome = connect(root.pem(), &identity);
        match is_critical {
            true => assert!(matches!(outcome, Err(TlsError::Certificate(_))), "{outcome:?}"),
            false => drop(outcome.unwrap()),
        }
    }
}

#[test]
fn a_root_that_may_not_issue_for_every_name_issues_nothing_here() {
    let root = Identity::self_signed(&[], |params| {
        params.distinguished_name.push(DnType::CommonName, "root");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let constraints = [
            0x30, 0x0d, 0xa0, 0x0b, 0x30, 0x09, 0x82, 0x07, b'e', b'x', b'a', b'm', b'p', b'l', b'e',
        ];
        params.custom_extensions = vec![CustomExtension::from_oid_content(
            &[2, 5, 29, 30],
            constraints.to_vec(),
        )];
    });
    let pem = root.pem();
    let issued = Authority::with_key("root", root.key).issue_version_1(|_| {});
    assert!(matches!(fault(connect(pem, &issued)), CertificateFault::Other(_)));
}

#[test]
fn revocation_lists_are_not_passed_by() {
    let files = Files::new();
    let root = Authority::new("root");
    let mut options = options("common.example", Verification::Ca, &root);
    options.revocation_file = Some(files.write("root.crl", root.revoke(&[], 4000)));
    let identity = root.issue_version_1(|_| {});
    assert_eq!(
        fault(shake_hands(&options, &Server::new(&identity)).client),
        CertificateFault::DirectIssue(DirectIssueError::RevocationLists)
    );
}
