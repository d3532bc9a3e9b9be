//! Where a sequence runs: a database, and a bystander in it.

use std::sync::atomic::{AtomicU32, Ordering};

use dblink_tests::{Cluster, roles};

use crate::outcome::Outcome;
use crate::psql::Psql;

/// A database of the shared server. It is both here and there: dblink connects to where it is called from.
pub(crate) struct Place {
    pub(crate) cluster: &'static Cluster,
    pub(crate) database: String,
    bystander: Psql,
}

/// What stands for connection strings to a [`Place`] in texts.
pub(crate) const REMOTE: &str = "<remote>";

impl Place {
    /// Makes a database.
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let cluster = Cluster::shared();
        let database = format!("place_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        cluster.psql(&format!("create database {database} template template0"));
        Self {
            cluster,
            bystander: Psql::start(cluster, &database, roles::SUPERUSER, "bystander"),
            database,
        }
    }

    /// Ends all sessions in it and removes all that is in it, and then runs these statements.
    pub(crate) fn reset(&mut self, setup: &[String]) {
        let others = "from <sessions> where pid <> pg_backend_pid()";
        self.bystander(&format!("select pg_terminate_backend(pid) {others}"));
        self.until(&format!("count(*) = 0 {others}"));
        let clean = [
            "discard all",
            "set client_min_messages = error",
            "drop schema if exists public, other cascade",
            "drop foreign data wrapper if exists other_wrapper cascade",
            "create schema public",
            "grant all on schema public to public",
            "create extension dblink",
        ];
        let steps: Vec<_> = clean
            .into_iter()
            .chain(setup.iter().map(String::as_str))
            .collect();
        let outcome = self.bystander(&steps.join(";\n"));
        assert!(outcome.error.is_none(), "{steps:?}\n{outcome}");
        self.bystander("reset client_min_messages");
    }

    /// Runs a statement outside of dblink.
    #[track_caller]
    pub(crate) fn bystander(&mut self, sql: &str) -> Outcome {
        let sql = self.expand(sql);
        self.bystander.run(&sql)
    }

    /// Waits until a condition holds.
    ///
    /// # Panics
    ///
    /// If it never does.
    #[track_caller]
    pub(crate) fn until(&mut self, condition: &str) {
        // It looks again and again, since nobody tells what other sessions do.
        let outcome = self.bystander(&format!(
            "set statement_timeout = '60 s'; \
             do $$ begin while not (select {condition}) loop \
             perform pg_sleep(0.001), pg_stat_clear_snapshot(); end loop; end $$; \
             reset statement_timeout"
        ));
        assert!(outcome.error.is_none(), "{condition}\n{outcome}");
    }

    /// Puts connection strings in the place of `<remote>`, whose user is the superuser, and of `<scram_user>` and its like;
    /// and the sessions in this database, which is not the only one, in the place of `<sessions>`.
    pub(crate) fn expand(&self, text: &str) -> String {
        let server = format!(
            "host={} port={} dbname={}",
            self.cluster.socket_dir().display(),
            self.cluster.port(),
            self.database
        );
        let user = |user| format!("{server} user={user} application_name=remote");
        let mut text = text
            .replace(
                "<sessions>",
                "(select * from pg_stat_activity where datname = current_database()) sessions",
            )
            .replace("<server>", &server)
            .replace("<socket>", &self.cluster.socket_dir().display().to_string())
            .replace("<port>", &self.cluster.port().to_string())
            .replace("<database>", &self.database)
            .replace(REMOTE, &user(roles::SUPERUSER));
        for role in [
            roles::TRUST_USER,
            roles::SCRAM_USER,
            roles::MD5_USER,
            roles::CLEARTEXT_USER,
        ] {
            text = text.replace(&format!("<{role}>"), &user(role));
        }
        text
    }
}
