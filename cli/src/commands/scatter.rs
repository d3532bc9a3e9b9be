//! `dblink scatter`.

use std::time::Duration;

use crate::failure::Failure;

/// Run a query on many databases at once
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The query
    pub(crate) sql: String,
    /// A database, and the name that its rows are marked with
    #[arg(long = "on", value_name = "NAME=CONN", required = true)]
    pub(crate) on: Vec<String>,
    /// How many databases are asked at a time
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
    /// Cancel what takes longer, such as 90s or 1m30s
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub(crate) timeout: Option<Duration>,
    /// Merge the rows by this column, by which each database gives them sorted
    #[arg(long, value_name = "COLUMN")]
    pub(crate) ordered_by: Option<String>,
    /// How rows are printed [default: table on a terminal, else csv]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<String>,
}

/// Runs it.
pub(crate) async fn run(_args: Args) -> Result<(), Failure> {
    Err(Failure::Usage("scatter is not built yet".to_owned()))
}
