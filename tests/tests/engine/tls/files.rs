//! The files that TLS takes: when they are read, and what becomes of those that cannot be.

use dblink_engine::connection::Connection;
use dblink_engine::net::tls::TlsWarning;
use dblink_tests::tls::Certificates;
use dblink_tests::{Cluster, Files, refused_port};

use super::{cause, connect, is_encrypted, session};
use crate::conninfo::resolve;
use crate::script::{Act, Server};
use crate::support::WELCOME;

/// As with any failure of TLS, plain text will do where it is allowed.
#[tokio::test]
async fn that_cannot_be_read() {
    let cluster = Cluster::builder().tls(&Certificates::new()).start();
    let files = Files::new();
    let root = files.write("root.pem", "rubbish", 0o644);
    let connect = async |mode: &str| connect(&cluster, &format!("sslmode={mode} sslrootcert={root}")).await;
    assert!(!is_encrypted(&mut connect("prefer").await.unwrap()).await);
    for mode in ["require", "verify-ca", "verify-full"] {
        let result = connect(mode).await;
        let sqlstate = result.as_ref().unwrap_err().sqlstate();
        assert_eq!(sqlstate.as_str(), "08001");
        let text = cause(result);
        assert!(
            text.starts_with(&format!("could not read root certificate file \"{root}\": ")),
            "{text}"
        );
    }
}

/// They are not read before the server has agreed to TLS.
#[tokio::test]
async fn that_are_not_needed() {
    let files = Files::new();
    let root = files.write("root.pem", "rubbish", 0o644);
    let without_tls = Server::start(&[
        Act::Hear,
        Act::Say(b"N".to_vec()),
        Act::Hear,
        Act::Say(WELCOME.to_vec()),
    ]);
    // The first host is not even reached.
    let config = resolve(&format!(
        "host=127.0.0.1,127.0.0.1 port={},{} user=u sslmode=prefer sslrootcert={root}",
        refused_port(),
        without_tls.port
    ));
    Connection::connect(&config).await.unwrap();
    assert_eq!(without_tls.connections(), 1);
}

/// Each connection reads them: one that has changed is missed at the next, not before.
#[tokio::test]
async fn that_change() {
    let servers = Certificates::new();
    let files = Files::new();
    let root = files.write("root.pem", &servers.ca_pem, 0o644);
    let server = Server::start(&session(&servers, None));
    let config = resolve(&format!(
        "host=localhost hostaddr=127.0.0.1 port={} user=u sslmode=verify-full sslrootcert={root}",
        server.port
    ));
    drop(Connection::connect(&config).await.unwrap());
    files.write("root.pem", &Certificates::new().ca_pem, 0o644);
    assert_eq!(
        cause(Connection::connect(&config).await),
        "SSL error: certificate verify failed: certificate signature failure"
    );
}

/// A session that comes about all the same has a warning.
#[tokio::test]
async fn that_are_missed() {
    let cluster = Cluster::builder().tls(&Certificates::new()).start();
    let files = Files::new();
    let (root, log) = (files.path("root.pem"), files.path("no/keys.log"));
    let options = format!(
        "sslmode=require sslrootcert={} sslkeylogfile={}",
        root.display(),
        log.display()
    );
    let connection = connect(&cluster, &options).await.unwrap();
    let key_log = TlsWarning::KeyLog {
        path: log,
        reason: "No such file or directory".into(),
    };
    assert_eq!(
        connection.tls_warnings(),
        [TlsWarning::NotVerified(root), key_log]
    );

    let options = format!("{options} sslmode=disable");
    assert_eq!(connect(&cluster, &options).await.unwrap().tls_warnings(), []);
    let connection = connect(&cluster, "sslmode=require").await.unwrap();
    assert_eq!(connection.tls_warnings(), []);
}
