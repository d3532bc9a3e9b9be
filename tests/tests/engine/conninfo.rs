//! Configurations of connections.

use std::net::{Ipv4Addr, TcpListener};

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

/// A port that nobody listens on.
pub(crate) fn refused_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}
