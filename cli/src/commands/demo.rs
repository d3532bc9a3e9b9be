//! `dblink demo`.

use crate::failure::Failure;

/// See dblink at work between two databases
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A database of yours, to be read only, instead of the servers that are started for this; twice
    #[arg(long = "on", value_name = "CONN")]
    pub(crate) on: Vec<String>,
}

/// Runs it.
pub(crate) async fn run(_args: Args) -> Result<(), Failure> {
    Err(Failure::Usage("demo is not built yet".to_owned()))
}
