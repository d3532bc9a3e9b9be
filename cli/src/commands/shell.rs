//! `dblink shell`.

use std::path::PathBuf;

use crate::failure::Failure;

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
    #[arg(short, long, value_name = "SQL", conflicts_with = "file")]
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
}

/// Runs it.
pub(crate) async fn run(_args: Args) -> Result<(), Failure> {
    Err(Failure::Usage("shell is not built yet".to_owned()))
}
