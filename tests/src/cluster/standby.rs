//! A copy of a server that follows it.
//!
//! PostgreSQL manual: [Hot Standby](https://www.postgresql.org/docs/current/hot-standby.html),
//! [Making a Base Backup Using the Low Level API](https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP).

use std::fmt::Write as _;
use std::fs;

use dblink_throwaway::Site;

use super::Cluster;
use super::builder::{free_port, make_site, or_panic, start};
use crate::roles;

impl Cluster {
    /// Starts a hot standby of this server, which must be 15 or newer. It has the same settings, and streams for as long as
    /// this server lives.
    ///
    /// # Panics
    ///
    /// If it cannot be made, or does not start.
    pub fn standby(&self) -> Self {
        let site = make_site();
        let label = self.copy_to(&site);
        for left in ["postmaster.pid", "postmaster.opts"] {
            fs::remove_file(site.data_dir().join(left)).unwrap();
        }
        let conf = site.data_dir().join("postgresql.conf");
        let mut conf = fs::read_to_string(conf).unwrap();
        writeln!(
            conf,
            "unix_socket_directories = '{}'",
            site.socket_dir().display()
        )
        .unwrap();
        writeln!(
            conf,
            "primary_conninfo = 'host={} port={} user={}'",
            self.socket_dir().display(),
            self.port(),
            roles::SUPERUSER
        )
        .unwrap();
        or_panic(site.write("postgresql.conf", &conf));
        or_panic(site.write("backup_label", &label));
        or_panic(site.write("standby.signal", ""));
        start(site, free_port)
    }

    /// Copies the data folder while the server runs, and gives the content of the copy's `backup_label`.
    fn copy_to(&self, site: &Site) -> String {
        let (from, to) = (self.data_dir(), site.data_dir());
        // The backup is the session's. As root, cp keeps the owner.
        let output = self
            .psql_command()
            .args(["--command", r"\o /dev/null"])
            .args(["--command", "select pg_backup_start('standby', true)"])
            .args([
                "--command",
                &format!(r"\! cp -a '{}' '{}'", from.display(), to.display()),
            ])
            .args(["--command", r"\o"])
            .args(["--command", "select labelfile from pg_backup_stop(false)"])
            .output();
        let output = output.unwrap_or_else(|error| panic!("psql does not run: {error}"));
        assert!(
            output.status.success() && to.is_dir(),
            "the backup failed: {}",
            String::from_utf8_lossy(&output.stderr).trim_end()
        );
        String::from_utf8(output.stdout).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use crate::Cluster;

    #[test]
    fn it_follows() {
        let primary = Cluster::start();
        primary.psql("create table t as select 7 as n");
        let standby = primary.standby();
        assert_eq!(standby.psql("select pg_is_in_recovery(), n from t"), "t|7");
        assert_ne!(standby.port(), primary.port());
    }
}
