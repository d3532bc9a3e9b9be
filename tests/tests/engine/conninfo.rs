//! Configurations of connections.

use std::net::Ipv4Addr;

use dblink_engine::conninfo::{Account, AccountError, Config, Conninfo, Environment};
use dblink_tests::Cluster;

/// No environment: nothing but what the string says.
#[derive(Debug)]
struct Nothing;

impl Environment for Nothing {
    fn variable(&self, _: &str) -> Option<Vec<u8>> {
        None
    }

    fn account(&self) -> Result<Account, AccountError> {
        Ok(Account {
            name: "nobody".into(),
            home: "/nonexistent".into(),
        })
    }
}

/// What a string says.
pub(crate) fn resolve(conninfo: &str) -> Config {
    Conninfo::parse(conninfo).unwrap().resolve(&Nothing).unwrap()
}

/// A string for a user of a server, over TCP.
pub(crate) fn over_tcp(cluster: &Cluster, user: &str, password: &str) -> String {
    format!(
        "host=localhost hostaddr=127.0.0.1 port={} dbname=postgres user={user} password={password}",
        cluster.port()
    )
}

/// A port that nobody listens on, nor can, as long as this process runs.
pub(crate) fn refused_port() -> u16 {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let port = socket.local_addr().unwrap().port();
    // Closed, the port could become another test's.
    std::mem::forget(socket);
    port
}
