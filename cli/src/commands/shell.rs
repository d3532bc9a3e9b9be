//! `dblink shell`.

use std::path::PathBuf;

use crate::failure::Failure;
use crate::shell::run::Shell;

/// Work with dblink's own SQL, on servers without the extension
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The database that statements are run on; without it, each statement is one call of dblink
    #[arg(long, value_name = "CONN")]
    pub(crate) local: Option<String>,
    /// Run this file; - is the standard input
    #[arg(short, long, value_name = "FILE")]
    pub(crate) file: Vec<PathBuf>,
    /// Run this statement or backslash command
    #[arg(
        short,
        long,
        value_name = "SQL",
        conflicts_with = "file",
        allow_hyphen_values = true
    )]
    pub(crate) command: Vec<String>,
    /// Set a variable
    #[arg(short = 'v', long = "set", value_name = "NAME=VALUE")]
    pub(crate) set: Vec<String>,
    /// Print the input as it is read
    #[arg(short = 'a', long)]
    pub(crate) echo_all: bool,
    /// Stop at the first error
    #[arg(long)]
    pub(crate) on_error_stop: bool,
    /// Print no command tags, and nothing that greets or confirms
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Print rows only
    #[arg(short, long)]
    pub(crate) tuples_only: bool,
    /// Print tables without aligning them
    #[arg(short = 'A', long)]
    pub(crate) no_align: bool,
    /// Print each column on a line of its own
    #[arg(short = 'x', long)]
    pub(crate) expanded: bool,
    /// Print CSV
    #[arg(long, conflicts_with = "no_align")]
    pub(crate) csv: bool,
    /// Do exactly as PostgreSQL's own module does, where dblink is mended here
    #[arg(long)]
    pub(crate) exact: bool,
}

/// Runs it.
pub(crate) async fn run(args: Args) -> Result<(), Failure> {
    Shell::start(args).await
}
