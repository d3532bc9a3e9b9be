//! `dblink query`.

use std::path::PathBuf;
use std::time::Duration;

use crate::failure::Failure;

/// Run a query and print its rows
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where to connect to
    pub(crate) conn: String,
    /// The query; $1, $2, … are the values of --param
    pub(crate) sql: String,
    /// The value of the next parameter, $1 first
    #[arg(short = 'p', long = "param", value_name = "VALUE", allow_hyphen_values = true)]
    pub(crate) params: Vec<String>,
    /// How rows are printed [default: table on a terminal, else csv]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<String>,
    /// Cancel the query at its server when it takes longer, such as 90s or 1m30s
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub(crate) timeout: Option<Duration>,
    /// Write the rows to this file, which is there when all of them are, or not at all
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// Runs it.
pub(crate) async fn run(_args: Args) -> Result<(), Failure> {
    Err(Failure::Usage("query is not built yet".to_owned()))
}
