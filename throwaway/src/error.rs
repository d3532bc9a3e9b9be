//! Why there is no server.

use std::fmt;
use std::io;

use crate::NotFound;

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The server's programs are not on this machine. The text says how to get them.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// Root runs this program, which PostgreSQL refuses, and there is no other user to run it as.
    #[error("PostgreSQL does not run as root, and /etc/passwd has none of the users {}", users.join(", "))]
    NoAccount {
        /// The users that would do.
        users: &'static [&'static str],
    },
    /// The system did not do something.
    #[error("could not {doing}: {cause}")]
    System {
        /// What: it completes "could not".
        doing: String,
        /// Why.
        cause: io::Error,
    },
    /// `initdb` has failed.
    #[error("initdb failed: {said}")]
    Init {
        /// What it said.
        said: String,
    },
    /// The server has not started.
    #[error("the server did not start: {said}\nThe end of its log:\n{log}")]
    Start {
        /// What `pg_ctl` said.
        said: String,
        /// The last lines of the log.
        log: String,
    },
    /// Each port that was free had been taken when the server wanted it.
    #[error("{attempts} ports in a row were free and then taken")]
    Ports {
        /// How many were tried.
        attempts: u32,
    },
    /// The data folder does not say its version as PostgreSQL 10 and newer do.
    #[error("the server's version is not known: PG_VERSION is \"{text}\"")]
    Version {
        /// What stands there.
        text: String,
    },
}

impl Error {
    /// That the system did not do something: `doing` completes "could not".
    pub(crate) fn system(doing: impl fmt::Display, cause: io::Error) -> Self {
        Self::System {
            doing: doing.to_string(),
            cause,
        }
    }
}
