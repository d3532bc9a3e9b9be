//! The clients.

mod dblink;
mod floor;
mod libpq;
mod module;
mod program;
mod psql;
mod session;
#[cfg(feature = "sqlx")]
mod sqlx;
mod tokio_postgres;

use std::error::Error;

use dblink_tests::roles;

use crate::work::Work;

/// Whatever went wrong: it ends the run.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// What to be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Client {
    /// No client: it reads the socket, and walks from message to message.
    Floor,
    /// This project's connections.
    Dblink,
    /// This project's dblink.
    Session,
    TokioPostgres,
    #[cfg(feature = "sqlx")]
    Sqlx,
    /// libpq, with whole results.
    Libpq,
    /// libpq in single-row mode.
    LibpqRows,
    /// `psql`; or two of it, with a pipe between them.
    Psql,
    /// The program `dblink`.
    Program,
    /// PostgreSQL's own dblink, whose work is done by a server that asks itself.
    Module,
}

/// What came of a work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    /// How many rows there were, or calls.
    pub(crate) count: u64,
    /// Of what was read: the numbers, and the lengths of texts. The floor reads none.
    pub(crate) sum: u64,
}

/// A client that has connected.
pub(crate) trait Session {
    /// Does a work `count` times; none if the client cannot.
    fn run(&mut self, work: Work, count: u32) -> Result<Option<Answer>>;
}

impl Client {
    pub(crate) const ALL: &[Self] = &[
        Self::Floor,
        Self::Dblink,
        Self::Session,
        Self::TokioPostgres,
        #[cfg(feature = "sqlx")]
        Self::Sqlx,
        Self::Libpq,
        Self::LibpqRows,
        Self::Psql,
        Self::Program,
        Self::Module,
    ];

    /// Whether what it does is done by this process alone.
    pub(crate) fn is_one_program(self) -> bool {
        !matches!(self, Self::Psql | Self::Program | Self::Module)
    }

    /// The name on the command line and in the table.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::Dblink => "dblink",
            Self::Session => "dblink-session",
            Self::TokioPostgres => "tokio-postgres",
            #[cfg(feature = "sqlx")]
            Self::Sqlx => "sqlx",
            Self::Libpq => "libpq",
            Self::LibpqRows => "libpq-rows",
            Self::Psql => "psql",
            Self::Program => "dblink-query",
            Self::Module => "dblink-in-c",
        }
    }

    /// Connects to the server on a port of this machine.
    pub(crate) fn connect(self, port: u16) -> Result<Box<dyn Session>> {
        Ok(match self {
            Self::Floor => Box::new(floor::Floor::connect(port)?),
            Self::Dblink => Box::new(dblink::Dblink::connect(port)?),
            Self::Session => Box::new(session::Dblink::connect(port)?),
            Self::TokioPostgres => Box::new(tokio_postgres::TokioPostgres::connect(port)?),
            #[cfg(feature = "sqlx")]
            Self::Sqlx => Box::new(sqlx::Sqlx::connect(port)?),
            Self::Libpq => Box::new(libpq::Libpq::connect(port, libpq::Mode::Whole)?),
            Self::LibpqRows => Box::new(libpq::Libpq::connect(port, libpq::Mode::Rows)?),
            Self::Psql => Box::new(psql::Psql::connect(port)?),
            Self::Program => Box::new(program::Program::connect(port)?),
            Self::Module => Box::new(module::Module::connect(port)?),
        })
    }
}

impl Answer {
    /// One more row or call, with a number that was read.
    fn add(&mut self, number: i32) {
        self.count += 1;
        self.sum = self.sum.wrapping_add_signed(number.into());
    }

    /// One more row, with a number and a text.
    fn add_with(&mut self, number: i32, length: usize) {
        self.add(number);
        self.sum = self.sum.wrapping_add(length as u64);
    }
}

/// How libpq's kind of client is told where to connect.
fn conninfo(port: u16) -> String {
    format!(
        "host=127.0.0.1 port={port} dbname=postgres user={} sslmode=disable gssencmode=disable",
        roles::TRUST_USER
    )
}

#[cfg(test)]
mod tests {
    use dblink_tests::Cluster;

    use super::*;
    use crate::work::{PIPELINE, prepare};

    /// What is fast because it does something else is no use.
    #[test]
    fn all_clients_do_the_same() {
        let count = 4 * PIPELINE;
        let cluster = Cluster::shared();
        cluster.psql(&prepare(2 * count));
        for work in Work::ALL {
            let mut sums = Vec::new();
            for client in Client::ALL.iter().copied() {
                let mut session = client.connect(cluster.port()).unwrap();
                let Some(answer) = session.run(work, count).unwrap() else {
                    continue;
                };
                assert_eq!(answer.count, u64::from(count), "{client:?} {work:?}");
                if client != Client::Floor {
                    sums.push(answer.sum);
                }
            }
            assert!(sums.len() > 1, "{work:?}");
            assert!(sums.iter().all(|sum| *sum == sums[0]), "{work:?}: {sums:?}");
        }
    }
}
