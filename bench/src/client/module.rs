//! PostgreSQL's own module `dblink`: `psql` has the server ask itself.

use std::process::Command;

use dblink_tests::Binaries;

use super::{Answer, Result, Session, conninfo};
use crate::work::{ECHO, Work};

pub(super) struct Module {
    binaries: Binaries,
    conninfo: String,
}

impl Module {
    /// It connects when it is run.
    pub(super) fn connect(port: u16) -> Result<Self> {
        let binaries = Binaries::find().map_err(|error| error.to_string())?;
        Ok(Self {
            binaries,
            conninfo: conninfo(port),
        })
    }
}

impl Session for Module {
    fn run(&mut self, work: Work, count: u32) -> Result<Option<Answer>> {
        let rows = |query: String, columns: &str, sum: &str| {
            format!("select count(*), sum({sum}) from dblink('bench', '{query}') as t({columns})")
        };
        let query = match work {
            Work::Int4 => rows(work.query(count), "a int", "a"),
            Work::Columns => rows(
                work.query(count),
                "a int, b text, c numeric, d timestamptz, e text",
                "a + length(b)",
            ),
            // A value has to be pasted into each.
            Work::RoundTrips => format!(
                "select count(*), sum(a) from generate_series(1, {count}) g, \
                dblink('bench', replace('{ECHO}', '$1', g::text)) as t(a int)"
            ),
            _ => return Ok(None),
        };
        let connect = format!("select dblink_connect('bench', '{}')", self.conninfo);
        let mut command = Command::new(&self.binaries.psql);
        command.args(["--no-psqlrc", "--no-align", "--tuples-only", "--quiet"]);
        command.args(["--dbname", &self.conninfo]);
        command.args(["--command", &connect, "--command", &query]);
        let output = command.output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        let said = String::from_utf8(output.stdout)?;
        let last = said.trim_end().lines().last().unwrap_or_default();
        let (count, sum) = last.split_once('|').ok_or("psql printed no row")?;
        Ok(Some(Answer {
            count: count.parse()?,
            sum: sum.parse()?,
        }))
    }
}
