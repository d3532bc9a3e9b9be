//! TLS from the first byte, the versions that are spoken, and the key log; and the versions of PostgreSQL's own protocol.

use std::os::unix::fs::PermissionsExt;

use dblink_engine::connection::Connection;
use dblink_tests::proxy::{Beginning, Proxy};
use dblink_tests::tls::Certificates;
use dblink_tests::{Cluster, Files, roles};

use super::{cause, connect, is_encrypted, tls};
use crate::conninfo::{over_tcp, resolve};

/// Without an SSLRequest, which servers know since version 17.
#[tokio::test]
async fn direct() {
    let certificates = Certificates::new();
    let cluster = Cluster::builder().tls(&certificates).start();
    let files = Files::new();
    let root = files.write("root.pem", &certificates.ca_pem, 0o644);
    for mode in ["require", "verify-ca", "verify-full"] {
        let proxy = Proxy::to(cluster.port());
        let options = format!(
            "sslmode={mode} sslnegotiation=direct sslrootcert={root} port={}",
            proxy.port()
        );
        let result = connect(&cluster, &options).await;
        if cluster.version() >= 17 {
            assert!(is_encrypted(&mut result.unwrap()).await);
        } else {
            // It takes the ClientHello for a packet of a wrong length.
            let text = cause(result);
            assert!(text.starts_with("SSL "), "{text}");
        }
        assert_eq!(proxy.seen(), [Beginning::Tls], "{mode}");
    }
}

#[tokio::test]
async fn versions_of_tls() {
    let cluster = Cluster::builder().tls(&Certificates::new()).start();
    for (options, version) in [
        ("", "TLSv1.3"),
        ("ssl_max_protocol_version=TLSv1.2", "TLSv1.2"),
        ("ssl_min_protocol_version=TLSv1.3", "TLSv1.3"),
        ("ssl_min_protocol_version=TLSv1", "TLSv1.3"),
        (
            "ssl_min_protocol_version=TLSv1.2 ssl_max_protocol_version=TLSv1.2",
            "TLSv1.2",
        ),
    ] {
        let mut connection = connect(&cluster, &format!("sslmode=require {options}"))
            .await
            .unwrap();
        assert_eq!(tls(&mut connection, "version").await.as_deref(), Some(version));
        assert_eq!(connection.tls().unwrap().version.as_str(), version);
        let address = format!("127.0.0.1:{}", cluster.port());
        assert_eq!(connection.server_address(), Some(address));
    }
    assert_eq!(connect(&cluster, "sslmode=disable").await.unwrap().tls(), None);
    let cluster = Cluster::builder()
        .tls(&Certificates::new())
        .conf("ssl_max_protocol_version", "TLSv1.2")
        .start();
    connect(&cluster, "sslmode=require").await.unwrap();
    let text = cause(connect(&cluster, "sslmode=require ssl_min_protocol_version=TLSv1.3").await);
    assert!(
        text.starts_with("SSL error: ")
            && text.ends_with(
                "This may indicate that the server does not support any SSL protocol version between TLSv1.3 and \
                 TLSv1.3."
            ),
        "{text}"
    );
}

#[tokio::test]
async fn the_key_log() {
    let cluster = Cluster::builder().tls(&Certificates::new()).start();
    let files = Files::new();
    let path = files.path("keys.log");
    let log = format!("sslkeylogfile={}", path.display());
    connect(&cluster, &format!("sslmode=disable {log}"))
        .await
        .unwrap();
    assert!(!path.exists());
    for (version, label) in [("1.3", "CLIENT_TRAFFIC_SECRET_0 "), ("1.2", "CLIENT_RANDOM ")] {
        let options = format!("sslmode=require ssl_max_protocol_version=TLSv{version} {log}");
        connect(&cluster, &options).await.unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(
            text.lines().filter(|line| line.starts_with(label)).count(),
            1,
            "{text}"
        );
    }
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

/// 3.2 is known since version 18, and has longer keys for cancelling.
#[tokio::test]
async fn versions_of_the_protocol() {
    let cluster = Cluster::shared();
    let conninfo = over_tcp(cluster, roles::SCRAM_USER, roles::SCRAM_PASSWORD);
    let key_bytes = async |options: &str| {
        let config = resolve(&format!("{conninfo} {options}"));
        let connection = Connection::connect(&config).await?;
        let key = connection.cancel_key().unwrap();
        let bytes = key.request().secret_key.as_bytes().len();
        Ok::<_, dblink_engine::net::ConnectError>(bytes)
    };
    let new = cluster.version() >= 18;
    let long = if new { 32 } else { 4 };
    for (options, bytes) in [
        ("", 4),
        ("max_protocol_version=3.0", 4),
        ("max_protocol_version=3.2", long),
        ("max_protocol_version=latest", long),
    ] {
        assert_eq!(key_bytes(options).await.unwrap(), bytes, "{options}");
    }
    let demanded = key_bytes("min_protocol_version=3.2").await;
    if new {
        assert_eq!(demanded.unwrap(), 32);
    } else {
        let text = demanded.unwrap_err().to_string();
        assert!(
            text.ends_with(
                "server only supports protocol version 3.0, but \"min_protocol_version\" was set to 3.2"
            ),
            "{text}"
        );
    }
}
