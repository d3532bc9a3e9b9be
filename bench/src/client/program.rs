//! The programs that print a query's rows as CSV: `dblink query`, and `psql --csv`.

use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::{Answer, Result, Session, conninfo};
use crate::work::Work;

/// This project's program.
pub(super) struct Program {
    path: PathBuf,
    port: u16,
}

impl Program {
    /// It connects when it is run.
    pub(super) fn connect(port: u16) -> Result<Self> {
        let this = std::env::current_exe()?;
        // Tests are one folder further down.
        let mut places = this
            .ancestors()
            .skip(1)
            .take(2)
            .map(|folder| folder.join("dblink"));
        let path = places.find(|path| path.is_file()).ok_or(
            "the program dblink is not built: cargo build -p dblink-cli, with --release if this is so",
        )?;
        Ok(Self { path, port })
    }
}

impl Session for Program {
    fn run(&mut self, work: Work, count: u32) -> Result<Option<Answer>> {
        if work != Work::Csv {
            return Ok(None);
        }
        let mut command = Command::new(&self.path);
        command.args([
            "query",
            &conninfo(self.port),
            &work.query(count),
            "--format",
            "csv",
        ]);
        printed(&mut command).map(Some)
    }
}

/// Counts the rows and the bytes that a program prints.
pub(super) fn printed(command: &mut Command) -> Result<Answer> {
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let mut pipe = child.stdout.take().ok_or("the program has no output")?;
    let mut buffer = vec![0; 1 << 16];
    let (mut lines, mut bytes) = (0_u64, 0_u64);
    loop {
        let read = pipe.read(&mut buffer)?;
        let part = buffer.get(..read).unwrap_or_default();
        if part.is_empty() {
            break;
        }
        bytes += part.len() as u64;
        lines += part.iter().filter(|byte| **byte == b'\n').count() as u64;
    }
    if !child.wait()?.success() {
        return Err("the program failed".into());
    }
    Ok(Answer {
        // The first line has the names.
        count: lines.saturating_sub(1),
        sum: bytes,
    })
}
