//! TLS with real servers.
//!
//! PostgreSQL manual: [SSL Support](https://www.postgresql.org/docs/current/libpq-ssl.html),
//! [Secure TCP/IP Connections with SSL](https://www.postgresql.org/docs/current/ssl-tcp.html).

mod cancelling;
mod channel_binding;
mod client_certificate;
mod files;
mod modes;
mod negotiation;
mod revocation;
mod server_certificate;

use dblink_engine::connection::Connection;
use dblink_engine::net::ConnectError;
use dblink_tests::tls::Certificates;
use dblink_tests::{Cluster, roles};

use crate::conninfo::{over_tcp, resolve};
use crate::script::{self, Act, message};
use crate::support::WELCOME;

/// Connects as the user with SCRAM, over TCP.
async fn connect(cluster: &Cluster, options: &str) -> Result<Connection, ConnectError> {
    let conninfo = over_tcp(cluster, roles::SCRAM_USER, roles::SCRAM_PASSWORD);
    Connection::connect(&resolve(&format!("{conninfo} {options}"))).await
}

/// Why that fails, without the place.
#[track_caller]
fn cause(result: Result<Connection, ConnectError>) -> String {
    let error = result.unwrap_err();
    let [attempt] = &error.attempts[..] else {
        panic!("{error}")
    };
    attempt.cause.to_string()
}

/// What the server knows of this connection's TLS.
async fn tls(connection: &mut Connection, column: &str) -> Option<String> {
    let query = format!("select {column}::text from pg_stat_ssl where pid = pg_backend_pid()");
    let mut rows = connection.query(&query, &[]).await.unwrap();
    let value = rows.next().await.unwrap().unwrap().get(0).unwrap();
    assert!(rows.next().await.unwrap().is_none());
    value
}

/// Whether the server says that this connection is encrypted.
async fn is_encrypted(connection: &mut Connection) -> bool {
    tls(connection, "ssl").await.as_deref() == Some("true")
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
