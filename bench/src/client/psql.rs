//! `psql`: what it prints as CSV; and, as a shell has it, its one output as the other's input.

use std::process::{Command, Stdio};

use dblink_tests::Binaries;

use super::program::printed;
use super::{Answer, Result, Session, conninfo};
use crate::work::{TRANSFER_EMPTY, TRANSFER_IN, Work};

pub(super) struct Psql {
    binaries: Binaries,
    port: u16,
}

impl Psql {
    /// It connects when it is run.
    pub(super) fn connect(port: u16) -> Result<Self> {
        let binaries = Binaries::find().map_err(|error| error.to_string())?;
        Ok(Self { binaries, port })
    }

    fn command(&self, statements: &[&str]) -> Command {
        let mut command = Command::new(&self.binaries.psql);
        command.args(["--no-psqlrc", "--dbname", &conninfo(self.port)]);
        for statement in statements {
            command.args(["--command", statement]);
        }
        command
    }
}

impl Session for Psql {
    fn run(&mut self, work: Work, count: u32) -> Result<Option<Answer>> {
        if work == Work::Csv {
            let mut command = self.command(&[&work.query(count)]);
            return printed(command.arg("--csv")).map(Some);
        }
        if work != Work::Transfer {
            return Ok(None);
        }
        let mut from = self
            .command(&[&work.query(count)])
            .stdout(Stdio::piped())
            .spawn()?;
        let pipe = from.stdout.take().ok_or("psql has no output")?;
        let to = self
            .command(&[TRANSFER_EMPTY, TRANSFER_IN])
            .stdin(pipe)
            .output()?;
        if !from.wait()?.success() || !to.status.success() {
            return Err("psql failed".into());
        }
        // What it prints last is the tag.
        let said = String::from_utf8(to.stdout)?;
        let count = said.trim_end().rsplit(' ').next().unwrap_or_default().parse()?;
        Ok(Some(Answer { count, sum: 0 }))
    }
}
