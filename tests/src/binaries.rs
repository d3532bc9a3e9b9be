//! Where PostgreSQL's programs are.

use std::path::PathBuf;

pub use dblink_throwaway::NotFound;
use dblink_throwaway::Programs;

/// PostgreSQL's programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    /// The folder of `initdb`, `pg_ctl` and `postgres`.
    pub server: PathBuf,
    /// The program `psql`, which some packages of the server lack.
    pub psql: PathBuf,
}

impl Binaries {
    /// Finds the programs, as [`Programs::find`] does.
    ///
    /// # Errors
    ///
    /// There are none. The error's text says how to get them.
    pub fn find() -> Result<Self, NotFound> {
        Self::of(&Programs::find()?)
    }

    pub(crate) fn of(programs: &Programs) -> Result<Self, NotFound> {
        Ok(Self {
            server: programs.server.clone(),
            psql: programs.psql()?.to_owned(),
        })
    }
}
