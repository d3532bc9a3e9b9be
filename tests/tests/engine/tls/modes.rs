//! TLS that is tried, refused, and kept.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use dblink_engine::connection::Connection;
use dblink_engine::net::{AttemptError, ConnectError};
use dblink_tests::tls::Certificates;
use dblink_tests::{Cluster, roles};
use tempfile::TempDir;

use crate::conninfo::{over_tcp, refused_port, resolve};
use crate::script::{self, Act, Server, message};
use crate::support::{WELCOME, value};

/// A file that holds no certificate.
fn rubbish() -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("root.pem");
    fs::write(&path, "rubbish").unwrap();
    let path = path.display().to_string();
    (folder, path)
}

fn refusal(error: &ConnectError) -> String {
    format!("{}", error.attempts[0].cause)
}

/// As with any failure of TLS, plain text will do where it is allowed.
#[tokio::test]
async fn files_that_cannot_be_read_are_a_failure_of_tls() {
    let cluster = Cluster::builder().tls(&Certificates::new()).start();
    let (_folder, root) = rubbish();
    let conninfo = over_tcp(&cluster, roles::SCRAM_USER, roles::SCRAM_PASSWORD);
    let connect = async |mode: &str| {
        Connection::connect(&resolve(&format!("{conninfo} sslmode={mode} sslrootcert={root}"))).await
    };
    let mut connection = connect("prefer").await.unwrap();
    let encrypted = "select ssl::int from pg_stat_ssl where pid = pg_backend_pid()";
    assert_eq!(value(&mut connection, encrypted).await.unwrap(), 0);
    let error = connect("require").await.unwrap_err();
    assert_eq!(error.attempts.len(), 1);
    assert_eq!(error.sqlstate().as_str(), "08001");
    let expected = format!("could not read root certificate file \"{root}\": ");
    assert!(refusal(&error).starts_with(&expected), "{error}");
}

/// They are not read before the server has agreed to TLS.
#[tokio::test]
async fn files_that_are_not_needed_are_not_read() {
    let (_folder, root) = rubbish();
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

/// Options that show this certificate of a client. They are good as long as the folder.
fn identity(certificates: &Certificates) -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path.display().to_string()
    };
    let options = format!(
        "sslcert={} sslkey={}",
        file("client.crt", &certificates.server_pem),
        file("client.key", &certificates.server_key_pem)
    );
    (folder, options)
}

/// With TLS 1.3 the client hears of it after its handshake is over.
#[tokio::test]
async fn a_certificate_that_the_server_refuses_is_told() {
    let mut authority = tempfile::NamedTempFile::new().unwrap();
    authority
        .write_all(Certificates::new().ca_pem.as_bytes())
        .unwrap();
    fs::set_permissions(authority.path(), fs::Permissions::from_mode(0o644)).unwrap();
    let cluster = Cluster::builder()
        .tls(&Certificates::new())
        .conf("ssl_ca_file", &authority.path().display().to_string())
        .start();
    let (_folder, stranger) = identity(&Certificates::new());
    let conninfo = over_tcp(&cluster, roles::SCRAM_USER, roles::SCRAM_PASSWORD);
    for mode in ["require", "prefer"] {
        for version in ["TLSv1.2", "TLSv1.3"] {
            let config = resolve(&format!(
                "{conninfo} {stranger} sslmode={mode} ssl_min_protocol_version={version} \
                 ssl_max_protocol_version={version}"
            ));
            let outcome = Connection::connect(&config).await;
            if (mode, version) == ("prefer", "TLSv1.2") {
                // As with libpq: here the handshake has failed, and plain text is tried.
                outcome.unwrap();
                continue;
            }
            let error = outcome.unwrap_err();
            assert_eq!(error.attempts.len(), 1, "{error}");
            assert_eq!(refusal(&error), "SSL error: received fatal alert: UnknownCA");
            assert_eq!(error.sqlstate().as_str(), "28000");
        }
    }
}

/// What a server does that speaks TLS and lets everybody in.
fn session(certificates: &Certificates, clients: Option<&Certificates>) -> Vec<Act> {
    let key = message(b'K', b"\0\0\0\x07key.");
    vec![
        Act::Hear,
        Act::Say(b"S".to_vec()),
        Act::StartTls(script::tls(certificates, clients)),
        Act::Hear,
        Act::Say([&WELCOME[..9], &key, &WELCOME[9..]].concat()),
    ]
}

#[tokio::test]
async fn a_request_to_cancel_shows_the_certificate_anew() {
    let servers = Certificates::new();
    let clients = Certificates::for_clients();
    let (_folder, client) = identity(&clients);
    let mut server = Server::start_with(&[
        &session(&servers, Some(&clients)),
        &[
            Act::Hear,
            Act::Say(b"S".to_vec()),
            Act::StartTls(script::tls(&servers, Some(&clients))),
            Act::Hear,
            Act::Close,
        ],
        &session(&servers, None),
    ]);
    let config = resolve(&format!(
        "host=127.0.0.1 port={} user=u {client} sslmode=require sslcertmode=require",
        server.port
    ));
    let connection = Connection::connect(&config).await.unwrap();
    let handle = connection.cancel_handle().unwrap();
    server.silence().await;
    drop(connection);
    handle.cancel(Duration::from_secs(60)).await.unwrap();
    // The session's server did ask for it, and this one does not.
    let error = handle.cancel(Duration::from_secs(60)).await.unwrap_err();
    assert_eq!(error.to_string(), "server did not request an SSL certificate");
    assert_eq!(server.connections(), 3);
}

/// A file that has gone is missed at the next connection, not before.
#[tokio::test]
async fn each_connection_reads_the_files_anew() {
    let servers = Certificates::new();
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root.pem");
    fs::write(&root, &servers.ca_pem).unwrap();
    let server = Server::start(&session(&servers, None));
    let config = resolve(&format!(
        "host=localhost hostaddr=127.0.0.1 port={} user=u sslmode=verify-full sslrootcert={}",
        server.port,
        root.display()
    ));
    drop(Connection::connect(&config).await.unwrap());
    replace(&root, &Certificates::new());
    let error = Connection::connect(&config).await.unwrap_err();
    assert!(
        matches!(&error.attempts[0].cause, AttemptError::Open(error)
            if error.to_string().contains("certificate verify failed")),
        "{error}"
    );
}

fn replace(root: &Path, by: &Certificates) {
    fs::write(root, &by.ca_pem).unwrap();
}

/// What the server refuses after it knows who we are has nothing to do with encryption.
#[tokio::test]
async fn a_refusal_after_authentication_is_not_tried_without_encryption() {
    let certificates = Certificates::new();
    let cluster = Cluster::builder().tls(&certificates).start();
    let conninfo = over_tcp(&cluster, roles::SCRAM_USER, roles::SCRAM_PASSWORD);
    let config = resolve(&format!("{conninfo} sslmode=prefer dbname=nowhere"));
    let error = Connection::connect(&config).await.unwrap_err();
    assert_eq!(error.attempts.len(), 1, "{error}");
    assert_eq!(error.sqlstate().as_str(), "3D000");

    // What it refuses before is tried again, and both are told.
    let config = resolve(&format!("{conninfo}wrong sslmode=prefer"));
    let error = Connection::connect(&config).await.unwrap_err();
    assert_eq!(error.attempts.len(), 2, "{error}");
}

#[tokio::test]
async fn every_sslmode_with_a_server_that_has_tls() {
    let certificates = Certificates::new();
    let cluster = Cluster::builder().tls(&certificates).start();
    let folder = cluster.data_dir();
    let root = folder.parent().unwrap().join("root.pem");
    std::fs::write(&root, &certificates.ca_pem).unwrap();
    let encrypted = "select ssl::int from pg_stat_ssl where pid = pg_backend_pid()";
    let connect = async |rest: &str| {
        let conninfo = over_tcp(&cluster, roles::SCRAM_USER, roles::SCRAM_PASSWORD);
        Connection::connect(&resolve(&format!("{conninfo} {rest}"))).await
    };
    for (mode, is_encrypted) in [
        ("disable", 0),
        ("allow", 0),
        ("prefer", 1),
        ("require", 1),
        ("require channel_binding=require", 1),
    ] {
        let mut connection = connect(&format!("sslmode={mode}")).await.unwrap();
        assert_eq!(
            value(&mut connection, encrypted).await.unwrap(),
            is_encrypted,
            "{mode}"
        );
    }
    for mode in ["verify-ca", "verify-full"] {
        let mut connection = connect(&format!("sslmode={mode} sslrootcert={}", root.display()))
            .await
            .unwrap();
        assert_eq!(value(&mut connection, encrypted).await.unwrap(), 1, "{mode}");
        // Nobody to trust.
        connect(&format!("sslmode={mode} sslrootcert=/nowhere"))
            .await
            .unwrap_err();
    }
    // The name counts for verify-full, and only there.
    let elsewhere = format!("host=elsewhere sslrootcert={}", root.display());
    connect(&format!("sslmode=verify-ca {elsewhere}")).await.unwrap();
    let error = connect(&format!("sslmode=verify-full {elsewhere}"))
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("does not match host name \"elsewhere\""),
        "{error}"
    );
    if cluster.version() >= 17 {
        let mut connection = connect("sslmode=require sslnegotiation=direct").await.unwrap();
        assert_eq!(value(&mut connection, encrypted).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn every_sslmode_with_a_server_that_has_no_tls() {
    let cluster = Cluster::shared();
    let connect = async |mode: &str| {
        let conninfo = over_tcp(cluster, roles::SCRAM_USER, roles::SCRAM_PASSWORD);
        Connection::connect(&resolve(&format!("{conninfo} sslmode={mode}"))).await
    };
    for mode in ["disable", "allow", "prefer"] {
        connect(mode).await.unwrap();
    }
    let error = connect("require").await.unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("server does not support SSL, but SSL was required"),
        "{error}"
    );
}

/// With allow, a server that refuses plain text is tried again with TLS; with prefer the other way round.
#[tokio::test]
async fn the_other_encryption_is_tried_when_the_server_refuses() {
    let certificates = Certificates::new();
    let cluster = Cluster::builder()
        .tls(&certificates)
        .hba("hostnossl all trust_user 127.0.0.1/32 reject")
        .hba("hostssl all md5_user 127.0.0.1/32 reject")
        .start();
    let encrypted = "select ssl::int from pg_stat_ssl where pid = pg_backend_pid()";
    for (user, password, mode, is_encrypted) in [
        (roles::TRUST_USER, "none", "allow", 1),
        (roles::MD5_USER, roles::MD5_PASSWORD, "prefer", 0),
    ] {
        let conninfo = over_tcp(&cluster, user, password);
        let config = resolve(&format!("{conninfo} sslmode={mode}"));
        let mut connection = Connection::connect(&config).await.unwrap();
        assert_eq!(
            value(&mut connection, encrypted).await.unwrap(),
            is_encrypted,
            "{mode}"
        );
    }
}
