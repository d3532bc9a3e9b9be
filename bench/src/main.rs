//! What the engine costs, beside other clients of PostgreSQL.
//!
//! The server takes most of the time, so that time says little about a client. What it costs is told by its instructions,
//! which are the same in each run, by the CPU that it uses, and by its memory; time as a ratio to others in the same run.
//!
//! A benchmark is no test: nothing fails because a machine is slow.

mod arguments;
mod child;
mod client;
mod copy_rows;
mod table;
mod usage;
mod work;

use std::env;
use std::io::{self, Write as _};
use std::process::{Command, ExitCode, Stdio};

use dblink_tests::Cluster;

use arguments::{Arguments, Choice};
use child::Task;
use client::Result;
use table::{Figures, Table};

/// How many rows the table has: what the largest work takes.
const ROWS: u32 = 1_000_000;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dblink-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    match arguments::parse(env::args().skip(1))? {
        Arguments::Help => write!(io::stdout(), "{}", arguments::help())?,
        Arguments::One(task) => writeln!(io::stdout(), "{}", child::print(task.run()?))?,
        Arguments::Compare(choice) => compare(&choice)?,
    }
    Ok(())
}

/// Runs what is chosen on a server of its own, and prints a table for each work as soon as it is there.
fn compare(choice: &Choice) -> Result<()> {
    let counts = choice.instructions && has_valgrind();
    if choice.instructions && !counts {
        eprintln!("dblink-bench: there is no valgrind: instructions are not counted");
    }
    let cluster = server();
    let mut out = io::stdout();
    writeln!(
        out,
        "Best of {} runs on PostgreSQL {}. Instructions are for each row or call, outside the kernel.\n\
         \"ours\" is how many times as much dblink takes as the client of the line.\n",
        choice.repeat,
        cluster.version()
    )?;
    for &work in &choice.works {
        let lines = choice.clients.iter().map(|client| (*client, Figures::default()));
        let mut table = Table {
            work,
            lines: lines.collect(),
        };
        // The clients take turns, so that what else the machine does is no single one's disadvantage.
        for _ in 0..choice.repeat {
            for (client, figures) in &mut table.lines {
                figures.add(task(*client, work, work.count(), &cluster).measure()?);
            }
        }
        for (client, figures) in &mut table.lines {
            if counts && figures.usage.is_some() && client.is_one_program() {
                let task = task(*client, work, work.counted(), &cluster);
                figures.instructions = Some(task.instructions()?);
            }
        }
        writeln!(out, "{table}")?;
    }
    Ok(())
}

const fn task(client: client::Client, work: work::Work, count: u32, cluster: &Cluster) -> Task {
    Task {
        client,
        work,
        count,
        port: cluster.port(),
    }
}

/// A server that has the table in memory, and gives its rows in the same order each time.
fn server() -> Cluster {
    let cluster = Cluster::builder()
        .conf("shared_buffers", "256MB")
        .conf("synchronize_seqscans", "off")
        .conf("max_parallel_workers_per_gather", "0")
        .conf("jit", "off")
        .start();
    cluster.psql(&work::prepare(ROWS));
    cluster
}

fn has_valgrind() -> bool {
    let mut command = Command::new("valgrind");
    let status = command.arg("--version").stdout(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}
