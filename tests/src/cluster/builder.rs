//! What a cluster shall be like, and its making.

use dblink_throwaway::{Error, Site};

use super::Cluster;
use crate::binaries::Binaries;
use crate::roles;
use crate::tls::Certificates;

/// What a [`Cluster`] shall be like. Made by [`Cluster::builder`].
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct Builder {
    settings: Vec<(String, String)>,
    hba: Vec<String>,
    certificates: Option<Certificates>,
}

impl Builder {
    /// Sets a [server setting](https://www.postgresql.org/docs/current/runtime-config.html). The last value given for
    /// a name is taken.
    pub fn conf(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a line to [`pg_hba.conf`](https://www.postgresql.org/docs/current/auth-pg-hba-conf.html), above those for
    /// the users in [`roles`], in the order given.
    pub fn hba(mut self, line: &str) -> Self {
        self.hba.push(line.to_owned());
        self
    }

    /// Turns TLS on with this certificate and key.
    pub fn tls(mut self, certificates: &Certificates) -> Self {
        self.certificates = Some(certificates.clone());
        self
    }

    /// Makes the cluster and starts its server. Returns when it takes connections.
    ///
    /// # Panics
    ///
    /// If there is no server to be found on this machine, or it does not start: with its log's end.
    pub fn start(self) -> Cluster {
        self.start_on(free_port)
    }

    fn start_on(self, next_port: impl FnMut() -> u16) -> Cluster {
        let site = make_site();
        or_panic(site.init());
        or_panic(self.configure(&site));
        let cluster = start(site, next_port);
        cluster.psql(&roles::create());
        cluster
    }

    fn configure(&self, site: &Site) -> Result<(), Error> {
        let mut settings = vec![("listen_addresses", "127.0.0.1")];
        if let Some(certificates) = &self.certificates {
            site.write("server.crt", &certificates.server_pem)?;
            site.write("server.key", &certificates.server_key_pem)?;
            settings.push(("ssl", "on"));
        }
        settings.extend(self.settings.iter().map(|(name, value)| (&**name, &**value)));
        site.configure(settings)?;
        // A standby copies the server as its superuser. A pooler knows no such line.
        let copies = format!("local replication {} trust\n", roles::SUPERUSER);
        site.write("pg_hba.conf", &(roles::hba(&self.hba) + &copies))
    }
}

/// Finds the programs and makes a folder.
pub(super) fn make_site() -> Site {
    or_panic(Site::make("dblink-test-"))
}

/// Starts the server on the first of these ports that is free.
pub(super) fn start(site: Site, mut next_port: impl FnMut() -> u16) -> Cluster {
    let binaries = Binaries::of(site.programs()).unwrap_or_else(|error| panic!("{error}"));
    let server = or_panic(site.start(|| Ok(next_port())));
    Cluster {
        server,
        psql: binaries.psql,
    }
}

/// What cannot be set up is a failed test.
pub(crate) fn or_panic<T>(result: Result<T, Error>) -> T {
    result.unwrap_or_else(|error| panic!("{error}"))
}

/// A port of `127.0.0.1` that nobody listens on.
pub(crate) fn free_port() -> u16 {
    or_panic(dblink_throwaway::free_port())
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use super::*;

    #[test]
    fn a_port_that_is_taken_is_given_up_for_another() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let taken = (taken.local_addr().unwrap().port(), taken);
        let mut asked = 0;
        let cluster = Cluster::builder().start_on(|| {
            asked += 1;
            if asked == 1 { taken.0 } else { free_port() }
        });
        assert!(asked > 1);
        assert_ne!(cluster.port(), taken.0);
        assert_eq!(cluster.psql("show port"), cluster.port().to_string());
    }

    #[test]
    #[should_panic(expected = "unrecognized configuration parameter \"no_such_setting\"")]
    fn the_log_says_why_a_server_does_not_start() {
        Cluster::builder().conf("no_such_setting", "1").start();
    }
}
