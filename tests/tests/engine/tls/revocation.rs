//! Certificates that were withdrawn: `sslcrl` and `sslcrldir`.
//!
//! PostgreSQL manual: [`sslcrl`](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-SSLCRL).

use dblink_tests::pki::Authority;
use dblink_tests::{Cluster, Files};
use rcgen::SerialNumber;

use super::{cause, connect, is_encrypted};

/// The serial number of the server's certificate.
const SERIAL: u64 = 4711;

#[tokio::test]
async fn lists() {
    let authority = Authority::new("authority");
    let certificates = authority.server(&["localhost"], |params| {
        params.serial_number = Some(SerialNumber::from(SERIAL));
    });
    let cluster = Cluster::builder().tls(&certificates).start();
    let files = Files::new();
    let root = files.write("root.pem", &authority.pem(), 0o644);
    let write = |name: &str, list: &str| files.write(name, list, 0o644);
    let good = write("good.crl", &authority.revoke(&[1], 2100));
    let revoked = write("revoked.crl", &authority.revoke(&[1, SERIAL], 2100));
    let stale = write("stale.crl", &authority.revoke(&[1], 2021));
    let strange = write("strange.crl", &Authority::new("stranger").revoke(&[1], 2100));

    for mode in ["require", "verify-ca", "verify-full"] {
        let verify = format!("sslmode={mode} sslrootcert={root}");
        for options in [
            format!("sslcrl={good}"),
            "sslcrl=/nonexistent/list.crl".to_owned(),
        ] {
            let mut connection = connect(&cluster, &format!("{verify} {options}")).await.unwrap();
            assert!(is_encrypted(&mut connection).await);
        }
        for (list, reason) in [
            (&revoked, "certificate revoked"),
            (&stale, "CRL has expired"),
            (&strange, "unable to get certificate CRL"),
        ] {
            assert_eq!(
                cause(connect(&cluster, &format!("{verify} sslcrl={list}")).await),
                format!("SSL error: certificate verify failed: {reason}"),
                "{mode}"
            );
        }
    }
    // Without roots nothing is verified, as in libpq.
    connect(&cluster, &format!("sslmode=require sslcrl={revoked}"))
        .await
        .unwrap();
}

#[tokio::test]
async fn folders() {
    let authority = Authority::new("authority");
    let certificates = authority.server(&["localhost"], |params| {
        params.serial_number = Some(SerialNumber::from(SERIAL));
    });
    let cluster = Cluster::builder().tls(&certificates).start();
    let files = Files::new();
    let root = files.write("root.pem", &authority.pem(), 0o644);
    let verify = |folder: &Files| {
        let folder = folder.path("").to_str().unwrap().to_owned();
        format!("sslmode=verify-full sslrootcert={root} sslcrldir={folder}")
    };

    let folder = Files::new();
    let text = cause(connect(&cluster, &verify(&folder)).await);
    assert!(text.contains("no certificate revocation lists"), "{text}");
    folder.write("0123abcd.r0", &authority.revoke(&[1], 2100), 0o644);
    connect(&cluster, &verify(&folder)).await.unwrap();
    folder.write("0123abcd.r1", &authority.revoke(&[SERIAL], 2100), 0o644);
    folder.write(
        "0123abcd.r0",
        &Authority::new("stranger").revoke(&[1], 2100),
        0o644,
    );
    assert_eq!(
        cause(connect(&cluster, &verify(&folder)).await),
        "SSL error: certificate verify failed: certificate revoked"
    );
}
