//! Configurations of connections.

use dblink_engine::conninfo::{Account, AccountError, Config, Conninfo, Environment};
use dblink_tests::Cluster;

/// An environment with these variables, for a user who has no files.
#[derive(Debug)]
pub(crate) struct Variables<'a>(pub(crate) &'a [(&'a str, &'a str)]);

impl Environment for Variables<'_> {
    fn variable(&self, name: &str) -> Option<Vec<u8>> {
        let mut variables = self.0.iter();
        let found = variables.find(|(variable, _)| *variable == name);
        found.map(|(_, value)| value.as_bytes().to_vec())
    }

    fn account(&self) -> Result<Account, AccountError> {
        Ok(Account {
            name: "nobody".into(),
            home: "/nonexistent".into(),
        })
    }
}

/// What a string says, in no environment.
pub(crate) fn resolve(conninfo: &str) -> Config {
    Conninfo::parse(conninfo)
        .unwrap()
        .resolve(&Variables(&[]))
        .unwrap()
}

/// A string for a user of a server, over TCP.
pub(crate) fn over_tcp(cluster: &Cluster, user: &str, password: &str) -> String {
    format!(
        "host=localhost hostaddr=127.0.0.1 port={} dbname=postgres user={user} password={password}",
        cluster.port()
    )
}
