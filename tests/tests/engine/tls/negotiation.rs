//! How TLS begins, which versions are spoken, and the key log; and the versions of PostgreSQL's own protocol.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use dblink_engine::connection::Connection;
use dblink_tests::proxy::{Beginning, Proxy};
use dblink_tests::tls::Certificates;
use dblink_tests::{Cluster, roles};

use super::{Files, cause, connect, is_encrypted, tls};
use crate::conninfo::{over_tcp, resolve};
use crate::support::value;

#[tokio::test]
async fn every_sslmode() {
    let with_tls = Cluster::builder().tls(&Certificates::new()).start();
    for (mode, first) in [
        ("disable", Beginning::Startup),
        ("allow", Beginning::Startup),
        ("prefer", Beginning::SslRequest),
        ("require", Beginning::SslRequest),
    ] {
        for (cluster, has_tls) in [(&with_tls, true), (Cluster::shared(), false)] {
            let proxy = Proxy::to(cluster.port());
            let options = format!("sslmode={mode} port={}", proxy.port());
            if mode == "require" && !has_tls {
                assert_eq!(
                    cause(connect(cluster, &options).await),
                    "server does not support SSL, but SSL was required"
                );
            } else {
                let mut connection = connect(cluster, &options).await.unwrap();
                let is_expected = has_tls && first == Beginning::SslRequest;
                assert_eq!(is_encrypted(&mut connection).await, is_expected, "{mode}");
            }
            assert_eq!(proxy.seen(), [first], "{mode}");
        }
    }
    // Nothing verifies a server that has no TLS.
    let files = Files::new();
    let root = files.write("root.pem", &Certificates::new().ca_pem, 0o644);
    for mode in ["verify-ca", "verify-full"] {
        assert_eq!(
            cause(connect(Cluster::shared(), &format!("sslmode={mode} sslrootcert={root}")).await),
            "server does not support SSL, but SSL was required"
        );
    }
}

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
    }
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
    // One that cannot be written is no obstacle.
    connect(&cluster, "sslmode=require sslkeylogfile=/nonexistent/keys.log")
        .await
        .unwrap();
}

/// The request to cancel goes the way that the session went, and is answered over TLS with the same demands.
#[tokio::test]
async fn a_request_to_cancel() {
    let certificates = Certificates::new();
    let cluster = Cluster::builder().tls(&certificates).start();
    let files = Files::new();
    let root = files.write("root.pem", &certificates.ca_pem, 0o644);
    let mut ways = vec![
        ("sslmode=disable", [Beginning::Startup, Beginning::Cancel]),
        ("sslmode=prefer", [Beginning::SslRequest; 2]),
        ("sslmode=verify-full", [Beginning::SslRequest; 2]),
    ];
    if cluster.version() >= 17 {
        ways.push(("sslmode=verify-full sslnegotiation=direct", [Beginning::Tls; 2]));
        ways.push((
            "sslmode=require max_protocol_version=3.2",
            [Beginning::SslRequest; 2],
        ));
    }
    for (way, seen) in ways {
        let proxy = Proxy::to(cluster.port());
        let options = format!("{way} sslrootcert={root} port={}", proxy.port());
        let mut connection = connect(&cluster, &options).await.unwrap();
        let handle = connection.cancel_handle().unwrap();
        // The notice tells that it runs.
        let (running, runs) = tokio::sync::oneshot::channel::<()>();
        let mut running = Some(running);
        connection.on_notice(move |_| drop(running.take()));
        let cancel = async {
            runs.await.unwrap_err();
            handle.cancel(Duration::from_secs(10)).await.unwrap();
        };
        let query = connection.execute(
            "do $$ begin raise notice 'running'; perform pg_sleep(3600); end $$",
            &[],
        );
        let (result, ()) = tokio::join!(query, cancel);
        assert_eq!(result.unwrap_err().sqlstate().as_str(), "57014", "{way}");
        assert_eq!(value(&mut connection, "select 1").await.unwrap(), 1);
        assert_eq!(proxy.seen(), seen, "{way}");
    }
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
