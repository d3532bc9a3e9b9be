//! Requests to cancel, which have connections of their own.
//!
//! PostgreSQL manual: [Canceling Requests in Progress](https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS).

use std::time::Duration;

use dblink_engine::connection::Connection;
use dblink_tests::proxy::{Beginning, Proxy};
use dblink_tests::tls::Certificates;
use dblink_tests::{Cluster, Files};

use super::{connect, session};
use crate::conninfo::resolve;
use crate::script::{self, Act, Server};
use crate::support::value;

/// The request to cancel goes the way that the session went, and is answered over TLS with the same demands.
#[tokio::test]
async fn goes_the_way_of_the_session() {
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

#[tokio::test]
async fn shows_the_certificate_anew() {
    let servers = Certificates::new();
    let clients = Certificates::for_clients();
    let files = Files::new();
    let client = format!(
        "sslcert={} sslkey={}",
        files.write("client.crt", &clients.server_pem, 0o644),
        files.write("client.key", &clients.server_key_pem, 0o600)
    );
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

/// Nothing is sent to a server that has lost its TLS, or is another one.
#[tokio::test]
async fn does_not_make_do_with_less() {
    let servers = Certificates::new();
    let files = Files::new();
    let root = files.write("root.pem", &servers.ca_pem, 0o644);
    let no = [Act::Hear, Act::Say(b"N".to_vec())];
    let stranger = Certificates::new();
    let tls = |certificates| {
        [
            Act::Hear,
            Act::Say(b"S".to_vec()),
            Act::StartTls(script::tls(certificates, None)),
        ]
    };
    let elsewhere = Certificates::for_names(&["elsewhere.example"]);
    let more = files.write("more.pem", &[&*servers.ca_pem, &elsewhere.ca_pem].concat(), 0o644);
    for (root, answer, expected) in [
        (
            &root,
            &no[..],
            "the server has no TLS for a request to cancel, though the session has it",
        ),
        (
            &root,
            &tls(&stranger),
            "SSL error: certificate verify failed: certificate signature failure",
        ),
        (
            &more,
            &tls(&elsewhere),
            "server certificate for \"elsewhere.example\" does not match host name \"localhost\"",
        ),
    ] {
        let mut server = Server::start_with(&[&session(&servers, None), answer]);
        let config = resolve(&format!(
            "host=localhost hostaddr=127.0.0.1 port={} user=u sslmode=verify-full sslrootcert={root}",
            server.port
        ));
        let connection = Connection::connect(&config).await.unwrap();
        let handle = connection.cancel_handle().unwrap();
        connection.close().await.unwrap();
        server.last_words().await;
        let error = handle.cancel(Duration::from_secs(60)).await.unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert_eq!(server.last_words().await, b"", "{expected}");
    }
}
